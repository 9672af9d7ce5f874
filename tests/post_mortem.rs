//! `socklens ps` and `socklens read`: sessions whose command was killed. Apart from the other tests, which count sessions.

use socklens_testkit::{Log, Running, Scratch, paths};
use std::process::{Command, Output, Stdio};

fn socklens(args: &[&str]) -> Output {
    Command::new(&paths().command).args(args).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn what_a_killed_command_left_is_listed_read_and_removed() {
    let scratch = Scratch::new();
    let mut running = Running::start(&scratch, "then_wait", &[]);
    let pid = running.run.id().to_string();
    let listed = text(&socklens(&["ps"]).stdout);
    let line = |all: &str| all.lines().find(|l| l.split_whitespace().nth(1) == Some(&pid)).map(str::to_owned);
    assert!(line(&listed).is_some_and(|l| l.contains("running") && l.contains("then_wait")), "{listed}");
    // While its command lives, the session is not to be taken away from it.
    let out = socklens(&["read", &pid]);
    assert_eq!(out.status.code(), Some(2), "{out:?}");
    assert!(text(&out.stderr).contains("is read by process"), "{out:?}");

    // Stopped, it reads nothing of what the program does now; killed, it never will.
    // SAFETY: a child of this test that was not waited for.
    unsafe { libc::kill(running.run.id() as i32, libc::SIGSTOP) };
    assert_eq!(running.asked("x"), "sent\n");
    running.run.kill().unwrap();
    running.run.wait().unwrap();
    let listed = text(&socklens(&["ps"]).stdout);
    assert!(line(&listed).is_some_and(|l| l.contains("without reader")), "{listed}");
    // The program goes on, and is followed to its end.
    let reading = Command::new(&paths().command)
        .args(["read", &pid, "--format", "json", "-o", scratch.join("rest").to_str().unwrap()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(running.input);
    let out = reading.wait_with_output().unwrap();
    assert!(out.status.success(), "{out:?}");
    assert!(text(&out.stderr).contains("recorded"), "{out:?}");
    let rest = Log::parse(&std::fs::read(scratch.join("rest")).unwrap()).unwrap();
    let sends: Vec<_> = rest.calls(&["send"]).collect();
    assert_eq!(sends.len(), 101, "a hundred from the session's memory, one since");
    assert_eq!(sends[100]["ret"], 4, "{}", sends[100]);
    assert!(sends.iter().all(|s| s["conn"] == sends[0]["conn"] && s["conn"].is_u64()), "{}", sends[0]);
    let listed = text(&socklens(&["ps"]).stdout);
    assert!(line(&listed).is_none(), "{listed}");
}

#[test]
fn rules_of_what_has_ended_are_not_changed() {
    let scratch = Scratch::new();
    let mut running = Running::start(&scratch, "then_wait", &["--fault", "send : log"]);
    let pid = running.run.id().to_string();
    let child = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    running.run.kill().unwrap();
    running.run.wait().unwrap();
    // Its program ends with its input; the session stays.
    drop(running.input);
    let gone = format!("/proc/{}/exe", child.split_whitespace().next().unwrap());
    let ended = (0..6000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        std::fs::read_link(&gone).is_err()
    });
    assert!(ended);
    for words in [&["add", &pid, "recv : eof"][..], &["rm", &pid, "1"], &["clear", &pid], &["pause", &pid, "1"]] {
        let out = socklens(&[&["fault"], words].concat());
        assert_eq!(out.status.code(), Some(2), "{out:?}");
        assert!(text(&out.stderr).contains("nothing runs in session"), "{out:?}");
    }
    let out = socklens(&["fault", "list", &pid]);
    assert!(out.status.success() && text(&out.stdout).contains("send : log"), "{out:?}");
    assert!(socklens(&["read", &pid]).status.success());
}

#[test]
fn what_is_no_session_is_told() {
    let scratch = Scratch::new();
    for (what, words) in [("00000000000000000000000000000000", "no session"), ("/nonexistent/x", "cannot read")] {
        let out = socklens(&["read", what]);
        assert_eq!(out.status.code(), Some(2), "{out:?}");
        assert!(text(&out.stderr).contains(words), "{out:?}");
    }
    let segment = scratch.join("segment");
    std::fs::write(&segment, [7u8; 9000]).unwrap();
    let out = socklens(&["read", segment.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(2), "{out:?}");
    assert!(!text(&out.stderr).contains("panicked"), "{out:?}");
}
