//! Network addresses as text.

use crate::{Out, quote};

/// `127.0.0.1`
pub fn v4(out: &mut Out, b: [u8; 4]) {
    let mut first = true;
    for n in b {
        if !first {
            out.byte(b'.');
        }
        first = false;
        out.udec(u64::from(n));
    }
}

/// RFC 5952's form: the longest run of zero groups as `::`, mapped and compatible IPv4 addresses dotted as inet_ntop does.
pub fn v6(out: &mut Out, b: &[u8; 16]) {
    let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15] = *b;
    let pairs = [[a0, a1], [a2, a3], [a4, a5], [a6, a7], [a8, a9], [a10, a11], [a12, a13], [a14, a15]];
    let groups = pairs.map(u16::from_be_bytes);
    // The longest run of at least two zero groups, the first of equals.
    let (mut best, mut best_len, mut run, mut run_len) = (8usize, 1usize, 0usize, 0usize);
    for (i, g) in groups.iter().enumerate() {
        if *g == 0 {
            if run_len == 0 {
                run = i;
            }
            run_len += 1;
            if run_len > best_len {
                best = run;
                best_len = run_len;
            }
        } else {
            run_len = 0;
        }
    }
    let [_, _, _, _, _, g5, _, g7] = groups;
    let dotted = best == 0 && (best_len == 6 || (best_len == 7 && g7 != 1) || (best_len == 5 && g5 == 0xffff));
    for (i, g) in groups.iter().enumerate() {
        if best < 8 && i >= best && i < best + best_len {
            if i == best {
                out.byte(b':');
            }
            continue;
        }
        if i > 0 {
            out.byte(b':');
        }
        if i == 6 && dotted {
            v4(out, [a12, a13, a14, a15]);
            return;
        }
        out.hex_pad(u64::from(*g), 1);
    }
    if best < 8 && best + best_len == 8 {
        out.byte(b':');
    }
}

/// An IPv4 address in quotes, as strace prints strings.
pub fn quoted4(out: &mut Out, b: [u8; 4], hex: u8) {
    let mut tmp = [0u8; 16];
    let mut t = Out::new(&mut tmp);
    v4(&mut t, b);
    quote::c_str(out, t.bytes(), hex);
}

/// An IPv6 address in quotes, as strace prints strings.
pub fn quoted6(out: &mut Out, b: &[u8; 16], hex: u8) {
    let mut tmp = [0u8; 48];
    let mut t = Out::new(&mut tmp);
    v6(&mut t, b);
    quote::c_str(out, t.bytes(), hex);
}

/// `00:11:22:aa`
pub fn mac(out: &mut Out, b: &[u8]) {
    let mut first = true;
    for n in b {
        if !first {
            out.byte(b':');
        }
        first = false;
        out.hex_pad(u64::from(*n), 2);
    }
}
