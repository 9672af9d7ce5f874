//! Which errors a call may fail with, how far that is from what this kernel does, and how it is done.

use super::Cx;
use libc::c_int;
use socklens_calls::{Call, class};
use socklens_wire::fault::lane;

/// How an error is brought about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// Told; nothing else changes.
    Fake,
    /// EAGAIN: told where the socket does not block, and the readiness told again.
    Again,
    /// EINTR: told where a handler could have run.
    Interrupt,
    /// The connection is reset and the call made.
    Reset,
    /// The same, with this errno in place of the kernel's.
    Translate,
    /// The writing side ends and the call is made.
    Pipe,
    /// connect() is refused by the kernel.
    Refuse,
    /// The same, with this errno.
    RefuseAs,
    /// connect() times out in the kernel.
    TimeOut,
    /// connect() is interrupted and goes on.
    InterruptConnect,
    /// The pending connection is taken and reset.
    Take,
    /// The call is made; then it fails.
    After,
    /// A UNIX stream whose peer went away.
    ShutUnix,
    /// shutdown() of a connection that is gone.
    ShutDead,
    /// Only where it is true, which is not for us to make.
    Real,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Socket,
    Bind,
    Listen,
    ConnectTcp,
    ConnectUnix,
    ConnectOther,
    Accept,
    RecvTcp,
    RecvUnix,
    RecvDgram,
    SendTcp,
    SendUnix,
    SendDgram,
    Wait,
    EpollCtl,
    Option,
    Shutdown,
    Close,
    Other,
}

/// Realism: this kernel, POSIX, anything.
const K: u8 = 0;
const P: u8 = 1;
const ANY: u8 = 2;

use Group as G;

const TABLE: &[(Group, &[c_int], u8, How)] = {
    use How::*;
    use libc::*;
    &[
        (G::Socket, &[EMFILE, ENFILE, ENOBUFS, ENOMEM, EAFNOSUPPORT, EPROTONOSUPPORT, EACCES, EPERM], K, Fake),
        (G::Bind, &[EADDRINUSE, EADDRNOTAVAIL, EACCES, ENOMEM], K, Fake),
        (G::Bind, &[ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EROFS], K, Fake),
        (G::Bind, &[EINVAL], ANY, Real),
        (G::Listen, &[EADDRINUSE], K, Fake),
        (G::Listen, &[EOPNOTSUPP], ANY, Real),
        (G::ConnectTcp, &[EINPROGRESS, EALREADY, EISCONN, ECONNABORTED, EAFNOSUPPORT], ANY, Real),
        (G::ConnectTcp, &[ECONNREFUSED], K, Refuse),
        (G::ConnectTcp, &[ETIMEDOUT], K, TimeOut),
        (G::ConnectTcp, &[EHOSTUNREACH], K, RefuseAs),
        (G::ConnectTcp, &[ENETUNREACH, EADDRNOTAVAIL, EADDRINUSE, EACCES, EPERM], K, Fake),
        (G::ConnectTcp, &[EINTR], K, InterruptConnect),
        (G::ConnectUnix, &[ECONNREFUSED, ENOENT, EACCES, EPROTOTYPE], K, Fake),
        (G::ConnectUnix, &[EAGAIN], K, Again),
        (G::ConnectUnix, &[EINTR], K, Interrupt),
        (G::ConnectOther, &[ENETUNREACH, EHOSTUNREACH, EACCES, EADDRNOTAVAIL], K, Fake),
        (G::Accept, &[EAGAIN], K, Again),
        (G::Accept, &[EINTR], K, Interrupt),
        (G::Accept, &[EMFILE, ENFILE, ENOBUFS, ENOMEM], K, Fake),
        (G::Accept, &[EPERM], K, Take),
        (G::Accept, &[ECONNABORTED, EPROTO, ENETDOWN, EHOSTDOWN, ENONET, EHOSTUNREACH], P, Take),
        (G::Accept, &[EOPNOTSUPP, ENETUNREACH, ENOPROTOOPT], P, Take),
        (G::RecvTcp, &[EAGAIN], K, Again),
        (G::RecvTcp, &[EINTR], K, Interrupt),
        (G::RecvTcp, &[ECONNRESET], K, Reset),
        // No time has passed that the kernel would have waited.
        (G::RecvTcp, &[ETIMEDOUT], P, Translate),
        (G::RecvTcp, &[EHOSTUNREACH], K, Translate),
        (G::RecvTcp, &[ENOMEM, ENOBUFS], P, Fake),
        (G::RecvTcp, &[ENOTCONN, EPIPE], ANY, Real),
        (G::RecvUnix, &[EAGAIN], K, Again),
        (G::RecvUnix, &[EINTR], K, Interrupt),
        (G::RecvUnix, &[ECONNRESET], K, ShutUnix),
        (G::RecvUnix, &[ENOMEM, ENOBUFS], P, Fake),
        (G::RecvDgram, &[EAGAIN], K, Again),
        (G::RecvDgram, &[EINTR], K, Interrupt),
        (G::RecvDgram, &[ECONNREFUSED, EHOSTUNREACH, ENETUNREACH], K, Fake),
        (G::RecvDgram, &[ECONNRESET], K, Fake),
        (G::RecvDgram, &[ENOMEM, ENOBUFS], P, Fake),
        (G::SendTcp, &[EAGAIN], K, Again),
        (G::SendTcp, &[EINTR], K, Interrupt),
        (G::SendTcp, &[ECONNRESET], K, Reset),
        (G::SendTcp, &[EPIPE], K, Pipe),
        (G::SendTcp, &[ETIMEDOUT], P, Translate),
        (G::SendTcp, &[EHOSTUNREACH], K, Translate),
        (G::SendTcp, &[ENOBUFS, ENOMEM], P, Fake),
        (G::SendUnix, &[EAGAIN], K, Again),
        (G::SendUnix, &[EINTR], K, Interrupt),
        (G::SendUnix, &[EPIPE], K, Pipe),
        (G::SendUnix, &[ENOBUFS, ENOMEM], P, Fake),
        (G::SendDgram, &[EAGAIN], K, Again),
        (G::SendDgram, &[EINTR], K, Interrupt),
        (G::SendDgram, &[EMSGSIZE, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EPERM, EACCES], K, Fake),
        (G::SendDgram, &[ENOBUFS, ENOMEM], K, Fake),
        (G::SendDgram, &[EDESTADDRREQ], ANY, Real),
        (G::Wait, &[EINTR], K, Interrupt),
        (G::Wait, &[ENOMEM], K, Fake),
        (G::EpollCtl, &[ENOSPC, ENOMEM], K, Fake),
        (G::Option, &[ENOPROTOOPT, EINVAL, EPERM, ENOMEM, ENOBUFS], K, Fake),
        (G::Shutdown, &[ENOTCONN], K, ShutDead),
        (G::Close, &[EINTR, EIO], P, After),
    ]
};

fn group(cx: &Cx) -> Group {
    let dgram = cx.dgram();
    match cx.call {
        Call::socket | Call::socketpair => Group::Socket,
        Call::bind | Call::bindresvport => Group::Bind,
        Call::listen => Group::Listen,
        Call::connect if cx.tcp() => Group::ConnectTcp,
        Call::connect if cx.unix() => Group::ConnectUnix,
        Call::connect => Group::ConnectOther,
        Call::accept | Call::accept4 => Group::Accept,
        Call::epoll_ctl => Group::EpollCtl,
        Call::setsockopt | Call::getsockopt => Group::Option,
        Call::shutdown => Group::Shutdown,
        Call::close | Call::fclose => Group::Close,
        _ if cx.lane == lane::IN && dgram => Group::RecvDgram,
        _ if cx.lane == lane::IN && cx.unix() => Group::RecvUnix,
        _ if cx.lane == lane::IN => Group::RecvTcp,
        _ if cx.lane == lane::OUT && dgram => Group::SendDgram,
        _ if cx.lane == lane::OUT && cx.unix() => Group::SendUnix,
        _ if cx.lane == lane::OUT => Group::SendTcp,
        _ if waits(cx.call) => Group::Wait,
        _ => Group::Other,
    }
}

/// Whether a call waits for readiness.
pub fn waits(call: Call) -> bool {
    call.class() & class::WAIT != 0 && !matches!(call, Call::epoll_ctl | Call::epoll_create | Call::epoll_create1)
}

/// How real an error is for a call, and how it is done. What the table does not know can only be faked.
pub fn find(cx: &Cx, errno: c_int) -> (u8, How) {
    let g = group(cx);
    let known = TABLE.iter().find(|(of, list, ..)| *of == g && list.contains(&errno));
    match known {
        Some(&(_, _, level, how)) => (level, how),
        None => (ANY, How::Fake),
    }
}
