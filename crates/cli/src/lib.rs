//! The `socklens` command: one file per subcommand.

mod args;
mod calls;
mod check;
mod child;
mod faults;
mod library;
mod pick;
mod pictures;
mod preload;
mod probe;
mod ps;
mod read;
mod run;
mod schema;
mod serve;
mod startup;
mod stat;
mod stat_pictures;
mod summary;
mod top;

use clap::{CommandFactory, Parser, Subcommand};
use std::io::{self, Write};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  socklens run curl -s https://example.org        every socket call, on stderr
  socklens run -o log.txt -- make test            to a file, with all children
  socklens run -e trace=connect,%dns ./server     only some calls
  socklens run --where 'peer=:443 and failed' ./client
  socklens run --format json -o log.jsonl python3 script.py
  socklens stat ./server                          how often, how long, how much, with whom
  socklens check /usr/bin/foo                     can it be traced?
  socklens rules check 'recv : short 1'           is it a fault rule, and what would it do here?

`socklens help filters` describes -e and --where, `socklens help rules` the fault rules.";

/// Logs every socket call of an unmodified program
#[derive(Parser, Debug)]
#[command(name = "socklens", version, after_help = EXAMPLES, disable_help_subcommand = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run a program and log its socket calls
    Run(Box<args::Run>),
    /// Run a program and count its socket calls
    Stat(Box<stat::Args>),
    /// List the sessions of this user
    Ps,
    /// Show what is left of a session whose command was killed
    Read(Box<read::Args>),
    /// Show a running session live: connections, calls, processes, who waits for whom
    Top(top::Args),
    /// Show a session's statistics to Prometheus
    Serve(serve::Args),
    /// Tell whether programs can be traced
    Check(check::Args),
    /// Show and change the fault rules of a running program
    Fault(Box<faults::Live>),
    /// Check fault rules, or list the language
    Rules {
        #[command(subcommand)]
        what: faults::Rules,
    },
    /// Print the JSON Schema of the json format
    Schema(schema::Args),
    /// List the calls that are seen, with their classes
    Calls,
    /// Print the version
    Version,
    /// Explain a command, `filters` or `rules`
    Help {
        /// A command's name, `filters` or `rules`
        topic: Option<String>,
    },
}

/// Our own usage errors.
pub(crate) const USAGE: u8 = 2;

/// The command line's definition, from which `--help`, the manual pages and the completions are made.
pub fn command() -> clap::Command {
    Cli::command()
}

/// The reference of fault rules: what `socklens rules list` prints.
pub fn rules_reference() -> String {
    faults::reference()
}

/// Runs the command with the process's arguments; the status is the process's own.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let code = if e.use_stderr() { USAGE } else { 0 };
            let text = e.render().to_string();
            // A closed pipe under --help is no error of ours.
            let _ = if e.use_stderr() && text.lines().any(|l| l.contains(char::is_control)) {
                // It quotes an argument, which must not act on a terminal.
                text.lines().try_for_each(|l| writeln!(io::stderr(), "{}", printable(l)))
            } else {
                e.print()
            };
            return ExitCode::from(code);
        }
    };
    let done = match cli.command {
        Command::Run(args) => return run::run(*args),
        Command::Stat(args) => return stat::run(&args),
        Command::Read(args) => return read::run(&args),
        Command::Top(args) => return top::run(&args),
        Command::Serve(args) => return serve::run(&args),
        Command::Ps => ps::run(),
        Command::Check(args) => check::run(&args),
        Command::Rules { what } => faults::run(what),
        Command::Fault(args) => return faults::live(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Calls => calls::run(),
        Command::Version => {
            writeln!(io::stdout(), "socklens {}", env!("CARGO_PKG_VERSION")).map(|()| ExitCode::SUCCESS)
        }
        Command::Help { topic } => help(topic.as_deref()),
    };
    match done {
        Ok(code) => code,
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(e) => {
            complain(&format!("cannot write: {e}"));
            ExitCode::FAILURE
        }
    }
}

fn help(topic: Option<&str>) -> io::Result<ExitCode> {
    let mut command = Cli::command();
    match topic {
        None => write!(io::stdout(), "{}", command.render_long_help())?,
        Some("rules") => writeln!(io::stdout(), "{}", socklens_rules::fault::REFERENCE.trim_end())?,
        Some("filters") => writeln!(io::stdout(), "{}", socklens_rules::REFERENCE.trim_end())?,
        Some(name) => {
            command.build();
            match command.find_subcommand_mut(name) {
                Some(sub) => write!(io::stdout(), "{}", sub.render_long_help())?,
                None => {
                    complain(&format!("there is no help on `{name}`: see `socklens help`"));
                    return Ok(ExitCode::from(USAGE));
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A message of ours on stderr; when that is closed, there is nobody to tell. Names of files and programs may hold
/// anything, and must not act on a terminal.
pub(crate) fn complain(what: &str) {
    let _ = writeln!(io::stderr(), "socklens: {}", printable(what));
}

/// The text with its control characters escaped.
pub(crate) fn printable(what: &str) -> String {
    what.chars().fold(String::with_capacity(what.len()), |mut to, c| {
        if c.is_control() {
            to.extend(c.escape_default())
        } else {
            to.push(c)
        }
        to
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hold_no_control_characters() {
        assert_eq!(printable("a\u{1b}[2J\u{9b}\n\u{e9}"), "a\\u{1b}[2J\\u{9b}\\n\u{e9}");
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
