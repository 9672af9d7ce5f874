//! Names in a call's arguments.

use core::ffi::{CStr, c_char};
use socklens_calls::{Call, Kind, class};

/// The name that a lookup is given; empty for other calls. libc reads it in any case.
pub fn looked_up(call: Call, args: &[u64]) -> &'static [u8] {
    let named = call.class() & class::DNS != 0 && call.args().first().is_some_and(|a| a.kind == Kind::Str);
    match args.first() {
        // SAFETY: a NUL-terminated string of the caller's, used before its call returns.
        Some(&p) if named && p != 0 => unsafe { CStr::from_ptr(p as *const c_char) }.to_bytes(),
        _ => &[],
    }
}
