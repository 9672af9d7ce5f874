//! Names of the numbers that are compared: errno values, families, types, protocols, roles.

use crate::near::Nearest;
use crate::subject::conn_state;
use socklens_wire::conn::role;

/// A table of names; the first name of a number is the one written. The words stand in one text: a pointer each would cost a
/// relocation in every program the shim is loaded into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Names {
    words: &'static str,
    values: &'static [i32],
}

impl Names {
    fn rows(self) -> impl Iterator<Item = (&'static str, i32)> {
        self.words.split_ascii_whitespace().zip(self.values.iter().copied())
    }
}

/// The number of a name, without regard to case and without any of the prefixes.
pub(crate) fn number(names: Names, prefixes: &[&str], word: &[u8]) -> Option<i32> {
    let mut bare = word;
    for p in prefixes {
        if let Some((head, tail)) = word.split_at_checked(p.len())
            && head.eq_ignore_ascii_case(p.as_bytes())
        {
            bare = tail;
        }
    }
    names.rows().find(|(n, _)| n.as_bytes().eq_ignore_ascii_case(bare)).map(|(_, v)| v)
}

/// The name of a number.
pub(crate) fn name(names: Names, value: i64) -> Option<&'static str> {
    names.rows().find(|(_, v)| i64::from(*v) == value).map(|(n, _)| n)
}

/// The name that resembles a word.
pub(crate) fn nearest(names: Names, word: &[u8]) -> Option<&'static str> {
    let mut near = Nearest::new(word);
    for (n, _) in names.rows() {
        near.offer(n);
    }
    near.found()
}

macro_rules! errnos {
    ($($name:ident)*) => { Names { words: concat!($(stringify!($name), " "),*), values: &[$(libc::$name),*] } };
}

macro_rules! words {
    ($(($word:literal, $value:expr)),* $(,)?) => { Names { words: concat!($($word, " "),*), values: &[$($value),*] } };
}

pub(crate) const ERRNO: Names = errnos! {
    EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN EWOULDBLOCK ENOMEM EACCES EFAULT ENOTBLK EBUSY
    EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM
    ERANGE EDEADLK EDEADLOCK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST
    ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT EBFONT ENOSTR ENODATA ETIME ENOSR ENONET
    ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG
    ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE
    ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP ENOTSUP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL
    ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT
    ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT
    ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL
    EHWPOISON
};

pub(crate) const FAMILY: Names = words![
    ("inet", libc::AF_INET),
    ("inet6", libc::AF_INET6),
    ("unix", libc::AF_UNIX),
    ("local", libc::AF_UNIX),
    ("netlink", libc::AF_NETLINK),
    ("packet", libc::AF_PACKET),
    ("vsock", libc::AF_VSOCK),
    ("bluetooth", libc::AF_BLUETOOTH),
    ("can", libc::AF_CAN),
    ("alg", libc::AF_ALG),
    ("tipc", libc::AF_TIPC),
    ("xdp", libc::AF_XDP),
    ("nfc", libc::AF_NFC),
    ("ax25", libc::AF_AX25),
    ("x25", libc::AF_X25),
    ("ipx", libc::AF_IPX),
    ("key", libc::AF_KEY),
    ("rds", libc::AF_RDS),
    ("pppox", libc::AF_PPPOX),
    ("ieee802154", libc::AF_IEEE802154),
    ("unspec", libc::AF_UNSPEC),
];

pub(crate) const TYPE: Names = words![
    ("stream", libc::SOCK_STREAM),
    ("dgram", libc::SOCK_DGRAM),
    ("seqpacket", libc::SOCK_SEQPACKET),
    ("raw", libc::SOCK_RAW),
    ("rdm", libc::SOCK_RDM),
    ("dccp", libc::SOCK_DCCP),
];

pub(crate) const PROTO: Names = words![
    ("tcp", libc::IPPROTO_TCP),
    ("udp", libc::IPPROTO_UDP),
    ("icmp", libc::IPPROTO_ICMP),
    ("icmpv6", libc::IPPROTO_ICMPV6),
    ("icmp6", libc::IPPROTO_ICMPV6),
    ("sctp", libc::IPPROTO_SCTP),
    ("mptcp", libc::IPPROTO_MPTCP),
    ("udplite", libc::IPPROTO_UDPLITE),
    ("dccp", libc::IPPROTO_DCCP),
    ("igmp", libc::IPPROTO_IGMP),
    ("gre", libc::IPPROTO_GRE),
    ("esp", libc::IPPROTO_ESP),
    ("ah", libc::IPPROTO_AH),
    ("raw", libc::IPPROTO_RAW),
];

pub(crate) const ROLE: Names = words![
    ("client", role::CLIENT as i32),
    ("server", role::SERVER as i32),
    ("listener", role::LISTENER as i32),
    ("pair", role::PAIR as i32),
];

pub(crate) const STATE: Names =
    words![("new", conn_state::NEW as i32), ("used", conn_state::USED as i32), ("idle", conn_state::IDLE as i32),];

macro_rules! signals {
    ($($word:literal $name:ident)*) => { words![$(($word, libc::$name)),*] };
}

pub(crate) const SIGNAL: Names = signals! {
    "HUP" SIGHUP "INT" SIGINT "QUIT" SIGQUIT "ILL" SIGILL "TRAP" SIGTRAP "ABRT" SIGABRT "BUS" SIGBUS "FPE" SIGFPE
    "KILL" SIGKILL "USR1" SIGUSR1 "SEGV" SIGSEGV "USR2" SIGUSR2 "PIPE" SIGPIPE "ALRM" SIGALRM "TERM" SIGTERM
    "CHLD" SIGCHLD "CONT" SIGCONT "STOP" SIGSTOP "TSTP" SIGTSTP "TTIN" SIGTTIN "TTOU" SIGTTOU "URG" SIGURG
    "XCPU" SIGXCPU "XFSZ" SIGXFSZ "VTALRM" SIGVTALRM "PROF" SIGPROF "WINCH" SIGWINCH "IO" SIGIO "PWR" SIGPWR "SYS" SIGSYS
};
