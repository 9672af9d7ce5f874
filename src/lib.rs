//! The shim: libc's socket entry points with their original C prototypes, each forwarded to the real one and recorded.
//!
//! `hot/` runs inside hooks: perhaps in a signal handler, in a forked child, before main. No lock, no allocation, no
//! formatting, no std, no panic, no libc call but the real function. `cold/` runs rarely: attach, fork, exec.
#![no_std]
#![deny(missing_debug_implementations)]

#[cfg(not(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")))]
compile_error!("socklens supports x86-64 Linux with glibc; see docs/LIMITATIONS.md");

mod cold;
mod exports;
mod fault;
mod hot;
mod special;

use socklens_inside::sys;

/// Required by no_std. Nothing in the release library reaches it: the symbol test holds that against `nm`.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    sys::abort()
}
