//! What a call returned, and what that says.

use crate::fields::until_nul;
use crate::printer::{Format, Printer};
use crate::sockaddr::le32;
use crate::value::sym;
use crate::xlat::{self, signed};
use crate::{fcntl, netdb, wait};
use socklens_calls::{Call, Ret};
use socklens_wire::event::{ARG_RESULT, flag};
use socklens_wire::{Event, Part};

const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// Whether the call has a result to be shown in this syntax.
pub(crate) fn shown(call: Call, format: Format) -> bool {
    format == Format::Strace || call.ret() != Ret::None
}

/// Whether the call reports an error.
pub fn is_error(ev: &Event) -> bool {
    if ev.head.flags & flag::UNFINISHED != 0 {
        return false;
    }
    let Some(call) = ev.call() else { return false };
    match call.ret() {
        Ret::Eai | Ret::ErrNo => ev.head.ret != 0,
        Ret::Hostent => ev.head.ret == 0,
        Ret::Ptr | Ret::Str | Ret::Index => ev.head.ret == 0 && ev.head.errno != 0,
        Ret::None => false,
        _ => ev.head.ret == -1 && ev.head.errno != 0,
    }
}

/// Writes the result: `0`, `-1 ECONNREFUSED (Connection refused)`, `1 ([{fd=3, revents=POLLIN}])`.
pub fn result(ev: &Event, p: &mut Printer) {
    let red = p.opts().color && p.format() == Format::Text && is_error(ev);
    if red {
        p.out().str(RED);
    }
    plain(ev, p);
    if red {
        p.out().str(PLAIN);
    }
}

fn plain(ev: &Event, p: &mut Printer) {
    if ev.head.flags & flag::UNFINISHED != 0 {
        p.out().byte(b'?');
        return;
    }
    let v = ev.head.ret;
    let Some(call) = ev.call() else {
        p.num(v);
        return;
    };
    match call.ret() {
        Ret::Zero | Ret::Int | Ret::Bytes | Ret::Count | Ret::Pid | Ret::NewFd if is_error(ev) => {
            p.out().str("-1 ");
            errno(p, i32::from(ev.head.errno));
        }
        Ret::NewFd => p.fd(v as i32),
        Ret::Int if call == Call::fcntl => {
            let cmd = ev.int(1);
            if !fcntl::result(p, cmd, v) {
                p.num(v);
            }
        }
        Ret::Zero | Ret::Int | Ret::Bytes | Ret::Pid => p.num(v),
        Ret::Count => {
            p.num(v);
            if v >= 0 {
                wait::outcome(ev, call, p);
            }
        }
        Ret::Eai => eai(ev, p),
        Ret::ErrNo if v == 0 => p.num(0),
        Ret::ErrNo => {
            p.num(v);
            p.out().byte(b' ');
            errno(p, v as i32);
        }
        Ret::Hostent if v == 0 => {
            p.out().str("NULL");
            if let Some(n) = h_errno(ev) {
                p.out().byte(b' ');
                sym(p, n, xlat::H_ERRNO, "h_errno ???");
                if let Some(t) = signed(xlat::H_ERRNO_TEXT, i64::from(n)) {
                    parenthesis(p, t);
                }
            }
        }
        Ret::Hostent if netdb::has_result(ev) => netdb::hostent(ev, p, ARG_RESULT, v as u64),
        Ret::Hostent => p.ptr(v as u64),
        Ret::Ptr if netdb::nameindex(ev, p) => {}
        Ret::Ptr => {
            p.ptr(v as u64);
            null_errno(ev, p);
        }
        Ret::Str => {
            match ev.cap(ARG_RESULT, Part::Data).filter(|_| v != 0) {
                Some(c) => p.text(until_nul(c.data)),
                None => p.ptr(v as u64),
            }
            null_errno(ev, p);
        }
        Ret::Index => {
            p.unum(v as u64);
            null_errno(ev, p);
        }
        Ret::Status => status(p, v as i32),
        Ret::None => p.num(0),
    }
}

fn null_errno(ev: &Event, p: &mut Printer) {
    if ev.head.ret == 0 && ev.head.errno != 0 {
        p.out().byte(b' ');
        errno(p, i32::from(ev.head.errno));
    }
}

fn parenthesis(p: &mut Printer, text: &str) {
    p.out().str(" (");
    p.out().str(text);
    p.out().byte(b')');
}

/// `ECONNREFUSED (Connection refused)`, or `(errno 999)`.
pub fn errno(p: &mut Printer, n: i32) {
    match xlat::errno(n) {
        Some(name) => {
            p.out().str(name);
            if let Some(t) = xlat::strerror(n) {
                parenthesis(p, t);
            }
        }
        None => {
            p.out().str("(errno ");
            p.out().dec(i64::from(n));
            p.out().byte(b')');
        }
    }
}

fn eai(ev: &Event, p: &mut Printer) {
    let n = ev.head.ret as i32;
    if n == 0 {
        p.num(0);
        return;
    }
    match signed(xlat::EAI, i64::from(n)) {
        Some(name) => p.out().str(name),
        None => p.num(i64::from(n)),
    }
    if n == libc::EAI_SYSTEM && ev.head.errno != 0 {
        p.out().byte(b' ');
        errno(p, i32::from(ev.head.errno));
    } else if let Some(t) = signed(xlat::EAI_TEXT, i64::from(n)) {
        parenthesis(p, t);
    }
}

/// h_errno of a lookup that returned NULL.
pub(crate) fn h_errno(ev: &Event) -> Option<i32> {
    ev.cap(ARG_RESULT, Part::HErrno).map(|c| le32(c.data, 0) as i32)
}

/// A wait status: `0x300 (exit 3)`, `15 (SIGTERM)`.
fn status(p: &mut Printer, n: i32) {
    if n == -1 || n == 0 {
        p.num(i64::from(n));
        return;
    }
    p.hex(u64::from(n as u32));
    p.out().str(" (");
    match n & 0x7f {
        0 => {
            p.out().str("exit ");
            p.out().dec(i64::from((n >> 8) & 0xff));
        }
        sig => match xlat::signal(sig) {
            Some(name) => p.out().str(name),
            None => {
                p.out().str("signal ");
                p.out().dec(i64::from(sig));
            }
        },
    }
    p.out().byte(b')');
}
