//! What memory of the program goes into an event. One walk over the arguments' meanings serves twice: first to
//! measure, then to copy.
//!
//! Memory is read only after the kernel (or libc) has proved it readable in this very call; else through
//! process_vm_readv, which does not fault, where the process may still make that call; else not at all.

use super::{fds, state};
use core::mem::size_of;
use core::sync::atomic::Ordering;
use libc::{c_char, c_int, c_void, iovec, mmsghdr, msghdr, sockaddr};
use socklens_calls::{Arg, Call, Kind, MAX_ARGS, Ret, Spec};
use socklens_wire::event::{ARG_RESULT, CAP_HEAD, CapHead, Part};
use socklens_wire::fault::Injected;

/// Pieces kept of one list: iovecs of a message, messages of a vector, results of a lookup.
const MAX_ITEMS: usize = 32;
/// Longest string, option or control block kept.
const MAX_TEXT: usize = 4096;
/// All captures of an event together.
const MAX_TOTAL: usize = 24 * 1024;
/// Most captures in one event.
const MAX_CAPS: u32 = 250;

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
    /// Faults that were applied.
    pub injected: &'a [Injected],
}

/// What value-result arguments held at entry: 8 bytes each, and whether they are known.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    pub known: u8,
    pub value: [u64; MAX_ARGS],
}

impl Before {
    pub const NONE: Before = Before { known: 0, value: [0; MAX_ARGS] };

    fn get(&self, i: usize) -> Option<u64> {
        if self.known & (1 << i) != 0 { self.value.get(i).copied() } else { None }
    }
}

/// Whether any argument of a row is value-result or worth a look at entry.
pub const fn needs_before(args: &[Arg]) -> bool {
    let mut i = 0;
    while i < args.len() {
        if matches!(args[i].kind, Kind::LenPtr | Kind::OffPtr | Kind::MsgOut | Kind::FdSet | Kind::Timeval) {
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

/// Whether a row has no memory to copy at all.
pub const fn no_memory(args: &[Arg], ret: Ret) -> bool {
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
    !matches!(ret, Ret::Hostent | Ret::Str)
}

/// Whether process_vm_readv may be used now.
#[inline]
fn may_peek() -> bool {
    state::MAY_PEEK.load(Ordering::Relaxed) != 0
        && state::CONFINED.load(Ordering::Relaxed) == 0
        && state::tls().vfork_child.get() == 0
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
    may_peek() && crate::sys::peek(state::PID.load(Ordering::Relaxed), ptr as usize, to, len) == len
}

/// Reads value-result arguments at entry, as far as that is safe.
#[inline(never)]
pub fn before(kinds: &[Arg], args: &[u64]) -> Before {
    let mut b = Before::NONE;
    for (i, (a, &ptr)) in kinds.iter().zip(args).enumerate() {
        let v = match a.kind {
            Kind::LenPtr => fetch::<u32>(ptr, false).map(u64::from),
            Kind::OffPtr => fetch::<u64>(ptr, false),
            // msg_namelen below, msg_controllen above: what the result cannot tell.
            Kind::MsgOut => {
                fetch::<msghdr>(ptr, false).map(|m| u64::from(m.msg_namelen) | (m.msg_controllen as u64) << 32)
            }
            // The first 64 descriptors; a set is at least that long.
            Kind::FdSet => fetch::<u64>(ptr, false),
            Kind::Timeval => fetch::<[u64; 2]>(ptr, false).map(|t| t[0].wrapping_mul(1_000_000).wrapping_add(t[1])),
            _ => None,
        };
        if let (Some(v), Some(to)) = (v, b.value.get_mut(i)) {
            *to = v;
            b.known |= 1 << i;
        }
    }
    b
}

/// Receives the pieces of the walk.
pub trait Sink {
    /// `len` bytes at `ptr` of what is `full` bytes long in the program.
    fn piece(&mut self, at: At, ptr: u64, len: usize, full: usize, proved: bool);
}

/// Which piece this is.
#[derive(Clone, Copy, Debug)]
pub struct At {
    pub arg: u8,
    pub part: Part,
    pub index: u16,
    pub sub: u16,
}

impl At {
    const fn arg(arg: usize, part: Part) -> At {
        At { arg: arg as u8, part, index: 0, sub: 0 }
    }

    const fn index(self, index: usize) -> At {
        At { index: index as u16, ..self }
    }

    const fn sub(self, sub: usize) -> At {
        At { sub: sub as u16, ..self }
    }
}

/// Whether `len` bytes at `ptr` are readable when its first `proved` bytes are: memory is mapped by whole pages.
fn extends(ptr: u64, proved: usize, len: usize) -> bool {
    const PAGE: u64 = 4096;
    let Some(last) = ptr.checked_add((len as u64).saturating_sub(1)) else { return false };
    proved >= len || (proved > 0 && last / PAGE == ptr.wrapping_add(proved as u64 - 1) / PAGE)
}

const fn padded(n: usize) -> usize {
    (n + 7) & !7
}

/// Adds up what the pieces will take.
#[derive(Debug, Default)]
pub struct Measure {
    pub bytes: usize,
    pub caps: u32,
    pub cut: bool,
}

impl Sink for Measure {
    fn piece(&mut self, _: At, ptr: u64, len: usize, _: usize, proved: bool) {
        let need = CAP_HEAD + padded(len);
        if ptr == 0 || (!proved && !may_peek()) {
            self.cut |= ptr != 0;
        } else if self.bytes + need > MAX_TOTAL || self.caps == MAX_CAPS {
            self.cut = true;
        } else {
            self.bytes += need;
            self.caps += 1;
        }
    }
}

/// Copies the pieces into the room that was measured. The program's memory may have changed in between: what no
/// longer fits is left out, what is missing becomes an empty piece.
#[derive(Debug)]
pub struct Fill {
    pub to: *mut u8,
    pub room: usize,
    pub caps: u32,
}

impl Fill {
    fn put(&mut self, head: CapHead) {
        // SAFETY: callers checked that room for the head and its padded data is left in the reserved event.
        unsafe { self.to.cast::<CapHead>().write(head) };
        let n = CAP_HEAD + padded(head.len as usize);
        // SAFETY: as above.
        self.to = unsafe { self.to.add(n) };
        self.room -= n;
        self.caps -= 1;
    }

    /// Fills what was measured and not used.
    pub fn finish(&mut self) {
        while self.caps > 0 && self.room >= CAP_HEAD {
            let len = if self.caps == 1 { self.room - CAP_HEAD } else { 0 };
            // An arg that no row has: readers skip it.
            self.put(CapHead { arg: 0xfe, part: Part::Data as u8, index: 0, sub: 0, pad: 0, len: len as u32, full: 0 });
        }
    }
}

impl Sink for Fill {
    fn piece(&mut self, at: At, ptr: u64, len: usize, full: usize, proved: bool) {
        if ptr == 0 || self.caps == 0 || (!proved && !may_peek()) {
            return;
        }
        let Some(room) = self.room.checked_sub(CAP_HEAD) else { return };
        let mut len = if len > room { room & !7 } else { len };
        // SAFETY: the reserved event has CAP_HEAD + padded(len) bytes here; the source is proved, or read fault-safely.
        unsafe {
            let data = self.to.add(CAP_HEAD);
            if proved {
                copy_small(ptr as *const u8, data, len);
            } else {
                let asked = len;
                len = crate::sys::peek(state::PID.load(Ordering::Relaxed), ptr as usize, data, len);
                if len == 0 && asked > 0 {
                    // Nothing there: shown as the pointer it is.
                    return;
                }
            }
            data.add(len).write_bytes(0, padded(len) - len);
        }
        let head = CapHead {
            arg: at.arg,
            part: at.part as u8,
            index: at.index,
            sub: at.sub,
            pad: 0,
            len: len as u32,
            full: full as u32,
        };
        self.put(head);
    }
}

/// memcpy without the call for the short lengths that most payload prefixes have.
///
/// # Safety
/// That of memcpy.
#[inline(always)]
pub unsafe fn copy_small(from: *const u8, to: *mut u8, n: usize) {
    /// Moves one `T` at each of the two ends, which may overlap.
    unsafe fn ends<T: Copy>(from: *const u8, to: *mut u8, n: usize) {
        // SAFETY: the caller's, and n is at least the size of T.
        unsafe {
            let last = n - size_of::<T>();
            let (a, b) = (from.cast::<T>().read_unaligned(), from.add(last).cast::<T>().read_unaligned());
            to.cast::<T>().write_unaligned(a);
            to.add(last).cast::<T>().write_unaligned(b);
        }
    }
    // SAFETY: the caller's.
    unsafe {
        match n {
            33..=64 => {
                ends::<u128>(from, to, n);
                ends::<u128>(from.add(16), to.add(16), n - 32);
            }
            16..=32 => ends::<u128>(from, to, n),
            8..=15 => ends::<u64>(from, to, n),
            4..=7 => ends::<u32>(from, to, n),
            _ => core::ptr::copy_nonoverlapping(from, to, n),
        }
    }
}

/// Length of a NUL-terminated string that libc has read already, at most [`MAX_TEXT`].
fn text_len(ptr: u64) -> usize {
    let mut n = 0;
    // SAFETY: libc has read this string up to its terminator in this very call.
    while n < MAX_TEXT && ptr != 0 && unsafe { *(ptr as *const u8).add(n) } != 0 {
        n += 1;
    }
    n
}

/// Whether the kernel has certainly read an address or structure argument although the call failed.
fn read_despite(errno: u16) -> bool {
    !matches!(
        i32::from(errno),
        libc::EFAULT
            | libc::EBADF
            | libc::ENOTSOCK
            | libc::EINVAL
            | libc::ENOSYS
            | libc::EPERM
            | libc::EACCES
            | libc::ENOMEM
            | libc::EMFILE
            | libc::ENFILE
            | libc::ENOPROTOOPT
            | libc::EOPNOTSUPP
            | libc::EAFNOSUPPORT
            | libc::ENOBUFS
    )
}

/// Hands every piece of the call's memory to `sink`.
#[inline(never)]
pub fn walk(d: &Done, sink: &mut dyn Sink) {
    let kinds = d.call.args();
    let ok = !d.failed;
    let num = |n: u8| d.args.get(n as usize).copied().unwrap_or(0);
    let got = d.ret.max(0) as usize;
    // MSG_TRUNC counts bytes that the kernel did not write.
    let flags = kinds.iter().position(|a| a.kind == Kind::MsgFlags).unwrap_or(usize::MAX);
    let wrote = ok && !counts_unwritten(flags, d.args);
    for (i, (a, &ptr)) in kinds.iter().zip(d.args).enumerate() {
        let data = At::arg(i, Part::Data);
        match a.kind {
            Kind::BufIn(n) => buffer_in(sink, data, ptr, num(n) as usize, if ok { got } else { 0 }, d.strlen),
            Kind::BufOut(n) if ok => {
                let full = got.min(num(n) as usize);
                sink.piece(data, ptr, full.min(d.strlen), full, wrote);
            }
            Kind::AddrIn(n) => {
                let len = num(n) as u32 as usize;
                let proved = ok || (read_despite(d.errno) && kinds.len() <= 3);
                if len > 0 && len <= 1024 {
                    sink.piece(data, ptr, len.min(128), len, proved);
                }
            }
            Kind::AddrOut(n) if ok => address_out(sink, data, ptr, num(n), d.before.get(n as usize)),
            Kind::LenPtr => {
                if let Some(b) = d.before.get(i) {
                    let b = b as u32;
                    sink.piece(At::arg(i, Part::Before), (&raw const b) as u64, 4, 4, true);
                }
                // A call given no address leaves the length alone, and perhaps unread.
                let used = d.args.get(i.wrapping_sub(1)).is_some_and(|&p| p != 0);
                if ok && used {
                    sink.piece(data, ptr, 4, 4, true);
                }
            }
            Kind::OffPtr => {
                if let Some(b) = d.before.get(i) {
                    sink.piece(At::arg(i, Part::Before), (&raw const b) as u64, 8, 8, true);
                }
                if ok {
                    sink.piece(data, ptr, 8, 8, true);
                }
            }
            Kind::IovIn(n) => vector(sink, At::arg(i, Part::Iov), ptr, num(n) as usize, got, ok, ok, d.strlen),
            Kind::IovOut(n) if ok => {
                vector(sink, At::arg(i, Part::Iov), ptr, num(n) as usize, got, wrote, true, d.strlen);
            }
            Kind::MsgIn => message(sink, i, 0, ptr, got, ok, ok, None, true, d.strlen),
            Kind::MsgOut => message(sink, i, 0, ptr, got, ok, wrote, d.before.get(i), false, d.strlen),
            Kind::MmsgIn(_) | Kind::MmsgOut(_) if ok => {
                for k in 0..got.min(MAX_ITEMS) {
                    let at = ptr + (k * size_of::<mmsghdr>()) as u64;
                    let Some(m) = fetch::<mmsghdr>(at, true) else { break };
                    sink.piece(
                        At::arg(i, Part::MsgLen).index(k),
                        at + core::mem::offset_of!(mmsghdr, msg_len) as u64,
                        4,
                        4,
                        true,
                    );
                    let sends = matches!(a.kind, Kind::MmsgIn(_));
                    message(sink, i, k, at, m.msg_len as usize, true, wrote, None, sends, d.strlen);
                }
            }
            Kind::OptIn(n) => {
                let len = num(n) as u32 as usize;
                // The kernel reads as much as the option needs, which may be less than the caller says there is.
                let keep = len.min(512);
                let proved = if ok { keep.min(size_of::<c_int>()) } else { 0 };
                if len > 0 && len <= MAX_TEXT {
                    sink.piece(data, ptr, keep, len, extends(ptr, proved, keep));
                }
            }
            Kind::OptOut(n) if ok => {
                if let Some(len) = fetch::<u32>(num(n), true) {
                    // SO_GET_FILTER and SO_ATTACH_FILTER count instructions, not bytes: keep what the caller gave room for.
                    let len = d.before.get(n as usize).map_or(len, |b| len.min(b as u32)) as usize;
                    sink.piece(data, ptr, len.min(512), len, true);
                }
            }
            Kind::PollFds(n) => {
                let len = (num(n) as usize).min(256) * size_of::<libc::pollfd>();
                let proved = ok || d.errno == libc::EINTR as u16;
                if proved && len > 0 {
                    sink.piece(data, ptr, len, (num(n) as usize).wrapping_mul(8), true);
                }
            }
            Kind::FdSet => {
                let nfds = num(0) as usize;
                let len = (nfds.min(1024).div_ceil(64)) * 8;
                if let Some(b) = d.before.get(i)
                    && nfds <= 64
                {
                    sink.piece(At::arg(i, Part::Before), (&raw const b) as u64, 8, 8, true);
                }
                // The kernel looks at no more descriptors than the process's table has room for, at least 64.
                if ok && len > 0 {
                    sink.piece(data, ptr, len, len, extends(ptr, 8, len));
                }
            }
            Kind::Timeval => {
                if let Some(b) = d.before.get(i) {
                    let t = [b / 1_000_000, b % 1_000_000];
                    sink.piece(At::arg(i, Part::Before), (&raw const t) as u64, 16, 16, true);
                }
                if ok || d.errno == libc::EINTR as u16 {
                    sink.piece(data, ptr, 16, 16, true);
                }
            }
            Kind::Timespec if ok || d.errno == libc::EINTR as u16 => sink.piece(data, ptr, 16, 16, true),
            Kind::SigSet if ok || d.errno == libc::EINTR as u16 => sink.piece(data, ptr, 8, 8, true),
            Kind::EventIn if ok && num(1) as c_int != libc::EPOLL_CTL_DEL => sink.piece(data, ptr, 12, 12, true),
            Kind::EventsOut if ok && got > 0 => sink.piece(data, ptr, got.min(64) * 12, got * 12, true),
            Kind::FdPair if ok => sink.piece(data, ptr, 8, 8, true),
            Kind::PidOut if ok => sink.piece(data, ptr, 4, 4, true),
            Kind::Str if d.errno != libc::EFAULT as u16 && text_was_read(d) => {
                let n = text_len(ptr);
                sink.piece(data, ptr, n, n, true);
            }
            Kind::StrVec => strings(sink, i, ptr),
            Kind::Env => {
                if let Some(n) = count_strings(ptr) {
                    sink.piece(data, (&raw const n) as u64, 4, 4, true);
                }
            }
            Kind::StrOut(n) if ok && num(n) > 0 => {
                let len = text_len(ptr).min(num(n) as usize);
                sink.piece(data, ptr, len, len, true);
            }
            Kind::Hints => sink.piece(data, ptr, size_of::<libc::addrinfo>(), size_of::<libc::addrinfo>(), true),
            Kind::AddrInfoOut if d.ret == 0 => addrinfos(sink, i, ptr),
            Kind::HostAddr(n) => {
                let len = num(n) as u32 as usize;
                if len == 4 || len == 16 {
                    sink.piece(data, ptr, len, len, true);
                }
            }
            Kind::Hostent if ok && result_of_r(d) => hostent(sink, i as u8, ptr),
            Kind::HErrnoPtr if !ok => sink.piece(data, ptr, 4, 4, true),
            Kind::IfAddrsOut if ok => interfaces(sink, i, ptr),
            Kind::DnsOut(n) if d.ret > 0 => {
                let len = got.min(num(n) as u32 as usize);
                sink.piece(data, ptr, len.min(MAX_TEXT), got, true);
            }
            Kind::DnsIn(n) => {
                let len = num(n) as u32 as usize;
                sink.piece(data, ptr, len.min(MAX_TEXT), len, ok);
            }
            Kind::IoctlArg if ok => {
                if let Some((a, b)) = socklens_decode::ioctl::size(num(1)) {
                    sink.piece(data, ptr, a.max(b).min(512), a.max(b), true);
                }
            }
            Kind::FcntlArg if ok => {
                if let Some((a, b)) = socklens_decode::fcntl::size(num(1) as c_int) {
                    sink.piece(data, ptr, a.max(b).min(512), a.max(b), true);
                }
            }
            _ => {}
        }
    }
    for (k, f) in d.injected.iter().enumerate() {
        let at = At { arg: ARG_RESULT, part: Part::Injected, index: k as u16, sub: 0 };
        sink.piece(at, core::ptr::from_ref(f) as u64, Injected::SIZE, Injected::SIZE, true);
    }
    match d.call.ret() {
        Ret::Hostent if !d.failed && d.ret != 0 => hostent(sink, ARG_RESULT, d.ret as u64),
        Ret::Str if d.ret != 0 => {
            let n = text_len(d.ret as u64);
            sink.piece(At { arg: ARG_RESULT, part: Part::Data, index: 0, sub: 0 }, d.ret as u64, n, n, true);
        }
        _ => {}
    }
}

/// Bytes the kernel reads: `sent` of them are proved, the rest only fault-safely.
#[inline]
fn buffer_in(sink: &mut dyn Sink, at: At, ptr: u64, full: usize, sent: usize, strlen: usize) {
    let want = full.min(strlen);
    if want > 0 {
        sink.piece(at, ptr, want, full, extends(ptr, sent, want));
    }
}

/// An address the kernel wrote. It tells the address's own length, which may be more than the caller gave room for.
fn address_out(sink: &mut dyn Sink, at: At, ptr: u64, lenp: u64, before: Option<u64>) {
    if ptr == 0 {
        return;
    }
    let Some(len) = fetch::<u32>(lenp, true) else { return };
    let len = len as usize;
    match before {
        Some(room) => sink.piece(at, ptr, len.min(room as u32 as usize).min(128), len, true),
        None => sink.piece(at, ptr, len.min(128), len, false),
    }
}

/// Whether a receive was asked for the real length by MSG_TRUNC: TCP then writes nothing at all. `flags` is the index of
/// the argument with the MSG_ flags, if there is one.
#[inline(always)]
pub fn counts_unwritten(flags: usize, args: &[u64]) -> bool {
    args.get(flags).is_some_and(|&v| v as c_int & libc::MSG_TRUNC != 0)
}

/// Strings given to these calls are read by libc itself before anything can fail.
fn text_was_read(d: &Done) -> bool {
    use socklens_calls::class::{DNS, LOG, NETIF};
    d.call.class() & (DNS | LOG | NETIF) != 0
        || matches!(d.call, Call::system | Call::popen | Call::fdopen)
        || (d.failed && d.errno != 0)
        || matches!(d.call, Call::posix_spawn | Call::posix_spawnp)
}

/// The `_r` lookups fill their hostent only when they also set the result pointer.
fn result_of_r(d: &Done) -> bool {
    let p = match d.call {
        Call::gethostbyname_r => d.args.get(4),
        Call::gethostbyname2_r => d.args.get(5),
        Call::gethostbyaddr_r => d.args.get(6),
        _ => None,
    };
    p.and_then(|&p| fetch::<u64>(p, true)).is_some_and(|r| r != 0)
}

/// An iovec array and its data, `total` bytes of which were moved.
#[expect(clippy::too_many_arguments, reason = "one walk for sent and received vectors")]
fn vector(
    sink: &mut dyn Sink,
    at: At,
    ptr: u64,
    count: usize,
    total: usize,
    proved: bool,
    array_proved: bool,
    strlen: usize,
) {
    let n = count.min(MAX_ITEMS);
    if n == 0 || ptr == 0 || count > 1024 {
        return;
    }
    sink.piece(at, ptr, n * size_of::<iovec>(), count * size_of::<iovec>(), array_proved);
    let mut left = total;
    for k in 0..n {
        let Some(v) = fetch::<iovec>(ptr + (k * size_of::<iovec>()) as u64, array_proved) else { break };
        let here = if proved { left.min(v.iov_len) } else { v.iov_len };
        left -= left.min(v.iov_len);
        let want = here.min(strlen);
        if want > 0 {
            let data = At { part: Part::IovData, ..at }.sub(k);
            sink.piece(data, v.iov_base as u64, want, here, proved);
        }
    }
}

/// A msghdr and what it points to.
#[expect(clippy::too_many_arguments, reason = "one walk for messages sent and received, single and in vectors")]
fn message(
    sink: &mut dyn Sink,
    arg: usize,
    index: usize,
    ptr: u64,
    total: usize,
    ok: bool,
    moved: bool,
    before: Option<u64>,
    sends: bool,
    strlen: usize,
) {
    let at = |part| At::arg(arg, part).index(index);
    let Some(m) = fetch::<msghdr>(ptr, ok) else { return };
    let size = size_of::<msghdr>();
    sink.piece(at(Part::Hdr), (&raw const m) as u64, size, size, true);
    if let Some(b) = before {
        let mut was = m;
        was.msg_namelen = b as u32;
        was.msg_controllen = (b >> 32) as usize;
        sink.piece(at(Part::HdrBefore), (&raw const was) as u64, size, size, true);
    }
    if !ok && !sends {
        return;
    }
    let namelen = m.msg_namelen as usize;
    if !m.msg_name.is_null() && namelen > 0 && namelen <= 1024 {
        let room = if sends { Some(namelen) } else { before.map(|b| b as u32 as usize) };
        let len = namelen.min(128).min(room.unwrap_or(128));
        sink.piece(at(Part::Name), m.msg_name as u64, len, namelen, ok && room.is_some());
    }
    vector(sink, at(Part::Iov), m.msg_iov as u64, m.msg_iovlen, total, moved, ok, strlen);
    let control = m.msg_controllen;
    if !m.msg_control.is_null() && control > 0 && control <= 1 << 20 {
        sink.piece(at(Part::Control), m.msg_control as u64, control.min(MAX_TEXT), control, ok);
    }
}

/// A string vector of exec: the kernel may have failed before it looked at it.
fn strings(sink: &mut dyn Sink, arg: usize, ptr: u64) {
    for k in 0..MAX_ITEMS {
        let Some(s) = fetch::<u64>(ptr.wrapping_add(8 * k as u64), false).filter(|&s| s != 0 && ptr != 0) else {
            break;
        };
        let Some(n) = unproved_text_len(s) else { break };
        sink.piece(At::arg(arg, Part::StrItem).index(k), s, n, n, false);
    }
}

/// How many strings an environment has.
fn count_strings(ptr: u64) -> Option<u32> {
    let mut n = 0;
    while fetch::<u64>(ptr.wrapping_add(8 * u64::from(n)), false)? != 0 {
        n += 1;
        if n == 100_000 {
            return None;
        }
    }
    Some(n)
}

/// Length of a string that nobody has read yet, at most 512; None when it cannot be read.
fn unproved_text_len(ptr: u64) -> Option<usize> {
    if may_peek() { crate::sys::peek_text_len(state::PID.load(Ordering::Relaxed), ptr, 512) } else { None }
}

fn addrinfos(sink: &mut dyn Sink, arg: usize, ptr: u64) {
    let mut next = fetch::<u64>(ptr, true).unwrap_or(0);
    for k in 0..MAX_ITEMS {
        let Some(a) = fetch::<libc::addrinfo>(next, true) else { break };
        let size = size_of::<libc::addrinfo>();
        sink.piece(At::arg(arg, Part::AddrInfo).index(k), next, size, size, true);
        let len = a.ai_addrlen as usize;
        sink.piece(At::arg(arg, Part::Addr).index(k), a.ai_addr as u64, len.min(128), len, true);
        if !a.ai_canonname.is_null() {
            let n = text_len(a.ai_canonname as u64);
            sink.piece(At::arg(arg, Part::Canon).index(k), a.ai_canonname as u64, n, n, true);
        }
        next = a.ai_next as u64;
    }
}

/// `struct hostent` of <netdb.h>.
#[derive(Clone, Copy)]
#[repr(C)]
struct HostEnt {
    name: *const c_char,
    aliases: *const *const c_char,
    addrtype: c_int,
    length: c_int,
    addr_list: *const *const c_void,
}

fn hostent(sink: &mut dyn Sink, arg: u8, ptr: u64) {
    let Some(h) = fetch::<HostEnt>(ptr, true) else { return };
    let at = |part, index: usize| At { arg, part, index: index as u16, sub: h.addrtype as u16 };
    let head = [h.addrtype, h.length];
    sink.piece(at(Part::HostHead, 0), (&raw const head) as u64, 8, 8, true);
    let n = text_len(h.name as u64);
    sink.piece(at(Part::Canon, 0), h.name as u64, n, n, true);
    let list = |p: u64, k: usize| fetch::<u64>(p.wrapping_add(8 * k as u64), p != 0).filter(|&s| s != 0);
    for k in 0..MAX_ITEMS {
        let Some(s) = list(h.aliases as u64, k) else { break };
        let n = text_len(s);
        sink.piece(at(Part::Alias, k), s, n, n, true);
    }
    let len = (h.length.max(0) as usize).min(16);
    for k in 0..MAX_ITEMS {
        let Some(a) = list(h.addr_list as u64, k) else { break };
        sink.piece(at(Part::Addr, k), a, len, len, true);
    }
}

fn interfaces(sink: &mut dyn Sink, arg: usize, ptr: u64) {
    let mut next = fetch::<u64>(ptr, true).unwrap_or(0);
    for k in 0..MAX_ITEMS {
        let Some(a) = fetch::<libc::ifaddrs>(next, true) else { break };
        let at = |part| At::arg(arg, part).index(k);
        let n = text_len(a.ifa_name as u64);
        sink.piece(at(Part::IfName), a.ifa_name as u64, n, n, true);
        sink.piece(at(Part::IfFlags), (&raw const a.ifa_flags) as u64, 4, 4, true);
        if let Some(s) = fetch::<sockaddr>(a.ifa_addr as u64, true) {
            let len = match i32::from(s.sa_family) {
                libc::AF_INET => size_of::<libc::sockaddr_in>(),
                libc::AF_INET6 => size_of::<libc::sockaddr_in6>(),
                libc::AF_PACKET => size_of::<libc::sockaddr_ll>(),
                _ => size_of::<sockaddr>(),
            };
            sink.piece(at(Part::Addr), a.ifa_addr as u64, len, len, true);
        }
        next = a.ifa_next as u64;
    }
}

/// Whether a poll array holds a socket, or an epoll instance that watches one.
pub fn polls_socket(fds: u64, count: u64) -> bool {
    (0..count.min(1024)).any(|k| {
        fetch::<libc::pollfd>(fds.wrapping_add(8 * k), true).is_some_and(|p| fds::get(p.fd) != fds::Entry::NONE)
    })
}
