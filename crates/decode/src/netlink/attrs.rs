//! Attributes: a length, a type and a value, one after the other, and values that are attributes again.

use super::tables::{Table, nested, structure};
use super::{after, aligned, bytes, hardware, rare, special};
use crate::fields::{self, Fields, cut, decimal};
use crate::printer::{Format, Printer};
use crate::sockaddr::{be16, le16, quad, sixteen};
use crate::value::most;
use crate::xlat;

/// Bytes of a struct nlattr.
const HEADER: usize = 4;
/// Attributes within attributes that are taken apart.
const DEPTH: u8 = 6;

/// What the attributes around one say about it.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// The message's family, which addresses are of.
    pub(super) family: u8,
    depth: u8,
    /// What IFLA_INFO_KIND and IFLA_INFO_SLAVE_KIND said.
    kind: Kind,
    slave: Kind,
}

/// Kinds of links whose attributes are known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Other,
    Bridge,
    Tun,
    Can,
}

impl Kind {
    fn of(name: &[u8]) -> Kind {
        match fields::until_nul(name) {
            b"bridge" => Kind::Bridge,
            b"tun" => Kind::Tun,
            b"can" => Kind::Can,
            _ => Kind::Other,
        }
    }
}

/// The counters of a link, in their order.
const COUNTERS: &str = "rx_packets tx_packets rx_bytes tx_bytes rx_errors tx_errors rx_dropped tx_dropped multicast collisions \
    rx_length_errors rx_over_errors rx_crc_errors rx_frame_errors rx_fifo_errors rx_missed_errors tx_aborted_errors tx_carrier_errors \
    tx_fifo_errors tx_heartbeat_errors tx_window_errors rx_compressed tx_compressed rx_nohandler rx_otherhost_dropped";
/// Those that every kernel has.
const OLD_COUNTERS: usize = 23;

/// Prints a list of attributes; an address in it is of `family`.
pub(super) fn list(p: &mut Printer, table: Table, data: &[u8], family: u8) {
    some(p, table, data, Around { family, depth: DEPTH, kind: Kind::Other, slave: Kind::Other });
}

/// Prints attributes within an attribute, bytes where there are none or too many levels of them.
pub(super) fn inner(p: &mut Printer, table: Table, data: &[u8], around: Around) {
    match around.depth.checked_sub(1) {
        Some(depth) if data.len() >= HEADER => some(p, table, data, Around { depth, ..around }),
        _ => bytes(p, data),
    }
}

/// The length that the first attribute names, and where the next begins; None where there is none.
fn step(b: &[u8]) -> Option<usize> {
    let n = usize::from(le16(b, 0));
    if b.len() < HEADER || n < HEADER || aligned(n) >= b.len() { None } else { Some(aligned(n)) }
}

fn some(p: &mut Printer, table: Table, data: &[u8], mut around: Around) {
    let strace = p.format() == Format::Strace;
    // A list of one is that one.
    let alone = strace && (data.len() < HEADER || step(data).is_none());
    if p.format() == Format::Text {
        p.begin_struct();
    } else if !alone {
        p.begin_array();
    }
    let most = most(p);
    let (mut rest, mut shown) = (data, 0usize);
    loop {
        if shown >= most {
            p.more();
            break;
        }
        shown = shown.saturating_add(1);
        if !alone {
            p.elem();
        }
        if rest.len() < HEADER {
            bytes(p, rest);
            break;
        }
        let len = usize::from(le16(rest, 0)).max(HEADER);
        let this = rest.get(..len).unwrap_or(rest);
        one(p, table, this, around);
        if table.names == xlat::IFLA_INFO {
            match le16(this, 2) & !FLAGS {
                1 => around.kind = Kind::of(after(this, HEADER)),
                4 => around.slave = Kind::of(after(this, HEADER)),
                _ => {}
            }
        }
        let Some(n) = step(rest) else { break };
        rest = after(rest, n);
    }
    if p.format() == Format::Text {
        p.end_struct();
    } else if !alone {
        p.end_array();
    }
}

/// Flags beside an attribute's number.
const FLAGS: u16 = 0xc000;

fn one(p: &mut Printer, table: Table, a: &[u8], around: Around) {
    let (ty, data) = (le16(a, 2), after(a, HEADER));
    let number = ty & !FLAGS;
    let name = xlat::name(table.names, u64::from(number));
    match p.format() {
        Format::Strace => {
            if !data.is_empty() {
                p.begin_array();
                p.elem();
            }
            p.begin_struct();
            p.field("nla_len");
            p.unum(u64::from(le16(a, 0)));
            p.field("nla_type");
            if ty & FLAGS != 0 {
                p.flags(u64::from(ty & FLAGS), xlat::NLA_F, "");
                p.out().byte(b'|');
            }
            p.sym(i64::from(number), name, table.unknown);
            p.end_struct();
            if !data.is_empty() {
                p.elem();
                value(p, table, number, data, around);
                p.end_array();
            }
        }
        Format::Text => {
            match name {
                Some(name) => p.out().str(name),
                None => p.hex(u64::from(number)),
            }
            if !data.is_empty() {
                p.out().byte(b'=');
                value(p, table, number, data, around);
            }
        }
        Format::Json => {
            p.begin_struct();
            p.field("type");
            p.sym(i64::from(number), name, "");
            if !data.is_empty() {
                p.field("value");
                value(p, table, number, data, around);
            }
            p.end_struct();
        }
    }
}

/// The value of attribute `ty`; bytes when it is shorter than what it should be.
fn value(p: &mut Printer, table: Table, ty: u16, data: &[u8], around: Around) {
    let kind = table.kind(ty).as_bytes();
    let letter = kind.last().copied().unwrap_or(0);
    // Numbers are as long as the kind says, and may have something behind them.
    let n = decimal(kind.get(..2).unwrap_or(kind));
    let number = data.get(..n).filter(|_| n > 0).map(fields::number);
    match (kind.first(), number) {
        (Some(b's'), _) => text(p, data, p.opts().strlen as usize),
        (Some(b'k'), _) => {
            // A name as long as the limit is not cut: its terminator is not counted.
            let name = fields::until_nul(data);
            match data.get(..name.len().saturating_add(1)) {
                Some(ended) if name.len() <= p.opts().strlen as usize => text(p, ended, ended.len()),
                _ => text(p, name, p.opts().strlen as usize),
            }
        }
        (Some(b'h'), _) => hardware(p, data),
        (Some(b'a'), _) => address(p, around.family, data),
        (Some(b'4'), _) => address(p, libc::AF_INET as u8, data),
        (Some(b'A'), _) => address(p, libc::AF_INET6 as u8, data),
        (Some(b'i'), _) if data.len() >= 4 => p.ifindex(fields::number(&quad(data, 0)) as u32),
        (Some(b'p'), _) if data.len() >= 2 => p.port(be16(data, 0)),
        (Some(b'u'), Some(v)) => p.unum(v),
        (Some(b'e'), Some(v)) => {
            let (names, unknown) = fields::symbols(letter);
            p.sym(v as i64, xlat::name(names, v), unknown);
        }
        (Some(b'x'), Some(_)) if data.len() != n => bytes(p, data),
        (Some(b'f' | b'x'), Some(v)) => {
            let (names, unknown) = fields::symbols(letter);
            p.flags(v, names, unknown);
        }
        (Some(b'w'), _) if (n.max(1)..=8).contains(&data.len()) => {
            let v = number.unwrap_or(fields::number(data));
            let (names, unknown) = fields::symbols(letter);
            p.sym(v as i64, xlat::name(names, v), unknown);
        }
        (Some(b'W'), Some(v)) if data.len() <= 8 => {
            let (names, unknown) = fields::symbols(letter);
            p.flags(v, names, unknown);
        }
        (Some(b'I'), Some(_)) => p.num(fields::signed(data.get(..n).unwrap_or(data))),
        (Some(b'z'), Some(v)) => p.hex(v),
        (Some(b'l'), Some(_)) => fields::list(p, data, n, most(p), |p, b| p.unum(fields::number(b))),
        (Some(b'L'), Some(_)) => fields::list(p, data, n, most(p), |p, b| p.hex(fields::number(b))),
        (Some(b'n'), _) => inner(p, nested(letter), data, around),
        (Some(b'd'), _) if ty == 3 => match around.kind {
            Kind::Can => whole(p, b'X', data),
            _ => bytes(p, data),
        },
        (Some(b'd'), _) => match around.kind {
            Kind::Bridge => inner(p, Table::BRIDGE, data, around),
            Kind::Tun => inner(p, Table::TUN, data, around),
            _ => bytes(p, data),
        },
        (Some(b'D'), _) if around.slave == Kind::Bridge => inner(p, Table::BRIDGE_PORT, data, around),
        (Some(b'P'), _) => match i32::from(around.family) {
            libc::AF_BRIDGE => inner(p, Table::BRIDGE_PORT, data, around),
            libc::AF_INET6 => inner(p, Table::INET6, data, around),
            _ => bytes(p, data),
        },
        (Some(b'E'), _) => {
            let bridge = i32::from(around.family) == libc::AF_BRIDGE;
            inner(p, if bridge { Table::BRIDGE_LINK } else { Table::BY_FAMILY }, data, around)
        }
        // With the bytes between the two fields, or without.
        (Some(b'S'), _) if letter == b'G' => match data.len() {
            16 => whole(p, b'G', data),
            12 => whole(p, b'F', data),
            _ => bytes(p, data),
        },
        (Some(b'S'), _) => whole(p, letter, data),
        (Some(b'm'), _) if data.len() >= special::NEXT_HOP => special::next_hops(p, data, around),
        (Some(&kind), _) if special::value(p, kind, data) || rare::value(p, kind, letter, data, around) => {}
        (Some(b't'), _) if data.len() >= OLD_COUNTERS.saturating_mul(n) => counters(p, data, n),
        (Some(b'c'), _) => settings(p, data, letter),
        (Some(b'v'), _) if data.len() >= 2 => via(p, data),
        _ => bytes(p, data),
    }
}

/// Text with its terminator; what lacks one was cut.
fn text(p: &mut Printer, data: &[u8], most: usize) {
    let most = if p.json() { data.len() } else { most };
    let shown = data.get(..most).unwrap_or(data);
    match shown.split_last() {
        // In hexadecimal strace shows the terminator.
        Some((0, s)) if p.format() != Format::Strace || p.opts().hex == 0 => p.text(s),
        _ => {
            p.text(shown);
            p.note("...");
        }
    }
}

fn address(p: &mut Printer, family: u8, data: &[u8]) {
    match i32::from(family) {
        libc::AF_INET if data.len() >= 4 => p.ip4(quad(data, 0)),
        libc::AF_INET6 if data.len() >= 16 => p.ip6(&sixteen(data, 0)),
        _ => bytes(p, data),
    }
}

fn counters(p: &mut Printer, data: &[u8], each: usize) {
    // 32 bits have one counter less.
    let mut f = Fields::new(data.get(..if each == 4 { 24 * 4 } else { 25 * 8 }).unwrap_or(data));
    let mut left = COUNTERS;
    p.begin_struct();
    while !left.is_empty() && f.rest().len() >= each {
        let (name, rest) = cut(left, b' ');
        left = rest;
        f.unum(p, name, each);
    }
    p.end_struct();
}

/// A structure, or bytes when it is not whole.
fn whole(p: &mut Printer, letter: u8, data: &[u8]) {
    let (size, fields) = structure(letter);
    match data.get(..size) {
        Some(b) => {
            p.begin_struct();
            Fields::new(b).walk(p, fields);
            p.end_struct();
        }
        None => bytes(p, data),
    }
}

/// `[[DEVCONF_FORWARDING]=0, ...]`; in socklens's own formats the numbers.
fn settings(p: &mut Printer, data: &[u8], letter: u8) {
    let (size, table, unknown) = match letter {
        b'4' => (4, xlat::DEVCONF4, "IPV4_DEVCONF_???"),
        b'6' => (4, xlat::DEVCONF6, "DEVCONF_???"),
        b'm' => (4, xlat::SK_MEMINFO, "SK_MEMINFO_???"),
        b's' => (8, xlat::IPSTATS_MIB, "IPSTATS_MIB_???"),
        _ => (8, xlat::ICMP6_MIB, "ICMP6_MIB_???"),
    };
    if data.len() < size {
        bytes(p, data);
        return;
    }
    let mut at = 0u64;
    fields::list(p, data, size, most(p), |p, b| {
        if p.format() == Format::Strace {
            p.out().byte(b'[');
            match xlat::name(table, at) {
                Some(name) => p.out().str(name),
                None => {
                    p.unum(at);
                    p.comment(unknown);
                }
            }
            p.out().str("]=");
        }
        if matches!(letter, b'4' | b'6') {
            p.num(fields::signed(b))
        } else {
            p.unum(fields::number(b))
        }
        at = at.saturating_add(1);
    });
}

/// `{rtvia_family=AF_INET, rtvia_addr=inet_addr("127.0.0.1")}`
fn via(p: &mut Printer, data: &[u8]) {
    let (names, unknown) = fields::symbols(b'F');
    let mut f = Fields::new(data);
    p.begin_struct();
    f.sym(p, "rtvia_family", 2, names, unknown);
    match i32::from(le16(data, 0)) {
        libc::AF_INET if f.rest().len() >= 4 => f.ip4(p, "rtvia_addr"),
        libc::AF_INET6 if f.rest().len() >= 16 => f.ip6(p, "rtvia_addr"),
        _ if f.rest().is_empty() => {}
        _ => {
            p.field("rtvia_addr");
            bytes(p, f.rest());
        }
    }
    p.end_struct();
}
