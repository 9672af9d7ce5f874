//! What a session's timeline consists of.

use crate::Clock;
use crate::conns::Conns;
use socklens_wire::{ConnInfo, Event};
use std::io;

/// How a process ended, as wait tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitStatus {
    Exited(i32),
    Killed { signal: i32, core: bool },
}

/// One process image of the session.
#[derive(Clone, Debug)]
pub struct Proc {
    /// Its number in this reading of the session.
    pub key: u32,
    /// As the process sees itself.
    pub pid: u32,
    pub ppid: u32,
    /// As the reader sees it.
    pub host_pid: u32,
    pub uid: u32,
    /// Born by fork, not by exec.
    pub forked: bool,
    /// Raw time of its first sign of life.
    pub start: u64,
    pub comm: Vec<u8>,
    pub exe: Vec<u8>,
}

/// The thread an event belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// [`Proc::key`].
    pub proc: u32,
    pub pid: u32,
    pub tid: u32,
    /// The pid by which /proc knows it here; 0 when that is not known.
    pub host_pid: u32,
    pub comm: &'a [u8],
}

/// Which part of a call an item shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Entry and result together.
    Whole,
    /// The entry: something else follows before the result.
    Enter,
    /// The result of a call whose entry was shown.
    Exit,
    /// The thread ended inside the call; `shown` tells whether its entry was shown already.
    Died { shown: bool },
}

/// One element of the timeline.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    Call {
        phase: Phase,
        event: &'a Event<'a>,
        who: Who<'a>,
    },
    /// A note of the shim, see [`socklens_wire::event::note`].
    Note {
        event: &'a Event<'a>,
        who: Who<'a>,
    },
    /// A connection was still open when the last process that held it ended.
    ConnLeft {
        info: &'a ConnInfo,
        at: u64,
    },
    ProcStart {
        proc: &'a Proc,
    },
    ProcEnd {
        proc: &'a Proc,
        /// Known of the direct child only.
        status: Option<ExitStatus>,
        /// It went on under another program.
        replaced: bool,
        at: u64,
    },
}

/// What an item is to be understood with.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub clock: &'a Clock,
    pub conns: &'a Conns,
    /// Whether items of more than one process or thread have been seen.
    pub several: bool,
}

/// Where a timeline goes.
pub trait Sink {
    /// Takes the next item.
    fn item(&mut self, item: &Item, view: &View) -> io::Result<()>;

    /// Nothing more comes for a while: what is buffered should become visible.
    fn idle(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A process of the session in which nothing was recorded, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unseen {
    pub pid: u32,
    pub path: String,
    pub why: String,
}

/// What a session came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Calls in the log.
    pub recorded: u64,
    /// Calls that were left out for want of room.
    pub dropped: u64,
    /// Calls a filter left out.
    pub filtered: u64,
    /// Records that were never finished: their thread was killed while it wrote them, or the memory was damaged.
    pub holes: u64,
    /// Calls of threads that found no slot.
    pub slotless: u64,
    /// Processes and connections that found no slot.
    pub lost_procs: u64,
    pub lost_conns: u64,
    pub processes: u64,
    pub threads: u64,
    pub conns: u64,
    pub elapsed_ns: u64,
    pub unseen: Vec<Unseen>,
    /// More of them than are kept in `unseen`.
    pub more_unseen: u64,
    /// pid and command of processes that set up io_uring.
    pub io_uring: Vec<(u32, String)>,
    /// Processes, the first [`Summary::KEPT`] of them: pid, command, calls.
    pub procs: Vec<(u32, String)>,
}

impl Summary {
    /// How many processes are kept by name.
    pub const KEPT: usize = 1000;

    /// Everything that is missing from the log.
    pub fn missing(&self) -> u64 {
        self.dropped.saturating_add(self.holes).saturating_add(self.slotless)
    }
}

/// A fixed-size name without its trailing zeros.
pub fn trimmed(name: &[u8]) -> &[u8] {
    name.split(|b| *b == 0).next().unwrap_or(&[])
}
