//! Socket options: the names of levels and options, and their values as what they are.
//!
//! Text and JSON decode everything known. strace's syntax decodes what strace 6.1 decodes and prints the rest as it does: four bytes
//! as an int, other lengths as a string. Keys are shown in no syntax.

mod print;
mod shape;
mod strace;

pub(crate) use print::{errno, sctp_cmsg, tos};

use crate::fields::hidden;
use crate::printer::{Format, Printer};
use crate::xlat::{self, Xlat};

/// The option table of a level, what stands for names it lacks, and whether strace has a table for that level.
fn table(level: i32) -> Option<(Xlat, &'static str, bool)> {
    Some(match level {
        0 => (xlat::IP, "IP_???", true),
        1 => (xlat::SO, "SO_???", true),
        6 => (xlat::TCP, "TCP_???", true),
        17 => (xlat::UDP, "UDP_???", true),
        18 => (xlat::RFCOMM, "RFCOMM_???", false),
        40 => (xlat::VSOCK, "SO_VM_???", true),
        41 => (xlat::IPV6, "IPV6_???", true),
        58 => (xlat::ICMPV6, "ICMPV6_???", false),
        101 => (xlat::CAN_RAW_OPT, "CAN_RAW_???", true),
        106 => (xlat::CAN_ISOTP_OPT, "CAN_ISOTP_???", false),
        107 => (xlat::J1939_OPT, "SO_J1939_???", false),
        132 => (xlat::SCTP, "SCTP_???", true),
        136 => (xlat::UDPLITE, "UDPLITE_???", false),
        255 => (xlat::RAW, "RAW_???", true),
        256 => (xlat::IPX, "IPX_???", true),
        257 => (xlat::AX25, "AX25_???", true),
        259 => (xlat::NETROM, "NETROM_???", false),
        260 => (xlat::ROSE, "ROSE_???", false),
        262 => (xlat::X25, "X25_???", false),
        263 => (xlat::PACKET, "PACKET_???", true),
        264 | 265 => (xlat::ATM, "SO_???", false),
        266 => (xlat::IRDA, "IRLMP_???", true),
        268 => (xlat::LLC, "LLC_OPT_???", true),
        269 => (xlat::DCCP, "DCCP_SOCKOPT_???", true),
        270 => (xlat::NETLINK, "NETLINK_???", true),
        271 => (xlat::TIPC, "TIPC_???", true),
        272 => (xlat::RXRPC, "RXRPC_???", true),
        273 => (xlat::PPPOL2TP, "PPPOL2TP_SO_???", true),
        274 => (xlat::BLUETOOTH, "BT_???", true),
        275 => (xlat::PNPIPE, "PNPIPE_???", true),
        276 => (xlat::RDS, "RDS_???", true),
        277 => (xlat::IUCV, "SO_???", true),
        278 => (xlat::CAIF, "CAIFSO_???", true),
        279 => (xlat::ALG, "ALG_???", true),
        280 => (xlat::NFC_LLCP, "NFC_LLCP_???", true),
        281 => (xlat::KCM, "KCM_???", true),
        282 => (xlat::TLS, "TLS_???", true),
        283 => (xlat::XDP, "XDP_???", true),
        284 => (xlat::MPTCP, "MPTCP_???", false),
        285 => (xlat::MCTP, "MCTP_OPT_???", false),
        286 => (xlat::SMC, "SMC_???", false),
        _ => return None,
    })
}

/// The name of a level.
pub fn level_name(level: i32) -> Option<&'static str> {
    xlat::signed(xlat::SOL, i64::from(level))
}

/// The name of an option; some numbers mean different things in getsockopt.
pub fn option_name(level: i32, name: i32, is_get: bool) -> Option<&'static str> {
    let other = if is_get { special(level, name) } else { None };
    other.or_else(|| table(level).and_then(|t| xlat::signed(t.0, i64::from(name))))
}

/// The name of a number that means something else in getsockopt.
fn special(level: i32, name: i32) -> Option<&'static str> {
    match level {
        0 => xlat::signed(xlat::IP_GET, i64::from(name)),
        1 if name == libc::SO_ATTACH_FILTER => Some("SO_GET_FILTER"),
        41 => xlat::signed(xlat::IPV6_GET, i64::from(name)),
        _ => None,
    }
}

/// Prints a level.
pub fn level(p: &mut Printer, level: i32) {
    // strace itself has two question marks here and three in control messages.
    let unknown = if p.format() == Format::Strace { "SOL_??" } else { "SOL_???" };
    p.sym(i64::from(level), level_name(level), unknown);
}

/// Prints an option of setsockopt.
pub fn name(p: &mut Printer, level: i32, name: i32) {
    print_name(p, level, name, false);
}

/// Prints an option of getsockopt.
pub fn get_name(p: &mut Printer, level: i32, name: i32) {
    print_name(p, level, name, true);
}

fn print_name(p: &mut Printer, level: i32, name: i32, is_get: bool) {
    match table(level) {
        Some((_, unknown, strace)) if strace || p.format() != Format::Strace => {
            p.sym(i64::from(name), option_name(level, name, is_get), unknown);
        }
        _ if p.json() => p.sym(i64::from(name), None, ""),
        _ if p.format() == Format::Strace => p.unum(u64::from(name as u32)),
        _ => p.num(i64::from(name)),
    }
}

/// Prints an option's value: `bytes` of the `full` ones. False, and nothing is printed, when there is no value to show: then the
/// pointer stands for it.
pub fn value(p: &mut Printer, level: i32, name: i32, bytes: &[u8], full: u32, is_get: bool) -> bool {
    let bytes = bytes.get(..full as usize).unwrap_or(bytes);
    let shape = shape::of(level, name, is_get);
    if matches!(shape, shape::Shape::Hidden) && full > 0 {
        hidden(p);
        return true;
    }
    if p.format() == Format::Strace {
        return strace::value(p, level, name, bytes, full, is_get);
    }
    if full == 0 {
        return false;
    }
    print::print(p, shape, bytes, full);
    true
}
