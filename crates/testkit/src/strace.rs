//! strace, for a comparison with it.

use crate::need::{not_tested, require};
use crate::run::{How, Outcome, Run};
use crate::scratch::Scratch;
use std::path::Path;

/// A program's run under strace.
pub struct Traced {
    pub run: Outcome,
    /// What strace wrote to its file.
    pub log: String,
}

/// Runs a program under strace. Where strace is missing or may not trace, says so loudly and returns None: the test then has
/// nothing to do.
pub fn strace(options: &[&str], program: &Path) -> Option<Traced> {
    let strace = require("strace")?;
    let scratch = Scratch::new();
    let file = scratch.join("strace");
    let run = Run::new(&strace).args(options).arg("-o").arg(&file).arg(program).run(How::Raw);
    if run.err().contains("ptrace") {
        not_tested(&format!("comparison with strace: {}", run.err().lines().next().unwrap_or("")));
        return None;
    }
    let log = String::from_utf8_lossy(&std::fs::read(&file).expect("strace's log")).into_owned();
    Some(Traced { run, log })
}
