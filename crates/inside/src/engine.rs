//! How libsocklens.so and libsocklens-faults.so meet.
//!
//! The first is in every program; the second only where there are fault rules, and does what they say. It exports one
//! symbol, [`SYMBOL`], an [`Engine`]. As with [`crate::half`] both are built together, and [`STAMP`] must agree.

use crate::concern::Concerns;
use crate::entry::Entry;
use crate::stamp::{self, Stamp};
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU32, Ordering};
use socklens_calls::Call;
use socklens_wire::Segment;
use socklens_wire::fault::Injected;

/// The second library's file, beside the first.
pub const FILE: &str = "libsocklens-faults.so";

/// The symbol of the [`Engine`] in it.
pub const SYMBOL: &str = "socklens_engine";

/// What tells two builds apart.
pub const STAMP: Stamp =
    stamp::stamp(size_of::<Engine>() + size_of::<Lent>() + size_of::<Fired>() + size_of::<Concerns>());

/// What the first library lends the second.
#[derive(Debug)]
#[repr(C)]
pub struct Lent {
    /// The session's memory. A process has one in its life.
    pub segment: Segment,
    /// What is asked at every call.
    pub concerns: &'static Concerns,
    /// This process, and its slot in the session's memory.
    pub pid: &'static AtomicU32,
    pub proc_index: &'static AtomicU32,
    /// Not 0: the process confined itself.
    pub confined: &'static AtomicU32,
    /// Not 0: it came without a seccomp filter.
    pub may_peek: &'static AtomicU32,
    /// What the calling thread is.
    pub thread: extern "C" fn() -> Thread,
    /// What the table says of a descriptor.
    pub fd: extern "C" fn(fd: i32) -> Entry,
    /// Shows every descriptor of the table.
    pub each_fd: unsafe extern "C" fn(show: unsafe extern "C" fn(with: *mut c_void, fd: i32, Entry), with: *mut c_void),
    /// Copies the program's memory without faulting: `len` bytes, which are `proved` to be there or are not.
    pub fetch: unsafe extern "C" fn(from: u64, to: *mut u8, len: usize, proved: bool) -> bool,
    /// Sends a signal, to the calling thread or with `process` to all of it. Before that, the call and the faults so far are
    /// recorded, since there may be no afterwards; they are forgotten then.
    pub signal:
        unsafe extern "C" fn(call: Call, entry: Entry, args: *const u64, count: usize, fired: &mut Fired, Signal),
    /// Where the first library lies in memory, and where the loader's list of objects begins; 0 when the loader does not tell.
    pub base: u64,
    pub loader_list: extern "C" fn() -> u64,
    /// The real function behind a call.
    pub real: extern "C" fn(call: Call) -> usize,
    /// CLOCK_MONOTONIC in nanoseconds, without a system call.
    pub mono: extern "C" fn() -> u64,
}

/// A signal, and to whom.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Signal {
    pub number: u8,
    pub process: bool,
}

/// A thread and its process, by names that are the same in every run.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Thread {
    /// How the thread descends from the process's first one.
    pub lineage: u64,
    /// The same of the process.
    pub process: u64,
    /// Sockets that the process has had.
    pub births: u32,
    /// The thread's number; 0 before its first event.
    pub tid: u32,
    /// It is the child of a vfork.
    pub borrows: bool,
}

/// Where a function of the first library was, as unwinding needs it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Registers {
    pub pc: u64,
    pub sp: u64,
    pub bp: u64,
}

/// The call as it would be without rules.
#[derive(Debug)]
#[repr(C)]
pub struct Real {
    /// Makes it, with the caller's own arguments.
    pub make: unsafe extern "C" fn(with: *mut c_void) -> i64,
    /// What that is handed.
    pub with: *mut c_void,
    /// A place in the first library on the way there, and the registers of that moment.
    pub at: Registers,
}

/// Bytes of a stack that is shown.
const STACK: usize = 4000;

/// Room for a stack that an event is to show: one call's at a time, until its event is written.
#[derive(Debug)]
pub struct StackRoom {
    /// The process that uses it; another one's number means that none does.
    owner: AtomicU32,
    len: AtomicU32,
    bytes: UnsafeCell<[u8; STACK]>,
}

// SAFETY: only who has put its process into `owner` touches `bytes`, and gives it up when it has read them.
unsafe impl Sync for StackRoom {}

impl StackRoom {
    /// Used by nobody.
    pub const fn new() -> StackRoom {
        StackRoom { owner: AtomicU32::new(0), len: AtomicU32::new(0), bytes: UnsafeCell::new([0; STACK]) }
    }

    /// Has it filled, by what tells how many bytes that were; false when another call uses it.
    pub fn fill(&self, me: u32, fill: impl FnOnce(&mut [u8]) -> usize) -> bool {
        let was = self.owner.load(Ordering::Relaxed);
        if was == me || self.owner.compare_exchange(was, me, Ordering::Acquire, Ordering::Relaxed).is_err() {
            return false;
        }
        // SAFETY: nobody else is here until it is given up.
        let len = fill(unsafe { &mut *self.bytes.get() });
        self.len.store(len as u32, Ordering::Relaxed);
        true
    }
}

impl Default for StackRoom {
    fn default() -> StackRoom {
        StackRoom::new()
    }
}

/// What an event tells of faults.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub injected: &'a [Injected],
    /// The calling stack: [`socklens_wire::stack`].
    pub stack: &'a [u8],
}

impl Told<'_> {
    /// Of none.
    pub const NOTHING: Told<'static> = Told { injected: &[], stack: &[] };
}

/// Most faults told of one call.
const MAX_FIRED: usize = 4;

/// What became of a call that was shown to the rules.
#[derive(Debug)]
#[repr(C)]
pub struct Fired {
    /// The first `count` are there: the others are not written to, at each call.
    list: [MaybeUninit<Injected>; MAX_FIRED],
    count: usize,
    /// The result is not the kernel's: nothing it would have written may be read.
    pub invented: bool,
    /// An earlier fault shows in the result.
    pub touched: bool,
    /// Raw clock when the call went on after it had been told of; 0 when it was not.
    pub resumed: u64,
    /// The calling stack, to be given up.
    stack: Option<&'static StackRoom>,
}

impl Fired {
    /// Nothing yet.
    pub const fn new() -> Fired {
        Fired {
            list: [const { MaybeUninit::uninit() }; MAX_FIRED],
            count: 0,
            invented: false,
            touched: false,
            resumed: 0,
            stack: None,
        }
    }

    /// The event shows a stack as well, which lies there.
    pub fn show(&mut self, stack: &'static StackRoom) {
        self.release();
        self.stack = Some(stack);
    }

    /// The event is written.
    pub fn release(&mut self) {
        if let Some(s) = self.stack.take() {
            s.owner.store(0, Ordering::Release);
        }
    }

    /// For the event.
    pub fn told(&self) -> Told<'_> {
        let stack = self.stack.and_then(|s| {
            // SAFETY: it is this call's, and was written before it was shown.
            unsafe { &*s.bytes.get() }.get(..s.len.load(Ordering::Relaxed) as usize)
        });
        Told { injected: self.all(), stack: stack.unwrap_or(&[]) }
    }

    /// The faults applied, for the event.
    pub fn all(&self) -> &[Injected] {
        let there = self.list.get(..self.count).unwrap_or(&[]);
        // SAFETY: `count` goes up when one is written and never beyond, and MaybeUninit has the layout of what it holds.
        unsafe { core::slice::from_raw_parts(there.as_ptr().cast(), there.len()) }
    }

    /// They were told of, and the call goes on.
    pub fn resume(&mut self, now: u64) {
        (self.count, self.resumed) = (0, now);
        self.release();
    }

    /// One more fault; those that find no room are counted all the same.
    pub fn add(&mut self, f: Injected) {
        let last = self.count.checked_sub(1).and_then(|i| self.list.get_mut(i));
        // SAFETY: as in `all`.
        if let Some(l) = last.map(|l| unsafe { l.assume_init_mut() }).filter(|l| l.continues(&f)) {
            l.times += 1;
            return;
        }
        if let Some(to) = self.list.get_mut(self.count) {
            to.write(f);
            self.count += 1;
        }
    }
}

impl Default for Fired {
    fn default() -> Fired {
        Fired::new()
    }
}

/// What the second library does.
#[derive(Debug)]
#[repr(C)]
pub struct Engine {
    pub stamp: Stamp,
    /// Called once, before all others.
    pub start: extern "C" fn(lent: &'static Lent),
    /// Makes the tables of [`Lent::concerns`] of the rules in force.
    pub refresh: extern "C" fn(),
    /// Makes a call, with whatever the rules want of it. errno is left as the outcome has it.
    pub run: unsafe extern "C" fn(
        call: Call,
        entry: Entry,
        args: *const u64,
        count: usize,
        real: &Real,
        fired: &mut Fired,
    ) -> i64,
}
