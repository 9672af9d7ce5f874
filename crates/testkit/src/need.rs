//! What a test needs and this machine may lack.

use crate::build::paths;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The program's path, if it is installed. Wrappers of version managers are passed over: tests want the real program.
pub fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let extra = ["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .filter(|d| !d.ends_with("shims"))
        .chain(extra)
        .map(|d| d.join(program))
        .find(|p| is_executable(p))
}

fn is_executable(p: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(p).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// A shared library's path, if it is installed.
pub fn library(name: &str) -> Option<PathBuf> {
    let mut dirs: Vec<PathBuf> =
        ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from).into();
    for parent in ["/lib", "/usr/lib"] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        dirs.extend(entries.map(|e| e.path()).filter(|p| p.to_string_lossy().ends_with("-linux-gnu")));
    }
    dirs.into_iter().map(|d| d.join(name)).find(|p| p.is_file())
}

/// The program's path; when it is missing, says so loudly and returns None: the test then has nothing to do.
pub fn require(program: &str) -> Option<PathBuf> {
    let found = installed(program);
    if found.is_none() {
        not_tested(&format!("{program} is not installed (apt-get install {})", package(program)));
    }
    found
}

/// As [`require`], for a shared library.
pub fn require_library(name: &str, package: &str) -> Option<PathBuf> {
    let found = library(name);
    if found.is_none() {
        not_tested(&format!("{name} is not installed (apt-get install {package})"));
    }
    found
}

/// The Debian package that has the program.
fn package(program: &str) -> &str {
    match program {
        "nginx" => "nginx-light",
        "redis-cli" | "redis-benchmark" => "redis-tools",
        "nc" => "netcat-openbsd",
        "ssh-keyscan" | "ssh-keygen" => "openssh-client",
        "sshd" => "openssh-server",
        "setpriv" => "util-linux",
        "jsonschema" => "python3-jsonschema",
        "promtool" => "prometheus",
        "musl-gcc" => "musl-tools",
        other => other,
    }
}

/// Says loudly that something was not tested, and why.
pub fn not_tested(why: &str) {
    // Straight to the descriptor: the test harness keeps what is printed by a test that passes.
    let line = format!("NOT TESTED: {why}\n");
    // SAFETY: a descriptor number and a buffer with its length.
    unsafe { libc::write(2, line.as_ptr().cast(), line.len()) };
    let list = paths().target.join("not-tested.txt");
    if let Ok(mut f) = std::fs::OpenOptions::new().create(true).append(true).open(list) {
        let _ = f.write_all(line.as_bytes());
    }
}

pub fn is_root() -> bool {
    // SAFETY: takes nothing.
    unsafe { libc::geteuid() == 0 }
}
