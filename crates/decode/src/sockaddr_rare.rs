//! Socket addresses of the families that are met rarely.

use crate::fields::{Fields, number, until_nul};
use crate::printer::{Format, Printer};
use crate::sockaddr::{be16, ip6_into, le16, le32, quad, sixteen};
use crate::xlat::{self, Xlat};
use crate::{ip, quote, sockaddr_radio};

/// Prints what follows the family; false, and nothing printed, when it is not known or cut short.
pub(crate) fn known(p: &mut Printer, family: i32, b: &[u8]) -> bool {
    let n = b.len();
    // strace leaves these as bytes.
    let ours = p.format() != Format::Strace;
    match family {
        libc::AF_PACKET if n >= 20 => packet(p, b),
        libc::AF_VSOCK if n >= 16 => vsock(p, b),
        libc::AF_BLUETOOTH => return sockaddr_radio::bluetooth(p, b),
        libc::AF_XDP if n >= 16 => xdp(p, b),
        libc::AF_ALG if n > 24 => alg(p, b),
        libc::AF_AX25 if n >= 16 => sockaddr_radio::ax25(p, b),
        libc::AF_IPX if n >= 16 => ipx(p, b),
        libc::AF_X25 if n >= 18 => x25(p, b),
        libc::AF_NFC if n >= 16 => sockaddr_radio::nfc(p, b),
        42 if n >= 12 => qipcrtr(p, b),
        45 if n >= 12 => mctp(p, b),
        libc::AF_IEEE802154 if n >= 20 => sockaddr_radio::ieee802154(p, b),
        libc::AF_RXRPC if n >= 36 => rxrpc(p, b),
        libc::AF_CAN if ours && n >= 8 => can(p, b),
        libc::AF_TIPC if ours && n >= 16 => tipc(p, b),
        libc::AF_LLC if ours && n >= 16 => llc(p, b),
        _ => return false,
    }
    true
}

/// `htons(ETH_P_IP)`; the name alone in socklens's text.
pub(crate) fn wrapped(p: &mut Printer, wrap: &str, v: u64, table: Xlat, unknown: &str) {
    let strace = p.format() == Format::Strace;
    if strace {
        p.out().str(wrap);
        p.out().byte(b'(');
    }
    match (xlat::name(table, v), strace, v) {
        // strace writes a bare 0 here.
        (None, true, 0) => {
            p.out().str("0 /* ");
            p.out().str(unknown);
            p.out().str(" */");
        }
        (name, ..) => p.sym(v as i64, name, unknown),
    }
    if strace {
        p.out().byte(b')');
    }
}

/// A number that is called by name where there is one, and hexadecimal without a comment otherwise.
fn hex_or(p: &mut Printer, v: u32, name: Option<&str>) {
    match name {
        Some(name) => p.sym(i64::from(v), Some(name), ""),
        None => p.hex(u64::from(v)),
    }
}

/// A number with its name as a comment.
pub(crate) fn with_comment(p: &mut Printer, v: u64, name: Option<&str>) {
    p.hex(v);
    if let Some(name) = name {
        p.note(" /* ");
        p.note(name);
        p.note(" */");
    }
}

fn packet(p: &mut Printer, b: &[u8]) {
    p.field("sll_protocol");
    wrapped(p, "htons", u64::from(be16(b, 2)), xlat::ETH_P, "ETH_P_???");
    let mut f = Fields::new(b.get(4..).unwrap_or(&[]));
    f.interface(p, "sll_ifindex");
    f.sym(p, "sll_hatype", 2, xlat::ARPHRD, "ARPHRD_???");
    f.sym(p, "sll_pkttype", 1, xlat::PACKET_TYPE, "PACKET_???");
    let len = f.rest().first().copied().unwrap_or(0);
    f.unum(p, "sll_halen", 1);
    if len == 0 {
        return;
    }
    p.field("sll_addr");
    let rest = f.rest();
    octets(p, rest.get(..usize::from(len)).unwrap_or(rest), usize::from(len) > rest.len());
}

/// `[0x1, 00, 0xff]` as strace writes hardware addresses.
fn octets(p: &mut Printer, b: &[u8], cut: bool) {
    if p.format() == Format::Text {
        ip::mac(p.out(), b);
        return;
    }
    p.begin_array();
    for &o in b {
        p.elem();
        match (p.format(), o) {
            (Format::Strace, 0) => p.out().str("00"),
            _ => p.hex(u64::from(o)),
        }
    }
    if cut {
        p.more();
    }
    p.end_array();
}

fn vsock(p: &mut Printer, b: &[u8]) {
    let reserved = le16(b, 2);
    if reserved != 0 {
        p.field("svm_reserved1");
        p.hex(u64::from(reserved));
    }
    let (port, cid) = (le32(b, 4), le32(b, 8));
    p.field("svm_cid");
    hex_or(p, cid, xlat::name(xlat::VMADDR_CID, u64::from(cid)));
    p.field("svm_port");
    hex_or(p, port, (port == u32::MAX).then_some("VMADDR_PORT_ANY"));
    let mut f = Fields::new(b.get(12..16).unwrap_or(&[]));
    f.flags(p, "svm_flags", 1, xlat::VMADDR_FLAG, "VMADDR_FLAG_???");
    if f.rest().iter().any(|&c| c != 0) {
        p.field("svm_zero");
        crate::fields::piece(p, f.rest());
    }
}

pub(crate) fn mac(p: &mut Printer, b: Option<&[u8]>) {
    if p.json() {
        p.out().byte(b'"');
    }
    ip::mac(p.out(), b.unwrap_or(&[]));
    if p.json() {
        p.out().byte(b'"');
    }
}

pub(crate) fn wrap_num(p: &mut Printer, wrap: &str, v: u16) {
    if p.format() == Format::Strace {
        p.out().str(wrap);
        p.out().byte(b'(');
        p.unum(u64::from(v));
        p.out().byte(b')');
    } else {
        p.unum(u64::from(v));
    }
}

fn xdp(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b.get(2..).unwrap_or(&[]));
    f.flags(p, "sxdp_flags", 2, xlat::XDP_FLAG, "XDP_???");
    f.interface(p, "sxdp_ifindex");
    f.unum(p, "sxdp_queue_id", 4);
    let fd = le32(b, 12);
    if le16(b, 2) & 1 != 0 {
        p.field("sxdp_shared_umem_fd");
        p.fd(fd as i32);
    } else if fd != 0 {
        // It has no meaning without XDP_SHARED_UMEM.
        p.field("sxdp_shared_umem_fd");
        p.hex(u64::from(fd));
    }
}

fn alg(p: &mut Printer, b: &[u8]) {
    let text = |p: &mut Printer, name: &str, s: &[u8], size: usize| {
        p.field(name);
        let t = until_nul(s);
        let whole = t.len() < s.len();
        // Without a NUL the last byte is left out: the kernel wants one there.
        let t = if whole { t } else { t.get(..t.len().min(size.saturating_sub(1))).unwrap_or(t) };
        p.text(t);
        if !whole {
            p.note("...");
        }
    };
    let flags = |p: &mut Printer, name: &str, v: u32| {
        p.field(name);
        p.hex(u64::from(v));
        if v != 0 && !p.json() {
            p.out().str(" /* ");
            if u64::from(v) & 0x1000 != 0 {
                p.flags(u64::from(v), xlat::CRYPTO_FLAG, "");
            } else {
                p.out().str("CRYPTO_ALG_???");
            }
            p.out().str(" */");
        }
    };
    text(p, "salg_type", b.get(2..16).unwrap_or(&[]), 14);
    flags(p, "salg_feat", le32(b, 16));
    flags(p, "salg_mask", le32(b, 20));
    let name = b.get(24..).unwrap_or(&[]);
    text(p, "salg_name", name, name.len());
}

fn ipx(p: &mut Printer, b: &[u8]) {
    p.field("sipx_port");
    wrap_num(p, "htons", be16(b, 2));
    p.field("sipx_network");
    p.note("htonl(");
    p.hex(u64::from(u32::from_be_bytes(quad(b, 4))));
    p.note(")");
    p.field("sipx_node");
    octets(p, b.get(8..14).unwrap_or(&[]), false);
    let mut f = Fields::new(b.get(14..16).unwrap_or(&[]));
    p.field("sipx_type");
    match f.take(1).map_or(0, number) {
        0 if p.format() == Format::Strace => p.out().str("00"),
        n => p.hex(n),
    }
    if f.rest().first().is_some_and(|&c| c != 0) {
        f.hex(p, "sipx_zero", 1);
    }
}

fn x25(p: &mut Printer, b: &[u8]) {
    p.field("sx25_addr");
    p.begin_struct();
    p.field("x25_addr");
    let s = b.get(2..18).unwrap_or(&[]);
    let t = until_nul(s);
    p.text(t.get(..15).unwrap_or(t));
    if t.len() == s.len() {
        p.note("...");
    }
    p.end_struct();
}

fn qipcrtr(p: &mut Printer, b: &[u8]) {
    let (node, port) = (le32(b, 4), le32(b, 8));
    p.field("sq_node");
    hex_or(p, node, (node == u32::MAX).then_some("QRTR_NODE_BCAST"));
    p.field("sq_port");
    hex_or(p, port, (port == 0xffff_fffe).then_some("QRTR_PORT_CTRL"));
}

fn mctp(p: &mut Printer, b: &[u8]) {
    let pad = le16(b, 2);
    if pad != 0 {
        p.field("__smctp_pad0");
        p.hex(u64::from(pad));
    }
    let net = le32(b, 4);
    p.field("smctp_network");
    hex_or(p, net, (net == 0).then_some("MCTP_NET_ANY"));
    let at = |i: usize| u32::from(b.get(i).copied().unwrap_or(0));
    p.field("smctp_addr");
    p.begin_struct();
    p.field("s_addr");
    hex_or(
        p,
        at(8),
        match at(8) {
            0 => Some("MCTP_ADDR_NULL"),
            0xff => Some("MCTP_ADDR_ANY"),
            _ => None,
        },
    );
    p.end_struct();
    p.field("smctp_type");
    p.hex(u64::from(at(9)));
    p.field("smctp_tag");
    p.hex(u64::from(at(10)));
    if at(11) != 0 {
        p.field("__smctp_pad1");
        p.hex(u64::from(at(11)));
    }
}

fn rxrpc(p: &mut Printer, b: &[u8]) {
    p.field("srx_service");
    let service = le16(b, 2);
    // Of AFS, which the kernel has for itself.
    let name = match service {
        1 => "CM_SERVICE",
        2500 => "YFS_FS_SERVICE",
        2501 => "YFS_CM_SERVICE",
        2503 => "YFS_VL_SERVICE",
        _ => "???_SERVICE",
    };
    with_comment(p, u64::from(service), Some(name));
    let mut f = Fields::new(b.get(4..).unwrap_or(&[]));
    f.sym(p, "transport_type", 2, xlat::SOCK_TYPE, "SOCK_???");
    let len = usize::from(le16(b, 6));
    f.unum(p, "transport_len", 2);
    // As much of the address as is said to be one.
    let t = f.rest();
    let t = t.get(..len).unwrap_or(t);
    let family = le16(f.rest(), 0);
    p.field("transport");
    p.begin_struct();
    match i32::from(family) {
        libc::AF_INET => {
            p.field("sin");
            p.begin_struct();
            p.field("sin_family");
            p.word("AF_INET");
            if t.len() >= 16 {
                p.field("sin_port");
                p.port(be16(t, 2));
                p.field("sin_addr");
                p.ip4(quad(t, 4));
            } else {
                beginning(p, t);
            }
            p.end_struct();
        }
        libc::AF_INET6 => {
            p.field("sin6");
            p.begin_struct();
            p.field("sin6_family");
            p.word("AF_INET6");
            if t.len() >= 24 {
                rxrpc_in6(p, t, f.rest());
            } else {
                beginning(p, t);
            }
            p.end_struct();
        }
        _ => {
            p.field("family");
            p.sym(i64::from(family), xlat::name(xlat::AF, u64::from(family)), "AF_???");
            beginning(p, t);
        }
    }
    p.end_struct();
}

/// What there is of an address behind its family.
fn beginning(p: &mut Printer, t: &[u8]) {
    let data = t.get(2..).unwrap_or(&[]);
    if data.is_empty() {
        // Nothing follows.
    } else if p.json() {
        p.field("data");
        p.text(data);
    } else {
        p.elem();
        let hex = p.opts().hex;
        quote::c_str(p.out(), data, hex);
    }
}

/// The fields of an IPv6 address of `t`, of which all is in `whole`.
fn rxrpc_in6(p: &mut Printer, t: &[u8], whole: &[u8]) {
    p.field("sin6_port");
    p.port(be16(t, 2));
    p.field("sin6_flowinfo");
    p.note("htonl(");
    p.unum(u64::from(u32::from_be_bytes(quad(t, 4))));
    p.note(")");
    if p.json() {
        p.field("sin6_addr");
        p.ip6(&sixteen(t, 8));
    } else {
        p.elem();
        ip6_into(p, &sixteen(t, 8), "sin6_addr");
    }
    if t.len() > 24 {
        p.field("sin6_scope_id");
        p.unum(u64::from(le32(whole, 24)));
    }
}

fn can(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b.get(4..).unwrap_or(&[]));
    f.unum(p, "can_ifindex", 4);
    if f.rest().iter().any(|&c| c != 0) {
        f.hex(p, "rx_id", 4);
        f.hex(p, "tx_id", 4);
    }
}

fn tipc(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b.get(2..).unwrap_or(&[]));
    let kind = f.rest().first().copied().unwrap_or(0);
    f.sym(p, "addrtype", 1, xlat::TIPC_ADDRTYPE, "TIPC_???");
    f.sym(p, "scope", 1, xlat::TIPC_SCOPE, "TIPC_???_SCOPE");
    match kind {
        1 => {
            f.unum(p, "type", 4);
            f.unum(p, "lower", 4);
            f.unum(p, "upper", 4);
        }
        2 => {
            f.unum(p, "type", 4);
            f.unum(p, "instance", 4);
            f.hex(p, "domain", 4);
        }
        _ => {
            f.unum(p, "ref", 4);
            f.hex(p, "node", 4);
        }
    }
}

fn llc(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b.get(2..).unwrap_or(&[]));
    f.sym(p, "sllc_arphrd", 2, xlat::ARPHRD, "ARPHRD_???");
    f.unum(p, "sllc_test", 1);
    f.unum(p, "sllc_xid", 1);
    f.unum(p, "sllc_ua", 1);
    f.hex(p, "sllc_sap", 1);
    p.field("sllc_mac");
    mac(p, b.get(8..14));
}
