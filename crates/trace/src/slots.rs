//! What the reader remembers of the thread and process slots it has met.

use crate::procfs;
use crate::timeline::Exec;
use std::time::Instant;

/// A chunk being read.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    pub position: u32,
    pub seq: u32,
    /// Bytes read.
    pub at: u32,
}

/// One incarnation of a thread slot.
#[derive(Debug)]
pub struct Thread {
    pub slot: u32,
    pub uses: u32,
    /// Index into the reader's processes.
    pub proc: usize,
    pub host_tid: u32,
    pub pid: u32,
    pub tid: u32,
    pub comm: String,
    /// In the timeline.
    pub stream: u32,
    /// Number of its next chunk.
    pub next_seq: u32,
    /// Later chunks that were read before it.
    pub ahead: Vec<u32>,
    /// Chunks it handed over, not read yet: sequence number and position.
    pub queue: Vec<(u32, u32)>,
    pub cursor: Option<Cursor>,
    /// Position of the chunk its slot named at the beginning of this pass.
    pub current: Option<u32>,
    /// Since when a hole or a missing chunk has held it up.
    pub stuck: Option<Instant>,
    /// Found dead: what it left is read once more, then it is forgotten.
    pub dead: bool,
    /// Made from a chunk whose slot was already forgotten.
    pub orphan: bool,
    /// What it is about to execute.
    pub exec: Option<Exec>,
    /// What the child of its latest vfork was about to run, and when.
    pub vfork_exec: Option<(String, u64, Option<Exec>)>,
}

impl Thread {
    /// Chunk `seq` has been read; `early` says that the one before it is still to come.
    pub fn passed(&mut self, seq: u32, early: bool) {
        if early {
            if self.ahead.len() < 64 {
                self.ahead.push(seq);
            }
            return;
        }
        if seq >= self.next_seq {
            self.next_seq = seq.saturating_add(1);
        }
        while let Some(i) = self.ahead.iter().position(|a| *a == self.next_seq) {
            self.ahead.swap_remove(i);
            self.next_seq = self.next_seq.saturating_add(1);
        }
    }
}

/// One incarnation of a process slot.
#[derive(Debug)]
pub struct Process {
    pub slot: u32,
    pub uses: u32,
    /// In the timeline.
    pub key: u32,
    pub pid: u32,
    pub host_pid: u32,
    /// Raw time of its first sign of life.
    pub start: u64,
    /// Its start as /proc told when it was met; None when it could not be asked.
    pub started: Option<u64>,
    /// Its pid cannot be looked up from here.
    pub hidden: bool,
    pub dead: bool,
    /// Replaced by exec: its successor has the same pid.
    pub replaced: bool,
    /// A further image of a process that was there before.
    pub again: bool,
    /// Threads that live, and all there were.
    pub threads: u32,
    pub threads_seen: u64,
    pub ppid: u32,
    pub exe: String,
    pub comm: String,
    pub calls: u64,
}

impl Process {
    /// Whether the process can still run, as far as can be told.
    pub fn alive(&self) -> bool {
        match procfs::stat(self.host_pid) {
            _ if self.hidden => true,
            None => false,
            Some(s) => s.alive() && self.started.is_none_or(|t| t == s.started),
        }
    }
}
