//! The compiled rules: plain integers in shared memory, read inside hooks.
//!
//! ```text
//! Region = which block is in force, switches | block 0 | block 1 | counts per rule
//! Block  = head, rules, actions, heap (names, selectors, lists, tables)
//! ```
//! Rules change by writing the block that is not in force and then naming it. Whatever a block holds, reading it ends, stays
//! inside it and does not panic: every accessor checks its bounds and returns None for what makes no sense.

use super::kind::{Dir, DnsMode, Effect, Kind, Realism, SizeKind};
use super::moment::When;
use crate::filter::Program;
use crate::subject::Subject;
use socklens_calls::{Call, class};

/// First bytes of a block.
pub const MAGIC: u64 = u64::from_le_bytes(*b"slfault\0");
/// Changes whenever a layout in this file changes, or the meaning of a number in it.
pub const VERSION: u32 = 3;
/// Most rules.
pub const MAX_RULES: usize = 64;
/// Most actions of all rules together.
pub const MAX_ACTIONS: usize = 160;
/// Bytes for names, selectors, lists and tables.
pub const HEAP: usize = 57344 - 128 - MAX_RULES * size_of::<Rule>() - MAX_ACTIONS * size_of::<Action>();

/// A part of the heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(C)]
pub struct Span {
    /// First byte.
    pub off: u16,
    /// Bytes.
    pub len: u16,
}

impl Span {
    const EMPTY: Span = Span { off: 0, len: 0 };
}

/// All rules of a session.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct FaultBlock {
    /// [`MAGIC`], written last.
    pub magic: u64,
    /// [`VERSION`].
    pub version: u32,
    /// [`Realism`] of actions that do not lift it.
    pub realism: u8,
    /// Not 0: the session is recorded or replayed, and calls count in their lanes whether rules are about them or not.
    pub recorded: u8,
    /// Not used.
    pub pad: [u8; 2],
    /// What all draws depend on.
    pub seed: u64,
    /// CLOCK_MONOTONIC at the session's start, in nanoseconds: where `@t` and `@every` count from.
    pub start_ns: u64,
    /// Calls that any rule may touch, by opcode.
    pub any: [u64; 4],
    /// Rules in use.
    pub rule_count: u16,
    /// Actions in use.
    pub action_count: u16,
    /// Bytes of the heap in use.
    pub heap_len: u32,
    /// Rules that the session began with, if it is recorded: those of later additions came while it ran.
    pub began: u64,
    /// Not used.
    pub pad2: [u64; 6],
    pub(crate) rules: [Rule; MAX_RULES],
    pub(crate) actions: [Action; MAX_ACTIONS],
    pub(crate) heap: [u8; HEAP],
}

const _: () = assert!(size_of::<FaultBlock>() == 57344 && size_of::<Rule>() == 192 && size_of::<Action>() == 128);

/// Bits of [`Rule::flags`].
pub mod rule_flag {
    /// Written with `@off`, or paused before the start.
    pub const OFF: u32 = 1;
    /// Its faults are those of a schedule: conditions and chances are not asked.
    pub const SCHEDULED: u32 = 2;
}

/// One rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Rule {
    /// Hash of its name and normal form: it stays when other rules come and go.
    pub id: u64,
    /// The calls it is about, by opcode.
    pub calls: [u64; 4],
    /// Bits 1 << SOCK_*: the socket types it is about; 0 for all.
    pub types: u32,
    /// Bits of [`rule_flag`].
    pub flags: u32,
    /// Its name; empty when it has none.
    pub name: Span,
    /// Its selector, compiled; empty for none.
    pub selector: Span,
    /// Its normal form.
    pub text: Span,
    /// Its first action.
    pub action_first: u16,
    /// How many it has.
    pub action_count: u16,
    /// When it fires.
    pub when: When,
    /// The lineage of the one thread it is for; 0 for all.
    pub thread: u64,
    /// Which addition it came with, from 1: no number is used twice in a session. 0 before it is in force.
    pub group: u32,
    /// Not used.
    pub pad2: u32,
    /// Not used.
    pub pad: [u64; 3],
}

/// Bits of [`Action::flags`].
pub mod action_flag {
    /// `!`: fires whatever the realism.
    pub const LIFT: u8 = 1;
    /// `delay D exit`: after the call, not before.
    pub const EXIT: u8 = 2;
    /// `reset drain`: only once what was received has been read.
    pub const DRAIN: u8 = 4;
    /// `recipe native`: skip rather than fake.
    pub const NATIVE: u8 = 8;
    /// `recipe fake`: do not touch the socket.
    pub const FAKE: u8 = 16;
}

/// What a rule does. Actions of one rule with the same `item` are the steps of a sequence; different items act together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Action {
    /// [`Kind`]
    pub kind: u8,
    /// Bits of [`action_flag`].
    pub flags: u8,
    /// [`Dir`]
    pub dir: u8,
    /// [`DnsMode`], for `dns`.
    pub mode: u8,
    /// Which comma-separated part of the rule it belongs to.
    pub item: u8,
    /// Its place in the sequence, from 0.
    pub step: u8,
    /// [`SizeKind`] of `n`.
    pub size: u8,
    /// Signal, for `signal` and `kill`.
    pub signal: u8,
    /// How many firings the step lasts, from .. to; the last step of a sequence lasts for ever.
    pub times: [u32; 2],
    /// Two numbers: a size range, a value (`return`), bytes per second and burst (`rate`), bits (`corrupt`), a gap.
    pub n: [u64; 2],
    /// A chance in 1/2^64, for `dup`, `reorder`, `corrupt`.
    pub p: u64,
    /// A time: delay, latency, gap, heal, timeout, slowclose, fdlimit.
    pub dist: Dist,
    /// Which datagrams are lost.
    pub loss: Loss,
    /// `error`: pairs of u16, errno and weight, little endian. `dns to`: a family byte (4 or 6) and the address.
    pub list: Span,
    /// Not used.
    pub pad: [u32; 6],
}

/// A time that is drawn; nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Dist {
    /// [`super::DistKind`]
    pub kind: u8,
    /// Not used.
    pub pad: [u8; 3],
    /// How likely a draw repeats the one before it, in 1/2^32.
    pub corr: u32,
    /// The mean; of `D..D` the middle.
    pub mean: u64,
    /// The standard deviation; of the uniform one half its width.
    pub jitter: u64,
    /// `table`: quantiles, i16 little endian, 8192 to the standard deviation.
    pub table: Span,
    /// And its name.
    pub name: Span,
}

/// Which of many are lost. Chances in 1/2^32.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Loss {
    /// [`super::LossKind`]
    pub kind: u8,
    /// Not used.
    pub pad: [u8; 3],
    /// Bernoulli: the chance and the correlation. Gilbert-Elliott: p, r, 1-h, 1-k. Four states: p13, p31, p32, p23, p14. Gap: every how many.
    pub p: [u32; 5],
    /// `list`: u32 little endian, ascending, from 1.
    pub list: Span,
}

impl Action {
    /// What it does.
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_u8(self.kind)
    }

    /// What it acts on: of two actions with the same effect the later wins.
    pub fn effect(&self) -> Option<Effect> {
        self.kind().map(Kind::effect)
    }

    /// The direction.
    pub fn dir(&self) -> Dir {
        Dir::from_u8(self.dir).unwrap_or(Dir::Both)
    }

    /// How `n` is to be read.
    pub fn size(&self) -> SizeKind {
        SizeKind::from_u8(self.size).unwrap_or(SizeKind::Bytes)
    }

    /// What `dns` does.
    pub fn dns_mode(&self) -> Option<DnsMode> {
        DnsMode::from_u8(self.mode)
    }

    /// Whether a flag of [`action_flag`] is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl FaultBlock {
    /// Makes the faults of all rules those of a schedule.
    pub fn follow_schedule(&mut self) {
        self.rules.iter_mut().for_each(|r| r.flags |= rule_flag::SCHEDULED);
    }

    /// Has calls counted in their lanes, so that rules which come later can be told where they came in.
    pub fn record(&mut self) {
        (self.recorded, self.began, self.any) = (1, u64::from(self.rule_count), [u64::MAX; 4]);
    }

    /// Makes a rule, by its position, one for a single thread: its lineage, 0 for all.
    pub fn confine(&mut self, rule: usize, thread: u64) {
        if let Some(r) = self.rules.get_mut(rule) {
            r.thread = thread;
        }
    }

    /// Whether a rule came while a session that is recorded ran.
    pub fn is_late(&self, rule: &Rule) -> bool {
        self.recorded != 0 && u64::from(rule.group) > self.began
    }

    /// What a schedule calls a rule that came while the session ran: the same for one that went and came again, another one
    /// for each of several that are there at once.
    pub fn noted(&self, rule: &Rule) -> u64 {
        let same = |r: &&Rule| !r.is_vacant() && r.id == rule.id && r.thread == rule.thread && r.group < rule.group;
        super::draw::scatter(rule.id ^ rule.thread.rotate_left(17), self.rules().iter().filter(same).count() as u64)
    }

    /// A block without rules.
    pub const fn new() -> FaultBlock {
        FaultBlock {
            magic: MAGIC,
            version: VERSION,
            realism: Realism::Kernel as u8,
            recorded: 0,
            pad: [0; 2],
            seed: 0,
            start_ns: 0,
            any: [0; 4],
            rule_count: 0,
            action_count: 0,
            heap_len: 0,
            began: 0,
            pad2: [0; 6],
            rules: [Rule::NONE; MAX_RULES],
            actions: [Action::NONE; MAX_ACTIONS],
            heap: [0; HEAP],
        }
    }

    /// Makes this a block without rules; in place, because a block is too large for a small stack.
    pub fn clear(&mut self) {
        (self.magic, self.version, self.realism, self.recorded, self.pad) =
            (MAGIC, VERSION, Realism::Kernel as u8, 0, [0; 2]);
        (self.seed, self.start_ns, self.any) = (0, 0, [0; 4]);
        (self.rule_count, self.action_count, self.heap_len, self.began, self.pad2) = (0, 0, 0, 0, [0; 6]);
        self.rules.fill(Rule::NONE);
        self.actions.fill(Action::NONE);
        self.heap.fill(0);
    }

    /// Whether this is a block of this version.
    pub fn is_sound(&self) -> bool {
        self.magic == MAGIC && self.version == VERSION
    }

    /// Whether any rule may touch a call with this opcode: one load and a test.
    #[inline(always)]
    pub fn may_touch(&self, call: Call) -> bool {
        bit(&self.any, call)
    }

    /// How far actions may leave what this kernel does.
    pub fn realism(&self) -> Realism {
        Realism::from_u8(self.realism).unwrap_or(Realism::Kernel)
    }

    /// The places of rules, in the order they were written; some may be vacant.
    pub fn rules(&self) -> &[Rule] {
        self.rules.get(..usize::from(self.rule_count)).unwrap_or(&[])
    }

    /// The actions of a rule.
    pub fn actions(&self, rule: &Rule) -> &[Action] {
        let from = usize::from(rule.action_first);
        self.actions.get(from..from.saturating_add(usize::from(rule.action_count))).unwrap_or(&[])
    }

    /// The action at this place of the block, and the rule and item it belongs to.
    pub fn action(&self, index: u16) -> Option<&Action> {
        self.actions.get(usize::from(index)).filter(|_| index < self.action_count)
    }

    /// A part of the heap; empty when it lies outside.
    pub fn bytes(&self, span: Span) -> &[u8] {
        let from = usize::from(span.off);
        self.heap.get(from..from.saturating_add(usize::from(span.len))).unwrap_or(&[])
    }

    /// The part of a heap that holds a rule's selector.
    pub fn selector(&self, rule: &Rule) -> Option<Program<'_>> {
        if rule.selector.len == 0 { Some(Program::default()) } else { Program::packed(self.bytes(rule.selector)) }
    }

    /// Whether the rule is about this call: its calls, its socket types, its selector. No allocation, no panic.
    pub fn matches(&self, rule: &Rule, cx: &Subject<'_>) -> bool {
        Self::suits(rule, cx) && self.selector(rule).is_some_and(|p| p.eval(cx))
    }

    /// Whether [`FaultBlock::matches`] can be true once the stack is known.
    pub fn may_match(&self, rule: &Rule, cx: &Subject<'_>) -> bool {
        Self::suits(rule, cx) && self.selector(rule).is_some_and(|p| p.may_accept(cx))
    }

    fn suits(rule: &Rule, cx: &Subject<'_>) -> bool {
        if !rule.is_about(cx.call) {
            return false;
        }
        if rule.thread != 0 && rule.thread != cx.lineage {
            return false;
        }
        if rule.types != 0 {
            let ty = cx.conn.map_or(0, |c| u32::from(c.ty));
            if rule.types.checked_shr(ty).unwrap_or(0) & 1 == 0 {
                return false;
            }
        }
        true
    }

    /// The errors of an `error` action, each with its weight.
    pub fn errors(&self, action: &Action) -> impl Iterator<Item = (u16, u16)> {
        self.bytes(action.list)
            .as_chunks::<4>()
            .0
            .iter()
            .map(|[a, b, c, d]| (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d])))
    }

    /// The error of an `error` action that a draw chooses.
    pub fn choose_error(&self, action: &Action, u: u64) -> Option<u16> {
        let total: u64 = self.errors(action).map(|(_, w)| u64::from(w)).sum();
        let mut left = super::draw::below(u, total);
        for (errno, weight) in self.errors(action) {
            if left < u64::from(weight) {
                return Some(errno);
            }
            left = left.saturating_sub(u64::from(weight));
        }
        None
    }

    /// The step of a sequence that is due: the action of this item at the `fired`-th firing (from 0) in the lane. `u` decides
    /// ranges such as `again 1..3` and must be the same for all firings of the lane.
    pub fn step(&self, rule: &Rule, item: u8, fired: u64, u: u64) -> Option<&Action> {
        let mut left = fired;
        let mut last = None;
        for a in self.actions(rule).iter().filter(|a| a.item == item) {
            let [low, high] = a.times;
            let span = u64::from(high.saturating_sub(low)).saturating_add(1);
            let lasts =
                u64::from(low).saturating_add(super::draw::below(super::draw::scatter(u, u64::from(a.step)), span));
            last = Some(a);
            if left < lasts {
                break;
            }
            left = left.saturating_sub(lasts);
        }
        last
    }

    /// The block as bytes.
    pub fn as_bytes(&self) -> &[u8; size_of::<FaultBlock>()] {
        // SAFETY: FaultBlock is repr(C) of integers without padding (its parts add up to its size): all bytes are initialised.
        unsafe { &*core::ptr::from_ref(self).cast() }
    }

    /// A block of any bytes, sound or not, written in place.
    pub fn as_bytes_mut(&mut self) -> &mut [u8; size_of::<FaultBlock>()] {
        // SAFETY: as above, and every bit pattern is a FaultBlock because it holds integers only.
        unsafe { &mut *core::ptr::from_mut(self).cast() }
    }
}

impl Default for FaultBlock {
    fn default() -> FaultBlock {
        FaultBlock::new()
    }
}

fn bit(set: &[u64; 4], call: Call) -> bool {
    let op = call as usize;
    set.get(op >> 6).is_some_and(|w| w >> (op & 63) & 1 != 0)
}

impl Rule {
    /// Whether it is about this call, and not switched off from the start.
    pub fn is_about(&self, call: Call) -> bool {
        bit(&self.calls, call) && self.flags & rule_flag::OFF == 0
    }

    /// Whether it is about some call that only receives ([`class::IN`]), or only sends ([`class::OUT`]).
    pub fn is_about_some(&self, which: u16) -> bool {
        Call::all().any(|c| c.class() & (class::IN | class::OUT) == which && self.is_about(c))
    }

    /// Whether it is about some call that moves bytes.
    pub fn moves_bytes(&self) -> bool {
        let moves = |c: Call| c.class() & (class::IN | class::OUT) != 0 && c.class() & class::WAIT == 0;
        Call::all().any(|c| moves(c) && self.is_about(c))
    }

    pub(crate) const NONE: Rule = Rule {
        id: 0,
        calls: [0; 4],
        types: 0,
        flags: 0,
        name: Span::EMPTY,
        selector: Span::EMPTY,
        text: Span::EMPTY,
        action_first: 0,
        action_count: 0,
        when: When::ALWAYS,
        thread: 0,
        group: 0,
        pad2: 0,
        pad: [0; 3],
    };

    /// Whether this is the place of a rule that was taken away.
    pub fn is_vacant(&self) -> bool {
        self.text.len == 0
    }

    /// Whether the place of its faults is that in the stream, not the number of the match.
    pub fn goes_by_offset(&self, kind: Option<Kind>) -> bool {
        self.when.has(super::when::BYTES)
            || (self.when.has(super::when::P) && self.when.scope() == super::Scope::Byte)
            || kind == Some(Kind::Slice)
    }

    /// What the schedule calls one of its lanes. `number`: the rule's, from 1.
    pub fn scheduled(&self, number: u32, key: u64, place: u8, by_offset: bool) -> u64 {
        super::draw::scatter(self.id ^ key, u64::from(place) | u64::from(by_offset) << 8 | u64::from(number) << 16)
    }

    /// What its lanes are called: a rule that is added again counts from the beginning, and decides as it did before.
    pub fn memory(&self) -> u64 {
        super::draw::scatter(self.id, u64::from(self.group))
    }
}

impl Dist {
    /// No time at all.
    pub const ZERO: Dist =
        Dist { kind: 0, pad: [0; 3], corr: 0, mean: 0, jitter: 0, table: Span::EMPTY, name: Span::EMPTY };
}

impl Loss {
    /// Nothing is lost.
    pub const NONE: Loss = Loss { kind: 0, pad: [0; 3], p: [0; 5], list: Span::EMPTY };
}

impl Action {
    pub(crate) const NONE: Action = Action {
        kind: 0,
        flags: 0,
        dir: 0,
        mode: 0,
        item: 0,
        step: 0,
        size: 0,
        signal: 0,
        times: [1, 1],
        n: [0; 2],
        p: 0,
        dist: Dist::ZERO,
        loss: Loss::NONE,
        list: Span::EMPTY,
        pad: [0; 6],
    };
}
