//! The tables from which the fault engine draws times: it has no floating point, so the inverse distribution functions are
//! computed here.

use std::path::Path;

/// Steps of a table; the draws between two entries are interpolated.
const STEPS: usize = 512;
/// Entries are in these parts of the standard deviation.
const UNIT: f64 = 65536.0;
/// The last entries stand for the end of the tail, which is cut where the rarest of these many draws lies.
const RAREST: f64 = 8192.0;

/// The normal distribution function, by the series around 0 and the continued fraction far out.
fn normal_cdf(x: f64) -> f64 {
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if x.abs() < 5.0 {
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while term.abs() > 1e-17 {
            n += 2.0;
            term *= x * x / n;
            sum += term;
        }
        return 0.5 + density * sum;
    }
    let tail = density / (x.abs() + 1.0 / (x.abs() + 2.0 / x.abs()));
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Its inverse, by bisection.
fn normal(q: f64) -> f64 {
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..80 {
        let mid = (low + high) / 2.0;
        if normal_cdf(mid) < q { low = mid } else { high = mid }
    }
    (low + high) / 2.0
}

/// Pareto with exponent 3, moved and scaled to mean 0 and standard deviation 1.
fn pareto(q: f64) -> f64 {
    ((1.0 - q).powf(-1.0 / 3.0) - 1.5) / 0.75f64.sqrt()
}

/// A quarter normal and three quarters pareto, scaled likewise.
fn pareto_normal(q: f64) -> f64 {
    0.25 * normal(q) + 0.75 * pareto(q)
}

/// Exponential, moved to mean 0.
fn exponential(q: f64) -> f64 {
    -(1.0 - q).ln() - 1.0
}

/// The quantiles, moved and scaled so that the table itself, interpolated, has mean 0 and deviation 1 again.
fn table(inverse: fn(f64) -> f64) -> Vec<i64> {
    let edge = 1.0 / RAREST;
    let raw: Vec<f64> = (0..=STEPS).map(|i| inverse((i as f64 / STEPS as f64).clamp(edge, 1.0 - edge))).collect();
    let pieces = || raw.windows(2).map(|w| (w[0], w[1]));
    let n = STEPS as f64;
    let mean = pieces().map(|(a, b)| (a + b) / 2.0).sum::<f64>() / n;
    let square = pieces().map(|(a, b)| (a * a + a * b + b * b) / 3.0).sum::<f64>() / n;
    let deviation = (square - mean * mean).sqrt();
    raw.iter().map(|x| ((x - mean) / deviation * UNIT).round() as i64).collect()
}

/// The file's text.
pub fn render(_: &Path) -> Result<String, String> {
    let mut out = String::from(
        "//! Quantiles of the distributions of times, in 1/65536 of the standard deviation, with mean 0. Written by\n\
         //! `cargo run -p xtask -- gen`.\n",
    );
    let all: [(&str, fn(f64) -> f64); 4] =
        [("NORMAL", normal), ("PARETO", pareto), ("PARETO_NORMAL", pareto_normal), ("EXP", exponential)];
    for (name, inverse) in all {
        let values = table(inverse);
        out += &format!("\n#[rustfmt::skip]\npub(crate) static {name}: [i32; {}] = [\n", values.len());
        for row in values.chunks(12) {
            let row: Vec<String> = row.iter().map(i64::to_string).collect();
            out += &format!("    {},\n", row.join(", "));
        }
        out += "];\n";
    }
    Ok(out)
}
