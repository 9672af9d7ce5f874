//! ioctl: the requests a socket may see, and what their argument points to.

use crate::fields::{Fields, boxed, list, number, signed, until_nul};
use crate::printer::{Format, Printer};
use crate::xlat::{self, name};

macro_rules! requests {
    ($($name:ident = $value:literal;)*) => {
        $(const $name: u64 = $value;)*
        #[cfg(test)]
        const REQUESTS: &[(&str, u64)] = &[$((stringify!($name), $value)),*];
    };
}

requests! {
    TIOCEXCL = 0x540c;
    TIOCNXCL = 0x540d;
    TIOCGPGRP = 0x540f;
    TIOCSPGRP = 0x5410;
    TIOCOUTQ = 0x5411;
    FIONREAD = 0x541b;
    FIONBIO = 0x5421;
    TIOCNOTTY = 0x5422;
    FIONCLEX = 0x5450;
    FIOCLEX = 0x5451;
    FIOASYNC = 0x5452;
    FIOQSIZE = 0x5460;
    FIOSETOWN = 0x8901;
    SIOCSPGRP = 0x8902;
    FIOGETOWN = 0x8903;
    SIOCGPGRP = 0x8904;
    SIOCATMARK = 0x8905;
    SIOCGSTAMP_OLD = 0x8906;
    SIOCGSTAMPNS_OLD = 0x8907;
    SIOCADDRT = 0x890b;
    SIOCDELRT = 0x890c;
    SIOCGIFNAME = 0x8910;
    SIOCGIFCONF = 0x8912;
    SIOCGIFFLAGS = 0x8913;
    SIOCSIFFLAGS = 0x8914;
    SIOCGIFADDR = 0x8915;
    SIOCSIFADDR = 0x8916;
    SIOCGIFDSTADDR = 0x8917;
    SIOCSIFDSTADDR = 0x8918;
    SIOCGIFBRDADDR = 0x8919;
    SIOCSIFBRDADDR = 0x891a;
    SIOCGIFNETMASK = 0x891b;
    SIOCSIFNETMASK = 0x891c;
    SIOCGIFMETRIC = 0x891d;
    SIOCSIFMETRIC = 0x891e;
    SIOCGIFMTU = 0x8921;
    SIOCSIFMTU = 0x8922;
    SIOCSIFNAME = 0x8923;
    SIOCSIFHWADDR = 0x8924;
    SIOCSIFENCAP = 0x8926;
    SIOCGIFHWADDR = 0x8927;
    SIOCGIFSLAVE = 0x8929;
    SIOCSIFSLAVE = 0x8930;
    SIOCADDMULTI = 0x8931;
    SIOCDELMULTI = 0x8932;
    SIOCGIFINDEX = 0x8933;
    SIOCSIFHWBROADCAST = 0x8937;
    SIOCGIFTXQLEN = 0x8942;
    SIOCSIFTXQLEN = 0x8943;
    SIOCETHTOOL = 0x8946;
    SIOCGMIIPHY = 0x8947;
    SIOCGMIIREG = 0x8948;
    SIOCSMIIREG = 0x8949;
    SIOCOUTQNSD = 0x894b;
    SIOCGSKNS = 0x894c;
    SIOCDARP = 0x8953;
    SIOCGARP = 0x8954;
    SIOCSARP = 0x8955;
    SIOCGIFMAP = 0x8970;
    SIOCSIFMAP = 0x8971;
    SIOCBRADDBR = 0x89a0;
    SIOCBRDELBR = 0x89a1;
    SIOCBRADDIF = 0x89a2;
    SIOCBRDELIF = 0x89a3;
    SIOCSHWTSTAMP = 0x89b0;
    SIOCGHWTSTAMP = 0x89b1;
    SIOCPROTOPRIVATE = 0x89e0;
    SIOCGIWNAME = 0x8b01;
    SIOCSIWPMKSA = 0x8b36;
    SIOCGSTAMP_NEW = 0x8010_8906;
    SIOCGSTAMPNS_NEW = 0x8010_8907;
}

/// Size of struct ifreq.
const IFREQ: usize = 40;

/// The request as the kernel sees it: 32 bits.
const fn low(req: u64) -> u64 {
    req & 0xffff_ffff
}

/// Prints a request.
pub fn request(p: &mut Printer, req: u64) {
    let req = low(req);
    match name(xlat::SIOC, req) {
        Some(name) => p.sym(req as i64, Some(name), ""),
        None if p.json() => p.sym(req as i64, None, ""),
        None => {
            p.word("_IOC(");
            p.word(match req >> 30 {
                0 => "_IOC_NONE",
                1 => "_IOC_WRITE",
                2 => "_IOC_READ",
                _ => "_IOC_READ|_IOC_WRITE",
            });
            for part in [req >> 8 & 0xff, req & 0xff, req >> 16 & 0x3fff] {
                p.word(", ");
                p.hex(part);
            }
            p.word(")");
        }
    }
}

/// Whether the request takes a third argument: where it does not, the register holds anything.
pub fn takes_arg(req: u64) -> bool {
    !matches!(low(req), FIOCLEX | FIONCLEX | TIOCEXCL | TIOCNXCL | TIOCNOTTY)
}

/// How many bytes the kernel reads behind the third argument, and how many it writes there; None when it is no pointer or not known.
///
/// What SIOCGIFCONF's `ifc_buf` points to is not counted.
pub const fn size(req: u64) -> Option<(usize, usize)> {
    Some(match low(req) {
        FIONREAD | TIOCOUTQ | SIOCATMARK | FIOGETOWN | SIOCGPGRP | SIOCOUTQNSD | TIOCGPGRP => (0, 4),
        FIONBIO | FIOASYNC | FIOSETOWN | SIOCSPGRP | TIOCSPGRP | SIOCSIFENCAP => (4, 0),
        FIOQSIZE => (0, 8),
        SIOCGSTAMP_OLD | SIOCGSTAMPNS_OLD | SIOCGSTAMP_NEW | SIOCGSTAMPNS_NEW => (0, 16),
        SIOCGIFCONF => (16, 16),
        SIOCADDRT | SIOCDELRT => (120, 0),
        SIOCGARP => (68, 68),
        SIOCSARP | SIOCDARP => (68, 0),
        SIOCBRADDBR | SIOCBRDELBR => (16, 0),
        SIOCGIFNAME | SIOCGIFFLAGS | SIOCGIFADDR | SIOCGIFDSTADDR | SIOCGIFBRDADDR | SIOCGIFNETMASK | SIOCGIFMETRIC
        | SIOCGIFMTU | SIOCGIFHWADDR | SIOCGIFSLAVE | SIOCGIFINDEX | SIOCGIFTXQLEN | SIOCGIFMAP | SIOCETHTOOL
        | SIOCGMIIPHY | SIOCGMIIREG | SIOCGHWTSTAMP => (IFREQ, IFREQ),
        SIOCSIFFLAGS | SIOCSIFADDR | SIOCSIFDSTADDR | SIOCSIFBRDADDR | SIOCSIFNETMASK | SIOCSIFMETRIC | SIOCSIFMTU
        | SIOCSIFNAME | SIOCSIFHWADDR | SIOCSIFSLAVE | SIOCADDMULTI | SIOCDELMULTI | SIOCSIFHWBROADCAST
        | SIOCSIFTXQLEN | SIOCSIFMAP | SIOCBRADDIF | SIOCBRDELIF | SIOCSMIIREG | SIOCSHWTSTAMP => (IFREQ, 0),
        SIOCGIWNAME..=SIOCSIWPMKSA => (16, 32),
        _ => return None,
    })
}

/// Prints the third argument. `before` is what it pointed to at the call, `data` what after it; without what is needed the pointer
/// is printed. `list` is what SIOCGIFCONF's `ifc_buf` points to.
pub fn arg(p: &mut Printer, req: u64, value: u64, before: Option<&[u8]>, data: Option<&[u8]>, list: Option<&[u8]>) {
    let strace = p.format() == Format::Strace;
    let req = low(req);
    let before = before.filter(|b| !b.is_empty());
    let data = data.filter(|b| !b.is_empty());
    let given = before.or(data);
    match req {
        FIONREAD | TIOCOUTQ | SIOCATMARK | FIOGETOWN | SIOCGPGRP | SIOCOUTQNSD | TIOCGPGRP => int(p, value, data),
        FIONBIO | FIOASYNC | FIOSETOWN | SIOCSPGRP | TIOCSPGRP | SIOCSIFENCAP => int(p, value, given),
        SIOCGIFCONF => ifconf(p, value, before, data, list),
        SIOCBRADDBR | SIOCBRDELBR => match given {
            Some(b) => ifname(p, b, 16),
            None => p.ptr(value),
        },
        SIOCGIFNAME | SIOCGIFFLAGS | SIOCGIFADDR | SIOCGIFDSTADDR | SIOCGIFBRDADDR | SIOCGIFNETMASK | SIOCGIFMETRIC
        | SIOCGIFMTU | SIOCGIFHWADDR | SIOCGIFSLAVE | SIOCGIFINDEX | SIOCGIFTXQLEN | SIOCGIFMAP => match (data, before)
        {
            (Some(b), _) => ifreq(p, req, b, true),
            (None, Some(b)) => ifreq(p, req, b, false),
            _ => p.ptr(value),
        },
        SIOCSIFFLAGS | SIOCSIFADDR | SIOCSIFDSTADDR | SIOCSIFBRDADDR | SIOCSIFNETMASK | SIOCSIFMETRIC | SIOCSIFMTU
        | SIOCSIFNAME | SIOCSIFHWADDR | SIOCSIFSLAVE | SIOCADDMULTI | SIOCDELMULTI | SIOCSIFHWBROADCAST
        | SIOCSIFTXQLEN | SIOCSIFMAP | SIOCBRADDIF | SIOCBRDELIF => match given {
            Some(b) => ifreq(p, req, b, true),
            None => p.ptr(value),
        },
        // From here on strace shows the pointer.
        _ if strace => pointer(p, req, value),
        SIOCGSTAMP_OLD | SIOCGSTAMP_NEW => time(p, value, data, "tv_usec"),
        SIOCGSTAMPNS_OLD | SIOCGSTAMPNS_NEW => time(p, value, data, "tv_nsec"),
        FIOQSIZE => match data.and_then(|b| b.get(..8)) {
            Some(b) => boxed(p, |p| p.num(signed(b))),
            None => p.ptr(value),
        },
        SIOCETHTOOL | SIOCSHWTSTAMP | SIOCGHWTSTAMP | SIOCGMIIPHY | SIOCGMIIREG | SIOCSMIIREG => {
            match data.or(before) {
                Some(b) => ifreq(p, req, b, true),
                None => p.ptr(value),
            }
        }
        SIOCADDRT | SIOCDELRT => match given {
            Some(b) => route(p, b),
            None => p.ptr(value),
        },
        SIOCGARP | SIOCSARP | SIOCDARP => match data.or(before) {
            Some(b) => arp(p, b),
            None => p.ptr(value),
        },
        SIOCGIWNAME..=SIOCSIWPMKSA => match data.or(before) {
            Some(b) => {
                p.begin_struct();
                p.field("ifr_name");
                ifname(p, b, 15);
                if let (SIOCGIWNAME, Some(b)) = (req, data.and_then(|b| b.get(16..32))) {
                    p.field("name");
                    p.text(until_nul(b));
                }
                p.end_struct();
            }
            None => p.ptr(value),
        },
        _ => pointer(p, req, value),
    }
}

/// What may be a pointer or a number.
fn pointer(p: &mut Printer, req: u64, value: u64) {
    // What has a name among the socket's own requests takes a pointer, the rest anything.
    let known = (FIOSETOWN..SIOCPROTOPRIVATE).contains(&req) && req != SIOCGSKNS && name(xlat::SIOC, req).is_some();
    match p.format() {
        Format::Json if known => p.ptr(value),
        Format::Json => p.unum(value),
        _ if value == 0
            && !(known || req == SIOCGSKNS || name(xlat::SIOC, req).is_some_and(|n| n.starts_with("TCGET"))) =>
        {
            p.num(0)
        }
        _ => p.ptr(value),
    }
}

fn int(p: &mut Printer, value: u64, bytes: Option<&[u8]>) {
    match bytes.and_then(|b| b.get(..4)) {
        Some(b) => boxed(p, |p| p.num(signed(b))),
        None => p.ptr(value),
    }
}

fn time(p: &mut Printer, value: u64, bytes: Option<&[u8]>, fraction: &str) {
    match bytes {
        Some(b) => Fields::new(b).time(p, fraction),
        None => p.ptr(value),
    }
}

/// An interface's name in 16 bytes, of which `most` are shown when there is no NUL.
fn ifname(p: &mut Printer, b: &[u8], most: usize) {
    let whole = b.get(..16).unwrap_or(b);
    let text = until_nul(whole);
    let cut = text.len() == 16;
    p.text(text.get(..most.min(text.len())).unwrap_or(text));
    if cut {
        p.note("...");
    }
}

/// struct ifreq as the request reads it; only what names the interface unless `all` is wanted.
fn ifreq(p: &mut Printer, req: u64, b: &[u8], all: bool) {
    let body = b.get(16..).unwrap_or(&[]);
    let mut f = Fields::new(body);
    p.begin_struct();
    if req == SIOCGIFNAME {
        f.num(p, "ifr_ifindex", 4);
        if all {
            p.field("ifr_name");
            ifname(p, b, 15);
        }
        return p.end_struct();
    }
    if !matches!(req, SIOCBRADDIF | SIOCBRDELIF) {
        p.field("ifr_name");
        ifname(p, b, 15);
    }
    if !all {
        return p.end_struct();
    }
    match req {
        SIOCGIFFLAGS | SIOCSIFFLAGS => f.flags(p, "ifr_flags", 2, xlat::IFF, "IFF_???"),
        SIOCGIFADDR | SIOCSIFADDR => f.addr(p, "ifr_addr", 16),
        SIOCGIFDSTADDR | SIOCSIFDSTADDR => f.addr(p, "ifr_dstaddr", 16),
        SIOCGIFBRDADDR | SIOCSIFBRDADDR => f.addr(p, "ifr_broadaddr", 16),
        SIOCGIFNETMASK | SIOCSIFNETMASK => f.addr(p, "ifr_netmask", 16),
        SIOCGIFMETRIC | SIOCSIFMETRIC => f.num(p, "ifr_metric", 4),
        SIOCGIFMTU | SIOCSIFMTU => f.num(p, "ifr_mtu", 4),
        SIOCGIFINDEX | SIOCBRADDIF | SIOCBRDELIF => f.num(p, "ifr_ifindex", 4),
        SIOCGIFTXQLEN | SIOCSIFTXQLEN => f.num(p, "ifr_qlen", 4),
        SIOCGIFHWADDR | SIOCSIFHWADDR | SIOCADDMULTI | SIOCDELMULTI | SIOCSIFHWBROADCAST => {
            if let Some(b) = f.field(p, "ifr_hwaddr", 16) {
                hwaddr(p, b);
            }
        }
        SIOCGIFSLAVE | SIOCSIFSLAVE => named(p, &mut f, "ifr_slave"),
        SIOCSIFNAME => named(p, &mut f, "ifr_newname"),
        SIOCGIFMAP | SIOCSIFMAP => {
            p.field("ifr_map");
            p.begin_struct();
            f.hex(p, "mem_start", 8);
            f.hex(p, "mem_end", 8);
            f.hex(p, "base_addr", 2);
            f.hex(p, "irq", 1);
            f.hex(p, "dma", 1);
            f.hex(p, "port", 1);
            p.end_struct();
        }
        SIOCGMIIPHY | SIOCGMIIREG | SIOCSMIIREG => {
            for name in ["phy_id", "reg_num", "val_in", "val_out"] {
                f.hex(p, name, 2);
            }
        }
        _ => f.ptr(p, "ifr_data"),
    }
    p.end_struct();
}

fn named(p: &mut Printer, f: &mut Fields, name: &str) {
    if let Some(b) = f.field(p, name, 16) {
        ifname(p, b, 15);
    }
}

/// A hardware address: as many bytes as its type has.
fn hwaddr(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b);
    let len = match number(b.get(..2).unwrap_or(&[])) {
        0 | 3 => 7,
        1 | 6 | 772 | 774 | 801 => 6,
        7 => 1,
        15 => 2,
        27 | 804 | 824 => 8,
        270..=512 => 5,
        768 => 4,
        _ => 14,
    };
    p.begin_struct();
    f.sym(p, "sa_family", 2, xlat::ARPHRD, "ARPHRD_???");
    p.field("sa_data");
    let json = p.json();
    let b = f.rest().get(..len).unwrap_or(f.rest());
    let out = p.out();
    if json {
        out.byte(b'"');
    }
    crate::ip::mac(out, b);
    if json {
        out.byte(b'"');
    }
    p.end_struct();
}

/// struct ifconf, and the interfaces in its `interfaces`.
fn ifconf(p: &mut Printer, value: u64, before: Option<&[u8]>, data: Option<&[u8]>, interfaces: Option<&[u8]>) {
    let len = |b: &[u8]| b.get(..4).map(signed);
    let (asked, got) = (before.and_then(len), data.and_then(len));
    let buf = data.or(before).and_then(|b| b.get(8..16)).map_or(0, number);
    // Without a list its room says nothing.
    let asked = asked.filter(|_| buf != 0 || got.is_none());
    let Some(first) = asked.or(got) else {
        return p.ptr(value);
    };
    let count = |p: &mut Printer, n: i64| {
        p.num(n);
        if n > 0 && n % IFREQ as i64 == 0 && !p.json() {
            p.note(" /* ");
            p.num(n / IFREQ as i64);
            p.note(" * sizeof(struct ifreq) */");
        }
    };
    p.begin_struct();
    p.field("ifc_len");
    count(p, if p.json() { got.unwrap_or(first) } else { first });
    if let Some(got) = got.filter(|got| *got != first && !p.json()) {
        p.note(" => ");
        count(p, got);
    }
    p.field("ifc_buf");
    match interfaces {
        Some(b) if buf != 0 => list(p, b, IFREQ, usize::MAX, |p, e| ifreq(p, SIOCGIFADDR, e, true)),
        None if buf != 0 && got == Some(0) => list(p, &[], IFREQ, 0, |_, _| {}),
        _ => p.ptr(buf),
    }
    p.end_struct();
}

fn route(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b);
    p.begin_struct();
    f.skip(8);
    for name in ["rt_dst", "rt_gateway", "rt_genmask"] {
        f.addr(p, name, 16);
    }
    f.hex(p, "rt_flags", 2);
    p.end_struct();
}

fn arp(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b);
    p.begin_struct();
    f.addr(p, "arp_pa", 16);
    if let Some(b) = f.field(p, "arp_ha", 16) {
        hwaddr(p, b);
    }
    f.hex(p, "arp_flags", 4);
    f.addr(p, "arp_netmask", 16);
    if !f.rest().is_empty() {
        p.field("arp_dev");
        ifname(p, f.rest(), 15);
    }
    p.end_struct();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_the_names_of_the_table() {
        for &(n, v) in REQUESTS {
            assert_eq!(xlat::value(xlat::SIOC, n), Some(v), "{n}");
        }
    }
}
