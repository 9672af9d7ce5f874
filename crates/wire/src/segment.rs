//! A mapped segment: where its parts are, and pointers to them that are checked against its layout.

use crate::fault::{Due, DueLane, FaultConn, FaultLane, FaultShared};
use crate::layout::{
    CHUNK_HEAD, CHUNK_SIZE, ChunkHead, ConnSlot, FAULT_LANES, Header, Layout, PAGE_SIZE, PageOwner, ProcSlot,
    ThreadSlot, proc_state,
};
use crate::pool::Links;
use crate::stats::{self, Spill};
use crate::sync::{AtomicU32, Ordering};
use core::mem::size_of;

/// A mapped segment: bounds-checked pointers to its parts. Copies nothing, owns nothing.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    base: *mut u8,
    layout: Layout,
}

// SAFETY: a Segment is an address; what lies there is only reached through atomics or under the rules of each slot.
unsafe impl Send for Segment {}
// SAFETY: as above.
unsafe impl Sync for Segment {}

impl Segment {
    /// # Safety
    /// `base` points to `layout.total()` mapped, writable, zero- or properly initialised bytes that stay mapped.
    pub const unsafe fn new(base: *mut u8, layout: Layout) -> Segment {
        Segment { base, layout }
    }

    pub fn base(&self) -> *mut u8 {
        self.base
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    #[inline(always)]
    pub fn header(&self) -> &'static Header {
        // SAFETY: the header lies at the base of the mapping, which stays mapped (see new).
        unsafe { &*self.base.cast::<Header>() }
    }

    /// The [`crate::layout::FAULTS_SIZE`] bytes of the fault rules, aligned to a page.
    #[inline(always)]
    pub fn faults(&self) -> *mut u8 {
        // SAFETY: the region lies within total() by construction of Layout.
        unsafe { self.base.add(self.layout.faults_at()) }
    }

    #[inline(always)]
    fn at<T>(&self, start: usize, index: u32, count: u32) -> Option<*mut T> {
        if index >= count {
            return None;
        }
        // SAFETY: start + count * size lies within total() by construction of Layout, and index < count.
        Some(unsafe { self.base.add(start + index as usize * size_of::<T>()).cast::<T>() })
    }

    #[inline]
    pub fn proc_slot(&self, i: u32) -> Option<*mut ProcSlot> {
        self.at(self.layout.procs_at(), i, self.layout.procs)
    }

    /// The pid of who has the process slot, 0 while it is free: so that a slot is found without a look at each, which lie in
    /// a page for every nine. What the slot itself says counts.
    #[inline]
    pub fn proc_pid(&self, i: u32) -> Option<&'static AtomicU32> {
        // SAFETY: `at` gives a pointer into the mapping, and the word is an atomic.
        self.at::<AtomicU32>(self.layout.pids_at(), i, self.layout.procs).map(|p| unsafe { &*p })
    }

    /// Gives a process slot back.
    pub fn free_proc(&self, i: u32) {
        if let (Some(pid), Some(slot)) = (self.proc_pid(i), self.proc_slot(i)) {
            pid.store(0, Ordering::Relaxed);
            // SAFETY: a slot in the mapping; its state word is an atomic.
            unsafe { &(*slot).state }.store(proc_state::FREE, Ordering::Release);
        }
    }

    #[inline]
    pub fn thread_slot(&self, i: u32) -> Option<*mut ThreadSlot> {
        self.at(self.layout.threads_at(), i, self.layout.threads)
    }

    #[inline]
    pub fn conn_slot(&self, i: u32) -> Option<*mut ConnSlot> {
        self.at(self.layout.conns_at(), i, self.layout.conns)
    }

    /// What is counted without room of its own.
    pub fn spill(&self) -> &'static Spill {
        // SAFETY: the spill lies behind the header page in the mapping, and is all atomics.
        unsafe { &*self.base.add(self.layout.spill_at()).cast::<Spill>() }
    }

    /// A unit of a counter page, by its number among the units of all pages.
    #[inline(always)]
    pub fn unit(&self, i: u32) -> Option<*mut u8> {
        self.at::<[u8; stats::UNIT]>(self.layout.pages_at(), i, self.layout.pages * stats::UNITS_PER_PAGE)
            .map(|p| p.cast())
    }

    /// What faults remember of the conn in the same place.
    #[inline]
    pub fn fault_conn(&self, i: u32) -> Option<&'static FaultConn> {
        // SAFETY: `at` gives a pointer into the mapping, and FaultConn is all atomics.
        self.at::<FaultConn>(self.layout.fault_conns_at(), i, self.layout.conns).map(|p| unsafe { &*p })
    }

    /// One place of what rules remember.
    pub fn fault_lane(&self, i: u32) -> Option<&'static FaultLane> {
        // SAFETY: `at` gives a pointer into the mapping, and what others write of FaultLane is all atomics.
        self.at::<FaultLane>(self.layout.fault_lanes_at(), i, FAULT_LANES).map(|p| unsafe { &*p })
    }

    /// A lane of the schedule. Only who makes the session writes to it but for its atomics.
    pub fn due_lane(&self, i: u32) -> Option<*mut DueLane> {
        self.at(self.layout.due_lanes_at(), i, self.layout.dues)
    }

    /// A fault of the schedule. As [`Segment::due_lane`].
    pub fn due(&self, i: u32) -> Option<*mut Due> {
        self.at(self.layout.dues_at(), i, self.layout.dues)
    }

    /// What faults remember of the session.
    #[inline(always)]
    pub fn fault_shared(&self) -> &'static FaultShared {
        // SAFETY: it lies within total() by construction of Layout, and FaultShared is all atomics.
        unsafe { &*self.base.add(self.layout.fault_shared_at()).cast::<FaultShared>() }
    }

    pub fn page_owner(&self, i: u32) -> Option<&'static PageOwner> {
        // SAFETY: `at` gives a pointer into the mapping, and PageOwner is all atomics.
        self.at::<PageOwner>(self.layout.owners_at(), i, self.layout.pages).map(|p| unsafe { &*p })
    }

    #[inline]
    pub fn page(&self, i: u32) -> Option<*mut u8> {
        self.at::<[u8; PAGE_SIZE]>(self.layout.pages_at(), i, self.layout.pages).map(|p| p.cast())
    }

    #[inline]
    pub fn chunk(&self, i: u32) -> Option<*mut ChunkHead> {
        self.at::<[u8; CHUNK_SIZE]>(self.layout.chunks_at(), i, self.layout.chunks).map(|p| p.cast())
    }

    /// A chunk by its position in a thread slot or the full list: chunks first, then pages.
    #[inline]
    pub fn chunk_at(&self, position: u32) -> Option<*mut ChunkHead> {
        if position < self.layout.chunks {
            self.chunk(position)
        } else {
            self.page(position - self.layout.chunks).map(|p| p.cast())
        }
    }

    /// Room for events in the chunk at `position`.
    pub fn chunk_cap(&self, position: u32) -> usize {
        let size = if position < self.layout.chunks { CHUNK_SIZE } else { PAGE_SIZE };
        size - CHUNK_HEAD
    }

    /// Links of free conn slots.
    pub fn conn_links(&self) -> ConnLinks {
        ConnLinks(*self)
    }

    /// Links of free pages.
    pub fn page_links(&self) -> PageLinks {
        PageLinks(*self)
    }

    /// Links of free chunks and, by position, of chunks handed over.
    pub fn chunk_links(&self) -> ChunkLinks {
        ChunkLinks(*self)
    }

    /// Writes the header of a new, zeroed segment, all but the magic.
    ///
    /// # Safety
    /// Nobody else uses the segment yet.
    pub unsafe fn init(&self) {
        // SAFETY: the caller says that we are alone; the header is in the mapping.
        let h = unsafe { &mut *self.base.cast::<Header>() };
        h.version = crate::VERSION;
        h.layout = self.layout;
        h.follow = 1;
        h.strlen.store(32, Ordering::Relaxed);
        h.wait_ms = 10_000;
        h.next_serial.store(1, Ordering::Relaxed);
        for w in &h.wanted {
            w.store(u64::MAX, Ordering::Relaxed);
        }
    }

    /// Says that the header is complete.
    pub fn publish(&self) {
        self.header().magic.store(crate::MAGIC, Ordering::Release);
    }
}

/// See [`Segment::conn_links`].
#[derive(Clone, Copy, Debug)]
pub struct ConnLinks(Segment);
/// See [`Segment::page_links`].
#[derive(Clone, Copy, Debug)]
pub struct PageLinks(Segment);
/// See [`Segment::chunk_links`].
#[derive(Clone, Copy, Debug)]
pub struct ChunkLinks(Segment);

impl Links for ConnLinks {
    fn link(&self, index: u32) -> Option<&AtomicU32> {
        // SAFETY: conn_slot gives a pointer into the mapping, and the field is an atomic.
        self.0.conn_slot(index).map(|p| unsafe { &(*p).link })
    }
}

impl Links for PageLinks {
    fn link(&self, index: u32) -> Option<&AtomicU32> {
        self.0.page_owner(index).map(|p| &p.link)
    }
}

impl Links for ChunkLinks {
    fn link(&self, position: u32) -> Option<&AtomicU32> {
        // SAFETY: chunk_at gives a pointer into the mapping, and the field is an atomic.
        self.0.chunk_at(position).map(|p| unsafe { &(*p).link })
    }
}
