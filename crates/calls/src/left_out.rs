//! What of libc touches a socket's descriptor and is not interposed, and why. docs/coverage.md prints it; the coverage
//! test holds it against the running libc: every symbol that [`CANDIDATES`] match is a row of THE TABLE or stands here.
//!
//! `*` in a name stands for any characters.

/// Symbols that are left out for one reason.
#[derive(Clone, Copy, Debug)]
pub struct LeftOut {
    /// What they have in common.
    pub group: &'static str,
    /// Names, blank-separated.
    pub names: &'static str,
    pub why: &'static str,
}

/// Names of libc that make, move, close, wait for or hand on descriptors, or that use sockets inside; blank-separated.
pub const CANDIDATES: &[&str] = &[
    // Sockets and what makes other descriptors.
    "*socket* *accept* *connect* *bindresv* rresv* *_open *_open64 open open64 openat* open_* __open* creat creat64 pipe* __pipe* \
     eventfd* timerfd_create signalfd* inotify_init* epoll_* memfd_* pidfd_* posix_openpt getpt openpty shm_open fanotify_init \
     fsopen fsmount fspick userfaultfd mkstemp* mkostemp* tmpfile* opendir io_uring* mq_open __mq_open*",
    // Their state.
    "bind listen shutdown getsock* setsock* getpeer* isfdtype sockatmark *sourcefilter",
    // Data.
    "send* __send* recv* __recv* read __read* readv preadv* pread* __pread* write __write* writev pwrite* __pwrite* pwritev* \
     splice tee vmsplice copy_file_range __libc_pread* __libc_pwrite* process_vm*",
    // Closing, copying, changing.
    "close __close* close_range closefrom closedir fclose fcloseall _IO_*close* freopen* fopen* fdopen* _IO_*open* dup dup2 dup3 __dup2 \
     fcntl* __fcntl* __libc_fcntl* ioctl lockf* flock login_tty",
    // Waiting.
    "*poll* *select* epoll_*",
    // Processes.
    "syscall pthread_create *fork fork* _Fork *clone* unshare setns daemon exec* fexec* posix_spawn* system popen pclose wordexp prctl",
    // stdio.
    "fread* __fread* fwrite* fgets* __fgets* fputs* fputc* putc* getc* fgetc* fgetw* fputw* putw* getw* ungetc ungetw* puts gets fflush* \
     getline getdelim __getdelim getwline printf vprintf wprintf vwprintf fprintf vfprintf fwprintf vfwprintf dprintf vdprintf __printf_chk \
     __vprintf_chk __fprintf_chk __vfprintf_chk __wprintf_chk __vwprintf_chk __fwprintf_chk __vfwprintf_chk __dprintf_chk __vdprintf_chk \
     scanf vscanf wscanf vwscanf fscanf vfscanf fwscanf vfwscanf __isoc*_scanf __isoc*_vscanf __isoc*_wscanf __isoc*_vwscanf \
     __isoc*_fscanf __isoc*_vfscanf __isoc*_fwscanf __isoc*_vfwscanf perror psignal psiginfo _IO_file_read _IO_file_write \
     _IO_getc _IO_putc _IO_puts _IO_gets _IO_getline* _IO_fread _IO_fwrite _IO_fgets _IO_fputs",
    // Names.
    "*addrinfo* gai_* getnameinfo gethost* sethost* endhost* res_* __res_* dn_* __dn_* ns_* getnet* setnet* endnet* innetgr getserv* \
     setserv* endserv* getproto* setproto* endproto* getrpc* setrpc* endrpc* getpw* setpw* endpw* getgr* setgr* endgr* initgroups \
     getsp* setsp* endsp* getsg* setsg* endsg* getalias* setalias* endalias* ether_* _nss_* __nss_*",
    // Interfaces, log, remote commands, remote calls.
    "*ifaddrs if_* *syslog* openlog closelog setlogmask rcmd* rexec* ruserok* iruserok* rtime clnt* __libc_clnt* svc* pmap_* callrpc \
     registerrpc __libc_rpc_getport getrpcport",
    // Asynchronous input and output, message queues.
    "aio_* lio_* mq_*",
    // Questions about any descriptor.
    "fstat fstat64 __fstat* __fxstat* fstatat* __fxstatat* statx isatty fileno* lseek* fsync fdatasync syncfs sync_file_range ftruncate* fchmod fchown fchdir futimes futimens \
     posix_fadvise* fallocate* posix_fallocate* readahead fpathconf fsetxattr fgetxattr flistxattr fremovexattr",
];

/// What matches [`CANDIDATES`] by its spelling alone.
pub const NOT_MEANT: &str = "sethostid sethostname gethostid gethostname __gethostname_chk __readlink_chk __readlinkat_chk fts_open fts64_open \
     __gconv_open catopen iconv_open sem_open __register_atfork pthread_atfork xdr_accepted_reply";

/// Everything that is left out.
pub const LEFT_OUT: &[LeftOut] = &[
    LeftOut {
        group: "Internal names of glibc",
        names: "__socket __recv __sendmmsg __close_nocancel __open_nocancel __open64_nocancel __read_nocancel __write_nocancel \
                __pread64_nocancel __libc_pread __libc_pwrite __libc_fcntl64 __libc_fork __res_iclose __res_context_* __libc_clntudp_bufcreate \
                __libc_rpc_getport __nss_* _nss_* __res_nopt __res_get_nsaddr __getdelim __open_catalog",
        why: "Version GLIBC_PRIVATE, or reached only from inside glibc: programs cannot link against them, and glibc calls them without its symbol table.",
    },
    LeftOut {
        group: "stdio on a socket",
        names: "fread* __fread* fwrite* fgets* __fgets* fputs* fputc* putc* getc* fgetc* fgetw* fputw* putw* getw* ungetc ungetw* puts gets \
                fflush* getline getdelim getwline printf vprintf wprintf vwprintf fprintf vfprintf fwprintf vfwprintf dprintf vdprintf \
                __printf_chk __vprintf_chk __fprintf_chk __vfprintf_chk __wprintf_chk __vwprintf_chk __fwprintf_chk __vfwprintf_chk \
                __dprintf_chk __vdprintf_chk scanf vscanf wscanf vwscanf fscanf vfscanf fwscanf vfwscanf __isoc*_scanf __isoc*_vscanf \
                __isoc*_wscanf __isoc*_vwscanf __isoc*_fscanf __isoc*_vfscanf __isoc*_fwscanf __isoc*_vfwscanf perror psignal psiginfo \
                _IO_file_* _IO_getc _IO_putc _IO_puts _IO_gets _IO_getline* _IO_fread _IO_fwrite _IO_fgets _IO_fputs _IO_printf _IO_fprintf \
                _IO_vfprintf _IO_vfscanf __vfscanf _IO_fopen _IO_proc_open _IO_proc_close fcloseall _IO_fopen64 fopencookie",
        why: "A stream reads and writes when its buffer is empty or full, by system calls inside libc that no symbol leads to: a call of fgets \
              says nothing of what the socket did. fdopen and fclose on a socket are recorded, so a log shows where stdio takes over.",
    },
    LeftOut {
        group: "Descriptors that are no sockets",
        names: "open_by_handle_at open_tree fsopen fsmount fspick mkstemp* mkostemp* tmpfile* opendir openpty mq_open __mq_open_2 eventfd_read \
                eventfd_write memfd_secret pidfd_send_signal pidfd_spawn pidfd_spawnp pidfd_getpid closedir login_tty fdopendir \
                open_memstream open_wmemstream",
        why: "They make or take a descriptor that is no socket. A number is in the descriptor table only while its socket is open, and the \
              calls that close sockets are seen.",
    },
    LeftOut {
        group: "Locks and questions",
        names: "lockf* flock fstat fstat64 __fstat64 __fxstat* fstatat* __fxstatat* statx isatty fileno* lseek* fsync fdatasync syncfs \
                sync_file_range ftruncate* fchmod fchown fchdir futimes futimens posix_fadvise* fallocate* posix_fallocate* readahead fpathconf fsetxattr \
                fgetxattr flistxattr fremovexattr",
        why: "They neither move data nor change a connection, and most fail on a socket.",
    },
    LeftOut {
        group: "Readiness helpers",
        names: "svc_getreq_poll __rpc_thread_svc_pollfd __rpc_thread_svc_max_pollfd",
        why: "Parts of Sun RPC, see there; they do not wait.",
    },
    LeftOut {
        group: "Preparing to spawn",
        names: "posix_spawn_file_actions_* posix_spawnattr_*",
        why: "They fill a structure. posix_spawn itself is recorded, and its child is followed from its own first call.",
    },
    LeftOut {
        group: "Other ways to a process",
        names: "forkpty wordexp unshare setns __libc_vfork clone3 __clone3",
        why: "libc forks inside them without a symbol; the child attaches at its own first call. unshare and setns change no descriptor.",
    },
    LeftOut {
        group: "Name lookups that use sockets inside",
        names: "gethostent* sethostent endhostent getnet* setnet* endnet* innetgr getserv* setserv* endserv* getproto* setproto* endproto* getrpcby* \
                getrpcent* setrpc* endrpc* getpw* setpw* endpw* getgr* setgr* endgr* initgroups getsp* setsp* endsp* getsg* setsg* endsg* getalias* \
                setalias* endalias* ether_hostton ether_ntohost getgrouplist",
        why: "They may ask nscd over a local socket, or the network through an NSS module. libc makes those calls without its symbol table; what \
              a module of its own library does is seen. Only host lookups are recorded as requests.",
    },
    LeftOut {
        group: "The resolver without the network",
        names: "res_dnok res_hnok res_mailok res_ownok __res_dnok __res_hnok __res_mailok __res_ownok res_init __res_init res_ninit __res_ninit \
                res_nclose __res_nclose res_close __res_close __res_state __res_randomid res_mkquery __res_mkquery res_nmkquery __res_nmkquery \
                res_gethostbyname* res_gethostbyaddr* dn_* __dn_* ns_* ether_aton* ether_ntoa* ether_line freeaddrinfo gai_* res_nameinquery \
                __libc_res_* res_queriesmatch",
        why: "They build, check or free messages, read configuration, or wait for a getaddrinfo_a that was recorded.",
    },
    LeftOut { group: "Interfaces", names: "freeifaddrs if_freenameindex", why: "They free memory." },
    LeftOut {
        group: "The log's connection",
        names: "openlog closelog setlogmask",
        why: "They keep the parameters of syslog. openlog with LOG_NDELAY connects inside libc, unseen; what is logged is recorded by syslog.",
    },
    LeftOut {
        group: "Remote shells and Sun RPC",
        names: "rcmd* rexec* ruserok* iruserok* rtime clnt* svc* pmap_* callrpc registerrpc getrpcport __rpc_*",
        why: "Only old binaries call them. Their connections are made inside libc; a descriptor that they hand out is recognised at the first socket \
              call on it.",
    },
    LeftOut {
        group: "Asynchronous input and output",
        names: "aio_* lio_* mq_*",
        why: "Threads inside libc read and write for the program, by calls that no symbol leads to. Message queues are no sockets.",
    },
    LeftOut {
        group: "Memory of other processes",
        names: "process_vm_readv process_vm_writev process_madvise process_mrelease",
        why: "No descriptor is involved.",
    },
];

/// Whether `name` matches `pattern`, in which `*` stands for any characters.
pub fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(head) else { return false };
    let mut rest = rest;
    while let Some((piece, more)) = rest.split_once('*') {
        match name.find(piece).and_then(|at| name.get(at..)?.strip_prefix(piece)) {
            Some(behind) => name = behind,
            None => return false,
        }
        rest = more;
    }
    name.ends_with(rest)
}

/// Whether one of the blank-separated patterns matches.
pub fn any(patterns: &str, name: &str) -> bool {
    patterns.split_whitespace().any(|p| matches(p, name))
}
