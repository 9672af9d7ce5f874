//! Statistics of a session: counters in its memory, connections and lookups from its records, put together in a
//! [`Snapshot`].

pub(crate) mod area;
pub(crate) mod conns;
mod dns;
mod group;
mod hist;
mod model;
pub(crate) mod observe;
mod pack;
pub(crate) mod store;

pub use hist::Hist;
pub use model::{
    By, CallRow, ConnRow, Counts, DnsRow, End, FaultRow, Group, Lost, Mode, ProcRow, Role, Snapshot, TcpRow, ThreadRow,
};

pub use observe::observe;

/// Processes that ended and are kept with their histograms; the others have their numbers alone.
pub const KEPT_PROCESSES: usize = 1000;
/// Threads that ended and are kept apart, with their histograms; the others are one row.
pub const KEPT_THREADS: usize = 10_000;
