//! The `socklens` program: all of it is in the library, so that the manual pages come from the same command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    socklens_cli::main()
}
