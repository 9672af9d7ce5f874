//! Children of every kind, ends of every kind, and jumps out of calls.

use super::{LOGGED, has_flag, same_and};
use socklens_testkit::{
    Form, How, Log, Run, Scratch, assert_same, compile, compile_with, is_root, not_tested, paths, require,
};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

#[test]
fn a_vfork_childs_closes_leave_the_parents_table_alone() {
    same_and(&Run::example("vfork_exec"), |run, log| {
        let child: Vec<_> = log.calls(&["close"]).filter(|r| has_flag(r, "vfork_child")).collect();
        assert_eq!(child.len(), 50 * 6, "{}: closes in vfork children", run.label);
        // Descriptors 3 and 4 are the parent's for good; every child closes them.
        let parent = log.records.iter().find(|r| r["type"] == "call").expect("a call")["pid"].clone();
        let own = |r: &&serde_json::Value| r["pid"] == parent && !has_flag(r, "vfork_child") && r["fd"] == 3;
        let sends: Vec<_> = log.calls(&["send"]).filter(own).collect();
        assert_eq!(sends.len(), 100, "{}", run.label);
        assert!(sends.iter().all(|r| r["conn"] == 1), "{}: the parent has lost sight of descriptor 3", run.label);
    });
}

#[test]
fn events_of_a_vfork_child_carry_the_childs_process_id() {
    for how in LOGGED {
        let run = Run::example("vfork_exec").run(how);
        let log = run.json();
        let parent = log.records.iter().find(|r| r["type"] == "call").expect("a call")["pid"].clone();
        let wrong = log.calls(&["close", "dup2"]).filter(|r| has_flag(r, "vfork_child") && r["pid"] == parent).count();
        assert_eq!(wrong, 0, "{}: events of vfork children with the parent's pid", run.label);
    }
}

#[test]
fn children_that_libc_makes_inside_are_followed() {
    same_and(&Run::new(compile("internal_forks")), |run, log| {
        // system, popen, posix_spawn, posix_spawnp, daemon, and the program itself.
        assert_eq!(log.count(&["socketpair"]), 6, "{}", run.label);
        let pids: BTreeSet<u64> = log.calls(&["socketpair"]).filter_map(|r| r["pid"].as_u64()).collect();
        assert_eq!(pids.len(), 6, "{}: {pids:?}", run.label);
    });
}

#[test]
fn forking_while_threads_are_busy_does_not_hang() {
    let program = Run::new(compile("fork_threads")).deadline(Duration::from_secs(60));
    same_and(&program, |run, log| {
        let pids: BTreeSet<u64> = log.calls(&["socketpair"]).filter_map(|r| r["pid"].as_u64()).collect();
        let end = log.records.last().map(ToString::to_string).unwrap_or_default();
        let end = end.chars().take(300).collect::<String>();
        let pairs = log.count(&["socketpair"]);
        assert_eq!(pids.len(), 1 + 100, "{}: every child has made a pair; {pairs} pairs; {end}", run.label);
    });
}

#[test]
fn nothing_is_lost_by_leaving_without_goodbye() {
    same_and(&Run::example("exit_raw"), |run, log| {
        for (call, times) in [("socketpair", 16), ("write", 15), ("read", 15), ("close", 30)] {
            assert_eq!(log.count(&[call]), times, "{call} in {}", run.label);
        }
    });
}

#[test]
fn a_fork_tree_is_followed_to_its_leaves() {
    same_and(&Run::example("fork_tree"), |run, log| {
        assert_eq!(log.count(&["socketpair"]), 1232, "{}", run.label);
        let mut sends: BTreeMap<u64, usize> = BTreeMap::new();
        for r in log.calls(&["send"]) {
            *sends.entry(r["pid"].as_u64().unwrap_or(0)).or_default() += 1;
        }
        assert!(sends.len() > 10 && !sends.contains_key(&0), "{}: {} processes", run.label, sends.len());
    });
}

#[test]
fn every_way_of_exec_with_a_scrubbed_environment_is_followed() {
    for example in ["exec_env", "environ_scrub"] {
        same_and(&Run::example(example), |run, log| {
            assert!(log.pids().len() > 5, "{}: only {:?}", run.label, log.pids());
        });
    }
    same_and(&Run::example("exec_env"), |run, log| assert_eq!(log.count(&["socketpair"]), 22, "{}", run.label));
}

#[test]
fn jumping_out_of_a_blocked_call_loses_nothing_afterwards() {
    same_and(&Run::new(compile("longjmp_recv")), |run, log| {
        assert_eq!(log.count(&["send"]), 200 + 2, "{}", run.label);
        let nested = log.calls(&["write"]).count();
        assert_eq!(nested, 200, "{}: writes of the signal handler", run.label);
    });
}

#[test]
fn cancelled_threads_unwind_through_us() {
    same_and(&Run::example("cancel_in_recv"), |run, log| {
        assert_eq!(log.count(&["socketpair"]), 27, "{}", run.label);
        assert_eq!(log.count(&["accept"]), 13, "{}", run.label);
    });
}

#[test]
fn a_process_that_confines_itself_is_not_killed() {
    same_and(&Run::example("seccomp_confined"), |run, log| {
        // Alone, the log ends where the filter begins: writing it might be what kills the process.
        let sends = if matches!(run.how, How::Alone(_)) { 1000 } else { 2001 };
        assert_eq!(log.count(&["send"]), sends, "{}", run.label);
    });
}

/// The setuid program, run as another user, must neither log nor fail; with the library loaded in it for certain.
#[test]
fn a_setuid_program_ignores_our_variables() {
    if !is_root() {
        return not_tested("setuid programs: needs root");
    }
    let Some(setpriv) = require("setpriv") else { return };
    let scratch = Scratch::new();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(scratch.path(), open).unwrap();
    let library = scratch.join("libsocklens.so.0");
    std::fs::copy(&paths().library, &library).unwrap();
    std::fs::copy(&paths().alone, scratch.join("libsocklens-alone.so")).unwrap();
    let rpath = format!("-Wl,-rpath,{}", scratch.path().display());
    let link = library.display().to_string();
    let built = compile_with("list_fds", "list_fds_linked", &["-O2", "-Wl,--no-as-needed", &link, &rpath]);
    let program = scratch.join("program");
    std::fs::copy(built, &program).unwrap();
    let log_dir = scratch.join("logs");
    std::fs::create_dir(&log_dir).unwrap();
    std::fs::set_permissions(&log_dir, std::fs::Permissions::from_mode(0o777)).unwrap();
    let log = log_dir.join("log");
    let run = |mode: u32| {
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(mode)).unwrap();
        let out = Command::new(&setpriv)
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
            .arg(&program)
            .env("SOCKLENS_LOG", &log)
            .env_remove("LD_PRELOAD")
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        assert!(out.status.success(), "{out:?}");
        (String::from_utf8_lossy(&out.stdout).into_owned(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let plain = run(0o755);
    assert!(log.exists(), "the library is linked in, and works for an ordinary program");
    std::fs::remove_file(&log).unwrap();
    let setuid = run(0o4755);
    assert_eq!(setuid, plain);
    assert!(!log.exists(), "a program with another user's rights wrote a file of that user's naming");
}

#[test]
fn a_preload_that_the_loader_refuses_for_setuid_changes_nothing() {
    if !is_root() {
        return not_tested("setuid programs: needs root");
    }
    let Some(setpriv) = require("setpriv") else { return };
    let scratch = Scratch::new();
    std::fs::set_permissions(scratch.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = scratch.join("program");
    std::fs::copy(compile("list_fds"), &program).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o4755)).unwrap();
    let run = Run::new(setpriv).args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(&program);
    let raw = run.run(How::Raw);
    raw.assert_success();
    assert_same(&raw, &run.run(How::Alone(Form::Text)));
    let shimmed = run.with_summary().run(How::Command(Form::Json));
    assert_eq!(shimmed.out(), raw.out());
    // Not lost silently.
    assert!(shimmed.err().contains("not seen") && shimmed.err().contains("program"), "{}", shimmed.err());
    assert!(Log::parse(&shimmed.log).is_ok());
}

/// Threads that lose the race for the chunks that the reader gives back must wait on, not take the reader for stopped.
#[test]
fn many_threads_wait_for_a_busy_reader_and_lose_nothing() {
    let program = Run::new(compile("many_threads")).args(["64", "4000"]).options(["--buffer", "524288"]);
    let run = program.run(How::Command(Form::Json));
    run.assert_success();
    let log = run.json();
    let end = log.records.last().expect("an end record");
    assert_eq!((&end["dropped"], &end["recorded"]), (&0.into(), &(64 * (2 * 4000 + 3)).into()), "{end}");
}
