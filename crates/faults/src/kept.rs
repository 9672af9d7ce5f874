//! A datagram that is kept and sent later: what held.rs and delayed.rs have in common.

use super::{Cx, lanes, lent};
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use libc::c_int;
use socklens_inside::sys;
use socklens_wire::conn::ADDR_MAX;

/// Values of [`Kept::state`].
pub const FREE: u32 = 0;
pub const BUSY: u32 = 1;
pub const FULL: u32 = 2;

/// One datagram, or room for one.
pub struct Kept {
    pub state: AtomicU32,
    pub pid: AtomicU32,
    /// The conn it was sent on, as [`lanes::owner`] names it.
    pub owner: AtomicU64,
    flags: AtomicU32,
    /// The name, of `name` bytes, in the first [`ADDR_MAX`], then the datagram.
    pub at: AtomicUsize,
    name: AtomicUsize,
    pub len: AtomicUsize,
}

impl Kept {
    #[allow(clippy::declare_interior_mutable_const, reason = "what a static begins with")]
    pub const NONE: Kept = Kept {
        state: AtomicU32::new(FREE),
        pid: AtomicU32::new(0),
        owner: AtomicU64::new(0),
        flags: AtomicU32::new(0),
        at: AtomicUsize::new(0),
        name: AtomicUsize::new(0),
        len: AtomicUsize::new(0),
    };

    /// Becomes the only one that touches it.
    pub fn take(&self, from: u32) -> bool {
        self.state.compare_exchange(from, BUSY, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Whether it is there, and this process's.
    pub fn is_ours(&self, pid: u32) -> bool {
        self.state.load(Ordering::Acquire) == FULL && self.pid.load(Ordering::Relaxed) == pid
    }

    /// Says whose the call's datagram is that lies at `at`, to a name of `name` bytes.
    pub fn note(&self, cx: &Cx, name: usize, flags: c_int) {
        self.name.store(name, Ordering::Relaxed);
        self.pid.store(lent::pid(), Ordering::Relaxed);
        self.owner.store(lanes::owner(cx), Ordering::Relaxed);
        self.flags.store(flags as u32, Ordering::Relaxed);
    }

    /// Sends it; the error, 0 for none. What the kernel does not take then is lost.
    pub fn send(&self, fd: c_int) -> c_int {
        let at = self.at.load(Ordering::Relaxed);
        let name = self.name.load(Ordering::Relaxed);
        let flags = self.flags.load(Ordering::Relaxed) as c_int | libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        // SAFETY: name and datagram lie there.
        let r = unsafe {
            sys::call6(
                libc::SYS_sendto,
                fd as usize,
                at + ADDR_MAX,
                self.len.load(Ordering::Relaxed),
                flags as usize,
                if name > 0 { at } else { 0 },
                name,
            )
        };
        if r < 0 { -r as c_int } else { 0 }
    }
}
