//! Documentation that is run: the commands of a page's ```console blocks, and whether they still print what the page says.
//!
//! A block's lines that begin with `$ ` are commands for bash, those right behind with `> ` their further lines; then comes
//! what was printed: first stdout, then stderr.
//! A line `...` stands for any lines. Words after `console`: `unordered` for lines whose order is left to the scheduler, `measured`
//! where every number is of this one run, machine and version.
//! Directives for the next block, unseen by readers: `<!-- docs: needs PROGRAM... -->` and `<!-- docs: background COMMAND -->`,
//! a server that is started for the rest of the page and waited for on port 8080. In commands, 8080 and 8090 stand for free
//! ports.

use crate::build::paths;
use crate::daemon::free_port;
use crate::need::{installed, not_tested};
use crate::run::wait_for;
use crate::scratch::Scratch;
use regex_lite::Regex;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
/// The ports of the pages; the first one is the background server's.
const PORTS: [&str; 2] = ["8080", "8090"];

/// The directory that the pages' commands are run in.
const HERE: &str = "/home/you/socklens";

/// One command of a page with what it should print.
#[derive(Debug, Clone)]
struct Step {
    /// Where its output begins in the page: the line after the command's.
    line: usize,
    command: String,
    expected: Vec<String>,
    way: Way,
}

/// How a block's lines are compared.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    unordered: bool,
    measured: bool,
}

#[derive(Debug, Clone)]
enum Part {
    Needs(Vec<String>),
    Background(String),
    /// The commands of one block, and its last line.
    Block(Vec<Step>),
}

fn parse(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut block: Option<(Vec<Step>, Way)> = None;
    for (n, line) in text.lines().enumerate() {
        let Some((steps, way)) = &mut block else {
            if let Some(words) = line.strip_prefix("```console") {
                let has = |word| words.split_whitespace().any(|w| w == word);
                block = Some((Vec::new(), Way { unordered: has("unordered"), measured: has("measured") }));
            } else if let Some(d) = line.strip_prefix("<!-- docs: ").and_then(|l| l.strip_suffix(" -->")) {
                match d.split_once(' ') {
                    Some(("needs", list)) => {
                        parts.push(Part::Needs(list.split_whitespace().map(str::to_owned).collect()))
                    }
                    Some(("background", command)) => parts.push(Part::Background(command.to_owned())),
                    _ => panic!("line {}: an unknown directive: {line}", n + 1),
                }
            }
            continue;
        };
        if line == "```" {
            parts.push(Part::Block(std::mem::take(steps)));
            block = None;
        } else if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { line: n + 1, command: command.to_owned(), expected: Vec::new(), way: *way });
        } else if let Some(step) = steps.last_mut() {
            if let Some(more) = line.strip_prefix("> ").filter(|_| step.line == n) {
                step.command.push_str(&format!("\n{more}"));
                step.line = n + 1;
                continue;
            }
            step.expected.push(line.to_owned());
        } else {
            panic!("line {}: output before the first command: {line}", n + 1);
        }
    }
    assert!(block.is_none(), "a console block without an end");
    parts
}

/// What differs from run to run and from machine to machine, made equal.
#[derive(Debug)]
struct Masks(Vec<(Regex, &'static str)>);

impl Masks {
    fn new() -> Masks {
        let rules = [
            (r"^ *\d+\.\d{6}\b", "TIME"),
            // Whose line it is, is said once there are several processes: which line is the first is chance.
            (r"^TIME +[^ ]+\[\d+(/\d+)?\] ", "TIME "),
            (r"^(\w+\[\d+\] +)?\d\d:\d\d:\d\d(\.\d{6})?", "${1}TIME"),
            (r" <(so far )?[\d.]+ ?(ns|µs|us|ms|s|min)?>", ""),
            (r"([A-Za-z_0-9])\[\d+\]", "$1[PID]"),
            (r"socket:\[\d+\]", "socket:[INODE]"),
            (r"\[pid +\d+\]", "[pid N]"),
            // Before ports: a time of five digits is none.
            (r#""(time|mono|dur|pid|ppid|tid|uid|port)":\d+"#, "\"$1\":N"),
            (r":\d{4,5}\b", ":PORT"),
            (r"htons\(\d{4,5}\)", "htons(PORT)"),
            (r"0x[0-9a-f]{6,}", "POINTER"),
            (r"\b\d+\.\d+ ?s\b", "N s"),
            // What one call moved, when that is more than a test would ask for: as much as the kernel had room for.
            (r"= \d{5,}$", "= COUNT"),
            (r"= \d{5,} ", "= COUNT "),
            (r"process \d+ ", "process N "),
            (r"forked from \d+", "forked from N"),
            // How a process ended is known when the reader was in time to ask; the call it died in may have been shown before.
            (r"(exited with 0|was killed by SIG[A-Z]+|ended) ---", "ended ---"),
            (r"<unfinished \.\.\.>.*", "<unfinished ...>"),
            (r"\bpid=\d+|\bsi_pid=\d+", "pid=N"),
            (r"/tmp/[A-Za-z0-9._-]+", "/tmp/NAME"),
            (r" +", " "),
        ];
        Masks(rules.map(|(pattern, with)| (Regex::new(pattern).expect("a pattern"), with)).into())
    }

    fn apply(&self, line: &str, way: Way) -> String {
        let mut text = line.trim_end().to_owned();
        let mut replace = |pattern: &Regex, with: &str| text = pattern.replace_all(&text, with).into_owned();
        self.0.iter().for_each(|(pattern, with)| replace(pattern, with));
        if way.unordered {
            // Which process made its socket first is the scheduler's affair, too.
            replace(&Regex::new(r"#\d+").expect("a pattern"), "#N");
        }
        if way.measured {
            // Also whether there is one: a column may be empty.
            let number = r"\bN s\b|\b\d[\d.]*[kMG]?( ?(ns|µs|ms|s|min|[kMG]?i?B)\b)?";
            replace(&Regex::new(number).expect("a pattern"), "N");
            replace(&Regex::new(r" +N( +N)*").expect("a pattern"), " N");
        }
        text
    }
}

/// Lines of calls that were shown while they blocked, as one line each again: how long a call takes is the machine's affair.
fn joined(lines: Vec<String>) -> Vec<String> {
    const BEGUN: &str = "<unfinished ...>";
    let mut out: Vec<String> = Vec::new();
    for line in lines {
        let end = line.split_once("<... ").and_then(|(_, rest)| rest.split_once(" resumed>"));
        let begin = end.and_then(|(call, _)| {
            let head = format!("{call}(");
            out.iter().position(|l| l.ends_with(BEGUN) && (l.contains(&format!(" {head}")) || l.starts_with(&head)))
        });
        if let (Some((_, rest)), Some(i)) = (end, begin) {
            let head = out.remove(i).replace(BEGUN, "");
            let head = if rest.starts_with(')') { head.trim_end() } else { &head };
            out.push(format!("{head}{rest}"));
        } else {
            out.push(line);
        }
    }
    out
}

/// Whether lines are what was expected; both masked.
fn agrees(expected: &[String], got: &[String], unordered: bool) -> bool {
    if unordered {
        let mut left: Vec<&String> = got.iter().collect();
        let all = expected.iter().filter(|e| *e != "...").all(|e| match left.iter().position(|g| *g == e) {
            Some(i) => {
                left.swap_remove(i);
                true
            }
            None => false,
        });
        return all && (left.is_empty() || expected.iter().any(|e| e == "..."));
    }
    match expected.split_first() {
        None => got.is_empty(),
        Some((first, rest)) if first == "..." => (0..=got.len()).any(|n| agrees(rest, &got[n..], false)),
        Some((first, rest)) => got.split_first().is_some_and(|(g, more)| g == first && agrees(rest, more, false)),
    }
}

/// A page's directory, its servers and its port.
struct Session {
    scratch: Scratch,
    path: String,
    ports: [String; 2],
    servers: Vec<Child>,
}

impl Session {
    fn new() -> Session {
        let p = paths();
        let scratch = Scratch::new();
        let built = p.command.parent().expect("its directory");
        std::fs::create_dir(scratch.join("target")).expect("a directory");
        std::os::unix::fs::symlink(built, scratch.join("target/release")).expect("a link");
        for name in ["c-examples", "python-examples", "docs", "tests"] {
            std::os::unix::fs::symlink(p.root.join(name), scratch.join(name)).expect("a link");
        }
        let mut dirs: Vec<PathBuf> = vec![built.to_owned()];
        // Before wrappers of version managers, which would be in the log.
        dirs.extend(["python3", "curl", "nginx"].iter().filter_map(|t| installed(t)?.parent().map(PathBuf::from)));
        dirs.extend(["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(PathBuf::from));
        let path = std::env::join_paths(dirs).expect("directories").to_string_lossy().into_owned();
        let ports = PORTS.map(|_| free_port().to_string());
        Session { scratch, path, ports, servers: Vec::new() }
    }

    fn shell(&self, command: &str) -> Command {
        let mut c = Command::new("bash");
        let [one, two] = &self.ports;
        let command = command.replace(PORTS[0], one).replace(PORTS[1], two);
        c.arg("-c").arg(command).current_dir(self.scratch.path());
        c.env_clear()
            .env("PATH", &self.path)
            .env("HOME", self.scratch.path())
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC");
        c.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null()).process_group(0);
        c
    }

    fn background(&mut self, command: &str) {
        let mut c = self.shell(&format!("exec {command}"));
        let child = c.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("bash");
        self.servers.push(child);
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(format!("127.0.0.1:{}", self.ports[0])).is_err() {
            assert!(Instant::now() < end, "`{command}` does not listen on port {}", self.ports[0]);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What a command prints.
    fn run(&self, step: &Step) -> Vec<String> {
        let file = |name: &str| std::fs::File::create(self.scratch.join(name)).expect("a file for output");
        let mut c = self.shell(&step.command);
        let mut child = c.stdout(file(".stdout")).stderr(file(".stderr")).spawn().expect("bash");
        if wait_for(&mut child, PATIENCE).is_none() {
            // SAFETY: the group that this command made; its leader is our child and not waited for yet.
            unsafe { libc::kill(-(child.id() as i32), libc::SIGKILL) };
            let _ = child.wait();
            panic!("still running after {PATIENCE:?}: {}", step.command);
        }
        let read = |name: &str| std::fs::read(self.scratch.join(name)).unwrap_or_default();
        let text = [read(".stdout"), read(".stderr")].concat();
        // The reader's directory, not this machine's.
        let text = String::from_utf8_lossy(&text).replace(&self.ports[0], PORTS[0]).replace(&self.ports[1], PORTS[1]);
        let text = text.replace(&paths().root.display().to_string(), HERE);
        let text = text.replace(&self.scratch.path().display().to_string(), HERE);
        joined(text.lines().map(|l| l.trim_end().to_owned()).collect())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in &mut self.servers {
            // First as one that can be caught: a session that is killed stays behind.
            for signal in [libc::SIGTERM, libc::SIGKILL] {
                // SAFETY: the group that this server made; its leader is our child and not waited for yet.
                unsafe { libc::kill(-(child.id() as i32), signal) };
                if wait_for(child, PATIENCE).is_some() {
                    break;
                }
            }
        }
    }
}

/// Runs a page's commands and compares; with SOCKLENS_DOCS=write, writes what they print now into the page.
pub fn check_page(page: &str) {
    let path = paths().root.join(page);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{page}: {e}"));
    let write = std::env::var_os("SOCKLENS_DOCS").is_some_and(|v| v == "write");
    let masks = Masks::new();
    let mut session = Session::new();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (mut shift, mut wrong, mut skip, mut ran) = (0_isize, String::new(), None, 0);
    for part in parse(&text) {
        match part {
            Part::Needs(programs) => skip = programs.into_iter().find(|p| installed(p).is_none()),
            Part::Background(_) if skip.is_some() => {}
            Part::Background(command) => session.background(&command),
            Part::Block(_) if skip.is_some() => {
                not_tested(&format!("a part of {page}: {} is not installed", skip.take().unwrap_or_default()));
            }
            Part::Block(steps) => {
                for step in steps {
                    ran += 1;
                    let got = session.run(&step);
                    let masked = |l: &Vec<String>| l.iter().map(|l| masks.apply(l, step.way)).collect::<Vec<_>>();
                    if agrees(&masked(&step.expected), &masked(&got), step.way.unordered) {
                        continue;
                    }
                    if write && !step.expected.iter().any(|l| l == "...") {
                        let at = (step.line as isize + shift) as usize;
                        lines.splice(at..at + step.expected.len(), got.iter().cloned());
                        shift += got.len() as isize - step.expected.len() as isize;
                        continue;
                    }
                    let (expected, got) = (step.expected.join("\n"), got.join("\n"));
                    wrong.push_str(&format!(
                        "\n{page}:{}: $ {}\n--- the page says\n{expected}\n--- now it is\n{got}\n",
                        step.line, step.command
                    ));
                }
            }
        }
    }
    if write {
        std::fs::write(&path, lines.join("\n") + "\n").expect("the page");
    }
    assert!(wrong.is_empty(), "{wrong}\n(SOCKLENS_DOCS=write writes what is printed now)");
    assert!(ran > 0 || text.contains("docs: needs"), "{page} has no command to run");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_page_is_commands_and_what_they_print() {
        let parts =
            parse("x\n<!-- docs: needs a b -->\n```console unordered\n$ one \\\n> two\nout\n> out\n$ three\n```\n");
        assert!(matches!(&parts[0], Part::Needs(n) if n == &["a", "b"]));
        let Part::Block(steps) = &parts[1] else { panic!("{parts:?}") };
        assert_eq!(steps[0].command, "one \\\ntwo");
        assert_eq!((steps[0].line, steps[0].expected.len(), steps[1].line), (5, 2, 8));
        assert!(steps[0].way.unordered && !steps[0].way.measured && steps[1].expected.is_empty());
    }

    #[test]
    fn what_differs_by_chance_is_equal_and_nothing_else() {
        let m = Masks::new();
        let plain = Way::default();
        let same = |a: &str, b: &str| assert_eq!(m.apply(a, plain), m.apply(b, plain));
        let a = "   0.033893 curl[21231]   connect(5, 127.0.0.1:8123, 16) = 0 <5.1ms>  tcp#3 127.0.0.1:57606→127.0.0.1:8123";
        same(a, " 1.000001 curl[7] connect(5, 127.0.0.1:8080, 16) = 0  tcp#3 127.0.0.1:1234→127.0.0.1:8080");
        assert_ne!(m.apply(a, plain), m.apply(&a.replace("= 0", "= -1"), plain));
        assert_ne!(m.apply(a, plain), m.apply(&a.replace("tcp#3", "tcp#4"), plain));
        let unordered = Way { unordered: true, ..plain };
        assert_eq!(m.apply(a, unordered), m.apply(&a.replace("tcp#3", "tcp#4"), unordered));
        let dies = "1.000001 send(3, 0x5643912ec031, 6, 0 <unfinished ...>";
        same(dies, &format!("{dies} <so far 403µs>  unix#1 pair"));
        same("--- process 12 (x) was killed by SIGPIPE ---", "--- process 123 (x) ended ---");
        assert_ne!(m.apply("process 1 (x) exited with 1 ---", plain), m.apply("process 1 (x) ended ---", plain));
        same(r#"{"dur":69780,"pid":18148}"#, r#"{"dur":8352850,"pid":229}"#);
        let measured = Way { measured: true, ..plain };
        let row = "recv      12          80 B        1.19 ms    2.3  1.17 ms  recv 4";
        assert_eq!(m.apply(row, measured), m.apply("recv 7 80 B 4.1k   3.58 s 99.9  recv 5", measured));
        assert_ne!(m.apply(row, measured), m.apply(&row.replace("recv", "send"), measured));
    }

    #[test]
    fn calls_that_blocked_are_one_line_again() {
        let got = "1.0 x[1] accept4(3, <unfinished ...>\n1.1 x[2] connect(3, a, 16 <unfinished ...>\n1.2 x[1] <... accept4 resumed>b, [16]) = 4\n\
            1.3 x[2] <... connect resumed>) = 0\n1.4 send(3 <unfinished ...>";
        let want = "1.0 x[1] accept4(3, b, [16]) = 4\n1.1 x[2] connect(3, a, 16) = 0\n1.4 send(3 <unfinished ...>";
        assert_eq!(joined(lines(got)), lines(want));
    }

    #[test]
    fn dots_stand_for_lines_and_order_may_be_left_open() {
        let got = lines("a\nb\nc");
        assert!(agrees(&lines("a\n...\nc"), &got, false) && agrees(&lines("...\nb\n..."), &got, false));
        assert!(!agrees(&lines("a\nc"), &got, false) && !agrees(&lines("b\n..."), &got, false));
        assert!(agrees(&lines("c\na\nb"), &got, true) && agrees(&lines("c\n..."), &got, true));
        assert!(!agrees(&lines("c\na"), &got, true) && !agrees(&lines("c\nc\n..."), &got, true));
    }
}
