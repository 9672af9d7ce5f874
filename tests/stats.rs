//! `socklens stat`: the numbers are those of the calls that were made, whoever made them and however they ended.

use serde_json::Value;
use socklens_testkit::{Form, How, Run, Scratch, compile, paths};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

/// Runs of the exactness test: `make stress` asks for more.
fn loops() -> usize {
    std::env::var("SOCKLENS_LOOPS").ok().and_then(|v| v.parse().ok()).unwrap_or(10)
}

fn stat(options: &[&str], scratch: &Scratch, program: &[&str]) -> (Output, Value) {
    let file = scratch.join("stats.json");
    let mut c = Command::new(&paths().command);
    c.arg("stat").args(["--json", "-o", file.to_str().unwrap()]).args(options).arg("--").args(program);
    let out = c.env_remove("LD_PRELOAD").stdin(Stdio::null()).output().unwrap();
    let text = std::fs::read(&file).unwrap_or_else(|e| panic!("{e}: {out:?}"));
    let doc = serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&text)));
    (out, doc)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

type Row = [u64; 4];
/// Call, name of the error, how often.
type Failure = (String, String, u64);

fn number(v: &Value, name: &str) -> u64 {
    v[name].as_u64().unwrap_or_else(|| panic!("{name} in {v}"))
}

fn row(v: &Value) -> Row {
    ["count", "errors", "bytes_in", "bytes_out"].map(|n| number(v, n))
}

fn array(v: &Value) -> &[Value] {
    v.as_array().unwrap_or_else(|| panic!("no array: {v}"))
}

fn calls(v: &Value) -> BTreeMap<String, Row> {
    array(&v["calls"]).iter().map(|c| (c["call"].as_str().unwrap().to_owned(), row(c))).collect()
}

/// What the program says of itself: rows, and errors by call and name.
fn expected(said: &str) -> (BTreeMap<String, Row>, Vec<Failure>) {
    let (mut rows, mut errors) = (BTreeMap::new(), Vec::new());
    for line in said.lines() {
        let w: Vec<&str> = line.split(' ').collect();
        if w[0] == "ERRNO" {
            errors.push((w[1].to_owned(), w[2].to_owned(), w[3].parse().unwrap()));
        } else {
            rows.insert(w[0].to_owned(), [1, 2, 3, 4].map(|i| w[i].parse().unwrap()));
        }
    }
    (rows, errors)
}

fn add(to: &mut Row, from: Row) {
    to.iter_mut().zip(from).for_each(|(a, b)| *a += b);
}

#[track_caller]
fn consistent(doc: &Value) {
    let mut by_call = Row::default();
    calls(doc).values().for_each(|r| add(&mut by_call, *r));
    for table in ["processes", "threads"] {
        let mut sum = Row::default();
        array(&doc[table]).iter().for_each(|p| add(&mut sum, row(p)));
        assert_eq!(sum, by_call, "the sum of {table}");
    }
    assert_eq!(row(&doc["total"]), by_call);
    let lost = doc["lost"].as_object().unwrap();
    assert!(lost.values().all(|n| n == 0), "{lost:?}");
    for c in array(&doc["calls"]) {
        let Some(all) = c["histogram"].as_array() else { continue };
        let timed: u64 = all.iter().map(|b| b[2].as_u64().unwrap()).sum();
        assert_eq!(timed, number(c, "count"), "durations of {}", c["call"]);
    }
}

#[test]
fn known_calls_give_exactly_their_numbers() {
    let program = compile("known_calls");
    let program = program.to_str().unwrap();
    for i in 0..loops() {
        let scratch = Scratch::new();
        let options: &[&str] = if i % 3 == 2 { &["--no-times"] } else { &[] };
        let (out, doc) = stat(options, &scratch, &[program]);
        assert!(out.status.success(), "{out:?}");
        let (rows, errors) = expected(&text(&out.stdout));
        assert_eq!(calls(&doc), rows, "run {i}");
        consistent(&doc);
        for (call, name, n) in errors {
            let c = array(&doc["calls"]).iter().find(|c| c["call"] == call.as_str()).unwrap();
            assert_eq!(number(&c["errno"], &name), n, "{call} {name}");
        }
        let of = |call: &str| array(&doc["calls"]).iter().find(|c| c["call"] == call).unwrap();
        assert_eq!((number(of("recv"), "eagain"), number(of("recv"), "bytes_peeked")), (7, 10));

        // Every socket once, whoever shared it: 12 pairs of two, and the rest one by one.
        let conns = array(&doc["conns"]);
        let pairs = rows["socketpair"][0];
        assert_eq!(conns.len() as u64, 2 * pairs + rows["socket"][0]);
        assert_eq!(number(&doc["lost"], "conns"), 0);
        let sum = |name: &str| conns.iter().map(|c| number(c, name)).sum::<u64>();
        let total = row(&doc["total"]);
        assert_eq!((sum("bytes_in"), sum("bytes_out")), (total[2], total[3]), "bytes of all connections");
        let shared: Vec<_> = conns.iter().filter(|c| number(c, "calls_out") == 2000).collect();
        assert!(shared.iter().any(|c| number(c, "bytes_out") == 2000), "the pair that four threads wrote to");
        let copied =
            conns.iter().find(|c| number(c, "bytes_out") == 26).expect("the end that was copied and passed on");
        assert_eq!(number(copied, "calls_out"), 11);
    }
}

#[test]
fn what_a_killed_process_had_counted_is_there() {
    let scratch = Scratch::new();
    let program = compile("known_calls");
    let (out, doc) = stat(&[], &scratch, &[program.to_str().unwrap(), "killed"]);
    assert_eq!(out.status.signal(), Some(libc::SIGKILL), "{out:?}");
    assert_eq!(calls(&doc), expected(&text(&out.stdout)).0);
    consistent(&doc);
}

#[test]
fn short_connections_are_all_told_of() {
    const N: usize = 50_000;
    let scratch = Scratch::new();
    let program = compile("known_calls");
    let (out, doc) = stat(&[], &scratch, &[program.to_str().unwrap(), "short", &N.to_string()]);
    assert!(out.status.success(), "{out:?}");
    let conns = array(&doc["conns"]);
    assert_eq!(conns.len(), N);
    let serials: std::collections::BTreeSet<u64> = conns.iter().map(|c| number(c, "conn")).collect();
    assert_eq!(serials.len(), N);
    assert!(conns.iter().all(|c| c["end"] == "closed" && c["site"].as_str().is_some_and(|s| s.starts_with("0x"))));
    assert_eq!(calls(&doc)["close"], [N as u64, 0, 0, 0]);
}

#[test]
fn tcp_info_is_the_kernels() {
    let scratch = Scratch::new();
    let program = compile("known_calls");
    let (out, doc) = stat(&[], &scratch, &[program.to_str().unwrap(), "tcp"]);
    let said: Vec<u64> = text(&out.stdout).split_whitespace().map(|w| w.parse().unwrap()).collect();
    let conns = array(&doc["conns"]);
    let client = conns.iter().find(|c| c["role"] == "client").expect("a client");
    let tcp = &client["tcp"];
    let told = ["bytes_acked", "bytes_received", "retransmits", "min_rtt_us"].map(|n| number(tcp, n));
    assert_eq!(told, said[..], "{client}");
    assert!(number(client, "connect_ns") > 0 && number(client, "first_byte_ns") > 0, "{client}");
    assert_eq!(client["end"], "closed");
    let server = conns.iter().find(|c| c["role"] == "server").expect("a server");
    assert_eq!(server["end"], "fin", "{server}");
    let listener = conns.iter().find(|c| c["role"] == "listener").expect("a listener");
    assert_eq!(number(&listener["tcp"], "queue_limit"), 5);
}

#[test]
fn fault_rules_are_in_the_statistics() {
    let scratch = Scratch::new();
    let log = scratch.join("log");
    let run = |form: &str| {
        Command::new(&paths().command)
            .args(["run", "--stats", "--quiet", "-e", "bind", "--format", form, "-o", log.to_str().unwrap()])
            .args(["--fault", "first = send @n=2 : signal SIGUSR1", "--fault", "recv : again", "--"])
            .args([compile("measured").to_str().unwrap(), "sends"])
            .env_remove("LD_PRELOAD")
            .output()
            .unwrap()
    };
    let out = run("json");
    assert!(out.status.success(), "{out:?}");
    let all = std::fs::read_to_string(&log).unwrap();
    let stats = all.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()).find(|v| v["type"] == "stats");
    let stats = stats.unwrap_or_else(|| panic!("{all}"));
    let rows = array(&stats["stats"]["faults"]);
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!((number(&rows[0], "matched"), number(&rows[0], "fired")), (3, 1), "{rows:?}");
    assert!(rows[0]["rule"].as_str().unwrap().starts_with("first = send"), "{rows:?}");
    assert_eq!((number(&rows[1], "matched"), number(&rows[1], "fired")), (0, 0), "{rows:?}");
    run("text");
    let all = std::fs::read_to_string(&log).unwrap();
    assert!(all.contains("fault rule") && all.contains("first = send @n=2 : signal SIGUSR1"), "{all}");
}

#[test]
fn percentiles_are_those_of_an_exact_sort() {
    let run = Run::new(compile("known_calls")).options(["--stats", "-s", "0"]).run(How::Command(Form::Json));
    run.assert_success();
    let mut durations: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut stats = Value::Null;
    for v in run.json().records {
        if v["type"] == "call" {
            durations.entry(v["call"].as_str().unwrap().to_owned()).or_default().push(number(&v, "dur"));
        } else if v["type"] == "stats" {
            stats = v["stats"].clone();
        }
    }
    assert_eq!(array(&stats["calls"]).len(), durations.len());
    for c in array(&stats["calls"]) {
        let call = c["call"].as_str().unwrap();
        let all = durations.get_mut(call).unwrap();
        all.sort_unstable();
        assert_eq!(number(c, "count"), all.len() as u64, "{call}");
        let latency = &c["latency_ns"];
        for (name, q) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999), ("min", 0.0), ("max", 1.0)] {
            let rank = ((q * all.len() as f64).ceil() as usize).max(1);
            let (exact, told) = (all[rank - 1] as f64, number(latency, name) as f64);
            // 0.8 % and the rounding of whole nanoseconds and clock ticks; the clock's rate is known to 0.1 %.
            assert!((exact - told).abs() <= exact * 0.01 + 3.0, "{call} {name}: {told}, exactly {exact}");
        }
    }
}

#[test]
fn sigusr1_shows_the_numbers_so_far() {
    let scratch = Scratch::new();
    let file = scratch.join("stats");
    let script = format!("kill -USR1 $PPID; while [ ! -s {} ]; do sleep 0.02; done", file.display());
    let out = Command::new(&paths().command)
        .args(["stat", "-o", file.to_str().unwrap(), "--", "/bin/sh", "-c", &script])
        .output()
        .unwrap();
    assert!(out.status.success(), "{out:?}");
    let told = std::fs::read_to_string(&file).unwrap();
    assert_eq!(told.matches("no socket calls").count(), 2, "{told}");
}

#[test]
fn a_wrong_key_is_explained() {
    for (args, word) in [(["-S", "colour"], "avg-time"), (["--by", "colour"], "peer"), (["-e", "conect"], "connect")] {
        let out = Command::new(&paths().command).arg("stat").args(args).arg("true").output().unwrap();
        assert_eq!(out.status.code(), Some(2), "{out:?}");
        assert!(text(&out.stderr).contains(word), "{out:?}");
    }
}

#[test]
fn a_filter_counts_only_what_passes() {
    let scratch = Scratch::new();
    let program = compile("known_calls");
    let (out, doc) = stat(&["--where", "failed"], &scratch, &[program.to_str().unwrap()]);
    let (rows, _) = expected(&text(&out.stdout));
    let failed: BTreeMap<String, Row> =
        rows.into_iter().filter(|r| r.1[1] > 0).map(|(c, r)| (c, [r[1], r[1], 0, 0])).collect();
    assert_eq!(calls(&doc), failed);
}

/// Times, errors, the latest error, the address of the latest answer.
type Lookup<'a> = (u64, u64, Option<&'a str>, Option<&'a str>);

#[test]
fn lookups_have_a_row_each_of_what_was_asked_and_found() {
    let scratch = Scratch::new();
    let program = compile("stat_cases");
    let program = [program.to_str().unwrap(), "names"];
    let (out, doc) = stat(&[], &scratch, &program);
    assert!(out.status.success(), "{out:?}");
    let said = text(&out.stdout);
    let (lines, took) = said.trim_end().rsplit_once('\n').unwrap();
    let mut want: BTreeMap<&str, Lookup> = BTreeMap::new();
    for line in lines.lines() {
        let [name, error, addr] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let row = want.entry(name).or_default();
        row.0 += 1;
        row.1 += u64::from(error != "-");
        row.2 = (error != "-").then_some(error).or(row.2);
        row.3 = (addr != "-").then_some(addr).or(row.3);
    }
    assert_eq!(want["localhost"].0, 5);
    assert_eq!(want["name.invalid"], (3, 3, Some("EAI_NONAME"), None));
    assert_eq!((want["127.0.0.1"].0, want["127.0.0.1"].1, want["127.0.0.1"].3), (2, 1, Some("127.0.0.1")));
    let pid = number(&array(&doc["processes"])[0], "pid");
    let (forward, others): (Vec<_>, Vec<_>) = array(&doc["dns"]).iter().partition(|d| d["call"] == "getaddrinfo");
    let got = forward.iter().map(|d| {
        let addrs: Vec<&str> = array(&d["addrs"]).iter().map(|a| a.as_str().unwrap()).collect();
        assert!(addrs.len() < 2, "of one family: {d}");
        (
            d["name"].as_str().unwrap(),
            (number(d, "count"), number(d, "errors"), d["error"].as_str(), addrs.first().copied()),
        )
    });
    assert_eq!(got.collect::<BTreeMap<_, _>>(), want);
    assert_eq!(forward.len(), want.len(), "one row for each name");
    let [named] = others[..] else { panic!("getnameinfo alone: {others:?}") };
    assert_eq!((&named["call"], &named["name"]), (&"getnameinfo".into(), &"127.0.0.1:80".into()));
    assert_eq!(named["addrs"], serde_json::json!(["127.0.0.1"]));
    let mut total = 0;
    for d in array(&doc["dns"]) {
        let [n, sum, min, max] = ["count", "total_ns", "min_ns", "max_ns"].map(|name| number(d, name));
        assert_eq!(number(d, "pid"), pid);
        assert!(0 < min && min <= max && n * min <= sum && sum <= n * max, "{d}");
        if n == 1 {
            assert!(min == sum && max == sum, "{d}");
        } else {
            assert!(sum >= max + (n - 1) * min, "{d}");
        }
        total += sum;
    }
    assert!(total <= took.parse().unwrap(), "{total} of {took}");
    // The same calls as in the other tables; there ticks are added up and here nanoseconds.
    let by_call = calls(&doc);
    for call in ["getaddrinfo", "getnameinfo"] {
        let sum = |name| array(&doc["dns"]).iter().filter(|d| d["call"] == call).map(|d| number(d, name)).sum::<u64>();
        assert_eq!([sum("count"), sum("errors")], by_call[call][..2], "{call}");
        let c = array(&doc["calls"]).iter().find(|c| c["call"] == call).unwrap();
        let ticks = number(&c["latency_ns"], "total");
        assert!(ticks.abs_diff(sum("total_ns")) <= sum("count") + ticks / 1000, "{call}: {ticks} {}", sum("total_ns"));
    }
    let file = scratch.join("table");
    let mut c = Command::new(&paths().command);
    c.args(["stat", "-o", file.to_str().unwrap(), "--"]).args(program).env_remove("LD_PRELOAD").stdin(Stdio::null());
    assert!(c.output().unwrap().status.success());
    let table = std::fs::read_to_string(&file).unwrap();
    let rows = table.lines().skip_while(|l| !l.starts_with("lookup ")).skip(1);
    let rows: Vec<Vec<&str>> = rows.map(|l| l.split_whitespace().collect()).collect();
    for (name, (count, _, error, addr)) in want {
        let row = rows.iter().find(|w| w[..2] == ["getaddrinfo", name]).unwrap_or_else(|| panic!("{name}: {table}"));
        assert_eq!((row[2], row.last().copied()), (count.to_string().as_str(), error.or(addr)), "{table}");
    }
}
