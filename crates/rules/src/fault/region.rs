//! The faults' part of a session's memory: the rules in force, the switches, and what became of each rule.

use super::block::{FaultBlock, MAX_RULES};
use super::kind::Skip;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use socklens_wire::Segment;
use socklens_wire::layout::FAULTS_SIZE;

/// What became of one rule, counted by all processes of the session.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct RuleCounts {
    /// Calls that matched it, its conditions apart.
    pub matched: AtomicU64,
    /// Faults it caused.
    pub fired: AtomicU64,
    /// Faults it would have caused, by the reason why not: [`Skip`].
    pub skipped: [AtomicU64; 22],
}

impl RuleCounts {
    fn clear(&self) {
        for n in [&self.matched, &self.fired].into_iter().chain(&self.skipped) {
            n.store(0, Ordering::Relaxed);
        }
    }

    /// Counts a fault that was not caused.
    pub fn skip(&self, why: Skip) {
        if let Some(n) = self.skipped.get(why as usize) {
            n.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Rules that can be noted.
const NOTES: usize = 64;
/// Bytes for their texts.
const TEXTS: usize = 33 * 1024;

/// A rule that came while a session that is recorded ran, and caused a fault.
#[derive(Debug)]
#[repr(C)]
struct Noted {
    /// 0 free, 1 being written, 2 there.
    state: AtomicU32,
    len: AtomicU32,
    off: AtomicU32,
    pad: AtomicU32,
    /// [`FaultBlock::noted`]
    id: AtomicU64,
    /// The lineage of the thread it is for; 0 for all.
    thread: AtomicU64,
}

/// All that faults need in the session's memory.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Region {
    /// Which block is in force: 0 none, 1 the first, 2 the second.
    active: AtomicU32,
    /// Changes whenever `active` does, and when a switch is turned.
    pub generation: AtomicU32,
    /// Not 0: no rule fires. One of [`paused`].
    pub paused: AtomicU32,
    /// The thread that changes the rules; 0 for none.
    writer: AtomicU32,
    /// Bit per rule: switched off.
    pub off: AtomicU64,
    /// The number of the latest addition.
    groups: AtomicU32,
    /// Bytes of `texts` in use.
    texts_len: AtomicU32,
    /// Bit per signal: an odd number of them came to the command. See [`super::when::COND`].
    pub switches: AtomicU64,
    pad2: [AtomicU64; 3],
    blocks: UnsafeCell<[FaultBlock; 2]>,
    counts: [RuleCounts; MAX_RULES],
    notes: [Noted; NOTES],
    texts: UnsafeCell<[u8; TEXTS]>,
}

/// Values of [`Region::paused`].
pub mod paused {
    /// Calls are not looked at.
    pub const WHOLLY: u32 = 1;
    /// They are counted, because the session is recorded.
    pub const COUNTING: u32 = 2;
}

const _: () = assert!(size_of::<Region>() <= FAULTS_SIZE);

// SAFETY: counts and switches are atomics; the blocks are written by one writer, which does not write the one in force; each
// byte of the texts is written once, before its note is there.
unsafe impl Sync for Region {}

impl Region {
    /// Bytes of a region.
    pub const SIZE: usize = size_of::<Region>();

    /// The rules in force, if there are any.
    #[inline(always)]
    pub fn block(&self) -> Option<&FaultBlock> {
        if self.active.load(Ordering::Relaxed) == 0 || self.paused.load(Ordering::Relaxed) == paused::WHOLLY {
            return None;
        }
        self.loaded()
    }

    /// The rules in force, or those that would be but for a pause.
    #[inline(always)]
    pub fn loaded(&self) -> Option<&FaultBlock> {
        let n = self.active.load(Ordering::Acquire);
        if n == 0 || n > 2 {
            return None;
        }
        // SAFETY: n is 1 or 2, so the block is one of the two, and it is not written while it is in force.
        let block = unsafe { &*self.blocks.get().cast::<FaultBlock>().add(n.wrapping_sub(1) as usize) };
        if block.is_sound() { Some(block) } else { None }
    }

    /// The counts of a rule.
    pub fn counts(&self, rule: usize) -> Option<&RuleCounts> {
        self.counts.get(rule)
    }

    /// Switches all rules off, or on again.
    pub fn pause(&self, off: bool) {
        let how = if self.loaded().is_some_and(|b| b.recorded != 0) { paused::COUNTING } else { paused::WHOLLY };
        self.paused.store(if off { how } else { 0 }, Ordering::Release);
    }

    /// Keeps the text of a rule that has caused a fault and may be gone when the fault is read of. Without room it is not kept.
    pub fn note(&self, id: u64, thread: u64, text: &[u8]) {
        for n in &self.notes {
            let state = n.state.load(Ordering::Acquire);
            if state != 0 && n.id.load(Ordering::Relaxed) == id {
                return;
            }
            if state != 0 || n.state.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Relaxed).is_err() {
                continue;
            }
            n.id.store(id, Ordering::Relaxed);
            n.thread.store(thread, Ordering::Relaxed);
            let at = self.texts_len.fetch_add(text.len() as u32, Ordering::Relaxed) as usize;
            if at.saturating_add(text.len()) <= TEXTS {
                // SAFETY: inside the array, and this part of it was given to nobody else.
                unsafe {
                    core::ptr::copy_nonoverlapping(text.as_ptr(), self.texts.get().cast::<u8>().add(at), text.len())
                };
                n.off.store(at as u32, Ordering::Relaxed);
                n.len.store(text.len() as u32, Ordering::Relaxed);
            }
            n.state.store(2, Ordering::Release);
            return;
        }
    }

    /// The thread and text of a rule that was noted.
    pub fn noted(&self, id: u64) -> Option<(u64, &str)> {
        let there = |n: &&Noted| n.state.load(Ordering::Acquire) == 2 && n.id.load(Ordering::Relaxed) == id;
        let n = self.notes.iter().find(there)?;
        let (off, len) = (n.off.load(Ordering::Relaxed) as usize, n.len.load(Ordering::Relaxed) as usize);
        if len == 0 || off.checked_add(len)? > TEXTS {
            return None;
        }
        // SAFETY: inside the array, and not written any more.
        let text = unsafe { core::slice::from_raw_parts(self.texts.get().cast::<u8>().add(off), len) };
        Some((n.thread.load(Ordering::Relaxed), core::str::from_utf8(text).ok()?))
    }

    /// Whether a rule is switched on.
    pub fn is_on(&self, rule: usize) -> bool {
        self.paused.load(Ordering::Relaxed) == 0
            && self.off.load(Ordering::Relaxed).checked_shr(rule as u32).unwrap_or(1) & 1 == 0
    }

    /// The region of a session's memory.
    pub fn of(segment: &Segment) -> &'static Region {
        // SAFETY: the segment has FAULTS_SIZE mapped bytes there, page-aligned, which stay mapped; every bit pattern is a Region.
        unsafe { &*segment.faults().cast::<Region>() }
    }

    /// The block not in force, to be written.
    ///
    /// # Safety
    /// Nobody else writes to the region now. A reader that still holds the block from two changes ago sees a mixture of
    /// rules, which it survives.
    #[expect(clippy::mut_from_ref, reason = "the blocks lie in an UnsafeCell, and the caller is the only writer")]
    pub unsafe fn spare(&self) -> &mut FaultBlock {
        let at = usize::from(self.active.load(Ordering::Acquire) == 1);
        // SAFETY: `at` is 0 or 1, so the block is one of the two; the caller vouches for being the only writer.
        unsafe { &mut *self.blocks.get().cast::<FaultBlock>().add(at) }
    }

    /// Takes the right to change the rules for a thread (its id, not 0); else who has it.
    pub fn lock(&self, thread: u32) -> Result<(), u32> {
        self.take_over(0, thread)
    }

    /// As [`Region::lock`], from a thread that has it and is gone.
    pub fn take_over(&self, gone: u32, thread: u32) -> Result<(), u32> {
        self.writer.compare_exchange(gone, thread, Ordering::AcqRel, Ordering::Acquire).map(|_| ())
    }

    /// Gives the right back.
    pub fn unlock(&self) {
        self.writer.store(0, Ordering::Release);
    }

    /// The word that [`Region::lock`] changes, to wait on.
    pub fn writer(&self) -> &AtomicU32 {
        &self.writer
    }

    /// A number for an addition.
    pub fn next_group(&self) -> u32 {
        self.groups.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// Puts rules in force in a session. Those without a number get one each.
    ///
    /// # Safety
    /// As for [`Region::spare`].
    pub unsafe fn install(segment: &Segment, block: &FaultBlock) {
        let region = Region::of(segment);
        // SAFETY: the caller's.
        let spare = unsafe { region.spare() };
        spare.copy_from(block);
        spare.number(&mut || region.next_group());
        segment.header().ruled.store(1, Ordering::Release);
        region.switch();
    }

    /// Makes the places of rules to come (a bit for each) as good as new.
    pub fn forget(&self, places: u64) {
        for (i, c) in self.counts.iter().enumerate().filter(|(i, _)| places >> i & 1 != 0) {
            c.clear();
            self.off.fetch_and(!(1 << i), Ordering::Relaxed);
        }
    }

    /// Generations count from 1 in a session: so the first word is never 0 there, which tells a process's own copy of it from
    /// one that a fork has wiped.
    pub fn begin(&self) {
        self.generation.store(1, Ordering::Relaxed);
    }

    /// Has every process look again what is wanted of its calls: of [`socklens_wire::Header::generation`] they are not told.
    pub fn touch(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Puts the spare block in force.
    pub fn switch(&self) {
        let n = self.active.load(Ordering::Acquire);
        self.active.store(if n == 1 { 2 } else { 1 }, Ordering::Release);
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Puts no rule in force.
    pub fn disarm(&self) {
        self.active.store(0, Ordering::Release);
        self.generation.fetch_add(1, Ordering::Release);
    }
}
