//! The arguments of calls that move bytes: what they ask for, asking for less, and making the call with other arguments.

use super::lent::fetch;
use super::{Cx, lent};
use libc::{c_int, iovec, mmsghdr, msghdr};
use socklens_calls::{Arg, Call, Kind, MAX_ARGS, Ret, class};
use socklens_inside::entry::Entry;
use socklens_wire::fault::lane;

/// What is known of a call.
pub fn context<'a>(call: Call, entry: Entry, args: &'a [u64]) -> Cx<'a> {
    let fd = match call {
        Call::sendfile | Call::splice | Call::copy_file_range => {
            let (a, b) = (arg(args, 0) as i32, arg(args, if call == Call::splice { 2 } else { 1 }) as i32);
            if lent::fd(b) == entry && lent::fd(a) != entry { b } else { a }
        }
        Call::epoll_ctl => arg(args, 2) as i32,
        _ if call.args().first().is_some_and(|a| a.kind == Kind::Fd) => arg(args, 0) as i32,
        _ => -1,
    };
    let bits = call.class() & (class::IN | class::OUT);
    let lane = match call {
        Call::splice if lent::fd(arg(args, 0) as i32) == entry => lane::IN,
        Call::splice => lane::OUT,
        _ if bits == class::IN => lane::IN,
        _ if bits == class::OUT => lane::OUT,
        _ => lane::OTHER,
    };
    Cx { call, args, fd, entry, conn: entry.conn().and_then(lent::info), lane, named: false, thread: lent::thread() }
}

fn arg(args: &[u64], i: usize) -> u64 {
    args.get(i).copied().unwrap_or(0)
}

/// Its MSG_* flags.
pub fn flags(cx: &Cx) -> c_int {
    let at = cx.call.args().iter().position(|a| a.kind == Kind::MsgFlags);
    at.map_or(0, |i| cx.arg(i) as c_int)
}

/// How a call says how many bytes it wants to move.
#[derive(Clone, Copy)]
enum Amount {
    /// In this argument.
    Number(usize),
    /// A vector in this argument, its count in the next given.
    Vector(usize, usize),
    /// A message.
    Message(usize),
    /// Messages, their number in this argument.
    Messages(usize),
    None,
}

fn amount(call: Call) -> Amount {
    match call {
        Call::sendfile | Call::copy_file_range => return Amount::Number(if call == Call::sendfile { 3 } else { 4 }),
        Call::splice => return Amount::Number(4),
        _ => {}
    }
    let of = |(i, a): (usize, &Arg)| match a.kind {
        Kind::BufIn(n) | Kind::BufOut(n) => Some(Amount::Number(usize::from(n))),
        Kind::IovIn(n) | Kind::IovOut(n) => Some(Amount::Vector(i, usize::from(n))),
        Kind::MsgIn | Kind::MsgOut => Some(Amount::Message(i)),
        Kind::MmsgIn(n) | Kind::MmsgOut(n) => Some(Amount::Messages(usize::from(n))),
        _ => None,
    };
    if call.class() & (class::IN | class::OUT) == 0 {
        return Amount::None;
    }
    call.args().iter().enumerate().find_map(of).unwrap_or(Amount::None)
}

/// A vector longer than this is not shortened.
const MOST: usize = 64;

fn vector(at: u64, count: usize) -> Option<u64> {
    let mut total = 0u64;
    for k in 0..count {
        if k == MOST {
            return None;
        }
        total = total.saturating_add(fetch::<iovec>(at.wrapping_add(16 * k as u64), false)?.iov_len as u64);
    }
    Some(total)
}

/// Bytes the call could move at most; 0 when that cannot be told.
pub fn asked(cx: &Cx) -> u64 {
    match amount(cx.call) {
        Amount::Number(n) => cx.arg(n),
        Amount::Vector(at, n) => vector(cx.arg(at), cx.arg(n) as usize).unwrap_or(0),
        Amount::Message(at) => {
            fetch::<msghdr>(cx.arg(at), false).and_then(|m| vector(m.msg_iov as u64, m.msg_iovlen)).unwrap_or(0)
        }
        Amount::Messages(_) | Amount::None => 0,
    }
}

/// Bytes of a call's datagram; of several, of the first.
pub fn length(cx: &Cx) -> u64 {
    match amount(cx.call) {
        Amount::Messages(_) => header(cx).and_then(|m| vector(m.msg_iov as u64, m.msg_iovlen)).unwrap_or(0),
        _ => asked(cx),
    }
}

/// The header of a call's message; of several, of the first.
pub fn header(cx: &Cx) -> Option<msghdr> {
    match amount(cx.call) {
        Amount::Message(_) | Amount::Messages(_) => fetch::<msghdr>(cx.arg(1), false),
        _ => None,
    }
}

/// Copies what a call sends, at most `room` bytes; of several messages the first. How much that is.
pub fn copy_sent(cx: &Cx, to: *mut u8, room: usize) -> Option<usize> {
    let (at, count) = match amount(cx.call) {
        Amount::Number(n) => {
            let len = (cx.arg(n) as usize).min(room);
            // SAFETY: the caller's room.
            return if unsafe { lent::fetch_bytes(cx.arg(1), to, len) } { Some(len) } else { None };
        }
        Amount::Vector(at, n) => (cx.arg(at), cx.arg(n) as usize),
        Amount::Message(_) | Amount::Messages(_) => header(cx).map(|m| (m.msg_iov as u64, m.msg_iovlen))?,
        Amount::None => return None,
    };
    let mut done = 0;
    for k in 0..count.min(MOST) {
        let v = fetch::<iovec>(at.wrapping_add(16 * k as u64), false)?;
        let len = v.iov_len.min(room - done);
        // SAFETY: the caller's room, of which `done` bytes are taken.
        if !unsafe { lent::fetch_bytes(v.iov_base as u64, to.wrapping_add(done), len) } {
            return None;
        }
        done += len;
    }
    Some(done)
}

/// Shows the first `most` bytes of a call's buffers, in pieces, until `show` has seen enough; false when they are not all
/// there, or when it is not memory that the call moves.
pub fn each_piece(cx: &Cx, most: u64, proved: bool, show: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let (at, count) = match amount(cx.call) {
        Amount::Number(_) if matches!(cx.call, Call::sendfile | Call::splice | Call::copy_file_range) => return false,
        Amount::Number(_) => (None, 1),
        Amount::Vector(at, n) => (Some(cx.arg(at)), cx.arg(n) as usize),
        Amount::Message(_) => match header(cx) {
            Some(m) => (Some(m.msg_iov as u64), m.msg_iovlen),
            None => return false,
        },
        Amount::Messages(_) | Amount::None => return false,
    };
    let mut left = most;
    for k in 0..count.min(MOST) {
        let (mut from, len) = match at {
            None => (cx.arg(1), most),
            Some(at) => match fetch::<iovec>(at.wrapping_add(16 * k as u64), proved) {
                Some(v) => (v.iov_base as u64, v.iov_len as u64),
                None => return false,
            },
        };
        let mut here = len.min(left);
        left -= here;
        while here > 0 {
            let mut piece = [0u8; 256];
            let n = here.min(piece.len() as u64);
            // SAFETY: there is room for so many bytes.
            if !unsafe { lent::fetch_piece(from, piece.as_mut_ptr(), n as usize, proved) } {
                return false;
            }
            if !show(piece.get(..n as usize).unwrap_or(&[])) {
                return true;
            }
            (from, here) = (from.wrapping_add(n), here - n);
        }
    }
    left == 0 && most > 0
}

/// Makes a call that sends with other bytes; of several messages it makes the first.
pub fn send_other(cx: &Cx, bytes: *const u8, len: usize) -> Option<i64> {
    let mut to = Changed::of(cx);
    let mut v = iovec { iov_base: bytes.cast_mut().cast(), iov_len: len };
    match amount(cx.call) {
        Amount::Number(n) => {
            to.set(1, bytes as u64);
            to.set(n, len as u64);
            Some(call_real(cx.call, &to.args))
        }
        Amount::Vector(at, n) => {
            to.set(at, (&raw mut v) as u64);
            to.set(n, 1);
            Some(call_real(cx.call, &to.args))
        }
        Amount::Message(_) | Amount::Messages(_) => {
            let mut m = mmsghdr { msg_hdr: header(cx)?, msg_len: 0 };
            (m.msg_hdr.msg_iov, m.msg_hdr.msg_iovlen) = (&raw mut v, 1);
            to.set(1, (&raw mut m) as u64);
            if !matches!(amount(cx.call), Amount::Messages(_)) {
                return Some(call_real(cx.call, &to.args));
            }
            to.set(2, 1);
            let r = call_real(cx.call, &to.args);
            if r == 1 {
                told_sent(cx, m.msg_len);
            }
            Some(r)
        }
        Amount::None => None,
    }
}

/// What a call returns that sent its datagram of `len` bytes; of several, the first.
pub fn told_sent(cx: &Cx, len: u32) -> i64 {
    if !matches!(amount(cx.call), Amount::Messages(_)) {
        return i64::from(len);
    }
    let at = cx.arg(1) as *mut mmsghdr;
    // SAFETY: the caller's own header, to which the kernel writes the length of what it sent; it was readable.
    unsafe { (*at).msg_len = len };
    1
}

/// Bytes that a receive got of its datagram; of several, the first.
pub fn received(cx: &Cx, ret: i64) -> i64 {
    if ret < 1 || !matches!(amount(cx.call), Amount::Messages(_)) {
        return ret;
    }
    fetch::<mmsghdr>(cx.arg(1), true).map_or(0, |m| i64::from(m.msg_len))
}

/// The first buffer of a call.
pub fn buffer(cx: &Cx) -> Option<(u64, u64)> {
    let first = |at: u64| fetch::<iovec>(at, false).map(|v| (v.iov_base as u64, v.iov_len as u64));
    match amount(cx.call) {
        Amount::Number(n) => Some((cx.arg(1), cx.arg(n))),
        Amount::Vector(at, _) => first(cx.arg(at)),
        Amount::Message(_) | Amount::Messages(_) => header(cx).and_then(|m| first(m.msg_iov as u64)),
        Amount::None => None,
    }
}

/// The arguments of a call, to be changed.
pub struct Changed {
    pub args: [u64; MAX_ARGS],
}

impl Changed {
    pub fn of(cx: &Cx) -> Changed {
        let mut args = [0; MAX_ARGS];
        for (to, &a) in args.iter_mut().zip(cx.args) {
            *to = a;
        }
        Changed { args }
    }

    pub fn set(&mut self, i: usize, v: u64) {
        if let Some(a) = self.args.get_mut(i) {
            *a = v;
        }
    }

    /// Adds MSG_* flags; false when the call takes none.
    pub fn add_flags(&mut self, call: Call, more: c_int) -> bool {
        match call.args().iter().position(|a| a.kind == Kind::MsgFlags) {
            Some(i) => {
                self.set(i, self.args.get(i).copied().unwrap_or(0) | more as u64);
                true
            }
            None => false,
        }
    }
}

/// Makes the real call with other arguments. Every argument of every row is an integer or a pointer, so one prototype fits.
pub fn call_real(call: Call, args: &[u64; MAX_ARGS]) -> i64 {
    let p = lent::real(call);
    let [a, b, c, d, e, f, g, h] = *args;
    type Any = unsafe extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64) -> i64;
    // SAFETY: the real function of this row. In the System V ABI integer arguments beyond those it takes are not looked at,
    // and the upper halves of int arguments and results are not defined.
    let r = unsafe { core::mem::transmute::<usize, Any>(p)(a, b, c, d, e, f, g, h) };
    match call.ret() {
        Ret::Bytes | Ret::Ptr | Ret::Hostent | Ret::Str => r,
        _ => i64::from(r as i32),
    }
}

/// Makes the call so that at most `limit` bytes move. None when its arguments cannot be changed so.
#[inline(never)]
pub fn call_shortened(cx: &Cx, limit: u64) -> Option<i64> {
    if cx.stream() && messages(cx) > 0 {
        return None;
    }
    let mut to = Changed::of(cx);
    match amount(cx.call) {
        Amount::Number(n) => {
            to.set(n, cx.arg(n).min(limit));
            Some(call_real(cx.call, &to.args))
        }
        Amount::Vector(at, n) => {
            let mut v = Vector::NEW;
            let used = v.fill(cx.arg(at), cx.arg(n) as usize, limit)?;
            to.set(at, (&raw const v.list) as u64);
            to.set(n, used as u64);
            Some(call_real(cx.call, &to.args))
        }
        Amount::Message(_) | Amount::Messages(_) => {
            let many = matches!(amount(cx.call), Amount::Messages(_));
            let mut m = mmsghdr { msg_hdr: header(cx)?, msg_len: 0 };
            let mut v = Vector::NEW;
            m.msg_hdr.msg_iovlen = v.fill(m.msg_hdr.msg_iov as u64, m.msg_hdr.msg_iovlen, limit)?;
            m.msg_hdr.msg_iov = (&raw mut v.list).cast();
            to.set(1, (&raw mut m) as u64);
            if many {
                to.set(2, 1);
            }
            let r = call_real(cx.call, &to.args);
            if r >= 0 && cx.lane == lane::IN {
                // SAFETY: a receive writes these fields of the caller's header, which was readable; what is not writable
                // faults as it would in the kernel's copy, but a header that was readable and is constant is none to receive into.
                unsafe {
                    let p = cx.arg(1) as *mut mmsghdr;
                    (*p).msg_hdr.msg_namelen = m.msg_hdr.msg_namelen;
                    (*p).msg_hdr.msg_controllen = m.msg_hdr.msg_controllen;
                    (*p).msg_hdr.msg_flags = m.msg_hdr.msg_flags;
                    if many {
                        (*p).msg_len = m.msg_len;
                    }
                }
            }
            Some(r)
        }
        Amount::None => None,
    }
}

/// How many messages a call is given; 0 when it is not one on messages.
pub fn messages(cx: &Cx) -> u64 {
    match amount(cx.call) {
        Amount::Messages(n) => cx.arg(n),
        _ => 0,
    }
}

/// The beginning of a caller's vector.
struct Vector {
    list: [iovec; 8],
}

impl Vector {
    const NEW: Vector = Vector { list: [iovec { iov_base: core::ptr::null_mut(), iov_len: 0 }; 8] };

    /// Copies as much of it as holds `limit` bytes; how many parts that are.
    fn fill(&mut self, at: u64, count: usize, limit: u64) -> Option<usize> {
        let mut left = limit;
        let mut used = 0;
        for (k, to) in self.list.iter_mut().enumerate().take(count) {
            let v = fetch::<iovec>(at.wrapping_add(16 * k as u64), false)?;
            let len = (v.iov_len as u64).min(left);
            *to = iovec { iov_base: v.iov_base, iov_len: len as usize };
            left -= len;
            used = k + 1;
            if left == 0 {
                break;
            }
        }
        Some(used)
    }
}
