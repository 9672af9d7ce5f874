//! poll, select, epoll: what is waited for and what came; timeouts and signal sets.

use crate::fields::number;
use crate::printer::{Format, Printer};
use crate::sockaddr::{le16, le32};
use crate::value::{cap, failed, most};
use crate::xlat;
use socklens_calls::{Call, Kind};
use socklens_wire::event::flag;
use socklens_wire::{Event, Part};

/// Bytes of struct pollfd.
const POLLFD: usize = 8;
/// Bytes of the packed struct epoll_event.
const EVENT: usize = 12;

fn u64_at(b: &[u8], at: usize) -> u64 {
    number(b.get(at..).unwrap_or(&[]))
}

/// poll's argument: what is asked for. JSON has the answer next to it.
pub(crate) fn pollfds(ev: &Event, p: &mut Printer, arg: u8, v: u64, count: u64) {
    let Some(c) = cap(ev, arg, Part::Data).filter(|_| v != 0) else {
        if v != 0 && count == 0 {
            p.begin_array();
            p.end_array();
        } else {
            p.ptr(v);
        }
        return;
    };
    let unfinished = ev.head.flags & flag::UNFINISHED != 0;
    p.begin_array();
    let most = most(p) as u64;
    let mut shown = 0u64;
    for e in c.data.chunks_exact(POLLFD) {
        if shown >= count.min(most) {
            break;
        }
        shown = shown.saturating_add(1);
        let fd = le32(e, 0) as i32;
        p.elem();
        p.begin_struct();
        p.field("fd");
        p.fd(fd);
        if fd >= 0 || p.json() {
            p.field("events");
            p.flags(u64::from(le16(e, 4)), xlat::POLL, "POLL???");
        }
        if p.json() && !unfinished {
            p.field("revents");
            p.flags(u64::from(le16(e, 6)), xlat::POLL, "POLL???");
        }
        p.end_struct();
    }
    if shown < count {
        p.more();
    }
    p.end_array();
}

/// ` ([{fd=3, revents=POLLIN}])` after poll's result, without the parentheses; false when there is nothing.
fn poll_result(ev: &Event, p: &mut Printer, arg: u8) -> bool {
    let Some(c) = cap(ev, arg, Part::Data) else { return false };
    let count = usize::try_from(ev.arg(1)).unwrap_or(usize::MAX);
    p.begin_array();
    let most = most(p);
    for (shown, e) in c.data.chunks_exact(POLLFD).take(count).filter(|e| le16(e, 6) != 0).enumerate() {
        if shown >= most {
            p.more();
            break;
        }
        p.elem();
        p.begin_struct();
        p.field("fd");
        p.num(i64::from(le32(e, 0) as i32));
        p.field("revents");
        p.flags(u64::from(le16(e, 6)), xlat::POLL, "POLL???");
        p.end_struct();
    }
    p.end_array();
    true
}

/// The descriptors in a set below `nfds`.
fn set_members(bytes: &[u8], nfds: i32) -> impl Iterator<Item = i32> + '_ {
    let limit = nfds.clamp(0, 1024);
    (0..limit).filter(move |fd| bytes.get((fd >> 3) as usize).is_some_and(|b| b & (1 << (fd & 7)) != 0))
}

/// `[3 4]`
fn set(p: &mut Printer, bytes: &[u8], nfds: i32, annotate: bool) {
    if p.json() {
        p.begin_array();
        for fd in set_members(bytes, nfds) {
            p.elem();
            p.num(i64::from(fd));
        }
        p.end_array();
        return;
    }
    p.out().byte(b'[');
    let mut first = true;
    for fd in set_members(bytes, nfds) {
        if !first {
            p.out().byte(b' ');
        }
        first = false;
        if annotate { p.fd(fd) } else { p.num(i64::from(fd)) }
    }
    p.out().byte(b']');
}

/// select's sets as they were given.
pub(crate) fn fd_set(ev: &Event, p: &mut Printer, arg: u8, v: u64) {
    let (before, after) = (cap(ev, arg, Part::Before), cap(ev, arg, Part::Data));
    let nfds = ev.int(0);
    if v == 0 || (before.is_none() && after.is_none()) {
        p.ptr(v);
        return;
    }
    if !p.json() {
        match before {
            Some(c) => set(p, c.data, nfds, true),
            None => p.ptr(v),
        }
        return;
    }
    p.begin_struct();
    for (name, c) in [("in", before), ("out", after)] {
        if let Some(c) = c {
            p.field(name);
            set(p, c.data, nfds, false);
        }
    }
    p.end_struct();
}

/// A time in two longs: strace's struct, or `1.5s`. `micro`: the second is microseconds.
fn time(p: &mut Printer, bytes: &[u8], micro: bool, as_nano: bool) {
    let (sec, fraction) = (u64_at(bytes, 0) as i64, u64_at(bytes, 8) as i64);
    if p.format() == Format::Text {
        let (digits, whole) = if micro { (6usize, 1_000_000i64) } else { (9, 1_000_000_000) };
        if sec >= 0 && (0..whole).contains(&fraction) {
            p.out().udec(sec as u64);
            if fraction != 0 {
                let (mut f, mut d) = (fraction as u64, digits);
                while f % 10 == 0 && d > 1 {
                    f /= 10;
                    d = d.saturating_sub(1);
                }
                p.out().byte(b'.');
                p.out().dec_pad(f, d);
            }
            p.out().byte(b's');
            return;
        }
    }
    p.begin_struct();
    p.field("tv_sec");
    p.num(sec);
    if micro && as_nano {
        p.field("tv_nsec");
        p.num(fraction.wrapping_mul(1000));
    } else {
        p.field(if micro { "tv_usec" } else { "tv_nsec" });
        p.num(fraction);
    }
    p.end_struct();
}

/// A timeout as it was given. In strace's syntax select's is pselect6's.
pub(crate) fn timeout(ev: &Event, p: &mut Printer, arg: u8, v: u64, micro: bool) {
    let (before, data) = (cap(ev, arg, Part::Before), cap(ev, arg, Part::Data));
    match before.or(data).filter(|c| c.data.len() >= 16 && v != 0) {
        Some(c) => {
            let as_nano = p.format() == Format::Strace && ev.call() == Some(Call::select);
            time(p, c.data, micro, as_nano);
        }
        None => p.ptr(v),
    }
}

/// `[INT USR1]`, or `~[HUP]` when most are set; JSON: an array of names.
pub(crate) fn sigset(p: &mut Printer, bytes: &[u8]) {
    let bits = number(bytes);
    let most = bits.count_ones() >= 42;
    let (shown, json) = (if most && !p.json() { !bits } else { bits }, p.json());
    if json {
        p.begin_array();
    } else {
        p.out().str(if most { "~[" } else { "[" });
    }
    let mut first = true;
    for n in 1..=64i32 {
        if shown & (1u64 << ((n - 1) & 63)) == 0 {
            continue;
        }
        if json {
            p.elem();
            p.out().byte(b'"');
        } else if !first {
            p.out().byte(b' ');
        }
        first = false;
        match n {
            32 => p.out().str("RTMIN"),
            33.. => {
                p.out().str("RT_");
                p.out().dec(i64::from(n - 32));
            }
            _ => {
                let name = xlat::signal(n).unwrap_or("SIG?");
                p.out().str(name.strip_prefix("SIG").unwrap_or(name));
            }
        }
        if json {
            p.out().byte(b'"');
        }
    }
    if json {
        p.end_array();
    } else {
        p.out().byte(b']');
    }
}

/// pselect6's `{sigmask=[INT], sigsetsize=8}`.
pub(crate) fn pselect_mask(ev: &Event, p: &mut Printer, arg: u8) {
    p.begin_struct();
    p.field("sigmask");
    match cap(ev, arg, Part::Data) {
        Some(c) => sigset(p, c.data),
        None => p.ptr(ev.arg(usize::from(arg))),
    }
    p.field("sigsetsize");
    p.unum(8);
    p.end_struct();
}

fn event(p: &mut Printer, e: &[u8]) {
    p.begin_struct();
    p.field("events");
    p.flags(u64::from(le32(e, 0)), xlat::EPOLL, "EPOLL???");
    p.field("data");
    let data = u64_at(e, 4);
    match p.format() {
        Format::Strace => {
            p.begin_struct();
            p.field("u32");
            p.unum(u64::from(data as u32));
            p.field("u64");
            p.unum(data);
            p.end_struct();
        }
        Format::Text if data > u64::from(u32::MAX) => p.hex(data),
        _ => p.unum(data),
    }
    p.end_struct();
}

/// epoll_ctl's event.
pub(crate) fn event_in(ev: &Event, p: &mut Printer, arg: u8, v: u64) {
    // EPOLL_CTL_DEL ignores it.
    match cap(ev, arg, Part::Data).filter(|c| v != 0 && c.data.len() >= EVENT && ev.int(1) != libc::EPOLL_CTL_DEL) {
        Some(c) => event(p, c.data),
        None => p.ptr(v),
    }
}

/// epoll_wait's events.
pub(crate) fn events_out(ev: &Event, call: Call, p: &mut Printer, arg: u8, v: u64) {
    let count = usize::try_from(ev.head.ret).unwrap_or(0);
    let data = cap(ev, arg, Part::Data).map_or(&[][..], |c| c.data);
    if failed(ev, call) || v == 0 || (count > 0 && data.is_empty()) {
        p.ptr(v);
        return;
    }
    p.begin_array();
    let most = most(p);
    let mut shown = 0usize;
    for e in data.chunks_exact(EVENT).take(count) {
        if shown >= most {
            break;
        }
        shown = shown.saturating_add(1);
        p.elem();
        event(p, e);
    }
    if shown < count {
        p.more();
    }
    p.end_array();
}

/// What strace says in parentheses after the number of descriptors: `Timeout`, `[{fd=3, revents=POLLIN}]`,
/// `in [3], left {tv_sec=1, tv_nsec=0}`. Writes nothing for other calls.
pub(crate) fn outcome(ev: &Event, call: Call, p: &mut Printer) {
    let start = p.out().len();
    p.out().str(" (");
    let body = p.out().len();
    match call {
        Call::poll | Call::__poll_chk | Call::ppoll | Call::__ppoll_chk => {
            if ev.head.ret == 0 {
                p.out().str("Timeout");
            } else {
                poll_result(ev, p, 0);
                left(ev, call, p, body);
            }
        }
        Call::select | Call::pselect => {
            if ev.head.ret == 0 {
                p.out().str("Timeout");
            } else {
                for (arg, name) in [(1u8, "in "), (2, "out "), (3, "except ")] {
                    let Some(c) = cap(ev, arg, Part::Data).filter(|c| set_members(c.data, ev.int(0)).next().is_some())
                    else {
                        continue;
                    };
                    if p.out().len() > body {
                        p.out().str(", ");
                    }
                    p.out().str(name);
                    set(p, c.data, ev.int(0), false);
                }
                left(ev, call, p, body);
            }
        }
        Call::recvmmsg => left(ev, call, p, body),
        _ => {}
    }
    if p.out().len() > body {
        p.out().byte(b')');
    } else {
        p.out().truncate(start);
    }
}

/// `left {tv_sec=1, tv_nsec=0}`, when the timeout was copied before and after.
fn left(ev: &Event, call: Call, p: &mut Printer, body: usize) {
    let args = call.args();
    for (i, a) in args.iter().enumerate() {
        let micro = match a.kind {
            Kind::Timeval => true,
            Kind::Timespec => false,
            _ => continue,
        };
        let Ok(arg) = u8::try_from(i) else { return };
        let (Some(_), Some(c)) = (cap(ev, arg, Part::Before), cap(ev, arg, Part::Data)) else { return };
        if c.data.len() < 16 {
            return;
        }
        if p.out().len() > body {
            p.out().str(", ");
        }
        p.out().str("left ");
        let as_nano = p.format() == Format::Strace && call == Call::select;
        time(p, c.data, micro, as_nano);
    }
}
