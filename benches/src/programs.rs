//! What statistics cost real servers, and what a million short connections leave behind.

use super::{Bench, rounds};
use crate::measure::Samples;
use crate::table::Target;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that is ended with its measurement.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // SAFETY: signals a child of ours that has not been waited for. `socklens` passes SIGTERM on.
        unsafe { libc::kill(self.0.id() as i32, libc::SIGTERM) };
        let _ = self.0.wait();
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn said(c: &mut Command) -> io::Result<String> {
    let o = c.stdin(Stdio::null()).output()?;
    if !o.status.success() {
        return Err(io::Error::other(format!("{c:?}: {}: {}", o.status, String::from_utf8_lossy(&o.stderr))));
    }
    Ok(String::from_utf8_lossy(&o.stdout).into_owned())
}

fn number(text: &str) -> io::Result<f64> {
    text.trim().trim_matches('"').parse().map_err(|e| io::Error::other(format!("{e}: {text:?}")))
}

impl Bench {
    /// A server alone, or under `socklens stat`, ready to be connected to.
    fn serve(&self, stat: bool, args: &[&str], port: u16) -> io::Result<Server> {
        let mut c = if stat {
            let mut c = Command::new(&self.tools.socklens);
            c.args(["stat", "-o", "/dev/null", "--"]).args(args).env("SOCKLENS_LIBRARY", &self.tools.library);
            c
        } else {
            let mut c = Command::new(args[0]);
            c.args(&args[1..]);
            c
        };
        let server = Server(c.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > until {
                return Err(io::Error::other(format!("{} does not listen", args[0])));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Requests a second of redis.
    fn redis(&self, stat: bool) -> io::Result<f64> {
        let port = free_port()?;
        let text = port.to_string();
        let quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"];
        let args = [&["redis-server", "--port", &text][..], &quiet].concat();
        let _server = self.serve(stat, &args, port)?;
        let line = said(Command::new("redis-benchmark").args(["-p", &text, "-t", "get", "-n", "200000", "--csv"]))?;
        let last = line.lines().rfind(|l| l.starts_with("\"GET")).unwrap_or("");
        number(last.split(',').nth(1).unwrap_or(""))
    }

    /// Requests a second of nginx.
    fn nginx(&self, stat: bool) -> io::Result<f64> {
        let (port, dir) = (free_port()?, self.tools.dir.join("nginx"));
        fs::create_dir_all(&dir)?;
        fs::write(dir.join("index.html"), "hello\n")?;
        let conf = dir.join("nginx.conf");
        let at = dir.display();
        fs::write(
            &conf,
            format!(
                "daemon off; worker_processes 1; pid {at}/pid; error_log /dev/null; user root;\nevents {{ worker_connections 512; }}\n\
                 http {{ access_log off; client_body_temp_path {at}/b; proxy_temp_path {at}/p; fastcgi_temp_path {at}/f;\n\
                 uwsgi_temp_path {at}/u; scgi_temp_path {at}/s; server {{ listen 127.0.0.1:{port}; root {at}; }} }}\n"
            ),
        )?;
        let nginx =
            ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|p| Path::new(p).exists()).unwrap_or("nginx");
        let _server = self.serve(stat, &[nginx, "-c", &conf.to_string_lossy()], port)?;
        let url = format!("http://127.0.0.1:{port}/index.html");
        let text = said(Command::new("wrk").args(["-t1", "-c32", "-d3s", &url]))?;
        let rate = text.lines().find_map(|l| l.trim().strip_prefix("Requests/sec:")).unwrap_or("");
        number(rate)
    }

    /// Real servers with statistics on.
    pub(super) fn programs(&mut self) -> io::Result<()> {
        const GROUP: &str = "Throughput of servers under socklens stat";
        let missing = |program: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let dirs = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
            !dirs.into_iter().any(|d| d.join(program).exists())
        };
        for (name, needs) in
            [("redis-benchmark", ["redis-server", "redis-benchmark"]), ("wrk, nginx", ["nginx", "wrk"])]
        {
            if let Some(program) = needs.into_iter().find(|p| missing(p)) {
                eprintln!("\rnot measured: {name}: {program} is not installed");
                continue;
            }
            let one = |stat| if needs[1] == "wrk" { self.nginx(stat) } else { self.redis(stat) };
            let [alone, counted] = rounds(self.rounds, [&mut || one(false), &mut || one(true)])?;
            self.add(GROUP, format!("{name}: alone"), "requests/s", Target::None, alone.clone());
            self.add(GROUP, format!("{name}: with statistics"), "ratio", Target::AtLeast(0.97), counted.over(&alone));
        }
        Ok(())
    }

    /// A million connections that live for a moment.
    pub(super) fn brief(&mut self) -> io::Result<()> {
        const GROUP: &str = "A million sockets made and closed under socklens stat --json";
        const COUNT: usize = 1_000_000;
        let file = self.tools.dir.join("brief.json");
        let mut c = Command::new(&self.tools.socklens);
        c.args(["stat", "--json", "-o"]).arg(&file).arg("--").arg(self.tools.dir.join("driver"));
        c.args(["brief", &COUNT.to_string()]).env("SOCKLENS_LIBRARY", &self.tools.library);
        let mut child = c.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut grown = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut grown)?;
        }
        // SAFETY: a rusage of ours, and a child of ours that nobody else waits for.
        let most = unsafe {
            let mut used: libc::rusage = std::mem::zeroed();
            let mut status = 0;
            if libc::wait4(child.id() as i32, &raw mut status, 0, &raw mut used) < 0 || status != 0 {
                return Err(io::Error::other(format!("{c:?}: status {status}")));
            }
            used.ru_maxrss as f64
        };
        // A row of a connection is a line of its own, and begins with its first member by name.
        let mut rows = 0usize;
        for line in BufReader::new(fs::File::open(&file)?).lines() {
            rows += usize::from(line?.starts_with("{\"age_ns\""));
        }
        fs::remove_file(&file)?;
        let one = |v: f64| Samples(vec![v]);
        let (own, shared) = grown.split_once(' ').unwrap_or((&grown, ""));
        self.add(GROUP, "the program's own memory grows by", "KiB", Target::AtMost(64.0), one(number(own)?));
        self.add(GROUP, "of the session's 34 MiB it touches", "KiB", Target::None, one(number(shared)?));
        self.add(GROUP, "rows that are missing", "rows", Target::AtMost(0.0), one(COUNT as f64 - rows as f64));
        self.add(
            GROUP,
            "socklens takes, all in all, for each",
            "bytes",
            Target::AtMost(512.0),
            one(most * 1024.0 / COUNT as f64),
        );
        Ok(())
    }
}
