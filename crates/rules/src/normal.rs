//! From a compiled filter back to text: the normal form, which reads back as the same filter.

use crate::addr::{self, HEAD};
use crate::calls::CallSet;
use crate::filter::{Filter, JF, JT, NEGATED, NOT, TERM, Term, number_at};
use crate::keys::{Key, Kind};
use crate::lex::Op;
use crate::names;

type Sink<'o> = &'o mut dyn FnMut(&[u8]);

/// Deepest program followed; a sound one is far shallower.
const MAX_DEPTH: usize = 100;

impl Filter {
    /// Writes the filter in its normal form: one spelling for all that mean the same to the parser. The empty filter
    /// writes nothing; a damaged one writes something.
    pub fn write_normal(&self, out: &mut dyn FnMut(&[u8])) {
        self.piece(0, self.steps().len(), 0, None, out);
    }

    /// The jump that joins the parts of this piece of program, if it is a chain: it goes to the piece's end.
    fn joint(&self, from: usize, to: usize) -> Option<u8> {
        let steps = self.steps().get(from..to)?;
        steps.iter().find(|[op, arg]| matches!(*op, JF | JT) && usize::from(*arg) == to).map(|s| s[0])
    }

    /// Where the part that begins at `from` ends: at the next joint of the chain, or at the end of the piece. The joints
    /// of a chain end where one of the other kind appears: that is inside the last part.
    fn part_end(&self, from: usize, to: usize, jump: u8) -> usize {
        let steps = self.steps().iter().enumerate().take(to).skip(from);
        for (at, [op, arg]) in steps {
            if matches!(*op, JF | JT) && usize::from(*arg) == to {
                return if *op == jump { at } else { to };
            }
        }
        to
    }

    /// The comparison, if this piece is a single one.
    fn single(&self, from: usize, to: usize) -> Option<&Term> {
        match self.steps().get(from..to)? {
            [[TERM, index]] => self.terms.get(usize::from(*index)),
            _ => None,
        }
    }

    /// Whether two parts of a chain can be written as alternatives.
    fn alternative(&self, a: Option<&Term>, b: Option<&Term>, jump: u8) -> bool {
        let negated = if jump == JF { NEGATED } else { 0 };
        match (a, b) {
            (Some(a), Some(b)) => {
                a.key == b.key && a.op == b.op && a.op == Op::Eq as u8 | negated && a.key != Key::Failed as u8
            }
            _ => false,
        }
    }

    /// Whether the whole chain is the alternatives of one selector, and so needs no brackets.
    fn one_selector(&self, from: usize, to: usize, jump: u8) -> bool {
        let first = self.part_end(from, to, jump);
        let head = self.single(from, first);
        let mut at = first.saturating_add(1);
        while at < to {
            let end = self.part_end(at, to, jump);
            if !self.alternative(head, self.single(at, end), jump) {
                return false;
            }
            at = end.saturating_add(1);
        }
        true
    }

    /// Writes a piece of program; `within` is what surrounds it: the jump of a chain, or NOT.
    fn piece(&self, from: usize, to: usize, depth: usize, within: Option<u8>, out: Sink<'_>) {
        if from >= to || depth > MAX_DEPTH {
            return;
        }
        let deeper = depth.saturating_add(1);
        let Some(jump) = self.joint(from, to) else {
            let last = to.saturating_sub(1);
            if self.steps().get(last).is_some_and(|s| s[0] == NOT) {
                out(b"not ");
                self.piece(from, last, deeper, Some(NOT), out);
            } else if let Some(term) = self.single(from, to) {
                self.selector(term, out);
            }
            return;
        };
        let brackets = match within {
            Some(NOT) => true,
            Some(JF) => jump == JT,
            _ => false,
        } && !self.one_selector(from, to, jump);
        if brackets {
            out(b"(");
        }
        let mut at = from;
        let mut before: Option<&Term> = None;
        while at < to {
            let end = self.part_end(at, to, jump);
            let term = self.single(at, end);
            if self.alternative(before, term, jump) {
                if let Some(t) = term {
                    out(b"|");
                    self.value_of(t, out);
                }
            } else {
                if at > from {
                    out(if jump == JF { b" and " } else { b" or " });
                }
                self.piece(at, end, deeper, Some(jump), out);
            }
            before = term;
            at = end.saturating_add(1);
        }
        if brackets {
            out(b")");
        }
    }

    fn selector(&self, t: &Term, out: Sink<'_>) {
        let negated = t.op & NEGATED != 0;
        let Some(key) = Key::from_u8(t.key) else {
            return;
        };
        if key == Key::Failed {
            return out(if negated { b"ok" } else { b"failed" });
        }
        out(key.name().as_bytes());
        let op: &[u8] = match (t.op & !NEGATED, negated) {
            (o, _) if o == Op::Lt as u8 => b"<",
            (o, _) if o == Op::Le as u8 => b"<=",
            (o, _) if o == Op::Gt as u8 => b">",
            (o, _) if o == Op::Ge as u8 => b">=",
            (_, true) => b"!=",
            (_, false) => b"=",
        };
        out(op);
        self.value_of(t, out);
    }

    fn value_of(&self, t: &Term, out: Sink<'_>) {
        let Some(v) = self.value(t) else { return };
        let Some(row) = Key::from_u8(t.key).and_then(Key::row) else {
            return;
        };
        match row.kind {
            Kind::Calls => {
                let mut bits = [0u64; 4];
                for (w, b) in bits.iter_mut().zip(v.chunks_exact(8)) {
                    *w = b.first_chunk().copied().map_or(0, u64::from_le_bytes);
                }
                CallSet::from_bits(bits).write_normal(out);
            }
            Kind::Glob => pattern(b"", v, out),
            Kind::Site => site(v, out),
            Kind::Lineage => {
                out(b"P");
                hex(number_at(v, 0).unwrap_or(0) as u64, v.get(8).copied().unwrap_or(0), out);
            }
            Kind::Ordinal => match number_at(v, 0) {
                Some(0) => out(b"last"),
                n => {
                    out(b"#");
                    decimal(n.unwrap_or(0), out);
                }
            },
            Kind::Address => address(v, out),
            kind => {
                let low = number_at(v, 0).unwrap_or(0);
                number(low, kind, out);
                if let Some(high) = number_at(v, 8) {
                    out(b"..");
                    number(high, kind, out);
                }
            }
        }
    }
}

/// Writes a glob, in quotation marks where it must be.
fn pattern(prefix: &[u8], glob: &[u8], out: Sink<'_>) {
    let bare = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || b"*?\\_-./@:+#%[]{}^$;".contains(b);
    // A colon before a space ends a rule's selectors.
    if glob.iter().all(bare) && !glob.is_empty() && !ends_open(glob) && !glob.ends_with(b":") {
        out(prefix);
        return out(glob);
    }
    out(b"\"");
    out(prefix);
    for b in glob {
        if *b == b'"' {
            out(b"\\");
        }
        out(core::slice::from_ref(b));
    }
    out(b"\"");
}

/// Whether the last backslash escapes nothing: only in a damaged filter.
fn ends_open(glob: &[u8]) -> bool {
    glob.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

fn address(v: &[u8], out: Sink<'_>) {
    let word = |at: usize| {
        v.get(at..).and_then(|b| b.first_chunk().copied()).map_or(0, |b: [u8; 2]| i64::from(u16::from_be_bytes(b)))
    };
    let kind = v.first().copied().unwrap_or(0);
    let prefix = v.get(1).copied().unwrap_or(0);
    let ip = v.get(HEAD..).unwrap_or(&[]);
    let (low, high) = (word(2), word(4));
    match kind {
        addr::UNIX => return pattern(b"unix:", v.get(1..).unwrap_or(&[]), out),
        addr::V4 => self::ip(false, ip, out),
        addr::V6 => {
            out(b"[");
            self::ip(true, ip, out);
            out(b"]");
        }
        addr::PORT if (low, high) == (0, 65535) => return out(b"*:*"),
        addr::PORT => {}
        _ => return out(b"*"),
    }
    let full = if kind == addr::V6 { 128 } else { 32 };
    if kind != addr::PORT && prefix != full {
        out(b"/");
        decimal(i64::from(prefix), out);
    }
    if (low, high) != (0, 65535) {
        out(b":");
        decimal(low, out);
        if high != low {
            out(b"..");
            decimal(high, out);
        }
    }
}

/// Writes an address without its port.
pub(crate) fn ip(is_v6: bool, ip: &[u8], out: Sink<'_>) {
    if is_v6 {
        return v6(ip, out);
    }
    for (i, b) in ip.iter().enumerate() {
        if i > 0 {
            out(b".");
        }
        decimal(i64::from(*b), out);
    }
}

/// RFC 5952: the longest run of zero groups is left out.
fn v6(ip: &[u8], out: Sink<'_>) {
    let mut groups = [0u16; 8];
    for (g, b) in groups.iter_mut().zip(ip.chunks_exact(2)) {
        *g = b.first_chunk().copied().map_or(0, u16::from_be_bytes);
    }
    let run = |from: usize| groups.iter().skip(from).take_while(|g| **g == 0).count();
    let (mut gap, mut len) = (8, 1);
    for i in 0..8 {
        if run(i) > len {
            (gap, len) = (i, run(i));
        }
    }
    let end = if gap < 8 { gap.saturating_add(len) } else { 8 };
    for (i, g) in groups.iter().enumerate() {
        if i == gap {
            out(b"::");
        }
        if i >= gap && i < end {
            continue;
        }
        if i > 0 && i != end {
            out(b":");
        }
        let mut started = false;
        for shift in [12, 8, 4, 0] {
            let digit = g >> shift & 15;
            started |= digit != 0 || shift == 0;
            if started && let Some(c) = b"0123456789abcdef".get(usize::from(digit)..) {
                out(c.get(..1).unwrap_or(&[]));
            }
        }
    }
}

fn number(n: i64, kind: Kind, out: Sink<'_>) {
    let units: &[(i64, &[u8])] = match kind {
        Kind::Time => &[(1_000_000_000, b"s"), (1_000_000, b"ms"), (1_000, b"us"), (1, b"ns")],
        Kind::Size(_) => &[(1 << 30, b"G"), (1 << 20, b"M"), (1 << 10, b"K"), (1, b"")],
        Kind::Name(table, ..) => match names::name(table, n) {
            Some(name) => return out(name.as_bytes()),
            None => &[(1, b"")],
        },
        _ => &[(1, b"")],
    };
    // The largest unit that divides it; a negative number has none.
    let last: (i64, &[u8]) = units.last().copied().unwrap_or((1, b""));
    let fits = |u: &&(i64, &[u8])| n > 0 && n.checked_rem(u.0) == Some(0);
    let (factor, unit) = units.iter().find(fits).copied().unwrap_or(last);
    decimal(n.checked_div(factor).unwrap_or(n), out);
    out(unit);
}

/// The lowest digits of a number.
fn hex(n: u64, digits: u8, out: Sink<'_>) {
    for at in (0..u32::from(digits.min(16))).rev() {
        let digit = n >> (4 * at) & 15;
        if let Some(c) = b"0123456789abcdef".get(digit as usize..) {
            out(c.get(..1).unwrap_or(&[]));
        }
    }
}

fn site(v: &[u8], out: Sink<'_>) {
    let offset = number_at(v, 0).unwrap_or(-1);
    let either = v.get(8).copied().unwrap_or(0) != 0;
    let rest = v.get(10..).unwrap_or(&[]);
    let (module, symbol) = rest.split_at_checked(usize::from(v.get(9).copied().unwrap_or(0))).unwrap_or((rest, &[]));
    out(b"\"");
    for (i, part) in [module, symbol].into_iter().enumerate() {
        if i == 1 && !either {
            out(b"!");
        }
        for b in part {
            if *b == b'"' {
                out(b"\\");
            }
            out(core::slice::from_ref(b));
        }
    }
    if offset >= 0 {
        out(b"+0x");
        let n = offset as u64;
        hex(n, (16u32.saturating_sub(n.leading_zeros() / 4)).max(1) as u8, out);
    }
    out(b"\"");
}

pub(crate) fn decimal(n: i64, out: Sink<'_>) {
    let mut digits = [0u8; 20];
    let mut left = n.unsigned_abs();
    let mut used = 0usize;
    for d in digits.iter_mut().rev() {
        *d = b'0' + (left % 10) as u8;
        used = used.saturating_add(1);
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if n < 0 {
        out(b"-");
    }
    out(digits.get(20usize.saturating_sub(used)..).unwrap_or(&[]));
}
