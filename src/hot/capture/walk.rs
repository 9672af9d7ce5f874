//! The walk: what each argument's meaning says of the memory it points to.

use super::lists::{
    MAX_ITEMS, addrinfos, count_strings, hostent, interfaces, message, nameindex, strings, text_len, unproved_text_len,
    vector,
};
use super::sink::{At, Sink, extends};
use super::{Done, MAX_TEXT, SIOCGIFCONF, counts_unwritten, fetch, set_len};
use core::mem::size_of;
use libc::{c_int, mmsghdr};
use socklens_calls::{Call, Kind, Ret};
use socklens_wire::event::{ARG_RESULT, Part};
use socklens_wire::fault::Injected;

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

/// Bytes kept of each buffer of a netlink socket: its messages are shown one by one, whatever is shown of other payloads.
const MAX_NETLINK: usize = 16 * 1024;

/// Hands every piece of the call's memory to `sink`.
#[inline(never)]
pub fn walk(d: &Done, sink: &mut dyn Sink) {
    // The environment, which their rows have no argument for, goes along.
    let like = if matches!(d.call, Call::execv | Call::execvp) { Call::execve } else { d.call };
    let kinds = like.args();
    let ok = !d.failed;
    let num = |n: u8| d.args.get(n as usize).copied().unwrap_or(0);
    let got = d.ret.max(0) as usize;
    // MSG_TRUNC counts bytes that the kernel did not write.
    let wrote = || {
        let flags = kinds.iter().position(|a| a.kind == Kind::MsgFlags).unwrap_or(usize::MAX);
        ok && !counts_unwritten(flags, d.args)
    };
    let strlen = if d.netlink { MAX_NETLINK } else { d.strlen };
    for (i, (a, &ptr)) in kinds.iter().zip(d.args).enumerate() {
        let data = At::arg(i, Part::Data);
        match a.kind {
            Kind::BufIn(n) => buffer_in(sink, data, ptr, num(n) as usize, if ok { got } else { 0 }, strlen),
            Kind::BufOut(n) if ok => {
                let full = got.min(num(n) as usize);
                sink.piece(data, ptr, full.min(strlen), full, wrote());
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
                let used = d.call == Call::getsockopt || d.args.get(i.wrapping_sub(1)).is_some_and(|&p| p != 0);
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
            Kind::IovIn(n) => vector(sink, At::arg(i, Part::Iov), ptr, num(n) as usize, got, ok, ok, strlen),
            Kind::IovOut(n) if ok => {
                vector(sink, At::arg(i, Part::Iov), ptr, num(n) as usize, got, wrote(), true, strlen);
            }
            // The kernel reads the array first, and may then have nothing to put there.
            Kind::IovOut(n) => {
                vector(sink, At::arg(i, Part::Iov), ptr, num(n) as usize, 0, false, read_despite(d.errno), 0);
            }
            Kind::MsgIn => message(sink, i, 0, ptr, got, ok, ok, None, true, strlen),
            Kind::MsgOut => message(sink, i, 0, ptr, got, ok, wrote(), d.before.get(i), false, strlen),
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
                    message(sink, i, k, at, m.msg_len as usize, true, wrote(), None, sends, strlen);
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
                let len = set_len(num(0));
                if let Some(b) = d.before.get(i) {
                    // A longer one was copied whole, and this says where to.
                    let from = if len <= 8 { (&raw const b) as u64 } else { b };
                    sink.piece(At::arg(i, Part::Before), from, len, len, true);
                }
                // The kernel looks at no more descriptors than the process's table has room for, at least 64.
                if ok && len > 0 {
                    sink.piece(data, ptr, len, len, extends(ptr, 8, len));
                }
            }
            Kind::Timeval => {
                if let (Some(s), Some(&us)) = (d.before.get(i), d.before.value.get(i + 1)) {
                    let t = [s, us];
                    sink.piece(At::arg(i, Part::Before), (&raw const t) as u64, 16, 16, true);
                }
                if ok || d.errno == libc::EINTR as u16 {
                    sink.piece(data, ptr, 16, 16, true);
                }
            }
            Kind::Timespec => sink.piece(data, ptr, 16, 16, ok || read_despite(d.errno)),
            Kind::SigSet if ok || d.errno == libc::EINTR as u16 => sink.piece(data, ptr, 8, 8, true),
            Kind::EventIn if ok && num(1) as c_int != libc::EPOLL_CTL_DEL => sink.piece(data, ptr, 12, 12, true),
            Kind::EventsOut if ok && got > 0 => sink.piece(data, ptr, got.min(64) * 12, got * 12, true),
            Kind::FdPair if ok => sink.piece(data, ptr, 8, 8, true),
            Kind::PidOut if ok => sink.piece(data, ptr, 4, 4, true),
            Kind::Str if d.errno != libc::EFAULT as u16 && text_was_read(d) => {
                let n = text_len(ptr);
                sink.piece(data, ptr, n, n, true);
            }
            // Of an exec that nobody has looked at yet.
            Kind::Str if d.failed && d.errno == 0 => {
                if let Some(n) = unproved_text_len(ptr) {
                    sink.piece(data, ptr, n, n, false);
                }
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
            Kind::IoctlArg => {
                read_and_written(sink, i, ptr, ok, socklens_decode::ioctl::size(num(1)));
                if ok && num(1) == SIOCGIFCONF {
                    interface_list(sink, d, i, ptr);
                }
            }
            Kind::FcntlArg => {
                read_and_written(sink, i, ptr, ok, socklens_decode::fcntl::size(num(1) as c_int));
            }
            _ => {}
        }
    }
    for (k, f) in d.told.injected.iter().enumerate() {
        let at = At { arg: ARG_RESULT, part: Part::Injected, index: k as u16, sub: 0 };
        sink.piece(at, core::ptr::from_ref(f) as u64, Injected::SIZE, Injected::SIZE, true);
    }
    let stack = d.told.stack;
    if !stack.is_empty() {
        let at = At { arg: ARG_RESULT, part: Part::Stack, index: 0, sub: 0 };
        sink.piece(at, stack.as_ptr() as u64, stack.len(), stack.len(), true);
    }
    match d.call.ret() {
        Ret::Hostent if d.ret != 0 => hostent(sink, ARG_RESULT, d.ret as u64),
        // A fault of ours sets errno alone.
        Ret::Hostent if d.told.injected.is_empty() => {
            let at = At { arg: ARG_RESULT, part: Part::HErrno, index: 0, sub: 0 };
            sink.piece(at, h_errno(), 4, 4, true);
        }
        Ret::Ptr if d.ret != 0 && d.call == Call::if_nameindex => nameindex(sink, d.ret as u64),
        Ret::Str if d.ret != 0 => {
            let n = text_len(d.ret as u64);
            sink.piece(At { arg: ARG_RESULT, part: Part::Data, index: 0, sub: 0 }, d.ret as u64, n, n, true);
        }
        _ => {}
    }
}

/// What a request reads and writes there, by `size`; of one that failed, what it was given.
fn read_and_written(sink: &mut dyn Sink, i: usize, ptr: u64, ok: bool, size: Option<(usize, usize)>) {
    let Some((read, written)) = size else { return };
    if ok {
        sink.piece(At::arg(i, Part::Data), ptr, read.max(written).min(512), read.max(written), true);
    } else if read > 0 {
        sink.piece(At::arg(i, Part::Before), ptr, read, read, false);
    }
}

/// The list of a SIOCGIFCONF that succeeded: how much room it was given, and what the kernel put there.
fn interface_list(sink: &mut dyn Sink, d: &Done, i: usize, ptr: u64) {
    if let Some(room) = d.before.get(i) {
        let room = room as u32;
        sink.piece(At::arg(i, Part::Before), (&raw const room) as u64, 4, 4, true);
    }
    let Some(conf) = fetch::<[u64; 2]>(ptr, true) else { return };
    let (len, list) = (conf[0] as u32 as usize, conf[1]);
    // Without a list the kernel only says how long it would be.
    if list != 0 && len > 0 {
        sink.piece(At::arg(i, Part::Data).index(1), list, len.min(MAX_TEXT), len, true);
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

/// Strings given to these calls are read by libc itself before anything can fail.
fn text_was_read(d: &Done) -> bool {
    use socklens_calls::class::{DNS, LOG, NETIF};
    d.call.class() & (DNS | LOG | NETIF) != 0
        || matches!(d.call, Call::system | Call::popen | Call::fdopen)
        || (d.failed && d.errno != 0)
        || matches!(d.call, Call::posix_spawn | Call::posix_spawnp)
}

unsafe extern "C" {
    /// glibc's and musl's; computes an address, like `__errno_location`.
    fn __h_errno_location() -> *mut c_int;
}

/// Where this thread's h_errno is.
fn h_errno() -> u64 {
    // SAFETY: takes nothing, and always returns this thread's h_errno.
    unsafe { __h_errno_location() as u64 }
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
