//! Giving a thread its slot in the segment.

use crate::hot::state;
use crate::sys;
use core::sync::atomic::Ordering;
use socklens_wire::ThreadSlot;
use socklens_wire::layout::thread_state::{CLAIMED, FREE, LIVE};

/// Takes a slot for this thread; None when there is none, and then never again for this thread.
#[inline(never)]
#[cold]
pub fn attach() -> Option<&'static ThreadSlot> {
    let tls = state::tls();
    if tls.refused.get() != 0 {
        return lost();
    }
    let seg = state::segment()?;
    let h = seg.header();
    let count = seg.layout().threads;
    let high = h.threads_high.load(Ordering::Relaxed).min(count);
    // Slots in use before come first; then fresh ones.
    for index in (0..high).chain(high..count) {
        let p = seg.thread_slot(index)?;
        // SAFETY: a slot in the mapping; its state word is an atomic.
        let state_word = unsafe { &(*p).state };
        let reaped = state_word.load(Ordering::Relaxed) != FREE && reap(p);
        if !reaped && state_word.compare_exchange(FREE, CLAIMED, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            continue;
        }
        h.threads_high.fetch_max(index + 1, Ordering::AcqRel);
        let tid = sys::gettid();
        // SAFETY: the slot is claimed: nobody else writes it until it is live.
        unsafe {
            (*p).in_call.store(0, Ordering::Relaxed);
            (*p).chunk.store(0, Ordering::Relaxed);
            (*p).seq.store(0, Ordering::Relaxed);
            (*p).recorded.store(0, Ordering::Relaxed);
            (*p).dropped.store(0, Ordering::Relaxed);
            (*p).filtered.store(0, Ordering::Relaxed);
            // Forked within a callback: what is left of it is no event either.
            let emitting = if tls.callback.get() != 0 { u64::MAX } else { 0 };
            (*p).emitting.store(emitting, Ordering::Relaxed);
            // A thread goes on counting where one of this process that ended left off, so that nothing is lost.
            if !reaped {
                (*p).stats.store(0, Ordering::Relaxed);
            }
            (*p).proc_index = state::PROC_INDEX.load(Ordering::Relaxed);
            (*p).tid = tid;
            (*p).host_tid = super::attach::host_tid(tid);
            (*p).uses.fetch_add(1, Ordering::Relaxed);
            if !tls.take_slot(p) {
                // A handler came in and took another.
                (*p).state.store(FREE, Ordering::Release);
                return tls.thread.get().as_ref();
            }
            (*p).state.store(LIVE, Ordering::Release);
            return p.as_ref();
        }
    }
    tls.refused.set(1);
    lost()
}

fn lost() -> Option<&'static ThreadSlot> {
    if let Some(seg) = state::segment() {
        seg.header().lost_events.fetch_add(1, Ordering::Relaxed);
    }
    None
}

/// Alone, nobody else frees the slots of threads that ended: true when this one is now claimed.
fn reap(p: *mut ThreadSlot) -> bool {
    if state::ALONE.load(Ordering::Relaxed) == 0 || state::CONFINED.load(Ordering::Relaxed) != 0 {
        return false;
    }
    let seg = match state::segment() {
        Some(s) => s,
        None => return false,
    };
    // SAFETY: a slot in the mapping; its state word is an atomic.
    let word = unsafe { &(*p).state };
    if word.load(Ordering::Acquire) != LIVE || !is_dead(p) {
        return false;
    }
    if word.compare_exchange(LIVE, CLAIMED, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        return false;
    }
    // Meanwhile another thread may have reaped it, and a new one moved in: then it is that one's.
    if !is_dead(p) {
        word.store(LIVE, Ordering::Release);
        return false;
    }
    // SAFETY: claimed, and its thread is gone.
    let chunk = unsafe { (*p).chunk.load(Ordering::Acquire) };
    if chunk != 0 {
        super::alone::free_chunk(&seg, chunk - 1);
    }
    true
}

/// Whether the slot is of a thread of this process that has ended.
fn is_dead(p: *mut ThreadSlot) -> bool {
    // SAFETY: a slot in the mapping; the plain fields are written only while it is claimed.
    let (proc_index, tid) = unsafe { ((*p).proc_index, (*p).tid) };
    proc_index == state::PROC_INDEX.load(Ordering::Relaxed) && sys::is_gone(state::PID.load(Ordering::Relaxed), tid)
}
