//! One argument, by its meaning in THE TABLE.

use crate::fields::{number, until_nul};
use crate::printer::{Format, Printer};
use crate::sockaddr::{le32, quad, sixteen, sockaddr};
use crate::xlat::{self, Xlat, name, signed};
use crate::{dns, fcntl, ioctl, msg, netdb, netlink, sockopt, wait};
use socklens_calls::{Call, Kind, Ret};
use socklens_wire::event::flag;
use socklens_wire::{Capture, Event, Part};

/// Whether the call failed, or has not returned: what it would have written is not there.
pub(crate) fn failed(ev: &Event, call: Call) -> bool {
    if ev.head.flags & flag::UNFINISHED != 0 {
        return true;
    }
    match call.ret() {
        Ret::Eai | Ret::ErrNo => ev.head.ret != 0,
        Ret::Hostent | Ret::Ptr | Ret::Str | Ret::Index => ev.head.ret == 0,
        Ret::None => false,
        _ => ev.head.ret < 0,
    }
}

/// How many elements of an array are shown.
pub(crate) fn most(p: &Printer) -> usize {
    if p.opts().verbose || p.json() { usize::MAX } else { p.opts().strlen as usize }
}

/// Prints argument `i` of the row.
pub(crate) fn arg(ev: &Event, call: Call, p: &mut Printer, i: u8) {
    let at = usize::from(i);
    let Some(a) = call.args().get(at) else {
        p.hex(ev.arg(at));
        return;
    };
    let v = ev.arg(at);
    let n = ev.int(at);
    let low = u64::from(n as u32);
    match a.kind {
        Kind::Int | Kind::Pid | Kind::TimeoutMs => p.num(i64::from(n)),
        Kind::UInt => p.unum(low),
        Kind::Long | Kind::Off => p.num(v as i64),
        // A socklen_t that is not one is shown as the int it looks like.
        Kind::Size if !p.json() && n < 0 && is_socklen(call, i) => p.num(i64::from(n)),
        Kind::Size => p.unum(v),
        Kind::Hex => p.hex(v),
        Kind::Ptr | Kind::File => p.ptr(v),
        Kind::Mode => mode(p, low),
        Kind::Fd => p.fd(n),
        Kind::DirFd if n == libc::AT_FDCWD => p.sym(i64::from(n), Some("AT_FDCWD"), ""),
        Kind::DirFd => p.fd(n),
        Kind::Domain | Kind::Family => sym(p, n, xlat::AF, "AF_???"),
        Kind::SockType => sock_type(p, low),
        Kind::Proto => protocol(p, ev.int(0), n),
        Kind::MsgFlags => p.flags(low, xlat::MSG, "MSG_???"),
        Kind::SockFlags => p.flags(low, xlat::SOCK_FLAGS, "SOCK_???"),
        Kind::ShutHow => sym(p, n, xlat::SHUT, "SHUT_???"),
        Kind::Level => sockopt::level(p, n),
        Kind::OptName if call == Call::getsockopt => sockopt::get_name(p, ev.int(1), n),
        Kind::OptName => sockopt::name(p, ev.int(1), n),
        Kind::EpollOp => sym(p, n, xlat::EPOLL_CTL, "EPOLL_CTL_???"),
        Kind::EpollCreateFlags => p.flags(low, xlat::EPOLL_CREATE, "EPOLL_???"),
        Kind::Dup3Flags => p.flags(low, xlat::O, "O_???"),
        Kind::CloseRangeFlags => p.flags(low, xlat::CLOSE_RANGE, "CLOSE_RANGE_???"),
        Kind::FcntlCmd => fcntl::cmd(p, n),
        Kind::FcntlArg => {
            let (before, data) = (cap(ev, i, Part::Before), cap(ev, i, Part::Data));
            fcntl::arg(p, ev.int(1), v, before.map(|c| c.data), data.map(|c| c.data));
        }
        Kind::IoctlReq => ioctl::request(p, ev.arg(1)),
        Kind::IoctlArg => {
            let (before, data) = (cap(ev, i, Part::Before), cap(ev, i, Part::Data));
            let list = ev.cap_at(i, Part::Data, 1, 0);
            ioctl::arg(p, ev.arg(1), v, before.map(|c| c.data), data.map(|c| c.data), list.map(|c| c.data));
        }
        Kind::SpliceFlags => p.flags(low, xlat::SPLICE, "SPLICE_F_???"),
        Kind::RwfFlags => p.flags(low, xlat::RWF, "RWF_???"),
        Kind::NiFlags => p.flags(low, xlat::NI, "NI_???"),
        Kind::DnsClass => sym(p, n, xlat::DNS_CLASS, "C_???"),
        Kind::DnsType => sym(p, n, xlat::DNS_TYPE, "T_???"),
        Kind::Priority => priority(p, low),
        Kind::SpawnFlags => p.flags(low, xlat::SPAWN, "POSIX_SPAWN_???"),
        Kind::ExecFlags => p.flags(low, xlat::AT, "AT_???"),
        Kind::AddrIn(_) => address(ev, p, i, v),
        Kind::AddrOut(len) => {
            // A length of 0 afterwards means that nothing was written.
            let wrote = cap(ev, len, Part::Data).is_none_or(|c| le32(c.data, 0) >= 2);
            if failed(ev, call) || !wrote { p.ptr(v) } else { address(ev, p, i, v) }
        }
        Kind::LenPtr => len_ptr(ev, call, p, i, v),
        Kind::BufIn(len) => buf_in(ev, p, i, v, ev.arg(usize::from(len))),
        Kind::BufOut(len) => buf_out(ev, call, p, i, v, ev.arg(usize::from(len))),
        Kind::IovIn(count) => msg::iov_in(ev, p, i, v, ev.arg(usize::from(count))),
        Kind::IovOut(count) => msg::iov_out(ev, call, p, i, v, ev.arg(usize::from(count))),
        Kind::MsgIn => msg::single(ev, call, p, i, v, false),
        Kind::MsgOut => msg::single(ev, call, p, i, v, true),
        Kind::MmsgIn(count) => msg::vector(ev, call, p, i, v, u64::from(ev.int(usize::from(count)) as u32), false),
        Kind::MmsgOut(count) => msg::vector(ev, call, p, i, v, u64::from(ev.int(usize::from(count)) as u32), true),
        Kind::OptIn(len) => {
            let full = ev.int(usize::from(len)) as u32;
            let shown = match cap(ev, i, Part::Data) {
                Some(c) => {
                    sockopt::value(p, ev.int(1), ev.int(2), c.data, full.min(c.full.max(c.data.len() as u32)), false)
                }
                None if full == 0 && v != 0 && p.format() == Format::Strace => {
                    sockopt::value(p, ev.int(1), ev.int(2), &[], 0, false)
                }
                None => false,
            };
            if !shown && full == 0 && v != 0 && p.format() == Format::Text {
                p.payload(&[], 0);
            } else if !shown {
                p.ptr(v);
            }
        }
        Kind::OptOut(len) => {
            let full = cap(ev, len, Part::Data).map(|c| le32(c.data, 0));
            let shown = match cap(ev, i, Part::Data) {
                Some(c) if !failed(ev, call) => {
                    sockopt::value(p, ev.int(1), ev.int(2), c.data, full.unwrap_or(c.full), true)
                }
                _ => false,
            };
            if !shown {
                p.ptr(v);
            }
        }
        Kind::FdPair => fd_pair(ev, call, p, i, v),
        Kind::OffPtr => off_ptr(ev, call, p, i, v),
        Kind::PollFds(count) => wait::pollfds(ev, p, i, v, ev.arg(usize::from(count))),
        Kind::FdSet => wait::fd_set(ev, p, i, v),
        Kind::Timeval => wait::timeout(ev, p, i, v, true),
        Kind::Timespec => wait::timeout(ev, p, i, v, false),
        Kind::SigSet => match cap(ev, i, Part::Data) {
            Some(c) => wait::sigset(p, c.data),
            None => p.ptr(v),
        },
        Kind::EventIn => wait::event_in(ev, p, i, v),
        Kind::EventsOut => wait::events_out(ev, call, p, i, v),
        Kind::Str => string(p, cap(ev, i, Part::Data), v),
        Kind::StrVec => str_vec(ev, p, i, v),
        Kind::Env => env(ev, p, i, v),
        Kind::StrOut(_) => match cap(ev, i, Part::Data) {
            Some(c) if !failed(ev, call) => string(p, Some(c), v),
            _ => p.ptr(v),
        },
        Kind::Hints => netdb::hints(ev, p, i, v),
        Kind::AddrInfoOut => netdb::addrinfo_list(ev, call, p, i, v),
        Kind::HostAddr(_) => match cap(ev, i, Part::Data) {
            Some(c) => host_addr(p, c.data),
            None => p.ptr(v),
        },
        Kind::Hostent => netdb::hostent(ev, p, i, v),
        Kind::HErrnoPtr => match cap(ev, i, Part::Data).or_else(|| cap(ev, i, Part::HErrno)) {
            Some(c) => {
                let n = le32(c.data, 0) as i32;
                boxed(p, |p| sym(p, n, xlat::H_ERRNO, "h_errno ???"));
            }
            None => p.ptr(v),
        },
        Kind::IfAddrsOut => netdb::ifaddrs(ev, p, i, v),
        Kind::PidOut => match cap(ev, i, Part::Data) {
            Some(c) => {
                let n = le32(c.data, 0) as i32;
                boxed(p, |p| p.num(i64::from(n)));
            }
            None => p.ptr(v),
        },
        Kind::DnsIn(_) => match cap(ev, i, Part::Data) {
            Some(c) => dns::message(p, c.data),
            None => p.ptr(v),
        },
        Kind::DnsOut(_) => match cap(ev, i, Part::Data) {
            Some(c) if !failed(ev, call) => dns::message(p, c.data),
            _ => p.ptr(v),
        },
    }
}

/// Whether argument `i` is the length of an address or option that the kernel reads.
fn is_socklen(call: Call, i: u8) -> bool {
    call.args().iter().any(|a| matches!(a.kind, Kind::AddrIn(n) | Kind::OptIn(n) if n == i))
}

pub(crate) fn cap<'a>(ev: &Event<'a>, i: u8, part: Part) -> Option<Capture<'a>> {
    ev.cap(i, part)
}

/// `[value]`; the bare value in JSON.
pub(crate) fn boxed(p: &mut Printer, f: impl FnOnce(&mut Printer)) {
    p.note("[");
    f(p);
    p.note("]");
}

pub(crate) fn sym(p: &mut Printer, n: i32, table: Xlat, unknown: &str) {
    p.sym(i64::from(n), signed(table, i64::from(n)), unknown);
}

fn mode(p: &mut Printer, v: u64) {
    match name(xlat::S_IF, v) {
        Some(s) if v != 0 => p.sym(v as i64, Some(s), ""),
        _ => p.octal(v),
    }
}

/// `SOCK_STREAM|SOCK_CLOEXEC`
pub(crate) fn sock_type(p: &mut Printer, v: u64) {
    let (kind, rest) = (v & 0xf, v & !0xf);
    let known = name(xlat::SOCK_TYPE, kind);
    if p.json() {
        let out = p.out();
        out.str("{\"n\":");
        out.udec(v);
        if let Some(s) = known {
            out.str(",\"s\":\"");
            out.str(s);
            for (bit, s) in xlat::SOCK_FLAGS.rows() {
                if v & bit != 0 {
                    out.byte(b'|');
                    out.str(s);
                }
            }
            const FLAGS: u64 = (libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK) as u64;
            if rest & !FLAGS != 0 {
                out.byte(b'|');
                out.hex(rest & !FLAGS);
            }
            out.byte(b'"');
        }
        out.byte(b'}');
        return;
    }
    let Some(s) = known else {
        p.flags(v, xlat::SOCK_FLAGS, "SOCK_???");
        return;
    };
    p.out().str(s);
    if rest != 0 {
        p.out().byte(b'|');
        p.flags(rest, xlat::SOCK_FLAGS, "SOCK_???");
    }
}

/// A protocol; its names depend on the domain.
fn protocol(p: &mut Printer, domain: i32, n: i32) {
    let table = match domain {
        libc::AF_INET | libc::AF_INET6 => (xlat::IPPROTO, "IPPROTO_???"),
        libc::AF_NETLINK => (xlat::NETLINK_PROTO, "NETLINK_???"),
        libc::AF_CAN => (xlat::CAN_PROTO, "CAN_???"),
        libc::AF_BLUETOOTH => (xlat::BTPROTO, "BTPROTO_???"),
        libc::AF_PPPOX => (xlat::PX_PROTO, "PX_PROTO_???"),
        libc::AF_NFC => (xlat::NFC_SOCKPROTO, "NFC_SOCKPROTO_???"),
        libc::AF_PHONET => (xlat::PN_PROTO, "PN_PROTO_???"),
        libc::AF_CAIF => (xlat::CAIFPROTO, "CAIFPROTO_???"),
        libc::AF_ISDN => (xlat::ISDNPROTO, "ISDN_P_???"),
        41 => (xlat::KCMPROTO, "KCMPROTO_???"),
        43 => (xlat::SMCPROTO, "SMCPROTO_???"),
        libc::AF_PACKET => {
            let v = u64::from(u16::from_be(n as u16));
            match (p.format(), name(xlat::ETH_P, v)) {
                (Format::Strace, _) if !(0..=0xffff).contains(&n) => p.num(i64::from(n)),
                (Format::Strace, Some(s)) => {
                    p.out().str("htons(");
                    p.out().str(s);
                    p.out().byte(b')');
                }
                (Format::Strace, None) => {
                    p.out().str("htons(");
                    p.hex(v);
                    p.out().str(" /* ETH_P_??? */)");
                }
                (_, s) => p.sym(v as i64, s, "ETH_P_???"),
            }
            return;
        }
        // strace 6.1 takes those of CAN for them.
        libc::AF_IRDA if p.format() == Format::Strace => (xlat::CAN_PROTO, "IRDAPROTO_???"),
        libc::AF_IRDA => {
            let name = match n {
                0 => Some("IRDAPROTO_UNITDATA"),
                1 => Some("IRDAPROTO_ULTRA"),
                _ => None,
            };
            p.sym(i64::from(n), name, "IRDAPROTO_???");
            return;
        }
        libc::AF_AX25 => {
            match signed(xlat::AX25_PROTO, i64::from(n)) {
                // strace gives the number, and the name beside it.
                Some(s) if p.format() == Format::Strace => p.sym(i64::from(n), None, s),
                s => p.sym(i64::from(n), s, "AX25_P_???"),
            }
            return;
        }
        _ if p.format() == Format::Strace => {
            p.unum(u64::from(n as u32));
            return;
        }
        _ => {
            p.num(i64::from(n));
            return;
        }
    };
    sym(p, n, table.0, table.1);
}

fn priority(p: &mut Printer, v: u64) {
    let level = name(xlat::LOG_LEVEL, v & 7).unwrap_or("");
    let facility = name(xlat::LOG_FACILITY, v & 0x3f8);
    if p.json() {
        let out = p.out();
        out.str("{\"n\":");
        out.udec(v);
        out.str(",\"s\":\"");
    }
    p.out().str(level);
    match facility {
        // syslog adds the facility of openlog where none is given.
        Some(_) if v & 0x3f8 == 0 => {}
        Some(s) => {
            p.out().byte(b'|');
            p.out().str(s);
        }
        None => {
            p.out().byte(b'|');
            p.out().hex(v & !7);
        }
    }
    if p.json() {
        p.out().str("\"}");
    }
}

fn address(ev: &Event, p: &mut Printer, i: u8, v: u64) {
    match cap(ev, i, Part::Data) {
        Some(c) if c.data.len() >= 2 => sockaddr(p, c.data),
        _ => p.ptr(v),
    }
}

fn len_ptr(ev: &Event, call: Call, p: &mut Printer, i: u8, v: u64) {
    let before = cap(ev, i, Part::Before).map(|c| le32(c.data, 0) as i32);
    let after = cap(ev, i, Part::Data).map(|c| le32(c.data, 0) as i32).filter(|_| !failed(ev, call));
    before_after(p, v, before.map(i64::from), after.map(i64::from), " => ");
}

pub(crate) fn before_after(p: &mut Printer, v: u64, before: Option<i64>, after: Option<i64>, arrow: &str) {
    if p.json() {
        if before.is_none() && after.is_none() {
            p.ptr(v);
            return;
        }
        p.begin_struct();
        for (name, n) in [("before", before), ("after", after)] {
            if let Some(n) = n {
                p.field(name);
                p.num(n);
            }
        }
        p.end_struct();
        return;
    }
    match (before, after) {
        (Some(b), Some(a)) if a != b => {
            p.out().byte(b'[');
            p.num(b);
            p.out().str(arrow);
            p.num(a);
            p.out().byte(b']');
        }
        (Some(n), _) | (None, Some(n)) => boxed(p, |p| p.num(n)),
        (None, None) => p.ptr(v),
    }
}

/// `full` bytes of which a capture may have fewer.
fn buf_in(ev: &Event, p: &mut Printer, i: u8, v: u64, full: u64) {
    if p.json() {
        p.ptr(v);
        return;
    }
    match cap(ev, i, Part::Data) {
        _ if v == 0 => p.ptr(v),
        Some(c) => payload(ev, p, v, c.data, full.max(c.data.len() as u64)),
        None if full == 0 || unkept(ev, p) => p.payload(&[], full),
        None => p.ptr(v),
    }
}

/// What a socket sent from or received at an address: the captured beginning `data` of `full` bytes.
pub(crate) fn payload(ev: &Event, p: &mut Printer, address: u64, data: &[u8], full: u64) {
    // strace takes messages apart, not what is read and written.
    let name = ev.call().map_or("", |c| c.sysname());
    let apart = p.format() != Format::Strace || name.starts_with("send") || name.starts_with("recv");
    match netlink::family(ev, p).filter(|_| apart) {
        Some(proto) => {
            p.lies_at(data, address);
            netlink::buffer(p, proto, data, full);
        }
        None => p.payload(data, full),
    }
}

/// Whether a buffer has no capture only because none was to be kept.
pub(crate) fn unkept(ev: &Event, p: &Printer) -> bool {
    p.opts().strlen == 0 && i32::from(ev.head.errno) != libc::EFAULT && ev.head.flags & flag::UNFINISHED == 0
}

fn buf_out(ev: &Event, call: Call, p: &mut Printer, i: u8, v: u64, room: u64) {
    if p.json() || v == 0 || failed(ev, call) {
        p.ptr(v);
        return;
    }
    let got = (ev.head.ret as u64).min(room);
    match cap(ev, i, Part::Data) {
        Some(c) => {
            let data = c.data.get(..usize::try_from(got).unwrap_or(usize::MAX)).unwrap_or(c.data);
            payload(ev, p, v, data, got);
        }
        None if got == 0 || unkept(ev, p) => p.payload(&[], got),
        None => p.ptr(v),
    }
}

fn fd_pair(ev: &Event, call: Call, p: &mut Printer, i: u8, v: u64) {
    match cap(ev, i, Part::Data) {
        Some(c) if c.data.len() >= 8 && !failed(ev, call) => {
            p.begin_array();
            for at in [0, 4] {
                p.elem();
                p.fd(le32(c.data, at) as i32);
            }
            p.end_array();
        }
        _ => p.ptr(v),
    }
}

fn off_ptr(ev: &Event, call: Call, p: &mut Printer, i: u8, v: u64) {
    let get = |part| cap(ev, i, part).filter(|c| c.data.len() >= 8).map(|c| number(c.data) as i64);
    let before = get(Part::Before);
    let mut after = get(Part::Data).filter(|_| !failed(ev, call));
    let strace = p.format() == Format::Strace;
    if strace && call != Call::sendfile && before.is_some() {
        after = None;
    }
    // strace: `[0] => [12]`
    before_after(p, v, before, after, if strace { "] => [" } else { " => " });
}

/// A C string, whole as far as it was captured.
pub(crate) fn string(p: &mut Printer, c: Option<Capture>, v: u64) {
    match c {
        Some(c) => {
            let s = until_nul(c.data);
            p.text(s);
            if s.len() == c.data.len() && (c.full as usize) > c.data.len() {
                p.note("...");
            }
        }
        None => p.ptr(v),
    }
}

fn str_vec(ev: &Event, p: &mut Printer, i: u8, v: u64) {
    let items = || ev.captures().filter(|c| c.arg == i && c.part == Part::StrItem);
    if v == 0 || items().next().is_none() {
        p.ptr(v);
        return;
    }
    p.begin_array();
    let most = most(p);
    let mut next = 0usize;
    for c in items() {
        if next >= most {
            p.more();
            break;
        }
        next = next.saturating_add(1);
        p.elem();
        let s = until_nul(c.data);
        // The terminator counts in `full` where the capture has it.
        let full = if s.len() < c.data.len() { s.len() } else { s.len().max(c.full as usize) };
        if p.json() { p.text(s) } else { p.payload(s, full as u64) }
    }
    if ev.head.flags & flag::CUT != 0 {
        p.more();
    }
    p.end_array();
}

pub(crate) fn env(ev: &Event, p: &mut Printer, i: u8, v: u64) {
    let count = cap(ev, i, Part::Data).map(|c| le32(c.data, 0));
    if p.json() {
        p.begin_struct();
        p.field("addr");
        p.ptr(v);
        if let Some(n) = count {
            p.field("vars");
            p.unum(u64::from(n));
        }
        p.end_struct();
        return;
    }
    p.ptr(v);
    if let Some(n) = count.filter(|_| v != 0) {
        p.out().str(" /* ");
        p.out().udec(u64::from(n));
        p.out().str(if n == 1 { " var */" } else { " vars */" });
    }
}

/// A bare network address.
pub(crate) fn host_addr(p: &mut Printer, b: &[u8]) {
    match b.len() {
        4 => p.ip4(quad(b, 0)),
        16 => p.ip6(&sixteen(b, 0)),
        n => p.payload(b, n as u64),
    }
}
