//! What the descriptor table says of a number.

/// Low bits of an entry: conn slot index + 1. The upper half is the conn's serial.
const CONN: u64 = 0x00ff_ffff;
/// An epoll instance that watches at least one socket.
pub const EPOLL: u64 = 1 << 24;
/// Counted for the child of a fork that is under way. Never in the mirror.
pub const COUNTED: u64 = 1 << 25;
/// A netlink socket, whose messages are shown whole.
const NETLINK: u64 = 1 << 26;

/// One table entry; 0 means no socket that we know of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Entry(pub u64);

impl Entry {
    /// No socket that we know of.
    pub const NONE: Entry = Entry(0);

    /// A socket's entry.
    pub const fn socket(conn_index: u32, serial: u32) -> Entry {
        Entry((conn_index as u64 + 1) & CONN | (serial as u64) << 32)
    }

    /// The same for a socket of this address family.
    pub const fn of_family(self, family: i32) -> Entry {
        if family == libc::AF_NETLINK { Entry(self.0 | NETLINK) } else { self }
    }

    #[inline(always)]
    pub const fn is_netlink(self) -> bool {
        self.0 & NETLINK != 0
    }

    /// The serial number of a socket's connection; 0 for none.
    #[inline(always)]
    pub const fn serial(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The conn slot of a socket.
    #[inline(always)]
    pub fn conn(self) -> Option<u32> {
        let n = (self.0 & CONN) as u32;
        if n == 0 { None } else { Some(n - 1) }
    }

    /// Whether a fork has counted this descriptor for its child.
    pub const fn is_counted(self) -> bool {
        self.0 & COUNTED != 0
    }
}
