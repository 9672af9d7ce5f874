//! Comma-separated values (RFC 4180): one row per call, or per group.

use socklens_trace::stats::{By, Counts, Snapshot};
use std::io::{self, Write};

const HEAD: &str = "count,errors,bytes_in,bytes_out,bytes_peeked,short,eagain,eintr,total_ns,blocked_ns,min_ns,p50_ns,p90_ns,p99_ns,p999_ns,max_ns";

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn numbers(n: &Counts) -> String {
    let q = |q| n.quantile_ns(q);
    let all = [
        n.count,
        n.errors,
        n.bytes_in,
        n.bytes_out,
        n.peeked,
        n.short,
        n.eagain,
        n.eintr,
        n.time_ns,
        n.blocked_ns,
        n.min_ns,
        q(0.5),
        q(0.9),
        q(0.99),
        q(0.999),
        n.max_ns,
    ];
    all.map(|n| n.to_string()).join(",")
}

/// Writes one table with a head line, by call unless `by` says otherwise.
pub fn csv(s: &Snapshot, by: By, to: &mut dyn Write) -> io::Result<()> {
    if by == By::Call {
        writeln!(to, "call,{HEAD}")?;
        for r in &s.calls {
            writeln!(to, "{},{}", r.call, numbers(&r.n))?;
        }
        return Ok(());
    }
    writeln!(to, "key,conns,{HEAD}")?;
    for g in s.by(by) {
        writeln!(to, "{},{},{}", quoted(&g.key), g.conns, numbers(&g.n))?;
    }
    Ok(())
}
