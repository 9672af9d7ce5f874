//! Open connections in numbers.

use crate::stats::{Role, conns};
use socklens_decode::label;
use socklens_wire::ConnInfo;

/// An open connection, in numbers: names are made of those that are shown. Without statistics the numbers are 0.
#[derive(Clone, Copy, Debug)]
pub struct ConnNow {
    pub info: ConnInfo,
    /// Calls on it: receiving, sending, other.
    pub calls: [u64; 3],
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub errors: u64,
    /// The thread that made it; 0 when unknown.
    pub tid: u32,
    /// When it was opened and when it was used last, in nanoseconds after the session's start; None when unknown.
    pub opened_ns: Option<u64>,
    pub last_ns: Option<u64>,
    /// How long connect took.
    pub connect_ns: Option<u64>,
}

impl ConnNow {
    /// A connection of which only this is known.
    pub fn new(info: ConnInfo) -> ConnNow {
        ConnNow {
            info,
            calls: [0; 3],
            bytes_in: 0,
            bytes_out: 0,
            errors: 0,
            tid: 0,
            opened_ns: None,
            last_ns: None,
            connect_ns: None,
        }
    }

    /// All calls on it.
    pub fn total(&self) -> u64 {
        self.calls.iter().fold(0, |a, n| a.saturating_add(*n))
    }

    /// `127.0.0.1:80`, `*:80`, `/run/x.sock`; empty when unknown.
    pub fn local(&self) -> String {
        conns::address(self.info.local())
    }

    /// As [`ConnNow::local`], of the peer.
    pub fn peer(&self) -> String {
        conns::address(self.info.peer())
    }

    /// tcp, udp, unix ...
    pub fn proto(&self) -> &'static str {
        label::proto(&self.info)
    }

    /// What the socket is used as.
    pub fn role(&self) -> Role {
        conns::role_of(&self.info)
    }
}
