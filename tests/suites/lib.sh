# Shared by run.sh, phase.sh and the suites. Sourced, by bash.
#
# A suite is a file NAME.sh with three functions:
#   versions   prints in a few words what is tested, with its version
#   fetch      gets and builds it under $CACHE/NAME; prints why and returns 1 when it cannot
#   tests      runs it: every program under test through `under`, every result through `result`

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$HERE/../.." && pwd)
CACHE=${SOCKLENS_SUITES:-$TOP/target/suites}
# Where the command and the libraries are.
BUILT=${SOCKLENS_BUILT:-$TOP/target/release}
MULTIARCH=$(uname -m)-linux-gnu

# ---- fetching -----------------------------------------------------------------------------------------------------

# Says why a suite cannot be had. `fetch` returns with it.
cannot() {
    echo "$*"
    return 1
}

# The programs and files a suite needs, as program:package or /absolute/pattern:package; root on Debian installs them.
need() {
    local pair what missing=()
    for pair; do
        what=${pair%%:*}
        case $what in
        /*) compgen -G "$what" >/dev/null || missing+=("${pair#*:}") ;;
        *) PATH=$PATH:/usr/sbin command -v "$what" >/dev/null || missing+=("${pair#*:}") ;;
        esac
    done
    [ ${#missing[@]} = 0 ] && return 0
    if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends \
            "${missing[@]}" >&2 && return 0
    fi
    cannot "needs ${missing[*]} (apt-get install ${missing[*]})"
}

# apt-get with source packages on and lists of its own: neither root nor a change of /etc is needed. apt checks every
# file against the distribution's signed lists.
apt_here() {
    local apt=$CACHE/apt
    command -v apt-get >/dev/null || return 1
    if [ ! -e "$apt/ready" ]; then
        mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/sources.d"
        cat /etc/apt/sources.list 2>/dev/null | sed -n 's/^deb\( .*\)/deb\1\ndeb-src\1/p' > "$apt/sources.list"
        local f
        for f in /etc/apt/sources.list.d/*.sources; do
            [ -e "$f" ] && sed 's/^Types:.*/Types: deb deb-src/' "$f" > "$apt/sources.d/$(basename "$f")"
        done
    fi
    local options=(-q -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts="$apt/sources.d"
        -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt" -o APT::Sandbox::User=)
    if [ ! -e "$apt/ready" ]; then
        apt-get "${options[@]}" update >&2 || return 1
        touch "$apt/ready"
    fi
    local tool=$1
    shift
    "$tool" "${options[@]}" "$@"
}

# Unpacks the newest source package that can still be had below DIR and prints the directory it made.
debian_source() {
    local dir=$1 package=$2 version
    mkdir -p "$dir"
    if ! ls -d "$dir/$package"-[0-9]*/ >/dev/null 2>&1; then
        command -v dpkg-source >/dev/null || need dpkg-source:dpkg-dev >&2 || return 1
        for version in $(apt_here apt-cache showsrc "$package" | sed -n 's/^Version: //p' | sort -Vru); do
            (cd "$dir" && apt_here apt-get source "$package=$version" >&2) && break
        done
    fi
    ls -d "$dir/$package"-[0-9]*/ 2>/dev/null | head -1 | sed 's|/$||' | grep .
}

# The version of a source package that was unpacked.
source_version() {
    sed -n 's/^Version: //p' "$1"/*.dsc 2>/dev/null | head -1
}

# Unpacks binary packages below DIR/unpacked without installing them.
debian_unpack() {
    local dir=$1 package
    shift
    mkdir -p "$dir/deb" "$dir/unpacked"
    for package; do
        ls "$dir/deb/${package%%=*}"_*.deb >/dev/null 2>&1 ||
            (cd "$dir/deb" && apt_here apt-get download "$package" >&2) || return 1
        dpkg -x "$dir/deb/${package%%=*}"_*.deb "$dir/unpacked" || return 1
    done
}

# ---- running ------------------------------------------------------------------------------------------------------

# Runs a program the way of this phase ($WAY), at most $LIMIT seconds with all that it leaves behind; $AS is a prefix
# that must stay outside, such as setpriv, and $RUN_OPTIONS are further ones of `socklens run`.
#   raw      as it is
#   run      by `socklens run` with everything on: a log to a file with payloads, statistics, and rules that match nothing
#   alone    with the library preloaded and writing its own log, with the same rules
# The rules name an address that is nobody's, so each call is held against them and none is changed.
RULES='in,out,connect peer=192.0.2.1:9 : error ECONNRESET; any peer=192.0.2.1:9 : delay 1ms'
under() {
    local n bound=(timeout -k 5 "${LIMIT:-300}" "${AS[@]}")
    case $WAY in
    raw) "${bound[@]}" "$@" ;;
    run)
        n=$(log_name)
        "${bound[@]}" "$BIN/socklens" run --quiet "${RUN_OPTIONS[@]}" --format json --payload exact -s 256 --stats --fault "$RULES" -o "$n" -- "$@"
        ;;
    alone)
        n=$(log_name)
        "${bound[@]}" env LD_PRELOAD="$BIN/libsocklens.so" SOCKLENS_LOG="$n" SOCKLENS_FORMAT=json SOCKLENS_STRSIZE=256 \
            SOCKLENS_FAULT="$RULES" "$@"
        ;;
    esac
}

# A file for one more log; anybody may write it.
log_name() {
    local file
    file=$(mktemp "$OUT/logs/XXXXXXXX.jsonl")
    chmod 666 "$file"
    echo "$file"
}

# Adds up what the logs say about themselves, and removes them: they are large. `0 0` when there are none.
# A log that ends in the middle of a line, or that `socklens run` did not end, is kept and counted as lost; a log of a
# fault counts as lost too.
tally() {
    local file
    for file in "$OUT"/logs/*.jsonl; do
        [ -s "$file" ] || continue
        if [ "$(tail -c 1 "$file" | od -An -tx1 | tr -d ' ')" != 0a ]; then
            echo "0 1"
            mv "$file" "$file.cut"
            continue
        fi
        grep -q '"injected":\[' "$file" && echo "0 1"
        case $WAY in
        run)
            # Behind the end there are the statistics and what became of the rules.
            tail -n 4 "$file" | grep -m 1 '"type":"end"' |
                sed -nE 's/.*"type":"end","recorded":([0-9]+),"dropped":([0-9]+),.*"holes":([0-9]+).*/\1 \2 \3/p' | grep . || {
                echo "0 1"
                mv "$file" "$file.cut"
                continue
            }
            ;;
        *) echo "$(grep -c '"type":"call"' "$file") 0 0" ;;
        esac
        rm "$file"
    done | awk '{ n += $1; lost += $2 + $3 } END { print n + 0, lost + 0 }'
}

# result NAME PASS|FAIL|SKIP: a name is MODULE or MODULE:TEST, without blanks.
result() {
    printf '%s %s\n' "${1// /_}" "$2" >> "$OUT/results"
}

# Whether a module is to be run: all of them, or those that $ONLY names, as MODULE or MODULE:TEST.
wanted() {
    [ -z "${ONLY:-}" ] && return 0
    case " $ONLY " in *" $1 "* | *" $1:"*) return 0 ;; esac
    return 1
}

# The tests that $ONLY names in a module, one a line; none when the whole module is wanted.
wanted_tests() {
    case " ${ONLY:-} " in *" $1 "*) return ;; esac
    local word
    for word in ${ONLY:-}; do
        case $word in "$1":*) echo "${word#"$1":}" ;; esac
    done
}
