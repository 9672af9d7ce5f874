//! What is known of one connection: the same bytes in its slot of the session and in CONN_* notes.

use crate::stats::TcpEnd;

/// Longest address kept: sockaddr_un with its full path.
pub const ADDR_MAX: usize = 110;

/// How a socket came to be, and what it does.
pub mod role {
    pub const UNKNOWN: u8 = 0;
    /// connect() was called on it.
    pub const CLIENT: u8 = 1;
    /// accept() made it.
    pub const SERVER: u8 = 2;
    pub const LISTENER: u8 = 3;
    /// One end of a socketpair.
    pub const PAIR: u8 = 4;
}

/// Flags of [`ConnInfo::flags`].
pub mod flag {
    /// Came into the process by inheritance or SCM_RIGHTS: its birth was not seen.
    pub const INHERITED: u8 = 1;
    /// The local address is known.
    pub const LOCAL: u8 = 2;
    /// The peer address is known.
    pub const PEER: u8 = 4;
    /// O_NONBLOCK is set.
    pub const NONBLOCK: u8 = 8;
    /// Whether O_NONBLOCK is set is known.
    pub const MODE: u8 = 16;
}

/// One socket (open file description). 256 bytes.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ConnInfo {
    /// Number in the session, from 1; 0 marks a free slot.
    pub serial: u32,
    /// sa_family, or the domain given to socket().
    pub family: u16,
    /// SOCK_* without flags.
    pub ty: u16,
    pub protocol: u16,
    pub role: u8,
    pub flags: u8,
    pub local_len: u8,
    pub peer_len: u8,
    pub pad: u16,
    /// Inode in sockfs; 0 when unknown.
    pub ino: u64,
    /// The pid that made or first saw it, as that process saw itself.
    pub pid: u32,
    /// Inode of the other end of a pair; 0 for none, or when it is not known.
    pub other: u32,
    pub local: [u8; ADDR_MAX],
    pub peer: [u8; ADDR_MAX],
    pub pad3: u32,
}

const _: () = assert!(core::mem::size_of::<ConnInfo>() == 256);

/// Where [`TcpEnd`] lies in the local address of an internet socket, whose 28 bytes at most leave room for it.
const END_AT: usize = ADDR_MAX - TcpEnd::SIZE;

/// sizeof(struct sockaddr_in6)
const LONGEST_INTERNET: usize = 28;
const _: () = assert!(END_AT >= LONGEST_INTERNET);

impl ConnInfo {
    pub const SIZE: usize = core::mem::size_of::<ConnInfo>();

    pub const fn zero() -> ConnInfo {
        ConnInfo {
            serial: 0,
            family: 0,
            ty: 0,
            protocol: 0,
            role: 0,
            flags: 0,
            local_len: 0,
            peer_len: 0,
            pad: 0,
            ino: 0,
            pid: 0,
            other: 0,
            local: [0; ADDR_MAX],
            peer: [0; ADDR_MAX],
            pad3: 0,
        }
    }

    /// The local address in its sockaddr layout; empty when unknown.
    pub fn local(&self) -> &[u8] {
        if self.flags & flag::LOCAL != 0 { self.local.get(..self.local_len as usize).unwrap_or(&[]) } else { &[] }
    }

    /// The peer's address in its sockaddr layout; empty when unknown.
    pub fn peer(&self) -> &[u8] {
        if self.flags & flag::PEER != 0 { self.peer.get(..self.peer_len as usize).unwrap_or(&[]) } else { &[] }
    }

    /// Notes the local address, of `n` bytes; 0 for none.
    pub fn set_local(&mut self, a: &[u8; ADDR_MAX], n: u8) {
        (self.local, self.local_len) = (*a, n);
        self.flags = if n > 0 { self.flags | flag::LOCAL } else { self.flags & !flag::LOCAL };
    }

    /// Notes the peer's address, of `n` bytes; 0 for none.
    pub fn set_peer(&mut self, a: &[u8; ADDR_MAX], n: u8) {
        (self.peer, self.peer_len) = (*a, n);
        self.flags = if n > 0 { self.flags | flag::PEER } else { self.flags & !flag::PEER };
    }

    /// What the kernel said of an internet socket at its last close, if [`crate::stats::ends`] has a bit for it.
    pub fn tcp_end(&self) -> TcpEnd {
        // SAFETY: END_AT leaves as many bytes, every bit pattern is valid (integers only), and the read is unaligned.
        unsafe { core::ptr::read_unaligned(self.local.as_ptr().add(END_AT).cast()) }
    }

    /// Keeps it, if the address leaves room.
    pub fn set_tcp_end(&mut self, end: &TcpEnd) -> bool {
        let room = usize::from(self.local_len) <= END_AT;
        if room {
            // SAFETY: as in tcp_end; TcpEnd has no padding.
            unsafe { core::ptr::write_unaligned(self.local.as_mut_ptr().add(END_AT).cast(), *end) };
        }
        room
    }

    /// Whether the socket is in nonblocking mode, when that is known.
    pub fn nonblocking(&self) -> Option<bool> {
        if self.flags & flag::MODE != 0 { Some(self.flags & flag::NONBLOCK != 0) } else { None }
    }

    /// Notes the socket's mode.
    pub fn set_nonblocking(&mut self, on: bool) {
        self.flags |= flag::MODE;
        self.flags = if on { self.flags | flag::NONBLOCK } else { self.flags & !flag::NONBLOCK };
    }

    /// Reads a ConnInfo from a note's capture.
    pub fn from_bytes(b: &[u8]) -> Option<ConnInfo> {
        if b.len() < Self::SIZE {
            return None;
        }
        // SAFETY: the length was checked, every bit pattern is a valid ConnInfo (integers only), and the read is unaligned.
        Some(unsafe { core::ptr::read_unaligned(b.as_ptr().cast()) })
    }

    pub fn as_bytes(&self) -> &[u8; Self::SIZE] {
        // SAFETY: ConnInfo is repr(C), has no padding (asserted by its size being the sum of its fields) and is 256 bytes long.
        unsafe { &*(core::ptr::from_ref(self).cast()) }
    }
}
