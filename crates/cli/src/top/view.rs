//! The screen: head, list, foot. Only the rows that are seen are made into text.

use super::detail;
use super::keys::{Over, Tab, Ui};
use super::model::{Model, Rated, Rates, Sort};
use crate::pictures::{self, short, span};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use socklens_trace::observe::ConnNow;
use socklens_trace::stats::{Mode, Role};

/// What is shown besides the model.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The session's program and name.
    pub title: String,
    pub ascii: bool,
    pub color: bool,
    /// The session's end, or why it cannot be read any more.
    pub ended: Option<String>,
}

/// Writes one line of the screen; what does not fit is cut.
pub fn put(buf: &mut Buffer, area: Rect, line: u16, text: &str, style: Style) {
    if line < area.height {
        buf.set_stringn(area.x, area.y + line, text, usize::from(area.width), style);
    }
}

impl Frame {
    /// A style that is used only where there are colours.
    pub fn tint(&self, c: Color) -> Style {
        if self.color { Style::new().fg(c) } else { Style::new() }
    }

    /// A rate, or `-` while there is none.
    fn rate(m: &Model, v: f64) -> String {
        if m.rated { short(v) } else { "-".to_owned() }
    }

    fn span(&self, ns: u64) -> String {
        span(ns, self.ascii)
    }
}

/// Draws everything. Rows made into text are returned: never more than the screen has.
pub fn draw(m: &Model, ui: &mut Ui, f: &Frame, buf: &mut Buffer) -> usize {
    let all = buf.area;
    if all.width < 40 || all.height < 10 {
        put(buf, all, 0, "too small", Style::new());
        return 0;
    }
    head(m, ui, f, buf, all);
    let foot = all.height - 1;
    let area = Rect { y: all.y + 4, height: foot - 4, ..all };
    let formatted = match &ui.over {
        Over::Help => {
            detail::help(f, buf, area);
            0
        }
        Over::Connection => {
            detail::connection(m, f, buf, area);
            1
        }
        Over::Call(call) => {
            detail::call(m, call, f, buf, area);
            1
        }
        Over::Nothing => list(m, ui, f, buf, area),
    };
    bottom(m, ui, f, buf, all, foot);
    formatted
}

fn head(m: &Model, ui: &Ui, f: &Frame, buf: &mut Buffer, all: Rect) {
    let st = &m.now.stats;
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let state = match (&f.ended, ui.paused) {
        (Some(why), _) => why.clone(),
        (None, true) => "paused".to_owned(),
        (None, false) if !m.now.read => "without reader".to_owned(),
        (None, false) => "running".to_owned(),
    };
    let first = format!("socklens top  {}  {}  {state}", f.title, f.span(st.elapsed_ns));
    put(buf, all, 0, &first, bold);
    let rate = |v| Frame::rate(m, v);
    let calls = if st.mode == Mode::Off { "records/s" } else { "calls/s" };
    let mut second = format!("{calls} {}", rate(m.total.calls));
    if st.mode != Mode::Off {
        second += &format!("  errors/s {}", rate(m.total.errors));
        second += &format!("  in {}B/s  out {}B/s", rate(m.total.bytes_in), rate(m.total.bytes_out));
    }
    let alive = st.processes.iter().filter(|p| p.end_ns.is_none()).count();
    let open = short(m.now.conns.len() as f64);
    second += &format!("  open {open} of {}  processes {alive}", short(st.conns_total as f64));
    let lost = st.lost.conns + st.lost.events;
    if lost > 0 {
        second += &format!("  lost {}", short(lost as f64));
    }
    put(buf, all, 1, &second, Style::new());
    let half = usize::from(all.width) / 2 - 5;
    let third = if st.mode == Mode::Off {
        format!("rec {}", pictures::sparkline(&m.call_rate.last(half * 2), f.ascii))
    } else {
        let line = pictures::sparkline(&m.bytes_in.last(half), f.ascii);
        let pad = half - line.chars().count();
        format!("in  {line}{:pad$} out {}", "", pictures::sparkline(&m.bytes_out.last(half), f.ascii))
    };
    put(buf, all, 2, &third, f.tint(Color::Cyan));
    let counts = [m.now.conns.len(), st.calls.len(), st.processes.len(), m.now.inside.len()];
    let mut x = 0;
    for (i, tab) in Tab::ALL.into_iter().enumerate() {
        let name = Tab::NAMES[i];
        let mark = if ui.tab == tab { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let (open, close) = if ui.tab == tab { ('[', ']') } else { (' ', ' ') };
        let text = format!("{open}{} {name} {}{close}", i + 1, short(counts[i] as f64));
        buf.set_stringn(all.x + x, all.y + 3, &text, usize::from(all.width.saturating_sub(x)), mark);
        x += text.len() as u16 + 1;
    }
}

fn bottom(m: &Model, ui: &Ui, f: &Frame, buf: &mut Buffer, all: Rect, foot: u16) {
    if let Some((text, wrong)) = &ui.prompt {
        put(buf, all, foot, &format!("show only: {text}_"), Style::new().add_modifier(Modifier::BOLD));
        // What was wrong stands above, with its caret below the word.
        let lines: Vec<&str> = wrong.lines().collect();
        let top = foot.saturating_sub(lines.len() as u16);
        let width = usize::from(all.width);
        for (i, l) in lines.iter().enumerate() {
            put(buf, all, top + i as u16, &format!("{l:<width$}"), f.tint(Color::Red));
        }
        return;
    }
    let filter = ui.filter.as_ref().map(|(t, _)| format!("only {t}  ")).unwrap_or_default();
    let text = if !ui.message.is_empty() {
        ui.message.clone()
    } else if ui.over != Over::Nothing {
        "q back  ? help".to_owned()
    } else if m.now.stats.mode == Mode::Off && ui.tab == Tab::Calls {
        "no statistics in this session: `C` begins to count".to_owned()
    } else {
        format!("{filter}q quit  ? help  Tab next  s sort:{}  / filter  Enter detail  p pause", ui.sort.name())
    };
    put(buf, all, foot, &text, f.tint(Color::DarkGray));
}

/// A column: its head, its width, and which order it is marked for. Negative widths are for text, from the left.
type Column = (&'static str, i16, Option<Sort>);

fn cells(columns: &[Column], values: &[String]) -> String {
    let mut line = String::new();
    for ((_, width, _), v) in columns.iter().zip(values) {
        let w = usize::from(width.unsigned_abs());
        let v: String = v.chars().take(w).collect();
        line += &if *width < 0 { format!("{v:<w$} ") } else { format!("{v:>w$} ") };
    }
    line
}

fn table(ui: &Ui, f: &Frame, buf: &mut Buffer, area: Rect, columns: &[Column], rows: &[Vec<String>]) {
    let mut x = area.x;
    for (name, width, sort) in columns {
        let w = usize::from(width.unsigned_abs());
        let text = if *width < 0 { format!("{name:<w$} ") } else { format!("{name:>w$} ") };
        let style = if *sort == Some(ui.sort) {
            Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
        } else {
            f.tint(Color::Green)
        };
        let room = usize::from((area.x + area.width).saturating_sub(x));
        buf.set_stringn(x, area.y, &text, room, style);
        x += w as u16 + 1;
    }
    for (i, row) in rows.iter().enumerate() {
        let style = if ui.first + i == ui.row { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let width = usize::from(area.width);
        put(buf, area, i as u16 + 1, &format!("{:<width$}", cells(columns, row)), style);
    }
}

fn list(m: &Model, ui: &mut Ui, f: &Frame, buf: &mut Buffer, area: Rect) -> usize {
    let room = usize::from(area.height.saturating_sub(1));
    let rows = ui.rows(m);
    ui.settle(rows, room);
    let (columns, rows): (Vec<Column>, Vec<Vec<String>>) = match ui.tab {
        Tab::Connections => connections(m, ui, f, area, room),
        Tab::Calls => calls(m, ui, f, room),
        Tab::Processes => processes(m, ui, f, room),
        Tab::Blocked => blocked(m, ui, f, room),
    };
    table(ui, f, buf, area, &columns, &rows);
    rows.len()
}

/// Whom a connection is with, or where it listens.
pub fn whom(c: &ConnNow) -> String {
    let peer = if c.role() == Role::Listener { String::new() } else { c.peer() };
    match (peer.is_empty(), c.role()) {
        (false, _) => peer,
        (true, Role::Pair) => "pair".to_owned(),
        (true, _) => c.local(),
    }
}

/// The role in four letters.
fn role(c: &ConnNow) -> &'static str {
    match c.role() {
        Role::Client => "cli",
        Role::Server => "srv",
        Role::Listener => "lsn",
        Role::Pair => "pair",
        Role::Unknown => "",
    }
}

fn or_dash(v: Option<String>) -> String {
    v.unwrap_or_else(|| "-".to_owned())
}

fn connections(m: &Model, ui: &Ui, f: &Frame, area: Rect, room: usize) -> (Vec<Column>, Vec<Vec<String>>) {
    // What a wide screen has room for besides.
    let wide = area.width >= 124;
    let mut columns: Vec<Column> = vec![
        ("CONN", 6, Some(Sort::Number)),
        ("PROTO", -5, None),
        ("ROLE", -4, None),
        ("PEER", -21, None),
        ("CALL/S", 6, Some(Sort::Rate)),
        ("IN/S", 5, Some(Sort::Bytes)),
        ("OUT/S", 5, Some(Sort::Bytes)),
        ("RTT", 6, Some(Sort::Latency)),
        ("INQ", 4, Some(Sort::Queue)),
        ("OUTQ", 4, Some(Sort::Queue)),
        ("ERR", 3, Some(Sort::Errors)),
    ];
    if wide {
        columns.push(("LOCAL", -21, None));
        columns.push(("PROCESS", -20, None));
    }
    let (_, list) = m.ordered(ui.sort, ui.filter(), ui.first, room);
    let counted = m.now.stats.mode != Mode::Off;
    let row = |r: &Rated| {
        let c = &m.now.conns[r.index];
        let rate = |v: f64| if counted { Frame::rate(m, v) } else { "-".to_owned() };
        let rtt = r.live.and_then(|l| l.tcp).filter(|t| t.rtt_us > 0).map(|t| f.span(u64::from(t.rtt_us) * 1000));
        let mut cells = vec![
            c.info.serial.to_string(),
            c.proto().to_owned(),
            role(c).to_owned(),
            whom(c),
            rate(r.calls),
            rate(r.bytes_in),
            rate(r.bytes_out),
            or_dash(rtt),
            or_dash(r.live.map(|l| short(f64::from(l.in_queue)))),
            or_dash(r.live.map(|l| short(f64::from(l.out_queue)))),
            if counted { short(c.errors as f64) } else { "-".to_owned() },
        ];
        if wide {
            cells.push(c.local());
            let comm = m.process(c.info.pid).map_or("", |p| p.comm.as_str());
            cells.push(format!("{} {comm}", c.info.pid));
        }
        cells
    };
    (columns, list.iter().map(row).collect())
}

fn calls(m: &Model, ui: &Ui, f: &Frame, room: usize) -> (Vec<Column>, Vec<Vec<String>>) {
    let columns: Vec<Column> = vec![
        ("CALL", -16, Some(Sort::Number)),
        ("CALL/S", 6, Some(Sort::Rate)),
        ("TOTAL", 6, None),
        ("ERRORS", 6, Some(Sort::Errors)),
        ("IN/S", 6, Some(Sort::Bytes)),
        ("OUT/S", 6, Some(Sort::Bytes)),
        ("P50", 6, None),
        ("P99", 6, Some(Sort::Latency)),
        ("MAX", 6, None),
        ("WAIT", 5, None),
    ];
    let timed = m.now.stats.mode == Mode::Full;
    let row = |i: usize| {
        let (c, r) = (&m.now.stats.calls[i], &m.calls[i]);
        let time = |ns: u64| if timed { f.span(ns) } else { "-".to_owned() };
        let waited = if c.n.time_ns == 0 { 0.0 } else { c.n.blocked_ns as f64 / c.n.time_ns as f64 * 100.0 };
        vec![
            c.call.to_owned(),
            Frame::rate(m, r.calls),
            short(c.n.count as f64),
            short(c.n.errors as f64),
            Frame::rate(m, r.bytes_in),
            Frame::rate(m, r.bytes_out),
            time(c.n.quantile_ns(0.5)),
            time(c.n.quantile_ns(0.99)),
            time(c.n.max_ns),
            if timed { format!("{waited:.0}%") } else { "-".to_owned() },
        ]
    };
    (columns, m.ordered_calls(ui.sort).into_iter().skip(ui.first).take(room).map(row).collect())
}

fn processes(m: &Model, ui: &Ui, f: &Frame, room: usize) -> (Vec<Column>, Vec<Vec<String>>) {
    let off = m.now.stats.mode == Mode::Off;
    let columns: Vec<Column> = vec![
        ("PID", 7, Some(Sort::Number)),
        ("PARENT", 7, None),
        ("COMMAND", -15, None),
        ("THREADS", 7, None),
        if off { ("REC/S", 6, Some(Sort::Rate)) } else { ("CALL/S", 6, Some(Sort::Rate)) },
        ("ERRORS", 6, Some(Sort::Errors)),
        ("IN/S", 6, Some(Sort::Bytes)),
        ("OUT/S", 6, Some(Sort::Bytes)),
        ("AGE", 7, None),
    ];
    let row = |i: usize| {
        let (p, r): (_, &Rates) = (&m.now.stats.processes[i], &m.procs[i]);
        let counted = |v: String| if off { "-".to_owned() } else { v };
        let age =
            p.end_ns.map_or_else(|| f.span(m.now.stats.elapsed_ns.saturating_sub(p.start_ns)), |_| "ended".into());
        vec![
            p.pid.to_string(),
            p.ppid.to_string(),
            p.comm.clone(),
            p.threads.to_string(),
            Frame::rate(m, r.calls),
            counted(short(p.n.errors as f64)),
            counted(Frame::rate(m, r.bytes_in)),
            counted(Frame::rate(m, r.bytes_out)),
            age,
        ]
    };
    (columns, m.ordered_procs(ui.sort).into_iter().skip(ui.first).take(room).map(row).collect())
}

fn blocked(m: &Model, ui: &Ui, f: &Frame, room: usize) -> (Vec<Column>, Vec<Vec<String>>) {
    let columns: Vec<Column> = vec![
        ("FOR", 6, None),
        ("PID", 7, None),
        ("TID", 7, None),
        ("COMMAND", -10, None),
        ("CALL", -11, None),
        ("FD", 4, None),
        ("CONN", 6, None),
        ("PEER", -21, None),
    ];
    let row = |i: &socklens_trace::observe::Inside| {
        vec![
            f.span(i.for_ns),
            i.pid.to_string(),
            i.tid.to_string(),
            i.comm.clone(),
            i.call.to_owned(),
            or_dash(i.fd.map(|fd| fd.to_string())),
            if i.conn == 0 { "-".to_owned() } else { i.conn.to_string() },
            m.conn(i.conn).map(whom).unwrap_or_default(),
        ]
    };
    (columns, m.now.inside.iter().skip(ui.first).take(room).map(row).collect())
}
