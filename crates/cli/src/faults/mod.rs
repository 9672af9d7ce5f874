//! Fault rules: the options of `run`, and `socklens rules`.

mod check;
mod list;
mod live;
mod machine;
mod record;
mod replay;
mod schedule;
mod ways;

pub use list::text as reference;
pub use live::{Live, outcome, run as live};

pub use record::{Both, Recorder};
pub use replay::Replay;
pub use schedule::read as read_schedule;

use crate::{USAGE, complain};
use clap::ValueEnum;
use socklens_faultfile::{Document, parse_seed, rendered};
use socklens_rules::fault::{FaultBlock, Realism};
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The options that `run` and `rules check` share.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Make calls fail by this rule, like 'recv : short 1' (see `socklens help rules`)
    #[arg(long = "fault", value_name = "RULE", help_heading = "Faults")]
    pub rules: Vec<String>,
    /// Make calls fail by the rules of a TOML file
    #[arg(long = "faults", value_name = "FILE", help_heading = "Faults")]
    pub files: Vec<PathBuf>,
    /// What chance depends on: the same number makes the same decisions
    #[arg(long, value_name = "N", value_parser = seed, help_heading = "Faults")]
    pub seed: Option<u64>,
    /// How far faults may leave what this kernel does
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Faults")]
    pub realism: Option<HowReal>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum HowReal {
    /// Only what this kernel can do
    Kernel,
    /// Also what POSIX or other systems do
    Posix,
    /// Anything
    Any,
}

impl HowReal {
    fn realism(self) -> Realism {
        match self {
            HowReal::Kernel => Realism::Kernel,
            HowReal::Posix => Realism::Posix,
            HowReal::Any => Realism::Any,
        }
    }
}

fn seed(text: &str) -> Result<u64, String> {
    parse_seed(text).ok_or_else(|| format!("`{text}` is no seed: use a number up to 2^64"))
}

/// Rules, ready for a session.
pub struct Loaded {
    pub block: Box<FaultBlock>,
    /// Whether the seed was chosen here.
    pub drawn: bool,
}

impl Options {
    /// A block without rules, for those that come later.
    pub fn no_rules(&self) -> Box<FaultBlock> {
        let mut block = Box::new(FaultBlock::new());
        block.seed = self.seed.unwrap_or_else(random);
        block.realism = self.realism.map_or(Realism::Kernel, HowReal::realism) as u8;
        block
    }

    /// The rules of all options together; None when there are none. The error is what a person is to see.
    pub fn load<'a>(&'a self, more: impl Iterator<Item = &'a str>) -> Result<Option<Loaded>, String> {
        let lines: Vec<&str> = self.rules.iter().map(String::as_str).chain(more).collect();
        if lines.is_empty() && self.files.is_empty() {
            return Ok(None);
        }
        let mut files = Vec::new();
        for path in &self.files {
            let text = read(path, MOST_RULES)?;
            let dir = path.parent().unwrap_or(Path::new(""));
            let doc = Document::parse(&text, dir).map_err(|e| placed(path, &e))?;
            files.push((path, doc));
        }
        let mut block = Box::new(FaultBlock::new());
        let of_files = files.iter().rev().find_map(|(_, d)| d.realism);
        let realism = self.realism.map(HowReal::realism).or(of_files).unwrap_or(Realism::Kernel);
        block.realism = realism as u8;
        let given = self.seed.or(files.iter().rev().find_map(|(_, d)| d.seed));
        block.seed = given.unwrap_or_else(random);
        for (path, doc) in &files {
            doc.add_to(&mut block).map_err(|e| placed(path, &e))?;
        }
        // Rules of the command line may name the files' links.
        let mut all = Document::default();
        for (_, doc) in files {
            all.links.extend(doc.links);
        }
        for line in lines {
            all.add_one(&mut block, line).map_err(|e| rendered(&e, line))?;
        }
        Ok(Some(Loaded { block, drawn: given.is_none() }))
    }
}

fn placed(path: &Path, e: &socklens_faultfile::Error) -> String {
    format!("{}:{}: {e}", path.display(), e.line)
}

/// A seed that is short enough to be typed.
fn random() -> u64 {
    let mut bytes = [0u8; 4];
    // SAFETY: the kernel writes at most the array's length; without random bytes the seed is 0.
    unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    u64::from(u32::from_le_bytes(bytes))
}

/// `socklens rules`
#[derive(clap::Subcommand, Debug)]
pub enum Rules {
    /// Read rules; print their normal form, how each fault is made here, and what is not possible
    Check(Box<CheckArgs>),
    /// Print the language, the links and the errors that calls can return
    List,
}

#[derive(clap::Args, Debug)]
pub struct CheckArgs {
    /// Rules of one line
    #[arg(value_name = "RULE")]
    lines: Vec<String>,
    #[command(flatten)]
    options: Options,
}

/// Runs `socklens rules`.
pub fn run(what: Rules) -> io::Result<ExitCode> {
    let args = match what {
        Rules::List => return list::print(),
        Rules::Check(args) => args,
    };
    match args.options.load(args.lines.iter().map(String::as_str)) {
        Ok(Some(loaded)) => check::print(&loaded.block),
        Ok(None) => {
            complain("no rule is given: name one, or a file with --faults");
            Ok(ExitCode::from(USAGE))
        }
        Err(e) => {
            writeln!(io::stderr(), "{e}")?;
            Ok(ExitCode::from(USAGE))
        }
    }
}
/// Most bytes of a file of rules: many times what there is room for in a session.
const MOST_RULES: u64 = 1 << 20;

/// Reads a text of at most so many bytes; the error is what a person is to see.
fn read(path: &Path, most: u64) -> Result<String, String> {
    let cannot = |e: &dyn std::fmt::Display| format!("cannot read {}: {e}", path.display());
    let file = File::open(path).map_err(|e| cannot(&e))?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|e| cannot(&e))?;
    if bytes.len() as u64 > most {
        return Err(cannot(&format!("more than {} MiB", most >> 20)));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
