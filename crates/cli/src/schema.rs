//! `socklens schema`: the shape of the json format's records.

use std::io::{self, Write};
use std::process::ExitCode;

pub fn run() -> io::Result<ExitCode> {
    io::stdout().write_all(socklens_export::SCHEMA.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
