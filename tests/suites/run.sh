#!/bin/bash
# Third-party suites, each run raw and under socklens in one go, and a table of what differs.
#   run.sh [--tier short|full] [--ways "run alone"] [--doc | --doc-only] [SUITE...]
# --doc puts the table into docs/TRANSPARENCY.md, with the last results of suites that did not run this time; --doc-only
# does just that.
# A suite that cannot be had here is left out, loudly. Exit status: 0 no difference, 1 differences, 2 nothing ran.
. "$(dirname "$0")/lib.sh"
TIER=short WAYS="run" DOC= ONLY_DOC= REPEAT=${REPEAT:-12}
while [ $# -gt 0 ]; do
    case $1 in
    --tier) TIER=$2 && shift 2 ;;
    --ways) WAYS=$2 && shift 2 ;;
    --doc) DOC=1 && shift ;;
    --doc-only) DOC=1 ONLY_DOC=1 && shift ;;
    -*) echo "run.sh: unknown option $1 (--tier, --ways, --doc, --doc-only)" >&2 && exit 2 ;;
    *) break ;;
    esac
done
case $TIER in
short) SUITES=(cpython perl libevent rust redis) ;;
full) SUITES=(cpython perl libevent rust libuv curl redis node) ;;
*) echo "run.sh: --tier is short or full, not $TIER" >&2 && exit 2 ;;
esac
[ $# -gt 0 ] && SUITES=("$@")
[ -z "$ONLY_DOC" ] || SUITES=()
export TIER
[ -x "$BUILT/socklens" ] || { echo "run.sh: build first: make build" >&2 && exit 2; }
mkdir -p "$CACHE/out"

# Network, processes and mounts of its own, where that is allowed: fixed ports collide with nobody, and what a test
# leaves behind dies with the namespace.
SANDBOX=()
for try in "unshare -nmpf --kill-child --mount-proc" "unshare -rnmpf --kill-child --mount-proc"; do
    $try true 2>/dev/null && SANDBOX=($try) && break
done
[ ${#SANDBOX[@]} = 0 ] && echo "run.sh: no namespaces here: other programs' ports may disturb the tests" >&2

phase() { # SUITE WAY OUT
    rm -rf "$3"
    mkdir -p "$3"
    timeout -k 10 "${WALL:-5400}" "${SANDBOX[@]}" bash "$HERE/phase.sh" "$1" "$2" "$3"
    local status=$?
    [ $status = 124 ] || [ $status = 137 ] && echo "$1:$2: ended after ${WALL:-5400} s" >&2
    [ -s "$3/results" ]
}

# The names whose results differ: NAME RAW OTHER, absent ones too.
differences() {
    awk 'NR == FNR { a[$1] = $2; next } { b[$1] = $2 }
        END {
            for (n in a) if (a[n] != b[n]) print n, a[n], (n in b ? b[n] : "ABSENT")
            for (n in b) if (!(n in a)) print n, "ABSENT", b[n]
        }' "$1" "$2" | LC_ALL=C sort
}

# Sorts differences into those that the program shows alone too and those that stand. Raw runs of the modules concerned
# are repeated until each result was seen raw, at most $REPEAT times.
sift() { # SUITE OUT-OF-WAY DIFFERENCES
    local suite=$1 out=$2 list=$3 i only
    cp "$list" "$out/stands"
    : > "$out/flaky"
    for i in $(seq 1 "$REPEAT"); do
        [ -s "$out/stands" ] || break
        # Where a suite can run one test alone, it does; many are faster as whole modules.
        only=$(awk '{ print $1 }' "$out/stands")
        [ "$(echo "$only" | wc -l)" -gt 40 ] && only=$(echo "$only" | sed 's/:.*//' | sort -u)
        ONLY=$(echo "$only" | tr '\n' ' ') phase "$suite" raw "$out/again" || break
        awk -v flaky="$out/flaky" -v try="$i" 'NR == FNR { now[$1] = $2; next }
            { r = ($1 in now) ? now[$1] : "ABSENT"; if (r == $3) print $0, try >> flaky; else print }' \
            "$out/again/results" "$out/stands" > "$out/next"
        mv "$out/next" "$out/stands"
    done
}

DONE=() OUT_OF=() bad=0 ran=0
VERSION=$("$BUILT/socklens" version | grep -oE '[0-9][^ ]*' | head -1)
for suite in "${SUITES[@]}"; do
    [ -r "$HERE/$suite.sh" ] || { echo "run.sh: no suite $suite" >&2 && exit 2; }
    mkdir -p "$CACHE/$suite"
    if ! why=$(. "$HERE/$suite.sh" && fetch 2> "$CACHE/$suite/fetch.log"); then
        why=$(echo "$why" | tail -1)
        echo "LEFT OUT: $suite: ${why:-see $CACHE/$suite/fetch.log}"
        OUT_OF+=("$suite: ${why:-could not be fetched}")
        continue
    fi
    what=$(. "$HERE/$suite.sh" && versions)
    out=$CACHE/out/$suite began=$SECONDS
    # Failures alone would differ in nothing.
    if ! phase "$suite" raw "$out.raw" || ! grep -q ' PASS$' "$out.raw/results"; then
        echo "LEFT OUT: $suite: nothing passes raw, see $out.raw/output"
        OUT_OF+=("$suite: nothing passes without socklens")
        continue
    fi
    raw_seconds=$((SECONDS - began))
    for way in $WAYS; do
        began=$SECONDS
        phase "$suite" "$way" "$out.$way" || echo "$suite: nothing passes by way of $way, see $out.$way/output" >&2
        seconds=$((SECONDS - began))
        differences "$out.raw/results" "$out.$way/results" > "$out.$way/differences"
        sift "$suite" "$out.$way" "$out.$way/differences"
        read -r events lost < "$out.$way/events" || { events=? lost=?; }
        passed() { grep -c " PASS$" "$1"; }
        failed() { grep -c " FAIL$" "$1"; }
        stands=$(wc -l < "$out.$way/stands") flaky=$(wc -l < "$out.$way/flaky")
        echo "| $what | $way | $(date -u +%Y-%m-%d) | $(passed "$out.raw/results") / $(failed "$out.raw/results") | $(passed "$out.$way/results") / $(failed "$out.$way/results") | $flaky | **$stands** | $events | $lost | $raw_seconds / $seconds s |" > "$out.$way/row"
        echo "$suite ($way): raw $(passed "$out.raw/results") passed, under socklens $(passed "$out.$way/results"), flaky raw $flaky, differences $stands, events $events, lost $lost, $raw_seconds s and $seconds s"
        : > "$out.$way/details"
        while read -r name a b try; do
            echo "- $name ($way): $a, then $b; raw it gave $b too, in repetition $try" >> "$out.$way/details"
        done < "$out.$way/flaky"
        while read -r name a b; do
            echo "  DIFFERS: $name: raw $a, under socklens $b"
            echo "- **$name** ($way): raw $a, under socklens $b, and never $b in $REPEAT more raw runs" >> "$out.$way/details"
        done < "$out.$way/stands"
        bad=$((bad + stands)) ran=1
        DONE+=("$out.$way")
        echo "$TIER" > "$out.$way/tier"
        [ "$lost" = 0 ] || { echo "  LOST: $lost events in $suite" && bad=$((bad + 1)); }
    done
done

table() { # DIRECTORY...
    echo "Tier \`$TIER\`, socklens $VERSION, Linux $(uname -r | cut -d- -f1), $(getconf GNU_LIBC_VERSION), $(nproc) CPUs."
    echo
    echo "| suite | way | date | raw: passed / failed | under socklens: passed / failed | flaky raw | differences | calls logged | lost | time raw / under |"
    echo "|---|---|---|---:|---:|---:|---:|---:|---:|---:|"
    local dir details
    for dir; do
        cat "$dir/row"
    done
    details=$(for dir; do cat "$dir/details"; done)
    if [ -n "$details" ]; then
        printf '\nResults that were not the same:\n\n%s\n' "$details"
    fi
    if [ ${#OUT_OF[@]} -gt 0 ]; then
        printf '\nLeft out:\n\n'
        printf -- '- %s\n' "${OUT_OF[@]}"
    fi
}
echo
[ $ran = 0 ] || table "${DONE[@]}"
if [ -n "$DOC" ]; then
    page=$TOP/docs/TRANSPARENCY.md all=()
    for suite in cpython perl libevent rust libuv curl redis node; do
        for way in run alone; do
            [ -s "$CACHE/out/$suite.$way/row" ] && grep -qx "$TIER" "$CACHE/out/$suite.$way/tier" && all+=("$CACHE/out/$suite.$way")
        done
    done
    table "${all[@]}" > "$CACHE/table.md"
    sed -i -e '/^<!-- measured -->$/,/^<!-- end -->$/{//!d}' -e "/^<!-- measured -->\$/r $CACHE/table.md" "$page"
fi
[ -z "$ONLY_DOC" ] || exit 0
[ $ran = 1 ] || exit 2
[ $bad = 0 ]
