//! Processes that should have appeared in the session and did not: static programs, setuid ones, other architectures.

use crate::hash::Map;
use crate::model::Unseen;
use crate::procfs;
use std::time::{Duration, Instant};

/// How long a new program may take until its first sign of life.
const PATIENCE: Duration = Duration::from_secs(1);
/// Unseen processes kept by name.
const KEPT: usize = 100;

/// What is said of those whose file tells nothing.
const SILENT: &str = "the library did not start in it: its user, root directory, environment or limits may have changed; \
     of a program with a seccomp filter or an IPC namespace of its own --memory file records the calls";

/// What is said of shells, with the number of the process that made them.
const SHELL: &str = "a shell that this process made by system() or popen() after it had cleared its environment";

/// Finds out why a program could not be traced, from its path; None when nothing speaks against it.
pub type Explain = Box<dyn Fn(&str) -> Option<String> + Send>;

#[derive(Debug)]
struct Expected {
    path: String,
    /// CLOCK_MONOTONIC of the announcement.
    mono: u64,
    since: Instant,
}

/// Announced processes, by the pid they were announced with.
pub struct Watch {
    expected: Map<u32, Expected>,
    /// CLOCK_MONOTONIC of each pid's latest appearance, which may be read before its announcement.
    appeared: Map<u32, u64>,
    pub list: Vec<Unseen>,
    pub more: u64,
    explain: Option<Explain>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("expected", &self.expected).field("list", &self.list).finish_non_exhaustive()
    }
}

impl Watch {
    pub fn new(explain: Option<Explain>) -> Watch {
        Watch { expected: Map::default(), appeared: Map::default(), list: Vec::new(), more: 0, explain }
    }

    /// `pid` is about to run `path`, or was made and runs it already. An empty path is not known.
    pub fn expect(&mut self, pid: u32, path: &str, mono: u64) {
        if self.appeared.get(&pid).is_some_and(|at| *at >= mono) {
            return;
        }
        let path = if path.is_empty() {
            self.expected.get(&pid).map(|e| e.path.clone()).unwrap_or_default()
        } else {
            path.to_owned()
        };
        self.expected.insert(pid, Expected { path, mono, since: Instant::now() });
    }

    /// A process appeared, begun at `mono`.
    pub fn seen(&mut self, pid: u32, mono: u64) {
        let at = self.appeared.entry(pid).or_default();
        *at = mono.max(*at);
        if self.expected.get(&pid).is_some_and(|e| mono >= e.mono) {
            self.expected.remove(&pid);
        }
    }

    /// The program was not replaced after all.
    pub fn cancel(&mut self, pid: u32) {
        self.expected.remove(&pid);
    }

    /// Whether somebody announced may still appear: alive and not overdue.
    pub fn waiting(&self) -> bool {
        self.expected
            .iter()
            .any(|(pid, e)| e.since.elapsed() < PATIENCE && procfs::stat(*pid).is_some_and(|s| s.alive()))
    }

    /// Gives up on those that are overdue or ended; on all of them with `all`.
    pub fn settle(&mut self, all: bool) {
        if self.expected.is_empty() {
            return;
        }
        let due = |pid: u32, e: &Expected| {
            all || e.since.elapsed() >= PATIENCE
                || (e.since.elapsed() >= PATIENCE / 4 && procfs::stat(pid).is_none_or(|s| !s.alive()))
        };
        let pids: Vec<u32> = self.expected.iter().filter(|(pid, e)| due(**pid, e)).map(|(pid, _)| *pid).collect();
        for pid in pids {
            let Some(e) = self.expected.remove(&pid) else { continue };
            // What runs there now is named better by /proc than by a path relative to some directory.
            let path = match procfs::exe(pid) {
                Some(p) if e.path.is_empty() || !e.path.starts_with('/') => p,
                _ => e.path,
            };
            let why = self.explain.as_ref().and_then(|f| f(&path));
            let why = why.unwrap_or_else(|| SILENT.to_owned());
            self.put(Unseen { pid, path, why });
        }
    }

    fn put(&mut self, one: Unseen) {
        if self.list.len() < KEPT {
            self.list.push(one);
        } else {
            self.more += 1;
        }
    }

    /// Process `maker` makes a shell that will not appear; its own number is not known.
    pub fn shell(&mut self, maker: u32) {
        self.put(Unseen { pid: maker, path: "/bin/sh".to_owned(), why: SHELL.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_that_never_appear_are_reported() {
        let mut w = Watch::new(Some(Box::new(|p| p.contains("static").then(|| "is static".to_owned()))));
        w.expect(1_000_001, "/bin/a", 10);
        w.expect(1_000_002, "/bin/static", 10);
        w.expect(1_000_003, "/bin/c", 10);
        w.expect(1_000_004, "", 10);
        w.seen(1_000_001, 11);
        // The image before the exec began earlier: that is not it.
        w.seen(1_000_002, 9);
        w.cancel(1_000_003);
        w.seen(1_000_005, 20);
        w.expect(1_000_005, "/bin/read-late", 15);
        w.settle(true);
        w.list.sort_by_key(|u| u.pid);
        let got: Vec<_> = w.list.iter().map(|u| (u.pid, u.path.as_str(), u.why.as_str())).collect();
        assert_eq!(got, [(1_000_002, "/bin/static", "is static"), (1_000_004, "", SILENT)]);
    }
}
