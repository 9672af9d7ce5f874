//! Whole lines: time, process, call, result, duration, connection.

use crate::printer::{Format, Names, Opts, Printer, Stamp};
use crate::{Out, call, label, quote};
use socklens_wire::event::{flag, note};
use socklens_wire::{ConnInfo, Event, Part};

pub use crate::json::{args, args_are_values, fd, json, json_by, note_json, subject};

/// What a line says besides the call itself.
#[derive(Clone, Copy, Debug)]
pub struct Meta<'a> {
    /// Wall clock at entry, nanoseconds of the epoch.
    pub realtime_ns: u64,
    /// CLOCK_MONOTONIC at entry.
    pub mono_ns: u64,
    /// Time since the session began.
    pub since_start_ns: u64,
    /// Time since the line before, for `-r`.
    pub delta_ns: u64,
    /// Time spent in the call.
    pub dur_ns: u64,
    /// The process.
    pub pid: u32,
    /// The thread.
    pub tid: u32,
    /// The name of the program.
    pub comm: &'a [u8],
    /// The event's connection.
    pub conn: Option<&'a ConnInfo>,
    /// The name that the program gave that connection; empty for none.
    pub name: &'a [u8],
}

const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";
/// Width of the process column.
const WHO: usize = 20;
/// From here on a duration is worth showing unasked.
const SLOW_NS: u64 = 100_000;

fn right(out: &mut Out, v: u64, width: usize) {
    out.blanks(width.saturating_sub(crate::out::digits(v)));
    out.udec(v);
}

/// Seconds with microseconds, the seconds in `width` columns.
fn seconds(out: &mut Out, ns: u64, width: usize) {
    right(out, ns / 1_000_000_000, width);
    out.lit(b".");
    out.dec_pad(ns % 1_000_000_000 / 1000, 6);
}

fn stamp(meta: &Meta, opts: &Opts, out: &mut Out) {
    match opts.stamp {
        Stamp::None => return,
        Stamp::SinceStart => seconds(out, meta.since_start_ns, 4),
        Stamp::Relative => seconds(out, meta.delta_ns, 6),
        Stamp::EpochMicros => seconds(out, meta.realtime_ns, 1),
        Stamp::Time | Stamp::TimeMicros => {
            let s = (meta.realtime_ns / 1_000_000_000) as i64;
            let day = s.saturating_add(i64::from(opts.utc_offset)).rem_euclid(86400) as u64;
            out.dec_pad(day / 3600, 2);
            out.lit(b":");
            out.dec_pad(day / 60 % 60, 2);
            out.lit(b":");
            out.dec_pad(day % 60, 2);
            if opts.stamp == Stamp::TimeMicros {
                out.lit(b".");
                out.dec_pad(meta.realtime_ns % 1_000_000_000 / 1000, 6);
            }
        }
    }
    out.lit(b" ");
}

/// `curl[4242/4243]     `
fn who(meta: &Meta, opts: &Opts, out: &mut Out) {
    if !opts.pids {
        return;
    }
    let start = out.len();
    quote::safe(out, crate::fields::until_nul(meta.comm));
    out.lit(b"[");
    out.udec(u64::from(meta.pid));
    if meta.tid != meta.pid && meta.tid != 0 {
        out.lit(b"/");
        out.udec(u64::from(meta.tid));
    }
    out.lit(b"]");
    let written = out.len().saturating_sub(start);
    out.blanks(WHO.saturating_sub(written).saturating_add(1));
}

/// `850ns`, `12µs`, `4.6ms`, `1.25s`
pub fn duration(out: &mut Out, ns: u64) {
    match ns {
        0..1000 => {
            out.udec(ns);
            out.str("ns");
        }
        1000..1_000_000 => {
            out.udec(ns / 1000);
            out.str("µs");
        }
        1_000_000..1_000_000_000 => {
            out.udec(ns / 1_000_000);
            out.byte(b'.');
            out.udec(ns / 100_000 % 10);
            out.str("ms");
        }
        _ => {
            out.udec(ns / 1_000_000_000);
            out.byte(b'.');
            out.dec_pad(ns / 10_000_000 % 100, 2);
            out.byte(b's');
        }
    }
}

/// Ends the line that began at `start`. One that did not fit ends in `...`; one that cannot even have that vanishes.
pub(crate) fn finish(out: &mut Out, start: usize, color: bool) {
    out.lit(b"\n");
    if !out.cut() {
        return;
    }
    let end: &str = if color { "\x1b[0m...\n" } else { "...\n" };
    let size = out.len().saturating_add(out.room());
    let mut keep = size.saturating_sub(end.len());
    if keep <= start {
        out.rewind(start);
        return;
    }
    // Neither within a character nor within an escape sequence.
    while keep > start && out.bytes().get(keep).is_some_and(|b| b & 0xc0 == 0x80) {
        keep = keep.saturating_sub(1);
    }
    let near = keep.saturating_sub(8).max(start);
    if let Some(esc) = out.bytes().get(near..keep).and_then(|b| b.iter().rposition(|&c| c == 0x1b)) {
        keep = near.saturating_add(esc);
    }
    out.rewind(keep);
    out.str(end);
}

fn text_suffix(ev: &Event, meta: &Meta, opts: &Opts, out: &mut Out) {
    let unfinished = ev.head.flags & flag::UNFINISHED != 0;
    let slow = opts.took || meta.dur_ns >= SLOW_NS;
    let conn = meta.conn.filter(|c| c.serial != 0);
    if opts.color && (slow || conn.is_some()) {
        out.str(DIM);
    }
    if slow {
        out.str(if unfinished { " <so far " } else { " <" });
        duration(out, meta.dur_ns);
        out.byte(b'>');
    }
    if let Some(c) = conn {
        out.lit(b"  ");
        label::conn_label(c, out);
        if !meta.name.is_empty() {
            out.str(" \"");
            quote::c_escape(out, crate::fields::until_nul(meta.name));
            out.byte(b'"');
        }
    }
    if opts.color && (slow || conn.is_some()) {
        out.str(PLAIN);
    }
}

fn text_prefix(meta: &Meta, opts: &Opts, out: &mut Out) {
    if opts.color && opts.stamp != Stamp::None {
        out.str(DIM);
        stamp(meta, opts, out);
        out.str(PLAIN);
    } else {
        stamp(meta, opts, out);
    }
    who(meta, opts, out);
}

/// Unlike strace, one blank suffices after a comma.
fn unfinished(out: &mut Out) {
    if out.bytes().last() != Some(&b' ') {
        out.byte(b' ');
    }
    out.str("<unfinished ...>");
}

/// One whole line of socklens's text.
pub fn text(ev: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out) {
    if out.cut() {
        return;
    }
    let start = out.len();
    text_prefix(meta, opts, out);
    let begin = out.len();
    let mut p = Printer::new(out, Format::Text, opts, names);
    if ev.head.flags & flag::UNFINISHED != 0 {
        call::head(ev, &mut p);
        unfinished(out);
    } else {
        call::whole(ev, &mut p, begin);
    }
    crate::injected::text(ev, out);
    text_suffix(ev, meta, opts, out);
    finish(out, start, opts.color);
    crate::stack::text(ev, out, names, opts.color);
}

/// The line of a call that has begun: `connect(5, 127.0.0.1:80, 16 <unfinished ...>`.
pub fn text_unfinished(ev: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out) {
    if out.cut() {
        return;
    }
    let start = out.len();
    text_prefix(meta, opts, out);
    let mut p = Printer::new(out, Format::Text, opts, names);
    call::head(ev, &mut p);
    unfinished(out);
    finish(out, start, opts.color);
}

fn resumed(ev: &Event, format: Format, out: &mut Out) {
    out.str("<... ");
    match ev.call() {
        Some(c) => out.str(call::name(c, format)),
        None => {
            out.str("call_");
            out.udec(u64::from(ev.head.call));
        }
    }
    out.str(" resumed>");
}

/// The line of its end: `<... connect resumed>) = 0`.
pub fn text_resumed(ev: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out) {
    if out.cut() {
        return;
    }
    let start = out.len();
    text_prefix(meta, opts, out);
    let begin = out.len();
    resumed(ev, Format::Text, out);
    let mut p = Printer::new(out, Format::Text, opts, names);
    call::tail_from(ev, &mut p, begin);
    crate::injected::text(ev, out);
    text_suffix(ev, meta, opts, out);
    finish(out, start, opts.color);
    crate::stack::text(ev, out, names, opts.color);
}

/// `[pid  4242] `, or `4242  ` in a file.
pub fn strace_pid(pid: u32, opts: &Opts, out: &mut Out) {
    if !opts.pids {
        return;
    }
    if opts.bare_pid {
        let start = out.len();
        out.udec(u64::from(pid));
        let written = out.len().saturating_sub(start);
        out.blanks(6usize.saturating_sub(written).max(1));
    } else {
        out.str("[pid ");
        right(out, u64::from(pid), 5);
        out.str("] ");
    }
}

fn strace_prefix(meta: &Meta, opts: &Opts, out: &mut Out) {
    strace_pid(if meta.tid != 0 { meta.tid } else { meta.pid }, opts, out);
    stamp(meta, opts, out);
}

fn strace_end(meta: &Meta, opts: &Opts, start: usize, out: &mut Out) {
    if opts.took {
        out.str(" <");
        seconds(out, meta.dur_ns, 1);
        out.byte(b'>');
    }
    finish(out, start, false);
}

/// One whole line in strace's syntax.
pub fn strace(ev: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out) {
    if out.cut() {
        return;
    }
    // One of a fault's signals has no other line: the call may never return.
    if ev.head.flags & (flag::UNFINISHED | flag::INJECTED) == flag::UNFINISHED {
        strace_unfinished(ev, meta, opts, names, out);
        return;
    }
    let start = out.len();
    strace_prefix(meta, opts, out);
    let mut p = Printer::new(out, Format::Strace, opts, names);
    call::whole(ev, &mut p, start);
    strace_injected(ev, out);
    strace_end(meta, opts, start, out);
    crate::stack::text(ev, out, names, false);
}

/// strace's own word for it.
fn strace_injected(ev: &Event, out: &mut Out) {
    if ev.head.flags & flag::INJECTED != 0 {
        out.str(" (INJECTED)");
    }
}

/// strace's line of a call that others interrupt.
pub fn strace_unfinished(ev: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out) {
    if out.cut() {
        return;
    }
    let start = out.len();
    strace_prefix(meta, opts, out);
    let mut p = Printer::new(out, Format::Strace, opts, names);
    call::head(ev, &mut p);
    out.str(" <unfinished ...>");
    finish(out, start, false);
}

/// strace's line of its end.
pub fn strace_resumed(ev: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out) {
    if out.cut() {
        return;
    }
    let start = out.len();
    strace_prefix(meta, opts, out);
    resumed(ev, Format::Strace, out);
    let mut p = Printer::new(out, Format::Strace, opts, names);
    call::tail_from(ev, &mut p, start);
    strace_injected(ev, out);
    strace_end(meta, opts, start, out);
    crate::stack::text(ev, out, names, false);
}

/// The line of a note. Only what a reader must know has one: marks, and what could not be followed.
pub fn note_text(ev: &Event, meta: &Meta, opts: &Opts, out: &mut Out) {
    if out.cut() || !matches!(ev.head.call, note::MARK | note::CONN_NAME | note::UNSEEN) {
        return;
    }
    let start = out.len();
    text_prefix(meta, opts, out);
    out.str("--- ");
    let text = || ev.captures().find(|c| c.part == Part::Data).map_or(&[][..], |c| crate::fields::until_nul(c.data));
    if ev.head.call == note::MARK {
        quote::c_escape(out, text());
    } else if ev.head.call == note::CONN_NAME {
        match meta.conn {
            Some(c) if c.serial == ev.head.conn => label::conn_label(c, out),
            _ => {
                out.byte(b'#');
                out.udec(u64::from(ev.head.conn));
            }
        }
        out.str(" is named \"");
        quote::c_escape(out, text());
        out.byte(b'"');
    } else {
        out.str(match ev.head.ret {
            1 => "io_uring is in use: what goes through it is not seen",
            2 => "the process confined itself by seccomp: from here on nothing extra is looked up",
            3 => "a shell of system() or popen() begins without socklens's variables: it is not seen",
            _ => "something that cannot be followed was noticed",
        });
    }
    out.str(" ---");
    finish(out, start, opts.color);
}
