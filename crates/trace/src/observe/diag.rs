//! What the kernel knows of the sockets of our network namespace: NETLINK_SOCK_DIAG, which needs no privileges and asks
//! nothing of the program.

use crate::hash::Map;
use socklens_wire::ConnInfo;
use std::collections::HashMap;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// The kernel's numbers of one socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// Bytes that wait to be received (SIOCINQ); of a listener, connections that wait to be accepted.
    pub in_queue: u32,
    /// Bytes sent and not acknowledged (SIOCOUTQ); of a listener, how many may wait.
    pub out_queue: u32,
    /// TCP_* state number; 0 when unknown.
    pub state: u8,
    pub tcp: Option<Tcp>,
}

/// The part of TCP_INFO that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tcp {
    /// Microseconds.
    pub rtt_us: u32,
    pub rttvar_us: u32,
    /// Segments.
    pub cwnd: u32,
    pub ssthresh: u32,
    pub retransmits: u32,
    pub unacked: u32,
}

/// Both addresses of a socket as the kernel tells them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key {
    family: u8,
    protocol: u8,
    ports: [u16; 2],
    addrs: [[u8; 16]; 2],
}

/// The sockets of one moment.
#[derive(Debug, Default)]
pub struct Sockets {
    by_inode: Map<u32, Live>,
    by_addr: HashMap<Key, Live>,
    /// Whether the kernel answered at all.
    pub known: bool,
}

pub(super) const SOCK_DIAG_BY_FAMILY: u16 = 20;
const INET_DIAG_INFO: u16 = 2;
const UNIX_DIAG_RQLEN: u16 = 4;
const UDIAG_SHOW_RQLEN: u32 = 0x10;
const UDIAG_SHOW_PEER: u32 = 4;
pub(super) const NLMSG: usize = size_of::<libc::nlmsghdr>();
/// Bytes of inet_diag_msg and unix_diag_msg.
const INET_MSG: usize = 72;
pub(super) const UNIX_MSG: usize = 16;
/// Answers of one dump, at most: enough for a million sockets.
const MAX_READS: usize = 100_000;

impl Sockets {
    /// Asks the kernel for all TCP, UDP and unix sockets. What it does not tell is missing.
    pub fn ask() -> Sockets {
        let mut all = Sockets::default();
        for (family, protocol) in [
            (libc::AF_INET, libc::IPPROTO_TCP),
            (libc::AF_INET6, libc::IPPROTO_TCP),
            (libc::AF_INET, libc::IPPROTO_UDP),
            (libc::AF_INET6, libc::IPPROTO_UDP),
            (libc::AF_UNIX, 0),
        ] {
            // A kernel without one of the modules tells of the others.
            all.known |= all.dump(family as u8, protocol as u8).is_ok();
        }
        all
    }

    /// The numbers of a connection: by its inode where that is known, else by its addresses.
    pub fn of(&self, c: &ConnInfo) -> Option<&Live> {
        let inode = u32::try_from(c.ino).ok().filter(|i| *i != 0);
        inode.and_then(|i| self.by_inode.get(&i)).or_else(|| self.by_addr.get(&key_of(c)?))
    }

    /// Says what is known of the socket with this inode.
    pub fn set(&mut self, inode: u32, live: Live) {
        self.by_inode.insert(inode, live);
    }

    fn dump(&mut self, family: u8, protocol: u8) -> io::Result<()> {
        let socket = netlink()?;
        let request = if i32::from(family) == libc::AF_UNIX { unix_request() } else { inet_request(family, protocol) };
        // SAFETY: a descriptor of ours and a buffer with its length.
        let sent = unsafe { libc::send(socket.as_raw_fd(), request.as_ptr().cast(), request.len(), 0) };
        if sent != request.len() as isize {
            return Err(io::Error::last_os_error());
        }
        let mut buf = vec![0u8; 64 * 1024];
        for _ in 0..MAX_READS {
            // SAFETY: as above.
            let n = unsafe { libc::recv(socket.as_raw_fd(), buf.as_mut_ptr().cast(), buf.len(), 0) };
            let Some(n) = usize::try_from(n).ok().filter(|n| *n > 0) else { return Err(io::Error::last_os_error()) };
            if self.take(buf.get(..n).unwrap_or(&buf), protocol)? {
                break;
            }
        }
        Ok(())
    }

    /// Takes the messages of one answer; true after the last.
    fn take(&mut self, mut b: &[u8], protocol: u8) -> io::Result<bool> {
        while b.len() >= NLMSG {
            let len = u32_at(b, 0) as usize;
            let kind = i32::from(u16_at(b, 4));
            let Some(message) = b.get(NLMSG..len) else { return Err(io::Error::from(io::ErrorKind::InvalidData)) };
            match kind {
                libc::NLMSG_DONE => return Ok(true),
                libc::NLMSG_ERROR => {
                    return Err(io::Error::from_raw_os_error((u32_at(message, 0) as i32).wrapping_neg()));
                }
                _ => self.message(message, protocol),
            }
            b = b.get(len.next_multiple_of(4)..).unwrap_or(&[]);
        }
        Ok(false)
    }

    fn message(&mut self, m: &[u8], protocol: u8) {
        let Some(&family) = m.first() else { return };
        if i32::from(family) == libc::AF_UNIX {
            let Some(attrs) = m.get(UNIX_MSG..) else { return };
            if let Some(q) = attribute(attrs, UNIX_DIAG_RQLEN).filter(|q| q.len() >= 8) {
                let live = Live { in_queue: u32_at(q, 0), out_queue: u32_at(q, 4), ..Live::default() };
                self.by_inode.insert(u32_at(m, 4), live);
            }
            return;
        }
        let Some(attrs) = m.get(INET_MSG..) else { return };
        let tcp = attribute(attrs, INET_DIAG_INFO).and_then(tcp_info);
        let state = m.get(1).copied().unwrap_or(0);
        let live = Live { in_queue: u32_at(m, 56), out_queue: u32_at(m, 60), state, tcp };
        let sixteen = |at: usize| m.get(at..at + 16).and_then(|b| b.try_into().ok()).unwrap_or([0; 16]);
        let ports = [4, 6].map(|at| u16::from_be_bytes([m[at], m[at + 1]]));
        self.by_addr.insert(Key { family, protocol, ports, addrs: [sixteen(8), sixteen(24)] }, live);
        let inode = u32_at(m, 68);
        if inode != 0 {
            self.by_inode.insert(inode, live);
        }
    }
}

pub(super) fn u16_at(b: &[u8], at: usize) -> u16 {
    b.get(at..at + 2).map_or(0, |b| u16::from_ne_bytes([b[0], b[1]]))
}

pub(super) fn u32_at(b: &[u8], at: usize) -> u32 {
    b.get(at..at + 4).map_or(0, |b| u32::from_ne_bytes([b[0], b[1], b[2], b[3]]))
}

/// The fields of struct tcp_info that are shown; None from a kernel whose struct is shorter.
fn tcp_info(b: &[u8]) -> Option<Tcp> {
    (b.len() >= 104).then(|| Tcp {
        unacked: u32_at(b, 24),
        rtt_us: u32_at(b, 68),
        rttvar_us: u32_at(b, 72),
        ssthresh: u32_at(b, 76),
        cwnd: u32_at(b, 80),
        retransmits: u32_at(b, 100),
    })
}

pub(super) fn attribute(mut b: &[u8], wanted: u16) -> Option<&[u8]> {
    while b.len() >= 4 {
        let len = usize::from(u16_at(b, 0));
        let value = b.get(4..len)?;
        if u16_at(b, 2) == wanted {
            return Some(value);
        }
        b = b.get(len.next_multiple_of(4)..)?;
    }
    None
}

fn key_of(c: &ConnInfo) -> Option<Key> {
    let family = i32::from(c.family);
    let protocol = match (i32::from(c.ty), i32::from(c.protocol)) {
        (libc::SOCK_STREAM, 0 | libc::IPPROTO_TCP) => libc::IPPROTO_TCP as u8,
        (libc::SOCK_DGRAM, 0 | libc::IPPROTO_UDP) => libc::IPPROTO_UDP as u8,
        _ => return None,
    };
    let end = |b: &[u8]| {
        let port = b.get(2..4).map_or(0, |p| u16::from_be_bytes([p[0], p[1]]));
        let mut addr = [0; 16];
        match family {
            libc::AF_INET => addr[..4].copy_from_slice(b.get(4..8).unwrap_or(&[0; 4])),
            _ => addr.copy_from_slice(b.get(8..24).unwrap_or(&[0; 16])),
        }
        (port, addr)
    };
    if !matches!(family, libc::AF_INET | libc::AF_INET6) || c.local().is_empty() {
        return None;
    }
    let ((lp, la), (pp, pa)) = (end(c.local()), end(c.peer()));
    Some(Key { family: c.family as u8, protocol, ports: [lp, pp], addrs: [la, pa] })
}

pub(super) fn netlink() -> io::Result<OwnedFd> {
    let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
    // SAFETY: takes no pointer.
    let fd = unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_SOCK_DIAG) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a descriptor that was just made and belongs to nobody else.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    // A dump in a busy kernel may take a while, but a screen must not stand still for it.
    let patience = libc::timeval { tv_sec: 1, tv_usec: 0 };
    // SAFETY: the option's value is a timeval of ours.
    let r = unsafe {
        let size = size_of::<libc::timeval>() as libc::socklen_t;
        libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_RCVTIMEO, (&raw const patience).cast(), size)
    };
    if r == 0 { Ok(socket) } else { Err(io::Error::last_os_error()) }
}

fn request(body: &[u8], flags: i32) -> Vec<u8> {
    let mut r = Vec::with_capacity(NLMSG + body.len());
    r.extend(((NLMSG + body.len()) as u32).to_ne_bytes());
    r.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    r.extend(((libc::NLM_F_REQUEST | flags) as u16).to_ne_bytes());
    r.extend([0; 8]);
    r.extend(body);
    r
}

/// struct inet_diag_req_v2: all states, with TCP_INFO.
fn inet_request(family: u8, protocol: u8) -> Vec<u8> {
    let mut body = vec![family, protocol, 1 << (INET_DIAG_INFO - 1), 0];
    body.extend(u32::MAX.to_ne_bytes());
    body.extend([0; 48]);
    request(&body, libc::NLM_F_DUMP)
}

/// struct unix_diag_req: all states, with the lengths of the queues.
fn unix_request() -> Vec<u8> {
    let mut body = vec![libc::AF_UNIX as u8, 0, 0, 0];
    body.extend(u32::MAX.to_ne_bytes());
    body.extend([0; 4]);
    body.extend(UDIAG_SHOW_RQLEN.to_ne_bytes());
    body.extend([0; 8]);
    request(&body, libc::NLM_F_DUMP)
}

/// struct unix_diag_req: the other end of the socket with this inode.
pub(super) fn unix_peer_request(inode: u32) -> Vec<u8> {
    let mut body = vec![libc::AF_UNIX as u8, 0, 0, 0];
    body.extend(u32::MAX.to_ne_bytes());
    body.extend(inode.to_ne_bytes());
    body.extend(UDIAG_SHOW_PEER.to_ne_bytes());
    body.extend([0xff; 8]);
    request(&body, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use socklens_wire::conn::flag;
    use std::io::Write;
    use std::net::{SocketAddr, TcpListener, TcpStream};

    fn addr(c: &mut [u8], a: SocketAddr) -> u8 {
        let SocketAddr::V4(a) = a else { panic!("IPv4 is asked for") };
        c[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
        c[2..4].copy_from_slice(&a.port().to_be_bytes());
        c[4..8].copy_from_slice(&a.ip().octets());
        16
    }

    #[test]
    fn a_socket_is_found_by_its_addresses_with_its_queue() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        client.write_all(&[7; 1234]).unwrap();
        let mut c = ConnInfo::zero();
        c.family = libc::AF_INET as u16;
        c.ty = libc::SOCK_STREAM as u16;
        c.flags = flag::LOCAL | flag::PEER;
        c.local_len = addr(&mut c.local, server.local_addr().unwrap());
        c.peer_len = addr(&mut c.peer, server.peer_addr().unwrap());
        let all = Sockets::ask();
        assert!(all.known, "this kernel has no sock_diag");
        let live = all.of(&c).expect("the server's end");
        assert_eq!((live.in_queue, live.out_queue), (1234, 0));
        assert!(live.tcp.is_some_and(|t| t.cwnd > 0));
        c.flags = flag::LOCAL;
        const TCP_LISTEN: u8 = 10;
        assert_eq!(all.of(&c).map(|l| l.state), Some(TCP_LISTEN), "without its peer it is the listener's address");
    }

    #[test]
    fn answers_that_make_no_sense_are_refused() {
        let mut all = Sockets::default();
        assert!(all.take(&[0; 16], 6).is_err());
        let mut long = request(&[], 0);
        long[0] = 200;
        assert!(all.take(&long, 6).is_err());
        let mut short = request(&[2, 1, 0], 0);
        short[0] = 19;
        assert!(!all.take(&short, 6).unwrap());
        assert!(all.by_addr.is_empty());
    }
}
