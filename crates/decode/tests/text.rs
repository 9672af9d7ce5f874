//! socklens's own lines and JSON.

mod make;

use make::{BARE, META, Make, One, inet, tcp, written};
use socklens_calls::Call;
use socklens_decode::{NoNames, Opts, Out, conn_label, line};
use socklens_wire::conn::role;
use socklens_wire::event::{ARG_RESULT, flag, note};
use socklens_wire::{ConnInfo, Event, Part};

fn line_of(m: &Make, meta: &line::Meta, opts: &Opts) -> String {
    let bytes = m.bytes();
    let ev = Event::parse(&bytes).unwrap();
    written(|o| line::text(&ev, meta, opts, &NoNames, o))
}

fn connection() -> ConnInfo {
    let mut c = tcp(3, &inet(51234, [127, 0, 0, 1]), &inet(8080, [127, 0, 0, 1]));
    c.role = role::CLIENT;
    c
}

#[test]
fn a_line_reads_well() {
    let c = connection();
    let meta = line::Meta { conn: Some(&c), ..META };
    let connect = Make::new(Call::connect, &[5, 0x5000, 16], -1).errno(111).data(1, &inet(8080, [127, 0, 0, 1]));
    assert_eq!(
        line_of(&connect, &meta, &Opts::DEFAULT),
        "   0.001234 connect(5, 127.0.0.1:8080, 16)          = -1 ECONNREFUSED (Connection refused)  tcp#3 127.0.0.1:51234→127.0.0.1:8080\n"
    );
    let slow = line::Meta { dur_ns: 1_234_567_890, conn: None, ..META };
    let recv = Make::new(Call::__recv_chk, &[5, 0x5000, 100, 100, 0], 4).data(1, b"\x1b[2J");
    assert_eq!(
        line_of(&recv, &slow, &Opts { pids: true, ..Opts::DEFAULT }),
        "   0.001234 curl[4242/4243]      recv(5, \"\\33[2J\", 100, 0)               = 4 <1.23s>\n"
    );
    assert_eq!(
        line_of(&connect, &META, &Opts { color: true, ..BARE }),
        "connect(5, 127.0.0.1:8080, 16)          = \x1b[31m-1 ECONNREFUSED (Connection refused)\x1b[0m\n"
    );
    assert_eq!(
        line_of(&Make::new(Call::syslog, &[3, 0x5000], 0).data(1, b"oops"), &META, &BARE),
        "syslog(LOG_ERR, \"oops\")\n"
    );
}

#[test]
fn a_blocked_call_is_shown() {
    let m = Make::new(Call::recv, &[5], 0).flags(flag::UNFINISHED);
    let meta = line::Meta { dur_ns: 5_200_000_000, ..META };
    assert_eq!(line_of(&m, &meta, &BARE), "recv(5, <unfinished ...> <so far 5.20s>\n");
    assert_eq!(m.json()["flags"][0], "unfinished");
    assert!(m.json().get("ret").is_none());
}

#[test]
fn any_address_of_a_vsock_is_a_star() {
    let name = |cid: u32, port: u32| {
        let address = [&[40, 0, 0, 0][..], &port.to_le_bytes(), &cid.to_le_bytes(), &[0; 4]].concat();
        written(|o| assert!(socklens_decode::label::short_addr(o, &address)))
    };
    assert_eq!([name(u32::MAX, 1234), name(2, u32::MAX), name(3, 5)], ["*:1234", "2:*", "3:5"]);
}

#[test]
fn connections_have_labels() {
    let label = |c: &ConnInfo| written(|o| conn_label(c, o));
    assert_eq!(label(&connection()), "tcp#3 127.0.0.1:51234→127.0.0.1:8080");
    let mut listener = tcp(1, &inet(8080, [0; 4]), &[]);
    listener.role = role::LISTENER;
    assert_eq!(label(&listener), "tcp#1 *:8080 listening");
    let mut udp = tcp(4, &inet(53, [127, 0, 0, 1]), &[]);
    (udp.ty, udp.protocol) = (2, 17);
    assert_eq!(label(&udp), "udp#4 127.0.0.1:53");
    let mut unix = tcp(5, &[], b"\x01\0/run/x.sock\0");
    (unix.family, unix.protocol) = (1, 0);
    assert_eq!(label(&unix), "unix#5 /run/x.sock");
    let mut netlink = tcp(2, &[], &[]);
    (netlink.family, netlink.ty, netlink.protocol) = (16, 3, 0);
    assert_eq!(label(&netlink), "netlink#2 ROUTE");
    let mut peer = tcp(6, &[], &inet(80, [10, 0, 0, 1]));
    assert_eq!(label(&peer), "tcp#6 →10.0.0.1:80");
    peer.flags = 0;
    assert_eq!(label(&peer), "tcp#6");
}

#[test]
fn json_has_what_applies() {
    let c = connection();
    let meta = line::Meta { conn: Some(&c), ..META };
    let m = Make::new(Call::recv, &[5, 0x5000, 100, 0], 12).conn(3).full(
        1,
        Part::Data,
        0,
        0,
        b"caf\xc3\xa9 \xff\"\n\x1b!",
        12,
    );
    let bytes = m.bytes();
    let ev = Event::parse(&bytes).unwrap();
    let s = written(|o| line::json(&ev, &meta, &Opts { payload_exact: true, ..Opts::DEFAULT }, &One(c), o));
    assert_eq!(
        s,
        concat!(
            r#"{"type":"call","time":1700000000123456789,"mono":5000000000,"dur":12345,"pid":4242,"tid":4243,"comm":"curl","#,
            r#""call":"recv","fd":5,"conn":3,"proto":"tcp","local":"127.0.0.1:51234","peer":"127.0.0.1:8080","role":"client","#,
            r#""args":{"fd":5,"buf":"0x5000","len":100,"flags":{"n":0}},"ret":12,"bytes":12,"#,
            r#""payload":{"text":"café \ufffd\"\n\u001b!","len":12,"cut":true,"base64":"Y2Fmw6kg/yIKGyE="}}"#,
            "\n"
        )
    );
    let failed = Make::new(Call::recv, &[5, 0x5000, 100, 0], -1).errno(11).json();
    assert_eq!(failed["errno"]["s"], "EAGAIN");
    assert_eq!(failed["errno"]["text"], "Resource temporarily unavailable");
    assert!(failed.get("payload").is_none() && failed.get("conn").is_none());
}

#[test]
fn a_line_without_room_is_whole_or_absent() {
    let m = Make::new(Call::send, &[5, 0x5000, 32, 0], 32).data(1, b"01234567890123456789012345678901");
    let bytes = m.bytes();
    let ev = Event::parse(&bytes).unwrap();
    for size in 0..400 {
        let mut buf = vec![0u8; size];
        let mut out = Out::new(&mut buf);
        line::json(&ev, &META, &Opts::DEFAULT, &NoNames, &mut out);
        if !out.is_empty() {
            let v: serde_json::Value = serde_json::from_slice(out.bytes()).unwrap();
            assert!(v["call"] == "send" && (v["cut"] == true || v["args"].is_object()));
        }
        let mut out = Out::new(&mut buf);
        line::text(&ev, &META, &Opts::DEFAULT, &NoNames, &mut out);
        assert!(out.is_empty() || out.bytes().ends_with(b"\n"));
    }
}

#[test]
fn names_are_looked_up() {
    let mut hints = [0u8; 48];
    hints[0] = 1;
    hints[4] = 2;
    hints[8] = 1;
    let answer = hints;
    let ok = Make::new(Call::getaddrinfo, &[0x5000, 0x6000, 0x7000, 0x8000], 0)
        .data(0, b"localhost\0")
        .data(1, b"80\0")
        .data(2, &hints)
        .at(3, Part::AddrInfo, 0, 0, &answer)
        .at(3, Part::Addr, 0, 2, &inet(80, [127, 0, 0, 1]));
    assert_eq!(
        ok.text(),
        "getaddrinfo(\"localhost\", \"80\", {ai_flags=AI_PASSIVE, ai_family=AF_INET, ai_socktype=SOCK_STREAM}, [tcp 127.0.0.1:80]) = 0"
    );
    assert_eq!(ok.json()["args"]["res"][0]["ai_addr"]["port"], 80);
    let bad = Make::new(Call::getaddrinfo, &[0x5000, 0, 0, 0x8000], -2).data(0, b"nowhere.invalid\0");
    assert_eq!(
        bad.text(),
        "getaddrinfo(\"nowhere.invalid\", NULL, NULL, 0x8000) = EAI_NONAME (Name or service not known)"
    );
    assert_eq!(bad.json()["eai"]["s"], "EAI_NONAME");
    let host = Make::new(Call::gethostbyname, &[0x5000], 0x9000)
        .data(0, b"a\0")
        .at(ARG_RESULT, Part::HostHead, 0, 0, &[2, 0, 0, 0, 4, 0, 0, 0])
        .at(ARG_RESULT, Part::Canon, 0, 0, b"a.example\0")
        .at(ARG_RESULT, Part::Addr, 0, 2, &[10, 0, 0, 1]);
    assert_eq!(
        host.text(),
        "gethostbyname(\"a\")                      = {h_name=\"a.example\", h_addr_list=[10.0.0.1]}"
    );
    assert_eq!(host.json()["host"]["h_addr_list"][0], "10.0.0.1");
    let none =
        Make::new(Call::gethostbyname, &[0x5000], 0).data(0, b"a\0").at(ARG_RESULT, Part::HErrno, 0, 0, &[1, 0, 0, 0]);
    assert_eq!(none.text(), "gethostbyname(\"a\")                      = NULL HOST_NOT_FOUND (Unknown host)");
}

#[test]
fn interfaces_are_listed() {
    let list = Make::new(Call::if_nameindex, &[], 0x9000)
        .at(ARG_RESULT, Part::Data, 0, 0, &[1, 0, 0, 0])
        .at(ARG_RESULT, Part::IfName, 0, 0, b"lo")
        .at(ARG_RESULT, Part::Data, 1, 0, &[2, 0, 0, 0])
        .at(ARG_RESULT, Part::IfName, 1, 0, b"eth0");
    let names = "[{if_index=1, if_name=\"lo\"}, {if_index=2, if_name=\"eth0\"}]";
    assert_eq!(list.text(), format!("if_nameindex()                          = {names}"));
    assert_eq!(list.json()["interfaces"][1]["if_name"], "eth0");
}

#[test]
fn old_types_of_service_have_names() {
    let tos = |v: u8| Make::new(Call::setsockopt, &[3, 0, 1, 0x7000, 4], 0).data(3, &[v, 0, 0, 0]);
    for (v, name) in [(16, "IPTOS_LOWDELAY"), (8, "IPTOS_THROUGHPUT"), (0xb8, "IPTOS_DSCP_EF")] {
        assert!(tos(v).text().contains(&format!("IP_TOS, [{v:#x} /* {name} */], 4)")), "{}", tos(v).text());
        assert_eq!(tos(v).json()["args"]["value"]["s"], name);
        assert!(tos(v).strace().contains(&format!("IP_TOS, [{v}], 4)")));
    }
}

#[test]
fn dns_messages_are_decoded() {
    let mut msg = vec![0x1a, 0x2b, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
    msg.extend(b"\x03www\x07example\x03com\0\0\x01\0\x01");
    msg.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03cdn\xc0\x10");
    msg.extend(b"\xc0\x2d\0\x01\0\x01\0\0\0\x3c\0\x04\x5d\xb8\xd8\x22");
    let query = |msg: &[u8]| {
        Make::new(Call::res_query, &[0x5000, 1, 1, 0x6000, 512], msg.len() as i64)
            .data(0, b"www.example.com\0")
            .data(3, msg)
    };
    let m = query(&msg);
    assert_eq!(
        m.text(),
        "res_query(\"www.example.com\", IN, A, {id=0x1a2b, qr=response, rcode=NOERROR, name=\"www.example.com\", type=A, \
         answers=[\"cdn.example.com\", 93.184.216.34]}, 512) = 67"
    );
    assert_eq!(m.json()["args"]["answer"]["answers"][1]["data"], "93.184.216.34");
    // A name that points at itself.
    let mut looped = vec![0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 0xc0, 12];
    looped.extend([0; 8]);
    assert!(query(&looped).text().contains("answers=[...]"));
}

#[test]
fn notes_become_records() {
    let c = connection();
    let json = |m: Make| -> serde_json::Value {
        let bytes = m.bytes();
        let ev = Event::parse(&bytes).unwrap();
        serde_json::from_str(&written(|o| line::note_json(&ev, &META, &Opts::DEFAULT, o))).unwrap()
    };
    let born = json(Make::note(note::CONN_NEW, 5).conn(3).data(0, c.as_bytes()));
    assert_eq!(born["type"], "conn_start");
    assert_eq!(born["conn"], 3);
    assert_eq!(born["fd"], 5);
    assert_eq!(born["peer"], "127.0.0.1:8080");
    assert_eq!(json(Make::note(note::EXEC, 0).data(0, b"/bin/x\0"))["path"], "/bin/x");
    assert_eq!(json(Make::note(note::CHILD, 77))["child"], 77);
    assert_eq!(json(Make::note(note::UNSEEN, 1))["what"], "io_uring");
    let mark = Make::note(note::MARK, 0).data(0, b"phase 2\x1b\0");
    let bytes = mark.bytes();
    let ev = Event::parse(&bytes).unwrap();
    assert_eq!(written(|o| line::note_text(&ev, &META, &BARE, o)), "--- phase 2\\33 ---\n");
}
