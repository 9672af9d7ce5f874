//! Random and damaged bytes through every decoder of options, control messages, ioctl and fcntl: nothing panics, JSON stays JSON.

use socklens_decode::{Format, NoNames, Opts, Out, Printer, cmsg, fcntl, ioctl, sockopt};

/// xorshift64*: the same numbers every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Bytes that are sometimes random and sometimes small numbers, which look like the real thing more often.
    fn bytes(&mut self, most: u64) -> Vec<u8> {
        let n = self.below(most + 1) as usize;
        let style = self.below(3);
        (0..n)
            .map(|i| match style {
                0 => self.next() as u8,
                1 if i % 4 == 0 => self.below(20) as u8,
                1 => 0,
                _ => self.pick(&[0, 1, 2, 16, 255]),
            })
            .collect()
    }
}

/// The rest after one JSON value, or None when there is none.
fn json(s: &[u8]) -> Option<&[u8]> {
    match *s.first()? {
        open @ (b'{' | b'[') => {
            let close = if open == b'{' { b'}' } else { b']' };
            let mut s = &s[1..];
            if *s.first()? == close {
                return Some(&s[1..]);
            }
            loop {
                if open == b'{' {
                    if *s.first()? != b'"' {
                        return None;
                    }
                    s = json(s)?.strip_prefix(b":")?;
                }
                s = json(s)?;
                match *s.first()? {
                    b',' => s = &s[1..],
                    c if c == close => return Some(&s[1..]),
                    _ => return None,
                }
            }
        }
        b'"' => {
            let mut i = 1;
            loop {
                match *s.get(i)? {
                    b'"' => return Some(&s[i + 1..]),
                    b'\\' => i += 2,
                    c if c < 0x20 => return None,
                    _ => i += 1,
                }
            }
        }
        b'-' | b'0'..=b'9' => {
            let n = s.iter().skip(1).position(|c| !c.is_ascii_digit()).map_or(s.len(), |n| n + 1);
            Some(&s[n..])
        }
        _ => s.strip_prefix(b"null").or_else(|| s.strip_prefix(b"true")).or_else(|| s.strip_prefix(b"false")),
    }
}

fn decode(format: Format, opts: &Opts, room: &mut [u8], what: impl FnOnce(&mut Printer) -> bool) {
    let mut out = Out::new(room);
    let written = what(&mut Printer::new(&mut out, format, opts, &NoNames));
    assert!(written || out.is_empty());
    if format == Format::Json && written && !out.cut() {
        let rest = json(out.bytes());
        assert_eq!(rest, Some(&b""[..]), "{}", String::from_utf8_lossy(out.bytes()));
    }
}

#[test]
fn random_bytes_never_panic() {
    const LEVELS: [i32; 26] = [
        0, 1, 6, 17, 40, 41, 58, 101, 132, 136, 255, 257, 263, 268, 270, 271, 272, 274, 276, 279, 281, 282, 283, 287,
        5000, -1,
    ];
    let mut r = Random(0x5eed_50c4_1e25);
    let mut room = vec![0u8; 1 << 16];
    for i in 0..200_000u32 {
        let format = r.pick(&[Format::Text, Format::Strace, Format::Json]);
        let opts = Opts { verbose: r.below(2) == 0, hex: r.below(3) as u8, ..Opts::DEFAULT };
        let size = if r.below(50) == 0 { r.below(40) as usize } else { room.len() };
        let room = &mut room[..size];
        match i % 4 {
            0 => {
                let (level, name, get) = (r.pick(&LEVELS), r.below(140) as i32 - 2, r.below(2) == 0);
                let b = r.bytes(300);
                let full = if r.below(4) == 0 { r.next() as u32 } else { b.len() as u32 };
                decode(format, &opts, room, |p| sockopt::value(p, level, name, &b, full, get));
                decode(format, &opts, room, |p| {
                    p.begin_array();
                    p.elem();
                    sockopt::level(p, level);
                    p.elem();
                    if get {
                        sockopt::get_name(p, level, name)
                    } else {
                        sockopt::name(p, level, name)
                    }
                    p.end_array();
                    true
                });
            }
            1 => {
                let mut b = r.bytes(200);
                if r.below(4) != 0 {
                    // A head that may be true, with lengths about right.
                    let (level, kind) = (r.pick(&LEVELS), r.below(110) as i32);
                    let len = b.len().saturating_sub(r.below(20) as usize) as u64 + r.below(8);
                    for (at, byte) in
                        len.to_le_bytes().into_iter().chain(level.to_le_bytes()).chain(kind.to_le_bytes()).enumerate()
                    {
                        if let Some(b) = b.get_mut(at) {
                            *b = byte;
                        }
                    }
                }
                let full = if r.below(4) == 0 { r.next() } else { b.len() as u64 };
                decode(format, &opts, room, |p| cmsg::control(p, &b, 0x5000, full));
            }
            2 => {
                let req = match r.below(4) {
                    0 => r.next(),
                    1 => 0x5400 + r.below(0x80),
                    2 => 0x8900 + r.below(0x100),
                    _ => 0x8010_8906 + r.below(2),
                };
                let (before, data) = (r.bytes(150), r.bytes(150));
                let (before, data) = ((r.below(3) != 0).then_some(&before[..]), (r.below(3) != 0).then_some(&data[..]));
                let _ = ioctl::size(req);
                decode(format, &opts, room, |p| {
                    ioctl::request(p, req);
                    true
                });
                let value = r.next();
                decode(format, &opts, room, |p| {
                    ioctl::arg(p, req, value, before, data, data);
                    true
                });
            }
            _ => {
                let cmd = if r.below(2) == 0 { r.below(50) as i32 } else { 1020 + r.below(30) as i32 };
                let (before, data) = (r.bytes(40), r.bytes(40));
                let (before, data) = ((r.below(3) != 0).then_some(&before[..]), (r.below(3) != 0).then_some(&data[..]));
                let (value, ret) = (r.next(), r.next() as i64);
                let _ = (fcntl::size(cmd), fcntl::takes_arg(cmd));
                decode(format, &opts, room, |p| {
                    fcntl::arg(p, cmd, value, before, data);
                    true
                });
                decode(format, &opts, room, |p| fcntl::result(p, cmd, ret));
            }
        }
    }
}
