//! The call that a thread is in, shown in its slot while it runs.

use crate::hot::fds::Entry;
use crate::hot::state;
use core::sync::atomic::{AtomicU64, Ordering};
use socklens_calls::Call;
use socklens_wire::ThreadSlot;

/// The call a thread was in when another began on top of it (a signal handler's).
#[derive(Clone, Copy)]
pub(super) struct Outer {
    call: u32,
    conn: u32,
    pub start: u64,
    args: [u64; 6],
    sp: u64,
}

/// Shows the call in the thread's slot while it runs, and keeps in `kept` what stood there if this one is nested.
#[inline(always)]
pub(super) fn enter(t: &ThreadSlot, call: Call, start: u64, args: &[u64], entry: Entry, kept: &mut Option<Outer>) {
    if t.in_call.load(Ordering::Relaxed) != 0 {
        keep(t, state::stack_pointer(), kept);
    }
    show(t, call as u16, start, args, entry);
}

#[cold]
#[inline(never)]
fn keep(t: &ThreadSlot, sp: u64, kept: &mut Option<Outer>) {
    *kept = outer(t, sp);
    t.in_call.store(0, Ordering::Relaxed);
}

/// Shows the call in a slot that shows none.
#[inline(always)]
pub(super) fn show(t: &ThreadSlot, op: u16, start: u64, args: &[u64], entry: Entry) {
    t.in_conn.store(entry.conn().map_or(0, |i| i + 1), Ordering::Relaxed);
    t.in_start.store(start, Ordering::Relaxed);
    t.in_sp.store(state::stack_pointer(), Ordering::Relaxed);
    // No loop: where the number of arguments is known, nothing of this is left but the stores.
    let [a, b, c, d, e, f] = &t.in_args;
    let put = |i: usize, to: &AtomicU64| {
        if let Some(&v) = args.get(i) {
            to.store(v, Ordering::Relaxed);
        }
    };
    put(0, a);
    put(1, b);
    put(2, c);
    put(3, d);
    put(4, e);
    put(5, f);
    t.in_call.store(u32::from(op) + 1, Ordering::Release);
}

/// The call that [`show`] shows has returned.
#[inline(always)]
pub(super) fn hide(t: &ThreadSlot) {
    t.in_call.store(0, Ordering::Release);
}

/// An outer call that still runs lies higher on the stack; one that was jumped out of does not.
#[cold]
#[inline(never)]
pub(super) fn outer(t: &ThreadSlot, sp: u64) -> Option<Outer> {
    let outer_sp = t.in_sp.load(Ordering::Relaxed);
    if sp >= outer_sp {
        return None;
    }
    let mut args = [0; 6];
    for (to, a) in args.iter_mut().zip(&t.in_args) {
        *to = a.load(Ordering::Relaxed);
    }
    Some(Outer {
        call: t.in_call.load(Ordering::Relaxed),
        conn: t.in_conn.load(Ordering::Relaxed),
        start: t.in_start.load(Ordering::Relaxed),
        args,
        sp: outer_sp,
    })
}

#[inline(always)]
pub(super) fn leave(t: &ThreadSlot, kept: &Option<Outer>) {
    hide(t);
    if let Some(o) = kept {
        restore(t, o);
    }
}

#[cold]
#[inline(never)]
pub(super) fn restore(t: &ThreadSlot, o: &Outer) {
    t.in_conn.store(o.conn, Ordering::Relaxed);
    t.in_start.store(o.start, Ordering::Relaxed);
    t.in_sp.store(o.sp, Ordering::Relaxed);
    for (to, &a) in t.in_args.iter().zip(&o.args) {
        to.store(a, Ordering::Relaxed);
    }
    t.in_call.store(o.call, Ordering::Release);
}
