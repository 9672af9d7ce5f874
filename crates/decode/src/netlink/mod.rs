//! Netlink: what an AF_NETLINK socket sends and receives, as messages of a header, a body and attributes.
//!
//! Every length in them is the program's or the kernel's word; only the bytes that were captured are believed.

mod attrs;
mod body;
mod rare;
mod special;
mod tables;

use crate::printer::{Format, Printer};
use crate::sockaddr::{le16, le32};
use crate::value::most;
use crate::xlat::{self, Xlat};
use crate::{call, fields};
use socklens_wire::Event;

/// Bytes of a struct nlmsghdr.
const HEADER: usize = 16;
/// Messages within messages that are taken apart: an error repeats the message it is about.
const DEPTH: u8 = 2;

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLM_F_REQUEST: u16 = 1;

/// The bytes from `at` on; none past the end.
fn after(b: &[u8], at: usize) -> &[u8] {
    b.get(at..).unwrap_or(&[])
}

/// A length rounded up to where the next thing begins.
fn aligned(n: usize) -> usize {
    n.saturating_add(3) & !3
}

/// Bytes that mean nothing here, in hexadecimal, cut to the option's length.
fn bytes(p: &mut Printer, b: &[u8]) {
    let most = if p.json() { b.len() } else { p.opts().strlen as usize };
    fields::piece(p, b.get(..most).unwrap_or(b));
    if b.len() > most {
        p.note("...");
    }
}

/// Begins a part of a message: an element in strace's syntax, which has no names for them.
fn part(p: &mut Printer, name: &str) {
    if p.format() == Format::Strace { p.elem() } else { p.field(name) }
}

/// The netlink family of the socket that a call is about; None for every other.
pub(crate) fn family(ev: &Event, p: &Printer) -> Option<u16> {
    let fd = ev.call().and_then(call::fd_arg).filter(|i| *i < usize::from(ev.head.nargs))?;
    p.names().fd(ev.int(fd)).filter(|c| i32::from(c.family) == libc::AF_NETLINK).map(|c| c.protocol)
}

/// Prints a buffer that a socket of netlink family `proto` sent or received: `data`, the captured beginning of `full` bytes.
pub(crate) fn buffer(p: &mut Printer, proto: u16, data: &[u8], full: u64) {
    if p.json() {
        p.payload(data, full);
        return;
    }
    if i32::from(proto) == libc::NETLINK_KOBJECT_UEVENT {
        special::device(p, data, full);
        return;
    }
    let cut = (data.len() as u64) < full;
    let strace = p.format() == Format::Strace;
    if p.opts().strlen == 0 && !p.opts().verbose && full > 0 {
        p.out().str("...");
        return;
    }
    if strace && data.len() < HEADER && !cut {
        bytes(p, data);
    } else if strace && !cut && step(data).is_none_or(|n| n >= data.len()) {
        message(p, proto, first(data), DEPTH);
    } else {
        p.begin_array();
        messages(p, proto, data, cut);
        p.end_array();
    }
}

/// Prints the elements of an array of messages; `cut` says that there is more than `data`.
pub(crate) fn messages(p: &mut Printer, proto: u16, data: &[u8], cut: bool) {
    let most = most(p);
    let (mut rest, mut shown, mut more) = (data, 0, cut);
    while !rest.is_empty() {
        if shown >= most {
            more = true;
            break;
        }
        shown = shown.saturating_add(1);
        p.elem();
        if rest.len() < HEADER {
            bytes(p, rest);
            break;
        }
        message(p, proto, first(rest), DEPTH);
        let Some(n) = step(rest) else { break };
        rest = after(rest, n);
    }
    if more {
        p.more();
    }
}

/// The first message of several.
fn first(b: &[u8]) -> &[u8] {
    b.get(..(le32(b, 0) as usize).max(HEADER)).unwrap_or(b)
}

/// Where the message after the first begins; None where the first cannot say.
fn step(b: &[u8]) -> Option<usize> {
    let len = le32(b, 0) as usize;
    if b.len() < HEADER || len < HEADER { None } else { Some(aligned(len)) }
}

/// One message. In strace's syntax its header and what follows it are elements of an array, in socklens's own the members of a
/// struct.
fn message(p: &mut Printer, proto: u16, m: &[u8], depth: u8) {
    let (ty, flags) = (le16(m, 4), le16(m, 6));
    let data = after(m, HEADER);
    if p.format() == Format::Strace {
        if data.is_empty() {
            header(p, proto, m);
            return;
        }
        p.begin_array();
        p.elem();
        header(p, proto, m);
    } else {
        p.begin_struct();
        short_header(p, proto, m);
    }
    if !data.is_empty() {
        match ty {
            NLMSG_ERROR if data.len() >= 4 + HEADER => error(p, proto, data, depth),
            NLMSG_DONE if data.len() == 4 => {
                part(p, "error");
                p.num(i64::from(le32(data, 0) as i32));
            }
            0..NLMSG_MIN_TYPE => raw(p, data),
            _ => body::print(p, proto, ty, flags & NLM_F_REQUEST != 0, data),
        }
    }
    if p.format() == Format::Strace { p.end_array() } else { p.end_struct() }
}

/// A body that is not taken apart.
fn raw(p: &mut Printer, data: &[u8]) {
    part(p, "data");
    bytes(p, data);
}

/// Below it the types are the same for all families.
const NLMSG_MIN_TYPE: u16 = 16;

/// `{error=-EINVAL, msg={nlmsg_len=20, ...}}`, and attributes that explain it.
fn error(p: &mut Printer, proto: u16, data: &[u8], depth: u8) {
    let code = le32(data, 0) as i32;
    let inner = after(data, 4);
    let msg = first(inner);
    let rest = after(inner, aligned(msg.len()));
    if p.format() != Format::Strace {
        p.field("error");
        errno(p, code);
        p.field("msg");
        inside(p, proto, msg, depth);
        if !rest.is_empty() {
            p.field("attrs");
            attrs::list(p, tables::Table::ERROR, rest, 0);
        }
        return;
    }
    p.elem();
    if !rest.is_empty() {
        p.begin_array();
        p.elem();
    }
    p.begin_struct();
    p.field("error");
    errno(p, code);
    p.field("msg");
    inside(p, proto, msg, depth);
    p.end_struct();
    if !rest.is_empty() {
        p.elem();
        attrs::list(p, tables::Table::ERROR, rest, 0);
        p.end_array();
    }
}

fn inside(p: &mut Printer, proto: u16, msg: &[u8], depth: u8) {
    match depth.checked_sub(1) {
        Some(left) => message(p, proto, msg, left),
        None => bytes(p, msg),
    }
}

/// `-EINVAL`, or the number.
fn errno(p: &mut Printer, code: i32) {
    match xlat::errno(code.wrapping_neg()) {
        Some(name) if code < 0 && !p.json() => {
            p.out().byte(b'-');
            p.out().str(name);
        }
        Some(name) if code < 0 => p.sym(i64::from(code), Some(name), ""),
        _ => p.num(i64::from(code)),
    }
}

/// What a message is, by these names.
fn what(p: &mut Printer, proto: u16, m: &[u8], [kind, flags, seq]: [&str; 3]) {
    p.field(kind);
    message_type(p, proto, le16(m, 4));
    p.field(flags);
    p.flags(u64::from(le16(m, 6)), flags_of(proto, le16(m, 4)), "NLM_F_???");
    p.field(seq);
    p.unum(u64::from(le32(m, 8)));
}

/// strace's `{nlmsg_len=20, nlmsg_type=RTM_GETLINK, nlmsg_flags=NLM_F_REQUEST|NLM_F_DUMP, nlmsg_seq=1, nlmsg_pid=0}`.
fn header(p: &mut Printer, proto: u16, m: &[u8]) {
    p.begin_struct();
    p.field("nlmsg_len");
    p.unum(u64::from(le32(m, 0)));
    what(p, proto, m, ["nlmsg_type", "nlmsg_flags", "nlmsg_seq"]);
    p.field("nlmsg_pid");
    p.num(i64::from(le32(m, 12)));
    p.end_struct();
}

/// The header's members in socklens's own formats; text leaves out the length, and who sent it when that is the kernel.
fn short_header(p: &mut Printer, proto: u16, m: &[u8]) {
    if p.json() {
        p.field("len");
        p.unum(u64::from(le32(m, 0)));
    }
    what(p, proto, m, ["type", "flags", "seq"]);
    let pid = le32(m, 12);
    if p.json() || pid != 0 {
        p.field("pid");
        p.unum(u64::from(pid));
    }
}

/// The name of a message's type, which most families have their own for.
fn message_type(p: &mut Printer, proto: u16, ty: u16) {
    let (table, unknown) = match i32::from(proto) {
        _ if ty < NLMSG_MIN_TYPE && xlat::name(xlat::NLMSG, u64::from(ty)).is_some() => (xlat::NLMSG, ""),
        _ if ty < NLMSG_MIN_TYPE => (xlat::NLMSG, "NLMSG_???"),
        libc::NETLINK_NETFILTER if p.json() && ty >= 0x100 => (xlat::NFNL_TYPE, ""),
        libc::NETLINK_NETFILTER if p.json() || xlat::name(xlat::NFNL_MSG, u64::from(ty)).is_some() => {
            (xlat::NFNL_MSG, "")
        }
        libc::NETLINK_NETFILTER => return subsystem(p, ty),
        libc::NETLINK_ROUTE => (xlat::RTM, "RTM_???"),
        libc::NETLINK_SOCK_DIAG => (xlat::SOCK_DIAG, "SOCK_DIAG_???"),
        libc::NETLINK_XFRM => (xlat::XFRM_MSG, "XFRM_MSG_???"),
        libc::NETLINK_SELINUX => (xlat::SELNL_MSG, "SELNL_MSG_???"),
        libc::NETLINK_AUDIT => (xlat::AUDIT, "AUDIT_???"),
        libc::NETLINK_GENERIC => (xlat::GENL, "GENERIC_FAMILY_???"),
        libc::NETLINK_CRYPTO => (xlat::CRYPTO_MSG, "CRYPTO_MSG_???"),
        _ => (xlat::NLMSG, "NLMSG_???"),
    };
    p.sym(i64::from(ty), xlat::name(table, u64::from(ty)), unknown);
}

/// `NFNL_SUBSYS_NFTABLES<<8|NFT_MSG_NEWTABLE`
fn subsystem(p: &mut Printer, ty: u16) {
    /// What stands for names that a part lacks, of the parts from 1 on.
    const UNKNOWN: &str = "IPCTNL_MSG_CT_???\nIPCTNL_MSG_EXP_???\nNFQNL_MSG_???\nNFULNL_MSG_???\nOSF_MSG_???\nIPSET_CMD_???\n\
        NFNL_MSG_ACCT_???\nIPCTNL_MSG_TIMEOUT_???\nNFNL_MSG_CTHELPER_???\nNFT_MSG_???\nNFNL_MSG_COMPAT_???\nNFT_MSG_HOOK_???";
    let part = ty >> 8;
    p.sym(i64::from(part), xlat::name(xlat::NFNL_SUBSYS, u64::from(part)), "NFNL_SUBSYS_???");
    p.out().str("<<8|");
    let unknown = part.checked_sub(1).map_or("", |n| fields::line(UNKNOWN, usize::from(n)));
    p.sym(i64::from(ty & 0xff), xlat::name(xlat::NFNL_TYPE, u64::from(ty)), unknown);
}

/// What the upper flags mean depends on what the message asks for.
fn flags_of(proto: u16, ty: u16) -> Xlat {
    const NEW: Xlat = xlat::NLM_F_NEW;
    const DEL: Xlat = xlat::NLM_F_DEL;
    const GET: Xlat = xlat::NLM_F_GET;
    const PLAIN: Xlat = xlat::NLM_F;
    if ty < NLMSG_MIN_TYPE {
        return if ty == NLMSG_ERROR { xlat::NLM_F_ERROR } else { PLAIN };
    }
    match i32::from(proto) {
        libc::NETLINK_ROUTE => match ty & 3 {
            0 => NEW,
            1 => DEL,
            2 => GET,
            _ => PLAIN,
        },
        libc::NETLINK_SOCK_DIAG => GET,
        libc::NETLINK_NETFILTER => match (ty >> 8, ty & 0xff) {
            (1 | 2 | 8 | 9, 0) | (7, 0) | (10, 0 | 3 | 6 | 9 | 12 | 15 | 18 | 22) => NEW,
            (1, 2) | (2, 2) | (7, 3) | (8 | 9, 2) | (10, 2 | 5 | 8 | 11 | 14 | 20 | 24) => DEL,
            (1, 1 | 3..=7) | (2, 1 | 3) | (7, 1 | 2) | (8 | 9, 1) | (11 | 12, 0) => GET,
            (10, 1 | 4 | 7 | 10 | 13 | 16 | 19 | 21 | 23) => GET,
            _ => PLAIN,
        },
        libc::NETLINK_XFRM => match ty {
            0x10 | 0x13 | 0x21 | 0x23 => NEW,
            0x11 | 0x14 => DEL,
            0x12 | 0x15 | 0x24 | 0x22 => GET,
            _ => PLAIN,
        },
        _ => PLAIN,
    }
}

/// Prints an array of flags that are bits numbered by a table: `1<<TCP_CLOSE|1<<TCP_LISTEN`.
fn shifted(p: &mut Printer, v: u64, table: Xlat, unknown: &str) {
    if p.json() || v == 0 {
        p.unum(v);
        return;
    }
    let (mut rest, mut any) = (v, false);
    for (bit, name) in table.rows() {
        let mask = 1u64.checked_shl(bit as u32).unwrap_or(0);
        if rest & mask != 0 {
            p.out().str(if any { "|1<<" } else { "1<<" });
            p.out().str(name);
            any = true;
            rest &= !mask;
        }
    }
    if rest != 0 {
        if any {
            p.out().byte(b'|');
        }
        p.out().hex(rest);
        if !any {
            p.out().str(" /* ");
            p.out().str(unknown);
            p.out().str(" */");
        }
    }
}

/// An Ethernet protocol in network order: `htons(ETH_P_8021Q)`.
pub(crate) fn ethernet(p: &mut Printer, b: &[u8], unknown: &str) {
    let v = u64::from(crate::sockaddr::be16(b, 0));
    let text = !p.json();
    if text {
        p.out().str("htons(");
    }
    p.sym(v as i64, xlat::name(xlat::ETH_P, v), unknown);
    if text {
        p.out().byte(b')');
    }
}

/// A hardware address: `02:00:00:00:00:01`.
pub(crate) fn hardware(p: &mut Printer, b: &[u8]) {
    if b.len() > 32 || b.is_empty() {
        bytes(p, b);
        return;
    }
    if p.json() {
        p.out().byte(b'"');
    }
    for (i, c) in b.iter().enumerate() {
        if i > 0 {
            p.out().byte(b':');
        }
        p.out().hex_pad(u64::from(*c), 2);
    }
    if p.json() {
        p.out().byte(b'"');
    }
}
