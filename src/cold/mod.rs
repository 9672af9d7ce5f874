//! What runs in the traced process, but rarely: attaching, forking, executing, and formatting when there is no reader.

pub mod alone;
pub mod api;
pub mod attach;
pub mod conns;
pub mod control;
pub mod env;
pub mod library;
pub mod stats;
pub mod thread;
