//! Whether the calling thread has been interrupted: whether it runs a signal handler, perhaps one that came in the middle of
//! the allocator or the loader.
//!
//! The kernel leaves a mark of each handler on the stack: the address to which the handler returns, which is the
//! `sa_restorer` of its action. A thread whose stack, from the hook's caller to its end, holds no such address runs no
//! handler. The address may also lie there from before, in a place that nobody has written to since: that only delays.

use crate::hot::state;
use crate::sys;
use core::sync::atomic::Ordering;

/// Restorers told apart; programs have one or two.
const MOST: usize = 8;
/// Stacks higher than this are not searched.
const DEEPEST: u64 = 1 << 20;
/// What opening a library takes of the stack, several times over.
const ROOM: u64 = 64 * 1024;
const PAGE: u64 = 4096;

/// Whether this thread certainly runs no signal handler, and has room for the loader. `from` lies in the hook's own frame:
/// no handler came between there and here. Only while process_vm_readv may be used.
pub fn is_undisturbed(from: u64) -> bool {
    let here = state::stack_pointer();
    let Some((end, main)) = end_of_stack(here) else { return false };
    let near = here <= from && from < end && end - from <= DEEPEST;
    if !near || !has_room(here, end, main) {
        return false;
    }
    let mut known = [0u64; MOST];
    match restorers(&mut known) {
        Some(0) => true,
        Some(n) => known.get(..n).is_some_and(|known| !on_other_stack() && is_clean(from & !7, end, known)),
        None => false,
    }
}

/// Where the stack that we are on ends, if it is the thread's own, and whether that is the process's first.
fn end_of_stack(here: u64) -> Option<(u64, bool)> {
    let main = state::STACK_END.load(Ordering::Relaxed);
    // glibc places the thread control block at the top of a thread's stack.
    let own = state::thread_pointer();
    if here < main && main - here < 64 << 20 {
        Some((main, true))
    } else if here < own && own - here <= DEEPEST {
        Some((own, false))
    } else {
        None
    }
}

/// Whether there is room below.
fn has_room(here: u64, end: u64, main: bool) -> bool {
    if main {
        // It grows as it is used.
        return sys::stack_limit().saturating_sub(end - here) >= ROOM;
    }
    let (pid, mut byte) = (state::PID.load(Ordering::Relaxed), 0u8);
    (1..=ROOM / PAGE)
        .all(|k| here.checked_sub(k * PAGE).is_some_and(|at| sys::peek(pid, at as usize, &raw mut byte, 1) == 1))
}

/// Where handlers of this process return to: those of all actions that were ever set; None when there are too many.
fn restorers(known: &mut [u64; MOST]) -> Option<usize> {
    let mut n = 0;
    for signal in 1..=64 {
        let restorer = sys::signal_action(signal)?.restorer;
        if restorer != 0 && !known.iter().take(n).any(|&k| k == restorer) {
            *known.get_mut(n)? = restorer;
            n += 1;
        }
    }
    Some(n)
}

/// Whether the thread runs on the stack it has set aside for handlers.
fn on_other_stack() -> bool {
    sys::alternate_stack().is_none_or(|flags| flags & libc::SS_ONSTACK != 0)
}

/// Whether none of the words from `from` to `end` is one of these. What cannot be read is not clean.
fn is_clean(mut from: u64, end: u64, known: &[u64]) -> bool {
    let pid = state::PID.load(Ordering::Relaxed);
    let mut words = [0u64; 256];
    while from < end {
        let n = ((end - from) / 8).min(words.len() as u64) as usize;
        if n == 0 || sys::peek(pid, from as usize, words.as_mut_ptr().cast(), 8 * n) != 8 * n {
            return n == 0;
        }
        if words.iter().take(n).any(|w| known.contains(w)) {
            return false;
        }
        from += 8 * n as u64;
    }
    true
}
