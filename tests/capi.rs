//! The C API: the same however the library came into the process, and what is said where something cannot be.

use socklens_testkit::capi::{STRICT, lib_dir, linked as link, ok, unlinked};
use socklens_testkit::{Form, How, Run, Scratch, compile_with, not_tested, paths, require};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Error codes of include/socklens.h.
const ESESSION: i32 = -3;
const EBUSY: i32 = -4;
const ENOLIB: i32 = -7;
const EBYPASS: i32 = -8;
const ECOPY: i32 = -9;
const ESECURE: i32 = -10;

/// The program, linked with the library.
fn linked() -> Run {
    link("capi")
}

/// The program, which knows nothing of the library.
fn plain() -> Run {
    unlinked("capi")
}

/// Linked, and preloaded.
#[track_caller]
fn both(arguments: &[&str]) {
    ok(&linked().args(arguments).run(How::Raw));
    ok(&plain().arg("default").args(arguments).run(How::Silent));
}

#[test]
fn a_callback_is_told_of_every_call_but_its_own() {
    both(&["callback"]);
}

#[test]
fn logs_go_to_descriptors_and_files_in_every_format() {
    for (run, how) in [(linked(), How::Raw), (plain().arg("default"), How::Silent)] {
        let scratch = Scratch::new();
        ok(&run.arg("sinks").arg(scratch.path()).run(how));
    }
}

#[test]
fn statistics_are_exact_and_outlive_threads() {
    both(&["stats"]);
}

#[test]
fn null_and_garbage_are_refused() {
    both(&["garbage"]);
}

#[test]
fn forked_children_go_on_and_leave_starting_to_their_parent() {
    both(&["forked"]);
}

#[test]
fn a_signal_handler_may_call_what_is_safe_there() {
    both(&["signals"]);
}

#[test]
fn a_signal_handler_that_calls_what_is_not_safe_there_is_answered() {
    both(&["handlers"]);
}

#[test]
fn a_callback_may_stop_the_log_and_fork() {
    both(&["inside"]);
}

#[test]
fn logs_start_and_stop_while_threads_make_calls() {
    both(&["races"]);
}

#[test]
fn opened_after_libc_it_says_that_calls_do_not_pass_through_it() {
    let library = paths().library.display().to_string();
    ok(&plain().args([library.as_str(), "expect", &EBYPASS.to_string()]).run(How::Raw));
    // After dlclose it is still there.
    ok(&plain().args([library.as_str(), "closed", &EBYPASS.to_string()]).run(How::Raw));
    // Opened by a program that has it already, it is that one.
    ok(&plain().args([library.as_str(), "callback"]).run(How::Silent));
}

#[test]
fn a_second_copy_leaves_everything_to_the_first() {
    let scratch = Scratch::new();
    let copy = scratch.join("another.so");
    std::fs::copy(&paths().library, &copy).unwrap();
    std::fs::copy(&paths().alone, scratch.join("libsocklens-alone.so")).unwrap();
    let copy = copy.display().to_string();
    ok(&plain().args([copy.as_str(), "expect", &ECOPY.to_string()]).run(How::Silent));
    ok(&linked().args(["callback"]).env("LD_PRELOAD", &copy).run(How::Raw));
}

#[test]
fn without_its_other_half_it_says_so() {
    let scratch = Scratch::new();
    let copy = scratch.join("libsocklens.so");
    std::fs::copy(&paths().library, &copy).unwrap();
    let run = plain().args(["default", "expect", &ENOLIB.to_string()]).env("LD_PRELOAD", &copy);
    ok(&run.run(How::Raw));
}

#[test]
fn under_the_command_logging_and_counting_are_the_commands() {
    let run = plain().args(["default", "expect", &ESESSION.to_string()]).run(How::Command(Form::Json));
    assert_eq!(run.out(), "ok\n");
}

#[test]
fn a_connections_name_is_in_the_log() {
    let text = plain().args(["default", "named"]).run(How::Command(Form::Text));
    assert_eq!(text.out(), "ok\n");
    assert!(text.log_text().contains("unix#1 pair is named \"database\""), "{}", text.log_text());
    let send = |log: &str| log.lines().find(|l| l.contains(" send(") || l.starts_with("send(")).map(str::to_owned);
    let line = send(&text.log_text()).expect("the line of send");
    assert!(line.ends_with("  unix#1 pair \"database\""), "{line}");
    let json = plain().args(["default", "named"]).run(How::Command(Form::Json)).json();
    let name = json.records.iter().find(|r| r["type"] == "conn_name").expect("a conn_name record");
    assert_eq!((name["name"].as_str(), name["conn"].as_u64()), (Some("database"), Some(1)));
    assert_eq!(json.calls(&["send"]).next().expect("a send")["name"], "database");
    let alone = plain().args(["default", "named"]).run(How::Alone(Form::Text)).log_text();
    assert!(alone.contains("is named \"database\""), "{alone}");
    assert!(send(&alone).is_some_and(|l| l.ends_with("  unix#1 pair \"database\"")), "{alone}");
}

#[test]
fn while_the_environment_logs_another_log_is_refused() {
    let run = plain().args(["default", "expect", &EBUSY.to_string()]).run(How::Alone(Form::Text));
    assert_eq!(run.out(), "ok\n", "{}", run.err());
    assert!(run.log_text().contains(" send("));
}

#[test]
fn with_rights_that_its_user_does_not_have_a_program_starts_nothing() {
    // SAFETY: geteuid has no preconditions.
    if unsafe { libc::geteuid() } != 0 {
        return not_tested("the C API in setuid programs: needs root");
    }
    let Some(setpriv) = require("setpriv") else { return };
    let scratch = Scratch::new();
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(scratch.path(), 0o755);
    let library = scratch.join("libsocklens.so.0");
    std::fs::copy(&paths().library, &library).unwrap();
    std::fs::copy(&paths().alone, scratch.join("libsocklens-alone.so")).unwrap();
    std::fs::copy(&paths().faults, scratch.join("libsocklens-faults.so")).unwrap();
    let (rpath, link) = (format!("-Wl,-rpath,{}", scratch.path().display()), library.display().to_string());
    let mut options = STRICT.to_vec();
    options.extend(["-DLINKED", "-Wl,--no-as-needed", &link, &rpath]);
    let program = scratch.join("program");
    std::fs::copy(compile_with("capi", "capi_setuid", &options), &program).unwrap();
    for (bits, code) in [(0o755, 0), (0o4755, ESECURE)] {
        mode(&program, bits);
        let test: &[&str] = if code == 0 { &["callback"] } else { &["expect", &code.to_string()] };
        let user = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];
        let run = Run::new(&setpriv).args(user).arg(&program).arg("linked").args(test);
        ok(&run.run(How::Raw));
        // Nor does any of our variables do anything there.
        mode(scratch.path(), 0o777);
        let stats = scratch.join("statistics");
        let run = run.env("SOCKLENS_FAULT", "socketpair : error EMFILE").env("SOCKLENS_STATS", &stats).run(How::Raw);
        assert_eq!(run.out() != "ok\n" && run.out().contains("socketpair"), code == 0, "{}", run.out());
        assert_eq!(std::fs::remove_file(&stats).is_ok(), code == 0, "statistics of mode {bits:o}");
        mode(scratch.path(), 0o755);
    }
}

/// Compiles a text that includes the header; whether that went without a word.
fn compiles(compiler: &str, standard: &str, language: &str) {
    let scratch = Scratch::new();
    let source = scratch.join("header.c");
    let text = "#include <socklens.h>\nsocklens_log_options options = SOCKLENS_LOG_OPTIONS_INIT;\n\
        int main(void) { options.sink = SOCKLENS_SINK_PATH; return socklens_active() + (socklens_strerror(SOCKLENS_EOFF) == NULL); }\n";
    std::fs::write(&source, text).unwrap();
    let out = Command::new(compiler)
        .args(["-x", language, &format!("-std={standard}"), "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-c", "-o"])
        .arg(scratch.join("header.o"))
        .arg("-I")
        .arg(paths().root.join("include"))
        .arg(&source)
        .env_remove("LD_PRELOAD")
        .output()
        .unwrap_or_else(|e| panic!("{compiler}: {e}"));
    assert!(out.status.success() && out.stderr.is_empty(), "{standard}: {}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn the_header_is_clean_in_c_and_cpp() {
    for standard in ["c99", "c11", "c17"] {
        compiles("cc", standard, "c");
    }
    for standard in ["c++11", "c++17"] {
        compiles("c++", standard, "c++");
    }
}

#[test]
fn the_examples_print_what_they_did() {
    let scratch = Scratch::new();
    let make = Command::new("make")
        .args(["-s", "api", &format!("OUT={}", scratch.path().display()), &format!("LIBDIR={}", lib_dir().display())])
        .args(["-C", "c-examples"])
        .current_dir(&paths().root)
        .output()
        .unwrap();
    assert!(make.status.success() && make.stderr.is_empty(), "{make:?}");
    let run = |name: &str| Run::new(scratch.join(name)).env("LD_LIBRARY_PATH", lib_dir()).run(How::Raw).out();
    let stats = run("api_stats");
    for line in
        ["send           1000 calls     0 failed         0 bytes in    100000 bytes out", "unix#2 listener: 100000"]
    {
        assert!(stats.contains(line), "{stats}");
    }
    assert!(stats.ends_with("99 of 100: yes\n"), "{stats}");
    let events = run("api_events");
    let reconnect = "connect refused twice: connected at the third try\nconnect always refused: gave up after five tries\n\
        short writes: the request arrived whole\nreset after 64 KB, three times: the file is whole\n";
    assert_eq!(run("api_reconnect"), reconnect);
    let guard = run("api_guard");
    assert!(guard.starts_with("refused twice: answered at the third try\n"), "{guard}");
    assert!(
        guard.ends_with("^^^^^^ did you mean `refuse`?\n\n") || guard.ends_with("did you mean `refuse`?\n"),
        "{guard}"
    );
    let want = "socketpair on conn 1: 0\n-- mark\nsend on conn 1: 5\nrecv on conn 2: 5\n\
        recv on conn 2: -1 Resource temporarily unavailable\n4 calls, 1 failed\n";
    assert_eq!(events, want);
}

#[test]
fn examples_ship_with_the_library_without_function() {
    let scratch = Scratch::new();
    let made = Command::new("make")
        .args(["-s", "target/release/libsocklens_noop.a"])
        .current_dir(&paths().root)
        .status()
        .and_then(|_| {
            Command::new("make")
                .args(["-s", "-C", "c-examples", "api", "APILIB=-l:libsocklens_noop.a"])
                .arg(format!("OUT={}", scratch.path().display()))
                .current_dir(&paths().root)
                .output()
        })
        .unwrap();
    assert!(made.status.success() && made.stderr.is_empty(), "{made:?}");
    for name in ["api_reconnect", "api_guard"] {
        let shipped = Run::new(scratch.join(name)).run(How::Raw);
        shipped.assert_success();
        assert_eq!(shipped.out(), "no faults to test with: socklens is not here\n");
        // Preloaded, the calls of the program itself go on to those without function.
        assert_eq!(Run::new(scratch.join(name)).run(How::Silent).out(), shipped.out());
    }
}

#[test]
fn a_static_program_cannot_be_linked_with_it() {
    let scratch = Scratch::new();
    let source = scratch.join("static.c");
    std::fs::write(&source, "#include <socklens.h>\nint main(void) { return socklens_active(); }\n").unwrap();
    let out = Command::new("cc")
        .arg("-static")
        .arg("-I")
        .arg(paths().root.join("include"))
        .arg("-o")
        .args([scratch.join("static"), source])
        .arg(format!("-L{}", lib_dir().display()))
        .arg("-lsocklens")
        .env_remove("LD_PRELOAD")
        .output()
        .unwrap();
    assert!(!out.status.success(), "it was linked");
    assert!(String::from_utf8_lossy(&out.stderr).contains("socklens"), "{out:?}");
}
