//! The C API of include/socklens.h, which cbindgen generates from this file and crates/inside/src/capi.rs.
//!
//! Functions only check what they are given: the work is done in control.rs and, where it can be, in the other library.

use super::{alone, conns, control};
use crate::hot::record::Head;
use crate::hot::{clock, order, state};
use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::sync::atomic::Ordering;
use libc::{c_char, c_int, c_void};
use socklens_inside::capi::socklens_error::*;
use socklens_inside::capi::{
    SOCKLENS_NAME_MAX, socklens_call_fn, socklens_call_stats, socklens_conn, socklens_conn_fn, socklens_event,
    socklens_fault_fn, socklens_log_options,
};
use socklens_inside::half::{Ask, What};
use socklens_wire::event::note;

/// Version of the header: the library's is [`socklens_version`].
pub const SOCKLENS_VERSION: &CStr = c"0.1.0";

/// Longest text of a mark, in bytes; more is cut.
pub const SOCKLENS_MARK_MAX: usize = 1024;

/// The version of the library that is loaded, a static string such as "0.1.0".
///
/// Thread-safe; async-signal-safe. Never fails. Not active: returns SOCKLENS_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_version() -> *const c_char {
    SOCKLENS_VERSION.as_ptr()
}

/// Whether this process is being recorded: 1 under `socklens run`, with SOCKLENS_LOG set, or after
/// socklens_log_start(), else 0.
///
/// Thread-safe; async-signal-safe. Never fails. Not active: returns 0.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_active() -> c_int {
    c_int::from(is_recorded())
}

fn is_recorded() -> bool {
    // Alone and without the other library: what libraries do while they are loaded waits for it.
    order::on()
        && (state::ALONE.load(Ordering::Relaxed) == 0
            || !alone::ready()
            || state::header().is_some_and(alone::is_logging))
}

/// A short English text for an error code: static, never NULL, also for numbers that are no error of ours.
///
/// Thread-safe; async-signal-safe. Never fails. Not active: returns "".
#[unsafe(no_mangle)]
pub extern "C" fn socklens_strerror(code: c_int) -> *const c_char {
    text_of(code).as_ptr().cast()
}

/// The text of an error code, with a NUL behind it.
pub fn text_of(code: c_int) -> &'static [u8] {
    // One text: a table of pointers would be a table of relocations too.
    const TEXTS: &[u8] = b"success\0invalid argument\0nothing is recorded in this process\0\
        the process belongs to a session of socklens\0busy\0wrong trace set, filter or rule\0\
        the log cannot be opened for writing\0libsocklens-alone.so or -faults.so cannot be had\0\
        the library was opened after libc: link or preload it\0another copy of the library came first\0\
        the process runs with other rights than its user's\0started by the process that forked this one\0\
        not a known socket\0no memory\0the event is over\0no such call\0\
        no such rules\0another rule refers to it\0";
    let n = code.checked_neg().and_then(|n| usize::try_from(n).ok());
    let mut rest = TEXTS;
    for _ in 0..n.unwrap_or(TEXTS.len()) {
        rest = rest.iter().position(|&b| b == 0).and_then(|end| rest.get(end + 1..)).unwrap_or(&[]);
    }
    CStr::from_bytes_until_nul(rest).unwrap_or(c"unknown error").to_bytes()
}

/// Puts a line of text into the log, between the calls before and after it.
///
/// `text` is NUL-terminated, at most [`SOCKLENS_MARK_MAX`] bytes of it are kept, and control characters are escaped when
/// the log is shown. Returns 0, SOCKLENS_EINVAL when `text` is NULL, SOCKLENS_EOFF when this process is not being
/// recorded. errno is left alone. Thread-safe; async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_mark(text: *const c_char) -> c_int {
    if text.is_null() {
        return SOCKLENS_EINVAL as c_int;
    }
    if !is_recorded() {
        return SOCKLENS_EOFF as c_int;
    }
    // SAFETY: the caller's string.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes();
    let now = clock::now();
    let head = Head { call: note::MARK, errno: 0, start: now, end: now, ret: 0, conn: 0, flags: 0, ncaps: 1 };
    conns::note_bytes(head, text.get(..text.len().min(SOCKLENS_MARK_MAX)).unwrap_or(text), text.len());
    SOCKLENS_OK as c_int
}

/// Starts a log of this process's calls, in this process: to a descriptor, a file, or a callback.
///
/// Processes forked afterwards log to the same place, their calls come to their own copy of a callback. A program that
/// is executed is not logged. Returns 0, or SOCKLENS_EINVAL, SOCKLENS_ESYNTAX, SOCKLENS_ESINK for what the options say;
/// SOCKLENS_EBUSY while a log runs already or in a callback; SOCKLENS_ESESSION, SOCKLENS_ENOLIB, SOCKLENS_EBYPASS,
/// SOCKLENS_ECOPY, SOCKLENS_ESECURE, SOCKLENS_EFORKED, SOCKLENS_ENOMEM. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_log_start(options: *const socklens_log_options) -> c_int {
    // SAFETY: null, or the caller's structure, of which size comes first.
    let size = unsafe { options.cast::<u32>().as_ref() }.copied().unwrap_or(0);
    if (size as usize) < size_of::<socklens_log_options>() {
        return SOCKLENS_EINVAL as c_int;
    }
    control::log_start(options)
}

/// Ends the log that socklens_log_start() or SOCKLENS_LOG began, in processes forked since as well.
///
/// When it has returned 0, no callback runs any more (but one that it was called from). Returns 0, SOCKLENS_EOFF when there
/// is none, SOCKLENS_EBUSY when another thread's callback still runs after a second (the log has ended all the same) or
/// another thread is at it, SOCKLENS_ESESSION, SOCKLENS_EFORKED. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_log_stop() -> c_int {
    control::log_stop()
}

/// Writes the line of an event, in the format that the log was started with, to `size` bytes at `to`.
///
/// Only within the callback that got the event. The text is NUL-terminated, without an end of line, and cut to fit.
/// Returns its length, or SOCKLENS_EINVAL (a pointer is NULL, `size` is 0), SOCKLENS_ESTALE (the callback has returned),
/// SOCKLENS_EOFF. errno is left alone. Thread-safe; async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_event_format(event: *const socklens_event, to: *mut c_char, size: usize) -> c_int {
    match alone::half() {
        // SAFETY: the caller's.
        Some(half) => unsafe { (half.event_format)(event, to, size) },
        None => SOCKLENS_EOFF as c_int,
    }
}

/// Starts counting this process's calls. Starting again after a stop goes on from the numbers there are.
///
/// Returns 0, SOCKLENS_EBUSY when it counts already or another thread is at it, SOCKLENS_ESESSION (`socklens stat` counts
/// there), SOCKLENS_ENOLIB, SOCKLENS_EBYPASS, SOCKLENS_ECOPY, SOCKLENS_ESECURE, SOCKLENS_EFORKED, SOCKLENS_ENOMEM. errno is
/// left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_stats_start() -> c_int {
    control::count(true)
}

/// Stops counting; the numbers can still be read.
///
/// Returns 0, SOCKLENS_EOFF when nothing is counted, SOCKLENS_EBUSY when another thread is at it, SOCKLENS_ESESSION,
/// SOCKLENS_EFORKED. errno is left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_stats_stop() -> c_int {
    control::count(false)
}

/// The counters of all calls of this process together. A forked child has its own, from 0.
///
/// Returns 0, SOCKLENS_EINVAL (`to` is NULL, or its size was not set), SOCKLENS_EOFF when counting was never started,
/// SOCKLENS_ESESSION. errno is left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_stats_total(to: *mut socklens_call_stats) -> c_int {
    // SAFETY: the caller's.
    unsafe { one_call(-1, to) }
}

/// The counters of one call by its libc name (or the name of the system call behind it), all 0 when it was never made.
///
/// Returns as socklens_stats_total(), and SOCKLENS_ENOCALL when there is no such call. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_stats_call(call: *const c_char, to: *mut socklens_call_stats) -> c_int {
    if call.is_null() {
        return SOCKLENS_EINVAL as c_int;
    }
    // SAFETY: the caller's string.
    match alone::half().map(|half| unsafe { (half.opcode)(call) }) {
        Some(-1) => SOCKLENS_ENOCALL as c_int,
        // SAFETY: the caller's.
        n => unsafe { one_call(n.unwrap_or(0), to) },
    }
}

/// # Safety
/// `to` is null or points to a structure whose size is set.
unsafe fn one_call(opcode: c_int, to: *mut socklens_call_stats) -> c_int {
    // SAFETY: null, or the caller's structure, of which size comes first.
    let size = unsafe { to.cast::<u32>().as_ref() }.copied().unwrap_or(0);
    if (size as usize) < size_of::<socklens_call_stats>() {
        return SOCKLENS_EINVAL as c_int;
    }
    control::stats(&mut |half, of| {
        // SAFETY: the caller's structure is at least as large.
        unsafe { (half.call_stats)(of, opcode, to) };
        Ok(())
    })
}

/// Calls `each` with the counters of every call that was made, in the order of `socklens calls`.
///
/// Returns 0, what `each` returned if not 0, SOCKLENS_EINVAL when `each` is NULL, SOCKLENS_EOFF, SOCKLENS_ESESSION. errno is
/// left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_stats_each(each: socklens_call_fn, user: *mut c_void) -> c_int {
    let Some(each) = each else { return SOCKLENS_EINVAL as c_int };
    let mut ended = 0;
    let r = control::stats(&mut |half, of| {
        for call in socklens_calls::Call::all() {
            let mut row = MaybeUninit::uninit();
            // SAFETY: there is room for a row, and the program's function gets what it asked to be handed.
            unsafe {
                if (half.call_stats)(of, call as c_int, row.as_mut_ptr()) {
                    ended = each(row.as_ptr(), user);
                }
            }
            if ended != 0 {
                break;
            }
        }
        Ok(())
    });
    if r == 0 { ended } else { r }
}

/// Calls `each` with every connection that this process has a descriptor of, by ascending descriptor.
///
/// Works under `socklens run` too. Returns 0, what `each` returned if not 0, SOCKLENS_EINVAL when `each` is NULL,
/// SOCKLENS_EOFF when nothing was ever recorded or counted in this process, SOCKLENS_ENOLIB. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_conns(each: socklens_conn_fn, user: *mut c_void) -> c_int {
    let Some(each) = each else { return SOCKLENS_EINVAL as c_int };
    if !order::on() {
        return SOCKLENS_EOFF as c_int;
    }
    let mut from = 0;
    while let Some(fd) = control::next_conn(from) {
        from = fd.wrapping_add(1);
        let mut conn = MaybeUninit::uninit();
        // SAFETY: there is room for a connection.
        let r = match unsafe { control::describe(fd, conn.as_mut_ptr()) } {
            // SAFETY: the program's function, with what it asked to be handed.
            Ok(()) => unsafe { each(conn.as_ptr(), user) },
            // Closed meanwhile.
            Err(SOCKLENS_ENOSOCKET) => 0,
            Err(e) => e as c_int,
        };
        if r != 0 {
            return r;
        }
    }
    SOCKLENS_OK as c_int
}

/// Describes the connection behind a descriptor.
///
/// Works under `socklens run` too. Returns 0, SOCKLENS_EINVAL (`to` is NULL, or its size was not set), SOCKLENS_EOFF,
/// SOCKLENS_ENOSOCKET, SOCKLENS_ENOLIB. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_conn_info(fd: c_int, to: *mut socklens_conn) -> c_int {
    // SAFETY: null, or the caller's structure, of which size comes first.
    let size = unsafe { to.cast::<u32>().as_ref() }.copied().unwrap_or(0);
    if (size as usize) < size_of::<socklens_conn>() {
        return SOCKLENS_EINVAL as c_int;
    }
    // SAFETY: the caller's structure is at least as large.
    control::code(unsafe { control::describe(fd, to) })
}

/// The number of the connection behind a descriptor, as in the log.
///
/// Returns the number (above 0), or SOCKLENS_EOFF, SOCKLENS_ENOSOCKET. errno is left alone.
/// Thread-safe; async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_conn_of_fd(fd: c_int) -> i64 {
    control::serial(fd).map_or_else(|e| e as i64, i64::from)
}

/// Gives the connection behind a descriptor a name, which the log tells and socklens_conn_info() shows.
///
/// At most [`SOCKLENS_NAME_MAX`] bytes are kept; an empty name takes it away. Works under `socklens run` too. Returns 0,
/// SOCKLENS_EINVAL when `name` is NULL, SOCKLENS_EOFF, SOCKLENS_ENOSOCKET, SOCKLENS_ENOLIB. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_conn_name(fd: c_int, name: *const c_char) -> c_int {
    if name.is_null() {
        return SOCKLENS_EINVAL as c_int;
    }
    // SAFETY: the caller's string.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    control::code(control::name(fd, name.get(..name.len().min(SOCKLENS_NAME_MAX)).unwrap_or(name)))
}

/// Adds fault rules: from now on calls fail as they say.
///
/// `rules` is text of the rule language (docs/RULES.md), as `--fault` of the command takes it; several rules stand apart by
/// `;` or line ends. They are for all threads and for processes forked off, and stay until they are removed. Under
/// `socklens run` they join the session's. Returns a handle (above 0) for all of them together, or SOCKLENS_EINVAL when
/// `rules` is NULL; SOCKLENS_ESYNTAX, and then none was added and `error` (which may be NULL) has got a text of `error_size`
/// bytes at most that says where and what, with a caret; SOCKLENS_ENOMEM when there is no room for more rules;
/// SOCKLENS_EBUSY when the command or another thread did not come to an end with a change; SOCKLENS_ENOLIB, SOCKLENS_EBYPASS,
/// SOCKLENS_ECOPY, SOCKLENS_ESECURE, SOCKLENS_EFORKED. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_fault_add(rules: *const c_char, error: *mut c_char, error_size: usize) -> i64 {
    add(rules, error, error_size, false)
}

/// Adds fault rules for the calling thread only: a scope, which ends with socklens_fault_remove().
///
/// Other threads do not notice, neither do threads made later or processes forked off, nor, once this thread has ended,
/// anybody. Conditions such as `@n` count from the beginning of the scope. Returns as socklens_fault_add(). errno is left
/// alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_fault_scope(rules: *const c_char, error: *mut c_char, error_size: usize) -> i64 {
    add(rules, error, error_size, true)
}

fn add(text: *const c_char, error: *mut c_char, error_size: usize, scoped: bool) -> i64 {
    if text.is_null() {
        return SOCKLENS_EINVAL as i64;
    }
    control::faults(&mut Ask { text, error, error_size, ..Ask::new(What::Add, 0) }, scoped)
}

/// Changes rules that a handle names; with `all` also 0.
fn change(what: What, handle: i64, all: bool) -> i64 {
    if handle < 0 || handle == 0 && !all {
        return SOCKLENS_EINVAL as i64;
    }
    control::faults(&mut Ask::new(what, handle), false)
}

/// Takes away the rules that a handle stands for. Faults that are under way (a wait, a connection cut off) take their course.
///
/// Returns 0, SOCKLENS_EINVAL when `handle` is not above 0, SOCKLENS_ENORULE when they are gone, SOCKLENS_EINUSE when another
/// rule refers to one of them, SOCKLENS_EOFF, SOCKLENS_EBUSY, SOCKLENS_ENOLIB. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_fault_remove(handle: i64) -> c_int {
    change(What::Remove, handle, false) as c_int
}

/// Takes all rules away, under `socklens run` those of the session too. Scopes of other threads are ended by it.
///
/// Returns 0, SOCKLENS_EOFF when there never were any, SOCKLENS_EBUSY, SOCKLENS_ENOLIB. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_fault_clear() -> c_int {
    change(What::Remove, 0, true) as c_int
}

/// Switches rules off until socklens_fault_resume(): those of a handle, or all with 0. What they count stays.
///
/// Returns 0, SOCKLENS_EINVAL, SOCKLENS_ENORULE, SOCKLENS_EOFF, SOCKLENS_EBUSY, SOCKLENS_ENOLIB. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_fault_pause(handle: i64) -> c_int {
    change(What::Pause, handle, true) as c_int
}

/// Switches rules on again: those of a handle, or with 0 what was switched off with 0.
///
/// Returns as socklens_fault_pause(). errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_fault_resume(handle: i64) -> c_int {
    change(What::Resume, handle, true) as c_int
}

/// Did they fire? How many faults the rules of a handle have caused so far, or all rules with 0.
///
/// Returns the number, or SOCKLENS_EINVAL, SOCKLENS_ENORULE when they are gone, SOCKLENS_EOFF when there never were any,
/// SOCKLENS_ENOLIB. errno is left alone. Thread-safe; async-signal-safe once this process has added rules.
/// Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_fault_fired(handle: i64) -> i64 {
    change(What::Fired, handle, true)
}

/// Sets what chance depends on: with the same seed the same program meets the same faults. 0 if it was never set.
///
/// To be called before rules are added. Under `socklens run` it is the session's seed, which `--seed` sets. Returns as
/// socklens_fault_add(), 0 for success. errno is left alone.
/// Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
#[unsafe(no_mangle)]
pub extern "C" fn socklens_fault_seed(seed: u64) -> c_int {
    control::faults(&mut Ask { number: seed, ..Ask::new(What::Seed, 0) }, false) as c_int
}

/// Calls `each` with every rule and its counts, in the order in which they were added. It may add and remove rules.
///
/// Returns 0, what `each` returned if not 0, SOCKLENS_EINVAL when `each` is NULL, SOCKLENS_EOFF, SOCKLENS_ENOLIB. errno is
/// left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn socklens_faults(each: socklens_fault_fn, user: *mut c_void) -> c_int {
    if each.is_none() {
        return SOCKLENS_EINVAL as c_int;
    }
    control::faults(&mut Ask { each, user, ..Ask::new(What::Each, 0) }, false) as c_int
}
