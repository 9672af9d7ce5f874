//! Faults of an earlier session that are to be caused again: laid out for hooks to find, and what became of them.

use crate::shm::{atomic, field};
use socklens_wire::Segment;
use socklens_wire::fault::{Due, DueLane, due};
use socklens_wire::layout::MAX_DUES;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// One fault of a schedule, as it was recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Hash of the rule and the lane.
    pub lane: u64,
    /// From which call of the lane on the rule counts there, and how many matches it had counted by then.
    pub since: u32,
    pub before: u32,
    /// Whether its place is that in the stream, not the number of the match.
    pub by_offset: bool,
    /// Its place: see [`Due::at`].
    pub at: u64,
    /// Which match of the lane it was, from 1.
    pub counter: u64,
    /// What was drawn.
    pub value: u64,
    /// Which item of the rule, and which step of it.
    pub item: u8,
    pub step: u8,
}

/// Faults in the order in which they were recorded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Schedule {
    pub faults: Vec<Fault>,
}

/// What became of a fault of a schedule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Became {
    Done,
    /// Its place was not come to: how many matches and bytes its lane came to.
    Ahead {
        matched: u64,
        moved: u64,
    },
    /// Its place was come to, but nothing was done.
    Met,
    /// The same, for a reason: the number of a [`socklens_rules::fault::Skip`].
    Skipped(u32),
}

impl Schedule {
    /// Most faults.
    pub const MOST: usize = MAX_DUES as usize;

    pub(crate) fn dues(&self) -> u32 {
        self.faults.len().min(Schedule::MOST) as u32
    }

    /// Positions in `faults`, in the order in which they lie in the session's memory.
    fn sorted(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.faults.len().min(Schedule::MOST)).collect();
        order.sort_by_key(|&i| {
            let f = &self.faults[i];
            (f.lane, f.since, f.at, f.counter, f.item)
        });
        order
    }

    /// # Safety
    /// Nobody else uses the segment yet.
    pub(crate) unsafe fn write(&self, s: &Segment) {
        let mut lanes: Vec<DueLane> = Vec::new();
        for (place, i) in self.sorted().into_iter().enumerate() {
            let f = &self.faults[i];
            match lanes.last_mut().filter(|l| l.key == f.lane) {
                Some(l) => l.count += 1,
                None => lanes.push(DueLane {
                    key: f.lane,
                    first: place as u32,
                    count: 1,
                    by_offset: u32::from(f.by_offset),
                    pad: 0,
                    matched: AtomicU64::new(0),
                    moved: AtomicU64::new(0),
                }),
            }
            let state = AtomicU32::new(due::AHEAD);
            let Fault { at, counter, value, since, before, item, step, .. } = *f;
            let one = Due { at, counter, value, since, before, item, step, pad: 0, state };
            if let Some(p) = s.due(place as u32) {
                // SAFETY: the pointer is into the mapping, and the caller says that we are alone.
                unsafe { p.write(one) };
            }
        }
        s.fault_shared().due_lanes.store(lanes.len() as u32, Ordering::Release);
        for (i, lane) in lanes.into_iter().enumerate() {
            if let Some(p) = s.due_lane(i as u32) {
                // SAFETY: as above.
                unsafe { p.write(lane) };
            }
        }
    }

    /// What became of each fault so far.
    pub fn outcome(&self, s: &Segment) -> Vec<Became> {
        let mut all = vec![Became::Met; self.faults.len()];
        let lanes = s.fault_shared().due_lanes.load(Ordering::Acquire);
        let came =
            |p: *mut DueLane| (atomic!(p, matched).load(Ordering::Relaxed), atomic!(p, moved).load(Ordering::Relaxed));
        let reached: HashMap<u64, (u64, u64)> =
            (0..lanes).filter_map(|i| s.due_lane(i)).map(|p| (field!(p, key), came(p))).collect();
        for (place, i) in self.sorted().into_iter().enumerate() {
            let Some(p) = s.due(place as u32) else { continue };
            all[i] = match atomic!(p, state).load(Ordering::Acquire) {
                due::AHEAD => {
                    let (matched, moved) = reached.get(&self.faults[i].lane).copied().unwrap_or_default();
                    Became::Ahead { matched, moved }
                }
                due::DONE => Became::Done,
                n if n >= due::SKIPPED => Became::Skipped(n - due::SKIPPED),
                _ => Became::Met,
            };
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, Setup};

    #[test]
    fn a_schedule_is_found_by_lane_and_place() {
        let f = |lane, at| Fault {
            lane,
            since: 0,
            before: 0,
            by_offset: false,
            at,
            counter: at,
            value: 7,
            item: 0,
            step: 0,
        };
        let schedule = Schedule { faults: vec![f(9, 5), f(3, 2), f(9, 1)] };
        let session = Session::create(&Setup { schedule: schedule.clone(), ..Setup::default() }).unwrap();
        let s = session.segment();
        assert_eq!(s.fault_shared().due_lanes.load(Ordering::Relaxed), 2);
        let lanes: Vec<(u64, u32, u32)> = (0..2)
            .map(|i| s.due_lane(i).unwrap())
            .map(|p| (field!(p, key), field!(p, first), field!(p, count)))
            .collect();
        assert_eq!(lanes, [(3, 0, 1), (9, 1, 2)]);
        let at: Vec<u64> = (0..3).map(|i| s.due(i).unwrap()).map(|p| field!(p, at)).collect();
        assert_eq!(at, [2, 1, 5]);
        assert!(s.due(3).is_none());
        // In the order of the recording.
        atomic!(s.due(1).unwrap(), state).store(due::DONE, Ordering::Relaxed);
        atomic!(s.due(0).unwrap(), state).store(due::SKIPPED + 4, Ordering::Relaxed);
        atomic!(s.due_lane(1).unwrap(), matched).store(3, Ordering::Relaxed);
        assert_eq!(schedule.outcome(&s), [Became::Ahead { matched: 3, moved: 0 }, Became::Skipped(4), Became::Done]);
    }
}
