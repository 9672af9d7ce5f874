//! Calls that wait for readiness: recorded when a socket is among what they wait for.

use crate::cold::{conns, stats};
use crate::hot::capture::polls_socket;
use crate::hot::fds::{self, Entry};
use crate::hot::order::{errno, on};
use crate::hot::state;
use libc::{c_int, epoll_event, fd_set, nfds_t, pollfd, sigset_t, size_t, timespec, timeval};

/// A poll array that the kernel has read holds a socket.
pub(super) fn polled(r: c_int, fds: *const pollfd, n: nfds_t) -> (Entry, bool) {
    let read = r >= 0 || errno() == libc::EINTR;
    if r > 0 {
        // SAFETY: the kernel has just written the array.
        unsafe { stats::polled(fds, n) };
    }
    (Entry::NONE, read && polls_socket(fds as u64, n))
}

pub unsafe fn poll(
    real: extern "C" fn(*mut pollfd, nfds_t, c_int) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout: c_int,
) -> c_int {
    if !on() {
        return real(fds, n, timeout);
    }
    observe_if!(poll(fds, n, timeout), Entry::NONE, || real(fds, n, timeout), |r| polled(r, fds, n))
}

pub unsafe fn __poll_chk(
    real: extern "C" fn(*mut pollfd, nfds_t, c_int, size_t) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout: c_int,
    len: size_t,
) -> c_int {
    if !on() {
        return real(fds, n, timeout, len);
    }
    observe_if!(__poll_chk(fds, n, timeout, len), Entry::NONE, || real(fds, n, timeout, len), |r| polled(r, fds, n))
}

pub unsafe fn ppoll(
    real: extern "C" fn(*mut pollfd, nfds_t, *const timespec, *const sigset_t) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    if !on() {
        return real(fds, n, timeout, mask);
    }
    observe_if!(ppoll(fds, n, timeout, mask), Entry::NONE, || real(fds, n, timeout, mask), |r| polled(r, fds, n))
}

pub unsafe fn __ppoll_chk(
    real: extern "C" fn(*mut pollfd, nfds_t, *const timespec, *const sigset_t, size_t) -> c_int,
    fds: *mut pollfd,
    n: nfds_t,
    timeout: *const timespec,
    mask: *const sigset_t,
    len: size_t,
) -> c_int {
    if !on() {
        return real(fds, n, timeout, mask, len);
    }
    observe_if!(__ppoll_chk(fds, n, timeout, mask, len), Entry::NONE, || real(fds, n, timeout, mask, len), |r| polled(
        r, fds, n
    ))
}

pub unsafe fn select(
    real: extern "C" fn(c_int, *mut fd_set, *mut fd_set, *mut fd_set, *mut timeval) -> c_int,
    n: c_int,
    r: *mut fd_set,
    w: *mut fd_set,
    x: *mut fd_set,
    timeout: *mut timeval,
) -> c_int {
    // A timeout empties the sets, so afterwards they tell nothing: any descriptor makes the call worth an event, and
    // only the use as a sleep is left out.
    if n <= 0 || !on() {
        return real(n, r, w, x, timeout);
    }
    observe_sets!(select(n, r, w, x, timeout), || real(n, r, w, x, timeout))
}

pub unsafe fn pselect(
    real: extern "C" fn(c_int, *mut fd_set, *mut fd_set, *mut fd_set, *const timespec, *const sigset_t) -> c_int,
    n: c_int,
    r: *mut fd_set,
    w: *mut fd_set,
    x: *mut fd_set,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    if n <= 0 || !on() {
        return real(n, r, w, x, timeout, mask);
    }
    observe_sets!(pselect(n, r, w, x, timeout, mask), || real(n, r, w, x, timeout, mask))
}

pub unsafe fn epoll_create(real: extern "C" fn(c_int) -> c_int, size: c_int) -> c_int {
    if !on() {
        return real(size);
    }
    observe!(epoll_create(size), Entry::NONE, || real(size), |fd| {
        conns::forget(fd);
        Entry::NONE
    })
}

pub unsafe fn epoll_create1(real: extern "C" fn(c_int) -> c_int, flags: c_int) -> c_int {
    if !on() {
        return real(flags);
    }
    observe!(epoll_create1(flags), Entry::NONE, || real(flags), |fd| {
        conns::forget(fd);
        Entry::NONE
    })
}

pub unsafe fn epoll_ctl(
    real: extern "C" fn(c_int, c_int, c_int, *mut epoll_event) -> c_int,
    epfd: c_int,
    op: c_int,
    fd: c_int,
    event: *mut epoll_event,
) -> c_int {
    if !on() {
        return real(epfd, op, fd, event);
    }
    let e = fds::get(fd);
    observe_if!(epoll_ctl(epfd, op, fd, event), e, || real(epfd, op, fd, event), |r| {
        let watched = e != Entry::NONE;
        if r == 0 && watched && fds::get(epfd) == Entry::NONE && state::tls().vfork_child.get() == 0 {
            fds::set(epfd, Entry(fds::EPOLL));
        }
        (e, watched)
    })
}

/// Whether an epoll instance watches a socket.
pub(super) fn watches(epfd: c_int) -> bool {
    on() && fds::get(epfd).0 & fds::EPOLL != 0
}

pub unsafe fn epoll_wait(
    real: extern "C" fn(c_int, *mut epoll_event, c_int, c_int) -> c_int,
    epfd: c_int,
    events: *mut epoll_event,
    max: c_int,
    timeout: c_int,
) -> c_int {
    if !watches(epfd) {
        return real(epfd, events, max, timeout);
    }
    observe!(epoll_wait(epfd, events, max, timeout), Entry::NONE, || real(epfd, events, max, timeout), |_| Entry::NONE)
}

pub unsafe fn epoll_pwait(
    real: extern "C" fn(c_int, *mut epoll_event, c_int, c_int, *const sigset_t) -> c_int,
    epfd: c_int,
    events: *mut epoll_event,
    max: c_int,
    timeout: c_int,
    mask: *const sigset_t,
) -> c_int {
    if !watches(epfd) {
        return real(epfd, events, max, timeout, mask);
    }
    observe!(
        epoll_pwait(epfd, events, max, timeout, mask),
        Entry::NONE,
        || real(epfd, events, max, timeout, mask),
        |_| Entry::NONE
    )
}

pub unsafe fn epoll_pwait2(
    real: extern "C" fn(c_int, *mut epoll_event, c_int, *const timespec, *const sigset_t) -> c_int,
    epfd: c_int,
    events: *mut epoll_event,
    max: c_int,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    if !watches(epfd) {
        return real(epfd, events, max, timeout, mask);
    }
    observe!(
        epoll_pwait2(epfd, events, max, timeout, mask),
        Entry::NONE,
        || real(epfd, events, max, timeout, mask),
        |_| Entry::NONE
    )
}
