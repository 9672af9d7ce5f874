//! struct iovec, msghdr and mmsghdr.

use crate::fields::number;
use crate::printer::{Format, Printer};
use crate::sockaddr::{le32, sockaddr};
use crate::value::{cap, failed, most, unkept};
use crate::{cmsg, value, xlat};
use socklens_calls::Call;
use socklens_wire::{Event, Part};

/// Bytes of a struct iovec.
const IOVEC: usize = 16;

fn u64_at(b: &[u8], at: usize) -> u64 {
    number(b.get(at..).unwrap_or(&[]))
}

/// What an iovec's bytes are worth.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// All of every buffer, as the program gave it.
    Given,
    /// So many bytes, from the first buffer on.
    Received(u64),
    /// Nothing: only addresses.
    Nothing,
}

/// Prints message `index`'s iovec array.
fn iovec(ev: &Event, p: &mut Printer, arg: u8, index: u16, v: u64, count: u64, flow: Flow) {
    let Some(array) = ev.cap_at(arg, Part::Iov, index, 0).filter(|_| v != 0) else {
        if v != 0 && count == 0 {
            p.begin_array();
            p.end_array();
        } else {
            p.ptr(v);
        }
        return;
    };
    let names = if p.format() == Format::Strace { ("iov_base", "iov_len") } else { ("base", "len") };
    let mut left = match flow {
        Flow::Received(n) => n,
        _ => u64::MAX,
    };
    p.begin_array();
    let most = most(p);
    let mut shown = 0u64;
    for (i, e) in array.data.chunks_exact(IOVEC).enumerate() {
        if shown >= count {
            break;
        }
        if i >= most {
            shown = count;
            p.more();
            break;
        }
        shown = shown.saturating_add(1);
        let (base, len) = (u64_at(e, 0), u64_at(e, 8));
        let here = len.min(left);
        left = left.saturating_sub(here);
        p.elem();
        p.begin_struct();
        p.field(names.0);
        let data = u16::try_from(i).ok().and_then(|sub| ev.cap_at(arg, Part::IovData, index, sub));
        match data {
            _ if flow == Flow::Nothing || base == 0 => p.ptr(base),
            Some(c) => {
                let d = c.data.get(..usize::try_from(here).unwrap_or(usize::MAX)).unwrap_or(c.data);
                value::payload(ev, p, base, d, here);
            }
            None if here == 0 || unkept(ev, p) => p.payload(&[], here),
            None => p.ptr(base),
        }
        p.field(names.1);
        p.unum(len);
        p.end_struct();
    }
    if shown < count {
        p.more();
    }
    p.end_array();
}

/// writev's array.
pub(crate) fn iov_in(ev: &Event, p: &mut Printer, arg: u8, v: u64, count: u64) {
    iovec(ev, p, arg, 0, v, count, Flow::Given);
}

/// readv's array.
pub(crate) fn iov_out(ev: &Event, call: Call, p: &mut Printer, arg: u8, v: u64, count: u64) {
    let flow = if failed(ev, call) { Flow::Nothing } else { Flow::Received(ev.head.ret as u64) };
    iovec(ev, p, arg, 0, v, count, flow);
}

/// sendmsg's and recvmsg's argument.
pub(crate) fn single(ev: &Event, call: Call, p: &mut Printer, arg: u8, v: u64, out: bool) {
    let bad = failed(ev, call);
    let hdr = ev.cap(arg, Part::Hdr);
    match hdr {
        Some(h) if !(out && bad) => {
            let flow = if out { Flow::Received(ev.head.ret as u64) } else { Flow::Given };
            message(ev, p, arg, 0, h.data, out, flow);
        }
        _ => match cap(ev, arg, Part::HdrBefore).filter(|h| bad && h.data.len() >= 12) {
            // All that strace shows of a message that was not received.
            Some(h) => {
                p.begin_struct();
                p.field(if p.format() == Format::Strace { "msg_namelen" } else { "namelen" });
                p.num(i64::from(le32(h.data, 8) as i32));
                p.end_struct();
            }
            None => p.ptr(v),
        },
    }
}

/// sendmmsg's and recvmmsg's array.
pub(crate) fn vector(ev: &Event, call: Call, p: &mut Printer, arg: u8, v: u64, vlen: u64, out: bool) {
    let bad = failed(ev, call);
    let done = if bad { 0 } else { ev.head.ret as u64 };
    let count = if out { done.min(vlen) } else { vlen };
    if v == 0 || (out && bad) || (count > 0 && ev.cap(arg, Part::Hdr).is_none()) {
        p.ptr(v);
        return;
    }
    p.begin_array();
    let most = most(p) as u64;
    let mut i = 0u64;
    while i < count {
        let index = u16::try_from(i).ok();
        let Some((index, h)) = index.filter(|_| i < most).and_then(|x| Some((x, ev.cap_at(arg, Part::Hdr, x, 0)?)))
        else {
            p.more();
            break;
        };
        let len = ev.cap_at(arg, Part::MsgLen, index, 0).filter(|_| i < done).map(|c| le32(c.data, 0));
        p.elem();
        p.begin_struct();
        p.field(if p.format() == Format::Strace { "msg_hdr" } else { "hdr" });
        let flow = match (out, len) {
            (false, _) => Flow::Given,
            (true, Some(n)) => Flow::Received(u64::from(n)),
            (true, None) => Flow::Nothing,
        };
        message(ev, p, arg, index, h.data, out, flow);
        if let Some(n) = len {
            p.field(if p.format() == Format::Strace { "msg_len" } else { "len" });
            p.unum(u64::from(n));
        }
        p.end_struct();
        i = i.saturating_add(1);
    }
    p.end_array();
}

/// One struct msghdr. socklens's own formats leave out what is empty and drop the prefix of the names.
fn message(ev: &Event, p: &mut Printer, arg: u8, index: u16, h: &[u8], out: bool, flow: Flow) {
    let strace = p.format() == Format::Strace;
    let label = |name: &'static str| if strace { name } else { name.strip_prefix("msg_").unwrap_or(name) };
    let (name, namelen) = (u64_at(h, 0), le32(h, 8) as i32);
    let (iov, iovlen) = (u64_at(h, 16), u64_at(h, 24));
    let (control, controllen) = (u64_at(h, 32), u64_at(h, 40));
    let flags = u64::from(le32(h, 48));
    p.begin_struct();
    // Where no name was put there, text says nothing of the room for one.
    if strace || name != 0 && (namelen != 0 || p.json()) {
        p.field(label("msg_name"));
        match ev.cap_at(arg, Part::Name, index, 0).filter(|c| name != 0 && namelen > 0 && c.data.len() >= 2) {
            Some(c) => {
                let n = usize::try_from(namelen).unwrap_or(0);
                sockaddr(p, c.data.get(..n).unwrap_or(c.data));
            }
            None => p.ptr(name),
        }
    }
    if strace {
        p.field("msg_namelen");
        let before = ev.cap_at(arg, Part::HdrBefore, index, 0).filter(|c| out && c.data.len() >= 12);
        if let Some(b) = before.map(|c| le32(c.data, 8) as i32).filter(|b| *b != namelen) {
            p.num(i64::from(b));
            p.out().str(" => ");
        }
        p.num(i64::from(namelen));
    } else if p.json() && name != 0 {
        p.field("namelen");
        let before = ev.cap_at(arg, Part::HdrBefore, index, 0).filter(|c| out && c.data.len() >= 12);
        let n = i64::from(namelen);
        if out {
            value::before_after(p, 0, before.map(|c| i64::from(le32(c.data, 8) as i32)), Some(n), "")
        } else {
            p.num(n)
        }
    }
    p.field(label("msg_iov"));
    iovec(ev, p, arg, index, iov, iovlen, flow);
    if strace {
        p.field("msg_iovlen");
        p.unum(iovlen);
    }
    if controllen > 0 {
        p.field(label("msg_control"));
        let shown = match ev.cap_at(arg, Part::Control, index, 0) {
            Some(c) if control != 0 => cmsg::control(p, c.data, control, controllen),
            _ => false,
        };
        if !shown {
            p.ptr(control);
        }
    }
    if strace {
        p.field("msg_controllen");
        p.unum(controllen);
    }
    if strace || flags != 0 {
        p.field(label("msg_flags"));
        p.flags(flags, xlat::MSG, "MSG_???");
    }
    p.end_struct();
}
