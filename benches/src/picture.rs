//! The picture of the results: bars on a logarithmic scale, as SVG.

use crate::table::Row;
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 250.0;
const RIGHT: f64 = 90.0;
const BAR: f64 = 22.0;

/// Bars of one group: what, and how long.
struct Chart<'a> {
    title: &'a str,
    unit: &'a str,
    bars: Vec<(String, f64)>,
    /// Powers of ten shown, or a plain scale up to one.
    decades: Option<(i32, i32)>,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Chart<'_> {
    fn height(&self) -> f64 {
        62.0 + self.bars.len() as f64 * BAR
    }

    fn x(&self, v: f64) -> f64 {
        let share = match self.decades {
            Some((from, to)) => (v.max(10f64.powi(from)).log10() - f64::from(from)) / f64::from(to - from),
            None => v,
        };
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn draw(&self, top: f64, out: &mut String) {
        let bottom = top + 34.0 + self.bars.len() as f64 * BAR;
        let _ = writeln!(out, "<text class=\"title\" x=\"12\" y=\"{}\">{}</text>", top + 18.0, escaped(self.title));
        let marks: Vec<(f64, String)> = match self.decades {
            Some((from, to)) => (from..=to).map(|d| (10f64.powi(d), label(10f64.powi(d), self.unit))).collect(),
            None => (0..=4).map(|q| (f64::from(q) / 4.0, format!("{} %", q * 25))).collect(),
        };
        for (v, text) in marks {
            let x = self.x(v);
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\"/>\
                 <text class=\"mark\" x=\"{x:.1}\" y=\"{:.1}\">{text}</text>",
                top + 28.0,
                bottom + 16.0
            );
        }
        for (i, (name, v)) in self.bars.iter().enumerate() {
            let y = top + 32.0 + i as f64 * BAR;
            let class = if name.contains("socklens") || name.contains("library") { "ours" } else { "other" };
            let value = if self.decades.is_some() { label(*v, self.unit) } else { format!("{:.0} %", v * 100.0) };
            let _ = writeln!(
                out,
                "<text class=\"name\" x=\"{}\" y=\"{:.1}\">{}</text>\
                 <rect class=\"{class}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{}\"/>\
                 <text class=\"value\" x=\"{:.1}\" y=\"{:.1}\">{value}</text>",
                LEFT - 8.0,
                y + 13.0,
                escaped(name),
                (self.x(*v) - LEFT).max(1.0),
                BAR - 6.0,
                self.x(*v) + 6.0,
                y + 13.0
            );
        }
    }
}

fn label(v: f64, unit: &str) -> String {
    match v {
        // It was as fast as without.
        v if v <= 0.0 => "nothing".to_owned(),
        v if unit == "ns" && v >= 1000.0 => format!("{} µs", digits(v / 1000.0)),
        v => format!("{} {unit}", digits(v)),
    }
}

fn digits(v: f64) -> String {
    if v >= 10.0 || v == v.round() { format!("{v:.0}") } else { format!("{v:.1}") }
}

/// The picture of those groups that were measured, with a line about the machine; None when there are none.
pub fn svg(machine: &[(&str, String)], rows: &[Row]) -> Option<String> {
    let mut charts = Vec::new();
    let of = |begin: &str| -> Vec<&Row> { rows.iter().filter(|r| r.group.starts_with(begin)).collect() };
    let peers: Vec<_> = of("Beside other tools").iter().map(|r| (r.what.clone(), r.samples.median())).collect();
    if let Some(most) = peers.iter().map(|p| p.1).reduce(f64::max) {
        charts.push(Chart {
            title: "Added to one send or recv of 64 bytes (logarithmic)",
            unit: "ns",
            bars: peers.into_iter().skip(1).collect(),
            decades: Some((0, most.max(10.0).log10().ceil() as i32)),
        });
    }
    let real: Vec<_> = of("Real servers").into_iter().filter(|r| r.unit == "ratio").collect();
    if !real.is_empty() {
        let bars = real.iter().map(|r| (r.what.trim_end_matches(", of alone").to_owned(), r.samples.median()));
        charts.push(Chart {
            title: "Requests a second of real servers, of what they do alone",
            unit: "",
            bars: bars.map(|(name, v)| (short(&name), v)).collect(),
            decades: None,
        });
    }
    if charts.is_empty() {
        return None;
    }
    let height: f64 = charts.iter().map(Chart::height).sum::<f64>() + 34.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" \
         height=\"{height:.0}\" role=\"img\" aria-label=\"What socklens and other tools cost\">\n<style>\
         text{{font:12px sans-serif;fill:#222}}.title{{font-weight:bold;font-size:14px}}.name{{text-anchor:end}}\
         .mark,.foot{{fill:#666;font-size:11px}}.mark{{text-anchor:middle}}.grid{{stroke:#ddd}}.ours{{fill:#1b7f5c}}\
         .other{{fill:#b0b0b8}}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let mut top = 6.0;
    for c in &charts {
        c.draw(top, &mut out);
        top += c.height();
    }
    let about = |key: &str| machine.iter().find(|m| m.0 == key).map_or("", |m| m.1.as_str());
    let foot = format!("{}; {}; load {}; {} rounds", about("date"), about("processor"), about("load"), about("rounds"));
    let _ = writeln!(out, "<text class=\"foot\" x=\"12\" y=\"{:.0}\">{}</text>\n</svg>", height - 10.0, escaped(&foot));
    Some(out)
}

/// `redis, GET by 16 clients: socklens run` without how it is asked.
fn short(name: &str) -> String {
    let (program, way) = name.split_once(": ").unwrap_or((name, ""));
    format!("{}: {way}", program.split(',').next().unwrap_or(program))
}
