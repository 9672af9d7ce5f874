//! Well-known programs over the loopback interface: the right bytes, the same end, a clean log, and nothing left behind.

use socklens_testkit::{
    Daemon, Form, How, Leftovers, Log, Outcome, Run, Scratch, assert_same, free_port, is_root, not_tested, paths,
    require,
};
use std::path::Path;
use std::process::{Command, Stdio};

/// How the programs are run, besides raw.
const WAYS: [How; 4] = [How::Silent, How::Alone(Form::Json), How::Command(Form::Json), How::Command(Form::Text)];

#[track_caller]
fn clean(run: &Outcome, at_least: &[(&str, usize)]) -> Log {
    if !run.how.is_json() {
        return Log::default();
    }
    let log = run.json();
    for (call, times) in at_least {
        let n = log.count(&[call]);
        assert!(n >= *times, "{}: {call} {n} times, at least {times} expected", run.label);
    }
    log
}

/// Starts a server raw, and waits for its port.
fn serve(command: &mut Command, port: u16) -> Daemon {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut daemon = Daemon::new(child, &format!("{command:?}"));
    daemon.wait_for_port(port);
    daemon
}

/// Starts a server under socklens, and waits for its port.
fn serve_shimmed(run: &Run, how: How, scratch: &Scratch, port: u16) -> Daemon {
    let mut daemon = Daemon::new(run.start(how, scratch), &how.label());
    daemon.wait_for_port(port);
    daemon
}

fn log_of(scratch: &Scratch) -> Log {
    let bytes = std::fs::read(scratch.join("log")).unwrap_or_default();
    Log::parse(&bytes).unwrap_or_else(|e| panic!("{e}"))
}

/// Files of different sizes; the largest does not fit any socket buffer.
fn document_root(scratch: &Scratch) -> Vec<(&'static str, Vec<u8>)> {
    let large: Vec<u8> = (0..3_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let files = vec![("small.txt", b"hello\n".to_vec()), ("empty", Vec::new()), ("large.bin", large)];
    for (name, bytes) in &files {
        std::fs::write(scratch.join(name), bytes).unwrap();
    }
    files
}

#[test]
fn curl_fetches_the_same_bytes() {
    let (Some(curl), Some(python)) = (require("curl"), require("python3")) else { return };
    let (root, port) = (Scratch::new(), free_port());
    let files = document_root(&root);
    let port_text = port.to_string();
    let mut command = Command::new(python);
    command.args(["-m", "http.server", "--bind", "127.0.0.1", &port_text]).current_dir(root.path());
    let _server = serve(&mut command, port);
    let watch = Leftovers::watch("curl");
    for (name, bytes) in &files {
        let run =
            Run::new(&curl).args(["-s", "-S", "--fail"]).arg(format!("http://127.0.0.1:{port}/{name}")).mark("curl");
        let raw = run.run(How::Raw);
        assert_eq!(&raw.stdout, bytes);
        for how in WAYS {
            let shimmed = run.run(how);
            assert_same(&raw, &shimmed);
            clean(&shimmed, &[("socket", 1), ("connect", 1), ("close", 1)]);
        }
    }
    for (url, status) in [(format!("http://127.0.0.1:{port}/missing"), 22), ("http://127.0.0.1:1/".to_owned(), 7)] {
        let run = Run::new(&curl).args(["-s", "--fail", &url]).mark("curl");
        let raw = run.run(How::Raw);
        assert_eq!(raw.status.code(), Some(status));
        for how in WAYS {
            assert_same(&raw, &run.run(how));
        }
    }
    watch.assert_none();
}

#[test]
fn python_talks_and_has_children() {
    let Some(python) = require("python3") else { return };
    let watch = Leftovers::watch("python");
    for (script, calls) in [
        ("tcp_talk.py", &[("socket", 6), ("accept4", 4), ("connect", 5)]),
        ("subprocesses.py", &[("socketpair", 5), ("connect", 1), ("send", 5)]),
    ] {
        let run = Run::new(&python).arg(paths().programs.join(script)).mark("python");
        let raw = run.run(How::Raw);
        raw.assert_success();
        for how in WAYS {
            let shimmed = run.run(how);
            assert_same(&raw, &shimmed);
            clean(&shimmed, calls);
        }
    }
    watch.assert_none();
}

#[test]
fn a_server_in_python_serves_under_socklens() {
    let (Some(curl), Some(python)) = (require("curl"), require("python3")) else { return };
    let root = Scratch::new();
    let files = document_root(&root);
    let watch = Leftovers::watch("http.server");
    for how in [How::Silent, How::Alone(Form::Json), How::Command(Form::Json)] {
        let (scratch, port) = (Scratch::new(), free_port());
        let run =
            Run::new(&python).args(["-m", "http.server", "--bind", "127.0.0.1", &port.to_string()]).dir(root.path());
        let server = serve_shimmed(&run.mark("http.server"), how, &scratch, port);
        for (name, bytes) in &files {
            let got = Run::new(&curl).args(["-s", "-S"]).arg(format!("http://127.0.0.1:{port}/{name}")).run(How::Raw);
            assert!(&got.stdout == bytes, "{name} from {}", how.label());
        }
        server.stop(libc::SIGTERM);
        if how.is_json() {
            assert!(log_of(&scratch).count(&["accept4", "accept"]) >= files.len(), "{}", how.label());
        }
    }
    watch.assert_none();
}

#[test]
fn netcat_copies_both_ways() {
    let Some(nc) = require("nc") else { return };
    let watch = Leftovers::watch("nc");
    let input: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
    for how in [How::Raw].into_iter().chain(WAYS) {
        let (scratch, port) = (Scratch::new(), free_port());
        let listen = Run::new(&nc).args(["-l", "-N", "127.0.0.1", &port.to_string()]).mark("nc");
        let mut server = listen.start(how, &scratch);
        // No test connection: it would be taken for the client.
        let listening = || {
            let tcp = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
            tcp.lines().any(|l| l.contains(&format!("0100007F:{port:04X} 00000000:0000 0A")))
        };
        for _ in 0..500 {
            if listening() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let client = Run::new(&nc).args(["-N", "127.0.0.1", &port.to_string()]).input(&input).mark("nc").run(how);
        client.assert_success();
        clean(&client, &[("socket", 1), ("connect", 1), ("read", 0), ("poll", 1)]);
        assert!(server.wait().unwrap().success());
        assert!(std::fs::read(scratch.join("stdout")).unwrap() == input, "{}", how.label());
    }
    watch.assert_none();
}

#[test]
fn ssh_keyscan_reads_the_key_of_a_confined_sshd() {
    let (Some(sshd), Some(keyscan), Some(keygen)) = (require("sshd"), require("ssh-keyscan"), require("ssh-keygen"))
    else {
        return;
    };
    if !is_root() {
        return not_tested("sshd: needs root");
    }
    std::fs::create_dir_all("/run/sshd").unwrap();
    let scratch = Scratch::new();
    let key = scratch.join("key");
    let made = Command::new(keygen).args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap();
    assert!(made.success());
    let public = std::fs::read_to_string(scratch.join("key.pub")).unwrap();
    let public = public.split_whitespace().nth(1).unwrap().to_owned();
    let watch = Leftovers::watch("sshd");
    for how in [How::Raw].into_iter().chain(WAYS) {
        let (own, port) = (Scratch::new(), free_port());
        // sshd's child before authentication confines itself by seccomp and is killed for any call of ours.
        let daemon = Run::new(&sshd)
            .args(["-D", "-e", "-f", "/dev/null", "-o", "ListenAddress=127.0.0.1", "-o", "PidFile=none"])
            .args(["-p", &port.to_string(), "-h", key.to_str().unwrap()])
            .mark("sshd");
        let server = serve_shimmed(&daemon, how, &own, port);
        let scan =
            Run::new(&keyscan).args(["-t", "ed25519", "-p", &port.to_string(), "127.0.0.1"]).mark("sshd").run(how);
        scan.assert_success();
        assert!(scan.out().contains(&public), "{}: {} {}", how.label(), scan.out(), scan.err());
        clean(&scan, &[("socket", 1), ("connect", 1)]);
        server.stop(libc::SIGTERM);
        if how.is_json() {
            assert!(log_of(&own).count(&["accept", "accept4"]) >= 1, "{}", how.label());
        }
    }
    watch.assert_none();
}

#[test]
fn git_clones_from_a_daemon() {
    let Some(git) = require("git") else { return };
    let scratch = Scratch::new();
    let work = scratch.join("tree");
    std::fs::create_dir(&work).unwrap();
    std::fs::write(work.join("file"), "contents\n".repeat(20_000)).unwrap();
    let own = |dir: &Path| {
        let mut c = Command::new(&git);
        c.current_dir(dir)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", scratch.path());
        c
    };
    for args in [
        &["init", "-q"][..],
        &["add", "."],
        &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one"],
    ] {
        assert!(own(&work).args(args).status().unwrap().success(), "git {args:?}");
    }
    let port = free_port();
    let base = format!("--base-path={}", scratch.path().display());
    let port_option = format!("--port={port}");
    let mut daemon = own(scratch.path());
    daemon.args(["daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1", &port_option, &base]);
    let help = Command::new(&git).args(["daemon", "--no-such-option"]).output().unwrap();
    if String::from_utf8_lossy(&help.stderr).contains("not a git command") {
        return not_tested("git daemon is not installed with git");
    }
    let server = serve(&mut daemon, port);
    let watch = Leftovers::watch("git");
    for (n, how) in [How::Raw].into_iter().chain(WAYS).enumerate() {
        let to = scratch.join(&format!("clone{n}"));
        let run = Run::new(&git)
            .args(["clone", "-q", &format!("git://127.0.0.1:{port}/tree/.git")])
            .arg(&to)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("HOME", scratch.path())
            .mark("git")
            .run(how);
        run.assert_success();
        assert_eq!(run.err(), "");
        assert!(std::fs::read(to.join("file")).unwrap() == std::fs::read(work.join("file")).unwrap());
        clean(&run, &[("socket", 1), ("connect", 1)]);
    }
    watch.assert_none();
    server.stop(libc::SIGTERM);
}

#[test]
fn redis_answers_and_is_fast_enough() {
    let (Some(server), Some(cli), Some(bench)) =
        (require("redis-server"), require("redis-cli"), require("redis-benchmark"))
    else {
        return;
    };
    let watch = Leftovers::watch("redis");
    for how in [How::Raw].into_iter().chain(WAYS) {
        let (scratch, port) = (Scratch::new(), free_port());
        let port = port.to_string();
        let run = Run::new(&server)
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--dir", scratch.path().to_str().unwrap()])
            .mark("redis");
        let daemon = serve_shimmed(&run, how, &scratch, port.parse().unwrap());
        let ask = |words: &[&str]| {
            let run = Run::new(&cli).args(["-p", &port]).args(words).mark("redis").run(how);
            run.assert_success();
            clean(&run, &[("connect", 1)]);
            run.out()
        };
        assert_eq!(ask(&["set", "key", "a value with \\ and \""]), "OK\n");
        assert_eq!(ask(&["get", "key"]), "a value with \\ and \"\n");
        let flood = Run::new(&bench).args(["-p", &port, "-n", "2000", "-c", "10", "-q", "-t", "set,get"]).mark("redis");
        let flood = flood.run(How::Raw);
        flood.assert_success();
        assert!(flood.out().contains("GET"), "{}", flood.out());
        let _ = Run::new(&cli).args(["-p", &port, "shutdown", "nosave"]).run(How::Raw);
        let status = daemon.stop(libc::SIGTERM);
        assert!(status.success(), "{}: {status:?}", how.label());
        if how.is_json() {
            let log = log_of(&scratch);
            assert!(log.count(&["accept", "accept4"]) >= 12, "{}", how.label());
            assert!(log.count(&["read"]) >= 4000, "{}: {} reads", how.label(), log.count(&["read"]));
        }
    }
    watch.assert_none();
}

#[test]
fn nginx_serves_with_its_workers() {
    let (Some(nginx), Some(curl)) = (require("nginx"), require("curl")) else { return };
    let root = Scratch::new();
    let files = document_root(&root);
    // The workers run as another user.
    let open = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(root.path(), open.clone()).unwrap();
    let watch = Leftovers::watch("nginx");
    for how in [How::Raw].into_iter().chain(WAYS) {
        let (scratch, port) = (Scratch::new(), free_port());
        let dir = scratch.path().display();
        let config = format!(
            "daemon off;\nworker_processes 2;\npid {dir}/pid;\nerror_log {dir}/error.log;\nenv {mark};\n\
             events {{ worker_connections 64; }}\nhttp {{\n access_log off;\n sendfile on;\n client_body_temp_path {dir}/body;\n\
             proxy_temp_path {dir}/proxy;\n fastcgi_temp_path {dir}/fastcgi;\n uwsgi_temp_path {dir}/uwsgi;\n\
             scgi_temp_path {dir}/scgi;\n server {{ listen 127.0.0.1:{port}; root {root}; }}\n}}\n",
            mark = Leftovers::VARIABLE,
            root = root.path().display(),
        );
        std::fs::write(scratch.join("nginx.conf"), config).unwrap();
        if let How::Alone(_) = how {
            // Alone, every process opens the log itself, and the workers are not root any more.
            std::fs::write(scratch.join("log"), "").unwrap();
            let all = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
            std::fs::set_permissions(scratch.join("log"), all).unwrap();
            std::fs::set_permissions(scratch.path(), open.clone()).unwrap();
        }
        let run = Run::new(&nginx)
            .args(["-e", "stderr", "-c"])
            .arg(scratch.join("nginx.conf"))
            .arg("-p")
            .arg(scratch.path())
            .mark("nginx");
        let server = serve_shimmed(&run, how, &scratch, port);
        for (name, bytes) in &files {
            for _ in 0..5 {
                let got =
                    Run::new(&curl).args(["-s", "-S"]).arg(format!("http://127.0.0.1:{port}/{name}")).run(How::Raw);
                assert!(&got.stdout == bytes, "{name} from {}", how.label());
            }
        }
        let pid: i32 = std::fs::read_to_string(scratch.join("pid")).unwrap().trim().parse().unwrap();
        // SAFETY: the master that this test started.
        unsafe { libc::kill(pid, libc::SIGQUIT) };
        let status = server.stop(0);
        assert!(status.success(), "{}: {status:?}", how.label());
        let errors = std::fs::read_to_string(scratch.join("error.log")).unwrap_or_default();
        assert!(!errors.contains("[alert]") && !errors.contains("[crit]"), "{}: {errors}", how.label());
        if how.is_json() {
            let log = log_of(&scratch);
            assert!(log.count(&["accept4", "accept"]) >= 15, "{}", how.label());
            assert!(log.count(&["sendfile"]) >= 5, "{}", how.label());
        }
    }
    watch.assert_none();
}
