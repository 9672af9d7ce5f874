//! The libraries that this one opens where they are needed: finding the file beside our own, and its table.

use crate::hot::real;
use crate::sys;
use core::ffi::CStr;
use libc::{c_char, c_int, c_void};
use socklens_inside::stamp::Stamp;

/// One of them.
#[derive(Debug)]
pub struct Library {
    /// Its file, beside ours.
    pub file: &'static str,
    /// The table that it exports, which begins with a stamp.
    pub symbol: &'static str,
    pub stamp: Stamp,
    /// What for.
    pub which: &'static str,
    /// What comes of its lack.
    pub without: &'static str,
}

/// Longest path.
const PATH: usize = libc::PATH_MAX as usize;

impl Library {
    /// Its table; None when it cannot be had, for a reason that is said to `complain`. Calls dlopen.
    #[inline(never)]
    pub fn open(&self, complain: &dyn Fn(&Library, &[&[u8]])) -> Option<*const c_void> {
        let mut file = [0u8; PATH];
        let Some(file) = self.find(&mut file) else {
            let parts = [
                real::own_path(),
                b": there is no ",
                self.file.as_bytes(),
                b" beside it, which ",
                self.which.as_bytes(),
            ];
            complain(self, &parts);
            return None;
        };
        if !is_whole(file) {
            complain(self, &[file.to_bytes(), b" is not whole: install it again"]);
            return None;
        }
        // glibc before 2.34 has dlopen in libdl, which need not be there.
        let dlopen = match real::find_next("dlopen") {
            0 => real::find_next("__libc_dlopen_mode"),
            p => p,
        };
        if dlopen == 0 {
            complain(self, &[file.to_bytes(), b": this libc cannot open it: it has no dlopen"]);
            return None;
        }
        // SAFETY: dlopen's own prototype; the caller chose a moment at which it may be called, and the path is ours.
        let handle = unsafe {
            core::mem::transmute::<usize, unsafe extern "C" fn(*const c_char, c_int) -> *mut c_void>(dlopen)(
                file.as_ptr(),
                libc::RTLD_NOW | libc::RTLD_LOCAL,
            )
        };
        if handle.is_null() {
            complain(self, &[b"cannot load ", why().unwrap_or(file.to_bytes())]);
            return None;
        }
        let table = real::find_next(self.symbol) as *const Stamp;
        // SAFETY: the symbol of a library that stays loaded; its stamp comes first whatever the version.
        match unsafe { table.as_ref() } {
            Some(stamp) if *stamp == self.stamp => Some(table.cast()),
            _ => {
                complain(self, &[file.to_bytes(), b" is not of the version of ", real::own_path()]);
                None
            }
        }
    }

    /// Says on stderr, in one line, what is wrong with it.
    pub fn complain(&self, parts: &[&[u8]]) {
        let mut line = [0u8; 1024];
        let mut n = 0;
        let all = [b"socklens: "].into_iter().map(|p| &p[..]).chain(parts.iter().copied());
        for part in all.chain([&b"; "[..], self.without.as_bytes(), b" this program\n"]) {
            for (to, &b) in line.iter_mut().skip(n).zip(part) {
                *to = b;
            }
            n += part.len();
        }
        sys::write(2, line.get(..n).unwrap_or(&line));
    }

    /// Its path: beside our file, or beside what that is a link to.
    fn find<'a>(&self, file: &'a mut [u8; PATH]) -> Option<&'a CStr> {
        let mut here = [0u8; PATH];
        let mut len = join(&mut here, &[real::own_path()])?;
        for _ in 0..8 {
            let dir =
                here.get(..len)?.iter().rposition(|&b| b == b'/').map_or(&b"./"[..], |n| here.get(..=n).unwrap_or(&[]));
            let end = join(file, &[dir, self.file.as_bytes()])?;
            if sys::exists(file.get(..=end)?) {
                break;
            }
            let mut link = [0u8; PATH];
            let n = sys::readlink(here.get(..=len)?, &mut link);
            let target = link.get(..n).filter(|t| !t.is_empty())?;
            let mut next = [0u8; PATH];
            len = join(&mut next, &[if target.starts_with(b"/") { b"" } else { dir }, target])?;
            here = next;
        }
        CStr::from_bytes_until_nul(file).ok()
    }
}

/// Whether a library is as long as its head says: of one that was copied in part the loader maps pages that are not
/// there, and the program would die of it. What is no library at all the loader may judge.
fn is_whole(file: &CStr) -> bool {
    let fd = sys::open(file.to_bytes_with_nul(), libc::O_RDONLY | libc::O_CLOEXEC, 0) as c_int;
    let size = sys::stat_fd(fd).map_or(0, |st| st.st_size as u64);
    let mut head = [0u8; size_of::<libc::Elf64_Ehdr>()];
    let n = sys::read(fd, &mut head);
    sys::close(fd);
    // SAFETY: an Elf64_Ehdr is plain integers, and so many bytes were read.
    let e = unsafe { core::ptr::read_unaligned(head.as_ptr().cast::<libc::Elf64_Ehdr>()) };
    // The table of sections is what comes last.
    let end = e.e_shoff.saturating_add(u64::from(e.e_shnum) * u64::from(e.e_shentsize));
    n != head.len() as isize || !head.starts_with(b"\x7fELF") || end <= size
}

/// What the loader says of the last failure, which also takes it out of the program's sight.
fn why() -> Option<&'static [u8]> {
    let dlerror = real::find_next("dlerror");
    if dlerror == 0 {
        return None;
    }
    // SAFETY: dlerror's own prototype; the text stays until the loader's next failure.
    unsafe {
        let text = core::mem::transmute::<usize, unsafe extern "C" fn() -> *const c_char>(dlerror)();
        if text.is_null() { None } else { Some(CStr::from_ptr(text).to_bytes()) }
    }
}

/// Puts parts and a NUL into `to`; the length without the NUL, None when there is no room.
fn join(to: &mut [u8; PATH], parts: &[&[u8]]) -> Option<usize> {
    let mut n = 0;
    for part in parts {
        to.get_mut(n..n + part.len())?.copy_from_slice(part);
        n += part.len();
    }
    *to.get_mut(n)? = 0;
    Some(n)
}
