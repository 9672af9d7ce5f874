//! How libsocklens.so and libsocklens-alone.so meet.
//!
//! The first is in every program; the second only where a process makes do without the command, and has what that
//! takes: the decoder, the filter's parser, the log. It exports one symbol, [`SYMBOL`], a [`Half`]. Both are built
//! together, so both know each other's structures: [`STAMP`] must agree, and nothing is negotiated.

use crate::capi::{socklens_call_stats, socklens_conn, socklens_event, socklens_fault_fn, socklens_log_options};
use crate::stamp::{self, Stamp};
use core::ffi::{c_char, c_int, c_void};
use socklens_wire::{ConnInfo, ConnSlot, Header, Segment};

/// The second library's file, beside the first.
pub const FILE: &str = "libsocklens-alone.so";

/// The symbol of the [`Half`] in it.
pub const SYMBOL: &str = "socklens_alone";

/// What tells two builds apart.
pub const STAMP: Stamp = stamp::stamp(
    size_of::<Half>() + size_of::<Lent>() + size_of::<About>() + size_of::<socklens_conn>() + size_of::<Ask>(),
);

/// Bytes that live as long as the process.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Text {
    ptr: *const u8,
    len: usize,
}

impl Text {
    /// No text, which is not the same as an empty one.
    pub const NONE: Text = Text { ptr: core::ptr::null(), len: 0 };

    pub const fn new(bytes: &'static [u8]) -> Text {
        Text { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    pub fn get(self) -> Option<&'static [u8]> {
        if self.ptr.is_null() {
            return None;
        }
        // SAFETY: made of a slice that lives for ever.
        Some(unsafe { core::slice::from_raw_parts(self.ptr, self.len) })
    }
}

/// What the first library lends the second.
#[derive(Debug)]
#[repr(C)]
pub struct Lent {
    /// The value of the variable with this name, of those that the process was started with. `name` ends in `=`.
    pub variable: extern "C" fn(name: Text) -> Text,
    /// What is known of the connection behind a descriptor; null when it is none.
    pub conn: extern "C" fn(fd: i32) -> *const ConnInfo,
    /// Whether the process has certainly one thread.
    pub single_threaded: extern "C" fn() -> bool,
    /// Calls a program's callback, whose own calls make no events; not in the child of a vfork.
    pub deliver: unsafe extern "C" fn(call: Callback, event: *const socklens_event, user: *mut c_void),
    /// Raw ticks as nanoseconds.
    pub ns: extern "C" fn(ticks: u64) -> u64,
}

/// A [`crate::capi::socklens_event_fn`] that is there.
pub type Callback = unsafe extern "C" fn(*const socklens_event, *mut c_void);

/// What an event does not tell of itself.
#[derive(Debug)]
#[repr(C)]
pub struct About {
    /// Wall clock at entry, nanoseconds of the epoch.
    pub realtime_ns: u64,
    /// CLOCK_MONOTONIC at entry.
    pub mono_ns: u64,
    /// Time since the log began.
    pub since_start_ns: u64,
    /// Time spent in the call.
    pub dur_ns: u64,
    pub pid: u32,
    pub tid: u32,
    /// The name of the program, padded with NULs, and its path.
    pub comm: [u8; 16],
    pub exe: Text,
    /// The event's connection; null when it has none or it is gone.
    pub conn: *const ConnInfo,
    /// Whether the call began before it was known which calls are wanted.
    pub early: bool,
    /// Which start of the log it belongs to: [`Half::start`].
    pub generation: u32,
}

/// Whose counters: those of one process's threads in its segment.
#[derive(Debug)]
#[repr(C)]
pub struct Counted {
    pub lent: &'static Lent,
    pub segment: Segment,
    pub proc_index: u32,
}

/// What a program asked for when it started its log: [`Half::log_start`].
#[derive(Debug, Default)]
#[repr(C)]
pub struct Wanted {
    /// Calls to record, by opcode.
    pub calls: [u64; 4],
    /// Bytes of each payload.
    pub strlen: u32,
}

/// What a program asks about fault rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum What {
    /// New rules, for all threads or for one.
    Add,
    /// Rules are to go: those with a handle, or all with 0.
    Remove,
    Pause,
    Resume,
    /// How many faults were caused.
    Fired,
    Seed,
    Each,
}

/// A call of the C API about fault rules, with what of these it needs.
#[derive(Debug)]
#[repr(C)]
pub struct Ask {
    pub what: What,
    pub handle: i64,
    /// The new rules, NUL-terminated.
    pub text: *const c_char,
    /// Room for what is wrong with them.
    pub error: *mut c_char,
    pub error_size: usize,
    /// The lineage of the thread they are for; 0 for all. Or the seed.
    pub number: u64,
    pub each: socklens_fault_fn,
    pub user: *mut c_void,
}

impl Ask {
    pub const fn new(what: What, handle: i64) -> Ask {
        Ask {
            what,
            handle,
            text: core::ptr::null(),
            error: core::ptr::null_mut(),
            error_size: 0,
            number: 0,
            each: None,
            user: core::ptr::null_mut(),
        }
    }
}

/// What was asked for: [`Half::start`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Started {
    /// Something is wrong, which was said on stderr.
    Nothing,
    /// Calls are counted, and no log is written.
    Stats,
    /// A log is written, and calls are perhaps counted.
    Log,
}

/// What the second library does.
#[derive(Debug)]
#[repr(C)]
pub struct Half {
    pub stamp: Stamp,
    /// Reads the configuration, opens the log once, and puts filter and wanted calls into the header of this process's
    /// segment. Each start has a generation, not 0.
    pub start: unsafe extern "C" fn(lent: &'static Lent, header: *mut Header, generation: u32) -> Started,
    /// Formats an event and writes it; false when that could not be done.
    pub write: unsafe extern "C" fn(event: *const u8, len: usize, about: &About) -> bool,
    /// Says that so many calls were made before the configuration was read, and found no room.
    pub lost: extern "C" fn(calls: u64),
    /// Called in the child of a fork.
    pub forked: extern "C" fn(),
    /// Starts a log as a program asks for it. Returns 0 or an error of the C API.
    pub log_start: unsafe extern "C" fn(
        lent: &'static Lent,
        options: *const socklens_log_options,
        generation: u32,
        wanted: &mut Wanted,
    ) -> c_int,
    /// Ends a log, and waits for lines and callbacks of other threads if told to.
    pub log_stop: extern "C" fn(wait: bool) -> c_int,
    /// socklens_event_format.
    pub event_format: unsafe extern "C" fn(event: *const socklens_event, to: *mut c_char, size: usize) -> c_int,
    /// Writes the counters of one call by its opcode, or of all with -1; false when it was never made.
    pub call_stats: unsafe extern "C" fn(of: &Counted, opcode: c_int, to: *mut socklens_call_stats) -> bool,
    /// The opcode of a name; -1 when there is none.
    pub opcode: unsafe extern "C" fn(name: *const c_char) -> c_int,
    /// Writes what is known of a connection; `now` on the raw clock.
    pub conn: unsafe extern "C" fn(lent: &'static Lent, slot: &ConnSlot, fd: c_int, now: u64, to: *mut socklens_conn),
    /// Remembers a connection's name.
    pub name: extern "C" fn(serial: u32, name: *const u8, len: usize),
    /// Everything about fault rules, in a segment that has some or may get some.
    pub faults: unsafe extern "C" fn(segment: &Segment, ask: &Ask) -> i64,
    /// Keeps what is known of a connection that ended at the raw time `now`.
    pub ended: extern "C" fn(slot: &ConnSlot, now: u64),
    /// Writes what was counted, if SOCKLENS_STATS asked for it; `over`: the process ends, else it becomes another program.
    pub finish: extern "C" fn(of: &Counted, now: u64, over: bool),
}
