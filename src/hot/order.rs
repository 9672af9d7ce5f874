//! The order of one call: enter, decide, real, record, leave.
//!
//! Nothing with `Drop` is alive across the real call: pthread_cancel unwinds through here, siglongjmp jumps over it.

use super::capture::{self, Before, Done, Fill, Measure};
use super::fds::{self, Entry};
use super::record::{self, Head};
use super::{clock, state};
use crate::{cold, fault};
use core::sync::atomic::Ordering;
use socklens_calls::{Body, Call, Ret, Spec};
use socklens_wire::event::{CAP_HEAD, Part, flag};
use socklens_wire::fault::Injected;
use socklens_wire::{Header, ThreadSlot};

/// A C value as an argument or result register holds it.
pub trait Raw: core::marker::Copy {
    fn raw(self) -> u64;
    /// The value back from a result register.
    fn from_raw(v: i64) -> Self;
    /// What a function that this libc does not have returns: its failure value.
    fn missing() -> Self;
}

macro_rules! raw_signed { ($($t:ty),*) => { $(impl Raw for $t {
    #[inline(always)]
    fn raw(self) -> u64 { self as i64 as u64 }
    #[inline(always)]
    fn from_raw(v: i64) -> Self { v as $t }
    fn missing() -> Self { -1 }
})* } }
macro_rules! raw_unsigned { ($($t:ty),*) => { $(impl Raw for $t {
    #[inline(always)]
    fn raw(self) -> u64 { self as u64 }
    #[inline(always)]
    fn from_raw(v: i64) -> Self { v as $t }
    fn missing() -> Self { 0 }
})* } }
raw_signed!(i32, i64, isize);
raw_unsigned!(u16, u32, u64, usize);

impl<T> Raw for *const T {
    #[inline(always)]
    fn raw(self) -> u64 {
        self as u64
    }
    #[inline(always)]
    fn from_raw(v: i64) -> Self {
        v as usize as *const T
    }
    fn missing() -> Self {
        core::ptr::null()
    }
}

impl<T> Raw for *mut T {
    #[inline(always)]
    fn raw(self) -> u64 {
        self as u64
    }
    #[inline(always)]
    fn from_raw(v: i64) -> Self {
        v as usize as *mut T
    }
    fn missing() -> Self {
        core::ptr::null_mut()
    }
}

impl Raw for libc::in_addr {
    #[inline(always)]
    fn raw(self) -> u64 {
        u64::from(self.s_addr)
    }
    fn from_raw(v: i64) -> Self {
        libc::in_addr { s_addr: v as u32 }
    }
    fn missing() -> Self {
        libc::in_addr { s_addr: 0 }
    }
}

impl Raw for () {
    #[inline(always)]
    fn raw(self) -> u64 {
        0
    }
    fn from_raw(_: i64) -> Self {}
    fn missing() -> Self {}
}

/// errno's value. The only libc function besides the real one: it computes an address.
#[inline]
pub fn errno() -> i32 {
    // SAFETY: __errno_location always returns this thread's errno.
    unsafe { *libc::__errno_location() }
}

/// For what fails in our own wrappers as it would in libc's.
pub fn set_errno(e: i32) {
    // SAFETY: as in errno.
    unsafe { *libc::__errno_location() = e };
}

/// The result of a call that would make a descriptor while a fault says that none is free.
#[cold]
pub fn no_descriptor<R: Raw>() -> R {
    set_errno(libc::EMFILE);
    R::missing()
}

/// The result of a call this libc does not have.
#[cold]
pub fn missing<R: Raw>() -> R {
    set_errno(libc::ENOSYS);
    R::missing()
}

/// Whether the shim records in this process. The first call of a process attaches it.
#[inline(always)]
pub fn on() -> bool {
    match state::mode() {
        state::mode::ON => true,
        state::mode::SILENT => false,
        _ => cold::attach::attach(),
    }
}

#[inline(always)]
fn header() -> Option<&'static Header> {
    state::segment().map(|s| s.header())
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

/// A body of the row's kind: the common case of exports.rs. `real` calls the real function with the caller's arguments.
#[inline(always)]
pub fn plain<const OP: u16, const N: usize, R: Raw>(args: [u64; N], real: impl Fn() -> R) -> R {
    const { assert!(N <= socklens_calls::MAX_ARGS) };
    if const { is_hot(OP) } {
        if !on() {
            return real();
        }
        return match subject(const { spec_of(OP) }.body, &args) {
            Some(entry) => observe_hot::<OP, N, R>(entry, args, real),
            None => real(),
        };
    }
    R::from_raw(plain_call(OP, &args, &mut || real().raw() as i64))
}

#[inline(never)]
fn plain_call(op: u16, args: &[u64], real: &mut dyn FnMut() -> i64) -> i64 {
    if !on() {
        return real();
    }
    let Some(call) = Call::from_opcode(op) else { return real() };
    match subject(call.body(), args) {
        Some(entry) => observe_call(call, entry, args, real, &mut |_| (entry, true)),
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
    mut after: impl FnMut(R) -> (Entry, bool),
) -> R {
    let ret = observe_call(call, entry, args, &mut || real().raw() as i64, &mut |r| after(R::from_raw(r)));
    R::from_raw(ret)
}

/// One body for all calls but the hottest: they differ in what `real` and `after` do.
#[inline(never)]
fn observe_call(
    call: Call,
    entry: Entry,
    args: &[u64],
    real: &mut dyn FnMut() -> i64,
    after: &mut dyn FnMut(i64) -> (Entry, bool),
) -> i64 {
    if fault::armed(call, entry) {
        return observe_faulted(call, entry, args, real, after);
    }
    let mut frame = Frame::new(call, args, entry);
    begin(&mut frame);
    let ret = real();
    let end = clock::now();
    frame.end(ret);
    // Tables must be right whatever is shown. after() makes no libc call, so errno is safe.
    let (entry, worth) = after(ret);
    if worth && frame.thread.is_some() {
        finish(&frame, entry, ret, end, false, &[]);
    }
    ret
}

/// As [`observe_call`], when fault rules may want something of the call. What they did is recorded whatever is wanted.
#[cold]
#[inline(never)]
fn observe_faulted(
    call: Call,
    entry: Entry,
    args: &[u64],
    real: &mut dyn FnMut() -> i64,
    after: &mut dyn FnMut(i64) -> (Entry, bool),
) -> i64 {
    let mut fired = fault::Fired::new();
    let mut frame = Frame::new(call, args, entry);
    let start = clock::now();
    begin(&mut frame);
    let ret = fault::run(call, entry, args, real, &mut fired);
    let end = clock::now();
    frame.end(ret);
    // Nothing that the kernel did not write may be looked at.
    let (entry, worth) = if fired.invented { (entry, true) } else { after(ret) };
    if frame.thread.is_none() && !fired.all().is_empty() {
        frame.thread = record::thread();
        frame.start = start;
        (frame.errno, frame.failed) = outcome(call.ret(), ret);
    }
    frame.failed |= fired.invented;
    if (worth || !fired.all().is_empty()) && frame.thread.is_some() {
        finish(&frame, entry, ret, end, fired.touched, fired.all());
    }
    ret
}

/// A call under way.
struct Frame<'a> {
    call: Call,
    args: &'a [u64],
    entry: Entry,
    /// None when the call is not to be recorded.
    thread: Option<&'static ThreadSlot>,
    before: Before,
    start: u64,
    outer: Option<Outer>,
    errno: u16,
    failed: bool,
}

impl<'a> Frame<'a> {
    #[inline(always)]
    fn new(call: Call, args: &'a [u64], entry: Entry) -> Frame<'a> {
        Frame { call, args, entry, thread: None, before: Before::NONE, start: 0, outer: None, errno: 0, failed: false }
    }

    /// The real call has returned.
    #[inline(never)]
    fn end(&mut self, ret: i64) {
        if let Some(t) = self.thread {
            // In the child of a fork the slot is its parent's.
            if core::ptr::eq(t, state::tls().thread.get()) {
                leave(t, self.outer);
            }
            (self.errno, self.failed) = outcome(self.call.ret(), ret);
        }
    }
}

/// Before the real call: is it wanted, since when, and what do its value-result arguments hold.
#[inline(never)]
fn begin(f: &mut Frame) {
    let Some(h) = header() else { return };
    if !wanted(h, f.call) {
        return;
    }
    let Some(thread) = record::thread() else { return };
    let kinds = f.call.args();
    if capture::needs_before(kinds) {
        f.before = capture::before(kinds, f.args);
    }
    f.thread = Some(thread);
    f.start = clock::now();
    f.outer = enter(thread, f.call, f.start, f.args, f.entry);
}

/// As [`observe_call`] for the calls of [`is_hot`]: the same order, inline.
#[inline(always)]
fn observe_hot<const OP: u16, const N: usize, R: Raw>(entry: Entry, args: [u64; N], real: impl Fn() -> R) -> R {
    let (Some(h), Some(call)) = (header(), Call::from_opcode(OP)) else { return real() };
    if fault::armed(call, entry) {
        return R::from_raw(plain_call(OP, &args, &mut || real().raw() as i64));
    }
    if !wanted(h, call) {
        return real();
    }
    let Some(thread) = record::thread() else { return real() };
    let start = clock::now();
    let outer = enter(thread, call, start, &args, entry);
    let r = real();
    let end = clock::now();
    leave(thread, outer);
    let ret = r.raw() as i64;
    let (errno, failed) = outcome(const { spec_of(OP) }.ret, ret);
    let conn = entry.serial();
    let head = Head { call: OP, errno, start, end, ret, conn, flags: 0, ncaps: 0 };
    if h.filtered.load(Ordering::Relaxed) == 0 && hot_event(h, thread, const { spec_of(OP) }, head, &args, failed) {
        return r;
    }
    finish_hot(call, args, entry, thread, (start, end), (ret, errno, failed));
    r
}

/// Gets everything by value, so that it can be in registers elsewhere.
#[cold]
#[inline(never)]
fn finish_hot<const N: usize>(
    call: Call,
    args: [u64; N],
    entry: Entry,
    thread: &'static ThreadSlot,
    (start, end): (u64, u64),
    (ret, errno, failed): (i64, u16, bool),
) {
    let thread = Some(thread);
    let frame = Frame { call, args: &args, entry, thread, before: Before::NONE, start, outer: None, errno, failed };
    finish(&frame, entry, ret, end, false, &[]);
}

/// The calls that programs make millions of: these are recorded without leaving the hook.
const fn is_hot(op: u16) -> bool {
    op == Call::send as u16 || op == Call::recv as u16 || op == Call::read as u16 || op == Call::write as u16
}

/// Records a call whose only memory is one buffer that the kernel has just moved bytes of; false if it is not so simple.
#[inline(always)]
fn hot_event<const N: usize>(
    h: &Header,
    thread: &'static ThreadSlot,
    spec: &Spec,
    head: Head,
    args: &[u64; N],
    failed: bool,
) -> bool {
    let Some((buf, reads)) = capture::only_buffer(spec) else { return false };
    let moved = if failed { 0 } else { head.ret as usize };
    let asked = size_of_buffer(spec, buf, args);
    let full = if reads { asked } else { moved.min(asked) };
    let want = full.min(h.strlen as usize).min(MAX_PAYLOAD);
    if want == 0 {
        // SAFETY: nothing extra is written.
        unsafe { record::event_of(thread, head, args, 0, |_| {}) };
        return true;
    }
    if want > moved || (!reads && capture::counts_unwritten(spec.args, args)) {
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

#[inline(always)]
fn size_of_buffer<const N: usize>(spec: &Spec, buf: usize, args: &[u64; N]) -> usize {
    use socklens_calls::Kind::{BufIn, BufOut};
    match spec.args.get(buf).map(|a| a.kind) {
        Some(BufIn(n) | BufOut(n)) => args.get(n as usize).copied().unwrap_or(0) as usize,
        _ => 0,
    }
}

/// Longest payload piece kept.
const MAX_PAYLOAD: usize = 16 * 1024;

/// Filters and records any call with whatever memory its row names.
#[inline(never)]
fn finish(f: &Frame, entry: Entry, ret: i64, end: u64, touched: bool, injected: &[Injected]) {
    let (Some(h), Some(thread)) = (header(), f.thread) else { return };
    let head = Head {
        call: f.call as u16,
        errno: f.errno,
        start: f.start,
        end,
        ret,
        conn: entry.serial(),
        flags: if injected.is_empty() && !touched { 0 } else { flag::INJECTED },
        ncaps: 0,
    };
    if injected.is_empty()
        && h.filtered.load(Ordering::Relaxed) != 0
        && !cold::env::filter_passes(h, f.call, f.args, &head, entry, thread)
    {
        record::bump(&thread.filtered);
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
        strlen: (h.strlen as usize).min(MAX_PAYLOAD),
        injected,
    };
    with_memory(done, head);
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
    for (to, &a) in t.in_args.iter().zip(args) {
        to.store(a, Ordering::Relaxed);
    }
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
