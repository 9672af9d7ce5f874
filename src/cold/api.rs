//! The C API of include/socklens.h, which cbindgen generates from this file.

use super::conns;
use crate::hot::record::Head;
use crate::hot::{clock, state};
use core::ffi::CStr;
use libc::{c_char, c_int};
use socklens_wire::event::note;

/// Version of the header: the library's is [`socklens_version`].
pub const SOCKLENS_VERSION: &CStr = c"0.1.0";

/// Longest text of a mark, in bytes; more is cut.
pub const SOCKLENS_MARK_MAX: usize = 1024;

/// The version of the library that is loaded, a static string such as "0.1.0".
///
/// Thread-safe; async-signal-safe. Never fails. Not active: returns SOCKLENS_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_version() -> *const c_char {
    SOCKLENS_VERSION.as_ptr()
}

/// Whether this process is being recorded: 1 under `socklens run` or with SOCKLENS_LOG set, else 0.
///
/// Thread-safe; async-signal-safe. Never fails. Not active: returns 0.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_active() -> c_int {
    c_int::from(crate::hot::order::on())
}

/// Puts a line of text into the log, between the calls before and after it.
///
/// `text` is NUL-terminated, at most [`SOCKLENS_MARK_MAX`] bytes of it are kept, and control characters are escaped when
/// the log is shown. Returns 0, or -1 with errno EINVAL when `text` is NULL, ENOTCONN when this process is not being
/// recorded. Thread-safe; async-signal-safe. Not active: returns -1 with errno ENOTCONN.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_mark(text: *const c_char) -> c_int {
    if text.is_null() {
        crate::hot::order::set_errno(libc::EINVAL);
        return -1;
    }
    if !crate::hot::order::on() || state::segment().is_none() {
        crate::hot::order::set_errno(libc::ENOTCONN);
        return -1;
    }
    // SAFETY: the caller's string.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes();
    let now = clock::now();
    let head = Head { call: note::MARK, errno: 0, start: now, end: now, ret: 0, conn: 0, flags: 0, ncaps: 1 };
    conns::note_bytes(head, text.get(..text.len().min(SOCKLENS_MARK_MAX)).unwrap_or(text), text.len());
    0
}
