//! What this machine lets an unprivileged program do to its own sockets: tried out on sockets of ours, on loopback.

use socklens_rules::fault::Recipe;
use std::ffi::c_int;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};

/// linux/in6.h
const IPV6_MINHOPCOUNT: c_int = 73;
/// linux/in.h
const IP_MINTTL: c_int = 21;

/// What was found.
#[derive(Debug)]
pub struct Machine {
    /// The kernel's release: major and minor.
    pub kernel: (u32, u32),
    pub tcp_filter: bool,
    pub udp_filter: bool,
    pub disconnect: bool,
    pub min_ttl: bool,
    pub min_hops: bool,
    pub ttl: bool,
    pub pacing: bool,
    pub user_timeout: bool,
    pub low_water: bool,
    /// Whether there was loopback to try on.
    pub loopback: bool,
}

fn set<T>(fd: RawFd, level: c_int, name: c_int, value: &T) -> bool {
    let len = size_of::<T>() as libc::socklen_t;
    // SAFETY: a descriptor of ours, and a value of the length that is given.
    unsafe { libc::setsockopt(fd, level, name, std::ptr::from_ref(value).cast(), len) == 0 }
}

/// Attaches a filter that lets all pass.
fn filter(fd: RawFd) -> bool {
    let mut pass = libc::sock_filter { code: 0x06, jt: 0, jf: 0, k: u32::MAX };
    let program = libc::sock_fprog { len: 1, filter: &raw mut pass };
    set(fd, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
}

fn pair() -> Option<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    let near = TcpStream::connect(listener.local_addr().ok()?).ok()?;
    // Only our own connection is taken: somebody else may have been quicker.
    let (far, peer) = listener.accept().ok()?;
    if peer == near.local_addr().ok()? { Some((near, far)) } else { None }
}

/// The kernel's release, as far as it is two numbers.
fn release() -> (u32, u32) {
    let text = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut parts = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

impl Machine {
    /// Tries everything.
    pub fn probe() -> Machine {
        let pair = pair();
        let tcp = |level: c_int, name: c_int, value: c_int| {
            pair.as_ref().is_some_and(|(a, _)| set(a.as_raw_fd(), level, name, &value))
        };
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok();
        let six = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).ok();
        Machine {
            kernel: release(),
            tcp_filter: pair.as_ref().is_some_and(|(a, _)| filter(a.as_raw_fd())),
            udp_filter: udp.as_ref().is_some_and(|u| filter(u.as_raw_fd())),
            min_ttl: tcp(libc::IPPROTO_IP, IP_MINTTL, 1),
            min_hops: six.is_some_and(|s| set(s.as_raw_fd(), libc::IPPROTO_IPV6, IPV6_MINHOPCOUNT, &(1 as c_int))),
            ttl: tcp(libc::IPPROTO_IP, libc::IP_TTL, 64),
            pacing: tcp(libc::SOL_SOCKET, libc::SO_MAX_PACING_RATE, 1 << 30),
            user_timeout: tcp(libc::IPPROTO_TCP, libc::TCP_USER_TIMEOUT, 1000),
            low_water: tcp(libc::SOL_SOCKET, libc::SO_RCVLOWAT, 1),
            // Last: the connection does not survive it.
            disconnect: pair.as_ref().is_some_and(|(a, _)| disconnect(a.as_raw_fd())),
            loopback: pair.is_some(),
        }
    }

    /// Why a recipe is not possible here, or only with a reservation.
    pub fn lacks(&self, recipe: Recipe) -> Option<String> {
        let refused = |ok: bool, what: &str| {
            if ok { None } else { Some(format!("not possible here: the kernel refuses {what}")) }
        };
        if !self.loopback {
            return Some("not tried: there is no loopback here".to_owned());
        }
        match recipe {
            Recipe::Reset | Recipe::ResetTranslate => refused(self.disconnect, "connect(AF_UNSPEC)").or_else(|| {
                let (major, minor) = self.kernel;
                let old = (major, minor) < (6, 6);
                old.then(|| format!("Linux {major}.{minor} may refuse it while a thread waits in the socket: the error is then made up"))
            }),
            Recipe::MinTtl if !self.min_hops => refused(self.min_ttl, "IP_MINTTL").or(Some("IPv4 alone: no IPV6_MINHOPCOUNT".to_owned())),
            Recipe::MinTtl => refused(self.min_ttl, "IP_MINTTL"),
            Recipe::MinTtlTimeout => refused(self.min_ttl && self.user_timeout, "IP_MINTTL or TCP_USER_TIMEOUT"),
            Recipe::Ttl => refused(self.ttl, "IP_TTL")
                .or(Some("packets to this machine itself are not lost by it".to_owned())),
            Recipe::Filter => refused(self.udp_filter, "SO_ATTACH_FILTER"),
            Recipe::Pacing => refused(self.pacing, "SO_MAX_PACING_RATE"),
            Recipe::Gate | Recipe::Length | Recipe::FakeRearm => refused(self.low_water, "SO_RCVLOWAT"),
            _ => None,
        }
    }
}

/// The first half of a reset.
fn disconnect(fd: RawFd) -> bool {
    let unspec = libc::sockaddr { sa_family: libc::AF_UNSPEC as libc::sa_family_t, sa_data: [0; 14] };
    let len = size_of::<libc::sockaddr>() as libc::socklen_t;
    // SAFETY: a descriptor of ours, and an address of the length that is given.
    unsafe { libc::connect(fd, &raw const unspec, len) == 0 }
}
