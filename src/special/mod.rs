//! Hand-written bodies that rows of THE TABLE name: variable arguments, table upkeep, processes.

/// Observes a call of the row `$name`: entry, arguments, the real call, what to do after it.
macro_rules! observe {
    ($name:ident($($arg:expr),*), $entry:expr, $real:expr, $after:expr) => {
        crate::hot::order::observe(
            socklens_calls::Call::$name,
            $entry,
            &[$(crate::hot::order::Raw::raw($arg)),*],
            $real,
            $after,
        )
    };
}
/// As `observe!` for calls that take sets of descriptors and make none.
macro_rules! observe_sets {
    ($name:ident($($arg:expr),*), $real:expr) => {
        crate::hot::order::observe_sets(
            socklens_calls::Call::$name,
            &[$(crate::hot::order::Raw::raw($arg)),*],
            $real,
        )
    };
}
/// As `observe!`, but `$after` also says whether the call is worth an event.
macro_rules! observe_if {
    ($name:ident($($arg:expr),*), $entry:expr, $real:expr, $after:expr) => {
        crate::hot::order::observe_if(
            socklens_calls::Call::$name,
            $entry,
            &[$(crate::hot::order::Raw::raw($arg)),*],
            $real,
            $after,
        )
    };
}

mod data;
mod fd;
mod process;
mod socket;
mod syscall;
mod syslog;
mod wait;

pub use data::*;
pub use fd::*;
pub use process::*;
pub use socket::*;
pub use syscall::*;
pub use wait::*;
