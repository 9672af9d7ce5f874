//! The segment: where everything in the session memory lies.
//!
//! ```text
//! Header, pids | faults | spill | proc slots | thread slots | conn slots | pages (4 KiB) | chunks (64 KiB)
//! ```
//! A session's segment is one file mapped by every process; a process without a session maps its own, anonymously.
//! All positions follow from the counts in the header, so a reader checks them once against the file's size.

use crate::conn::ConnInfo;
use crate::fault::{Due, DueLane, FaultConn, FaultLane, FaultShared};
use crate::stats::{ConnTotals, Spill};
use crate::sync::{AtomicU32, AtomicU64};
use core::mem::{offset_of, size_of};

/// Bytes of the page that begins with the header.
pub const HEADER_SIZE: usize = 4096;
/// Bytes for the compiled fault rules and their counts, opaque to this crate.
pub const FAULTS_SIZE: usize = 160 * 1024;
/// Bytes of a page: a thread's first, small chunk, or 512 entries of a descriptor table.
pub const PAGE_SIZE: usize = 4096;
/// Bytes of a chunk.
pub const CHUNK_SIZE: usize = 64 * 1024;
/// Descriptor table entries in one page.
pub const FDS_PER_PAGE: usize = PAGE_SIZE / 8;

/// Most process images at once. A number that is known here keeps what lies behind their pids at places that need no sums.
pub const MAX_PROCS: u32 = 2048;

/// What fault rules remember, each of one lane; a power of two.
pub const FAULT_LANES: u32 = 4096;

/// Most faults of a schedule.
pub const MAX_DUES: u32 = 1 << 20;

/// How many of each thing a segment has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Layout {
    pub procs: u32,
    pub threads: u32,
    pub conns: u32,
    pub pages: u32,
    pub chunks: u32,
    /// Faults of a schedule that are to be caused again.
    pub dues: u32,
}

impl Layout {
    /// A session of the command: about 34 MiB, of which a small program touches a few pages.
    pub const SESSION: Layout = Layout { procs: 2048, threads: 4096, conns: 16384, pages: 3072, chunks: 160, dues: 0 };
    /// A process alone: formatted at once, so little needs to be held.
    pub const ALONE: Layout = Layout { procs: 256, threads: 1024, conns: 4096, pages: 1024, chunks: 4, dues: 0 };

    // Right behind what the header has in it, so that those of the first few hundred lie in its page: each page more that a
    // process looks at when it starts is a page fault there.
    pub(crate) const fn pids_at(&self) -> usize {
        size_of::<Header>()
    }
    pub(crate) const fn faults_at(&self) -> usize {
        (self.pids_at() + MAX_PROCS as usize * size_of::<AtomicU32>() + PAGE_SIZE - 1) & !(PAGE_SIZE - 1)
    }
    pub(crate) const fn spill_at(&self) -> usize {
        self.faults_at() + FAULTS_SIZE
    }
    pub(crate) const fn procs_at(&self) -> usize {
        (self.spill_at() + size_of::<Spill>() + PAGE_SIZE - 1) & !(PAGE_SIZE - 1)
    }
    pub(crate) const fn threads_at(&self) -> usize {
        self.procs_at() + self.procs as usize * size_of::<ProcSlot>()
    }
    pub(crate) const fn conns_at(&self) -> usize {
        self.threads_at() + self.threads as usize * size_of::<ThreadSlot>()
    }
    pub(crate) const fn pages_at(&self) -> usize {
        let end = self.conns_at() + self.conns as usize * size_of::<ConnSlot>();
        let owners = end + self.pages as usize * size_of::<PageOwner>();
        (owners + PAGE_SIZE - 1) & !(PAGE_SIZE - 1)
    }
    pub(crate) const fn owners_at(&self) -> usize {
        self.conns_at() + self.conns as usize * size_of::<ConnSlot>()
    }
    pub(crate) const fn chunks_at(&self) -> usize {
        self.pages_at() + self.pages as usize * PAGE_SIZE
    }
    pub(crate) const fn fault_lanes_at(&self) -> usize {
        self.chunks_at() + self.chunks as usize * CHUNK_SIZE
    }
    pub(crate) const fn fault_conns_at(&self) -> usize {
        self.fault_lanes_at() + FAULT_LANES as usize * size_of::<FaultLane>()
    }
    pub(crate) const fn fault_shared_at(&self) -> usize {
        self.fault_conns_at() + self.conns as usize * size_of::<FaultConn>()
    }
    pub(crate) const fn due_lanes_at(&self) -> usize {
        self.fault_shared_at() + size_of::<FaultShared>()
    }
    pub(crate) const fn dues_at(&self) -> usize {
        self.due_lanes_at() + self.dues as usize * size_of::<DueLane>()
    }
    /// Bytes of the whole segment.
    pub const fn total(&self) -> usize {
        self.dues_at() + self.dues as usize * size_of::<Due>()
    }
    /// Whether the counts are within what this version ever writes, so that sums cannot overflow.
    pub fn sane(&self) -> bool {
        let ok = |n: u32, max: u32| n >= 1 && n <= max;
        ok(self.procs, MAX_PROCS)
            && ok(self.threads, 1 << 18)
            && ok(self.conns, 1 << 21)
            && ok(self.pages, 1 << 20)
            && ok(self.chunks, 1 << 17)
            && self.dues <= MAX_DUES
    }
}

const _: () = assert!(Layout::SESSION.total() < 36 << 20);

/// Where events go.
pub mod mode {
    /// Chunks are handed to the reader named in the header.
    pub const SESSION: u32 = 1;
    /// Each event is formatted and written by the thread that made it.
    pub const ALONE: u32 = 2;
}

/// Values of [`Header::filtered`].
pub mod filtered {
    /// There is no filter.
    pub const NO: u32 = 0;
    /// Of what is recorded and counted.
    pub const ALL: u32 = 1;
    /// Of what is counted alone.
    pub const COUNTED: u32 = 2;
}

/// What happens when no chunk is free.
pub mod full {
    /// Wait for the reader, at most `wait_ms`, then drop and count.
    pub const WAIT: u32 = 0;
    /// Drop and count at once.
    pub const DROP: u32 = 1;
}

/// Raw clocks of events.
pub mod clock {
    pub const TSC: u32 = 0;
    pub const MONOTONIC: u32 = 1;
}

/// One moment on three clocks; nanoseconds but for `raw`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Anchor {
    pub raw: u64,
    pub mono: u64,
    pub real: u64,
}

/// The segment's first page.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Header {
    /// Written last by the creator.
    pub magic: AtomicU64,
    pub version: u32,
    pub layout: Layout,
    pub mode: u32,
    pub clock: u32,
    /// [`full`].
    pub full: u32,
    /// Longest wait for a free chunk, in milliseconds.
    pub wait_ms: u32,
    /// Whether children are followed across exec.
    pub follow: u32,
    /// Not 0: full means drop. One of [`gone`].
    pub reader_gone: AtomicU32,
    /// The reader's pid in its own pid namespace; 0 without a reader.
    pub reader_pid: AtomicU32,
    // -- what every recorded call looks at: one cache line, and a second one with statistics
    /// Calls to record, by opcode.
    pub wanted: [AtomicU64; 4],
    /// What `filter` is for: see [`filtered`].
    pub filtered: AtomicU32,
    /// Bytes of each payload to copy.
    pub strlen: AtomicU32,
    /// What is counted of them: [`crate::stats::mode`].
    pub stats: AtomicU32,
    /// Changes whenever filter, wanted, stats or counted change.
    pub generation: AtomicU32,
    /// Raw ticks from which a call that may wait is taken to have waited.
    pub blocked_from: AtomicU64,
    /// Not 0: fault rules were in force at some time. They lie in another page, which no process looks at that begins before.
    pub ruled: AtomicU32,
    pad2: u32,
    /// Calls to count, by opcode.
    pub counted: [AtomicU64; 4],
    // -- the rest
    /// The reader's pid namespace, by inode.
    pub reader_ns: u64,
    /// The device number of the procfs that the reader has at /proc.
    pub reader_procfs: u64,
    pub start: Anchor,

    pub next_serial: AtomicU32,
    pub conns_high: AtomicU32,
    pub procs_high: AtomicU32,
    pub threads_high: AtomicU32,
    /// Free conns, pages and chunks, and chunks handed over: see pool.rs.
    pub free_conns: AtomicU64,
    pub free_pages: AtomicU64,
    pub free_chunks: AtomicU64,
    pub full_chunks: AtomicU64,
    /// Indices never given out yet start here.
    pub fresh_conns: AtomicU32,
    pub fresh_pages: AtomicU32,
    pub fresh_chunks: AtomicU32,
    /// Futex: bumped by the reader when chunks become free.
    pub freed: AtomicU32,
    /// Futex: bumped by a writer that hands over a chunk or waits; the reader sleeps on it.
    pub doorbell: AtomicU32,
    /// How many threads wait for a chunk now.
    pub waiters: AtomicU32,
    /// Set by the reader while it sleeps on the doorbell.
    pub reader_asleep: AtomicU32,
    /// Events that found no thread slot, and processes and conns that found no slot.
    pub lost_events: AtomicU64,
    pub lost_procs: AtomicU32,
    pub lost_conns: AtomicU32,
    /// The compiled filter, opaque to this crate.
    pub filter: [u8; 2048],
    /// First page + 1 of the area that holds the counters of processes that ended. The reader's.
    pub stats_area: AtomicU32,
    /// Odd while the reader moves counters from one area to another.
    pub stats_seq: AtomicU32,
}

const _: () = assert!(offset_of!(Header, wanted) == 64 && offset_of!(Header, counted) == 128);
const _: () = assert!(size_of::<Header>() <= HEADER_SIZE);

/// Values of [`Header::reader_gone`].
pub mod gone {
    /// The reader was found dead, or did nothing for too long; it takes this back when it goes on.
    pub const GIVEN_UP: u32 = 1;
    /// The command has ended: nobody joins any more.
    pub const LEFT: u32 = 2;
}

/// States of a process slot.
pub mod proc_state {
    pub const FREE: u32 = 0;
    pub const CLAIMED: u32 = 1;
    pub const LIVE: u32 = 2;
    /// Replaced by exec or found dead; its descriptors await release.
    pub const GONE: u32 = 3;
}

/// One process image.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct ProcSlot {
    pub state: AtomicU32,
    pub pid: u32,
    pub ppid: u32,
    /// The pid as seen in the outermost visible namespace (first NSpid of its proc), or pid.
    pub host_pid: u32,
    pub pid_ns: u64,
    pub uid: u32,
    /// 0 born by exec, 1 by fork.
    pub born: u32,
    /// `real` is 0 but for a process alone.
    pub start: Anchor,
    /// Bit 0: seccomp filter was inherited. Bit 1: confined itself.
    pub confined: AtomicU32,
    pub comm: [u8; 16],
    pub exe_len: u32,
    pub exe: [u8; 256],
    /// Times the slot was given out, so that a reader notices reuse.
    pub uses: AtomicU32,
    /// First page + 1 of the area that holds the counters of its threads that ended. The reader's.
    pub stats: AtomicU32,
    /// Hash of how the process descends from the first one; 0 when unknown.
    pub lineage: AtomicU64,
    /// Processes that began by exec and had this one for a parent.
    pub children: AtomicU32,
    /// Sockets entered.
    pub births: AtomicU32,
}

/// States of a thread slot.
pub mod thread_state {
    pub const FREE: u32 = 0;
    pub const CLAIMED: u32 = 1;
    pub const LIVE: u32 = 2;
}

/// One thread: the call it is in, and where its events go.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct ThreadSlot {
    /// Opcode + 1 of the call it is in; 0 when in none. Written last at entry, first at exit.
    pub in_call: AtomicU32,
    pub in_conn: AtomicU32,
    pub in_start: AtomicU64,
    pub in_args: [AtomicU64; 6],
    // -- second cache line
    /// Position + 1 of its chunk (see [`Segment::chunk_at`]); 0 when it has none.
    pub chunk: AtomicU32,
    pub state: AtomicU32,
    pub proc_index: u32,
    pub tid: u32,
    pub host_tid: u32,
    pub seq: AtomicU32,
    /// Events dropped for want of a chunk.
    pub dropped: AtomicU64,
    /// Events recorded.
    pub recorded: AtomicU64,
    /// Events a filter left out.
    pub filtered: AtomicU64,
    /// Stack pointer at the outermost entry, to tell nesting from a jump out of a hook.
    pub in_sp: AtomicU64,
    pub uses: AtomicU32,
    /// Alone mode: stack pointer of the frame that is formatting, 0 for none.
    pub emitting: AtomicU64,
    pub comm: [u8; 16],
    /// First page + 1 of its counters; 0 when it has none.
    pub stats: AtomicU32,
}

/// One connection and how many descriptors of live processes refer to it.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct ConnSlot {
    /// Its descriptors, over all processes, or who is noting its end: see [`refs`].
    pub refs: AtomicU32,
    /// Odd while `info` is being written.
    pub lock: AtomicU32,
    /// Serial of `info`, 0 when free: to be compared before info is trusted.
    pub serial: AtomicU32,
    /// Link in the free list.
    pub link: AtomicU32,
    pub info: ConnInfo,
    pub totals: ConnTotals,
}

const _: () = assert!(size_of::<ConnSlot>() == 448);

/// The word [`ConnSlot::refs`]: a number of descriptors or, from when the last was closed until the note of the end is read,
/// the process that writes this note. So the reader ends such a connection only when nobody else will.
pub mod refs {
    /// The last descriptor is closed; the other bits say by which process.
    const ENDING: u32 = 1 << 31;

    /// How many descriptors there are.
    pub const fn count(word: u32) -> u32 {
        if word & ENDING != 0 { 0 } else { word }
    }

    /// The word while the process in this slot, at the slot's `uses`, notes the end.
    pub const fn ending(proc_index: u32, uses: u32) -> u32 {
        ENDING | (uses & 0x7fff) << 16 | proc_index & 0xffff
    }

    /// The slot of the process that notes the end.
    pub const fn ender(word: u32) -> Option<u32> {
        if word & ENDING != 0 { Some(word & 0xffff) } else { None }
    }
}

/// Who holds a page.
#[derive(Debug)]
#[repr(C)]
pub struct PageOwner {
    /// 0 free, 1 first chunk of a thread, 2 descriptor table, 3 counters.
    pub kind: AtomicU32,
    /// Process slot.
    pub proc_index: AtomicU32,
    /// First descriptor of the page.
    pub base: AtomicU32,
    /// Link in the free list.
    pub link: AtomicU32,
}

/// Kinds of [`PageOwner::kind`].
pub mod page {
    pub const FREE: u32 = 0;
    pub const CHUNK: u32 = 1;
    pub const FDS: u32 = 2;
    pub const STATS: u32 = 3;
}

/// States of a chunk.
pub mod chunk_state {
    pub const FREE: u32 = 0;
    pub const OWNED: u32 = 1;
    pub const FULL: u32 = 2;
}

/// The head of a chunk (or of a page used as one); events follow.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct ChunkHead {
    /// Bytes reserved by its thread; more than `cap` once it was full.
    pub head: AtomicU32,
    pub cap: u32,
    pub state: AtomicU32,
    /// Link in the free list or the hand-over list.
    pub link: AtomicU32,
    /// Where the events end: set when a reservation failed, `u32::MAX` before.
    pub end: AtomicU32,
    pub thread: u32,
    pub proc_index: u32,
    /// The thread's chunks are numbered in order.
    pub seq: u32,
    /// Bytes the reader has consumed. The reader's own.
    pub read: AtomicU32,
    /// The thread slot's `uses` when it took this chunk.
    pub thread_uses: u32,
    pub pid: u32,
    pub tid: u32,
    pub anchor: Anchor,
}

/// Bytes of a chunk's head.
pub const CHUNK_HEAD: usize = 128;
const _: () = assert!(size_of::<ChunkHead>() <= CHUNK_HEAD);
