//! A mapped segment that lives as long as the last reader of it.

use socklens_wire::{Layout, Segment};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// A segment's memory. Unmapped when dropped, so whatever uses [`Map::segment`] must hold the Map.
#[derive(Debug)]
pub struct Map {
    segment: Segment,
}

impl Map {
    /// Maps a session's file, which has `layout.total()` bytes.
    pub fn shared(file: &File, layout: Layout) -> io::Result<Map> {
        Map::new(libc::MAP_SHARED, libc::PROT_READ | libc::PROT_WRITE, file.as_raw_fd(), layout)
    }

    /// The same, to be looked at only: a store to it would raise SIGSEGV. Only for `observe`, whose accesses are loads.
    pub(crate) fn observed(file: &File, layout: Layout) -> io::Result<Map> {
        Map::new(libc::MAP_SHARED, libc::PROT_READ, file.as_raw_fd(), layout)
    }

    /// Private memory, zeroed: for tests.
    pub fn anonymous(layout: Layout) -> io::Result<Map> {
        Map::new(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, libc::PROT_READ | libc::PROT_WRITE, -1, layout)
    }

    fn new(flags: i32, access: i32, fd: i32, layout: Layout) -> io::Result<Map> {
        if !layout.sane() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        // SAFETY: a fresh mapping at an address of the kernel's choice touches nothing that exists.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), layout.total(), access, flags, fd, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: layout.total() bytes were mapped just now, zeroed or as another process left them; they stay mapped
        // until this Map is dropped. Those of `observed` cannot be written, and its users only load.
        Ok(Map { segment: unsafe { Segment::new(base.cast(), layout) } })
    }

    pub fn segment(&self) -> Segment {
        self.segment
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: base and length are those of the mapping made in `new`, and its users hold this Map.
        unsafe { libc::munmap(self.segment.base().cast(), self.segment.layout().total()) };
    }
}
