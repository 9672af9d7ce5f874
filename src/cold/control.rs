//! Starting and stopping at the program's own request: what the C API stands on. Never called by hooks.

use super::{alone, attach, conns, env};
use crate::hot::fds::{self, Entry};
use crate::hot::{clock, order, real, state};
use crate::{fault, sys};
use core::ffi::c_int;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use socklens_inside::capi::socklens_error::{self, *};
use socklens_inside::capi::{socklens_conn, socklens_log_options};
use socklens_inside::half::{Ask, Counted, Half, Wanted, What};
use socklens_wire::{ConnSlot, Segment, stats};

/// The process, of which a thread starts or stops something; 0 for none. Nobody waits for it: whoever comes second is told
/// so. In a forked child that thread is not there, and neither is what it held.
static BUSY: AtomicU32 = AtomicU32::new(0);
/// The process that started recording without the command; 0 for none.
static OWNER: AtomicU32 = AtomicU32::new(0);
/// The program itself asked for it, not the environment.
static OWN: AtomicU32 = AtomicU32::new(0);
/// The other library, where it only describes things.
static HELPER: AtomicPtr<Half> = AtomicPtr::new(core::ptr::null_mut());

/// A call on a socket of this long may have waited; as in the command.
const BLOCKED_NS: u64 = 50_000;

/// Whether recording began with a call of the C API.
pub fn is_own() -> bool {
    OWN.load(Ordering::Relaxed) != 0
}

/// This process starts and stops what is recorded in its segment; its children do not.
pub fn own_up() {
    OWNER.store(crate::sys::getpid(), Ordering::Relaxed);
}

/// Runs `f` unless another thread is at it. errno stays as it was.
fn exclusively(f: impl FnOnce() -> Result<(), socklens_error>) -> c_int {
    let errno = order::errno();
    let (me, seen) = (crate::sys::getpid(), BUSY.load(Ordering::Acquire));
    let r = if seen == me || BUSY.compare_exchange(seen, me, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        Err(SOCKLENS_EBUSY)
    } else {
        let r = f();
        BUSY.store(0, Ordering::Release);
        r
    };
    order::set_errno(errno);
    code(r)
}

/// What a C function returns.
pub fn code(r: Result<(), socklens_error>) -> c_int {
    r.map_or_else(|e| e as c_int, |()| SOCKLENS_OK as c_int)
}

/// The segment of a process that records without the command, in the process that began it.
fn running() -> Result<(Segment, &'static Half), socklens_error> {
    if !order::on() {
        return Err(SOCKLENS_EOFF);
    }
    if state::ALONE.load(Ordering::Relaxed) == 0 {
        return Err(SOCKLENS_ESESSION);
    }
    if OWNER.load(Ordering::Relaxed) != state::PID.load(Ordering::Relaxed) {
        return Err(SOCKLENS_EFORKED);
    }
    // Without the other library while SOCKLENS_LOG is set: our constructor has not run yet.
    state::segment().zip(alone::half()).ok_or(SOCKLENS_EBUSY)
}

/// As [`running`]; begins if nothing is recorded yet.
fn engaged() -> Result<(Segment, &'static Half), socklens_error> {
    match running() {
        Err(SOCKLENS_EOFF) => engage(),
        r => r,
    }
}

fn engage() -> Result<(Segment, &'static Half), socklens_error> {
    // SAFETY: getauxval reads a table that the loader set up before any of us ran.
    if unsafe { libc::getauxval(libc::AT_SECURE) } != 0 {
        return Err(SOCKLENS_ESECURE);
    }
    if real::is_second_copy("socklens_singleton") {
        return Err(SOCKLENS_ECOPY);
    }
    if !real::is_before_libc() {
        return Err(SOCKLENS_EBYPASS);
    }
    // Something was recorded before, but not in this process: it found no room.
    if state::segment().is_some() {
        return Err(SOCKLENS_EFORKED);
    }
    let half = helper().ok_or(SOCKLENS_ENOLIB)?;
    let seg = attach::own_segment().ok_or(SOCKLENS_ENOMEM)?;
    for w in &seg.header().wanted {
        w.store(0, Ordering::Relaxed);
    }
    OWN.store(1, Ordering::Relaxed);
    alone::set_half(half);
    if !alone::begin_in(seg) {
        return Err(SOCKLENS_ENOMEM);
    }
    crate::exports::close_gates();
    Ok((seg, half))
}

/// The other library for its knowledge, in a session too. May call dlopen.
fn helper() -> Option<&'static Half> {
    // SAFETY: null, or a static of a library that is never unloaded.
    if let Some(half) = alone::half().or(unsafe { HELPER.load(Ordering::Acquire).as_ref() }) {
        return Some(half);
    }
    let half = alone::open(&|_, _| ())?;
    HELPER.store(core::ptr::from_ref(half).cast_mut(), Ordering::Release);
    Some(half)
}

/// socklens_log_start.
pub fn log_start(options: *const socklens_log_options) -> c_int {
    exclusively(|| {
        let (seg, half) = engaged()?;
        let h = seg.header();
        if alone::is_logging(h) || state::tls().callback.get() != 0 {
            return Err(SOCKLENS_EBUSY);
        }
        let log = alone::next_log(h);
        let mut wanted = Wanted::default();
        // SAFETY: the caller's options; nothing is logged, and only one thread is here.
        let r = unsafe { (half.log_start)(&alone::LENT, options, log, &mut wanted) };
        if r != 0 {
            return Err(error(r));
        }
        alone::set_log(log);
        h.strlen.store(wanted.strlen, Ordering::Relaxed);
        for (to, bits) in h.wanted.iter().zip(wanted.calls) {
            to.store(bits, Ordering::Relaxed);
        }
        Ok(())
    })
}

/// An error as the other library gave it.
fn error(code: c_int) -> socklens_error {
    let all = [SOCKLENS_ESYNTAX, SOCKLENS_ESINK, SOCKLENS_EBUSY, SOCKLENS_ESTALE];
    all.into_iter().find(|e| *e as c_int == code).unwrap_or(SOCKLENS_EINVAL)
}

/// socklens_log_stop.
pub fn log_stop() -> c_int {
    exclusively(|| {
        let (seg, half) = running()?;
        let h = seg.header();
        if !alone::is_logging(h) {
            return Err(SOCKLENS_EOFF);
        }
        for to in &h.wanted {
            to.store(0, Ordering::Relaxed);
        }
        // Children forked since log no more, either.
        alone::next_log(h);
        alone::set_log(0);
        match (half.log_stop)(state::tls().callback.get() == 0) {
            0 => Ok(()),
            r => Err(error(r)),
        }
    })
}

/// socklens_stats_start and socklens_stats_stop.
pub fn count(on: bool) -> c_int {
    exclusively(|| {
        let (seg, _) = if on { engaged()? } else { running()? };
        let h = seg.header();
        if (h.stats.load(Ordering::Relaxed) != 0) == on {
            return Err(if on { SOCKLENS_EBUSY } else { SOCKLENS_EOFF });
        }
        attach::calibrate(&h.start, &clock::anchor());
        h.blocked_from.store(attach::ns_to_ticks(BLOCKED_NS), Ordering::Relaxed);
        h.stats.store(if on { stats::mode::FULL } else { stats::mode::OFF }, Ordering::Relaxed);
        for to in &h.counted {
            to.store(if on { u64::MAX } else { 0 }, Ordering::Relaxed);
        }
        Ok(())
    })
}

/// Reads the counters of this process: of one call, of all with -1, or of each with `each`.
pub fn stats(each: &mut dyn FnMut(&Half, &Counted) -> Result<(), socklens_error>) -> c_int {
    if order::on() && state::ALONE.load(Ordering::Relaxed) == 0 {
        return SOCKLENS_ESESSION as c_int;
    }
    let (Some(segment), Some(half)) = (state::segment().filter(|_| order::on()), alone::half()) else {
        return SOCKLENS_EOFF as c_int;
    };
    attach::calibrate(&segment.header().start, &clock::anchor());
    let of = Counted { lent: &alone::LENT, segment, proc_index: state::PROC_INDEX.load(Ordering::Relaxed) };
    code(each(half, &of))
}

/// The connection behind a descriptor.
fn known(fd: c_int) -> Result<(Entry, &'static ConnSlot), socklens_error> {
    if !order::on() {
        return Err(SOCKLENS_EOFF);
    }
    let entry = fds::get(fd);
    conns::of(entry).map(|s| (entry, s)).ok_or(SOCKLENS_ENOSOCKET)
}

/// The number of the connection behind a descriptor.
pub fn serial(fd: c_int) -> Result<u32, socklens_error> {
    known(fd).map(|(e, _)| e.serial())
}

/// Describes the connection behind a descriptor.
///
/// # Safety
/// There is room for a socklens_conn at `to`.
pub unsafe fn describe(fd: c_int, to: *mut socklens_conn) -> Result<(), socklens_error> {
    let (_, slot) = known(fd)?;
    let errno = order::errno();
    let half = helper();
    order::set_errno(errno);
    let half = half.ok_or(SOCKLENS_ENOLIB)?;
    if let Some(seg) = state::segment() {
        attach::calibrate(&seg.header().start, &clock::anchor());
    }
    // SAFETY: the caller's.
    unsafe { (half.conn)(&alone::LENT, slot, fd, clock::now(), to) };
    Ok(())
}

/// The descriptors from `from` on that are the first of their connection in this process: the next one.
pub fn next_conn(from: c_int) -> Option<c_int> {
    let mut found = None;
    fds::each(from as u32, u32::MAX, |fd, e| {
        if found.is_none() && conns::of(e).is_some_and(|s| s.refs.load(Ordering::Relaxed) < 2 || is_first(fd, e)) {
            found = Some(fd);
        }
    });
    found
}

/// Whether no lower descriptor refers to the same connection.
fn is_first(fd: c_int, e: Entry) -> bool {
    let mut lower = false;
    if fd > 0 {
        fds::each(0, fd as u32 - 1, |_, other| lower |= other == e);
    }
    !lower
}

/// Gives a connection a name.
pub fn name(fd: c_int, name: &[u8]) -> Result<(), socklens_error> {
    let (entry, _) = known(fd)?;
    let errno = order::errno();
    let half = helper();
    order::set_errno(errno);
    (half.ok_or(SOCKLENS_ENOLIB)?.name)(entry.serial(), name.as_ptr(), name.len());
    conns::note_name(fd, entry, name);
    Ok(())
}

/// Does what a program asks of fault rules.
pub fn faults(ask: &mut Ask, scoped: bool) -> i64 {
    match ruled(matches!(ask.what, What::Add | What::Seed)) {
        Ok(_) if ask.what == What::Add && !fault::on_request() => SOCKLENS_ENOLIB as i64,
        Ok((segment, half)) => {
            if scoped {
                ask.number = fault::own_lineage();
            }
            // SAFETY: the caller's.
            unsafe { (half.faults)(&segment, ask) }
        }
        Err(e) => e as i64,
    }
}

/// The segment whose rules are in force here, the session's or one of our own; begun if it is to be.
fn ruled(begin: bool) -> Result<(Segment, &'static Half), socklens_error> {
    if !order::on() {
        return if begin { engage_once() } else { Err(SOCKLENS_EOFF) };
    }
    let segment = state::segment().ok_or(SOCKLENS_EOFF)?;
    // Times in rules are exact from the first.
    attach::calibrate(&segment.header().start, &clock::anchor());
    let errno = order::errno();
    let half = helper();
    order::set_errno(errno);
    Ok((segment, half.ok_or(SOCKLENS_ENOLIB)?))
}

/// As [`engage`], where several threads may come at once and all are to be served.
fn engage_once() -> Result<(Segment, &'static Half), socklens_error> {
    for _ in 0..1000 {
        let mut r = Err(SOCKLENS_EBUSY);
        let busy = exclusively(|| {
            r = if order::on() { ruled(false) } else { engage() };
            Ok(())
        });
        if busy == 0 {
            if let Ok((segment, _)) = &r {
                attach::calibrate(&segment.header().start, &clock::anchor());
            }
            return r;
        }
        sys::futex_wait(BUSY.as_ptr(), sys::getpid(), 1);
    }
    Err(SOCKLENS_EBUSY)
}

/// From our constructor: the rules of SOCKLENS_FAULT, where the command has not brought its own.
pub fn rules_of_environment() {
    let Some(rules) = env::own(b"SOCKLENS_FAULT=").filter(|r| !r.is_empty()) else { return };
    let began = order::on();
    if began && state::ALONE.load(Ordering::Relaxed) == 0 {
        return;
    }
    let mut error = [0u8; 1024];
    let seed = env::own(b"SOCKLENS_SEED=").map_or(Some(0), decimal);
    let r = match seed {
        None => SOCKLENS_EINVAL as i64,
        Some(number) => {
            let seeded = faults(&mut Ask { number, ..Ask::new(What::Seed, 0) }, false);
            if seeded == 0 {
                // Variables are kept with their NUL.
                let (text, to) = (rules.as_ptr().cast(), error.as_mut_ptr().cast());
                faults(&mut Ask { text, error: to, error_size: error.len(), ..Ask::new(What::Add, 0) }, false)
            } else {
                seeded
            }
        }
    };
    // The variables go on to what this program executes, unlike a log that it starts itself.
    OWN.store(0, Ordering::Relaxed);
    if r < 0 {
        let said = error.split(|&b| b == 0).next().filter(|t| !t.is_empty());
        let what = match (seed, said) {
            (None, _) => b"SOCKLENS_SEED is not a number",
            (_, Some(text)) => text,
            _ => super::api::text_of(r as c_int),
        };
        for part in
            [b"socklens: SOCKLENS_FAULT: ", what.trim_ascii_end(), b"\nsocklens: no fault is caused in this program\n"]
        {
            sys::write(2, part);
        }
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let one = |n: u64, b: &u8| {
        let digit = u64::from(b.wrapping_sub(b'0'));
        if digit > 9 { None } else { n.checked_mul(10)?.checked_add(digit) }
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, one) }
}
