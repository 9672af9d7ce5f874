//! What follows a message's header: a structure that the type names, and attributes.

use super::attrs;
use super::tables::Table;
use super::{after, aligned, bytes, part, rare, raw, shifted};
use crate::fields::{self, Fields};
use crate::printer::{Format, Printer};
use crate::xlat::{self, Xlat};

/// A structure at the beginning of a message. Its first field is the family, which decides how the addresses in the attributes look.
struct Body {
    size: usize,
    fields: &'static str,
    attrs: Table,
}

/// Prints the body of a message of family `proto` and type `ty`; `asks` tells a request from its answer.
pub(super) fn print(p: &mut Printer, proto: u16, ty: u16, asks: bool, data: &[u8]) {
    match i32::from(proto) {
        libc::NETLINK_ROUTE => match route(ty, data, p.format() == Format::Strace) {
            Some(b) => known(p, &b, data),
            None => family(p, data),
        },
        libc::NETLINK_SOCK_DIAG => diag(p, asks, data),
        libc::NETLINK_NETFILTER => {
            // The messages around a batch have no attributes.
            netfilter(p, data, xlat::name(xlat::NFNL_MSG, u64::from(ty)).is_none());
        }
        libc::NETLINK_SELINUX if data.len() >= 4 && ty == 16 => fixed(p, "val:i4", data),
        libc::NETLINK_SELINUX if data.len() >= 4 && ty == 17 => fixed(p, "seqno:u4", data),
        _ => raw(p, data),
    }
}

/// The structure of a message of NETLINK_ROUTE: one for each group of four types.
fn route(ty: u16, data: &[u8], strace: bool) -> Option<Body> {
    const RTM_GETNEIGH: u16 = 30;
    let link = || Body {
        size: 16,
        fields: "ifi_family:s1F -1 ifi_type:s2a ifi_index:n4 ifi_flags:f4f ifi_change:x4",
        attrs: Table::LINK,
    };
    let bridge = data.first() == Some(&(libc::AF_BRIDGE as u8)) && data.len() >= 16;
    let of = |size, fields, attrs| Some(Body { size, fields, attrs });
    // What has no name has no structure either.
    xlat::name(xlat::RTM, u64::from(ty))?;
    match ty.checked_sub(16)? / 4 {
        0 => Some(link()),
        1 | 10 | 11 => {
            of(8, "ifa_family:s1F ifa_prefixlen:u1 ifa_flags:f1g ifa_scope:s1h ifa_index:n4", Table::ADDRESS)
        }
        2 => of(
            12,
            "rtm_family:s1F rtm_dst_len:u1 rtm_src_len:u1 rtm_tos:f1y rtm_table:s1j rtm_protocol:s1k rtm_scope:s1h rtm_type:s1l \
             rtm_flags:f4m",
            Table::ROUTE,
        ),
        3 if bridge && ty == RTM_GETNEIGH => Some(link()),
        3 => of(12, "ndm_family:s1F -3 ndm_ifindex:n4 ndm_state:f2n ndm_flags:f1o ndm_type:s1l", Table::NEIGHBOUR),
        4 => of(12, "family:s1F dst_len:u1 src_len:u1 tos:f1y table:s1J -2 action:s1w flags:f4x", Table::RULE),
        5..=7 | 21 => {
            of(20, "tcm_family:s1F -3 tcm_ifindex:n4 tcm_handle:u4 tcm_parent:u4 tcm_info:u4", Table::TRAFFIC)
        }
        // strace takes the actions' attributes for those of what holds them.
        8 => of(4, "tca_family:s1F -3", if strace { Table::ACTION } else { Table::ACTIONS }),
        12 => of(1, "ndtm_family:s1F", Table::NEIGHBOUR_TABLE),
        14 => of(12, "ifal_family:s1F -1 ifal_prefixlen:u1 ifal_flags:u1 ifal_index:n4 ifal_seq:u4", Table::LABEL),
        16 => of(1, "ncm_family:s1F", Table::SETTINGS),
        17 => of(8, "family:s1F -3 ifindex:n4", Table::MULTICAST),
        15 => of(4, "dcb_family:s1F cmd:s1[ -2", Table::DCB),
        18 => of(1, "rtgen_family:s1F", Table::NAMESPACE),
        19 => of(12, "family:s1F pad1:o1 pad2:o2 ifindex:n4", Table::STATS),
        20 => of(1, "rtgen_family:s1F", Table::NONE),
        22 => of(8, "nh_family:s1F nh_scope:s1h nh_protocol:s1k resvd:o1 nh_flags:f4N", Table::NEXT_HOP),
        _ => None,
    }
}

fn known(p: &mut Printer, body: &Body, data: &[u8]) {
    let short = data.len() < body.size;
    part(p, "body");
    p.begin_struct();
    // Of a structure cut short its family is shown.
    let mut f = Fields::new(data.get(..if short { 1 } else { body.size }).unwrap_or(data));
    f.walk(p, body.fields);
    if body.attrs.names == xlat::IFLA_STATS
        && let Some(b) = f.field(p, "filter_mask", 4)
    {
        shifted(p, fields::number(b), xlat::IFLA_STATS, "1<<IFLA_STATS_???");
    }
    if short {
        p.more();
    }
    p.end_struct();
    let rest = after(data, aligned(body.size));
    if body.attrs.names == Xlat::NONE {
        if !rest.is_empty() {
            raw(p, rest);
        }
        return;
    }
    attributes(p, body.attrs, rest, data.first().copied().unwrap_or(0));
}

pub(super) fn attributes(p: &mut Printer, table: Table, rest: &[u8], family: u8) {
    if !rest.is_empty() {
        part(p, "attrs");
        attrs::list(p, table, rest, family);
    }
}

/// `{family=AF_INET, data="\x01"}`
fn family(p: &mut Printer, data: &[u8]) {
    let (names, unknown) = fields::symbols(b'F');
    let mut f = Fields::new(data);
    part(p, "body");
    p.begin_struct();
    f.sym(p, "family", 1, names, unknown);
    if !f.rest().is_empty() {
        p.field("data");
        bytes(p, f.rest());
    }
    p.end_struct();
}

/// A structure without attributes.
fn fixed(p: &mut Printer, fields: &str, data: &[u8]) {
    part(p, "body");
    p.begin_struct();
    Fields::new(data).walk(p, fields);
    p.end_struct();
}

/// struct nfgenmsg, which begins every message of NETLINK_NETFILTER.
fn netfilter(p: &mut Printer, data: &[u8], has_attrs: bool) {
    let (names, unknown) = fields::symbols(b'F');
    if data.len() < 4 {
        raw(p, data);
        return;
    }
    let mut f = Fields::new(data.get(..4).unwrap_or(data));
    part(p, "body");
    p.begin_struct();
    f.sym(p, "nfgen_family", 1, names, unknown);
    if let Some(v) = f.field(p, "version", 1).map(fields::number) {
        p.sym(v as i64, if v == 0 { Some("NFNETLINK_V0") } else { None }, "NFNETLINK_???");
    }
    p.field("res_id");
    p.port(crate::sockaddr::be16(data, 2));
    p.end_struct();
    let rest = after(data, 4);
    if has_attrs {
        attributes(p, Table::NONE, rest, 0);
    } else if !rest.is_empty() {
        raw(p, rest);
    }
}

/// Not in libc's headers everywhere.
const AF_SMC: i32 = 43;

/// A request or an answer of NETLINK_SOCK_DIAG.
fn diag(p: &mut Printer, asks: bool, data: &[u8]) {
    let af = data.first().copied().unwrap_or(0);
    let inet = matches!(i32::from(af), libc::AF_INET | libc::AF_INET6);
    let unix = i32::from(af) == libc::AF_UNIX;
    let netlink = i32::from(af) == libc::AF_NETLINK;
    let packet = i32::from(af) == libc::AF_PACKET;
    let smc = i32::from(af) == AF_SMC;
    match (asks, data.len()) {
        (true, 56..) if inet => inet_request(p, data, af),
        (false, 72..) if inet => inet_answer(p, data, af),
        (true, 24..) if unix => {
            part(p, "body");
            p.begin_struct();
            let mut f = Fields::new(data);
            f.walk(p, "sdiag_family:s1F sdiag_protocol:u1 -2");
            if let Some(b) = f.field(p, "udiag_states", 4) {
                shifted(p, fields::number(b), xlat::TCP_STATE_FULL, "TCP_???");
            }
            f.walk(p, "udiag_ino:u4 udiag_show:f4Q");
            cookie(p, &mut f, "udiag_cookie");
            p.end_struct();
            attributes(p, Table::UNIX_DIAG, after(data, 24), af);
        }
        (false, 16..) if unix => {
            part(p, "body");
            p.begin_struct();
            let mut f = Fields::new(data);
            f.walk(p, "udiag_family:s1F udiag_type:s1K udiag_state:s1z -1 udiag_ino:u4");
            cookie(p, &mut f, "udiag_cookie");
            p.end_struct();
            attributes(p, Table::UNIX_DIAG, after(data, 16), af);
        }
        (true, 20..) if netlink => {
            part(p, "body");
            p.begin_struct();
            let mut f = Fields::new(data);
            f.walk(p, "sdiag_family:s1F");
            if let Some(b) = f.field(p, "sdiag_protocol", 1) {
                let v = fields::number(b);
                let name = if v == 0xff { Some("NDIAG_PROTO_ALL") } else { xlat::name(xlat::NETLINK_PROTO, v) };
                p.sym(v as i64, name, "NETLINK_???");
            }
            f.walk(p, "-2 ndiag_ino:u4 ndiag_show:f4<");
            cookie(p, &mut f, "ndiag_cookie");
            p.end_struct();
        }
        (true, 20..) if packet => {
            part(p, "body");
            p.begin_struct();
            let mut f = Fields::new(data);
            f.walk(p, "sdiag_family:s1F sdiag_protocol:x1 -2 pdiag_ino:u4 pdiag_show:f4>");
            cookie(p, &mut f, "pdiag_cookie");
            p.end_struct();
        }
        (false, 28..) if netlink => {
            part(p, "body");
            p.begin_struct();
            let mut f = Fields::new(data);
            f.walk(
                p,
                "ndiag_family:s1F ndiag_type:s1K ndiag_protocol:s1/ ndiag_state:s1; ndiag_portid:u4 ndiag_dst_portid:u4 \
                 ndiag_dst_group:u4 ndiag_ino:u4",
            );
            cookie(p, &mut f, "ndiag_cookie");
            p.end_struct();
            attributes(p, Table::NETLINK_SOCKET, after(data, 28), af);
        }
        (false, 16..) if packet => {
            part(p, "body");
            p.begin_struct();
            let mut f = Fields::new(data);
            f.walk(p, "pdiag_family:s1F pdiag_type:s1K pdiag_num:s2@ pdiag_ino:u4");
            cookie(p, &mut f, "pdiag_cookie");
            p.end_struct();
            attributes(p, Table::PACKET_SOCKET, after(data, 16), af);
        }
        (true, rare::SMC_ASK..) if smc => rare::smc_request(p, data),
        (false, rare::SMC_ANSWER..) if smc => rare::smc_answer(p, data),
        (_, 2..) if smc => cut(p, "diag_family:s1F", data),
        (true, 2..) if netlink || packet => cut(p, "sdiag_family:s1F", data),
        (false, 2..) if netlink => cut(p, "ndiag_family:s1F", data),
        (false, 2..) if packet => cut(p, "pdiag_family:s1F", data),
        (true, _) if inet || unix => cut(p, "sdiag_family:s1F", data),
        (false, _) if inet => cut(p, "idiag_family:s1F", data),
        (false, _) if unix => cut(p, "udiag_family:s1F", data),
        _ => family(p, data),
    }
}

/// Of a structure cut short its family is shown.
fn cut(p: &mut Printer, field: &str, data: &[u8]) {
    part(p, "body");
    p.begin_struct();
    Fields::new(data).walk(p, field);
    p.more();
    p.end_struct();
}

/// `udiag_cookie=[1, 0]`
fn cookie(p: &mut Printer, f: &mut Fields, name: &str) {
    if let Some(b) = f.field(p, name, 8) {
        fields::list(p, b, 4, 2, |p, n| p.unum(fields::number(n)));
    }
}

/// struct inet_diag_sockid
pub(super) fn socket_id(p: &mut Printer, f: &mut Fields, af: u8) {
    p.field("id");
    p.begin_struct();
    for name in ["idiag_sport", "idiag_dport"] {
        if let Some(b) = f.field(p, name, 2) {
            p.port(crate::sockaddr::be16(b, 0));
        }
    }
    for name in ["idiag_src", "idiag_dst"] {
        if i32::from(af) == libc::AF_INET6 {
            f.ip6(p, name);
        } else {
            f.ip4(p, name);
            f.skip(12);
        }
    }
    f.walk(p, "idiag_if:n4");
    cookie(p, f, "idiag_cookie");
    p.end_struct();
}

fn inet_request(p: &mut Printer, data: &[u8], af: u8) {
    part(p, "body");
    p.begin_struct();
    let mut f = Fields::new(data);
    f.walk(p, "sdiag_family:s1F sdiag_protocol:s1R");
    if let Some(b) = f.field(p, "idiag_ext", 1) {
        extensions(p, fields::number(b));
    }
    f.skip(1);
    if let Some(b) = f.field(p, "idiag_states", 4) {
        shifted(p, fields::number(b), xlat::TCP_STATE_FULL, "TCP_???");
    }
    socket_id(p, &mut f, af);
    p.end_struct();
    attributes(p, Table::INET_REQUEST, after(data, 56), af);
}

/// `1<<(INET_DIAG_MEMINFO-1)|1<<(INET_DIAG_INFO-1)`
fn extensions(p: &mut Printer, v: u64) {
    if p.json() || v == 0 {
        p.unum(v);
        return;
    }
    let mut any = false;
    for (n, name) in xlat::INET_DIAG.rows() {
        if (1..=8).contains(&n) && v >> (n.saturating_sub(1)) & 1 != 0 {
            p.out().str(if any { "|1<<(" } else { "1<<(" });
            p.out().str(name);
            p.out().str("-1)");
            any = true;
        }
    }
}

fn inet_answer(p: &mut Printer, data: &[u8], af: u8) {
    part(p, "body");
    p.begin_struct();
    let mut f = Fields::new(data.get(..72).unwrap_or(data));
    f.walk(p, "idiag_family:s1F idiag_state:s1z idiag_timer:u1 idiag_retrans:u1");
    socket_id(p, &mut f, af);
    f.walk(p, "idiag_expires:u4 idiag_rqueue:u4 idiag_wqueue:u4 idiag_uid:u4 idiag_inode:u4");
    p.end_struct();
    attributes(p, Table::INET_DIAG, after(data, 72), af);
}
