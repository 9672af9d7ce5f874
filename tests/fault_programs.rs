//! Well-known servers under rules that cut, delay and repeat: every answer is right, and none is missing.

use socklens_testkit::{Daemon, Form, How, Run, Scratch, free_port, paths, require};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

/// What a server must live with. Each is about what an event loop does when less comes than it hoped for.
const RULES: [&str; 4] = [
    "in : short 1",
    "in,out nb=1 @p=20% : again 1..3",
    "in,out : slice 1..700",
    "in,out nb=1 @p=10% : again 1..2, short 1..64",
];

/// Connections at once; each makes as many requests that all together make a thousand.
const CLIENTS: usize = 4;

fn requests() -> usize {
    let loops: usize = std::env::var("SOCKLENS_LOOPS").ok().and_then(|v| v.parse().ok()).unwrap_or(1);
    loops * 1000 / CLIENTS
}

/// Makes request `n` and checks its answer.
type Exchange = dyn Fn(&mut TcpStream, usize) + Sync;

fn converse(port: u16, client: usize, exchange: &Exchange) {
    let mut s = TcpStream::connect(("127.0.0.1", port)).unwrap();
    // What takes longer, on any machine, hangs.
    s.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    s.set_nodelay(true).unwrap();
    for n in 0..requests() {
        exchange(&mut s, client * requests() + n);
    }
}

/// Sends `ask`, and gets exactly `want`.
fn exactly(s: &mut TcpStream, n: usize, ask: &[u8], want: &[u8]) {
    s.write_all(ask).unwrap();
    let mut got = vec![0; want.len()];
    let read = s.read_exact(&mut got);
    assert!(read.is_ok(), "waiting for the answer to request {n}: {read:?}");
    assert!(got == want, "request {n}: {:?}", String::from_utf8_lossy(&got[..got.len().min(200)]));
}

/// The server, under each rule, gives the right answers to all; at its end the rule has fired often.
fn holds(server: &dyn Fn(u16, &Path) -> Run, exchange: &Exchange) {
    for rule in RULES {
        let (own, port) = (Scratch::new(), free_port());
        std::fs::set_permissions(own.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let run = server(port, own.path()).log("/dev/null").with_summary();
        let run = run.options(["-e", "bind", "--seed", "42", "--fault", rule]);
        let mut daemon = Daemon::new(run.start(How::Command(Form::Text), &own), rule);
        daemon.wait_for_port(port);
        std::thread::scope(|s| {
            for client in 0..CLIENTS {
                s.spawn(move || converse(port, client, exchange));
            }
        });
        daemon.stop(libc::SIGTERM);
        let said = std::fs::read_to_string(own.join("stderr")).unwrap();
        let line = said.lines().find(|l| l.contains("rule #1:")).unwrap_or_else(|| panic!("{rule}: {said}"));
        let fired = line.split(", ").find_map(|w| w.strip_suffix(" fired")?.parse::<usize>().ok()).unwrap_or(0);
        assert!(fired >= 100, "{rule}: {line}");
    }
}

/// A body of its own for each size.
fn body(len: usize) -> Vec<u8> {
    (0..len as u32).map(|i| b'a' + ((i.wrapping_mul(2_654_435_761) >> 20) % 26) as u8).collect()
}

#[test]
fn nginx_keeps_serving() {
    let Some(nginx) = require("nginx") else { return };
    let root = Scratch::new();
    std::fs::set_permissions(root.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    const SIZES: [usize; 4] = [0, 64, 2000, 9000];
    for size in SIZES {
        std::fs::write(root.join(&size.to_string()), body(size)).unwrap();
    }
    let server = |port: u16, own: &Path| {
        let dir = own.display();
        let temps =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|t| format!("{t}_temp_path {dir}/{t};")).concat();
        let config = format!(
            "daemon off; worker_processes 2; pid {dir}/pid; error_log {dir}/error.log; events {{ worker_connections 64; }}\n\
             http {{ access_log off; sendfile on; keepalive_requests 1000000; {temps}\n\
             server {{ listen 127.0.0.1:{port}; root {}; }} }}\n",
            root.path().display(),
        );
        std::fs::write(own.join("nginx.conf"), config).unwrap();
        Run::new(&nginx).args(["-e", "stderr", "-p"]).arg(own).arg("-c").arg(own.join("nginx.conf"))
    };
    let exchange = |s: &mut TcpStream, n: usize| {
        let size = SIZES[n % SIZES.len()];
        write!(s, "GET /{size} HTTP/1.1\r\nHost: test\r\nX-Number: {n}\r\n\r\n").unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            s.read_exact(&mut byte).unwrap_or_else(|e| panic!("waiting for the head of answer {n}: {e}"));
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK") && head.contains(&format!("Content-Length: {size}\r\n")), "{head}");
        exactly(s, n, b"", &body(size));
    };
    holds(&server, &exchange);
}

#[test]
fn redis_keeps_serving() {
    let Some(redis) = require("redis-server") else { return };
    let server = |port: u16, own: &Path| {
        Run::new(&redis).args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(own)
    };
    let exchange = |s: &mut TcpStream, n: usize| {
        let value = String::from_utf8(body([0, 1, 30, 200][n % 4])).unwrap();
        let bulk = |s: &str| format!("${}\r\n{s}\r\n", s.len());
        let key = bulk(&format!("key{n}"));
        let ask = format!("*3\r\n{}{key}{}*2\r\n{}{key}", bulk("SET"), bulk(&value), bulk("GET"));
        exactly(s, n, ask.as_bytes(), format!("+OK\r\n{}", bulk(&value)).as_bytes());
    };
    holds(&server, &exchange);
}

#[test]
fn asyncio_keeps_serving() {
    let Some(python) = require("python3") else { return };
    let script = paths().programs.join("shouting.py");
    let server = |port: u16, _: &Path| Run::new(&python).arg(&script).arg(port.to_string());
    let exchange = |s: &mut TcpStream, n: usize| {
        let text = String::from_utf8(body([1, 8, 30, 90][n % 4])).unwrap();
        exactly(s, n, format!("{text}\n").as_bytes(), format!("{} {}\n", text.len(), text.to_uppercase()).as_bytes());
    };
    holds(&server, &exchange);
}
