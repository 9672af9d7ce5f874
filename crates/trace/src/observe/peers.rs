//! Whom a unix socket is connected to, as the kernel tells anybody who asks: NETLINK_SOCK_DIAG, one socket at a time.

use super::diag::{NLMSG, SOCK_DIAG_BY_FAMILY, UNIX_MSG, attribute, netlink, u16_at, u32_at, unix_peer_request};
use std::collections::HashMap;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

const UNIX_DIAG_PEER: u16 = 2;
/// Answers kept. A socket's number is not given out again for long.
const MOST: usize = 65_536;
/// For so long a socket that has no other end, or is gone, is not asked about again.
const PATIENCE: Duration = Duration::from_millis(50);

/// What the kernel said of unix sockets so far.
#[derive(Debug, Default)]
pub struct Peers {
    socket: Option<OwnedFd>,
    /// Inodes of the other ends, by inode. An answer stays true: it is also what the socket was connected to.
    known: HashMap<u32, u32>,
    /// Sockets of which nothing was told, and when.
    unknown: HashMap<u32, Instant>,
}

impl Peers {
    /// The inode of the other end of a unix socket of our network namespace; None where there is none, or the socket is gone.
    pub fn of(&mut self, inode: u64) -> Option<u32> {
        let inode = u32::try_from(inode).ok().filter(|i| *i != 0)?;
        if let Some(peer) = self.known.get(&inode) {
            return Some(*peer);
        }
        if self.unknown.get(&inode).is_some_and(|at| at.elapsed() < PATIENCE) {
            return None;
        }
        if self.known.len() + self.unknown.len() >= MOST {
            self.known.clear();
            self.unknown.clear();
        }
        let peer = self.ask(inode);
        match peer {
            Some(peer) => self.known.insert(inode, peer).map(drop),
            None => self.unknown.insert(inode, Instant::now()).map(drop),
        };
        peer
    }

    /// One question, one answer. After a failure the next question begins anew.
    fn ask(&mut self, inode: u32) -> Option<u32> {
        let socket = self.socket.take().or_else(|| netlink().ok())?;
        let request = unix_peer_request(inode);
        let mut buf = [0u8; 1024];
        // SAFETY: a descriptor of ours and buffers with their lengths.
        let n = unsafe {
            let sent = libc::send(socket.as_raw_fd(), request.as_ptr().cast(), request.len(), 0);
            if sent == request.len() as isize {
                libc::recv(socket.as_raw_fd(), buf.as_mut_ptr().cast(), buf.len(), 0)
            } else {
                -1
            }
        };
        let answer = buf.get(..usize::try_from(n).ok()?)?;
        self.socket = Some(socket);
        let message = answer.get(NLMSG..)?;
        if u16_at(answer, 4) != SOCK_DIAG_BY_FAMILY || u32_at(message, 4) != inode {
            return None;
        }
        attribute(message.get(UNIX_MSG..)?, UNIX_DIAG_PEER).map(|a| u32_at(a, 0)).filter(|peer| *peer != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    fn inode(s: &UnixStream) -> u64 {
        let link = std::fs::read_link(format!("/proc/self/fd/{}", s.as_raw_fd())).unwrap();
        link.to_str()
            .and_then(|l| l.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok())
            .expect("a socket's inode")
    }

    #[test]
    fn the_ends_of_a_pair_know_each_other() {
        let (a, b) = UnixStream::pair().unwrap();
        let (of_a, of_b) = (inode(&a), inode(&b));
        let mut peers = Peers::default();
        assert_eq!(peers.of(of_a).map(u64::from), Some(of_b));
        assert_eq!(peers.of(of_b).map(u64::from), Some(of_a));
        drop(b);
        assert_eq!(peers.of(of_a).map(u64::from), Some(of_b), "what was known stays known");
        assert_eq!(Peers::default().of(of_a), None, "an end that is gone is not told of");
        assert_eq!(peers.of(u64::from(u32::MAX)), None);
        assert_eq!(peers.of(1 << 40), None);
    }
}
