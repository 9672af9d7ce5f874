//! Reads a session's memory while its writers run and after they are gone.
//!
//! [`Session`] makes the memory, [`Reader`] takes events out of it and gives back what was read, [`Timeline`] puts the
//! events of all threads into one order and hands them to a [`Sink`], [`Follower`] is the loop around them.
//! What lies in shared memory may have been scribbled on by the program under test: everything read from there is
//! checked, and events are copied out before they are parsed.

mod blocks;
pub mod clock;
mod conns;
mod consume;
mod follow;
mod futex;
pub mod hash;
mod input;
mod live;
pub mod map;
pub mod model;
pub mod observe;
pub mod procfs;
mod reader;
mod reap;
pub mod schedule;
mod session;
pub mod sessions;
mod shm;
mod slots;
pub mod stats;
mod sysv;
mod timeline;
mod unseen;

pub use clock::Clock;
pub use conns::Conns;
pub use follow::{Follower, Outcome, Settings, Wake};
pub use map::Map;
pub use model::{ExitStatus, Item, Phase, Proc, Sink, Summary, Unseen, View, Who};
pub use reader::Reader;
pub use session::{Memory, Session, SessionError, Setup};
pub use timeline::{Split, Timeline};
