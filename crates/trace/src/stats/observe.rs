//! The counters of a session as they lie in its memory: for whoever maps it, reader or not.

use super::area::{self, Raw};
use super::conns::{self, Telling};
use super::model::{FaultRow, Lost, Mode, ProcRow, Snapshot, ThreadRow};
use crate::Clock;
use crate::hash::Map;
use crate::model::trimmed;
use crate::shm::{self, ProcCopy};
use socklens_rules::fault::{Region, Skip};
use socklens_wire::Segment;
use socklens_wire::layout::proc_state;
use socklens_wire::stats::mode;
use std::collections::HashMap;
use std::sync::atomic::{Ordering, fence};

/// A thread that lives, or that the reader has not buried yet.
#[derive(Clone, Debug)]
pub(crate) struct LiveThread {
    pub proc_slot: u32,
    pub tid: u32,
    pub comm: [u8; 16],
    pub raw: Raw,
}

/// One reading of all counters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// Processes by slot: what is known of them, and the counters of their threads that ended.
    pub procs: Vec<(u32, ProcCopy, Raw)>,
    pub threads: Vec<LiveThread>,
    /// Processes that ended.
    pub ended: Raw,
    pub spill: Raw,
}

/// Readings that the reader disturbed before the last one is taken as it is.
const TRIES: u32 = 100;

impl Observed {
    /// Reads everything; again when the reader moved counters meanwhile.
    pub fn read(s: &Segment) -> Observed {
        let seq = &s.header().stats_seq;
        for _ in 0..TRIES {
            let before = seq.load(Ordering::Acquire);
            let o = Observed::once(s);
            fence(Ordering::Acquire);
            if before & 1 == 0 && seq.load(Ordering::Relaxed) == before {
                return o;
            }
            std::thread::yield_now();
        }
        Observed::once(s)
    }

    fn once(s: &Segment) -> Observed {
        let (h, l) = (s.header(), s.layout());
        let mut o = Observed::default();
        for i in 0..h.procs_high.load(Ordering::Acquire).min(l.procs) {
            let live = shm::proc_state(s, i).is_some_and(|(st, _)| st == proc_state::LIVE || st == proc_state::GONE);
            if live && let Some(p) = shm::proc_copy(s, i) {
                o.procs.push((i, p, area::read(s, area::of_process(s, i))));
            }
        }
        for i in 0..h.threads_high.load(Ordering::Acquire).min(l.threads) {
            if let Some(t) = shm::thread_copy(s, i) {
                let raw = area::read(s, area::of_thread(s, i));
                o.threads.push(LiveThread { proc_slot: t.proc_index, tid: t.tid, comm: t.comm, raw });
            }
        }
        o.ended = area::read(s, h.stats_area.load(Ordering::Acquire));
        o.spill = area::read_spill(s);
        o
    }

    /// Everything added up.
    pub fn total(&self) -> Raw {
        let mut sum = self.ended.clone();
        sum.add(&self.spill);
        self.procs.iter().for_each(|p| sum.add(&p.2));
        self.threads.iter().for_each(|t| sum.add(&t.raw));
        sum
    }

    /// One process's counters: those of its ended threads and of its living ones.
    pub fn of_process(&self, slot: u32, ended: &Raw) -> Raw {
        let mut sum = ended.clone();
        self.threads.iter().filter(|t| t.proc_slot == slot).for_each(|t| sum.add(&t.raw));
        sum
    }

    fn thread_rows(&self, tick_ns: f64) -> Vec<ThreadRow> {
        let row = |t: &LiveThread| {
            let proc = self.procs.iter().find(|p| p.0 == t.proc_slot).map(|p| &p.1);
            let own = trimmed(&t.comm);
            let comm = if own.is_empty() { proc.map_or(&[][..], |p| trimmed(&p.comm)) } else { own };
            ThreadRow {
                pid: proc.map_or(0, |p| p.pid),
                tid: t.tid,
                comm: String::from_utf8_lossy(comm).into_owned(),
                alive: true,
                n: t.raw.total(tick_ns),
            }
        };
        self.threads.iter().filter(|t| !t.raw.is_empty()).map(row).collect()
    }

    fn proc_rows(&self, clock: &Clock) -> Vec<ProcRow> {
        let tick_ns = clock.ns_per_tick();
        let row = |(slot, p, ended): &(u32, ProcCopy, Raw)| {
            let raw = self.of_process(*slot, ended);
            ProcRow {
                threads: self.threads.iter().filter(|t| t.proc_slot == *slot).count() as u64,
                n: raw.total(tick_ns),
                calls: raw.calls(tick_ns),
                ..identity(p, clock)
            }
        };
        self.procs.iter().map(row).collect()
    }
}

/// The row of a process that lives, without its numbers.
pub(crate) fn identity(p: &ProcCopy, clock: &Clock) -> ProcRow {
    ProcRow {
        pid: p.pid,
        ppid: p.ppid,
        comm: p.name(),
        exe: String::from_utf8_lossy(&p.exe).into_owned(),
        start_ns: clock.since_start(p.start.raw),
        ..ProcRow::default()
    }
}

/// What a session counts.
pub(crate) fn mode_of(s: &Segment) -> Mode {
    match s.header().stats.load(Ordering::Relaxed) {
        mode::COUNT => Mode::Count,
        mode::FULL => Mode::Full,
        _ => Mode::Off,
    }
}

/// What processes were called, and from when on (nanoseconds of the session): an exec gives another name.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<u32, Vec<(u64, String)>>);

impl Names {
    /// Those of what lives.
    fn living(o: &Observed, clock: &Clock) -> Names {
        let mut names = Names::default();
        for (_, p, _) in &o.procs {
            names.add(p.pid, clock.since_start(p.start.raw), p.name());
        }
        names
    }

    pub fn add(&mut self, pid: u32, start: u64, name: String) {
        self.0.entry(pid).or_default().push((start, name));
    }

    /// The images of a process: when each began, and its name.
    pub fn of(&self, pid: u32) -> impl Iterator<Item = (u64, &str)> {
        self.0.get(&pid).into_iter().flatten().map(|(start, name)| (*start, name.as_str()))
    }

    /// The name of the image that ran at a time.
    pub fn at<'a>(images: impl Iterator<Item = (u64, &'a str)>, time: u64) -> &'a str {
        images.filter(|(start, _)| *start <= time).max_by_key(|(start, _)| *start).map_or("", |(_, name)| name)
    }
}

/// What the session's memory alone says: totals of everything, living processes and threads, open connections. Rows of
/// what ended, lookups and host names are with the reader.
pub fn observe(s: &Segment, clock: &Clock) -> Snapshot {
    snapshot_of(s, clock, &Observed::read(s), &Map::default(), &Names::default())
}

/// The same from a reading, with host names and the names of the processes that ended.
pub(crate) fn snapshot_of(
    s: &Segment,
    clock: &Clock,
    o: &Observed,
    hosts: &Map<Vec<u8>, String>,
    ended: &Names,
) -> Snapshot {
    let telling = Telling { clock, hosts, now: clock.raw_now() };
    let living = Names::living(o, clock);
    let conns = conns::open(s, |c, t| {
        let images = living.of(c.pid).chain(ended.of(c.pid));
        telling.row(&c, t, None, Names::at(images, clock.since_start(t.opened())))
    });
    Snapshot { conns, ..counters_of(s, clock, o) }
}

/// The same without its connections.
pub(crate) fn counters_of(s: &Segment, clock: &Clock, o: &Observed) -> Snapshot {
    let h = s.header();
    let calls = o.total().calls(clock.ns_per_tick());
    Snapshot {
        mode: mode_of(s),
        start_ns: clock.start().real,
        elapsed_ns: clock.since_start(clock.raw_now()),
        finished: false,
        conns_total: u64::from(h.next_serial.load(Ordering::Relaxed)).saturating_sub(1),
        conns: Vec::new(),
        processes: o.proc_rows(clock),
        threads: o.thread_rows(clock.ns_per_tick()),
        dns: Vec::new(),
        faults: faults(s),
        lost: Lost {
            conns: u64::from(h.lost_conns.load(Ordering::Relaxed)),
            processes: u64::from(h.lost_procs.load(Ordering::Relaxed)),
            unattributed: o.spill.count(),
            untold: calls.iter().map(|c| c.n.untold).sum(),
            events: 0,
        },
        calls,
    }
}

/// The fault rules in force, and what became of each.
fn faults(s: &Segment) -> Vec<FaultRow> {
    let region = Region::of(s);
    let Some(block) = region.loaded() else { return Vec::new() };
    let row = |(i, rule): (usize, &str)| {
        let mut row = FaultRow { rule: rule.to_owned(), ..FaultRow::default() };
        if let Some(c) = region.counts(i) {
            row.matched = c.matched.load(Ordering::Relaxed);
            row.fired = c.fired.load(Ordering::Relaxed);
            let of = |why: &Skip| c.skipped.get(*why as usize).map_or(0, |n| n.load(Ordering::Relaxed));
            row.skipped = Skip::ALL.iter().map(|why| (why.word(), of(why))).filter(|(_, n)| *n > 0).collect();
        }
        row
    };
    block.texts().enumerate().map(row).collect()
}
