//! `stack=`: rules that go by any function that is running. The action `stack`.

use socklens_testkit::{Form, How, Outcome, Run, Scratch, compile_with, is_root, not_tested, paths, require};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
        let hits = |scene: &str, stack: &str| with(&p, scene, &format!("send stack={stack} : log")).fired().len();
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
    let hits = |rule: &str| with(&p, "calls", rule).fired().len();
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
    let hits = |scene: &str, rule: &str| with(&p, scene, rule).fired().len();
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
        run.fired().len()
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
        run.fired().len()
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
        run.fired().len()
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

/// The lines below a call's, without offsets.
fn shown(log: &str, call: &str) -> Vec<String> {
    let mut lines = log.lines().skip_while(|l| !l.contains(call));
    assert!(lines.next().is_some(), "{log}");
    let frame = |l: &str| l.strip_prefix(" > ").map(str::to_owned);
    let frames: Vec<String> = lines.map_while(frame).collect();
    for f in &frames {
        assert!(f.contains(") [0x") && f.ends_with(']'), "{f}");
    }
    frames.iter().map(|f| f.split("+0x").next().unwrap_or(f).rsplit('/').next().unwrap().to_owned()).collect()
}

#[test]
fn the_action_shows_the_stack() {
    let p = program("deep", &[]);
    let run = |how: How, rule: &str| {
        let run = Run::new(&p).arg("calls").arg(library());
        let run = match how {
            How::Alone(_) => run.env("SOCKLENS_FAULT", rule).env("SOCKLENS_STRLEN", "4"),
            _ => run.options(["-e", "bind", "--fault", rule]),
        };
        let run = run.run(how);
        run.assert_success();
        run
    };
    let want = ["sends", "relay", "by_library", "with_room", "aligned", "nested", "nested", "nested", "nested"];
    let functions = |f: &[String]| -> Vec<String> {
        f.iter().take(want.len()).map(|f| f.split('(').nth(1).unwrap().to_owned()).collect()
    };
    for how in [How::Command(Form::Text), How::Command(Form::Strace), How::Alone(Form::Text), How::Alone(Form::Strace)]
    {
        let run = run(how, "send : stack");
        let strace = matches!(how, How::Command(Form::Strace) | How::Alone(Form::Strace));
        let frames = shown(&run.log_text(), if strace { "sendto(" } else { "send(" });
        assert_eq!(functions(&frames), want, "{how:?}");
        assert!(frames[0].starts_with("deep(") && frames[1].starts_with("librelay.so("), "{frames:?}");
        assert!(frames.iter().any(|f| f == "deep(main"), "{frames:?}");
    }
    for how in [How::Command(Form::Json), How::Alone(Form::Json)] {
        let log = run(how, "send : stack").json();
        let send = log.calls(&["send"]).next().unwrap();
        assert_eq!(send["injected"][0]["action"], "stack");
        let frames = send["stack"].as_array().unwrap();
        let symbols: Vec<&str> = frames.iter().map(|f| f["symbol"].as_str().unwrap()).collect();
        assert_eq!(symbols[..want.len()], want);
        assert_eq!(frames[0]["module"].as_str(), p.canonicalize().unwrap().to_str());
        assert_eq!(frames[1]["module"].as_str(), library().to_str());
        // Where site= finds it.
        let (offset, inside) = (frames[0]["offset"].as_u64().unwrap(), frames[0]["inside"].as_u64().unwrap());
        assert!(inside > 0 && inside < 100, "{inside}");
        assert_eq!(with(&p, "calls", &format!("send site=deep+{offset:#x} : log")).fired().len(), 1);
    }
    // It changes nothing, and goes with others.
    let both = run(How::Command(Form::Text), "send stack=relay : log, stack; send stack=sorts : stack").log_text();
    assert!(both.contains("= 1 (INJECTED log") && both.contains("(INJECTED stack"), "{both}");
    assert_eq!(both.matches("INJECTED stack").count(), 1);
    let failed = run(How::Command(Form::Text), "send : error ECONNRESET, stack").log_text();
    assert_eq!(functions(&shown(&failed, "= -1 ECONNRESET")), want);
    // Before a signal that might be the end.
    let told = run(How::Command(Form::Text), "send : signal URG, stack").log_text();
    assert_eq!(functions(&shown(&told, "<unfinished ...> (INJECTED stack")), want);
}

#[test]
fn the_stack_is_shown_again_and_again() {
    let p = program("deep", &[]);
    // More often than there is room for at once.
    let run = Run::new(&p).arg("many").arg(library()).options(["-e", "bind", "--fault", "send : stack"]);
    let run = run.run(How::Command(Form::Json));
    run.assert_success();
    let log = run.json();
    let sends: Vec<_> = log.calls(&["send"]).collect();
    assert_eq!(sends.len(), 400);
    assert!(sends.iter().all(|s| s["stack"].as_array().is_some_and(|f| f.len() > 3 && f[0]["symbol"] == "sends")));
}

/// The innermost functions of `deep` in the scenes `calls` and `stays`.
const CALLS: [&str; 9] =
    ["sends", "relay", "by_library", "with_room", "aligned", "nested", "nested", "nested", "nested"];

/// The functions of a send's stack, as many as are in CALLS; a frame without a name is "".
fn functions(log: &str) -> Vec<String> {
    let frames = shown(log, "send(");
    let name = |f: &String| f.split(['(', ')']).nth(1).unwrap().to_owned();
    frames.iter().take(CALLS.len()).map(name).collect()
}

/// The log of a program once it shows a stack, while the program goes on.
fn while_it_runs(program: &[&str]) -> String {
    let own = Scratch::new();
    let log = own.join("log");
    let mut run = Command::new(&paths().command)
        .args(["run", "-q", "-e", "bind", "--fault", "send : stack", "-o"])
        .arg(&log)
        .arg("--")
        .args(program)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    let text = loop {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        if text.contains("_start") || text.contains("libc_start") || Instant::now() > end {
            break text;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    drop(run.stdin.take());
    assert!(run.wait().unwrap().success(), "{text}");
    text
}

#[test]
fn functions_that_are_not_exported_are_named_by_the_file() {
    for (name, more) in [("local", &[][..]), ("local-fixed", &["-no-pie"])] {
        let p = compile_with("deep", name, &[&["-O2", "-pthread", "-ldl"], more].concat());
        for form in [Form::Text, Form::Strace] {
            let run = Run::new(&p).arg("calls").arg(library()).options(["-e", "bind", "--fault", "send : stack"]);
            let run = run.run(How::Command(form));
            run.assert_success();
            let log = run.log_text().replace("sendto(", "send(");
            assert_eq!(functions(&log), CALLS, "{name} {form:?}");
        }
        // A rule in the program knows none of them.
        assert!(with(&p, "calls", "send stack=aligned : log").fired().is_empty());
    }
    // Names that are taken out of the file are not there; those of others are not put in their place.
    let stripped = compile_with("deep", "local-stripped", &["-O2", "-pthread", "-ldl", "-s"]);
    let run = Run::new(stripped).arg("calls").arg(library()).options(["-e", "bind", "--fault", "send : stack"]);
    let log = run.run(How::Command(Form::Text)).log_text();
    assert_eq!(functions(&log), ["", "relay", "", "", "", "", "", "", ""], "{log}");
}

#[test]
fn names_of_another_file_are_not_shown() {
    let local = compile_with("deep", "local", &["-O2", "-pthread", "-ldl"]);
    let (own, library) = (Scratch::new(), library());
    let moved = own.join("moved");
    let lines = |first: &str| {
        let script = format!("cp {} $0 && {first} exec $0 stays $1", local.display());
        let (moved, library) = (moved.to_str().unwrap(), library.to_str().unwrap());
        functions(&while_it_runs(&["sh", "-c", &script, moved, library]))
    };
    // Made while the session runs: the process that has it mapped tells.
    assert_eq!(lines(""), CALLS);
    // When the process has ended, that it was there before the session. This one was not.
    let script = format!("cp {} $0.2 && $0.2 calls $1", local.display());
    let run = Run::new("sh").args(["-c", &script, moved.to_str().unwrap(), library.to_str().unwrap()]);
    let log = run.options(["-e", "bind", "--fault", "send : stack"]).run(How::Command(Form::Text)).log_text();
    let all = functions(&log);
    assert!(all == CALLS || all.iter().all(|f| f.is_empty() || f == "relay"), "{log}");
    // Another one lies in its place, which a later look at the path would find.
    let other = compile_with("deep", "local-bp", &["-O2", "-fno-omit-frame-pointer", "-pthread", "-ldl"]);
    let swap = own.join("swap");
    std::fs::copy(&other, &swap).unwrap();
    let script = format!("cp {} $0 && exec $0 replaced $1 {}", local.display(), swap.display());
    let (moved, library) = (moved.to_str().unwrap(), library.to_str().unwrap());
    let all = functions(&while_it_runs(&["sh", "-c", &script, moved, library]));
    assert!(all.iter().all(|f| f.is_empty() || f == "relay") && all.len() == CALLS.len(), "{all:?}");
}

#[test]
fn a_process_in_another_mount_namespace_has_its_own_files() {
    let Some(unshare) = require("unshare").filter(|_| is_root()) else {
        return not_tested("functions in another mount namespace: needs root");
    };
    let local = compile_with("deep", "local", &["-O2", "-pthread", "-ldl"]);
    let own = Scratch::new();
    let place = own.join("place");
    std::fs::create_dir(&place).unwrap();
    // Here the path is of something else.
    std::fs::copy("/bin/true", place.join("deep")).unwrap();
    let (place, library) = (place.to_str().unwrap().to_owned(), library());
    let script = "mount -t tmpfs none $0 && cp $1 $0/deep && exec $0/deep stays $2";
    let program = [unshare.to_str().unwrap(), "-m", "sh", "-c", script, &place, local.to_str().unwrap()];
    let all = functions(&while_it_runs(&[&program[..], &[library.to_str().unwrap()]].concat()));
    assert_eq!(all, CALLS);
}

#[test]
fn names_are_as_the_source_has_them() {
    let Some(compiler) = require("g++") else { return };
    let own = Scratch::new();
    let (source, program) = (own.join("boxes.cc"), own.join("boxes"));
    let text = "#include <sys/socket.h>\n\
                namespace net { template<class T> struct Box { __attribute__((noinline)) int put(int fd, T v) \
                { int r = send(fd, &v, 1, 0); asm volatile(\"\"); return r; } }; }\n\
                template struct net::Box<char>;\n\
                int main() { int s[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, s); net::Box<char> b; return b.put(s[0], 0) != 1; }";
    std::fs::write(&source, text).unwrap();
    assert!(Command::new(compiler).args(["-O0", "-o"]).args([&program, &source]).status().unwrap().success());
    let run = Run::new(&program).options(["-e", "bind", "--fault", "send : stack"]);
    let text = run.clone().run(How::Command(Form::Text)).log_text();
    assert!(text.contains("(net::Box<char>::put(int, char)+0x"), "{text}");
    let log = run.run(How::Command(Form::Json)).json();
    let frame = &log.calls(&["send"]).next().unwrap()["stack"][0];
    assert_eq!(frame["symbol"], "_ZN3net3BoxIcE3putEic");
    assert_eq!(frame["function"], "net::Box<char>::put(int, char)");
}
