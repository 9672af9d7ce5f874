//! Programs built with sanitizers, which insist on being first among the preloaded libraries.

use socklens_testkit::{Form, How, Run, assert_same, not_tested, paths};
use std::path::PathBuf;
use std::process::Command;

/// Builds a C example with a sanitizer; None, loudly, when this compiler has none.
fn build(example: &str, sanitizer: &str) -> Option<PathBuf> {
    let p = paths();
    let dir = p.target.join("test-programs");
    std::fs::create_dir_all(&dir).unwrap();
    let to = dir.join(format!("{example}-{sanitizer}"));
    let out = Command::new("cc")
        .args(["-std=gnu11", "-O1", "-g", "-fno-omit-frame-pointer", "-pthread"])
        .arg(format!("-fsanitize={sanitizer}"))
        .arg("-o")
        .arg(&to)
        .arg(p.root.join("c-examples").join(example).with_extension("c"))
        .output()
        .expect("cc");
    if !out.status.success() {
        not_tested(&format!(
            "-fsanitize={sanitizer}: {}",
            String::from_utf8_lossy(&out.stderr).lines().last().unwrap_or("")
        ));
        return None;
    }
    Some(to)
}

fn clean_under(sanitizer: &str, examples: &[&str]) {
    for example in examples {
        let Some(program) = build(example, sanitizer) else { return };
        let run = Run::new(program).env("ASAN_OPTIONS", "detect_leaks=0").env("TSAN_OPTIONS", "report_bugs=1");
        let raw = run.run(How::Raw);
        raw.assert_success();
        // The command puts the sanitizer's library before ours.
        for form in [Form::Text, Form::Json] {
            let shimmed = run.run(How::Command(form));
            assert_same(&raw, &shimmed);
            assert!(!shimmed.log.is_empty(), "{}: nothing logged", shimmed.label);
            if form == Form::Json {
                assert!(shimmed.json().count(&["send", "sendto", "sendmmsg", "write"]) > 0, "{}", shimmed.label);
            }
        }
    }
}

#[test]
fn address_sanitizer_finds_nothing() {
    clean_under(
        "address",
        &["tcp_iterative", "udp_mmsg", "threads_many", "fd_passing", "fork_tree", "socketpair_pingpong"],
    );
}

#[test]
fn thread_sanitizer_finds_nothing() {
    clean_under("thread", &["threads_many", "tcp_threaded", "socketpair_pingpong"]);
}

#[test]
fn undefined_behaviour_sanitizer_finds_nothing() {
    clean_under("undefined", &["udp_echo", "tcp_poll"]);
}
