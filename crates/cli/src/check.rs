//! `socklens check`: whether programs can be traced, and what to do about those that cannot.

use crate::probe::{self, Elf, Program, search};
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

/// Programs to look at.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Programs, found in PATH as the shell does
    #[arg(required = true, value_name = "PROGRAM", value_hint = clap::ValueHint::CommandName)]
    programs: Vec<OsString>,
}

/// Prints a line or two per program; 1 when one of them cannot be traced.
pub fn run(args: &Args) -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let mut fine = true;
    for program in &args.programs {
        let name = program.to_string_lossy();
        let path = match search(program, None) {
            Ok(path) => path,
            Err(e) => {
                say(&mut out, &format!("{name}: {e}"))?;
                fine = false;
                continue;
            }
        };
        let found = match Program::examine(&path) {
            Ok(found) => found,
            Err(e) => {
                say(&mut out, &format!("{} cannot be read: {e}", path.display()))?;
                fine = false;
                continue;
            }
        };
        fine &= describe(&found, &mut out)?;
    }
    Ok(ExitCode::from(u8::from(!fine)))
}

fn describe(p: &Program, out: &mut impl Write) -> io::Result<bool> {
    let mut at = &p.path;
    for next in &p.through {
        say(out, &format!("{} is a script for {}", at.display(), next.display()))?;
        at = next;
    }
    if let Some(o) = &p.obstacle {
        say(out, &format!("{} {o}", at.display()))?;
        return Ok(false);
    }
    let linked = p.elf.as_ref().map_or("", linkage);
    say(out, &format!("{} is {linked}: it can be traced", at.display()))?;
    if let Some(s) = p.elf.as_ref().and_then(Elf::sanitizer) {
        say(out, &format!("{} is linked with {s}, which is put first in LD_PRELOAD", at.display()))?;
    }
    Ok(true)
}

/// A line about a program, whose name may hold anything.
fn say(out: &mut impl Write, what: &str) -> io::Result<()> {
    writeln!(out, "socklens: {}", crate::printable(what))
}

fn linkage(e: &Elf) -> &'static str {
    match e.loader {
        Some(probe::Loader::Musl) => "linked dynamically with musl",
        Some(probe::Loader::Other(_)) => "linked dynamically, with a loader that socklens does not know",
        _ => "linked dynamically",
    }
}
