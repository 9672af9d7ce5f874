//! What the screen shows: two samples of a session made into rates, rows in order, and what came before.

use crate::pictures::{Heatmap, ROWS, fold};
use socklens_calls::Call;
use socklens_rules::{Filter, Subject};
use socklens_trace::hash::Map;
use socklens_trace::observe::diag::{Live, Sockets};
use socklens_trace::observe::{ConnNow, Events, Sample};
use socklens_trace::stats::{Counts, Mode, ProcRow, Role};
use std::collections::{HashMap, VecDeque};

/// What rows are ordered by, the greatest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    #[default]
    Rate,
    Latency,
    Queue,
    Errors,
    Bytes,
    Number,
}

impl Sort {
    pub const ALL: [Sort; 6] = [Sort::Rate, Sort::Latency, Sort::Queue, Sort::Errors, Sort::Bytes, Sort::Number];
    pub const NAMES: [&str; 6] = ["rate", "latency", "queue", "errors", "bytes", "number"];

    pub fn name(self) -> &'static str {
        Sort::NAMES[self as usize]
    }

    pub fn next(self) -> Sort {
        Sort::ALL[(self as usize + 1) % Sort::ALL.len()]
    }

    pub fn parse(word: &str) -> Option<Sort> {
        Sort::NAMES.iter().position(|n| *n == word).map(|i| Sort::ALL[i])
    }
}

/// A connection between two samples.
#[derive(Clone, Copy, Debug)]
pub struct Rated {
    /// Its place in [`Sample::conns`].
    pub index: usize,
    /// Each second.
    pub calls: f64,
    pub bytes_in: f64,
    pub bytes_out: f64,
    pub live: Option<Live>,
}

/// Counters each second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    pub calls: f64,
    pub errors: f64,
    pub bytes_in: f64,
    pub bytes_out: f64,
}

/// What a counter was at the sample before.
type Before = (u64, u64, u64, u64);

fn totals(n: &Counts) -> Before {
    (n.count, n.errors, n.bytes_in, n.bytes_out)
}

fn rates(now: Before, before: Before, seconds: f64) -> Rates {
    let each = |a: u64, b: u64| a.saturating_sub(b) as f64 / seconds;
    Rates {
        calls: each(now.0, before.0),
        errors: each(now.1, before.1),
        bytes_in: each(now.2, before.2),
        bytes_out: each(now.3, before.3),
    }
}

/// Values of the last frames.
pub const HISTORY: usize = 120;

/// The last values of something, the latest at the end.
#[derive(Clone, Debug, Default)]
pub struct History(VecDeque<f64>);

impl History {
    fn push(&mut self, v: f64) {
        if self.0.len() == HISTORY {
            self.0.pop_front();
        }
        self.0.push_back(v);
    }

    /// At most `n` of them.
    pub fn last(&self, n: usize) -> Vec<f64> {
        self.0.iter().skip(self.0.len().saturating_sub(n)).copied().collect()
    }
}

/// One connection followed over time.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    pub conn: u32,
    pub rtt_us: History,
    pub cwnd: History,
    pub in_queue: History,
    pub out_queue: History,
    pub bytes: History,
    /// As it was last, when it has ended since.
    pub last: Option<ConnNow>,
    pub live: Option<Live>,
    pub ended: bool,
}

/// Everything that is shown.
#[derive(Debug, Default)]
pub struct Model {
    pub now: Sample,
    pub sockets: Sockets,
    /// Whether there were two samples: before that nothing has a rate.
    pub rated: bool,
    pub conns: Vec<Rated>,
    /// Call, its rates: in the order of `now.stats.calls`.
    pub calls: Vec<Rates>,
    /// In the order of `now.stats.processes`.
    pub procs: Vec<Rates>,
    pub total: Rates,
    pub bytes_in: History,
    pub bytes_out: History,
    pub call_rate: History,
    pub followed: Option<Followed>,
    heat: HashMap<&'static str, ([u64; ROWS], Heatmap)>,
    conns_before: Map<u32, Before>,
    calls_before: HashMap<u16, Before>,
    procs_before: HashMap<u32, Before>,
    elapsed_before: u64,
}

/// What a column of a heat map covers at first, in nanoseconds.
const HEAT_STEP: u64 = 1_000_000_000;

impl Model {
    /// Takes the next sample. Without any in between, everything that was open before `sockets` were asked is in them.
    pub fn take(&mut self, s: Sample, sockets: Sockets) {
        let since = self.elapsed_before;
        let seconds = s.stats.elapsed_ns.saturating_sub(since) as f64 / 1e9;
        self.rated = self.elapsed_before > 0 && seconds > 0.0;
        let seconds = if self.rated { seconds } else { f64::INFINITY };
        self.elapsed_before = s.stats.elapsed_ns;
        let own_net = s.own_net;
        let mut before = std::mem::take(&mut self.conns_before);
        self.conns_before.reserve(s.conns.len());
        self.conns.clear();
        for (index, c) in s.conns.iter().enumerate() {
            let now = (c.total(), c.errors, c.bytes_in, c.bytes_out);
            // What began in between had nothing before.
            let r = rates(now, before.remove(&c.info.serial).unwrap_or_default(), seconds);
            self.conns_before.insert(c.info.serial, now);
            let live = if own_net { sockets.of(&c.info).copied() } else { None };
            self.conns.push(Rated { index, calls: r.calls, bytes_in: r.bytes_in, bytes_out: r.bytes_out, live });
        }
        self.calls.clear();
        self.total = Rates::default();
        for c in &s.stats.calls {
            let now = totals(&c.n);
            let r = rates(now, self.calls_before.insert(c.opcode, now).unwrap_or_default(), seconds);
            self.calls.push(r);
            self.total.calls += r.calls;
            self.total.errors += r.errors;
            self.total.bytes_in += r.bytes_in;
            self.total.bytes_out += r.bytes_out;
            let folded = fold(&c.n.hist);
            let (had, map) = self.heat.entry(c.call).or_insert_with(|| ([0; ROWS], Heatmap::new(HEAT_STEP)));
            let mut fresh = [0; ROWS];
            for i in 0..ROWS {
                fresh[i] = folded[i].saturating_sub(had[i]);
            }
            *had = folded;
            map.put(since, s.stats.elapsed_ns, &fresh);
        }
        let mut before = std::mem::take(&mut self.procs_before);
        self.procs.clear();
        for (p, e) in s.stats.processes.iter().zip(&s.events) {
            let now = proc_totals(p, *e, s.stats.mode);
            self.procs.push(rates(now, before.remove(&p.pid).unwrap_or_default(), seconds));
            self.procs_before.insert(p.pid, now);
        }
        if s.stats.mode == Mode::Off {
            // Not sum(): of nothing it is -0.
            self.total.calls = self.procs.iter().fold(0.0, |all, p| all + p.calls);
        }
        if self.rated {
            self.bytes_in.push(self.total.bytes_in);
            self.bytes_out.push(self.total.bytes_out);
            self.call_rate.push(self.total.calls);
        }
        self.now = s;
        self.sockets = sockets;
        self.keep_following();
    }

    /// Follows a connection from now on.
    pub fn follow(&mut self, conn: u32) {
        if self.followed.as_ref().is_none_or(|f| f.conn != conn) {
            self.followed = Some(Followed { conn, ..Followed::default() });
            self.keep_following();
        }
    }

    fn keep_following(&mut self) {
        let Some(f) = &mut self.followed else { return };
        let Some(r) = self.conns.iter().find(|r| self.now.conns[r.index].info.serial == f.conn) else {
            f.ended = true;
            return;
        };
        f.last = Some(self.now.conns[r.index]);
        f.live = r.live;
        f.bytes.push(r.bytes_in + r.bytes_out);
        if let Some(l) = r.live {
            f.in_queue.push(f64::from(l.in_queue));
            f.out_queue.push(f64::from(l.out_queue));
            if let Some(t) = l.tcp {
                f.rtt_us.push(f64::from(t.rtt_us));
                f.cwnd.push(f64::from(t.cwnd));
            }
        }
    }

    /// The heat map of a call.
    pub fn heat(&self, call: &str) -> Option<&Heatmap> {
        self.heat.get(call).map(|(_, m)| m)
    }

    /// The connection with this number, if it is open.
    pub fn conn(&self, serial: u32) -> Option<&ConnNow> {
        self.now.conns.iter().find(|c| c.info.serial == serial)
    }

    /// The process a connection belongs to.
    pub fn process(&self, pid: u32) -> Option<&ProcRow> {
        self.now.stats.processes.iter().find(|p| p.pid == pid)
    }

    /// How many connections the filter leaves, and those from `from` on, `n` at most, in order. Only these are put into
    /// order: the rest are compared once.
    pub fn ordered(&self, sort: Sort, filter: Option<&Filter>, from: usize, n: usize) -> (usize, Vec<Rated>) {
        let comms: HashMap<u32, &ProcRow> = self.now.stats.processes.iter().map(|p| (p.pid, p)).collect();
        let held = |r: &&Rated| filter.is_none_or(|f| self.meets(f, r, &comms));
        let mut keyed: Vec<(f64, Rated)> = self.conns.iter().filter(held).map(|r| (self.key(r, sort), *r)).collect();
        let total = keyed.len();
        let serial = |r: &Rated| self.now.conns[r.index].info.serial;
        let order =
            |a: &(f64, Rated), b: &(f64, Rated)| b.0.total_cmp(&a.0).then_with(|| serial(&a.1).cmp(&serial(&b.1)));
        let end = (from + n).min(total);
        if end > 0 && end < total {
            keyed.select_nth_unstable_by(end - 1, order);
            keyed.truncate(end);
        }
        keyed.sort_unstable_by(order);
        (total, keyed.into_iter().skip(from).map(|(_, r)| r).collect())
    }

    fn key(&self, r: &Rated, sort: Sort) -> f64 {
        let c = &self.now.conns[r.index];
        let live = |of: fn(&Live) -> u64| r.live.as_ref().map_or(-1.0, |l| of(l) as f64);
        match sort {
            Sort::Rate => r.calls,
            Sort::Latency => live(|l| l.tcp.map_or(0, |t| u64::from(t.rtt_us))),
            // A listener's other number is its limit: nothing waits there.
            Sort::Queue if c.role() == Role::Listener => live(|l| u64::from(l.in_queue)),
            Sort::Queue => live(|l| u64::from(l.in_queue) + u64::from(l.out_queue)),
            Sort::Errors => c.errors as f64,
            Sort::Bytes => r.bytes_in + r.bytes_out,
            Sort::Number => 0.0,
        }
    }

    fn meets(&self, f: &Filter, r: &Rated, procs: &HashMap<u32, &ProcRow>) -> bool {
        let c = &self.now.conns[r.index];
        let proc = procs.get(&c.info.pid);
        f.eval(&Subject {
            conn: Some(&c.info),
            pid: c.info.pid,
            tid: c.tid,
            comm: proc.map_or(&[][..], |p| p.comm.as_bytes()),
            exe: proc.map_or(&[][..], |p| p.exe.as_bytes()),
            bytes: c.bytes_in.saturating_add(c.bytes_out),
            nonblock: c.info.nonblocking(),
            ..Subject::new(Call::socket)
        })
    }

    /// Calls in order: their places in `now.stats.calls`.
    pub fn ordered_calls(&self, sort: Sort) -> Vec<usize> {
        let key = |i: usize| {
            let (n, r) = (&self.now.stats.calls[i].n, &self.calls[i]);
            match sort {
                Sort::Rate | Sort::Queue => r.calls,
                Sort::Latency => n.quantile_ns(0.99) as f64,
                Sort::Errors => n.errors as f64,
                Sort::Bytes => r.bytes_in + r.bytes_out,
                Sort::Number => 0.0,
            }
        };
        let second = |i: usize| if sort == Sort::Number { 0 } else { self.now.stats.calls[i].n.count };
        let mut all: Vec<(f64, usize)> = (0..self.calls.len()).map(|i| (key(i), i)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| second(b.1).cmp(&second(a.1))).then(a.1.cmp(&b.1)));
        all.into_iter().map(|(_, i)| i).collect()
    }

    /// Processes in order: their places in `now.stats.processes`.
    pub fn ordered_procs(&self, sort: Sort) -> Vec<usize> {
        let key = |i: usize| {
            let (p, r) = (&self.now.stats.processes[i], &self.procs[i]);
            match sort {
                Sort::Rate | Sort::Queue => r.calls,
                Sort::Latency => p.n.quantile_ns(0.99) as f64,
                Sort::Errors => p.n.errors as f64,
                Sort::Bytes => r.bytes_in + r.bytes_out,
                Sort::Number => 0.0,
            }
        };
        let pid = |i: usize| self.now.stats.processes[i].pid;
        let mut all: Vec<(f64, usize)> = (0..self.procs.len()).map(|i| (key(i), i)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| pid(a.1).cmp(&pid(b.1))));
        all.into_iter().map(|(_, i)| i).collect()
    }
}

/// A process's counters; without statistics, its records.
fn proc_totals(p: &ProcRow, e: Events, mode: Mode) -> Before {
    if mode == Mode::Off { (e.recorded + e.filtered + e.dropped, 0, 0, 0) } else { totals(&p.n) }
}
