//! An exec that succeeded: it never returns, so its event is made of the note that came before it.

use super::{Extra, Last, Timeline, What, put};
use crate::blocks::Place;
use crate::live;
use socklens_wire::Event;
use socklens_wire::event::{flag, note};

/// What a thread is about to execute.
#[derive(Debug)]
pub struct Exec {
    pub call: u16,
    pub start: u64,
    /// The event of the call.
    bytes: Vec<u8>,
}

impl Exec {
    /// Of the bytes of a [`note::EXEC`].
    pub fn of(note: &[u8]) -> Option<Exec> {
        let head = Event::parse(note)?.head;
        let call =
            u16::try_from(head.ret).ok().filter(|call| head.call == note::EXEC && live::replaces_image(*call))?;
        let mut bytes = note.to_vec();
        bytes[4..6].copy_from_slice(&call.to_le_bytes());
        bytes[24..32].copy_from_slice(&0i64.to_le_bytes());
        Some(Exec { call, start: head.start, bytes })
    }
}

impl Timeline {
    /// A stream's thread is about to execute this; with None that has failed.
    pub(crate) fn executing(&mut self, stream: u32, exec: Option<&Exec>) {
        if let Some(s) = self.stream(stream) {
            s.image.clear();
            s.image.extend(exec.iter().flat_map(|e| &e.bytes));
        }
    }

    /// A stream's thread has executed another program, by a call that began at `start` and ended at `at`. With `child` it was
    /// that of a vfork, whose pid comes next.
    pub(crate) fn executed(&mut self, stream: u32, exec: Exec, start: u64, at: u64, child: bool) {
        let Some(s) = self.stream(stream) else { return };
        let open = s.opens.iter().find(|o| o.call.start == start && o.call.opcode == exec.call);
        let (entered, shown) = open.map_or((false, false), |o| (o.entered, o.shown));
        s.pending += 1;
        let mut bytes = exec.bytes;
        bytes[8..16].copy_from_slice(&start.to_le_bytes());
        live::finish(&mut bytes, at, true);
        if child {
            bytes[36..38].copy_from_slice(&flag::VFORK_CHILD.to_le_bytes());
        }
        self.calls += 1;
        let extra = put(&mut self.extras, &mut self.free_extras, Extra::Died { bytes, done: true });
        let what = What::Died { extra, entered, shown };
        let entry = self.entry(start.min(at), at, Place::default(), 0, stream, what);
        if self.last == Some(Last::Open(stream, start)) {
            self.last = Some(Last::Entry(entry.id));
        }
        match self.stream(stream).filter(|_| child) {
            Some(s) => s.held.push(entry),
            None => self.pending.push(entry),
        }
    }
}
