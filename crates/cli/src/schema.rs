//! `socklens schema`: the shape of the json format's records, or of the statistics.

use std::io::{self, Write};
use std::process::ExitCode;

#[derive(clap::Args, Debug)]
pub struct Args {
    /// That of `socklens stat --json`, not of the log
    #[arg(long)]
    stats: bool,
}

pub fn run(args: &Args) -> io::Result<ExitCode> {
    let text = if args.stats { socklens_export::stats::SCHEMA } else { socklens_export::SCHEMA };
    io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
