//! Statistics of this process: the counters of its threads, added up where they lie.

use crate::event;
use core::ffi::{c_char, c_int};
use core::sync::atomic::Ordering;
use socklens_calls::Call;
use socklens_decode::{Out, xlat};
use socklens_inside::capi::socklens_call_stats;
use socklens_inside::half::Counted;
use socklens_wire::layout::{page, thread_state};
use socklens_wire::stats::{
    AreaHead, BUCKETS, CELL_COUNT, Counters, EAI, NO_ERRNO, OCTAVES, Octave, Row, UNITS_PER_PAGE, bounds,
};

/// A unit that lies in a page of counters, by its number + 1.
fn unit<T>(of: &Counted, number: u32) -> Option<&'static T> {
    let n = number.checked_sub(1)?;
    if of.segment.page_owner(n / UNITS_PER_PAGE)?.kind.load(Ordering::Acquire) != page::STATS {
        return None;
    }
    // SAFETY: a bounds-checked unit of the mapping; rows, octaves and heads are all atomics and fit it.
    of.segment.unit(n).map(|p| unsafe { &*p.cast::<T>() })
}

/// Calls `f` with the rows of one call, or of all with -1, of each of this process's threads.
pub fn rows(of: &Counted, opcode: c_int, f: &mut dyn FnMut(&Row)) {
    let h = of.segment.header();
    for i in 0..h.threads_high.load(Ordering::Acquire).min(of.segment.layout().threads) {
        // SAFETY: a slot in the mapping; the plain field is written before the state says LIVE, and only while CLAIMED.
        let Some(t) = of.segment.thread_slot(i).and_then(|p| unsafe { p.as_ref() }) else { return };
        if t.state.load(Ordering::Acquire) == thread_state::FREE || t.proc_index != of.proc_index {
            continue;
        }
        // An area begins with a page.
        let first = t.stats.load(Ordering::Acquire).checked_sub(1).and_then(|n| n.checked_mul(UNITS_PER_PAGE));
        let Some(head) = first.and_then(|n| unit::<AreaHead>(of, n.checked_add(1)?)) else { continue };
        for op in calls(opcode) {
            if let Some(row) = head.rows.get(op).and_then(|n| unit(of, n.load(Ordering::Acquire))) {
                f(row);
            }
        }
    }
}

/// The opcodes that are meant: one, or all with -1.
fn calls(opcode: c_int) -> impl Iterator<Item = usize> {
    Call::all().map(|c| c as usize).filter(move |&c| opcode < 0 || opcode as usize == c)
}

/// [`socklens_inside::half::Half::call_stats`].
///
/// # Safety
/// There is room for a socklens_call_stats at `to`.
pub unsafe extern "C" fn call(of: &Counted, opcode: c_int, to: *mut socklens_call_stats) -> bool {
    let mut row = none();
    fill(of, opcode, true, &mut row);
    // SAFETY: the caller's.
    unsafe { to.write(row) };
    row.count != 0
}

/// No calls.
pub fn none() -> socklens_call_stats {
    // SAFETY: integers, and a pointer that may be null.
    let row: socklens_call_stats = unsafe { core::mem::zeroed() };
    socklens_call_stats { size: size_of::<socklens_call_stats>() as u32, ..row }
}

/// Counts the calls of one opcode, or all with -1. `spilled`: also those that found no room in their thread's memory, of
/// which it is not known whose they were.
pub fn fill(of: &Counted, opcode: c_int, spilled: bool, to: &mut socklens_call_stats) {
    let (mut min_inv, mut max, mut time, mut blocked) = (0u64, 0u64, 0u64, 0u64);
    let mut add = |c: &Counters| {
        let get = |n: &core::sync::atomic::AtomicU64| n.load(Ordering::Relaxed);
        to.count = to.count.wrapping_add(get(&c.count));
        to.errors = to.errors.wrapping_add(get(&c.errors));
        to.bytes_in = to.bytes_in.wrapping_add(get(&c.bytes_in));
        to.bytes_out = to.bytes_out.wrapping_add(get(&c.bytes_out));
        to.bytes_peeked = to.bytes_peeked.wrapping_add(get(&c.peeked));
        to.short_count = to.short_count.wrapping_add(get(&c.short));
        to.eagain = to.eagain.wrapping_add(get(&c.eagain));
        to.eintr = to.eintr.wrapping_add(get(&c.eintr));
        time = time.wrapping_add(get(&c.time));
        blocked = blocked.wrapping_add(get(&c.blocked));
        min_inv = min_inv.max(get(&c.min_inv));
        max = max.max(get(&c.max));
    };
    let spill = of.segment.spill();
    rows(of, opcode, &mut |r| add(&r.n));
    for op in calls(opcode) {
        if let Some(r) = spill.rows.get(op).filter(|_| spilled) {
            add(&r.n);
        }
    }
    let ns = of.lent.ns;
    to.call = match Call::from_opcode(opcode as u16).filter(|_| opcode >= 0) {
        Some(c) => event::name(c),
        None => c"total".as_ptr(),
    };
    to.time_ns = ns(time);
    to.blocked_ns = ns(blocked);
    to.max_ns = ns(max);
    to.min_ns = if min_inv == 0 { 0 } else { ns(u64::MAX - min_inv) };
    quantiles(of, opcode, to);
}

/// How many durations of one bucket there are.
fn bucket(of: &Counted, opcode: c_int, octave: usize, sums: &mut [u64; BUCKETS]) {
    rows(of, opcode, &mut |r| {
        let block = r.octaves.get(octave).map_or(0, |o| o.load(Ordering::Acquire));
        let Some(o) = unit::<Octave>(of, block) else { return };
        for (to, n) in sums.iter_mut().zip(&o.buckets) {
            *to = to.wrapping_add(n.load(Ordering::Relaxed));
        }
    });
}

/// The nearest ranks, as an exact sort would give them.
fn quantiles(of: &Counted, opcode: c_int, to: &mut socklens_call_stats) {
    const PER_MILLE: [u64; 4] = [500, 900, 990, 999];
    let mut total = 0u64;
    for octave in 0..OCTAVES {
        let mut sums = [0; BUCKETS];
        bucket(of, opcode, octave, &mut sums);
        total = sums.iter().fold(total, |a, &n| a.wrapping_add(n));
    }
    let mut found = [0u64; 4];
    let mut seen = 0u64;
    for octave in 0..OCTAVES {
        let mut sums = [0; BUCKETS];
        bucket(of, opcode, octave, &mut sums);
        for (i, &n) in sums.iter().enumerate().filter(|(_, n)| **n != 0) {
            let before = seen;
            seen = seen.wrapping_add(n);
            let (from, end) = bounds(octave, i);
            let middle = (of.lent.ns)(from.wrapping_add(end - 1) / 2);
            for (to, share) in found.iter_mut().zip(PER_MILLE) {
                let rank = total.wrapping_mul(share).div_ceil(1000).max(1);
                if before < rank && rank <= seen {
                    *to = middle;
                }
            }
        }
    }
    // Calls were made while we counted: the last rank may be beyond what was seen.
    let within = |ns: u64| ns.max(to.min_ns).min(to.max_ns.max(to.min_ns));
    let [p50, p90, p99, p999] = found.map(|ns| if total == 0 { 0 } else { within(ns) });
    to.p50_ns = p50;
    to.p90_ns = p90;
    to.p99_ns = p99;
    to.p999_ns = p999;
}

/// Kinds of errors that [`errors`] can tell apart.
const KINDS: usize = 64;

/// Is given what writes an error's name, and how often there was that error.
type OnError<'a> = dyn FnMut(&dyn Fn(&mut Out), u64) + 'a;

/// The errors of one call, or of all with -1: their names, and how often there were. `spilled` as in [`fill`].
pub fn errors(of: &Counted, opcode: c_int, spilled: bool, f: &mut OnError) {
    let mut kinds = [(0u16, 0u64); KINDS];
    let mut add = |errno: u16, n: u64| {
        if let Some(kind) = kinds.iter_mut().find(|k| k.1 == 0 || k.0 == errno) {
            *kind = (errno, kind.1.wrapping_add(n));
        }
    };
    rows(of, opcode, &mut |r| {
        for cell in &r.errnos {
            let v = cell.load(Ordering::Relaxed);
            if v & CELL_COUNT != 0 {
                add((v >> 40) as u16, v & CELL_COUNT);
            }
        }
    });
    for [name, count] in of.segment.spill().errnos.iter().filter(|_| spilled) {
        let (name, count) = (name.load(Ordering::Relaxed), count.load(Ordering::Relaxed));
        let op = (name >> 48) as c_int - 1;
        if count != 0 && (opcode < 0 || op == opcode) {
            add((name >> 32) as u16, count);
        }
    }
    for &(errno, n) in kinds.iter().take_while(|k| k.1 != 0) {
        f(&|out| error_name(out, errno), n);
    }
}

/// The name of an error as rows hold it.
fn error_name(out: &mut Out, e: u16) {
    let known = match e {
        NO_ERRNO => Some("h_errno"),
        e if e & EAI != 0 => xlat::signed(xlat::EAI, -i64::from(e & !EAI)),
        e => xlat::errno(i32::from(e)),
    };
    match known {
        Some(name) => out.str(name),
        None => {
            out.str("error ");
            out.udec(u64::from(e & !EAI));
        }
    }
}

/// [`socklens_inside::half::Half::opcode`].
///
/// # Safety
/// `name` is null or a NUL-terminated string.
pub unsafe extern "C" fn opcode(name: *const c_char) -> c_int {
    // SAFETY: the caller's.
    unsafe { event::text(name) }.and_then(Call::by_name).map_or(-1, |c| c as c_int)
}
