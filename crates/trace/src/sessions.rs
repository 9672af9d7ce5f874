//! The sessions of this user: which there are, and opening one that another command made.

use crate::clock;
use crate::map::Map;
use crate::procfs;
use crate::session::places;
use crate::shm;
use crate::sysv;
use socklens_rules::fault::Region;
use socklens_wire::layout::{HEADER_SIZE, proc_state};
use socklens_wire::stats::mode;
use socklens_wire::{Header, Layout, MAGIC, VERSION};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::mem::{offset_of, size_of};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How the name of a session's directory begins.
pub const PREFIX: &str = "socklens-";
/// Random characters that follow.
const NAME_DIGITS: usize = 32;

/// A session that was found.
#[derive(Clone, Debug)]
pub struct Found {
    pub dir: PathBuf,
    /// The command that reads it; 0 when it has none.
    pub reader: u32,
    /// Whether that command still runs.
    pub read: bool,
    /// Since it was made.
    pub age: Duration,
    /// Processes in it that still run: pid and name.
    pub procs: Vec<(u32, String)>,
    /// The program of the oldest process slot in use: its file.
    pub program: String,
    /// The name of that process's command.
    pub comm: String,
}

impl Found {
    /// The random part of its name.
    pub fn name(&self) -> &str {
        name_of(&self.dir).unwrap_or("")
    }

    /// The name its command goes by, where that is not its file's: of a link (redis-server is one to redis-check-rdb) or a
    /// script.
    pub fn alias(&self) -> Option<&str> {
        let file = self.program.rsplit('/').next().unwrap_or("");
        // A command's name is cut; an interpreter's file may have its version behind it.
        (!self.comm.is_empty() && !file.starts_with(&self.comm)).then_some(&self.comm)
    }

    /// Its file.
    pub fn segment(&self) -> PathBuf {
        self.dir.join("segment")
    }
}

/// Why a session cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    Io(io::Error),
    /// It belongs to somebody else, or others may write to it.
    NotPrivate,
    /// Shorter than it says, or not what it should be.
    Damaged(&'static str),
    /// Made by another version.
    Version(u32),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Io(e) => write!(f, "{e}"),
            OpenError::NotPrivate => write!(f, "it is not this user's alone"),
            OpenError::Damaged(what) => write!(f, "{what}"),
            OpenError::Version(v) => {
                write!(
                    f,
                    "its format is version {v}, and this command reads version {VERSION}: use the socklens that made it"
                )
            }
        }
    }
}

impl std::error::Error for OpenError {}

impl From<io::Error> for OpenError {
    fn from(e: io::Error) -> OpenError {
        OpenError::Io(e)
    }
}

fn name_of(dir: &Path) -> Option<&str> {
    let name = dir.file_name()?.to_str()?.strip_prefix(PREFIX)?;
    (name.len() == NAME_DIGITS && name.bytes().all(|b| b.is_ascii_hexdigit())).then_some(name)
}

/// The sessions of this user, oldest first. What cannot be opened is left out.
pub fn list() -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for place in places() {
        for entry in fs::read_dir(place).into_iter().flatten().flatten() {
            let dir = entry.path();
            if name_of(&dir).is_some() && !all.iter().any(|f| f.dir == dir) {
                all.extend(open_observed(&dir.join("segment")).ok().map(|o| describe(dir, &o.map)));
            }
        }
    }
    all.sort_by_key(|f| std::cmp::Reverse(f.age));
    all
}

fn describe(dir: PathBuf, map: &Map) -> Found {
    let s = map.segment();
    let h = s.header();
    let reader = h.reader_pid.load(Ordering::Relaxed);
    let mut procs = Vec::new();
    let mut program: Option<(u64, String, String)> = None;
    for i in 0..h.procs_high.load(Ordering::Acquire).min(s.layout().procs) {
        let Some(p) = shm::proc_copy(&s, i) else { continue };
        let exe = String::from_utf8_lossy(&p.exe).into_owned();
        let comm = String::from_utf8_lossy(crate::model::trimmed(&p.comm)).into_owned();
        if program.as_ref().is_none_or(|(start, ..)| p.start.mono < *start) {
            program = Some((p.start.mono, exe, comm.clone()));
        }
        if p.state == proc_state::LIVE && procfs::stat(p.host_pid).is_some_and(|s| s.alive()) {
            procs.push((p.host_pid, comm));
        }
    }
    let (_, program, comm) = program.unwrap_or_default();
    Found {
        dir,
        reader,
        read: reader_lives(h),
        age: Duration::from_nanos(clock::mono_now().saturating_sub(h.start.mono)),
        procs,
        program,
        comm,
    }
}

/// Whether the command that reads a session still runs. One in another pid namespace cannot be asked and counts as running.
pub fn reader_lives(h: &Header) -> bool {
    let pid = h.reader_pid.load(Ordering::Relaxed);
    if pid == 0 {
        return false;
    }
    h.reader_ns != procfs::pid_ns("self") || procfs::stat(pid).is_some_and(|s| s.alive())
}

/// Opens a session, whoever made it, if it is this user's alone.
pub fn open(segment: &Path) -> Result<Arc<Map>, OpenError> {
    Ok(Arc::new(opened(segment, true)?.map))
}

/// Opens a session to look at it: the memory cannot be written through the mapping.
pub(crate) fn open_observed(segment: &Path) -> Result<Opened, OpenError> {
    opened(segment, false)
}

/// Removes what a command that was killed has left. Processes that use the memory keep it.
pub fn remove(dir: &Path) -> io::Result<()> {
    let segment = dir.join("segment");
    if let Ok((_, Content::Elsewhere(id))) = content(&segment, false) {
        // Others may have removed it already.
        let _ = sysv::remove(id);
    }
    // The directory is private: what is in it is the segment.
    fs::remove_file(segment).and_then(|()| fs::remove_dir(dir))
}

/// Makes a running session count these calls from now on, with durations; one that counts already is left alone.
pub fn start_counting(segment: &Path, calls: [u64; 4]) -> Result<(), OpenError> {
    let map = open(segment)?;
    let h = map.segment().header();
    let first = h.stats.compare_exchange(mode::OFF, mode::FULL, Ordering::AcqRel, Ordering::Relaxed).is_ok();
    // Who began with it may have been killed before the rest.
    if first || h.counted.iter().all(|w| w.load(Ordering::Relaxed) == 0) {
        for (word, bits) in h.counted.iter().zip(calls) {
            word.store(bits, Ordering::Release);
        }
        h.generation.fetch_add(1, Ordering::AcqRel);
        Region::of(&map.segment()).touch();
    }
    Ok(())
}

/// A session that was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub map: Map,
    /// Its file, which stands for the memory or is it.
    pub file: File,
    /// The file is the memory.
    pub in_file: bool,
}

/// What a session's file holds.
enum Content {
    Segment(Layout),
    /// The segment is System V memory with this number.
    Elsewhere(i32),
}

/// Whether a user's memory may be opened by this process.
fn mine(owner: u32) -> bool {
    // SAFETY: geteuid has no preconditions.
    let me = unsafe { libc::geteuid() };
    owner == me || me == 0
}

fn opened(segment: &Path, write: bool) -> Result<Opened, OpenError> {
    let (file, content) = content(segment, write)?;
    Ok(match content {
        Content::Segment(layout) => Opened { map: Map::of_file(&file, layout, write)?, file, in_file: true },
        Content::Elsewhere(id) => Opened { map: attached(id, write)?, file, in_file: false },
    })
}

fn content(segment: &Path, write: bool) -> Result<(File, Content), OpenError> {
    let file = OpenOptions::new()
        .read(true)
        .write(write)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK)
        .open(segment)?;
    let meta = file.metadata()?;
    if !meta.is_file() || meta.mode() & 0o077 != 0 || !mine(meta.uid()) {
        return Err(OpenError::NotPrivate);
    }
    let mut head = Vec::with_capacity(HEADER_SIZE);
    (&file).take(HEADER_SIZE as u64).read_to_end(&mut head)?;
    if let Some(id) = sysv::of_stub(&head) {
        return Ok((file, Content::Elsewhere(id)));
    }
    let layout = layout_of(head.first_chunk().ok_or(SHORT)?)?;
    // Beyond the file's end, a mapping cannot be read.
    if (layout.total() as u64) > meta.len() {
        return Err(SHORT);
    }
    Ok((file, Content::Segment(layout)))
}

const SHORT: OpenError = OpenError::Damaged("it is shorter than it should be");

fn attached(id: i32, write: bool) -> Result<Map, OpenError> {
    let facts = sysv::facts(id).map_err(|e| match e.raw_os_error() {
        Some(libc::EINVAL | libc::EIDRM) => OpenError::Damaged("its memory is gone"),
        Some(libc::EACCES) => OpenError::NotPrivate,
        _ => OpenError::Io(e),
    })?;
    if !facts.private || !mine(facts.owner) {
        return Err(OpenError::NotPrivate);
    }
    if facts.size < HEADER_SIZE {
        return Err(SHORT);
    }
    let at = sysv::attach(id, write)?;
    let mut head = [0u8; HEADER_SIZE];
    // SAFETY: as many bytes are attached; others may write to them meanwhile, as to a file that is read.
    unsafe { std::ptr::copy_nonoverlapping(at.as_ptr(), head.as_mut_ptr(), head.len()) };
    match layout_of(&head).and_then(|l| if l.total() <= facts.size { Ok(l) } else { Err(SHORT) }) {
        // SAFETY: attached just now, as large as its layout says, and written only if it can be.
        Ok(layout) => Ok(unsafe { Map::of_memory(at, layout) }),
        Err(e) => {
            // SAFETY: nobody knows of it yet.
            unsafe { sysv::detach(at.as_ptr()) };
            Err(e)
        }
    }
}

/// Reads and checks what must be known before the rest is touched.
fn layout_of(head: &[u8; HEADER_SIZE]) -> Result<Layout, OpenError> {
    let word = |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let magic = offset_of!(Header, magic);
    if u64::from(word(magic)) | u64::from(word(magic + 4)) << 32 != MAGIC {
        return Err(OpenError::Damaged("it is no session, or one that was never finished"));
    }
    let version = word(offset_of!(Header, version));
    if version != VERSION {
        return Err(OpenError::Version(version));
    }
    let at = offset_of!(Header, layout);
    const { assert!(size_of::<Layout>() == 24) };
    let [procs, threads, conns, pages, chunks, dues] = [0, 4, 8, 12, 16, 20].map(|i| word(at + i));
    let layout = Layout { procs, threads, conns, pages, chunks, dues };
    if layout.sane() { Ok(layout) } else { Err(OpenError::Damaged("its header makes no sense")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Memory, Session, Setup};
    use std::os::unix::fs::PermissionsExt;

    fn place() -> PathBuf {
        let mut name = [0u8; 8];
        File::open("/dev/urandom").unwrap().read_exact(&mut name).unwrap();
        let dir = std::env::temp_dir().join(format!("sessions-{:x}", u64::from_ne_bytes(name)));
        fs::create_dir(&dir).unwrap();
        dir
    }

    #[test]
    fn a_session_is_opened_by_another_and_damage_is_told() {
        let place = place();
        let setup = Setup { memory: Memory::File, ..Setup::default() };
        let s = Session::create_in(std::slice::from_ref(&place), &setup).unwrap();
        let path = PathBuf::from(s.path());
        assert_eq!(s.name(), path);
        let map = open(&path).unwrap();
        assert_eq!(map.segment().layout(), s.segment().layout());
        assert!(reader_lives(map.segment().header()), "this process made it");
        assert_eq!(describe(s.dir().to_owned(), &map).name().len(), NAME_DIGITS);

        let bytes = fs::read(&path).unwrap();
        let copy = place.join("copy");
        let tell = |bytes: &[u8], mode: u32| {
            fs::write(&copy, bytes).unwrap();
            fs::set_permissions(&copy, fs::Permissions::from_mode(mode)).unwrap();
            open(&copy).unwrap_err().to_string()
        };
        assert!(tell(&bytes, 0o644).contains("alone"));
        assert!(tell(&bytes[..bytes.len() / 2], 0o600).contains("shorter"));
        assert!(tell(&bytes[..100], 0o600).contains("shorter"));
        let mut other = bytes.clone();
        other[offset_of!(Header, version)] ^= 0x40;
        assert!(tell(&other, 0o600).contains("version"));
        other = bytes.clone();
        other[0] ^= 1;
        assert!(tell(&other, 0o600).contains("no session"));
        other = bytes;
        other[offset_of!(Header, layout) + 19] = 0xff;
        assert!(tell(&other, 0o600).contains("makes no sense"));
        drop(s);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn memory_without_a_file_is_opened_through_the_one_that_stands_for_it() {
        let place = place();
        let setup = Setup { memory: Memory::SystemV, ..Setup::default() };
        let s = Session::create_in(std::slice::from_ref(&place), &setup).unwrap();
        let path = PathBuf::from(s.path());
        let id = sysv::of_stub(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(s.name().to_str().unwrap(), format!("{}@{id}", path.display()));
        let map = open(&path).unwrap();
        assert_eq!(map.segment().layout(), s.segment().layout());
        assert!(open_observed(&path).is_ok_and(|o| !o.in_file));

        let tell = |text: &str| {
            fs::write(&path, text).unwrap();
            open(&path).unwrap_err().to_string()
        };
        // SAFETY: the bytes of the test's own session, put back at once.
        let damaged = |at: usize| unsafe {
            let word = s.segment().base().add(at);
            *word ^= 0x40;
            let told = tell(&sysv::stub(id));
            *word ^= 0x40;
            told
        };
        assert!(damaged(offset_of!(Header, version)).contains("version"));
        assert!(damaged(0).contains("no session"));
        assert!(damaged(offset_of!(Header, layout) + 3).contains("makes no sense"));
        assert!(tell("").contains("shorter"));
        let small = sysv::create(HEADER_SIZE - 1).unwrap();
        assert!(tell(&sysv::stub(small)).contains("shorter"));
        sysv::remove(small).unwrap();
        assert!(tell(&sysv::stub(small)).contains("gone"));
        fs::write(&path, sysv::stub(id)).unwrap();
        let dir = s.dir().to_owned();
        remove(&dir).unwrap();
        assert!(!dir.exists());
        drop((s, map));
        assert!(sysv::facts(id).is_err(), "nobody has it any more");
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn names_are_recognised() {
        assert!(name_of(Path::new("/x/socklens-0123456789abcdef0123456789abcdef")).is_some());
        assert!(name_of(Path::new("/x/socklens-0123")).is_none());
        assert!(name_of(Path::new("/x/other")).is_none());
    }
}
