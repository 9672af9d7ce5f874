//! `socklens rules list`

use socklens_rules::fault::plausible::{Place, Pre, TABLE};
use socklens_rules::fault::{Level, REFERENCE, links};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

/// Prints the language, the links and the errors.
pub fn print() -> io::Result<ExitCode> {
    io::stdout().lock().write_all(text().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The language, the links and the errors.
pub fn text() -> String {
    let mut out = format!("{}\n\nLinks: `link NAME` (latency is one way)\n", REFERENCE.trim_end());
    for l in links() {
        let _ = writeln!(out, "  {:<11} {}\n  {:<11}   {}", l.name, l.actions, "", l.about);
    }
    out.push_str("\nErrors that calls can return; in brackets those of POSIX and other systems alone\n");
    for place in Place::ALL {
        let names = |level: Level| -> Vec<&str> {
            let rows = TABLE.iter().filter(|r| r.place == *place && r.level == level && r.pre != Pre::OnlyTrue);
            rows.map(|r| super::check::errno_name(r.errno)).collect()
        };
        let (kernel, posix) = (names(Level::Kernel), names(Level::Posix));
        if kernel.is_empty() && posix.is_empty() {
            continue;
        }
        let mut line = format!("  {:<20} {}", place.word(), kernel.join(" "));
        if !posix.is_empty() {
            line += &format!(" ({})", posix.join(" "));
        }
        let _ = writeln!(out, "{}", line.replace("  (", " ("));
    }
    out
}
