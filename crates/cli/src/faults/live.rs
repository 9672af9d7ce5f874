//! `socklens fault`: the rules of a running program, shown and changed; and what they came to when it has ended.

use super::check;
use crate::{USAGE, complain, pick};
use anyhow::{Context, Result, anyhow, bail};
use socklens_faultfile::{Document, rendered};
use socklens_rules::fault::{FaultBlock, Region, RuleCounts, Skip, free_lanes, when};
use socklens_trace::sessions;
use socklens_wire::Segment;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const AFTER: &str = "\
Examples:
  socklens fault                                      the rules, and how often each matched and fired
  socklens fault add 'recv peer=:5432 @p=1% : reset'  one more, within milliseconds
  socklens fault pause db                             switch the rule named db off
  socklens fault rm 2                                 take the second rule away
  socklens fault clear 1234                           of the session with process 1234: no rules
  socklens fault add 1234 'out : short 1'             one more there";

/// The rules of a session.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER)]
pub struct Live {
    /// The session: its name, the pid of its command or of a process in it, or its directory; else the youngest
    #[arg(long, value_name = "SESSION", global = true)]
    session: Option<String>,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Show the rules and their counts
    List {
        /// As --session
        #[arg(value_name = "SESSION")]
        of: Option<String>,
    },
    /// Add rules behind those that are there
    Add {
        /// Rules of one line; before them the session, if it is not given by --session
        #[arg(required = true, value_name = "RULE")]
        rules: Vec<String>,
    },
    /// Take a rule away, by its number or name
    Rm {
        /// The rule; before it the session, if it is not given by --session
        #[arg(required = true, num_args = 1..=2, value_name = "RULE")]
        words: Vec<String>,
    },
    /// Take all rules away
    Clear {
        /// As --session
        #[arg(value_name = "SESSION")]
        of: Option<String>,
    },
    /// Switch all rules off, or one
    Pause {
        /// The rule; before it the session, if it is not given by --session
        #[arg(num_args = 0..=2, value_name = "RULE")]
        words: Vec<String>,
    },
    /// Switch all rules on again, or one
    Resume {
        /// The rule; before it the session, if it is not given by --session
        #[arg(num_args = 0..=2, value_name = "RULE")]
        words: Vec<String>,
    },
}

impl What {
    /// The session that is named among the words, and the words behind it. A rule to be added has a colon or an equals sign.
    fn split(&self) -> (Option<&str>, &[String]) {
        let (words, named) = match self {
            What::List { of } | What::Clear { of } => return (of.as_deref(), &[]),
            What::Add { rules } => (rules, rules.len() > 1 && rules.first().is_some_and(|r| !r.contains([':', '=']))),
            What::Rm { words } | What::Pause { words } | What::Resume { words } => (words, words.len() > 1),
        };
        match words.split_first() {
            Some((first, rest)) if named => (Some(first), rest),
            _ => (None, words),
        }
    }
}

/// Runs `socklens fault`.
pub fn run(args: &Live) -> ExitCode {
    match change(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            let text = format!("{e:#}");
            // Errors of the rule language come with their own heading and several lines.
            if text.contains('\n') {
                let _ = writeln!(io::stderr(), "{text}");
            } else {
                complain(&text);
            }
            ExitCode::from(USAGE)
        }
    }
}

fn change(args: &Live) -> Result<()> {
    let what = args.what.as_ref().unwrap_or(&What::List { of: None });
    let (named, words) = what.split();
    if args.session.is_some() && named.is_some() {
        bail!("two sessions are named: by --session and before the rule");
    }
    let dir = pick::dir(args.session.as_deref().or(named))?;
    let path = dir.join("segment");
    if !matches!(what, What::List { .. })
        && let Some(gone) = sessions::list().iter().find(|f| f.dir == dir && !f.read && f.procs.is_empty())
    {
        bail!("nothing runs in session {} any more: `socklens read` shows what it still holds", gone.name());
    }
    let map = sessions::open(&path).map_err(|e| anyhow!("cannot open the session {}: {e}", path.display()))?;
    let segment = map.segment();
    let region = Region::of(&segment);
    // One change at a time: two commands would build on the same rules, and one would undo the other.
    let lock = File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
    lock.lock().context("cannot lock the session")?;
    // The session's programs may change rules too, by the C API.
    let _turn = Turn::take(region)?;
    match what {
        What::List { .. } => return list(region),
        What::Add { .. } => {
            if let [word] = words
                && !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_hexdigit())
            {
                bail!("no rule is given for session {word}: `socklens fault add {word} 'recv : short 1'`");
            }
            let mut block = current(region, &segment);
            let mut fresh = Box::new(FaultBlock::new());
            fresh.outline(&block);
            let document = Document::default();
            for rule in words {
                document.add_one(&mut fresh, rule).map_err(|e| anyhow!("{}", rendered(&e, rule)))?;
            }
            if fresh.rules().iter().any(|r| check::goes_by_names(&fresh, r)) {
                complain(check::NAMES);
            }
            let room = || anyhow!("there is no room for more rules: take some away with `socklens fault rm`");
            region.forget(block.graft(&fresh, region.next_group(), 0).ok_or_else(room)?);
            install(&segment, &block);
        }
        What::Rm { .. } => remove(region, &segment, words.first().map_or("", String::as_str))?,
        What::Clear { .. } => {
            // Of a session that is recorded calls go on being counted.
            if region.loaded().is_some_and(|b| b.recorded != 0) {
                let mut block = current(region, &segment);
                free_lanes(&segment, &block, block.group(0));
                block.remove(u64::MAX);
                install(&segment, &block);
            } else {
                region.disarm();
            }
            region.off.store(0, Ordering::Relaxed);
            region.paused.store(0, Ordering::Relaxed);
        }
        What::Pause { .. } => switch(region, words.first().map(String::as_str), true)?,
        What::Resume { .. } => switch(region, words.first().map(String::as_str), false)?,
    }
    Ok(())
}

/// The rules as they are, to build on.
fn current(region: &Region, segment: &Segment) -> Box<FaultBlock> {
    if let Some(block) = region.loaded() {
        return Box::new(*block);
    }
    let mut block = Box::new(FaultBlock::new());
    block.seed = super::random();
    block.start_ns = segment.header().start.mono;
    block
}

fn install(segment: &Segment, block: &FaultBlock) {
    // SAFETY: the locks on the session's file and rules make this the only writer.
    unsafe { Region::install(segment, block) };
}

/// The right to change rules, as programs of the session take it.
struct Turn<'a>(&'a Region);

impl Turn<'_> {
    fn take(region: &Region) -> Result<Turn<'_>> {
        let me = std::process::id();
        let started = Instant::now();
        let mut holder = 0;
        while let Err(other) = region.take_over(holder, me) {
            // Changing rules takes microseconds; who has not come to an end by now has ended otherwise.
            let gone = started.elapsed() > PATIENCE && !Path::new("/proc").join(other.to_string()).exists();
            holder = if gone { other } else { 0 };
            if started.elapsed() > 2 * PATIENCE {
                bail!("thread {other} of a program is changing rules and does not come to an end");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Turn(region))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.unlock();
    }
}

/// How long a change by somebody else is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// The place of a rule, by its number from 1 or its name.
fn find(block: &FaultBlock, wanted: &str) -> Result<usize> {
    let there = |i: usize| block.rules().get(i).is_some_and(|r| !r.is_vacant());
    if let Ok(n) = wanted.trim_start_matches('#').parse::<usize>() {
        return n.checked_sub(1).filter(|i| there(*i)).ok_or_else(|| {
            anyhow!("there is no rule {n}: there are {}", (0..block.rules().len()).filter(|i| there(*i)).count())
        });
    }
    let at = block.rules().iter().position(|r| !r.is_vacant() && block.bytes(r.name) == wanted.as_bytes());
    at.ok_or_else(|| anyhow!("there is no rule `{wanted}`: see `socklens fault list`"))
}

fn remove(region: &Region, segment: &Segment, wanted: &str) -> Result<()> {
    let old = region.loaded().ok_or_else(|| anyhow!("the session has no rules"))?;
    let gone = 1u64 << find(old, wanted)?;
    if let Some(other) = old.referrer(gone) {
        bail!("rule {} refers to it by @after or @until: take that one away first", other + 1);
    }
    free_lanes(segment, old, gone);
    let mut block = current(region, segment);
    block.remove(gone);
    install(segment, &block);
    Ok(())
}

fn switch(region: &Region, rule: Option<&str>, off: bool) -> Result<()> {
    let Some(rule) = rule else {
        region.pause(off);
        return Ok(());
    };
    let block = region.loaded().ok_or_else(|| anyhow!("the session has no rules"))?;
    let bit = 1u64 << find(block, rule)?;
    if off {
        region.off.fetch_or(bit, Ordering::Release);
    } else {
        region.off.fetch_and(!bit, Ordering::Release);
    }
    Ok(())
}

/// What became of one rule.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    matched: u64,
    fired: u64,
    skipped: [u64; 22],
}

impl Counts {
    fn of(counts: Option<&RuleCounts>) -> Counts {
        counts.map_or(Counts::default(), |c| Counts {
            matched: c.matched.load(Ordering::Relaxed),
            fired: c.fired.load(Ordering::Relaxed),
            skipped: std::array::from_fn(|i| c.skipped[i].load(Ordering::Relaxed)),
        })
    }

    /// 12 (precondition 9, promised 3); 0 when there are none.
    fn skips(&self) -> String {
        let total: u64 = self.skipped.iter().sum();
        let mut text = total.to_string();
        let why: Vec<String> = Skip::ALL
            .iter()
            .filter_map(|s| self.skipped.get(*s as usize).filter(|n| **n > 0).map(|n| format!("{} {n}", s.word())))
            .collect();
        if !why.is_empty() {
            let _ = write!(text, " ({})", why.join(", "));
        }
        text
    }
}

fn list(region: &Region) -> Result<()> {
    let Some(block) = region.loaded().filter(|b| !b.rules().is_empty()) else {
        complain("the session has no rules: `socklens fault add RULE`");
        return Ok(());
    };
    let paused = region.paused.load(Ordering::Relaxed) != 0;
    let mut rows = vec![["#", "state", "matched", "fired", "rule"].map(str::to_owned)];
    let mut notes = Vec::new();
    for (i, text) in block.texts().enumerate().filter(|(_, t)| !t.is_empty()) {
        let c = Counts::of(region.counts(i));
        let w = block.rules().get(i).map(|r| r.when).filter(|w| w.has(when::COND));
        let switched = w.is_none_or(|w| region.switches.load(Ordering::Relaxed) >> w.signal & 1 != 0);
        let state = match () {
            () if paused || !region.is_on(i) => "paused",
            () if !switched => "off",
            () => "on",
        };
        let scoped = block.rules().get(i).is_some_and(|r| r.thread != 0);
        let text = format!("{text}{}", if scoped { "  # for one thread" } else { "" });
        rows.push([(i + 1).to_string(), state.into(), c.matched.to_string(), c.fired.to_string(), text]);
        if c.skipped.iter().any(|n| *n > 0) {
            notes.push(format!("rule {}: skipped {}", i + 1, c.skips()));
        }
    }
    let width = |i: usize| rows.iter().map(|r| r[i].len()).max().unwrap_or(0);
    let w = [0, 1, 2, 3].map(width);
    let mut out = io::stdout().lock();
    for [n, state, matched, fired, rule] in &rows {
        writeln!(out, "{n:>0$}  {state:<1$}  {matched:>2$}  {fired:>3$}  {rule}", w[0], w[1], w[2], w[3])?;
    }
    for note in notes {
        writeln!(out, "{note}")?;
    }
    writeln!(out, "seed {}, realism {}", block.seed, block.realism().word())?;
    Ok(())
}

/// A line for each rule of a session that has ended.
pub fn outcome(segment: &Segment) -> Vec<String> {
    let region = Region::of(segment);
    let Some(block) = region.loaded() else { return Vec::new() };
    let name = |i: usize| match block.rules().get(i).map(|r| block.bytes(r.name)) {
        Some(name) if !name.is_empty() => String::from_utf8_lossy(name).into_owned(),
        _ => format!("#{}", i + 1),
    };
    (0..block.rules().len())
        .filter(|i| block.rules().get(*i).is_some_and(|r| !r.is_vacant()))
        .map(|i| {
            let c = Counts::of(region.counts(i));
            format!("rule {}: {} matched, {} fired, skipped {}", name(i), c.matched, c.fired, c.skips())
        })
        .collect()
}
