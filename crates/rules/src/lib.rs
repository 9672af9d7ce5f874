//! The rule language: which calls are recorded, and which of their events are kept.
//!
//! Two languages share one lexer. [`CallSet::parse`] reads the set of `-e trace=SET`; [`Filter::parse`] reads the
//! condition of `--where EXPR` and compiles it into 2048 bytes that are evaluated inside the hook.
//!
//! ```text
//! SET      = ["!"] item {"," item}
//! item     = ["?"] ( name | "libc:" name | ["%"] class | glob | "/" pattern )
//!
//! EXPR     = AND { ("or" | "||") AND }
//! AND      = UNARY { ("and" | "&&" | ",") UNARY }
//! UNARY    = ("not" | "!") UNARY | "(" EXPR ")" | SELECTOR
//! SELECTOR = key OP value {"|" value} | "failed" | "ok" | "nonblocking" | "blocking"
//! OP       = "=" "!=" "~" "!~" "<" "<=" ">" ">="
//! value    = text up to a space, bracket, comma or bar | "..." | '...'      (a backslash takes the next character as it is)
//! ```
//!
//! What the words mean is in [`REFERENCE`].
//!
//! **The unknown.** A comparison with something that is not known is false, `!=` included: `peer!=10.0.0.1` is false for a
//! socket without a peer, while `not peer=10.0.0.1` is true for it.
//!
//! No std, no allocation, no core::fmt, no panic: the same parser serves the command line, the environment of the traced
//! process and the C API, and [`Filter::eval`] may run in a signal handler on a small stack.
#![cfg_attr(not(test), no_std)]
#![deny(missing_docs, missing_debug_implementations)]

mod addr;
mod calls;
mod error;
pub mod fault;
mod filter;
mod glob;
pub mod hello;
mod keys;
mod lex;
mod names;
mod near;
mod normal;
mod parse;
mod reference;
mod subject;

pub use calls::CallSet;
pub use error::{About, SyntaxError, What};
pub use filter::{Filter, MAX_TERMS, Program};
pub use lex::MAX_SOURCE;
pub use near::nearest;
pub use parse::MAX_DEPTH;
pub use reference::REFERENCE;
pub use subject::{Frames, Site, Subject, conn_state};
