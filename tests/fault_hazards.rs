//! Ways in which an injected fault could lie to a program: docs/FAULTS.md numbers them and names the test of each.

use socklens_testkit::{Form, How, Outcome, Run, compile, diff, not_tested, paths};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

fn scenes() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| compile("hazards")).clone()
}

/// A scene of `tests/programs/hazards.c` with a rule.
fn with(scene: &str, rule: &str, options: &[&str]) -> Outcome {
    let run = Run::new(scenes()).args(scene.split_whitespace()).options(options);
    let run = run.options(["--seed", "42", "--fault", rule]).run(How::Command(Form::Json));
    run.assert_success();
    run
}

/// What the scene prints, and that as many faults were injected, or none.
#[track_caller]
fn tells(scene: &str, rule: &str, want: &str) -> Outcome {
    let run = with(scene, rule, &[]);
    assert!(run.out() == want, "{scene}, {rule}:\n{}", diff(want.as_bytes(), &run.stdout));
    assert!(!run.fired().is_empty(), "{scene}: {rule}: nothing was injected");
    run
}

#[track_caller]
fn nothing(scene: &str, rule: &str, want: &str) {
    let run = with(scene, rule, &[]);
    assert!(run.out() == want, "{scene}, {rule}:\n{}", diff(want.as_bytes(), &run.stdout));
    assert_eq!(run.fired().len(), 0, "{scene}: {rule}: {}", run.log_text());
}

#[test]
fn the_one_error_is_told_once() {
    let run = tells("once", "recv @n=1 : error ETIMEDOUT", "recv ETIMEDOUT\nSO_ERROR 0\nrecv 0\nsend EPIPE\n");
    // Nobody waited for this timeout, and the log says how it came about.
    assert!(run.log_text().contains(r#""recipe":"native reset, errno translated""#));
}

#[test]
fn a_one_shot_watch_is_not_renewed() {
    for rule in ["recv : short 1", "recv @n=1 : short 2"] {
        let want = format!("epoll 1\nrecv {}\nepoll 0\nepoll 1\n", rule.split(' ').next_back().unwrap());
        tells("one-shot", rule, &want);
    }
    tells("one-shot", "recv @n=1 : again", "epoll 1\nrecv EAGAIN\nepoll 0\nepoll 1\n");
}

#[test]
fn an_exclusive_watch_is_told_again() {
    tells("exclusive", "accept @n=1 : again", "epoll 1\naccept EAGAIN\nepoll 1\naccept 0\n");
}

#[test]
fn eagain_of_a_timeout_takes_its_time() {
    tells("patience", "recv @n=1 : again", "recv EAGAIN\nlate\nrecv 5\n");
}

#[test]
fn signals_go_to_the_first_thread() {
    nothing("other-thread", "recv @n=1 : eintr", "recv 5\n");
    let run = with("other-thread", "recv @n=1 : eintr", &["--realism", "posix"]);
    assert_eq!(run.out(), "recv EINTR\n");
}

#[test]
fn a_blocking_send_is_whole_without_a_handler() {
    nothing("whole-sends", "send : short 3", "send 10\n");
    tells("whole-sends h", "send : short 3", "send 3\n");
}

#[test]
fn counts_that_no_kernel_gives_are_not_given() {
    nothing("counts", "in,out : short 1", "waitall 10\none 1\nnothing 0\ndatagram 8\nsent 8\ndatagram 8\n");
}

#[test]
fn what_was_not_asked_for_is_not_touched() {
    tells("untouched", "in : short 5", "recv 5\n01234########### errno 77\nreadv 5\n5678 9####### errno 77\n");
}

#[test]
fn what_was_promised_is_there() {
    tells("promises", "in : short 2", "FIONREAD 10\nrecv 10\npeek 7\nrecv 7\nrecv 2\n");
    let again = with("promises", "in @n=3 : again", &[]);
    assert_eq!(again.out(), "FIONREAD 10\nrecv 10\npeek 7\nrecv 7\nrecv 3\n");
    let reset = with("promises", "recv : reset", &[]);
    assert!(reset.out().starts_with("FIONREAD 10\nrecv 10\n"), "{}", reset.out());
}

#[test]
fn the_datagram_looked_at_is_the_one_read() {
    tells("looked-at", "recv : drop gap 2", "00 22 44 \n");
    let run = with("looked-at", "recv : drop 50%", &[]);
    assert!(!run.fired().is_empty() && run.out().split_whitespace().all(|p| p[..1] == p[1..]), "{}", run.out());
}

#[test]
fn a_lost_datagram_is_no_empty_queue() {
    tells("survivors", "recv : drop gap 2", "024 EAGAIN\n");
    tells("survivors", "recv : drop 100%", " EAGAIN\n");
}

#[test]
fn a_doubled_datagram_shows_everywhere() {
    let want = "epoll 1\npoll 1\nrecv 1\nepoll 1\npoll 1\nrecv 1\nepoll 0\nrecv EAGAIN\n";
    tells("copy-shows", "recv : dup 100%", want);
    tells("copy-shows u", "recv : dup 100%!", want);
}

#[test]
fn a_shutdown_that_fails_is_of_a_dead_connection() {
    let want = "shutdown ENOTCONN\nsend ECONNRESET\nrecv 0\nother end ECONNRESET\n";
    tells("shut-dead", "shutdown @n=1 : error ENOTCONN", want);
}

#[test]
fn a_close_that_fails_has_closed() {
    let run = with("shut-files", "close : error EIO", &["--realism", "posix"]);
    assert_eq!(run.out(), "close EIO\nagain EBADF\nother end 0\n");
}

#[test]
fn nothing_comes_after_the_end() {
    for option in ["", " n"] {
        let want = "recv 0\nrecv 0\nread 0\nreadv 0\nrecvmsg 0\npeek 0\ncopy 0\n";
        tells(&format!("late-data{option}"), "recv @n=1 : eof", want);
    }
}

#[test]
fn a_partition_fills_the_buffer() {
    tells("fills", "send @n=1 : blackhole in", "full EAGAIN\npoll 0\npoll 0\n");
}

#[test]
fn a_slow_connection_holds_no_other_back() {
    tells("beside", "stream conn=#2 : latency 1s", "fast 6\nslow 6\n");
    for rule in ["stream : latency 500ms", "out : latency 500ms"] {
        tells("gated", rule, "recv 6\nlate\n");
    }
}

#[test]
fn no_event_is_lost() {
    for option in ["", " e"] {
        for rule in ["epoll_wait : clamp 1", "epoll_wait : shuffle", "epoll_wait : clamp 2, shuffle"] {
            tells(&format!("all-told{option}"), rule, "63\n");
        }
    }
}

#[test]
fn a_blocking_socket_is_never_called_ready() {
    let run = with("not-ready", "poll : spurious", &[]);
    assert_eq!(run.out(), "poll 0\n");
}

#[test]
fn descriptors_travel_once() {
    tells("passed", "out : short 3", "sendmsg 3\n10 bytes, 1 descriptors\n");
    tells("passed", "in : short 3", "sendmsg 10\n10 bytes, 1 descriptors\n");
}

#[test]
fn many_messages_fail_as_a_whole() {
    tells("many", "sendmmsg @n=1 : error EPERM", "sendmmsg EPERM\nsendmmsg 4\n4\n");
}

#[test]
fn a_thread_in_a_storm_can_be_cancelled() {
    tells("cancelled", "recv : again", "cancelled\n");
}

#[test]
fn storms_let_the_program_get_on() {
    for rule in ["recv : again", "recv : error EAGAIN", "recv @p=100% : again"] {
        tells("storm", rule, "2\n");
    }
    tells("storm", "recv : again 4", "5\n");
}

#[test]
fn a_chance_for_connections_is_drawn_once_for_each() {
    let out = with("by-connection", "recv @scope=conn @p=50% : eof", &[]).out();
    assert!(out.trim().chars().all(|c| c == '0' || c == '4'), "{out}");
    assert!(out.contains('0') && out.contains('4'), "{out}");
}

#[test]
fn a_scrubbed_environment_keeps_its_rules() {
    tells("scrubbed", "recv : again", "2\n");
}

#[test]
fn a_kernel_that_refuses_has_its_connection_ended() {
    let out = Command::new(compile("refusing_kernel"))
        .arg(&paths().command)
        .args(["run", "--quiet", "-o", "/dev/null", "--fault", "recv : reset", "--"])
        .arg(compile("conform"))
        .args(["recv", "stay", "6"])
        .output()
        .unwrap();
    if out.status.code() == Some(77) {
        return not_tested("a kernel that refuses AF_UNSPEC: no seccomp filter can be installed");
    }
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let lines: Vec<&str> = said.lines().filter(|l| l.starts_with("recv") || l.starts_with("send")).collect();
    let want = [
        "recv = -1 ECONNRESET",
        "recv = 0",
        "send = -1 EPIPE SIGPIPE*1",
        "send = -1 EPIPE SIGPIPE*1",
        "send quietly = -1 EPIPE",
        "recv of the child = 0",
        "recv of the copy = 0",
        "recv of the copy = 0",
    ];
    assert_eq!(lines, want, "{said}");
    assert!(said.contains("epoll = IN OUT RDHUP HUP") && said.ends_with("peer: 0 bytes, then end\n"), "{said}");
}

#[test]
fn bytes_of_a_stream_do_not_change() {
    for rule in ["stream : corrupt bits=1 1%", "recv : drop 1%", "send : return 5"] {
        let check = Command::new(&paths().command).args(["rules", "check", rule]).output().unwrap();
        let said = String::from_utf8_lossy(&check.stderr).into_owned();
        if rule.starts_with("recv") {
            // Allowed for the datagrams among them; a stream's are passed over.
            nothing("storm", rule, "1\n");
            continue;
        }
        assert_eq!(check.status.code(), Some(2), "{rule}: {said}");
        assert!(said.contains("realism"), "{said}");
    }
}

#[test]
fn the_page_names_a_test_for_each() {
    let page = std::fs::read_to_string(paths().root.join("docs/FAULTS.md")).unwrap();
    let (_, table) = page.split_once("## How a fault could lie").expect("the section");
    let rows: Vec<&str> = table.lines().filter(|l| l.starts_with("| ")).collect();
    let dir = paths().root.join("tests");
    let names = [
        "faults.rs",
        "fault_datagrams.rs",
        "fault_hazards.rs",
        "fault_conformance.rs",
        "fault_programs.rs",
        "fault_actions.rs",
        "fault_gate.rs",
    ];
    let sources: String = names.map(|n| std::fs::read_to_string(dir.join(n)).unwrap()).concat();
    let mut numbers = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let Ok(number) = cells[0].parse::<u32>() else { continue };
        numbers.push(number);
        let tests: Vec<&str> = cells[3].split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty() || cells[3].starts_with("not"), "{row}");
        for t in tests {
            assert!(
                sources.contains(&format!("fn {t}()")) || sources.contains(&format!("what: \"{t}\"")),
                "{t} of {row}"
            );
        }
    }
    assert_eq!(numbers, (1..=43).collect::<Vec<u32>>());
}
