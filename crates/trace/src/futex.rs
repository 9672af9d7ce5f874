//! Futexes shared with the processes of a session.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Sleeps while `word` holds `value`, at most `limit`. Returns early on a signal.
pub fn wait(word: &AtomicU32, value: u32, limit: Duration) {
    let spec = libc::timespec { tv_sec: limit.as_secs() as libc::time_t, tv_nsec: i64::from(limit.subsec_nanos()) };
    // SAFETY: the kernel reads the word and the timespec, both alive for the call.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT, value, &raw const spec) };
}

/// Wakes whoever sleeps on `word`.
pub fn wake(word: &AtomicU32) {
    wake_some(word, i32::MAX);
}

/// Wakes at most `count` of those who sleep on `word`.
pub fn wake_some(word: &AtomicU32, count: i32) {
    // SAFETY: only the word's address is used.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, count) };
}
