#!/bin/sh
# What the hooks of the hot calls take of the program's stack: every function reachable from them, its frame, and the
# deepest stack from the entry down to its end. Indirect calls (the real function, callbacks) are not followed. Reads the
# symbols of the library as built; a stripped one is refused.
#   benches/stack.sh [--check] [LIBRARY] [CALL...]      default: target/release/libsocklens.so send recv read write close
# --check: fails when a hook that records an event in the short way takes more than 512 bytes.
set -eu
check=0
[ "${1:-}" = --check ] && { check=1; shift; }
lib=${1:-$(dirname "$0")/../target/release/libsocklens.so}
[ $# -gt 0 ] && shift
[ $# -eq 0 ] && set -- send recv read write close
objdump -d -C --no-show-raw-insn -M intel "$lib" | awk -v roots="$*" -v check="$check" '
function short(n) { sub(/::h[0-9a-f]+$/, "", n); gsub(/socklens::/, "", n); return n }
function depth(f,    i, n, list, d, best) {
    if (f in done) return done[f]
    if (f in busy) return 0
    busy[f] = 1
    n = split(calls[f], list, "\n")
    best = 0
    for (i = 1; i <= n; i++) {
        if (list[i] == "" || !(list[i] in frame)) continue
        # A jump takes the place of the frame it leaves.
        d = depth(list[i]) + ((f, list[i]) in jumps ? -frame[f] : 0)
        if (d > best) { best = d; next_of[f] = list[i] }
    }
    delete busy[f]
    return done[f] = frame[f] + best
}
function reach(f,    i, n, list) {
    if (f in seen) return
    seen[f] = 1
    n = split(calls[f], list, "\n")
    for (i = 1; i <= n; i++)
        if (list[i] != "" && list[i] in frame) reach(list[i])
}
/^[0-9a-f]+ <.*>:$/ {
    f = $0; sub(/^[0-9a-f]+ </, "", f); sub(/>:$/, "", f)
    at = $1; sub(/^0+/, "", at)
    # Instances of one generic function have the same demangled name.
    if (f in frame) f = f " @" at
    name_at[at] = f; order[++count] = f; frame[f] = 8; open = 1; sum = 8
    next
}
NF >= 2 {
    op = $2
    if (open && op == "push") { frame[f] += 8 }
    if (op == "sub" && $3 ~ /^rsp,0x/) {
        v = $3; sub(/^rsp,/, "", v); v = hex(v)
        if (v > extra[f]) extra[f] = v
    }
    if (op == "ret") open = 0
    if ((op == "call" || op ~ /^j/) && $3 ~ /^[0-9a-f]+$/) { target[f] = target[f] op " " $3 "\n" }
}
function hex(s,    i, v) {
    sub(/^0x/, "", s); v = 0
    for (i = 1; i <= length(s); i++) v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
    return v
}
END {
    for (i = 1; i <= count; i++) {
        f = order[i]; frame[f] += extra[f]
        n = split(target[f], list, "\n")
        for (k = 1; k <= n; k++) {
            split(list[k], part, " ")
            if (!(part[2] in name_at)) continue
            g = name_at[part[2]]
            if (g == f || (f, g) in known) continue
            known[f, g] = 1
            calls[f] = calls[f] g "\n"
            if (part[1] != "call") jumps[f, g] = 1
        }
    }
    n = split(roots, list, " ")
    # The exported symbol jumps through a table: what it jumps to is the short way that records, or the hook.
    for (i = 1; i <= n; i++)
        if (("socklens::hot::order::short::record_" list[i]) in frame) list[i] = "socklens::hot::order::short::record_" list[i]
        else if (("socklens::exports::hooks::" list[i]) in frame) list[i] = "socklens::exports::hooks::" list[i]
    printf "%7s %7s  %s\n", "frame", "deepest", "function"
    bad = 0
    for (i = 1; i <= n; i++) {
        if (!(list[i] in frame)) { printf "no such function: %s\n", list[i]; bad = 1; continue }
        printf "%7d %7d  %s\n", frame[list[i]], depth(list[i]), short(list[i])
        g = list[i]; indent = "  "
        while (g in next_of) {
            g = next_of[g]; printf "%7d %7s  %s%s\n", frame[g], "", indent, short(g); indent = indent "  "
        }
        reach(list[i])
        # An entry that only decides jumps on to the function that records: the largest frame it reaches by jumps alone.
        worst = frame[list[i]] + 0
        m = split(calls[list[i]], direct, "\n")
        recorder = list[i]
        for (k = 1; k <= m; k++)
            if ((list[i], direct[k]) in jumps && frame[direct[k]] > worst) { worst = frame[direct[k]]; recorder = direct[k] }
        # No hook can record with a handful of bytes: then this script no longer understands the library.
        if (worst < 64 && list[i] !~ /close$/) { printf "%s: no recording function was found\n", list[i]; bad = 1 }
        by[list[i]] = recorder
        hot[list[i]] = worst
        if (worst > 512) bad = 1
    }
    print ""
    print "reachable, largest first:"
    cmd = "sort -rn"
    for (f in seen) printf "%7d %7d  %s\n", frame[f], depth(f), short(f) | cmd
    close(cmd)
    print ""
    for (i = 1; i <= n; i++)
        if (list[i] in frame) printf("%s: %d bytes of stack in %s%s\n", short(list[i]), hot[list[i]], short(by[list[i]]), (hot[list[i]] > 512 ? ": TOO MUCH" : ""))
    exit(check && bad)
}'
