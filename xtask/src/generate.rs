//! Files that are generated from the sources, and committed: written anew, or checked.

use crate::{coverage, header, quantiles};
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
    Generated { path: "crates/rules/src/fault/quantiles.rs", render: quantiles::render },
];

/// Writes the files that are out of date, and names them.
pub fn write(root: &Path) -> Result<(), String> {
    for f in FILES {
        let path = root.join(f.path);
        let text = (f.render)(root)?;
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("wrote {}", f.path);
    }
    Ok(())
}

/// Fails if a file is not what would be generated now.
pub fn check(root: &Path) -> Result<(), String> {
    let mut stale = Vec::new();
    for f in FILES {
        if std::fs::read_to_string(root.join(f.path)).ok() != Some((f.render)(root)?) {
            stale.push(f.path);
        }
    }
    if stale.is_empty() {
        Ok(())
    } else {
        Err(format!("out of date: {}; run cargo run -p xtask -- gen", stale.join(", ")))
    }
}
