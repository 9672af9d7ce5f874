//! Formatting an event and writing its line, whole, with one write(2): nothing is lost by _exit or SIGKILL, and lines of
//! several processes do not mix. A descriptor is used only while it still is the file it was at the start.

use crate::config::{GENERATION, Settings, settings};
use crate::{conns, event};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use socklens_calls::{Kind, class};
use socklens_decode::{Format, Names, Opts, Out, Stamp, line};
use socklens_inside::half::About;
use socklens_inside::sys;
use socklens_rules::Subject;
use socklens_wire::event::{Event, note};
use socklens_wire::{ConnInfo, Part};

/// Longest line.
const LINE: usize = 16 * 1024;
/// Threads that can format at once; others wait for their turn.
pub const BUFFERS: usize = 64;

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
/// The log's descriptor, out of the program's way; -1 when there is none.
static HIDDEN: AtomicI32 = AtomicI32::new(-1);
/// 1 while a thread opens it: two that move a descriptor at once would undo each other's limits.
static OPENING: AtomicU32 = AtomicU32::new(0);

/// Whether the log can be written; makes its file.
pub fn can_open(s: &Settings) -> bool {
    if s.fd < 0 {
        let fd = open_file(s);
        if fd < 0 {
            return false;
        }
        sys::close(fd);
    } else if let Some((dev, ino, _)) = sys::fstat(s.fd) {
        SINK_DEV.store(dev, Ordering::Relaxed);
        SINK_INO.store(ino, Ordering::Relaxed);
    }
    true
}

/// [`socklens_inside::half::Half::forked`]: the parent's descriptor may be of a log by another name.
pub extern "C" fn forked() {
    crate::ended::forget();
    // The threads that held them are not in this process.
    LINES.taken.store(0, Ordering::Relaxed);
    OPENING.store(0, Ordering::Relaxed);
    let old = HIDDEN.swap(-1, Ordering::Relaxed);
    if old >= 0 && is_sink(old) {
        sys::close(old);
    }
}

/// [`socklens_inside::half::Half::write`].
///
/// # Safety
/// `len` bytes at `event` are readable.
pub unsafe extern "C" fn write(event: *const u8, len: usize, about: &About) -> bool {
    // SAFETY: the caller's.
    let bytes = unsafe { core::slice::from_raw_parts(event, len) };
    let Some(ev) = Event::parse(bytes) else { return true };
    // SAFETY: a conn's info lies in the segment, which stays mapped; see its slot's rules for who writes it.
    let conn = unsafe { about.conn.as_ref() };
    let Some(line) = take_line() else { return false };
    // While a line is held the settings do not change: see `wait`.
    let done = if GENERATION.load(Ordering::SeqCst) != about.generation {
        true
    } else {
        let s = settings();
        // SAFETY: LINES' bit gives us the buffer.
        match unsafe { (*LINES.text.get()).get_mut(line) } {
            _ if (about.early || s.look) && !passes(s, &ev, about, conn) => true,
            Some(_) if s.callback.is_some() => event::deliver(s, line, &ev, about, conn),
            Some(text) => one(s, &ev, about, conn, text),
            None => false,
        }
    };
    LINES.taken.fetch_and(!(1 << line), Ordering::Release);
    done
}

/// Waits, at most a second, until no thread writes a line or runs a callback; whether that came.
pub fn wait() -> bool {
    for _ in 0..1000 {
        match LINES.taken.fetch_or(0, Ordering::SeqCst) {
            0 => return true,
            taken => sys::futex_wait(LINES.taken.as_ptr().cast(), taken as u32, 1),
        };
    }
    false
}

/// Whether a call that was made before the configuration was read belongs into the log.
fn passes(s: &Settings, ev: &Event, about: &About, conn: Option<&ConnInfo>) -> bool {
    let Some(call) = ev.call() else { return true };
    let n = call as usize;
    if s.wanted.get(n / 64).is_none_or(|w| w >> (n % 64) & 1 == 0) {
        return false;
    }
    let Some(filter) = &s.filter else { return true };
    let first = call.args().first().map(|a| a.kind);
    let name = if call.class() & class::DNS != 0 && first == Some(Kind::Str) { ev.cap(0, Part::Data) } else { None };
    filter.eval(&Subject {
        fd: if first == Some(Kind::Fd) { ev.int(0) } else { Subject::NO_FD },
        conn,
        pid: about.pid,
        tid: about.tid,
        comm: comm(about),
        exe: about.exe.get().unwrap_or(&[]),
        errno: ev.head.errno,
        ret: ev.head.ret,
        bytes: if call.ret() == socklens_calls::Ret::Bytes { ev.head.ret.max(0) as u64 } else { 0 },
        dur_ns: about.dur_ns,
        nonblock: conn.and_then(ConnInfo::nonblocking),
        host: name.map_or(&[], |c| c.data),
        ..Subject::new(call)
    })
}

pub fn comm(about: &About) -> &[u8] {
    about.comm.split(|&b| b == 0).next().unwrap_or(&[])
}

/// The index of a free line buffer.
fn take_line() -> Option<usize> {
    for _ in 0..1000 {
        let taken = LINES.taken.load(Ordering::Relaxed);
        let free = (!taken).trailing_zeros() as usize;
        if free < BUFFERS {
            if LINES.taken.fetch_or(1 << free, Ordering::SeqCst) & (1 << free) == 0 {
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
        let conn = settings().lent?.conn;
        // SAFETY: as in `write`.
        unsafe { conn(fd).as_ref() }
    }
}

fn one(s: &Settings, ev: &Event, about: &About, conn: Option<&ConnInfo>, text: &mut [u8]) -> bool {
    let mut out = Out::new(text);
    print(s, ev, about, conn, &mut out);
    out.is_empty() || write_line(s, out.bytes())
}

/// One event's line; nothing for a note that has none.
pub fn print(s: &Settings, ev: &Event, about: &About, conn: Option<&ConnInfo>, out: &mut Out) {
    let last = LAST_NS.swap(about.since_start_ns, Ordering::Relaxed);
    let name = conns::name_of(ev.head.conn);
    let meta = line::Meta {
        realtime_ns: about.realtime_ns,
        mono_ns: about.mono_ns,
        since_start_ns: about.since_start_ns,
        delta_ns: about.since_start_ns.saturating_sub(last),
        dur_ns: about.dur_ns,
        pid: about.pid,
        tid: about.tid,
        comm: comm(about),
        conn,
        name: name.split(|&b| b == 0).next().unwrap_or(&[]),
    };
    let opts = Opts {
        strlen: s.strlen,
        pids: true,
        // In a file of its own as `strace -f -o` has it.
        bare_pid: s.fd < 0,
        stamp: if s.format == Format::Strace { Stamp::None } else { Stamp::SinceStart },
        ..Opts::default()
    };
    match (ev.head.call >= note::FIRST, s.format) {
        (true, Format::Json) => line::note_json(ev, &meta, &opts, out),
        (true, _) => line::note_text(ev, &meta, &opts, out),
        (false, Format::Json) => line::json(ev, &meta, &opts, &Table, out),
        (false, Format::Strace) => line::strace(ev, &meta, &opts, &Table, out),
        (false, Format::Text) => line::text(ev, &meta, &opts, &Table, out),
    }
}

/// Writes one line; whether it could be.
///
/// With one thread a file is opened for the line and closed again: the program never sees a descriptor. With several,
/// that would take a number another thread is about to get, so the file stays open out of the way.
fn write_line(s: &Settings, text: &[u8]) -> bool {
    if s.fd >= 0 {
        return is_sink(s.fd) && write_all(s.fd, text);
    }
    if s.lent.is_some_and(|l| (l.single_threaded)()) {
        return write_once(s, text);
    }
    let fd = HIDDEN.load(Ordering::Relaxed);
    if fd >= 0 && is_sink(fd) {
        return write_all(fd, text);
    }
    // The first line with several threads, or the program has closed everything. One thread opens the file for all.
    if OPENING.swap(1, Ordering::AcqRel) != 0 {
        return write_once(s, text);
    }
    let high = sys::move_high(open_file(s));
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
fn write_once(s: &Settings, text: &[u8]) -> bool {
    let fd = open_file(s);
    if fd < 0 {
        return false;
    }
    let done = write_all(fd, text);
    sys::close(fd);
    done
}

/// Writes a whole text or fails, and the program gets no signal for it: neither SIGPIPE when the log is a pipe whose
/// reader has gone, nor SIGXFSZ when it has grown to the program's RLIMIT_FSIZE.
pub fn write_all(fd: i32, text: &[u8]) -> bool {
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
        let (mut rest, mut r) = (text, 1);
        while r > 0 && !rest.is_empty() {
            r = sys::write(fd, rest);
            rest = rest.get(r.max(0) as usize..).unwrap_or(&[]);
        }
        let ours = match -r as i32 {
            libc::EPIPE => 1u64 << (libc::SIGPIPE - 1),
            libc::EFBIG => 1u64 << (libc::SIGXFSZ - 1),
            _ => 0,
        } & !pending;
        if ours != 0 {
            sys::call6(libc::SYS_rt_sigtimedwait, at(&raw const ours), 0, (&raw const zero) as usize, SIZE, 0, 0);
        }
        sys::call6(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK as usize, at(&raw const old), 0, SIZE, 0, 0);
        rest.is_empty()
    }
}

/// Whether a descriptor still is the file it was at the start.
fn is_sink(fd: i32) -> bool {
    sys::fstat(fd)
        .is_some_and(|(dev, ino, _)| dev == SINK_DEV.load(Ordering::Relaxed) && ino == SINK_INO.load(Ordering::Relaxed))
}

/// Opens the log file; a descriptor or a negative error.
fn open_file(s: &Settings) -> i32 {
    open_path(s.path(), sys::getpid())
}

/// Opens a file for appending; `%p` in its path stands for `pid`.
pub fn open_path(path: &[u8], pid: u32) -> i32 {
    let mut name = [0u8; 1100];
    let mut out = Out::new(&mut name);
    let mut rest = path;
    while let Some((&b, more)) = rest.split_first() {
        rest = more;
        if b == b'%' && more.first() == Some(&b'p') {
            out.udec(u64::from(pid));
            rest = more.get(1..).unwrap_or(&[]);
        } else {
            out.byte(b);
        }
    }
    out.byte(0);
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC | libc::O_NOCTTY | libc::O_NONBLOCK;
    sys::open(out.bytes(), flags, 0o600) as i32
}
