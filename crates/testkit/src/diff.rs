//! Holds two outcomes against each other.

use crate::run::Outcome;
use std::fmt::Write;

/// Lines beyond which only the place of the first difference is searched.
const MAX_LINES: usize = 2000;

/// The lines that differ: `-` only in the first, `+` only in the second.
pub fn diff(a: &[u8], b: &[u8]) -> String {
    let (a, b) = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let mut out = String::new();
    if a.len() > MAX_LINES || b.len() > MAX_LINES {
        let n = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
        let _ = writeln!(out, "  {} and {} lines; the first difference is in line {}", a.len(), b.len(), n + 1);
        for (sign, lines) in [('-', &a), ('+', &b)] {
            for l in lines.iter().skip(n).take(5) {
                let _ = writeln!(out, "{sign} {l}");
            }
        }
        return out;
    }
    // Longest common subsequence, from the ends.
    let mut len = vec![vec![0u32; b.len() + 1]; a.len() + 1];
    for (i, x) in a.iter().enumerate().rev() {
        for (j, y) in b.iter().enumerate().rev() {
            len[i][j] = if x == y { len[i + 1][j + 1] + 1 } else { len[i + 1][j].max(len[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
        } else if j >= b.len() || (i < a.len() && len[i + 1][j] >= len[i][j + 1]) {
            let _ = writeln!(out, "- {}", a[i]);
            i += 1;
        } else {
            let _ = writeln!(out, "+ {}", b[j]);
            j += 1;
        }
    }
    if out.is_empty() {
        out.push_str("  (the same lines; they differ in line ends)\n");
    }
    out
}

/// How two outcomes differ in what the program printed and how it ended; None when they do not.
pub fn difference(a: &Outcome, b: &Outcome) -> Option<String> {
    let mut out = String::new();
    if a.ended() != b.ended() {
        let _ = writeln!(out, "status: {} / {}", a.ended(), b.ended());
    }
    for (name, x, y) in [("stdout", &a.stdout, &b.stdout), ("stderr", &a.stderr, &b.stderr)] {
        if x != y {
            let _ = write!(out, "{name}:\n{}", diff(x, y));
        }
    }
    if out.is_empty() { None } else { Some(format!("{} (-) and {} (+):\n{out}", a.label, b.label)) }
}

/// Fails with a diff unless both outcomes are the same.
#[track_caller]
pub fn assert_same(raw: &Outcome, shimmed: &Outcome) {
    if let Some(d) = difference(raw, shimmed) {
        panic!("{d}");
    }
}
