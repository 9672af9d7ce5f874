//! Which rules fire for a call: their calls, their selectors, their conditions, in this order and no further than needed.

pub use super::marks::{at_eof, is, mark, park, parked, stream_offset, take_errno};
use super::replay::{self, At, Due};
use super::{Cx, data, frames, hosts, lanes, lent, site, tls};
use core::sync::atomic::{AtomicU64, Ordering};
use socklens_calls::Call;
use socklens_inside::concern::Candidates;
use socklens_inside::engine::Registers;
use socklens_inside::names::looked_up;
use socklens_rules::fault::{Action, Effect, FaultBlock, Kind, Region, Rule, Scope, Skip, draw, rule_flag, when};
use socklens_rules::{Frames, Site, Subject};
use socklens_wire::fault::{FaultConn, FaultLane, lane};
use socklens_wire::layout::mode;
use socklens_wire::{ConnInfo, Segment};

/// An action that is to be applied.
#[derive(Clone, Copy)]
pub struct Chosen<'a> {
    pub action: &'a Action,
    pub effect: Effect,
    pub rule: u16,
    /// Which match of its lane, from 1.
    pub counter: u64,
    /// A draw of its own.
    pub u: u64,
    /// Offset in the lane's stream.
    pub offset: u64,
    pub memory: Option<&'static FaultLane>,
    /// What its lane is called: a key, and which of the key's.
    pub key: u64,
    pub place: u8,
    /// The fault of a schedule that it is.
    pub due: Option<Due>,
}

impl Chosen<'_> {
    /// Whether a further chance of the action's own hits.
    pub fn hits(&self, p: u64) -> bool {
        self.due.is_some() || self.u < p
    }

    /// The same for the next datagram, which is a match as well.
    pub fn next(&self, block: &FaultBlock) -> Self {
        if let Some(m) = self.memory {
            m.matched.fetch_add(1, Ordering::Relaxed);
        }
        let rule = block.rules().get(usize::from(self.rule));
        let counter = self.counter + 1;
        let drawn = if rule.is_some_and(|r| r.when.scope() == Scope::Conn) { 0 } else { counter };
        let u = draw::mix(block.seed, rule.map_or(0, |r| r.id), self.key, u64::from(self.place), drawn);
        Chosen { counter, u: draw::scatter(u, u64::from(self.action.item) + 16), ..*self }
    }

    /// The fault was due and is not caused.
    pub fn skip(&self, region: &Region, why: Skip) {
        if let Some(d) = self.due {
            d.skipped(why);
        }
        count(region, self.rule, why);
    }
}

const MAX_CHOSEN: usize = 8;

/// What the rules want of a call.
pub struct Plan<'a> {
    list: [Option<Chosen<'a>>; MAX_CHOSEN],
    /// No more than this may move, so that a fault can happen at its very byte; the rule that says so.
    pub limit: u64,
    pub limiting: u16,
    /// What is remembered of the conn.
    pub conn: Option<&'static FaultConn>,
    /// The call is on several datagrams, and rules may want something of each.
    pub each: bool,
    /// A fault of a schedule in whose place another one is to be caused.
    overruled: Option<Chosen<'a>>,
    /// Calls of the thread and the process before this one, where a session is recorded.
    counted: [u32; 2],
}

impl<'a> Plan<'a> {
    pub fn new() -> Plan<'a> {
        Plan {
            list: [None; MAX_CHOSEN],
            limit: u64::MAX,
            limiting: u16::MAX,
            conn: None,
            each: false,
            overruled: None,
            counted: [0; 2],
        }
    }

    /// All actions.
    pub fn all(&self) -> impl Iterator<Item = &Chosen<'a>> {
        self.list.iter().flatten()
    }

    /// The action of an effect.
    pub fn get(&self, effect: Effect) -> Option<Chosen<'a>> {
        self.list.iter().flatten().find(|c| c.effect == effect).copied()
    }

    pub fn is_empty(&self) -> bool {
        !self.each && self.limit == u64::MAX && self.list.iter().all(Option::is_none)
    }

    pub fn put(&mut self, region: &Region, c: Chosen<'a>) {
        // Of two with the same effect the later rule wins.
        let at = self.list.iter().position(|o| o.is_some_and(|o| o.effect == c.effect));
        let at = at.or_else(|| self.list.iter().position(Option::is_none));
        let Some(to) = at.and_then(|i| self.list.get_mut(i)) else {
            c.skip(region, Skip::NoRoom);
            return;
        };
        if let Some(was) = to.as_ref() {
            was.skip(region, Skip::Overruled);
            self.overruled = was.due.map(|_| *was).or(self.overruled);
        }
        // A program that adds its own rules does so in a replay as well: it causes the fault itself.
        if c.due.is_none()
            && let Some(was) = self.overruled.filter(|was| is_same(region, was, &c))
            && let Some(d) = was.due
        {
            d.done();
        }
        *to = Some(c);
    }
}

/// Whether two are what rules of the same words want.
fn is_same(region: &Region, a: &Chosen, b: &Chosen) -> bool {
    let id = |c: &Chosen| region.block().and_then(|all| all.rules().get(usize::from(c.rule))).map(|r| r.id);
    id(a) == id(b) && (a.action.item, a.action.step) == (b.action.item, b.action.step)
}

/// A fault of a rule was due and is not caused.
fn count(region: &Region, rule: u16, why: Skip) {
    if let Some(c) = region.counts(usize::from(rule)) {
        c.skip(why);
    }
}

/// Nanoseconds since the session's start, as rules count them.
fn moment(block: &FaultBlock) -> u64 {
    lent::mono().saturating_sub(block.start_ns)
}

/// Asks all rules that may match. `at`: where the call is on its way from the program.
pub fn decide<'a>(seg: &Segment, region: &Region, block: &'a FaultBlock, cx: &Cx, plan: &mut Plan<'a>, at: &Registers) {
    let may = lent::concerns().candidates(seg, cx.call, cx.entry);
    // The tables may be of other rules than these by now.
    let same = region.block().is_some_and(|b| core::ptr::eq(b, block));
    let may = if same { may } else { Candidates::ALL };
    let asks = |of: &AtomicU64| may.rules & of.load(Ordering::Relaxed) != 0;
    let known = lent::concerns();
    if asks(&known.sites) || asks(&known.hosts) || asks(&known.snis) || asks(&known.stacks) {
        ask_more(seg, region, block, cx, plan, may, at);
    } else {
        ask(seg, region, block, cx, plan, may, Known::default());
    }
}

/// What is only found out when a rule asks for it.
#[derive(Clone, Copy, Default)]
struct Known<'a> {
    site: Site<'a>,
    host: &'a [u8],
    sni: &'a [u8],
    stack: Option<&'a dyn Frames>,
}

/// The same where a rule asks for the place, for the peer's name or for that in TLS: apart, because their texts take room on the stack.
#[inline(never)]
fn ask_more<'a>(
    seg: &Segment,
    region: &Region,
    block: &'a FaultBlock,
    cx: &Cx,
    plan: &mut Plan<'a>,
    may: Candidates,
    at: &Registers,
) {
    let mut text = site::Place::NONE;
    let mut name = [0; hosts::NAME];
    let len = cx.conn.map_or(0, |c| hosts::behind(c.peer(), &mut name));
    let asks = |of: &AtomicU64| may.rules & of.load(Ordering::Relaxed) != 0;
    let mut sni = [0; tls::NAME];
    let sni_len = if asks(&lent::concerns().snis) { tls::name(cx, &mut sni) } else { 0 };
    let addr = if asks(&lent::concerns().sites) { site::caller(at) } else { 0 };
    let site = if addr != 0 && site::describe(addr, &mut text) { text.site() } else { Site::default() };
    let stack = frames::Stack::of(at);
    let stack = if asks(&lent::concerns().stacks) { Some(&stack as &dyn Frames) } else { None };
    let (host, sni) = (name.get(..len).unwrap_or(&[]), sni.get(..sni_len).unwrap_or(&[]));
    ask(seg, region, block, cx, plan, may, Known { site, host, sni, stack });
}

#[inline(never)]
fn ask<'a>(
    seg: &Segment,
    region: &Region,
    block: &'a FaultBlock,
    cx: &Cx,
    plan: &mut Plan<'a>,
    may: Candidates,
    known: Known<'_>,
) {
    let Candidates { rules: mut mask, what, fresh, .. } = may;
    plan.conn = lanes::conn(seg, cx);
    if block.recorded != 0 {
        plan.counted = lanes::count_call(seg, cx);
    }
    let offset = stream_offset(plan.conn, cx.lane);
    let mut subject = subject(seg, cx, plan.conn);
    if subject.host.is_empty() {
        subject.host = known.host;
    }
    (subject.site, subject.sni) = (known.site, known.sni);
    subject.stack = known.stack;
    if let (Some(what), Some(c)) = (what, cx.conn)
        && !fresh
        // All calls are counted then.
        && block.recorded == 0
        && cx.call != Call::connect
        // Of a socket that is not connected the next call may name another peer.
        && !cx.named
        && (cx.stream() || c.flags & socklens_wire::conn::flag::PEER != 0)
    {
        let mut may = 0u64;
        for (i, rule) in block.rules().iter().enumerate() {
            let selector = block.selector(rule);
            if !wrong_type(rule, cx.conn) && selector.is_some_and(|p| !p.is_lasting() || p.eval(&subject)) {
                may |= 1 << i;
            }
        }
        lent::concerns().remember(cx.entry, what, may);
    }
    let several = cx.dgram() && data::messages(cx) > 1;
    while mask != 0 {
        let i = mask.trailing_zeros();
        mask &= mask - 1;
        let Some(rule) = block.rules().get(i as usize) else { break };
        // A schedule has no pauses.
        let on = region.is_on(i as usize) || rule.flags & rule_flag::SCHEDULED != 0;
        // The stack comes last: that is dear.
        if known.stack.is_some() && !((on || block.recorded != 0) && block.may_match(rule, &subject)) {
            continue;
        }
        if !block.matches(rule, &subject) {
            continue;
        }
        if on {
            plan.each |= several && is_of_datagrams(block, rule, cx);
            consider(seg, region, block, cx, plan, (i as u16, rule), offset);
        } else if block.recorded != 0 {
            pass_by(seg, cx, rule);
        }
    }
}

/// A rule that is switched off matches a call: where it goes on to count will have to be told.
fn pass_by(seg: &Segment, cx: &Cx, rule: &Rule) {
    let (key, number, owner) = lanes::place_of(seg, cx, rule.when.scope());
    let here = lanes::hash(rule.memory() ^ key, number ^ owner);
    if let Some(memory) = lanes::lane(seg, here, owner, rule.group) {
        memory.since.store(FaultLane::UNSEEN, Ordering::Relaxed);
    }
}

/// As [`decide`], for one more datagram of a call: only rules that lose, delay, double or change datagrams count those.
pub fn decide_next<'a>(seg: &Segment, region: &Region, block: &'a FaultBlock, cx: &Cx, plan: &mut Plan<'a>) {
    plan.conn = lanes::conn(seg, cx);
    let offset = stream_offset(plan.conn, cx.lane);
    let mut name = [0; hosts::NAME];
    let asked = lent::concerns().hosts.load(Ordering::Relaxed) != 0;
    let len = cx.conn.filter(|_| asked).map_or(0, |c| hosts::behind(c.peer(), &mut name));
    let mut subject = subject(seg, cx, plan.conn);
    subject.host = name.get(..len).unwrap_or(&[]);
    for (i, rule) in block.rules().iter().enumerate().filter(|(_, r)| r.is_about(cx.call)) {
        if is_of_datagrams(block, rule, cx)
            && block.matches(rule, &subject)
            && (region.is_on(i) || rule.flags & rule_flag::SCHEDULED != 0)
        {
            consider(seg, region, block, cx, plan, (i as u16, rule), offset);
        }
    }
}

fn is_of_datagrams(block: &FaultBlock, rule: &Rule, cx: &Cx) -> bool {
    let of = |e| match e {
        Effect::Loss | Effect::Dup | Effect::Order | Effect::Content | Effect::Size => true,
        Effect::Latency => cx.lane == lane::OUT,
        _ => false,
    };
    block.actions(rule).iter().any(|a| a.effect().is_some_and(of))
}

fn wrong_type(rule: &Rule, conn: Option<&ConnInfo>) -> bool {
    rule.types != 0 && conn.is_some_and(|c| rule.types.checked_shr(u32::from(c.ty)).unwrap_or(0) & 1 == 0)
}

fn subject<'a>(seg: &Segment, cx: &'a Cx, memory: Option<&FaultConn>) -> Subject<'a> {
    let (comm, exe, pid) = match lent::process() {
        Some(p) => (&p.comm[..], p.exe.get(..p.exe_len as usize).unwrap_or(&[]), p.pid),
        None => (&[][..], &[][..], 0),
    };
    let ordinal = cx.entry.conn().and_then(|i| seg.fault_conn(i)).map_or(0, |c| c.ordinal.load(Ordering::Relaxed));
    let moved = |c: &FaultConn| c.bytes.iter().any(|b| b.load(Ordering::Relaxed) != 0);
    let mut s = Subject::new(cx.call);
    s.fd = if cx.fd >= 0 { cx.fd } else { Subject::NO_FD };
    s.conn = cx.conn;
    s.pid = pid;
    s.tid = cx.thread.tid;
    s.comm = comm.split(|&b| b == 0).next().unwrap_or(&[]);
    s.exe = exe;
    s.nonblock = cx.conn.and_then(ConnInfo::nonblocking).map(|n| n || data::flags(cx) & libc::MSG_DONTWAIT != 0);
    s.host = looked_up(cx.call, cx.args);
    s.lineage = cx.thread.lineage;
    s.ordinal = ordinal;
    s.newest = if ordinal != 0 { Some(ordinal == cx.thread.births) } else { None };
    s.state = match memory {
        Some(c) if !moved(c) => socklens_rules::conn_state::NEW,
        Some(c) if seconds(seg).wrapping_sub(c.last.load(Ordering::Relaxed)) >= 2 => socklens_rules::conn_state::IDLE,
        Some(_) => socklens_rules::conn_state::USED,
        None => 0,
    };
    s
}

/// Seconds since the session's start.
pub fn seconds(seg: &Segment) -> u32 {
    (lent::mono().saturating_sub(seg.header().start.mono) / 1_000_000_000) as u32
}

/// A rule matches the call: do its conditions hold, and what does it do.
#[inline(never)]
fn consider<'a>(
    seg: &Segment,
    region: &Region,
    block: &'a FaultBlock,
    cx: &Cx,
    plan: &mut Plan<'a>,
    (index, rule): (u16, &'a Rule),
    offset: u64,
) {
    let Some(counts) = region.counts(usize::from(index)) else { return };
    let w = &rule.when;
    let scope = w.scope();
    let (key, number, owner) = lanes::place_of(seg, cx, scope);
    let here = lanes::hash(rule.memory() ^ key, number ^ owner);
    let memory = lanes::lane(seg, here, owner, rule.group);
    let scheduled = rule.flags & rule_flag::SCHEDULED != 0;
    if let Some(memory) = memory {
        let calls = if block.recorded != 0 { lanes::calls_before(plan.conn, number, plan.counted) } else { 0 };
        if scheduled && !replay::has_come(seg, rule, (key, number as u8), memory, calls) {
            return;
        }
        lanes::begin(memory, calls, block.is_late(rule));
    }
    counts.matched.fetch_add(1, Ordering::Relaxed);
    let Some(memory) = memory else {
        counts.skip(Skip::NoRoom);
        return;
    };
    let n = u64::from(memory.matched.fetch_add(1, Ordering::Relaxed)) + 1;
    let length = data::asked(cx);
    if scheduled {
        let at = At { key, place: number as u8, n, offset, length, memory };
        return replay::consider(seg, region, block, cx, plan, (index, rule), &at);
    }
    if w.has(when::BYTES) {
        if !w.touches(offset, length.max(1)) || cx.lane == lane::OTHER {
            return;
        }
        let before = w.bytes_before(offset);
        if before > 0 {
            if before < plan.limit {
                (plan.limit, plan.limiting) = (before, index);
            }
            return;
        }
    }
    let fired_of = |r: u8| region.counts(usize::from(r)).is_some_and(|c| c.fired.load(Ordering::Relaxed) != 0);
    let windows = w.has(when::T) || w.has(when::EVERY);
    if !w.counts(n)
        || (windows && !w.open_at(moment(block)))
        || (w.has(when::AFTER) && !fired_of(w.after))
        || (w.has(when::UNTIL) && fired_of(w.until))
    {
        return;
    }
    if w.has(when::COND) && region.switches.load(Ordering::Relaxed) >> w.signal & 1 == 0 {
        // Without the command there is nobody to send the signal to.
        if seg.header().mode == mode::ALONE {
            counts.skip(Skip::Unsupported);
        }
        return;
    }
    // Drawn once for a connection, else for each match.
    let counter = if scope == Scope::Conn { 0 } else { n };
    let u = draw::mix(block.seed, rule.id, key, number, counter);
    let burst = memory.burst.load(Ordering::Relaxed);
    if burst > 0 {
        memory.burst.store(burst - 1, Ordering::Relaxed);
    } else if w.has(when::P) {
        if scope == Scope::Byte {
            match byte(block.seed, rule, key, number, offset, length) {
                None => return,
                Some(0) => {}
                Some(before) => {
                    if before < plan.limit {
                        (plan.limit, plan.limiting) = (before, index);
                    }
                    return;
                }
            }
        } else if !w.chance(u) {
            return;
        }
    }
    let fired = u64::from(memory.fired.load(Ordering::Relaxed));
    if w.has(when::MAX) && fired >= u64::from(w.max) {
        counts.skip(Skip::Max);
        return;
    }
    if burst == 0 && w.has(when::BURST) {
        memory.burst.store(w.burst.saturating_sub(1), Ordering::Relaxed);
    }
    let steady = draw::mix(block.seed, rule.id, key, number, u64::MAX);
    let mut last = u8::MAX;
    for a in block.actions(rule) {
        if a.item == last {
            continue;
        }
        last = a.item;
        let Some(action) = block.step(rule, a.item, fired, steady) else { continue };
        let Some(effect) = action.effect().filter(|_| action.kind() != Some(Kind::Ok)) else { continue };
        let u = draw::scatter(u, u64::from(a.item) + 16);
        let (memory, place) = (Some(memory), number as u8);
        let rule = index;
        plan.put(region, Chosen { action, effect, rule, counter: n, u, offset, memory, key, place, due: None });
    }
    if burst == 0
        && let Some(a) = block.actions(rule).iter().find(|a| matches!(a.kind(), Some(Kind::Again | Kind::Eintr)))
        && block.actions(rule).iter().filter(|b| b.item == a.item).count() == 1
    {
        let [low, high] = storm(a);
        let calls = draw::between(draw::scatter(u, 3), low, high) as u32;
        memory.burst.store(calls.saturating_sub(1), Ordering::Relaxed);
    }
    if last == u8::MAX || fired_only_ok(block, rule, fired, steady) {
        // A step that does nothing counts as done.
        memory.fired.fetch_add(1, Ordering::Relaxed);
    }
}

/// How many calls in a row an `again` or `eintr` lasts.
pub fn storm(a: &Action) -> [u64; 2] {
    let [low, high] = a.n;
    if a.kind() == Some(Kind::Again) { [low.max(1), high.max(low).max(1)] } else { [1, 1] }
}

fn fired_only_ok(block: &FaultBlock, rule: &Rule, fired: u64, steady: u64) -> bool {
    block
        .actions(rule)
        .iter()
        .all(|a| block.step(rule, a.item, fired, steady).is_none_or(|s| s.kind() == Some(Kind::Ok)))
}

/// The first byte from `offset` on that a chance for each byte hits, as a distance; None when none of the next ones is hit.
fn byte(seed: u64, rule: &Rule, key: u64, number: u64, offset: u64, length: u64) -> Option<u64> {
    const MOST: u64 = 16384;
    (0..length.clamp(1, MOST))
        .find(|i| rule.when.chance(draw::mix(seed, rule.id, key, number, offset.wrapping_add(*i))))
}

/// After the call: what has moved.
pub fn moved(seg: &Segment, cx: &Cx, conn: Option<&FaultConn>, ret: i64, peeked: bool) {
    let Some(c) = conn else { return };
    if let Some(n) = c.ops.get(usize::from(cx.lane)) {
        n.fetch_add(1, Ordering::Relaxed);
    }
    if ret <= 0 || cx.lane == lane::OTHER || !matches!(cx.call.ret(), socklens_calls::Ret::Bytes) {
        return;
    }
    let n = ret as u64;
    if peeked {
        c.promised.fetch_max(n.min(u64::from(u32::MAX)) as u32, Ordering::Relaxed);
        return;
    }
    if let Some(b) = c.bytes.get(usize::from(cx.lane)) {
        b.fetch_add(n, Ordering::Relaxed);
    }
    if cx.lane == lane::IN {
        let p = c.promised.load(Ordering::Relaxed);
        c.promised.store(u64::from(p).saturating_sub(n) as u32, Ordering::Relaxed);
    }
    c.last.store(seconds(seg), Ordering::Relaxed);
}
