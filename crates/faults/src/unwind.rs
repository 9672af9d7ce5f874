//! As much of DWARF's call frame information as the functions of libsocklens.so need: how far above a stack pointer the
//! return address lies. Its .eh_frame and the index of that were written by the compiler and the linker.

use libc::{Elf64_Ehdr, Elf64_Phdr};
use socklens_inside::engine::Registers;

/// libsocklens.so, as unwinding sees it.
pub struct Unwinder {
    /// Its code.
    text: (u64, u64),
    /// Its index of frames, .eh_frame_hdr.
    index: u64,
}

const PT_LOAD: u32 = 1;
const PT_GNU_EH_FRAME: u32 = 0x6474_e550;
const PF_X: u32 = 1;
/// Frames of ours between the engine and a hook: more would be a mistake.
const MOST: usize = 32;

/// DWARF's numbers of registers.
const RBP: u64 = 6;
const RSP: u64 = 7;

/// Reads what the compiler wrote, no further than `end`.
#[derive(Clone, Copy)]
struct Bytes {
    at: u64,
    end: u64,
}

impl Bytes {
    fn take<T: Copy>(&mut self) -> Option<T> {
        let after = self.at.checked_add(size_of::<T>() as u64)?;
        if after > self.end {
            return None;
        }
        // SAFETY: within a part of this library that is mapped for good and never written to.
        let v = unsafe { (self.at as *const T).read_unaligned() };
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

/// Where things are at a place in a function.
#[derive(Clone, Copy)]
struct Row {
    /// The frame's address: a register and what is added.
    register: u64,
    offset: i64,
    /// Where the caller's rbp was put, from the frame's address; None while it is in its register.
    bp: Option<i64>,
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
        (index != 0 && text.1 != 0).then_some(Unwinder { text, index })
    }

    fn is_ours(&self, pc: u64) -> bool {
        pc >= self.text.0 && pc < self.text.1
    }

    /// Goes up from one of its functions; the first address outside of it, or 0.
    pub fn first_outside(&self, at: &Registers) -> u64 {
        let Registers { mut pc, mut sp, mut bp } = *at;
        for depth in 0..MOST {
            // A return address lies behind its call, perhaps behind the function.
            let Some(row) = self.row(if depth == 0 { pc } else { pc.wrapping_sub(1) }) else { return 0 };
            let from = match row.register {
                RSP => sp,
                RBP => bp,
                _ => return 0,
            };
            let frame = from.wrapping_add_signed(row.offset);
            if frame <= sp {
                return 0;
            }
            // SAFETY: the words of our own frames, which are those of functions that are running.
            unsafe {
                if let Some(off) = row.bp {
                    bp = (frame.wrapping_add_signed(off) as *const u64).read();
                }
                pc = (frame.wrapping_sub(8) as *const u64).read();
            }
            sp = frame;
            if !self.is_ours(pc) {
                return pc;
            }
        }
        0
    }

    /// What the compiler wrote about a place.
    fn row(&self, pc: u64) -> Option<Row> {
        // Version 1; a pointer to .eh_frame, then the count as four bytes, then pairs of four bytes from the index on, sorted.
        let mut b = Bytes { at: self.index, end: self.index.checked_add(12)? };
        if b.take::<[u8; 4]>()? != [1, 0x1b, 0x03, 0x3b] {
            return None;
        }
        b.take::<i32>()?;
        let count = u64::from(b.take::<u32>()?);
        let table = b.at;
        let pair = |i: u64| {
            let mut b = Bytes { at: table + 8 * i, end: table + 8 * i + 8 };
            Some((
                self.index.wrapping_add_signed(i64::from(b.take::<i32>()?)),
                self.index.wrapping_add_signed(i64::from(b.take::<i32>()?)),
            ))
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
        let mut fde = Bytes { at, end: at.checked_add(4)? };
        let length = u64::from(fde.take::<u32>()?);
        fde.end = fde.at.checked_add(length)?;
        let here = fde.at;
        let cie_at = here.checked_sub(u64::from(fde.take::<u32>()?))?;
        let mut cie = Bytes { at: cie_at, end: cie_at.checked_add(4)? };
        let length = u64::from(cie.take::<u32>()?);
        cie.end = cie.at.checked_add(length)?;
        cie.skip(4)?;
        // Version, and what is there: length of the rest first, then in any order how pointers are written.
        if cie.take::<u8>()? != 1 || cie.take::<u8>()? != b'z' {
            return None;
        }
        let mut letters = cie;
        while cie.take::<u8>()? != 0 {}
        let (code, data) = (cie.uleb()?, cie.sleb()?);
        cie.uleb()?;
        let length = cie.uleb()?;
        let mut rest = cie;
        cie.skip(length)?;
        loop {
            match letters.take::<u8>()? {
                0 => break,
                // Four bytes from their own place on.
                b'R' if rest.take::<u8>()? == 0x1b => {}
                b'L' => rest.skip(1)?,
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
        let none = Row { register: RSP, offset: 8, bp: None };
        let first = run(cie, none, none, (0, u64::MAX), (code, data))?;
        run(fde, first, first, (begin, pc), (code, data))
    }
}

/// Runs instructions from the place `at` on until those for places behind `pc`.
fn run(mut b: Bytes, mut row: Row, first: Row, (mut at, pc): (u64, u64), (code, data): (u64, i64)) -> Option<Row> {
    let mut kept = [row; 4];
    let mut depth = 0;
    while b.at < b.end {
        let op = b.take::<u8>()?;
        let low = u64::from(op & 0x3f);
        let factored = |n: u64| (n as i64).wrapping_mul(data);
        let mut advance = 0;
        match (op >> 6, op) {
            (1, _) => advance = low,
            (2, _) => {
                let off = b.uleb()?;
                if low == RBP {
                    row.bp = Some(factored(off));
                }
            }
            (3, _) => {
                if low == RBP {
                    row.bp = first.bp;
                }
            }
            (_, 0x00) => {}
            (_, 0x02) => advance = u64::from(b.take::<u8>()?),
            (_, 0x03) => advance = u64::from(b.take::<u16>()?),
            (_, 0x04) => advance = u64::from(b.take::<u32>()?),
            (_, 0x0a) => {
                *kept.get_mut(depth)? = row;
                depth += 1;
            }
            (_, 0x0b) => {
                depth = depth.checked_sub(1)?;
                row = *kept.get(depth)?;
            }
            (_, 0x0c) => (row.register, row.offset) = (b.uleb()?, b.uleb()? as i64),
            (_, 0x0d) => row.register = b.uleb()?,
            (_, 0x0e) => row.offset = b.uleb()? as i64,
            // The size of arguments on the stack.
            (_, 0x2e) => {
                b.uleb()?;
            }
            // What no function of ours has.
            _ => return None,
        }
        at = at.wrapping_add(advance.wrapping_mul(code));
        if at > pc {
            break;
        }
    }
    Some(row)
}
