# CPython's own tests: the distribution's interpreter and its test package, unpacked aside.

SHORT="test_socket test_select test_epoll test_socketserver test_httplib test_smtplib test_fcntl"
FULL="$SHORT test_selectors test_poll test_ftplib test_fork1 test_file_eintr test_asyncio test_ssl test_subprocess test_multiprocessing_fork test_multiprocessing_spawn
test_multiprocessing_forkserver test_os test_posix test_signal test_threading test_eintr test_poplib test_imaplib test_telnetlib
test_asyncore test_asynchat test_smtpd test_xmlrpc test_docxmlrpc test_urllib2_localnet test_httpservers test_wsgiref
test_logging test_pty test_ioctl test_fileio test_queue test_concurrent_futures"

python_version() {
    apt_here apt-cache search --names-only '^libpython3\.[0-9]+-testsuite$' | sed -E 's/^lib(python[0-9.]+)-.*/\1/' |
        sort -V | tail -1 | grep .
}

fetch() {
    local p
    p=$(cat "$CACHE/cpython/version" 2>/dev/null) || p=$(python_version) || { cannot "no package libpython3.N-testsuite (Debian and Ubuntu have it)"; return 1; }
    [ -x "$CACHE/cpython/unpacked/usr/bin/$p" ] && [ -e "$CACHE/cpython/version" ] && return 0
    debian_unpack "$CACHE/cpython" "$p-minimal" "lib$p-minimal" "$p" "lib$p-stdlib" "lib$p-testsuite" || { cannot "the packages of $p cannot be fetched"; return 1; }
    "$CACHE/cpython/unpacked/usr/bin/$p" -c 'import test.regrtest, ssl' || { cannot "$p does not run from its unpacked packages"; return 1; }
    echo "$p" > "$CACHE/cpython/version"
}

versions() {
    local p
    p=$(cat "$CACHE/cpython/version")
    echo "CPython network and process tests, $p $(basename "$CACHE"/cpython/deb/lib"$p"-testsuite_*.deb | cut -d_ -f2)"
}

tests() {
    local python module list=$SHORT status name match
    python=$CACHE/cpython/unpacked/usr/bin/$(cat "$CACHE/cpython/version")
    [ "$TIER" = full ] && list=$FULL
    export PYTHONDONTWRITEBYTECODE=1
    for module in $list; do
        wanted "$module" || continue
        match=()
        for name in $(wanted_tests "$module"); do
            match+=(-m "$name")
        done
        LIMIT=1000 under "$python" -m test -i '*VSOCK*' -u all,-urlfetch,-cpu,-largefile,-gui,-audio,-decimal \
            --timeout 900 "${match[@]}" --junit-xml "$OUT/$module.xml" "$module" > "$OUT/$module.txt" 2>&1
        status=$?
        [ $status = 0 ] && result "$module" PASS || result "$module" FAIL
        [ -s "$OUT/$module.xml" ] || continue
        "$python" - "$OUT/$module.xml" "$module" >> "$OUT/results" <<'P'
import sys, xml.etree.ElementTree as tree
for case in tree.parse(sys.argv[1]).getroot().iter("testcase"):
    bad = case.find("failure") is not None or case.find("error") is not None
    skipped = case.get("status") == "skipped" or case.find("skipped") is not None
    name = case.get("name").replace(" ", "_").encode("ascii", "backslashreplace").decode()
    print(f"{sys.argv[2]}:{name}", "FAIL" if bad else "SKIP" if skipped else "PASS")
P
    done
}
