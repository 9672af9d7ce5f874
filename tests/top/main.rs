//! `socklens top`, `socklens serve`, and what `socklens stat` shows besides tables: on a program that runs.

mod damage;
mod metrics;
mod screen;

use socklens_testkit::{Scratch, compile, paths};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

/// Runs the command to its end.
pub fn socklens(args: &[&str]) -> Output {
    let mut c = Command::new(&paths().command);
    c.args(args).stdin(Stdio::null()).env("LC_ALL", "C.UTF-8").env("COLUMNS", "80").env("LINES", "24");
    c.output().unwrap()
}

pub fn out(o: &Output) -> String {
    String::from_utf8_lossy(&o.stdout).into_owned()
}

pub fn err(o: &Output) -> String {
    String::from_utf8_lossy(&o.stderr).into_owned()
}

/// tests/programs/live_talk.c under a command of socklens.
pub struct Talk {
    pub child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    pub log: PathBuf,
    _scratch: Scratch,
}

impl Talk {
    /// `command`: `run` or `stat`, with their options.
    pub fn start(command: &[&str]) -> Talk {
        let scratch = Scratch::new();
        let log = scratch.join("log");
        let mut child = Command::new(&paths().command)
            .args(command)
            .arg("-o")
            .arg(&log)
            .arg("--")
            .arg(compile("live_talk"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .env("LC_ALL", "C.UTF-8")
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut talk = Talk { child, input, output, log, _scratch: scratch };
        talk.says("ready\n");
        talk
    }

    fn says(&mut self, what: &str) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line, what);
    }

    /// Fifty round trips of 100 bytes.
    pub fn talk(&mut self) {
        self.input.as_mut().unwrap().write_all(b"x").unwrap();
        self.says("done\n");
    }

    pub fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Lets the program end; it must end well. What the command wrote.
    pub fn end(mut self) -> String {
        drop(self.input.take());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // Ended already when all went well: then there is nothing to kill.
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// One frame of the session.
fn frame(talk: &Talk, args: &[&str]) -> String {
    let pid = talk.pid();
    let mut all = vec!["top", "--once", "-d", "200ms", &pid];
    all.extend(args);
    let o = socklens(&all);
    assert!(o.status.success(), "{}", err(&o));
    out(&o)
}

#[test]
fn one_frame_tells_of_connections_calls_processes_and_who_waits() {
    let mut talk = Talk::start(&["stat"]);
    talk.talk();
    let shown = frame(&talk, &["--sort", "queue"]);
    assert!(shown.starts_with("socklens top  live_talk (session "), "{shown}");
    assert!(shown.contains("open 7 of 7  processes 1"), "{shown}");
    let row =
        |shown: &str, n: usize| shown.lines().nth(n).unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let first = row(&shown, 5);
    assert_eq!((first[2].as_str(), first[8].as_str()), ("srv", "1.0k"), "the unread bytes: {shown}");
    assert!(first[7].ends_with('s'), "a round trip: {shown}");
    assert!(shown.contains(" lsn  127.0.0.1:"), "{shown}");

    let shown = frame(&talk, &["--tab", "calls", "--sort", "number"]);
    let line = shown.lines().find(|l| l.starts_with("send ")).unwrap_or_else(|| panic!("{shown}"));
    assert_eq!(line.split_whitespace().nth(2), Some("51"), "{shown}");
    assert!(line.contains("ns") || line.contains("µs"), "{shown}");

    let shown = frame(&talk, &["--tab", "blocked"]);
    let line = shown.lines().find(|l| l.contains(" recv ")).unwrap_or_else(|| panic!("{shown}"));
    assert!(line.contains("live_talk") && line.contains(" 127.0.0.1:"), "{shown}");

    let shown = frame(&talk, &["--tab", "processes", "--ascii"]);
    assert!(shown.contains(" live_talk ") && shown.is_ascii(), "{shown}");

    let shown = frame(&talk, &["--where", "role=listener"]);
    assert!(shown.contains("only role=listener") && !shown.contains(" srv "), "{shown}");
    talk.talk();
    let log = talk.end();
    assert!(log.contains("send"), "the statistics are whole: {log}");
}

#[test]
fn without_statistics_there_are_still_connections_and_who_waits() {
    let talk = Talk::start(&["run"]);
    let shown = frame(&talk, &[]);
    assert!(shown.contains("records/s") && shown.contains("open 7 of 7"), "{shown}");
    let row = shown.lines().find(|l| l.contains(" lsn ")).unwrap();
    assert!(row.contains("127.0.0.1:") && row.trim_end().ends_with('-'), "{shown}");
    assert!(frame(&talk, &["--tab", "blocked"]).contains(" recv "));
    assert!(frame(&talk, &["--tab", "calls"]).contains("`C` begins to count"));
    talk.end();
}

#[test]
fn wrong_words_are_pointed_at() {
    for (args, want) in [
        (["top", "--sort", "latencie"], "latencie\n  ^^^^^^^^ did you mean `latency`?"),
        (["top", "--tab", "conections"], "conections\n  ^^^^^^^^^^ did you mean `connections`?"),
        (["top", "--where", "peeer=:80"], "peeer=:80\n  ^^^^^ did you mean `peer`?"),
    ] {
        let o = socklens(&args);
        assert_eq!(o.status.code(), Some(2), "{args:?}");
        assert!(err(&o).contains(want), "{}", err(&o));
    }
    let o = socklens(&["stat", "--heatmap=rcev", "true"]);
    assert_eq!(o.status.code(), Some(2));
    assert!(err(&o).contains("^^^^ did you mean `recv`?"), "{}", err(&o));
    let o = socklens(&["top", "--once", "no-such-session"]);
    assert_eq!(o.status.code(), Some(1));
    assert!(err(&o).contains("there is no session `no-such-session`"), "{}", err(&o));
}

#[test]
fn stat_draws_pictures() {
    let mut talk = Talk::start(&["stat", "--histogram=send", "--heatmap", "--where", "role=client"]);
    talk.talk();
    let log = talk.end();
    let part = |from: &str, to: &str| {
        let start = log.find(from).unwrap_or_else(|| panic!("{from:?} is missing: {log}"));
        log[start..].split(to).next().unwrap().to_owned()
    };
    let histogram = part("\ndurations\n", "\ndurations over time\n");
    let counted: u64 = histogram.lines().filter_map(|l| l.split_whitespace().nth(3)?.parse::<u64>().ok()).sum();
    assert_eq!(counted, 51, "one for every send: {log}");
    assert!(part("\ndurations over time\n", "\neach second\n").contains('│'), "{log}");
    assert!(part("\neach second\n", "\n\n").contains("out B"), "{log}");
    assert!(!log.contains('\x1b'), "a file gets no colours");
}

#[test]
fn pictures_are_of_one_call_of_one_connection() {
    // Which one talks is asked first: the program makes its sockets in the same order each time.
    let mut talk = Talk::start(&["stat", "--json"]);
    talk.talk();
    let doc: serde_json::Value = serde_json::from_str(&talk.end()).unwrap();
    let conns = doc["conns"].as_array().unwrap();
    let busy = conns.iter().find(|c| c["calls_out"] == 50).unwrap_or_else(|| panic!("{doc}"));
    let only = format!("conn={}", busy["conn"]);
    for (call, sum) in [("send", 50), ("recv", 0)] {
        let pictures = [format!("--histogram={call}"), format!("--heatmap={call}")];
        let mut talk = Talk::start(&["stat", &pictures[0], &pictures[1], "--ascii", "--where", &only]);
        talk.talk();
        let log = talk.end();
        let part = |from: &str, to: &str| log.split_once(from).and_then(|p| p.1.split_once(to)).unwrap().0.to_owned();
        let histogram = part("\ndurations\n", "\ndurations over time\n");
        let counted: u64 = histogram.lines().filter_map(|l| l.split_whitespace().nth(3)?.parse::<u64>().ok()).sum();
        assert_eq!(counted, sum, "{log}");
        let heat = part("\ndurations over time\n", "\neach second\n");
        let cells = heat.lines().filter_map(|l| l.split_once('|')).any(|(_, cells)| !cells.trim().is_empty());
        assert_eq!(cells, sum > 0, "{log}");
        assert_eq!(heat.contains("nothing was timed"), sum == 0, "{log}");
    }
}

#[test]
fn ps_lists_sessions_with_their_program() {
    let talk = Talk::start(&["stat"]);
    let o = socklens(&["ps"]);
    assert!(o.status.success(), "{}", err(&o));
    let shown = out(&o);
    assert!(shown.starts_with("SESSION "), "{shown}");
    let pid = talk.pid();
    let row = shown.lines().find(|l| l.split_whitespace().nth(1) == Some(&pid)).unwrap_or_else(|| panic!("{shown}"));
    let words: Vec<&str> = row.split_whitespace().collect();
    assert_eq!((words[2], words[4]), ("running", "1"), "{row}");
    assert!(words[5].ends_with("/live_talk"), "{row}");
    // What it calls the session, other commands know it by.
    let o = socklens(&["top", "--once", "-d", "100ms", words[0]]);
    assert!(out(&o).contains(&format!("(session {})", words[0])), "{}{}", out(&o), err(&o));
    talk.end();
    assert!(!out(&socklens(&["ps"])).contains(words[0]), "it is over");
}
