# Perl's own tests of sockets, pipes and descriptors, from the source package of the perl that is installed.

fetch() {
    need perl:perl || return 1
    local src
    src=$(debian_source "$CACHE/perl" perl) || { cannot "the source package perl cannot be fetched"; return 1; }
    echo "$src" > "$CACHE/perl/src"
}

versions() {
    echo "Perl IO, IO::Socket::IP, Socket, libnet, HTTP::Tiny, $(source_version "$CACHE/perl")"
}

tests() {
    local src=$(cat "$CACHE/perl/src") tree=$TMPDIR/tree version d t name dir file status log
    version=$(perl -e 'printf "%vd", $^V' | cut -d. -f1,2)
    export PERL_TEST_NO_INTERNET=1
    # What the tests expect around them in a source tree: t/ with its helpers and lib/ with the built modules.
    mkdir -p "$tree/t/io" "$tree/lib"
    cp "$src"/t/*.pl "$tree/t/"
    cp -r "$src/t/lib" "$tree/t/"
    cp "$src"/dist/IO/t/* "$tree/t/" 2>/dev/null
    ln -s "$(command -v perl)" "$tree/t/perl"
    for d in "/usr/lib/$MULTIARCH/perl-base" "/usr/lib/$MULTIARCH/perl/$version" "/usr/share/perl/$version"; do
        cp -rsn "$d/." "$tree/lib/" 2>/dev/null
    done
    for t in "$src"/dist/IO/t/*.t "$src"/cpan/{IO-Socket-IP,Socket,libnet,HTTP-Tiny}/t/*.t \
        "$src"/t/io/{socket,socketpair,pipe,eintr,eintr_print,closepid,openpid,dup,errno,iofile,fflush}.t; do
        [ -f "$t" ] || continue
        name=${t#"$src"/} && name=${name//\//_}
        # No network but loopback; tests of documentation and of memory use say nothing here.
        case $name in *99pod* | *io_leak* | *internet* | *external* | *libnet_t_time* | *nntp* | *smtp.t | *HTTP-Tiny_t_00*) continue ;; esac
        [ "$TIER" = short ] && case $name in *libnet* | *HTTP-Tiny* | *errstr* | *t_io_eintr*) continue ;; esac
        wanted "$name" || continue
        case $t in
        "$src"/t/io/*) cp "$t" "$tree/t/io/" && dir=$tree/t file=io/$(basename "$t") core=1 ;;
        "$src"/dist/IO/*) dir=$tree file=t/$(basename "$t") core= ;;
        *) dir=$(dirname "$(dirname "$t")") file=$t core= ;;
        esac
        log=$OUT/$name.txt
        (cd "$dir" && export ${core:+PERL_CORE=1} && LIMIT=60 under perl -I. -It/lib "$file") > "$log" 2>&1
        status=$?
        if grep -q '^1\.\.0' "$log"; then
            result "$name" SKIP
        elif [ $status != 0 ]; then
            result "$name" FAIL
        else
            result "$name" PASS
        fi
        grep -v TODO "$log" | awk -v n="$name" '/^ok [0-9]+/ { print n ":" $2, (/# skip/ ? "SKIP" : "PASS") }
            /^not ok [0-9]+/ { print n ":" $3, "FAIL" }' >> "$OUT/results"
    done
}
