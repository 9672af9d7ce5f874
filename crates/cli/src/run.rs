//! `socklens run`: make a session, start the program in it, read until everything has ended.

use crate::args::{Kind, Run};
use crate::probe::{self, Obstacle, Program};
use crate::{USAGE, child, complain, library, preload, startup, summary};
use anyhow::{Context, Result};
use socklens_export::{Exporter, Start};
use socklens_trace::{ExitStatus, Follower, Outcome, Session, Settings, Setup, Split, Wake};
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Runs a program. The exit status is its own.
pub fn run(args: Run) -> ExitCode {
    let (set, filter) = match (args.calls(), args.filter()) {
        (Ok(set), Ok(filter)) => (set, filter),
        (Err(e), _) | (_, Err(e)) => return usage(&e),
    };
    let changes = match preload::asked(&args.env) {
        Ok(changes) => changes,
        Err(e) => return usage(&e),
    };
    let wanted = filter.as_ref().map_or(set, |f| set.and(f.calls()));
    let setup = Setup {
        strlen: args.strsize.min(16 * 1024),
        wanted: wanted.bits(),
        filter: filter.map(|f| f.as_bytes().to_vec()),
        follow: !args.no_follow,
        lossy: args.lossy,
        wait_ms: args.wait.as_millis() as u32,
        buffer: args.buffer,
    };
    match traced(&args, &setup, changes) {
        Ok(end) => end.leave(),
        Err(e) => {
            complain(&format!("{e:#}"));
            ExitCode::FAILURE
        }
    }
}

fn usage(what: &str) -> ExitCode {
    // Errors of the rule language come with their own heading and several lines.
    if what.contains('\n') {
        let _ = writeln!(io::stderr(), "{what}");
    } else {
        complain(what);
    }
    ExitCode::from(USAGE)
}

/// How socklens itself is to end.
enum End {
    Code(u8),
    Signal(i32),
}

impl End {
    fn leave(self) -> ExitCode {
        match self {
            End::Code(n) => ExitCode::from(n),
            End::Signal(s) => {
                child::die_of(s);
                // Signals that do not kill by themselves cannot have killed the program either.
                ExitCode::from((128 + s).clamp(0, 255) as u8)
            }
        }
    }
}

fn traced(args: &Run, setup: &Setup, mut changes: preload::Changes) -> Result<End> {
    let program = &args.command[0];
    let name = program.to_string_lossy().into_owned();
    let path = changes.get(OsStr::new("PATH")).cloned().flatten();
    let found = match probe::search(program, path.as_deref()) {
        Ok(found) => found,
        Err(e) => {
            complain(&format!("cannot run {name}: {e}"));
            return Ok(End::Code(e.status()));
        }
    };
    let library = library::find()?;
    // What cannot be read is run all the same: the kernel has the last word.
    let known = Program::examine(&found).ok();
    if let Some(p) = &known {
        warn(p);
    }
    startup::lift_file_size();
    let mut exporter = exporter(args)?;
    let session = Session::create(setup)?;
    preload::add(&mut changes, &library, session.path(), known.as_ref().and_then(|p| p.elf.as_ref()));
    let wake = Arc::new(Wake::new(session.map()));
    let settings = Settings { split: split(args.format), wait_all: !args.no_wait, ..Settings::default() };
    let mut follower = Follower::new(session.map(), settings, Some(Box::new(probe::explain)));
    exporter
        .start(&Start { command: &args.command, clock: follower.reader().clock() })
        .context("cannot write the log")?;
    let pid = match child::start(&args.command, &changes, &wake) {
        Ok(pid) => pid,
        Err(e) => {
            complain(&format!("cannot run {name}: {e}"));
            return Ok(End::Code(if e.kind() == io::ErrorKind::NotFound { 127 } else { 126 }));
        }
    };
    let target = known.as_ref().map_or(found.as_path(), Program::target);
    follower.reader().expect(pid, &target.to_string_lossy());
    let mut outcome = follower.run(&mut *exporter, &wake);
    drop(session);
    let written = exporter.end(&outcome.summary, outcome.child);
    outcome.error = outcome.error.or(written.err());
    Ok(close(args, &name, &outcome))
}

fn split(format: Kind) -> Split {
    match format {
        Kind::Json => Split::Never,
        Kind::Strace => Split::Overlap,
        Kind::Text => Split::Blocking(Duration::from_millis(200)),
    }
}

/// Says before the start what will be missing.
fn warn(p: &Program) {
    if let Some(o) = &p.obstacle
        && *o != Obstacle::NotElf
    {
        complain(&format!("{} {o}", p.target().display()));
    }
}

fn exporter(args: &Run) -> Result<Box<dyn Exporter>> {
    let writer: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(open(path, args.append)?),
        None => Box::new(io::stderr()),
    };
    Ok(socklens_export::new(args.format(), args.opts(), args.follow > 0 && args.output.is_some(), writer))
}

fn open(path: &Path, append: bool) -> Result<std::fs::File> {
    let mut how = OpenOptions::new();
    how.create(true).write(true).append(append).truncate(!append);
    how.open(path).with_context(|| format!("cannot write the log to {}", path.display()))
}

fn close(args: &Run, name: &str, outcome: &Outcome) -> End {
    if let Some(e) = &outcome.error
        && e.kind() != io::ErrorKind::BrokenPipe
    {
        complain(&format!("the log is not complete: {e}"));
    }
    if !args.quiet {
        let mut text = String::new();
        let (dim, off) =
            if io::stderr().is_terminal() && args.opts().color { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
        for line in summary::lines(&outcome.summary, outcome.left) {
            text += &format!("{dim}socklens: {line}{off}\n");
        }
        // Nobody is left to tell when stderr is closed.
        let _ = io::stderr().write_all(text.as_bytes());
    }
    match outcome.child {
        Some(status @ ExitStatus::Killed { signal, .. }) => {
            if let Some(text) = summary::killed(name, status) {
                complain(&text);
            }
            End::Signal(signal)
        }
        Some(ExitStatus::Exited(n)) => End::Code((n & 0xff) as u8),
        // Asked to end while the program still runs.
        None => End::Signal(libc::SIGTERM),
    }
}
