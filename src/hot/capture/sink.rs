//! Where the pieces go: measured first, then copied.

use super::{may_peek, myself};
use core::mem::size_of;
use socklens_wire::event::{CAP_HEAD, CapHead, Part};

/// All captures of an event together.
const MAX_TOTAL: usize = 24 * 1024;
/// Most captures in one event.
const MAX_CAPS: u32 = 250;

/// Receives the pieces of the walk.
pub trait Sink {
    /// `len` bytes at `ptr` of what is `full` bytes long in the program.
    fn piece(&mut self, at: At, ptr: u64, len: usize, full: usize, proved: bool);
}

/// Which piece this is.
#[derive(Clone, Copy, Debug)]
pub struct At {
    pub arg: u8,
    pub part: Part,
    pub index: u16,
    pub sub: u16,
}

impl At {
    pub const fn arg(arg: usize, part: Part) -> At {
        At { arg: arg as u8, part, index: 0, sub: 0 }
    }

    pub const fn index(self, index: usize) -> At {
        At { index: index as u16, ..self }
    }

    pub const fn sub(self, sub: usize) -> At {
        At { sub: sub as u16, ..self }
    }
}

/// Whether `len` bytes at `ptr` are readable when its first `proved` bytes are: memory is mapped by whole pages.
pub fn extends(ptr: u64, proved: usize, len: usize) -> bool {
    const PAGE: u64 = 4096;
    let Some(last) = ptr.checked_add((len as u64).saturating_sub(1)) else { return false };
    proved >= len || (proved > 0 && last / PAGE == ptr.wrapping_add(proved as u64 - 1) / PAGE)
}

const fn padded(n: usize) -> usize {
    (n + 7) & !7
}

/// Adds up what the pieces will take.
#[derive(Debug, Default)]
pub struct Measure {
    pub bytes: usize,
    pub caps: u32,
    pub cut: bool,
}

impl Sink for Measure {
    fn piece(&mut self, _: At, ptr: u64, len: usize, _: usize, proved: bool) {
        let need = CAP_HEAD + padded(len);
        if ptr == 0 || (!proved && !may_peek()) {
            self.cut |= ptr != 0;
        } else if self.bytes + need > MAX_TOTAL || self.caps == MAX_CAPS {
            self.cut = true;
        } else {
            self.bytes += need;
            self.caps += 1;
        }
    }
}

/// Copies the pieces into an event's room, which was measured or guessed.
#[derive(Debug)]
pub struct Fill {
    to: *mut u8,
    /// Bytes left.
    pub room: usize,
    /// Pieces that are there.
    pub caps: u32,
    /// Most pieces.
    most: u32,
    /// Something was left out.
    pub cut: bool,
    /// The room was guessed, and is too small.
    pub over: bool,
    guessed: bool,
}

impl Fill {
    /// Room of which nothing is known.
    pub fn guessed(to: *mut u8, room: usize) -> Fill {
        Fill { to, room, caps: 0, most: MAX_CAPS, cut: false, over: false, guessed: true }
    }

    /// Room as it was measured. The program's memory may have changed in between: what no longer fits is left out, what is
    /// missing becomes an empty piece.
    pub fn measured(to: *mut u8, m: &Measure) -> Fill {
        Fill { to, room: m.bytes, caps: 0, most: m.caps, cut: false, over: false, guessed: false }
    }

    #[inline(always)]
    fn put(&mut self, head: CapHead) {
        // SAFETY: callers checked that room for the head and its padded data is left in the reserved event.
        unsafe { self.to.cast::<CapHead>().write(head) };
        let n = CAP_HEAD + padded(head.len as usize);
        // SAFETY: as above.
        self.to = unsafe { self.to.add(n) };
        self.room -= n;
        self.caps += 1;
    }

    /// Fills what was measured and not used.
    pub fn finish(&mut self) {
        while self.caps < self.most && self.room >= CAP_HEAD {
            let len = if self.caps + 1 == self.most { self.room - CAP_HEAD } else { 0 };
            // An arg that no row has: readers skip it.
            self.put(CapHead { arg: 0xfe, part: Part::Data as u8, index: 0, sub: 0, pad: 0, len: len as u32, full: 0 });
        }
    }
}

impl Sink for Fill {
    fn piece(&mut self, at: At, ptr: u64, len: usize, full: usize, proved: bool) {
        if ptr == 0 {
            return;
        }
        if self.caps == self.most || (!proved && !may_peek()) {
            self.cut = true;
            return;
        }
        let room = self.room.saturating_sub(CAP_HEAD) & !7;
        if self.room < CAP_HEAD || self.guessed && len > room {
            (self.over, self.room) = (true, 0);
            return;
        }
        let mut len = len.min(room);
        // SAFETY: the reserved event has CAP_HEAD + padded(len) bytes here; the source is proved, or read fault-safely.
        unsafe {
            let data = self.to.add(CAP_HEAD);
            if len > 0 {
                data.add(padded(len) - 8).cast::<u64>().write(0);
            }
            if proved {
                copy_small(ptr as *const u8, data, len);
            } else {
                let asked = len;
                len = crate::sys::peek(myself(), ptr as usize, data, len);
                if len == 0 && asked > 0 {
                    // Nothing there: shown as the pointer it is.
                    return;
                }
                if len < asked {
                    data.add(len).write_bytes(0, padded(len) - len);
                }
            }
        }
        let head = CapHead {
            arg: at.arg,
            part: at.part as u8,
            index: at.index,
            sub: at.sub,
            pad: 0,
            len: len as u32,
            full: full as u32,
        };
        self.put(head);
    }
}

/// memcpy without the call for the short lengths that most payload prefixes have.
///
/// # Safety
/// That of memcpy.
#[inline(always)]
pub unsafe fn copy_small(from: *const u8, to: *mut u8, n: usize) {
    /// Moves one `T` at each of the two ends, which may overlap.
    unsafe fn ends<T: Copy>(from: *const u8, to: *mut u8, n: usize) {
        // SAFETY: the caller's, and n is at least the size of T.
        unsafe {
            let last = n - size_of::<T>();
            let (a, b) = (from.cast::<T>().read_unaligned(), from.add(last).cast::<T>().read_unaligned());
            to.cast::<T>().write_unaligned(a);
            to.add(last).cast::<T>().write_unaligned(b);
        }
    }
    // SAFETY: the caller's.
    unsafe {
        match n {
            33..=64 => {
                ends::<u128>(from, to, n);
                ends::<u128>(from.add(16), to.add(16), n - 32);
            }
            16..=32 => ends::<u128>(from, to, n),
            8..=15 => ends::<u64>(from, to, n),
            4..=7 => ends::<u32>(from, to, n),
            _ => core::ptr::copy_nonoverlapping(from, to, n),
        }
    }
}
