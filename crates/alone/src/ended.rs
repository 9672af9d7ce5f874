//! Connections that this process has ended, kept for its report.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use socklens_wire::ConnSlot;

/// Connections kept: the latest.
pub const KEPT: usize = 1024;

struct Place {
    /// Raw time of the end; 0 while the copy is being written, and when there is none.
    at: AtomicU64,
    copy: UnsafeCell<MaybeUninit<ConnSlot>>,
}

// SAFETY: the copy is written by who took the place's number, and integers are all that can mix when it is read meanwhile.
unsafe impl Sync for Place {}

static PLACES: [Place; KEPT] =
    [const { Place { at: AtomicU64::new(0), copy: UnsafeCell::new(MaybeUninit::zeroed()) } }; KEPT];
static COUNT: AtomicU32 = AtomicU32::new(0);

/// [`socklens_inside::half::Half::ended`].
pub extern "C" fn keep(slot: &ConnSlot, now: u64) {
    if !crate::report::is_on() {
        return;
    }
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let Some(place) = PLACES.get(n as usize % KEPT) else { return };
    place.at.store(0, Ordering::Release);
    // SAFETY: see Place; a slot is plain memory, and its atomics are copied as the numbers they hold.
    unsafe { core::ptr::copy_nonoverlapping(slot, (*place.copy.get()).as_mut_ptr(), 1) };
    place.at.store(now, Ordering::Release);
}

/// In the child of a fork: they are its parent's.
pub fn forget() {
    for place in &PLACES {
        place.at.store(0, Ordering::Relaxed);
    }
    COUNT.store(0, Ordering::Relaxed);
}

/// How many there were, those that are kept no more among them.
pub fn count() -> u32 {
    COUNT.load(Ordering::Relaxed)
}

/// Those that are kept, with the raw time of their end, in the order in which they ended.
pub fn each(f: &mut dyn FnMut(&'static ConnSlot, u64)) {
    let n = count() as usize;
    for i in n.saturating_sub(KEPT)..n {
        let Some(place) = PLACES.get(i % KEPT) else { continue };
        let at = place.at.load(Ordering::Acquire);
        if at != 0 {
            // SAFETY: written before `at` said so; see Place.
            f(unsafe { (*place.copy.get()).assume_init_ref() }, at);
        }
    }
}
