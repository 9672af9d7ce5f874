//! socklens's own text: a line per call, with its connection.

use crate::buffer::Buffer;
use crate::meta::Times;
use crate::names::FdNames;
use crate::{Exporter, Start, mark};
use socklens_decode::{Opts, line, quote};
use socklens_trace::{ExitStatus, Item, Phase, Proc, Sink, Summary, View, Who};
use std::io::{self, Write};

pub struct Text {
    opts: Opts,
    out: Buffer,
    times: Times,
    scratch: Vec<u8>,
}

impl Text {
    pub fn new(opts: Opts, writer: Box<dyn Write>) -> Text {
        Text { opts, out: Buffer::new(writer), times: Times::default(), scratch: Vec::new() }
    }

    /// A line that is no call's: `--- process 4242 (curl) ended ---`.
    fn remark(&mut self, at: u64, proc: &Proc, view: &View, text: &str) -> io::Result<()> {
        let who = who(proc);
        let event = mark(&mut self.scratch, at, text);
        let Some(event) = event else { return Ok(()) };
        let meta = self.times.at(at, &who, view);
        let opts = Opts { pids: view.several, ..self.opts };
        let dim = opts.color;
        self.out.put(event.size(), |o| {
            if dim {
                o.str("\x1b[2m");
            }
            line::note_text(&event, &meta, &Opts { color: false, ..opts }, o);
            if dim && o.bytes().last() == Some(&b'\n') {
                o.rewind(o.len() - 1);
                o.str("\x1b[0m\n");
            }
        })
    }
}

pub fn who(proc: &Proc) -> Who<'_> {
    Who { proc: proc.key, pid: proc.pid, tid: proc.pid, host_pid: proc.host_pid, comm: &proc.comm }
}

/// A name for people: what terminals must not see is replaced.
pub fn safe(name: &[u8]) -> String {
    let mut room = [0u8; 1024];
    let mut out = socklens_decode::Out::new(&mut room);
    quote::safe(&mut out, name);
    String::from_utf8_lossy(out.bytes()).into_owned()
}

impl Sink for Text {
    fn item(&mut self, item: &Item, view: &View) -> io::Result<()> {
        match item {
            Item::Call { phase, event, who } => {
                if *phase == (Phase::Died { shown: true }) {
                    return Ok(());
                }
                let meta = self.times.meta(event, *phase, who, view);
                let names = FdNames::new(view, who, event);
                let opts = Opts { pids: view.several, ..self.opts };
                self.out.put(event.size(), |o| match phase {
                    Phase::Enter => line::text_unfinished(event, &meta, &opts, &names, o),
                    Phase::Exit => line::text_resumed(event, &meta, &opts, &names, o),
                    _ => line::text(event, &meta, &opts, &names, o),
                })
            }
            Item::Note { event, who } => {
                if !crate::is_told(event) {
                    return Ok(());
                }
                let mut meta = self.times.at(event.head.end, who, view);
                meta.conn = view.conns.get(event.head.conn);
                let opts = Opts { pids: view.several, ..self.opts };
                self.out.put(event.size(), |o| line::note_text(event, &meta, &opts, o))
            }
            Item::ProcStart { proc } if proc.key > 0 => {
                let text = if proc.forked {
                    format!("process {} ({}) was forked from {}", proc.pid, safe(&proc.comm), proc.ppid)
                } else {
                    format!("process {} runs {}", proc.pid, safe(&proc.exe))
                };
                self.remark(proc.start, proc, view, &text)
            }
            Item::ProcEnd { proc, status, replaced: false, at } => {
                let killed = matches!(status, Some(ExitStatus::Killed { .. }));
                if !killed && proc.key == 0 && !view.several {
                    return Ok(());
                }
                let how = match status {
                    Some(ExitStatus::Killed { signal, core }) => {
                        let dumped = if *core { " (core dumped)" } else { "" };
                        format!("was killed by {}{dumped}", crate::signal::name(*signal))
                    }
                    Some(ExitStatus::Exited(n)) => format!("exited with {n}"),
                    None => "ended".to_owned(),
                };
                self.remark(*at, proc, view, &format!("process {} ({}) {how}", proc.pid, safe(&proc.comm)))
            }
            Item::ProcStart { .. } | Item::ProcEnd { .. } | Item::ConnLeft { .. } => Ok(()),
        }
    }

    fn idle(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Exporter for Text {
    fn start(&mut self, _: &Start) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &Summary, _: Option<ExitStatus>) -> io::Result<()> {
        self.out.flush()
    }
}
