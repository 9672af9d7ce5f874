//! Faults: what a program sees of one is what it sees when a peer really does it, and the same seed does it again.

use socklens_testkit::{Form, How, Outcome, Run, compile, require};
use std::path::PathBuf;
use std::sync::OnceLock;

fn program(name: &'static str) -> PathBuf {
    static CONFORM: OnceLock<PathBuf> = OnceLock::new();
    static SCENES: OnceLock<PathBuf> = OnceLock::new();
    let cell = if name == "conform" { &CONFORM } else { &SCENES };
    cell.get_or_init(|| compile(name)).clone()
}

/// A program of `tests/programs` with fault rules.
fn faulty(name: &'static str, args: &str, rules: &[&str], more: &[&str]) -> Outcome {
    let mut run = Run::new(program(name)).args(args.split_whitespace()).options(more);
    if !more.contains(&"--seed") {
        run = run.options(["--seed", "42"]);
    }
    for r in rules {
        run = run.options(["--fault", r]);
    }
    let out = run.run(How::Command(Form::Json));
    out.assert_success();
    out
}

/// The sequence ends as it does without the fault.
#[track_caller]
fn survives(scene: &str, rule: &str, ways: &str) {
    let args = format!("{scene} stay {ways}");
    let real = Run::new(program("conform")).args(args.split_whitespace()).run(How::Raw);
    real.assert_success();
    let ours = faulty("conform", &args, &[rule], &[]);
    assert_eq!(ours.out(), real.out(), "{scene} {ways}: {rule}");
    assert!(!ours.fired().is_empty(), "{scene}: {rule}: nothing was injected\n{}", ours.log_text());
}

#[test]
fn swallowed_readiness_to_read_comes_again() {
    for rule in ["in : short 3", "in : again 2", "in : again, short 1", "in : short 1..9", "in : slice 1..4"] {
        survives("read-all", rule, "4ne 4n 6ne unixne");
    }
}

#[test]
fn swallowed_readiness_to_write_comes_again() {
    for rule in ["out : short 999", "out : again 3", "out : slice 1..9000"] {
        survives("write-all", rule, "4ne 4n 6ne");
    }
}

#[test]
fn what_was_peeked_is_read_whole() {
    let run = faulty("conform", "peek stay 4", &["recv : short 5"], &[]);
    assert_eq!(run.out(), "-- 4\npeek = 20\nrecv = 20\nwaitall = 12\n");
    assert_eq!(run.fired().len(), 0);
}

#[test]
fn an_aborted_connection_does_not_come_back() {
    let run = faulty("conform", "listener stay 4ne", &["accept : abort"], &["--realism", "posix"]);
    let out = run.out();
    assert!(out.contains("accept = -1 ECONNABORTED\nepoll =\naccept = -1 EAGAIN\n"), "{out}");
    assert!(out.ends_with("client: ECONNRESET\n"), "{out}");
}

#[test]
fn eintr_needs_a_handler_and_a_call_that_waits() {
    let recv = |option: &str| faulty("faults", &format!("receive {option}"), &["recv @n=1 : eintr"], &[]).out();
    assert_eq!(recv("h"), "recv EINTR\nrecv 5\n");
    assert_eq!(recv("r"), "recv 5\n", "a handler with SA_RESTART does not interrupt a receive");
    assert_eq!(recv(""), "recv 5\n");
    assert_eq!(recv("n"), "recv 5\n");
    let poll = |option: &str| faulty("faults", &format!("waiting {option}"), &["poll @n=2 : eintr"], &[]).out();
    assert_eq!(poll("r"), "poll 1\npoll EINTR\npoll 1\n");
    assert_eq!(poll(""), "poll 1\npoll 1\npoll 1\n");
}

#[test]
fn eagain_is_not_for_sockets_that_block() {
    let run = faulty("faults", "receive", &["recv : again"], &[]);
    assert_eq!(run.out(), "recv 5\n");
    assert_eq!(run.fired().len(), 0);
    assert_eq!(faulty("faults", "receive n", &["recv : again"], &[]).out(), "recv EAGAIN\nrecv 5\n");
}

#[test]
fn an_interrupted_connect_goes_on() {
    let run = faulty("faults", "connecting", &["connect @n=1 : eintr"], &[]);
    assert_eq!(run.out(), "connect EINTR\nconnect 0\nconnect EISCONN\n");
}

#[test]
fn the_kernel_times_connections_out() {
    let run = faulty("faults", "connecting b", &["connect : timeout 1s"], &[]);
    assert_eq!(run.out(), "connect ETIMEDOUT\n");
    let run = faulty("faults", "connecting n", &["connect : timeout 1s"], &[]);
    assert_eq!(run.out(), "connect EINPROGRESS\npoll 1\nSO_ERROR ETIMEDOUT\n");
    let run = faulty("faults", "unanswered", &["send : timeout 300ms"], &[]);
    assert_eq!(run.out(), "send 1\nrecv ETIMEDOUT\nrecv 0\n");
}

#[test]
fn a_partition_heals_under_a_waiting_program() {
    let run = faulty("faults", "partition", &["send : blackhole in heal 700ms"], &[]);
    assert_eq!(run.out(), "epoll 1\nlate\nrecv 5\n");
}

#[test]
fn latency_holds_readiness_back() {
    let run = faulty("faults", "late", &["stream : latency 300ms"], &[]);
    assert_eq!(run.out(), "recv 2\nlate\nrecv EAGAIN\nepoll 1\nlate\nrecv 6\n");
}

#[test]
fn no_descriptor_is_free_for_anybody() {
    let run = faulty("faults", "descriptors", &["socket @n=2 : fdlimit 30s"], &[]);
    let all = ["socket", "open", "pipe", "eventfd", "epoll_create1", "dup", "fopen"];
    let want: String = all.iter().map(|c| format!("{c} EMFILE\n")).collect();
    assert_eq!(run.out(), format!("socket 0\n{want}"));
}

#[test]
fn names_are_answered_otherwise() {
    let dns = |rule: &str| faulty("faults", "lookup", &[rule], &[]).out();
    assert_eq!(dns("getaddrinfo : dns again"), "Temporary failure in name resolution\n");
    assert_eq!(dns("getaddrinfo : dns noname"), "Name or service not known\n");
    assert_eq!(dns("getaddrinfo : dns to 192.0.2.1"), "found\n192.0.2.1\n");
    assert_eq!(dns("getaddrinfo : dns to 2001:db8::7"), "found\n2001:db8::7\n");
    assert_eq!(dns("getaddrinfo : dns only4"), "found\n127.0.0.1\n");
}

#[test]
fn a_reset_after_exactly_so_many_bytes() {
    for bytes in [1u64, 4096, 65536, 100_001] {
        let run = faulty("faults", "budget", &[&format!("out local=127.0.0.1 @bytes={bytes} : reset")], &[]);
        assert_eq!(run.out(), format!("{bytes} then ECONNRESET\n"));
    }
}

#[test]
fn the_same_seed_decides_the_same() {
    let rule = ["socket @p=50% : error EMFILE"];
    let first = faulty("faults", "sockets", &rule, &[]).out();
    assert!(first.contains('0') && first.contains('1'), "{first}");
    assert_eq!(faulty("faults", "sockets", &rule, &[]).out(), first);
    // Another rule beside it changes nothing.
    let both = faulty("faults", "sockets", &["bind : error EADDRINUSE", rule[0]], &[]).out();
    assert_eq!(both, first);
    assert_ne!(faulty("faults", "sockets", &rule, &["--seed", "7"]).out(), first);
}

#[test]
fn threads_do_not_change_each_others_decisions() {
    let rule = ["socket @p=50% : error EMFILE"];
    let calm = faulty("faults", "threads", &rule, &[]).out();
    let lines: Vec<&str> = calm.lines().collect();
    assert!(lines.windows(2).any(|w| w[0] != w[1]), "{calm}");
    for _ in 0..3 {
        assert_eq!(faulty("faults", "threads x", &rule, &[]).out(), calm);
    }
}

#[test]
fn events_are_told_in_another_order_or_fewer() {
    let plain = faulty("faults", "events", &[], &[]).out();
    assert_eq!(plain, "6: 0 1 2 3 4 5\n");
    let shuffled = faulty("faults", "events", &["epoll_wait : shuffle"], &[]).out();
    let mut numbers: Vec<&str> = shuffled.trim().split(' ').skip(1).collect();
    assert_ne!(shuffled, plain);
    numbers.sort_unstable();
    assert_eq!(numbers, ["0", "1", "2", "3", "4", "5"]);
    assert!(faulty("faults", "events", &["epoll_wait : clamp 2"], &[]).out().starts_with("2: "));
}

#[test]
fn older_lookups_fail_in_their_own_words() {
    let dns = |rule: &str| faulty("faults", "older-lookups", &[rule], &[]).out();
    assert_eq!(dns("connect : refuse"), "found\n0 found\nfound\nfound\n");
    let again = "Temporary failure in name resolution";
    assert_eq!(
        dns("gethostby*,getnameinfo : dns again"),
        format!("Host name lookup failure\n{} Host name lookup failure\nfound\n{again}\n", 11)
    );
    assert_eq!(
        dns("gethostby*,getnameinfo : dns noname"),
        "Unknown host\n0 Unknown host\nfound\nName or service not known\n"
    );
    assert_eq!(dns("gethostbyname* : dns empty").lines().next(), Some("No address associated with name"));
}

#[test]
fn older_lookups_find_one_family_or_another_address() {
    let dns = |mode: &str| faulty("faults", "older-families", &[&format!("gethostby* : dns {mode}")], &[]).out();
    let told = |list: [&str; 5]| {
        let names = ["name 0", "name2 4 0", "name2 6 0", "name_r 0", "name2_r 6 0"];
        names.iter().zip(list).map(|(n, t)| format!("{n} {t}\n")).collect::<String>()
    };
    const NONE: &str = "No address associated with name";
    let (four, six) = ("127.0.0.1", "::1");
    assert_eq!(dns("only4"), told([four, four, NONE, four, NONE]));
    assert_eq!(dns("only6"), told([NONE, NONE, six, NONE, six]));
    assert_eq!(dns("to 192.0.2.1"), told(["192.0.2.1", "192.0.2.1", NONE, "192.0.2.1", NONE]));
    assert_eq!(dns("to 2001:db8::7"), told([NONE, NONE, "2001:db8::7", NONE, "2001:db8::7"]));
    assert_eq!(dns("fail"), told(["Unknown server error"; 5]));
    // A lookup by address has one address, and it was named.
    let reverse = faulty("faults", "older-lookups", &["getnameinfo : dns only4"], &[]);
    assert_eq!(reverse.fired().len(), 0);
}

#[test]
fn cancelled_threads_unwind_through_the_engine() {
    let example = Run::example("cancel_in_recv");
    let raw = example.run(How::Raw);
    let run = example.options(["--fault", "in,out,wait,connect,accept : log"]).run(How::Command(Form::Json));
    assert_eq!((run.out(), run.ended()), (raw.out(), raw.ended()));
    assert!(run.fired().len() > 10, "{}", run.log_text());
}

#[test]
fn faults_show_in_text_and_json() {
    let args = ["send", "stay", "4"];
    let rule = ["--seed", "42", "--fault", "db = send @n=1 : reset"];
    let text = Run::new(program("conform")).args(args).options(rule).run(How::Command(Form::Text));
    assert!(text.log_text().contains("(INJECTED reset @0 seed 42 rule db)"), "{}", text.log_text());
    let json = Run::new(program("conform")).args(args).options(rule).run(How::Command(Form::Json));
    let log = json.log_text();
    let want = r#""injected":[{"action":"reset","rule":"db","index":1,"recipe":"native reset","level":"kernel","lane":"out","count":1,"times":1,"offset":0,"value":0,"seed":42}]"#;
    assert!(log.contains(want), "{log}");
}

#[test]
fn a_fault_is_recorded_whatever_is_wanted() {
    let run = faulty("conform", "send stay 4", &["send @n=1 : reset"], &["-e", "trace=bind"]);
    assert_eq!(run.fired().len(), 1, "{}", run.log_text());
}

/// Two connections, of which one sends more than the other; how many milliseconds their closes take.
const CLOSES: &str = "
import socket, time
for n in (5, 40):
    a, b = socket.socketpair()
    for _ in range(n):
        a.send(b'x')
    c = a.dup()
    t = time.monotonic()
    a.close()
    c.close()
    print(n, (time.monotonic() - t) >= 0.3)
";

#[test]
fn a_connection_closes_slowly_from_a_byte_on() {
    let Some(python) = require("python3") else { return };
    let run = Run::new(&python).args(["-c", CLOSES]).with_summary();
    let run = run.options(["-e", "bind", "--fault", "out @bytes=10+ : slice 1..1400, slowclose 300ms"]);
    let run = run.run(How::Command(Form::Json));
    run.assert_success();
    assert!(run.out().ends_with("40 True\n"), "{}", run.out());
    // Said once for a connection, of a send.
    let all = run.log_text();
    assert_eq!(all.matches(r#""action":"slowclose""#).count(), 1, "{all}");
}

#[test]
fn what_a_rule_cannot_do_to_a_call_is_counted() {
    let Some(python) = require("python3") else { return };
    let script = "import select, socket\na, b = socket.socketpair()\na.send(b'x')\ne = select.epoll()\n\
                  e.register(b, 1)\ne.poll(1, 1)\nb.recv(9)";
    for (rule, said) in [
        ("stream @n=1 : eof", "2 matched, 1 fired, skipped 1 (precondition 1)"),
        ("send,recv : reset drain", "skipped 1 (precondition 1)"),
        ("any : latency 1ms", "(wrong socket type"),
        ("epoll_wait : clamp 1", "1 matched, 0 fired, skipped 1 (precondition 1)"),
        ("epoll_wait : shuffle", "1 matched, 0 fired, skipped 1 (precondition 1)"),
    ] {
        let run = Run::new(&python).args(["-c", script]).with_summary().options(["-e", "bind", "--fault", rule]);
        let run = run.run(How::Command(Form::Json));
        run.assert_success();
        assert!(run.err().contains(said), "{rule}: {}", run.err());
    }
}

/// A peer that ends its side behind ten bytes, which are read in two parts; what is told then.
const ENDS: &str = "
import select, socket, sys
l = socket.create_server(('127.0.0.1', 0))
a = socket.create_connection(l.getsockname())
b, _ = l.accept()
b.send(b'0123456789')
p = select.poll()
p.register(a, select.POLLIN)
p.poll(20000)
a.recv(4)
if sys.argv[1] == 'ends':
    b.shutdown(socket.SHUT_WR)
    p.register(a, select.POLLRDHUP)
    p.poll(20000)
a.recv(6)
try:
    print(a.recv(1))
except OSError as e:
    print(e.errno)
";

#[test]
fn a_reset_behind_the_data_comes_before_the_end_or_not_at_all() {
    let Some(python) = require("python3") else { return };
    for (how, said) in [("goes-on", "104\n"), ("ends", "b''\n")] {
        let run = Run::new(&python).args(["-c", ENDS, how]);
        let run = run.options(["-e", "bind", "--fault", "in role=client @n=1 : reset drain"]);
        let run = run.run(How::Command(Form::Json));
        run.assert_success();
        assert_eq!(run.out(), said, "{how}: {}", run.log_text());
        assert_eq!(run.log_text().matches(r#""action":"reset""#).count(), 1);
    }
}
