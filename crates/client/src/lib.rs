//! socklens.h for Rust tests: calls fail as rules say, for as long as a value lives.
//!
//! ```no_run
//! let faults = socklens_client::Faults::here("connect @n=1..2 : refuse")?;
//! // ... the client connects ...
//! assert_eq!(faults.fired()?, 2);
//! # Ok::<(), socklens_client::Error>(())
//! ```
//!
//! The functions are looked up in the process: nothing is linked, and where the library is not ([`available`] says so) adding
//! rules is [`Error::NotHere`]. It gets there by `LD_PRELOAD=libsocklens.so cargo test` or `socklens run cargo test`.
#![deny(missing_docs, missing_debug_implementations)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fmt;
use std::marker::PhantomData;

/// What can go wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Error {
    /// The library is not in this process, or is the one without function.
    NotHere,
    /// A rule is wrong; the text shows where and what, with a caret.
    Syntax(String),
    /// Another code of socklens.h, with its text.
    Code(i32, String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotHere => f.write_str("socklens is not in this process: run it with LD_PRELOAD=libsocklens.so"),
            Error::Syntax(text) => f.write_str(text),
            Error::Code(code, text) => write!(f, "socklens: {text} ({code})"),
        }
    }
}

impl std::error::Error for Error {}

const ESYNTAX: i64 = -5;
const ENOLIB: i64 = -7;

/// A function of socklens.h by its name; null when it is not there.
fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: dlsym with a NUL-terminated name.
    let p = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    if p.is_null() { None } else { Some(p) }
}

macro_rules! functions {
    ($($name:ident = $symbol:literal: fn($($arg:ty),*) -> $ret:ty;)*) => {
        $(fn $name() -> Option<unsafe extern "C" fn($($arg),*) -> $ret> {
            // SAFETY: the prototype is that of include/socklens.h, of which the name is part.
            symbol($symbol).map(|p| unsafe { std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($arg),*) -> $ret>(p) })
        })*
    };
}

functions! {
    fault_add = c"socklens_fault_add": fn(*const c_char, *mut c_char, usize) -> i64;
    fault_scope = c"socklens_fault_scope": fn(*const c_char, *mut c_char, usize) -> i64;
    fault_remove = c"socklens_fault_remove": fn(i64) -> c_int;
    fault_pause = c"socklens_fault_pause": fn(i64) -> c_int;
    fault_resume = c"socklens_fault_resume": fn(i64) -> c_int;
    fault_fired = c"socklens_fault_fired": fn(i64) -> i64;
    fault_seed = c"socklens_fault_seed": fn(u64) -> c_int;
    log_mark = c"socklens_mark": fn(*const c_char) -> c_int;
    strerror = c"socklens_strerror": fn(c_int) -> *const c_char;
}

/// The error of a code below 0.
fn check(code: i64) -> Result<i64, Error> {
    if code >= 0 {
        return Ok(code);
    }
    if code == ENOLIB {
        return Err(Error::NotHere);
    }
    let text = strerror().map_or(String::new(), |f| {
        // SAFETY: socklens_strerror returns a static string, never null.
        unsafe { CStr::from_ptr(f(code as c_int)) }.to_string_lossy().into_owned()
    });
    Err(Error::Code(code as i32, text))
}

/// Whether calls of this process can be made to fail.
pub fn available() -> bool {
    Faults::here("connect @off : refuse").is_ok()
}

/// Sets what chance depends on; to be called before rules are added.
pub fn seed(number: u64) -> Result<(), Error> {
    let f = fault_seed().ok_or(Error::NotHere)?;
    // SAFETY: takes a number.
    check(i64::from(unsafe { f(number) })).map(|_| ())
}

/// Puts a line into the log, if there is one; whether there is.
pub fn mark(text: &str) -> bool {
    let Ok(text) = CString::new(text) else { return false };
    // SAFETY: a NUL-terminated string.
    log_mark().is_some_and(|f| unsafe { f(text.as_ptr()) } == 0)
}

/// Rules that are in force as long as this lives.
#[derive(Debug)]
#[must_use = "the rules end with this value"]
pub struct Faults {
    handle: i64,
    /// Those of a thread end there.
    not_send: PhantomData<*const ()>,
}

impl Faults {
    /// For the calling thread only.
    pub fn here(rules: &str) -> Result<Faults, Error> {
        Faults::add(rules, fault_scope())
    }

    /// For all threads, and processes forked off.
    pub fn everywhere(rules: &str) -> Result<Faults, Error> {
        Faults::add(rules, fault_add())
    }

    fn add(
        rules: &str,
        f: Option<unsafe extern "C" fn(*const c_char, *mut c_char, usize) -> i64>,
    ) -> Result<Faults, Error> {
        let f = f.ok_or(Error::NotHere)?;
        let rules = CString::new(rules).map_err(|_| Error::Syntax("error: a rule holds no NUL".to_owned()))?;
        let mut text = [0u8; 1024];
        // SAFETY: a NUL-terminated string, and a buffer of that length, which is NUL-terminated afterwards.
        let handle = unsafe { f(rules.as_ptr(), text.as_mut_ptr().cast(), text.len()) };
        if handle == ESYNTAX {
            let text = CStr::from_bytes_until_nul(&text).map(|t| t.to_string_lossy().trim_end().to_owned());
            return Err(Error::Syntax(text.unwrap_or_default()));
        }
        check(handle).map(|handle| Faults { handle, not_send: PhantomData })
    }

    /// How many faults they have caused.
    pub fn fired(&self) -> Result<u64, Error> {
        let f = fault_fired().ok_or(Error::NotHere)?;
        // SAFETY: takes a number.
        check(unsafe { f(self.handle) }).map(|n| n as u64)
    }

    /// Switches them off until [`Faults::resume`].
    pub fn pause(&self) -> Result<(), Error> {
        self.switch(fault_pause())
    }

    /// Switches them on again.
    pub fn resume(&self) -> Result<(), Error> {
        self.switch(fault_resume())
    }

    fn switch(&self, f: Option<unsafe extern "C" fn(i64) -> c_int>) -> Result<(), Error> {
        // SAFETY: takes a number.
        check(i64::from(unsafe { f.ok_or(Error::NotHere)?(self.handle) })).map(|_| ())
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        if let Some(f) = fault_remove() {
            // SAFETY: takes a number. Rules that somebody cleared are gone already, which is as well.
            unsafe { f(self.handle) };
        }
    }
}
