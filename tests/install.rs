//! `make install` puts everything where users' tools look, and what was installed works from there.

use socklens_testkit::{Object, Scratch, installed, not_tested, paths, require};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn output(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {text}");
    text
}

fn make(target: &str, variables: &[String]) {
    output(Command::new("make").args(["-s", target]).args(variables).current_dir(&paths().root));
}

/// Every file and link below a directory.
fn tree(dir: &Path) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            all.extend(tree(&entry.path()))
        } else {
            all.insert(entry.path());
        }
    }
    all
}

/// What was installed, in a directory of its own.
struct Installed {
    scratch: Scratch,
    prefix: PathBuf,
    lib: PathBuf,
}

impl Installed {
    fn new() -> Installed {
        let scratch = Scratch::new();
        let prefix = scratch.join("usr");
        make("install", &[format!("PREFIX={}", prefix.display())]);
        Installed { lib: prefix.join("lib"), prefix, scratch }
    }

    /// A C program that needs the header.
    fn source(&self) -> PathBuf {
        let source = self.scratch.join("marks.c");
        let text = "#include <socklens.h>\n#include <string.h>\n\
            #if SOCKLENS_VERSION_NUMBER < SOCKLENS_VERSION_OF(0, 1, 0)\n#error too old\n#endif\n\
            int main(int argc, char **argv)\n{\n    (void)argv;\n    if (strcmp(socklens_version(), SOCKLENS_VERSION) != 0)\n        return 4;\n\
            \x20   return (socklens_mark(\"phase 2\") == 0) == (argc == 1) && socklens_active() == (argc == 1) ? 0 : 3;\n}\n";
        std::fs::write(&source, text).expect("the source");
        source
    }

    /// The program's log under the installed command: it must find itself recorded.
    fn log(&self, program: &Path) -> String {
        let mut run = Command::new(self.prefix.join("bin/socklens"));
        run.args(["run", "-e", "%net"]).arg(program).env("LD_LIBRARY_PATH", &self.lib).env_remove("SOCKLENS_LIBRARY");
        output(&mut run)
    }

    /// Runs the program alone: it must find that it is not recorded.
    fn alone(&self, program: &Path) {
        output(Command::new(program).arg("alone").env("LD_LIBRARY_PATH", &self.lib));
    }

    fn pkg_config(&self, name: &str) -> Option<Vec<String>> {
        let mut c = Command::new(require("pkg-config")?);
        c.args(["--cflags", "--libs", name]).env("PKG_CONFIG_PATH", self.lib.join("pkgconfig"));
        Some(output(&mut c).split_whitespace().map(str::to_owned).collect())
    }
}

#[test]
fn the_header_is_clean_in_every_language_and_its_programs_run() {
    let it = Installed::new();
    let source = it.source();
    let program = it.scratch.join("marks");
    for (compiler, language) in [("cc", "-std=c99"), ("cc", "-std=c11"), ("g++", "-std=c++17")] {
        if installed(compiler).is_none() {
            not_tested(&format!("the header with {compiler} {language}: {compiler} is not installed"));
            continue;
        }
        let mut cc = Command::new(compiler);
        cc.args([language, "-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
        cc.args(["-x", if compiler == "g++" { "c++" } else { "c" }]);
        cc.arg(&source).args(["-x", "none"]).arg("-o").arg(&program);
        cc.arg(format!("-I{}", it.prefix.join("include").display()))
            .arg(format!("-L{}", it.lib.display()))
            .arg("-lsocklens");
        output(&mut cc);
        assert!(it.log(&program).contains("phase 2"));
        it.alone(&program);
    }
    // Without the command, linked against the soname: the library finds its other half.
    let mut logging = Command::new(&program);
    logging.env("LD_LIBRARY_PATH", &it.lib).env("SOCKLENS_LOG", "stderr").env("SOCKLENS_FORMAT", "json");
    assert!(output(&mut logging).contains("phase 2"));
}

/// Fails its first send by a rule of its own, and says what became of three.
const FAULTS: &str = r#"#include <errno.h>
#include <socklens.h>
#include <stdio.h>
#include <sys/socket.h>
int main(void)
{
    int pair[2];
    long long rule = socklens_fault_add("send @n=2 : error ENOBUFS!", NULL, 0);
    if (rule <= 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return printf("%s\n", socklens_strerror((int)rule)), 1;
    for (int i = 0; i < 3; i++)
        printf("%d ", send(pair[0], "x", 1, 0) == 1 ? 0 : errno);
    printf("%lld\n", (long long)socklens_fault_fired(rule));
    return 0;
}
"#;

#[test]
fn a_linked_program_makes_its_calls_fail_with_nothing_but_what_was_installed() {
    let it = Installed::new();
    let (source, program) = (it.scratch.join("faults.c"), it.scratch.join("faults"));
    std::fs::write(&source, FAULTS).expect("the source");
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&program).arg(&source);
    cc.arg(format!("-I{}", it.prefix.join("include").display())).arg(format!("-L{}", it.lib.display()));
    output(cc.args(["-lsocklens", &format!("-Wl,-rpath,{}", it.lib.display())]));
    let want = format!("0 {} 0 1\n", libc::ENOBUFS);
    assert_eq!(output(&mut Command::new(&program)), want);
    // With a rule of the environment beside its own, and in a session of the installed command with one.
    let rule = "send @n=3 : error ENOMEM!";
    let both = format!("0 {} {} 1\n", libc::ENOBUFS, libc::ENOMEM);
    assert_eq!(output(Command::new(&program).env("SOCKLENS_FAULT", rule)), both);
    let mut run = Command::new(it.prefix.join("bin/socklens"));
    run.args(["run", "-q", "-o", "/dev/null", "--fault", rule]).arg(&program).env_remove("SOCKLENS_LIBRARY");
    assert_eq!(output(&mut run), both);
    // As it is shipped: the functions do nothing, and under the command they do.
    let shipped = it.scratch.join("shipped");
    let mut cc = Command::new("cc");
    cc.arg("-o").arg(&shipped).arg(&source).arg(format!("-I{}", it.prefix.join("include").display()));
    cc.arg(format!("-L{}", it.lib.display())).args(["-lsocklens_noop", &format!("-Wl,-rpath,{}", it.lib.display())]);
    output(&mut cc);
    let alone = Command::new(&shipped).output().expect("the program");
    assert_eq!(alone.status.code(), Some(1), "{alone:?}");
    let mut run = Command::new(it.prefix.join("bin/socklens"));
    run.args(["run", "-q", "-o", "/dev/null", "--fault", rule]).arg(&shipped).env_remove("SOCKLENS_LIBRARY");
    assert_eq!(output(&mut run), both);
    // What it loads is what was installed, and is needed for it.
    let engine = it.lib.join("libsocklens-faults.so");
    std::fs::rename(&engine, engine.with_extension("away")).expect("the engine is there");
    let without = Command::new(&program).output().expect("the program");
    assert_eq!(without.status.code(), Some(1), "{without:?}");
    assert!(
        String::from_utf8_lossy(&without.stdout).contains("libsocklens-alone.so or -faults.so cannot be had"),
        "{without:?}"
    );
}

#[test]
fn names_and_links_are_those_of_a_shared_library() {
    let it = Installed::new();
    for name in ["libsocklens", "libsocklens_noop"] {
        let link = |from: &str| std::fs::read_link(it.lib.join(format!("{name}.so{from}"))).expect("a link");
        assert_eq!(link(""), PathBuf::from(format!("{name}.so.0")));
        assert_eq!(link(".0"), PathBuf::from(format!("{name}.so.{}", env!("CARGO_PKG_VERSION"))));
        assert_eq!(Object::read(&it.lib.join(format!("{name}.so"))).soname, format!("{name}.so.0"));
    }
    for name in ["libsocklens-alone.so", "libsocklens-faults.so"] {
        assert!(!it.lib.join(name).symlink_metadata().expect("the library").is_symlink());
        assert_eq!(Object::read(&it.lib.join(name)).soname, name);
    }
}

#[test]
fn pkg_config_gives_what_a_program_needs() {
    let it = Installed::new();
    let source = it.source();
    for name in ["socklens", "socklens-noop"] {
        let text = std::fs::read_to_string(it.lib.join(format!("pkgconfig/{name}.pc"))).expect("the pkg-config file");
        assert!(text.contains(&format!("libdir={}", it.lib.display())) && !text.contains('@'), "{text}");
        let Some(flags) = it.pkg_config(name) else { return };
        let program = it.scratch.join(name);
        output(Command::new("cc").arg("-o").arg(&program).arg(&source).args(flags));
        it.alone(&program);
        // The preloaded library's functions take the place of the no-op ones.
        assert!(it.log(&program).contains("phase 2"), "{name}");
        let needed = Object::read(&program).needed;
        let soname = format!("lib{}.so.0", name.replace('-', "_"));
        assert!(needed.contains(&soname), "{needed:?}");
    }
}

#[test]
fn the_no_op_archive_links_and_does_nothing() {
    let it = Installed::new();
    let program = it.scratch.join("static");
    let mut cc = Command::new("cc");
    cc.arg("-o").arg(&program).arg(it.source()).arg(format!("-I{}", it.prefix.join("include").display()));
    output(cc.arg(it.lib.join("libsocklens_noop.a")));
    it.alone(&program);
    assert!(!Object::read(&program).needed.iter().any(|n| n.contains("socklens")));
}

/// Exported by the real library, but not for programs: bodies that assembly jumps to, and the sign of a second copy.
const INTERNAL: &[&str] = &[
    "socklens_execl",
    "socklens_execle",
    "socklens_execlp",
    "socklens_singleton",
    "socklens_syslog",
    "socklens_syslog_chk",
    "socklens_vforked",
];

#[test]
fn the_no_op_library_has_the_functions_of_the_real_one_and_nothing_else() {
    let names = |library: &Path| -> BTreeSet<String> {
        Object::read(library).defined_names().into_iter().filter(|n| n.starts_with("socklens_")).collect()
    };
    let noop = paths().library.with_file_name("libsocklens_noop.so");
    let mut real = names(&paths().library);
    for name in INTERNAL {
        assert!(real.remove(*name), "{name} is not exported any more: take it off the list");
    }
    assert!(real.len() >= 3, "{real:?}");
    assert_eq!(names(&noop), real);
    let object = Object::read(&noop);
    let strange: Vec<String> =
        object.defined_names().into_iter().filter(|n| !real.contains(n) && !n.starts_with('_')).collect();
    assert!(strange.is_empty(), "the no-op library exports {strange:?}");
    assert_eq!(object.soname, "libsocklens_noop.so.0");
}

#[test]
fn cmake_finds_it() {
    let Some(cmake) = require("cmake") else { return };
    let it = Installed::new();
    it.source();
    let lists = "cmake_minimum_required(VERSION 3.10)\nproject(marks C)\nfind_package(socklens 0.1 REQUIRED)\n\
        foreach(t socklens noop noop_static)\n  add_executable(with_${t} marks.c)\n  target_link_libraries(with_${t} socklens::${t})\nendforeach()\n";
    std::fs::write(it.scratch.join("CMakeLists.txt"), lists).expect("CMakeLists.txt");
    let build = it.scratch.join("build");
    let mut configure = Command::new(&cmake);
    configure
        .arg("-S")
        .arg(it.scratch.path())
        .arg("-B")
        .arg(&build)
        .arg(format!("-DCMAKE_PREFIX_PATH={}", it.prefix.display()));
    output(&mut configure);
    output(Command::new(&cmake).arg("--build").arg(&build));
    for name in ["with_socklens", "with_noop"] {
        assert!(it.log(&build.join(name)).contains("phase 2"), "{name}");
        it.alone(&build.join(name));
    }
    it.alone(&build.join("with_noop_static"));
    // A version that is not there is not found.
    std::fs::write(it.scratch.join("CMakeLists.txt"), lists.replace("0.1 REQUIRED", "0.2 REQUIRED"))
        .expect("CMakeLists.txt");
    let refused = configure.output().expect("cmake");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("0.1.0"), "{said}");
}

#[test]
fn uninstall_removes_what_install_put_and_nothing_else() {
    let scratch = Scratch::new();
    // Staged, with a library directory of its own; and files of other people beside ours.
    let stage = scratch.join("stage");
    let variables =
        [format!("DESTDIR={}", stage.display()), "PREFIX=/opt/x".to_owned(), "LIBDIR=/opt/x/lib64".to_owned()];
    for file in
        ["opt/x/bin/other", "opt/x/lib64/libother.so", "opt/x/share/man/man1/other.1", "opt/x/lib64/cmake/other/c"]
    {
        let path = stage.join(file);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("directories");
        std::fs::write(path, "").expect("a file");
    }
    let before = tree(&stage);
    make("install", &variables);
    let there = |name: &str| assert!(stage.join("opt/x").join(name).symlink_metadata().is_ok(), "{name}");
    for name in [
        "libsocklens.so.0.1.0",
        "libsocklens.so",
        "libsocklens-alone.so",
        "libsocklens-faults.so",
        "libsocklens_noop.so",
        "libsocklens_noop.a",
    ] {
        there(&format!("lib64/{name}"));
    }
    for name in ["pkgconfig/socklens.pc", "cmake/socklens/socklensConfig.cmake"] {
        there(&format!("lib64/{name}"));
        let text = std::fs::read_to_string(stage.join("opt/x/lib64").join(name)).expect("text");
        assert!(text.contains("/opt/x/lib64") && !text.contains("stage"), "{text}");
    }
    for name in [
        "bin/socklens",
        "include/socklens.h",
        "share/bash-completion/completions/socklens",
        "share/doc/socklens/LICENSE-MIT",
    ] {
        there(name);
    }
    let pages = std::fs::read_dir(paths().root.join("docs/man")).expect("docs/man").flatten().map(|e| e.path());
    for page in pages.filter(|p| p.is_file()) {
        let name = page.file_name().expect("a name").to_string_lossy().into_owned();
        there(&format!("share/man/man{}/{name}", name.rsplit('.').next().expect("a section")));
    }
    assert!(tree(&stage).len() > before.len() + 25);
    make("uninstall", &variables);
    assert_eq!(tree(&stage), before);
    assert!(!stage.join("opt/x/share/doc/socklens").exists() && !stage.join("opt/x/lib64/cmake/socklens").exists());
}
