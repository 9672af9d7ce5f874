//! Option values as strace 6.1 shows them.

use super::print::print;
use super::shape::{self, Layout, structure};
use crate::fields::{boxed, piece, signed};
use crate::printer::Printer;
use crate::xlat;

/// SOL_SOCKET options strace prints as an int.
static STRACE_INTS: [u16; 43] = [
    xlat::number(xlat::SO, "SO_DEBUG"),
    xlat::number(xlat::SO, "SO_REUSEADDR"),
    xlat::number(xlat::SO, "SO_DONTROUTE"),
    xlat::number(xlat::SO, "SO_BROADCAST"),
    xlat::number(xlat::SO, "SO_SNDBUF"),
    xlat::number(xlat::SO, "SO_RCVBUF"),
    xlat::number(xlat::SO, "SO_KEEPALIVE"),
    xlat::number(xlat::SO, "SO_OOBINLINE"),
    xlat::number(xlat::SO, "SO_NO_CHECK"),
    xlat::number(xlat::SO, "SO_PRIORITY"),
    xlat::number(xlat::SO, "SO_BSDCOMPAT"),
    xlat::number(xlat::SO, "SO_REUSEPORT"),
    xlat::number(xlat::SO, "SO_PASSCRED"),
    xlat::number(xlat::SO, "SO_RCVLOWAT"),
    xlat::number(xlat::SO, "SO_SNDLOWAT"),
    xlat::number(xlat::SO, "SO_DETACH_FILTER"),
    xlat::number(xlat::SO, "SO_TIMESTAMP_OLD"),
    xlat::number(xlat::SO, "SO_ACCEPTCONN"),
    xlat::number(xlat::SO, "SO_SNDBUFFORCE"),
    xlat::number(xlat::SO, "SO_RCVBUFFORCE"),
    xlat::number(xlat::SO, "SO_PASSSEC"),
    xlat::number(xlat::SO, "SO_TIMESTAMPNS_OLD"),
    xlat::number(xlat::SO, "SO_MARK"),
    xlat::number(xlat::SO, "SO_TIMESTAMPING_OLD"),
    xlat::number(xlat::SO, "SO_RXQ_OVFL"),
    xlat::number(xlat::SO, "SO_WIFI_STATUS"),
    xlat::number(xlat::SO, "SO_PEEK_OFF"),
    xlat::number(xlat::SO, "SO_NOFCS"),
    xlat::number(xlat::SO, "SO_LOCK_FILTER"),
    xlat::number(xlat::SO, "SO_SELECT_ERR_QUEUE"),
    xlat::number(xlat::SO, "SO_BUSY_POLL"),
    xlat::number(xlat::SO, "SO_INCOMING_CPU"),
    xlat::number(xlat::SO, "SO_CNX_ADVICE"),
    xlat::number(xlat::SO, "SO_INCOMING_NAPI_ID"),
    xlat::number(xlat::SO, "SO_ZEROCOPY"),
    xlat::number(xlat::SO, "SO_TIMESTAMP_NEW"),
    xlat::number(xlat::SO, "SO_TIMESTAMPNS_NEW"),
    xlat::number(xlat::SO, "SO_TIMESTAMPING_NEW"),
    xlat::number(xlat::SO, "SO_DETACH_REUSEPORT_BPF"),
    xlat::number(xlat::SO, "SO_PREFER_BUSY_POLL"),
    xlat::number(xlat::SO, "SO_BUSY_POLL_BUDGET"),
    xlat::number(xlat::SO, "SO_RESERVE_MEM"),
    xlat::number(xlat::SO, "SO_RCVMARK"),
];

fn int(p: &mut Printer, b: &[u8]) {
    match b.get(..4) {
        Some(b) => boxed(p, |p| p.num(signed(b))),
        None => piece(p, b),
    }
}

/// Prints a value; false when there is none to show.
pub(super) fn value(p: &mut Printer, level: i32, name: i32, b: &[u8], full: u32, is_get: bool) -> bool {
    const SO_LINGER: i32 = libc::SO_LINGER;
    const ATTACH_CBPF: i32 = xlat::number(xlat::SO, "SO_ATTACH_REUSEPORT_CBPF") as i32;
    const TXREHASH: i32 = xlat::number(xlat::SO, "SO_TXREHASH") as i32;
    const JOIN: i32 = xlat::number(xlat::IP, "MCAST_JOIN_GROUP") as i32;
    const LEAVE: i32 = xlat::number(xlat::IP, "MCAST_LEAVE_GROUP") as i32;
    const JOIN_ANY: i32 = xlat::number(xlat::IPV6, "IPV6_JOIN_ANYCAST") as i32;
    const LEAVE_ANY: i32 = xlat::number(xlat::IPV6, "IPV6_LEAVE_ANYCAST") as i32;
    const ICMP_FILTER: i32 = xlat::number(xlat::RAW, "ICMP_FILTER") as i32;
    const MEMBERSHIPS: i32 = xlat::number(xlat::NETLINK, "NETLINK_LIST_MEMBERSHIPS") as i32;
    // Whether enough was passed to setsockopt; getsockopt prints what there is of a value.
    let enough = |n: u32| full >= n && b.len() as u64 >= u64::from(full.min(n));
    let some = is_get && full > 0;
    let exactly = |n: u32| full == n && b.len() as u64 == u64::from(n);
    // The option's shape is wanted when this much is there; otherwise, of setsockopt, the pointer.
    let fine = match (level, name) {
        (1, SO_LINGER) => enough(8) || some,
        (1, libc::SO_PEERCRED | libc::SO_ERROR) if is_get => some,
        // Its unknown values are decimal.
        (1, TXREHASH) => match b.get(..4).map(signed) {
            Some(v) if enough(4) && xlat::signed(xlat::SO_TXREHASH, v).is_none() => {
                boxed(p, |p| {
                    p.num(v);
                    p.comment("SOCK_TXREHASH_???");
                });
                return true;
            }
            _ => enough(4) || some,
        },
        // Its number is another option's in getsockopt.
        (1, libc::SO_ATTACH_FILTER) if !is_get => exactly(16),
        (1, ATTACH_CBPF) => exactly(16),
        (1, n) if u16::try_from(n).is_ok_and(|n| STRACE_INTS.contains(&n)) => {
            if enough(4) || some {
                int(p, b);
                return true;
            }
            false
        }
        (0, libc::IP_ADD_MEMBERSHIP | libc::IP_DROP_MEMBERSHIP) if !is_get => {
            if enough(8) {
                structure(p, b.get(..8).unwrap_or(b), Layout::Mreq);
                return true;
            }
            false
        }
        (0 | 41, JOIN | LEAVE) if !is_get => enough(136),
        (41, libc::IPV6_ADD_MEMBERSHIP | libc::IPV6_DROP_MEMBERSHIP | JOIN_ANY | LEAVE_ANY) if !is_get => enough(20),
        (255, ICMP_FILTER) => full > 0 && !b.is_empty(),
        (
            263,
            libc::PACKET_ADD_MEMBERSHIP | libc::PACKET_DROP_MEMBERSHIP | libc::PACKET_RX_RING | libc::PACKET_TX_RING,
        ) if !is_get => exactly(16),
        (263, libc::PACKET_STATISTICS) if some => {
            structure(p, b.get(..8).unwrap_or(b), Layout::PacketStats);
            return true;
        }
        (270, MEMBERSHIPS) if is_get => true,
        (270, _) => {
            if enough(4) || some {
                int(p, b);
                return true;
            }
            return false;
        }
        _ => return as_bytes(p, b, full, is_get),
    };
    if fine {
        print(p, shape::of(level, name, is_get), b, full);
    } else if level == 255 || !is_get {
        return false;
    } else {
        return as_bytes(p, b, full, is_get);
    }
    true
}

/// What strace knows nothing of: four bytes are an int, the rest is a string.
fn as_bytes(p: &mut Printer, b: &[u8], full: u32, is_get: bool) -> bool {
    if is_get && full == 0 {
        return false;
    }
    if full == 4 && b.len() == 4 {
        int(p, b);
    } else {
        p.payload(b, u64::from(full));
    }
    true
}
