//! Calls that make, name and connect sockets.

use crate::cold::{conns, stats};
use crate::hot::fds::{self, Entry};
use crate::hot::order::{errno, on};
use crate::hot::state;
use crate::sys;
use libc::{c_int, sa_family_t, sockaddr, socklen_t};
use socklens_wire::ConnInfo;
use socklens_wire::conn::{ADDR_MAX, flag, role};

const TYPE_MASK: c_int = 0xf;

fn fresh(domain: c_int, ty: c_int, protocol: c_int) -> ConnInfo {
    let mut c = ConnInfo::zero();
    c.family = domain as u16;
    c.ty = (ty & TYPE_MASK) as u16;
    c.protocol = protocol as u16;
    c.set_nonblocking(ty & libc::SOCK_NONBLOCK != 0);
    c
}

/// Enters a new socket, unless this is the child of a vfork, whose table is not ours.
fn born(fd: c_int, c: ConnInfo) -> Entry {
    if fd < 0 || state::tls().vfork_child.get() != 0 { Entry::NONE } else { conns::born(fd, c) }
}

/// The entry of a socket on which a socket call is made.
pub(super) fn entry(fd: c_int) -> Entry {
    match fds::get(fd) {
        Entry::NONE => conns::classify(fd),
        e => e,
    }
}

pub unsafe fn socket(
    real: extern "C" fn(c_int, c_int, c_int) -> c_int,
    domain: c_int,
    ty: c_int,
    protocol: c_int,
) -> c_int {
    if !on() {
        return real(domain, ty, protocol);
    }
    observe!(socket(domain, ty, protocol), Entry::NONE, || real(domain, ty, protocol), |fd| born(
        fd,
        fresh(domain, ty, protocol)
    ))
}

pub unsafe fn socketpair(
    real: extern "C" fn(c_int, c_int, c_int, *mut c_int) -> c_int,
    domain: c_int,
    ty: c_int,
    protocol: c_int,
    sv: *mut c_int,
) -> c_int {
    if !on() {
        return real(domain, ty, protocol, sv);
    }
    observe!(socketpair(domain, ty, protocol, sv), Entry::NONE, || real(domain, ty, protocol, sv), |r| {
        if r != 0 {
            return Entry::NONE;
        }
        // SAFETY: the kernel has just written both descriptors.
        let (a, b) = unsafe { (*sv, *sv.add(1)) };
        let (of_a, of_b) = (conns::inode(a), conns::inode(b));
        let mut c = ConnInfo { role: role::PAIR, ino: of_a, other: of_b as u32, ..fresh(domain, ty, protocol) };
        let first = born(a, c);
        (c.ino, c.other) = (of_b, of_a as u32);
        born(b, c);
        first
    })
}

pub unsafe fn bind(
    real: extern "C" fn(c_int, *const sockaddr, socklen_t) -> c_int,
    fd: c_int,
    addr: *const sockaddr,
    len: socklen_t,
) -> c_int {
    if !on() {
        return real(fd, addr, len);
    }
    let e = entry(fd);
    observe!(bind(fd, addr, len), e, || real(fd, addr, len), |r| {
        if r == 0 && conns::may_ask() {
            conns::learn_local(e, fd);
        } else if r == 0 {
            // SAFETY: bind has just read this address.
            let (a, n) = unsafe { conns::copy_addr(addr.cast(), len as usize) };
            conns::update(e, |c| c.set_local(&a, n));
        }
        e
    })
}

pub unsafe fn listen(real: extern "C" fn(c_int, c_int) -> c_int, fd: c_int, backlog: c_int) -> c_int {
    if !on() {
        return real(fd, backlog);
    }
    let e = entry(fd);
    observe!(listen(fd, backlog), e, || real(fd, backlog), |r| {
        if r == 0 {
            let known = e.conn().and_then(conns::info).is_some_and(|c| c.flags & flag::LOCAL != 0);
            if !known {
                conns::learn_local(e, fd);
            }
            conns::update(e, |c| c.role = role::LISTENER);
        }
        e
    })
}

/// Enters the socket accept has just made.
fn accepted(fd: c_int, listener: Entry, flags: c_int) -> Entry {
    if fd < 0 {
        return listener;
    }
    let mut c = ConnInfo::zero();
    if let Some(l) = listener.conn().and_then(conns::info) {
        c.family = l.family;
        c.ty = l.ty;
        c.protocol = l.protocol;
        c.set_local(&l.local, l.local_len);
    }
    c.role = role::SERVER;
    c.set_nonblocking(flags & libc::SOCK_NONBLOCK != 0);
    if conns::may_ask() {
        let mut a = [0; ADDR_MAX];
        let n = sys::sock_name(libc::SYS_getsockname, fd, &mut a);
        c.set_local(&a, n);
        let mut a = [0; ADDR_MAX];
        let n = sys::sock_name(libc::SYS_getpeername, fd, &mut a);
        c.set_peer(&a, n);
    }
    let e = born(fd, c);
    conns::accepted_from(e, listener);
    e
}

pub unsafe fn accept(
    real: extern "C" fn(c_int, *mut sockaddr, *mut socklen_t) -> c_int,
    fd: c_int,
    addr: *mut sockaddr,
    len: *mut socklen_t,
) -> c_int {
    if !on() {
        return real(fd, addr, len);
    }
    let e = entry(fd);
    observe!(accept(fd, addr, len), e, || real(fd, addr, len), |new| accepted(new, e, 0))
}

pub unsafe fn accept4(
    real: extern "C" fn(c_int, *mut sockaddr, *mut socklen_t, c_int) -> c_int,
    fd: c_int,
    addr: *mut sockaddr,
    len: *mut socklen_t,
    flags: c_int,
) -> c_int {
    if !on() {
        return real(fd, addr, len, flags);
    }
    let e = entry(fd);
    observe!(accept4(fd, addr, len, flags), e, || real(fd, addr, len, flags), |new| accepted(new, e, flags))
}

pub unsafe fn connect(
    real: extern "C" fn(c_int, *const sockaddr, socklen_t) -> c_int,
    fd: c_int,
    addr: *const sockaddr,
    len: socklen_t,
) -> c_int {
    if !on() {
        return real(fd, addr, len);
    }
    let e = entry(fd);
    stats::connect_begins(e);
    observe!(connect(fd, addr, len), e, || real(fd, addr, len), |r| {
        stats::connect_ended(e, if r == 0 { 0 } else { errno() });
        let under_way = r == 0 || matches!(errno(), libc::EINPROGRESS | libc::EINTR | libc::EALREADY);
        if under_way && e != Entry::NONE {
            // SAFETY: the kernel has read this address: it accepted it.
            let (a, n) = unsafe { conns::copy_addr(addr.cast(), len as usize) };
            let dissolved = i32::from(a[0]) | i32::from(a[1]) << 8 == libc::AF_UNSPEC;
            let mut local = [0; ADDR_MAX];
            let asked = conns::may_ask();
            let local_len = if asked { sys::sock_name(libc::SYS_getsockname, fd, &mut local) } else { 0 };
            conns::update(e, |c| {
                if asked {
                    c.set_local(&local, local_len);
                }
                c.set_peer(&a, if dissolved { 0 } else { n });
                c.role = if dissolved { role::UNKNOWN } else { role::CLIENT };
            });
        }
        e
    })
}

pub unsafe fn rresvport(real: extern "C" fn(*mut c_int) -> c_int, port: *mut c_int) -> c_int {
    if !on() {
        return real(port);
    }
    observe!(rresvport(port), Entry::NONE, || real(port), |fd| born(fd, fresh(libc::AF_INET, libc::SOCK_STREAM, 0)))
}

pub unsafe fn rresvport_af(
    real: extern "C" fn(*mut c_int, sa_family_t) -> c_int,
    port: *mut c_int,
    family: sa_family_t,
) -> c_int {
    if !on() {
        return real(port, family);
    }
    observe!(rresvport_af(port, family), Entry::NONE, || real(port, family), |fd| born(
        fd,
        fresh(i32::from(family), libc::SOCK_STREAM, 0)
    ))
}
