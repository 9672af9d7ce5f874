//! JSON lines: one object per call, note, process and connection. Described by schema.json.

use crate::buffer::Buffer;
use crate::meta::Times;
use crate::names::FdNames;
use crate::subject::Subjects;
use crate::{Exporter, SCHEMA_VERSION, Start};
use socklens_decode::{Opts, Out, line, quote};
use socklens_trace::{ExitStatus, Item, Sink, Summary, View, Who};
use socklens_wire::event::{ARG_RESULT, CAP_HEAD, HEAD, note, word_of_size};
use socklens_wire::{ConnInfo, Event, Part};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

pub struct Json {
    opts: Opts,
    out: Buffer,
    times: Times,
    subjects: Subjects,
}

impl Json {
    pub fn new(opts: Opts, writer: Box<dyn Write>) -> Json {
        Json {
            opts: Opts { color: false, ..opts },
            out: Buffer::new(writer),
            times: Times::default(),
            subjects: Subjects::default(),
        }
    }

    /// One record: `write` writes its members after the type.
    fn record(&mut self, size: usize, kind: &str, write: impl FnOnce(&mut Out)) -> io::Result<()> {
        self.out.put(size, |o| {
            o.str("{\"type\":\"");
            o.str(kind);
            o.byte(b'"');
            write(o);
            o.str("}\n");
        })
    }
}

fn number(o: &mut Out, name: &str, n: u64) {
    o.str(",\"");
    o.str(name);
    o.str("\":");
    o.udec(n);
}

fn string(o: &mut Out, name: &str, text: &[u8]) {
    o.str(",\"");
    o.str(name);
    o.str("\":");
    quote::json_str(o, text);
}

fn times(o: &mut Out, at: u64, view: &View) {
    number(o, "time", view.clock.real(at));
    number(o, "mono", view.clock.mono(at));
}

fn status(o: &mut Out, s: ExitStatus) {
    match s {
        ExitStatus::Exited(n) => {
            o.str(",\"exit\":");
            o.dec(i64::from(n));
        }
        ExitStatus::Killed { signal, core } => {
            string(o, "signal", crate::signal::name(signal).as_bytes());
            o.str(if core { ",\"core\":true" } else { ",\"core\":false" });
        }
    }
}

impl Sink for Json {
    fn item(&mut self, item: &Item, view: &View) -> io::Result<()> {
        match item {
            Item::Call { phase, event, who } => {
                let meta = self.times.meta(event, *phase, who, view);
                let names = FdNames::new(view, who, event);
                let opts = self.opts;
                let subjects = &mut self.subjects;
                self.out.put(event.size(), |o| {
                    line::json_by(event, &meta, &opts, &names, o, |o| subjects.write(event, &meta, &opts, &names, o));
                })
            }
            Item::Note { event, who } => {
                let mut meta = self.times.at(event.head.end, who, view);
                meta.conn = view.conns.get(event.head.conn);
                let opts = self.opts;
                self.out.put(event.size(), |o| line::note_json(event, &meta, &opts, o))
            }
            Item::ConnLeft { info, at } => self.left(info, *at, view),
            Item::ProcStart { proc } => self.record(proc.exe.len() + proc.comm.len(), "process_start", |o| {
                times(o, proc.start, view);
                number(o, "pid", u64::from(proc.pid));
                number(o, "ppid", u64::from(proc.ppid));
                number(o, "uid", u64::from(proc.uid));
                string(o, "comm", &proc.comm);
                string(o, "exe", &proc.exe);
                string(o, "born", if proc.forked { b"fork" } else { b"exec" });
            }),
            Item::ProcEnd { proc, status: how, replaced, at } => self.record(proc.comm.len(), "process_end", |o| {
                times(o, *at, view);
                number(o, "pid", u64::from(proc.pid));
                string(o, "comm", &proc.comm);
                if let Some(how) = how {
                    status(o, *how);
                }
                if *replaced {
                    o.str(",\"replaced\":true");
                }
            }),
        }
    }

    fn idle(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Json {
    /// The end of a connection that nobody closed, as the note of an end would be.
    fn left(&mut self, info: &ConnInfo, at: u64, view: &View) -> io::Result<()> {
        let size = HEAD + CAP_HEAD + ConnInfo::SIZE;
        let mut bytes = [0u8; HEAD + CAP_HEAD + ConnInfo::SIZE];
        bytes[..4].copy_from_slice(&word_of_size(size).to_le_bytes());
        bytes[4..6].copy_from_slice(&note::CONN_END.to_le_bytes());
        bytes[32..36].copy_from_slice(&info.serial.to_le_bytes());
        bytes[39] = 1;
        bytes[HEAD] = ARG_RESULT;
        bytes[HEAD + 1] = Part::Data as u8;
        bytes[HEAD + 8..HEAD + 12].copy_from_slice(&(ConnInfo::SIZE as u32).to_le_bytes());
        bytes[HEAD + 12..HEAD + 16].copy_from_slice(&(ConnInfo::SIZE as u32).to_le_bytes());
        bytes[HEAD + CAP_HEAD..].copy_from_slice(info.as_bytes());
        let Some(event) = Event::parse(&bytes) else { return Ok(()) };
        let who = Who { proc: u32::MAX, pid: info.pid, tid: info.pid, host_pid: 0, comm: &[] };
        let meta = self.times.at(at, &who, view);
        let opts = self.opts;
        self.out.put(size, |o| {
            let start = o.len();
            line::note_json(&event, &meta, &opts, o);
            if o.bytes()[start..].ends_with(b"}\n") {
                o.rewind(o.len() - 2);
                o.str(",\"left_open\":true}\n");
            }
        })
    }
}

impl Exporter for Json {
    fn start(&mut self, start: &Start) -> io::Result<()> {
        let size = start.command.iter().map(|a| a.len() + 8).sum();
        self.record(size, "start", |o| {
            number(o, "schema", SCHEMA_VERSION);
            string(o, "version", env!("CARGO_PKG_VERSION").as_bytes());
            o.str(",\"command\":[");
            for (i, arg) in start.command.iter().enumerate() {
                if i > 0 {
                    o.byte(b',');
                }
                quote::json_str(o, arg.as_bytes());
            }
            o.byte(b']');
            let begin = start.clock.start();
            number(o, "time", begin.real);
            number(o, "mono", begin.mono);
        })?;
        // What waits for the log sees at once that it has begun.
        self.out.flush()
    }

    fn end(&mut self, s: &Summary, child: Option<ExitStatus>) -> io::Result<()> {
        let unseen: usize = s.unseen.iter().map(|u| u.path.len() + u.why.len() + 64).sum();
        self.record(unseen + s.procs.len() * 80 + s.io_uring.len() * 80, "end", |o| {
            number(o, "recorded", s.recorded);
            number(o, "dropped", s.dropped.saturating_add(s.slotless));
            number(o, "filtered", s.filtered);
            number(o, "holes", s.holes);
            number(o, "connections", s.conns);
            number(o, "threads", s.threads);
            number(o, "dur", s.elapsed_ns);
            if let Some(c) = child {
                status(o, c);
            }
            o.str(",\"processes\":[");
            for (i, (pid, comm)) in s.procs.iter().enumerate() {
                o.str(if i > 0 { ",{\"pid\":" } else { "{\"pid\":" });
                o.udec(u64::from(*pid));
                string(o, "comm", comm.as_bytes());
                o.byte(b'}');
            }
            o.str("],\"unseen\":[");
            let io_uring = s.io_uring.iter().map(|(pid, comm)| (*pid, comm.as_str(), "io_uring"));
            let all = s.unseen.iter().map(|u| (u.pid, u.path.as_str(), u.why.as_str())).chain(io_uring);
            for (i, (pid, path, why)) in all.enumerate() {
                o.str(if i > 0 { ",{\"pid\":" } else { "{\"pid\":" });
                o.udec(u64::from(pid));
                string(o, "path", path.as_bytes());
                string(o, "why", why.as_bytes());
                o.byte(b'}');
            }
            o.byte(b']');
        })?;
        self.out.flush()
    }
}
