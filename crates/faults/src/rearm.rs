//! Readiness that a fault swallowed is told again, to every epoll instance that watches the socket edge-triggered.
//!
//! TCP: setting SO_RCVLOWAT or TCP_NOTSENT_LOWAT, to what it is, makes the kernel wake everybody. All others: the kernel is
//! asked what this process's epoll instances watch, and EPOLL_CTL_MOD with the same events makes it look again.

use super::kernel;
use super::lent;
use libc::c_int;
use socklens_inside::entry::{EPOLL, Entry};
use socklens_inside::sys;

const TCP_NOTSENT_LOWAT: c_int = 25;

/// Which readiness was swallowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    In,
    Out,
}

/// Tells it again; false when nobody could be told.
pub fn again(fd: c_int, e: Entry, tcp: bool, side: Side) -> bool {
    if tcp {
        return match side {
            Side::In => {
                let v = kernel::get(fd, libc::SOL_SOCKET, libc::SO_RCVLOWAT).unwrap_or(1);
                kernel::set(fd, libc::SOL_SOCKET, libc::SO_RCVLOWAT, v)
            }
            Side::Out => {
                let v = kernel::get(fd, libc::IPPROTO_TCP, TCP_NOTSENT_LOWAT).unwrap_or(0);
                kernel::set(fd, libc::IPPROTO_TCP, TCP_NOTSENT_LOWAT, v)
            }
        };
    }
    let mut fine = true;
    lent::each_fd(|epfd, watcher| {
        if watcher.0 & EPOLL != 0 {
            fine &= look(epfd, e);
        }
    });
    fine
}

/// Renews what one epoll instance watches of a connection.
fn look(epfd: c_int, e: Entry) -> bool {
    watched_by(epfd, &mut |w| {
        if lent::fd(w.fd) == e {
            renew(epfd, w);
        }
    })
}

/// What an epoll instance watches.
#[derive(Clone, Copy, Debug)]
pub struct Watched {
    pub fd: c_int,
    pub events: u32,
    pub data: u64,
}

/// Hands out what an epoll instance watches, as the kernel tells; false when it does not.
pub fn watched_by(epfd: c_int, show: &mut dyn FnMut(Watched)) -> bool {
    let mut path = *b"/proc/self/fdinfo/\0\0\0\0\0\0\0\0\0\0\0\0";
    let mut digits = [0u8; 10];
    let (mut n, mut v) = (0usize, epfd.max(0) as u32);
    loop {
        if let Some(d) = digits.get_mut(n) {
            *d = b'0' + (v % 10) as u8;
        }
        n += 1;
        v /= 10;
        if v == 0 {
            break;
        }
    }
    for (to, &d) in path.iter_mut().skip(18).zip(digits.iter().take(n).rev()) {
        *to = d;
    }
    let info = sys::open(&path, libc::O_RDONLY | libc::O_CLOEXEC, 0);
    if info < 0 {
        return false;
    }
    let mut text = [0u8; 1024];
    let mut line = [0u8; 160];
    let mut len = 0usize;
    loop {
        let got = sys::read(info as c_int, &mut text);
        if got <= 0 {
            break;
        }
        for &c in text.iter().take(got as usize) {
            if c == b'\n' {
                if let Some(w) = watched(line.get(..len.min(line.len())).unwrap_or(&[])) {
                    show(w);
                }
                len = 0;
            } else {
                if let Some(to) = line.get_mut(len) {
                    *to = c;
                }
                len += 1;
            }
        }
    }
    sys::close(info as c_int);
    true
}

/// A line `tfd:        7 events: 80000001 data: 7  pos:0 ino:... sdev:8`.
fn watched(line: &[u8]) -> Option<Watched> {
    let number = |name: &[u8], base: u64| {
        let at = line.windows(name.len()).position(|w| w == name)?;
        let rest = line.get(at + name.len()..)?.iter().skip_while(|&&b| b == b' ');
        let mut v = 0u64;
        for &b in rest {
            let d = match b {
                b'0'..=b'9' => b - b'0',
                b'a'..=b'f' if base == 16 => b - b'a' + 10,
                _ => break,
            };
            v = v.wrapping_mul(base).wrapping_add(u64::from(d));
        }
        Some(v)
    };
    if !line.starts_with(b"tfd:") {
        return None;
    }
    let (fd, events) = (number(b"tfd:", 10)? as c_int, number(b"events:", 16)? as u32);
    Some(Watched { fd, events, data: number(b"data:", 16)? })
}

impl Watched {
    fn has(self, bit: c_int) -> bool {
        self.events & bit as u32 != 0
    }

    pub fn is_edge(self) -> bool {
        self.has(libc::EPOLLET)
    }

    /// It cannot be modified.
    pub fn is_exclusive(self) -> bool {
        self.has(libc::EPOLLEXCLUSIVE)
    }

    /// A one-shot that has fired: disabled until the program renews it, and what it watched is known to nobody.
    pub fn is_disabled(self) -> bool {
        const FLAGS: u32 = (libc::EPOLLONESHOT | libc::EPOLLET | libc::EPOLLWAKEUP | libc::EPOLLEXCLUSIVE) as u32;
        const ALWAYS: u32 = (libc::EPOLLERR | libc::EPOLLHUP) as u32;
        self.has(libc::EPOLLONESHOT) && self.events & !(FLAGS | ALWAYS) == 0
    }
}

/// Makes the kernel look again. Where a one-shot is disabled it does so anyway, once the program renews it.
fn renew(epfd: c_int, w: Watched) {
    if w.is_disabled() || !w.is_edge() {
        return;
    }
    if w.is_exclusive() {
        control(epfd, libc::EPOLL_CTL_DEL, w);
        control(epfd, libc::EPOLL_CTL_ADD, w);
    } else {
        control(epfd, libc::EPOLL_CTL_MOD, w);
    }
}

/// epoll_ctl; false when the kernel refuses it.
pub fn control(epfd: c_int, op: c_int, Watched { fd, events, data }: Watched) -> bool {
    let mut ev = libc::epoll_event { events, u64: data };
    let at = core::ptr::from_mut(&mut ev) as usize;
    // SAFETY: the event is ours.
    unsafe { sys::call6(libc::SYS_epoll_ctl, epfd as usize, op as usize, fd as usize, at, 0, 0) == 0 }
}
