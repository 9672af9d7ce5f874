//! Confinement, and `syscall()`, the door to everything.

use super::process::forking;
use crate::cold::{conns, env};
use crate::hot::fds::Entry;
use crate::hot::order::on;
use crate::hot::{order, real, state};
use core::sync::atomic::Ordering;
use libc::{c_int, c_long};
use socklens_calls::Call;
use socklens_wire::event::Unseen;

/// From the moment a process installs a filter, nothing extra is asked of the kernel. Set before: afterwards may be late.
fn confining(real: impl FnOnce() -> c_long) -> c_long {
    let was = state::CONFINED.swap(1, Ordering::Relaxed);
    if was == 0 {
        crate::fault::confining();
        env::note_unseen(Unseen::Confined);
    }
    let r = real();
    if r < 0 && was == 0 {
        state::CONFINED.store(0, Ordering::Relaxed);
    }
    r
}

pub unsafe fn prctl(
    real: extern "C" fn(c_int, c_long, c_long, c_long, c_long) -> c_int,
    option: c_int,
    a: c_long,
    b: c_long,
    c: c_long,
    d: c_long,
) -> c_int {
    if option == libc::PR_SET_SECCOMP && on() {
        return confining(|| c_long::from(real(option, a, b, c, d))) as c_int;
    }
    real(option, a, b, c, d)
}

/// System calls that are plain rows with the same arguments, and which of those are ints, a bit each.
const PLAIN: [(u16, Call, u8); 18] = [
    (libc::SYS_read as u16, Call::read, 1),
    (libc::SYS_write as u16, Call::write, 1),
    (libc::SYS_shutdown as u16, Call::shutdown, 0b11),
    (libc::SYS_getsockname as u16, Call::getsockname, 1),
    (libc::SYS_getpeername as u16, Call::getpeername, 1),
    (libc::SYS_setsockopt as u16, Call::setsockopt, 0b10111),
    (libc::SYS_getsockopt as u16, Call::getsockopt, 0b111),
    (libc::SYS_recvfrom as u16, Call::recvfrom, 0b1001),
    (libc::SYS_readv as u16, Call::readv, 1),
    (libc::SYS_writev as u16, Call::writev, 1),
    (libc::SYS_preadv as u16, Call::preadv, 1),
    (libc::SYS_pwritev as u16, Call::pwritev, 1),
    (libc::SYS_preadv2 as u16, Call::preadv2, 1),
    (libc::SYS_pwritev2 as u16, Call::pwritev2, 1),
    (libc::SYS_pread64 as u16, Call::pread, 1),
    (libc::SYS_pwrite64 as u16, Call::pwrite, 1),
    (libc::SYS_tee as u16, Call::tee, 0b11),
    (libc::SYS_vmsplice as u16, Call::vmsplice, 1),
];

/// A system call by its number, with the prototype of any function of up to six integers and pointers: what stands in
/// registers beyond its own arguments the kernel does not look at.
extern "C" fn through<const NR: c_long>(a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long) -> c_long {
    type Syscall = extern "C" fn(c_long, c_long, c_long, c_long, c_long, c_long, c_long) -> c_long;
    // SAFETY: the real `syscall`, with the arguments of the call it stands for.
    unsafe { core::mem::transmute::<usize, Syscall>(real::function(Call::syscall))(NR, a, b, c, d, e, f) }
}

/// # Safety
/// `F` is a function pointer, of at most six integers and pointers.
unsafe fn with_prototype<F: Copy>(through: *const ()) -> F {
    // SAFETY: the caller's: both are addresses of functions.
    unsafe { core::mem::transmute_copy(&through) }
}

/// `syscall()`: the socket numbers are the calls they stand for.
#[expect(clippy::too_many_arguments, reason = "syscall's own arguments")]
pub unsafe fn syscall(
    real: extern "C" fn(c_long, c_long, c_long, c_long, c_long, c_long, c_long) -> c_long,
    nr: c_long,
    a: c_long,
    b: c_long,
    c: c_long,
    d: c_long,
    e: c_long,
    f: c_long,
) -> c_long {
    if !on() {
        return real(nr, a, b, c, d, e, f);
    }
    let tls = state::tls();
    let go = || real(nr, a, b, c, d, e, f);
    // Marks what is recorded meanwhile.
    macro_rules! via {
        ($e:expr) => {{
            tls.via_syscall.set(1);
            let r = $e as c_long;
            tls.via_syscall.set(0);
            r
        }};
    }
    // The body of a row, which makes its real call by this number.
    macro_rules! row {
        ($nr:ident, $name:ident($($arg:expr),*)) => {
            // SAFETY: the caller's own arguments, converted as the kernel would read them, and see `through`.
            via!(unsafe {
                super::$name(with_prototype(through::<{ libc::$nr }> as *const ()), $($arg),*)
            })
        };
    }
    let (ai, bi, ci, di) = (a as c_int, b as c_int, c as c_int, d as c_int);
    let plain = |call: Call, ints: u8| {
        let mut args = [a, b, c, d, e, f].map(|v| v as u64);
        for (i, v) in args.iter_mut().enumerate() {
            if ints >> i & 1 != 0 {
                *v = *v as c_int as u64;
            }
        }
        // The offset's upper half is a word of its own, unused on 64-bit; the flags come after it.
        if matches!(call, Call::preadv2 | Call::pwritev2) {
            args[4] = args[5];
        }
        via!(order::plain_call(call, args.get(..call.args().len()).unwrap_or(&[]), go))
    };
    if let Some(&(_, call, ints)) = PLAIN.iter().find(|(n, ..)| i64::from(*n) == nr) {
        return plain(call, ints);
    }
    match nr {
        libc::SYS_socket => row!(SYS_socket, socket(ai, bi, ci)),
        libc::SYS_socketpair => row!(SYS_socketpair, socketpair(ai, bi, ci, d as *mut c_int)),
        libc::SYS_bind => row!(SYS_bind, bind(ai, b as *const _, c as u32)),
        libc::SYS_listen => row!(SYS_listen, listen(ai, bi)),
        libc::SYS_accept => row!(SYS_accept, accept(ai, b as *mut _, c as *mut _)),
        libc::SYS_accept4 => row!(SYS_accept4, accept4(ai, b as *mut _, c as *mut _, di)),
        libc::SYS_connect => row!(SYS_connect, connect(ai, b as *const _, c as u32)),
        libc::SYS_sendto => {
            row!(SYS_sendto, sendto(ai, b as *const _, c as usize, di, e as *const _, f as u32))
        }
        libc::SYS_sendmsg => row!(SYS_sendmsg, sendmsg(ai, b as *const _, ci)),
        libc::SYS_recvmsg => row!(SYS_recvmsg, recvmsg(ai, b as *mut _, ci)),
        libc::SYS_sendmmsg => row!(SYS_sendmmsg, sendmmsg(ai, b as *mut _, c as u32, di)),
        libc::SYS_recvmmsg => row!(SYS_recvmmsg, recvmmsg(ai, b as *mut _, c as u32, di, e as *mut _)),
        libc::SYS_close => row!(SYS_close, close(ai)),
        libc::SYS_close_range => row!(SYS_close_range, close_range(a as u32, b as u32, ci)),
        libc::SYS_dup => row!(SYS_dup, dup(ai)),
        libc::SYS_dup2 => row!(SYS_dup2, dup2(ai, bi)),
        libc::SYS_dup3 => row!(SYS_dup3, dup3(ai, bi, ci)),
        libc::SYS_fcntl => row!(SYS_fcntl, fcntl(ai, bi, c)),
        libc::SYS_ioctl => row!(SYS_ioctl, ioctl(ai, b as u64, c)),
        libc::SYS_sendfile => row!(SYS_sendfile, sendfile(ai, bi, c as *mut _, d as usize)),
        libc::SYS_splice => {
            row!(SYS_splice, splice(ai, b as *mut _, ci, d as *mut _, e as usize, f as u32))
        }
        libc::SYS_poll => row!(SYS_poll, poll(a as *mut _, b as u64, ci)),
        libc::SYS_select => {
            row!(SYS_select, select(ai, b as *mut _, c as *mut _, d as *mut _, e as *mut _))
        }
        libc::SYS_epoll_create => row!(SYS_epoll_create, epoll_create(ai)),
        libc::SYS_epoll_create1 => row!(SYS_epoll_create1, epoll_create1(ai)),
        libc::SYS_epoll_ctl => row!(SYS_epoll_ctl, epoll_ctl(ai, bi, ci, d as *mut _)),
        libc::SYS_epoll_wait => row!(SYS_epoll_wait, epoll_wait(ai, b as *mut _, ci, di)),
        // These have an argument more than libc's: the size of the signal set.
        libc::SYS_ppoll => {
            let after = |r: c_long| super::polled(r as c_int, a as *const _, b as u64);
            via!(observe_if!(ppoll(a, b, c, d), Entry::NONE, go, after))
        }
        // The kernel's sixth argument points to the mask and its size.
        libc::SYS_pselect6 if ai > 0 => {
            via!(observe_sets!(pselect(a, b, c, d, e, 0i64), go))
        }
        libc::SYS_epoll_pwait if super::watches(ai) => plain(Call::epoll_pwait, 0b1101),
        libc::SYS_epoll_pwait2 if super::watches(ai) => plain(Call::epoll_pwait2, 0b101),
        libc::SYS_fork => row!(SYS_fork, fork()),
        // Without shared memory, clone is a fork.
        libc::SYS_clone if ai & libc::CLONE_VM == 0 && b == 0 => forking(state::forking::BARE, || go() as c_int).into(),
        libc::SYS_execve => row!(SYS_execve, execve(a as *const _, b as *const _, c as *const _)),
        libc::SYS_execveat => {
            row!(SYS_execveat, execveat(ai, b as *const _, c as *const _, d as *const _, e as c_int))
        }
        // Whatever opens a descriptor may reuse a number that we held.
        libc::SYS_open
        | libc::SYS_openat
        | libc::SYS_creat
        | libc::SYS_eventfd
        | libc::SYS_eventfd2
        | libc::SYS_timerfd_create
        | libc::SYS_signalfd
        | libc::SYS_signalfd4
        | libc::SYS_inotify_init
        | libc::SYS_inotify_init1
        | libc::SYS_memfd_create
        | libc::SYS_pidfd_open
        | libc::SYS_pidfd_getfd
        | libc::SYS_userfaultfd
        | libc::SYS_perf_event_open => {
            let fd = go();
            conns::forget(fd as c_int);
            fd
        }
        libc::SYS_io_uring_setup => {
            let fd = go();
            conns::forget(fd as c_int);
            env::note_unseen(Unseen::IoUring);
            fd
        }
        libc::SYS_seccomp => confining(go),
        libc::SYS_prctl if ai == libc::PR_SET_SECCOMP => confining(go),
        _ => go(),
    }
}
