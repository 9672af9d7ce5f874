//! Bytes as the text of a filter, and as a compiled filter.

use socklens_calls::{CALLS, Call};
use socklens_rules::{Filter, Subject};
use socklens_wire::ConnInfo;
use socklens_wire::conn::flag;

fn conn(family: u16, local: &[u8], peer: &[u8]) -> ConnInfo {
    let mut c = ConnInfo::zero();
    (c.serial, c.family, c.ty, c.role, c.flags) = (7, family, 1, 1, flag::LOCAL | flag::PEER);
    for (addr, to, len) in [(local, &mut c.local, &mut c.local_len), (peer, &mut c.peer, &mut c.peer_len)] {
        let n = addr.len().min(to.len());
        to[..n].copy_from_slice(&addr[..n]);
        *len = n as u8;
    }
    c
}

fn conns() -> [ConnInfo; 3] {
    let mut v6 = [0u8; 28];
    v6[0] = 10;
    v6[2..4].copy_from_slice(&443u16.to_be_bytes());
    v6[8..12].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
    let v4 = |port: u16, ip: [u8; 4]| {
        let mut b = [0u8; 16];
        b[0] = 2;
        b[2..4].copy_from_slice(&port.to_be_bytes());
        b[4..8].copy_from_slice(&ip);
        b
    };
    [
        conn(2, &v4(40_000, [192, 168, 0, 9]), &v4(5432, [10, 1, 2, 3])),
        conn(10, &v6, &v6[..24]),
        conn(1, b"\x01\0\0abstract", b"\x01\0/run/x.sock\0"),
    ]
}

/// Holds calls of every kind against the filter.
fn eval(f: &Filter, data: &[u8]) {
    let conns = conns();
    let call = Call::from_opcode(data.first().map_or(0, |b| u16::from(*b)) % CALLS.len() as u16).unwrap_or(Call::recv);
    for i in 0..=conns.len() {
        let known = i % 2 == 0;
        let cx = Subject {
            fd: if known { 3 } else { Subject::NO_FD },
            conn: conns.get(i),
            pid: 100,
            tid: 101,
            comm: &data[..data.len().min(15)],
            exe: if known { b"/usr/bin/psql" } else { data },
            errno: if known { 104 } else { 0 },
            ret: if known { -1 } else { 70_000 },
            bytes: 70_000,
            dur_ns: 1_500_000,
            nonblock: known.then_some(true),
            host: b"db1.Example.org",
            ..Subject::new(call)
        };
        let accepted = f.eval(&cx);
        // The calls it accepts are among those it says it can.
        assert!(!accepted || f.may_accept(call));
    }
    f.needs_exit();
}

/// Parses the bytes as a text, then takes them for a compiled filter.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Filter::parse(&text) {
        Ok(f) => {
            let mut out = Vec::new();
            f.write_normal(&mut |b| out.extend_from_slice(b));
            let normal = String::from_utf8(out).expect("the normal form is UTF-8");
            assert_eq!(Filter::parse(&normal).as_ref(), Ok(&f), "{text:?} became {normal:?}");
            assert_eq!(Filter::from_bytes(f.as_bytes()).as_ref(), Some(&f));
            eval(&f, data);
        }
        Err(e) => crate::render(&text, &e),
    }
    let mut raw = [0u8; Filter::SIZE];
    let n = data.len().min(raw.len());
    raw[..n].copy_from_slice(&data[..n]);
    let f = Filter::from_bytes(&raw).expect("there are enough bytes");
    eval(&f, data);
    f.calls();
    let mut len = 0;
    f.write_normal(&mut |b| len += b.len());
    assert!(len < 1 << 20, "a normal form of {len} bytes");
}
