//! `socklens ps`: the sessions of this user.

use socklens_trace::sessions::{self, Found};
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

/// 42s, 3m10s, 5h02m, 3d04h.
fn age(d: Duration) -> String {
    let s = d.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}m{:02}s", s / 60, s % 60),
        3600..86400 => format!("{}h{:02}m", s / 3600, s % 3600 / 60),
        _ => format!("{}d{:02}h", s / 86400, s % 86400 / 3600),
    }
}

fn row(f: &Found) -> [String; 6] {
    let state = match (f.read, f.procs.len()) {
        (true, _) => "running",
        (false, 0) => "left over",
        (false, _) => "without reader",
    };
    [
        f.name().get(..8).unwrap_or("").to_owned(),
        f.reader.to_string(),
        state.to_owned(),
        age(f.age),
        f.procs.len().to_string(),
        match f.alias() {
            Some(comm) => format!("{} ({})", crate::printable(&f.program), crate::printable(comm)),
            None => crate::printable(&f.program),
        },
    ]
}

/// Prints a table; with no sessions, says so on stderr.
pub fn run() -> io::Result<ExitCode> {
    let found = sessions::list();
    if found.is_empty() {
        crate::complain("no sessions");
        return Ok(ExitCode::SUCCESS);
    }
    let head = ["SESSION", "PID", "STATE", "AGE", "PROCESSES", "PROGRAM"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(found.iter().map(row)).collect();
    let width = |i: usize| rows.iter().map(|r| r[i].len()).max().unwrap_or(0);
    let w = [0, 1, 2, 3, 4].map(width);
    let mut out = io::stdout().lock();
    for [name, pid, state, age, procs, program] in &rows {
        writeln!(
            out,
            "{name:<0$}  {pid:>1$}  {state:<2$}  {age:>3$}  {procs:>4$}  {program}",
            w[0], w[1], w[2], w[3], w[4]
        )?;
    }
    if found.iter().any(|f| !f.read) {
        writeln!(out, "\n`socklens read SESSION` shows what a session without a reader still holds, and removes it.")?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_the_name_people_know() {
        let of = |program: &str, comm: &str| {
            let dir = std::path::PathBuf::from("/x/socklens-0");
            let age = Duration::ZERO;
            let found =
                Found { dir, reader: 1, read: true, age, procs: vec![], program: program.into(), comm: comm.into() };
            row(&found)[5].clone()
        };
        assert_eq!(of("/usr/bin/redis-check-rdb", "redis-server"), "/usr/bin/redis-check-rdb (redis-server)");
        assert_eq!(of("/bin/dash", "serve.sh"), "/bin/dash (serve.sh)");
        assert_eq!(of("/usr/bin/python3.11", "python3"), "/usr/bin/python3.11");
        assert_eq!(of("/usr/bin/a-name-that-is-long", "a-name-that-is-"), "/usr/bin/a-name-that-is-long");
    }

    #[test]
    fn ages_are_short() {
        let of = |s| age(Duration::from_secs(s));
        assert_eq!([of(7), of(190), of(18120), of(273_600)], ["7s", "3m10s", "5h02m", "3d04h"]);
    }
}
