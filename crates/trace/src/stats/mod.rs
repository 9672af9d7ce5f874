//! Statistics of a session: counters in its memory, connections and lookups from its records, put together in a
//! [`Snapshot`].

mod group;
mod hist;
mod model;

pub use hist::Hist;
pub use model::{
    By, CallRow, ConnRow, Counts, DnsRow, End, Group, Lost, Mode, ProcRow, Role, Snapshot, TcpRow, ThreadRow,
};

/// Threads that ended and are kept by name.
pub const KEPT_THREADS: usize = 10_000;
