//! What `socklens rules check` says of an action is what happens: each action on each kind of socket.

use socklens_testkit::{Form, How, Run, compile, paths, require};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

fn program() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| compile("each")).clone()
}

/// What a rule does, or why not, in the words of `rules check`.
type Told = BTreeSet<String>;

/// The places of a line: `receiving (TCP, UDP), accept` are three.
fn listed(text: &str) -> Vec<String> {
    let (mut all, mut head) = (Vec::new(), "");
    for part in text.split(", ") {
        let one = match part.split_once(" (") {
            Some((h, one)) => {
                head = h;
                one
            }
            None => part,
        };
        all.push(if head.is_empty() { one.to_owned() } else { format!("{head} ({})", one.trim_end_matches(')')) });
        if one.ends_with(')') {
            head = "";
        }
    }
    all
}

/// What `rules check` says of a rule at a place, for a call that is made `how`; None when it refuses the rule.
fn said(rule: &str, place: &str, how: &str) -> Option<Told> {
    let out = Command::new(&paths().command).args(["rules", "check", rule]).output().expect("the command");
    if out.status.code() == Some(2) {
        return None;
    }
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    let mut all = Told::new();
    for (i, line) in lines.iter().enumerate() {
        let Some(line) = line.strip_prefix("    ").filter(|l| !l.starts_with(' ')) else { continue };
        let (head, places) = line.rsplit_once(": ").unwrap_or_else(|| panic!("{text}"));
        if places != "everywhere" && !listed(places).iter().any(|p| p == place) {
            continue;
        }
        // Errors have their name before it.
        let head = head.rsplit_once(": ").map_or(head, |(_, h)| h);
        let only = |words: &str, of: &str| !head.contains(words) || of.contains(how);
        let holds = only("if it blocks", "bh")
            && only("if it does not block", "n")
            && only("a signal handler could", "h")
            && only("there is a signal handler", "h")
            && only("there is none", "b")
            && only("(blocking socket)", "bh")
            && only("(nonblocking socket)", "n")
            && only("(no signal handler)", "b");
        let unreal = lines.get(i + 1).is_some_and(|l| l.trim_start().starts_with("skipped (realism)"));
        if holds && unreal {
            all.insert("skipped (realism)".to_owned());
        } else if holds {
            let end = [" if ", " of ", " with ", " ["].iter().filter_map(|w| head.find(w)).min().unwrap_or(head.len());
            all.insert(head[..end].to_owned());
        }
    }
    Some(all)
}

/// What happens.
fn seen(rule: &str, args: &[&str]) -> Option<(Told, String)> {
    let run = Run::new(program()).args(args).options(["--seed", "1", "--fault", rule]).with_summary();
    let run = run.run(How::Command(Form::Json));
    if run.status.code() == Some(2) {
        return None;
    }
    let mut all = Told::new();
    for r in run.json().records {
        for f in r["injected"].as_array().into_iter().flatten() {
            let recipe = f["recipe"].as_str().unwrap_or_default();
            all.insert(if recipe == "none" { "noted alone".to_owned() } else { recipe.to_owned() });
        }
    }
    let err = run.err();
    let line = err.lines().find(|l| l.contains("rule #1: ")).unwrap_or_else(|| panic!("{rule} {args:?}: {err}"));
    if let Some((_, reasons)) = line.rsplit_once(" (") {
        for r in reasons.trim_end_matches(')').split(", ") {
            let word = r.rsplit_once(' ').map_or(r, |(w, _)| w);
            all.insert(format!("skipped ({word})"));
        }
    }
    Some((all, line.to_owned()))
}

/// Each kind of socket: its argument, where it receives, sends and connects.
const KINDS: [(&str, [&str; 3]); 4] = [
    ("tcp", ["receiving (TCP)", "sending (TCP)", "connect (TCP)"]),
    ("udp", ["receiving (UDP)", "sending (UDP)", "connect (UDP)"]),
    ("unix", ["receiving (unix stream)", "sending (unix stream)", "connect (unix)"]),
    ("unixgram", ["receiving (unix datagrams)", "sending (unix datagrams)", "connect (unix)"]),
];

const ACTIONS: &[&str] = &[
    "error EAGAIN",
    "error EINTR",
    "error ECONNRESET",
    "error ECONNRESET!",
    "error ECONNREFUSED",
    "error ETIMEDOUT",
    "error EHOSTUNREACH",
    "error ENETUNREACH",
    "error EPIPE",
    "error EPIPE!",
    "error ENOBUFS",
    "error ENOMEM!",
    "error ENOTCONN!",
    "error EMSGSIZE",
    "error EPERM recipe fake",
    "error ECONNRESET recipe fake!",
    "error ENOMEM recipe native!",
    "error EADDRNOTAVAIL",
    "error EACCES",
    "error EPROTOTYPE",
    "return 3!",
    "delay 1us",
    "delay 1us exit",
    "latency 1s",
    "latency 1s in",
    "latency 1s out",
    "rate 10B/s",
    "rate 10B/s in",
    "rate 10B/s out",
    "slice 3",
    "short 3",
    "short 3!",
    "again",
    "eintr",
    "signal SIGCONT",
    "kill SIGCONT",
    "reset",
    "reset drain",
    "eof",
    "refuse",
    "timeout 1s",
    "unreach",
    "blackhole",
    "blackhole in",
    "blackhole out",
    "halfopen",
    "slowclose 1us",
    "drop list(1)",
    "drop list(1)!",
    "dup 100%",
    "dup 100%!",
    "reorder 100%",
    "corrupt bits=1 100%",
    "corrupt bits=1 100%!",
    "truncate 3",
    "fdlimit",
    "abort!",
    "dns again",
    "shuffle",
    "clamp 1",
    "spurious",
    "log",
    "stack",
];

/// Calls of one place, and beside them others, with which the language takes actions that are not for it.
const SENDS: [&str; 2] = ["send", "send,epoll_wait,getaddrinfo,accept4,dup,recvmsg"];
const RECEIVES: [&str; 2] = ["recv", "recv,epoll_wait,getaddrinfo,accept4,dup,sendmsg"];
const CONNECTS: [&str; 2] = ["connect", "connect,epoll_wait,getaddrinfo,accept4,dup,recvmsg,sendmsg"];

/// Actions that ask neither whether the call blocks nor what type the socket is.
const PLAIN: &[&str] =
    &["return", "delay", "signal", "kill", "log", "stack", "dns", "fdlimit", "abort", "shuffle", "clamp", "spurious"];

/// An action at one place of one socket; what is wrong.
fn differs(action: &str, calls: [&str; 2], (kind, place): (&str, &str), how: &str) -> Option<String> {
    let rules = calls.map(|c| format!("{c} @n=1 : {action}"));
    let said = rules.iter().find_map(|r| Some((r, said(r, place, how)?)));
    let args: Vec<&str> = [kind, how].into_iter().chain((calls == CONNECTS).then_some("connect")).collect();
    let Some((rule, want)) = said else {
        let taken = rules.iter().find(|r| seen(r, &args).is_some());
        return taken.map(|r| format!("{r}: refused by `rules check` alone\n"));
    };
    let Some((seen, line)) = seen(rule, &args) else { return Some(format!("{rule}: refused by `run` alone\n")) };
    // Of several ways it is one, and nothing else.
    let wrong = !seen.is_subset(&want) || want.is_empty() != seen.is_empty();
    wrong.then(|| format!("{rule} on {kind} {how}:\n  said {want:?}\n  seen {seen:?} {line}\n"))
}

#[test]
fn what_a_rule_is_said_to_do_is_what_it_does() {
    let mut all = Vec::new();
    for action in ACTIONS {
        let signals = ["eintr", "EINTR", "short", "again"].iter().any(|w| action.contains(w));
        let plain = PLAIN.iter().any(|w| action.starts_with(w));
        let ways: &[&str] = if signals { &["b", "n", "h"] } else { &["b", "n"] };
        for (kind, [receiving, sending, connecting]) in KINDS {
            for how in ways.iter().filter(|h| !plain || **h == "b") {
                for (calls, place) in [(SENDS, sending), (RECEIVES, receiving), (CONNECTS, connecting)] {
                    if calls != CONNECTS || kind != "unixgram" {
                        all.push((*action, calls, (kind, place), *how));
                    }
                }
            }
        }
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = String::new();
        while let Some((action, calls, at, how)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            wrong.extend(differs(action, *calls, *at, how));
        }
        wrong
    };
    let wrong: String = std::thread::scope(|s| {
        let threads: Vec<_> = (0..4).map(|_| s.spawn(work)).collect();
        threads.into_iter().map(|t| t.join().expect("a thread")).collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

/// The words of one reason or recipe, on one socket.
#[track_caller]
fn only(rule: &str, kind: &str, want: &str) {
    let (seen, line) = seen(rule, &[kind, "b"]).expect(rule);
    assert!(seen.len() == 1 && seen.contains(want), "{rule} on {kind}: {line}");
}

#[test]
fn what_goes_over_no_network_is_neither_lost_nor_doubled_nor_overtaken() {
    for calls in ["send", "recv"] {
        for action in ["drop list(1)", "dup 100%"] {
            only(&format!("{calls} @n=1 : {action}"), "unixgram", "skipped (realism)");
            let (lifted, _) = seen(&format!("{calls} @n=1 : {action}!"), &["unixgram", "b"]).unwrap();
            assert!(lifted.iter().all(|w| !w.starts_with("skipped")) && !lifted.is_empty(), "{lifted:?}");
        }
    }
    only("send @n=1 : reorder 100%", "unixgram", "skipped (wrong family)");
    // To change it is not POSIX's either.
    only("recv @n=1 : corrupt bits=1 100%! -> ok", "unixgram", "bytes changed");
    let posix = Run::new(program()).args(["unixgram", "b"]).options(["--realism", "posix"]).with_summary();
    let posix = posix.options(["--fault", "recv @n=1 : corrupt bits=1 100%"]).run(How::Command(Form::Json));
    assert!(posix.err().contains("0 fired, skipped 1 (realism 1)"), "{}", posix.err());
}

#[test]
fn a_unix_datagram_socket_is_told_once_that_its_peer_turned_away() {
    only("recv @n=1 : error ECONNRESET", "unixgram", "skipped (precondition)");
    let Some(python) = require("python3") else { return };
    let talk = "
import socket
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a.bind(''), b.bind('')
b.connect(a.getsockname()), a.connect(b.getsockname())
b.send(b'x'), a.send(b'y')
for _ in range(2):
    try:
        print(a.recv(9))
    except OSError as e:
        print(e.errno)
";
    let run = Run::new(python).args(["-c", talk]).options(["--fault", "recv @n=1 : error ECONNRESET"]);
    let run = run.run(How::Command(Form::Json));
    assert_eq!(run.out(), "104\nb'x'\n", "{}", run.log_text());
}

/// netlink(7): ENOBUFS says that messages were lost, and so they are.
#[test]
fn netlink_loses_what_it_says_was_lost() {
    let Some(python) = require("python3") else { return };
    let dump = "
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
s.bind((0, 0))
s.setblocking(False)
# RTM_GETLINK with NLM_F_REQUEST | NLM_F_ACK of no interface: one answer, an error.
s.send(struct.pack('=IHHIIBxHiII', 32, 18, 5, 1, 0, 0, 0, 0x7fffffff, 0, 0))
for _ in range(2):
    try:
        print(len(s.recv(4096)))
    except OSError as e:
        print(e.errno)
";
    let real = Run::new(&python).args(["-c", dump]).run(How::Raw);
    assert!(real.out().ends_with("\n11\n") && !real.out().starts_with("11"), "{}", real.out());
    let rule = "recv family=netlink @n=1 : error ENOBUFS";
    let run = Run::new(&python).args(["-c", dump]).options(["--fault", rule]).run(How::Command(Form::Json));
    assert_eq!(run.out(), "105\n11\n", "{}", run.log_text());
}

#[test]
fn an_empty_variable_holds_no_rule() {
    let run = Run::new(program()).args(["tcp", "b"]).env("SOCKLENS_FAULT", "").run(How::Silent);
    run.assert_success();
    assert_eq!(run.err(), "");
    let wrong = Run::new(program()).args(["tcp", "b"]).env("SOCKLENS_FAULT", "recv").run(How::Silent);
    assert!(wrong.err().contains("no fault is caused"), "{}", wrong.err());
}

/// Each line is a call: what it returned, or the errno.
#[track_caller]
fn talk(python: &str, rules: &[&str], want: &str) {
    let Some(program) = require("python3") else { return };
    let head = "
import socket
def tell(f, *a):
    try:
        r = f(*a)
        print('ok' if r is None else r)
    except OSError as e:
        print(e.errno)
a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
a.bind(('127.0.0.1', 0)), b.bind(('127.0.0.1', 0))
";
    let run = Run::new(program).args(["-c", &format!("{head}{python}")]).with_summary();
    let run = run.options(rules.iter().flat_map(|r| ["--fault", r])).run(How::Command(Form::Json));
    assert_eq!(run.out(), want, "{}", run.err());
}

#[test]
fn who_has_sent_nothing_is_not_told_that_nobody_took_it() {
    let refused = "
a.connect(b.getsockname()), b.connect(a.getsockname())
tell(b.send, b'x')
tell(b.send, b'y')
tell(a.recv, 9)
a.send(b'z')
tell(a.recv, 9)
";
    talk(refused, &["recv @n=1..2 : error ECONNREFUSED", "send : log"], "1\n1\nb'x'\n111\n");
}

#[test]
fn a_datagram_is_too_long_only_where_it_may_not_be_cut() {
    let long = "
a.connect(b.getsockname())
tell(a.send, bytes(2000))
a.setsockopt(socket.IPPROTO_IP, 10, 2) # IP_MTU_DISCOVER, IP_PMTUDISC_DO
tell(a.send, bytes(100))
tell(a.send, bytes(2000))
";
    talk(long, &["send : error EMSGSIZE"], "2000\n100\n90\n");
}

#[test]
fn a_connect_to_one_host_needs_no_leave_to_broadcast() {
    let far = "
tell(a.connect, b.getsockname())
a.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
tell(a.connect, ('127.255.255.255', 9))
";
    talk(far, &["connect : error EACCES"], "ok\n13\n");
}

#[test]
fn a_rule_that_can_never_do_anything_is_told() {
    let check = |rule: &str| {
        let out = Command::new(&paths().command).args(["rules", "check", rule]).output().expect("the command");
        String::from_utf8(out.stdout).expect("UTF-8")
    };
    assert!(check("send : rate 1KB/s in").contains("skipped (precondition): sending (TCP)"));
    assert!(!check("send,recv : rate 1KB/s in").contains("precondition"));
    assert!(check("send stack=handle : log").contains("exported"));
}
