//! From a rule's table to a rule of one line.

use crate::{Error, Source, Table, Value, known, string};
use socklens_rules::fault::Kind;
use socklens_rules::nearest;
use std::fmt::Write as _;
use toml::de::DeValue;

/// Keys of a rule that are selectors.
const SELECTORS: &[&str] = &[
    "peer", "local", "addr", "port", "lport", "pport", "host", "role", "family", "type", "proto", "path", "fd", "conn",
    "comm", "exe", "pid", "tid", "thread", "lineage", "site", "stack", "sni-host", "sni", "nb", "state",
];
/// Keys of a rule and of `when` that are conditions.
const CONDITIONS: &[&str] =
    &["n", "p", "bytes", "t", "window", "every", "burst", "max", "once", "after", "until", "cond", "scope", "off"];
/// The other keys of a rule.
const OTHERS: &[&str] = &["name", "calls", "where", "when", "do", "at"];
/// Keys of an action that stand behind its value, in the order of the language.
const MODIFIERS: &[&str] = &["corr", "burst", "gap", "exit", "drain", "dir", "heal", "recipe"];

/// The rule of one line.
pub(crate) fn rule(source: Source<'_>, t: &Table<'_>, defaults: &Table<'_>, at: usize) -> Result<String, Error> {
    let words: Vec<&'static str> = [SELECTORS, CONDITIONS, OTHERS].concat();
    known(source, t, &words, "a rule has no")?;
    known(source, defaults, &words, "a rule has no")?;
    let get = |key: &str| t.get(key).or_else(|| defaults.get(key));
    let mut out = String::new();
    if let Some(v) = t.get("name") {
        out += &string(source, "name", v)?;
        out += " = ";
    }
    out += &match get("calls") {
        Some(v) => list(source, "calls", v, ",")?,
        None => "any".to_owned(),
    };
    if let Some(v) = get("at") {
        let _ = write!(out, " at={}", quoted(&string(source, "at", v)?));
    }
    for key in SELECTORS {
        let Some(v) = get(key) else { continue };
        let values = match v.get_ref() {
            DeValue::Array(a) => a.iter().map(|v| scalar(source, key, v)).collect::<Result<Vec<_>, _>>()?,
            _ => vec![scalar(source, key, v)?],
        };
        let values: Vec<String> = values.iter().map(|v| quoted(v)).collect();
        let _ = write!(out, " {key}={}", values.join("|"));
    }
    if let Some(v) = get("where") {
        let _ = write!(out, " ({})", string(source, "where", v)?);
    }
    match get("when") {
        None => {}
        Some(v) => match v.get_ref() {
            DeValue::Table(w) => {
                known(source, w, CONDITIONS, "there is no condition")?;
                conditions(source, &|key| w.get(key), &mut out)?;
            }
            _ => {
                let text = string(source, "when", v)?;
                out.push(' ');
                out += text.trim();
            }
        },
    }
    conditions(source, &get, &mut out)?;
    let Some(v) = get("do") else {
        return Err(source.error(at, "error: the rule does nothing: write do = \"reset\" or the like"));
    };
    let _ = write!(out, " : {}", actions(source, v)?);
    Ok(out)
}

fn conditions<'t, 's: 't>(
    source: Source<'_>,
    get: &dyn Fn(&str) -> Option<&'t Value<'s>>,
    out: &mut String,
) -> Result<(), Error> {
    for key in CONDITIONS {
        let Some(v) = get(key) else { continue };
        let word = if *key == "window" { "t" } else { key };
        match v.get_ref() {
            DeValue::Boolean(false) => {}
            DeValue::Boolean(true) => {
                let _ = write!(out, " @{word}");
            }
            _ => {
                let value = string(source, key, v)?;
                let _ = write!(out, " @{word}={}", value.trim());
            }
        }
    }
    Ok(())
}

/// The actions of `do`, or of a link: a string, a table, or a list of these; a list in the list is a sequence.
pub(crate) fn actions(source: Source<'_>, v: &Value<'_>) -> Result<String, Error> {
    match v.get_ref() {
        DeValue::String(s) => Ok(s.to_string()),
        DeValue::Table(t) => action(source, t, v.span().start),
        DeValue::Array(a) => {
            let one = |v: &Value<'_>| match v.get_ref() {
                DeValue::Array(steps) => {
                    let steps: Result<Vec<_>, _> = steps.iter().map(|s| actions(source, s)).collect();
                    Ok(steps?.join(" -> "))
                }
                _ => actions(source, v),
            };
            let all: Result<Vec<_>, _> = a.iter().map(one).collect();
            Ok(all?.join(", "))
        }
        _ => Err(source.error(v.span().start, "error: an action is a string or a table")),
    }
}

/// A table of actions: each with its value; what is no action modifies those before it.
fn action(source: Source<'_>, t: &Table<'_>, at: usize) -> Result<String, Error> {
    let mut actions: Vec<&'static str> = Kind::ALL.iter().map(|k| k.word()).collect();
    actions.extend(["link", "loss"]);
    let mut words = actions.clone();
    words.extend(MODIFIERS);
    words.extend(["lift", "times"]);
    let mut parts = Vec::new();
    for (key, v) in t {
        let name: &str = key.get_ref();
        if !words.contains(&name) {
            let advice = nearest(name, &words).map(|w| format!("; did you mean `{w}`?")).unwrap_or_default();
            return Err(source.error(key.span().start, format!("error: there is no action `{name}`{advice}")));
        }
        if !actions.contains(&name) {
            continue;
        }
        let word = if name == "loss" { "drop" } else { name };
        match v.get_ref() {
            DeValue::Boolean(true) => parts.push(word.to_owned()),
            DeValue::Boolean(false) => {}
            _ => parts.push(format!("{word} {}", string(source, name, v)?)),
        }
    }
    let modified = t.iter().any(|(key, _)| !actions.contains(&key.get_ref().as_ref()));
    let Some(first) = parts.first_mut() else {
        return Err(source.error(at, "error: there is no action here, such as { reset = true }"));
    };
    if modified {
        if t.iter().filter(|(key, _)| actions.contains(&key.get_ref().as_ref())).count() > 1 {
            return Err(source.error(at, "error: whose modifiers are these? Give each action a table of its own"));
        }
        for key in MODIFIERS {
            let Some(v) = t.get(*key) else { continue };
            match v.get_ref() {
                DeValue::Boolean(true) => *first += &format!(" {key}"),
                DeValue::Boolean(false) => {}
                _ if *key == "dir" => *first += &format!(" {}", string(source, key, v)?),
                _ => *first += &format!(" {key} {}", string(source, key, v)?),
            }
        }
        if t.get("lift").is_some_and(|v| matches!(v.get_ref(), DeValue::Boolean(true))) {
            first.push('!');
        }
        if let Some(v) = t.get("times") {
            *first = format!("{}*{first}", string(source, "times", v)?);
        }
    }
    Ok(parts.join(", "))
}

fn scalar(source: Source<'_>, key: &str, v: &Value<'_>) -> Result<String, Error> {
    match v.get_ref() {
        DeValue::Boolean(b) => Ok(u8::from(*b).to_string()),
        _ => string(source, key, v),
    }
}

fn list(source: Source<'_>, key: &str, v: &Value<'_>, comma: &str) -> Result<String, Error> {
    match v.get_ref() {
        DeValue::Array(a) => {
            let all: Result<Vec<_>, _> = a.iter().map(|v| string(source, key, v)).collect();
            Ok(all?.join(comma))
        }
        _ => string(source, key, v),
    }
}

/// A value in quotation marks.
fn quoted(value: &str) -> String {
    if !value.contains('"') {
        format!("\"{value}\"")
    } else if !value.contains('\'') {
        format!("'{value}'")
    } else {
        format!("\"{}\"", value.replace('"', "\\\""))
    }
}
