//! Takes events out of a session's chunks and gives the chunks back.
//!
//! One pass looks at every process and thread slot in use, takes the chunks that were handed over, and follows those
//! that are still being filled. Nothing here waits for a writer.

use crate::clock::Clock;
use crate::hash::Map as HashMap;
use crate::live;
use crate::map::Map;
use crate::model::{Proc, Sink, Summary, trimmed};
use crate::procfs;
use crate::session::BLOCKED_NS;
use crate::shm::{self, ChunkCopy};
use crate::slots::{Process, Thread};
use crate::stats::store::Store;
use crate::timeline::{Split, Timeline};
use crate::unseen::{Explain, Watch};
use socklens_wire::layout::{chunk_state, proc_state};
use socklens_wire::pool::{self, Links};
use socklens_wire::{Layout, Segment};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Reads one session. See the module's head.
#[derive(Debug)]
pub struct Reader {
    pub(crate) map: Arc<Map>,
    pub(crate) clock: Clock,
    pub(crate) timeline: Timeline,
    pub(crate) threads: Vec<Option<Thread>>,
    pub(crate) free_threads: Vec<usize>,
    /// Threads by slot and incarnation.
    pub(crate) by_slot: HashMap<(u32, u32), usize>,
    pub(crate) procs: Vec<Option<Process>>,
    pub(crate) proc_by_slot: HashMap<u32, usize>,
    pub(crate) watch: Watch,
    /// Positions handed over and not given back: a scribbled list must not name one twice.
    queued: Vec<bool>,
    /// Scratch for a pass: live slots.
    live: Vec<u32>,
    /// Connections without descriptors at the last sweep, by slot: serial, and for how many sweeps.
    pub(crate) idle_conns: HashMap<u32, (u32, u32)>,
    /// Whether calls in progress may be shown: not when a filter could leave them out.
    pub(crate) show_open: bool,
    wanted: [u64; 4],
    pub(crate) summary: Summary,
    own_ns: u64,
    pub(crate) now: u64,
    pub(crate) holes: u64,
    /// A process was replaced: what it left should be looked at soon.
    pub(crate) stirred: bool,
    follow: bool,
    /// Whether name lookups are to be remembered.
    pub(crate) lookups_counted: bool,
    /// What is kept of the dead for the statistics.
    pub(crate) stats: Store,
}

impl Reader {
    /// The session's memory.
    pub fn map(&self) -> Arc<Map> {
        self.map.clone()
    }

    /// Reads the session in `map`. `explain` finds out why a program cannot be traced.
    pub fn new(map: Arc<Map>, split: Split, explain: Option<Explain>) -> Reader {
        let h = map.segment().header();
        let clock = Clock::new(h.clock, h.start);
        h.blocked_from.store(clock.ticks(BLOCKED_NS), Ordering::Relaxed);
        let Layout { chunks, pages, .. } = map.segment().layout();
        let wanted = [0, 1, 2, 3].map(|i| h.wanted[i].load(Ordering::Relaxed));
        Reader {
            clock,
            timeline: Timeline::new(split, h.strlen.load(Ordering::Relaxed)),
            threads: Vec::new(),
            free_threads: Vec::new(),
            by_slot: HashMap::default(),
            procs: Vec::new(),
            proc_by_slot: HashMap::default(),
            watch: Watch::new(explain),
            queued: vec![false; (chunks + pages) as usize],
            live: Vec::new(),
            idle_conns: HashMap::default(),
            show_open: h.filtered.load(Ordering::Relaxed) == 0,
            wanted,
            summary: Summary::default(),
            own_ns: procfs::pid_ns("self"),
            now: clock.raw_now(),
            holes: 0,
            stirred: false,
            follow: h.follow != 0,
            lookups_counted: h.stats.load(Ordering::Relaxed) != 0,
            stats: Store::default(),
            map,
        }
    }

    pub(crate) fn segment(&self) -> Segment {
        self.map.segment()
    }

    /// Reads all there is. True when something was.
    pub fn pass(&mut self) -> bool {
        let s = self.segment();
        let h = s.header();
        self.clock.refresh();
        // Writers gave up on this reader while it was stopped; now it runs.
        if h.reader_gone.load(Ordering::Relaxed) != 0 {
            h.reader_gone.store(0, Ordering::Relaxed);
        }
        for i in 0..h.procs_high.load(Ordering::Acquire).min(s.layout().procs) {
            self.meet_process(i);
        }
        self.live.clear();
        for i in 0..h.threads_high.load(Ordering::Acquire).min(s.layout().threads) {
            if let Some((uses, chunk)) = shm::thread_live(&s, i)
                && let Some(t) = self.meet_thread(i, uses)
                && let Some(thread) = self.threads[t].as_mut()
            {
                thread.current = chunk.checked_sub(1);
                self.live.push(t as u32);
            }
        }
        self.poll_calls();
        self.now = self.clock.raw_now();
        let mut active = self.take_full();
        for t in 0..self.threads.len() {
            if self.threads[t].is_some() {
                active |= self.consume(t);
            }
        }
        active
    }

    /// Learns of a process slot in use. Gives its index.
    pub(crate) fn meet_process(&mut self, slot: u32) -> Option<usize> {
        let s = self.segment();
        let (state, uses) = shm::proc_state(&s, slot)?;
        if state != proc_state::LIVE && state != proc_state::GONE {
            return None;
        }
        if let Some(&i) = self.proc_by_slot.get(&slot) {
            let p = self.procs[i].as_mut()?;
            if p.uses == uses {
                let gone = state == proc_state::GONE;
                self.stirred |= gone && !p.replaced;
                p.replaced |= gone;
                return Some(i);
            }
            // Only this reader frees slots, so this one was damaged: the old one is dropped.
            p.dead = true;
            p.slot = u32::MAX;
            self.proc_by_slot.remove(&slot);
        }
        let c = shm::proc_copy(&s, slot)?;
        let foreign = c.pid_ns != 0 && c.pid_ns != self.own_ns;
        let mut host_pid = c.host_pid;
        let mut hidden = false;
        if foreign && procfs::pid_ns(&host_pid.to_string()) != c.pid_ns {
            match procfs::find_in_namespace(c.pid_ns, c.pid) {
                Some(pid) => host_pid = pid,
                None => hidden = true,
            }
        }
        let parent = self.procs.iter().flatten().filter(|p| p.pid == c.ppid && !p.dead).map(|p| p.key).max();
        let comm = c.name();
        let exe = String::from_utf8_lossy(&c.exe).into_owned();
        let proc = Proc {
            key: 0,
            pid: c.pid,
            ppid: c.ppid,
            host_pid,
            uid: c.uid,
            forked: c.born == 1,
            start: c.start.raw.min(self.clock.raw_now()),
            comm: trimmed(&c.comm).to_vec(),
            exe: c.exe,
        };
        // An exec makes a new image of a process that was counted already.
        let again =
            !proc.forked && self.procs.iter().flatten().any(|p| p.host_pid == host_pid && (!p.dead || p.replaced));
        let start = proc.start;
        let key = self.timeline.proc_start(proc, parent);
        self.summary.processes += u64::from(!again);
        self.watch.seen(c.pid, c.start.mono);
        let p = Process {
            slot,
            uses: c.uses,
            key,
            pid: c.pid,
            host_pid,
            start,
            started: procfs::stat(host_pid).map(|s| s.started),
            hidden,
            dead: false,
            replaced: c.state == proc_state::GONE,
            again,
            threads: 0,
            threads_seen: 0,
            ppid: c.ppid,
            exe,
            comm,
            calls: 0,
        };
        let i = put(&mut self.procs, p);
        self.proc_by_slot.insert(slot, i);
        Some(i)
    }

    /// Learns of a live thread slot. Gives its index.
    fn meet_thread(&mut self, slot: u32, uses: u32) -> Option<usize> {
        if let Some(&i) = self.by_slot.get(&(slot, uses)) {
            return Some(i);
        }
        let c = shm::thread_copy(&self.segment(), slot)?;
        let proc = match self.proc_by_slot.get(&c.proc_index) {
            Some(&p) => p,
            None => self.meet_process(c.proc_index)?,
        };
        let tid = if c.tid != 0 { c.tid } else { self.procs[proc].as_ref()?.pid };
        let host_tid = self.host_tid(proc, tid, c.host_tid);
        // A thread id in use again: whoever had it is dead.
        for t in self.threads.iter_mut().flatten() {
            if t.proc == proc && t.host_tid == host_tid && host_tid != 0 {
                t.dead = true;
            }
        }
        let mut comm = c.comm;
        if comm[0] == 0
            && let Some(p) = self.procs[proc].as_ref()
        {
            let name = p.comm.as_bytes();
            let n = name.len().min(comm.len());
            comm[..n].copy_from_slice(&name[..n]);
        }
        Some(self.add_thread(slot, c.uses, proc, tid, host_tid, comm, false))
    }

    /// A thread's id here; 0 when it cannot be found out, and then only its process's end tells of its own.
    fn host_tid(&self, proc: usize, tid: u32, said: u32) -> u32 {
        match self.procs.get(proc).and_then(Option::as_ref) {
            Some(p) if p.hidden => 0,
            // Numbers of another namespace: those of the main thread are known, the others are in /proc.
            Some(p) if p.pid != p.host_pid && tid == p.pid => p.host_pid,
            Some(p) if p.pid != p.host_pid => procfs::find_thread(p.host_pid, tid).unwrap_or(0),
            _ if said != 0 => said,
            _ => tid,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of the record made here")]
    fn add_thread(
        &mut self,
        slot: u32,
        uses: u32,
        proc: usize,
        tid: u32,
        host_tid: u32,
        comm: [u8; 16],
        orphan: bool,
    ) -> usize {
        let (key, pid, host_pid, again) = match self.procs.get_mut(proc).and_then(Option::as_mut) {
            Some(p) => {
                p.threads += 1;
                p.threads_seen += 1;
                (p.key, p.pid, if p.hidden { 0 } else { p.host_pid }, p.again)
            }
            None => (u32::MAX, tid, 0, false),
        };
        let counted = orphan || (again && tid == pid);
        if !counted {
            self.summary.threads += 1;
        }
        let stream = self.timeline.open_stream(key, host_pid, pid, tid, comm);
        let t = Thread {
            slot,
            uses,
            proc,
            host_tid,
            stream,
            next_seq: 0,
            ahead: Vec::new(),
            queue: Vec::new(),
            cursor: None,
            current: None,
            stuck: None,
            comm: String::from_utf8_lossy(trimmed(&comm)).into_owned(),
            pid,
            tid,
            dead: orphan,
            orphan,
            exec: None,
            vfork_exec: None,
        };
        let i = match self.free_threads.pop() {
            Some(i) => {
                self.threads[i] = Some(t);
                i
            }
            None => {
                self.threads.push(Some(t));
                self.threads.len() - 1
            }
        };
        self.by_slot.insert((slot, uses), i);
        i
    }

    /// Looks at the calls that threads are in now.
    fn poll_calls(&mut self) {
        if !self.show_open {
            return;
        }
        let s = self.segment();
        for &i in &self.live {
            if let Some(t) = &self.threads[i as usize] {
                let call = shm::in_call(&s, t.slot).filter(|c| self.wanted(c.opcode));
                self.timeline.poll(t.stream, call);
            }
        }
    }

    pub(crate) fn wanted(&self, opcode: u16) -> bool {
        let known = socklens_calls::Call::from_opcode(opcode).is_some();
        known && self.wanted.get(opcode as usize / 64).is_some_and(|w| w >> (opcode % 64) & 1 == 1)
    }

    /// Takes all chunks that were handed over and sorts them to their threads.
    pub(crate) fn take_full(&mut self) -> bool {
        let s = self.segment();
        let links = s.chunk_links();
        let mut top = pool::take_all(&s.header().full_chunks);
        let mut any = false;
        for _ in 0..self.queued.len() {
            let Some(position) = top.checked_sub(1) else { break };
            let Some(link) = links.link(position) else { break };
            top = link.load(Ordering::Relaxed);
            let Some(queued) = self.queued.get_mut(position as usize) else { break };
            let Some(c) = shm::chunk_copy(&s, position) else { break };
            if *queued || c.state == chunk_state::FREE {
                self.holes += 1;
                continue;
            }
            *queued = true;
            any = true;
            let t = self.thread_of(&c);
            if let Some(t) = self.threads[t].as_mut() {
                t.queue.push((c.seq, position));
            }
        }
        any
    }

    pub(crate) fn thread_of(&mut self, c: &ChunkCopy) -> usize {
        if let Some(&t) = self.by_slot.get(&(c.thread, c.uses)) {
            return t;
        }
        if shm::thread_live(&self.segment(), c.thread).is_some_and(|(uses, _)| uses == c.uses)
            && let Some(t) = self.meet_thread(c.thread, c.uses)
        {
            return t;
        }
        // Its thread was forgotten already, or the head is damaged: what can be read is shown with the head's numbers.
        let known = self.procs.iter().position(|p| p.as_ref().is_some_and(|p| p.pid == c.pid));
        self.add_thread(c.thread, c.uses, known.unwrap_or(usize::MAX), c.tid, c.tid, [0; 16], true)
    }

    /// Marks a chunk as one to be read; false when it was marked before.
    pub(crate) fn claim(&mut self, position: u32) -> bool {
        self.queued.get_mut(position as usize).is_some_and(|q| !std::mem::replace(q, true))
    }

    pub(crate) fn unqueue(&mut self, position: u32) {
        if let Some(q) = self.queued.get_mut(position as usize) {
            *q = false;
        }
    }

    pub(crate) fn is_queued(&self, position: u32) -> bool {
        self.queued.get(position as usize).copied().unwrap_or(true)
    }

    /// The clock of the session.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Says that a program was started and should appear.
    pub fn expect(&mut self, pid: u32, path: &str) {
        self.watch.expect(pid, path, self.clock.now().mono);
    }

    /// Whether children are followed across exec.
    pub(crate) fn follows(&self) -> bool {
        self.follow
    }

    /// Whether any process of the session lives or is about to appear.
    pub fn lively(&self) -> bool {
        // One that cannot be looked up must not be waited for: nothing would tell of its end.
        self.procs.iter().flatten().any(|p| !p.dead && !p.hidden) || self.watch.waiting()
    }

    pub(crate) fn tally(&self, sum: &mut Summary) {
        let h = self.segment().header();
        sum.recorded = self.timeline.calls();
        sum.conns = self.timeline.conns().total();
        sum.holes = self.holes;
        sum.slotless = h.lost_events.load(Ordering::Relaxed);
        sum.lost_procs = u64::from(h.lost_procs.load(Ordering::Relaxed));
        sum.lost_conns = u64::from(h.lost_conns.load(Ordering::Relaxed));
        sum.elapsed_ns = self.clock.since_start(self.clock.now().raw);
        let s = self.segment();
        for t in self.threads.iter().flatten().filter(|t| !t.orphan) {
            let [_, dropped, filtered] = shm::thread_counts(&s, t.slot);
            sum.dropped = sum.dropped.saturating_add(dropped);
            sum.filtered = sum.filtered.saturating_add(filtered);
        }
        sum.unseen = self.watch.list.clone();
        sum.more_unseen = self.watch.more;
    }

    /// Shows everything up to the raw time `horizon`.
    pub fn show(&mut self, horizon: u64, sink: &mut dyn Sink) -> io::Result<()> {
        self.timeline.release(horizon, &self.clock, sink)
    }

    /// What the session has come to so far.
    pub fn summary(&self) -> Summary {
        let mut sum = self.summary.clone();
        self.tally(&mut sum);
        sum
    }

    /// Whether a name lookup is what this call is.
    pub(crate) fn is_lookup(opcode: u16) -> bool {
        socklens_calls::Call::from_opcode(opcode).is_some_and(|c| c.class() & socklens_calls::class::DNS != 0)
    }

    /// Whether an exec is what this call would be.
    pub(crate) fn is_exec(opcode: u16) -> bool {
        live::replaces_image(opcode)
    }
}

fn put<T>(all: &mut Vec<Option<T>>, item: T) -> usize {
    match all.iter().position(Option::is_none) {
        Some(i) => {
            all[i] = Some(item);
            i
        }
        None => {
            all.push(Some(item));
            all.len() - 1
        }
    }
}
