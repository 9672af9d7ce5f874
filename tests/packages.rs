//! The Debian packages, the tarball, and what cargo-c installs.

use socklens_testkit::{Object, Scratch, installed, is_root, not_tested, paths, require};
use std::path::{Path, PathBuf};
use std::process::Command;

fn output(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {text}");
    text
}

fn make(arguments: &[String]) {
    output(Command::new("make").arg("-s").args(arguments).current_dir(&paths().root));
}

/// The packages, built into a directory; None where the tools are missing.
fn packages(to: &Path) -> Option<Vec<PathBuf>> {
    require("dpkg-deb")?;
    make(&["deb".to_owned(), format!("DEBDIR={}", to.display())]);
    let mut all: Vec<PathBuf> = std::fs::read_dir(to).expect("the packages").flatten().map(|e| e.path()).collect();
    all.sort();
    assert_eq!(all.len(), 3, "{all:?}");
    Some(all)
}

#[test]
fn the_packages_install_into_a_fresh_root_work_there_and_leave_nothing() {
    let scratch = Scratch::new();
    let Some(packages) = packages(&scratch.join("deb")) else { return };
    if !is_root() {
        return not_tested("installing the Debian packages: dpkg wants root");
    }
    let root = scratch.join("root");
    for dir in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers"] {
        std::fs::create_dir_all(root.join(dir)).expect("dpkg's directories");
    }
    // What they depend on, by name alone.
    let there = ["libc6 2.99", "libgcc-s1 99"].map(|p| {
        let (name, version) = p.split_once(' ').expect("a version");
        std::fs::write(root.join(format!("var/lib/dpkg/info/{name}:amd64.list")), "").expect("a list of files");
        format!(
            "Package: {name}\nStatus: install ok installed\nMaintainer: x <x@x.invalid>\nArchitecture: amd64\n\
             Multi-Arch: same\nVersion: {version}\nDescription: x\n"
        )
    });
    std::fs::write(root.join("var/lib/dpkg/status"), there.join("\n")).expect("dpkg's status");
    let dpkg = |arguments: &[&str]| {
        let mut c = Command::new("dpkg");
        c.arg(format!("--root={}", root.display())).arg("--force-script-chrootless").args(arguments);
        output(c.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"))
    };
    let names: Vec<&str> = packages.iter().map(|p| p.to_str().expect("a path")).collect();
    dpkg(&[&["-i"], &names[..]].concat());
    assert_eq!(dpkg(&["-V"]), "", "a file differs from its checksum");
    // From there: the command finds its library.
    let mut run = Command::new(root.join("usr/bin/socklens"));
    run.args(["run", "-e", "socketpair"])
        .arg(paths().examples.join("socketpair_pingpong"))
        .env_remove("SOCKLENS_LIBRARY");
    assert!(output(&mut run).contains("socketpair(AF_UNIX"));
    // And that one what it loads.
    let mut run = Command::new(root.join("usr/bin/socklens"));
    run.args(["run", "-e", "socketpair", "--fault", "socketpair @once : log"])
        .arg(paths().examples.join("socketpair_pingpong"))
        .env_remove("SOCKLENS_LIBRARY");
    assert!(output(&mut run).contains("INJECTED log #1"));
    dpkg(&["-P", "socklens", "libsocklens-dev", "libsocklens0"]);
    let left: Vec<String> = std::fs::read_dir(&root)
        .expect("the root")
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, ["var"]);
}

#[test]
fn lintian_finds_nothing() {
    let Some(lintian) = require("lintian") else { return };
    let scratch = Scratch::new();
    let Some(packages) = packages(&scratch.join("deb")) else { return };
    let mut c = Command::new(lintian);
    c.args(["--fail-on", "error,warning", "--tag-display-limit", "0"]);
    if is_root() {
        c.arg("--allow-root");
    }
    let said = output(c.args(packages));
    assert!(!said.contains("E: ") && !said.contains("W: "), "{said}");
}

#[test]
fn the_tarball_holds_what_is_committed_and_is_the_same_each_time() {
    let root = &paths().root;
    let listed = Command::new("git").args(["ls-tree", "-r", "--name-only", "-z", "HEAD"]).current_dir(root).output();
    let Some(listed) = listed.ok().filter(|o| o.status.success()) else {
        return not_tested("make dist: this is no git repository");
    };
    let scratch = Scratch::new();
    let made = ["one", "two"].map(|name| {
        let dir = scratch.join(name);
        make(&["dist".to_owned(), format!("DISTDIR={}", dir.display())]);
        let file = std::fs::read_dir(dir).expect("the directory").flatten().next().expect("a tarball").path();
        (std::fs::read(&file).expect("the tarball"), file)
    });
    assert!(made[0].0 == made[1].0, "two tarballs of one commit differ");
    let held = output(Command::new("tar").arg("-tzf").arg(&made[0].1));
    let (_, first) = held.lines().next().and_then(|l| l.split_once('-')).expect("a directory with the version");
    assert_eq!(first, "0.1.0/");
    let mut held: Vec<&str> =
        held.lines().filter(|l| !l.ends_with('/')).filter_map(|l| l.split_once('/')).map(|l| l.1).collect();
    let listed = String::from_utf8(listed.stdout).expect("names");
    let mut listed: Vec<&str> = listed.split('\0').filter(|l| !l.is_empty()).collect();
    held.sort_unstable();
    listed.sort_unstable();
    assert_eq!(held, listed);
}

#[test]
fn cargo_c_installs_the_same_library() {
    let Some(cargo_c) = installed("cargo-cinstall") else {
        return not_tested("cargo cinstall: cargo-c is not installed (cargo install cargo-c)");
    };
    let scratch = Scratch::new();
    let mut c = Command::new(cargo_c);
    c.args(["cinstall", "--profile", "shim", "--library-type", "cdylib", "--prefix", "/usr", "--libdir", "/usr/lib"]);
    c.arg("--destdir").arg(scratch.path()).arg("--target-dir").arg(paths().target.join("cargo-c"));
    output(c.current_dir(&paths().root));
    let (lib, include) = (scratch.join("usr/lib"), scratch.join("usr/include"));
    let header = |dir: &Path| std::fs::read(dir.join("socklens.h")).expect("the header");
    assert!(header(&include) == header(&paths().root.join("include")), "another header");
    let pc = std::fs::read_to_string(lib.join("pkgconfig/socklens.pc")).expect("socklens.pc");
    assert!(pc.contains("-lsocklens") && pc.contains("prefix=/usr\n") && pc.contains("libdir=${prefix}/lib\n"), "{pc}");
    assert_eq!(Object::read(&lib.join("libsocklens.so.0.1.0")).soname, "libsocklens.so.0");
    for (from, to) in [(&paths().alone, "libsocklens-alone.so"), (&paths().faults, "libsocklens-faults.so")] {
        std::fs::copy(from, lib.join(to)).expect("a copy");
    }
    let (source, program) = (scratch.join("marks.c"), scratch.join("marks"));
    let text = "#include <socklens.h>\n\
        int main(void) { return socklens_mark(\"phase 2\") != 0 || socklens_fault_add(\"send : log\", 0, 0) <= 0; }\n";
    std::fs::write(&source, text).expect("the source");
    let mut cc = Command::new("cc");
    cc.arg("-o").arg(&program).arg(&source).arg(format!("-I{}", include.display()));
    output(cc.arg(format!("-L{}", lib.display())).args(["-lsocklens", &format!("-Wl,-rpath,{}", lib.display())]));
    assert!(output(Command::new(&program).env("SOCKLENS_LOG", "stderr")).contains("phase 2"));
}
