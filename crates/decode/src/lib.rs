//! One decoder for all outputs: from an event's raw bytes to text, strace's syntax or JSON.
//!
//! no_std, no allocation, no core::fmt, no panic: the shim formats with it inside the traced process when it runs alone.
#![no_std]

pub mod call;
pub mod cmsg;
pub mod columns;
pub mod dns;
pub mod fcntl;
pub mod fields;
mod injected;
pub mod ioctl;
pub mod ip;
pub mod json;
pub mod label;
pub mod line;
mod msg;
mod netdb;
mod netlink;
pub mod out;
pub mod printer;
pub mod quote;
pub mod ret;
pub mod sockaddr;
mod sockaddr_radio;
mod sockaddr_rare;
pub mod sockopt;
mod stack;
pub mod unit;
mod value;
mod wait;
pub mod xlat;

pub use label::conn_label;
pub use out::Out;
pub use printer::{Format, Names, NoNames, Opts, Printer, Stamp, TellFunction};
pub use sockaddr::sockaddr;
