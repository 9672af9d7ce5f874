//! include/socklens.h, from the C API's source; and the header's functions, for what is made from them.

use std::path::Path;

/// One function of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its declaration, with the semicolon.
    pub prototype: String,
    /// Its comment, without the decoration.
    pub comment: String,
    /// What it returns in a process that is not recorded.
    pub idle: Idle,
}

/// What a function of the header does in a process that is not recorded: the sentence "Not active: ..." of its comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idle {
    /// `Not active: does nothing.`
    Nothing,
    /// `Not active: returns VALUE.`
    Returns(String),
    /// `Not active: returns VALUE with errno NAME.`
    Fails(String, String),
}

/// The header's text. Fails when a comment lacks what every function's comment must say.
pub fn text(root: &Path) -> Result<String, String> {
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    config.after_includes = config.after_includes.map(|t| versions(&t)).transpose()?;
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_src(root.join("crates/inside/src/capi.rs"))
        .with_src(root.join("src/cold/api.rs"))
        .generate()
        .map_err(|e| format!("cbindgen: {e}"))?;
    let mut out = Vec::new();
    bindings.write(&mut out);
    let text = String::from_utf8(out).map_err(|e| e.to_string())?;
    functions(&text)?;
    Ok(text)
}

/// Puts this workspace's version into a text.
fn versions(text: &str) -> Result<String, String> {
    let version = env!("CARGO_PKG_VERSION");
    let mut parts = version.split(['.', '-']);
    let mut next = || parts.next().ok_or(format!("the version {version} is not like 1.2.3"));
    Ok(text
        .replace("@VERSION@", version)
        .replace("@MAJOR@", next()?)
        .replace("@MINOR@", next()?)
        .replace("@PATCH@", next()?))
}

/// The functions that a header's text declares, in its order.
pub fn functions(text: &str) -> Result<Vec<Function>, String> {
    let mut found = Vec::new();
    for block in text.split("/**").skip(1) {
        let Some((comment, rest)) = block.split_once("*/") else { continue };
        let rest = rest.trim_start();
        let Some((declaration, _)) = rest.split_once(';') else { continue };
        let Some((before, _)) = declaration.split_once('(') else { continue };
        if rest.starts_with('#') || declaration.contains('{') || rest.starts_with("typedef") {
            continue;
        }
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        let lines = comment.lines().map(|l| l.trim().trim_start_matches('*').trim());
        let comment = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
        let idle = complete(&comment).map_err(|e| format!("src/cold/api.rs: the comment of {name} {e}"))?;
        found.push(Function { name: name.to_owned(), prototype: format!("{declaration};"), comment, idle });
    }
    if found.is_empty() { Err("the header declares no function".to_owned()) } else { Ok(found) }
}

/// Whether a comment says all it must; what happens in a process that is not recorded.
fn complete(comment: &str) -> Result<Idle, String> {
    let flat = comment.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = flat.to_lowercase();
    for (words, what) in [
        (&["thread-safe"][..], "whether it is thread-safe"),
        (&["async-signal-safe"][..], "whether it is async-signal-safe"),
        (&["errno", "never fails"][..], "its errors (errno ..., or: Never fails)"),
    ] {
        if !words.iter().any(|w| lower.contains(w)) {
            return Err(format!("does not say {what}"));
        }
    }
    let needed = "has no sentence `Not active: does nothing.`, `Not active: returns VALUE.` or \
                  `Not active: returns VALUE with errno NAME.`";
    let (_, sentence) = flat.split_once("Not active: ").ok_or(needed)?;
    let sentence = sentence.split_once(". ").map_or(sentence, |(s, _)| s).trim_end_matches('.').replace('`', "");
    if sentence == "does nothing" {
        return Ok(Idle::Nothing);
    }
    let value = sentence.strip_prefix("returns ").ok_or(needed)?;
    Ok(match value.split_once(" with errno ") {
        Some((value, errno)) => Idle::Fails(value.to_owned(), errno.to_owned()),
        None => Idle::Returns(value.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMENT: &str = "/** Says it.\n * Thread-safe; async-signal-safe. Never fails. Not active: returns 0. */\n";

    #[test]
    fn functions_are_found_and_nothing_else() {
        let text = format!(
            "#define A 1\n/** A type. */\ntypedef struct {{ int x; }} t;\n{COMMENT}int socklens_a(const t *x,\n   int y);\n"
        );
        let found = functions(&text).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "socklens_a");
        assert_eq!(found[0].idle, Idle::Returns("0".into()));
        assert!(found[0].prototype.ends_with("int y);"));
    }

    #[test]
    fn a_comment_that_leaves_something_out_is_refused() {
        for gone in ["Thread-safe; ", "async-signal-safe", "Never fails.", "Not active: returns 0."] {
            let text = format!("{}int socklens_a(void);", COMMENT.replace(gone, ""));
            let e = functions(&text).unwrap_err();
            assert!(e.contains("socklens_a"), "{gone}: {e}");
        }
    }

    #[test]
    fn the_idle_sentence_has_three_forms() {
        let with = |s: &str| complete(&format!("Thread-safe; async-signal-safe; errno. Not active: {s}"));
        assert_eq!(with("does nothing. More."), Ok(Idle::Nothing));
        assert_eq!(with("returns -1 with errno\nENOTCONN."), Ok(Idle::Fails("-1".into(), "ENOTCONN".into())));
        assert!(with("fails.").is_err());
    }
}
