//! The session memory and the event format: what the shim writes and the tools read.
//!
//! Everything here is `repr(C)`, fixed width, without pointers, and readable by a tool of the same [`VERSION`] while
//! the writers run and after they are gone. No allocation, no panic: the shim uses it inside hooks.
#![no_std]

#[cfg(not(loom))]
pub mod conn;
pub mod event;
#[cfg(not(loom))]
pub mod fault;
// Under loom its atomics are larger than memory's, so only the algorithms are built.
#[cfg(not(loom))]
pub mod layout;
pub mod pool;
pub mod ring;
#[cfg(not(loom))]
pub mod segment;
pub mod stack;
#[cfg(not(loom))]
pub mod stats;
pub mod sync;

#[cfg(not(loom))]
pub use conn::ConnInfo;
pub use event::{Capture, Captures, Event, EventHead, Part};
#[cfg(not(loom))]
pub use layout::{Anchor, ChunkHead, ConnSlot, Header, Layout, ProcSlot, ThreadSlot};
#[cfg(not(loom))]
pub use segment::Segment;

/// Changes whenever any layout in this crate changes.
pub const VERSION: u32 = 4;

/// First bytes of a session segment.
pub const MAGIC: u64 = u64::from_le_bytes(*b"socklens");
