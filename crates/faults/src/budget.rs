//! A rate for what is received: no call gets more than comes in some milliseconds, and what it got holds the next ones back
//! until it would have come. The peer's window fills as it does before a slow reader.

use super::apply::{Job, sleep};
use super::decide::{self, Chosen};
use super::{data, kernel, lent, ticker};
use core::sync::atomic::Ordering;
use libc::c_int;
use socklens_calls::class;
use socklens_rules::fault::{Dir, Recipe, Skip};
use socklens_wire::fault::{lane, state};

/// Debts below this are not waited for, nanoseconds.
const SMALL: u64 = 1_000_000;

/// Bytes per second, before a call: the kernel paces what a TCP socket sends; what it receives is counted. The most that
/// the call may receive.
pub fn before(job: &mut Job, c: &Chosen) -> u64 {
    let cx = job.cx;
    if !cx.tcp() {
        if !cx.dgram() {
            job.skip(c, Skip::WrongType);
        }
        return u64::MAX;
    }
    match cx.lane {
        lane::OUT if c.action.dir() != Dir::In => {
            pace(job, c);
            u64::MAX
        }
        lane::IN if c.action.dir() != Dir::Out => {
            let flags = data::flags(cx);
            if flags & libc::MSG_PEEK != 0 {
                return u64::MAX;
            }
            // A gate that could not be set: the call itself waits.
            let owed = job.plan.conn.map_or(0, |c| c.owed.load(Ordering::Relaxed)).saturating_sub(lent::mono());
            if owed > SMALL && kernel::blocks(cx.fd, flags) {
                sleep(owed);
            }
            let [rate, burst] = c.action.n;
            let burst = if burst > 0 { burst } else { (rate / 100).max(1460) };
            if flags & libc::MSG_WAITALL != 0 { u64::MAX } else { burst }
        }
        _ => {
            // The rule's other calls do it, if it has some.
            let other = if cx.lane == lane::OUT { class::IN } else { class::OUT };
            if cx.lane != lane::OTHER && !job.is_about(c, other) {
                job.skip(c, Skip::Precondition);
            }
            u64::MAX
        }
    }
}

/// After a receive of `ret` bytes: nothing more until they would have come.
pub fn after(job: &mut Job, c: &Chosen, ret: i64) {
    let (cx, Some(conn)) = (job.cx, job.plan.conn) else { return };
    let counts = cx.tcp() && cx.lane == lane::IN && c.action.dir() != Dir::Out;
    if !counts || ret <= 0 || data::flags(cx) & libc::MSG_PEEK != 0 {
        return;
    }
    let [rate, _] = c.action.n;
    let now = lent::mono();
    let takes = (ret as u64).saturating_mul(1_000_000_000).checked_div(rate.max(1)).unwrap_or(0);
    let until = conn.owed.load(Ordering::Relaxed).max(now).saturating_add(takes);
    conn.owed.store(until, Ordering::Relaxed);
    if until - now >= SMALL && conn.gate.load(Ordering::Relaxed) < until && ticker::gate(cx, conn, until) {
        job.fire(c, Recipe::Budget, 0, until - now);
    }
}

fn pace(job: &mut Job, c: &Chosen) {
    const SO_MAX_PACING_RATE: c_int = 47;
    if decide::is(job.plan.conn, state::PACED) {
        return;
    }
    let [rate, _] = c.action.n;
    let v = rate.clamp(1, c_int::MAX as u64) as c_int;
    if kernel::set(job.cx.fd, libc::SOL_SOCKET, SO_MAX_PACING_RATE, v) {
        decide::mark(job.plan.conn, state::PACED, true);
        job.fire(c, Recipe::Pacing, 0, v as u64);
    } else {
        job.skip(c, Skip::Refused);
    }
}
