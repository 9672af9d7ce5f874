//! The interpreter a script's first line names.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// The program that the kernel runs for a file with this beginning; `env` is seen through.
pub fn interpreter(start: &[u8]) -> Option<PathBuf> {
    let line = start.strip_prefix(b"#!")?;
    let line = line.split(|b| *b == b'\n').next()?;
    let mut words = line.split(|b| matches!(b, b' ' | b'\t')).filter(|w| !w.is_empty());
    let first = PathBuf::from(OsString::from_vec(words.next()?.to_vec()));
    if first.file_name() != Some(OsStr::new("env")) {
        return Some(first);
    }
    // env -S splits its argument itself; variables and options come before the program.
    let name = words.find(|w| !w.starts_with(b"-") && !w.contains(&b'='));
    match name {
        Some(name) => super::search(OsStr::from_bytes(name), None).ok().or(Some(first)),
        None => Some(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines() {
        assert_eq!(interpreter(b"#!/bin/sh -e\nexit\n"), Some(PathBuf::from("/bin/sh")));
        assert_eq!(interpreter(b"#! /bin/sh"), Some(PathBuf::from("/bin/sh")));
        assert_eq!(interpreter(b"echo"), None);
        assert_eq!(interpreter(b"#!\n"), None);
        let sh = super::super::search(OsStr::new("sh"), None).unwrap();
        assert_eq!(interpreter(b"#!/usr/bin/env -S A=1 sh -e\n"), Some(sh));
        assert_eq!(interpreter(b"#!/usr/bin/env no-such-program-here\n"), Some(PathBuf::from("/usr/bin/env")));
    }
}
