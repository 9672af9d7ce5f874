//! Datagrams that are held back until others of their socket have been sent: a copy each, in memory of its own.
//!
//! One that no other follows is lost, as is one whose socket is closed. A child of a fork does not send its parent's.

use super::{Cx, data, lanes, lent};
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use libc::c_int;
use socklens_inside::sys;
use socklens_wire::Segment;
use socklens_wire::conn::ADDR_MAX;

/// Values of [`Place::state`].
const FREE: u32 = 0;
const BUSY: u32 = 1;
const FULL: u32 = 2;

struct Place {
    state: AtomicU32,
    pid: AtomicU32,
    /// The conn it was sent on, as [`lanes::owner`] names it.
    owner: AtomicU64,
    /// Datagrams that overtake it yet.
    left: AtomicU32,
    flags: AtomicU32,
    /// The mapping: the name, of `name` bytes, in the first [`ADDR_MAX`], then the datagram.
    at: AtomicUsize,
    name: AtomicUsize,
    len: AtomicUsize,
}

const PLACES: usize = 32;
static PLACE: [Place; PLACES] = [const {
    Place {
        state: AtomicU32::new(FREE),
        pid: AtomicU32::new(0),
        owner: AtomicU64::new(0),
        left: AtomicU32::new(0),
        flags: AtomicU32::new(0),
        at: AtomicUsize::new(0),
        name: AtomicUsize::new(0),
        len: AtomicUsize::new(0),
    }
}; PLACES];

/// Places that are full, or were in the parent: none is looked at when there is none.
static USED: AtomicU32 = AtomicU32::new(0);

fn of_conn(cx: &Cx) -> impl Iterator<Item = &'static Place> {
    let (pid, owner) = (lent::pid(), lanes::owner(cx));
    PLACE.iter().filter(move |p| {
        p.state.load(Ordering::Acquire) == FULL
            && p.pid.load(Ordering::Relaxed) == pid
            && p.owner.load(Ordering::Relaxed) == owner
    })
}

/// Whether one of this socket is held back.
pub fn any(cx: &Cx) -> bool {
    USED.load(Ordering::Relaxed) != 0 && of_conn(cx).next().is_some()
}

fn take(p: &Place, from: u32) -> bool {
    p.state.compare_exchange(from, BUSY, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

fn unmap(p: &Place) {
    // SAFETY: the place is ours, and so is its mapping.
    unsafe { sys::munmap(p.at.load(Ordering::Relaxed) as *mut u8, ADDR_MAX + p.len.load(Ordering::Relaxed)) };
    USED.fetch_sub(1, Ordering::Relaxed);
}

/// Holds a call's datagram back until `gap` others have been sent; false when that cannot be.
pub fn keep(seg: &Segment, cx: &Cx, len: usize, gap: u64, flags: c_int) -> bool {
    let name = super::connect::address(cx);
    let Some(p) = PLACE.iter().find(|p| {
        take(p, FREE)
            || (p.pid.load(Ordering::Relaxed) != lent::pid() || lanes::ended(seg, p.owner.load(Ordering::Relaxed)))
                && take(p, FULL)
                && {
                    unmap(p);
                    true
                }
    }) else {
        return false;
    };
    let at = sys::mmap(ADDR_MAX + len, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1);
    let Some(at) = at else {
        p.state.store(FREE, Ordering::Release);
        return false;
    };
    USED.fetch_add(1, Ordering::Relaxed);
    p.at.store(at as usize, Ordering::Relaxed);
    p.len.store(len, Ordering::Relaxed);
    // SAFETY: the mapping has room for both.
    let copied = unsafe {
        core::ptr::copy_nonoverlapping(name.bytes.as_ptr(), at, ADDR_MAX);
        data::copy_sent(cx, at.add(ADDR_MAX), len)
    };
    if copied != Some(len) {
        unmap(p);
        p.state.store(FREE, Ordering::Release);
        return false;
    }
    p.name.store(name.len, Ordering::Relaxed);
    p.pid.store(lent::pid(), Ordering::Relaxed);
    p.owner.store(lanes::owner(cx), Ordering::Relaxed);
    p.left.store(gap.clamp(1, 1 << 20) as u32, Ordering::Relaxed);
    p.flags.store(flags as u32, Ordering::Relaxed);
    p.state.store(FULL, Ordering::Release);
    true
}

/// Datagrams of the socket have been sent: those that they were to overtake follow. What the kernel does not take then is lost.
pub fn passed(cx: &Cx, sent: i64) {
    if USED.load(Ordering::Relaxed) == 0 || sent <= 0 {
        return;
    }
    for p in of_conn(cx) {
        let left = p.left.load(Ordering::Relaxed);
        if i64::from(left) > sent {
            p.left.store(left - sent as u32, Ordering::Relaxed);
            continue;
        }
        if !take(p, FULL) {
            continue;
        }
        let at = p.at.load(Ordering::Relaxed);
        let name = p.name.load(Ordering::Relaxed);
        let flags = p.flags.load(Ordering::Relaxed) as c_int | libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        // SAFETY: name and datagram lie in the mapping.
        unsafe {
            sys::call6(
                libc::SYS_sendto,
                cx.fd as usize,
                at + ADDR_MAX,
                p.len.load(Ordering::Relaxed),
                flags as usize,
                if name > 0 { at } else { 0 },
                name,
            )
        };
        unmap(p);
        p.state.store(FREE, Ordering::Release);
    }
}
