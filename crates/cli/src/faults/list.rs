//! `socklens rules list`

use socklens_rules::fault::plausible::{Place, Pre, TABLE};
use socklens_rules::fault::{Level, REFERENCE, links};
use std::io::{self, Write};
use std::process::ExitCode;

/// Prints the language, the links and the errors.
pub fn print() -> io::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{}\n\nLinks: `link NAME` (latency is one way)", REFERENCE.trim_end())?;
    for l in links() {
        writeln!(out, "  {:<11} {}\n  {:<11}   {}", l.name, l.actions, "", l.about)?;
    }
    writeln!(out, "\nErrors that calls can return; in brackets those of POSIX and other systems alone")?;
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
        writeln!(out, "{}", line.replace("  (", " ("))?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
