//! What the reader keeps of the dead: threads, processes, connections; and its snapshot.

use super::area::{self, Raw, RawRow};
use super::conns::{Ended, Telling, Totals};
use super::dns::Lookups;
use super::model::{ConnRow, ProcRow, Snapshot, ThreadRow};
use super::observe::{Names, Observed, identity, snapshot_of};
use super::pack::Packed;
use super::{KEPT_PROCESSES, KEPT_THREADS};
use crate::model::ExitStatus;
use crate::reader::Reader;
use crate::shm::atomic;
use socklens_wire::{ConnInfo, Segment};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// A thread that ended.
#[derive(Clone, Debug)]
struct DeadThread {
    pid: u32,
    tid: u32,
    comm: String,
    n: Packed,
}

/// A process image that ended.
#[derive(Clone, Debug)]
struct DeadProc {
    row: ProcRow,
    /// It went on under another program.
    replaced: bool,
    raw: Raw,
}

/// What is kept of the dead.
#[derive(Debug, Default)]
pub(crate) struct Store {
    threads: Vec<DeadThread>,
    /// Those too many to be kept apart.
    more_threads: Option<RawRow>,
    procs: Vec<DeadProc>,
    names: Names,
    pub ended: Ended,
    pub lookups: Lookups,
}

/// Says to observers that counters are on the move.
struct Moving<'a>(&'a AtomicU32);

impl<'a> Moving<'a> {
    fn begin(s: &'a Segment) -> Moving<'a> {
        let seq = &s.header().stats_seq;
        // Whatever stands there, from here on it is odd.
        seq.store(seq.load(Ordering::Relaxed) | 1, Ordering::Relaxed);
        std::sync::atomic::fence(Ordering::SeqCst);
        Moving(seq)
    }
}

impl Drop for Moving<'_> {
    fn drop(&mut self) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(1) & !1, Ordering::Release);
    }
}

/// What the reader knows of a process that it buries.
pub(crate) struct Buried {
    pub slot: u32,
    pub row: ProcRow,
    pub status: Option<ExitStatus>,
    pub replaced: bool,
}

impl Store {
    /// Adds an ended thread's counters to its process's, or to the session's when that is gone.
    pub fn bury_thread(&mut self, s: &Segment, slot: u32, proc_slot: Option<u32>, who: (u32, u32, String)) {
        let Some(p) = s.thread_slot(slot) else { return };
        let first = atomic!(p, stats).swap(0, Ordering::AcqRel);
        if first == 0 {
            return;
        }
        let raw = area::read(s, first);
        {
            let _moving = Moving::begin(s);
            match proc_slot.and_then(|i| s.proc_slot(i)) {
                Some(p) => area::fold(s, atomic!(p, stats), &raw),
                None => area::fold(s, &s.header().stats_area, &raw),
            }
            area::free(s, first);
        }
        let (pid, tid, comm) = who;
        if self.threads.len() < KEPT_THREADS {
            self.threads.push(DeadThread { pid, tid, comm, n: Packed::of(&raw) });
        } else {
            self.more_threads.get_or_insert_default().add(&raw.sum());
        }
    }

    /// Adds an ended process's counters to the session's and keeps its row.
    pub fn bury_process(&mut self, s: &Segment, b: Buried) {
        let Some(p) = s.proc_slot(b.slot) else { return };
        let first = atomic!(p, stats).swap(0, Ordering::AcqRel);
        let raw = area::read(s, first);
        if first != 0 {
            let _moving = Moving::begin(s);
            area::fold(s, &s.header().stats_area, &raw);
            area::free(s, first);
        }
        self.names.add(b.row.pid, b.row.start_ns, b.row.comm.clone());
        let raw = if self.procs.len() < KEPT_PROCESSES { raw } else { raw.without_times() };
        self.procs.push(DeadProc { row: ProcRow { status: b.status, ..b.row }, replaced: b.replaced, raw });
    }
}

impl Reader {
    /// The statistics now. Of the connections that ended, the latest `ended` are rows; [`Reader::each_ended`] has all.
    pub fn snapshot(&self, ended: usize) -> Snapshot {
        let s = self.segment();
        let clock = &self.clock;
        let tick_ns = clock.ns_per_tick();
        let o = Observed::read(&s);
        let store = &self.stats;
        let mut snap = snapshot_of(&s, clock, &o, &store.lookups.hosts, &store.names);
        snap.processes = self.process_rows(&o);
        let unattributed = o.spill.total(tick_ns);
        if unattributed.count > 0 {
            let calls = o.spill.calls(tick_ns);
            let comm = "(no room)".to_owned();
            snap.processes.push(ProcRow { comm, n: unattributed, calls, ..ProcRow::default() });
        }
        for t in &store.threads {
            let n = t.n.counts(tick_ns);
            snap.threads.push(ThreadRow { pid: t.pid, tid: t.tid, comm: t.comm.clone(), alive: false, n });
        }
        if let Some(others) = &store.more_threads {
            let n = others.counts(tick_ns);
            snap.threads.push(ThreadRow { comm: "(others)".to_owned(), n, ..ThreadRow::default() });
        }
        snap.dns = store.lookups.rows();
        self.each_latest(ended as u64, &mut |row| snap.conns.push(row()));
        let sum = self.summary();
        snap.lost.events = sum.missing();
        snap.finished = !self.lively();
        snap
    }

    /// Hands out every connection that ended, in that order; the row is made when it is asked for.
    pub fn each_ended(&self, f: &mut dyn FnMut(&dyn Fn() -> ConnRow)) {
        self.each_latest(u64::MAX, f);
    }

    /// As [`Reader::each_ended`], of the latest `most`.
    fn each_latest(&self, most: u64, f: &mut dyn FnMut(&dyn Fn() -> ConnRow)) {
        let hosts = &self.stats.lookups.hosts;
        let telling = Telling { clock: &self.clock, hosts, now: self.clock.raw_now() };
        self.stats.ended.latest(most, &mut |info, t, left, comm| f(&|| telling.row(info, t, Some(left), comm)));
    }

    /// A connection has ended.
    pub(crate) fn conn_ended(&mut self, info: &ConnInfo, totals: &Totals, at: u64, left: bool) {
        if self.counts() {
            let comm = self.comm_of(info.pid, totals.opened());
            self.stats.ended.push(info, totals, at, left, &comm);
        }
    }

    /// Whether the session counts anything.
    pub(crate) fn counts(&self) -> bool {
        self.segment().header().stats.load(Ordering::Relaxed) != 0
    }

    /// The name that a process had at a raw time: an exec gives it another.
    fn comm_of(&self, pid: u32, at: u64) -> String {
        let its = self.procs.iter().flatten().filter(|p| p.pid == pid);
        let living = its.map(|p| (self.clock.since_start(p.start), p.comm.as_str()));
        Names::at(living.chain(self.stats.names.of(pid)), self.clock.since_start(at)).to_owned()
    }

    /// A row per process: its images one after the other make one.
    fn process_rows(&self, o: &Observed) -> Vec<ProcRow> {
        let tick_ns = self.clock.ns_per_tick();
        let dead = self.stats.procs.iter().map(|p| (p.row.clone(), p.raw.clone(), p.replaced));
        let mut images: Vec<(ProcRow, Raw, bool)> = dead.collect();
        for (slot, p, ended) in &o.procs {
            let known = self.proc_by_slot.get(slot).and_then(|&i| self.procs.get(i)).and_then(Option::as_ref);
            let row = ProcRow { threads: known.map_or(0, |k| k.threads_seen), ..identity(p, &self.clock) };
            images.push((row, o.of_process(*slot, ended), known.is_some_and(|k| k.replaced)));
        }
        // Neither their slots nor their ends are in the order in which they ran.
        images.sort_by_key(|(row, ..)| row.start_ns);
        let mut rows: Vec<(ProcRow, Raw, bool)> = Vec::new();
        let mut open: HashMap<u32, usize> = HashMap::new();
        for (row, raw, replaced) in images {
            let i = match open.remove(&row.pid) {
                Some(i) => {
                    let (old, sum, _) = &mut rows[i];
                    sum.add(&raw);
                    *old = ProcRow { start_ns: old.start_ns, threads: old.threads + row.threads, ..row };
                    i
                }
                None => {
                    rows.push((row, raw, replaced));
                    rows.len() - 1
                }
            };
            if replaced {
                open.insert(rows[i].0.pid, i);
            }
        }
        rows.into_iter()
            .map(|(row, raw, _)| ProcRow { n: raw.total(tick_ns), calls: raw.calls(tick_ns), ..row })
            .collect()
    }
}
