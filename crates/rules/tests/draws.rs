//! Chance: known answers, so that a replay of today's seed is a replay tomorrow, and the distributions' properties.

use socklens_rules::fault::draw::{below, correlated, cut_after, lost, mix, scatter, time};
use socklens_rules::fault::{Dist, DistKind, FaultBlock, Loss, LossKind};

const N: u64 = 100_000;

fn u(n: u64) -> u64 {
    mix(1, 2, 3, 4, n)
}

#[test]
fn known_answers() {
    let seen = [
        mix(0, 0, 0, 0, 0),
        mix(42, 7, 1, 0, 0),
        mix(42, 7, 1, 0, 1),
        mix(42, 7, 1, 1, 0),
        scatter(1, 0),
        scatter(1, 1),
    ];
    assert_eq!(
        seen.map(|n| format!("{n:016x}")).join(" "),
        "1a463ed6c16b0c43 1010badf9e8a449b 4a946ff384f95255 f081c103e34a52cb 04082786f2ba2ca2 62a81cea76390175"
    );
}

#[test]
fn draws_are_uniform_and_independent() {
    for p in [0.01, 0.05, 0.5, 0.9] {
        let threshold = (p * 2f64.powi(64)) as u64;
        let hits = |f: &dyn Fn(u64) -> u64| (0..N).filter(|n| f(*n) < threshold).count() as f64 / N as f64;
        // Five standard errors.
        let near = 5.0 * (p * (1.0 - p) / N as f64).sqrt();
        assert!((hits(&u) - p).abs() < near, "{p} {}", hits(&u));
        assert!((hits(&|n| mix(n, 2, 3, 4, 0)) - p).abs() < near);
        assert!((hits(&|n| mix(1, n, 3, 4, 0)) - p).abs() < near);
        assert!((hits(&|n| mix(1, 2, n, 4, 0)) - p).abs() < near);
        assert!((hits(&|n| mix(1, 2, 3, n, 0)) - p).abs() < near);
        assert!((hits(&|n| scatter(u(n), 1)) - p).abs() < near);
        // Together with the neighbour on every axis, and with the draw derived from it.
        let q = p * p;
        let near = 5.0 * (q * (1.0 - q) / N as f64).sqrt();
        let pairs: [&dyn Fn(u64) -> u64; 6] = [
            &|n| u(n + 1),
            &|n| mix(1, 2, 3, 5, n),
            &|n| mix(1, 2, 4, 4, n),
            &|n| mix(1, 3, 3, 4, n),
            &|n| mix(2, 2, 3, 4, n),
            &|n| scatter(u(n), 0),
        ];
        for (i, other) in pairs.iter().enumerate() {
            let both = hits(&|n| u(n).max(other(n)));
            assert!((both - q).abs() < near, "{p} pair {i}: {both} {q}");
        }
    }
}

/// Pearson's statistic over 256 cells: 255 on average, with a deviation of 22.6.
#[test]
fn all_values_are_as_frequent() {
    let statistic = |cell: &dyn Fn(u64) -> u64| {
        let mut cells = [0u32; 256];
        (0..N).for_each(|n| cells[cell(n) as usize] += 1);
        let mean = N as f64 / 256.0;
        cells.iter().map(|c| (f64::from(*c) - mean).powi(2) / mean).sum::<f64>()
    };
    let views: [(&str, &dyn Fn(u64) -> u64); 7] = [
        ("the highest byte", &|n| u(n) >> 56),
        ("a byte in the middle", &|n| u(n) >> 28 & 255),
        ("the lowest byte", &|n| u(n) & 255),
        ("two neighbours' halves", &|n| u(n) >> 60 << 4 | u(n + 1) >> 60),
        ("connections", &|n| mix(42, 7, n, 1, 1) >> 56),
        ("two lanes' halves", &|n| mix(42, 7, 1, 0, n) >> 60 << 4 | mix(42, 7, 1, 1, n) >> 60),
        ("two rules' halves", &|n| mix(42, n, 1, 0, 5) >> 60 << 4 | mix(42, n + 1, 1, 0, 5) >> 60),
    ];
    for (what, view) in views {
        let x = statistic(view);
        assert!((255.0 - 5.0 * 22.6..255.0 + 5.0 * 22.6).contains(&x), "{what}: {x}");
    }
}

#[test]
fn one_changed_bit_changes_half_of_the_draw() {
    let base = [0x1234_5678_9abc_def0u64, 99, 12, 1, 1000];
    let call = |a: [u64; 5]| mix(a[0], a[1], a[2], a[3], a[4]);
    for axis in 0..5 {
        let mut changed = 0;
        for round in 0..200u64 {
            let mut a = base;
            a[4] += round;
            let before = call(a);
            for bit in 0..64 {
                let mut b = a;
                b[axis] ^= 1 << bit;
                changed += (call(b) ^ before).count_ones();
            }
        }
        let mean = f64::from(changed) / (200.0 * 64.0);
        assert!((31.0..33.0).contains(&mean), "argument {axis}: {mean} bits");
    }
}

fn dist(kind: DistKind, mean: u64, jitter: u64, corr: f64) -> Dist {
    Dist { kind: kind as u8, corr: (corr * 2f64.powi(32)) as u32, mean, jitter, ..Dist::ZERO }
}

#[test]
fn times_have_the_asked_mean_and_deviation() {
    let block = Box::new(FaultBlock::new());
    for kind in [DistKind::Uniform, DistKind::Normal, DistKind::Pareto, DistKind::ParetoNormal, DistKind::Exp] {
        let (mean, jitter) = (80e6, 10e6);
        let d = dist(kind, mean as u64, jitter as u64, 0.0);
        let drawn: Vec<f64> = (0..N).map(|n| time(&block, &d, u(n), &mut 0) as f64).collect();
        let m = drawn.iter().sum::<f64>() / N as f64;
        let s = (drawn.iter().map(|x| (x - m).powi(2)).sum::<f64>() / N as f64).sqrt();
        let deviation = if kind == DistKind::Uniform { jitter / 3f64.sqrt() } else { jitter };
        assert!((m - mean).abs() < 0.05 * jitter, "{kind:?} mean {m}");
        assert!((s - deviation).abs() < 0.05 * jitter, "{kind:?} deviation {s}");
    }
    let same = dist(DistKind::Fixed, 5, 100, 0.0);
    assert_eq!(time(&block, &same, u(1), &mut 0), 5);
    // Never below zero, and no overflow.
    let wide = dist(DistKind::Normal, 1, u64::MAX, 0.0);
    assert_eq!((0..99).map(|n| time(&block, &wide, u(n), &mut 0)).min(), Some(0));
    time(&block, &dist(DistKind::Exp, u64::MAX, u64::MAX, 0.0), u64::MAX, &mut 0);
}

#[test]
fn correlated_draws_keep_their_distribution() {
    let mut state = 0;
    let corr = (0.25 * 2f64.powi(32)) as u32;
    let drawn: Vec<f64> = (0..N).map(|n| correlated(u(n), corr, &mut state) as f64 / 2f64.powi(64)).collect();
    let m = drawn.iter().sum::<f64>() / N as f64;
    let v = drawn.iter().map(|x| (x - m).powi(2)).sum::<f64>() / N as f64;
    let c = drawn.windows(2).map(|w| (w[0] - m) * (w[1] - m)).sum::<f64>() / N as f64 / v;
    assert!((m - 0.5).abs() < 0.01 && (v - 1.0 / 12.0).abs() < 0.003, "{m} {v}");
    assert!((c - 0.25).abs() < 0.02, "{c}");
}

fn loss(kind: LossKind, p: [f64; 5]) -> Loss {
    Loss { kind: kind as u8, p: p.map(|x| (x * 2f64.powi(32)) as u32), ..Loss::NONE }
}

#[test]
fn losses_follow_their_models() {
    let block = Box::new(FaultBlock::new());
    let run = |l: &Loss| {
        let mut state = 0;
        (1..=N).map(|n| lost(&block, l, n, u(n), &mut state)).collect::<Vec<bool>>()
    };
    let rate = |v: &[bool]| v.iter().filter(|l| **l).count() as f64 / v.len() as f64;
    // How often a loss follows a loss.
    let after = |v: &[bool]| {
        let pairs = v.windows(2).filter(|w| w[0]);
        let (all, both) = pairs.fold((0, 0), |(a, b), w| (a + 1, b + u32::from(w[1])));
        f64::from(both) / f64::from(all)
    };
    let v = run(&loss(LossKind::Bernoulli, [0.1, 0.0, 0.0, 0.0, 0.0]));
    assert!((rate(&v) - 0.1).abs() < 0.005 && (after(&v) - 0.1).abs() < 0.02);
    let v = run(&loss(LossKind::Bernoulli, [0.1, 0.5, 0.0, 0.0, 0.0]));
    assert!((rate(&v) - 0.1).abs() < 0.01 && (after(&v) - 0.55).abs() < 0.03, "{} {}", rate(&v), after(&v));
    // In the bad state p/(p+r) of the time, where all is lost.
    let v = run(&loss(LossKind::Ge, [0.01, 0.1, 0.999_999_999, 0.0, 0.0]));
    assert!((rate(&v) - 0.01 / 0.11).abs() < 0.01 && (after(&v) - 0.9).abs() < 0.02, "{} {}", rate(&v), after(&v));
    let v = run(&loss(LossKind::State, [0.01, 0.2, 0.0, 0.999_999_999, 0.0]));
    assert!((rate(&v) - 0.01 / 0.21).abs() < 0.01 && (after(&v) - 0.8).abs() < 0.02, "{} {}", rate(&v), after(&v));
    let alone = run(&loss(LossKind::State, [0.0, 0.0, 0.0, 0.0, 0.05]));
    assert!((rate(&alone) - 0.05 / 1.05).abs() < 0.005 && after(&alone) == 0.0);
    let every = run(&Loss { kind: LossKind::Gap as u8, p: [3, 0, 0, 0, 0], ..Loss::NONE });
    assert_eq!(every[..7], [false, false, true, false, false, true, false]);
}

#[test]
fn cuts_are_a_function_of_the_offset() {
    for (low, high) in [(1, 1), (1, 2), (1, 3), (1, 1400), (64, 64), (100, 105), (1000, 3000), (0, 0), (9, 3)] {
        let draw = |k| mix(9, 9, 9, 9, k);
        let (least, most) = (low.max(1), high.max(low.max(1)));
        let (mut at, mut lengths) = (0, std::collections::BTreeSet::new());
        let mut cuts = vec![];
        for _ in 0..3000 {
            let next = cut_after(at, low, high, &draw);
            assert!((least..=most).contains(&(next - at)), "{low}..{high} at {at}: {next}");
            lengths.insert(next - at);
            cuts.push(next);
            at = next;
        }
        assert!(lengths.len() as u64 >= (most - least).min(40), "{low}..{high}: {}", lengths.len());
        // Whatever lies between two cuts leads to the same next one.
        let mut from = 0;
        for cut in &cuts[..200] {
            for o in [from, from + (cut - from) / 2, cut - 1] {
                assert_eq!(cut_after(o, low, high, &draw), *cut, "{low}..{high} from {o}");
            }
            from = *cut;
        }
    }
    for o in [u64::MAX - 1, u64::MAX] {
        assert!(cut_after(o, 1, u64::MAX, &|_| u64::MAX) >= o);
    }
}

#[test]
fn numbers_below_a_limit() {
    assert_eq!((below(u64::MAX, 10), below(0, 10), below(u64::MAX, 0)), (9, 0, 0));
}
