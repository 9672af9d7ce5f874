//! Runs programs with and without socklens, and compares.
//!
//! A test builds a [`Run`], takes its [`Outcome`], and holds it against another one ([`assert_same`]) or against what the
//! log ([`Log`]) must say.

mod build;
pub mod capi;
mod daemon;
mod diff;
mod elf;
mod leftovers;
mod log;
mod need;
mod pages;
mod run;
mod running;
mod scratch;
mod strace;

pub use build::{Paths, compile, compile_with, examples, paths};
pub use daemon::{Daemon, free_port};
pub use diff::{assert_same, diff, difference};
pub use elf::{Object, Symbol};
pub use leftovers::{Leftovers, sessions};
pub use log::Log;
pub use need::{installed, is_root, library, not_tested, require, require_library};
pub use pages::check_page;
pub use run::{Form, How, MODES, Outcome, Run, wait_for};
pub use running::Running;
pub use scratch::Scratch;
pub use strace::{Traced, strace};
