//! Pieces that come in numbers: vectors, messages, strings, results of lookups.

use super::sink::{At, Sink};
use super::{MAX_TEXT, fetch, fetch_bytes, may_peek, myself};
use crate::sys;
use core::mem::size_of;
use libc::{c_char, c_int, c_void, iovec, msghdr, sockaddr};
use socklens_wire::event::{ARG_RESULT, Part};

/// Pieces kept of one list: iovecs of a message, messages of a vector, results of a lookup.
pub const MAX_ITEMS: usize = 32;

/// Length of a NUL-terminated string that libc has read already, at most [`MAX_TEXT`].
pub fn text_len(ptr: u64) -> usize {
    let mut n = 0;
    // SAFETY: libc has read this string up to its terminator in this very call.
    while n < MAX_TEXT && ptr != 0 && unsafe { *(ptr as *const u8).add(n) } != 0 {
        n += 1;
    }
    n
}

/// An iovec array and its data, `total` bytes of which were moved.
#[expect(clippy::too_many_arguments, reason = "one walk for sent and received vectors")]
pub fn vector(
    sink: &mut dyn Sink,
    at: At,
    ptr: u64,
    count: usize,
    total: usize,
    proved: bool,
    array_proved: bool,
    strlen: usize,
) {
    let n = count.min(MAX_ITEMS);
    if n == 0 || ptr == 0 || count > 1024 {
        return;
    }
    sink.piece(at, ptr, n * size_of::<iovec>(), count * size_of::<iovec>(), array_proved);
    let mut left = total;
    for k in 0..n {
        let Some(v) = fetch::<iovec>(ptr + (k * size_of::<iovec>()) as u64, array_proved) else { break };
        let here = if proved { left.min(v.iov_len) } else { v.iov_len };
        left -= left.min(v.iov_len);
        let want = here.min(strlen);
        if want > 0 {
            let data = At { part: Part::IovData, ..at }.sub(k);
            sink.piece(data, v.iov_base as u64, want, here, proved);
        }
    }
}

/// A msghdr and what it points to.
#[expect(clippy::too_many_arguments, reason = "one walk for messages sent and received, single and in vectors")]
pub fn message(
    sink: &mut dyn Sink,
    arg: usize,
    index: usize,
    ptr: u64,
    total: usize,
    ok: bool,
    moved: bool,
    before: Option<u64>,
    sends: bool,
    strlen: usize,
) {
    let at = |part| At::arg(arg, part).index(index);
    let Some(mut m) = fetch::<msghdr>(ptr, ok) else { return };
    if ok {
        // musl's have 32 bits of either, and padding that the program need not set; more the kernel does not take.
        m.msg_iovlen &= 0xffff_ffff;
        m.msg_controllen &= 0xffff_ffff;
    }
    let size = size_of::<msghdr>();
    sink.piece(at(Part::Hdr), (&raw const m) as u64, size, size, true);
    if let Some(b) = before {
        let mut was = m;
        was.msg_namelen = b as u32;
        was.msg_controllen = (b >> 32) as usize;
        sink.piece(at(Part::HdrBefore), (&raw const was) as u64, size, size, true);
    }
    if !ok && !sends {
        return;
    }
    let namelen = m.msg_namelen as usize;
    if !m.msg_name.is_null() && namelen > 0 && namelen <= 1024 {
        let room = if sends { Some(namelen) } else { before.map(|b| b as u32 as usize) };
        let len = namelen.min(128).min(room.unwrap_or(128));
        sink.piece(at(Part::Name), m.msg_name as u64, len, namelen, ok && room.is_some());
    }
    vector(sink, at(Part::Iov), m.msg_iov as u64, m.msg_iovlen, total, moved, ok, strlen);
    let control = m.msg_controllen;
    if !m.msg_control.is_null() && control > 0 && control <= 1 << 20 {
        sink.piece(at(Part::Control), m.msg_control as u64, control.min(MAX_TEXT), control, ok);
    }
}

/// A string vector of exec: the kernel may have failed before it looked at it.
pub fn strings(sink: &mut dyn Sink, arg: usize, ptr: u64) {
    for k in 0..MAX_ITEMS {
        let Some(s) = fetch::<u64>(ptr.wrapping_add(8 * k as u64), false).filter(|&s| s != 0 && ptr != 0) else {
            break;
        };
        let Some(n) = unproved_text_len(s) else { break };
        sink.piece(At::arg(arg, Part::StrItem).index(k), s, n, n, false);
    }
}

/// The next words of a list that ends with 0: how many come before its end, or are there so far, and whether it ends with
/// them. None when they cannot be read.
#[inline(never)]
pub fn words(at: u64, to: &mut [u64; sys::WORDS]) -> Option<(usize, bool)> {
    // As many as lie in this page: the list may end right before one that is not there.
    let n = ((4096 - (at & 4095)) as usize / 8).clamp(1, to.len());
    let to = to.get_mut(..n)?;
    // SAFETY: the room is as large as that.
    if !unsafe { fetch_bytes(at, to.as_mut_ptr().cast(), 8 * to.len(), false) } {
        return None;
    }
    let end = to.iter().position(|&w| w == 0);
    Some((end.unwrap_or(to.len()), end.is_some()))
}

/// How many strings an environment has.
pub fn count_strings(ptr: u64) -> Option<u32> {
    let mut some = [0u64; sys::WORDS];
    let mut n = 0;
    while n < 100_000 {
        let (more, ends) = words(ptr.wrapping_add(8 * n as u64), &mut some)?;
        n += more;
        if ends {
            return Some(n as u32);
        }
    }
    None
}

/// Length of a string that nobody has read yet, at most 512; None when it cannot be read.
pub fn unproved_text_len(ptr: u64) -> Option<usize> {
    if may_peek() { sys::peek_text_len(myself(), ptr, 512) } else { None }
}

pub fn addrinfos(sink: &mut dyn Sink, arg: usize, ptr: u64) {
    let mut next = fetch::<u64>(ptr, true).unwrap_or(0);
    for k in 0..MAX_ITEMS {
        let Some(a) = fetch::<libc::addrinfo>(next, true) else { break };
        let size = size_of::<libc::addrinfo>();
        sink.piece(At::arg(arg, Part::AddrInfo).index(k), next, size, size, true);
        let len = a.ai_addrlen as usize;
        sink.piece(At::arg(arg, Part::Addr).index(k), a.ai_addr as u64, len.min(128), len, true);
        if !a.ai_canonname.is_null() {
            let n = text_len(a.ai_canonname as u64);
            sink.piece(At::arg(arg, Part::Canon).index(k), a.ai_canonname as u64, n, n, true);
        }
        next = a.ai_next as u64;
    }
}

/// `struct hostent` of <netdb.h>.
#[derive(Clone, Copy)]
#[repr(C)]
struct HostEnt {
    name: *const c_char,
    aliases: *const *const c_char,
    addrtype: c_int,
    length: c_int,
    addr_list: *const *const c_void,
}

pub fn hostent(sink: &mut dyn Sink, arg: u8, ptr: u64) {
    let Some(h) = fetch::<HostEnt>(ptr, true) else { return };
    let at = |part, index: usize| At { arg, part, index: index as u16, sub: 0 };
    let head = [h.addrtype, h.length];
    sink.piece(at(Part::HostHead, 0), (&raw const head) as u64, 8, 8, true);
    let n = text_len(h.name as u64);
    sink.piece(at(Part::Canon, 0), h.name as u64, n, n, true);
    let list = |p: u64, k: usize| fetch::<u64>(p.wrapping_add(8 * k as u64), p != 0).filter(|&s| s != 0);
    for k in 0..MAX_ITEMS {
        let Some(s) = list(h.aliases as u64, k) else { break };
        let n = text_len(s);
        sink.piece(at(Part::Alias, k), s, n, n, true);
    }
    let len = (h.length.max(0) as usize).min(16);
    for k in 0..MAX_ITEMS {
        let Some(a) = list(h.addr_list as u64, k) else { break };
        sink.piece(at(Part::Addr, k).sub(h.addrtype as usize), a, len, len, true);
    }
}

/// The array of if_nameindex, which an index of 0 ends.
pub fn nameindex(sink: &mut dyn Sink, ptr: u64) {
    for k in 0..MAX_ITEMS {
        let Some(i) = fetch::<libc::if_nameindex>(ptr + (k * size_of::<libc::if_nameindex>()) as u64, true) else {
            break;
        };
        if i.if_index == 0 || i.if_name.is_null() {
            break;
        }
        let at = |part| At { arg: ARG_RESULT, part, index: k as u16, sub: 0 };
        sink.piece(at(Part::Data), (&raw const i.if_index) as u64, 4, 4, true);
        let n = text_len(i.if_name as u64);
        sink.piece(at(Part::IfName), i.if_name as u64, n, n, true);
    }
}

pub fn interfaces(sink: &mut dyn Sink, arg: usize, ptr: u64) {
    let mut next = fetch::<u64>(ptr, true).unwrap_or(0);
    for k in 0..MAX_ITEMS {
        let Some(a) = fetch::<libc::ifaddrs>(next, true) else { break };
        let at = |part| At::arg(arg, part).index(k);
        let n = text_len(a.ifa_name as u64);
        sink.piece(at(Part::IfName), a.ifa_name as u64, n, n, true);
        sink.piece(at(Part::IfFlags), (&raw const a.ifa_flags) as u64, 4, 4, true);
        if let Some(s) = fetch::<sockaddr>(a.ifa_addr as u64, true) {
            let len = match i32::from(s.sa_family) {
                libc::AF_INET => size_of::<libc::sockaddr_in>(),
                libc::AF_INET6 => size_of::<libc::sockaddr_in6>(),
                libc::AF_PACKET => size_of::<libc::sockaddr_ll>(),
                _ => size_of::<sockaddr>(),
            };
            sink.piece(at(Part::Addr), a.ifa_addr as u64, len, len, true);
        }
        next = a.ifa_next as u64;
    }
}
