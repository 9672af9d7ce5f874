//! One call, as far as it is known: what conditions are held against.

use crate::addr::SockAddr;
use crate::keys::Key;
use socklens_calls::{Call, Ret};
use socklens_wire::ConnInfo;

/// What a filter is held against: one call, as far as it is known.
///
/// A field that is not known makes every comparison with it false, `!=` included: `None`, an empty string,
/// [`Subject::NO_FD`], an address that is not in `conn`.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The call.
    pub call: Call,
    /// Its descriptor, or [`Subject::NO_FD`].
    pub fd: i32,
    /// The connection the descriptor belongs to.
    pub conn: Option<&'a ConnInfo>,
    /// The process.
    pub pid: u32,
    /// The thread.
    pub tid: u32,
    /// The thread's name, at most 15 bytes.
    pub comm: &'a [u8],
    /// The path of the program.
    pub exe: &'a [u8],
    /// The error, 0 when there is none.
    pub errno: u16,
    /// What the call returned.
    pub ret: i64,
    /// The bytes it moved.
    pub bytes: u64,
    /// How long it took, in nanoseconds.
    pub dur_ns: u64,
    /// Whether the socket is in nonblocking mode.
    pub nonblock: Option<bool>,
    /// The host name looked up, or the one behind the peer's address.
    pub host: &'a [u8],
    /// The name in the TLS ClientHello that went over the connection.
    pub sni: &'a [u8],
    /// Where the call was made.
    pub site: Site<'a>,
    /// The functions that are running.
    pub stack: Option<&'a dyn Frames>,
    /// The lineage of the thread: a hash of how it descends from the first one; 0 when unknown.
    pub lineage: u64,
    /// The connection's place among those of its process, from 1; 0 when unknown.
    pub ordinal: u32,
    /// Whether it is the newest of its process.
    pub newest: Option<bool>,
    /// [`conn_state`]
    pub state: u8,
}

/// A place in the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Site<'a> {
    /// Path or name of the module (the program or a library); empty when unknown.
    pub module: &'a [u8],
    /// The function; empty when unknown.
    pub symbol: &'a [u8],
    /// Offset of the return address in the module; 0 when unknown.
    pub offset: u64,
}

/// The stack of the thread that makes a call.
pub trait Frames {
    /// Whether any frame fits, the innermost first; None when the stack cannot be told.
    fn any(&self, fits: &mut dyn FnMut(&Site<'_>) -> bool) -> Option<bool>;
}

impl core::fmt::Debug for dyn Frames + '_ {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Frames")
    }
}

/// Values of [`Subject::state`].
pub mod conn_state {
    /// No byte has moved yet.
    pub const NEW: u8 = 1;
    /// Bytes have moved.
    pub const USED: u8 = 2;
    /// Bytes have moved, but none for a second.
    pub const IDLE: u8 = 3;
}

impl Subject<'_> {
    /// A call without a descriptor.
    pub const NO_FD: i32 = i32::MIN;

    /// A subject of which only the call is known.
    pub const fn new(call: Call) -> Self {
        Subject {
            call,
            fd: Self::NO_FD,
            conn: None,
            pid: 0,
            tid: 0,
            comm: &[],
            exe: &[],
            errno: 0,
            ret: 0,
            bytes: 0,
            dur_ns: 0,
            nonblock: None,
            host: &[],
            sni: &[],
            site: Site { module: &[], symbol: &[], offset: 0 },
            stack: None,
            lineage: 0,
            ordinal: 0,
            newest: None,
            state: 0,
        }
    }

    /// The number a key stands for; None when it is not known, or no single number.
    #[inline(never)]
    pub(crate) fn number(&self, key: Key) -> Option<i64> {
        let known = |n: u32| if n != 0 { Some(i64::from(n)) } else { None };
        let large = |n: u64| Some(i64::try_from(n).unwrap_or(i64::MAX));
        match key {
            Key::Fd if self.fd == Self::NO_FD => None,
            Key::Fd => Some(i64::from(self.fd)),
            Key::Conn => known(self.conn?.serial),
            Key::Pid => Some(i64::from(self.pid)),
            Key::Tid => Some(i64::from(self.tid)),
            Key::Errno => Some(i64::from(self.errno)),
            Key::Ret => Some(self.ret),
            Key::Bytes => large(self.bytes),
            Key::Dur => large(self.dur_ns),
            Key::Role => known(u32::from(self.conn?.role)),
            Key::Family => Some(i64::from(self.conn?.family)),
            Key::Type => known(u32::from(self.conn?.ty)),
            Key::Proto => self.protocol(),
            Key::Nb => self.nonblock.map(i64::from),
            Key::State => known(u32::from(self.state)),
            _ => None,
        }
    }

    /// Whether the call failed, by the convention of its result.
    #[inline(never)]
    pub(crate) fn failed(&self) -> bool {
        let ret = self.call.ret();
        self.errno != 0
            || match ret {
                Ret::Eai | Ret::ErrNo => self.ret != 0,
                Ret::Hostent | Ret::Ptr | Ret::Str | Ret::Index => self.ret == 0,
                _ => false,
            }
    }

    pub(crate) fn local(&self) -> SockAddr<'_> {
        SockAddr(self.conn.map_or(&[], |c| c.local()))
    }

    pub(crate) fn peer(&self) -> SockAddr<'_> {
        SockAddr(self.conn.map_or(&[], |c| c.peer()))
    }

    /// The protocol: what socket() was asked for, or what it chose when asked for none.
    fn protocol(&self) -> Option<i64> {
        let c = self.conn?;
        if c.protocol != 0 {
            return Some(i64::from(c.protocol));
        }
        match (i32::from(c.family), i32::from(c.ty)) {
            (libc::AF_INET | libc::AF_INET6, libc::SOCK_STREAM) => Some(i64::from(libc::IPPROTO_TCP)),
            (libc::AF_INET | libc::AF_INET6, libc::SOCK_DGRAM) => Some(i64::from(libc::IPPROTO_UDP)),
            _ => None,
        }
    }
}
