//! The short way of the calls that programs make millions of: send, recv, read, write.
//!
//! Their hooks only look and jump, with the arguments in the registers they came in. Whatever is not as usual goes the way of all
//! others.

use super::slot::{enter, leave};
use super::{Frame, MAX_PAYLOAD, finish, header, outcome, plain_row, spec_of, wanted};
use crate::fault;
use crate::hot::capture;
use crate::hot::fds::{self, Entry};
use crate::hot::raw::Width;
use crate::hot::record::{self, Head};
use crate::hot::{clock, real, state, stats};
use core::sync::atomic::Ordering;
use socklens_calls::{Body, Call, Kind, Ret};
use socklens_inside::engine::Told;
use socklens_wire::event::{CAP_HEAD, Part};
use socklens_wire::stats::mode;
use socklens_wire::{Header, ThreadSlot};

#[inline(always)]
pub(super) fn hot_row<const OP: u16, const N: usize>(a: u64, b: u64, c: u64, d: u64) -> i64 {
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
    let p = Call::from_opcode(OP).and_then(real::known)?;
    // SAFETY: the row's real function, which takes N words and returns one; what is beyond N it does not look at.
    Some(unsafe { core::mem::transmute::<usize, HotFn>(p) })
}

/// A hot call where there are rules.
#[inline(never)]
fn ruled<const OP: u16, const N: usize>(a: u64, b: u64, c: u64, d: u64, entry: Entry, real: HotFn) -> i64 {
    let (Some(call), Some(h)) = (Call::from_opcode(OP), header()) else { return real(a, b, c, d) };
    if !fault::ruled_out(call, entry) {
        return by_row::<OP, N>(a, b, c, d);
    }
    // What is only counted takes the longer way here.
    if wanted(h, call) || stats::counted(h, call) {
        return observe_hot::<OP, N>(a, b, c, d, entry, real);
    }
    real(a, b, c, d)
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
        if !wanted || hot_event::<OP, N>(h, thread, head, entry, &args, failed) {
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
    finish(&frame, entry, ret, end, false, &Told::NOTHING);
}

/// The calls that programs make millions of: these are recorded without leaving the hook.
pub(super) const fn is_hot(op: u16) -> bool {
    op == Call::send as u16 || op == Call::recv as u16 || op == Call::read as u16 || op == Call::write as u16
}

/// Records a call whose only memory is one buffer that the kernel has just moved bytes of; false if it is not so simple.
#[inline(always)]
fn hot_event<const OP: u16, const N: usize>(
    h: &Header,
    thread: &'static ThreadSlot,
    head: Head,
    entry: Entry,
    args: &[u64; N],
    failed: bool,
) -> bool {
    let Some((buf, reads)) = (const { capture::only_buffer(spec_of(OP)) }) else { return false };
    let moved = if failed { 0 } else { head.ret as usize };
    let asked = args.get(const { size_argument(OP) }).copied().unwrap_or(0) as usize;
    let full = if reads { asked } else { moved.min(asked) };
    let strlen = h.strlen.load(Ordering::Relaxed) as usize;
    // Netlink messages are shown one by one, whatever is shown of other payloads.
    if full > strlen && entry.is_netlink() {
        return false;
    }
    let want = full.min(strlen).min(MAX_PAYLOAD);
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
