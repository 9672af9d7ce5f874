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

/// All that faults need in the session's memory.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Region {
    /// Which block is in force: 0 none, 1 the first, 2 the second.
    active: AtomicU32,
    /// Changes whenever `active` does, and when a switch is turned.
    pub generation: AtomicU32,
    /// Not 0: no rule fires.
    pub paused: AtomicU32,
    /// The thread that changes the rules; 0 for none.
    writer: AtomicU32,
    /// Bit per rule: switched off.
    pub off: AtomicU64,
    /// The number of the latest addition.
    groups: AtomicU32,
    pad: AtomicU32,
    /// Bit per signal: an odd number of them came to the command. See [`super::when::COND`].
    pub switches: AtomicU64,
    pad2: [AtomicU64; 3],
    blocks: UnsafeCell<[FaultBlock; 2]>,
    counts: [RuleCounts; MAX_RULES],
}

const _: () = assert!(size_of::<Region>() <= FAULTS_SIZE);

// SAFETY: counts and switches are atomics; the blocks are written by one writer, which does not write the one in force.
unsafe impl Sync for Region {}

impl Region {
    /// Bytes of a region.
    pub const SIZE: usize = size_of::<Region>();

    /// The rules in force, if there are any.
    #[inline(always)]
    pub fn block(&self) -> Option<&FaultBlock> {
        if self.active.load(Ordering::Relaxed) == 0 || self.paused.load(Ordering::Relaxed) != 0 {
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

    /// Whether a rule is switched on.
    pub fn is_on(&self, rule: usize) -> bool {
        self.off.load(Ordering::Relaxed).checked_shr(rule as u32).unwrap_or(1) & 1 == 0
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

    /// Puts rules in force. Those without a number get one each.
    ///
    /// # Safety
    /// As for [`Region::spare`].
    pub unsafe fn install(&self, block: &FaultBlock) {
        // SAFETY: the caller's.
        let spare = unsafe { self.spare() };
        spare.copy_from(block);
        spare.number(&mut || self.next_group());
        self.switch();
    }

    /// Makes the places of rules to come (a bit for each) as good as new.
    pub fn forget(&self, places: u64) {
        for (i, c) in self.counts.iter().enumerate().filter(|(i, _)| places >> i & 1 != 0) {
            c.clear();
            self.off.fetch_and(!(1 << i), Ordering::Relaxed);
        }
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
