//! What memory of the program goes into an event. One walk over the arguments' meanings serves twice: first to
//! measure, then to copy.
//!
//! Memory is read only after the kernel (or libc) has proved it readable in this very call; else through
//! process_vm_readv, which does not fault, where the process may still make that call; else not at all.

pub mod lists;
mod sink;
mod walk;

pub use sink::{Fill, Measure, copy_small};
pub use walk::walk;

use super::{fds, state};
use core::mem::size_of;
use core::sync::atomic::Ordering;
use libc::{c_int, msghdr};
use socklens_calls::{Arg, CALLS, Call, Kind, MAX_ARGS, Ret, Spec};
use socklens_inside::engine::Told;

/// The request that lists interfaces, whose room the result takes the place of.
const SIOCGIFCONF: u64 = 0x8912;

/// Longest string, option or control block kept.
const MAX_TEXT: usize = 4096;

/// A finished call, as the walk sees it.
#[derive(Clone, Copy, Debug)]
pub struct Done<'a> {
    pub call: Call,
    pub args: &'a [u64],
    pub ret: i64,
    pub errno: u16,
    pub failed: bool,
    /// Values of value-result lengths and times read at entry.
    pub before: &'a Before,
    /// Bytes of each payload to keep.
    pub strlen: usize,
    /// The descriptor is a netlink socket: its messages are shown one by one, whatever is shown of other payloads.
    pub netlink: bool,
    /// Faults that were applied.
    pub told: &'a Told<'a>,
}

/// What value-result arguments held at entry: 8 bytes each, and whether they are known.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    pub known: u8,
    pub value: [u64; MAX_ARGS],
    /// Where select's sets go that are longer than a word; null where there is no room.
    pub sets: *mut Sets,
}

/// Room for select's three sets, of FD_SETSIZE descriptors each.
pub type Sets = [[u64; FD_SET_MAX / 64]; 3];

/// Descriptors of a set that are looked at.
const FD_SET_MAX: usize = 1024;

/// Bytes of a set that the kernel looks at, at the most so many as are kept.
fn set_len(nfds: u64) -> usize {
    (nfds as u32 as usize).min(FD_SET_MAX).div_ceil(64) * 8
}

impl Before {
    pub const NONE: Before = Before { known: 0, value: [0; MAX_ARGS], sets: core::ptr::null_mut() };

    fn get(&self, i: usize) -> Option<u64> {
        if self.known & (1 << i) != 0 { self.value.get(i).copied() } else { None }
    }
}

/// A bit for each call.
type Calls = [u64; CALLS.len().div_ceil(64)];

/// What only depends on the row is not found out at every call.
macro_rules! calls {
    ($spec:ident => $yes:expr) => {{
        let mut bits: Calls = [0; _];
        let mut i = 0;
        while i < CALLS.len() {
            let $spec = &CALLS[i];
            if $yes {
                bits[i / 64] |= 1 << (i % 64);
            }
            i += 1;
        }
        bits
    }};
}

#[inline(always)]
fn has(bits: &Calls, call: Call) -> bool {
    let n = call as usize;
    bits.get(n / 64).is_some_and(|w| w >> (n % 64) & 1 != 0)
}

/// Whether any argument of a call is value-result or worth a look at entry.
pub fn needs_before(call: Call) -> bool {
    static BITS: Calls = calls!(spec => looks_before(spec.args));
    has(&BITS, call)
}

/// Whether a call has no memory to copy at all.
pub fn no_memory(call: Call) -> bool {
    static BITS: Calls = calls!(spec => is_plain(spec.args, spec.ret));
    has(&BITS, call)
}

const fn looks_before(args: &[Arg]) -> bool {
    let mut i = 0;
    while i < args.len() {
        if matches!(
            args[i].kind,
            Kind::LenPtr | Kind::OffPtr | Kind::MsgOut | Kind::FdSet | Kind::Timeval | Kind::IoctlArg
        ) {
            return true;
        }
        i += 1;
    }
    false
}

/// For rows whose only memory is one buffer: its index, and whether the kernel reads it. These take a short path.
#[inline(always)]
pub const fn only_buffer(spec: &Spec) -> Option<(usize, bool)> {
    let mut i = 0;
    let mut found = None;
    while i < spec.args.len() {
        match spec.args[i].kind {
            Kind::BufIn(_) | Kind::BufOut(_) if found.is_some() => return None,
            Kind::BufIn(_) => found = Some((i, true)),
            Kind::BufOut(_) => found = Some((i, false)),
            Kind::Int
            | Kind::UInt
            | Kind::Long
            | Kind::Size
            | Kind::Fd
            | Kind::MsgFlags
            | Kind::Off
            | Kind::RwfFlags => {}
            _ => return None,
        }
        i += 1;
    }
    if matches!(spec.ret, Ret::Bytes) { found } else { None }
}

const fn is_plain(args: &[Arg], ret: Ret) -> bool {
    let mut i = 0;
    while i < args.len() {
        match args[i].kind {
            Kind::Int
            | Kind::UInt
            | Kind::Long
            | Kind::Size
            | Kind::Hex
            | Kind::Ptr
            | Kind::File
            | Kind::Pid
            | Kind::Mode
            | Kind::Off
            | Kind::Fd
            | Kind::DirFd
            | Kind::Domain
            | Kind::SockType
            | Kind::Proto
            | Kind::MsgFlags
            | Kind::SockFlags
            | Kind::ShutHow
            | Kind::Level
            | Kind::OptName
            | Kind::EpollOp
            | Kind::EpollCreateFlags
            | Kind::Dup3Flags
            | Kind::CloseRangeFlags
            | Kind::FcntlCmd
            | Kind::IoctlReq
            | Kind::SpliceFlags
            | Kind::RwfFlags
            | Kind::NiFlags
            | Kind::Family
            | Kind::DnsClass
            | Kind::DnsType
            | Kind::Priority
            | Kind::SpawnFlags
            | Kind::ExecFlags
            | Kind::TimeoutMs => {}
            _ => return false,
        }
        i += 1;
    }
    !matches!(ret, Ret::Hostent | Ret::Str | Ret::Ptr)
}

/// Whether process_vm_readv may be used now.
#[inline]
fn may_peek() -> bool {
    state::MAY_PEEK.load(Ordering::Relaxed) != 0 && state::CONFINED.load(Ordering::Relaxed) == 0
}

/// Whose memory is asked for: our own. The child of a vfork, which may look at no other process, has its parent's.
pub fn myself() -> u32 {
    if state::tls().vfork_child.get() != 0 { crate::sys::getpid() } else { state::PID.load(Ordering::Relaxed) }
}

/// Copies a plain value from the program: directly when proved, else fault-safely.
#[inline]
pub fn fetch<T: Copy>(ptr: u64, proved: bool) -> Option<T> {
    let mut v = core::mem::MaybeUninit::<T>::uninit();
    // SAFETY: there is room for so many bytes; all of them were written, and T is a plain C struct of integers and pointers.
    unsafe {
        if fetch_bytes(ptr, v.as_mut_ptr().cast(), size_of::<T>(), proved) { Some(v.assume_init()) } else { None }
    }
}

/// As [`fetch`], bytes; false when they cannot be had.
///
/// # Safety
/// There is room for `len` bytes at `to`.
#[inline]
pub unsafe fn fetch_bytes(ptr: u64, to: *mut u8, len: usize, proved: bool) -> bool {
    if ptr == 0 {
        return false;
    }
    if proved || state::on_stack(ptr, len as u64) {
        // SAFETY: proved readable by the kernel in this call, or on our own stack; the room is the caller's.
        unsafe { core::ptr::copy_nonoverlapping(ptr as *const u8, to, len) };
        return true;
    }
    peeked(ptr, to, len)
}

/// Behind the call, once for all.
#[inline(never)]
fn peeked(ptr: u64, to: *mut u8, len: usize) -> bool {
    may_peek() && crate::sys::peek(myself(), ptr as usize, to, len) == len
}

/// Reads value-result arguments at entry, as far as that is safe.
#[inline(never)]
pub fn before(kinds: &[Arg], args: &[u64], b: &mut Before) {
    for (i, (a, &ptr)) in kinds.iter().zip(args).enumerate() {
        let v = match a.kind {
            Kind::LenPtr => fetch::<u32>(ptr, false).map(u64::from),
            Kind::OffPtr => fetch::<u64>(ptr, false),
            Kind::IoctlArg if args.get(1) == Some(&SIOCGIFCONF) => fetch::<u32>(ptr, false).map(u64::from),
            // msg_namelen below, msg_controllen above: what the result cannot tell.
            Kind::MsgOut => {
                fetch::<msghdr>(ptr, false).map(|m| u64::from(m.msg_namelen) | (m.msg_controllen as u64) << 32)
            }
            // A set is at least one word long.
            Kind::FdSet => match set_len(args.first().copied().unwrap_or(0)) {
                0..=8 => fetch::<u64>(ptr, false),
                len => wide_set(b.sets, i, ptr, len),
            },
            // The microseconds lie beside the seconds: it is the last argument.
            Kind::Timeval => fetch::<[u64; 2]>(ptr, false).map(|[s, us]| {
                if let Some(to) = b.value.get_mut(i + 1) {
                    *to = us;
                }
                s
            }),
            _ => None,
        };
        if let (Some(v), Some(to)) = (v, b.value.get_mut(i)) {
            *to = v;
            b.known |= 1 << i;
        }
    }
}

/// Copies the set of argument `i`, 1 to 3; where to.
fn wide_set(sets: *mut Sets, i: usize, ptr: u64, len: usize) -> Option<u64> {
    // SAFETY: null, or the room that observe_sets keeps across the call.
    let to = unsafe { sets.as_mut() }?.get_mut(i.wrapping_sub(1))?;
    // SAFETY: set_len is at most the size of one set's room.
    if unsafe { fetch_bytes(ptr, to.as_mut_ptr().cast(), len, false) } { Some(to.as_ptr() as u64) } else { None }
}

/// Whether a receive was asked for the real length by MSG_TRUNC: TCP then writes nothing at all. `flags` is the index of
/// the argument with the MSG_ flags, if there is one.
#[inline(always)]
pub fn counts_unwritten(flags: usize, args: &[u64]) -> bool {
    args.get(flags).is_some_and(|&v| v as c_int & libc::MSG_TRUNC != 0)
}

/// Whether a poll array holds a socket, or an epoll instance that watches one.
pub fn polls_socket(fds: u64, count: u64) -> bool {
    (0..count.min(1024)).any(|k| {
        fetch::<libc::pollfd>(fds.wrapping_add(8 * k), true).is_some_and(|p| fds::get(p.fd) != fds::Entry::NONE)
    })
}
