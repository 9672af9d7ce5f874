//! Datagrams that are held back until others of their socket have been sent: a copy each, in memory of its own.
//!
//! One that no other follows is lost, as is one whose socket is closed. A child of a fork does not send its parent's.

use super::kept::{FREE, FULL, Kept};
use super::{Cx, data, lanes, lent};
use core::sync::atomic::{AtomicU32, Ordering};
use libc::c_int;
use socklens_inside::sys;
use socklens_wire::Segment;
use socklens_wire::conn::ADDR_MAX;

struct Place {
    /// In a mapping of its own.
    kept: Kept,
    /// Datagrams that overtake it yet.
    left: AtomicU32,
}

const PLACES: usize = 32;
static PLACE: [Place; PLACES] = [const { Place { kept: Kept::NONE, left: AtomicU32::new(0) } }; PLACES];

/// Places that are full, or were in the parent: none is looked at when there is none.
static USED: AtomicU32 = AtomicU32::new(0);

fn of_conn(cx: &Cx) -> impl Iterator<Item = &'static Place> {
    let (pid, owner) = (lent::pid(), lanes::owner(cx));
    PLACE.iter().filter(move |p| p.kept.is_ours(pid) && p.kept.owner.load(Ordering::Relaxed) == owner)
}

/// Whether one of this socket is held back.
pub fn any(cx: &Cx) -> bool {
    USED.load(Ordering::Relaxed) != 0 && of_conn(cx).next().is_some()
}

fn unmap(p: &Place) {
    // SAFETY: the place is ours, and so is its mapping.
    unsafe { sys::munmap(p.kept.at.load(Ordering::Relaxed) as *mut u8, ADDR_MAX + p.kept.len.load(Ordering::Relaxed)) };
    USED.fetch_sub(1, Ordering::Relaxed);
}

/// Holds a call's datagram back until `gap` others have been sent; false when that cannot be.
pub fn keep(seg: &Segment, cx: &Cx, len: usize, gap: u64, flags: c_int) -> bool {
    let name = super::connect::address(cx);
    let Some(p) = PLACE.iter().find(|p| {
        p.kept.take(FREE)
            || (p.kept.pid.load(Ordering::Relaxed) != lent::pid()
                || lanes::ended(seg, p.kept.owner.load(Ordering::Relaxed)))
                && p.kept.take(FULL)
                && {
                    unmap(p);
                    true
                }
    }) else {
        return false;
    };
    let at = sys::mmap(ADDR_MAX + len, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1);
    let Some(at) = at else {
        p.kept.state.store(FREE, Ordering::Release);
        return false;
    };
    USED.fetch_add(1, Ordering::Relaxed);
    p.kept.at.store(at as usize, Ordering::Relaxed);
    p.kept.len.store(len, Ordering::Relaxed);
    // SAFETY: the mapping has room for both.
    let copied = unsafe {
        core::ptr::copy_nonoverlapping(name.bytes.as_ptr(), at, ADDR_MAX);
        data::copy_sent(cx, at.add(ADDR_MAX), len)
    };
    if copied != Some(len) {
        unmap(p);
        p.kept.state.store(FREE, Ordering::Release);
        return false;
    }
    p.kept.note(cx, name.len, flags);
    p.left.store(gap.clamp(1, 1 << 20) as u32, Ordering::Relaxed);
    p.kept.state.store(FULL, Ordering::Release);
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
        if !p.kept.take(FULL) {
            continue;
        }
        p.kept.send(cx.fd);
        unmap(p);
        p.kept.state.store(FREE, Ordering::Release);
    }
}
