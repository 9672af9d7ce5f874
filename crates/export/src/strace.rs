//! strace's syntax, for eyes and tools that know it.

use crate::buffer::Buffer;
use crate::meta::Times;
use crate::names::FdNames;
use crate::{Exporter, Start, mark};
use socklens_calls::Call;
use socklens_decode::{Opts, line};
use socklens_trace::{ExitStatus, Item, Phase, Sink, Summary, View};
use socklens_wire::conn::flag;
use socklens_wire::event::note;
use socklens_wire::{ConnInfo, Event};
use std::collections::HashMap;
use std::io::{self, Write};

pub struct Strace {
    opts: Opts,
    /// Every line names its process, by the number alone; else only when there are several, as `[pid 4242]`.
    always_pids: bool,
    out: Buffer,
    times: Times,
    scratch: Vec<u8>,
    /// Every connection as its latest call left it, by its number. Only for `-yy`.
    seen: HashMap<u32, ConnInfo>,
}

impl Strace {
    pub fn new(opts: Opts, always_pids: bool, writer: Box<dyn Write>) -> Strace {
        let out = Buffer::new(writer);
        Strace {
            opts: Opts { color: false, bare_pid: always_pids, ..opts },
            always_pids,
            out,
            times: Times::default(),
            scratch: Vec::new(),
            seen: HashMap::new(),
        }
    }

    fn opts(&self, view: &View) -> Opts {
        Opts { pids: self.always_pids || view.several, ..self.opts }
    }
}

impl Strace {
    /// What strace's `-yy` says of a socket that a call gives a name to is what it was when the call began.
    fn before(&mut self, event: &Event, phase: Phase, view: &View) -> Option<ConnInfo> {
        let now = view.conns.get(event.head.conn).filter(|_| self.opts.fds >= 2)?;
        let old = self.seen.get(&now.serial).copied();
        if phase != Phase::Enter {
            self.seen.insert(now.serial, *now);
        }
        // The first send of a socket without a name gives it one, too.
        let first = matches!(event.call(), Some(Call::sendto | Call::sendmsg | Call::sendmmsg))
            && old.is_some_and(|o| o.flags & flag::LOCAL == 0);
        let names = first || matches!(event.call(), Some(Call::bind | Call::connect));
        let unnamed = || ConnInfo { flags: now.flags & !(flag::LOCAL | flag::PEER), ..*now };
        names.then(|| old.unwrap_or_else(unnamed))
    }
}

impl Sink for Strace {
    fn item(&mut self, item: &Item, view: &View) -> io::Result<()> {
        let opts = self.opts(view);
        match item {
            Item::Call { phase, event, who } => {
                if *phase == (Phase::Died { shown: true }) {
                    return Ok(());
                }
                let meta = self.times.meta(event, *phase, who, view);
                let names = FdNames::new(view, who, event).instead(self.before(event, *phase, view));
                self.out.put(event.size(), |o| match phase {
                    Phase::Enter => line::strace_unfinished(event, &meta, &opts, &names, o),
                    Phase::Exit => line::strace_resumed(event, &meta, &opts, &names, o),
                    _ => line::strace(event, &meta, &opts, &names, o),
                })
            }
            Item::ProcEnd { proc, status: Some(status), replaced: false, at } => {
                let text = match status {
                    ExitStatus::Exited(n) => format!("+++ exited with {n} +++"),
                    ExitStatus::Killed { signal, core } => {
                        let dumped = if *core { " (core dumped)" } else { "" };
                        format!("+++ killed by {}{dumped} +++", crate::signal::name(*signal))
                    }
                };
                let who = crate::text::who(proc);
                let meta = self.times.at(*at, &who, view);
                let Some(event) = mark(&mut self.scratch, *at, "") else { return Ok(()) };
                self.out.put(text.len(), |o| {
                    line::strace_pid(proc.pid, &opts, o);
                    // The stamp is the one that a mark of this moment would have.
                    let start = o.len();
                    line::note_text(&event, &meta, &Opts { pids: false, ..opts }, o);
                    let stamp = o.bytes()[start..].windows(3).position(|w| w == b"---").unwrap_or(0);
                    o.rewind(start + stamp);
                    o.str(&text);
                    o.byte(b'\n');
                })
            }
            Item::Note { event, .. } if event.head.call == note::CONN_END => {
                self.seen.remove(&event.head.conn);
                Ok(())
            }
            Item::ConnLeft { info, .. } => {
                self.seen.remove(&info.serial);
                Ok(())
            }
            // strace has no line for the others, and what reads its syntax expects none.
            _ => Ok(()),
        }
    }

    fn idle(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Exporter for Strace {
    fn start(&mut self, _: &Start) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &Summary, _: Option<ExitStatus>) -> io::Result<()> {
        self.out.flush()
    }
}
