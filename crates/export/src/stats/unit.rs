//! Numbers for people: three significant figures and a unit.

/// A duration in nanoseconds: `830 ns`, `12.4 µs`, `1.05 s`.
pub fn duration(ns: u64) -> String {
    const UNITS: [(f64, &str); 4] = [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
    let n = ns as f64;
    // What would be shown as 1000 of a unit is 1.00 of the next.
    let (size, name) = UNITS.into_iter().rev().find(|u| n >= 0.9995 * u.0).unwrap_or(UNITS[0]);
    if ns < 1000 { format!("{ns} ns") } else { format!("{} {name}", figures(n / size)) }
}

/// A number of bytes: `812 B`, `1.21 KiB`, `64.0 MiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut v = n as f64 / 1024.0;
    let mut unit = 0;
    while v >= 999.5 && unit + 1 < UNITS.len() {
        v /= 1024.0;
        unit += 1;
    }
    format!("{} {}", figures(v), UNITS[unit])
}

fn figures(v: f64) -> String {
    if v < 9.995 {
        format!("{v:.2}")
    } else if v < 99.95 {
        format!("{v:.1}")
    } else {
        format!("{v:.0}")
    }
}

/// 1234567 as 1,234,567.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_figures_and_the_right_unit() {
        let all = [(0, "0 ns"), (999, "999 ns"), (1000, "1.00 µs"), (12_345, "12.3 µs"), (999_600, "1.00 ms")];
        for (ns, text) in all {
            assert_eq!(duration(ns), text);
        }
        assert_eq!(duration(90_000_000_000), "90.0 s");
        assert_eq!((bytes(1023), bytes(1024), bytes(1 << 30)), ("1023 B".into(), "1.00 KiB".into(), "1.00 GiB".into()));
        assert_eq!(bytes(1_048_000), "1.00 MiB");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
