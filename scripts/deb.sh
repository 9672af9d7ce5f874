#!/bin/sh
# Builds the Debian packages socklens, libsocklens0 and libsocklens-dev: `make deb` calls this with the directory they go
# to and the version. What each holds is the Makefile's list of what is installed. Needs dpkg-deb and objdump.

set -eu

out=$1
version=$2
# A revision that none of Debian's own has.
full=$version-0.1
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
for tool in dpkg-deb dpkg objdump gzip; do
    command -v $tool >/dev/null || { echo "make deb: $tool is not installed (apt-get install dpkg binutils gzip)" >&2; exit 1; }
done

arch=$(dpkg --print-architecture)
triplet=$(gcc -print-multiarch 2>/dev/null) || triplet=
[ -n "$triplet" ] || triplet=$(uname -m)-linux-gnu
maintainer=${DEBEMAIL:-The socklens authors <socklens@socklens.invalid>}
# One time for everything in the packages, so that the same commit gives the same bytes.
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Cargo.toml)}"
export SOURCE_DATE_EPOCH
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The newest version of glibc that a program or library asks for.
glibc() {
    objdump -T "$1" | sed -n 's/.*(\{0,1\}GLIBC_\([0-9.]*\).*/\1/p' | sort -V | tail -1
}

# package NAME PART SECTION DEPENDS FURTHER-FIELDS SUMMARY; the description is on stdin.
package() {
    name=$1 part=$2 section=$3 depends=$4 further=$5 summary=$6
    tree=$work/$name
    ${MAKE:-make} -s install PARTS="$part" DESTDIR="$tree" PREFIX=/usr LIBDIR="/usr/lib/$triplet" \
        DOCDIR="/usr/share/doc/$name" ZSHDIR=/usr/share/zsh/vendor-completions >/dev/null
    doc=$tree/usr/share/doc/$name
    mkdir -p "$tree/DEBIAN" "$doc"
    # Policy: no licence files beside the copyright file, changelogs and manual pages compressed, links for other names.
    rm -f "$doc/LICENSE-MIT" "$doc/LICENSE-APACHE"
    {
        echo 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
        echo 'Upstream-Name: socklens'
        echo
        echo 'Files: *'
        echo "Copyright: $(sed -n 's/^Copyright (c) //p' LICENSE-MIT)"
        echo 'License: Expat or Apache-2.0'
        echo
        echo 'License: Expat'
        sed -e '1,/^Copyright/d' -e '/./,$!d' LICENSE-MIT | sed -e 's/^$/./' -e 's/^/ /'
        echo
        echo 'License: Apache-2.0'
        echo ' On Debian systems the text of this licence is in /usr/share/common-licenses/Apache-2.0.'
    } > "$doc/copyright"
    if [ -f "$doc/CHANGELOG.md" ]; then
        mv "$doc/CHANGELOG.md" "$doc/changelog"
    else
        cp CHANGELOG.md "$doc/changelog"
    fi
    gzip -9n "$doc/changelog"
    printf 'socklens (%s) unstable; urgency=medium\n\n  * Built from the sources: see changelog.gz.\n\n -- %s  %s\n' \
        "$full" "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n > "$doc/changelog.Debian.gz"
    find "$tree" -path '*/share/man/*' -type f | while read -r page; do
        to=$(sed -n '1s/^\.so //p' "$page")
        if [ -n "$to" ]; then
            rm "$page"
            ln -s "${to##*/}.gz" "$page.gz"
        else
            gzip -9n "$page"
        fi
    done
    if [ "$part" = lib ]; then
        echo 'activate-noawait ldconfig' > "$tree/DEBIAN/triggers"
        for library in libsocklens libsocklens_noop; do
            echo "$library 0 $name (>= $version)"
        done > "$tree/DEBIAN/shlibs"
        mkdir -p "$tree/usr/share/lintian/overrides"
        # The one is opened by libsocklens.so and never linked against; the other calls nothing.
        for tag in lacks-unversioned-link-to-shared-library shared-library-lacks-version \
            shared-library-lacks-prerequisites; do
            echo "$name: $tag *"
        done > "$tree/usr/share/lintian/overrides/$name"
        # What it would protect is writable anyway: docs/adr/0010-what-a-start-costs.md.
        echo "$name: hardening-no-relro *libsocklens.so.*" >> "$tree/usr/share/lintian/overrides/$name"
    fi
    (cd "$tree" && find usr -type f | LC_ALL=C sort | xargs md5sum) > "$tree/DEBIAN/md5sums"
    {
        echo "Package: $name"
        echo 'Source: socklens'
        echo "Version: $full"
        echo "Architecture: $arch"
        echo "Maintainer: $maintainer"
        echo "Installed-Size: $(du -sk --apparent-size "$tree/usr" | cut -f1)"
        echo "Depends: $depends"
        [ -z "$further" ] || printf '%b\n' "$further"
        echo "Section: $section"
        echo 'Priority: optional'
        echo "Description: $summary"
        sed -e 's/^$/./' -e 's/^/ /'
    } > "$tree/DEBIAN/control"
    find "$tree" -type d -exec chmod 755 {} +
    find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group -Zxz --build "$tree" "$out/${name}_${full}_$arch.deb" >/dev/null
    echo "$out/${name}_${full}_$arch.deb"
}

package libsocklens0 lib libs "libc6 (>= $(glibc target/release/libsocklens.so))" 'Multi-Arch: same' \
    'socket calls of programs, logged: the library' <<'END'
libsocklens.so is preloaded into an unmodified program, or linked, and records
every libc call that can touch a socket. This package has the library, and its
no-op twin for programs that ship with calls of its interface in place.
END
package socklens bin utils \
    "libsocklens0 (= $full), libc6 (>= $(glibc target/release/socklens)), libgcc-s1 (>= 4.2)" 'Suggests: strace' \
    'log every socket call of an unmodified program' <<'END'
socklens runs a program with a small library preloaded, through which every
libc call that can touch a socket passes, and logs each call with its
arguments, result and connection, as text, JSON or in strace's syntax. Neither
root nor ptrace is needed, and children are followed.
END
package libsocklens-dev dev libdevel "libsocklens0 (= $full)" \
    'Multi-Arch: same' 'socket calls of programs, logged: development files' <<'END'
The header, the links, pkg-config and CMake files for programs that talk to
socklens: they can leave marks in its log, and ask whether they are recorded.
END
