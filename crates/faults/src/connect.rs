//! Faults of connecting and accepting, and of whole connections.

use super::apply::Job;
use super::decide::{self, Chosen};
use super::kernel::{self, tcp};
use super::lent::fetch;
use super::{Cx, data, ticker};
use core::sync::atomic::Ordering;
use libc::c_int;
use socklens_calls::Call;
use socklens_inside::errno::{errno, set_errno};
use socklens_inside::sys;
use socklens_rules::fault::{Dir, Kind, Recipe, Skip};
use socklens_wire::conn::ADDR_MAX;
use socklens_wire::fault::{FaultConn, state};

/// The address a call names.
#[derive(Clone, Copy)]
pub struct Address {
    pub bytes: [u8; ADDR_MAX],
    pub len: usize,
}

impl Address {
    /// The port, of an internet address.
    pub fn port(&self) -> Option<u16> {
        let [f0, f1, p0, p1, ..] = self.bytes;
        let inet = matches!(c_int::from(u16::from_ne_bytes([f0, f1])), libc::AF_INET | libc::AF_INET6);
        if self.len >= 8 && inet { Some(u16::from_be_bytes([p0, p1])) } else { None }
    }

    /// Whether it is an internet address other than the wildcard.
    pub fn specific(&self) -> bool {
        let [f0, f1, ..] = self.bytes;
        match c_int::from(u16::from_ne_bytes([f0, f1])) {
            libc::AF_INET => self.bytes.iter().skip(4).take(4).any(|&b| b != 0),
            libc::AF_INET6 => self.bytes.iter().skip(8).take(16).any(|&b| b != 0),
            _ => false,
        }
    }

    /// Whether it is one of IPv4 for a whole network, as far as the address alone shows.
    pub fn broadcast(&self) -> bool {
        let [f0, f1, _, _, _, _, _, last, ..] = self.bytes;
        c_int::from(u16::from_ne_bytes([f0, f1])) == libc::AF_INET && last == 255
    }

    /// Whether it lies on this machine's loopback.
    fn loopback(&self) -> bool {
        let [f0, f1, _, _, a, ..] = self.bytes;
        match c_int::from(u16::from_ne_bytes([f0, f1])) {
            libc::AF_INET => a == 127,
            libc::AF_INET6 => {
                let ip = self.bytes.get(8..24).unwrap_or(&[]);
                let (head, tail) = ip.split_at_checked(12).unwrap_or((&[], &[]));
                tail == [0, 0, 0, 1] || (head.ends_with(&[0xff, 0xff]) && tail.first() == Some(&127))
            }
            _ => false,
        }
    }
}

/// The address that connect, bind or a send names; empty when there is none.
pub fn address(cx: &Cx) -> Address {
    let mut a = Address { bytes: [0; ADDR_MAX], len: 0 };
    let (at, len) = match cx.call {
        Call::connect | Call::bind => (cx.arg(1), cx.arg(2)),
        Call::sendto => (cx.arg(4), cx.arg(5)),
        Call::sendmsg | Call::sendmmsg => {
            data::header(cx).map_or((0, 0), |m| (m.msg_name as u64, u64::from(m.msg_namelen)))
        }
        _ => (0, 0),
    };
    let len = (len as u32 as usize).min(ADDR_MAX);
    // In words, as far as there are some: no address is longer than it says.
    for (k, to) in a.bytes.chunks_mut(2).enumerate() {
        if at == 0 || 2 * k + 2 > len {
            break;
        }
        let Some(v) = fetch::<[u8; 2]>(at.wrapping_add(2 * k as u64), false) else { return a };
        for (to, b) in to.iter_mut().zip(v) {
            *to = b;
        }
        a.len = 2 * k + 2;
    }
    a
}

/// The peer of a call's socket is on this machine.
pub fn on_loopback(cx: &Cx) -> bool {
    let named = address(cx);
    if named.len > 0 {
        return named.loopback();
    }
    cx.conn.is_some_and(|c| Address { bytes: c.peer, len: usize::from(c.peer_len) }.loopback())
}

/// connect() goes to a socket that is bound and does not listen: the kernel refuses it, at once or asynchronously.
pub fn refuse(job: &mut Job, c: &Chosen, other: c_int) -> Option<i64> {
    let cx = job.cx;
    let fresh = kernel::tcp_state(cx.fd) == Some(tcp::CLOSE);
    if !fresh {
        job.skip(c, Skip::Precondition);
        return None;
    }
    let Some((fd, addr, len)) = kernel::sink(cx.v6()) else {
        job.skip(c, Skip::Refused);
        return None;
    };
    let mut to = data::Changed::of(cx);
    to.set(1, addr.as_ptr() as u64);
    to.set(2, len as u64);
    let ret = data::call_real(Call::connect, &to.args);
    let e = errno();
    sys::close(fd);
    job.fire(c, Recipe::RefuseSink, 0, if other != 0 { other as u64 } else { libc::ECONNREFUSED as u64 });
    if other != 0
        && let Some(conn) = job.plan.conn
    {
        conn.errno.store(other as u32, Ordering::Relaxed);
    }
    set_errno(e);
    Some(ret)
}

const TCP_USER_TIMEOUT: c_int = 18;
const TCP_SYNCNT: c_int = 7;

/// connect() gets no answer, and the kernel gives up after the action's time.
pub fn time_out(job: &mut Job, c: &Chosen, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    let cx = job.cx;
    let ns = if c.action.dist.mean != 0 { job.time(c) } else { 3_000_000_000 };
    let ms = (ns / 1_000_000).clamp(1, c_int::MAX as u64) as c_int;
    // The first SYN waits a second for its answer, each further one twice as long.
    let retries = (0..6).find(|n| (2 << n) > ms / 1000).unwrap_or(6).max(1);
    let old = kernel::get(cx.fd, libc::IPPROTO_TCP, TCP_USER_TIMEOUT).unwrap_or(0);
    let count = kernel::get(cx.fd, libc::IPPROTO_TCP, TCP_SYNCNT).unwrap_or(6);
    if !kernel::deaf(cx.fd, cx.v6(), true) {
        job.skip(c, Skip::Refused);
        return None;
    }
    kernel::set(cx.fd, libc::IPPROTO_TCP, TCP_USER_TIMEOUT, ms);
    kernel::set(cx.fd, libc::IPPROTO_TCP, TCP_SYNCNT, retries);
    job.fire(c, Recipe::MinTtlTimeout, 0, ns);
    let ret = real();
    let e = errno();
    if ret == -1 && e != libc::EINPROGRESS && e != libc::EINTR {
        kernel::deaf(cx.fd, cx.v6(), false);
        kernel::set(cx.fd, libc::IPPROTO_TCP, TCP_USER_TIMEOUT, old);
        kernel::set(cx.fd, libc::IPPROTO_TCP, TCP_SYNCNT, count);
    } else {
        decide::mark(job.plan.conn, state::DEAF, true);
    }
    set_errno(e);
    Some(ret)
}

/// A blocking connect() is interrupted; the kernel goes on with it.
pub fn interrupt(job: &mut Job, c: &Chosen, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    let cx = job.cx;
    if !kernel::blocks(cx.fd, 0) {
        job.skip(c, Skip::Nonblocking);
        return None;
    }
    let old = kernel::timeout(cx.fd, libc::SO_SNDTIMEO);
    let fine = match kernel::handlers() {
        kernel::Handlers::Interrupting => true,
        kernel::Handlers::Restarting => old != 0,
        kernel::Handlers::None => false,
    };
    if !fine {
        job.skip(c, Skip::NoHandler);
        return None;
    }
    kernel::set_timeout(cx.fd, libc::SO_SNDTIMEO, 1000);
    let ret = real();
    let e = errno();
    kernel::set_timeout(cx.fd, libc::SO_SNDTIMEO, old);
    set_errno(e);
    if ret == -1 && e != libc::EINPROGRESS {
        return Some(ret);
    }
    if ret == 0 {
        decide::mark(job.plan.conn, state::CONNECTING, true);
    }
    job.fire(c, Recipe::SendTimeout, 0, libc::EINTR as u64);
    set_errno(libc::EINTR);
    Some(-1)
}

/// accept() takes the connection, resets it and fails.
pub fn take(job: &mut Job, c: &Chosen, e: c_int, level: u8) -> Option<i64> {
    let fd = data::call_real(job.cx.call, &data::Changed::of(job.cx).args);
    if fd < 0 {
        return Some(fd);
    }
    kernel::close_hard(fd as c_int);
    job.fire(c, Recipe::AcceptClose, level, e as u64);
    Some(job.fail(e))
}

/// Packets of the connection vanish, in one direction or both; with `timeout` until the kernel gives up.
pub fn silence(job: &mut Job, c: &Chosen, timeout: bool) {
    let cx = job.cx;
    let conn = job.plan.conn;
    if decide::is(conn, state::DEAF | state::MUTE) || !cx.inet() {
        if !cx.inet() {
            job.skip(c, Skip::WrongFamily);
        }
        return;
    }
    let dir = if timeout || c.action.kind() == Some(Kind::Halfopen) { Dir::In } else { c.action.dir() };
    let local = on_loopback(cx);
    let (mut hear, mut speak) = (dir != Dir::Out, dir != Dir::In && !local);
    if !hear && !speak {
        // Loopback packets pass no router.
        return job.skip(c, Skip::Precondition);
    }
    if hear {
        hear = if cx.tcp() { kernel::deaf(cx.fd, cx.v6(), true) } else { kernel::deaf_datagrams(cx.fd, true) };
    }
    if speak {
        speak = kernel::mute(cx.fd, cx.v6(), true);
    }
    if !hear && !speak {
        return job.skip(c, Skip::Refused);
    }
    decide::mark(conn, if hear { state::DEAF } else { 0 } | if speak { state::MUTE } else { 0 }, true);
    let ns = job.time(c);
    if timeout {
        let ms = (ns / 1_000_000).clamp(1, c_int::MAX as u64) as c_int;
        kernel::set(cx.fd, libc::IPPROTO_TCP, TCP_USER_TIMEOUT, ms);
    }
    let how = match (hear, speak) {
        _ if timeout => Recipe::MinTtlTimeout,
        (true, _) if cx.tcp() => Recipe::MinTtl,
        (true, _) => Recipe::Filter,
        _ => Recipe::Ttl,
    };
    job.fire(c, how, 0, ns);
    if !timeout && ns != 0 {
        ticker::heal(cx, conn, ns);
    }
}

/// What is no longer so can be heard and sent again.
pub fn heal(fd: c_int, v6: bool, tcp: bool, was: u32) {
    if was & state::DEAF != 0 {
        if tcp {
            kernel::deaf(fd, v6, false);
        } else {
            kernel::deaf_datagrams(fd, false);
        }
    }
    if was & state::MUTE != 0 {
        kernel::mute(fd, v6, false);
    }
}

/// The kernel's answers about a socket that a fault has changed: its names, and its error.
pub fn names(cx: &Cx, conn: &FaultConn) {
    let flags = conn.flags.load(Ordering::Relaxed);
    if cx.call == Call::getsockname && flags & state::DEAD != 0 {
        let Some(info) = cx.conn.filter(|c| c.local_len > 0) else { return };
        let (to, len) = (cx.arg(1) as *mut u8, usize::from(info.local_len));
        // The kernel has told its shorter or equal name: for an internet socket the length is the same.
        if let Some(told) = fetch::<u32>(cx.arg(2), true) {
            let n = len.min(told as usize);
            // SAFETY: the kernel has just written that many bytes there.
            unsafe { core::ptr::copy_nonoverlapping(info.local.as_ptr(), to, n) };
        }
    }
    if cx.call == Call::getsockopt && cx.arg(1) as c_int == libc::SOL_SOCKET && cx.arg(2) as c_int == libc::SO_ERROR {
        let at = cx.arg(3) as *mut c_int;
        if let Some(told) = fetch::<c_int>(cx.arg(3), true)
            && (matches!(told, libc::ECONNRESET | libc::ECONNREFUSED) || told == 0 && flags & state::PARKED != 0)
            && let Some(other) = decide::parked(Some(conn)).or_else(|| decide::take_errno(Some(conn)))
        {
            // SAFETY: the kernel has just written an int there.
            unsafe { at.write_unaligned(other) };
        }
    }
    if cx.call == Call::getsockopt
        && cx.arg(1) as c_int == libc::IPPROTO_TCP
        && cx.arg(2) as c_int == libc::TCP_INFO
        && flags & state::EOF != 0
        && let Some(told) = fetch::<u8>(cx.arg(3), true)
    {
        // The peer's end was told, so the connection is where it would be after its FIN.
        let shown = match told {
            tcp::ESTABLISHED => tcp::CLOSE_WAIT,
            tcp::FIN_WAIT1 | tcp::CLOSING => tcp::LAST_ACK,
            tcp::FIN_WAIT2 | tcp::TIME_WAIT => tcp::CLOSE,
            other => other,
        };
        // SAFETY: the kernel has just written tcpi_state there.
        unsafe { (cx.arg(3) as *mut u8).write(shown) };
    }
}
