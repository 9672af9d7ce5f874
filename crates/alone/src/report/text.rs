//! The report as aligned tables: those of `socklens stat`.

use super::{Conn, Report};
use crate::stats;
use core::sync::atomic::Ordering;
use socklens_calls::Call;
use socklens_decode::columns::{self, CALLS, CONNS, Column, MOST_CONNS, TIMES};
use socklens_decode::unit::{bytes, duration, grouped};
use socklens_decode::{Out, label, quote, xlat};
use socklens_inside::capi::socklens_call_stats;
use socklens_wire::conn::role;
use socklens_wire::stats::ends;

/// Most columns of a table.
const COLUMNS: usize = CALLS.len() + TIMES.len() + 1;
/// Calls there can be.
const MOST_CALLS: usize = 192;

/// A table under way: cells end with a tab, rows with a line feed.
struct Cells<'a> {
    text: Out<'a>,
    /// Columns of text, a bit each: the others are numbers, to the right.
    left: u32,
}

impl<'a> Cells<'a> {
    /// With its head.
    fn new(scratch: &'a mut [u8], columns: impl Iterator<Item = Column>) -> Cells<'a> {
        let mut t = Cells { text: Out::new(scratch), left: 0 };
        for (i, (head, text)) in columns.enumerate() {
            t.left |= u32::from(text) << (i & 31);
            t.cell(|o| o.str(head));
        }
        t.end();
        t
    }

    fn cell(&mut self, write: impl FnOnce(&mut Out)) {
        write(&mut self.text);
        self.text.byte(b'\t');
    }

    fn or_blank(&mut self, n: u64, show: fn(&mut Out, u64)) {
        self.cell(|o| {
            if n != 0 {
                show(o, n);
            }
        });
    }

    fn end(&mut self) {
        self.text.byte(b'\n');
    }

    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.text.bytes().split(|&b| b == b'\n').filter(|r| !r.is_empty())
    }

    fn cells(row: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
        row.strip_suffix(b"\t").unwrap_or(row).split(|&b| b == b'\t').enumerate()
    }

    /// Writes it aligned.
    fn align(&self, out: &mut Out) {
        let mut widths = [0usize; COLUMNS];
        for row in self.rows() {
            for (i, cell) in Self::cells(row) {
                if let Some(w) = widths.get_mut(i) {
                    *w = (*w).max(characters(cell));
                }
            }
        }
        for row in self.rows() {
            let mut end = out.len();
            for (i, cell) in Self::cells(row) {
                let pad = widths.get(i).copied().unwrap_or(0).saturating_sub(characters(cell));
                let left = self.left >> i & 1 != 0;
                spaces(out, if i == 0 { 0 } else { 2 } + if left { 0 } else { pad });
                out.raw(cell);
                if !cell.is_empty() {
                    end = out.len();
                }
                spaces(out, if left { pad } else { 0 });
            }
            out.truncate(end);
            out.byte(b'\n');
        }
    }
}

fn spaces(out: &mut Out, n: usize) {
    (0..n).for_each(|_| out.byte(b' '));
}

fn characters(utf8: &[u8]) -> usize {
    utf8.iter().filter(|&&b| b & 0xc0 != 0x80).count()
}

pub fn write(r: &Report, scratch: &mut [u8], out: &mut Out) {
    out.str("socklens: ");
    quote::safe(out, r.comm());
    out.str(" (pid ");
    out.udec(u64::from(r.process.pid));
    out.str("), ");
    duration(out, r.ns(r.process.start.raw, r.now));
    out.str(if r.over { "\n" } else { ", before it becomes another program\n" });
    calls(r, Cells::new(scratch, CALLS.into_iter().chain(TIMES).chain([columns::ERRORS])), out);
    conns(r, Cells::new(scratch, CONNS.into_iter()), out);
    let lost = r.of.segment.header().lost_conns.load(Ordering::Relaxed);
    if r.last && lost > 0 {
        grouped(out, u64::from(lost));
        out.byte(b' ');
        out.str(columns::LOST_CONNS);
        out.byte(b'\n');
    }
}

/// What is said of calls beyond the table's columns: its words, its number, and how that is written.
type Remark = (&'static str, fn(&socklens_call_stats) -> u64, fn(&mut Out, u64));

fn calls(r: &Report, mut t: Cells, out: &mut Out) {
    // By time, the longest first.
    let mut order = [(0u64, 0u16); MOST_CALLS];
    let mut n = 0usize;
    for call in Call::all() {
        let mut row = stats::none();
        stats::fill(r.of, call as i32, r.last, &mut row);
        if row.count == 0 {
            continue;
        }
        let mut at = n.min(MOST_CALLS - 1);
        n = at.saturating_add(1);
        while let Some(&before) = at.checked_sub(1).and_then(|i| order.get(i))
            && before.0 < row.time_ns
        {
            if let Some(to) = order.get_mut(at) {
                *to = before;
            }
            at -= 1;
        }
        if let Some(to) = order.get_mut(at) {
            *to = (row.time_ns, call as u16);
        }
    }
    let listed = || order.iter().take(n).filter_map(|&(_, op)| Call::from_opcode(op));
    for call in listed() {
        let mut row = stats::none();
        stats::fill(r.of, call as i32, r.last, &mut row);
        call_row(r, &mut t, call.name(), call as i32, &row);
    }
    if n > 1 {
        call_row(r, &mut t, "total", -1, &r.total);
    }
    t.align(out);
    let remarks: [Remark; 2] =
        [(columns::SHORT, |c| c.short_count, grouped), (columns::PEEKED, |c| c.bytes_peeked, bytes)];
    for (what, of, show) in remarks {
        let mut before = ": ";
        for call in listed() {
            let mut row = stats::none();
            stats::fill(r.of, call as i32, r.last, &mut row);
            if of(&row) != 0 {
                if before == ": " {
                    out.str(what);
                }
                out.str(before);
                out.str(call.name());
                out.byte(b' ');
                show(out, of(&row));
                before = ", ";
            }
        }
        if before == ", " {
            out.byte(b'\n');
        }
    }
}

fn call_row(r: &Report, t: &mut Cells, name: &str, opcode: i32, c: &socklens_call_stats) {
    t.cell(|o| o.str(name));
    t.cell(|o| grouped(o, c.count));
    t.or_blank(c.errors, grouped);
    t.or_blank(c.bytes_in, bytes);
    t.or_blank(c.bytes_out, bytes);
    t.cell(|o| duration(o, c.time_ns));
    t.cell(|o| {
        let share =
            u128::from(c.time_ns).saturating_mul(1000).checked_div(u128::from(r.total.time_ns)).unwrap_or(0) as u64;
        o.udec(share / 10);
        o.byte(b'.');
        o.udec(share % 10);
    });
    t.or_blank(c.blocked_ns, duration);
    for ns in [c.min_ns, c.p50_ns, c.p90_ns, c.p99_ns, c.p999_ns, c.max_ns] {
        t.cell(|o| duration(o, ns));
    }
    t.cell(|o| {
        let mut more = false;
        stats::errors(r.of, opcode, r.last, &mut |name, n| {
            o.str(if more { ", " } else { "" });
            name(o);
            o.byte(b' ');
            grouped(o, n);
            more = true;
        });
    });
    t.end();
}

fn conns(r: &Report, mut t: Cells, out: &mut Out) {
    // Those that moved most first.
    let mut order = [None::<(u64, Conn)>; MOST_CONNS];
    let mut total = r.forgotten();
    r.conns(&mut |c| {
        total = total.saturating_add(1);
        let moved = c.sums().bytes.iter().fold(0u64, |a, b| a.saturating_add(*b));
        let mut rest = Some((moved, c));
        for place in &mut order {
            if place.is_none_or(|p| rest.is_some_and(|r| r.0 > p.0)) {
                core::mem::swap(place, &mut rest);
            }
        }
    });
    if total == 0 {
        return;
    }
    out.byte(b'\n');
    let mut shown = 0u64;
    for (_, c) in order.iter().flatten() {
        shown = shown.saturating_add(1);
        conn_row(r, &mut t, c);
    }
    t.align(out);
    if total > shown {
        out.str("and ");
        grouped(out, total.wrapping_sub(shown));
        out.str(" more connections\n");
    }
}

fn conn_row(r: &Report, t: &mut Cells, c: &Conn) {
    let (info, totals, sums) = (&c.slot.info, &c.slot.totals, c.sums());
    t.cell(|o| {
        o.str(label::proto(info));
        o.byte(b'#');
        o.udec(u64::from(info.serial));
        o.byte(b' ');
        let mut address = [0u8; 512];
        let mut peer = Out::new(&mut address);
        let bare = o.len();
        label::short_addr(o, info.local());
        if label::short_addr(&mut peer, info.peer()) && !peer.is_empty() {
            o.str("→");
            o.raw(peer.bytes());
        }
        if o.len() == bare {
            o.truncate(bare.saturating_sub(1));
        }
    });
    t.cell(|o| o.str(label::role_name(info).unwrap_or("")));
    t.cell(|o| {
        if info.pid == r.process.pid {
            quote::safe(o, r.comm());
            o.byte(b' ');
        }
        o.udec(u64::from(info.pid));
    });
    t.cell(|o| duration(o, r.ns(totals.opened.load(Ordering::Relaxed), c.end.unwrap_or(r.now))));
    t.cell(|o| match (c.refused(), c.connect()) {
        (Some(errno), _) => match xlat::errno(errno as i32) {
            Some(name) => o.str(name),
            None => o.udec(u64::from(errno)),
        },
        (None, Some((from, to))) => duration(o, r.ns(from, to)),
        _ => {}
    });
    t.cell(|o| {
        if let Some((from, to)) = c.first_byte() {
            duration(o, r.ns(from, to));
        }
    });
    t.cell(|o| grouped(o, sums.calls.iter().fold(0, |a, b| a.wrapping_add(*b))));
    let [bytes_in, bytes_out] = sums.bytes;
    t.or_blank(bytes_in, bytes);
    t.or_blank(bytes_out, bytes);
    let tcp = c.has(ends::TCP) && info.role != role::LISTENER;
    t.cell(|o| {
        if tcp {
            duration(o, u64::from(info.tcp_end().rtt_us).saturating_mul(1000));
        }
    });
    t.or_blank(if tcp { u64::from(info.tcp_end().retransmits) } else { 0 }, grouped);
    t.cell(|o| o.str(c.how.name()));
    t.end();
}
