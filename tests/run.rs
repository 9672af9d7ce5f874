//! `socklens run`: statuses, errors, children, and what it says of what it has not seen.

use socklens_testkit::{Form, How, Leftovers, Log, Run, Scratch, compile, compile_with, not_tested, paths, sessions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn socklens(args: &[&str]) -> Output {
    let mut c = Command::new(&paths().command);
    c.args(args).env_remove("LD_PRELOAD").stdin(Stdio::null());
    c.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_exit_status_is_the_programs() {
    for status in [0, 1, 2, 42, 126, 127, 255] {
        let run = Run::new("/bin/sh").arg("-c").arg(format!("exit {status}")).run(How::Command(Form::Text));
        assert_eq!(run.status.code(), Some(status));
    }
}

#[test]
fn a_signal_that_kills_the_program_is_the_end_of_the_command_too() {
    for signal in [libc::SIGTERM, libc::SIGKILL, libc::SIGSEGV, libc::SIGHUP, libc::SIGUSR1] {
        let run = Run::new("/bin/sh").arg("-c").arg(format!("kill -{signal} $$")).run(How::Command(Form::Text));
        assert_eq!(run.status.signal(), Some(signal), "{:?}", run.status);
    }
}

#[test]
fn what_does_not_exist_is_127_and_what_cannot_be_executed_is_126() {
    let out = socklens(&["run", "--", "/no/such/program"]);
    assert_eq!(out.status.code(), Some(127), "{out:?}");
    assert!(text(&out.stderr).contains("/no/such/program"), "{out:?}");
    let out = socklens(&["run", "--", "no-such-program-anywhere"]);
    assert_eq!(out.status.code(), Some(127), "{out:?}");
    let scratch = Scratch::new();
    let file = scratch.join("file");
    std::fs::write(&file, "no program").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let out = socklens(&["run", "--", file.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(126), "{out:?}");
    let out = socklens(&["run", "--", scratch.path().to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(126), "a directory: {out:?}");
}

#[test]
fn wrong_options_are_explained_and_nothing_is_run() {
    let scratch = Scratch::new();
    let witness = scratch.join("ran");
    let touch = ["--", "/usr/bin/touch", witness.to_str().unwrap()];
    let cases: [(&[&str], &[&str]); 8] = [
        (&["--where", "prot=80"], &["prot", "^", "port"]),
        (&["--where", "fd=3 and"], &["^"]),
        (&["--where", "errno=ENOSUCH"], &["ENOSUCH", "^"]),
        (&["-e", "sned"], &["sned", "^", "send"]),
        (&["-e", "trace=%nett"], &["nett"]),
        (&["-e", "signal=none"], &["signal="]),
        (&["--format", "xml"], &["xml", "text", "json", "strace"]),
        (&["--no-such-option"], &["--no-such-option"]),
    ];
    for (options, said) in cases {
        let args: Vec<&str> = ["run"].iter().chain(options).chain(&touch).copied().collect();
        let out = socklens(&args);
        let err = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{options:?}: {err}");
        for word in said {
            assert!(err.contains(word), "{options:?} is not explained by {word:?}: {err}");
        }
        assert!(out.stdout.is_empty(), "{options:?}");
    }
    assert!(!witness.exists(), "the program was run all the same");
    assert_eq!(socklens(&["run"]).status.code(), Some(2), "no program named");
}

#[test]
fn without_o_the_log_goes_to_stderr_and_the_summary_ends_it() {
    let program = paths().examples.join("udp_echo");
    let out = socklens(&["run", "--", program.to_str().unwrap()]);
    let err = text(&out.stderr);
    assert!(out.status.success());
    assert!(err.contains("socket(AF_INET"), "{err}");
    let last = err.lines().last().unwrap_or_default();
    assert!(last.starts_with("socklens: ") && last.contains("calls recorded, 0 dropped"), "{err}");
    let raw = Run::example("udp_echo").run(How::Raw);
    assert_eq!(text(&out.stdout), raw.out());
    let quiet = socklens(&["run", "-q", "-e", "shutdown", "--", program.to_str().unwrap()]);
    // Where a process begins and ends is told all the same.
    let quiet = text(&quiet.stderr);
    assert!(quiet.lines().all(|l| l.contains(" --- ")), "{quiet}");
}

#[test]
fn a_log_file_that_cannot_be_written_is_an_error_before_anything_runs() {
    let out = socklens(&["run", "-o", "/no/such/directory/log", "--", "/bin/echo", "ran"]);
    assert!(!out.status.success() && out.stdout.is_empty(), "{out:?}");
    assert!(text(&out.stderr).contains("/no/such/directory/log"), "{out:?}");
}

#[test]
fn children_are_followed_unless_told_otherwise() {
    let program = Run::new(compile("internal_forks"));
    let all = program.run(How::Command(Form::Json)).json();
    assert_eq!(all.count(&["socketpair"]), 6);
    let run = program.options(["--no-follow"]).run(How::Command(Form::Json));
    run.assert_success();
    let own = run.json();
    assert_eq!(own.count(&["socketpair"]), 1);
    assert_eq!(own.pids().len(), 1);
}

#[test]
fn no_follow_leaves_no_trace_in_the_childrens_environment() {
    let run = Run::new("/bin/sh").args(["-c", "env"]).options(["--no-follow"]).run(How::Command(Form::Text));
    assert!(!run.out().contains("SOCKLENS") && !run.out().contains("LD_PRELOAD"), "{}", run.out());
}

#[test]
fn children_with_a_scrubbed_environment_are_followed() {
    let program = paths().examples.join("udp_echo");
    for script in ["env -i \"$1\"", "exec env -i \"$1\"", "env -u LD_PRELOAD \"$1\"", "unset LD_PRELOAD; \"$1\""] {
        let run = Run::new("/bin/sh").args(["-c", script, "sh"]).arg(&program).run(How::Command(Form::Json));
        run.assert_success();
        assert_eq!(run.json().count(&["sendto"]), 8, "{script}");
    }
}

/// Long enough for the program to be in its call.
const BLOCKED: Duration = Duration::from_millis(300);

#[test]
fn a_killed_programs_last_call_is_shown_as_unfinished() {
    let program = Run::new(compile("blocked_recv"));
    for form in [Form::Json, Form::Text, Form::Strace] {
        let bytes = program.killed_while_blocked(form, BLOCKED);
        let log = text(&bytes);
        match form {
            Form::Json => {
                let log = Log::parse(&bytes).unwrap();
                assert_eq!(log.count(&["send"]), 1000, "what came before");
                let unfinished = log.records.iter().filter(|r| r["flags"].to_string().contains("unfinished"));
                let names: Vec<&str> = unfinished.filter_map(|r| r["call"].as_str()).collect();
                assert_eq!(names, ["recv"]);
            }
            Form::Text => assert!(log.contains("recv(") && log.contains("unfinished"), "{log}"),
            Form::Strace => {
                let end = log.lines().rev().take(4).collect::<Vec<_>>();
                assert!(end.iter().any(|l| l.contains("recvfrom(") && l.contains("<unfinished ...>")), "{end:?}");
                assert!(end.iter().any(|l| l.contains("+++ killed by SIGKILL +++")), "{end:?}");
            }
        }
    }
}

#[test]
fn a_killed_wait_is_shown_also_when_what_it_waits_for_is_not() {
    let program = Run::new(compile("blocked_wait")).options(["-e", "epoll_wait"]);
    for form in [Form::Json, Form::Text, Form::Strace] {
        let log = text(&program.killed_while_blocked(form, BLOCKED));
        assert!(log.lines().any(|l| l.contains("epoll_wait") && l.contains("unfinished")), "{form:?}: {log}");
    }
}

#[test]
fn an_exec_that_succeeds_is_shown_with_its_path_and_arguments() {
    // The first shell makes a child by vfork or fork, and becomes the second program itself.
    let shell = Run::new("/bin/sh").args(["-c", "/bin/true un; exec /bin/echo deux"]).options(["-e", "%process"]);
    for form in [Form::Json, Form::Text, Form::Strace] {
        let run = shell.run(How::Command(form));
        run.assert_success();
        let log = run.log_text();
        for words in [["\"/bin/true\"", "\"un\""], ["\"/bin/echo\"", "\"deux\""]] {
            let whole =
                |l: &&str| l.contains("execve") && words.iter().all(|w| l.contains(w)) && !l.contains("\"exec\"");
            let lines: Vec<&str> = log.lines().filter(whole).collect();
            assert_eq!(lines.len(), 1, "{form:?} {words:?}: {log}");
            assert!(lines[0].contains("= 0") || lines[0].contains("\"ret\":0"), "{}", lines[0]);
        }
    }
    // The first has another process's number, although it ran on its maker's memory.
    let log = shell.run(How::Command(Form::Json)).json();
    let pids: Vec<_> = log.calls(&["execve"]).map(|r| r["pid"].as_u64().unwrap()).collect();
    assert!(pids.len() == 2 && pids[0] != pids[1], "{pids:?}");
    // The thread that made the child has its own number, although the child made the first record.
    assert!(log.calls(&["execve"]).all(|r| r["tid"] == r["pid"]), "{:?}", log.records);
    assert_eq!(
        log.records.last().unwrap()["recorded"].as_u64(),
        Some(log.records.iter().filter(|r| r["type"] == "call").count() as u64)
    );
}

#[test]
fn the_json_log_is_framed_by_start_and_end() {
    let log = Run::example("fork_tree").run(How::Command(Form::Json)).json();
    let first = &log.records[0];
    let last = log.records.last().unwrap();
    assert_eq!(first["type"], "start");
    assert_eq!(first["schema"], 1);
    assert_eq!(first["command"].as_array().map(Vec::len), Some(1));
    assert_eq!(last["type"], "end");
    assert_eq!(last["dropped"], 0);
    assert_eq!(last["exit"], 0);
    let calls = log.records.iter().filter(|r| r["type"] == "call").count();
    assert_eq!(last["recorded"].as_u64(), Some(calls as u64));
    let of = |kind: &str| log.records.iter().filter(|r| r["type"] == kind).count();
    assert_eq!(of("process_start"), of("process_end"));
    assert_eq!(of("conn_start"), of("conn_end"));
    let known = [
        "start",
        "end",
        "call",
        "process_start",
        "process_end",
        "conn_start",
        "conn_update",
        "conn_end",
        "exec",
        "child",
    ];
    for r in &log.records {
        let kind = r["type"].as_str().unwrap_or_default();
        assert!(known.contains(&kind) || ["fd_alias", "fd_closed", "unseen", "mark"].contains(&kind), "{r}");
    }
}

#[test]
fn calls_are_in_the_order_of_their_time_within_a_thread() {
    let log = Run::example("threads_many").run(How::Command(Form::Json)).json();
    let mut last = std::collections::BTreeMap::new();
    for r in log.records.iter().filter(|r| r["type"] == "call") {
        let (tid, at) = (r["tid"].as_u64().unwrap(), r["mono"].as_u64().unwrap());
        let before = last.insert(tid, at).unwrap_or(0);
        assert!(before <= at, "thread {tid} goes back in time: {r}");
    }
}

#[test]
fn the_session_is_gone_when_the_command_is() {
    let watch = Leftovers::watch("session-is-gone");
    for how in [How::Command(Form::Text), How::Command(Form::Json)] {
        Run::example("fork_tree").mark("session-is-gone").run(how).assert_success();
    }
    Run::new("/bin/sh").args(["-c", "kill -9 $$"]).mark("session-is-gone").run(How::Command(Form::Text));
    watch.assert_none();
    // Also when it is interrupted itself.
    let before = sessions();
    let scratch = Scratch::new();
    let mut child = Run::new("/bin/sleep").arg("30").mark("session-is-gone").start(How::Command(Form::Text), &scratch);
    let deadline = Instant::now() + Duration::from_secs(10);
    while sessions() == before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(100));
    // SAFETY: the group that start() made, as a terminal's Ctrl-C would reach it.
    unsafe { libc::kill(-(child.id() as i32), libc::SIGINT) };
    child.wait().unwrap();
    watch.assert_none();
}

#[test]
fn a_static_program_is_named_as_not_seen() {
    let program = match std::panic::catch_unwind(|| compile_with("list_fds", "list_fds_static", &["-static", "-O1"])) {
        Ok(p) => p,
        Err(_) => return not_tested("static programs: no libc.a (apt-get install libc6-dev)"),
    };
    let raw = Run::new(&program).run(How::Raw);
    let run = Run::new(&program).with_summary().run(How::Command(Form::Text));
    assert_eq!(run.out(), raw.out());
    assert!(run.err().contains("statically linked") && run.err().contains("list_fds_static"), "{}", run.err());
    // As a child too.
    let shell = Run::new("/bin/sh").args(["-c", "\"$1\"; exit 0", "sh"]).arg(&program);
    let run = shell.with_summary().run(How::Command(Form::Text));
    assert!(run.err().contains("not seen") && run.err().contains("statically linked"), "{}", run.err());
}

#[test]
fn the_filter_and_the_set_choose_what_is_written() {
    let run = |options: &[&str]| Run::example("udp_echo").options(options).run(How::Command(Form::Json)).json();
    let names = |log: &Log| {
        let mut n: Vec<String> = log.records.iter().filter_map(|r| r["call"].as_str()).map(str::to_owned).collect();
        n.sort();
        n.dedup();
        n
    };
    assert_eq!(names(&run(&["-e", "trace=bind,close"])), ["bind", "close"]);
    assert_eq!(names(&run(&["-e", "%in"])), ["recvfrom"]);
    assert_eq!(names(&run(&["--where", "call=%out and bytes>0"])), ["sendto"]);
    assert_eq!(names(&run(&["--where", "failed"])), Vec::<String>::new());
}

#[test]
fn variables_can_be_set_and_removed() {
    let env = Run::new("/usr/bin/env").env("GREETING", "outer").env("GONE", "here");
    let out = env.options(["-E", "GREETING=inner", "-E", "GONE"]).run(How::Command(Form::Text)).out();
    assert!(out.contains("GREETING=inner\n") && !out.contains("GONE="), "{out}");
}

#[test]
fn closed_standard_descriptors_stay_closed() {
    let program = compile("list_fds");
    let mut raw = Command::new(&program);
    let mut shimmed = Command::new(&paths().command);
    shimmed.args(["run", "-q", "-o", "/dev/null", "--"]).arg(&program);
    let outs = [&mut raw, &mut shimmed].map(|c| {
        c.stdout(Stdio::piped()).stderr(Stdio::piped());
        // SAFETY: close is async-signal-safe.
        unsafe {
            c.pre_exec(|| {
                libc::close(0);
                Ok(())
            });
        }
        text(&c.output().unwrap().stdout)
    });
    assert_eq!(outs[0], outs[1]);
}

#[test]
fn a_failed_exec_is_not_said_to_be_unseen() {
    let run = Run::example("vfork_exec").with_summary().run(How::Command(Form::Text));
    run.assert_success();
    assert!(!run.err().contains("not seen"), "{}", run.err());
}

#[test]
fn a_filter_knows_the_mode_of_a_socket_and_the_name_that_was_looked_up() {
    let log = |expression: &str| {
        let run = Run::example("nonblocking_connect").options(["--where", expression]).run(How::Command(Form::Json));
        run.log_text().lines().filter(|l| l.contains("\"type\":\"call\"")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (blocking, nonblocking) = (log("call=connect and nb=0"), log("call=connect and nb=1"));
    assert!(!nonblocking.is_empty() && nonblocking.iter().any(|l| l.contains("EINPROGRESS")), "{nonblocking:?}");
    assert!(blocking.iter().all(|l| !l.contains("EINPROGRESS")), "{blocking:?}");
    let run = Run::example("resolver").options(["--where", "host=localhost"]).run(How::Command(Form::Json));
    let names: Vec<_> =
        run.log_text().lines().filter(|l| l.contains("\"call\":\"getaddrinfo\"")).map(str::to_owned).collect();
    assert!(!names.is_empty() && names.iter().all(|l| l.contains("localhost")), "{names:?}");
}

#[test]
fn shells_of_a_program_without_environment_are_followed_or_named() {
    let program = Run::new(compile_with("environments", "environments", &["-O1", "-pthread"])).with_summary();
    assert_eq!(program.clone().arg("shells").run(How::Raw).status.code(), Some(0));
    let run = program.clone().arg("shells").run(How::Command(Form::Json));
    run.assert_success();
    assert_eq!(run.json().count(&["socketpair"]), 5);
    let run = program.arg("threaded").run(How::Command(Form::Json));
    run.assert_success();
    let seen = run.json().count(&["socketpair"]) == 1;
    let named = run.err().contains("not seen: /bin/sh") && run.err().contains("system()");
    assert!(named && !seen, "{}", run.err());
}

#[test]
fn a_foreign_session_or_preload_in_a_childs_environment_is_put_right() {
    let program = Run::new(compile_with("environments", "environments-given", &["-O1", "-pthread"]));
    let cases: [&[&str]; 6] = [
        &["SOCKLENS_SESSION=zzz"],
        &["SOCKLENS_SESSION="],
        &["SOCKLENS_SESSION=/no/such/segment", "A=1"],
        &["SOCKLENS_SESSION=zzz", "LD_PRELOAD=/nonexistent.so"],
        &["LD_PRELOAD="],
        &["A=1"],
    ];
    for given in cases {
        let run = program.clone().arg("given").args(given).run(How::Command(Form::Json));
        run.assert_success();
        assert_eq!(run.json().count(&["socketpair"]), 1, "{given:?}");
    }
}

#[test]
fn a_session_in_a_session_is_its_own() {
    let inner = Scratch::new();
    let log = inner.join("log");
    let run = Run::new(&paths().command)
        .args(["run", "-q", "--format", "json", "-o"])
        .arg(&log)
        .arg("--")
        .arg(compile_with("environments", "environments-nested", &["-O1", "-pthread"]))
        .run(How::Command(Form::Json));
    run.assert_success();
    let inner = Log::parse(&std::fs::read(&log).unwrap()).unwrap();
    assert_eq!(inner.count(&["socketpair"]), 1);
    // The inner command's own are the outer's.
    let outer = run.json();
    assert!(outer.calls(&["socketpair"]).all(|r| r["comm"] == "socklens"), "{:?}", outer.records);
}

#[test]
fn a_program_whose_loader_or_interpreter_is_missing_is_explained() {
    let scratch = Scratch::new();
    let script = scratch.join("script");
    std::fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let loader = "-Wl,--dynamic-linker=/no/such/loader.so";
    let program = compile_with("list_fds", "list_fds_loaderless", &["-O1", loader]);
    for (file, what) in [(&script, "/no/such/interpreter"), (&program, "/no/such/loader.so")] {
        let file = file.to_str().unwrap();
        let run = socklens(&["run", "--", file]);
        let said = text(&run.stderr);
        assert_eq!(run.status.code(), Some(127), "{said}");
        assert!(said.contains(what) && said.contains("does not exist") && !said.contains("os error"), "{said}");
        let check = socklens(&["check", file]);
        let said = text(&check.stdout);
        assert!(check.status.code() == Some(1) && said.contains(what) && said.contains("does not exist"), "{said}");
    }
}
