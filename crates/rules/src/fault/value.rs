//! The values in rules: chances, times, sizes, rates, signals, models of loss.

use super::block::{Dist, FaultBlock, Loss, Span as Part};
use super::kind::{DistKind, LossKind, SizeKind};
use super::parse::Parser;
use crate::error::{SyntaxError, What};
use crate::keys::Kind;
use crate::lex::{self, Lexer, Span};
use crate::names;
use crate::parse::number;

/// The unit in which chances are read and written: 1/10^8, so that six decimals of a percentage come back as they were.
pub(crate) const CHANCE: u64 = 100_000_000;
/// Most entries of a table of times.
const MAX_TABLE: usize = 4096;
/// Entries kept of it.
const KEPT_TABLE: usize = 256;

/// A chance in 1/2^64; certainty is the largest number.
pub(crate) fn chance64(parts: u64) -> u64 {
    if parts >= CHANCE {
        return u64::MAX;
    }
    // Rounded up, so that reading it back by truncation gives the same number.
    (((u128::from(parts) << 64).wrapping_add(u128::from(CHANCE) - 1)) / u128::from(CHANCE)) as u64
}

/// A chance in 1/2^32.
pub(crate) fn chance32(parts: u64) -> u32 {
    if parts >= CHANCE { u32::MAX } else { (((parts << 32).wrapping_add(CHANCE - 1)) / CHANCE) as u32 }
}

/// `1%`, `0.5%`, `0.01`: in 1/10^8.
pub(crate) fn chance(text: &[u8], span: Span) -> Result<u64, SyntaxError> {
    let bad = span.error(What::BadChance);
    let (digits, unit) = match text.strip_suffix(b"%") {
        Some(d) => (d, 1_000_000),
        None => (text, CHANCE as i64),
    };
    if !digits.iter().all(|b| b.is_ascii_digit() || *b == b'.') {
        return Err(bad);
    }
    let n = lex::scaled(digits, |_| Ok(unit)).map_err(|_| bad)?;
    u64::try_from(n).ok().filter(|n| *n <= CHANCE).ok_or(bad)
}

impl Lexer<'_> {
    /// A word of the rule language: letters, digits, `_`, and a hyphen inside it.
    pub(crate) fn rule_word(&self) -> Span {
        let mut span = self.word();
        while span.len > 0 && self.text(span).last() == Some(&b'-') {
            span.len = span.len.saturating_sub(1);
        }
        span
    }

    /// Consumes an argument of an action: up to a space, comma, semicolon, `!` or arrow, but brackets are taken whole. Empty
    /// when none stands on this line.
    pub(crate) fn argument(&mut self) -> Span {
        self.blank();
        let at = self.pos();
        let mut open = false;
        while let Some(b) = self.peek() {
            match b {
                b'\n' => break,
                b'(' => open = true,
                b')' => open = false,
                _ if open => {}
                b',' | b';' | b'!' => break,
                b'-' if self.peek_at(1) == Some(b'>') => break,
                _ if b.is_ascii_whitespace() => break,
                _ => {}
            }
            self.skip(1);
        }
        Span { at, len: self.pos().saturating_sub(at) }
    }

    /// Consumes a word if it stands here on this line.
    pub(crate) fn option(&mut self, word: &str) -> bool {
        self.blank();
        let here = self.rule_word();
        let found = self.text(here).eq_ignore_ascii_case(word.as_bytes());
        if found {
            self.skip(here.len);
        }
        found
    }
}

/// A text and where it stands in the source.
pub(crate) type Piece<'s> = (&'s [u8], Span);

/// Splits at the first separator.
pub(crate) fn split<'s>(text: &'s [u8], span: Span, separator: &[u8]) -> Option<(Piece<'s>, Piece<'s>)> {
    let at = text.windows(separator.len().max(1)).position(|w| w == separator)?;
    let after = at.saturating_add(separator.len());
    let second = Span { at: span.at.saturating_add(after), len: span.len.saturating_sub(after) };
    Some(((text.get(..at)?, Span { at: span.at, len: at }), (text.get(after..)?, second)))
}

impl Parser<'_, '_> {
    /// The next argument, which must be there.
    pub(crate) fn needed(&self, lex: &mut Lexer<'_>, what: What) -> Result<Span, SyntaxError> {
        let span = lex.argument();
        if span.len == 0 { Err(lex.here().error(what)) } else { Ok(span) }
    }

    /// A chance.
    pub(crate) fn chance(&self, lex: &mut Lexer<'_>) -> Result<u64, SyntaxError> {
        let span = self.needed(lex, What::BadChance)?;
        chance(lex.text(span), span)
    }

    /// A duration.
    pub(crate) fn time(&self, text: &[u8], span: Span) -> Result<u64, SyntaxError> {
        if !text.first().is_some_and(u8::is_ascii_digit) {
            return Err(span.error(What::BadTime));
        }
        let n = if text == b"0" { 0 } else { number(text, Kind::Time, span)? };
        u64::try_from(n).map_err(|_| span.error(What::BadTime))
    }

    /// DIST
    pub(crate) fn dist(&mut self, lex: &mut Lexer<'_>) -> Result<Dist, SyntaxError> {
        let span = self.needed(lex, What::BadTime)?;
        let text = lex.text(span);
        let mut d = Dist::ZERO;
        if let Some(((low, low_span), (high, high_span))) = split(text, span, b"..") {
            let (low, high) = (self.time(low, low_span)?, self.time(high, high_span)?);
            if high < low {
                return Err(span.error(What::BadRange));
            }
            let half = high.saturating_sub(low) / 2;
            (d.kind, d.mean, d.jitter) = (DistKind::Uniform as u8, low.saturating_add(half), half);
        } else if let Some(((mean, mean_span), (jitter, jitter_span))) = split(text, span, b"~") {
            (d.mean, d.jitter) = (self.time(mean, mean_span)?, self.time(jitter, jitter_span)?);
            d.kind = DistKind::Uniform as u8;
        } else {
            d.mean = self.time(text, span)?;
        }
        lex.blank();
        let shape = lex.rule_word();
        let word = lex.text(shape);
        match DistKind::by_word(word) {
            Some(DistKind::Table) => {
                let whole = lex.argument();
                (d.table, d.name) = self.table(lex.text(whole), whole)?;
                d.kind = DistKind::Table as u8;
            }
            Some(DistKind::Fixed) | None => {}
            Some(kind) => {
                lex.skip(shape.len);
                d.kind = kind as u8;
                if d.jitter == 0 && kind == DistKind::Exp {
                    d.jitter = d.mean;
                }
            }
        }
        if d.kind != 0 && d.jitter == 0 {
            if DistKind::from_u8(d.kind) == Some(DistKind::Uniform) && text.iter().any(|b| *b == b'~' || *b == b'.') {
                // 5ms~0ms and 5ms..5ms are 5ms.
                d.kind = 0;
            } else {
                return Err(shape.error(What::SpreadNeeded));
            }
        }
        if lex.option("corr") {
            d.corr = chance32(self.chance(lex)?);
        }
        Ok(d)
    }

    /// `table(NAME)`: kept as 256 quantiles, and the name.
    fn table(&mut self, text: &[u8], span: Span) -> Result<(Part, Part), SyntaxError> {
        let bad = span.error(What::BadTable);
        let name = text.strip_prefix(b"table(").and_then(|t| t.strip_suffix(b")")).ok_or(bad)?;
        let name = core::str::from_utf8(name).map_err(|_| bad)?;
        let mut values = [0i16; MAX_TABLE];
        let mut len = 0usize;
        let found = self.extras.table.is_some_and(|t| {
            t(name, &mut |v| {
                if let Some(to) = values.get_mut(len) {
                    *to = v;
                }
                len = len.saturating_add(1);
            })
        });
        let used = values
            .get(..len)
            .filter(|u| found && !u.is_empty() && u.iter().zip(u.iter().skip(1)).all(|(a, b)| a <= b))
            .ok_or(bad)?;
        let kept = used.len().min(KEPT_TABLE);
        let from = self.block.heap_len;
        for i in 0..kept {
            // The middle of each part.
            let at = i.saturating_mul(2).saturating_add(1).saturating_mul(used.len()) / kept.saturating_mul(2).max(1);
            self.block.push(&used.get(at).copied().unwrap_or(0).to_le_bytes(), span)?;
        }
        let table = self.block.part_from(from, span)?;
        let from = self.block.heap_len;
        self.block.push(name.as_bytes(), span)?;
        Ok((table, self.block.part_from(from, span)?))
    }

    /// SIZE: a number, a range or a percentage.
    pub(crate) fn size(&self, lex: &mut Lexer<'_>) -> Result<([u64; 2], SizeKind), SyntaxError> {
        let span = self.needed(lex, What::ExpectedValue)?;
        let text = lex.text(span);
        let ((low, low_span), (high, high_span)) = split(text, span, b"..").unwrap_or(((text, span), (text, span)));
        let part = text.ends_with(b"%");
        let one = |text: &[u8], span: Span| -> Result<u64, SyntaxError> {
            if part {
                return chance(text, span).map(|n| n / (CHANCE / 1_000_000));
            }
            let n = number(text, Kind::Size(0), span)?;
            u64::try_from(n).map_err(|_| span.error(What::OutOfRange))
        };
        let (low, high) = (one(low, low_span)?, one(high, high_span)?);
        match (low, high) {
            (0, _) => Err(low_span.error(What::OutOfRange)),
            _ if high < low => Err(span.error(What::BadRange)),
            _ => Ok(([low, high], if part { SizeKind::Part } else { SizeKind::Bytes })),
        }
    }

    /// A small number.
    pub(crate) fn count(&self, lex: &mut Lexer<'_>) -> Result<u64, SyntaxError> {
        let span = self.needed(lex, What::ExpectedValue)?;
        let n = number(lex.text(span), Kind::Number(1, i64::from(u32::MAX)), span)?;
        Ok(n as u64)
    }

    /// A rate in bytes per second.
    pub(crate) fn rate(&self, lex: &mut Lexer<'_>) -> Result<u64, SyntaxError> {
        let span = self.needed(lex, What::BadRate)?;
        let text = lex.text(span);
        let bad = span.error(What::BadRate);
        let text = text.strip_suffix(b"/s").or_else(|| text.strip_suffix(b"ps")).unwrap_or(text);
        // In eighths, so that bits are whole.
        let eighths = lex::scaled(text, |unit| {
            Ok(match unit {
                b"bit" | b"b" => 1,
                b"kbit" | b"Kbit" | b"kb" => 1_000,
                b"mbit" | b"Mbit" | b"Mb" => 1_000_000,
                b"gbit" | b"Gbit" | b"Gb" => 1_000_000_000,
                b"B" => 8,
                b"kB" | b"KB" => 8_000,
                b"MB" => 8_000_000,
                b"GB" => 8_000_000_000,
                b"KiB" | b"K" => 8 << 10,
                b"MiB" | b"M" => 8 << 20,
                b"GiB" | b"G" => 8 << 30,
                _ => return Err(What::BadRate),
            })
        });
        let n = u64::try_from(eighths.map_err(|_| bad)?).unwrap_or(0) / 8;
        if n == 0 { Err(bad) } else { Ok(n) }
    }

    /// A signal, by name or number.
    pub(crate) fn signal(&self, text: &[u8], span: Span) -> Result<u8, SyntaxError> {
        if let Some(n) = names::number(names::SIGNAL, &["SIG"], text) {
            return Ok(n as u8);
        }
        if text.first().is_some_and(u8::is_ascii_digit) {
            return Ok(number(text, Kind::Number(1, 64), span)? as u8);
        }
        let bare = text.strip_prefix(b"SIG").unwrap_or(text);
        Err(span.error(What::UnknownValue).near(names::nearest(names::SIGNAL, bare)))
    }

    /// LOSS
    pub(crate) fn loss(&mut self, lex: &mut Lexer<'_>) -> Result<Loss, SyntaxError> {
        let span = self.needed(lex, What::BadLoss)?;
        let text = lex.text(span);
        let bad = span.error(What::BadLoss);
        let mut loss = Loss::NONE;
        if text == b"gap" {
            loss.kind = LossKind::Gap as u8;
            let n = self.count(lex)?;
            loss.p = [u32::try_from(n).unwrap_or(u32::MAX), 0, 0, 0, 0];
            return Ok(loss);
        }
        let Some(open) = text.iter().position(|b| *b == b'(') else {
            let first = chance32(chance(text, span).map_err(|_| bad)?);
            let corr = if lex.option("corr") { chance32(self.chance(lex)?) } else { 0 };
            loss.p = [first, corr, 0, 0, 0];
            return Ok(loss);
        };
        let name = text.get(..open).unwrap_or(&[]);
        let inner = text.get(open.saturating_add(1)..).and_then(|t| t.strip_suffix(b")")).ok_or(bad)?;
        let mut at = span.at.saturating_add(open).saturating_add(1);
        let mut parts = inner.split(|b| *b == b',').map(|part| {
            let lead = part.iter().take_while(|b| b.is_ascii_whitespace()).count();
            let whole = Span { at: at.saturating_add(lead), len: part.trim_ascii().len() };
            at = at.saturating_add(part.len()).saturating_add(1);
            (part.trim_ascii(), whole)
        });
        if name == b"list" {
            loss.kind = LossKind::List as u8;
            let from = self.block.heap_len;
            let mut last = 0;
            for (part, span) in parts {
                let n = number(part, Kind::Number(1, i64::from(u32::MAX)), span)?;
                if n <= last {
                    return Err(span.error(What::BadRange));
                }
                last = n;
                self.block.push(&(n as u32).to_le_bytes(), span)?;
            }
            loss.list = self.block.part_from(from, span)?;
            return Ok(loss);
        }
        let mut given = [None; 5];
        for to in &mut given {
            *to = match parts.next() {
                Some((text, span)) => Some(chance(text, span)?),
                None => break,
            };
        }
        let limit = if name == b"ge" { 4 } else { 5 };
        let [Some(a), b, c, d, e] = given else { return Err(bad) };
        if parts.next().is_some() || given.iter().skip(limit).any(Option::is_some) {
            return Err(bad);
        }
        let rest = CHANCE.saturating_sub(a);
        let all = match name {
            // All is lost in the bad state, nothing in the good one; it stays bad for one datagram.
            b"ge" => [a, b.unwrap_or(rest), c.unwrap_or(CHANCE), d.unwrap_or(0), 0],
            b"state" => [a, b.unwrap_or(rest), c.unwrap_or(0), d.unwrap_or(CHANCE), e.unwrap_or(0)],
            _ => return Err(bad),
        };
        loss.kind = if name == b"ge" { LossKind::Ge as u8 } else { LossKind::State as u8 };
        loss.p = all.map(chance32);
        Ok(loss)
    }
}

impl FaultBlock {
    /// Adds bytes to the heap.
    pub(crate) fn push(&mut self, bytes: &[u8], span: Span) -> Result<(), SyntaxError> {
        let at = self.heap_len as usize;
        match self.heap.get_mut(at..at.saturating_add(bytes.len())) {
            Some(to) => {
                to.iter_mut().zip(bytes).for_each(|(to, b)| *to = *b);
                self.heap_len = self.heap_len.saturating_add(bytes.len() as u32);
                Ok(())
            }
            None => Err(span.error(What::TooLong)),
        }
    }

    /// The part of the heap that was added since.
    pub(crate) fn part_from(&self, from: u32, span: Span) -> Result<Part, SyntaxError> {
        let part = |n: u32| u16::try_from(n).map_err(|_| span.error(What::TooLong));
        Ok(Part { off: part(from)?, len: part(self.heap_len.saturating_sub(from))? })
    }
}
