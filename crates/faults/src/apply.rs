//! Applying what the rules chose: in the order of a call, from its entry to its exit.

use super::decide::{self, Chosen, Plan};
use super::kernel;
use super::lent::fetch;
use super::rearm::{self, Side};
use super::{
    Cx, Fired, budget, connect, data, delayed, dgram, dns, early, errors, fdlimit, frames, held, hosts, lanes, left,
    lent, results, stream, ticker, tls, wait,
};
use core::sync::atomic::{AtomicU32, Ordering};
use libc::c_int;
use socklens_calls::{Call, class};
use socklens_inside::engine::{Registers, Signal};
use socklens_inside::errno::{errno, set_errno};
use socklens_rules::fault::{Effect, FaultBlock, Kind, Recipe, Region, Rule, Skip, action_flag, draw};
use socklens_wire::Segment;
use socklens_wire::fault::{FaultLane, Injected, lane, state};

/// A call on its way.
pub struct Job<'a, 'b> {
    pub seg: &'b Segment,
    pub region: &'b Region,
    pub block: &'a FaultBlock,
    pub cx: &'b Cx<'b>,
    pub plan: &'b Plan<'a>,
    pub fired: &'b mut Fired,
}

impl Job<'_, '_> {
    /// A fault was due and is not caused.
    pub fn skip(&self, c: &Chosen, why: Skip) {
        c.skip(self.region, why);
    }

    /// Whether a fault of this level may be caused; counts it when not.
    pub fn allowed(&self, c: &Chosen, level: u8) -> bool {
        let fine = level <= self.block.realism() as u8 || c.action.has(action_flag::LIFT);
        if !fine {
            self.skip(c, Skip::Realism);
        }
        fine
    }

    /// A fault is caused.
    pub fn fire(&mut self, c: &Chosen, how: Recipe, level: u8, value: u64) {
        if let Some(n) = self.region.counts(usize::from(c.rule)) {
            n.fired.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(m) = c.memory {
            m.fired.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(d) = c.due {
            d.done();
        }
        let rule = self.block.rules().get(usize::from(c.rule)).filter(|r| self.block.is_late(r));
        let noted = rule.map_or(0, |r| {
            let id = self.block.noted(r);
            self.region.note(id, r.thread, self.block.bytes(r.text));
            id
        });
        let of_lane = |word: fn(&FaultLane) -> &AtomicU32| c.memory.map_or(0, |m| word(m).load(Ordering::Relaxed));
        let f = Injected {
            noted,
            since: of_lane(|m| &m.since),
            before: of_lane(|m| &m.before),
            counter: c.counter,
            offset: c.offset,
            value,
            key: c.key,
            place: c.place,
            item: c.action.item,
            step: c.action.step,
            times: 1,
            ..Injected::default()
        };
        self.note((c.rule, c.action.kind, how, level), f);
    }

    /// Tells of what was done. Without a counter it is no fault by itself: a fault was brought to its place.
    pub fn note(&mut self, (rule, action, how, level): (u16, u8, Recipe, u8), f: Injected) {
        let mut f = Injected { seed: self.block.seed, rule, level, lane: self.cx.lane, ..f };
        let from = self.block.rules().get(usize::from(rule));
        f.group = from.map_or(0, |r| r.group);
        let name = from.map_or(&[][..], |r| self.block.bytes(r.name));
        f.name_len = put(&mut f.name, name);
        f.action_len = put(&mut f.action, Kind::from_u8(action).map_or("", Kind::word).as_bytes());
        f.recipe_len = put(&mut f.recipe, how.word().as_bytes());
        self.fired.add(f);
    }

    /// The call fails without being made.
    pub fn fail(&mut self, e: c_int) -> i64 {
        failure(self.cx.call, e)
    }

    /// A time from an action's distribution.
    pub fn time(&self, c: &Chosen) -> u64 {
        if let Some(ns) = c.due.and_then(|d| d.time(c.action)) {
            return ns;
        }
        let mut word = c.memory.map_or(0, |m| m.word.load(Ordering::Relaxed));
        let t = draw::time(self.block, &c.action.dist, c.u, &mut word);
        if let Some(m) = c.memory {
            m.word.store(word, Ordering::Relaxed);
        }
        t
    }

    /// Whether one more result may be faked before a real call must come between; counts it.
    pub fn progress(&self, c: &Chosen) -> bool {
        let Some(m) = c.memory else { return true };
        let rule = self.block.rules().get(usize::from(c.rule));
        let [_, steps] = c.action.times;
        let steps = if steps == u32::MAX { 1 } else { steps };
        let [_, storm] = decide::storm(c.action);
        let most = rule.map_or(1, |r| r.when.burst).max(steps).max(storm as u32).max(1);
        let in_a_row = m.last.swap(c.counter, Ordering::Relaxed).wrapping_add(1) == c.counter;
        let streak = if in_a_row { m.streak.load(Ordering::Relaxed) } else { 0 };
        if streak >= most {
            m.streak.store(0, Ordering::Relaxed);
            self.skip(c, Skip::Progress);
            return false;
        }
        m.streak.store(streak + 1, Ordering::Relaxed);
        true
    }

    /// Whether the rule of an action is also about calls that only send, or only receive.
    pub fn is_about(&self, c: &Chosen, class: u16) -> bool {
        self.block.rules().get(usize::from(c.rule)).is_some_and(|r| r.is_about_some(class))
    }

    pub fn side(&self) -> Side {
        if self.cx.lane == lane::OUT { Side::Out } else { Side::In }
    }

    /// Tells swallowed readiness again.
    pub fn rearm(&self) -> bool {
        let stream = self.cx.tcp() && self.cx.lane != lane::OTHER;
        rearm::again(self.cx.fd, self.cx.entry, stream, self.side())
    }

    pub fn timeout_name(&self) -> c_int {
        if self.side() == Side::Out { libc::SO_SNDTIMEO } else { libc::SO_RCVTIMEO }
    }
}

/// Copies as much as there is room for; how much that is.
fn put(to: &mut [u8], from: &[u8]) -> u8 {
    for (to, &b) in to.iter_mut().zip(from) {
        *to = b;
    }
    from.len().min(to.len()) as u8
}

/// How a call fails.
fn failure(call: Call, e: c_int) -> i64 {
    use socklens_calls::Ret;
    if call.ret() == Ret::ErrNo {
        return i64::from(e);
    }
    set_errno(e);
    match call.ret() {
        Ret::Ptr | Ret::Index | Ret::Hostent | Ret::Str => 0,
        _ => -1,
    }
}

/// Sleeps the whole time, through signal handlers.
pub fn sleep(ns: u64) {
    let end = lent::mono().wrapping_add(ns);
    let mut left = ns;
    while !kernel::sleep(left) {
        left = end.saturating_sub(lent::mono());
        if left == 0 || left > ns {
            break;
        }
    }
}

/// The whole of a call.
#[inline(never)]
pub fn call(
    seg: &Segment,
    region: &Region,
    block: &FaultBlock,
    cx: &Cx,
    plan: &mut Plan,
    real: &mut dyn FnMut() -> i64,
    (fired, at): (&mut Fired, &Registers),
) -> i64 {
    ticker::due(plan.conn, cx);
    if delayed::any() {
        delayed::closing(cx);
    }
    early::before(cx);
    let mut wait = || early::wait(cx.call, &data::Changed::of(cx).args);
    let real: &mut dyn FnMut() -> i64 = if errors::waits(cx.call) { &mut wait } else { real };
    let peeked = data::flags(cx) & libc::MSG_PEEK != 0;
    let ret = match before(seg, cx, plan) {
        Some(ret) => {
            fired.touched = true;
            ret
        }
        None if plan.is_empty() => {
            let ret = after(cx, plan, real());
            dgram::passed(cx, plan.conn, peeked, ret);
            if cx.lane == lane::OUT && cx.dgram() {
                held::passed(cx, if data::messages(cx) > 0 { ret } else { i64::from(ret >= 0) });
            }
            ret
        }
        None => {
            let mut job = Job { seg, region, block, cx, plan, fired };
            if lanes::confined(seg, cx) {
                for c in plan.all() {
                    job.skip(c, Skip::Confined);
                }
                real()
            } else {
                // After a signal there may be no event.
                let first = plan.get(Effect::Signal).is_some();
                if first {
                    show_stack(&mut job, at);
                }
                let ret = steps(&mut job, real);
                let ret = after(cx, plan, ret);
                if !first {
                    show_stack(&mut job, at);
                }
                ret
            }
        }
    };
    if cx.call == Call::epoll_ctl && ret == 0 {
        early::changed(cx);
    }
    left::tell(seg, cx, ret);
    decide::moved(seg, cx, plan.conn, ret, peeked);
    if lent::concerns().hosts.load(Ordering::Relaxed) != 0 {
        hosts::answered(cx, ret);
    }
    if lent::concerns().snis.load(Ordering::Relaxed) != 0 {
        tls::moved(cx, ret, peeked, !fired.invented);
    }
    ret
}

fn show_stack(job: &mut Job, at: &Registers) {
    let Some(c) = job.plan.get(Effect::Stack) else { return };
    match frames::show(at, job.fired) {
        None => job.fire(&c, Recipe::None, 0, 0),
        Some(why) => job.skip(&c, why),
    }
}

/// What earlier faults make of the call before it is made.
fn before(seg: &Segment, cx: &Cx, plan: &Plan) -> Option<i64> {
    let conn = plan.conn;
    if let Some(c) = conn.filter(|c| closes(cx.call) && c.slow.load(Ordering::Relaxed) != 0)
        && !lanes::confined(seg, cx)
    {
        sleep(c.slow.swap(0, Ordering::Relaxed));
    }
    if fdlimit::exhausted(cx.call) {
        return Some(failure(cx.call, libc::EMFILE));
    }
    // What came before it is read first.
    if cx.lane == lane::IN
        && decide::is(conn, state::PARKED)
        && (!cx.stream() || kernel::readable(cx.fd) == 0)
        && let Some(e) = decide::parked(conn)
    {
        return Some(failure(cx.call, e));
    }
    if cx.lane == lane::IN && decide::at_eof(conn) {
        // The kernel has the end as well; asked for nothing, it tells no byte that came late.
        return Some(data::call_shortened(cx, 0).unwrap_or(0));
    }
    if cx.lane == lane::IN && ticker::gated(conn) && kernel::blocks(cx.fd, data::flags(cx)) {
        // Entered now, the call would wait for the gate's many bytes.
        ticker::wait_open(conn, cx);
    } else if cx.lane == lane::IN && ticker::gated(conn) && !lanes::confined(seg, cx) {
        if kernel::has_error(cx.fd) {
            ticker::give_up(conn, cx);
            return None;
        }
        set_errno(libc::EAGAIN);
        return Some(-1);
    }
    if cx.call == Call::connect && decide::is(conn, state::DEAD) {
        set_errno(libc::EISCONN);
        return Some(-1);
    }
    None
}

/// What earlier faults, or this one, make of the kernel's result.
fn after(cx: &Cx, plan: &Plan, ret: i64) -> i64 {
    let Some(c) = plan.conn else { return ret };
    if cx.lane == lane::IN && ret > 0 && decide::is(plan.conn, state::DRAINING) {
        results::drained(cx, plan.conn);
    }
    let e = if ret == -1 { errno() } else { 0 };
    if cx.call == Call::connect && e == libc::EISCONN && decide::is(plan.conn, state::CONNECTING) {
        decide::mark(plan.conn, state::CONNECTING, false);
        return 0;
    }
    // A thread that waited while another one reset the connection is told what no receive is ever told.
    if cx.lane == lane::IN && e == libc::EPIPE && decide::is(plan.conn, state::DEAD) {
        set_errno(libc::ECONNRESET);
    }
    if matches!(errno(), libc::ECONNRESET | libc::ECONNREFUSED)
        && ret == -1
        && let Some(other) = decide::take_errno(Some(c))
    {
        set_errno(other);
    }
    if ret == 0 {
        connect::names(cx, c);
        // What FIONREAD tells is as good as seen.
        if cx.call == Call::ioctl && cx.arg(1) == libc::FIONREAD && cx.stream() {
            let told = fetch::<c_int>(cx.arg(2), true).unwrap_or(0).max(0);
            c.promised.fetch_max(told as u32, Ordering::Relaxed);
        }
    }
    ret
}

/// The steps of a call for which rules chose something.
fn steps(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let plan = job.plan;
    if let Some(c) = plan.get(Effect::Note) {
        job.fire(&c, Recipe::None, 0, 0);
    }
    if let Some(c) = plan.get(Effect::Signal) {
        signal(job, &c);
    }
    let delay = plan.get(Effect::Time);
    if let Some(c) = delay
        && !c.action.has(action_flag::EXIT)
    {
        let ns = job.time(&c);
        job.fire(&c, Recipe::Sleep, 0, ns);
        sleep(ns);
    }
    if let Some(c) = plan.get(Effect::Close) {
        close(job, &c);
    }
    let ret = outcome(job, real);
    if let Some(c) = delay
        && c.action.has(action_flag::EXIT)
    {
        let e = errno();
        let ns = job.time(&c);
        job.fire(&c, Recipe::Sleep, 0, ns);
        sleep(ns);
        set_errno(e);
    }
    ret
}

/// What the call returns.
fn outcome(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let plan = job.plan;
    let calls = job.cx.call.class();
    if let Some(c) = plan.get(Effect::Names)
        && let Some(ret) = dns::answer(job, &c)
    {
        return ret;
    }
    if let Some(c) = plan.get(Effect::Conn)
        && let Some(ret) = results::connection(job, &c, real)
    {
        return ret;
    }
    if let Some(c) = plan.get(Effect::Result)
        && let Some(ret) = results::result(job, &c, real)
    {
        return ret;
    }
    let waits = errors::waits(job.cx.call);
    for c in plan.all().filter(|c| !waits && tells_events(c.effect)) {
        job.skip(c, Skip::WrongType);
    }
    if calls & (class::IN | class::OUT) == 0 || waits {
        // A rule that is also about calls that move bytes means those.
        let means_others = |c: &Chosen| job.block.rules().get(usize::from(c.rule)).is_some_and(Rule::moves_bytes);
        for c in plan.all().filter(|c| moves_bytes(c.effect) && !means_others(c)) {
            job.skip(c, Skip::WrongType);
        }
        return if waits { wait::call(job, real) } else { real() };
    }
    let late = plan.get(Effect::Latency);
    if let Some(c) = late
        && ticker::latency(job, &c)
    {
        set_errno(libc::EAGAIN);
        return -1;
    }
    let ret = moving(job, real);
    if late.is_some() {
        ticker::received(job);
    }
    ret
}

/// A call that moves bytes.
fn moving(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let plan = job.plan;
    let rate = plan.get(Effect::Rate);
    let most = rate.map_or(u64::MAX, |c| budget::before(job, &c));
    if job.cx.dgram() {
        return dgram::call(job, real);
    }
    for e in [Effect::Loss, Effect::Dup, Effect::Order] {
        if let Some(c) = plan.get(e) {
            job.skip(&c, Skip::WrongType);
        }
    }
    let content = plan.get(Effect::Content).filter(|c| c.action.p == 0 || c.hits(c.action.p));
    if job.cx.lane == lane::OUT
        && let Some(c) = content
        && let Some(ret) = dgram::send_changed(job, &c)
    {
        return ret;
    }
    let seen =
        data::flags(job.cx) & libc::MSG_PEEK != 0 || plan.conn.is_some_and(|c| c.promised.load(Ordering::Relaxed) != 0);
    let ret = stream::call(job, real, most);
    if let Some(c) = rate {
        let e = errno();
        budget::after(job, &c, ret);
        set_errno(e);
    }
    if job.cx.lane == lane::IN
        && !seen
        && let Some(c) = content
    {
        let e = errno();
        dgram::change(job, &c, ret);
        set_errno(e);
    }
    ret
}

fn moves_bytes(e: Effect) -> bool {
    matches!(
        e,
        Effect::Size | Effect::Latency | Effect::Rate | Effect::Loss | Effect::Dup | Effect::Order | Effect::Content
    )
}

fn tells_events(e: Effect) -> bool {
    matches!(e, Effect::EventOrder | Effect::EventCount | Effect::Events)
}

fn signal(job: &mut Job, c: &Chosen) {
    let kind = c.action.kind();
    let (signal, process) = match kind {
        Some(Kind::Signal) => (c.action.signal, false),
        Some(Kind::Kill) => (c.action.signal, true),
        Some(Kind::Pause | Kind::Break) => (libc::SIGSTOP as u8, true),
        _ => return job.skip(c, Skip::Unsupported),
    };
    job.fire(c, Recipe::Signal, 0, u64::from(signal));
    lent::signal(job.cx, job.fired, Signal { number: signal, process });
}

/// A close takes its time: this one, or that of the connection whose bytes move here.
fn close(job: &mut Job, c: &Chosen) {
    if closes(job.cx.call) {
        let ns = job.time(c);
        job.fire(c, Recipe::Sleep, 0, ns);
        return sleep(ns);
    }
    let Some(conn) = job.plan.conn.filter(|_| job.cx.lane != lane::OTHER) else {
        return job.skip(c, Skip::Precondition);
    };
    if conn.slow.load(Ordering::Relaxed) == 0 {
        let ns = job.time(c);
        conn.slow.store(ns.max(1), Ordering::Relaxed);
        job.fire(c, Recipe::Sleep, 0, ns);
    }
}

fn closes(call: Call) -> bool {
    matches!(call, Call::close | Call::fclose)
}
