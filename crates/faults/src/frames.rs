//! The stack of the thread that makes a call: asked only while there is a rule with `stack=`, and last of all.
//!
//! From libsocklens.so's own frames it goes up through those of others, as their modules' call frame information says, or by
//! rbp where there is none. Nothing of it is trusted: every word is read as memory that need not be there, what makes no
//! sense ends the stack, and there are no more frames than [`MOST`].

use super::unwind::{Index, Row};
use super::{Fired, lent, modules, site};
use core::cell::Cell;
use core::sync::atomic::{AtomicU64, Ordering};
use socklens_inside::engine::{Registers, StackRoom};
use socklens_rules::fault::Skip;
use socklens_rules::{Frames, Site};
use socklens_wire::stack::{Frame, Writer};

/// Most frames of a stack.
pub const MOST: usize = 64;

/// A stack that is looked at when somebody asks.
pub struct Stack<'a> {
    at: &'a Registers,
    /// How many of the addresses are known; more than there are while nobody has asked.
    count: Cell<usize>,
    addresses: Cell<[u64; MOST]>,
}

impl<'a> Stack<'a> {
    /// That of a call.
    pub fn of(at: &'a Registers) -> Stack<'a> {
        Stack { at, count: Cell::new(usize::MAX), addresses: Cell::new([0; MOST]) }
    }
}

impl Frames for Stack<'_> {
    fn any(&self, fits: &mut dyn FnMut(&Site<'_>) -> bool) -> Option<bool> {
        if !lent::may_look() {
            return None;
        }
        if self.count.get() > MOST {
            let mut addresses = [0; MOST];
            self.count.set(walk(self.at, &mut addresses));
            self.addresses.set(addresses);
        }
        let addresses = self.addresses.as_array_of_cells().iter().take(self.count.get());
        if self.count.get() == 0 {
            return None;
        }
        Some(addresses.map(Cell::get).any(|addr| {
            let mut place = site::Place::NONE;
            site::describe(addr, &mut place) && fits(&place.site())
        }))
    }
}

/// The addresses to which the functions that are running return, the innermost first; how many there are.
#[inline(never)]
pub fn walk(at: &Registers, to: &mut [u64; MOST]) -> usize {
    let Some(mut r) = site::outside(at) else { return 0 };
    // A signal handler's frame tells where the program was, not where it returns to.
    let mut exact = false;
    for (count, to) in to.iter_mut().enumerate() {
        *to = r.pc;
        let (row, sure) = match row_of(r.pc, exact) {
            Some(row) => (row, true),
            None => (Row::BY_BP, false),
        };
        // A handler may have had a stack of its own.
        let higher = |up: &Registers| row.signal || up.sp > r.sp;
        let known = |up: &Registers| sure || modules::module_of(up.pc).is_some();
        match row.up(&r).filter(higher).filter(known) {
            Some(up) => (r, exact) = (up, row.signal),
            None => return count + 1,
        }
    }
    MOST
}

const ROOMS: usize = 64;
static SHOWN: [StackRoom; ROOMS] = [const { StackRoom::new() }; ROOMS];

/// Has the event of a call show its stack; why not, when that cannot be.
#[inline(never)]
pub fn show(at: &Registers, fired: &mut Fired) -> Option<Skip> {
    if !lent::may_look() {
        return Some(Skip::Confined);
    }
    let mut addresses = [0; MOST];
    let count = walk(at, &mut addresses);
    let describe = |to: &mut [u8]| {
        let mut w = Writer::new(to);
        for &addr in addresses.iter().take(count) {
            let mut place = site::Place::NONE;
            let known = site::describe(addr, &mut place);
            let of = if known { place.site() } else { Site { offset: addr, ..Site::default() } };
            if !w.add(&Frame { offset: of.offset, inside: place.inside, module: of.module, symbol: of.symbol }) {
                break;
            }
        }
        w.len()
    };
    let room = if count > 0 { SHOWN.iter().find(|r| r.fill(lent::pid(), describe)) } else { None };
    let Some(room) = room else { return Some(Skip::NoRoom) };
    fired.show(room);
    None
}

/// What was found out about a place in a function.
struct Known {
    /// Exclusive or of the place and the words below: a torn entry is of no place.
    check: AtomicU64,
    /// The module's entry in the loader's list, its load address, and the row.
    words: [AtomicU64; 4],
}

const KNOWN: usize = 1024;
static MEMORY: [Known; KNOWN] =
    [const { Known { check: AtomicU64::new(0), words: [const { AtomicU64::new(0) }; 4] } }; KNOWN];

/// The row of an address to which a function returns, or at which it `exact`ly was.
fn row_of(addr: u64, exact: bool) -> Option<Row> {
    let place = if exact { addr } else { addr.wrapping_sub(1) };
    let known = MEMORY.get((place >> 1) as usize % KNOWN)?;
    let words = known.words.each_ref().map(|w| w.load(Ordering::Relaxed));
    let check = |[a, b, c, d]: [u64; 4]| place ^ a ^ b ^ c ^ d;
    let [map, base, a, b] = words;
    // A module that went, and another one in its place, is seen by its load address.
    let there = map != 0
        && known.check.load(Ordering::Acquire) == check(words)
        && modules::module_at(map).is_some_and(|m| m.addr as u64 == base);
    if there {
        return Some(Row::unpack([a, b]));
    }
    let m = modules::module_of(addr).filter(|m| m.index != 0)?;
    let row = Index { at: m.index, ours: false }.row(place)?;
    let [a, b] = row.pack();
    let words = [m.map, m.addr, a, b];
    for (to, w) in known.words.iter().zip(words) {
        to.store(w, Ordering::Relaxed);
    }
    known.check.store(check(words), Ordering::Release);
    Some(row)
}
