//! Rules under a strict seccomp filter: what they ask of a call costs no system call that the program does not make, or it dies.

use socklens_testkit::{Form, How, Outcome, Run, compile_with, not_tested};
use std::path::{Path, PathBuf};

/// Rules that ask for the place, the stack, and what goes over a connection.
const RULES: [&str; 8] = [
    "send stack=inner : log",
    "any stack=inner|main : stack",
    "any : stack",
    "any site=*!inner : stack, log",
    "any sni-host=*.example.org : log",
    "any sni-host!=other.org not stack=other : stack",
    "send sni-host=*.example.org stack=inner : error ENOBUFS",
    "any stack!=nothing : log",
];

fn hello() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/tests/hello/openssl.bin")
}

/// The functions of the program are exported.
fn program() -> PathBuf {
    compile_with("confined", "confined", &["-O2", "-rdynamic", "-pthread"])
}

fn run(scene: &str, how: How, rule: &str) -> Outcome {
    let run = Run::new(program()).arg(scene).arg(hello());
    match how {
        How::Raw | How::Silent => run.run(how),
        How::Alone(_) => run.env("SOCKLENS_FAULT", rule).run(how),
        How::Command(_) => run.options(["-e", "bind", "--fault", rule]).with_summary().run(how),
    }
}

/// Whether filters can be installed.
fn possible() -> bool {
    let fine = run("talk", How::Raw, "").status.code() != Some(77);
    if !fine {
        not_tested("rules under a filter: no seccomp filter can be installed");
    }
    fine
}

#[test]
fn a_confined_program_is_not_killed_for_what_rules_ask() {
    if !possible() {
        return;
    }
    for scene in ["talk", "pieces", "late"] {
        for rule in RULES {
            // Where the engine knows place and name before the filter comes, this fault is done then.
            if (scene, rule) == ("late", RULES[6]) {
                continue;
            }
            for how in [How::Command(Form::Json), How::Alone(Form::Json)] {
                let run = run(scene, how, rule);
                assert_eq!((run.status.code(), run.out().as_str()), (Some(0), "talked\n"), "{scene} {rule} {how:?}");
            }
        }
    }
}

#[test]
fn a_confined_program_matches_what_is_known_without_asking() {
    if !possible() {
        return;
    }
    let said = |scene: &str, rule: &str| run(scene, How::Command(Form::Json), rule).err();
    // Nine calls under the filter. The stack is not known there, whichever way it is asked about.
    for rule in ["in,out stack=inner : log", "in,out stack!=nothing : log", "in,out not stack=nothing : log"] {
        let not = usize::from(rule.contains("not ")) * 9;
        let want = format!("{not} matched, 0 fired, skipped {not}");
        assert!(said("talk", rule).contains(&want), "{rule}: {}", said("talk", rule));
    }
    // The name is known once it was sent; before that nothing may be read of memory that need not be there.
    let name = said("talk", "out sni-host=*.example.org : log");
    assert!(name.contains("3 matched, 0 fired, skipped 3 (confined 3)"), "{name}");
    let name = said("late", "out sni-host=*.example.org : log");
    assert!(name.contains("6 matched, 3 fired, skipped 3 (confined 3)"), "{name}");
    // Shown before the filter, not under it.
    let shown = said("late", "send : stack");
    assert!(shown.contains("4 matched, 2 fired, skipped 2 (confined 2)"), "{shown}");
}

#[test]
fn under_a_filter_that_was_there_before_no_stack_is_shown() {
    if !possible() {
        return;
    }
    let run = Run::new(program()).arg("exec").arg(hello()).with_summary();
    let run = run.options(["--memory", "file", "-e", "bind", "--fault", "send : stack; send stack=inner : log"]);
    let run = run.run(How::Command(Form::Json));
    assert_eq!((run.status.code(), run.out().as_str()), (Some(0), "talked\n"), "{}", run.err());
    assert!(run.err().contains("rule #1: 3 matched, 0 fired, skipped 3 (confined 3)"), "{}", run.err());
    assert!(run.err().contains("rule #2: 0 matched"), "{}", run.err());
}
