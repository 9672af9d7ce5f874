//! How libsocklens.so and libsocklens-alone.so meet.
//!
//! The first is in every program; the second only where a process makes do without the command, and has what that
//! takes: the decoder, the filter's parser, the log. It exports one symbol, [`SYMBOL`], a [`Half`]. Both are built
//! together, so both know each other's structures: [`STAMP`] must agree, and nothing is negotiated.

use socklens_wire::{ConnInfo, Header, VERSION};

/// The second library's file, beside the first.
pub const FILE: &str = "libsocklens-alone.so";

/// The symbol of the [`Half`] in it.
pub const SYMBOL: &str = "socklens_alone";

/// What tells two builds apart: the version, the event format's version, and the size of what passes between them.
pub const STAMP: [u8; 24] = {
    let mut stamp = [0; 24];
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let mut i = 0;
    while i < version.len() {
        stamp[i] = version[i];
        i += 1;
    }
    assert!(i < 16);
    let format = VERSION.to_le_bytes();
    let sizes = ((size_of::<Half>() + size_of::<Lent>() + size_of::<About>()) as u32).to_le_bytes();
    let mut i = 0;
    while i < 4 {
        stamp[16 + i] = format[i];
        stamp[20 + i] = sizes[i];
        i += 1;
    }
    stamp
};

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
}

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
}

/// What the second library does.
#[derive(Debug)]
#[repr(C)]
pub struct Half {
    pub stamp: [u8; 24],
    /// Reads the configuration, opens the log once, and puts filter and wanted calls into the header of this process's
    /// segment. False when something is wrong, which it has said on stderr.
    pub start: unsafe extern "C" fn(lent: &'static Lent, header: *mut Header) -> bool,
    /// Formats an event and writes it; false when that could not be done.
    pub write: unsafe extern "C" fn(event: *const u8, len: usize, about: &About) -> bool,
    /// Says that so many calls were made before the configuration was read, and found no room.
    pub lost: extern "C" fn(calls: u64),
    /// Called in the child of a fork.
    pub forked: extern "C" fn(),
}
