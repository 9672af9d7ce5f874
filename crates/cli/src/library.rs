//! Finding libsocklens.so: beside the command, or where the environment says.

use anyhow::{Result, bail};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Overrides the search.
pub const VARIABLE: &str = "SOCKLENS_LIBRARY";

/// The library's path, absolute.
pub fn find() -> Result<PathBuf> {
    if let Some(given) = std::env::var_os(VARIABLE).filter(|v| !v.is_empty()) {
        let path = PathBuf::from(&given);
        let path = path.canonicalize().unwrap_or(path);
        if !path.is_file() {
            bail!("{VARIABLE} names {}, which is not a file: set it to the path of libsocklens.so", path.display());
        }
        return usable(path);
    }
    let exe = std::env::current_exe()?;
    let dir = exe.parent().unwrap_or(Path::new("/"));
    match search(dir) {
        Some(path) => usable(path),
        None => bail!(
            "libsocklens.so was not found beside {} nor in ../lib or ../lib64: install it there, or set {VARIABLE} to its path",
            exe.display()
        ),
    }
}

fn search(dir: &Path) -> Option<PathBuf> {
    let multiarch = format!("../lib/{}-linux-gnu", std::env::consts::ARCH);
    for place in ["../lib", "../lib/socklens", multiarch.as_str(), "../lib64", "../lib64/socklens", "."] {
        let place = dir.join(place);
        let plain = place.join("libsocklens.so");
        if plain.is_file() {
            return plain.canonicalize().ok();
        }
        // Without the development link only the versioned name is installed.
        let versioned = std::fs::read_dir(&place).ok().into_iter().flatten().flatten().map(|e| e.file_name());
        if let Some(name) = versioned.filter(is_versioned).max() {
            return place.join(name).canonicalize().ok();
        }
    }
    None
}

fn is_versioned(name: &OsString) -> bool {
    name.as_bytes().starts_with(b"libsocklens.so.")
}

/// LD_PRELOAD splits its value at spaces and colons, and knows no escape.
fn usable(path: PathBuf) -> Result<PathBuf> {
    if path.as_os_str().as_bytes().iter().any(|b| matches!(b, b' ' | b':' | b'\t' | b'\n')) {
        bail!(
            "{} cannot be preloaded: LD_PRELOAD splits at spaces and colons. Move it to a path without them",
            path.display()
        );
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installed_and_built_layouts_are_found() {
        let root = std::env::temp_dir().join(format!("socklens-library-{}", std::process::id()));
        for (bin, lib) in [("usr/bin", "usr/lib/libsocklens.so.0"), ("release", "release/libsocklens.so")] {
            let bin = root.join(bin);
            let lib = root.join(lib);
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::create_dir_all(lib.parent().unwrap()).unwrap();
            assert_eq!(search(&bin), None);
            std::fs::write(&lib, "").unwrap();
            assert_eq!(search(&bin), lib.canonicalize().ok());
        }
        std::fs::remove_dir_all(root).unwrap();
        assert!(usable(PathBuf::from("/a b/libsocklens.so")).is_err());
    }
}
