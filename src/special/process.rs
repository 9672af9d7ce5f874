//! Processes: fork and its kin, exec with our variables kept, and threads.

use crate::cold::{attach, conns, env};
use crate::fault;
use crate::hot::fds::Entry;
use crate::hot::order::on;
use crate::hot::record::{self, Head};
use crate::hot::{clock, order, real, state};
use core::arch::naked_asm;
use core::sync::atomic::Ordering;
use libc::{c_char, c_int, c_long, c_void, pid_t, posix_spawn_file_actions_t, posix_spawnattr_t};
use socklens_calls::Call;

type Strings = *const *const c_char;

/// Runs something that forks. The child's references are counted before it exists: it may be gone, or the parent may
/// have closed its copies, before the child's first call.
pub(super) fn forking(how: u32, real: impl FnOnce() -> c_int) -> c_int {
    let tls = state::tls();
    tls.forking.set(how);
    fault::before_fork();
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

pub unsafe fn fork(real: extern "C" fn() -> pid_t) -> pid_t {
    if !on() {
        return real();
    }
    observe_if!(fork(), Entry::NONE, || forking(state::forking::LIBC, || real()), |r| (Entry::NONE, r != 0))
}

#[expect(non_snake_case, reason = "libc's name")]
pub unsafe fn _Fork(real: extern "C" fn() -> pid_t) -> pid_t {
    if !on() {
        return real();
    }
    observe_if!(_Fork(), Entry::NONE, || forking(state::forking::BARE, || real()), |r| (Entry::NONE, r != 0))
}

pub unsafe fn daemon(real: extern "C" fn(c_int, c_int) -> c_int, nochdir: c_int, noclose: c_int) -> c_int {
    if !on() {
        return real(nochdir, noclose);
    }
    // The parent leaves inside; only the child returns, or a failure.
    forking(state::forking::LIBC, || real(nochdir, noclose))
}

#[expect(clippy::too_many_arguments, reason = "clone's own arguments")]
pub unsafe fn clone(
    real: extern "C" fn(*mut c_void, *mut c_void, c_int, *mut c_void, c_long, c_long, c_long) -> c_int,
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
        tls.forking.set(state::forking::BARE);
        fault::before_fork();
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
        before_vfork();
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
        "sub rsp, 8",
        ".cfi_adjust_cfa_offset 8",
        "call {before}",
        "add rsp, 8",
        ".cfi_adjust_cfa_offset -8",
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
        before = sym before_vfork,
        parent = sym socklens_vforked,
    )
}

#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __vfork() -> pid_t {
    naked_asm!("jmp {vfork}", vfork = sym vfork)
}

/// The thread gets its slot now: its child would give it one with the child's number, and when that has ended it would look
/// as if the thread had.
extern "C" fn before_vfork() {
    if on() {
        record::thread();
    }
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
        // Recorded whatever is wanted: it tells whose the child's events were.
        record::bare(head, &[]);
        order::count_plain(Call::vfork, ret, errno, (start, end));
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

/// Before an exec that may not return: its arguments, for the reader.
macro_rules! note_exec {
    ($name:ident($($arg:expr),*)) => {
        order::note_exec(Call::$name, &[$(order::Raw::raw($arg)),*])
    };
}

/// After an exec: it returned, so it failed.
fn failed() -> Entry {
    env::exec_failed();
    Entry::NONE
}

pub unsafe fn execve(
    real: extern "C" fn(*const c_char, Strings, Strings) -> c_int,
    path: *const c_char,
    argv: Strings,
    envp: Strings,
) -> c_int {
    if !on() {
        return real(path, argv, envp);
    }
    note_exec!(execve(path, argv, envp));
    observe!(execve(path, argv, envp), Entry::NONE, || env::with_ours(envp, |e| real(path, argv, e)), |_| failed())
}

type ExecFn = extern "C" fn(*const c_char, Strings, Strings) -> c_int;

/// The real function of another row, for forms that lack an environment argument.
fn real_of(call: Call) -> ExecFn {
    // SAFETY: only asked for execve and execvpe, which have this prototype.
    unsafe { core::mem::transmute::<usize, ExecFn>(real::function(call)) }
}

/// Calls `simple`, unless our variables are missing from the environment: then `full` with them put back.
fn exec_current(full: Call, path: *const c_char, argv: Strings, simple: impl Fn() -> c_int) -> c_int {
    let envp = current_env();
    env::with_ours(envp, |e| if e == envp { simple() } else { real_of(full)(path, argv, e) })
}

pub unsafe fn execv(real: extern "C" fn(*const c_char, Strings) -> c_int, path: *const c_char, argv: Strings) -> c_int {
    if !on() {
        return real(path, argv);
    }
    // The environment that the row has no argument for goes along.
    note_exec!(execv(path, argv, current_env()));
    observe!(
        execv(path, argv, current_env()),
        Entry::NONE,
        || exec_current(Call::execve, path, argv, || real(path, argv)),
        |_| { Entry::NONE }
    )
}

pub unsafe fn execvp(
    real: extern "C" fn(*const c_char, Strings) -> c_int,
    file: *const c_char,
    argv: Strings,
) -> c_int {
    if !on() {
        return real(file, argv);
    }
    note_exec!(execvp(file, argv, current_env()));
    observe!(
        execvp(file, argv, current_env()),
        Entry::NONE,
        || exec_current(Call::execvpe, file, argv, || real(file, argv)),
        |_| { Entry::NONE }
    )
}

pub unsafe fn execvpe(
    real: extern "C" fn(*const c_char, Strings, Strings) -> c_int,
    file: *const c_char,
    argv: Strings,
    envp: Strings,
) -> c_int {
    if !on() {
        return real(file, argv, envp);
    }
    note_exec!(execvpe(file, argv, envp));
    observe!(execvpe(file, argv, envp), Entry::NONE, || env::with_ours(envp, |e| real(file, argv, e)), |_| failed())
}

pub unsafe fn fexecve(
    real: extern "C" fn(c_int, Strings, Strings) -> c_int,
    fd: c_int,
    argv: Strings,
    envp: Strings,
) -> c_int {
    if !on() {
        return real(fd, argv, envp);
    }
    note_exec!(fexecve(fd, argv, envp));
    observe!(fexecve(fd, argv, envp), Entry::NONE, || env::with_ours(envp, |e| real(fd, argv, e)), |_| failed())
}

pub unsafe fn execveat(
    real: extern "C" fn(c_int, *const c_char, Strings, Strings, c_int) -> c_int,
    dirfd: c_int,
    path: *const c_char,
    argv: Strings,
    envp: Strings,
    flags: c_int,
) -> c_int {
    if !on() {
        return real(dirfd, path, argv, envp, flags);
    }
    note_exec!(execveat(dirfd, path, argv, envp, flags));
    observe!(
        execveat(dirfd, path, argv, envp, flags),
        Entry::NONE,
        || env::with_ours(envp, |e| real(dirfd, path, argv, e, flags)),
        |_| failed()
    )
}

pub unsafe fn system(real: extern "C" fn(*const c_char) -> c_int, command: *const c_char) -> c_int {
    if !on() {
        return real(command);
    }
    observe!(system(command), Entry::NONE, || env::lent(|| real(command)), |_| Entry::NONE)
}

type SpawnStrings = *const *mut c_char;

pub unsafe fn posix_spawn(
    real: extern "C" fn(
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
    real: extern "C" fn(
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
            // SAFETY: the real execve or execvpe with the caller's path, list and environment.
            unsafe { $call(real_of(Call::$call), path, list.as_ptr(), envp) }
        }
    };
}
execl_body!(socklens_execl, execve, false);
execl_body!(socklens_execlp, execvpe, false);
execl_body!(socklens_execle, execve, true);

// ---- threads: their lineage names the connections they make

/// Where a new thread begins: it takes what it must know, and goes on in the caller's routine as if it had begun there.
#[unsafe(naked)]
extern "C" fn thread_begins() {
    naked_asm!(
        "sub rsp, 8",
        "call {born}",
        "add rsp, 8",
        "mov rdi, rdx",
        "jmp rax",
        born = sym fault::thread_born,
    )
}

pub unsafe fn pthread_create(
    real: extern "C" fn(*mut c_void, *const c_void, *mut c_void, *mut c_void) -> c_int,
    thread: *mut c_void,
    attr: *const c_void,
    start: *mut c_void,
    arg: *mut c_void,
) -> c_int {
    // Without rules nobody asks for lineages, and the thread is made as it would be without us.
    if !on() || !fault::present() {
        return real(thread, attr, start, arg);
    }
    let Some(at) = fault::thread_note(start as usize, arg as usize) else { return real(thread, attr, start, arg) };
    let r = real(thread, attr, thread_begins as *mut c_void, at as *mut c_void);
    if r != 0 {
        fault::thread_failed(at);
    }
    r
}
