//! `socklens read`: what is left of a session whose command was killed.

use crate::args::Log;
use crate::{USAGE, complain, probe, run, summary};
use anyhow::{Context, Result, anyhow, bail};
use socklens_export::Start;
use socklens_trace::sessions::{self, Found};
use socklens_trace::{ExitStatus, Follower, Settings, Wake};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const AFTER: &str = "\
When `socklens run` itself is killed, the records that it had not written yet are still in the session's memory, and
the program runs on without being logged. This command writes what is there. Processes that still run are followed from
then on until they end.";

/// A session, and how to show it.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER)]
pub struct Args {
    /// The beginning of its name as `socklens ps` shows it, the pid of its command, or the path of its directory
    #[arg(value_name = "SESSION")]
    session: Option<String>,
    /// Leave the session where it is
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    log: Log,
}

/// Reads one session.
pub fn run(args: &Args) -> ExitCode {
    match read(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            complain(&format!("{e:#}"));
            ExitCode::from(USAGE)
        }
    }
}

/// The directory that is meant.
fn choose(wanted: Option<&str>) -> Result<PathBuf> {
    if let Some(path) = wanted.filter(|w| w.contains('/')) {
        let path = Path::new(path);
        return Ok(if path.is_dir() { path.to_owned() } else { path.parent().unwrap_or(path).to_owned() });
    }
    let meant = |f: &Found| match wanted {
        Some(w) => f.name().starts_with(w) || f.reader.to_string() == w,
        None => !f.read,
    };
    let mut found: Vec<Found> = sessions::list().into_iter().filter(meant).collect();
    match (found.len(), wanted) {
        (1, _) => Ok(found.remove(0).dir),
        (0, Some(w)) => bail!("there is no session `{w}`: see `socklens ps`"),
        (0, None) => bail!("no session is without a reader: see `socklens ps`"),
        (n, _) => bail!("{n} sessions are meant: name one of those that `socklens ps` shows"),
    }
}

fn read(args: &Args) -> Result<()> {
    let dir = choose(args.session.as_deref())?;
    let map = sessions::open(&dir.join("segment"))
        .map_err(|e| anyhow!("cannot read the session in {}: {e}", dir.display()))?;
    let segment = map.segment();
    let h = segment.header();
    let reader = h.reader_pid.load(Ordering::Relaxed);
    if sessions::reader_lives(h) {
        bail!("the session is read by process {reader}: its log has everything");
    }
    if h.reader_pid.compare_exchange(reader, std::process::id(), Ordering::AcqRel, Ordering::Relaxed).is_err() {
        bail!("another command has just begun to read this session");
    }
    let wake = Arc::new(Wake::new(map.clone()));
    // Whatever happened to the child, the one that waited for it is gone.
    wake.child_ended(0, ExitStatus::Exited(0));
    let settings = Settings { split: run::split(args.log.format), ..Settings::default() };
    let mut follower = Follower::new(map, settings, Some(Box::new(probe::explain)));
    follower.reader().adopt();
    let mut exporter = run::exporter(&args.log, false)?;
    let command: [OsString; 0] = [];
    exporter.start(&Start { command: &command, clock: follower.reader().clock() }).context("cannot write the log")?;
    let outcome = follower.run(&mut *exporter, &wake);
    let written = exporter.end(&outcome.summary, None);
    if !args.keep {
        sessions::remove(&dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    if let Some(e) = outcome.error.or(written.err()).filter(|e| e.kind() != io::ErrorKind::BrokenPipe) {
        return Err(e).context("the log is not complete");
    }
    if !args.log.quiet {
        let lines: String =
            summary::lines(&outcome.summary, outcome.left).iter().map(|l| format!("socklens: {l}\n")).collect();
        // Nobody is left to tell when stderr is closed.
        let _ = io::stderr().write_all(lines.as_bytes());
    }
    Ok(())
}
