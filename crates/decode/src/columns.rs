//! What the columns and members of statistics are called, in whatever form and by whom they are written.

/// Changes whenever a member of the statistics changes its meaning.
pub const SCHEMA: u64 = 1;

/// A column's head, and whether it holds text, which stands to the left.
pub type Column = (&'static str, bool);

/// Of the table of calls: what is always there, what only a clock can tell, and the last.
pub const CALLS: [Column; 5] = [("call", true), ("calls", false), ("errors", false), ("in", false), ("out", false)];
pub const TIMES: [Column; 9] = [
    ("time", false),
    ("%", false),
    ("waited", false),
    ("min", false),
    ("p50", false),
    ("p90", false),
    ("p99", false),
    ("p99.9", false),
    ("max", false),
];
pub const ERRORS: Column = ("errors by name", true);

/// Of the table of connections.
pub const CONNS: [Column; 12] = [
    ("connection", true),
    ("role", true),
    ("opened by", true),
    ("age", false),
    ("connect", false),
    ("1st byte", false),
    ("calls", false),
    ("in", false),
    ("out", false),
    ("rtt", false),
    ("retrans", false),
    ("end", true),
];

/// Connections that a table shows: the rest is one line.
pub const MOST_CONNS: usize = 40;

/// Below the table of calls.
pub const SHORT: &str = "short (less moved than asked for)";
pub const PEEKED: &str = "peeked at";
/// Below all tables, behind a number.
pub const LOST_CONNS: &str = "connections found no room: their calls are in the table of calls only";

/// Members of `latency_ns`.
pub const LATENCY: [&str; 7] = ["min", "p50", "p90", "p99", "p999", "max", "total"];

/// Members of a connection's `tcp`.
pub const TCP: [&str; 12] = [
    "rtt_us",
    "rttvar_us",
    "min_rtt_us",
    "cwnd",
    "retransmits",
    "state",
    "delivery_rate",
    "busy_us",
    "rwnd_limited_us",
    "sndbuf_limited_us",
    "bytes_acked",
    "bytes_received",
];
/// And of a listener's besides.
pub const QUEUE: [&str; 2] = ["queue", "queue_limit"];
