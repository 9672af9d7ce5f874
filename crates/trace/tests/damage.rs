//! Damaged memory: whatever a program scribbles into the segment, the reader neither panics nor hangs nor reads beyond.

mod player;

use player::{Log, Player, drain, now, reader, segment};
use socklens_trace::Split;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A small generator: tests must be repeatable.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Values that hurt: small numbers, limits, and anything.
    fn word(&mut self) -> u64 {
        match self.next() % 8 {
            0 => 0,
            1 => u64::MAX,
            2 => self.next() % 64,
            3 => 0x5e1f_0000 | (self.next() % 200),
            4 => self.next() % 70_000,
            5 => u64::from(std::process::id()),
            6 => self.next() & 0xffff_ffff_0000_0003,
            _ => self.next(),
        }
    }
}

/// Bytes in front of the events: slots, links, owners.
fn front(s: socklens_wire::Segment) -> usize {
    s.page(0).unwrap() as usize - s.base() as usize
}

/// Events in two threads of a dead and two of a living process.
fn players(s: socklens_wire::Segment) -> Vec<Player> {
    let me = std::process::id();
    let dead = 0x7fff_0000;
    vec![
        Player::new(s, 0, 0, me, me),
        Player::new(s, 1, 0, me, me + 1),
        Player::new(s, 2, 1, dead, dead),
        Player::new(s, 3, 1, dead, dead + 1),
    ]
}

fn play(players: &mut [Player], r: &mut Random) {
    for p in players {
        for i in 0..r.next() % 40 {
            let t = now();
            p.send(i, t, t + 1);
        }
        if r.next().is_multiple_of(4) {
            let index = (r.next() % 16) as u32;
            p.conn(index, index as i32);
        }
    }
}

/// Writes over `n` words of the segment from byte `from` on.
fn scribble(s: socklens_wire::Segment, from: usize, to: usize, n: usize, r: &mut Random) {
    for _ in 0..n {
        let at = from + (r.next() as usize % (to - from)) / 8 * 8;
        // SAFETY: inside the mapping and aligned; the reader uses atomics or volatile reads there.
        let word = unsafe { AtomicU64::from_ptr(s.base().add(at).cast()) };
        let value = r.word();
        if r.next().is_multiple_of(2) {
            let half = r.next() % 2 * 32;
            let mask = 0xffff_ffffu64 << half;
            word.store(word.load(Ordering::Relaxed) & !mask | ((value << half) & mask), Ordering::Relaxed);
        } else {
            word.store(value, Ordering::Relaxed);
        }
    }
}

#[test]
fn random_damage_between_passes() {
    let limit = Instant::now() + Duration::from_secs(20);
    for seed in 1..400u64 {
        let mut r = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let map = segment();
        let s = map.segment();
        let mut all = players(s);
        play(&mut all, &mut r);
        let split = if seed.is_multiple_of(2) { Split::Overlap } else { Split::Never };
        let mut reader = reader(&map, split);
        let mut log = Log::default();
        let total = s.layout().total();
        // The layout itself is the reader's own copy; the rest of the header may hold anything.
        let from = if seed.is_multiple_of(3) { front(s) } else { 0 };
        for _ in 0..6 {
            scribble(s, from, total, 1 + (r.next() % 3000) as usize, &mut r);
            reader.pass();
            reader.reap(None);
            reader.sweep_conns(false);
            reader.show(now().saturating_sub(r.next() % 1000), &mut log).unwrap();
        }
        drain(&mut reader, &mut log);
        reader.summary();
        if Instant::now() > limit {
            return;
        }
    }
}

#[test]
fn damage_while_reading() {
    let map = segment();
    let s = map.segment();
    let mut r = Random(77);
    let mut all = players(s);
    play(&mut all, &mut r);
    let mut reader = reader(&map, Split::Overlap);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut r = Random(4711);
            while !stop.load(Ordering::Relaxed) {
                scribble(s, 0, s.layout().total(), 1000, &mut r);
            }
        });
        let until = Instant::now() + Duration::from_secs(2);
        let mut log = Log::default();
        while Instant::now() < until {
            reader.pass();
            reader.reap(None);
            reader.show(now(), &mut log).unwrap();
            log.lines.clear();
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_list_that_runs_in_circles_ends() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::here(s, 0);
    let t = now();
    p.send(1, t, t + 1);
    p.change();
    let first = (s.header().full_chunks.load(Ordering::Relaxed) as u32) - 1;
    player::chunk_head(s, first).link.store(first + 1, Ordering::Relaxed);
    let mut r = reader(&map, Split::Never);
    let mut log = Log::default();
    drain(&mut r, &mut log);
    assert_eq!(log.lines, [format!("{}:send(1)", p.tid)]);
    // The same chunk again, now that it was given back.
    s.header().full_chunks.store(u64::from(first) + 1, Ordering::Relaxed);
    drain(&mut r, &mut log);
    assert_eq!(log.lines.len(), 1);
}
