//! Netlink messages in the three syntaxes, and what must not be believed of them.

mod make;

use make::{META, Make, written};
use socklens_calls::Call;
use socklens_decode::{Format, Names, Opts, Out, Printer, call, line};
use socklens_wire::{ConnInfo, Event, Part};

/// Every descriptor is a netlink socket of one family, and every interface has a name.
struct Family(ConnInfo);

impl Family {
    fn new(protocol: i32) -> Family {
        let mut c = ConnInfo::zero();
        (c.family, c.protocol, c.serial) = (libc::AF_NETLINK as u16, protocol as u16, 1);
        Family(c)
    }
}

impl Names for Family {
    fn fd(&self, _: i32) -> Option<&ConnInfo> {
        Some(&self.0)
    }

    fn interface(&self, index: u32, out: &mut Out) -> bool {
        out.str("eth");
        out.udec(u64::from(index));
        true
    }
}

fn print(m: &Make, family: i32, format: Format, opts: &Opts) -> String {
    let bytes = m.bytes();
    let (ev, names) = (Event::parse(&bytes).unwrap(), Family::new(family));
    written(|out| {
        call::head(&ev, &mut Printer::new(out, format, opts, &names));
        call::tail(&ev, &mut Printer::new(out, format, opts, &names));
    })
}

fn json(m: &Make, family: i32) -> serde_json::Value {
    let bytes = m.bytes();
    let (ev, names) = (Event::parse(&bytes).unwrap(), Family::new(family));
    let s = written(|out| line::json(&ev, &META, &Opts::DEFAULT, &names, out));
    serde_json::from_str(&s).unwrap_or_else(|e| panic!("{e}: {s}"))
}

fn attr(ty: u16, data: &[u8]) -> Vec<u8> {
    let mut a = ((data.len() + 4) as u16).to_le_bytes().to_vec();
    a.extend(ty.to_le_bytes());
    a.extend(data);
    a.resize(a.len().next_multiple_of(4), 0);
    a
}

fn message(ty: u16, flags: u16, pid: u32, body: &[u8]) -> Vec<u8> {
    let mut m = ((body.len() + 16) as u32).to_le_bytes().to_vec();
    m.extend(ty.to_le_bytes());
    m.extend(flags.to_le_bytes());
    m.extend(7u32.to_le_bytes());
    m.extend(pid.to_le_bytes());
    m.extend(body);
    m.resize(m.len().next_multiple_of(4), 0);
    m
}

/// RTM_NEWADDR of 127.0.0.1 on the first interface.
fn address() -> Vec<u8> {
    let mut body = vec![2, 8, 0x80, 254, 1, 0, 0, 0];
    body.extend(attr(1, &[127, 0, 0, 1]));
    body.extend(attr(3, b"lo\0"));
    body.extend(attr(0x77, &[9]));
    message(20, 2, 42, &body)
}

fn sent(data: &[u8]) -> Make {
    Make::new(Call::send, &[3, 4096, data.len() as u64, 0], data.len() as i64).data(1, data)
}

#[test]
fn a_message_in_each_syntax() {
    let m = sent(&address());
    let strace = print(&m, libc::NETLINK_ROUTE, Format::Strace, &Opts::DEFAULT);
    assert_eq!(
        strace,
        "sendto(3, [{nlmsg_len=48, nlmsg_type=RTM_NEWADDR, nlmsg_flags=NLM_F_MULTI, nlmsg_seq=7, nlmsg_pid=42}, \
         {ifa_family=AF_INET, ifa_prefixlen=8, ifa_flags=IFA_F_PERMANENT, ifa_scope=RT_SCOPE_HOST, \
         ifa_index=if_nametoindex(\"eth1\")}, [[{nla_len=8, nla_type=IFA_ADDRESS}, inet_addr(\"127.0.0.1\")], \
         [{nla_len=7, nla_type=IFA_LABEL}, \"lo\"], [{nla_len=5, nla_type=0x77 /* IFA_??? */}, \"\\x09\"]]], 48, 0, NULL, 0) = 48"
    );
    let text = print(&m, libc::NETLINK_ROUTE, Format::Text, &Opts::DEFAULT);
    assert_eq!(
        text,
        "send(3, [{type=RTM_NEWADDR, flags=NLM_F_MULTI, seq=7, pid=42, body={ifa_family=AF_INET, ifa_prefixlen=8, \
         ifa_flags=IFA_F_PERMANENT, ifa_scope=RT_SCOPE_HOST, ifa_index=1}, \
         attrs={IFA_ADDRESS=127.0.0.1, IFA_LABEL=\"lo\", 0x77=\"\\x09\"}}], 48, 0) = 48"
    );
    let j = json(&m, libc::NETLINK_ROUTE);
    assert_eq!(j["payload"]["len"], 48);
    let message = &j["netlink"][0];
    assert_eq!(message["type"]["s"], "RTM_NEWADDR");
    assert_eq!((&message["len"], &message["pid"]), (&48.into(), &42.into()));
    assert_eq!(message["body"]["ifa_index"], 1);
    assert_eq!(message["attrs"][0], serde_json::json!({"type": {"n": 1, "s": "IFA_ADDRESS"}, "value": "127.0.0.1"}));
    assert_eq!(message["attrs"][2]["type"], serde_json::json!({"n": 0x77}));
}

#[test]
fn what_was_not_captured_is_marked() {
    let data = [address(), address()].concat();
    let cut = |n: usize| Make::new(Call::recv, &[3, 4096, 4096, 0], 96).full(1, Part::Data, 0, 0, &data[..n], 96);
    for n in 1..96 {
        let m = cut(n);
        for format in [Format::Strace, Format::Text] {
            let s = print(&m, libc::NETLINK_ROUTE, format, &Opts::DEFAULT);
            assert!(s.contains(", ...], 4096"), "{n}: {s}");
        }
        let list = json(&m, libc::NETLINK_ROUTE)["netlink"].clone();
        assert_eq!(list.as_array().and_then(|l| l.last()), Some(&"...".into()), "{n}: {list}");
    }
    let whole = print(&cut(96), libc::NETLINK_ROUTE, Format::Strace, &Opts::DEFAULT);
    assert!(!whole.contains("..."), "{whole}");
    let none = Opts { strlen: 0, ..Opts::DEFAULT };
    let s = print(&cut(96), libc::NETLINK_ROUTE, Format::Strace, &none);
    assert!(s.starts_with("recvfrom(3, ..., 4096, "), "{s}");
}

#[test]
fn messages_of_an_iovec_are_its_base() {
    let data = address();
    let iov: Vec<u8> = [4096u64, 48].iter().flat_map(|n| n.to_le_bytes()).collect();
    let m = Make::new(Call::readv, &[3, 8192, 1], 48).at(1, Part::Iov, 0, 0, &iov).at(1, Part::IovData, 0, 0, &data);
    let s = print(&m, libc::NETLINK_ROUTE, Format::Strace, &Opts::DEFAULT);
    assert!(s.starts_with("readv(3, [{iov_base=\"0\\0\\0\\0\\24\\0"), "as strace has it: {s}");
    let s = print(&m, libc::NETLINK_ROUTE, Format::Text, &Opts::DEFAULT);
    assert!(s.starts_with("readv(3, [{base=[{type=RTM_NEWADDR,"), "{s}");
    assert_eq!(json(&m, libc::NETLINK_ROUTE)["netlink"][0]["type"]["n"], 20);
    // What the kernel tells of devices is text.
    let s = print(&sent(b"add@/devices\0"), libc::NETLINK_KOBJECT_UEVENT, Format::Strace, &Opts::DEFAULT);
    assert!(s.starts_with("sendto(3, \"add@/devices\\0\", 13,"), "{s}");
}

/// A way of a route, whose length says what it wants.
fn next_hop(len: u16, attrs: &[u8]) -> Vec<u8> {
    [&len.to_le_bytes(), &[4, 1, 2, 0, 0, 0][..], attrs].concat()
}

/// A bridge and its port.
fn bridge() -> Vec<u8> {
    let port = [attr(4, b"bridge\0"), attr(5, &attr(2, &[1, 0]))].concat();
    let data = [attr(1, &1500u64.to_le_bytes()), attr(8, &[0x81, 0]), attr(46, &[1, 0, 0, 0, 9, 0, 0, 0])].concat();
    let info = [attr(1, b"bridge\0"), attr(2, &data), port].concat();
    message(16, 0, 0, &[vec![0; 16], attr(18, &info)].concat())
}

#[test]
fn the_kind_of_link_decides_what_its_data_is() {
    let m = sent(&bridge());
    let text = print(&m, libc::NETLINK_ROUTE, Format::Text, &Opts::DEFAULT);
    assert!(
        text.contains(
            "IFLA_LINKINFO={IFLA_INFO_KIND=\"bridge\", IFLA_INFO_DATA={IFLA_BR_FORWARD_DELAY=1500 /* 15.00 s */, \
             IFLA_BR_VLAN_PROTOCOL=htons(ETH_P_8021Q), IFLA_BR_MULTI_BOOLOPT={optval=1<<BR_BOOLOPT_NO_LL_LEARN, \
             optmask=1<<BR_BOOLOPT_NO_LL_LEARN|0x8}}, IFLA_INFO_SLAVE_KIND=\"bridge\", \
             IFLA_INFO_SLAVE_DATA={IFLA_BRPORT_PRIORITY=1}}"
        ),
        "{text}"
    );
    let j = json(&m, libc::NETLINK_ROUTE);
    let data = &j["netlink"][0]["attrs"][0]["value"][1]["value"];
    assert_eq!(data[0], serde_json::json!({"type": {"n": 1, "s": "IFLA_BR_FORWARD_DELAY"}, "value": 1500}));
    assert_eq!(data[1]["value"], serde_json::json!({"n": 0x8100, "s": "ETH_P_8021Q"}));
    assert_eq!(data[2]["value"], serde_json::json!({"optval": 1, "optmask": 9}));
}

#[test]
fn the_ways_of_a_route_are_a_list() {
    let gateway = attr(5, &[127, 0, 0, 1]);
    let ways = [next_hop(16, &gateway), next_hop(8, &[])].concat();
    let m = sent(&message(24, 0, 0, &[vec![2; 12], attr(9, &ways)].concat()));
    let strace = print(&m, libc::NETLINK_ROUTE, Format::Strace, &Opts::DEFAULT);
    let way = "rtnh_flags=RTNH_F_ONLINK, rtnh_hops=1, rtnh_ifindex=if_nametoindex(\"eth2\")";
    assert!(
        strace.contains(&format!(
            "[{{nla_len=28, nla_type=RTA_MULTIPATH}}, [[{{rtnh_len=16, {way}}}, [{{nla_len=8, nla_type=RTA_GATEWAY}}, \
             inet_addr(\"127.0.0.1\")]], {{rtnh_len=8, {way}}}]]"
        )),
        "{strace}"
    );
    let list = json(&m, libc::NETLINK_ROUTE)["netlink"][0]["attrs"][0]["value"].clone();
    assert_eq!((&list[0]["rtnh_len"], &list[1]["rtnh_ifindex"]), (&16.into(), &2.into()));
    assert_eq!(list[0]["attrs"][0]["value"], "127.0.0.1");
}

#[test]
fn keys_of_sockets_are_not_shown() {
    let mut key = vec![2, 32, 3, 0, 127, 0, 0, 1];
    key.resize(100, b'K');
    let m = sent(&message(20, 0, 0, &[vec![2; 72], attr(18, &key)].concat()));
    let all = Opts { verbose: true, strlen: 4000, ..Opts::DEFAULT };
    for format in [Format::Strace, Format::Text] {
        let s = print(&m, libc::NETLINK_SOCK_DIAG, format, &all);
        assert!(s.contains("tcpm_key=...") && !s.contains("KKK") && !s.contains("4b"), "{s}");
    }
    let list = json(&m, libc::NETLINK_SOCK_DIAG)["netlink"][0]["attrs"][0]["value"].clone();
    assert_eq!((&list[0]["tcpm_addr"], &list[0]["tcpm_key"]), (&"127.0.0.1".into(), &"...".into()));
}

/// Lengths that lead nowhere, attributes in attributes in attributes, errors about errors: all come to an end.
#[test]
fn hostile_bytes_come_to_an_end() {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |below: u64| {
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        seed.wrapping_mul(0x2545_f491_4f6c_dd1d) % below
    };
    let families = [0, 0, 4, 4, 6, 7, 9, 12, 15, 16, 21, 99];
    let mut deep = attr(1, b"end");
    for _ in 0..40 {
        deep = attr(26, &attr(10, &attr(52, &deep)));
    }
    let link = [vec![0; 16], deep].concat();
    let mut error = message(16, 0, 0, &link);
    for _ in 0..20 {
        error = message(2, 0x300, 0, &[vec![0; 4], error].concat());
    }
    let mut ways = next_hop(16, &attr(5, &[127, 0, 0, 1]));
    for _ in 0..20 {
        ways = next_hop(8, &attr(9, &[&ways[..], &ways[..8]].concat()));
    }
    let route = message(24, 0, 0, &[vec![2; 12], attr(9, &ways)].concat());
    let mut corpus = vec![address(), message(16, 0, 0, &link), error, route, bridge()];
    corpus.push(message(
        20,
        0,
        0,
        &[vec![2; 72], attr(18, &[2; 200]), attr(12, &[2; 128]), attr(22, b"\x05\x82a")].concat(),
    ));
    corpus.push([b"libudev\0\xfe\xed\xca\xfe".as_slice(), &[40; 60]].concat());
    for n in 0..3000 {
        let mut data: Vec<u8> = if n % 3 == 0 {
            (0..next(200)).map(|_| next(4) as u8 * next(64) as u8).collect()
        } else {
            corpus[next(corpus.len() as u64) as usize].clone()
        };
        for _ in 0..next(6) {
            let at = next(data.len().max(1) as u64) as usize;
            if let Some(b) = data.get_mut(at) {
                *b = next(256) as u8;
            }
        }
        if next(3) == 0 {
            // Any type, with whatever follows.
            let ty = 14 + next(110) as u16;
            let body: Vec<u8> = (0..next(120)).map(|_| next(30) as u8).collect();
            data = message(ty, next(4) as u16, 0, &body);
        }
        let m = sent(&data);
        let family = families[next(families.len() as u64) as usize];
        let opts = Opts { verbose: n % 2 == 0, strlen: next(64) as u32, hex: next(3) as u8, ..Opts::DEFAULT };
        for format in [Format::Strace, Format::Text] {
            let s = print(&m, family, format, &opts);
            assert!(s.len() < 200 + 60 * data.len(), "{} bytes of {}: {s}", s.len(), data.len());
        }
        json(&m, family);
        if corpus.len() < 40 {
            corpus.push(data);
        }
    }
}
