//! The stack of the thread that made a call, as it travels in capture [`crate::Part::Stack`]: the innermost frame first.
//!
//! ```text
//! 0   u64 offset    of the return address in its module; the address itself when there is no module
//! 8   u64 inside    the same in its function
//! 16  u16 module    bytes of the module's path; SAME: it is that of the frame before
//! 18  u16 symbol    bytes of the function's name; 0 when it is not exported
//! 20  the texts
//! ```

/// Bytes before a frame's texts.
pub const HEAD: usize = 20;
/// In place of the length of a module's path.
pub const SAME: u16 = u16::MAX;

/// A function that was running.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// Offset of the return address in its module; the address itself when that is not known.
    pub offset: u64,
    /// The same in its function.
    pub inside: u64,
    /// The module's path; empty when it is not known.
    pub module: &'a [u8],
    /// The function; empty when it is not exported.
    pub symbol: &'a [u8],
}

/// The frames of a capture. One that is cut short ends before the frame that is not whole.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    rest: &'a [u8],
    module: &'a [u8],
}

impl<'a> Frames<'a> {
    /// Those in the bytes of a capture.
    pub fn of(bytes: &'a [u8]) -> Frames<'a> {
        Frames { rest: bytes, module: &[] }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        let (head, rest) = self.rest.split_at_checked(HEAD)?;
        let long = |at: usize| head.get(at..)?.first_chunk().copied().map(u64::from_le_bytes);
        let short = |at: usize| head.get(at..)?.first_chunk().copied().map(u16::from_le_bytes);
        let module = short(16)?;
        let (path, rest) = rest.split_at_checked(if module == SAME { 0 } else { usize::from(module) })?;
        if module != SAME {
            self.module = path;
        }
        let (symbol, rest) = rest.split_at_checked(usize::from(short(18)?))?;
        self.rest = rest;
        Some(Frame { offset: long(0)?, inside: long(8)?, module: self.module, symbol })
    }
}

/// Frames as they are written, one after the other.
#[derive(Debug)]
pub struct Writer<'a> {
    to: &'a mut [u8],
    len: usize,
    /// Where the path of the last module lies.
    module: (usize, usize),
}

impl<'a> Writer<'a> {
    /// Writes to these bytes.
    pub fn new(to: &'a mut [u8]) -> Writer<'a> {
        Writer { to, len: 0, module: (0, 0) }
    }

    /// Bytes written.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a frame; false when there is no room for it.
    pub fn add(&mut self, f: &Frame<'_>) -> bool {
        let (from, len) = self.module;
        let same = self.len > 0 && self.to.get(from..from.saturating_add(len)) == Some(f.module);
        let path = if same { &[][..] } else { f.module };
        let (Ok(module), Ok(symbol)) = (u16::try_from(path.len()), u16::try_from(f.symbol.len())) else { return false };
        let size = HEAD.saturating_add(path.len()).saturating_add(f.symbol.len());
        if module == SAME || self.to.len().saturating_sub(self.len) < size {
            return false;
        }
        if !same {
            self.module = (self.len.saturating_add(HEAD), path.len());
        }
        let module = if same { SAME } else { module };
        let parts: [&[u8]; 6] = [
            &f.offset.to_le_bytes(),
            &f.inside.to_le_bytes(),
            &module.to_le_bytes(),
            &symbol.to_le_bytes(),
            path,
            f.symbol,
        ];
        for b in parts.into_iter().flatten() {
            if let Some(to) = self.to.get_mut(self.len) {
                *to = *b;
            }
            self.len = self.len.saturating_add(1);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec;

    #[test]
    fn what_is_written_is_read() {
        let frame = |n: u64, module, symbol| Frame { offset: n, inside: n / 2, module, symbol };
        let all = [
            frame(10, &b"/usr/lib/a.so"[..], &b"inner"[..]),
            frame(20, b"/usr/lib/a.so", b""),
            frame(30, b"", b""),
            frame(40, b"/bin/b", b"main"),
            frame(50, b"/bin/b", b"_start"),
        ];
        let mut room = [0; 400];
        let mut w = Writer::new(&mut room);
        assert!(w.is_empty() && all.iter().all(|f| w.add(f)));
        let len = w.len();
        assert!(Frames::of(&room[..len]).eq(all));
        for cut in 0..len {
            let read = Frames::of(&room[..cut]).count();
            assert!(read < all.len() && Frames::of(&room[..cut]).eq(all[..read].iter().copied()));
            let mut small = vec![0; cut];
            let mut w = Writer::new(&mut small);
            let written = all.iter().take_while(|f| w.add(f)).count();
            let len = w.len();
            assert!(written < all.len() && Frames::of(&small[..len]).eq(all[..written].iter().copied()));
        }
    }
}
