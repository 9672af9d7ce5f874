//! The compiled form of a condition, and how an event is held against it.
//!
//! A program of two-byte steps works on one truth value: compare, negate, or jump forward if it is false (`and`) or true
//! (`or`). There is no stack, and every jump goes forward, so that a damaged filter ends as surely as a sound one.

use crate::addr::{self, SockAddr};
use crate::calls::CallSet;
use crate::glob::{self, Text};
use crate::keys::Key;
use crate::lex::Op;
use crate::subject::{Site, Subject};
use socklens_calls::Call;

/// Most comparisons in a filter; each alternative of `errno=EPIPE|ECONNRESET` counts.
pub const MAX_TERMS: usize = 64;

/// Most steps: the comparisons, the jumps between them, and the negations.
pub(crate) const MAX_CODE: usize = 160;

/// Bytes before the program: its lengths.
pub(crate) const HEAD: usize = 8;

/// Room for the values.
pub(crate) const POOL: usize = 1336;

/// Opcodes of the program; the second byte is a term's index or a jump's target.
pub(crate) const TERM: u8 = 1;
pub(crate) const NOT: u8 = 2;
/// Jump if false: between the parts of an `and`.
pub(crate) const JF: u8 = 3;
/// Jump if true: between the parts of an `or`.
pub(crate) const JT: u8 = 4;

/// Bit of [`Term::op`]: the outcome is negated (but never if the value is not known).
pub(crate) const NEGATED: u8 = 0x80;

/// One comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub(crate) struct Term {
    /// Where the value begins in the pool.
    pub off: u16,
    pub key: u8,
    pub op: u8,
    pub len: u8,
    pub pad: u8,
}

impl Term {
    /// The comparison as it lies in a packed selector.
    #[inline(always)]
    pub(crate) fn read(b: &[u8; TERM_SIZE]) -> Term {
        let [o0, o1, key, op, len, pad] = *b;
        Term { off: u16::from_le_bytes([o0, o1]), key, op, len, pad }
    }
}

/// Bytes of a term.
pub(crate) const TERM_SIZE: usize = 6;

/// A compiled condition, wherever it lies: the steps, the comparisons and their values. The default one accepts everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Program<'a> {
    code: &'a [[u8; 2]],
    terms: &'a [[u8; TERM_SIZE]],
    pool: &'a [u8],
}

/// A compiled condition: 2048 bytes of plain integers, fit for shared memory. Every bit pattern is safe to evaluate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Filter {
    pub(crate) code_len: u16,
    pub(crate) term_len: u16,
    pub(crate) pool_len: u16,
    pub(crate) pad: u16,
    pub(crate) code: [[u8; 2]; MAX_CODE],
    pub(crate) terms: [Term; MAX_TERMS],
    pub(crate) pool: [u8; POOL],
}

const _: () = assert!(size_of::<Filter>() == 2048 && MAX_CODE < u8::MAX as usize);

/// Either of two: known when one is.
fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a || b),
        (one, None) | (None, one) => one,
    }
}

/// A number of the pool.
pub(crate) fn number_at(value: &[u8], at: usize) -> Option<i64> {
    value.get(at..)?.first_chunk().copied().map(i64::from_le_bytes)
}

/// Holds a number against a kept one, or against a kept range.
#[inline(never)]
fn compare(op: u8, value: &[u8], n: Option<i64>) -> Option<bool> {
    let (n, low) = (n?, number_at(value, 0)?);
    Some(match op & !NEGATED {
        o if o == Op::Lt as u8 => n < low,
        o if o == Op::Le as u8 => n <= low,
        o if o == Op::Gt as u8 => n > low,
        o if o == Op::Ge as u8 => n >= low,
        _ => n >= low && n <= number_at(value, 8).unwrap_or(low),
    })
}

/// Holds a text against a glob; an empty text is not known.
#[inline(never)]
fn like(pattern: &[u8], text: &[u8], fold: bool) -> Option<bool> {
    if text.is_empty() {
        return None;
    }
    Some(glob::matches(pattern, Text { first: None, rest: text, fold }))
}

/// Holds a place against a kept one: an offset, a flag, and globs for module and function with a length before each.
#[inline(never)]
fn site(v: &[u8], at: &Site<'_>) -> Option<bool> {
    let offset = number_at(v, 0)?;
    let (either, rest) = v.get(8..)?.split_first()?;
    let (len, rest) = rest.split_first()?;
    let (module, symbol) = rest.split_at_checked(usize::from(*len))?;
    let name = if module.contains(&b'/') { at.module } else { base(at.module) };
    if *either != 0 {
        return self::either(like(module, name, false), like(module, at.symbol, false));
    }
    if offset >= 0 && at.offset == 0 {
        return None;
    }
    let fits = |pattern: &[u8], text: &[u8]| if pattern.is_empty() { Some(true) } else { like(pattern, text, false) };
    Some(fits(module, name)? && fits(symbol, at.symbol)? && (offset < 0 || offset as u64 == at.offset))
}

/// Holds a lineage against the first digits of one.
fn lineage(v: &[u8], at: u64) -> Option<bool> {
    let want = number_at(v, 0)? as u64;
    let digits = u32::from(*v.get(8)?);
    let drop = 64u32.checked_sub(digits.checked_mul(4)?)?;
    if at == 0 { None } else { Some(at.checked_shr(drop).unwrap_or(0) == want) }
}

/// The last part of a path.
#[inline(never)]
fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|b| *b == b'/').next().unwrap_or(path)
}

impl<'a> Program<'a> {
    /// The program written by [`Filter::pack`]; None when the bytes are no such thing.
    pub fn packed(bytes: &'a [u8]) -> Option<Program<'a>> {
        let (head, rest) = bytes.split_at_checked(HEAD)?;
        let len = |at: usize| head.get(at..)?.first_chunk().copied().map(u16::from_le_bytes).map(usize::from);
        let (code, rest) = rest.split_at_checked(len(0)?.checked_mul(2)?)?;
        let (terms, pool) = rest.split_at_checked(len(2)?.checked_mul(TERM_SIZE)?)?;
        Some(Program { code: code.as_chunks().0, terms: terms.as_chunks().0, pool: pool.get(..len(4)?)? })
    }

    /// The value of a term.
    fn value(&self, term: &Term) -> Option<&'a [u8]> {
        let off = usize::from(term.off);
        self.pool.get(off..off.saturating_add(usize::from(term.len)))
    }

    /// Whether the filter accepts a call. No allocation, no recursion, no panic, at most [`MAX_TERMS`] comparisons.
    pub fn eval(&self, cx: &Subject<'_>) -> bool {
        if self.code.is_empty() {
            return true;
        }
        let (mut pc, mut truth) = (0usize, false);
        while let Some(&[op, arg]) = self.code.get(pc) {
            pc = pc.saturating_add(1);
            match op {
                TERM => truth = self.terms.get(usize::from(arg)).is_some_and(|t| self.term(&Term::read(t), cx)),
                NOT => truth = !truth,
                JF | JT => {
                    if truth == (op == JT) {
                        // Only a damaged filter jumps backwards.
                        if usize::from(arg) < pc {
                            return false;
                        }
                        pc = usize::from(arg);
                    }
                }
                _ => return false,
            }
        }
        truth
    }

    /// Whether the outcome for a connection stays while its addresses, role and process do: nothing asks for the call, the
    /// descriptor, the thread or what has happened so far.
    pub fn is_lasting(&self) -> bool {
        self.code.iter().filter(|s| s[0] == TERM).all(|s| {
            let key = self.terms.get(usize::from(s[1])).and_then(|t| Key::from_u8(Term::read(t).key));
            key.is_some_and(Key::is_lasting)
        })
    }

    /// Whether it asks where in the program the call was made.
    pub fn asks_for_site(&self) -> bool {
        self.asks_for(Key::Site)
    }

    /// Whether it asks for the stack.
    pub fn asks_for_stack(&self) -> bool {
        self.asks_for(Key::Stack)
    }

    /// Whether it can accept a call of which all but the stack is known.
    pub fn may_accept(&self, cx: &Subject<'_>) -> bool {
        self.code.is_empty()
            || can_be_true(self.code, &mut |index| match self.terms.get(usize::from(index)).map(Term::read) {
                Some(t) if t.key == Key::Stack as u8 => FALSE | TRUE,
                Some(t) if self.term(&t, cx) => TRUE,
                _ => FALSE,
            })
    }

    /// Whether it asks for a host's name.
    pub fn asks_for_host(&self) -> bool {
        self.asks_for(Key::Host)
    }

    /// Whether it asks for the name that a TLS client asks for.
    pub fn asks_for_sni(&self) -> bool {
        self.asks_for(Key::SniHost)
    }

    fn asks_for(&self, key: Key) -> bool {
        let is = |s: &[u8; 2]| self.terms.get(usize::from(s[1])).is_some_and(|t| Term::read(t).key == key as u8);
        self.code.iter().filter(|s| s[0] == TERM).any(is)
    }

    fn term(&self, t: &Term, cx: &Subject<'_>) -> bool {
        self.holds(t, cx).is_some_and(|m| m != (t.op & NEGATED != 0))
    }

    /// The outcome of a comparison before its negation; None when something is not known.
    fn holds(&self, t: &Term, cx: &Subject<'_>) -> Option<bool> {
        let v = self.value(t)?;
        let port = |a: SockAddr<'_>| compare(t.op, v, a.port().map(i64::from));
        let path = |a: SockAddr<'_>| a.path().map(|text| glob::matches(v, text));
        let key = Key::from_u8(t.key)?;
        match key {
            Key::Call => Some(in_set(v, cx.call)),
            Key::Comm => like(v, cx.comm, false),
            // A pattern without a slash means the program's name, wherever it lies.
            Key::Exe => like(v, if v.contains(&b'/') { cx.exe } else { base(cx.exe) }, false),
            Key::Host | Key::SniHost => like(v, if key == Key::Host { cx.host } else { cx.sni }, true),
            Key::Peer => addr::matches(v, cx.peer()),
            Key::Local => addr::matches(v, cx.local()),
            Key::Addr => either(addr::matches(v, cx.peer()), addr::matches(v, cx.local())),
            Key::Port => either(port(cx.peer()), port(cx.local())),
            Key::LPort => port(cx.local()),
            Key::PPort => port(cx.peer()),
            Key::Path => either(path(cx.peer()), path(cx.local())),
            Key::Failed => Some(cx.failed()),
            Key::Site => site(v, &cx.site),
            Key::Stack => cx.stack?.any(&mut |at| site(v, at) == Some(true)),
            Key::Lineage => lineage(v, cx.lineage),
            Key::Ordinal => match number_at(v, 0)? {
                0 => cx.newest,
                n if cx.ordinal != 0 => Some(n == i64::from(cx.ordinal)),
                _ => None,
            },
            _ => compare(t.op, v, cx.number(key)),
        }
    }
}

impl Default for Filter {
    fn default() -> Filter {
        Filter::new()
    }
}

impl Filter {
    /// Bytes of a filter.
    pub const SIZE: usize = size_of::<Filter>();

    /// The empty filter, which accepts everything.
    pub const fn new() -> Filter {
        Filter {
            code_len: 0,
            term_len: 0,
            pool_len: 0,
            pad: 0,
            code: [[0; 2]; MAX_CODE],
            terms: [Term { off: 0, key: 0, op: 0, len: 0, pad: 0 }; MAX_TERMS],
            pool: [0; POOL],
        }
    }

    /// Whether this is the empty filter, which accepts everything.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.code_len == 0
    }

    /// The filter as bytes.
    pub fn as_bytes(&self) -> &[u8; Filter::SIZE] {
        // SAFETY: Filter is repr(C) and has no padding (its fields add up to its size, asserted above): all bytes are initialised.
        unsafe { &*core::ptr::from_ref(self).cast() }
    }

    /// The filter of these bytes, which may be damaged; None when there are too few.
    pub fn from_bytes(bytes: &[u8]) -> Option<Filter> {
        let chunk: &[u8; Filter::SIZE] = bytes.first_chunk()?;
        // SAFETY: Filter holds integers only, so every bit pattern is one, and the read is unaligned.
        Some(unsafe { core::ptr::read_unaligned(chunk.as_ptr().cast()) })
    }

    /// The steps of the program.
    pub(crate) fn steps(&self) -> &[[u8; 2]] {
        self.code.get(..usize::from(self.code_len)).unwrap_or(&self.code)
    }

    /// The value of a term.
    pub(crate) fn value(&self, term: &Term) -> Option<&[u8]> {
        let off = usize::from(term.off);
        self.pool.get(off..off.saturating_add(usize::from(term.len)))
    }

    /// The filter as a program.
    #[inline]
    pub(crate) fn program(&self) -> Program<'_> {
        let bytes = self.as_bytes();
        let part = |from: usize, len: usize| bytes.get(from..from.saturating_add(len)).unwrap_or(&[]);
        Program {
            code: self.steps(),
            terms: part(HEAD + 2 * MAX_CODE, TERM_SIZE * MAX_TERMS).as_chunks().0,
            pool: &self.pool,
        }
    }

    /// Whether the filter accepts a call. No allocation, no recursion, no panic, at most [`MAX_TERMS`] comparisons.
    pub fn eval(&self, cx: &Subject<'_>) -> bool {
        self.code_len == 0 || self.program().eval(cx)
    }

    /// Writes the filter without the room it does not use: what [`Program::packed`] reads. At most `Filter::SIZE` bytes.
    pub fn pack(&self, put: &mut dyn FnMut(&[u8])) {
        let (code, terms, pool) = (self.code_len, self.term_len, self.pool_len);
        for n in [code, terms, pool, 0] {
            put(&n.to_le_bytes());
        }
        put(self.steps().as_flattened());
        let p = self.program();
        put(p.terms.get(..usize::from(terms)).unwrap_or(&[]).as_flattened());
        put(self.pool.get(..usize::from(pool)).unwrap_or(&[]));
    }

    /// The terms in use.
    fn used(&self) -> impl Iterator<Item = &Term> {
        self.steps().iter().filter(|s| s[0] == TERM).filter_map(|s| self.terms.get(usize::from(s[1])))
    }

    /// Whether the filter asks for something that is only known once the call has returned: errno, ret, bytes, dur,
    /// `failed` or `ok`.
    pub fn needs_exit(&self) -> bool {
        self.used().any(|t| Key::from_u8(t.key).is_some_and(Key::is_result))
    }

    /// Whether the filter can accept this call under any circumstances.
    pub fn may_accept(&self, call: Call) -> bool {
        if self.code_len == 0 {
            return true;
        }
        can_be_true(self.steps(), &mut |index| match self.terms.get(usize::from(index)) {
            Some(t) if t.key == Key::Call as u8 => match self.value(t) {
                Some(v) if in_set(v, call) != (t.op & NEGATED != 0) => TRUE,
                _ => FALSE,
            },
            Some(_) => FALSE | TRUE,
            None => FALSE,
        })
    }

    /// The calls of which the filter can accept any: the others need not be looked at.
    pub fn calls(&self) -> CallSet {
        let mut set = CallSet::none();
        for call in Call::all().filter(|c| self.may_accept(*c)) {
            set.insert(call);
        }
        set
    }
}

/// Sets of truth values.
const FALSE: u8 = 1;
const TRUE: u8 = 2;

/// Whether a program whose terms can have these truth values can be true.
fn can_be_true(steps: &[[u8; 2]], values: &mut dyn FnMut(u8) -> u8) -> bool {
    // For each step, the truth values with which it can be reached.
    let mut reach = [0u8; MAX_CODE + 1];
    let mark = |at: usize, values: u8, reach: &mut [u8]| {
        if let Some(r) = reach.get_mut(at.min(steps.len())) {
            *r |= values;
        }
    };
    mark(0, FALSE, &mut reach);
    for (pc, &[op, arg]) in steps.iter().enumerate() {
        let now = reach.get(pc).copied().unwrap_or(0);
        let next = pc.saturating_add(1);
        if now == 0 {
            continue;
        }
        match op {
            TERM => mark(next, values(arg), &mut reach),
            NOT => mark(next, (now & FALSE) << 1 | (now & TRUE) >> 1, &mut reach),
            JF | JT => {
                let jumping = if op == JT { TRUE } else { FALSE };
                if usize::from(arg) >= next {
                    mark(usize::from(arg), now & jumping, &mut reach);
                }
                mark(next, now & !jumping, &mut reach);
            }
            _ => {}
        }
    }
    reach.get(steps.len()).is_some_and(|r| r & TRUE != 0)
}

/// Whether the kept set holds the call.
fn in_set(set: &[u8], call: Call) -> bool {
    let op = call as usize;
    set.get(op >> 3).is_some_and(|b| b >> (op & 7) & 1 != 0)
}
