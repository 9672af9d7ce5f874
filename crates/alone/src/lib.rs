//! libsocklens-alone.so: what a process needs to log and to count without the command. libsocklens.so opens it, in its
//! constructor, when SOCKLENS_LOG or SOCKLENS_STATS asks for it; silent processes and those of a session do without.
//!
//! It runs inside programs, so the same holds as for the shim: no allocation, no lock, no std, no libc.
#![no_std]
#![deny(missing_debug_implementations)]

mod api;
mod config;
mod conns;
mod ended;
mod event;
mod faults;
mod log;
mod report;
mod stats;

use socklens_inside::half::{Half, STAMP};
use socklens_inside::sys;

/// Required by no_std. Nothing in the release library reaches it: the symbol test holds that against `nm`.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    sys::abort()
}

/// What libsocklens.so looks for: [`socklens_inside::half::SYMBOL`].
#[unsafe(no_mangle)]
pub static socklens_alone: Half = Half {
    stamp: STAMP,
    start: config::start,
    write: log::write,
    lost: config::lost,
    forked: log::forked,
    log_start: api::log_start,
    log_stop: api::log_stop,
    event_format: event::format,
    call_stats: stats::call,
    opcode: stats::opcode,
    conn: conns::describe,
    name: conns::name,
    faults: faults::answer,
    ended: ended::keep,
    finish: report::finish,
};
