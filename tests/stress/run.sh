#!/bin/bash
# Stress with exact accounting: every call of the driver is in the log exactly once, or is counted as dropped; nobody's
# memory grows. `make stress`; KILLS says how often the program is killed, and the reader.
set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
socklens=$top/target/release/socklens
work=$(mktemp -d) || exit 2
failures=0
trap 'rm -rf "$work"' EXIT
cc -O2 -Wall -Wno-format -pthread -o "$work/driver" "$top/tests/programs/stress.c" || exit 2
cc -O2 -Wall -pthread -o "$work/steady" "$top/tests/programs/steady.c" || exit 2

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# The calls of each name in a JSON log.
counted() {
    awk -F '"call":"' '/^\{"type":"call"/ { n[substr($2, 1, index($2, "\"") - 1)]++ } END { for (c in n) print c, n[c] }' "$1"
}

# A field of the log's last record.
end_of() {
    tail -n 1 "$1" | grep -oE "\"$2\":[0-9]+" | cut -d: -f2
}

# exact NAME THREADS ROUNDS FORKS OPTIONS...: nothing may be lost.
exact() {
    local name=$1 threads=$2 rounds=$3 forks=$4 log=$work/log call n got
    shift 4
    "$socklens" run -q --format json -o "$log" "$@" -- "$work/driver" 300 "$threads" "$rounds" "$forks" > "$work/out" 2> "$work/err" ||
        { fail "$name: status $?: $(cat "$work/err")" && return; }
    counted "$log" > "$work/counted"
    while read -r call n; do
        got=$(awk -v c="$call" '$1 == c { print $2 }' "$work/counted")
        [ "$call" = bad ] && got=0
        [ "${got:-0}" = "$n" ] || fail "$name: $call: made $n, logged ${got:-0}"
    done < "$work/out"
    [ "$(end_of "$log" dropped)$(end_of "$log" holes)" = 00 ] || fail "$name: $(tail -n 1 "$log" | cut -c1-200)"
    echo "$name: $(end_of "$log" recorded) calls, each logged once"
}

# lossy NAME OPTIONS...: what is not logged is counted, to the last call. Where so much is dropped that ends of connections
# go unnoticed, new ones find no slot; calls on them are not counted singly, and the summary says how many there were.
lossy() {
    local name=$1 log=$work/log made
    shift
    "$socklens" run --format json -o "$log" "$@" -- "$work/driver" 300 8 20000 0 > "$work/out" 2> "$work/err" ||
        { fail "$name: status $?: $(cat "$work/err")" && return; }
    made=$(awk '$1 != "bad" { n += $2 } END { print n }' "$work/out")
    local recorded=$(end_of "$log" recorded) dropped=$(end_of "$log" dropped) lines
    lines=$(grep -c '^{"type":"call"' "$log")
    if grep -q 'connections found no room' "$work/err"; then
        [ $((recorded + dropped)) -le "$made" ] || fail "$name: made $made, recorded $recorded, dropped $dropped"
    else
        [ $((recorded + dropped)) = "$made" ] || fail "$name: made $made, recorded $recorded, dropped $dropped"
    fi
    [ "$lines" = "$recorded" ] || fail "$name: $lines lines, $recorded recorded"
    echo "$name: $made calls, $recorded logged, $dropped dropped and counted; $(tail -n 1 "$work/err")"
}

exact "threads and signals" 8 20000 0
exact "threads, signals and forks" 8 5000 500
exact "a small buffer" 8 5000 50 --buffer 524288
exact "a payload of 256 bytes each" 4 5000 50 -s 256 --payload exact
lossy "dropping" --lossy --buffer 524288

# Ten million events: what each side has for itself may not grow once the first quarter is over. The session's memory, which
# both map, has a size; its pages come as they are needed.
mkfifo "$work/fifo"
cat "$work/fifo" > /dev/null &
"$socklens" run -q --format text -o "$work/fifo" -- "$work/steady" 2500000 2 > /dev/null 2>&1 &
reader=$!
while kill -0 $reader 2>/dev/null; do
    sleep 1
    child=$(cat /proc/$reader/task/$reader/children 2>/dev/null) || break
    for p in $reader $child; do
        awk '/^RssAnon/ { anon = $2 } /^RssShmem/ { shared = $2 } END { print anon + 0, shared + 0 }' "/proc/$p/status" 2>/dev/null
    done | paste -sd' ' | grep -E '^[0-9]+ [0-9]+ [0-9]+ [0-9]+$'
done > "$work/sizes"
wait $reader || fail "ten million events: status $?"
# Reader and program early, and the most there was afterwards.
awk '{ r[NR] = $1; p[NR] = $3; if ($2 > shared) shared = $2 }
    END {
        early = int((NR + 3) / 4)
        for (i = early; i <= NR; i++) { if (r[i] > reader) reader = r[i]; if (p[i] > program) program = p[i] }
        print r[early] + 0, p[early] + 0, reader + 0, program + 0, shared + 0
    }' "$work/sizes" > "$work/summary"
read -r r p most_r most_p shared < "$work/summary"
echo "ten million events: KiB of reader and program early: $r $p, afterwards at most: $most_r $most_p, shared: $shared"
[ "$most_r" -le $((r + 4096)) ] && [ "$most_p" -le $((p + 1024)) ] && [ "$shared" -le 32768 ] && [ "$shared" -gt 0 ] || fail "memory grows"

# SIGKILL at random points of the writer: the log is whole, and what it says it holds is there.
for i in $(seq "${KILLS:-30}"); do
    "$socklens" run -q --format json -o "$work/log" -- "$work/driver" 100 4 1000000 0 > /dev/null 2>&1 &
    reader=$!
    sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
    for try in $(seq 200); do
        child=$(cat /proc/$reader/task/$reader/children)
        [ -n "${child// /}" ] && break
        sleep 0.01
    done
    kill -KILL $child
    wait $reader 2>/dev/null
    grep -qvE '^\{.*\}$' "$work/log" && fail "kill $i: a line that is none"
    lines=$(grep '^{"type":"call"' "$work/log" | grep -vc '"unfinished"')
    [ "$lines" = "$(end_of "$work/log" recorded)" ] || fail "kill $i: $lines lines, $(end_of "$work/log" recorded) recorded"
done
echo "${KILLS:-30} programs killed: logs whole"

# SIGKILL at random points of the reader: the program ends as it should, and what is left over can be read.
for i in $(seq "${KILLS:-30}"); do
    XDG_RUNTIME_DIR='' "$socklens" run -q --wait 30s --format json -o "$work/log" -- "$work/steady" 200000 2 > "$work/out" 2>/dev/null &
    reader=$!
    for try in $(seq 200); do
        child=$(cat /proc/$reader/task/$reader/children)
        session=$([ -z "${child// /}" ] || tr '\0' '\n' 2>/dev/null < "/proc/${child// /}/environ" | sed -n 's|^SOCKLENS_SESSION=\(.*\)/segment@\{0,1\}[0-9]*$|\1|p')
        [ -n "$session" ] && break
        sleep 0.01
    done
    sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
    kill -KILL $reader 2>/dev/null
    wait $reader 2>/dev/null
    for try in $(seq 3000); do
        kill -0 ${child:-0} 2>/dev/null || break
        sleep 0.01
    done
    grep -q '^200000 rounds in 2 threads$' "$work/out" || fail "reader killed, $i: $(cat "$work/out")"
    # It may have ended before it was killed.
    [ ! -d "$session" ] || "$socklens" read -q --format json -o "$work/rest" "$session" || fail "reader killed, $i: unreadable"
    [ ! -d "$session" ] || fail "reader killed, $i: the session is left over"
done
echo "${KILLS:-30} readers killed: programs unharmed"

[ $failures = 0 ]
