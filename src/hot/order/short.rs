//! The short ways of the calls that programs make millions of: send, recv, read, write.
//!
//! Where all that is wanted of such a call is that it be counted, counted and timed, or recorded, its gate leads here
//! ([`gate`]). One comparison tells that nothing has changed since: no fork, no fault rule ([`state::is_armed`]). What is not as usual
//! goes the way of all others.

use super::slot::{hide, show};
use super::{Frame, MAX_PAYLOAD, finish, header, outcome, plain_row, spec_of, wanted};
use crate::fault;
use crate::hot::capture;
use crate::hot::fds::{self, Entry};
use crate::hot::raw::Width;
use crate::hot::record::{self, Head};
use crate::hot::state::{self, Tls};
use crate::hot::{clock, real, stats};
use core::arch::global_asm;
use core::sync::atomic::Ordering;
use socklens_calls::{Body, Call, Kind, Ret};
use socklens_inside::engine::Told;
use socklens_wire::event::{CAP_HEAD, Part};
use socklens_wire::layout::{clock as source, filtered, mode};
use socklens_wire::{Header, ThreadSlot};

/// What is wanted of a call.
const COUNT: u8 = 0;
const TIME: u8 = 1;
const RECORD: u8 = 2;

/// The calls that have short ways, and their order in [`Tls::rows`].
pub const HOT: [Call; state::HOTTEST] = [Call::send, Call::recv, Call::read, Call::write];

/// Where [`HOT`] has a call.
pub const fn place(op: u16) -> Option<usize> {
    let mut i = 0;
    while i < HOT.len() {
        if HOT[i] as u16 == op {
            return Some(i);
        }
        i += 1;
    }
    None
}

/// Where the gate of a call is to lead in a process that records; None for its hook.
pub fn gate(h: &Header, call: Call) -> Option<usize> {
    let i = place(call as u16)?;
    // 0 is what a fork leaves.
    if state::generation_of_rules() == 0 || h.generation.load(Ordering::Relaxed) == 0 {
        return None;
    }
    // What a process does to its own segment is not told to its children.
    if h.mode != mode::SESSION || h.clock != source::TSC || h.filtered.load(Ordering::Relaxed) != filtered::NO {
        return None;
    }
    let (counted, timed) = (stats::counted(h, call), stats::timed(h));
    let way = match (wanted(h, call), counted, timed) {
        (true, false, _) => RECORD,
        (false, true, true) => TIME,
        (false, true, false) => COUNT,
        _ => return None,
    };
    WAYS.get(way as usize)?.get(i).map(|&f| f as usize)
}

type Middle = fn(u64, u64, u64, u64, Entry) -> i64;
type Hook = extern "C" fn(u64, u64, u64, u64) -> i64;

/// As the gate calls it. The upper halves of an int's registers are anything.
macro_rules! ways {
    ($($way:ident: [$($name:ident $call:ident $section:literal),*];)*) => {
        static WAYS: [[Hook; HOT.len()]; 3] = [$([$($name),*]),*];

        $($(
            // Measured: where in a cache line they begin makes a quarter of what counting a call costs. A function takes the
            // alignment of its section, and is optimised for size otherwise.
            global_asm!(concat!(".pushsection ", $section, ",\"ax\",@progbits"), ".p2align 6", ".popsection");

            #[unsafe(link_section = $section)]
            extern "C" fn $name(a: u64, b: u64, c: u64, d: u64) -> i64 {
                begin::<{ Call::$call as u16 }, $way>(a, b, c, d)
            }
        )*)*
    };
}

ways! {
    COUNT: [count_send send ".text.hot.0send", count_recv recv ".text.hot.0recv", count_read read ".text.hot.0read",
        count_write write ".text.hot.0write"];
    TIME: [time_send send ".text.hot.1send", time_recv recv ".text.hot.1recv", time_read read ".text.hot.1read",
        time_write write ".text.hot.1write"];
    RECORD: [record_send send ".text.hot.2send", record_recv recv ".text.hot.2recv", record_read read ".text.hot.2read",
        record_write write ".text.hot.2write"];
}

/// The start of all short ways: it only looks and jumps, with the arguments in the registers they came in.
#[inline(always)]
fn begin<const OP: u16, const WAY: u8>(a: u64, b: u64, c: u64, d: u64) -> i64 {
    let Some(entry) = fds::low(a as i32) else { return elsewhere(a, b, c, d, middle::<OP, WAY>, OP) };
    if !state::is_armed() {
        return unarmed::<OP, WAY>(a, b, c, d, entry);
    }
    if entry.conn().is_none() {
        return match Call::from_opcode(OP) {
            Some(call) if !is_net(OP) => known(call)(a, b, c, d),
            _ => by_row(a, b, c, d, OP),
        };
    }
    middle::<OP, WAY>(a, b, c, d, entry)
}

/// The real function of a call whose gate leads here: it was looked up before.
#[inline(always)]
fn known(call: Call) -> Hook {
    // SAFETY: a gate is led here once the function is known; it takes no more than four words and returns one.
    unsafe { core::mem::transmute::<usize, Hook>(real::known(call).unwrap_unchecked()) }
}

/// As [`begin`] where there are rules, or in the child of a fork. What is recorded is told apart without a frame.
#[inline(never)]
fn unarmed<const OP: u16, const WAY: u8>(a: u64, b: u64, c: u64, d: u64, entry: Entry) -> i64 {
    if let (RECORD, Some(call)) = (WAY, Call::from_opcode(OP))
        && state::is_led()
    {
        if entry.conn().is_none() && !is_net(OP) {
            return known(call)(a, b, c, d);
        }
        if fault::ruled_out(call, entry) {
            return middle::<OP, WAY>(a, b, c, d, entry);
        }
    }
    elsewhere(a, b, c, d, middle::<OP, WAY>, OP)
}

/// As [`begin`] in the child of a fork, where there are rules, and for a descriptor of a high number.
#[inline(never)]
fn elsewhere(a: u64, b: u64, c: u64, d: u64, middle: Middle, op: u16) -> i64 {
    let (entry, Some(call)) = (fds::get(a as i32), Call::from_opcode(op)) else { return -1 };
    // Before what it may be a sign of is looked at.
    let rules = state::rules();
    if state::mode() != state::mode::ON || entry.conn().is_none() && is_net(op) {
        return by_row(a, b, c, d, op);
    }
    if !state::is_led() {
        crate::exports::take_short_ways();
        return by_row(a, b, c, d, op);
    }
    if entry.conn().is_none() {
        return known(call)(a, b, c, d);
    }
    if rules as u32 == 0 {
        state::arm(rules);
    } else if !fault::ruled_out(call, entry) {
        return by_row(a, b, c, d, op);
    }
    middle(a, b, c, d, entry)
}

/// A hot call that is not as usual, by the way of all others.
#[cold]
#[inline(never)]
fn by_row(a: u64, b: u64, c: u64, d: u64, op: u16) -> i64 {
    let all = words(a, b, c, d, has_flags(op));
    plain_row(op, Width::Whole, all.get(..if has_flags(op) { 4 } else { 3 }).unwrap_or(&all))
}

/// Whether a hot call is for sockets alone: then it is shown whatever its descriptor is.
const fn is_net(op: u16) -> bool {
    has_flags(op)
}

/// Whether a hot call has a fourth argument, its flags.
const fn has_flags(op: u16) -> bool {
    op == Call::send as u16 || op == Call::recv as u16
}

const _: () = {
    let mut i = 0;
    while i < HOT.len() {
        let spec = spec_of(HOT[i] as u16);
        assert!(size_argument(HOT[i] as u16) == 2 && matches!(spec.ret, Ret::Bytes));
        assert!(spec.args.len() == if has_flags(HOT[i] as u16) { 4 } else { 3 });
        assert!(matches!(spec.body, Body::Net) == is_net(HOT[i] as u16));
        i += 1;
    }
};

/// The arguments as events have them.
#[inline(always)]
fn words(a: u64, b: u64, c: u64, d: u64, flags: bool) -> [u64; 4] {
    let int = |v: u64| i64::from(v as i32) as u64;
    [int(a), b, c, if flags { int(d) } else { d }]
}

/// What is the same call with and without what is wanted of it.
#[inline(never)]
fn middle<const OP: u16, const WAY: u8>(a: u64, b: u64, c: u64, d: u64, entry: Entry) -> i64 {
    let Some(call) = Call::from_opcode(OP) else { return -1 };
    let real = known(call);
    if const { WAY == COUNT } {
        let ret = real(a, b, c, d);
        return count_hot::<OP>(state::tls(), entry, asked::<OP>(c, d), ret, None);
    }
    let Some(thread) = record::attached() else { return by_row(a, b, c, d, OP) };
    // SAFETY: a thread has a slot in the segment only, whose header is known.
    let h = unsafe { header().unwrap_unchecked() };
    // A call within a call (a signal handler's) keeps what the other has shown.
    if thread.in_call.load(Ordering::Relaxed) != 0 {
        return by_row(a, b, c, d, OP);
    }
    // Netlink messages are shown one by one, whatever is shown of other payloads.
    if const { WAY == RECORD } && entry.is_netlink() {
        return by_row(a, b, c, d, OP);
    }
    let all = words(a, b, c, d, const { has_flags(OP) });
    let args = all.get(..const { spec_of(OP).args.len() }).unwrap_or(&all);
    let start = clock::tsc();
    show(thread, OP, start, args, entry);
    let ret = real(a, b, c, d);
    let end = clock::tsc();
    let tls = state::tls();
    if !core::ptr::eq(thread, tls.thread.get()) || state::mode() != state::mode::ON {
        return in_child(OP, WAY, args, entry, (start, end), ret);
    }
    hide(thread);
    if const { WAY == TIME } {
        return count_hot::<OP>(tls, entry, asked::<OP>(c, d), ret, Some((h, start, end)));
    }
    let (errno, failed) = outcome(const { spec_of(OP) }.ret, ret);
    let head = Head { call: OP, errno, start, end, ret, conn: entry.serial(), flags: 0, ncaps: 0 };
    if !hot_event::<OP>(h, tls, thread, head, args, failed) {
        finish_hot(OP, args, entry, thread, (start, end), (ret, errno, failed));
    }
    ret
}

/// The size and the flags of a hot call, whose third and fourth argument they are.
#[inline(always)]
fn asked<const OP: u16>(c: u64, d: u64) -> (u64, u64) {
    (c, if const { has_flags(OP) } { d } else { 0 })
}

/// A handler forked while the call ran, and this is the child: slot and chunk at hand are its parent's.
#[cold]
#[inline(never)]
fn in_child(op: u16, way: u8, args: &[u64], entry: Entry, (start, end): (u64, u64), ret: i64) -> i64 {
    let (Some(call), true) = (Call::from_opcode(op), super::on()) else { return ret };
    if way == RECORD
        && let Some(thread) = record::thread()
    {
        let (errno, failed) = outcome(call.ret(), ret);
        finish_hot(op, args, entry, thread, (start, end), (ret, errno, failed));
    } else if way == TIME {
        let arg = |i: usize| args.get(i).copied().unwrap_or(0);
        count_unusual(entry, arg(2), u64::from(arg(3) as u32) | u64::from(op) << 32, ret, start, end);
    }
    ret
}

/// Counts a call of the hot kind, and hands its result through, which keeps it in its register.
#[inline(always)]
fn count_hot<const OP: u16>(
    tls: &Tls,
    entry: Entry,
    asked: (u64, u64),
    ret: i64,
    timed: Option<(&Header, u64, u64)>,
) -> i64 {
    if stats::usual::<OP>(tls, entry, asked.0 as usize, asked.1 as i32, ret, timed) {
        return ret;
    }
    // Six words: they go in registers, and nothing is left to be done afterwards.
    let (start, end) = timed.map_or((0, 0), |(_, start, end)| (start, end));
    count_unusual(entry, asked.0, u64::from(asked.1 as u32) | u64::from(OP) << 32, ret, start, end)
}

/// As [`count_hot`], for whatever is not the usual case. No call begins at 0 on the raw clock: then it was not read.
#[cold]
#[inline(never)]
fn count_unusual(entry: Entry, size: u64, flags_and_op: u64, ret: i64, start: u64, end: u64) -> i64 {
    let (flags, op) = (u64::from(flags_and_op as u32), (flags_and_op >> 32) as u16);
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
    op: u16,
    args: &[u64],
    entry: Entry,
    thread: &'static ThreadSlot,
    (start, end): (u64, u64),
    (ret, errno, failed): (i64, u16, bool),
) {
    let Some(call) = Call::from_opcode(op) else { return };
    let frame = Frame { thread: Some(thread), wanted: true, start, errno, failed, ..Frame::new(call, args, entry) };
    finish(&frame, entry, ret, end, false, &Told::NOTHING);
}

/// Records a call whose only memory is one buffer that the kernel has just moved bytes of; false if it is not so simple.
#[inline(always)]
fn hot_event<const OP: u16>(
    h: &Header,
    tls: &Tls,
    thread: &'static ThreadSlot,
    head: Head,
    args: &[u64],
    failed: bool,
) -> bool {
    let Some((buf, reads)) = (const { capture::only_buffer(spec_of(OP)) }) else { return false };
    let moved = if failed { 0 } else { head.ret as usize };
    let asked = args.get(const { size_argument(OP) }).copied().unwrap_or(0) as usize;
    let full = if reads { asked } else { moved.min(asked) };
    let strlen = h.strlen.load(Ordering::Relaxed) as usize;
    let want = full.min(strlen);
    if want == 0 {
        // SAFETY: nothing extra is written.
        unsafe { record::event_in(tls, thread, head, args, 0, |_| {}) };
        return true;
    }
    if want > moved || want > MAX_PAYLOAD || (!reads && capture::counts_unwritten(3, args)) {
        return false;
    }
    let from = args.get(buf).copied().unwrap_or(0);
    let pad = (want + 7) & !7;
    // A CapHead in two words.
    let cap = [buf as u64 | (Part::Data as u64) << 8, want as u64 | (full as u64) << 32];
    // SAFETY: the kernel has just moved `moved` >= `want` bytes of this buffer; CAP_HEAD + pad bytes are reserved.
    unsafe {
        record::event_in(tls, thread, Head { ncaps: 1, ..head }, args, CAP_HEAD + pad, |p| {
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
