//! From text to compiled rules.
//!
//! ```text
//! RULES = RULE {(";" | newline) RULE}                     # a comment ends with its line
//! RULE  = [NAME "="] CALLS {SELECTOR} {"@" WHEN} ":" ITEM {"," ITEM}
//! ITEM  = ACTION {"->" ACTION}
//! ```

use super::block::{FaultBlock, MAX_RULES, Rule, rule_flag};
use super::draw;
use super::kind::{Kind as Does, Scope};
use super::moment::when;
use super::plausible::{self, Places};
use super::value::{chance, chance64, split};
use crate::calls::{self, CallSet};
use crate::error::{About, SyntaxError, What};
use crate::filter::Filter;
use crate::keys::{self, Kind};
use crate::lex::{Lexer, Span};
use crate::near::Nearest;
use crate::parse::{number, selectors};
use socklens_calls::{Call, Ret, class};

/// Longest name of a rule.
const MAX_NAME: usize = 64;

/// Reads a table of times: hands its numbers out in ascending order, at most 4096, and says whether there is such a table.
pub type Tables<'a> = &'a dyn Fn(&str, &mut dyn FnMut(i16)) -> bool;

/// What rules may refer to besides what is built in.
#[derive(Clone, Copy, Default)]
pub struct Extras<'a> {
    /// Further links: their names and actions.
    pub links: &'a [(&'a str, &'a str)],
    /// Finds the table of `table(NAME)`.
    pub table: Option<Tables<'a>>,
}

impl core::fmt::Debug for Extras<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Extras")
    }
}

/// The groups of calls that only rules have.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    pub word: &'static str,
    /// Bits 1 << SOCK_*; 0 for any type.
    pub types: u32,
    pub holds: fn(Call) -> bool,
}

fn moves(c: Call) -> bool {
    c.class() & (class::IN | class::OUT) != 0 || matches!(c, Call::connect | Call::shutdown)
}

pub(crate) const GROUPS: [Group; 5] = [
    Group { word: "stream", types: 1 << libc::SOCK_STREAM, holds: moves },
    Group { word: "dgram", types: 1 << libc::SOCK_DGRAM | 1 << libc::SOCK_RAW, holds: moves },
    Group {
        word: "any",
        types: 0,
        holds: |c| {
            c.class() & (class::NET | class::DATA | class::WAIT | class::FD | class::DNS | class::NETIF) != 0
                && c.class() & class::FDTABLE == 0
        },
    },
    Group { word: "open", types: 0, holds: |c| c.ret() == Ret::NewFd },
    Group { word: "wait", types: 0, holds: |c| c.class() & class::WAIT != 0 && c.ret() == Ret::Count },
];

impl Group {
    pub(crate) fn set(&self) -> CallSet {
        CallSet::of(self.holds)
    }
}

/// How full a block was.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    rules: u16,
    actions: u16,
    heap: u32,
    any: [u64; 4],
}

/// Signals that `@cond` can name: those that say nothing to the command by themselves.
pub const SWITCHES: [i32; 2] = [libc::SIGUSR1, libc::SIGUSR2];

/// The words of conditions.
pub(crate) const CONDITIONS: [&str; 13] =
    ["n", "p", "bytes", "t", "every", "burst", "max", "once", "after", "until", "cond", "scope", "off"];

/// Rules being added to a block.
pub(crate) struct Parser<'b, 'x> {
    pub block: &'b mut FaultBlock,
    pub extras: &'x Extras<'x>,
    /// Of the rule that is being read.
    pub places: Places,
    pub types: u32,
}

impl FaultBlock {
    /// Adds the rules of a source to those that are there. The block's realism decides what is accepted. When that fails,
    /// none is added. Needs about 16 KiB of stack.
    pub fn add(&mut self, source: &str, extras: &Extras<'_>) -> Result<(), SyntaxError> {
        let before = self.mark();
        let mut parser = Parser { block: self, extras, places: Places::default(), types: 0 };
        let read = parser.rules(source);
        if read.is_err() {
            self.restore(before);
        }
        read
    }

    /// What is there now, for [`FaultBlock::restore`].
    pub fn mark(&self) -> Mark {
        Mark { rules: self.rule_count, actions: self.action_count, heap: self.heap_len, any: self.any }
    }

    /// Takes away what was added since.
    pub fn restore(&mut self, mark: Mark) {
        (self.rule_count, self.action_count) = (mark.rules, mark.actions);
        (self.heap_len, self.any) = (mark.heap, mark.any);
    }
}

impl Parser<'_, '_> {
    fn rules(&mut self, src: &str) -> Result<(), SyntaxError> {
        let mut lex = Lexer::of_rules(src)?;
        let mut some = false;
        loop {
            lex.space();
            while lex.eat(b";") {
                lex.space();
            }
            if lex.peek().is_none() {
                return if some { Ok(()) } else { Err(SyntaxError::new(What::Empty, 0, 0)) };
            }
            some = true;
            self.rule(&mut lex, src)?;
            let end = lex.pos();
            lex.space();
            let line = src.as_bytes().get(end..lex.pos()).is_some_and(|gap| gap.contains(&b'\n'));
            if lex.peek().is_some_and(|b| b != b';') && !line {
                return Err(lex.here().error(What::TrailingRule));
            }
        }
    }

    fn rule(&mut self, lex: &mut Lexer<'_>, src: &str) -> Result<(), SyntaxError> {
        let start = lex.here();
        if usize::from(self.block.rule_count) >= MAX_RULES {
            return Err(start.error(What::TooManyRules));
        }
        let mut rule = Rule { action_first: self.block.action_count, ..Rule::NONE };
        let mut filter = Filter::new();
        if let Some(fault) = strace(lex) {
            self.strace(lex, fault, &mut rule)?;
        } else {
            self.name(lex, &mut rule)?;
            let mut set = self.calls(lex, &mut rule.types)?;
            lex.space();
            if lex.text(lex.word()) == b"at" {
                self.point(lex, &mut set, &mut filter, &mut rule)?;
            } else if lex.peek().is_some_and(|b| !b"@:;".contains(&b)) {
                selectors(lex, src, &mut filter)?;
            }
            rule.calls = set.bits();
            lex.space();
            while lex.eat(b"@") {
                self.condition(lex, &mut rule)?;
                lex.space();
            }
            if !lex.eat(b":") {
                let word = lex.here();
                if keys::by_name(lex.text(word)).is_some() {
                    return Err(word
                        .error(What::ExpectedColon)
                        .about(About::Words("the head: selectors stand before the conditions")));
                }
                return Err(word.error(What::ExpectedColon));
            }
            // A rule about no call can do nothing wrong: strace's `?nosuch` comes to that.
            self.places = if set.is_empty() { Places::all() } else { plausible::places_of(set, rule.types) };
            self.types = rule.types;
            self.items(lex)?;
        }
        let whole = Span { at: start.at, len: lex.pos().saturating_sub(start.at) };
        if !filter.is_empty() {
            let from = self.block.heap_len;
            let mut fits = Ok(());
            filter.pack(&mut |b| fits = fits.and_then(|()| self.block.push(b, whole)));
            fits?;
            rule.selector = self.block.part_from(from, whole)?;
        }
        rule.action_count = self.block.action_count.saturating_sub(rule.action_first);
        self.finish(rule, &filter, whole)
    }

    /// Writes the normal form and puts the rule in its place.
    fn finish(&mut self, mut rule: Rule, filter: &Filter, span: Span) -> Result<(), SyntaxError> {
        let from = self.block.heap_len;
        // The heap is written while the block is read: only the part behind what is in use.
        let mut text = [0u8; 2048];
        let mut len = 0usize;
        self.block.write_parts(&rule, filter, &mut |b| {
            if let Some(to) = text.get_mut(len..len.saturating_add(b.len())) {
                to.iter_mut().zip(b).for_each(|(to, b)| *to = *b);
            }
            len = len.saturating_add(b.len());
        });
        let text = text.get(..len).ok_or(span.error(What::TooLong))?;
        self.block.push(text, span)?;
        rule.text = self.block.part_from(from, span)?;
        rule.id = text.chunks(8).fold(text.len() as u64, |id, part| {
            let n = part.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            draw::scatter(id ^ n, n)
        });
        for (to, from) in self.block.any.iter_mut().zip(rule.calls) {
            *to |= from;
        }
        if let Some(slot) = self.block.rules.get_mut(usize::from(self.block.rule_count)) {
            *slot = rule;
            self.block.rule_count = self.block.rule_count.saturating_add(1);
        }
        Ok(())
    }

    /// NAME "="
    fn name(&mut self, lex: &mut Lexer<'_>, rule: &mut Rule) -> Result<(), SyntaxError> {
        let start = lex.pos();
        let span = lex.word();
        lex.skip(span.len);
        lex.space();
        if span.len == 0 || !lex.eat(b"=") {
            lex.seek(start);
            return Ok(());
        }
        let name = lex.text(span);
        if keys::by_name(name).is_some() || keys::flag(name).is_some() || name == b"at" {
            return Err(span.error(What::ExpectedCalls));
        }
        if span.len > MAX_NAME {
            return Err(span.error(What::TooLong));
        }
        // Rules of a schedule that came after one another may share a name, also with one that the program adds.
        let taken = self.index_of(name).and_then(|i| self.block.rules().get(usize::from(i)));
        if taken.is_some_and(|r| r.flags & rule_flag::SCHEDULED == 0) {
            return Err(span.error(What::NameTaken));
        }
        let from = self.block.heap_len;
        self.block.push(name, span)?;
        rule.name = self.block.part_from(from, span)?;
        Ok(())
    }

    /// The latest of this name.
    fn index_of(&self, name: &[u8]) -> Option<u8> {
        let at = self.block.rules().iter().rposition(|r| r.name.len > 0 && self.block.bytes(r.name) == name)?;
        u8::try_from(at).ok()
    }

    /// CALLS
    pub(crate) fn calls(&self, lex: &mut Lexer<'_>, types: &mut u32) -> Result<CallSet, SyntaxError> {
        let mut set = CallSet::none();
        loop {
            lex.space();
            let at = lex.pos();
            let libc = lex.eat(b"libc:");
            let rest = lex.run(lex.pos(), |b| crate::lex::is_word(b) || b"%*?/.^$\\".contains(&b));
            lex.skip(rest.len);
            let span = Span { at, len: lex.pos().saturating_sub(at) };
            let word = lex.text(span);
            if word.is_empty() {
                return Err(lex.here().error(What::ExpectedCalls));
            }
            let group = GROUPS.iter().find(|g| !libc && g.word.as_bytes() == word.strip_prefix(b"%").unwrap_or(word));
            match group {
                Some(g) => {
                    set = set.or(g.set());
                    *types |= g.types;
                }
                None => {
                    let item = calls::parse_item(word, span).map_err(|e| match e.what {
                        What::UnknownCall => e.near(nearest_call(word)),
                        _ => e,
                    })?;
                    set = set.or(item);
                }
            }
            lex.space();
            if !lex.eat(b",") {
                return Ok(set);
            }
        }
    }

    /// `at=LINEAGE.cN.CALL@OFFSET`: one call of a run, as a log of faults names it.
    fn point(
        &self,
        lex: &mut Lexer<'_>,
        set: &mut CallSet,
        filter: &mut Filter,
        rule: &mut Rule,
    ) -> Result<(), SyntaxError> {
        lex.skip(2);
        lex.space();
        if !lex.eat(b"=") {
            return Err(lex.here().error(What::ExpectedOperator));
        }
        let span = lex.value()?;
        let bad = span.error(What::BadPoint);
        let text = lex.text(span);
        let ((lineage, _), (rest, rest_span)) = split(text, span, b".").ok_or(bad)?;
        let ((conn, _), (rest, rest_span)) = split(rest, rest_span, b".").ok_or(bad)?;
        let ((call, call_span), (offset, offset_span)) = split(rest, rest_span, b"@").ok_or(bad)?;
        let conn = conn.strip_prefix(b"c").ok_or(bad)?;
        // The selectors are those it stands for.
        let (mut buf, mut len) = ([0u8; 64], 0usize);
        for part in [b"lineage=".as_slice(), lineage, b" conn=#", conn] {
            let to = buf.get_mut(len..len.saturating_add(part.len())).ok_or(bad)?;
            to.iter_mut().zip(part).for_each(|(to, b)| *to = *b);
            len = len.saturating_add(part.len());
        }
        let source = buf.get(..len).and_then(|b| core::str::from_utf8(b).ok()).ok_or(bad)?;
        selectors(&mut Lexer::of_rules(source)?, source, filter).map_err(|_| bad)?;
        *set = set.and(calls::parse_item(call, call_span)?);
        if set.is_empty() {
            return Err(call_span.error(What::BadPoint));
        }
        rule.types = 0;
        let n = number(offset, Kind::Size(0), offset_span)?;
        rule.when.set |= when::BYTES;
        (rule.when.bytes_from, rule.when.bytes_to) = (n as u64, (n as u64).saturating_add(1));
        Ok(())
    }

    /// One `@` condition, without the sign.
    fn condition(&mut self, lex: &mut Lexer<'_>, rule: &mut Rule) -> Result<(), SyntaxError> {
        let name = lex.rule_word();
        let word = lex.text(name);
        let Some(which) = CONDITIONS.iter().find(|w| w.as_bytes().eq_ignore_ascii_case(word)) else {
            let mut near = Nearest::new(word);
            CONDITIONS.iter().for_each(|w| near.offer(w));
            return Err(name.error(What::UnknownCondition).near(near.found()));
        };
        lex.skip(name.len);
        if *which == "off" {
            rule.flags |= rule_flag::OFF;
            return Ok(());
        }
        let w = &mut rule.when;
        let mut once = |bit: u32| {
            let twice = w.set & bit != 0;
            w.set |= bit;
            if twice { Err(name.error(What::Twice)) } else { Ok(()) }
        };
        if *which == "once" {
            once(when::MAX)?;
            w.max = 1;
            return Ok(());
        }
        lex.space();
        if !lex.eat(b"=") {
            return Err(lex
                .here()
                .error(What::ExpectedOperator)
                .about(About::Words("a condition and its value: @n=3")));
        }
        lex.space();
        let span = lex.run(lex.pos(), |b| !b.is_ascii_whitespace() && !b";:".contains(&b));
        lex.skip(span.len);
        let text = lex.text(span);
        if span.len == 0 {
            return Err(lex.here().error(What::ExpectedValue));
        }
        let whole = Kind::Number(1, i64::from(u32::MAX) - 1);
        match *which {
            "n" => {
                once(when::N)?;
                (w.n_first, w.n_last, w.n_step) = ordinals(text, span)?;
            }
            "p" => {
                once(when::P)?;
                w.p = chance64(chance(text, span)?);
            }
            "bytes" => {
                once(when::BYTES)?;
                (w.bytes_from, w.bytes_to) = offsets(text, span)?;
            }
            "t" => {
                once(when::T)?;
                let ((low, low_span), (high, high_span)) =
                    split(text, span, b"..").ok_or(span.error(What::BadRange))?;
                w.t_from = if low.is_empty() { 0 } else { self.time(low, low_span)? };
                w.t_to = if high.is_empty() { u64::MAX } else { self.time(high, high_span)? };
                if w.t_to <= w.t_from {
                    return Err(span.error(What::BadRange));
                }
            }
            "every" => {
                once(when::EVERY)?;
                let ((period, period_span), (length, length_span)) = split(text, span, b"/")
                    .ok_or(span.error(What::BadTime).about(About::Words("a period and its part: @every=30s/2s")))?;
                (w.every_ns, w.for_ns) = (self.time(period, period_span)?, self.time(length, length_span)?);
                if w.for_ns == 0 || w.for_ns > w.every_ns {
                    return Err(length_span.error(What::OutOfRange));
                }
            }
            "burst" => {
                once(when::BURST)?;
                w.burst = number(text, whole, span)? as u32;
            }
            "max" => {
                once(when::MAX)?;
                w.max = number(text, whole, span)? as u32;
            }
            "scope" => {
                once(when::SCOPE)?;
                let scope = Scope::by_word(text).ok_or_else(|| {
                    let mut near = Nearest::new(text);
                    Scope::ALL.iter().for_each(|s| near.offer(s.word()));
                    span.error(What::UnknownValue).near(near.found())
                })?;
                w.scope = scope as u8;
            }
            "cond" => {
                once(when::COND)?;
                let name = text.strip_prefix(b"on(").and_then(|t| t.strip_suffix(b")"));
                let name =
                    name.ok_or(span.error(What::UnknownValue).about(About::Words("a signal: @cond=on(SIGUSR1)")))?;
                let at = Span { at: span.at.saturating_add(3), len: name.len() };
                let signal = self.signal(name, at)?;
                if !SWITCHES.contains(&i32::from(signal)) {
                    let why = "`socklens run`, to which the signal is sent, listens to SIGUSR1 and SIGUSR2";
                    return Err(at.error(What::Impossible).about(About::Why(why)));
                }
                rule.when.signal = signal;
            }
            _ => {
                let after = *which == "after";
                once(if after { when::AFTER } else { when::UNTIL })?;
                let index = self.index_of(text).ok_or(span.error(What::UnknownRule))?;
                if after {
                    rule.when.after = index;
                } else {
                    rule.when.until = index;
                }
            }
        }
        Ok(())
    }
}

/// `3`, `3+`, `3..9`, `3+2`, `3..9+2`: first, last, step.
pub(crate) fn ordinals(text: &[u8], span: Span) -> Result<(u32, u32, u32), SyntaxError> {
    let whole = Kind::Number(1, i64::from(u32::MAX) - 1);
    let one = |text: &[u8], span: Span| number(text, whole, span).map(|n| n as u32);
    let (head, head_span, step) = match split(text, span, b"+") {
        Some((head, ([], _))) => (head.0, head.1, Some(1)),
        Some((head, (step, step_span))) => (head.0, head.1, Some(one(step, step_span)?)),
        None => (text, span, None),
    };
    if let Some(((low, low_span), (high, high_span))) = split(head, head_span, b"..") {
        let low = one(low, low_span)?;
        let high = if high.is_empty() { u32::MAX } else { one(high, high_span)? };
        return if high < low { Err(span.error(What::BadRange)) } else { Ok((low, high, step.unwrap_or(1))) };
    }
    let first = one(head, head_span)?;
    Ok((first, if step.is_some() { u32::MAX } else { first }, step.unwrap_or(1)))
}

/// `64K`, `64K+`, `64K..128K`: from .. to, exclusive.
fn offsets(text: &[u8], span: Span) -> Result<(u64, u64), SyntaxError> {
    let one = |text: &[u8], span: Span| number(text, Kind::Size(0), span).map(|n| n as u64);
    if let Some(head) = text.strip_suffix(b"+") {
        return Ok((one(head, Span { at: span.at, len: head.len() })?, u64::MAX));
    }
    if let Some(((low, low_span), (high, high_span))) = split(text, span, b"..") {
        let low = one(low, low_span)?;
        let high = if high.is_empty() { u64::MAX } else { one(high, high_span)? };
        return if high <= low { Err(span.error(What::BadRange)) } else { Ok((low, high)) };
    }
    let at = one(text, span)?;
    Ok((at, at.saturating_add(1)))
}

/// The call or group that resembles a word.
fn nearest_call(word: &[u8]) -> Option<&'static str> {
    let mut near = Nearest::new(word);
    GROUPS.iter().for_each(|g| near.offer(g.word));
    near.found().or_else(|| calls::nearest(word))
}

/// The action that resembles a word.
pub(crate) fn nearest_action(word: &[u8]) -> Option<&'static str> {
    let mut near = Nearest::new(word);
    Does::ALL.iter().for_each(|k| near.offer(k.word()));
    near.offer("link");
    near.found()
}

/// Consumes `inject=` or `fault=`, strace's words: whether it was the second.
fn strace(lex: &mut Lexer<'_>) -> Option<bool> {
    if lex.eat(b"inject=") {
        Some(false)
    } else if lex.eat(b"fault=") {
        Some(true)
    } else {
        None
    }
}
