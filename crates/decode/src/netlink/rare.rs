//! What switches and their tools say: multicast groups of a bridge, counters of its ports, packet filters, and SMC sockets.

use super::attrs::{self, Around};
use super::body::{attributes, socket_id};
use super::tables::{Table, structure};
use super::{after, bytes, part};
use crate::fields::{self, Fields, cut};
use crate::printer::{Format, Printer};
use crate::value::most;
use crate::xlat::{self, Xlat};

/// Bytes of a struct br_mdb_entry.
const GROUP: usize = 28;
/// Bytes of a struct br_mcast_stats.
const MULTICAST: usize = 240;
/// Bytes of a struct sock_filter.
const INSTRUCTION: usize = 8;
/// Bytes of a struct smc_diag_conninfo and of a struct smc_diag_lgrinfo.
const SMC_CONNECTION: usize = 76;
const SMC_GROUP: usize = 147;
/// Bytes of a struct smc_diag_req and of a struct smc_diag_msg.
pub(super) const SMC_ASK: usize = 52;
pub(super) const SMC_ANSWER: usize = 64;

/// Prints the value of a kind of attribute; false if it is not one of these, or too short.
pub(super) fn value(p: &mut Printer, kind: u8, letter: u8, data: &[u8], around: Around) -> bool {
    match (kind, data.len()) {
        (b'B', n) if n >= structure(letter).0 => with_rest(p, letter, data),
        (b'g', GROUP..) => group(p, data, around),
        (b'r', 4..) => router_port(p, data, around),
        (b'K', MULTICAST..) => multicast(p, data),
        (b'F', INSTRUCTION..) => match p.address_of(data) {
            Some(at) if p.format() == Format::Strace && !p.opts().verbose => p.ptr(at),
            _ => fields::list(p, data, INSTRUCTION, most(p), instruction),
        },
        (b'N', SMC_CONNECTION..) => smc_connection(p, data),
        (b'Y', SMC_GROUP..) => smc_group(p, data),
        (b'X', 8..) => smc_reasons(p, data),
        _ => return false,
    }
    true
}

/// A structure, and in strace's syntax the bytes behind it.
fn with_rest(p: &mut Printer, letter: u8, data: &[u8]) {
    let (size, fields) = structure(letter);
    p.begin_struct();
    Fields::new(data.get(..size).unwrap_or(data)).walk(p, fields);
    p.end_struct();
    behind(p, after(data, size));
}

fn behind(p: &mut Printer, rest: &[u8]) {
    if p.format() == Format::Strace && !rest.is_empty() {
        p.elem();
        bytes(p, rest);
    }
}

/// Attributes behind a value: the next element in strace's syntax, a member in socklens's own.
fn attributes_behind(p: &mut Printer, table: Table, rest: &[u8], around: Around) {
    if !rest.is_empty() {
        part(p, "attrs");
        attrs::inner(p, table, rest, around);
    }
}

/// struct br_mdb_entry, and attributes.
fn group(p: &mut Printer, data: &[u8], around: Around) {
    let strace = p.format() == Format::Strace;
    let mut f = Fields::new(data.get(..GROUP).unwrap_or(data));
    p.begin_struct();
    f.walk(p, "ifindex:n4 state:s1{ flags:f1} vid:u2");
    p.field("addr");
    p.begin_struct();
    let (address, kind) = f.rest().split_at_checked(16).unwrap_or((&[], &[]));
    let proto = crate::sockaddr::be16(kind, 0);
    p.field("u");
    match proto {
        // strace compares what stands there with address families.
        _ if strace => fields::piece(p, address),
        0x800 => p.ip4(crate::sockaddr::quad(address, 0)),
        0x86dd => p.ip6(&crate::sockaddr::sixteen(address, 0)),
        _ => super::hardware(p, address.get(..6).unwrap_or(address)),
    }
    p.field("proto");
    if strace {
        let name = xlat::name(xlat::AF, u64::from(proto));
        p.out().str("htons(");
        p.sym(i64::from(proto), name, "AF_???");
        p.out().byte(b')');
    } else {
        super::ethernet(p, kind, "ETH_P_???");
    }
    p.end_struct();
    if strace {
        p.end_struct();
    }
    attributes_behind(p, Table::GROUP, after(data, GROUP), around);
    if !strace {
        p.end_struct();
    }
}

/// A port behind which there are routers: its number, and attributes.
fn router_port(p: &mut Printer, data: &[u8], around: Around) {
    let strace = p.format() == Format::Strace;
    let mut f = Fields::new(data.get(..4).unwrap_or(data));
    if strace {
        p.ifindex(f.take(4).map_or(0, fields::number) as u32);
    } else {
        p.begin_struct();
        f.interface(p, "ifindex");
    }
    attributes_behind(p, Table::ROUTER_PORT, after(data, 4), around);
    if !strace {
        p.end_struct();
    }
}

/// struct br_mcast_stats: most counters are pairs of what came in and what went out.
fn multicast(p: &mut Printer, data: &[u8]) {
    const NAMES: &str = "igmp_v1queries igmp_v2queries igmp_v3queries igmp_leaves igmp_v1reports igmp_v2reports igmp_v3reports \
        igmp_parse_errors mld_v1queries mld_v2queries mld_leaves mld_v1reports mld_v2reports mld_parse_errors mcast_bytes mcast_packets";
    let mut f = Fields::new(data.get(..MULTICAST).unwrap_or(data));
    let mut left = NAMES;
    p.begin_struct();
    while !left.is_empty() {
        let (name, rest) = cut(left, b' ');
        left = rest;
        if name.ends_with("errors") {
            f.unum(p, name, 8);
            continue;
        }
        let Some(pair) = f.field(p, name, 16) else { break };
        let strace = p.format() == Format::Strace;
        let mut directions = ["[BR_MCAST_DIR_RX]=", "[BR_MCAST_DIR_TX]="].into_iter();
        fields::list(p, pair, 8, 2, |p, n| {
            let direction = directions.next().unwrap_or("");
            if strace {
                p.out().str(direction);
            }
            p.unum(fields::number(n));
        });
    }
    p.end_struct();
    behind(p, after(data, MULTICAST));
}

/// One instruction of a packet filter: `BPF_STMT(BPF_LD|BPF_H|BPF_ABS, 0xc)`; in JSON its numbers.
fn instruction(p: &mut Printer, b: &[u8]) {
    let at = |from: usize, to: usize| fields::number(b.get(from..to).unwrap_or(&[]));
    let (code, jt, jf, k) = (at(0, 2), at(2, 3), at(3, 4), at(4, 8));
    if p.json() {
        p.begin_struct();
        Fields::new(b).walk(p, "code:x2 jt:u1 jf:u1 k:x4");
        p.end_struct();
        return;
    }
    let jumps = jt != 0 || jf != 0;
    p.out().str(if jumps { "BPF_JUMP(" } else { "BPF_STMT(" });
    operation(p, code);
    p.out().str(", ");
    /// From here on the packet's own data ends, and what the kernel knows of it begins.
    const EXTRA: u64 = 0xffff_f000;
    if !jumps && k >= EXTRA && code & 0xe7 == 0x20 {
        p.out().str("SKF_AD_OFF+");
        p.sym((k - EXTRA) as i64, xlat::name(xlat::SKF_AD, k - EXTRA), "SKF_AD_???");
    } else {
        p.hex(k);
    }
    if jumps {
        for n in [jt, jf] {
            p.out().str(", ");
            p.hex(n);
        }
    }
    p.out().byte(b')');
}

/// `BPF_LD|BPF_H|BPF_ABS`
fn operation(p: &mut Printer, code: u64) {
    const LOADS: &[(u64, Xlat)] = &[(0x18, xlat::BPF_SIZE), (0xe0, xlat::BPF_MODE)];
    const COMPUTES: &[(u64, Xlat)] = &[(0x08, xlat::BPF_SRC), (0xf0, xlat::BPF_OP_ALU)];
    const JUMPS: &[(u64, Xlat)] = &[(0x08, xlat::BPF_SRC), (0xf0, xlat::BPF_OP_JMP)];
    const RETURNS: &[(u64, Xlat)] = &[(0x18, xlat::BPF_RVAL)];
    const OTHER: &[(u64, Xlat)] = &[(0xf8, xlat::BPF_MISCOP)];
    let class = code & 7;
    p.sym(class as i64, xlat::name(xlat::BPF_CLASS, class), "BPF_???");
    // Of the first two kinds nothing is left over.
    let (parts, rest) = match class {
        0 | 1 => (LOADS, 0),
        4 => (COMPUTES, 0),
        5 => (JUMPS, 0),
        6 => (RETURNS, code & !0x1f),
        7 => (OTHER, code & !0xff),
        _ => (&[][..], code & !7),
    };
    for (mask, table) in parts {
        p.out().byte(b'|');
        p.sym((code & mask) as i64, xlat::name(*table, code & mask), "BPF_???");
    }
    if rest != 0 {
        p.out().byte(b'|');
        p.sym(rest as i64, None, "BPF_???");
    }
}

/// struct smc_diag_conninfo
fn smc_connection(p: &mut Printer, data: &[u8]) {
    let mut f = Fields::new(data.get(..SMC_CONNECTION).unwrap_or(data));
    p.begin_struct();
    f.walk(p, "token:u4 sndbuf_size:u4 rmbe_size:u4 peer_rmbe_size:u4");
    for name in ["rx_prod", "rx_cons", "tx_prod", "tx_cons", "", "tx_prep", "tx_sent", "tx_fin"] {
        if name.is_empty() {
            for name in ["rx_prod_flags", "rx_conn_state_flags", "tx_prod_flags", "tx_conn_state_flags"] {
                match f.field(p, name, 1).map(fields::number) {
                    // As strace writes it.
                    Some(0) if p.format() == Format::Strace => p.out().str("00"),
                    Some(v) => p.hex(v),
                    None => {}
                }
            }
        } else if let Some(b) = f.field(p, name, 8) {
            p.begin_struct();
            Fields::new(b).walk(p, "reserved:u2 wrap:u2 count:u4");
            p.end_struct();
        }
    }
    p.end_struct();
}

/// struct smc_diag_lgrinfo
fn smc_group(p: &mut Printer, data: &[u8]) {
    let mut f = Fields::new(data.get(..SMC_GROUP).unwrap_or(data));
    p.begin_struct();
    p.field("lnk");
    p.begin_array();
    p.elem();
    p.begin_struct();
    f.unum(p, "link_id", 1);
    for (name, size) in [("ibname", 64), ("", 1), ("gid", 40), ("peer_gid", 40)] {
        if name.is_empty() {
            f.unum(p, "ibport", 1);
        } else if let Some(b) = f.field(p, name, size) {
            p.text(fields::until_nul(b));
        }
    }
    p.end_struct();
    p.end_array();
    f.walk(p, "role:s1~");
    p.end_struct();
}

/// struct smc_diag_fallback: numbers, and in text what they mean.
fn smc_reasons(p: &mut Printer, data: &[u8]) {
    let mut f = Fields::new(data.get(..8).unwrap_or(data));
    p.begin_struct();
    for name in ["reason", "peer_diagnosis"] {
        let Some(v) = f.field(p, name, 4).map(fields::number) else { break };
        let known = xlat::name(xlat::SMC_DECL, v);
        if p.json() {
            p.sym(v as i64, known, "");
        } else {
            p.hex(v);
            p.comment(known.unwrap_or(if p.format() == Format::Strace { "SMC_CLC_DECL_???" } else { "" }));
        }
    }
    p.end_struct();
}

/// A question about SMC sockets.
pub(super) fn smc_request(p: &mut Printer, data: &[u8]) {
    part(p, "body");
    p.begin_struct();
    let mut f = Fields::new(data);
    f.walk(p, "diag_family:s1F -2");
    if let Some(b) = f.field(p, "diag_ext", 1) {
        smc_extensions(p, fields::number(b));
    }
    socket_id(p, &mut f, libc::AF_INET as u8);
    p.end_struct();
}

/// `1<<(SMC_DIAG_CONNINFO-1)|0x4`
fn smc_extensions(p: &mut Printer, v: u64) {
    if p.json() || v == 0 {
        p.unum(v);
        return;
    }
    let mut any = false;
    for (bit, name) in [(1, "1<<(SMC_DIAG_CONNINFO-1)"), (2, "1<<(SMC_DIAG_LGRINFO-1)")] {
        if v & bit != 0 {
            p.out().str(if any { "|" } else { "" });
            p.out().str(name);
            any = true;
        }
    }
    if v & !3 != 0 {
        p.out().str(if any { "|" } else { "" });
        p.out().hex(v & !3);
        if !any {
            p.comment("1<<SMC_DIAG_???-1");
        }
    }
}

/// The kernel's answer about an SMC socket.
pub(super) fn smc_answer(p: &mut Printer, data: &[u8]) {
    part(p, "body");
    p.begin_struct();
    let mut f = Fields::new(data);
    f.walk(p, "diag_family:s1F diag_state:s1| diag_fallback:s1` diag_shutdown:u1");
    socket_id(p, &mut f, libc::AF_INET as u8);
    f.walk(p, "diag_uid:u4 diag_inode:u8");
    p.end_struct();
    attributes(p, Table::SMC_SOCKET, after(data, SMC_ANSWER), libc::AF_INET as u8);
}
