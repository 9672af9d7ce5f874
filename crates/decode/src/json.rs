//! One JSON object per line: calls and notes. A line that does not fit becomes a shorter valid one, or nothing.

use crate::line::Meta;
use crate::printer::{Format, Names, Opts, Printer};
use crate::sockaddr::{compact, le32, unix_name};
use crate::value::failed;
use crate::xlat::{self, signed};
use crate::{Out, call, label, netdb, netlink, quote, ret};
use socklens_calls::{Call, Kind, Ret};
use socklens_wire::event::{ARG_RESULT, flag, note};
use socklens_wire::{Capture, ConnInfo, Event, Part};

fn common(p: &mut Printer, kind: &str, meta: &Meta) {
    p.field("type");
    p.word(kind);
    p.field("time");
    p.unum(meta.realtime_ns);
    p.field("mono");
    p.unum(meta.mono_ns);
}

fn process(p: &mut Printer, meta: &Meta) {
    p.field("pid");
    p.unum(u64::from(meta.pid));
    p.field("tid");
    p.unum(u64::from(if meta.tid != 0 { meta.tid } else { meta.pid }));
}

fn comm(p: &mut Printer, meta: &Meta) {
    let name = crate::fields::until_nul(meta.comm);
    if !name.is_empty() {
        p.field("comm");
        p.text(name);
    }
}

/// A call as one object and a newline.
pub fn json(ev: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out) {
    json_by(ev, meta, opts, names, out, |o| {
        subject(ev, meta, opts, o);
        args(ev, opts, names, o);
    });
}

/// As [`json`]; `middle` writes what [`subject`] and then [`args`] do, and can have it at hand: the calls of a connection
/// share the one, and a loop that moves data often the other.
pub fn json_by(ev: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out, middle: impl FnOnce(&mut Out)) {
    if out.cut() {
        return;
    }
    let start = out.len();
    call_object(ev, meta, opts, names, out, middle);
    out.byte(b'\n');
    if !out.cut() {
        return;
    }
    out.rewind(start);
    let mut p = Printer::new(out, Format::Json, opts, names);
    p.begin_struct();
    common(&mut p, "call", meta);
    p.field("dur");
    p.unum(meta.dur_ns);
    process(&mut p, meta);
    call_name(&mut p, ev);
    p.field("ret");
    p.num(ev.head.ret);
    p.field("cut");
    p.out().str("true");
    p.end_struct();
    out.byte(b'\n');
    if out.cut() {
        out.rewind(start);
    }
}

fn call_name(p: &mut Printer, ev: &Event) {
    p.field("call");
    match ev.call() {
        Some(c) => p.word(call::name(c, Format::Json)),
        None => p.num(i64::from(ev.head.call)),
    }
}

/// Who called what on which connection: the members between the times and the arguments, each with its comma. They depend
/// on the event's call, descriptor and connection, and on nothing of `meta` but process, thread, program, connection and name.
pub fn subject(ev: &Event, meta: &Meta, opts: &Opts, out: &mut Out) {
    let mut printer = Printer::within(out, Format::Json, opts);
    let p = &mut printer;
    process(p, meta);
    comm(p, meta);
    call_name(p, ev);
    if let Some(fd) = fd(ev) {
        p.field("fd");
        p.num(i64::from(fd));
    }
    if ev.head.conn != 0 {
        p.field("conn");
        p.unum(u64::from(ev.head.conn));
    }
    if let Some(c) = meta.conn {
        conn(p, c);
    }
    if !meta.name.is_empty() {
        p.field("name");
        p.text(crate::fields::until_nul(meta.name));
    }
}

/// The member with a call's arguments, with its comma.
pub fn args(ev: &Event, opts: &Opts, names: &dyn Names, out: &mut Out) {
    out.lit(b",\"args\":");
    call::json_args(ev, &mut Printer::new(out, Format::Json, opts, names));
}

/// Whether [`args`] writes of such a call the values of its arguments and nothing else: the same again for the same values.
pub fn args_are_values(call: Call) -> bool {
    let value = |k: Kind| {
        matches!(k, Kind::Fd | Kind::Int | Kind::UInt | Kind::Size | Kind::MsgFlags | Kind::BufIn(_) | Kind::BufOut(_))
    };
    call.args().iter().all(|a| value(a.kind))
}

/// The descriptor that a call is about.
pub fn fd(ev: &Event) -> Option<i32> {
    ev.call().and_then(call::fd_arg).filter(|i| *i < usize::from(ev.head.nargs)).map(|i| ev.int(i))
}

fn call_object(ev: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out, middle: impl FnOnce(&mut Out)) {
    let mut printer = Printer::new(out, Format::Json, opts, names);
    let p = &mut printer;
    p.begin_struct();
    p.go_on();
    // As `common` and `field` would: there is a line for every call.
    let o = p.out();
    o.lit(b"\"type\":\"call\",\"time\":");
    o.udec(meta.realtime_ns);
    o.lit(b",\"mono\":");
    o.udec(meta.mono_ns);
    o.lit(b",\"dur\":");
    o.udec(meta.dur_ns);
    middle(o);
    if ev.head.flags & flag::UNFINISHED == 0 {
        result(ev, p);
        if let Some(c) = ev.call() {
            bytes(ev, c, p);
        }
    }
    if let Some(c) = ev.call() {
        payload(ev, c, p);
        netlink_messages(ev, c, p);
    }
    crate::injected::json(ev, p);
    crate::stack::json(ev, p);
    flags(ev, p);
    p.end_struct();
}

/// Protocol, addresses and role.
fn conn(p: &mut Printer, c: &ConnInfo) {
    p.field("proto");
    p.word(label::proto(c));
    for (name, addr) in [("local", c.local()), ("peer", c.peer())] {
        let mut tmp = [0u8; 512];
        let mut t = Out::new(&mut tmp);
        if address(&mut t, addr) {
            p.field(name);
            p.text(t.bytes());
        }
    }
    if let Some(r) = label::role_name(c) {
        p.field("role");
        p.word(r);
    }
}

/// An address in one string; false when there is none.
fn address(out: &mut Out, b: &[u8]) -> bool {
    match crate::sockaddr::family(b).map(i32::from) {
        Some(libc::AF_UNIX) => {
            if b.len() <= 2 {
                return false;
            }
            unix_name(out, b);
            true
        }
        Some(libc::AF_INET | libc::AF_INET6) => compact(out, b),
        _ => label::short_addr(out, b),
    }
}

fn code(p: &mut Printer, field: &str, n: i32, name: Option<&str>, text: Option<&str>) {
    p.field(field);
    p.begin_struct();
    p.field("n");
    p.num(i64::from(n));
    if let Some(s) = name {
        p.field("s");
        p.word(s);
    }
    if let Some(s) = text {
        p.field("text");
        p.word(s);
    }
    p.end_struct();
}

fn errno(p: &mut Printer, n: i32) {
    code(p, "errno", n, xlat::errno(n), xlat::strerror(n));
}

fn result(ev: &Event, p: &mut Printer) {
    let v = ev.head.ret;
    let kind = ev.call().map_or(Ret::Int, |c| c.ret());
    match kind {
        Ret::None => return,
        Ret::Hostent | Ret::Ptr => {
            p.field("ret");
            p.ptr(v as u64);
        }
        Ret::Str => {
            p.field("ret");
            match ev.cap(ARG_RESULT, Part::Data).filter(|_| v != 0) {
                Some(c) => p.text(crate::fields::until_nul(c.data)),
                None => p.ptr(v as u64),
            }
        }
        _ => {
            p.out().lit(b",\"ret\":");
            p.out().dec(v);
        }
    }
    match kind {
        Ret::Eai if v != 0 => {
            let n = i64::from(v as i32);
            code(p, "eai", v as i32, signed(xlat::EAI, n), signed(xlat::EAI_TEXT, n));
            if v as i32 == libc::EAI_SYSTEM && ev.head.errno != 0 {
                errno(p, i32::from(ev.head.errno));
            }
        }
        Ret::ErrNo if v != 0 => errno(p, v as i32),
        Ret::Hostent if v == 0 => {
            if let Some(n) = ret::h_errno(ev) {
                code(p, "h_errno", n, signed(xlat::H_ERRNO, n.into()), signed(xlat::H_ERRNO_TEXT, n.into()));
            }
        }
        Ret::Hostent if netdb::has_result(ev) => {
            p.field("host");
            netdb::hostent(ev, p, ARG_RESULT, v as u64);
        }
        Ret::Ptr if ev.cap(ARG_RESULT, Part::IfName).is_some() => {
            p.field("interfaces");
            netdb::nameindex(ev, p);
        }
        Ret::Eai | Ret::ErrNo => {}
        _ if ret::is_error(ev) => errno(p, i32::from(ev.head.errno)),
        _ => {}
    }
}

/// Bytes moved.
fn bytes(ev: &Event, call: Call, p: &mut Printer) {
    let n = match call.ret() {
        Ret::Bytes if ev.head.ret >= 0 => ev.head.ret as u64,
        Ret::Count if ev.head.ret > 0 && matches!(call, Call::sendmmsg | Call::recvmmsg) => {
            let done = usize::try_from(ev.head.ret).unwrap_or(0);
            let lens = || ev.captures().filter(|c| c.part == Part::MsgLen);
            if lens().take(done).count() < done {
                return;
            }
            lens().take(done).fold(0u64, |n, c| n.saturating_add(u64::from(le32(c.data, 0))))
        }
        _ => return,
    };
    p.out().lit(b",\"bytes\":");
    p.out().udec(n);
}

/// Base64 over several pieces.
struct Base64 {
    held: [u8; 3],
    count: usize,
}

impl Base64 {
    fn add(&mut self, out: &mut Out, piece: &[u8]) {
        for &b in piece {
            if let Some(slot) = self.held.get_mut(self.count) {
                *slot = b;
            }
            self.count = self.count.saturating_add(1);
            if self.count >= 3 {
                quote::base64(out, &self.held);
                self.count = 0;
            }
        }
    }

    fn end(self, out: &mut Out) {
        quote::base64(out, self.held.get(..self.count).unwrap_or(&[]));
    }
}

/// The beginning of the data, joined where the call scatters it.
fn payload(ev: &Event, call: Call, p: &mut Printer) {
    let wanted = call.args().iter().enumerate().find_map(|(i, a)| {
        let i8 = u8::try_from(i).ok()?;
        match a.kind {
            Kind::BufIn(len) => Some((i8, Part::Data, ev.arg(usize::from(len)), false)),
            Kind::BufOut(len) => Some((i8, Part::Data, ev.arg(usize::from(len)), true)),
            Kind::IovIn(_) | Kind::MsgIn => Some((i8, Part::IovData, u64::MAX, false)),
            Kind::IovOut(_) | Kind::MsgOut => Some((i8, Part::IovData, u64::MAX, true)),
            _ => None,
        }
    });
    let Some((arg, part, room, out)) = wanted else { return };
    let bad = failed(ev, call);
    if bad && out {
        return;
    }
    // With -s 0 there are no pieces, but a length.
    let unkept = p.opts().strlen == 0 && !bad;
    let pieces = move || ev.captures().filter(move |c: &Capture| c.arg == arg && c.part == part && c.index == 0);
    if pieces().next().is_none() && !(unkept && ev.head.ret > 0) {
        return;
    }
    // What was moved; of a call that failed, what it was given.
    let given = pieces().fold(0u64, |n, c| n.saturating_add(u64::from(c.full)));
    let full = if bad { given.min(room) } else { (ev.head.ret as u64).min(room) };
    let most = full.min(u64::from(p.opts().strlen));
    let exact = p.opts().payload_exact;
    let o = p.out();
    o.lit(b",\"payload\":{\"text\":\"");
    let mut shown = 0u64;
    each(pieces(), most, |b| {
        shown = shown.saturating_add(b.len() as u64);
        quote::json_escape(o, b);
    });
    o.lit(b"\",\"len\":");
    o.udec(full);
    o.str(if shown < full { ",\"cut\":true" } else { ",\"cut\":false" });
    if exact {
        o.str(",\"base64\":\"");
        let mut enc = Base64 { held: [0; 3], count: 0 };
        each(pieces(), most, |b| enc.add(o, b));
        enc.end(o);
        o.byte(b'"');
    }
    o.byte(b'}');
}

/// What a netlink socket sent or received, message by message.
fn netlink_messages(ev: &Event, call: Call, p: &mut Printer) {
    let Some(proto) = netlink::family(ev, p).filter(|n| i32::from(*n) != libc::NETLINK_KOBJECT_UEVENT) else { return };
    let out = |k: &Kind| matches!(k, Kind::BufOut(_) | Kind::IovOut(_) | Kind::MsgOut | Kind::MmsgOut(_));
    let bad = failed(ev, call);
    let pieces = || {
        ev.captures().filter(move |c: &Capture| {
            let kind = call.args().get(usize::from(c.arg)).map(|a| a.kind);
            let buffer = c.part == Part::IovData
                || c.part == Part::Data && matches!(kind, Some(Kind::BufIn(_) | Kind::BufOut(_)));
            buffer && !(bad && kind.as_ref().is_some_and(out))
        })
    };
    if pieces().next().is_none() {
        return;
    }
    p.field("netlink");
    p.begin_array();
    for c in pieces() {
        netlink::messages(p, proto, c.data, c.data.len() < c.full as usize);
    }
    p.end_array();
}

/// Hands out the pieces up to `most` bytes in all, and stops where one was not captured whole.
fn each<'a>(pieces: impl Iterator<Item = Capture<'a>>, most: u64, mut f: impl FnMut(&'a [u8])) {
    let mut left = most;
    for c in pieces {
        let b = c.data.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(c.data);
        f(b);
        left = left.saturating_sub(b.len() as u64);
        if left == 0 || (c.data.len() as u64) < u64::from(c.full) {
            return;
        }
    }
}

fn flags(ev: &Event, p: &mut Printer) {
    const NAMES: [(u16, &str); 5] = [
        (flag::UNFINISHED, "unfinished"),
        (flag::VIA_SYSCALL, "via_syscall"),
        (flag::INJECTED, "injected"),
        (flag::CUT, "cut"),
        (flag::VFORK_CHILD, "vfork_child"),
    ];
    if NAMES.iter().all(|(bit, _)| ev.head.flags & bit == 0) {
        return;
    }
    p.field("flags");
    p.begin_array();
    for (bit, name) in NAMES {
        if ev.head.flags & bit != 0 {
            p.elem();
            p.word(name);
        }
    }
    p.end_array();
}

/// A note as one object and a newline; nothing for a note of an unknown kind.
pub fn note_json(ev: &Event, meta: &Meta, opts: &Opts, out: &mut Out) {
    if out.cut() {
        return;
    }
    let kind = match ev.head.call {
        note::CONN_NEW => "conn_start",
        note::CONN_UPDATE => "conn_update",
        note::CONN_END => "conn_end",
        note::EXEC => "exec",
        note::CHILD => "child",
        note::UNSEEN => "unseen",
        note::FD_ALIAS => "fd_alias",
        note::FD_CLOSED => "fd_closed",
        note::MARK => "mark",
        note::CONN_NAME => "conn_name",
        _ => return,
    };
    let start = out.len();
    let mut printer = Printer::new(out, Format::Json, opts, &crate::printer::NoNames);
    let p = &mut printer;
    p.begin_struct();
    common(p, kind, meta);
    process(p, meta);
    comm(p, meta);
    let data = ev.captures().next().map_or(&[][..], |c| c.data);
    match ev.head.call {
        note::CONN_NEW | note::CONN_UPDATE | note::CONN_END => conn_note(ev, meta, data, p),
        note::FD_ALIAS | note::FD_CLOSED => {
            p.field("conn");
            p.unum(u64::from(ev.head.conn));
            p.field("fd");
            p.num(ev.head.ret);
        }
        note::CHILD => {
            p.field("child");
            p.num(ev.head.ret);
        }
        note::EXEC => {
            p.field("path");
            p.text(crate::fields::until_nul(data));
        }
        note::CONN_NAME => {
            p.field("conn");
            p.unum(u64::from(ev.head.conn));
            p.field("fd");
            p.num(ev.head.ret);
            p.field("name");
            p.text(crate::fields::until_nul(data));
        }
        note::MARK => {
            p.field("text");
            p.text(crate::fields::until_nul(data));
        }
        _ => {
            p.field("what");
            match ev.head.ret {
                1 => p.word("io_uring"),
                2 => p.word("seccomp"),
                3 => p.word("shell"),
                n => p.num(n),
            }
        }
    }
    p.end_struct();
    out.byte(b'\n');
    if out.cut() {
        out.rewind(start);
    }
}

fn conn_note(ev: &Event, meta: &Meta, data: &[u8], p: &mut Printer) {
    let own = ConnInfo::from_bytes(data);
    let info = own.as_ref().or(meta.conn);
    p.field("conn");
    p.unum(u64::from(info.map_or(ev.head.conn, |c| c.serial)));
    if ev.head.call == note::CONN_NEW {
        p.field("fd");
        p.num(ev.head.ret);
    }
    let Some(c) = info else { return };
    p.field("family");
    p.sym(i64::from(c.family), xlat::name(xlat::AF, u64::from(c.family)), "");
    p.field("socktype");
    p.sym(i64::from(c.ty), xlat::name(xlat::SOCK_TYPE, u64::from(c.ty)), "");
    p.field("protocol");
    p.unum(u64::from(c.protocol));
    conn(p, c);
    if c.ino != 0 {
        p.field("ino");
        p.unum(c.ino);
    }
    if c.flags & socklens_wire::conn::flag::INHERITED != 0 {
        p.field("inherited");
        p.out().str("true");
    }
}
