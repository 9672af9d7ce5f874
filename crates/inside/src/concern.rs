//! Whether fault rules may have anything to do with a call: what is asked at every call while there are rules, before any
//! of them is evaluated. The tables lie in libsocklens.so; libsocklens-faults.so fills them.

use crate::entry::Entry;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use socklens_calls::{CALLS, Call, Ret, class};
use socklens_rules::fault::Region;
use socklens_wire::Segment;

/// Connections that are remembered at once.
const MEMORY: usize = 4096;

/// Remembers, for connections, which rules cannot match them.
#[derive(Debug)]
struct Memory {
    /// Exclusive or of `mask` and what the memory is of: a torn pair matches nothing.
    check: AtomicU64,
    mask: AtomicU64,
}

/// This process's tables of the rules in force.
#[derive(Debug)]
pub struct Concerns {
    /// The generation of rules that they are made of, plus one; 0 while they are being made.
    pub known: AtomicU32,
    /// The process, of which a thread makes them; another one's number means that none does.
    pub maker: AtomicU32,
    /// Rules that keep an eye on streams: all calls that move bytes count for them.
    pub watching: AtomicU32,
    /// Until when, in CLOCK_MONOTONIC nanoseconds, nothing opens in this process; 0 for no such time.
    pub exhausted_until: AtomicU64,
    /// Rules that ask where in the program a call was made.
    pub sites: AtomicU64,
    /// Rules that ask for the name of a host: lookups are watched for them.
    pub hosts: AtomicU64,
    /// Rules that ask for the name that a TLS client asks for: streams are read for them.
    pub snis: AtomicU64,
    /// Rules that ask for the stack.
    pub stacks: AtomicU64,
    /// For each call, the rules about it.
    pub of_call: [AtomicU64; CALLS.len()],
    /// For each call, the rules of whose connections the engine is to see it.
    pub shown: [AtomicU64; CALLS.len()],
    of_conn: [Memory; MEMORY],
}

/// What rules may match a call.
#[derive(Debug)]
pub struct Candidates {
    /// Those about the call, without those known not to match the connection.
    pub rules: u64,
    /// Those about any call that may match the connection.
    pub known: u64,
    /// What the memory of the connection is of; None when there is none.
    pub what: Option<u64>,
    /// The memory knows it.
    pub fresh: bool,
}

impl Candidates {
    /// All rules: nothing is known.
    pub const ALL: Candidates = Candidates { rules: u64::MAX, known: u64::MAX, what: None, fresh: false };
}

impl Concerns {
    /// Tables of no rules.
    pub const fn new() -> Concerns {
        Concerns {
            known: AtomicU32::new(0),
            maker: AtomicU32::new(0),
            watching: AtomicU32::new(0),
            exhausted_until: AtomicU64::new(0),
            sites: AtomicU64::new(0),
            hosts: AtomicU64::new(0),
            snis: AtomicU64::new(0),
            stacks: AtomicU64::new(0),
            of_call: [const { AtomicU64::new(0) }; CALLS.len()],
            shown: [const { AtomicU64::new(0) }; CALLS.len()],
            of_conn: [const { Memory { check: AtomicU64::new(0), mask: AtomicU64::new(0) } }; MEMORY],
        }
    }

    /// Whether the tables are of the rules in force.
    #[inline(always)]
    pub fn is_current(&self, region: &Region) -> bool {
        self.known.load(Ordering::Acquire) == region.generation.load(Ordering::Relaxed).wrapping_add(1)
    }

    /// Whether the engine has anything to do with the call.
    #[inline(always)]
    pub fn concerns(&self, seg: &Segment, call: Call, entry: Entry) -> bool {
        let may = self.candidates(seg, call, entry);
        may.rules != 0
            || (may.known != 0 && self.watching.load(Ordering::Relaxed) != 0 && is_watched(call))
            || (self.exhausted_until.load(Ordering::Relaxed) != 0 && makes_descriptor(call))
    }

    /// Whether it is known that the engine has nothing to do with the call, under the rules of `generation`. Few
    /// instructions, for every call while there are rules; false also when it takes more than that to tell. `version` is
    /// the lock word of the connection's slot.
    #[inline(always)]
    pub fn rule_out(&self, generation: u32, version: impl Fn(u32) -> u32, call: Call, entry: Entry) -> bool {
        let Some(index) = entry.conn() else { return false };
        let Some(m) = self.of_conn.get(index as usize % MEMORY) else { return false };
        let (check, known) = (m.check.load(Ordering::Relaxed), m.mask.load(Ordering::Relaxed));
        // A memory of this generation was written once the tables were of it.
        check ^ known == what(entry, version(index), generation)
            && self.shown.get(call as usize).is_some_and(|s| s.load(Ordering::Relaxed) & known == 0)
    }

    /// The rules that may match a call: all of them while the tables are being made anew.
    #[inline(always)]
    pub fn candidates(&self, seg: &Segment, call: Call, entry: Entry) -> Candidates {
        let known = self.known.load(Ordering::Acquire);
        if !self.is_current(Region::of(seg)) {
            return Candidates::ALL;
        }
        let may = self.tabled(seg, call, entry, known);
        fence(Ordering::Acquire);
        if self.known.load(Ordering::Relaxed) == known { may } else { Candidates::ALL }
    }

    #[inline(always)]
    fn tabled(&self, seg: &Segment, call: Call, entry: Entry, known: u32) -> Candidates {
        let rules = self.of_call.get(call as usize).map_or(0, |m| m.load(Ordering::Relaxed));
        let all = Candidates { rules, ..Candidates::ALL };
        let Some(index) = entry.conn() else { return all };
        let Some(slot) = seg.conn_slot(index) else { return all };
        // SAFETY: a slot in the mapping; the field is an atomic.
        let version = unsafe { (*slot).lock.load(Ordering::Relaxed) };
        let what = what(entry, version, known.wrapping_sub(1));
        let Some(m) = self.of_conn.get(index as usize % MEMORY) else { return all };
        let (check, known) = (m.check.load(Ordering::Relaxed), m.mask.load(Ordering::Relaxed));
        let fresh = check ^ known == what;
        // The peer that connect names is not the one the memory is of.
        if fresh && call != Call::connect {
            Candidates { rules: rules & known, known, what: Some(what), fresh }
        } else {
            Candidates { what: Some(what), ..all }
        }
    }

    /// Notes which rules alone can match the connection, whatever the call.
    pub fn remember(&self, entry: Entry, what: u64, mask: u64) {
        let Some(m) = entry.conn().and_then(|i| self.of_conn.get(i as usize % MEMORY)) else { return };
        m.check.store(what ^ mask, Ordering::Relaxed);
        fence(Ordering::Release);
        m.mask.store(mask, Ordering::Relaxed);
    }
}

/// What a memory is of: a connection, as its addresses are, and rules.
#[inline(always)]
fn what(entry: Entry, version: u32, generation: u32) -> u64 {
    // Odd below, so that no memory is ever of nothing.
    u64::from(entry.serial()) << 32
        ^ u64::from(version) << 8
        ^ u64::from(generation).wrapping_mul(0x9e37_79b9_7f4a_7c15 << 1)
        ^ 1
}

impl Default for Concerns {
    fn default() -> Concerns {
        Concerns::new()
    }
}

/// Calls in which the state that faults leave behind shows.
pub fn is_watched(call: Call) -> bool {
    call.class() & (class::IN | class::OUT) != 0
        || matches!(
            call,
            Call::connect | Call::getsockname | Call::getpeername | Call::getsockopt | Call::shutdown | Call::ioctl
        )
}

/// Whether a call makes a descriptor.
pub fn makes_descriptor(call: Call) -> bool {
    call.ret() == Ret::NewFd
        || matches!(
            call,
            Call::socketpair | Call::dup | Call::fopen | Call::freopen | Call::popen | Call::pipe | Call::pipe2
        )
}
