//! The command from outside: options, messages and exit statuses. Programs are traced by the tests of crates/testkit.

use std::process::{Command, Output};

fn socklens(args: &[&str]) -> Output {
    let mut c = Command::new(env!("CARGO_BIN_EXE_socklens"));
    c.args(args).env("SOCKLENS_LIBRARY", "/nonexistent/libsocklens.so").output().unwrap()
}

#[track_caller]
fn fails(args: &[&str], status: i32, words: &[&str]) {
    let out = socklens(args);
    let text = String::from_utf8_lossy(&out.stderr).into_owned() + &String::from_utf8_lossy(&out.stdout);
    assert_eq!(out.status.code(), Some(status), "{args:?}: {text}");
    for w in words {
        assert!(text.contains(w), "{args:?} does not say {w}: {text}");
    }
}

#[test]
fn usage_errors_exit_with_2_and_say_what_to_do() {
    fails(&[], 2, &["Usage"]);
    fails(&["run"], 2, &["CMD"]);
    fails(&["run", "--frmat", "x", "true"], 2, &["--format"]);
    fails(&["run", "-e", "conect", "true"], 2, &["conect", "connect"]);
    fails(&["run", "-e", "inject=connect:eror=EIO", "true"], 2, &["eror", "`error`"]);
    fails(&["run", "--fault", "recv : shrt 1", "true"], 2, &["unknown action `shrt`", "^^^^ did you mean `short`?"]);
    fails(
        &["run", "--fault", "poll : latency 1ms", "true"],
        2,
        &["does nothing for these calls: `latency`", "^^^^^^^"],
    );
    fails(&["rules", "check", "connect : rate 1MB/s"], 2, &["it is for in and out"]);
    fails(&["rules", "check", "out : eof"], 2, &["it is for receives of streams"]);
    fails(&["rules", "check", "wait : reset"], 2, &["shutdown, close"]);
    fails(&["rules", "check", "in : timeout 1s"], 2, &["it is for connect and sends"]);
    fails(&["run", "--faults", "/dev/zero", "true"], 2, &["cannot read /dev/zero: more than 1 MiB"]);
    fails(&["run", "--replay", "/dev/zero", "true"], 2, &["cannot read /dev/zero: more than 256 MiB"]);
    fails(&["fault", "add", "no-such-session", "recv : eof"], 2, &["there is no session `no-such-session`"]);
    fails(&["fault", "--session", "a", "rm", "b", "c"], 2, &["two sessions are named"]);
    fails(&["run", "--faults", "/nonexistent.toml", "true"], 2, &["cannot read /nonexistent.toml"]);
    fails(&["run", "--seed", "many", "true"], 2, &["seed"]);
    fails(&["run", "--realism", "reel", "true"], 2, &["kernel", "posix"]);
    fails(&["run", "--where", "peeer=1", "true"], 2, &["peer"]);
    fails(&["run", "--wait", "soon", "true"], 2, &["10s"]);
    fails(&["run", "-E", "=x", "true"], 2, &["name"]);
    fails(&["help", "nothing"], 2, &["nothing"]);
    fails(&["check"], 2, &["PROGRAM"]);
}

#[test]
fn programs_that_cannot_run_have_the_shells_statuses() {
    fails(&["run", "no-such-program-anywhere"], 127, &["no such program in PATH"]);
    fails(&["run", "./no-such-program"], 127, &["no such file"]);
    fails(&["run", "/etc/passwd"], 126, &["chmod"]);
    fails(&["run", "/"], 126, &["directory"]);
    fails(&["run", "true"], 1, &["SOCKLENS_LIBRARY", "/nonexistent/libsocklens.so"]);
}

#[test]
fn check_tells_what_can_be_traced() {
    let out = socklens(&["check", "sh"]);
    assert!(out.status.success());
    assert!(String::from_utf8_lossy(&out.stdout).contains("it can be traced"));
    fails(&["check", "no-such-program-anywhere"], 1, &["no such program"]);
    fails(&["check", "/etc/passwd", "sh"], 1, &["not executable", "it can be traced"]);
    // A file of another kind, and one that is no program.
    let dir = std::env::temp_dir().join(format!("socklens-check-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let make = |name: &str, bytes: &[u8]| {
        use std::os::unix::fs::PermissionsExt;
        let path = dir.join(name);
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let mut elf = std::fs::read("/proc/self/exe").unwrap();
    elf[18] = 0xf3;
    fails(&["check", &make("riscv", &elf)], 1, &["64-bit program for RISC-V"]);
    fails(&["check", &make("noise", b"noise")], 1, &["neither an ELF program nor a script"]);
    let script = make("script", b"#!/bin/sh\n");
    let out = socklens(&["check", &script]);
    assert!(String::from_utf8_lossy(&out.stdout).contains("is a script for /bin/sh"));
    // What is there and lacks what the kernel starts it with.
    let mut elf = std::fs::read("/proc/self/exe").unwrap();
    let at = elf.windows(7).position(|w| w == b"/lib64/").unwrap();
    elf[at..at + 7].copy_from_slice(b"/gone1/");
    fails(&["check", &make("loaderless", &elf)], 1, &["its loader /gone1/ld-linux", "does not exist"]);
    fails(&["check", &make("dangling", b"#!/no/such/sh\n")], 1, &["its interpreter /no/such/sh does not exist"]);
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn rules_are_checked_and_listed() {
    let out = socklens(&[
        "rules",
        "check",
        "--seed",
        "7",
        "in,out @n=3 : error ECONNRESET",
        "wait : shuffle; dgram : drop 1%",
    ]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success(), "{text}");
    for part in [
        "%in,%out @n=3 : error ECONNRESET\n",
        "native reset of a live connection: receiving (TCP), sending (TCP)",
        "event array of epoll_wait, if several are ready: waiting",
        "not sent: sending (UDP)",
        "3 rules, realism kernel, seed 7",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    fails(&["rules", "check"], 2, &["no rule is given"]);
    fails(&["rules", "check", "accept : abort"], 2, &["the kernel never does this: `abort`", "--realism posix"]);
    assert!(socklens(&["rules", "check", "accept : abort", "--realism", "posix"]).status.success());
    let file = std::env::temp_dir().join(format!("socklens-rules-{}.toml", std::process::id()));
    let path = file.to_str().unwrap();
    std::fs::write(&file, "seed = 5\nrealism = \"posix\"\n[profile.mine]\nlatency = \"3ms\"\n[[rule]]\ncalls = \"accept\"\ndo = \"abort\"\n").unwrap();
    let out = socklens(&["rules", "check", "--faults", path, "--fault", "stream : link mine"]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("accept : abort\n") && text.contains("stream : latency 3ms\n"), "{text}");
    assert!(text.contains("realism posix, seed 5"), "{text}");
    // The command line has the last word.
    fails(&["rules", "check", "--faults", path, "--realism", "kernel"], 2, &[":5: error", "abort"]);
    std::fs::write(&file, "[[rule]]\nped = 3\n").unwrap();
    fails(&["rules", "check", "--faults", path], 2, &[":2: error", "did you mean `pid`"]);
    std::fs::remove_file(file).unwrap();
    let out = socklens(&["rules", "list"]);
    let text = String::from_utf8(out.stdout).unwrap();
    for part in ["SELECTORS", "lossy-wifi", "ECONNABORTED", "receiving (TCP)"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(String::from_utf8(socklens(&["help", "rules"]).stdout).unwrap().contains("CONDITIONS"));
}

#[test]
fn help_schema_calls_and_version() {
    let text = |args: &[&str]| {
        let out = socklens(args);
        assert!(out.status.success(), "{args:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    assert!(text(&["--help"]).contains("Examples:"));
    assert!(text(&["run", "--help"]).contains("--where"));
    assert!(text(&["help", "filters"]).contains("trace="));
    assert!(text(&["help", "run"]).contains("Examples:"));
    assert!(text(&["schema"]).contains("https://json-schema.org/draft/2020-12/schema"));
    assert!(text(&["calls"]).contains("recvfrom"));
    assert_eq!(text(&["version"]), text(&["--version"]));
}
