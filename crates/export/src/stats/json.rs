//! The statistics as one JSON document, described by stats.schema.json.

use super::Ended;
use serde_json::{Map, Value, json};
use socklens_decode::columns::{LATENCY, QUEUE, SCHEMA, TCP};
use socklens_trace::stats::{
    By, CallRow, ConnRow, Counts, DnsRow, FaultRow, Group, Mode, ProcRow, Snapshot, TcpRow, ThreadRow,
};
use std::io::{self, Write};

fn object(v: Value) -> Map<String, Value> {
    match v {
        Value::Object(m) => m,
        _ => Map::new(),
    }
}

/// Numbers and what each is called.
fn named(names: &[&str], numbers: &[u64]) -> Map<String, Value> {
    names.iter().zip(numbers).map(|(name, n)| ((*name).to_owned(), (*n).into())).collect()
}

/// The members of a row of counters. `buckets`: with the histogram.
fn counts(n: &Counts, full: bool, buckets: bool) -> Map<String, Value> {
    let mut o = object(json!({
        "count": n.count, "errors": n.errors, "errno": n.errno,
        "bytes_in": n.bytes_in, "bytes_out": n.bytes_out, "bytes_peeked": n.peeked,
        "short": n.short, "eagain": n.eagain, "eintr": n.eintr,
    }));
    if full {
        let q = |q| n.quantile_ns(q);
        let latency = [n.min_ns, q(0.5), q(0.9), q(0.99), q(0.999), n.max_ns, n.time_ns];
        o.insert("latency_ns".to_owned(), named(&LATENCY, &latency).into());
        o.insert("blocked_ns".to_owned(), n.blocked_ns.into());
        if n.untold > 0 {
            o.insert("untimed".to_owned(), n.untold.into());
        }
        if buckets {
            let all: Vec<Value> = n.hist.buckets().map(|(from, to, n)| json!([tenth(from), tenth(to), n])).collect();
            o.insert("histogram".to_owned(), all.into());
        }
    }
    o
}

/// Bounds of buckets need no more than a tenth of a nanosecond.
fn tenth(ns: f64) -> f64 {
    (ns * 10.0).round() / 10.0
}

fn call(r: &CallRow, full: bool, buckets: bool) -> Value {
    let mut o = object(json!({"call": r.call}));
    o.extend(counts(&r.n, full, buckets));
    o.into()
}

fn process(r: &ProcRow, full: bool) -> Value {
    let calls: Vec<Value> = r.calls.iter().map(|c| call(c, full, false)).collect();
    let mut o = object(json!({
        "pid": r.pid, "ppid": r.ppid, "comm": r.comm, "exe": r.exe, "start_ns": r.start_ns, "threads": r.threads,
        "calls": calls,
    }));
    if let Some(end) = r.end_ns {
        o.insert("end_ns".to_owned(), end.into());
    }
    o.extend(counts(&r.n, full, false));
    o.into()
}

fn thread(r: &ThreadRow, full: bool) -> Value {
    let mut o = object(json!({"pid": r.pid, "tid": r.tid, "comm": r.comm}));
    o.extend(counts(&r.n, full, false));
    o.into()
}

fn tcp(t: &TcpRow) -> Value {
    let small = [t.rtt_us, t.rttvar_us, t.min_rtt_us, t.cwnd, t.retransmits, t.state].map(u64::from);
    let long = [t.delivery_rate, t.busy_us, t.rwnd_limited_us, t.sndbuf_limited_us, t.bytes_acked, t.bytes_received];
    let mut o = named(&TCP, &[&small[..], &long].concat());
    if let Some((queue, limit)) = t.queue {
        o.extend(named(&QUEUE, &[queue, limit].map(u64::from)));
    }
    o.into()
}

fn conn(r: &ConnRow, now: u64) -> Value {
    let mut o = object(json!({
        "conn": r.conn, "proto": r.proto, "role": r.role.name(), "local": r.local, "peer": r.peer,
        "pid": r.pid, "tid": r.tid, "comm": r.comm, "start_ns": r.start_ns, "age_ns": r.age_ns(now),
        "calls_in": r.calls_in, "calls_out": r.calls_out, "calls_other": r.calls_other,
        "bytes_in": r.bytes_in, "bytes_out": r.bytes_out, "errors": r.errors, "end": r.end.name(),
    }));
    let times = [
        ("end_ns", r.end_ns),
        ("connect_ns", r.connect_ns),
        ("first_byte_ns", r.first_byte_ns),
        ("idle_ns", r.idle_ns),
        ("drops", r.drops),
    ];
    for (name, v) in times {
        if let Some(v) = v {
            o.insert(name.to_owned(), v.into());
        }
    }
    for (name, v) in [("host", &r.host), ("connect_error", &r.connect_error)] {
        if !v.is_empty() {
            o.insert(name.to_owned(), v.as_str().into());
        }
    }
    if r.site != 0 {
        o.insert("site".to_owned(), format!("{:#x}", r.site).into());
    }
    for (name, v) in [("inherited", r.inherited), ("shut_wr", r.shut_wr), ("shut_rd", r.shut_rd)] {
        if v {
            o.insert(name.to_owned(), v.into());
        }
    }
    if let Some(t) = &r.tcp {
        o.insert("tcp".to_owned(), tcp(t));
    }
    o.into()
}

fn fault(r: &FaultRow) -> Value {
    let skipped: serde_json::Map<String, Value> =
        r.skipped.iter().map(|(why, n)| ((*why).into(), (*n).into())).collect();
    json!({"rule": r.rule, "matched": r.matched, "fired": r.fired, "skipped": skipped})
}

fn lookup(r: &DnsRow) -> Value {
    let mut o = object(json!({
        "call": r.call, "pid": r.pid, "name": r.name, "addrs": r.addrs, "count": r.count, "errors": r.errors,
        "total_ns": r.total_ns, "min_ns": r.min_ns, "max_ns": r.max_ns,
    }));
    if !r.error.is_empty() {
        o.insert("error".to_owned(), r.error.as_str().into());
    }
    o.into()
}

/// Connections of one peer.
#[derive(Default)]
struct Peer {
    host: String,
    conns: u64,
    calls: u64,
    errors: u64,
    bytes: [u64; 2],
}

fn group(g: &Group, key: By, full: bool) -> Value {
    let mut o = object(json!({"key": g.key}));
    if key.of_conns() {
        let n = &g.n;
        o.insert("conns".to_owned(), g.conns.into());
        o.extend(named(&["count", "errors", "bytes_in", "bytes_out"], &[n.count, n.errors, n.bytes_in, n.bytes_out]));
    } else if key == By::Errno {
        o.insert("count".to_owned(), g.n.count.into());
    } else {
        o.extend(counts(&g.n, full, false));
    }
    o.into()
}

/// Writes the document. `snap.conns` are the open connections, `ended` hands out the others; `groups` are what was asked
/// for besides.
pub fn json(
    snap: &Snapshot,
    command: &[String],
    groups: &[(By, Vec<Group>)],
    ended: &mut Ended,
    to: &mut dyn Write,
) -> io::Result<()> {
    let full = snap.mode == Mode::Full;
    let mut peers: std::collections::BTreeMap<String, Peer> = std::collections::BTreeMap::new();
    let mode = if full { "full" } else { "count" };
    let head = json!({
        "schema": SCHEMA, "command": command, "mode": mode, "start": snap.start_ns,
        "elapsed_ns": snap.elapsed_ns, "final": snap.finished,
        "total": counts(&snap.total(), full, false),
        "calls": snap.calls.iter().map(|c| call(c, full, true)).collect::<Vec<_>>(),
    });
    let text = head.to_string();
    // The connections are many: they follow one by one.
    write!(to, "{},\n\"conns\":[", text.strip_suffix('}').unwrap_or(&text))?;
    let mut first = true;
    {
        let mut one = |r: &ConnRow| -> io::Result<()> {
            if !r.peer_host.is_empty() {
                let p = peers.entry(r.peer_host.clone()).or_default();
                p.host.clone_from(&r.host);
                p.conns += 1;
                p.calls += r.calls();
                p.errors += r.errors;
                p.bytes = [p.bytes[0] + r.bytes_in, p.bytes[1] + r.bytes_out];
            }
            write!(to, "{}\n{}", if std::mem::take(&mut first) { "" } else { "," }, conn(r, snap.elapsed_ns))
        };
        snap.conns.iter().try_for_each(&mut one)?;
        ended(&mut one)?;
    }
    let peers: Vec<Value> = peers
        .iter()
        .map(|(name, p)| {
            json!({"peer": name, "host": p.host, "conns": p.conns, "calls": p.calls, "errors": p.errors,
                "bytes_in": p.bytes[0], "bytes_out": p.bytes[1]})
        })
        .collect();
    let l = snap.lost;
    let mut tail = json!({
        "peers": peers,
        "processes": snap.processes.iter().map(|r| process(r, full)).collect::<Vec<_>>(),
        "threads": snap.threads.iter().map(|r| thread(r, full)).collect::<Vec<_>>(),
        "dns": snap.dns.iter().map(lookup).collect::<Vec<_>>(),
        "faults": snap.faults.iter().map(fault).collect::<Vec<_>>(),
        "lost": {"conns": l.conns, "processes": l.processes, "unattributed": l.unattributed, "untimed": l.untold,
            "events": l.events},
    });
    if !groups.is_empty() {
        let one = |(key, all): &(By, Vec<Group>)| {
            (key.name().to_owned(), all.iter().map(|g| group(g, *key, full)).collect::<Vec<_>>().into())
        };
        tail["groups"] = Value::Object(groups.iter().map(one).collect());
    }
    let text = tail.to_string();
    writeln!(to, "],\n{}", text.strip_prefix('{').unwrap_or(&text))
}
