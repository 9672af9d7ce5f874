//! What is remembered between calls, in the session's memory.

use super::Cx;
use super::lent;
use core::sync::atomic::Ordering;
use socklens_calls::{CALLS, Call, class};
use socklens_rules::fault::{Scope, draw};
use socklens_wire::Segment;
use socklens_wire::fault::{FaultConn, FaultLane, lane, place};
use socklens_wire::layout::FAULT_LANES;

/// What faults remember of a conn; made anew when the place held another one's.
pub fn conn(seg: &Segment, cx: &Cx) -> Option<&'static FaultConn> {
    let c = seg.fault_conn(cx.entry.conn()?)?;
    let serial = cx.entry.serial();
    let was = c.serial.load(Ordering::Acquire);
    if was != serial {
        c.flags.store(0, Ordering::Relaxed);
        for b in &c.bytes {
            b.store(0, Ordering::Relaxed);
        }
        for o in &c.ops {
            o.store(0, Ordering::Relaxed);
        }
        c.promised.store(0, Ordering::Relaxed);
        c.errno.store(0, Ordering::Relaxed);
        c.heal.store(0, Ordering::Relaxed);
        c.gate.store(0, Ordering::Relaxed);
        c.owed.store(0, Ordering::Relaxed);
        c.slow.store(0, Ordering::Relaxed);
        // Of two threads at the first call of a socket both write the same.
        c.serial.store(serial, Ordering::Release);
    }
    Some(c)
}

/// How far a place may lie from where its hash points.
const REACH: u32 = 32;

/// What a rule remembers of a lane. `owner` is the conn whose lane it is, 0 for none: when that conn has ended, the place is
/// free. None when all places near are taken.
pub fn lane(seg: &Segment, key: u64, owner: u64, group: u32) -> Option<&'static FaultLane> {
    // Again while another thread is at a place on the way: it may be making this very lane.
    const TRIES: u32 = 64;
    (1..=TRIES).find_map(|n| claim(seg, key.max(1), owner, group, n == TRIES)).flatten()
}

/// The owner of a place that is being claimed.
const CLAIMED: u64 = u64::MAX;

/// A lane's place, found or made; Some(None) when there is none, None when another thread claims one on the way, which with
/// `last` is passed over (it may have been killed).
fn claim(seg: &Segment, key: u64, owner: u64, group: u32, last: bool) -> Option<Option<&'static FaultLane>> {
    let mut free = None;
    for i in 0..REACH {
        let Some(l) = seg.fault_lane((key as u32).wrapping_add(i) & (FAULT_LANES - 1)) else { break };
        let (was, k) = (l.owner.load(Ordering::Acquire), l.key.load(Ordering::Acquire));
        if k == key {
            return Some(Some(l));
        }
        if was == CLAIMED {
            if last {
                continue;
            }
            core::hint::spin_loop();
            return None;
        }
        if free.is_none() && (k == 0 || ended(seg, was)) {
            free = Some((l, was, k));
        }
        if k == 0 {
            break;
        }
    }
    let Some((l, was, k)) = free else { return Some(None) };
    l.owner.compare_exchange(was, CLAIMED, Ordering::AcqRel, Ordering::Relaxed).ok()?;
    if l.key.load(Ordering::Acquire) != k {
        // Claimed and given by another meanwhile.
        l.owner.store(was, Ordering::Release);
        return None;
    }
    l.group.store(group, Ordering::Relaxed);
    for n in [&l.matched, &l.fired, &l.burst, &l.streak] {
        n.store(0, Ordering::Relaxed);
    }
    l.last.store(0, Ordering::Relaxed);
    l.word.store(0, Ordering::Relaxed);
    l.since.store(FaultLane::NEW, Ordering::Relaxed);
    l.before.store(0, Ordering::Relaxed);
    l.key.store(key, Ordering::Release);
    l.owner.store(owner, Ordering::Release);
    Some(Some(l))
}

/// Whether the conn of an owner word is no more.
pub fn ended(seg: &Segment, owner: u64) -> bool {
    let (index, serial) = (owner as u32, (owner >> 32) as u32);
    index != 0
        && seg.conn_slot(index - 1).is_some_and(|p| {
            // SAFETY: a slot in the mapping; the fields are atomics.
            unsafe { (*p).serial.load(Ordering::Relaxed) != serial || (*p).refs.load(Ordering::Relaxed) == 0 }
        })
}

/// The addition that the lanes below came with: no rule's.
const COUNTED: u32 = u32::MAX;

/// Counts a call of a thread and its process, where a session is recorded; how many of its kind there were before.
pub fn count_call(seg: &Segment, cx: &Cx) -> [u32; 2] {
    // Apart, because how often a program waits, or finds nothing to receive, is seldom the same twice.
    let kind = match () {
        () if super::errors::waits(cx.call) => 1,
        () if moves(cx.call) => 2,
        () => 3,
    };
    [(cx.thread.lineage, place::THREAD), (cx.thread.process, place::PROCESS)].map(|(key, place)| {
        let here = hash(key, u64::from(place) | kind << 8 | u64::from(COUNTED) << 32);
        lane(seg, here, 0, COUNTED).map_or(0, |l| l.matched.fetch_add(1, Ordering::Relaxed))
    })
}

/// How many calls there were in a lane before this one; `counted`: see [`count_call`].
pub fn calls_before(conn: Option<&FaultConn>, place: u64, [thread, process]: [u32; 2]) -> u32 {
    let ops = |i: usize| conn.and_then(|c| c.ops.get(i)).map_or(0, |n| n.load(Ordering::Relaxed));
    let n = match place as u8 {
        place::THREAD => thread,
        place::PROCESS => process,
        // A rule that counts connections counts all their calls.
        lane::OTHER => ops(0).wrapping_add(ops(1)).wrapping_add(ops(2)),
        other => ops(usize::from(other)),
    };
    n.min(FaultLane::UNSEEN - 1)
}

/// Notes from which call of the lane on a rule counts there. One that was there from the beginning counts from its first.
pub fn begin(memory: &FaultLane, calls: u32, late: bool) {
    let since = memory.since.load(Ordering::Relaxed);
    if since < FaultLane::UNSEEN {
        return;
    }
    let from = if since == FaultLane::NEW && !late { 0 } else { calls };
    memory.before.store(memory.matched.load(Ordering::Relaxed), Ordering::Relaxed);
    memory.since.store(from, Ordering::Relaxed);
}

/// Whether a call moves bytes or connections, so that it belongs to a lane of its connection.
pub fn moves(call: Call) -> bool {
    call.class() & (class::IN | class::OUT) != 0 || matches!(call, Call::accept | Call::accept4)
}

/// Matches, chances and windows belong to a lane: what it is called in every run, and in this one.
pub fn place_of(seg: &Segment, cx: &Cx, scope: Scope) -> (u64, u64, u64) {
    let of_conn = cx.entry.conn().and_then(|i| seg.fault_conn(i)).map(|c| c.key.load(Ordering::Relaxed));
    let moves = moves(cx.call);
    match (scope, of_conn) {
        (Scope::Conn, Some(key)) => (key, u64::from(lane::OTHER), owner(cx)),
        (Scope::Call | Scope::Dgram | Scope::Byte, Some(key)) if moves => (key, u64::from(cx.lane), owner(cx)),
        (Scope::Process, _) => (cx.thread.process, u64::from(place::PROCESS), 0),
        (Scope::Syscall, _) => {
            let name = SYSTEM_CALLS.get(cx.call as usize).copied().unwrap_or(0);
            (hash(cx.thread.lineage, u64::from(name)), u64::from(place::THREAD), 0)
        }
        _ => (cx.thread.lineage, u64::from(place::THREAD), 0),
    }
}

/// A hash (FNV-1a) of the name of each call's system call: send and sendto are one. Made beforehand, so that the library has
/// not all the names.
static SYSTEM_CALLS: [u32; CALLS.len()] = {
    let mut all = [0; CALLS.len()];
    let mut i = 0;
    while i < all.len() {
        let name = CALLS[i].sysname.as_bytes();
        let (mut h, mut k) = (0x811c_9dc5_u32, 0);
        while k < name.len() {
            h = (h ^ name[k] as u32).wrapping_mul(0x0100_0193);
            k += 1;
        }
        all[i] = h;
        i += 1;
    }
    all
};

/// The owner word of a call's conn.
pub fn owner(cx: &Cx) -> u64 {
    match cx.entry.conn() {
        Some(i) => u64::from(i + 1) | u64::from(cx.entry.serial()) << 32,
        None => 0,
    }
}

/// What names a call's conn in every run.
pub fn key(seg: &Segment, cx: &Cx) -> u64 {
    cx.entry.conn().and_then(|i| seg.fault_conn(i)).map_or(0, |c| c.key.load(Ordering::Relaxed))
}

/// A hash of two words.
pub fn hash(a: u64, b: u64) -> u64 {
    draw::scatter(a, b)
}

/// Whether system calls of our own could be punished here.
pub fn confined(seg: &Segment, cx: &Cx) -> bool {
    lent::has_confined_itself()
        || cx.thread.borrows
        || (!lent::may_peek() && seg.fault_shared().confined.load(Ordering::Relaxed) != 0)
}
