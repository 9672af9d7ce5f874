//! Control messages: `[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[4]}]`.
//!
//! Text and JSON decode everything known; strace's syntax leaves cmsg_data away where strace 6.1 does.

use crate::fields::{Fields, address, boxed, list, number, piece, signed};
use crate::printer::{Format, Printer};
use crate::value::most;
use crate::xlat::{self, Xlat};
use crate::{sockopt, xlat::name as lookup};

/// Size of struct cmsghdr.
const HDR: usize = 16;

/// Prints the control messages in `bytes`, of which the program had `full` at `from`. False, and nothing is printed, when there is no room for
/// even one: then the pointer stands for it.
pub fn control(p: &mut Printer, bytes: &[u8], from: u64, full: u64) -> bool {
    if full < HDR as u64 {
        return false;
    }
    let total = usize::try_from(full).unwrap_or(usize::MAX);
    let bytes = bytes.get(..total).unwrap_or(bytes);
    p.begin_array();
    let mut off = 0usize;
    while off < total {
        let left = total.saturating_sub(off);
        let rest = bytes.get(off..).unwrap_or(&[]);
        let Some((head, data)) = rest.split_at_checked(HDR).filter(|_| left >= HDR) else {
            more_at(p, from.wrapping_add(off as u64));
            break;
        };
        let mut f = Fields::new(head);
        let len = f.take(8).map_or(0, number);
        let level = f.take(4).map_or(0, signed) as i32;
        let kind = f.take(4).map_or(0, signed) as i32;
        p.elem();
        p.begin_struct();
        p.field("cmsg_len");
        p.unum(len);
        p.field("cmsg_level");
        p.sym(i64::from(level), sockopt::level_name(level), "SOL_???");
        p.field("cmsg_type");
        print_type(p, level, kind);
        // What the message says it holds, what fits into the buffer, and what was captured of it.
        let claimed = usize::try_from(len).unwrap_or(usize::MAX).saturating_sub(HDR).min(left - HDR);
        let data = data.get(..claimed).unwrap_or(data);
        if len > HDR as u64 && claimed > 0 {
            if p.format() == Format::Strace {
                as_strace(p, level, kind, data);
            } else {
                p.field("cmsg_data");
                print_data(p, level, kind, data, claimed as u64);
            }
        }
        p.end_struct();
        let step = usize::try_from(len).ok().and_then(|n| n.checked_next_multiple_of(8)).unwrap_or(usize::MAX).max(HDR);
        off = off.saturating_add(step);
        if len < HDR as u64 {
            if off < total {
                more_at(p, from.wrapping_add(off as u64));
            }
            break;
        }
    }
    p.end_array();
    true
}

/// What cannot be told apart any more, and where it is.
fn more_at(p: &mut Printer, at: u64) {
    p.more();
    if p.format() == Format::Strace {
        p.note(" /* ");
        p.out().hex(at);
        p.note(" */");
    }
}

/// The table of a level's message types and what stands for unknown ones.
fn types(level: i32) -> (Xlat, &'static str) {
    match level {
        0 => (xlat::IP, "IP_???"),
        1 => (xlat::SCM, "SCM_???"),
        6 => (xlat::TCP, "TCP_???"),
        17 | 136 => (xlat::UDP, "UDP_???"),
        41 => (xlat::IPV6, "IPV6_???"),
        107 => (xlat::J1939_CMSG, "SCM_J1939_???"),
        132 => (xlat::SCTP_CMSG, "SCTP_???"),
        263 => (xlat::PACKET, "PACKET_???"),
        270 => (xlat::NETLINK, "NETLINK_???"),
        271 => (xlat::TIPC_CMSG, "TIPC_???"),
        272 => (xlat::RXRPC_CMSG, "RXRPC_???"),
        276 => (xlat::RDS_CMSG, "RDS_CMSG_???"),
        279 => (xlat::ALG, "ALG_???"),
        282 => (xlat::TLS_CMSG, "TLS_???"),
        287 => (xlat::VSOCK_CMSG, "VSOCK_???"),
        _ => (Xlat::NONE, ""),
    }
}

fn type_name(level: i32, kind: i32) -> Option<&'static str> {
    xlat::signed(types(level).0, i64::from(kind))
}

fn print_type(p: &mut Printer, level: i32, kind: i32) {
    let (_, unknown) = types(level);
    let mut name = type_name(level, kind);
    if p.format() == Format::Strace {
        name = match level {
            1 => name,
            // strace names these and no others.
            0 => match name {
                Some(
                    "IP_CHECKSUM" | "IP_ORIGDSTADDR" | "IP_PKTINFO" | "IP_RECVERR" | "IP_RECVOPTS" | "IP_RETOPTS"
                    | "IP_TOS" | "IP_TTL",
                ) => name,
                Some("IP_HDRINCL") => Some("SCM_SECURITY"),
                _ => None,
            },
            _ => {
                p.hex(u64::from(kind as u32));
                return;
            }
        };
    }
    p.sym(i64::from(kind), name, unknown);
}

fn ints(p: &mut Printer, b: &[u8]) {
    list(p, b, 4, most(p), |p, e| p.num(signed(e)));
}

/// The data as strace has it, with the field's name, or nothing.
fn as_strace(p: &mut Printer, level: i32, kind: i32, b: &[u8]) {
    let name = type_name(level, kind).unwrap_or("");
    let need = match (level, name) {
        (1, "SCM_RIGHTS") | (0, "IP_TTL" | "IP_CHECKSUM") => 4,
        (1, "SCM_CREDENTIALS") | (0, "IP_PKTINFO") => 12,
        (1, "SCM_SECURITY") | (0, "IP_TOS" | "IP_RECVOPTS" | "IP_RETOPTS") | (0, "IP_HDRINCL") => 1,
        (1, "SO_TIMESTAMP_OLD" | "SO_TIMESTAMPNS_OLD" | "SO_TIMESTAMP_NEW" | "SO_TIMESTAMPNS_NEW") => 0,
        (1, "SO_TIMESTAMPING_OLD" | "SO_TIMESTAMPING_NEW") => 0,
        (0, "IP_RECVERR") => 32,
        (0, "IP_ORIGDSTADDR") => 16,
        _ => return,
    };
    if b.len() < need {
        return;
    }
    p.field("cmsg_data");
    match (level, name) {
        (0, "IP_TTL" | "IP_CHECKSUM") => list(p, b, 4, most(p), |p, e| p.unum(number(e))),
        (1, "SO_TIMESTAMP_OLD" | "SO_TIMESTAMP_NEW") if b.len() >= 16 => time(p, b, "tv_usec"),
        (1, "SO_TIMESTAMPNS_OLD" | "SO_TIMESTAMPNS_NEW") if b.len() >= 16 => time(p, b, "tv_nsec"),
        (1, "SO_TIMESTAMPING_OLD" | "SO_TIMESTAMPING_NEW") if b.len() >= 48 => {
            list(p, b.get(..48).unwrap_or(b), 16, 3, |p, e| time(p, e, "tv_nsec"));
        }
        (0, "IP_TOS" | "IP_RECVOPTS" | "IP_RETOPTS") => list(p, b, 1, most(p), |p, e| {
            p.hex(number(e));
        }),
        (0, "IP_HDRINCL") => p.text(b),
        (0, "IP_RECVERR") => error(p, b, 16),
        _ => print_data(p, level, kind, b, b.len() as u64),
    }
}

/// A time whose fraction has no sign.
fn time(p: &mut Printer, b: &[u8], fraction: &str) {
    let mut f = Fields::new(b);
    p.begin_struct();
    f.num(p, "tv_sec", 8);
    f.unum(p, fraction, 8);
    p.end_struct();
}

/// struct sock_extended_err and the offender's address in the `most` bytes after it.
fn error(p: &mut Printer, b: &[u8], most: usize) {
    let mut f = Fields::new(b);
    let plain = p.format() == Format::Strace;
    let origin = b.get(4).copied().unwrap_or(0);
    p.begin_struct();
    if plain {
        f.unum(p, "ee_errno", 4);
        f.unum(p, "ee_origin", 1);
        f.unum(p, "ee_type", 1);
        f.unum(p, "ee_code", 1);
    } else {
        if let Some(b) = f.field(p, "ee_errno", 4) {
            sockopt::errno(p, signed(b));
        }
        f.sym(p, "ee_origin", 1, xlat::SO_EE_ORIGIN, "SO_EE_ORIGIN_???");
        let (types, codes): (Xlat, Xlat) = match (origin, f.rest().first().copied().unwrap_or(0)) {
            (2, 3) => (xlat::ICMP_TYPE, xlat::ICMP_UNREACH),
            (2, 5) => (xlat::ICMP_TYPE, xlat::ICMP_REDIR),
            (2, 11) => (xlat::ICMP_TYPE, xlat::ICMP_EXC),
            (2, _) => (xlat::ICMP_TYPE, Xlat::NONE),
            (3, 1) => (xlat::ICMPV6_TYPE, xlat::ICMPV6_UNREACH),
            (3, 3) => (xlat::ICMPV6_TYPE, xlat::ICMPV6_EXC),
            (3, _) => (xlat::ICMPV6_TYPE, Xlat::NONE),
            _ => (Xlat::NONE, Xlat::NONE),
        };
        for (field, table) in [("ee_type", types), ("ee_code", codes)] {
            if let Some(b) = f.field(p, field, 1) {
                let v = number(b);
                match lookup(table, v) {
                    Some(name) => p.sym(v as i64, Some(name), ""),
                    None if p.json() => p.sym(v as i64, None, ""),
                    None => p.unum(v),
                }
            }
        }
    }
    f.skip(1);
    match origin {
        // The kind of time stamp, of a time stamp.
        4 if !plain => f.sym(p, "ee_info", 4, xlat::SCM_TSTAMP, "SCM_TSTAMP_???"),
        _ => f.unum(p, "ee_info", 4),
    }
    f.unum(p, "ee_data", 4);
    let offender = f.rest().get(..most).unwrap_or(f.rest());
    if plain || offender.get(..2).is_some_and(|family| number(family) != 0) {
        p.field("offender");
        address(p, offender);
    }
    p.end_struct();
}

fn print_data(p: &mut Printer, level: i32, kind: i32, b: &[u8], full: u64) {
    let mut f = Fields::new(b);
    let name = type_name(level, kind).unwrap_or("");
    match (level, name) {
        (1, "SCM_RIGHTS") => list(p, b, 4, most(p), |p, e| p.fd(signed(e) as i32)),
        (1, "SCM_CREDENTIALS") => {
            p.begin_struct();
            f.num(p, "pid", 4);
            f.id(p, "uid");
            f.id(p, "gid");
            p.end_struct();
        }
        (1, "SCM_PIDFD") if b.len() >= 4 => boxed(p, |p| p.fd(signed(b.get(..4).unwrap_or(&[])) as i32)),
        (1, "SCM_SECURITY") => p.text(b),
        (1, "SO_TIMESTAMP_OLD" | "SO_TIMESTAMP_NEW") if b.len() >= 16 => f.time(p, "tv_usec"),
        (1, "SO_TIMESTAMPNS_OLD" | "SO_TIMESTAMPNS_NEW") if b.len() >= 16 => f.time(p, "tv_nsec"),
        (1, "SO_TIMESTAMPING_OLD" | "SO_TIMESTAMPING_NEW") if b.len() >= 48 => {
            list(p, b.get(..48).unwrap_or(b), 16, 3, |p, e| Fields::new(e).time(p, "tv_nsec"));
        }
        (1, n) if n.starts_with("SO_TIMESTAMP") && p.format() == Format::Strace => p.word("???"),
        (1, "SO_RXQ_OVFL" | "SO_WIFI_STATUS" | "SO_NOFCS" | "SCM_TS_OPT_ID" | "SO_PRIORITY" | "SCM_INQ") => ints(p, b),
        (1, "SO_MARK") if b.len() >= 4 => boxed(p, |p| p.hex(number(b.get(..4).unwrap_or(&[])))),
        (1, "SO_TXTIME") if b.len() >= 8 => boxed(p, |p| p.unum(number(b))),
        (1, "SCM_TIMESTAMPING_PKTINFO") => {
            p.begin_struct();
            f.unum(p, "if_index", 4);
            f.unum(p, "pkt_length", 4);
            p.end_struct();
        }
        (0, "IP_PKTINFO") => {
            p.begin_struct();
            f.interface(p, "ipi_ifindex");
            f.ip4(p, "ipi_spec_dst");
            f.ip4(p, "ipi_addr");
            p.end_struct();
        }
        (0, "IP_TTL" | "IP_CHECKSUM" | "IP_RECVFRAGSIZE")
        | (41, "IPV6_HOPLIMIT" | "IPV6_2292HOPLIMIT" | "IPV6_RECVFRAGSIZE") => ints(p, b),
        (0, "IP_TOS") | (41, "IPV6_TCLASS") if matches!(b.len(), 1 | 4) => boxed(p, |p| sockopt::tos(p, number(b))),
        (0, "IP_OPTIONS" | "IP_RECVOPTS" | "IP_RETOPTS") => list(p, b, 1, most(p), |p, e| p.hex(number(e))),
        (0, "IP_PASSSEC") => p.text(b),
        (0, "IP_RECVERR") | (41, "IPV6_RECVERR") => error(p, b, usize::MAX),
        (0, "IP_ORIGDSTADDR") | (41, "IPV6_ORIGDSTADDR") => address(p, b),
        (41, "IPV6_PKTINFO" | "IPV6_2292PKTINFO") => {
            p.begin_struct();
            f.ip6(p, "ipi6_addr");
            f.unum(p, "ipi6_ifindex", 4);
            p.end_struct();
        }
        (41, "IPV6_FLOWINFO") if b.len() >= 4 => {
            boxed(p, |p| p.hex(b.iter().take(4).fold(0, |v, &c| (v << 8) | u64::from(c))))
        }
        (17 | 136, "UDP_SEGMENT") if b.len() >= 2 => boxed(p, |p| p.unum(number(b.get(..2).unwrap_or(&[])))),
        (17 | 136, "UDP_GRO") | (6, "TCP_INQ") => ints(p, b),
        (282, "TLS_SET_RECORD_TYPE" | "TLS_GET_RECORD_TYPE") => match *b {
            [t, ..] => boxed(p, |p| p.sym(i64::from(t), lookup(xlat::TLS_RECORD, u64::from(t)), "TLS_RECORD_TYPE_???")),
            [] => piece(p, b),
        },
        (279, "ALG_SET_OP") if b.len() >= 4 => {
            boxed(p, |p| {
                let v = number(b.get(..4).unwrap_or(&[]));
                p.sym(v as i64, lookup(xlat::ALG_OP, v), "ALG_OP_???");
            });
        }
        (279, "ALG_SET_AEAD_ASSOCLEN") => ints(p, b),
        (279, "ALG_SET_IV") => {
            p.begin_struct();
            f.unum(p, "ivlen", 4);
            if !f.rest().is_empty() {
                p.field("iv");
                piece(p, f.rest());
            }
            p.end_struct();
        }
        (263, "PACKET_AUXDATA") => {
            p.begin_struct();
            f.flags(p, "tp_status", 4, xlat::TP_STATUS, "TP_STATUS_???");
            f.unum(p, "tp_len", 4);
            f.unum(p, "tp_snaplen", 4);
            f.unum(p, "tp_mac", 2);
            f.unum(p, "tp_net", 2);
            f.unum(p, "tp_vlan_tci", 2);
            f.sym(p, "tp_vlan_tpid", 2, xlat::ETH_P, "ETH_P_???");
            p.end_struct();
        }
        (270, "NETLINK_PKTINFO") => {
            p.begin_struct();
            f.unum(p, "group", 4);
            p.end_struct();
        }
        (270, "NETLINK_LISTEN_ALL_NSID") => ints(p, b),
        (132, _) if sockopt::sctp_cmsg(p, kind, b) => {}
        (271, "TIPC_ERRINFO") => {
            p.begin_struct();
            f.unum(p, "code", 4);
            f.unum(p, "length", 4);
            p.end_struct();
        }
        _ => p.payload(b, full),
    }
}
