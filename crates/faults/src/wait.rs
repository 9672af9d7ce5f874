//! Calls that wait for readiness: fewer events, in another order. None is ever lost: the kernel keeps what it is not asked for.

use super::apply::Job;
use super::data;
use super::decide::Chosen;
use super::early;
use super::spurious;
use libc::epoll_event;
use socklens_calls::Call;
use socklens_rules::fault::{Effect, Recipe, Skip, draw};

/// Whether its answer is a list of events.
pub fn has_list(call: Call) -> bool {
    matches!(call, Call::epoll_wait | Call::epoll_pwait | Call::epoll_pwait2)
}

/// A call that waits.
pub fn call(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let cx = job.cx;
    if let Some(c) = job.plan.get(Effect::Events)
        && let Some(ret) = spurious::call(job, &c)
    {
        return ret;
    }
    for e in [Effect::EventCount, Effect::EventOrder] {
        if let Some(c) = job.plan.get(e)
            && !has_list(cx.call)
        {
            job.skip(&c, Skip::WrongType);
        }
    }
    if !has_list(cx.call) {
        return real();
    }
    let most = cx.arg(2) as i32;
    let ret = match job.plan.get(Effect::EventCount) {
        Some(c) if most > 1 => {
            let k = (c.action.n[0].clamp(1, i32::MAX as u64) as i32).min(most);
            let mut to = data::Changed::of(cx);
            to.set(2, k as u64);
            let ret = early::wait(cx.call, &to.args);
            if ret == i64::from(k) && k < most {
                job.fire(&c, Recipe::Count, 0, k as u64);
            } else {
                job.skip(&c, Skip::Precondition);
            }
            ret
        }
        other => {
            if let Some(c) = other {
                job.skip(&c, Skip::Precondition);
            }
            real()
        }
    };
    if let Some(c) = job.plan.get(Effect::EventOrder) {
        match ret > 1 {
            true => shuffle(job, &c, ret),
            false => job.skip(&c, Skip::Precondition),
        }
    }
    ret
}

/// Puts the events the kernel has just written in another order.
fn shuffle(job: &mut Job, c: &Chosen, n: i64) {
    let list = job.cx.arg(1) as *mut epoll_event;
    for i in (1..n as u64).rev() {
        let j = draw::below(draw::scatter(c.u, i), i + 1);
        // SAFETY: the kernel has just written n events there.
        unsafe { core::ptr::swap(list.add(i as usize), list.add(j as usize)) };
    }
    job.fire(c, Recipe::Events, 0, n as u64);
}
