//! The order of one call: enter, decide, real, record, leave.
//!
//! Nothing with `Drop` is alive across the real call: pthread_cancel unwinds through here, siglongjmp jumps over it.

mod short;
mod slot;

use super::capture::{self, Before, Done, Fill, Measure};
use super::fds::{self, Entry};
pub use super::raw::{Raw, Width};
use super::record::{self, Head, Taken};
use super::{clock, state, stats};
use crate::{cold, fault, sys};
use core::marker::PhantomData;
use core::ptr::null_mut;
use core::sync::atomic::Ordering;
pub use short::{HOT, gate, place};
use slot::{Outer, enter, leave, outer, restore};
use socklens_calls::{Body, Call, Ret, Spec};
use socklens_inside::engine::Signal;
use socklens_inside::engine::Told;
pub use socklens_inside::errno::{errno, set_errno};
use socklens_wire::event::{flag, note};
use socklens_wire::layout::filtered;
use socklens_wire::{Header, ThreadSlot};

/// The result of a call that would make a descriptor while a fault says that none is free.
#[cold]
pub fn no_descriptor<R: Raw>(call: Call) -> R {
    set_errno(libc::EMFILE);
    R::from_raw(if matches!(call.ret(), Ret::Ptr) { 0 } else { -1 })
}

/// Whether the shim records in this process. The first call of a process attaches it.
#[inline(always)]
pub fn on() -> bool {
    state::mode() == state::mode::ON || not_yet_on()
}

#[cold]
#[inline(never)]
fn not_yet_on() -> bool {
    state::mode() != state::mode::SILENT && cold::attach::attach()
}

#[inline(always)]
fn header() -> Option<&'static Header> {
    state::header()
}

#[inline(always)]
fn wanted(h: &Header, call: Call) -> bool {
    let n = call as usize;
    h.wanted.get(n / 64).is_some_and(|w| w.load(Ordering::Relaxed) >> (n % 64) & 1 != 0)
}

/// errno and failure of a result, by what the row says of it.
#[inline(always)]
fn outcome(ret_kind: Ret, ret: i64) -> (u16, bool) {
    let failed = match ret_kind {
        Ret::Zero | Ret::Int | Ret::NewFd | Ret::Bytes | Ret::Count | Ret::Pid => ret == -1,
        Ret::Status => false,
        Ret::Eai => ret != 0,
        Ret::ErrNo => ret != 0,
        Ret::Hostent | Ret::Ptr | Ret::Index | Ret::Str => ret == 0,
        Ret::None => false,
    };
    let errno = match ret_kind {
        _ if !failed => 0,
        Ret::ErrNo => ret as u16,
        Ret::Eai if ret == -11 => errno() as u16,
        Ret::Eai | Ret::Hostent => 0,
        _ => errno() as u16,
    };
    (errno, failed)
}

/// The entry of the descriptor a plain row names first; None when the call is nothing to us.
#[inline(always)]
fn subject(body: Body, args: &[u64]) -> Option<Entry> {
    let fd = args.first().copied().unwrap_or(0) as i32;
    match body {
        Body::Data => Some(fds::get(fd)).filter(|e| e.conn().is_some()),
        Body::Net => match fds::get(fd) {
            Entry::NONE => Some(cold::conns::classify(fd)),
            e => Some(e),
        },
        _ => Some(Entry::NONE),
    }
}

/// A body of the row's kind: the common case of exports.rs.
#[inline(always)]
pub fn plain<const OP: u16, const N: usize, R: Raw>(args: [u64; N]) -> R {
    const { assert!(N <= socklens_calls::MAX_ARGS) };
    R::from_raw(plain_row(OP, R::WIDTH, &args))
}

/// A row that differs from others only in its number, and has at most [`socklens_calls::MAX_ARGS`] integers and pointers.
#[inline(never)]
fn plain_row(op: u16, width: Width, args: &[u64]) -> i64 {
    let Some(call) = Call::from_opcode(op) else { return -1 };
    plain_call(call, args, || {
        let a = |i: usize| args.get(i).copied().unwrap_or(0);
        let p = super::real::function(call);
        // SAFETY: the row's real function, its arguments in the registers and on the stack where its prototype has
        // them; what is passed beyond them a C function does not look at.
        let r = unsafe {
            if args.len() <= 6 {
                type Six = extern "C" fn(u64, u64, u64, u64, u64, u64) -> i64;
                core::mem::transmute::<usize, Six>(p)(a(0), a(1), a(2), a(3), a(4), a(5))
            } else {
                type Eight = extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64) -> i64;
                core::mem::transmute::<usize, Eight>(p)(a(0), a(1), a(2), a(3), a(4), a(5), a(6), a(7))
            }
        };
        match width {
            Width::Whole => r,
            Width::Int => i64::from(r as i32),
            Width::UInt => i64::from(r as u32),
        }
    })
}

const _: () = assert!(socklens_calls::MAX_ARGS <= 8);

/// Runs the real call of a row without a body of its own, and records it.
#[inline]
pub fn plain_call(call: Call, args: &[u64], real: impl Fn() -> i64) -> i64 {
    if !on() {
        return real();
    }
    match subject(call.body(), args) {
        Some(entry) => observe(call, entry, args, real, |_| entry),
        None => real(),
    }
}

#[inline(always)]
pub const fn spec_of(op: u16) -> &'static Spec {
    &socklens_calls::CALLS[op as usize]
}

/// Runs the real call and records it. `after` sees the result first, keeps tables right, and says which connection
/// the event belongs to.
#[inline(always)]
pub fn observe<R: Raw>(
    call: Call,
    entry: Entry,
    args: &[u64],
    real: impl Fn() -> R,
    mut after: impl FnMut(R) -> Entry,
) -> R {
    observe_if(call, entry, args, real, |r| (after(r), true))
}

/// As [`observe`]; `after` also says whether the call is worth an event.
#[inline(always)]
pub fn observe_if<R: Raw>(
    call: Call,
    entry: Entry,
    args: &[u64],
    real: impl Fn() -> R,
    after: impl FnMut(R) -> (Entry, bool),
) -> R {
    R::from_raw(observe_call(call, entry, args, &mut Both { real, after, of: PhantomData::<R> }, null_mut()))
}

/// As [`observe`] for select and its kin: `args` begin with the number of descriptors, and sets of more than 64 are kept here
/// across the call.
#[inline(always)]
pub fn observe_sets<R: Raw>(call: Call, args: &[u64], real: impl Fn() -> R) -> R {
    let mut steps = Both { real, after: |_| (Entry::NONE, true), of: PhantomData::<R> };
    R::from_raw(if args.first().is_some_and(|&n| n > 64) {
        observe_wide(call, args, &mut steps)
    } else {
        observe_call(call, Entry::NONE, args, &mut steps, null_mut())
    })
}

#[inline(never)]
fn observe_wide(call: Call, args: &[u64], steps: &mut dyn Steps) -> i64 {
    let mut sets: capture::Sets = [[0; _]; 3];
    observe_call(call, Entry::NONE, args, steps, &raw mut sets)
}

/// What calls differ in.
trait Steps {
    fn real(&mut self) -> i64;
    fn after(&mut self, ret: i64) -> (Entry, bool);
}

struct Both<F, G, R> {
    real: F,
    after: G,
    of: PhantomData<R>,
}

impl<R: Raw, F: Fn() -> R, G: FnMut(R) -> (Entry, bool)> Steps for Both<F, G, R> {
    fn real(&mut self) -> i64 {
        (self.real)().raw() as i64
    }

    fn after(&mut self, ret: i64) -> (Entry, bool) {
        (self.after)(R::from_raw(ret))
    }
}

/// One body for all calls but the hottest.
#[inline(never)]
fn observe_call(call: Call, entry: Entry, args: &[u64], steps: &mut dyn Steps, sets: *mut capture::Sets) -> i64 {
    if fault::armed(call, entry) {
        return observe_faulted(call, entry, args, steps, sets);
    }
    let mut frame = Frame::new(call, args, entry);
    frame.before.sets = sets;
    begin(&mut frame);
    let ret = steps.real();
    let end = clock::now();
    frame.end(ret);
    // Tables must be right whatever is shown. after() makes no libc call, so errno is safe.
    let (entry, worth) = steps.after(ret);
    if worth && (frame.thread.is_some() || frame.counted) {
        finish(&frame, entry, ret, end, false, &Told::NOTHING);
    }
    ret
}

/// As [`observe_call`], when fault rules may want something of the call. What they did is recorded whatever is wanted.
#[cold]
#[inline(never)]
fn observe_faulted(call: Call, entry: Entry, args: &[u64], steps: &mut dyn Steps, sets: *mut capture::Sets) -> i64 {
    let mut fired = fault::Fired::new();
    let mut frame = Frame::new(call, args, entry);
    frame.before.sets = sets;
    let start = clock::now();
    begin(&mut frame);
    let ret = fault::run(call, entry, args, &mut || steps.real(), &mut fired);
    let end = clock::now();
    frame.end(ret);
    if fired.resumed != 0 {
        frame.start = fired.resumed;
    }
    // Nothing that the kernel did not write may be looked at.
    let (entry, worth) = if fired.invented { (entry, true) } else { steps.after(ret) };
    if frame.thread.is_none() && !fired.all().is_empty() {
        frame.thread = record::thread();
        frame.start = start.max(fired.resumed);
        (frame.errno, frame.failed) = outcome(call.ret(), ret);
    }
    frame.failed |= fired.invented;
    if (worth || !fired.all().is_empty()) && (frame.thread.is_some() || frame.counted) {
        finish(&frame, entry, ret, end, fired.touched, &fired.told());
    }
    fired.release();
    ret
}

/// A fault is to send a signal in a call under way: tells of the call first, as one that has not returned, since it may
/// never do so. While the signal is on its way the call is in no slot, so that nobody else tells of it.
#[cold]
#[inline(never)]
pub fn tell_and_signal(call: Call, entry: Entry, args: &[u64], fired: &mut fault::Fired, signal: Signal) {
    let thread = record::thread();
    let shown = thread.filter(|t| t.in_call.load(Ordering::Relaxed) != 0);
    let shown = shown.and_then(|t| Some((t, outer(t, state::stack_pointer())?)));
    if let Some((t, _)) = shown {
        t.in_call.store(0, Ordering::Release);
    }
    let now = clock::now();
    let start = shown.as_ref().map_or(now, |(_, o)| o.start);
    let flags = flag::INJECTED | flag::UNFINISHED;
    let frame = Frame { thread, wanted: true, start, failed: true, flags, ..Frame::new(call, args, entry) };
    if thread.is_some() {
        finish(&frame, entry, -1, now, true, &fired.told());
    }
    sys::raise(i32::from(signal.number), signal.process);
    fired.resume(clock::now());
    if let Some((t, o)) = &shown {
        restore(t, o);
    }
}

/// A call under way.
struct Frame<'a> {
    call: Call,
    args: &'a [u64],
    entry: Entry,
    /// None when the call is neither to be recorded nor counted, or when the thread has no slot.
    thread: Option<&'static ThreadSlot>,
    wanted: bool,
    counted: bool,
    before: Before,
    start: u64,
    outer: Option<Outer>,
    errno: u16,
    failed: bool,
    /// The event's flags.
    flags: u16,
}

impl<'a> Frame<'a> {
    #[inline(always)]
    fn new(call: Call, args: &'a [u64], entry: Entry) -> Frame<'a> {
        Frame {
            call,
            args,
            entry,
            thread: None,
            wanted: false,
            counted: false,
            before: Before::NONE,
            start: 0,
            outer: None,
            errno: 0,
            failed: false,
            flags: 0,
        }
    }

    /// The real call has returned.
    #[inline(never)]
    fn end(&mut self, ret: i64) {
        if let Some(t) = self.thread {
            // In the child of a fork the slot is its parent's.
            if core::ptr::eq(t, state::tls().thread.get()) {
                leave(t, &self.outer);
            }
        }
        if self.thread.is_some() || self.counted {
            (self.errno, self.failed) = outcome(self.call.ret(), ret);
        }
    }
}

/// Before the real call: is it wanted, since when, and what do its value-result arguments hold.
#[inline(never)]
fn begin(f: &mut Frame) {
    let Some(h) = header() else { return };
    f.wanted = wanted(h, f.call);
    f.counted = stats::counted(h, f.call);
    if !f.wanted && !f.counted {
        return;
    }
    let Some(thread) = record::thread() else {
        f.start = clock::now();
        return;
    };
    if f.wanted && capture::needs_before(f.call) {
        capture::before(f.call.args(), f.args, &mut f.before);
    }
    f.thread = Some(thread);
    f.start = clock::now();
    enter(thread, f.call, f.start, f.args, f.entry, &mut f.outer);
}

/// Longest payload piece kept.
const MAX_PAYLOAD: usize = 16 * 1024;

/// Filters and records any call with whatever memory its row names.
#[inline(never)]
fn finish(f: &Frame, entry: Entry, ret: i64, end: u64, touched: bool, told: &Told) {
    let Some(h) = header() else { return };
    let Some(thread) = f.thread else { return count(h, f, entry, ret, end) };
    let injected = told.injected;
    let mut head = Head {
        call: f.call as u16,
        errno: f.errno,
        start: f.start,
        end,
        ret,
        conn: entry.serial(),
        flags: f.flags | if injected.is_empty() && !touched { 0 } else { flag::INJECTED },
        ncaps: 0,
    };
    let filtered = h.filtered.load(Ordering::Relaxed);
    let passes = filtered == filtered::NO || cold::env::filter_passes(h, f.call, f.args, &head, entry, thread);
    let mut recorded = f.wanted;
    if passes {
        count(h, f, entry, ret, end);
    } else if filtered == filtered::COUNTED {
        head.flags |= flag::UNCOUNTED;
    } else if f.wanted && injected.is_empty() {
        record::bump(&thread.filtered);
        recorded = false;
    }
    if injected.is_empty() && !recorded {
        return;
    }
    if injected.is_empty() && capture::no_memory(f.call) {
        record::bare(head, f.args);
        return;
    }
    let done = Done {
        call: f.call,
        args: f.args,
        ret,
        errno: f.errno,
        failed: f.failed,
        before: &f.before,
        strlen: (h.strlen.load(Ordering::Relaxed) as usize).min(MAX_PAYLOAD),
        netlink: entry.is_netlink(),
        told,
    };
    with_memory(done, head);
}

/// Counts any call that is to be counted.
#[inline(never)]
fn count(h: &Header, f: &Frame, entry: Entry, ret: i64, end: u64) {
    if !f.counted {
        return;
    }
    if f.call == Call::shutdown && !f.failed {
        cold::stats::shut(entry, f.args.get(1).copied().unwrap_or(0) as i32);
    }
    let m = stats::moved(f.call, f.args, ret, f.failed);
    let span = if stats::timed(h) { Some((f.start, end)) } else { None };
    stats::count(h, f.call, entry, f.args, m, stats::error(f.call.ret(), ret, f.errno, f.failed), span);
}

/// Counts a call without arguments that was recorded otherwise.
pub fn count_plain(call: Call, ret: i64, errno: u16, span: (u64, u64)) {
    let Some(h) = header() else { return };
    if stats::counted(h, call) {
        let span = if stats::timed(h) { Some(span) } else { None };
        let error = stats::error(call.ret(), ret, errno, errno != 0);
        stats::count(h, call, Entry::NONE, &[], stats::Moved::default(), error, span);
    }
}

/// Notes that this process is about to become another program, with what the call was given: afterwards nothing is left to
/// be read.
#[cold]
#[inline(never)]
pub fn note_exec(call: Call, args: &[u64]) {
    let now = clock::now();
    let before = &Before::NONE;
    let done =
        Done { call, args, ret: -1, errno: 0, failed: true, before, strlen: 0, netlink: false, told: &Told::NOTHING };
    let ret = call as i64;
    with_memory(done, Head { call: note::EXEC, errno: 0, start: now, end: now, ret, conn: 0, flags: 0, ncaps: 0 });
    cold::alone::finish(false);
}

/// Records an event with whatever memory the row's meanings name.
fn with_memory(done: Done, head: Head) {
    // SAFETY: Fill writes within the room, and tells what it took of it.
    let recorded = unsafe {
        record::event_guessed(head, done.args, |p, room| {
            let mut c = Fill::guessed(p, room);
            capture::walk(&done, &mut c);
            let flags = if c.cut { flag::CUT } else { 0 };
            if c.over { None } else { Some(Taken { bytes: room - c.room, caps: c.caps as u8, flags }) }
        })
    };
    if recorded {
        return;
    }
    let mut m = Measure::default();
    capture::walk(&done, &mut m);
    let flags = head.flags | if m.cut { flag::CUT } else { 0 };
    let head = Head { flags, ncaps: m.caps as u8, ..head };
    // SAFETY: Fill writes within m.bytes, and finish() fills what is left.
    unsafe {
        record::event(head, done.args, m.bytes, |p| {
            let mut c = Fill::measured(p, &m);
            capture::walk(&done, &mut c);
            c.finish();
        });
    }
}
