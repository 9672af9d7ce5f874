# node's tests of net and dgram: test/ of Debian's source package, run by the same version of node from npm.

fetch() {
    local dir=$CACHE/node src version
    src=$(debian_source "$dir" nodejs) || { cannot "the source package nodejs cannot be fetched"; return 1; }
    echo "$src" > "$dir/src"
    version=$(basename "$src") && version=${version#nodejs-}
    version=${version%%[~+]*}
    echo "$version" > "$dir/version"
    [ -x "$dir/npm/node_modules/node/bin/node" ] && return 0
    need npm:npm || return 1
    mkdir -p "$dir/npm"
    (cd "$dir/npm" && npm install --no-audit --no-fund --prefix . "node@$version") >&2
    [ -x "$dir/npm/node_modules/node/bin/node" ] || cannot "npm has no node@$version"
}

versions() {
    echo "node test/parallel and test/sequential, net and dgram, $(cat "$CACHE/node/version")"
}

tests() {
    local node=$CACHE/node/npm/node_modules/node/bin/node src pattern='^test-(net|dgram)-.*\.js$' f n i=0 dir
    src=$(cat "$CACHE/node/src")
    [ "$TIER" = short ] && pattern='^test-(net-(socket|server|connect|listen|write)|dgram-(send|bind|connect)).*\.js$'
    export NODE_TEST_DIR=$TMPDIR TEST_PARALLEL=1 NO_COLOR=1
    cd "$src/test" || return
    for dir in parallel sequential; do
        for f in $(ls $dir | grep -E "$pattern"); do
            n=$dir.${f%.js} i=$(((i + 1) % 64))
            wanted "$n" || continue
            export TEST_THREAD_ID=$i
            # shellcheck disable=SC2046 # several words
            LIMIT=60 under "$node" $(sed -n 's#^// Flags: ##p' "$dir/$f") "$dir/$f" > "$OUT/$n.txt" 2>&1
            if [ $? != 0 ]; then
                result "$n" FAIL
            elif grep -q '^1\.\.0 # Skipped' "$OUT/$n.txt"; then
                result "$n" SKIP
            else
                result "$n" PASS
            fi
        done
    done
}
