//! `socklens run`: make a session, start the program in it, read until everything has ended.

use crate::args::{Kind, Log, Run};
use crate::faults::{Both, Recorder, Replay};
use crate::probe::{self, Obstacle, Program};
use crate::{USAGE, child, complain, faults, library, preload, startup, stat, summary};
use anyhow::{Context, Result};
use socklens_export::{Exporter, Start, stats};
use socklens_rules::fault::{FaultBlock, Region};
use socklens_trace::{ExitStatus, Follower, Outcome, Reader, Session, Settings, Setup, Sink, Split, Wake};
use socklens_wire::stats::mode;
use std::ffi::{OsStr, OsString};
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
    let replayed = match args.replay.as_deref().map(|path| (path, faults::read_schedule(path))) {
        None => None,
        Some((path, Ok(recorded))) => Some((path, recorded)),
        Some((_, Err(e))) => return usage(&e),
    };
    if replayed.is_some() {
        if let Some(rule) = args.injected().next() {
            return usage(&format!("`-e {rule}`: the schedule of --replay has its own rules"));
        }
        if args.faults.seed.is_some() || args.faults.realism.is_some() {
            complain("--seed and --realism have no effect with --replay: the schedule has its own");
        }
    }
    let faults = match args.faults.load(args.injected()) {
        Ok(faults) => faults,
        Err(e) => return usage(&e),
    };
    if let Some(f) = faults.as_ref().filter(|f| f.drawn && !args.log.quiet) {
        complain(&format!("fault rules: --seed {} makes the same decisions again", f.block.seed));
    }
    let mut rules = replayed.as_ref().map(|(_, r)| r.block.clone()).or(faults.map(|f| f.block));
    if args.record_faults.is_some() {
        // Rules may come while the program runs.
        rules.get_or_insert_with(|| args.faults.no_rules()).record();
    }
    let wanted = filter.as_ref().map_or(set, |f| set.and(f.calls()));
    let setup = Setup {
        memory: args.memory.into(),
        strlen: args.log.strsize.min(16 * 1024),
        wanted: wanted.bits(),
        filter: filter.map(|f| f.as_bytes().to_vec()),
        filter_counts: false,
        faults: rules,
        schedule: replayed.as_ref().map(|(_, r)| r.schedule.clone()).unwrap_or_default(),
        follow: !args.no_follow,
        lossy: args.lossy,
        wait_ms: args.wait.as_millis() as u32,
        buffer: args.buffer,
        conns: args.connections,
        counted: if args.stats { wanted.bits() } else { [0; 4] },
        stats: if args.stats { mode::FULL } else { mode::OFF },
    };
    let replay = replayed.map(|(path, r)| Replay::new(path, r));
    match traced(&args, &setup, changes, replay.as_ref()) {
        Ok(end) => end.leave(),
        Err(e) => {
            complain(&format!("{e:#}"));
            ExitCode::FAILURE
        }
    }
}

pub fn usage(what: &str) -> ExitCode {
    // Errors of the rule language come with their own heading and several lines.
    if what.contains('\n') {
        let _ = writeln!(io::stderr(), "{what}");
    } else {
        complain(what);
    }
    ExitCode::from(USAGE)
}

/// How socklens itself is to end.
pub enum End {
    Code(u8),
    Signal(i32),
}

impl End {
    pub fn leave(self) -> ExitCode {
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

/// A program that runs in a session, and what reads it.
pub struct Launched {
    pub name: String,
    session: Session,
    follower: Follower,
    wake: Arc<Wake>,
}

impl Launched {
    /// Follows the session to its end; `watch` as in [`Follower::run_watched`].
    pub fn follow(self, sink: &mut dyn Sink, watch: &mut dyn FnMut(&Reader, bool)) -> Outcome {
        let outcome = self.follower.run_watched(sink, &self.wake, watch);
        drop(self.session);
        outcome
    }
}

/// Makes a session and starts a program in it. `ready` runs before the start. The inner error: it could not be started,
/// which was said already.
pub fn launch(
    command: &[OsString],
    setup: &Setup,
    settings: Settings,
    mut changes: preload::Changes,
    ready: &mut dyn FnMut(&mut Follower) -> Result<()>,
) -> Result<Result<Launched, End>> {
    let program = &command[0];
    let name = program.to_string_lossy().into_owned();
    let path = changes.get(OsStr::new("PATH")).cloned().flatten();
    let found = match probe::search(program, path.as_deref()) {
        Ok(found) => found,
        Err(e) => {
            complain(&format!("cannot run {name}: {e}"));
            return Ok(Err(End::Code(e.status())));
        }
    };
    let library = library::find()?;
    // What cannot be read is run all the same: the kernel has the last word.
    let known = Program::examine(&found).ok();
    let lacks = known.as_ref().filter(|p| matches!(p.obstacle, Some(Obstacle::Lacks { .. })));
    if let Some(p) = known.as_ref().filter(|_| lacks.is_none()) {
        warn(p);
    }
    startup::lift_file_size();
    let session = Session::create(setup)?;
    preload::add(&mut changes, &library, session.name(), known.as_ref().and_then(|p| p.elf.as_ref()));
    let wake = Arc::new(Wake::new(session.map()));
    let mut follower = Follower::new(session.map(), settings, Some(Box::new(probe::explain)));
    ready(&mut follower)?;
    let pid = match child::start(command, &changes, &wake) {
        Ok(pid) => pid,
        Err(e) => {
            match lacks.and_then(|p| p.obstacle.as_ref().map(|o| (p.target(), o))) {
                // The file is there: what the kernel has not found is another.
                Some((at, o)) if e.kind() == io::ErrorKind::NotFound => complain(&format!("{} {o}", at.display())),
                _ => complain(&format!("cannot run {name}: {e}")),
            }
            return Ok(Err(End::Code(if e.kind() == io::ErrorKind::NotFound { 127 } else { 126 })));
        }
    };
    let target = known.as_ref().map_or(found.as_path(), Program::target);
    follower.reader().expect(pid, &target.to_string_lossy());
    Ok(Ok(Launched { name, session, follower, wake }))
}

fn traced(args: &Run, setup: &Setup, changes: preload::Changes, replay: Option<&Replay>) -> Result<End> {
    let none = FaultBlock::new();
    let rules = setup.faults.as_deref().unwrap_or(&none);
    let recorder = args.record_faults.as_deref().map(|path| Recorder::create(path, rules, &args.command));
    let mut recorder = recorder.transpose()?;
    let mut log: Option<Box<dyn Exporter>> = None;
    let settings = Settings { split: split(args.log.format), wait_all: !args.no_wait, ..Settings::default() };
    let launched = launch(&args.command, setup, settings, changes, &mut |follower| {
        child::switch_rules(follower.reader().map());
        let exporter = log.insert(exporter(&args.log, args.follow > 0)?);
        exporter
            .start(&Start { command: &args.command, clock: follower.reader().clock() })
            .context("cannot write the log")
    })?;
    let (launched, mut exporter) = match (launched, log) {
        (Ok(launched), Some(exporter)) => (launched, exporter),
        (Err(end), _) => return Ok(end),
        (Ok(_), None) => return Ok(End::Code(1)),
    };
    let name = launched.name.clone();
    let map = launched.session.map();
    let mut tables = Vec::new();
    let mut both = Both { log: &mut *exporter, recorder: recorder.as_mut(), region: Region::of(&map.segment()) };
    let mut outcome = launched.follow(&mut both, &mut |reader, last| {
        if last && args.stats {
            tables = behind_the_log(args, reader);
        }
    });
    let written = exporter.end(&outcome.summary, outcome.child);
    drop(exporter);
    outcome.error = outcome.error.or(written.err());
    if outcome.error.is_none() && !tables.is_empty() {
        let to = args.log.output.as_ref().map(|path| OpenOptions::new().append(true).open(path));
        let done = match to {
            Some(file) => file.and_then(|mut f| f.write_all(&tables)),
            None => io::stderr().write_all(&tables),
        };
        outcome.error = done.err();
    }
    let mut said = faults::outcome(&map.segment());
    let written = recorder.map(|r| r.end(&map.segment()));
    for (fine, lines) in written.into_iter().chain(replay.map(|r| r.outcome(&map.segment()))) {
        if fine || !args.log.quiet {
            said.extend(lines);
        } else {
            lines.iter().for_each(|line| complain(line));
        }
    }
    Ok(close(args, &name, &outcome, &said))
}

/// What --stats adds: tables, or in a log of JSON lines one more of them.
fn behind_the_log(args: &Run, reader: &Reader) -> Vec<u8> {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = if args.log.format == Kind::Json {
        text.extend_from_slice(b"{\"type\":\"stats\",\"stats\":");
        let done = stat::document(reader, &args.command, &[], true, &mut text);
        // Between strings a newline is only space.
        text.retain(|b| *b != b'\n');
        text.extend_from_slice(b"}\n");
        done
    } else {
        text.push(b'\n');
        stats::tables(&reader.snapshot(usize::MAX), stats::Sort::default(), &[], &mut text)
    };
    text
}

pub fn split(format: Kind) -> Split {
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

/// The exporter that the options ask for. `pids`: strace's lines begin with the process.
pub fn exporter(log: &Log, pids: bool) -> Result<Box<dyn Exporter>> {
    let writer: Box<dyn Write> = match &log.output {
        Some(path) => Box::new(open(path, log.append)?),
        None => Box::new(io::stderr()),
    };
    Ok(socklens_export::new(log.format(), log.opts(), pids && log.output.is_some(), writer))
}

pub fn open(path: &Path, append: bool) -> Result<std::fs::File> {
    let mut how = OpenOptions::new();
    how.create(true).write(true).append(append).truncate(!append);
    how.open(path).with_context(|| format!("cannot write to {}", path.display()))
}

fn close(args: &Run, name: &str, outcome: &Outcome, faults: &[String]) -> End {
    if let Some(e) = &outcome.error
        && e.kind() != io::ErrorKind::BrokenPipe
    {
        complain(&format!("the log is not complete: {e}"));
    }
    if !args.log.quiet {
        let mut text = String::new();
        let (dim, off) =
            if io::stderr().is_terminal() && args.log.opts().color { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
        for line in summary::lines(&outcome.summary, outcome.left).iter().chain(faults) {
            text += &format!("{dim}socklens: {line}{off}\n");
        }
        // Nobody is left to tell when stderr is closed.
        let _ = io::stderr().write_all(text.as_bytes());
    }
    end_of(name, outcome)
}

/// How socklens ends after its program.
pub fn end_of(name: &str, outcome: &Outcome) -> End {
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
