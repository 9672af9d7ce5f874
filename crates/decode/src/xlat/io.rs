//! Written by `cargo run -p xtask -- xlat` from crates/decode/xlat.in; edit that.

use super::{Rows, Xlat};

/// Events of poll.
pub const POLL: Xlat = Xlat(149);
const POLL_ROWS: Rows = &[
    (0x1, "POLLIN"),
    (0x2, "POLLPRI"),
    (0x4, "POLLOUT"),
    (0x8, "POLLERR"),
    (0x10, "POLLHUP"),
    (0x20, "POLLNVAL"),
    (0x40, "POLLRDNORM"),
    (0x80, "POLLRDBAND"),
    (0x100, "POLLWRNORM"),
    (0x200, "POLLWRBAND"),
    (0x400, "POLLMSG"),
    (0x1000, "POLLREMOVE"),
    (0x2000, "POLLRDHUP"),
    (0x8000, "POLL_BUSY_LOOP"),
];

/// Events of epoll.
pub const EPOLL: Xlat = Xlat(150);
const EPOLL_ROWS: Rows = &[
    (0x1, "EPOLLIN"),
    (0x2, "EPOLLPRI"),
    (0x4, "EPOLLOUT"),
    (0x8, "EPOLLERR"),
    (0x10, "EPOLLHUP"),
    (0x20, "EPOLLNVAL"),
    (0x40, "EPOLLRDNORM"),
    (0x80, "EPOLLRDBAND"),
    (0x100, "EPOLLWRNORM"),
    (0x200, "EPOLLWRBAND"),
    (0x400, "EPOLLMSG"),
    (0x2000, "EPOLLRDHUP"),
    (0x10000000, "EPOLLEXCLUSIVE"),
    (0x20000000, "EPOLLWAKEUP"),
    (0x40000000, "EPOLLONESHOT"),
    (0x80000000, "EPOLLET"),
];

/// Operations of epoll_ctl.
pub const EPOLL_CTL: Xlat = Xlat(151);
const EPOLL_CTL_ROWS: Rows = &[(1, "EPOLL_CTL_ADD"), (2, "EPOLL_CTL_DEL"), (3, "EPOLL_CTL_MOD")];

/// Flags of epoll_create1.
pub const EPOLL_CREATE: Xlat = Xlat(152);
const EPOLL_CREATE_ROWS: Rows = &[(0x80000, "EPOLL_CLOEXEC")];

/// Commands of fcntl.
pub const F: Xlat = Xlat(153);
const F_ROWS: Rows = &[
    (0, "F_DUPFD"),
    (1, "F_GETFD"),
    (2, "F_SETFD"),
    (3, "F_GETFL"),
    (4, "F_SETFL"),
    (5, "F_GETLK"),
    (6, "F_SETLK"),
    (7, "F_SETLKW"),
    (8, "F_SETOWN"),
    (9, "F_GETOWN"),
    (10, "F_SETSIG"),
    (11, "F_GETSIG"),
    (12, "F_GETLK64"),
    (13, "F_SETLK64"),
    (14, "F_SETLKW64"),
    (15, "F_SETOWN_EX"),
    (16, "F_GETOWN_EX"),
    (17, "F_GETOWNER_UIDS"),
    (36, "F_OFD_GETLK"),
    (37, "F_OFD_SETLK"),
    (38, "F_OFD_SETLKW"),
    (1024, "F_SETLEASE"),
    (1025, "F_GETLEASE"),
    (1026, "F_NOTIFY"),
    (1027, "F_DUPFD_QUERY"),
    (1028, "F_CREATED_QUERY"),
    (1029, "F_CANCELLK"),
    (1030, "F_DUPFD_CLOEXEC"),
    (1031, "F_SETPIPE_SZ"),
    (1032, "F_GETPIPE_SZ"),
    (1033, "F_ADD_SEALS"),
    (1034, "F_GET_SEALS"),
    (1035, "F_GET_RW_HINT"),
    (1036, "F_SET_RW_HINT"),
    (1037, "F_GET_FILE_RW_HINT"),
    (1038, "F_SET_FILE_RW_HINT"),
];

/// Access modes.
pub const O_ACC: Xlat = Xlat(154);
const O_ACC_ROWS: Rows = &[(0, "O_RDONLY"), (1, "O_WRONLY"), (2, "O_RDWR"), (3, "O_ACCMODE")];

/// File status flags.
pub const O: Xlat = Xlat(155);
const O_ROWS: Rows = &[
    (0x40, "O_CREAT"),
    (0x80, "O_EXCL"),
    (0x100, "O_NOCTTY"),
    (0x200, "O_TRUNC"),
    (0x400, "O_APPEND"),
    (0x800, "O_NONBLOCK"),
    (0x101000, "O_SYNC"),
    (0x1000, "O_DSYNC"),
    (0x4000, "O_DIRECT"),
    (0x8000, "O_LARGEFILE"),
    (0x20000, "O_NOFOLLOW"),
    (0x40000, "O_NOATIME"),
    (0x80000, "O_CLOEXEC"),
    (0x200000, "O_PATH"),
    (0x410000, "O_TMPFILE"),
    (0x400000, "__O_TMPFILE"),
    (0x10000, "O_DIRECTORY"),
    (0x2000, "FASYNC"),
];

/// Descriptor flags.
pub const FD: Xlat = Xlat(156);
const FD_ROWS: Rows = &[(0x1, "FD_CLOEXEC")];

/// Seals.
pub const F_SEAL: Xlat = Xlat(157);
const F_SEAL_ROWS: Rows = &[
    (0x1, "F_SEAL_SEAL"),
    (0x2, "F_SEAL_SHRINK"),
    (0x4, "F_SEAL_GROW"),
    (0x8, "F_SEAL_WRITE"),
    (0x10, "F_SEAL_FUTURE_WRITE"),
    (0x20, "F_SEAL_EXEC"),
];

/// Lock types.
pub const F_LOCK: Xlat = Xlat(158);
const F_LOCK_ROWS: Rows = &[(0, "F_RDLCK"), (1, "F_WRLCK"), (2, "F_UNLCK"), (4, "F_EXLCK"), (8, "F_SHLCK")];

/// What F_SETOWN_EX names.
pub const F_OWNER: Xlat = Xlat(159);
const F_OWNER_ROWS: Rows = &[(0, "F_OWNER_TID"), (1, "F_OWNER_PID"), (2, "F_OWNER_PGRP")];

/// Directory notifications.
pub const DN: Xlat = Xlat(160);
const DN_ROWS: Rows = &[
    (0x1, "DN_ACCESS"),
    (0x2, "DN_MODIFY"),
    (0x4, "DN_CREATE"),
    (0x8, "DN_DELETE"),
    (0x10, "DN_RENAME"),
    (0x20, "DN_ATTRIB"),
    (0x80000000, "DN_MULTISHOT"),
];

/// Write lifetimes.
pub const RW_HINT: Xlat = Xlat(161);
const RW_HINT_ROWS: Rows = &[
    (0, "RWH_WRITE_LIFE_NOT_SET"),
    (1, "RWH_WRITE_LIFE_NONE"),
    (2, "RWH_WRITE_LIFE_SHORT"),
    (3, "RWH_WRITE_LIFE_MEDIUM"),
    (4, "RWH_WRITE_LIFE_LONG"),
    (5, "RWH_WRITE_LIFE_EXTREME"),
];

/// Flags of splice.
pub const SPLICE: Xlat = Xlat(162);
const SPLICE_ROWS: Rows =
    &[(0x1, "SPLICE_F_MOVE"), (0x2, "SPLICE_F_NONBLOCK"), (0x4, "SPLICE_F_MORE"), (0x8, "SPLICE_F_GIFT")];

/// Flags of preadv2 and pwritev2.
pub const RWF: Xlat = Xlat(163);
const RWF_ROWS: Rows = &[
    (0x1, "RWF_HIPRI"),
    (0x2, "RWF_DSYNC"),
    (0x4, "RWF_SYNC"),
    (0x8, "RWF_NOWAIT"),
    (0x10, "RWF_APPEND"),
    (0x20, "RWF_NOAPPEND"),
    (0x40, "RWF_ATOMIC"),
    (0x80, "RWF_DONTCACHE"),
    (0x100, "RWF_NOSIGNAL"),
];

/// Flags of close_range.
pub const CLOSE_RANGE: Xlat = Xlat(164);
const CLOSE_RANGE_ROWS: Rows = &[(0x2, "CLOSE_RANGE_UNSHARE"), (0x4, "CLOSE_RANGE_CLOEXEC")];

/// Where an offset counts from.
pub const SEEK: Xlat = Xlat(165);
const SEEK_ROWS: Rows = &[(0, "SEEK_SET"), (1, "SEEK_CUR"), (2, "SEEK_END")];

/// Flags of posix_spawn attributes.
pub const SPAWN: Xlat = Xlat(166);
const SPAWN_ROWS: Rows = &[
    (0x1, "POSIX_SPAWN_RESETIDS"),
    (0x2, "POSIX_SPAWN_SETPGROUP"),
    (0x4, "POSIX_SPAWN_SETSIGDEF"),
    (0x8, "POSIX_SPAWN_SETSIGMASK"),
    (0x10, "POSIX_SPAWN_SETSCHEDPARAM"),
    (0x20, "POSIX_SPAWN_SETSCHEDULER"),
    (0x40, "POSIX_SPAWN_USEVFORK"),
    (0x80, "POSIX_SPAWN_SETSID"),
];

/// Flags of execveat.
pub const AT: Xlat = Xlat(167);
const AT_ROWS: Rows = &[(0x100, "AT_SYMLINK_NOFOLLOW"), (0x1000, "AT_EMPTY_PATH")];

/// File types, for isfdtype.
pub const S_IF: Xlat = Xlat(168);
const S_IF_ROWS: Rows = &[
    (4096, "S_IFIFO"),
    (8192, "S_IFCHR"),
    (16384, "S_IFDIR"),
    (24576, "S_IFBLK"),
    (32768, "S_IFREG"),
    (40960, "S_IFLNK"),
    (49152, "S_IFSOCK"),
];

/// Signals.
pub const SIG: Xlat = Xlat(169);
const SIG_ROWS: Rows = &[
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (4, "SIGILL"),
    (5, "SIGTRAP"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (10, "SIGUSR1"),
    (11, "SIGSEGV"),
    (12, "SIGUSR2"),
    (13, "SIGPIPE"),
    (14, "SIGALRM"),
    (15, "SIGTERM"),
    (16, "SIGSTKFLT"),
    (17, "SIGCHLD"),
    (18, "SIGCONT"),
    (19, "SIGSTOP"),
    (20, "SIGTSTP"),
    (21, "SIGTTIN"),
    (22, "SIGTTOU"),
    (23, "SIGURG"),
    (24, "SIGXCPU"),
    (25, "SIGXFSZ"),
    (26, "SIGVTALRM"),
    (27, "SIGPROF"),
    (28, "SIGWINCH"),
    (29, "SIGIO"),
    (30, "SIGPWR"),
    (31, "SIGSYS"),
    (32, "SIGRTMIN"),
    (33, "SIGRT_1"),
    (34, "SIGRT_2"),
    (35, "SIGRT_3"),
    (36, "SIGRT_4"),
    (37, "SIGRT_5"),
    (38, "SIGRT_6"),
    (39, "SIGRT_7"),
    (40, "SIGRT_8"),
    (41, "SIGRT_9"),
    (42, "SIGRT_10"),
    (43, "SIGRT_11"),
    (44, "SIGRT_12"),
    (45, "SIGRT_13"),
    (46, "SIGRT_14"),
    (47, "SIGRT_15"),
    (48, "SIGRT_16"),
    (49, "SIGRT_17"),
    (50, "SIGRT_18"),
    (51, "SIGRT_19"),
    (52, "SIGRT_20"),
    (53, "SIGRT_21"),
    (54, "SIGRT_22"),
    (55, "SIGRT_23"),
    (56, "SIGRT_24"),
    (57, "SIGRT_25"),
    (58, "SIGRT_26"),
    (59, "SIGRT_27"),
    (60, "SIGRT_28"),
    (61, "SIGRT_29"),
    (62, "SIGRT_30"),
    (63, "SIGRT_31"),
    (64, "SIGRT_32"),
];

/// Levels of syslog.
pub const LOG_LEVEL: Xlat = Xlat(170);
const LOG_LEVEL_ROWS: Rows = &[
    (0, "LOG_EMERG"),
    (1, "LOG_ALERT"),
    (2, "LOG_CRIT"),
    (3, "LOG_ERR"),
    (4, "LOG_WARNING"),
    (5, "LOG_NOTICE"),
    (6, "LOG_INFO"),
    (7, "LOG_DEBUG"),
];

/// Facilities of syslog.
pub const LOG_FACILITY: Xlat = Xlat(171);
const LOG_FACILITY_ROWS: Rows = &[
    (0, "LOG_KERN"),
    (8, "LOG_USER"),
    (16, "LOG_MAIL"),
    (24, "LOG_DAEMON"),
    (32, "LOG_AUTH"),
    (40, "LOG_SYSLOG"),
    (48, "LOG_LPR"),
    (56, "LOG_NEWS"),
    (64, "LOG_UUCP"),
    (72, "LOG_CRON"),
    (80, "LOG_AUTHPRIV"),
    (88, "LOG_FTP"),
    (128, "LOG_LOCAL0"),
    (136, "LOG_LOCAL1"),
    (144, "LOG_LOCAL2"),
    (152, "LOG_LOCAL3"),
    (160, "LOG_LOCAL4"),
    (168, "LOG_LOCAL5"),
    (176, "LOG_LOCAL6"),
    (184, "LOG_LOCAL7"),
];

/// Options of openlog.
pub const LOG_OPTION: Xlat = Xlat(172);
const LOG_OPTION_ROWS: Rows = &[
    (0x1, "LOG_PID"),
    (0x2, "LOG_CONS"),
    (0x4, "LOG_ODELAY"),
    (0x8, "LOG_NDELAY"),
    (0x10, "LOG_NOWAIT"),
    (0x20, "LOG_PERROR"),
];

/// The tables of this file, in the order of their numbers.
pub(super) const ALL: &[Rows] = &[
    POLL_ROWS,
    EPOLL_ROWS,
    EPOLL_CTL_ROWS,
    EPOLL_CREATE_ROWS,
    F_ROWS,
    O_ACC_ROWS,
    O_ROWS,
    FD_ROWS,
    F_SEAL_ROWS,
    F_LOCK_ROWS,
    F_OWNER_ROWS,
    DN_ROWS,
    RW_HINT_ROWS,
    SPLICE_ROWS,
    RWF_ROWS,
    CLOSE_RANGE_ROWS,
    SEEK_ROWS,
    SPAWN_ROWS,
    AT_ROWS,
    S_IF_ROWS,
    SIG_ROWS,
    LOG_LEVEL_ROWS,
    LOG_FACILITY_ROWS,
    LOG_OPTION_ROWS,
];
