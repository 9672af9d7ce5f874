//! Showing what the horizon has passed: entries and results in the order of their moments.

use super::{Entry, Extra, Last, Moment, Split, Stream, Timeline, What};
use crate::Clock;
use crate::conns::Conns;
use crate::live;
use crate::model::{Item, Phase, Sink, View, Who, trimmed};
use socklens_wire::Event;
use socklens_wire::event::note;
use std::io;

impl Timeline {
    /// Shows everything up to the raw time `horizon`, in order.
    pub(crate) fn release(&mut self, horizon: u64, clock: &Clock, sink: &mut dyn Sink) -> io::Result<()> {
        // Their places change when what was shown is let go.
        for s in self.streams.iter_mut().flatten().filter(|s| !s.notes.is_empty()) {
            s.notes.clear();
            s.before_notes = s.last;
        }
        self.gather(horizon, clock);
        let moments = std::mem::take(&mut self.moments);
        let mut result = Ok(());
        for &(_, moment) in &moments {
            // What cannot be written is still counted and learned from.
            let done = self.step(moment, clock, sink);
            result = result.and(done);
        }
        self.moments = moments;
        if let Split::Blocking(limit) = self.split
            && let Some(Last::Open(_, start)) = self.last
            && clock.span(start, clock.now().raw) >= limit.as_nanos() as u64
        {
            result = result.and(self.show_last(clock, sink));
        }
        self.sweep();
        result
    }

    fn gather(&mut self, horizon: u64, clock: &Clock) {
        self.moments.clear();
        let split = self.split != Split::Never;
        // Short calls that merely overlap are not torn apart: only what blocks is.
        let apart = |start, end| match self.split {
            Split::Never => false,
            Split::Overlap => true,
            Split::Blocking(limit) => clock.span(start, end) >= limit.as_nanos() as u64,
        };
        let now = clock.now().raw;
        for (i, e) in self.pending.iter().enumerate() {
            let enters = matches!(e.what, What::Call { entered: false, .. } | What::Died { entered: false, .. });
            let died = matches!(e.what, What::Died { .. });
            if enters && e.start <= horizon && split && (died || apart(e.start, e.end)) {
                self.moments.push((e.start, Moment::Enter(i as u32)));
            }
            if e.end <= horizon {
                self.moments.push((e.end, Moment::Exit(i as u32)));
            }
        }
        if split {
            for (i, s) in self.streams.iter().enumerate() {
                for o in s.iter().flat_map(|s| &s.opens) {
                    if !o.entered && o.stale == 0 && o.call.start <= horizon && apart(o.call.start, now) {
                        self.moments.push((o.call.start, Moment::Open(i as u32)));
                    }
                }
            }
        }
        self.moments.sort_by_key(|m| m.0);
    }

    fn step(&mut self, moment: Moment, clock: &Clock, sink: &mut dyn Sink) -> io::Result<()> {
        match moment {
            Moment::Enter(i) => {
                let done = self.show_last(clock, sink);
                let e = &mut self.pending[i as usize];
                e.what = e.what.entered(false);
                self.last = Some(Last::Entry(e.id));
                done
            }
            Moment::Open(s) => {
                let done = self.show_last(clock, sink);
                let Timeline { streams, conns, last, strlen, .. } = self;
                if let Some(st) = streams.get_mut(s as usize).and_then(Option::as_mut)
                    && let Some(o) = st.opens.iter_mut().find(|o| !o.entered && o.stale == 0)
                {
                    o.entered = true;
                    o.look(st.host_pid, *strlen, &st.image);
                    if live::worth(&o.call, &o.bytes, st.proc, conns) {
                        *last = Some(Last::Open(s, o.call.start));
                    }
                }
                done
            }
            Moment::Exit(i) => self.exit(i as usize, clock, sink),
        }
    }

    fn exit(&mut self, i: usize, clock: &Clock, sink: &mut dyn Sink) -> io::Result<()> {
        let mut e = self.pending[i];
        self.pending[i].done = true;
        let mut first = Ok(());
        match e.what {
            What::Extra(x) => {
                let told = match self.extras.get(x as usize) {
                    // An exec that is under way is finished by the start of the new image.
                    Some(Some(Extra::ProcStart(key))) => self.procs.get(key).is_some_and(|p| p.forked),
                    Some(Some(Extra::ProcEnd { .. })) => true,
                    _ => false,
                };
                if told {
                    first = self.show_last(clock, sink);
                }
                return first.and(self.show_extra(x, e.end, clock, sink));
            }
            What::Note => {
                if matches!(self.head_call(&e), note::MARK | note::CONN_NAME | note::UNSEEN) {
                    first = self.show_last(clock, sink);
                }
            }
            _ if self.last == Some(Last::Entry(e.id)) => self.last = None,
            What::Call { .. } | What::Died { .. } => {
                first = self.show_last(clock, sink);
                e.what = self.pending[i].what;
            }
        }
        let died = self.take_died(&e);
        let Timeline { streams, blocks, conns, several, .. } = self;
        let Some(s) = streams.get(e.stream as usize).and_then(Option::as_ref) else { return first };
        let bytes = died.as_ref().map_or_else(|| blocks.get(e.place, e.len as usize), |d| &d.0);
        let Some(ev) = Event::parse(bytes) else { return first };
        conns.learn(s.proc, &ev, e.end, Conns::grace(clock));
        let who = who(s, e.pid);
        let view = View { clock, conns, several: *several };
        let item = match e.what {
            What::Call { shown: true, .. } => Item::Call { phase: Phase::Exit, event: &ev, who },
            What::Call { .. } => Item::Call { phase: Phase::Whole, event: &ev, who },
            What::Died { shown, .. } => {
                let phase = match (died.as_ref().is_some_and(|d| d.1), shown) {
                    (true, true) => Phase::Exit,
                    (true, false) => Phase::Whole,
                    (false, shown) => Phase::Died { shown },
                };
                Item::Call { phase, event: &ev, who }
            }
            _ => Item::Note { event: &ev, who },
        };
        first.and(sink.item(&item, &view))
    }

    /// Bytes of a call that its thread ended in, and whether it succeeded by that.
    fn take_died(&mut self, e: &Entry) -> Option<(Vec<u8>, bool)> {
        let What::Died { extra, .. } = e.what else { return None };
        self.free_extras.push(extra);
        match self.extras.get_mut(extra as usize)?.take()? {
            Extra::Died { bytes, done } => Some((bytes, done)),
            _ => None,
        }
    }

    fn head_call(&self, e: &Entry) -> u16 {
        Event::parse(self.blocks.get(e.place, e.len as usize)).map_or(0, |ev| ev.head.call)
    }

    /// Shows the entry of the call that was entered last and not shown: something else comes now.
    fn show_last(&mut self, clock: &Clock, sink: &mut dyn Sink) -> io::Result<()> {
        let Some(last) = self.last.take() else { return Ok(()) };
        let Timeline { streams, blocks, conns, several, pending, extras, .. } = self;
        let view = View { clock, conns, several: *several };
        match last {
            Last::Entry(id) => {
                // Ids grow along the list but for the few that were held back.
                let at = pending.binary_search_by_key(&id, |e| e.id).ok();
                let at = at.or_else(|| pending.iter().position(|e| e.id == id));
                let Some(e) = at.and_then(|i| pending.get_mut(i)) else { return Ok(()) };
                e.what = e.what.entered(true);
                let died = match e.what {
                    What::Died { extra, .. } => extras.get(extra as usize).and_then(Option::as_ref),
                    _ => None,
                };
                let bytes = match died {
                    Some(Extra::Died { bytes, .. }) => bytes,
                    _ => blocks.get(e.place, e.len as usize),
                };
                let Some(s) = streams.get(e.stream as usize).and_then(Option::as_ref) else { return Ok(()) };
                let Some(ev) = Event::parse(bytes) else { return Ok(()) };
                sink.item(&Item::Call { phase: Phase::Enter, event: &ev, who: who(s, e.pid) }, &view)
            }
            Last::Open(stream, start) => {
                let Some(s) = streams.get_mut(stream as usize).and_then(Option::as_mut) else { return Ok(()) };
                let Some(o) = s.opens.iter_mut().find(|o| o.call.start == start) else { return Ok(()) };
                o.shown = true;
                // What was read when it was first looked at.
                let Some(s) = streams.get(stream as usize).and_then(Option::as_ref) else { return Ok(()) };
                let Some(o) = s.opens.iter().find(|o| o.call.start == start) else { return Ok(()) };
                let Some(ev) = Event::parse(&o.bytes) else { return Ok(()) };
                sink.item(&Item::Call { phase: Phase::Enter, event: &ev, who: who(s, 0) }, &view)
            }
        }
    }

    fn show_extra(&mut self, x: u32, at: u64, clock: &Clock, sink: &mut dyn Sink) -> io::Result<()> {
        let Some(extra) = self.extras.get_mut(x as usize).and_then(Option::take) else { return Ok(()) };
        self.free_extras.push(x);
        let Timeline { conns, procs, several, .. } = self;
        match extra {
            Extra::ProcStart(key) => {
                let Some(proc) = procs.get(&key) else { return Ok(()) };
                let view = View { clock, conns, several: *several };
                sink.item(&Item::ProcStart { proc }, &view)
            }
            Extra::ProcEnd { proc, status, replaced } => {
                conns.proc_end(proc);
                let Some(proc) = procs.remove(&proc) else { return Ok(()) };
                let view = View { clock, conns, several: *several };
                sink.item(&Item::ProcEnd { proc: &proc, status, replaced, at }, &view)
            }
            Extra::ConnLeft(info) => {
                conns.end(info.serial, at, Conns::grace(clock));
                let view = View { clock, conns, several: *several };
                sink.item(&Item::ConnLeft { info: &info, at }, &view)
            }
            Extra::Died { .. } => Ok(()),
        }
    }

    /// Lets go of what was shown.
    fn sweep(&mut self) {
        let Timeline { pending, blocks, streams, free_streams, .. } = self;
        pending.retain(|e| {
            if !e.done {
                return true;
            }
            if matches!(e.what, What::Call { .. } | What::Note) {
                blocks.release(e.place);
            }
            // Extras belong to no stream: there is none of their number.
            if let Some(slot) = streams.get_mut(e.stream as usize)
                && let Some(s) = slot
            {
                s.pending = s.pending.saturating_sub(1);
                if s.closed && s.pending == 0 {
                    *slot = None;
                    free_streams.push(e.stream);
                }
            }
            false
        });
    }
}

fn who(s: &Stream, vfork_pid: u32) -> Who<'_> {
    let (pid, tid) = if vfork_pid != 0 { (vfork_pid, vfork_pid) } else { (s.pid, s.tid) };
    Who { proc: s.proc, pid, tid, host_pid: s.host_pid, comm: trimmed(&s.comm) }
}
