//! The order of one call: enter, decide, real, record, leave.
//!
//! Nothing with `Drop` is alive across the real call: pthread_cancel unwinds through here, siglongjmp jumps over it.

use super::capture::{self, Before, Done, Fill, Measure};
use super::fds::{self, Entry};
pub use super::raw::{Raw, Width};
use super::record::{self, Head};
use super::{clock, state, stats};
use crate::{cold, fault, sys};
use core::marker::PhantomData;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU64, Ordering};
use socklens_calls::{Body, Call, Kind, Ret, Spec};
use socklens_inside::engine::Signal;
pub use socklens_inside::errno::{errno, set_errno};
use socklens_wire::event::{CAP_HEAD, Part, flag, note};
use socklens_wire::fault::Injected;
use socklens_wire::layout::filtered;
use socklens_wire::stats::mode;
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
///
/// The hook of a call of [`is_hot`] only looks and jumps: whatever it jumps to gets the arguments in registers, so it
/// needs no frame itself.
#[inline(always)]
pub fn plain<const OP: u16, const N: usize, R: Raw>(args: [u64; N]) -> R {
    const { assert!(N <= socklens_calls::MAX_ARGS) };
    if const { !is_hot(OP) } {
        return R::from_raw(plain_row(OP, R::WIDTH, &args));
    }
    let word = |i: usize| args.get(i).copied().unwrap_or(0);
    let (a, b, c, d) = (word(0), word(1), word(2), word(3));
    R::from_raw(hot_row::<OP, N>(a, b, c, d))
}

#[inline(always)]
fn hot_row<const OP: u16, const N: usize>(a: u64, b: u64, c: u64, d: u64) -> i64 {
    let Some(real) = hot_real::<OP, N>() else { return by_row::<OP, N>(a, b, c, d) };
    let mode = state::mode();
    if mode != state::mode::ON {
        return if mode == state::mode::SILENT { real(a, b, c, d) } else { by_row::<OP, N>(a, b, c, d) };
    }
    let entry = fds::get(a as i32);
    if entry.conn().is_none() {
        // A call that is for sockets alone is shown whatever its descriptor is.
        let net = const { matches!(spec_of(OP).body, Body::Net) };
        return if net { by_row::<OP, N>(a, b, c, d) } else { real(a, b, c, d) };
    }
    let Some(h) = header() else { return real(a, b, c, d) };
    if state::has_rules() {
        return ruled::<OP, N>(a, b, c, d, entry, real);
    }
    unruled::<OP, N>(h, a, b, c, d, entry, real)
}

/// A hot call that no rule is about. What it jumps to gets the arguments in the registers they came in.
#[inline(always)]
fn unruled<const OP: u16, const N: usize>(
    h: &Header,
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    entry: Entry,
    real: HotFn,
) -> i64 {
    let Some(call) = Call::from_opcode(OP) else { return -1 };
    let counted = stats::counted(h, call);
    if wanted(h, call) || counted && (stats::timed(h) || h.filtered.load(Ordering::Relaxed) != 0) {
        return observe_hot::<OP, N>(a, b, c, d, entry, real);
    }
    if counted { count_only::<OP>(a, b, c, d, entry, real) } else { real(a, b, c, d) }
}

/// A hot call that is not as usual, by the way of all others.
#[cold]
#[inline(never)]
fn by_row<const OP: u16, const N: usize>(a: u64, b: u64, c: u64, d: u64) -> i64 {
    let all = [a, b, c, d];
    plain_row(OP, Width::Whole, all.get(..N).unwrap_or(&all))
}

/// A function of at most four words.
type HotFn = extern "C" fn(u64, u64, u64, u64) -> i64;

/// The real function of a hot row, if it was looked up before.
#[inline(always)]
fn hot_real<const OP: u16, const N: usize>() -> Option<HotFn> {
    const { assert!(!is_hot(OP) || N <= 4 && matches!(spec_of(OP).ret, Ret::Bytes)) };
    let p = Call::from_opcode(OP).and_then(super::real::known)?;
    // SAFETY: the row's real function, which takes N words and returns one; what is beyond N it does not look at.
    Some(unsafe { core::mem::transmute::<usize, HotFn>(p) })
}

/// A hot call where there are rules.
#[inline(never)]
fn ruled<const OP: u16, const N: usize>(a: u64, b: u64, c: u64, d: u64, entry: Entry, real: HotFn) -> i64 {
    match (Call::from_opcode(OP), header()) {
        (Some(call), Some(h)) if fault::ruled_out(call, entry) => unruled::<OP, N>(h, a, b, c, d, entry, real),
        _ => by_row::<OP, N>(a, b, c, d),
    }
}

/// A hot call that is counted without a look at the clock. Only what counting needs is kept across it.
#[inline(never)]
fn count_only<const OP: u16>(a: u64, b: u64, c: u64, d: u64, entry: Entry, real: HotFn) -> i64 {
    let ret = real(a, b, c, d);
    count_hot::<OP>(entry, asked::<OP>(c, d), ret, None)
}

/// The size and the flags of a hot call, whose third and fourth argument they are.
#[inline(always)]
fn asked<const OP: u16>(c: u64, d: u64) -> (u64, u64) {
    const { assert!(!is_hot(OP) || size_argument(OP) == 2) };
    (c, if const { flags_argument(OP) == 3 } { d } else { 0 })
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
        finish(&frame, entry, ret, end, false, &[]);
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
        finish(&frame, entry, ret, end, fired.touched, fired.all());
    }
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
    if let (Some(_), Some(h)) = (thread, header()) {
        let now = clock::now();
        let start = shown.as_ref().map_or(now, |(_, o)| o.start);
        let strlen = (h.strlen.load(Ordering::Relaxed) as usize).min(MAX_PAYLOAD);
        let (before, injected) = (&Before::NONE, fired.all());
        let done = Done { call, args, ret: -1, errno: 0, failed: true, before, strlen, injected };
        let flags = flag::INJECTED | flag::UNFINISHED;
        let conn = entry.serial();
        with_memory(done, Head { call: call as u16, errno: 0, start, end: now, ret: -1, conn, flags, ncaps: 0 });
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
        }
    }

    /// The real call has returned.
    #[inline(never)]
    fn end(&mut self, ret: i64) {
        if let Some(t) = self.thread {
            // In the child of a fork the slot is its parent's.
            if core::ptr::eq(t, state::tls().thread.get()) {
                leave(t, self.outer);
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
    let thread = record::thread();
    f.start = clock::now();
    let Some(thread) = thread else { return };
    let kinds = f.call.args();
    if f.wanted && capture::needs_before(kinds) {
        capture::before(kinds, f.args, &mut f.before);
    }
    f.thread = Some(thread);
    f.start = clock::now();
    f.outer = enter(thread, f.call, f.start, f.args, f.entry);
}

/// As [`observe_call`] for the calls of [`is_hot`]: the same order, one copy for each.
#[inline(never)]
fn observe_hot<const OP: u16, const N: usize>(a: u64, b: u64, c: u64, d: u64, entry: Entry, real: HotFn) -> i64 {
    let (Some(h), Some(call)) = (header(), Call::from_opcode(OP)) else { return real(a, b, c, d) };
    let all = [a, b, c, d];
    let Some(&args) = all.first_chunk::<N>() else { return -1 };
    // Without statistics, one line of the header less.
    let counted = h.stats.load(Ordering::Relaxed) != mode::OFF && stats::counted(h, call);
    let wanted = wanted(h, call);
    // A thread's first call takes its slot on the way of all others.
    let Some(thread) = record::attached() else { return by_row::<OP, N>(a, b, c, d) };
    let start = clock::now();
    let outer = enter(thread, call, start, &args, entry);
    let ret = real(a, b, c, d);
    let end = clock::now();
    leave(thread, outer);
    let (errno, failed) = outcome(const { spec_of(OP) }.ret, ret);
    let conn = entry.serial();
    let head = Head { call: OP, errno, start, end, ret, conn, flags: 0, ncaps: 0 };
    if h.filtered.load(Ordering::Relaxed) == 0 {
        if counted {
            let timed = if stats::timed(h) { Some((h, start, end)) } else { None };
            count_hot::<OP>(entry, asked::<OP>(c, d), ret, timed);
        }
        if !wanted || hot_event::<OP, N>(h, thread, head, &args, failed) {
            return ret;
        }
        finish_hot(call, &args, entry, thread, (start, end), (ret, errno, failed), (wanted, false));
        return ret;
    }
    finish_hot(call, &args, entry, thread, (start, end), (ret, errno, failed), (wanted, counted));
    ret
}

/// Counts a call of the hot kind, and hands its result through, which keeps it in its register.
#[inline(always)]
fn count_hot<const OP: u16>(entry: Entry, asked: (u64, u64), ret: i64, timed: Option<(&Header, u64, u64)>) -> i64 {
    if stats::usual::<OP>(entry, asked.0 as usize, asked.1 as i32, ret, timed) {
        return ret;
    }
    match timed {
        Some((_, start, end)) => count_unusual(entry, asked.0, asked.1, ret, start, end, OP),
        None => count_unusual(entry, asked.0, asked.1, ret, 0, 0, OP),
    }
}

/// As [`count_hot`], for whatever is not the usual case. No call begins at 0 on the raw clock: then it was not read.
#[cold]
#[inline(never)]
fn count_unusual(entry: Entry, size: u64, flags: u64, ret: i64, start: u64, end: u64, op: u16) -> i64 {
    if let (Some(h), Some(call)) = (header(), Call::from_opcode(op)) {
        let (errno, failed) = outcome(call.ret(), ret);
        // Neither descriptor nor buffer says what such a call moved.
        let args = [0, 0, size, flags];
        let m = stats::moved(call, &args, ret, failed);
        let span = if start == 0 { None } else { Some((start, end)) };
        stats::count(h, call, entry, &args, m, stats::error(call.ret(), ret, errno, failed), span);
    }
    ret
}

/// Gets all but the arguments by value, so that it can be in registers elsewhere.
#[cold]
#[inline(never)]
fn finish_hot(
    call: Call,
    args: &[u64],
    entry: Entry,
    thread: &'static ThreadSlot,
    (start, end): (u64, u64),
    (ret, errno, failed): (i64, u16, bool),
    (wanted, counted): (bool, bool),
) {
    let thread = Some(thread);
    let frame = Frame { thread, wanted, counted, start, errno, failed, ..Frame::new(call, args, entry) };
    finish(&frame, entry, ret, end, false, &[]);
}

/// The calls that programs make millions of: these are recorded without leaving the hook.
const fn is_hot(op: u16) -> bool {
    op == Call::send as u16 || op == Call::recv as u16 || op == Call::read as u16 || op == Call::write as u16
}

/// Records a call whose only memory is one buffer that the kernel has just moved bytes of; false if it is not so simple.
#[inline(always)]
fn hot_event<const OP: u16, const N: usize>(
    h: &Header,
    thread: &'static ThreadSlot,
    head: Head,
    args: &[u64; N],
    failed: bool,
) -> bool {
    let Some((buf, reads)) = (const { capture::only_buffer(spec_of(OP)) }) else { return false };
    let moved = if failed { 0 } else { head.ret as usize };
    let asked = args.get(const { size_argument(OP) }).copied().unwrap_or(0) as usize;
    let full = if reads { asked } else { moved.min(asked) };
    let want = full.min(h.strlen.load(Ordering::Relaxed) as usize).min(MAX_PAYLOAD);
    if want == 0 {
        // SAFETY: nothing extra is written.
        unsafe { record::event_of(thread, head, args, 0, |_| {}) };
        return true;
    }
    if want > moved || (!reads && capture::counts_unwritten(const { flags_argument(OP) }, args)) {
        return false;
    }
    let from = args.get(buf).copied().unwrap_or(0);
    let pad = (want + 7) & !7;
    // A CapHead in two words.
    let cap = [buf as u64 | (Part::Data as u64) << 8, want as u64 | (full as u64) << 32];
    // SAFETY: the kernel has just moved `moved` >= `want` bytes of this buffer; CAP_HEAD + pad bytes are reserved.
    unsafe {
        record::event_of(thread, Head { ncaps: 1, ..head }, args, CAP_HEAD + pad, |p| {
            p.cast::<[u64; 2]>().write(cap);
            p.add(CAP_HEAD + pad - 8).cast::<u64>().write(0);
            capture::copy_small(from as *const u8, p.add(CAP_HEAD), want);
        });
    }
    true
}

/// Which argument is the size of the buffer.
const fn size_argument(op: u16) -> usize {
    let args = spec_of(op).args;
    let mut i = 0;
    while i < args.len() {
        if let Kind::BufIn(n) | Kind::BufOut(n) = args[i].kind {
            return n as usize;
        }
        i += 1;
    }
    usize::MAX
}

/// Which argument has the MSG_ flags.
const fn flags_argument(op: u16) -> usize {
    let args = spec_of(op).args;
    let mut i = 0;
    while i < args.len() && !matches!(args[i].kind, Kind::MsgFlags) {
        i += 1;
    }
    i
}

/// Longest payload piece kept.
const MAX_PAYLOAD: usize = 16 * 1024;

/// Filters and records any call with whatever memory its row names.
#[inline(never)]
fn finish(f: &Frame, entry: Entry, ret: i64, end: u64, touched: bool, injected: &[Injected]) {
    let Some(h) = header() else { return };
    let Some(thread) = f.thread else { return count(h, f, entry, ret, end) };
    let mut head = Head {
        call: f.call as u16,
        errno: f.errno,
        start: f.start,
        end,
        ret,
        conn: entry.serial(),
        flags: if injected.is_empty() && !touched { 0 } else { flag::INJECTED },
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
    if injected.is_empty() && capture::no_memory(f.call.args(), f.call.ret()) {
        // SAFETY: nothing extra is written.
        unsafe { record::event(head, f.args, 0, |_| {}) };
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
        injected,
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
    let done = Done { call, args, ret: -1, errno: 0, failed: true, before, strlen: 0, injected: &[] };
    let ret = call as i64;
    with_memory(done, Head { call: note::EXEC, errno: 0, start: now, end: now, ret, conn: 0, flags: 0, ncaps: 0 });
    cold::alone::finish(false);
}

/// Records an event with whatever memory the row's meanings name.
fn with_memory(done: Done, head: Head) {
    let mut m = Measure::default();
    capture::walk(&done, &mut m);
    let flags = head.flags | if m.cut { flag::CUT } else { 0 };
    let head = Head { flags, ncaps: m.caps as u8, ..head };
    // SAFETY: Fill writes within m.bytes, and finish() fills what is left.
    unsafe {
        record::event(head, done.args, m.bytes, |p| {
            let mut c = Fill { to: p, room: m.bytes, caps: m.caps };
            capture::walk(&done, &mut c);
            c.finish();
        });
    }
}

/// The call a thread was in when another began on top of it (a signal handler's).
#[derive(Clone, Copy)]
struct Outer {
    call: u32,
    conn: u32,
    start: u64,
    args: [u64; 6],
    sp: u64,
}

/// Shows the call in the thread's slot while it runs. Returns what stood there if this one is nested.
#[inline(always)]
fn enter(t: &ThreadSlot, call: Call, start: u64, args: &[u64], entry: Entry) -> Option<Outer> {
    let sp = state::stack_pointer();
    let outer = if t.in_call.load(Ordering::Relaxed) == 0 { None } else { outer(t, sp) };
    t.in_call.store(0, Ordering::Relaxed);
    t.in_conn.store(entry.conn().map_or(0, |i| i + 1), Ordering::Relaxed);
    t.in_start.store(start, Ordering::Relaxed);
    t.in_sp.store(sp, Ordering::Relaxed);
    // No loop: where the number of arguments is known, nothing of this is left but the stores.
    let [a, b, c, d, e, f] = &t.in_args;
    let put = |i: usize, to: &AtomicU64| {
        if let Some(&v) = args.get(i) {
            to.store(v, Ordering::Relaxed);
        }
    };
    put(0, a);
    put(1, b);
    put(2, c);
    put(3, d);
    put(4, e);
    put(5, f);
    t.in_call.store(u32::from(call as u16) + 1, Ordering::Release);
    outer
}

/// An outer call that still runs lies higher on the stack; one that was jumped out of does not.
#[cold]
#[inline(never)]
fn outer(t: &ThreadSlot, sp: u64) -> Option<Outer> {
    let outer_sp = t.in_sp.load(Ordering::Relaxed);
    if sp >= outer_sp {
        return None;
    }
    let mut args = [0; 6];
    for (to, a) in args.iter_mut().zip(&t.in_args) {
        *to = a.load(Ordering::Relaxed);
    }
    Some(Outer {
        call: t.in_call.load(Ordering::Relaxed),
        conn: t.in_conn.load(Ordering::Relaxed),
        start: t.in_start.load(Ordering::Relaxed),
        args,
        sp: outer_sp,
    })
}

#[inline(always)]
fn leave(t: &ThreadSlot, outer: Option<Outer>) {
    t.in_call.store(0, Ordering::Release);
    if let Some(o) = outer {
        restore(t, &o);
    }
}

#[cold]
#[inline(never)]
fn restore(t: &ThreadSlot, o: &Outer) {
    t.in_conn.store(o.conn, Ordering::Relaxed);
    t.in_start.store(o.start, Ordering::Relaxed);
    t.in_sp.store(o.sp, Ordering::Relaxed);
    for (to, &a) in t.in_args.iter().zip(&o.args) {
        to.store(a, Ordering::Relaxed);
    }
    t.in_call.store(o.call, Ordering::Release);
}
