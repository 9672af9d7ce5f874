//! One run of one program.

use crate::build::paths;
use crate::leftovers::Leftovers;
use crate::log::Log;
use crate::scratch::Scratch;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A format of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Text,
    Json,
    Strace,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Form::Text => "text",
            Form::Json => "json",
            Form::Strace => "strace",
        }
    }
}

/// How a program is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// As it is.
    Raw,
    /// With the library preloaded and nothing else said.
    Silent,
    /// With the library writing its own log.
    Alone(Form),
    /// By `socklens run`.
    Command(Form),
}

/// Every way but the raw one.
pub const MODES: [How; 7] = [
    How::Silent,
    How::Alone(Form::Text),
    How::Alone(Form::Json),
    How::Alone(Form::Strace),
    How::Command(Form::Text),
    How::Command(Form::Json),
    How::Command(Form::Strace),
];

impl How {
    pub fn label(self) -> String {
        match self {
            How::Raw => "raw".into(),
            How::Silent => "silent".into(),
            How::Alone(f) => format!("alone ({})", f.name()),
            How::Command(f) => format!("socklens run ({})", f.name()),
        }
    }

    pub fn is_json(self) -> bool {
        matches!(self, How::Alone(Form::Json) | How::Command(Form::Json))
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// How it was run.
    pub label: String,
    pub how: How,
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// What the log file holds; empty when there is none.
    pub log: Vec<u8>,
    pub took: Duration,
    scratch: Scratch,
}

impl Outcome {
    /// How the program ended, in words.
    pub fn ended(&self) -> String {
        match (self.status.code(), self.status.signal()) {
            (Some(c), _) => format!("exit status {c}"),
            (_, Some(s)) => format!("killed by signal {s}"),
            _ => format!("{:?}", self.status),
        }
    }

    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    pub fn log_text(&self) -> String {
        String::from_utf8_lossy(&self.log).into_owned()
    }

    /// The calls in which a fault was injected, as the JSON log has them.
    pub fn fired(&self) -> Vec<String> {
        let text = self.log_text();
        let call = |l: &str| l.split(r#""call":""#).nth(1).and_then(|r| r.split('"').next()).map(str::to_owned);
        text.lines().filter(|l| l.contains(r#""injected":["#)).filter_map(call).collect()
    }

    /// The log's records; fails unless every line is one.
    #[track_caller]
    pub fn json(&self) -> Log {
        match Log::parse(&self.log) {
            Ok(log) => log,
            Err(e) => panic!("{}: the log in {}: {e}", self.label, self.scratch.path().display()),
        }
    }

    #[track_caller]
    pub fn assert_success(&self) -> &Outcome {
        assert!(
            self.status.success(),
            "{}: {}\nstdout:\n{}stderr:\n{}",
            self.label,
            self.ended(),
            self.out(),
            self.err()
        );
        self
    }

    /// The directory the run had for its log.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }
}

/// A program to be run.
#[derive(Clone, Debug)]
pub struct Run {
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, Option<OsString>)>,
    options: Vec<OsString>,
    before: Vec<PathBuf>,
    after: Vec<PathBuf>,
    input: Vec<u8>,
    dir: Option<PathBuf>,
    deadline: Duration,
    log: Option<PathBuf>,
    library: Option<PathBuf>,
    summary: bool,
}

impl Run {
    pub fn new(program: impl AsRef<Path>) -> Run {
        Run {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            options: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
            input: Vec::new(),
            dir: None,
            deadline: Duration::from_secs(60),
            log: None,
            library: None,
            summary: false,
        }
    }

    /// A C example.
    pub fn example(name: &str) -> Run {
        Run::new(paths().examples.join(name))
    }

    pub fn arg(mut self, a: impl AsRef<OsStr>) -> Run {
        self.args.push(a.as_ref().to_owned());
        self
    }

    pub fn args(mut self, list: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Run {
        self.args.extend(list.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Run {
        self.env.push((name.into(), Some(value.as_ref().to_owned())));
        self
    }

    pub fn without(mut self, name: &str) -> Run {
        self.env.push((name.into(), None));
        self
    }

    /// Options of `socklens run`.
    pub fn options(mut self, list: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Run {
        self.options.extend(list.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Lets `socklens run` say at the end what it has recorded.
    pub fn with_summary(mut self) -> Run {
        self.summary = true;
        self
    }

    /// Another library preloaded before ours.
    pub fn preload_before(mut self, path: impl AsRef<Path>) -> Run {
        self.before.push(path.as_ref().to_owned());
        self
    }

    /// Another library preloaded after ours.
    pub fn preload_after(mut self, path: impl AsRef<Path>) -> Run {
        self.after.push(path.as_ref().to_owned());
        self
    }

    /// Another copy of our library in place of the one that was built.
    pub fn library(mut self, path: impl AsRef<Path>) -> Run {
        self.library = Some(path.as_ref().to_owned());
        self
    }

    pub fn input(mut self, bytes: &[u8]) -> Run {
        self.input = bytes.to_owned();
        self
    }

    pub fn dir(mut self, dir: impl AsRef<Path>) -> Run {
        self.dir = Some(dir.as_ref().to_owned());
        self
    }

    pub fn deadline(mut self, d: Duration) -> Run {
        self.deadline = d;
        self
    }

    /// Where the log goes, in place of a file of the run's own.
    pub fn log(mut self, path: impl AsRef<Path>) -> Run {
        self.log = Some(path.as_ref().to_owned());
        self
    }

    /// The command, and the file its log goes to.
    pub fn command(&self, how: How, scratch: &Scratch) -> (Command, PathBuf) {
        let p = paths();
        let log = self.log.clone().unwrap_or_else(|| scratch.join("log"));
        let library = self.library.as_ref().unwrap_or(&p.library);
        let ours = match how {
            // The command adds the library itself.
            How::Raw | How::Command(_) => None,
            How::Silent | How::Alone(_) => Some(library),
        };
        let preload: Vec<String> =
            self.before.iter().chain(ours).chain(&self.after).map(|l| l.display().to_string()).collect();
        let preload = preload.join(":");
        let mut c = match how {
            How::Command(form) => {
                let mut c = Command::new(&p.command);
                c.arg("run").arg("-o").arg(&log).arg("--format").arg(form.name());
                if !self.summary {
                    c.arg("--quiet");
                }
                if !preload.is_empty() {
                    c.arg("-E").arg(format!("LD_PRELOAD={preload}"));
                }
                c.args(&self.options).arg("--").arg(&self.program);
                c
            }
            _ => Command::new(&self.program),
        };
        c.args(&self.args);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SOCKLENS_") || name == "LD_PRELOAD" {
                c.env_remove(name);
            }
        }
        if !preload.is_empty() && !matches!(how, How::Command(_)) {
            c.env("LD_PRELOAD", preload);
        }
        if let How::Alone(form) = how {
            c.env("SOCKLENS_LOG", &log).env("SOCKLENS_FORMAT", form.name());
        }
        for (name, value) in &self.env {
            match value {
                Some(v) => c.env(name, v),
                None => c.env_remove(name),
            };
        }
        if let Some(d) = &self.dir {
            c.current_dir(d);
        }
        (c, log)
    }

    /// Starts the program and lets it run: stdout and stderr go to files in the scratch directory.
    #[track_caller]
    pub fn start(&self, how: How, scratch: &Scratch) -> Child {
        let (mut c, _) = self.command(how, scratch);
        let file = |name: &str| std::fs::File::create(scratch.join(name)).expect("a file for output");
        c.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr")).process_group(0);
        c.spawn().unwrap_or_else(|e| panic!("{c:?}: {e}"))
    }

    /// Runs the program to its end.
    #[track_caller]
    pub fn run(&self, how: How) -> Outcome {
        let scratch = Scratch::new();
        let (mut c, log) = self.command(how, &scratch);
        let label = format!("{} {}", self.program.file_name().unwrap_or_default().to_string_lossy(), how.label());
        let began = Instant::now();
        // A group of its own, so that a run that hangs can be ended whole.
        c.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        c.stdin(if self.input.is_empty() { Stdio::null() } else { Stdio::piped() });
        let mut child = c.spawn().unwrap_or_else(|e| panic!("{label}: {c:?}: {e}"));
        if let Some(mut to) = child.stdin.take() {
            let input = self.input.clone();
            std::thread::spawn(move || to.write_all(&input));
        }
        let (out, err) = (drain(child.stdout.take()), drain(child.stderr.take()));
        let Some(status) = wait_for(&mut child, self.deadline) else {
            let stacks = stacks_of_group(child.id());
            // SAFETY: the group that this run made; its leader is our child and not waited for yet.
            unsafe { libc::kill(-(child.id() as i32), libc::SIGKILL) };
            let _ = child.wait();
            panic!(
                "{label}: still running after {:?}\n{stacks}stdout:\n{}stderr:\n{}",
                self.deadline,
                String::from_utf8_lossy(&out.recv_timeout(Duration::from_secs(2)).unwrap_or_default()),
                String::from_utf8_lossy(&err.recv_timeout(Duration::from_secs(2)).unwrap_or_default()),
            )
        };
        let took = began.elapsed();
        let grace = Duration::from_secs(10);
        let (Ok(stdout), Ok(stderr)) = (out.recv_timeout(grace), err.recv_timeout(grace)) else {
            panic!("{label}: ended ({status}), but somebody still holds its output");
        };
        let log = std::fs::read(log).unwrap_or_default();
        Outcome { label, how, status, stdout, stderr, log, took, scratch }
    }

    /// Marks the run's processes for [`Leftovers`].
    pub fn mark(self, mark: &str) -> Run {
        self.env(Leftovers::VARIABLE, mark)
    }
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (to, from) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = to.send(bytes);
    });
    from
}

/// Waits for a child; None when it is still running at the deadline.
pub fn wait_for(child: &mut Child, deadline: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + deadline;
    let mut pause = Duration::from_micros(200);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() >= end => return None,
            Ok(None) => std::thread::sleep(pause),
            Err(e) => panic!("waiting for a child: {e}"),
        }
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Where the threads of a group that hangs wait, as far as /proc tells.
fn stacks_of_group(group: u32) -> String {
    let mut text = String::new();
    let proc = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|e| e.path());
    for p in proc {
        let Ok(stat) = std::fs::read_to_string(p.join("stat")) else { continue };
        let after = stat.rsplit(')').next().unwrap_or_default();
        if after.split_whitespace().nth(2) != Some(&group.to_string()) {
            continue;
        }
        for t in std::fs::read_dir(p.join("task")).into_iter().flatten().flatten().map(|e| e.path()) {
            let read = |name| std::fs::read_to_string(t.join(name)).unwrap_or_default();
            let name = read("comm");
            text.push_str(&format!(
                "  {} {}: state {}, in syscall {}",
                t.file_name().unwrap_or_default().to_string_lossy(),
                name.trim(),
                after.split_whitespace().next().unwrap_or("?"),
                read("syscall")
            ));
        }
    }
    text
}
