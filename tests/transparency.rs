//! Every C example, with and without socklens: the same output, the same errors, the same end.

use socklens_testkit::{Form, How, Log, Outcome, Run, difference, examples, not_tested};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs whose outputs differ are only excused if the program alone has printed the same as under the shim.
const RAW_TRIES: usize = 30;

/// Runs every example raw and then each way, two at a time, and collects what differs.
fn every_example(ways: &[How]) {
    let names = examples();
    let next = AtomicUsize::new(0);
    let failures: Vec<String> = std::thread::scope(|s| {
        let work = || {
            let mut failures = Vec::new();
            while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                let raw = Run::example(name).run(How::Raw);
                failures.extend(ways.iter().filter_map(|&how| compare(name, &raw, how)));
            }
            failures
        };
        let workers: Vec<_> = (0..2).map(|_| s.spawn(work)).collect();
        workers.into_iter().flat_map(|w| w.join().expect("a worker")).collect()
    });
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), names.len() * ways.len(), failures.join("\n"));
}

fn compare(name: &str, raw: &Outcome, how: How) -> Option<String> {
    let shimmed = match std::panic::catch_unwind(|| Run::example(name).run(how)) {
        Ok(o) => o,
        Err(e) => return Some(e.downcast_ref::<String>().cloned().unwrap_or_else(|| "panic".into())),
    };
    if let Some(d) = difference(raw, &shimmed) {
        let same = |o: &Outcome| difference(o, &shimmed).is_none();
        if !(0..RAW_TRIES).any(|_| same(&Run::example(name).run(How::Raw))) {
            return Some(d);
        }
        not_tested(&format!("{name} prints different things from run to run, also without socklens"));
    }
    match how {
        How::Alone(Form::Json) | How::Command(Form::Json) => match Log::parse(&shimmed.log) {
            Ok(log) => plausible(&log).err().map(|e| format!("{}: {e}", shimmed.label)),
            Err(e) => Some(format!("{}: {e}", shimmed.label)),
        },
        How::Alone(_) | How::Command(_) if shimmed.log.is_empty() => Some(format!("{}: nothing logged", shimmed.label)),
        How::Alone(_) | How::Command(_) if shimmed.log.last() != Some(&b'\n') => {
            Some(format!("{}: the last line has no end", shimmed.label))
        }
        _ => None,
    }
}

/// What holds for every log.
fn plausible(log: &Log) -> Result<(), String> {
    let fail = |what: &str, r: &serde_json::Value| Err(format!("{what}: {r}"));
    let mut calls = 0;
    for r in &log.records {
        let Some(kind) = r["type"].as_str() else { return fail("no type", r) };
        if kind != "call" {
            continue;
        }
        calls += 1;
        let Some(name) = r["call"].as_str() else { return fail("no call", r) };
        if r["pid"].as_u64().is_none_or(|p| p == 0) || r["tid"].as_u64().is_none_or(|t| t == 0) {
            return fail("no process or thread", r);
        }
        if r["time"].as_u64().is_none_or(|t| t < 1_600_000_000_000_000_000) {
            return fail("no time of day", r);
        }
        if r["dur"].as_u64().is_none_or(|d| d > 120_000_000_000) {
            return fail("a duration beyond belief", r);
        }
        let unfinished = r["flags"].as_array().is_some_and(|f| f.iter().any(|f| f == "unfinished"));
        let failed = r["ret"].as_i64() == Some(-1);
        if matches!(name, "socket" | "connect" | "bind" | "recv" | "send" | "accept" | "read" | "write") && !unfinished
        {
            if r["ret"].as_i64().is_none() {
                return fail("no result", r);
            }
            if failed != r["errno"]["n"].as_i64().is_some_and(|e| e > 0) {
                return fail("errno and result disagree", r);
            }
        }
        if matches!(name, "recv" | "send" | "read" | "write") && !failed && !unfinished && r["bytes"] != r["ret"] {
            return fail("bytes and result disagree", r);
        }
    }
    let ends: BTreeSet<u64> =
        log.records.iter().filter(|r| r["type"] == "conn_end").filter_map(|r| r["conn"].as_u64()).collect();
    let starts = log.records.iter().filter(|r| r["type"] == "conn_start").filter_map(|r| r["conn"].as_u64());
    let starts: BTreeSet<u64> = starts.collect();
    if !ends.is_subset(&starts) {
        return Err(format!("connections end that never began: {:?}", ends.difference(&starts)));
    }
    if calls == 0 { Err("no calls".into()) } else { Ok(()) }
}

#[test]
fn a_silent_library_changes_nothing() {
    every_example(&[How::Silent]);
}

#[test]
fn a_library_that_logs_alone_changes_nothing() {
    every_example(&[How::Alone(Form::Text), How::Alone(Form::Json), How::Alone(Form::Strace)]);
}

#[test]
fn socklens_run_changes_nothing() {
    every_example(&[How::Command(Form::Text), How::Command(Form::Json), How::Command(Form::Strace)]);
}

/// How often each of these programs makes each call, whatever the timing.
const COUNTS: &[(&str, &[(&str, usize)])] = &[
    ("udp_echo", &[("socket", 2), ("bind", 1), ("sendto", 8), ("recvfrom", 8), ("close", 2)]),
    ("socketpair_pingpong", &[("socketpair", 3), ("writev", 3000), ("readv", 3000), ("write", 3000), ("read", 3003)]),
    ("threads_many", &[("socketpair", 200), ("send", 2000), ("recv", 2000), ("close", 400)]),
    ("tcp_iterative", &[("socket", 9), ("listen", 1), ("connect", 8), ("accept", 8), ("shutdown", 8), ("close", 25)]),
    ("tcp_threaded", &[("socket", 9), ("listen", 1), ("connect", 8), ("accept4", 8), ("shutdown", 8), ("close", 25)]),
    ("tcp_forking", &[("socket", 9), ("connect", 8), ("accept", 8), ("close", 41)]),
    ("fd_passing", &[("socketpair", 3), ("sendmsg", 5), ("recvmsg", 5), ("close", 7)]),
    ("fortified", &[("send", 2), ("recv", 4), ("recvfrom", 2), ("read", 1), ("pread", 1), ("poll", 1), ("ppoll", 1)]),
    ("getifaddrs_names", &[("getifaddrs", 1), ("if_nametoindex", 2), ("if_indextoname", 2), ("if_nameindex", 1)]),
    ("exit_raw", &[("socketpair", 16), ("write", 15), ("read", 15), ("close", 30)]),
];

#[test]
fn every_call_is_logged_once() {
    for (name, calls) in COUNTS {
        for how in [How::Alone(Form::Json), How::Command(Form::Json)] {
            let run = Run::example(name).run(how);
            let log = run.json();
            for (call, times) in *calls {
                // A call that the program died in is shown too, but only the command can.
                let names = [*call];
                let ended = log.calls(&names).filter(|r| !r["flags"].to_string().contains("unfinished"));
                assert_eq!(ended.count(), *times, "{call} in {}", run.label);
            }
        }
    }
}
