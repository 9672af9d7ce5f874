//! Events for a program's callback.

use crate::config::{GENERATION, Settings, settings};
use crate::log::{self, BUFFERS};
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use core::sync::atomic::{AtomicU32, Ordering};
use socklens_calls::{Call, Kind, Ret};
use socklens_decode::Out;
use socklens_inside::capi::socklens_error::*;
use socklens_inside::capi::{socklens_event, socklens_event_kind};
use socklens_inside::half::About;
use socklens_wire::ConnInfo;
use socklens_wire::event::{Event, note};

/// An event while its callback runs: what a handle stands for.
#[derive(Clone, Copy)]
struct Shown {
    event: *const Event<'static>,
    about: *const About,
    conn: *const ConnInfo,
}

struct Handles {
    shown: UnsafeCell<[Shown; BUFFERS]>,
    /// Odd while the callback runs.
    uses: [AtomicU32; BUFFERS],
}

// SAFETY: an entry is written by the thread that holds the line of its number, and read in that thread's callback.
unsafe impl Sync for Handles {}

const NONE: Shown = Shown { event: core::ptr::null(), about: core::ptr::null(), conn: core::ptr::null() };

static HANDLES: Handles =
    Handles { shown: UnsafeCell::new([NONE; BUFFERS]), uses: [const { AtomicU32::new(0) }; BUFFERS] };

macro_rules! names {
    ([] $($op:literal $name:ident [$($alias:ident)*] ($($arg:ident : $ty:ty = $kind:expr),*) -> $ret:ty = $rk:ident, $class:expr, $body:ident, $chk:ident, $sys:literal;)*) => {
        /// THE TABLE's names, each with a NUL.
        static NAMES: &[&str] = &[$(concat!(stringify!($name), "\0")),*];
    };
}

socklens_calls::for_each_call!(names []);

/// The name of a call, for C.
pub fn name(call: Call) -> *const c_char {
    NAMES.get(call as usize).map_or(c"".as_ptr(), |n| n.as_ptr().cast())
}

/// Hands an event to the callback; `line` is the number of the line that is held.
pub fn deliver(s: &Settings, line: usize, ev: &Event, about: &About, conn: Option<&ConnInfo>) -> bool {
    let (Some(callback), Some(lent)) = (s.callback, s.lent) else { return false };
    let call = ev.call();
    let (kind, name) = match (call, ev.head.call) {
        (Some(c), _) => (socklens_event_kind::SOCKLENS_EVENT_CALL, name(c)),
        (None, note::MARK) => (socklens_event_kind::SOCKLENS_EVENT_MARK, c"mark".as_ptr()),
        (None, note::CONN_NAME) => (socklens_event_kind::SOCKLENS_EVENT_NAME, c"name".as_ptr()),
        _ => return true,
    };
    let Some(uses) = HANDLES.uses.get(line) else { return false };
    // SAFETY: the line is ours; see Handles. The pointers are read only while the callback below runs.
    if let Some(to) = unsafe { (*HANDLES.shown.get()).get_mut(line) } {
        let event = core::ptr::from_ref(ev).cast();
        *to = Shown { event, about, conn: conn.map_or(core::ptr::null(), core::ptr::from_ref) };
    }
    let use_ = uses.fetch_add(1, Ordering::AcqRel).wrapping_add(1);
    let on_fd = call.and_then(|c| c.args().first()).is_some_and(|a| a.kind == Kind::Fd);
    let moved = call.is_some_and(|c| c.ret() == Ret::Bytes) && ev.head.ret > 0;
    let event = socklens_event {
        size: size_of::<socklens_event>() as u32,
        kind: kind as u32,
        call: name,
        fd: match ev.head.call {
            note::CONN_NAME => ev.head.ret as c_int,
            _ if on_fd => ev.int(0),
            _ => -1,
        },
        conn: ev.head.conn,
        result: if call.is_some() { ev.head.ret } else { 0 },
        err: c_int::from(ev.head.errno),
        tid: about.tid,
        start_ns: about.realtime_ns,
        duration_ns: about.dur_ns,
        bytes: if moved { ev.head.ret as u64 } else { 0 },
        handle: (u64::from(use_) << 8) | line as u64,
    };
    // SAFETY: the program's callback with an event that lives until it returns.
    unsafe { (lent.deliver)(callback, &raw const event, s.user) };
    uses.fetch_add(1, Ordering::AcqRel);
    true
}

/// [`socklens_inside::half::Half::event_format`].
///
/// # Safety
/// `event` is null or points to a socklens_event, `size` bytes at `to` are writable.
pub unsafe extern "C" fn format(event: *const socklens_event, to: *mut c_char, size: usize) -> c_int {
    // SAFETY: the caller's.
    let Some(e) = (unsafe { event.as_ref() }) else { return SOCKLENS_EINVAL as c_int };
    if to.is_null() || size == 0 {
        return SOCKLENS_EINVAL as c_int;
    }
    let line = (e.handle & 0xff) as usize;
    let now = HANDLES.uses.get(line).map_or(0, |u| u.load(Ordering::Acquire));
    if now & 1 == 0 || u64::from(now) << 8 | line as u64 != e.handle || GENERATION.load(Ordering::SeqCst) == 0 {
        return SOCKLENS_ESTALE as c_int;
    }
    // SAFETY: the use is odd and the handle's: its callback runs, and what it shows is alive.
    let shown = unsafe { (*HANDLES.shown.get()).get(line).copied() };
    // SAFETY: as above.
    let Some((ev, about, conn)) =
        shown.and_then(|s| unsafe { Some((s.event.as_ref()?, s.about.as_ref()?, s.conn.as_ref())) })
    else {
        return SOCKLENS_ESTALE as c_int;
    };
    // SAFETY: the caller's buffer; one byte is kept for the NUL.
    let buf = unsafe { core::slice::from_raw_parts_mut(to.cast::<u8>(), (size - 1).min(i32::MAX as usize)) };
    let mut out = Out::new(buf);
    log::print(settings(), ev, about, conn, &mut out);
    // A line that stands alone needs no end of line.
    let n = out.len() - usize::from(out.bytes().last() == Some(&b'\n'));
    // SAFETY: n < size.
    unsafe { to.add(n).write(0) };
    n as c_int
}

/// The text of a C string that a caller gave.
///
/// # Safety
/// `p` is null or a NUL-terminated string.
pub unsafe fn text<'a>(p: *const c_char) -> Option<&'a str> {
    // SAFETY: the caller's.
    if p.is_null() { None } else { unsafe { CStr::from_ptr(p) }.to_str().ok() }
}
