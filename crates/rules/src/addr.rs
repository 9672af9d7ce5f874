//! Addresses as they are written in a selector, as they are kept in a filter, and as the kernel lays them out.
//!
//! Kept form: a kind byte; for IP a prefix length, two big-endian ports and the address; for unix a glob.

use crate::error::What;
use crate::glob::{self, Text};
use crate::lex;

/// Any known address.
pub(crate) const ANY: u8 = 0;
/// Any IP address, with a port.
pub(crate) const PORT: u8 = 1;
/// A unix path, as a glob.
pub(crate) const UNIX: u8 = 2;
pub(crate) const V4: u8 = 4;
pub(crate) const V6: u8 = 6;

/// Bytes before the address proper: kind, prefix, low port, high port.
pub(crate) const HEAD: usize = 6;

/// An address in its kept form.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    bytes: [u8; HEAD + 16],
    len: usize,
}

impl Kept {
    fn new(kind: u8, prefix: u8, ports: (u16, u16), ip: &[u8]) -> Kept {
        let mut bytes = [0; HEAD + 16];
        let head = [kind, prefix].into_iter().chain(ports.0.to_be_bytes()).chain(ports.1.to_be_bytes());
        for (to, b) in bytes.iter_mut().zip(head.chain(ip.iter().copied())) {
            *to = b;
        }
        Kept { bytes, len: HEAD.saturating_add(ip.len()) }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

/// A fault inside the text of an address: what, where, how long.
type Fault = (What, usize, usize);

/// Reads an IP form. Unix forms are the caller's: their glob has no fixed size.
pub(crate) fn parse(text: &[u8]) -> Result<Kept, Fault> {
    let bad = (What::BadAddress, 0, text.len());
    if text == b"*" {
        return Ok(Kept::new(ANY, 0, (0, u16::MAX), &[]));
    }
    // Split into host, prefix and port. A bare address with two colons or more is IPv6 and has no port.
    let (host, v6, rest) = if let Some(inner) = text.strip_prefix(b"[") {
        let close = inner.iter().position(|b| *b == b']').ok_or(bad)?;
        let (host, rest) = inner.split_at_checked(close).ok_or(bad)?;
        (host, true, rest.get(1..).unwrap_or(&[]))
    } else {
        let v6 = text.iter().filter(|b| **b == b':').count() > 1;
        let end = text.iter().position(|b| *b == b'/' || (!v6 && *b == b':')).unwrap_or(text.len());
        let (host, rest) = text.split_at_checked(end).ok_or(bad)?;
        (host, v6, rest)
    };
    let offset = |part: &[u8]| text.len().saturating_sub(part.len());
    let (prefix, rest) = match rest.strip_prefix(b"/") {
        Some(after) => {
            let end = after.iter().position(|b| *b == b':').unwrap_or(after.len());
            let (digits, tail) = after.split_at_checked(end).ok_or(bad)?;
            let fault = (What::BadPrefix, offset(after), digits.len());
            let limit = if v6 { 128 } else { 32 };
            let n = plain(digits).filter(|n| *n <= limit).and_then(|n| u8::try_from(n).ok()).ok_or(fault)?;
            (Some(n), tail)
        }
        None => (None, rest),
    };
    let ports = match rest.strip_prefix(b":") {
        Some(p) => parse_ports(p).ok_or((What::BadPort, offset(p), p.len()))?,
        None if rest.is_empty() => (0, u16::MAX),
        None => return Err(bad),
    };
    if !v6 && (host.is_empty() || host == b"*") {
        return if prefix.is_some() || (host.is_empty() && rest.is_empty()) {
            Err(bad)
        } else {
            Ok(Kept::new(PORT, 0, ports, &[]))
        };
    }
    if v6 {
        let prefix = prefix.unwrap_or(128);
        let ip = parse_v6(host).ok_or(bad)?;
        Ok(Kept::new(V6, prefix, ports, &masked(ip, prefix)))
    } else {
        let prefix = prefix.unwrap_or(32);
        let ip = parse_v4(host).ok_or(bad)?;
        Ok(Kept::new(V4, prefix, ports, &masked(ip, prefix)))
    }
}

/// A short decimal number, digits only.
fn plain(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 5 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    u32::try_from(lex::integer(text).ok()?).ok()
}

fn parse_ports(text: &[u8]) -> Option<(u16, u16)> {
    if text == b"*" {
        return Some((0, u16::MAX));
    }
    let port = |t: &[u8]| u16::try_from(plain(t)?).ok();
    match text.windows(2).position(|w| w == b"..") {
        Some(i) => {
            let (low, high) = (port(text.get(..i)?)?, port(text.get(i.saturating_add(2)..)?)?);
            (low <= high).then_some((low, high))
        }
        None => port(text).map(|p| (p, p)),
    }
}

fn masked<const N: usize>(mut ip: [u8; N], prefix: u8) -> [u8; N] {
    for (b, m) in ip.iter_mut().zip(mask(prefix)) {
        *b &= m;
    }
    ip
}

/// The bytes of a prefix's mask.
fn mask(prefix: u8) -> impl Iterator<Item = u8> {
    (0..16u16).map(move |i| {
        let bits = u16::from(prefix).saturating_sub(i.saturating_mul(8)).min(8);
        (0xff00u16 >> bits & 0xff) as u8
    })
}

fn parse_v4(text: &[u8]) -> Option<[u8; 4]> {
    let mut ip = [0; 4];
    let mut parts = text.split(|b| *b == b'.');
    for b in &mut ip {
        *b = u8::try_from(plain(parts.next()?)?).ok()?;
    }
    parts.next().is_none().then_some(ip)
}

fn parse_v6(text: &[u8]) -> Option<[u8; 16]> {
    let Some(gap) = text.windows(2).position(|w| w == b"::") else {
        let (groups, n) = groups(text)?;
        return (n == 8).then(|| spread(&groups, &[], 0));
    };
    let (head, h) = groups(text.get(..gap)?)?;
    let (tail, t) = groups(text.get(gap.saturating_add(2)..)?)?;
    if h.saturating_add(t) > 7 {
        return None;
    }
    Some(spread(head.get(..h)?, tail.get(..t)?, 8usize.saturating_sub(t)))
}

/// Sixteen-bit groups between colons, the last of which may be an IPv4 address.
fn groups(text: &[u8]) -> Option<([u16; 8], usize)> {
    let mut out = [0u16; 8];
    let mut n = 0usize;
    if text.is_empty() {
        return Some((out, 0));
    }
    let mut parts = text.split(|b| *b == b':').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() && part.contains(&b'.') {
            let [a, b, c, d] = parse_v4(part)?;
            *out.get_mut(n)? = u16::from_be_bytes([a, b]);
            *out.get_mut(n.saturating_add(1))? = u16::from_be_bytes([c, d]);
            n = n.saturating_add(2);
            continue;
        }
        if part.is_empty() || part.len() > 4 {
            return None;
        }
        let mut v = 0u16;
        for b in part {
            v = v << 4 | (*b as char).to_digit(16)? as u16;
        }
        *out.get_mut(n)? = v;
        n = n.saturating_add(1);
    }
    Some((out, n))
}

fn spread(head: &[u16], tail: &[u16], from: usize) -> [u8; 16] {
    let mut words = [0u16; 8];
    for (to, v) in words.iter_mut().zip(head) {
        *to = *v;
    }
    for (to, v) in words.iter_mut().skip(from).zip(tail) {
        *to = *v;
    }
    let mut out = [0; 16];
    for (to, b) in out.iter_mut().zip(words.iter().flat_map(|w| w.to_be_bytes())) {
        *to = b;
    }
    out
}

/// A socket address in the kernel's layout.
#[derive(Clone, Copy)]
pub(crate) struct SockAddr<'a>(pub &'a [u8]);

impl<'a> SockAddr<'a> {
    pub(crate) fn family(self) -> Option<i32> {
        Some(i32::from(u16::from_ne_bytes(self.0.first_chunk().copied()?)))
    }

    /// The IP address.
    fn ip(self) -> Option<&'a [u8]> {
        match self.family()? {
            libc::AF_INET => self.0.get(4..8),
            libc::AF_INET6 => self.0.get(8..24),
            _ => None,
        }
    }

    /// The port, for IP.
    #[inline(never)]
    pub(crate) fn port(self) -> Option<u16> {
        self.ip()?;
        Some(u16::from_be_bytes(self.0.get(2..)?.first_chunk().copied()?))
    }

    /// The path of a unix address; an abstract name begins with `@`. None when it is of another family or unnamed.
    #[inline(never)]
    pub(crate) fn path(self) -> Option<Text<'a>> {
        if self.family()? != libc::AF_UNIX {
            return None;
        }
        let name = self.0.get(2..)?;
        match name.split_first() {
            None => None,
            Some((0, [])) => None,
            Some((0, abstract_)) => Some(Text { first: Some(b'@'), rest: abstract_, fold: false }),
            Some(_) => {
                let len = name.iter().position(|b| *b == 0).unwrap_or(name.len());
                Some(Text { first: None, rest: name.get(..len)?, fold: false })
            }
        }
    }
}

/// Whether an address lies within a kept one; None when the address is not known.
#[inline(never)]
pub(crate) fn matches(kept: &[u8], sa: SockAddr<'_>) -> Option<bool> {
    sa.family()?;
    let kind = *kept.first()?;
    match kind {
        ANY => return Some(true),
        UNIX => {
            let glob = kept.get(1..)?;
            // An unnamed unix address has no path, but `*` means it too.
            return Some(match sa.path() {
                Some(text) => glob::matches(glob, text),
                None => sa.family() == Some(libc::AF_UNIX) && glob == b"*",
            });
        }
        _ => {}
    }
    let (Some(ip), Some(port)) = (sa.ip(), sa.port()) else {
        return Some(false);
    };
    let word = |at: usize| kept.get(at..).and_then(|b| b.first_chunk().copied()).map(u16::from_be_bytes);
    if port < word(2)? || port > word(4)? {
        return Some(false);
    }
    if kind == PORT {
        return Some(true);
    }
    // An IPv4 address may come in IPv6's clothes.
    const MAPPED: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
    let ip = match kind {
        V4 => ip.strip_prefix(MAPPED).unwrap_or(ip),
        V6 => ip,
        _ => return None,
    };
    within(ip, kept.get(HEAD..)?, *kept.get(1)?)
}

/// Whether the first `prefix` bits agree. Addresses of another length are elsewhere.
#[inline(never)]
fn within(ip: &[u8], net: &[u8], prefix: u8) -> Option<bool> {
    if net.len() != ip.len() {
        return Some(false);
    }
    let mut left = u32::from(prefix);
    for (a, b) in ip.iter().zip(net) {
        // The bits that differ, less those behind the prefix.
        let differ = u32::from(a ^ b) >> 8u32.saturating_sub(left);
        if differ != 0 {
            return Some(false);
        }
        left = left.saturating_sub(8);
    }
    Some(true)
}
