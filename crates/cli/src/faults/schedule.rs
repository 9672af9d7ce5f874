//! The file of `--record-faults` and `--replay`: the rules of a session and each fault they caused, a line each.
//!
//! ```text
//! socklens faults 2
//! seed 42
//! realism kernel
//! command ./client 5432
//! rule 1 db = out peer=:5432 @bytes=64K : reset
//! fault 1 key=3f0a9b0d2c4e5f61 lane=out from=0/0 match=12 byte=65536 step=1.1 value=0 : reset (native reset, kernel)
//! late 2 thread=0 send : log
//! fault 2 key=91c2f00d2c4e5f61 lane=out from=57/0 match=1 byte=570 step=1.1 value=0 : log (none, kernel)
//! end 2
//! ```

use socklens_faultfile::{parse_seed, rendered};
use socklens_rules::fault::{Extras, FaultBlock, Kind, Realism};
use socklens_rules::nearest;
use socklens_trace::schedule::{Fault, Schedule};
use socklens_wire::fault::{Injected, place};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "socklens faults ";
/// Changes when an older socklens could not read the file.
const VERSION: u32 = 2;

/// What stands before the faults.
pub fn head(block: &FaultBlock, command: &[OsString]) -> String {
    let mut text = format!("{HEAD}{VERSION}\nseed {}\nrealism {}\ncommand", block.seed, block.realism().word());
    for word in command {
        // In one line, whatever a word holds.
        let _ = write!(text, " {}", word.to_string_lossy().escape_debug());
    }
    text.push('\n');
    for (i, rule) in block.texts().enumerate() {
        let _ = writeln!(text, "rule {} {rule}", i + 1);
    }
    text
}

/// The line of a rule that came later. `number`: its, from 1.
pub fn late(number: usize, thread: u64, rule: &str) -> String {
    format!("late {number} thread={thread:x} {rule}\n")
}

/// The lines of a fault that rule `number` caused; of several in a row, one for each.
pub fn lines(number: usize, f: &Injected) -> String {
    let lane = place::WORDS.get(usize::from(f.place)).unwrap_or(&"conn");
    let level = Realism::from_u8(f.level).unwrap_or(Realism::Any).word();
    let (action, recipe) = (String::from_utf8_lossy(f.action()), String::from_utf8_lossy(f.recipe()));
    let mut text = String::new();
    for n in 0..u64::from(f.times) {
        let _ = writeln!(
            text,
            "fault {number} key={:016x} lane={lane} from={}/{} match={} byte={} step={}.{} value={} : {action} ({recipe}, {level})",
            f.key,
            f.since,
            f.before,
            f.counter + n,
            f.offset,
            f.item + 1,
            f.step + 1,
            f.value,
        );
    }
    text
}

/// The last line.
pub fn end(faults: u64) -> String {
    format!("end {faults}\n")
}

/// A file that was read.
pub struct Recorded {
    /// The rules, as far as they may cause what is in the schedule.
    pub block: Box<FaultBlock>,
    pub schedule: Schedule,
    /// For each fault its line in the file, from 1, and its text.
    pub lines: Vec<(usize, String)>,
}

/// A line's words of the form KEY=VALUE, in this order.
const KEYS: [&str; 7] = ["key", "lane", "from", "match", "byte", "step", "value"];

/// Takes a rule in. Its table of times may be gone, and none is needed: times are those that were drawn.
pub fn add(block: &mut FaultBlock, rule: &str) -> Result<(), String> {
    let table = |_: &str, put: &mut dyn FnMut(i16)| {
        [0; 2].into_iter().for_each(put);
        true
    };
    let extras = Extras { links: &[], table: Some(&table) };
    block.add(rule, &extras).map_err(|e| rendered(&e, rule))?;
    block.follow_schedule();
    Ok(())
}

/// A line `rule N RULE` or `late N thread=T RULE` without its first word.
fn rule(block: &mut FaultBlock, late: bool, rest: &str) -> Result<(), String> {
    let (number, mut rule) = rest.split_once(' ').unwrap_or((rest, ""));
    let next = block.rules().len() + 1;
    if number.parse() != Ok(next) {
        return Err(format!("rule {next} is expected here, not `{number}`"));
    }
    let mut thread = 0;
    if late {
        let (word, rest) = rule.split_once(' ').unwrap_or((rule, ""));
        let hex = word.strip_prefix("thread=").ok_or_else(|| format!("`{word}` stands where `thread=` should"))?;
        thread = u64::from_str_radix(hex, 16).map_err(|_| format!("`{hex}` is no hexadecimal number: thread="))?;
        rule = rest;
    }
    add(block, rule)?;
    if block.rules().len() != next {
        return Err("one rule is expected in the line".into());
    }
    block.confine(next - 1, thread);
    Ok(())
}

fn fault(block: &FaultBlock, text: &str) -> Result<Fault, String> {
    let (place, action) = text.split_once(" : ").ok_or("there is no ` : ` with an action behind it")?;
    let mut words = place.split_ascii_whitespace();
    let number = words.next().unwrap_or("");
    let rules = block.rules();
    let rule_number = number.parse::<usize>().unwrap_or(0);
    let rule = rule_number.checked_sub(1).and_then(|i| rules.get(i));
    let rule = rule.ok_or_else(|| format!("there is no rule `{number}`: there are {}", rules.len()))?;
    let mut values = [""; KEYS.len()];
    for (key, to) in KEYS.iter().zip(&mut values) {
        let word = words.next().ok_or_else(|| format!("`{key}=` is missing"))?;
        let value = word.strip_prefix(key).and_then(|w| w.strip_prefix('='));
        *to = value.ok_or_else(|| format!("`{word}` stands where `{key}=` should"))?;
    }
    if let Some(more) = words.next() {
        return Err(format!("`{more}` is too much"));
    }
    let [key, lane, from, counter, byte, step, value] = values;
    let number = |name: &str, text: &str| text.parse::<u64>().map_err(|_| format!("`{text}` is no number: {name}="));
    let key = u64::from_str_radix(key, 16).map_err(|_| format!("`{key}` is no hexadecimal number: key="))?;
    let lane = place::WORDS
        .iter()
        .position(|w| *w == lane)
        .ok_or_else(|| format!("`{lane}` is no lane: {}", place::WORDS.join(", ")))? as u8;
    let (counter, byte, value) = (number("match", counter)?, number("byte", byte)?, number("value", value)?);
    let (since, before) = from
        .split_once('/')
        .and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)))
        .ok_or_else(|| format!("`{from}` is no place to count from: a call and a match, like 57/0"))?;
    let of_step = |text: &str| text.parse::<u8>().ok().and_then(|n| n.checked_sub(1));
    let (item, step) = step
        .split_once('.')
        .and_then(|(a, b)| Some((of_step(a)?, of_step(b)?)))
        .ok_or_else(|| format!("`{step}` is no step: two numbers from 1, like 1.1"))?;
    let word = action.split_ascii_whitespace().next().unwrap_or("");
    let does = block.actions(rule).iter().find(|a| a.item == item && a.step == step).and_then(|a| a.kind());
    match does {
        Some(kind) if kind.word() == word => {}
        Some(kind) => return Err(format!("`{word}` is not what the rule does there: `{}`", kind.word())),
        None => return Err(format!("the rule has no step {}.{}", item + 1, step + 1)),
    }
    if counter == 0 {
        return Err("matches count from 1: match=".into());
    }
    let by_offset = rule.goes_by_offset(does);
    let at = match (by_offset, does) {
        (true, Some(Kind::Slice)) => byte.saturating_add(value),
        (true, _) => byte,
        (false, _) => counter,
    };
    let lane = rule.scheduled(rule_number as u32, key, lane, by_offset);
    Ok(Fault { lane, since, before, by_offset, at, counter, value, item, step })
}

/// Most bytes of a file: some millions of faults.
const MOST_BYTES: u64 = 256 << 20;

/// Reads a file; the error names its line.
pub fn read(path: &Path) -> Result<Recorded, String> {
    parse(&super::read(path, MOST_BYTES)?).map_err(|(n, what)| format!("{}:{n}: {what}", path.display()))
}

/// Reads a file's text; the error is the line, from 1, and what is wrong there.
fn parse(text: &str) -> Result<Recorded, (usize, String)> {
    let wrong = |n: usize, what: &str| Err((n, what.to_owned()));
    let mut block = Box::new(FaultBlock::new());
    let (mut schedule, mut lines, mut ended) = (Schedule::default(), Vec::new(), None);
    let mut numbered = text.lines().enumerate().map(|(i, l)| (i + 1, l));
    match numbered.next().and_then(|(_, l)| l.strip_prefix(HEAD)).map(str::parse::<u32>) {
        Some(Ok(VERSION)) => {}
        Some(Ok(n)) if n < VERSION => {
            return wrong(
                1,
                &format!("version {n} of the format, of an older socklens: this one reads {VERSION}; record it again"),
            );
        }
        Some(Ok(n)) => {
            return wrong(1, &format!("version {n} of the format, of a newer socklens: this one reads {VERSION}"));
        }
        _ => return wrong(1, &format!("no schedule of faults: it would begin with `{HEAD}{VERSION}`")),
    }
    for (n, line) in numbered {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        if ended.is_some() && !word.is_empty() {
            return wrong(n, "nothing stands behind the line with `end`");
        }
        match word {
            "" => {}
            w if w.starts_with('#') => {}
            "seed" => match parse_seed(rest) {
                Some(seed) => block.seed = seed,
                None => return wrong(n, &format!("`{rest}` is no seed: a number up to 2^64")),
            },
            "realism" => match Realism::by_word(rest.as_bytes()) {
                Some(r) => block.realism = r as u8,
                None => return wrong(n, &format!("unknown realism `{rest}`: kernel, posix or any")),
            },
            "command" => {}
            "rule" | "late" => {
                if let Err(e) = rule(&mut block, word == "late", rest) {
                    return wrong(n, &e);
                }
            }
            "fault" => {
                match fault(&block, rest) {
                    Ok(f) => schedule.faults.push(f),
                    Err(e) => return wrong(n, &e),
                }
                lines.push((n, line.to_owned()));
                if lines.len() > Schedule::MOST {
                    return wrong(n, &format!("more than {} faults", Schedule::MOST));
                }
            }
            "end" if rest.parse() == Ok(lines.len()) => ended = Some(n),
            "end" => return wrong(n, &format!("{rest} faults are said to stand here, but there are {}", lines.len())),
            _ => {
                let known = ["seed", "realism", "command", "rule", "late", "fault", "end"];
                let near = nearest(word, &known).map(|w| format!("; did you mean `{w}`?")).unwrap_or_default();
                return wrong(n, &format!("a line cannot begin with `{word}`{near}"));
            }
        }
    }
    if ended.is_none() {
        return wrong(
            text.lines().count(),
            "the last line, `end` and the number of faults, is missing: it was cut short",
        );
    }
    // Where a rule counts from is a number of calls, and pauses are none.
    block.record();
    Ok(Recorded { block, schedule, lines })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(change: impl Fn(String) -> String) -> Result<Recorded, String> {
        let mut block = Box::new(FaultBlock::new());
        block.seed = 7;
        block.add("db = recv @p=20% : again 1..3 -> error ECONNRESET; in : slice 2..9", &Default::default()).unwrap();
        let mut f = Injected { counter: 3, offset: 100, value: 11, key: 0xabc, group: 1, times: 2, ..Injected::NONE };
        f.action[..5].copy_from_slice(b"again");
        f.action_len = 5;
        let mut g = Injected { group: 2, times: 1, value: 4, ..f };
        g.action[..5].copy_from_slice(b"slice");
        let text = head(&block, &["a b".into(), "c\nd".into()])
            + &lines(1, &f)
            + &late(3, 0xfe, "send : log")
            + &lines(2, &g)
            + &end(3);
        let name = format!("schedule-{}-{:p}", std::process::id(), &text);
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, change(text)).unwrap();
        let read = read(&path);
        std::fs::remove_file(&path).unwrap();
        read.map_err(|e| e.replace(&path.display().to_string(), "FILE"))
    }

    #[test]
    fn what_is_written_reads_back() {
        let r = written(|t| t).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((r.block.seed, r.block.rules().len(), r.lines.len()), (7, 3, 3));
        let [a, b, c] = r.schedule.faults[..] else { panic!() };
        assert_eq!((a.at, b.at, a.by_offset, a.value), (3, 4, false, 11));
        assert_eq!((a.lane, a.lane == c.lane), (b.lane, false));
        // A cut lies where the call was to end.
        assert_eq!((c.at, c.by_offset), (104, true));
        assert_eq!(r.lines[0].0, 7);
        assert_eq!((r.block.rules()[2].thread, r.block.recorded), (0xfe, 1));
        let later = written(|t| t.replacen("from=0/0", "from=57/2", 1)).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((later.schedule.faults[0].since, later.schedule.faults[0].before), (57, 2));
    }

    #[test]
    fn no_bytes_are_too_strange() {
        let mut whole = String::new();
        let _ = written(|t| {
            assert!(parse(&t).is_ok());
            t
        });
        let mut block = Box::new(FaultBlock::new());
        block.add("db = recv @p=20% : again 1..3", &Default::default()).unwrap();
        let f = Injected { counter: 3, group: 1, times: 1, since: 9, ..Injected::NONE };
        whole.push_str(&(head(&block, &["a".into()]) + &late(2, 7, "send : log") + &lines(1, &f)));
        whole = whole.replace(" :  (, kernel)", " : again (x, kernel)") + &end(1);
        assert!(parse(&whole).is_ok(), "{whole}");
        let said = |text: &str| {
            if let Err((n, what)) = parse(text) {
                assert!(n <= text.lines().count().max(1) && !what.is_empty(), "{n}: {what}");
            }
        };
        for i in 0..whole.len() {
            said(&whole[..i]);
            for with in [0x01, 0x10, 0x20, 0x80, 0xff] {
                let mut other = whole.clone().into_bytes();
                other[i] ^= with;
                said(&String::from_utf8_lossy(&other));
            }
            for text in ["18446744073709551616", "-1", "\n", " ", "=", "/"] {
                said(&format!("{}{text}{}", &whole[..i], &whole[i..]));
            }
        }
    }

    #[test]
    fn a_bad_file_is_told_by_its_line() {
        let wrong = |from: &'static str, to: &'static str| match written(|t| t.replacen(from, to, 1)) {
            Ok(_) => panic!("{from} -> {to} was accepted"),
            Err(e) => e,
        };
        assert!(wrong("faults 2", "faults 1").contains("FILE:1: version 1 of the format, of an older"));
        assert!(wrong("faults 2", "faults 3").contains("FILE:1: version 3 of the format, of a newer"));
        assert!(wrong("socklens", "sock").starts_with("FILE:1: no schedule"));
        assert_eq!(wrong("fault 1", "fautl 1"), "FILE:7: a line cannot begin with `fautl`; did you mean `fault`?");
        assert!(wrong("fault 1", "fault 9").starts_with("FILE:7: there is no rule `9`"));
        assert!(wrong("lane=in", "lane=up").starts_with("FILE:7: `up` is no lane"));
        assert!(wrong("from=0/0", "from=7").starts_with("FILE:7: `7` is no place to count from"));
        assert!(wrong("late 3", "late 4").starts_with("FILE:9: rule 3 is expected here"));
        assert!(wrong("thread=fe", "fe").starts_with("FILE:9: `fe` stands where `thread=` should"));
        assert!(wrong("thread=fe", "thread=fg").starts_with("FILE:9: `fg` is no hexadecimal number"));
        assert!(wrong("send : log", "send : log; recv : log").starts_with("FILE:9: one rule is expected"));
        assert!(wrong("match=3", "match=x").starts_with("FILE:7: `x` is no number"));
        assert!(wrong("match=3", "match=0").starts_with("FILE:7: matches count from 1"));
        assert!(wrong("step=1.1", "step=1.5").starts_with("FILE:7: the rule has no step 1.5"));
        assert!(wrong(": again (", ": reset (").starts_with("FILE:7: `reset` is not what the rule does"));
        assert!(wrong("key=", "kee=").starts_with("FILE:7: `kee=0000000000000abc` stands where `key=` should"));
        assert!(wrong("seed 7", "seed x").starts_with("FILE:2: `x` is no seed"));
        assert!(wrong("end 3", "end 4").starts_with("FILE:11: 4 faults are said"));
        assert!(wrong("end 3\n", "").starts_with("FILE:10: the last line"));
        let e = wrong("@p=20%", "@p=x");
        assert!(e.starts_with("FILE:5: ") && e.contains('^'), "{e}");
    }
}
