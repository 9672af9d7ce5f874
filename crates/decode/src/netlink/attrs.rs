//! Attributes: a length, a type and a value, one after the other, and values that are attributes again.

use super::{after, aligned, bytes, hardware};
use crate::fields::{self, Fields, cut, decimal};
use crate::printer::{Format, Printer};
use crate::sockaddr::{be16, le16, quad, sixteen};
use crate::value::most;
use crate::xlat::{self, Xlat};

/// Bytes of a struct nlattr.
const HEADER: usize = 4;
/// Attributes within attributes that are taken apart.
const DEPTH: u8 = 6;

/// The attributes of one kind of thing.
#[derive(Clone, Copy)]
pub(super) struct Table {
    names: Xlat,
    unknown: &'static str,
    /// `number:kind` with blanks between them; what is missing is bytes.
    ///
    /// Kinds: `s` text, `k` whole; `h` hardware address; `a` address of the message's family; `A` IPv6 address; `u` unsigned with its number of bytes;
    /// `i` interface; `p` port; `e` symbol and `f` flags with the number of bytes and the letter of [`fields::symbols`]; `x` flags that have nothing behind
    /// them; `n` attributes
    /// and `S` structure, with the letter of [`nested`] and [`structure`]; `t` statistics of so many bytes each; `c` settings of IPv4 or
    /// IPv6; `v` struct rtvia; `o` bits of INET_DIAG_SOCKOPT.
    kinds: &'static str,
}

impl Table {
    pub(super) const ERROR: Table =
        Table { names: xlat::NLMSGERR_ATTR, unknown: "NLMSGERR_ATTR_???", kinds: "1:s 2:u4 5:u4 6:u4" };
    pub(super) const NONE: Table = Table { names: Xlat::NONE, unknown: "", kinds: "" };
    pub(super) const LINK: Table = Table {
        names: xlat::IFLA,
        unknown: "IFLA_???",
        kinds: "1:h 2:h 3:s 4:u4 5:u4 6:s 7:t4 10:u4 13:u4 14:Sm 15:u4 16:u1 17:u1 18:ni 19:u4 20:s 21:u4 23:t8 26:na 27:u4 28:u4 29:f4L \
                30:u4 31:u4 32:u4 33:u1 35:u4 37:u4 38:s 39:u1 40:u4 41:u4 44:u4 45:u4 46:u4 47:u4 48:u4 49:u4 50:u4 51:u4 52:nl 53:s \
                54:h 56:s 57:s 58:u4 59:u4 60:u4 61:u4",
    };
    const LINK_INFO: Table = Table { names: xlat::IFLA_INFO, unknown: "IFLA_INFO_???", kinds: "1:k 4:s" };
    const BY_FAMILY: Table = Table { names: xlat::AF, unknown: "AF_???", kinds: "2:n4 10:n6" };
    const INET: Table = Table { names: xlat::IFLA_INET, unknown: "IFLA_INET_???", kinds: "1:c4" };
    const INET6: Table =
        Table { names: xlat::IFLA_INET6, unknown: "IFLA_INET6_???", kinds: "1:f4Z 2:c6 5:S6 7:A 8:e1W 9:u4" };
    pub(super) const ADDRESS: Table =
        Table { names: xlat::IFA, unknown: "IFA_???", kinds: "1:a 2:a 3:s 4:a 5:a 6:Sa 7:a 8:f4g 9:u4 10:u4" };
    pub(super) const ROUTE: Table = Table {
        names: xlat::RTA,
        unknown: "RTA_???",
        kinds: "1:a 2:a 3:i 4:i 5:a 6:u4 7:a 8:nx 10:u4 11:u4 12:Sr 14:u4 15:e4j 16:u4 17:Sf 18:v 19:a 20:u1 21:e2A 23:u8 25:u4 26:u1 27:u1 \
                28:u2 29:u2",
    };
    const METRICS: Table = Table {
        names: xlat::RTAX,
        unknown: "RTAX_???",
        kinds: "1:u4 2:u4 3:u4 4:u4 5:u4 6:u4 7:u4 8:u4 9:u4 10:u4 11:u4 12:u4 13:u4 14:u4 15:u4 16:s",
    };
    pub(super) const NEIGHBOUR: Table = Table {
        names: xlat::NDA,
        unknown: "NDA_???",
        kinds: "1:a 2:h 3:Sn 4:u4 5:u2 6:p 7:u4 8:i 9:i 10:u4 11:u4 12:e4R 13:u4 15:x4e 16:x4n",
    };
    pub(super) const RULE: Table = Table {
        names: xlat::FRA,
        unknown: "FRA_???",
        kinds: "1:a 2:a 3:s 4:u4 6:u4 10:u4 11:u4 12:u8 13:u4 14:u4 15:e4j 16:u4 17:s 19:u1 20:Su 21:e1k 22:u1 23:Sp 24:Sp",
    };
    pub(super) const TRAFFIC: Table =
        Table { names: xlat::TCA, unknown: "TCA_???", kinds: "1:s 3:St 5:Se 7:nt 11:u4 12:u1 13:u4 14:u4" };
    const TRAFFIC_STATS: Table =
        Table { names: xlat::TCA_STATS, unknown: "TCA_STATS_???", kinds: "1:Sb 2:Se 3:Sq 5:SE 7:Sb 8:u8" };
    pub(super) const INET_DIAG: Table = Table {
        names: xlat::INET_DIAG,
        unknown: "INET_DIAG_???",
        kinds: "1:Sd 4:s 5:u1 6:u1 8:u1 10:e1R 11:u1 15:u4 17:u4 21:u8 22:o",
    };
    pub(super) const UNIX_DIAG: Table =
        Table { names: xlat::UNIX_DIAG, unknown: "UNIX_DIAG_???", kinds: "0:s 2:u4 4:SR 6:u1 7:u4" };
    pub(super) const NEIGHBOUR_TABLE: Table =
        Table { names: xlat::NDTA, unknown: "NDTA_???", kinds: "1:s 2:u4 3:u4 4:u4 8:u8" };
    pub(super) const LABEL: Table = Table { names: xlat::IFAL, unknown: "IFAL_???", kinds: "1:a 2:u4" };
    pub(super) const SETTINGS: Table = Table { names: xlat::NETCONFA, unknown: "NETCONFA_???", kinds: "1:i" };
    pub(super) const NAMESPACE: Table = Table { names: xlat::NETNSA, unknown: "NETNSA_???", kinds: "1:u4 2:u4 3:u4" };
    pub(super) const MULTICAST: Table = Table { names: xlat::MDBA, unknown: "MDBA_???", kinds: "" };
    pub(super) const NEXT_HOP: Table = Table { names: xlat::NHA, unknown: "NHA_???", kinds: "1:u4 5:i 6:a" };
    pub(super) const INET_REQUEST: Table =
        Table { names: xlat::INET_DIAG_REQ, unknown: "INET_DIAG_REQ_???", kinds: "" };

    /// The kind of attribute `ty`; empty for bytes.
    fn kind(&self, ty: u16) -> &'static str {
        let mut left = self.kinds;
        while !left.is_empty() {
            let (one, rest) = cut(left, b' ');
            left = rest;
            let (number, kind) = cut(one, b':');
            if !number.is_empty() && decimal(number.as_bytes()) == usize::from(ty) {
                return kind;
            }
        }
        ""
    }
}

/// The attributes that a letter stands for.
fn nested(letter: u8) -> Table {
    match letter {
        b'i' => Table::LINK_INFO,
        b'l' => Table::LINK,
        b'a' => Table::BY_FAMILY,
        b'4' => Table::INET,
        b'6' => Table::INET6,
        b'x' => Table::METRICS,
        b't' => Table::TRAFFIC_STATS,
        _ => Table::NONE,
    }
}

/// The structure that a letter stands for, and its number of bytes.
fn structure(letter: u8) -> (usize, &'static str) {
    match letter {
        b'm' => (28, "mem_start:x8 mem_end:x8 base_addr:x8 irq:u2 dma:u1 port:u1"),
        b'a' => (16, "ifa_prefered:u4 ifa_valid:u4 cstamp:u4 tstamp:u4"),
        b'r' => (
            32,
            "rta_clntref:u4 rta_lastuse:u4 rta_expires:i4 rta_error:u4 rta_used:u4 rta_id:x4 rta_ts:u4 rta_tsage:u4",
        ),
        b'f' => (24, "mfcs_packets:u8 mfcs_bytes:u8 mfcs_wrong_if:u8"),
        b'n' => (16, "ndm_confirmed:u4 ndm_used:u4 ndm_updated:u4 ndm_refcnt:u4"),
        b't' => (36, "bytes:u8 packets:u4 drops:u4 overlimits:u4 bps:u4 pps:u4 qlen:u4 backlog:u4"),
        b'b' => (12, "bytes:u8 packets:u4"),
        b'e' => (8, "bps:u4 pps:u4"),
        b'E' => (16, "bps:u8 pps:u8"),
        b'q' => (20, "qlen:u4 backlog:u4 drops:u4 requeues:u4 overlimits:u4"),
        b'6' => (16, "max_reasm_len:u4 tstamp:u4 reachable_time:u4 retrans_time:u4"),
        b'u' => (8, "start:u4 end:u4"),
        b'p' => (4, "start:u2 end:u2"),
        b'd' => (16, "idiag_rmem:u4 idiag_wmem:u4 idiag_fmem:u4 idiag_tmem:u4"),
        b'R' => (8, "udiag_rqueue:u4 udiag_wqueue:u4"),
        _ => (usize::MAX, ""),
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
    some(p, table, data, family, DEPTH);
}

/// The length that the first attribute names, and where the next begins; None where there is none.
fn step(b: &[u8]) -> Option<usize> {
    let n = usize::from(le16(b, 0));
    if b.len() < HEADER || n < HEADER || aligned(n) >= b.len() { None } else { Some(aligned(n)) }
}

fn some(p: &mut Printer, table: Table, data: &[u8], family: u8, depth: u8) {
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
        one(p, table, rest.get(..len).unwrap_or(rest), family, depth);
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

fn one(p: &mut Printer, table: Table, a: &[u8], family: u8, depth: u8) {
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
                value(p, table, number, data, family, depth);
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
                value(p, table, number, data, family, depth);
            }
        }
        Format::Json => {
            p.begin_struct();
            p.field("type");
            p.sym(i64::from(number), name, "");
            if !data.is_empty() {
                p.field("value");
                value(p, table, number, data, family, depth);
            }
            p.end_struct();
        }
    }
}

/// The value of attribute `ty`; bytes when it is shorter than what it should be.
fn value(p: &mut Printer, table: Table, ty: u16, data: &[u8], family: u8, depth: u8) {
    let kind = table.kind(ty).as_bytes();
    let letter = kind.last().copied().unwrap_or(0);
    // Numbers are as long as the kind says, and may have something behind them.
    let n = decimal(kind.get(..2).unwrap_or(kind));
    let number = data.get(..n).filter(|_| n > 0).map(fields::number);
    match (kind.first(), number) {
        (Some(b's'), _) => text(p, data, p.opts().strlen as usize),
        (Some(b'k'), _) => text(p, data, data.len()),
        (Some(b'h'), _) => hardware(p, data),
        (Some(b'a'), _) => address(p, family, data),
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
        (Some(b'n'), _) => match depth.checked_sub(1) {
            Some(left) if data.len() >= HEADER => some(p, nested(letter), data, family, left),
            _ => bytes(p, data),
        },
        (Some(b'S'), _) => {
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
        (Some(b't'), _) if data.len() >= OLD_COUNTERS.saturating_mul(n) => counters(p, data, n),
        (Some(b'c'), _) if data.len() >= 4 => settings(p, data, letter == b'4'),
        (Some(b'v'), _) if data.len() >= 2 => via(p, data),
        (Some(b'o'), Some(_) | None) if data.len() >= 2 => {
            socket_options(p, fields::number(data.get(..2).unwrap_or(&[])))
        }
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

/// `[[DEVCONF_FORWARDING]=0, ...]`; in socklens's own formats the numbers.
fn settings(p: &mut Printer, data: &[u8], v4: bool) {
    let mut at = 0u64;
    fields::list(p, data, 4, most(p), |p, b| {
        if p.format() == Format::Strace {
            let (table, unknown) =
                if v4 { (xlat::DEVCONF4, "IPV4_DEVCONF_???") } else { (xlat::DEVCONF6, "DEVCONF_???") };
            p.out().byte(b'[');
            p.sym(at as i64, xlat::name(table, at), unknown);
            p.out().str("]=");
        }
        p.num(fields::signed(b));
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

/// The set bits of struct inet_diag_sockopt.
fn socket_options(p: &mut Printer, v: u64) {
    const NAMES: &str = "recverr is_icsk freebind hdrincl mc_loop transparent mc_all nodefrag bind_address_no_port recverr_rfc4884 \
        defer_connect";
    p.begin_struct();
    let (mut left, mut bits) = (NAMES, v);
    while !left.is_empty() {
        let (name, rest) = cut(left, b' ');
        left = rest;
        if bits & 1 != 0 {
            p.field(name);
            p.unum(1);
        }
        bits >>= 1;
    }
    p.end_struct();
}
