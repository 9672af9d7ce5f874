//! Datagrams: lost, doubled, overtaken, cut, changed.

use super::apply::Job;
use super::decide::{self, Chosen};
use super::lent::fetch;
use super::stream::size_of as size_asked;
use super::{Cx, data, delayed, held, kernel, lent, replay, ticker};
use core::sync::atomic::Ordering;
use libc::c_int;
use socklens_calls::Call;
use socklens_inside::errno::{errno, set_errno};
use socklens_inside::sys;
use socklens_rules::fault::{Effect, Kind, Recipe, SizeKind, Skip, draw};
use socklens_wire::ConnInfo;
use socklens_wire::conn::flag;
use socklens_wire::fault::{FaultConn, lane, state};

/// Most datagrams thrown away in one call before a real result must come.
const MOST: u32 = 1024;

/// A call on a datagram socket.
pub fn call(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let cx = job.cx;
    if let Some(c) = job.plan.get(Effect::Rate) {
        job.skip(&c, Skip::WrongType);
    }
    match (data::messages(cx), cx.lane) {
        (2.., _) if job.plan.each => each(job),
        (2.., _) => real(),
        (_, lane::OUT) => sent(job, real),
        _ => received(job, real),
    }
}

/// Datagrams that sendmmsg and recvmmsg take at most, as the kernel has it.
const UIO_MAXIOV: u64 = 1024;
const MSG_WAITFORONE: c_int = 0x10000;

/// sendmmsg or recvmmsg, a datagram at a time: each meets what it would meet alone.
fn each(job: &mut Job) -> i64 {
    let cx = job.cx;
    let count = data::messages(cx).min(UIO_MAXIOV);
    let mut args = data::Changed::of(cx).args;
    let [_, at, vlen, flags, timeout, ..] = &mut args;
    let (first, asked, timeout) = (*at, *flags as c_int, *timeout);
    (*vlen, *flags) = (1, (asked & !MSG_WAITFORONE) as u64);
    for i in 0..count {
        let [_, at, _, flags, ..] = &mut args;
        *at = first.wrapping_add(i.wrapping_mul(size_of::<libc::mmsghdr>() as u64));
        if i > 0 && asked & MSG_WAITFORONE != 0 {
            *flags |= libc::MSG_DONTWAIT as u64;
        }
        let (mut named, mut own) = (ConnInfo::zero(), decide::Plan::new());
        let mut one = Cx { args: &args, conn: cx.entry.conn().and_then(lent::info), named: false, ..*cx };
        one.name_peer(&mut named);
        let plan = if i == 0 {
            job.plan
        } else {
            decide::decide_next(job.seg, job.region, job.block, &one, &mut own);
            &own
        };
        let (e, make) = (errno(), &mut || data::call_real(one.call, &args));
        let (seg, region, block) = (job.seg, job.region, job.block);
        let mut part = Job { seg, region, block, cx: &one, plan, fired: &mut *job.fired };
        let ret = if cx.lane == lane::OUT { sent(&mut part, make) } else { received(&mut part, make) };
        if ret < 1 && i == 0 {
            return ret;
        }
        if ret < 1 {
            // What was done counts. The error of a receive is told by the next one.
            if cx.lane == lane::IN && !matches!(errno(), libc::EAGAIN | libc::EINTR) {
                decide::park(job.plan.conn, errno());
            }
            set_errno(e);
            return i as i64;
        }
        // Counted down by the kernel.
        if cx.lane == lane::IN && timeout != 0 && fetch::<[u64; 2]>(timeout, true) == Some([0; 2]) {
            return i as i64 + 1;
        }
    }
    count as i64
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

/// The most that a datagram holds.
const LONGEST: u64 = 65507;

fn sent(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let (cx, plan) = (job.cx, job.plan);
    let len = data::length(cx);
    // A network loses what was sent, not what could not be.
    let could = len > 0 && len <= LONGEST && cx.conn.is_some_and(|c| c.flags & flag::PEER != 0);
    if let Some(c) = plan.get(Effect::Loss)
        && lost(job, &c, c.counter, c.u)
    {
        if !could {
            job.skip(&c, Skip::Precondition);
        } else if job.allowed(&c, level_of_loss(cx)) {
            job.fire(&c, Recipe::Unsent, level_of_loss(cx), len);
            job.fired.invented = true;
            return data::told_sent(cx, len as u32);
        }
    }
    if let Some(c) = plan.get(Effect::Size) {
        job.skip(&c, Skip::WrongType);
    }
    if let Some(c) = plan.get(Effect::Order)
        && c.hits(c.action.p)
        && !held::any(cx)
    {
        let [gap, _] = c.action.n;
        let flags = data::flags(cx);
        let control = data::header(cx).is_some_and(|m| m.msg_controllen > 0);
        if cx.unix() {
            job.skip(&c, Skip::WrongFamily);
        } else if !could || control || flags & libc::MSG_MORE != 0 {
            job.skip(&c, Skip::Precondition);
        } else if !held::keep(job.seg, cx, len as usize, gap, flags) {
            job.skip(&c, Skip::NoRoom);
        } else {
            job.fire(&c, Recipe::Hold, 0, gap);
            job.fired.invented = true;
            return data::told_sent(cx, len as u32);
        }
    }
    if let Some(c) = plan.get(Effect::Latency)
        && ticker::goes_later(job, &c, kernel::blocks(cx.fd, data::flags(cx)))
        && let Some(ret) = late(job, &c, len, could)
    {
        return ret;
    }
    let content = plan.get(Effect::Content).filter(|c| c.action.p == 0 || c.hits(c.action.p));
    let ret = content.and_then(|c| send_changed(job, &c)).unwrap_or_else(real);
    if ret < 0 {
        return ret;
    }
    let e = errno();
    if let Some(c) = plan.get(Effect::Dup)
        && c.hits(c.action.p)
        && job.allowed(&c, level_of_loss(cx))
        && data::call_real(cx.call, &data::Changed::of(cx).args) >= 0
    {
        job.fire(&c, Recipe::After, level_of_loss(cx), len);
    }
    held::passed(cx, 1);
    set_errno(e);
    ret
}

/// The datagram is accepted, and sent later; None when it is to be sent now.
fn late(job: &mut Job, c: &Chosen, len: u64, could: bool) -> Option<i64> {
    let (cx, plan) = (job.cx, job.plan);
    let flags = data::flags(cx);
    let udp = cx
        .conn
        .is_some_and(|c| i32::from(c.ty) == libc::SOCK_DGRAM && matches!(i32::from(c.protocol), 0 | libc::IPPROTO_UDP));
    let control = data::header(cx).is_some_and(|m| m.msg_controllen > 0);
    if !udp {
        job.skip(c, Skip::WrongType);
        return None;
    }
    // What the kernel would refuse now it is to refuse now: that is asked of it, and gives the socket its port.
    if !could || control || flags & (libc::MSG_MORE | libc::MSG_OOB) != 0 || !kernel::would_send(cx, flags, len) {
        job.skip(c, Skip::Precondition);
        return None;
    }
    let ns = job.time(c);
    if ns == 0 {
        return None;
    }
    if !ticker::runs() {
        job.skip(c, Skip::Refused);
        return None;
    }
    let content = plan.get(Effect::Content).filter(|c| c.action.p == 0 || c.hits(c.action.p));
    let content = content.filter(|c| job.allowed(c, level_of_change(cx)));
    let mut changes = 0;
    let mut change = |at: *mut u8| {
        if let Some(c) = &content {
            changes = change_bytes(c, at, len);
        }
    };
    let due = lent::mono().wrapping_add(ns);
    let kept = delayed::keep(cx, len as usize, due, flags, &mut change);
    job.fire(c, if kept { Recipe::Hold } else { Recipe::Unsent }, 0, ns);
    if let Some(c) = content.filter(|_| kept) {
        job.fire(&c, Recipe::Rewrite, level_of_change(cx), changes);
    }
    if let Some(c) = plan.get(Effect::Dup)
        && c.hits(c.action.p)
        && delayed::keep(cx, len as usize, due, flags, &mut |_| ())
    {
        job.fire(&c, Recipe::After, 0, len);
    }
    ticker::wake();
    job.fired.invented = true;
    held::passed(cx, 1);
    Some(data::told_sent(cx, len as u32))
}

/// Sends a copy in which bits are changed; None when that cannot be.
pub fn send_changed(job: &mut Job, c: &Chosen) -> Option<i64> {
    const MOST_COPIED: usize = 1 << 20;
    let cx = job.cx;
    let level = level_of_change(cx);
    let len = data::length(cx) as usize;
    if len == 0 || len > MOST_COPIED {
        job.skip(c, Skip::Precondition);
        return None;
    }
    if !job.allowed(c, level) {
        return None;
    }
    let Some(at) = sys::mmap(len, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1)
    else {
        job.skip(c, Skip::NoRoom);
        return None;
    };
    let mut ret = None;
    if data::copy_sent(cx, at, len) == Some(len) {
        let changes = change_bytes(c, at, len as u64);
        ret = data::send_other(cx, at, len);
        if ret.is_some_and(|r| r > 0) {
            job.fire(c, Recipe::Rewrite, level, changes);
        }
    } else {
        job.skip(c, Skip::Precondition);
    }
    let e = errno();
    // SAFETY: the kernel has copied what it took.
    unsafe { sys::munmap(at, len) };
    set_errno(e);
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
        && job.allowed(&c, level_of_loss(cx))
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
    // What was looked at is not changed any more.
    if let Some(c) = plan.get(Effect::Content)
        && !peeks
        && !seen
        && (c.action.p == 0 || c.hits(c.action.p))
    {
        let e = errno();
        change(job, &c, data::received(cx, ret));
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
    let mut c = *c;
    for _ in 0..MOST {
        if !lost(job, &c, c.counter, c.u) || !job.allowed(&c, level_of_loss(cx)) {
            return None;
        }
        let flags = data::flags(cx);
        if kernel::blocks(cx.fd, flags) && kernel::readable_now(cx.fd) <= 0 {
            // Nothing to lose yet: wait as the program would, and lose then.
            let mut none = [0u8; 1];
            let look = (flags & !(libc::MSG_TRUNC | MSG_WAITFORONE) | libc::MSG_PEEK) as u64;
            let args = [cx.fd as u64, none.as_mut_ptr() as u64, 1, look, 0, 0, 0, 0];
            let r = data::call_real(Call::recv, &args);
            if r < 0 {
                return Some(r);
            }
        }
        if !swallow(cx.fd) {
            return Some(real());
        }
        let due = c.due.and_then(|_| replay::at(job.seg, job.block, &c, c.counter));
        job.fire(&Chosen { due, ..c }, Recipe::Swallow, level_of_loss(cx), 0);
        c = c.next(job.block);
    }
    None
}

/// Takes one datagram that is there; false when there is none.
pub fn swallow(fd: c_int) -> bool {
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
    // As recvmsg, which takes flags.
    // SAFETY: zeroes are an empty header.
    let mut m: libc::msghdr = unsafe { core::mem::zeroed() };
    let call = match cx.call {
        Call::read => Call::recv,
        Call::readv => {
            (m.msg_iov, m.msg_iovlen) = (cx.arg(1) as *mut libc::iovec, cx.arg(2) as usize);
            to.set(1, (&raw mut m) as u64);
            to.set(2, 0);
            Call::recvmsg
        }
        other => other,
    };
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
        job.fire(c, Recipe::Peek, level_of_loss(cx), ret as u64);
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
    let asked = data::length(job.cx);
    let limit = size_asked(c.action, c.u, asked);
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

/// How real it is that bytes change: a checksum catches nearly all of it on datagrams, and the kernel all of it on streams. What
/// goes over no network does not change.
fn level_of_change(cx: &Cx) -> u8 {
    if cx.dgram() && cx.inet() { 1 } else { 2 }
}

/// How real it is that a datagram is lost or doubled: one that goes over no network is neither.
fn level_of_loss(cx: &Cx) -> u8 {
    if cx.inet() { 0 } else { 2 }
}

/// Changes what has just been received, `len` bytes.
pub fn change(job: &mut Job, c: &Chosen, len: i64) {
    let level = level_of_change(job.cx);
    let Some((at, room)) = data::buffer(job.cx) else { return };
    let len = (len.max(0) as u64).min(room);
    if len > 0 && job.allowed(c, level) {
        // The kernel has just written that much there.
        let changes = change_bytes(c, at as *mut u8, len);
        job.fire(c, Recipe::Rewrite, level, changes);
    }
}

/// Changes so many bits or bytes of `len` at `at`, which can be written to, as the action says; how many.
fn change_bytes(c: &Chosen, at: *mut u8, len: u64) -> u64 {
    let [n, _] = c.action.n;
    let n = n.clamp(1, 64);
    for k in 0..n {
        let u = draw::scatter(c.u, 32 + k);
        let (place, other) = if c.action.size() == SizeKind::Bits {
            let bit = draw::below(u, len * 8);
            (bit / 8, 1 << (bit % 8))
        } else {
            (draw::below(u, len), draw::between(draw::scatter(u, 1), 1, 255) as u8)
        };
        // SAFETY: within the caller's bytes.
        unsafe { *at.add(place as usize) ^= other };
    }
    n
}
