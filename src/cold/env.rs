//! The environment: our own variables, as they were when the image started, and put back at every exec.
//!
//! A snapshot, because programs clear or overwrite environ; and a copy, because they overwrite the strings too.

use super::conns;
use crate::hot::capture::{self, lists};
use crate::hot::record::{self, Head};
use crate::hot::{clock, real, state};
use crate::sys;
use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::sync::atomic::{AtomicU32, Ordering};
use libc::c_char;
use socklens_calls::Call;
use socklens_inside::names::looked_up;
use socklens_rules::{Filter, Subject};
use socklens_wire::event::{Unseen, note};
use socklens_wire::{Header, ThreadSlot};

const ROOM: usize = 8192;
const MAX_OWN: usize = 12;

/// Copies of `LD_PRELOAD=...` and every `SOCKLENS_...=...`, NUL-terminated. Written once, while attaching.
///
/// In this order, so that what is written lies in one page: the text is short as a rule.
#[repr(C)]
struct Snapshot {
    count: AtomicU32,
    starts: UnsafeCell<[u16; MAX_OWN]>,
    text: UnsafeCell<[u8; ROOM]>,
}

// SAFETY: written only under attach's flag, before `count` says so with release; read-only afterwards.
unsafe impl Sync for Snapshot {}

// Apart from what every start writes: adr/0010.
#[unsafe(link_section = ".bss.large")]
static OWN: Snapshot =
    Snapshot { text: UnsafeCell::new([0; ROOM]), starts: UnsafeCell::new([0; MAX_OWN]), count: AtomicU32::new(0) };

const PRELOAD: &[u8] = b"LD_PRELOAD=";
const PREFIX: &[u8] = b"SOCKLENS_";
const SESSION: &[u8] = b"SOCKLENS_SESSION=";

type Strings = *const *const c_char;

unsafe extern "C" {
    static mut environ: *mut *mut c_char;
}

/// # Safety
/// `s` is a NUL-terminated string that outlives the use.
unsafe fn bytes<'a>(s: *const c_char) -> &'a [u8] {
    // SAFETY: the caller's.
    unsafe { CStr::from_ptr(s) }.to_bytes()
}

/// Copies our variables out of the environment. Before libc set `environ`, out of /proc.
pub fn snapshot() {
    // SAFETY: libc's own variable, read while the process is still single-threaded or attaching.
    let env: Strings = unsafe { environ }.cast_const().cast();
    let mut used = 0usize;
    // A store first: one page fault, where a load and a store make two.
    OWN.count.store(0, Ordering::Relaxed);
    if !env.is_null() {
        let mut p = env;
        // SAFETY: a NULL-terminated list of strings.
        unsafe {
            while !(*p).is_null() {
                if starts_with(*p, PREFIX) || starts_with(*p, PRELOAD) {
                    keep(bytes(*p), &mut used);
                }
                p = p.add(1);
            }
        }
        return;
    }
    let fd = sys::open(b"/proc/self/environ\0", libc::O_RDONLY | libc::O_CLOEXEC, 0);
    if fd < 0 {
        return;
    }
    let len = 256 * 1024;
    if let Some(buf) = sys::mmap(len, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1) {
        // SAFETY: our own fresh mapping of len bytes.
        let text = unsafe { core::slice::from_raw_parts_mut(buf, len) };
        let mut n = 0;
        while let Some(room) = text.get_mut(n..)
            && !room.is_empty()
        {
            let got = sys::read(fd as i32, room);
            if got <= 0 {
                break;
            }
            n += got as usize;
        }
        for s in text.get(..n).unwrap_or(&[]).split(|&b| b == 0).filter(|s| is_ours(s)) {
            keep(s, &mut used);
        }
        // SAFETY: nothing refers to it any more.
        unsafe { sys::munmap(buf, len) };
    }
    sys::close(fd as i32);
}

fn is_ours(s: &[u8]) -> bool {
    s.starts_with(PREFIX) || s.starts_with(PRELOAD)
}

fn keep(s: &[u8], used: &mut usize) {
    let n = OWN.count.load(Ordering::Relaxed) as usize;
    if n >= MAX_OWN {
        return;
    }
    // SAFETY: attach's flag makes us the only writer, and no reader looks beyond count.
    let (text, starts) = unsafe { (&mut *OWN.text.get(), &mut *OWN.starts.get()) };
    if let (Some(to), Some(start)) = (text.get_mut(*used..*used + s.len() + 1), starts.get_mut(n))
        && let Some((last, body)) = to.split_last_mut()
    {
        body.copy_from_slice(s);
        *last = 0;
        *start = *used as u16;
        *used += s.len() + 1;
        OWN.count.store(n as u32 + 1, Ordering::Release);
    }
}

/// Our variable number `i`, whole and NUL-terminated.
fn own_at(i: usize) -> Option<&'static CStr> {
    if i >= OWN.count.load(Ordering::Acquire) as usize {
        return None;
    }
    // SAFETY: entries below count are complete and never change.
    let (text, starts) = unsafe { (&*OWN.text.get(), &*OWN.starts.get()) };
    CStr::from_bytes_until_nul(text.get(usize::from(*starts.get(i)?)..)?).ok()
}

/// The value of our variable with this prefix (`NAME=`).
pub fn own(prefix: &[u8]) -> Option<&'static [u8]> {
    (0..MAX_OWN).filter_map(own_at).find_map(|s| s.to_bytes().strip_prefix(prefix))
}

fn name_of(s: &[u8]) -> &[u8] {
    s.iter().position(|&b| b == b'=').and_then(|n| s.get(..=n)).unwrap_or(s)
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && hay.windows(needle.len()).any(|w| w == needle)
}

/// Most variables an environment may have to be put right on the stack.
const MAX_ENV: usize = 1000;

/// Calls `f` with the environment, or, where our variables are missing from it, with a copy that has them.
pub fn with_ours(envp: Strings, mut f: impl FnMut(Strings) -> i32) -> i32 {
    match missing(envp) {
        0 => f(envp),
        which => patched(envp, which, &mut f),
    }
}

/// Which of our variables an environment lacks, a bit each.
#[inline(never)]
fn missing(envp: Strings) -> u32 {
    // A log that the program itself started has no variables.
    let follow = !super::control::is_own() && state::segment().is_some_and(|s| s.header().follow != 0);
    if !follow || OWN.count.load(Ordering::Relaxed) == 0 || !readable(envp) {
        return 0;
    }
    let path = real::own_path();
    let mut missing = 0u32;
    for i in 0..MAX_OWN {
        let Some(ours) = own_at(i) else { break };
        let name = name_of(ours.to_bytes());
        let there = find(envp, name);
        let fine = if name == PRELOAD {
            // Linked instead of preloaded: nothing to keep.
            !contains(ours.to_bytes(), path) || there.is_some_and(|s| contains(s, path))
        } else if name == SESSION {
            there.is_some_and(|s| s == ours.to_bytes() || is_session(s))
        } else {
            there.is_some()
        };
        if !fine {
            missing |= 1 << i;
        }
    }
    missing
}

/// What the variable says of a session: the path of its file, and the number of its System V memory behind an `@`.
pub fn session_parts(value: &[u8]) -> (&[u8], Option<&[u8]>) {
    let digits = value.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let (front, id) = value.split_at_checked(value.len() - digits).unwrap_or((value, &[]));
    match front.strip_suffix(b"@") {
        Some(path) if !id.is_empty() => (path, Some(id)),
        _ => (value, None),
    }
}

/// Whether the variable names a session: another than ours is that of a `socklens run` inside this one.
fn is_session(s: &[u8]) -> bool {
    let may = state::MAY_PEEK.load(Ordering::Relaxed) != 0 && state::CONFINED.load(Ordering::Relaxed) == 0;
    let mut name = [0u8; 512];
    let path = s.get(SESSION.len()..).map(|v| session_parts(v).0);
    let Some(path) = path.filter(|p| p.len() < name.len() && p.ends_with(b"/segment")) else { return false };
    for (to, &b) in name.iter_mut().zip(path) {
        *to = b;
    }
    !may || name.get(..=path.len()).is_some_and(sys::exists)
}

/// A variable of ours that is longer has no end in sight.
const MAX_VALUE: usize = 128 * 1024;

/// Whether the list and the start of each of its strings can be read: hostile callers give anything, and it is the
/// kernel that must refuse it.
fn readable(envp: Strings) -> bool {
    if envp.is_null() || state::MAY_PEEK.load(Ordering::Relaxed) == 0 || state::CONFINED.load(Ordering::Relaxed) != 0 {
        return true;
    }
    let mut at = envp as u64;
    let mut some = [0u64; sys::WORDS];
    for _ in 0..MAX_ENV {
        let Some((n, ends)) = lists::words(at, &mut some) else { return false };
        if !begin_well(some.get(..n).unwrap_or(&[])) {
            return false;
        }
        if ends {
            return true;
        }
        at = at.wrapping_add(8 * n as u64);
    }
    true
}

/// Whether the start of each of these strings can be read, at most [`sys::WORDS`], and all of those that are ours.
fn begin_well(strings: &[u64]) -> bool {
    let pid = capture::myself();
    // Enough to tell our names apart, in up to two pages.
    let mut starts = [0u8; 16 * sys::WORDS];
    let mut from = [libc::iovec { iov_base: core::ptr::null_mut(), iov_len: 0 }; sys::WORDS];
    let mut len = 0;
    for (from, &s) in from.iter_mut().zip(strings) {
        *from = libc::iovec { iov_base: s as *mut _, iov_len: 16.min(4096 - (s & 4095) as usize) };
        len += from.iov_len;
    }
    let from = from.get(..strings.len()).unwrap_or(&[]);
    // SAFETY: the lengths sum up to that, and to no more than there is room for.
    if len != 0 && unsafe { sys::peek_each(pid, from, starts.as_mut_ptr(), len) } != len {
        return false;
    }
    let mut starts = &starts[..];
    from.iter().zip(strings).all(|(from, &s)| {
        let (start, rest) = starts.split_at_checked(from.iov_len).unwrap_or((starts, &[]));
        starts = rest;
        start.contains(&0)
            || !is_ours_so_far(start)
            || sys::peek_text_len(pid, s, MAX_VALUE).is_some_and(|n| n < MAX_VALUE)
    })
}

fn is_ours_so_far(start: &[u8]) -> bool {
    let same = |name: &[u8]| start.iter().zip(name).all(|(a, b)| a == b);
    same(PREFIX) || same(PRELOAD)
}

/// Whether a string starts with `name`. Reads no further than the first difference.
///
/// # Safety
/// `s` is readable up to its end or its first difference from `name`.
unsafe fn starts_with(s: *const c_char, name: &[u8]) -> bool {
    // SAFETY: the caller's; a NUL is a difference.
    name.iter().enumerate().all(|(i, &b)| unsafe { *s.add(i) } as u8 == b)
}

fn find<'a>(envp: Strings, name: &[u8]) -> Option<&'a [u8]> {
    if envp.is_null() {
        return None;
    }
    let mut p = envp;
    // SAFETY: a NULL-terminated list of strings, as exec requires.
    unsafe {
        while !(*p).is_null() {
            if starts_with(*p, name) {
                return Some(bytes(*p));
            }
            p = p.add(1);
        }
    }
    None
}

/// An environment with our variables put into it.
struct Patched {
    list: [*const c_char; MAX_ENV + MAX_OWN + 1],
    joined: [u8; 2048],
}

impl Patched {
    const NEW: Patched = Patched { list: [core::ptr::null(); MAX_ENV + MAX_OWN + 1], joined: [0; 2048] };

    /// Puts the variables that `missing` has a bit for into a copy of `envp`, in place of others of their names. False when
    /// there is no room: better untraced than without the program's own variables.
    fn fill(&mut self, envp: Strings, missing: u32) -> bool {
        let mut n = 0;
        for ours in (0..MAX_OWN).filter(|i| missing >> i & 1 != 0).filter_map(own_at) {
            let mut entry = ours.as_ptr();
            // The program set its own: ours goes before it.
            if ours.to_bytes().starts_with(PRELOAD)
                && let Some(theirs) = find(envp, PRELOAD).and_then(|s| s.strip_prefix(PRELOAD))
                && !theirs.is_empty()
                && join(&mut self.joined, ours.to_bytes(), theirs)
            {
                entry = self.joined.as_ptr().cast();
            }
            if let Some(to) = self.list.get_mut(n) {
                *to = entry;
                n += 1;
            }
        }
        let mut p = envp;
        // SAFETY: a NULL-terminated list of strings, as exec requires.
        unsafe {
            while !p.is_null() && !(*p).is_null() {
                let replaced = (0..MAX_OWN).filter(|i| missing >> i & 1 != 0).filter_map(own_at);
                if !replaced.map(|s| name_of(s.to_bytes())).any(|name| starts_with(*p, name)) {
                    match self.list.get_mut(n) {
                        Some(to) if n < MAX_ENV + MAX_OWN => *to = *p,
                        _ => return false,
                    }
                    n += 1;
                }
                p = p.add(1);
            }
        }
        if let Some(end) = self.list.get_mut(n) {
            *end = core::ptr::null();
        }
        true
    }
}

#[inline(never)]
fn patched(envp: Strings, missing: u32, f: &mut dyn FnMut(Strings) -> i32) -> i32 {
    let mut copy = Patched::NEW;
    if copy.fill(envp, missing) { f(copy.list.as_ptr()) } else { f(envp) }
}

/// What `environ` is while libc makes a shell: for good, since the program may jump out of that.
struct Lent(UnsafeCell<Patched>);

// SAFETY: used by a process's only thread.
unsafe impl Sync for Lent {}

// Apart from what every start writes: adr/0010.
#[unsafe(link_section = ".bss.large")]
static LENT: Lent = Lent(UnsafeCell::new(Patched::NEW));

/// Calls `f`, in which libc makes a shell with `environ`. Where our variables are missing from that, they are lent to it if
/// nobody else can look at it meanwhile; if not, the reader is told of a shell that it will not see.
pub fn lent<R>(f: impl Fn() -> R) -> R {
    // SAFETY: libc's own variable.
    let envp = unsafe { environ };
    let missing = missing(envp.cast_const().cast());
    if missing == 0 {
        return f();
    }
    let copy = LENT.0.get();
    // SAFETY: a field of a static; nothing is read.
    let list = unsafe { &raw mut (*copy).list }.cast::<*mut c_char>();
    let alone = real::single_threaded() && state::tls().vfork_child.get() == 0;
    // SAFETY: the process's only thread, and not what `environ` is already.
    if !alone || core::ptr::eq(envp, list) || !unsafe { (*copy).fill(envp.cast_const().cast(), missing) } {
        note_unseen(Unseen::Shell);
        return f();
    }
    // SAFETY: libc's own variable, which no other thread reads; the list stays.
    unsafe { environ = list };
    let r = f();
    // SAFETY: as before. A handler may have set variables, and so another list.
    unsafe {
        if core::ptr::eq(environ, list) {
            environ = envp;
        }
    }
    r
}

fn join(to: &mut [u8], ours: &[u8], theirs: &[u8]) -> bool {
    let total = ours.len() + 1 + theirs.len();
    if total >= to.len() {
        return false;
    }
    let bytes = ours.iter().chain(b":").chain(theirs);
    for (slot, &b) in to.iter_mut().zip(bytes) {
        *slot = b;
    }
    true
}

/// Takes our variables out of the program's environment, so that children are not traced.
pub fn remove_ours() {
    // SAFETY: while attaching, before main: nobody else changes environ. Only pointers move within the array.
    unsafe {
        let mut from = environ;
        let mut to = from;
        if from.is_null() {
            return;
        }
        while !(*from).is_null() {
            let s = bytes(*from);
            let ours = s.starts_with(PREFIX) || (s.starts_with(PRELOAD) && contains(s, real::own_path()));
            if !ours {
                *to = *from;
                to = to.add(1);
            }
            from = from.add(1);
        }
        *to = core::ptr::null_mut();
    }
}

fn note_text(what: u16, ret: i64, text: *const c_char) {
    let mut buf = [0u8; 256];
    let mut n = 0;
    let may = state::MAY_PEEK.load(Ordering::Relaxed) != 0 && state::CONFINED.load(Ordering::Relaxed) == 0;
    if !text.is_null() && may {
        let pid = sys::getpid();
        // The rest of its page, or all: a path may end right before a page that is not there.
        let room = buf.len().min(4096 - (text as usize & 4095));
        if sys::peek(pid, text as usize, buf.as_mut_ptr(), buf.len()) != buf.len() {
            sys::peek(pid, text as usize, buf.as_mut_ptr(), room);
        }
        n = buf.iter().position(|&b| b == 0).unwrap_or(buf.len());
    }
    let now = clock::now();
    let head = Head { call: what, errno: 0, start: now, end: now, ret, conn: 0, flags: 0, ncaps: 1 };
    conns::note_bytes(head, buf.get(..n).unwrap_or(&[]), n);
}

/// This process has not become another program after all: only a failed exec returns.
pub fn exec_failed() {
    let now = clock::now();
    let head = Head { call: note::EXEC, errno: 0, start: now, end: now, ret: -1, conn: 0, flags: 0, ncaps: 0 };
    record::bare(head, &[]);
}

/// posix_spawn made a child.
pub fn note_child(r: i32, pid: *const libc::pid_t, path: *const c_char) {
    if r == 0 {
        // SAFETY: posix_spawn has just written it, unless the caller did not want it.
        let child = unsafe { pid.as_ref() }.copied().unwrap_or(0);
        note_text(note::CHILD, i64::from(child), path);
    }
}

/// Something was noticed that cannot be followed.
pub fn note_unseen(what: Unseen) {
    let now = clock::now();
    let ret = i64::from(what as u32);
    let head = Head { call: note::UNSEEN, errno: 0, start: now, end: now, ret, conn: 0, flags: 0, ncaps: 0 };
    record::bare(head, &[]);
}

/// Whether the session's filter lets an event through.
pub fn filter_passes(
    h: &Header,
    call: Call,
    args: &[u64],
    head: &Head,
    entry: crate::hot::fds::Entry,
    thread: &ThreadSlot,
) -> bool {
    // SAFETY: the header's room is 2048 bytes, which hold a Filter (asserted below); any bit pattern evaluates safely.
    let filter = unsafe { &*(&raw const h.filter).cast::<Filter>() };
    let slot = state::segment().and_then(|s| s.proc_slot(thread.proc_index));
    // SAFETY: our own process's slot, written once before it went live.
    let (comm, exe, pid) = match slot.and_then(|p| unsafe { p.as_ref() }) {
        Some(p) => (&p.comm[..], p.exe.get(..p.exe_len as usize).unwrap_or(&[]), p.pid),
        None => (&[][..], &[][..], 0),
    };
    let comm = comm.split(|&b| b == 0).next().unwrap_or(&[]);
    let moves = matches!(call.ret(), socklens_calls::Ret::Bytes) && head.ret > 0;
    filter.eval(&Subject {
        call,
        fd: match call.args().first() {
            Some(a) if a.kind == socklens_calls::Kind::Fd => args.first().map_or(Subject::NO_FD, |&a| a as i32),
            _ => Subject::NO_FD,
        },
        conn: entry.conn().and_then(conns::info),
        pid,
        tid: thread.tid,
        comm,
        exe,
        errno: head.errno,
        ret: head.ret,
        bytes: if moves { head.ret as u64 } else { 0 },
        dur_ns: super::attach::ticks_to_ns(head.end.wrapping_sub(head.start)),
        nonblock: entry.conn().and_then(conns::info).and_then(socklens_wire::ConnInfo::nonblocking),
        host: looked_up(call, args),
        ..Subject::new(call)
    })
}

const _: () = assert!(size_of::<Filter>() <= 2048);
const _: () = assert!(core::mem::offset_of!(Header, filter).is_multiple_of(align_of::<Filter>()));
