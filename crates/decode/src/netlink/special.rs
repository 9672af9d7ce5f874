//! Values of attributes that no description fits, and what udev says of devices.

use super::attrs::{self, Around};
use super::tables::Table;
use super::{after, aligned, bytes, ethernet, shifted};
use crate::fields::{self, Fields, cut};
use crate::printer::{Format, Printer};
use crate::sockaddr::le16;
use crate::value::most;
use crate::xlat;

/// Bytes of a struct rtnexthop.
pub(super) const NEXT_HOP: usize = 8;
/// Bytes of a struct sockaddr_storage.
const ADDRESS: usize = 128;
/// Bytes of a struct tcp_diag_md5sig.
const KEY: usize = 100;
/// Bytes of a struct packet_diag_mclist.
const MEMBER: usize = 44;

/// Prints the value of a kind of attribute; false if it is not one of these, or too short.
pub(super) fn value(p: &mut Printer, kind: u8, data: &[u8]) -> bool {
    match (kind, data.len()) {
        (b'q', 1..=8) => ticks(p, fields::number(data)),
        (b'Z', 1 | 2 | 4 | 8) => p.hex(fields::number(data)),
        (b'y', 2..=8) => ethernet(p, data.get(..2).unwrap_or(data), "ETHER_P_???"),
        (b'T', 4..) => vlan(p, data),
        (b'U', KEY..) => fields::list(p, data, KEY, most(p), key),
        (b'C', ADDRESS..) => fields::list(p, data, ADDRESS, most(p), fields::address),
        (b'M', MEMBER..) => fields::list(p, data, MEMBER, most(p), member),
        (b'V', 8..) => file(p, data),
        (b'G', 8..) => fields::list(p, data, 8, most(p), |p, b| {
            p.begin_struct();
            Fields::new(b).walk(p, "id:u4 weight:u1 resvd1:o1 resvd2:o2");
            p.end_struct();
        }),
        (b'b', 8..) => {
            p.begin_struct();
            let mut f = Fields::new(data.get(..8).unwrap_or(data));
            for name in ["optval", "optmask"] {
                if let Some(b) = f.field(p, name, 4) {
                    shifted(p, fields::number(b), xlat::BR_BOOLOPT, "1<<BR_BOOLOPT_???");
                }
            }
            p.end_struct();
        }
        (b'H', 1..=8) => shut(p, fields::number(data.get(..1).unwrap_or(data))),
        (b'o', 2..) => socket_options(p, data),
        _ => return false,
    }
    true
}

/// `[{rtnh_len=16, rtnh_flags=0, rtnh_hops=0, rtnh_ifindex=2}, [...]]` for each way that a route may take.
pub(super) fn next_hops(p: &mut Printer, data: &[u8], around: Around) {
    let strace = p.format() == Format::Strace;
    let step = |b: &[u8]| {
        let n = aligned(usize::from(le16(b, 0)));
        if n == 0 || n >= b.len() { None } else { Some(n) }
    };
    let alone = strace && usize::from(le16(data, 0)) >= data.len();
    if !alone {
        p.begin_array();
    }
    let mut rest = data;
    loop {
        if !alone {
            p.elem();
        }
        if rest.len() < NEXT_HOP {
            bytes(p, rest);
            break;
        }
        let len = usize::from(le16(rest, 0));
        next_hop(p, rest.get(..len.max(NEXT_HOP)).unwrap_or(rest), around);
        let Some(n) = step(rest) else { break };
        rest = after(rest, n);
    }
    if !alone {
        p.end_array();
    }
}

fn next_hop(p: &mut Printer, b: &[u8], around: Around) {
    let inside = after(b, NEXT_HOP);
    let apart = p.format() == Format::Strace;
    if apart && !inside.is_empty() {
        p.begin_array();
        p.elem();
    }
    p.begin_struct();
    Fields::new(b.get(..NEXT_HOP).unwrap_or(b)).walk(p, "rtnh_len:u2 rtnh_flags:f1N rtnh_hops:u1 rtnh_ifindex:n4");
    if inside.is_empty() {
        p.end_struct();
        return;
    }
    if apart {
        p.end_struct();
        p.elem();
    } else {
        p.field("attrs");
    }
    attrs::inner(p, Table::ROUTE, inside, around);
    if apart { p.end_array() } else { p.end_struct() }
}

/// Hundredths of a second: `1500 /* 15.00 s */`.
fn ticks(p: &mut Printer, v: u64) {
    p.unum(v);
    if p.json() || v == 0 {
        return;
    }
    p.out().str(" /* ");
    p.out().udec(v / 100);
    p.out().byte(b'.');
    p.out().dec_pad(v % 100, 2);
    p.out().str(" s */");
}

/// `{flags=BRIDGE_VLAN_INFO_PVID, vid=1}`
fn vlan(p: &mut Printer, data: &[u8]) {
    p.begin_struct();
    Fields::new(data.get(..4).unwrap_or(data)).walk(p, "flags:f2* vid:u2");
    p.end_struct();
    more(p, after(data, 4));
}

/// What strace shows behind a structure.
fn more(p: &mut Printer, rest: &[u8]) {
    if p.format() == Format::Strace && !rest.is_empty() {
        p.elem();
        bytes(p, rest);
    }
}

/// A key of TCP's MD5 signatures, which is not shown, and whom it is for.
fn key(p: &mut Printer, b: &[u8]) {
    p.begin_struct();
    let mut f = Fields::new(b);
    f.walk(p, "tcpm_family:s1F tcpm_prefixlen:u1 tcpm_keylen:u2");
    match b.first().map(|af| i32::from(*af)) {
        Some(libc::AF_INET) => {
            f.ip4(p, "tcpm_addr");
            f.skip(12);
        }
        Some(libc::AF_INET6) => f.ip6(p, "tcpm_addr"),
        _ => f.walk(p, "tcpm_addr:c16"),
    }
    f.walk(p, "tcpm_key:k");
    p.end_struct();
}

/// A multicast address of a packet socket.
fn member(p: &mut Printer, b: &[u8]) {
    p.begin_struct();
    let mut f = Fields::new(b);
    f.walk(p, "pdmc_index:n4 pdmc_count:u4 pdmc_type:u2 pdmc_alen:u2");
    let n = usize::from(le16(b, 10)).min(f.rest().len());
    if let Some(address) = f.field(p, "pdmc_addr", n) {
        fields::piece(p, address);
    }
    p.end_struct();
}

/// The file of a unix socket: `{udiag_vfs_dev=makedev(0x8, 0x1), udiag_vfs_ino=2}`.
fn file(p: &mut Printer, b: &[u8]) {
    let dev = fields::number(b.get(4..8).unwrap_or(&[]));
    p.begin_struct();
    p.field("udiag_vfs_dev");
    if p.json() {
        p.unum(dev);
    } else {
        p.out().str("makedev(");
        p.hex(dev >> 8 & 0xfff);
        p.out().str(", ");
        p.hex(dev & 0xff | dev >> 12 & 0xf_ff00);
        p.out().byte(b')');
    }
    p.field("udiag_vfs_ino");
    p.unum(fields::number(b.get(..4).unwrap_or(&[])));
    p.end_struct();
}

/// `0x2 /* SEND_SHUTDOWN */`
fn shut(p: &mut Printer, v: u64) {
    p.hex(v);
    if p.json() || v == 0 {
        return;
    }
    p.out().str(" /* ");
    let mut any = false;
    for (bit, name) in [(1, "RCV_SHUTDOWN"), (2, "SEND_SHUTDOWN")] {
        if v & bit != 0 {
            p.out().str(if any { "|" } else { "" });
            p.out().str(name);
            any = true;
        }
    }
    if !any {
        p.out().str("???_SHUTDOWN");
    } else if v & !3 != 0 {
        p.out().byte(b'|');
        p.out().hex(v & !3);
    }
    p.out().str(" */");
}

/// The bits of struct inet_diag_sockopt: those that are set, with -v all.
fn socket_options(p: &mut Printer, data: &[u8]) {
    const NAMES: &str = "recverr is_icsk freebind hdrincl mc_loop transparent mc_all nodefrag bind_address_no_port recverr_rfc4884 \
        defer_connect";
    let bits = fields::number(data.get(..2).unwrap_or(data));
    let all = p.opts().verbose && p.format() == Format::Strace;
    p.begin_struct();
    let (mut left, mut at) = (NAMES, 0u32);
    while !left.is_empty() {
        let (name, rest) = cut(left, b' ');
        left = rest;
        let set = bits.checked_shr(at).unwrap_or(0) & 1;
        if all || set != 0 {
            p.field(name);
            p.unum(set);
        }
        at = at.saturating_add(1);
    }
    let unused = bits >> 11;
    if all || unused != 0 {
        p.field("unused");
        p.hex(unused);
        if !p.json() {
            p.comment("bits 3..8");
        }
    }
    p.end_struct();
    let rest = after(data, 2);
    if p.format() == Format::Strace && !rest.is_empty() {
        p.elem();
        p.out().str("/* bytes 2..");
        p.out().udec((data.len() as u64).saturating_sub(1));
        p.out().str(" */ ");
        bytes(p, rest);
    }
}

/// What NETLINK_KOBJECT_UEVENT carries: the kernel's text, or udev's header and text.
pub(super) fn device(p: &mut Printer, data: &[u8], full: u64) {
    let Some(header) = data.get(..40).filter(|h| h.starts_with(b"libudev\0")) else {
        p.payload(data, full);
        return;
    };
    let rest = after(data, 40);
    let apart = full > 40;
    if apart {
        p.begin_array();
        p.elem();
    }
    p.begin_struct();
    let mut f = Fields::new(header);
    if let Some(b) = f.field(p, "prefix", 8) {
        p.text(fields::until_nul(b));
    }
    for name in
        ["magic", "", "filter_subsystem_hash", "filter_devtype_hash", "filter_tag_bloom_hi", "filter_tag_bloom_lo"]
    {
        if name.is_empty() {
            f.walk(p, "header_size:u4 properties_off:u4 properties_len:u4");
        } else if let Some(b) = f.field(p, name, 4) {
            p.out().str("htonl(");
            p.hex(fields::number(b).swap_bytes() >> 32);
            p.out().byte(b')');
        }
    }
    p.end_struct();
    if apart {
        p.elem();
        p.payload(rest, full.saturating_sub(40));
        p.end_array();
    }
}
