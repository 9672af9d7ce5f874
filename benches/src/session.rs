//! A session without a log: chunks are recycled unread, so that what is measured is the writer alone.

use socklens_rules::fault::Region;
use socklens_wire::layout::{CHUNK_HEAD, CHUNK_SIZE, chunk_state, clock, full, mode, page};
use socklens_wire::{Anchor, Header, Layout, Segment, pool};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A session's segment, and the thread that gives full chunks back.
pub struct Session {
    memory: i32,
    segment: Segment,
    stop: Arc<AtomicBool>,
    recycler: Option<JoinHandle<()>>,
}

impl Session {
    /// Makes a segment that asks for `strlen` bytes of each payload; its chunks are recycled on processor `cpu`.
    pub fn new(strlen: u32, cpu: usize) -> io::Result<Session> {
        let size = Layout::SESSION.total();
        // SAFETY: makes a new object of System V memory, as the command does.
        let memory = unsafe { libc::shmget(libc::IPC_PRIVATE, size, libc::IPC_CREAT | 0o600) };
        if memory == -1 {
            return Err(io::Error::last_os_error());
        }
        let segment = attach(memory, size, strlen).inspect_err(|_| remove(memory))?;
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        let recycler = thread::spawn(move || {
            crate::measure::pin_thread(cpu);
            while !seen.load(Ordering::Relaxed) {
                if recycle(&segment) == 0 {
                    thread::sleep(Duration::from_micros(100));
                }
            }
        });
        Ok(Session { memory, segment, stop, recycler: Some(recycler) })
    }

    /// What the library is told: a file that nobody looks for here, and the memory.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("/nonexistent/segment@{}", self.memory))
    }

    /// Events recorded and dropped so far, by threads whose slots were not given out again. The slots of processes that
    /// have ended are freed: nobody else does it here.
    pub fn reap(&self) -> (u64, u64) {
        let (s, h) = (&self.segment, self.segment.header());
        let mut sum = (0, h.lost_events.load(Ordering::Relaxed));
        recycle(s);
        // SAFETY (all below): bounds-checked pointers into a mapping that is never unmapped; no process of the session
        // runs any more.
        for i in 0..h.threads_high.load(Ordering::Acquire).min(s.layout().threads) {
            let Some(t) = s.thread_slot(i) else { break };
            let t = unsafe { &*t };
            if t.state.swap(0, Ordering::AcqRel) == 0 {
                continue;
            }
            sum.0 += t.recorded.load(Ordering::Relaxed);
            sum.1 += t.dropped.load(Ordering::Relaxed);
            match t.chunk.swap(0, Ordering::AcqRel) {
                0 => {}
                n => free(s, n - 1),
            }
        }
        for i in 0..h.procs_high.load(Ordering::Acquire).min(s.layout().procs) {
            s.free_proc(i);
        }
        for i in 0..h.fresh_pages.load(Ordering::Relaxed).min(s.layout().pages) {
            if let Some(o) = s.page_owner(i)
                && o.kind.load(Ordering::Acquire) == page::FDS
            {
                o.kind.store(page::FREE, Ordering::Release);
                pool::push(&h.free_pages, &s.page_links(), i);
            }
        }
        for i in 0..h.conns_high.load(Ordering::Relaxed).min(s.layout().conns) {
            let Some(c) = s.conn_slot(i) else { break };
            if unsafe { &(*c).serial }.swap(0, Ordering::AcqRel) != 0 {
                pool::push(&h.free_conns, &s.conn_links(), i);
            }
        }
        sum
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(t) = self.recycler.take() {
            // The mapping is left alone: a thread that panicked may still be in it.
            let _ = t.join();
        }
        remove(self.memory);
    }
}

fn remove(memory: i32) {
    // SAFETY: concerns an object of our own; it goes away with its last user.
    unsafe { libc::shmctl(memory, libc::IPC_RMID, std::ptr::null_mut()) };
}

fn attach(memory: i32, size: usize, strlen: u32) -> io::Result<Segment> {
    let layout = Layout::SESSION;
    // SAFETY: memory of our own from the kernel, zeroed and as large as the layout says.
    unsafe {
        let p = libc::shmat(memory, std::ptr::null(), 0);
        if p as isize == -1 || libc::madvise(p, size, libc::MADV_POPULATE_WRITE) != 0 {
            return Err(io::Error::last_os_error());
        }
        let s = Segment::new(p.cast(), layout);
        s.init();
        let h = &mut *p.cast::<Header>();
        h.mode = mode::SESSION;
        h.clock = if tsc() { clock::TSC } else { clock::MONOTONIC };
        h.full = full::WAIT;
        h.strlen.store(strlen, Ordering::Relaxed);
        h.generation.store(1, Ordering::Relaxed);
        h.start = anchor();
        Region::of(&s).begin();
        h.reader_ns = fs::metadata("/proc/self/ns/pid")?.ino();
        h.reader_procfs = fs::metadata("/proc/self/status")?.dev();
        s.publish();
        Ok(s)
    }
}

/// Whether the kernel itself trusts the time stamp counter.
pub fn tsc() -> bool {
    fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        .is_ok_and(|s| s.trim() == "tsc")
}

fn anchor() -> Anchor {
    let clock = |id| {
        // SAFETY: the kernel fills a timespec of our own.
        unsafe {
            let mut t: libc::timespec = std::mem::zeroed();
            libc::clock_gettime(id, &raw mut t);
            t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
        }
    };
    let mono = clock(libc::CLOCK_MONOTONIC);
    // SAFETY: rdtsc exists on every x86-64.
    let raw = if tsc() { unsafe { core::arch::x86_64::_rdtsc() } } else { mono };
    Anchor { raw, mono, real: clock(libc::CLOCK_REALTIME) }
}

/// Gives all full chunks back, as the log's reader does once it has read them; how many there were.
fn recycle(s: &Segment) -> usize {
    let h = s.header();
    let mut next = pool::take_all(&h.full_chunks);
    let mut n = 0;
    while let Some(position) = next.checked_sub(1) {
        let Some(chunk) = s.chunk_at(position) else { break };
        // SAFETY: a bounds-checked pointer into the mapping.
        next = unsafe { &(*chunk).link }.load(Ordering::Relaxed);
        free(s, position);
        n += 1;
    }
    n
}

fn free(s: &Segment, position: u32) {
    let (h, chunks) = (s.header(), s.layout().chunks);
    let Some(p) = s.chunk_at(position) else { return };
    let size = s.chunk_cap(position);
    debug_assert!(size + CHUNK_HEAD <= CHUNK_SIZE);
    // SAFETY: the chunk was handed over, or its writer is dead: it is ours, and `used` bytes follow its head.
    unsafe {
        let used = ((*p).head.load(Ordering::Acquire) as usize).min(size);
        p.cast::<u8>().add(CHUNK_HEAD).write_bytes(0, used);
        (*p).head.store(0, Ordering::Relaxed);
        (*p).end.store(u32::MAX, Ordering::Relaxed);
        (*p).state.store(chunk_state::FREE, Ordering::Release);
    }
    if position < chunks {
        pool::push(&h.free_chunks, &s.chunk_links(), position);
    } else if let Some(o) = s.page_owner(position - chunks) {
        o.kind.store(page::FREE, Ordering::Release);
        pool::push(&h.free_pages, &s.page_links(), position - chunks);
    }
    h.freed.fetch_add(1, Ordering::Release);
    if h.waiters.load(Ordering::Acquire) != 0 {
        // SAFETY: only the word's address is used.
        unsafe { libc::syscall(libc::SYS_futex, h.freed.as_ptr(), libc::FUTEX_WAKE, i32::MAX) };
    }
}
