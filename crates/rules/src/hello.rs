//! The name in a TLS ClientHello, found while its bytes pass: what `sni-host=` is held against.
//!
//! RFC 8446 (4.1.2, 5.1) and 5246 have the message and its records alike, RFC 6066 (3) the name. Nothing is kept but the name
//! and how far the reading has come, so a message may come in any pieces, over any number of records.

/// Longest name: a host's has at most 255 bytes.
pub const MAX_NAME: usize = 255;
/// A message longer than this is none that a client begins with.
const MAX_HELLO: u32 = 1 << 17;
/// Most bytes of a record (RFC 8446, 5.1).
const MAX_RECORD: u32 = 1 << 14;

/// What came of the bytes so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// It may still hold a name.
    More,
    /// The name is known.
    Name,
    /// This is no ClientHello, or one without a name.
    Nothing,
}

/// The part of the message that is read next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Kind,
    Length,
    /// Version and random bytes.
    Fixed,
    SessionLength,
    Session,
    CiphersLength,
    Ciphers,
    CompressionsLength,
    Compressions,
    ExtensionsLength,
    ExtensionType,
    ExtensionLength,
    Extension,
    ListLength,
    NameType,
    NameLength,
    Name,
}

/// A ClientHello on its way.
#[derive(Clone, Copy, Debug)]
pub struct Hello {
    seen: Seen,
    part: Part,
    /// Bytes of the record's head that came, and the head's length so far.
    head: u8,
    /// Bytes of a number that came.
    digits: u8,
    name_len: u8,
    /// The extension is the one with the name.
    named: bool,
    /// The length of the record, then what is left of it.
    record: u32,
    /// The number that is being read.
    number: u32,
    /// What is left of the part, of the extension and of the message.
    skip: u32,
    extension: u32,
    left: u32,
    name: [u8; MAX_NAME],
}

impl Default for Hello {
    fn default() -> Hello {
        Hello::new()
    }
}

impl Hello {
    /// Before the first byte.
    pub const fn new() -> Hello {
        Hello {
            seen: Seen::More,
            part: Part::Kind,
            head: 0,
            digits: 0,
            name_len: 0,
            named: false,
            record: 0,
            number: 0,
            skip: 0,
            extension: 0,
            left: 0,
            name: [0; MAX_NAME],
        }
    }

    /// Whether no byte came yet.
    pub fn is_fresh(&self) -> bool {
        self.head == 0 && self.seen == Seen::More
    }

    /// What came of it.
    pub fn seen(&self) -> Seen {
        self.seen
    }

    /// The name; empty when it is not known.
    pub fn name(&self) -> &[u8] {
        match self.seen {
            Seen::Name => self.name.get(..usize::from(self.name_len)).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The bytes that come next. Whatever they are, this ends and does not panic.
    pub fn feed(&mut self, bytes: &[u8]) -> Seen {
        for &b in bytes {
            if self.seen != Seen::More {
                break;
            }
            self.seen = self.byte(b);
        }
        self.seen
    }

    fn byte(&mut self, b: u8) -> Seen {
        // A handshake record of any version 3.x: type, version, length.
        let fine = match self.head {
            0 => b == 22,
            1 => b == 3,
            2 => true,
            3 | 4 => {
                self.record = self.record << 8 | u32::from(b);
                self.head == 3 || (1..=MAX_RECORD).contains(&self.record)
            }
            _ => {
                self.record = self.record.saturating_sub(1);
                if self.record == 0 {
                    self.head = 0;
                }
                return self.message(b);
            }
        };
        self.head = self.head.saturating_add(1);
        if fine { Seen::More } else { Seen::Nothing }
    }

    /// A byte of a number of so many; the number with its last one.
    fn number(&mut self, b: u8, of: u8) -> Option<u32> {
        self.number = self.number << 8 | u32::from(b);
        self.digits = self.digits.saturating_add(1);
        if self.digits < of {
            return None;
        }
        let n = self.number;
        (self.number, self.digits) = (0, 0);
        Some(n)
    }

    /// A part that is passed over follows, and then another.
    fn pass(&mut self, length: u32, part: Part, then: Part) -> Seen {
        self.skip = length;
        self.part = if length == 0 { then } else { part };
        Seen::More
    }

    /// A byte of what is passed over.
    fn passed(&mut self, then: Part) -> Seen {
        self.skip = self.skip.saturating_sub(1);
        if self.skip == 0 {
            self.part = then;
        }
        Seen::More
    }

    fn message(&mut self, b: u8) -> Seen {
        match self.part {
            Part::Kind => {
                self.part = Part::Length;
                // A ClientHello.
                return if b == 1 { Seen::More } else { Seen::Nothing };
            }
            Part::Length => {
                let Some(n) = self.number(b, 3) else { return Seen::More };
                self.left = n;
                return if n > MAX_HELLO { Seen::Nothing } else { self.pass(34, Part::Fixed, Part::Fixed) };
            }
            _ => {}
        }
        self.left = match self.left.checked_sub(1) {
            Some(n) => n,
            None => return Seen::Nothing,
        };
        let seen = self.body(b);
        // It has ended, and there was no name.
        if seen == Seen::More && self.left == 0 { Seen::Nothing } else { seen }
    }

    fn body(&mut self, b: u8) -> Seen {
        if matches!(self.part, Part::ListLength | Part::NameType | Part::NameLength | Part::Name) {
            self.extension = match self.extension.checked_sub(1) {
                Some(n) => n,
                None => return Seen::Nothing,
            };
        }
        match self.part {
            Part::Kind | Part::Length => Seen::Nothing,
            Part::Fixed => self.passed(Part::SessionLength),
            Part::SessionLength => self.pass(u32::from(b), Part::Session, Part::CiphersLength),
            Part::Session => self.passed(Part::CiphersLength),
            Part::CiphersLength => match self.number(b, 2) {
                Some(n) => self.pass(n, Part::Ciphers, Part::CompressionsLength),
                None => Seen::More,
            },
            Part::Ciphers => self.passed(Part::CompressionsLength),
            Part::CompressionsLength => self.pass(u32::from(b), Part::Compressions, Part::ExtensionsLength),
            Part::Compressions => self.passed(Part::ExtensionsLength),
            Part::ExtensionsLength => {
                if self.number(b, 2).is_some() {
                    self.part = Part::ExtensionType;
                }
                Seen::More
            }
            Part::ExtensionType => {
                if let Some(n) = self.number(b, 2) {
                    self.named = n == 0;
                    self.part = Part::ExtensionLength;
                }
                Seen::More
            }
            Part::ExtensionLength => match self.number(b, 2) {
                Some(n) if self.named => {
                    (self.extension, self.part) = (n, Part::ListLength);
                    Seen::More
                }
                Some(n) => self.pass(n, Part::Extension, Part::ExtensionType),
                None => Seen::More,
            },
            Part::Extension => self.passed(Part::ExtensionType),
            Part::ListLength => {
                if self.number(b, 2).is_some() {
                    self.part = Part::NameType;
                }
                Seen::More
            }
            Part::NameType => {
                self.part = Part::NameLength;
                // A host's name: there is no other kind.
                if b == 0 { Seen::More } else { Seen::Nothing }
            }
            Part::NameLength => match self.number(b, 2) {
                Some(n) if (1..=MAX_NAME as u32).contains(&n) && n <= self.extension => {
                    self.pass(n, Part::Name, Part::Name)
                }
                Some(_) => Seen::Nothing,
                None => Seen::More,
            },
            Part::Name => self.letter(b),
        }
    }

    fn letter(&mut self, b: u8) -> Seen {
        let Some(to) = self.name.get_mut(usize::from(self.name_len)).filter(|_| b.is_ascii_graphic()) else {
            return Seen::Nothing;
        };
        *to = b;
        self.name_len = self.name_len.saturating_add(1);
        self.skip = self.skip.saturating_sub(1);
        if self.skip == 0 { Seen::Name } else { Seen::More }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What clients sent on loopback, to `www.example.org` but for the one that was given an address.
    const CAPTURED: [(&str, &[u8], &[u8]); 4] = [
        ("openssl s_client", include_bytes!("../tests/hello/openssl.bin"), b"www.example.org"),
        ("curl", include_bytes!("../tests/hello/curl.bin"), b"www.example.org"),
        ("python", include_bytes!("../tests/hello/python.bin"), b"www.example.org"),
        ("curl to an address", include_bytes!("../tests/hello/no-name.bin"), b""),
    ];

    fn all(bytes: &[u8]) -> Hello {
        let mut h = Hello::new();
        h.feed(bytes);
        h
    }

    /// A message of these extensions, in records of at most `most` bytes.
    fn made(extensions: &[u8], most: usize) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 1, 1, 0]);
        body.extend((extensions.len() as u16).to_be_bytes());
        body.extend(extensions);
        let mut message = vec![1, 0];
        message.extend((body.len() as u16).to_be_bytes());
        message.extend(body);
        message
            .chunks(most)
            .flat_map(|c| [&[22, 3, 1][..], &(c.len() as u16).to_be_bytes(), c].concat())
            .collect::<Vec<u8>>()
    }

    fn server_name(name: &[u8]) -> Vec<u8> {
        let n = name.len() as u16;
        [&[0, 0][..], &(n + 5).to_be_bytes(), &(n + 3).to_be_bytes(), &[0], &n.to_be_bytes(), name].concat()
    }

    #[test]
    fn what_clients_send_is_read() {
        for (who, bytes, name) in CAPTURED {
            let h = all(bytes);
            assert_eq!(h.name(), name, "{who}");
            assert_eq!(h.seen() == Seen::Name, !name.is_empty(), "{who}");
        }
    }

    #[test]
    fn it_may_come_in_any_pieces() {
        for (who, bytes, name) in CAPTURED {
            for size in 1..bytes.len().min(700) {
                let mut h = Hello::new();
                for piece in bytes.chunks(size) {
                    h.feed(piece);
                }
                assert_eq!(h.name(), name, "{who} by {size}");
            }
        }
        for most in 1..90 {
            assert_eq!(all(&made(&server_name(b"db.example"), most)).name(), b"db.example", "{most}");
        }
    }

    #[test]
    fn the_name_is_known_with_its_last_byte() {
        let bytes = made(&[&server_name(b"a.example")[..], &[0, 21, 0, 2, 0, 0]].concat(), 1 << 14);
        let end = bytes.windows(9).position(|w| w == b"a.example").unwrap() + 9;
        assert_eq!(all(&bytes[..end - 1]).seen(), Seen::More);
        assert_eq!(all(&bytes[..end]).seen(), Seen::Name);
        assert_eq!(all(&bytes).name(), b"a.example");
    }

    #[test]
    fn other_bytes_are_none() {
        let none = |bytes: &[u8]| assert_eq!(all(bytes).seen(), Seen::Nothing, "{bytes:02x?}");
        none(b"GET / HTTP/1.1\r\n");
        none(b"\x16\x04");
        none(&[22, 2, 0, 0, 1]);
        none(&[22, 3, 1, 0, 0]);
        none(&[22, 3, 1, 0x40, 1]);
        // A ServerHello; application data; a message that is too long.
        none(&[22, 3, 3, 0, 80, 2]);
        none(&[23, 3, 3, 0, 80]);
        none(&[22, 3, 3, 0, 80, 1, 2, 0, 1]);
        // No extensions, others, and a name that is empty, of another kind, longer than its extension or no text.
        none(&made(&[], 1 << 14));
        none(&made(&[0, 21, 0, 2, 0, 0], 1 << 14));
        none(&made(&server_name(b""), 1 << 14));
        none(&made(&[0, 0, 0, 6, 0, 4, 1, 0, 1, b'a'], 1 << 14));
        none(&made(&[0, 0, 0, 6, 0, 4, 0, 0, 2, b'a', b'b'], 1 << 14));
        none(&made(&server_name(b"a\nb"), 1 << 14));
        none(&made(&server_name(&[b'a'; 256]), 1 << 14));
        assert_eq!(all(&made(&server_name(&[b'a'; 255]), 1 << 14)).name().len(), 255);
    }

    #[test]
    fn whatever_comes_ends() {
        let mut state = 1u64;
        let mut draw = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (state >> 40) as u8
        };
        for (_, bytes, name) in CAPTURED {
            for at in 0..bytes.len() {
                let mut other = bytes.to_vec();
                other[at] = draw();
                let h = all(&other);
                assert!(h.name().len() <= MAX_NAME && h.name().iter().all(u8::is_ascii_graphic));
                assert_ne!(h.seen() == Seen::Name, h.name().is_empty(), "{name:?}");
            }
        }
        // A message ends by its own length, whatever its records say.
        let mut h = Hello::new();
        let mut given = 0usize;
        while h.seen() == Seen::More {
            let bytes: &[u8] = if given == 0 { &[22, 3, 1, 0x40, 0, 1, 1, 0xff, 0xff] } else { &[0; 64] };
            h.feed(bytes);
            given += bytes.len();
            assert!(given < 1 << 18);
        }
    }
}
