//! The formats, from items made here.

use socklens_decode::{Format, Opts, Stamp};
use socklens_export::{Exporter, SCHEMA, Start};
use socklens_trace::{Clock, Conns, ExitStatus, Item, Phase, Proc, Summary, Unseen, View, Who};
use socklens_wire::event::{HEAD, note, word_of_size};
use socklens_wire::layout::{Anchor, clock};
use socklens_wire::{ConnInfo, Event};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, b: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(b);
        Ok(b.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const START: Anchor = Anchor { raw: 1_000_000_000, mono: 1_000_000_000, real: 0 };
const WHO: Who<'static> = Who { proc: 0, pid: 7, tid: 7, host_pid: 0, comm: b"prog" };

/// close(3), from `start` to `start` + 5 µs.
fn close(start: u64) -> Vec<u8> {
    let mut b = vec![0u8; HEAD + 8];
    let size = b.len();
    b[..4].copy_from_slice(&word_of_size(size).to_le_bytes());
    b[4..6].copy_from_slice(&(socklens_calls::Call::close as u16).to_le_bytes());
    b[8..16].copy_from_slice(&start.to_le_bytes());
    b[16..24].copy_from_slice(&(start + 5000).to_le_bytes());
    b[38] = 1;
    b[HEAD] = 3;
    b
}

fn proc(key: u32) -> Proc {
    let exe = b"/bin/prog".to_vec();
    Proc {
        key,
        pid: 7 + key,
        ppid: 1,
        host_pid: 0,
        uid: 0,
        forked: key > 0,
        start: START.raw,
        comm: b"prog".to_vec(),
        exe,
    }
}

/// What a format makes of a small session.
fn log(format: Format, opts: Opts, always_pids: bool, several: bool) -> String {
    let to = Shared::default();
    let mut x: Box<dyn Exporter> = socklens_export::new(format, opts, always_pids, Box::new(to.clone()));
    let clock = Clock::new(clock::MONOTONIC, START);
    let conns = Conns::default();
    let view = View { clock: &clock, conns: &conns, several };
    x.start(&Start { command: &["prog".into(), "a\"b".into()], clock: &clock }).unwrap();
    x.item(&Item::ProcStart { proc: &proc(0) }, &view).unwrap();
    x.item(&Item::ProcStart { proc: &proc(1) }, &view).unwrap();
    let bytes = close(START.raw + 2_000_000);
    let event = Event::parse(&bytes).unwrap();
    for phase in [Phase::Whole, Phase::Enter, Phase::Exit, Phase::Died { shown: true }] {
        x.item(&Item::Call { phase, event: &event, who: WHO }, &view).unwrap();
    }
    let mut unseen = close(START.raw + 3_000_000);
    unseen[4..6].copy_from_slice(&note::UNSEEN.to_le_bytes());
    unseen[24] = 1;
    let event = Event::parse(&unseen).unwrap();
    x.item(&Item::Note { event: &event, who: WHO }, &view).unwrap();
    let info = ConnInfo { serial: 9, family: 2, ty: 1, ..ConnInfo::zero() };
    x.item(&Item::ConnLeft { info: &info, at: START.raw + 4_000_000 }, &view).unwrap();
    let status = Some(ExitStatus::Killed { signal: 9, core: false });
    x.item(&Item::ProcEnd { proc: &proc(0), status, replaced: false, at: START.raw + 4_000_000 }, &view).unwrap();
    let unseen = vec![Unseen { pid: 8, path: "/bin/static".into(), why: "statically linked".into() }];
    let summary = Summary { recorded: 1, unseen, procs: vec![(7, "prog".into())], ..Summary::default() };
    x.end(&summary, status).unwrap();
    String::from_utf8(to.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn text() {
    let got = log(Format::Text, Opts::DEFAULT, false, false);
    let lines: Vec<&str> = got.lines().collect();
    assert_eq!(lines.len(), 6, "{got}");
    assert!(lines[0].ends_with("--- process 8 (prog) was forked from 1 ---"), "{got}");
    assert!(lines[1].starts_with("   0.002000 close(3)") && lines[1].contains("= 0"), "{got}");
    assert_eq!(lines[2], "   0.002000 close(3 <unfinished ...>");
    assert!(lines[3].starts_with("   0.002005 <... close resumed>)") && lines[3].contains("= 0"), "{got}");
    assert!(lines[4].contains("io_uring"), "{got}");
    assert!(lines[5].ends_with("--- process 7 (prog) was killed by SIGKILL ---"), "{got}");
    let got = log(Format::Text, Opts { color: true, ..Opts::DEFAULT }, false, true);
    assert!(got.contains("prog[7]") && got.contains("\x1b[2m"), "{got}");
}

#[test]
fn strace() {
    let opts = Opts { stamp: Stamp::None, ..Opts::DEFAULT };
    let got = log(Format::Strace, opts, false, false);
    let lines: Vec<&str> = got.lines().collect();
    assert!(lines[0].starts_with("close(3)") && lines[0].ends_with("= 0"), "{got}");
    assert_eq!(lines[1], "close(3 <unfinished ...>");
    assert!(lines[2].starts_with("<... close resumed>)"), "{got}");
    assert_eq!(lines[3..], ["+++ killed by SIGKILL +++"]);
    let opts = Opts { stamp: Stamp::Relative, ..Opts::DEFAULT };
    let got = log(Format::Strace, opts, true, false);
    assert!(got.ends_with("\n7          0.001995 +++ killed by SIGKILL +++\n"), "{got}");
}

#[test]
fn json() {
    let got = log(Format::Json, Opts::DEFAULT, false, false);
    let kinds: Vec<&str> = got.lines().map(|l| l.split('"').nth(3).unwrap()).collect();
    let calls = ["call"; 4];
    let want =
        [&["start", "process_start", "process_start"][..], &calls, &["unseen", "conn_end", "process_end", "end"]]
            .concat();
    assert_eq!(kinds, want, "{got}");
    assert!(got.contains(r#""command":["prog","a\"b"]"#), "{got}");
    assert!(got.contains(r#""left_open":true}"#), "{got}");
    assert!(got.contains(r#""signal":"SIGKILL","core":false"#), "{got}");
    assert!(got.ends_with("\"why\":\"statically linked\"}]}\n"), "{got}");
    // Every kind of record is in the schema.
    for kind in kinds {
        assert!(SCHEMA.contains(&format!("\"{kind}\"")), "{kind}");
    }
}
