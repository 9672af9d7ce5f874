//! Free lists and the hand-over list: lock-free stacks of indices that live in the segment.
//!
//! A stack's word is `tag << 32 | (index + 1)`; 0 in the low half is empty. The links lie beside it, one word per
//! index. The tag changes with every operation, so a stale compare-exchange fails (no ABA).

use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// Where the link word of an index is.
pub trait Links {
    /// The link word of `index`; None when there is no such index.
    fn link(&self, index: u32) -> Option<&AtomicU32>;
}

/// Puts `index` on the stack. Lock-free; async-signal-safe.
pub fn push(stack: &AtomicU64, links: &impl Links, index: u32) {
    let Some(link) = links.link(index) else { return };
    let mut old = stack.load(Ordering::Relaxed);
    loop {
        link.store(old as u32, Ordering::Relaxed);
        let new = (old >> 32).wrapping_add(1) << 32 | u64::from(index + 1);
        match stack.compare_exchange_weak(old, new, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => old = now,
        }
    }
}

/// Takes an index off the stack, or one never used before. Lock-free; async-signal-safe.
///
/// `fresh` counts the indices given out so far and is never above `count`.
pub fn pop(stack: &AtomicU64, fresh: &AtomicU32, count: u32, links: &impl Links) -> Option<u32> {
    let mut old = stack.load(Ordering::Acquire);
    while old as u32 != 0 {
        let index = old as u32 - 1;
        let next = links.link(index)?.load(Ordering::Relaxed);
        let new = (old >> 32).wrapping_add(1) << 32 | u64::from(next);
        match stack.compare_exchange_weak(old, new, Ordering::Acquire, Ordering::Acquire) {
            Ok(_) => return Some(index),
            Err(now) => old = now,
        }
    }
    let mut n = fresh.load(Ordering::Relaxed);
    while n < count {
        match fresh.compare_exchange_weak(n, n + 1, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return Some(n),
            Err(now) => n = now,
        }
    }
    None
}

/// Takes the whole stack; returns its top (index + 1) or 0. Follow [`Links::link`] for the rest, newest first.
pub fn take_all(stack: &AtomicU64) -> u32 {
    let mut old = stack.load(Ordering::Acquire);
    while old as u32 != 0 {
        let new = (old >> 32).wrapping_add(1) << 32;
        match stack.compare_exchange_weak(old, new, Ordering::Acquire, Ordering::Acquire) {
            Ok(_) => return old as u32,
            Err(now) => old = now,
        }
    }
    0
}
