//! Faults of a schedule, caused again: where they are due is looked up, not decided. No condition of their rule is asked, no
//! chance is drawn, and no clock is read.

use super::Cx;
use super::decide::{Chosen, Plan};
use core::sync::atomic::Ordering;
use socklens_rules::fault::{Action, DnsMode, FaultBlock, Kind, Region, Rule, Scope, Skip, draw};
use socklens_wire::Segment;
use socklens_wire::fault::{self, DueLane, FaultLane, due, lane};

/// Where a rule's lane is.
pub struct At {
    /// What the lane is called: a key, and which of the key's.
    pub key: u64,
    pub place: u8,
    /// The match, from 1.
    pub n: u64,
    /// What the stream has moved, and what the call asks for.
    pub offset: u64,
    pub length: u64,
    pub memory: &'static FaultLane,
}

/// A fault of the schedule.
#[derive(Clone, Copy)]
pub struct Due {
    entry: &'static fault::Due,
}

impl Due {
    /// Its place.
    pub fn at(self) -> u64 {
        self.entry.at
    }

    /// It was caused.
    pub fn done(self) {
        self.entry.state.store(due::DONE, Ordering::Relaxed);
    }

    /// It was not.
    pub fn skipped(self, why: Skip) {
        if self.entry.state.load(Ordering::Relaxed) != due::DONE {
            self.entry.state.store(due::SKIPPED + why as u32, Ordering::Relaxed);
        }
    }

    /// From which call of the lane on its rule counts there.
    fn since(self) -> u32 {
        self.entry.since
    }

    fn is_over(self) -> bool {
        self.entry.state.load(Ordering::Relaxed) == due::DONE
    }

    /// The time that was drawn, of the actions whose number is one: what a draw was may have followed from those before it.
    pub fn time(self, action: &Action) -> Option<u64> {
        let is_time = match action.kind()? {
            Kind::Delay | Kind::Latency | Kind::Slowclose | Kind::Blackhole | Kind::Halfopen => true,
            Kind::Dns => action.dns_mode() == Some(DnsMode::Delay),
            _ => false,
        };
        if is_time { Some(self.entry.value) } else { None }
    }
}

/// The schedule's faults in a lane.
fn lane_of(seg: &Segment, key: u64) -> Option<&'static DueLane> {
    let count = seg.fault_shared().due_lanes.load(Ordering::Acquire);
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        // SAFETY: a place in the mapping, whose plain fields nobody writes to any more.
        let l = unsafe { &*seg.due_lane(middle)? };
        if l.key == key {
            return Some(l);
        }
        if l.key < key {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    None
}

fn entry(seg: &Segment, l: &DueLane, i: u32) -> Option<Due> {
    if i >= l.count {
        return None;
    }
    // SAFETY: as above.
    let entry = unsafe { &*seg.due(l.first.wrapping_add(i))? };
    Some(Due { entry })
}

/// The first of a lane's faults that count from this call on and whose place is `at` or lies behind it.
fn first_from(seg: &Segment, l: &DueLane, since: u32, at: u64) -> u32 {
    let (mut low, mut high) = (0, l.count);
    while low < high {
        let middle = low + (high - low) / 2;
        if entry(seg, l, middle).is_some_and(|d| (d.since(), d.at()) < (since, at)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Whether a rule counts in its lane yet, before which there were so many calls: one that came while the recorded session ran
/// comes at the same call. From there its matches count on from the number they had.
pub fn has_come(seg: &Segment, rule: &Rule, (key, place): (u64, u8), memory: &FaultLane, calls: u32) -> bool {
    let (mut known, mut now) = (false, None);
    for by_offset in [false, true] {
        let Some(l) = lane_of(seg, rule.scheduled(rule.group, key, place, by_offset)) else { continue };
        known = true;
        let behind = first_from(seg, l, calls.saturating_add(1), 0);
        let last = behind.checked_sub(1).and_then(|i| entry(seg, l, i));
        now = now.max(last.map(|d| (d.since(), d.entry.before)));
    }
    let Some((since, before)) = now else { return !known };
    if memory.since.load(Ordering::Relaxed) != since {
        memory.matched.store(before, Ordering::Relaxed);
        memory.before.store(before, Ordering::Relaxed);
        memory.since.store(since, Ordering::Relaxed);
    }
    true
}

/// The fault of the same item at another match of the lane.
pub fn at(seg: &Segment, block: &FaultBlock, c: &Chosen, n: u64) -> Option<Due> {
    let rule = block.rules().get(usize::from(c.rule))?;
    if rule.goes_by_offset(c.action.kind()) {
        return c.due.filter(|d| d.entry.counter == n);
    }
    let l = lane_of(seg, rule.scheduled(rule.group, c.key, c.place, false))?;
    let since = c.memory?.since.load(Ordering::Relaxed);
    let from = first_from(seg, l, since, n);
    (from..l.count)
        .map_while(|i| entry(seg, l, i).filter(|d| d.since() == since && d.at() == n))
        .find(|d| d.entry.item == c.action.item && !d.is_over())
}

/// A rule whose faults are those of a schedule matches a call.
pub fn consider<'a>(
    seg: &Segment,
    region: &Region,
    block: &'a FaultBlock,
    cx: &Cx,
    plan: &mut Plan<'a>,
    (index, rule): (u16, &'a Rule),
    here: &At,
) {
    let since = here.memory.since.load(Ordering::Relaxed);
    for by_offset in [false, true] {
        let Some(l) = lane_of(seg, rule.scheduled(rule.group, here.key, here.place, by_offset)) else { continue };
        l.matched.fetch_max(here.n, Ordering::Relaxed);
        l.moved.fetch_max(here.offset, Ordering::Relaxed);
        if !by_offset {
            let from = first_from(seg, l, since, here.n);
            let is_here = |d: &Due| d.since() == since && d.at() == here.n;
            for d in (from..l.count).map_while(|i| entry(seg, l, i).filter(is_here)) {
                choose(region, block, plan, (index, rule), here, d);
            }
        } else if cx.lane != lane::OTHER {
            offsets(seg, region, block, plan, (index, rule), here, l);
        }
    }
}

/// Faults at places of the stream: the next one, if the call would come to it.
fn offsets<'a>(
    seg: &Segment,
    region: &Region,
    block: &'a FaultBlock,
    plan: &mut Plan<'a>,
    (index, rule): (u16, &'a Rule),
    here: &At,
    l: &DueLane,
) {
    let is_cut = |d: Due| find(block, rule, d).is_some_and(|a| a.kind() == Some(Kind::Slice));
    let mut call = None;
    let since = here.memory.since.load(Ordering::Relaxed);
    let from = first_from(seg, l, since, here.offset);
    for d in (from..l.count).map_while(|i| entry(seg, l, i).filter(|d| d.since() == since)) {
        let before = d.at().saturating_sub(here.offset);
        match is_cut(d) {
            // The program stopped there by itself.
            true if before == 0 => d.done(),
            _ if d.is_over() => {}
            true => return choose(region, block, plan, (index, rule), here, d),
            // Only what one call met.
            false if before == 0 => {
                if *call.get_or_insert(d.entry.counter) == d.entry.counter {
                    choose(region, block, plan, (index, rule), here, d);
                }
            }
            false => {
                if before < here.length.max(1) && before < plan.limit {
                    (plan.limit, plan.limiting) = (before, index);
                }
                return;
            }
        }
    }
}

/// The action that a fault of the schedule was.
fn find<'a>(block: &'a FaultBlock, rule: &Rule, d: Due) -> Option<&'a Action> {
    block.actions(rule).iter().find(|a| a.item == d.entry.item && a.step == d.entry.step)
}

fn choose<'a>(
    region: &Region,
    block: &'a FaultBlock,
    plan: &mut Plan<'a>,
    (index, rule): (u16, &'a Rule),
    here: &At,
    d: Due,
) {
    let Some(action) = find(block, rule, d) else { return };
    let Some(effect) = action.effect() else { return };
    if d.is_over() {
        return;
    }
    d.entry.state.store(due::MET, Ordering::Relaxed);
    // Drawn as it was then.
    let counter = if rule.when.scope() == Scope::Conn { 0 } else { d.entry.counter };
    let u = draw::mix(block.seed, rule.id, here.key, u64::from(here.place), counter);
    let chosen = Chosen {
        action,
        effect,
        rule: index,
        counter: d.entry.counter,
        u: draw::scatter(u, u64::from(action.item) + 16),
        offset: here.offset,
        memory: Some(here.memory),
        key: here.key,
        place: here.place,
        due: Some(d),
    };
    plan.put(region, chosen);
}
