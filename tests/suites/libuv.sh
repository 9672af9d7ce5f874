# libuv's own test program.

fetch() {
    local dir=$CACHE/libuv src
    [ -x "$dir/build/uv_run_tests" ] && return 0
    need gcc:gcc make:make cmake:cmake || return 1
    src=$(debian_source "$dir" libuv1) || { cannot "the source package libuv1 cannot be fetched"; return 1; }
    mkdir -p "$dir/build"
    (cd "$dir/build" && cmake -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBUILD_TESTING=ON "$src" && make -j2 uv_run_tests) >&2 ||
        { cannot "libuv does not build, see $dir/fetch.log"; return 1; }
}

versions() {
    echo "libuv uv_run_tests, $(source_version "$CACHE/libuv")"
}

tests() {
    local tree=$TMPDIR/uv
    mkdir -p "$tree/test"
    cp -r "$CACHE"/libuv/libuv1-*/test/fixtures "$tree/test/"
    cp "$CACHE"/libuv/build/{uv_run_tests,libuv.so*} "$tree/"
    chmod -R a+rwX "$tree"
    cd "$tree" || return
    export UV_TEST_TIMEOUT_MULTIPLIER=3 TMPDIR=$tree LD_LIBRARY_PATH=$tree
    # Some tests expect that root's rights are missing.
    [ "$(id -u)" = 0 ] && AS=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    wanted all || return
    LIMIT=1200 under ./uv_run_tests > "$OUT/uv.txt" 2>&1
    awk '/^ok [0-9]+ - / { print "all:" $4, (/# SKIP/ ? "SKIP" : "PASS") } /^not ok [0-9]+ - / { print "all:" $5, "FAIL" }' \
        "$OUT/uv.txt" >> "$OUT/results"
}
