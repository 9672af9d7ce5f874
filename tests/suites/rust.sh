# The Rust crates under which most Rust programs do their input and output, with the tests their packages carry. Packages
# of mio and socket2 carry none of their test files: of them the tests in the sources run.

CRATES="tokio nix polling async-io mio socket2"

fetch() {
    local dir=$CACHE/rust crate
    [ -s "$dir/programs" ] && (cd "$dir" && xargs -n 3 < programs sh -c '[ -x "$2" ]' sh) && return 0
    command -v cargo >/dev/null || { cannot "needs cargo"; return 1; }
    mkdir -p "$dir"
    cp -r "$HERE/rust" "$dir/fetch" 2>/dev/null
    # The versions, with checksums, are those of rust/Cargo.lock.
    (cd "$dir/fetch" && cargo vendor --locked "$dir/vendor" > "$dir/vendor.toml") || { cannot "the crates cannot be fetched"; return 1; }
    : > "$dir/programs.new"
    for crate in $CRATES; do
        rm -rf "${dir:?}/$crate" && cp -a "$dir/vendor/$crate" "$dir/$crate" || return 1
        rm -f "$dir/$crate/.cargo-checksum.json"
        echo '[workspace]' >> "$dir/$crate/Cargo.toml"
        case $crate in
        tokio) build tokio --features full $(tokio_tests) ;;
        nix) build nix --features socket,net,fs,poll,event,uio,user,process,signal,feature,ioctl,dir,sched,term,time,hostname,kmod,mman,mount,mqueue,pthread,ptrace,quota,resource,inotify,fanotify,aio,acct,env,personality,syslog,reboot,zerocopy --test test ;;
        mio) build mio --all-features --lib ;;
        socket2) build socket2 --all-features --lib ;;
        *) build "$crate" ;;
        esac || { cannot "$crate does not build, see $dir/fetch.log"; return 1; }
    done
    mv "$dir/programs.new" "$dir/programs"
}

# The tests of tokio that are about sockets, pipes, processes and signals.
tokio_tests() {
    local t
    for t in "$CACHE"/rust/tokio/tests/{tcp_*,udp,uds_*,net_*,io_async_fd,io_driver*,signal_*,process_*,unix_shutdown}.rs; do
        [ -f "$t" ] && echo "--test $(basename "$t" .rs)"
    done
}

# Builds a crate's tests and notes the programs: CRATE NAME PATH-BELOW-$CACHE/rust.
build() {
    local crate=$1 name path
    shift
    (cd "$CACHE/rust/$crate" && CARGO_PROFILE_TEST_DEBUG=0 CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$CACHE/rust/target \
        cargo test -j2 "$@" --no-run > "$CACHE/rust/build.txt" 2>&1)
    local status=$?
    cat "$CACHE/rust/build.txt" >&2
    sed -nE 's#^ *Executable (unittests )?([^ ]+) .*\((.*)\)$#\2 \3#p' "$CACHE/rust/build.txt" | while read -r name path; do
        echo "$crate $(basename "$name" .rs) ${path#"$CACHE/rust/"}"
    done >> "$CACHE/rust/programs.new"
    return $status
}

versions() {
    local c
    printf 'Rust crates:'
    for c in $CRATES; do
        printf ' %s %s' "$c" "$(sed -n 's/^version = "\(.*\)"/\1/p' "$CACHE/rust/$c/Cargo.toml" | head -1)"
    done
    echo
}

tests() {
    local crate name path skip
    while read -r crate name path; do
        wanted "$crate/$name" || continue
        skip=() RUN_OPTIONS=()
        # It kills `strace -D` while that starts, which leaves a process behind that pauses for ever, alone as well.
        [ "$name" = process_issue_7144 ] && RUN_OPTIONS=(--no-wait)
        # These want kernel modules, or more rights than a container gives.
        [ "$crate" = nix ] && skip=(--skip test_kmod --skip af_alg --skip test_getsid --skip test_epoll)
        (cd "$CACHE/rust/$crate" && export RUST_BACKTRACE=0 && LIMIT=240 under "$CACHE/rust/$path" --test-threads=2 "${skip[@]}") \
            > "$OUT/$crate.$name.txt" 2>&1
        [ $? = 0 ] && result "$crate/$name" PASS || result "$crate/$name" FAIL
        sed -nE 's/^test ([^ ]+)( - should panic)? \.\.\. (ok|FAILED|ignored).*/\1 \3/p' "$OUT/$crate.$name.txt" |
            awk -v m="$crate/$name" '{ print m ":" $1, ($2 == "ok" ? "PASS" : $2 == "ignored" ? "SKIP" : "FAIL") }' >> "$OUT/results"
    done < "$CACHE/rust/programs"
}
