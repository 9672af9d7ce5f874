//! Connections as the event stream tells of them, and which descriptor of which process refers to which.

use crate::hash::Map;
use socklens_calls::{Call, Kind, Ret};
use socklens_wire::event::{flag, note};
use socklens_wire::{ConnInfo, Event, Part};
use std::collections::VecDeque;

/// Descriptors up to here are found by index; programs that use higher ones are few.
const DENSE: usize = 1 << 16;

/// Serials by descriptor, of one process.
#[derive(Clone, Debug, Default)]
struct Fds {
    low: Vec<u32>,
    high: Map<u32, u32>,
}

impl Fds {
    fn get(&self, fd: i32) -> u32 {
        match usize::try_from(fd) {
            Ok(i) if i < DENSE => self.low.get(i).copied().unwrap_or(0),
            Ok(i) => self.high.get(&(i as u32)).copied().unwrap_or(0),
            Err(_) => 0,
        }
    }

    fn set(&mut self, fd: i32, serial: u32) {
        let Ok(i) = usize::try_from(fd) else { return };
        if i >= DENSE {
            if self.high.len() < DENSE {
                self.high.insert(i as u32, serial);
            }
            return;
        }
        if i >= self.low.len() {
            if serial == 0 {
                return;
            }
            self.low.resize((i + 1).next_power_of_two(), 0);
        }
        self.low[i] = serial;
    }
}

/// How long, in ticks of the timeline, an ended connection is remembered for events that come late.
const GRACE_NS: u64 = 1_000_000_000;

/// All connections of a session.
#[derive(Debug, Default)]
pub struct Conns {
    infos: Map<u32, ConnInfo>,
    fds: Map<u32, Fds>,
    /// What programs call them.
    names: Map<u32, Vec<u8>>,
    ended: VecDeque<(u64, u32)>,
    total: u64,
}

impl Conns {
    /// The connection with this serial.
    pub fn get(&self, serial: u32) -> Option<&ConnInfo> {
        if serial == 0 { None } else { self.infos.get(&serial) }
    }

    /// The name that the program gave a connection; empty for none.
    pub fn name(&self, serial: u32) -> &[u8] {
        self.names.get(&serial).map_or(&[], Vec::as_slice)
    }

    /// The connection behind a descriptor of a process.
    pub fn of_fd(&self, proc: u32, fd: i32) -> Option<&ConnInfo> {
        self.get(self.fds.get(&proc)?.get(fd))
    }

    /// Connections seen so far.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// A process begins; by fork it has its parent's descriptors.
    pub(crate) fn proc_start(&mut self, proc: u32, parent: Option<u32>) {
        let fds = parent.and_then(|p| self.fds.get(&p)).cloned().unwrap_or_default();
        self.fds.insert(proc, fds);
    }

    pub(crate) fn proc_end(&mut self, proc: u32) {
        self.fds.remove(&proc);
    }

    /// Learns from an event; `at` is its raw time, `grace` the ticks of [`GRACE_NS`].
    pub(crate) fn learn(&mut self, proc: u32, ev: &Event, at: u64, grace: u64) {
        let (call, conn) = (ev.head.call, ev.head.conn);
        let own = ev.head.flags & flag::VFORK_CHILD == 0;
        if call < note::FIRST {
            if conn == 0 || !own {
                return;
            }
            let Some(known) = ev.call() else { return };
            if known == Call::epoll_ctl {
                return;
            }
            let spec = known.spec();
            // accept's connection is the new one, not the listener's.
            let fd = match spec.args.first().map(|a| a.kind) {
                _ if spec.ret == Ret::NewFd && ev.head.ret >= 0 => ev.head.ret as i32,
                Some(Kind::Fd) => ev.int(0),
                _ => return,
            };
            // A close that succeeded ended the descriptor; its note says so.
            if ev.head.errno == 0 && spec.name.starts_with("close") {
                return;
            }
            self.set_fd(proc, fd, conn);
            return;
        }
        match call {
            note::CONN_NEW | note::CONN_UPDATE | note::CONN_END => {
                let Some(info) = ev.cap(0, Part::Data).or_else(|| ev.captures().next()) else { return };
                let Some(info) = ConnInfo::from_bytes(info.data) else { return };
                if info.serial == 0 {
                    return;
                }
                if self.infos.insert(info.serial, info).is_none() {
                    self.total += 1;
                }
                if call == note::CONN_END {
                    self.end(info.serial, at, grace);
                } else if call == note::CONN_NEW && own {
                    self.set_fd(proc, ev.head.ret as i32, info.serial);
                }
            }
            note::CONN_NAME => {
                let name = ev.captures().next().map_or(&[][..], |c| c.data);
                if name.is_empty() || conn == 0 {
                    self.names.remove(&conn);
                } else {
                    self.names.insert(conn, name.to_vec());
                }
            }
            note::FD_ALIAS if own => self.set_fd(proc, ev.head.ret as i32, conn),
            note::FD_CLOSED if own => {
                // The number may be in use again already, by another thread.
                if let Some(fds) = self.fds.get_mut(&proc)
                    && (conn == 0 || fds.get(ev.head.ret as i32) == conn)
                {
                    fds.set(ev.head.ret as i32, 0);
                }
            }
            _ => {}
        }
    }

    /// A connection that began before this reader came.
    pub(crate) fn found(&mut self, info: ConnInfo) {
        if self.infos.insert(info.serial, info).is_none() {
            self.total += 1;
        }
    }

    pub(crate) fn set_fd(&mut self, proc: u32, fd: i32, serial: u32) {
        self.fds.entry(proc).or_default().set(fd, serial);
    }

    /// A connection ended: it is forgotten once late events have had their time.
    pub(crate) fn end(&mut self, serial: u32, at: u64, grace: u64) {
        self.ended.push_back((at.saturating_add(grace), serial));
        while let Some(&(until, serial)) = self.ended.front() {
            if until > at {
                break;
            }
            self.infos.remove(&serial);
            self.names.remove(&serial);
            self.ended.pop_front();
        }
    }

    pub(crate) fn grace(clock: &crate::Clock) -> u64 {
        clock.ticks(GRACE_NS)
    }
}
