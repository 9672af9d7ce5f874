//! Files that are generated from the sources, and committed: written anew, or checked.

use crate::{coverage, header, man, noop, quantiles};
use std::path::Path;

/// One generated file.
#[derive(Clone, Copy, Debug)]
pub struct Generated {
    /// In the repository.
    pub path: &'static str,
    /// Its text, from the sources below the root.
    pub render: fn(&Path) -> Result<String, String>,
}

/// All of them.
pub const FILES: &[Generated] = &[
    Generated { path: "docs/coverage.md", render: |_| Ok(coverage::render()) },
    Generated { path: "include/socklens.h", render: header::text },
    Generated { path: "dist/noop/socklens_noop.c", render: noop::text },
    Generated { path: "crates/rules/src/fault/quantiles.rs", render: quantiles::render },
];

/// A directory that holds generated files alone (other directories in it are not looked at).
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    /// In the repository.
    pub dir: &'static str,
    /// Its files, from the sources below the root.
    pub render: fn(&Path) -> Result<man::Files, String>,
}

/// All of them.
pub const TREES: &[Tree] =
    &[Tree { dir: "docs/man", render: man::pages }, Tree { dir: "dist/completions", render: man::completions }];

/// A path in the repository, and what it should hold: None for a file that should not be there.
type Wanted = Vec<(String, Option<String>)>;

fn wanted(root: &Path) -> Result<Wanted, String> {
    let mut all = Wanted::new();
    for f in FILES {
        all.push((f.path.to_owned(), Some((f.render)(root)?)));
    }
    for Tree { dir, render } in TREES {
        let made = render(root)?;
        let there = std::fs::read_dir(root.join(dir)).into_iter().flatten().flatten().filter(|e| e.path().is_file());
        let there = there.map(|e| format!("{dir}/{}", e.file_name().to_string_lossy()));
        all.extend(there.filter(|p| made.iter().all(|(m, _)| m != p)).map(|p| (p, None)));
        all.extend(made.into_iter().map(|(path, text)| (path, Some(text))));
    }
    Ok(all)
}

/// Writes the files that are out of date, removes those that nothing makes any more, and names both.
pub fn write(root: &Path) -> Result<(), String> {
    for (name, text) in wanted(root)? {
        let path = root.join(&name);
        let failed = |e| format!("{}: {e}", path.display());
        match text {
            Some(text) if std::fs::read_to_string(&path).is_ok_and(|old| old == text) => {}
            Some(text) => {
                std::fs::create_dir_all(path.parent().unwrap_or(root)).map_err(failed)?;
                std::fs::write(&path, text).map_err(failed)?;
                println!("wrote {name}");
            }
            None => {
                std::fs::remove_file(&path).map_err(failed)?;
                println!("removed {name}");
            }
        }
    }
    Ok(())
}

/// Fails if a file is not what would be generated now.
pub fn check(root: &Path) -> Result<(), String> {
    let stale: Vec<String> = wanted(root)?
        .into_iter()
        .filter(|(path, text)| std::fs::read_to_string(root.join(path)).ok() != *text)
        .map(|(path, _)| path)
        .collect();
    if stale.is_empty() {
        Ok(())
    } else {
        Err(format!("out of date: {}; run cargo run -p xtask -- gen", stale.join(", ")))
    }
}
