//! The actions of a rule: the right side of its colon.

use super::block::{Action, Dist, MAX_ACTIONS, action_flag};
use super::kind::{Dir, DnsMode, Kind, SizeKind};
use super::parse::{Extras, Parser, nearest_action};
use super::plausible;
use super::profiles;
use super::value::{chance64, split};
use crate::addr;
use crate::error::{About, SyntaxError, What};
use crate::keys;
use crate::lex::{Lexer, Span};
use crate::names;
use crate::near::Nearest;
use crate::parse::number;

/// A step that lasts for ever.
pub(crate) const FOR_EVER: [u32; 2] = [u32::MAX; 2];

impl Parser<'_, '_> {
    /// ITEM {"," ITEM}
    pub(crate) fn items(&mut self, lex: &mut Lexer<'_>) -> Result<(), SyntaxError> {
        let mut item = 0u8;
        loop {
            item = self.item(lex, item)?;
            let end = lex.pos();
            lex.space();
            if !lex.eat(b",") {
                lex.seek(end);
                return Ok(());
            }
        }
    }

    /// ACTION {"->" ACTION}; returns the number of the next item.
    fn item(&mut self, lex: &mut Lexer<'_>, item: u8) -> Result<u8, SyntaxError> {
        let mut step = 0u8;
        loop {
            lex.space();
            let start = lex.here();
            let last = if lex.text(lex.rule_word()).eq_ignore_ascii_case(b"link") {
                if step > 0 {
                    return Err(start.error(What::LinkInSequence));
                }
                let next = self.link(lex, item)?;
                lex.space();
                return if lex.eat(b"->") { Err(start.error(What::LinkInSequence)) } else { Ok(next) };
            } else {
                self.action(lex, item, step)?
            };
            let end = lex.pos();
            lex.space();
            if !lex.eat(b"->") {
                lex.seek(end);
                if last.times != [1, 1] && last.kind() != Some(Kind::Again) {
                    // `3*error E` alone: three times, then no more.
                    let ok = Action {
                        kind: Kind::Ok as u8,
                        item,
                        step: step.saturating_add(1),
                        times: FOR_EVER,
                        ..Action::NONE
                    };
                    self.put(ok, start)?;
                } else if let Some(a) = self.last() {
                    a.times = FOR_EVER;
                }
                return Ok(item.saturating_add(1));
            }
            step = step.checked_add(1).ok_or(start.error(What::TooManyActions))?;
        }
    }

    fn put(&mut self, action: Action, span: Span) -> Result<(), SyntaxError> {
        let at = usize::from(self.block.action_count);
        match self.block.actions.get_mut(at) {
            Some(slot) if at < MAX_ACTIONS => {
                *slot = action;
                self.block.action_count = self.block.action_count.saturating_add(1);
                Ok(())
            }
            _ => Err(span.error(What::TooManyActions)),
        }
    }

    fn last(&mut self) -> Option<&mut Action> {
        self.block.actions.get_mut(usize::from(self.block.action_count).checked_sub(1)?)
    }

    /// `link NAME`: the actions that the name stands for.
    fn link(&mut self, lex: &mut Lexer<'_>, item: u8) -> Result<u8, SyntaxError> {
        lex.skip(4);
        let span = self.needed(lex, What::UnknownLink)?;
        let name = lex.text(span);
        let own = self.extras.links.iter().find(|(n, _)| n.as_bytes() == name).map(|(_, actions)| *actions);
        let Some(actions) = own.or_else(|| profiles::link(name).map(|l| l.actions)) else {
            let mut near = Nearest::new(name);
            profiles::links().for_each(|l| near.offer(l.name));
            return Err(span.error(What::UnknownLink).near(near.found()));
        };
        // Faults in it are faults of the name; a link does not name another, so that this ends.
        let none = Extras { links: &[], table: self.extras.table };
        let from = self.block.action_count;
        let mut inner = Lexer::of_rules(actions).map_err(|_| span.error(What::UnknownLink))?;
        if actions.split_ascii_whitespace().any(|w| w == "link") {
            return Err(span.error(What::UnknownLink));
        }
        let stream = self.types == 1 << libc::SOCK_STREAM;
        let (places, types) = (self.places, self.types);
        // A link may hold losses, which only datagrams suffer: they are left out where there are none.
        let mut sub = Parser { block: self.block, extras: &none, places: super::plausible::Places::all(), types: 0 };
        sub.items(&mut inner).map_err(|e| span.error(e.what).near(e.nearest))?;
        (self.places, self.types) = (places, types);
        inner.space();
        if inner.peek().is_some() {
            return Err(span.error(What::UnknownLink));
        }
        let mut to = usize::from(from);
        let mut next = item;
        for at in usize::from(from)..usize::from(self.block.action_count) {
            let Some(mut a) = self.block.actions.get(at).copied() else { break };
            let loses = matches!(a.kind(), Some(Kind::Drop | Kind::Dup | Kind::Reorder));
            let fits = a.kind().is_some_and(|k| k.places().meets(self.places)) && !(loses && stream);
            if fits {
                a.item = item.saturating_add(a.item);
                next = a.item.saturating_add(1);
                if let Some(slot) = self.block.actions.get_mut(to) {
                    *slot = a;
                }
                to = to.saturating_add(1);
            }
        }
        self.block.action_count = to as u16;
        if next == item {
            return Err(span
                .error(What::WrongCalls)
                .about(About::Words("calls of a connection: in, out, stream, dgram")));
        }
        Ok(next)
    }

    /// One action, with its modifiers.
    fn action(&mut self, lex: &mut Lexer<'_>, item: u8, step: u8) -> Result<Action, SyntaxError> {
        let mut a = Action { item, step, ..Action::NONE };
        let digits = lex.run(lex.pos(), |b| b.is_ascii_digit());
        let after = digits.at.saturating_add(digits.len);
        let here = lex.pos();
        lex.skip(digits.len);
        if digits.len > 0 && lex.eat(b"*") {
            let n = number(lex.text(digits), keys::Kind::Number(1, i64::from(u32::MAX) - 1), digits)? as u32;
            a.times = [n, n];
            lex.space();
        } else {
            lex.seek(here);
        }
        let word = lex.rule_word();
        if word.len == 0 || after == lex.pos() && digits.len > 0 {
            return Err(lex.here().error(What::ExpectedAction));
        }
        let kind = Kind::by_word(lex.text(word));
        let kind = kind.ok_or_else(|| word.error(What::UnknownAction).near(nearest_action(lex.text(word))))?;
        lex.skip(word.len);
        a.kind = kind as u8;
        let errors = self.arguments(lex, kind, &mut a)?;
        loop {
            lex.blank();
            if lex.eat(b"!") {
                a.flags |= action_flag::LIFT;
            } else if lex.option("recipe") {
                let span = self.needed(lex, What::ExpectedValue)?;
                a.flags |= match lex.text(span) {
                    b"native" => action_flag::NATIVE,
                    b"fake" => action_flag::FAKE,
                    other => {
                        let mut near = Nearest::new(other);
                        ["native", "fake"].iter().for_each(|w| near.offer(w));
                        return Err(span.error(What::UnknownValue).near(near.found()));
                    }
                };
            } else {
                break;
            }
        }
        self.sensible(lex, kind, &a, word, errors)?;
        self.put(a, word)?;
        Ok(a)
    }

    /// Whether the action can act on the rule's calls, and may.
    fn sensible(
        &self,
        lex: &Lexer<'_>,
        kind: Kind,
        a: &Action,
        word: Span,
        errors: Option<Span>,
    ) -> Result<(), SyntaxError> {
        let stream = self.types == 1 << libc::SOCK_STREAM;
        let none = !kind.places().meets(self.places)
            || stream && matches!(kind, Kind::Drop | Kind::Dup | Kind::Reorder | Kind::Truncate)
            || self.types != 0 && !stream && kind == Kind::Slice;
        if none {
            return Err(word.error(What::WrongCalls).about(About::Words(kind.wants())));
        }
        if a.has(action_flag::LIFT) {
            return Ok(());
        }
        let realism = self.block.realism();
        if let Some(span) = errors {
            let (mut rest, mut place) = (lex.text(span), span);
            loop {
                let ((one, one_span), after) = match split(rest, place, b"|") {
                    Some((one, after)) => (one, Some(after)),
                    None => ((rest, place), None),
                };
                let name = one.split(|b| *b == b'/').next().unwrap_or(one);
                let level = plausible::level(self.places, errno(name, one_span)?);
                if !plausible::allows(realism, level) {
                    let here = Span { at: one_span.at, len: name.len() };
                    return Err(here.error(What::Implausible).about(About::Errors(self.places, realism, level)));
                }
                match after {
                    Some((r, p)) => (rest, place) = (r, p),
                    None => return Ok(()),
                }
            }
        }
        let level = kind.level(self.places);
        if plausible::allows(realism, level) {
            return Ok(());
        }
        Err(word.error(What::NotReal).about(About::Level(level)))
    }

    fn arguments(&mut self, lex: &mut Lexer<'_>, kind: Kind, a: &mut Action) -> Result<Option<Span>, SyntaxError> {
        match kind {
            Kind::Error => return self.errors(lex, a).map(Some),
            Kind::Return => {
                let span = self.needed(lex, What::ExpectedValue)?;
                a.n = [number(lex.text(span), keys::Kind::Number(i64::MIN, i64::MAX), span)? as u64, 0];
            }
            Kind::Delay => {
                a.dist = self.dist(lex)?;
                if lex.option("exit") {
                    a.flags |= action_flag::EXIT;
                }
            }
            Kind::Latency => {
                a.dist = self.dist(lex)?;
                direction(lex, a);
            }
            Kind::Rate => {
                a.n = [self.rate(lex)?, 0];
                if lex.option("burst") {
                    let span = self.needed(lex, What::ExpectedValue)?;
                    a.n = [a.n[0], number(lex.text(span), keys::Kind::Size(1), span)? as u64];
                }
                direction(lex, a);
            }
            Kind::Slice => {
                self.sized(lex, a)?;
                if lex.option("gap") {
                    a.dist = self.dist(lex)?;
                }
                direction(lex, a);
            }
            Kind::Short | Kind::Truncate => {
                self.sized(lex, a)?;
                if a.size() == SizeKind::Part && kind == Kind::Truncate {
                    return Err(lex.here().error(What::BadNumber));
                }
            }
            Kind::Again => {
                lex.blank();
                a.n = [1, 1];
                if lex.peek().is_some_and(|b| b.is_ascii_digit()) {
                    self.sized(lex, a)?;
                    if a.size() == SizeKind::Part || a.n[1] >= u64::from(u32::MAX) {
                        return Err(lex.here().error(What::BadNumber));
                    }
                }
                if a.times == [1, 1] {
                    a.times = [a.n[0] as u32, a.n[1] as u32];
                }
            }
            Kind::Signal | Kind::Kill => {
                let span = self.needed(lex, What::ExpectedValue)?;
                a.signal = self.signal(lex.text(span), span)?;
            }
            Kind::Reset if lex.option("drain") => a.flags |= action_flag::DRAIN,
            Kind::Blackhole => {
                direction(lex, a);
                if lex.option("heal") {
                    a.dist = self.dist(lex)?;
                }
            }
            Kind::Timeout | Kind::Fdlimit => {
                lex.blank();
                if lex.peek().is_some_and(|b| b.is_ascii_digit()) {
                    a.dist = self.dist(lex)?;
                }
            }
            Kind::Slowclose => a.dist = self.dist(lex)?,
            Kind::Drop => a.loss = self.loss(lex)?,
            Kind::Dup => a.p = chance64(self.chance(lex)?),
            Kind::Reorder => {
                a.p = chance64(self.chance(lex)?);
                a.n = [if lex.option("gap") { self.count(lex)? } else { 1 }, 0];
            }
            Kind::Corrupt => {
                let span = self.needed(lex, What::ExpectedValue)?;
                let text = lex.text(span);
                let Some(((unit, unit_span), (n, n_span))) = split(text, span, b"=") else {
                    return Err(span
                        .error(What::ExpectedOperator)
                        .about(About::Words("bits or bytes: corrupt bits=1 2%")));
                };
                a.size = match unit {
                    b"bits" => SizeKind::Bits as u8,
                    b"bytes" => SizeKind::Bytes as u8,
                    _ => return Err(unit_span.error(What::UnknownValue).about(About::Words("bits or bytes"))),
                };
                a.n = [number(n, keys::Kind::Number(1, 1 << 20), n_span)? as u64, 0];
                a.p = chance64(self.chance(lex)?);
            }
            Kind::Clamp => a.n = [self.count(lex)?, 0],
            Kind::Abort => {
                let _ = lex.eat(b"(accept)");
            }
            Kind::Break => {
                let _ = lex.eat(b"(gdb)");
            }
            Kind::Dns => self.dns(lex, a)?,
            _ => {}
        }
        Ok(None)
    }

    fn sized(&self, lex: &mut Lexer<'_>, a: &mut Action) -> Result<(), SyntaxError> {
        let (n, size) = self.size(lex)?;
        (a.n, a.size) = (n, size as u8);
        Ok(())
    }

    /// E[/w=N]{|E[/w=N]}
    pub(crate) fn errors(&mut self, lex: &mut Lexer<'_>, a: &mut Action) -> Result<Span, SyntaxError> {
        let whole = self.needed(lex, What::ExpectedValue)?;
        let from = self.block.heap_len;
        let (mut rest, mut place) = (lex.text(whole), whole);
        loop {
            let ((one, span), after) = match split(rest, place, b"|") {
                Some((one, after)) => (one, Some(after)),
                None => ((rest, place), None),
            };
            let (name, name_span, weight) = match split(one, span, b"/w=") {
                Some(((name, name_span), (w, w_span))) => {
                    (name, name_span, number(w, keys::Kind::Number(1, 65535), w_span)? as u16)
                }
                None => (one, span, 1),
            };
            self.block.push(&errno(name, name_span)?.to_le_bytes(), span)?;
            self.block.push(&weight.to_le_bytes(), span)?;
            match after {
                Some((r, p)) => (rest, place) = (r, p),
                None => break,
            }
        }
        a.list = self.block.part_from(from, whole)?;
        Ok(whole)
    }

    fn dns(&mut self, lex: &mut Lexer<'_>, a: &mut Action) -> Result<(), SyntaxError> {
        lex.blank();
        if lex.peek().is_some_and(|b| b.is_ascii_digit()) {
            a.mode = DnsMode::Delay as u8;
            a.dist = self.dist(lex)?;
            return Ok(());
        }
        let span = self.needed(lex, What::ExpectedValue)?;
        let word = lex.text(span);
        let mode = DnsMode::by_word(word).filter(|m| *m != DnsMode::Delay).ok_or_else(|| {
            let mut near = Nearest::new(word);
            DnsMode::ALL.iter().filter(|m| **m != DnsMode::Delay).for_each(|m| near.offer(m.word()));
            span.error(What::UnknownValue).near(near.found())
        })?;
        a.mode = mode as u8;
        if mode == DnsMode::To {
            let span = self.needed(lex, What::BadAddress)?;
            let kept = addr::parse(lex.text(span)).map_err(|_| span.error(What::BadAddress))?;
            let (head, ip) = kept.bytes().split_at_checked(addr::HEAD).unwrap_or((&[], &[]));
            // One address, without a prefix or a port.
            let [kind @ (addr::V4 | addr::V6), 32 | 128, 0, 0, 0xff, 0xff] = head else {
                return Err(span.error(What::BadAddress));
            };
            let from = self.block.heap_len;
            self.block.push(&[*kind], span)?;
            self.block.push(ip, span)?;
            a.list = self.block.part_from(from, span)?;
        }
        Ok(())
    }

    /// An action that strace's language asks for.
    pub(crate) fn add_lifted(&mut self, mut a: Action, span: Span) -> Result<(), SyntaxError> {
        a.flags |= action_flag::LIFT;
        a.times = FOR_EVER;
        self.put(a, span)
    }
}

/// `in`, `out` or `both`, if it stands here.
fn direction(lex: &mut Lexer<'_>, a: &mut Action) {
    for d in Dir::ALL {
        if lex.option(d.word()) {
            a.dir = *d as u8;
            return;
        }
    }
}

/// An errno, by name or number.
pub(crate) fn errno(word: &[u8], span: Span) -> Result<u16, SyntaxError> {
    let n = match names::number(names::ERRNO, &[], word) {
        Some(n) => i64::from(n),
        None if word.first().is_some_and(u8::is_ascii_digit) => number(word, keys::Kind::Number(1, 4095), span)?,
        None => return Err(span.error(What::UnknownValue).near(names::nearest(names::ERRNO, word))),
    };
    u16::try_from(n).map_err(|_| span.error(What::OutOfRange))
}

/// A fixed time.
pub(crate) const fn fixed(ns: u64) -> Dist {
    Dist { mean: ns, ..Dist::ZERO }
}
