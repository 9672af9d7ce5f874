#!/bin/sh
# Programs that the tests run under socklens. As root on Debian or Ubuntu the missing ones are installed; elsewhere
# they are named. Tests of what stays missing say NOT TESTED, loudly.

set -u

# program-or-file:package
wanted='
curl:curl
nginx:nginx-light
redis-server:redis-server
redis-cli:redis-tools
nc:netcat-openbsd
ssh-keyscan:openssh-client
sshd:openssh-server
git:git
python3:python3
strace:strace
valgrind:valgrind
socat:socat
prometheus:prometheus
jsonschema:python3-jsonschema
setpriv:util-linux
pkg-config:pkg-config
cmake:cmake
g++:g++
dpkg-deb:dpkg
lintian:lintian
man:man-db
troff:groff-base
mandoc:mandoc
zsh:zsh
fish:fish
libjemalloc.so.2:libjemalloc2
libtcmalloc_minimal.so.4:libtcmalloc-minimal4
libasan.so:gcc
libtsan.so:gcc
libc.a:libc6-dev
musl-gcc:musl-tools
'

# `test-deps.sh more`: also those of tests/programs_more.rs, which are larger.
more='
wrk:wrk
haproxy:haproxy
memcached:memcached
rsync:rsync
iperf3:iperf3
ncat:ncat
wget:wget
scp:openssh-client
gdb:gdb
node:nodejs
perl:perl
ruby:ruby
php:php-cli
java:default-jdk-headless
/usr/lib/postgresql:postgresql
'
[ "${1:-}" = more ] && wanted=$wanted$more

have() {
    case $1 in
    lib*)
        for dir in /lib /lib64 /usr/lib /usr/lib64 /lib/*-linux-gnu /usr/lib/*-linux-gnu /usr/lib/gcc/*/*; do
            [ -e "$dir/$1" ] && return 0
        done
        return 1
        ;;
    /*)
        [ -e "$1" ]
        ;;
    *)
        PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1
        ;;
    esac
}

# The packages of what is missing, one a word.
missing() {
    for pair in $wanted; do
        have "${pair%%:*}" || printf '%s ' "${pair#*:}"
    done
}

packages=$(missing)
[ -z "$packages" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && [ -e /etc/debian_version ]; then
    echo "installing for the tests: $packages"
    # A policy of 101 keeps the packages from starting their daemons.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy
        trap 'rm -f $policy' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # One by one: a package that a release lacks must not keep the others away.
    for package in $packages; do
        apt-get install -y -qq --no-install-recommends "$package" >/dev/null || echo "not installed: $package"
    done
    packages=$(missing)
fi

if [ -n "$packages" ]; then
    echo "missing for some of the tests: $packages(install them by these Debian names, or run this as root)"
fi
exit 0
