//! `stack=`: rules that go by any function that is running. The action `stack`.

use socklens_testkit::{Form, How, Outcome, Run, Scratch, compile_with, paths, require};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The functions of the program are exported.
fn program(name: &str, more: &[&str]) -> PathBuf {
    compile_with("deep", name, &[&["-O2", "-rdynamic", "-pthread", "-ldl"], more].concat())
}

fn library() -> PathBuf {
    compile_with("relay", "librelay.so", &["-O2", "-shared", "-fPIC"])
}

fn with(program: &Path, scene: &str, rule: &str) -> Outcome {
    let run = Run::new(program).arg(scene).arg(library()).options(["-e", "bind", "--fault", rule]);
    let run = run.run(How::Command(Form::Json));
    run.assert_success();
    run
}

/// How often a rule fired.
fn fired(run: &Outcome) -> usize {
    run.log_text().lines().filter(|l| l.contains(r#""injected":["#)).count()
}

#[test]
fn a_rule_goes_by_any_function_that_is_running() {
    for (name, more) in [
        ("deep", &[][..]),
        ("deep-fixed", &["-no-pie"]),
        ("deep-bp", &["-fno-omit-frame-pointer"]),
        // Without tables, frames are found by rbp.
        ("deep-no-tables", &["-fno-omit-frame-pointer", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]),
    ] {
        let p = program(name, more);
        let hits = |scene: &str, stack: &str| fired(&with(&p, scene, &format!("send stack={stack} : log")));
        for function in ["sends", "by_library", "with_room", "aligned", "nested", "main", "relay", "librelay.so!relay"]
        {
            assert_eq!(hits("calls", function), 1, "{name}: {function}");
        }
        for place in
            [&format!("{name}!aligned"), "librelay.so", "librelay*", "with_r??m", "\"*!with_*\"", name, "libc*"]
        {
            assert_eq!(hits("calls", place), 1, "{name}: {place}");
        }
        for other in ["sorts", "librelay.so!sends", "relay!", "libm.so*", &format!("{name}!relay"), "alig"] {
            assert_eq!(hits("calls", other), 0, "{name}: {other}");
        }
        assert_eq!(hits("shallow", "nested"), 0);
        assert_eq!((hits("sorts", "sorts"), hits("sorts", "qsort*|libc*!qsort*")), (1, 1), "{name}");
        assert_eq!((hits("thread", "sorts"), hits("thread", "main")), (1, 0), "{name}");
        // What a signal interrupted is there as well.
        for scene in ["handler-here", "handler-apart"] {
            assert_eq!(
                (hits(scene, "by_handler"), hits(scene, "busy"), hits(scene, "main")),
                (1, 1, 1),
                "{name} {scene}"
            );
        }
        // No more than 64 frames.
        assert_eq!((hits("far", "nested"), hits("far", "main")), (1, 0), "{name}");
    }
}

#[test]
fn it_is_one_selector_among_others() {
    let p = program("deep", &[]);
    let hits = |rule: &str| fired(&with(&p, "calls", rule));
    assert_eq!(hits("send stack!=aligned : log"), 0);
    assert_eq!(hits("send stack!=sorts : log"), 1);
    assert_eq!(hits("send stack=aligned stack=relay not stack=sorts : log"), 1);
    assert_eq!(hits("send stack=aligned role=server : log"), 0);
    assert_eq!(hits("send (role=server or stack=aligned) site=*!sends : log"), 1);
    assert_eq!(hits("recv stack=aligned : log"), 0);
    assert_eq!(hits("send stack=sorts|aligned @n=2 : log"), 0);
    // Matches alone are counted.
    assert_eq!(hits("send stack=sorts @n=1 : log; send stack~al*ed @n=1 : log"), 1);
}

#[test]
fn what_cannot_be_told_ends_the_stack() {
    let p = program("deep", &[]);
    let hits = |scene: &str, rule: &str| fired(&with(&p, scene, rule));
    // Code without tables that keeps a frame is passed; above one that keeps none nothing is known, and nothing breaks.
    assert_eq!(hits("jit", "send stack=sends stack=jit stack=main : log"), 1);
    assert_eq!(hits("broken", "send stack=sends : log"), 4);
    assert_eq!(hits("broken", "send stack=main : log"), 0);
}

#[test]
fn the_environment_and_files_have_it_too() {
    let p = program("deep", &[]);
    let alone = |rule: &str| {
        let run = Run::new(&p).arg("calls").arg(library()).env("SOCKLENS_FAULT", rule).run(How::Alone(Form::Json));
        run.assert_success();
        fired(&run)
    };
    assert_eq!((alone("send stack=relay : log"), alone("send stack=sorts : log")), (1, 0));
    let own = Scratch::new();
    let file = own.join("rules.toml");
    let by_file = |stack: &str| {
        let text = format!("[[rule]]\ncalls = \"send\"\nstack = \"{stack}\"\ndo = \"log\"\n");
        std::fs::write(&file, text).unwrap();
        let options = ["-e", "bind", "--faults", file.to_str().unwrap()];
        let run = Run::new(&p).arg("calls").arg(library()).options(options).run(How::Command(Form::Json));
        run.assert_success();
        fired(&run)
    };
    assert_eq!((by_file("al*ned"), by_file("sorts")), (1, 0));
}

#[test]
fn python_is_below_its_own_calls() {
    let Some(python) = require("python3") else { return };
    let script = "import socket\na, b = socket.socketpair()\ndef f(n):\n  return f(n - 1) if n else a.send(b'x')\n\
                  sorted([2, 1], key=lambda n: f(9))\n";
    let hits = |rule: &str| {
        let run = Run::new(&python).args(["-c", script]).options(["-e", "bind", "--fault", rule]);
        let run = run.run(How::Command(Form::Json));
        run.assert_success();
        fired(&run)
    };
    // Its list is sorted in a function that is called from main.
    assert_eq!(hits("send stack=Py_BytesMain|Py_RunMain : log"), 2);
    assert_eq!(hits("send stack=PyNumber_Add stack=Py_BytesMain : log"), 0);
}

#[test]
fn a_wrong_word_is_pointed_at() {
    for (rule, said, caret) in [
        ("send stack<main : log", "no operator `<`", "^"),
        ("send stak=main : log", "`stack`", "^^^^"),
        ("send stack= : log", "", "^"),
    ] {
        let out = Command::new(&paths().command).args(["run", "--fault", rule, "--", "true"]).output().unwrap();
        let text = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{rule}: {text}");
        assert!(text.contains(said) && text.contains(caret), "{rule}: {text}");
    }
    let out = Command::new(&paths().command).args(["run", "--where", "stack=main", "--", "true"]).output().unwrap();
    let text = String::from_utf8(out.stderr).unwrap();
    assert!(out.status.code() == Some(2) && text.contains("only fault rules know `stack`"), "{text}");
}
