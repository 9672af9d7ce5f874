//! The library without the command: SOCKLENS_LOG and its companions.

use socklens_testkit::{Form, How, Log, Outcome, Run, Scratch, assert_same, compile};

/// A short program, of the calls socketpair, send, recv, close.
fn short() -> Run {
    Run::example("socketpair_pingpong")
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// The program is as it is alone, except that stderr also holds the log. Returns the log.
fn log_in_stderr(raw: &Outcome, shimmed: &Outcome) -> String {
    assert_eq!(shimmed.out(), raw.out());
    assert_eq!(shimmed.ended(), raw.ended());
    assert!(raw.stderr.is_empty(), "{}", raw.err());
    shimmed.err()
}

#[test]
fn without_variables_there_is_no_output_and_no_file() {
    let home = Scratch::new();
    let run =
        |how| Run::example("fork_tree").dir(home.path()).env("HOME", home.path()).env("TMPDIR", home.path()).run(how);
    let (raw, silent) = (run(How::Raw), run(How::Silent));
    assert_same(&raw, &silent);
    assert!(home.files().is_empty(), "{:?}", home.files());
}

#[test]
fn other_variables_without_socklens_log_do_nothing() {
    let raw = short().run(How::Raw);
    for (name, value) in [("SOCKLENS_FORMAT", "json"), ("SOCKLENS_TRACE", "rubbish"), ("SOCKLENS_FILTER", "((")] {
        assert_same(&raw, &short().env(name, value).run(How::Silent));
    }
}

#[test]
fn the_log_goes_to_stderr() {
    let raw = short().run(How::Raw);
    let log = log_in_stderr(&raw, &short().env("SOCKLENS_LOG", "stderr").run(How::Silent));
    assert!(lines(&log)[0].contains("socketpair(AF_UNIX, SOCK_"), "{log}");
    for call in ["socketpair(", "close("] {
        assert!(log.contains(call), "no {call} in {log}");
    }
}

#[test]
fn the_log_goes_to_a_descriptor() {
    let scratch = Scratch::new();
    let file = scratch.join("seven");
    let program = socklens_testkit::paths().examples.join("socketpair_pingpong");
    let script = r#"exec 7>"$1"; shift; exec "$@""#;
    let shell = Run::new("/bin/sh").args(["-c", script, "sh"]).arg(&file).arg(program);
    let raw = shell.run(How::Raw);
    let shimmed = shell.env("SOCKLENS_LOG", "fd:7").env("SOCKLENS_FORMAT", "json").run(How::Silent);
    // The shell itself starts without descriptor 7, which is reported, and has it for the program it becomes.
    assert_eq!(shimmed.out(), raw.out());
    assert_eq!(shimmed.ended(), raw.ended());
    let log = Log::parse(&std::fs::read(&file).unwrap()).unwrap();
    assert!(log.count(&["socketpair"]) >= 1);
}

#[test]
fn a_path_with_percent_p_gives_every_process_a_file_of_its_own() {
    let scratch = Scratch::new();
    let raw = Run::example("fork_tree").run(How::Raw);
    let shimmed = Run::example("fork_tree")
        .env("SOCKLENS_LOG", scratch.join("log.%p.json"))
        .env("SOCKLENS_FORMAT", "json")
        .run(How::Silent);
    assert_same(&raw, &shimmed);
    let files = scratch.files();
    assert!(files.len() >= 3, "{files:?}");
    for name in &files {
        let pid: u64 = name.strip_prefix("log.").and_then(|n| n.strip_suffix(".json")).unwrap().parse().unwrap();
        let log = Log::parse(&std::fs::read(scratch.join(name)).unwrap()).unwrap();
        assert!(!log.records.is_empty());
        assert_eq!(log.pids(), [pid], "records of another process in {name}");
    }
}

#[test]
fn an_existing_file_is_appended_to() {
    let scratch = Scratch::new();
    let file = scratch.join("log");
    std::fs::write(&file, "before\n").unwrap();
    short().env("SOCKLENS_LOG", &file).run(How::Silent).assert_success();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("before\n") && lines(&text).len() > 1, "{text}");
}

#[test]
fn the_three_formats_tell_of_the_same_calls() {
    // One thread, so always in the same order.
    let program = Run::example("errno_untouched");
    let text = program.run(How::Alone(Form::Text)).log_text();
    let strace = program.run(How::Alone(Form::Strace)).log_text();
    let json = program.run(How::Alone(Form::Json)).json();
    let calls: Vec<&str> =
        json.records.iter().filter(|r| r["type"] == "call").filter_map(|r| r["call"].as_str()).collect();
    assert!(calls.len() > 10);
    assert_eq!(lines(&text).len(), calls.len(), "{text}");
    assert_eq!(lines(&strace).len(), calls.len(), "{strace}");
    for ((t, s), call) in lines(&text).into_iter().zip(lines(&strace)).zip(calls) {
        assert!(t.contains(&format!(" {call}(")), "{call}: {t}");
        // strace names the system call behind it: send is sendto there.
        let row = socklens_calls::Call::by_name(call).expect("a row of THE TABLE").spec();
        let name = if call == "closefrom" { "close_range" } else { row.sysname };
        assert!(s.contains(&format!("{name}(")), "{call}: {s}");
    }
}

#[test]
fn text_shows_time_process_call_result_and_connection() {
    let text = short().run(How::Alone(Form::Text)).log_text();
    let first = lines(&text)[0];
    let words: Vec<&str> = first.split_whitespace().collect();
    let seconds: f64 = words[0].parse().unwrap_or_else(|e| panic!("{e}: {first}"));
    assert!((0.0..60.0).contains(&seconds), "{first}");
    assert!(words[1].starts_with("socketpair_ping[") || words[1].starts_with("socketpair_pi"), "{first}");
    assert!(first.contains(") ") && first.contains("= 0") && first.contains("unix#1"), "{first}");
}

#[test]
fn the_trace_set_says_which_calls() {
    let raw = short().run(How::Raw);
    let shimmed = short().env("SOCKLENS_TRACE", "socketpair,close").run(How::Alone(Form::Json));
    assert_same(&raw, &shimmed);
    let log = shimmed.json();
    let mut names: Vec<&str> =
        log.records.iter().filter(|r| r["type"] == "call").filter_map(|r| r["call"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["close", "socketpair"]);
    let all = short().run(How::Alone(Form::Json)).json();
    assert_eq!(log.count(&["close"]), all.count(&["close"]));
}

#[test]
fn the_filter_says_which_events() {
    let all = Run::example("signals_eintr").run(How::Alone(Form::Json)).json();
    let raw = Run::example("signals_eintr").run(How::Raw);
    let failed = Run::example("signals_eintr").env("SOCKLENS_FILTER", "errno=EINTR").run(How::Alone(Form::Json));
    assert_same(&raw, &failed);
    let log = failed.json();
    let interrupted = |l: &Log| l.records.iter().filter(|r| r["errno"]["s"] == "EINTR").count();
    assert!(interrupted(&log) > 0);
    assert_eq!(interrupted(&log), interrupted(&all));
    assert_eq!(log.records.iter().filter(|r| r["type"] == "call").count(), interrupted(&log));
}

#[test]
fn the_string_size_says_how_much_of_a_payload() {
    let text = |size: &str| {
        let run = Run::new(compile("eight_writers")).env("SOCKLENS_STRSIZE", size).run(How::Alone(Form::Json));
        let log = run.json();
        let payload = log.calls(&["send"]).next().expect("a send")["payload"].clone();
        (payload["text"].as_str().unwrap_or("").chars().count(), payload["cut"].clone(), payload["len"].clone())
    };
    let len = text("8").2;
    assert_eq!(text("8"), (8, true.into(), len.clone()));
    assert_eq!(text("0").0, 0);
    let (whole, cut, _) = text("1000");
    assert_eq!((whole as u64, cut), (len.as_u64().unwrap(), false.into()));
}

#[test]
fn wrong_values_are_said_once_and_the_program_runs_on() {
    let scratch = Scratch::new();
    let missing = scratch.join("missing/log").display().to_string();
    let wrong: &[(&str, &str, &[&str])] = &[
        ("SOCKLENS_LOG", "nowhere", &["SOCKLENS_LOG=nowhere", "stderr, fd:N or a path"]),
        ("SOCKLENS_LOG", "", &["SOCKLENS_LOG"]),
        ("SOCKLENS_LOG", "fd:77", &["fd:77", "not an open descriptor"]),
        ("SOCKLENS_LOG", "fd:", &["fd:"]),
        ("SOCKLENS_LOG", "fd:99999999999999999999", &["fd:9999"]),
        ("SOCKLENS_LOG", &missing, &["missing/log", "cannot be opened"]),
        ("SOCKLENS_FORMAT", "xml", &["SOCKLENS_FORMAT=xml", "text, json, strace"]),
        ("SOCKLENS_STRSIZE", "many", &["SOCKLENS_STRSIZE=many", "number"]),
        ("SOCKLENS_TRACE", "sned", &["SOCKLENS_TRACE", "sned", "^", "send"]),
        ("SOCKLENS_FILTER", "prot=80", &["SOCKLENS_FILTER", "prot", "^", "port"]),
        ("SOCKLENS_FILTER", "fd=3 and", &["SOCKLENS_FILTER", "^"]),
    ];
    let raw = Run::example("fork_tree").run(How::Raw);
    for (name, value, said) in wrong {
        let shimmed = Run::example("fork_tree").env("SOCKLENS_LOG", "stderr").env(name, value).run(How::Silent);
        assert_eq!((shimmed.out(), shimmed.ended()), (raw.out(), raw.ended()), "{name}={value}");
        let err = shimmed.err();
        for word in *said {
            assert!(err.contains(word), "{name}={value} is not explained by {word:?}: {err}");
        }
        assert_eq!(err.matches("logging is off").count(), 1, "{name}={value}: {err}");
        assert!(lines(&err).len() <= 6, "{name}={value}: too much: {err}");
        assert!(lines(&err).iter().filter(|l| !l.starts_with(' ')).all(|l| l.starts_with("socklens:")), "{err}");
    }
}

#[test]
fn lines_of_eight_processes_in_one_file_do_not_mix() {
    let program = Run::new(compile("eight_writers"));
    let raw = program.run(How::Raw);
    let shimmed = program.run(How::Alone(Form::Json));
    assert_same(&raw, &shimmed);
    let log = shimmed.json();
    assert_eq!(log.count(&["send"]), 8 * 200);
    assert_eq!(log.count(&["recv"]), 8 * 200);
    assert_eq!(log.count(&["socketpair"]), 8);
    assert_eq!(log.pids().len(), 8);
    let text = program.run(How::Alone(Form::Text));
    let sends = text.log_text().lines().filter(|l| l.contains(" send(")).count();
    assert_eq!(sends, 8 * 200);
}

#[test]
fn what_replaces_stderr_never_gets_our_bytes() {
    let program = Run::new(compile("stderr_gone"));
    let scratch = Scratch::new();
    for way in ["dup2", "dup3", "close", "fcntl", "closefrom", "close_range"] {
        let file = scratch.join(way);
        let run = program.clone().arg(&file).arg(way).env("SOCKLENS_LOG", "stderr").run(How::Silent);
        run.assert_success();
        assert_eq!(run.out(), "5 bytes\n", "{way}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine\n", "{way}");
        assert!(run.err().contains("socketpair("), "{way}: nothing logged while stderr was there: {}", run.err());
    }
}

#[test]
fn a_log_on_a_full_disk_does_not_disturb_the_program() {
    let raw = short().run(How::Raw);
    assert_same(&raw, &short().env("SOCKLENS_LOG", "/dev/full").run(How::Silent));
}

#[test]
fn a_log_into_a_pipe_that_nobody_reads_does_not_kill_the_program() {
    // SIGPIPE would.
    let program = socklens_testkit::paths().examples.join("socketpair_pingpong");
    let shell =
        Run::new("/bin/bash").args(["-c", r#"exec 9>&1; ("$1" >/dev/null; echo "status $?" >&9) 2>&1 | true"#, "bash"]);
    let raw = shell.clone().arg(&program).run(How::Raw);
    let shimmed = shell.arg(&program).env("SOCKLENS_LOG", "stderr").run(How::Silent);
    assert_eq!(raw.out(), "status 0\n");
    assert_eq!(shimmed.out(), raw.out());
}
