//! Numbers for people, as the tables of statistics have them: three significant figures and a unit.

use crate::Out;

/// `n / per` in three figures.
fn figures(out: &mut Out, n: u64, per: u64) {
    let part = |scale: u64| {
        let v = u128::from(n) * u128::from(scale) + u128::from(per / 2);
        u64::try_from(v.checked_div(u128::from(per)).unwrap_or(0)).unwrap_or(u64::MAX)
    };
    let (hundredths, tenths) = (part(100), part(10));
    if hundredths < 1000 {
        out.udec(hundredths / 100);
        out.byte(b'.');
        out.dec_pad(hundredths % 100, 2);
    } else if tenths < 1000 {
        out.udec(tenths / 10);
        out.byte(b'.');
        out.udec(tenths % 10);
    } else {
        out.udec(part(1));
    }
}

/// A duration in nanoseconds: `830 ns`, `12.4 µs`, `1.05 s`.
pub fn duration(out: &mut Out, ns: u64) {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, " s"), (1_000_000, " ms"), (1000, " µs")];
    // What would be shown as 1000 of a unit is 1.00 of the next.
    let unit = UNITS.iter().find(|u| ns >= u.0 - u.0 / 2000).filter(|_| ns >= 1000);
    match unit {
        Some(&(per, name)) => {
            figures(out, ns, per);
            out.str(name);
        }
        None => {
            out.udec(ns);
            out.str(" ns");
        }
    }
}

/// Quotient and remainder, by a divisor that is never 0 and that the compiler cannot see to be so.
fn parts(n: u64, per: u64) -> (u64, u64) {
    (n.checked_div(per).unwrap_or(0), n.checked_rem(per).unwrap_or(0))
}

/// A number of bytes: `812 B`, `1.21 KiB`, `64.0 MiB`.
pub fn bytes(out: &mut Out, n: u64) {
    const UNITS: [&str; 6] = [" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"];
    if n < 1024 {
        out.udec(n);
        return out.str(" B");
    }
    let mut per = 1024u64;
    for (i, name) in UNITS.iter().enumerate() {
        // Less than 999.5 of them.
        let (whole, rest) = parts(n, per);
        if whole < 999 || whole == 999 && rest < per / 2 || i == UNITS.len() - 1 {
            figures(out, n, per);
            return out.str(name);
        }
        per = per.saturating_mul(1024);
    }
}

/// 1234567 as 1,234,567.
pub fn grouped(out: &mut Out, n: u64) {
    let mut per = 1u64;
    while parts(n, per).0 >= 1000 {
        per *= 1000;
    }
    out.udec(parts(n, per).0);
    while per > 1 {
        let below = parts(n, per).1;
        per /= 1000;
        out.byte(b',');
        out.dec_pad(parts(below, per).0, 3);
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::string::String;

    fn text(show: fn(&mut Out, u64), n: u64) -> String {
        let mut buffer = [0u8; 32];
        let mut out = Out::new(&mut buffer);
        show(&mut out, n);
        assert!(!out.cut());
        String::from_utf8_lossy(out.bytes()).into_owned()
    }

    #[test]
    fn three_figures_and_the_right_unit() {
        let all = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1000, "1.00 µs"),
            (12_345, "12.3 µs"),
            (999_400, "999 µs"),
            (999_600, "1.00 ms"),
            (90_000_000_000, "90.0 s"),
            (u64::MAX, "18446744074 s"),
        ];
        for (ns, want) in all {
            assert_eq!(text(duration, ns), want);
        }
        for (n, want) in [
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (1_048_000, "1.00 MiB"),
            (1 << 30, "1.00 GiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(text(bytes, n), want);
        }
        for (n, want) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(text(grouped, n), want);
        }
        assert_eq!(text(grouped, u64::MAX), "18,446,744,073,709,551,615");
    }
}
