//! Statistics as an OpenMetrics page: <https://prometheus.io/docs/specs/om/open_metrics_spec/>. Names are in docs/METRICS.md.

use socklens_trace::stats::{ConnRow, Counts, Hist, Mode, Role, Snapshot};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// The page's media type.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The media type of [`plain`].
pub const PLAIN_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A page in the text format that Prometheus had before, for those who ask for it: there a counter is named with its
/// `_total`, and there are no units and no end.
pub fn plain(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut counter = "";
    for line in page.lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "EOF"] | ["#", "UNIT", ..] => continue,
            ["#", "TYPE", name, kind] => {
                counter = if kind == "counter" { name } else { "" };
                let total = if kind == "counter" { "_total" } else { "" };
                let _ = writeln!(out, "# TYPE {name}{total} {kind}");
            }
            ["#", "HELP", name, help] => {
                let total = if name == counter { "_total" } else { "" };
                let _ = writeln!(out, "# HELP {name}{total} {help}");
            }
            _ => out.extend([line, "\n"]),
        }
    }
    out
}

/// Upper bounds of all histograms: as they are written, and in nanoseconds. The last bucket is `+Inf`.
const BOUNDS: [(&str, u64); 24] = [
    ("1e-06", 1_000),
    ("2e-06", 2_000),
    ("5e-06", 5_000),
    ("1e-05", 10_000),
    ("2e-05", 20_000),
    ("5e-05", 50_000),
    ("0.0001", 100_000),
    ("0.0002", 200_000),
    ("0.0005", 500_000),
    ("0.001", 1_000_000),
    ("0.002", 2_000_000),
    ("0.005", 5_000_000),
    ("0.01", 10_000_000),
    ("0.02", 20_000_000),
    ("0.05", 50_000_000),
    ("0.1", 100_000_000),
    ("0.2", 200_000_000),
    ("0.5", 500_000_000),
    ("1.0", 1_000_000_000),
    ("2.0", 2_000_000_000),
    ("5.0", 5_000_000_000),
    ("10.0", 10_000_000_000),
    ("30.0", 30_000_000_000),
    ("60.0", 60_000_000_000),
];

/// A histogram of durations over [`BOUNDS`].
#[derive(Clone, Copy, Debug, Default)]
struct Folded {
    /// Not cumulative; the last holds what is above all bounds.
    buckets: [u64; BOUNDS.len() + 1],
    sum_ns: u64,
}

impl Folded {
    fn put(&mut self, ns: u64, n: u64) {
        let i = BOUNDS.iter().position(|(_, le)| ns <= *le).unwrap_or(BOUNDS.len());
        self.buckets[i] = self.buckets[i].saturating_add(n);
    }

    fn of(h: &Hist, beyond: u64, sum_ns: u64) -> Folded {
        let mut f = Folded { sum_ns, ..Folded::default() };
        for (from, to, n) in h.buckets() {
            f.put(((from + to) / 2.0) as u64, n);
        }
        f.buckets[BOUNDS.len()] += beyond;
        f
    }

    fn write(&self, out: &mut String, name: &str, labels: &str) {
        let comma = if labels.is_empty() { "" } else { "," };
        let mut sum = 0u64;
        let les = BOUNDS.iter().map(|(text, _)| *text).chain(["+Inf"]);
        for (le, n) in les.zip(self.buckets) {
            sum = sum.saturating_add(n);
            line(out, name, "_bucket", &format!("{labels}{comma}le=\"{le}\""), &sum.to_string());
        }
        line(out, name, "_count", labels, &sum.to_string());
        line(out, name, "_sum", labels, &seconds(self.sum_ns));
    }
}

/// Whom connections are with: the labels of their group. Clients are told apart by their peer, servers by their own
/// port, since those who call are without number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
struct Key {
    role: &'static str,
    proto: String,
    peer: String,
    port: String,
}

impl Key {
    /// What groups beyond the limit are counted as.
    fn other() -> Key {
        Key { role: "other", ..Key::default() }
    }

    fn of(c: &ConnRow) -> Key {
        let port = |p: Option<u16>| p.map(|p| p.to_string()).unwrap_or_default();
        let (peer, port) = match c.role {
            Role::Server | Role::Listener if c.local_port.is_some() => (String::new(), port(c.local_port)),
            Role::Server | Role::Listener => (c.local.clone(), String::new()),
            _ => (c.peer_host.clone(), port(c.peer_port)),
        };
        let role = if c.role == Role::Unknown { "unknown" } else { c.role.name() };
        Key { role, proto: c.proto.clone(), peer, port }
    }

    fn labels(&self) -> String {
        let Key { role, proto, peer, port } = self;
        format!("role=\"{role}\",proto=\"{}\",peer=\"{}\",port=\"{}\"", escaped(proto), escaped(peer), escaped(port))
    }
}

#[derive(Clone, Debug, Default)]
struct Peer {
    open: u64,
    opened: u64,
    failed: u64,
    calls: u64,
    errors: u64,
    bytes_in: u64,
    bytes_out: u64,
    connect: Folded,
    first_byte: Folded,
    lasted: Folded,
}

/// What of a connection is in its group already.
#[derive(Clone, Debug)]
struct Seen {
    key: Key,
    start_ns: u64,
    connect: bool,
    first_byte: bool,
    failed: bool,
    ended: bool,
    calls: u64,
    errors: u64,
    bytes_in: u64,
    bytes_out: u64,
}

/// Turns snapshots of one session into pages. Groups of peers only ever grow, whatever connections a snapshot still has.
#[derive(Clone, Debug)]
pub struct Page {
    /// Most groups of peers.
    limit: usize,
    peers: BTreeMap<Key, Peer>,
    seen: HashMap<u32, Seen>,
}

impl Page {
    /// A page that tells at most `limit` groups of peers apart; the rest share one.
    pub fn new(limit: usize) -> Page {
        Page { limit, peers: BTreeMap::new(), seen: HashMap::new() }
    }

    /// Takes the connections of a snapshot into their groups. Those that were there before and are not any more have ended.
    pub fn take(&mut self, s: &Snapshot) {
        let mut before = std::mem::take(&mut self.seen);
        for c in &s.conns {
            let known = before.remove(&c.conn);
            let seen = self.row(c, known, s.elapsed_ns);
            self.seen.insert(c.conn, seen);
        }
        for gone in before.into_values().filter(|g| !g.ended) {
            if let Some(p) = self.peers.get_mut(&gone.key) {
                let ns = s.elapsed_ns.saturating_sub(gone.start_ns);
                p.open = p.open.saturating_sub(1);
                p.lasted.put(ns, 1);
                p.lasted.sum_ns = p.lasted.sum_ns.saturating_add(ns);
            }
        }
    }

    fn row(&mut self, c: &ConnRow, known: Option<Seen>, now: u64) -> Seen {
        let key = Key::of(c);
        // A socket gets its role and its peer when it connects or listens: until then nothing tells its group.
        let moved = known.as_ref().is_some_and(|k| k.key != key && k.key != Key::other());
        let key = if self.peers.contains_key(&key) || self.peers.len() < self.limit { key } else { Key::other() };
        let fresh = Seen {
            key: key.clone(),
            start_ns: c.start_ns,
            connect: false,
            first_byte: false,
            failed: false,
            ended: false,
            calls: 0,
            errors: 0,
            bytes_in: 0,
            bytes_out: 0,
        };
        let is_new = known.is_none();
        let mut seen = known.unwrap_or(fresh);
        if moved {
            if let Some(p) = self.peers.get_mut(&seen.key) {
                p.open = p.open.saturating_sub(1);
            }
            seen.key.clone_from(&key);
        }
        let p = self.peers.entry(seen.key.clone()).or_default();
        p.opened += u64::from(is_new || moved);
        p.open += u64::from((is_new || moved) && !seen.ended);
        let grow = |to: &mut u64, had: &mut u64, has: u64| {
            *to = to.saturating_add(has.saturating_sub(*had));
            *had = has.max(*had);
        };
        grow(&mut p.calls, &mut seen.calls, c.calls());
        grow(&mut p.errors, &mut seen.errors, c.errors);
        grow(&mut p.bytes_in, &mut seen.bytes_in, c.bytes_in);
        grow(&mut p.bytes_out, &mut seen.bytes_out, c.bytes_out);
        let once = |to: &mut Folded, done: &mut bool, ns: Option<u64>| {
            if let Some(ns) = ns.filter(|_| !*done) {
                *done = true;
                to.put(ns, 1);
                to.sum_ns = to.sum_ns.saturating_add(ns);
            }
        };
        once(&mut p.connect, &mut seen.connect, c.connect_ns);
        once(&mut p.first_byte, &mut seen.first_byte, c.first_byte_ns);
        if !c.connect_error.is_empty() && !seen.failed {
            seen.failed = true;
            p.failed += 1;
        }
        if c.end_ns.is_some() && !seen.ended {
            p.open = p.open.saturating_sub(1);
            once(&mut p.lasted, &mut seen.ended, Some(c.age_ns(now)));
        }
        seen
    }

    /// Writes the page: counters of `s`, and the groups of all snapshots taken so far.
    pub fn write(&self, s: &Snapshot, out: &mut String) {
        session(s, out);
        calls(s, out);
        self.groups(out);
        out.push_str("# EOF\n");
    }

    fn groups(&self, out: &mut String) {
        let all: Vec<(String, &Peer)> = self.peers.iter().map(|(k, p)| (k.labels(), p)).collect();
        let mut numbers = |f: &Family, of: fn(&Peer) -> u64| {
            f.head(out);
            let suffix = if f.kind == "counter" { "_total" } else { "" };
            all.iter().for_each(|(labels, p)| line(out, f.name, suffix, labels, &of(p).to_string()));
        };
        numbers(&PEER_OPEN, |p| p.open);
        numbers(&PEER_OPENED, |p| p.opened);
        numbers(&PEER_FAILED, |p| p.failed);
        numbers(&PEER_CALLS, |p| p.calls);
        numbers(&PEER_ERRORS, |p| p.errors);
        numbers(&PEER_RECEIVED, |p| p.bytes_in);
        numbers(&PEER_SENT, |p| p.bytes_out);
        let mut histograms = |f: &Family, of: fn(&Peer) -> &Folded| {
            f.head(out);
            all.iter().for_each(|(labels, p)| of(p).write(out, f.name, labels));
        };
        histograms(&PEER_CONNECT, |p| &p.connect);
        histograms(&PEER_FIRST_BYTE, |p| &p.first_byte);
        histograms(&PEER_LASTED, |p| &p.lasted);
    }
}

/// A metric family.
#[derive(Clone, Copy, Debug)]
struct Family {
    name: &'static str,
    kind: &'static str,
    /// Empty, or the suffix of the name.
    unit: &'static str,
    help: &'static str,
}

impl Family {
    fn head(&self, out: &mut String) {
        let Family { name, kind, unit, help } = self;
        // Writing to a String cannot fail.
        let _ = writeln!(out, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(out, "# UNIT {name} {unit}");
        }
        let _ = writeln!(out, "# HELP {name} {help}");
    }
}

macro_rules! families {
    ($($id:ident $kind:ident $name:literal $unit:literal $help:literal;)*) => {
        $(const $id: Family = Family { name: $name, kind: stringify!($kind), unit: $unit, help: $help };)*
        #[cfg(test)]
        const FAMILIES: &[Family] = &[$($id),*];
    };
}

families! {
    ELAPSED gauge "socklens_session_seconds" "seconds" "How long the session has lasted.";
    FINISHED gauge "socklens_session_finished" "" "1 when the program has ended, else 0.";
    PROCESSES gauge "socklens_processes" "" "Processes of the session that run.";
    THREADS gauge "socklens_threads" "" "Threads of the session that run and made a call.";
    OPEN gauge "socklens_connections" "" "Sockets that are open.";
    OPENED counter "socklens_connections_opened" "" "Sockets seen since the session began.";
    LOST counter "socklens_lost" "" "What is missing from the numbers, by kind.";
    CALLS counter "socklens_calls" "" "Calls that returned.";
    ERRORS counter "socklens_call_errors" "" "Calls that failed, by error.";
    RECEIVED counter "socklens_received_bytes" "bytes" "Bytes received, without those only peeked at.";
    SENT counter "socklens_sent_bytes" "bytes" "Bytes sent.";
    SHORT counter "socklens_short_calls" "" "Calls that moved some bytes but fewer than asked for.";
    BLOCKED counter "socklens_call_blocked_seconds" "seconds" "Time in calls that waited.";
    DURATION histogram "socklens_call_duration_seconds" "seconds" "Duration of calls.";
    PEER_OPEN gauge "socklens_peer_connections" "" "Sockets that are open, by peer.";
    PEER_OPENED counter "socklens_peer_connections_opened" "" "Sockets seen, by peer.";
    PEER_FAILED counter "socklens_peer_connect_failures" "" "Connections that failed to be made.";
    PEER_CALLS counter "socklens_peer_calls" "" "Calls on sockets, by peer.";
    PEER_ERRORS counter "socklens_peer_errors" "" "Calls that failed, by peer.";
    PEER_RECEIVED counter "socklens_peer_received_bytes" "bytes" "Bytes received, by peer.";
    PEER_SENT counter "socklens_peer_sent_bytes" "bytes" "Bytes sent, by peer.";
    PEER_CONNECT histogram "socklens_peer_connect_seconds" "seconds" "From connect to connected.";
    PEER_FIRST_BYTE histogram "socklens_peer_first_byte_seconds" "seconds" "From the connection's beginning to the first byte received.";
    PEER_LASTED histogram "socklens_peer_connection_seconds" "seconds" "How long sockets that are closed had been open.";
}

fn line(out: &mut String, name: &str, suffix: &str, labels: &str, value: &str) {
    let (open, close) = if labels.is_empty() { ("", "") } else { ("{", "}") };
    let _ = writeln!(out, "{name}{suffix}{open}{labels}{close} {value}");
}

/// Nanoseconds as seconds, exactly.
fn seconds(ns: u64) -> String {
    format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
}

/// A label's value between its quotation marks.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn session(s: &Snapshot, out: &mut String) {
    let mut one = |f: &Family, value: String| {
        f.head(out);
        line(out, f.name, if f.kind == "counter" { "_total" } else { "" }, "", &value);
    };
    one(&ELAPSED, seconds(s.elapsed_ns));
    one(&FINISHED, u8::from(s.finished).to_string());
    one(&PROCESSES, s.processes.iter().filter(|p| p.end_ns.is_none()).count().to_string());
    one(&THREADS, s.threads.iter().filter(|t| t.alive).count().to_string());
    one(&OPEN, s.conns.iter().filter(|c| c.end_ns.is_none()).count().to_string());
    one(&OPENED, s.conns_total.to_string());
    LOST.head(out);
    for (what, n) in [
        ("connections", s.lost.conns),
        ("processes", s.lost.processes),
        ("unattributed_calls", s.lost.unattributed),
        ("durations", s.lost.untold),
        ("records", s.lost.events),
    ] {
        line(out, LOST.name, "_total", &format!("what=\"{what}\""), &n.to_string());
    }
}

fn calls(s: &Snapshot, out: &mut String) {
    let mut numbers = |f: &Family, of: fn(&Counts) -> String| {
        f.head(out);
        s.calls.iter().for_each(|r| line(out, f.name, "_total", &format!("call=\"{}\"", escaped(r.call)), &of(&r.n)));
    };
    numbers(&CALLS, |n| n.count.to_string());
    numbers(&RECEIVED, |n| n.bytes_in.to_string());
    numbers(&SENT, |n| n.bytes_out.to_string());
    numbers(&SHORT, |n| n.short.to_string());
    if s.mode == Mode::Full {
        numbers(&BLOCKED, |n| seconds(n.blocked_ns));
    }
    ERRORS.head(out);
    for r in &s.calls {
        for (errno, n) in &r.n.errno {
            let labels = format!("call=\"{}\",errno=\"{}\"", escaped(r.call), escaped(errno));
            line(out, ERRORS.name, "_total", &labels, &n.to_string());
        }
    }
    if s.mode == Mode::Full {
        DURATION.head(out);
        for r in &s.calls {
            let f = Folded::of(&r.n.hist, r.n.untold, r.n.time_ns);
            f.write(out, DURATION.name, &format!("call=\"{}\"", escaped(r.call)));
        }
    }
}

#[cfg(test)]
mod tests;
