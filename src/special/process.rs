//! Processes: fork and its kin, exec with our variables kept, and `syscall()`.

use crate::cold::{attach, conns, env};
use crate::hot::fds::Entry;
use crate::hot::order::on;
use crate::hot::record::{self, Head};
use crate::hot::{clock, order, real, state};
use core::arch::naked_asm;
use core::sync::atomic::Ordering;
use libc::{c_char, c_int, c_long, c_void, pid_t, posix_spawn_file_actions_t, posix_spawnattr_t};
use socklens_calls::Call;
use socklens_wire::event::Unseen;

type Strings = *const *const c_char;

/// Runs something that forks. The child's references are counted before it exists: it may be gone, or the parent may
/// have closed its copies, before the child's first call.
fn forking(real: impl FnOnce() -> c_int) -> c_int {
    let tls = state::tls();
    tls.forking.set(1);
    conns::count_for_child();
    let r = real();
    if r == 0 {
        attach::attach();
    } else {
        conns::counted(r > 0);
    }
    tls.forking.set(0);
    r
}

pub unsafe fn fork(real: &dyn Fn() -> pid_t) -> pid_t {
    if !on() {
        return real();
    }
    observe_if!(fork(), Entry::NONE, || forking(real), |r| (Entry::NONE, r != 0))
}

#[expect(non_snake_case, reason = "libc's name")]
pub unsafe fn _Fork(real: &dyn Fn() -> pid_t) -> pid_t {
    if !on() {
        return real();
    }
    observe_if!(_Fork(), Entry::NONE, || forking(real), |r| (Entry::NONE, r != 0))
}

pub unsafe fn daemon(real: &dyn Fn(c_int, c_int) -> c_int, nochdir: c_int, noclose: c_int) -> c_int {
    if !on() {
        return real(nochdir, noclose);
    }
    // The parent leaves inside; only the child returns, or a failure.
    forking(|| real(nochdir, noclose))
}

#[expect(clippy::too_many_arguments, reason = "clone's own arguments")]
pub unsafe fn clone(
    real: &dyn Fn(*mut c_void, *mut c_void, c_int, *mut c_void, c_long, c_long, c_long) -> c_int,
    func: *mut c_void,
    stack: *mut c_void,
    flags: c_int,
    arg: *mut c_void,
    a: c_long,
    b: c_long,
    c: c_long,
) -> c_int {
    if !on() || flags & libc::CLONE_THREAD != 0 {
        return real(func, stack, flags, arg, a, b, c);
    }
    let tls = state::tls();
    if flags & libc::CLONE_VM == 0 {
        // The child runs elsewhere and attaches at its first call.
        tls.forking.set(1);
        conns::count_for_child();
        let r = real(func, stack, flags, arg, a, b, c);
        conns::counted(r > 0);
        tls.forking.set(0);
        return r;
    }
    // A child on our memory, with our thread's words unless it was given its own.
    let borrows = flags & libc::CLONE_VFORK != 0 && flags & libc::CLONE_SETTLS == 0;
    let was = tls.vfork_child.get();
    if borrows {
        tls.vfork_child.set(1);
    }
    let r = real(func, stack, flags, arg, a, b, c);
    tls.vfork_child.set(was);
    r
}

// vfork's child returns through the parent's frame and the parent then returns through it again, so no frame of ours
// may lie between: the return address travels in a register, as in libc's own wrapper.
// A naked function and not global assembly: only what Rust itself exports gets past the linker's version script.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vfork() -> pid_t {
    naked_asm!(
        ".cfi_startproc",
        "rdtsc",
        "shl rdx, 32",
        "or rax, rdx",
        "mov r9, rax",
        "pop rdi",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_register rip, rdi",
        "mov eax, 58",
        "syscall",
        "push rdi",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_offset rip, -8",
        "mov r8, qword ptr [rip + socklens_tls@GOTTPOFF]",
        "test rax, rax",
        "jz 2f",
        "mov dword ptr fs:[r8 + 16], 0",
        "mov rdi, rax",
        "mov rsi, r9",
        "sub rsp, 8",
        ".cfi_adjust_cfa_offset 8",
        "call {parent}",
        "add rsp, 8",
        ".cfi_adjust_cfa_offset -8",
        "ret",
        "2:",
        "mov dword ptr fs:[r8 + 16], 1",
        "ret",
        ".cfi_endproc",
        parent = sym socklens_vforked,
    )
}

#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __vfork() -> pid_t {
    naked_asm!("jmp {vfork}", vfork = sym vfork)
}

/// The parent's side of a vfork, once its child has gone its own way.
#[unsafe(no_mangle)]
extern "C" fn socklens_vforked(r: i64, start: u64) -> i64 {
    let ret = if r < 0 { -1 } else { r };
    if on() {
        // A child that executed left its last call standing in our slot.
        // SAFETY: a slot in the mapping, which is never unmapped.
        if let Some(t) = unsafe { state::tls().thread.get().as_ref() } {
            t.in_call.store(0, Ordering::Release);
        }
        let errno = if r < 0 { -r as u16 } else { 0 };
        let end = clock::now();
        let start = if start <= end { start } else { end };
        let head = Head { call: Call::vfork as u16, errno, start, end, ret, conn: 0, flags: 0, ncaps: 0 };
        // SAFETY: nothing extra is written. Recorded whatever is wanted: it tells whose the child's events were.
        unsafe { record::event(head, &[], 0, |_| {}) };
    }
    if r < 0 {
        order::set_errno(-r as c_int);
    }
    ret
}

// ---- exec and spawn: our variables go along, also when the program scrubs its environment

unsafe extern "C" {
    static environ: Strings;
}

fn current_env() -> Strings {
    // SAFETY: libc's own variable; a racing setenv is the program's.
    unsafe { environ }
}

/// After an exec: it returned, so it failed.
fn failed() -> Entry {
    env::exec_failed();
    Entry::NONE
}

pub unsafe fn execve(
    real: &dyn Fn(*const c_char, Strings, Strings) -> c_int,
    path: *const c_char,
    argv: Strings,
    envp: Strings,
) -> c_int {
    if !on() {
        return real(path, argv, envp);
    }
    env::note_exec(path);
    observe!(execve(path, argv, envp), Entry::NONE, || env::with_ours(envp, |e| real(path, argv, e)), |_| failed())
}

type ExecFn = unsafe extern "C" fn(*const c_char, Strings, Strings) -> c_int;

/// The real function of another row, for forms that lack an environment argument.
fn real_of(call: Call) -> Option<ExecFn> {
    let p = real::address(call);
    // SAFETY: only asked for execve and execvpe, which have this prototype.
    if p == 0 { None } else { Some(unsafe { core::mem::transmute::<usize, ExecFn>(p) }) }
}

/// Calls `simple`, unless our variables are missing from the environment: then `full` with them put back.
fn exec_current(full: Call, path: *const c_char, argv: Strings, simple: impl Fn() -> c_int) -> c_int {
    let envp = current_env();
    env::with_ours(envp, |e| match real_of(full) {
        // SAFETY: the caller's path and argv, and an environment built from the current one.
        Some(f) if e != envp => unsafe { f(path, argv, e) },
        _ => simple(),
    })
}

pub unsafe fn execv(real: &dyn Fn(*const c_char, Strings) -> c_int, path: *const c_char, argv: Strings) -> c_int {
    if !on() {
        return real(path, argv);
    }
    env::note_exec(path);
    observe!(execv(path, argv), Entry::NONE, || exec_current(Call::execve, path, argv, || real(path, argv)), |_| {
        Entry::NONE
    })
}

pub unsafe fn execvp(real: &dyn Fn(*const c_char, Strings) -> c_int, file: *const c_char, argv: Strings) -> c_int {
    if !on() {
        return real(file, argv);
    }
    env::note_exec(file);
    observe!(execvp(file, argv), Entry::NONE, || exec_current(Call::execvpe, file, argv, || real(file, argv)), |_| {
        Entry::NONE
    })
}

pub unsafe fn execvpe(
    real: &dyn Fn(*const c_char, Strings, Strings) -> c_int,
    file: *const c_char,
    argv: Strings,
    envp: Strings,
) -> c_int {
    if !on() {
        return real(file, argv, envp);
    }
    env::note_exec(file);
    observe!(execvpe(file, argv, envp), Entry::NONE, || env::with_ours(envp, |e| real(file, argv, e)), |_| failed())
}

pub unsafe fn fexecve(
    real: &dyn Fn(c_int, Strings, Strings) -> c_int,
    fd: c_int,
    argv: Strings,
    envp: Strings,
) -> c_int {
    if !on() {
        return real(fd, argv, envp);
    }
    env::note_exec(c"(fexecve)".as_ptr());
    observe!(fexecve(fd, argv, envp), Entry::NONE, || env::with_ours(envp, |e| real(fd, argv, e)), |_| failed())
}

pub unsafe fn execveat(
    real: &dyn Fn(c_int, *const c_char, Strings, Strings, c_int) -> c_int,
    dirfd: c_int,
    path: *const c_char,
    argv: Strings,
    envp: Strings,
    flags: c_int,
) -> c_int {
    if !on() {
        return real(dirfd, path, argv, envp, flags);
    }
    env::note_exec(path);
    observe!(
        execveat(dirfd, path, argv, envp, flags),
        Entry::NONE,
        || env::with_ours(envp, |e| real(dirfd, path, argv, e, flags)),
        |_| failed()
    )
}

type SpawnStrings = *const *mut c_char;

pub unsafe fn posix_spawn(
    real: &dyn Fn(
        *mut pid_t,
        *const c_char,
        *const posix_spawn_file_actions_t,
        *const posix_spawnattr_t,
        SpawnStrings,
        SpawnStrings,
    ) -> c_int,
    pid: *mut pid_t,
    path: *const c_char,
    actions: *const posix_spawn_file_actions_t,
    attr: *const posix_spawnattr_t,
    argv: SpawnStrings,
    envp: SpawnStrings,
) -> c_int {
    if !on() {
        return real(pid, path, actions, attr, argv, envp);
    }
    observe!(
        posix_spawn(pid, path, actions, attr, argv, envp),
        Entry::NONE,
        || env::with_ours(envp.cast(), |e| real(pid, path, actions, attr, argv, e.cast())),
        |r| {
            env::note_child(r, pid, path);
            Entry::NONE
        }
    )
}

pub unsafe fn posix_spawnp(
    real: &dyn Fn(
        *mut pid_t,
        *const c_char,
        *const posix_spawn_file_actions_t,
        *const posix_spawnattr_t,
        SpawnStrings,
        SpawnStrings,
    ) -> c_int,
    pid: *mut pid_t,
    file: *const c_char,
    actions: *const posix_spawn_file_actions_t,
    attr: *const posix_spawnattr_t,
    argv: SpawnStrings,
    envp: SpawnStrings,
) -> c_int {
    if !on() {
        return real(pid, file, actions, attr, argv, envp);
    }
    observe!(
        posix_spawnp(pid, file, actions, attr, argv, envp),
        Entry::NONE,
        || env::with_ours(envp.cast(), |e| real(pid, file, actions, attr, argv, e.cast())),
        |r| {
            env::note_child(r, pid, file);
            Entry::NONE
        }
    )
}

// ---- the variadic forms: registers and stack become one list

macro_rules! execl_entry {
    ($name:ident, $target:ident) => {
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name() {
            naked_asm!(
                ".cfi_startproc",
                "sub rsp, 56",
                ".cfi_adjust_cfa_offset 56",
                "mov [rsp], rsi",
                "mov [rsp + 8], rdx",
                "mov [rsp + 16], rcx",
                "mov [rsp + 24], r8",
                "mov [rsp + 32], r9",
                "mov rsi, rsp",
                "lea rdx, [rsp + 64]",
                "call {target}",
                "add rsp, 56",
                ".cfi_adjust_cfa_offset -56",
                "ret",
                ".cfi_endproc",
                target = sym $target,
            )
        }
    };
}
execl_entry!(execl, socklens_execl);
execl_entry!(execlp, socklens_execlp);
execl_entry!(execle, socklens_execle);

/// Most arguments that the variadic forms pass on; more fail as the kernel would refuse a list too long.
const MAX_LIST: usize = 1024;

/// Gathers the list of a variadic exec: five words from registers, the rest from the stack, up to NULL.
/// Returns the environment argument that follows for execle.
///
/// # Safety
/// `regs` are five words, and `stack` the caller's argument area with a NULL-terminated list.
unsafe fn gather(
    regs: *const *const c_char,
    stack: *const *const c_char,
    to: &mut [*const c_char; MAX_LIST],
) -> Option<Strings> {
    // SAFETY: the caller's; reading stops behind the NULL, one word further for execle, which passes it.
    unsafe {
        let word = |i: usize| if i < 5 { *regs.add(i) } else { *stack.add(i - 5) };
        for (i, slot) in to.iter_mut().enumerate() {
            *slot = word(i);
            if slot.is_null() {
                return Some(word(i + 1).cast());
            }
        }
        None
    }
}

macro_rules! execl_body {
    ($name:ident, $call:ident, $has_env:literal) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(
            path: *const c_char,
            regs: *const *const c_char,
            stack: *const *const c_char,
        ) -> c_int {
            let mut list = [core::ptr::null(); MAX_LIST];
            // SAFETY: called by the entry point above with the caller's registers and stack.
            let Some(envp) = (unsafe { gather(regs, stack, &mut list) }) else {
                order::set_errno(libc::E2BIG);
                return -1;
            };
            let envp = if $has_env { envp } else { current_env() };
            let Some(f) = real_of(Call::$call) else { return order::missing() };
            // SAFETY: the real execve or execvpe with the caller's path, list and environment.
            unsafe { $call(&|p, a, e| f(p, a, e), path, list.as_ptr(), envp) }
        }
    };
}
execl_body!(socklens_execl, execve, false);
execl_body!(socklens_execlp, execvpe, false);
execl_body!(socklens_execle, execve, true);

// ---- syslog: its arguments become a va_list for vsyslog

macro_rules! syslog_entry {
    ($name:ident, $target:ident, $gp:literal) => {
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name() {
            naked_asm!(
                ".cfi_startproc",
                "sub rsp, 216",
                ".cfi_adjust_cfa_offset 216",
                "mov [rsp + 32], rdi",
                "mov [rsp + 40], rsi",
                "mov [rsp + 48], rdx",
                "mov [rsp + 56], rcx",
                "mov [rsp + 64], r8",
                "mov [rsp + 72], r9",
                "movaps [rsp + 80], xmm0",
                "movaps [rsp + 96], xmm1",
                "movaps [rsp + 112], xmm2",
                "movaps [rsp + 128], xmm3",
                "movaps [rsp + 144], xmm4",
                "movaps [rsp + 160], xmm5",
                "movaps [rsp + 176], xmm6",
                "movaps [rsp + 192], xmm7",
                concat!("mov dword ptr [rsp], ", $gp),
                "mov dword ptr [rsp + 4], 48",
                "lea rax, [rsp + 224]",
                "mov [rsp + 8], rax",
                "lea rax, [rsp + 32]",
                "mov [rsp + 16], rax",
                "mov rcx, rsp",
                "call {target}",
                "add rsp, 216",
                ".cfi_adjust_cfa_offset -216",
                "ret",
                ".cfi_endproc",
                target = sym $target,
            )
        }
    };
}
syslog_entry!(syslog, socklens_syslog, "16");
syslog_entry!(__syslog_chk, socklens_syslog_chk, "24");

#[unsafe(no_mangle)]
unsafe extern "C" fn socklens_syslog(priority: c_int, format: *const c_char, _: usize, args: *mut c_void) {
    let p = real::address(Call::vsyslog);
    let call = || {
        if p != 0 {
            // SAFETY: vsyslog with the caller's format and a va_list of its arguments.
            unsafe {
                core::mem::transmute::<usize, unsafe extern "C" fn(c_int, *const c_char, *mut c_void)>(p)(
                    priority, format, args,
                )
            }
        }
    };
    if !on() {
        return call();
    }
    observe!(syslog(priority, format), Entry::NONE, call, |()| Entry::NONE)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn socklens_syslog_chk(priority: c_int, flag: c_int, format: *const c_char, args: *mut c_void) {
    let p = real::address(Call::__vsyslog_chk);
    let call = || {
        if p != 0 {
            // SAFETY: as above.
            unsafe {
                core::mem::transmute::<usize, unsafe extern "C" fn(c_int, c_int, *const c_char, *mut c_void)>(p)(
                    priority, flag, format, args,
                )
            }
        }
    };
    if !on() {
        return call();
    }
    observe!(__syslog_chk(priority, flag, format), Entry::NONE, call, |()| Entry::NONE)
}

// ---- confinement and the door to everything

/// From the moment a process installs a filter, nothing extra is asked of the kernel. Set before: afterwards may be late.
fn confining(real: impl FnOnce() -> c_long) -> c_long {
    let was = state::CONFINED.swap(1, Ordering::Relaxed);
    if was == 0 {
        env::note_unseen(Unseen::Confined);
    }
    let r = real();
    if r < 0 && was == 0 {
        state::CONFINED.store(0, Ordering::Relaxed);
    }
    r
}

pub unsafe fn prctl(
    real: &dyn Fn(c_int, c_long, c_long, c_long, c_long) -> c_int,
    option: c_int,
    a: c_long,
    b: c_long,
    c: c_long,
    d: c_long,
) -> c_int {
    if option == libc::PR_SET_SECCOMP && on() {
        return confining(|| c_long::from(real(option, a, b, c, d))) as c_int;
    }
    real(option, a, b, c, d)
}

/// `syscall()`: the socket numbers are the calls they stand for.
#[expect(clippy::too_many_arguments, reason = "syscall's own arguments")]
pub unsafe fn syscall(
    real: &dyn Fn(c_long, c_long, c_long, c_long, c_long, c_long, c_long) -> c_long,
    nr: c_long,
    a: c_long,
    b: c_long,
    c: c_long,
    d: c_long,
    e: c_long,
    f: c_long,
) -> c_long {
    if !on() {
        return real(nr, a, b, c, d, e, f);
    }
    let tls = state::tls();
    let go = || real(nr, a, b, c, d, e, f);
    let int = || go() as c_int;
    macro_rules! via {
        ($e:expr) => {{
            tls.via_syscall.set(1);
            // SAFETY: the caller's own arguments, converted as the kernel would read them.
            let r = unsafe { $e } as c_long;
            tls.via_syscall.set(0);
            r
        }};
    }
    macro_rules! plain {
        ($call:ident, $($arg:expr),*) => {{
            tls.via_syscall.set(1);
            let r = (order::plain::<{ Call::$call as u16 }, { <[&str]>::len(&[$(stringify!($arg)),*]) }, c_long>([$($arg as u64),*], go));
            tls.via_syscall.set(0);
            r
        }};
    }
    let (ai, bi, ci, di) = (a as c_int, b as c_int, c as c_int, d as c_int);
    match nr {
        libc::SYS_socket => via!(super::socket(&|_, _, _| int(), ai, bi, ci)),
        libc::SYS_socketpair => via!(super::socketpair(&|_, _, _, _| int(), ai, bi, ci, d as *mut c_int)),
        libc::SYS_bind => via!(super::bind(&|_, _, _| int(), ai, b as *const _, c as u32)),
        libc::SYS_listen => via!(super::listen(&|_, _| int(), ai, bi)),
        libc::SYS_accept => via!(super::accept(&|_, _, _| int(), ai, b as *mut _, c as *mut _)),
        libc::SYS_accept4 => via!(super::accept4(&|_, _, _, _| int(), ai, b as *mut _, c as *mut _, di)),
        libc::SYS_connect => via!(super::connect(&|_, _, _| int(), ai, b as *const _, c as u32)),
        libc::SYS_shutdown => plain!(shutdown, ai, bi),
        libc::SYS_getsockname => plain!(getsockname, ai, b, c),
        libc::SYS_getpeername => plain!(getpeername, ai, b, c),
        libc::SYS_setsockopt => plain!(setsockopt, ai, bi, ci, d, e as u32),
        libc::SYS_getsockopt => plain!(getsockopt, ai, bi, ci, d, e),
        libc::SYS_sendto => via!(super::sendto(
            &|_, _, _, _, _, _| go() as isize,
            ai,
            b as *const _,
            c as usize,
            di,
            e as *const _,
            f as u32
        )),
        libc::SYS_recvfrom => plain!(recvfrom, ai, b, c, di, e, f),
        libc::SYS_sendmsg => via!(super::sendmsg(&|_, _, _| go() as isize, ai, b as *const _, ci)),
        libc::SYS_recvmsg => via!(super::recvmsg(&|_, _, _| go() as isize, ai, b as *mut _, ci)),
        libc::SYS_sendmmsg => via!(super::sendmmsg(&|_, _, _, _| int(), ai, b as *mut _, c as u32, di)),
        libc::SYS_recvmmsg => {
            via!(super::recvmmsg(&|_, _, _, _, _| int(), ai, b as *mut _, c as u32, di, e as *mut _))
        }
        libc::SYS_read => plain!(read, ai, b, c),
        libc::SYS_write => plain!(write, ai, b, c),
        libc::SYS_readv => plain!(readv, ai, b, c),
        libc::SYS_writev => plain!(writev, ai, b, c),
        // The offset's upper half is a word of its own, unused on 64-bit.
        libc::SYS_preadv => plain!(preadv, ai, b, c, d),
        libc::SYS_pwritev => plain!(pwritev, ai, b, c, d),
        libc::SYS_preadv2 => plain!(preadv2, ai, b, c, d, f),
        libc::SYS_pwritev2 => plain!(pwritev2, ai, b, c, d, f),
        libc::SYS_pread64 => plain!(pread, ai, b, c, d),
        libc::SYS_pwrite64 => plain!(pwrite, ai, b, c, d),
        libc::SYS_tee => plain!(tee, ai, bi, c, d as u32),
        libc::SYS_vmsplice => plain!(vmsplice, ai, b, c, d as u32),
        libc::SYS_close => via!(super::close(&|_| int(), ai)),
        libc::SYS_close_range => via!(super::close_range(&|_, _, _| int(), a as u32, b as u32, ci)),
        libc::SYS_dup => via!(super::dup(&|_| int(), ai)),
        libc::SYS_dup2 => via!(super::dup2(&|_, _| int(), ai, bi)),
        libc::SYS_dup3 => via!(super::dup3(&|_, _, _| int(), ai, bi, ci)),
        libc::SYS_fcntl => via!(super::fcntl(&|_, _, _| int(), ai, bi, c)),
        libc::SYS_ioctl => via!(super::ioctl(&|_, _, _| int(), ai, b as u64, c)),
        libc::SYS_sendfile => {
            via!(super::sendfile(&|_, _, _, _| go() as isize, ai, bi, c as *mut _, d as usize))
        }
        libc::SYS_splice => via!(super::splice(
            &|_, _, _, _, _, _| go() as isize,
            ai,
            b as *mut _,
            ci,
            d as *mut _,
            e as usize,
            f as u32
        )),
        libc::SYS_poll => via!(super::poll(&|_, _, _| int(), a as *mut _, b as u64, ci)),
        libc::SYS_ppoll => via!(super::ppoll(&|_, _, _, _| int(), a as *mut _, b as u64, c as *const _, d as *const _)),
        libc::SYS_select => {
            via!(super::select(&|_, _, _, _, _| int(), ai, b as *mut _, c as *mut _, d as *mut _, e as *mut _))
        }
        libc::SYS_pselect6 => via!(super::pselect(
            &|_, _, _, _, _, _| int(),
            ai,
            b as *mut _,
            c as *mut _,
            d as *mut _,
            e as *const _,
            // The kernel's sixth argument points to the mask and its size.
            core::ptr::null()
        )),
        libc::SYS_epoll_create => via!(super::epoll_create(&|_| int(), ai)),
        libc::SYS_epoll_create1 => via!(super::epoll_create1(&|_| int(), ai)),
        libc::SYS_epoll_ctl => via!(super::epoll_ctl(&|_, _, _, _| int(), ai, bi, ci, d as *mut _)),
        libc::SYS_epoll_wait => via!(super::epoll_wait(&|_, _, _, _| int(), ai, b as *mut _, ci, di)),
        libc::SYS_epoll_pwait => {
            via!(super::epoll_pwait(&|_, _, _, _, _| int(), ai, b as *mut _, ci, di, e as *const _))
        }
        libc::SYS_epoll_pwait2 => {
            via!(super::epoll_pwait2(&|_, _, _, _, _| int(), ai, b as *mut _, ci, d as *const _, e as *const _))
        }
        libc::SYS_fork => via!(super::fork(&int)),
        // Without shared memory, clone is a fork.
        libc::SYS_clone if ai & libc::CLONE_VM == 0 && b == 0 => forking(int).into(),
        libc::SYS_execve => via!(super::execve(
            &|p, v, e| real(nr, p as c_long, v as c_long, e as c_long, 0, 0, 0) as c_int,
            a as *const _,
            b as *const _,
            c as *const _
        )),
        libc::SYS_execveat => via!(super::execveat(
            &|n, p, v, e, g| real(nr, n.into(), p as c_long, v as c_long, e as c_long, g.into(), 0) as c_int,
            ai,
            b as *const _,
            c as *const _,
            d as *const _,
            e as c_int
        )),
        // Whatever opens a descriptor may reuse a number that we held.
        libc::SYS_open
        | libc::SYS_openat
        | libc::SYS_creat
        | libc::SYS_eventfd
        | libc::SYS_eventfd2
        | libc::SYS_timerfd_create
        | libc::SYS_signalfd
        | libc::SYS_signalfd4
        | libc::SYS_inotify_init
        | libc::SYS_inotify_init1
        | libc::SYS_memfd_create
        | libc::SYS_pidfd_open
        | libc::SYS_pidfd_getfd
        | libc::SYS_userfaultfd
        | libc::SYS_perf_event_open => {
            let fd = go();
            conns::forget(fd as c_int);
            fd
        }
        libc::SYS_io_uring_setup => {
            let fd = go();
            conns::forget(fd as c_int);
            env::note_unseen(Unseen::IoUring);
            fd
        }
        libc::SYS_seccomp => confining(go),
        libc::SYS_prctl if ai == libc::PR_SET_SECCOMP => confining(go),
        _ => go(),
    }
}
