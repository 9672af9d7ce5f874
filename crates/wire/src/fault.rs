//! What must be remembered between calls for fault rules: per connection, and per rule and lane. Shared memory, because dup,
//! fork and exec share connections.

use crate::sync::{AtomicU32, AtomicU64};

/// Lanes of a connection.
pub mod lane {
    /// Received.
    pub const IN: u8 = 0;
    /// Sent.
    pub const OUT: u8 = 1;
    /// Neither: connecting, accepting, options.
    pub const OTHER: u8 = 2;
}

/// What a rule counts its matches in: a lane of a connection, or one of these.
pub mod place {
    /// A thread.
    pub const THREAD: u8 = 3;
    /// A process.
    pub const PROCESS: u8 = 4;
    /// Their words, those of lanes first.
    pub const WORDS: [&str; 5] = ["in", "out", "conn", "thread", "process"];
}

/// Bits of [`FaultConn::flags`].
pub mod state {
    /// The end of stream was told: from now on every receive returns 0.
    pub const EOF: u32 = 1;
    /// Reset by us: the kernel no longer knows its addresses.
    pub const DEAD: u32 = 2;
    /// What the peer sends is dropped.
    pub const DEAF: u32 = 4;
    /// What we send goes nowhere.
    pub const MUTE: u32 = 8;
    /// connect() was interrupted: it goes on, and a later EISCONN means success.
    pub const CONNECTING: u32 = 16;
    /// Sent through a pacing rate of ours.
    pub const PACED: u32 = 32;
    /// connect() went elsewhere: the peer's name is not the one that was asked for.
    pub const DIVERTED: u32 = 64;
    /// The datagram that is next was looked at and passed.
    pub const SEEN: u32 = 128;
    /// The datagram that is next was delivered once already, as its own duplicate.
    pub const TWICE: u32 = 256;
    /// Latency was waited for: what arrives behind the first bytes follows at once.
    pub const FLOWING: u32 = 512;
    /// An error that a call on many messages met behind the first one, or that a reset leaves behind: the next receive tells it.
    pub const PARKED: u32 = 1024;
    /// It is reset as soon as what was received has been read.
    pub const DRAINING: u32 = 2048;
}

/// What faults remember of one connection, beside its slot.
#[derive(Debug)]
#[repr(C, align(16))]
pub struct FaultConn {
    /// The conn it speaks of; another one's is as good as none.
    pub serial: AtomicU32,
    /// Bits of [`state`].
    pub flags: AtomicU32,
    /// Bytes moved in and out, as far as seen.
    pub bytes: [AtomicU64; 2],
    /// Calls in each lane.
    pub ops: [AtomicU32; 3],
    /// Bytes that MSG_PEEK has shown and that are not read yet.
    pub promised: AtomicU32,
    /// The errno to tell in place of the next ECONNRESET or ECONNREFUSED.
    pub errno: AtomicU32,
    /// Moment of the last byte, in seconds since the session's start.
    pub last: AtomicU32,
    /// When what is switched off comes back, CLOCK_MONOTONIC nanoseconds; 0 never.
    pub heal: AtomicU64,
    /// Until when what arrives is held back; 0 when nothing is, 1 while that ends.
    pub gate: AtomicU64,
    /// What identifies it in another run of the same program: a hash of the thread's lineage and of which of its sockets
    /// it is, or of the listener's key and of which of its connections.
    pub key: AtomicU64,
    /// Connections accepted from it.
    pub accepted: AtomicU32,
    /// Its place among those of its process, from 1.
    pub ordinal: AtomicU32,
    /// When what was received would have come in at the rate of a rule, CLOCK_MONOTONIC nanoseconds.
    pub owed: AtomicU64,
    /// How long its close takes, nanoseconds.
    pub slow: AtomicU64,
}

const _: () = assert!(core::mem::size_of::<FaultConn>() == 96);

/// What one rule remembers of one lane.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct FaultLane {
    /// Hash of rule and lane; 0 free.
    pub key: AtomicU64,
    /// The conn's slot + 1 below, its serial above; 0 for a lane of a thread or process.
    pub owner: AtomicU64,
    /// Matches.
    pub matched: AtomicU32,
    /// Firings.
    pub fired: AtomicU32,
    /// Matches that still fire because one did.
    pub burst: AtomicU32,
    /// Faked results since the last real call.
    pub streak: AtomicU32,
    /// State of correlated draws and of loss models.
    pub word: AtomicU64,
    /// The match that fired last.
    pub last: AtomicU64,
    /// The addition that the rule came with.
    pub group: AtomicU32,
    /// From which call of the lane on it counts, where sessions are recorded or replayed; or one of the words below.
    pub since: AtomicU32,
    /// Matches that it had counted by then.
    pub before: AtomicU32,
}

impl FaultLane {
    /// Values of [`FaultLane::since`]: it is new; calls went by that the rule did not count.
    pub const NEW: u32 = u32::MAX;
    pub const UNSEEN: u32 = u32::MAX - 1;

    /// The owner word of a lane that nobody needs any more: a connection that no slot holds.
    pub const NOBODY: u64 = 1 | (u32::MAX as u64) << 32;
}

const _: () = assert!(core::mem::size_of::<FaultLane>() == 64);

/// Words of the whole session.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct FaultShared {
    /// Not 0: every call on a socket is looked at, for what faults did to it before.
    pub attend: AtomicU32,
    /// A process of the session confined itself: those it makes may be confined too.
    pub confined: AtomicU32,
    /// Lanes of the schedule.
    pub due_lanes: AtomicU32,
    /// Not 0: an error was left for the next receive of a socket that cannot hold one itself.
    pub left: AtomicU32,
    /// Until when, in CLOCK_MONOTONIC nanoseconds, what some socket has received is held back at most.
    pub gated_until: AtomicU64,
}

/// One fault of a schedule that is to be caused again. Sorted by lane, then by `since`, then by `at`.
#[derive(Debug)]
#[repr(C)]
pub struct Due {
    /// The match of the lane, from 1, or the offset in its stream: see [`DueLane::by_offset`].
    pub at: u64,
    /// Which match it was.
    pub counter: u64,
    /// What was drawn.
    pub value: u64,
    /// From which call of the lane on its rule counts there, and how many matches it had counted by then.
    pub since: u32,
    pub before: u32,
    /// Which item of the rule, and which step of it.
    pub item: u8,
    pub step: u8,
    pub pad: u16,
    /// [`due`]
    pub state: AtomicU32,
}

const _: () = assert!(core::mem::size_of::<Due>() == 40);

/// Values of [`Due::state`].
pub mod due {
    /// Its place was not come to.
    pub const AHEAD: u32 = 0;
    /// Its place was come to; what it needs was not there.
    pub const MET: u32 = 1;
    /// Caused.
    pub const DONE: u32 = 2;
    /// From here on: not caused, for the reason of this number.
    pub const SKIPPED: u32 = 16;
}

/// The faults of a schedule in one lane of one rule. Sorted by key.
#[derive(Debug)]
#[repr(C)]
pub struct DueLane {
    /// Hash of the rule and the lane.
    pub key: u64,
    /// The first, and how many.
    pub first: u32,
    pub count: u32,
    /// Not 0: what counts is the place in the stream, not the match.
    pub by_offset: u32,
    pub pad: u32,
    /// How far the lane came: matches, and bytes.
    pub matched: AtomicU64,
    pub moved: AtomicU64,
}

const _: () = assert!(core::mem::size_of::<DueLane>() == 40);

/// A fault that was applied: capture [`crate::Part::Injected`] of the call's event, once for each.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Injected {
    /// What all draws of the session depend on.
    pub seed: u64,
    /// Which match of the lane it was, from 1.
    pub counter: u64,
    /// Offset in the lane's stream.
    pub offset: u64,
    /// The action's number: an errno, bytes, nanoseconds, a signal.
    pub value: u64,
    /// What the lane is called in every run: the key of the connection, thread or process. See [`place`].
    pub key: u64,
    /// What a schedule calls the rule, if it came after the session's beginning.
    pub noted: u64,
    /// From which call of the lane on the rule counts there, and how many matches it had counted by then. See [`FaultLane`].
    pub since: u32,
    pub before: u32,
    /// The addition that the rule came with: of the rules a session began with, their positions from 1.
    pub group: u32,
    /// How many times in a row, with counters one apart.
    pub times: u32,
    /// Position of the rule.
    pub rule: u16,
    /// 0 this kernel does it, 1 POSIX allows it, 2 neither.
    pub level: u8,
    /// [`lane`].
    pub lane: u8,
    /// Bytes of the texts below.
    pub name_len: u8,
    pub action_len: u8,
    pub recipe_len: u8,
    /// Which item of the rule, and which step of it.
    pub item: u8,
    pub step: u8,
    /// [`place`]
    pub place: u8,
    /// The rule's name; empty when it has none.
    pub name: [u8; 32],
    /// The action, as the rule language calls it.
    pub action: [u8; 14],
    /// How it was done.
    pub recipe: [u8; 32],
}

impl Injected {
    pub const SIZE: usize = core::mem::size_of::<Injected>();

    /// No fault.
    pub const NONE: Injected = Injected {
        seed: 0,
        counter: 0,
        offset: 0,
        value: 0,
        key: 0,
        noted: 0,
        since: 0,
        before: 0,
        group: 0,
        times: 0,
        rule: 0,
        level: 0,
        lane: 0,
        name_len: 0,
        action_len: 0,
        recipe_len: 0,
        item: 0,
        step: 0,
        place: 0,
        name: [0; 32],
        action: [0; 14],
        recipe: [0; 32],
    };

    /// Whether another fault is the same at the match that follows.
    pub fn continues(&self, next: &Injected) -> bool {
        let what = |f: &Injected| (f.key, f.place, f.group, f.item, f.step, f.value, f.offset, f.since);
        self.times != 0 && what(self) == what(next) && next.counter == self.counter + u64::from(self.times)
    }

    /// Reads one from a capture.
    pub fn from_bytes(b: &[u8]) -> Option<Injected> {
        if b.len() < Self::SIZE {
            return None;
        }
        // SAFETY: the length was checked, all fields are integers, and the read is unaligned.
        Some(unsafe { core::ptr::read_unaligned(b.as_ptr().cast()) })
    }

    /// The action.
    pub fn action(&self) -> &[u8] {
        self.action.get(..usize::from(self.action_len)).unwrap_or(&[])
    }

    /// How it was done.
    pub fn recipe(&self) -> &[u8] {
        self.recipe.get(..usize::from(self.recipe_len)).unwrap_or(&[])
    }

    /// The rule's name.
    pub fn name(&self) -> &[u8] {
        self.name.get(..usize::from(self.name_len)).unwrap_or(&[])
    }
}
