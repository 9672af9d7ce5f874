//! What the process was given before Rust's runtime and socklens changed it: signals, their mask, the limit of file
//! sizes, and the standard descriptors.
//!
//! The traced program must start exactly as it would have without socklens, so this is put back in the child.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

/// Everything that is put back in the child.
#[derive(Clone, Copy)]
pub struct Given {
    mask: libc::sigset_t,
    pipe: libc::sigaction,
    xfsz: libc::sigaction,
    fsize: libc::rlimit,
    /// Bit n: descriptor n was open.
    open: u32,
}

static TAKEN: AtomicBool = AtomicBool::new(false);
static OPEN: AtomicU32 = AtomicU32::new(7);
static MASK: AtomicPtr<libc::sigset_t> = AtomicPtr::new(std::ptr::null_mut());
static PIPE: AtomicPtr<libc::sigaction> = AtomicPtr::new(std::ptr::null_mut());
static XFSZ: AtomicPtr<libc::sigaction> = AtomicPtr::new(std::ptr::null_mut());
static FSIZE: AtomicPtr<libc::rlimit> = AtomicPtr::new(std::ptr::null_mut());

/// Runs before main, and so before the runtime ignores SIGPIPE and opens closed standard descriptors.
extern "C" fn take() {
    let mut mask = MaybeUninit::zeroed();
    let mut pipe = MaybeUninit::zeroed();
    let mut xfsz = MaybeUninit::zeroed();
    let mut fsize = MaybeUninit::zeroed();
    let mut open = 0;
    // SAFETY: only reads the process's state into memory of our own; malloc works before main.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), mask.as_mut_ptr());
        libc::sigaction(libc::SIGPIPE, std::ptr::null(), pipe.as_mut_ptr());
        libc::sigaction(libc::SIGXFSZ, std::ptr::null(), xfsz.as_mut_ptr());
        libc::getrlimit(libc::RLIMIT_FSIZE, fsize.as_mut_ptr());
        for fd in 0..3 {
            if libc::fcntl(fd, libc::F_GETFD) >= 0 {
                open |= 1 << fd;
            }
        }
        MASK.store(Box::into_raw(Box::new(mask.assume_init())), Ordering::Relaxed);
        PIPE.store(Box::into_raw(Box::new(pipe.assume_init())), Ordering::Relaxed);
        XFSZ.store(Box::into_raw(Box::new(xfsz.assume_init())), Ordering::Relaxed);
        FSIZE.store(Box::into_raw(Box::new(fsize.assume_init())), Ordering::Relaxed);
    }
    OPEN.store(open, Ordering::Relaxed);
    TAKEN.store(true, Ordering::Release);
}

#[used]
// SAFETY: the loader calls the functions listed in this section, with the C ABI, before main.
#[unsafe(link_section = ".init_array")]
static TAKE: extern "C" fn() = take;

/// What was given at the start.
pub fn given() -> Option<Given> {
    if !TAKEN.load(Ordering::Acquire) {
        return None;
    }
    // SAFETY: both point to boxes that were leaked before TAKEN was set, and that nobody changes.
    let (mask, pipe) = unsafe { (*MASK.load(Ordering::Relaxed), *PIPE.load(Ordering::Relaxed)) };
    // SAFETY: as above.
    let (xfsz, fsize) = unsafe { (*XFSZ.load(Ordering::Relaxed), *FSIZE.load(Ordering::Relaxed)) };
    Some(Given { mask, pipe, xfsz, fsize, open: OPEN.load(Ordering::Relaxed) })
}

/// Lifts the limit of file sizes for socklens itself, as far as that may be done: it was meant for the program's files,
/// not for the log. Beyond it a write fails and says so, rather than SIGXFSZ ending us. [`Given::restore`] undoes it.
pub fn lift_file_size() {
    if let Some(given) = given() {
        // SAFETY: changes only this process's limit and one disposition.
        unsafe {
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
            let lifted = libc::rlimit { rlim_cur: given.fsize.rlim_max, ..given.fsize };
            libc::setrlimit(libc::RLIMIT_FSIZE, &raw const lifted);
        }
    }
}

impl Given {
    /// Whether a standard descriptor was open.
    pub fn was_open(&self, fd: i32) -> bool {
        self.open >> fd & 1 == 1
    }

    /// Puts it back. Async-signal-safe: for the child, between fork and exec.
    pub fn restore(&self) {
        // SAFETY: system calls on this process's own state, with values that it had before.
        unsafe {
            libc::sigaction(libc::SIGPIPE, &raw const self.pipe, std::ptr::null_mut());
            libc::sigaction(libc::SIGXFSZ, &raw const self.xfsz, std::ptr::null_mut());
            libc::setrlimit(libc::RLIMIT_FSIZE, &raw const self.fsize);
            for fd in 0..3 {
                if !self.was_open(fd) {
                    libc::close(fd);
                }
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.mask, std::ptr::null_mut());
        }
    }
}
