# libevent's regress program, with each of its backends.

fetch() {
    local dir=$CACHE/libevent src
    [ -x "$dir/build/test/regress" ] && return 0
    need gcc:gcc make:make pkg-config:pkg-config "/usr/include/openssl/ssl.h:libssl-dev" || return 1
    src=$(debian_source "$dir" libevent) || { cannot "the source package libevent cannot be fetched"; return 1; }
    # Patches made some sources newer than what was generated from them; automake is not to be asked.
    find "$src" -exec touch -r "$src/configure" {} +
    rm -rf "$dir/build" && cp -a "$src" "$dir/build"
    (cd "$dir/build" && ./configure --disable-shared --disable-samples --disable-dependency-tracking &&
        make -j2 && make -j2 test/regress) >&2 || { cannot "libevent does not build, see $dir/fetch.log"; return 1; }
}

versions() {
    echo "libevent regress, $(source_version "$CACHE/libevent")"
}

tests() {
    local backend other off list="EPOLL POLL SELECT" groups=()
    # Of main and http most time goes into waiting for timeouts.
    [ "$TIER" = short ] && list=EPOLL && groups=({bufferevent,evbuffer,util,signal,listener,dns,ssl,rpc,thread,finalize}/..)
    for backend in $list; do
        wanted "$backend" || continue
        off=()
        for other in EPOLL POLL SELECT; do
            [ $other = "$backend" ] || off+=("EVENT_NO$other=yes")
        done
        LIMIT=400 under env "${off[@]}" "$CACHE/libevent/build/test/regress" $(wanted_tests "$backend" | grep . || printf '%s\n' "${groups[@]}") > "$OUT/$backend.txt" 2>&1
        [ $? = 0 ] && result "$backend" PASS || result "$backend" FAIL
        # A line begins with the test's name; OK, SKIPPED or FAILED may come lines later.
        awk -v b="$backend" '
            function done(r) { if (cur != "") print b ":" cur, r; cur = "" }
            / FAILED\]$/ { bad = 1 }
            /^[a-z_0-9]+\/[^ ]+: / { done("FAIL"); cur = $1; sub(/:$/, "", cur); bad = 0 }
            /SKIPPED|DISABLED/ { done("SKIP") }
            /OK$/ { done("PASS") }
            END { done(bad ? "FAIL" : "PASS") }' "$OUT/$backend.txt" >> "$OUT/results"
    done
}
