//! What runs inside a hook. See the laws in docs/ARCHITECTURE.md.

pub mod capture;
pub mod clock;
pub mod fds;
pub mod on;
pub mod order;
mod raw;
pub mod real;
pub mod record;
pub mod state;
pub mod stats;
