//! No descriptor is free: a window in which every call fails that would make one.

use super::apply::Job;
use super::decide::{self, Chosen};
use crate::hot::state;
use core::sync::atomic::{AtomicU64, Ordering};
use socklens_calls::{Call, Ret};
use socklens_rules::fault::{Recipe, Skip};

/// Until when, in CLOCK_MONOTONIC nanoseconds, nothing opens in this process.
static UNTIL: AtomicU64 = AtomicU64::new(0);

/// Whether a call makes a descriptor.
fn makes(call: Call) -> bool {
    call.ret() == Ret::NewFd
        || matches!(
            call,
            Call::socketpair | Call::dup | Call::fopen | Call::freopen | Call::popen | Call::pipe | Call::pipe2
        )
}

/// A rule wants it for this call, and, with a time, for all that follow.
pub fn limited(job: &mut Job, c: &Chosen) -> Option<i64> {
    if !makes(job.cx.call) {
        job.skip(c, Skip::WrongType);
        return None;
    }
    let ns = job.time(c);
    if ns != 0 {
        job.seg.fault_shared().attend.store(1, Ordering::Relaxed);
        UNTIL.store(decide::mono(job.seg).wrapping_add(ns), Ordering::Relaxed);
    }
    job.fire(c, Recipe::Fake, 0, libc::EMFILE as u64);
    Some(job.fail(libc::EMFILE))
}

/// Whether the window is open.
#[inline]
pub fn exhausted(call: Call) -> bool {
    let until = UNTIL.load(Ordering::Relaxed);
    until != 0 && makes(call) && is_open(until)
}

#[cold]
fn is_open(until: u64) -> bool {
    state::segment().is_some_and(|s| decide::mono(&s) < until)
}
