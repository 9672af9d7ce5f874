//! Numbers in few bytes: what the reader keeps of the many that ended.

use super::area::{Raw, RawRow};
use super::model::Counts;

/// Appends a number: seven bits a byte, the least first.
pub fn put(to: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        to.push(v as u8 | 0x80);
        v >>= 7;
    }
    to.push(v as u8);
}

/// Takes the next number; None at the end.
pub fn get(from: &mut &[u8]) -> Option<u64> {
    let mut v = 0u64;
    for shift in (0..64).step_by(7) {
        let (&b, rest) = from.split_first()?;
        *from = rest;
        v |= u64::from(b & 0x7f) << shift;
        if b & 0x80 == 0 {
            return Some(v);
        }
    }
    None
}

/// All calls of a thread that ended added up. Its durations take two or three bytes for each bucket that was met.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Without its cells.
    sum: RawRow,
    /// Distance from the cell before, and how often.
    cells: Box<[u8]>,
}

impl Packed {
    pub fn of(raw: &Raw) -> Packed {
        let mut sum = raw.sum();
        let (mut cells, mut last) = (Vec::new(), 0);
        for (cell, n) in std::mem::take(&mut sum.cells) {
            put(&mut cells, u64::from(cell - last));
            put(&mut cells, n);
            last = cell;
        }
        Packed { sum, cells: cells.into() }
    }

    /// In nanoseconds and with names.
    pub fn counts(&self, tick_ns: f64) -> Counts {
        let (mut rest, mut last) = (&self.cells[..], 0u64);
        let next = || {
            last += get(&mut rest)?;
            Some((last as u16, get(&mut rest)?))
        };
        self.sum.counts_with(tick_ns, std::iter::from_fn(next).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let all = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let mut bytes = Vec::new();
        all.iter().for_each(|&v| put(&mut bytes, v));
        let mut rest = &bytes[..];
        let back: Vec<u64> = std::iter::from_fn(|| get(&mut rest)).collect();
        assert_eq!(back, all);
        assert_eq!(get(&mut &[0x80u8; 20][..]), None, "no number is so long");
    }

    #[test]
    fn durations_come_back() {
        let cells = [(0u16, 1u64), (1, 7), (900, 1 << 40), (3071, u64::MAX)];
        let row = RawRow { cells: cells.into(), ..RawRow::default() };
        let packed = Packed::of(&Raw::of([(3, row.clone())]));
        assert_eq!(packed.cells.len(), 20, "two bytes each, but for the great numbers");
        let (back, direct) = (packed.counts(2.5), row.counts(2.5));
        let all = |c: &Counts| c.hist.buckets().map(|b| format!("{b:?}")).collect::<Vec<_>>();
        assert_eq!(all(&back), all(&direct));
        assert_eq!(all(&back).len(), cells.len());
        assert_eq!(back.quantile_ns(0.5), direct.quantile_ns(0.5));
    }
}
