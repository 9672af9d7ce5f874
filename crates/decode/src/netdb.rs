//! Name lookups: addrinfo, hostent, lists of interfaces.

use crate::fields::until_nul;
use crate::printer::{Format, Printer};
use crate::sockaddr::{le32, sockaddr};
use crate::value::{cap, failed, host_addr, most, string, sym};
use crate::xlat;
use socklens_calls::Call;
use socklens_wire::event::ARG_RESULT;
use socklens_wire::{Event, Part};

/// Bytes of struct addrinfo.
const ADDRINFO: usize = 48;

/// The numbers at the front of a struct addrinfo; socklens's own formats leave out what is 0.
fn numbers(p: &mut Printer, b: &[u8]) {
    let all = p.format() == Format::Strace;
    let (flags, family, kind, protocol) = (le32(b, 0), le32(b, 4) as i32, le32(b, 8), le32(b, 12) as i32);
    if all || flags != 0 {
        p.field("ai_flags");
        p.flags(u64::from(flags), xlat::AI, "AI_???");
    }
    if all || family != 0 {
        p.field("ai_family");
        sym(p, family, xlat::AF, "AF_???");
    }
    if all || kind != 0 {
        p.field("ai_socktype");
        if kind == 0 { p.num(0) } else { crate::value::sock_type(p, u64::from(kind)) }
    }
    if all || protocol != 0 {
        p.field("ai_protocol");
        sym(p, protocol, xlat::IPPROTO, "IPPROTO_???");
    }
}

/// getaddrinfo's hints.
pub(crate) fn hints(ev: &Event, p: &mut Printer, arg: u8, v: u64) {
    match cap(ev, arg, Part::Data).filter(|c| v != 0 && c.data.len() >= 16) {
        Some(c) => {
            p.begin_struct();
            numbers(p, c.data);
            p.end_struct();
        }
        None => p.ptr(v),
    }
}

/// getaddrinfo's answer.
pub(crate) fn addrinfo_list(ev: &Event, call: Call, p: &mut Printer, arg: u8, v: u64) {
    let items = || ev.captures().filter(|c| c.arg == arg && c.part == Part::AddrInfo && c.data.len() >= ADDRINFO);
    if failed(ev, call) || items().next().is_none() {
        p.ptr(v);
        return;
    }
    p.begin_array();
    let most = most(p);
    for (i, c) in items().enumerate() {
        if i >= most {
            p.more();
            break;
        }
        p.elem();
        let addr = ev.cap_at(arg, Part::Addr, c.index, 0).or_else(|| {
            // `sub` may tell the family.
            ev.captures().find(|a| a.arg == arg && a.part == Part::Addr && a.index == c.index)
        });
        let canon = ev.cap_at(arg, Part::Canon, c.index, 0);
        if p.format() == Format::Text {
            let word = match le32(c.data, 8) as i32 {
                libc::SOCK_STREAM => "tcp ",
                libc::SOCK_DGRAM => "udp ",
                libc::SOCK_RAW => "raw ",
                _ => "",
            };
            p.out().str(word);
            match addr {
                Some(a) => sockaddr(p, a.data),
                None => p.out().str("?"),
            }
            if let Some(n) = canon {
                p.out().byte(b' ');
                string(p, Some(n), 0);
            }
            continue;
        }
        p.begin_struct();
        numbers(p, c.data);
        p.field("ai_addr");
        match addr {
            Some(a) => sockaddr(p, a.data),
            None => p.ptr(crate::fields::number(c.data.get(24..).unwrap_or(&[]))),
        }
        if let Some(n) = canon {
            p.field("ai_canonname");
            p.text(until_nul(n.data));
        }
        p.end_struct();
    }
    p.end_array();
}

/// A struct hostent; prints the pointer when nothing of it was copied.
pub(crate) fn hostent(ev: &Event, p: &mut Printer, arg: u8, v: u64) {
    let head = ev.cap(arg, Part::HostHead);
    let name = ev.cap(arg, Part::Canon);
    if head.is_none() && name.is_none() {
        p.ptr(v);
        return;
    }
    let family = head.map_or(0, |c| le32(c.data, 0) as i32);
    p.begin_struct();
    if let Some(n) = name {
        p.field("h_name");
        p.text(until_nul(n.data));
    }
    let parts = |part| ev.captures().filter(move |c| c.arg == arg && c.part == part);
    if parts(Part::Alias).next().is_some() || p.format() == Format::Strace {
        p.field("h_aliases");
        p.begin_array();
        for c in parts(Part::Alias) {
            p.elem();
            p.text(until_nul(c.data));
        }
        p.end_array();
    }
    if p.format() != Format::Text {
        p.field("h_addrtype");
        sym(p, family, xlat::AF, "AF_???");
        p.field("h_length");
        p.num(i64::from(head.map_or(0, |c| le32(c.data, 4) as i32)));
    }
    p.field("h_addr_list");
    p.begin_array();
    for c in parts(Part::Addr) {
        p.elem();
        host_addr(p, c.data);
    }
    p.end_array();
    p.end_struct();
}

/// Whether a result's hostent was copied.
pub(crate) fn has_result(ev: &Event) -> bool {
    ev.cap(ARG_RESULT, Part::HostHead).is_some() || ev.cap(ARG_RESULT, Part::Canon).is_some()
}

/// if_nameindex's array; false when it was not copied.
pub(crate) fn nameindex(ev: &Event, p: &mut Printer) -> bool {
    let items = || ev.captures().filter(|c| c.arg == ARG_RESULT && c.part == Part::IfName);
    if items().next().is_none() {
        return false;
    }
    p.begin_array();
    for c in items() {
        p.elem();
        p.begin_struct();
        if let Some(i) = ev.cap_at(ARG_RESULT, Part::Data, c.index, 0) {
            p.field("if_index");
            p.unum(u64::from(le32(i.data, 0)));
        }
        p.field("if_name");
        p.text(until_nul(c.data));
        p.end_struct();
    }
    p.end_array();
    true
}

/// getifaddrs's list.
pub(crate) fn ifaddrs(ev: &Event, p: &mut Printer, arg: u8, v: u64) {
    let items = || ev.captures().filter(|c| c.arg == arg && c.part == Part::IfName);
    if items().next().is_none() {
        p.ptr(v);
        return;
    }
    p.begin_array();
    let most = most(p);
    for (i, c) in items().enumerate() {
        if i >= most {
            p.more();
            break;
        }
        p.elem();
        p.begin_struct();
        p.field("ifa_name");
        p.text(until_nul(c.data));
        if let Some(f) = ev.cap_at(arg, Part::IfFlags, c.index, 0) {
            p.field("ifa_flags");
            p.flags(u64::from(le32(f.data, 0)), xlat::IFF, "IFF_???");
        }
        let addr = ev.captures().find(|a| a.arg == arg && a.part == Part::Addr && a.index == c.index);
        if let Some(a) = addr.filter(|a| a.data.len() >= 2) {
            p.field("ifa_addr");
            sockaddr(p, a.data);
        }
        p.end_struct();
    }
    p.end_array();
}
