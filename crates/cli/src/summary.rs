//! What is told on stderr when a run is over.

use socklens_export::signal;
use socklens_trace::{ExitStatus, Summary, Unseen};
use std::fmt::Write;

/// 1234567 as 1,234,567.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// The closing lines, each without its end.
pub fn lines(s: &Summary, left: bool) -> Vec<String> {
    let mut first = format!("{} recorded, {} dropped", count(s.recorded, "call", "calls"), grouped(s.missing()));
    if s.filtered > 0 {
        let _ = write!(first, ", {} filtered out", grouped(s.filtered));
    }
    let _ = write!(first, ", {}", count(s.processes, "process", "processes"));
    if s.threads > s.processes {
        let _ = write!(first, " ({})", count(s.threads, "thread", "threads"));
    }
    let _ = write!(first, ", {}", count(s.conns, "connection", "connections"));
    let _ = write!(first, ", {:.2} s", s.elapsed_ns as f64 / 1e9);
    let mut lines = vec![first];
    if s.missing() > 0 {
        let mut why = Vec::new();
        if s.dropped > 0 {
            why.push(format!("{} for want of room (see --wait, --buffer)", grouped(s.dropped)));
        }
        if s.holes > 0 {
            why.push(format!("{} that were never finished", grouped(s.holes)));
        }
        if s.slotless > 0 {
            why.push(format!("{} of threads beyond the number that can be followed", grouped(s.slotless)));
        }
        lines.push(format!("dropped: {}", why.join(", ")));
    }
    if s.lost_procs > 0 || s.lost_conns > 0 {
        lines.push(format!(
            "{} and {} found no room and were not followed",
            count(s.lost_procs, "process", "processes"),
            count(s.lost_conns, "connection", "connections")
        ));
    }
    let width = s.unseen.iter().map(|u| u.path.chars().count()).max().unwrap_or(0).min(60);
    for (i, u) in s.unseen.iter().enumerate() {
        // A program that was run often is named once.
        let same = |v: &Unseen| (&v.path, &v.why) == (&u.path, &u.why);
        if s.unseen.iter().take(i).any(same) {
            continue;
        }
        let path = if u.path.is_empty() { "(unknown)" } else { &u.path };
        let times = match s.unseen.iter().filter(|v| same(v)).count() {
            1 => format!("pid {}", u.pid),
            n => format!("{n} times"),
        };
        lines.push(format!("not seen: {path:width$}  {times}: {}", u.why));
    }
    if s.more_unseen > 0 {
        lines.push(format!("not seen: {} more", grouped(s.more_unseen)));
    }
    for (pid, comm) in &s.io_uring {
        lines.push(format!("not seen: what {comm} (pid {pid}) did through io_uring"));
    }
    if left {
        lines.push("processes that the program left behind still run and are no longer followed".to_owned());
    }
    lines
}

/// How a program ended, when it was killed.
pub fn killed(command: &str, status: ExitStatus) -> Option<String> {
    match status {
        ExitStatus::Exited(_) => None,
        ExitStatus::Killed { signal: n, core } => {
            Some(format!("{command} killed by {}{}", signal::name(n), if core { " (core dumped)" } else { "" }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use socklens_trace::Unseen;

    #[test]
    fn what_is_missing_is_said() {
        let mut s = Summary {
            recorded: 1_234_567,
            processes: 1,
            threads: 1,
            conns: 12,
            elapsed_ns: 420_000_000,
            ..Summary::default()
        };
        assert_eq!(lines(&s, false), ["1,234,567 calls recorded, 0 dropped, 1 process, 12 connections, 0.42 s"]);
        s.threads = 5;
        s.dropped = 3;
        s.holes = 1;
        s.unseen.push(Unseen { pid: 7, path: "/bin/x".into(), why: "statically linked".into() });
        s.unseen.push(Unseen { pid: 9, path: "/bin/y".into(), why: "statically linked".into() });
        s.unseen.push(Unseen { pid: 10, path: "/bin/y".into(), why: "statically linked".into() });
        s.io_uring.push((8, "uring".into()));
        let got = lines(&s, true);
        assert!(got[0].contains("4 dropped, 1 process (5 threads)"), "{}", got[0]);
        assert!(got[1].starts_with("dropped: 3 for want of room"));
        assert_eq!(got[2], "not seen: /bin/x  pid 7: statically linked");
        assert_eq!(got[3], "not seen: /bin/y  2 times: statically linked");
        assert!(got[4].contains("io_uring") && got[5].contains("still run"));
    }

    #[test]
    fn signals_are_named() {
        let killed = |signal, core| killed("x", ExitStatus::Killed { signal, core }).unwrap();
        assert_eq!(killed(11, true), "x killed by SIGSEGV (core dumped)");
        assert_eq!(killed(34, false), "x killed by SIGRT_2");
        assert_eq!(super::killed("x", ExitStatus::Exited(3)), None);
    }
}
