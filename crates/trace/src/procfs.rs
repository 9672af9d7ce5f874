//! Whether processes and threads of a session still live, as /proc and kill tell.

use std::fs;
use std::io;

/// What /proc/PID/stat says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    pub state: u8,
    pub ppid: u32,
    pub threads: u32,
    /// Clock ticks since boot: tells one user of a pid from the next.
    pub started: u64,
}

impl Stat {
    /// Whether any thread of the process can still run.
    pub fn alive(&self) -> bool {
        // A zombie leader with further threads is a process whose main thread has left it.
        !matches!(self.state, b'X' | b'x') && (self.state != b'Z' || self.threads > 1)
    }
}

/// Reads a process's state; None when there is no such process.
pub fn stat(pid: u32) -> Option<Stat> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

fn parse_stat(text: &[u8]) -> Option<Stat> {
    // The command's name may hold anything, brackets too.
    let end = text.iter().rposition(|b| *b == b')')?;
    let rest = std::str::from_utf8(text.get(end + 2..)?).ok()?;
    let mut f = rest.split_ascii_whitespace();
    let state = *f.next()?.as_bytes().first()?;
    let ppid = f.next()?.parse().ok()?;
    let threads = f.nth(15)?.parse().ok()?;
    let started = f.nth(1)?.parse().ok()?;
    Some(Stat { state, ppid, threads, started })
}

/// Whether a thread exists. A thread of another user's process counts as alive.
pub fn thread_alive(pid: u32, tid: u32) -> bool {
    // SAFETY: signal 0 is never delivered.
    let r = unsafe { libc::syscall(libc::SYS_tgkill, pid as libc::pid_t, tid as libc::pid_t, 0) };
    r == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH)
}

/// The inode of a process's pid namespace.
pub fn pid_ns(pid: &str) -> u64 {
    fs::metadata(format!("/proc/{pid}/ns/pid")).map_or(0, |m| std::os::unix::fs::MetadataExt::ino(&m))
}

/// The device number of the procfs at /proc; 0 when there is none.
pub fn device() -> u64 {
    fs::metadata("/proc/self/status").map_or(0, |m| std::os::unix::fs::MetadataExt::dev(&m))
}

/// Whether a seccomp filter is over this process, and so over all that it starts.
pub fn filtered() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|l| l.strip_prefix("Seccomp:")).is_none_or(|v| v.trim() != "0")
}

/// The pid here of the process that namespace `ns` knows as `pid`.
pub fn find_in_namespace(ns: u64, pid: u32) -> Option<u32> {
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let name = entry.file_name();
        let Some(here) = name.to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        if pid_ns(&here.to_string()) != ns {
            continue;
        }
        if innermost(&format!("/proc/{here}/status")) == Some(pid) {
            return Some(here);
        }
    }
    None
}

/// The id here of the thread that process `pid` knows as `tid`.
pub fn find_thread(pid: u32, tid: u32) -> Option<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
    let ids = tasks.filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok());
    ids.into_iter().find(|here| innermost(&format!("/proc/{pid}/task/{here}/status")) == Some(tid))
}

/// The id in its own namespace of the process or thread with this status file.
fn innermost(status: &str) -> Option<u32> {
    let text = fs::read_to_string(status).ok()?;
    let ids = text.lines().find_map(|l| l.strip_prefix("NSpid:"))?;
    ids.split_ascii_whitespace().last()?.parse().ok()
}

/// The program a process runs.
pub fn exe(pid: u32) -> Option<String> {
    let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    Some(path.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_do_not_confuse() {
        let text = b"12 (a) b) c) S 7 12 12 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 3 0 4711 1 2";
        assert_eq!(parse_stat(text), Some(Stat { state: b'S', ppid: 7, threads: 3, started: 4711 }));
        assert_eq!(parse_stat(b"12 (x"), None);
    }

    #[test]
    fn this_process_lives_and_its_child_dies() {
        let me = std::process::id();
        assert!(stat(me).unwrap().alive());
        assert!(thread_alive(me, me));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        while stat(pid).is_some_and(|s| s.alive()) {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(!thread_alive(pid, pid));
        assert_eq!(find_in_namespace(pid_ns("self"), me), Some(me));
        assert_eq!(find_thread(me, me), Some(me));
    }
}
