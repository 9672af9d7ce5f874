//! What must not remain after a run: processes and session directories.

use std::collections::BTreeSet;
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
}

impl Leftovers {
    /// The variable that marks a test's processes; [`crate::Run`] sets it.
    pub const VARIABLE: &str = "TESTKIT_MARK";

    pub fn watch(mark: &str) -> Leftovers {
        Leftovers { mark: format!("{}={mark}", Self::VARIABLE), sessions: sessions() }
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

    /// Fails if a process or a session directory is still there after a moment.
    #[track_caller]
    pub fn assert_none(&self) {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let processes = self.processes();
            // Sessions of tests that run at the same time come and go: only what stays is a leftover.
            let sessions: Vec<PathBuf> =
                sessions().difference(&self.sessions).filter(|p| !is_live(p)).cloned().collect();
            if processes.is_empty() && sessions.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "left behind: {processes:#?} {sessions:#?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Whether some process has a file of the session mapped: then it is another test's.
fn is_live(session: &Path) -> bool {
    let session = session.to_string_lossy().into_owned();
    let proc = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|e| e.path().join("maps"));
    proc.filter_map(|p| std::fs::read_to_string(p).ok()).any(|maps| maps.contains(&session))
}
