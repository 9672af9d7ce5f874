//! `make install` puts everything where users' tools look, and what was installed works from there.

use socklens_testkit::{Scratch, paths};
use std::path::Path;
use std::process::Command;

fn output(command: &mut Command) -> String {
    let done = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {text}");
    text
}

fn make(target: &str, prefix: &Path) {
    let prefix = format!("PREFIX={}", prefix.display());
    output(Command::new("make").args(["-s", target, &prefix]).current_dir(&paths().root));
}

#[test]
fn the_installed_command_finds_its_library_and_the_header_links() {
    let scratch = Scratch::new();
    let prefix = scratch.join("usr");
    make("install", &prefix);
    let lib = prefix.join("lib");
    for file in
        ["libsocklens.so.0.1.0", "libsocklens.so.0", "libsocklens.so", "libsocklens-alone.so", "pkgconfig/socklens.pc"]
    {
        assert!(lib.join(file).exists(), "{file}");
    }
    assert!(prefix.join("share/man/man1/socklens.1").exists());
    let pc = std::fs::read_to_string(lib.join("pkgconfig/socklens.pc")).expect("the pkg-config file");
    assert!(pc.contains(&format!("libdir={}", lib.display())) && !pc.contains('@'), "{pc}");

    // A program that uses the header, built against what was installed, and marked in the installed command's log.
    let source = scratch.join("marks.c");
    let text = "#include <socklens.h>\nint main(void) { return socklens_mark(\"phase 2\") == 0 && socklens_active() ? 0 : 3; }\n";
    std::fs::write(&source, text).expect("the source");
    let program = scratch.join("marks");
    for (compiler, language) in [("cc", "-std=c99"), ("cc", "-std=c11"), ("g++", "-std=c++17")] {
        let mut cc = Command::new(compiler);
        cc.args([language, "-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
        if compiler == "g++" {
            cc.args(["-x", "c++"]);
        }
        cc.arg(&source).args(["-x", "none"]).arg("-o").arg(&program);
        cc.arg(format!("-I{}", prefix.join("include").display())).arg(format!("-L{}", lib.display())).arg("-lsocklens");
        if compiler == "g++" && Command::new("g++").arg("--version").output().is_err() {
            eprintln!("NOT TESTED: the header in C++: no g++");
            continue;
        }
        output(&mut cc);
        let mut run = Command::new(prefix.join("bin/socklens"));
        run.args(["run", "-e", "%net"]).arg(&program).env("LD_LIBRARY_PATH", &lib).env_remove("SOCKLENS_LIBRARY");
        assert!(output(&mut run).contains("phase 2"));
    }
    // Without the command, linked against the soname: the library finds its other half.
    let mut alone = Command::new(&program);
    alone.env("LD_LIBRARY_PATH", &lib).env("SOCKLENS_LOG", "stderr").env("SOCKLENS_FORMAT", "json");
    assert!(output(&mut alone).contains("phase 2"));
    make("uninstall", &prefix);
    assert!(!prefix.join("bin/socklens").exists());
    let left: Vec<_> = std::fs::read_dir(&lib).expect("the directory").flatten().map(|e| e.file_name()).collect();
    assert_eq!(left, ["pkgconfig"], "left behind");
}
