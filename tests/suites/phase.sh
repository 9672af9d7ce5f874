#!/bin/bash
# One run of one suite in one way. Called by run.sh, inside its own namespaces when these can be had.
#   phase.sh SUITE raw|run|alone OUT
# ONLY: modules and MODULE:TEST, all when empty.  TIER: short or full.
. "$(dirname "$0")/lib.sh"
SUITE=$1 WAY=$2 OUT=$3
AS=() RUN_OPTIONS=()
. "$HERE/$SUITE.sh"
ip link set lo up 2>/dev/null
# Tests of closefrom and close_range count descriptors from 3 on.
for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    [ "$fd" -gt 2 ] && [ "$fd" != 255 ] && eval "exec $fd>&-"
done
mkdir -p "$OUT/logs"
chmod 1777 "$OUT/logs"
: > "$OUT/results"
# A place that tests under another user can reach too.
TMPDIR=$(mktemp -d /tmp/suite.XXXXXX)
chmod 1777 "$TMPDIR"
export TMPDIR OUT WAY SUITE TIER ONLY HOME=$TMPDIR
BIN=$TMPDIR/.bin
mkdir -p "$BIN"
cp "$BUILT"/{socklens,libsocklens.so,libsocklens-alone.so,libsocklens-faults.so} "$BIN"
export BIN
cd "$TMPDIR" || exit 1
for v in $(compgen -e | grep '^SOCKLENS_'); do unset "$v"; done
tests < /dev/null > "$OUT/output" 2>&1
cd /
# The worst result of a name counts, and every name once.
awk '{ p = $2 == "FAIL" ? 3 : $2 == "PASS" ? 2 : 1; if (p > worst[$1]) worst[$1] = p }
    END { split("SKIP PASS FAIL", r, " "); for (n in worst) print n, r[worst[n]] }' "$OUT/results" |
    LC_ALL=C sort > "$OUT/sorted" && mv "$OUT/sorted" "$OUT/results"
tally > "$OUT/events"
rm -rf "$TMPDIR"
