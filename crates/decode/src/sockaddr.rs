//! Socket addresses: the families everybody uses. The others are in sockaddr_rare.rs.

use crate::fields::{number, until_nul};
use crate::printer::{Format, Printer};
use crate::{Out, ip, quote, sockaddr_rare, xlat};
use socklens_wire::conn::ADDR_MAX;

/// The kernel takes no longer address (struct sockaddr_storage).
const MOST: usize = 128;

/// A u16 in network order.
pub(crate) fn be16(b: &[u8], at: usize) -> u16 {
    match b.get(at..) {
        Some([hi, lo, ..]) => u16::from_be_bytes([*hi, *lo]),
        _ => 0,
    }
}

/// A u16 of this machine.
pub(crate) fn le16(b: &[u8], at: usize) -> u16 {
    match b.get(at..) {
        Some([lo, hi, ..]) => u16::from_le_bytes([*lo, *hi]),
        _ => 0,
    }
}

/// A u32 of this machine; bytes that are missing are 0.
pub(crate) fn le32(b: &[u8], at: usize) -> u32 {
    number(b.get(at..).map(|r| r.get(..4).unwrap_or(r)).unwrap_or(&[])) as u32
}

/// An IPv4 address.
pub(crate) fn quad(b: &[u8], at: usize) -> [u8; 4] {
    match b.get(at..) {
        Some([a, b, c, d, ..]) => [*a, *b, *c, *d],
        _ => [0; 4],
    }
}

/// An IPv6 address.
pub(crate) fn sixteen(b: &[u8], at: usize) -> [u8; 16] {
    at.checked_add(16).and_then(|end| b.get(at..end)).and_then(|s| s.try_into().ok()).unwrap_or([0; 16])
}

/// The family of an address, if its two bytes are there.
pub fn family(bytes: &[u8]) -> Option<u16> {
    if bytes.len() >= 2 { Some(le16(bytes, 0)) } else { None }
}

/// An address in its sockaddr layout.
pub fn sockaddr(p: &mut Printer, bytes: &[u8]) {
    let b = bytes.get(..MOST).unwrap_or(bytes);
    let Some(family) = family(b) else {
        p.begin_struct();
        if !b.is_empty() {
            p.field("sa_data");
            p.text(b);
        }
        p.end_struct();
        return;
    };
    if p.format() == Format::Text && compact(p.out(), b) {
        return;
    }
    p.begin_struct();
    p.field(if p.json() { "family" } else { "sa_family" });
    p.sym(i64::from(family), xlat::name(xlat::AF, u64::from(family)), "AF_???");
    if b.len() > 2 && !known(p, i32::from(family), b) {
        p.field("sa_data");
        p.text(b.get(2..).unwrap_or(&[]));
    }
    p.end_struct();
}

fn known(p: &mut Printer, family: i32, b: &[u8]) -> bool {
    match family {
        libc::AF_UNIX => unix(p, b),
        libc::AF_INET if b.len() >= 16 => {
            p.field(if p.json() { "port" } else { "sin_port" });
            p.port(be16(b, 2));
            p.field(if p.json() { "addr" } else { "sin_addr" });
            p.ip4(quad(b, 4));
        }
        libc::AF_INET6 if b.len() >= 24 => {
            inet6(p, b);
        }
        libc::AF_NETLINK if b.len() >= 12 => {
            if le16(b, 2) != 0 {
                p.field(if p.json() { "pad" } else { "nl_pad" });
                p.hex(u64::from(le16(b, 2)));
            }
            p.field(if p.json() { "pid" } else { "nl_pid" });
            p.num(i64::from(le32(b, 4) as i32));
            p.field(if p.json() { "groups" } else { "nl_groups" });
            let groups = u64::from(le32(b, 8));
            match (p.format(), groups) {
                (Format::Json, _) => p.unum(groups),
                (Format::Text, _) => p.hex(groups),
                // strace pads to eight characters, the prefix included.
                (Format::Strace, 0) => p.out().str("00000000"),
                (Format::Strace, _) => {
                    p.out().str("0x");
                    p.out().hex_pad(groups, 6);
                }
            }
        }
        _ => return sockaddr_rare::known(p, family, b),
    }
    true
}

fn inet6(p: &mut Printer, b: &[u8]) {
    p.field(if p.json() { "port" } else { "sin6_port" });
    p.port(be16(b, 2));
    let flow = u32::from_be_bytes(quad(b, 4));
    let addr = sixteen(b, 8);
    if p.json() {
        p.field("flowinfo");
        p.unum(u64::from(flow));
        p.field("addr");
        p.ip6(&addr);
        p.field("scope_id");
        p.unum(u64::from(le32(b, 24)));
        return;
    }
    p.field("sin6_flowinfo");
    p.out().str("htonl(");
    p.out().udec(u64::from(flow));
    p.out().byte(b')');
    p.elem();
    ip6_into(p, &addr, "sin6_addr");
    if b.len() > 24 {
        p.field("sin6_scope_id");
        // An interface's number, where the address is one of a link.
        let link = matches!(addr, [0xfe, 0x80..=0xbf, ..]) || matches!(addr, [0xff, s, ..] if s & 15 == 2);
        let scope = le32(b, 24);
        if link { p.ifindex(scope) } else { p.unum(u64::from(scope)) }
    }
}

/// strace's `inet_pton(AF_INET6, "::1", &sin6_addr)`.
pub(crate) fn ip6_into(p: &mut Printer, addr: &[u8; 16], variable: &str) {
    let hex = p.opts().hex;
    let out = p.out();
    out.str("inet_pton(AF_INET6, ");
    ip::quoted6(out, addr, hex);
    out.str(", &");
    out.str(variable);
    out.byte(b')');
}

fn unix(p: &mut Printer, b: &[u8]) {
    let path = b.get(2..ADDR_MAX.min(b.len())).unwrap_or(&[]);
    let abstract_name = path.first() == Some(&0) && path.len() > 1;
    if p.json() {
        match path.split_first() {
            Some((0, rest)) => {
                p.field("abstract");
                p.text(rest);
            }
            _ => {
                p.field("path");
                p.text(until_nul(path));
            }
        }
        return;
    }
    p.field("sun_path");
    if abstract_name || path.first() == Some(&0) {
        p.out().byte(b'@');
        p.text(path.get(1..).unwrap_or(&[]));
    } else {
        p.text(until_nul(path));
    }
}

/// `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`, `unix:/path`, `unix:@name`; false, and nothing written, for other families
/// and for addresses cut short.
pub fn compact(out: &mut Out, b: &[u8]) -> bool {
    match i32::from(le16(b, 0)) {
        libc::AF_INET if b.len() >= 16 => {
            ip::v4(out, quad(b, 4));
            out.byte(b':');
            out.udec(u64::from(be16(b, 2)));
        }
        libc::AF_INET6 if b.len() >= 24 => {
            out.byte(b'[');
            ip::v6(out, &sixteen(b, 8));
            let scope = le32(b, 24);
            if scope != 0 {
                out.byte(b'%');
                out.udec(u64::from(scope));
            }
            out.str("]:");
            out.udec(u64::from(be16(b, 2)));
        }
        libc::AF_UNIX if b.len() >= 2 => {
            out.str("unix:");
            unix_name(out, b);
        }
        _ => return false,
    }
    true
}

/// A unix address's name, safe for a terminal: `/path`, `@name`, or `(unnamed)`.
pub fn unix_name(out: &mut Out, b: &[u8]) {
    let path = b.get(2..ADDR_MAX.min(b.len())).unwrap_or(&[]);
    match path.split_first() {
        None => out.str("(unnamed)"),
        Some((0, rest)) => {
            out.byte(b'@');
            // Names are often bound with the whole of sun_path: trailing NULs say nothing.
            let n = rest.iter().rposition(|&c| c != 0).map_or(0, |i| i.saturating_add(1));
            quote::safe(out, rest.get(..n).unwrap_or(rest));
        }
        Some(_) => quote::safe(out, until_nul(path)),
    }
}
