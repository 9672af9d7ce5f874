//! A log that the program itself starts.

use crate::config::{self, GENERATION, Settings};
use crate::log;
use core::ffi::{CStr, c_char, c_int};
use core::sync::atomic::Ordering;
use socklens_decode::{Format, Out};
use socklens_inside::capi::socklens_error::{self, *};
use socklens_inside::capi::{socklens_format, socklens_log_options, socklens_sink};
use socklens_inside::half::{Lent, Wanted};
use socklens_inside::sys;
use socklens_rules::{CallSet, Filter, SyntaxError};

/// [`socklens_inside::half::Half::log_start`].
///
/// # Safety
/// `options` points to a socklens_log_options whose strings are NUL-terminated; no log runs, one thread at a time.
pub unsafe extern "C" fn log_start(
    lent: &'static Lent,
    options: *const socklens_log_options,
    generation: u32,
    wanted: &mut Wanted,
) -> c_int {
    // SAFETY: the caller's.
    let o = unsafe { &*options };
    let s = match settings(o, lent) {
        Ok(s) => s,
        Err(e) => return e as c_int,
    };
    if !log::wait() {
        return SOCKLENS_EBUSY as c_int;
    }
    if s.callback.is_none() && !log::can_open(&s) {
        return SOCKLENS_ESINK as c_int;
    }
    *wanted = Wanted { calls: s.wanted, strlen: s.strlen };
    // SAFETY: no log runs, and nobody holds a line any more.
    unsafe { config::replace(s, generation) };
    SOCKLENS_OK as c_int
}

/// [`socklens_inside::half::Half::log_stop`].
pub extern "C" fn log_stop(wait: bool) -> c_int {
    GENERATION.store(0, Ordering::SeqCst);
    let done = !wait || log::wait();
    if done { SOCKLENS_OK as c_int } else { SOCKLENS_EBUSY as c_int }
}

fn settings(o: &socklens_log_options, lent: &'static Lent) -> Result<Settings, socklens_error> {
    let mut s = Settings::NONE;
    s.lent = Some(lent);
    s.look = true;
    s.strlen = o.strsize;
    s.format = match o.format {
        f if f == socklens_format::SOCKLENS_FORMAT_TEXT as u32 => Format::Text,
        f if f == socklens_format::SOCKLENS_FORMAT_JSON as u32 => Format::Json,
        f if f == socklens_format::SOCKLENS_FORMAT_STRACE as u32 => Format::Strace,
        _ => return Err(SOCKLENS_EINVAL),
    };
    if o.reserved != 0 {
        return Err(SOCKLENS_EINVAL);
    }
    match o.sink {
        k if k == socklens_sink::SOCKLENS_SINK_FD as u32 => {
            if o.fd < 0 || sys::fstat(o.fd).is_none() {
                return Err(SOCKLENS_ESINK);
            }
            s.fd = o.fd;
        }
        k if k == socklens_sink::SOCKLENS_SINK_PATH as u32 => {
            // SAFETY: null, or the caller's string.
            let path = unsafe { bytes(o.path) }.filter(|p| !p.is_empty());
            if !path.is_some_and(|p| s.set_path(p)) {
                return Err(SOCKLENS_EINVAL);
            }
        }
        k if k == socklens_sink::SOCKLENS_SINK_CALLBACK as u32 => {
            s.callback = Some(o.on_event.ok_or(SOCKLENS_EINVAL)?);
            s.user = o.user;
        }
        _ => return Err(SOCKLENS_EINVAL),
    }
    let set = match text(o, o.trace, "trace")? {
        None => CallSet::default_set(),
        Some(t) => CallSet::parse(t).map_err(|e| explain(o, "trace", t, &e))?,
    };
    for (to, bits) in s.wanted.iter_mut().zip(set.bits()) {
        *to = bits;
    }
    if let Some(t) = text(o, o.filter, "filter")? {
        s.filter = Some(Filter::parse(t).map_err(|e| explain(o, "filter", t, &e))?);
    }
    Ok(s)
}

/// # Safety
/// `p` is null or a NUL-terminated string.
unsafe fn bytes<'a>(p: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: the caller's.
    if p.is_null() { None } else { Some(unsafe { CStr::from_ptr(p) }.to_bytes()) }
}

/// A string of the options, None when it is NULL.
fn text<'a>(o: &socklens_log_options, p: *const c_char, name: &str) -> Result<Option<&'a str>, socklens_error> {
    // SAFETY: null, or the caller's string.
    match unsafe { bytes(p) }.map(core::str::from_utf8) {
        None => Ok(None),
        Some(Ok(t)) => Ok(Some(t)),
        Some(Err(_)) => Err(say(o, |out| {
            out.str(name);
            out.str(": not UTF-8");
        })),
    }
}

fn explain(o: &socklens_log_options, name: &str, value: &str, e: &SyntaxError) -> socklens_error {
    say(o, |out| {
        out.str(name);
        out.str(": ");
        e.render(value, &mut |b| out.raw(b));
    })
}

/// Puts a text where the options want it.
fn say(o: &socklens_log_options, text: impl FnOnce(&mut Out)) -> socklens_error {
    // SAFETY: the caller's buffer of error_size bytes.
    unsafe { put(o.error, o.error_size, text) };
    SOCKLENS_ESYNTAX
}

/// Writes a text and a NUL into a program's buffer, cut to fit.
///
/// # Safety
/// `to` is null or has `size` writable bytes.
pub unsafe fn put(to: *mut c_char, size: usize, text: impl FnOnce(&mut Out)) {
    let Some(room) = size.checked_sub(1).filter(|_| !to.is_null()) else { return };
    // SAFETY: the caller's buffer.
    let buf = unsafe { core::slice::from_raw_parts_mut(to.cast::<u8>(), room.min(4096)) };
    let mut out = Out::new(buf);
    text(&mut out);
    let n = out.len();
    // SAFETY: n <= room, and there is one byte more.
    unsafe { to.add(n).write(0) };
}
