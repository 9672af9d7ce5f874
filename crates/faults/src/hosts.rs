//! Which name stood behind an address: remembered from this process's lookups while there are rules with `host=`.

use super::Cx;
use super::lent::fetch;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use libc::{addrinfo, hostent};
use socklens_calls::Call;
use socklens_inside::names::looked_up;
use socklens_rules::fault::draw;

/// Longest name that is remembered, a multiple of 8.
pub const NAME: usize = 248;

/// A name behind an address. Words, so that a torn one is no error of memory.
struct Entry {
    /// Odd while it is written.
    version: AtomicU32,
    len: AtomicU32,
    /// Hash of the address; 0 for none.
    address: AtomicU64,
    name: [AtomicU64; NAME / 8],
}

const ENTRIES: usize = 128;
static KNOWN: [Entry; ENTRIES] = [const {
    Entry {
        version: AtomicU32::new(0),
        len: AtomicU32::new(0),
        address: AtomicU64::new(0),
        name: [const { AtomicU64::new(0) }; NAME / 8],
    }
}; ENTRIES];
/// The entry that is written next.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// An internet address without its port; 0 for other families.
fn hash(family: i32, ip: &[u8]) -> u64 {
    let ip = match (family, ip) {
        (libc::AF_INET, _) => ip.get(..4),
        // An IPv4 address in IPv6's clothes.
        (libc::AF_INET6, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, v4 @ ..]) => v4.get(..4),
        (libc::AF_INET6, _) => ip.get(..16),
        _ => None,
    };
    let word = |h: u64, c: &[u8]| draw::scatter(h, c.iter().fold(0, |n, b| n << 8 | u64::from(*b)));
    ip.map_or(0, |ip| ip.chunks(8).fold(ip.len() as u64, word) | 1)
}

/// The same of a sockaddr.
fn of_sockaddr(a: &[u8]) -> u64 {
    let family = a.first_chunk().map_or(0, |f| i32::from(u16::from_ne_bytes(*f)));
    let from = if family == libc::AF_INET { 4 } else { 8 };
    a.get(from..).map_or(0, |ip| hash(family, ip))
}

fn put(address: u64, name: &[u8]) {
    if address == 0 || name.is_empty() || name.len() > NAME {
        return;
    }
    let known = KNOWN.iter().position(|e| e.address.load(Ordering::Relaxed) == address);
    let at = known.unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed) as usize % ENTRIES);
    let Some(e) = KNOWN.get(at) else { return };
    let v = e.version.load(Ordering::Relaxed);
    // Whoever writes it now knows a name as good as this.
    if v & 1 != 0 || e.version.compare_exchange(v, v | 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
        return;
    }
    for (to, part) in e.name.iter().zip(name.chunks(8)) {
        let mut word = [0u8; 8];
        word.iter_mut().zip(part).for_each(|(to, b)| *to = *b);
        to.store(u64::from_ne_bytes(word), Ordering::Relaxed);
    }
    e.len.store(name.len() as u32, Ordering::Relaxed);
    e.address.store(address, Ordering::Relaxed);
    e.version.store((v | 1).wrapping_add(1), Ordering::Release);
}

/// Copies the name behind a peer; how long it is, 0 when none is known.
#[inline(never)]
pub fn behind(peer: &[u8], to: &mut [u8; NAME]) -> usize {
    let address = of_sockaddr(peer);
    let found = KNOWN.iter().find(|e| address != 0 && e.address.load(Ordering::Relaxed) == address);
    let Some(e) = found else { return 0 };
    let v = e.version.load(Ordering::Acquire);
    for (to, word) in to.as_chunks_mut::<8>().0.iter_mut().zip(&e.name) {
        *to = word.load(Ordering::Relaxed).to_ne_bytes();
    }
    let len = e.len.load(Ordering::Relaxed) as usize;
    fence(Ordering::Acquire);
    let whole = v & 1 == 0
        && e.version.load(Ordering::Relaxed) == v
        && e.address.load(Ordering::Relaxed) == address
        && len <= NAME;
    if whole { len } else { 0 }
}

/// Most addresses of an answer.
const MOST: usize = 64;

/// A lookup has been answered.
#[inline(never)]
pub fn answered(cx: &Cx, ret: i64) {
    let name = looked_up(cx.call, cx.args);
    match cx.call {
        Call::getaddrinfo if ret == 0 => {
            let mut at = fetch::<u64>(cx.arg(3), true).unwrap_or(0);
            for _ in 0..MOST {
                let Some(a) = fetch::<addrinfo>(at, true) else { return };
                if a.ai_family == libc::AF_INET6 && a.ai_addrlen >= 28 {
                    fetch::<[u8; 28]>(a.ai_addr as u64, true).inspect(|b| put(of_sockaddr(b), name));
                } else if a.ai_addrlen >= 16 {
                    fetch::<[u8; 16]>(a.ai_addr as u64, true).inspect(|b| put(of_sockaddr(b), name));
                }
                at = a.ai_next as u64;
            }
        }
        Call::gethostbyname | Call::gethostbyname2 if ret != 0 => {
            let Some(h) = fetch::<hostent>(ret as u64, true) else { return };
            for i in 0..MOST as u64 {
                let Some(at) = fetch::<u64>(h.h_addr_list as u64 + 8 * i, true).filter(|at| *at != 0) else { return };
                if h.h_addrtype == libc::AF_INET6 {
                    fetch::<[u8; 16]>(at, true).inspect(|ip| put(hash(h.h_addrtype, ip), name));
                } else {
                    fetch::<[u8; 4]>(at, true).inspect(|ip| put(hash(h.h_addrtype, ip), name));
                }
            }
        }
        _ => {}
    }
}
