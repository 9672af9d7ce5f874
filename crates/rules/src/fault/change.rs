//! Rules that come and go while a program runs.
//!
//! A rule keeps its place, its actions and its part of the heap from its coming to its going: a hook that still looks at
//! the block before finds them as they were. New rules are compiled in a block of their own and set into the gaps.

use super::block::{Action, FaultBlock, HEAP, MAX_ACTIONS, MAX_RULES, Rule, Span, rule_flag};
use super::moment::when;
use core::sync::atomic::Ordering;
use socklens_wire::Segment;
use socklens_wire::fault::FaultLane;
use socklens_wire::layout::FAULT_LANES;

/// First and one past the last of what a rule uses.
type Extent = (usize, usize);

impl FaultBlock {
    /// Makes this a block in which rules can be compiled that are to go into `of`: it has the names of the rules there, for
    /// `@after` and `@until`, and nothing else. See [`FaultBlock::graft`].
    pub fn outline(&mut self, of: &FaultBlock) {
        self.clear();
        (self.seed, self.start_ns, self.realism) = (of.seed, of.start_ns, of.realism);
        for (i, rule) in of.rules().iter().enumerate().filter(|(_, r)| r.name.len > 0) {
            let name = of.bytes(rule.name);
            let at = self.heap_len as usize;
            let Some(to) = self.heap.get_mut(at..at.saturating_add(name.len())) else { return };
            to.iter_mut().zip(name).for_each(|(to, b)| *to = *b);
            let span = Span { off: at as u16, len: rule.name.len };
            let Some(slot) = self.rules.get_mut(usize::from(self.rule_count)) else { return };
            *slot = Rule { name: span, group: i as u32, flags: rule.flags & rule_flag::SCHEDULED, ..Rule::NONE };
            self.rule_count = self.rule_count.saturating_add(1);
            self.heap_len = self.heap_len.saturating_add(u32::from(rule.name.len));
        }
    }

    /// Becomes a copy; in place, because a block is too large for a small stack.
    pub fn copy_from(&mut self, of: &FaultBlock) {
        // SAFETY: two whole blocks, apart from each other because one is borrowed for writing.
        unsafe { core::ptr::copy_nonoverlapping(core::ptr::from_ref(of), core::ptr::from_mut(self), 1) };
    }

    /// Takes in the rules that were added to an outline of this block, as one group and for one thread (0 for all). A bit
    /// for each place they took; None when there is no room, and then this block is of no use any more.
    pub fn graft(&mut self, fresh: &FaultBlock, group: u32, thread: u64) -> Option<u64> {
        let mut places = [0u8; MAX_RULES];
        let mut taken = 0u64;
        for (i, rule) in fresh.rules().iter().enumerate() {
            let at = if rule.is_vacant() { rule.group as usize } else { self.vacant()? };
            *places.get_mut(i)? = at as u8;
            if rule.is_vacant() {
                continue;
            }
            let mut own = Rule { group, thread, ..*rule };
            let place = |n: u8| places.get(usize::from(n)).copied().unwrap_or(u8::MAX);
            if own.when.has(when::AFTER) {
                own.when.after = place(own.when.after);
            }
            if own.when.has(when::UNTIL) {
                own.when.until = place(own.when.until);
            }
            self.take(fresh, &mut own)?;
            *self.rules.get_mut(at)? = own;
            taken |= 1 << at;
            self.recount();
        }
        Some(taken)
    }

    /// A place behind all rules, so that they stay in the order in which they came; else the first that is free.
    fn vacant(&self) -> Option<usize> {
        let end = usize::from(self.rule_count);
        if end < MAX_RULES { Some(end) } else { self.rules.iter().position(Rule::is_vacant) }
    }

    /// Copies what a rule of another block uses.
    fn take(&mut self, from: &FaultBlock, rule: &mut Rule) -> Option<()> {
        let actions = from.actions(rule);
        let first = self.gap(actions.len(), MAX_ACTIONS, |_, r| {
            let first = usize::from(r.action_first);
            (first, first.saturating_add(usize::from(r.action_count)))
        })?;
        let need = spans(rule, actions).map(|s| usize::from(s.len)).sum();
        let mut at = self.gap(need, HEAP, |b, r| b.extent(r))?;
        let heap = &mut self.heap;
        let mut copy = |span: &mut Span| -> Option<()> {
            let bytes = from.bytes(*span);
            if bytes.is_empty() {
                *span = Span::default();
                return Some(());
            }
            let end = at.checked_add(bytes.len())?;
            heap.get_mut(at..end)?.iter_mut().zip(bytes).for_each(|(to, b)| *to = *b);
            span.off = u16::try_from(at).ok()?;
            at = end;
            Some(())
        };
        copy(&mut rule.name)?;
        copy(&mut rule.selector)?;
        copy(&mut rule.text)?;
        for (to, action) in self.actions.get_mut(first..)?.iter_mut().zip(actions) {
            *to = *action;
            copy(&mut to.list)?;
            copy(&mut to.dist.table)?;
            copy(&mut to.dist.name)?;
            copy(&mut to.loss.list)?;
        }
        rule.action_first = u16::try_from(first).ok()?;
        Some(())
    }

    /// The part of the heap that a rule uses.
    fn extent(&self, rule: &Rule) -> Extent {
        spans(rule, self.actions(rule)).fold((HEAP, 0), |(low, high), s| {
            let (off, len) = (usize::from(s.off), usize::from(s.len));
            (low.min(off), high.max(off.saturating_add(len)))
        })
    }

    /// The first gap of a length between what rules use.
    fn gap(&self, len: usize, limit: usize, of: impl Fn(&FaultBlock, &Rule) -> Extent) -> Option<usize> {
        let mut at = 0usize;
        loop {
            let end = at.checked_add(len).filter(|e| *e <= limit)?;
            let rules = self.rules().iter().filter(|r| !r.is_vacant()).map(|r| of(self, r));
            // Each round gets past one rule at least, so this ends.
            match rules.filter(|(low, high)| *low < end && at < *high).map(|(_, high)| high).max() {
                Some(high) => at = high,
                None => return Some(at),
            }
        }
    }

    /// Takes rules away, a bit for each; the others stay where they are.
    pub fn remove(&mut self, gone: u64) {
        for (_, rule) in self.rules.iter_mut().enumerate().filter(|(i, _)| gone >> i & 1 != 0) {
            *rule = Rule::NONE;
        }
        self.recount();
    }

    /// Of the rules that would stay, the first that refers to one that would go, by `@after` or `@until`.
    pub fn referrer(&self, gone: u64) -> Option<usize> {
        let goes = |bit: u32, set: u32, n: u8| set & bit != 0 && gone.checked_shr(u32::from(n)).unwrap_or(0) & 1 != 0;
        self.rules().iter().enumerate().position(|(i, r)| {
            let w = &r.when;
            gone >> i & 1 == 0 && (goes(when::AFTER, w.set, w.after) || goes(when::UNTIL, w.set, w.until))
        })
    }

    /// The rules of a group, a bit for each; all with 0, but for those of a schedule.
    pub fn group(&self, group: u32) -> u64 {
        let fits = |r: &Rule| if group == 0 { r.flags & rule_flag::SCHEDULED == 0 } else { r.group == group };
        let of = self.rules().iter().enumerate().filter(|(_, r)| !r.is_vacant() && fits(r));
        of.fold(0, |bits, (i, _)| bits | 1 << i)
    }

    /// Gives a number to each rule that has none.
    pub(crate) fn number(&mut self, next: &mut dyn FnMut() -> u32) {
        for rule in self.rules.iter_mut().filter(|r| !r.is_vacant() && r.group == 0) {
            rule.group = next();
        }
    }

    /// Counts what is in use.
    fn recount(&mut self) {
        let every = if self.recorded != 0 { u64::MAX } else { 0 };
        let (mut rules, mut actions, mut heap, mut any) = (0usize, 0u16, 0usize, [every; 4]);
        for (i, rule) in self.rules.iter().enumerate().filter(|(_, r)| !r.is_vacant()) {
            rules = i.saturating_add(1);
            actions = actions.max(rule.action_first.saturating_add(rule.action_count));
            any.iter_mut().zip(rule.calls).for_each(|(to, bits)| *to |= bits);
            heap = heap.max(self.extent(rule).1);
        }
        (self.rule_count, self.action_count, self.heap_len, self.any) = (rules as u16, actions, heap as u32, any);
    }
}

/// What rules that are about to go (a bit for each) remember of their lanes may be written over.
pub fn free_lanes(segment: &Segment, block: &FaultBlock, gone: u64) {
    let goes = |group: u32| block.rules().iter().enumerate().any(|(i, r)| gone >> i & 1 != 0 && r.group == group);
    for lane in (0..FAULT_LANES).filter_map(|i| segment.fault_lane(i)) {
        if lane.key.load(Ordering::Relaxed) != 0 && goes(lane.group.load(Ordering::Relaxed)) {
            lane.owner.store(FaultLane::NOBODY, Ordering::Release);
        }
    }
}

/// The parts of the heap that a rule and its actions use.
fn spans<'a>(rule: &Rule, actions: &'a [Action]) -> impl Iterator<Item = Span> + use<'a> {
    let own = [rule.name, rule.selector, rule.text];
    own.into_iter()
        .chain(actions.iter().flat_map(|a| [a.list, a.dist.table, a.dist.name, a.loss.list]))
        .filter(|s| s.len > 0)
}
