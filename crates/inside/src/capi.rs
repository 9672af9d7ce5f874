//! The types of the C API: include/socklens.h is generated from this file and src/cold/api.rs.

#![expect(non_camel_case_types, reason = "C's names")]

use core::ffi::{c_char, c_int, c_void};

/// What functions return: 0, or one of these.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum socklens_error {
    SOCKLENS_OK = 0,
    /// A pointer is NULL that must not be, a structure's size is none that was ever declared, a number is out of range.
    SOCKLENS_EINVAL = -1,
    /// Nothing is recorded or counted in this process now.
    SOCKLENS_EOFF = -2,
    /// The process belongs to a session of the command, which decides what is recorded and counted.
    SOCKLENS_ESESSION = -3,
    /// It runs already, or another thread is just starting or stopping it, or a callback is still running.
    SOCKLENS_EBUSY = -4,
    /// A trace set, a filter or a fault rule is wrong; `error` says where and what.
    SOCKLENS_ESYNTAX = -5,
    /// The log's descriptor is not open, or its file cannot be opened for writing.
    SOCKLENS_ESINK = -6,
    /// libsocklens-alone.so (or, for fault rules, libsocklens-faults.so) is missing beside the library or of another version,
    /// or this is the library without function.
    SOCKLENS_ENOLIB = -7,
    /// The library was opened with dlopen after libc: the program's calls do not pass through it. Link or preload it.
    SOCKLENS_EBYPASS = -8,
    /// Another copy of the library came first in this process; only that one acts.
    SOCKLENS_ECOPY = -9,
    /// The process runs with rights that its user does not have (set-user-ID and the like).
    SOCKLENS_ESECURE = -10,
    /// The log or the counting was started before this process was forked off: its parent starts and stops it.
    SOCKLENS_EFORKED = -11,
    /// The descriptor is no socket that is known.
    SOCKLENS_ENOSOCKET = -12,
    /// There is no memory for it.
    SOCKLENS_ENOMEM = -13,
    /// The event's callback has returned.
    SOCKLENS_ESTALE = -14,
    /// There is no call of this name.
    SOCKLENS_ENOCALL = -15,
    /// There are no such fault rules, or not any more.
    SOCKLENS_ENORULE = -16,
    /// Another fault rule refers to it, by `@after` or `@until`.
    SOCKLENS_EINUSE = -17,
}

/// Where a log goes: `socklens_log_options.sink`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum socklens_sink {
    /// To the descriptor `fd`, for as long as that is the file it was at the start.
    SOCKLENS_SINK_FD = 1,
    /// Appended to the file `path`, in which %p is the process id.
    SOCKLENS_SINK_PATH = 2,
    /// To the function `on_event`.
    SOCKLENS_SINK_CALLBACK = 3,
}

/// How a log is written: `socklens_log_options.format`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum socklens_format {
    SOCKLENS_FORMAT_TEXT = 0,
    /// One JSON object a line: see docs/JSON.md.
    SOCKLENS_FORMAT_JSON = 1,
    /// strace's syntax.
    SOCKLENS_FORMAT_STRACE = 2,
}

/// What an event is: `socklens_event.kind`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum socklens_event_kind {
    /// A call that has returned.
    SOCKLENS_EVENT_CALL = 1,
    /// A text put into the log by socklens_mark().
    SOCKLENS_EVENT_MARK = 2,
    /// A connection was given a name by socklens_conn_name().
    SOCKLENS_EVENT_NAME = 3,
}

/// One event, as callbacks get it. What it points to lives as long as the callback runs, `call` as long as the process.
#[repr(C)]
#[derive(Debug)]
pub struct socklens_event {
    /// sizeof(socklens_event) of the library that made it: later ones only add fields at the end.
    pub size: u32,
    /// One of socklens_event_kind.
    pub kind: u32,
    /// The libc name of the call; "mark" or "name" for what is no call.
    pub call: *const c_char,
    /// The descriptor the call was made on; -1 for none.
    pub fd: c_int,
    /// The number of its connection; 0 for none.
    pub conn: u32,
    /// What it returned.
    pub result: i64,
    /// errno of a call that failed, else 0.
    pub err: c_int,
    /// The kernel's id of the thread that made it.
    pub tid: u32,
    /// When it began, in nanoseconds of CLOCK_REALTIME.
    pub start_ns: u64,
    /// How long it took, in nanoseconds.
    pub duration_ns: u64,
    /// Bytes it moved.
    pub bytes: u64,
    /// For socklens_event_format().
    pub handle: u64,
}

/// Called after each event on the thread that made it. `user` is what the options said.
///
/// Must return (no longjmp, no exception, no pthread_exit). Calls that it makes are not reported; they are counted. It
/// may run in several threads at once, and in a signal handler when a call was made in one. errno is restored after it.
pub type socklens_event_fn = Option<unsafe extern "C" fn(event: *const socklens_event, user: *mut c_void)>;

/// What socklens_log_start() is told. Begin with SOCKLENS_LOG_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct socklens_log_options {
    /// sizeof(socklens_log_options).
    pub size: u32,
    /// One of socklens_sink.
    pub sink: u32,
    /// One of socklens_format.
    pub format: u32,
    /// Bytes of each payload to keep.
    pub strsize: u32,
    /// SOCKLENS_SINK_FD.
    pub fd: c_int,
    /// Must be 0.
    pub reserved: u32,
    /// SOCKLENS_SINK_PATH: at most 1023 bytes.
    pub path: *const c_char,
    /// SOCKLENS_SINK_CALLBACK.
    pub on_event: socklens_event_fn,
    /// Handed to `on_event`.
    pub user: *mut c_void,
    /// Which calls, as `-e trace=` of the command; NULL for the default.
    pub trace: *const c_char,
    /// Which events, as `--where` of the command; NULL for all.
    pub filter: *const c_char,
    /// Gets a text of what is wrong, NUL-terminated, on SOCKLENS_ESYNTAX; may be NULL.
    pub error: *mut c_char,
    /// Bytes at `error`.
    pub error_size: usize,
}

/// Counters of one call, or of all. Set `size` to sizeof(socklens_call_stats) before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct socklens_call_stats {
    /// How much of the structure is written: what is beyond it stays as it was.
    pub size: u32,
    pub reserved: u32,
    /// The libc name; "total" for all. Lives as long as the process.
    pub call: *const c_char,
    /// Calls that returned, and of these the ones that failed.
    pub count: u64,
    pub errors: u64,
    /// Bytes received (without those only peeked at) and sent.
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Bytes looked at with MSG_PEEK.
    pub bytes_peeked: u64,
    /// Calls that moved some bytes but fewer than asked for.
    pub short_count: u64,
    /// Failures with EAGAIN and with EINTR.
    pub eagain: u64,
    pub eintr: u64,
    /// Time in all calls, and of that the time in calls that waited, in nanoseconds.
    pub time_ns: u64,
    pub blocked_ns: u64,
    /// Shortest and longest call; 0 when there was none.
    pub min_ns: u64,
    pub max_ns: u64,
    /// Durations that half, 90 %, 99 % and 99.9 % of the calls did not exceed, within 0.8 %.
    pub p50_ns: u64,
    pub p90_ns: u64,
    pub p99_ns: u64,
    pub p999_ns: u64,
}

/// Gets one row after another; what it returns other than 0 ends the iteration and is its result.
pub type socklens_call_fn = Option<unsafe extern "C" fn(stats: *const socklens_call_stats, user: *mut c_void) -> c_int>;

/// What a socket is used as: `socklens_conn.role`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum socklens_role {
    SOCKLENS_ROLE_UNKNOWN = 0,
    /// connect() was called on it.
    SOCKLENS_ROLE_CLIENT = 1,
    /// accept() made it.
    SOCKLENS_ROLE_SERVER = 2,
    SOCKLENS_ROLE_LISTENER = 3,
    /// One end of a socketpair.
    SOCKLENS_ROLE_PAIR = 4,
}

/// One connection. Set `size` to sizeof(socklens_conn) before. Counts and times are 0 where nothing is counted.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct socklens_conn {
    /// How much of the structure is written.
    pub size: u32,
    /// Its number: the same in the log, never used twice.
    pub conn: u32,
    /// A descriptor of it.
    pub fd: c_int,
    /// One of socklens_role.
    pub role: u32,
    /// As given to socket().
    pub family: c_int,
    pub type_: c_int,
    pub protocol: c_int,
    /// 1 when it came by inheritance or from another process: its beginning was not seen.
    pub inherited: c_int,
    /// tcp, udp, unix and so on. Lives as long as the process.
    pub proto: *const c_char,
    /// Addresses as the log shows them, such as 127.0.0.1:80; empty when unknown.
    pub local: [c_char; 128],
    pub peer: [c_char; 128],
    /// Given by socklens_conn_name(); else empty.
    pub name: [c_char; 64],
    /// Calls that received, that sent, and others.
    pub calls_in: u64,
    pub calls_out: u64,
    pub calls_other: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub errors: u64,
    /// Time since it was first seen, and since the latest call on it, in nanoseconds.
    pub age_ns: u64,
    pub idle_ns: u64,
    /// From connect() to connected; 0 when it never was, or was not timed.
    pub connect_ns: u64,
}

/// Gets one connection after another; what it returns other than 0 ends the iteration and is its result.
pub type socklens_conn_fn = Option<unsafe extern "C" fn(conn: *const socklens_conn, user: *mut c_void) -> c_int>;

/// Longest name of a connection, in bytes; more is cut.
pub const SOCKLENS_NAME_MAX: usize = 63;

/// One fault rule. Set `size` to sizeof(socklens_fault) before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct socklens_fault {
    /// How much of the structure is written.
    pub size: u32,
    /// Its number in `socklens fault list`, from 1.
    pub number: u32,
    /// What socklens_fault_add() or socklens_fault_scope() returned for it and the rules it came with.
    pub handle: i64,
    /// 1 while it is paused, or all are.
    pub paused: c_int,
    /// 1 when it is for one thread only.
    pub scoped: c_int,
    /// Calls that matched it, its conditions apart.
    pub matched: u64,
    /// Faults it caused.
    pub fired: u64,
    /// Faults it would have caused if they had been possible.
    pub skipped: u64,
    /// Why most of them were not, in a word of docs/FAULTS.md; empty when none was skipped.
    pub why: [c_char; 32],
    /// Empty when it has none.
    pub name: [c_char; 72],
    /// The rule in its normal form, cut to fit.
    pub rule: [c_char; 1024],
}

/// Gets one rule after another; what it returns other than 0 ends the iteration and is its result.
pub type socklens_fault_fn = Option<unsafe extern "C" fn(fault: *const socklens_fault, user: *mut c_void) -> c_int>;
