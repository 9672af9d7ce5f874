//! Environments that take something away from the program, from the library or from the reader: the program carries on
//! as it does alone, and what was lost is said.

use serde_json::Value;
use socklens_testkit::{
    Form, How, Log, Run, Scratch, assert_same, compile, is_root, not_tested, paths, require, wait_for,
};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const WAYS: [How; 4] = [How::Silent, How::Alone(Form::Text), How::Alone(Form::Json), How::Command(Form::Json)];

/// The record that ends the command's JSON log.
fn end(log: &Log) -> Value {
    log.records.last().filter(|r| r["type"] == "end").expect("an end record").clone()
}

/// The program must run the same in all ways, and the command must lose nothing of its 300 messages.
#[track_caller]
fn carries_on(run: &Run, what: &str) {
    let raw = run.run(How::Raw);
    if raw.status.code() == Some(77) {
        return not_tested(&format!("{what}: {}", raw.out().lines().last().unwrap_or_default()));
    }
    raw.assert_success();
    assert!(raw.out().contains("before: 100\n") && raw.out().contains("child: status 100\n"), "{}", raw.out());
    for how in WAYS {
        let shimmed = run.run(how);
        assert_same(&raw, &shimmed);
        if let How::Command(_) = how {
            let log = shimmed.json();
            assert_eq!(log.count(&["send"]), 300, "{what}");
            assert_eq!((&end(&log)["dropped"], &end(&log)["holes"]), (&0.into(), &0.into()), "{what}");
        }
    }
}

#[test]
fn limits_reached_within_the_program_disturb_nothing() {
    for way in ["nofile", "as", "fsize"] {
        carries_on(&Run::new(compile("hostile")).arg(way), way);
    }
}

#[test]
fn a_program_that_landlock_confined_carries_on() {
    carries_on(&Run::new(compile("hostile")).arg("landlock"), "landlock");
}

#[test]
fn another_user_root_or_namespace_carries_on() {
    if !is_root() {
        return not_tested("chroot, dropped privileges and namespaces: needs root");
    }
    let root = Scratch::new();
    for way in ["user", "chroot", "network", "mounts", "processes", "everything"] {
        carries_on(&Run::new(compile("hostile")).arg(way).arg(root.path()), way);
    }
}

/// A shell that sets limits and becomes the program.
fn limited(limits: &str, args: &[&str]) -> Run {
    let script = format!("{limits}; exec \"$@\"");
    Run::new("/bin/sh").args(["-c", &script, "sh"]).arg(compile("steady")).args(args)
}

#[test]
fn limits_that_a_program_starts_with_disturb_nothing() {
    // ulimit -v is in KiB: enough for the program, not for our memory, or not beside its own; -n leaves two descriptors.
    for limits in [
        "ulimit -v 16000",
        "ulimit -v 44000",
        "ulimit -n 5",
        "ulimit -f 0",
        "ulimit -l 0",
        "ulimit -s 128",
        "ulimit -c 0",
    ] {
        let run = limited(limits, &["500"]).with_summary();
        let raw = run.run(How::Raw);
        raw.assert_success();
        for how in WAYS {
            let shimmed = run.run(how);
            let label = format!("{limits}, {}", how.label());
            assert_eq!((shimmed.out(), shimmed.ended()), (raw.out(), raw.ended()), "{label}: {}", shimmed.err());
            if let How::Command(_) = how {
                let sends = shimmed.json().count(&["send"]);
                let said = shimmed.err();
                assert!(sends == 500 || said.contains("not seen"), "{label}: {sends} sends, and it said {said}");
            }
        }
    }
}

/// SIGXFSZ for the log's file ended the program, or the command.
#[test]
fn a_log_that_reaches_the_file_size_limit_kills_nobody() {
    let steady = compile("steady");
    // Blocks of 512 bytes, set before the command starts: it must not die of its own log's growth.
    let ways = [
        ("ulimit -S -f 64", "auto", true),
        ("ulimit -f 200000", "file", true),
        ("ulimit -f 64", "auto", false),
        ("ulimit -f 64", "file", false),
    ];
    for (limit, memory, whole) in ways {
        let scratch = Scratch::new();
        let log = scratch.join("log");
        let script = format!("{limit}; exec \"$@\"");
        let out = Command::new("/bin/sh")
            .args(["-c", &script, "sh"])
            .arg(&paths().command)
            .args(["run", "--format", "json", "--memory", memory, "-o"])
            .arg(&log)
            .arg("--")
            .arg(&steady)
            .arg("2000")
            .env_remove("LD_PRELOAD")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&out.stderr);
        if whole || memory == "auto" {
            assert!(out.status.success(), "{limit}: {:?} {err}", out.status);
            assert_eq!(out.stdout, b"started\n2000 rounds in 1 threads\n", "{limit}");
            assert_eq!(err.contains("the log is not complete: File too large"), !whole, "{limit}: {err}");
        }
        if whole {
            assert_eq!(Log::parse(&std::fs::read(&log).unwrap()).unwrap().count(&["send"]), 2000, "{limit}");
        } else if memory == "file" {
            // No memory can be had within the hard limit: said before anything runs, not a death by signal.
            assert_eq!(out.status.code(), Some(1), "{limit}: {:?} {err}", out.status);
            assert!(err.contains("no place for the session's memory") && out.stdout.is_empty(), "{limit}: {err}");
        }
    }
    let run = limited("ulimit -f 8", &["2000"]);
    let raw = run.run(How::Raw);
    raw.assert_success();
    for form in [Form::Text, Form::Json] {
        let shimmed = run.run(How::Alone(form));
        assert_same(&raw, &shimmed);
        assert!(!shimmed.log.is_empty() && shimmed.log.len() <= 8 * 1024, "{} bytes", shimmed.log.len());
    }
    let threads = limited("ulimit -f 8", &["500", "4"]);
    assert_same(&threads.run(How::Raw), &threads.run(How::Alone(Form::Json)));
}

/// The program's own limit must be the one it was given, not the one socklens lifted for itself.
#[test]
fn the_program_keeps_its_file_size_limit() {
    let script = "ulimit -S -f 100; exec \"$@\"";
    let out = Command::new("/bin/sh")
        .args(["-c", script, "sh"])
        .arg(&paths().command)
        .args([
            "run",
            "-q",
            "-e",
            "socket",
            "--",
            "/bin/sh",
            "-c",
            "ulimit -S -f; grep -E 'Sig(Ign|Blk)' /proc/self/status",
        ])
        .env_remove("LD_PRELOAD")
        .output()
        .unwrap();
    let raw = Command::new("/bin/sh")
        .args(["-c", "ulimit -S -f 100; ulimit -S -f; grep -E 'Sig(Ign|Blk)' /proc/self/status"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&raw.stdout));
}

/// Starts `steady` under the command, with the program's output in a file.
fn start(options: &[&str], args: &[&str], scratch: &Scratch) -> Child {
    let run = Run::new(compile("steady")).args(args).options(options).with_summary();
    run.start(How::Command(Form::Json), scratch)
}

/// Waits until the file holds the text.
#[track_caller]
fn wait_for_text(file: &Path, text: &str, within: Duration) {
    let deadline = Instant::now() + within;
    while !std::fs::read_to_string(file).unwrap_or_default().contains(text) {
        assert!(Instant::now() < deadline, "{} does not say {text:?}", file.display());
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn signal(child: &Child, signal: i32) {
    // SAFETY: our own child, not waited for yet.
    assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
}

#[test]
fn a_killed_reader_does_not_hold_the_program_up() {
    for delay in [0u64, 1, 3, 7, 15, 40] {
        let scratch = Scratch::new();
        let mut reader = start(&["--wait", "30s"], &["300000", "2"], &scratch);
        wait_for_text(&scratch.join("stdout"), "started", Duration::from_secs(20));
        let session = session_of(&reader);
        std::thread::sleep(Duration::from_millis(delay));
        signal(&reader, libc::SIGKILL);
        let _ = reader.wait();
        // Far below the 30 seconds that the program could be made to wait once per chunk.
        wait_for_text(&scratch.join("stdout"), "300000 rounds in 2 threads", Duration::from_secs(25));
        // Nobody was left to do it, unless all had ended before.
        if session.exists() {
            let read = Command::new(&paths().command).args(["read", "-q", "-o", "/dev/null"]).arg(&session).output();
            let read = read.unwrap();
            assert!(read.status.success() && !session.exists(), "{read:?}");
        }
    }
}

#[test]
fn a_stopped_reader_delays_the_program_and_loses_nothing() {
    let scratch = Scratch::new();
    // 8 chunks hold about 5000 events: the program has to wait for the reader.
    let go = scratch.join("go");
    let options = ["--buffer", "524288", "--wait", "60s"];
    let mut reader = start(&options, &["5000", "4", go.to_str().unwrap()], &scratch);
    wait_for_text(&scratch.join("stdout"), "started", Duration::from_secs(20));
    signal(&reader, libc::SIGSTOP);
    std::fs::write(&go, "").unwrap();
    std::thread::sleep(Duration::from_millis(500));
    signal(&reader, libc::SIGCONT);
    assert!(wait_for(&mut reader, Duration::from_secs(60)).is_some_and(|s| s.success()));
    let log = Log::parse(&std::fs::read(scratch.join("log")).unwrap()).unwrap();
    assert_eq!((log.count(&["send"]), log.count(&["recv"])), (20_000, 20_000));
    assert_eq!(end(&log)["dropped"], 0);
}

/// Nobody waits for a reader that is stopped any more, but what begins meanwhile is its own.
#[test]
fn a_program_that_begins_while_the_reader_is_stopped_is_recorded() {
    let steady = compile("steady");
    let script = "kill -STOP $PPID; \"$0\" 60000 4; \"$0\" 1 1; kill -CONT $PPID";
    let run = Run::new("/bin/sh").args(["-c", script, steady.to_str().unwrap()]);
    let out = run.options(["--buffer", "524288", "--wait", "5ms"]).run(How::Command(Form::Json));
    let log = out.json();
    assert_ne!(end(&log)["dropped"], 0, "nobody had to give the reader up");
    let begun = |r: &&serde_json::Value| r["type"] == "process_start" && r["comm"] == "steady" && r["born"] == "exec";
    assert_eq!(log.records.iter().filter(begun).count(), 2);
}

#[test]
fn what_a_stopped_reader_makes_drop_is_counted_to_the_last_call() {
    for options in [&["--buffer", "524288", "--wait", "5ms"][..], &["--buffer", "524288", "--lossy"]] {
        let scratch = Scratch::new();
        let go = scratch.join("go");
        let mut reader = start(options, &["24000", "4", go.to_str().unwrap()], &scratch);
        wait_for_text(&scratch.join("stdout"), "started", Duration::from_secs(20));
        signal(&reader, libc::SIGSTOP);
        std::fs::write(&go, "").unwrap();
        // The program ends while nobody reads.
        wait_for_text(&scratch.join("stdout"), "24000 rounds in 4 threads", Duration::from_secs(60));
        signal(&reader, libc::SIGCONT);
        assert!(wait_for(&mut reader, Duration::from_secs(60)).is_some_and(|s| s.success()), "{options:?}");
        let text = std::fs::read_to_string(scratch.join("log")).unwrap();
        let end = end(&Log::parse(format!("{}\n", text.lines().last().unwrap()).as_bytes()).unwrap());
        let (recorded, dropped) = (end["recorded"].as_u64().unwrap(), end["dropped"].as_u64().unwrap());
        assert_eq!(recorded + dropped, 4 * (2 * 24_000 + 3), "{options:?}: {end}");
        assert!(dropped > 0, "{options:?}: {end}");
        let calls = text.lines().filter(|l| l.starts_with("{\"type\":\"call\"")).count() as u64;
        assert_eq!(calls, recorded, "{options:?}: {end}");
        let said = std::fs::read_to_string(scratch.join("stderr")).unwrap();
        assert!(said.contains("for want of room"), "{options:?}: {said}");
    }
}

#[test]
fn a_program_killed_anywhere_leaves_a_whole_log() {
    for delay in [0u64, 1, 2, 5, 9, 20] {
        let scratch = Scratch::new();
        let mut reader = start(&[], &["100000000", "3"], &scratch);
        wait_for_text(&scratch.join("stdout"), "started", Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(delay));
        let children = format!("/proc/{0}/task/{0}/children", reader.id());
        let pid: i32 = std::fs::read_to_string(children).unwrap().split_whitespace().next().unwrap().parse().unwrap();
        // SAFETY: the child of our own child, which still runs.
        unsafe { libc::kill(pid, libc::SIGKILL) };
        let status = wait_for(&mut reader, Duration::from_secs(60)).expect("the command ends");
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(libc::SIGKILL));
        let log = Log::parse(&std::fs::read(scratch.join("log")).unwrap()).unwrap();
        let end = end(&log);
        let calls = log.records.iter().filter(|r| r["type"] == "call");
        let ended = calls.filter(|r| !r["flags"].to_string().contains("unfinished")).count() as u64;
        assert_eq!((end["recorded"].as_u64(), &end["dropped"]), (Some(ended), &0.into()), "after {delay} ms: {end}");
        // A thread can die within the few instructions between reserving its event's room and committing it.
        assert!(end["holes"].as_u64().unwrap() <= 3, "{end}");
    }
}

#[test]
fn a_log_on_a_full_disk_is_said_and_the_program_carries_on() {
    for form in ["text", "strace"] {
        let out = Command::new(&paths().command)
            .args(["run", "--format", form, "-o", "/dev/full", "--"])
            .arg(compile("steady"))
            .arg("2000")
            .env_remove("LD_PRELOAD")
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success() && out.stdout == b"started\n2000 rounds in 1 threads\n", "{form}: {out:?}");
        assert!(err.contains("the log is not complete") && err.contains("No space left"), "{form}: {err}");
    }
    if !is_root() {
        return not_tested("a small tmpfs: needs root");
    }
    let Some(unshare) = require("unshare") else { return };
    let scratch = Scratch::new();
    let script = "mount -t tmpfs -o size=256k none \"$1\" && shift && exec \"$@\"";
    let out = Command::new(unshare)
        .args(["-m", "/bin/sh", "-c", script, "sh"])
        .arg(scratch.path())
        .arg(&paths().command)
        .args(["run", "--format", "json", "-o"])
        .arg(scratch.join("log"))
        .arg("--")
        .arg(compile("steady"))
        .arg("20000")
        .env_remove("LD_PRELOAD")
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success() && out.stdout.ends_with(b"20000 rounds in 1 threads\n"), "{:?} {err}", out.status);
    assert!(err.contains("the log is not complete"), "{err}");
}

/// Runs the command where mounts were changed by a shell script.
fn with_mounts(unshare: &Path, script: &str) -> std::process::Output {
    Command::new(unshare)
        .args(["-m", "/bin/sh", "-c", &format!("{script} && exec \"$@\""), "sh"])
        .arg(&paths().command)
        .args(["run", "-e", "socketpair", "--"])
        .arg(compile("steady"))
        .arg("50")
        .env_remove("LD_PRELOAD")
        .env_remove("XDG_RUNTIME_DIR")
        .env("TMPDIR", "/tmp")
        .output()
        .unwrap()
}

#[test]
fn without_shared_memory_another_place_is_taken_and_without_any_it_is_said() {
    if !is_root() {
        return not_tested("read-only and missing /dev/shm: needs root");
    }
    let Some(unshare) = require("unshare") else { return };
    let hide = "mount -t tmpfs -o ro none";
    for shm in [format!("{hide} /dev/shm"), "mount -t tmpfs -o size=64k none /dev/shm".into()] {
        let out = with_mounts(&unshare, &shm);
        let err = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success() && err.contains("1 call recorded, 0 dropped"), "{shm}: {:?} {err}", out.status);
    }
    // Programs and libraries of the tests may lie below /tmp: only a read-only view of it, not an empty one.
    let nowhere = "mount -t tmpfs -o ro none /dev/shm && mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp";
    let out = with_mounts(&unshare, nowhere);
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(err.contains("no place for the session's memory") && err.contains("/dev/shm"), "{:?} {err}", out.status);
    assert!(!out.status.success() && out.stdout.is_empty());
}

#[test]
fn a_missing_tmpdir_is_passed_over() {
    let run =
        Run::new(compile("steady")).arg("50").env("TMPDIR", "/nonexistent").env("XDG_RUNTIME_DIR", "/nonexistent");
    let raw = run.run(How::Raw);
    for how in WAYS {
        let shimmed = run.run(how);
        assert_same(&raw, &shimmed);
        assert!(!how.is_json() || shimmed.json().count(&["send"]) == 50, "{}", shimmed.label);
    }
}

/// The session's directory of a command that runs `steady`, found by the program's environment.
fn session_of(reader: &Child) -> PathBuf {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", reader.id())).unwrap_or_default();
        let environment = children
            .split_whitespace()
            .find_map(|pid| std::fs::read(format!("/proc/{pid}/environ")).ok())
            .unwrap_or_default();
        let name = environment.split(|&b| b == 0).find_map(|v| v.strip_prefix(b"SOCKLENS_SESSION="));
        if let Some(name) = name {
            let path = PathBuf::from(String::from_utf8_lossy(name).into_owned());
            return path.parent().expect("a directory").to_owned();
        }
        assert!(Instant::now() < deadline, "the program has no session");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_session_deleted_under_its_writers_goes_on() {
    let scratch = Scratch::new();
    let mut reader = start(&[], &["10000", "2"], &scratch);
    wait_for_text(&scratch.join("stdout"), "started", Duration::from_secs(20));
    std::fs::remove_dir_all(session_of(&reader)).unwrap();
    assert!(wait_for(&mut reader, Duration::from_secs(60)).is_some_and(|s| s.success()));
    let log = Log::parse(&std::fs::read(scratch.join("log")).unwrap()).unwrap();
    assert_eq!((log.count(&["send"]), &end(&log)["dropped"]), (20_000, &0.into()));
}

/// A session's memory was a file: cut off, it took the memory away from under the program, which died of SIGBUS.
#[test]
fn a_session_cut_short_under_its_writers_goes_on() {
    let scratch = Scratch::new();
    let mut reader = start(&[], &["10000", "2"], &scratch);
    wait_for_text(&scratch.join("stdout"), "started", Duration::from_secs(20));
    let dir = session_of(&reader);
    for entry in std::fs::read_dir(&dir).unwrap() {
        std::fs::OpenOptions::new().write(true).open(entry.unwrap().path()).unwrap().set_len(0).unwrap();
    }
    assert!(wait_for(&mut reader, Duration::from_secs(60)).is_some_and(|s| s.success()));
    let log = Log::parse(&std::fs::read(scratch.join("log")).unwrap()).unwrap();
    assert_eq!((log.count(&["send"]), &end(&log)["dropped"]), (20_000, &0.into()));
    assert!(!dir.exists());
}

/// As in a container.
#[test]
fn a_command_under_a_filter_records_what_is_under_it_too() {
    let scratch = Scratch::new();
    let log = scratch.join("log");
    let out = Command::new(compile("filtered"))
        .arg(&paths().command)
        .args(["run", "--format", "json", "-o"])
        .arg(&log)
        .arg("--")
        .arg(compile("steady"))
        .arg("100")
        .output()
        .unwrap();
    if out.status.code() == Some(77) {
        return not_tested("a command under a filter: no seccomp filter can be installed");
    }
    assert!(out.status.success(), "{out:?}");
    assert_eq!(Log::parse(&std::fs::read(&log).unwrap()).unwrap().count(&["send"]), 100);
}

/// What the loader does not do may be what a filter kills for, and an IPC namespace has memory of its own.
#[test]
fn under_a_filter_or_in_another_ipc_namespace_the_session_is_joined_by_file_alone() {
    let mut ways = vec![vec![compile("filtered").display().to_string()]];
    match require("unshare").filter(|_| is_root()) {
        Some(unshare) => ways.push(vec![unshare.display().to_string(), "--ipc".into()]),
        None => not_tested("IPC namespaces: needs root"),
    }
    for way in ways {
        let run = Run::new(&way[0]).args(&way[1..]).arg(compile("steady")).arg("100").with_summary();
        let raw = run.run(How::Raw);
        raw.assert_success();
        for (memory, sends) in [("auto", 0), ("system-v", 0), ("file", 100)] {
            let shimmed = run.clone().options(["--memory", memory]).run(How::Command(Form::Json));
            assert_eq!(
                (shimmed.out(), shimmed.ended()),
                (raw.out(), raw.ended()),
                "{way:?} {memory}: {}",
                shimmed.err()
            );
            assert_eq!(shimmed.json().count(&["send"]), sends, "{way:?} {memory}");
            assert_eq!(shimmed.err().contains("--memory file"), sends == 0, "{way:?} {memory}: {}", shimmed.err());
        }
    }
}

/// What /proc says of such a user does not fit where it is read to, and one of its lines alone does not.
#[test]
fn who_is_in_many_groups_is_recorded() {
    let Some(setpriv) = require("setpriv").filter(|_| is_root()) else {
        not_tested("users in many groups: needs root");
        return;
    };
    for many in [100, 200, 400, 3000] {
        let groups: Vec<String> = (0..many).map(|g| (100_000 + g).to_string()).collect();
        let run = Run::new(&setpriv).args(["--groups", &groups.join(","), "--"]).arg(compile("steady")).arg("100");
        let shimmed = run.run(How::Command(Form::Json));
        shimmed.assert_success();
        assert_eq!(shimmed.json().count(&["send"]), 100, "{many} groups: {}", shimmed.err());
    }
}

#[test]
fn the_sessions_memory_is_for_its_user_alone() {
    let scratch = Scratch::new();
    let mut reader = start(&["-e", "socket"], &["100000000"], &scratch);
    wait_for_text(&scratch.join("stdout"), "started", Duration::from_secs(20));
    let dir = session_of(&reader);
    let name = dir.file_name().unwrap().to_string_lossy().into_owned();
    let random = name.strip_prefix("socklens-").unwrap();
    assert!(random.len() == 32 && random.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
    let mode = |p: &Path| std::fs::metadata(p).unwrap().mode() & 0o7777;
    assert_eq!((mode(&dir), mode(&dir.join("segment"))), (0o700, 0o600));
    if is_root()
        && let Some(setpriv) = require("setpriv")
    {
        let other = |program: &str, args: &[&str]| {
            let mut c = Command::new(&setpriv);
            c.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--", program]).args(args);
            c.env("SOCKLENS_SESSION", dir.join("segment")).env_remove("LD_PRELOAD");
            c.output().unwrap()
        };
        assert!(!other("cat", &[dir.join("segment").to_str().unwrap()]).status.success());
        assert!(!other("ls", &[dir.to_str().unwrap()]).status.success());
    }
    signal(&reader, libc::SIGTERM);
    assert!(wait_for(&mut reader, Duration::from_secs(20)).is_some());
    assert!(!dir.exists());
}

/// A segment of somebody else, a symbolic link, or one that others may read: not joined, and the program runs on.
#[test]
fn a_session_that_is_not_ours_alone_is_not_joined() {
    let scratch = Scratch::new();
    let mut reader = start(&["-e", "socket", "--memory", "file"], &["100000000"], &scratch);
    wait_for_text(&scratch.join("stdout"), "started", Duration::from_secs(20));
    let segment = session_of(&reader).join("segment");
    let copy = |name: &str, mode: u32| {
        let to = scratch.join(name);
        std::fs::copy(&segment, &to).unwrap();
        std::fs::set_permissions(&to, std::fs::Permissions::from_mode(mode)).unwrap();
        to
    };
    let (private, open) = (copy("private", 0o600), copy("open", 0o644));
    let link = scratch.join("link");
    std::os::unix::fs::symlink(&private, &link).unwrap();
    let short = scratch.join("short");
    std::fs::write(&short, &std::fs::read(&private).unwrap()[..8192]).unwrap();
    std::fs::set_permissions(&short, std::fs::Permissions::from_mode(0o600)).unwrap();
    let run = |path: &Path| Run::new(compile("steady")).arg("100").env("SOCKLENS_SESSION", path).run(How::Silent);
    let used = |path: &Path, before: &[u8]| std::fs::read(path).unwrap() != before;
    for (path, joined) in [(&private, true), (&open, false), (&link, false), (&short, false)] {
        let before = std::fs::read(path).unwrap();
        assert_eq!(run(path).assert_success().out(), "started\n100 rounds in 1 threads\n", "{}", path.display());
        assert_eq!(used(path, &before), joined, "{}", path.display());
    }
    signal(&reader, libc::SIGTERM);
    assert!(wait_for(&mut reader, Duration::from_secs(20)).is_some());
}

#[test]
fn payloads_reach_a_terminal_without_its_control_characters() {
    let Some(python) = require("python3") else { return };
    let code = "import socket,sys\n\
        a,b=socket.socketpair()\n\
        a.send(b'\\x1b]0;owned\\x07\\x9b31m\\x00\\r\\x08\\x7f\\xff end')\n\
        b.recv(100)\n\
        s=socket.socket(socket.AF_UNIX)\n\
        try: s.connect('/tmp/\\x1b[2Jx')\n\
        except OSError: pass\n";
    for form in [Form::Text, Form::Strace] {
        for options in [&["-s", "200"][..], &["-s", "200", "-x"], &["-s", "200", "-yy", "-v"]] {
            let run = Run::new(&python).args(["-c", code]).options(options).run(How::Command(form));
            run.assert_success();
            assert!(run.log_text().contains("owned") || run.log_text().contains("\\x6f"), "{}", run.log_text());
            // What took long is given in µs.
            let log = run.log_text().replace('µ', "u");
            let bad: Vec<u8> = log.bytes().filter(|b| *b != b'\n' && !(b' '..=b'~').contains(b)).collect();
            assert!(bad.is_empty(), "{} {options:?}: {bad:x?}", form.name());
        }
    }
    // A program may call itself anything.
    let scratch = Scratch::new();
    let program = scratch.join("\u{1b}[31mred");
    std::fs::copy(compile("steady"), &program).unwrap();
    let run = Run::new(&program).arg("10").with_summary().run(How::Command(Form::Text));
    run.assert_success();
    assert!(!run.log.contains(&0x1b), "{}", run.log_text().escape_debug());
    assert!(!run.stderr.contains(&0x1b), "{}", run.err().escape_debug());
    let missing = Command::new(&paths().command).args(["run", "--", "/no/\u{1b}[31mred"]).output().unwrap();
    assert!(!missing.stderr.contains(&0x1b), "{}", String::from_utf8_lossy(&missing.stderr).escape_debug());
}

/// References were counted before a fork for descriptors that other threads made or closed until the fork itself, so that
/// connections ended too early and the closes of their copies were not seen.
#[test]
fn threads_signals_and_forks_are_accounted_for_to_the_last_call() {
    let program = Run::new(compile("stress")).args(["100", "8", "2000", "400"]);
    let run = program.run(How::Command(Form::Json));
    run.assert_success();
    let text = run.log_text();
    for line in run.out().lines() {
        let (call, made) = line.split_once(' ').unwrap();
        let pattern = format!("\"call\":\"{call}\"");
        let logged = text.lines().filter(|l| l.contains(&pattern)).count();
        assert_eq!(logged.to_string(), made, "{call}");
    }
    let end = end(&Log::parse(format!("{}\n", text.lines().last().unwrap()).as_bytes()).unwrap());
    assert_eq!((&end["dropped"], &end["holes"]), (&0.into(), &0.into()));
}
