//! What libsocklens.so lends: the program's memory, descriptors and real functions, and who is calling.

use super::Cx;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicPtr, Ordering};
use socklens_calls::Call;
use socklens_inside::concern::Concerns;
use socklens_inside::engine::{Fired, Lent, Signal, Thread};
use socklens_inside::entry::Entry;
use socklens_wire::{ConnInfo, ProcSlot, Segment};

static LENT: AtomicPtr<Lent> = AtomicPtr::new(core::ptr::null_mut());

/// Called once, before anything else of this library.
pub extern "C" fn start(lent: &'static Lent) {
    LENT.store(core::ptr::from_ref(lent).cast_mut(), Ordering::Release);
}

fn lent() -> &'static Lent {
    // SAFETY: `start` was given it before any other function of this library was called.
    unsafe { &*LENT.load(Ordering::Relaxed) }
}

/// The session's memory.
pub fn segment() -> &'static Segment {
    &lent().segment
}

/// What is asked at every call.
pub fn concerns() -> &'static Concerns {
    lent().concerns
}

/// This process.
pub fn pid() -> u32 {
    lent().pid.load(Ordering::Relaxed)
}

/// This process's slot.
pub fn process() -> Option<&'static ProcSlot> {
    let slot = segment().proc_slot(lent().proc_index.load(Ordering::Relaxed));
    // SAFETY: our own process's slot, of which the plain fields were written once before it went live.
    slot.and_then(|p| unsafe { p.as_ref() })
}

/// Whether the process confined itself.
pub fn has_confined_itself() -> bool {
    lent().confined.load(Ordering::Relaxed) != 0
}

/// Whether it came without a seccomp filter.
pub fn may_peek() -> bool {
    lent().may_peek.load(Ordering::Relaxed) != 0
}

/// Whether memory of the program may be asked for that is not proved to be there.
pub fn may_look() -> bool {
    may_peek() && !has_confined_itself()
}

/// Records the call with its faults so far, and sends a signal.
pub fn signal(cx: &Cx, fired: &mut Fired, signal: Signal) {
    // SAFETY: the call's own arguments.
    unsafe { (lent().signal)(cx.call, cx.entry, cx.args.as_ptr(), cx.args.len(), fired, signal) }
}

/// Where libsocklens.so lies; 0 when that is not known.
pub fn base() -> u64 {
    lent().base
}

/// Where the loader's list of objects begins; 0 when the loader does not tell.
pub fn loader_list() -> u64 {
    (lent().loader_list)()
}

/// The calling thread.
pub fn thread() -> Thread {
    (lent().thread)()
}

/// CLOCK_MONOTONIC in nanoseconds, without a system call.
pub fn mono() -> u64 {
    (lent().mono)()
}

/// What the table says of a descriptor.
pub fn fd(fd: i32) -> Entry {
    (lent().fd)(fd)
}

/// Calls `f` for every descriptor of the table.
pub fn each_fd(mut f: impl FnMut(i32, Entry)) {
    unsafe extern "C" fn show<F: FnMut(i32, Entry)>(with: *mut c_void, fd: i32, e: Entry) {
        // SAFETY: `with` is the closure below, which nobody else uses meanwhile.
        unsafe { (*with.cast::<F>())(fd, e) };
    }
    fn shower<F: FnMut(i32, Entry)>(_: &F) -> unsafe extern "C" fn(*mut c_void, i32, Entry) {
        show::<F>
    }
    let show = shower(&f);
    // SAFETY: the function and the closure it is handed belong together, and the closure outlives the call.
    unsafe { (lent().each_fd)(show, (&raw mut f).cast()) };
}

/// Copies a plain value from the program: directly when proved, else fault-safely.
pub fn fetch<T: Copy>(from: u64, proved: bool) -> Option<T> {
    let mut v = MaybeUninit::<T>::uninit();
    // SAFETY: there is room for `len` bytes; T is a plain C struct of integers and pointers, and all of it was written.
    unsafe {
        if (lent().fetch)(from, v.as_mut_ptr().cast(), size_of::<T>(), proved) { Some(v.assume_init()) } else { None }
    }
}

/// Copies bytes that need not be there; false when they are not.
///
/// # Safety
/// There is room for `len` bytes at `to`.
pub unsafe fn fetch_bytes(from: u64, to: *mut u8, len: usize) -> bool {
    // SAFETY: the caller's.
    unsafe { fetch_piece(from, to, len, false) }
}

/// Copies bytes: directly when they are `proved` to be there, else fault-safely; false when they are not.
///
/// # Safety
/// There is room for `len` bytes at `to`.
pub unsafe fn fetch_piece(from: u64, to: *mut u8, len: usize, proved: bool) -> bool {
    // SAFETY: the caller's.
    len == 0 || unsafe { (lent().fetch)(from, to, len, proved) }
}

/// The real function behind a call.
pub fn real(call: Call) -> usize {
    (lent().real)(call)
}

/// What is known of a connection.
pub fn info(index: u32) -> Option<&'static ConnInfo> {
    // SAFETY: a slot in the mapping. Its info is written by the thread whose call changed the socket; two threads at one
    // socket at once race in the program as well, and bytes are all that can mix.
    segment().conn_slot(index).map(|p| unsafe { &(*p).info })
}
