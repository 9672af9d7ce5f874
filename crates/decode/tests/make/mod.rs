//! Builds events as the shim lays them out.
#![allow(dead_code, reason = "every test uses its own part of this")]

use socklens_calls::Call;
use socklens_decode::{Format, Names, NoNames, Opts, Out, Printer, Stamp, call, line};
use socklens_wire::event::{CAP_HEAD, HEAD, word_of_size};
use socklens_wire::{ConnInfo, Event, Part};

/// An event being put together.
pub struct Make {
    head: [u8; HEAD],
    args: Vec<u8>,
    caps: Vec<u8>,
    nargs: u8,
    ncaps: u8,
}

impl Make {
    pub fn new(call: Call, args: &[u64], ret: i64) -> Make {
        let mut m = Make { head: [0; HEAD], args: Vec::new(), caps: Vec::new(), nargs: args.len() as u8, ncaps: 0 };
        m.head[4..6].copy_from_slice(&(call as u16).to_le_bytes());
        m.head[24..32].copy_from_slice(&ret.to_le_bytes());
        args.iter().for_each(|a| m.args.extend(a.to_le_bytes()));
        m
    }

    pub fn note(code: u16, ret: i64) -> Make {
        let mut m = Make::new(Call::socket, &[], ret);
        m.head[4..6].copy_from_slice(&code.to_le_bytes());
        m
    }

    pub fn errno(mut self, n: i32) -> Make {
        self.head[6..8].copy_from_slice(&(n as u16).to_le_bytes());
        self
    }

    pub fn flags(mut self, n: u16) -> Make {
        self.head[36..38].copy_from_slice(&n.to_le_bytes());
        self
    }

    pub fn conn(mut self, n: u32) -> Make {
        self.head[32..36].copy_from_slice(&n.to_le_bytes());
        self
    }

    pub fn full(mut self, arg: u8, part: Part, index: u16, sub: u16, data: &[u8], full: u32) -> Make {
        self.caps.extend([arg, part as u8]);
        self.caps.extend(index.to_le_bytes());
        self.caps.extend(sub.to_le_bytes());
        self.caps.extend([0, 0]);
        self.caps.extend((data.len() as u32).to_le_bytes());
        self.caps.extend(full.to_le_bytes());
        assert_eq!(self.caps.len() % 8, CAP_HEAD % 8);
        self.caps.extend(data);
        self.caps.resize(self.caps.len().next_multiple_of(8), 0);
        self.ncaps += 1;
        self
    }

    pub fn at(self, arg: u8, part: Part, index: u16, sub: u16, data: &[u8]) -> Make {
        self.full(arg, part, index, sub, data, data.len() as u32)
    }

    pub fn data(self, arg: u8, data: &[u8]) -> Make {
        self.at(arg, Part::Data, 0, 0, data)
    }

    pub fn before(self, arg: u8, data: &[u8]) -> Make {
        self.at(arg, Part::Before, 0, 0, data)
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut b = self.head.to_vec();
        b.extend(&self.args);
        b.extend(&self.caps);
        let word = word_of_size(b.len());
        b[..4].copy_from_slice(&word.to_le_bytes());
        b[38] = self.nargs;
        b[39] = self.ncaps;
        b
    }

    pub fn print(&self, format: Format, opts: &Opts) -> String {
        let bytes = self.bytes();
        let ev = Event::parse(&bytes).unwrap();
        written(|out| {
            call::head(&ev, &mut Printer::new(out, format, opts, &NoNames));
            call::tail(&ev, &mut Printer::new(out, format, opts, &NoNames));
        })
    }

    /// As strace prints it.
    pub fn strace(&self) -> String {
        self.print(Format::Strace, &Opts::DEFAULT)
    }

    /// As socklens prints it.
    pub fn text(&self) -> String {
        self.print(Format::Text, &Opts::DEFAULT)
    }

    /// The JSON line.
    pub fn json(&self) -> serde_json::Value {
        let bytes = self.bytes();
        let ev = Event::parse(&bytes).unwrap();
        let s = written(|out| line::json(&ev, &META, &Opts::DEFAULT, &NoNames, out));
        assert!(s.ends_with('\n'));
        serde_json::from_str(&s).unwrap_or_else(|e| panic!("{e}: {s}"))
    }
}

pub fn written(f: impl FnOnce(&mut Out)) -> String {
    let mut buf = vec![0u8; 65536];
    let mut out = Out::new(&mut buf);
    f(&mut out);
    assert!(!out.cut());
    String::from_utf8(out.bytes().to_vec()).unwrap()
}

pub const META: line::Meta = line::Meta {
    realtime_ns: 1_700_000_000_123_456_789,
    mono_ns: 5_000_000_000,
    since_start_ns: 1_234_567,
    delta_ns: 70_000,
    dur_ns: 12_345,
    pid: 4242,
    tid: 4243,
    comm: b"curl\0\0",
    conn: None,
    name: b"",
};

/// No time, no process: the call alone.
pub const BARE: Opts = Opts { stamp: Stamp::None, ..Opts::DEFAULT };

pub fn inet(port: u16, ip: [u8; 4]) -> Vec<u8> {
    let mut b = vec![2, 0];
    b.extend(port.to_be_bytes());
    b.extend(ip);
    b.resize(16, 0);
    b
}

pub fn tcp(serial: u32, local: &[u8], peer: &[u8]) -> ConnInfo {
    let mut c = ConnInfo::zero();
    c.serial = serial;
    c.family = 2;
    c.ty = 1;
    c.protocol = 6;
    c.ino = 1000 + u64::from(serial);
    if !local.is_empty() {
        c.flags |= socklens_wire::conn::flag::LOCAL;
        c.local_len = local.len() as u8;
        c.local[..local.len()].copy_from_slice(local);
    }
    if !peer.is_empty() {
        c.flags |= socklens_wire::conn::flag::PEER;
        c.peer_len = peer.len() as u8;
        c.peer[..peer.len()].copy_from_slice(peer);
    }
    c
}

/// Descriptor 5 is a connection.
pub struct One(pub ConnInfo);

impl Names for One {
    fn fd(&self, fd: i32) -> Option<&ConnInfo> {
        (fd == 5).then_some(&self.0)
    }
}
