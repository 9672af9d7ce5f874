//! How and when libraries are loaded.

use super::{LOGGED, WAYS, same_and};
use socklens_testkit::{Form, How, Run, Scratch, assert_same, compile, compile_with, paths};

#[test]
fn calls_before_main_and_after_it_are_seen() {
    same_and(&Run::example("before_main"), |run, log| {
        for (call, times) in [("socketpair", 24), ("send", 24), ("recv", 24), ("close", 52)] {
            assert_eq!(log.count(&[call]), times, "{call} in {}", run.label);
        }
    });
}

#[test]
fn constructors_of_other_libraries_may_call_us_first() {
    // Ours comes last in LD_PRELOAD, so theirs is initialised first or last, whichever the loader likes.
    let early = compile_with("early_calls", "libearly_calls.so", &["-shared", "-fPIC"]);
    let example = Run::example("socketpair_pingpong");
    for run in [example.clone().preload_before(&early), example.preload_after(&early)] {
        same_and(&run, |run, log| {
            let early: Vec<_> = log.calls(&["send"]).filter(|r| r["payload"]["text"] == "early").collect();
            assert_eq!(early.len(), 1, "{}: the constructor's send", run.label);
        });
    }
}

#[test]
fn a_plugin_with_deepbind_does_not_crash() {
    let plugin = compile_with("deepbind_plugin", "libdeepbind_plugin.so", &["-shared", "-fPIC"]);
    same_and(&Run::new(compile("deepbind")).arg(plugin), |run, log| {
        // What the plugin calls goes past us; what the program calls on the plugin's socket does not.
        assert!(log.count(&["send"]) >= 2, "{}", run.label);
        assert_eq!(log.count(&["recv"]), 2, "{}", run.label);
    });
}

#[test]
fn two_copies_of_the_library_log_once() {
    let scratch = Scratch::new();
    let copy = scratch.join("libsocklens-copy.so");
    std::fs::copy(&paths().library, &copy).unwrap();
    std::fs::copy(&paths().alone, scratch.join("libsocklens-alone.so")).unwrap();
    for example in ["threads_many", "fork_tree"] {
        let raw = Run::example(example).run(How::Raw);
        let single = Run::example(example).run(How::Alone(Form::Json)).json();
        for how in WAYS {
            for run in [Run::example(example).preload_before(&copy), Run::example(example).preload_after(&copy)] {
                let shimmed = run.run(how);
                assert_same(&raw, &shimmed);
                if how.is_json() {
                    assert_eq!(shimmed.json().count(&["send"]), single.count(&["send"]), "{}", shimmed.label);
                }
            }
        }
    }
}

#[test]
fn the_same_library_named_twice_is_one() {
    for how in LOGGED {
        let run = Run::example("threads_many").preload_after(&paths().library).run(how);
        run.assert_success();
        assert_eq!(run.json().count(&["send"]), 2000, "{}", run.label);
    }
}

#[test]
fn a_program_of_the_other_word_size_runs_untraced() {
    let scratch = Scratch::new();
    let source = scratch.join("small.c");
    // No libc, which 64-bit machines rarely have in this size: eax 1 is exit, ebx its status.
    let text = "void _start(void) { __asm__ volatile(\"int $0x80\" : : \"a\"(1), \"b\"(7)); __builtin_unreachable(); }";
    std::fs::write(&source, text).unwrap();
    let program = scratch.join("small");
    let flags = ["-m32", "-ffreestanding", "-nostdlib", "-static", "-fno-pie", "-no-pie", "-o"];
    let built = std::process::Command::new("cc").args(flags).arg(&program).arg(&source).output().unwrap();
    if !built.status.success() {
        return socklens_testkit::not_tested("32-bit programs: this compiler cannot make any");
    }
    let raw = std::process::Command::new(&program).status();
    if !raw.is_ok_and(|s| s.code() == Some(7)) {
        return socklens_testkit::not_tested("32-bit programs: this kernel cannot run any");
    }
    let run = Run::new(&program).run(How::Command(Form::Json));
    assert_eq!(run.status.code(), Some(7), "{}", run.label);
    let said = std::process::Command::new(&paths().command).arg("check").arg(&program).output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("32-bit"), "{said}");
}
