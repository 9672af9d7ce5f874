//! `socklens stat`: run a program, count its socket calls, and print tables of them.

use crate::stat_pictures::Show;
use crate::{args, child, complain, preload, run};
use anyhow::{Context, Result};
use socklens_calls::class;
use socklens_export::stats::{self, Sort};
use socklens_rules::CallSet;
use socklens_trace::stats::{By, ConnRow, Group};
use socklens_trace::{Item, Reader, Settings, Setup, Sink, Split, View};
use socklens_wire::stats::mode;
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const AFTER: &str = "\
Examples:
  socklens stat curl -s https://example.org
  socklens stat -i 1s ./server                    every second
  socklens stat --by peer --by errno ./client
  socklens stat --json -o stats.json ./client     everything, by `socklens schema --stats`
  socklens stat -S calls -e %net ./client
  socklens stat --histogram --heatmap=recv ./client
  socklens stat --openmetrics :9469 ./server

SIGUSR1 prints the numbers so far. Times are by the clock, from entry to return;
percentiles are within 0.8 %. The exit status is the program's own.";

/// Those that strace has, have its letters.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER)]
pub struct Args {
    /// Write to FILE: not to stderr (tables) or stdout (--json, --csv)
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// One JSON document (its schema: `socklens schema --stats`)
    #[arg(long, conflicts_with = "csv", help_heading = "Output")]
    json: bool,
    /// Comma-separated values
    #[arg(long, help_heading = "Output")]
    csv: bool,
    /// What tables are sorted by
    #[arg(short = 'S', long, value_name = "KEY", value_parser = args::Words(&Sort::WORDS), default_value = "time",
        help_heading = "Output")]
    sort: Sort,
    /// Only the table that is grouped by KEY: several keys (--by peer,errno) make several tables. With --json, besides
    /// the rest
    #[arg(long, value_name = "KEY", value_parser = args::Words(&By::WORDS), value_delimiter = ',',
        help_heading = "Output")]
    by: Vec<By>,
    /// Only the table (stat always is what strace's -c is; for those used to it)
    #[arg(short = 'c', help_heading = "Output")]
    summary: bool,
    /// Times by the clock (they always are; for those used to strace)
    #[arg(short = 'w', help_heading = "Output")]
    wall: bool,
    /// Print the numbers so far again and again
    #[arg(short, long, value_name = "DURATION", value_parser = args::interval, help_heading = "Output")]
    interval: Option<Duration>,

    #[command(flatten)]
    show: Show,

    /// Count calls, errors and bytes only: the clock is not read
    #[arg(long, help_heading = "What is counted")]
    no_times: bool,
    /// Count only these calls: names, %classes, globs (see `socklens help filters`)
    #[arg(short = 'e', long = "trace", value_name = "SET", help_heading = "What is counted")]
    trace: Vec<String>,
    /// Count only calls for which this holds, like 'peer=:443 and failed'
    #[arg(long = "where", value_name = "EXPR", help_heading = "What is counted")]
    condition: Option<String>,
    /// Follow child processes (they always are; for those used to strace)
    #[arg(short = 'f', conflicts_with = "no_follow", help_heading = "What is counted")]
    follow: bool,
    /// Do not follow child processes
    #[arg(long, help_heading = "What is counted")]
    no_follow: bool,

    /// Most open connections to follow at once: 448 bytes of memory each [default: 16384]
    #[arg(long, value_name = "N", value_parser = args::connections, help_heading = "Running")]
    connections: Option<u32>,
    /// Where the session's memory is: System V memory, or a file for processes that enter another IPC namespace or begin under a
    /// seccomp filter
    #[arg(long, value_enum, value_name = "WHERE", default_value = "auto", help_heading = "Running")]
    memory: args::Place,
    /// End with the program, although processes it left behind still run
    #[arg(long, help_heading = "Running")]
    no_wait: bool,
    /// Set a variable in the program's environment, or with a name alone remove it
    #[arg(short = 'E', long = "env", value_name = "VAR[=VAL]", help_heading = "Running")]
    env: Vec<OsString>,

    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Runs a program. The exit status is its own.
pub fn run(args: &Args) -> ExitCode {
    let (set, filter) = match (args::call_set(&args.trace), args::condition(args.condition.as_ref())) {
        (Ok(set), Ok(filter)) => (set, filter),
        (Err(e), _) | (_, Err(e)) => return run::usage(&e),
    };
    if let Err(e) = args.show.sets() {
        return run::usage(&e);
    }
    if args.csv && args.by.len() > 1 {
        return run::usage("--csv writes one table: give --by one key, or use --json");
    }
    let changes = match preload::asked(&args.env) {
        Ok(changes) => changes,
        Err(e) => return run::usage(&e),
    };
    let counted = filter.as_ref().map_or(set, |f| set.and(f.calls()));
    let setup = Setup {
        // Of the calls themselves only lookups are recorded, whatever is counted: they name the peers. Connections and
        // processes tell of themselves.
        wanted: CallSet::of_class(class::DNS).bits(),
        filter_counts: true,
        counted: counted.bits(),
        stats: if args.no_times { mode::COUNT } else { mode::FULL },
        filter: filter.map(|f| f.as_bytes().to_vec()),
        follow: !args.no_follow,
        conns: args.connections,
        memory: args.memory.into(),
        ..Setup::default()
    };
    match counted_run(args, &setup, changes) {
        Ok(end) => end.leave(),
        Err(e) => {
            complain(&format!("{e:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Nothing is shown while the program runs.
struct Nothing;

impl Sink for Nothing {
    fn item(&mut self, _: &Item, _: &View) -> io::Result<()> {
        Ok(())
    }
}

/// What tells on the way and at the end.
struct Teller<'a> {
    args: &'a Args,
    to: Box<dyn Write>,
    last: Instant,
    error: Option<io::Error>,
}

/// Ended connections that tables are made from; --json tells of all.
const RECENT: usize = 10_000;

impl Teller<'_> {
    fn look(&mut self, reader: &Reader, over: bool) {
        let due = self.args.interval.is_some_and(|i| self.last.elapsed() >= i);
        if !over && !due && !child::shown() {
            return;
        }
        self.last = Instant::now();
        if self.error.is_none() {
            self.error = self.tell(reader, over).err();
        }
    }

    fn tell(&mut self, reader: &Reader, over: bool) -> io::Result<()> {
        let by = &self.args.by;
        let to = &mut self.to;
        if self.args.json {
            document(reader, &self.args.command, by, over, to)?;
        } else {
            let snap = reader.snapshot(if by.iter().any(|b| b.of_conns()) { usize::MAX } else { RECENT });
            if self.args.csv {
                stats::csv(&snap, by.first().copied().unwrap_or(By::Call), to)?;
            } else {
                writeln!(to, "after {}", stats::unit::duration(snap.elapsed_ns))?;
                stats::tables(&snap, self.args.sort, by, to)?;
            }
        }
        to.flush()
    }
}

/// Writes the JSON document, with groups by these keys. `over`: the program has ended.
pub fn document(reader: &Reader, command: &[OsString], by: &[By], over: bool, to: &mut dyn Write) -> io::Result<()> {
    let mut snap = reader.snapshot(if by.iter().any(|b| b.of_conns()) { usize::MAX } else { 0 });
    let groups: Vec<(By, Vec<Group>)> = by.iter().map(|key| (*key, snap.by(*key))).collect();
    // Those that ended are told one by one.
    snap.conns.retain(|c| c.end_ns.is_none());
    snap.finished = over;
    let command: Vec<String> = command.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let mut ended = |row: &mut dyn FnMut(&ConnRow) -> io::Result<()>| {
        let mut done = Ok(());
        reader.each_ended(&mut |make| {
            if done.is_ok() {
                done = row(&make());
            }
        });
        done
    };
    stats::json(&snap, &command, &groups, &mut ended, to)
}

fn counted_run(args: &Args, setup: &Setup, changes: preload::Changes) -> Result<run::End> {
    let to: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(run::open(path, false)?),
        None if args.json || args.csv => Box::new(io::stdout()),
        None => Box::new(io::stderr()),
    };
    let settings = Settings { split: Split::Never, wait_all: !args.no_wait, ..Settings::default() };
    let mut live = args.show.start(args.output.is_none())?;
    child::show_on_usr1();
    let launched = match run::launch(&args.command, setup, settings, changes, &mut |_| Ok(()))? {
        Ok(launched) => launched,
        Err(end) => return Ok(end),
    };
    let name = launched.name.clone();
    let mut teller = Teller { args, to: Box::new(BufWriter::new(to)), last: Instant::now(), error: None };
    let outcome = launched.follow(&mut Nothing, &mut |reader, over| {
        teller.look(reader, over);
        let drawn = live.look(reader, over, &mut teller.to);
        teller.error = teller.error.take().or(drawn.err());
    });
    if let Some(e) = teller.error.filter(|e| e.kind() != io::ErrorKind::BrokenPipe) {
        return Err(e).context("cannot write the statistics");
    }
    // The first line tells of records, of which there are none.
    for line in crate::summary::lines(&outcome.summary, outcome.left).iter().skip(1) {
        complain(line);
    }
    Ok(run::end_of(&name, &outcome))
}
