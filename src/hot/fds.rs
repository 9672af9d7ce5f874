//! The descriptor table: which number is which connection.
//!
//! Private memory, so that fork copies it exactly as the descriptors themselves; mirrored into the segment's pages, so
//! that the reader can release what a killed process held. An entry is cleared BEFORE the real close: the number can be
//! given to another thread at once. Never changed in the child of a vfork, whose descriptors are its own.

use super::state;
use crate::sys;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use socklens_inside::entry::COUNTED;
pub use socklens_inside::entry::{EPOLL, Entry};
use socklens_wire::layout::{FDS_PER_PAGE, PAGE_SIZE, page};

/// Descriptors above this are not tracked.
const MAX_FD: usize = 1 << 20;
const PAGES: usize = MAX_FD / FDS_PER_PAGE;

type Page = [AtomicU64; FDS_PER_PAGE];

/// The entries of the descriptors that most programs have: they are found by one load less.
// Apart from what every start writes: adr/0010.
#[unsafe(link_section = ".bss.large")]
static LOW: Page = [const { AtomicU64::new(0) }; FDS_PER_PAGE];
/// The others' pages; the first of these stays null.
// Apart from what every start writes: adr/0010.
#[unsafe(link_section = ".bss.large")]
static TABLE: [AtomicPtr<Page>; PAGES] = [const { AtomicPtr::new(core::ptr::null_mut()) }; PAGES];
/// Page of the segment + 1 that mirrors each page.
// Apart from what every start writes: adr/0010.
#[unsafe(link_section = ".bss.large")]
static MIRROR: [AtomicU32; PAGES] = [const { AtomicU32::new(0) }; PAGES];
/// One more than the highest descriptor ever entered.
static HIGH: AtomicU32 = AtomicU32::new(0);

/// The word of descriptor number `i`, if its page is there.
#[inline(always)]
fn word(i: usize) -> Option<&'static AtomicU64> {
    if i < FDS_PER_PAGE {
        return LOW.get(i);
    }
    // SAFETY: a page in the table is never unmapped.
    let page = unsafe { TABLE.get(i / FDS_PER_PAGE)?.load(Ordering::Acquire).as_ref() }?;
    page.get(i % FDS_PER_PAGE)
}

/// Marks an entry as counted for a fork's child, or not any more; false when it has changed meanwhile.
pub fn mark(fd: i32, e: Entry, counted: bool) -> bool {
    let to = if counted { e.0 | COUNTED } else { e.0 & !COUNTED };
    let slot = word(fd as u32 as usize);
    slot.is_some_and(|s| s.compare_exchange(e.0, to, Ordering::AcqRel, Ordering::Relaxed).is_ok())
}

/// As [`get`], for the numbers most programs have; None for others.
#[inline(always)]
pub fn low(fd: i32) -> Option<Entry> {
    LOW.get(fd as u32 as usize).map(|e| Entry(e.load(Ordering::Relaxed)))
}

#[inline(always)]
pub fn get(fd: i32) -> Entry {
    word(fd as u32 as usize).map_or(Entry::NONE, |e| Entry(e.load(Ordering::Relaxed)))
}

/// Sets an entry and tells what was there. Lock-free; false-safe when memory is short: the fd stays untracked.
#[inline(never)]
pub fn set(fd: i32, e: Entry) -> Entry {
    let e = Entry(e.0 & !COUNTED);
    let Some(old) = exchange(fd, e) else { return Entry::NONE };
    mirror(fd as u32 as usize, e);
    old
}

/// As [`set`], in this process's own table alone; None when nothing was changed.
fn exchange(fd: i32, e: Entry) -> Option<Entry> {
    let i = fd as u32 as usize;
    if i >= MAX_FD {
        return None;
    }
    let slot = match word(i) {
        Some(s) => s,
        None if e == Entry::NONE => return None,
        None => {
            add_page(i);
            word(i)?
        }
    };
    HIGH.fetch_max(i as u32 + 1, Ordering::Relaxed);
    Some(Entry(slot.swap(e.0, Ordering::AcqRel)))
}

/// Makes the page of descriptor number `i`, if there is memory for it.
#[cold]
#[inline(never)]
fn add_page(i: usize) {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let Some(top) = TABLE.get(i / FDS_PER_PAGE) else { return };
    let Some(new) = sys::mmap(PAGE_SIZE, libc::PROT_READ | libc::PROT_WRITE, flags, -1) else { return };
    let none = core::ptr::null_mut();
    if top.compare_exchange(none, new.cast(), Ordering::AcqRel, Ordering::Acquire).is_err() {
        // SAFETY: the page was never published.
        unsafe { sys::munmap(new, PAGE_SIZE) };
    }
}

/// Clears an entry and tells what was there.
#[inline(always)]
pub fn take(fd: i32) -> Entry {
    if get(fd) == Entry::NONE { Entry::NONE } else { set(fd, Entry::NONE) }
}

/// As [`take`] before a close, which may last as long as SO_LINGER says: the mirror goes on naming it until [`closed`].
pub fn take_to_close(fd: i32) -> Entry {
    if get(fd) == Entry::NONE { Entry::NONE } else { exchange(fd, Entry::NONE).unwrap_or(Entry::NONE) }
}

/// The descriptor is closed: the mirror forgets it, unless another thread was given the number already.
pub fn closed(fd: i32, e: Entry) {
    let i = fd as u32 as usize;
    let page = MIRROR.get(i / FDS_PER_PAGE).and_then(|m| m.load(Ordering::Acquire).checked_sub(1));
    if let (Some(seg), Some(page)) = (state::segment(), page)
        && let Some(memory) = seg.page(page)
    {
        // SAFETY: as in mirror.
        let entry = unsafe { &*memory.cast::<AtomicU64>().add(i % FDS_PER_PAGE) };
        let _ = entry.compare_exchange(e.0 & !COUNTED, 0, Ordering::AcqRel, Ordering::Relaxed);
    }
}

/// Calls `f` for every tracked descriptor in `first..=last`.
pub fn each(first: u32, last: u32, mut f: impl FnMut(i32, Entry)) {
    let high = HIGH.load(Ordering::Relaxed);
    let mut fd = first;
    while fd < high && fd <= last {
        if word(fd as usize).is_none() {
            fd = (fd / FDS_PER_PAGE as u32 + 1) * FDS_PER_PAGE as u32;
            continue;
        }
        let e = get(fd as i32);
        if e != Entry::NONE {
            f(fd as i32, e);
        }
        fd += 1;
    }
}

/// Writes the whole mirror anew, in pages of this process's own: after a fork.
pub fn mirror_again() {
    for m in &MIRROR {
        if m.load(Ordering::Relaxed) != 0 {
            m.store(0, Ordering::Relaxed);
        }
    }
    each(0, u32::MAX, |fd, e| mirror(fd as usize, e));
}

fn mirror(i: usize, e: Entry) {
    let Some(seg) = state::segment() else { return };
    let Some(slot) = MIRROR.get(i / FDS_PER_PAGE) else { return };
    let mut n = slot.load(Ordering::Acquire);
    if n == 0 {
        if e == Entry::NONE {
            return;
        }
        let h = seg.header();
        let Some(index) =
            socklens_wire::pool::pop(&h.free_pages, &h.fresh_pages, seg.layout().pages, &seg.page_links())
        else {
            return;
        };
        let (Some(owner), Some(memory)) = (seg.page_owner(index), seg.page(index)) else { return };
        // SAFETY: the page was just taken off the free list, so it is ours alone.
        unsafe { memory.write_bytes(0, PAGE_SIZE) };
        owner.base.store((i / FDS_PER_PAGE * FDS_PER_PAGE) as u32, Ordering::Relaxed);
        owner.proc_index.store(state::PROC_INDEX.load(Ordering::Relaxed), Ordering::Relaxed);
        owner.kind.store(page::FDS, Ordering::Release);
        match slot.compare_exchange(0, index + 1, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => n = index + 1,
            Err(other) => {
                owner.kind.store(page::FREE, Ordering::Release);
                socklens_wire::pool::push(&h.free_pages, &seg.page_links(), index);
                n = other;
            }
        }
    }
    if let Some(memory) = seg.page(n - 1) {
        // SAFETY: the page is a table of FDS_PER_PAGE aligned u64 in the mapping.
        unsafe { (*memory.cast::<AtomicU64>().add(i % FDS_PER_PAGE)).store(e.0, Ordering::Release) };
    }
}
