//! As much of DWARF's call frame information as unwinding x86-64 needs that is only after return addresses: where the frame of
//! a function's caller lies, and where its return address and rbp were put.
//!
//! That of libsocklens.so was written by the compiler that made it and is read as it lies there. That of others may be
//! anything, and gone the next moment: it is read as memory that need not be there, and what is not understood is no row.

use super::lent;
use libc::{Elf64_Ehdr, Elf64_Phdr};
use socklens_inside::engine::Registers;

/// libsocklens.so, as unwinding sees it.
pub struct Unwinder {
    /// Its code.
    text: (u64, u64),
    index: Index,
}

const PT_LOAD: u32 = 1;
const PT_GNU_EH_FRAME: u32 = 0x6474_e550;
const PF_X: u32 = 1;
/// Frames of ours between the engine and a hook: more would be a mistake.
const MOST: usize = 32;

/// DWARF's numbers of registers; the last is the return address.
const RBP: u64 = 6;
const RSP: u64 = 7;
const RETURN: u64 = 16;

/// Reads what a compiler wrote, no further than `end`.
#[derive(Clone, Copy)]
struct Bytes {
    at: u64,
    end: u64,
    /// It is libsocklens.so's; else the bytes are copied first.
    ours: bool,
    from: u64,
    copied: u64,
    copy: [u8; 64],
}

impl Bytes {
    fn new(at: u64, len: u64, ours: bool) -> Option<Bytes> {
        Some(Bytes { at, end: at.checked_add(len)?, ours, from: 0, copied: 0, copy: [0; 64] })
    }

    fn take<T: Copy>(&mut self) -> Option<T> {
        let after = self.at.checked_add(size_of::<T>() as u64)?;
        if after > self.end {
            return None;
        }
        let mut at = self.at;
        if !self.ours {
            if self.at < self.from || after > self.from + self.copied {
                let n = (self.end - self.at).min(self.copy.len() as u64);
                // SAFETY: there is room for so many bytes.
                if !unsafe { lent::fetch_bytes(self.at, self.copy.as_mut_ptr(), n as usize) } {
                    return None;
                }
                (self.from, self.copied) = (self.at, n);
            }
            at = self.copy.as_ptr() as u64 + (self.at - self.from);
        }
        // SAFETY: within a part of this library that is mapped for good and never written to, or within the copy.
        let v = unsafe { (at as *const T).read_unaligned() };
        self.at = after;
        Some(v)
    }

    fn uleb(&mut self) -> Option<u64> {
        let mut v = 0;
        for shift in (0..64).step_by(7) {
            let b = self.take::<u8>()?;
            v |= u64::from(b & 0x7f) << shift;
            if b & 0x80 == 0 {
                return Some(v);
            }
        }
        None
    }

    fn sleb(&mut self) -> Option<i64> {
        let mut v = 0;
        for shift in (0..63).step_by(7) {
            let b = self.take::<u8>()?;
            v |= i64::from(b & 0x7f) << shift;
            if b & 0x80 == 0 {
                return Some(if b & 0x40 != 0 { v | -1 << (shift + 7) } else { v });
            }
        }
        None
    }

    fn skip(&mut self, n: u64) -> Option<()> {
        self.at = self.at.checked_add(n).filter(|at| *at <= self.end)?;
        Some(())
    }
}

/// Where a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// Still in its register.
    Same,
    /// At this offset from the frame's address.
    Frame(i32),
    /// At this offset from what a register holds.
    At(u8, i32),
    /// There is none: the outermost frame.
    Nowhere,
}

/// Where things are at a place in a function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The frame's address: a register and what is added, or what lies there.
    register: u8,
    offset: i32,
    deref: bool,
    bp: Saved,
    back: Saved,
    /// A signal handler returns here: what lies above is not a return address.
    pub signal: bool,
}

impl Row {
    /// A function that keeps its frame's address in rbp.
    pub const BY_BP: Row = Row {
        register: RBP as u8,
        offset: 16,
        deref: false,
        bp: Saved::Frame(-16),
        back: Saved::Frame(-8),
        signal: false,
    };

    /// What the registers were in the caller; None in the outermost frame, or when it cannot be told.
    pub fn up(&self, r: &Registers) -> Option<Registers> {
        let register = |n: u8| match u64::from(n) {
            RSP => Some(r.sp),
            RBP => Some(r.bp),
            _ => None,
        };
        let word = |at: u64| lent::fetch::<u64>(at, false);
        let frame = register(self.register)?.wrapping_add_signed(i64::from(self.offset));
        let frame = if self.deref { word(frame)? } else { frame };
        let value = |of: Saved, same: Option<u64>| match of {
            Saved::Same => same,
            Saved::Frame(offset) => word(frame.wrapping_add_signed(i64::from(offset))),
            Saved::At(n, offset) => word(register(n)?.wrapping_add_signed(i64::from(offset))),
            Saved::Nowhere => None,
        };
        let pc = value(self.back, None).filter(|pc| *pc != 0)?;
        Some(Registers { pc, sp: frame, bp: value(self.bp, Some(r.bp)).unwrap_or(0) })
    }

    /// As two words, not both 0.
    pub fn pack(&self) -> [u64; 2] {
        let saved = |s: Saved| match s {
            Saved::Same => (0, 0),
            Saved::Frame(n) => (1, n),
            Saved::At(r, n) => (2 | u64::from(r) << 2, n),
            Saved::Nowhere => (3, 0),
        };
        let ((bp, bp_at), (back, back_at)) = (saved(self.bp), saved(self.back));
        let flags = u64::from(self.deref) | u64::from(self.signal) << 1 | 1 << 2;
        [
            u64::from(self.offset as u32) | u64::from(self.register) << 32 | bp << 40 | back << 48 | flags << 56,
            u64::from(bp_at as u32) | u64::from(back_at as u32) << 32,
        ]
    }

    /// The row of [`Row::pack`].
    pub fn unpack([a, b]: [u64; 2]) -> Row {
        let saved = |kind: u64, n: u64| match kind & 3 {
            0 => Saved::Same,
            1 => Saved::Frame(n as i32),
            2 => Saved::At((kind >> 2 & 31) as u8, n as i32),
            _ => Saved::Nowhere,
        };
        Row {
            register: (a >> 32) as u8,
            offset: a as i32,
            deref: a >> 56 & 1 != 0,
            bp: saved(a >> 40 & 127, b),
            back: saved(a >> 48 & 127, b >> 32),
            signal: a >> 57 & 1 != 0,
        }
    }
}

impl Unwinder {
    /// Of the library that lies there; None when its file was made without what is needed.
    pub fn of(base: u64) -> Option<Unwinder> {
        if base == 0 {
            return None;
        }
        // SAFETY: a library's first page holds its head and is mapped as long as it is.
        let head = unsafe { &*(base as *const Elf64_Ehdr) };
        let (mut text, mut index) = ((0, 0), 0);
        for i in 0..u64::from(head.e_phnum) {
            let at = base + head.e_phoff + i * size_of::<Elf64_Phdr>() as u64;
            // SAFETY: as above: the table lies behind the head.
            let p = unsafe { &*(at as *const Elf64_Phdr) };
            match p.p_type {
                PT_LOAD if p.p_flags & PF_X != 0 => text = (base + p.p_vaddr, base + p.p_vaddr + p.p_memsz),
                PT_GNU_EH_FRAME => index = base + p.p_vaddr,
                _ => {}
            }
        }
        (index != 0 && text.1 != 0).then_some(Unwinder { text, index: Index { at: index, ours: true } })
    }

    fn is_ours(&self, pc: u64) -> bool {
        pc >= self.text.0 && pc < self.text.1
    }

    /// Goes up from one of its functions, to the first frame outside of it.
    pub fn first_outside(&self, at: &Registers) -> Option<Registers> {
        let mut r = *at;
        for depth in 0..MOST {
            // A return address lies behind its call, perhaps behind the function.
            let row = self.index.row(if depth == 0 { r.pc } else { r.pc.wrapping_sub(1) })?;
            let up = row.up(&r).filter(|up| up.sp > r.sp)?;
            r = up;
            if !self.is_ours(r.pc) {
                return Some(r);
            }
        }
        None
    }
}

/// A module's index of frames, .eh_frame_hdr.
pub struct Index {
    pub at: u64,
    /// It is that of libsocklens.so.
    pub ours: bool,
}

impl Index {
    /// What the compiler wrote about a place.
    #[inline(never)]
    pub fn row(&self, pc: u64) -> Option<Row> {
        // Version 1; a pointer to .eh_frame, then the count as four bytes, then pairs of four bytes from the index on, sorted.
        let mut b = Bytes::new(self.at, 12, self.ours)?;
        if b.take::<[u8; 4]>()? != [1, 0x1b, 0x03, 0x3b] {
            return None;
        }
        b.take::<i32>()?;
        let count = u64::from(b.take::<u32>()?);
        let table = b.at;
        let pair = |i: u64| {
            let mut b = Bytes::new(table.wrapping_add(8 * i), 8, self.ours)?;
            let mut next = || Some(self.at.wrapping_add_signed(i64::from(b.take::<i32>()?)));
            Some((next()?, next()?))
        };
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if pair(middle)?.0 <= pc { low = middle + 1 } else { high = middle }
        }
        let (_, at) = pair(low.checked_sub(1)?)?;
        self.frame(at, pc)
    }

    /// Runs the instructions of a function's entry up to a place.
    fn frame(&self, at: u64, pc: u64) -> Option<Row> {
        // An entry longer than this is none.
        const LONGEST: u64 = 1 << 20;
        let entry = |at: u64| {
            let length = u64::from(Bytes::new(at, 4, self.ours)?.take::<u32>()?);
            if length > LONGEST { None } else { Bytes::new(at.wrapping_add(4), length, self.ours) }
        };
        let mut fde = entry(at)?;
        let here = fde.at;
        let mut cie = entry(here.checked_sub(u64::from(fde.take::<u32>()?))?)?;
        // An entry that all share has 0 where others point to one.
        if cie.take::<u32>()? != 0 {
            return None;
        }
        // Version, and what is there: length of the rest first, then in any order how pointers are written.
        if !matches!(cie.take::<u8>()?, 1 | 3) || cie.take::<u8>()? != b'z' {
            return None;
        }
        let mut letters = cie;
        while cie.take::<u8>()? != 0 {}
        let (code, data) = (cie.uleb()?, cie.sleb()?);
        if cie.uleb()? != RETURN {
            return None;
        }
        let length = cie.uleb()?;
        let mut rest = cie;
        cie.skip(length)?;
        let mut signal = false;
        loop {
            match letters.take::<u8>()? {
                0 => break,
                // Four bytes from their own place on.
                b'R' if rest.take::<u8>()? == 0x1b => {}
                b'L' => rest.skip(1)?,
                b'S' => signal = true,
                b'P' => match rest.take::<u8>()? & 0x0f {
                    0x03 | 0x0b => rest.skip(4)?,
                    0x00 | 0x04 | 0x0c => rest.skip(8)?,
                    _ => return None,
                },
                _ => return None,
            }
        }
        let place = fde.at;
        let begin = place.wrapping_add_signed(i64::from(fde.take::<i32>()?));
        let size = u64::from(fde.take::<u32>()?);
        if pc.wrapping_sub(begin) >= size {
            return None;
        }
        let length = fde.uleb()?;
        fde.skip(length)?;
        let back = Saved::Frame(-8);
        let none = Row { register: RSP as u8, offset: 8, deref: false, bp: Saved::Same, back, signal };
        let first = run(cie, none, none, (0, u64::MAX), (code, data))?;
        run(fde, first, first, (begin, pc), (code, data))
    }
}

/// An expression that is a register, what is added, and perhaps what lies there: all that compilers write for frames.
fn expression(b: &mut Bytes) -> Option<(u8, i32, bool)> {
    const BREG: u8 = 0x70;
    const DEREF: u8 = 0x06;
    let length = b.uleb()?;
    let end = b.at.checked_add(length).filter(|end| *end <= b.end)?;
    let register = b.take::<u8>()?.checked_sub(BREG)?;
    let offset = i32::try_from(b.sleb()?).ok()?;
    let deref = b.at < end && b.take::<u8>()? == DEREF;
    (b.at == end && matches!(u64::from(register), RBP | RSP)).then_some((register, offset, deref))
}

/// Runs instructions from the place `at` on until those for places behind `pc`.
fn run(mut b: Bytes, mut row: Row, first: Row, (mut at, pc): (u64, u64), (code, data): (u64, i64)) -> Option<Row> {
    fn put(row: &mut Row, register: u64, to: Saved) {
        match register {
            RBP => row.bp = to,
            RETURN => row.back = to,
            _ => {}
        }
    }
    let restore = |row: &mut Row, register: u64| match register {
        RBP => row.bp = first.bp,
        RETURN => row.back = first.back,
        _ => {}
    };
    let small = |n: i64| i32::try_from(n).ok();
    let factored = |n: i64| small(n.wrapping_mul(data));
    let mut kept = [row; 8];
    let mut depth = 0;
    while b.at < b.end {
        let op = b.take::<u8>()?;
        let low = u64::from(op & 0x3f);
        let mut advance = 0;
        match (op >> 6, op) {
            (1, _) => advance = low,
            (2, _) => put(&mut row, low, Saved::Frame(factored(b.uleb()? as i64)?)),
            (3, _) => restore(&mut row, low),
            (_, 0x00) => {}
            (_, 0x02) => advance = u64::from(b.take::<u8>()?),
            (_, 0x03) => advance = u64::from(b.take::<u16>()?),
            (_, 0x04) => advance = u64::from(b.take::<u32>()?),
            (_, 0x05) => put(&mut row, b.uleb()?, Saved::Frame(factored(b.uleb()? as i64)?)),
            (_, 0x06) => restore(&mut row, b.uleb()?),
            (_, 0x07) => put(&mut row, b.uleb()?, Saved::Nowhere),
            (_, 0x08) => put(&mut row, b.uleb()?, Saved::Same),
            (_, 0x0a) => {
                *kept.get_mut(depth)? = row;
                depth += 1;
            }
            (_, 0x0b) => {
                depth = depth.checked_sub(1)?;
                row = *kept.get(depth)?;
            }
            (_, 0x0c) => {
                (row.register, row.offset) = (u8::try_from(b.uleb()?).ok()?, small(b.uleb()? as i64)?);
                row.deref = false;
            }
            (_, 0x0d) => row.register = u8::try_from(b.uleb()?).ok()?,
            (_, 0x0e) => row.offset = small(b.uleb()? as i64)?,
            (_, 0x0f) => (row.register, row.offset, row.deref) = expression(&mut b)?,
            (_, 0x10) => {
                let register = b.uleb()?;
                let length = Bytes { ..b }.uleb()?;
                if matches!(register, RBP | RETURN) {
                    let (by, offset, deref) = expression(&mut b)?;
                    put(&mut row, register, if deref { return None } else { Saved::At(by, offset) });
                } else {
                    b.uleb()?;
                    b.skip(length)?;
                }
            }
            (_, 0x11) => put(&mut row, b.uleb()?, Saved::Frame(factored(b.sleb()?)?)),
            (_, 0x12) => {
                (row.register, row.offset) = (u8::try_from(b.uleb()?).ok()?, factored(b.sleb()?)?);
                row.deref = false;
            }
            (_, 0x13) => row.offset = factored(b.sleb()?)?,
            // A register in another, and values that are computed: of no concern but for these two.
            (_, 0x09 | 0x14) => {
                if matches!(b.uleb()?, RBP | RETURN) {
                    return None;
                }
                b.uleb()?;
            }
            (_, 0x16) => {
                if matches!(b.uleb()?, RBP | RETURN) {
                    return None;
                }
                let length = b.uleb()?;
                b.skip(length)?;
            }
            // The size of arguments on the stack.
            (_, 0x2e) => {
                b.uleb()?;
            }
            _ => return None,
        }
        at = at.wrapping_add(advance.wrapping_mul(code));
        if at > pc {
            break;
        }
    }
    Some(row)
}
