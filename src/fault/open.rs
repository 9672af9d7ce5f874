//! When libsocklens-faults.so is opened: in our constructor where there are rules, else in the first hook in which that is
//! certainly safe. Its children by fork have it; a new program opens its own.

use super::{CONCERNS, keys, quiet};
use crate::cold::attach;
use crate::cold::library::Library;
use crate::hot::fds::{self, Entry};
use crate::hot::{capture, order, real, state};
use crate::sys;
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use socklens_calls::Call;
use socklens_inside::engine::{Engine, FILE, Fired, Lent, STAMP, SYMBOL, Signal};
use socklens_wire::Segment;

static LIBRARY: Library =
    Library { file: FILE, symbol: SYMBOL, stamp: STAMP, which: "fault rules need", without: "no fault is caused in" };

static ENGINE: AtomicPtr<Engine> = AtomicPtr::new(core::ptr::null_mut());

/// Whether it may be opened in hooks.
mod may {
    /// Not before our constructor: it does it itself.
    pub const NOT_YET: u32 = 0;
    pub const TRY: u32 = 1;
    /// It cannot be had here.
    pub const NEVER: u32 = 2;
}

static MAY: AtomicU32 = AtomicU32::new(may::NOT_YET);
/// The process, of which a thread tries; 0 for none. In a forked child that thread is not there.
static BUSY: AtomicU32 = AtomicU32::new(0);
/// CLOCK_MONOTONIC nanoseconds before which it is not tried again, and how long that was.
static NEXT: AtomicU64 = AtomicU64::new(0);
static PAUSE: AtomicU64 = AtomicU64::new(SHORTEST);

/// From one millisecond up, twice as long each time.
const SHORTEST: u64 = 1_000_000;
const LONGEST: u64 = 64_000_000;

/// What is lent; written once, before the other library is told.
struct Place(UnsafeCell<MaybeUninit<Lent>>);

// SAFETY: only the thread that opens the library writes to it, before anybody else is shown it.
unsafe impl Sync for Place {}

static LENT: Place = Place(UnsafeCell::new(MaybeUninit::uninit()));

/// The other library's table, once it is open.
#[inline]
pub fn engine() -> Option<&'static Engine> {
    // SAFETY: null, or a static of a library that is never unloaded.
    unsafe { ENGINE.load(Ordering::Acquire).as_ref() }
}

/// From our constructor.
pub fn load() {
    let there = state::mode() == state::mode::ON && state::was_ruled() && super::present();
    let fine = !there || engine().is_some() || start(&Library::complain);
    MAY.store(if fine { may::TRY } else { may::NEVER }, Ordering::Release);
}

/// At the program's own request, outside of hooks: opens it if it is not open. Whether it is there.
pub fn on_request() -> bool {
    for _ in 0..1000 {
        if engine().is_some() {
            return true;
        }
        let (me, seen) = (sys::getpid(), BUSY.load(Ordering::Acquire));
        if MAY.load(Ordering::Acquire) == may::NEVER {
            return false;
        }
        if seen != me && BUSY.compare_exchange(seen, me, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            let errno = order::errno();
            let fine = engine().is_some() || start(&|_, _| ());
            order::set_errno(errno);
            BUSY.store(0, Ordering::Release);
            return fine;
        }
        // Another thread is at it.
        sys::futex_wait(BUSY.as_ptr(), me, 1);
    }
    false
}

/// In the child of a fork; `by_libc` when it came through libc's fork, which leaves the loader and the allocator usable.
pub fn forked(by_libc: bool) {
    if !by_libc && !real::single_threaded() && engine().is_none() {
        MAY.store(may::NEVER, Ordering::Relaxed);
    }
}

/// Whether it is to be tried in a hook on this descriptor.
pub fn is_due(entry: Entry) -> bool {
    // No allocator and no loader makes a call on a socket. Under a filter nothing is asked for that the program does not.
    entry.conn().is_some()
        && MAY.load(Ordering::Acquire) == may::TRY
        && state::CONFINED.load(Ordering::Relaxed) == 0
        && state::MAY_PEEK.load(Ordering::Relaxed) != 0
        && state::tls().vfork_child.get() == 0
        && state::tls().callback.get() == 0
        && attach::mono() >= NEXT.load(Ordering::Relaxed)
}

/// In a hook on a descriptor, whose arguments lie in the hook's frame: opens the library if that is safe here and now.
#[cold]
#[inline(never)]
pub fn in_hook(entry: Entry, args: &[u64]) -> Option<&'static Engine> {
    if !is_due(entry) {
        return None;
    }
    let (me, seen) = (state::PID.load(Ordering::Relaxed), BUSY.load(Ordering::Acquire));
    if seen == me || BUSY.compare_exchange(seen, me, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        return None;
    }
    if engine().is_none() {
        if quiet::is_undisturbed(args.as_ptr() as u64) && real::loader_rests() {
            // What arrives meanwhile waits: a handler could jump out of the loader, or need what it holds.
            let errno = order::errno();
            let mask = sys::block_signals();
            let fine = start(&|_, _| ());
            sys::set_signals(mask);
            order::set_errno(errno);
            if !fine {
                MAY.store(may::NEVER, Ordering::Relaxed);
            }
        } else {
            let pause = PAUSE.load(Ordering::Relaxed);
            NEXT.store(attach::mono().wrapping_add(pause), Ordering::Relaxed);
            PAUSE.store((2 * pause).min(LONGEST), Ordering::Relaxed);
        }
    }
    BUSY.store(0, Ordering::Release);
    engine()
}

/// Opens it and puts it to use; false when that cannot be. One thread at a time.
fn start(complain: &dyn Fn(&Library, &[&[u8]])) -> bool {
    let Some(segment) = state::segment() else { return false };
    // SAFETY: the library stays loaded, and its stamp has been compared.
    let Some(engine) = LIBRARY.open(complain).and_then(|table| unsafe { table.cast::<Engine>().as_ref() }) else {
        return false;
    };
    // SAFETY: nobody else is here, and nobody has been shown the place.
    let lent = unsafe { (*LENT.0.get()).write(lend(segment)) };
    (engine.start)(lent);
    ENGINE.store(core::ptr::from_ref(engine).cast_mut(), Ordering::Release);
    (engine.refresh)();
    true
}

fn lend(segment: Segment) -> Lent {
    extern "C" fn fd(fd: i32) -> Entry {
        fds::get(fd)
    }
    unsafe extern "C" fn each_fd(show: unsafe extern "C" fn(*mut c_void, i32, Entry), with: *mut c_void) {
        // SAFETY: the function and what it is handed belong together.
        fds::each(0, u32::MAX, |fd, e| unsafe { show(with, fd, e) });
    }
    unsafe extern "C" fn fetch(from: u64, to: *mut u8, len: usize, proved: bool) -> bool {
        // SAFETY: the caller's.
        unsafe { capture::fetch_bytes(from, to, len, proved) }
    }
    extern "C" fn function(call: Call) -> usize {
        real::function(call)
    }
    unsafe extern "C" fn signal(
        call: Call,
        entry: Entry,
        args: *const u64,
        count: usize,
        fired: &mut Fired,
        signal: Signal,
    ) {
        // SAFETY: the caller's.
        let args = unsafe { core::slice::from_raw_parts(args, count) };
        order::tell_and_signal(call, entry, args, fired, signal);
    }
    extern "C" fn loader_list() -> u64 {
        real::loader_list()
    }
    Lent {
        segment,
        concerns: &CONCERNS,
        pid: &state::PID,
        proc_index: &state::PROC_INDEX,
        confined: &state::CONFINED,
        may_peek: &state::MAY_PEEK,
        thread: keys::thread,
        fd,
        each_fd,
        fetch,
        signal,
        base: real::own_base().unwrap_or(0),
        loader_list,
        real: function,
        mono: attach::mono,
    }
}
