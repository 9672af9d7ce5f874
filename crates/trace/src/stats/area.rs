//! Areas of counters: read out of shared memory, and added to one another.
//!
//! What lies there may have been scribbled on: numbers of units and pages are checked, and only pages that are marked as
//! counters are touched.

use super::hist::Hist;
use super::model::{CallRow, Counts};
use crate::shm::atomic;
use socklens_calls::Call;
use socklens_decode::xlat;
use socklens_wire::layout::page;
use socklens_wire::stats::{
    AreaHead, BUCKETS, CELL_COUNT, Counters, EAI, ERRNOS, HEAD_UNITS, MAX_CALLS, NO_ERRNO, OCTAVES, Octave, Row,
    SPILL_ERRNOS, UNITS_PER_PAGE, error_key, spill_key,
};
use socklens_wire::{Segment, pool};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// One call's counters, copied: numbers as they lie in memory, times in raw ticks.
#[derive(Clone, Debug, Default)]
pub struct RawRow {
    n: [u64; Counters::FIELDS],
    errnos: BTreeMap<u16, u64>,
    /// By octave * 64 + bucket.
    pub(super) cells: BTreeMap<u16, u64>,
}

/// An area's counters, copied.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    rows: BTreeMap<u16, RawRow>,
}

/// Fields of [`Counters`] by their place.
mod field {
    pub const COUNT: usize = 0;
    pub const ERRORS: usize = 1;
    pub const IN: usize = 2;
    pub const OUT: usize = 3;
    pub const PEEKED: usize = 4;
    pub const SHORT: usize = 5;
    pub const EAGAIN: usize = 6;
    pub const EINTR: usize = 7;
    pub const TIME: usize = 8;
    pub const BLOCKED: usize = 9;
    pub const MIN_INV: usize = 10;
    pub const MAX: usize = 11;
    pub const UNTOLD: usize = 12;
}

const _: () = assert!(Counters::FIELDS == field::UNTOLD + 1);

fn fields(c: &Counters) -> [&AtomicU64; Counters::FIELDS] {
    [
        &c.count,
        &c.errors,
        &c.bytes_in,
        &c.bytes_out,
        &c.peeked,
        &c.short,
        &c.eagain,
        &c.eintr,
        &c.time,
        &c.blocked,
        &c.min_inv,
        &c.max,
        &c.untold,
    ]
}

impl RawRow {
    fn read_counters(&mut self, c: &Counters) {
        for (to, from) in self.n.iter_mut().zip(fields(c)) {
            *to = from.load(Ordering::Relaxed);
        }
    }

    pub(super) fn add(&mut self, o: &RawRow) {
        for (i, (to, from)) in self.n.iter_mut().zip(o.n).enumerate() {
            *to = if i == field::MIN_INV || i == field::MAX { from.max(*to) } else { to.wrapping_add(from) };
        }
        for (&k, &v) in &o.errnos {
            *self.errnos.entry(k).or_default() += v;
        }
        for (&k, &v) in &o.cells {
            let cell = self.cells.entry(k).or_default();
            *cell = cell.wrapping_add(v);
        }
    }

    /// The row in nanoseconds and with names.
    pub fn counts(&self, tick_ns: f64) -> Counts {
        self.counts_with(tick_ns, self.cells.clone())
    }

    /// The same with these cells, whatever its own are.
    pub(super) fn counts_with(&self, tick_ns: f64, cells: BTreeMap<u16, u64>) -> Counts {
        let n = |i: usize| self.n[i];
        let ns = |ticks: u64| (ticks as f64 * tick_ns).round() as u64;
        Counts {
            count: n(field::COUNT),
            errors: n(field::ERRORS),
            errno: self.errnos.iter().map(|(&e, &n)| (error_name(e), n)).collect(),
            bytes_in: n(field::IN),
            bytes_out: n(field::OUT),
            peeked: n(field::PEEKED),
            short: n(field::SHORT),
            eagain: n(field::EAGAIN),
            eintr: n(field::EINTR),
            time_ns: ns(n(field::TIME)),
            blocked_ns: ns(n(field::BLOCKED)),
            min_ns: if n(field::MIN_INV) == 0 { 0 } else { ns(u64::MAX - n(field::MIN_INV)) },
            max_ns: ns(n(field::MAX)),
            hist: Hist::of(tick_ns, cells),
            untold: n(field::UNTOLD),
        }
    }
}

/// The name of an error as rows hold it.
fn error_name(e: u16) -> String {
    let known = match e {
        NO_ERRNO => Some("h_errno"),
        e if e & EAI != 0 => xlat::signed(xlat::EAI, -i64::from(e & !EAI)),
        e => xlat::errno(i32::from(e)),
    };
    known.map_or_else(|| format!("error {}", e & !EAI), str::to_owned)
}

impl Raw {
    #[cfg(test)]
    pub(super) fn of<const N: usize>(rows: [(u16, RawRow); N]) -> Raw {
        Raw { rows: rows.into() }
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn add(&mut self, o: &Raw) {
        for (&op, row) in &o.rows {
            self.rows.entry(op).or_default().add(row);
        }
    }

    /// By call, in nanoseconds.
    pub fn calls(&self, tick_ns: f64) -> Vec<CallRow> {
        let row = |(&opcode, r): (&u16, &RawRow)| {
            let call = Call::from_opcode(opcode)?;
            Some(CallRow { opcode, call: call.name(), n: r.counts(tick_ns) })
        };
        self.rows.iter().filter_map(row).collect()
    }

    /// All calls added up.
    pub fn sum(&self) -> RawRow {
        let mut sum = RawRow::default();
        self.rows.values().for_each(|r| sum.add(r));
        sum
    }

    /// The same in nanoseconds.
    pub fn total(&self, tick_ns: f64) -> Counts {
        self.sum().counts(tick_ns)
    }

    /// Calls in it.
    pub fn count(&self) -> u64 {
        self.rows.values().fold(0, |n, r| n.wrapping_add(r.n[field::COUNT]))
    }

    /// Without the histograms: what is kept of the many.
    pub fn without_times(mut self) -> Raw {
        for r in self.rows.values_mut() {
            let timed: u64 = r.cells.values().fold(0, |a, b| a.wrapping_add(*b));
            r.n[field::UNTOLD] = r.n[field::UNTOLD].wrapping_add(timed);
            r.cells.clear();
        }
        self
    }
}

/// A unit that lies in a page of counters.
fn unit<T>(s: &Segment, number: u32) -> Option<&'static T> {
    let n = number.checked_sub(1)?;
    if s.page_owner(n / UNITS_PER_PAGE)?.kind.load(Ordering::Acquire) != page::STATS {
        return None;
    }
    // SAFETY: a bounds-checked unit of the mapping; rows, octaves and heads are all atomics and fit it.
    s.unit(n).map(|p| unsafe { &*p.cast::<T>() })
}

/// The head of the area whose first page is `first` - 1. It is longer than a unit, but a page begins with it.
fn head(s: &Segment, first: u32) -> Option<&'static AreaHead> {
    let number = first.checked_sub(1)?.checked_mul(UNITS_PER_PAGE)?.checked_add(1)?;
    unit::<AreaHead>(s, number)
}

/// Copies an area; empty when there is none.
pub fn read(s: &Segment, first: u32) -> Raw {
    let mut raw = Raw::default();
    let Some(h) = head(s, first) else { return raw };
    for op in 0..MAX_CALLS {
        let Some(row) = unit::<Row>(s, h.rows[op].load(Ordering::Acquire)) else { continue };
        let mut r = RawRow::default();
        r.read_counters(&row.n);
        for cell in &row.errnos {
            let v = cell.load(Ordering::Relaxed);
            if v != 0 {
                *r.errnos.entry((v >> 40) as u16).or_default() += v & CELL_COUNT;
            }
        }
        for o in 0..OCTAVES {
            let Some(octave) = unit::<Octave>(s, row.octaves[o].load(Ordering::Acquire)) else { continue };
            for (b, n) in octave.buckets.iter().enumerate() {
                let n = n.load(Ordering::Relaxed);
                if n != 0 {
                    r.cells.insert((o * BUCKETS + b) as u16, n);
                }
            }
        }
        if r.n[field::COUNT] != 0 {
            raw.rows.insert(op as u16, r);
        }
    }
    raw
}

/// Copies what found no room.
pub fn read_spill(s: &Segment) -> Raw {
    let mut raw = Raw::default();
    let spill = s.spill();
    for (op, row) in spill.rows.iter().enumerate() {
        if row.n.count.load(Ordering::Relaxed) != 0 || row.n.untold.load(Ordering::Relaxed) != 0 {
            raw.rows.entry(op as u16).or_default().read_counters(&row.n);
        }
    }
    for [name, count] in &spill.errnos {
        let (name, count) = (name.load(Ordering::Relaxed), count.load(Ordering::Relaxed));
        if let Some(op) = ((name >> 48) as u16).checked_sub(1) {
            *raw.rows.entry(op).or_default().errnos.entry((name >> 32) as u16).or_default() += count;
        }
    }
    raw
}

/// Gives the pages of an area back.
pub fn free(s: &Segment, first: u32) {
    let Some(h) = head(s, first) else { return };
    let pages: Vec<u32> =
        h.pages.iter().chain(&h.more).filter_map(|p| p.load(Ordering::Relaxed).checked_sub(1)).collect();
    for p in pages {
        give_back(s, p);
    }
}

/// Gives one counter page back; one that is none any more stays as it is.
pub fn give_back(s: &Segment, index: u32) {
    let Some(o) = s.page_owner(index) else { return };
    let taken = o.kind.compare_exchange(page::STATS, page::FREE, Ordering::AcqRel, Ordering::Relaxed);
    if taken.is_ok() {
        pool::push(&s.header().free_pages, &s.page_links(), index);
    }
}

/// A zeroed page for counters of the reader's own.
fn take_page(s: &Segment, proc_index: u32) -> Option<u32> {
    let h = s.header();
    let index = pool::pop(&h.free_pages, &h.fresh_pages, s.layout().pages * 3 / 4, &s.page_links())?;
    let (owner, memory) = (s.page_owner(index)?, s.page(index)?);
    owner.proc_index.store(proc_index, Ordering::Relaxed);
    owner.kind.store(page::STATS, Ordering::Release);
    // SAFETY: the page was just taken off the free list, so it is ours alone.
    unsafe { memory.write_bytes(0, socklens_wire::layout::PAGE_SIZE) };
    Some(index)
}

/// Proc index of pages that belong to no process but to the reader.
pub const READERS: u32 = u32::MAX;

/// A new unit of an area, its number + 1.
fn take_unit(s: &Segment, h: &AreaHead) -> Option<u32> {
    let n = h.used.load(Ordering::Relaxed);
    let slot = h.pages.iter().chain(&h.more).nth((n / UNITS_PER_PAGE) as usize)?;
    if slot.load(Ordering::Relaxed) == 0 {
        slot.store(take_page(s, READERS)? + 1, Ordering::Relaxed);
    }
    h.used.store(n + 1, Ordering::Relaxed);
    slot.load(Ordering::Relaxed).checked_sub(1)?.checked_mul(UNITS_PER_PAGE)?.checked_add(n % UNITS_PER_PAGE + 1)
}

/// Adds `raw` to the area whose first page + 1 stands in `first`, which is made when there is none. What finds no room
/// goes to the spill.
pub fn fold(s: &Segment, first: &std::sync::atomic::AtomicU32, raw: &Raw) {
    if raw.is_empty() {
        return;
    }
    if head(s, first.load(Ordering::Acquire)).is_none()
        && let Some(index) = take_page(s, READERS)
        && let Some(h) = head(s, index + 1)
    {
        h.used.store(HEAD_UNITS, Ordering::Relaxed);
        h.pages[0].store(index + 1, Ordering::Relaxed);
        first.store(index + 1, Ordering::Release);
    }
    let h = head(s, first.load(Ordering::Acquire));
    for (&op, from) in &raw.rows {
        let row = h.and_then(|h| {
            let word = h.rows.get(usize::from(op))?;
            if unit::<Row>(s, word.load(Ordering::Acquire)).is_none() {
                word.store(take_unit(s, h)?, Ordering::Release);
            }
            Some((h, unit::<Row>(s, word.load(Ordering::Acquire))?))
        });
        match row {
            Some((h, row)) => fold_row(s, h, row, op, from),
            None => spill_row(s, op, from),
        }
    }
}

fn add_counters(to: &Counters, from: &[u64; Counters::FIELDS]) {
    for (i, (to, &n)) in fields(to).into_iter().zip(from).enumerate() {
        if i == field::MIN_INV || i == field::MAX {
            to.fetch_max(n, Ordering::Relaxed);
        } else {
            to.fetch_add(n, Ordering::Relaxed);
        }
    }
}

fn fold_row(s: &Segment, h: &AreaHead, row: &Row, op: u16, from: &RawRow) {
    add_counters(&row.n, &from.n);
    for (&errno, &n) in &from.errnos {
        let key = error_key(errno);
        let cell = row.errnos.iter().take(ERRNOS).find(|c| {
            let v = c.load(Ordering::Relaxed);
            v == 0 || v & !CELL_COUNT == key
        });
        match cell {
            Some(c) => {
                c.store(key | (c.load(Ordering::Relaxed) & CELL_COUNT).wrapping_add(n) & CELL_COUNT, Ordering::Relaxed)
            }
            None => spill_errno(s, op, errno, n),
        }
    }
    for (&cell, &n) in &from.cells {
        let word = &row.octaves[(usize::from(cell) / BUCKETS).min(OCTAVES - 1)];
        if unit::<Octave>(s, word.load(Ordering::Acquire)).is_none()
            && let Some(unit) = take_unit(s, h)
        {
            word.store(unit, Ordering::Release);
        }
        match unit::<Octave>(s, word.load(Ordering::Acquire)) {
            Some(o) => o.buckets[usize::from(cell) % BUCKETS].fetch_add(n, Ordering::Relaxed),
            None => row.n.untold.fetch_add(n, Ordering::Relaxed),
        };
    }
}

fn spill_row(s: &Segment, op: u16, from: &RawRow) {
    let Some(to) = s.spill().rows.get(usize::from(op)) else { return };
    add_counters(&to.n, &from.n);
    let timed: u64 = from.cells.values().fold(0, |a, b| a.wrapping_add(*b));
    to.n.untold.fetch_add(timed, Ordering::Relaxed);
    for (&errno, &n) in &from.errnos {
        spill_errno(s, op, errno, n);
    }
}

fn spill_errno(s: &Segment, op: u16, errno: u16, n: u64) {
    let key = spill_key(op, errno);
    let at = (key >> 32) as usize % SPILL_ERRNOS;
    for i in 0..SPILL_ERRNOS {
        let [name, count] = &s.spill().errnos[(at + i) % SPILL_ERRNOS];
        let seen = name.compare_exchange(0, key, Ordering::Relaxed, Ordering::Relaxed).unwrap_or_else(|now| now);
        if seen == 0 || seen == key {
            count.fetch_add(n, Ordering::Relaxed);
            return;
        }
    }
    s.spill().unnamed.fetch_add(n, Ordering::Relaxed);
}

/// First page + 1 of a thread slot's area.
pub fn of_thread(s: &Segment, slot: u32) -> u32 {
    s.thread_slot(slot).map_or(0, |p| atomic!(p, stats).load(Ordering::Acquire))
}

/// First page + 1 of a process slot's area.
pub fn of_process(s: &Segment, slot: u32) -> u32 {
    s.proc_slot(slot).map_or(0, |p| atomic!(p, stats).load(Ordering::Acquire))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Map;
    use socklens_wire::Layout;
    use std::sync::atomic::AtomicU32;

    const SMALL: Layout = Layout { procs: 2, threads: 2, conns: 2, pages: 8, chunks: 2, dues: 0 };

    fn row(op: u16, n: u64) -> (u16, RawRow) {
        let mut r = RawRow::default();
        r.n[field::COUNT] = n;
        r.n[field::MIN_INV] = u64::MAX - 10;
        r.n[field::MAX] = 1000 * n;
        r.errnos.insert(libc::EAGAIN as u16, n);
        (0..n).for_each(|i| *r.cells.entry((i * 64 + i) as u16).or_default() += 1);
        (op, r)
    }

    fn sum_of(s: &Segment, first: &AtomicU32) -> Raw {
        let mut all = read(s, first.load(Ordering::Relaxed));
        all.add(&read_spill(s));
        all
    }

    #[test]
    fn what_is_folded_adds_up_also_when_there_is_no_room() {
        let map = Map::anonymous(SMALL).unwrap();
        let s = map.segment();
        let first = AtomicU32::new(0);
        // Six pages of eight units are far fewer than what these need.
        let raw = Raw { rows: (0..60).map(|op| row(op, 20)).collect() };
        for times in 1..=3 {
            fold(&s, &first, &raw);
            let sum = sum_of(&s, &first);
            assert_eq!(sum.rows.len(), 60);
            for r in sum.rows.values() {
                let timed: u64 = r.cells.values().sum();
                assert_eq!((r.n[field::COUNT], r.errnos[&(libc::EAGAIN as u16)]), (20 * times, 20 * times));
                assert_eq!(timed + r.n[field::UNTOLD], 20 * times);
                assert_eq!((r.n[field::MIN_INV], r.n[field::MAX]), (u64::MAX - 10, 20_000));
            }
        }
        assert!(!read_spill(&s).is_empty(), "some of it found no room");
        let taken = s.header().fresh_pages.load(Ordering::Relaxed);
        free(&s, first.load(Ordering::Relaxed));
        fold(&s, &AtomicU32::new(0), &raw);
        assert_eq!(s.header().fresh_pages.load(Ordering::Relaxed), taken, "freed pages are used again");
    }

    /// Thirty kinds of calls in ten octaves each, as a shell with a server, its clients and a few tools comes to.
    #[test]
    fn a_sum_of_many_programs_has_room_for_all_their_durations() {
        let map = Map::anonymous(Layout { pages: 256, ..SMALL }).unwrap();
        let s = map.segment();
        let first = AtomicU32::new(0);
        for _ in 0..3 {
            fold(&s, &first, &Raw { rows: (0..30).map(|op| row(op, 10)).collect() });
        }
        assert!(read_spill(&s).is_empty());
        let sum = read(&s, first.load(Ordering::Relaxed));
        assert_eq!(sum.rows.len(), 30);
        for r in sum.rows.values() {
            assert_eq!((r.n[field::UNTOLD], r.cells.values().sum::<u64>()), (0, 30));
        }
        let taken = s.header().fresh_pages.load(Ordering::Relaxed);
        free(&s, first.load(Ordering::Relaxed));
        fold(&s, &AtomicU32::new(0), &Raw { rows: (0..30).map(|op| row(op, 10)).collect() });
        assert_eq!(s.header().fresh_pages.load(Ordering::Relaxed), taken, "all its pages were given back");
    }

    #[test]
    fn numbers_that_lead_nowhere_are_nothing() {
        let map = Map::anonymous(SMALL).unwrap();
        let s = map.segment();
        for first in [0, 1, 8, 9, u32::MAX] {
            assert!(read(&s, first).is_empty());
            free(&s, first);
        }
        for first in [8, 9, u32::MAX] {
            fold(&s, &AtomicU32::new(first), &Raw { rows: [row(3, 2)].into() });
        }
        let first = AtomicU32::new(0);
        fold(&s, &first, &Raw { rows: [row(3, 2)].into() });
        let h = head(&s, first.load(Ordering::Relaxed)).unwrap();
        h.rows.iter().for_each(|r| r.store(u32::MAX - 1, Ordering::Relaxed));
        h.pages.iter().for_each(|p| p.store(u32::MAX, Ordering::Relaxed));
        h.used.store(u32::MAX, Ordering::Relaxed);
        assert!(read(&s, first.load(Ordering::Relaxed)).is_empty());
        fold(&s, &first, &Raw { rows: [row(4, 2)].into() });
        free(&s, first.load(Ordering::Relaxed));
    }
}
