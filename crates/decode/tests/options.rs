//! Options, control messages, ioctl and fcntl as they read in each syntax. The lines in strace's syntax are what strace 6.1 printed.

use socklens_decode::{Format, NoNames, Opts, Out, Printer, cmsg, fcntl, ioctl, sockopt};

fn show(format: Format, what: impl FnOnce(&mut Printer)) -> String {
    let mut room = vec![0u8; 1 << 16];
    let mut out = Out::new(&mut room);
    what(&mut Printer::new(&mut out, format, &Opts::DEFAULT, &NoNames));
    assert!(!out.cut());
    String::from_utf8(out.bytes().to_vec()).unwrap()
}

fn option(format: Format, level: i32, name: i32, b: &[u8], get: bool) -> String {
    show(format, |p| {
        sockopt::level(p, level);
        p.out().str(", ");
        if get {
            sockopt::get_name(p, level, name)
        } else {
            sockopt::name(p, level, name)
        }
        p.out().str(", ");
        if !sockopt::value(p, level, name, b, b.len() as u32, get) {
            p.ptr(0x1000);
        }
    })
}

fn ints(v: &[i32]) -> Vec<u8> {
    v.iter().flat_map(|n| n.to_ne_bytes()).collect()
}

#[test]
fn options_read_as_in_strace() {
    let set = |level, name, b: &[u8]| option(Format::Strace, level, name, b, false);
    let get = |level, name, b: &[u8]| option(Format::Strace, level, name, b, true);
    assert_eq!(set(1, libc::SO_REUSEADDR, &ints(&[1])), "SOL_SOCKET, SO_REUSEADDR, [1]");
    assert_eq!(set(1, libc::SO_REUSEADDR, &[1, 0]), "SOL_SOCKET, SO_REUSEADDR, 0x1000");
    assert_eq!(get(1, libc::SO_REUSEADDR, &[1, 0]), "SOL_SOCKET, SO_REUSEADDR, \"\\x01\\x00\"");
    assert_eq!(set(1, libc::SO_LINGER, &ints(&[1, 5])), "SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}");
    assert_eq!(get(1, libc::SO_LINGER, &[0; 5]), "SOL_SOCKET, SO_LINGER, {l_onoff=0, l_linger=\"\\x00\"}");
    assert_eq!(get(1, libc::SO_ERROR, &ints(&[111])), "SOL_SOCKET, SO_ERROR, [ECONNREFUSED]");
    assert_eq!(get(1, libc::SO_ERROR, &ints(&[0])), "SOL_SOCKET, SO_ERROR, [0]");
    assert_eq!(get(1, libc::SO_TYPE, &ints(&[1])), "SOL_SOCKET, SO_TYPE, [1]");
    assert_eq!(get(1, libc::SO_PEERCRED, &ints(&[0, -1, -1])), "SOL_SOCKET, SO_PEERCRED, {pid=0, uid=-1, gid=-1}");
    assert_eq!(
        set(0, libc::IP_ADD_MEMBERSHIP, &[224, 0, 0, 1, 127, 0, 0, 1]),
        "SOL_IP, IP_ADD_MEMBERSHIP, {imr_multiaddr=inet_addr(\"224.0.0.1\"), imr_interface=inet_addr(\"127.0.0.1\")}"
    );
    let mut mreq = vec![0u8; 20];
    mreq[0] = 0xff;
    mreq[16] = 5;
    assert_eq!(
        set(41, libc::IPV6_ADD_MEMBERSHIP, &mreq),
        "SOL_IPV6, IPV6_ADD_MEMBERSHIP, {inet_pton(AF_INET6, \"ff00::\", &ipv6mr_multiaddr), ipv6mr_interface=5}"
    );
    assert_eq!(
        set(255, 1, &0x109u32.to_ne_bytes()),
        "SOL_RAW, ICMP_FILTER, [ICMP_ECHOREPLY ICMP_DEST_UNREACH ICMP_ECHO]"
    );
    assert_eq!(
        set(255, 1, &0xfffe_fff6u32.to_ne_bytes()),
        "SOL_RAW, ICMP_FILTER, ~[ICMP_ECHOREPLY ICMP_DEST_UNREACH ICMP_INFO_REPLY]"
    );
    // What a short one leaves out is set.
    assert_eq!(
        set(255, 1, &[1, 1, 1]).replace("ICMP_ECHOREPLY ICMP_ECHO ICMP_INFO_REPLY 0x18 /* ICMP_??? */", "FOUR"),
        "SOL_RAW, ICMP_FILTER, [FOUR 0x19 /* ICMP_??? */ 0x1a /* ICMP_??? */ 0x1b /* ICMP_??? */ 0x1c /* ICMP_??? */ \
         0x1d /* ICMP_??? */ 0x1e /* ICMP_??? */ 0x1f /* ICMP_??? */]"
    );
    assert_eq!(
        set(255, 1, &[0x29]),
        "SOL_RAW, ICMP_FILTER, ~[0x1 /* ICMP_??? */ 0x2 /* ICMP_??? */ ICMP_SOURCE_QUENCH 0x6 /* ICMP_??? */ 0x7 /* ICMP_??? */]"
    );
    assert_eq!(
        set(263, libc::PACKET_ADD_MEMBERSHIP, &[9, 0, 0, 0, 1, 0, 6, 0, 1, 2, 3, 4, 0xaa, 0xff, 0, 0]),
        "SOL_PACKET, PACKET_ADD_MEMBERSHIP, {mr_ifindex=9, mr_type=PACKET_MR_PROMISC, mr_alen=6, mr_address=01:02:03:04:aa:ff}"
    );
    assert_eq!(
        get(270, libc::NETLINK_LIST_MEMBERSHIPS, &ints(&[i32::MIN + 17, 0])),
        "SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, [2147483665, 0]"
    );
    assert_eq!(set(6, libc::TCP_CONGESTION, b"cubic"), "SOL_TCP, TCP_CONGESTION, \"cubic\"");
    assert_eq!(get(1, libc::SO_ATTACH_FILTER, b""), "SOL_SOCKET, SO_GET_FILTER, 0x1000");
    assert_eq!(set(99, 5, &ints(&[1])), "0x63 /* SOL_?? */, 5, [1]");
}

#[test]
fn options_read_well_in_text() {
    let set = |level, name, b: &[u8]| option(Format::Text, level, name, b, false);
    let get = |level, name, b: &[u8]| option(Format::Text, level, name, b, true);
    assert_eq!(get(1, libc::SO_TYPE, &ints(&[1])), "SOL_SOCKET, SO_TYPE, [SOCK_STREAM]");
    assert_eq!(get(1, libc::SO_DOMAIN, &ints(&[2])), "SOL_SOCKET, SO_DOMAIN, [AF_INET]");
    assert_eq!(get(1, libc::SO_PROTOCOL, &ints(&[6])), "SOL_SOCKET, SO_PROTOCOL, [IPPROTO_TCP]");
    assert_eq!(
        set(1, libc::SO_RCVTIMEO, &[2, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]),
        "SOL_SOCKET, SO_RCVTIMEO_OLD, {tv_sec=2, tv_usec=5}"
    );
    assert_eq!(set(0, libc::IP_TOS, &ints(&[0xb8])), "SOL_IP, IP_TOS, [0xb8 /* IPTOS_DSCP_EF */]");
    assert_eq!(set(0, libc::IP_TTL, &[64]), "SOL_IP, IP_TTL, [64]");
    assert_eq!(set(0, libc::IP_MTU_DISCOVER, &ints(&[2])), "SOL_IP, IP_MTU_DISCOVER, [IP_PMTUDISC_DO]");
    assert_eq!(set(1, libc::SO_BINDTODEVICE, b"eth0\0\0"), "SOL_SOCKET, SO_BINDTODEVICE, \"eth0\"");
    assert_eq!(get(1, 57, &[13, 0, 0, 0, 0, 0, 0, 0]), "SOL_SOCKET, SO_COOKIE, [13]");
    assert_eq!(
        set(282, libc::TLS_TX, &[3, 3, 51, 0, 9, 9, 9, 9]),
        "SOL_TLS, TLS_TX, {version=TLS_1_2_VERSION, cipher_type=TLS_CIPHER_AES_GCM_128, key=...}"
    );
    assert_eq!(set(279, 1, b"secret"), "SOL_ALG, ALG_SET_KEY, ...");
    assert_eq!(
        set(263, libc::PACKET_FANOUT, &[7, 0, 1, 0x80]),
        "SOL_PACKET, PACKET_FANOUT, {id=7, type=PACKET_FANOUT_LB, flags=PACKET_FANOUT_FLAG_DEFRAG}"
    );
    let info = get(6, libc::TCP_INFO, &[1, 0, 0, 0, 0, 7, 0xaa, 1, 0x40, 0x0d, 3, 0]);
    assert_eq!(
        info,
        "SOL_TCP, TCP_INFO, {tcpi_state=TCP_ESTABLISHED, tcpi_ca_state=TCP_CA_Open, tcpi_retransmits=0, tcpi_probes=0, tcpi_backoff=0, \
         tcpi_options=TCPI_OPT_TIMESTAMPS|TCPI_OPT_SACK|TCPI_OPT_WSCALE, tcpi_snd_wscale=10, tcpi_rcv_wscale=10, \
         tcpi_delivery_rate_app_limited=1, tcpi_fastopen_client_fail=0, tcpi_rto=200000}"
    );
}

fn message(level: i32, kind: i32, data: &[u8]) -> Vec<u8> {
    let mut b = (16 + data.len() as u64).to_ne_bytes().to_vec();
    b.extend(ints(&[level, kind]));
    b.extend(data);
    b.resize(b.len().next_multiple_of(8), 0);
    b
}

#[test]
fn control_messages_read_as_in_strace() {
    let see = |b: &[u8]| show(Format::Strace, |p| assert!(cmsg::control(p, b, 0x5000, b.len() as u64)));
    assert_eq!(
        see(&message(1, 1, &ints(&[3]))),
        "[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3]}]"
    );
    let mut two = message(1, 1, &ints(&[3]));
    two.extend(message(1, 2, &ints(&[3, 4, -1])));
    assert_eq!(
        see(&two),
        "[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3]}, \
         {cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=3, uid=4, gid=-1}}]"
    );
    assert_eq!(
        see(&message(0, 2, &ints(&[64]))),
        "[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=[64]}]"
    );
    assert_eq!(see(&message(0, 1, &[0x10])), "[{cmsg_len=17, cmsg_level=SOL_IP, cmsg_type=IP_TOS, cmsg_data=[0x10]}]");
    assert_eq!(see(&message(41, 52, &ints(&[64]))), "[{cmsg_len=20, cmsg_level=SOL_IPV6, cmsg_type=0x34}]");
    let mut wrong = message(1, 1, &ints(&[3]));
    wrong[0] = 22;
    assert_eq!(see(&wrong), "[{cmsg_len=22, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3]}]");
    let error = [111, 0, 0, 0, 2, 3, 3, 0, 7, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(
        see(&message(0, 11, &error)),
        "[{cmsg_len=48, cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data={ee_errno=111, ee_origin=2, ee_type=3, ee_code=3, ee_info=7, \
         ee_data=8, offender={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}}}]"
    );
    show(Format::Strace, |p| assert!(!cmsg::control(p, &[0; 10], 0x5000, 10)));
    let mut none = message(1, 1, &ints(&[3]));
    none[0] = 0;
    assert_eq!(see(&none), "[{cmsg_len=0, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS}, ... /* 0x5010 */]");
    assert_eq!(
        see(&message(0, 1, &[1, 0])),
        "[{cmsg_len=18, cmsg_level=SOL_IP, cmsg_type=IP_TOS, cmsg_data=[0x1, 0]}]"
    );
}

#[test]
fn control_messages_read_well_in_text() {
    let see = |b: &[u8]| show(Format::Text, |p| assert!(cmsg::control(p, b, 0x5000, b.len() as u64)));
    assert_eq!(
        see(&message(41, 52, &ints(&[64]))),
        "[{cmsg_len=20, cmsg_level=SOL_IPV6, cmsg_type=IPV6_HOPLIMIT, cmsg_data=[64]}]"
    );
    assert_eq!(
        see(&message(17, 103, &[0xb0, 4])),
        "[{cmsg_len=18, cmsg_level=SOL_UDP, cmsg_type=UDP_SEGMENT, cmsg_data=[1200]}]"
    );
    assert_eq!(
        see(&message(282, 2, &[21])),
        "[{cmsg_len=17, cmsg_level=SOL_TLS, cmsg_type=TLS_GET_RECORD_TYPE, cmsg_data=[alert]}]"
    );
    let error = [111, 0, 0, 0, 2, 3, 3, 0, 7, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(see(&message(0, 11, &error)).contains(
        "{ee_errno=ECONNREFUSED, ee_origin=SO_EE_ORIGIN_ICMP, ee_type=ICMP_DEST_UNREACH, ee_code=ICMP_PORT_UNREACH, ee_info=7, ee_data=8"
    ));
}

fn io(format: Format, req: u64, value: u64, before: Option<&[u8]>, data: Option<&[u8]>) -> String {
    show(format, |p| {
        ioctl::request(p, req);
        if ioctl::takes_arg(req) {
            p.out().str(", ");
            // What follows the structure is what SIOCGIFCONF's points to.
            ioctl::arg(p, req, value, before, data, data.and_then(|b| b.get(16..)).filter(|b| !b.is_empty()));
        }
    })
}

fn ifreq(name: &str, rest: &[u8]) -> Vec<u8> {
    let mut b = name.as_bytes().to_vec();
    b.resize(16, 0);
    b.extend(rest);
    b.resize(40, 0);
    b
}

#[test]
fn ioctl_reads_as_in_strace() {
    fn see(req: u64, before: Option<&[u8]>, data: Option<&[u8]>) -> String {
        io(Format::Strace, req, 0x1000, before, data)
    }
    assert_eq!(see(0x5421, Some(&ints(&[1])[..]), None), "FIONBIO, [1]");
    assert_eq!(see(0x541b, None, Some(&ints(&[2])[..])), "FIONREAD, [2]");
    assert_eq!(see(0x541b, None, None), "FIONREAD, 0x1000");
    assert_eq!(see(0x5451, None, None), "FIOCLEX");
    assert_eq!(
        see(0x8913, Some(&ifreq("lo", &[])[..]), Some(&ifreq("lo", &[0x49, 0])[..])),
        "SIOCGIFFLAGS, {ifr_name=\"lo\", ifr_flags=IFF_UP|IFF_LOOPBACK|IFF_RUNNING}"
    );
    assert_eq!(see(0x8929, Some(&ifreq("lo", &[])[..]), None), "SIOCGIFSLAVE, {ifr_name=\"lo\"}");
    assert_eq!(
        see(0x8915, None, Some(&ifreq("lo", &[2, 0, 0, 0, 127, 0, 0, 1])[..])),
        "SIOCGIFADDR, {ifr_name=\"lo\", ifr_addr={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}}"
    );
    assert_eq!(
        see(0x8927, None, Some(&ifreq("lo", &[4, 3])[..])),
        "SIOCGIFHWADDR, {ifr_name=\"lo\", ifr_hwaddr={sa_family=ARPHRD_LOOPBACK, sa_data=00:00:00:00:00:00}}"
    );
    assert_eq!(see(0x8910, None, Some(&ifreq("lo", &[1])[..])), "SIOCGIFNAME, {ifr_ifindex=1, ifr_name=\"lo\"}");
    let conf = |len: i32| [&ints(&[len, 0])[..], &0x2000u64.to_ne_bytes()[..]].concat();
    let mut got = conf(40);
    got.extend(ifreq("lo", &[2, 0, 0, 0, 127, 0, 0, 1]));
    assert_eq!(
        see(0x8912, Some(&conf(512)[..]), Some(&got[..])),
        "SIOCGIFCONF, {ifc_len=512 => 40 /* 1 * sizeof(struct ifreq) */, ifc_buf=[{ifr_name=\"lo\", ifr_addr={sa_family=AF_INET, \
         sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}}]}"
    );
    assert_eq!(see(0x8906, None, Some(&[0; 16][..])), "SIOCGSTAMP_OLD, 0x1000");
    assert_eq!(see(0x1234_5678, None, None), "_IOC(_IOC_NONE, 0x56, 0x78, 0x1234), 0x1000");
    assert_eq!(
        io(Format::Text, 0x8906, 0x1000, None, Some(&[1; 16][..])),
        "SIOCGSTAMP_OLD, {tv_sec=72340172838076673, tv_usec=72340172838076673}"
    );
}

fn control(format: Format, cmd: i32, value: u64, before: Option<&[u8]>, data: Option<&[u8]>) -> String {
    show(format, |p| {
        fcntl::cmd(p, cmd);
        if fcntl::takes_arg(cmd) {
            p.out().str(", ");
            fcntl::arg(p, cmd, value, before, data);
        }
    })
}

#[test]
fn fcntl_reads_as_in_strace() {
    let see = |cmd, value| control(Format::Strace, cmd, value, None, None);
    assert_eq!(see(libc::F_GETFL, 77), "F_GETFL");
    assert_eq!(see(libc::F_SETFL, 0x802), "F_SETFL, O_RDWR|O_NONBLOCK");
    assert_eq!(see(libc::F_SETFL, 0), "F_SETFL, O_RDONLY");
    assert_eq!(see(libc::F_SETFL, 0x1000_0000), "F_SETFL, O_RDONLY|0x10000000");
    assert_eq!(see(libc::F_SETFL, 0x41_0000), "F_SETFL, O_RDONLY|O_TMPFILE");
    assert_eq!(see(libc::F_SETFD, 1), "F_SETFD, FD_CLOEXEC");
    assert_eq!(see(libc::F_DUPFD, u64::MAX), "F_DUPFD, -1");
    assert_eq!(see(libc::F_DUPFD, 0xffff_ffff), "F_DUPFD, 4294967295");
    assert_eq!(see(libc::F_SETOWN, (-5i64) as u64), "F_SETOWN, -5");
    assert_eq!(see(10, 10), "F_SETSIG, SIGUSR1");
    assert_eq!(see(10, 99), "F_SETSIG, 99");
    assert_eq!(see(libc::F_ADD_SEALS, 6), "F_ADD_SEALS, F_SEAL_SHRINK|F_SEAL_GROW");
    assert_eq!(see(0x63, u64::MAX), "0x63 /* F_??? */, 0xffffffffffffffff");
    let mut lock = vec![1, 0, 0, 0, 0, 0, 0, 0];
    lock.extend(0u64.to_ne_bytes());
    lock.extend(10u64.to_ne_bytes());
    lock.extend([0; 8]);
    assert_eq!(
        control(Format::Strace, libc::F_SETLK, 0x1000, Some(&lock), None),
        "F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=10}"
    );
    assert_eq!(
        control(Format::Strace, libc::F_GETLK, 0x1000, Some(&lock), Some(&lock)),
        "F_GETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=10, l_pid=0}"
    );
    assert_eq!(
        control(Format::Strace, 15, 0x1000, Some(&ints(&[1, 99])), None),
        "F_SETOWN_EX, {type=F_OWNER_PID, pid=99}"
    );
    let result = |cmd, ret| show(Format::Strace, |p| assert!(fcntl::result(p, cmd, ret)));
    assert_eq!(result(libc::F_GETFL, 0x802), "0x802 (flags O_RDWR|O_NONBLOCK)");
    assert_eq!(result(libc::F_GETFL, 0), "0 (flags O_RDONLY)");
    assert_eq!(result(libc::F_GETFD, 1), "0x1 (flags FD_CLOEXEC)");
    assert_eq!(result(libc::F_GET_SEALS, 6), "0x6 (seals F_SEAL_SHRINK|F_SEAL_GROW)");
    assert_eq!(result(libc::F_GETLEASE, 2), "0x2 (F_UNLCK)");
    assert_eq!(result(11, 10), "10 (SIGUSR1)");
    show(Format::Strace, |p| assert!(!fcntl::result(p, libc::F_GETFD, 0)));
}
