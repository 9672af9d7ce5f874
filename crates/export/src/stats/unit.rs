//! [`socklens_decode::unit`] as strings.

use socklens_decode::{Out, unit};

/// What `show` writes of `n`.
fn text(show: fn(&mut Out, u64), n: u64) -> String {
    let mut buffer = [0u8; 32];
    let mut out = Out::new(&mut buffer);
    show(&mut out, n);
    String::from_utf8_lossy(out.bytes()).into_owned()
}

/// A duration in nanoseconds: `830 ns`, `12.4 µs`, `1.05 s`.
pub fn duration(ns: u64) -> String {
    text(unit::duration, ns)
}

/// A number of bytes: `812 B`, `1.21 KiB`, `64.0 MiB`.
pub fn bytes(n: u64) -> String {
    text(unit::bytes, n)
}

/// 1234567 as 1,234,567.
pub fn grouped(n: u64) -> String {
    text(unit::grouped, n)
}
