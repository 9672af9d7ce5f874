//! Writing an event into the thread's chunk, and changing chunks.

use super::clock;
use super::state::{self, Tls};
use crate::cold;
use core::sync::atomic::{AtomicU32, Ordering};
use socklens_wire::event::{HEAD, MAX_EVENT, note, word_of_size};
use socklens_wire::layout::{CHUNK_HEAD, PAGE_SIZE, chunk_state, full, gone, page};
use socklens_wire::{ChunkHead, Segment, ThreadSlot, pool, ring};

/// The fields of an event's head that its maker chooses.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    pub call: u16,
    pub errno: u16,
    pub start: u64,
    pub end: u64,
    pub ret: i64,
    pub conn: u32,
    pub flags: u16,
    pub ncaps: u8,
}

/// The thread's slot, taken at its first event.
#[inline(always)]
pub fn thread() -> Option<&'static ThreadSlot> {
    match attached() {
        Some(t) => Some(t),
        None => cold::thread::attach(),
    }
}

/// The thread's slot, if it has one already.
#[inline(always)]
pub fn attached() -> Option<&'static ThreadSlot> {
    // SAFETY: a slot in the mapping, which is never unmapped.
    unsafe { state::tls().thread.get().as_ref() }
}

/// Records an event without captures. False when there was no room.
#[inline(never)]
pub fn bare(head: Head, args: &[u64]) -> bool {
    // SAFETY: nothing extra is written.
    unsafe { event(head, args, 0, |_| {}) }
}

/// Reserves room, writes head and arguments, lets `fill` write `extra` bytes of captures, commits. False when there was no room.
///
/// # Safety
/// `fill` writes exactly `extra` bytes at the pointer it gets, a multiple of 8.
#[inline(always)]
pub unsafe fn event(head: Head, args: &[u64], extra: usize, fill: impl FnOnce(*mut u8)) -> bool {
    let Some(slot) = thread() else { return false };
    // SAFETY: the caller's.
    let done = unsafe { event_in(state::tls(), slot, head, args, extra, fill) };
    if done {
        published(slot);
    }
    done
}

/// As [`event`], for a thread whose slot and words are at hand, in a session.
///
/// # Safety
/// As [`event`].
#[inline(always)]
pub unsafe fn event_in(
    tls: &Tls,
    slot: &'static ThreadSlot,
    head: Head,
    args: &[u64],
    extra: usize,
    fill: impl FnOnce(*mut u8),
) -> bool {
    let size = HEAD + args.len() * 8 + extra;
    let mut chunk = tls.chunk.get();
    // SAFETY: the chunk belongs to this thread and lies in the mapping; `reserve` gave us [at, at+size) of its data.
    unsafe {
        let at = loop {
            if !chunk.is_null()
                && let Some(at) = ring::reserve(&(*chunk).head, &(*chunk).end, (*chunk).cap, size as u32)
            {
                break at;
            }
            chunk = change(slot, size);
            if chunk.is_null() {
                // Calls are counted. Of a note nothing is lost: the reader finds out by itself what ended.
                if head.call < note::FIRST {
                    bump(&slot.dropped);
                }
                return false;
            }
        };
        let p = chunk.cast::<u8>().add(CHUNK_HEAD + at as usize);
        fetch_ahead(p.add(size));
        put(tls, p, &head, args);
        fill(p.add(HEAD + args.len() * 8));
        ring::commit(&*p.cast::<AtomicU32>(), word_of_size(size));
    }
    bump(&slot.recorded);
    true
}

/// Writes all of an event but its first word and its captures.
///
/// # Safety
/// There is room at `p`.
#[inline(always)]
unsafe fn put(tls: &Tls, p: *mut u8, head: &Head, args: &[u64]) {
    let flags = if tls.is_plain() { head.flags } else { tls.flags(head.flags) };
    // SAFETY: the caller's.
    unsafe {
        p.add(4).cast::<u32>().write(u32::from(head.call) | u32::from(head.errno) << 16);
        p.add(8).cast::<u64>().write(head.start);
        p.add(16).cast::<u64>().write(head.end);
        p.add(24).cast::<i64>().write(head.ret);
        let nargs = args.len() as u64;
        p.add(32)
            .cast::<u64>()
            .write(u64::from(head.conn) | u64::from(flags) << 32 | nargs << 48 | u64::from(head.ncaps) << 56);
        core::ptr::copy_nonoverlapping(args.as_ptr(), p.add(HEAD).cast::<u64>(), args.len());
    }
}

/// Has an event that was committed written, where nobody else does it.
#[inline(always)]
fn published(slot: &'static ThreadSlot) {
    if state::ALONE.load(Ordering::Relaxed) != 0 {
        cold::alone::emit(slot);
    }
}

/// What was written into room that was guessed.
#[derive(Debug)]
pub struct Taken {
    /// A multiple of 8.
    pub bytes: usize,
    pub caps: u8,
    /// More flags of the event.
    pub flags: u16,
}

/// Room for captures whose size nobody knows yet: most events need less.
const ROOM: usize = 1024;

/// As [`event`], where it shows only afterwards how many bytes the captures are: `fill` gets the place and how much room is there, and
/// says what it took of it, or None when it was not enough. False when nothing was recorded, and another way is to be tried.
///
/// # Safety
/// `fill` writes nothing outside of its room, and nothing behind what it took.
#[inline(always)]
pub unsafe fn event_guessed(head: Head, args: &[u64], fill: impl FnOnce(*mut u8, usize) -> Option<Taken>) -> bool {
    let (Some(slot), tls) = (attached(), state::tls()) else { return false };
    let fixed = HEAD + args.len() * 8;
    // SAFETY: the chunk belongs to this thread and lies in the mapping; `reserve` gave us [at, at+fixed+ROOM) of its data.
    unsafe {
        let chunk = tls.chunk.get();
        let Some(c) = chunk.as_ref() else { return false };
        let (used, all) = (c.head.load(Ordering::Relaxed), (fixed + ROOM) as u32);
        if used > c.cap || c.cap - used < all {
            return false;
        }
        let Some(at) = ring::reserve(&c.head, &c.end, c.cap, all) else { return false };
        let p = chunk.cast::<u8>().add(CHUNK_HEAD + at as usize);
        let Some(taken) = fill(p.add(fixed), ROOM) else {
            p.add(fixed).write_bytes(0, ROOM);
            if ring::give_back(&c.head, at + all, at) {
                return false;
            }
            // A handler's event stands behind it.
            put(tls, p, &Head { call: note::EMPTY, ..head }, args);
            ring::commit(&*p.cast::<AtomicU32>(), word_of_size(all as usize));
            return false;
        };
        let size = fixed + taken.bytes;
        fetch_ahead(p.add(size));
        put(tls, p, &Head { ncaps: taken.caps, flags: head.flags | taken.flags, ..head }, args);
        let whole = ring::give_back(&c.head, at + all, at + size as u32);
        ring::commit(&*p.cast::<AtomicU32>(), word_of_size(if whole { size } else { all as usize }));
        bump(&slot.recorded);
        published(slot);
    }
    true
}

/// Asks for the cache lines of the next event, for writing: the reader's core has them, and a locked instruction of the
/// kernel's would wait for our stores to them.
#[inline(always)]
fn fetch_ahead(p: *mut u8) {
    // SAFETY: a prefetch reads nothing and never faults.
    unsafe {
        core::arch::asm!("prefetchw byte ptr [{p} + 64]", "prefetchw byte ptr [{p} + 128]", p = in(reg) p,
            options(nostack, preserves_flags));
    }
}

/// Adds one to a counter that only this thread writes.
#[inline(always)]
pub fn bump(counter: &core::sync::atomic::AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

/// Hands the thread's chunk over and takes another with room for `size` bytes; null when there is none.
///
/// A signal handler may come in anywhere here and change chunks itself: the exchange makes sure that every chunk
/// taken is either current or handed over.
#[inline(never)]
#[cold]
fn change(slot: &'static ThreadSlot, size: usize) -> *mut ChunkHead {
    let Some(seg) = state::segment() else { return core::ptr::null_mut() };
    if size > MAX_EVENT {
        return core::ptr::null_mut();
    }
    let alone = state::ALONE.load(Ordering::Relaxed) != 0;
    if alone && !cold::alone::may_change(slot) {
        // What a handler left to be written.
        cold::alone::emit(slot);
        if !cold::alone::may_change(slot) {
            return core::ptr::null_mut();
        }
    }
    let tls = state::tls();
    // The full one goes first: when all are in use, it is what the reader can empty and give back.
    tls.chunk.set(core::ptr::null_mut());
    let old = slot.chunk.swap(0, Ordering::AcqRel);
    if old != 0 {
        hand_over(&seg, old - 1);
    }
    let small = size <= PAGE_SIZE - CHUNK_HEAD;
    // What waits for our constructor needs room: nobody empties the chunk before.
    let first = slot.seq.load(Ordering::Relaxed) == 0 && (!alone || cold::alone::ready());
    let position = if small && first { take_page(&seg) } else { None };
    let position = position.or_else(|| take_chunk(&seg, small));
    let Some(position) = position else { return core::ptr::null_mut() };
    let Some(chunk) = seg.chunk_at(position) else { return core::ptr::null_mut() };
    // SAFETY: the chunk was just taken off a free list: nobody else touches it until it is published in the slot.
    unsafe {
        // A fault for reading maps the pages around as well, writable; one for writing, only its own.
        let first = chunk.cast::<u8>();
        first.read_volatile();
        first.add(CHUNK_HEAD + seg.chunk_cap(position) - 1).read_volatile();
        (*chunk).cap = seg.chunk_cap(position) as u32;
        (*chunk).head.store(0, Ordering::Relaxed);
        (*chunk).end.store(u32::MAX, Ordering::Relaxed);
        (*chunk).read.store(0, Ordering::Relaxed);
        (*chunk).thread = thread_index(&seg, slot);
        (*chunk).proc_index = slot.proc_index;
        (*chunk).thread_uses = slot.uses.load(Ordering::Relaxed);
        (*chunk).pid = state::PID.load(Ordering::Relaxed);
        (*chunk).tid = slot.tid;
        (*chunk).anchor = socklens_wire::Anchor { raw: clock::now(), mono: 0, real: 0 };
        (*chunk).seq = slot.seq.fetch_add(1, Ordering::Relaxed);
        (*chunk).state.store(chunk_state::OWNED, Ordering::Release);
    }
    tls.chunk.set(chunk);
    // Not 0 when a handler came in between and took one of its own.
    let old = slot.chunk.swap(position + 1, Ordering::AcqRel);
    if old != 0 {
        hand_over(&seg, old - 1);
    }
    chunk
}

fn thread_index(seg: &Segment, slot: &ThreadSlot) -> u32 {
    let Some(first) = seg.thread_slot(0) else { return 0 };
    ((core::ptr::from_ref(slot) as usize - first as usize) / size_of::<ThreadSlot>()) as u32
}

fn take_page(seg: &Segment) -> Option<u32> {
    let h = seg.header();
    // The last quarter is kept for descriptor tables.
    let index = pool::pop(&h.free_pages, &h.fresh_pages, seg.layout().pages * 3 / 4, &seg.page_links())?;
    let owner = seg.page_owner(index)?;
    owner.proc_index.store(state::PROC_INDEX.load(Ordering::Relaxed), Ordering::Relaxed);
    owner.kind.store(page::CHUNK, Ordering::Release);
    Some(seg.layout().chunks + index)
}

/// A free chunk, or a page when there is none and one is enough; else waits for the reader.
fn take_chunk(seg: &Segment, small: bool) -> Option<u32> {
    let h = seg.header();
    let pop = || {
        pool::pop(&h.free_chunks, &h.fresh_chunks, seg.layout().chunks, &seg.chunk_links())
            .or_else(|| if small { take_page(seg) } else { None })
    };
    if let Some(i) = pop() {
        return Some(i);
    }
    if h.full == full::DROP || state::ALONE.load(Ordering::Relaxed) != 0 {
        return None;
    }
    let mut waited = 0u64;
    let slice = 50;
    while h.reader_gone.load(Ordering::Relaxed) == 0 && waited <= u64::from(h.wait_ms) {
        h.waiters.fetch_add(1, Ordering::AcqRel);
        let seen = h.freed.load(Ordering::Acquire);
        let got = pop();
        let nothing_came = got.is_none() && crate::sys::futex_wait(h.freed.as_ptr(), seen, slice);
        h.waiters.fetch_sub(1, Ordering::AcqRel);
        if got.is_some() {
            return got;
        }
        // A reader that gives chunks back, which other threads were quicker to take, is at work.
        waited = if nothing_came { waited + slice } else { 0 };
        if nothing_came && reader_is_dead(h) {
            h.reader_gone.store(gone::GIVEN_UP, Ordering::Relaxed);
        }
    }
    // One long wait is enough: after it, a stopped reader must not stop the program again and again.
    if waited > u64::from(h.wait_ms) {
        h.reader_gone.store(gone::GIVEN_UP, Ordering::Relaxed);
    }
    None
}

fn reader_is_dead(h: &socklens_wire::Header) -> bool {
    let pid = h.reader_pid.load(Ordering::Relaxed);
    pid != 0
        && state::CONFINED.load(Ordering::Relaxed) == 0
        && state::MAY_PEEK.load(Ordering::Relaxed) != 0
        && h.reader_ns == cold::attach::pid_namespace()
        && crate::sys::is_gone(pid, 0)
}

/// Puts a chunk on the reader's list and wakes the reader if it sleeps. Alone, its events are written already.
fn hand_over(seg: &Segment, position: u32) {
    if state::ALONE.load(Ordering::Relaxed) != 0 {
        return cold::alone::free_chunk(seg, position);
    }
    let Some(chunk) = seg.chunk_at(position) else { return };
    // SAFETY: a chunk in the mapping; its state word is an atomic.
    unsafe { (*chunk).state.store(chunk_state::FULL, Ordering::Release) };
    pool::push(&seg.header().full_chunks, &seg.chunk_links(), position);
    ring_doorbell(seg);
}

fn ring_doorbell(seg: &Segment) {
    let h = seg.header();
    h.doorbell.fetch_add(1, Ordering::AcqRel);
    if h.reader_asleep.load(Ordering::Acquire) != 0 {
        crate::sys::futex_wake(h.doorbell.as_ptr(), 1);
    }
}
