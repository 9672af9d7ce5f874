//! Bytes as an event, printed in every way there is.
//!
//! The first [`FRONT`] bytes choose how, the others are the event.

use socklens_decode::{Format, Names, NoNames, Opts, Out, Printer, Stamp, call, line};
use socklens_wire::event::{HEAD, MAX_EVENT, word_of_size};
use socklens_wire::{ConnInfo, Event};

/// Bytes before the event.
pub const FRONT: usize = 24;

/// Descriptor 5 is a connection.
struct One(ConnInfo);

impl Names for One {
    fn fd(&self, fd: i32) -> Option<&ConnInfo> {
        (fd == 5).then_some(&self.0)
    }
}

fn pick<T: Copy, const N: usize>(from: [T; N], n: u8) -> T {
    from[usize::from(n) % N]
}

fn bit(byte: u8, n: u32) -> bool {
    byte >> n & 1 != 0
}

fn opts(front: &[u8; FRONT]) -> Opts {
    let [a, b, c, d, ..] = *front;
    Opts {
        strlen: pick([32, 0, 5, 1000, u32::MAX], a),
        hex: (b & 3) % 3,
        fds: (b >> 2 & 3) % 3,
        stamp: pick(
            [Stamp::Relative, Stamp::None, Stamp::Time, Stamp::TimeMicros, Stamp::EpochMicros, Stamp::SinceStart],
            b >> 4,
        ),
        verbose: bit(c, 0),
        took: bit(c, 1),
        payload_exact: bit(c, 2),
        color: bit(c, 3),
        pids: bit(c, 4),
        bare_pid: bit(c, 5),
        utc_offset: pick([0, 3600, -86400 * 3, i32::MIN, i32::MAX], d),
    }
}

fn conn(front: &[u8; FRONT], data: &[u8]) -> ConnInfo {
    let mut c = ConnInfo::zero();
    c.serial = 5;
    c.ty = u16::from(front[4] >> 4);
    c.family = pick([2, 1, 10, 16, 17, 40, 99, 0], front[4]);
    (c.role, c.flags) = (front[5] % 6, front[5] >> 3);
    // Addresses are parts of the input, wherever its bytes say.
    for (from, to, len) in [(front[6], &mut c.local, &mut c.local_len), (front[7], &mut c.peer, &mut c.peer_len)] {
        let addr = data.get(usize::from(from)..).unwrap_or(&[]);
        let n = addr.len().min(to.len());
        to[..n].copy_from_slice(&addr[..n]);
        *len = n as u8;
    }
    c
}

/// Prints the event.
pub fn run(data: &[u8]) {
    let Some((front, rest)) = data.split_first_chunk::<FRONT>() else { return };
    let mut bytes = rest[..rest.len().min(MAX_EVENT)].to_vec();
    // Seven times of eight the size is made right: most of what there is to see is behind it.
    if front[2] >> 5 != 7 && bytes.len() >= HEAD {
        let word = word_of_size(bytes.len() / 8 * 8);
        bytes[..4].copy_from_slice(&word.to_le_bytes());
    }
    let Some(ev) = Event::parse(&bytes) else { return };
    let opts = opts(front);
    let names = One(conn(front, data));
    let number = crate::number(&front[16..]);
    let meta = line::Meta {
        realtime_ns: number.wrapping_mul(1_000_003),
        mono_ns: number,
        since_start_ns: number >> 8,
        delta_ns: number >> 16,
        dur_ns: number >> 4,
        pid: number as u32,
        tid: (number >> 32) as u32,
        comm: &front[8..16],
        conn: bit(front[5], 7).then_some(&names.0),
        name: &front[..2],
    };
    // Now and then the line does not fit.
    let mut buf = vec![0u8; if front[3] >= 200 { usize::from(front[3] - 200) * 8 } else { 64 * 1024 }];
    type Line = fn(&Event, &line::Meta, &Opts, &dyn Names, &mut Out);
    let lines: [Line; 6] = [
        line::text,
        line::text_unfinished,
        line::text_resumed,
        line::strace,
        line::strace_unfinished,
        line::strace_resumed,
    ];
    for f in lines {
        let mut out = Out::new(&mut buf);
        f(&ev, &meta, &opts, &names, &mut out);
        whole_line(out.bytes(), opts.color);
    }
    let mut out = Out::new(&mut buf);
    line::note_text(&ev, &meta, &opts, &mut out);
    whole_line(out.bytes(), opts.color);
    let mut out = Out::new(&mut buf);
    line::json(&ev, &meta, &opts, &names, &mut out);
    whole_json(out.bytes());
    let mut out = Out::new(&mut buf);
    line::note_json(&ev, &meta, &opts, &mut out);
    whole_json(out.bytes());
    for format in [Format::Text, Format::Strace, Format::Json] {
        let mut out = Out::new(&mut buf);
        let mut p = Printer::new(&mut out, format, &opts, &NoNames);
        call::head(&ev, &mut p);
        call::tail(&ev, &mut p);
        call::json_args(&ev, &mut p);
    }
}

/// A line ends, is UTF-8, and does nothing to a terminal.
fn whole_line(b: &[u8], color: bool) {
    let Some((last, rest)) = b.split_last() else { return };
    assert_eq!(*last, b'\n');
    let s = std::str::from_utf8(rest).expect("a line is UTF-8");
    for (i, line) in s.split('\n').enumerate() {
        // The calling stack, a frame a line.
        let frame = |(before, _): (&str, _)| before.is_empty() || (color && before.starts_with('\x1b'));
        assert!(i == 0 || line.split_once(" > ").is_some_and(frame), "{s:?}");
        assert!(line.chars().all(|c| !c.is_control() || (color && c == '\x1b')), "{s:?}");
    }
}

/// A line is one JSON value.
fn whole_json(b: &[u8]) {
    if b.is_empty() {
        return;
    }
    assert_eq!(b.iter().filter(|c| **c == b'\n').count(), 1);
    let parsed: Result<serde_json::Value, _> = serde_json::from_slice(b);
    assert!(parsed.is_ok(), "{parsed:?}: {}", String::from_utf8_lossy(b));
}
