//! The exported symbols: one per row of THE TABLE, with its aliases. A prototype that disagrees with the libc crate's
//! does not compile.

use crate::hot::{order, real, state};
use crate::special;
use core::arch::naked_asm;
use core::sync::atomic::{AtomicPtr, Ordering, fence};
use socklens_calls::{CALLS, Call};

/// The C types that rows name.
#[expect(non_camel_case_types, reason = "C's names")]
mod types {
    pub use libc::{
        FILE, addrinfo, c_char, c_int, c_long, c_uint, c_ulong, c_void, epoll_event, fd_set, hostent, ifaddrs, in_addr,
        iovec, mmsghdr, mode_t, msghdr, nfds_t, off_t, pid_t, pollfd, posix_spawn_file_actions_t, posix_spawnattr_t,
        sa_family_t, sigevent, sigset_t, size_t, sockaddr, sockaddr_in, sockaddr_storage, socklen_t, ssize_t, timespec,
        timeval,
    };
    /// libc has a function of this name too.
    pub type if_nameindex = libc::if_nameindex;
}

/// The real function, safe to call: what its arguments must be is the caller's affair, as without us.
macro_rules! real {
    ($name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty) => {
        // SAFETY: the address is the next definition of this row's symbol, whose prototype is the row's.
        unsafe { core::mem::transmute::<usize, extern "C" fn($($ty),*) -> $ret>(real::function(Call::$name)) }
    };
}

macro_rules! body {
    (Special $name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty) => {{
        let real = real!($name($($arg: $ty),*) -> $ret);
        // SAFETY: the caller's own arguments, and the real function to hand them to.
        unsafe { special::$name(real, $($arg),*) }
    }};
    (NewFd $name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty) => {{
        if crate::fault::exhausted(Call::$name) {
            return order::no_descriptor::<$ret>(Call::$name);
        }
        let fd = real!($name($($arg: $ty),*) -> $ret)($($arg),*);
        crate::cold::conns::forget(fd);
        fd
    }};
    ($plain:ident $name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty) => {
        {
            order::plain::<{ Call::$name as u16 }, { <[&str]>::len(&[$(stringify!($arg)),*]) }, $ret>(
                [$(order::Raw::raw($arg)),*],
            )
        }
    };
}

macro_rules! check {
    (libc $name:ident ($($ty:ty),*) -> $ret:ty) => {
        const _: unsafe extern "C" fn($($ty),*) -> $ret = libc::$name;
    };
    ($other:ident $name:ident ($($ty:ty),*) -> $ret:ty) => {};
}

macro_rules! hook {
    // Entry points written in assembly, in special/.
    (asm $name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty, $body:ident) => {};
    ($chk:ident $name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty, $body:ident) => {
        check!($chk $name ($($ty),*) -> $ret);

        unsafe extern "C" fn $name($($arg: $ty),*) -> $ret {
            body!($body $name ($($arg: $ty),*) -> $ret)
        }
    };
}

/// The symbol itself: a jump to wherever its gate points.
macro_rules! gate {
    (asm $name:ident [$($alias:ident)*]) => {};
    // What makes a socket also keeps where it was called from.
    ($chk:ident socket [$($alias:ident)*]) => { gate!(sited socket); };
    ($chk:ident socketpair [$($alias:ident)*]) => { gate!(sited socketpair); };
    ($chk:ident accept [$($alias:ident)*]) => { gate!(sited accept); };
    ($chk:ident accept4 [$($alias:ident)*]) => { gate!(sited accept4); };
    (sited $name:ident) => {
        // As below; r11 and rax are the callee's to use, and no argument of a function that is not variadic.
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name() {
            naked_asm!(
                "mov r11, qword ptr [rip + socklens_tls@GOTTPOFF]",
                "mov rax, qword ptr [rsp]",
                "mov qword ptr fs:[r11 + {site}], rax",
                "jmp qword ptr [rip + {gates} + {offset}]",
                site = const core::mem::offset_of!(crate::hot::state::Tls, site),
                gates = sym GATES,
                offset = const Call::$name as usize * 8,
            )
        }
    };
    ($chk:ident $name:ident [$($alias:ident)*]) => {
        gate!(symbol $name $name);
        $(gate!(symbol $name $alias);)*
    };
    (symbol $name:ident $symbol:ident) => {
        // Naked, so that the caller's registers reach the target untouched; its prototype is the hook's.
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $symbol() {
            naked_asm!(
                "jmp qword ptr [rip + {gates} + {offset}]",
                gates = sym GATES,
                offset = const Call::$name as usize * 8,
            )
        }
    };
}

macro_rules! address {
    (asm $name:ident) => {
        core::ptr::null_mut()
    };
    ($chk:ident $name:ident) => {
        $name as *mut ()
    };
}

macro_rules! exports {
    ([] $($op:literal $name:ident [$($alias:ident)*] ($($arg:ident : $ty:ty = $kind:expr),*) -> $ret:ty = $rk:ident, $class:expr, $body:ident, $chk:ident, $sys:literal;)*) => {
        mod hooks {
            use super::types::*;
            use super::*;

            $(hook!($chk $name ($($arg : $ty),*) -> $ret, $body);)*

            pub(super) const ADDRESSES: [*mut (); CALLS.len()] = [$(address!($chk $name)),*];
        }

        $(gate!($chk $name [$($alias)*]);)*
    };
}

socklens_calls::for_each_call!(exports []);

/// Where each symbol jumps: to its hook, or, in a process that records nothing, straight to the real function, or to a
/// short way of its own.
static GATES: [AtomicPtr<()>; CALLS.len()] = {
    let mut gates = [const { AtomicPtr::new(core::ptr::null_mut()) }; CALLS.len()];
    let mut i = 0;
    while i < CALLS.len() {
        gates[i] = AtomicPtr::new(hooks::ADDRESSES[i]);
        i += 1;
    }
    gates
};

/// What the others led to: a second table of the hooks' addresses would double its relocations.
// Apart from what every start writes: adr/0010.
#[unsafe(link_section = ".bss.large")]
static HOOKS: [AtomicPtr<()>; CALLS.len()] = [const { AtomicPtr::new(core::ptr::null_mut()) }; CALLS.len()];

/// Puts the hooks back in the way. The process records already: see `open_gate`.
pub fn close_gates() {
    fence(Ordering::SeqCst);
    for (gate, hook) in GATES.iter().zip(&HOOKS) {
        shut(gate, hook);
    }
}

fn shut(gate: &AtomicPtr<()>, hook: &AtomicPtr<()>) {
    let hook = hook.load(Ordering::Relaxed);
    if !hook.is_null() {
        gate.store(hook, Ordering::Relaxed);
    }
}

/// Takes the hooks of what was looked up already out of the way: nothing is recorded in this process, so what programs call
/// often costs one jump. The others follow when they are looked up.
pub fn open_gates() {
    if !real::any_known() {
        return;
    }
    for call in Call::all() {
        if let Some(address) = real::known(call) {
            open_gate(call, address);
        }
    }
}

/// Leads a call straight to the real function, if nothing is recorded in this process.
pub fn open_gate(call: Call, address: usize) {
    use socklens_calls::class::{DATA, FD, NET, WAIT};
    let (Some(gate), Some(hook)) = (GATES.get(call as usize), HOOKS.get(call as usize)) else { return };
    if state::mode() != state::mode::SILENT || address == 0 || call.class() & (DATA | FD | NET | WAIT) == 0 {
        return;
    }
    lead(gate, hook, address);
    // Another thread may have begun to record meanwhile: either it sees that the gate is open, or this one that it does.
    fence(Ordering::SeqCst);
    if state::mode() != state::mode::SILENT {
        shut(gate, hook);
    }
}

fn lead(gate: &AtomicPtr<()>, hook: &AtomicPtr<()>, to: usize) {
    // Once another thread has led the gate somewhere, the hook is known.
    let was = gate.load(Ordering::Acquire);
    let _ = hook.compare_exchange(core::ptr::null_mut(), was, Ordering::AcqRel, Ordering::Relaxed);
    gate.store(to as *mut (), Ordering::Release);
}

/// Leads the calls that have short ways there, in a process that records, as far as they were looked up. The others follow.
/// Again when something else is wanted of them than before.
#[cold]
pub fn take_short_ways() {
    let Some(h) = state::header() else { return };
    let generation = h.generation.load(Ordering::Acquire);
    if real::any_known() {
        order::HOT.into_iter().filter(|&call| real::known(call).is_some()).for_each(take_short_way);
    }
    state::set_led(generation);
}

/// As [`take_short_ways`], for a call that is looked up.
pub fn take_short_way(call: Call) {
    let (Some(gate), Some(hook)) = (GATES.get(call as usize), HOOKS.get(call as usize)) else { return };
    let Some(h) = state::header().filter(|_| state::mode() == state::mode::ON) else { return };
    state::arm(state::rules());
    loop {
        let generation = h.generation.load(Ordering::Acquire);
        match order::gate(h, call) {
            Some(way) => lead(gate, hook, way),
            None => shut(gate, hook),
        }
        // What is wanted may have changed meanwhile, and who changed it have led all gates before this one.
        fence(Ordering::SeqCst);
        if h.generation.load(Ordering::Acquire) == generation {
            break;
        }
    }
}
