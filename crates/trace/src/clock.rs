//! Raw clocks of events, turned into time.
//!
//! Events carry the raw TSC where it is the kernel's clocksource. Two anchors, one at the session's start and a fresh
//! one, give the line between raw ticks and nanoseconds.

use socklens_wire::Anchor;
use socklens_wire::layout::clock;

fn now(id: libc::clockid_t) -> u64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes the timespec, which is ours.
    unsafe { libc::clock_gettime(id, &raw mut t) };
    (t.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(t.tv_nsec as u64)
}

/// CLOCK_MONOTONIC in nanoseconds.
pub fn mono_now() -> u64 {
    now(libc::CLOCK_MONOTONIC)
}

fn tsc() -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reading the time stamp counter has no preconditions on x86-64.
    return unsafe { core::arch::x86_64::_rdtsc() };
    #[cfg(not(target_arch = "x86_64"))]
    mono_now()
}

/// Whether the TSC runs at one rate on all cores, which the kernel vouches for by using it as its own clock.
pub fn best_kind() -> u32 {
    let kernel = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let used = std::fs::read_to_string(kernel).is_ok_and(|s| s.trim() == "tsc");
    let constant = || {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        info.lines()
            .find(|l| l.starts_with("flags"))
            .is_some_and(|l| l.split_ascii_whitespace().any(|f| f == "constant_tsc"))
    };
    if cfg!(target_arch = "x86_64") && used && constant() { clock::TSC } else { clock::MONOTONIC }
}

/// One moment on all three clocks: the tightest of a few readings.
pub fn anchor(kind: u32) -> Anchor {
    let mut best = Anchor::default();
    let mut width = u64::MAX;
    for _ in 0..5 {
        let before = mono_now();
        let raw = if kind == clock::TSC { tsc() } else { before };
        let real = now(libc::CLOCK_REALTIME);
        let after = mono_now();
        if after.wrapping_sub(before) < width {
            width = after.wrapping_sub(before);
            let mono = if kind == clock::TSC { before + width / 4 } else { before };
            best = Anchor { raw, mono, real };
        }
    }
    best
}

/// The line between raw ticks and nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    kind: u32,
    start: Anchor,
    now: Anchor,
    ns_per_tick: f64,
}

/// Anchors closer together than this do not tell the rate well enough.
const BASELINE_NS: u64 = 1_000_000;

impl Clock {
    /// A clock whose raw ticks count from `start`.
    pub fn new(kind: u32, start: Anchor) -> Clock {
        let mut c = Clock { kind, start, now: start, ns_per_tick: 1.0 };
        c.refresh();
        if kind == clock::TSC {
            while c.now.mono.wrapping_sub(start.mono) < BASELINE_NS {
                std::thread::sleep(std::time::Duration::from_micros(300));
                c.refresh();
            }
        }
        c
    }

    /// Takes a fresh anchor: conversions of recent times become exact again.
    pub fn refresh(&mut self) {
        self.now = anchor(self.kind);
        let ns = self.now.mono.saturating_sub(self.start.mono);
        let ticks = self.now.raw.saturating_sub(self.start.raw);
        if self.kind == clock::TSC && ns >= BASELINE_NS && ticks > 0 {
            self.ns_per_tick = ns as f64 / ticks as f64;
        }
    }

    /// Nanoseconds of a raw tick.
    pub fn ns_per_tick(&self) -> f64 {
        self.ns_per_tick
    }

    /// The moment of the last [`Clock::refresh`].
    pub fn now(&self) -> Anchor {
        self.now
    }

    pub fn start(&self) -> Anchor {
        self.start
    }

    /// The raw time this moment.
    pub fn raw_now(&self) -> u64 {
        if self.kind == clock::TSC { tsc() } else { mono_now() }
    }

    /// Nanoseconds since the session's start; 0 for what was before.
    pub fn since_start(&self, raw: u64) -> u64 {
        (raw.saturating_sub(self.start.raw) as f64 * self.ns_per_tick) as u64
    }

    /// Nanoseconds between two raw times; 0 when they are out of order.
    pub fn span(&self, from: u64, to: u64) -> u64 {
        (to.saturating_sub(from) as f64 * self.ns_per_tick) as u64
    }

    /// CLOCK_MONOTONIC of a raw time.
    pub fn mono(&self, raw: u64) -> u64 {
        if raw >= self.start.raw {
            self.start.mono.saturating_add(self.since_start(raw))
        } else {
            self.start.mono.saturating_sub(self.span(raw, self.start.raw))
        }
    }

    /// CLOCK_REALTIME of a raw time, by the offset the clocks have now.
    pub fn real(&self, raw: u64) -> u64 {
        self.real_of(self.mono(raw))
    }

    /// CLOCK_REALTIME of a moment of CLOCK_MONOTONIC, by the offset they have now.
    pub fn real_of(&self, mono: u64) -> u64 {
        mono.wrapping_add(self.now.real.wrapping_sub(self.now.mono))
    }

    /// Raw ticks in this many nanoseconds.
    pub fn ticks(&self, ns: u64) -> u64 {
        (ns as f64 / self.ns_per_tick) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_agree_with_the_kernel() {
        for kind in [clock::MONOTONIC, best_kind()] {
            let mut c = Clock::new(kind, anchor(kind));
            std::thread::sleep(std::time::Duration::from_millis(30));
            c.refresh();
            let (raw, mono) = (c.raw_now(), mono_now());
            assert!(c.mono(raw).abs_diff(mono) < 100_000, "{} against {mono}", c.mono(raw));
            assert!(c.span(raw, raw + c.ticks(1_000_000)).abs_diff(1_000_000) < 10);
            assert_eq!(c.span(10, 5), 0);
        }
    }
}
