//! Quoting: C strings as strace writes them, JSON strings, base64.

use crate::Out;

/// Bytes that need no hexadecimal under `-x`: printable ASCII and white space.
fn plain(c: u8) -> bool {
    matches!(c, b' '..=b'~' | b'\t'..=b'\r')
}

/// `"text\n"` with strace's escapes. `hex` is its `-x` count.
pub fn c_str(out: &mut Out, s: &[u8], hex: u8) {
    out.lit(b"\"");
    let in_hex = hex >= 2 || (hex == 1 && !s.iter().all(|&c| plain(c)));
    if in_hex {
        for &c in s {
            out.str("\\x");
            out.hex_pad(u64::from(c), 2);
        }
    } else {
        c_escape(out, s);
    }
    out.lit(b"\"");
}

/// The escapes alone, without quotes.
pub fn c_escape(out: &mut Out, s: &[u8]) {
    escape_by(out, s, |out, c, rest| match c {
        b'"' => out.str("\\\""),
        b'\\' => out.str("\\\\"),
        b'\t' => out.str("\\t"),
        b'\n' => out.str("\\n"),
        0x0b => out.str("\\v"),
        0x0c => out.str("\\f"),
        b'\r' => out.str("\\r"),
        _ => {
            let digit = |shift: u8| b'0' + (c >> shift & 7);
            // A digit that follows would be read as part of a short octal number.
            let all = c >= 0o100 || matches!(rest.first(), Some(b'0'..=b'7'));
            match c {
                _ if all => out.lit(&[b'\\', digit(6), digit(3), digit(0)]),
                0o10.. => out.lit(&[b'\\', digit(3), digit(0)]),
                _ => out.lit(&[b'\\', digit(0)]),
            }
        }
    });
}

/// Writes what needs no escape in one piece, and has every other byte written by `odd`, which also sees what follows it.
#[inline(always)]
fn escape_by(out: &mut Out, s: &[u8], odd: impl Fn(&mut Out, u8, &[u8])) {
    let mut rest = s;
    loop {
        let run = plain_run(rest);
        out.raw(rest.get(..run).unwrap_or(rest));
        let Some((&c, after)) = rest.get(run..).and_then(<[u8]>::split_first) else { return };
        rest = after;
        odd(out, c, rest);
    }
}

/// Bytes as text that no terminal can act on: printable ASCII stays, the rest is escaped.
pub fn safe(out: &mut Out, s: &[u8]) {
    escape_by(out, s, |out, c, _| {
        if c == b'"' {
            out.byte(c);
        } else {
            out.str("\\x");
            out.hex_pad(u64::from(c), 2);
        }
    });
}

/// A JSON string. Control characters are escaped, bytes that are no UTF-8 become U+FFFD.
pub fn json_str(out: &mut Out, s: &[u8]) {
    out.lit(b"\"");
    json_escape(out, s);
    out.lit(b"\"");
}

/// How many bytes at the front need no escape, in C or in JSON: printable ASCII but quotes and backslashes.
fn plain_run(s: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = ONES << 7;
    // The top bit of each byte that is zero, and perhaps of some above the first of them.
    let zero = |v: u64| v.wrapping_sub(ONES) & !v & TOPS;
    // Which of eight need one, from the first of them on.
    let odd = |v: u64| {
        let low = v.wrapping_sub(ONES * 0x20) & !v & TOPS;
        v & TOPS | low | zero(v ^ (ONES * 0x22)) | zero(v ^ (ONES * 0x5c)) | zero(v ^ (ONES * 0x7f))
    };
    if s.first().is_some_and(|&c| !(b' '..=b'~').contains(&c)) {
        return 0;
    }
    let mut n = 0;
    // Usual lengths at once: without a way out of it the compiler looks at many bytes together.
    while let Some(many) = s.get(n..).and_then(|s| s.first_chunk::<32>()) {
        if many.iter().fold(false, |odd, &c| odd | !(b' '..=b'~').contains(&c) | (c == b'"') | (c == b'\\')) {
            break;
        }
        n = n.saturating_add(32);
    }
    while let Some(eight) = s.get(n..).and_then(|s| s.first_chunk::<8>()) {
        let odd = odd(u64::from_le_bytes(*eight));
        if odd != 0 {
            return n.saturating_add((odd.trailing_zeros() / 8) as usize);
        }
        n = n.saturating_add(8);
    }
    let rest = s.get(n..).unwrap_or(&[]);
    // What is missing of eight is a quote: the end is odd.
    let mut last = [b'"'; 8];
    if let Some(to) = last.get_mut(..rest.len()) {
        crate::out::copy(to, rest);
    }
    n.saturating_add((odd(u64::from_le_bytes(last)).trailing_zeros() / 8) as usize)
}

/// A JSON string's inside.
pub fn json_escape(out: &mut Out, s: &[u8]) {
    // Nearly everything is plain ASCII.
    let run = plain_run(s);
    out.raw(s.get(..run).unwrap_or(s));
    let mut rest = s.get(run..).unwrap_or(&[]);
    if rest.is_empty() {
        return;
    }
    loop {
        let (good, skip) = match core::str::from_utf8(rest) {
            Ok(t) => (t, None),
            Err(e) => {
                let upto = e.valid_up_to();
                let t = rest.get(..upto).and_then(|b| core::str::from_utf8(b).ok()).unwrap_or("");
                // An incomplete sequence at the end counts as one bad piece.
                let bad = e.error_len().unwrap_or(rest.len().saturating_sub(upto));
                (t, Some(upto.saturating_add(bad)))
            }
        };
        json_chars(out, good);
        match skip {
            None => return,
            Some(n) => {
                out.str("\\ufffd");
                rest = rest.get(n..).unwrap_or(&[]);
                if rest.is_empty() {
                    return;
                }
            }
        }
    }
}

fn json_chars(out: &mut Out, s: &str) {
    let mut rest = s;
    loop {
        // What needs no escape goes in one piece.
        let run = plain_run(rest.as_bytes());
        let run = if run == 0 {
            rest.char_indices().find(|(_, c)| c.is_ascii() || must_escape(*c)).map_or(rest.len(), |(i, _)| i)
        } else {
            run
        };
        if run > 0 {
            out.str(rest.get(..run).unwrap_or(rest));
            rest = rest.get(run..).unwrap_or("");
            continue;
        }
        let mut after = rest.chars();
        let Some(c) = after.next() else { return };
        rest = after.as_str();
        match c {
            '"' => out.lit(b"\\\""),
            '\\' => out.lit(b"\\\\"),
            '\n' => out.lit(b"\\n"),
            '\r' => out.lit(b"\\r"),
            '\t' => out.lit(b"\\t"),
            _ => {
                out.lit(b"\\u");
                out.hex_pad(u64::from(u32::from(c)), 4);
            }
        }
    }
}

/// Quotes, C0, DEL, C1, and the marks that turn or break a line on a terminal.
fn must_escape(c: char) -> bool {
    matches!(c, '"' | '\\' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Standard base64 with padding, without quotes.
pub fn base64(out: &mut Out, s: &[u8]) {
    let digit = |n: u32| match (n & 63) as u8 {
        n @ 0..=25 => b'A' + n,
        n @ 26..=51 => b'a' + (n - 26),
        n @ 52..=61 => b'0' + (n - 52),
        62 => b'+',
        _ => b'/',
    };
    for three in s.chunks(3) {
        let (a, b, c) = (three.first(), three.get(1), three.get(2));
        let byte = |o: Option<&u8>| u32::from(o.copied().unwrap_or(0));
        let n = byte(a) << 16 | byte(b) << 8 | byte(c);
        out.byte(digit(n >> 18));
        out.byte(digit(n >> 12));
        out.byte(if b.is_some() { digit(n >> 6) } else { b'=' });
        out.byte(if c.is_some() { digit(n) } else { b'=' });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_front_ends_at_the_first_byte_that_is_not() {
        for n in (0..40usize).chain(60..80) {
            for at in 0..n {
                for b in 0..=255u8 {
                    let mut text = [b'~'; 80];
                    text[at] = b;
                    let odd = !(b' '..=b'~').contains(&b) || b == b'"' || b == b'\\';
                    assert_eq!(plain_run(&text[..n]), if odd { at } else { n }, "{b:#x} at {at} of {n}");
                }
            }
        }
    }

    /// A byte of a few kinds, so that all come beside each other.
    fn some_bytes(seed: u64, to: &mut [u8]) -> &[u8] {
        let mut v = seed.wrapping_mul(2).wrapping_add(1);
        for b in to.iter_mut() {
            v = v.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let r = (v >> 56) as u8;
            *b = match v >> 53 & 7 {
                0 => r % 0x20,
                1 => b'0' + r % 10,
                2 => [b'"', b'\\', 0x7f, b'\n'][usize::from(r % 4)],
                3 => 0x80 | r,
                _ => b' ' + r % 95,
            };
        }
        let n = (seed % (to.len() as u64 + 1)) as usize;
        &to[..n]
    }

    #[test]
    fn escapes_are_those_of_one_byte_after_the_other() {
        extern crate std;
        use std::{format, string::String};
        for seed in 0..20_000 {
            let mut room = [0; 70];
            let s = some_bytes(seed, &mut room);
            let written = |f: fn(&mut Out, &[u8])| {
                let mut room = [0; 1024];
                let mut out = Out::new(&mut room);
                f(&mut out, s);
                String::from_utf8(out.bytes().to_vec()).unwrap()
            };
            let mut c = String::new();
            for (i, &b) in s.iter().enumerate() {
                let digit = s.get(i + 1).is_some_and(|b| (b'0'..=b'7').contains(b));
                c += &match b {
                    b'"' | b'\\' => format!("\\{}", char::from(b)),
                    b'\t' => "\\t".into(),
                    b'\n' => "\\n".into(),
                    0x0b => "\\v".into(),
                    0x0c => "\\f".into(),
                    b'\r' => "\\r".into(),
                    b' '..=b'~' => String::from(char::from(b)),
                    _ if digit => format!("\\{b:03o}"),
                    _ => format!("\\{b:o}"),
                };
            }
            assert_eq!(written(c_escape), c, "{s:?}");
            let mut j = String::new();
            for piece in s.utf8_chunks() {
                for ch in piece.valid().chars() {
                    j += &match ch {
                        '"' | '\\' => format!("\\{ch}"),
                        '\n' => "\\n".into(),
                        '\r' => "\\r".into(),
                        '\t' => "\\t".into(),
                        _ if must_escape(ch) => format!("\\u{:04x}", u32::from(ch)),
                        _ => String::from(ch),
                    };
                }
                j += if piece.invalid().is_empty() { "" } else { "\\ufffd" };
            }
            assert_eq!(written(json_escape), j, "{s:?}");
            let safe_text = |b: &u8| match b {
                b'\\' => "\\x5c".into(),
                b' '..=b'~' => String::from(char::from(*b)),
                _ => format!("\\x{b:02x}"),
            };
            assert_eq!(written(safe), s.iter().map(safe_text).collect::<String>(), "{s:?}");
        }
        let text = "\u{e4}\u{200e}x\u{20ac}\u{1f600}\u{2028}\u{9f}\u{a0}";
        let mut room = [0; 100];
        let mut out = Out::new(&mut room);
        json_escape(&mut out, text.as_bytes());
        let want = "\u{e4}\\u200ex\u{20ac}\u{1f600}\\u2028\\u009f\u{a0}";
        assert_eq!(out.bytes(), want.as_bytes());
    }
}
