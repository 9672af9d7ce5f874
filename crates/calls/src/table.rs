//! The rows. Opcodes are the first column: append only, never renumber, they are part of the event format.
//!
//! Columns: opcode, name, [aliases], (argument: C type = meaning), -> C type = meaning, classes, body, how the
//! prototype is checked at compile time (`libc`: against the libc crate; `hdr`: it has none, so only against the system headers by
//! the tests; `vary`: variadic in C, defined with fixed register arguments; `asm`: written in assembly), strace's name.

use crate::kind::class::{DATA, DNS, FD, FDTABLE, IN, LOG, NET, NETIF, OUT, PROCESS, WAIT};
use crate::kind::{Arg, ArgName, Body, Kind, Ret, Spec};

/// Hands every row to the macro `$cb`, after the tokens given in brackets.
#[macro_export]
macro_rules! for_each_call {
    ($cb:ident [$($ctx:tt)*]) => { $cb! { [$($ctx)*]
        // ---- B: making and naming sockets
        0 socket [] (domain: c_int = Domain, ty: c_int = SockType, protocol: c_int = Proto) -> c_int = NewFd, NET, Special, libc, "socket";
        1 socketpair [] (domain: c_int = Domain, ty: c_int = SockType, protocol: c_int = Proto, sv: *mut c_int = FdPair) -> c_int = Zero, NET, Special, libc, "socketpair";
        2 bind [] (fd: c_int = Fd, addr: *const sockaddr = AddrIn(2), len: socklen_t = Size) -> c_int = Zero, NET, Special, libc, "bind";
        3 listen [] (fd: c_int = Fd, backlog: c_int = Int) -> c_int = Zero, NET, Special, libc, "listen";
        4 accept [] (fd: c_int = Fd, addr: *mut sockaddr = AddrOut(2), len: *mut socklen_t = LenPtr) -> c_int = NewFd, NET, Special, libc, "accept";
        5 accept4 [] (fd: c_int = Fd, addr: *mut sockaddr = AddrOut(2), len: *mut socklen_t = LenPtr, flags: c_int = SockFlags) -> c_int = NewFd, NET, Special, libc, "accept4";
        6 connect [__connect] (fd: c_int = Fd, addr: *const sockaddr = AddrIn(2), len: socklen_t = Size) -> c_int = Zero, NET, Special, libc, "connect";
        7 shutdown [] (fd: c_int = Fd, how: c_int = ShutHow) -> c_int = Zero, NET, Net, libc, "shutdown";
        8 getsockname [] (fd: c_int = Fd, addr: *mut sockaddr = AddrOut(2), len: *mut socklen_t = LenPtr) -> c_int = Zero, NET, Net, libc, "getsockname";
        9 getpeername [] (fd: c_int = Fd, addr: *mut sockaddr = AddrOut(2), len: *mut socklen_t = LenPtr) -> c_int = Zero, NET, Net, libc, "getpeername";
        10 setsockopt [] (fd: c_int = Fd, level: c_int = Level, name: c_int = OptName, value: *const c_void = OptIn(4), len: socklen_t = Size) -> c_int = Zero, NET, Net, libc, "setsockopt";
        11 getsockopt [] (fd: c_int = Fd, level: c_int = Level, name: c_int = OptName, value: *mut c_void = OptOut(4), len: *mut socklen_t = LenPtr) -> c_int = Zero, NET, Net, libc, "getsockopt";
        12 isfdtype [] (fd: c_int = Fd, fdtype: c_int = Mode) -> c_int = Int, NET, Data, hdr, "isfdtype";
        13 sockatmark [] (fd: c_int = Fd) -> c_int = Int, NET, Net, hdr, "sockatmark";
        14 bindresvport [] (fd: c_int = Fd, addr: *mut sockaddr_in = Ptr) -> c_int = Zero, NET, Net, hdr, "bindresvport";
        15 rresvport [] (port: *mut c_int = Ptr) -> c_int = NewFd, NET, Special, hdr, "rresvport";
        16 rresvport_af [] (port: *mut c_int = Ptr, family: sa_family_t = Family) -> c_int = NewFd, NET, Special, hdr, "rresvport_af";
        17 setsourcefilter [] (fd: c_int = Fd, interface: u32 = UInt, group: *const sockaddr = AddrIn(3), len: socklen_t = Size, fmode: u32 = UInt, numsrc: u32 = UInt, slist: *const sockaddr_storage = Ptr) -> c_int = Zero, NET, Net, hdr, "setsourcefilter";
        18 getsourcefilter [] (fd: c_int = Fd, interface: u32 = UInt, group: *const sockaddr = AddrIn(3), len: socklen_t = Size, fmode: *mut u32 = Ptr, numsrc: *mut u32 = Ptr, slist: *mut sockaddr_storage = Ptr) -> c_int = Zero, NET, Net, hdr, "getsourcefilter";
        19 setipv4sourcefilter [] (fd: c_int = Fd, interface: in_addr = Hex, group: in_addr = Hex, fmode: u32 = UInt, numsrc: u32 = UInt, slist: *const in_addr = Ptr) -> c_int = Zero, NET, Net, hdr, "setipv4sourcefilter";
        20 getipv4sourcefilter [] (fd: c_int = Fd, interface: in_addr = Hex, group: in_addr = Hex, fmode: *mut u32 = Ptr, numsrc: *mut u32 = Ptr, slist: *mut in_addr = Ptr) -> c_int = Zero, NET, Net, hdr, "getipv4sourcefilter";
        // ---- C: socket data
        21 send [__send] (fd: c_int = Fd, buf: *const c_void = BufIn(2), len: size_t = Size, flags: c_int = MsgFlags) -> ssize_t = Bytes, NET | OUT, Net, libc, "sendto";
        22 recv [] (fd: c_int = Fd, buf: *mut c_void = BufOut(2), len: size_t = Size, flags: c_int = MsgFlags) -> ssize_t = Bytes, NET | IN, Net, libc, "recvfrom";
        23 sendto [] (fd: c_int = Fd, buf: *const c_void = BufIn(2), len: size_t = Size, flags: c_int = MsgFlags, addr: *const sockaddr = AddrIn(5), addrlen: socklen_t = Size) -> ssize_t = Bytes, NET | OUT, Special, libc, "sendto";
        24 recvfrom [] (fd: c_int = Fd, buf: *mut c_void = BufOut(2), len: size_t = Size, flags: c_int = MsgFlags, addr: *mut sockaddr = AddrOut(5), addrlen: *mut socklen_t = LenPtr) -> ssize_t = Bytes, NET | IN, Net, libc, "recvfrom";
        25 sendmsg [] (fd: c_int = Fd, msg: *const msghdr = MsgIn, flags: c_int = MsgFlags) -> ssize_t = Bytes, NET | OUT, Special, libc, "sendmsg";
        26 recvmsg [] (fd: c_int = Fd, msg: *mut msghdr = MsgOut, flags: c_int = MsgFlags) -> ssize_t = Bytes, NET | IN, Special, libc, "recvmsg";
        27 sendmmsg [] (fd: c_int = Fd, msgvec: *mut mmsghdr = MmsgIn(2), vlen: c_uint = UInt, flags: c_int = MsgFlags) -> c_int = Count, NET | OUT, Special, libc, "sendmmsg";
        28 recvmmsg [] (fd: c_int = Fd, msgvec: *mut mmsghdr = MmsgOut(2), vlen: c_uint = UInt, flags: c_int = MsgFlags, timeout: *mut timespec = Timespec) -> c_int = Count, NET | IN, Special, libc, "recvmmsg";
        29 __recv_chk [] (fd: c_int = Fd, buf: *mut c_void = BufOut(2), len: size_t = Size, buflen: size_t = Size, flags: c_int = MsgFlags) -> ssize_t = Bytes, NET | IN, Net, hdr, "recvfrom";
        30 __recvfrom_chk [] (fd: c_int = Fd, buf: *mut c_void = BufOut(2), len: size_t = Size, buflen: size_t = Size, flags: c_int = MsgFlags, addr: *mut sockaddr = AddrOut(6), addrlen: *mut socklen_t = LenPtr) -> ssize_t = Bytes, NET | IN, Net, hdr, "recvfrom";
        // ---- D: data on any descriptor
        31 read [__read] (fd: c_int = Fd, buf: *mut c_void = BufOut(2), len: size_t = Size) -> ssize_t = Bytes, DATA | IN, Data, libc, "read";
        32 write [__write] (fd: c_int = Fd, buf: *const c_void = BufIn(2), len: size_t = Size) -> ssize_t = Bytes, DATA | OUT, Data, libc, "write";
        33 readv [] (fd: c_int = Fd, iov: *const iovec = IovOut(2), count: c_int = Int) -> ssize_t = Bytes, DATA | IN, Data, libc, "readv";
        34 writev [] (fd: c_int = Fd, iov: *const iovec = IovIn(2), count: c_int = Int) -> ssize_t = Bytes, DATA | OUT, Data, libc, "writev";
        35 preadv [preadv64] (fd: c_int = Fd, iov: *const iovec = IovOut(2), count: c_int = Int, offset: off_t = Off) -> ssize_t = Bytes, DATA | IN, Data, libc, "preadv";
        36 pwritev [pwritev64] (fd: c_int = Fd, iov: *const iovec = IovIn(2), count: c_int = Int, offset: off_t = Off) -> ssize_t = Bytes, DATA | OUT, Data, libc, "pwritev";
        37 preadv2 [preadv64v2] (fd: c_int = Fd, iov: *const iovec = IovOut(2), count: c_int = Int, offset: off_t = Off, flags: c_int = RwfFlags) -> ssize_t = Bytes, DATA | IN, Data, libc, "preadv2";
        38 pwritev2 [pwritev64v2] (fd: c_int = Fd, iov: *const iovec = IovIn(2), count: c_int = Int, offset: off_t = Off, flags: c_int = RwfFlags) -> ssize_t = Bytes, DATA | OUT, Data, libc, "pwritev2";
        39 pread [pread64 __pread64] (fd: c_int = Fd, buf: *mut c_void = BufOut(2), len: size_t = Size, offset: off_t = Off) -> ssize_t = Bytes, DATA | IN, Data, libc, "pread64";
        40 pwrite [pwrite64 __pwrite64] (fd: c_int = Fd, buf: *const c_void = BufIn(2), len: size_t = Size, offset: off_t = Off) -> ssize_t = Bytes, DATA | OUT, Data, libc, "pwrite64";
        41 __read_chk [] (fd: c_int = Fd, buf: *mut c_void = BufOut(2), len: size_t = Size, buflen: size_t = Size) -> ssize_t = Bytes, DATA | IN, Data, hdr, "read";
        42 __pread_chk [__pread64_chk] (fd: c_int = Fd, buf: *mut c_void = BufOut(2), len: size_t = Size, offset: off_t = Off, buflen: size_t = Size) -> ssize_t = Bytes, DATA | IN, Data, hdr, "pread64";
        43 sendfile [sendfile64] (out: c_int = Fd, fd_in: c_int = Fd, offset: *mut off_t = OffPtr, len: size_t = Size) -> ssize_t = Bytes, DATA | OUT, Special, libc, "sendfile";
        44 splice [] (fd_in: c_int = Fd, off_in: *mut i64 = OffPtr, out: c_int = Fd, off_out: *mut i64 = OffPtr, len: size_t = Size, flags: c_uint = SpliceFlags) -> ssize_t = Bytes, DATA | IN | OUT, Special, libc, "splice";
        45 tee [] (fd_in: c_int = Fd, out: c_int = Fd, len: size_t = Size, flags: c_uint = SpliceFlags) -> ssize_t = Bytes, DATA, Data, libc, "tee";
        46 vmsplice [] (fd: c_int = Fd, iov: *const iovec = IovIn(2), count: size_t = Size, flags: c_uint = SpliceFlags) -> ssize_t = Bytes, DATA | OUT, Data, libc, "vmsplice";
        47 copy_file_range [] (fd_in: c_int = Fd, off_in: *mut i64 = OffPtr, out: c_int = Fd, off_out: *mut i64 = OffPtr, len: size_t = Size, flags: c_uint = Hex) -> ssize_t = Bytes, DATA, Special, libc, "copy_file_range";
        // ---- E, F: closing, copying and changing descriptors
        48 close [__close] (fd: c_int = Fd) -> c_int = Zero, FD, Special, libc, "close";
        49 close_range [] (first: c_uint = UInt, last: c_uint = UInt, flags: c_int = CloseRangeFlags) -> c_int = Zero, FD, Special, hdr, "close_range";
        50 closefrom [] (first: c_int = Int) -> () = None, FD, Special, hdr, "closefrom";
        51 fclose [_IO_fclose] (file: *mut FILE = File) -> c_int = Zero, FD, Special, libc, "fclose";
        52 fdopen [_IO_fdopen] (fd: c_int = Fd, mode: *const c_char = Str) -> *mut FILE = Ptr, FD, Data, libc, "fdopen";
        53 dup [] (fd: c_int = Fd) -> c_int = NewFd, FD, Special, libc, "dup";
        54 dup2 [__dup2] (fd: c_int = Fd, new: c_int = Fd) -> c_int = NewFd, FD, Special, libc, "dup2";
        55 dup3 [] (fd: c_int = Fd, new: c_int = Fd, flags: c_int = Dup3Flags) -> c_int = NewFd, FD, Special, libc, "dup3";
        56 fcntl [fcntl64 __fcntl] (fd: c_int = Fd, cmd: c_int = FcntlCmd, arg: c_long = FcntlArg) -> c_int = Int, FD, Special, vary, "fcntl";
        57 ioctl [] (fd: c_int = Fd, request: c_ulong = IoctlReq, arg: c_long = IoctlArg) -> c_int = Int, FD, Special, vary, "ioctl";
        // ---- G: waiting
        58 poll [__poll] (fds: *mut pollfd = PollFds(1), nfds: nfds_t = Size, timeout: c_int = TimeoutMs) -> c_int = Count, WAIT, Special, libc, "poll";
        59 ppoll [] (fds: *mut pollfd = PollFds(1), nfds: nfds_t = Size, timeout: *const timespec = Timespec, sigmask: *const sigset_t = SigSet) -> c_int = Count, WAIT, Special, libc, "ppoll";
        60 __poll_chk [] (fds: *mut pollfd = PollFds(1), nfds: nfds_t = Size, timeout: c_int = TimeoutMs, fdslen: size_t = Size) -> c_int = Count, WAIT, Special, hdr, "poll";
        61 __ppoll_chk [] (fds: *mut pollfd = PollFds(1), nfds: nfds_t = Size, timeout: *const timespec = Timespec, sigmask: *const sigset_t = SigSet, fdslen: size_t = Size) -> c_int = Count, WAIT, Special, hdr, "ppoll";
        62 select [__select] (nfds: c_int = Int, readfds: *mut fd_set = FdSet, writefds: *mut fd_set = FdSet, exceptfds: *mut fd_set = FdSet, timeout: *mut timeval = Timeval) -> c_int = Count, WAIT, Special, libc, "pselect6";
        63 pselect [] (nfds: c_int = Int, readfds: *mut fd_set = FdSet, writefds: *mut fd_set = FdSet, exceptfds: *mut fd_set = FdSet, timeout: *const timespec = Timespec, sigmask: *const sigset_t = SigSet) -> c_int = Count, WAIT, Special, libc, "pselect6";
        64 epoll_create [] (size: c_int = Int) -> c_int = NewFd, WAIT, Special, libc, "epoll_create";
        65 epoll_create1 [] (flags: c_int = EpollCreateFlags) -> c_int = NewFd, WAIT, Special, libc, "epoll_create1";
        66 epoll_ctl [] (epfd: c_int = Fd, op: c_int = EpollOp, fd: c_int = Fd, event: *mut epoll_event = EventIn) -> c_int = Zero, WAIT, Special, libc, "epoll_ctl";
        67 epoll_wait [] (epfd: c_int = Fd, events: *mut epoll_event = EventsOut, maxevents: c_int = Int, timeout: c_int = TimeoutMs) -> c_int = Count, WAIT, Special, libc, "epoll_wait";
        68 epoll_pwait [] (epfd: c_int = Fd, events: *mut epoll_event = EventsOut, maxevents: c_int = Int, timeout: c_int = TimeoutMs, sigmask: *const sigset_t = SigSet) -> c_int = Count, WAIT, Special, libc, "epoll_pwait";
        69 epoll_pwait2 [] (epfd: c_int = Fd, events: *mut epoll_event = EventsOut, maxevents: c_int = Int, timeout: *const timespec = Timespec, sigmask: *const sigset_t = SigSet) -> c_int = Count, WAIT, Special, hdr, "epoll_pwait2";
        // ---- K: names
        70 getaddrinfo [] (node: *const c_char = Str, service: *const c_char = Str, hints: *const addrinfo = Hints, res: *mut *mut addrinfo = AddrInfoOut) -> c_int = Eai, DNS, Free, libc, "getaddrinfo";
        71 getnameinfo [] (addr: *const sockaddr = AddrIn(1), len: socklen_t = Size, host: *mut c_char = StrOut(3), hostlen: socklen_t = Size, serv: *mut c_char = StrOut(5), servlen: socklen_t = Size, flags: c_int = NiFlags) -> c_int = Eai, DNS, Free, libc, "getnameinfo";
        72 gethostbyname [] (name: *const c_char = Str) -> *mut hostent = Hostent, DNS, Free, hdr, "gethostbyname";
        73 gethostbyname2 [] (name: *const c_char = Str, family: c_int = Family) -> *mut hostent = Hostent, DNS, Free, hdr, "gethostbyname2";
        74 gethostbyaddr [] (addr: *const c_void = HostAddr(1), len: socklen_t = Size, family: c_int = Family) -> *mut hostent = Hostent, DNS, Free, hdr, "gethostbyaddr";
        75 gethostbyname_r [] (name: *const c_char = Str, ret: *mut hostent = Hostent, buf: *mut c_char = Ptr, buflen: size_t = Size, result: *mut *mut hostent = Ptr, h_errnop: *mut c_int = HErrnoPtr) -> c_int = ErrNo, DNS, Free, hdr, "gethostbyname_r";
        76 gethostbyname2_r [] (name: *const c_char = Str, family: c_int = Family, ret: *mut hostent = Hostent, buf: *mut c_char = Ptr, buflen: size_t = Size, result: *mut *mut hostent = Ptr, h_errnop: *mut c_int = HErrnoPtr) -> c_int = ErrNo, DNS, Free, hdr, "gethostbyname2_r";
        77 gethostbyaddr_r [] (addr: *const c_void = HostAddr(1), len: socklen_t = Size, family: c_int = Family, ret: *mut hostent = Hostent, buf: *mut c_char = Ptr, buflen: size_t = Size, result: *mut *mut hostent = Ptr, h_errnop: *mut c_int = HErrnoPtr) -> c_int = ErrNo, DNS, Free, hdr, "gethostbyaddr_r";
        78 res_query [__res_query] (name: *const c_char = Str, class: c_int = DnsClass, ty: c_int = DnsType, answer: *mut u8 = DnsOut(4), anslen: c_int = Int) -> c_int = Int, DNS, Free, hdr, "res_query";
        79 res_search [__res_search] (name: *const c_char = Str, class: c_int = DnsClass, ty: c_int = DnsType, answer: *mut u8 = DnsOut(4), anslen: c_int = Int) -> c_int = Int, DNS, Free, hdr, "res_search";
        80 res_send [__res_send] (msg: *const u8 = DnsIn(1), msglen: c_int = Int, answer: *mut u8 = DnsOut(3), anslen: c_int = Int) -> c_int = Int, DNS, Free, hdr, "res_send";
        81 res_nquery [__res_nquery] (state: *mut c_void = Ptr, name: *const c_char = Str, class: c_int = DnsClass, ty: c_int = DnsType, answer: *mut u8 = DnsOut(5), anslen: c_int = Int) -> c_int = Int, DNS, Free, hdr, "res_nquery";
        82 res_nsearch [__res_nsearch] (state: *mut c_void = Ptr, name: *const c_char = Str, class: c_int = DnsClass, ty: c_int = DnsType, answer: *mut u8 = DnsOut(5), anslen: c_int = Int) -> c_int = Int, DNS, Free, hdr, "res_nsearch";
        83 res_nsend [__res_nsend] (state: *mut c_void = Ptr, msg: *const u8 = DnsIn(2), msglen: c_int = Int, answer: *mut u8 = DnsOut(4), anslen: c_int = Int) -> c_int = Int, DNS, Free, hdr, "res_nsend";
        84 res_querydomain [__res_querydomain] (name: *const c_char = Str, domain: *const c_char = Str, class: c_int = DnsClass, ty: c_int = DnsType, answer: *mut u8 = DnsOut(5), anslen: c_int = Int) -> c_int = Int, DNS, Free, hdr, "res_querydomain";
        85 res_nquerydomain [__res_nquerydomain] (state: *mut c_void = Ptr, name: *const c_char = Str, domain: *const c_char = Str, class: c_int = DnsClass, ty: c_int = DnsType, answer: *mut u8 = DnsOut(6), anslen: c_int = Int) -> c_int = Int, DNS, Free, hdr, "res_nquerydomain";
        86 getaddrinfo_a [] (mode: c_int = Int, list: *mut *mut c_void = Ptr, nitems: c_int = Int, sevp: *mut sigevent = Ptr) -> c_int = Eai, DNS, Free, hdr, "getaddrinfo_a";
        // ---- L: interfaces
        87 getifaddrs [] (ifap: *mut *mut ifaddrs = IfAddrsOut) -> c_int = Zero, NETIF, Free, libc, "getifaddrs";
        88 if_nametoindex [] (name: *const c_char = Str) -> c_uint = Index, NETIF, Free, libc, "if_nametoindex";
        89 if_indextoname [] (index: c_uint = UInt, name: *mut c_char = Ptr) -> *mut c_char = Str, NETIF, Free, libc, "if_indextoname";
        90 if_nameindex [] () -> *mut if_nameindex = Ptr, NETIF, Free, libc, "if_nameindex";
        // ---- M: syslog, as a note
        91 syslog [] (priority: c_int = Priority, format: *const c_char = Str) -> () = None, LOG, Special, asm, "syslog";
        92 vsyslog [] (priority: c_int = Priority, format: *const c_char = Str, args: *mut c_void = Ptr) -> () = None, LOG, Free, vary, "vsyslog";
        93 __syslog_chk [] (priority: c_int = Priority, flag: c_int = Int, format: *const c_char = Str) -> () = None, LOG, Special, asm, "syslog";
        94 __vsyslog_chk [] (priority: c_int = Priority, flag: c_int = Int, format: *const c_char = Str, args: *mut c_void = Ptr) -> () = None, LOG, Free, vary, "vsyslog";
        // ---- H: processes and the door to everything
        95 syscall [] (number: c_long = Long, a: c_long = Hex, b: c_long = Hex, c: c_long = Hex, d: c_long = Hex, e: c_long = Hex, f: c_long = Hex) -> c_long = Int, PROCESS, Special, vary, "syscall";
        96 fork [__fork] () -> pid_t = Pid, PROCESS, Special, libc, "fork";
        97 _Fork [] () -> pid_t = Pid, PROCESS, Special, hdr, "fork";
        98 vfork [__vfork] () -> pid_t = Pid, PROCESS, Special, asm, "vfork";
        99 clone [__clone] (func: *mut c_void = Ptr, stack: *mut c_void = Ptr, flags: c_int = Hex, arg: *mut c_void = Ptr, a: c_long = Hex, b: c_long = Hex, c: c_long = Hex) -> c_int = Pid, PROCESS, Special, vary, "clone";
        100 daemon [] (nochdir: c_int = Int, noclose: c_int = Int) -> c_int = Zero, PROCESS, Special, libc, "daemon";
        101 prctl [] (option: c_int = Int, a: c_long = Hex, b: c_long = Hex, c: c_long = Hex, d: c_long = Hex) -> c_int = Int, FDTABLE, Special, vary, "prctl";
        // ---- I: exec and spawn
        102 execve [] (path: *const c_char = Str, argv: *const *const c_char = StrVec, envp: *const *const c_char = Env) -> c_int = Int, PROCESS, Special, libc, "execve";
        103 execv [] (path: *const c_char = Str, argv: *const *const c_char = StrVec) -> c_int = Int, PROCESS, Special, libc, "execve";
        104 execvp [] (file: *const c_char = Str, argv: *const *const c_char = StrVec) -> c_int = Int, PROCESS, Special, libc, "execve";
        105 execvpe [] (file: *const c_char = Str, argv: *const *const c_char = StrVec, envp: *const *const c_char = Env) -> c_int = Int, PROCESS, Special, libc, "execve";
        106 fexecve [] (fd: c_int = Fd, argv: *const *const c_char = StrVec, envp: *const *const c_char = Env) -> c_int = Int, PROCESS, Special, libc, "execveat";
        107 execveat [] (dirfd: c_int = DirFd, path: *const c_char = Str, argv: *const *const c_char = StrVec, envp: *const *const c_char = Env, flags: c_int = ExecFlags) -> c_int = Int, PROCESS, Special, hdr, "execveat";
        108 execl [] (path: *const c_char = Str, arg: *const c_char = Str) -> c_int = Int, PROCESS, Special, asm, "execve";
        109 execlp [] (file: *const c_char = Str, arg: *const c_char = Str) -> c_int = Int, PROCESS, Special, asm, "execve";
        110 execle [] (path: *const c_char = Str, arg: *const c_char = Str) -> c_int = Int, PROCESS, Special, asm, "execve";
        111 posix_spawn [] (pid: *mut pid_t = PidOut, path: *const c_char = Str, actions: *const posix_spawn_file_actions_t = Ptr, attr: *const posix_spawnattr_t = Ptr, argv: *const *mut c_char = StrVec, envp: *const *mut c_char = Env) -> c_int = ErrNo, PROCESS, Special, libc, "posix_spawn";
        112 posix_spawnp [] (pid: *mut pid_t = PidOut, file: *const c_char = Str, actions: *const posix_spawn_file_actions_t = Ptr, attr: *const posix_spawnattr_t = Ptr, argv: *const *mut c_char = StrVec, envp: *const *mut c_char = Env) -> c_int = ErrNo, PROCESS, Special, libc, "posix_spawnp";
        113 system [] (command: *const c_char = Str) -> c_int = Status, PROCESS, Special, libc, "system";
        114 popen [_IO_popen] (command: *const c_char = Str, mode: *const c_char = Str) -> *mut FILE = Ptr, PROCESS, Special, libc, "popen";
        115 pclose [] (file: *mut FILE = File) -> c_int = Status, PROCESS, Free, libc, "pclose";
        // ---- A: descriptors that are no sockets, for the descriptor table alone
        116 open [open64 __open __open64] (path: *const c_char = Str, flags: c_int = Hex, mode: c_uint = Mode) -> c_int = NewFd, FDTABLE, NewFd, vary, "open";
        117 openat [openat64] (dirfd: c_int = DirFd, path: *const c_char = Str, flags: c_int = Hex, mode: c_uint = Mode) -> c_int = NewFd, FDTABLE, NewFd, vary, "openat";
        118 __open_2 [__open64_2] (path: *const c_char = Str, flags: c_int = Hex) -> c_int = NewFd, FDTABLE, NewFd, hdr, "open";
        119 __openat_2 [__openat64_2] (dirfd: c_int = DirFd, path: *const c_char = Str, flags: c_int = Hex) -> c_int = NewFd, FDTABLE, NewFd, hdr, "openat";
        120 creat [creat64] (path: *const c_char = Str, mode: mode_t = Mode) -> c_int = NewFd, FDTABLE, NewFd, libc, "creat";
        121 pipe [__pipe] (fds: *mut c_int = FdPair) -> c_int = Zero, FDTABLE, Special, libc, "pipe";
        122 pipe2 [] (fds: *mut c_int = FdPair, flags: c_int = Hex) -> c_int = Zero, FDTABLE, Special, libc, "pipe2";
        123 eventfd [] (initval: c_uint = UInt, flags: c_int = Hex) -> c_int = NewFd, FDTABLE, NewFd, libc, "eventfd2";
        124 timerfd_create [] (clock: c_int = Int, flags: c_int = Hex) -> c_int = NewFd, FDTABLE, NewFd, libc, "timerfd_create";
        125 signalfd [] (fd: c_int = Fd, mask: *const sigset_t = Ptr, flags: c_int = Hex) -> c_int = NewFd, FDTABLE, NewFd, libc, "signalfd4";
        126 inotify_init [] () -> c_int = NewFd, FDTABLE, NewFd, libc, "inotify_init";
        127 inotify_init1 [] (flags: c_int = Hex) -> c_int = NewFd, FDTABLE, NewFd, libc, "inotify_init1";
        128 memfd_create [] (name: *const c_char = Str, flags: c_uint = Hex) -> c_int = NewFd, FDTABLE, NewFd, libc, "memfd_create";
        129 pidfd_open [] (pid: pid_t = Pid, flags: c_uint = Hex) -> c_int = NewFd, FDTABLE, NewFd, hdr, "pidfd_open";
        130 pidfd_getfd [] (pidfd: c_int = Fd, fd: c_int = Int, flags: c_uint = Hex) -> c_int = NewFd, FDTABLE, NewFd, hdr, "pidfd_getfd";
        131 posix_openpt [] (flags: c_int = Hex) -> c_int = NewFd, FDTABLE, NewFd, libc, "openat";
        132 getpt [] () -> c_int = NewFd, FDTABLE, NewFd, hdr, "openat";
        133 shm_open [] (name: *const c_char = Str, flags: c_int = Hex, mode: mode_t = Mode) -> c_int = NewFd, FDTABLE, NewFd, libc, "openat";
        134 fanotify_init [] (flags: c_uint = Hex, event_flags: c_uint = Hex) -> c_int = NewFd, FDTABLE, NewFd, libc, "fanotify_init";
        135 freopen [freopen64] (path: *const c_char = Str, mode: *const c_char = Str, file: *mut FILE = File) -> *mut FILE = Ptr, FDTABLE, Special, libc, "freopen";
        136 fopen [fopen64] (path: *const c_char = Str, mode: *const c_char = Str) -> *mut FILE = Ptr, FDTABLE, Special, libc, "fopen";
        // ---- J: threads, for their lineage alone
        137 pthread_create [] (thread: *mut c_void = Ptr, attr: *const c_void = Ptr, start: *mut c_void = Ptr, arg: *mut c_void = Ptr) -> c_int = ErrNo, FDTABLE, Special, hdr, "clone3";
    }};
}

macro_rules! rows {
    ([] $($op:literal $name:ident [$($alias:ident)*] ($($arg:ident : $ty:ty = $kind:expr),*) -> $ret:ty = $rk:ident, $class:expr, $body:ident, $chk:ident, $sys:literal;)*) => {
        /// An interposed call: its row's opcode.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        #[expect(non_camel_case_types, reason = "variants are libc names, to be found by them")]
        pub enum Call { $($name = $op),* }

        use Kind::*;

        /// Every row's texts, each closed by a NUL: name, strace's name, aliases with blanks between them, names of the arguments.
        const TEXTS: &str = concat!($(stringify!($name), "\0", $sys, "\0", $(stringify!($alias), " ",)* "\0", $(stringify!($arg), "\0",)*)*);

        const KINDS: &[&[Kind]] = &[$(&[$($kind),*]),*];

        const ROWS: [(Ret, u16, Body); KINDS.len()] = [$((Ret::$rk, $class, Body::$body)),*];

        /// THE TABLE, indexed by opcode. Code of the shim that needs a row of a call known only at run time asks [`Call::name`] and its
        /// siblings: these rows are full of pointers, each of them a relocation in every program's start.
        pub const CALLS: &[Spec] = &[$(Spec {
            name: stringify!($name),
            sysname: $sys,
            aliases: &[$(stringify!($alias)),*],
            args: args_of($op),
            ret: Ret::$rk,
            class: $class,
            body: Body::$body,
        }),*];
    };
}
for_each_call!(rows []);

/// A row without a pointer.
#[derive(Clone, Copy)]
struct Row {
    /// Index of the first of its texts.
    texts: u16,
    /// Index of the first of its arguments.
    args: u16,
    nargs: u8,
    ret: Ret,
    body: Body,
    class: u16,
}

const ARGS_LEN: usize = {
    let (mut n, mut i) = (0, 0);
    while i < KINDS.len() {
        n += KINDS[i].len();
        i += 1;
    }
    n
};

/// Texts of a row that come before the names of its arguments.
const FIXED: usize = 3;
const TEXTS_LEN: usize = KINDS.len() * FIXED + ARGS_LEN;

/// Where each text begins; a NUL ends it.
static STARTS: [u16; TEXTS_LEN + 1] = {
    assert!(TEXTS.len() <= 0xffff);
    let bytes = TEXTS.as_bytes();
    let mut starts = [0; TEXTS_LEN + 1];
    let (mut n, mut i) = (0, 0);
    while i < bytes.len() {
        if bytes[i] == 0 {
            n += 1;
            starts[n] = i as u16 + 1;
        }
        i += 1;
    }
    assert!(n == TEXTS_LEN);
    starts
};

const ARGS: &[Arg; ARGS_LEN] = &{
    let mut args = [Arg { name: ArgName(0), kind: Kind::Int }; ARGS_LEN];
    let (mut text, mut n, mut i) = (0, 0, 0);
    while i < KINDS.len() {
        text += FIXED;
        let mut k = 0;
        while k < KINDS[i].len() {
            args[n] = Arg { name: ArgName(text as u16), kind: KINDS[i][k] };
            text += 1;
            n += 1;
            k += 1;
        }
        i += 1;
    }
    args
};

const ALL: [Row; KINDS.len()] = {
    let mut rows = [Row { texts: 0, args: 0, nargs: 0, ret: Ret::None, body: Body::Free, class: 0 }; KINDS.len()];
    let (mut texts, mut args, mut i) = (0, 0, 0);
    while i < KINDS.len() {
        let (ret, class, body) = ROWS[i];
        let nargs = KINDS[i].len();
        rows[i] = Row { texts: texts as u16, args: args as u16, nargs: nargs as u8, ret, body, class };
        texts += FIXED + nargs;
        args += nargs;
        i += 1;
    }
    rows
};
static PACKED: [Row; KINDS.len()] = ALL;

const fn args_of(op: usize) -> &'static [Arg] {
    let row = ALL[op];
    let (_, from) = ARGS.split_at(row.args as usize);
    from.split_at(row.nargs as usize).0
}

/// The text with this index.
pub(crate) fn text(n: usize) -> &'static str {
    match STARTS.get(n..n + 2) {
        Some(&[from, to]) => TEXTS.get(usize::from(from)..usize::from(to).saturating_sub(1)).unwrap_or(""),
        _ => "",
    }
}

impl Call {
    /// Every call.
    pub fn all() -> impl Iterator<Item = Call> {
        (0..KINDS.len()).filter_map(|op| Call::from_opcode(op as u16))
    }

    fn row(self) -> &'static Row {
        // The enum's numbers are the table's indices.
        PACKED.get(self as usize).unwrap_or(&PACKED[0])
    }

    /// The libc name.
    pub fn name(self) -> &'static str {
        text(usize::from(self.row().texts))
    }

    /// The name strace gives the system call behind it.
    pub fn sysname(self) -> &'static str {
        text(usize::from(self.row().texts) + 1)
    }

    /// Further libc symbols with the same prototype and meaning.
    pub fn aliases(self) -> impl Iterator<Item = &'static str> {
        text(usize::from(self.row().texts) + 2).split_ascii_whitespace()
    }

    /// The arguments.
    pub fn args(self) -> &'static [Arg] {
        let row = self.row();
        let first = usize::from(row.args);
        ARGS.get(first..first + usize::from(row.nargs)).unwrap_or(&[])
    }

    /// The meaning of the result.
    pub fn ret(self) -> Ret {
        self.row().ret
    }

    /// Bits of [`crate::class`].
    pub fn class(self) -> u16 {
        self.row().class
    }

    /// How the shim handles it.
    pub fn body(self) -> Body {
        self.row().body
    }
}
