//! Streams in pieces: shorter calls, at the same offsets in every run.

use super::apply::{Job, sleep};
use super::decide::{self, Chosen};
use super::kernel::{self, Handlers};
use super::{data, lanes};
use core::sync::atomic::Ordering;
use socklens_inside::errno::{errno, set_errno};
use socklens_rules::fault::{Action, Effect, Kind, Recipe, SizeKind, Skip, draw};
use socklens_wire::fault::{Injected, lane};

/// The size an action allows a call that asks for `asked`.
pub fn size_of(a: &Action, u: u64, asked: u64) -> u64 {
    let v = draw::between(u, a.n[0], a.n[1].max(a.n[0]));
    match a.size() {
        SizeKind::Part => (u128::from(asked).wrapping_mul(u128::from(v)) / 1_000_000) as u64,
        _ => v,
    }
}

/// A call on a stream, perhaps with less than it asks for, and with `most` bytes at most.
pub fn call(job: &mut Job, real: &mut dyn FnMut() -> i64, most: u64) -> i64 {
    let (cx, plan) = (job.cx, job.plan);
    let asked = data::asked(cx);
    let mut limit = u64::MAX;
    let mut chosen = None;
    if let Some(c) = plan.get(Effect::Size)
        && let Some(n) = smaller(job, &c, asked)
    {
        (limit, chosen) = (n, Some(c));
    }
    let exact = plan.limit < limit;
    let limit = limit.min(plan.limit);
    let by_rate = most < limit;
    let limit = limit.min(most);
    let flags = data::flags(cx);
    if limit >= asked || asked == 0 || flags & libc::MSG_PEEK != 0 {
        return real();
    }
    let Some(ret) = data::call_shortened(cx, limit) else { return real() };
    if by_rate {
        // Told by the rate itself.
    } else if exact {
        let kind = Kind::Short as u8;
        let offset = decide::stream_offset(plan.conn, cx.lane);
        job.note((plan.limiting, kind, Recipe::Length, 0), Injected { offset, value: limit, ..Injected::default() });
    } else if let Some(c) = chosen {
        job.fire(&c, Recipe::Length, 0, limit);
    }
    if ret == limit as i64 {
        let e = errno();
        job.rearm();
        set_errno(e);
    }
    ret
}

/// How much less a rule wants, if that is possible here.
fn smaller(job: &Job, c: &Chosen, asked: u64) -> Option<u64> {
    let cx = job.cx;
    let flags = data::flags(cx);
    if c.action.kind() == Some(Kind::Truncate) {
        job.skip(c, Skip::WrongType);
        return None;
    }
    if asked <= 1 || flags & libc::MSG_PEEK != 0 {
        job.skip(c, Skip::TooShort);
        return None;
    }
    if cx.lane == lane::IN && flags & libc::MSG_WAITALL != 0 {
        job.skip(c, Skip::Precondition);
        return None;
    }
    let promised = if cx.lane == lane::IN {
        job.plan.conn.map_or(0, |c| u64::from(c.promised.load(Ordering::Relaxed)))
    } else {
        0
    };
    let slice = c.action.kind() == Some(Kind::Slice);
    let limit = if slice {
        let at = decide::stream_offset(job.plan.conn, cx.lane);
        let rule = job.block.rules().get(usize::from(c.rule))?;
        let key = lanes::key(job.seg, cx);
        let cut = match c.due {
            Some(d) => d.at(),
            None => draw::cut_after(at, c.action.n[0], c.action.n[1], &|k| {
                draw::mix(job.block.seed, rule.id, key, u64::from(cx.lane) | 16, k)
            }),
        };
        cut.saturating_sub(at)
    } else {
        size_of(c.action, c.u, asked)
    };
    let limit = limit.max(1).max(promised);
    if limit >= asked {
        if !slice {
            job.skip(c, if promised >= asked { Skip::Promised } else { Skip::TooShort });
        }
        return None;
    }
    let blocks = kernel::blocks(cx.fd, flags);
    if cx.lane == lane::OUT && blocks && !slice {
        // Only a signal handler or a timeout ends a blocking send before all is sent.
        let possible = kernel::handlers() != Handlers::None || kernel::timeout(cx.fd, libc::SO_SNDTIMEO) != 0;
        if !possible && !job.allowed(c, 1) {
            return None;
        }
    }
    if slice && blocks && c.action.dist.mean != 0 {
        sleep(job.time(c));
    }
    Some(limit)
}
