//! Plays the shim's part in a segment: processes, threads, chunks and events, written as the shim writes them.
#![allow(dead_code, reason = "each test uses its own part of it")]

use socklens_trace::{Item, Map, Phase, Reader, Session, Setup, Sink, Split, View};
use socklens_wire::event::{CAP_HEAD, HEAD, note, word_of_size};
use socklens_wire::layout::{CHUNK_HEAD, PAGE_SIZE, chunk_state, page, proc_state, thread_state};
use socklens_wire::{Anchor, ChunkHead, ConnInfo, Header, Layout, ProcSlot, Segment, ThreadSlot, pool, ring};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub const SMALL: Layout = Layout { procs: 8, threads: 16, conns: 32, pages: 16, chunks: 8, dues: 0 };

/// An empty segment with the monotonic clock.
pub fn segment() -> Arc<Map> {
    let map = Map::anonymous(SMALL).unwrap();
    let s = map.segment();
    // SAFETY: the mapping is new.
    unsafe { s.init() };
    // SAFETY: nobody else uses the segment yet.
    let h = unsafe { &mut *s.base().cast::<Header>() };
    h.clock = socklens_wire::layout::clock::MONOTONIC;
    h.start = socklens_trace::clock::anchor(h.clock);
    s.publish();
    Arc::new(map)
}

pub fn session() -> Session {
    Session::create(&Setup::default()).unwrap()
}

pub fn now() -> u64 {
    socklens_trace::clock::mono_now()
}

/// One thread of one process.
pub struct Player {
    pub s: Segment,
    pub slot: u32,
    pub proc: u32,
    pub pid: u32,
    pub tid: u32,
    chunk: Option<u32>,
}

pub fn proc_slot(s: Segment, i: u32) -> &'static mut ProcSlot {
    // SAFETY: a slot in the mapping, used by one test's thread.
    unsafe { &mut *s.proc_slot(i).unwrap() }
}

pub fn thread_slot(s: Segment, i: u32) -> &'static mut ThreadSlot {
    // SAFETY: as above.
    unsafe { &mut *s.thread_slot(i).unwrap() }
}

pub fn chunk_head(s: Segment, position: u32) -> &'static mut ChunkHead {
    // SAFETY: as above.
    unsafe { &mut *s.chunk_at(position).unwrap() }
}

impl Player {
    /// A process with a thread, in slots of the same number. `pid` must be alive for the reader to leave it alone.
    pub fn new(s: Segment, slot: u32, proc: u32, pid: u32, tid: u32) -> Player {
        let p = proc_slot(s, proc);
        if p.state.load(Ordering::Relaxed) != proc_state::LIVE {
            p.pid = pid;
            p.ppid = 1;
            p.host_pid = pid;
            p.start = Anchor { raw: now(), mono: now(), real: 0 };
            p.comm[..4].copy_from_slice(b"play");
            p.uses.fetch_add(1, Ordering::Relaxed);
            p.state.store(proc_state::LIVE, Ordering::Release);
            s.header().procs_high.fetch_max(proc + 1, Ordering::AcqRel);
        }
        let t = thread_slot(s, slot);
        t.chunk.store(0, Ordering::Relaxed);
        t.seq.store(0, Ordering::Relaxed);
        t.proc_index = proc;
        t.tid = tid;
        t.host_tid = tid;
        t.uses.fetch_add(1, Ordering::Relaxed);
        t.state.store(thread_state::LIVE, Ordering::Release);
        s.header().threads_high.fetch_max(slot + 1, Ordering::AcqRel);
        Player { s, slot, proc, pid, tid, chunk: None }
    }

    /// A player in this test's own process, whose threads live.
    pub fn here(s: Segment, slot: u32) -> Player {
        let me = std::process::id();
        Player::new(s, slot, slot, me, me)
    }

    fn t(&self) -> &'static mut ThreadSlot {
        thread_slot(self.s, self.slot)
    }

    /// Takes another chunk and hands the old one over.
    pub fn change(&mut self) {
        let h = self.s.header();
        let l = self.s.layout();
        let position = if self.chunk.is_none() {
            let i = pool::pop(&h.free_pages, &h.fresh_pages, l.pages, &self.s.page_links()).expect("a free page");
            let o = self.s.page_owner(i).unwrap();
            o.proc_index.store(self.proc, Ordering::Relaxed);
            o.kind.store(page::CHUNK, Ordering::Release);
            l.chunks + i
        } else {
            pool::pop(&h.free_chunks, &h.fresh_chunks, l.chunks, &self.s.chunk_links()).expect("a free chunk")
        };
        let c = chunk_head(self.s, position);
        c.cap = self.s.chunk_cap(position) as u32;
        c.head.store(0, Ordering::Relaxed);
        c.end.store(u32::MAX, Ordering::Relaxed);
        c.thread = self.slot;
        c.proc_index = self.proc;
        c.thread_uses = self.t().uses.load(Ordering::Relaxed);
        c.pid = self.pid;
        c.tid = self.tid;
        c.seq = self.t().seq.fetch_add(1, Ordering::Relaxed);
        c.state.store(chunk_state::OWNED, Ordering::Release);
        let old = self.t().chunk.swap(position + 1, Ordering::AcqRel);
        self.chunk = Some(position);
        if old != 0 {
            self.hand_over(old - 1);
        }
    }

    pub fn hand_over(&self, position: u32) {
        chunk_head(self.s, position).state.store(chunk_state::FULL, Ordering::Release);
        pool::push(&self.s.header().full_chunks, &self.s.chunk_links(), position);
    }

    /// Goes on in an earlier chunk.
    pub fn take_back(&mut self, position: u32) {
        self.t().chunk.store(position + 1, Ordering::Release);
        self.chunk = Some(position);
    }

    pub fn position(&self) -> u32 {
        self.chunk.unwrap()
    }

    /// Reserves room for an event; its place in memory.
    pub fn reserve(&mut self, size: usize) -> *mut u8 {
        loop {
            if let Some(position) = self.chunk {
                let c = chunk_head(self.s, position);
                if let Some(at) = ring::reserve(&c.head, &c.end, c.cap, size as u32) {
                    // SAFETY: the reservation lies within the chunk.
                    return unsafe { std::ptr::from_mut(c).cast::<u8>().add(CHUNK_HEAD + at as usize) };
                }
            }
            self.change();
        }
    }

    /// Writes an event with two arguments and a capture of whatever has bytes.
    pub fn event(&mut self, e: &Ev) {
        let captures = || [&e.capture, &e.more].into_iter().filter(|c| !c.is_empty());
        let size = HEAD + 16 + captures().map(|c| CAP_HEAD + c.len().next_multiple_of(8)).sum::<usize>();
        let p = self.reserve(size);
        let mut b = vec![0u8; size];
        b[4..6].copy_from_slice(&e.call.to_le_bytes());
        b[6..8].copy_from_slice(&e.errno.to_le_bytes());
        b[8..16].copy_from_slice(&e.start.to_le_bytes());
        b[16..24].copy_from_slice(&e.end.to_le_bytes());
        b[24..32].copy_from_slice(&e.ret.to_le_bytes());
        b[32..36].copy_from_slice(&e.conn.to_le_bytes());
        b[36..38].copy_from_slice(&e.flags.to_le_bytes());
        b[38] = 2;
        b[39] = captures().count() as u8;
        b[40..48].copy_from_slice(&e.arg.to_le_bytes());
        let mut at = HEAD + 16;
        for c in captures() {
            let cap = &mut b[at..];
            cap[0] = socklens_wire::event::ARG_RESULT;
            cap[8..12].copy_from_slice(&(c.len() as u32).to_le_bytes());
            cap[12..16].copy_from_slice(&(c.len() as u32).to_le_bytes());
            cap[CAP_HEAD..CAP_HEAD + c.len()].copy_from_slice(c);
            at += CAP_HEAD + c.len().next_multiple_of(8);
        }
        // SAFETY: `size` bytes were reserved there; the word is stored last.
        unsafe {
            std::ptr::copy_nonoverlapping(b.as_ptr().add(4), p.add(4), size - 4);
            ring::commit(&*p.cast::<AtomicU32>(), word_of_size(size));
        }
        let n = &self.t().recorded;
        n.store(n.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// A send on descriptor `arg`, from `start` to `end`.
    pub fn send(&mut self, arg: u64, start: u64, end: u64) {
        self.event(&Ev { call: call("send"), arg, start, end, ..Ev::default() });
    }

    pub fn note(&mut self, what: u16, ret: i64, conn: u32, capture: &[u8]) {
        let at = now();
        self.event(&Ev { call: what, ret, conn, start: at, end: at, capture: capture.to_vec(), ..Ev::default() });
    }

    /// Makes a connection in slot `index`, with one descriptor.
    pub fn conn(&mut self, index: u32, fd: i32) -> u32 {
        let h = self.s.header();
        let serial = h.next_serial.fetch_add(1, Ordering::Relaxed);
        h.fresh_conns.fetch_max(index + 1, Ordering::Relaxed);
        let mut info = ConnInfo::zero();
        info.serial = serial;
        info.family = 2;
        // SAFETY: a slot in the mapping, used by one test's thread.
        let c = unsafe { &mut *self.s.conn_slot(index).unwrap() };
        c.info = info;
        c.refs.store(1, Ordering::Relaxed);
        c.serial.store(serial, Ordering::Release);
        self.note(note::CONN_NEW, i64::from(fd), serial, info.as_bytes());
        serial
    }

    /// A page of the descriptor table that says: `fd` is the connection in slot `index`.
    pub fn fd_page(&self, fd: usize, index: u32) {
        let h = self.s.header();
        let l = self.s.layout();
        let i = pool::pop(&h.free_pages, &h.fresh_pages, l.pages, &self.s.page_links()).expect("a free page");
        let o = self.s.page_owner(i).unwrap();
        o.proc_index.store(self.proc, Ordering::Relaxed);
        o.kind.store(page::FDS, Ordering::Release);
        let p = self.s.page(i).unwrap().cast::<u64>();
        assert!(fd < PAGE_SIZE / 8);
        // SAFETY: the page was just taken and holds 512 entries; the slot is in the mapping.
        unsafe {
            let serial = (*self.s.conn_slot(index).unwrap()).serial.load(Ordering::Relaxed);
            p.add(fd).write((u64::from(index) + 1) | (u64::from(serial) << 32));
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Ev {
    pub call: u16,
    pub arg: u64,
    pub start: u64,
    pub end: u64,
    pub ret: i64,
    pub errno: u16,
    pub conn: u32,
    pub flags: u16,
    pub capture: Vec<u8>,
    pub more: Vec<u8>,
}

pub fn call(name: &str) -> u16 {
    socklens_calls::Call::by_name(name).unwrap() as u16
}

/// Notes every item in a word or two.
#[derive(Debug, Default)]
pub struct Log {
    pub lines: Vec<String>,
    /// Which descriptor's connection to tell with each call.
    pub name_fd: Option<i32>,
}

impl Sink for Log {
    fn item(&mut self, item: &Item, view: &View) -> io::Result<()> {
        let line = match item {
            Item::Call { phase, event, who } => {
                let name = event.call().map_or("?", |c| c.spec().name);
                let phase = match phase {
                    Phase::Whole => "",
                    Phase::Enter => " enter",
                    Phase::Exit => " exit",
                    Phase::Died { shown: true } => " died shown",
                    Phase::Died { shown: false } => " died",
                };
                let named = self.name_fd.and_then(|fd| view.conns.of_fd(who.proc, fd));
                let named = named.map(|c| format!(" <{}>", c.serial)).unwrap_or_default();
                format!("{}:{name}({}){phase}{named}", who.tid, event.arg(0))
            }
            Item::Note { event, who } => format!("{}:note {:x}", who.tid, event.head.call),
            Item::ConnLeft { info, .. } => format!("left {}", info.serial),
            Item::ProcStart { .. } => return Ok(()),
            Item::ProcEnd { proc, replaced, status, .. } => {
                let how = status.map(|s| format!(" {s:?}")).unwrap_or_default();
                format!("{} {}{how}", proc.pid, if *replaced { "replaced" } else { "ended" })
            }
        };
        self.lines.push(line);
        Ok(())
    }
}

pub fn reader(map: &Arc<Map>, split: Split) -> Reader {
    Reader::new(map.clone(), split, None)
}

/// Passes and reaps until nothing changes, then shows everything.
pub fn drain(r: &mut Reader, log: &mut Log) {
    for _ in 0..20 {
        let read = r.pass();
        if !r.reap(None) && !read {
            break;
        }
    }
    r.show(u64::MAX, log).unwrap();
}
