//! Builds what is tested, once per test binary, and says where it is.

use crate::run::wait_for;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// Where things are.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target directory.
    pub target: PathBuf,
    /// `libsocklens.so`.
    pub library: PathBuf,
    /// `libsocklens-alone.so`, beside it.
    pub alone: PathBuf,
    /// `libsocklens-faults.so`, beside it.
    pub faults: PathBuf,
    /// `socklens`.
    pub command: PathBuf,
    /// The directory of the built C examples.
    pub examples: PathBuf,
    /// The sources of programs that only tests need.
    pub programs: PathBuf,
}

/// The paths, after everything in them has been built.
pub fn paths() -> &'static Paths {
    static PATHS: OnceLock<Paths> = OnceLock::new();
    PATHS.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |d| root.join(d));
        let release = target.join("release");
        let paths = Paths {
            library: release.join("libsocklens.so"),
            alone: release.join("libsocklens-alone.so"),
            faults: release.join("libsocklens-faults.so"),
            command: release.join("socklens"),
            examples: root.join("c-examples/build"),
            programs: root.join("tests/programs"),
            root,
            target,
        };
        std::fs::create_dir_all(&paths.target).expect("the target directory");
        if std::env::var_os("SOCKLENS_PREBUILT").is_none_or(|v| v == "0") {
            let _lock = lock(&paths.target);
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            // The same targets a person builds.
            must(Command::new("make").args(["-s", "build", "examples"]).env("CARGO", cargo).current_dir(&paths.root));
        }
        for file in [&paths.library, &paths.alone, &paths.faults] {
            assert!(file.is_file(), "{} is missing: run make build", file.display());
        }
        paths
    })
}

/// Held while building: test binaries may run side by side.
fn lock(target: &Path) -> File {
    let file = File::create(target.join("testkit.lock")).expect("a lock file");
    file.lock().expect("the lock");
    file
}

fn must(command: &mut Command) {
    // Cargo sets these for the test binary; they are not meant for another cargo.
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text == "CARGO_MANIFEST_DIR" || name_text == "LD_PRELOAD" {
            command.env_remove(&name);
        }
    }
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(out.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&out.stderr));
}

/// The C examples that run by themselves: `make -C c-examples list`.
pub fn examples() -> Vec<String> {
    let p = paths();
    let out = Command::new("make")
        .args(["-s", "--no-print-directory", "-C", "c-examples", "list"])
        .current_dir(&p.root)
        .output()
        .expect("make");
    assert!(out.status.success(), "make -C c-examples list: {}", String::from_utf8_lossy(&out.stderr));
    let names: Vec<String> = String::from_utf8_lossy(&out.stdout).split_whitespace().map(str::to_owned).collect();
    assert!(names.len() >= 20, "only {} examples listed", names.len());
    names
}

/// The program built of `tests/programs/NAME.c`.
pub fn compile(name: &str) -> PathBuf {
    compile_with(name, name, &["-O2", "-g", "-pthread"])
}

/// The program (or, with `-shared`, library) built of `tests/programs/SOURCE.c` with these options, called `name`.
pub fn compile_with(source: &str, name: &str, options: &[&str]) -> PathBuf {
    let p = paths();
    let from = p.programs.join(source).with_extension("c");
    let dir = p.target.join("test-programs");
    std::fs::create_dir_all(&dir).expect("a directory for test programs");
    let to = dir.join(name);
    // Under a private name first: another test may be running the one that is there.
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let n = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let made = dir.join(format!(".{name}.{}.{n}", std::process::id()));
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.args(["-std=gnu11", "-Wall", "-Wextra"]).args(options).arg("-o").arg(&made).arg(&from).env_remove("LD_PRELOAD");
    cc.stdin(std::process::Stdio::null());
    let mut child = cc.spawn().unwrap_or_else(|e| panic!("{cc:?}: {e}"));
    let status = wait_for(&mut child, Duration::from_secs(120)).unwrap_or_else(|| panic!("{cc:?} does not end"));
    assert!(status.success(), "{cc:?} failed");
    // gcc marks no file busy: a rename replaces a program that runs.
    std::fs::rename(&made, &to).expect("renaming a test program");
    to
}
