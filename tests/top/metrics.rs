//! The OpenMetrics page, asked for by hand and by a real Prometheus.

use crate::{Talk, err, out, socklens};
use serde_json::Value;
use socklens_testkit::{Daemon, Scratch, free_port, paths, require};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The body of a page; None while there is none.
fn get(port: u16, path: &str) -> Option<String> {
    get_as(port, path, "*/*")
}

/// The same from who accepts this alone.
fn get_as(port: u16, path: &str, accept: &str) -> Option<String> {
    let mut s = TcpStream::connect(("127.0.0.1", port)).ok()?;
    s.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    s.write_all(format!("GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n").as_bytes()).ok()?;
    let mut text = String::new();
    s.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    head.contains(" 200 ").then(|| body.to_owned())
}

#[track_caller]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(t) = look() {
            return t;
        }
        assert!(Instant::now() < deadline, "{what} does not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_page_beside_a_session_and_one_of_stat_itself() {
    let own = free_port();
    let mut talk = Talk::start(&["stat", "--openmetrics", &format!("127.0.0.1:{own}")]);
    talk.talk();
    let o = socklens(&["serve", "--once", &talk.pid()]);
    assert!(o.status.success(), "{}", err(&o));
    for want in ["socklens_calls_total{call=\"send\"} 51\n", "socklens_connections 7\n", "role=\"listener\""] {
        assert!(out(&o).contains(want), "{want} is missing: {}", out(&o));
    }
    assert!(out(&o).ends_with("# EOF\n"));
    let page = until("the page", || get(own, "/metrics").filter(|p| p.contains("call=\"send\"} 51\n")));
    assert!(page.contains("socklens_peer_connect_seconds_bucket{role=\"client\""), "{page}");
    talk.end();
}

#[test]
fn serve_ends_after_the_session() {
    let talk = Talk::start(&["stat"]);
    let (_serve, port) = serve(&talk.pid(), &["--linger", "0s"]);
    assert!(until("the page", || get(port, "/metrics")).contains("socklens_session_finished 0\n"));
    talk.end();
    // The port is given up when there is nothing to serve any more.
    until("the end", || TcpStream::connect(("127.0.0.1", port)).is_err().then_some(()));
}

/// `socklens serve` beside the session of this process, until it is dropped.
fn serve(pid: &str, more: &[&str]) -> (Daemon, u16) {
    let port = free_port();
    let child = Command::new(&paths().command)
        .args(["serve", pid, "--listen", &format!("127.0.0.1:{port}")])
        .args(more)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut serve = Daemon::new(child, "socklens serve");
    serve.wait_for_port(port);
    (serve, port)
}

/// A Prometheus that scrapes these ports each second.
struct Prometheus {
    daemon: Daemon,
    web: u16,
    _data: Scratch,
}

impl Prometheus {
    fn start(ports: &[u16]) -> Option<Prometheus> {
        let program = require("prometheus")?;
        let (web, scratch) = (free_port(), Scratch::new());
        let config = scratch.join("prometheus.yml");
        let targets: Vec<String> = ports.iter().map(|p| format!("'127.0.0.1:{p}'")).collect();
        let text = format!(
            "scrape_configs:\n- job_name: socklens\n  scrape_interval: 1s\n  static_configs:\n  - targets: [{}]\n",
            targets.join(",")
        );
        std::fs::write(&config, text).unwrap();
        let child = Command::new(program)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", scratch.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{web}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut daemon = Daemon::new(child, "prometheus");
        daemon.wait_for_port(web);
        Some(Prometheus { daemon, web, _data: scratch })
    }

    fn ask(&self, path: &str) -> Option<Value> {
        serde_json::from_str(&get(self.web, path)?).ok()
    }

    /// The only value of a query; None where there is none, or several.
    fn value(&self, query: &str) -> Option<String> {
        let hex = |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
        let answer = self.ask(&format!("/api/v1/query?query={}", query.bytes().map(hex).collect::<String>()))?;
        match answer["data"]["result"].as_array()?.as_slice() {
            [one] => one["value"][1].as_str().map(str::to_owned),
            _ => None,
        }
    }

    #[track_caller]
    fn is(&self, query: &str, value: &str) {
        until(&format!("{query} = {value}"), || self.value(query).filter(|v| v == value));
    }
}

/// Family, type and unit of every row in the tables of docs/METRICS.md.
fn documented() -> Vec<[&'static str; 3]> {
    let rows = include_str!("../../docs/METRICS.md").lines().filter_map(|l| l.strip_prefix("| `socklens_"));
    let all: Vec<_> = rows
        .map(|l| {
            let cells: Vec<&str> = l.split('|').map(str::trim).collect();
            [cells[0].trim_end_matches('`'), cells[1], cells[2]]
        })
        .collect();
    assert!(all.len() > 20, "{all:?}");
    all
}

#[test]
fn prometheus_reads_what_the_documentation_says() {
    if require("prometheus").is_none() {
        return;
    }
    let own = free_port();
    let mut talk = Talk::start(&["stat", "--openmetrics", &format!("127.0.0.1:{own}")]);
    talk.talk();
    // Clients, servers and a listener are three groups: one more than there is room for here.
    let (beside, few) = serve(&talk.pid(), &["--peers", "2"]);
    let Some(p) = Prometheus::start(&[own, few]) else { return };
    for port in [own, few] {
        let of = |family: &str| format!("socklens_{family}{{instance=\"127.0.0.1:{port}\"}}");
        p.is(&format!("up{{instance=\"127.0.0.1:{port}\"}}"), "1");
        p.is(&of("connections"), "7");
        p.is(&format!("socklens_calls_total{{instance=\"127.0.0.1:{port}\",call=\"send\"}}"), "51");
        // Each call has a histogram, in which all its calls are; a quantile can only be made of whole, ordered buckets.
        let (calls, timed) = (of("calls_total"), of("call_duration_seconds_count"));
        p.is(&format!("count({calls} == on(call) {timed}) == bool count({calls})"), "1");
        p.is(&format!("sum({})", of("call_duration_seconds_bucket").replace('}', ",call=\"send\",le=\"+Inf\"}")), "51");
        let worst = format!(
            "histogram_quantile(0.99,{}) > 0",
            of("call_duration_seconds_bucket").replace('}', ",call=\"send\"}")
        );
        until(&worst, || p.value(&worst).filter(|v| v != "NaN" && v != "+Inf"));
        // Groups are bounded, and nothing of what they sum up is lost by that.
        p.is(&format!("count({})", of("peer_calls_total")), "3");
        p.is(&format!("sum({})", of("peer_connections")), "7");
        p.is(&format!("sum({})", of("peer_sent_bytes_total")), "6000");
        p.is(&format!("sum({})", of("peer_connect_seconds_count")), "3");
        p.is(&format!("sum({})", of("peer_first_byte_seconds_count")), "1");
        p.is(&format!("sum({})", of("peer_connect_seconds_bucket").replace('}', ",le=\"60.0\"}")), "3");
    }
    let others =
        |port: u16| format!("count(socklens_peer_calls_total{{instance=\"127.0.0.1:{port}\",role=\"other\"}})");
    p.is(&others(few), "1");
    assert_eq!(p.value(&others(own)), None);
    p.is(
        &format!(
            "socklens_peer_connect_seconds_count{{instance=\"127.0.0.1:{own}\",role=\"client\",peer=\"127.0.0.1\"}}"
        ),
        "3",
    );
    for [family, kind, unit] in documented() {
        let known = |name: String| {
            let all = p.ask(&format!("/api/v1/metadata?metric={name}"))?;
            all["data"][&name].as_array()?.first().cloned()
        };
        // Before version 3 it kept the name without its suffix.
        let name = format!("socklens_{family}");
        let meta = until(&name, || known(name.clone()).or_else(|| known(format!("{name}_total"))));
        assert_eq!((meta["type"].as_str(), meta["unit"].as_str()), (Some(kind), Some(unit)), "{name}");
        assert!(meta["help"].as_str().is_some_and(|h| h.ends_with('.')), "{name}: {meta}");
    }
    p.daemon.stop(libc::SIGTERM);
    beside.stop(libc::SIGTERM);
    talk.end();
}

/// promtool reads the format that Prometheus had before OpenMetrics, which a page has for who asks for it.
#[test]
fn promtool_has_nothing_to_say_about_the_page() {
    let Some(promtool) = require("promtool") else { return };
    let mut talk = Talk::start(&["stat"]);
    talk.talk();
    let (beside, port) = serve(&talk.pid(), &[]);
    let page = get_as(port, "/metrics", "text/plain").unwrap();
    assert!(page.contains("\n# TYPE socklens_calls_total counter\n") && !page.contains("# EOF"), "{page}");
    let check = |page: &str| {
        let mut c = Command::new(&promtool)
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        c.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
        let o = c.wait_with_output().unwrap();
        (o.status.success(), out(&o) + &err(&o))
    };
    assert_eq!(check(&page), (true, String::new()));
    let (fine, said) = check(&page.replace("# HELP socklens_calls_total ", "# "));
    assert!(!fine && said.contains("socklens_calls_total"), "it does object: {said}");
    beside.stop(libc::SIGTERM);
    talk.end();
}
