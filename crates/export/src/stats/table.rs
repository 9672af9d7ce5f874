//! Aligned tables of text.

use super::unit::{bytes, duration, grouped};
use socklens_decode::columns::{self, CALLS, CONNS, Column, MOST_CONNS, TIMES};
use socklens_trace::stats::{By, CallRow, ConnRow, Counts, Group, Mode, Snapshot};
use std::io::{self, Write};

/// What tables are sorted by, largest first; by name, smallest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    #[default]
    Time,
    Calls,
    Errors,
    Bytes,
    Avg,
    Min,
    Max,
    Name,
}

impl Sort {
    /// The words of -S, and what they stand for; those of strace among them.
    pub const WORDS: [(&str, Sort); 16] = [
        ("time", Sort::Time),
        ("total-time", Sort::Time),
        ("time-total", Sort::Time),
        ("calls", Sort::Calls),
        ("count", Sort::Calls),
        ("errors", Sort::Errors),
        ("error", Sort::Errors),
        ("bytes", Sort::Bytes),
        ("avg-time", Sort::Avg),
        ("time-avg", Sort::Avg),
        ("min-time", Sort::Min),
        ("time-min", Sort::Min),
        ("max-time", Sort::Max),
        ("time-max", Sort::Max),
        ("name", Sort::Name),
        ("call", Sort::Name),
    ];
    fn key(self, n: &Counts) -> u64 {
        match self {
            Sort::Time | Sort::Name => n.time_ns,
            Sort::Calls => n.count,
            Sort::Errors => n.errors,
            Sort::Bytes => n.bytes_in + n.bytes_out,
            Sort::Avg => n.time_ns / n.count.max(1),
            Sort::Min => n.min_ns,
            Sort::Max => n.max_ns,
        }
    }
}

/// One table: right-aligned columns but for those marked as text, and a rule below the head.
struct Table {
    heads: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(heads: &[Column]) -> Table {
        Table { heads: heads.to_vec(), rows: Vec::new() }
    }

    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let width = |i: usize| {
            let cells = self.rows.iter().map(|r| r[i].chars().count());
            cells.max().unwrap_or(0).max(self.heads[i].0.chars().count())
        };
        let widths: Vec<usize> = (0..self.heads.len()).map(width).collect();
        let mut line = |cells: &mut dyn Iterator<Item = &str>| -> io::Result<()> {
            let mut text = String::new();
            for (i, c) in cells.enumerate() {
                let gap = if i == 0 { "" } else { "  " };
                let w = widths[i];
                text += &if self.heads[i].1 { format!("{gap}{c:<w$}") } else { format!("{gap}{c:>w$}") };
            }
            writeln!(to, "{}", text.trim_end())
        };
        line(&mut self.heads.iter().map(|h| h.0))?;
        for r in &self.rows {
            line(&mut r.iter().map(String::as_str))?;
        }
        Ok(())
    }
}

fn or_blank(n: u64, show: impl Fn(u64) -> String) -> String {
    if n == 0 { String::new() } else { show(n) }
}

fn by_call(s: &Snapshot, rows: &[&CallRow], total: &Counts) -> Table {
    let full = s.mode == Mode::Full;
    let times: &[Column] = if full { &TIMES } else { &[] };
    let heads: Vec<Column> = CALLS.iter().chain(times).chain([&columns::ERRORS]).copied().collect();
    let mut t = Table::new(&heads);
    let mut add = |name: &str, n: &Counts| {
        let mut r = vec![
            name.to_owned(),
            grouped(n.count),
            or_blank(n.errors, grouped),
            or_blank(n.bytes_in, bytes),
            or_blank(n.bytes_out, bytes),
        ];
        if full {
            r.push(duration(n.time_ns));
            r.push(format!("{:.1}", 100.0 * n.time_ns as f64 / total.time_ns.max(1) as f64));
            r.push(or_blank(n.blocked_ns, duration));
            r.push(duration(n.min_ns));
            // Blank where none of the durations found room.
            r.extend([0.5, 0.9, 0.99, 0.999].map(|q| or_blank(n.quantile_ns(q), duration)));
            r.push(duration(n.max_ns));
        }
        r.push(errors(n));
        t.rows.push(r);
    };
    for row in rows {
        add(row.call, &row.n);
    }
    if rows.len() > 1 {
        add("total", total);
    }
    t
}

/// `EAGAIN 12, EPIPE 1`, the most frequent first.
fn errors(n: &Counts) -> String {
    let mut all: Vec<_> = n.errno.iter().collect();
    all.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    all.iter().map(|(name, n)| format!("{name} {}", grouped(**n))).collect::<Vec<_>>().join(", ")
}

/// What is remarkable about calls beyond the table's columns.
fn remarks(rows: &[&CallRow]) -> Vec<String> {
    let mut list = Vec::new();
    let mut say = |what: &str, of: &dyn Fn(&Counts) -> u64, show: &dyn Fn(u64) -> String| {
        let some: Vec<String> =
            rows.iter().filter(|r| of(&r.n) > 0).map(|r| format!("{} {}", r.call, show(of(&r.n)))).collect();
        if !some.is_empty() {
            list.push(format!("{what}: {}", some.join(", ")));
        }
    };
    say(columns::SHORT, &|n| n.short, &grouped);
    say(columns::PEEKED, &|n| n.peeked, &bytes);
    list
}

fn by_conn(s: &Snapshot, conns: &[&ConnRow]) -> Table {
    let mut t = Table::new(&CONNS);
    for c in conns {
        let arrow = if c.peer.is_empty() { String::new() } else { format!("→{}", c.peer) };
        let host = if c.host.is_empty() || c.host == c.peer_host { String::new() } else { format!(" ({})", c.host) };
        let tcp = c.tcp.filter(|_| c.peer_port.is_some());
        t.rows.push(vec![
            format!("{}#{} {}{arrow}{host}", c.proto, c.conn, c.local).trim_end().to_owned(),
            c.role.name().to_owned(),
            format!("{} {}", c.comm, c.pid).trim_start().to_owned(),
            duration(c.age_ns(s.elapsed_ns)),
            match (c.connect_ns, c.connect_error.as_str()) {
                (_, e) if !e.is_empty() => e.to_owned(),
                (Some(ns), _) => duration(ns),
                _ => String::new(),
            },
            c.first_byte_ns.map_or_else(String::new, duration),
            grouped(c.calls()),
            or_blank(c.bytes_in, bytes),
            or_blank(c.bytes_out, bytes),
            tcp.map_or_else(String::new, |t| or_blank(u64::from(t.rtt_us) * 1000, duration)),
            tcp.map_or_else(String::new, |t| or_blank(u64::from(t.retransmits), grouped)),
            c.end.name().to_owned(),
        ]);
    }
    t
}

/// What the first column of groups holds.
fn key_head(key: By) -> &'static str {
    match key {
        By::Call => "call",
        By::Peer => "peer",
        By::Process => "process",
        By::Thread => "process, thread",
        By::Errno => "error",
        By::Port => "local port",
        By::Host => "host name",
    }
}

fn by_group(groups: &[Group], key: By, full: bool) -> Table {
    // An error has neither bytes nor, one by one, durations.
    let (sized, timed) = (key != By::Errno, full && !key.of_conns() && key != By::Errno);
    let mut heads = vec![(key_head(key), true)];
    if key.of_conns() {
        heads.push(("connections", false));
    }
    heads.push(("calls", false));
    if sized {
        heads.extend([("errors", false), ("in", false), ("out", false)]);
    }
    if timed {
        heads.extend([
            ("time", false),
            ("p50", false),
            ("p90", false),
            ("p99", false),
            ("p99.9", false),
            ("max", false),
        ]);
    }
    let mut t = Table::new(&heads);
    for g in groups {
        let mut r = vec![g.key.clone()];
        if key.of_conns() {
            r.push(grouped(g.conns));
        }
        r.push(grouped(g.n.count));
        if sized {
            r.extend([or_blank(g.n.errors, grouped), or_blank(g.n.bytes_in, bytes), or_blank(g.n.bytes_out, bytes)]);
        }
        if timed {
            r.push(or_blank(g.n.time_ns, duration));
            // Blank where none of the durations found room.
            r.extend([0.5, 0.9, 0.99, 0.999].map(|q| or_blank(g.n.quantile_ns(q), duration)));
            r.push(or_blank(g.n.max_ns, duration));
        }
        t.rows.push(r);
    }
    t
}

/// The table of one key.
fn groups(s: &Snapshot, sort: Sort, key: By, to: &mut dyn Write) -> io::Result<()> {
    let mut groups = s.by(key);
    // A shell script is many processes, of which few have sockets.
    let all = groups.len();
    groups.retain(|g| g.n.count > 0 || g.conns > 0);
    let idle = (all - groups.len()) as u64;
    if sort != Sort::Name {
        groups.sort_by_key(|g| std::cmp::Reverse(sort.key(&g.n)));
    } else {
        groups.sort_by(|a, b| a.key.cmp(&b.key));
    }
    if groups.is_empty() {
        let none = match key {
            By::Errno => "no call failed",
            By::Host => "no connection to a name that the program looked up",
            By::Peer | By::Port => "no connection with an address",
            By::Call | By::Process | By::Thread => "no socket calls",
        };
        return writeln!(to, "{none}");
    }
    by_group(&groups, key, s.mode == Mode::Full).write(to)?;
    if idle > 0 && key == By::Process {
        let es = if idle == 1 { "" } else { "es" };
        writeln!(to, "{} more process{es} made no socket calls", grouped(idle))?;
    }
    Ok(())
}

/// Writes the tables: by call, by connection, lookups; or, with `by`, those alone, in that order. Below them what is missing.
pub fn tables(s: &Snapshot, sort: Sort, by: &[By], to: &mut dyn Write) -> io::Result<()> {
    for (i, key) in by.iter().enumerate() {
        if i > 0 {
            writeln!(to)?;
        }
        match key {
            By::Call => calls(s, sort, to)?,
            _ => groups(s, sort, *key, to)?,
        }
    }
    if by.is_empty() {
        calls(s, sort, to)?;
        conns(s, to)?;
        lookups(s, to)?;
        faults(s, to)?;
    }
    lost(s, to)
}

fn calls(s: &Snapshot, sort: Sort, to: &mut dyn Write) -> io::Result<()> {
    let total = s.total();
    let mut rows: Vec<&CallRow> = s.calls.iter().collect();
    match sort {
        Sort::Name => rows.sort_by_key(|r| r.call),
        Sort::Time if s.mode != Mode::Full => rows.sort_by_key(|r| std::cmp::Reverse(r.n.count)),
        _ => rows.sort_by_key(|r| std::cmp::Reverse(sort.key(&r.n))),
    }
    if rows.is_empty() {
        return writeln!(to, "no socket calls");
    }
    by_call(s, &rows, &total).write(to)?;
    remarks(&rows).iter().try_for_each(|line| writeln!(to, "{line}"))
}

fn conns(s: &Snapshot, to: &mut dyn Write) -> io::Result<()> {
    let mut conns: Vec<&ConnRow> = s.conns.iter().collect();
    if !conns.is_empty() {
        conns.sort_by_key(|c| (std::cmp::Reverse(c.bytes_in + c.bytes_out), c.conn));
        writeln!(to)?;
        by_conn(s, &conns[..conns.len().min(MOST_CONNS)]).write(to)?;
        let shown = conns.len().min(MOST_CONNS) as u64;
        if s.conns_total > shown {
            writeln!(to, "and {} more connections: --json has all of them", grouped(s.conns_total - shown))?;
        }
    }
    Ok(())
}

fn lookups(s: &Snapshot, to: &mut dyn Write) -> io::Result<()> {
    if s.dns.is_empty() {
        return Ok(());
    }
    let mut t = Table::new(&[("lookup", true), ("name", true), ("times", false), ("longest", false), ("answer", true)]);
    // Several processes may have asked the same and been told the same.
    let mut all: Vec<(&str, &str, String, u64, u64)> = Vec::new();
    for d in &s.dns {
        let answer = if d.error.is_empty() { d.addrs.join(" ") } else { d.error.clone() };
        if let Some(a) = all.iter_mut().find(|a| (a.0, a.1, &a.2) == (d.call, d.name.as_str(), &answer)) {
            a.3 += d.count;
            a.4 = a.4.max(d.max_ns);
        } else if all.len() < MOST_CONNS {
            all.push((d.call, &d.name, answer, d.count, d.max_ns));
        }
    }
    for (call, name, answer, count, longest) in all {
        t.rows.push(vec![call.to_owned(), name.to_owned(), grouped(count), duration(longest), answer]);
    }
    writeln!(to)?;
    t.write(to)
}

fn faults(s: &Snapshot, to: &mut dyn Write) -> io::Result<()> {
    if s.faults.is_empty() {
        return Ok(());
    }
    let mut t = Table::new(&[("fault rule", true), ("matched", false), ("fired", false), ("skipped", true)]);
    for f in &s.faults {
        let why: Vec<String> = f.skipped.iter().map(|(why, n)| format!("{} {why}", grouped(*n))).collect();
        t.rows.push(vec![f.rule.clone(), grouped(f.matched), grouped(f.fired), why.join(", ")]);
    }
    writeln!(to)?;
    t.write(to)
}

fn lost(s: &Snapshot, to: &mut dyn Write) -> io::Result<()> {
    let l = s.lost;
    let all = [
        (l.conns, columns::LOST_CONNS),
        (l.processes, "processes found no room and were not counted"),
        (l.unattributed, "calls are not told by process and thread: there was no room for their threads"),
        (l.untold, "calls are missing from the percentiles: there was no room for their durations"),
        (l.events, "records of connections were dropped: some may lack an address"),
    ];
    for (n, what) in all {
        if n > 0 {
            writeln!(to, "{} {what}", grouped(n))?;
        }
    }
    Ok(())
}
