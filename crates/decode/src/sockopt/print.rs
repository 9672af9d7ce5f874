//! Values by their shape.

use super::shape::{Layout, Shape, fields, structure};
use crate::fields::{Fields, address, boxed, hidden, list, number, piece, signed, symbols, until_nul};
use crate::printer::{Format, Printer};
use crate::xlat::{self, Xlat};

/// Prints SCTP's ancillary data of this type; false when it is not known.
pub(crate) fn sctp_cmsg(p: &mut Printer, kind: i32, b: &[u8]) -> bool {
    let layout = match xlat::signed(xlat::SCTP_CMSG, i64::from(kind)) {
        Some("SCTP_INIT") => Layout::SctpInitmsg,
        Some("SCTP_SNDRCV") => Layout::SndRcvInfo,
        Some("SCTP_SNDINFO") => Layout::SndInfo,
        Some("SCTP_RCVINFO") => Layout::RcvInfo,
        _ => return false,
    };
    structure(p, b, layout);
    true
}

/// IP_TOS and IPV6_TCLASS: the code point and the congestion bits.
pub(crate) fn tos(p: &mut Printer, v: u64) {
    let name = xlat::name(xlat::IPTOS_DSCP, v & 0xfc).or_else(|| xlat::name(xlat::IPTOS, v & 0xfc));
    if p.json() {
        p.sym(v as i64, name, "");
        return;
    }
    p.hex(v);
    if let Some(name) = name.filter(|_| v != 0) {
        p.note(" /* ");
        p.note(name);
        if let Some(ecn) = xlat::name(xlat::IPTOS_ECN, v & 3).filter(|_| v & 3 != 0) {
            p.note("|");
            p.note(ecn);
        }
        p.note(" */");
    }
}

/// An error number as a symbol; 0 is 0.
pub(crate) fn errno(p: &mut Printer, v: i64) {
    match v {
        0 if !p.json() => p.num(0),
        _ => p.sym(v, xlat::signed(xlat::ERRNO, v), ""),
    }
}

/// Names of protocols that stand for one thing in every family that has SO_PROTOCOL.
fn protocol(v: u64) -> Option<&'static str> {
    match v {
        6 | 17 | 58 | 132 | 136 | 255 | 262 => xlat::name(xlat::IPPROTO, v),
        _ => None,
    }
}

/// Prints a value of this shape: `b` of its `full` bytes.
pub(super) fn print(p: &mut Printer, shape: Shape, b: &[u8], full: u32) {
    let mut f = Fields::new(b);
    let size = full as usize;
    match shape {
        // Scalars: of a getsockopt that was given less room than the value needs, the piece is shown.
        Shape::Errno | Shape::Sym(..) | Shape::Flags(..) | Shape::Proto | Shape::Fd | Shape::Hex
            if b.len() < 4 && size < 4 =>
        {
            match (shape, b) {
                (Shape::Hex | Shape::Sym(..), [_] | [_, _]) if p.format() != Format::Strace => {
                    scalar(p, shape, number(b))
                }
                _ => piece(p, b),
            }
        }
        Shape::Errno | Shape::Sym(..) | Shape::Flags(..) | Shape::Proto | Shape::Fd | Shape::Hex => match b.get(..4) {
            Some(b) => scalar(p, shape, number(b)),
            None => p.payload(b, u64::from(full)),
        },
        Shape::Int => match (size, b) {
            (1 | 2 | 4, _) if b.len() == size => {
                boxed(p, |p| p.num(if size == 4 { signed(b) } else { number(b) as i64 }))
            }
            _ => p.payload(b, u64::from(full)),
        },
        Shape::Unsigned if size <= 8 && b.len() == size => boxed(p, |p| p.unum(number(b))),
        Shape::Big if size <= 8 && b.len() == size => {
            boxed(p, |p| p.unum(b.iter().fold(0, |v, &c| (v << 8) | u64::from(c))));
        }
        Shape::Tos if b.len() == size && matches!(size, 1 | 4) => boxed(p, |p| tos(p, number(b))),
        Shape::Unsigned | Shape::Big | Shape::Tos | Shape::Raw => p.payload(b, u64::from(full)),
        Shape::Hidden => hidden(p),
        Shape::Text => p.text(until_nul(b)),
        Shape::Timeval => f.time(p, "tv_usec"),
        Shape::U32s => list(p, b, 4, most(p), |p, e| p.unum(number(e))),
        Shape::Addr => address(p, b),
        Shape::Addrs => {
            p.begin_array();
            while f.rest().len() >= 2 {
                let n = match number(f.rest().get(..2).unwrap_or(&[])) as i32 {
                    libc::AF_INET => 16,
                    libc::AF_INET6 => 28,
                    _ => f.rest().len(),
                };
                p.elem();
                address(p, f.rest().get(..n).unwrap_or(f.rest()));
                f.skip(n);
            }
            p.end_array();
        }
        Shape::Filter if size == 16 => structure(p, b, Layout::Filter),
        Shape::Filter if size == 4 => print(p, Shape::Fd, b, full),
        Shape::Filter => p.payload(b, u64::from(full)),
        Shape::Timestamping if size >= 8 => structure(p, b, Layout::TimestampingPhc),
        Shape::Timestamping => print(p, Shape::Flags(b'T'), b, full),
        Shape::Mreq => structure(p, b, if size >= 12 { Layout::Mreqn } else { Layout::Mreq }),
        Shape::McastIf => match *b {
            [x, y, z, t] => boxed(p, |p| p.ip4([x, y, z, t])),
            _ if size >= 8 => print(p, Shape::Mreq, b, full),
            _ => p.payload(b, u64::from(full)),
        },
        Shape::MsFilter => {
            p.begin_struct();
            fields(p, &mut f, Layout::MsFilter);
            if !f.rest().is_empty() {
                p.field("imsf_slist");
                list(p, f.rest(), 4, most(p), |p, e| {
                    if let [a, b, c, d] = *e {
                        p.ip4([a, b, c, d]);
                    }
                });
            }
            p.end_struct();
        }
        Shape::GroupFilter => {
            p.begin_struct();
            fields(p, &mut f, Layout::GroupFilter);
            if !f.rest().is_empty() {
                p.field("gf_slist");
                list(p, f.rest(), 128, most(p), address);
            }
            p.end_struct();
        }
        Shape::PktInfo6 if size >= 20 => structure(p, b, Layout::PktInfo6),
        Shape::PktInfo6 => print(p, Shape::Int, b, full),
        Shape::TcpInfo => tcp_info(p, b),
        Shape::RepairOpts => list(p, b, 8, most(p), |p, e| structure(p, e, Layout::RepairOpt)),
        Shape::CcInfo if size == 20 => structure(p, b, Layout::Bbr),
        Shape::CcInfo => p.payload(b, u64::from(full)),
        Shape::IcmpFilter => {
            // strace has what a short one leaves out as set.
            let mut v = [0xff; 4];
            v.iter_mut().zip(b).for_each(|(to, &b)| *to = b);
            let v = u32::from_le_bytes(v);
            bits(p, 32, |n| v >> n & 1 != 0, xlat::ICMP_TYPE, "ICMP_???");
        }
        Shape::Icmp6Filter => {
            bits(
                p,
                256,
                |n| b.get((n / 8) as usize).is_some_and(|c| c >> (n % 8) & 1 != 0),
                xlat::ICMPV6_TYPE,
                "ICMPV6_???",
            );
        }
        Shape::PacketMreq => {
            p.begin_struct();
            f.interface(p, "mr_ifindex");
            f.sym(p, "mr_type", 2, xlat::PACKET_MR, "PACKET_MR_???");
            let alen = f.rest().get(..2).map_or(0, number);
            f.unum(p, "mr_alen", 2);
            if !f.rest().is_empty() {
                p.field("mr_address");
                let a = f.rest();
                mac(p, a.get(..alen as usize).unwrap_or(a));
            }
            p.end_struct();
        }
        Shape::PacketRing => structure(p, b, if size > 16 { Layout::PacketRing3 } else { Layout::PacketRing }),
        Shape::PacketFanout => {
            p.begin_struct();
            f.unum(p, "id", 2);
            if let Some(&[mode, flags]) = f.field(p, "type", 2) {
                p.sym(i64::from(mode), xlat::name(xlat::PACKET_FANOUT_MODE, u64::from(mode)), "PACKET_FANOUT_???");
                if flags != 0 {
                    p.field("flags");
                    p.flags(u64::from(flags) << 8, xlat::PACKET_FANOUT_FLAG, "PACKET_FANOUT_FLAG_???");
                }
            }
            f.unum(p, "max_num_members", 4);
            p.end_struct();
        }
        Shape::Struct(layout) => structure(p, b, layout),
        Shape::CanFilters => list(p, b, 8, most(p), |p, e| structure(p, e, Layout::CanFilter)),
        Shape::Memberships => {}
    }
}

fn most(p: &Printer) -> usize {
    if p.opts().verbose { usize::MAX } else { 32 }
}

fn scalar(p: &mut Printer, shape: Shape, v: u64) {
    let v32 = v as u32;
    let signed = i64::from(v32 as i32);
    boxed(p, |p| match shape {
        Shape::Errno => errno(p, signed),
        Shape::Sym(letter) => {
            let (table, unknown) = symbols(letter);
            p.sym(signed, xlat::name(table, u64::from(v32)).or_else(|| xlat::signed(table, signed)), unknown);
        }
        Shape::Flags(letter) => {
            let (table, unknown) = symbols(letter);
            p.flags(u64::from(v32), table, unknown);
        }
        Shape::Proto => match protocol(u64::from(v32)) {
            Some(name) => p.sym(signed, Some(name), ""),
            None if p.json() => p.sym(signed, None, ""),
            None => p.num(signed),
        },
        Shape::Fd => p.fd(v32 as i32),
        _ => p.hex(u64::from(v32)),
    });
}

fn mac(p: &mut Printer, b: &[u8]) {
    let json = p.json();
    let out = p.out();
    if json {
        out.byte(b'"');
    }
    crate::ip::mac(out, b);
    if json {
        out.byte(b'"');
    }
}

/// A set of numbered bits by name: `[A B]`, or `~[C]` when most are set; an array in JSON.
fn bits(p: &mut Printer, count: u32, set: impl Fn(u32) -> bool, table: Xlat, unknown: &str) {
    let on = (0..count).filter(|&n| set(n)).count();
    let invert = !p.json() && on > count as usize / 2;
    if p.json() {
        p.begin_array();
    } else {
        p.note(if invert { "~[" } else { "[" });
    }
    let mut first = true;
    for n in (0..count).filter(|&n| set(n) != invert) {
        if p.json() {
            p.elem();
        } else if !first {
            p.note(" ");
        }
        first = false;
        p.sym(i64::from(n), xlat::name(table, u64::from(n)), unknown);
    }
    if p.json() {
        p.end_array();
    } else {
        p.note("]");
    }
}

fn tcp_info(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b);
    p.begin_struct();
    f.sym(p, "tcpi_state", 1, xlat::TCP_STATE_FULL, "TCP_???");
    f.sym(p, "tcpi_ca_state", 1, xlat::TCP_CA, "TCP_CA_???");
    f.unum(p, "tcpi_retransmits", 1);
    f.unum(p, "tcpi_probes", 1);
    f.unum(p, "tcpi_backoff", 1);
    f.flags(p, "tcpi_options", 1, xlat::TCPI_OPT, "TCPI_OPT_???");
    if let Some(&[w]) = f.take(1) {
        p.field("tcpi_snd_wscale");
        p.unum(u64::from(w & 15));
        p.field("tcpi_rcv_wscale");
        p.unum(u64::from(w >> 4));
    }
    if let Some(&[w]) = f.take(1) {
        p.field("tcpi_delivery_rate_app_limited");
        p.unum(u64::from(w & 1));
        p.field("tcpi_fastopen_client_fail");
        p.unum(u64::from(w >> 1 & 3));
    }
    fields(p, &mut f, Layout::TcpInfo);
    p.end_struct();
}
