//! Sets of calls, and the language `-e trace=SET`.

use crate::error::{SyntaxError, What};
use crate::glob::{self, Text};
use crate::lex::{Lexer, Span};
use crate::near::Nearest;
use socklens_calls::{Call, class};

/// A set of calls, a bit for each opcode of THE TABLE. Every bit pattern is a valid set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct CallSet {
    bits: [u64; 4],
}

/// The words for classes, with strace's percent sign; without it they mean the same.
const CLASSES: &[(&str, u16)] = &[
    ("%net", class::NET),
    ("%network", class::NET),
    ("%data", class::DATA),
    ("%wait", class::WAIT),
    ("%fd", class::FD),
    ("%dns", class::DNS),
    ("%netif", class::NETIF),
    ("%log", class::LOG),
    ("%process", class::PROCESS),
    ("%in", class::IN),
    ("%out", class::OUT),
    ("%desc", class::DATA | class::WAIT | class::FD),
    ("%stream", class::NET | class::DATA),
    ("%dgram", class::NET | class::DATA),
    ("%any", u16::MAX),
    ("%all", u16::MAX),
    ("%none", 0),
];

/// The classes a set is written with, most specific first; the rest are other words for these.
const WRITTEN: usize = 11;

/// Longest pattern.
const MAX_PATTERN: usize = 64;

fn recorded(c: Call) -> bool {
    c.class() & class::FDTABLE == 0
}

/// Whether a plain word selects the row: a libc name, what strace calls it, or the function that `__NAME_chk` checks.
fn selects(c: Call, word: &[u8]) -> bool {
    let is = |n: &str| n.as_bytes() == word;
    let name = c.name();
    let plain = name.strip_prefix("__").and_then(|n| n.strip_suffix("_chk"));
    is(name)
        || is(c.sysname())
        || c.aliases().any(is)
        || plain.is_some_and(is)
        || (word == b"accept" && name == "accept4")
}

impl CallSet {
    /// No call.
    pub const fn none() -> CallSet {
        CallSet { bits: [0; 4] }
    }

    /// Every call that is ever recorded: all but those that only keep the descriptor table right.
    pub fn all() -> CallSet {
        CallSet::of(recorded)
    }

    /// What is recorded when nothing is said: all but processes (fork, exec and their kin).
    pub fn default_set() -> CallSet {
        CallSet::of_class(class::NET | class::DATA | class::WAIT | class::FD | class::DNS | class::NETIF | class::LOG)
    }

    /// The recorded calls of any of these classes (bits of [`socklens_calls::class`]).
    pub fn of_class(classes: u16) -> CallSet {
        CallSet::of(|c| c.class() & classes != 0 && recorded(c))
    }

    pub(crate) fn of(keep: impl Fn(Call) -> bool) -> CallSet {
        let mut set = CallSet::none();
        for call in Call::all() {
            if keep(call) {
                set.insert(call);
            }
        }
        set
    }

    /// Reads a SET (see [`crate::REFERENCE`]). A leading `trace=` or `t=` is passed over.
    pub fn parse(source: &str) -> Result<CallSet, SyntaxError> {
        let mut lex = Lexer::new(source)?;
        lex.space();
        let _ = lex.eat(b"trace=") || lex.eat(b"t=");
        let at = lex.pos();
        parse_span(source.as_bytes(), Span { at, len: source.len().saturating_sub(at) })
    }

    /// Whether the call is in the set.
    #[inline]
    pub fn contains(&self, call: Call) -> bool {
        let op = call as usize;
        self.bits.get(op >> 6).is_some_and(|w| w >> (op & 63) & 1 != 0)
    }

    /// Adds a call.
    pub fn insert(&mut self, call: Call) {
        let op = call as usize;
        if let Some(w) = self.bits.get_mut(op >> 6) {
            *w |= 1 << (op & 63);
        }
    }

    /// Whether no call is in the set.
    pub fn is_empty(&self) -> bool {
        self.bits == [0; 4]
    }

    /// The calls in both sets.
    pub fn and(self, other: CallSet) -> CallSet {
        self.zip(other, |a, b| a & b)
    }

    /// The calls in either set.
    pub fn or(self, other: CallSet) -> CallSet {
        self.zip(other, |a, b| a | b)
    }

    /// The calls in this set that are not in the other.
    pub fn without(self, other: CallSet) -> CallSet {
        self.zip(other, |a, b| a & !b)
    }

    fn zip(self, other: CallSet, f: impl Fn(u64, u64) -> u64) -> CallSet {
        let mut out = self;
        for (a, b) in out.bits.iter_mut().zip(other.bits) {
            *a = f(*a, b);
        }
        out
    }

    /// The set as words, bit n of which is opcode n: for shared memory.
    pub const fn bits(&self) -> [u64; 4] {
        self.bits
    }

    /// The set of these words.
    pub const fn from_bits(bits: [u64; 4]) -> CallSet {
        CallSet { bits }
    }

    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let mut out = [0; 32];
        for (to, word) in out.chunks_exact_mut(8).zip(self.bits) {
            for (b, v) in to.iter_mut().zip(word.to_le_bytes()) {
                *b = v;
            }
        }
        out
    }

    /// Writes the set in its normal form, which [`CallSet::parse`] reads back as the same set.
    pub fn write_normal(&self, out: &mut dyn FnMut(&[u8])) {
        let set = self.and(CallSet::all());
        let rest = CallSet::all().without(set);
        let (mut plain, mut negated) = (0usize, 1usize);
        list(set, &mut |b| plain = plain.saturating_add(b.len()));
        list(rest, &mut |b| negated = negated.saturating_add(b.len()));
        if negated < plain && !rest.is_empty() {
            out(b"!");
            list(rest, out);
        } else {
            list(set, out);
        }
    }
}

/// Writes a set as classes first, then names, then single libc functions.
pub(crate) fn list(set: CallSet, out: &mut dyn FnMut(&[u8])) {
    if set.is_empty() {
        return out(b"none");
    }
    if set == CallSet::all() {
        return out(b"all");
    }
    let mut left = set;
    let mut comma: &[u8] = b"";
    for (word, classes) in CLASSES.iter().take(WRITTEN) {
        let group = CallSet::of_class(*classes);
        if group.without(set).is_empty() && !group.and(left).is_empty() {
            out(comma);
            out(word.as_bytes());
            comma = b",";
            left = left.without(group);
        }
    }
    for call in Call::all() {
        if left.contains(call) {
            let group = CallSet::of(|c| selects(c, call.name().as_bytes()) && recorded(c));
            let mut only = CallSet::none();
            only.insert(call);
            let whole = group.without(set).is_empty();
            out(comma);
            if !whole {
                out(b"libc:");
            }
            out(call.name().as_bytes());
            comma = b",";
            left = left.without(if whole { group } else { only });
        }
    }
}

/// Reads the set written in a part of a source.
pub(crate) fn parse_span(src: &[u8], span: Span) -> Result<CallSet, SyntaxError> {
    let end = span.at.saturating_add(span.len).min(src.len());
    let byte = |i: usize| src.get(i).copied();
    let blank = |i: usize| byte(i).is_some_and(|b| b.is_ascii_whitespace());
    let mut at = span.at;
    while at < end && blank(at) {
        at = at.saturating_add(1);
    }
    if at >= end {
        return Err(SyntaxError::new(What::Empty, at, 0));
    }
    let negated = byte(at) == Some(b'!');
    if negated {
        at = at.saturating_add(1);
    }
    let mut set = CallSet::none();
    loop {
        let mut stop = at;
        while stop < end && byte(stop) != Some(b',') {
            stop = stop.saturating_add(1);
        }
        let (mut from, mut to) = (at, stop);
        while from < to && blank(from) {
            from = from.saturating_add(1);
        }
        while from < to && blank(to.saturating_sub(1)) {
            to = to.saturating_sub(1);
        }
        let item = Span { at: from, len: to.saturating_sub(from) };
        set = set.or(parse_item(src.get(from..to).unwrap_or(&[]), item)?);
        if stop >= end {
            break;
        }
        at = stop.saturating_add(1);
    }
    Ok(if negated { CallSet::all().without(set) } else { set })
}

pub(crate) fn parse_item(word: &[u8], span: Span) -> Result<CallSet, SyntaxError> {
    if word.is_empty() {
        return Err(span.error(What::ExpectedValue));
    }
    if let Some(rest) = word.strip_prefix(b"?") {
        // strace: a call this build does not know is passed over.
        return match parse_item(rest, span) {
            Err(e) if matches!(e.what, What::UnknownCall | What::NotRecorded) => Ok(CallSet::none()),
            other => other,
        };
    }
    if let Some((_, classes)) =
        CLASSES.iter().find(|(n, _)| n.as_bytes() == word || n.as_bytes().get(1..) == Some(word))
    {
        return Ok(CallSet::of_class(*classes));
    }
    let found = |keep: &dyn Fn(Call) -> bool| {
        let set = CallSet::of(|c| keep(c) && recorded(c));
        if !set.is_empty() {
            Ok(set)
        } else if Call::all().any(keep) {
            Err(span.error(What::NotRecorded))
        } else {
            Err(span.error(What::UnknownCall).near(nearest(word)))
        }
    };
    if let Some(name) = word.strip_prefix(b"libc:") {
        return found(&|c| c.name().as_bytes() == name || c.aliases().any(|a| a.as_bytes() == name));
    }
    if word.starts_with(b"/") || word.iter().any(|b| matches!(b, b'*' | b'?')) {
        let mut buf = [0u8; MAX_PATTERN];
        let pattern = pattern(word, &mut buf).map_err(|w| span.error(w))?;
        let matches = |n: &str| glob::matches(pattern, Text { first: None, rest: n.as_bytes(), fold: false });
        return found(&|c| matches(c.name()) || matches(c.sysname()) || c.aliases().any(matches));
    }
    found(&|c| selects(c, word))
}

/// Turns a glob, or the simple kind of regular expression behind a slash, into a glob.
fn pattern<'b>(word: &[u8], buf: &'b mut [u8; MAX_PATTERN]) -> Result<&'b [u8], What> {
    let mut len = 0usize;
    let mut fits = true;
    let mut put = |b: u8| match buf.get_mut(len) {
        Some(to) => {
            *to = b;
            len = len.saturating_add(1);
        }
        None => fits = false,
    };
    if let Some(regex) = word.strip_prefix(b"/") {
        let (start, body) = match regex.strip_prefix(b"^") {
            Some(rest) => (true, rest),
            None => (false, regex),
        };
        let (end, body) = match body.strip_suffix(b"$") {
            Some(rest) => (true, rest),
            None => (false, body),
        };
        if body.is_empty() {
            return Err(What::BadPattern);
        }
        if !start {
            put(b'*');
        }
        let mut rest = body;
        while let Some((b, tail)) = rest.split_first() {
            rest = tail;
            match b {
                b'.' if tail.first() == Some(&b'*') => {
                    put(b'*');
                    rest = tail.get(1..).unwrap_or(&[]);
                }
                b'.' => put(b'?'),
                b'*' | b'?' | b'_' => put(*b),
                b if b.is_ascii_alphanumeric() => put(*b),
                _ => return Err(What::BadPattern),
            }
        }
        if !end {
            put(b'*');
        }
    } else {
        for b in word {
            put(*b);
        }
    }
    if fits { Ok(buf.get(..len).unwrap_or(&[])) } else { Err(What::TooLong) }
}

/// The word of the language that resembles this one.
pub(crate) fn nearest(word: &[u8]) -> Option<&'static str> {
    let mut near = Nearest::new(word);
    let percent = word.starts_with(b"%");
    for (n, _) in CLASSES {
        near.offer(if percent { n } else { n.get(1..).unwrap_or(n) });
    }
    if !percent {
        for c in Call::all().filter(|c| recorded(*c)) {
            near.offer(c.name());
            near.offer(c.sysname());
            for a in c.aliases() {
                near.offer(a);
            }
        }
    }
    near.found()
}
