//! The error that a reset leaves on a unix stream. The kernel sets it (sk_err) where a peer closes and has something unread, and
//! nowhere else, so no call of this end can: poll and epoll have it from here, as long as no receive and no SO_ERROR was told.

use super::lent::{self, fetch};
use super::rearm;
use super::{Cx, decide, lanes, wait};
use core::sync::atomic::Ordering;
use libc::{c_int, epoll_event, pollfd};
use socklens_calls::Call;
use socklens_wire::Segment;
use socklens_wire::fault::state;

/// Leaves it, before the connection ends: whoever is told of the end is told of the error.
pub fn leave(seg: &Segment, conn: Option<&socklens_wire::fault::FaultConn>) {
    seg.fault_shared().left.store(1, Ordering::Relaxed);
    decide::park(conn, libc::ECONNRESET);
}

fn has(seg: &Segment, fd: c_int) -> bool {
    let e = lent::fd(fd);
    let info = e.conn().and_then(lent::info);
    let stream =
        |c: &socklens_wire::ConnInfo| c_int::from(c.family) == libc::AF_UNIX && c_int::from(c.ty) == libc::SOCK_STREAM;
    let own = |c: &&socklens_wire::fault::FaultConn| c.serial.load(Ordering::Relaxed) == e.serial();
    info.is_some_and(stream)
        && e.conn().and_then(|i| seg.fault_conn(i)).filter(own).is_some_and(|c| decide::is(Some(c), state::PARKED))
}

/// Whether the call's answers show it.
pub fn shows(call: Call) -> bool {
    matches!(call, Call::poll | Call::ppoll | Call::__poll_chk | Call::__ppoll_chk) || wait::has_list(call)
}

/// After a call that waited: the error is among what it tells. Such a socket has ended, so it is told of in any case.
pub fn tell(seg: &Segment, cx: &Cx, ret: i64) {
    if ret <= 0 || !shows(cx.call) || seg.fault_shared().left.load(Ordering::Relaxed) == 0 {
        return;
    }
    if wait::has_list(cx.call) {
        return watched(seg, cx, ret as usize);
    }
    for i in 0..cx.arg(1) {
        let at = (cx.arg(0) as *mut pollfd).wrapping_add(i as usize);
        let Some(p) = fetch::<pollfd>(at as u64, true) else { return };
        if p.revents & libc::POLLHUP != 0 && has(seg, p.fd) {
            // SAFETY: the caller's array, in which the kernel has just written each of these.
            unsafe { (*at).revents = p.revents | libc::POLLERR };
        }
    }
}

fn watched(seg: &Segment, cx: &Cx, count: usize) {
    if lanes::confined(seg, cx) {
        return;
    }
    const HUP: u32 = libc::EPOLLHUP as u32;
    rearm::watched_by(cx.arg(0) as c_int, &mut |w| {
        if !has(seg, w.fd) {
            return;
        }
        for i in 0..count {
            let at = (cx.arg(1) as *mut epoll_event).wrapping_add(i);
            let Some(e) = fetch::<epoll_event>(at as u64, true) else { return };
            if e.u64 == w.data && e.events & HUP != 0 {
                let events = e.events | libc::EPOLLERR as u32;
                // SAFETY: the caller's array, in which the kernel has just written so many events.
                unsafe { at.write_unaligned(epoll_event { events, u64: e.u64 }) };
            }
        }
    });
}
