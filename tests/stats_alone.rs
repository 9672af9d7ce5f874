//! SOCKLENS_STATS: statistics without the command.

use serde_json::Value;
use socklens_testkit::{How, Run, Scratch, compile, paths};
use std::collections::BTreeMap;
use std::path::Path;

fn documents(dir: &Scratch) -> Vec<Value> {
    let mut all = Vec::new();
    for name in dir.files() {
        let text = std::fs::read_to_string(dir.join(&name)).unwrap();
        for line in text.lines() {
            let v: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
            // Of each process in its own file.
            let pid = &v["processes"][0]["pid"];
            assert!(!name.contains('-') || name.contains(&format!("-{pid}.")), "{pid} in {name}");
            all.push(v);
        }
    }
    all
}

fn number(v: &Value, name: &str) -> u64 {
    v[name].as_u64().unwrap_or_else(|| panic!("{name} in {v}"))
}

/// Calls of all processes: count, errors, bytes in and out.
fn sums(docs: &[Value]) -> BTreeMap<String, [u64; 4]> {
    let mut all: BTreeMap<String, [u64; 4]> = BTreeMap::new();
    for c in docs.iter().flat_map(|d| d["calls"].as_array().unwrap()) {
        let to = all.entry(c["call"].as_str().unwrap().to_owned()).or_default();
        let from = ["count", "errors", "bytes_in", "bytes_out"].map(|n| number(c, n));
        to.iter_mut().zip(from).for_each(|(a, b)| *a += b);
    }
    all
}

fn shimmed(program: impl AsRef<Path>, dir: &Scratch, file: &str) -> Run {
    Run::new(program).env("SOCKLENS_STATS", dir.join(file))
}

#[test]
fn known_calls_give_exactly_their_numbers() {
    let dir = Scratch::new();
    let out = shimmed(compile("known_calls"), &dir, "s-%p.json").run(How::Silent);
    out.assert_success();
    assert_eq!(out.err(), "", "nothing is said beside the file");
    let mut want = BTreeMap::new();
    for line in out.out().lines().filter(|l| !l.starts_with("ERRNO")) {
        let w: Vec<&str> = line.split(' ').collect();
        want.insert(w[0].to_owned(), [1, 2, 3, 4].map(|i| w[i].parse::<u64>().unwrap()));
    }
    let docs = documents(&dir);
    assert_eq!(sums(&docs), want);
    assert!(docs.len() >= 3, "the program, its child and its child's program: {}", docs.len());
    let all = docs.iter().max_by_key(|d| number(&d["total"], "count")).unwrap();
    assert_eq!((number(all, "schema"), &all["final"]), (1, &Value::Bool(true)));
    let recv = all["calls"].as_array().unwrap().iter().find(|c| c["call"] == "recv").unwrap();
    assert_eq!((number(&recv["errno"], "EAGAIN"), number(recv, "bytes_peeked")), (7, 10));
    let l = &recv["latency_ns"];
    assert!(number(l, "min") <= number(l, "p50") && number(l, "p999") <= number(l, "max"), "{l}");
    let moved: u64 = docs.iter().flat_map(|d| d["conns"].as_array().unwrap()).map(|c| number(c, "calls_out")).sum();
    assert!(moved > 20_000, "connections are there: {moved}");
}

#[test]
fn children_that_could_not_tell_are_told_of() {
    let dir = Scratch::new();
    shimmed(compile("stat_cases"), &dir, "s-%p.json").arg("kids").run(How::Silent).assert_success();
    let docs = documents(&dir);
    assert_eq!(docs.len(), 4, "by exit, _exit, SIGKILL and abort");
    assert_eq!(sums(&docs)["write"], [100, 0, 0, 800]);
    // One file for all of them holds a line of each.
    let one = Scratch::new();
    shimmed(compile("stat_cases"), &one, "all.json").arg("kids").run(How::Silent).assert_success();
    assert_eq!(sums(&documents(&one)), sums(&docs));
}

#[test]
fn connections_are_those_of_the_command() {
    let dir = Scratch::new();
    let out = shimmed(compile("known_calls"), &dir, "s-%p.json").arg("tcp").run(How::Silent);
    let said: Vec<u64> = out.out().split_whitespace().map(|w| w.parse().unwrap()).collect();
    let docs = documents(&dir);
    let conns = docs[0]["conns"].as_array().unwrap();
    let of = |role: &str| conns.iter().find(|c| c["role"] == role).unwrap_or_else(|| panic!("no {role}: {conns:?}"));
    let client = of("client");
    assert_eq!(
        ["bytes_acked", "bytes_received", "retransmits", "min_rtt_us"].map(|n| number(&client["tcp"], n)),
        said[..]
    );
    assert!(number(client, "connect_ns") > 0 && number(client, "first_byte_ns") > 0, "{client}");
    assert_eq!((&client["end"], &of("server")["end"]), (&"closed".into(), &"fin".into()));
    assert_eq!(number(&of("listener")["tcp"], "queue_limit"), 5);
    let peers = docs[0]["peers"].as_array().unwrap();
    assert_eq!((peers.len(), &peers[0]["peer"], number(&peers[0], "conns")), (1, &"127.0.0.1".into(), 2));
    // Every document is as the schema of the command's says: its members are there.
    let schema = std::process::Command::new(&paths().command).args(["schema", "--stats"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    for (of, v) in [("conn", client), ("peer", &peers[0]), ("process", &docs[0]["processes"][0])] {
        for name in schema["$defs"][of]["required"].as_array().unwrap() {
            assert!(v.get(name.as_str().unwrap()).is_some(), "{of}: {name} is missing in {v}");
        }
    }
    for name in schema["required"].as_array().unwrap() {
        assert!(docs[0].get(name.as_str().unwrap()).is_some(), "{name} is missing");
    }
}

#[test]
fn tables_go_to_stderr_beside_a_log() {
    let out = Run::example("socketpair_pingpong").env("SOCKLENS_STATS", "stderr").run(How::Silent);
    out.assert_success();
    let said = out.err();
    let first: Vec<&str> = said.lines().take(2).collect();
    assert!(first[0].starts_with("socklens: socketpair_ping (pid ") && first[1].starts_with("call "), "{said}");
    assert!(said.contains("\nconnection ") && said.contains("pair"), "{said}");
    assert_eq!(Run::example("socketpair_pingpong").run(How::Raw).out(), out.out());
    let both = Run::example("socketpair_pingpong").env("SOCKLENS_STATS", "stderr").env("SOCKLENS_LOG", "stderr");
    let said = both.run(How::Silent).err();
    assert!(said.contains("socketpair(AF_UNIX") && said.contains("\nconnection "), "{said}");
}

#[test]
fn only_what_is_asked_for_is_counted() {
    let dir = Scratch::new();
    let run = |file: &str| shimmed(compile("known_calls"), &dir, file);
    run("trace.json").env("SOCKLENS_TRACE", "connect,bind").run(How::Silent).assert_success();
    let trace: Vec<String> = sums(&documents(&dir)).into_keys().collect();
    assert_eq!(trace, ["bind", "connect"]);
    let dir = Scratch::new();
    shimmed(compile("known_calls"), &dir, "f.json").env("SOCKLENS_FILTER", "failed").run(How::Silent).assert_success();
    assert!(sums(&documents(&dir)).values().all(|r| r[0] == r[1]), "only what failed");
}

#[test]
fn a_program_without_socket_calls_writes_nothing() {
    let out = Run::new("/bin/true").env("SOCKLENS_STATS", "stderr").run(How::Silent);
    out.assert_success();
    assert_eq!(out.err(), "");
}

#[test]
fn what_cannot_be_written_is_said_and_the_program_runs() {
    let raw = Run::example("socketpair_pingpong").run(How::Raw);
    for (value, why) in [
        ("stats", "want stderr, fd:N or a path with a slash"),
        ("/nowhere/at/all", "cannot be opened"),
        ("fd:77", "not an open descriptor"),
    ] {
        let out = Run::example("socketpair_pingpong").env("SOCKLENS_STATS", value).run(How::Silent);
        assert_eq!((out.out(), out.ended()), (raw.out(), raw.ended()));
        let said = out.err();
        assert!(said.contains(&format!("SOCKLENS_STATS={value}: {why}")), "{said}");
        assert!(said.contains("statistics are off for this program"), "{said}");
    }
}
