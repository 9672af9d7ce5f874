//! Counting, the rare part: room for a thread's counters, and what finds none.

use super::conns;
use crate::hot::fds::{self, Entry};
use crate::hot::stats::{Moved, add_shared, row, timed};
use crate::hot::{clock, order, record, state};
use crate::sys;
use core::sync::atomic::{AtomicU32, Ordering};
use libc::c_int;
use socklens_calls::Call;
use socklens_wire::layout::{PAGE_SIZE, page};
use socklens_wire::ring::replace_local;
use socklens_wire::stats::{
    self, AreaHead, ConnTotals, HEAD_UNITS, MAX_PAGES, Octave, Row, TcpEnd, UNITS_PER_PAGE, ends,
};
use socklens_wire::{ConnSlot, Segment, ThreadSlot, pool};

/// A zeroed page of the segment.
fn page(seg: &Segment) -> Option<u32> {
    let h = seg.header();
    // As for chunks: the last quarter is kept for descriptor tables.
    let index = pool::pop(&h.free_pages, &h.fresh_pages, seg.layout().pages * 3 / 4, &seg.page_links())?;
    let (owner, memory) = (seg.page_owner(index)?, seg.page(index)?);
    owner.proc_index.store(state::PROC_INDEX.load(Ordering::Relaxed), Ordering::Relaxed);
    owner.kind.store(page::STATS, Ordering::Release);
    // SAFETY: the page was just taken off the free list, so it is ours alone.
    unsafe { memory.write_bytes(0, PAGE_SIZE) };
    Some(index)
}

fn give_back(seg: &Segment, index: u32) {
    if let Some(owner) = seg.page_owner(index) {
        owner.kind.store(page::FREE, Ordering::Release);
    }
    pool::push(&seg.header().free_pages, &seg.page_links(), index);
}

/// The thread's area, made if there is none yet. A signal handler may come in anywhere and make it itself.
fn area(seg: &Segment) -> Option<&'static AreaHead> {
    let tls = state::tls();
    // SAFETY: the thread's own area, which stays mapped.
    if let Some(a) = unsafe { tls.stats.get().as_ref() } {
        return Some(a);
    }
    let thread: &ThreadSlot = record::thread()?;
    if thread.stats.load(Ordering::Relaxed) == 0 {
        let index = page(seg)?;
        // SAFETY: a zeroed page of ours; the head is all atomics.
        let head = unsafe { &*seg.page(index)?.cast::<AreaHead>() };
        head.used.store(HEAD_UNITS, Ordering::Relaxed);
        let [first, ..] = &head.pages;
        first.store(index + 1, Ordering::Relaxed);
        if !replace_local(&thread.stats, 0, index + 1) {
            give_back(seg, index);
        }
    }
    let memory = seg.page(thread.stats.load(Ordering::Relaxed).checked_sub(1)?)?;
    tls.stats.set(memory.cast());
    // SAFETY: as above.
    Some(unsafe { &*memory.cast::<AreaHead>() })
}

/// A unit of the thread's area: its number + 1; None when the area or the session is full.
fn take_unit(seg: &Segment, a: &AreaHead) -> Option<u32> {
    let n = loop {
        let n = a.used.load(Ordering::Relaxed);
        if n >= MAX_PAGES as u32 * UNITS_PER_PAGE {
            return None;
        }
        if replace_local(&a.used, n, n + 1) {
            break n;
        }
    };
    let slot: &AtomicU32 = a.pages.get((n / UNITS_PER_PAGE) as usize)?;
    if slot.load(Ordering::Relaxed) == 0 {
        let index = page(seg)?;
        if !replace_local(slot, 0, index + 1) {
            give_back(seg, index);
        }
    }
    let page = slot.load(Ordering::Relaxed).checked_sub(1)?;
    Some(page * UNITS_PER_PAGE + n % UNITS_PER_PAGE + 1)
}

/// Makes the thread's row of a call; false when there is no room.
pub fn make_row(call: Call) -> bool {
    let Some(seg) = state::segment() else { return false };
    let Some(a) = area(&seg) else { return false };
    let Some(word) = a.rows.get(call as usize) else { return false };
    if word.load(Ordering::Relaxed) == 0 {
        let Some(unit) = take_unit(&seg, a) else { return false };
        // When a handler was quicker, its row is the one; the unit taken here stays unused.
        replace_local(word, 0, unit);
    }
    if let Some(to) = order::place(call as u16).and_then(|i| state::tls().rows.get(i)) {
        to.set(row(state::tls(), call as u16).map_or(core::ptr::null(), core::ptr::from_ref));
    }
    true
}

/// Makes room for the durations of an octave.
#[cold]
#[inline(never)]
pub fn octave(row: &Row, octave: usize) -> Option<&'static Octave> {
    let seg = state::segment()?;
    // SAFETY: the thread's own area: it has a row.
    let a = unsafe { state::tls().stats.get().as_ref() }?;
    let word = row.octaves.get(octave)?;
    if word.load(Ordering::Relaxed) == 0 {
        let unit = take_unit(&seg, a)?;
        replace_local(word, 0, unit);
    }
    let memory = seg.unit(word.load(Ordering::Relaxed).checked_sub(1)?)?;
    // SAFETY: a zeroed unit of this thread's area, all atomics.
    Some(unsafe { &*memory.cast::<Octave>() })
}

/// Counts a call whose thread has no room.
pub fn spill(call: Call, m: Moved, failed: Option<u16>, ticks: Option<u64>, waited: bool) {
    let Some(seg) = state::segment() else { return };
    if let Some(row) = seg.spill().rows.get(call as usize) {
        add_shared(&row.n, m, failed, ticks, waited);
    }
    if let Some(errno) = failed {
        spill_errno(call, errno);
    }
}

/// Counts an error that has no cell in its row.
pub fn spill_errno(call: Call, errno: u16) {
    let Some(seg) = state::segment() else { return };
    let s = seg.spill();
    let key = stats::spill_key(call as u16, errno);
    let at = (key >> 32) as usize % stats::SPILL_ERRNOS;
    for i in 0..stats::SPILL_ERRNOS {
        let Some([name, count]) = s.errnos.get((at + i) % stats::SPILL_ERRNOS) else { return };
        let seen = name.load(Ordering::Relaxed);
        let seen = if seen == 0 {
            name.compare_exchange(0, key, Ordering::Relaxed, Ordering::Relaxed).map_or_else(|now| now, |_| key)
        } else {
            seen
        };
        if seen == key {
            count.fetch_add(1, Ordering::Relaxed);
            return;
        }
    }
    s.unnamed.fetch_add(1, Ordering::Relaxed);
}

/// The totals of a new socket.
pub fn born(t: &mut ConnTotals, inherited: bool) {
    let tls = state::tls();
    // SAFETY: all of it is integers, and the slot is the caller's alone: it has no serial yet.
    *t = unsafe { core::mem::zeroed() };
    t.opened.store(clock::now(), Ordering::Relaxed);
    if let Some(thread) = record::thread() {
        t.tid.store(thread.tid, Ordering::Relaxed);
    }
    if !inherited && tls.via_syscall.get() == 0 {
        t.site.store(tls.site.get(), Ordering::Relaxed);
    }
}

fn is_timed() -> bool {
    state::segment().is_some_and(|s| timed(s.header()))
}

/// Before connect.
pub fn connect_begins(e: Entry) {
    if is_timed()
        && let Some(t) = conns::totals(e)
        && t.ends.load(Ordering::Relaxed) & ends::CONNECTING == 0
    {
        t.connect_start.store(clock::now(), Ordering::Relaxed);
        t.connect_end.store(0, Ordering::Relaxed);
    }
}

/// After connect; `errno` 0 when it succeeded.
pub fn connect_ended(e: Entry, errno: c_int) {
    let Some(t) = conns::totals(e) else { return };
    let under_way = t.ends.load(Ordering::Relaxed) & ends::CONNECTING != 0;
    match errno {
        0 if under_way => connected(t, clock::now()),
        0 => {
            t.ends.fetch_or(ends::CONNECTED, Ordering::Relaxed);
            if is_timed() {
                t.connect_end.store(clock::now(), Ordering::Relaxed);
            }
        }
        libc::EINPROGRESS | libc::EINTR if !under_way && is_timed() => {
            PENDING.fetch_add(1, Ordering::Relaxed);
            t.ends.fetch_or(ends::CONNECTING, Ordering::Relaxed);
        }
        libc::EINPROGRESS | libc::EALREADY | libc::EINTR | libc::EISCONN => {}
        _ => refused(t, errno as u32),
    }
}

fn refused(t: &ConnTotals, errno: u32) {
    t.connect_errno.store(errno, Ordering::Relaxed);
    if t.ends.fetch_and(!ends::CONNECTING, Ordering::Relaxed) & ends::CONNECTING != 0 {
        PENDING.fetch_sub(1, Ordering::Relaxed);
    }
    t.ends.fetch_or(ends::REFUSED, Ordering::Relaxed);
}

/// A call on a socket whose connect was under way, and what it says: when it succeeds, the connection stood at `start`
/// at the latest.
#[cold]
#[inline(never)]
pub fn connecting(t: &ConnTotals, call: Call, args: &[u64], failed: Option<u16>, start: u64) {
    let so_error = call == Call::getsockopt
        && matches!(args, [_, level, name, ..] if *level as c_int == libc::SOL_SOCKET && *name as c_int == libc::SO_ERROR);
    match call {
        Call::getsockopt if so_error && failed.is_none() => {
            // SAFETY: the kernel has just written this int.
            let errno = args.get(3).map_or(0, |&p| unsafe { core::ptr::read_unaligned(p as *const c_int) });
            match errno {
                // It tells of no error while the connection is still being made, too: whoever asks has polled before.
                0 => connected(t, start),
                e => refused(t, e as u32),
            }
        }
        // These say nothing about the connection.
        Call::getsockopt | Call::setsockopt | Call::getsockname | Call::fcntl | Call::ioctl | Call::epoll_ctl => {}
        Call::connect | Call::close | Call::fclose | Call::dup | Call::dup2 | Call::dup3 => {}
        _ => match failed.map(i32::from) {
            None => connected(t, start),
            Some(e @ (libc::ECONNREFUSED | libc::ETIMEDOUT | libc::EHOSTUNREACH | libc::ENETUNREACH)) => {
                refused(t, e as u32);
            }
            Some(_) => {}
        },
    }
}

/// The connection stands, since the raw time `at`.
fn connected(t: &ConnTotals, at: u64) {
    if t.ends.fetch_and(!ends::CONNECTING, Ordering::Relaxed) & ends::CONNECTING != 0 {
        t.connect_end.store(at, Ordering::Relaxed);
        t.ends.fetch_or(ends::CONNECTED, Ordering::Relaxed);
        PENDING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Connections of this process whose connect is under way: polls are looked at only while there are some.
static PENDING: AtomicU32 = AtomicU32::new(0);

/// After a poll that the kernel answered: connections it found writable stand.
///
/// # Safety
/// `n` entries at `fds` are readable.
#[inline]
pub unsafe fn polled(fds: *const libc::pollfd, n: u64) {
    if PENDING.load(Ordering::Relaxed) != 0 {
        // SAFETY: the caller's.
        unsafe { look_at_poll(fds, n) };
    }
}

#[cold]
#[inline(never)]
unsafe fn look_at_poll(list: *const libc::pollfd, n: u64) {
    let now = clock::now();
    for i in 0..n.min(4096) as usize {
        // SAFETY: the caller's.
        let p = unsafe { core::ptr::read_unaligned(list.add(i)) };
        if p.revents & libc::POLLOUT != 0
            && p.revents & (libc::POLLERR | libc::POLLHUP) == 0
            && let Some(t) = conns::totals(fds::get(p.fd))
        {
            connected(t, now);
        }
    }
}

/// What an error, or a receive of nothing, says about how a connection ends.
#[cold]
#[inline(never)]
pub fn ending(slot: &ConnSlot, failed: Option<u16>) {
    let stream = matches!(i32::from(slot.info.ty), libc::SOCK_STREAM | libc::SOCK_SEQPACKET);
    let bits = match failed.map(i32::from) {
        None if stream => ends::FIN,
        Some(libc::ECONNRESET | libc::EPIPE) => ends::RST,
        Some(libc::ETIMEDOUT) => ends::TIMED_OUT,
        _ => 0,
    };
    if bits != 0 {
        slot.totals.ends.fetch_or(bits, Ordering::Relaxed);
    }
}

/// After a shutdown that succeeded.
pub fn shut(e: Entry, how: c_int) {
    let bits = match how {
        libc::SHUT_RD => ends::SHUT_RD,
        libc::SHUT_WR => ends::SHUT_WR,
        _ => ends::SHUT_RD | ends::SHUT_WR,
    };
    if let Some(t) = conns::totals(e) {
        t.ends.fetch_or(bits, Ordering::Relaxed);
    }
}

/// The words of TCP_INFO and SO_MEMINFO that are read: enough for the fields up to tcpi_sndbuf_limited.
const INFO_WORDS: usize = 64;

/// Before the last close of a socket: what the kernel knows of it.
pub fn last_look(fd: c_int, slot: &mut ConnSlot) {
    let (family, ty) = (i32::from(slot.info.family), i32::from(slot.info.ty));
    let internet = matches!(family, libc::AF_INET | libc::AF_INET6);
    let mut w = [0u32; INFO_WORDS];
    if internet && ty == libc::SOCK_STREAM {
        const TCP_INFO: c_int = 11;
        let n = sys::get_option(fd, libc::IPPROTO_TCP, TCP_INFO, &mut w);
        if n >= 104 {
            keep(slot, &tcp_end(&w), ends::TCP);
        }
    } else if internet && ty == libc::SOCK_DGRAM {
        const SO_MEMINFO: c_int = 55;
        const SK_MEMINFO_DROPS: usize = 8;
        let n = sys::get_option(fd, libc::SOL_SOCKET, SO_MEMINFO, &mut w);
        if n > 4 * SK_MEMINFO_DROPS {
            let queue = w.get(SK_MEMINFO_DROPS).copied().unwrap_or(0);
            keep(slot, &TcpEnd { queue, ..TcpEnd::default() }, ends::DROPS);
        }
    }
}

/// Notes it as what `bit` of [`ends`] says.
fn keep(slot: &mut ConnSlot, end: &TcpEnd, bit: u32) {
    if conns::change(slot, |info| info.set_tcp_end(end)) {
        slot.totals.ends.fetch_or(bit, Ordering::Relaxed);
    }
}

/// Fields of struct tcp_info (linux/tcp.h), by their place in words of four bytes.
fn tcp_end(w: &[u32; INFO_WORDS]) -> TcpEnd {
    let at = |byte: usize| w.get(byte / 4).copied().unwrap_or(0);
    let long = |byte: usize| u64::from(at(byte)) | u64::from(at(byte + 4)) << 32;
    let state = at(0) & 0xff;
    const TCP_LISTEN: u32 = 10;
    let (queue, queue_limit) = if state == TCP_LISTEN { (at(24), at(28)) } else { (0, 0) };
    TcpEnd {
        state,
        queue,
        queue_limit,
        rtt_us: at(68),
        rttvar_us: at(72),
        cwnd: at(80),
        retransmits: at(100),
        bytes_acked: long(120),
        bytes_received: long(128),
        min_rtt_us: at(148),
        delivery_rate: long(160),
        busy_us: long(168),
        rwnd_limited_us: long(176),
        sndbuf_limited_us: long(184),
    }
}
