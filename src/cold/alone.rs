//! Without a session: SOCKLENS_LOG names where this process writes its own log.
//!
//! The thread that made an event formats it at once and writes each line whole with one write(2): nothing is lost by
//! _exit or SIGKILL, and lines of several processes do not mix. A descriptor is used only while it still is the file it
//! was at the start.

use super::{attach, conns, env};
use crate::hot::{clock, fds, real, state};
use crate::sys;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use socklens_decode::{Format, Names, Opts, Out, Stamp, line};
use socklens_rules::{CallSet, Filter, SyntaxError};
use socklens_wire::event::{Event, flag, note};
use socklens_wire::layout::{CHUNK_HEAD, Sink, mode, page};
use socklens_wire::ring::{self, Next};
use socklens_wire::{ConnInfo, Segment, ThreadSlot, pool};

/// Longest line.
const LINE: usize = 16 * 1024;
/// Threads that can format at once; others wait for their turn.
const BUFFERS: usize = 64;

struct Buffers {
    text: UnsafeCell<[[u8; LINE]; BUFFERS]>,
    taken: AtomicU64,
}

// SAFETY: a buffer is used only by the thread that set its bit in `taken`.
unsafe impl Sync for Buffers {}

static LINES: Buffers = Buffers { text: UnsafeCell::new([[0; LINE]; BUFFERS]), taken: AtomicU64::new(0) };

/// Device and inode of the descriptor that is written to.
static SINK_DEV: AtomicU64 = AtomicU64::new(0);
static SINK_INO: AtomicU64 = AtomicU64::new(0);
static LAST_NS: AtomicU64 = AtomicU64::new(0);

/// Starts logging if the environment asks for it.
pub fn start() -> bool {
    let Some(log) = env::own(b"SOCKLENS_LOG=") else { return false };
    match configure(log) {
        Ok(on) => on,
        Err(()) => {
            say(b"socklens: logging is off for this program\n");
            false
        }
    }
}

fn say(text: &[u8]) {
    sys::write(2, text);
}

/// Says what is wrong with a variable.
fn wrong(name: &[u8], value: &[u8], what: &[u8]) {
    let mut buf = [0u8; 512];
    let mut out = Out::new(&mut buf);
    out.str("socklens: ");
    out.raw(name);
    out.byte(b'=');
    for &b in value.iter().take(200) {
        out.byte(if b.is_ascii_graphic() || b == b' ' { b } else { b'?' });
    }
    out.str(": ");
    out.raw(what);
    out.byte(b'\n');
    say(out.bytes());
}

fn wrong_rule(name: &str, value: &str, e: &SyntaxError) {
    let mut buf = [0u8; 1024];
    let mut out = Out::new(&mut buf);
    out.str("socklens: ");
    out.str(name);
    out.str(": ");
    e.render(value, &mut |b| out.raw(b));
    if !out.bytes().ends_with(b"\n") {
        out.byte(b'\n');
    }
    say(out.bytes());
}

fn configure(log: &[u8]) -> Result<bool, ()> {
    let sink = sink(log)?;
    let format = match env::own(b"SOCKLENS_FORMAT=").unwrap_or(b"text") {
        b"text" | b"" => 0,
        b"json" => 1,
        b"strace" => 2,
        other => {
            wrong(b"SOCKLENS_FORMAT", other, b"not one of text, json, strace");
            return Err(());
        }
    };
    let strlen = match env::own(b"SOCKLENS_STRSIZE=") {
        None => 32,
        Some(v) => match number(v) {
            Some(n) => n,
            None => {
                wrong(b"SOCKLENS_STRSIZE", v, b"not a number of bytes");
                return Err(());
            }
        },
    };
    let set = match text_of(b"SOCKLENS_TRACE=", b"SOCKLENS_TRACE")? {
        None => CallSet::default_set(),
        Some(v) => CallSet::parse(v).map_err(|e| wrong_rule("SOCKLENS_TRACE", v, &e))?,
    };
    let filter = match text_of(b"SOCKLENS_FILTER=", b"SOCKLENS_FILTER")? {
        None => None,
        Some(v) => Some(Filter::parse(v).map_err(|e| wrong_rule("SOCKLENS_FILTER", v, &e))?),
    };
    let Some(seg) = attach::own_segment() else {
        say(b"socklens: no memory for the log within RLIMIT_AS (ulimit -v): logging is off\n");
        return Err(());
    };
    // SAFETY: nobody else knows the segment yet.
    let h = unsafe { &mut *seg.base().cast::<socklens_wire::Header>() };
    h.mode = mode::ALONE;
    h.strlen = strlen;
    h.sink = Sink { format, ..sink };
    for (to, bits) in h.wanted.iter().zip(set.bits()) {
        to.store(bits, Ordering::Relaxed);
    }
    if let Some(f) = filter {
        // SAFETY: the room holds a Filter (asserted in env.rs), which is plain bytes.
        unsafe { (&raw mut h.filter).cast::<Filter>().write(f) };
        h.filtered.store(1, Ordering::Relaxed);
    }
    clock::CLOCK.store(source(), Ordering::Relaxed);
    let now = clock::anchor();
    h.clock = clock::CLOCK.load(Ordering::Relaxed);
    h.start = now;
    seg.publish();
    if sink.fd < 0 {
        let fd = open_file(&sink);
        if fd < 0 {
            wrong(b"SOCKLENS_LOG", log, b"cannot be opened for writing");
            return Err(());
        }
        sys::close(fd);
    } else if let Some((dev, ino, _)) = sys::fstat(sink.fd) {
        SINK_DEV.store(dev, Ordering::Relaxed);
        SINK_INO.store(ino, Ordering::Relaxed);
    }
    state::ALONE.store(1, Ordering::Relaxed);
    Ok(attach::enter(seg, 0, now))
}

fn text_of(prefix: &[u8], name: &[u8]) -> Result<Option<&'static str>, ()> {
    match env::own(prefix) {
        None => Ok(None),
        Some(v) => match core::str::from_utf8(v) {
            Ok(s) => Ok(Some(s)),
            Err(_) => {
                wrong(name, v, b"not UTF-8");
                Err(())
            }
        },
    }
}

/// stderr, fd:N, or a path in which %p is the process id.
fn sink(log: &[u8]) -> Result<Sink, ()> {
    let mut s = Sink { fd: -1, format: 0, path_len: 0, path: [0; 1024] };
    if log == b"stderr" {
        s.fd = 2;
    } else if let Some(n) = log.strip_prefix(b"fd:") {
        let fd = number(n).filter(|&n| sys::fstat(n as i32).is_some());
        let Some(fd) = fd else {
            wrong(b"SOCKLENS_LOG", log, b"not an open descriptor; want stderr, fd:N or a path");
            return Err(());
        };
        s.fd = fd as i32;
    } else if log.contains(&b'/') && log.len() < s.path.len() - 1 {
        for (to, &b) in s.path.iter_mut().zip(log) {
            *to = b;
        }
        s.path_len = log.len() as u32;
    } else {
        wrong(b"SOCKLENS_LOG", log, b"want stderr, fd:N or a path with a slash (%p in it is the process id)");
        return Err(());
    }
    Ok(s)
}

fn number(v: &[u8]) -> Option<u32> {
    if v.is_empty() || v.len() > 9 {
        return None;
    }
    v.iter().try_fold(0u32, |n, b| if b.is_ascii_digit() { Some(n * 10 + u32::from(b - b'0')) } else { None })
}

/// The TSC, if the kernel trusts it.
fn source() -> u32 {
    use socklens_wire::layout::clock::{MONOTONIC, TSC};
    let path = b"/sys/devices/system/clocksource/clocksource0/current_clocksource\0";
    let fd = sys::open(path, libc::O_RDONLY | libc::O_CLOEXEC, 0);
    if fd < 0 {
        return MONOTONIC;
    }
    let mut name = [0u8; 8];
    let n = sys::read(fd as i32, &mut name);
    sys::close(fd as i32);
    if n >= 3 && name.starts_with(b"tsc") { TSC } else { MONOTONIC }
}

/// Formats and writes what this thread has recorded. A signal handler's events that come in meanwhile are written by
/// the frame that was at it already.
#[inline(never)]
#[cold]
pub fn emit(slot: &'static ThreadSlot) {
    // A confined process may be killed for a clock reading or a write that its filter does not know.
    if state::CONFINED.load(Ordering::Relaxed) != 0 {
        return;
    }
    let sp = state::stack_pointer();
    let busy = slot.emitting.load(Ordering::Relaxed);
    // A frame further up the stack is at it; one below us was jumped out of.
    if busy != 0 && sp < busy {
        return;
    }
    slot.emitting.store(sp, Ordering::Relaxed);
    let Some(seg) = state::segment() else { return };
    let tls = state::tls();
    let position = slot.chunk.load(Ordering::Acquire);
    let chunk = tls.chunk.get();
    if position == 0 || chunk.is_null() {
        slot.emitting.store(0, Ordering::Relaxed);
        return;
    }
    let Some(line) = take_line() else {
        slot.emitting.store(0, Ordering::Relaxed);
        return;
    };
    // SAFETY: the chunk is this thread's own; `next` tells what is committed in it, and LINES' bit gives us the buffer.
    unsafe {
        let data = chunk.cast::<u8>().add(CHUNK_HEAD);
        let cap = (*chunk).cap;
        let mut at = (*chunk).read.load(Ordering::Relaxed);
        while (at as usize) < cap as usize - 8 {
            let word = &*data.add(at as usize).cast::<AtomicU32>();
            let Next::Event(size) = ring::next(word, &(*chunk).end, cap, at) else { break };
            let bytes = core::slice::from_raw_parts(data.add(at as usize), size);
            at += size as u32;
            (*chunk).read.store(at, Ordering::Relaxed);
            if let Some(ev) = Event::parse(bytes) {
                let text = &mut (*LINES.text.get())[line];
                one(&seg, slot, &ev, text);
            }
        }
        // All written: start again at the front, unless a handler has just reserved behind us.
        if at == (*chunk).head.load(Ordering::Relaxed) && at > 0 {
            data.write_bytes(0, at as usize);
            (*chunk).read.store(0, Ordering::Relaxed);
            if (*chunk).head.compare_exchange(at, 0, Ordering::AcqRel, Ordering::Relaxed).is_err() {
                (*chunk).read.store(at, Ordering::Relaxed);
            }
        }
    }
    LINES.taken.fetch_and(!(1 << line), Ordering::Release);
    slot.emitting.store(0, Ordering::Relaxed);
}

/// The index of a free line buffer.
fn take_line() -> Option<usize> {
    for _ in 0..1000 {
        let taken = LINES.taken.load(Ordering::Relaxed);
        let free = (!taken).trailing_zeros() as usize;
        if free < BUFFERS {
            if LINES.taken.fetch_or(1 << free, Ordering::AcqRel) & (1 << free) == 0 {
                return Some(free);
            }
        } else {
            // Sixty-four others format; a futex nobody wakes is the shortest sleep there is.
            sys::futex_wait(LINES.taken.as_ptr().cast(), taken as u32, 1);
        }
    }
    None
}

struct Table;

impl Names for Table {
    fn fd(&self, fd: i32) -> Option<&ConnInfo> {
        fds::get(fd).conn().and_then(conns::info)
    }
}

fn one(seg: &Segment, slot: &ThreadSlot, ev: &Event, text: &mut [u8]) {
    let h = seg.header();
    let now = clock::anchor();
    attach::calibrate(&h.start, &now);
    let ago = attach::ticks_to_ns(now.raw.wrapping_sub(ev.head.start));
    let mono = now.mono.saturating_sub(ago);
    let since = mono.saturating_sub(h.start.mono);
    let last = LAST_NS.swap(since, Ordering::Relaxed);
    // SAFETY: our own slot, written once before it went live.
    let process = unsafe { seg.proc_slot(slot.proc_index).and_then(|p| p.as_ref()) };
    let comm = process.map_or(&[][..], |p| p.comm.split(|&b| b == 0).next().unwrap_or(&[]));
    let conn = match ev.call() {
        Some(_) => (0..h.conns_high.load(Ordering::Relaxed).min(seg.layout().conns))
            .filter(|_| ev.head.conn != 0)
            .filter_map(conns::info)
            .find(|c| c.serial == ev.head.conn),
        None => None,
    };
    // The child of a vfork writes its own lines, on its parent's memory.
    let borrowed = ev.head.flags & flag::VFORK_CHILD != 0 && state::tls().vfork_child.get() != 0;
    let meta = line::Meta {
        realtime_ns: now.real.saturating_sub(ago),
        mono_ns: mono,
        since_start_ns: since,
        delta_ns: since.saturating_sub(last),
        dur_ns: attach::ticks_to_ns(ev.head.end.wrapping_sub(ev.head.start)),
        pid: if borrowed { sys::getpid() } else { process.map_or(0, |p| p.pid) },
        tid: if borrowed { sys::gettid() } else { slot.tid },
        comm,
        conn,
    };
    let format = match h.sink.format {
        1 => Format::Json,
        2 => Format::Strace,
        _ => Format::Text,
    };
    let opts = Opts {
        strlen: h.strlen,
        pids: true,
        stamp: if h.sink.format == 2 { Stamp::None } else { Stamp::SinceStart },
        ..Opts::default()
    };
    let mut out = Out::new(text);
    match (ev.head.call >= note::FIRST, format) {
        (true, Format::Json) => line::note_json(ev, &meta, &opts, &mut out),
        (true, _) => {}
        (false, Format::Json) => line::json(ev, &meta, &opts, &Table, &mut out),
        (false, Format::Strace) => line::strace(ev, &meta, &opts, &Table, &mut out),
        (false, Format::Text) => line::text(ev, &meta, &opts, &Table, &mut out),
    }
    if !out.is_empty() && !write_line(&h.sink, out.bytes()) {
        crate::hot::record::bump(&slot.dropped);
    }
}

/// Writes one line; whether it could be.
///
/// With one thread a file is opened for the line and closed again: the program never sees a descriptor. With several,
/// that would take a number another thread is about to get, so the file stays open out of the way.
fn write_line(sink: &Sink, text: &[u8]) -> bool {
    if sink.fd >= 0 {
        return is_sink(sink.fd) && write_all(sink.fd, text);
    }
    if real::single_threaded() {
        return write_once(sink, text);
    }
    let fd = HIDDEN.load(Ordering::Relaxed);
    if fd >= 0 && is_sink(fd) {
        return write_all(fd, text);
    }
    // The first line with several threads, or the program has closed everything. One thread opens the file for all.
    if OPENING.swap(1, Ordering::AcqRel) != 0 {
        return write_once(sink, text);
    }
    let high = sys::move_high(open_file(sink));
    let done = match sys::fstat(high) {
        Some((dev, ino, _)) => {
            SINK_DEV.store(dev, Ordering::Relaxed);
            SINK_INO.store(ino, Ordering::Relaxed);
            HIDDEN.store(high, Ordering::Relaxed);
            write_all(high, text)
        }
        None => false,
    };
    OPENING.store(0, Ordering::Release);
    done
}

/// Opens the file for one line.
fn write_once(sink: &Sink, text: &[u8]) -> bool {
    let fd = open_file(sink);
    if fd < 0 {
        return false;
    }
    let done = write_all(fd, text);
    sys::close(fd);
    done
}

/// Writes a whole line or fails, and the program gets no signal for it: neither SIGPIPE when the log is a pipe whose
/// reader has gone, nor SIGXFSZ when it has grown to the program's RLIMIT_FSIZE.
fn write_all(fd: i32, text: &[u8]) -> bool {
    const SIZE: usize = 8;
    let both = 1u64 << (libc::SIGPIPE - 1) | 1u64 << (libc::SIGXFSZ - 1);
    let (mut old, mut pending) = (0u64, 0u64);
    let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let at = |p: *const u64| p as usize;
    // SAFETY: signal sets of the kernel's size, all of them ours; the mask is put back as it was.
    unsafe {
        sys::call6(
            libc::SYS_rt_sigprocmask,
            libc::SIG_BLOCK as usize,
            at(&raw const both),
            at(&raw mut old),
            SIZE,
            0,
            0,
        );
        // Signals that were pending before are the program's: asked only when the program had blocked them itself.
        if old & both != 0 {
            sys::call6(libc::SYS_rt_sigpending, at(&raw mut pending), SIZE, 0, 0, 0, 0);
        }
        let r = sys::write(fd, text);
        let ours = match -r as i32 {
            libc::EPIPE => 1u64 << (libc::SIGPIPE - 1),
            libc::EFBIG => 1u64 << (libc::SIGXFSZ - 1),
            _ => 0,
        } & !pending;
        if ours != 0 {
            sys::call6(libc::SYS_rt_sigtimedwait, at(&raw const ours), 0, (&raw const zero) as usize, SIZE, 0, 0);
        }
        sys::call6(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK as usize, at(&raw const old), 0, SIZE, 0, 0);
        r == text.len() as isize
    }
}

/// Whether a descriptor still is the file it was at the start.
fn is_sink(fd: i32) -> bool {
    sys::fstat(fd)
        .is_some_and(|(dev, ino, _)| dev == SINK_DEV.load(Ordering::Relaxed) && ino == SINK_INO.load(Ordering::Relaxed))
}

/// The log's descriptor, out of the program's way; -1 when there is none.
static HIDDEN: AtomicI32 = AtomicI32::new(-1);
/// 1 while a thread opens it: two that move a descriptor at once would undo each other's limits.
static OPENING: AtomicU32 = AtomicU32::new(0);

/// In the child of a fork: the parent's descriptor may be of a log by another name.
pub fn forked() {
    OPENING.store(0, Ordering::Relaxed);
    let old = HIDDEN.swap(-1, Ordering::Relaxed);
    if old >= 0 && is_sink(old) {
        sys::close(old);
    }
}

/// Opens the log file; a descriptor or a negative error.
fn open_file(sink: &Sink) -> i32 {
    let mut name = [0u8; 1100];
    let mut out = Out::new(&mut name);
    let mut rest = sink.path.get(..sink.path_len as usize).unwrap_or(&[]);
    while let Some((&b, more)) = rest.split_first() {
        rest = more;
        if b == b'%' && more.first() == Some(&b'p') {
            out.udec(u64::from(sys::getpid()));
            rest = more.get(1..).unwrap_or(&[]);
        } else {
            out.byte(b);
        }
    }
    out.byte(0);
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC | libc::O_NOCTTY | libc::O_NONBLOCK;
    sys::open(out.bytes(), flags, 0o600) as i32
}

/// Gives a dead thread's chunk back.
pub fn free_chunk(seg: &Segment, position: u32) {
    let h = seg.header();
    let Some(chunk) = seg.chunk_at(position) else { return };
    // SAFETY: the thread that owned it is gone.
    unsafe {
        let used = (*chunk).head.load(Ordering::Relaxed).min((*chunk).cap) as usize;
        chunk.cast::<u8>().add(CHUNK_HEAD).write_bytes(0, used);
    }
    if position < seg.layout().chunks {
        pool::push(&h.free_chunks, &seg.chunk_links(), position);
    } else if let Some(owner) = seg.page_owner(position - seg.layout().chunks) {
        owner.kind.store(page::FREE, Ordering::Release);
        pool::push(&h.free_pages, &seg.page_links(), position - seg.layout().chunks);
    }
}
