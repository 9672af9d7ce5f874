//! Making a session: a private directory with the segment in it, removed when dropped.

use crate::clock;
use crate::map::Map;
use crate::procfs;
use crate::schedule::Schedule;
use crate::sysv;
use socklens_rules::fault::{FaultBlock, Region};
use socklens_wire::layout::{CHUNK_SIZE, filtered, full, gone, mode};
use socklens_wire::{Header, Layout, Segment};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Where the memory of a session is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Memory {
    /// System V memory if the kernel gives it and no seccomp filter is over us, else a file.
    #[default]
    Any,
    /// System V memory: nothing can take it away, and no path leads to it.
    SystemV,
    /// A file: for processes that enter another IPC namespace, or begin under a seccomp filter.
    File,
}

/// What the processes of a session are to do.
#[derive(Clone, Debug)]
pub struct Setup {
    pub memory: Memory,
    /// Bytes of each payload to copy.
    pub strlen: u32,
    /// Calls to record, a bit per opcode.
    pub wanted: [u64; 4],
    /// A compiled filter, for the header.
    pub filter: Option<Vec<u8>>,
    /// It chooses what is counted; all that is wanted is recorded.
    pub filter_counts: bool,
    /// Compiled fault rules; their clock starts with the session.
    pub faults: Option<Box<FaultBlock>>,
    /// Faults of an earlier session that are to be caused again.
    pub schedule: Schedule,
    /// Follow children across exec.
    pub follow: bool,
    /// Drop events instead of waiting for room.
    pub lossy: bool,
    /// Longest wait for room, in milliseconds.
    pub wait_ms: u32,
    /// Bytes of the pool of chunks; None for the usual.
    pub buffer: Option<u64>,
    /// Open connections that can be followed at once; None for the usual.
    pub conns: Option<u32>,
    /// Calls to count, a bit per opcode.
    pub counted: [u64; 4],
    /// What is counted of them: [`socklens_wire::stats::mode`].
    pub stats: u32,
}

impl Default for Setup {
    fn default() -> Setup {
        let wanted = [u64::MAX; 4];
        Setup {
            memory: Memory::Any,
            strlen: 32,
            wanted,
            filter: None,
            filter_counts: false,
            faults: None,
            schedule: Schedule::default(),
            follow: true,
            lossy: false,
            wait_ms: 10_000,
            buffer: None,
            conns: None,
            counted: [0; 4],
            stats: 0,
        }
    }
}

/// Why no session could be made.
#[derive(Debug)]
pub enum SessionError {
    /// No place has room, or none may be written to: the places and their errors.
    NoPlace(Vec<(PathBuf, io::Error)>),
    /// The compiled filter does not fit the header.
    FilterTooLarge(usize),
    /// The kernel gave no random bytes.
    Random(io::Error),
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SessionError::NoPlace(tried) => {
                write!(f, "no place for the session's memory:")?;
                for (path, e) in tried {
                    write!(f, " {}: {e};", path.display())?;
                }
                write!(f, " free about 8 MiB there, or name a directory with room in TMPDIR")
            }
            SessionError::FilterTooLarge(n) => {
                write!(f, "the filter takes {n} bytes when compiled, which is too many: use fewer conditions")
            }
            SessionError::Random(e) => write!(f, "the kernel gave no random bytes for the session's name: {e}"),
        }
    }
}

impl std::error::Error for SessionError {}

/// A session's memory and its directory.
#[derive(Debug)]
pub struct Session {
    dir: PathBuf,
    segment: PathBuf,
    /// The segment's path, and how it is reached without it.
    name: OsString,
    map: Arc<Map>,
    /// System V memory, which is to be removed.
    memory: Option<i32>,
}

/// Smaller and smaller: what fits is taken.
fn layouts(buffer: Option<u64>, conns: Option<u32>, dues: u32) -> Vec<Layout> {
    let mut first = Layout { dues, ..Layout::SESSION };
    if let Some(n) = conns {
        first.conns = n.clamp(64, 1 << 20);
        // Descriptor tables of as many descriptors, in several processes.
        first.pages = first.pages.max(first.conns / 32);
    }
    if let Some(bytes) = buffer {
        first.chunks = (bytes / CHUNK_SIZE as u64).clamp(8, 1 << 16) as u32;
    }
    let half = Layout {
        chunks: (first.chunks / 2).max(8),
        pages: 768,
        conns: first.conns.min(Layout::SESSION.conns),
        ..first
    };
    let small = Layout { procs: 512, threads: 1024, conns: 4096, pages: 384, chunks: first.chunks.min(24), dues };
    let tiny = Layout { procs: 128, threads: 256, conns: 1024, pages: 128, chunks: first.chunks.min(8), dues };
    vec![first, half, small, tiny]
}

/// A call that may wait and took at least this long is taken to have waited.
pub(crate) const BLOCKED_NS: u64 = 50_000;

/// Bytes the header has for a filter.
const FILTER_ROOM: usize = 2048;

/// Where sessions are made, best first.
pub(crate) fn places() -> Vec<PathBuf> {
    let from_env = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let all =
        [Some(PathBuf::from("/dev/shm")), from_env("XDG_RUNTIME_DIR"), from_env("TMPDIR"), Some(PathBuf::from("/tmp"))];
    let mut list: Vec<PathBuf> = Vec::new();
    for p in all.into_iter().flatten() {
        if p.is_absolute() && !list.contains(&p) {
            list.push(p);
        }
    }
    list
}

fn random_name() -> Result<String, SessionError> {
    let mut bytes = [0u8; 16];
    // SAFETY: the kernel writes at most the array's length.
    let n = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if n != bytes.len() as isize {
        return Err(SessionError::Random(io::Error::last_os_error()));
    }
    Ok(bytes.iter().fold(String::from(crate::sessions::PREFIX), |s, b| s + &format!("{b:02x}")))
}

impl Session {
    /// Makes a session in the first place that has room for it.
    pub fn create(setup: &Setup) -> Result<Session, SessionError> {
        Session::create_in(&places(), setup)
    }

    /// The same, in one of `places`.
    pub fn create_in(places: &[PathBuf], setup: &Setup) -> Result<Session, SessionError> {
        let name = random_name()?;
        let room = FILTER_ROOM;
        if let Some(f) = setup.filter.as_ref().filter(|f| f.len() > room) {
            return Err(SessionError::FilterTooLarge(f.len()));
        }
        let mut tried = Vec::new();
        for layout in layouts(setup.buffer, setup.conns, setup.schedule.dues()) {
            for place in places {
                match Session::at(&place.join(&name), layout, setup.memory) {
                    Ok(s) => {
                        s.fill(setup);
                        return Ok(s);
                    }
                    Err(e) => tried.push((place.clone(), e)),
                }
            }
        }
        tried.truncate(places.len());
        Err(SessionError::NoPlace(tried))
    }

    fn at(dir: &Path, layout: Layout, memory: Memory) -> io::Result<Session> {
        DirBuilder::new().mode(0o700).create(dir)?;
        let made = match memory {
            Memory::SystemV => Session::in_memory(dir, layout),
            Memory::File => Session::in_file(dir, layout),
            // Programs under a filter do not join by shmat.
            Memory::Any if procfs::filtered() => Session::in_file(dir, layout),
            Memory::Any => Session::in_memory(dir, layout).or_else(|_| Session::in_file(dir, layout)),
        };
        if made.is_err() {
            // The first error is the one to tell; what is left over is an empty directory at worst.
            let _ = fs::remove_dir_all(dir);
        }
        made
    }

    /// The memory is a file's.
    fn in_file(dir: &Path, layout: Layout) -> io::Result<Session> {
        let (file, segment) = new_file(dir)?;
        reserve(&file, layout.total())?;
        let map = Arc::new(Map::of_file(&file, layout, true)?);
        Ok(Session { dir: dir.to_owned(), name: segment.clone().into(), segment, map, memory: None })
    }

    /// The memory has no name; a file says which it is.
    fn in_memory(dir: &Path, layout: Layout) -> io::Result<Session> {
        let id = sysv::create(layout.total())?;
        let made = sysv::attach(id, true).and_then(|at| {
            // SAFETY: attached just now with this size, and nobody else's.
            let map = Arc::new(unsafe { Map::of_memory(at, layout) });
            let (mut file, segment) = new_file(dir)?;
            file.write_all(sysv::stub(id).as_bytes()).inspect_err(|_| drop(fs::remove_file(&segment)))?;
            let mut name = OsString::from(&segment);
            name.push(format!("@{id}"));
            Ok(Session { dir: dir.to_owned(), segment, name, map, memory: Some(id) })
        });
        made.inspect_err(|_| drop(sysv::remove(id)))
    }

    fn fill(&self, setup: &Setup) {
        let s = self.map.segment();
        // SAFETY: the segment is new and zeroed, and nobody else knows its name.
        unsafe { s.init() };
        // SAFETY: as above; the reference ends before the segment is published.
        let h = unsafe { &mut *s.base().cast::<Header>() };
        h.mode = mode::SESSION;
        h.clock = clock::best_kind();
        h.start = clock::anchor(h.clock);
        h.strlen.store(setup.strlen, Ordering::Relaxed);
        h.follow = u32::from(setup.follow);
        h.full = if setup.lossy { full::DROP } else { full::WAIT };
        h.wait_ms = setup.wait_ms;
        h.reader_pid.store(std::process::id(), Ordering::Relaxed);
        h.reader_ns = procfs::pid_ns("self");
        h.reader_procfs = procfs::device();
        for (to, from) in h.wanted.iter().zip(setup.wanted) {
            to.store(from, Ordering::Relaxed);
        }
        for (to, from) in h.counted.iter().zip(setup.counted) {
            to.store(from, Ordering::Relaxed);
        }
        h.stats.store(setup.stats, Ordering::Relaxed);
        // Until a reader that knows the clock's rate says otherwise.
        h.blocked_from.store(BLOCKED_NS, Ordering::Relaxed);
        if let Some(f) = &setup.filter {
            h.filter[..f.len()].copy_from_slice(f);
            h.filtered.store(if setup.filter_counts { filtered::COUNTED } else { filtered::ALL }, Ordering::Relaxed);
        }
        h.generation.store(1, Ordering::Relaxed);
        let region = Region::of(&s);
        region.begin();
        if let Some(rules) = &setup.faults {
            let mut block = rules.clone();
            block.start_ns = h.start.mono;
            // SAFETY: as above: nobody else writes to the region.
            unsafe { Region::install(&s, &block) };
        }
        // SAFETY: as above.
        unsafe { setup.schedule.write(&s) };
        s.publish();
    }

    pub fn map(&self) -> Arc<Map> {
        self.map.clone()
    }

    pub fn segment(&self) -> Segment {
        self.map.segment()
    }

    /// The value of SOCKLENS_SESSION: the path of its file, then `@` and the number of its System V memory if it has that.
    pub fn name(&self) -> &OsStr {
        &self.name
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.segment
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Writers that are still alive must not wait for a reader that has left.
        let h = self.map.segment().header();
        h.reader_gone.store(gone::LEFT, Ordering::Release);
        h.freed.fetch_add(1, Ordering::Release);
        crate::futex::wake(&h.freed);
        // Nothing can be done about a failure here, and others may have cleaned up already.
        let _ = self.memory.map(sysv::remove);
        let _ = fs::remove_file(&self.segment);
        let _ = fs::remove_dir(&self.dir);
    }
}

/// A session's file, empty, in its directory.
fn new_file(dir: &Path) -> io::Result<(File, PathBuf)> {
    // SAFETY: geteuid has no preconditions.
    let me = unsafe { libc::geteuid() };
    let meta = fs::symlink_metadata(dir)?;
    if !meta.is_dir() || meta.uid() != me || meta.mode() & 0o077 != 0 {
        return Err(io::Error::other("the new directory is not ours alone"));
    }
    let path = dir.join("segment");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC);
    Ok((options.open(&path)?, path))
}

/// Gives the file its size and takes the room for it, so that no write to the mapping can fail later.
fn reserve(file: &File, bytes: usize) -> io::Result<()> {
    // SAFETY: a descriptor of our own.
    if unsafe { libc::fallocate(file.as_raw_fd(), 0, 0, bytes as libc::off_t) } == 0 {
        return Ok(());
    }
    let e = io::Error::last_os_error();
    if e.raw_os_error() != Some(libc::EOPNOTSUPP) {
        return Err(e);
    }
    // Some file systems cannot reserve: zeros written out do the same.
    let zeros = [0u8; 1 << 16];
    let mut left = bytes;
    let mut to = file;
    while left > 0 {
        let n = left.min(zeros.len());
        to.write_all(&zeros[..n])?;
        left -= n;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use socklens_wire::MAGIC;

    fn here() -> PathBuf {
        let dir = std::env::temp_dir().join(random_name().unwrap());
        fs::create_dir(&dir).unwrap();
        dir
    }

    #[test]
    fn a_session_is_private_complete_and_removed() {
        let place = here();
        let setup = Setup { strlen: 77, filter: Some(vec![1, 2, 3]), lossy: true, ..Setup::default() };
        let s = Session::create_in(std::slice::from_ref(&place), &setup).unwrap();
        assert_eq!(fs::metadata(s.dir()).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(s.path()).unwrap().mode() & 0o777, 0o600);
        let h = s.segment().header();
        assert_eq!(h.magic.load(Ordering::Relaxed), MAGIC);
        assert_eq!((h.strlen.load(Ordering::Relaxed), h.full, h.mode), (77, full::DROP, mode::SESSION));
        assert_eq!(h.filter[..3], [1, 2, 3]);
        assert_eq!(h.layout, Layout::SESSION);
        let map = s.map();
        drop(s);
        assert_eq!(map.segment().header().reader_gone.load(Ordering::Relaxed), gone::LEFT);
        assert_eq!(fs::read_dir(&place).unwrap().count(), 0);
        fs::remove_dir(place).unwrap();
    }

    #[test]
    fn fault_rules_are_in_force_when_the_session_is() {
        let place = here();
        let mut block = Box::new(FaultBlock::new());
        block.add("in : eof", &Default::default()).unwrap();
        let setup = Setup { faults: Some(block), ..Setup::default() };
        let s = Session::create_in(std::slice::from_ref(&place), &setup).unwrap();
        let rules = Region::of(&s.segment()).block().unwrap();
        assert_eq!(rules.texts().collect::<Vec<_>>(), ["%in : eof"]);
        assert!(rules.start_ns != 0 && rules.start_ns == s.segment().header().start.mono);
        drop(s);
        let s = Session::create_in(std::slice::from_ref(&place), &Setup::default()).unwrap();
        assert!(Region::of(&s.segment()).block().is_none());
        drop(s);
        fs::remove_dir(place).unwrap();
    }

    #[test]
    fn a_place_without_room_is_passed_over_and_named() {
        let place = here();
        let bad = PathBuf::from("/proc/self");
        let s = Session::create_in(&[bad.clone(), place.clone()], &Setup::default()).unwrap();
        assert!(s.dir().starts_with(&place));
        drop(s);
        let e = Session::create_in(&[bad], &Setup::default()).unwrap_err().to_string();
        assert!(e.contains("/proc/self"), "{e}");
        let huge = Setup { filter: Some(vec![0; 4096]), ..Setup::default() };
        assert!(matches!(Session::create_in(&[], &huge), Err(SessionError::FilterTooLarge(4096))));
        fs::remove_dir(place).unwrap();
    }
}
