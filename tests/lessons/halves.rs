//! The library that a process logs with when there is no command: found, checked, and done without.

use socklens_testkit::{
    Form, How, Outcome, Run, Scratch, assert_same, compile_with, is_root, not_tested, paths, require,
};
use std::path::{Path, PathBuf};

const OFF: &str = "; logging is off for this program";

fn both_into(dir: &Path) -> PathBuf {
    std::fs::create_dir_all(dir).unwrap();
    std::fs::copy(&paths().alone, dir.join("libsocklens-alone.so")).unwrap();
    let library = dir.join("libsocklens.so.0.1.0");
    std::fs::copy(&paths().library, &library).unwrap();
    library
}

fn example() -> Run {
    Run::example("socketpair_pingpong")
}

/// The program ran as it does alone, and stderr holds one line of ours.
#[track_caller]
fn complains(run: &Outcome, parts: &[&str]) {
    let raw = example().run(How::Raw);
    assert_eq!((run.out(), run.ended()), (raw.out(), raw.ended()));
    let err = run.err();
    assert_eq!(err.lines().count(), 1, "{err}");
    for part in parts.iter().chain(&[OFF]) {
        assert!(err.contains(part), "no {part:?} in {err}");
    }
    assert!(run.log.is_empty());
}

#[test]
fn it_is_loaded_only_where_a_log_is_asked_for() {
    let maps = Run::new("/bin/cat").arg("/proc/self/maps");
    for (how, wanted) in [(How::Silent, false), (How::Command(Form::Text), false), (How::Alone(Form::Text), true)] {
        let run = maps.run(how);
        run.assert_success();
        assert!(run.out().contains("libsocklens.so"), "{}: {}", run.label, run.out());
        assert_eq!(run.out().contains("libsocklens-alone.so"), wanted, "{}", run.label);
    }
}

#[test]
fn the_one_for_faults_is_loaded_only_where_there_are_rules() {
    let maps = Run::new("/bin/cat").arg("/proc/self/maps");
    let rule = maps.clone().options(["--fault", "connect : refuse"]);
    // A program that follows by exec has it as well.
    let after_exec =
        Run::new("/bin/sh").args(["-c", "exec cat /proc/self/maps"]).options(["--fault", "connect : refuse"]);
    let command = How::Command(Form::Json);
    for (run, how, wanted) in [
        (&maps, How::Alone(Form::Text), false),
        (&maps, command, false),
        (&rule, command, true),
        (&after_exec, command, true),
    ] {
        let run = run.run(how);
        run.assert_success();
        assert!(run.out().contains("libsocklens.so"), "{}: {}", run.label, run.out());
        assert_eq!(run.out().contains("libsocklens-faults.so"), wanted, "{}", run.label);
    }
}

#[test]
fn without_the_one_for_faults_no_rule_fires_and_one_line_says_so() {
    let scratch = Scratch::new();
    let library = scratch.join("libsocklens.so");
    std::fs::copy(&paths().library, &library).unwrap();
    let run = example().env("SOCKLENS_LIBRARY", &library).options(["--fault", "send @n=1 : error EPIPE"]);
    let run = run.run(How::Command(Form::Json));
    let raw = example().run(How::Raw);
    assert_eq!((run.out(), run.ended()), (raw.out(), raw.ended()));
    let err = run.err();
    for part in ["there is no libsocklens-faults.so beside it", "no fault is caused in this program"] {
        assert!(err.contains(part), "no {part:?} in {err}");
    }
}

#[test]
fn without_it_the_program_runs_on_and_one_line_says_so() {
    let scratch = Scratch::new();
    let library = scratch.join("libsocklens.so");
    std::fs::copy(&paths().library, &library).unwrap();
    let run = example().library(&library);
    complains(&run.run(How::Alone(Form::Json)), &["there is no libsocklens-alone.so beside it", "libsocklens.so:"]);
    // Nobody else needs it.
    assert_same(&example().run(How::Raw), &run.run(How::Silent));
    run.clone().env("SOCKLENS_LIBRARY", &library).run(How::Command(Form::Json)).assert_success();
    // One that is there, but cannot be loaded: the loader says why. One that was copied in part it would die of.
    let file = scratch.join("libsocklens-alone.so");
    std::fs::write(&file, "#!/bin/sh").unwrap();
    complains(&run.run(How::Alone(Form::Text)), &["cannot load", "libsocklens-alone.so"]);
    let whole = std::fs::read(&paths().alone).unwrap();
    for size in [3000, whole.len() - 1] {
        std::fs::write(&file, &whole[..size]).unwrap();
        complains(&run.run(How::Alone(Form::Text)), &["libsocklens-alone.so is not whole"]);
    }
}

#[test]
fn one_of_another_version_is_refused() {
    let scratch = Scratch::new();
    let library = both_into(scratch.path());
    let file = scratch.join("libsocklens-alone.so");
    let mut bytes = std::fs::read(&file).unwrap();
    let stamp = b"0.1.0\0\0\0\0\0\0\0\0\0\0\0";
    let at = bytes.windows(stamp.len()).position(|w| w == stamp).expect("the stamp");
    bytes[at + 4] = b'9';
    std::fs::write(&file, bytes).unwrap();
    complains(&example().library(&library).run(How::Alone(Form::Text)), &["is not of the version of", ".so.0.1.0"]);
}

#[test]
fn it_is_found_beside_the_library_by_whatever_name_that_was_loaded() {
    let scratch = Scratch::new();
    let library = both_into(&scratch.join("lib"));
    std::os::unix::fs::symlink("libsocklens.so.0.1.0", scratch.join("lib/libsocklens.so.0")).unwrap();
    std::fs::create_dir(scratch.join("home")).unwrap();
    // A link to a link, relative and absolute, from another directory.
    std::os::unix::fs::symlink("../lib/libsocklens.so.0", scratch.join("home/mine.so")).unwrap();
    std::os::unix::fs::symlink(scratch.join("home/mine.so"), scratch.join("home/again.so")).unwrap();
    let home = scratch.join("home");
    for name in [library, scratch.join("lib/libsocklens.so.0"), home.join("mine.so"), home.join("again.so")] {
        let run = example().library(&name).run(How::Alone(Form::Json));
        run.assert_success();
        assert!(run.err().is_empty(), "{}: {}", name.display(), run.err());
        assert!(run.json().count(&["socketpair"]) >= 1, "{}", name.display());
    }
    // By a path that is relative, and by a bare name out of the loader's search path.
    for (preload, search) in [("./mine.so", ""), ("home/../home/mine.so", ""), ("libsocklens.so.0", "lib")] {
        let dir = if preload.starts_with("./") { home.clone() } else { scratch.path().to_owned() };
        let log = scratch.join("log");
        let run =
            example().dir(dir).env("LD_PRELOAD", preload).env("LD_LIBRARY_PATH", search).env("SOCKLENS_LOG", &log);
        let run = run.run(How::Raw);
        run.assert_success();
        assert!(run.err().is_empty(), "{preload}: {}", run.err());
        assert!(std::fs::read_to_string(&log).unwrap().contains("socketpair("), "{preload}");
        std::fs::remove_file(log).unwrap();
    }
}

#[test]
fn what_constructors_before_ours_do_waits_for_the_log() {
    let early = compile_with("early_many", "libearly_many.so", &["-shared", "-fPIC"]);
    let run = |calls: &str| example().preload_after(&early).env("EARLY_CALLS", calls);
    let log = run("20").run(How::Alone(Form::Json)).json();
    let texts = |name: &str| log.calls(&["send"]).filter(|r| r["payload"]["text"] == name).count();
    assert_eq!((texts("early"), texts("child")), (20, 1));
    // The child goes on to be the program, as its parent does.
    let alone = example().run(How::Alone(Form::Json)).json();
    assert_eq!(log.pids().len(), 2 * alone.pids().len());

    // Set and filter hold for them too.
    let some = run("3").env("SOCKLENS_TRACE", "socketpair,send").env("SOCKLENS_FILTER", "ret=5");
    let log = some.run(How::Alone(Form::Json)).json();
    let early = log.calls(&["send"]).filter(|r| r["payload"]["text"] == "early").count();
    assert_eq!((early, log.count(&["recv"]), log.count(&["socketpair"])), (3, 0, 0));

    // What found no room is told, and the program's own calls are all there.
    let many = run("5000").run(How::Alone(Form::Json));
    many.assert_success();
    assert!(many.err().contains("they are missing in the log"), "{}", many.err());
    let log = many.json();
    let early = log.calls(&["send"]).filter(|r| r["payload"]["text"] == "early").count();
    assert!((100..5000).contains(&early), "{early}");
    let both = log.calls(&["send", "recv"]).filter(|r| r["payload"]["text"] != "early").count();
    assert_eq!(both, 2 * alone.count(&["send", "recv"]) + 1, "the program's own, twice, and the child's");
}

/// A program with room for hardly any descriptor or memory loses at most its log.
#[test]
fn tiny_limits_do_not_harm_the_program() {
    let program = paths().examples.join("socketpair_pingpong");
    for limit in ["-n 5", "-n 8", "-v 8000", "-v 16000"] {
        let shell = Run::new("/bin/sh").args(["-c", &format!("ulimit {limit}; exec \"$0\"")]).arg(&program);
        let raw = shell.run(How::Raw);
        raw.assert_success();
        for how in crate::WAYS {
            let run = shell.run(how);
            assert_eq!((run.out(), run.ended()), (raw.out(), raw.ended()), "{limit}: {}", run.label);
            let err = run.err();
            let said = err.lines().count() == 1 && err.ends_with(&format!("{OFF}\n"));
            assert!(err.is_empty() || said, "{limit}: {}: {err}", run.label);
        }
    }
}

/// Named in /etc/ld.so.preload and in the variable, the library is loaded once, and logs once.
#[test]
fn ld_so_preload_and_the_variable_go_together() {
    if !is_root() {
        return not_tested("/etc/ld.so.preload: needs root");
    }
    let Some(unshare) = require("unshare") else { return };
    let scratch = Scratch::new();
    // A copy of /etc in a mount namespace of its own: the machine's stays as it is.
    let etc = scratch.join("etc");
    let copied = std::process::Command::new("cp").args(["-a", "/etc"]).arg(&etc).status().unwrap();
    assert!(copied.success());
    std::fs::write(etc.join("ld.so.preload"), format!("{}\n", paths().library.display())).unwrap();
    let script = "mount --bind \"$0\" /etc || exit 125; exec \"$@\"";
    let inside = |command: &[&std::ffi::OsStr]| {
        Run::new(&unshare).args(["-m", "/bin/sh", "-c", script]).arg(&etc).args(command).run(How::Raw)
    };
    let program = paths().examples.join("socketpair_pingpong");
    let probe = inside(&["/bin/true".as_ref()]);
    if !probe.status.success() {
        return not_tested(&format!("/etc/ld.so.preload: {}", probe.err()));
    }
    let raw = example().run(How::Raw);
    let count = example().run(How::Alone(Form::Json)).json().count(&["write"]);
    let log = scratch.join("log");
    let variable = format!("LD_PRELOAD={}", paths().library.display());
    let names = format!("SOCKLENS_LOG={}", log.display());
    for preload in ["A=b", &variable] {
        let set: [&std::ffi::OsStr; 5] =
            ["env".as_ref(), preload.as_ref(), names.as_ref(), "SOCKLENS_FORMAT=json".as_ref(), program.as_os_str()];
        let run = inside(&set);
        assert_eq!((run.out(), run.err(), run.ended()), (raw.out(), raw.err(), raw.ended()));
        let text = std::fs::read_to_string(&log).unwrap();
        assert_eq!(text.lines().filter(|l| l.contains("\"call\":\"write\"")).count(), count, "{preload}");
        std::fs::remove_file(&log).unwrap();
    }
    let command: [&std::ffi::OsStr; 7] = [
        paths().command.as_os_str(),
        "run".as_ref(),
        "--quiet".as_ref(),
        "--format=json".as_ref(),
        "-o".as_ref(),
        log.as_os_str(),
        program.as_os_str(),
    ];
    let run = inside(&command);
    assert_eq!((run.out(), run.err(), run.ended()), (raw.out(), raw.err(), raw.ended()));
    let text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(text.lines().filter(|l| l.contains("\"call\":\"write\"")).count(), count);
}
