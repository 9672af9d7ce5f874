//! More well-known programs over the loopback interface, raw and under socklens: the same bytes, the same end, a clean
//! log, nothing left behind. `make test-programs` installs those that are missing.

use socklens_testkit::{
    Daemon, Form, How, Leftovers, Log, Run, Scratch, assert_same, free_port, installed, is_root, not_tested, paths,
    require,
};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const WAYS: [How; 3] = [How::Silent, How::Alone(Form::Json), How::Command(Form::Json)];

/// Runs the program raw and each way, demands the same outcome, and in each log as many of each call at least.
#[track_caller]
fn same(run: &Run, calls: &[(&str, usize)]) {
    let raw = run.run(How::Raw);
    raw.assert_success();
    for how in WAYS {
        let shimmed = run.run(how);
        assert_same(&raw, &shimmed);
        if how.is_json() {
            enough(&shimmed.json(), calls, &shimmed.label);
        }
    }
}

#[track_caller]
fn enough(log: &Log, calls: &[(&str, usize)], label: &str) {
    for (names, times) in calls {
        let n = log.count(&names.split('|').collect::<Vec<_>>());
        assert!(n >= *times, "{label}: {names} {n} times, at least {times} expected");
    }
    if let Some(end) = log.records.last().filter(|r| r["type"] == "end") {
        assert_eq!((&end["dropped"], &end["holes"]), (&0.into(), &0.into()), "{label}: {end}");
    }
}

/// Starts a server the given way and waits for its port.
#[track_caller]
fn serve(run: &Run, how: How, scratch: &Scratch, port: u16) -> Daemon {
    let mut daemon = Daemon::new(run.start(how, scratch), &how.label());
    daemon.wait_for_port(port);
    daemon
}

/// As [`serve`], without a first connection, which some servers would take for their client.
#[track_caller]
fn serve_unprobed(run: &Run, how: How, scratch: &Scratch, port: u16) -> Daemon {
    let daemon = Daemon::new(run.start(how, scratch), &how.label());
    let socket = format!("0100007F:{port:04X} 00000000:0000 0A");
    for _ in 0..1000 {
        if std::fs::read_to_string("/proc/net/tcp").unwrap_or_default().contains(&socket) {
            return daemon;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{}: nothing listens on port {port}", how.label());
}

#[track_caller]
fn log_of(scratch: &Scratch) -> Log {
    Log::parse(&std::fs::read(scratch.join("log")).unwrap_or_default()).unwrap_or_else(|e| panic!("{e}"))
}

fn all_may_read(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A directory with a file that fits no socket buffer, an empty one, and a small one.
fn documents() -> Scratch {
    let dir = Scratch::new();
    all_may_read(dir.path());
    let large: Vec<u8> = (0..3_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    for (name, bytes) in [("large.bin", &large[..]), ("empty", b""), ("small.txt", b"hello\n")] {
        std::fs::write(dir.join(name), bytes).unwrap();
    }
    dir
}

#[track_caller]
fn same_files(a: &Path, b: &Path) {
    for name in ["large.bin", "empty", "small.txt"] {
        assert!(std::fs::read(a.join(name)).unwrap() == std::fs::read(b.join(name)).unwrap(), "{name} differs");
    }
}

/// Interpreters and virtual machines that talk to themselves over TCP and print what came.
#[test]
fn every_interpreter_talks_to_itself() {
    let scripts: [(&str, &[&str], &str); 6] = [
        (
            "perl",
            &["-e"],
            "use IO::Socket::INET; my $s=IO::Socket::INET->new(Listen=>1,LocalAddr=>'127.0.0.1') or die; \
            if(!fork){my $c=IO::Socket::INET->new(PeerAddr=>'127.0.0.1',PeerPort=>$s->sockport) or die; print $c 'x' x 100000; exit 0} \
            my $c=$s->accept; local $/; my $d=<$c>; wait; print length($d),\" $?\\n\";",
        ),
        (
            "ruby",
            &["-rsocket", "-e"],
            "s=TCPServer.new('127.0.0.1',0); t=Thread.new{c=TCPSocket.new('127.0.0.1',s.addr[1]); \
            c.write('x'*100000); c.close}; c=s.accept; puts c.read.size; t.join; puts `echo child`",
        ),
        (
            "php",
            &["-r"],
            "$s=stream_socket_server('tcp://127.0.0.1:0'); $n=stream_socket_get_name($s,false); \
            $c=stream_socket_client('tcp://'.$n); $a=stream_socket_accept($s); fwrite($c,str_repeat('x',10000)); fclose($c); \
            echo strlen(stream_get_contents($a)),\"\\n\"; echo shell_exec('echo child');",
        ),
        (
            "node",
            &["-e"],
            "const net=require('net');let n=0;const s=net.createServer(c=>{c.on('data',d=>n+=d.length);\
            c.on('end',()=>{console.log(n);s.close();console.log(require('child_process').execSync('echo child')+'')})});\
            s.listen(0,'127.0.0.1',()=>net.connect(s.address().port,'127.0.0.1').end('x'.repeat(100000)))",
        ),
        (
            "python3",
            &["-c"],
            "import asyncio\nasync def main():\n  got=asyncio.get_running_loop().create_future()\n  \
            async def h(r,w):\n    got.set_result(len(await r.read())); w.close()\n  \
            s=await asyncio.start_server(h,'127.0.0.1',0)\n  \
            r,w=await asyncio.open_connection(*s.sockets[0].getsockname())\n  w.write(b'x'*100000); w.write_eof()\n  \
            print(await got)\n  p=await asyncio.create_subprocess_exec('echo','child',stdout=-1); print((await p.communicate())[0])\n\
            asyncio.run(main())",
        ),
        ("bash", &["-c"], "for i in $(seq 500); do (:); done; echo $(true | cat)done"),
    ];
    let watch = Leftovers::watch("interpreters");
    for (program, options, script) in scripts {
        let Some(path) = require(program) else { continue };
        let calls: &[(&str, usize)] = if program == "bash" { &[] } else { &[("socket", 2), ("connect", 1)] };
        same(&Run::new(path).args(options).arg(script).mark("interpreters"), calls);
    }
    watch.assert_none();
}

#[test]
fn a_java_program_talks_to_itself() {
    let Some(java) = require("java") else { return };
    let dir = Scratch::new();
    let source = "import java.io.*; import java.net.*;\n\
        public class Talk { public static void main(String[] a) throws Exception {\n\
        ServerSocket s = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());\n\
        Thread t = new Thread(() -> { try (Socket c = new Socket(s.getInetAddress(), s.getLocalPort())) {\n\
        c.getOutputStream().write(new byte[100000]); } catch (IOException e) { System.out.println(e); } });\n\
        t.start(); try (Socket c = s.accept()) { System.out.println(c.getInputStream().readAllBytes().length); }\n\
        t.join(); System.out.println(new ProcessBuilder(\"true\").start().waitFor()); } }\n";
    std::fs::write(dir.join("Talk.java"), source).unwrap();
    if !Command::new(&java)
        .arg("--list-modules")
        .output()
        .is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("jdk.compiler"))
    {
        return not_tested("java without its compiler (apt-get install default-jdk-headless)");
    }
    let watch = Leftovers::watch("java");
    let run = Run::new(java).args(["-XX:+UseSerialGC", "-XX:-UsePerfData"]).arg(dir.join("Talk.java"));
    same(&run.mark("java").deadline(Duration::from_secs(120)), &[("socket", 2), ("connect", 1)]);
    watch.assert_none();
}

#[test]
fn debuggers_and_tracers_run_programs_under_socklens() {
    let program = paths().examples.join("tcp_forking");
    let watch = Leftovers::watch("tracers");
    let scratch = Scratch::new();
    if let Some(strace) = require("strace") {
        let run = Run::new(strace).args(["-f", "-o"]).arg(scratch.join("strace")).arg(&program).mark("tracers");
        same(&run, &[("socket", 9), ("connect", 8), ("accept", 8)]);
    }
    if let Some(valgrind) = require("valgrind") {
        for name in ["tcp_threaded", "msg_peek_trunc"] {
            let run = Run::new(&valgrind).args(["-q", "--error-exitcode=9", "--trace-children=no"]).mark("tracers");
            let run = run.arg(paths().examples.join(name)).deadline(Duration::from_secs(120));
            let raw = run.run(How::Raw);
            raw.assert_success();
            for how in WAYS {
                assert_same(&raw, &run.run(how));
            }
        }
    }
    if let Some(gdb) = require("gdb") {
        let commands = ["break close", "run", "bt 1", "delete", "continue"];
        let run = commands.iter().fold(Run::new(gdb).args(["-q", "-nx", "-batch"]), |r, c| r.arg("-ex").arg(c));
        let run = run.arg(paths().examples.join("udp_echo")).mark("tracers").deadline(Duration::from_secs(120));
        for how in [How::Raw].into_iter().chain(WAYS) {
            let out = run.run(how);
            out.assert_success();
            assert!(out.out().contains("exited normally"), "{}: {} {}", out.label, out.out(), out.err());
        }
    }
    watch.assert_none();
}

#[test]
fn wget_and_haproxy_pass_the_same_bytes() {
    let (Some(python), Some(wget)) = (require("python3"), require("wget")) else { return };
    let (root, scratch, port) = (documents(), Scratch::new(), free_port());
    let origin =
        Run::new(python).args(["-m", "http.server", "--bind", "127.0.0.1", &port.to_string()]).dir(root.path());
    let _origin = serve(&origin, How::Raw, &scratch, port);
    let watch = Leftovers::watch("wget");
    for how in [How::Raw].into_iter().chain(WAYS) {
        let (own, front) = (Scratch::new(), free_port());
        let proxy = installed("haproxy").map(|haproxy| {
            let config = format!(
                "global\n nbthread 2\ndefaults\n mode http\n timeout connect 5s\n timeout client 9s\n timeout server 9s\n\
                 frontend f\n bind 127.0.0.1:{front}\n default_backend b\nbackend b\n server s 127.0.0.1:{port}\n"
            );
            std::fs::write(own.join("haproxy.cfg"), config).unwrap();
            let run = Run::new(haproxy).args(["-db", "-f"]).arg(own.join("haproxy.cfg")).mark("wget");
            serve(&run, how, &own, front)
        });
        let through = if proxy.is_some() { front } else { port };
        for name in ["large.bin", "empty", "small.txt"] {
            let url = format!("http://127.0.0.1:{through}/{name}");
            let out = Run::new(&wget).args(["-q", "-O"]).arg(own.join(name)).arg(url).mark("wget").run(how);
            out.assert_success();
            assert_eq!(out.err(), "", "{}", out.label);
        }
        same_files(root.path(), own.path());
        match proxy {
            Some(p) => {
                p.stop(libc::SIGTERM);
                if how.is_json() {
                    enough(&log_of(&own), &[("accept|accept4", 3), ("connect", 3)], &how.label());
                }
            }
            None => not_tested("haproxy is not installed (apt-get install haproxy)"),
        }
    }
    watch.assert_none();
}

#[test]
fn wrk_floods_an_nginx_without_errors() {
    let (Some(nginx), Some(wrk)) = (require("nginx"), require("wrk")) else { return };
    let root = documents();
    let watch = Leftovers::watch("wrk");
    for how in [How::Raw, How::Silent, How::Command(Form::Json)] {
        let (own, port) = (Scratch::new(), free_port());
        all_may_read(own.path());
        let dir = own.path().display();
        let temps =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|t| format!("{t}_temp_path {dir}/{t};")).concat();
        let config = format!(
            "daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/error.log; env {}; events {{ worker_connections 64; }}\n\
             http {{ access_log off; {temps} server {{ listen 127.0.0.1:{port}; root {}; }} }}\n",
            Leftovers::VARIABLE,
            root.path().display(),
        );
        std::fs::write(own.join("nginx.conf"), config).unwrap();
        let run = Run::new(&nginx).args(["-e", "stderr", "-p"]).arg(own.path()).arg("-c").arg(own.join("nginx.conf"));
        let server = serve(&run.mark("wrk"), how, &own, port);
        let url = format!("http://127.0.0.1:{port}/small.txt");
        let flood = Run::new(&wrk).args(["-t1", "-c8", "-d1s", &url]).mark("wrk").run(how);
        flood.assert_success();
        let said = flood.out();
        assert!(said.contains("requests in") && !said.contains("Socket errors") && !said.contains("Non-2xx"), "{said}");
        let pid: i32 = std::fs::read_to_string(own.join("pid")).unwrap().trim().parse().unwrap();
        // SAFETY: the master that this test started.
        unsafe { libc::kill(pid, libc::SIGQUIT) };
        assert!(server.stop(0).success(), "{}", how.label());
    }
    watch.assert_none();
}

#[test]
fn memcached_answers() {
    let (Some(memcached), Some(nc)) = (require("memcached"), require("nc")) else { return };
    let watch = Leftovers::watch("memcached");
    for how in [How::Raw].into_iter().chain(WAYS) {
        let (own, port) = (Scratch::new(), free_port());
        let port_text = port.to_string();
        let run =
            Run::new(&memcached).args(["-l", "127.0.0.1", "-p", &port_text, "-u", "root", "-t", "2"]).mark("memcached");
        let server = serve(&run, how, &own, port);
        let client =
            Run::new(&nc).args(["-N", "127.0.0.1", &port_text]).input(b"set k 0 0 5\r\nhello\r\nget k\r\nquit\r\n");
        let out = client.mark("memcached").run(how);
        out.assert_success();
        assert_eq!(out.out(), "STORED\r\nVALUE k 0 5\r\nhello\r\nEND\r\n", "{}", out.label);
        server.stop(libc::SIGTERM);
        if how.is_json() {
            enough(&log_of(&own), &[("accept|accept4", 1), ("read|recvmsg|recv", 1), ("sendmsg", 1)], &how.label());
        }
    }
    watch.assert_none();
}

#[test]
fn an_rsync_daemon_gives_and_takes() {
    let Some(rsync) = require("rsync") else { return };
    let root = documents();
    let watch = Leftovers::watch("rsync");
    for how in [How::Raw].into_iter().chain(WAYS) {
        let (own, port) = (Scratch::new(), free_port());
        let user = if is_root() { "uid = root\ngid = root\n" } else { "" };
        let config = format!("use chroot = no\n{user}[all]\npath = {}\nread only = no\n", root.path().display());
        std::fs::write(own.join("rsyncd.conf"), config).unwrap();
        let config = format!("--config={}", own.join("rsyncd.conf").display());
        let daemon = Run::new(&rsync).args(["--daemon", "--no-detach", "--address=127.0.0.1"]).arg(config);
        let server = serve(&daemon.arg(format!("--port={port}")).mark("rsync"), how, &own, port);
        let to = own.join("copy");
        let out = Run::new(&rsync).args(["-a", "--checksum"]).arg(format!("rsync://127.0.0.1:{port}/all/")).arg(&to);
        let out = out.mark("rsync").run(how);
        out.assert_success();
        assert_eq!((out.out(), out.err()), (String::new(), String::new()), "{}", out.label);
        same_files(root.path(), &to);
        server.stop(libc::SIGTERM);
    }
    watch.assert_none();
}

#[test]
fn socat_ncat_and_iperf3_end_as_they_should() {
    let input: Vec<u8> = (0..300_000u32).map(|i| (i % 253) as u8).collect();
    let watch = Leftovers::watch("netcats");
    for how in [How::Raw].into_iter().chain(WAYS) {
        if let Some(socat) = require("socat") {
            let (own, port) = (Scratch::new(), free_port());
            let listen = format!("TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork");
            let server = serve(&Run::new(&socat).args([&listen, "EXEC:cat"]).mark("netcats"), how, &own, port);
            let client = Run::new(&socat).args(["-t10", "-", &format!("TCP:127.0.0.1:{port}")]).input(&input);
            let out = client.mark("netcats").run(how);
            out.assert_success();
            assert!(out.stdout == input, "{}: {} bytes of {}", out.label, out.stdout.len(), input.len());
            server.stop(libc::SIGTERM);
        }
        if let Some(ncat) = require("ncat") {
            let (own, port) = (Scratch::new(), free_port());
            let run = Run::new(&ncat).args(["-l", "-k", "127.0.0.1", &port.to_string(), "-c", "echo from a child"]);
            let server = serve(&run.mark("netcats"), how, &own, port);
            let client = Run::new(&ncat).args(["--recv-only", "127.0.0.1", &port.to_string()]);
            let out = client.mark("netcats").run(how);
            assert_eq!((out.ended(), out.out()), ("exit status 0".into(), "from a child\n".into()), "{}", out.label);
            server.stop(libc::SIGTERM);
        }
        if let Some(iperf) = require("iperf3") {
            let (own, port) = (Scratch::new(), free_port());
            let port_text = port.to_string();
            let run = Run::new(&iperf).args(["-s", "-B", "127.0.0.1", "-p", &port_text]).mark("netcats");
            let server = serve_unprobed(&run, how, &own, port);
            let out = Run::new(&iperf).args(["-c", "127.0.0.1", "-p", &port_text, "-n", "20M", "-P", "2"]);
            let out = out.mark("netcats").run(how);
            out.assert_success();
            assert!(out.out().contains("iperf Done"), "{}: {}", out.label, out.out());
            server.stop(libc::SIGTERM);
        }
    }
    watch.assert_none();
}

/// An sshd of the test's own, with a key for root's own login.
struct Ssh {
    dir: Scratch,
    options: Vec<String>,
    port: u16,
}

impl Ssh {
    fn new(keygen: &Path) -> Ssh {
        std::fs::create_dir_all("/run/sshd").unwrap();
        let (dir, port) = (Scratch::new(), free_port());
        for name in ["host", "user"] {
            let status =
                Command::new(keygen).args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(dir.join(name)).status();
            assert!(status.unwrap().success());
        }
        std::fs::copy(dir.join("user.pub"), dir.join("authorized")).unwrap();
        let at = |name: &str| dir.join(name).display().to_string();
        let options =
            ["-F/dev/null".into(), format!("-i{}", at("user")), format!("-oUserKnownHostsFile={}", at("known"))];
        let more = ["-oStrictHostKeyChecking=no", "-oBatchMode=yes", "-oLogLevel=ERROR", "-oIdentitiesOnly=yes"];
        let options = options.into_iter().chain(more.map(String::from)).collect();
        Ssh { dir, options, port }
    }

    fn daemon(&self, sshd: &Path) -> Run {
        let key = self.dir.join("host").display().to_string();
        let keys = format!("AuthorizedKeysFile={}", self.dir.join("authorized").display());
        let options = [
            &keys,
            "StrictModes=no",
            "ListenAddress=127.0.0.1",
            "PidFile=none",
            "PermitRootLogin=yes",
            "UsePAM=no",
            "Subsystem=sftp internal-sftp",
        ];
        let run = Run::new(sshd).args(["-D", "-e", "-f", "/dev/null", "-h", &key, "-p", &self.port.to_string()]);
        options.iter().fold(run, |r, o| r.arg("-o").arg(o)).mark("ssh")
    }
}

#[test]
fn ssh_scp_sftp_and_git_over_ssh_and_http() {
    let tools: Option<Vec<PathBuf>> =
        ["sshd", "ssh", "scp", "sftp", "ssh-keygen", "git", "python3"].map(require).into_iter().collect();
    let Some(tools) = tools else { return };
    let [sshd, ssh, scp, sftp, keygen, git, python] = &tools[..] else { return };
    if !is_root() {
        return not_tested("ssh logins: need root");
    }
    let (root, repo) = (documents(), Scratch::new());
    let git_in = |dir: &Path, args: &[&str]| {
        let mut c = Command::new(git);
        c.args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "safe.directory=*"]).args(args).current_dir(dir);
        let out = c.env("GIT_CONFIG_GLOBAL", "/dev/null").stdin(Stdio::null()).output().unwrap();
        assert!(out.status.success(), "git {args:?}: {out:?}");
    };
    git_in(root.path(), &["init", "-q"]);
    git_in(root.path(), &["add", "."]);
    git_in(root.path(), &["commit", "-q", "-m", "one"]);
    let bare = repo.join("bare.git").display().to_string();
    git_in(root.path(), &["clone", "-q", "--bare", ".", &bare]);
    git_in(Path::new(&bare), &["update-server-info"]);
    let watch = Leftovers::watch("ssh");
    for how in [How::Raw].into_iter().chain(WAYS) {
        let (own, s) = (Scratch::new(), Ssh::new(keygen));
        let server = serve(&s.daemon(sshd), how, &own, s.port);
        let port = s.port.to_string();
        let client = |program: &Path, flag: &str| Run::new(program).args(&s.options).args([flag, &port]).mark("ssh");
        let out = client(ssh, "-p").args(["root@127.0.0.1", "cat; echo done; exit 7"]).input(b"through\n").run(how);
        assert_eq!(
            (out.out(), out.ended()),
            ("through\ndone\n".into(), "exit status 7".into()),
            "{}: {}",
            out.label,
            out.err()
        );
        let to = own.join("scp");
        std::fs::create_dir(&to).unwrap();
        let from = format!("root@127.0.0.1:{}/*", root.path().display());
        client(scp, "-P").arg("-q").arg(from).arg(&to).run(how).assert_success();
        same_files(root.path(), &to);
        let to = own.join("sftp");
        std::fs::create_dir(&to).unwrap();
        let batch = format!("get {}/* {}\n", root.path().display(), to.display());
        client(sftp, "-P").args(["-b", "-", "root@127.0.0.1"]).input(batch.as_bytes()).run(how).assert_success();
        same_files(root.path(), &to);
        let command = format!("{} {}", ssh.display(), s.options.join(" "));
        let clone = |url: String, to: &Path| {
            let run = Run::new(git).args(["clone", "-q", &url]).arg(to).env("GIT_SSH_COMMAND", &command);
            let out = run.env("GIT_CONFIG_GLOBAL", "/dev/null").mark("ssh").run(how);
            out.assert_success();
            assert_eq!(out.err(), "", "{}", out.label);
            same_files(root.path(), to);
        };
        clone(format!("ssh://root@127.0.0.1:{port}{bare}"), &own.join("over-ssh"));
        server.stop(libc::SIGTERM);
        if how.is_json() {
            enough(&log_of(&own), &[("accept|accept4", 4)], &how.label());
        }
        let (site, web) = (Scratch::new(), free_port());
        let run =
            Run::new(python).args(["-m", "http.server", "--bind", "127.0.0.1", &web.to_string()]).dir(repo.path());
        let server = serve(&run.mark("ssh"), how, &site, web);
        if Command::new(git)
            .arg("remote-http")
            .output()
            .is_ok_and(|o| !String::from_utf8_lossy(&o.stderr).contains("not a git command"))
        {
            clone(format!("http://127.0.0.1:{web}/bare.git"), &own.join("over-http"));
        } else {
            not_tested("git without http");
        }
        server.stop(libc::SIGTERM);
    }
    watch.assert_none();
}

#[test]
fn postgresql_serves_pgbench() {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin"));
    let Some(bin) = versions.filter(|p| p.join("initdb").exists() && p.join("pgbench").exists()).max() else {
        return not_tested("PostgreSQL is not installed (apt-get install postgresql)");
    };
    if !is_root() {
        return not_tested("PostgreSQL: needs root, to become another user");
    }
    let Some(setpriv) = require("setpriv") else { return };
    let watch = Leftovers::watch("postgres");
    for how in [How::Raw, How::Silent, How::Command(Form::Json)] {
        let (own, home, port) = (Scratch::new(), Scratch::new(), free_port());
        std::os::unix::fs::chown(home.path(), Some(65534), Some(65534)).unwrap();
        // Where the server, as another user, finds the library by the same path.
        let data = home.join("data");
        let as_nobody = |program: &str| {
            Run::new(&setpriv)
                .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
                .arg(bin.join(program))
                .mark("postgres")
        };
        let init = as_nobody("initdb")
            .args(["-A", "trust", "-N", "-U", "postgres", "-D"])
            .arg(&data)
            .deadline(Duration::from_secs(120));
        init.run(How::Raw).assert_success();
        let port_text = port.to_string();
        let run = as_nobody("postgres").arg("-D").arg(&data).args(["-p", &port_text, "-h", "127.0.0.1", "-F", "-k"]);
        let server = serve(&run.arg(home.path()), how, &own, port);
        let ready = || Command::new(bin.join("pg_isready")).args(["-q", "-h", "127.0.0.1", "-p", &port_text]).status();
        for _ in 0..200 {
            if ready().is_ok_and(|s| s.success()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let bench = |args: &[&str]| {
            let run =
                Run::new(bin.join("pgbench")).args(["-h", "127.0.0.1", "-p", &port_text, "-U", "postgres"]).args(args);
            let out = run.arg("postgres").mark("postgres").run(how);
            out.assert_success();
            out.out()
        };
        bench(&["-i", "-q", "-s", "1"]);
        let said = bench(&["-c", "4", "-j", "2", "-t", "50"]);
        assert!(said.contains("number of transactions actually processed: 200/200"), "{}: {said}", how.label());
        let status = server.stop(libc::SIGTERM);
        assert!(status.success(), "{}: {status:?}", how.label());
        let errors = std::fs::read_to_string(own.join("stderr")).unwrap();
        assert!(!errors.contains("PANIC") && !errors.contains("terminated by signal"), "{}: {errors}", how.label());
    }
    watch.assert_none();
}
