//! System V shared memory (shmget(2), shmat(2)): memory that no file's end can take away from under those who use it.

use std::io;
use std::mem::zeroed;
use std::ptr::NonNull;

/// What a segment's file begins with when the memory itself is elsewhere; the segment's id in decimal and a newline follow.
const STUB: &str = "socklens session in System V memory ";

/// The text of the file that stands for the memory `id`.
pub fn stub(id: i32) -> String {
    format!("{STUB}{id}\n")
}

/// The memory that a file with this beginning stands for.
pub fn of_stub(head: &[u8]) -> Option<i32> {
    let rest = head.strip_prefix(STUB.as_bytes())?;
    let end = rest.iter().position(|b| *b == b'\n')?;
    let id = std::str::from_utf8(&rest[..end]).ok()?;
    id.bytes().all(|b| b.is_ascii_digit()).then(|| id.parse().ok())?
}

/// What the kernel says of a segment of memory.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub size: usize,
    pub owner: u32,
    /// Others than the owner and the maker may not use it.
    pub private: bool,
}

fn checked(result: i32) -> io::Result<i32> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Makes memory of zeros for this user alone. It stays until [`remove`]. The kernel counts it as promised at once, and finds pages
/// when they are used: no file system can be full.
pub fn create(bytes: usize) -> io::Result<i32> {
    // SAFETY: makes a new object, no memory of this process is concerned.
    checked(unsafe { libc::shmget(libc::IPC_PRIVATE, bytes, libc::IPC_CREAT | 0o600) })
}

pub fn facts(id: i32) -> io::Result<Facts> {
    // SAFETY: all bit patterns of shmid_ds are valid.
    let mut ds: libc::shmid_ds = unsafe { zeroed() };
    // SAFETY: IPC_STAT writes one shmid_ds.
    checked(unsafe { libc::shmctl(id, libc::IPC_STAT, &mut ds) })?;
    let p = &ds.shm_perm;
    Ok(Facts { size: ds.shm_segsz, owner: p.uid, private: p.mode & 0o077 == 0 && p.uid == p.cuid })
}

/// Attaches the memory; read-only memory raises SIGSEGV at a store.
pub fn attach(id: i32, write: bool) -> io::Result<NonNull<u8>> {
    // SAFETY: the kernel picks free address space.
    let at = unsafe { libc::shmat(id, std::ptr::null(), if write { 0 } else { libc::SHM_RDONLY }) };
    if at as isize == -1 {
        return Err(io::Error::last_os_error());
    }
    NonNull::new(at.cast()).ok_or_else(|| io::Error::other("memory at address 0"))
}

/// # Safety
/// `at` comes from [`attach`], and nobody uses the memory there any more.
pub unsafe fn detach(at: *const u8) {
    // SAFETY: the caller's.
    unsafe { libc::shmdt(at.cast()) };
}

/// The memory goes away with the last process that uses it; until then processes may still join.
pub fn remove(id: i32) -> io::Result<()> {
    // SAFETY: IPC_RMID uses no buffer.
    checked(unsafe { libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_is_read_as_it_was_written_and_nothing_else_is() {
        assert_eq!(of_stub(stub(0).as_bytes()), Some(0));
        assert_eq!(of_stub(format!("{}\0\0\0", stub(i32::MAX)).as_bytes()), Some(i32::MAX));
        for bad in ["", STUB, &stub(7)[..STUB.len() + 1], &format!("{STUB}\n"), &format!("{STUB}-7\n"), "7\n"] {
            assert_eq!(of_stub(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(of_stub(format!("{STUB}99999999999\n").as_bytes()), None);
    }

    #[test]
    fn memory_is_shared_private_and_goes_with_its_last_user() {
        let id = create(1 << 16).unwrap();
        let facts = facts(id).unwrap();
        // SAFETY: geteuid has no preconditions.
        assert_eq!((facts.size, facts.owner, facts.private), (1 << 16, unsafe { libc::geteuid() }, true));
        let (a, b) = (attach(id, true).unwrap(), attach(id, false).unwrap());
        // SAFETY: attached just now, of that size, and this test's alone.
        unsafe {
            a.as_ptr().add(5000).write(7);
            assert_eq!(b.as_ptr().add(5000).read_volatile(), 7);
            remove(id).unwrap();
            // Marked for removal, it can still be joined on Linux.
            let c = attach(id, false).unwrap();
            assert_eq!(c.as_ptr().add(5000).read(), 7);
            for at in [a, b, c] {
                detach(at.as_ptr());
            }
        }
        assert!(attach(id, false).is_err());
    }
}
