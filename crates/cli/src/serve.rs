//! `socklens serve`: a session's statistics for Prometheus.

use crate::{args, complain, pick};
use anyhow::{Context, Result};
use socklens_export::openmetrics::{self, CONTENT_TYPE, PLAIN_TYPE, Page};
use socklens_trace::observe::Observer;
use socklens_trace::stats::Snapshot;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const AFTER: &str = "\
Examples:
  socklens serve                          the youngest session, on 127.0.0.1:9469
  socklens serve 4711 --listen :9500      that of process 4711, on all addresses
  socklens serve --once                   one page on stdout

The page is at /metrics, in OpenMetrics text. There are no passwords: to show it
to a network, put a proxy before it.";

/// Where Prometheus finds the page.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER)]
pub struct Args {
    /// The beginning of its name as `socklens ps` shows it, a pid, or the path of its directory; the youngest if none is named
    #[arg(value_name = "SESSION")]
    session: Option<String>,
    /// Address and port to listen on; an address left out means all
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:9469")]
    listen: SocketAddr,
    /// Most groups of peers to tell apart
    #[arg(long, value_name = "N", default_value_t = PEERS)]
    peers: usize,
    /// How long to show the last numbers when the program has ended
    #[arg(long, value_name = "DURATION", value_parser = args::duration, default_value = "30s")]
    linger: Duration,
    /// Print one page and end
    #[arg(long, conflicts_with_all = ["listen", "linger"])]
    once: bool,
}

/// Groups of peers told apart if nothing is said.
pub const PEERS: usize = 100;

/// `127.0.0.1:9469`, `[::1]:9469`, `:9469`.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let full = if text.starts_with(':') { format!("0.0.0.0{text}") } else { text.to_owned() };
    full.parse().map_err(|_| format!("`{text}` is no address with a port: write it like 127.0.0.1:9469"))
}

/// Serves until the session has ended.
pub fn run(args: &Args) -> ExitCode {
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe) => ExitCode::SUCCESS,
        Err(e) => {
            complain(&format!("{e:#}"));
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &Args) -> Result<()> {
    let observer = pick::observe(&pick::dir(args.session.as_deref())?)?;
    let mut source = Source { observer, page: Page::new(args.peers) };
    if args.once {
        let last = source.look()?;
        let mut text = String::new();
        source.page.write(&last, &mut text);
        io::stdout().write_all(text.as_bytes())?;
        return Ok(());
    }
    let listener = bind(args.listen)?;
    complain(&format!("serving http://{}/metrics", listener.local_addr()?));
    source.serve(&listener, args.linger)
}

/// The listening socket for pages.
pub fn bind(addr: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))
}

/// Where pages come from.
struct Source {
    observer: Observer,
    page: Page,
}

/// How often connections are looked at.
const LOOK: Duration = Duration::from_secs(1);

impl Source {
    fn look(&mut self) -> Result<Snapshot> {
        let s = self.observer.snapshot().context("cannot read the session any more")?;
        self.page.take(&s);
        Ok(s)
    }

    /// Answers one request after the other until the program has ended and `linger` is over.
    fn serve(&mut self, listener: &TcpListener, linger: Duration) -> Result<()> {
        let mut last = self.look()?;
        let mut looked = Instant::now();
        let mut ended: Option<Instant> = None;
        loop {
            let asked = wait(listener, LOOK.saturating_sub(looked.elapsed()))?;
            if ended.is_none() && (asked || looked.elapsed() >= LOOK) {
                last = self.look()?;
                looked = Instant::now();
                ended = last.finished.then(Instant::now);
            }
            if asked && let Ok((client, _)) = listener.accept() {
                // A client that leaves or dawdles harms itself only.
                let _ = answer(client, &|| {
                    let mut text = String::new();
                    self.page.write(&last, &mut text);
                    text
                });
            }
            if let Some(at) = ended {
                looked = Instant::now();
                if at.elapsed() >= linger {
                    return Ok(());
                }
            }
        }
    }
}

/// Pages served beside something else, by a thread of their own.
pub struct Background {
    page: Page,
    text: Arc<Mutex<String>>,
    last: Option<Instant>,
}

impl Background {
    /// Listens from now on. The first page comes with the first look.
    pub fn start(addr: SocketAddr) -> Result<Background> {
        let listener = bind(addr)?;
        complain(&format!("serving http://{}/metrics", listener.local_addr()?));
        let text = Arc::new(Mutex::new(String::from("# EOF\n")));
        let shown = text.clone();
        std::thread::Builder::new().name("metrics".to_owned()).spawn(move || {
            for client in listener.incoming().flatten() {
                let copy = || shown.lock().map_or_else(|p| p.into_inner().clone(), |t| t.clone());
                // A client that leaves or dawdles harms itself only.
                let _ = answer(client, &copy);
            }
        })?;
        Ok(Background { page: Page::new(PEERS), text, last: None })
    }

    /// Whether the page is old.
    pub fn due(&self) -> bool {
        self.last.is_none_or(|t| t.elapsed() >= LOOK)
    }

    /// Makes a new page.
    pub fn look(&mut self, s: &Snapshot) {
        self.last = Some(Instant::now());
        self.page.take(s);
        let mut text = String::new();
        self.page.write(s, &mut text);
        *self.text.lock().unwrap_or_else(|p| p.into_inner()) = text;
    }
}

/// Waits for somebody to connect; whether somebody did.
fn wait(listener: &TcpListener, patience: Duration) -> io::Result<bool> {
    let mut p = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one pollfd of ours.
    let n = unsafe { libc::poll(&raw mut p, 1, patience.as_millis().clamp(1, 60_000) as i32) };
    match n {
        -1 if io::Error::last_os_error().kind() != ErrorKind::Interrupted => Err(io::Error::last_os_error()),
        n => Ok(n > 0),
    }
}

/// The whole time one client gets, and the room for its request.
const PATIENCE: Duration = Duration::from_secs(2);
const REQUEST_MAX: usize = 8 * 1024;

/// Reads one request and answers it.
fn answer(mut client: TcpStream, page: &dyn Fn() -> String) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    let left = || until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let mut request = Vec::new();
    let mut buf = [0u8; 1024];
    while !request.windows(4).any(|w| w == b"\r\n\r\n") && request.len() < REQUEST_MAX && Instant::now() < until {
        client.set_read_timeout(Some(left()))?;
        match client.read(&mut buf)? {
            0 => break,
            n => request.extend(&buf[..n]),
        }
    }
    let (status, more, mut body) = reply(&request, page);
    let kind = match status.starts_with("200") {
        true if wants_plain(&request) => {
            body = openmetrics::plain(&body);
            PLAIN_TYPE
        }
        true => CONTENT_TYPE,
        false => "text/plain; charset=utf-8",
    };
    let mut text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{more}Connection: close\r\n\r\n",
        body.len()
    );
    if !request.starts_with(b"HEAD ") {
        text += &body;
    }
    client.set_write_timeout(Some(left()))?;
    client.write_all(text.as_bytes())?;
    client.shutdown(std::net::Shutdown::Write)
}

/// Whether the client reads plain text and not OpenMetrics: who accepts anything gets OpenMetrics.
fn wants_plain(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let mut accepted = text.lines().filter_map(|l| l.strip_prefix("accept:")).peekable();
    let takes = |l: &str| l.contains("openmetrics") || l.contains("*/*");
    accepted.peek().is_some() && !accepted.clone().any(takes) && accepted.any(|l| l.contains("text/plain"))
}

/// Status, further headers and body.
fn reply(request: &[u8], page: &dyn Fn() -> String) -> (&'static str, &'static str, String) {
    let end = request.windows(2).position(|w| w == b"\r\n");
    let line = end.and_then(|e| std::str::from_utf8(&request[..e]).ok()).unwrap_or("");
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        _ if !request.windows(4).any(|w| w == b"\r\n\r\n") => {
            ("400 Bad Request", "", "the request is cut short or too long\n".to_owned())
        }
        [method, path, version] if version.starts_with("HTTP/1.") => {
            match (method, path.split('?').next().unwrap_or("")) {
                ("GET" | "HEAD", "/metrics") => ("200 OK", "", page()),
                ("GET" | "HEAD", _) => ("404 Not Found", "", "the page is at /metrics\n".to_owned()),
                _ => ("405 Method Not Allowed", "Allow: GET, HEAD\r\n", "only GET and HEAD\n".to_owned()),
            }
        }
        _ => ("400 Bad Request", "", "this is no HTTP/1 request\n".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a client that sends `request` gets.
    fn ask(request: &[u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(request).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        answer(listener.accept().unwrap().0, &|| "PAGE\n".to_owned()).unwrap();
        let mut text = String::new();
        client.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn only_the_page_is_served() {
        let ok = ask(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(ok.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text; version=1.0.0"), "{ok}");
        assert!(ok.contains("\r\nContent-Length: 5\r\n") && ok.ends_with("\r\n\r\nPAGE\n"));
        let plain = ask(b"GET /metrics HTTP/1.1\r\naccept: text/plain;version=0.0.4;q=0.5\r\n\r\n");
        assert!(plain.contains("\r\nContent-Type: text/plain; version=0.0.4"), "{plain}");
        for accept in ["application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "*/*", "text/plain, */*;q=0.1"] {
            let both = ask(format!("GET /metrics HTTP/1.1\r\nAccept: {accept}\r\n\r\n").as_bytes());
            assert!(both.contains("\r\nContent-Type: application/openmetrics-text"), "{both}");
        }
        let head = ask(b"HEAD /metrics?x=1 HTTP/1.0\r\n\r\n");
        assert!(head.contains("Content-Length: 5\r\n") && head.ends_with("\r\n\r\n"), "{head}");
        for (request, status) in [
            (&b"GET / HTTP/1.1\r\n\r\n"[..], "404"),
            (b"POST /metrics HTTP/1.1\r\n\r\n", "405"),
            (b"GET /metrics HTTP/1.1\r\n", "400"),
            (b"GET /metrics SPDY\r\n\r\n", "400"),
            (b"\xff\xfe\r\n\r\n", "400"),
            (b"", "400"),
            (&[b'a'; REQUEST_MAX], "400"),
        ] {
            let got = ask(request);
            assert!(got.starts_with(&format!("HTTP/1.1 {status} ")), "{got}");
        }
    }

    #[test]
    fn addresses_are_read() {
        assert_eq!(address(":80").unwrap().to_string(), "0.0.0.0:80");
        assert_eq!(address("[::1]:80").unwrap().to_string(), "[::1]:80");
        assert!(address("localhost").unwrap_err().contains("127.0.0.1:9469"));
    }
}
