//! A bounded text buffer with hand-written number formatting: core::fmt costs ten times as much and brings panics.

/// 00 to 99, two digits each.
const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
2021222324252627282930313233343536373839\
4041424344454647484950515253545556575859\
6061626364656667686970717273747576777879\
8081828384858687888990919293949596979899";

/// As `copy_from_slice`, for two slices of one length: most are short, and a call costs more than the copying.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    /// The first and the last `N` bytes, which overlap.
    #[inline(always)]
    fn ends<const N: usize>(to: &mut [u8], from: &[u8]) {
        if let (Some(a), Some(b)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
            let (a, b) = (*a, *b);
            if let Some(t) = to.first_chunk_mut::<N>() {
                *t = a;
            }
            if let Some(t) = to.last_chunk_mut::<N>() {
                *t = b;
            }
        }
    }
    match from.len() {
        16..=32 => ends::<16>(to, from),
        8..=15 => ends::<8>(to, from),
        4..=7 => ends::<4>(to, from),
        2..=3 => ends::<2>(to, from),
        1 => ends::<1>(to, from),
        0 => {}
        _ if to.len() == from.len() => to.copy_from_slice(from),
        _ => {}
    }
}

/// Text being written into a caller's buffer; what does not fit is cut, and [`Out::cut`] tells.
#[derive(Debug)]
pub struct Out<'a> {
    buf: &'a mut [u8],
    len: usize,
    cut: bool,
}

impl<'a> Out<'a> {
    pub fn new(buf: &'a mut [u8]) -> Out<'a> {
        Out { buf, len: 0, cut: false }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether anything did not fit.
    pub fn cut(&self) -> bool {
        self.cut
    }

    pub fn bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or(&[])
    }

    /// Forgets everything after the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len {
            self.len = len;
        }
    }

    /// Forgets everything after the first `len` bytes, and that something did not fit: the caller writes something shorter.
    pub fn rewind(&mut self, len: usize) {
        self.truncate(len);
        self.cut = false;
    }

    /// Bytes that still fit.
    pub fn room(&self) -> usize {
        self.buf.len().saturating_sub(self.len)
    }

    #[inline(never)]
    pub fn byte(&mut self, b: u8) {
        match self.buf.get_mut(self.len) {
            Some(p) => {
                *p = b;
                self.len += 1;
            }
            None => self.cut = true,
        }
    }

    pub fn str(&mut self, s: &str) {
        self.raw(s.as_bytes());
    }

    #[inline(never)]
    pub fn raw(&mut self, s: &[u8]) {
        let room = self.buf.len().saturating_sub(self.len);
        let n = if s.len() > room { room } else { s.len() };
        if n < s.len() {
            self.cut = true;
        }
        if let (Some(to), Some(from)) = (self.buf.get_mut(self.len..self.len + n), s.get(..n)) {
            copy(to, from);
            self.len += n;
        }
    }

    /// `,"name":`, the comma only where `more` follow each other: what a line of JSON has thirty of.
    #[inline(never)]
    pub fn key(&mut self, more: bool, name: &str) {
        let name = name.as_bytes();
        let n = name.len() + 3 + usize::from(more);
        let Some(to) = self.buf.get_mut(self.len..self.len + n) else {
            if more {
                self.byte(b',');
            }
            self.byte(b'"');
            self.raw(name);
            return self.raw(b"\":");
        };
        let to =
            if more { to.split_first_mut().map_or(&mut [][..], |(first, rest)| (*first = b',', rest).1) } else { to };
        if let Some((first, rest)) = to.split_first_mut() {
            *first = b'"';
            if let Some((middle, last)) = rest.split_at_mut_checked(name.len()) {
                copy(middle, name);
                copy(last, b"\":");
            }
        }
        self.len += n;
    }

    #[inline(never)]
    pub fn udec(&mut self, mut v: u64) {
        let mut tmp = [0u8; 20];
        let mut at = tmp.len();
        while v >= 100 {
            let pair = (v % 100) as usize * 2;
            v /= 100;
            at -= 2;
            if let (Some([a, b]), Some([x, y])) = (tmp.get_mut(at..at + 2), PAIRS.get(pair..pair + 2)) {
                (*a, *b) = (*x, *y);
            }
        }
        if v >= 10 {
            at -= 1;
            if let Some(p) = tmp.get_mut(at) {
                *p = b'0' + (v % 10) as u8;
            }
            v /= 10;
        }
        at -= 1;
        if let Some(p) = tmp.get_mut(at) {
            *p = b'0' + v as u8;
        }
        self.raw(tmp.get(at..).unwrap_or(&[]));
    }

    pub fn dec(&mut self, v: i64) {
        if v < 0 {
            self.byte(b'-');
        }
        self.udec(v.unsigned_abs());
    }

    /// Decimal, at least `width` digits, filled with zeros.
    #[inline(never)]
    pub fn dec_pad(&mut self, v: u64, width: usize) {
        let mut limit = 10u64;
        let mut digits = 1;
        while digits < 20 && v >= limit {
            digits += 1;
            limit = limit.saturating_mul(10);
        }
        for _ in digits..width {
            self.byte(b'0');
        }
        self.udec(v);
    }

    /// Hexadecimal without prefix, at least `width` digits.
    pub fn hex_pad(&mut self, mut v: u64, width: usize) {
        let mut tmp = [b'0'; 16];
        let mut digits = 0;
        for p in tmp.iter_mut().rev() {
            if v == 0 && digits >= width.max(1) {
                break;
            }
            let d = (v & 15) as u8;
            *p = if d < 10 { b'0' + d } else { b'a' + d - 10 };
            digits += 1;
            v >>= 4;
        }
        self.raw(tmp.get(16 - digits..).unwrap_or(&[]));
    }

    /// `0x...`
    #[inline(never)]
    pub fn hex(&mut self, v: u64) {
        self.str("0x");
        self.hex_pad(v, 1);
    }

    #[inline(never)]
    pub fn oct(&mut self, v: u64) {
        let mut shift = 63;
        while shift > 0 && v >> shift == 0 {
            shift -= 3;
        }
        loop {
            self.byte(b'0' + ((v >> shift) & 7) as u8);
            if shift == 0 {
                break;
            }
            shift -= 3;
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::{format, string::String};

    fn written(f: impl Fn(&mut Out)) -> String {
        let mut room = [0u8; 64];
        let mut out = Out::new(&mut room);
        f(&mut out);
        String::from_utf8(out.bytes().to_vec()).unwrap()
    }

    #[test]
    fn numbers_are_as_the_standard_library_writes_them() {
        let mut v = 1u64;
        let mut all = std::vec![0, 9, 10, 99, 100, 101, 999, 1000, u64::MAX];
        for _ in 0..2000 {
            v = v.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            all.push(v >> (v % 64));
        }
        for v in all {
            assert_eq!(written(|o| o.udec(v)), format!("{v}"));
            assert_eq!(written(|o| o.dec(v as i64)), format!("{}", v as i64));
            assert_eq!(written(|o| o.hex(v)), format!("{v:#x}"));
            assert_eq!(written(|o| o.hex_pad(v, 4)), format!("{v:04x}"));
            assert_eq!(written(|o| o.oct(v)), format!("{v:o}"));
            assert_eq!(written(|o| o.dec_pad(v, 6)), format!("{v:06}"));
        }
    }

    #[test]
    fn pieces_of_every_length_arrive_whole_or_are_cut() {
        let text: std::vec::Vec<u8> = (0..80).map(|i| b'a' + i % 26).collect();
        for n in 0..text.len() {
            for room in [n.saturating_sub(1), n, n + 3, n + 4] {
                let name = core::str::from_utf8(&text[..n]).unwrap();
                for (want, is_key, more) in [
                    (String::from(name), false, false),
                    (format!("\"{name}\":"), true, false),
                    (format!(",\"{name}\":"), true, true),
                ] {
                    let mut buf = std::vec![b'-'; room];
                    let mut out = Out::new(&mut buf);
                    if is_key {
                        out.key(more, name)
                    } else {
                        out.raw(name.as_bytes())
                    }
                    let cut = want.len() > room;
                    assert_eq!(out.cut(), cut, "{n} in {room}");
                    assert_eq!(out.bytes(), &want.as_bytes()[..want.len().min(room)], "{n} in {room}");
                }
            }
        }
    }
}
