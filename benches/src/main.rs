//! `make bench`: what socklens costs, each figure beside the same program without it, in the same minutes.
//!
//! Every figure comes from several rounds; a round runs all variants of a group one after the other, and differences
//! and ratios are taken within a round. See docs/PERFORMANCE.md.

mod calls;
mod log;
mod measure;
mod memory;
mod micro;
mod peers;
mod picture;
mod real;
mod rules;
mod session;
mod table;

use measure::{How, Samples, Tools};
use session::Session;
use std::cell::Cell;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use table::{Row, Target};

fn main() -> ExitCode {
    // What the caller left open is no part of what is measured: each program would look at what it is born with.
    // SAFETY: descriptors of others are marked, none is closed here.
    unsafe { libc::close_range(3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC as i32) };
    match real_main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("bench: {e}");
            ExitCode::FAILURE
        }
    }
}

/// Measures one group.
type Group = fn(&mut Bench) -> io::Result<()>;

struct Bench {
    tools: Tools,
    rounds: usize,
    rows: Vec<Row>,
    /// Blocks of calls in which nobody else was at work on the core, and all that were made.
    blocks: Cell<(f64, f64)>,
}

/// How much more than the least the driver's gauge may show.
const QUIET: f64 = 1.08;

fn real_main() -> io::Result<()> {
    let mut dir = PathBuf::from("target/bench");
    let mut library = PathBuf::from("target/release/libsocklens.so");
    let mut socklens = PathBuf::from("target/release/socklens");
    let (mut rounds, mut only, mut doc) = (11, String::new(), false);
    let mut args = std::env::args().skip(1);
    while let Some(a) = args.next() {
        let mut value = || args.next().ok_or_else(|| io::Error::other(format!("{a} wants a value")));
        match a.as_str() {
            "--tools" => dir = value()?.into(),
            "--lib" => library = value()?.into(),
            "--bin" => socklens = value()?.into(),
            "--only" => only = value()?,
            "--rounds" => rounds = value()?.parse().map_err(io::Error::other)?,
            "--quick" => rounds = 3,
            "--doc" => doc = true,
            _ => {
                return Err(io::Error::other(
                    "usage: bench [--quick | --rounds N] [--lib FILE] [--bin FILE] [--only GROUP] [--doc]",
                ));
            }
        }
    }
    let cores = std::thread::available_parallelism()?.get();
    let mut tools = Tools {
        dir: dir.canonicalize()?,
        library: library.canonicalize()?,
        socklens: socklens.canonicalize()?,
        cpus: (0, usize::from(cores > 1)),
        gauge: 0.0,
    };
    // Variables that would make the library of the variants without a session do something.
    for name in ["LD_PRELOAD", "SOCKLENS_LOG", "SOCKLENS_SESSION"] {
        // SAFETY: no other thread runs yet.
        unsafe { std::env::remove_var(name) };
    }
    let (least, _) = tools.run(How::Alone, "driver", &["core", "3"], true, 0)?;
    tools.gauge = QUIET * least.first().copied().unwrap_or(0.0);
    let mut b = Bench { tools, rounds, rows: Vec::new(), blocks: Cell::default() };
    let groups: [(&str, Group); 13] = [
        ("calls", calls::group),
        ("sockets", Bench::sockets),
        ("micro", micro::group),
        ("rules", rules::group),
        ("threads", Bench::threads),
        ("starts", Bench::starts),
        ("strace", Bench::strace),
        ("peers", peers::group),
        ("real", real::group),
        ("log", log::group),
        ("memory", Bench::memory),
        ("brief", Bench::brief),
        ("many", Bench::many),
    ];
    for (name, run) in groups {
        if only.is_empty() || only.split(',').any(|o| o == name) {
            eprint!("\rmeasuring: {name}          ");
            io::stderr().flush()?;
            run(&mut b)?;
        }
    }
    eprint!("\r                              \r");
    let mut machine = machine(cores, rounds, b.blocks.get());
    let mut text = table::page(&machine, &b.rows);
    print!("{text}");
    // A recorded call cannot take much less than the same call alone: then it is the measurement that is wrong.
    for r in b.rows.iter().filter(|r| r.unit == "ratio" && !matches!(r.target, Target::AtLeast(_) | Target::Share)) {
        if r.samples.median() < 0.9 {
            return Err(io::Error::other(format!("{}: {}: {:.3} cannot be", r.group, r.what, r.samples.median())));
        }
    }
    if doc && !only.is_empty() {
        let (before, others) = table::measured_before("docs/performance.json")?;
        if let Some((_, told)) = machine.iter_mut().find(|(k, _)| *k == "rounds") {
            *told = measured_apart(&before, rounds, &only);
        }
        b.rows = table::renewed(&others, &b.rows);
        text = table::page(&machine, &b.rows);
    }
    let picture = picture::svg(&machine, &b.rows);
    if let Some(picture) = &picture {
        std::fs::write("target/bench.svg", picture)?;
    }
    if doc {
        table::into_document("docs/PERFORMANCE.md", picture.as_ref().map(|_| "performance.svg"), &text)?;
        std::fs::write("docs/performance.json", table::json(&machine, &b.rows))?;
        if let Some(picture) = &picture {
            std::fs::write("docs/performance.svg", picture)?;
        }
    }
    std::fs::write("target/bench.json", table::json(&machine, &b.rows))
}

/// How many rounds of what, when some groups are measured anew. What was told of these alone before is no more so.
fn measured_apart(before: &str, rounds: usize, only: &str) -> String {
    let again = |group: &str| only.split(',').any(|o| o == group);
    let holds = |part: &&str| {
        let groups = part.split_once(" of ").and_then(|(_, rest)| rest.strip_suffix(", measured apart"));
        !groups.is_some_and(|groups| groups.split(',').all(again))
    };
    let now = format!("{rounds} of {only}, measured apart");
    before.split("; ").filter(holds).chain([&*now]).collect::<Vec<_>>().join("; ")
}

fn machine(cores: usize, rounds: usize, (quiet, tried): (f64, f64)) -> Vec<(&'static str, String)> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let field =
        |name: &str| cpu.lines().find(|l| l.starts_with(name)).and_then(|l| l.split_once(": ")).map_or("", |x| x.1);
    let ghz = field("cpu MHz").parse::<f64>().map_or(String::new(), |m| format!(", {:.1} GHz", m / 1000.0));
    let release = read("/proc/sys/kernel/osrelease");
    let version = release.split('-').next().unwrap_or("").trim();
    let clock = read("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    let virt = if cpu.contains(" hypervisor ") { ", virtual machine" } else { "" };
    let load = read("/proc/loadavg");
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output();
    let date = date.map_or(String::new(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    let mut lines = vec![
        ("date", date),
        (
            "processor",
            format!(
                "{} (family {}, model {}){ghz}, {cores} cores{virt}",
                field("model name"),
                field("cpu family"),
                field("model\t")
            ),
        ),
        ("kernel", format!("Linux {version}, clock source {}", clock.trim())),
        ("load", format!("{} at the end", load.split(' ').next().unwrap_or("?"))),
        ("rounds", rounds.to_string()),
    ];
    if tried > 0.0 {
        lines.push(("undisturbed", format!("{:.0} % of the blocks of calls", 100.0 * quiet / tried)));
    }
    lines
}

/// Runs every variant once per round; the first number of each.
fn rounds<const N: usize>(n: usize, variants: [&mut dyn FnMut() -> io::Result<f64>; N]) -> io::Result<[Samples; N]> {
    Ok(rounds_of(n, variants)?.map(Samples))
}

/// As [`rounds`], of what is more than a number.
fn rounds_of<T, const N: usize>(
    n: usize,
    mut variants: [&mut dyn FnMut() -> io::Result<T>; N],
) -> io::Result<[Vec<T>; N]> {
    let mut all: [Vec<T>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..n {
        for (to, f) in all.iter_mut().zip(&mut variants) {
            to.push(f()?);
        }
    }
    Ok(all)
}

const NULL: &str = "/dev/null";

impl Bench {
    fn add(
        &mut self,
        group: &'static str,
        what: impl Into<String>,
        unit: &'static str,
        target: Target,
        samples: Samples,
    ) {
        self.rows.push(Row { group, what: what.into(), unit, target, samples });
    }

    fn first(&self, how: How, program: &str, args: &[&str], pause: u32) -> io::Result<f64> {
        let (v, said) = self.tools.run(how, program, args, true, pause)?;
        if let How::Run(_) = how {
            lossless(&said)?;
        }
        self.note(&v);
        v.first().copied().ok_or_else(|| io::Error::other("the driver said nothing"))
    }

    /// The driver's last two numbers: how many blocks nobody disturbed, and of how many.
    fn note(&self, said: &[f64]) {
        if let [_, .., quiet, tried] = said {
            let (q, t) = self.blocks.get();
            self.blocks.set((q + quiet, t + tried));
        }
    }

    /// Real sockets. Two threads that wait for each other, on one processor; then both ends in one thread, which is all
    /// calls and no waiting: nothing a program does is dearer to record.
    fn sockets(&mut self) -> io::Result<()> {
        const PING: &str = "Ping-pong, 64 bytes, two threads";
        const BOUNCE: &str = "Nothing but calls: send and recv of 64 bytes, both ends in one thread";
        let s = Session::new(32, self.tools.cpus.1)?;
        let path = s.path();
        let what = [
            (PING, "pingpong", "unix", "socketpair", "there and back", Target::AtMost(1.15)),
            (PING, "pingpong", "tcp", "TCP, loopback", "there and back", Target::AtMost(1.05)),
            (BOUNCE, "bounce", "unix", "socketpair", "one call", Target::None),
            (BOUNCE, "bounce", "tcp", "TCP, loopback", "one call", Target::None),
        ];
        for (group, program, kind, name, unit, target) in what {
            // Bursts with pauses: what a call costs, not how fast the log can be written.
            let one = |how| self.first(how, "driver", &[program, kind, "500", "99"], 3);
            let session = || {
                let v = one(How::Session(&path));
                s.reap();
                v
            };
            let v = rounds(
                self.rounds,
                [&mut || one(How::Alone), &mut || one(How::Silent), &mut || session(), &mut || {
                    one(How::Run(&["-o", NULL]))
                }],
            )?;
            let [alone, silent, session, run] = &v;
            self.add(group, format!("{name}: {unit}, alone"), "ns", Target::None, alone.clone());
            self.add(group, format!("{name}: library silent"), "ratio", Target::None, silent.over(alone));
            self.add(
                group,
                format!("{name}: recorded, chunks recycled unread"),
                "ratio",
                Target::None,
                session.over(alone),
            );
            self.add(group, format!("{name}: socklens run -o {NULL}"), "ratio", target, run.over(alone));
            self.add(group, format!("{name}: added to {unit}"), "ns", Target::None, run.minus(alone));
        }
        Ok(())
    }

    fn threads(&mut self) -> io::Result<()> {
        const GROUP: &str = "8 threads, each to and fro on a socketpair of its own";
        let s = Session::new(32, self.tools.cpus.1)?;
        let path = s.path();
        let one = |how, threads: &str| {
            let (v, _) = self.tools.run(how, "driver", &["threads", threads, "500", "61"], false, 8)?;
            v.first().copied().ok_or_else(|| io::Error::other("the driver said nothing"))
        };
        let session = |threads: &str| {
            let v = one(How::Session(&path), threads);
            s.reap();
            v
        };
        let v = rounds(
            self.rounds,
            [
                &mut || one(How::Alone, "8"),
                &mut || session("8"),
                &mut || one(How::Alone, "1"),
                &mut || session("1"),
                &mut || one(How::Run(&["-o", NULL]), "8"),
            ],
        )?;
        let [alone, session, alone_one, session_one, run] = &v;
        let (ours, of_one) = (session.over(alone), session_one.over(alone_one));
        self.add(GROUP, "one call, alone (time / calls of all threads)", "ns", Target::None, alone.clone());
        self.add(GROUP, "recorded, chunks recycled unread", "ratio", Target::AtMost(1.10), ours.clone());
        self.add(GROUP, "the same of one thread", "ratio", Target::None, of_one.clone());
        self.add(GROUP, "what 8 threads make of it", "ratio", Target::AtMost(1.10), ours.over(&of_one));
        self.add(GROUP, format!("socklens run -o {NULL}"), "ratio", Target::None, run.over(alone));
        Ok(())
    }

    fn starts(&mut self) -> io::Result<()> {
        const GROUP: &str = "Start and end of a small dynamically linked program";
        let s = Session::new(32, self.tools.cpus.1)?;
        let nothing = self.tools.dir.join("nothing");
        let (nothing, library, segment) = (nothing.to_string_lossy(), self.tools.library.to_string_lossy(), s.path());
        let segment = segment.to_string_lossy();
        let args = ["spawn", "150", &*nothing, &*library, &*segment];
        let mut all = [const { Samples(Vec::new()) }; 3];
        for _ in 0..self.rounds {
            let (v, _) = self.tools.run(How::Alone, "driver", &args, true, 0)?;
            s.reap();
            let [alone, silent, session, ..] = v[..] else {
                return Err(io::Error::other("the driver said too little"));
            };
            self.note(&v);
            for (to, v) in all.iter_mut().zip([alone, silent, session]) {
                to.0.push(v / 1000.0);
            }
        }
        let [alone, silent, session] = all;
        self.add(GROUP, "alone", "ms", Target::None, alone);
        self.add(GROUP, "added by the library, silent", "ms", Target::AtMost(0.08), silent);
        self.add(GROUP, "added by the library, in a session", "ms", Target::AtMost(0.15), session);
        Ok(())
    }

    fn strace(&mut self) -> io::Result<()> {
        const GROUP: &str = "Beside strace -f -e trace=%net -o /dev/null: socketpair, 64 bytes";
        let options = ["-f", "-e", "trace=%net", "-o", NULL];
        let fast = |how| self.first(how, "driver", &["bounce", "unix", "500", "99"], 3);
        // Tracer and program on one processor: that is where strace is fastest.
        let together = Tools { cpus: (self.tools.cpus.0, self.tools.cpus.0), ..self.tools.clone() };
        let slow = || together.run(How::Strace(&options), "driver", &["bounce", "unix", "500", "9"], true, 0);
        if let Err(e) = slow() {
            eprintln!("\rbench: strace is left out: {e}");
            return Ok(());
        }
        // What is added is a small part of a real call: it takes more rounds to tell it from chance.
        let v = rounds(
            3 * self.rounds,
            [&mut || fast(How::Alone), &mut || fast(How::Run(&["-o", NULL])), &mut || {
                slow().map(|(v, _)| v.first().copied().unwrap_or(f64::NAN))
            }],
        )?;
        let [alone, ours, strace] = &v;
        let (added, theirs) = (ours.minus(alone), strace.minus(alone));
        self.add(GROUP, "added to one call by strace", "ns", Target::None, theirs.clone());
        self.add(GROUP, "added to one call by socklens run", "ns", Target::None, added.clone());
        let share = Samples(vec![theirs.median() / added.median()]);
        self.add(GROUP, "strace's share / ours, of the medians", "ratio", Target::AtLeast(100.0), share);
        Ok(())
    }
}

/// The number of recorded calls in a run's summary, if none was lost.
fn lossless(said: &str) -> io::Result<u64> {
    let line = said.lines().find(|l| l.contains(" recorded, ")).unwrap_or("");
    let number = |s: &str| s.chars().filter(char::is_ascii_digit).collect::<String>().parse::<u64>().ok();
    let (recorded, dropped) = line.split_once(" recorded, ").unwrap_or_default();
    let recorded = recorded.rsplit(": ").next().and_then(number);
    let dropped = dropped.split(" dropped").next().and_then(number);
    match (recorded, dropped) {
        (Some(n), Some(0)) => Ok(n),
        (Some(_), Some(_)) => Err(io::Error::other(format!("events were lost: {said}"))),
        _ => Err(io::Error::other(format!("no summary: {said}"))),
    }
}
