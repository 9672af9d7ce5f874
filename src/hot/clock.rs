//! The stamp of an event: raw TSC ticks, or CLOCK_MONOTONIC where the TSC is not the system's clock source.

use core::sync::atomic::Ordering;
use socklens_wire::layout::{Anchor, clock};

pub use super::state::CLOCK;
#[inline(always)]
pub fn now() -> u64 {
    if CLOCK.load(Ordering::Relaxed) == clock::TSC { tsc() } else { vdso() }
}

/// As [`now`], where it is known that the stamps are ticks.
#[inline(always)]
pub fn tsc() -> u64 {
    // SAFETY: rdtsc exists on every x86-64.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[inline(never)]
fn vdso() -> u64 {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: ts is ours. libc's clock_gettime is the vDSO's: no system call, and no errno with valid arguments.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut ts) };
    (ts.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(ts.tv_nsec as u64)
}

/// This moment, but for the date. Makes a system call: for attach, not for hooks.
#[inline(never)]
pub fn moment() -> Anchor {
    Anchor { raw: now(), mono: crate::sys::clock_ns(libc::CLOCK_MONOTONIC), real: 0 }
}

/// This moment on all clocks.
#[inline(never)]
pub fn anchor() -> Anchor {
    Anchor { real: crate::sys::clock_ns(libc::CLOCK_REALTIME), ..moment() }
}
