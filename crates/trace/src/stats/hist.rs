//! A log-linear histogram of durations: sparse, mergeable, in nanoseconds.

use socklens_wire::stats::{BUCKETS, bounds};
use std::collections::BTreeMap;

/// How often each duration was seen. A bucket is at most 1/64 as wide as the durations in it, so what is read from its
/// middle is within 0.8 %.
#[derive(Clone, Debug, Default)]
pub struct Hist {
    /// Octave * 64 + bucket, in raw ticks.
    cells: BTreeMap<u16, u64>,
    /// Nanoseconds of a tick.
    tick_ns: f64,
    total: u64,
}

impl Hist {
    /// An empty histogram of durations in ticks of `tick_ns` nanoseconds.
    pub fn new(tick_ns: f64) -> Hist {
        Hist { tick_ns, ..Hist::default() }
    }

    /// A histogram of whole cells, by octave * 64 + bucket.
    pub(super) fn of(tick_ns: f64, mut cells: BTreeMap<u16, u64>) -> Hist {
        cells.retain(|_, n| *n > 0);
        let total = cells.values().fold(0, |a, b| u64::saturating_add(a, *b));
        Hist { cells, tick_ns, total }
    }

    /// Adds `n` durations of one bucket.
    pub fn put(&mut self, octave: usize, bucket: usize, n: u64) {
        if n > 0 {
            let cell = self.cells.entry((octave * BUCKETS + bucket) as u16).or_default();
            *cell = cell.saturating_add(n);
            self.total = self.total.saturating_add(n);
        }
    }

    /// Adds another's durations.
    pub fn add(&mut self, o: &Hist) {
        if self.total == 0 {
            self.tick_ns = o.tick_ns;
        }
        for (&cell, &n) in &o.cells {
            self.put(usize::from(cell) / BUCKETS, usize::from(cell) % BUCKETS, n);
        }
    }

    /// How many durations it holds.
    pub fn total(&self) -> u64 {
        self.total
    }

    fn ns(&self, ticks: u64) -> f64 {
        ticks as f64 * self.tick_ns
    }

    /// From, up to (without), and how often: every bucket that was met, shortest first, in nanoseconds.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, f64, u64)> + '_ {
        self.cells.iter().map(|(&cell, &n)| {
            let (from, to) = bounds(usize::from(cell) / BUCKETS, usize::from(cell) % BUCKETS);
            (self.ns(from), self.ns(to), n)
        })
    }

    /// The duration that a share `q` of all did not exceed: the nearest rank, as an exact sort would give it, within 0.8 %.
    pub fn quantile(&self, q: f64) -> u64 {
        let rank = ((q.clamp(0.0, 1.0) * self.total as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (&cell, &n) in &self.cells {
            seen = u64::saturating_add(seen, n);
            if seen >= rank {
                let (from, to) = bounds(usize::from(cell) / BUCKETS, usize::from(cell) % BUCKETS);
                // The middle of what the bucket holds: whole ticks from..to-1.
                return ((self.ns(from) + self.ns(to - 1)) / 2.0).round() as u64;
            }
        }
        0
    }
}
