//! Attaching: a new process image, or the child of a fork, finds its session and takes a process slot.

use super::{alone, env};
use crate::hot::{clock, fds, real, state};
use crate::{fault, sys};
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use libc::c_int;
use socklens_wire::layout::{HEADER_SIZE, gone, mode, proc_state};
use socklens_wire::{Header, Layout, MAGIC, ProcSlot, Segment, VERSION};

/// Only the first copy of this library in a process acts: the others find this symbol before them.
#[unsafe(no_mangle)]
pub static socklens_singleton: u32 = VERSION;

static ATTACHING: AtomicU32 = AtomicU32::new(0);
static PID_NS: AtomicU64 = AtomicU64::new(0);
/// Nanoseconds per raw tick, times 2^32.
static TICK: AtomicU64 = AtomicU64::new(0);

/// The inode of this process's pid namespace.
pub fn pid_namespace() -> u64 {
    PID_NS.load(Ordering::Relaxed)
}

/// Raw ticks as nanoseconds.
pub fn ticks_to_ns(ticks: u64) -> u64 {
    ((u128::from(ticks) * u128::from(TICK.load(Ordering::Relaxed))) >> 32) as u64
}

/// As [`ticks_to_ns`], for the other library.
pub extern "C" fn ns(ticks: u64) -> u64 {
    ticks_to_ns(ticks)
}

/// CLOCK_MONOTONIC in nanoseconds, without a system call; 0 without a segment.
pub extern "C" fn mono() -> u64 {
    state::header().map_or(0, |h| h.start.mono.wrapping_add(ticks_to_ns(clock::now().wrapping_sub(h.start.raw))))
}

/// Nanoseconds as raw ticks.
pub fn ns_to_ticks(ns: u64) -> u64 {
    let ticks = (u128::from(ns) << 32).checked_div(u128::from(TICK.load(Ordering::Relaxed)));
    ticks.map_or(ns, |t| t as u64)
}

/// Learns how long a tick is from two moments.
pub fn calibrate(a: &socklens_wire::Anchor, b: &socklens_wire::Anchor) {
    let (ticks, ns) = (b.raw.wrapping_sub(a.raw), b.mono.wrapping_sub(a.mono));
    if ticks > 0 && ns > 0 && ns < 1 << 62 {
        let per = (u128::from(ns) << 32).checked_div(u128::from(ticks)).unwrap_or(1 << 32);
        TICK.store(per as u64, Ordering::Relaxed);
    }
}

// An eager trigger, never a guarantee: other libraries' constructors call us before.
#[ctor::ctor(unsafe)]
fn loaded() {
    if (state::is_new() || state::mode() == state::mode::JOINING) && !attach() {
        // A thread that another library's constructor made may be at it just now.
        for _ in 0..1000 {
            if ATTACHING.load(Ordering::Acquire) == 0 {
                break;
            }
            sys::futex_wait(ATTACHING.as_ptr(), 1, 1);
        }
    }
    alone::load();
    super::control::rules_of_environment();
    fault::load();
}

/// Attaches this process, if nobody is at it already; whether the shim is on afterwards.
///
/// A hook that comes in while the process attaches (from a signal handler, or from another thread) passes through.
#[inline(never)]
#[cold]
pub fn attach() -> bool {
    match state::mode() {
        state::mode::ON => return true,
        // By another thread, or by what a handler interrupted.
        state::mode::JOINING => return false,
        _ => {}
    }
    if state::segment().is_some() {
        // The wiped page says that this is the child of a fork: one thread, so the flag may be the parent's.
        return !state::stays_silent() && after_fork();
    }
    // A store before the first load: adr/0010.
    if ATTACHING.swap(1, Ordering::AcqRel) != 0 {
        return false;
    }
    let on = !state::stays_silent() && first();
    if !on {
        state::set_silent();
        crate::exports::open_gates();
    }
    ATTACHING.store(0, Ordering::Release);
    on
}

fn first() -> bool {
    // SAFETY: getauxval reads a table that the loader set up before any of us ran.
    let secure = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
    if secure || real::is_second_copy("socklens_singleton") {
        return false;
    }
    env::snapshot();
    if let Some(path) = env::own(b"SOCKLENS_SESSION=") {
        return join(path);
    }
    alone::begin()
}

/// Joins the session that our variable names.
fn join(name: &[u8]) -> bool {
    let facts = Facts::read(0);
    let seg = match env::session_parts(name) {
        // A filter that was there before us may kill for a call that the loader does not make.
        (_, Some(_)) if facts.seccomp != 0 => None,
        (_, Some(id)) => in_memory(number(id), facts.uid),
        (path, None) => in_file(path, facts.uid),
    };
    let Some(seg) = seg else { return false };
    let h = seg.header();
    clock::CLOCK.store(h.clock, Ordering::Relaxed);
    let now = clock::moment();
    calibrate(&h.start, &now);
    if !enter(seg, facts, 0, now) {
        return false;
    }
    if h.follow == 0 {
        env::remove_ours();
    }
    true
}

/// Attaches a session's System V memory.
fn in_memory(id: u32, uid: u32) -> Option<Segment> {
    let size = sys::shm_private(id, uid).filter(|&n| sys::affords(n))?;
    let base = sys::shm_attach(id, size)?;
    let seg = whole(base, size).filter(|s| s.header().reader_gone.load(Ordering::Acquire) != gone::LEFT);
    if seg.is_none() {
        // SAFETY: nobody knows of it yet.
        unsafe { sys::shm_detach(base) };
    }
    seg
}

/// Maps a session's file, if it is private to this user.
fn in_file(path: &[u8], uid: u32) -> Option<Segment> {
    let mut name = [0u8; 512];
    name.get_mut(..path.len())?.copy_from_slice(path);
    let fd = sys::open(name.get(..=path.len())?, libc::O_RDWR | libc::O_CLOEXEC | libc::O_NOFOLLOW, 0);
    if fd < 0 {
        return None;
    }
    let fd = fd as c_int;
    let seg = sys::stat_fd(fd).and_then(|st| {
        let private = st.st_mode & libc::S_IFMT == libc::S_IFREG && st.st_mode & 0o077 == 0;
        let size = st.st_size as usize;
        if !private || st.st_uid != uid || !sys::affords(size) {
            return None;
        }
        let base = sys::mmap(size, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED, fd)?;
        let seg = whole(base, size);
        if seg.is_none() {
            // SAFETY: nobody knows of the mapping yet.
            unsafe { sys::munmap(base, size) };
        }
        seg
    });
    sys::close(fd);
    seg
}

/// The segment in `size` bytes of memory, if one is there and as large as it says.
fn whole(base: *mut u8, size: usize) -> Option<Segment> {
    if size < HEADER_SIZE {
        return None;
    }
    // SAFETY: at least HEADER_SIZE bytes are mapped.
    let h = unsafe { &*base.cast::<Header>() };
    let fits = h.magic.load(Ordering::Acquire) == MAGIC
        && h.version == VERSION
        && h.layout.sane()
        && h.layout.total() <= size
        && h.mode == mode::SESSION;
    // SAFETY: the mapping covers layout.total() bytes and stays.
    if fits { Some(unsafe { Segment::new(base, h.layout) }) } else { None }
}

/// Takes a process slot in `seg` and switches on.
pub fn enter(seg: Segment, mut facts: Facts, born: u32, now: socklens_wire::Anchor) -> bool {
    if facts.pid_ns == 0 {
        let h = seg.header();
        // The usual case is known from what was read anyway; a look below /proc/self/ns is the dearest part of a start.
        let same = facts.outermost && facts.procfs != 0 && facts.procfs == h.reader_procfs;
        facts.pid_ns = if same { h.reader_ns } else { own_pid_ns() };
    }
    PID_NS.store(facts.pid_ns, Ordering::Relaxed);
    state::PID.store(facts.pid, Ordering::Relaxed);
    state::STACK_END.store(real::stack_end(), Ordering::Relaxed);
    // Under a filter that was there before us only what the loader itself does is safe.
    state::MAY_PEEK.store(u32::from(facts.seccomp == 0), Ordering::Relaxed);
    if !state::wipe_on_fork() {
        return false;
    }
    let previous = if born == 0 { find_live(&seg, facts.pid, facts.pid_ns) } else { None };
    let Some(index) = claim(&seg, &facts, born, now) else {
        seg.header().lost_procs.fetch_add(1, Ordering::Relaxed);
        return false;
    };
    state::PROC_INDEX.store(index, Ordering::Relaxed);
    // SAFETY: our own slot, live since claim(); the word is an atomic.
    let uses = seg.proc_slot(index).map_or(0, |p| unsafe { (*p).uses.load(Ordering::Relaxed) });
    state::PROC_USES.store(uses, Ordering::Relaxed);
    state::set_joining();
    state::set_segment(seg);
    let tls = state::tls();
    tls.drop_slot();
    tls.vfork_child.set(0);
    tls.refused.set(0);
    if born == 0 {
        // SAFETY: slots in the mapping, of which only atomics are used through the references.
        let slot = |p: Option<*mut ProcSlot>| p.and_then(|p| unsafe { p.as_ref() });
        fault::image_lineage(slot(previous), slot(find_live(&seg, facts.ppid, facts.pid_ns)));
        // Where one thread runs, their number does not change meanwhile.
        inherited_sockets(if facts.threads == 1 { facts.fds } else { 0 }, facts.fd_room);
    } else {
        fault::after_fork();
    }
    if let Some(p) = previous {
        // SAFETY: a slot in the mapping; the state word is an atomic.
        unsafe { (*p).state.store(proc_state::GONE, Ordering::Release) };
    }
    state::set_on();
    crate::exports::take_short_ways();
    true
}

/// The child of a fork goes on in the same segment as a process of its own.
fn after_fork() -> bool {
    let Some(seg) = state::segment() else { return false };
    if seg.header().follow == 0 {
        state::set_silent();
        return false;
    }
    let tls = state::tls();
    let how = tls.forking.replace(0);
    state::PROC_INDEX.store(u32::MAX, Ordering::Relaxed);
    if !enter(seg, Facts::read(1), 1, clock::moment()) {
        state::set_silent();
        return false;
    }
    super::conns::settle(how != 0);
    fault::forked(how == state::forking::LIBC);
    fds::mirror_again();
    if state::ALONE.load(Ordering::Relaxed) != 0 {
        alone::forked();
    }
    true
}

/// The inode of this process's pid namespace.
fn own_pid_ns() -> u64 {
    sys::stat_ino(b"/proc/self/ns/pid\0")
}

/// What the kernel says of this process.
pub struct Facts {
    pid: u32,
    ppid: u32,
    host_pid: u32,
    /// 0: not asked yet.
    pid_ns: u64,
    /// The device number of the procfs at /proc; 0 when it is not known.
    procfs: u64,
    /// That procfs knows of no namespace within which this process has another number.
    outermost: bool,
    uid: u32,
    seccomp: u32,
    /// Of this process; 0 when it is not known.
    threads: u32,
    /// How many descriptors it has; 0 when that is not known.
    fds: u64,
    /// And how many its table has room for.
    fd_room: u32,
    comm: [u8; 16],
}

impl Facts {
    /// `born` is 1 in the child of a fork.
    pub fn read(born: u32) -> Facts {
        let pid = sys::getpid();
        let known = state::PID.load(Ordering::Relaxed);
        let mut f = Facts {
            pid,
            ppid: 0,
            host_pid: pid,
            pid_ns: if born != 0 { own_pid_ns() } else { 0 },
            procfs: 0,
            outermost: false,
            uid: 0,
            seccomp: 1,
            threads: 0,
            fds: 0,
            fd_room: u32::MAX,
            comm: [0; 16],
        };
        // A forked child knows most of it from its parent.
        if born != 0 && pid != known && PID_NS.load(Ordering::Relaxed) == f.pid_ns && !NESTED.load(Ordering::Relaxed) {
            f.seccomp = u32::from(state::MAY_PEEK.load(Ordering::Relaxed) == 0);
            f.comm = COMM.get();
            f.ask();
            return f;
        }
        let fd = sys::open(b"/proc/self/status\0", libc::O_RDONLY | libc::O_CLOEXEC, 0);
        if fd < 0 {
            f.ask();
            return f;
        }
        f.read_status(fd as c_int);
        sys::close(fd as c_int);
        // What is told there is told as who mounted this procfs sees it.
        if !f.outermost {
            f.ask();
        }
        // Linux 6.2 and later tell how many there are.
        (f.procfs, f.fds) = sys::stat_size(b"/proc/self/fd\0");
        NESTED.store(f.host_pid != f.pid, Ordering::Relaxed);
        COMM.set(&f.comm);
        f
    }

    /// Asks for what is not known by other means.
    fn ask(&mut self) {
        self.ppid = sys::getppid();
        self.uid = sys::geteuid();
    }

    /// Reads /proc/self/status up to what it says of filters.
    fn read_status(&mut self, fd: c_int) {
        let mut text = [0u8; 2048];
        let n = sys::read(fd, &mut text).max(0) as usize;
        let mut rest = text.get(..n).unwrap_or(&[]);
        while let Some((line, after)) = line_end(rest).and_then(|at| rest.split_at_checked(at)) {
            if self.told(line) {
                return;
            }
            rest = after.get(1..).unwrap_or(&[]);
        }
        // It is longer: a user may be in many groups. Of a line as much as is looked at.
        let (mut line, mut len) = ([0u8; 128], 0);
        let mut take = |f: &mut Facts, b: u8| {
            if b == b'\n' {
                return f.told(line.get(..core::mem::take(&mut len)).unwrap_or(&[]));
            }
            if let Some(slot) = line.get_mut(len) {
                (*slot, len) = (b, len + 1);
            }
            false
        };
        rest.iter().for_each(|&b| _ = take(self, b));
        for _ in 0..MOST_STATUS / text.len() {
            let n = sys::read(fd, &mut text);
            if n <= 0 || text.iter().take(n as usize).any(|&b| take(self, b)) {
                return;
            }
        }
    }

    /// Takes what a line of /proc/self/status says; whether it was the last that is wanted.
    fn told(&mut self, line: &[u8]) -> bool {
        let Some((name, v)) = line.iter().position(|&b| b == b':').and_then(|n| line.split_at_checked(n + 1)) else {
            return false;
        };
        let v = v.trim_ascii_start();
        match name {
            b"Name:" => self.comm.iter_mut().zip(v).for_each(|(to, &b)| *to = b),
            // The first number is the pid in the namespace of this procfs.
            b"NSpid:" => {
                self.host_pid = number(v);
                self.outermost = v.iter().all(u8::is_ascii_digit);
            }
            b"PPid:" => self.ppid = number(v),
            // Real, effective.
            b"Uid:" => self.uid = v.split(|&b| b == b'\t').nth(1).map_or(u32::MAX, number),
            b"FDSize:" => self.fd_room = number(v),
            b"Threads:" => self.threads = number(v),
            b"Seccomp:" => {
                self.seccomp = number(v);
                return true;
            }
            _ => {}
        }
        false
    }
}

/// Whether the reader's procfs shows another pid than our own.
static NESTED: AtomicBool = AtomicBool::new(false);

/// The process's name as it attached.
struct Comm([AtomicU64; 2]);

static COMM: Comm = Comm([const { AtomicU64::new(0) }; 2]);

impl Comm {
    fn set(&self, name: &[u8; 16]) {
        let v = u128::from_le_bytes(*name);
        let [a, b] = &self.0;
        a.store(v as u64, Ordering::Relaxed);
        b.store((v >> 64) as u64, Ordering::Relaxed);
    }

    fn get(&self) -> [u8; 16] {
        let [a, b] = &self.0;
        (u128::from(a.load(Ordering::Relaxed)) | u128::from(b.load(Ordering::Relaxed)) << 64).to_le_bytes()
    }
}

#[inline(never)]
fn number(v: &[u8]) -> u32 {
    v.iter().take_while(|b| b.is_ascii_digit()).fold(0u32, |n, b| n.wrapping_mul(10).wrapping_add(u32::from(b - b'0')))
}

/// A thread's id as the reader sees it: the same distance from its process's in both namespaces is all that is cheap.
pub fn host_tid(tid: u32) -> u32 {
    let seg = state::segment();
    let slot = seg.and_then(|s| s.proc_slot(state::PROC_INDEX.load(Ordering::Relaxed)));
    // SAFETY: our own slot, written once before.
    match slot.map(|p| unsafe { ((*p).pid, (*p).host_pid) }) {
        Some((pid, host)) if pid != host && tid == pid => host,
        Some((pid, host)) if pid != host => 0,
        _ => tid,
    }
}

/// The slot of the process with this number.
fn find_live(seg: &Segment, pid: u32, pid_ns: u64) -> Option<*mut ProcSlot> {
    let high = seg.header().procs_high.load(Ordering::Acquire).min(seg.layout().procs);
    let named = |i: &u32| seg.proc_pid(*i).is_some_and(|p| p.load(Ordering::Relaxed) == pid);
    (0..high).filter(named).filter_map(|i| seg.proc_slot(i)).find(|&p| {
        // SAFETY: a slot in the mapping; plain fields are written before the state says LIVE.
        unsafe { (*p).state.load(Ordering::Acquire) == proc_state::LIVE && (*p).pid == pid && (*p).pid_ns == pid_ns }
    })
}

fn claim(seg: &Segment, facts: &Facts, born: u32, now: socklens_wire::Anchor) -> Option<u32> {
    let h = seg.header();
    for i in 0..seg.layout().procs {
        let (p, pid) = (seg.proc_slot(i)?, seg.proc_pid(i)?);
        if pid.load(Ordering::Relaxed) != 0 {
            continue;
        }
        // SAFETY: a slot in the mapping; its state word is an atomic.
        let word = unsafe { &(*p).state };
        if word.compare_exchange(proc_state::FREE, proc_state::CLAIMED, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            continue;
        }
        pid.store(facts.pid, Ordering::Relaxed);
        h.procs_high.fetch_max(i + 1, Ordering::AcqRel);
        // SAFETY: claimed: nobody else touches the slot until it is live.
        unsafe {
            (*p).pid = facts.pid;
            (*p).ppid = facts.ppid;
            (*p).host_pid = facts.host_pid;
            (*p).pid_ns = facts.pid_ns;
            (*p).uid = facts.uid;
            (*p).born = born;
            (*p).start = now;
            (*p).comm = facts.comm;
            (*p).confined.store(u32::from(facts.seccomp != 0), Ordering::Relaxed);
            let mut exe = [0u8; 256];
            (*p).exe_len = sys::readlink(b"/proc/self/exe\0", &mut exe) as u32;
            (*p).exe = exe;
            (*p).stats.store(0, Ordering::Relaxed);
            (*p).uses.fetch_add(1, Ordering::Relaxed);
            (*p).state.store(proc_state::LIVE, Ordering::Release);
        }
        return Some(i);
    }
    None
}

/// Where a line ends. Eight bytes at a time: a start waits for it.
fn line_end(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let (words, rest) = text.as_chunks::<8>();
    let hit = |word: &[u8; 8]| {
        let x = u64::from_le_bytes(*word) ^ (ONES * b'\n' as u64);
        x.wrapping_sub(ONES) & !x & (ONES << 7)
    };
    for (i, word) in words.iter().enumerate() {
        if hit(word) != 0 {
            return Some(i * 8 + hit(word).trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|&b| b == b'\n').map(|at| words.len() * 8 + at)
}

/// Bytes of /proc/self/status that are read: twice what the 65,536 groups that a process can be in take.
const MOST_STATUS: usize = 2 << 20;

/// Descriptors that are looked at one by one before the kernel is asked for a list.
const FEW: u32 = 16;

/// As many where there can be no more: the smallest table that the kernel makes.
const ALL: u32 = 64;

/// Enters the sockets this image was born with, which has `left` descriptors in a table for `room`; `left` is 0 when that
/// is not known.
fn inherited_sockets(mut left: u64, room: u32) {
    let few = if room <= ALL { ALL } else { FEW } as c_int;
    // A list makes the kernel set up a file in /proc for each, and take it down when the process ends: ten times as dear.
    let mut seen = 0;
    while left > 0 && seen < few {
        left -= u64::from(inherited(seen));
        seen += 1;
        if left == 0 {
            return;
        }
    }
    let dir = sys::open(b"/proc/self/fd\0", libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC, 0);
    if dir < 0 {
        return;
    }
    let dir = dir as c_int;
    let mut buf = [0u8; 2048];
    loop {
        // SAFETY: the buffer is ours and its length is given.
        let n = unsafe { sys::call3(libc::SYS_getdents64, dir as usize, buf.as_mut_ptr() as usize, buf.len()) };
        if n <= 0 {
            break;
        }
        let mut rest = buf.get(..n as usize).unwrap_or(&[]);
        // struct linux_dirent64: u64 ino, i64 off, u16 reclen, u8 type, name.
        while let (Some(&[lo, hi]), Some(name)) = (rest.get(16..18), rest.get(19..)) {
            let fd = number(name) as c_int;
            let digits = name.first().is_some_and(u8::is_ascii_digit);
            if digits && fd != dir && fd >= seen {
                inherited(fd);
            }
            let len = usize::from(u16::from_le_bytes([lo, hi]));
            rest = rest.get(len.max(19)..).unwrap_or(&[]);
        }
    }
    sys::close(dir);
}

/// Enters a descriptor if it is a socket; whether it is open.
fn inherited(fd: c_int) -> bool {
    let facts = sys::fstat(fd);
    if let Some((_, ino, mode)) = facts
        && mode & libc::S_IFMT == libc::S_IFSOCK
    {
        super::conns::adopt(fd, ino);
    }
    facts.is_some()
}

/// A segment of this process's own, shared with the children it forks.
pub fn own_segment() -> Option<Segment> {
    let layout = Layout::ALONE;
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    if !sys::affords(layout.total()) {
        return None;
    }
    let base = sys::mmap(layout.total(), libc::PROT_READ | libc::PROT_WRITE, flags, -1)?;
    // SAFETY: fresh zeroed memory of the layout's size that stays mapped, and nobody else knows it.
    unsafe {
        let seg = Segment::new(base, layout);
        seg.init();
        Some(seg)
    }
}
