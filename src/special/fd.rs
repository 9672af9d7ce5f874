//! Calls that close, copy and make descriptors. The table changes before a close and after everything else.

use crate::cold::conns;
use crate::fault;
use crate::hot::fds::{self, Entry};
use crate::hot::order::{self, errno, on, set_errno};
use crate::hot::state;
use libc::{FILE, c_char, c_int, c_long, c_uint, c_ulong};
use socklens_calls::Call;

/// In the child of a vfork descriptors are its own: the table stays as the parent has it.
fn vfork_child() -> bool {
    state::tls().vfork_child.get() != 0
}

/// Takes an entry out before a close; in a vfork child only looks.
fn take(fd: c_int) -> Entry {
    if vfork_child() { fds::get(fd) } else { fds::take_to_close(fd) }
}

/// After the close: one descriptor less.
fn closed(fd: c_int, e: Entry) {
    if !vfork_child() {
        fds::closed(fd, e);
        conns::release(fd, e);
    }
}

#[inline(always)]
pub unsafe fn close(real: extern "C" fn(c_int) -> c_int, fd: c_int) -> c_int {
    if !on() || fds::get(fd) == Entry::NONE {
        return real(fd);
    }
    tracked(real, fd)
}

/// As [`close`] of what is in the table. Apart, so that the others need no frame.
#[inline(never)]
fn tracked(real: extern "C" fn(c_int) -> c_int, fd: c_int) -> c_int {
    let e = take(fd);
    conns::before_close(fd, e);
    let r = observe_if!(close(fd), e, || real(fd), |_| (e, e.conn().is_some()));
    closed(fd, e);
    r
}

/// Closes a range: every entry in it goes first.
fn close_many<R>(first: c_uint, last: c_uint, real: impl FnOnce() -> R) -> R {
    if !vfork_child() {
        fds::each(first, last, |fd, e| {
            conns::before_close(fd, e);
            fds::set(fd, Entry::NONE);
            conns::release(fd, e);
        });
    }
    real()
}

pub unsafe fn close_range(
    real: extern "C" fn(c_uint, c_uint, c_int) -> c_int,
    first: c_uint,
    last: c_uint,
    flags: c_int,
) -> c_int {
    const CLOEXEC: c_int = 4;
    if !on() {
        return real(first, last, flags);
    }
    observe!(
        close_range(first, last, flags),
        Entry::NONE,
        || {
            // A call that fails for its arguments closes nothing.
            if flags & CLOEXEC != 0 || flags & !6 != 0 || first > last {
                return real(first, last, flags);
            }
            close_many(first, last, || real(first, last, flags))
        },
        |_| Entry::NONE
    )
}

pub unsafe fn closefrom(real: extern "C" fn(c_int), first: c_int) {
    if !on() {
        return real(first);
    }
    observe!(closefrom(first), Entry::NONE, || close_many(first.max(0) as c_uint, c_uint::MAX, || real(first)), |()| {
        Entry::NONE
    })
}

/// The descriptor of a stream, with errno as it was.
fn number_of(file: *mut FILE) -> c_int {
    if file.is_null() {
        return -1;
    }
    let saved = errno();
    // SAFETY: a stream the caller is about to use, or has just been given.
    let fd = unsafe { libc::fileno(file) };
    set_errno(saved);
    fd
}

pub unsafe fn fclose(real: extern "C" fn(*mut FILE) -> c_int, file: *mut FILE) -> c_int {
    if !on() {
        return real(file);
    }
    let fd = number_of(file);
    if fd < 0 || fds::get(fd) == Entry::NONE {
        return real(file);
    }
    let e = take(fd);
    conns::before_close(fd, e);
    let r = observe_if!(fclose(file), e, || real(file), |_| (e, e.conn().is_some()));
    closed(fd, e);
    r
}

pub unsafe fn freopen(
    real: extern "C" fn(*const c_char, *const c_char, *mut FILE) -> *mut FILE,
    path: *const c_char,
    mode: *const c_char,
    file: *mut FILE,
) -> *mut FILE {
    if on() {
        let fd = number_of(file);
        let e = take(fd);
        closed(fd, e);
    }
    let f = real(path, mode, file);
    conns::forget(number_of(f));
    f
}

pub unsafe fn fopen(
    real: extern "C" fn(*const c_char, *const c_char) -> *mut FILE,
    path: *const c_char,
    mode: *const c_char,
) -> *mut FILE {
    if fault::exhausted(Call::fopen) {
        return order::no_descriptor(Call::fopen);
    }
    let f = real(path, mode);
    if state::mode() == state::mode::ON {
        conns::forget(number_of(f));
    }
    f
}

pub unsafe fn popen(
    real: extern "C" fn(*const c_char, *const c_char) -> *mut FILE,
    command: *const c_char,
    mode: *const c_char,
) -> *mut FILE {
    if !on() {
        return real(command, mode);
    }
    observe!(popen(command, mode), Entry::NONE, || crate::cold::env::lent(|| real(command, mode)), |f| {
        conns::forget(number_of(f));
        Entry::NONE
    })
}

/// After a successful dup: `new` is what `e` is.
fn copied(e: Entry, new: c_int) {
    if new >= 0 && !vfork_child() {
        conns::alias(e, new);
    }
}

pub unsafe fn dup(real: extern "C" fn(c_int) -> c_int, fd: c_int) -> c_int {
    if !on() {
        return real(fd);
    }
    let e = fds::get(fd);
    observe_if!(dup(fd), e, || real(fd), |new| {
        copied(e, new);
        (e, e.conn().is_some())
    })
}

pub unsafe fn dup2(real: extern "C" fn(c_int, c_int) -> c_int, fd: c_int, new: c_int) -> c_int {
    if !on() {
        return real(fd, new);
    }
    let e = fds::get(fd);
    let worth = e.conn().is_some() || fds::get(new).conn().is_some();
    if fd != new {
        conns::before_close(new, fds::get(new));
    }
    observe_if!(dup2(fd, new), e, || real(fd, new), |r| {
        if fd != new {
            copied(e, r);
        }
        (e, worth)
    })
}

pub unsafe fn dup3(real: extern "C" fn(c_int, c_int, c_int) -> c_int, fd: c_int, new: c_int, flags: c_int) -> c_int {
    if !on() {
        return real(fd, new, flags);
    }
    let e = fds::get(fd);
    let worth = e.conn().is_some() || fds::get(new).conn().is_some();
    if fd != new {
        conns::before_close(new, fds::get(new));
    }
    observe_if!(dup3(fd, new, flags), e, || real(fd, new, flags), |r| {
        copied(e, r);
        (e, worth)
    })
}

pub unsafe fn fcntl(real: extern "C" fn(c_int, c_int, c_long) -> c_int, fd: c_int, cmd: c_int, arg: c_long) -> c_int {
    let copies = matches!(cmd, libc::F_DUPFD | libc::F_DUPFD_CLOEXEC);
    if !on() {
        return real(fd, cmd, arg);
    }
    let e = fds::get(fd);
    if e == Entry::NONE && !copies {
        return real(fd, cmd, arg);
    }
    observe_if!(fcntl(fd, cmd, arg), e, || real(fd, cmd, arg), |r| {
        if copies {
            copied(e, r);
        }
        if cmd == libc::F_SETFL && r == 0 {
            conns::update(e, |c| c.set_nonblocking(arg as c_int & libc::O_NONBLOCK != 0));
        }
        (e, e.conn().is_some())
    })
}

pub unsafe fn ioctl(
    real: extern "C" fn(c_int, c_ulong, c_long) -> c_int,
    fd: c_int,
    request: c_ulong,
    arg: c_long,
) -> c_int {
    if !on() || fds::get(fd).conn().is_none() {
        return real(fd, request, arg);
    }
    let e = fds::get(fd);
    observe!(ioctl(fd, request, arg), e, || real(fd, request, arg), |r| {
        if request == libc::FIONBIO && r == 0 {
            // SAFETY: the kernel has just read this int.
            let on = unsafe { *(arg as *const c_int) } != 0;
            conns::update(e, |c| c.set_nonblocking(on));
        }
        e
    })
}

/// Two descriptors that are no sockets.
unsafe fn two(r: c_int, fds: *const c_int) -> c_int {
    if r == 0 && state::mode() == state::mode::ON {
        // SAFETY: the kernel has just written both.
        unsafe {
            conns::forget(*fds);
            conns::forget(*fds.add(1));
        }
    }
    r
}

pub unsafe fn pipe(real: extern "C" fn(*mut c_int) -> c_int, fds: *mut c_int) -> c_int {
    if fault::exhausted(Call::pipe) {
        return order::no_descriptor(Call::pipe);
    }
    // SAFETY: fds is what the kernel was given.
    unsafe { two(real(fds), fds) }
}

pub unsafe fn pipe2(real: extern "C" fn(*mut c_int, c_int) -> c_int, fds: *mut c_int, flags: c_int) -> c_int {
    if fault::exhausted(Call::pipe2) {
        return order::no_descriptor(Call::pipe2);
    }
    // SAFETY: fds is what the kernel was given.
    unsafe { two(real(fds, flags), fds) }
}
