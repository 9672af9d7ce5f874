//! The manual pages and completions that are committed: complete, readable by the tools that show them, and working.

use socklens_testkit::{Scratch, paths, require};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::{generate, header};

fn pages() -> Vec<PathBuf> {
    let dir = std::fs::read_dir(paths().root.join("docs/man")).expect("docs/man");
    dir.flatten().map(|e| e.path()).filter(|p| p.is_file()).collect()
}

fn page(name: &str) -> String {
    std::fs::read_to_string(paths().root.join("docs/man").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn they_are_what_would_be_generated_now() {
    generate::check(&paths().root).unwrap();
}

#[test]
fn every_subcommand_has_a_page_with_its_options() {
    let help = Command::new(&paths().command).arg("--help").output().expect("socklens --help");
    let help = String::from_utf8(help.stdout).expect("text");
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let names: Vec<&str> =
        list.lines().take_while(|l| !l.is_empty()).filter_map(|l| l.split_whitespace().next()).collect();
    assert!(names.contains(&"run") && names.len() >= 6, "{names:?}");
    for name in names {
        assert!(page(&format!("socklens-{name}.1")).contains(".SH NAME"), "{name}");
        assert!(page("socklens.1").contains(&format!("socklens\\-{name}(1)")), "{name}");
        let help = Command::new(&paths().command).args([name, "--help"]).output().expect("its help");
        let help = String::from_utf8(help.stdout).expect("text");
        for option in help.split_whitespace().filter(|w| w.starts_with("--") && w.len() > 2) {
            let option = option.split(['[', '=']).next().unwrap_or(option);
            let option = option.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).replace('-', "\\-");
            assert!(page(&format!("socklens-{name}.1")).contains(&option), "socklens-{name}(1) lacks {option}");
        }
    }
}

#[test]
fn every_function_of_the_header_is_in_the_api_page() {
    let text = std::fs::read_to_string(paths().root.join("include/socklens.h")).expect("the header");
    for f in header::functions(&text).expect("its functions") {
        assert!(page("socklens.h.3").contains(&format!(".SS {}\n", f.name)), "{}", f.name);
        assert!(page(&format!("{}.3", f.name)).contains("socklens.h.3"), "{}", f.name);
    }
}

#[test]
fn every_variable_of_the_library_is_in_the_concepts_page() {
    let mut dirs = ["src/cold", "crates/alone/src"].map(|d| paths().root.join(d)).to_vec();
    let mut files = Vec::new();
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).expect("the sources") {
            let path = entry.expect("a source").path();
            if path.is_dir() { dirs.push(path) } else { files.push(path) }
        }
    }
    let mut found = 0;
    for file in files {
        let text = std::fs::read_to_string(file).expect("text");
        for name in text.split('"').filter_map(|w| w.strip_prefix("SOCKLENS_")) {
            let name = name.trim_end_matches("\\0").trim_end_matches('=');
            // What is passed from the command to the library is no setting of a person's.
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_uppercase()) || name == "SESSION" {
                continue;
            }
            found += 1;
            assert!(page("socklens.7").contains(&format!("SOCKLENS_{name}")), "socklens(7) lacks SOCKLENS_{name}");
        }
    }
    assert!(found >= 5, "only {found} variables found in the sources");
}

#[test]
fn the_formatters_have_nothing_to_complain_about() {
    if let Some(man) = require("man") {
        for page in pages() {
            let mut c = Command::new(&man);
            c.args(["-l", "--warnings"]).arg(&page).env("LC_ALL", "C.UTF-8").env("MANROFFSEQ", "").env("PAGER", "cat");
            // Where .so finds other pages.
            c.current_dir(paths().root.join("docs"));
            let out = c.output().expect("man");
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            let link = std::fs::read_to_string(&page).is_ok_and(|t| t.starts_with(".so"));
            assert!(link || (out.status.success() && said.is_empty()), "{}: {said}", page.display());
        }
    }
}

#[test]
fn mandoc_has_nothing_to_complain_about() {
    let Some(mandoc) = require("mandoc") else { return };
    // Where `.so` finds other pages, as installed.
    let scratch = Scratch::new();
    let mut c = Command::new(mandoc);
    c.args(["-Tlint", "-W", "warning"]).current_dir(scratch.path());
    for page in pages() {
        let name = page.file_name().expect("a name").to_string_lossy().into_owned();
        let section = format!("man{}", name.rsplit('.').next().expect("a section"));
        std::fs::create_dir_all(scratch.join(&section)).expect("a directory");
        std::fs::copy(&page, scratch.join(&section).join(&name)).expect("a copy");
        c.arg(format!("{section}/{name}"));
    }
    let out = c.output().expect("mandoc");
    let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
    // A link would do as well; but which one depends on whether pages are compressed.
    let left: Vec<&str> = said.lines().filter(|l| !l.contains(".so is fragile")).collect();
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// What a shell prints that ran a script with nothing of its user's in it, and that it said nothing else.
fn script(shell: &Path, options: &[&str], text: &str) -> String {
    let scratch = Scratch::new();
    let mut c = Command::new(shell);
    c.args(options).args(["-c", text]).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", scratch.path());
    c.env("LC_ALL", "C.UTF-8").env("TERM", "dumb").current_dir(scratch.path());
    let out = c.output().expect("the shell");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success() && said.is_empty(), "{}: {said}", shell.display());
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn completions_are_read_by_their_shells_and_complete() {
    let dir = paths().root.join("dist/completions");
    for (shell, file) in [("bash", "socklens.bash"), ("zsh", "_socklens"), ("fish", "socklens.fish")] {
        let Some(program) = require(shell) else { continue };
        let out = Command::new(program).arg("-n").arg(dir.join(file)).output().expect("the shell");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success() && said.is_empty(), "{file}: {said}");
    }
    let dir = dir.display();
    if let Some(bash) = require("bash") {
        let text = format!(
            ". {dir}/socklens.bash; complete -p socklens; COMP_WORDS=(socklens run --fo); COMP_CWORD=2; \
             _socklens socklens --fo run; echo \"${{COMPREPLY[*]}}\""
        );
        let said = script(&bash, &["--norc"], &text);
        assert!(said.starts_with("complete ") && said.ends_with("\n--format\n"), "{said}");
    }
    if let Some(zsh) = require("zsh") {
        let text = format!(
            "fpath=({dir} $fpath); autoload -Uz compinit; compinit -D -u; autoload +X _socklens; print -r -- $_comps[socklens]"
        );
        assert_eq!(script(&zsh, &["-f"], &text), "_socklens\n");
    }
    if let Some(fish) = require("fish") {
        let text = format!(
            "source {dir}/socklens.fish; complete -C 'socklens run --fo'; complete -C 'socklens run --format '"
        );
        let said = script(&fish, &["-N"], &text);
        let words: Vec<&str> = said.lines().filter_map(|l| l.split('\t').next()).collect();
        assert_eq!(words, ["--format", "json", "strace", "text"]);
    }
}
