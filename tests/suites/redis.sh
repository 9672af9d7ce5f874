# redis' own suite in Tcl: units that are about clients, protocol, replication and processes.

SHORT="unit/auth unit/protocol unit/networking unit/quit unit/limits"
FULL="$SHORT unit/introspection unit/info unit/pubsub unit/querybuf unit/multi unit/wait unit/obuf-limits unit/pendingquerybuf
unit/tracking unit/shutdown unit/type/list integration/redis-cli integration/redis-benchmark integration/replication-psync
integration/block-repl integration/logging integration/psync2-pingoff"

fetch() {
    local dir=$CACHE/redis src program path
    need redis-server:redis-server redis-cli:redis-tools tclsh8.6:tcl8.6 ps:procps || return 1
    src=$(debian_source "$dir" redis) || { cannot "the source package redis cannot be fetched"; return 1; }
    echo "$src" > "$dir/src"
    for program in redis-server redis-cli redis-benchmark redis-check-aof redis-check-rdb redis-sentinel; do
        path=$(command -v $program) && ln -sf "$path" "$src/src/$program"
    done
    [ -x "$src/src/redis-server" ]
}

versions() {
    echo "redis test_helper.tcl ($(set -- $([ "$TIER" = full ] && echo $FULL || echo $SHORT) && echo $#) units), $(redis-server --version | grep -oE 'v=[0-9.]+' | cut -c3-), tests of $(source_version "$CACHE/redis")"
}

tests() {
    local units=$SHORT unit name log
    [ "$TIER" = full ] && units=$FULL
    cp -a "$(cat "$CACHE/redis/src")" "$TMPDIR/redis"
    cd "$TMPDIR/redis" || return
    sysctl -qw net.core.somaxconn=1024 2>/dev/null
    for unit in $units; do
        name=${unit//\//_} && log=$OUT/$name.txt
        wanted "$name" || continue
        LIMIT=240 under tclsh8.6 tests/test_helper.tcl --clients 1 --single "$unit" \
            --tags "-needs:debug -large-memory" > "$log" 2>&1
        [ $? = 0 ] && result "$name" PASS || result "$name" FAIL
        sed -E 's/\x1b\[[0-9;]*m//g' "$log" | awk -v n="$name" '
            function say(r) { gsub(/[^A-Za-z0-9_.,:+*\/-]+/, "_"); print n ":" $0, r }
            /^\[ok\]: / { sub(/^\[ok\]: /, ""); sub(/ \([0-9]+ ms\)$/, ""); say("PASS") }
            /^\[(err|exception)\]: / { sub(/^\[[a-z]+\]: /, ""); sub(/ in tests\/.*/, ""); say("FAIL") }' >> "$OUT/results"
    done
}
