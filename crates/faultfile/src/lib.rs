//! Fault rules in TOML files. A file is turned into rules of one line each, so that there is one language and one parser.
//!
//! ```toml
//! seed = 42
//! realism = "kernel"
//!
//! [profile.slow]                  # `link slow` in rules
//! latency = "300ms~50ms normal"
//! rate = "250kbit"
//!
//! [[rule]]
//! name = "db"
//! calls = ["out"]
//! peer = "10.0.0.0/8:5432"
//! when = { p = "2%", max = 20 }
//! do = [{ short = "1..64" }, "error ECONNRESET"]
//! ```
#![deny(missing_docs, missing_debug_implementations)]

mod table;
mod text;

use socklens_rules::fault::{Extras, FaultBlock, Realism};
use socklens_rules::{SyntaxError, nearest};
use std::fmt;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use table::read as read_table;

/// What is wrong with a file, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// Line in the file, from 1; 0 when the fault is in no line.
    pub line: usize,
    /// What is wrong, and what would be right; may have several lines.
    pub what: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Error {}

/// A rule of a file, in the language of one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Where it begins in the file.
    pub line: usize,
    /// The rule.
    pub text: String,
}

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Document {
    /// What draws depend on.
    pub seed: Option<u64>,
    /// How far faults may leave what the kernel does.
    pub realism: Option<Realism>,
    /// Links: names and actions.
    pub links: Vec<(String, String)>,
    /// The rules, in order.
    pub rules: Vec<Line>,
    /// Where tables of times are looked for.
    dir: PathBuf,
}

type Table<'a> = DeTable<'a>;
type Value<'a> = Spanned<DeValue<'a>>;

/// Turns places of the source into lines.
#[derive(Clone, Copy)]
struct Source<'a>(&'a str);

impl Source<'_> {
    fn line(self, at: usize) -> usize {
        self.0.bytes().take(at).filter(|b| *b == b'\n').count() + 1
    }

    fn error(self, at: usize, what: impl Into<String>) -> Error {
        Error { line: self.line(at), what: what.into() }
    }
}

const TOP: &[&str] = &["seed", "realism", "profile", "link", "rule", "rules", "defaults"];

impl Document {
    /// Reads a file's text. Tables of times are looked for in `dir`.
    pub fn parse(text: &str, dir: &Path) -> Result<Document, Error> {
        let source = Source(text);
        let parsed = DeTable::parse(text);
        let top = parsed.map_err(|e| {
            let at = e.span().map_or(0, |s| s.start);
            source.error(at, format!("error: {}", e.message().trim_end()))
        })?;
        let top = top.get_ref();
        let mut doc = Document { dir: dir.to_owned(), ..Document::default() };
        known(source, top, TOP, "there is no")?;
        if let Some(v) = top.get("seed") {
            doc.seed = Some(seed(source, v)?);
        }
        if let Some(v) = top.get("realism") {
            let word = string(source, "realism", v)?;
            let realism = Realism::by_word(word.as_bytes());
            doc.realism = Some(realism.ok_or_else(|| {
                source.error(v.span().start, format!("error: unknown realism `{word}`: kernel, posix or any"))
            })?);
        }
        for key in ["profile", "link"] {
            let Some(v) = top.get(key) else { continue };
            for (name, link) in table(source, key, v)? {
                let actions = text::actions(source, link)?;
                check_link(source, name.get_ref(), &actions, link, dir)?;
                doc.links.push((name.get_ref().to_string(), actions));
            }
        }
        let none = Table::new();
        let defaults = match top.get("defaults") {
            Some(v) => table(source, "defaults", v)?,
            None => &none,
        };
        for key in ["rule", "rules"] {
            let Some(v) = top.get(key) else { continue };
            let DeValue::Array(list) = v.get_ref() else {
                return Err(source.error(v.span().start, format!("error: `{key}` is a list: begin each with [[rule]]")));
            };
            for rule in list.iter() {
                let line = source.line(rule.span().start);
                let text = match rule.get_ref() {
                    DeValue::String(s) => s.to_string(),
                    DeValue::Table(t) => text::rule(source, t, defaults, rule.span().start)?,
                    _ => return Err(source.error(rule.span().start, "error: a rule is a table or a string")),
                };
                doc.rules.push(Line { line, text });
            }
        }
        Ok(doc)
    }

    /// Adds the rules to a block, whose realism is set already; adds none if one of them is wrong.
    pub fn add_to(&self, block: &mut FaultBlock) -> Result<(), Error> {
        let before = block.mark();
        for rule in &self.rules {
            if let Err(e) = self.add_one(block, &rule.text) {
                block.restore(before);
                return Err(Error { line: rule.line, what: rendered(&e, &rule.text) });
            }
        }
        Ok(())
    }

    /// Adds a rule of one line that may name the document's links.
    pub fn add_one(&self, block: &mut FaultBlock, rule: &str) -> Result<(), SyntaxError> {
        let links: Vec<(&str, &str)> = self.links.iter().map(|(n, a)| (n.as_str(), a.as_str())).collect();
        let tables = |name: &str, put: &mut dyn FnMut(i16)| table::read(&self.dir, name, put);
        block.add(rule, &Extras { links: &links, table: Some(&tables) })
    }
}

/// A syntax error as a person sees it.
pub fn rendered(e: &SyntaxError, source: &str) -> String {
    let mut out = Vec::new();
    e.render(source, &mut |b| out.extend_from_slice(b));
    String::from_utf8_lossy(&out).trim_end().to_owned()
}

/// Tries a link by itself, so that its faults are shown where it stands.
fn check_link(source: Source<'_>, name: &str, actions: &str, at: &Value<'_>, dir: &Path) -> Result<(), Error> {
    let word = |b: char| b.is_ascii_alphanumeric() || "_-".contains(b);
    if name.is_empty() || !name.chars().all(word) {
        return Err(
            source.error(at.span().start, format!("error: `{name}` cannot be a link's name: letters, digits, _ and -"))
        );
    }
    let mut block = Box::new(FaultBlock::new());
    let tables = |name: &str, put: &mut dyn FnMut(i16)| table::read(dir, name, put);
    let rule = format!("stream,dgram : {actions}");
    let tried = block.add(&rule, &Extras { links: &[], table: Some(&tables) });
    tried.map_err(|e| source.error(at.span().start, rendered(&e, &rule)))
}

fn known(source: Source<'_>, t: &Table<'_>, words: &[&'static str], what: &str) -> Result<(), Error> {
    for (key, _) in t {
        let name: &str = key.get_ref();
        if !words.contains(&name) {
            let advice = nearest(name, words).map(|w| format!("; did you mean `{w}`?")).unwrap_or_default();
            return Err(source.error(key.span().start, format!("error: {what} `{name}`{advice}")));
        }
    }
    Ok(())
}

fn table<'t, 's>(source: Source<'_>, key: &str, v: &'t Value<'s>) -> Result<&'t Table<'s>, Error> {
    match v.get_ref() {
        DeValue::Table(t) => Ok(t),
        _ => Err(source.error(v.span().start, format!("error: `{key}` is a table"))),
    }
}

fn string(source: Source<'_>, key: &str, v: &Value<'_>) -> Result<String, Error> {
    match v.get_ref() {
        DeValue::String(s) => Ok(s.to_string()),
        DeValue::Integer(n) => Ok(n.as_str().to_owned()),
        DeValue::Float(n) => Ok(n.as_str().to_owned()),
        _ => Err(source.error(v.span().start, format!("error: `{key}` is a string"))),
    }
}

fn seed(source: Source<'_>, v: &Value<'_>) -> Result<u64, Error> {
    let text = string(source, "seed", v)?;
    parse_seed(&text)
        .ok_or_else(|| source.error(v.span().start, format!("error: `{text}` is no seed: a number up to 2^64")))
}

/// A seed: decimal, or hexadecimal with 0x.
pub fn parse_seed(text: &str) -> Option<u64> {
    let text = text.trim().replace('_', "");
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}
