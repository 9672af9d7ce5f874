//! Chores of this repository: `cargo xtask NAME`.

mod xlat;

use std::path::Path;
use std::process::ExitCode;
use xtask::generate;

const USAGE: &str = "usage: cargo xtask NAME
  gen            write the generated files anew: docs/coverage.md, docs/man, dist, include/socklens.h
  gen --check    fail if one is out of date
  xlat           write the decoder's tables of constants anew";

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["xlat"] => xlat::generate(root),
        ["gen"] => generate::write(root),
        ["gen", "--check"] => generate::check(root),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("xtask: {e}");
            ExitCode::FAILURE
        }
    }
}
