//! What our libraries inside a program share: system calls of our own, memcpy, and how one hands work to another.
//!
//! no_std, and nothing of libc but its types and errno: what is here runs inside hooks too.
#![no_std]

pub mod capi;
pub mod concern;
pub mod engine;
pub mod entry;
pub mod errno;
pub mod half;
pub mod loader;
pub mod names;
pub mod stamp;
pub mod sys;

// Only libraries that are loaded into programs bring a memcpy of their own.
mod mem;
