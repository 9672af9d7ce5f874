//! How libsocklens.so and libsocklens-faults.so meet.
//!
//! The first is in every program; the second only where there are fault rules, and does what they say. It exports one
//! symbol, [`SYMBOL`], an [`Engine`]. As with [`crate::half`] both are built together, and [`STAMP`] must agree.

use crate::concern::Concerns;
use crate::entry::Entry;
use crate::stamp::{self, Stamp};
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::sync::atomic::AtomicU32;
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
        }
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
