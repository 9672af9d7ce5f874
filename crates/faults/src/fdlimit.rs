//! No descriptor is free: a window in which every call fails that would make one.

use super::apply::Job;
use super::decide::Chosen;
use super::lent;
use core::sync::atomic::Ordering;
use socklens_calls::Call;
use socklens_inside::concern::makes_descriptor;
use socklens_rules::fault::{Recipe, Skip};

/// A rule wants it for this call, and, with a time, for all that follow.
pub fn limited(job: &mut Job, c: &Chosen) -> Option<i64> {
    if !makes_descriptor(job.cx.call) {
        job.skip(c, Skip::WrongType);
        return None;
    }
    let ns = job.time(c);
    if ns != 0 {
        job.seg.fault_shared().attend.store(1, Ordering::Relaxed);
        lent::concerns().exhausted_until.store(lent::mono().wrapping_add(ns), Ordering::Relaxed);
    }
    job.fire(c, Recipe::Fake, 0, libc::EMFILE as u64);
    Some(job.fail(libc::EMFILE))
}

/// Whether the window is open.
pub fn exhausted(call: Call) -> bool {
    let until = lent::concerns().exhausted_until.load(Ordering::Relaxed);
    until != 0 && makes_descriptor(call) && lent::mono() < until
}
