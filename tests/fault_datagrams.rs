//! Faults of datagrams, of what arrives slowly, and of readiness: tests/programs/datagrams.c.

use socklens_testkit::{Form, How, Outcome, Run, compile, require};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

fn scenes() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| compile("datagrams")).clone()
}

fn run(scene: &str, rule: &str) -> Outcome {
    let run = Run::new(scenes()).args(scene.split_whitespace()).with_summary();
    let run = run.options(["--seed", "42", "--fault", rule]).run(How::Command(Form::Json));
    run.assert_success();
    run
}

#[track_caller]
fn tells(scene: &str, rule: &str, want: &str) -> Outcome {
    let run = run(scene, rule);
    assert_eq!(run.out(), want, "{scene}: {rule}: {}", run.err());
    run
}

#[test]
fn datagrams_overtake_each_other() {
    // The last one is overtaken by nothing, and stays away.
    tells("order", "send : reorder 100%", "10325476\n");
    tells("order", "send : reorder 100% gap 3", "12305674\n");
    tells("order", "send @n=2 : reorder 100% gap 2", "023145678\n");
    tells("order a", "dgram : reorder 100%", "10325476\n");
    tells("order m", "sendmmsg : reorder 100%", "3 3 3 10325476\n");
    tells("order m", "sendmmsg @n=2 : reorder 100% gap 5", "3 3 3 023456178\n");
    let log = tells("order", "send @once : reorder 100%", "102345678\n").log_text();
    assert!(log.contains(r#""action":"reorder""#) && log.contains(r#""recipe":"held back""#), "{log}");
    let some = run("order", "send : reorder 30%").out();
    let mut sorted: Vec<char> = some.trim().chars().collect();
    sorted.sort_unstable();
    assert!(some != "012345678\n" && "012345678".starts_with(&sorted.iter().collect::<String>()[..8]), "{some}");
}

#[test]
fn each_message_of_a_batch_is_sent_by_its_own_chance() {
    tells("many-sent", "sendmmsg : drop gap 3", "6 errno 0, 1 1 1 1 1 1 0134\n");
    tells("many-sent", "out : drop list(1,6)", "6 errno 0, 1 1 1 1 1 1 1234\n");
    tells("many-sent", "sendmmsg : drop 100%", "6 errno 0, 1 1 1 1 1 1 \n");
    tells("many-sent", "sendmmsg : dup 100%", "6 errno 0, 1 1 1 1 1 1 001122334455\n");
    tells("many-sent", "sendmmsg @n=3..4 : drop 100%", "6 errno 0, 1 1 1 1 1 1 0145\n");
    // What is about calls counts calls.
    tells("many-sent", "sendmmsg @n=1 : log; sendmmsg @n=2 : drop 100%", "6 errno 0, 1 1 1 1 1 1 02345\n");
}

#[test]
fn each_message_of_a_batch_is_received_by_its_own_chance() {
    for option in ["", " w"] {
        tells(&format!("many-received{option}"), "recvmmsg : drop gap 3", "4 a1 b1 d1 e1 -1 EAGAIN\n");
    }
    let twice = "12 a1 a1 b1 b1 c1 c1 d1 d1 e1 e1 f1 f1 -1 EAGAIN\n";
    tells("many-received", "recvmmsg : dup 100%", twice);
    tells("many-received", "recvmmsg : drop 100%", "-1 -1 EAGAIN\n");
    // Each call takes one when there is no time, the lost one apart.
    tells("many-received t", "recvmmsg : drop list(1)", "1 b1 4 \n");
    // What was looked at stays, and is not counted twice.
    tells("many-received p", "recvmmsg : drop list(1,3)", "1b 4 b1 d1 e1 f1 -1 EAGAIN\n");
}

#[test]
fn what_is_sent_changes_on_its_way() {
    let lines = |rule: &str, option: &str| {
        let run = run(&format!("altered {option}"), rule);
        let out = run.out();
        assert!(!out.contains("own bytes"), "{out}");
        out.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines("out : corrupt bits=1 100%!", ""), ["8 8 1 1"; 6]);
    assert!(lines("out : corrupt bytes=1 100%!", "b").iter().all(|l| l == "8 8 0 1"));
    let some = lines("out : corrupt bits=1 50%!", "");
    assert!(some.iter().any(|l| l == "8 8 0 0") && some.iter().any(|l| l == "8 8 1 1"), "{some:?}");
}

#[test]
fn a_rule_finds_the_peer_that_a_send_names() {
    let want = "one 1\none 1\ntwo EPERM\ntwo EPERM\none 1\ntwo EPERM\n";
    tells("two-peers", "sendto peer=127.0.0.2 : error EPERM", want);
}

#[test]
fn a_socket_is_told_readable_that_is_not() {
    let told = "poll 1 0 1\nselect 1 1\nepoll 1 1 5\nrecv EAGAIN\n0000\n";
    let out = run("readiness", "poll @n=1 : spurious; select : spurious; epoll_wait : spurious").out();
    assert_eq!(out, told);
    // Every other time it is really asked.
    let again = run("readiness", "poll @n=2+ : spurious").out();
    assert!(again.ends_with("recv EAGAIN\n1010\n"), "{again}");
    // Never of a socket that blocks, nor of a stream; and not where something is ready.
    let nothing = "poll 0 0 0\nselect 0 0\nepoll 0 0 0\nrecv EAGAIN\n0000\n";
    for (option, why) in [("b", "blocking socket"), ("t", "wrong socket type")] {
        let run = tells(&format!("readiness {option}"), "wait : spurious", nothing);
        assert!(run.err().contains(why) && run.err().contains(" 0 fired"), "{}", run.err());
    }
    let run = run("readiness d", "poll @n=1 : spurious; select : spurious; epoll_wait : spurious");
    assert!(run.out().ends_with("select 1 1\nepoll 1 1 5\nrecv 1\n0000\n"), "{}", run.out());
    assert!(!run.log_text().contains(r#""injected""#), "{}", run.log_text());
}

#[test]
fn bytes_arrive_at_the_rate() {
    let slow = |option: &str, rule: &str| {
        let out = run(&format!("slow-arrival {option}"), rule).out();
        let n: Vec<u64> = out.lines().map(|l| l.parse().unwrap()).collect();
        assert_eq!(n[0], 300_000, "{option}: {out}");
        (n[1], n[2])
    };
    for option in ["", "n"] {
        // 300 ms, less the last piece.
        let (most, took) = slow(option, "recv : rate 1MB/s burst 20000");
        assert!(most <= 20_000 && took >= 270, "{option}: {most} bytes at once, {took} ms");
    }
    // One receive of all of it has it at once; what follows waits.
    assert_eq!(slow("w", "recv : rate 1MB/s in").0, 300_000);
    let other = run("slow-arrival", "recv : rate 1MB/s out").log_text();
    assert!(!other.contains(r#""injected""#), "{other}");
}

/// What arrived at a peer: which datagram, in the order of arrival, and how many nanoseconds after it was sent.
struct Arrived(Vec<(u64, u64)>);

impl Arrived {
    /// Which ones, in order.
    fn sorted(&self) -> Vec<u64> {
        let mut all: Vec<u64> = self.0.iter().map(|(n, _)| *n).collect();
        all.sort_unstable();
        all
    }

    fn is_in_order(&self) -> bool {
        self.0.is_sorted_by_key(|(n, _)| *n)
    }

    /// The shortest and the longest time, in milliseconds.
    fn times(&self) -> (f64, f64) {
        let times = self.0.iter().map(|(_, ns)| *ns as f64 / 1e6);
        times.fold((f64::MAX, 0.0), |(low, high), t| (low.min(t), high.max(t)))
    }
}

/// tests/programs/late_datagrams.py under a rule, and what a peer outside sees by its own clock. Every hundredth is answered.
fn late(python: &Path, how: &str, count: usize, rule: &str) -> (Arrived, Outcome) {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    let SocketAddr::V4(addr) = peer.local_addr().unwrap() else { panic!() };
    let stop = UdpSocket::bind("127.0.0.1:0").unwrap();
    let receiver = std::thread::spawn(move || {
        let mut all = Vec::new();
        // Nothing for so long: something is lost for good.
        peer.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut data = [0; 32];
        while let Ok((16, from)) = peer.recv_from(&mut data) {
            let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            // SAFETY: writes to `now` alone.
            unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
            let now = now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64;
            let word = |i: usize| u64::from_le_bytes(data[i..i + 8].try_into().unwrap());
            all.push((word(0), now.saturating_sub(word(8))));
            if all.len() % 100 == 0 {
                let _ = peer.send_to(b"k", from);
            }
        }
        Arrived(all)
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/programs/late_datagrams.py");
    let run = Run::new(python).args([script, how, &addr.port().to_string(), &count.to_string()]).with_summary();
    let run = run.options(["--seed", "42", "--fault", rule]).run(How::Command(Form::Json));
    while !receiver.is_finished() {
        stop.send_to(b"stop", addr).unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
    (receiver.join().unwrap(), run)
}

#[test]
fn datagrams_of_event_loops_arrive_later() {
    let Some(python) = require("python3") else { return };
    for (how, rule, least, in_order) in [
        ("asyncio", "dgram : latency 50ms~10ms", 40.0, false),
        ("selectors", "out : latency 50ms~10ms", 40.0, false),
        ("selectors", "sendto : latency 30ms out", 30.0, true),
    ] {
        let (all, run) = late(&python, how, 1000, rule);
        run.assert_success();
        assert_eq!(all.sorted(), (0..1000).collect::<Vec<u64>>(), "{how}: {}", run.err());
        let (shortest, longest) = all.times();
        assert!(shortest >= least && longest < 20_000.0, "{how}: {rule}: {shortest} to {longest} ms");
        // A spread of times puts them in another order, as it does in the kernel; without one there is none.
        assert_eq!(all.is_in_order(), in_order, "{how}: {rule}");
        assert!(run.err().contains(" 1000 fired, "), "{}", run.err());
    }
}

#[test]
fn what_is_on_its_way_leaves_when_its_socket_or_program_goes() {
    let Some(python) = require("python3") else { return };
    for how in ["close", "exit", "exec"] {
        let (all, run) = late(&python, how, 40, "dgram : latency 30s");
        run.assert_success();
        assert_eq!(all.sorted(), (0..40).collect::<Vec<u64>>(), "{how}: {}", run.err());
        assert!(all.is_in_order() && all.times().1 < 25_000.0, "{how}");
    }
    // Another descriptor of it is as good, and a child's close is nothing to its parent.
    for how in ["dup", "fork"] {
        let (all, run) = late(&python, how, 40, "dgram : latency 400ms");
        run.assert_success();
        assert_eq!(all.sorted(), (0..40).collect::<Vec<u64>>(), "{how}: {}", run.err());
        assert!(all.is_in_order() && all.times().0 >= 400.0, "{how}: {:?}", all.times());
    }
}

#[test]
fn a_longer_way_that_is_full_loses_what_comes_more() {
    let Some(python) = require("python3") else { return };
    let (all, run) = late(&python, "exit", 2100, "dgram : latency 30s");
    run.assert_success();
    assert!(run.err().contains(" 2100 fired, "), "{}", run.err());
    let log = run.log_text();
    assert_eq!(log.matches(r#""recipe":"not sent""#).count(), 52, "the first 2048 find room");
    // The peer's own buffer may be full, too, since they come all at once.
    assert!(all.sorted().last().is_some_and(|n| *n < 2048) && all.0.len() > 50, "{}", all.0.len());
}

#[test]
fn what_the_kernel_refuses_is_refused_at_once() {
    let want = "unnamed EDESTADDRREQ\nport 0 EINVAL\nhuge EMSGSIZE\nbroadcast EACCES\nclosed ECONNREFUSED\nwith control 1\nc\n";
    let run = tells("refused", "dgram : latency 300ms", want);
    assert!(run.err().contains(" 0 fired, ") && run.err().contains("precondition 6)"), "{}", run.err());
}

#[test]
fn each_message_of_a_batch_has_its_own_way() {
    let run = tells("late", "sendmmsg : latency 300ms", "6\n01345 1\n");
    assert!(run.err().contains("6 matched, 6 fired, skipped 0"), "{}", run.err());
    // Twice, or changed, on the longer way as well.
    let out = tells("late", "sendmmsg : latency 300ms, dup 100%", "6\n00113 1\n");
    assert!(out.err().contains("6 matched, 12 fired"), "{}", out.err());
}

/// One byte each way between two sockets of a program, which waits for it by select if they do not block.
const TALK: &str = "
import select, socket, sys
kind, wait = sys.argv[1:]
if kind == 'tcp':
    l = socket.create_server(('127.0.0.1', 0))
    a = socket.create_connection(l.getsockname())
    b, _ = l.accept()
elif kind == 'udp':
    a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    a.bind(('127.0.0.1', 0))
    b.bind(('127.0.0.1', 0))
    a.connect(b.getsockname())
    b.connect(a.getsockname())
else:
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a.setblocking(wait == 'b')
b.setblocking(wait == 'b')
for x, y in (a, b), (b, a):
    x.send(b'x')
    if wait == 'n':
        while select.select([y], [], [], 20)[0]:
            try:
                y.recv(9)
                break
            except BlockingIOError:
                pass
    else:
        y.recv(9)
";

#[test]
fn latency_is_made_or_says_that_it_is_not() {
    let Some(python) = require("python3") else { return };
    let (made, blocking, nonblocking, wrong) =
        ("2 fired, skipped 0", "skipped 2 (blocking socket 2)", "skipped 2 (nonblocking socket 2)", "(precondition 2)");
    for (rule, tcp, udp, unix) in [
        ("in,out : latency 1ms", [made, made], [made, made], [made, made]),
        ("in : latency 1ms", [made, made], [made, made], [made, made]),
        ("out : latency 1ms", [made, made], [made, made], [made, nonblocking]),
        ("in,out : latency 1ms out", [made, nonblocking], [made, made], [made, nonblocking]),
        ("in,out : latency 1ms in", [made, made], [made, made], [made, made]),
        ("out : latency 1ms in", [blocking, made], [blocking, nonblocking], [blocking, nonblocking]),
        ("in : latency 1ms out", [wrong, wrong], [wrong, wrong], [wrong, wrong]),
    ] {
        for (kind, want) in [("tcp", tcp), ("udp", udp), ("unix", unix)] {
            for (wait, want) in ["b", "n"].into_iter().zip(want) {
                let run = Run::new(&python).args(["-c", TALK, kind, wait]).with_summary();
                let run = run.options(["-e", "bind", "--fault", rule]).run(How::Command(Form::Json));
                run.assert_success();
                assert!(run.err().contains(want), "{rule} {kind} {wait}: {}", run.err());
            }
        }
    }
}
