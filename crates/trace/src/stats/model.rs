//! What a session's statistics are at one moment: plain data, in nanoseconds and bytes, without references to anything.
//!
//! Rows of `calls` add up to the totals; a row of another table is a part of the same sums. See docs/STATISTICS.md.

use super::hist::Hist;
use crate::model::ExitStatus;
use std::collections::BTreeMap;

pub use socklens_wire::stats::End;

/// What was counted ([`socklens_wire::stats::mode`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    #[default]
    Off,
    /// Calls, errors and bytes: every time is 0 and every histogram empty.
    Count,
    Full,
}

/// The statistics of a session at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub mode: Mode,
    /// CLOCK_REALTIME of the session's start, and how long it has lasted.
    pub start_ns: u64,
    pub elapsed_ns: u64,
    /// The program has ended: the numbers are final.
    pub finished: bool,
    /// By call, in the order of THE TABLE; calls that were never made have no row.
    pub calls: Vec<CallRow>,
    /// Connections: all that are open, then ended ones, the latest last, as many as were asked for.
    pub conns: Vec<ConnRow>,
    /// Connections seen, ended ones included.
    pub conns_total: u64,
    pub processes: Vec<ProcRow>,
    pub threads: Vec<ThreadRow>,
    pub dns: Vec<DnsRow>,
    /// The fault rules of the session, in their order.
    pub faults: Vec<FaultRow>,
    pub lost: Lost,
}

/// Counters of calls of one kind, or of several added up.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Calls that returned.
    pub count: u64,
    /// Those that failed.
    pub errors: u64,
    /// Failures by name: ECONNREFUSED, EAI_NONAME.
    pub errno: BTreeMap<String, u64>,
    /// Bytes received, without those only peeked at.
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Bytes looked at with MSG_PEEK.
    pub peeked: u64,
    /// Calls that moved some bytes but fewer than asked for.
    pub short: u64,
    pub eagain: u64,
    pub eintr: u64,
    /// Time in all calls, and of that the time in calls that waited.
    pub time_ns: u64,
    pub blocked_ns: u64,
    /// Shortest and longest call; 0 when none was timed.
    pub min_ns: u64,
    pub max_ns: u64,
    /// Every timed call's duration.
    pub hist: Hist,
    /// Timed calls that are missing from `hist` for want of room.
    pub untold: u64,
}

impl Counts {
    /// Time in calls that did not wait.
    pub fn working_ns(&self) -> u64 {
        self.time_ns.saturating_sub(self.blocked_ns)
    }

    /// The duration that a share `q` (0..=1) of the calls did not exceed, in nanoseconds, within 0.8 %; 0 when none was timed.
    pub fn quantile_ns(&self, q: f64) -> u64 {
        // Where no durations are kept there is no percentile, although shortest and longest are known.
        match self.hist.total() {
            0 => 0,
            _ => self.hist.quantile(q).clamp(self.min_ns, self.max_ns.max(self.min_ns)),
        }
    }

    /// Adds another's counters to these.
    pub fn add(&mut self, o: &Counts) {
        let timed = |c: &Counts| c.hist.total() > 0 || c.untold > 0;
        if timed(o) {
            self.min_ns = if timed(self) { self.min_ns.min(o.min_ns) } else { o.min_ns };
            self.max_ns = self.max_ns.max(o.max_ns);
        }
        // What a damaged session holds may be any number.
        let more = |to: &mut u64, n: u64| *to = to.saturating_add(n);
        more(&mut self.count, o.count);
        more(&mut self.errors, o.errors);
        for (name, n) in &o.errno {
            more(self.errno.entry(name.clone()).or_default(), *n);
        }
        more(&mut self.bytes_in, o.bytes_in);
        more(&mut self.bytes_out, o.bytes_out);
        more(&mut self.peeked, o.peeked);
        more(&mut self.short, o.short);
        more(&mut self.eagain, o.eagain);
        more(&mut self.eintr, o.eintr);
        more(&mut self.time_ns, o.time_ns);
        more(&mut self.blocked_ns, o.blocked_ns);
        self.hist.add(&o.hist);
        more(&mut self.untold, o.untold);
    }
}

/// One call (a libc function) over all processes.
#[derive(Clone, Debug)]
pub struct CallRow {
    pub opcode: u16,
    /// The libc name.
    pub call: &'static str,
    pub n: Counts,
}

/// One process: all images of one pid from its start to its end.
#[derive(Clone, Debug, Default)]
pub struct ProcRow {
    pub pid: u32,
    pub ppid: u32,
    pub comm: String,
    pub exe: String,
    /// Nanoseconds after the session's start.
    pub start_ns: u64,
    /// None while it lives.
    pub end_ns: Option<u64>,
    /// Known of the direct child only.
    pub status: Option<ExitStatus>,
    pub threads: u64,
    pub n: Counts,
    /// Its calls, as in [`Snapshot::calls`].
    pub calls: Vec<CallRow>,
}

/// One thread. Of ended threads the first [`super::KEPT_THREADS`] are kept; the rest are added to one row with tid 0.
#[derive(Clone, Debug, Default)]
pub struct ThreadRow {
    pub pid: u32,
    pub tid: u32,
    pub comm: String,
    pub alive: bool,
    pub n: Counts,
}

/// What a socket is used as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    #[default]
    Unknown,
    Client,
    Server,
    Listener,
    Pair,
}

impl Role {
    /// As in the json format: client, server, listener, pair; empty when unknown.
    pub fn name(self) -> &'static str {
        match self {
            Role::Unknown => "",
            Role::Client => "client",
            Role::Server => "server",
            Role::Listener => "listener",
            Role::Pair => "pair",
        }
    }
}

/// One connection: one socket, whoever shares it.
#[derive(Clone, Debug, Default)]
pub struct ConnRow {
    /// Its number in the session.
    pub conn: u32,
    /// tcp, udp, unix-stream ...: as socklens run shows it.
    pub proto: String,
    /// Address family, as in the kernel's headers.
    pub family: u16,
    pub role: Role,
    /// As socklens run shows addresses; empty when unknown.
    pub local: String,
    pub peer: String,
    pub local_port: Option<u16>,
    pub peer_port: Option<u16>,
    /// The peer's address without its port.
    pub peer_host: String,
    /// The name by which the program looked the peer up; empty when it did not.
    pub host: String,
    /// Who made or first saw it.
    pub pid: u32,
    pub tid: u32,
    pub comm: String,
    /// Return address of the call that made it, in that process's memory; 0 when unknown.
    pub site: u64,
    /// It came by inheritance or SCM_RIGHTS: its beginning was not seen.
    pub inherited: bool,
    /// Nanoseconds after the session's start; `end_ns` None while open.
    pub start_ns: u64,
    pub end_ns: Option<u64>,
    /// From connect to connected; None when it never was, or was not timed.
    pub connect_ns: Option<u64>,
    /// The name of the error that connect ended with; empty for none.
    pub connect_error: String,
    /// From the connection's establishment (or the socket's beginning) to the first byte received.
    pub first_byte_ns: Option<u64>,
    /// Since the last call on it, or from that to its end.
    pub idle_ns: Option<u64>,
    pub calls_in: u64,
    pub calls_out: u64,
    pub calls_other: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub errors: u64,
    pub end: End,
    /// shutdown for writing, for reading.
    pub shut_wr: bool,
    pub shut_rd: bool,
    pub tcp: Option<TcpRow>,
    /// Datagrams dropped for want of room in its receive buffer.
    pub drops: Option<u64>,
}

impl ConnRow {
    /// How long it lasted, or has lasted at `now_ns` after the session's start.
    pub fn age_ns(&self, now_ns: u64) -> u64 {
        self.end_ns.unwrap_or(now_ns).saturating_sub(self.start_ns)
    }

    /// All calls on it.
    pub fn calls(&self) -> u64 {
        self.calls_in.saturating_add(self.calls_out).saturating_add(self.calls_other)
    }
}

/// TCP_INFO at the last close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpRow {
    pub rtt_us: u32,
    pub rttvar_us: u32,
    pub min_rtt_us: u32,
    /// Segments.
    pub cwnd: u32,
    pub retransmits: u32,
    /// The kernel's TCP_* state number.
    pub state: u32,
    /// Listeners: connections waiting to be accepted, and how many may wait.
    pub queue: Option<(u32, u32)>,
    /// Bytes a second.
    pub delivery_rate: u64,
    pub busy_us: u64,
    pub rwnd_limited_us: u64,
    pub sndbuf_limited_us: u64,
    pub bytes_acked: u64,
    pub bytes_received: u64,
}

/// What became of one fault rule.
#[derive(Clone, Debug, Default)]
pub struct FaultRow {
    /// Its normal form, with its name.
    pub rule: String,
    /// Calls it was about.
    pub matched: u64,
    /// Faults that were done.
    pub fired: u64,
    /// Faults that were due and not done: the reason, and how many; reasons without any are left out.
    pub skipped: Vec<(&'static str, u64)>,
}

/// One name lookup.
#[derive(Clone, Debug, Default)]
pub struct DnsRow {
    /// getaddrinfo, gethostbyname ...
    pub call: &'static str,
    pub pid: u32,
    /// What was asked for; several lookups of one name by one call make one row.
    pub name: String,
    /// The latest answer's addresses.
    pub addrs: Vec<String>,
    pub count: u64,
    pub errors: u64,
    /// The latest error's name; empty for none.
    pub error: String,
    /// Of all lookups of this row.
    pub total_ns: u64,
    pub min_ns: u64,
    pub max_ns: u64,
}

/// What is missing from the numbers, and why. All 0 in a good run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Connections that found no slot: their calls are counted by call, not by connection.
    pub conns: u64,
    /// Processes that found no slot.
    pub processes: u64,
    /// Calls counted by call only: no room for their thread.
    pub unattributed: u64,
    /// Timed calls that are missing from the histograms.
    pub untold: u64,
    /// Records of control calls that were dropped: connections may lack an address.
    pub events: u64,
}

/// What rows are grouped by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    Call,
    /// The peer's address without its port.
    Peer,
    Process,
    Thread,
    Errno,
    /// The local port.
    Port,
    /// The name the program looked up.
    Host,
}

impl By {
    /// The words for them.
    pub const WORDS: [(&str, By); 7] = [
        ("call", By::Call),
        ("peer", By::Peer),
        ("process", By::Process),
        ("thread", By::Thread),
        ("errno", By::Errno),
        ("port", By::Port),
        ("host", By::Host),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        By::WORDS.iter().find(|w| w.1 == self).map_or("", |w| w.0)
    }

    /// Whether groups are made of connections.
    pub fn of_conns(self) -> bool {
        matches!(self, By::Peer | By::Port | By::Host)
    }
}

/// One group of [`Snapshot::by`].
#[derive(Clone, Debug, Default)]
pub struct Group {
    pub key: String,
    /// Connections in it (by peer, port and host), else 0.
    pub conns: u64,
    /// For groups of connections `count`, `errors`, `bytes_in` and `bytes_out` are known, and nothing else.
    pub n: Counts,
}
