//! Without a session: SOCKLENS_LOG names where this process writes its own log, SOCKLENS_STATS its statistics.
//!
//! The thread that made an event hands it to libsocklens-alone.so, which formats and writes it at once. That library is
//! opened in our constructor and never in a hook, which may run inside the loader or an allocator. What other libraries'
//! constructors do before ours waits in the threads' chunks.

use super::library::Library;
use super::{attach, conns, control, env};
use crate::hot::{clock, fds, order, real, state};
use crate::sys;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use libc::c_void;
use socklens_inside::capi::socklens_event;
use socklens_inside::half::{About, Callback, Counted, FILE, Half, Lent, STAMP, SYMBOL, Started, Text};
use socklens_wire::event::{Event, flag, note};
use socklens_wire::layout::{CHUNK_HEAD, mode, page};
use socklens_wire::ring::{self, Next};
use socklens_wire::{ConnInfo, Header, Segment, ThreadSlot, pool};

/// The other library's table, once it is there and has read the configuration.
static HALF: AtomicPtr<Half> = AtomicPtr::new(core::ptr::null_mut());
/// The raw clock at that moment.
static READY: AtomicU64 = AtomicU64::new(0);

static LIBRARY: Library = Library {
    file: FILE,
    symbol: SYMBOL,
    stamp: STAMP,
    which: "SOCKLENS_LOG and SOCKLENS_STATS need",
    without: "logging is off for",
};

/// Which start of the log events of this process are for: [`Header::generation`] while it runs. 0 for none.
static LOG: AtomicU32 = AtomicU32::new(0);

pub static LENT: Lent = Lent { variable, conn, single_threaded, deliver, ns: attach::ns };

extern "C" fn variable(name: Text) -> Text {
    name.get().and_then(env::own).map_or(Text::NONE, Text::new)
}

extern "C" fn conn(fd: i32) -> *const ConnInfo {
    fds::get(fd).conn().and_then(conns::info).map_or(core::ptr::null(), core::ptr::from_ref)
}

extern "C" fn single_threaded() -> bool {
    real::single_threaded()
}

/// A child of a vfork runs on its parent's memory, where nothing but its exec should happen.
unsafe extern "C" fn deliver(call: Callback, event: *const socklens_event, user: *mut c_void) {
    let tls = state::tls();
    if tls.vfork_child.get() != 0 {
        return;
    }
    let errno = order::errno();
    tls.callback.set(1);
    // SAFETY: the program's function, with what it asked to be handed.
    unsafe { call(event, user) };
    tls.callback.set(0);
    order::set_errno(errno);
}

/// The number of a new start of the log.
pub fn next_log(h: &Header) -> u32 {
    h.generation.fetch_add(1, Ordering::AcqRel).wrapping_add(1)
}

/// Events are for this start of the log from now on; 0 for none.
pub fn set_log(generation: u32) {
    LOG.store(generation, Ordering::Release);
}

/// Whether events of this process are shown to anybody.
pub fn is_logging(h: &Header) -> bool {
    log_of(h).is_some()
}

/// The start of the log that runs.
fn log_of(h: &Header) -> Option<u32> {
    let log = LOG.load(Ordering::Acquire);
    if log != 0 && log == h.generation.load(Ordering::Acquire) { Some(log) } else { None }
}

/// Puts the other library to use: from here on events are handed to it.
pub fn set_half(half: &'static Half) {
    READY.store(clock::now(), Ordering::Relaxed);
    HALF.store(core::ptr::from_ref(half).cast_mut(), Ordering::Release);
}

/// The other library's table, once it is in use.
pub fn half() -> Option<&'static Half> {
    // SAFETY: a static of a library that is never unloaded.
    unsafe { HALF.load(Ordering::Acquire).as_ref() }
}

/// Whether events are written: until then nothing may be freed that they speak of.
pub fn ready() -> bool {
    half().is_some()
}

/// Starts recording if the environment asks for a log or for counting: into memory, until [`load`].
pub fn begin() -> bool {
    let stats = env::own(b"SOCKLENS_STATS=").is_some();
    if !stats && env::own(b"SOCKLENS_LOG=").is_none() {
        return false;
    }
    let Some(seg) = attach::own_segment() else {
        sys::write(
            2,
            b"socklens: no memory for the log within RLIMIT_AS (ulimit -v); logging is off for this program\n",
        );
        return false;
    };
    if let Some(n) = env::own(b"SOCKLENS_STRSIZE=").and_then(sys::number) {
        seg.header().strlen.store(n, Ordering::Relaxed);
    }
    if stats {
        // Calls that are made before the configuration is read count whatever they are.
        let h = seg.header();
        h.blocked_from.store(u64::MAX, Ordering::Relaxed);
        h.counted.iter().for_each(|to| to.store(u64::MAX, Ordering::Relaxed));
        h.stats.store(socklens_wire::stats::mode::FULL, Ordering::Relaxed);
    }
    begin_in(seg)
}

/// Starts in a segment of our own that nobody knows yet.
pub fn begin_in(seg: Segment) -> bool {
    // SAFETY: nobody else knows the segment yet.
    let h = unsafe { &mut *seg.base().cast::<Header>() };
    h.mode = mode::ALONE;
    clock::CLOCK.store(source(), Ordering::Relaxed);
    let now = clock::anchor();
    h.clock = clock::CLOCK.load(Ordering::Relaxed);
    h.start = now;
    seg.publish();
    state::ALONE.store(1, Ordering::Relaxed);
    control::own_up();
    attach::enter(seg, attach::Facts::read(0), 0, now)
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

/// From our constructor: opens the other library, and writes what has waited for it.
pub fn load() {
    if state::ALONE.load(Ordering::Relaxed) == 0 || ready() || state::mode() != state::mode::ON {
        return;
    }
    let Some(seg) = state::segment() else { return };
    let errno = order::errno();
    let log = next_log(seg.header());
    attach::calibrate(&seg.header().start, &clock::anchor());
    // SAFETY: `start` is given the header of our own segment, whose filter is not looked at before it returns.
    let started = open(&Library::complain).map(|half| (half, unsafe { (half.start)(&LENT, seg.base().cast(), log) }));
    match started.filter(|s| s.1 != Started::Nothing) {
        Some((half, started)) => {
            if started == Started::Log {
                set_log(log);
            }
            set_half(half);
            // SAFETY: a slot in the mapping, which is never unmapped.
            if let Some(slot) = unsafe { state::tls().thread.get().as_ref() } {
                emit(slot);
                match slot.dropped.load(Ordering::Relaxed) {
                    n if n != 0 && started == Started::Log => (half.lost)(n),
                    _ => {}
                }
            }
        }
        None => {
            state::set_silent();
            crate::exports::open_gates();
        }
    }
    order::set_errno(errno);
}

/// Tells what was counted: when the process ends, or (`over` false) before it becomes another program.
pub fn finish(over: bool) {
    // The child of a vfork is not the process whose memory it is on; one that confined itself may be killed for writing.
    if state::mode() != state::mode::ON
        || state::tls().vfork_child.get() != 0
        || state::CONFINED.load(Ordering::Relaxed) != 0
    {
        return;
    }
    if let (Some(half), Some(segment)) = (half(), state::segment()) {
        let now = clock::anchor();
        attach::calibrate(&segment.header().start, &now);
        let of = Counted { lent: &LENT, segment, proc_index: state::PROC_INDEX.load(Ordering::Relaxed) };
        (half.finish)(&of, now.raw, over);
    }
}

/// What the loader calls when the process ends by exit, or by returning from main.
#[used]
#[unsafe(link_section = ".fini_array")]
static AT_EXIT: extern "C" fn() = at_exit;

extern "C" fn at_exit() {
    finish(true);
}

/// The other library's table; None when it cannot be had, for a reason that is said to `complain`.
pub fn open(complain: &dyn Fn(&Library, &[&[u8]])) -> Option<&'static Half> {
    // SAFETY: the library stays loaded, and its stamp has been compared.
    LIBRARY.open(complain).and_then(|table| unsafe { table.cast::<Half>().as_ref() })
}

/// Hands over what this thread has recorded. A signal handler's events that come in meanwhile are written by the frame
/// that was at it already.
#[inline(never)]
#[cold]
pub fn emit(slot: &'static ThreadSlot) {
    let Some(half) = half() else { return };
    let tls = state::tls();
    // A callback that was jumped out of is over.
    if tls.callback.get() != 0 && !is_emitting(slot) {
        tls.callback.set(0);
    }
    // A confined process may be killed for a clock reading or a write that its filter does not know.
    if state::CONFINED.load(Ordering::Relaxed) != 0 || is_emitting(slot) {
        return;
    }
    slot.emitting.store(state::stack_pointer(), Ordering::Relaxed);
    let position = slot.chunk.load(Ordering::Acquire);
    let chunk = tls.chunk.get();
    if let Some(seg) = state::segment()
        && position != 0
        && !chunk.is_null()
    {
        // SAFETY: the chunk is this thread's own; `next` tells what is committed in it.
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
                one(half, &seg, slot, bytes);
                if !core::ptr::eq(tls.thread.get(), slot) || state::mode() != state::mode::ON {
                    return forked_in_callback();
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
    }
    slot.emitting.store(0, Ordering::Relaxed);
}

/// A callback forked, and this is the child: the chunk is its parent's.
#[cold]
fn forked_in_callback() {
    state::tls().callback.set(0);
    // SAFETY: null, or this thread's own slot in the mapping.
    if let Some(own) = unsafe { state::tls().thread.get().as_ref() }
        && state::mode() == state::mode::ON
    {
        own.emitting.store(0, Ordering::Relaxed);
    }
}

/// Whether a frame further up the stack is at it. One below us was jumped out of.
fn is_emitting(slot: &ThreadSlot) -> bool {
    let busy = slot.emitting.load(Ordering::Relaxed);
    busy != 0 && state::stack_pointer() < busy
}

fn one(half: &Half, seg: &Segment, slot: &ThreadSlot, bytes: &[u8]) {
    let Some(ev) = Event::parse(bytes) else { return };
    let h = seg.header();
    let shown = ev.head.flags & flag::IN_CALLBACK == 0 && ev.head.call != note::EMPTY;
    let Some(generation) = log_of(h).filter(|_| shown) else { return };
    let now = clock::anchor();
    attach::calibrate(&h.start, &now);
    let ago = attach::ticks_to_ns(now.raw.wrapping_sub(ev.head.start));
    let mono = now.mono.saturating_sub(ago);
    // SAFETY: our own slot, written once before it went live.
    let process = unsafe { seg.proc_slot(slot.proc_index).and_then(|p| p.as_ref()) };
    let conn = (0..h.conns_high.load(Ordering::Relaxed).min(seg.layout().conns))
        .filter(|_| ev.head.conn != 0 && (ev.call().is_some() || ev.head.call == note::CONN_NAME))
        .filter_map(conns::info)
        .find(|c| c.serial == ev.head.conn);
    // The child of a vfork writes its own lines, on its parent's memory.
    let borrowed = ev.head.flags & flag::VFORK_CHILD != 0 && state::tls().vfork_child.get() != 0;
    let about = About {
        realtime_ns: now.real.saturating_sub(ago),
        mono_ns: mono,
        since_start_ns: mono.saturating_sub(h.start.mono),
        dur_ns: attach::ticks_to_ns(ev.head.end.wrapping_sub(ev.head.start)),
        pid: if borrowed { sys::getpid() } else { process.map_or(0, |p| p.pid) },
        tid: if borrowed { sys::gettid() } else { slot.tid },
        comm: process.map_or([0; 16], |p| p.comm),
        exe: process.and_then(|p| p.exe.get(..p.exe_len as usize)).map_or(Text::NONE, Text::new),
        conn: conn.map_or(core::ptr::null(), core::ptr::from_ref),
        early: ev.head.start < READY.load(Ordering::Relaxed),
        generation,
    };
    // SAFETY: the event lies in this thread's chunk until it is written.
    if !unsafe { (half.write)(bytes.as_ptr(), bytes.len(), &about) } {
        crate::hot::record::bump(&slot.dropped);
    }
}

/// Whether a thread's chunk may be given up for a larger one: not while something in it is to be written.
pub fn may_change(slot: &ThreadSlot) -> bool {
    // SAFETY: null, or this thread's own chunk in the mapping.
    match unsafe { state::tls().chunk.get().as_ref() } {
        Some(c) => {
            // `end` tells where the events end, once one did not fit.
            let filled = c.head.load(Ordering::Relaxed).min(c.end.load(Ordering::Relaxed));
            !is_emitting(slot) && filled == c.read.load(Ordering::Relaxed)
        }
        None => true,
    }
}

/// In the child of a fork.
pub fn forked() {
    if let Some(half) = half() {
        (half.forked)();
    }
}

/// Gives a chunk back that nobody uses any more.
pub fn free_chunk(seg: &Segment, position: u32) {
    let h = seg.header();
    let Some(chunk) = seg.chunk_at(position) else { return };
    // SAFETY: the thread that owned it is gone, or has done with it.
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
