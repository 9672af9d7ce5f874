//! What the two libraries inside a program share: system calls of our own, memcpy, and how one hands work to the other.
//!
//! no_std, and nothing of libc but its types: what is here runs inside hooks too.
#![no_std]

pub mod capi;
pub mod half;
pub mod sys;

// Only libraries that are loaded into programs bring a memcpy of their own.
mod mem;
