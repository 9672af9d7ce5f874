//! What is wrong with a line, where, and how a person is told.

use crate::fault::plausible::{self, Places};
use crate::fault::{Level, Realism};
use crate::names;

/// A line that is not in the language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Where the fault begins: a byte offset into the source.
    pub at: u16,
    /// How many bytes it covers; 0 when something is missing at `at`.
    pub len: u16,
    /// What is wrong.
    pub what: What,
    /// A known word that resembles the one that is not known.
    pub nearest: Option<&'static str>,
    /// What would be right instead.
    pub about: About,
}

/// What would be right instead, when that depends on the rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// Nothing more is known.
    Nothing,
    /// One of these words.
    Words(&'static str),
    /// A reason.
    Why(&'static str),
    /// One of the errors that these calls can return at this realism; the error itself is of this level.
    Errors(Places, Realism, Level),
    /// The action is of this level.
    Level(Level),
}

/// The kinds of fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum What {
    /// Nothing was written.
    Empty,
    /// The source, or what it compiles to, does not fit.
    TooLong,
    /// More comparisons than a filter holds.
    TooManyTerms,
    /// Too many brackets or negations inside each other.
    TooDeep,
    /// No call, group or class of this name.
    UnknownCall,
    /// The call only keeps the descriptor table right; no event is ever made of it.
    NotRecorded,
    /// A pattern that uses more than the accepted subset.
    BadPattern,
    /// No key or flag of this name.
    UnknownKey,
    /// A name the key does not know.
    UnknownValue,
    /// A comparison should begin here.
    ExpectedTerm,
    /// A key without an operator.
    ExpectedOperator,
    /// An operator without a value.
    ExpectedValue,
    /// The key cannot be compared this way.
    BadOperator,
    /// Alternatives or a range after an operator other than `=` and `!=`.
    OneValueOnly,
    /// Not a number.
    BadNumber,
    /// A number the key can never have.
    OutOfRange,
    /// A range whose end is before its start.
    BadRange,
    /// A duration without its unit.
    UnitNeeded,
    /// A unit the key does not know.
    UnknownUnit,
    /// Not an address.
    BadAddress,
    /// Not a port or a range of ports.
    BadPort,
    /// A prefix longer than the address.
    BadPrefix,
    /// A bracket without its partner.
    UnbalancedParen,
    /// A quotation mark without its partner.
    UnclosedQuote,
    /// Something after the end.
    TrailingInput,
    /// The key is only known once the call has returned.
    OnlyAfter,
    /// The key is only known to fault rules.
    OnlyInRules,
    /// A rule that does not begin with calls.
    ExpectedCalls,
    /// A colon should stand between the head of a rule and its actions.
    ExpectedColon,
    /// An action should begin here.
    ExpectedAction,
    /// No action of this name.
    UnknownAction,
    /// No condition of this name.
    UnknownCondition,
    /// A condition is there twice.
    Twice,
    /// No rule of this name is written before.
    UnknownRule,
    /// No link of this name.
    UnknownLink,
    /// A table that cannot be read.
    BadTable,
    /// Another rule has the name.
    NameTaken,
    /// Not a chance.
    BadChance,
    /// Not a rate.
    BadRate,
    /// Not a model of loss.
    BadLoss,
    /// Not a time or a distribution of times.
    BadTime,
    /// A distribution without its spread.
    SpreadNeeded,
    /// Not a place in a run.
    BadPoint,
    /// The calls cannot return the error.
    Implausible,
    /// The action is further from the kernel than allowed.
    NotReal,
    /// The action can do nothing for these calls.
    WrongCalls,
    /// A link, which is several actions, in a sequence.
    LinkInSequence,
    /// More rules than fit.
    TooManyRules,
    /// More actions than fit.
    TooManyActions,
    /// A part of strace's language that has no meaning here.
    NotOfStrace,
    /// Something that is in the language and cannot be done.
    Impossible,
    /// Something after a rule.
    TrailingRule,
}

impl What {
    /// A short sentence without its subject.
    pub fn text(&self) -> &'static str {
        match self {
            What::Empty => "nothing is written",
            What::TooLong => "too long",
            What::TooManyTerms => "more than 64 comparisons",
            What::TooDeep => "more than 16 brackets and negations inside each other",
            What::UnknownCall => "unknown call",
            What::NotRecorded => "never recorded",
            What::BadPattern => "pattern not understood",
            What::UnknownKey => "unknown key",
            What::UnknownValue => "unknown value",
            What::ExpectedTerm => "expected a comparison",
            What::ExpectedOperator => "expected an operator after the key",
            What::ExpectedValue => "expected a value",
            What::BadOperator => "this key has no operator",
            What::OneValueOnly => "a single value is needed",
            What::BadNumber => "not a number",
            What::OutOfRange => "number out of range",
            What::BadRange => "range ends before it starts",
            What::UnitNeeded => "a unit is needed",
            What::UnknownUnit => "unknown unit",
            What::BadAddress => "not an address",
            What::BadPort => "not a port",
            What::BadPrefix => "not a prefix length",
            What::UnbalancedParen => "bracket without its partner",
            What::UnclosedQuote => "quotation mark without its partner",
            What::TrailingInput => "expected `and`, `or` or the end",
            What::OnlyAfter => "only known once the call has returned:",
            What::OnlyInRules => "only fault rules know",
            What::ExpectedCalls => "a rule begins with calls",
            What::ExpectedColon => "expected a colon before the actions",
            What::ExpectedAction => "expected an action",
            What::UnknownAction => "unknown action",
            What::UnknownCondition => "unknown condition",
            What::Twice => "written twice:",
            What::UnknownRule => "no rule before this one is called",
            What::UnknownLink => "unknown link",
            What::BadTable => "no usable table",
            What::NameTaken => "two rules are called",
            What::BadChance => "not a chance",
            What::BadRate => "not a rate",
            What::BadLoss => "not a model of loss",
            What::BadTime => "not a time",
            What::SpreadNeeded => "a spread is needed",
            What::BadPoint => "not a place in a run",
            What::Implausible => "these calls do not return",
            What::NotReal => "the kernel never does this:",
            What::WrongCalls => "does nothing for these calls:",
            What::LinkInSequence => "a link is several actions and cannot be a step",
            What::TooManyRules => "more than 64 rules",
            What::TooManyActions => "more than 160 actions",
            What::NotOfStrace => "this part of strace's language has no meaning here:",
            What::Impossible => "this cannot be done:",
            What::TrailingRule => "expected a comma, an arrow or the end of the rule",
        }
    }

    /// How to put it right, when that can be said without knowing the line.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            What::NotRecorded => "this call only keeps the descriptor table right",
            What::BadPattern => "a pattern may use ^ $ . .* and names",
            What::ExpectedTerm => "such as peer=10.0.0.0/8 or errno!=0",
            What::ExpectedOperator => "one of = != ~ !~ < <= > >=",
            What::OneValueOnly => "alternatives and ranges go with = and !=",
            What::UnitNeeded => "one of ns us ms s, such as 5ms",
            What::UnknownUnit => "ns us ms s min for times, K M G for sizes",
            What::BadAddress => "such as 10.0.0.0/8:5432, [::1]:80, :443 or unix:/run/x.sock; names go with host=",
            What::OnlyAfter => "a rule decides before the call is made",
            What::ExpectedCalls => {
                "such as `any peer=:443 : reset`; groups: in out stream dgram connect accept dns open wait any"
            }
            What::ExpectedColon => "CALLS SELECTORS @CONDITIONS : ACTIONS",
            What::ExpectedAction => "see `socklens rules list`",
            What::UnknownRule => "@after and @until name a rule that is written before",
            What::UnknownCondition => "n p bytes t every burst max once after until cond scope off",
            What::BadTable => "a file of numbers as tc has them, at most 4096, readable here",
            What::BadChance => "such as 1%, 0.5% or 0.01",
            What::BadRate => "such as 250kbit, 10mbit, 1MB/s or 64KiB/s",
            What::BadLoss => "5%, 5% corr 25%, ge(1%,10%), state(1%,20%), gap 10 or list(3,7)",
            What::BadTime => "such as 80ms, 80ms~20ms normal corr 25% or 10ms..50ms",
            What::SpreadNeeded => "such as 80ms~20ms normal",
            What::BadPoint => "such as P9f3c.c2.recv@40960",
            What::NotOfStrace => "error= retval= signal= delay_enter= delay_exit= when= do",
            What::BadPort => "0 to 65535, a range such as 8000..8099, or *",
            _ => return None,
        })
    }

    /// Whether the text names what was wanted, so that the source is what stands there instead.
    fn wanted_other(self) -> bool {
        matches!(
            self,
            What::ExpectedTerm
                | What::ExpectedOperator
                | What::ExpectedValue
                | What::OneValueOnly
                | What::TrailingInput
                | What::TrailingRule
                | What::ExpectedCalls
                | What::ExpectedColon
                | What::ExpectedAction
        )
    }

    /// Whether the first line quotes the source.
    fn quotes(self) -> bool {
        !matches!(self, What::Empty | What::TooLong | What::TooManyTerms | What::TooDeep | What::UnclosedQuote)
    }
}

/// Columns of source shown before and after the start of a fault.
const BEFORE: usize = 60;
const AFTER: usize = 60;
/// Characters of source quoted in the first line.
const QUOTED: usize = 40;

impl SyntaxError {
    pub(crate) fn new(what: What, at: usize, len: usize) -> SyntaxError {
        let clamp = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        SyntaxError { at: clamp(at), len: clamp(len), what, nearest: None, about: About::Nothing }
    }

    pub(crate) fn near(self, nearest: Option<&'static str>) -> SyntaxError {
        SyntaxError { nearest, ..self }
    }

    pub(crate) fn about(self, about: About) -> SyntaxError {
        SyntaxError { about, ..self }
    }

    /// Says what would be right instead.
    fn advice(&self, out: &mut dyn FnMut(&[u8])) {
        let lift = |level: Level, out: &mut dyn FnMut(&[u8])| match level {
            Level::Posix => out(b"other systems do: a ! behind it lifts the rule, or --realism posix"),
            _ => out(b"a ! behind it does it all the same, or --realism any"),
        };
        match self.about {
            About::Nothing => {
                if let Some(hint) = self.what.hint() {
                    out(b" ");
                    out(hint.as_bytes());
                }
            }
            About::Words(words) => {
                out(b" it is for ");
                out(words.as_bytes());
            }
            About::Why(words) => {
                out(b" ");
                out(words.as_bytes());
            }
            About::Level(level) => {
                out(b" ");
                lift(level, out);
            }
            About::Errors(places, realism, level) => {
                let mut comma: &[u8] = b" but ";
                plausible::each(places, realism, &mut |errno| {
                    out(comma);
                    comma = b", ";
                    out(names::name(names::ERRNO, i64::from(errno)).unwrap_or("?").as_bytes());
                });
                out(if comma == b", " { b"; " } else { b" " });
                lift(level, out);
            }
        }
    }

    /// Writes what a person sees: the fault, the line, a caret below the place, and advice. Three lines, safe for
    /// terminals: control and direction characters of the source come out as `?`.
    ///
    /// ```text
    /// error: unknown key `peeer`
    ///   peeer=10.0.0.0/8 and errno!=0
    ///   ^^^^^ did you mean `peer`?
    /// ```
    pub fn render(&self, source: &str, out: &mut dyn FnMut(&[u8])) {
        let at = usize::from(self.at);
        let end = at.saturating_add(usize::from(self.len));
        out(b"error: ");
        out(self.what.text().as_bytes());
        if self.what.quotes() && self.len > 0 {
            out(if self.what.wanted_other() { b", not `" } else { b" `" });
            let mut shown = 0usize;
            for (_, c) in source.char_indices().filter(|(i, _)| *i >= at && *i < end) {
                if shown == QUOTED {
                    out("…".as_bytes());
                    break;
                }
                shown = shown.saturating_add(1);
                put(c, out);
            }
            out(b"`");
        }
        // The excerpt: which characters, and which columns the fault covers.
        let before = source.char_indices().take_while(|(i, _)| *i < at).count();
        let skipped = before.saturating_sub(BEFORE);
        out(b"\n  ");
        let (mut pad, mut carets) = (0usize, 0usize);
        if skipped > 0 {
            out("…".as_bytes());
            pad = 1;
        }
        let last = before.saturating_add(AFTER);
        for (n, (i, c)) in source.char_indices().enumerate().skip(skipped) {
            if n >= last {
                out("…".as_bytes());
                break;
            }
            let columns = put(c, out);
            if i < at {
                pad = pad.saturating_add(columns);
            } else if i < end {
                carets = carets.saturating_add(columns);
            }
        }
        out(b"\n  ");
        for _ in 0..pad {
            out(b" ");
        }
        for _ in 0..carets.max(1) {
            out(b"^");
        }
        if let Some(word) = self.nearest {
            out(b" did you mean `");
            out(word.as_bytes());
            out(b"`?");
        } else {
            self.advice(out);
        }
        out(b"\n");
    }
}

/// Writes one character so that it cannot move a terminal's cursor; returns the columns it takes.
fn put(c: char, out: &mut dyn FnMut(&[u8])) -> usize {
    let n = u32::from(c);
    let unsafe_ = n < 0x20
        || matches!(n, 0x7f..=0x9f | 0xad | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe0fff);
    if c == '\t' || c == '\n' {
        out(b" ");
        return 1;
    }
    if unsafe_ {
        out(b"?");
        return 1;
    }
    let mut buf = [0u8; 4];
    out(c.encode_utf8(&mut buf).as_bytes());
    match n {
        0x300..=0x36f
        | 0x483..=0x489
        | 0x591..=0x5bd
        | 0x610..=0x61a
        | 0x64b..=0x65f
        | 0x1ab0..=0x1aff
        | 0x1dc0..=0x1dff
        | 0x20d0..=0x20ff
        | 0xfe00..=0xfe0f
        | 0xfe20..=0xfe2f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}
