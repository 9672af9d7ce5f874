//! When a rule that matches a call fires.

use super::kind::Scope;

/// Bits of [`When::set`]: which conditions were written.
pub mod when {
    /// `@n`
    pub const N: u32 = 1;
    /// `@p`
    pub const P: u32 = 1 << 1;
    /// `@bytes`
    pub const BYTES: u32 = 1 << 2;
    /// `@t`
    pub const T: u32 = 1 << 3;
    /// `@every`
    pub const EVERY: u32 = 1 << 4;
    /// `@burst`
    pub const BURST: u32 = 1 << 5;
    /// `@max` and `@once`
    pub const MAX: u32 = 1 << 6;
    /// `@after`
    pub const AFTER: u32 = 1 << 7;
    /// `@until`
    pub const UNTIL: u32 = 1 << 8;
    /// `@cond=on(SIGNAL)`
    pub const COND: u32 = 1 << 9;
    /// `@scope`
    pub const SCOPE: u32 = 1 << 10;
}

/// When a rule that matches fires. All conditions that are set must hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct When {
    /// Bits of [`when`].
    pub set: u32,
    /// `@n`: the first match that counts, from 1, in the rule's scope.
    pub n_first: u32,
    /// The last one; `u32::MAX` for no end.
    pub n_last: u32,
    /// Every how many of them; at least 1.
    pub n_step: u32,
    /// `@p`: fires when a draw is below this; a chance in 1/2^64.
    pub p: u64,
    /// `@bytes`: the offset in the direction's stream from which on it fires.
    pub bytes_from: u64,
    /// Where it ends, exclusive. `@bytes=N` fires once, in the call that would move byte N: from N to N+1.
    pub bytes_to: u64,
    /// `@t`: nanoseconds since the session's start.
    pub t_from: u64,
    /// Its end, exclusive; `u64::MAX` for none.
    pub t_to: u64,
    /// `@every=PERIOD/LENGTH`: the period in nanoseconds, counted from `t_from`.
    pub every_ns: u64,
    /// How much of each period, from its start.
    pub for_ns: u64,
    /// `@burst`: how many matches in a row fire once one does.
    pub burst: u32,
    /// `@max`: how often at most, in the rule's scope.
    pub max: u32,
    /// `@after`: index of the rule that must have fired before.
    pub after: u8,
    /// `@until`: index of the rule that must not have fired yet.
    pub until: u8,
    /// `@cond`: the signal that switches the rule on and off.
    pub signal: u8,
    /// [`Scope`] in which matches are counted and chances drawn.
    pub scope: u8,
    /// Not used.
    pub pad: u32,
}

impl When {
    /// Whether a condition of [`when`] was written.
    pub fn has(&self, bit: u32) -> bool {
        self.set & bit != 0
    }

    /// What matches are counted by.
    pub fn scope(&self) -> Scope {
        Scope::from_u8(self.scope).unwrap_or(Scope::Call)
    }

    /// `@n`: whether the n-th match, from 1, is one of those named.
    pub fn counts(&self, n: u64) -> bool {
        let first = u64::from(self.n_first);
        !self.has(when::N)
            || (n >= first
                && (n <= u64::from(self.n_last) || self.n_last == u32::MAX)
                && n.wrapping_sub(first).checked_rem(u64::from(self.n_step)).unwrap_or(0) == 0)
    }

    /// `@t` and `@every`: whether a moment, in nanoseconds since the session's start, lies in the window.
    pub fn open_at(&self, t: u64) -> bool {
        if self.has(when::T) && (t < self.t_from || t >= self.t_to) {
            return false;
        }
        let since = t.saturating_sub(if self.has(when::T) { self.t_from } else { 0 });
        !self.has(when::EVERY) || since.checked_rem(self.every_ns).is_none_or(|r| r < self.for_ns)
    }

    /// `@bytes`: whether a call that would move `len` bytes from stream offset `at` on touches the range. The call is to be
    /// cut at [`When::bytes_before`] first, so that the fault happens at the very byte.
    pub fn touches(&self, at: u64, len: u64) -> bool {
        !self.has(when::BYTES) || (at < self.bytes_to && at.saturating_add(len) > self.bytes_from)
    }

    /// How many bytes may still pass from stream offset `at` on before the range of `@bytes` begins.
    pub fn bytes_before(&self, at: u64) -> u64 {
        if self.has(when::BYTES) { self.bytes_from.saturating_sub(at) } else { 0 }
    }

    /// `@p`: whether this draw fires.
    pub fn chance(&self, u: u64) -> bool {
        !self.has(when::P) || u < self.p || self.p == u64::MAX
    }
}

impl When {
    pub(crate) const ALWAYS: When = When {
        set: 0,
        n_first: 1,
        n_last: u32::MAX,
        n_step: 1,
        p: u64::MAX,
        bytes_from: 0,
        bytes_to: u64::MAX,
        t_from: 0,
        t_to: u64::MAX,
        every_ns: 0,
        for_ns: 0,
        burst: 1,
        max: u32::MAX,
        after: u8::MAX,
        until: u8::MAX,
        signal: 0,
        scope: 0,
        pad: 0,
    };
}
