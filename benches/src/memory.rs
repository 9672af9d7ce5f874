//! What connections and threads take of memory, what a million short connections leave behind, and looking at many.

use crate::measure::{How, Samples};
use crate::table::Target;
use crate::{Bench, rounds_of};
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

fn number(text: &str) -> io::Result<f64> {
    text.trim().trim_matches('"').parse().map_err(|e| io::Error::other(format!("{e}: {text:?}")))
}

/// Waits for a child, which must end well: what it has used.
fn used_by(child: &Child) -> io::Result<libc::rusage> {
    // SAFETY: a rusage and a status of ours, and a child of ours that nobody else waits for.
    unsafe {
        let mut used: libc::rusage = std::mem::zeroed();
        let mut status = 0;
        if libc::wait4(child.id() as i32, &raw mut status, 0, &raw mut used) < 0 || status != 0 {
            return Err(io::Error::other(format!("{child:?}: status {status}")));
        }
        Ok(used)
    }
}

impl Bench {
    /// What each thread that has worked, and each open connection, takes under `socklens stat`.
    pub(super) fn memory(&mut self) -> io::Result<()> {
        const GROUP: &str = "Memory under socklens stat, more than without it";
        const CONNS: &str = "10000";
        const THREADS: &str = "64";
        // Bytes of the program's own memory, of the session's, and of the command's own, of one more of them.
        let each = |how, what: &str, n: &str| -> io::Result<[f64; 3]> {
            let (v, _) = self.tools.run(how, "memory", &[what, n], true, 0)?;
            v.try_into().map_err(|v| io::Error::other(format!("three numbers, not {v:?}")))
        };
        let mut rows: Vec<(&str, &str, Target, Samples)> = Vec::new();
        // Memory does not vary with the machine's load: three rounds show that.
        let n = self.rounds.min(3);
        for (what, count, unit, limit) in
            [("threads", THREADS, "thread", 64.0 * 1024.0), ("open", CONNS, "live connection", 512.0)]
        {
            let [alone, stat] =
                rounds_of(n, [&mut || each(How::Alone, what, count), &mut || each(How::Stat(&[]), what, count)])?;
            let more =
                |of: fn(&[f64; 3], &[f64; 3]) -> f64| Samples(stat.iter().zip(&alone).map(|(s, a)| of(s, a)).collect());
            rows.push((unit, "", Target::AtMost(limit), more(|s, a| s[0] + s[1] - a[0] - a[1])));
            rows.push((unit, ": of the session's memory", Target::None, more(|s, a| s[1] - a[1])));
            rows.push((unit, ": of the program's own", Target::None, more(|s, a| s[0] - a[0])));
            rows.push((unit, ": and of socklens itself", Target::None, more(|s, _| s[2])));
        }
        for (unit, of, target, samples) in rows {
            self.add(GROUP, format!("a {unit}{of}"), "bytes", target, samples);
        }
        Ok(())
    }

    /// A million connections that live for a moment.
    pub(super) fn brief(&mut self) -> io::Result<()> {
        const GROUP: &str = "A million sockets made and closed under socklens stat --json";
        const COUNT: usize = 1_000_000;
        let file = self.tools.dir.join("brief.json");
        let mut c = Command::new(&self.tools.socklens);
        c.args(["stat", "--json", "-o"]).arg(&file).arg("--").arg(self.tools.dir.join("memory"));
        c.args(["brief", &COUNT.to_string()]).env("SOCKLENS_LIBRARY", &self.tools.library);
        let mut child = c.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut grown = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut grown)?;
        }
        let most = used_by(&child)?.ru_maxrss as f64;
        // A row of a connection is a line of its own, and begins with its first member by name.
        let mut rows = 0usize;
        for line in BufReader::new(fs::File::open(&file)?).lines() {
            rows += usize::from(line?.starts_with("{\"age_ns\""));
        }
        fs::remove_file(&file)?;
        let one = |v: f64| Samples(vec![v]);
        let (own, shared) = grown.split_once(' ').unwrap_or((&grown, ""));
        self.add(
            GROUP,
            "connections that the numbers at the end tell of",
            "rows",
            Target::AtLeast(COUNT as f64),
            one(rows as f64),
        );
        self.add(GROUP, "the program's own memory grows by", "KiB", Target::AtMost(64.0), one(number(own)?));
        self.add(GROUP, "of the session's 33 MiB it touches", "KiB", Target::None, one(number(shared)?));
        self.add(
            GROUP,
            "socklens takes, all in all, for each",
            "bytes",
            Target::AtMost(512.0),
            one(most * 1024.0 / COUNT as f64),
        );
        Ok(())
    }

    /// What `socklens top` costs with a hundred thousand open sockets.
    pub(super) fn many(&mut self) -> io::Result<()> {
        const GROUP: &str = "socklens top beside 100,000 open sockets";
        let mut c = Command::new(&self.tools.socklens);
        c.args(["stat", "--connections", "110000", "-o", "/dev/null", "--"]).arg(self.tools.dir.join("memory"));
        c.args(["many", "100000"]).env("SOCKLENS_LIBRARY", &self.tools.library);
        let mut held = c.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(out) = held.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let mut looks = Vec::new();
        for _ in 0..self.rounds.min(5) {
            let mut top = Command::new(&self.tools.socklens);
            top.args(["top", "--once", "--interval", "1ms", &held.id().to_string()]).stdout(Stdio::piped());
            let mut child = top.spawn()?;
            let mut frame = String::new();
            if let Some(mut out) = child.stdout.take() {
                out.read_to_string(&mut frame)?;
            }
            let used = used_by(&child)?;
            if !frame.contains("open 100k of 100k") {
                return Err(io::Error::other(format!("not all are shown: {frame}")));
            }
            let ms = |t: libc::timeval| t.tv_sec as f64 * 1e3 + t.tv_usec as f64 / 1e3;
            // It looks twice, for the rates.
            looks.push((ms(used.ru_utime) + ms(used.ru_stime)) / 2.0);
        }
        drop(held.stdin.take());
        used_by(&held)?;
        let what = "processor time of a look, of a second each".to_owned();
        self.add(GROUP, what, "ms", Target::AtMost(500.0), Samples(looks));
        Ok(())
    }
}
