//! Which session is meant: by its name, a pid, or the path of its directory.

use anyhow::{Result, anyhow, bail};
use socklens_trace::observe::Observer;
use socklens_trace::sessions::{self, Found};
use std::path::{Path, PathBuf};

/// The directory of the session that is meant: the beginning of its name, the pid of its command or of one of its
/// processes, or a path. Without a word, the youngest.
pub fn dir(wanted: Option<&str>) -> Result<PathBuf> {
    if let Some(path) = wanted.filter(|w| w.contains('/')) {
        let path = Path::new(path);
        return Ok(if path.is_dir() { path.to_owned() } else { path.parent().unwrap_or(path).to_owned() });
    }
    one_of(sessions::list(), wanted)
}

fn one_of(mut found: Vec<Found>, wanted: Option<&str>) -> Result<PathBuf> {
    let Some(w) = wanted else {
        // Oldest first: one that still runs before any that was left over.
        let running = found.iter().rposition(|f| f.read).or_else(|| found.iter().rposition(|f| !f.procs.is_empty()));
        let last = running.or(found.len().checked_sub(1));
        return last
            .map(|i| found.swap_remove(i).dir)
            .ok_or_else(|| anyhow!("no sessions: start one with `socklens run`"));
    };
    if let Ok(pid) = w.parse::<u32>()
        && let Some(i) = found.iter().rposition(|f| f.reader == pid || f.procs.iter().any(|(p, _)| *p == pid))
    {
        return Ok(found.swap_remove(i).dir);
    }
    found.retain(|f| f.name().starts_with(w));
    match found.len() {
        1 => Ok(found.remove(0).dir),
        0 => bail!("there is no session `{w}`, and no process of one: see `socklens ps`"),
        n => bail!("{n} sessions are meant by `{w}`: name one of those that `socklens ps` shows"),
    }
}

/// Opens it to look at.
pub fn observe(dir: &Path) -> Result<Observer> {
    Observer::open(&dir.join("segment")).map_err(|e| anyhow!("cannot read the session in {}: {e}", dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn found(digit: char, reader: u32, read: bool, procs: &[u32]) -> Found {
        let name: String = std::iter::repeat_n(digit, 32).collect();
        Found {
            dir: PathBuf::from(format!("/x/socklens-{name}")),
            reader,
            read,
            age: Duration::from_secs(u64::from(100 - reader)),
            procs: procs.iter().map(|p| (*p, "x".to_owned())).collect(),
            program: String::new(),
            comm: String::new(),
        }
    }

    #[test]
    fn the_right_one_is_chosen() {
        let all = || vec![found('a', 10, true, &[11]), found('b', 20, true, &[21, 22]), found('c', 30, false, &[])];
        let of = |w: Option<&str>| one_of(all(), w).map(|d| d.to_string_lossy()[12..13].to_owned());
        assert_eq!(of(None).unwrap(), "b", "the youngest that runs");
        assert_eq!(of(Some("10")).unwrap(), "a");
        assert_eq!(of(Some("22")).unwrap(), "b");
        assert_eq!(of(Some("ccc")).unwrap(), "c");
        assert!(of(Some("99")).unwrap_err().to_string().contains("no session `99`"));
        assert!(of(Some("")).unwrap_err().to_string().contains("3 sessions"));
        assert!(one_of(Vec::new(), None).unwrap_err().to_string().contains("socklens run"));
    }
}
