//! Names that are the same in every run of a program: of processes, threads and connections. They follow from who made whom
//! and which of its maker's it is, never from numbers the kernel gives or from what other threads do meanwhile.

use crate::hot::state::{self, Tls};
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use socklens_inside::engine::Thread;
use socklens_rules::fault::draw::mix;
use socklens_wire::{ConnInfo, ProcSlot, Segment};

const FORK: u64 = 1;
const EXEC: u64 = 2;
const THREAD: u64 = 3;
const SOCKET: u64 = 4;
const ACCEPT: u64 = 5;
const STRAY: u64 = 6;

/// The process's own slot.
fn process() -> Option<&'static ProcSlot> {
    let seg = state::segment()?;
    // SAFETY: a slot in the mapping, of which only atomics are used through the reference.
    seg.proc_slot(state::PROC_INDEX.load(Ordering::Relaxed)).map(|p| unsafe { &*p })
}

/// The lineage of the process.
fn of_process() -> u64 {
    process().map_or(0, |p| p.lineage.load(Ordering::Relaxed))
}

/// The lineage of this thread. One that did not come through pthread_create is told apart by when it came.
fn lineage(tls: &Tls) -> u64 {
    if tls.lineage.get() == 0 {
        let n = process().map_or(0, |p| p.children.fetch_add(1, Ordering::Relaxed));
        tls.lineage.set(mix(of_process(), STRAY, 0, 0, u64::from(n)) | 1);
    }
    tls.lineage.get()
}

/// That of the calling thread, if this process records anything.
pub fn own_lineage() -> u64 {
    lineage(state::tls())
}

fn next_child(tls: &Tls) -> u64 {
    let n = tls.children.get().wrapping_add(1);
    tls.children.set(n);
    u64::from(n)
}

/// This thread forks: its child's number is taken, in both.
pub fn before_fork() {
    let tls = state::tls();
    lineage(tls);
    next_child(tls);
}

/// In the child of a fork.
pub fn after_fork() {
    let tls = state::tls();
    let own = mix(tls.lineage.get(), FORK, 0, 0, u64::from(tls.children.get())) | 1;
    tls.lineage.set(own);
    tls.children.set(0);
    tls.births.set(0);
    if let Some(p) = process() {
        p.lineage.store(own, Ordering::Relaxed);
    }
}

/// A new image: after an exec of the process that `previous` was, or else a child of the one that `parent` is.
pub fn image_lineage(previous: Option<&ProcSlot>, parent: Option<&ProcSlot>) {
    let from = |p: &ProcSlot| p.lineage.load(Ordering::Relaxed);
    let own = match (previous, parent) {
        (Some(p), _) => mix(from(p), EXEC, 0, 0, 0),
        (None, Some(p)) => mix(from(p), EXEC, 1, 0, u64::from(p.children.fetch_add(1, Ordering::Relaxed))),
        (None, None) => mix(0, EXEC, 2, 0, 0),
    } | 1;
    let tls = state::tls();
    tls.lineage.set(own);
    tls.children.set(0);
    tls.births.set(0);
    if let Some(p) = process() {
        p.lineage.store(own, Ordering::Relaxed);
    }
}

/// Names a new socket of this thread. Only while there are rules: nobody else asks.
pub fn birth_key(seg: &Segment, index: u32, info: &ConnInfo) {
    if !super::present() {
        return;
    }
    let Some(c) = seg.fault_conn(index) else { return };
    let tls = state::tls();
    let n = tls.births.get().wrapping_add(1);
    tls.births.set(n);
    let kind = u64::from(info.family) << 16 | u64::from(info.ty);
    c.key.store(mix(lineage(tls), SOCKET, kind, 0, u64::from(n)), Ordering::Relaxed);
    c.accepted.store(0, Ordering::Relaxed);
    let place = process().map_or(0, |p| p.births.fetch_add(1, Ordering::Relaxed).wrapping_add(1));
    c.ordinal.store(place, Ordering::Relaxed);
}

/// Names a connection by its listener instead.
pub fn accepted_key(seg: &Segment, index: u32, listener: u32) {
    if !super::present() {
        return;
    }
    let (Some(c), Some(l)) = (seg.fault_conn(index), seg.fault_conn(listener)) else { return };
    let n = l.accepted.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
    let tls = state::tls();
    tls.births.set(tls.births.get().wrapping_sub(1));
    c.key.store(mix(l.key.load(Ordering::Relaxed), ACCEPT, 0, 0, u64::from(n)), Ordering::Relaxed);
}

/// The calling thread, as the rules know it.
pub extern "C" fn thread() -> Thread {
    let tls = state::tls();
    Thread {
        lineage: lineage(tls),
        process: of_process(),
        births: process().map_or(0, |p| p.births.load(Ordering::Relaxed)),
        tid: state::tid(),
        borrows: tls.vfork_child.get() != 0,
    }
}

// ---- threads: what the new one must know travels in one of these

#[derive(Debug)]
struct Note {
    taken: AtomicU32,
    start: AtomicUsize,
    arg: AtomicUsize,
    lineage: AtomicU64,
}

const NOTES: usize = 64;
// Apart from what every start writes: adr/0010.
#[unsafe(link_section = ".bss.large")]
static NOTE: [Note; NOTES] = [const {
    Note { taken: AtomicU32::new(0), start: AtomicUsize::new(0), arg: AtomicUsize::new(0), lineage: AtomicU64::new(0) }
}; NOTES];

/// Before a thread is made: the place with what it must know; None when all are in use, and then its lineage is a stray's.
pub fn thread_note(start: usize, arg: usize) -> Option<usize> {
    let tls = state::tls();
    let own = mix(lineage(tls), THREAD, 0, 0, next_child(tls)) | 1;
    let at = NOTE.iter().position(|n| n.taken.swap(1, Ordering::Acquire) == 0)?;
    let n = NOTE.get(at)?;
    n.start.store(start, Ordering::Relaxed);
    n.arg.store(arg, Ordering::Relaxed);
    n.lineage.store(own, Ordering::Release);
    Some(at)
}

/// It was not made.
pub fn thread_failed(at: usize) {
    if let Some(n) = NOTE.get(at) {
        n.taken.store(0, Ordering::Release);
    }
}

/// In the new thread: its start routine and argument.
pub extern "C" fn thread_born(at: usize) -> u128 {
    let Some(n) = NOTE.get(at) else { return 0 };
    state::tls().lineage.set(n.lineage.load(Ordering::Acquire));
    let (start, arg) = (n.start.load(Ordering::Relaxed), n.arg.load(Ordering::Relaxed));
    n.taken.store(0, Ordering::Release);
    start as u128 | (arg as u128) << 64
}
