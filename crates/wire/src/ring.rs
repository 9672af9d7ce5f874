//! Reserving room for an event in a thread's own chunk, and reading a chunk from outside.
//!
//! Writer: [`reserve`], fill all but the first word, [`commit`]. A signal handler that interrupts between the two
//! reserves behind it and commits first; nothing is lost. Reader: [`next`].

use crate::event::size_of_word;
use crate::sync::{AtomicU32, Ordering};

/// One un-LOCKed `xadd`: atomic towards signal handlers of this thread, which are the only other writers.
#[inline(always)]
fn add_local(counter: &AtomicU32, n: u32) -> u32 {
    #[cfg(all(target_arch = "x86_64", not(loom), not(miri)))]
    {
        let mut old = n;
        // SAFETY: the operand is a valid aligned u32 that this thread alone writes; a reader on another core sees each
        // aligned store whole.
        unsafe {
            core::arch::asm!("xadd dword ptr [{p}], {n:e}", p = in(reg) counter.as_ptr(), n = inout(reg) old, options(nostack));
        }
        old
    }
    #[cfg(not(all(target_arch = "x86_64", not(loom), not(miri))))]
    {
        counter.fetch_add(n, Ordering::Relaxed)
    }
}

/// Reserves `size` bytes (a multiple of 8) in a chunk with room for `cap`; the offset, or None when it is full.
/// `end` then tells where the events end. Async-signal-safe.
#[inline(always)]
pub fn reserve(head: &AtomicU32, end: &AtomicU32, cap: u32, size: u32) -> Option<u32> {
    let at = add_local(head, size);
    if at <= cap && size <= cap - at {
        return Some(at);
    }
    // Only the first reservation that fails starts inside the chunk.
    if at <= cap {
        end.store(at, Ordering::Release);
    }
    None
}

/// Replaces `old` by `new` in a word that only this thread writes, by one un-LOCKed `cmpxchg`; false when a signal handler was
/// quicker. Async-signal-safe.
#[inline(always)]
pub fn replace_local(word: &AtomicU32, old: u32, new: u32) -> bool {
    #[cfg(all(target_arch = "x86_64", not(loom), not(miri)))]
    {
        let seen: u32;
        // SAFETY: as in add_local.
        unsafe {
            core::arch::asm!("cmpxchg dword ptr [{p}], {n:e}", p = in(reg) word.as_ptr(), n = in(reg) new,
                inout("eax") old => seen, options(nostack));
        }
        seen == old
    }
    #[cfg(not(all(target_arch = "x86_64", not(loom), not(miri))))]
    {
        word.compare_exchange(old, new, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// Gives the end of this thread's latest reservation back: it ends at `to` instead of `from`. False when a handler has
/// reserved behind it meanwhile; then it stays as long as it is. What lies beyond `to` must be zero: the next event
/// begins there. Async-signal-safe.
#[inline(always)]
pub fn give_back(head: &AtomicU32, from: u32, to: u32) -> bool {
    replace_local(head, from, to)
}

/// Publishes a filled event. Async-signal-safe.
#[inline(always)]
pub fn commit(word: &AtomicU32, value: u32) {
    word.store(value, Ordering::Release);
}

/// What stands at a reader's position in a chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// A committed event of this many bytes.
    Event(usize),
    /// Nothing yet, or an event that is being filled.
    Pending,
    /// The chunk's events end here.
    End,
}

/// Looks at position `at`, whose first word is `word`, of a chunk with room for `cap` bytes.
pub fn next(word: &AtomicU32, end: &AtomicU32, cap: u32, at: u32) -> Next {
    match size_of_word(word.load(Ordering::Acquire)) {
        Some(size) if size <= cap.saturating_sub(at) as usize => Next::Event(size),
        _ if at >= end.load(Ordering::Acquire) => Next::End,
        _ => Next::Pending,
    }
}
