//! The mapped segment, and this thread's words.

pub use super::on::{
    arm, is_armed, is_led, is_new, mode, set_joining, set_led, set_on, set_silent, stays_silent, wipe_on_fork,
};
use core::arch::{asm, global_asm};
use core::cell::Cell;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use socklens_inside::entry::Entry;
use socklens_wire::event::flag;
use socklens_wire::layout::clock;
use socklens_wire::stats::{AreaHead, Row};
use socklens_wire::{ChunkHead, ConnSlot, Header, Layout, Segment, ThreadSlot};

/// Values of [`Tls::forking`].
pub mod forking {
    /// libc's own fork, which leaves its allocator and the loader usable in the child.
    pub const LIBC: u32 = 1;
    /// The kernel's alone.
    pub const BARE: u32 = 2;
}

/// What every recorded call looks at, in one cache line.
#[repr(C, align(64))]
struct Words {
    /// The mapped segment.
    base: AtomicPtr<u8>,
    /// The first counter unit, and the first connection slot.
    units: AtomicPtr<u8>,
    conns: AtomicPtr<u8>,
    /// The word that says whether there are fault rules, and of which generation they are.
    rules: AtomicPtr<AtomicU64>,
    clock: AtomicU32,
    alone: AtomicU32,
}

// `used` keeps it whole.
#[used]
static WORDS: Words = Words {
    base: AtomicPtr::new(core::ptr::null_mut()),
    units: AtomicPtr::new(core::ptr::null_mut()),
    conns: AtomicPtr::new(core::ptr::null_mut()),
    rules: AtomicPtr::new((&raw const NO_RULES).cast_mut()),
    clock: AtomicU32::new(clock::TSC),
    alone: AtomicU32::new(0),
};

static BASE: &AtomicPtr<u8> = &WORDS.base;
static UNITS: &AtomicPtr<u8> = &WORDS.units;
static CONNS: &AtomicPtr<u8> = &WORDS.conns;
/// [`clock::TSC`] or [`clock::MONOTONIC`].
pub static CLOCK: &AtomicU32 = &WORDS.clock;
/// Events are formatted here ([`socklens_wire::layout::mode::ALONE`]).
pub static ALONE: &AtomicU32 = &WORDS.alone;

static NO_RULES: AtomicU64 = AtomicU64::new(0);
static RULES: &AtomicPtr<AtomicU64> = &WORDS.rules;
static LAYOUT: [AtomicU32; 6] = [const { AtomicU32::new(0) }; 6];
/// Process-wide facts that hooks need.
pub static PID: AtomicU32 = AtomicU32::new(0);
pub static PROC_INDEX: AtomicU32 = AtomicU32::new(u32::MAX);
/// How often the process slot has been used.
pub static PROC_USES: AtomicU32 = AtomicU32::new(0);
/// No system calls of our own from here on: the process confined itself.
pub static CONFINED: AtomicU32 = AtomicU32::new(0);
/// process_vm_readv may be used (no seccomp filter was inherited, and none installed).
pub static MAY_PEEK: AtomicU32 = AtomicU32::new(0);
/// Top of the main thread's stack, 0 when unknown.
pub static STACK_END: AtomicU64 = AtomicU64::new(0);

/// Whether the session has had rules at some time. Looks at nothing but the header's page.
pub fn was_ruled() -> bool {
    header().is_some_and(|h| h.ruled.load(Ordering::Acquire) != 0)
}

/// The session's word on rules: the lower half is 0 when there are none, the upper half says which they are.
#[inline(always)]
pub fn rules() -> u64 {
    // SAFETY: RULES always points to a static or into a mapping that stays.
    unsafe { (*RULES.load(Ordering::Relaxed)).load(Ordering::Acquire) }
}

pub fn set_segment(seg: Segment) {
    let l = seg.layout();
    for (to, v) in LAYOUT.iter().zip([l.procs, l.threads, l.conns, l.pages, l.chunks, l.dues]) {
        to.store(v, Ordering::Relaxed);
    }
    UNITS.store(seg.unit(0).unwrap_or(seg.base()), Ordering::Relaxed);
    CONNS.store(seg.conn_slot(0).map_or(seg.base(), |p| p.cast()), Ordering::Relaxed);
    RULES.store(seg.faults().cast(), Ordering::Relaxed);
    BASE.store(seg.base(), Ordering::Release);
}

/// Whether there may be fault rules.
#[inline(always)]
pub fn has_rules() -> bool {
    rules() as u32 != 0
}

/// Which generation of fault rules is in force.
#[inline(always)]
pub fn generation_of_rules() -> u32 {
    const AT: usize = core::mem::offset_of!(socklens_rules::fault::Region, generation);
    const { assert!(AT == size_of::<AtomicU32>()) };
    (rules() >> 32) as u32
}

/// Where counter units begin in the mapping.
#[inline(always)]
pub fn units() -> *mut u8 {
    UNITS.load(Ordering::Relaxed)
}

/// The slot of a connection, without a look at how many there are.
///
/// # Safety
/// The descriptor table names it, and but for its atomics nothing of it is touched.
#[inline(always)]
pub unsafe fn conn_slot(index: u32) -> &'static ConnSlot {
    // SAFETY: the table is filled once there is a segment, and names its slots alone.
    unsafe { &*CONNS.load(Ordering::Relaxed).cast::<ConnSlot>().add(index as usize) }
}

/// As [`conn_slot`], for an entry that is known to be a socket's.
///
/// # Safety
/// As [`conn_slot`], and it is.
#[inline(always)]
pub unsafe fn conn_slot_of(entry: Entry) -> &'static ConnSlot {
    // SAFETY: the caller's.
    let mut at = unsafe { core::ptr::from_ref(conn_slot(entry.conn().unwrap_unchecked())) };
    // Added up once, and not again for each of its fields.
    // SAFETY: no instruction.
    unsafe { asm!("/* {0} */", inout(reg) at, options(pure, readonly, nostack, preserves_flags)) };
    // SAFETY: still what it was.
    unsafe { &*at }
}

/// The segment's header, once there is one: without what else `segment` loads.
#[inline(always)]
pub fn header() -> Option<&'static Header> {
    // SAFETY: set_segment was given a mapping that begins with a header and is never unmapped.
    unsafe { BASE.load(Ordering::Acquire).cast::<Header>().as_ref() }
}

/// The mapped segment, once there is one.
#[inline(always)]
pub fn segment() -> Option<Segment> {
    let base = BASE.load(Ordering::Acquire);
    if base.is_null() {
        return None;
    }
    let [procs, threads, conns, pages, chunks, dues] = &LAYOUT;
    let get = |v: &AtomicU32| v.load(Ordering::Relaxed);
    let layout = Layout {
        procs: get(procs),
        threads: get(threads),
        conns: get(conns),
        pages: get(pages),
        chunks: get(chunks),
        dues: get(dues),
    };
    // SAFETY: set_segment was given a mapping of this layout that is never unmapped.
    Some(unsafe { Segment::new(base, layout) })
}

/// The thread's own words, in its static TLS block. glibc hands every new thread zeroes.
#[derive(Debug)]
#[repr(C)]
pub struct Tls {
    pub thread: Cell<*mut ThreadSlot>,
    pub chunk: Cell<*mut ChunkHead>,
    /// 1 in the child of a vfork, which runs on its parent's memory. Written by asm in special/process.rs.
    pub vfork_child: Cell<u32>,
    /// No slot could be had: do not try again at every call.
    pub refused: Cell<u8>,
    /// This thread is in a callback of the program's that is told of an event: what it calls makes no events.
    pub callback: Cell<u8>,
    /// The running call came through libc's `syscall()`.
    pub via_syscall: Cell<u16>,
    /// This thread is in fork, as [`forking`] says: its references were counted for the child already. 0 when it is not.
    pub forking: Cell<u32>,
    /// Threads and processes it has made.
    pub children: Cell<u32>,
    /// Its counters, once it has some.
    pub stats: Cell<*mut AreaHead>,
    /// Return address of the latest call that could make a socket. Written by asm in exports.rs.
    pub site: Cell<u64>,
    /// How it descends from the process's first thread, as a hash; 0 when that is not known yet.
    pub lineage: Cell<u64>,
    /// Sockets it has made.
    pub births: Cell<u32>,
    /// Offset of its slot in the segment; 0 when it has none.
    pub offset: Cell<u32>,
    /// Where it counts the hottest calls (hot/order/short.rs), once it has.
    pub rows: [Cell<*const Row>; HOTTEST],
}

/// Calls that have a short way.
pub const HOTTEST: usize = 4;

impl Tls {
    /// Makes `slot` this thread's, which has none; false when a handler was quicker.
    pub fn take_slot(&self, slot: *mut ThreadSlot) -> bool {
        // SAFETY: the thread's own word, aligned, and as large as a pointer.
        let word = unsafe { &*self.thread.as_ptr().cast::<AtomicU64>() };
        let taken = super::stats::replace(word, 0, slot as u64);
        if taken {
            self.offset.set((slot as usize).wrapping_sub(BASE.load(Ordering::Relaxed) as usize) as u32);
        }
        taken
    }

    /// It has no slot: what it had, with chunk and counters, was another process's.
    pub fn drop_slot(&self) {
        self.thread.set(core::ptr::null_mut());
        self.offset.set(0);
        self.chunk.set(core::ptr::null_mut());
        self.stats.set(core::ptr::null_mut());
        self.rows.iter().for_each(|r| r.set(core::ptr::null()));
    }

    /// Whether nothing special is to be said of this thread's events: one load.
    #[inline(always)]
    pub fn is_plain(&self) -> bool {
        // SAFETY: the four fields lie side by side, eight bytes, aligned (asserted below).
        unsafe { core::ptr::from_ref(&self.vfork_child).cast::<u64>().read() == 0 }
    }

    /// An event's flags with what is to be said.
    #[cold]
    #[inline(never)]
    pub fn flags(&self, mut flags: u16) -> u16 {
        if self.vfork_child.get() != 0 {
            flags |= flag::VFORK_CHILD;
        }
        if self.via_syscall.get() != 0 {
            flags |= flag::VIA_SYSCALL;
        }
        if self.callback.get() != 0 {
            flags |= flag::IN_CALLBACK;
        }
        flags
    }
}

// Initial-exec TLS without __tls_get_addr (which can allocate): 96 bytes fit in the surplus that dlopen leaves too.
global_asm!(
    ".pushsection .tbss.socklens_tls,\"awT\",@nobits",
    ".balign 32",
    ".globl socklens_tls",
    ".hidden socklens_tls",
    ".type socklens_tls,@object",
    ".size socklens_tls, 96",
    "socklens_tls:",
    ".zero 96",
    ".popsection",
);

const _: () = assert!(core::mem::size_of::<Tls>() <= 96);
const _: () = assert!(core::mem::offset_of!(Tls, vfork_child) == 16);
const _: () = assert!(core::mem::offset_of!(Tls, site) == 40);
const _: () = assert!(core::mem::offset_of!(Tls, refused) == 20 && core::mem::offset_of!(Tls, via_syscall) == 22);

#[inline(always)]
pub fn tls() -> &'static Tls {
    let p: *const Tls;
    // SAFETY: the initial-exec sequence of the x86-64 TLS ABI; the block lives as long as the thread.
    unsafe {
        asm!("mov {p}, qword ptr fs:[0]", "add {p}, qword ptr [rip + socklens_tls@GOTTPOFF]", p = out(reg) p,
             options(nostack, pure, readonly));
        &*p
    }
}

/// This thread's id; 0 before its first event.
pub fn tid() -> u32 {
    // SAFETY: a slot in the mapping, which is never unmapped.
    unsafe { tls().thread.get().as_ref() }.map_or(0, |t| t.tid)
}

/// The stack pointer here.
#[inline(always)]
pub fn stack_pointer() -> u64 {
    let sp: u64;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// The thread control block's address: glibc places it at the top of a thread's stack.
#[inline(always)]
pub fn thread_pointer() -> u64 {
    let tp: u64;
    // SAFETY: fs:0 holds its own address in the x86-64 TLS ABI.
    unsafe { asm!("mov {}, qword ptr fs:[0]", out(reg) tp, options(nostack, pure, readonly)) };
    tp
}

/// Whether `len` bytes at `p` lie on this thread's own stack above the current frame, and so are readable for certain.
///
/// The main stack is one mapping up to its end, and the kernel keeps at least 128 MiB below that end free of other
/// mappings. A thread's stack and its control block are one mapping.
#[inline]
pub fn on_stack(p: u64, len: u64) -> bool {
    let sp = stack_pointer();
    let Some(last) = p.checked_add(len) else { return false };
    if p < sp {
        return false;
    }
    let end = STACK_END.load(Ordering::Relaxed);
    if sp < end && end - sp < 64 << 20 {
        return last <= end;
    }
    let tp = thread_pointer();
    sp < tp && tp - sp < 1 << 20 && last <= tp
}
