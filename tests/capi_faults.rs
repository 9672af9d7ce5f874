//! Fault rules by the C API: the same however the library came into the process.

use socklens_testkit::capi::{STRICT, linked, ok, unlinked};
use socklens_testkit::{Form, How, Log, Run, Scratch, compile_with, paths};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

/// Error codes of include/socklens.h.
const ENOLIB: i32 = -7;
const EBYPASS: i32 = -8;
const ECOPY: i32 = -9;

const PROGRAM: &str = "capi_faults";

/// Linked, preloaded, and in a session of the command.
#[track_caller]
fn everywhere(test: &str) {
    ok(&linked(PROGRAM).arg(test).run(How::Raw));
    ok(&unlinked(PROGRAM).args(["default", test]).run(How::Silent));
    for form in [Form::Text, Form::Json] {
        ok(&unlinked(PROGRAM).args(["default", test]).run(How::Command(form)));
    }
    ok(&unlinked(PROGRAM).args(["default", test]).run(How::Alone(Form::Json)));
}

#[test]
fn rules_come_and_go() {
    everywhere("rules");
}

#[test]
fn rules_are_listed_with_their_counts() {
    everywhere("list");
}

#[test]
fn a_scope_is_for_its_thread_only() {
    everywhere("scopes");
}

#[test]
fn forked_children_have_their_parents_rules() {
    everywhere("forked");
}

#[test]
fn a_signal_handler_is_never_kept_waiting() {
    everywhere("signals");
}

#[test]
fn null_and_garbage_are_refused() {
    everywhere("garbage");
}

#[test]
fn delays_are_as_long_as_they_say() {
    everywhere("times");
}

#[test]
fn a_seed_decides_the_same_in_every_run_and_every_mode() {
    let runs = [
        linked(PROGRAM).arg("seeds").run(How::Raw),
        linked(PROGRAM).arg("seeds").run(How::Raw),
        unlinked(PROGRAM).args(["default", "seeds"]).run(How::Silent),
        unlinked(PROGRAM).args(["default", "seeds"]).run(How::Command(Form::Json)),
    ];
    for run in &runs {
        run.assert_success();
        assert_eq!(run.out(), runs[0].out(), "{}", run.label);
    }
}

#[test]
fn where_it_cannot_be_that_is_said() {
    let library = paths().library.display().to_string();
    ok(&unlinked(PROGRAM).args([library.as_str(), "expect", &EBYPASS.to_string()]).run(How::Raw));
    // Opened by a program that has it already, it is that one.
    ok(&unlinked(PROGRAM).args([library.as_str(), "rules"]).run(How::Silent));
    let scratch = Scratch::new();
    let copy = scratch.join("libsocklens.so");
    fs::copy(&paths().library, &copy).unwrap();
    let without = unlinked(PROGRAM).args(["default", "expect", &ENOLIB.to_string()]).env("LD_PRELOAD", &copy);
    ok(&without.run(How::Raw));
    fs::copy(&paths().alone, scratch.join("libsocklens-alone.so")).unwrap();
    let copy = copy.display().to_string();
    ok(&unlinked(PROGRAM).args([copy.as_str(), "expect", &ECOPY.to_string()]).run(How::Silent));
    // The copy that came first has rules whatever comes behind it.
    fs::copy(&paths().faults, scratch.join("libsocklens-faults.so")).unwrap();
    ok(&linked(PROGRAM).arg("rules").env("LD_PRELOAD", &copy).run(How::Raw));
}

#[test]
fn what_fired_is_in_the_log() {
    for how in [How::Command(Form::Json), How::Alone(Form::Json)] {
        let run = unlinked(PROGRAM).args(["default", "forked"]).run(how);
        let log: Log = run.json();
        let fired: Vec<_> = log.calls(&["send"]).filter(|r| r["injected"].is_array()).collect();
        assert_eq!(fired.len(), 1, "{}", run.label);
        assert_eq!(fired[0]["errno"]["s"], "ENOMEM", "{}", fired[0]);
    }
}

#[test]
fn the_command_and_the_program_change_the_same_rules() {
    let program = compile_with(PROGRAM, PROGRAM, &STRICT);
    let mut run = Command::new(&paths().command)
        .args(["run", "-q", "-o", "/dev/null", "--"])
        .arg(program)
        .args(["default", "command"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(run.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let session = run.id().to_string();
    let fault = |args: &[&str]| {
        let out =
            Command::new(&paths().command).arg("fault").args(args).args(["--session", &session]).output().unwrap();
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    let list = fault(&["list"]);
    let rows: Vec<&str> = list.lines().collect();
    assert!(rows[1].contains("on") && rows[1].ends_with("mine = send : error ENOMEM!"), "{list}");
    assert!(rows[2].ends_with("recv : short 1  # for one thread"), "{list}");
    fault(&["rm", "mine"]);
    fault(&["add", "late = shutdown : log"]);
    run.stdin.take().unwrap().write_all(b"x").unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "ok\n");
    assert!(run.wait().unwrap().success());
}

#[test]
fn the_environment_has_rules_too() {
    let run = |rules: &str| unlinked(PROGRAM).args(["default", "environment"]).env("SOCKLENS_FAULT", rules);
    let rule = "send @n=1 @scope=process : error ENOMEM!";
    ok(&run(rule).run(How::Silent));
    ok(&linked(PROGRAM).arg("environment").env("SOCKLENS_FAULT", rule).run(How::Raw));
    ok(&run(rule).env("SOCKLENS_SEED", "18446744073709551615").run(How::Silent));
    let logged = run(rule).env("SOCKLENS_SEED", "7").run(How::Alone(Form::Text)).log_text();
    assert!(logged.contains("(INJECTED error @0 seed 7 rule #1)"), "{logged}");
    // A program that is executed begins with them anew.
    let program = compile_with(PROGRAM, PROGRAM, &STRICT).display().to_string();
    let shell = format!("exec {program} default environment");
    ok(&Run::new("/bin/sh").args(["-c", &shell]).env("SOCKLENS_FAULT", rule).run(How::Silent));
    // In a session they do nothing: it has its own.
    let session =
        unlinked(PROGRAM).args(["default", "rules"]).env("SOCKLENS_FAULT", rule).run(How::Command(Form::Text));
    assert_eq!(session.out(), "ok\n");
}

#[test]
fn wrong_rules_in_the_environment_are_told_and_the_program_runs() {
    for (variables, words) in [
        (&[("SOCKLENS_FAULT", "send : lgo")][..], &["unknown action `lgo`", "^^^", "did you mean `log`?"][..]),
        (&[("SOCKLENS_FAULT", "send : log"), ("SOCKLENS_SEED", "x1")], &["SOCKLENS_SEED is not a number"]),
    ] {
        let mut run = Run::new("/bin/echo").arg("fine");
        for (name, value) in variables {
            run = run.env(name, value);
        }
        let outcome = run.run(How::Silent);
        outcome.assert_success();
        assert_eq!(outcome.out(), "fine\n");
        let err = outcome.err();
        assert!(words.iter().all(|w| err.contains(w)) && err.contains("no fault is caused in this program"), "{err}");
    }
}
