//! System calls of our own, made directly: they neither touch errno nor pass through anybody's interposed libc.
//!
//! Written by hand rather than taken from a crate because each use must be auditable against law 8 (no call that the
//! program's own seccomp filter could punish): this file is the list of what the shim may ask of the kernel.

use core::arch::asm;
use libc::{c_int, c_long};

/// One system call; the result as the kernel gives it, errors as small negative numbers.
///
/// # Safety
/// That of the call made.
#[inline(always)]
pub unsafe fn call6(nr: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let ret;
    // SAFETY: the x86-64 system call convention; the kernel clobbers rcx and r11 only.
    unsafe {
        asm!("syscall", inlateout("rax") nr as isize => ret, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
             in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    ret
}

/// As [`call6`] with three arguments.
///
/// # Safety
/// That of the call made.
#[inline(always)]
pub unsafe fn call3(nr: c_long, a: usize, b: usize, c: usize) -> isize {
    // SAFETY: the caller's.
    unsafe { call6(nr, a, b, c, 0, 0, 0) }
}

/// The number that decimal digits make, at most nine of them.
pub fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0u32, |n, b| if b.is_ascii_digit() { Some(n * 10 + u32::from(b - b'0')) } else { None })
}

/// Ends the process at once.
pub fn abort() -> ! {
    loop {
        // SAFETY: kill and exit_group take no pointers.
        unsafe {
            call3(libc::SYS_kill, getpid() as usize, libc::SIGABRT as usize, 0);
            call3(libc::SYS_exit_group, 127, 0, 0);
        }
    }
}

pub fn getpid() -> u32 {
    // SAFETY: no arguments.
    unsafe { call3(libc::SYS_getpid, 0, 0, 0) as u32 }
}

pub fn getppid() -> u32 {
    // SAFETY: no arguments.
    unsafe { call3(libc::SYS_getppid, 0, 0, 0) as u32 }
}

pub fn gettid() -> u32 {
    // SAFETY: no arguments.
    unsafe { call3(libc::SYS_gettid, 0, 0, 0) as u32 }
}

/// A signal to this thread, or to the process.
pub fn raise(signal: i32, process: bool) {
    let (pid, signal) = (getpid() as usize, signal as usize);
    // SAFETY: takes no pointers.
    unsafe {
        if process {
            call3(libc::SYS_kill, pid, signal, 0);
        } else {
            call3(libc::SYS_tgkill, pid, gettid() as usize, signal);
        }
    }
}

pub fn geteuid() -> u32 {
    // SAFETY: no arguments.
    unsafe { call3(libc::SYS_geteuid, 0, 0, 0) as u32 }
}

/// Opens a NUL-terminated path; a descriptor or a negative error.
pub fn open(path: &[u8], flags: c_int, mode: u32) -> isize {
    if path.last() != Some(&0) {
        return -(libc::EINVAL as isize);
    }
    // SAFETY: path is NUL-terminated, as checked.
    unsafe {
        call6(libc::SYS_openat, libc::AT_FDCWD as usize, path.as_ptr() as usize, flags as usize, mode as usize, 0, 0)
    }
}

pub fn close(fd: c_int) {
    // SAFETY: closes a descriptor of our own.
    unsafe { call3(libc::SYS_close, fd as usize, 0, 0) };
}

pub fn read(fd: c_int, buf: &mut [u8]) -> isize {
    // SAFETY: the buffer is ours and its length is given.
    unsafe { call3(libc::SYS_read, fd as usize, buf.as_mut_ptr() as usize, buf.len()) }
}

pub fn write(fd: c_int, buf: &[u8]) -> isize {
    // SAFETY: the buffer is ours and its length is given.
    unsafe { call3(libc::SYS_write, fd as usize, buf.as_ptr() as usize, buf.len()) }
}

/// newfstatat, the call ld.so itself makes, so every filter allows it. `path` is NUL-terminated.
fn stat_at(dir: c_int, path: &[u8], flags: c_int) -> Option<libc::stat> {
    if path.last() != Some(&0) {
        return None;
    }
    // SAFETY: all bit patterns of stat are valid.
    let mut st: libc::stat = unsafe { core::mem::zeroed() };
    let (name, to) = (path.as_ptr() as usize, core::ptr::from_mut(&mut st) as usize);
    // SAFETY: path is NUL-terminated, as checked; st is ours.
    let r = unsafe { call6(libc::SYS_newfstatat, dir as usize, name, to, flags as usize, 0, 0) };
    if r == 0 { Some(st) } else { None }
}

/// What fstat tells of a descriptor.
pub fn stat_fd(fd: c_int) -> Option<libc::stat> {
    stat_at(fd, b"\0", libc::AT_EMPTY_PATH)
}

/// Device, inode and mode of a descriptor.
pub fn fstat(fd: c_int) -> Option<(u64, u64, u32)> {
    stat_fd(fd).map(|st| (st.st_dev, st.st_ino, st.st_mode))
}

/// Whether there is something at a path.
pub fn exists(path: &[u8]) -> bool {
    stat_at(libc::AT_FDCWD, path, 0).is_some()
}

/// The inode of a path's target; 0 when there is none.
pub fn stat_ino(path: &[u8]) -> u64 {
    stat_at(libc::AT_FDCWD, path, 0).map_or(0, |st| st.st_ino)
}

/// Device and size that are told of a path's target; 0 when there is none.
pub fn stat_size(path: &[u8]) -> (u64, u64) {
    stat_at(libc::AT_FDCWD, path, 0).map_or((0, 0), |st| (st.st_dev, st.st_size as u64))
}

pub fn readlink(path: &[u8], buf: &mut [u8]) -> usize {
    if path.last() != Some(&0) {
        return 0;
    }
    // SAFETY: path is NUL-terminated, as checked; the buffer is ours.
    let r = unsafe { call3(libc::SYS_readlink, path.as_ptr() as usize, buf.as_mut_ptr() as usize, buf.len()) };
    if r > 0 { r as usize } else { 0 }
}

/// Maps memory; None on failure. `fd` -1 is anonymous.
pub fn mmap(len: usize, prot: c_int, flags: c_int, fd: c_int) -> Option<*mut u8> {
    // SAFETY: without MAP_FIXED the kernel picks free address space.
    let r = unsafe { call6(libc::SYS_mmap, 0, len, prot as usize, flags as usize, fd as usize, 0) };
    if (-4095..0).contains(&r) { None } else { Some(r as *mut u8) }
}

/// # Safety
/// Nothing uses the mapping afterwards.
pub unsafe fn munmap(at: *mut u8, len: usize) {
    // SAFETY: the caller's.
    unsafe { call3(libc::SYS_munmap, at as usize, len, 0) };
}

/// The size of System V memory that is user `me`'s alone (shmctl(2)).
pub fn shm_private(id: u32, me: u32) -> Option<usize> {
    // SAFETY: all bit patterns of shmid_ds are valid.
    let mut ds: libc::shmid_ds = unsafe { core::mem::zeroed() };
    // SAFETY: IPC_STAT writes one shmid_ds.
    let r =
        unsafe { call3(libc::SYS_shmctl, id as usize, libc::IPC_STAT as usize, core::ptr::from_mut(&mut ds) as usize) };
    let p = &ds.shm_perm;
    if r == 0 && p.uid == me && p.cuid == me && p.mode & 0o077 == 0 { Some(ds.shm_segsz) } else { None }
}

/// Attaches System V memory; core dumps leave it out, as they leave out files.
pub fn shm_attach(id: u32, size: usize) -> Option<*mut u8> {
    // SAFETY: the kernel picks free address space.
    let r = unsafe { call3(libc::SYS_shmat, id as usize, 0, 0) };
    if (-4095..0).contains(&r) {
        return None;
    }
    // SAFETY: concerns the memory that was attached just now.
    unsafe { call3(libc::SYS_madvise, r as usize, size, libc::MADV_DONTDUMP as usize) };
    Some(r as *mut u8)
}

/// # Safety
/// Nothing uses the memory afterwards.
pub unsafe fn shm_detach(at: *mut u8) {
    // SAFETY: the caller's.
    unsafe { call3(libc::SYS_shmdt, at as usize, 0, 0) };
}

/// Asks that the child of a fork finds this page zeroed.
pub fn wipe_on_fork(at: *mut u8, len: usize) -> bool {
    // SAFETY: concerns a mapping of our own.
    unsafe { call3(libc::SYS_madvise, at as usize, len, libc::MADV_WIPEONFORK as usize) == 0 }
}

/// Sleeps while `*word == value`, at most `ms` milliseconds; true when they have passed.
pub fn futex_wait(word: *mut u32, value: u32, ms: u64) -> bool {
    let ts = libc::timespec { tv_sec: (ms / 1000) as i64, tv_nsec: ((ms % 1000) * 1_000_000) as i64 };
    // SAFETY: the word lies in a mapping of ours; FUTEX_WAIT only reads it.
    let r = unsafe {
        call6(
            libc::SYS_futex,
            word as usize,
            libc::FUTEX_WAIT as usize,
            value as usize,
            core::ptr::from_ref(&ts) as usize,
            0,
            0,
        )
    };
    r == -(libc::ETIMEDOUT as isize)
}

pub fn futex_wake(word: *mut u32, n: u32) {
    // SAFETY: FUTEX_WAKE does not access the word.
    unsafe { call3(libc::SYS_futex, word as usize, libc::FUTEX_WAKE as usize, n as usize) };
}

/// The kernel's `struct sigaction`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SignalAction {
    /// SIG_DFL, SIG_IGN, or a function.
    pub handler: u64,
    /// SA_*.
    pub flags: u64,
    /// Where the handler returns to; it stays when the handler is taken back.
    pub restorer: u64,
    /// Signals blocked meanwhile.
    pub mask: u64,
}

/// What this process does at a signal; None when there is no such signal.
pub fn signal_action(signal: c_int) -> Option<SignalAction> {
    let mut old = SignalAction::default();
    let to = core::ptr::from_mut(&mut old) as usize;
    // SAFETY: the old action is written to ours; none is set.
    let r = unsafe { call6(libc::SYS_rt_sigaction, signal as usize, 0, to, 8, 0, 0) };
    if r == 0 { Some(old) } else { None }
}

/// The SS_* flags of this thread's alternate signal stack.
pub fn alternate_stack() -> Option<c_int> {
    let mut old = libc::stack_t { ss_sp: core::ptr::null_mut(), ss_flags: 0, ss_size: 0 };
    // SAFETY: the old stack's description is written to ours; none is set.
    let r = unsafe { call3(libc::SYS_sigaltstack, 0, core::ptr::from_mut(&mut old) as usize, 0) };
    if r == 0 { Some(old.ss_flags) } else { None }
}

/// Blocks all signals of this thread; those that were blocked before.
pub fn block_signals() -> u64 {
    let (all, mut old) = (u64::MAX, 0u64);
    let (set, to) = (core::ptr::from_ref(&all) as usize, core::ptr::from_mut(&mut old) as usize);
    // SAFETY: both masks are ours.
    unsafe { call6(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK as usize, set, to, 8, 0, 0) };
    old
}

/// Blocks these signals of this thread and no others.
pub fn set_signals(mask: u64) {
    let set = core::ptr::from_ref(&mask) as usize;
    // SAFETY: the mask is ours.
    unsafe { call6(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK as usize, set, 0, 8, 0, 0) };
}

/// How high the first thread's stack may grow, in bytes.
pub fn stack_limit() -> u64 {
    soft_limit(libc::RLIMIT_STACK)
}

/// A resource's soft limit; none when the kernel does not tell it.
fn soft_limit(resource: libc::__rlimit_resource_t) -> u64 {
    let mut limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: 0 };
    let to = core::ptr::from_mut(&mut limit) as usize;
    // SAFETY: prlimit64 of this process writes to one struct of ours.
    unsafe { call6(libc::SYS_prlimit64, 0, resource as usize, 0, to, 0, 0) };
    limit.rlim_cur
}

/// Whether RLIMIT_AS leaves a mapping of `bytes` to be an eighth of all that the process may map: room that we take is
/// missing for its own heap and threads.
pub fn affords(bytes: usize) -> bool {
    soft_limit(libc::RLIMIT_AS) / 8 >= bytes as u64
}

/// Moves a descriptor of ours to a number that the program is not given: above its soft limit, or else the last below.
pub fn move_high(fd: c_int) -> c_int {
    const RLIMIT: usize = libc::RLIMIT_NOFILE as usize;
    let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: prlimit64 of this process writes to one struct of ours and reads the other; the limit is put back at once.
    unsafe {
        if call6(libc::SYS_prlimit64, 0, RLIMIT, 0, core::ptr::from_mut(&mut old) as usize, 0, 0) != 0 {
            return fd;
        }
        let soft = old.rlim_cur;
        let raised = soft < old.rlim_max && soft < 1 << 20;
        let from = if raised { soft } else { soft.saturating_sub(1) };
        let set = |limit: &libc::rlimit| {
            call6(libc::SYS_prlimit64, 0, RLIMIT, core::ptr::from_ref(limit) as usize, 0, 0, 0);
        };
        if raised {
            set(&libc::rlimit { rlim_cur: old.rlim_max.min(soft + 64), ..old });
        }
        let high = call3(libc::SYS_fcntl, fd as usize, libc::F_DUPFD_CLOEXEC as usize, from as usize);
        if raised {
            set(&old);
        }
        if high < 0 {
            return fd;
        }
        close(fd);
        high as c_int
    }
}

/// Whether a process or thread is gone for certain (ESRCH). `tid` 0 asks for the process.
pub fn is_gone(pid: u32, tid: u32) -> bool {
    // SAFETY: signal 0 only asks.
    let r = unsafe {
        if tid == 0 {
            call3(libc::SYS_kill, pid as usize, 0, 0)
        } else {
            call3(libc::SYS_tgkill, pid as usize, tid as usize, 0)
        }
    };
    r == -(libc::ESRCH as isize)
}

/// Whether a thread, of whatever process, is gone for certain.
pub fn is_thread_gone(tid: u32) -> bool {
    // SAFETY: signal 0 only asks.
    unsafe { call3(libc::SYS_tkill, tid as usize, 0, 0) == -(libc::ESRCH as isize) }
}

/// Copies this process's memory without faulting; the bytes that could be read.
pub fn peek(pid: u32, from: usize, to: *mut u8, len: usize) -> usize {
    let from = libc::iovec { iov_base: from as *mut _, iov_len: len };
    // SAFETY: the caller owns `len` bytes at `to`.
    unsafe { peek_each(pid, core::slice::from_ref(&from), to, len) }
}

/// How many words of a list are looked at by one system call.
pub const WORDS: usize = 16;

/// As [`peek`], of several places in turn, whose bytes are put one behind the other. It ends at the first that cannot be read.
///
/// # Safety
/// `len` bytes at `to` are the caller's. What `from` names need not be there.
pub unsafe fn peek_each(pid: u32, from: &[libc::iovec], to: *mut u8, len: usize) -> usize {
    let local = libc::iovec { iov_base: to.cast(), iov_len: len };
    // SAFETY: the kernel writes at most len bytes to `to`, which the caller owns, and checks what it reads itself.
    let r = unsafe {
        call6(
            libc::SYS_process_vm_readv,
            pid as usize,
            core::ptr::from_ref(&local) as usize,
            1,
            from.as_ptr() as usize,
            from.len(),
            0,
        )
    };
    if r > 0 { r as usize } else { 0 }
}

/// Length of a NUL-terminated string that may not be there, at most `max`; None when it runs into missing memory.
pub fn peek_text_len(pid: u32, ptr: u64, max: usize) -> Option<usize> {
    let mut piece = [0u8; 128];
    let mut n = 0;
    while n < max {
        let at = ptr.checked_add(n as u64)?;
        // Never across a page in one go: the next one may not be there.
        let len = piece.len().min(4096 - (at & 4095) as usize);
        if peek(pid, at as usize, piece.as_mut_ptr(), len) != len {
            return None;
        }
        match piece.iter().take(len).position(|&b| b == 0) {
            Some(end) => return Some(n + end),
            None => n += len,
        }
    }
    Some(n)
}

/// A sockaddr asked of the kernel by getsockname or getpeername; its length, 0 when there is none.
pub fn sock_name(nr: c_long, fd: c_int, to: &mut [u8; socklens_wire::conn::ADDR_MAX]) -> u8 {
    let mut len: u32 = to.len() as u32;
    // SAFETY: buffer and length are ours.
    let r = unsafe { call3(nr, fd as usize, to.as_mut_ptr() as usize, core::ptr::from_mut(&mut len) as usize) };
    if r == 0 { len.min(to.len() as u32) as u8 } else { 0 }
}

/// An int-valued SOL_SOCKET option.
pub fn sock_option(fd: c_int, name: c_int) -> Option<c_int> {
    let mut value: c_int = 0;
    let mut len: u32 = 4;
    // SAFETY: value and length are ours.
    let r = unsafe {
        call6(
            libc::SYS_getsockopt,
            fd as usize,
            libc::SOL_SOCKET as usize,
            name as usize,
            core::ptr::from_mut(&mut value) as usize,
            core::ptr::from_mut(&mut len) as usize,
            0,
        )
    };
    if r == 0 { Some(value) } else { None }
}

/// An option of any level, in words; how many bytes the kernel wrote.
pub fn get_option<const N: usize>(fd: c_int, level: c_int, name: c_int, to: &mut [u32; N]) -> usize {
    let mut len: u32 = 4 * N as u32;
    // SAFETY: buffer and length are ours.
    let r = unsafe {
        call6(
            libc::SYS_getsockopt,
            fd as usize,
            level as usize,
            name as usize,
            to.as_mut_ptr() as usize,
            core::ptr::from_mut(&mut len) as usize,
            0,
        )
    };
    if r == 0 { len as usize } else { 0 }
}

/// F_GETFL.
pub fn status_flags(fd: c_int) -> Option<c_int> {
    // SAFETY: F_GETFL takes no pointer.
    let r = unsafe { call3(libc::SYS_fcntl, fd as usize, libc::F_GETFL as usize, 0) };
    if r >= 0 { Some(r as c_int) } else { None }
}

/// A clock in nanoseconds.
pub fn clock_ns(clock: c_int) -> u64 {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: ts is ours.
    unsafe { call3(libc::SYS_clock_gettime, clock as usize, core::ptr::from_mut(&mut ts) as usize, 0) };
    (ts.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(ts.tv_nsec as u64)
}
