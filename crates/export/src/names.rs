//! What the descriptors of an event's process were at that moment.

use crate::functions::{self, Whose};
use crate::interface;
use socklens_calls::Ret;
use socklens_decode::{Names, Out, TellFunction};
use socklens_trace::observe::peers::Peers;
use socklens_trace::{View, Who};
use socklens_wire::conn::{flag, role};
use socklens_wire::stack::{Frame, Frames};
use socklens_wire::{ConnInfo, Event, Part, event};
use std::cell::RefCell;

/// Names for one event.
pub struct FdNames<'a> {
    view: &'a View<'a>,
    proc: u32,
    host_pid: u32,
    /// The descriptor that the event's own connection belongs to.
    own: i32,
    conn: u32,
    /// What to say of that connection instead of what is known by now.
    instead: Option<ConnInfo>,
    /// The event's stack, if it has one.
    stack: Frames<'a>,
}

impl<'a> FdNames<'a> {
    pub fn new(view: &'a View<'a>, who: &Who, event: &Event<'a>) -> FdNames<'a> {
        // accept's connection is its result; any other call's is its descriptor.
        let made = event.call().is_some_and(|c| c.spec().ret == Ret::NewFd);
        let own = match event.call().and_then(socklens_decode::call::fd_arg) {
            _ if made && event.head.ret >= 0 => event.head.ret as i32,
            Some(i) => event.int(i),
            None => -1,
        };
        let shown = event.head.flags & event::flag::INJECTED != 0;
        let stack = event.captures().find(|c| shown && c.part == Part::Stack).map_or(&[][..], |c| c.data);
        FdNames {
            view,
            proc: who.proc,
            host_pid: who.host_pid,
            own,
            conn: event.head.conn,
            instead: None,
            stack: Frames::of(stack),
        }
    }

    /// The same, with the event's own connection as it was before.
    pub fn instead(self, was: Option<ConnInfo>) -> FdNames<'a> {
        FdNames { instead: was, ..self }
    }
}

impl Names for FdNames<'_> {
    fn fd(&self, fd: i32) -> Option<&ConnInfo> {
        if fd == self.own && self.instead.is_some() {
            return self.instead.as_ref();
        }
        let own = if fd == self.own { self.view.conns.get(self.conn) } else { None };
        own.or_else(|| self.view.conns.of_fd(self.proc, fd))
    }

    /// Of a pair the shim knows both ends; of others the kernel is asked, if they are connected to something.
    fn other_end(&self, conn: &ConnInfo) -> u32 {
        thread_local!(static PEERS: RefCell<Peers> = RefCell::default());
        let connected = conn.flags & flag::PEER != 0 || matches!(conn.role, role::CLIENT | role::SERVER | role::PAIR);
        if conn.other != 0 || !connected {
            return conn.other;
        }
        PEERS.with_borrow_mut(|peers| peers.of(conn.ino).unwrap_or(0))
    }

    fn interface(&self, index: u32, out: &mut Out) -> bool {
        interface::name(index, out)
    }

    fn function(&self, frame: &Frame, show: &mut TellFunction<'_>) {
        let clock = self.view.clock;
        let whose = Whose { proc: self.proc, host_pid: self.host_pid, since: clock.real_of(clock.start().mono) };
        functions::tell(frame, self.stack.clone(), &whose, show);
    }

    /// Files are asked for when the line is written: the descriptor may be another's or closed by then, and often is
    /// when the process has ended.
    fn fd_path(&self, fd: i32, out: &mut Out) -> bool {
        if self.host_pid == 0 || fd < 0 {
            return false;
        }
        let Ok(target) = std::fs::read_link(format!("/proc/{}/fd/{fd}", self.host_pid)) else { return false };
        for &b in std::os::unix::ffi::OsStrExt::as_bytes(target.as_os_str()) {
            out.byte(if b.is_ascii_control() || b == b'>' { b'?' } else { b });
        }
        true
    }
}
