//! One order for the events of all threads.
//!
//! Events wait here until the horizon has passed them: by then every thread has had time to hand in what is older. A
//! call has two moments, entry and result; where nothing else lies between them it is shown whole.

mod exec;
mod release;

pub use exec::Exec;

use crate::blocks::{Blocks, Place};
use crate::conns::Conns;
use crate::hash;
use crate::live;
use crate::model::{ExitStatus, Proc};
use crate::shm::InCall;
use socklens_wire::ConnInfo;
use socklens_wire::event::{flag, note};
use std::time::Duration;

/// Whether calls are shown in two parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Split {
    /// Never: one record per call, in order of their results.
    Never,
    /// When something else happened between entry and result.
    Overlap,
    /// Also when a call has blocked for so long.
    Blocking(Duration),
}

/// A thread's events, in its own order.
#[derive(Debug)]
struct Stream {
    proc: u32,
    pid: u32,
    tid: u32,
    host_pid: u32,
    comm: [u8; 16],
    /// End of its latest event: the moments of one stream never go back.
    last: u64,
    /// Notes since its latest call, as places in `pending`, and where it stood before them.
    notes: Vec<u32>,
    before_notes: u64,
    /// Events of a vfork child whose pid is not known yet.
    held: Vec<Entry>,
    opens: Vec<Open>,
    /// The event of an exec that is under way, as it noted itself; empty for none.
    image: Vec<u8>,
    /// Entries that are waiting here.
    pending: u32,
    closed: bool,
}

/// A call in progress.
#[derive(Debug)]
struct Open {
    call: InCall,
    /// Its event, once it was looked at: the memory is gone when the process is.
    bytes: Vec<u8>,
    /// The timeline has passed its entry, and has shown it.
    entered: bool,
    shown: bool,
    /// Polls since it was last seen in progress.
    stale: u32,
}

impl Open {
    /// Reads what the call was given. Of an exec `image` tells: the process's memory may be another program's already.
    fn look(&mut self, host_pid: u32, strlen: u32, image: &[u8]) {
        if !self.bytes.is_empty() {
            return;
        }
        if live::replaces_image(self.call.opcode) && !image.is_empty() {
            self.bytes = image.to_vec();
            live::unfinish(&mut self.bytes, self.call.start);
        } else {
            live::event(&self.call, host_pid, strlen, &mut self.bytes);
        }
    }
}

/// How many polls a call that is no longer in progress may be awaited: its record may lie behind a hole.
const STALE_POLLS: u32 = 150;
/// One call has a handful of notes; what closes many descriptors has many, of which the first need no moving.
const MAX_NOTES: usize = 64;
/// Calls in progress that are kept per thread; more than one only while records are late.
const MAX_OPENS: usize = 4;

#[derive(Clone, Copy, Debug)]
enum What {
    Call {
        entered: bool,
        shown: bool,
    },
    Note,
    /// Index into `extras`.
    Extra(u32),
    /// A call that its thread ended in, with its bytes in `extras`.
    Died {
        extra: u32,
        entered: bool,
        shown: bool,
    },
}

impl What {
    /// The same, once the timeline has passed its entry.
    fn entered(self, shown: bool) -> What {
        match self {
            What::Call { .. } => What::Call { entered: true, shown },
            What::Died { extra, .. } => What::Died { extra, entered: true, shown },
            other => other,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    id: u64,
    start: u64,
    end: u64,
    place: Place,
    len: u32,
    stream: u32,
    /// Another pid than the stream's: that of a vfork child.
    pid: u32,
    what: What,
    done: bool,
}

#[derive(Debug)]
enum Extra {
    ProcStart(u32),
    ProcEnd { proc: u32, status: Option<ExitStatus>, replaced: bool },
    ConnLeft(Box<ConnInfo>),
    Died { bytes: Vec<u8>, done: bool },
}

#[derive(Clone, Copy, Debug)]
enum Moment {
    Enter(u32),
    Exit(u32),
    /// Entry of a call in progress: its stream.
    Open(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Entry(u64),
    Open(u32, u64),
}

/// The merged order. See the module's head.
#[derive(Debug)]
pub struct Timeline {
    split: Split,
    /// Payload bytes to read of a call in progress.
    strlen: u32,
    blocks: Blocks,
    streams: Vec<Option<Stream>>,
    free_streams: Vec<u32>,
    pending: Vec<Entry>,
    extras: Vec<Option<Extra>>,
    free_extras: Vec<u32>,
    moments: Vec<(u64, Moment)>,
    next_id: u64,
    /// The call whose entry was the latest thing that happened and which has not been shown.
    last: Option<Last>,
    conns: Conns,
    procs: hash::Map<u32, Proc>,
    next_proc: u32,
    several: bool,
    /// Calls shown.
    pub(crate) calls: u64,
}

impl Timeline {
    pub fn new(split: Split, strlen: u32) -> Timeline {
        Timeline {
            split,
            strlen,
            blocks: Blocks::default(),
            streams: Vec::new(),
            free_streams: Vec::new(),
            pending: Vec::new(),
            extras: Vec::new(),
            free_extras: Vec::new(),
            moments: Vec::new(),
            next_id: 0,
            last: None,
            conns: Conns::default(),
            procs: hash::Map::default(),
            next_proc: 0,
            several: false,
            calls: 0,
        }
    }

    pub fn conns(&self) -> &Conns {
        &self.conns
    }

    pub(crate) fn conns_mut(&mut self) -> &mut Conns {
        &mut self.conns
    }

    /// Whether nothing waits to be shown.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Calls shown or waiting to be.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    pub(crate) fn blocks(&mut self) -> &mut Blocks {
        &mut self.blocks
    }

    /// A new stream of events.
    pub(crate) fn open_stream(&mut self, proc: u32, host_pid: u32, pid: u32, tid: u32, comm: [u8; 16]) -> u32 {
        let s = Stream {
            proc,
            pid,
            tid,
            host_pid,
            comm,
            last: 0,
            notes: Vec::new(),
            before_notes: 0,
            held: Vec::new(),
            opens: Vec::new(),
            image: Vec::new(),
            pending: 0,
            closed: false,
        };
        if self.streams.iter().flatten().any(|o| o.tid != tid || o.pid != pid) {
            self.several = true;
        }
        put(&mut self.streams, &mut self.free_streams, s)
    }

    fn stream(&mut self, i: u32) -> Option<&mut Stream> {
        self.streams.get_mut(i as usize)?.as_mut()
    }

    /// A process begins. Gives its key.
    pub(crate) fn proc_start(&mut self, mut proc: Proc, parent: Option<u32>) -> u32 {
        let key = self.next_proc;
        self.next_proc += 1;
        proc.key = key;
        let at = proc.start;
        self.conns.proc_start(key, if proc.forked { parent } else { None });
        self.procs.insert(key, proc);
        self.extra(at, Extra::ProcStart(key));
        key
    }

    pub(crate) fn proc_end(&mut self, at: u64, proc: u32, status: Option<ExitStatus>, replaced: bool) {
        self.extra(at, Extra::ProcEnd { proc, status, replaced });
    }

    pub(crate) fn conn_left(&mut self, at: u64, info: ConnInfo) {
        self.extra(at, Extra::ConnLeft(Box::new(info)));
    }

    fn extra(&mut self, at: u64, e: Extra) {
        let index = put(&mut self.extras, &mut self.free_extras, e);
        let entry = self.entry(at, at, Place::default(), 0, u32::MAX, What::Extra(index));
        self.pending.push(entry);
    }

    fn entry(&mut self, start: u64, end: u64, place: Place, len: u32, stream: u32, what: What) -> Entry {
        self.next_id += 1;
        Entry { id: self.next_id, start, end, place, len, stream, pid: 0, what, done: false }
    }

    /// Takes an event whose copy lies at `place`. `now` bounds its times.
    pub(crate) fn push(&mut self, stream: u32, place: Place, ev: &socklens_wire::EventHead, len: u32, now: u64) {
        let what = if ev.call >= note::FIRST { What::Note } else { What::Call { entered: false, shown: false } };
        let mut entry = self.entry(ev.start, ev.end, place, len, stream, what);
        let Some(s) = self.streams.get_mut(stream as usize).and_then(Option::as_mut) else { return };
        if matches!(what, What::Call { .. }) {
            // What the shim notes of a call is written after its end and before its event: it belongs to that end.
            if !s.notes.is_empty() && entry.end < s.last {
                s.last = entry.end.max(s.before_notes);
                for &i in &s.notes {
                    if let Some(n) = self.pending.get_mut(i as usize) {
                        (n.start, n.end) = (s.last, s.last);
                    }
                }
            }
            s.notes.clear();
        } else {
            if s.notes.is_empty() {
                s.before_notes = s.last;
            }
            if ev.flags & flag::VFORK_CHILD == 0 && s.notes.len() < MAX_NOTES {
                s.notes.push(self.pending.len() as u32);
            }
        }
        entry.end = entry.end.min(now).max(s.last);
        entry.start = if matches!(what, What::Note) { entry.end } else { entry.start.min(entry.end) };
        s.last = entry.end;
        s.pending += 1;
        self.blocks.hold(place);
        if matches!(what, What::Call { .. }) {
            self.calls += 1;
            if let Some(i) = s.opens.iter().position(|o| o.call.start == ev.start && o.call.opcode == ev.call) {
                let o = s.opens.swap_remove(i);
                entry.what = What::Call { entered: o.entered, shown: o.shown };
                if self.last == Some(Last::Open(stream, ev.start)) {
                    self.last = Some(Last::Entry(entry.id));
                }
            }
        }
        if ev.flags & flag::VFORK_CHILD != 0 {
            s.held.push(entry);
            return;
        }
        self.pending.push(entry);
        if !s.held.is_empty() {
            // The parent runs again, so the child has gone its own way.
            self.vforked(stream, if ev.ret > 0 && live::makes_child(ev.call) { ev.ret as u32 } else { 0 });
        }
    }

    /// The events held back were those of child `pid`; 0 when its pid was not learned.
    pub(crate) fn vforked(&mut self, stream: u32, pid: u32) {
        let Some(s) = self.streams.get_mut(stream as usize).and_then(Option::as_mut) else { return };
        // The child was in calls on its parent's slot; what it left there is not the parent's.
        s.opens.clear();
        if matches!(self.last, Some(Last::Open(i, _)) if i == stream) {
            self.last = None;
        }
        for mut h in s.held.drain(..) {
            h.pid = pid;
            self.pending.push(h);
        }
    }

    /// Says which call a stream's thread is in now.
    pub(crate) fn poll(&mut self, stream: u32, now: Option<InCall>) {
        let (last, strlen) = (&mut self.last, self.strlen);
        let Some(s) = self.streams.get_mut(stream as usize).and_then(Option::as_mut) else { return };
        if now.is_none() && s.opens.is_empty() {
            return;
        }
        s.opens.retain_mut(|o| {
            o.stale += 1;
            let keep = o.stale <= STALE_POLLS;
            if !keep && *last == Some(Last::Open(stream, o.call.start)) {
                *last = None;
            }
            keep
        });
        if let Some(call) = now {
            let known = s.opens.iter().position(|o| o.call.start == call.start && o.call.opcode == call.opcode);
            if let Some(i) = known {
                s.opens[i].stale = 0;
                // Seen a second time, it may be one that blocks.
                s.opens[i].look(s.host_pid, strlen, &s.image);
            } else if s.opens.len() < MAX_OPENS && call.start >= s.last {
                s.opens.push(Open { call, bytes: Vec::new(), entered: false, shown: false, stale: 0 });
            }
        }
    }

    /// A stream's thread has ended, inside `died` if that is given; `done` says that this call succeeded by that.
    pub(crate) fn close_stream(&mut self, stream: u32, at: u64, died: Option<InCall>, done: bool) {
        let strlen = self.strlen;
        let Some(s) = self.streams.get_mut(stream as usize).and_then(Option::as_mut) else { return };
        s.closed = true;
        let held = std::mem::take(&mut s.held);
        let opens = std::mem::take(&mut s.opens);
        let (host_pid, proc, last) = (s.host_pid, s.proc, s.last);
        self.pending.extend(held);
        let open = |c: &InCall| opens.iter().find(|o| o.call.start == c.start && o.call.opcode == c.opcode);
        let died = died.map(|call| {
            let mut bytes = open(&call).map_or_else(Vec::new, |o| o.bytes.clone());
            if bytes.is_empty() {
                // After an exec the memory is another program's.
                live::event(&call, if done { 0 } else { host_pid }, strlen, &mut bytes);
            }
            (call, bytes)
        });
        let worth = |(c, bytes): &(InCall, Vec<u8>)| {
            let known = open(c);
            // What began before a call that ended since was left behind by a jump out of it, or by a vfork's child.
            let stands = known.is_some() || c.start >= last;
            known.is_some_and(|o| o.shown) || stands && live::worth(c, bytes, proc, &self.conns)
        };
        if let Some((call, mut bytes)) = died.filter(worth) {
            let (entered, shown) = open(&call).map_or((false, false), |o| (o.entered, o.shown));
            live::finish(&mut bytes, at, done);
            self.calls += u64::from(done);
            let extra = put(&mut self.extras, &mut self.free_extras, Extra::Died { bytes, done });
            let what = What::Died { extra, entered, shown };
            let entry = self.entry(call.start.min(at), at, Place::default(), 0, stream, what);
            if self.last == Some(Last::Open(stream, call.start)) {
                self.last = Some(Last::Entry(entry.id));
            }
            if let Some(s) = self.stream(stream) {
                s.pending += 1;
            }
            self.pending.push(entry);
        }
        if matches!(self.last, Some(Last::Open(s, _)) if s == stream) {
            self.last = None;
        }
        self.forget_stream(stream);
    }

    fn forget_stream(&mut self, stream: u32) {
        if let Some(slot) = self.streams.get_mut(stream as usize)
            && slot.as_ref().is_some_and(|s| s.closed && s.pending == 0)
        {
            *slot = None;
            self.free_streams.push(stream);
        }
    }
}

fn put<T>(all: &mut Vec<Option<T>>, free: &mut Vec<u32>, item: T) -> u32 {
    match free.pop() {
        Some(i) => {
            all[i as usize] = Some(item);
            i
        }
        None => {
            all.push(Some(item));
            (all.len() - 1) as u32
        }
    }
}
