//! Name lookups, and the names they gave to addresses.

use super::conns::{address, host_and_port};
use super::model::DnsRow;
use crate::Clock;
use crate::hash::Map;
use socklens_calls::{Call, Kind, Ret};
use socklens_decode::xlat;
use socklens_wire::event::ARG_RESULT;
use socklens_wire::{Event, Part};
use std::collections::BTreeMap;

/// Names kept, and different lookups.
const MOST: usize = 10_000;
/// Addresses kept of one answer.
const MOST_ADDRS: usize = 32;

/// What the lookups of a session came to.
#[derive(Clone, Debug, Default)]
pub struct Lookups {
    rows: BTreeMap<(u32, u16, Vec<u8>), DnsRow>,
    /// Names by [`key`] of an address.
    pub hosts: Map<Vec<u8>, String>,
}

/// Family and address of a sockaddr, without its port: what a name stands for.
pub fn key(b: &[u8]) -> Option<Vec<u8>> {
    match i32::from(u16::from_le_bytes([*b.first()?, *b.get(1)?])) {
        libc::AF_INET => Some(b.get(4..8)?.to_vec()),
        libc::AF_INET6 => Some(b.get(8..24)?.to_vec()),
        _ => None,
    }
}

fn until_nul(b: &[u8]) -> &[u8] {
    b.split(|c| *c == 0).next().unwrap_or(&[])
}

impl Lookups {
    /// Learns from a lookup's event. One that is not `counted` gives names to addresses and has no row.
    pub fn learn(&mut self, ev: &Event, pid: u32, clock: &Clock, counted: bool) {
        let Some(call) = ev.call() else { return };
        let asked = call.args().iter().enumerate().find_map(|(i, a)| match a.kind {
            Kind::Str | Kind::AddrIn(_) | Kind::HostAddr(_) => Some((i as u8, a.kind)),
            _ => None,
        });
        let data = asked.and_then(|(i, _)| ev.cap(i, Part::Data)).map_or(&[][..], |c| c.data);
        let name = match asked {
            Some((_, Kind::AddrIn(_))) => address(data),
            Some((_, Kind::HostAddr(_))) => plain(data),
            _ => String::from_utf8_lossy(until_nul(data)).into_owned(),
        };
        let answers = answers(ev, call);
        let error = error(ev, call);
        if error.is_none() && !matches!(asked, Some((_, Kind::AddrIn(_)))) {
            for (_, key) in &answers {
                if !name.is_empty() && (self.hosts.len() < MOST || self.hosts.contains_key(key)) {
                    self.hosts.insert(key.clone(), name.clone());
                }
            }
        }
        if !counted {
            return;
        }
        let id = (pid, call as u16, name.clone().into_bytes());
        if !self.rows.contains_key(&id) && self.rows.len() >= MOST {
            return;
        }
        let row = self.rows.entry(id).or_insert_with(|| DnsRow {
            call: call.name(),
            pid,
            name,
            min_ns: u64::MAX,
            ..DnsRow::default()
        });
        let ns = clock.span(ev.head.start, ev.head.end);
        row.count += 1;
        row.total_ns += ns;
        row.min_ns = row.min_ns.min(ns);
        row.max_ns = row.max_ns.max(ns);
        if let Some(error) = error {
            row.errors += 1;
            row.error = error;
            return;
        }
        if let Some((i, Kind::AddrIn(_))) = asked {
            let host = ev.cap(i + 2, Part::Data).map_or(&[][..], |c| c.data);
            row.addrs = vec![String::from_utf8_lossy(until_nul(host)).into_owned()];
            return;
        }
        row.addrs = answers.into_iter().map(|a| a.0).collect();
        row.addrs.dedup();
    }

    /// By process, call and name.
    pub fn rows(&self) -> Vec<DnsRow> {
        self.rows.values().cloned().collect()
    }
}

fn error(ev: &Event, call: Call) -> Option<String> {
    let failed = match call.ret() {
        Ret::Eai | Ret::ErrNo => ev.head.ret != 0,
        Ret::Hostent | Ret::Ptr => ev.head.ret == 0,
        _ => ev.head.ret < 0,
    };
    let name = match call.ret() {
        _ if !failed => return None,
        Ret::Eai => xlat::signed(xlat::EAI, ev.head.ret),
        _ => xlat::errno(i32::from(ev.head.errno)).filter(|_| ev.head.errno != 0),
    };
    Some(name.unwrap_or("failed").to_owned())
}

/// An address without family: of 4 or 16 bytes.
fn plain(b: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(b) {
        return std::net::Ipv4Addr::from(v4).to_string();
    }
    <[u8; 16]>::try_from(b).map_or_else(|_| String::new(), |v6| std::net::Ipv6Addr::from(v6).to_string())
}

/// The addresses of an answer: as text, and their [`key`].
fn answers(ev: &Event, call: Call) -> Vec<(String, Vec<u8>)> {
    let of_list = call == Call::getaddrinfo;
    let all = ev.captures().filter(|c| c.part == Part::Addr && (of_list || c.arg == ARG_RESULT || c.sub != 0));
    let one = |b: &[u8]| {
        if of_list { Some((host_and_port(b).0, key(b)?)) } else { Some((plain(b), b.to_vec())) }
    };
    let mut list: Vec<_> = all.filter_map(|c| one(c.data)).take(4 * MOST_ADDRS).collect();
    list.dedup();
    list.truncate(MOST_ADDRS);
    list
}
