//! The short ways of send, recv, read and write (src/hot/order/short.rs): what is not as usual is seen all the same.

use serde_json::Value;
use socklens_testkit::{Form, How, Run, Scratch, compile, paths};
use std::collections::BTreeMap;
use std::process::Command;

const ROUNDS: u64 = 50;

/// Calls and bytes in a process.
type Calls = BTreeMap<&'static str, (u64, u64)>;

/// What tests/programs/short_ways.c does of the four: the process itself twice, with a handler's two calls, a recv
/// that is interrupted and one that finds nothing between, and the child it forks without libc once.
fn expected() -> [Calls; 2] {
    let all = |times: u64, send: (u64, u64), recv: (u64, u64)| {
        let n = 2 * ROUNDS * times;
        Calls::from([
            ("send", (n + send.0, 8 * n + send.1)),
            ("recv", (n + recv.0, 8 * n + recv.1)),
            ("write", (n, 8 * n)),
            ("read", (n, 8 * n)),
        ])
    };
    [all(2, (1, 8), (3, 8)), all(1, (0, 0), (0, 0))]
}

/// The four calls of each process, its own first, from a log.
fn logged(log: &[Value], child: u64) -> [Calls; 2] {
    let mut seen = [Calls::new(), Calls::new()];
    for name in ["send", "recv", "write", "read"] {
        for r in log.iter().filter(|r| r["call"] == name) {
            let (n, bytes) = seen[usize::from(r["pid"] == child)].entry(name).or_default();
            *n += 1;
            *bytes += r["bytes"].as_u64().unwrap_or(0);
        }
    }
    seen
}

fn run(options: &[&str]) -> (Vec<Value>, u64) {
    let program = compile("short_ways");
    let out = Run::new(program).arg(ROUNDS.to_string()).options(options).run(How::Command(Form::Json));
    out.assert_success();
    let child = out.out().trim().parse().unwrap();
    (out.json().records, child)
}

#[test]
fn whatever_is_unusual_is_recorded() {
    for options in [&["-s0"][..], &["-s64"], &["--stats"], &["--where", "fd>=0"]] {
        let (log, child) = run(options);
        assert_eq!(logged(&log, child), expected(), "{options:?}");
        let interrupted = log.iter().filter(|r| r["call"] == "recv" && r["errno"]["s"] == "EINTR").count();
        assert_eq!(interrupted, 1, "{options:?}");
    }
}

/// A handler's calls take the place of the one that they interrupt only as long as they last.
#[test]
fn a_call_that_was_interrupted_by_others_is_shown_again() {
    let program = compile("short_ways");
    let out = Run::new(program).args(["1", "killed"]).run(How::Command(Form::Json));
    let log = out.json();
    let unfinished: Vec<_> = log.records.iter().filter(|r| r["flags"].to_string().contains("unfinished")).collect();
    let [one] = unfinished[..] else { panic!("{unfinished:?}") };
    // kill itself is no call of ours.
    assert_eq!((&one["call"], &one["args"]["len"]), (&"recv".into(), &8.into()), "{one}");
}

/// Two processes go on where there was one, each with its own slot and chunk.
#[test]
fn a_fork_within_a_call_makes_two_of_it() {
    // What the child does more: the recv that its parent was in, or what its handler calls.
    for (how, send, recv) in [("forks", (0, 0), (1, 0)), ("atfork", (1, 8), (1, 8))] {
        let out = Run::new(compile("short_ways")).args([&ROUNDS.to_string(), how]).run(How::Command(Form::Json));
        out.assert_success();
        let child = out.out().trim().parse().unwrap();
        let log = out.json();
        let [parent, mut of_child] = expected();
        for (name, (n, bytes)) in [("send", send), ("recv", recv)] {
            let row = of_child.get_mut(name).unwrap();
            *row = (row.0 + n, row.1 + bytes);
        }
        assert_eq!(logged(&log.records, child), [parent, of_child], "{how}");
        assert_eq!(log.records.iter().filter(|r| r["type"] == "process_start").count(), 2, "{how}");
    }
}

#[test]
fn rules_about_other_connections_change_nothing() {
    let (log, child) = run(&["--fault", "send,recv,read,write peer=192.0.2.1:9 : error ECONNRESET"]);
    assert_eq!(logged(&log, child), expected());
}

/// The four are counted in each process by themselves.
#[test]
fn whatever_is_unusual_is_counted() {
    let program = compile("short_ways");
    for options in [&["--no-times"][..], &[]] {
        let scratch = Scratch::new();
        let file = scratch.join("stats.json");
        let mut c = Command::new(&paths().command);
        c.args(["stat", "--json", "-o"]).arg(&file).args(options).arg("--").arg(&program).arg(ROUNDS.to_string());
        let out = c.env_remove("LD_PRELOAD").output().unwrap();
        assert!(out.status.success(), "{out:?}");
        let child: u64 = String::from_utf8_lossy(&out.stdout).trim().parse().unwrap();
        let doc: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let number = |v: &Value, name: &str| v[name].as_u64().unwrap_or_else(|| panic!("{name} in {v}"));

        let [own, of_child] = expected();
        for (name, (n, bytes)) in &own {
            let row = doc["calls"].as_array().unwrap().iter().find(|r| r["call"] == *name).unwrap();
            let (more, more_bytes) = of_child[name];
            assert_eq!(number(row, "count"), n + more, "{name} {options:?}");
            assert_eq!(number(row, "bytes_in") + number(row, "bytes_out"), bytes + more_bytes, "{name} {options:?}");
        }
        let process = doc["processes"].as_array().unwrap().iter().find(|p| p["pid"] == child);
        let n: u64 = of_child.values().map(|(n, _)| n).sum();
        assert_eq!(process.map(|p| number(p, "count")), Some(n), "the child, {options:?}");
    }
}
