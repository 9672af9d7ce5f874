//! Counters in the session's memory: who writes them, where they lie, and how a reader walks them.
//!
//! A thread that counts owns a chain of at most [`MAX_PAGES`] pages, an *area*, cut into units of [`UNIT`] bytes and
//! addressed by their number among all pages' units. The area's head says which unit counts which call ([`Row`]); a row
//! says which unit holds the durations of which octave ([`Octave`]). All counters are added to by single instructions of
//! the owning thread, so that a signal handler coming in between loses none; nobody else writes them while it lives.
//! When a thread ends, the reader adds its area to its process's, and a process's to the session's: same structure.
//! What finds no room goes to [`Spill`], which all processes share and add to by locked instructions: counts stay exact,
//! only durations are then missing from the histogram, and that is counted.

use crate::layout::PAGE_SIZE;
use crate::sync::{AtomicU32, AtomicU64};
use core::mem::size_of;

/// What is counted.
pub mod mode {
    pub const OFF: u32 = 0;
    /// Calls, errors and bytes: the clock is not read.
    pub const COUNT: u32 = 1;
    /// Also durations and the times of connections.
    pub const FULL: u32 = 2;
}

/// Bytes of a unit.
pub const UNIT: usize = 512;
/// Units in a page.
pub const UNITS_PER_PAGE: u32 = (PAGE_SIZE / UNIT) as u32;
/// Most pages of one area: 64 KiB.
pub const MAX_PAGES: usize = 16;
/// Pages that an area of the reader's own may have beyond these.
pub const MORE_PAGES: usize = 46;
/// Opcodes that can be counted.
pub const MAX_CALLS: usize = 192;
/// Units the head of an area takes.
pub const HEAD_UNITS: u32 = 2;
/// Buckets of one octave: each is at most 1/64 of its lower bound wide, so its middle is within 0.8 % of any duration in it.
pub const BUCKETS: usize = 64;
/// Octaves: the first holds 0..64 ticks exactly, octave n the durations from 64 << (n - 1) up to twice that.
pub const OCTAVES: usize = 48;
/// Different error numbers of one call that a row can tell apart.
pub const ERRNOS: usize = 24;
/// Cells of the spill's table of errors.
pub const SPILL_ERRNOS: usize = 512;

/// Octave and bucket of a duration in raw clock ticks.
#[inline(always)]
pub const fn bucket(ticks: u64) -> (usize, usize) {
    if ticks < BUCKETS as u64 {
        return (0, ticks as usize);
    }
    let shift = 57 - ticks.leading_zeros();
    let octave = shift as usize + 1;
    if octave >= OCTAVES {
        return (OCTAVES - 1, BUCKETS - 1);
    }
    (octave, (ticks >> shift) as usize - BUCKETS)
}

/// The ticks a bucket holds: from, and up to but without.
pub const fn bounds(octave: usize, bucket: usize) -> (u64, u64) {
    if octave == 0 {
        return (bucket as u64, bucket as u64 + 1);
    }
    let shift = octave as u32 - 1;
    ((BUCKETS as u64 + bucket as u64) << shift, (BUCKETS as u64 + bucket as u64 + 1) << shift)
}

/// The plain counters of one call.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Counters {
    /// Calls that returned.
    pub count: AtomicU64,
    /// Those that failed.
    pub errors: AtomicU64,
    /// Bytes received, without those only peeked at.
    pub bytes_in: AtomicU64,
    /// Bytes sent.
    pub bytes_out: AtomicU64,
    /// Bytes looked at with MSG_PEEK.
    pub peeked: AtomicU64,
    /// Calls that moved some bytes, but fewer than asked for.
    pub short: AtomicU64,
    /// Failures with EAGAIN.
    pub eagain: AtomicU64,
    /// Failures with EINTR.
    pub eintr: AtomicU64,
    /// Ticks in all calls.
    pub time: AtomicU64,
    /// Ticks of the calls that waited (see docs/STATISTICS.md).
    pub blocked: AtomicU64,
    /// `u64::MAX` less the ticks of the shortest call; 0 when none was timed.
    pub min_inv: AtomicU64,
    /// Ticks of the longest call.
    pub max: AtomicU64,
    /// Timed calls that found no room in the histogram.
    pub untold: AtomicU64,
}

impl Counters {
    /// How many fields there are.
    pub const FIELDS: usize = size_of::<Counters>() / 8;
}

/// One call of one area: a unit.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Row {
    pub n: Counters,
    /// `key << 40 | count`, in the order of their first appearance; see [`error_key`].
    pub errnos: [AtomicU64; ERRNOS],
    /// Unit + 1 of each octave.
    pub octaves: [AtomicU32; OCTAVES],
}

const _: () = assert!(size_of::<Row>() <= UNIT);

/// How often each duration of one octave was seen: a unit.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Octave {
    pub buckets: [AtomicU64; BUCKETS],
}

const _: () = assert!(size_of::<Octave>() == UNIT);

/// The start of an area: two units.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct AreaHead {
    /// Unit + 1 of each call's row.
    pub rows: [AtomicU32; MAX_CALLS],
    /// Page + 1 of each page of the area, this one first.
    pub pages: [AtomicU32; MAX_PAGES],
    /// Units given out.
    pub used: AtomicU32,
    /// Odd while the reader moves counters: who sums areas then looks again.
    pub seq: AtomicU32,
    /// Further pages, of the reader's own areas: what many threads and programs did differs more than what one thread does.
    pub more: [AtomicU32; MORE_PAGES],
}

const _: () = assert!(size_of::<AreaHead>() <= UNIT * HEAD_UNITS as usize);

/// The key of an error in [`Row::errnos`]: its number, or for calls that return EAI_* codes [`EAI`] and the code's negative.
pub const fn error_key(errno: u16) -> u64 {
    (errno as u64) << 40
}

/// The number of an error that has none (a lookup that failed with h_errno).
pub const NO_ERRNO: u16 = 0x7fff;

/// The name of a cell in [`Spill::errnos`].
pub const fn spill_key(opcode: u16, errno: u16) -> u64 {
    (opcode as u64 + 1) << 48 | (errno as u64) << 32
}

/// Bit of an error number that stands for an EAI_* code.
pub const EAI: u16 = 0x8000;
/// Bits of a cell that count.
pub const CELL_COUNT: u64 = (1 << 40) - 1;

/// One call's counters that found no room elsewhere.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct SpillRow {
    pub n: Counters,
}

/// What found no room in an area of its own. Every access is a locked instruction.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Spill {
    pub rows: [SpillRow; MAX_CALLS],
    /// `(opcode + 1) << 48 | errno << 32`, then the count, open addressing.
    pub errnos: [[AtomicU64; 2]; SPILL_ERRNOS],
    /// Errors that found no cell.
    pub unnamed: AtomicU64,
}

/// What one connection has seen so far. The first block is written by its owner alone, the second by everybody else, by
/// locked instructions: the sum is exact.
#[derive(Debug, Default)]
#[repr(C)]
pub struct ConnCounts {
    pub calls_in: AtomicU64,
    pub calls_out: AtomicU64,
    /// Calls on it that move no data.
    pub calls_other: AtomicU64,
    pub bytes_in: AtomicU64,
    pub bytes_out: AtomicU64,
    pub errors: AtomicU64,
}

/// How a connection came to its end, bits of [`ConnTotals::ends`].
pub mod ends {
    /// A receive returned 0: the peer closed its side.
    pub const FIN: u32 = 1;
    /// ECONNRESET or EPIPE was returned.
    pub const RST: u32 = 2;
    /// shutdown(SHUT_RD) or (SHUT_RDWR).
    pub const SHUT_RD: u32 = 4;
    /// shutdown(SHUT_WR) or (SHUT_RDWR).
    pub const SHUT_WR: u32 = 8;
    /// ETIMEDOUT was returned.
    pub const TIMED_OUT: u32 = 16;
    /// The last descriptor was closed by the program.
    pub const CLOSED: u32 = 32;
    /// connect is under way (EINPROGRESS).
    pub const CONNECTING: u32 = 64;
    /// connect succeeded.
    pub const CONNECTED: u32 = 128;
    /// connect failed; the error is in [`super::ConnTotals::connect_errno`].
    pub const REFUSED: u32 = 256;
    /// `tcp` holds something.
    pub const TCP: u32 = 512;
    /// `drops` holds something.
    pub const DROPS: u32 = 1024;

    /// How a connection with these bits ended. `left`: None while it is open, else whether it was left open.
    pub const fn how(bits: u32, left: Option<bool>) -> super::End {
        use super::End;
        match left {
            None => End::Open,
            Some(_) if bits & RST != 0 => End::Rst,
            Some(_) if bits & (REFUSED | CONNECTED) == REFUSED => End::Failed,
            Some(_) if bits & TIMED_OUT != 0 => End::TimedOut,
            Some(true) => End::Leaked,
            Some(false) if bits & FIN != 0 => End::Fin,
            Some(false) => End::Local,
        }
    }
}

/// How a connection ended, or that it did not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum End {
    /// Still open.
    #[default]
    Open,
    /// Closed by the program before the peer's end was seen.
    Local,
    /// The peer closed first (a receive returned 0), then the program.
    Fin,
    /// Reset: a call returned ECONNRESET or EPIPE.
    Rst,
    /// ETIMEDOUT.
    TimedOut,
    /// connect failed.
    Failed,
    /// Open when its last process ended.
    Leaked,
}

impl End {
    /// open, closed, fin, rst, timeout, failed, leaked.
    pub fn name(self) -> &'static str {
        match self {
            End::Open => "open",
            End::Local => "closed",
            End::Fin => "fin",
            End::Rst => "rst",
            End::TimedOut => "timeout",
            End::Failed => "failed",
            End::Leaked => "leaked",
        }
    }
}

/// What a connection slot counts.
#[derive(Debug)]
#[repr(C)]
pub struct ConnTotals {
    /// Offset of the owner's thread slot in the segment; 0 for none yet.
    pub owner: AtomicU32,
    /// [`ends`].
    pub ends: AtomicU32,
    pub own: ConnCounts,
    pub others: ConnCounts,
    /// Raw times; 0 for never. Kept in [`mode::FULL`] only.
    pub opened: AtomicU64,
    pub connect_start: AtomicU64,
    pub connect_end: AtomicU64,
    pub first_in: AtomicU64,
    pub last: AtomicU64,
    /// Return address of the call that made it.
    pub site: AtomicU64,
    /// The thread that made it.
    pub tid: AtomicU32,
    pub connect_errno: AtomicU32,
}

/// The part of TCP_INFO that is kept at the last close, or what SO_MEMINFO said of drops: see [`crate::ConnInfo::tcp_end`].
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TcpEnd {
    /// Microseconds.
    pub rtt_us: u32,
    pub rttvar_us: u32,
    pub min_rtt_us: u32,
    pub cwnd: u32,
    /// Segments retransmitted in all.
    pub retransmits: u32,
    pub state: u32,
    /// Listeners: connections that wait to be accepted, and how many may. Datagram sockets: drops, in `queue`.
    pub queue: u32,
    pub queue_limit: u32,
    /// Bytes a second.
    pub delivery_rate: u64,
    /// Microseconds.
    pub busy_us: u64,
    pub rwnd_limited_us: u64,
    pub sndbuf_limited_us: u64,
    pub bytes_acked: u64,
    pub bytes_received: u64,
}

const _: () = assert!(size_of::<TcpEnd>() == 80);

impl TcpEnd {
    pub const SIZE: usize = size_of::<TcpEnd>();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_is_in_its_bucket_and_near_its_middle() {
        let mut t = 0u64;
        while t < 1 << 52 {
            let (octave, b) = bucket(t);
            let (from, to) = bounds(octave, b);
            if octave < OCTAVES - 1 {
                assert!((from..to).contains(&t), "{t} is not in {from}..{to}");
                let middle = (from as f64 + (to - 1) as f64) / 2.0;
                assert!((middle - t as f64).abs() <= t as f64 * 0.008, "{t}: {middle}");
            }
            t += 1 + t / 97;
        }
        assert_eq!(bucket(u64::MAX), (OCTAVES - 1, BUCKETS - 1));
        assert_eq!((bucket(63), bucket(64), bucket(127), bucket(128)), ((0, 63), (1, 0), (1, 63), (2, 0)));
    }
}
