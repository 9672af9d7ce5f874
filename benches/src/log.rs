//! How fast a log can be written.

use crate::measure::{How, Samples};
use crate::table::Target;
use crate::{Bench, NULL, lossless, rounds, rounds_of};
use std::io;
use std::time::Instant;

/// How many events a second reach the file when a program makes nothing but calls.
pub fn group(b: &mut Bench) -> io::Result<()> {
    const GROUP: &str = "Events a second from program to finished file, nothing lost";
    let file = b.tools.dir.join("flood.log");
    let name = file.to_string_lossy();
    let flood = |format: &str, to: &str, program: &str, args: &[&str]| -> io::Result<f64> {
        let t = Instant::now();
        let (_, said) = b.tools.run(How::Run(&["-o", to, "--format", format]), program, args, true, 0)?;
        let events = lossless(&said)?;
        let rate = events as f64 / t.elapsed().as_secs_f64() / 1e6;
        let _ = std::fs::remove_file(&file);
        Ok(rate)
    };
    let pair = ["flood", "1000000"];
    let stub = ["call", "send", "64", "200000", "9"];
    let n = b.rounds.min(5);
    let v = rounds(
        n,
        [
            &mut || Ok(1e3 / b.first(How::Alone, "driver", &pair, 0)?),
            &mut || flood("text", &name, "driver", &pair),
            &mut || flood("json", &name, "driver", &pair),
            &mut || flood("text", &name, "driver-stub", &stub),
            &mut || flood("json", &name, "driver-stub", &stub),
            &mut || flood("text", NULL, "driver-stub", &stub),
            &mut || flood("json", NULL, "driver-stub", &stub),
        ],
    )?;
    let [alone, text, json, file_text, file_json, stub_text, stub_json] = v;
    b.add(GROUP, "what the program does alone, socketpair", "M/s", Target::None, alone);
    // No log is faster than what it is of: what the reader can do shows where calls do nothing.
    b.add(GROUP, "socketpair, text", "M/s", Target::None, text);
    b.add(GROUP, "socketpair, json", "M/s", Target::None, json);
    b.add(GROUP, "the limit: send that does nothing, text", "M/s", Target::AtLeast(1.0), file_text);
    b.add(GROUP, "the limit: send that does nothing, json", "M/s", Target::AtLeast(1.0), file_json);
    b.add(GROUP, "the limit: send that does nothing, text to /dev/null", "M/s", Target::None, stub_text);
    b.add(GROUP, "the limit: send that does nothing, json to /dev/null", "M/s", Target::None, stub_json);
    sustained(b)
}

/// Whether a program that makes so many calls a second keeps its pace: its calls do nothing, so that it is the reader that
/// has to keep up. What the session's memory holds is a small part of what is recorded.
fn sustained(b: &mut Bench) -> io::Result<()> {
    const GROUP: &str =
        "Calls that do nothing, at a pace: how many a second are made while they are logged, nothing lost";
    let file = b.tools.dir.join("pace.log");
    let name = file.to_string_lossy();
    // Millions a second, and by how many milliseconds the worst burst began late.
    let pace = |a_second: &str, format: &str| -> io::Result<[f64; 2]> {
        let how = How::Run(&["-o", &name, "--format", format]);
        let (v, said) = b.tools.run(how, "driver-stub", &["pace", a_second, "2000000"], true, 0)?;
        let _ = std::fs::remove_file(&file);
        lossless(&said)?;
        match v[..] {
            [rate, late] => Ok([rate / 1e6, late / 1e3]),
            _ => Err(io::Error::other("the driver said too little")),
        }
    };
    let v = rounds_of(
        b.rounds.min(5),
        [&mut || pace("1e6", "text"), &mut || pace("1e6", "json"), &mut || pace("1.2e6", "text"), &mut || {
            pace("1.2e6", "json")
        }],
    )?;
    // One burst late at the end is no other pace.
    let asked = [("1.0 M/s, text", Target::AtLeast(0.999)), ("1.0 M/s, json", Target::AtLeast(0.999))];
    let more = [("1.2 M/s, text", Target::None), ("1.2 M/s, json", Target::None)];
    for ((what, target), all) in asked.into_iter().chain(more).zip(&v) {
        let of = |i: usize| Samples(all.iter().map(|v| v[i]).collect());
        b.add(GROUP, what, "M/s", target, of(0));
        b.add(GROUP, format!("{what}: latest burst"), "ms", Target::None, of(1));
    }
    Ok(())
}
