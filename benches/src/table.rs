//! The results: a table for people, JSON for programs.

use crate::measure::Samples;
use std::fmt::Write;
use std::{fs, io};

/// How a value is to lie to its target.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    AtMost(f64),
    AtLeast(f64),
    /// Told for comparison, and may be less than one: a share of what there is without socklens, or of the same done by hand.
    Share,
    /// Told for comparison.
    None,
}

/// One result.
#[derive(Clone, Debug)]
pub struct Row {
    pub group: &'static str,
    pub what: String,
    pub unit: &'static str,
    pub target: Target,
    pub samples: Samples,
}

impl Row {
    fn ok(&self) -> Option<bool> {
        let v = self.samples.median();
        match self.target {
            Target::AtMost(limit) => Some(v <= limit),
            Target::AtLeast(limit) => Some(v >= limit),
            Target::Share | Target::None => None,
        }
    }
}

fn number(v: f64, unit: &str) -> String {
    let digits = match unit {
        "ratio" => 3,
        _ if v.abs() >= 1000.0 => 0,
        _ if v.abs() >= 100.0 => 1,
        _ => 2,
    };
    let sign = if unit == "ratio" { "x" } else { "" };
    format!("{v:.digits$}{sign}")
}

/// Puts a picture, if there is one, and `text` between the two marks of a document.
pub fn into_document(path: &str, picture: Option<&str>, text: &str) -> io::Result<()> {
    const MARKS: [&str; 2] = ["<!-- measured -->\n", "<!-- end -->"];
    let old = fs::read_to_string(path)?;
    let parts = old.split_once(MARKS[0]).and_then(|(a, rest)| Some((a, rest.split_once(MARKS[1])?.1)));
    let (before, after) = parts.ok_or_else(|| io::Error::other(format!("{path} has no place marked for the table")))?;
    let picture = picture.map_or_else(String::new, |file| format!("![What socklens and other tools cost]({file})\n\n"));
    fs::write(path, [before, MARKS[0], &picture, "```text\n", text, "```\n", MARKS[1], after].concat())
}

/// The rounds and the rows of an earlier result.
pub fn measured_before(path: &str) -> io::Result<(String, Vec<Row>)> {
    let wrong = || io::Error::other(format!("{path} is no result"));
    let v: serde_json::Value = serde_json::from_str(&fs::read_to_string(path)?).map_err(|_| wrong())?;
    // As long as the program runs.
    let kept = |v: &serde_json::Value| -> Option<&'static str> { Some(Box::leak(Box::from(v.as_str()?))) };
    let row = |r: &serde_json::Value| {
        let target = match (r["at_most"].as_f64(), r["at_least"].as_f64()) {
            (Some(v), _) => Target::AtMost(v),
            (_, Some(v)) => Target::AtLeast(v),
            _ => Target::None,
        };
        let samples = r["samples"].as_array()?.iter().map(|s| s.as_f64().unwrap_or(f64::NAN)).collect();
        let what = r["what"].as_str()?.to_owned();
        Some(Row { group: kept(&r["group"])?, what, unit: kept(&r["unit"])?, target, samples: Samples(samples) })
    };
    let rows: Option<Vec<Row>> = v["rows"].as_array().ok_or_else(wrong)?.iter().map(row).collect();
    let rounds = v["machine"]["rounds"].as_str().unwrap_or("?");
    Ok((rounds.to_owned(), rows.ok_or_else(wrong)?))
}

/// Earlier rows, with those of the groups that were measured anew in their places.
pub fn renewed(old: &[Row], new: &[Row]) -> Vec<Row> {
    let mut groups: Vec<&str> = Vec::new();
    for r in old.iter().chain(new) {
        if !groups.contains(&r.group) {
            groups.push(r.group);
        }
    }
    let of = |rows: &[Row], group| rows.iter().filter(|r| r.group == group).cloned().collect::<Vec<_>>();
    let latest = |group| Some(of(new, group)).filter(|rows| !rows.is_empty()).unwrap_or_else(|| of(old, group));
    groups.into_iter().flat_map(latest).collect()
}

/// What the machine is, and the table.
pub fn page(machine: &[(&str, String)], rows: &[Row]) -> String {
    let head: String = machine.iter().map(|(k, v)| format!("{k}: {v}\n")).collect();
    format!("{head}\n{}", text(rows))
}

/// The table.
fn text(rows: &[Row]) -> String {
    let head = ["", "target", "median", "min", "max", ""].map(str::to_owned);
    let mut lines: Vec<(Option<&str>, [String; 6])> = vec![(None, head)];
    let mut group = "";
    for r in rows {
        let unit = if r.unit == "ratio" { String::new() } else { format!(" {}", r.unit) };
        let target = match r.target {
            Target::AtMost(v) => format!("<= {}{unit}", number(v, r.unit)),
            Target::AtLeast(v) => format!(">= {}{unit}", number(v, r.unit)),
            Target::Share | Target::None => String::new(),
        };
        let verdict = match r.ok() {
            Some(true) => "ok",
            Some(false) => "MISSED",
            None => "",
        };
        let heading = (r.group != group).then_some(r.group);
        group = r.group;
        let s = &r.samples;
        let cell = |v| number(v, r.unit);
        lines.push((
            heading,
            [
                format!("  {}", r.what),
                target,
                format!("{}{unit}", cell(s.median())),
                cell(s.min()),
                cell(s.max()),
                verdict.to_owned(),
            ],
        ));
    }
    let mut width = [0; 6];
    for (_, cells) in &lines {
        for (w, c) in width.iter_mut().zip(cells) {
            *w = (*w).max(c.chars().count());
        }
    }
    let mut out = String::new();
    for (heading, cells) in &lines {
        if let Some(h) = heading {
            let _ = writeln!(out, "{h}");
        }
        let mut line = String::new();
        for (i, (c, w)) in cells.iter().zip(width).enumerate() {
            let _ = if i == 0 || i == 5 { write!(line, "{c:<w$}  ") } else { write!(line, "{c:>w$}  ") };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

fn quoted(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out + "\""
}

fn finite(v: f64) -> String {
    if v.is_finite() { format!("{v}") } else { "null".to_owned() }
}

pub fn json(machine: &[(&str, String)], rows: &[Row]) -> String {
    let machine: Vec<String> = machine.iter().map(|(k, v)| format!("    {}: {}", quoted(k), quoted(v))).collect();
    let rows: Vec<String> = rows
        .iter()
        .map(|r| {
            let (at_most, at_least) = match r.target {
                Target::AtMost(v) => (finite(v), "null".to_owned()),
                Target::AtLeast(v) => ("null".to_owned(), finite(v)),
                Target::Share | Target::None => ("null".to_owned(), "null".to_owned()),
            };
            let ok = r.ok().map_or("null".to_owned(), |ok| ok.to_string());
            let samples: Vec<String> = r.samples.0.iter().map(|&v| finite(v)).collect();
            let s = &r.samples;
            format!(
                "    {{\"group\": {}, \"what\": {}, \"unit\": {}, \"at_most\": {at_most}, \"at_least\": {at_least}, \
                 \"median\": {}, \"min\": {}, \"max\": {}, \"ok\": {ok}, \"samples\": [{}]}}",
                quoted(r.group),
                quoted(&r.what),
                quoted(r.unit),
                finite(s.median()),
                finite(s.min()),
                finite(s.max()),
                samples.join(", "),
            )
        })
        .collect();
    format!("{{\n  \"machine\": {{\n{}\n  }},\n  \"rows\": [\n{}\n  ]\n}}\n", machine.join(",\n"), rows.join(",\n"))
}
