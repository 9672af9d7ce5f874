//! Whether a program can be traced by preloading, found out from its file.

mod elf;
mod script;
mod search;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

pub use elf::{Elf, Loader, is_sanitizer};
pub use search::search;

/// Why nothing would be seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// No dynamic loader runs.
    Static {
        pie: bool,
    },
    /// Go makes system calls itself, with or without libc in the process.
    Go {
        cgo: bool,
    },
    /// The kernel asks for secure execution.
    SetId {
        what: &'static str,
        owner: u32,
    },
    Capabilities,
    /// The loader refuses a library of another kind.
    Foreign {
        what: String,
    },
    /// The kernel finds no loader for it, or no interpreter for a script.
    Lacks {
        what: &'static str,
        path: PathBuf,
    },
    /// Not a program.
    NotElf,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Static { pie } => {
                let how = if *pie { "statically linked (static-pie)" } else { "statically linked" };
                write!(
                    f,
                    "is {how}, so the loader never runs and nothing can be preloaded. Use strace -f, or link it dynamically"
                )
            }
            Obstacle::Go { cgo: false } => write!(
                f,
                "is a static Go program: it makes system calls itself, and nothing can be preloaded. Use strace -f -e trace=%network"
            ),
            Obstacle::Go { cgo: true } => write!(
                f,
                "is a Go program: it loads libc but makes its network calls without it, so they are not seen; only those of its C code are. Use strace -f -e trace=%network"
            ),
            Obstacle::SetId { what, owner } => write!(
                f,
                "is {what} of {owner}: the loader ignores LD_PRELOAD for it, and so it must. Run it as that user, or trace a copy of it without that bit"
            ),
            Obstacle::Capabilities => write!(
                f,
                "has file capabilities: the loader ignores LD_PRELOAD for it, and so it must. Run it as root, or trace a copy of it (copies lose them)"
            ),
            Obstacle::Foreign { what } => write!(
                f,
                "is {what}, and this library is for {}: the loader cannot load it there. Use strace -f",
                std::env::consts::ARCH
            ),
            Obstacle::Lacks { what, path } => write!(f, "cannot run: its {what} {} does not exist", path.display()),
            Obstacle::NotElf => write!(f, "is neither an ELF program nor a script that names its interpreter with #!"),
        }
    }
}

/// What is known of a program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it was found.
    pub path: PathBuf,
    /// Interpreters of scripts on the way to the ELF file, which is the last; empty for an ELF file itself.
    pub through: Vec<PathBuf>,
    /// Of the ELF file in the end.
    pub elf: Option<Elf>,
    pub obstacle: Option<Obstacle>,
}

/// How many scripts may name each other as interpreters; the kernel allows about as many.
const MAX_SCRIPTS: usize = 5;

impl Program {
    /// Examines the program at `path`.
    pub fn examine(path: &Path) -> io::Result<Program> {
        let mut p = Program { path: path.to_owned(), through: Vec::new(), elf: None, obstacle: None };
        for _ in 0..=MAX_SCRIPTS {
            let at = p.through.last().unwrap_or(&p.path).clone();
            let start = match beginning(&at) {
                Err(e) if e.kind() == io::ErrorKind::NotFound && !p.through.is_empty() => {
                    p.through.pop();
                    p.obstacle = Some(Obstacle::Lacks { what: "interpreter", path: at });
                    return Ok(p);
                }
                start => start?,
            };
            if start.starts_with(b"\x7fELF") {
                p.obstacle = secure(&at);
                match Elf::read(&at) {
                    Some(elf) => {
                        p.obstacle = lacking(&elf).or(p.obstacle).or_else(|| elf.obstacle());
                        p.elf = Some(elf);
                    }
                    None => p.obstacle = Some(Obstacle::NotElf),
                }
                return Ok(p);
            }
            match script::interpreter(&start) {
                Some(next) => p.through.push(next),
                None => {
                    p.obstacle = Some(Obstacle::NotElf);
                    return Ok(p);
                }
            }
        }
        p.obstacle = Some(Obstacle::NotElf);
        Ok(p)
    }

    /// The file that the kernel runs in the end.
    pub fn target(&self) -> &Path {
        self.through.last().unwrap_or(&self.path)
    }
}

fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut start)?;
    Ok(start)
}

/// The loader that the program asks for and that is not there.
fn lacking(elf: &Elf) -> Option<Obstacle> {
    let path = elf.interpreter.clone()?;
    let gone = fs::metadata(&path).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
    gone.then_some(Obstacle::Lacks { what: "loader", path })
}

/// Whether the kernel would start the program in secure-execution mode for this user.
fn secure(path: &Path) -> Option<Obstacle> {
    let meta = fs::metadata(path).ok()?;
    // SAFETY: these have no preconditions.
    let (uid, gid) = unsafe { (libc::getuid(), libc::getgid()) };
    if ignores_privileges(path) {
        return None;
    }
    if meta.mode() & libc::S_ISUID != 0 && meta.uid() != uid {
        return Some(Obstacle::SetId { what: "set-user-ID", owner: meta.uid() });
    }
    // Without group execute permission the bit means mandatory locking.
    if meta.mode() & libc::S_ISGID != 0 && meta.mode() & libc::S_IXGRP != 0 && meta.gid() != gid {
        return Some(Obstacle::SetId { what: "set-group-ID", owner: meta.gid() });
    }
    (uid != 0 && has_capabilities(path)).then_some(Obstacle::Capabilities)
}

/// On a file system mounted nosuid, or under no_new_privs, such bits have no effect.
fn ignores_privileges(path: &Path) -> bool {
    // SAFETY: takes no pointers.
    if unsafe { libc::prctl(libc::PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) } == 1 {
        return true;
    }
    let Ok(c) = std::ffi::CString::new(path.as_os_str().as_bytes()) else { return false };
    let mut st = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: a NUL-terminated path, and a structure of our own; zeroed, it is valid whatever the call does.
    unsafe { libc::statvfs(c.as_ptr(), st.as_mut_ptr()) == 0 && st.assume_init().f_flag & libc::ST_NOSUID != 0 }
}

fn has_capabilities(path: &Path) -> bool {
    let Ok(c) = std::ffi::CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: NUL-terminated strings; with no buffer only the attribute's size is asked for.
    unsafe { libc::getxattr(c.as_ptr(), c"security.capability".as_ptr(), std::ptr::null_mut(), 0) > 0 }
}

/// Why a program at `path` is not seen, for the summary; None when nothing speaks against it.
pub fn explain(path: &str) -> Option<String> {
    let found = search(std::ffi::OsStr::new(path), None).ok()?;
    let p = Program::examine(&found).ok()?;
    let o = p.obstacle?;
    Some(match o {
        Obstacle::Static { .. } => "statically linked".to_owned(),
        Obstacle::Go { .. } => "a Go program: it makes system calls itself".to_owned(),
        Obstacle::SetId { what, .. } => format!("{what}: the loader ignores LD_PRELOAD"),
        Obstacle::Capabilities => "has file capabilities: the loader ignores LD_PRELOAD".to_owned(),
        Obstacle::Foreign { what } => what,
        Obstacle::Lacks { .. } | Obstacle::NotElf => return None,
    })
}
