//! Whether the shim is on: the mode lies in a page that the kernel zeroes in a forked child (MADV_WIPEONFORK), so that one
//! load tells a hook both that it has nothing to do and that it runs in a process that has not attached yet. So does the
//! word beside it, which the short ways of the hottest calls compare with the session's: see [`is_armed`].

use super::state::{header, rules};
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use socklens_wire::layout::PAGE_SIZE;

/// Values of the mode word.
pub mod mode {
    /// Not attached: a new process, or the child of a fork.
    pub const NEW: u32 = 0;
    /// Every call passes straight through.
    pub const SILENT: u32 = 1;
    pub const ON: u32 = 2;
    /// Being attached.
    pub const JOINING: u32 = 3;
}

/// What a forked child finds zeroed, once [`wipe_on_fork`] was asked for: a page of its own. The loader backs it by no file.
#[repr(C, align(4096))]
struct Wiped {
    /// One of [`mode`].
    mode: AtomicU32,
    /// The header's generation that the gates of this process were led by ([`crate::exports::take_short_ways`]).
    led: AtomicU32,
    /// Not 0: what the session's word on fault rules ([`rules`]) was when there were none.
    armed: AtomicU64,
}

// Apart from what every start writes, and the first of all by the order of symbols, which tests/symbols.rs watches: adr/0010.
#[unsafe(link_section = ".bss.large")]
static WIPED: Wiped = Wiped { mode: AtomicU32::new(mode::NEW), led: AtomicU32::new(0), armed: AtomicU64::new(0) };
const _: () = assert!(size_of::<Wiped>() == PAGE_SIZE);

/// Whether the page is one that is wiped. Not zeroed by a fork itself.
static IS_WIPED: AtomicBool = AtomicBool::new(false);
/// Neither this process nor what it forks is to record anything.
static GAVE_UP: AtomicBool = AtomicBool::new(false);

#[inline(always)]
pub fn mode() -> u32 {
    WIPED.mode.load(Ordering::Relaxed)
}

/// Whether nobody has attached this process yet, asked by what is a store to the processor: the page is written soon, and a load
/// before that would be a page fault more.
pub fn is_new() -> bool {
    WIPED.mode.compare_exchange(mode::NEW, mode::NEW, Ordering::Relaxed, Ordering::Relaxed).is_ok()
}

/// For good, in children too.
pub fn set_silent() {
    GAVE_UP.store(true, Ordering::Relaxed);
    WIPED.mode.store(mode::SILENT, Ordering::Release);
}

/// Whether this process, or one that it was forked from, was silenced; it is then.
pub fn stays_silent() -> bool {
    let gave_up = GAVE_UP.load(Ordering::Relaxed);
    if gave_up {
        set_silent();
    }
    gave_up
}

/// Records, after all.
pub fn set_on() {
    GAVE_UP.store(false, Ordering::Relaxed);
    WIPED.mode.store(mode::ON, Ordering::Release);
}

/// A segment is being joined: until it is done every call passes through.
pub fn set_joining() {
    WIPED.mode.store(mode::JOINING, Ordering::Release);
}

/// Has the mode wiped in every child that is forked from here on; false where the kernel does not do it (before 4.14).
pub fn wipe_on_fork() -> bool {
    if !IS_WIPED.load(Ordering::Relaxed) {
        let page = (&raw const WIPED).cast_mut().cast::<u8>();
        IS_WIPED.store(crate::sys::wipe_on_fork(page, size_of::<Wiped>()), Ordering::Relaxed);
    }
    IS_WIPED.load(Ordering::Relaxed)
}

/// Whether this process records, and no fault rule has been put in force since [`arm`] found none.
#[inline(always)]
pub fn is_armed() -> bool {
    rules() == WIPED.armed.load(Ordering::Relaxed)
}

/// Whether this process records, and its gates are led by what is in force. Once there is a segment.
#[inline(always)]
pub fn is_led() -> bool {
    // SAFETY: the caller's gate is led, so there is one. A session's generation is never 0.
    let h = unsafe { header().unwrap_unchecked() };
    h.generation.load(Ordering::Relaxed) == WIPED.led.load(Ordering::Relaxed)
}

/// The gates are led by what is in force under this generation.
pub fn set_led(generation: u32) {
    WIPED.led.store(generation, Ordering::Release);
}

/// Makes [`is_armed`] true until that word changes, if it says that there are no rules. A session's is never 0.
pub fn arm(word: u64) {
    let armed = if word as u32 == 0 { word } else { 0 };
    // All threads read what lies beside it.
    if WIPED.armed.load(Ordering::Relaxed) != armed {
        WIPED.armed.store(armed, Ordering::Relaxed);
    }
}
