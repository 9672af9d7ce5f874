//! What the environment asks for.

use crate::{log, report};
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::sync::atomic::{AtomicU32, Ordering};
use socklens_decode::{Format, Out};
use socklens_inside::half::{Callback, Lent, Started, Text};
use socklens_inside::sys;
use socklens_rules::{CallSet, Filter, SyntaxError};
use socklens_wire::Header;

/// Where the log goes, and what goes into it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// -1: append to `path`; else this descriptor.
    pub fd: i32,
    path: [u8; 1024],
    path_len: usize,
    pub format: Format,
    /// Bytes of each payload shown.
    pub strlen: u32,
    /// Calls to record, by opcode.
    pub wanted: [u64; 4],
    pub filter: Option<Filter>,
    /// Whether every event is to be looked at here: the shim knows which calls are wanted, but not the filter.
    pub look: bool,
    /// Gets events in place of a file.
    pub callback: Option<Callback>,
    pub user: *mut c_void,
    pub lent: Option<&'static Lent>,
}

impl Settings {
    pub const NONE: Settings = Settings {
        fd: -1,
        path: [0; 1024],
        path_len: 0,
        format: Format::Text,
        strlen: 32,
        wanted: [0; 4],
        filter: None,
        look: false,
        callback: None,
        user: core::ptr::null_mut(),
        lent: None,
    };

    /// The log's path, in which %p is the process id.
    pub fn path(&self) -> &[u8] {
        self.path.get(..self.path_len).unwrap_or(&[])
    }

    /// Sets the log's path; false when it is too long.
    pub fn set_path(&mut self, path: &[u8]) -> bool {
        if path.len() >= self.path.len() {
            return false;
        }
        for (to, &b) in self.path.iter_mut().zip(path) {
            *to = b;
        }
        self.path_len = path.len();
        true
    }
}

struct Once(UnsafeCell<Settings>);

// SAFETY: written while GENERATION is 0 and no line is being written, by the one thread that libsocklens.so lets start.
unsafe impl Sync for Once {}

static SETTINGS: Once = Once(UnsafeCell::new(Settings::NONE));

/// Which start of the log the settings are of; 0 when there is no log.
pub static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The settings of the log in force. For who holds a line and has compared [`GENERATION`].
pub fn settings() -> &'static Settings {
    // SAFETY: see Once.
    unsafe { &*SETTINGS.0.get() }
}

/// Puts other settings in force.
///
/// # Safety
/// [`GENERATION`] is 0 and no line is held; one thread at a time.
pub unsafe fn replace(s: Settings, generation: u32) {
    // SAFETY: the caller's.
    unsafe { SETTINGS.0.get().write(s) };
    GENERATION.store(generation, Ordering::SeqCst);
}

/// [`socklens_inside::half::Half::start`].
///
/// # Safety
/// `header` is the header of this process's segment, and nobody evaluates its filter yet. Called once.
pub unsafe extern "C" fn start(lent: &'static Lent, header: *mut Header, generation: u32) -> Started {
    let own = |name: &'static str| (lent.variable)(Text::new(name.as_bytes())).get();
    let (log, stats) = (own("SOCKLENS_LOG="), own("SOCKLENS_STATS="));
    // SAFETY: see Once.
    let s = unsafe { &mut *SETTINGS.0.get() };
    // SAFETY: the header is the caller's and stays mapped.
    let h = unsafe { &*header };
    let done = configure(lent, log, s).and_then(|()| match stats {
        Some(value) => report::begin(lent, value, &s.wanted, h),
        None => Some(()),
    });
    if done.is_none() {
        say(if log.is_some() {
            b"socklens: logging is off for this program\n"
        } else {
            b"socklens: statistics are off for this program\n"
        });
        return Started::Nothing;
    }
    if let Some(f) = s.filter {
        // SAFETY: the room holds a Filter (asserted below), which is plain bytes, and nobody looks at it yet.
        unsafe { (&raw mut (*header).filter).cast::<Filter>().write(f) };
        h.filtered.store(1, Ordering::Release);
    }
    for (to, &bits) in h.wanted.iter().zip(&s.wanted) {
        to.store(if log.is_some() { bits } else { 0 }, Ordering::Relaxed);
    }
    if log.is_none() {
        return Started::Stats;
    }
    GENERATION.store(generation, Ordering::SeqCst);
    Started::Log
}

const _: () = assert!(size_of::<Filter>() <= 2048);
const _: () = assert!(core::mem::offset_of!(Header, filter).is_multiple_of(align_of::<Filter>()));

/// None when something is wrong, which has been said.
fn configure(lent: &'static Lent, log: Option<&'static [u8]>, s: &mut Settings) -> Option<()> {
    let own = |name: &'static str| (lent.variable)(Text::new(name.as_bytes())).get();
    s.lent = Some(lent);
    if let Some(log) = log {
        sink("SOCKLENS_LOG", log, s)?;
    }
    s.format = match own("SOCKLENS_FORMAT=").unwrap_or(b"text") {
        b"text" | b"" => Format::Text,
        b"json" => Format::Json,
        b"strace" => Format::Strace,
        other => return wrong("SOCKLENS_FORMAT", other, "not one of text, json, strace"),
    };
    if let Some(v) = own("SOCKLENS_STRSIZE=") {
        match sys::number(v) {
            Some(n) => s.strlen = n,
            None => return wrong("SOCKLENS_STRSIZE", v, "not a number of bytes"),
        }
    }
    let set = match own("SOCKLENS_TRACE=") {
        None => CallSet::default_set(),
        Some(v) => {
            let text = text("SOCKLENS_TRACE", v)?;
            CallSet::parse(text).map_err(|e| wrong_rule("SOCKLENS_TRACE", text, &e)).ok()?
        }
    };
    for (to, bits) in s.wanted.iter_mut().zip(set.bits()) {
        *to = bits;
    }
    if let Some(v) = own("SOCKLENS_FILTER=") {
        let text = text("SOCKLENS_FILTER", v)?;
        s.filter = Some(Filter::parse(text).map_err(|e| wrong_rule("SOCKLENS_FILTER", text, &e)).ok()?);
    }
    match log {
        Some(log) if !log::can_open(s) => wrong("SOCKLENS_LOG", log, "cannot be opened for writing"),
        _ => Some(()),
    }
}

/// stderr, fd:N, or a path in which %p is the process id.
pub fn sink(name: &str, log: &[u8], s: &mut Settings) -> Option<()> {
    if log == b"stderr" {
        s.fd = 2;
    } else if let Some(n) = log.strip_prefix(b"fd:") {
        match sys::number(n).filter(|&n| sys::fstat(n as i32).is_some()) {
            Some(fd) => s.fd = fd as i32,
            None => return wrong(name, log, "not an open descriptor; want stderr, fd:N or a path"),
        }
    } else if !log.contains(&b'/') || !s.set_path(log) {
        return wrong(name, log, "want stderr, fd:N or a path with a slash (%p in it is the process id)");
    }
    Some(())
}

fn text(name: &str, v: &'static [u8]) -> Option<&'static str> {
    match core::str::from_utf8(v) {
        Ok(s) => Some(s),
        Err(_) => wrong(name, v, "not UTF-8"),
    }
}

fn say(text: &[u8]) {
    sys::write(2, text);
}

/// [`socklens_inside::half::Half::lost`].
pub extern "C" fn lost(calls: u64) {
    let mut buf = [0u8; 128];
    let mut out = Out::new(&mut buf);
    out.str("socklens: ");
    out.udec(calls);
    out.str(" calls that libraries made while they were being loaded found no room: they are missing in the log\n");
    say(out.bytes());
}

/// Says what is wrong with a variable.
pub fn wrong<T>(name: &str, value: &[u8], what: &str) -> Option<T> {
    let mut buf = [0u8; 512];
    let mut out = Out::new(&mut buf);
    out.str("socklens: ");
    out.str(name);
    out.byte(b'=');
    for &b in value.iter().take(200) {
        out.byte(if b.is_ascii_graphic() || b == b' ' { b } else { b'?' });
    }
    out.str(": ");
    out.str(what);
    out.byte(b'\n');
    say(out.bytes());
    None
}

fn wrong_rule(name: &str, value: &str, e: &SyntaxError) {
    let mut buf = [0u8; 1024];
    let mut out = Out::new(&mut buf);
    out.str("socklens: ");
    out.str(name);
    out.str(": ");
    e.render(value, &mut |b| out.raw(b));
    if !out.bytes().ends_with(b"\n") {
        out.byte(b'\n');
    }
    say(out.bytes());
}
