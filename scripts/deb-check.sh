#!/bin/sh
# Installs the Debian packages into a fresh Debian, uses them there as their users would, and removes them again:
# `make debcheck` calls this with the directory of the packages. Needs root, debootstrap and a Debian mirror;
# SUITE and MIRROR say which.

set -eu

packages=$1
suite=${SUITE:-bookworm}
mirror=${MIRROR:-http://deb.debian.org/debian}
[ "$(id -u)" = 0 ] || { echo "make debcheck: must be run as root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "make debcheck: debootstrap is not installed (apt-get install debootstrap)" >&2; exit 1; }

root=$(mktemp -d)
leave() {
    umount "$root/proc" 2>/dev/null || :
    # Not beyond what is mounted there.
    rm -rf --one-file-system "$root"
}
trap leave EXIT
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

echo "a fresh $suite in $root"
debootstrap --variant=minbase --include=gcc,libc6-dev,pkgconf "$suite" "$root" "$mirror" >"$root.log" 2>&1 ||
    { tail -5 "$root.log" >&2; rm -f "$root.log"; exit 1; }
rm -f "$root.log"
mount -t proc proc "$root/proc"
# What is there; not what dpkg and the loader keep for themselves.
list() {
    (cd "$root" && find . -xdev ! -type d ! -path './var/lib/dpkg/*' ! -path './var/log/*' ! -path './var/cache/*' \
        ! -path './etc/ld.so.cache' ! -path './tmp/*' | LC_ALL=C sort)
}
list >"$root/tmp/before"

cp "$packages"/*.deb "$root/tmp/"
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root "$@"; }
in_root sh -c 'dpkg -i /tmp/*.deb' >/dev/null
echo "installed: $(in_root dpkg-query -W -f '${Package} ' socklens libsocklens0 libsocklens-dev)"

in_root socklens run -- true 2>&1 | grep -q ' recorded, 0 dropped'
cat >"$root/tmp/prog.c" <<'END'
#include <socklens.h>
#include <stdio.h>
#include <sys/socket.h>
int main(void)
{
    int pair[2];
    long long rule = socklens_fault_add("send @n=1 : error ENOBUFS!", NULL, 0);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 1;
    long first = send(pair[0], "x", 1, 0), second = send(pair[0], "x", 1, 0);
    printf("%ld %ld %s\n", first, second, rule > 0 && socklens_fault_fired(rule) == 1 ? "fired" : socklens_strerror((int)rule));
    return 0;
}
END
in_root sh -c 'cd /tmp && for name in socklens socklens-noop; do
    gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -o $name prog.c $(pkg-config --cflags --libs $name); done'
said=$(in_root /tmp/socklens)
[ "$said" = '-1 1 fired' ] || { echo "a program linked with socklens: $said" >&2; exit 1; }
said=$(in_root socklens run /tmp/socklens 2>&1)
case $said in *'-1 ENOBUFS'*'INJECTED'*) ;; *) echo "in a session: $said" >&2; exit 1 ;; esac
said=$(in_root /tmp/socklens-noop)
case $said in '1 1 '*) ;; *) echo "a program linked with socklens-noop: $said" >&2; exit 1 ;; esac
said=$(in_root socklens run --fault 'send @n=1 : error ENOBUFS!' /tmp/socklens-noop 2>&1)
case $said in *'INJECTED error'*) ;; *) echo "the no-op library's program in a session: $said" >&2; exit 1 ;; esac
echo "works: socklens run; programs with pkg-config socklens and socklens-noop"

in_root dpkg -P socklens libsocklens-dev libsocklens0 >/dev/null
list | diff "$root/tmp/before" - || { echo "files were left or lost" >&2; exit 1; }
echo "removed: nothing is left"
