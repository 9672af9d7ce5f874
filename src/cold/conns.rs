//! Connections: giving a socket its slot, learning its addresses, and noting its end.
//!
//! The kernel is asked (fstat, getsockname, getpeername, getsockopt) only inside calls that are themselves socket
//! calls other than plain reads and writes, and never after the process confined itself.

use crate::hot::fds::{self, Entry};
use crate::hot::record::{self, Head};
use crate::hot::stats::timed;
use crate::hot::{clock, state};
use crate::{fault, sys};
use core::sync::atomic::{Ordering, fence};
use socklens_wire::conn::{ADDR_MAX, flag, role};
use socklens_wire::event::{ARG_RESULT, CAP_HEAD, CapHead, Part, note};
use socklens_wire::layout::refs;
use socklens_wire::stats::{ConnTotals, ends};
use socklens_wire::{ConnInfo, ConnSlot, pool};

/// Whether the kernel may be asked about a descriptor.
#[inline]
pub fn may_ask() -> bool {
    state::CONFINED.load(Ordering::Relaxed) == 0 && state::tls().vfork_child.get() == 0
}

#[inline(never)]
fn slot(index: u32) -> Option<&'static mut ConnSlot> {
    // SAFETY: a slot in the mapping. Its info is written under its sequence lock, by the thread whose call changed the
    // socket; two threads naming one socket at once race in the program as well, and bytes are all that can mix.
    state::segment()?.conn_slot(index).map(|p| unsafe { &mut *p })
}

/// The totals of a connection.
pub fn totals(e: Entry) -> Option<&'static ConnTotals> {
    e.conn().and_then(slot).map(|s| &s.totals)
}

/// The connection of an entry, unless it has ended.
pub fn of(e: Entry) -> Option<&'static ConnSlot> {
    e.conn().and_then(slot).filter(|s| s.serial.load(Ordering::Acquire) == e.serial()).map(|s| &*s)
}

/// Notes that the program gave a connection a name.
pub fn note_name(fd: i32, e: Entry, name: &[u8]) {
    let now = clock::now();
    let head = Head {
        call: note::CONN_NAME,
        errno: 0,
        start: now,
        end: now,
        ret: i64::from(fd),
        conn: e.serial(),
        flags: 0,
        ncaps: 1,
    };
    note_bytes(head, name, name.len());
}

/// What is known of a connection.
pub fn info(index: u32) -> Option<&'static ConnInfo> {
    slot(index).map(|s| &s.info)
}

/// The inode of a socket that was just made; 0 where the kernel may not be asked. Numbers of sockets have 32 bits.
#[inline(never)]
pub fn inode(fd: i32) -> u64 {
    if may_ask() { sys::fstat(fd).map_or(0, |(_, ino, _)| ino) } else { 0 }
}

/// Enters a new socket in `fd`; its slot.
pub fn born(fd: i32, mut about: ConnInfo) -> Entry {
    forget(fd);
    let Some(seg) = state::segment() else { return Entry::NONE };
    let h = seg.header();
    if about.ino == 0 {
        about.ino = inode(fd);
    }
    let Some(index) = pool::pop(&h.free_conns, &h.fresh_conns, seg.layout().conns, &seg.conn_links()) else {
        h.lost_conns.fetch_add(1, Ordering::Relaxed);
        return Entry::NONE;
    };
    h.conns_high.fetch_max(index + 1, Ordering::Relaxed);
    let Some(s) = slot(index) else { return Entry::NONE };
    about.serial = h.next_serial.fetch_add(1, Ordering::Relaxed);
    about.pid = state::PID.load(Ordering::Relaxed);
    s.refs.store(1, Ordering::Relaxed);
    s.info = about;
    super::stats::born(&mut s.totals, about.flags & flag::INHERITED != 0);
    fault::birth_key(&seg, index, &s.info);
    let e = Entry::socket(index, about.serial).of_family(i32::from(about.family));
    // First the table: a connection that no table names looks as if its process had died.
    fds::set(fd, e);
    s.serial.store(about.serial, Ordering::Release);
    tell(note::CONN_NEW, fd as i64, &about);
    e
}

/// The connection that accept has just made is known by its listener.
pub fn accepted_from(e: Entry, listener: Entry) {
    if let (Some(seg), Some(new), Some(listener)) = (state::segment(), e.conn(), listener.conn()) {
        fault::accepted_key(&seg, new, listener);
    }
}

/// Changes what is known of a connection and notes it.
pub fn update(e: Entry, change: impl FnOnce(&mut ConnInfo)) {
    let Some(s) = e.conn().and_then(slot) else { return };
    if s.serial.load(Ordering::Relaxed) == 0 || state::tls().vfork_child.get() != 0 {
        return;
    }
    let before = s.info;
    self::change(s, change);
    if before.as_bytes() != s.info.as_bytes() {
        tell(note::CONN_UPDATE, 0, &s.info);
    }
}

/// Changes what is known of a connection, under its sequence lock.
pub fn change<R>(s: &mut ConnSlot, change: impl FnOnce(&mut ConnInfo) -> R) -> R {
    s.lock.fetch_add(1, Ordering::AcqRel);
    let r = change(&mut s.info);
    fence(Ordering::Release);
    s.lock.fetch_add(1, Ordering::AcqRel);
    r
}

/// Asks for a socket's local address.
pub fn learn_local(e: Entry, fd: i32) {
    if !may_ask() || e == Entry::NONE {
        return;
    }
    let mut a = [0; ADDR_MAX];
    let n = sys::sock_name(libc::SYS_getsockname, fd, &mut a);
    update(e, |c| c.set_local(&a, n));
}

/// Copies a sockaddr the kernel has just accepted.
///
/// # Safety
/// `len` bytes at `addr` are readable.
pub unsafe fn copy_addr(addr: *const u8, len: usize) -> ([u8; ADDR_MAX], u8) {
    let mut a = [0; ADDR_MAX];
    let n = len.min(ADDR_MAX);
    // SAFETY: the caller's, and the destination has ADDR_MAX bytes.
    unsafe { core::ptr::copy_nonoverlapping(addr, a.as_mut_ptr(), n) };
    (a, n as u8)
}

/// The entry of a descriptor on which a socket call was made but which we have not seen before.
#[inline(never)]
#[cold]
pub fn classify(fd: i32) -> Entry {
    if fd < 0 || !may_ask() {
        return Entry::NONE;
    }
    let Some((_, ino, mode)) = sys::fstat(fd) else { return Entry::NONE };
    if mode & libc::S_IFMT != libc::S_IFSOCK {
        return Entry::NONE;
    }
    adopt(fd, ino)
}

/// Enters a socket that came by inheritance or SCM_RIGHTS: one that is known by its inode, or a new one.
pub fn adopt(fd: i32, ino: u64) -> Entry {
    let Some(seg) = state::segment() else { return Entry::NONE };
    let high = seg.header().conns_high.load(Ordering::Acquire).min(seg.layout().conns);
    for index in 0..high {
        let Some(s) = slot(index) else { break };
        if s.serial.load(Ordering::Acquire) != 0 && s.info.ino == ino && ino != 0 && add_ref(s) {
            let e = Entry::socket(index, s.serial.load(Ordering::Relaxed)).of_family(i32::from(s.info.family));
            let old = fds::set(fd, e);
            release(fd, old);
            note_fd(note::FD_ALIAS, fd, s.serial.load(Ordering::Relaxed));
            return e;
        }
    }
    let mut c = ConnInfo::zero();
    c.ino = ino;
    c.flags = flag::INHERITED;
    c.family = sys::sock_option(fd, libc::SO_DOMAIN).unwrap_or(0) as u16;
    c.ty = sys::sock_option(fd, libc::SO_TYPE).unwrap_or(0) as u16;
    c.protocol = sys::sock_option(fd, libc::SO_PROTOCOL).unwrap_or(0) as u16;
    let mut a = [0; ADDR_MAX];
    let n = sys::sock_name(libc::SYS_getsockname, fd, &mut a);
    c.set_local(&a, n);
    let mut a = [0; ADDR_MAX];
    let n = sys::sock_name(libc::SYS_getpeername, fd, &mut a);
    c.set_peer(&a, n);
    if let Some(flags) = sys::status_flags(fd) {
        c.set_nonblocking(flags & libc::O_NONBLOCK != 0);
    }
    if sys::sock_option(fd, libc::SO_ACCEPTCONN) == Some(1) {
        c.role = role::LISTENER;
    }
    born(fd, c)
}

/// One more descriptor for a connection, unless it has just ended.
fn add_ref(s: &ConnSlot) -> bool {
    let mut n = s.refs.load(Ordering::Relaxed);
    while refs::count(n) != 0 {
        match s.refs.compare_exchange_weak(n, n + 1, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(now) => n = now,
        }
    }
    false
}

/// `new` is now another descriptor of what `e` is.
pub fn alias(e: Entry, new: i32) {
    forget(new);
    match e.conn().and_then(slot) {
        Some(s) if s.serial.load(Ordering::Relaxed) == e.serial() && add_ref(s) => {
            fds::set(new, e);
            note_fd(note::FD_ALIAS, new, e.serial());
        }
        // Taken for ended, but the kernel has just copied it: what is not in the table would not be seen at all.
        Some(_) => {
            classify(new);
        }
        _ if e.0 & fds::EPOLL != 0 => {
            fds::set(new, e);
        }
        _ => {}
    }
}

/// Drops a descriptor's reference after it was closed.
#[inline(never)]
pub fn release(fd: i32, e: Entry) {
    let Some(s) = e.conn().and_then(slot) else { return };
    note_fd(note::FD_CLOSED, fd, e.serial());
    unref(e, s);
}

fn unref(e: Entry, s: &'static ConnSlot) {
    // The reader may have ended it, when it had found no table that names it.
    if s.serial.load(Ordering::Acquire) != e.serial() {
        return;
    }
    let last = state::PROC_INDEX.load(Ordering::Relaxed);
    let last = refs::ending(last, state::PROC_USES.load(Ordering::Relaxed));
    let mut n = s.refs.load(Ordering::Relaxed);
    loop {
        let next = match refs::count(n) {
            0 => return,
            1 => last,
            _ => n - 1,
        };
        match s.refs.compare_exchange_weak(n, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => break,
            Err(now) => n = now,
        }
    }
    if n == 1 {
        s.totals.ends.fetch_or(ends::CLOSED, Ordering::Relaxed);
        if !tell_end(i64::from(e.conn().unwrap_or(0)), s) {
            // No room for the note: the reader may end it.
            s.refs.store(0, Ordering::Release);
        }
        if let Some(half) = super::alone::half()
            && let (Some(seg), Some(index)) = (state::segment(), e.conn())
        {
            (half.ended)(s, clock::now());
            s.serial.store(0, Ordering::Release);
            pool::push(&seg.header().free_conns, &seg.conn_links(), index);
        }
    }
}

/// The number `fd` was just given out by the kernel: whatever we held under it was closed unseen.
#[inline(always)]
pub fn forget(fd: i32) {
    if state::mode() == state::mode::ON {
        forget_entry(fd);
    }
}

#[inline(never)]
fn forget_entry(fd: i32) {
    if fds::get(fd) != Entry::NONE && state::tls().vfork_child.get() == 0 {
        let e = fds::take(fd);
        release(fd, e);
    }
}

/// Before a fork: the child will hold every descriptor too. What was counted for it is marked in the table, which the
/// child gets as it is at the very moment of the fork: other threads go on making and closing descriptors until then.
pub fn count_for_child() {
    fds::each(0, u32::MAX, |fd, e| {
        if let Some(s) = e.conn().and_then(slot)
            && add_ref(s)
            && !e.is_counted()
            && !fds::mark(fd, e, true)
        {
            // Closed this moment, or something else by now: then the child counts it itself.
            unref(e, s);
        }
    });
}

/// After a fork, in the parent: nothing is marked any more, and if there is no child, nothing counted.
pub fn counted(child: bool) {
    fds::each(0, u32::MAX, |fd, e| {
        if e.is_counted()
            && fds::mark(fd, e, false)
            && !child
            && let Some(s) = e.conn().and_then(slot)
        {
            unref(e, s);
        }
    });
}

/// In the child of a fork: counts what its parent has not. Nothing was, when it came by a bare system call.
pub fn settle(by_parent: bool) {
    fds::each(0, u32::MAX, |fd, e| {
        if !(by_parent && e.is_counted())
            && let Some(s) = e.conn().and_then(slot)
        {
            add_ref(s);
        }
        fds::mark(fd, e, false);
    });
}

#[inline(never)]
fn note_fd(what: u16, fd: i32, conn: u32) {
    let now = clock::now();
    let head = Head { call: what, errno: 0, start: now, end: now, ret: i64::from(fd), conn, flags: 0, ncaps: 0 };
    record::bare(head, &[]);
}

fn tell(what: u16, ret: i64, c: &ConnInfo) {
    let now = clock::now();
    let head = Head { call: what, errno: 0, start: now, end: now, ret, conn: c.serial, flags: 0, ncaps: 1 };
    note_bytes(head, c.as_bytes(), ConnInfo::SIZE);
}

/// The note of a connection's end: what is known of it, and its totals. False when there was no room for it.
fn tell_end(ret: i64, s: &ConnSlot) -> bool {
    let now = clock::now();
    let head =
        Head { call: note::CONN_END, errno: 0, start: now, end: now, ret, conn: s.info.serial, flags: 0, ncaps: 2 };
    const INFO: usize = ConnInfo::SIZE;
    const TOTALS: usize = size_of::<ConnTotals>();
    let cap = |index: u16, len: usize| CapHead {
        arg: ARG_RESULT,
        part: Part::Data as u8,
        index,
        sub: 0,
        pad: 0,
        len: len as u32,
        full: len as u32,
    };
    // SAFETY: both are whole words long, so exactly the bytes announced are written; the totals are plain words, of
    // which another thread may be changing one.
    unsafe {
        record::event(head, &[], 2 * CAP_HEAD + INFO + TOTALS, |p| {
            p.cast::<CapHead>().write(cap(0, INFO));
            core::ptr::copy_nonoverlapping(s.info.as_bytes().as_ptr(), p.add(CAP_HEAD), INFO);
            let p = p.add(CAP_HEAD + INFO);
            p.cast::<CapHead>().write(cap(1, TOTALS));
            core::ptr::copy_nonoverlapping((&raw const s.totals).cast(), p.add(CAP_HEAD), TOTALS);
        })
    }
}

const _: () = assert!(ConnInfo::SIZE.is_multiple_of(8) && size_of::<ConnTotals>().is_multiple_of(8));

/// Before a descriptor is closed: when it is its socket's last, the kernel is asked what only it knows.
#[inline]
pub fn before_close(fd: i32, e: Entry) {
    if let Some(index) = e.conn()
        && let Some(seg) = state::segment()
        && timed(seg.header())
    {
        last(fd, index);
    }
}

#[cold]
#[inline(never)]
fn last(fd: i32, index: u32) {
    let Some(s) = slot(index) else { return };
    if s.refs.load(Ordering::Relaxed) == 1 && may_ask() && state::MAY_PEEK.load(Ordering::Relaxed) != 0 {
        super::stats::last_look(fd, s);
    }
}

/// Records a note whose capture 0 is `bytes`.
pub fn note_bytes(head: Head, bytes: &[u8], full: usize) {
    let padded = (bytes.len() + 7) & !7;
    let cap = CapHead {
        arg: ARG_RESULT,
        part: Part::Data as u8,
        index: 0,
        sub: 0,
        pad: 0,
        len: bytes.len() as u32,
        full: full as u32,
    };
    // SAFETY: exactly CAP_HEAD + padded bytes are written.
    unsafe {
        record::event(Head { ncaps: 1, ..head }, &[], CAP_HEAD + padded, |p| {
            p.cast::<CapHead>().write(cap);
            core::ptr::copy_nonoverlapping(bytes.as_ptr(), p.add(CAP_HEAD), bytes.len());
            p.add(CAP_HEAD + bytes.len()).write_bytes(0, padded - bytes.len());
        });
    }
}
