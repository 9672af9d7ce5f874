//! What a fault rule did to a call.

use crate::out::Out;
use crate::printer::Printer;
use crate::quote;
use socklens_wire::Event;
use socklens_wire::event::flag;
use socklens_wire::fault::{Injected, lane};

/// The faults that were applied to the call.
fn all<'a>(ev: &'a Event) -> impl Iterator<Item = Injected> + 'a {
    ev.captures().filter(|c| c.part == socklens_wire::Part::Injected).filter_map(|c| Injected::from_bytes(c.data))
}

/// `64K`, `1M`, `1000`
fn size(out: &mut Out, n: u64) {
    let (n, unit) = match n {
        0 => (0, None),
        _ if n.is_multiple_of(1 << 20) => (n >> 20, Some(b'M')),
        _ if n.is_multiple_of(1 << 10) => (n >> 10, Some(b'K')),
        _ => (n, None),
    };
    out.udec(n);
    if let Some(u) = unit {
        out.byte(u);
    }
}

/// The rule's name, or its place.
fn rule(out: &mut Out, f: &Injected) {
    if f.name().is_empty() {
        out.byte(b'#');
        out.udec(u64::from(f.rule).saturating_add(1));
    } else {
        quote::safe(out, f.name());
    }
}

/// ` (INJECTED reset @64K seed 42 rule db)`, for each fault. Only calls that faults have touched have any.
pub fn text(ev: &Event, out: &mut Out) {
    if ev.head.flags & flag::INJECTED == 0 {
        return;
    }
    let mut told = false;
    for f in all(ev) {
        told = true;
        out.str(" (INJECTED ");
        quote::safe(out, f.action());
        if f.times > 1 {
            out.str(" x");
            out.udec(u64::from(f.times));
        }
        if f.lane == lane::OTHER {
            out.str(" #");
            out.udec(f.counter);
        } else {
            out.str(" @");
            size(out, f.offset);
        }
        out.str(" seed ");
        out.udec(f.seed);
        out.str(" rule ");
        rule(out, &f);
        out.byte(b')');
    }
    // What an earlier fault left behind.
    if !told {
        out.str(" (INJECTED)");
    }
}

fn lane_word(n: u8) -> &'static str {
    match n {
        lane::IN => "in",
        lane::OUT => "out",
        _ => "other",
    }
}

fn level_word(n: u8) -> &'static str {
    match n {
        0 => "kernel",
        1 => "posix",
        _ => "any",
    }
}

/// The field `injected`: a list of objects.
pub fn json(ev: &Event, p: &mut Printer) {
    if ev.head.flags & flag::INJECTED == 0 {
        return;
    }
    p.field("injected");
    p.begin_array();
    for f in all(ev) {
        p.elem();
        p.begin_struct();
        p.field("action");
        p.text(f.action());
        p.field("rule");
        p.text(f.name());
        p.field("index");
        p.unum(u64::from(f.rule).saturating_add(1));
        p.field("recipe");
        p.text(f.recipe());
        p.field("level");
        p.word(level_word(f.level));
        p.field("lane");
        p.word(lane_word(f.lane));
        p.field("count");
        p.unum(f.counter);
        p.field("times");
        p.unum(u64::from(f.times.max(1)));
        p.field("offset");
        p.unum(f.offset);
        p.field("value");
        p.unum(f.value);
        p.field("seed");
        p.unum(f.seed);
        p.end_struct();
    }
    p.end_array();
}
