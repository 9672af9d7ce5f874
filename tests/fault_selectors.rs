//! What fault rules can ask besides addresses: the place of a call in the program, a peer's name, a switch.

use socklens_testkit::{Form, How, Outcome, Run, Scratch, compile_with, paths, require};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The functions of the program are exported.
fn program(name: &str, more: &[&str]) -> PathBuf {
    compile_with("places", name, &[&["-O1", "-rdynamic", "-pthread"], more].concat())
}

fn with(program: &Path, scene: &str, rules: &[String]) -> Outcome {
    let mut run = Run::new(program).arg(scene).options(["-e", "bind", "--seed", "1"]).with_summary();
    for r in rules {
        run = run.options(["--fault", r]);
    }
    let run = run.run(How::Command(Form::Json));
    run.assert_success();
    run
}

#[test]
fn a_rule_goes_by_the_function_that_made_the_call() {
    let calls = |program: &Path, rule: &str| with(program, "calls", &[rule.to_owned()]).fired();
    for (name, more) in
        [("places", &[][..]), ("places-fixed", &["-no-pie"]), ("places-fp", &["-fno-omit-frame-pointer"])]
    {
        let p = program(name, more);
        assert_eq!(calls(&p, "any site=*!sends : log"), ["send", "send"], "{name}");
        assert_eq!(calls(&p, "any site=*!writes : log"), ["write", "write"]);
        assert_eq!(calls(&p, "any site=*!polls : log"), ["poll", "poll"]);
        // Seven arguments do not fit into registers.
        assert_eq!(calls(&p, "any site=*!names : log"), ["getnameinfo", "getnameinfo"]);
        assert_eq!(calls(&p, &format!("any site={name}!by_handler : log")), ["send"]);
        assert_eq!(calls(&p, &format!("send site={name} : log")).len(), 3);
        assert!(calls(&p, "any site=libc* : log").is_empty());
        assert!(calls(&p, "any site=*!nothing : log").is_empty());
    }
}

#[test]
fn a_rule_goes_by_the_address_to_which_a_call_returns() {
    let p = program("places-offset", &[]);
    let told = with(&p, "where", &[]).out();
    let at = u64::from_str_radix(told.trim().trim_start_matches("0x"), 16).unwrap();
    let rule = |n: u64| format!("send site=places-offset+{n:#x} : log");
    assert_eq!(with(&p, "where", &[rule(at)]).fired(), ["send"], "{told}");
    for other in [at - 1, at + 1, at + 4096] {
        assert!(with(&p, "where", &[rule(other)]).fired().is_empty(), "{other:#x}");
    }
}

#[test]
fn a_rule_goes_by_the_name_that_was_looked_up() {
    let p = program("places", &[]);
    let calls = |rule: &str| with(&p, "host", &[rule.to_owned()]).fired();
    assert_eq!(calls("connect host=local* : log"), ["connect"]);
    assert_eq!(calls("send host=localhost : log"), ["send"]);
    assert_eq!(calls("any host!=localhost : log"), [""; 0]);
    assert!(calls("connect host=other.* : log").is_empty());
    // Nobody looked it up.
    assert!(with(&p, "calls", &["any host=* : log".to_owned()]).fired().is_empty());
}

#[test]
fn a_signal_to_the_command_switches_a_rule() {
    let scratch = Scratch::new();
    let log = scratch.join("log");
    let rules = ["--fault", "one = send @cond=on(SIGUSR1) : log", "--fault", "two = send @cond=on(USR2) : log"];
    let mut run = Command::new(&paths().command)
        .args(["run", "-q", "--format", "json", "-e", "bind", "-o", log.to_str().unwrap()])
        .args(rules)
        .arg("--")
        .arg(socklens_testkit::compile("then_wait"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut input, mut output) = (run.stdin.take().unwrap(), BufReader::new(run.stdout.take().unwrap()));
    let mut says = |what: &str| {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, what);
    };
    says("ready\n");
    let pid = run.id() as i32;
    // State and firings of each rule.
    let rules = || {
        let out =
            Command::new(&paths().command).args(["fault", "--session", &pid.to_string(), "list"]).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let row = |l: &str| l.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let rows = text.lines().map(row).filter(|r| r[0] == "1" || r[0] == "2");
        rows.map(|r| format!("{} {}", r[1], r[3])).collect::<Vec<String>>()
    };
    let switch = |signal: i32, rule: usize, to: &str| {
        // SAFETY: our own child, which was not waited for.
        assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
        for _ in 0..2000 {
            if rules()[rule].starts_with(to) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("signal {signal} has switched nothing");
    };
    let mut sends = || {
        input.write_all(b"x").unwrap();
        says("sent\n");
    };
    sends();
    assert_eq!(rules(), ["off 0", "off 0"]);
    switch(libc::SIGUSR1, 0, "on");
    sends();
    assert_eq!(rules(), ["on 100", "off 0"]);
    switch(libc::SIGUSR2, 1, "on");
    switch(libc::SIGUSR1, 0, "off");
    sends();
    assert_eq!(rules(), ["off 100", "on 100"]);
    drop(input);
    assert!(run.wait().unwrap().success());
}

#[test]
fn without_the_command_nobody_switches() {
    let p = program("places", &[]);
    let run = Run::new(&p).arg("calls").env("SOCKLENS_FAULT", "any @cond=on(USR1) : eof").run(How::Alone(Form::Text));
    run.assert_success();
    assert!(!run.log_text().contains("INJECTED"), "{}", run.log_text());
}

/// What a program meets under one of strace's expressions, by itself.
const COUNTED: &str = "
import socket
a, b = socket.socketpair()
def does(call):
    try:
        call()
        return 'ok'
    except OSError as e:
        return str(e.errno)
print(*[does(f) for _ in range(4) for f in (lambda: a.send(b'x'), lambda: a.sendto(b'y', b''), lambda: b.recv(1))])
";

#[test]
fn when_counts_each_system_call_as_strace_does() {
    let (Some(python), Some(strace)) = (require("python3"), require("strace")) else { return };
    for expression in ["inject=sendto,recvfrom:error=EIO:when=2", "inject=recvfrom,sendto:error=ENOBUFS:when=2+3"] {
        let args = ["-qq", "-o", "/dev/null", "-e", expression, python.to_str().unwrap(), "-c", COUNTED];
        let theirs = Command::new(&strace).args(args).output().expect("strace");
        assert!(theirs.status.success(), "{}", String::from_utf8_lossy(&theirs.stderr));
        let ours = Run::new(&python).args(["-c", COUNTED]).options(["-e", "bind", "-e", expression]);
        let ours = ours.run(How::Command(Form::Json));
        ours.assert_success();
        assert_eq!(ours.out(), String::from_utf8(theirs.stdout).unwrap(), "{expression}");
    }
}
