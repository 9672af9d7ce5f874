//! What an argument or a result means. The shim decides from it what memory to copy, the decoder how to print it.
//!
//! A number in brackets is the index of the argument that holds the length (or the pointer to it).

/// The meaning of one argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    // Plain numbers.
    Int,
    UInt,
    Long,
    /// A byte count (`size_t`).
    Size,
    Hex,
    /// A pointer that is never followed.
    Ptr,
    /// A `FILE *`, printed as a pointer.
    File,
    Pid,
    Mode,
    Off,
    // Descriptors.
    Fd,
    /// A directory descriptor, `AT_FDCWD` when negative 100.
    DirFd,
    // Symbolic numbers.
    Domain,
    SockType,
    /// The protocol; its names depend on the domain, argument 0.
    Proto,
    MsgFlags,
    /// `accept4`'s flags: SOCK_NONBLOCK | SOCK_CLOEXEC.
    SockFlags,
    ShutHow,
    Level,
    /// An option name; its level is argument 1.
    OptName,
    EpollOp,
    EpollCreateFlags,
    Dup3Flags,
    CloseRangeFlags,
    FcntlCmd,
    /// `fcntl`'s third argument; what it is depends on the command, argument 1.
    FcntlArg,
    IoctlReq,
    /// `ioctl`'s third argument; what it is depends on the request, argument 1.
    IoctlArg,
    SpliceFlags,
    RwfFlags,
    /// `getnameinfo` flags, NI_*.
    NiFlags,
    /// An address family given to a name lookup.
    Family,
    /// DNS class and type of `res_query`.
    DnsClass,
    DnsType,
    /// `syslog` priority: level and facility.
    Priority,
    SpawnFlags,
    ExecFlags,
    // Addresses.
    /// `const struct sockaddr *` read by the kernel; length in argument n.
    AddrIn(u8),
    /// `struct sockaddr *` written by the kernel; argument n points to its length, value-result.
    AddrOut(u8),
    /// A `socklen_t *`, value-result. Copied at entry and at exit.
    LenPtr,
    // Data.
    /// Bytes read by the kernel: `ret` of them, at most the length in argument n.
    BufIn(u8),
    /// Bytes written by the kernel: `ret` of them.
    BufOut(u8),
    /// `const struct iovec *`, data read by the kernel; count in argument n.
    IovIn(u8),
    /// `const struct iovec *`, data written by the kernel.
    IovOut(u8),
    MsgIn,
    MsgOut,
    /// `struct mmsghdr *`; count in argument n.
    MmsgIn(u8),
    MmsgOut(u8),
    /// Option value read by the kernel; length in argument n.
    OptIn(u8),
    /// Option value written by the kernel; argument n points to its length.
    OptOut(u8),
    /// An `int[2]` written by the kernel.
    FdPair,
    /// `off_t *`, value-result.
    OffPtr,
    // Waiting.
    /// `struct pollfd *`; count in argument n. Copied as it stands after the call.
    PollFds(u8),
    /// `fd_set *`; highest descriptor plus one in argument 0. Copied at exit (and at entry when that can be proved safe).
    FdSet,
    Timeval,
    Timespec,
    SigSet,
    EventIn,
    /// `struct epoll_event *` written by the kernel: `ret` of them.
    EventsOut,
    /// A timeout in milliseconds, -1 for ever.
    TimeoutMs,
    // Text and names.
    Str,
    /// NULL-terminated array of strings.
    StrVec,
    /// The environment: counted, not copied.
    Env,
    /// Text written by the callee, NUL-terminated; room in argument n.
    StrOut(u8),
    /// `const struct addrinfo *`.
    Hints,
    /// `struct addrinfo **` written by getaddrinfo.
    AddrInfoOut,
    /// Network address bytes for `gethostbyaddr`; length in argument n.
    HostAddr(u8),
    /// `struct hostent *` filled by a `_r` function.
    Hostent,
    /// `int *` that receives h_errno.
    HErrnoPtr,
    /// `struct ifaddrs **`.
    IfAddrsOut,
    /// `pid_t *` written by posix_spawn.
    PidOut,
    /// A DNS message written by the resolver: `ret` bytes.
    DnsOut(u8),
    /// A DNS message to be sent; length in argument n.
    DnsIn(u8),
}

/// The meaning of a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ret {
    /// 0, or -1 and errno.
    Zero,
    /// A number, or -1 and errno.
    Int,
    /// A new descriptor, or -1 and errno.
    NewFd,
    /// A byte count, or -1 and errno.
    Bytes,
    /// A number of ready descriptors, events or messages, or -1 and errno.
    Count,
    /// A process, or -1 and errno.
    Pid,
    /// 0 or an EAI_* code.
    Eai,
    /// 0 or an errno, returned and not stored.
    ErrNo,
    /// A pointer to struct hostent, or NULL and h_errno.
    Hostent,
    /// A pointer, or NULL and errno.
    Ptr,
    /// An interface index or 0 and errno.
    Index,
    /// A C string or NULL.
    Str,
    /// Wait status of `system`/`pclose`.
    Status,
    None,
}

/// One argument of a row.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    pub name: ArgName,
    pub kind: Kind,
}

/// An argument's name: a number and no pointer, see [`crate::CALLS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ArgName(pub(crate) u16);

impl ArgName {
    /// The name itself.
    pub fn get(self) -> &'static str {
        crate::table::text(usize::from(self.0))
    }
}

impl core::fmt::Display for ArgName {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        f.write_str(self.get())
    }
}

/// Groups of calls, a bit each: what `trace=%net` and the like select.
pub mod class {
    /// strace's %network: calls of the socket API proper.
    pub const NET: u16 = 1;
    /// Calls that move bytes on any descriptor (read, writev, sendfile ...).
    pub const DATA: u16 = 2;
    /// Calls that wait for readiness.
    pub const WAIT: u16 = 4;
    /// Calls that close, copy or change a descriptor.
    pub const FD: u16 = 8;
    /// Name lookups.
    pub const DNS: u16 = 16;
    /// Interface lists and names.
    pub const NETIF: u16 = 32;
    /// fork, exec, spawn and their kin.
    pub const PROCESS: u16 = 64;
    /// syslog.
    pub const LOG: u16 = 128;
    /// Makes a descriptor that is no socket, or a thread: seen only to keep our tables right, never recorded.
    pub const FDTABLE: u16 = 256;
    /// Receives data (RULES' group `in`).
    pub const IN: u16 = 512;
    /// Sends data (group `out`).
    pub const OUT: u16 = 1024;
}

/// How the shim handles a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    /// The first argument is a socket, or should be: always recorded.
    Net,
    /// The first argument may be any descriptor: recorded when it is a socket.
    Data,
    /// No descriptor: recorded when wanted.
    Free,
    /// Makes descriptors that are no sockets; only the descriptor table is kept right.
    NewFd,
    /// A hand-written body in the shim's special.rs.
    Special,
}

/// One row of THE TABLE.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The libc name.
    pub name: &'static str,
    /// The name strace gives the system call behind it.
    pub sysname: &'static str,
    /// Further libc symbols with the same prototype and meaning.
    pub aliases: &'static [&'static str],
    pub args: &'static [Arg],
    pub ret: Ret,
    pub class: u16,
    pub body: Body,
}
