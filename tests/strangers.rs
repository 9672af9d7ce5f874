//! What another user of the machine may do with a session, and what strange names may do to a terminal: nothing.

use socklens_testkit::{Log, Scratch, compile, is_root, not_tested, paths, require, wait_for};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const STRANGER: u32 = 65534;

/// A directory that everybody may enter, with the command, its library and `steady` in it.
fn public() -> Scratch {
    let dir = Scratch::new();
    for from in [&paths().command, &paths().library, &compile("steady")] {
        std::fs::copy(from, dir.join(&from.file_name().unwrap().to_string_lossy())).unwrap();
    }
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

/// A program as the other user.
fn stranger(setpriv: &Path, program: &Path) -> Command {
    let mut c = Command::new(setpriv);
    c.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program);
    c.env_remove("LD_PRELOAD").stdin(Stdio::null());
    c
}

/// A command that goes on when the file `go` is there, and at the latest when the test is over.
struct Waiting {
    run: Child,
    go: PathBuf,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = std::fs::write(&self.go, "");
        let _ = wait_for(&mut self.run, Duration::from_secs(20));
    }
}

/// `steady` under `socklens run`, waiting for the file `go`, and its session's file and name.
fn waiting(dir: &Scratch, program: &Path, memory: &str) -> (Waiting, PathBuf, String) {
    let run = Command::new(&paths().command)
        .args(["run", "--format", "json", "--memory", memory, "-o"])
        .arg(dir.join("log"))
        .arg("--")
        .arg(program)
        .args(["50", "1"])
        .arg(dir.join("go"))
        .stdin(Stdio::null())
        .stdout(File::create(dir.join("out")).unwrap())
        .stderr(Stdio::piped())
        .env_remove("LD_PRELOAD")
        .spawn()
        .unwrap();
    let run = Waiting { run, go: dir.join("go") };
    let children = format!("/proc/{0}/task/{0}/children", run.run.id());
    for _ in 0..1000 {
        std::thread::sleep(Duration::from_millis(20));
        // Then it has joined, too.
        if std::fs::read(dir.join("out")).unwrap() != b"started\n" {
            continue;
        }
        for pid in std::fs::read_to_string(&children).unwrap_or_default().split_whitespace() {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let mut names = environment.split(|&b| b == 0).filter_map(|v| v.strip_prefix(b"SOCKLENS_SESSION="));
            if let Some(name) = names.next() {
                let name = String::from_utf8_lossy(name).into_owned();
                let segment = PathBuf::from(name.split('@').next().unwrap());
                assert_eq!(name.contains('@'), memory != "file", "{name}");
                return (run, segment, name);
            }
        }
    }
    panic!("the program has no session");
}

/// Lets it go on; what it wrote to stdout and stderr.
fn ended(mut waiting: Waiting) -> (String, String) {
    std::fs::write(&waiting.go, "").unwrap();
    let run = &mut waiting.run;
    let status = wait_for(run, Duration::from_secs(60)).expect("the command ends");
    let out = std::fs::read_to_string(waiting.go.with_file_name("out")).unwrap();
    let mut err = String::new();
    run.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(status.success(), "{status}: {err}");
    (out, err)
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&[&out.stdout[..], &out.stderr[..]].concat()).into_owned()
}

#[test]
fn another_user_cannot_see_read_change_or_join_a_session() {
    if !is_root() {
        return not_tested("other users: needs root");
    }
    let Some(setpriv) = require("setpriv") else { return };
    for memory in ["system-v", "file"] {
        cannot_see_read_change_or_join(&setpriv, memory);
    }
}

fn cannot_see_read_change_or_join(setpriv: &Path, memory: &str) {
    let dir = public();
    let (run, segment, name) = waiting(&dir, &dir.join("steady"), memory);
    let (session, pid) = (segment.parent().unwrap(), run.run.id().to_string());
    let (by_path, by_segment) = (session.to_str().unwrap(), segment.to_str().unwrap());
    for args in [
        &["read", by_path][..],
        &["fault", "--session", by_path, "list"],
        &["fault", "--session", by_segment, "add", "send : error EPIPE"],
        &["fault", "--session", &pid, "add", "send : error EPIPE"],
        &["top", "--once", by_path],
        &["top", "--once", &pid],
        &["serve", "--once", by_path],
        &["ps"],
    ] {
        let out = stranger(setpriv, &dir.join("socklens")).args(args).output().unwrap();
        if args == ["ps"] {
            assert!(!said(&out).contains("steady"), "{}", said(&out));
        } else {
            assert!(!out.status.success() && !said(&out).is_empty(), "{args:?}: {} {}", out.status, said(&out));
        }
    }
    // A program of the other user that is told to write into it runs on and does not.
    let out = stranger(setpriv, &dir.join("steady"))
        .arg("30")
        .env("LD_PRELOAD", dir.join("libsocklens.so"))
        .env("SOCKLENS_SESSION", name)
        .output()
        .unwrap();
    assert_eq!(said(&out), "started\n30 rounds in 1 threads\n");
    let (out, err) = ended(run);
    assert_eq!(out, "started\n50 rounds in 1 threads\n", "{err}");
    let log = Log::parse(&std::fs::read(dir.join("log")).unwrap()).unwrap();
    assert_eq!((log.count(&["send"]), log.count(&["recv"])), (50, 50));
    assert!(log.records.iter().all(|r| r["injected"].is_null()));
}

/// Memory that somebody else can change must not be taken for the user's own, not even by root.
#[test]
fn a_session_of_another_user_is_not_joined() {
    if !is_root() {
        return not_tested("sessions of other users: needs root");
    }
    let dir = public();
    let (run, segment, _) = waiting(&dir, &dir.join("steady"), "file");
    let planted = dir.join("planted");
    std::fs::copy(segment, &planted).unwrap();
    std::fs::set_permissions(&planted, std::fs::Permissions::from_mode(0o600)).unwrap();
    let join = || {
        let before = std::fs::read(&planted).unwrap();
        let out = Command::new(dir.join("steady"))
            .arg("30")
            .env("LD_PRELOAD", dir.join("libsocklens.so"))
            .env("SOCKLENS_SESSION", &planted)
            .output()
            .unwrap();
        assert_eq!(said(&out), "started\n30 rounds in 1 threads\n");
        std::fs::read(&planted).unwrap() != before
    };
    assert!(join(), "our own is joined");
    chown(&planted, Some(STRANGER), Some(STRANGER)).unwrap();
    assert!(!join(), "another user's is joined");
    ended(run);
}

/// `socklens ps` and `socklens check` printed names as they were.
#[test]
fn a_programs_name_does_not_act_on_a_terminal() {
    let dir = public();
    let program = dir.join("\u{1b}[31m\u{9b}red\u{7}");
    std::fs::copy(dir.join("steady"), &program).unwrap();
    let (run, ..) = waiting(&dir, &program, "auto");
    let name = program.to_str().unwrap();
    let pid = run.run.id().to_string();
    for (args, shown) in [
        (&["ps"][..], "\\u{1b}[31m"),
        (&["check", name], "\\u{1b}[31m"),
        (&["check", &format!("{name}-not")], "\\u{1b}[31m"),
        (&["top", "--once", "--tab", "processes", &pid], "red"),
        (&["run", "--format", name], "\\u{1b}[31m"),
        (&[name], "\\u{1b}[31m"),
    ] {
        let out = Command::new(&paths().command).args(args).env_remove("LD_PRELOAD").output().unwrap();
        let text = said(&out);
        assert!(text.contains(shown), "{args:?}: {}", text.escape_debug());
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{args:?}: {}", text.escape_debug());
    }
    let (_, err) = ended(run);
    assert!(!err.contains(|c: char| c.is_control() && c != '\n'), "{}", err.escape_debug());
}
