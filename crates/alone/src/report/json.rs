//! The report as a line of JSON, as `socklens schema --stats` describes it.

use super::{Conn, Report};
use crate::stats;
use core::sync::atomic::Ordering;
use socklens_calls::Call;
use socklens_decode::columns::{LATENCY, QUEUE, SCHEMA, TCP};
use socklens_decode::{Out, label, quote, xlat};
use socklens_inside::capi::socklens_call_stats;
use socklens_wire::conn::{flag, role};
use socklens_wire::stats::ends;

/// Members of an object under way.
struct Members<'a, 'b> {
    out: &'a mut Out<'b>,
    more: bool,
}

impl<'a, 'b> Members<'a, 'b> {
    fn begin(out: &'a mut Out<'b>) -> Members<'a, 'b> {
        out.byte(b'{');
        Members { out, more: false }
    }

    fn key(&mut self, name: &str) -> &mut Out<'b> {
        self.out.key(self.more, name);
        self.more = true;
        self.out
    }

    fn number(&mut self, name: &str, n: u64) {
        self.key(name).udec(n);
    }

    fn text(&mut self, name: &str, text: &[u8]) {
        quote::json_str(self.key(name), text);
    }

    fn flag(&mut self, name: &str, set: bool) {
        if set {
            self.key(name).str("true");
        }
    }

    fn end(self) {
        self.out.byte(b'}');
    }
}

pub fn write(r: &Report, out: &mut Out) {
    let h = r.of.segment.header();
    let mut m = Members::begin(out);
    m.number("schema", SCHEMA);
    m.key("command").byte(b'[');
    quote::json_str(m.out, r.process.exe.get(..r.process.exe_len as usize).unwrap_or(&[]));
    m.out.byte(b']');
    m.text("mode", b"full");
    m.number("start", h.start.real);
    m.number("elapsed_ns", r.ns(h.start.raw, r.now));
    m.key("final").str(if r.over { "true" } else { "false" });
    let mut total = Members::begin(m.key("total"));
    counts(r, &mut total, -1, &r.total);
    total.end();
    calls(r, m.key("calls"));
    let conns = m.key("conns");
    conns.byte(b'[');
    let mut more = false;
    r.conns(&mut |c| {
        conns.str(if more { "," } else { "" });
        conn(r, &c, conns);
        more = true;
    });
    conns.byte(b']');
    peers(r, m.key("peers"));
    let process = m.key("processes");
    process.byte(b'[');
    let mut p = Members::begin(process);
    p.number("pid", u64::from(r.process.pid));
    p.number("ppid", u64::from(r.process.ppid));
    p.text("comm", r.comm());
    p.text("exe", r.process.exe.get(..r.process.exe_len as usize).unwrap_or(&[]));
    p.number("start_ns", r.ns(h.start.raw, r.process.start.raw));
    if r.over {
        p.number("end_ns", r.ns(h.start.raw, r.now));
    }
    counts(r, &mut p, -1, &r.total);
    calls(r, p.key("calls"));
    p.end();
    process.byte(b']');
    m.key("threads").str("[]");
    m.key("dns").str("[]");
    let lost_conns = if r.last { u64::from(h.lost_conns.load(Ordering::Relaxed)) } else { 0 };
    let lost_procs = if r.last { u64::from(h.lost_procs.load(Ordering::Relaxed)) } else { 0 };
    let mut l = Members::begin(m.key("lost"));
    l.number("conns", lost_conns.saturating_add(r.forgotten()));
    l.number("processes", lost_procs);
    l.number("unattributed", 0);
    l.number("untimed", 0);
    l.number("events", 0);
    l.end();
    m.end();
    out.byte(b'\n');
}

fn counts(r: &Report, m: &mut Members, opcode: i32, c: &socklens_call_stats) {
    m.number("count", c.count);
    m.number("errors", c.errors);
    let mut names = Members::begin(m.key("errno"));
    stats::errors(r.of, opcode, r.last, &mut |name, n| {
        let mut text = [0u8; 32];
        let mut key = Out::new(&mut text);
        name(&mut key);
        let key = core::str::from_utf8(key.bytes()).unwrap_or("");
        names.number(key, n);
    });
    names.end();
    m.number("bytes_in", c.bytes_in);
    m.number("bytes_out", c.bytes_out);
    m.number("bytes_peeked", c.bytes_peeked);
    m.number("short", c.short_count);
    m.number("eagain", c.eagain);
    m.number("eintr", c.eintr);
    let mut l = Members::begin(m.key("latency_ns"));
    let all = [c.min_ns, c.p50_ns, c.p90_ns, c.p99_ns, c.p999_ns, c.max_ns, c.time_ns];
    for (name, ns) in LATENCY.into_iter().zip(all) {
        l.number(name, ns);
    }
    l.end();
    m.number("blocked_ns", c.blocked_ns);
}

fn calls(r: &Report, out: &mut Out) {
    out.byte(b'[');
    let mut more = false;
    for call in Call::all() {
        let mut row = stats::none();
        stats::fill(r.of, call as i32, r.last, &mut row);
        if row.count != 0 {
            out.str(if more { "," } else { "" });
            let mut m = Members::begin(out);
            m.text("call", call.name().as_bytes());
            counts(r, &mut m, call as i32, &row);
            m.end();
            more = true;
        }
    }
    out.byte(b']');
}

fn address(bytes: &[u8], m: &mut Members, name: &str) {
    let mut text = [0u8; 512];
    let mut out = Out::new(&mut text);
    label::short_addr(&mut out, bytes);
    m.text(name, out.bytes());
}

fn conn(r: &Report, c: &Conn, out: &mut Out) {
    let start = r.of.segment.header().start.raw;
    let (info, t, sums) = (&c.slot.info, &c.slot.totals, c.sums());
    let opened = t.opened.load(Ordering::Relaxed);
    let until = c.end.unwrap_or(r.now);
    let mut m = Members::begin(out);
    m.number("conn", u64::from(info.serial));
    m.text("proto", label::proto(info).as_bytes());
    m.text("role", label::role_name(info).unwrap_or("").as_bytes());
    address(info.local(), &mut m, "local");
    address(info.peer(), &mut m, "peer");
    m.number("pid", u64::from(info.pid));
    m.number("tid", u64::from(t.tid.load(Ordering::Relaxed)));
    if info.pid == r.process.pid {
        m.text("comm", r.comm());
    }
    m.number("start_ns", r.ns(start, opened));
    m.number("age_ns", r.ns(opened, until));
    for (name, n) in ["calls_in", "calls_out", "calls_other"].into_iter().zip(sums.calls) {
        m.number(name, n);
    }
    for (name, n) in ["bytes_in", "bytes_out"].into_iter().zip(sums.bytes) {
        m.number(name, n);
    }
    m.number("errors", sums.errors);
    m.text("end", c.how.name().as_bytes());
    if let Some(at) = c.end {
        m.number("end_ns", r.ns(start, at));
    }
    for (name, span) in [("connect_ns", c.connect()), ("first_byte_ns", c.first_byte())] {
        if let Some((from, to)) = span {
            m.number(name, r.ns(from, to));
        }
    }
    let last = t.last.load(Ordering::Relaxed);
    if last != 0 {
        m.number("idle_ns", r.ns(last, until));
    }
    if let Some(errno) = c.refused() {
        m.text("connect_error", xlat::errno(errno as i32).unwrap_or("error").as_bytes());
    }
    let site = t.site.load(Ordering::Relaxed);
    if site != 0 {
        let out = m.key("site");
        out.byte(b'"');
        out.hex(site);
        out.byte(b'"');
    }
    m.flag("inherited", info.flags & flag::INHERITED != 0);
    m.flag("shut_wr", c.has(ends::SHUT_WR));
    m.flag("shut_rd", c.has(ends::SHUT_RD));
    if c.has(ends::DROPS) {
        m.number("drops", u64::from(info.tcp_end().queue));
    }
    if c.has(ends::TCP) {
        tcp(c, Members::begin(m.key("tcp")));
    }
    m.end();
}

fn tcp(c: &Conn, mut m: Members) {
    let t = c.slot.info.tcp_end();
    let small = [t.rtt_us, t.rttvar_us, t.min_rtt_us, t.cwnd, t.retransmits, t.state].map(u64::from);
    let long = [t.delivery_rate, t.busy_us, t.rwnd_limited_us, t.sndbuf_limited_us, t.bytes_acked, t.bytes_received];
    TCP.into_iter().zip(small.into_iter().chain(long)).for_each(|(name, n)| m.number(name, n));
    if c.slot.info.role == role::LISTENER {
        let queue = [t.queue, t.queue_limit].map(u64::from);
        QUEUE.into_iter().zip(queue).for_each(|(name, n)| m.number(name, n));
    }
    m.end();
}

/// The bytes of a connection's peer that make up its address, without the port.
fn host(c: &Conn) -> &[u8] {
    let peer = c.slot.info.peer();
    match (i32::from(c.slot.info.family), peer.len()) {
        (libc::AF_INET, 8..) => peer.get(4..8).unwrap_or(&[]),
        (libc::AF_INET6, 24..) => peer.get(8..24).unwrap_or(&[]),
        _ => &[],
    }
}

/// Internet peers: the connections of each added up.
fn peers(r: &Report, out: &mut Out) {
    out.byte(b'[');
    let (mut more, mut at) = (false, 0usize);
    r.conns(&mut |c| {
        let (mut index, mut seen) = (0usize, false);
        let (mut conns, mut calls, mut errors, mut bytes) = (0u64, 0u64, 0u64, [0u64; 2]);
        r.conns(&mut |o| {
            if host(&o) == host(&c) {
                seen |= index < at;
                let s = o.sums();
                conns = conns.wrapping_add(1);
                calls = s.calls.iter().fold(calls, |a, b| a.wrapping_add(*b));
                errors = errors.wrapping_add(s.errors);
                bytes.iter_mut().zip(s.bytes).for_each(|(a, b)| *a = a.wrapping_add(b));
            }
            index = index.saturating_add(1);
        });
        at = at.saturating_add(1);
        if host(&c).is_empty() || seen {
            return;
        }
        out.str(if more { "," } else { "" });
        more = true;
        let mut m = Members::begin(out);
        // As an address of its own, with the port left out.
        let mut bare = [0u8; 28];
        for (to, &b) in bare.iter_mut().zip(c.slot.info.peer()) {
            *to = b;
        }
        bare.iter_mut().skip(2).take(2).for_each(|b| *b = 0);
        let mut text = [0u8; 128];
        let mut name = Out::new(&mut text);
        socklens_decode::sockaddr::compact(&mut name, bare.get(..c.slot.info.peer().len().min(28)).unwrap_or(&[]));
        let name = name.bytes().strip_suffix(b":0").unwrap_or(name.bytes());
        m.text("peer", name.strip_prefix(b"[").and_then(|n| n.strip_suffix(b"]")).unwrap_or(name));
        m.text("host", b"");
        m.number("conns", conns);
        m.number("calls", calls);
        m.number("errors", errors);
        m.number("bytes_in", bytes.first().copied().unwrap_or(0));
        m.number("bytes_out", bytes.get(1).copied().unwrap_or(0));
        m.end();
    });
    out.byte(b']');
}
