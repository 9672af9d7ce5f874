//! Where in the program a call was made: asked only while there is a rule with `site=`.
//!
//! The return address to the program lies above the frames of libsocklens.so on the stack. How large these are the
//! compiler wrote into its .eh_frame, for unwinding; nothing else of the stack is looked at. The loader's list then tells
//! whose code the address is. It may change meanwhile, so it is read as memory that need not be there.

use super::unwind::Unwinder;
use super::{lent, modules};
use core::sync::atomic::{AtomicU64, Ordering};
use socklens_inside::engine::Registers;
use socklens_rules::Site;

/// A place in the program.
pub struct Place {
    /// Offset of the address in its module, and in its function.
    pub offset: u64,
    pub inside: u64,
    pub module_len: usize,
    pub symbol_len: usize,
    /// The module's path; empty for the program itself.
    pub module: [u8; 256],
    /// The function, if it is exported.
    pub symbol: [u8; 128],
}

impl Place {
    /// No place.
    pub const NONE: Place =
        Place { offset: 0, inside: 0, module_len: 0, symbol_len: 0, module: [0; 256], symbol: [0; 128] };
}

impl Place {
    /// The same, for selectors.
    pub fn site(&self) -> Site<'_> {
        let own = lent::process().and_then(|p| p.exe.get(..p.exe_len as usize)).unwrap_or(&[]);
        let module = self.module.get(..self.module_len).filter(|m| !m.is_empty()).unwrap_or(own);
        Site { module, symbol: self.symbol.get(..self.symbol_len).unwrap_or(&[]), offset: self.offset }
    }
}

/// The address to which the hook that is running returns, outside of libsocklens.so; 0 when it cannot be told.
pub fn caller(at: &Registers) -> u64 {
    outside(at).map_or(0, |r| r.pc)
}

/// What the hook that is running returns to, and the registers then.
pub fn outside(at: &Registers) -> Option<Registers> {
    Unwinder::of(lent::base()).and_then(|u| u.first_outside(at))
}

/// What was found out about an address.
struct Known {
    /// Exclusive or of the address and the words below: a torn entry is of no address.
    check: AtomicU64,
    /// The module's entry in the loader's list, its load address, the name of the function, 0 for none, and where that begins.
    words: [AtomicU64; 4],
}

const KNOWN: usize = 256;
static MEMORY: [Known; KNOWN] =
    [const { Known { check: AtomicU64::new(0), words: [const { AtomicU64::new(0) }; 4] } }; KNOWN];

fn slot(addr: u64) -> Option<&'static Known> {
    MEMORY.get((addr >> 2) as usize % KNOWN)
}

fn recall(addr: u64) -> Option<[u64; 4]> {
    let k = slot(addr)?;
    let words = k.words.each_ref().map(|w| w.load(Ordering::Relaxed));
    let [a, b, c, d] = words;
    (a != 0 && k.check.load(Ordering::Acquire) == addr ^ a ^ b ^ c ^ d).then_some(words)
}

fn remember(addr: u64, words: [u64; 4]) {
    let Some(k) = slot(addr) else { return };
    for (to, w) in k.words.iter().zip(words) {
        to.store(w, Ordering::Relaxed);
    }
    let [a, b, c, d] = words;
    k.check.store(addr ^ a ^ b ^ c ^ d, Ordering::Release);
}

/// Says whose code an address is; false when that is not known.
pub fn describe(addr: u64, to: &mut Place) -> bool {
    // A module that went, and another one in its place, is seen by its load address.
    let same = |words: &[u64; 4]| {
        let [map, base, ..] = *words;
        modules::module_at(map).is_some_and(|m| m.addr as u64 == base)
    };
    let Some([map, base, name, begin]) = recall(addr).filter(same).or_else(|| {
        let found = modules::module_of(addr)?;
        let (name, begin) = modules::function_of(&found, addr).unwrap_or((0, 0));
        let words = [found.map, found.addr, name, begin];
        remember(addr, words);
        Some(words)
    }) else {
        return false;
    };
    let Some(module) = modules::module_at(map) else { return false };
    to.module_len = text(module.name as u64, &mut to.module);
    to.symbol_len = text(name, &mut to.symbol);
    to.offset = addr.wrapping_sub(base);
    to.inside = to.offset.wrapping_sub(begin);
    true
}

/// Copies a text that ends with a NUL, as much as there is room for; how long it is.
fn text(from: u64, to: &mut [u8]) -> usize {
    /// Divides a page, so that no piece reaches into the next one.
    const PIECE: usize = 64;
    let mut at = from;
    let mut len = 0;
    while from != 0 && len < to.len() {
        let n = PIECE - at as usize % PIECE;
        let mut piece = [0u8; PIECE];
        // SAFETY: there is room for so many bytes.
        if !unsafe { lent::fetch_bytes(at, piece.as_mut_ptr(), n) } {
            return 0;
        }
        for &b in piece.iter().take(n) {
            match to.get_mut(len) {
                Some(to) if b != 0 => *to = b,
                _ => return len,
            }
            len += 1;
        }
        at += n as u64;
    }
    len
}
