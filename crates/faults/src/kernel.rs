//! What is asked of the kernel when a fault fires: the recipes that put a real socket into a real state, and the questions
//! that tell whether a fault is possible at all. All by raw system call; errno is not touched.

use libc::c_int;
use socklens_inside::sys;

/// An option of type int.
pub fn set(fd: c_int, level: c_int, name: c_int, value: c_int) -> bool {
    set_bytes(fd, level, name, core::ptr::from_ref(&value) as usize, 4)
}

fn set_bytes(fd: c_int, level: c_int, name: c_int, at: usize, len: usize) -> bool {
    // SAFETY: `len` bytes at `at` are the caller's own.
    unsafe { sys::call6(libc::SYS_setsockopt, fd as usize, level as usize, name as usize, at, len, 0) == 0 }
}

/// Reads an option of at most `to.len()` bytes.
pub fn get_bytes(fd: c_int, level: c_int, name: c_int, to: &mut [u8]) -> Option<usize> {
    let mut len = to.len() as u32;
    let (at, lenp) = (to.as_mut_ptr() as usize, core::ptr::from_mut(&mut len) as usize);
    // SAFETY: buffer and length are ours.
    let r = unsafe { sys::call6(libc::SYS_getsockopt, fd as usize, level as usize, name as usize, at, lenp, 0) };
    if r == 0 { Some(len as usize) } else { None }
}

/// An option of type int.
pub fn get(fd: c_int, level: c_int, name: c_int) -> Option<c_int> {
    let mut v = [0; 4];
    get_bytes(fd, level, name, &mut v).map(|_| c_int::from_ne_bytes(v))
}

/// A timeout option in nanoseconds; 0 for none.
pub fn timeout(fd: c_int, name: c_int) -> u64 {
    let mut v = [0u8; 16];
    get_bytes(fd, libc::SOL_SOCKET, name, &mut v);
    let (s, us) = (u64::from_ne_bytes(half(&v, 0)), u64::from_ne_bytes(half(&v, 8)));
    s.saturating_mul(1_000_000_000).saturating_add(us.saturating_mul(1000))
}

fn half(v: &[u8; 16], at: usize) -> [u8; 8] {
    let mut h = [0; 8];
    for (to, &b) in h.iter_mut().zip(v.iter().skip(at)) {
        *to = b;
    }
    h
}

/// Sets a timeout option.
pub fn set_timeout(fd: c_int, name: c_int, ns: u64) -> bool {
    let v = [ns / 1_000_000_000, ns % 1_000_000_000 / 1000];
    set_bytes(fd, libc::SOL_SOCKET, name, v.as_ptr() as usize, 16)
}

pub fn shutdown(fd: c_int, how: c_int) {
    // SAFETY: takes no pointer.
    unsafe { sys::call3(libc::SYS_shutdown, fd as usize, how as usize, 0) };
}

/// States of `tcpi_state`.
pub mod tcp {
    pub const ESTABLISHED: u8 = 1;
    pub const FIN_WAIT1: u8 = 4;
    pub const FIN_WAIT2: u8 = 5;
    pub const TIME_WAIT: u8 = 6;
    pub const CLOSE: u8 = 7;
    pub const CLOSE_WAIT: u8 = 8;
    pub const LAST_ACK: u8 = 9;
    pub const CLOSING: u8 = 11;
}

/// The state TCP_INFO tells.
pub fn tcp_state(fd: c_int) -> Option<u8> {
    let mut info = [0u8; 8];
    get_bytes(fd, libc::IPPROTO_TCP, libc::TCP_INFO, &mut info)?;
    info.first().copied()
}

/// Nanoseconds since the last bytes arrived, at least.
pub fn since_data(fd: c_int) -> u64 {
    let mut info = [0u8; 56];
    get_bytes(fd, libc::IPPROTO_TCP, libc::TCP_INFO, &mut info);
    let [.., a, b, c, d] = info;
    // tcpi_last_data_recv, in milliseconds; the kernel counts it in ticks, of which the first may just have begun.
    u64::from(u32::from_ne_bytes([a, b, c, d])).saturating_mul(1_000_000).saturating_sub(tick())
}

/// Nanoseconds between two of the kernel's ticks.
fn tick() -> u64 {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 10_000_000 };
    let at = core::ptr::from_mut(&mut ts) as usize;
    // SAFETY: the time is ours.
    unsafe { sys::call3(libc::SYS_clock_getres, libc::CLOCK_MONOTONIC_COARSE as usize, at, 0) };
    ts.tv_nsec as u64
}

/// Bytes that could be read now.
pub fn readable(fd: c_int) -> u32 {
    let mut n: c_int = 0;
    // SAFETY: FIONREAD writes one int of ours.
    let r = unsafe {
        sys::call3(libc::SYS_ioctl, fd as usize, libc::FIONREAD as usize, core::ptr::from_mut(&mut n) as usize)
    };
    if r == 0 { n.max(0) as u32 } else { 0 }
}

/// Whether the socket waits: neither O_NONBLOCK nor `flags` with MSG_DONTWAIT.
pub fn blocks(fd: c_int, flags: c_int) -> bool {
    flags & libc::MSG_DONTWAIT == 0 && sys::status_flags(fd).is_some_and(|f| f & libc::O_NONBLOCK == 0)
}

/// Whether a socket holds an error that the next call is told.
pub fn has_error(fd: c_int) -> bool {
    told(fd, 0) & libc::POLLERR != 0
}

/// What poll tells of a descriptor at once.
pub fn told(fd: c_int, events: i16) -> i16 {
    let mut p = [libc::pollfd { fd, events, revents: 0 }];
    look(&mut p);
    let [p] = p;
    p.revents
}

/// poll, without waiting.
pub fn look(all: &mut [libc::pollfd]) {
    // SAFETY: the entries are the caller's.
    unsafe { sys::call3(libc::SYS_poll, all.as_mut_ptr() as usize, all.len(), 0) };
}

/// Whether a UDP socket forbids that its datagrams are cut.
pub fn is_whole(fd: c_int, v6: bool) -> bool {
    let (level, name) = match v6 {
        true => (libc::IPPROTO_IPV6, libc::IPV6_MTU_DISCOVER),
        false => (libc::IPPROTO_IP, libc::IP_MTU_DISCOVER),
    };
    get(fd, level, name).is_none_or(|v| v >= libc::IP_PMTUDISC_DO)
}

/// Whether a UDP socket would send what a call asks for: the kernel goes through all of it but the sending (MSG_PROBE), and
/// binds the socket. False, too, when an error waits to be told.
pub fn would_send(cx: &super::Cx, flags: c_int, len: u64) -> bool {
    const MSG_PROBE: c_int = 0x10;
    /// A datagram that fits any path; longer ones may be refused if the socket forbids to cut them.
    const SMALL: u64 = 1200;
    if len > SMALL && is_whole(cx.fd, cx.v6()) {
        return false;
    }
    if has_error(cx.fd) {
        return false;
    }
    let to = super::connect::address(cx);
    let flags = (flags | libc::MSG_CONFIRM | MSG_PROBE | libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) as usize;
    let name = if to.len > 0 { to.bytes.as_ptr() as usize } else { 0 };
    // SAFETY: no byte is sent, and the name is ours.
    unsafe { sys::call6(libc::SYS_sendto, cx.fd as usize, 0, 0, flags, name, to.len) >= 0 }
}

/// connect() with AF_UNSPEC.
fn dissolve(fd: c_int) -> bool {
    let none = [0u8; 16];
    // SAFETY: the address is ours.
    unsafe { sys::call3(libc::SYS_connect, fd as usize, none.as_ptr() as usize, none.len()) == 0 }
}

/// Resets a TCP connection: the peer gets a real RST, and here everything is as after one from the peer.
///
/// A thread that waits in the socket makes some stable kernels refuse (EBUSY): then both directions end instead, and the
/// caller has to tell the error itself.
pub fn reset_tcp(fd: c_int) -> bool {
    let done = dissolve(fd);
    shutdown(fd, libc::SHUT_RDWR);
    done
}

/// From now on what the peer sends is not seen; `on` false heals it. Loopback packets start at 64 as well.
pub fn deaf(fd: c_int, v6: bool, on: bool) -> bool {
    const IPV6_MINHOPCOUNT: c_int = 73;
    const IP_MINTTL: c_int = 21;
    let v = if on { 255 } else { 0 };
    // A mapped address needs IPv4's option on an IPv6 socket.
    let four = set(fd, libc::IPPROTO_IP, IP_MINTTL, v);
    if v6 { set(fd, libc::IPPROTO_IPV6, IPV6_MINHOPCOUNT, v) } else { four }
}

/// Sends no further than the first router.
pub fn mute(fd: c_int, v6: bool, on: bool) -> bool {
    let v = if on { 1 } else { -1 };
    if v6 {
        set(fd, libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS, v)
    } else {
        set(fd, libc::IPPROTO_IP, libc::IP_TTL, if on { 1 } else { 64 })
    }
}

#[repr(C)]
struct Filter {
    code: u16,
    jt: u8,
    jf: u8,
    k: u32,
}

#[repr(C)]
struct Program {
    len: u16,
    code: *const Filter,
}

/// Lets a datagram socket receive nothing, or everything again.
pub fn deaf_datagrams(fd: c_int, on: bool) -> bool {
    if !on {
        return set(fd, libc::SOL_SOCKET, libc::SO_DETACH_FILTER, 0);
    }
    let none = Filter { code: 6, jt: 0, jf: 0, k: 0 };
    let program = Program { len: 1, code: &raw const none };
    let (at, len) = (core::ptr::from_ref(&program) as usize, size_of::<Program>());
    set_bytes(fd, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, at, len)
}

/// A new TCP socket on loopback, bound to a free port; its address.
pub fn sink(v6: bool) -> Option<(c_int, [u8; 28], usize)> {
    let family = if v6 { libc::AF_INET6 } else { libc::AF_INET };
    // SAFETY: takes no pointer.
    let fd =
        unsafe { sys::call3(libc::SYS_socket, family as usize, (libc::SOCK_STREAM | libc::SOCK_CLOEXEC) as usize, 0) };
    if fd < 0 {
        return None;
    }
    let fd = fd as c_int;
    let mut a = [0u8; 28];
    a[0] = family as u8;
    let len = if v6 {
        a[23] = 1;
        28
    } else {
        (a[4], a[7]) = (127, 1);
        16
    };
    let mut n = len as u32;
    // SAFETY: address and length are ours, and long enough for the family.
    let ok = unsafe {
        sys::call3(libc::SYS_bind, fd as usize, a.as_ptr() as usize, len) == 0
            && sys::call3(
                libc::SYS_getsockname,
                fd as usize,
                a.as_mut_ptr() as usize,
                core::ptr::from_mut(&mut n) as usize,
            ) == 0
    };
    if ok {
        return Some((fd, a, len));
    }
    sys::close(fd);
    None
}

/// Closes a connection that accept has just made so that its peer gets a RST.
pub fn close_hard(fd: c_int) {
    let linger = [1 as c_int, 0];
    set_bytes(fd, libc::SOL_SOCKET, libc::SO_LINGER, linger.as_ptr() as usize, 8);
    sys::close(fd);
}

/// What handlers a process has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handlers {
    None,
    /// All of them with SA_RESTART.
    Restarting,
    /// At least one without.
    Interrupting,
}

/// Looks at all 64 signals.
pub fn handlers() -> Handlers {
    let mut found = Handlers::None;
    for signal in 1..=64 {
        let Some(action) = sys::signal_action(signal) else { continue };
        // glibc's own two (cancellation, set*id) do not count.
        if action.handler > 1 && !(32..=33).contains(&signal) {
            if action.flags & libc::SA_RESTART as u64 == 0 {
                return Handlers::Interrupting;
            }
            found = Handlers::Restarting;
        }
    }
    found
}

/// Sleeps; false when a signal handler ran before the time was over.
pub fn sleep(ns: u64) -> bool {
    let ts = libc::timespec { tv_sec: (ns / 1_000_000_000) as i64, tv_nsec: (ns % 1_000_000_000) as i64 };
    // SAFETY: the time is ours.
    unsafe { sys::call3(libc::SYS_nanosleep, core::ptr::from_ref(&ts) as usize, 0, 0) == 0 }
}

/// Waits until a descriptor has one of `events`, at most `ns` (u64::MAX: for ever). What poll returned.
pub fn wait(fd: c_int, events: i16, ns: u64) -> isize {
    let mut p = libc::pollfd { fd, events, revents: 0 };
    let ts = libc::timespec { tv_sec: (ns / 1_000_000_000) as i64, tv_nsec: (ns % 1_000_000_000) as i64 };
    let time = if ns == u64::MAX { 0 } else { core::ptr::from_ref(&ts) as usize };
    // SAFETY: both are ours.
    unsafe { sys::call6(libc::SYS_ppoll, core::ptr::from_mut(&mut p) as usize, 1, time, 0, 8, 0) }
}

/// Whether something can be received now: what poll returns.
pub fn readable_now(fd: c_int) -> isize {
    wait(fd, libc::POLLIN, 0)
}
