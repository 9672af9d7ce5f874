//! The program's environment: LD_PRELOAD with our library in it, the session, and what -E asks for.

use crate::probe::{Elf, is_sanitizer};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Names the session's segment to the library.
pub const SESSION: &str = "SOCKLENS_SESSION";
const PRELOAD: &str = "LD_PRELOAD";

/// Changes to the environment: a value, or its removal.
pub type Changes = BTreeMap<OsString, Option<OsString>>;

/// What -E asks for.
pub fn asked(vars: &[OsString]) -> Result<Changes, String> {
    let mut changes = Changes::new();
    for v in vars {
        let bytes = v.as_bytes();
        let (name, value) = match bytes.iter().position(|b| *b == b'=') {
            Some(at) => (&bytes[..at], Some(OsString::from_vec(bytes[at + 1..].to_vec()))),
            None => (bytes, None),
        };
        if name.is_empty() {
            return Err(format!("-E {}: a variable's name is missing", v.to_string_lossy()));
        }
        changes.insert(OsString::from_vec(name.to_vec()), value);
    }
    Ok(changes)
}

/// Adds our library and the session.
pub fn add(changes: &mut Changes, library: &Path, session: &OsStr, elf: Option<&Elf>) {
    let old = match changes.get(OsStr::new(PRELOAD)) {
        Some(v) => v.clone(),
        None => std::env::var_os(PRELOAD),
    };
    let sanitizer = elf.and_then(Elf::sanitizer).map(resolve);
    let value = value(library, old.as_deref(), sanitizer.as_deref());
    changes.insert(PRELOAD.into(), Some(value));
    changes.insert(SESSION.into(), Some(session.to_owned()));
}

/// Sanitizer runtimes insist on being first; then we, then whatever was there.
fn value(library: &Path, old: Option<&OsStr>, sanitizer: Option<&Path>) -> OsString {
    let old = old.map_or(&[][..], OsStr::as_bytes);
    let mut before: Vec<&[u8]> = sanitizer.iter().map(|s| s.as_os_str().as_bytes()).collect();
    let mut after: Vec<&[u8]> = Vec::new();
    for part in old.split(|b| matches!(b, b':' | b' ')).filter(|p| !p.is_empty()) {
        if part == library.as_os_str().as_bytes() || before.contains(&part) {
            continue;
        }
        if is_sanitizer(&String::from_utf8_lossy(part)) { before.push(part) } else { after.push(part) }
    }
    before.push(library.as_os_str().as_bytes());
    before.extend(after);
    OsString::from_vec(before.join(&b':'))
}

/// Where the loader finds a library; its bare name, for the loader to look for, when it is not in the usual places.
fn resolve(name: &str) -> PathBuf {
    let multiarch = format!("{}-linux-gnu", std::env::consts::ARCH);
    let dirs = [
        format!("/lib/{multiarch}"),
        format!("/usr/lib/{multiarch}"),
        "/lib64".to_owned(),
        "/usr/lib64".to_owned(),
        "/usr/local/lib".to_owned(),
        "/usr/lib".to_owned(),
    ];
    let own = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let own =
        own.as_bytes().split(|b| *b == b':').filter(|d| !d.is_empty()).map(|d| PathBuf::from(OsStr::from_bytes(d)));
    let found = own.chain(dirs.iter().map(PathBuf::from)).map(|d| d.join(name)).find(|p| p.is_file());
    found.unwrap_or_else(|| PathBuf::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(old: Option<&str>, sanitizer: Option<&str>) -> String {
        let v = value(Path::new("/l/libsocklens.so"), old.map(OsStr::new), sanitizer.map(Path::new));
        v.into_string().unwrap()
    }

    #[test]
    fn what_was_preloaded_stays_and_sanitizers_come_first() {
        assert_eq!(v(None, None), "/l/libsocklens.so");
        assert_eq!(v(Some(""), None), "/l/libsocklens.so");
        assert_eq!(v(Some("/a.so:/b.so"), None), "/l/libsocklens.so:/a.so:/b.so");
        assert_eq!(v(Some("/a.so /usr/lib/libasan.so.8"), None), "/usr/lib/libasan.so.8:/l/libsocklens.so:/a.so");
        assert_eq!(v(Some("/a.so"), Some("/x/libtsan.so.2")), "/x/libtsan.so.2:/l/libsocklens.so:/a.so");
        assert_eq!(v(Some("/l/libsocklens.so"), None), "/l/libsocklens.so");
    }

    #[test]
    fn variables_are_set_and_removed() {
        let vars: Vec<OsString> = ["A=1", "B", "C=x=y", "D="].map(OsString::from).to_vec();
        let c = asked(&vars).unwrap();
        let get = |n: &str| c.get(OsStr::new(n)).cloned();
        assert_eq!(get("A"), Some(Some("1".into())));
        assert_eq!(get("B"), Some(None));
        assert_eq!(get("C"), Some(Some("x=y".into())));
        assert_eq!(get("D"), Some(Some("".into())));
        assert!(asked(&["=x".into()]).is_err());
    }
}
