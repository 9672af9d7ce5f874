//! Applying what the rules chose: in the order of a call, from its entry to its exit.

use super::decide::{self, Chosen, Plan};
use super::kernel::{self, Handlers, tcp};
use super::rearm::{self, Side};
use super::{Cx, Fired, connect, data, dgram, dns, errors, fdlimit, lanes, ticker, wait};
use crate::hot::order::{errno, set_errno};
use core::sync::atomic::Ordering;
use libc::c_int;
use socklens_calls::{Call, class};
use socklens_rules::fault::{Action, Dir, Effect, FaultBlock, Kind, Recipe, Region, SizeKind, Skip, action_flag, draw};
use socklens_wire::Segment;
use socklens_wire::fault::{Injected, lane, state};

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
        decide::count(self.region, c.rule, why);
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
        let kind = c.action.kind;
        self.note((c.rule, kind, how, level), (c.counter, c.offset, value));
    }

    fn note(&mut self, (rule, action, how, level): (u16, u8, Recipe, u8), (counter, offset, value): (u64, u64, u64)) {
        let mut f = Injected {
            seed: self.block.seed,
            counter,
            offset,
            value,
            rule,
            level,
            lane: self.cx.lane,
            ..Injected::default()
        };
        let name = self.block.rules().get(usize::from(rule)).map_or(&[][..], |r| self.block.bytes(r.name));
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
        let mut word = c.memory.map_or(0, |m| m.word.load(Ordering::Relaxed));
        let t = draw::time(self.block, &c.action.dist, c.u, &mut word);
        if let Some(m) = c.memory {
            m.word.store(word, Ordering::Relaxed);
        }
        t
    }

    /// Whether one more result may be faked before a real call must come between; counts it.
    fn progress(&self, c: &Chosen) -> bool {
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

    fn side(&self) -> Side {
        if self.cx.lane == lane::OUT { Side::Out } else { Side::In }
    }

    /// Tells swallowed readiness again.
    fn rearm(&self) -> bool {
        let stream = self.cx.tcp() && self.cx.lane != lane::OTHER;
        rearm::again(self.cx.fd, self.cx.entry, stream, self.side())
    }

    fn timeout_name(&self) -> c_int {
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
pub fn sleep(seg: &Segment, ns: u64) {
    let end = decide::mono(seg).wrapping_add(ns);
    let mut left = ns;
    while !kernel::sleep(left) {
        left = end.saturating_sub(decide::mono(seg));
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
    fired: &mut Fired,
) -> i64 {
    ticker::due(seg, plan.conn, cx);
    let peeked = data::flags(cx) & libc::MSG_PEEK != 0;
    let ret = match before(seg, cx, plan) {
        Some(ret) => {
            fired.touched = true;
            ret
        }
        None if plan.is_empty() => after(cx, plan, real()),
        None => {
            let mut job = Job { seg, region, block, cx, plan, fired };
            if lanes::confined(seg) {
                for c in plan.all() {
                    job.skip(c, Skip::Confined);
                }
                real()
            } else {
                let ret = steps(&mut job, real);
                after(cx, plan, ret)
            }
        }
    };
    decide::moved(seg, cx, plan.conn, ret, peeked);
    ret
}

/// What earlier faults make of the call before it is made.
fn before(seg: &Segment, cx: &Cx, plan: &Plan) -> Option<i64> {
    let conn = plan.conn;
    if fdlimit::exhausted(cx.call) {
        return Some(failure(cx.call, libc::EMFILE));
    }
    if cx.lane == lane::IN && decide::at_eof(conn) {
        // The kernel has the end as well; asked for nothing, it tells no byte that came late.
        return Some(data::call_shortened(cx, 0).unwrap_or(0));
    }
    if cx.lane == lane::IN && ticker::gated(seg, conn) && kernel::blocks(cx.fd, data::flags(cx)) {
        // Entered now, the call would wait for the gate's many bytes.
        ticker::wait_open(seg, conn);
    } else if cx.lane == lane::IN && ticker::gated(seg, conn) && !lanes::confined(seg) {
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
        sleep(job.seg, ns);
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
        sleep(job.seg, ns);
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
        && let Some(ret) = connection(job, &c, real)
    {
        return ret;
    }
    if let Some(c) = plan.get(Effect::Result)
        && let Some(ret) = result(job, &c, real)
    {
        return ret;
    }
    if errors::waits(job.cx.call) {
        return wait::call(job, real);
    }
    if calls & (class::IN | class::OUT) == 0 {
        for c in plan.all().filter(|c| moves_bytes(c.effect)) {
            job.skip(c, Skip::WrongType);
        }
        return real();
    }
    if let Some(c) = plan.get(Effect::Latency) {
        ticker::latency(job, &c);
    }
    if let Some(c) = plan.get(Effect::Rate) {
        rate(job, &c);
    }
    if job.cx.dgram() {
        return dgram::call(job, real);
    }
    for e in [Effect::Loss, Effect::Dup, Effect::Order] {
        if let Some(c) = plan.get(e) {
            job.skip(&c, Skip::WrongType);
        }
    }
    let ret = stream(job, real);
    if let Some(c) = plan.get(Effect::Content) {
        let e = errno();
        if job.cx.lane == lane::IN {
            dgram::corrupt(job, &c, ret);
        } else {
            job.skip(&c, Skip::Unsupported);
        }
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

fn signal(job: &mut Job, c: &Chosen) {
    let kind = c.action.kind();
    let (signal, process) = match kind {
        Some(Kind::Signal) => (c.action.signal, false),
        Some(Kind::Kill) => (c.action.signal, true),
        Some(Kind::Pause | Kind::Break) => (libc::SIGSTOP as u8, true),
        _ => return job.skip(c, Skip::Unsupported),
    };
    job.fire(c, Recipe::Signal, 0, u64::from(signal));
    kernel::raise(signal, process);
}

fn close(job: &mut Job, c: &Chosen) {
    if !matches!(job.cx.call, Call::close | Call::fclose) {
        return job.skip(c, Skip::Precondition);
    }
    let ns = job.time(c);
    job.fire(c, Recipe::Sleep, 0, ns);
    sleep(job.seg, ns);
}

/// Bytes per second: the kernel paces what a TCP socket sends.
fn rate(job: &mut Job, c: &Chosen) {
    const SO_MAX_PACING_RATE: c_int = 47;
    let cx = job.cx;
    if c.action.dir() == Dir::In || !cx.tcp() {
        return job.skip(c, Skip::Unsupported);
    }
    if cx.lane != lane::OUT || decide::is(job.plan.conn, state::PACED) {
        return;
    }
    let v = c.action.n[0].clamp(1, c_int::MAX as u64) as c_int;
    if kernel::set(cx.fd, libc::SOL_SOCKET, SO_MAX_PACING_RATE, v) {
        decide::mark(job.plan.conn, state::PACED, true);
        job.fire(c, Recipe::Pacing, 0, v as u64);
    } else {
        job.skip(c, Skip::Refused);
    }
}

/// A result in place of the kernel's.
fn result(job: &mut Job, c: &Chosen, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    match c.action.kind()? {
        Kind::Return => {
            if !job.allowed(c, 2) {
                return None;
            }
            let v = c.action.n[0];
            job.fire(c, Recipe::Fake, 2, v);
            job.fired.invented = true;
            Some(v as i64)
        }
        Kind::Again => error(job, c, libc::EAGAIN, real),
        Kind::Eintr => error(job, c, libc::EINTR, real),
        Kind::Abort => error(job, c, libc::ECONNABORTED, real),
        Kind::Error => {
            let e = job.block.choose_error(c.action, draw::scatter(c.u, 1))?;
            error(job, c, c_int::from(e), real)
        }
        Kind::Fdlimit => fdlimit::limited(job, c),
        _ => None,
    }
}

/// An error, brought about the way that fits the call.
fn error(job: &mut Job, c: &Chosen, e: c_int, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    let cx = job.cx;
    let row = errors::find(cx, e);
    let (level, how) = row.map_or((2, Recipe::Fake), |r| (r.level as u8, r.recipe));
    let lifted = c.action.has(action_flag::LIFT);
    if row.is_some_and(|r| !errors::holds(cx, r.pre)) && !(lifted && how == Recipe::Fake) {
        job.skip(c, Skip::Precondition);
        return None;
    }
    if !job.allowed(c, level) {
        return None;
    }
    let value = e as u64;
    if c.action.has(action_flag::FAKE) {
        job.fire(c, Recipe::Fake, level.max(1), value);
        return Some(job.fail(e));
    }
    if c.action.has(action_flag::NATIVE) && how == Recipe::Fake {
        job.skip(c, Skip::Precondition);
        return None;
    }
    match how {
        Recipe::Fake if e == libc::EINTR => interrupt(job, c, level),
        Recipe::FakeRearm => again(job, c, level),
        Recipe::Fake if e == libc::EAGAIN && row.is_some() => again(job, c, level),
        Recipe::Reset if cx.call == Call::shutdown => {
            kill(job, c)?;
            job.fire(c, Recipe::Reset, level, value);
            Some(real())
        }
        Recipe::Reset => reset(job, c, level, 0, real),
        Recipe::ResetTranslate => reset(job, c, level, e, real),
        Recipe::ResetUnix => reset(job, c, level, 0, real),
        Recipe::Pipe => {
            kernel::shutdown(cx.fd, libc::SHUT_WR);
            job.fire(c, Recipe::Pipe, level, value);
            Some(real())
        }
        Recipe::RefuseSink => connect::refuse(job, c, if e == libc::ECONNREFUSED { 0 } else { e }),
        Recipe::SynSink => connect::time_out(job, c, real),
        Recipe::SendTimeout => connect::interrupt(job, c, real),
        Recipe::AcceptClose => connect::take(job, c, e, level),
        Recipe::After => {
            let r = real();
            if r == 0 {
                job.fire(c, Recipe::After, level, value);
                set_errno(e);
                return Some(-1);
            }
            Some(r)
        }
        Recipe::Fake | Recipe::NoRoute => {
            job.fire(c, Recipe::Fake, level, value);
            Some(job.fail(e))
        }
        _ => {
            job.skip(c, Skip::Unsupported);
            None
        }
    }
}

/// EAGAIN where the kernel could say so.
fn again(job: &mut Job, c: &Chosen, level: u8) -> Option<i64> {
    let cx = job.cx;
    let blocks = kernel::blocks(cx.fd, data::flags(cx));
    let limit = if blocks { kernel::timeout(cx.fd, job.timeout_name()) } else { 0 };
    if blocks && limit == 0 {
        job.skip(c, Skip::Blocking);
        return None;
    }
    if cx.lane == lane::IN && promised(job, c) {
        return None;
    }
    if !job.progress(c) {
        return None;
    }
    if blocks {
        sleep(job.seg, limit);
    } else if !job.rearm() {
        job.skip(c, Skip::Refused);
        return None;
    }
    job.fire(c, Recipe::FakeRearm, level, libc::EAGAIN as u64);
    Some(job.fail(libc::EAGAIN))
}

/// EINTR where a handler could have run.
fn interrupt(job: &mut Job, c: &Chosen, level: u8) -> Option<i64> {
    let cx = job.cx;
    let waits = errors::waits(cx.call);
    if !waits && !kernel::blocks(cx.fd, data::flags(cx)) {
        job.skip(c, Skip::Nonblocking);
        return None;
    }
    let any = waits || kernel::timeout(cx.fd, job.timeout_name()) != 0;
    let fine = match kernel::handlers() {
        Handlers::Interrupting => true,
        Handlers::Restarting => any,
        Handlers::None => false,
    };
    if !fine && !c.action.has(action_flag::LIFT) {
        job.skip(c, Skip::NoHandler);
        return None;
    }
    // The kernel gives a process's signals to its first thread.
    let level = if crate::sys::gettid() == crate::sys::getpid() { level } else { level.max(1) };
    if !job.allowed(c, level) || !job.progress(c) {
        return None;
    }
    job.fire(c, Recipe::Fake, level, libc::EINTR as u64);
    Some(job.fail(libc::EINTR))
}

/// Whether the program was promised bytes that it has not read; counts it.
fn promised(job: &Job, c: &Chosen) -> bool {
    let p = job.plan.conn.is_some_and(|c| c.promised.load(Ordering::Relaxed) != 0);
    if p && job.cx.lane == lane::IN {
        job.skip(c, Skip::Promised);
        return true;
    }
    false
}

/// Resets the connection; None when it is in no state for it.
fn kill(job: &Job, c: &Chosen) -> Option<bool> {
    let cx = job.cx;
    if !cx.tcp() {
        job.skip(c, Skip::WrongType);
        return None;
    }
    match kernel::tcp_state(cx.fd) {
        Some(tcp::ESTABLISHED | tcp::FIN_WAIT1 | tcp::FIN_WAIT2) => {}
        Some(tcp::CLOSE_WAIT) => {
            job.skip(c, Skip::AfterEof);
            return None;
        }
        _ => {
            job.skip(c, Skip::NotConnected);
            return None;
        }
    }
    if promised(job, c) {
        return None;
    }
    decide::mark(job.plan.conn, state::DEAD, true);
    Some(kernel::reset_tcp(cx.fd))
}

/// A reset; with `other` the program is told that errno instead.
fn reset(job: &mut Job, c: &Chosen, level: u8, other: c_int, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    let cx = job.cx;
    if c.action.has(action_flag::DRAIN) && (cx.lane != lane::IN || kernel::readable(cx.fd) != 0) {
        return None;
    }
    if cx.unix() && cx.stream() {
        if promised(job, c) {
            return None;
        }
        kernel::shutdown(cx.fd, libc::SHUT_RDWR);
        job.fire(c, Recipe::ResetUnix, level, 0);
        if cx.lane == lane::IN {
            decide::mark(job.plan.conn, state::EOF, true);
            return Some(job.fail(libc::ECONNRESET));
        }
        return Some(real());
    }
    let dissolved = kill(job, c)?;
    let how = if !dissolved {
        Recipe::ResetUnix
    } else if other != 0 {
        Recipe::ResetTranslate
    } else {
        Recipe::Reset
    };
    if other != 0
        && let Some(conn) = job.plan.conn
    {
        conn.errno.store(other as u32, Ordering::Relaxed);
    }
    job.fire(c, how, level, other as u64);
    if !dissolved && cx.lane != lane::OTHER {
        let e = decide::take_errno(job.plan.conn).unwrap_or(libc::ECONNRESET);
        return Some(job.fail(e));
    }
    Some(real())
}

/// A connection changes its state.
fn connection(job: &mut Job, c: &Chosen, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    let cx = job.cx;
    let connecting = cx.call == Call::connect;
    let kind = c.action.kind()?;
    let unfit = match kind {
        Kind::Refuse => !connecting,
        Kind::Reset | Kind::Eof => connecting || !cx.stream(),
        _ => false,
    };
    if unfit || cx.entry.conn().is_none() {
        job.skip(c, Skip::WrongType);
        return None;
    }
    match kind {
        Kind::Refuse if cx.tcp() => connect::refuse(job, c, 0),
        Kind::Refuse if cx.unix() => {
            job.fire(c, Recipe::Fake, 0, libc::ECONNREFUSED as u64);
            Some(job.fail(libc::ECONNREFUSED))
        }
        Kind::Unreach if connecting || (cx.dgram() && cx.lane == lane::OUT) => {
            if !cx.inet() {
                job.skip(c, Skip::WrongFamily);
                return None;
            }
            job.fire(c, Recipe::Fake, 0, libc::ENETUNREACH as u64);
            Some(job.fail(libc::ENETUNREACH))
        }
        Kind::Unreach => reset(job, c, 0, libc::EHOSTUNREACH, real),
        Kind::Timeout if connecting && cx.tcp() => connect::time_out(job, c, real),
        Kind::Timeout => {
            if cx.lane != lane::OUT || !cx.tcp() {
                job.skip(c, Skip::Precondition);
                return None;
            }
            connect::silence(job, c, true);
            None
        }
        Kind::Reset => reset(job, c, 0, 0, real),
        Kind::Eof => eof(job, c),
        Kind::Blackhole | Kind::Halfopen => {
            connect::silence(job, c, false);
            None
        }
        _ => {
            job.skip(c, Skip::WrongType);
            None
        }
    }
}

/// The peer's end of stream.
fn eof(job: &mut Job, c: &Chosen) -> Option<i64> {
    let cx = job.cx;
    if cx.lane != lane::IN {
        return None;
    }
    if cx.tcp() && kernel::tcp_state(cx.fd) != Some(tcp::ESTABLISHED) {
        job.skip(c, Skip::NotConnected);
        return None;
    }
    if promised(job, c) {
        return None;
    }
    kernel::shutdown(cx.fd, libc::SHUT_RD);
    decide::mark(job.plan.conn, state::EOF, true);
    job.fire(c, Recipe::Eof, 0, 0);
    Some(data::call_shortened(cx, 0).unwrap_or(0))
}

/// The size an action allows a call that asks for `asked`.
pub fn size_of(a: &Action, u: u64, asked: u64) -> u64 {
    let v = draw::between(u, a.n[0], a.n[1].max(a.n[0]));
    match a.size() {
        SizeKind::Part => (u128::from(asked).wrapping_mul(u128::from(v)) / 1_000_000) as u64,
        _ => v,
    }
}

/// A call on a stream, perhaps with less than it asks for.
fn stream(job: &mut Job, real: &mut dyn FnMut() -> i64) -> i64 {
    let (cx, plan) = (job.cx, job.plan);
    let asked = data::asked(cx);
    let mut limit = u64::MAX;
    let mut chosen = None;
    if let Some(c) = plan.get(Effect::Size) {
        match smaller(job, &c, asked) {
            Some(n) => (limit, chosen) = (n, Some(c)),
            None => {}
        }
    }
    let exact = plan.limit < limit;
    let limit = limit.min(plan.limit);
    let flags = data::flags(cx);
    if limit >= asked || asked == 0 || flags & libc::MSG_PEEK != 0 {
        return real();
    }
    let Some(ret) = data::call_shortened(cx, limit) else { return real() };
    if exact {
        let kind = Kind::Short as u8;
        job.note((plan.limiting, kind, Recipe::Length, 0), (0, decide::stream_offset(plan.conn, cx.lane), limit));
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
        let cut = draw::cut_after(at, c.action.n[0], c.action.n[1], &|k| {
            draw::mix(job.block.seed, rule.id, key, u64::from(cx.lane) | 16, k)
        });
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
        sleep(job.seg, job.time(c));
    }
    Some(limit)
}
