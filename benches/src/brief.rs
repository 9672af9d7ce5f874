//! What a million short connections leave behind.

use super::Bench;
use crate::measure::Samples;
use crate::table::Target;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};

fn number(text: &str) -> io::Result<f64> {
    text.trim().trim_matches('"').parse().map_err(|e| io::Error::other(format!("{e}: {text:?}")))
}

impl Bench {
    /// A million connections that live for a moment.
    pub(super) fn brief(&mut self) -> io::Result<()> {
        const GROUP: &str = "A million sockets made and closed under socklens stat --json";
        const COUNT: usize = 1_000_000;
        let file = self.tools.dir.join("brief.json");
        let mut c = Command::new(&self.tools.socklens);
        c.args(["stat", "--json", "-o"]).arg(&file).arg("--").arg(self.tools.dir.join("driver"));
        c.args(["brief", &COUNT.to_string()]).env("SOCKLENS_LIBRARY", &self.tools.library);
        let mut child = c.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut grown = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut grown)?;
        }
        // SAFETY: a rusage of ours, and a child of ours that nobody else waits for.
        let most = unsafe {
            let mut used: libc::rusage = std::mem::zeroed();
            let mut status = 0;
            if libc::wait4(child.id() as i32, &raw mut status, 0, &raw mut used) < 0 || status != 0 {
                return Err(io::Error::other(format!("{c:?}: status {status}")));
            }
            used.ru_maxrss as f64
        };
        // A row of a connection is a line of its own, and begins with its first member by name.
        let mut rows = 0usize;
        for line in BufReader::new(fs::File::open(&file)?).lines() {
            rows += usize::from(line?.starts_with("{\"age_ns\""));
        }
        fs::remove_file(&file)?;
        let one = |v: f64| Samples(vec![v]);
        let (own, shared) = grown.split_once(' ').unwrap_or((&grown, ""));
        self.add(GROUP, "the program's own memory grows by", "KiB", Target::AtMost(64.0), one(number(own)?));
        self.add(GROUP, "of the session's 34 MiB it touches", "KiB", Target::None, one(number(shared)?));
        self.add(GROUP, "rows that are missing", "rows", Target::AtMost(0.0), one(COUNT as f64 - rows as f64));
        self.add(
            GROUP,
            "socklens takes, all in all, for each",
            "bytes",
            Target::AtMost(512.0),
            one(most * 1024.0 / COUNT as f64),
        );
        Ok(())
    }
}
