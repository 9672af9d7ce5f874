//! A session looked at from outside, while it runs: its memory is mapped to be read only, no record is taken, nothing is
//! written, and nobody waits for the one who looks.

mod conn;
pub mod diag;
pub mod peers;

pub use conn::ConnNow;

use crate::map::Map;
use crate::model::trimmed;
use crate::procfs;
use crate::sessions::{self, OpenError};
use crate::shm;
use crate::stats::observe::{Observed, counters_of, observe};
use crate::stats::{Snapshot, conns};
use crate::{Clock, Reader};
use socklens_calls::{Call, Kind};
use socklens_wire::Segment;
use socklens_wire::layout::proc_state;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A thread in a call.
#[derive(Clone, Debug, Default)]
pub struct Inside {
    pub pid: u32,
    pub tid: u32,
    pub comm: String,
    /// The libc name.
    pub call: &'static str,
    /// The connection's number; 0 for none.
    pub conn: u32,
    /// Its descriptor, for calls that take one.
    pub fd: Option<i32>,
    /// How long it has been in it, in nanoseconds.
    pub for_ns: u64,
}

/// What became of a process's records: also known without statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    pub recorded: u64,
    pub dropped: u64,
    pub filtered: u64,
}

/// A session at one moment.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Its `conns` are left empty: see `conns`, and [`Observer::snapshot`].
    pub stats: Snapshot,
    /// All open connections.
    pub conns: Vec<ConnNow>,
    /// Threads in a call, the longest first.
    pub inside: Vec<Inside>,
    /// Of `stats.processes`, in the same order: threads that ended are included while this observer saw them.
    pub events: Vec<Events>,
    /// Whether the command that reads the session still runs.
    pub read: bool,
    /// The inode of each process's network namespace is ours: the kernel can be asked about its sockets.
    pub own_net: bool,
}

/// Looks at one session. See the module's head.
#[derive(Debug)]
pub struct Observer {
    map: Arc<Map>,
    file: File,
    /// The file is the memory.
    in_file: bool,
    clock: Clock,
    /// Records of each thread slot's incarnation when it was last looked at.
    seen: HashMap<u32, (u32, Events)>,
    /// Records of each process, added up.
    events: HashMap<(u32, u32), Events>,
    net: u64,
}

impl Observer {
    /// Opens a session's file. It stays readable when the session's command removes it.
    pub fn open(segment: &Path) -> Result<Observer, OpenError> {
        let sessions::Opened { map, file, in_file } = sessions::open_observed(segment)?;
        let map = Arc::new(map);
        let h = map.segment().header();
        let clock = Clock::new(h.clock, h.start);
        Ok(Observer { map, file, in_file, clock, seen: HashMap::new(), events: HashMap::new(), net: net_ns("self") })
    }

    /// The session's statistics with a row for every open connection.
    pub fn snapshot(&mut self) -> Result<Snapshot, OpenError> {
        let (s, gone) = self.checked()?;
        let mut st = observe(&s, &self.clock);
        self.mark_ended(&s, &mut st, gone);
        Ok(st)
    }

    /// Looks at the session. An error: the file was cut while it was open.
    pub fn sample(&mut self) -> Result<Sample, OpenError> {
        let (s, gone) = self.checked()?;
        let h = s.header();
        let o = Observed::read(&s);
        let mut sample = Sample { stats: counters_of(&s, &self.clock, &o), ..Sample::default() };
        sample.conns = conns::open(&s, |info, t| t.now(info, &self.clock));
        sample.read = sessions::reader_lives(h) && h.reader_gone.load(Ordering::Relaxed) == 0;
        self.mark_ended(&s, &mut sample.stats, gone);
        let alive = |pid: &u32| net_ns(&pid.to_string()) == self.net;
        sample.own_net = o.procs.iter().any(|(_, p, _)| alive(&p.host_pid));
        self.threads(&s, &o, &mut sample);
        Ok(sample)
    }

    /// The memory, and whether the session's command has removed it.
    fn checked(&mut self) -> Result<(Segment, bool), OpenError> {
        let meta = self.file.metadata()?;
        let s = self.map.segment();
        // A mapping beyond the file's end cannot be read. Who cuts the file after this does it on purpose.
        if self.in_file && meta.len() < s.layout().total() as u64 {
            return Err(OpenError::Damaged("it was cut off while it was open"));
        }
        self.clock.refresh();
        Ok((s, meta.nlink() == 0))
    }

    /// Which processes have ended, and whether all have.
    fn mark_ended(&self, s: &Segment, st: &mut Snapshot, gone: bool) {
        let h = s.header();
        let mut rows = st.processes.iter_mut();
        let mut any = false;
        for i in 0..h.procs_high.load(Ordering::Acquire).min(s.layout().procs) {
            let Some(p) = shm::proc_copy(s, i) else { continue };
            let alive = p.state == proc_state::LIVE && procfs::stat(p.host_pid).is_some_and(|s| s.alive());
            any |= alive;
            if let Some(row) = rows.find(|r| r.pid == p.pid) {
                // The moment of its end is known to the session's command.
                row.end_ns = (!alive).then_some(st.elapsed_ns);
            }
        }
        st.finished = !any && (gone || !sessions::reader_lives(h));
    }

    /// Threads in a call, and the records of all.
    fn threads(&mut self, s: &Segment, o: &Observed, sample: &mut Sample) {
        let h = s.header();
        let places: HashMap<u32, usize> = o.procs.iter().enumerate().map(|(i, p)| (p.0, i)).collect();
        let now = self.clock.raw_now();
        for i in 0..h.threads_high.load(Ordering::Acquire).min(s.layout().threads) {
            let Some(t) = shm::thread_copy(s, i) else { continue };
            let Some((place, proc)) = places.get(&t.proc_index).and_then(|p| Some((*p, &o.procs.get(*p)?.1))) else {
                continue;
            };
            let fresh = self.fresh(s, i, t.uses);
            let sum = self.events.entry((t.proc_index, proc.uses)).or_default();
            sum.recorded = sum.recorded.saturating_add(fresh.recorded);
            sum.dropped = sum.dropped.saturating_add(fresh.dropped);
            sum.filtered = sum.filtered.saturating_add(fresh.filtered);
            let alive = sample.stats.processes.get(place).is_some_and(|p| p.end_ns.is_none());
            if let Some(c) = shm::in_call(s, i).filter(|_| alive)
                && let Some(spec) = Call::from_opcode(c.opcode).map(Call::spec)
            {
                let own = trimmed(&t.comm);
                let comm = if own.is_empty() { trimmed(&proc.comm) } else { own };
                sample.inside.push(Inside {
                    pid: proc.pid,
                    tid: t.tid,
                    comm: String::from_utf8_lossy(comm).into_owned(),
                    call: spec.name,
                    conn: c.conn,
                    fd: spec.args.first().filter(|a| a.kind == Kind::Fd).map(|_| c.args[0] as i32),
                    for_ns: self.clock.span(c.start, now),
                });
            }
        }
        let of = |(slot, p, _): &(u32, shm::ProcCopy, _)| self.events.get(&(*slot, p.uses)).copied();
        sample.events = o.procs.iter().map(|p| of(p).unwrap_or_default()).collect();
        sample.stats.lost.events = sample.events.iter().fold(0, |n, e| e.dropped.saturating_add(n));
        self.events.retain(|(slot, _), _| places.contains_key(slot));
        sample.inside.sort_by_key(|i| std::cmp::Reverse(i.for_ns));
    }

    /// Records of a thread that are new since the last look.
    fn fresh(&mut self, s: &Segment, slot: u32, uses: u32) -> Events {
        let [recorded, dropped, filtered] = shm::thread_counts(s, slot);
        let now = Events { recorded, dropped, filtered };
        let before = match self.seen.insert(slot, (uses, now)) {
            Some((same, e)) if same == uses => e,
            _ => Events::default(),
        };
        Events {
            recorded: now.recorded.saturating_sub(before.recorded),
            dropped: now.dropped.saturating_sub(before.dropped),
            filtered: now.filtered.saturating_sub(before.filtered),
        }
    }
}

impl Reader {
    /// The counters now: a snapshot without connections and without what the reader keeps of the dead.
    pub fn counters(&self) -> Snapshot {
        let s = self.segment();
        counters_of(&s, &self.clock, &Observed::read(&s))
    }
}

/// The inode of a process's network namespace; 0 when it cannot be asked.
fn net_ns(pid: &str) -> u64 {
    std::fs::metadata(format!("/proc/{pid}/ns/net")).map_or(0, |m| m.ino())
}
