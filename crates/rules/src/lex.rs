//! Reads a line from left to right: spaces, words, operators, values and numbers. Shared by every language of this crate.

use crate::error::{SyntaxError, What};

/// Longest source accepted.
pub const MAX_SOURCE: usize = 32 * 1024;

/// How a key is compared with a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Op {
    Eq,
    Lt,
    Le,
    Gt,
    Ge,
    Glob,
}

/// A part of the source.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub at: usize,
    pub len: usize,
}

impl Span {
    pub(crate) fn error(self, what: What) -> SyntaxError {
        SyntaxError::new(what, self.at, self.len)
    }
}

/// The place reached in a source.
pub(crate) struct Lexer<'s> {
    src: &'s [u8],
    pos: usize,
    /// Whether rules are read: they have comments, and a value ends before a semicolon and before a colon that a space follows.
    rules: bool,
}

/// A letter, digit or anything else a name may hold. Bytes beyond ASCII count, so that a foreign word is reported whole.
pub(crate) fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b >= 0x80
}

impl<'s> Lexer<'s> {
    pub(crate) fn new(src: &'s str) -> Result<Lexer<'s>, SyntaxError> {
        if src.len() > MAX_SOURCE {
            return Err(SyntaxError::new(What::TooLong, MAX_SOURCE, 0));
        }
        Ok(Lexer { src: src.as_bytes(), pos: 0, rules: false })
    }

    /// Of a source that holds fault rules.
    pub(crate) fn of_rules(src: &'s str) -> Result<Lexer<'s>, SyntaxError> {
        Lexer::new(src).map(|l| Lexer { rules: true, ..l })
    }

    /// Goes to a place of the source.
    pub(crate) fn seek(&mut self, pos: usize) {
        self.pos = pos.min(self.src.len());
    }

    /// Whether the colon that stands here, if one does, ends the head of a rule.
    pub(crate) fn at_colon(&self) -> bool {
        self.rules && self.peek() == Some(b':') && self.peek_at(1).is_none_or(|b| b.is_ascii_whitespace())
    }

    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.src.get(self.pos).copied()
    }

    pub(crate) fn peek_at(&self, n: usize) -> Option<u8> {
        self.src.get(self.pos.saturating_add(n)).copied()
    }

    pub(crate) fn skip(&mut self, n: usize) {
        self.pos = self.pos.saturating_add(n).min(self.src.len());
    }

    /// Gives back the last bytes.
    pub(crate) fn back(&mut self, n: usize) {
        self.pos = self.pos.saturating_sub(n);
    }

    pub(crate) fn space(&mut self) {
        loop {
            while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
                self.skip(1);
            }
            let begins = self.pos.checked_sub(1).is_none_or(|p| self.src.get(p).is_some_and(u8::is_ascii_whitespace));
            if !(self.rules && begins && self.peek() == Some(b'#')) {
                return;
            }
            while self.peek().is_some_and(|b| b != b'\n') {
                self.skip(1);
            }
        }
    }

    /// Passes over spaces within the line.
    pub(crate) fn blank(&mut self) {
        while self.peek().is_some_and(|b| b == b' ' || b == b'\t') {
            self.skip(1);
        }
    }

    pub(crate) fn eat(&mut self, token: &[u8]) -> bool {
        let found = self.src.get(self.pos..).is_some_and(|rest| rest.starts_with(token));
        if found {
            self.skip(token.len());
        }
        found
    }

    /// The bytes of a span.
    pub(crate) fn text(&self, span: Span) -> &'s [u8] {
        self.src.get(span.at..span.at.saturating_add(span.len)).unwrap_or(&[])
    }

    pub(crate) fn run(&self, from: usize, keep: impl Fn(u8) -> bool) -> Span {
        let mut end = from;
        while self.src.get(end).is_some_and(|b| keep(*b)) {
            end = end.saturating_add(1);
        }
        Span { at: from, len: end.saturating_sub(from) }
    }

    /// The word that begins here, not consumed; empty when there is none.
    pub(crate) fn word(&self) -> Span {
        self.run(self.pos, is_word)
    }

    /// What stands here, for an error: a word, or one character, or nothing at the end.
    pub(crate) fn here(&self) -> Span {
        let word = self.word();
        if word.len > 0 { word } else { Span { at: self.pos, len: usize::from(self.peek().is_some()) } }
    }

    /// Consumes the keyword (in any case) if it stands here as a whole word.
    pub(crate) fn keyword(&mut self, keyword: &str) -> bool {
        let word = self.word();
        let found = self.text(word).eq_ignore_ascii_case(keyword.as_bytes());
        if found {
            self.skip(word.len);
        }
        found
    }

    /// Consumes an operator: what it is, and whether it is negated.
    pub(crate) fn operator(&mut self) -> Option<(Op, bool)> {
        const OPS: &[(&[u8], Op, bool)] = &[
            (b"==", Op::Eq, false),
            (b"=", Op::Eq, false),
            (b"!=", Op::Eq, true),
            (b"!~", Op::Glob, true),
            (b"~", Op::Glob, false),
            (b"<=", Op::Le, false),
            (b"<", Op::Lt, false),
            (b">=", Op::Ge, false),
            (b">", Op::Gt, false),
        ];
        OPS.iter().find(|(token, ..)| self.eat(token)).map(|(_, op, not)| (*op, *not))
    }

    /// Consumes one value: quoted, or up to a space, bracket, comma or bar. The span excludes the quotation marks.
    pub(crate) fn value(&mut self) -> Result<Span, SyntaxError> {
        if let Some(quote @ (b'"' | b'\'')) = self.peek() {
            return self.quoted(quote);
        }
        let at = self.pos;
        while let Some(b) = self.peek() {
            match b {
                b'(' | b')' | b',' | b'|' | b'"' | b'\'' => break,
                b';' if self.rules => break,
                b':' if self.at_colon() => break,
                b'&' if self.peek_at(1) == Some(b'&') => break,
                b'\\' => self.skip(2),
                _ if b.is_ascii_whitespace() => break,
                _ => self.skip(1),
            }
        }
        self.nonempty(Span { at, len: self.pos.saturating_sub(at) })
    }

    /// Consumes a set of calls: as a value, but a comma goes on with the set unless a comparison follows it.
    pub(crate) fn call_value(&mut self, is_flag: impl Fn(&[u8]) -> bool) -> Result<Span, SyntaxError> {
        if let Some(quote @ (b'"' | b'\'')) = self.peek() {
            return self.quoted(quote);
        }
        let at = self.pos;
        loop {
            while self.peek().is_some_and(|b| is_word(b) || b"%*?!/:.^$\\".contains(&b)) {
                self.skip(1);
            }
            let end = self.pos;
            let span = Span { at, len: end.saturating_sub(at) };
            if !self.eat(b",") {
                return self.nonempty(span);
            }
            self.space();
            let word = self.word();
            let item = self.run(self.pos, |b| is_word(b) || b"%*?/:.^$".contains(&b));
            let after = self.run(item.at.saturating_add(item.len), |b| b.is_ascii_whitespace());
            let next = self.src.get(after.at.saturating_add(after.len)).copied();
            let term = item.len == 0
                || matches!(next, Some(b'=' | b'!' | b'<' | b'>' | b'~'))
                || (word.len == item.len && (is_flag(self.text(word)) || self.text(word).eq_ignore_ascii_case(b"not")));
            if term {
                self.pos = end;
                return self.nonempty(span);
            }
        }
    }

    fn nonempty(&self, span: Span) -> Result<Span, SyntaxError> {
        if span.len == 0 { Err(self.here().error(What::ExpectedValue)) } else { Ok(span) }
    }

    fn quoted(&mut self, quote: u8) -> Result<Span, SyntaxError> {
        let open = self.pos;
        self.skip(1);
        let at = self.pos;
        while let Some(b) = self.peek() {
            if b == quote {
                let span = Span { at, len: self.pos.saturating_sub(at) };
                self.skip(1);
                return if span.len == 0 {
                    Err(Span { at: open, len: 2 }.error(What::ExpectedValue))
                } else {
                    Ok(span)
                };
            }
            self.skip(if b == b'\\' { 2 } else { 1 });
        }
        Err(Span { at: open, len: self.src.len().saturating_sub(open) }.error(What::UnclosedQuote))
    }
}

/// A whole number: decimal or 0x hexadecimal, with an optional minus sign.
pub(crate) fn integer(text: &[u8]) -> Result<i64, What> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (radix, digits) = match digits.strip_prefix(b"0x").or_else(|| digits.strip_prefix(b"0X")) {
        Some(rest) => (16, rest),
        None => (10, digits),
    };
    if digits.is_empty() {
        return Err(What::BadNumber);
    }
    let mut n: i64 = 0;
    for &b in digits {
        let d = (b as char).to_digit(radix).ok_or(What::BadNumber)?;
        n = n.checked_mul(i64::from(radix)).and_then(|n| n.checked_sub(i64::from(d))).ok_or(What::OutOfRange)?;
    }
    // Counted downwards, because the lowest number has no positive counterpart.
    if negative { Ok(n) } else { n.checked_neg().ok_or(What::OutOfRange) }
}

/// A number and its unit, `1.5ms`: the unit's factor is looked up by `unit`, which is given an empty name when there is none.
pub(crate) fn scaled(text: &[u8], unit: impl Fn(&[u8]) -> Result<i64, What>) -> Result<i64, What> {
    let split = text.iter().position(|b| !b.is_ascii_digit() && *b != b'.').unwrap_or(text.len());
    let (number, name) = text.split_at_checked(split).ok_or(What::BadNumber)?;
    let point = number.iter().position(|b| *b == b'.').unwrap_or(number.len());
    let (whole, fraction) = number.split_at_checked(point).ok_or(What::BadNumber)?;
    let whole = integer(whole)?;
    let factor = unit(name)?;
    let mut total = whole.checked_mul(factor).ok_or(What::OutOfRange)?;
    if let Some(digits) = fraction.strip_prefix(b".") {
        // Six digits: the largest factor is a minute in nanoseconds, and their product must fit.
        if digits.len() > 6 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(What::BadNumber);
        }
        let mut part = integer(digits)?.checked_mul(factor).ok_or(What::OutOfRange)?;
        for _ in 0..digits.len() {
            part /= 10;
        }
        total = total.checked_add(part).ok_or(What::OutOfRange)?;
    }
    Ok(total)
}

/// The factor of a size's unit.
pub(crate) fn size_unit(name: &[u8]) -> Result<i64, What> {
    match name {
        b"" => Ok(1),
        b"k" | b"K" | b"KiB" => Ok(1 << 10),
        b"m" | b"M" | b"MiB" => Ok(1 << 20),
        b"g" | b"G" | b"GiB" => Ok(1 << 30),
        _ => Err(What::UnknownUnit),
    }
}

/// The factor of a duration's unit, in nanoseconds.
pub(crate) fn time_unit(name: &[u8]) -> Result<i64, What> {
    Ok(match name {
        b"" => return Err(What::UnitNeeded),
        b"ns" => 1,
        b"us" => 1_000,
        b"ms" => 1_000_000,
        b"s" => 1_000_000_000,
        b"min" => 60_000_000_000,
        _ if name == "µs".as_bytes() || name == "μs".as_bytes() => 1_000,
        _ => return Err(What::UnknownUnit),
    })
}
