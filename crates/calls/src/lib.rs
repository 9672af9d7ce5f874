//! THE TABLE: one row per libc entry point that socklens interposes.
//!
//! Everything that must agree about a call comes from its row: the exported symbol and its aliases, the opcode in the
//! event format, what is copied and how it is printed, which filters select it, docs/coverage.md and the symbol test.
//! No allocation, no panic: the shim uses this crate inside hooks.
#![no_std]
#![deny(missing_debug_implementations)]

mod kind;
pub mod left_out;
mod table;

pub use kind::{Arg, ArgName, Body, Kind, Ret, Spec, class};
pub use table::{CALLS, Call};

/// Most arguments a row may have.
pub const MAX_ARGS: usize = 8;

impl Call {
    /// The row of this call.
    #[inline(always)]
    pub const fn spec(self) -> &'static Spec {
        &CALLS[self as usize]
    }

    /// The call with this opcode, if there is one.
    #[inline]
    pub fn from_opcode(op: u16) -> Option<Call> {
        if (op as usize) < CALLS.len() {
            // SAFETY: opcodes are dense from 0 to CALLS.len()-1, and Call is repr(u16).
            Some(unsafe { core::mem::transmute::<u16, Call>(op) })
        } else {
            None
        }
    }

    /// Whether it may wait for somebody else: for data, for room, for readiness, for a peer or a child. The others answer
    /// out of what the kernel knows, however long that takes.
    pub fn waits(self) -> bool {
        match self {
            Call::accept | Call::accept4 | Call::connect => true,
            Call::epoll_create | Call::epoll_create1 | Call::epoll_ctl => false,
            Call::dup | Call::dup2 | Call::dup3 | Call::fcntl | Call::ioctl | Call::fdopen => false,
            _ => {
                let names_sockets = self.class() & (class::NET | class::IN | class::OUT) == class::NET;
                !names_sockets && self.class() & (class::NETIF | class::FDTABLE) == 0
            }
        }
    }

    /// The call of this libc name or alias; strace's system call names find the first call behind them.
    pub fn by_name(name: &str) -> Option<Call> {
        Call::all()
            .find(|c| c.name() == name || c.aliases().any(|a| a == name))
            .or_else(|| Call::all().find(|c| c.sysname() == name))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn names_and_aliases_are_unique() {
        let mut seen = std::collections::HashSet::new();
        for s in CALLS {
            assert!(seen.insert(s.name), "{} twice", s.name);
            for a in s.aliases {
                assert!(seen.insert(*a), "{a} twice");
            }
        }
    }

    #[test]
    fn length_arguments_exist() {
        for s in CALLS {
            assert!(s.args.len() <= MAX_ARGS, "{}", s.name);
            for a in s.args {
                let n = match a.kind {
                    Kind::AddrIn(n)
                    | Kind::AddrOut(n)
                    | Kind::BufIn(n)
                    | Kind::BufOut(n)
                    | Kind::IovIn(n)
                    | Kind::IovOut(n)
                    | Kind::MmsgIn(n)
                    | Kind::MmsgOut(n)
                    | Kind::OptIn(n)
                    | Kind::OptOut(n)
                    | Kind::PollFds(n)
                    | Kind::StrOut(n)
                    | Kind::HostAddr(n)
                    | Kind::DnsOut(n)
                    | Kind::DnsIn(n) => n,
                    _ => 0,
                };
                assert!((n as usize) < s.args.len(), "{}.{}", s.name, a.name);
            }
        }
    }

    #[test]
    fn only_what_depends_on_others_waits() {
        for name in
            "recv sendmsg read writev sendfile accept4 connect poll epoll_wait close getaddrinfo syslog".split(' ')
        {
            assert!(Call::by_name(name).unwrap().waits(), "{name}");
        }
        for name in
            "socket socketpair bind listen shutdown getsockname setsockopt fcntl dup2 epoll_ctl getifaddrs".split(' ')
        {
            assert!(!Call::by_name(name).unwrap().waits(), "{name}");
        }
    }

    #[test]
    fn opcodes_round_trip() {
        for (i, s) in CALLS.iter().enumerate() {
            let c = Call::from_opcode(i as u16).unwrap();
            assert_eq!(c as usize, i);
            assert_eq!(Call::by_name(s.name), Some(c));
            assert_eq!(
                (c.name(), c.sysname(), c.ret(), c.class(), c.body()),
                (s.name, s.sysname, s.ret, s.class, s.body)
            );
            assert!(c.aliases().eq(s.aliases.iter().copied()));
            assert!(c.args().iter().map(|a| a.kind).eq(s.args.iter().map(|a| a.kind)));
            assert!(c.args().iter().all(|a| !a.name.get().is_empty()));
        }
        assert_eq!(Call::from_opcode(CALLS.len() as u16), None);
    }
}
