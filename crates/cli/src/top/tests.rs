//! Screens of fixed data, keys, and a hundred thousand connections.

use super::keys::{Over, Tab, Then, Ui};
use super::model::{Model, Sort};
use super::view::{self, Frame};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use socklens_trace::observe::diag::{Live, Sockets, Tcp};
use socklens_trace::observe::{ConnNow, Events, Inside, Sample};
use socklens_trace::stats::{CallRow, Counts, Hist, Mode, ProcRow};
use socklens_wire::ConnInfo;
use socklens_wire::conn::{flag, role};
use std::time::Duration;

fn addr(to: &mut [u8], port: u16, ip: [u8; 4]) -> u8 {
    to[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
    to[2..4].copy_from_slice(&port.to_be_bytes());
    to[4..8].copy_from_slice(&ip);
    16
}

fn conn(serial: u32, role: u8, local: u16, peer: ([u8; 4], u16)) -> ConnNow {
    let mut c = ConnInfo::zero();
    (c.serial, c.role, c.pid, c.ino) = (serial, role, 4711, u64::from(serial));
    (c.family, c.ty, c.protocol) = (libc::AF_INET as u16, libc::SOCK_STREAM as u16, libc::IPPROTO_TCP as u16);
    c.flags = flag::LOCAL;
    c.local_len = addr(&mut c.local, local, if role == role::LISTENER { [0; 4] } else { [10, 0, 0, 5] });
    if peer.1 != 0 {
        c.flags |= flag::PEER;
        c.peer_len = addr(&mut c.peer, peer.1, peer.0);
    }
    ConnNow { opened_ns: Some(200_000_000), ..ConnNow::new(c) }
}

fn call(opcode: u16, name: &'static str, n: &[(u64, u64)], errors: u64) -> CallRow {
    let mut hist = Hist::new(1.0);
    let mut c = Counts { errors, min_ns: u64::MAX, ..Counts::default() };
    for &(ns, times) in n {
        let (octave, bucket) = socklens_wire::stats::bucket(ns);
        hist.put(octave, bucket, times);
        c.count += times;
        c.time_ns += ns * times;
        (c.min_ns, c.max_ns) = (c.min_ns.min(ns), c.max_ns.max(ns));
    }
    c.blocked_ns = c.time_ns / 4;
    if errors > 0 {
        c.errno.insert("EAGAIN".into(), errors);
    }
    CallRow { opcode, call: name, n: Counts { hist, ..c } }
}

/// A session `second` seconds after its start.
fn sample(second: u64, mode: Mode) -> Sample {
    let k = second * second;
    let mut s = Sample { read: true, own_net: true, ..Sample::default() };
    s.conns = vec![
        conn(1, role::LISTENER, 8080, ([0; 4], 0)),
        conn(2, role::SERVER, 8080, ([10, 0, 0, 77], 40_001)),
        conn(3, role::SERVER, 8080, ([10, 0, 0, 78], 40_002)),
        conn(9, role::CLIENT, 51_000, ([192, 168, 100, 200], 5432)),
    ];
    if mode != Mode::Off {
        for (i, c) in s.conns.iter_mut().enumerate() {
            let i = i as u64;
            c.calls = [i * 100 * k, i * 10 * k, 1];
            (c.bytes_in, c.bytes_out) = (i * 5_000 * k, i * i * 70_000 * k);
            c.last_ns = Some(second * 1_000_000_000 - 5_000_000);
        }
        s.conns[2].errors = 7;
        let recv = call(5, "recv", &[(900, 300 * k), (1_500, 50 * k), (40_000_000, 3 * k)], 12);
        s.stats.calls = vec![recv, call(6, "send", &[(2_100, 60 * k)], 0)];
        (s.stats.calls[0].n.bytes_in, s.stats.calls[1].n.bytes_out) = (30_000 * k, 980_000 * k);
    }
    s.inside = vec![
        Inside {
            pid: 4711,
            tid: 4712,
            comm: "worker".into(),
            call: "recv",
            conn: 9,
            fd: Some(12),
            for_ns: 3_200_000_000,
        },
        Inside {
            pid: 4711,
            tid: 4711,
            comm: "server".into(),
            call: "epoll_wait",
            conn: 0,
            fd: Some(4),
            for_ns: 800_000,
        },
    ];
    let st = &mut s.stats;
    st.mode = mode;
    st.elapsed_ns = second * 1_000_000_000;
    st.conns_total = 9;
    let n = Counts { count: 360 * k, errors: 12, bytes_in: 30_000 * k, bytes_out: 980_000 * k, ..Counts::default() };
    let n = if mode == Mode::Off { Counts::default() } else { n };
    st.processes = vec![
        ProcRow { pid: 4711, ppid: 4700, comm: "server".into(), threads: 2, n, ..ProcRow::default() },
        ProcRow { pid: 4720, ppid: 4711, comm: "helper".into(), end_ns: Some(900_000_000), ..ProcRow::default() },
    ];
    s.events = vec![Events { recorded: 100 * k, ..Events::default() }; 2];
    s
}

fn sockets(second: u64) -> Sockets {
    let tcp =
        Tcp { rtt_us: 1_200 + 40 * second as u32, cwnd: 10 + second as u32, ssthresh: u32::MAX, ..Tcp::default() };
    let live = |in_queue, out_queue, tcp| Live { in_queue, out_queue, state: 1, tcp };
    let mut s = Sockets::default();
    s.set(1, live(3, 128, None));
    s.set(2, live(0, 14_480, Some(tcp)));
    s.set(3, live(65_000, 0, Some(Tcp { rtt_us: 85, ..tcp })));
    s.set(9, live(0, 0, Some(Tcp { rtt_us: 23_000, ..tcp })));
    s
}

fn model(mode: Mode, seconds: u64) -> Model {
    let mut m = Model::default();
    for second in 1..=seconds {
        m.take(sample(second, mode), sockets(second));
        if second == 1 {
            m.follow(2);
        }
    }
    m
}

fn frame() -> Frame {
    Frame { title: "server (session 0123abcd)".into(), ..Frame::default() }
}

fn draw(m: &Model, ui: &mut Ui, f: &Frame, w: u16, h: u16) -> (Buffer, usize) {
    let mut b = Buffer::empty(Rect::new(0, 0, w, h));
    let rows = view::draw(m, ui, f, &mut b);
    (b, rows)
}

fn text(b: &Buffer) -> String {
    let line = |y| {
        let cells: String = (0..b.area.width).map(|x| b[(x, y)].symbol()).collect();
        cells.trim_end().to_owned()
    };
    (0..b.area.height).map(line).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn screen(m: &Model, ui: &mut Ui) -> String {
    text(&draw(m, ui, &frame(), 80, 24).0)
}

fn press(ui: &mut Ui, m: &mut Model, code: KeyCode) -> Then {
    ui.key(KeyEvent::new(code, KeyModifiers::NONE), m)
}

/// Without repeated empty lines, which nobody needs to read.
fn squeezed(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n")
}

/// A listener's second number is its limit, and neither rates nor round trips are its.
#[test]
fn a_listener_has_a_queue_of_connections_and_no_more() {
    let mut m = Model::default();
    for second in 1..=2 {
        let mut s = sockets(second);
        s.set(9, Live { in_queue: 60, out_queue: 0, state: 1, tcp: None });
        m.take(sample(second, Mode::Full), s);
        m.follow(1);
    }
    let serials: Vec<u32> =
        m.ordered(Sort::Queue, None, 0, 9).1.iter().map(|r| m.now.conns[r.index].info.serial).collect();
    assert_eq!(serials, [3, 2, 9, 1]);
    let shown = screen(&m, &mut Ui { over: Over::Connection, ..Ui::default() });
    assert!(shown.contains("\nlocal *:8080\n") && shown.contains("wait to be accepted: at most 128"), "{shown}");
    assert!(shown.contains("waiting         3  ") && !shown.contains("rtt") && !shown.contains("cwnd"), "{shown}");
}

#[test]
fn escape_shows_all_again() {
    let mut m = model(Mode::Full, 2);
    let mut ui = Ui { tab: Tab::Processes, ..Ui::default() };
    press(&mut ui, &mut m, KeyCode::Enter);
    assert!(ui.filter.is_some() && screen(&m, &mut ui).contains("only pid=4711"));
    assert_eq!(press(&mut ui, &mut m, KeyCode::Esc), Then::Draw);
    assert!(ui.filter.is_none() && screen(&m, &mut ui).contains("all connections"));
}

/// docs/TOP.md shows these very screens: after a change, put what this test prints there.
#[test]
fn screens_are_as_documented() {
    let doc = include_str!("../../../../docs/TOP.md");
    let mut m = model(Mode::Full, 8);
    let mut wrong = Vec::new();
    let mut check = |name: &str, text: String| {
        assert!(text.lines().all(|l| l.chars().count() <= 80) && text.lines().count() <= 24, "{text}");
        let text = squeezed(&text);
        if !doc.contains(&format!("```text\n{text}\n```")) {
            wrong.push(format!("{name}\n```text\n{text}\n```"));
        }
    };
    for tab in Tab::ALL {
        check(Tab::NAMES[tab as usize], screen(&m, &mut Ui { tab, ..Ui::default() }));
    }
    check("connection", screen(&m, &mut Ui { over: Over::Connection, ..Ui::default() }));
    check("call", screen(&m, &mut Ui { tab: Tab::Calls, over: Over::Call("recv"), ..Ui::default() }));
    check("help", screen(&m, &mut Ui { over: Over::Help, ..Ui::default() }));
    m = model(Mode::Off, 3);
    check("without statistics", screen(&m, &mut Ui::default()));
    assert!(wrong.is_empty(), "docs/TOP.md lacks:\n{}", wrong.join("\n"));
}

#[test]
fn rates_are_what_was_counted_in_between() {
    let m = model(Mode::Full, 2);
    assert!(m.rated);
    // Four times as much after two seconds as after one.
    assert_eq!((m.calls[0].calls, m.total.bytes_out), (1059.0, 2_940_000.0));
    let (_, list) = m.ordered(Sort::Number, None, 0, 10);
    assert_eq!(list.iter().map(|r| m.now.conns[r.index].info.serial).collect::<Vec<_>>(), [1, 2, 3, 9]);
    assert_eq!(list[1].calls, 330.0);
    let m = model(Mode::Full, 1);
    assert!(!m.rated && m.total.calls == 0.0, "one sample has no rate");
    let m = model(Mode::Off, 2);
    assert_eq!(m.total.calls, 600.0, "records, where nothing is counted");
    let mut m = Model::default();
    for second in 1..=2 {
        let mut s = sample(second, Mode::Off);
        s.stats.processes.clear();
        m.take(s, sockets(second));
    }
    assert!(m.total.calls.is_sign_positive(), "of nothing it is 0, not -0");
}

#[test]
fn orders_and_filters() {
    let m = model(Mode::Full, 3);
    let mut ui = Ui::default();
    let of = |ui: &Ui, sort| {
        let (n, list) = m.ordered(sort, ui.filter(), 0, 10);
        assert_eq!(n, list.len());
        list.iter().map(|r| m.now.conns[r.index].info.serial).collect::<Vec<_>>()
    };
    assert_eq!(of(&ui, Sort::Rate), [9, 3, 2, 1]);
    assert_eq!(of(&ui, Sort::Latency), [9, 2, 3, 1]);
    assert_eq!(of(&ui, Sort::Queue), [3, 2, 1, 9]);
    assert_eq!(of(&ui, Sort::Errors), [3, 1, 2, 9]);
    assert_eq!(of(&ui, Sort::Bytes), [9, 3, 2, 1]);
    ui.set_filter("peer=10.0.0.0/8 and role=server").unwrap();
    assert_eq!(of(&ui, Sort::Number), [2, 3]);
    ui.set_filter("pid=4711 and comm=serv*").unwrap();
    assert_eq!(of(&ui, Sort::Number).len(), 4);
    let wrong = ui.set_filter("peeer=:80").unwrap_err();
    assert!(wrong.contains("^^^^^ did you mean `peer`?"), "{wrong}");
    assert_eq!(m.ordered(Sort::Rate, None, 1, 2).1.len(), 2);
}

#[test]
fn a_hundred_thousand_connections_make_a_screenful_of_text() {
    let mut m = Model::default();
    for second in 1..=2 {
        let mut s = sample(second, Mode::Full);
        s.conns = (1..=100_000u32)
            .map(|i| {
                let mut c = conn(i, role::SERVER, 8080, ([10, (i >> 16) as u8, (i >> 8) as u8, i as u8], 40_000));
                c.calls[0] = u64::from(i % 1009) * second;
                c
            })
            .collect();
        m.take(s, Sockets::default());
    }
    let mut ui = Ui::default();
    let (b, rows) = draw(&m, &mut ui, &frame(), 80, 24);
    assert_eq!(rows, 18, "no more rows than the screen has are formatted");
    assert!(text(&b).contains("open 100k"), "{}", text(&b));
    // 1008 is the highest rate, and the lowest number comes first.
    assert!(text(&b).lines().nth(5).unwrap().starts_with("  1008 tcp"), "{}", text(&b));
    press(&mut ui, &mut m, KeyCode::End);
    let (b, rows) = draw(&m, &mut ui, &frame(), 80, 24);
    assert_eq!((rows, ui.row), (18, 99_999));
    assert!(text(&b).lines().nth(22).unwrap().starts_with(" 99891 tcp"), "{}", text(&b));
}

#[test]
fn keys_do_what_help_says() {
    let mut m = model(Mode::Full, 4);
    let mut ui = Ui::default();
    let mut key = |ui: &mut Ui, code| press(ui, &mut m, code);
    key(&mut ui, KeyCode::Tab);
    assert_eq!(ui.tab, Tab::Calls);
    key(&mut ui, KeyCode::Left);
    key(&mut ui, KeyCode::Left);
    assert_eq!(ui.tab, Tab::Blocked);
    key(&mut ui, KeyCode::Enter);
    assert_eq!(ui.over, Over::Connection);
    assert_eq!(key(&mut ui, KeyCode::Char('q')), Then::Draw);
    assert_eq!(ui.over, Over::Nothing);
    key(&mut ui, KeyCode::Down);
    key(&mut ui, KeyCode::Enter);
    assert_eq!((ui.over.clone(), ui.message.as_str()), (Over::Nothing, "it has no connection"));
    key(&mut ui, KeyCode::Char('2'));
    key(&mut ui, KeyCode::Enter);
    assert_eq!(ui.over, Over::Call("recv"));
    key(&mut ui, KeyCode::Esc);
    key(&mut ui, KeyCode::Char('3'));
    key(&mut ui, KeyCode::Enter);
    assert_eq!((ui.tab, ui.filter.as_ref().map(|f| f.0.as_str())), (Tab::Connections, Some("pid=4711")));
    key(&mut ui, KeyCode::Char('E'));
    assert_eq!(ui.sort, Sort::Errors);
    key(&mut ui, KeyCode::Char('s'));
    assert_eq!(ui.sort, Sort::Bytes);
    key(&mut ui, KeyCode::Char('?'));
    assert_eq!(ui.over, Over::Help);
    key(&mut ui, KeyCode::Esc);
    key(&mut ui, KeyCode::Char(' '));
    assert!(ui.paused);
    key(&mut ui, KeyCode::Char('+'));
    assert_eq!(ui.interval, Duration::from_secs(2));
    assert_eq!(key(&mut ui, KeyCode::Char('n')), Then::NextSession);
    assert_eq!(key(&mut ui, KeyCode::F(5)), Then::Sample);
    assert_eq!(key(&mut ui, KeyCode::Char('q')), Then::Quit);
    let c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(ui.key(c, &mut m), Then::Quit);
}

#[test]
fn a_condition_is_typed_and_mistakes_are_shown() {
    let mut m = model(Mode::Full, 2);
    let mut ui = Ui::default();
    press(&mut ui, &mut m, KeyCode::Char('/'));
    for c in "peeer=:5432".chars() {
        press(&mut ui, &mut m, KeyCode::Char(c));
    }
    press(&mut ui, &mut m, KeyCode::Enter);
    let shown = screen(&m, &mut ui);
    assert!(shown.contains("  ^^^^^ did you mean `peer`?\nshow only: peeer=:5432_"), "{shown}");
    for _ in 0..11 {
        press(&mut ui, &mut m, KeyCode::Backspace);
    }
    for c in "peer=:5432".chars() {
        press(&mut ui, &mut m, KeyCode::Char(c));
    }
    press(&mut ui, &mut m, KeyCode::Enter);
    let shown = screen(&m, &mut ui);
    assert!(shown.contains("192.168.100.200:5432") && !shown.contains("10.0.0.77"), "{shown}");
    assert!(shown.contains("\nonly peer=:5432  q quit"), "{shown}");
    assert_eq!(ui.rows(&m), 1);
}

#[test]
fn what_ended_stays_and_is_said() {
    let mut m = model(Mode::Full, 3);
    let mut s = sample(4, Mode::Full);
    s.conns.remove(1);
    m.take(s, sockets(4));
    let mut ui = Ui { over: Over::Connection, ..Ui::default() };
    let f = Frame { ended: Some("ended".into()), ..frame() };
    let shown = text(&draw(&m, &mut ui, &f, 80, 24).0);
    assert!(
        shown.contains("connection 2  tcp server  ended") && shown.lines().next().unwrap().ends_with("ended"),
        "{shown}"
    );
    assert!(shown.contains("peer 10.0.0.77:40001"), "{shown}");
}

#[test]
fn any_size_and_ascii() {
    let m = model(Mode::Full, 5);
    for (w, h) in [(1, 1), (39, 24), (40, 10), (80, 5), (81, 24), (200, 60), (124, 11)] {
        for tab in Tab::ALL {
            for over in [Over::Nothing, Over::Help, Over::Connection, Over::Call("recv"), Over::Call("gone")] {
                draw(&m, &mut Ui { tab, over, ..Ui::default() }, &frame(), w, h);
            }
        }
    }
    let f = Frame { ascii: true, ..frame() };
    for over in [Over::Nothing, Over::Connection, Over::Call("recv"), Over::Help] {
        let shown = text(&draw(&m, &mut Ui { over, ..Ui::default() }, &f, 80, 24).0);
        assert!(shown.is_ascii(), "{shown}");
    }
    let wide = text(&draw(&m, &mut Ui::default(), &frame(), 130, 24).0);
    assert!(wide.contains("10.0.0.5:51000") && wide.contains("4711 server"), "{wide}");
}

#[test]
fn unknown_words_are_pointed_at() {
    let e = super::unknown("latencie", &Sort::NAMES);
    assert!(e.contains("latencie") && e.contains("^^^^^^^^ did you mean `latency`?"), "{e}");
    let e = super::unknown("xyz", &Tab::NAMES);
    assert!(e.contains("it is one of: connections, calls, processes, blocked"), "{e}");
}
