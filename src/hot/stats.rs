//! Counting: what a finished call adds to its thread's counters and to its connection's.
//!
//! Every addition is one instruction, so that a signal handler which makes calls itself loses none; nothing is locked
//! but what several threads share: the totals of a connection that is not this thread's own, and the spill.

use super::fds::Entry;
use super::state::{self, Tls};
use crate::cold;
use core::arch::asm;
use core::mem::offset_of;
use core::sync::atomic::{AtomicU64, Ordering};
use socklens_calls::{Arg, CALLS, Call, Kind, Ret, class};
use socklens_wire::stats::{self, AreaHead, ConnCounts, ConnTotals, Counters, Octave, Row, ends, mode};
use socklens_wire::{ConnSlot, Header};

const _: () = assert!(CALLS.len() <= stats::MAX_CALLS);

/// Adds to a counter that only this thread writes.
#[inline(always)]
pub fn add(counter: &AtomicU64, n: u64) {
    // SAFETY: one instruction on a word that is ours alone: nothing can come in between on this processor.
    unsafe { asm!("add qword ptr [{c}], {n}", c = in(reg) counter.as_ptr(), n = in(reg) n, options(nostack)) };
}

/// As [`add`] to the counter at `OFFSET` in `of`: its address takes no register.
#[inline(always)]
fn add_at<const OFFSET: usize, T>(of: &T, n: u64) {
    const { assert!(OFFSET < size_of::<T>()) };
    // SAFETY: as in add; the counter lies in `of`, whose counters are all atomics.
    unsafe {
        asm!("add qword ptr [{c} + {o}], {n}", c = in(reg) core::ptr::from_ref(of), o = const OFFSET, n = in(reg) n,
            options(nostack));
    }
}

/// As [`add_at`] with 1.
#[inline(always)]
fn inc_at<const OFFSET: usize, T>(of: &T) {
    const { assert!(OFFSET < size_of::<T>()) };
    // SAFETY: as in add_at.
    unsafe {
        asm!("add qword ptr [{c} + {o}], 1", c = in(reg) core::ptr::from_ref(of), o = const OFFSET, options(nostack));
    }
}

#[inline(always)]
fn inc(counter: &AtomicU64) {
    // SAFETY: as in add.
    unsafe { asm!("add qword ptr [{c}], 1", c = in(reg) counter.as_ptr(), options(nostack)) };
}

/// Replaces `old` by `new` in a word that only this thread writes; false when a signal handler was quicker.
#[inline(always)]
pub fn replace(word: &AtomicU64, old: u64, new: u64) -> bool {
    let seen: u64;
    // SAFETY: as in add.
    unsafe {
        asm!("cmpxchg qword ptr [{w}], {n}", w = in(reg) word.as_ptr(), n = in(reg) new,
            inout("rax") old => seen, options(nostack));
    }
    seen == old
}

/// What a call moved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moved {
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub peeked: u64,
    pub short: bool,
    /// A receive that asked for something and got nothing.
    pub eof: bool,
}

/// Start and end of a call on the raw clock; None where the clock is not read.
pub type Span = Option<(u64, u64)>;

/// Whether a call is to be counted.
#[inline(always)]
pub fn counted(h: &Header, call: Call) -> bool {
    let n = call as usize;
    h.counted.get(n / 64).is_some_and(|w| w.load(Ordering::Relaxed) >> (n % 64) & 1 != 0)
}

/// Whether durations are counted.
#[inline(always)]
pub fn timed(h: &Header) -> bool {
    h.stats.load(Ordering::Relaxed) == mode::FULL
}

/// The thread's row of a call, once there is one.
#[inline(always)]
pub fn row(tls: &Tls, op: u16) -> Option<&'static Row> {
    // SAFETY: the area is this thread's and stays mapped; only a thread with a slot has one.
    let head: &AreaHead = unsafe { tls.stats.get().as_ref() }?;
    unit(head.rows.get(op as usize)?.load(Ordering::Relaxed))
}

/// As [`row`], for one of the hottest.
#[inline(always)]
fn known_row<const OP: u16>(tls: &Tls) -> Option<&'static Row> {
    let i = const { super::order::place(OP) }?;
    // SAFETY: null, or a row of the thread's area, which stays mapped.
    unsafe { tls.rows.get(i)?.get().as_ref() }
}

/// The unit with this number + 1; None for 0.
#[inline(always)]
fn unit<T>(n: u32) -> Option<&'static T> {
    if n == 0 {
        return None;
    }
    let units = state::units();
    // SAFETY: unit numbers in an area were put there by this thread, for units of its own pages, when there was a segment.
    unsafe {
        core::hint::assert_unchecked(!units.is_null());
        Some(&*units.add((n - 1) as usize * stats::UNIT).cast::<T>())
    }
}

/// Counts the usual case of a hot call whose only memory is one buffer: it moved some bytes, the thread has counted such
/// a call before, and the connection is this thread's own. False, and nothing counted, when it is not so simple.
#[inline(always)]
pub fn usual<const OP: u16>(
    tls: &Tls,
    entry: Entry,
    asked: usize,
    flags: i32,
    ret: i64,
    timed: Option<(&Header, u64, u64)>,
) -> bool {
    let receives = const { CALLS[OP as usize].class & class::IN != 0 };
    // An error, nothing, or more than was asked for.
    if ret <= 0 || ret as u64 > asked as u64 || receives && flags & libc::MSG_PEEK != 0 {
        return false;
    }
    let Some(row) = known_row::<OP>(tls) else { return false };
    // SAFETY: the slot of a socket's entry, of which only atomics are touched.
    let slot = unsafe { state::conn_slot_of(entry) };
    let t = &slot.totals;
    if slot.serial.load(Ordering::Relaxed) != entry.serial() || t.owner.load(Ordering::Relaxed) != tls.offset.get() {
        return false;
    }
    if let Some((h, start, end)) = timed {
        let ticks = end.wrapping_sub(start);
        let (octave, bucket) = stats::bucket(ticks);
        let block = row.octaves.get(octave).map_or(0, |o| o.load(Ordering::Relaxed));
        let Some(cell) = unit::<Octave>(block).and_then(|o| o.buckets.get(bucket)) else { return false };
        if ticks >= h.blocked_from.load(Ordering::Relaxed)
            || t.ends.load(Ordering::Relaxed) & ends::CONNECTING != 0
            || receives && t.first_in.load(Ordering::Relaxed) == 0
        {
            return false;
        }
        inc(cell);
        add(&row.n.time, ticks);
        raise(&row.n.min_inv, u64::MAX - ticks);
        raise(&row.n.max, ticks);
        t.last.store(end, Ordering::Relaxed);
    }
    inc_at::<{ offset_of!(Row, n.count) }, _>(row);
    if (ret as u64) < asked as u64 {
        inc_at::<{ offset_of!(Row, n.short) }, _>(row);
    }
    let n = ret as u64;
    if receives {
        add_at::<{ offset_of!(Row, n.bytes_in) }, _>(row, n);
        inc_at::<{ offset_of!(ConnSlot, totals.own.calls_in) }, _>(slot);
        add_at::<{ offset_of!(ConnSlot, totals.own.bytes_in) }, _>(slot, n);
    } else {
        add_at::<{ offset_of!(Row, n.bytes_out) }, _>(row, n);
        inc_at::<{ offset_of!(ConnSlot, totals.own.calls_out) }, _>(slot);
        add_at::<{ offset_of!(ConnSlot, totals.own.bytes_out) }, _>(slot, n);
    }
    true
}

/// Counts a finished call. `failed` tells which error, when it failed.
#[inline(never)]
pub fn count(h: &Header, call: Call, entry: Entry, args: &[u64], m: Moved, failed: Option<u16>, span: Span) {
    let Some(row) = row(state::tls(), call as u16) else { return first(h, call, entry, args, m, failed, span) };
    inc(&row.n.count);
    if m.bytes_in != 0 {
        add(&row.n.bytes_in, m.bytes_in);
    }
    if m.bytes_out != 0 {
        add(&row.n.bytes_out, m.bytes_out);
    }
    if m.short {
        inc(&row.n.short);
    }
    if let Some((start, end)) = span {
        duration(h, row, call, entry, args, end.wrapping_sub(start));
    }
    if failed.is_some() || m.peeked != 0 {
        rare(row, call, m.peeked, failed);
    }
    connection(call, entry, args, m, failed, span);
}

fn duration(h: &Header, row: &Row, call: Call, entry: Entry, args: &[u64], ticks: u64) {
    let ticks = if ticks > i64::MAX as u64 { 0 } else { ticks };
    add(&row.n.time, ticks);
    raise(&row.n.min_inv, u64::MAX - ticks);
    raise(&row.n.max, ticks);
    if ticks >= h.blocked_from.load(Ordering::Relaxed) && may_wait(call, entry, args) {
        add(&row.n.blocked, ticks);
    }
    let (octave, bucket) = stats::bucket(ticks);
    let block = row.octaves.get(octave).map_or(0, |o| o.load(Ordering::Relaxed));
    let cell = match unit::<Octave>(block) {
        Some(o) => o.buckets.get(bucket),
        None => cold::stats::octave(row, octave).and_then(|o| o.buckets.get(bucket)),
    };
    match cell {
        Some(c) => inc(c),
        None => inc(&row.n.untold),
    }
}

/// Sets a word of this thread's to `v` if that is more.
#[inline(always)]
fn raise(word: &AtomicU64, v: u64) {
    let mut seen = word.load(Ordering::Relaxed);
    while seen < v && !replace(word, seen, v) {
        seen = word.load(Ordering::Relaxed);
    }
}

/// Whether a call that took long may have waited: not one that never does, and not on a socket in nonblocking mode.
#[cold]
#[inline(never)]
fn may_wait(call: Call, entry: Entry, args: &[u64]) -> bool {
    if !call.waits() {
        return false;
    }
    let nonblocking = entry.conn().and_then(cold::conns::info).is_some_and(|c| c.nonblocking() == Some(true));
    !nonblocking && flags_of(call.args(), args) & libc::MSG_DONTWAIT == 0
}

/// Errors and peeks.
#[cold]
#[inline(never)]
fn rare(row: &Row, call: Call, peeked: u64, failed: Option<u16>) {
    add(&row.n.peeked, peeked);
    let Some(errno) = failed else { return };
    inc(&row.n.errors);
    match i32::from(errno) {
        libc::EAGAIN => inc(&row.n.eagain),
        libc::EINTR => inc(&row.n.eintr),
        _ => {}
    }
    let key = stats::error_key(errno);
    for cell in &row.errnos {
        let mut v = cell.load(Ordering::Relaxed);
        if v == 0 {
            if replace(cell, 0, key | 1) {
                return;
            }
            v = cell.load(Ordering::Relaxed);
        }
        if v & !stats::CELL_COUNT == key {
            return inc(cell);
        }
    }
    cold::stats::spill_errno(call, errno);
}

/// The thread's first call of this kind: its row is made, or there is no room and all share one.
#[cold]
#[inline(never)]
fn first(h: &Header, call: Call, entry: Entry, args: &[u64], m: Moved, failed: Option<u16>, span: Span) {
    if cold::stats::make_row(call) && row(state::tls(), call as u16).is_some() {
        return count(h, call, entry, args, m, failed, span);
    }
    let ticks = span.map(|(start, end)| end.saturating_sub(start));
    let waited = ticks.is_some_and(|t| t >= h.blocked_from.load(Ordering::Relaxed)) && may_wait(call, entry, args);
    cold::stats::spill(call, m, failed, ticks, waited);
    connection(call, entry, args, m, failed, span);
}

/// Adds to the connection's totals.
fn connection(call: Call, entry: Entry, args: &[u64], m: Moved, failed: Option<u16>, span: Span) {
    let Some(index) = entry.conn() else { return };
    // SAFETY: an entry's own slot, of which only atomics are touched.
    let slot = unsafe { state::conn_slot(index) };
    // Closed by another thread, and perhaps another connection's by now.
    if slot.serial.load(Ordering::Relaxed) != entry.serial() {
        return;
    }
    let t = &slot.totals;
    let me = state::tls().offset.get();
    if me != 0 && t.owner.load(Ordering::Relaxed) == me {
        let c = &t.own;
        inc(calls_of(c, call));
        if m.bytes_in != 0 {
            add(&c.bytes_in, m.bytes_in);
        }
        if m.bytes_out != 0 {
            add(&c.bytes_out, m.bytes_out);
        }
        if failed.is_some() {
            inc(&c.errors);
        }
    } else {
        shared(t, call, m, failed);
    }
    if let Some((start, end)) = span {
        t.last.store(end, Ordering::Relaxed);
        if m.bytes_in != 0 && t.first_in.load(Ordering::Relaxed) == 0 {
            t.first_in.store(end, Ordering::Relaxed);
        }
        if t.ends.load(Ordering::Relaxed) & ends::CONNECTING != 0 {
            cold::stats::connecting(t, call, args, failed, start);
        }
    }
    // What tells how a connection ends: an error, or a receive of nothing.
    if failed.is_some() || m.eof {
        cold::stats::ending(slot, failed);
    }
}

#[inline(always)]
fn calls_of(c: &ConnCounts, call: Call) -> &AtomicU64 {
    match call.class() & (class::IN | class::OUT) {
        class::IN => &c.calls_in,
        class::OUT => &c.calls_out,
        _ => &c.calls_other,
    }
}

/// For a connection that several threads use. The first to come owns it.
#[cold]
#[inline(never)]
fn shared(t: &ConnTotals, call: Call, m: Moved, failed: Option<u16>) {
    let me = state::tls().offset.get();
    let mine = me != 0 && t.owner.compare_exchange(0, me, Ordering::Relaxed, Ordering::Relaxed).is_ok();
    // Zero before, so that being first is no reason for another instruction than all others.
    let c = if mine { &t.own } else { &t.others };
    calls_of(c, call).fetch_add(1, Ordering::Relaxed);
    c.bytes_in.fetch_add(m.bytes_in, Ordering::Relaxed);
    c.bytes_out.fetch_add(m.bytes_out, Ordering::Relaxed);
    c.errors.fetch_add(u64::from(failed.is_some()), Ordering::Relaxed);
}

/// MSG_* flags of a call; 0 for one that has none.
pub fn flags_of(kinds: &[Arg], args: &[u64]) -> i32 {
    let found = kinds.iter().zip(args).find(|(a, _)| matches!(a.kind, Kind::MsgFlags));
    found.map_or(0, |(_, &v)| v as i32)
}

/// What any finished call moved.
pub fn moved(call: Call, args: &[u64], ret: i64, failed: bool) -> Moved {
    let class = call.class();
    let none = Moved::default();
    if failed || class & (class::IN | class::OUT) == 0 || !matches!(call.ret(), Ret::Bytes | Ret::Count) {
        return none;
    }
    let arg = |i: usize| args.get(i).copied().unwrap_or(0);
    let is_socket = |i: usize| super::fds::get(arg(i) as i32).conn().is_some();
    let n = ret.max(0) as u64;
    // SAFETY: in both, the kernel has just read the argument and the lists it names, and the call succeeded.
    match call {
        Call::sendfile => return Moved { bytes_out: n, short: n != 0 && n < arg(3), ..none },
        Call::splice => {
            let (from, to) = (is_socket(0), is_socket(2));
            let or = |yes: bool| if yes { n } else { 0 };
            return Moved { bytes_in: or(from), bytes_out: or(to), short: n != 0 && n < arg(4), ..none };
        }
        _ => {}
    }
    let (mut bytes, mut asked) = (n, u64::MAX);
    for (i, a) in call.args().iter().enumerate() {
        match a.kind {
            Kind::BufIn(len) | Kind::BufOut(len) => asked = arg(len as usize),
            // SAFETY: the call succeeded, so the kernel has read the vector.
            Kind::IovIn(len) | Kind::IovOut(len) => asked = unsafe { room(arg(i), arg(len as usize)) },
            Kind::MsgIn | Kind::MsgOut => {
                // SAFETY: the call succeeded, so the kernel has read the header and its vector.
                asked = unsafe {
                    let m = core::ptr::read_unaligned(arg(i) as *const libc::msghdr);
                    // musl's is followed by padding.
                    room(m.msg_iov as u64, u64::from(m.msg_iovlen as u32))
                };
            }
            Kind::MmsgIn(len) | Kind::MmsgOut(len) => {
                // SAFETY: the kernel has just filled in the first n lengths.
                bytes = unsafe { lengths(arg(i), n) };
                return sorted(class, call, args, bytes, n != 0 && n < u64::from(arg(len as usize) as u32));
            }
            _ => {}
        }
    }
    // MSG_TRUNC tells of more than there was room for.
    bytes = bytes.min(asked);
    let m = sorted(class, call, args, bytes, bytes != 0 && asked != u64::MAX && bytes < asked);
    Moved { eof: bytes == 0 && asked != 0 && class & class::IN != 0, ..m }
}

fn sorted(class: u16, call: Call, args: &[u64], bytes: u64, short: bool) -> Moved {
    let none = Moved { short, ..Moved::default() };
    if class & class::IN == 0 {
        Moved { bytes_out: bytes, ..none }
    } else if flags_of(call.args(), args) & libc::MSG_PEEK != 0 {
        Moved { peeked: bytes, ..none }
    } else {
        Moved { bytes_in: bytes, ..none }
    }
}

/// Bytes that a vector of buffers has room for.
///
/// # Safety
/// `count` entries at `iov` are readable.
unsafe fn room(iov: u64, count: u64) -> u64 {
    let mut sum = 0u64;
    for i in 0..count.min(1024) as usize {
        // SAFETY: the caller's.
        sum = sum.saturating_add(unsafe { (*(iov as *const libc::iovec).add(i)).iov_len } as u64);
    }
    sum
}

/// Sum of msg_len over `count` messages.
///
/// # Safety
/// `count` messages at `msgs` are readable.
unsafe fn lengths(msgs: u64, count: u64) -> u64 {
    let mut sum = 0u64;
    for i in 0..count.min(1024) as usize {
        // SAFETY: the caller's.
        sum = sum.saturating_add(u64::from(unsafe { (*(msgs as *const libc::mmsghdr).add(i)).msg_len }));
    }
    sum
}

/// The error that a finished call is counted under; None when it did not fail.
#[inline(always)]
pub fn error(ret_kind: Ret, ret: i64, errno: u16, failed: bool) -> Option<u16> {
    if !failed {
        return None;
    }
    Some(match ret_kind {
        Ret::Eai => stats::EAI | (ret.unsigned_abs() as u16 & 0x7fff),
        _ if errno == 0 => stats::NO_ERRNO,
        _ => errno,
    })
}

/// For [`cold::stats`]: the counters as they are bumped by everybody.
pub fn add_shared(c: &Counters, m: Moved, failed: Option<u16>, ticks: Option<u64>, waited: bool) {
    let up = |a: &AtomicU64, n: u64| {
        if n != 0 {
            a.fetch_add(n, Ordering::Relaxed);
        }
    };
    up(&c.count, 1);
    up(&c.bytes_in, m.bytes_in);
    up(&c.bytes_out, m.bytes_out);
    up(&c.peeked, m.peeked);
    up(&c.short, u64::from(m.short));
    if let Some(errno) = failed {
        up(&c.errors, 1);
        up(&c.eagain, u64::from(i32::from(errno) == libc::EAGAIN));
        up(&c.eintr, u64::from(i32::from(errno) == libc::EINTR));
    }
    if let Some(t) = ticks {
        up(&c.time, t);
        up(&c.blocked, if waited { t } else { 0 });
        up(&c.untold, 1);
        c.min_inv.fetch_max(u64::MAX - t, Ordering::Relaxed);
        c.max.fetch_max(t, Ordering::Relaxed);
    }
}
