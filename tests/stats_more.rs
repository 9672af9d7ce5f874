//! `socklens stat`, feature by feature: groups, formats, moments, connections of every kind.

use serde_json::Value;
use socklens_testkit::{Scratch, compile, paths, require};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Sender, channel};

fn program() -> String {
    compile("stat_cases").to_str().unwrap().to_owned()
}

fn stat(options: &[&str]) -> Command {
    let mut c = Command::new(&paths().command);
    c.arg("stat").args(options).env_remove("LD_PRELOAD").stdin(Stdio::null());
    c
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn document(file: &Path) -> Value {
    let text = std::fs::read(file).unwrap();
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&text)))
}

/// What the program printed, and the statistics.
fn told(args: &[&str]) -> (Output, Value) {
    let scratch = Scratch::new();
    let file = scratch.join("stats.json");
    let out = stat(&["--json", "-o", file.to_str().unwrap(), "--"]).arg(program()).args(args).output().unwrap();
    assert!(out.status.success(), "{out:?}");
    (out, document(&file))
}

fn number(v: &Value, name: &str) -> u64 {
    v[name].as_u64().unwrap_or_else(|| panic!("{name} in {v}"))
}

fn array(v: &Value) -> &[Value] {
    v.as_array().unwrap_or_else(|| panic!("no array: {v}"))
}

fn numbers(out: &Output) -> Vec<u64> {
    text(&out.stdout).split_whitespace().map(|w| w.parse().unwrap()).collect()
}

fn row(v: &Value) -> [u64; 4] {
    ["count", "errors", "bytes_in", "bytes_out"].map(|n| number(v, n))
}

#[test]
fn the_sum_of_the_processes_is_the_total_however_they_ended() {
    let (_, doc) = told(&["kids"]);
    let mut sum = [0; 4];
    let mut writes = BTreeSet::new();
    for p in array(&doc["processes"]) {
        sum.iter_mut().zip(row(p)).for_each(|(a, b)| *a += b);
        writes.extend(array(&p["calls"]).iter().filter(|c| c["call"] == "write").map(|c| number(c, "count")));
    }
    assert_eq!(sum, row(&doc["total"]));
    assert_eq!(writes, BTreeSet::from([10, 20, 30, 40]), "by exit, _exit, SIGKILL and abort");
    assert_eq!(row(&doc["total"])[2..], [800, 800]);
    assert!(array(&doc["conns"]).iter().all(|c| c["end"] == "leaked" && c["comm"] == "stat_cases"), "{doc}");
    assert_eq!(array(&doc["conns"]).len(), 8);
}

#[test]
fn a_socket_that_is_shared_counts_once() {
    let (_, doc) = told(&["shared"]);
    let conns = array(&doc["conns"]);
    assert_eq!(conns.len(), 2, "{conns:?}");
    let ends: Vec<[u64; 4]> =
        conns.iter().map(|c| ["calls_out", "bytes_out", "calls_in", "bytes_in"].map(|n| number(c, n))).collect();
    assert!(ends.contains(&[60, 60, 0, 0]) && ends.contains(&[0, 0, 60, 60]), "{ends:?}");
}

#[test]
fn a_nonblocking_connect_takes_until_its_socket_is_found_writable() {
    for how in ["late", "late-epoll"] {
        let (out, doc) = told(&[how, "40"]);
        let client = array(&doc["conns"]).iter().find(|c| c["role"] == "client").expect("a client");
        let (took, most) = (number(client, "connect_ns"), numbers(&out)[0]);
        assert!((40_000_000..=most).contains(&took), "{how}: {took} of {most}");
    }
}

#[test]
fn datagrams_dropped_for_want_of_room_are_told() {
    let (out, doc) = told(&["drops"]);
    let said = numbers(&out);
    let receiver = array(&doc["conns"]).iter().find(|c| number(c, "calls_in") > 0).expect("the receiver");
    assert_eq!(number(receiver, "drops"), said[0] - said[1], "sent and received: {said:?}");
    let sender = array(&doc["conns"]).iter().find(|c| number(c, "calls_out") > 0).expect("the sender");
    assert_eq!((number(sender, "drops"), number(sender, "bytes_out")), (0, 1000 * said[0]));
}

/// A peer that nobody traces: it counts what it gets, gives so much back, and stays until the sender is dropped.
fn peer(gives: usize) -> (u16, std::thread::JoinHandle<u64>, Sender<()>) {
    let (stay, leave) = channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let got = std::thread::spawn(move || {
        let (mut s, _) = listener.accept().unwrap();
        let mut all = Vec::new();
        s.read_to_end(&mut all).unwrap();
        s.write_all(&vec![7; gives]).unwrap();
        // TCP counts the end of a stream as a byte, too.
        let _ = leave.recv();
        all.len() as u64
    });
    (port, got, stay)
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// A value of `ss -i`: `name:value`.
fn of_ss(said: &str, name: &str) -> Option<u64> {
    let word = said.split_whitespace().find_map(|w| w.strip_prefix(name)?.strip_prefix(':'))?;
    word.split('/').next()?.parse().ok()
}

#[test]
fn a_connections_figures_are_those_of_its_peer_and_of_ss() {
    const OUT: u64 = 300_000;
    const IN: u64 = 70_000;
    let scratch = Scratch::new();
    let file = scratch.join("stats.json");
    let (port, got, stay) = peer(IN as usize);
    let mut child = stat(&["--json", "-o", file.to_str().unwrap(), "--"])
        .arg(program())
        .args(["talk", &port.to_string(), &OUT.to_string(), &IN.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let own_port = first_line(&mut child);
    let ss = require("ss").map(|ss| {
        let o = Command::new(ss).args(["-tinH", &format!("sport = :{own_port}")]).output().unwrap();
        text(&o.stdout)
    });
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(child.wait().unwrap().success());
    drop(stay);
    let received_by_peer = got.join().unwrap();
    let doc = document(&file);
    let c = array(&doc["conns"]).iter().find(|c| c["role"] == "client").expect("a client");
    assert_eq!((number(c, "bytes_out"), number(c, "bytes_in")), (received_by_peer, IN));
    assert_eq!(c["local"], format!("127.0.0.1:{own_port}"));
    let tcp = &c["tcp"];
    assert_eq!(number(tcp, "bytes_received"), IN);
    let Some(ss) = ss.filter(|s| !s.is_empty()) else { return };
    for (name, of) in [
        ("bytes_acked", "bytes_acked"),
        ("bytes_received", "bytes_received"),
        ("cwnd", "cwnd"),
        ("minrtt", "min_rtt_us"),
    ] {
        let theirs = match name {
            "minrtt" => ss
                .split_whitespace()
                .find_map(|w| w.strip_prefix("minrtt:"))
                .map(|v| (v.parse::<f64>().unwrap() * 1000.0).round() as u64),
            _ => of_ss(&ss, name),
        };
        if let Some(theirs) = theirs {
            assert_eq!(number(tcp, of), theirs, "{name}: {ss}");
        }
    }
}

/// The rows of a table of comma-separated values without quotes, by its first column.
fn csv(bytes: &[u8]) -> BTreeMap<String, BTreeMap<String, String>> {
    let all = text(bytes);
    let mut lines = all.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |l: &str| {
        let cells: Vec<&str> = l.split(',').collect();
        assert_eq!(cells.len(), head.len(), "{l}");
        (cells[0].to_owned(), head.iter().zip(cells).map(|(h, c)| ((*h).to_owned(), c.to_owned())).collect())
    };
    lines.map(row).collect()
}

#[test]
fn comma_separated_values_are_the_programs_numbers() {
    let out = stat(&["--csv", "-o", "/dev/stderr", "--"]).arg(compile("known_calls")).output().unwrap();
    assert!(out.status.success(), "{out:?}");
    let rows = csv(&out.stderr);
    let said = text(&out.stdout);
    for line in said.lines().filter(|l| !l.starts_with("ERRNO")) {
        let w: Vec<&str> = line.split(' ').collect();
        let got = ["count", "errors", "bytes_in", "bytes_out"].map(|n| rows[w[0]][n].as_str());
        assert_eq!(got[..], w[1..], "{line}");
    }
}

#[test]
fn every_key_groups() {
    let groups = |key: &str, args: &[&str]| {
        let out = stat(&["--csv", "-o", "/dev/stderr", "--by", key, "--"]).arg(program()).args(args).output().unwrap();
        assert!(out.status.success(), "{out:?}");
        csv(&out.stderr)
    };
    let sum = |rows: &BTreeMap<String, BTreeMap<String, String>>, name: &str| {
        rows.values().map(|r| r[name].parse::<u64>().unwrap()).sum::<u64>()
    };
    let calls = groups("call", &["kids"]);
    assert_eq!((calls["write"]["count"].as_str(), calls["read"]["bytes_in"].as_str()), ("100", "800"));
    // The parent makes no call that counts.
    for (key, most) in [("process", 5), ("thread", 4)] {
        let rows = groups(key, &["kids"]);
        assert_eq!(rows.len(), most, "{key}: {rows:?}");
        assert!(rows.keys().all(|k| k.contains("stat_cases")), "{rows:?}");
        assert_eq!((sum(&rows, "count"), sum(&rows, "bytes_out")), (sum(&calls, "count"), 800), "{key}");
        assert!(rows.values().all(|r| r["p50_ns"] != "0" || r["count"] == "0"), "{rows:?}");
    }
    let errors = groups("errno", &["drops"]);
    assert_eq!(errors.keys().collect::<Vec<_>>(), ["EAGAIN"]);
    assert_eq!(errors["EAGAIN"]["count"], "1");
    for (key, name) in [("peer", "127.0.0.1"), ("host", "localhost")] {
        let (port, got, stay) = peer(1);
        let rows = groups(key, &["lookup", &port.to_string()]);
        drop(stay);
        assert_eq!(got.join().unwrap(), 1);
        let r = &rows[name];
        assert_eq!(["conns", "bytes_in", "bytes_out"].map(|n| r[n].as_str()), ["1", "1", "1"], "{key}: {rows:?}");
    }
    let rows = groups("port", &["late", "1"]);
    assert!(rows.len() == 2 && rows.keys().all(|p| p.parse::<u16>().is_ok()), "listener and client: {rows:?}");
}

#[test]
fn every_key_groups_what_a_filter_leaves() {
    const OUT: &str = "300000";
    for key in ["call", "process", "thread", "peer", "port"] {
        let (port, got, stay) = peer(9);
        let filter = format!("peer=127.0.0.1:{port} and bytes>0 and not call=recv");
        let mut child = stat(&["--csv", "--by", key, "--where", &filter, "-o", "/dev/stderr", "--"])
            .arg(program())
            .args(["talk", &port.to_string(), OUT, "9"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let own_port = first_line(&mut child);
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let out = child.wait_with_output().unwrap();
        drop(stay);
        assert!(out.status.success(), "{out:?}");
        assert_eq!(got.join().unwrap().to_string(), OUT);
        let rows = csv(&out.stderr);
        assert_eq!(rows.len(), 1, "{key}: {rows:?}");
        let (name, row) = rows.first_key_value().unwrap();
        assert_eq!((row["bytes_out"].as_str(), row["bytes_in"].as_str()), (OUT, "0"), "{key}: {rows:?}");
        match key {
            "call" => assert!(name == "send" || name == "write", "{name}"),
            "peer" => assert_eq!(name, "127.0.0.1"),
            "port" => assert_eq!(*name, own_port),
            _ => assert!(name.contains("stat_cases"), "{name}"),
        }
    }
    let errors = |filter: &str| {
        let known = compile("known_calls");
        let out = stat(&["--csv", "--by", "errno", "--where", filter, "-o", "/dev/stderr", "--"]).arg(known).output();
        csv(&out.unwrap().stderr).into_iter().map(|(name, r)| (name, r["count"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(errors("call=recv"), [("EAGAIN".to_owned(), "7".to_owned())]);
    assert_eq!(errors("errno=EPIPE"), [("EPIPE".to_owned(), "3".to_owned())]);
    let hosts = |filter: &str| {
        let (port, got, stay) = peer(1);
        let out = stat(&["--csv", "--by", "host", "--where", filter, "-o", "/dev/stderr", "--"])
            .arg(program())
            .args(["lookup", &port.to_string()])
            .output();
        drop(stay);
        assert_eq!(got.join().unwrap(), 1);
        csv(&out.unwrap().stderr)["localhost"]["bytes_out"].clone()
    };
    assert_eq!((hosts("bytes>0"), hosts("call=recv")), ("1".to_owned(), "0".to_owned()));
}

#[test]
fn the_words_of_strace_sort_as_there() {
    let program = compile("known_calls");
    let number = |cell: &str| cell.replace(',', "").parse::<u64>().unwrap_or(0);
    for (key, column) in [("calls", 1), ("count", 1), ("errors", 2), ("error", 2)] {
        let out =
            stat(&["-c", "-w", "-f", "-S", key, "--by", "call", "-o", "/dev/stderr", "--"]).arg(&program).output();
        let all = text(&out.unwrap().stderr);
        let mut lines = all.lines().skip_while(|l| !l.starts_with("call "));
        let head = lines.next().unwrap_or_else(|| panic!("{all}"));
        let end = head.find(["calls", "errors"][column - 1]).unwrap() + ["calls", "errors"][column - 1].len();
        let rows: Vec<u64> = lines
            .take_while(|l| !l.starts_with("total"))
            .map(|l| l.get(..end).map_or(0, |l| number(l.rsplit(' ').next().unwrap())))
            .collect();
        assert!(rows.len() > 10 && rows[0] > 0 && rows.is_sorted_by(|a, b| a >= b), "{key}: {rows:?}\n{all}");
    }
    let by_name = text(&stat(&["-S", "name", "-o", "/dev/stderr", "--"]).arg(&program).output().unwrap().stderr);
    let names: Vec<&str> = by_name
        .lines()
        .skip_while(|l| !l.starts_with("call "))
        .skip(1)
        .take_while(|l| !l.starts_with("total"))
        .map(|l| l.split(' ').next().unwrap())
        .collect();
    assert!(names.len() > 10 && names.is_sorted(), "{by_name}");
    // The orders by time, against the numbers that the same row has in nanoseconds.
    for (key, column) in [
        ("time", "total_ns"),
        ("total-time", "total_ns"),
        ("avg-time", "avg"),
        ("min-time", "min_ns"),
        ("max-time", "max_ns"),
    ] {
        let scratch = Scratch::new();
        let file = scratch.join("stats");
        let out = stat(&["-S", key, "-o", file.to_str().unwrap(), "--"]).arg(&program).output().unwrap();
        assert!(out.status.success(), "{out:?}");
        let all = std::fs::read_to_string(&file).unwrap();
        let mut lines = all.lines().skip_while(|l| !l.starts_with("call "));
        let head = lines.next().unwrap();
        let cell = |l: &str, name: &str| {
            let end = head.find(name).unwrap() + name.chars().count();
            let cell: String = l.chars().take(end).collect();
            nanoseconds(&cell)
        };
        let value = |l: &str| match column {
            "total_ns" => cell(l, " time"),
            "min_ns" => cell(l, " min"),
            "max_ns" => cell(l, " max"),
            _ => cell(l, " time") / l.split_whitespace().nth(1).unwrap().replace(',', "").parse::<f64>().unwrap(),
        };
        let rows: Vec<f64> = lines.take_while(|l| !l.starts_with("total")).map(value).collect();
        // Three figures are shown.
        assert!(rows.len() > 10 && rows.is_sorted_by(|a, b| *a >= b * 0.99), "{key}: {rows:?}\n{all}");
    }
}

/// The duration at the end of a text.
fn nanoseconds(text: &str) -> f64 {
    let mut words = text.split_whitespace().rev();
    let (unit, number) = (words.next().unwrap(), words.next().unwrap());
    let per = match unit {
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        other => panic!("{other} in {text}"),
    };
    number.parse::<f64>().unwrap() * per
}

#[test]
fn the_numbers_come_again_and_again_and_when_asked_for() {
    let scratch = Scratch::new();
    let file = scratch.join("stats");
    // The shell ends when it has seen three tables, and gives up after a minute.
    let script = format!(
        "for i in $(seq 1200); do [ $(grep -c '^after ' {0}) -ge 3 ] && exit 0; sleep 0.05; done; exit 1",
        file.display()
    );
    // As with strace, a number alone is seconds.
    let o = stat(&["-i", "0.1", "-o", file.to_str().unwrap(), "--", "/bin/sh", "-c", &script]).output().unwrap();
    assert!(o.status.success(), "{o:?}");
    let tables = std::fs::read_to_string(&file).unwrap();
    assert!(tables.matches("\nafter ").count() >= 3, "and once more at the end: {tables}");
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (args, caret, near) in [
        (["-S", "tmie"], "  ^^^^ did", "did you mean `time`?"),
        (["-S", "colour"], "  ^^^^^^ one of", "avg-time"),
        (["--by", "pear"], "  ^^^^ did", "did you mean `peer`?"),
        (["--where", "pear=3"], "  ^^^^ did", "did you mean `peer`?"),
        (["-e", "conect"], "  ^^^^^^ did", "did you mean `connect`?"),
    ] {
        let out = stat(&args).arg("true").output().unwrap();
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains(caret) && said.contains(near), "{said}");
    }
    let out = stat(&["--heatmap=conect", "true"]).output().unwrap();
    assert_eq!((out.status.code(), text(&out.stderr).contains("did you mean `connect`?")), (Some(2), true));
    for args in [["--connections", "3"], ["-i", "soon"]] {
        assert_eq!(stat(&args).arg("true").output().unwrap().status.code(), Some(2));
    }
}

/// Open connections of the test: `make stress-stats` asks for more.
fn many() -> usize {
    std::env::var("SOCKLENS_OPEN").ok().and_then(|v| v.parse().ok()).unwrap_or(30_000)
}

#[test]
fn more_connections_can_be_open_than_a_session_follows_by_default() {
    let n = many();
    let scratch = Scratch::new();
    let file = scratch.join("stats.json");
    let room = (n + 100).to_string();
    let mut child = stat(&["--json", "--connections", &room, "-o", file.to_str().unwrap(), "--"])
        .arg(program())
        .args(["open", &n.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(first_line(&mut child), "open");
    let began = std::time::Instant::now();
    let top = Command::new(&paths().command)
        .args(["top", "--once", "-d", "100ms", &child.id().to_string()])
        .output()
        .unwrap();
    let took = began.elapsed();
    let frame = text(&top.stdout);
    println!("{n} open connections: a frame in {took:?}");
    assert!(top.status.success() && frame.contains(&format!("open {} of", grouped(n))), "{frame}{top:?}");
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(child.wait().unwrap().success());
    let doc = document(&file);
    assert_eq!((array(&doc["conns"]).len(), number(&doc["lost"], "conns")), (n, 0));
}

/// As `top` writes a number of connections.
fn grouped(n: usize) -> String {
    if n < 10_000 { n.to_string() } else { format!("{}k", n / 1000) }
}

#[test]
fn a_program_that_is_killed_is_told_of_with_its_signal() {
    let (_, doc) = told(&["leave"]);
    assert_eq!(row(&doc["total"])[2..], [40, 40]);
    let out = stat(&["--", "/bin/sh", "-c", "kill -KILL $$"]).output().unwrap();
    assert_eq!(out.status.signal(), Some(libc::SIGKILL), "{out:?}");
}

/// What is not known is blank, what is not there is said, and what several processes asked is one line.
#[test]
fn tables_say_nothing_that_is_not_so() {
    let out = stat(&["--by", "errno", "--"]).arg(program()).args(["kids"]).output().unwrap();
    assert!(!text(&out.stderr).contains(" 0 ns"), "{out:?}");
    for (key, none) in
        [("errno", "no call failed"), ("host", "no connection to a name"), ("peer", "no connection with")]
    {
        let out = stat(&["--by", key, "--", "true"]).output().unwrap();
        assert!(text(&out.stderr).contains(none), "{key}: {out:?}");
    }
    let asks = "import socket; socket.getaddrinfo('127.0.0.1', 1)";
    let twice = format!("python3 -c \"{asks}\"; python3 -c \"{asks}\"");
    if require("python3").is_some() {
        let out = stat(&["--", "sh", "-c", &twice]).output().unwrap();
        let told = text(&out.stderr);
        let rows: Vec<&str> = told.lines().filter(|l| l.starts_with("getaddrinfo  127.0.0.1")).collect();
        assert_eq!(rows.len(), 1, "{told}");
        assert_eq!(rows[0].split_whitespace().nth(2), Some("2"), "{told}");
    }
    let out = stat(&["-i", "0", "--", "true"]).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("that is too short"), "{out:?}");
}
