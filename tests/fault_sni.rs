//! `sni-host=`: rules that go by the name that a TLS client asks for.

use socklens_testkit::{Form, How, Outcome, Run, Scratch, compile, paths, require};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

fn hello(who: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/tests/hello").join(format!("{who}.bin"))
}

fn scene(scene: &str, who: &str, rule: &str) -> Outcome {
    let run = Run::new(compile("hellos")).arg(scene).arg(hello(who)).options(["-e", "bind", "--fault", rule]);
    let run = run.run(How::Command(Form::Json));
    run.assert_success();
    run
}

const NAMED: &str = "any sni-host=*.example.org : log";

#[test]
fn the_send_that_carries_the_name_matches_already() {
    for who in ["openssl", "curl", "python"] {
        let run = scene("whole", who, NAMED).fired();
        // The connection's other end knows the name when it was shown the bytes: by the peek.
        assert_eq!(run, ["send", "recv", "send", "recv"], "{who}");
        assert_eq!(scene("whole", who, "out role=client sni-host=WWW.example.org : log").fired(), ["send"]);
        assert_eq!(scene("whole", who, "in sni=www.* role=server : log").fired(), ["recv"]);
    }
}

#[test]
fn the_name_may_come_in_pieces() {
    let bytes = std::fs::read(hello("openssl")).unwrap();
    let end = bytes.windows(15).position(|w| w == b"www.example.org").unwrap() + 15;
    // The send of its last byte, all later ones, and the receives behind it.
    let rest = bytes.len() - end;
    let run = scene("bytes", "openssl", NAMED).fired();
    let sends = run.iter().filter(|c| *c == "send").count();
    assert_eq!((sends, run.len() - sends), (1 + rest + 1, rest + 1));
    assert_eq!(scene("vectors", "curl", NAMED).fired(), ["writev", "sendmsg", "readv"]);
    // After a few words without TLS.
    assert_eq!(scene("late", "curl", NAMED).fired(), ["send", "send"]);
    assert_eq!(scene("forked", "curl", NAMED).fired(), ["send"]);
}

#[test]
fn what_is_not_known_matches_neither_way() {
    let not = "any sni-host!=other.* : log";
    assert_eq!(scene("whole", "curl", not).fired(), ["send", "recv", "send", "recv"]);
    assert!(scene("whole", "curl", "any sni-host!=www.example.org : log").fired().is_empty());
    for rule in [NAMED, not] {
        // A ClientHello without a name; no ClientHello; one that comes too late, and one in a datagram.
        assert!(scene("whole", "no-name", rule).fired().is_empty());
        assert!(scene("plain", "curl", rule).fired().is_empty());
    }
    let open = scene("plain", "curl", "out not sni-host=* : log").fired();
    assert_eq!(open.len(), 102, "{open:?}");
}

#[test]
fn of_memory_that_is_not_there_nothing_is_read() {
    let run = scene("nothing", "curl", NAMED);
    assert_eq!(run.out(), "send EFAULT\nwritev EFAULT\nwritev EFAULT\nrecv 517\n");
    assert_eq!(run.fired(), ["send"]);
}

/// Ends with the test, however that ends.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A TLS server for `www.example.org`, by Python, which answers so many connections; its port.
fn server(python: &Path, dir: &Scratch, times: u32, under: &[&str]) -> (Served, String) {
    const SCRIPT: &str = "
import socket, ssl, sys
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(sys.argv[1] + '/cert', sys.argv[1] + '/key')
l = socket.socket()
l.bind(('127.0.0.1', 0))
l.listen()
l.settimeout(50)
print(l.getsockname()[1], flush=True)
for _ in range(int(sys.argv[2])):
    s, _ = l.accept()
    s.settimeout(50)
    try:
        t = c.wrap_socket(s, server_side=True)
        t.recv(4096)
        t.sendall(b'HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi')
        t.close()
    except OSError:
        pass
    s.close()
";
    let program = under.iter().map(Path::new).chain([python]);
    let mut words = program.map(Path::as_os_str);
    let mut server = Command::new(words.next().unwrap())
        .args(words)
        .args(["-c", SCRIPT, dir.path().to_str().unwrap(), &times.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
    (Served(server), port.trim().to_owned())
}

fn certificate(dir: &Scratch) -> bool {
    let Some(openssl) = require("openssl") else { return false };
    let made = Command::new(openssl)
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=www.example.org"])
        .args(["-keyout", dir.join("key").to_str().unwrap(), "-out", dir.join("cert").to_str().unwrap()])
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    true
}

#[test]
fn curl_and_a_server_in_python_are_told_apart_by_name() {
    let (Some(curl), Some(python)) = (require("curl"), require("python3")) else { return };
    let own = Scratch::new();
    if !certificate(&own) {
        return;
    }
    // Whether curl gets its answer under these rules, by what tells it of them.
    let (mut served, port) = server(&python, &own, 4, &[]);
    let file = own.join("rules.toml");
    let ask = |how: How, set: &dyn Fn(Run) -> Run| {
        let to = format!("www.example.org:443:127.0.0.1:{port}");
        let args = ["-sk", "-m", "20", "--http1.0", "--connect-to", &to, "https://www.example.org/"];
        set(Run::new(&curl).args(args)).run(how)
    };
    let by_command =
        |rule: &'static str| ask(How::Command(Form::Text), &|run| run.options(["-e", "bind", "--fault", rule]));
    let other = by_command("out sni-host=other.* : reset");
    assert_eq!((other.assert_success().out().as_str(), other.log_text().matches("INJECTED").count()), ("hi", 0));
    // CURLE_SSL_CONNECT_ERROR: the ClientHello itself was not sent.
    let hit = by_command("out sni-host=*.example.org : reset");
    assert_eq!(hit.status.code(), Some(35), "{}", hit.err());
    assert!(hit.log_text().contains("INJECTED reset @0"), "{}", hit.log_text());
    std::fs::write(&file, "[[rule]]\ncalls = \"out\"\nsni-host = \"*.example.org\"\ndo = \"reset\"\n").unwrap();
    let hit = ask(How::Command(Form::Text), &|run| run.options(["-e", "bind", "--faults", file.to_str().unwrap()]));
    assert_eq!(hit.status.code(), Some(35), "{}", hit.err());
    let hit = ask(How::Alone(Form::Text), &|run| run.env("SOCKLENS_FAULT", "out sni-host=*.example.org : reset"));
    assert_eq!(hit.status.code(), Some(35), "{}", hit.err());
    assert!(served.0.wait().unwrap().success());
    // The server's side knows the name when it has received it.
    let log = own.join("log");
    let command = paths().command.to_str().unwrap();
    let rule = "out sni-host=www.example.org : log";
    let under = [command, "run", "-q", "-e", "bind", "-o", log.to_str().unwrap(), "--fault", rule, "--"];
    let (mut served, port) = server(&python, &own, 1, &under);
    let to = format!("www.example.org:443:127.0.0.1:{port}");
    let got = Command::new(&curl).args(["-sk", "-m", "20", "--connect-to", &to, "https://www.example.org/"]).output();
    assert_eq!(got.unwrap().stdout, b"hi");
    assert!(served.0.wait().unwrap().success());
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("INJECTED log @0"), "{log}");
}

#[test]
fn a_filter_does_not_know_the_name() {
    let run = |options: &[&str]| {
        let mut c = Command::new(&paths().command);
        let out = c.arg("run").args(options).args(["--", "true"]).output().unwrap();
        (out.status.code(), String::from_utf8(out.stderr).unwrap())
    };
    let (code, said) = run(&["--where", "sni-host=www.*"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("only fault rules know `sni-host`") && said.contains("^^^^^^^^\n"), "{said}");
    let (code, said) = run(&["--fault", "out snihost=www.* : eof"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("`sni-host`") && said.contains("    ^^^^^^^"), "{said}");
    let (code, said) = run(&["--fault", "out sni-host<www.* : eof"]);
    assert_eq!(code, Some(2));
    assert!(said.contains('^'), "{said}");
}
