//! The options of `run`, and what they mean together.

use clap::{ArgAction, ValueEnum};
use socklens_decode::{Format, Opts, Stamp};
use socklens_rules::{CallSet, Filter, SyntaxError};
use socklens_trace::Memory;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

const AFTER: &str = "\
Examples:
  socklens run curl -s https://example.org
  socklens run -o log.txt -e trace=%net,%dns -- make test
  socklens run --where 'peer=10.0.0.0/8:5432 and failed' ./client
  socklens run --format strace -f -yy -tt -T -o trace ./server

The exit status is the program's own; a signal that killed it is raised again. 127: there is no such program, 126: it
cannot be executed, 2: the options are wrong.";

/// Options that mean what they mean to strace have strace's letters.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER)]
pub struct Run {
    #[command(flatten)]
    pub log: Log,

    /// Record only these calls: names, %classes, globs (see `socklens help filters`); also inject= and fault=
    #[arg(short = 'e', long = "trace", value_name = "SET", help_heading = "What is recorded")]
    pub trace: Vec<String>,
    /// Record only calls for which this holds, like 'peer=:443 and failed'
    #[arg(long = "where", value_name = "EXPR", help_heading = "What is recorded")]
    pub condition: Option<String>,
    /// Count as well, and put tables of calls and connections behind the log (see `socklens stat`)
    #[arg(long, help_heading = "What is recorded")]
    pub stats: bool,
    /// Follow child processes (they always are; for those used to strace)
    #[arg(short = 'f', action = ArgAction::Count, conflicts_with = "no_follow", help_heading = "What is recorded")]
    pub follow: u8,
    /// Do not follow child processes
    #[arg(long, help_heading = "What is recorded")]
    pub no_follow: bool,

    #[command(flatten)]
    pub faults: crate::faults::Options,
    /// Write the rules and every fault they cause to FILE, for --replay
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Faults")]
    pub record_faults: Option<PathBuf>,
    /// Cause the faults of FILE again: exactly these, whatever seed, chances and the clock say
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Faults",
        conflicts_with_all = ["rules", "files"])]
    pub replay: Option<PathBuf>,

    /// Drop records instead of making the program wait when the log cannot keep up
    #[arg(long, conflicts_with = "wait", help_heading = "Running")]
    pub lossy: bool,
    /// The longest the program may be made to wait for the log
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10s", help_heading = "Running")]
    pub wait: Duration,
    /// Memory for records that have not been read
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Running")]
    pub buffer: Option<u64>,
    /// Most open connections to follow at once: 448 bytes of memory each [default: 16384]
    #[arg(long, value_name = "N", value_parser = connections, help_heading = "Running")]
    pub connections: Option<u32>,
    /// Where the session's memory is: System V memory, or a file for processes that enter another IPC namespace or begin under a
    /// seccomp filter
    #[arg(long, value_enum, value_name = "WHERE", default_value = "auto", help_heading = "Running")]
    pub memory: Place,
    /// End with the program, although processes it left behind still run
    #[arg(long, help_heading = "Running")]
    pub no_wait: bool,
    /// Set a variable in the program's environment, or with a name alone remove it
    #[arg(short = 'E', long = "env", value_name = "VAR[=VAL]", help_heading = "Running")]
    pub env: Vec<OsString>,

    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD", value_hint = clap::ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

/// Where the log goes and what it looks like.
#[derive(clap::Args, Debug)]
pub struct Log {
    /// Write the log to FILE, not to stderr
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Append to the file of -o
    #[arg(short = 'A', long, requires = "output", help_heading = "Output")]
    pub append: bool,
    /// How the log is written
    #[arg(long, value_enum, default_value = "text", help_heading = "Output")]
    pub format: Kind,
    /// When to use colours (NO_COLOR turns `auto` off)
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN", help_heading = "Output")]
    pub color: When,
    /// In json, also the exact bytes of what is shown of a payload, in base64
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Output")]
    pub payload: Option<Payload>,
    /// No summary at the end
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,

    /// Bytes of each string and payload to show
    #[arg(short = 's', long = "strsize", value_name = "N", default_value_t = 32, help_heading = "How it is shown")]
    pub strsize: u32,
    /// Strings that are not ASCII in hexadecimal; twice: all strings
    #[arg(short = 'x', action = ArgAction::Count, help_heading = "How it is shown")]
    pub hex: u8,
    /// Abbreviate nothing
    #[arg(short, long, help_heading = "How it is shown")]
    pub verbose: bool,
    /// Show what descriptors are; twice: with protocol and addresses
    #[arg(short = 'y', action = ArgAction::Count, help_heading = "How it is shown")]
    pub fds: u8,
    /// Time of day; twice: with microseconds; three times: seconds of the epoch
    #[arg(short = 't', action = ArgAction::Count, help_heading = "How it is shown")]
    pub time: u8,
    /// Time since the line before
    #[arg(short = 'r', long = "relative", conflicts_with = "time", help_heading = "How it is shown")]
    pub relative: bool,
    /// Time spent in each call
    #[arg(short = 'T', help_heading = "How it is shown")]
    pub took: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Kind {
    Text,
    Json,
    Strace,
}

/// Where a session's memory is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Place {
    /// System V memory where the kernel gives it, else a file
    Auto,
    SystemV,
    File,
}

impl From<Place> for Memory {
    fn from(p: Place) -> Memory {
        match p {
            Place::Auto => Memory::Any,
            Place::SystemV => Memory::SystemV,
            Place::File => Memory::File,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Payload {
    Exact,
}

/// A duration with its unit: 500ms, 10s, 1m.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let n: f64 = number.parse().map_err(|_| format!("`{text}` is no duration: write it like 500ms, 10s or 1m"))?;
    let unit = match unit.trim() {
        "ms" => 1e-3,
        "s" | "" => 1.0,
        "m" | "min" => 60.0,
        other => return Err(format!("`{other}` is no unit of time: use ms, s or m")),
    };
    let d = Duration::try_from_secs_f64(n * unit).map_err(|e| e.to_string())?;
    if d.as_millis() > u128::from(u32::MAX) { Err("that is too long".to_owned()) } else { Ok(d) }
}

/// As [`duration`], of at least a millisecond: how often something is done.
pub fn interval(text: &str) -> Result<Duration, String> {
    let d = duration(text)?;
    if d.as_millis() == 0 { Err("that is too short: from 1ms on".to_owned()) } else { Ok(d) }
}

/// A number of bytes, with K, M or G.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let n: u64 = number.parse().map_err(|_| format!("`{text}` is no size: write it like 8M"))?;
    let shift = match unit.trim_end_matches("iB").trim_end_matches('B') {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        other => return Err(format!("`{other}` is no unit of size: use K, M or G")),
    };
    n.checked_mul(1 << shift).filter(|n| *n <= 4 << 30).ok_or_else(|| "at most 4G".to_owned())
}

/// One of some words: another is pointed at, with the nearest of them, as a wrong rule is.
#[derive(Clone, Copy, Debug)]
pub struct Words<T: 'static>(pub &'static [(&'static str, T)]);

impl<T: Copy + PartialEq + Send + Sync + 'static> clap::builder::TypedValueParser for Words<T> {
    type Value = T;

    fn parse_ref(&self, cmd: &clap::Command, _: Option<&clap::Arg>, value: &std::ffi::OsStr) -> Result<T, clap::Error> {
        let word = value.to_string_lossy();
        if let Some((_, v)) = self.0.iter().find(|w| w.0 == word) {
            return Ok(*v);
        }
        let names: Vec<&'static str> = self.0.iter().map(|w| w.0).collect();
        let hint = match socklens_rules::nearest(&word, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", self.own().join(", ")),
        };
        let carets = "^".repeat(word.chars().count().max(1));
        let text = format!("unknown key `{word}`\n  {word}\n  {carets} {hint}\n");
        Err(clap::Error::raw(clap::error::ErrorKind::InvalidValue, text).with_cmd(cmd))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = clap::builder::PossibleValue> + '_>> {
        Some(Box::new(self.own().into_iter().map(clap::builder::PossibleValue::new)))
    }
}

impl<T: Copy + PartialEq> Words<T> {
    /// The words without other names of the same.
    fn own(&self) -> Vec<&'static str> {
        let first = |(i, w): &(usize, &(&str, T))| !self.0.iter().take(*i).any(|v| v.1 == w.1);
        self.0.iter().enumerate().filter(first).map(|(_, w)| w.0).collect()
    }
}

/// A number of connections.
pub fn connections(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(n @ 64..=1_048_576) => Ok(n),
        _ => Err(format!("`{text}` is no number between 64 and 1048576")),
    }
}

/// A syntax error as it is shown.
pub fn rendered(e: &SyntaxError, source: &str) -> String {
    let mut text = Vec::new();
    e.render(source, &mut |b| text.extend_from_slice(b));
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

/// The calls that -e options choose: every one adds to the set, and one that begins with `!` takes away.
pub fn call_set(trace: &[String]) -> Result<CallSet, String> {
    let mut set: Option<CallSet> = None;
    for source in trace {
        let word = source.trim_start();
        if is_fault(word) {
            continue;
        }
        let known = ["trace=", "t="].iter().any(|p| word.starts_with(p));
        if let Some((qualifier, _)) = word.split_once('=').filter(|_| !known) {
            return Err(format!("-e {source}: `{qualifier}=` is not known here: trace=, inject= and fault= are"));
        }
        let these = CallSet::parse(source).map_err(|e| rendered(&e, source))?;
        set = Some(match set {
            Some(set) if negated(word) => set.and(these),
            Some(set) => set.or(these),
            None => these,
        });
    }
    Ok(set.unwrap_or_else(CallSet::default_set))
}

/// The compiled condition of --where.
pub fn condition(source: Option<&String>) -> Result<Option<Box<Filter>>, String> {
    let Some(source) = source else { return Ok(None) };
    Filter::parse(source).map(|f| Some(Box::new(f))).map_err(|e| rendered(&e, source))
}

impl Run {
    /// The calls to record.
    pub fn calls(&self) -> Result<CallSet, String> {
        call_set(&self.trace)
    }

    /// The fault expressions of -e.
    pub fn injected(&self) -> impl Iterator<Item = &str> {
        self.trace.iter().map(|s| s.trim_start()).filter(|s| is_fault(s))
    }

    /// The compiled condition.
    pub fn filter(&self) -> Result<Option<Box<Filter>>, String> {
        condition(self.condition.as_ref())
    }
}

impl Log {
    pub fn format(&self) -> Format {
        match self.format {
            Kind::Text => Format::Text,
            Kind::Json => Format::Json,
            Kind::Strace => Format::Strace,
        }
    }

    /// How calls are shown.
    pub fn opts(&self) -> Opts {
        let terminal = self.output.is_none() && std::io::stderr().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
            || std::env::var_os("TERM").is_some_and(|v| v == "dumb");
        Opts {
            strlen: self.strsize,
            hex: self.hex.min(2),
            verbose: self.verbose,
            fds: self.fds.min(2),
            stamp: match (self.time, self.relative) {
                (_, true) => Stamp::Relative,
                (1, _) => Stamp::Time,
                (2, _) => Stamp::TimeMicros,
                (3.., _) => Stamp::EpochMicros,
                (0, _) if self.format == Kind::Text => Stamp::SinceStart,
                (0, _) => Stamp::None,
            },
            took: self.took,
            payload_exact: self.payload == Some(Payload::Exact),
            color: match self.color {
                When::Auto => terminal && !plain,
                When::Always => true,
                When::Never => false,
            },
            utc_offset: utc_offset(),
            pids: false,
            bare_pid: false,
        }
    }
}

/// Whether an argument of -e is a fault expression.
fn is_fault(word: &str) -> bool {
    word.starts_with("inject=") || word.starts_with("fault=")
}

fn negated(word: &str) -> bool {
    let set = word.strip_prefix("trace=").or_else(|| word.strip_prefix("t=")).unwrap_or(word);
    set.starts_with('!')
}

/// Seconds east of UTC, now.
fn utc_offset() -> i32 {
    let mut tm = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are to memory of our own; zeroed, tm is valid whatever the call does.
    unsafe {
        let now = libc::time(std::ptr::null_mut());
        libc::localtime_r(&raw const now, tm.as_mut_ptr());
        tm.assume_init().tm_gmtoff as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use socklens_calls::Call;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        run: Run,
    }

    fn run(args: &str) -> Run {
        Line::try_parse_from(std::iter::once("run").chain(args.split_whitespace())).unwrap().run
    }

    #[test]
    fn the_programs_options_are_its_own() {
        let r = run("-T -tt curl -v -o x");
        assert_eq!(r.command, ["curl", "-v", "-o", "x"]);
        assert_eq!((r.log.time, r.log.took, r.log.output.clone()), (2, true, None));
        assert_eq!(run("-f -- -odd").command, ["-odd"]);
        assert!(Line::try_parse_from(["run", "-f"]).is_err());
        assert!(Line::try_parse_from(["run", "-A", "true"]).is_err());
    }

    #[test]
    fn sets_add_up() {
        let set = run("-e trace=connect -e bind x").calls().unwrap();
        assert!(set.contains(Call::connect) && set.contains(Call::bind) && !set.contains(Call::send));
        let set = run("-e %net -e trace=!connect x").calls().unwrap();
        assert!(set.contains(Call::send) && !set.contains(Call::connect));
        assert!(!run("x").calls().unwrap().contains(Call::fork));
        let r = run("-e inject=connect:error=EIO -e trace=bind x");
        assert!(r.calls().unwrap().contains(Call::bind) && !r.calls().unwrap().contains(Call::connect));
        assert_eq!(r.injected().collect::<Vec<_>>(), ["inject=connect:error=EIO"]);
        assert!(run("-e signal=none x").calls().unwrap_err().contains("signal="));
        assert!(run("-e connnect x").calls().unwrap_err().contains("connect"));
        assert!(run("--where nonsense x").filter().is_err());
    }

    #[test]
    fn durations_and_sizes() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(duration("x").is_err() && duration("5h").is_err() && duration("99999999999s").is_err());
        assert_eq!(interval("1ms"), Ok(Duration::from_millis(1)));
        assert!(interval("0").is_err() && interval("0.1ms").is_err() && interval("x").is_err());
        assert_eq!(size("64K"), Ok(65536));
        assert_eq!(size("8MiB"), Ok(8 << 20));
        assert!(size("8X").is_err() && size("99999G").is_err());
    }
}
