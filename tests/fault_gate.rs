//! What has arrived and is held back (`latency`, `rate in`) is not told ready before it can be received, although the kernel
//! tells the end of a stream at once.

use socklens_testkit::{Form, How, Run, compile, diff};
use std::path::PathBuf;
use std::sync::OnceLock;

fn program() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| compile("early_end")).clone()
}

const ALL: [&str; 12] = [
    "poll",
    "ppoll",
    "many",
    "select",
    "pselect",
    "level",
    "edge",
    "oneshot",
    "exclusive",
    "rdhup",
    "renewed",
    "pwait2",
];

/// What the program prints of `kind`, with what its letters ask for.
#[track_caller]
fn tells(kind: &str, letters: &str, rule: &str, want: &str) {
    let run = Run::new(program()).args([kind, letters]).options(["--seed", "7", "--fault", rule]);
    let run = run.run(How::Command(Form::Json));
    run.assert_success();
    assert!(run.out() == want, "{kind} {letters}:\n{}\n{}", diff(want.as_bytes(), &run.stdout), run.log_text());
    assert!(!run.fired().is_empty(), "{kind}: nothing was injected");
}

#[test]
fn the_end_of_a_stream_is_told_when_it_is_due() {
    for kind in ALL {
        // A one-shot that fires before the end is known to come early is told once in vain.
        let want = match kind {
            "oneshot" => "6 bytes, early, 1 receives in vain, 0 ticks held up\n",
            _ => "6 bytes, in time, 0 receives in vain, 0 ticks held up\n",
        };
        tells(kind, "", "out : latency 300ms in", want);
    }
}

#[test]
fn it_is_so_with_both_sides_shut() {
    for kind in ALL.into_iter().filter(|k| *k != "oneshot") {
        tells(kind, "h", "out : latency 300ms in", "6 bytes, in time, 0 receives in vain, 0 ticks held up\n");
    }
}

#[test]
fn an_error_is_told_at_once() {
    for kind in ["poll", "select", "level", "edge"] {
        let want = "recv ECONNRESET\n0 bytes, early, 0 receives in vain, 0 ticks held up\n";
        tells(kind, "r", "out : latency 300ms in", want);
    }
}

#[test]
fn what_comes_unasked_for_is_held_back_once_it_is_met() {
    for kind in ALL.into_iter().filter(|k| *k != "rdhup") {
        for letter in ["u", "x"] {
            let want = "6 bytes, early, 1 receives in vain, 0 ticks held up\n";
            tells(kind, letter, "in : latency 300ms", want);
        }
    }
}
