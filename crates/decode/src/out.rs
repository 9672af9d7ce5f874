//! A bounded text buffer with hand-written number formatting: core::fmt costs ten times as much and brings panics.

/// 00 to 99, two digits each.
const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
2021222324252627282930313233343536373839\
4041424344454647484950515253545556575859\
6061626364656667686970717273747576777879\
8081828384858687888990919293949596979899";

/// As `copy_from_slice`, for two slices of one length: most are short, and a call costs more than the copying.
#[inline(always)]
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
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

/// 1 to 10^19: the least number of one digit more than its place.
const POWERS: [u64; 20] = {
    let mut all = [1; 20];
    let mut i = 1;
    while i < all.len() {
        all[i] = all[i - 1] * 10;
        i += 1;
    }
    all
};

/// How many decimal digits a number has.
#[inline]
pub(crate) fn digits(v: u64) -> usize {
    if v < 10 {
        return 1;
    }
    // Of so many bits: log10(2) is 1233 / 4096 and a bit.
    let n = (64 - v.leading_zeros() as usize) * 1233 >> 12;
    n + usize::from(POWERS.get(n).is_some_and(|p| v >= *p))
}

/// Writes the last digits of `v`, as many as there is room for.
#[inline]
fn decimal(to: &mut [u8], mut v: u64) {
    let mut end = to.len();
    while let Some(eight) = to.get_mut(..end).and_then(<[u8]>::last_chunk_mut::<8>) {
        *eight = eight_decimal_digits((v % 100_000_000) as u32);
        v /= 100_000_000;
        end -= 8;
    }
    let mut v = v as u32;
    while let Some(two) = to.get_mut(..end).and_then(<[u8]>::last_chunk_mut::<2>) {
        let pair = (v % 100) as usize * 2;
        v /= 100;
        if let Some([a, b]) = PAIRS.get(pair..pair + 2) {
            *two = [*a, *b];
        }
        end -= 2;
    }
    if let Some(first) = to.get_mut(..end).and_then(<[u8]>::first_mut) {
        *first = b'0' + (v % 10) as u8;
    }
}

/// The digits of a number below 10^8, all at once: halves, quarters and eighths of a word are divided together.
#[inline]
fn eight_decimal_digits(v: u32) -> [u8; 8] {
    let x = u64::from(v / 10_000) | u64::from(v % 10_000) << 32;
    let hundreds = (x * 10_486 >> 20) & 0x7f_0000_007f;
    let x = hundreds | (x - hundreds * 100) << 16;
    let tens = (x * 103 >> 10) & 0x000f_000f_000f_000f;
    let x = tens | (x - tens * 10) << 8;
    (x + 0x3030_3030_3030_3030).to_le_bytes()
}

/// Eight hexadecimal digits, all at once: a byte for each.
#[inline]
fn eight_digits(v: u32) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut x = u64::from(v);
    x = (x | x << 16) & 0x0000_ffff_0000_ffff;
    x = (x | x << 8) & 0x00ff_00ff_00ff_00ff;
    x = (x | x << 4) & (ONES * 0x0f);
    // One in each byte that is a letter.
    let letters = (x + ONES * 6) >> 4 & ONES;
    (x + ONES * u64::from(b'0') + letters * u64::from(b'a' - b'9' - 1)).to_be_bytes()
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
        let rest = self.buf.get_mut(self.len..).unwrap_or(&mut []);
        if let Some(to) = rest.get_mut(..s.len()) {
            copy(to, s);
            self.len += s.len();
            return;
        }
        self.cut = true;
        let n = rest.len();
        if let Some(from) = s.get(..n) {
            copy(rest, from);
            self.len += n;
        }
    }

    /// As [`Out::raw`] for text whose length the compiler knows: a few stores where it is written. For lines that come by the
    /// million; elsewhere [`Out::str`] is smaller.
    #[inline(always)]
    pub fn lit<const N: usize>(&mut self, s: &[u8; N]) {
        match self.buf.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut::<N>) {
            Some(to) => {
                *to = *s;
                self.len += N;
            }
            None => self.raw(s),
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
    pub fn udec(&mut self, v: u64) {
        // Most numbers are small.
        if v < 10 {
            return self.lit(&[b'0' + v as u8]);
        }
        let at = (v as usize).wrapping_mul(2);
        if v < 100
            && let Some(two) = PAIRS.get(at..).and_then(<[u8]>::first_chunk::<2>)
        {
            return self.lit(two);
        }
        let n = digits(v);
        if let Some(to) = self.buf.get_mut(self.len..self.len + n) {
            decimal(to, v);
            self.len += n;
            return;
        }
        let mut all = [0u8; 20];
        if let Some(to) = all.get_mut(..n) {
            decimal(to, v);
            self.raw(to);
        }
    }

    /// So many blanks.
    pub fn blanks(&mut self, n: usize) {
        match self.buf.get_mut(self.len..self.len.saturating_add(n)) {
            Some(to) => {
                to.fill(b' ');
                self.len += n;
            }
            None => (0..n.min(self.room().saturating_add(1))).for_each(|_| self.byte(b' ')),
        }
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
        for _ in digits(v)..width {
            self.byte(b'0');
        }
        self.udec(v);
    }

    /// Hexadecimal without prefix, at least `width` digits.
    pub fn hex_pad(&mut self, v: u64, width: usize) {
        let digits = (64 - v.leading_zeros() as usize).div_ceil(4).max(width).clamp(1, 16);
        let mut all = [0u8; 16];
        if let Some((high, low)) = all.split_first_chunk_mut::<8>() {
            *high = eight_digits((v >> 32) as u32);
            if let Some(low) = low.first_chunk_mut::<8>() {
                *low = eight_digits(v as u32);
            }
        }
        self.raw(all.get(16 - digits..).unwrap_or(&[]));
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
        all.extend((0..20).flat_map(|n| [10u64.pow(n) - 1, 10u64.pow(n), 10u64.pow(n) + 1]));
        for _ in 0..2000 {
            v = v.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            all.push(v >> (v % 64));
        }
        for v in all {
            assert_eq!(digits(v), format!("{v}").len());
            assert_eq!(written(|o| o.udec(v)), format!("{v}"));
            assert_eq!(written(|o| o.dec(v as i64)), format!("{}", v as i64));
            assert_eq!(written(|o| o.hex(v)), format!("{v:#x}"));
            assert_eq!(written(|o| o.hex_pad(v, 4)), format!("{v:04x}"));
            assert_eq!(written(|o| o.oct(v)), format!("{v:o}"));
            assert_eq!(written(|o| o.dec_pad(v, 6)), format!("{v:06}"));
        }
    }

    #[test]
    fn eight_digits_are_right() {
        for v in (0..1 << 17).chain((0..100_000_000).step_by(997)).chain([9_999_999, 99_990_000, 99_999_999]) {
            assert_eq!(eight_decimal_digits(v), format!("{v:08}").as_bytes());
        }
        for v in (0..1 << 17).chain((0..1 << 31).step_by(99_991)).chain([u32::MAX, 0x0fff_ffff, 0x9abc_def0]) {
            assert_eq!(eight_digits(v), format!("{v:08x}").as_bytes());
        }
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        for room in 0..40 {
            let whole = |o: &mut Out| {
                o.lit(b"<");
                o.udec(12_345_678_901);
                o.blanks(9);
                o.lit(b"some text");
                o.hex_pad(0x1f, 4);
            };
            let mut all = [0u8; 64];
            let mut out = Out::new(&mut all);
            whole(&mut out);
            let want = out.bytes();
            let mut some = std::vec![0u8; room];
            let mut out = Out::new(&mut some);
            whole(&mut out);
            assert_eq!((out.bytes(), out.cut()), (&want[..want.len().min(room)], want.len() > room), "{room}");
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
