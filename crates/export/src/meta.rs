//! The times of an event, for its line.

use socklens_decode::line::Meta;
use socklens_trace::{Phase, View, Who};
use socklens_wire::Event;

/// Remembers the line before.
#[derive(Debug, Default)]
pub struct Times {
    before: Option<u64>,
}

impl Times {
    /// What goes with an event's line. A resumed call's line is of the moment of its result.
    pub fn meta<'a>(&mut self, event: &Event, phase: Phase, who: &Who<'a>, view: &View<'a>) -> Meta<'a> {
        let raw = if phase == Phase::Exit { event.head.end } else { event.head.start };
        let mut m = self.at(raw, who, view);
        m.dur_ns = view.clock.span(event.head.start, event.head.end);
        m.conn = view.conns.get(event.head.conn);
        m.name = view.conns.name(event.head.conn);
        m
    }

    /// What goes with a line at this moment that is no call's.
    pub fn at<'a>(&mut self, raw: u64, who: &Who<'a>, view: &View<'a>) -> Meta<'a> {
        let clock = view.clock;
        let mono_ns = clock.mono(raw);
        let before = self.before.replace(mono_ns).unwrap_or(mono_ns);
        Meta {
            realtime_ns: clock.real_of(mono_ns),
            mono_ns,
            since_start_ns: clock.since_start(raw),
            delta_ns: mono_ns.saturating_sub(before),
            dur_ns: 0,
            pid: who.pid,
            tid: who.tid,
            comm: who.comm,
            conn: None,
            name: b"",
        }
    }
}
