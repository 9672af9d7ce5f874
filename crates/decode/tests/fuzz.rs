//! Random and damaged events: nothing panics, every line ends, every JSON line parses.

mod make;

use make::{META, Make, inet};
use socklens_calls::{CALLS, Call, Kind};
use socklens_decode::{Format, NoNames, Opts, Out, Printer, Stamp, call, line};
use socklens_wire::event::{CAP_HEAD, HEAD, note, word_of_size};
use socklens_wire::{Event, Part};

/// splitmix64
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn number(&mut self) -> u64 {
        match self.below(8) {
            0 => 0,
            1 => self.next(),
            2 => u64::MAX,
            3 => self.next() as u32 as u64,
            4 => 1 << self.below(64),
            5 => i64::MIN as u64,
            _ => self.below(300),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        let n = match self.below(6) {
            0 => self.below(4),
            1 => self.pick(&[4, 8, 12, 16, 28, 48, 56, 110, 128, 256]),
            2 => self.below(600),
            _ => self.below(64),
        };
        let ascii = self.below(2) == 0;
        let mut b: Vec<u8> = (0..n)
            .map(|_| match self.below(4) {
                0 => 0,
                1 => self.below(48) as u8,
                _ if ascii => b' ' + self.below(95) as u8,
                _ => self.next() as u8,
            })
            .collect();
        if b.len() > 2 && self.below(3) == 0 {
            b[0] = self.below(48) as u8;
            b[1] = 0;
        }
        b
    }
}

/// An event that makes sense at least in its shape: every argument has the captures its kind may have.
fn plausible(r: &mut Random) -> Vec<u8> {
    let call = Call::from_opcode(r.below(CALLS.len() as u64) as u16).unwrap();
    let args: Vec<u64> = call.spec().args.iter().map(|_| r.number()).collect();
    let ret = match r.below(4) {
        0 => -1,
        1 => 0,
        _ => r.below(40) as i64,
    };
    let mut m = Make::new(call, &args, ret).errno(r.below(140) as i32).flags(r.pick(&[0, 0, 0, 8, 16, 31])).conn(3);
    for (i, a) in call.spec().args.iter().enumerate() {
        let parts: &[Part] = match a.kind {
            Kind::IovIn(_) | Kind::IovOut(_) => &[Part::Iov, Part::IovData],
            Kind::MsgIn | Kind::MsgOut | Kind::MmsgIn(_) | Kind::MmsgOut(_) => {
                &[Part::Hdr, Part::HdrBefore, Part::Name, Part::Iov, Part::IovData, Part::Control, Part::MsgLen]
            }
            Kind::AddrInfoOut => &[Part::AddrInfo, Part::Addr, Part::Canon],
            Kind::Hostent => &[Part::HostHead, Part::Canon, Part::Alias, Part::Addr],
            Kind::StrVec => &[Part::StrItem],
            Kind::IfAddrsOut => &[Part::IfName, Part::Addr, Part::IfFlags],
            _ => &[Part::Data, Part::Before],
        };
        for &part in parts {
            for n in 0..r.below(3) as u16 {
                let mut data = r.bytes();
                if part == Part::Hdr || part == Part::HdrBefore {
                    data.resize(56, 1);
                }
                if matches!(part, Part::Name) {
                    data = inet(80, [1, 2, 3, 4]);
                }
                let full = r.pick(&[data.len() as u32, 4000, 0, u32::MAX]);
                let (index, sub) = if part == Part::IovData { (0, n) } else { (n, 0) };
                m = m.full(i as u8, part, index, sub, &data, full);
            }
        }
    }
    for part in [Part::HostHead, Part::Canon, Part::Addr, Part::HErrno, Part::Data] {
        if r.below(6) == 0 {
            let data = r.bytes();
            m = m.at(0xff, part, 0, 0, &data);
        }
    }
    m.bytes()
}

fn noise(r: &mut Random) -> Vec<u8> {
    let size = HEAD + 8 * r.below(60) as usize;
    let mut b: Vec<u8> = (0..size).map(|_| r.next() as u8).collect();
    b[..4].copy_from_slice(&word_of_size(size).to_le_bytes());
    if r.below(2) == 0 {
        b[4..6].copy_from_slice(&(r.below(150) as u16).to_le_bytes());
    } else {
        b[4..6].copy_from_slice(&(note::FIRST + r.below(12) as u16).to_le_bytes());
    }
    b[38] = r.below(9) as u8;
    b[39] = r.below(20) as u8;
    let first = HEAD + usize::from(b[38]) * 8;
    if size > first + CAP_HEAD {
        b[first + 1] = r.below(18) as u8;
        b[first + 8..first + 12].copy_from_slice(&(r.below(64) as u32).to_le_bytes());
    }
    b
}

/// Prints the event in every way there is.
fn look(bytes: &[u8], r: &mut Random, buf: &mut [u8]) {
    let Some(ev) = Event::parse(bytes) else { return };
    let opts = Opts {
        strlen: r.pick(&[0, 5, 32, 1000, u32::MAX]),
        hex: r.below(3) as u8,
        verbose: r.below(2) == 0,
        fds: r.below(3) as u8,
        stamp: r.pick(&[
            Stamp::None,
            Stamp::Relative,
            Stamp::Time,
            Stamp::TimeMicros,
            Stamp::EpochMicros,
            Stamp::SinceStart,
        ]),
        took: r.below(2) == 0,
        payload_exact: r.below(2) == 0,
        color: r.below(2) == 0,
        utc_offset: r.pick(&[0, 3600, -86400 * 3, i32::MIN, i32::MAX]),
        pids: r.below(2) == 0,
        bare_pid: r.below(2) == 0,
    };
    let (local, peer) = (r.bytes(), r.bytes());
    let mut conn = make::tcp(5, &local[..local.len().min(110)], &peer[..peer.len().min(110)]);
    conn.family = r.pick(&[1, 2, 10, 16, 17, 40, 99]);
    conn.role = r.below(6) as u8;
    let names = make::One(conn);
    let mut comm = r.bytes();
    comm.truncate(16);
    let meta = line::Meta {
        realtime_ns: r.number(),
        mono_ns: r.number(),
        since_start_ns: r.number(),
        delta_ns: r.number(),
        dur_ns: r.number(),
        pid: r.next() as u32,
        tid: r.next() as u32,
        comm: &comm,
        conn: (r.below(2) == 0).then_some(&names.0),
        name: &comm,
    };
    let size = if r.below(3) == 0 { r.below(800) as usize } else { buf.len() };
    let room = &mut buf[..size];
    type Line = fn(&Event, &line::Meta, &Opts, &dyn socklens_decode::Names, &mut Out);
    let lines: [Line; 6] = [
        line::text,
        line::text_unfinished,
        line::text_resumed,
        line::strace,
        line::strace_unfinished,
        line::strace_resumed,
    ];
    for f in lines {
        let mut out = Out::new(room);
        f(&ev, &meta, &opts, &names, &mut out);
        whole_line(out.bytes(), opts.color);
    }
    let mut out = Out::new(room);
    line::note_text(&ev, &meta, &opts, &mut out);
    whole_line(out.bytes(), opts.color);
    for note in [false, true] {
        let mut out = Out::new(room);
        if note {
            line::note_json(&ev, &meta, &opts, &mut out);
        } else {
            line::json(&ev, &meta, &opts, &names, &mut out);
        }
        let b = out.bytes();
        if !b.is_empty() {
            assert_eq!(b.iter().filter(|c| **c == b'\n').count(), 1);
            let parsed: Result<serde_json::Value, _> = serde_json::from_slice(b);
            assert!(parsed.is_ok(), "{parsed:?}: {} from {bytes:?}", String::from_utf8_lossy(b));
        }
    }
    for format in [Format::Text, Format::Strace, Format::Json] {
        let mut out = Out::new(room);
        let mut p = Printer::new(&mut out, format, &opts, &NoNames);
        call::head(&ev, &mut p);
        call::tail(&ev, &mut p);
        call::json_args(&ev, &mut p);
    }
}

fn whole_line(b: &[u8], color: bool) {
    let Some((last, rest)) = b.split_last() else { return };
    assert_eq!(*last, b'\n');
    let s = std::str::from_utf8(rest).expect("a line is UTF-8");
    for c in s.chars() {
        assert!(!c.is_control() || (color && c == '\x1b'), "{s:?}");
    }
}

fn run(seed: u64, rounds: u32, make: fn(&mut Random) -> Vec<u8>) {
    let mut r = Random(seed);
    let mut buf = vec![0u8; 256 * 1024];
    for _ in 0..rounds {
        let mut bytes = make(&mut r);
        for _ in 0..r.pick(&[0, 0, 1, 4, 20]) {
            let at = r.below(bytes.len() as u64) as usize;
            bytes[at] = r.next() as u8;
        }
        look(&bytes, &mut r, &mut buf);
    }
}

#[test]
fn damaged_events_are_printed() {
    run(1, 100_000, plausible);
}

#[test]
fn noise_is_printed() {
    run(2, 100_000, noise);
}

#[test]
fn meta_of_the_tests_is_used() {
    let mut buf = [0u8; 512];
    let bytes = Make::new(Call::close, &[3], 0).bytes();
    let mut out = Out::new(&mut buf);
    line::text(&Event::parse(&bytes).unwrap(), &META, &Opts::DEFAULT, &NoNames, &mut out);
    assert!(out.bytes().starts_with(b"   0.001234 close(3)"));
}
