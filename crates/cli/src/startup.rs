//! What the process was given before Rust's runtime changed it: signals, their mask, and the standard descriptors.
//!
//! The traced program must start exactly as it would have without socklens, so this is put back in the child.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

/// Everything that is put back in the child.
#[derive(Clone, Copy)]
pub struct Given {
    mask: libc::sigset_t,
    pipe: libc::sigaction,
    /// Bit n: descriptor n was open.
    open: u32,
}

static TAKEN: AtomicBool = AtomicBool::new(false);
static OPEN: AtomicU32 = AtomicU32::new(7);
static MASK: AtomicPtr<libc::sigset_t> = AtomicPtr::new(std::ptr::null_mut());
static PIPE: AtomicPtr<libc::sigaction> = AtomicPtr::new(std::ptr::null_mut());

/// Runs before main, and so before the runtime ignores SIGPIPE and opens closed standard descriptors.
extern "C" fn take() {
    let mut mask = MaybeUninit::zeroed();
    let mut pipe = MaybeUninit::zeroed();
    let mut open = 0;
    // SAFETY: only reads the process's state into memory of our own; malloc works before main.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), mask.as_mut_ptr());
        libc::sigaction(libc::SIGPIPE, std::ptr::null(), pipe.as_mut_ptr());
        for fd in 0..3 {
            if libc::fcntl(fd, libc::F_GETFD) >= 0 {
                open |= 1 << fd;
            }
        }
        MASK.store(Box::into_raw(Box::new(mask.assume_init())), Ordering::Relaxed);
        PIPE.store(Box::into_raw(Box::new(pipe.assume_init())), Ordering::Relaxed);
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
    Some(Given { mask, pipe, open: OPEN.load(Ordering::Relaxed) })
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
            for fd in 0..3 {
                if !self.was_open(fd) {
                    libc::close(fd);
                }
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.mask, std::ptr::null_mut());
        }
    }
}
