//! Finding a program as execvp does.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Why there is nothing to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SearchError {
    NotFound { in_path: bool },
    NotExecutable(PathBuf),
    Directory(PathBuf),
}

impl SearchError {
    /// The shell's exit status for it.
    pub fn status(&self) -> u8 {
        if matches!(self, SearchError::NotFound { .. }) { 127 } else { 126 }
    }
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SearchError::NotFound { in_path: true } => write!(f, "no such program in PATH"),
            SearchError::NotFound { in_path: false } => write!(f, "no such file"),
            SearchError::NotExecutable(_) => write!(f, "not executable: allow it with chmod +x"),
            SearchError::Directory(_) => write!(f, "is a directory"),
        }
    }
}

/// What execvp searches when PATH is unset.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// Finds `program` as execvp does, in `path` or, without one, in this process's PATH.
pub fn search(program: &OsStr, path: Option<&OsStr>) -> Result<PathBuf, SearchError> {
    if program.as_bytes().contains(&b'/') {
        return look(Path::new(program)).map_or(Err(SearchError::NotFound { in_path: false }), |r| r);
    }
    let own = std::env::var_os("PATH");
    let path = path.map(OsStr::to_owned).or(own).unwrap_or_else(|| OsString::from(DEFAULT_PATH));
    let mut refused = None;
    for dir in path.as_bytes().split(|b| *b == b':').filter(|_| !program.is_empty()) {
        let dir = if dir.is_empty() { b".".to_vec() } else { dir.to_vec() };
        match look(&PathBuf::from(OsString::from_vec(dir)).join(program)) {
            Some(Ok(found)) => return Ok(found),
            Some(Err(e)) => refused = refused.or(Some(e)),
            None => {}
        }
    }
    Err(refused.unwrap_or(SearchError::NotFound { in_path: true }))
}

/// The file at `path` if it can be executed; None when there is none.
fn look(path: &Path) -> Option<Result<PathBuf, SearchError>> {
    let meta = std::fs::metadata(path).ok()?;
    if meta.is_dir() {
        return Some(Err(SearchError::Directory(path.to_owned())));
    }
    let c = std::ffi::CString::new(path.as_os_str().as_bytes()).ok()?;
    // SAFETY: a NUL-terminated path.
    let may = unsafe { libc::faccessat(libc::AT_FDCWD, c.as_ptr(), libc::X_OK, libc::AT_EACCESS) } == 0;
    Some(if may { Ok(path.to_owned()) } else { Err(SearchError::NotExecutable(path.to_owned())) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_execvp_does() {
        let os = OsStr::new;
        assert!(search(os("sh"), None).unwrap().is_absolute());
        assert_eq!(search(os("sh"), Some(os("/nowhere"))), Err(SearchError::NotFound { in_path: true }));
        assert_eq!(search(os("/etc/passwd"), None), Err(SearchError::NotExecutable("/etc/passwd".into())));
        assert_eq!(search(os("./nothing"), None), Err(SearchError::NotFound { in_path: false }));
        assert_eq!(search(os("/tmp"), None), Err(SearchError::Directory("/tmp".into())));
        assert_eq!(search(os(""), None).unwrap_err().status(), 127);
        // A file that may not be executed is passed over, and told when there is nothing else.
        assert_eq!(search(os("passwd"), Some(os("/etc"))), Err(SearchError::NotExecutable("/etc/passwd".into())));
    }
}
