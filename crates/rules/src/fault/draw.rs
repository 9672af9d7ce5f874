//! Chance as a function: every draw follows from the seed, the rule, the connection, the lane and the lane's counter.
//!
//! There is no generator with a state that threads would share, so no thread's draws depend on what another does. All is
//! integer arithmetic: nothing here differs between machines.

use super::block::{Dist, FaultBlock, Loss};
use super::kind::{DistKind, LossKind};
use super::quantiles::{EXP, NORMAL, PARETO, PARETO_NORMAL};

/// Odd numbers without structure: the fractional digits of the golden ratio and of the square roots of 2, 3, 5 and 7.
const K: [u64; 5] =
    [0x9e37_79b9_7f4a_7c15, 0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1];

/// The product's halves, folded.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a).wrapping_mul(u128::from(b));
    (product as u64) ^ ((product >> 64) as u64)
}

/// One draw: 64 bits, uniform and independent over all arguments.
#[inline]
pub fn mix(seed: u64, rule_id: u64, conn_key: u64, lane: u64, counter: u64) -> u64 {
    let [k0, k1, k2, k3, k4] = K;
    let rule = fold(seed ^ k0, rule_id ^ k1);
    let place = fold(rule ^ conn_key, lane.wrapping_mul(k3) ^ k2);
    // The counter enters both factors, so that neighbours are not a line.
    let x = place.wrapping_add(counter.wrapping_mul(k0));
    fold(x, x ^ k4)
}

/// A further draw from a draw.
#[inline]
pub fn scatter(u: u64, n: u64) -> u64 {
    let [k0, k1, k2, ..] = K;
    let x = u.wrapping_add(n.wrapping_add(1).wrapping_mul(k1));
    fold(x ^ k2, x ^ k0)
}

/// A number from 0 to `n` - 1 from a draw; 0 when `n` is 0.
#[inline]
pub fn below(u: u64, n: u64) -> u64 {
    (u128::from(u).wrapping_mul(u128::from(n)) >> 64) as u64
}

/// A number from `low` to `high`.
#[inline]
pub fn between(u: u64, low: u64, high: u64) -> u64 {
    match high.saturating_sub(low).checked_add(1) {
        Some(n) => low.saturating_add(below(u, n)),
        None => u,
    }
}

/// A draw that repeats the one before with this chance (in 1/2^32), so that it has the same distribution and that
/// correlation. `state` is the lane's word, 0 before the first draw.
#[inline]
pub fn correlated(u: u64, corr: u32, state: &mut u64) -> u64 {
    if corr == 0 {
        return u;
    }
    let repeats = *state != 0 && (scatter(u, 0) >> 32) < u64::from(corr);
    if !repeats {
        *state = u | 1;
    }
    *state
}

/// Where a draw lies in a table of quantiles, between two of which it is interpolated; in 1/65536 of the standard deviation.
fn quantile(table: &[i32], u: u64) -> i64 {
    let steps = table.len().saturating_sub(1) as u64;
    let at = below(u, steps);
    let fraction = ((u128::from(u).wrapping_mul(u128::from(steps)) >> 32) as u64) & 0xffff_ffff;
    let entry = |i: u64| table.get(i as usize).copied().map_or(0, i64::from);
    let (low, high) = (entry(at), entry(at.saturating_add(1)));
    low.saturating_add(high.saturating_sub(low).wrapping_mul(fraction as i64) >> 32)
}

/// The same for a table of the user's: i16 little endian, 8192 to the standard deviation.
fn quantile_of(table: &[u8], u: u64) -> i64 {
    let values = table.as_chunks::<2>().0;
    let at = below(u, values.len() as u64);
    values.get(at as usize).map_or(0, |b| i64::from(i16::from_le_bytes(*b)) << 3)
}

/// A time in nanoseconds from a draw. `state` is the lane's word, for correlation. Times below 0 count as 0.
pub fn time(block: &FaultBlock, dist: &Dist, u: u64, state: &mut u64) -> u64 {
    let u = correlated(u, dist.corr, state);
    // In 1/65536 of the jitter.
    let off = match DistKind::from_u8(dist.kind) {
        Some(DistKind::Uniform) => ((u >> 32) as i64).wrapping_sub(1 << 31) >> 15,
        Some(DistKind::Normal) => quantile(&NORMAL, u),
        Some(DistKind::Pareto) => quantile(&PARETO, u),
        Some(DistKind::ParetoNormal) => quantile(&PARETO_NORMAL, u),
        Some(DistKind::Exp) => quantile(&EXP, u),
        Some(DistKind::Table) => quantile_of(block.bytes(dist.table), u),
        Some(DistKind::Fixed) | None => 0,
    };
    let part = (i128::from(dist.jitter).wrapping_mul(i128::from(off)) >> 16) as i64;
    dist.mean.saturating_add_signed(part)
}

/// Whether the `n`-th datagram of a lane, from 1, is lost. `state` is the lane's word for this action, 0 before the first.
pub fn lost(block: &FaultBlock, loss: &Loss, n: u64, u: u64, state: &mut u64) -> bool {
    let [a, b, c, d, e] = loss.p.map(u64::from);
    // Two draws of 32 bits: one moves the state, one decides the loss.
    let (moves, decides) = (u >> 32, scatter(u, 1) >> 32);
    let hit = |u: u64, p: u64| u < p || p == u64::from(u32::MAX);
    match LossKind::from_u8(loss.kind) {
        Some(LossKind::Bernoulli) => hit(correlated(u, loss.p[1], state) >> 32, a),
        Some(LossKind::Ge) => {
            let bad = *state != 0;
            let bad = if bad { !hit(moves, b) } else { hit(moves, a) };
            *state = u64::from(bad);
            hit(decides, if bad { c } else { d })
        }
        Some(LossKind::State) => {
            // 0 received in a gap, 1 received in a burst, 2 lost in a burst, 3 lost in a gap.
            let next = match *state {
                1 => {
                    if hit(moves, d) {
                        2
                    } else {
                        1
                    }
                }
                2 if hit(moves, c) => 1,
                2 => {
                    if hit(decides, b) {
                        0
                    } else {
                        2
                    }
                }
                3 => 0,
                _ if hit(moves, e) => 3,
                _ => {
                    if hit(decides, a) {
                        2
                    } else {
                        0
                    }
                }
            };
            *state = next;
            next >= 2
        }
        Some(LossKind::Gap) => n.checked_rem(a) == Some(0),
        Some(LossKind::List) => {
            block.bytes(loss.list).as_chunks::<4>().0.iter().any(|b| u64::from(u32::from_le_bytes(*b)) == n)
        }
        None => false,
    }
}

/// The first cut of a stream after an offset. Pieces are between `low` and `high` bytes long, and where they end depends on
/// the offset alone: however the network or the program divides the stream, the cuts stay. `draw` gives the n-th draw of the
/// rule's lane in the stream.
///
/// Cuts lie on a grid of the mean length, each moved by its own draw.
pub fn cut_after(offset: u64, low: u64, high: u64, draw: &dyn Fn(u64) -> u64) -> u64 {
    let low = low.max(1);
    let high = high.max(low);
    // In 1/256 byte, so that short pieces vary too.
    let step = u128::from(low).saturating_add(u128::from(high)) << 7;
    let width = u128::from(high.saturating_sub(low)) << 7;
    let cut = |k: u64| -> u64 {
        if k == 0 {
            return 0;
        }
        let moved = (u128::from(draw(k)).wrapping_mul(width.saturating_add(1)) >> 64)
            .saturating_add(u128::from(k).wrapping_mul(step));
        u64::try_from(moved.saturating_sub(width >> 1) >> 8).unwrap_or(u64::MAX)
    };
    let near = (u128::from(offset) << 8).checked_div(step).unwrap_or(0) as u64;
    let from = near.saturating_sub(1);
    for k in from..=from.saturating_add(4) {
        let at = cut(k);
        if at > offset {
            return at;
        }
    }
    offset.saturating_add(low)
}
