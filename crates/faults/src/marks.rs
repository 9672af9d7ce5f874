//! What earlier faults have left behind on a connection.

use core::sync::atomic::Ordering;
use libc::c_int;
use socklens_wire::fault::{FaultConn, state as conn_is};

/// Whether the conn is in any of these states.
pub fn is(conn: Option<&FaultConn>, bits: u32) -> bool {
    conn.is_some_and(|c| c.flags.load(Ordering::Relaxed) & bits != 0)
}

pub fn mark(conn: Option<&FaultConn>, bits: u32, on: bool) {
    if let Some(c) = conn {
        if on {
            c.flags.fetch_or(bits, Ordering::Relaxed);
        } else {
            c.flags.fetch_and(!bits, Ordering::Relaxed);
        }
    }
}

/// The errno that goes in place of the kernel's, once.
pub fn take_errno(conn: Option<&FaultConn>) -> Option<c_int> {
    conn.map(|c| c.errno.swap(0, Ordering::Relaxed)).filter(|&e| e != 0).map(|e| e as c_int)
}

/// An error is told by the next receive, or by SO_ERROR.
pub fn park(conn: Option<&FaultConn>, e: c_int) {
    if let Some(c) = conn {
        c.errno.store(e as u32, Ordering::Relaxed);
        mark(conn, conn_is::PARKED, true);
    }
}

/// The error that was parked, once.
pub fn parked(conn: Option<&FaultConn>) -> Option<c_int> {
    if !is(conn, conn_is::PARKED) {
        return None;
    }
    mark(conn, conn_is::PARKED, false);
    take_errno(conn)
}

/// Whether the end of stream was told.
pub fn at_eof(conn: Option<&FaultConn>) -> bool {
    is(conn, conn_is::EOF)
}

/// Bytes that have moved in a lane, as far as seen.
pub fn stream_offset(conn: Option<&FaultConn>, at: u8) -> u64 {
    conn.and_then(|c| c.bytes.get(usize::from(at))).map_or(0, |b| b.load(Ordering::Relaxed))
}
