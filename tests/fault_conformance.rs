//! A fault is what a peer, a network or a kernel really does: each sequence of calls runs once against a genuine one, and
//! once with the fault injected, and the traces must be equal. docs/FAULTS.md shows the matrix.

use socklens_testkit::{Form, How, Run, compile, diff, installed, not_tested, paths};
use std::collections::VecDeque;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, OnceLock};

/// One fault in one scene.
struct Row {
    /// What happens.
    what: &'static str,
    rule: &'static str,
    /// Scene of `tests/programs/conform.c`, and what the genuine other end does there.
    scene: &'static str,
    peer: &'static str,
    /// What the genuine other end does, in words.
    genuine: &'static str,
    /// The ways of the scene: see conform.c.
    ways: &'static str,
    /// Lines in which the two may differ: the genuine one, and the injected one in its place.
    apart: &'static [(&'static str, &'static str)],
}

const STREAMS: &str = "4 4e 4n 4ne 6 6e 6n 6ne";
const WITH_UNIX: &str = "4 4e 4n 4ne 6 6e 6n 6ne unix unixe unixn unixne";
const WAKING: &str = "4n 4ne 6n 6ne unixn unixne";
/// Who resets sees nothing more; a reset in between is seen by both ends.
const BOTH_RESET: &[(&str, &str)] = &[("peer: gone", "peer: 0 bytes, then ECONNRESET")];

const ROWS: &[Row] = &[
    Row {
        what: "reset, met by a receive",
        rule: "recv : reset",
        scene: "recv",
        peer: "reset",
        genuine: "the peer closes with SO_LINGER 0",
        ways: STREAMS,
        apart: BOTH_RESET,
    },
    Row {
        what: "reset of a unix stream",
        rule: "recv : reset",
        scene: "recv",
        peer: "gone",
        genuine: "the peer closes and leaves a byte unread",
        ways: "unix unixe unixn unixne",
        apart: &[("peer: gone", "peer: 1 bytes, then end")],
    },
    Row {
        what: "the same by its errno",
        rule: "recv @n=1 : error ECONNRESET",
        scene: "recv",
        peer: "reset",
        genuine: "the peer closes with SO_LINGER 0",
        ways: STREAMS,
        apart: BOTH_RESET,
    },
    Row {
        what: "reset, met by a send",
        rule: "send : reset",
        scene: "send",
        peer: "reset",
        genuine: "the peer closes with SO_LINGER 0",
        ways: STREAMS,
        apart: BOTH_RESET,
    },
    Row {
        what: "the same by its errno",
        rule: "send @n=1 : error ECONNRESET",
        scene: "send",
        peer: "reset",
        genuine: "the peer closes with SO_LINGER 0",
        ways: STREAMS,
        apart: BOTH_RESET,
    },
    Row {
        what: "reset of a unix stream, met by a send",
        rule: "send @n=2 : reset",
        scene: "send",
        peer: "gone",
        genuine: "the peer closes and leaves a byte unread",
        ways: "unix unixe unixn unixne",
        apart: &[("peer: gone", "peer: 1 bytes, then end")],
    },
    Row {
        what: "reset behind the data",
        rule: "recv @n=1 : reset drain",
        scene: "drained",
        peer: "reset",
        genuine: "the peer sends, then closes with SO_LINGER 0",
        ways: STREAMS,
        apart: BOTH_RESET,
    },
    Row {
        what: "reset while a thread receives",
        rule: "send @n=1 : reset",
        scene: "while-receiving",
        peer: "reset",
        genuine: "the peer closes with SO_LINGER 0",
        ways: "4 6",
        apart: &[],
    },
    Row {
        what: "reset while a thread sends",
        rule: "recv @n=1 : reset",
        scene: "while-sending",
        peer: "reset",
        genuine: "the peer closes with SO_LINGER 0",
        ways: "4 6",
        apart: &[],
    },
    Row {
        what: "reset while a thread polls",
        rule: "send @n=1 : reset",
        scene: "while-polling",
        peer: "reset",
        genuine: "the peer closes with SO_LINGER 0",
        ways: "4 4n 6 6n",
        apart: &[],
    },
    Row {
        what: "reset while a thread waits in epoll",
        rule: "send @n=1 : reset",
        scene: "while-in-epoll",
        peer: "reset",
        genuine: "the peer closes with SO_LINGER 0",
        ways: "4e 4ne 6e 6ne",
        apart: &[],
    },
    Row {
        what: "end of stream",
        rule: "recv @n=1 : eof",
        scene: "eof",
        peer: "close",
        genuine: "the peer shuts its side for writing",
        ways: WITH_UNIX,
        apart: &[],
    },
    Row {
        what: "EPIPE with SIGPIPE",
        rule: "send @n=1 : error EPIPE",
        scene: "pipe",
        peer: "shut-writing",
        genuine: "another holder of the socket shuts it for writing",
        ways: WITH_UNIX,
        apart: &[],
    },
    Row {
        what: "connection refused",
        rule: "connect @n=1 : refuse",
        scene: "connect",
        peer: "refuse",
        genuine: "nobody listens",
        ways: WITH_UNIX,
        apart: &[],
    },
    Row {
        what: "the same by its errno",
        rule: "connect @n=1 : error ECONNREFUSED",
        scene: "connect",
        peer: "refuse",
        genuine: "nobody listens",
        ways: WITH_UNIX,
        apart: &[],
    },
    Row {
        what: "network unreachable",
        rule: "connect @n=1 : unreach",
        scene: "connect",
        peer: "no-route",
        genuine: "a network namespace without routes",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "connect times out",
        rule: "connect @n=1 : timeout 1s",
        scene: "connect-long",
        peer: "silent",
        genuine: "a listener that drops what comes",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "connection times out",
        rule: "send @n=1 : timeout 1s",
        scene: "unanswered",
        peer: "lost",
        genuine: "a packet filter on the way, and TCP_USER_TIMEOUT",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "partition that heals",
        rule: "send @n=1 : blackhole in heal 1s",
        scene: "partition",
        peer: "lost",
        genuine: "a packet filter on the way, taken away later",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "half-open connection",
        rule: "send @n=1 : halfopen",
        scene: "gone",
        peer: "lost",
        genuine: "a packet filter on the way; the peer closes",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "latency",
        rule: "stream : latency 800ms",
        scene: "late",
        peer: "answer-late",
        genuine: "a peer that takes its time",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "latency before the end of a stream",
        rule: "stream : latency 800ms",
        scene: "late-end",
        peer: "ends-late",
        genuine: "a peer that takes its time, and closes",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "rate of what is received",
        rule: "recv : rate 80KB/s burst 8K",
        scene: "slow-stream",
        peer: "trickles",
        genuine: "a peer that sends 8 KiB every 100 ms",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "rate of what is sent",
        rule: "send : rate 100KB/s out",
        scene: "slow-reader",
        peer: "sips",
        genuine: "a peer with a small buffer that reads 10 kB every 100 ms",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "slow close",
        rule: "close : slowclose 1s",
        scene: "slow-close",
        peer: "silent",
        genuine: "SO_LINGER, and a peer that acknowledges nothing",
        ways: STREAMS,
        apart: &[],
    },
    Row {
        what: "short receives",
        rule: "recv : short 3",
        scene: "pieces",
        peer: "piecewise",
        genuine: "a peer that sends three bytes at a time",
        ways: WITH_UNIX,
        apart: &[],
    },
    Row {
        what: "sliced stream",
        rule: "recv : slice 3",
        scene: "pieces",
        peer: "piecewise",
        genuine: "a peer that sends three bytes at a time",
        ways: WITH_UNIX,
        apart: &[],
    },
    Row {
        what: "EAGAIN on a receive",
        rule: "recv @n=1 : again",
        scene: "nothing",
        peer: "thief",
        genuine: "another holder of the socket reads first",
        ways: WAKING,
        apart: &[],
    },
    Row {
        what: "EAGAIN on a send",
        rule: "send @n=1 : again",
        scene: "no-room",
        peer: "filler",
        genuine: "another holder of the socket fills its buffer",
        ways: WAKING,
        apart: &[],
    },
    Row {
        what: "short sends",
        rule: "out : short 999",
        scene: "write-all",
        peer: "reads",
        genuine: "the buffer is full",
        ways: "4n 4ne 6n 6ne unixn unixne",
        apart: &[],
    },
    Row {
        what: "EINTR",
        rule: "recv @n=1 : eintr; poll @n=1 : eintr; epoll_wait @n=1 : eintr",
        scene: "interrupted",
        peer: "signal",
        genuine: "the peer sends a signal",
        ways: "4 4e 6 6e unix unixe",
        apart: &[],
    },
    Row {
        what: "EAGAIN on accept",
        rule: "accept @n=1 : again",
        scene: "listener",
        peer: "taken",
        genuine: "another holder of the listener is quicker",
        ways: "4 4e 6 6e",
        apart: &[],
    },
    Row {
        what: "EMFILE on accept",
        rule: "accept @n=1 : error EMFILE",
        scene: "listener",
        peer: "full",
        genuine: "RLIMIT_NOFILE is lowered",
        ways: "4 4e 6 6e unix unixe",
        apart: &[],
    },
    Row {
        what: "abort of accept",
        rule: "accept @n=1 : abort!",
        scene: "listener",
        peer: "resets",
        genuine: "another holder of the listener takes the connection and resets it",
        ways: "4 4e 6 6e",
        // No Linux peer makes accept say so: there it finds nothing.
        apart: &[(
            "accept = -1 EAGAIN\nepoll =\naccept = -1 EAGAIN",
            "accept = -1 ECONNABORTED\nepoll =\naccept = -1 EAGAIN",
        )],
    },
    Row {
        what: "datagrams lost, by the receiver",
        rule: "recvmsg : drop gap 3",
        scene: "datagrams",
        peer: "loses",
        genuine: "every third datagram is never sent",
        ways: "4 4e 6 6e",
        apart: &[],
    },
    Row {
        what: "datagrams lost, by the sender",
        rule: "sendto : drop gap 3",
        scene: "datagrams",
        peer: "loses",
        genuine: "every third datagram is never sent",
        ways: "4 4e 6 6e",
        apart: &[],
    },
    Row {
        what: "datagrams doubled",
        rule: "recvmsg : dup 100%",
        scene: "datagrams",
        peer: "doubles",
        genuine: "each datagram is sent twice",
        ways: "4 4e 6 6e",
        apart: &[],
    },
    Row {
        what: "the same, by the sender",
        rule: "sendto : dup 100%",
        scene: "datagrams",
        peer: "doubles",
        genuine: "each datagram is sent twice",
        ways: "4 4e 6 6e",
        apart: &[],
    },
    Row {
        what: "datagrams overtaken",
        rule: "sendto : reorder 100%",
        scene: "datagrams",
        peer: "swaps",
        genuine: "each second datagram is sent before the first",
        ways: "4 4e 6 6e",
        apart: &[],
    },
    Row {
        what: "datagrams cut",
        rule: "recvmsg : truncate 4",
        scene: "datagrams",
        peer: "cuts",
        genuine: "a buffer of four bytes",
        ways: "4 4e 6 6e unix unixe",
        apart: &[],
    },
    Row {
        what: "datagrams unreachable",
        rule: "sendto : unreach",
        scene: "datagrams",
        peer: "no-route",
        genuine: "a network namespace without routes",
        ways: "4 6",
        apart: &[],
    },
    Row {
        what: "datagrams refused",
        rule: "recv @n=1 : error ECONNREFUSED",
        scene: "unwanted",
        peer: "refuse",
        genuine: "the peer's socket is closed",
        ways: "4 4n 6 6n",
        apart: &[],
    },
];

fn conform() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| compile("conform")).clone()
}

/// What differs between the two runs of a row; None when nothing does.
fn compare(row: &Row) -> Option<String> {
    let ways = || row.ways.split_whitespace();
    let real = Run::new(conform()).args([row.scene, row.peer]).args(ways()).run(How::Raw);
    if real.status.code() == Some(77) {
        not_tested(&format!("{}: the genuine peer needs a network namespace or CAP_NET_ADMIN", row.what));
        return None;
    }
    let ours = Run::new(conform())
        .args([row.scene, "stay"])
        .args(ways())
        .options(["--seed", "42", "--fault", row.rule])
        .run(How::Command(Form::Json));
    if !real.status.success() || !ours.status.success() {
        return Some(format!("{}, {}:\n{}{}{}", real.ended(), ours.ended(), real.out(), ours.out(), ours.err()));
    }
    // What the injected run says in its own words stands for what the genuine one says.
    let mut told = ours.out();
    for (genuine, injected) in row.apart {
        if !told.contains(injected) {
            return Some(format!("`{injected}` is missing:\n{told}"));
        }
        told = told.replace(injected, genuine);
    }
    if told != real.out() {
        let log = ours.log_text();
        let calls: String = log.lines().filter(|l| l.contains(r#""injected":"#)).flat_map(|l| [l, "\n"]).collect();
        return Some(format!("{}{calls}", diff(real.out().as_bytes(), told.as_bytes())));
    }
    let fired = ours.fired().len();
    (fired < ways().count()).then(|| format!("{fired} faults were injected in {} ways", ways().count()))
}

#[test]
fn faults_are_what_peers_really_do() {
    let only = std::env::var("SOCKLENS_ROWS").unwrap_or_default();
    let todo: Mutex<VecDeque<&Row>> = Mutex::new(ROWS.iter().filter(|r| r.scene.contains(&only)).collect());
    let wrong = Mutex::new(Vec::new());
    // Most of the time is waiting.
    std::thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                while let Some(row) = { todo.lock().unwrap().pop_front() } {
                    if let Some(d) = compare(row) {
                        wrong.lock().unwrap().push(format!("{} ({}): {d}", row.what, row.rule));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "genuine (-) and injected (+):\n{}", wrong.join("\n"));
}

/// A program in a network with a router; None where none can be made.
fn routed(command: &[&str]) -> Option<String> {
    let (Some(unshare), Some(_)) = (installed("unshare"), installed("ip")) else { return None };
    let script = paths().programs.join("router.sh");
    let out = Command::new(unshare).args(["-rnm", "sh"]).arg(script).args(command).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let told = said.strip_prefix("made\n")?.to_owned();
    if out.status.code() == Some(77) {
        return None;
    }
    assert!(out.status.success(), "{out:?}");
    Some(told)
}

#[test]
fn what_goes_out_dies_at_the_router() {
    let program = compile("routed").display().to_string();
    let Some(genuine) = routed(&[&program, "break"]) else {
        return not_tested("blackhole out: needs ip and a namespace with a router (unshare -rnm)");
    };
    let socklens = paths().command.display().to_string();
    let run = [&socklens, "run", "--quiet", "-o", "/dev/null", "--fault", "send @n=1 : blackhole out", "--", &program];
    assert!(genuine.contains("recv EHOSTUNREACH\nlate\nrecv 0\nsend EPIPE\n"), "{genuine}");
    // Routers limit how often they say so (net.ipv4.icmp_ratelimit), and on a busy machine the last word may be left unsaid.
    let mut told = Vec::new();
    while told.last() != Some(&genuine) && told.len() < 3 {
        told.push(routed(&run).expect("the same network"));
    }
    assert_eq!(told.last(), Some(&genuine), "{told:#?}");
}

/// The ways of one family: `b` blocking, `n` not, `e` watched edge-triggered.
fn cell(row: &Row, family: &str) -> String {
    let of = |w: &str| w.strip_prefix(family).map(|r| if r.starts_with('n') { r.to_owned() } else { format!("b{r}") });
    let all: Vec<String> = row.ways.split_whitespace().filter_map(of).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(" ") }
}

#[test]
fn the_page_shows_the_matrix() {
    const MARKS: [&str; 2] =
        ["<!-- the matrix, written by tests/fault_conformance.rs -->\n", "<!-- end of the matrix -->\n"];
    let mut table =
        String::from("| fault | rule | the genuine one | IPv4 | IPv6 | unix |\n|---|---|---|---|---|---|\n");
    for row in ROWS {
        let cells = ["4", "6", "unix"].map(|f| cell(row, f)).join(" | ");
        writeln!(table, "| {} | `{}` | {} | {cells} |", row.what, row.rule, row.genuine).unwrap();
    }
    let path = paths().root.join("docs/FAULTS.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(MARKS[0]).expect("the mark before the matrix");
    let (shown, tail) = rest.split_once(MARKS[1]).expect("the mark behind it");
    if std::env::var("SOCKLENS_DOCS").is_ok_and(|v| v == "write") {
        std::fs::write(&path, format!("{head}{}{table}{}{tail}", MARKS[0], MARKS[1])).unwrap();
        return;
    }
    assert!(
        shown == table,
        "docs/FAULTS.md is not current: SOCKLENS_DOCS=write cargo test -p socklens-testkit --test fault_conformance\n{}",
        diff(shown.as_bytes(), table.as_bytes())
    );
}
