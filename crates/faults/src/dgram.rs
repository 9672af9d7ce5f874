//! Datagrams: lost, doubled, cut, changed.

use super::apply::Job;
use super::decide::{self, Chosen};
use super::kernel;
use super::replay;
use super::stream::size_of;
use super::{Cx, data};
use core::sync::atomic::Ordering;
use libc::c_int;
use socklens_calls::Call;
use socklens_inside::errno::{errno, set_errno};
use socklens_inside::sys;
use socklens_rules::fault::{Effect, Kind, Recipe, Skip, draw};
use socklens_wire::fault::{FaultConn, lane, state};

/// Most datagrams thrown away in one call before a real result must come.
const MOST: u32 = 1024;

/// A call on a datagram socket.
pub fn call(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let cx = job.cx;
    for e in [Effect::Order, Effect::Rate] {
        if let Some(c) = job.plan.get(e) {
            job.skip(&c, Skip::Unsupported);
        }
    }
    if data::messages(cx) > 0 {
        for c in
            job.plan.all().filter(|c| matches!(c.effect, Effect::Loss | Effect::Dup | Effect::Content | Effect::Size))
        {
            job.skip(c, Skip::Unsupported);
        }
        return real();
    }
    if cx.lane == lane::OUT { sent(job, real) } else { received(job, real) }
}

/// Whether the datagram numbered `n` of the lane is lost.
fn lost(job: &Job, c: &Chosen, n: u64, u: u64) -> bool {
    if c.due.is_some() {
        return replay::at(job.seg, job.block, c, n).is_some();
    }
    let Some(m) = c.memory else { return false };
    let mut word = m.word.load(Ordering::Relaxed);
    let hit = draw::lost(job.block, &c.action.loss, n, u, &mut word);
    m.word.store(word, Ordering::Relaxed);
    hit
}

fn sent(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let (cx, plan) = (job.cx, job.plan);
    if let Some(c) = plan.get(Effect::Loss)
        && lost(job, &c, c.counter, c.u)
    {
        // A network loses what was sent, not what could not be.
        let asked = data::asked(cx);
        if asked == 0 || asked > 65507 {
            job.skip(&c, Skip::Precondition);
        } else if cx.unix() {
            job.skip(&c, Skip::WrongFamily);
        } else {
            job.fire(&c, Recipe::Unsent, 0, asked);
            job.fired.invented = true;
            return asked as i64;
        }
    }
    for e in [Effect::Content, Effect::Size] {
        if let Some(c) = plan.get(e) {
            job.skip(&c, if e == Effect::Size { Skip::WrongType } else { Skip::Unsupported });
        }
    }
    let ret = real();
    if let Some(c) = plan.get(Effect::Dup)
        && ret >= 0
        && c.hits(c.action.p)
    {
        let e = errno();
        if data::call_real(cx.call, &data::Changed::of(cx).args) >= 0 {
            job.fire(&c, Recipe::After, 0, ret as u64);
        }
        set_errno(e);
    }
    ret
}

fn received(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let (cx, plan) = (job.cx, job.plan);
    let peeks = data::flags(cx) & libc::MSG_PEEK != 0;
    let mut ret = None;
    // Decided at the first sight of each datagram: one that was looked at stays.
    let seen = decide::is(plan.conn, state::SEEN);
    if let Some(c) = plan.get(Effect::Loss) {
        if !seen {
            ret = lossy(job, &c, real);
        } else if let Some(m) = c.memory {
            // Losses count datagrams, and this one was counted when it was looked at.
            m.matched.fetch_sub(1, Ordering::Relaxed);
        }
    } else if let Some(c) = plan.get(Effect::Dup)
        && !peeks
        && !decide::is(plan.conn, state::TWICE)
        && c.hits(c.action.p)
    {
        ret = doubled(job, &c);
    } else if decide::is(plan.conn, state::TWICE) && !peeks {
        decide::mark(plan.conn, state::TWICE, false);
    }
    let ret = match ret {
        Some(r) => r,
        None => smaller(job, real),
    };
    decide::mark(plan.conn, state::SEEN, peeks && ret >= 0);
    if let Some(c) = plan.get(Effect::Content)
        && ret > 0
        && (c.action.p == 0 || c.hits(c.action.p))
    {
        let e = errno();
        corrupt(job, &c, ret);
        set_errno(e);
    }
    ret
}

/// A receive of which no rule wanted anything: what is remembered of the datagram that was next.
pub fn passed(cx: &Cx, conn: Option<&FaultConn>, peeks: bool, ret: i64) {
    if cx.lane != lane::IN || ret < 0 || !decide::is(conn, state::SEEN | state::TWICE) {
        return;
    }
    decide::mark(conn, state::SEEN, peeks);
    if !peeks {
        decide::mark(conn, state::TWICE, false);
    }
}

/// Throws datagrams away until one survives or the kernel has none.
fn lossy(job: &mut Job, c: &Chosen, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    let cx = job.cx;
    let mut counter = c.counter;
    let mut u = c.u;
    for _ in 0..MOST {
        if !lost(job, c, counter, u) {
            return None;
        }
        if kernel::blocks(cx.fd, data::flags(cx)) && kernel::readable_now(cx.fd) <= 0 {
            // Nothing to lose yet: wait where the program would, in the call itself, and lose then.
            let mut to = data::Changed::of(cx);
            if !to.add_flags(cx.call, libc::MSG_PEEK) {
                return None;
            }
            let r = data::call_real(cx.call, &to.args);
            if r < 0 {
                return Some(r);
            }
        }
        if !swallow(cx.fd) {
            return Some(real());
        }
        let due = c.due.and_then(|_| replay::at(job.seg, job.block, c, counter));
        job.fire(&Chosen { counter, due, ..*c }, Recipe::Swallow, 0, 0);
        if let Some(m) = c.memory {
            m.matched.fetch_add(1, Ordering::Relaxed);
        }
        counter += 1;
        let key = super::lanes::key(job.seg, cx);
        let id = job.block.rules().get(usize::from(c.rule)).map_or(0, |r| r.id);
        u = draw::mix(job.block.seed, id, key, u64::from(cx.lane), counter);
    }
    None
}

/// Takes one datagram that is there; false when there is none.
fn swallow(fd: c_int) -> bool {
    let mut none = [0u8; 1];
    // SAFETY: the buffer is ours; what does not fit is thrown away.
    let r = unsafe {
        sys::call6(libc::SYS_recvfrom, fd as usize, none.as_mut_ptr() as usize, 1, libc::MSG_DONTWAIT as usize, 0, 0)
    };
    r >= 0
}

/// The datagram is delivered and stays in the queue.
fn doubled(job: &mut Job, c: &Chosen) -> Option<i64> {
    let cx = job.cx;
    let mut to = data::Changed::of(cx);
    let call = if cx.call == Call::read { Call::recv } else { cx.call };
    if cx.call == Call::read {
        to.set(3, 0);
    }
    if !to.add_flags(call, libc::MSG_PEEK) {
        job.skip(c, Skip::Unsupported);
        return None;
    }
    let ret = data::call_real(call, &to.args);
    if ret >= 0 {
        decide::mark(job.plan.conn, state::TWICE, true);
        job.fire(c, Recipe::Peek, 0, ret as u64);
        let e = errno();
        super::rearm::again(cx.fd, cx.entry, false, super::rearm::Side::In);
        set_errno(e);
    }
    Some(ret)
}

/// The call with a smaller buffer: the kernel cuts the datagram.
fn smaller(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let Some(c) = job.plan.get(Effect::Size) else { return real() };
    if c.action.kind() != Some(Kind::Truncate) {
        job.skip(&c, Skip::WrongType);
        return real();
    }
    let asked = data::asked(job.cx);
    let limit = size_of(c.action, c.u, asked);
    if limit >= asked {
        job.skip(&c, Skip::TooShort);
        return real();
    }
    match data::call_shortened(job.cx, limit) {
        Some(r) => {
            if r >= 0 {
                job.fire(&c, Recipe::Length, 0, limit);
            }
            r
        }
        None => real(),
    }
}

/// Changes bits of what has just been received.
pub fn corrupt(job: &mut Job, c: &Chosen, ret: i64) {
    // A checksum catches nearly all of it on datagrams, and the kernel all of it on streams.
    let level = if job.cx.dgram() { 1 } else { 2 };
    if !job.allowed(c, level) {
        return;
    }
    let Some((at, room)) = data::buffer(job.cx) else { return };
    let len = (ret.max(0) as u64).min(room);
    if len == 0 {
        return;
    }
    let bits = if c.action.n[0] == 0 { 1 } else { c.action.n[0].min(64) };
    for k in 0..bits {
        let place = draw::below(draw::scatter(c.u, 32 + k), len * 8);
        let p = (at + place / 8) as *mut u8;
        // SAFETY: the kernel has just written `len` bytes there.
        unsafe { *p ^= 1 << (place % 8) };
    }
    job.fire(c, Recipe::Rewrite, level, bits);
}
