//! `socklens stat --by`, and the document as a validator of JSON schemas sees it.

use serde_json::Value;
use socklens_testkit::{Form, How, Run, Scratch, compile, paths, require};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn program(name: &str) -> String {
    compile(name).to_str().unwrap().to_owned()
}

fn stat(args: &[&str]) -> Output {
    let out =
        Command::new(&paths().command).arg("stat").args(args).env_remove("LD_PRELOAD").stdin(Stdio::null()).output();
    out.unwrap()
}

/// The tables, or the document, that were written for this.
fn written(args: &[&str], program: &[&str]) -> String {
    let scratch = Scratch::new();
    let file = scratch.join("stats");
    let out = stat(&[args, &["-o", file.to_str().unwrap(), "--"], program].concat());
    assert!(out.status.success(), "{out:?}");
    std::fs::read_to_string(file).unwrap()
}

fn document(args: &[&str], program: &[&str]) -> Value {
    let text = written(&[&["--json"], args].concat(), program);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn number(v: &Value, name: &str) -> u64 {
    v[name].as_u64().unwrap_or_else(|| panic!("{name} in {v}"))
}

fn array(v: &Value) -> &[Value] {
    v.as_array().unwrap_or_else(|| panic!("no array: {v}"))
}

/// The threads are four that work and end, and the first, which makes the calls under signals.
#[test]
fn percentiles_of_threads_that_ended_are_those_of_an_exact_sort() {
    let run = Run::new(compile("known_calls")).options(["--stats", "-s", "0"]).run(How::Command(Form::Json));
    run.assert_success();
    let mut durations: BTreeMap<(u64, u64), Vec<u64>> = BTreeMap::new();
    let mut stats = Value::Null;
    for v in run.json().records {
        if v["type"] == "call" {
            durations.entry((number(&v, "pid"), number(&v, "tid"))).or_default().push(number(&v, "dur"));
        } else if v["type"] == "stats" {
            stats = v["stats"].clone();
        }
    }
    let mut compared = 0;
    for t in array(&stats["threads"]) {
        let key = (number(t, "pid"), number(t, "tid"));
        let all = durations.get_mut(&key).unwrap_or_else(|| panic!("no calls of {t}"));
        // The calls of a vfork's child count for its parent, in the log they are its own.
        if number(t, "count") != all.len() as u64 {
            continue;
        }
        all.sort_unstable();
        compared += 1;
        for (name, q) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999), ("min", 0.0), ("max", 1.0)] {
            let rank = ((q * all.len() as f64).ceil() as usize).max(1);
            let (exact, told) = (all[rank - 1] as f64, number(&t["latency_ns"], name) as f64);
            assert!((exact - told).abs() <= exact * 0.01 + 3.0, "{key:?} {name}: {told}, exactly {exact}");
        }
    }
    assert!(compared > 4, "{compared} of {stats}");
}

#[test]
fn tables_come_in_the_order_of_their_keys_and_say_what_they_are_by() {
    let kids = program("stat_cases");
    let told = written(&["--by", "thread,call", "--by", "process"], &[&kids, "kids"]);
    let heads: Vec<&str> = told.lines().filter(|l| l.contains(" calls ")).collect();
    let first: Vec<&str> = heads.iter().map(|l| l.split("  ").next().unwrap()).collect();
    assert_eq!(first, ["process, thread", "call", "process"], "{told}");
    assert!(heads[0].contains("p99.9"), "{told}");
    // The parent made no call that counts.
    assert!(told.contains("\n1 more process made no socket calls\n"), "{told}");
    assert_eq!(told.matches(" stat_cases ").count(), 8, "{told}");
    let out = stat(&["--csv", "--by", "peer,errno", "--", "true"]);
    assert_eq!(out.status.code(), Some(2), "{out:?}");
    assert!(String::from_utf8_lossy(&out.stderr).contains("--csv writes one table"), "{out:?}");
    let out = stat(&["--by", "peer,prot", "--", "true"]);
    assert_eq!(out.status.code(), Some(2), "{out:?}");
    assert!(String::from_utf8_lossy(&out.stderr).contains("did you mean `port`?"), "{out:?}");
}

#[test]
fn the_document_has_the_groups_that_were_asked_for() {
    let cases = program("stat_cases");
    let doc = document(&["--by", "port,errno,thread"], &[&cases, "late", "1"]);
    let groups = doc["groups"].as_object().unwrap();
    assert_eq!(groups.keys().collect::<Vec<_>>(), ["errno", "port", "thread"]);
    let (ports, conns) = (array(&groups["port"]), array(&doc["conns"]));
    assert_eq!(ports.iter().map(|g| number(g, "conns")).sum::<u64>(), conns.len() as u64, "{doc}");
    let calls = |c: &Value| ["calls_in", "calls_out", "calls_other"].map(|n| number(c, n)).iter().sum::<u64>();
    assert_eq!(ports.iter().map(|g| number(g, "count")).sum::<u64>(), conns.iter().map(calls).sum::<u64>());
    assert_eq!(array(&groups["errno"])[0]["key"], "EINPROGRESS", "{groups:?}");
    assert!(number(&array(&groups["thread"])[0]["latency_ns"], "p99") > 0, "{groups:?}");
    assert!(document(&[], &[&cases, "kids"])["groups"].is_null());
}

/// What a validator says of a document; empty when it is as the schema has it.
fn objections(validator: &Path, document: &Path, schema: &Path) -> String {
    let out = Command::new(validator).arg("-i").args([document, schema]).output().unwrap();
    assert_eq!(out.status.success(), out.stderr.is_empty(), "{out:?}");
    String::from_utf8_lossy(&out.stderr).into_owned()
}

#[test]
fn documents_are_valid_by_the_schema() {
    let Some(validator) = require("jsonschema") else { return };
    let scratch = Scratch::new();
    let (schema, file) = (scratch.join("schema.json"), scratch.join("document.json"));
    let printed = Command::new(&paths().command).args(["schema", "--stats"]).output().unwrap();
    std::fs::write(&schema, &printed.stdout).unwrap();
    let (cases, known) = (program("stat_cases"), program("known_calls"));
    let all = "--by=call,peer,process,thread,errno,port,host";
    for (options, program) in [
        (&[][..], &[&known[..]][..]),
        (&[all], &[&known]),
        (&["--no-times", all], &[&known, "tcp"]),
        (&[all], &[&cases, "drops"]),
        (&[], &[&cases, "names"]),
        (&[all], &[&cases, "kids"]),
        (&[], &["true"]),
    ] {
        let doc = document(options, program);
        std::fs::write(&file, doc.to_string()).unwrap();
        assert_eq!(objections(&validator, &file, &schema), "", "{options:?} {program:?}");
        // It does object, to what is missing and to what is of another kind.
        if array(&doc["threads"]).is_empty() {
            continue;
        }
        for (wrong, name) in [(Value::Null, "threads"), (serde_json::json!([{"pid": 1}]), "processes")] {
            let mut other = doc.clone();
            other[name] = wrong;
            std::fs::write(&file, other.to_string()).unwrap();
            assert_ne!(objections(&validator, &file, &schema), "", "{name}");
        }
    }
    // Without the command: a line for each process.
    let lines = scratch.join("alone.json");
    let mut alone = Command::new(&cases);
    alone.arg("kids").env("LD_PRELOAD", &paths().library).env("SOCKLENS_STATS", &lines);
    assert!(alone.status().unwrap().success());
    let all = std::fs::read_to_string(&lines).unwrap();
    assert_eq!(all.lines().count(), 4, "{all}");
    for line in all.lines() {
        std::fs::write(&file, line).unwrap();
        assert_eq!(objections(&validator, &file, &schema), "", "{line}");
    }
}

#[test]
fn only_calls_that_can_wait_are_told_to_have_waited() {
    let scratch = Scratch::new();
    let log = scratch.join("log");
    let out = Command::new(&paths().command)
        .args(["run", "--stats", "--quiet", "--format", "json", "-o", log.to_str().unwrap()])
        .args(["--fault", "getsockname @n=1 : delay 2ms", "--fault", "recv @n=1 : delay 2ms", "--"])
        .arg(compile("known_calls"))
        .arg("tcp")
        .env_remove("LD_PRELOAD")
        .output()
        .unwrap();
    assert!(out.status.success(), "{out:?}");
    let all = std::fs::read_to_string(&log).unwrap();
    let stats =
        all.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()).find(|v| v["type"] == "stats").unwrap();
    let of = |call: &str| {
        let c = array(&stats["stats"]["calls"]).iter().find(|c| c["call"] == call).unwrap_or_else(|| panic!("{stats}"));
        (number(&c["latency_ns"], "max"), number(c, "blocked_ns"))
    };
    let (asked, received) = (of("getsockname"), of("recv"));
    assert!(asked.0 >= 2_000_000 && asked.1 == 0, "{asked:?}");
    assert!(received.1 >= 2_000_000, "{received:?}");
}

/// The slots of processes that ended meanwhile are used again, also by a later image of a process that has one already.
#[test]
fn a_process_is_one_row_and_connections_are_those_of_the_image_that_opened_them() {
    let pairs = compile("pairs");
    let script = format!("sleep 0.05 & (sleep 0.2; exec {})", pairs.display());
    for _ in 0..15 {
        let out = stat(&["--json", "--", "sh", "-c", &script]);
        assert!(out.status.success(), "{out:?}");
        let doc: Value = serde_json::from_slice(&out.stdout).unwrap();
        let conns = array(&doc["conns"]);
        assert!(!conns.is_empty(), "{doc}");
        for c in conns {
            assert_eq!(c["comm"], "pairs", "{c}");
        }
        let mut names = BTreeMap::new();
        for p in array(&doc["processes"]) {
            let before = names.insert(number(p, "pid"), p["comm"].as_str().unwrap().to_owned());
            assert_eq!(before, None, "two rows of a process: {doc}");
        }
        assert_eq!(names.get(&number(&conns[0], "pid")).map(String::as_str), Some("pairs"));
    }
}
