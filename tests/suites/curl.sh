# curl's runtests.pl: the curl command, libcurl's test programs, and curl's own servers in C and Perl.

# Numbers and keywords of runtests.pl. Excluded: what needs servers that are not there, and what curl itself calls flaky.
SHORT="1 to 60 !flaky !SFTP !SCP"
FULL="1 to 1300 !flaky !SFTP !SCP !TLS-SRP"

fetch() {
    local dir=$CACHE/curl src
    # What libtool makes knows its place.
    [ "$(cat "$dir/build/ready" 2>/dev/null)" = "$dir" ] && return 0
    need gcc:gcc make:make perl:perl "/usr/include/openssl/ssl.h:libssl-dev" "/usr/include/zlib.h:zlib1g-dev" || return 1
    src=$(debian_source "$dir" curl) || { cannot "the source package curl cannot be fetched"; return 1; }
    rm -rf "$dir/build" && mkdir -p "$dir/build"
    # As released: the distribution's patches are about its own build.
    tar -xf "$(ls "$dir"/curl_*.orig.tar.* | grep -v '\.asc$')" --strip-components=1 -C "$dir/build" || { cannot "curl's source does not unpack"; return 1; }
    find "$dir/build" -exec touch -r "$dir/build/configure" {} +
    (cd "$dir/build" && ./configure --with-openssl --enable-debug --disable-werror --disable-static --disable-ldap \
        --without-libpsl --without-zstd --without-brotli --without-libidn2 --without-nghttp2 --without-librtmp &&
        make -j2 && make -j2 -C tests && echo "$dir" > ready) >&2 || { cannot "curl does not build, see $dir/fetch.log"; return 1; }
}

versions() {
    echo "curl runtests.pl ($([ "$TIER" = full ] && echo "$FULL" || echo "$SHORT")), $(source_version "$CACHE/curl")"
}

tests() {
    local keys=$SHORT
    [ "$TIER" = full ] && keys=$FULL
    [ -n "${ONLY:-}" ] && keys=${ONLY//test/}
    cd "$CACHE/curl/build/tests" || return
    # Without it the harness gives up at the first test that names it.
    export USER LOGNAME
    USER=$(id -un) LOGNAME=$(id -un)
    # shellcheck disable=SC2086 # several words
    LIMIT=1700 under perl -I. ./runtests.pl -a -p -n -k -am $keys > "$OUT/curl.txt" 2>&1
    # In this form a line ends each test.
    awk '/^(PASS|FAIL|SKIP): [0-9]+/ { n = $2; sub(/[^0-9].*/, "", n); r = $1; sub(/:/, "", r); print "test" n, r }' \
        "$OUT/curl.txt" >> "$OUT/results"
}
