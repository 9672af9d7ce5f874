//! Starting the driver in its variants, and what several rounds of them come to.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where everything lies.
#[derive(Clone, Debug)]
pub struct Tools {
    pub dir: PathBuf,
    pub library: PathBuf,
    pub socklens: PathBuf,
    /// The processor of the driver, and of whoever reads its log; the same where there is only one.
    pub cpus: (usize, usize),
    /// What the driver's gauge may show where nobody else is at work on the core, nanoseconds.
    pub gauge: f64,
}

/// How the driver runs.
#[derive(Clone, Copy, Debug)]
pub enum How<'a> {
    Alone,
    /// The library loaded, and nothing asked of it.
    Silent,
    /// Another library loaded in its place.
    Preloaded(&'a Path),
    /// In the session with this segment.
    Session(&'a Path),
    /// Under `socklens run` with these options.
    Run(&'a [&'a str]),
    /// `socklens stat` with these options.
    Stat(&'a [&'a str]),
    Strace(&'a [&'a str]),
    /// Behind these words: another tool and its options.
    Behind(&'a [&'a str]),
}

/// Restricts the calling thread to one processor.
pub fn pin_thread(cpu: usize) {
    // SAFETY: a set of our own; a failure leaves the thread where it may run.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set);
    }
}

impl Tools {
    fn base(&self, how: How, program: &str) -> Command {
        let driver = self.dir.join(program);
        let wrapped = |tool: &OsStr, args: &[&str], end: &[&str]| {
            let mut c = Command::new(tool);
            c.args(args).args(end).arg(&driver);
            c
        };
        match how {
            How::Alone => Command::new(&driver),
            How::Silent => {
                let mut c = Command::new(&driver);
                c.env("LD_PRELOAD", &self.library);
                c
            }
            How::Preloaded(library) => {
                let mut c = Command::new(&driver);
                c.env("LD_PRELOAD", library);
                c
            }
            How::Session(segment) => {
                let mut c = Command::new(&driver);
                c.env("LD_PRELOAD", &self.library).env("SOCKLENS_SESSION", segment);
                c
            }
            How::Run(options) => {
                let mut c = wrapped(self.socklens.as_os_str(), &["run"], &[options, &["--"]].concat());
                c.env("SOCKLENS_LIBRARY", &self.library);
                c
            }
            How::Stat(options) => {
                let mut c =
                    wrapped(self.socklens.as_os_str(), &["stat", "-o", "/dev/null"], &[options, &["--"]].concat());
                c.env("SOCKLENS_LIBRARY", &self.library);
                c
            }
            How::Strace(options) => wrapped(OsStr::new("strace"), options, &[]),
            How::Behind(words) => {
                wrapped(OsStr::new(words.first().unwrap_or(&"env")), words.get(1..).unwrap_or(&[]), &[])
            }
        }
    }

    /// Puts a command of somebody else's program behind what `how` says, as words.
    pub fn before(&self, how: How) -> Vec<String> {
        let c = self.base(how, "");
        let text = |s: &OsStr| s.to_string_lossy().into_owned();
        let variables = c.get_envs().filter_map(|(k, v)| Some(format!("{}={}", text(k), text(v?))));
        let mut words = vec!["env".to_owned()];
        words.extend(variables);
        if !matches!(how, How::Alone | How::Silent | How::Preloaded(_) | How::Session(_)) {
            words.push(text(c.get_program()));
            // The last word is the place of the program.
            words.extend(c.get_args().map(text));
            words.pop();
        }
        words
    }

    /// Runs `program ARGS`; what it wrote to stdout as numbers, and its stderr.
    pub fn run(
        &self,
        how: How,
        program: &str,
        args: &[&str],
        pinned: bool,
        pause: u32,
    ) -> io::Result<(Vec<f64>, String)> {
        let mut c = self.base(how, program);
        c.args(args).stdin(Stdio::null());
        if pause > 0 {
            c.env("BENCH_PAUSE", pause.to_string());
        }
        if pinned {
            c.env("BENCH_CPU", self.cpus.0.to_string()).env("BENCH_GAUGE", self.gauge.to_string());
            let cpu = self.cpus.1;
            // SAFETY: sched_setaffinity may be called between fork and exec.
            unsafe {
                c.pre_exec(move || {
                    pin_thread(cpu);
                    Ok(())
                });
            }
        }
        let out = c.output().map_err(|e| io::Error::other(format!("{:?}: {e}", c.get_program())))?;
        let (text, said) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        if !out.status.success() {
            return Err(io::Error::other(format!("{c:?}: {}: {said}", out.status)));
        }
        let numbers = text.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>();
        let numbers = numbers.map_err(|e| io::Error::other(format!("{c:?}: {e}: {text}")))?;
        Ok((numbers, said.into_owned()))
    }
}

/// The values of several rounds.
#[derive(Clone, Debug, Default)]
pub struct Samples(pub Vec<f64>);

impl Samples {
    fn sorted(&self) -> Vec<f64> {
        let mut v = self.0.clone();
        v.sort_by(f64::total_cmp);
        v
    }

    pub fn median(&self) -> f64 {
        let v = self.sorted();
        match v.len() {
            0 => f64::NAN,
            n if n % 2 == 1 => v[n / 2],
            n => (v[n / 2 - 1] + v[n / 2]) / 2.0,
        }
    }

    pub fn min(&self) -> f64 {
        self.sorted().first().copied().unwrap_or(f64::NAN)
    }

    pub fn max(&self) -> f64 {
        self.sorted().last().copied().unwrap_or(f64::NAN)
    }

    /// Round by round, so that what slowed the machine down for a while cancels out.
    pub fn with(&self, other: &Samples, f: impl Fn(f64, f64) -> f64) -> Samples {
        Samples(self.0.iter().zip(&other.0).map(|(&a, &b)| f(a, b)).collect())
    }

    pub fn minus(&self, other: &Samples) -> Samples {
        self.with(other, |a, b| a - b)
    }

    pub fn over(&self, other: &Samples) -> Samples {
        self.with(other, |a, b| a / b)
    }
}
