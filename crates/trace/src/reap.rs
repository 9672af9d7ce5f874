//! What dead threads and processes leave behind is read, counted, and freed.

use crate::hash::Map;
use crate::model::{ExitStatus, Summary};
use crate::procfs;
use crate::reader::Reader;
use crate::shm::{self, atomic};
use crate::stats::ProcRow;
use crate::stats::area;
use crate::stats::conns::Totals;
use crate::stats::store::Buried;
use socklens_wire::layout::{FDS_PER_PAGE, chunk_state, page, refs, thread_state};
use socklens_wire::pool;
use std::sync::atomic::Ordering;

/// Sweeps after which a connection that no table names is ended although references to it are counted. Those that a fork
/// counted for its child are in the child's table as soon as that has run.
const LEAKED_SWEEPS: u32 = 20;

impl Reader {
    /// Looks who has died, and buries those who were found dead before the last pass. `child` is the direct child's
    /// pid and status, once it is known. True when something changed.
    pub fn reap(&mut self, child: Option<(u32, ExitStatus)>) -> bool {
        let mut changed = false;
        self.stirred = false;
        for t in 0..self.threads.len() {
            if self.threads[t].as_ref().is_some_and(|t| t.dead && t.queue.is_empty()) {
                self.bury_thread(t);
                changed = true;
            }
        }
        for p in 0..self.procs.len() {
            if self.procs[p].as_ref().is_some_and(|p| p.dead && p.threads == 0) {
                self.bury_process(p, child);
                changed = true;
            }
        }
        for p in self.procs.iter_mut().flatten() {
            if !p.dead && (p.replaced || !p.alive()) {
                p.dead = true;
                // The next pass reads what it left; then it can be buried.
                self.stirred |= p.replaced;
                changed = true;
            }
        }
        for t in self.threads.iter_mut().flatten().filter(|t| !t.dead) {
            let gone = match self.procs.get(t.proc).and_then(Option::as_ref) {
                Some(p) => p.dead || t.host_tid != 0 && !p.hidden && !procfs::thread_alive(p.host_pid, t.host_tid),
                None => true,
            };
            if gone {
                t.dead = true;
                changed = true;
            }
        }
        changed
    }

    fn bury_thread(&mut self, i: usize) {
        let Some(t) = self.threads[i].take() else { return };
        self.free_threads.push(i);
        self.by_slot.remove(&(t.slot, t.uses));
        let s = self.segment();
        let proc = self.procs.get_mut(t.proc).and_then(Option::as_mut);
        let replaced = proc.as_ref().is_some_and(|p| p.replaced);
        if let Some(p) = proc {
            p.threads = p.threads.saturating_sub(1);
        }
        let its = !t.orphan && shm::thread_live(&s, t.slot).is_some_and(|(uses, _)| uses == t.uses);
        let call = if its { shm::in_call(&s, t.slot).filter(|c| self.wanted(c.opcode)) } else { None };
        let done = replaced && call.is_some_and(|c| Reader::is_exec(c.opcode));
        // An exec ended when the new image began.
        let pid = self.procs.get(t.proc).and_then(Option::as_ref).map_or(0, |p| p.host_pid);
        let next = self.procs.iter().flatten().filter(|p| done && p.host_pid == pid && !p.replaced);
        let at = next.map(|p| p.start).max().unwrap_or(self.now);
        match (call, t.exec) {
            (Some(call), Some(exec)) if done && exec.call == call.opcode => {
                self.timeline.executed(t.stream, exec, call.start, at, false);
                self.timeline.close_stream(t.stream, at, None, false);
            }
            _ => self.timeline.close_stream(t.stream, at, call, done),
        }
        if !its {
            return;
        }
        let slot = self.procs.get(t.proc).and_then(Option::as_ref).map(|p| p.slot).filter(|&s| s != u32::MAX);
        self.stats.bury_thread(&s, t.slot, slot, (t.pid, t.tid, t.comm));
        let [_, dropped, filtered] = shm::thread_counts(&s, t.slot);
        self.summary.dropped = self.summary.dropped.saturating_add(dropped);
        self.summary.filtered = self.summary.filtered.saturating_add(filtered);
        let Some(p) = s.thread_slot(t.slot) else { return };
        for counter in [atomic!(p, recorded), atomic!(p, dropped), atomic!(p, filtered)] {
            counter.store(0, Ordering::Relaxed);
        }
        atomic!(p, in_call).store(0, Ordering::Relaxed);
        atomic!(p, chunk).store(0, Ordering::Relaxed);
        atomic!(p, state).store(thread_state::FREE, Ordering::Release);
    }

    fn bury_process(&mut self, i: usize, child: Option<(u32, ExitStatus)>) {
        let Some(slot) = self.procs[i].as_ref().map(|p| p.slot) else { return };
        self.proc_by_slot.remove(&slot);
        // While it can still be found: connections that it left are told of with its name.
        if slot != u32::MAX {
            self.free_leftovers(slot);
        }
        let Some(p) = self.procs[i].take() else { return };
        let status = child.filter(|(pid, _)| *pid == p.host_pid && !p.replaced).map(|c| c.1);
        let at = self.clock.raw_now();
        self.timeline.proc_end(at, p.key, status, p.replaced);
        let row = ProcRow {
            pid: p.pid,
            ppid: p.ppid,
            comm: p.comm.clone(),
            exe: p.exe,
            start_ns: self.clock.since_start(p.start),
            end_ns: Some(self.clock.since_start(at)),
            threads: p.threads_seen,
            ..ProcRow::default()
        };
        if p.slot != u32::MAX && self.counts() {
            let s = self.segment();
            self.stats.bury_process(&s, Buried { slot: p.slot, row, status, replaced: p.replaced });
        }
        if self.summary.procs.len() < Summary::KEPT && !p.replaced {
            self.summary.procs.push((p.pid, p.comm));
        }
        self.segment().free_proc(p.slot);
    }

    /// Frees the descriptor table of a dead process, and chunks it had taken and not yet begun to use.
    fn free_leftovers(&mut self, slot: u32) {
        let s = self.segment();
        let h = s.header();
        for i in 0..h.fresh_pages.load(Ordering::Relaxed).min(s.layout().pages) {
            let Some(o) = s.page_owner(i) else { break };
            if o.proc_index.load(Ordering::Relaxed) != slot {
                continue;
            }
            match o.kind.load(Ordering::Acquire) {
                page::FDS => {
                    for e in 0..FDS_PER_PAGE {
                        let Some(entry) = shm::fd_entry(&s, i, e) else { break };
                        let entry = entry.swap(0, Ordering::AcqRel);
                        if let Some(conn) = (entry as u32 & 0xff_ffff).checked_sub(1) {
                            self.unref(conn, (entry >> 32) as u32);
                        }
                    }
                    o.kind.store(page::FREE, Ordering::Release);
                    pool::push(&h.free_pages, &s.page_links(), i);
                }
                // Taken and not used yet when its thread was killed.
                page::STATS => area::give_back(&s, i),
                page::CHUNK => self.free_chunk_of(s.layout().chunks + i, slot),
                _ => {}
            }
        }
        for i in 0..h.fresh_chunks.load(Ordering::Relaxed).min(s.layout().chunks) {
            self.free_chunk_of(i, slot);
        }
    }

    fn free_chunk_of(&mut self, position: u32, slot: u32) {
        let Some(c) = shm::chunk_copy(&self.segment(), position) else { return };
        if c.state == chunk_state::OWNED && c.proc_index == slot && c.thread != u32::MAX && !self.is_queued(position) {
            self.recycle(position);
        }
    }

    /// A descriptor of a dead process no longer refers to its connection.
    fn unref(&mut self, index: u32, serial: u32) {
        let s = self.segment();
        let Some(p) = s.conn_slot(index) else { return };
        if atomic!(p, serial).load(Ordering::Acquire) != serial {
            return;
        }
        let less = |n| refs::count(n).checked_sub(1);
        if atomic!(p, refs).fetch_update(Ordering::AcqRel, Ordering::Relaxed, less) == Ok(1) {
            self.end_conn(index);
        }
    }

    fn end_conn(&mut self, index: u32) {
        let s = self.segment();
        let Some(p) = s.conn_slot(index) else { return };
        let serial = atomic!(p, serial).load(Ordering::Acquire);
        let Some(info) = shm::conn_info(&s, index).filter(|i| i.serial == serial && serial != 0) else { return };
        let at = self.clock.raw_now();
        if let Some(totals) = Totals::of_slot(&s, index) {
            self.conn_ended(&info, &totals, at, true);
        }
        self.timeline.conn_left(at, info);
        self.free_conn(index, serial);
    }

    /// Ends connections that have had no descriptor for some sweeps: the note of their end was dropped, or a reference
    /// was counted for a child that never had it, as when one thread closes while another forks. `now` ends them at once.
    pub fn sweep_conns(&mut self, now: bool) {
        let s = self.segment();
        let held = self.held_conns();
        let before = std::mem::take(&mut self.idle_conns);
        for i in 0..s.header().fresh_conns.load(Ordering::Relaxed).min(s.layout().conns) {
            let Some(p) = s.conn_slot(i) else { break };
            let serial = atomic!(p, serial).load(Ordering::Acquire);
            let word = atomic!(p, refs).load(Ordering::Acquire);
            let idle = match refs::ender(word) {
                Some(ender) => now || !self.lives(ender, word),
                None => word == 0 || held.as_ref().is_some_and(|h| !h.contains_key(&i)),
            };
            if serial == 0 || !idle {
                continue;
            }
            let sweeps = before.get(&i).filter(|b| b.0 == serial).map_or(0, |b| b.1 + 1);
            if now || sweeps >= if refs::count(word) == 0 { 1 } else { LEAKED_SWEEPS } {
                // Unless it is being closed this moment: then its note comes.
                if atomic!(p, refs).compare_exchange(word, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                    self.end_conn(i);
                }
            } else {
                self.idle_conns.insert(i, (serial, sweeps));
            }
        }
    }

    /// Whether the process in this slot is the one that a connection's word names, and not buried: then all that it has
    /// noted was read.
    fn lives(&self, slot: u32, word: u32) -> bool {
        let p = self.proc_by_slot.get(&slot).and_then(|&i| self.procs.get(i)).and_then(Option::as_ref);
        p.is_some_and(|p| refs::ending(slot, p.uses) == word)
    }

    /// Connections that descriptor tables name; None when a table may be missing for want of a page.
    fn held_conns(&self) -> Option<Map<u32, ()>> {
        let s = self.segment();
        let given = s.header().fresh_pages.load(Ordering::Relaxed);
        if given >= s.layout().pages {
            return None;
        }
        let mut held = Map::default();
        for i in 0..given {
            let fds = s.page_owner(i).is_some_and(|o| o.kind.load(Ordering::Acquire) == page::FDS);
            for e in 0..if fds { FDS_PER_PAGE } else { 0 } {
                let Some(entry) = shm::fd_entry(&s, i, e) else { break };
                if let Some(conn) = (entry.load(Ordering::Relaxed) as u32 & 0xff_ffff).checked_sub(1) {
                    held.insert(conn, ());
                }
            }
        }
        Some(held)
    }
}
