//! What a filter accepts, and its normal form.

use socklens_calls::Call;
use socklens_rules::{CallSet, Filter, Subject};
use socklens_wire::ConnInfo;
use socklens_wire::conn::{flag, role};

fn v4(ip: [u8; 4], port: u16) -> Vec<u8> {
    let mut b = (libc::AF_INET as u16).to_ne_bytes().to_vec();
    b.extend(port.to_be_bytes());
    b.extend(ip);
    b.resize(16, 0);
    b
}

fn v6(ip: &str, port: u16) -> Vec<u8> {
    let mut b = (libc::AF_INET6 as u16).to_ne_bytes().to_vec();
    b.extend(port.to_be_bytes());
    b.extend([0; 4]);
    b.extend(ip.parse::<std::net::Ipv6Addr>().unwrap().octets());
    b.resize(28, 0);
    b
}

fn unix(path: &[u8]) -> Vec<u8> {
    let mut b = (libc::AF_UNIX as u16).to_ne_bytes().to_vec();
    b.extend(path);
    b
}

fn conn(ty: i32, role: u8, local: &[u8], peer: &[u8]) -> ConnInfo {
    let mut c = ConnInfo::zero();
    c.serial = 7;
    c.ty = ty as u16;
    c.role = role;
    for (addr, to, len, bit) in
        [(local, &mut c.local, &mut c.local_len, flag::LOCAL), (peer, &mut c.peer, &mut c.peer_len, flag::PEER)]
    {
        if !addr.is_empty() {
            to[..addr.len()].copy_from_slice(addr);
            *len = addr.len() as u8;
            c.flags |= bit;
            c.family = u16::from_ne_bytes([addr[0], addr[1]]);
        }
    }
    c
}

/// A client of a database: recv on fd 3 returned ECONNRESET after 1.5 ms.
fn client() -> ConnInfo {
    conn(libc::SOCK_STREAM, role::CLIENT, &v4([192, 168, 0, 9], 40000), &v4([10, 1, 2, 3], 5432))
}

fn subject(c: Option<&ConnInfo>) -> Subject<'_> {
    Subject {
        fd: 3,
        conn: c,
        pid: 100,
        tid: 101,
        comm: b"worker-1",
        exe: b"/usr/bin/psql",
        errno: libc::ECONNRESET as u16,
        ret: -1,
        bytes: 70_000,
        dur_ns: 1_500_000,
        nonblock: Some(true),
        host: b"db1.Example.org",
        ..Subject::new(Call::recv)
    }
}

fn accepts(filter: &str, cx: &Subject<'_>) -> bool {
    let f = Filter::parse(filter).unwrap_or_else(|e| panic!("{filter}: {e:?}"));
    f.eval(cx)
}

#[test]
fn each_key_selects() {
    let c = client();
    let cx = subject(Some(&c));
    for yes in [
        "call=recv",
        "call=%in",
        "call=recv*,close",
        "call=sendto|recvfrom",
        "call!=close",
        "call=!close",
        "call~recv",
        "fd=3",
        "fd=1|3",
        "fd=2..4",
        "fd!=4",
        "fd<4",
        "fd>=3",
        "fd == 3",
        "conn=7",
        "pid=100",
        "tid=101",
        "thread=101",
        "comm=worker-*",
        "comm~work*",
        "comm!~nginx*",
        "comm=worker-?",
        "exe=psql",
        "exe=/usr/*/psql",
        "exe!=curl",
        "errno=ECONNRESET",
        "errno=econnreset",
        "errno=EPIPE|ECONNRESET",
        "errno!=0",
        "errno=104",
        "failed",
        "not ok",
        "ret<0",
        "ret=-1",
        "bytes>64K",
        "bytes>=70000",
        "bytes<1M",
        "bytes=1K..1M",
        "bytes>0.5KiB",
        "dur>1ms",
        "dur=1.5ms",
        "dur=1500us",
        "dur=1500µs",
        "dur<1s",
        "dur<1min",
        "dur=1ms..2ms",
        "peer=10.0.0.0/8:5432",
        "peer=10.1.2.3",
        "peer=:5432",
        "peer=*:5432",
        "peer=*",
        "peer=10.0.0.0/8:5000..5999",
        "peer=10.1.2.3:*",
        "peer!=10.0.0.0/16",
        "peer=0.0.0.0/0",
        "peer=192.0.2.1|10.1.2.3",
        "local=192.168.0.0/16",
        "addr=192.168.0.9",
        "addr=10.1.2.3",
        "port=5432",
        "port=40000",
        "port!=80",
        "lport=40000",
        "pport=5432",
        "port>39999",
        "port=5000..5999",
        "host=db*.example.org",
        "host!=web*",
        "role=client",
        "family=inet",
        "family=AF_INET",
        "family=2",
        "type=stream",
        "type=SOCK_STREAM",
        "proto=tcp",
        "proto=6",
        "proto=IPPROTO_TCP",
        "nb=1",
        "nonblocking",
        "nb!=0",
        "peer!=unix:*",
        "peer!=[::]/0",
    ] {
        assert!(accepts(yes, &cx), "{yes}");
    }
    for no in [
        "call=send",
        "call!=recv",
        "fd=4",
        "fd!=3",
        "fd!=3|4",
        "conn=8",
        "comm=worker",
        "comm=Worker-1",
        "exe=sql",
        "exe=usr/bin/psql",
        "errno=0",
        "ok",
        "not failed",
        "errno!=EPIPE|ECONNRESET",
        "ret>=0",
        "bytes<64K",
        "dur>2ms",
        "peer=10.2.0.0/16",
        "peer=10.1.2.3:5433",
        "peer=:80",
        "local=:5432",
        "addr!=10.1.2.3",
        "port!=5432",
        "port=80",
        "lport=5432",
        "role=server",
        "family=inet6",
        "type=dgram",
        "proto=udp",
        "nb=0",
        "blocking",
        "path=*",
        "peer=unix:*",
        "peer=[::1]",
        "path!=x",
    ] {
        assert!(!accepts(no, &cx), "{no}");
    }
}

#[test]
fn not_binds_closest_then_and_then_or() {
    let c = client();
    let cx = subject(Some(&c));
    // t and f are terms of known truth.
    for (text, want) in [
        ("t or f and f", true),
        ("(t or f) and f", false),
        ("not f and t", true),
        ("not (f and t)", true),
        ("not t or t", true),
        ("not (t or t)", false),
        ("t and not f", true),
        ("!f && t || f", true),
        ("f || f or t", true),
        ("t, t, f", false),
        ("t AND NOT f", true),
        ("not not t", true),
        ("(t and (f or (t and (f or t))))", true),
        ("((f))", false),
        ("!(t)and(t)", false),
    ] {
        let text = text.split_inclusive(|c: char| !c.is_alphanumeric()).map(|part| {
            let (word, tail) = part.split_at(part.trim_end_matches(|c: char| !c.is_alphanumeric()).len());
            let word = match word {
                "t" => "fd=3",
                "f" => "fd=4",
                w => w,
            };
            format!("{word}{tail}")
        });
        let text: String = text.collect();
        assert_eq!(accepts(&text, &cx), want, "{text}");
    }
}

#[test]
fn addresses_of_every_family() {
    let mapped = conn(libc::SOCK_STREAM, role::SERVER, &v6("::ffff:10.0.0.1", 80), &v6("::ffff:10.9.9.9", 5000));
    let six = conn(libc::SOCK_DGRAM, role::CLIENT, &v6("::1", 1), &v6("2001:db8::77", 443));
    let path = conn(libc::SOCK_STREAM, role::CLIENT, &unix(b""), &unix(b"/run/x.sock\0"));
    let hidden = conn(libc::SOCK_STREAM, role::LISTENER, &unix(b"\0name"), b"");
    for (c, yes, no) in [
        (
            &mapped,
            "peer=10.0.0.0/8|peer and peer=[::ffff:0:0]/96 and peer=[::ffff:10.9.9.9]:5000 and family=inet6 and port=80",
            "peer=[2001::]/16",
        ),
        (
            &six,
            "peer=[2001:db8::]/32 and peer=2001:db8::77 and peer=[2001:db8::77]:443 and local=[::1]:* and proto=udp and peer=2001:db8::/32:443",
            "peer=0.0.0.0/0",
        ),
        (
            &path,
            "peer=unix:/run/x.sock and peer=unix:/run/*.sock and path=/run/* and family=unix and local=unix:* and local=*",
            "peer=:80",
        ),
        (
            &hidden,
            "local=unix:@name and path=@n* and role=listener and addr!=unix:/x",
            "peer=* or peer!=* or pport!=1 or port=1",
        ),
    ] {
        let cx = subject(Some(c));
        let yes = yes.replace("peer=10.0.0.0/8|peer", "peer=10.0.0.0/8");
        assert!(yes.split(" and ").all(|t| accepts(t, &cx) || panic!("{t}")));
        assert!(accepts(&yes, &cx), "{yes}");
        assert!(!accepts(no, &cx), "{no}");
    }
}

#[test]
fn the_unknown_compares_false() {
    let cx = Subject::new(Call::getaddrinfo);
    for key in [
        "fd=1",
        "fd!=1",
        "conn=1",
        "conn!=1",
        "comm=x",
        "comm!=x",
        "exe!=x",
        "peer!=*",
        "local=*",
        "addr!=1.1.1.1",
        "port!=1",
        "lport<9",
        "host!=x",
        "role!=client",
        "family!=inet",
        "type!=raw",
        "proto!=tcp",
        "path!=x",
        "nb=0",
        "nb=1",
        "nb!=1",
    ] {
        assert!(!accepts(key, &cx), "{key}");
        assert!(accepts(&format!("not {key}"), &cx), "not {key}");
    }
    assert!(accepts("ok and errno=0 and pid=0", &cx));
}

#[test]
fn failure_follows_the_convention_of_the_result() {
    for (call, ret, errno, failed) in [
        (Call::recv, -1, libc::EAGAIN, true),
        (Call::recv, 0, 0, false),
        (Call::getaddrinfo, -2, 0, true),
        (Call::getaddrinfo, 0, 0, false),
        (Call::gethostbyname, 0, 0, true),
        (Call::gethostbyname, 0x1000, 0, false),
        (Call::gethostbyname_r, 34, 0, true),
        (Call::if_nametoindex, 0, libc::ENODEV, true),
        (Call::syslog, 0, 0, false),
    ] {
        let cx = Subject { ret, errno: errno as u16, ..Subject::new(call) };
        assert_eq!(accepts("failed", &cx), failed, "{call:?} {ret}");
        assert_eq!(accepts("ok", &cx), !failed, "{call:?} {ret}");
    }
}

#[test]
fn not_addresses() {
    for a in [
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.4/",
        "1.2.3.4/33",
        "1.2.3.4:",
        "1.2.3.4:65536",
        "1.2.3.4:9..8",
        ":",
        "/8",
        "*/8",
        "[::1",
        "[::1]x",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        "[::]/129",
        "[1.2.3.4]",
        "localhost",
        "::1.2.3",
        "1:2:3:4:5:6:7::8",
        "[]",
        "unix:",
        "::g",
        "+1.2.3.4",
        "1..2.3.4",
    ] {
        assert!(Filter::parse(&format!("peer={a}")).is_err(), "{a}");
    }
}

#[test]
fn numbers_that_are_none() {
    for t in [
        "fd=",
        "fd=-",
        "fd=0x",
        "fd=1.5",
        "fd=2147483648",
        "fd=+1",
        "bytes=-1",
        "bytes=.5K",
        "bytes=1.2.3K",
        "bytes=1.-2K",
        "dur=-1s",
        "dur=0x5",
        "dur=9999999999999s",
        "dur=1.1234567s",
        "nb=2",
        "nb<1",
        "errno=5000",
        "errno=-1",
        "port=1..",
        "port=..2",
        "port=1...2",
        "bytes=1.K",
        "role=1x",
        "fd=1||",
        "bytes=99999999999G",
    ] {
        assert!(Filter::parse(t).is_err(), "{t}");
    }
}

#[test]
fn a_filter_tells_what_it_needs() {
    for (source, exit) in [
        ("fd=3", false),
        ("fd=3 or errno!=0", true),
        ("ret<0", true),
        ("bytes>1", true),
        ("dur>1s", true),
        ("ok", true),
        ("not (nb=1)", false),
    ] {
        assert_eq!(Filter::parse(source).unwrap().needs_exit(), exit, "{source}");
    }
    assert!(!Filter::new().needs_exit() && Filter::new().is_empty() && Filter::new().eval(&Subject::new(Call::recv)));
}

#[test]
fn a_filter_tells_which_calls_it_can_accept() {
    for (source, set) in [
        ("call=%net", "%net"),
        ("call=%net and fd=3", "%net"),
        ("call=%net and not call=connect", "%net,?"),
        ("call=send or call=recv", "send,recv"),
        ("not call!=close", "close"),
        ("call=send and call=recv", "none"),
    ] {
        let mut want = CallSet::parse(set.trim_end_matches(",?")).unwrap();
        if set.ends_with(",?") {
            want = want.without(CallSet::parse("connect").unwrap());
        }
        assert_eq!(Filter::parse(source).unwrap().calls().and(CallSet::all()), want, "{source}");
    }
    for source in ["fd=3", "call=send or fd=3", "not (call=send and fd=3)"] {
        assert_eq!(Filter::parse(source).unwrap().calls().and(CallSet::all()), CallSet::all(), "{source}");
    }
}

#[test]
fn a_filter_survives_shared_memory() {
    let f = Filter::parse("peer=10.0.0.0/8 and errno!=0").unwrap();
    assert_eq!(Filter::from_bytes(f.as_bytes()), Some(f));
    assert_eq!(Filter::from_bytes(&f.as_bytes()[1..]), None);
    assert_eq!(Filter::SIZE, 2048);
}
