//! Writes crates/decode/src/xlat/*.rs from crates/decode/xlat.in, asking the C compiler for the values.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// One table of xlat.in.
#[derive(Debug, Default, Clone)]
pub struct Table {
    pub file: String,
    pub name: String,
    pub doc: String,
    pub includes: Vec<String>,
    pub flags: bool,
    pub strip: String,
    pub text: String,
    pub entries: Vec<Entry>,
}

/// One constant of a table.
#[derive(Debug, Clone)]
pub struct Entry {
    pub name: String,
    /// An enumerator: there is no macro to test for.
    pub is_enum: bool,
    /// Used where the headers do not have the name.
    pub fallback: Option<String>,
    /// The fallback wins over the headers.
    pub forced: bool,
}

/// A constant with its value; the text is what the table shows.
pub type Row = (u64, String);

/// Reads xlat.in.
pub fn parse(input: &str) -> Result<Vec<Table>, String> {
    let mut tables: Vec<Table> = Vec::new();
    let (mut file, mut includes, mut fresh) = (String::new(), Vec::new(), true);
    for (n, line) in input.lines().enumerate() {
        let line = line.trim();
        let bad = |what: &str| format!("xlat.in:{}: {what}: {line}", n + 1);
        if let Some(f) = line.strip_prefix("== ") {
            file = f.to_string();
        } else if line.starts_with("#include ") {
            if !fresh {
                includes.clear();
            }
            fresh = true;
            includes.push(line.to_string());
        } else if line.is_empty() || line.starts_with('#') {
        } else if let Some(rest) = line.strip_prefix('[') {
            fresh = false;
            let (head, doc) = rest.split_once('|').ok_or_else(|| bad("no doc"))?;
            let (name, opts) = head.split_once(']').ok_or_else(|| bad("no ]"))?;
            let mut t = Table {
                file: file.clone(),
                name: name.into(),
                doc: doc.trim().into(),
                includes: includes.clone(),
                ..Table::default()
            };
            for opt in opts.split_whitespace() {
                match opt.split_once('=') {
                    None if opt == "flags" => t.flags = true,
                    Some(("strip", v)) => t.strip = v.into(),
                    Some(("text", v)) => t.text = v.into(),
                    _ => return Err(bad("unknown option")),
                }
            }
            tables.push(t);
        } else {
            let t = tables.last_mut().ok_or_else(|| bad("no table"))?;
            for token in line.split_whitespace() {
                t.entries.push(match token.split_once('=') {
                    Some((name, v)) => Entry {
                        name: name.trim_end_matches(':').into(),
                        is_enum: false,
                        fallback: Some(v.into()),
                        forced: name.ends_with(':'),
                    },
                    None => Entry {
                        name: token.trim_end_matches('!').into(),
                        is_enum: token.ends_with('!'),
                        fallback: None,
                        forced: false,
                    },
                });
            }
        }
    }
    Ok(tables)
}

fn shown(t: &Table, e: &Entry) -> String {
    e.name.strip_prefix(t.strip.as_str()).unwrap_or(&e.name).replace('~', " ")
}

/// The values of a table. With `strict`, a name that has neither a header nor a fallback is an error; otherwise it is left out.
pub fn evaluate(t: &Table, strict: bool, use_fallback: bool, dir: &Path) -> Result<Vec<Row>, String> {
    let mut c =
        String::from("#define _GNU_SOURCE 1\n#include <stdio.h>\n#include <stdint.h>\n#include <sys/socket.h>\n");
    for i in &t.includes {
        let header = i.trim_start_matches("#include").trim();
        if strict {
            let _ = writeln!(c, "{i}");
        } else {
            let _ = writeln!(c, "#if __has_include({header})\n{i}\n#endif");
        }
    }
    let text = if t.text.is_empty() { "0" } else { &t.text };
    let _ = writeln!(
        c,
        "static void say(const char *n, long long v) {{ const char *t = (const char *)({text}); printf(\"%s\\t%llu\\t%s\\n\", n, (unsigned long long)v, t ? t : \"\"); }}"
    );
    c.push_str("int main(void) {\n");
    for e in &t.entries {
        let say = |v: &str| format!("say(\"{}\", (long long)({v}));\n", e.name);
        let fallback = match &e.fallback {
            Some(v) if use_fallback => say(v),
            _ => String::new(),
        };
        if e.forced {
            c.push_str(&fallback);
        } else if e.is_enum {
            c.push_str(&say(&e.name));
        } else {
            let _ = write!(c, "#ifdef {}\n{}#else\n{fallback}#endif\n", e.name, say(&e.name));
        }
    }
    c.push_str("return 0; }\n");
    let exe = dir.join(format!("xlat-{}", t.name));
    let mut cc = Command::new("cc")
        .args(["-w", "-x", "c", "-o"])
        .arg(&exe)
        .arg("-")
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|e| format!("cc: {e}"))?;
    if let Some(mut pipe) = cc.stdin.take() {
        pipe.write_all(c.as_bytes()).map_err(|e| format!("cc: {e}"))?;
    }
    if !cc.wait().map_err(|e| format!("cc: {e}"))?.success() {
        return Err(format!("[{}]: the C compiler refused it", t.name));
    }
    let out = Command::new(&exe).env("LC_ALL", "C").output().map_err(|e| format!("[{}]: {e}", t.name))?;
    let _ = std::fs::remove_file(&exe);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let mut rows: Vec<Row> = Vec::new();
    for e in &t.entries {
        let line = said.lines().find_map(|l| {
            let mut f = l.splitn(3, '\t');
            (f.next() == Some(e.name.as_str())).then(|| (f.next().unwrap_or(""), f.next().unwrap_or("")))
        });
        match line {
            Some((v, text)) => {
                let v: u64 = v.parse().map_err(|_| format!("[{}]: {} has no number", t.name, e.name))?;
                let known = rows.iter().any(|r| r.0 == v);
                if t.flags || !known {
                    rows.push((v, if t.text.is_empty() { shown(t, e) } else { text.to_string() }));
                }
            }
            None if strict => return Err(format!("[{}]: {} is in no header", t.name, e.name)),
            None => {}
        }
    }
    if !t.flags {
        rows.sort_by_key(|r| r.0);
    }
    Ok(rows)
}

/// The Rust text of one file of tables. A table's number is its place among all of them.
pub fn render(file: &str, tables: &[(Table, Vec<Row>)]) -> String {
    let mut s = String::from(
        "//! Written by `cargo run -p xtask -- xlat` from crates/decode/xlat.in; edit that.\n\nuse super::{Rows, Xlat};\n",
    );
    let mut all = String::new();
    for (n, (t, rows)) in tables.iter().enumerate().filter(|(_, (t, _))| t.file == file) {
        let _ = write!(
            s,
            "\n/// {}\npub const {name}: Xlat = Xlat({n});\nconst {name}_ROWS: Rows = &[\n",
            t.doc,
            name = t.name
        );
        for (v, name) in rows {
            let v = if t.flags || *v > 0xffff { format!("{v:#x}") } else { v.to_string() };
            let _ = writeln!(s, "    ({v}, {name:?}),");
        }
        s.push_str("];\n");
        let _ = write!(all, "{}_ROWS, ", t.name);
    }
    let _ = write!(
        s,
        "\n/// The tables of this file, in the order of their numbers.\npub(super) const ALL: &[Rows] = &[{all}];\n"
    );
    s
}

/// Writes every file; the root is the repository.
pub fn generate(root: &Path) -> Result<(), String> {
    let input = std::fs::read_to_string(root.join("crates/decode/xlat.in")).map_err(|e| format!("xlat.in: {e}"))?;
    let mut done = Vec::new();
    let mut wrong = Vec::new();
    for t in parse(&input)? {
        match evaluate(&t, true, true, &std::env::temp_dir()) {
            Ok(rows) => done.push((t, rows)),
            Err(e) => wrong.push(e),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong.join("\nxtask: "));
    }
    let mut files: Vec<String> = done.iter().map(|(t, _)| t.file.clone()).collect();
    files.dedup();
    for f in files {
        let path = root.join("crates/decode/src/xlat").join(&f);
        std::fs::write(&path, render(&f, &done)).map_err(|e| format!("{}: {e}", path.display()))?;
        let _ = Command::new("rustfmt").args(["--edition", "2024"]).arg(&path).status();
    }
    Ok(())
}
