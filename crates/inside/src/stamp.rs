//! What tells two builds of our libraries apart.

use socklens_wire::VERSION;

/// First in the table that a library opened at run time exports, whatever its version.
pub type Stamp = [u8; 24];

/// Of the version, the event format's version, and the size of what passes between two libraries.
pub(crate) const fn stamp(sizes: usize) -> Stamp {
    let mut stamp = [0; 24];
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let mut i = 0;
    while i < version.len() {
        stamp[i] = version[i];
        i += 1;
    }
    assert!(i < 16);
    let (format, sizes) = (VERSION.to_le_bytes(), (sizes as u32).to_le_bytes());
    let mut i = 0;
    while i < 4 {
        stamp[16 + i] = format[i];
        stamp[20 + i] = sizes[i];
        i += 1;
    }
    stamp
}
