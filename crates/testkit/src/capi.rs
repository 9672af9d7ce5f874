//! Programs that use the C API: linked with the library, or without a word of it.

use crate::{Outcome, Run, compile_with, paths};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// How such programs are compiled.
pub const STRICT: [&str; 7] = ["-O2", "-g", "-pthread", "-Wpedantic", "-Werror", "-ldl", "-lrt"];

/// A directory with the library by the name that programs ask for.
pub fn lib_dir() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let dir = paths().target.join("capi-lib");
        std::fs::create_dir_all(&dir).unwrap();
        for name in ["libsocklens.so", "libsocklens.so.0"] {
            let (link, made) = (dir.join(name), dir.join(format!(".{name}.{}", std::process::id())));
            std::os::unix::fs::symlink(&paths().library, &made).unwrap();
            std::fs::rename(made, link).unwrap();
        }
        dir
    })
}

/// A program of tests/programs, linked with the library.
pub fn linked(program: &str) -> Run {
    let dir = lib_dir().display();
    let (search, rpath) = (format!("-L{dir}"), format!("-Wl,-rpath,{dir}"));
    let mut options = STRICT.to_vec();
    options.extend(["-DLINKED", "-Wl,--no-as-needed", "-lsocklens", &search, &rpath]);
    Run::new(compile_with(program, &format!("{program}_linked"), &options)).arg("linked")
}

/// A program of tests/programs, which finds the library when it runs, or does not.
pub fn unlinked(program: &str) -> Run {
    Run::new(compile_with(program, program, &STRICT))
}

/// It found everything as it should be.
#[track_caller]
pub fn ok(outcome: &Outcome) {
    assert_eq!(outcome.out(), "ok\n", "{}", outcome.err());
    assert_eq!(outcome.err(), "");
    outcome.assert_success();
}
