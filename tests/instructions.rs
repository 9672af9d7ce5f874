//! Instructions that a call takes inside the hooks, counted by callgrind: they do not depend on the machine's load, as
//! seconds do. A change that makes the hot path longer than [`LIMITS`] fails here.

use socklens_testkit::{Scratch, compile, not_tested, paths, require};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// The calls of tests/programs/counted.c: of 64 bytes on a socketpair, and a read of a file.
const CALLS: [&str; 5] = ["send", "recv", "write", "read", "file"];

/// How often counted.c makes each of them.
const ROUNDS: u64 = 300;

/// Most instructions that socklens may add to each of [`CALLS`]. What was counted when they were set, and 4 %; a quarter of
/// [`Way::Timed`], which makes room in its histograms as durations come. Raise one only with the reason in the commit.
const LIMITS: [(Way, [u64; 5]); 8] = [
    (Way::Silent, [1, 1, 1, 1, 1]),
    (Way::Recorded, [180, 184, 180, 180, 17]),
    (Way::Counted, [63, 65, 58, 58, 17]),
    (Way::Timed, [195, 200, 190, 195, 17]),
    (Way::Elsewhere(1), [215, 219, 214, 214, 22]),
    (Way::Elsewhere(8), [215, 219, 214, 214, 22]),
    (Way::Rules(1), [3650, 3680, 3630, 3650, 22]),
    (Way::Rules(8), [7340, 7370, 7310, 7330, 22]),
];

#[derive(Clone, Copy, Debug)]
enum Way {
    /// Without socklens.
    Raw,
    /// The library is loaded and has nothing to do.
    Silent,
    /// `socklens run`, 32 bytes of each payload.
    Recorded,
    /// `socklens stat --no-times`.
    Counted,
    /// `socklens stat`.
    Timed,
    /// Recorded, and so many rules about these calls on other connections.
    Elsewhere(usize),
    /// Recorded, and so many rules about these calls, each with a condition that does not hold.
    Rules(usize),
}

/// So many rules about [`CALLS`] that do not fire for these reasons.
fn rules(n: usize, unless: impl Fn(usize) -> String) -> String {
    let rule = |i| format!("send,recv,read,write {} : delay 1ms", unless(i));
    (1..=n).map(rule).collect::<Vec<_>>().join("; ")
}

/// Instructions of all calls of each of [`CALLS`].
fn count(valgrind: &Path, program: &Path, way: Way) -> [u64; 5] {
    let scratch = Scratch::new();
    let out = scratch.join("callgrind");
    let command = |options: &[&str]| {
        let mut c = Command::new(&paths().command);
        c.args(options).args(["-o", "/dev/null", "--"]).arg(valgrind);
        c
    };
    let mut c = match way {
        Way::Raw => Command::new(valgrind),
        Way::Silent => Command::new(valgrind),
        Way::Recorded => command(&["run", "-q"]),
        Way::Counted => command(&["stat", "--no-times"]),
        Way::Timed => command(&["stat"]),
        Way::Elsewhere(n) => command(&["run", "-q", "--fault", &rules(n, |i| format!("peer=192.0.2.{i}:9"))]),
        Way::Rules(n) => command(&["run", "-q", "--fault", &rules(n, |i| format!("@n={}", 1_000_000 + i))]),
    };
    c.args(["--tool=callgrind", "-q"]).arg(format!("--callgrind-out-file={}", out.display())).arg(program);
    // Addresses of functions are looked up before they are counted.
    c.env("LD_BIND_NOW", "1").env_remove("LD_PRELOAD");
    if matches!(way, Way::Silent) {
        c.env("LD_PRELOAD", &paths().library);
    }
    let result = c.output().unwrap();
    assert!(result.status.success(), "{way:?}: {} {}", result.status, String::from_utf8_lossy(&result.stderr));
    let costs = inclusive(&std::fs::read_to_string(&out).unwrap());
    CALLS.map(|name| {
        let (calls, cost) = costs.get(&format!("counted_{name}")).copied().unwrap_or_default();
        assert_eq!(calls, ROUNDS, "{way:?}: {name}");
        cost
    })
}

/// Calls of each function, and the instructions of these with all that they called, out of callgrind's file: a line
/// `cfn=(NUMBER) NAME` (the name only the first time) names a function that is called, `calls=N ...` says how often, and
/// the line behind it ends in what that cost.
fn inclusive(text: &str) -> HashMap<String, (u64, u64)> {
    let (mut names, mut costs) = (HashMap::new(), HashMap::new());
    let (mut called, mut times) = ("", None);
    for line in text.lines() {
        if let Some(n) = times.take() {
            let cost: u64 = line.rsplit(' ').next().unwrap().parse().unwrap();
            let name: &String = names.get(called).unwrap();
            let total: &mut (u64, u64) = costs.entry(name.clone()).or_default();
            *total = (total.0 + n, total.1 + cost);
        } else if let Some(n) = line.strip_prefix("calls=") {
            times = Some(n.split(' ').next().unwrap().parse::<u64>().unwrap());
        } else if let Some(function) = line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn=")) {
            let (number, name) = function.split_once(' ').unwrap_or((function, ""));
            called = number;
            if !name.is_empty() {
                names.insert(number, name.to_owned());
            }
        }
    }
    costs
}

#[test]
fn the_hot_path_is_not_longer_than_it_was() {
    let Some(valgrind) = require("valgrind") else { return };
    let clock = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let clock = std::fs::read_to_string(clock).unwrap_or_default();
    if clock.trim() != "tsc" || !cfg!(target_arch = "x86_64") {
        return not_tested("instruction counts: they were taken on x86-64 with the clock source tsc");
    }
    let program = compile("counted");
    let raw = count(&valgrind, &program, Way::Raw);
    let mut report = format!("instructions added to a call: {CALLS:?}\n");
    let mut longer = false;
    for (way, limits) in LIMITS {
        let with = count(&valgrind, &program, way);
        let added: Vec<u64> = with.iter().zip(raw).map(|(with, raw)| (with - raw).div_ceil(ROUNDS)).collect();
        report += &format!("  {way:?}: {added:?}, at most {limits:?}\n");
        longer |= added.iter().zip(limits).any(|(n, limit)| *n > limit);
        // Next to nothing is no improvement: then something was not measured.
        assert!(added.iter().zip(limits).all(|(n, limit)| *n >= 1 && 10 * n >= limit), "{report}");
    }
    // With --nocapture.
    println!("{report}");
    assert!(!longer, "more than at most:\n{report}");
}
