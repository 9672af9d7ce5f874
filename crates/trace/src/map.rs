//! A mapped segment that lives as long as the last reader of it.

use crate::sysv;
use socklens_wire::{Layout, Segment};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;

/// A segment's memory. Unmapped when dropped, so whatever uses [`Map::segment`] must hold the Map.
#[derive(Debug)]
pub struct Map {
    segment: Segment,
    /// System V memory; else it was mapped.
    attached: bool,
}

impl Map {
    /// Maps a session's file, which has `layout.total()` bytes. What is not to be written is to be looked at only: a store to it
    /// would raise SIGSEGV. Only for `observe`, whose accesses are loads.
    pub fn of_file(file: &File, layout: Layout, write: bool) -> io::Result<Map> {
        let access = if write { libc::PROT_READ | libc::PROT_WRITE } else { libc::PROT_READ };
        Map::new(libc::MAP_SHARED, access, file.as_raw_fd(), layout)
    }

    /// Takes over System V memory of at least `layout.total()` bytes.
    ///
    /// # Safety
    /// `at` comes from [`sysv::attach`] and is nobody else's to detach; memory that cannot be written is only for those whose
    /// accesses are loads.
    pub(crate) unsafe fn of_memory(at: NonNull<u8>, layout: Layout) -> Map {
        // SAFETY: the caller's; it stays attached until this Map is dropped.
        Map { segment: unsafe { Segment::new(at.as_ptr(), layout) }, attached: true }
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
        // until this Map is dropped. Those that cannot be written have users that only load.
        Ok(Map { segment: unsafe { Segment::new(base.cast(), layout) }, attached: false })
    }

    pub fn segment(&self) -> Segment {
        self.segment
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let base = self.segment.base();
        // SAFETY: base and length are those of the mapping or the memory that was made or taken over, and its users hold this Map.
        unsafe {
            if self.attached {
                sysv::detach(base);
            } else {
                libc::munmap(base.cast(), self.segment.layout().total());
            }
        }
    }
}
