//! Calls that move data and change tables by it: descriptors that arrive, addresses the kernel chose.

use super::socket::entry;
use crate::cold::conns;
use crate::hot::fds::{self, Entry};
use crate::hot::order::on;
use crate::hot::state;
use libc::{c_int, c_uint, c_void, cmsghdr, mmsghdr, msghdr, off_t, size_t, sockaddr, socklen_t, ssize_t, timespec};
use socklens_wire::conn::flag;

/// The kernel names an unbound socket at its first send.
fn sent(e: Entry, fd: c_int, ok: bool) -> Entry {
    if ok
        && e.conn().and_then(conns::info).is_some_and(|c| {
            c.flags & flag::LOCAL == 0 && matches!(i32::from(c.family), libc::AF_INET | libc::AF_INET6)
        })
    {
        conns::learn_local(e, fd);
    }
    e
}

pub unsafe fn sendto(
    real: extern "C" fn(c_int, *const c_void, size_t, c_int, *const sockaddr, socklen_t) -> ssize_t,
    fd: c_int,
    buf: *const c_void,
    len: size_t,
    flags: c_int,
    addr: *const sockaddr,
    addrlen: socklen_t,
) -> ssize_t {
    if !on() {
        return real(fd, buf, len, flags, addr, addrlen);
    }
    let e = entry(fd);
    observe!(sendto(fd, buf, len, flags, addr, addrlen), e, || real(fd, buf, len, flags, addr, addrlen), |r| sent(
        e,
        fd,
        r >= 0
    ))
}

pub unsafe fn sendmsg(
    real: extern "C" fn(c_int, *const msghdr, c_int) -> ssize_t,
    fd: c_int,
    msg: *const msghdr,
    flags: c_int,
) -> ssize_t {
    if !on() {
        return real(fd, msg, flags);
    }
    let e = entry(fd);
    observe!(sendmsg(fd, msg, flags), e, || real(fd, msg, flags), |r| sent(e, fd, r >= 0))
}

pub unsafe fn sendmmsg(
    real: extern "C" fn(c_int, *mut mmsghdr, c_uint, c_int) -> c_int,
    fd: c_int,
    msgs: *mut mmsghdr,
    vlen: c_uint,
    flags: c_int,
) -> c_int {
    if !on() {
        return real(fd, msgs, vlen, flags);
    }
    let e = entry(fd);
    observe!(sendmmsg(fd, msgs, vlen, flags), e, || real(fd, msgs, vlen, flags), |r| sent(e, fd, r > 0))
}

/// Enters the sockets among the descriptors that a message brought.
///
/// # Safety
/// The kernel has just filled `m` in a successful receive.
unsafe fn arrived(m: *const msghdr) {
    if state::tls().vfork_child.get() != 0 {
        return;
    }
    // SAFETY: after success the header, and control bytes up to its new msg_controllen, were written by the kernel.
    unsafe {
        let (mut at, mut left) = ((*m).msg_control.cast_const().cast::<u8>(), (*m).msg_controllen);
        let head = size_of::<cmsghdr>();
        while !at.is_null() && left >= head {
            let c = core::ptr::read_unaligned(at.cast::<cmsghdr>());
            let len = c.cmsg_len;
            if len < head || len > left {
                break;
            }
            if c.cmsg_level == libc::SOL_SOCKET && c.cmsg_type == libc::SCM_RIGHTS {
                for k in 0..(len - head) / 4 {
                    let fd = core::ptr::read_unaligned(at.add(head + 4 * k).cast::<c_int>());
                    conns::forget(fd);
                    conns::classify(fd);
                }
            }
            let step = (len + 7) & !7;
            if step >= left {
                break;
            }
            at = at.add(step);
            left -= step;
        }
    }
}

pub unsafe fn recvmsg(
    real: extern "C" fn(c_int, *mut msghdr, c_int) -> ssize_t,
    fd: c_int,
    msg: *mut msghdr,
    flags: c_int,
) -> ssize_t {
    if !on() {
        return real(fd, msg, flags);
    }
    let e = entry(fd);
    observe!(recvmsg(fd, msg, flags), e, || real(fd, msg, flags), |r| {
        if r >= 0 {
            // SAFETY: the receive succeeded.
            unsafe { arrived(msg) };
        }
        e
    })
}

pub unsafe fn recvmmsg(
    real: extern "C" fn(c_int, *mut mmsghdr, c_uint, c_int, *mut timespec) -> c_int,
    fd: c_int,
    msgs: *mut mmsghdr,
    vlen: c_uint,
    flags: c_int,
    timeout: *mut timespec,
) -> c_int {
    if !on() {
        return real(fd, msgs, vlen, flags, timeout);
    }
    let e = entry(fd);
    observe!(recvmmsg(fd, msgs, vlen, flags, timeout), e, || real(fd, msgs, vlen, flags, timeout), |r| {
        for k in 0..r.max(0) as usize {
            // SAFETY: the kernel filled the first r messages.
            unsafe { arrived(&raw const (*msgs.add(k)).msg_hdr) };
        }
        e
    })
}

/// The socket among two descriptors, the written one first; None when neither is.
fn either(out: c_int, other: c_int) -> Option<Entry> {
    [out, other].into_iter().map(fds::get).find(|e| e.conn().is_some())
}

pub unsafe fn sendfile(
    real: extern "C" fn(c_int, c_int, *mut off_t, size_t) -> ssize_t,
    out: c_int,
    fd_in: c_int,
    offset: *mut off_t,
    len: size_t,
) -> ssize_t {
    match on().then(|| either(out, fd_in)).flatten() {
        None => real(out, fd_in, offset, len),
        Some(e) => observe!(sendfile(out, fd_in, offset, len), e, || real(out, fd_in, offset, len), |_| e),
    }
}

pub unsafe fn splice(
    real: extern "C" fn(c_int, *mut i64, c_int, *mut i64, size_t, c_uint) -> ssize_t,
    fd_in: c_int,
    off_in: *mut i64,
    out: c_int,
    off_out: *mut i64,
    len: size_t,
    flags: c_uint,
) -> ssize_t {
    match on().then(|| either(out, fd_in)).flatten() {
        None => real(fd_in, off_in, out, off_out, len, flags),
        Some(e) => observe!(
            splice(fd_in, off_in, out, off_out, len, flags),
            e,
            || real(fd_in, off_in, out, off_out, len, flags),
            |_| e
        ),
    }
}

pub unsafe fn copy_file_range(
    real: extern "C" fn(c_int, *mut i64, c_int, *mut i64, size_t, c_uint) -> ssize_t,
    fd_in: c_int,
    off_in: *mut i64,
    out: c_int,
    off_out: *mut i64,
    len: size_t,
    flags: c_uint,
) -> ssize_t {
    match on().then(|| either(out, fd_in)).flatten() {
        None => real(fd_in, off_in, out, off_out, len, flags),
        Some(e) => observe_if!(
            copy_file_range(fd_in, off_in, out, off_out, len, flags),
            e,
            || real(fd_in, off_in, out, off_out, len, flags),
            |_| (e, true)
        ),
    }
}
