//! The program's errno.

/// Its value. The only libc function besides the real one: it computes an address.
#[inline]
pub fn errno() -> i32 {
    // SAFETY: __errno_location always returns this thread's errno.
    unsafe { *libc::__errno_location() }
}

/// For what fails in our own wrappers as it would in libc's.
pub fn set_errno(e: i32) {
    // SAFETY: as in errno.
    unsafe { *libc::__errno_location() = e };
}
