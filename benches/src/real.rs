//! Real servers under socklens and under strace, asked by clients that run as they are.

use crate::measure::{How, Samples};
use crate::table::Target;
use crate::{Bench, NULL};
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How a server runs, the row that tells of it, and what of its own pace it is to keep.
const WAYS: [(&str, How, Target); 5] = [
    ("alone", How::Alone, Target::None),
    ("library silent", How::Silent, Target::Share),
    ("socklens run", How::Run(&["-q", "-o", NULL]), Target::Share),
    ("socklens stat", How::Stat(&[]), Target::AtLeast(0.97)),
    ("strace -f", How::Strace(&["-f", "-e", "trace=%net,read,write,close", "-o", NULL]), Target::Share),
];

/// A server that is ended when it goes out of scope.
struct Server {
    child: Child,
    /// How it is asked to end.
    signal: i32,
    port: u16,
}

impl Server {
    fn start(words: &[String], dir: &Path, signal: i32, port: u16, ready: &dyn Fn() -> bool) -> io::Result<Server> {
        let said = std::fs::File::create(dir.join("said"))?;
        let mut c = Command::new(&words[0]);
        c.args(&words[1..]).current_dir(dir).stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
        let mut server = Server { child: c.spawn()?, signal, port };
        for _ in 0..500 {
            if ready() {
                return Ok(server);
            }
            if server.child.try_wait()?.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let said = std::fs::read_to_string(dir.join("said")).unwrap_or_default();
        Err(io::Error::other(format!("{words:?} does not serve: {said}")))
    }

    fn tell(&self, pid: u32, signal: i32) {
        // SAFETY: takes numbers; the process is our child, or that one's, and not yet waited for.
        unsafe { libc::kill(pid as i32, signal) };
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // socklens and strace keep signals to themselves or end without the program: the program itself is asked.
        let id = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let comm = std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
        let wrapped = matches!(comm.trim(), "socklens" | "strace" | "setpriv");
        match children.split_whitespace().next().and_then(|pid| pid.parse().ok()) {
            Some(pid) if wrapped => self.tell(pid, self.signal),
            _ => self.tell(id, self.signal),
        }
        for _ in 0..500 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory below the temporary one, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new(number: usize) -> io::Result<Place> {
        let dir = std::env::temp_dir().join(format!("socklens-bench-{}-{number}", std::process::id()));
        std::fs::create_dir(&dir)?;
        Ok(Place(dir))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// What a client says, if it ends well.
fn ask(words: &[&str]) -> io::Result<String> {
    let out = Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).output();
    let out = out.map_err(|e| io::Error::other(format!("{}: {e}", words[0])))?;
    match out.status.success() {
        true => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
        false => Err(io::Error::other(format!("{words:?}: {}", String::from_utf8_lossy(&out.stderr)))),
    }
}

/// The first number behind `before` in a client's text.
fn number(text: &str, before: &str) -> io::Result<f64> {
    let rest = text.split_once(before).map_or("", |x| x.1).trim_start_matches([' ', '"', '=', ',']);
    let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().map_err(|_| io::Error::other(format!("no number behind {before:?}: {text}")))
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&w| w.to_owned()).collect()
}

/// Somebody's server and the client that it is measured with.
struct Kind {
    name: &'static str,
    /// Starts it behind these words, with its files in this directory.
    start: fn(&[String], &Path) -> io::Result<Server>,
    /// Requests a second, during a moment.
    ask: fn(&Bench, u16) -> io::Result<f64>,
    /// How many such moments.
    moments: usize,
}

const KINDS: [Kind; 4] = [
    Kind { name: "redis, GET by 16 clients", start: redis, ask: ask_redis, moments: 12 },
    Kind { name: "nginx, a small file to 8 clients", start: nginx, ask: ask_nginx, moments: 6 },
    Kind { name: "memcached, get by one client", start: memcached, ask: ask_memcached, moments: 6 },
    Kind { name: "PostgreSQL, pgbench -S by 4 clients", start: postgres, ask: ask_postgres, moments: 4 },
];

/// A round: a server for each way, all there at once, asked in turns. What each of them serves in a second, in the middle of
/// its moments.
fn round(b: &Bench, kind: &Kind, number: usize) -> io::Result<[f64; WAYS.len()]> {
    let places: Vec<Place> = (0..WAYS.len()).map(Place::new).collect::<io::Result<_>>()?;
    let servers = WAYS.iter().zip(&places).map(|((_, how, _), place)| (kind.start)(&b.tools.before(*how), &place.0));
    let servers: Vec<Server> = servers.collect::<io::Result<_>>()?;
    let mut all = WAYS.map(|_| Samples::default());
    for moment in 0..kind.moments {
        // Each begins with another: the first after a rest is faster.
        for k in 0..WAYS.len() {
            let way = (number + moment + k) % WAYS.len();
            // What takes several times as long is known well enough.
            if moment > 0 && matches!(WAYS[way].1, How::Strace(_)) {
                continue;
            }
            all[way].0.push((kind.ask)(b, servers[way].port)?);
        }
    }
    Ok(all.map(|s| s.median() / 1000.0))
}

pub fn group(b: &mut Bench) -> io::Result<()> {
    const GROUP: &str = "Real servers: requests a second, the clients always alone";
    for kind in &KINDS {
        let mut all = WAYS.map(|_| Samples::default());
        let mut run = || -> io::Result<()> {
            for number in 0..b.rounds.min(5) {
                for (to, v) in all.iter_mut().zip(round(b, kind, number)?) {
                    to.0.push(v);
                }
            }
            Ok(())
        };
        let name = kind.name;
        if let Err(e) = run() {
            eprintln!("\rbench: {name} is left out: {}", e.to_string().replace('\n', " "));
            continue;
        }
        let [alone, others @ ..] = &all;
        b.add(GROUP, format!("{name}, alone"), "k/s", Target::None, alone.clone());
        for ((way, _, target), s) in WAYS[1..].iter().zip(others) {
            b.add(GROUP, format!("{name}: {way}, of alone"), "ratio", *target, s.over(alone));
        }
    }
    Ok(())
}

fn redis(before: &[String], dir: &Path) -> io::Result<Server> {
    let at = free_port()?;
    let port = at.to_string();
    let options = ["redis-server", "--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    let line = [before, &words(&options)].concat();
    Server::start(&line, dir, libc::SIGTERM, at, &|| answers(at))
}

fn ask_redis(_: &Bench, port: u16) -> io::Result<f64> {
    let port = port.to_string();
    let text = ask(&["redis-benchmark", "-p", &port, "-n", "15000", "-c", "16", "-t", "get", "--csv"])?;
    number(&text, "\"GET\"")
}

fn nginx(before: &[String], dir: &Path) -> io::Result<Server> {
    let (port, at) = (free_port()?, dir.display());
    let temps = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|t| format!("{t}_temp_path {at}/{t};"));
    let config = format!(
        "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log; events {{ worker_connections 64; }}\n\
         http {{ access_log off; keepalive_requests 1000000; {} server {{ listen 127.0.0.1:{port}; root {at}; }} }}\n",
        temps.concat()
    );
    std::fs::write(dir.join("nginx.conf"), config)?;
    std::fs::write(dir.join("small"), "hello\n")?;
    let line = [before, &words(&["nginx", "-e", "stderr", "-p", &at.to_string(), "-c", "nginx.conf"])].concat();
    Server::start(&line, dir, libc::SIGQUIT, port, &|| answers(port))
}

fn ask_nginx(_: &Bench, port: u16) -> io::Result<f64> {
    let text = ask(&["wrk", "-t1", "-c8", "-d1s", &format!("http://127.0.0.1:{port}/small")])?;
    number(&text, "Requests/sec:")
}

fn memcached(before: &[String], dir: &Path) -> io::Result<Server> {
    let port = free_port()?;
    let text = port.to_string();
    let line = [before, &words(&["memcached", "-u", "root", "-l", "127.0.0.1", "-p", &text, "-t", "1"])].concat();
    Server::start(&line, dir, libc::SIGTERM, port, &|| answers(port))
}

fn ask_memcached(b: &Bench, port: u16) -> io::Result<f64> {
    let (v, _) = b.tools.run(How::Alone, "micro", &["ask", &port.to_string(), "2000", "5"], false, 0)?;
    v.first().map(|ns| 1e9 / ns).ok_or_else(|| io::Error::other("the client said nothing"))
}

/// A program of the newest PostgreSQL.
fn of_postgres(name: &str) -> io::Result<String> {
    let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")?.flatten().map(|e| e.path()).collect();
    versions.sort();
    let newest = versions.pop().ok_or_else(|| io::Error::other("no version of it"))?;
    Ok(newest.join("bin").join(name).display().to_string())
}

fn postgres(before: &[String], dir: &Path) -> io::Result<Server> {
    // It refuses to be root.
    // SAFETY: geteuid takes nothing.
    let root = unsafe { libc::geteuid() } == 0;
    let user: &[&str] = if root { &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] } else { &[] };
    std::os::unix::fs::chown(dir, root.then_some(65534), root.then_some(65534))?;
    let (data, at) = (dir.join("data").display().to_string(), dir.display().to_string());
    let number = free_port()?;
    let port = number.to_string();
    let initdb = of_postgres("initdb")?;
    ask(&[user, &[&initdb, "-D", &data, "-U", "bench", "-A", "trust", "--no-sync"]].concat())?;
    let options = ["-D", &data, "-p", &port, "-k", &at, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"];
    let line = [&words(user), before, &words(&[&of_postgres("postgres")?]), &words(&options)].concat();
    let is_ready = of_postgres("pg_isready")?;
    let ready = [&*is_ready, "-q", "-h", "127.0.0.1", "-p", &port];
    let server = Server::start(&line, dir, libc::SIGINT, number, &|| ask(&ready).is_ok())?;
    pgbench(&port, &["-i", "-q"])?;
    Ok(server)
}

fn pgbench(port: &str, options: &[&str]) -> io::Result<String> {
    ask(&[&["pgbench"], options, &["-h", "127.0.0.1", "-p", port, "-U", "bench", "postgres"]].concat())
}

fn ask_postgres(_: &Bench, port: u16) -> io::Result<f64> {
    number(&pgbench(&port.to_string(), &["-S", "-n", "-T", "1", "-c", "4"])?, "tps =")
}
