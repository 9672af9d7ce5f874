//! `socklens calls`: THE TABLE for people.

use socklens_calls::{CALLS, class};
use std::io::{self, Write};
use std::process::ExitCode;

const CLASSES: [(u16, &str); 10] = [
    (class::NET, "net"),
    (class::DATA, "data"),
    (class::WAIT, "wait"),
    (class::FD, "fd"),
    (class::DNS, "dns"),
    (class::NETIF, "netif"),
    (class::PROCESS, "process"),
    (class::LOG, "log"),
    (class::IN, "in"),
    (class::OUT, "out"),
];

/// Prints every call that can be recorded, with its classes and its other names.
pub fn run() -> io::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{:<20} {:<14} {:<20} ALIASES", "CALL", "SYSTEM CALL", "CLASSES")?;
    let seen = CALLS.iter().filter(|s| s.class & class::FDTABLE == 0);
    for s in seen {
        let classes: Vec<&str> = CLASSES.iter().filter(|(bit, _)| s.class & bit != 0).map(|(_, name)| *name).collect();
        let line = format!("{:<20} {:<14} {:<20} {}", s.name, s.sysname, classes.join(","), s.aliases.join(" "));
        writeln!(out, "{}", line.trim_end())?;
    }
    let rest = CALLS.iter().filter(|s| s.class & class::FDTABLE != 0).count();
    writeln!(out, "\n{rest} more are interposed only to know which descriptors are sockets.")?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
