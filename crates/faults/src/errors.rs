//! What must hold for an error, held against the call: the table of errors is `socklens_rules::fault::plausible`.

use super::{Cx, connect, data, kernel, lanes, lent};
use core::sync::atomic::Ordering;
use libc::c_int;
use socklens_calls::{Call, class};
use socklens_rules::fault::plausible::{self, Plausible, Pre};
use socklens_wire::conn::flag;
use socklens_wire::fault::{FaultConn, lane};

/// The row of an error for this call on this socket.
pub fn find(cx: &Cx, errno: c_int) -> Option<&'static Plausible> {
    let (family, ty) = cx.conn.map_or((0, 0), |c| (c.family, c.ty));
    plausible::find(plausible::place(cx.call, family, ty, cx.lane == lane::OUT), errno as u16)
}

/// Whether a call waits for readiness.
pub fn waits(call: Call) -> bool {
    call.class() & class::WAIT != 0 && !matches!(call, Call::epoll_ctl | Call::epoll_create | Call::epoll_create1)
}

fn has_sent(c: &FaultConn) -> bool {
    c.ops.get(usize::from(lane::OUT)).is_some_and(|n| n.load(Ordering::Relaxed) != 0)
}

/// Whether what an error needs is so. What its recipe sees to itself is not asked here.
pub fn holds(cx: &Cx, pre: Pre) -> bool {
    let named = || connect::address(cx);
    match pre {
        Pre::Always | Pre::Nonblocking | Pre::Interruptible | Pre::Handler | Pre::Connected | Pre::Pending => true,
        // What the kernel is told of a datagram can only come behind it.
        Pre::Asked => {
            cx.conn.is_some_and(|c| c.flags & flag::PEER != 0 && i32::from(c.ty) == libc::SOCK_DGRAM)
                && lanes::conn(lent::segment(), cx).is_some_and(has_sent)
        }
        Pre::OtherFamily => cx.arg(0) as c_int != libc::AF_INET && cx.arg(0) as c_int != libc::AF_UNIX,
        Pre::Protocol => cx.arg(2) as c_int != 0,
        Pre::Privileged => cx.unix() || named().port().is_some_and(|p| p != 0 && p < 1024),
        Pre::SpecificAddress => named().specific(),
        Pre::OnlyTrue => false,
        Pre::Broadcast => named().broadcast(),
        Pre::RecvErr => {
            let (level, name) =
                if cx.v6() { (libc::IPPROTO_IPV6, libc::IPV6_RECVERR) } else { (libc::IPPROTO_IP, libc::IP_RECVERR) };
            kernel::get(cx.fd, level, name).unwrap_or(0) != 0
        }
        Pre::Large => data::asked(cx) > 1280 && kernel::is_whole(cx.fd, cx.v6()),
        Pre::Adding => cx.arg(1) as c_int == libc::EPOLL_CTL_ADD,
    }
}
