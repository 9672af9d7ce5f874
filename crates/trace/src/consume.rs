//! Reading chunks: in a thread's own order, past what was never finished, and back to the writers.

use crate::blocks::Blocks;
use crate::reader::Reader;
use crate::shm::{self, atomic, field};
use crate::slots::{Cursor, Thread};
use crate::stats::conns::Totals;
use crate::timeline::Exec;
use socklens_calls::Call;
use socklens_wire::event::{Unseen, flag, note};
use socklens_wire::layout::{CHUNK_HEAD, FDS_PER_PAGE, chunk_state, page, refs};
use socklens_wire::ring::{self, Next};
use socklens_wire::{ConnInfo, Event, EventHead, Segment, pool};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long an unfinished event may hold up its thread's later chunks.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far a chunk was read.
enum Read {
    /// To its end.
    Ended,
    /// To this offset; more may come.
    Upto(u32),
}

/// Position and number of the chunk that the thread is filling, or was filling just now: it may have been handed over
/// since the list was taken, and what is in it must not wait for the next pass.
fn current(s: &Segment, th: &Thread) -> Option<(u32, u32)> {
    let position = th.current.or(th.cursor.map(|c| c.position))?;
    let c = shm::chunk_copy(s, position)?;
    let its = c.state != chunk_state::FREE && c.thread == th.slot && c.uses == th.uses;
    its.then_some((position, c.seq))
}

impl Reader {
    /// Reads what thread `t` has to offer. True when that was something.
    pub(crate) fn consume(&mut self, t: usize) -> bool {
        let mut active = false;
        let s = self.segment();
        self.find_lost(t);
        if let Some(th) = self.threads[t].as_mut() {
            th.queue.sort_unstable();
        }
        loop {
            let Some(th) = self.threads[t].as_mut() else { return active };
            let overdue = th.dead || th.stuck.is_some_and(|s| s.elapsed() >= PATIENCE);
            let Some(&(seq, position)) = th.queue.first() else {
                return self.follow_current(t) || active;
            };
            // A signal handler that came in while its thread changed chunks filled a later one before the earlier.
            let early = th.next_seq < seq && current(&s, th).is_some_and(|c| c.1 == th.next_seq);
            if th.next_seq < seq && !early && !overdue {
                th.stuck.get_or_insert_with(Instant::now);
                return active;
            }
            let at = th.cursor.filter(|c| c.position == position && c.seq == seq).map_or(0, |c| c.at);
            active = true;
            match self.read_chunk(t, position, at, true, overdue) {
                Read::Ended => {
                    self.unqueue(position);
                    self.recycle(position);
                    if let Some(th) = self.threads[t].as_mut() {
                        th.queue.remove(0);
                        th.passed(seq, early);
                        th.cursor = th.cursor.filter(|c| c.position != position);
                        th.stuck = None;
                    }
                }
                Read::Upto(at) => {
                    if let Some(th) = self.threads[t].as_mut() {
                        th.cursor = Some(Cursor { position, seq, at });
                        th.stuck.get_or_insert_with(Instant::now);
                    }
                    return active;
                }
            }
        }
    }

    /// A thread that was killed while it changed chunks has one that is neither current nor handed over.
    fn find_lost(&mut self, t: usize) {
        let s = self.segment();
        let Some(th) = self.threads[t].as_ref().filter(|t| t.dead && !t.orphan) else { return };
        let Some(p) = s.thread_slot(th.slot) else { return };
        let have = th.next_seq.saturating_add(th.queue.len() as u32 + u32::from(th.current.is_some()));
        if atomic!(p, seq).load(Ordering::Relaxed) <= have {
            return;
        }
        let (slot, uses, current) = (th.slot, th.uses, th.current);
        for position in 0..s.layout().chunks + s.layout().pages {
            let chunks = s.layout().chunks;
            let page = position.checked_sub(chunks).and_then(|i| s.page_owner(i));
            if page.is_some_and(|o| o.kind.load(Ordering::Acquire) != page::CHUNK) {
                continue;
            }
            let Some(c) = shm::chunk_copy(&s, position) else { break };
            let its = c.state != chunk_state::FREE && c.thread == slot && c.uses == uses;
            if its
                && current != Some(position)
                && self.claim(position)
                && let Some(th) = self.threads[t].as_mut()
            {
                th.queue.push((c.seq, position));
            }
        }
    }

    /// Takes over a session whose reader has died: the chunks it had taken and not given back, the connections and
    /// descriptors it knew. What it had read of them, and may have shown, is read again.
    pub fn adopt(&mut self) {
        let s = self.segment();
        let h = s.header();
        h.reader_gone.store(0, Ordering::Relaxed);
        for i in 0..h.procs_high.load(Ordering::Acquire).min(s.layout().procs) {
            self.meet_process(i);
        }
        self.adopt_conns();
        self.take_full();
        let chunks = s.layout().chunks;
        for position in 0..chunks + s.layout().pages {
            let page = position.checked_sub(chunks).and_then(|i| s.page_owner(i));
            if page.is_some_and(|o| o.kind.load(Ordering::Acquire) != page::CHUNK) {
                continue;
            }
            let Some(c) = shm::chunk_copy(&s, position) else { break };
            if c.state == chunk_state::FULL && self.claim(position) {
                let t = self.thread_of(&c);
                if let Some(th) = self.threads[t].as_mut() {
                    th.queue.push((c.seq, position));
                }
            }
        }
        // A thread's chunks before these are gone for good.
        for th in self.threads.iter_mut().flatten() {
            let first = th.queue.iter().map(|q| q.0).min();
            let filling = s.thread_slot(th.slot).and_then(|p| atomic!(p, chunk).load(Ordering::Acquire).checked_sub(1));
            let filling = filling.and_then(|c| shm::chunk_copy(&s, c)).filter(|c| c.thread == th.slot).map(|c| c.seq);
            th.next_seq = first.into_iter().chain(filling).min().unwrap_or(0);
        }
    }

    fn adopt_conns(&mut self) {
        let s = self.segment();
        let h = s.header();
        let mut serials = Vec::new();
        for i in 0..h.fresh_conns.load(Ordering::Relaxed).min(s.layout().conns) {
            let info = shm::conn_info(&s, i).filter(|c| c.serial != 0);
            serials.push(info.map_or(0, |c| c.serial));
            if let Some(info) = info {
                self.timeline.conns_mut().found(info);
            }
        }
        for page in 0..h.fresh_pages.load(Ordering::Relaxed).min(s.layout().pages) {
            let Some(o) = s.page_owner(page).filter(|o| o.kind.load(Ordering::Acquire) == page::FDS) else { continue };
            let slot = o.proc_index.load(Ordering::Relaxed);
            let Some(key) = self.proc_by_slot.get(&slot).and_then(|&i| self.procs[i].as_ref()).map(|p| p.key) else {
                continue;
            };
            let base = o.base.load(Ordering::Relaxed);
            for e in 0..FDS_PER_PAGE {
                let Some(entry) = shm::fd_entry(&s, page, e) else { break };
                let conn = (entry.load(Ordering::Relaxed) as u32 & 0xff_ffff).checked_sub(1);
                if let Some(&serial) = conn.and_then(|c| serials.get(c as usize)).filter(|s| **s != 0) {
                    self.timeline.conns_mut().set_fd(key, base.saturating_add(e as u32) as i32, serial);
                }
            }
        }
    }

    /// Follows the chunk that the thread is filling.
    fn follow_current(&mut self, t: usize) -> bool {
        let s = self.segment();
        let Some(th) = self.threads[t].as_mut() else { return false };
        let Some((position, seq)) = current(&s, th) else { return false };
        // A later chunk than the next: that one was handed over meanwhile and comes with the next pass.
        let next = th.next_seq == seq || th.dead;
        if !next || self.is_queued(position) {
            return false;
        }
        let Some(th) = self.threads[t].as_mut() else { return false };
        let from = match th.cursor {
            Some(cur) if cur.position == position && cur.seq == seq => cur.at,
            _ => 0,
        };
        th.next_seq = seq;
        let dead = th.dead;
        let read = self.read_chunk(t, position, from, false, dead);
        let Some(th) = self.threads[t].as_mut() else { return false };
        match read {
            Read::Ended if dead => {
                th.cursor = None;
                th.current = None;
                self.recycle(position);
                true
            }
            // Full, and about to be handed over.
            Read::Ended => {
                let at = s.chunk_cap(position) as u32;
                th.cursor = Some(Cursor { position, seq, at });
                from != at
            }
            Read::Upto(at) => {
                th.cursor = Some(Cursor { position, seq, at });
                if let Some(p) = s.chunk_at(position) {
                    atomic!(p, read).store(at, Ordering::Relaxed);
                }
                at != from
            }
        }
    }

    /// Reads a chunk's committed events from offset `at` on. With `skip`, what was never finished is passed over.
    fn read_chunk(&mut self, t: usize, position: u32, at: u32, full: bool, skip: bool) -> Read {
        let s = self.segment();
        let Some(p) = s.chunk_at(position) else { return Read::Ended };
        let most = s.chunk_cap(position) as u32;
        let cap = match field!(p, cap) {
            c if c % 8 == 0 && c > 0 && c < most => c,
            _ => most,
        };
        // SAFETY: a chunk is CHUNK_HEAD bytes of head and chunk_cap() bytes of events, all inside the mapping.
        let data = unsafe { p.cast::<u8>().add(CHUNK_HEAD) };
        let word = |at: u32| {
            debug_assert!(at < cap && at.is_multiple_of(8));
            // SAFETY: at is below cap and a multiple of 8, so the word lies inside the chunk and is aligned.
            unsafe { &*data.add(at as usize).cast::<AtomicU32>() }
        };
        let end = atomic!(p, end);
        let look = |at: u32| if at >= cap { Next::End } else { ring::next(word(at), end, cap, at) };
        let mut at = at.min(cap) & !7;
        let mut begin = at;
        loop {
            match look(at) {
                Next::Event(size) => at += size as u32,
                Next::End => {
                    self.copy_events(t, data, begin, at);
                    return Read::Ended;
                }
                Next::Pending => {
                    self.copy_events(t, data, begin, at);
                    let reserved = atomic!(p, head).load(Ordering::Acquire).min(cap);
                    let limit = reserved.min(end.load(Ordering::Acquire)).min(cap);
                    if (full || skip) && at >= limit {
                        return Read::Ended;
                    }
                    if !skip {
                        return Read::Upto(at);
                    }
                    self.holes += 1;
                    let found = (at + 8..limit).step_by(8).find(|&o| self.plausible(data, o, cap, look(o)));
                    match found {
                        Some(o) => at = o,
                        None => return Read::Ended,
                    }
                    begin = at;
                }
            }
        }
    }

    /// Whether what stands at `at` can be an event of this session and not some payload's bytes.
    fn plausible(&self, data: *const u8, at: u32, cap: u32, next: Next) -> bool {
        let Next::Event(size) = next else { return false };
        if size > (cap - at) as usize || size < size_of::<EventHead>() {
            return false;
        }
        // SAFETY: the head lies inside the chunk, as checked against cap; plain integers, read unaligned and once.
        let h: EventHead = unsafe { data.add(at as usize).cast::<EventHead>().read_volatile() };
        let known = h.call >= note::FIRST || socklens_calls::Call::from_opcode(h.call).is_some();
        known && h.start <= h.end && h.end <= self.now && size_of::<EventHead>() + h.nargs as usize * 8 <= size
    }

    /// Copies the committed events between two offsets, and hands them to the timeline.
    fn copy_events(&mut self, t: usize, data: *const u8, begin: u32, end: u32) {
        let words = (end.saturating_sub(begin) / 8) as usize;
        if words == 0 {
            return;
        }
        // No event that is read here can be younger; writers go on while this pass runs.
        self.now = self.clock.raw_now();
        // SAFETY: both offsets are multiples of 8 within the chunk.
        let place = unsafe { self.timeline.blocks().copy(data.add(begin as usize).cast(), words) };
        let mut off = 0;
        while off < words {
            let at = Blocks::further(place, off);
            let Some((head, size, damaged)) = self.look_at(at, (words - off) * 8) else {
                self.holes += 1;
                return;
            };
            off += size / 8;
            if damaged {
                self.holes += 1;
                continue;
            }
            if head.call == note::EMPTY {
                continue;
            }
            let Some(th) = self.threads[t].as_mut() else { return };
            let (stream, proc) = (th.stream, th.proc);
            if head.call < note::FIRST {
                if head.call == Call::vfork as u16 {
                    self.vforked(t, &head);
                    // Recorded whatever is wanted, to tell whose its child's events were.
                    if !self.wanted(head.call) {
                        continue;
                    }
                }
                if let Some(p) = self.procs.get_mut(proc).and_then(Option::as_mut) {
                    p.calls += 1;
                }
                if self.lookups_counted && Reader::is_lookup(head.call) {
                    self.looked_up(proc, at, size);
                }
                if head.errno != 0 && Reader::is_exec(head.call) {
                    self.exec_failed(t, &head);
                }
            } else if matches!(head.call, note::CONN_END | note::EXEC | note::CHILD | note::UNSEEN) {
                self.heed(t, &head, at, size);
            }
            self.timeline.push(stream, at, &head, size as u32, self.now);
        }
    }

    /// Head and size of the copied event at `place`, and whether it makes no sense.
    fn look_at(&mut self, place: crate::blocks::Place, len: usize) -> Option<(EventHead, usize, bool)> {
        let ev = Event::parse(self.timeline.blocks().get(place, len))?;
        Some((ev.head, ev.size(), ev.head.call < note::FIRST && ev.call().is_none()))
    }

    /// A name was looked up.
    fn looked_up(&mut self, proc: usize, place: crate::blocks::Place, size: usize) {
        let pid = self.procs.get(proc).and_then(Option::as_ref).map_or(0, |p| p.pid);
        let s = self.segment();
        let Reader { timeline, stats, clock, .. } = self;
        if let Some(ev) = Event::parse(timeline.blocks().get(place, size)) {
            let word = s.header().counted.get(usize::from(ev.head.call / 64));
            let counted = word.is_some_and(|w| w.load(Ordering::Relaxed) >> (ev.head.call % 64) & 1 != 0);
            stats.lookups.learn(&ev, pid, clock, counted && ev.head.flags & flag::UNCOUNTED == 0);
        }
    }

    fn exec_failed(&mut self, t: usize, head: &EventHead) {
        let Some(th) = self.threads[t].as_mut() else { return };
        if head.flags & flag::VFORK_CHILD != 0 {
            th.vfork_exec = None;
        } else {
            th.exec = None;
            self.timeline.executing(th.stream, None);
            if let Some(p) = self.procs.get(th.proc).and_then(Option::as_ref) {
                self.watch.cancel(p.pid);
            }
        }
    }

    /// A vfork has returned in the parent: now the child's pid is known.
    fn vforked(&mut self, t: usize, head: &EventHead) {
        let Some(th) = self.threads[t].as_mut() else { return };
        let pid = u32::try_from(head.ret).unwrap_or(0);
        let exec = th.vfork_exec.take();
        let stream = th.stream;
        let Some((path, mono, exec)) = exec.filter(|_| pid != 0) else { return self.timeline.vforked(stream, pid) };
        if let Some(exec) = exec.filter(|e| self.show_open && self.wanted(e.call)) {
            let start = exec.start;
            self.timeline.executed(stream, exec, start, head.end.min(self.now), true);
        }
        self.timeline.vforked(stream, pid);
        if self.follows() {
            self.watch.expect(pid, &path, mono);
        }
    }

    /// Acts on a note that concerns the reader itself.
    fn heed(&mut self, t: usize, head: &EventHead, place: crate::blocks::Place, size: usize) {
        let (capture, totals, exec) = {
            let bytes = self.timeline.blocks().get(place, size);
            let Some(ev) = Event::parse(bytes) else { return };
            let mut captures = ev.captures();
            let first = captures.next().map(|c| c.data.to_vec()).unwrap_or_default();
            (first, captures.next().and_then(|c| Totals::from_bytes(c.data)), Exec::of(bytes))
        };
        let follows = self.follows();
        let Some(th) = self.threads[t].as_mut() else { return };
        let pid = self.procs.get(th.proc).and_then(Option::as_ref).map(|p| (p.pid, p.comm.clone()));
        let mono = self.clock.mono(head.end.min(self.now));
        match head.call {
            note::CONN_END => {
                if let (Some(info), Ok(slot)) = (ConnInfo::from_bytes(&capture), u32::try_from(head.ret)) {
                    if let Some(totals) = totals {
                        self.conn_ended(&info, &totals, head.end, false);
                    }
                    self.free_conn(slot, info.serial);
                }
            }
            // It failed: the old image goes on.
            note::EXEC if head.ret < 0 => {
                if head.flags & flag::VFORK_CHILD != 0 {
                    th.vfork_exec = None;
                } else if let Some((pid, _)) = pid {
                    self.watch.cancel(pid);
                }
            }
            note::EXEC => {
                let path = String::from_utf8_lossy(crate::model::trimmed(&capture)).into_owned();
                if head.flags & flag::VFORK_CHILD != 0 {
                    th.vfork_exec = Some((path, mono, exec));
                } else if let Some((pid, _)) = pid {
                    th.exec = exec;
                    self.timeline.executing(th.stream, th.exec.as_ref());
                    if follows {
                        self.watch.expect(pid, &path, mono);
                    }
                }
            }
            note::CHILD if follows && head.ret > 0 => {
                let path = String::from_utf8_lossy(crate::model::trimmed(&capture)).into_owned();
                // It may have begun before its parent came to say so.
                self.watch.expect(head.ret as u32, &path, mono.saturating_sub(1_000_000_000));
            }
            note::UNSEEN if follows && head.ret == Unseen::Shell as i64 => {
                self.watch.shell(pid.map_or(0, |p| p.0));
            }
            note::UNSEEN if head.ret == Unseen::IoUring as i64 => {
                if let Some(p) = pid
                    && !self.summary.io_uring.contains(&p)
                    && self.summary.io_uring.len() < 100
                {
                    self.summary.io_uring.push(p);
                }
            }
            _ => {}
        }
    }

    /// Frees a connection's slot, unless it is somebody else's by now.
    pub(crate) fn free_conn(&mut self, slot: u32, serial: u32) {
        let s = self.segment();
        let Some(p) = s.conn_slot(slot) else { return };
        if serial == 0 || refs::count(atomic!(p, refs).load(Ordering::Acquire)) != 0 {
            return;
        }
        let taken = atomic!(p, serial).compare_exchange(serial, 0, Ordering::AcqRel, Ordering::Relaxed);
        if taken.is_ok() {
            pool::push(&s.header().free_conns, &s.conn_links(), slot);
        }
    }

    /// Gives a chunk that was read back to the writers.
    pub(crate) fn recycle(&mut self, position: u32) {
        let s = self.segment();
        let Some(p) = s.chunk_at(position) else { return };
        let cap = s.chunk_cap(position);
        let used = (atomic!(p, head).load(Ordering::Acquire) as usize).min(cap);
        // SAFETY: the chunk is this reader's now: its writer handed it over or is dead. `used` is within it.
        unsafe { p.cast::<u8>().add(CHUNK_HEAD).write_bytes(0, used) };
        // SAFETY: as above; a thread slot that still names this chunk must not find itself in it.
        unsafe { (&raw mut (*p).thread).write_volatile(u32::MAX) };
        atomic!(p, head).store(0, Ordering::Relaxed);
        atomic!(p, read).store(0, Ordering::Relaxed);
        atomic!(p, end).store(u32::MAX, Ordering::Relaxed);
        atomic!(p, state).store(chunk_state::FREE, Ordering::Release);
        let h = s.header();
        let chunks = s.layout().chunks;
        if position < chunks {
            pool::push(&h.free_chunks, &s.chunk_links(), position);
        } else if let Some(o) = s.page_owner(position - chunks) {
            o.kind.store(page::FREE, Ordering::Release);
            pool::push(&h.free_pages, &s.page_links(), position - chunks);
        }
        h.freed.fetch_add(1, Ordering::Release);
        if h.waiters.load(Ordering::Acquire) != 0 {
            // One chunk is for one; a second, in case what came back is too small for the first.
            crate::futex::wake_some(&h.freed, 2);
        }
    }
}
