//! Connections: totals out of their slots and notes, ended ones packed into few bytes, rows made of both.

use super::model::{ConnRow, Role, TcpRow};
use super::pack::{get, put};
use crate::Clock;
use crate::hash::Map;
use crate::observe::ConnNow;
use crate::shm;
use socklens_decode::{Out, label, xlat};
use socklens_wire::conn::{ADDR_MAX, flag, role};
use socklens_wire::stats::{ConnTotals, TcpEnd, ends};
use socklens_wire::{ConnInfo, Segment};
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers of a connection's totals, in the order in which they are packed.
const NUMBERS: usize = 16;

/// A connection's totals, copied; times in raw ticks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// calls in, out, other, bytes in, out, errors; opened, connect start, end, first in, last; site, tid, error of
    /// connect, [`ends`], raw time of the end.
    n: [u64; NUMBERS],
}

mod n {
    pub const CALLS_IN: usize = 0;
    pub const CALLS_OUT: usize = 1;
    pub const CALLS_OTHER: usize = 2;
    pub const BYTES_IN: usize = 3;
    pub const BYTES_OUT: usize = 4;
    pub const ERRORS: usize = 5;
    pub const OPENED: usize = 6;
    pub const CONNECT_START: usize = 7;
    pub const CONNECT_END: usize = 8;
    pub const FIRST_IN: usize = 9;
    pub const LAST: usize = 10;
    pub const SITE: usize = 11;
    pub const TID: usize = 12;
    pub const CONNECT_ERRNO: usize = 13;
    pub const ENDS: usize = 14;
    pub const END: usize = 15;
}

impl Totals {
    /// The raw time at which it was opened; `u64::MAX` when that was not noted, for which the latest is as good.
    pub fn opened(&self) -> u64 {
        Some(self.n[n::OPENED]).filter(|&t| t != 0).unwrap_or(u64::MAX)
    }

    /// Copies the totals of a slot, or of a note.
    pub fn copy(t: &ConnTotals) -> Totals {
        let get = |a: &AtomicU64| a.load(Ordering::Relaxed);
        let sum = |a: &AtomicU64, b: &AtomicU64| get(a).wrapping_add(get(b));
        let (own, others) = (&t.own, &t.others);
        Totals {
            n: [
                sum(&own.calls_in, &others.calls_in),
                sum(&own.calls_out, &others.calls_out),
                sum(&own.calls_other, &others.calls_other),
                sum(&own.bytes_in, &others.bytes_in),
                sum(&own.bytes_out, &others.bytes_out),
                sum(&own.errors, &others.errors),
                get(&t.opened),
                get(&t.connect_start),
                get(&t.connect_end),
                get(&t.first_in),
                get(&t.last),
                get(&t.site),
                u64::from(t.tid.load(Ordering::Relaxed)),
                u64::from(t.connect_errno.load(Ordering::Relaxed)),
                u64::from(t.ends.load(Ordering::Relaxed)),
                0,
            ],
        }
    }

    /// Out of a note's bytes; None when there are too few.
    pub fn from_bytes(b: &[u8]) -> Option<Totals> {
        if b.len() < size_of::<ConnTotals>() {
            return None;
        }
        // SAFETY: the length was checked, and every bit pattern is valid: integers only.
        let t: ConnTotals = unsafe { std::ptr::read_unaligned(b.as_ptr().cast()) };
        Some(Totals::copy(&t))
    }

    /// Out of a slot.
    pub fn of_slot(s: &Segment, index: u32) -> Option<Totals> {
        let p = s.conn_slot(index)?;
        // SAFETY: a bounds-checked slot; its totals are only read through atomics and volatile reads.
        Some(Totals::copy(unsafe { &(*p).totals }))
    }

    /// The numbers that a list of many connections shows.
    pub fn now(&self, info: ConnInfo, clock: &Clock) -> ConnNow {
        let n = &self.n;
        let at = |raw: u64| (raw != 0).then(|| clock.since_start(raw));
        let span = |from: u64, to: u64| (from != 0 && to != 0).then(|| clock.span(from, to));
        ConnNow {
            info,
            calls: [n[n::CALLS_IN], n[n::CALLS_OUT], n[n::CALLS_OTHER]],
            bytes_in: n[n::BYTES_IN],
            bytes_out: n[n::BYTES_OUT],
            errors: n[n::ERRORS],
            tid: n[n::TID] as u32,
            opened_ns: at(n[n::OPENED]),
            last_ns: at(n[n::LAST]),
            connect_ns: span(n[n::CONNECT_START], n[n::CONNECT_END]),
        }
    }

    fn has(&self, bit: u32) -> bool {
        self.n[n::ENDS] & u64::from(bit) != 0
    }
}

fn tcp_numbers(t: &TcpEnd) -> [u64; 14] {
    [
        t.rtt_us.into(),
        t.rttvar_us.into(),
        t.min_rtt_us.into(),
        t.cwnd.into(),
        t.retransmits.into(),
        t.state.into(),
        t.queue.into(),
        t.queue_limit.into(),
        t.delivery_rate,
        t.busy_us,
        t.rwnd_limited_us,
        t.sndbuf_limited_us,
        t.bytes_acked,
        t.bytes_received,
    ]
}

/// Connections that ended, packed.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    blocks: Vec<Vec<u8>>,
    /// How many were packed before each block.
    before: Vec<u64>,
    count: u64,
    /// Names of the processes that opened them.
    comms: Vec<String>,
    comm_ids: std::collections::HashMap<String, u64>,
}

/// Bytes of a block of packed connections.
const BLOCK: usize = 1 << 20;
/// Most bytes one takes: two addresses and 34 numbers.
const LARGEST: usize = 2 * ADDR_MAX + 64 * 10;

/// A time as its distance from another, on either side, and 0 for none; below 2^62 both.
fn near(at: u64, time: u64) -> u64 {
    let d = at.wrapping_sub(time) as i64;
    if time == 0 { 0 } else { (((d << 1) ^ (d >> 63)) as u64).wrapping_add(1) }
}

fn back(at: u64, packed: u64) -> u64 {
    let Some(z) = packed.checked_sub(1) else { return 0 };
    at.wrapping_sub((z >> 1) ^ (z & 1).wrapping_neg())
}

fn take<'a>(from: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (a, rest) = from.split_at_checked(n)?;
    *from = rest;
    Some(a)
}

impl Ended {
    /// Adds one that ended at the raw time `at`. `left`: its last process ended before it was closed.
    pub fn push(&mut self, info: &ConnInfo, t: &Totals, at: u64, left: bool, comm: &str) {
        if self.blocks.last().is_none_or(|b| b.len() + LARGEST > BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
            self.before.push(self.count);
        }
        let id = match self.comm_ids.get(comm) {
            Some(&id) => id,
            None => {
                let id = self.comms.len() as u64;
                self.comms.push(comm.to_owned());
                self.comm_ids.insert(comm.to_owned(), id);
                id
            }
        };
        let Some(to) = self.blocks.last_mut() else { return };
        let head = [
            info.serial.into(),
            info.family.into(),
            info.ty.into(),
            info.protocol.into(),
            info.role.into(),
            info.flags.into(),
            info.local().len() as u64,
            info.peer().len() as u64,
            info.pid.into(),
            u64::from(left),
            id,
        ];
        head.iter().for_each(|&v| put(to, v));
        to.extend_from_slice(info.local());
        to.extend_from_slice(info.peer());
        let mut numbers = t.n;
        numbers[n::END] = at;
        // Times lie close together.
        for i in [n::OPENED, n::CONNECT_START, n::CONNECT_END, n::FIRST_IN, n::LAST] {
            numbers[i] = near(at, numbers[i]);
        }
        numbers.iter().for_each(|&v| put(to, v));
        if t.has(ends::TCP | ends::DROPS) {
            tcp_numbers(&info.tcp_end()).iter().for_each(|&v| put(to, v));
        }
        self.count += 1;
    }

    /// The latest `most`, in the order in which they ended. What it takes depends on `most` and not on how many there are.
    pub fn latest(&self, most: u64, f: &mut dyn FnMut(&ConnInfo, &Totals, bool, &str)) {
        let from = self.count.saturating_sub(most);
        // The last block that begins at or before `from`.
        let first = self.before.partition_point(|&n| n <= from).saturating_sub(1);
        let mut at = self.before.get(first).copied().unwrap_or(0);
        for block in self.blocks.iter().skip(first) {
            let mut rest: &[u8] = block;
            while !rest.is_empty() {
                let Some((info, t, left, comm)) = unpack(&mut rest) else { break };
                if at >= from {
                    f(&info, &t, left, self.comms.get(comm).map_or("", String::as_str));
                }
                at += 1;
            }
        }
    }
}

fn unpack(from: &mut &[u8]) -> Option<(ConnInfo, Totals, bool, usize)> {
    let mut head = [0u64; 11];
    for v in &mut head {
        *v = get(from)?;
    }
    let mut info = ConnInfo::zero();
    info.serial = head[0] as u32;
    (info.family, info.ty, info.protocol) = (head[1] as u16, head[2] as u16, head[3] as u16);
    (info.role, info.flags) = (head[4] as u8, head[5] as u8);
    (info.local_len, info.peer_len) = (head[6] as u8, head[7] as u8);
    info.pid = head[8] as u32;
    info.local.get_mut(..head[6] as usize)?.copy_from_slice(take(from, head[6] as usize)?);
    info.peer.get_mut(..head[7] as usize)?.copy_from_slice(take(from, head[7] as usize)?);
    let mut t = Totals::default();
    for v in &mut t.n {
        *v = get(from)?;
    }
    let at = t.n[n::END];
    for i in [n::OPENED, n::CONNECT_START, n::CONNECT_END, n::FIRST_IN, n::LAST] {
        t.n[i] = back(at, t.n[i]);
    }
    if t.has(ends::TCP | ends::DROPS) {
        let mut v = [0u64; 14];
        for v in &mut v {
            *v = get(from)?;
        }
        let small = |i: usize| v[i] as u32;
        info.set_tcp_end(&TcpEnd {
            rtt_us: small(0),
            rttvar_us: small(1),
            min_rtt_us: small(2),
            cwnd: small(3),
            retransmits: small(4),
            state: small(5),
            queue: small(6),
            queue_limit: small(7),
            delivery_rate: v[8],
            busy_us: v[9],
            rwnd_limited_us: v[10],
            sndbuf_limited_us: v[11],
            bytes_acked: v[12],
            bytes_received: v[13],
        });
    }
    Some((info, t, head[9] != 0, head[10] as usize))
}

/// The connections that are open now, each made into what `make` makes of it.
pub fn open<T>(s: &Segment, mut make: impl FnMut(ConnInfo, &Totals) -> T) -> Vec<T> {
    let high = s.header().fresh_conns.load(Ordering::Acquire).min(s.layout().conns);
    let serial = |i| s.conn_slot(i).map_or(0, |p| shm::atomic!(p, serial).load(Ordering::Acquire));
    // One allocation: a hundred thousand rows are not to be copied again and again.
    let mut all = Vec::with_capacity((0..high).filter(|&i| serial(i) != 0).count());
    for i in 0..high {
        let serial = serial(i);
        if serial != 0
            && let Some(info) = shm::conn_info(s, i).filter(|c| c.serial == serial)
            && let Some(totals) = Totals::of_slot(s, i)
        {
            all.push(make(info, &totals));
        }
    }
    all
}

fn text(write: impl FnOnce(&mut Out)) -> String {
    let mut buffer = [0u8; 512];
    let mut out = Out::new(&mut buffer);
    write(&mut out);
    String::from_utf8_lossy(out.bytes()).into_owned()
}

/// An address as the log shows it; empty when there is nothing to say.
pub fn address(b: &[u8]) -> String {
    text(|o| {
        label::short_addr(o, b);
    })
}

/// An address without its port, and the port.
pub fn host_and_port(b: &[u8]) -> (String, Option<u16>) {
    let port = || Some(u16::from_be_bytes([*b.get(2)?, *b.get(3)?]));
    let inet = b.len() >= 4 && matches!(i32::from(u16::from_le_bytes([b[0], b[1]])), libc::AF_INET | libc::AF_INET6);
    if !inet {
        return (address(b), None);
    }
    let mut bare = b.to_vec();
    bare[2..4].fill(0);
    let full = text(|o| {
        socklens_decode::sockaddr::compact(o, &bare);
    });
    let host = full.strip_suffix(":0").unwrap_or(&full).trim_matches(|c| c == '[' || c == ']').to_owned();
    (host, port())
}

/// How a finished connection is told of.
pub struct Telling<'a> {
    pub clock: &'a Clock,
    /// Names by address bytes, port zeroed: see [`super::dns`].
    pub hosts: &'a Map<Vec<u8>, String>,
    pub now: u64,
}

impl Telling<'_> {
    /// The row of a connection. `left` None while it is open, else whether it was left open.
    pub fn row(&self, c: &ConnInfo, t: &Totals, left: Option<bool>, comm: &str) -> ConnRow {
        let time = |i: usize| Some(t.n[i]).filter(|&v| v != 0);
        let end = left.map(|_| t.n[n::END]);
        let until = end.unwrap_or(self.now);
        let span = |from: Option<u64>, to: Option<u64>| Some(self.clock.span(from?, to?));
        let established = time(n::CONNECT_END).or(time(n::OPENED));
        let (peer_host, peer_port) = host_and_port(c.peer());
        let (_, local_port) = host_and_port(c.local());
        let errno = t.n[n::CONNECT_ERRNO] as i32;
        let connected = t.has(ends::CONNECTED);
        ConnRow {
            conn: c.serial,
            proto: label::proto(c).to_owned(),
            family: c.family,
            role: role_of(c),
            local: address(c.local()),
            peer: address(c.peer()),
            local_port,
            peer_port,
            host: super::dns::key(c.peer()).and_then(|k| self.hosts.get(&k)).cloned().unwrap_or_default(),
            peer_host,
            pid: c.pid,
            tid: t.n[n::TID] as u32,
            comm: comm.to_owned(),
            site: t.n[n::SITE],
            inherited: c.flags & flag::INHERITED != 0,
            start_ns: self.clock.since_start(t.n[n::OPENED]),
            end_ns: end.map(|e| self.clock.since_start(e)),
            connect_ns: if connected { span(time(n::CONNECT_START), time(n::CONNECT_END)) } else { None },
            connect_error: if t.has(ends::REFUSED) {
                xlat::errno(errno).map_or_else(|| format!("error {errno}"), str::to_owned)
            } else {
                String::new()
            },
            first_byte_ns: span(established, time(n::FIRST_IN)),
            idle_ns: span(time(n::LAST), Some(until)),
            calls_in: t.n[n::CALLS_IN],
            calls_out: t.n[n::CALLS_OUT],
            calls_other: t.n[n::CALLS_OTHER],
            bytes_in: t.n[n::BYTES_IN],
            bytes_out: t.n[n::BYTES_OUT],
            errors: t.n[n::ERRORS],
            end: ends::how(t.n[n::ENDS] as u32, left),
            shut_wr: t.has(ends::SHUT_WR),
            shut_rd: t.has(ends::SHUT_RD),
            tcp: t.has(ends::TCP).then(|| tcp_row(&c.tcp_end(), c.role == role::LISTENER)),
            drops: t.has(ends::DROPS).then_some(u64::from(c.tcp_end().queue)),
        }
    }
}

/// What the socket is used as.
pub fn role_of(c: &ConnInfo) -> Role {
    match c.role {
        role::CLIENT => Role::Client,
        role::SERVER => Role::Server,
        role::LISTENER => Role::Listener,
        role::PAIR => Role::Pair,
        _ => Role::Unknown,
    }
}

fn tcp_row(t: &TcpEnd, listener: bool) -> TcpRow {
    TcpRow {
        rtt_us: t.rtt_us,
        rttvar_us: t.rttvar_us,
        min_rtt_us: t.min_rtt_us,
        cwnd: t.cwnd,
        retransmits: t.retransmits,
        state: t.state,
        queue: listener.then_some((t.queue, t.queue_limit)),
        delivery_rate: t.delivery_rate,
        busy_us: t.busy_us,
        rwnd_limited_us: t.rwnd_limited_us,
        sndbuf_limited_us: t.sndbuf_limited_us,
        bytes_acked: t.bytes_acked,
        bytes_received: t.bytes_received,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let mut ended = Ended::default();
        let mut seed = 1u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed >> (2 + seed % 60)
        };
        let mut all = Vec::new();
        for i in 1..20_000u32 {
            let mut c = ConnInfo::zero();
            (c.serial, c.pid, c.flags) = (i, next() as u32, flag::LOCAL | flag::PEER);
            (c.local_len, c.peer_len) = ((next() % 111) as u8, (next() % 111) as u8);
            c.local[..c.local_len as usize].fill(i as u8);
            c.peer[..c.peer_len as usize].fill(!i as u8);
            let mut t = Totals::default();
            t.n.iter_mut().for_each(|v| *v = next());
            t.n[n::END] = 0;
            let end = TcpEnd { delivery_rate: next(), ..TcpEnd::default() };
            let has = t.has(ends::TCP | ends::DROPS) && c.set_tcp_end(&end);
            let at = next();
            ended.push(&c, &t, at, i % 2 == 0, if i % 3 == 0 { "a" } else { "b" });
            t.n[n::END] = at;
            all.push((c, t, has.then_some(end), i % 2 == 0, if i % 3 == 0 { "a" } else { "b" }));
        }
        assert_eq!(ended.count, all.len() as u64);
        let mut i = 0;
        ended.latest(u64::MAX, &mut |c, t, left, comm| {
            let (c2, t2, end, left2, comm2) = &all[i];
            assert_eq!((c.local(), c.peer(), c.serial, c.pid), (c2.local(), c2.peer(), c2.serial, c2.pid));
            assert_eq!((t.n, left, comm), (t2.n, *left2, *comm2));
            if let Some(end) = end {
                assert_eq!(tcp_numbers(&c.tcp_end()), tcp_numbers(end));
            }
            i += 1;
        });
        assert_eq!(i, all.len());
        assert!(ended.blocks.len() > 2, "several blocks");
        for most in [0, 1, 7000, 19_998, 19_999, 50_000] {
            let mut got = Vec::new();
            ended.latest(most, &mut |c, _, _, _| got.push(c.serial));
            let want: Vec<u32> = all.iter().skip(all.len().saturating_sub(most as usize)).map(|a| a.0.serial).collect();
            assert_eq!(got, want, "the latest {most}");
        }
    }
}
