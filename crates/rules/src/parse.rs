//! From text to a compiled filter. The selector (`key OP value`) stands by itself, for every language that has selectors.

use crate::addr;
use crate::calls;
use crate::error::{SyntaxError, What};
use crate::filter::{Filter, JF, JT, MAX_CODE, MAX_TERMS, NEGATED, NOT, TERM, Term};
use crate::glob;
use crate::keys::{self, Key, Kind, Row};
use crate::lex::{self, Lexer, Op, Span};
use crate::names;

/// Deepest nesting of brackets and negations: bounds the parser's own stack.
pub const MAX_DEPTH: usize = 16;

/// What a piece of program is at its top level.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Single,
    /// A chain of this jump.
    Chain(u8),
}

/// A filter under construction.
struct Builder<'a> {
    filter: &'a mut Filter,
    src: &'a str,
    /// The selectors of a fault rule: they need no word between them, and know what is known before the call.
    rule: bool,
}

/// Reads the selectors of a fault rule, up to its conditions or its colon.
pub(crate) fn selectors(lex: &mut Lexer<'_>, src: &str, filter: &mut Filter) -> Result<(), SyntaxError> {
    let mut b = Builder { filter, src, rule: true };
    b.chain(lex, 0, JT)?;
    lex.space();
    if lex.peek() == Some(b')') { Err(lex.here().error(What::UnbalancedParen)) } else { Ok(()) }
}

/// Jumps that wait for their target: the last of them; each holds the one before it.
struct Pending {
    jump: u8,
    last: u8,
}

/// No pending jump.
const NONE: u8 = u8::MAX;

impl Filter {
    /// Reads an EXPR (see [`crate::REFERENCE`]).
    pub fn parse(source: &str) -> Result<Filter, SyntaxError> {
        let mut filter = Filter::new();
        filter.parse_into(source)?;
        Ok(filter)
    }

    /// Reads an EXPR into this filter, which is empty if that fails. Needs less than 10 KiB of stack.
    pub fn parse_into(&mut self, source: &str) -> Result<(), SyntaxError> {
        *self = Filter::new();
        let read = Builder { filter: self, src: source, rule: false }.all();
        if read.is_err() {
            *self = Filter::new();
        }
        read
    }
}

/// Consumes the word or sign that joins two parts of this chain.
fn joins(lex: &mut Lexer<'_>, jump: u8, rule: bool) -> bool {
    lex.space();
    if jump == JT {
        return lex.eat(b"||") || lex.keyword("or");
    }
    if lex.eat(b"&&") || lex.eat(b",") || lex.keyword("and") {
        return true;
    }
    let word = lex.text(lex.word());
    rule && !word.eq_ignore_ascii_case(b"or") && lex.peek().is_some_and(|b| !b"@:;)|".contains(&b))
}

impl Builder<'_> {
    /// The whole source.
    fn all(&mut self) -> Result<(), SyntaxError> {
        let mut lex = Lexer::new(self.src)?;
        lex.space();
        if lex.peek().is_none() {
            return Err(SyntaxError::new(What::Empty, 0, 0));
        }
        self.chain(&mut lex, 0, JT)?;
        lex.space();
        match lex.peek() {
            None => Ok(()),
            Some(b')') => Err(lex.here().error(What::UnbalancedParen)),
            Some(_) => Err(lex.here().error(What::TrailingInput)),
        }
    }

    fn here(&self) -> u8 {
        // MAX_CODE fits.
        self.filter.code_len as u8
    }

    fn step(&mut self, op: u8, arg: u8, span: Span) -> Result<(), SyntaxError> {
        let at = usize::from(self.filter.code_len);
        match self.filter.code.get_mut(at) {
            Some(s) if at < MAX_CODE => {
                *s = [op, arg];
                self.filter.code_len = self.filter.code_len.saturating_add(1);
                Ok(())
            }
            _ => Err(span.error(What::TooManyTerms)),
        }
    }

    /// Adds a jump that waits.
    fn link(&mut self, p: &mut Pending, span: Span) -> Result<(), SyntaxError> {
        let at = self.here();
        self.step(p.jump, p.last, span)?;
        p.last = at;
        Ok(())
    }

    /// Takes over the waiting jumps of a chain of the same kind that ends here, so that `(a and b) and c` is `a and b and c`.
    fn merge(&mut self, from: u8, p: &mut Pending) {
        let end = self.here();
        for at in from..end {
            let Some(step) = self.filter.code.get_mut(usize::from(at)) else {
                return;
            };
            if matches!(step[0], JF | JT) && step[1] == end {
                if step[0] != p.jump {
                    // The last part of that chain begins: it is a chain of the other kind.
                    return;
                }
                step[1] = p.last;
                p.last = at;
            }
        }
    }

    /// Lets all waiting jumps go here.
    fn land(&mut self, p: &Pending) {
        let end = self.here();
        let mut at = p.last;
        while at != NONE
            && let Some(step) = self.filter.code.get_mut(usize::from(at))
        {
            at = step[1];
            step[1] = end;
        }
    }

    /// Parts joined by `or` (JT), each of them parts joined by `and` (JF), each of them one term.
    fn chain(&mut self, lex: &mut Lexer<'_>, depth: usize, jump: u8) -> Result<Shape, SyntaxError> {
        let mut pending = Pending { jump, last: NONE };
        let mut from = self.here();
        let mut shape = self.part(lex, depth, jump)?;
        loop {
            let span = lex.here();
            if !joins(lex, jump, self.rule) {
                break;
            }
            if shape == Shape::Chain(jump) {
                self.merge(from, &mut pending);
            }
            self.link(&mut pending, span)?;
            from = self.here();
            shape = self.part(lex, depth, jump)?;
        }
        if pending.last == NONE {
            return Ok(shape);
        }
        self.land(&pending);
        Ok(Shape::Chain(jump))
    }

    fn part(&mut self, lex: &mut Lexer<'_>, depth: usize, jump: u8) -> Result<Shape, SyntaxError> {
        if jump == JT { self.chain(lex, depth, JF) } else { self.unary(lex, depth) }
    }

    fn unary(&mut self, lex: &mut Lexer<'_>, depth: usize) -> Result<Shape, SyntaxError> {
        lex.space();
        let start = lex.here();
        let deeper = depth.saturating_add(1);
        if lex.eat(b"!") || lex.keyword("not") {
            if deeper > MAX_DEPTH {
                return Err(start.error(What::TooDeep));
            }
            self.unary(lex, deeper)?;
            self.step(NOT, 0, start)?;
            return Ok(Shape::Single);
        }
        if lex.eat(b"(") {
            if deeper > MAX_DEPTH {
                return Err(start.error(What::TooDeep));
            }
            let shape = self.chain(lex, deeper, JT)?;
            lex.space();
            if lex.eat(b")") {
                return Ok(shape);
            }
            return Err(match lex.peek() {
                None => start.error(What::UnbalancedParen),
                Some(_) => lex.here().error(What::TrailingInput),
            });
        }
        self.selector(lex)
    }

    /// One selector: a flag, or key, operator and alternatives.
    fn selector(&mut self, lex: &mut Lexer<'_>) -> Result<Shape, SyntaxError> {
        let span = lex.word();
        let word = lex.text(span);
        if span.len == 0 || [&b"and"[..], b"or", b"not"].iter().any(|k| word.eq_ignore_ascii_case(k)) {
            return Err(lex.here().error(What::ExpectedTerm));
        }
        if let Some((_, key, value, negated)) = keys::flag(word) {
            self.known(*key, span)?;
            lex.skip(span.len);
            let value = value.to_le_bytes();
            let value: &[u8] = if *key == Key::Failed { &[] } else { &value };
            self.term(*key, Op::Eq, *negated, span, value.iter().copied())?;
            return Ok(Shape::Single);
        }
        let Some(row) = keys::by_name(word) else {
            if self.rule && crate::fault::Kind::by_word(word).is_some() {
                return Err(span.error(What::ExpectedColon));
            }
            return Err(span.error(What::UnknownKey).near(keys::nearest(word)));
        };
        self.known(row.key, span)?;
        lex.skip(span.len);
        lex.space();
        let at = lex.pos();
        let Some((op, negated)) = lex.operator() else {
            return Err(lex.here().error(What::ExpectedOperator));
        };
        let op_span = Span { at, len: lex.pos().saturating_sub(at) };
        let op = fitting(row, op).ok_or(op_span.error(What::BadOperator))?;
        self.values(lex, row, op, negated)
    }

    /// Fails for a key that is not known where the selector is used.
    fn known(&self, key: Key, span: Span) -> Result<(), SyntaxError> {
        match self.rule {
            true if key.is_result() => Err(span.error(What::OnlyAfter)),
            false if key.is_for_rules() => Err(span.error(What::OnlyInRules)),
            _ => Ok(()),
        }
    }

    /// The alternatives of one selector: `a|b` is either, `!= a|b` is neither.
    fn values(&mut self, lex: &mut Lexer<'_>, row: &Row, op: Op, negated: bool) -> Result<Shape, SyntaxError> {
        let mut pending = Pending { jump: if negated { JF } else { JT }, last: NONE };
        loop {
            lex.space();
            let span = match row.kind {
                Kind::Calls => lex.call_value(|w| keys::flag(w).is_some())?,
                _ => lex.value()?,
            };
            self.value(lex.text(span), row, op, negated, span)?;
            lex.space();
            let bar = Span { at: lex.pos(), len: 1 };
            if lex.eat(b"||") {
                lex.back(2);
                break;
            }
            if !lex.eat(b"|") {
                break;
            }
            if op != Op::Eq {
                return Err(bar.error(What::OneValueOnly));
            }
            self.link(&mut pending, bar)?;
        }
        if pending.last == NONE {
            return Ok(Shape::Single);
        }
        self.land(&pending);
        Ok(Shape::Chain(pending.jump))
    }

    /// One value, in the form its key keeps.
    fn value(&mut self, text: &[u8], row: &Row, op: Op, negated: bool, span: Span) -> Result<(), SyntaxError> {
        let key = row.key;
        if key == Key::Conn && op == Op::Eq {
            let ordinal = match text {
                b"first" => Some(1),
                b"last" => Some(0),
                _ => match text.strip_prefix(b"#") {
                    Some(n) => {
                        let n = lex::integer(n).ok().filter(|n| *n > 0 && *n <= i64::from(u32::MAX));
                        Some(n.ok_or(span.error(What::BadNumber))?)
                    }
                    None => None,
                },
            };
            if let Some(n) = ordinal {
                self.known(Key::Ordinal, span)?;
                return self.term(Key::Ordinal, op, negated, span, n.to_le_bytes().into_iter());
            }
        }
        match row.kind {
            Kind::Lineage => {
                let digits = text.strip_prefix(b"P").unwrap_or(text);
                let hex = digits.iter().all(u8::is_ascii_hexdigit) && !digits.is_empty() && digits.len() <= 16;
                if !hex {
                    return Err(span.error(What::BadNumber));
                }
                let n = digits.iter().fold(0u64, |n, d| n << 4 | u64::from((*d as char).to_digit(16).unwrap_or(0)));
                let bytes = n.to_le_bytes().into_iter().chain([digits.len() as u8]);
                self.term(key, op, negated, span, bytes)
            }
            Kind::Site => self.site(key, negated, span, text),
            Kind::Calls => {
                let set = calls::parse_span(self.src.as_bytes(), span)?;
                self.term(key, op, negated, span, set.to_bytes().into_iter())
            }
            Kind::Glob => self.glob(key, negated, span, text, None),
            Kind::Address => {
                if let Some(path) = text.strip_prefix(b"unix:") {
                    if path.is_empty() {
                        return Err(span.error(What::BadAddress));
                    }
                    return self.glob(key, negated, span, path, Some(addr::UNIX));
                }
                let kept = addr::parse(text)
                    .map_err(|(what, at, len)| SyntaxError::new(what, span.at.saturating_add(at), len))?;
                self.term(key, op, negated, span, kept.bytes().iter().copied())
            }
            _ => {
                let (low, high) = range(text, row.kind, span)?;
                if high.is_some() && op != Op::Eq {
                    return Err(span.error(What::OneValueOnly));
                }
                let high = high.filter(|h| *h != low);
                let bytes = low.to_le_bytes().into_iter().chain(high.into_iter().flat_map(i64::to_le_bytes));
                self.term(key, op, negated, span, bytes)
            }
        }
    }

    /// `module`, `module!function`, either with `+offset`; a glob that begins with `*` and names no module is held against
    /// both, and so is any for a stack.
    fn site(&mut self, key: Key, negated: bool, span: Span, text: &[u8]) -> Result<(), SyntaxError> {
        let plus = text.iter().rposition(|b| *b == b'+');
        let offset = plus.and_then(|at| lex::integer(text.get(at.saturating_add(1)..)?).ok()).filter(|n| *n > 0);
        let names = if offset.is_some() { text.get(..plus.unwrap_or(0)).unwrap_or(&[]) } else { text };
        let bang = names.iter().position(|b| *b == b'!');
        let module = names.get(..bang.unwrap_or(names.len())).unwrap_or(&[]);
        let symbol = bang.and_then(|at| names.get(at.saturating_add(1)..)).unwrap_or(&[]);
        let either = bang.is_none() && offset.is_none() && (module.starts_with(b"*") || key == Key::Stack);
        let (mut buf, mut len, mut first) = ([0u8; 200], 0usize, 0u8);
        for (i, part) in [module, symbol].into_iter().enumerate() {
            glob::canonical(part, &mut |b| {
                if let Some(to) = buf.get_mut(len) {
                    *to = b;
                }
                len = len.saturating_add(1);
            });
            if i == 0 {
                first = u8::try_from(len).unwrap_or(u8::MAX);
            }
        }
        let Some(globs) = buf.get(..len) else {
            return Err(span.error(What::TooLong));
        };
        let head = offset.unwrap_or(-1).to_le_bytes().into_iter().chain([u8::from(either), first]);
        self.term(key, Op::Eq, negated, span, head.chain(globs.iter().copied()))
    }

    fn glob(
        &mut self,
        key: Key,
        negated: bool,
        span: Span,
        pattern: &[u8],
        kind: Option<u8>,
    ) -> Result<(), SyntaxError> {
        let from = self.filter.pool_len;
        let mut fits = true;
        let f = &mut *self.filter;
        let mut put = |b: u8| match f.pool.get_mut(usize::from(f.pool_len)) {
            Some(to) => {
                *to = b;
                f.pool_len = f.pool_len.saturating_add(1);
            }
            None => fits = false,
        };
        if let Some(kind) = kind {
            put(kind);
        }
        glob::canonical(pattern, &mut put);
        if !fits {
            return Err(span.error(What::TooLong));
        }
        self.add(key, Op::Eq, negated, span, from)
    }

    fn term(
        &mut self,
        key: Key,
        op: Op,
        negated: bool,
        span: Span,
        value: impl Iterator<Item = u8>,
    ) -> Result<(), SyntaxError> {
        let from = self.filter.pool_len;
        for b in value {
            let Some(to) = self.filter.pool.get_mut(usize::from(self.filter.pool_len)) else {
                return Err(span.error(What::TooLong));
            };
            *to = b;
            self.filter.pool_len = self.filter.pool_len.saturating_add(1);
        }
        self.add(key, op, negated, span, from)
    }

    /// Adds the comparison whose value lies in the pool from `off` on.
    fn add(&mut self, key: Key, op: Op, negated: bool, span: Span, off: u16) -> Result<(), SyntaxError> {
        let len = u8::try_from(self.filter.pool_len.saturating_sub(off)).map_err(|_| span.error(What::TooLong))?;
        let index = self.filter.term_len;
        let Some(slot) = self.filter.terms.get_mut(usize::from(index)) else {
            return Err(span.error(What::TooManyTerms));
        };
        let op = op as u8 | if negated { NEGATED } else { 0 };
        *slot = Term { off, key: key as u8, op, len, pad: 0 };
        self.filter.term_len = index.saturating_add(1);
        // MAX_TERMS fits.
        self.step(TERM, index as u8, span)
    }
}

const _: () = assert!(MAX_TERMS < 256);

/// The operator as it is kept, if the key has it. For texts `=` and `~` are one.
fn fitting(row: &Row, op: Op) -> Option<Op> {
    match (row.kind, op) {
        (_, Op::Eq) => Some(op),
        (Kind::Glob | Kind::Calls | Kind::Site, Op::Glob) => Some(Op::Eq),
        (Kind::Number(_, high), Op::Lt | Op::Le | Op::Gt | Op::Ge) if high > 1 => Some(op),
        (Kind::Size(_) | Kind::Time, Op::Lt | Op::Le | Op::Gt | Op::Ge) => Some(op),
        _ => None,
    }
}

/// A value or a range of values.
pub(crate) fn range(text: &[u8], kind: Kind, span: Span) -> Result<(i64, Option<i64>), SyntaxError> {
    let single = |text: &[u8], at: usize| number(text, kind, Span { at: span.at.saturating_add(at), len: text.len() });
    let dots = match kind {
        Kind::Name(..) => None,
        _ => text.windows(2).position(|w| w == b".."),
    };
    let Some(dots) = dots else {
        return Ok((single(text, 0)?, None));
    };
    let after = dots.saturating_add(2);
    let low = single(text.get(..dots).unwrap_or(&[]), 0)?;
    let high = single(text.get(after..).unwrap_or(&[]), after)?;
    if high < low { Err(span.error(What::BadRange)) } else { Ok((low, Some(high))) }
}

pub(crate) fn number(text: &[u8], kind: Kind, span: Span) -> Result<i64, SyntaxError> {
    let fail = |what: What| span.error(what);
    let (n, low, high) = match kind {
        Kind::Number(low, high) => (lex::integer(text).map_err(fail)?, low, high),
        Kind::Size(low) => {
            let plain = text.starts_with(b"-") || text.starts_with(b"0x");
            let n = if plain { lex::integer(text) } else { lex::scaled(text, lex::size_unit) };
            (n.map_err(fail)?, low, i64::MAX)
        }
        Kind::Time => (lex::scaled(text, lex::time_unit).map_err(fail)?, 0, i64::MAX),
        Kind::Name(table, prefixes, high) => {
            if let Some(n) = names::number(table, prefixes, text) {
                return Ok(i64::from(n));
            }
            if !text.first().is_some_and(u8::is_ascii_digit) {
                return Err(fail(What::UnknownValue).near(names::nearest(table, text)));
            }
            (lex::integer(text).map_err(fail)?, 0, high)
        }
        _ => return Err(fail(What::BadNumber)),
    };
    if n < low || n > high { Err(fail(What::OutOfRange)) } else { Ok(n) }
}
