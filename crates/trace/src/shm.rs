//! Copies of slots out of shared memory, each field read once.

use crate::model::trimmed;
use socklens_wire::layout::{PAGE_SIZE, proc_state, thread_state};
use socklens_wire::{Anchor, ChunkHead, ConnInfo, ConnSlot, Segment, ThreadSlot};
use std::sync::atomic::{AtomicU64, Ordering};

/// Reads a plain field that another process may be writing.
macro_rules! field {
    ($p:expr, $f:ident) => {
        // SAFETY: the pointer comes from a bounds-checked accessor of a mapped segment and the field is plain integers,
        // for which every bit pattern is valid; volatile, as it may change under us.
        unsafe { (&raw const (*$p).$f).read_volatile() }
    };
}

/// Borrows an atomic field.
macro_rules! atomic {
    ($p:expr, $f:ident) => {
        // SAFETY: the pointer comes from a bounds-checked accessor of a mapped segment, and the field is an atomic.
        unsafe { &(*$p).$f }
    };
}
pub(crate) use {atomic, field};

/// A process slot in use.
#[derive(Clone, Debug)]
pub struct ProcCopy {
    pub state: u32,
    pub uses: u32,
    pub pid: u32,
    pub ppid: u32,
    pub host_pid: u32,
    pub pid_ns: u64,
    pub uid: u32,
    pub born: u32,
    pub start: Anchor,
    pub comm: [u8; 16],
    pub exe: Vec<u8>,
}

impl ProcCopy {
    /// Its comm as text.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(trimmed(&self.comm)).into_owned()
    }
}

/// State and incarnation of a process slot.
pub fn proc_state(s: &Segment, i: u32) -> Option<(u32, u32)> {
    let p = s.proc_slot(i)?;
    let state = atomic!(p, state).load(Ordering::Acquire);
    Some((state, atomic!(p, uses).load(Ordering::Relaxed)))
}

/// Copies a process slot that is LIVE or GONE.
pub fn proc_copy(s: &Segment, i: u32) -> Option<ProcCopy> {
    let (state, uses) = proc_state(s, i)?;
    if state != proc_state::LIVE && state != proc_state::GONE {
        return None;
    }
    let p = s.proc_slot(i)?;
    let exe: [u8; 256] = field!(p, exe);
    let len = (field!(p, exe_len) as usize).min(exe.len());
    Some(ProcCopy {
        state,
        uses,
        pid: field!(p, pid),
        ppid: field!(p, ppid),
        host_pid: field!(p, host_pid),
        pid_ns: field!(p, pid_ns),
        uid: field!(p, uid),
        born: field!(p, born),
        start: field!(p, start),
        comm: field!(p, comm),
        exe: exe[..len].to_vec(),
    })
}

/// A thread slot in use.
#[derive(Clone, Copy, Debug)]
pub struct ThreadCopy {
    pub uses: u32,
    pub proc_index: u32,
    pub tid: u32,
    pub host_tid: u32,
    pub comm: [u8; 16],
}

/// The slot's incarnation when it is LIVE, and the position + 1 of its chunk.
#[inline]
pub fn thread_live(s: &Segment, i: u32) -> Option<(u32, u32)> {
    let p: *mut ThreadSlot = s.thread_slot(i)?;
    if atomic!(p, state).load(Ordering::Acquire) != thread_state::LIVE {
        return None;
    }
    Some((atomic!(p, uses).load(Ordering::Relaxed), atomic!(p, chunk).load(Ordering::Acquire)))
}

/// Copies a thread slot.
pub fn thread_copy(s: &Segment, i: u32) -> Option<ThreadCopy> {
    let (uses, _) = thread_live(s, i)?;
    let p = s.thread_slot(i)?;
    Some(ThreadCopy {
        uses,
        proc_index: field!(p, proc_index),
        tid: field!(p, tid),
        host_tid: field!(p, host_tid),
        comm: field!(p, comm),
    })
}

/// Counters of a thread slot: recorded, dropped, filtered.
pub fn thread_counts(s: &Segment, i: u32) -> [u64; 3] {
    s.thread_slot(i).map_or([0; 3], |p| {
        [
            atomic!(p, recorded).load(Ordering::Relaxed),
            atomic!(p, dropped).load(Ordering::Relaxed),
            atomic!(p, filtered).load(Ordering::Relaxed),
        ]
    })
}

/// The call a thread is in.
#[derive(Clone, Copy, Debug)]
pub struct InCall {
    pub opcode: u16,
    pub conn: u32,
    pub start: u64,
    pub args: [u64; 6],
}

/// Reads the call a thread is in; None when it is in none or just changing.
pub fn in_call(s: &Segment, i: u32) -> Option<InCall> {
    let p = s.thread_slot(i)?;
    let load = |a: &AtomicU64| a.load(Ordering::Acquire);
    let op = atomic!(p, in_call).load(Ordering::Acquire);
    let opcode = u16::try_from(op.checked_sub(1)?).ok()?;
    let start = load(atomic!(p, in_start));
    let index = atomic!(p, in_conn).load(Ordering::Acquire);
    let args = atomic!(p, in_args).each_ref().map(load);
    let same = load(atomic!(p, in_start)) == start && atomic!(p, in_call).load(Ordering::Acquire) == op;
    let slot = index.checked_sub(1).and_then(|i| s.conn_slot(i));
    let conn = slot.map_or(0, |c| atomic!(c, serial).load(Ordering::Relaxed));
    same.then_some(InCall { opcode, conn, start, args })
}

/// The plain fields of a chunk's head.
#[derive(Clone, Copy, Debug)]
pub struct ChunkCopy {
    pub state: u32,
    pub thread: u32,
    pub uses: u32,
    pub seq: u32,
    pub proc_index: u32,
    pub pid: u32,
    pub tid: u32,
}

pub fn chunk_copy(s: &Segment, position: u32) -> Option<ChunkCopy> {
    let p: *mut ChunkHead = s.chunk_at(position)?;
    let state = atomic!(p, state).load(Ordering::Acquire);
    Some(ChunkCopy {
        state,
        thread: field!(p, thread),
        uses: field!(p, thread_uses),
        seq: field!(p, seq),
        proc_index: field!(p, proc_index),
        pid: field!(p, pid),
        tid: field!(p, tid),
    })
}

/// What is known of the connection in a slot, when its serial is `serial` and nobody is writing it.
pub fn conn_info(s: &Segment, index: u32) -> Option<ConnInfo> {
    let p: *mut ConnSlot = s.conn_slot(index)?;
    for _ in 0..64 {
        let before = atomic!(p, lock).load(Ordering::Acquire);
        let info: ConnInfo = field!(p, info);
        std::sync::atomic::fence(Ordering::Acquire);
        if before & 1 == 0 && atomic!(p, lock).load(Ordering::Relaxed) == before {
            return Some(info);
        }
        std::hint::spin_loop();
    }
    // A writer died in the middle: better the bytes as they are than nothing.
    Some(field!(p, info))
}

/// Entry `i` of a descriptor table page.
pub fn fd_entry(s: &Segment, page: u32, i: usize) -> Option<&'static AtomicU64> {
    if i >= PAGE_SIZE / 8 {
        return None;
    }
    // SAFETY: the page has 512 words inside the mapping and i was checked; only atomics are used on it.
    s.page(page).map(|p| unsafe { AtomicU64::from_ptr(p.cast::<u64>().add(i)) })
}
