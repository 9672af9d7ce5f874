//! Fault rules that a program adds, takes away and asks about.

use crate::{api, event};
use core::cell::UnsafeCell;
use core::ffi::c_char;
use core::sync::atomic::Ordering;
use socklens_decode::Out;
use socklens_inside::capi::socklens_error::{self, *};
use socklens_inside::capi::socklens_fault;
use socklens_inside::half::{Ask, What};
use socklens_inside::sys;
use socklens_rules::fault::{Extras, FaultBlock, Region, Skip, free_lanes};
use socklens_wire::Segment;

/// Two blocks to work in, too large for a stack: the rules as they shall be, and the new ones.
struct Bench(UnsafeCell<[FaultBlock; 2]>);

// SAFETY: used by who holds the region's lock; a forked child has its own copy.
unsafe impl Sync for Bench {}

static BENCH: Bench = Bench(UnsafeCell::new([const { EMPTY }; 2]));

// All zeroes: the library's file does not hold it.
const EMPTY: FaultBlock = {
    // SAFETY: a block is integers only.
    unsafe { core::mem::zeroed() }
};

/// How long another thread or the command may take for a change, in milliseconds.
const PATIENCE: u32 = 1000;

/// [`socklens_inside::half::Half::faults`].
///
/// # Safety
/// What `ask` points to is as [`Ask`] says.
pub unsafe extern "C" fn answer(segment: &Segment, ask: &Ask) -> i64 {
    let region = Region::of(segment);
    let r = match ask.what {
        What::Fired => fired(region, ask.handle),
        // SAFETY: the caller's.
        What::Each => Ok(unsafe { each(region, ask) }),
        _ => lock(region).and_then(|()| {
            // SAFETY: the lock makes this the only writer, and its thread the only one at the bench.
            let r = unsafe { change(segment, region, ask) };
            region.unlock();
            sys::futex_wake(region.writer().as_ptr(), 1);
            r
        }),
    };
    r.unwrap_or_else(|e| e as i64)
}

/// Waits for other threads and the command to have done. One that was killed meanwhile is not waited for.
fn lock(region: &Region) -> Result<(), socklens_error> {
    let me = sys::gettid();
    let mut r = region.lock(me);
    for _ in 0..PATIENCE {
        match r {
            Ok(()) => return Ok(()),
            // In a signal handler that interrupted it.
            Err(holder) if holder == me => return Err(SOCKLENS_EBUSY),
            Err(holder) => {
                if sys::futex_wait(region.writer().as_ptr(), holder, 1) && sys::is_thread_gone(holder) {
                    r = region.take_over(holder, me);
                } else {
                    r = region.lock(me);
                }
            }
        }
    }
    r.map_err(|_| SOCKLENS_EBUSY)
}

/// # Safety
/// This thread alone changes rules. What `ask` points to is as [`Ask`] says.
unsafe fn change(segment: &Segment, region: &Region, ask: &Ask) -> Result<i64, socklens_error> {
    // SAFETY: the caller's.
    let [block, fresh] = unsafe { &mut *BENCH.0.get() };
    match region.loaded() {
        Some(b) => block.copy_from(b),
        None => {
            block.clear();
            block.start_ns = segment.header().start.mono;
        }
    }
    match ask.what {
        What::Add => {
            fresh.outline(block);
            // SAFETY: the caller's.
            unsafe { read(fresh, ask)? };
            let group = region.next_group();
            let places = block.graft(fresh, group, ask.number).ok_or(SOCKLENS_ENOMEM)?;
            region.forget(places);
            // SAFETY: the caller's.
            unsafe { Region::install(segment, block) };
            Ok(i64::from(group))
        }
        What::Seed => {
            block.seed = ask.number;
            // SAFETY: the caller's.
            unsafe { Region::install(segment, block) };
            Ok(0)
        }
        What::Remove => {
            let gone = find(block, ask.handle)?;
            if block.referrer(gone).is_some() {
                return Err(SOCKLENS_EINUSE);
            }
            free_lanes(segment, block, gone);
            block.remove(gone);
            // SAFETY: the caller's.
            unsafe { Region::install(segment, block) };
            Ok(0)
        }
        _ if ask.handle == 0 => {
            region.pause(ask.what == What::Pause);
            Ok(0)
        }
        _ => {
            let bits = find(block, ask.handle)?;
            if ask.what == What::Pause {
                region.off.fetch_or(bits, Ordering::Release);
            } else {
                region.off.fetch_and(!bits, Ordering::Release);
            }
            Ok(0)
        }
    }
}

/// Compiles the new rules.
///
/// # Safety
/// What `ask` points to is as [`Ask`] says.
unsafe fn read(fresh: &mut FaultBlock, ask: &Ask) -> Result<(), socklens_error> {
    // SAFETY: the caller's.
    let say = |text: &dyn Fn(&mut Out)| unsafe { api::put(ask.error, ask.error_size, |out| text(out)) };
    // SAFETY: the caller's string.
    let Some(source) = (unsafe { event::text(ask.text) }) else {
        say(&|out| out.str("error: the rules are not UTF-8"));
        return Err(SOCKLENS_ESYNTAX);
    };
    fresh.add(source, &Extras::default()).map_err(|e| {
        say(&|out| e.render(source, &mut |b| out.raw(b)));
        SOCKLENS_ESYNTAX
    })
}

/// The places of the rules with a handle; of all with 0.
fn find(block: &FaultBlock, handle: i64) -> Result<u64, socklens_error> {
    let group = u32::try_from(handle).map_err(|_| SOCKLENS_ENORULE)?;
    match block.group(group) {
        0 if group != 0 => Err(SOCKLENS_ENORULE),
        bits => Ok(bits),
    }
}

/// How many faults rules have caused. Also in signal handlers: nothing is waited for.
fn fired(region: &Region, handle: i64) -> Result<i64, socklens_error> {
    let Some(block) = region.loaded() else { return if handle == 0 { Ok(0) } else { Err(SOCKLENS_ENORULE) } };
    let bits = find(block, handle)?;
    let of = (0..block.rules().len()).filter(|i| bits >> i & 1 != 0).filter_map(|i| region.counts(i));
    let n = of.fold(0u64, |n, c| n.wrapping_add(c.fired.load(Ordering::Relaxed)));
    Ok(i64::try_from(n).unwrap_or(i64::MAX))
}

/// # Safety
/// The callback of `ask` may be called with its argument.
unsafe fn each(region: &Region, ask: &Ask) -> i64 {
    let Some(each) = ask.each else { return SOCKLENS_EINVAL as i64 };
    for i in 0.. {
        // Looked at anew for each: the callback may change rules.
        let Some(block) = region.loaded().filter(|b| i < b.rules().len()) else { break };
        let Some(fault) = shown(region, block, i) else { continue };
        // SAFETY: the program's function, with what it asked to be handed.
        let r = unsafe { each(&raw const fault, ask.user) };
        if r != 0 {
            return i64::from(r);
        }
    }
    0
}

/// A rule as the program sees it.
fn shown(region: &Region, block: &FaultBlock, i: usize) -> Option<socklens_fault> {
    let rule = block.rules().get(i).filter(|r| !r.is_vacant())?;
    let counts = region.counts(i)?;
    // SAFETY: integers and arrays of them.
    let mut to: socklens_fault = unsafe { core::mem::zeroed() };
    to.size = size_of::<socklens_fault>() as u32;
    to.number = i as u32 + 1;
    to.handle = i64::from(rule.group);
    to.paused = i32::from(region.paused.load(Ordering::Relaxed) != 0 || !region.is_on(i));
    to.scoped = i32::from(rule.thread != 0);
    to.matched = counts.matched.load(Ordering::Relaxed);
    to.fired = counts.fired.load(Ordering::Relaxed);
    let mut most = 0;
    for why in Skip::ALL {
        let n = counts.skipped.get(*why as usize).map_or(0, |n| n.load(Ordering::Relaxed));
        to.skipped = to.skipped.wrapping_add(n);
        if n > most {
            most = n;
            text(&mut to.why, why.word().as_bytes());
        }
    }
    text(&mut to.name, block.bytes(rule.name));
    text(&mut to.rule, block.bytes(rule.text));
    Some(to)
}

/// Puts a text into an array, cut to fit, with a NUL.
fn text<const N: usize>(to: &mut [c_char; N], from: &[u8]) {
    *to = [0; N];
    // A character is not cut.
    let mut len = from.len().min(N.saturating_sub(1));
    while len > 0 && len < from.len() && from.get(len).is_some_and(|b| b & 0xc0 == 0x80) {
        len -= 1;
    }
    for (to, &b) in to.iter_mut().zip(from.iter().take(len)) {
        *to = b as c_char;
    }
}
