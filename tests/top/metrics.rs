//! The OpenMetrics page, asked for by hand and by a real Prometheus.

use crate::{Talk, err, out, socklens};
use socklens_testkit::{Daemon, Scratch, free_port, paths, require};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The body of a page; None while there is none.
fn get(port: u16, path: &str) -> Option<String> {
    let mut s = TcpStream::connect(("127.0.0.1", port)).ok()?;
    s.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    s.write_all(format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").as_bytes()).ok()?;
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
    let port = free_port();
    let child = Command::new(&paths().command)
        .args(["serve", &talk.pid(), "--linger", "0s", "--listen", &format!("127.0.0.1:{port}")])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut serve = Daemon::new(child, "socklens serve");
    serve.wait_for_port(port);
    assert!(until("the page", || get(port, "/metrics")).contains("socklens_session_finished 0\n"));
    talk.end();
    // The port is given up when there is nothing to serve any more.
    until("the end", || TcpStream::connect(("127.0.0.1", port)).is_err().then_some(()));
}

#[test]
fn prometheus_understands_the_page() {
    let Some(prometheus) = require("prometheus") else { return };
    let (page, web) = (free_port(), free_port());
    let mut talk = Talk::start(&["stat", "--openmetrics", &format!("127.0.0.1:{page}")]);
    talk.talk();
    let scratch = Scratch::new();
    let config = scratch.join("prometheus.yml");
    let text = format!(
        "scrape_configs:\n- job_name: socklens\n  scrape_interval: 1s\n  static_configs:\n  - targets: ['127.0.0.1:{page}']\n"
    );
    std::fs::write(&config, text).unwrap();
    let child = Command::new(prometheus)
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", scratch.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{web}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut daemon = Daemon::new(child, "prometheus");
    daemon.wait_for_port(web);
    let ask = |query: &str| get(web, &format!("/api/v1/query?query={query}"));
    let is = |query: &str, value: &str| {
        let value = format!("\"{value}\"]");
        until(&format!("{query} = {value}"), || ask(query).filter(|t| t.contains(&value)));
    };
    is("up", "1");
    is("socklens_calls_total{call=\"send\"}".replace('"', "%22").as_str(), "51");
    is("socklens_connections", "7");
    let send = "{call=%22send%22,le=%22%2BInf%22}";
    is(&format!("socklens_call_duration_seconds_bucket{send}"), "51");
    is("socklens_peer_connect_seconds_count{role=%22client%22}", "3");
    // A quantile can only be made of whole, ordered buckets.
    let q = ask("histogram_quantile(0.99,socklens_call_duration_seconds_bucket{call=%22send%22})").unwrap();
    assert!(q.contains("\"value\":[") && !q.contains("NaN"), "{q}");
    // It is known as OpenMetrics, with types and units.
    let meta = get(web, "/api/v1/metadata?metric=socklens_received_bytes_total").unwrap();
    let meta = if meta.contains("counter") {
        meta
    } else {
        get(web, "/api/v1/metadata?metric=socklens_received_bytes").unwrap()
    };
    assert!(meta.contains("\"type\":\"counter\"") && meta.contains("\"unit\":\"bytes\""), "{meta}");
    daemon.stop(libc::SIGTERM);
    talk.end();
}
