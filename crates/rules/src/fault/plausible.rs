//! Which error each call can return, when, and how it is made: from the manual pages, the kernel's sources and measurements.

use super::kind::{Level, Realism, Recipe};
use crate::calls::CallSet;
use socklens_calls::{Call, Ret, class};

macro_rules! places {
    ($($(#[$doc:meta])* $name:ident $word:literal,)*) => {
        /// A kind of call on a kind of socket.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Place { $($(#[$doc])* $name),* }

        impl Place {
            /// All of them.
            pub const ALL: &[Place] = &[$(Place::$name),*];
            const WORDS: &str = concat!($($word, "\0"),*);
        }
    };
}

places! {
    /// socket()
    Socket "socket",
    /// socketpair()
    Socketpair "socketpair",
    /// Other calls that make a descriptor.
    MakeFd "making a descriptor",
    /// bind()
    Bind "bind",
    /// listen()
    Listen "listen",
    /// connect() of a TCP socket.
    ConnectTcp "connect (TCP)",
    /// connect() of a unix socket.
    ConnectUnix "connect (unix)",
    /// connect() of a datagram socket.
    ConnectUdp "connect (UDP)",
    /// accept()
    Accept "accept",
    /// Receiving from TCP.
    RecvTcp "receiving (TCP)",
    /// Receiving datagrams.
    RecvUdp "receiving (UDP)",
    /// Receiving from a unix stream.
    RecvUnix "receiving (unix stream)",
    /// Receiving unix datagrams, or packets of a sequence.
    RecvUnixDgram "receiving (unix datagrams)",
    /// Receiving from netlink.
    RecvNetlink "receiving (netlink)",
    /// Sending to TCP.
    SendTcp "sending (TCP)",
    /// Sending datagrams.
    SendUdp "sending (UDP)",
    /// Sending to a unix stream.
    SendUnix "sending (unix stream)",
    /// Sending unix datagrams, or packets of a sequence.
    SendUnixDgram "sending (unix datagrams)",
    /// poll, select, epoll_wait.
    Wait "waiting",
    /// epoll_ctl()
    EpollCtl "epoll_ctl",
    /// setsockopt()
    SetOption "setsockopt",
    /// getsockopt()
    GetOption "getsockopt",
    /// shutdown()
    Shutdown "shutdown",
    /// close()
    Close "close",
    /// Name lookups.
    Names "name lookup",
    /// The rest.
    Other "other calls",
}

/// What must hold for an error to be real.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Pre {
    /// Nothing.
    Always,
    /// The socket (or the call) does not block, or its timeout has passed.
    Nonblocking,
    /// The call blocks, and a handler without SA_RESTART is installed (with a timeout set: any handler).
    Interruptible,
    /// Any handler is installed.
    Handler,
    /// Connected, and no end of stream was received.
    Connected,
    /// Connected, datagram, and one was sent before.
    Asked,
    /// The address is IPv6, or of a family that can be missing.
    OtherFamily,
    /// A protocol was named.
    Protocol,
    /// A privileged port or a path.
    Privileged,
    /// A specific address was given.
    SpecificAddress,
    /// It is really so: the error is the kernel's own, and is not made.
    OnlyTrue,
    /// A broadcast address is named.
    Broadcast,
    /// IP_RECVERR is set.
    RecvErr,
    /// A datagram too large for some paths, on a socket that forbids to cut it.
    Large,
    /// EPOLL_CTL_ADD.
    Adding,
    /// Something waits: data, a connection.
    Pending,
}

/// One error of one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plausible {
    /// Where.
    pub place: Place,
    /// The error.
    pub errno: u16,
    /// How real.
    pub level: Level,
    /// If this holds.
    pub pre: Pre,
    /// Made how.
    pub recipe: Recipe,
}

macro_rules! table {
    ($($place:ident { $($errno:ident $level:ident $pre:ident $recipe:ident;)* })*) => {
        /// The table.
        pub static TABLE: &[Plausible] = &[$($(Plausible {
            place: Place::$place,
            errno: libc::$errno as u16,
            level: Level::$level,
            pre: Pre::$pre,
            recipe: Recipe::$recipe,
        },)*)*];
    };
}

table! {
    Socket {
        EMFILE Kernel Always Fake;
        ENFILE Kernel Always Fake;
        ENOBUFS Kernel Always Fake;
        ENOMEM Kernel Always Fake;
        EAFNOSUPPORT Kernel OtherFamily Fake;
        EPROTONOSUPPORT Kernel Protocol Fake;
        EACCES Kernel Always Fake;
        EPERM Kernel Always Fake;
    }
    Socketpair {
        EMFILE Kernel Always Fake;
        ENFILE Kernel Always Fake;
        ENOMEM Kernel Always Fake;
    }
    MakeFd {
        EMFILE Kernel Always Fake;
        ENFILE Kernel Always Fake;
        ENOMEM Kernel Always Fake;
    }
    Bind {
        EADDRINUSE Kernel Always Fake;
        EADDRNOTAVAIL Kernel SpecificAddress Fake;
        EACCES Kernel Privileged Fake;
        ENOENT Kernel Privileged Fake;
        ENOTDIR Kernel Privileged Fake;
        ELOOP Kernel Privileged Fake;
        ENAMETOOLONG Kernel Privileged Fake;
        EROFS Kernel Privileged Fake;
        ENOMEM Kernel Always Fake;
        EINVAL Kernel OnlyTrue None;
    }
    Listen {
        EADDRINUSE Kernel Always Fake;
        EOPNOTSUPP Kernel OnlyTrue None;
    }
    ConnectTcp {
        ECONNREFUSED Kernel Always RefuseSink;
        ETIMEDOUT Kernel Always MinTtlTimeout;
        EHOSTUNREACH Kernel Always RefuseSink;
        ENETUNREACH Kernel Always Fake;
        EADDRNOTAVAIL Kernel Always Fake;
        EADDRINUSE Kernel Always Fake;
        EACCES Kernel Always Fake;
        EPERM Kernel Always Fake;
        EINTR Kernel Interruptible SendTimeout;
        EINPROGRESS Kernel OnlyTrue None;
        EALREADY Kernel OnlyTrue None;
        EISCONN Kernel OnlyTrue None;
        ECONNABORTED Kernel OnlyTrue None;
        EAFNOSUPPORT Kernel OnlyTrue None;
    }
    ConnectUnix {
        ECONNREFUSED Kernel Always Fake;
        ENOENT Kernel Always Fake;
        EACCES Kernel Always Fake;
        EAGAIN Kernel Nonblocking FakeRearm;
        EPROTOTYPE Kernel Always Fake;
        EINTR Kernel Interruptible Fake;
    }
    ConnectUdp {
        ENETUNREACH Kernel Always Fake;
        EHOSTUNREACH Kernel Always Fake;
        EACCES Kernel Broadcast Fake;
        EADDRNOTAVAIL Kernel Always Fake;
    }
    Accept {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        EMFILE Kernel Always Fake;
        ENFILE Kernel Always Fake;
        ENOBUFS Kernel Always Fake;
        ENOMEM Kernel Always Fake;
        EPERM Kernel Pending AcceptClose;
        ECONNABORTED Posix Pending AcceptClose;
        EPROTO Posix Pending AcceptClose;
        ENETDOWN Posix Pending AcceptClose;
        EHOSTDOWN Posix Pending AcceptClose;
        ENONET Posix Pending AcceptClose;
        EHOSTUNREACH Posix Pending AcceptClose;
        EOPNOTSUPP Posix Pending AcceptClose;
        ENETUNREACH Posix Pending AcceptClose;
        ENOPROTOOPT Posix Pending AcceptClose;
        EINVAL Kernel OnlyTrue None;
    }
    RecvTcp {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        ECONNRESET Kernel Connected Reset;
        ETIMEDOUT Kernel Connected ResetTranslate;
        EHOSTUNREACH Kernel Connected ResetTranslate;
        ENOMEM Posix Always Fake;
        ENOBUFS Posix Always Fake;
        ENOTCONN Kernel OnlyTrue None;
    }
    RecvUdp {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        ECONNREFUSED Kernel Asked Fake;
        EHOSTUNREACH Kernel Asked Fake;
        ENETUNREACH Kernel Asked Fake;
        ENOMEM Posix Always Fake;
    }
    RecvUnix {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        ECONNRESET Kernel Connected ResetUnix;
    }
    RecvUnixDgram {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        ECONNRESET Kernel Asked Fake;
    }
    RecvNetlink {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        ENOBUFS Kernel Pending Swallow;
    }
    SendTcp {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        ECONNRESET Kernel Connected Reset;
        EPIPE Kernel Always Pipe;
        ETIMEDOUT Kernel Connected ResetTranslate;
        EHOSTUNREACH Kernel Connected ResetTranslate;
        ENOBUFS Posix Always Fake;
        ENOMEM Posix Always Fake;
    }
    SendUdp {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        EMSGSIZE Kernel Large Fake;
        ECONNREFUSED Kernel Asked Fake;
        EHOSTUNREACH Kernel Always Fake;
        ENETUNREACH Kernel Always Fake;
        ENETDOWN Kernel Always Fake;
        EPERM Kernel Always Fake;
        ENOBUFS Kernel RecvErr Fake;
        ENOMEM Posix Always Fake;
        EACCES Kernel OnlyTrue None;
        EDESTADDRREQ Kernel OnlyTrue None;
    }
    SendUnix {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        EPIPE Kernel Always Pipe;
        ECONNRESET Kernel Connected ResetUnix;
        ENOBUFS Kernel Always Fake;
        ENOMEM Kernel Always Fake;
    }
    SendUnixDgram {
        EAGAIN Kernel Nonblocking FakeRearm;
        EINTR Kernel Interruptible Fake;
        EPIPE Kernel Always Pipe;
        ENOBUFS Kernel Always Fake;
        ENOMEM Kernel Always Fake;
    }
    Wait {
        EINTR Kernel Handler Fake;
        ENOMEM Kernel Always Fake;
    }
    EpollCtl {
        ENOSPC Kernel Adding Fake;
        ENOMEM Kernel Adding Fake;
    }
    SetOption {
        ENOPROTOOPT Kernel Always Fake;
        EINVAL Kernel Always Fake;
        EPERM Kernel Always Fake;
        ENOMEM Kernel Always Fake;
        ENOBUFS Kernel Always Fake;
    }
    GetOption {
        ENOPROTOOPT Posix Always Fake;
    }
    Shutdown {
        ENOTCONN Kernel Connected Reset;
    }
    Close {
        EINTR Posix Always After;
        EIO Posix Always After;
    }
}

/// A set of places.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Places(u32);

impl Places {
    /// These.
    pub const fn of(list: &[Place]) -> Places {
        let (mut bits, mut rest) = (0, list);
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as u8;
            rest = tail;
        }
        Places(bits)
    }

    /// All of them.
    pub const fn all() -> Places {
        Places(u32::MAX)
    }

    /// Whether the place is among them.
    pub const fn has(self, p: Place) -> bool {
        self.0 >> p as u8 & 1 != 0
    }

    /// Whether any place is in both.
    pub const fn meets(self, other: Places) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn or(self, other: Places) -> Places {
        Places(self.0 | other.0)
    }
}

pub(crate) const CONNECT: Places = Places::of(&[Place::ConnectTcp, Place::ConnectUnix, Place::ConnectUdp]);
pub(crate) const RECV: Places =
    Places::of(&[Place::RecvTcp, Place::RecvUdp, Place::RecvUnix, Place::RecvUnixDgram, Place::RecvNetlink]);
pub(crate) const SEND: Places = Places::of(&[Place::SendTcp, Place::SendUdp, Place::SendUnix, Place::SendUnixDgram]);

/// The places a call can be in, on a socket of any type.
pub fn places(call: Call) -> Places {
    let one = |p| Places::of(&[p]);
    match call {
        Call::socket => return one(Place::Socket),
        Call::socketpair => return one(Place::Socketpair),
        Call::bind | Call::bindresvport => return one(Place::Bind),
        Call::listen => return one(Place::Listen),
        Call::connect => return CONNECT,
        Call::accept | Call::accept4 => return one(Place::Accept),
        Call::setsockopt => return one(Place::SetOption),
        Call::getsockopt => return one(Place::GetOption),
        Call::shutdown => return one(Place::Shutdown),
        Call::close | Call::fclose => return one(Place::Close),
        Call::epoll_ctl => return one(Place::EpollCtl),
        _ => {}
    }
    let c = call.class();
    let mut all = Places::default();
    if c & class::IN != 0 {
        all = all.or(RECV);
    }
    if c & class::OUT != 0 {
        all = all.or(SEND);
    }
    if !all.is_empty() {
        return all;
    }
    one(match call.ret() {
        Ret::NewFd => Place::MakeFd,
        Ret::Count if c & class::WAIT != 0 => Place::Wait,
        _ if c & class::DNS != 0 => Place::Names,
        _ => Place::Other,
    })
}

/// The places of a set of calls on sockets of these types (bits 1 << SOCK_*; 0 for any).
pub fn places_of(calls: CallSet, types: u32) -> Places {
    let mut all = Places::default();
    // splice() receives and sends, but a rule for `in` is about its receiving.
    for call in Call::all().filter(|c| calls.contains(*c) && *c != Call::splice) {
        all = all.or(places(call));
    }
    if all.is_empty() && !calls.is_empty() {
        all = places(Call::splice);
    }
    let stream = 1 << libc::SOCK_STREAM;
    let out = match types {
        0 => Places::default(),
        t if t == stream => Places::of(&[
            Place::RecvUdp,
            Place::SendUdp,
            Place::ConnectUdp,
            Place::RecvNetlink,
            Place::RecvUnixDgram,
            Place::SendUnixDgram,
        ]),
        _ => Places::of(&[Place::RecvTcp, Place::SendTcp, Place::ConnectTcp, Place::RecvUnix, Place::SendUnix]),
    };
    Places(all.0 & !out.0)
}

/// The place of a call on a socket of this family and type (0 when unknown: taken for TCP). `sends` tells which end of a
/// splice the socket is.
pub fn place(call: Call, family: u16, ty: u16, sends: bool) -> Place {
    let all = places(call);
    let class = if all.meets(CONNECT) {
        [Place::ConnectTcp, Place::ConnectUdp, Place::ConnectUnix, Place::ConnectUnix, Place::ConnectUdp]
    } else if all.meets(SEND) && (sends || !all.meets(RECV)) {
        [Place::SendTcp, Place::SendUdp, Place::SendUnix, Place::SendUnixDgram, Place::SendUdp]
    } else if all.meets(RECV) {
        [Place::RecvTcp, Place::RecvUdp, Place::RecvUnix, Place::RecvUnixDgram, Place::RecvNetlink]
    } else {
        return Place::ALL.iter().copied().find(|p| all.has(*p)).unwrap_or(Place::Other);
    };
    let [tcp, udp, unix, packets, netlink] = class;
    match (i32::from(family), i32::from(ty)) {
        (libc::AF_UNIX, libc::SOCK_DGRAM | libc::SOCK_SEQPACKET) => packets,
        (libc::AF_UNIX, _) => unix,
        (libc::AF_NETLINK, _) => netlink,
        (_, libc::SOCK_DGRAM | libc::SOCK_RAW) => udp,
        _ => tcp,
    }
}

/// The row of an error at a place.
pub fn find(place: Place, errno: u16) -> Option<&'static Plausible> {
    TABLE.iter().find(|r| r.place == place && r.errno == errno)
}

/// How real an error is at the best of these places.
pub fn level(places: Places, errno: u16) -> Level {
    let rows = TABLE.iter().filter(|r| r.errno == errno && places.has(r.place));
    rows.map(|r| r.level).min().unwrap_or(Level::Never)
}

/// Whether a realism allows a level.
pub fn allows(realism: Realism, level: Level) -> bool {
    (level as u8) <= (realism as u8)
}

/// The name of an error.
pub fn errno_name(errno: u16) -> Option<&'static str> {
    crate::names::name(crate::names::ERRNO, i64::from(errno))
}

/// Hands out the errors that these places can return at a realism, each once.
pub fn each(places: Places, realism: Realism, put: &mut dyn FnMut(u16)) {
    let fits = |r: &&Plausible| places.has(r.place) && allows(realism, r.level) && r.pre != Pre::OnlyTrue;
    for (i, row) in TABLE.iter().enumerate().filter(|(_, r)| fits(r)) {
        let seen = TABLE.iter().take(i).any(|r| fits(&r) && r.errno == row.errno);
        if !seen {
            put(row.errno);
        }
    }
}

impl Place {
    /// What it is called.
    pub fn word(self) -> &'static str {
        super::kind::word_of(Place::WORDS, usize::from(self as u8))
    }
}
