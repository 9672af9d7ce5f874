//! What lies over the list: one connection, one call, help.

use super::model::{History, Model};
use super::view::{Frame, put, whom};
use crate::pictures::{self, short, span};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use socklens_trace::stats::{Mode, Role};

const HELP: &[&str] = &[
    "1-4 Tab Left Right   connections, calls, processes, blocked calls",
    "Up Down j k PgUp PgDn Home End   choose a row",
    "Enter      detail of a connection or call; a process's connections",
    "q Esc      back; on a list Esc shows all again, q quits, as Ctrl-C and F10",
    "s > F6     next order; or by letter: R rate  L latency (rtt, p99)",
    "           U queue  E errors  B bytes  N number",
    "/ F4       show only connections for which this holds, as in --where:",
    "           peer=10.0.0.0/8:443 and role=client (see `socklens help filters`)",
    "p Space    pause          r F5   look now       n   next session",
    "+ -        look less often, more often",
    "C          in a session without statistics: count from now on",
    "",
    "INQ, OUTQ  bytes received and not read, sent and not acknowledged;",
    "           of a listener: connections that wait, and how many may",
    "RTT        round trip as TCP measures it. `-`: not known, not counted,",
    "           or a socket of another network namespace",
    "Looking neither stops nor slows the program: its memory is only read.",
];

/// The keys.
pub fn help(f: &Frame, buf: &mut Buffer, area: Rect) {
    for (i, line) in HELP.iter().enumerate() {
        put(buf, area, i as u16 + 1, line, f.tint(Color::White));
    }
}

/// A value now, and how it went.
fn curve(name: &str, h: &History, of: &dyn Fn(f64) -> String, f: &Frame, buf: &mut Buffer, area: Rect, line: u16) {
    let room = usize::from(area.width).saturating_sub(24);
    let values = h.last(room);
    let max = values.iter().copied().fold(0.0, f64::max);
    let picture = pictures::sparkline(&values, f.ascii);
    let now = values.last().map_or_else(|| "-".to_owned(), |v| of(*v));
    put(buf, area, line, &format!("{name:<8} {now:>8}  {picture}"), f.tint(Color::Cyan));
    let scale = format!("max {}", of(max));
    let at = area.width.saturating_sub(scale.chars().count() as u16);
    if line < area.height {
        buf.set_string(area.x + at, area.y + line, &scale, Style::new());
    }
}

/// The connection that is followed.
pub fn connection(m: &Model, f: &Frame, buf: &mut Buffer, area: Rect) {
    let Some(w) = &m.followed else { return };
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let Some(c) = &w.last else {
        put(buf, area, 0, &format!("connection {} has ended", w.conn), bold);
        return;
    };
    let end = if w.ended { "  ended" } else { "" };
    put(buf, area, 0, &format!("connection {}  {} {}{end}", w.conn, c.proto(), c.role().name()), bold);
    let plain = Style::new();
    let listens = c.role() == Role::Listener;
    let peer = if listens { String::new() } else { format!("  peer {}", whom(c)) };
    put(buf, area, 1, &format!("local {}{peer}", c.local()), plain);
    let comm = m.process(c.info.pid).map_or("", |p| p.comm.as_str());
    let ago =
        |t: Option<u64>| t.map_or_else(|| "-".to_owned(), |t| span(m.now.stats.elapsed_ns.saturating_sub(t), f.ascii));
    let mut line = format!("process {} {comm}  opened {} ago", c.info.pid, ago(c.opened_ns));
    if let Some(ns) = c.connect_ns {
        line += &format!("  connect took {}", span(ns, f.ascii));
    }
    put(buf, area, 2, &line, plain);
    if m.now.stats.mode == Mode::Off {
        put(buf, area, 3, "no statistics in this session: `C` begins to count", plain);
    } else {
        let [a, b, other] = c.calls;
        let text = format!(
            "in {}B, {} calls  out {}B, {} calls  other calls {}  errors {}  idle {}",
            short(c.bytes_in as f64),
            short(a as f64),
            short(c.bytes_out as f64),
            short(b as f64),
            short(other as f64),
            c.errors,
            ago(c.last_ns)
        );
        put(buf, area, 3, &text, plain);
    }
    if listens {
        let limit = w.live.map_or_else(|| "-".to_owned(), |l| short(f64::from(l.out_queue)));
        put(buf, area, 5, &format!("connections that wait to be accepted: at most {limit}"), plain);
        curve("waiting", &w.in_queue, &short, f, buf, area, 6);
        return;
    }
    curve("bytes/s", &w.bytes, &short, f, buf, area, 5);
    curve("in queue", &w.in_queue, &short, f, buf, area, 7);
    curve("out queue", &w.out_queue, &short, f, buf, area, 8);
    let Some(t) = w.live.and_then(|l| l.tcp) else {
        put(buf, area, 10, "no TCP numbers: not TCP, or of another network namespace", plain);
        return;
    };
    let us = |v: u32| span(u64::from(v) * 1000, f.ascii);
    curve("rtt", &w.rtt_us, &|v| us(v as u32), f, buf, area, 10);
    curve("cwnd", &w.cwnd, &short, f, buf, area, 11);
    let ssthresh = if t.ssthresh >= i32::MAX as u32 { "none".to_owned() } else { t.ssthresh.to_string() };
    let text = format!(
        "rttvar {}  ssthresh {ssthresh}  unacknowledged {}  retransmitted {}",
        us(t.rttvar_us),
        t.unacked,
        t.retransmits
    );
    put(buf, area, 12, &text, plain);
}

/// One call: its counters, histogram, and heat map.
pub fn call(m: &Model, call: &str, f: &Frame, buf: &mut Buffer, area: Rect) {
    let Some(c) = m.now.stats.calls.iter().find(|c| c.call == call) else { return };
    let n = &c.n;
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let errors: Vec<String> = n.errno.iter().map(|(name, n)| format!("{name} {n}")).collect();
    put(buf, area, 0, &format!("{call}  {} calls  {} errors  {}", n.count, n.errors, errors.join("  ")), bold);
    let t = |ns| span(ns, f.ascii);
    let times = format!(
        "min {}  p50 {}  p99 {}  p99.9 {}  max {}  waited {}%",
        t(n.min_ns),
        t(n.quantile_ns(0.5)),
        t(n.quantile_ns(0.99)),
        t(n.quantile_ns(0.999)),
        t(n.max_ns),
        (n.blocked_ns as f64 / n.time_ns.max(1) as f64 * 100.0).round()
    );
    if m.now.stats.mode != Mode::Full {
        put(buf, area, 1, "durations are not counted in this session", Style::new());
        return;
    }
    put(buf, area, 1, &times, Style::new());
    // The buffer knows no escape sequences: the map is shown by its shades.
    let style = pictures::Style { ascii: f.ascii, color: false, width: usize::from(area.width) };
    let lines = m.heat(call).map(|map| pictures::portrait(&n.hist, map, style)).unwrap_or_default();
    // The longest durations are the ones looked for: where there is no room, the short ones are left out.
    let room = usize::from(area.height).saturating_sub(4);
    let last = lines.len().saturating_sub(1);
    for (line, (i, text)) in lines.iter().enumerate().filter(|(i, _)| *i < room || *i == last).enumerate() {
        let style = if i == last { Style::new() } else { f.tint(Color::Yellow) };
        put(buf, area, line as u16 + 3, text, style);
    }
}
