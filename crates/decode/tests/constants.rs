//! The constant tables against the libc crate and, where there is a C compiler, against the system's headers.

use socklens_decode::xlat::{self, Xlat};

#[path = "../../../xtask/src/xlat.rs"]
#[expect(dead_code, reason = "the test evaluates the tables and leaves writing them to xtask")]
mod generator;

/// Every table by its name, as the committed files have them.
fn committed() -> Vec<(String, Vec<(u64, String)>)> {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/xlat");
    let mut tables = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for part in text.split("\nconst ").skip(1) {
            let (name, rest) = part.split_once("_ROWS: Rows =").unwrap();
            let body = rest.split("];").next().unwrap();
            // rustfmt breaks long rows, so rows are read by their brackets.
            let rows = body.split('(').skip(1).filter_map(|row| {
                let (value, text) = row.split_once(',')?;
                let value = value.trim();
                let value = match value.strip_prefix("0x") {
                    Some(hex) => u64::from_str_radix(hex, 16).ok()?,
                    None => value.parse().ok()?,
                };
                Some((value, text.split('"').nth(1)?.to_string()))
            });
            tables.push((name.to_string(), rows.collect()));
        }
    }
    tables
}

#[test]
fn tables_of_names_are_sorted_and_have_no_value_twice() {
    let input = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/xlat.in")).unwrap();
    let committed = committed();
    for t in generator::parse(&input).unwrap() {
        let rows =
            &committed.iter().find(|c| c.0 == t.name).unwrap_or_else(|| panic!("{} was not generated", t.name)).1;
        assert!(!rows.is_empty(), "{} is empty", t.name);
        if !t.flags {
            assert!(rows.windows(2).all(|w| w[0].0 < w[1].0), "{} is not sorted", t.name);
        }
    }
}

#[test]
fn the_headers_have_the_same_values() {
    if std::process::Command::new("cc").arg("--version").output().is_err() {
        eprintln!("no C compiler: skipped");
        return;
    }
    let input = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/xlat.in")).unwrap();
    let dir = std::env::temp_dir().join(format!("socklens-xlat-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let committed = committed();
    let (mut compared, mut missing) = (0, Vec::new());
    for t in generator::parse(&input).unwrap() {
        // Texts belong to the C library's version; enumerators cannot be asked for one by one, so older headers may refuse a table.
        if !t.text.is_empty() {
            continue;
        }
        let Ok(rows) = generator::evaluate(&t, false, false, &dir) else {
            missing.push(t.name);
            continue;
        };
        let have = &committed.iter().find(|c| c.0 == t.name).unwrap().1;
        for (value, name) in rows {
            let known = have.iter().find(|r| r.1 == name);
            assert!(known.is_none_or(|k| k.0 == value), "[{}] {name}: {known:?}, the headers say {value:#x}", t.name);
            compared += 1;
        }
    }
    let _ = std::fs::remove_dir_all(&dir);
    eprintln!("{compared} constants compared; tables the headers lack: {missing:?}");
    assert!(compared > 500);
}

fn same(table: Xlat, rows: &[(&str, i64)]) {
    for &(name, value) in rows {
        assert_eq!(xlat::value(table, name).map(|v| v as i64), Some(value), "{name}");
    }
}

macro_rules! libc_same {
    ($table:ident: $($name:ident)*) => { same(xlat::$table, &[$((stringify!($name), i64::from(libc::$name))),*]); };
}

#[test]
fn libc_has_the_same_values() {
    libc_same!(AF: AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_VSOCK AF_BLUETOOTH AF_CAN AF_TIPC AF_ALG AF_XDP);
    libc_same!(SOCK_TYPE: SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET);
    libc_same!(SOCK_FLAGS: SOCK_CLOEXEC SOCK_NONBLOCK);
    libc_same!(MSG: MSG_OOB MSG_PEEK MSG_DONTROUTE MSG_CTRUNC MSG_TRUNC MSG_DONTWAIT MSG_EOR MSG_WAITALL MSG_ERRQUEUE MSG_NOSIGNAL MSG_MORE
        MSG_WAITFORONE MSG_FASTOPEN MSG_CMSG_CLOEXEC);
    libc_same!(IPPROTO: IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMP IPPROTO_ICMPV6 IPPROTO_SCTP IPPROTO_RAW IPPROTO_MPTCP);
    libc_same!(SOL: SOL_SOCKET SOL_TCP SOL_UDP SOL_NETLINK SOL_PACKET SOL_TLS SOL_ALG);
    libc_same!(SO: SO_REUSEADDR SO_TYPE SO_ERROR SO_SNDBUF SO_RCVBUF SO_KEEPALIVE SO_LINGER SO_REUSEPORT SO_PEERCRED SO_BINDTODEVICE
        SO_ATTACH_FILTER SO_PROTOCOL SO_DOMAIN SO_RXQ_OVFL SO_BUSY_POLL SO_MEMINFO SO_COOKIE SO_ZEROCOPY SO_TXTIME SO_BINDTOIFINDEX
        SO_PREFER_BUSY_POLL);
    libc_same!(IP: IP_TOS IP_TTL IP_PKTINFO IP_MTU_DISCOVER IP_RECVERR IP_FREEBIND IP_TRANSPARENT IP_MULTICAST_IF IP_ADD_MEMBERSHIP);
    libc_same!(IPV6: IPV6_V6ONLY IPV6_UNICAST_HOPS IPV6_PKTINFO IPV6_RECVPKTINFO IPV6_TCLASS IPV6_RECVERR IPV6_ADD_MEMBERSHIP);
    libc_same!(TCP: TCP_NODELAY TCP_CORK TCP_KEEPIDLE TCP_INFO TCP_CONGESTION TCP_FASTOPEN TCP_USER_TIMEOUT TCP_ULP TCP_ZEROCOPY_RECEIVE);
    libc_same!(POLL: POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDHUP);
    libc_same!(EPOLL_CTL: EPOLL_CTL_ADD EPOLL_CTL_DEL EPOLL_CTL_MOD);
    libc_same!(F: F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_SETLK F_SETOWN F_DUPFD_CLOEXEC F_GETPIPE_SZ F_ADD_SEALS F_OFD_SETLK);
    libc_same!(O: O_CREAT O_NONBLOCK O_APPEND O_CLOEXEC O_DIRECT O_TMPFILE);
    libc_same!(ERRNO: EPERM EINTR EAGAIN ECONNREFUSED ECONNRESET ETIMEDOUT EINPROGRESS EHWPOISON);
    libc_same!(EAI: EAI_NONAME EAI_AGAIN EAI_FAIL EAI_SYSTEM EAI_OVERFLOW);
    libc_same!(SIG: SIGHUP SIGINT SIGPIPE SIGCHLD SIGIO SIGSYS);
    libc_same!(IFF: IFF_UP IFF_LOOPBACK IFF_RUNNING IFF_MULTICAST IFF_LOWER_UP);
    libc_same!(ARPHRD: ARPHRD_ETHER ARPHRD_LOOPBACK ARPHRD_NONE);
    libc_same!(SO_EE_ORIGIN: SO_EE_ORIGIN_NONE SO_EE_ORIGIN_LOCAL SO_EE_ORIGIN_ICMP SO_EE_ORIGIN_ICMP6);
    libc_same!(PACKET: PACKET_ADD_MEMBERSHIP PACKET_STATISTICS PACKET_FANOUT PACKET_VERSION);
    libc_same!(TLS: TLS_TX TLS_RX);
    libc_same!(SCM: SCM_RIGHTS SCM_CREDENTIALS);
}

#[test]
fn the_c_library_says_the_same_of_errors() {
    for (n, text) in xlat::ERRNO_TEXT.rows() {
        // SAFETY: strerror takes any number and returns a string that lives until the next call in this thread.
        let c = unsafe { std::ffi::CStr::from_ptr(libc::strerror(n as i32)) };
        assert_eq!(c.to_str(), Ok(text));
    }
}
