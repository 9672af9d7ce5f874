//! What must not remain after a run: processes and session directories.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The session directories of this user that exist now.
pub fn sessions() -> BTreeSet<PathBuf> {
    let places = [Some("/dev/shm".into()), std::env::var_os("XDG_RUNTIME_DIR"), Some(std::env::temp_dir().into())];
    let dirs = places.into_iter().flatten().map(PathBuf::from);
    dirs.flat_map(|d| std::fs::read_dir(d).into_iter().flatten().flatten())
        .map(|e| e.path())
        .filter(|p| {
            let name = p.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.contains("socklens") && !name.starts_with("socklens-test-")
        })
        .collect()
}

/// Watches for what one test leaves behind. Processes are known by a mark in their environment, which children inherit.
#[derive(Debug)]
pub struct Leftovers {
    mark: String,
    sessions: BTreeSet<PathBuf>,
    memory: BTreeMap<String, u64>,
}

impl Leftovers {
    /// The variable that marks a test's processes; [`crate::Run`] sets it.
    pub const VARIABLE: &str = "TESTKIT_MARK";

    pub fn watch(mark: &str) -> Leftovers {
        Leftovers { mark: format!("{}={mark}", Self::VARIABLE), sessions: sessions(), memory: memory() }
    }

    /// Processes that carry the mark, with their command lines.
    pub fn processes(&self) -> Vec<String> {
        let proc = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|e| e.path());
        proc.filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().bytes().all(|b| b.is_ascii_digit())))
            .filter(|p| self.marked(p))
            .map(|p| {
                let line = std::fs::read(p.join("cmdline")).unwrap_or_default();
                format!("{}: {}", p.display(), String::from_utf8_lossy(&line).replace('\0', " "))
            })
            .collect()
    }

    fn marked(&self, process: &Path) -> bool {
        // A zombie has no environment any more.
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|&b| b == 0).any(|v| v == self.mark.as_bytes())
    }

    /// Fails if a process, a session directory or memory that nobody uses is still there after a moment.
    #[track_caller]
    pub fn assert_none(&self) {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let processes = self.processes();
            // Sessions of tests that run at the same time come and go: only what stays is a leftover.
            let sessions: Vec<PathBuf> =
                sessions().difference(&self.sessions).filter(|p| !is_live(p)).cloned().collect();
            let memory: Vec<String> = memory()
                .into_iter()
                .filter(|(id, users)| *users == 0 && !self.memory.contains_key(id))
                .map(|m| m.0)
                .collect();
            if processes.is_empty() && sessions.is_empty() && memory.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "left behind: {processes:#?} {sessions:#?} memory {memory:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Whether some process has a file of the session mapped, or its System V memory attached: then it is another test's.
fn is_live(session: &Path) -> bool {
    let stub = std::fs::read(session.join("segment")).unwrap_or_default();
    let stub = String::from_utf8_lossy(stub.get(..64.min(stub.len())).unwrap_or_default()).into_owned();
    let id = stub.lines().next().and_then(|l| l.strip_prefix("socklens session in System V memory "));
    if let Some(id) = id {
        return memory().get(id).is_some_and(|users| *users > 0);
    }
    let session = session.to_string_lossy().into_owned();
    let proc = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|e| e.path().join("maps"));
    proc.filter_map(|p| std::fs::read_to_string(p).ok()).any(|maps| maps.contains(&session))
}

/// The System V memory of this machine that has no key, and how many processes have each attached.
fn memory() -> BTreeMap<String, u64> {
    let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    let rows = table.lines().skip(1).map(|l| l.split_whitespace().collect::<Vec<_>>());
    // key shmid perms size cpid lpid nattch ...
    rows.filter(|r| r.len() > 6 && r[0] == "0").filter_map(|r| Some((r[1].to_owned(), r[6].parse().ok()?))).collect()
}
