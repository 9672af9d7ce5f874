//! From compiled rules back to text: the normal form, which reads back as the same rule.

use super::action::FOR_EVER;
use super::block::{Action, Dist, FaultBlock, Loss, Rule, action_flag, rule_flag};
use super::kind::{Dir, DistKind, DnsMode, Kind, LossKind, SizeKind};
use super::moment::{When, when};
use super::parse::GROUPS;
use super::value::CHANCE;
use crate::calls::{self, CallSet};
use crate::filter::Filter;
use crate::names;
use crate::normal::decimal;

type Sink<'o> = &'o mut dyn FnMut(&[u8]);

fn count(n: u64, out: Sink<'_>) {
    decimal(i64::try_from(n).unwrap_or(i64::MAX), out);
}

/// A number with the largest of some units that divides it.
fn scaled(n: u64, units: &[(u64, &str)], out: Sink<'_>) {
    let fits = units.iter().find(|(f, _)| n > 0 && n.checked_rem(*f) == Some(0)).or(units.last());
    if let Some((factor, unit)) = fits {
        count(n.checked_div(*factor).unwrap_or(n), out);
        out(unit.as_bytes());
    }
}

fn time(ns: u64, out: Sink<'_>) {
    scaled(ns, &[(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")], out);
}

fn size(n: u64, out: Sink<'_>) {
    scaled(n, &[(1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K"), (1, "")], out);
}

/// Parts of 10^8 as a percentage.
fn percent(parts: u64, out: Sink<'_>) {
    let one = CHANCE / 100;
    count(parts / one, out);
    let mut rest = parts % one;
    if rest > 0 {
        out(b".");
        let mut digit = one;
        while rest > 0 {
            digit /= 10;
            count(rest.checked_div(digit).unwrap_or(0), out);
            rest = rest.checked_rem(digit).unwrap_or(0);
        }
    }
    out(b"%");
}

fn chance64(p: u64, out: Sink<'_>) {
    percent(if p == u64::MAX { CHANCE } else { (u128::from(p).wrapping_mul(u128::from(CHANCE)) >> 64) as u64 }, out);
}

fn chance32(p: u32, out: Sink<'_>) {
    percent(if p == u32::MAX { CHANCE } else { u64::from(p).wrapping_mul(CHANCE) >> 32 }, out);
}

fn sizes(a: &Action, out: Sink<'_>) {
    let [low, high] = a.n;
    let one = |n: u64, out: Sink<'_>| match a.size() {
        SizeKind::Part => percent(n.saturating_mul(CHANCE / 1_000_000), out),
        _ => size(n, out),
    };
    one(low, out);
    if high != low {
        out(b"..");
        one(high, out);
    }
}

impl FaultBlock {
    /// Hands out the normal form of each rule, in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.rules().iter().map(|r| core::str::from_utf8(self.bytes(r.text)).unwrap_or(""))
    }

    /// Writes a rule that is not yet in its place.
    pub(crate) fn write_parts(&self, rule: &Rule, filter: &Filter, out: &mut dyn FnMut(&[u8])) {
        if rule.name.len > 0 {
            out(self.bytes(rule.name));
            out(b" = ");
        }
        calls_of(rule, out);
        if !filter.is_empty() {
            out(b" ");
            filter.write_normal(out);
        }
        self.conditions(rule, out);
        out(b" : ");
        let mut before: Option<&Action> = None;
        let from = usize::from(rule.action_first);
        for a in self.actions.get(from..usize::from(self.action_count).max(from)).unwrap_or(&[]) {
            if let Some(b) = before {
                out(if b.item == a.item { b" -> " } else { b", " });
            }
            self.write_action(a, out);
            before = Some(a);
        }
    }

    fn conditions(&self, rule: &Rule, out: &mut dyn FnMut(&[u8])) {
        let w = &rule.when;
        if w.has(when::N) {
            out(b" @n=");
            ordinals(w, out);
        }
        if w.has(when::P) {
            out(b" @p=");
            chance64(w.p, out);
        }
        if w.has(when::BYTES) {
            out(b" @bytes=");
            size(w.bytes_from, out);
            if w.bytes_to == u64::MAX {
                out(b"+");
            } else if w.bytes_to != w.bytes_from.saturating_add(1) {
                out(b"..");
                size(w.bytes_to, out);
            }
        }
        if w.has(when::T) {
            out(b" @t=");
            time(w.t_from, out);
            out(b"..");
            if w.t_to != u64::MAX {
                time(w.t_to, out);
            }
        }
        if w.has(when::EVERY) {
            out(b" @every=");
            time(w.every_ns, out);
            out(b"/");
            time(w.for_ns, out);
        }
        if w.has(when::BURST) {
            out(b" @burst=");
            count(u64::from(w.burst), out);
        }
        if w.has(when::MAX) && w.max == 1 {
            out(b" @once");
        } else if w.has(when::MAX) {
            out(b" @max=");
            count(u64::from(w.max), out);
        }
        for (bit, word, index) in [(when::AFTER, " @after=", w.after), (when::UNTIL, " @until=", w.until)] {
            if w.has(bit) {
                out(word.as_bytes());
                out(self.rules().get(usize::from(index)).map_or(b"", |r| self.bytes(r.name)));
            }
        }
        if w.has(when::COND) {
            out(b" @cond=on(");
            signal(w.signal, out);
            out(b")");
        }
        if w.has(when::SCOPE) {
            out(b" @scope=");
            out(w.scope().word().as_bytes());
        }
        if rule.flags & rule_flag::OFF != 0 {
            out(b" @off");
        }
    }

    /// Writes an action.
    pub fn write_action(&self, a: &Action, out: &mut dyn FnMut(&[u8])) {
        let Some(kind) = a.kind() else { return };
        let storm = [a.n[0] as u32, a.n[1] as u32];
        if a.times != [1, 1] && a.times != FOR_EVER && !(kind == Kind::Again && a.times == storm) {
            count(u64::from(a.times[0]), out);
            out(b"*");
        }
        out(kind.word().as_bytes());
        out(if has_arguments(kind, a) { b" " } else { b"" });
        match kind {
            Kind::Error => {
                let mut bar: &[u8] = b"";
                for (errno, weight) in self.errors(a) {
                    out(bar);
                    bar = b"|";
                    match names::name(names::ERRNO, i64::from(errno)) {
                        Some(name) => out(name.as_bytes()),
                        None => count(u64::from(errno), out),
                    }
                    if weight != 1 {
                        out(b"/w=");
                        count(u64::from(weight), out);
                    }
                }
            }
            Kind::Return => decimal(a.n[0] as i64, out),
            Kind::Delay | Kind::Latency | Kind::Slowclose | Kind::Timeout | Kind::Fdlimit => {
                if a.dist.mean != 0 || matches!(kind, Kind::Delay | Kind::Latency | Kind::Slowclose) {
                    self.dist(&a.dist, out);
                }
                out(if a.has(action_flag::EXIT) { b" exit" } else { b"" });
            }
            Kind::Rate => {
                scaled(a.n[0], &[(1_000_000_000, "GB/s"), (1_000_000, "MB/s"), (1_000, "kB/s"), (1, "B/s")], out);
                if a.n[1] != 0 {
                    out(b" burst ");
                    size(a.n[1], out);
                }
            }
            Kind::Slice | Kind::Short | Kind::Truncate => {
                sizes(a, out);
                if a.dist.mean != 0 {
                    out(b" gap ");
                    self.dist(&a.dist, out);
                }
            }
            Kind::Again if a.n != [1, 1] => sizes(a, out),
            Kind::Signal | Kind::Kill => signal(a.signal, out),
            Kind::Reset if a.has(action_flag::DRAIN) => out(b"drain"),
            Kind::Drop => self.loss(&a.loss, out),
            Kind::Dup => chance64(a.p, out),
            Kind::Reorder => {
                chance64(a.p, out);
                if a.n[0] != 1 {
                    out(b" gap ");
                    count(a.n[0], out);
                }
            }
            Kind::Corrupt => {
                out(if a.size() == SizeKind::Bits { b"bits=" } else { b"bytes=" });
                count(a.n[0], out);
                out(b" ");
                chance64(a.p, out);
            }
            Kind::Clamp => count(a.n[0], out),
            Kind::Dns => self.dns(a, out),
            _ => {}
        }
        if a.dir() != Dir::Both {
            out(b" ");
            out(a.dir().word().as_bytes());
        }
        if kind == Kind::Blackhole && a.dist.mean != 0 {
            out(b" heal ");
            self.dist(&a.dist, out);
        }
        if a.has(action_flag::NATIVE) {
            out(b" recipe native");
        }
        if a.has(action_flag::FAKE) {
            out(b" recipe fake");
        }
        if a.has(action_flag::LIFT) {
            out(b"!");
        }
    }

    fn loss(&self, l: &Loss, out: Sink<'_>) {
        let all = |n: usize, out: Sink<'_>| {
            for (i, p) in l.p.iter().take(n).enumerate() {
                out(if i > 0 { b"," } else { b"(" });
                chance32(*p, out);
            }
            out(b")");
        };
        match LossKind::from_u8(l.kind).unwrap_or(LossKind::Bernoulli) {
            LossKind::Bernoulli => {
                chance32(l.p[0], out);
                if l.p[1] != 0 {
                    out(b" corr ");
                    chance32(l.p[1], out);
                }
            }
            LossKind::Ge => {
                out(b"ge");
                all(4, out);
            }
            LossKind::State => {
                out(b"state");
                all(5, out);
            }
            LossKind::Gap => {
                out(b"gap ");
                count(u64::from(l.p[0]), out);
            }
            LossKind::List => {
                let mut sign: &[u8] = b"list(";
                for n in self.bytes(l.list).as_chunks::<4>().0 {
                    out(sign);
                    sign = b",";
                    count(u64::from(u32::from_le_bytes(*n)), out);
                }
                out(b")");
            }
        }
    }

    fn dist(&self, d: &Dist, out: Sink<'_>) {
        time(d.mean, out);
        let kind = DistKind::from_u8(d.kind).unwrap_or(DistKind::Fixed);
        if kind != DistKind::Fixed {
            if !(kind == DistKind::Exp && d.jitter == d.mean) {
                out(b"~");
                time(d.jitter, out);
            }
            match kind {
                DistKind::Uniform => {}
                DistKind::Table => {
                    out(b" table(");
                    out(self.bytes(d.name));
                    out(b")");
                }
                _ => {
                    out(b" ");
                    out(kind.word().as_bytes());
                }
            }
        }
        if d.corr != 0 {
            out(b" corr ");
            chance32(d.corr, out);
        }
    }

    fn dns(&self, a: &Action, out: Sink<'_>) {
        match a.dns_mode() {
            Some(DnsMode::Delay) => self.dist(&a.dist, out),
            Some(DnsMode::To) => {
                out(b"to ");
                if let Some((family, ip)) = self.bytes(a.list).split_first() {
                    crate::normal::ip(*family == 6, ip, out);
                }
            }
            Some(mode) => out(mode.word().as_bytes()),
            None => {}
        }
    }
}

/// Whether something follows the word.
fn has_arguments(kind: Kind, a: &Action) -> bool {
    match kind {
        Kind::Timeout | Kind::Fdlimit => a.dist.mean != 0,
        Kind::Again => a.n != [1, 1],
        Kind::Reset => a.has(action_flag::DRAIN),
        Kind::Error | Kind::Return | Kind::Delay | Kind::Latency | Kind::Slowclose | Kind::Rate | Kind::Slice => true,
        Kind::Short | Kind::Truncate | Kind::Signal | Kind::Kill | Kind::Drop | Kind::Dup | Kind::Reorder => true,
        Kind::Corrupt | Kind::Clamp | Kind::Dns => true,
        _ => false,
    }
}

fn signal(n: u8, out: Sink<'_>) {
    match names::name(names::SIGNAL, i64::from(n)) {
        Some(name) => {
            out(b"SIG");
            out(name.as_bytes());
        }
        None => count(u64::from(n), out),
    }
}

fn ordinals(w: &When, out: Sink<'_>) {
    count(u64::from(w.n_first), out);
    if w.n_last != u32::MAX && w.n_last != w.n_first {
        out(b"..");
        count(u64::from(w.n_last), out);
    }
    if w.n_last == u32::MAX || w.n_step != 1 {
        out(b"+");
    }
    if w.n_step != 1 {
        count(u64::from(w.n_step), out);
    }
}

fn calls_of(rule: &Rule, out: Sink<'_>) {
    let mut left = CallSet::from_bits(rule.calls);
    let mut comma: &[u8] = b"";
    for g in &GROUPS {
        let set = g.set();
        let whole = set.without(CallSet::from_bits(rule.calls)).is_empty();
        let fits = if g.types == 0 { !set.and(left).is_empty() } else { rule.types & g.types == g.types };
        if whole && fits {
            out(comma);
            out(g.word.as_bytes());
            comma = b",";
            left = left.without(set);
        }
    }
    if !left.is_empty() || comma.is_empty() {
        out(comma);
        calls::list(left, out);
    }
}
