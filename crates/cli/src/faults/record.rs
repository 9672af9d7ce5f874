//! `--record-faults`: the faults of a session, as its log tells of them.

use super::schedule;
use anyhow::{Context, Result};
use socklens_rules::fault::{FaultBlock, Region, Rule};
use socklens_trace::{Item, Phase, Sink, View};
use socklens_wire::event::{Part, flag};
use socklens_wire::fault::Injected;
use socklens_wire::{Event, Segment};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Writes a schedule.
pub struct Recorder {
    path: PathBuf,
    to: BufWriter<File>,
    /// The rules that are in the file.
    rules: Box<FaultBlock>,
    /// Of those, how many the session began with.
    began: usize,
    /// What the others are called: [`FaultBlock::noted`].
    late: Vec<u64>,
    /// Faults in the file, by the addition that their rules came with.
    written: HashMap<u32, u64>,
    total: u64,
    /// Faults whose rule has no place in the file.
    others: u64,
    error: Option<io::Error>,
}

impl Recorder {
    /// Begins a file.
    pub fn create(path: &Path, block: &FaultBlock, command: &[OsString]) -> Result<Recorder> {
        let what = || format!("cannot write the faults to {}", path.display());
        let mut to = BufWriter::new(File::create(path).with_context(what)?);
        to.write_all(schedule::head(block, command).as_bytes()).with_context(what)?;
        let mut rules = Box::new(*block);
        // Those that come later may have names of some that are gone.
        rules.follow_schedule();
        Ok(Recorder {
            path: path.to_owned(),
            to,
            rules,
            began: block.rules().len(),
            late: Vec::new(),
            written: HashMap::new(),
            total: 0,
            others: 0,
            error: None,
        })
    }

    fn put(&mut self, text: &str) {
        let done = self.to.write_all(text.as_bytes());
        self.error = self.error.take().or(done.err());
    }

    /// The number of a fault's rule in the file, from 1. One that came later is written down with its first fault.
    fn number(&mut self, f: &Injected, region: &Region) -> Option<usize> {
        if (1..=self.began).contains(&(f.group as usize)) {
            return Some(f.group as usize);
        }
        if let Some(i) = self.late.iter().position(|id| *id == f.noted) {
            return Some(self.began + i + 1);
        }
        let (thread, rule) = region.noted(f.noted)?;
        let mut rules = self.rules.clone();
        schedule::add(&mut rules, rule).ok()?;
        self.rules = rules;
        self.late.push(f.noted);
        let number = self.began + self.late.len();
        self.put(&schedule::late(number, thread, rule));
        Some(number)
    }

    fn event(&mut self, event: &Event, region: &Region) {
        let captures = event.captures().filter(|c| c.part == Part::Injected);
        for f in captures.filter_map(|c| Injected::from_bytes(c.data)).filter(|f| f.times > 0) {
            match self.number(&f, region) {
                Some(number) => {
                    *self.written.entry(f.group).or_default() += u64::from(f.times);
                    self.total += u64::from(f.times);
                    self.put(&schedule::lines(number, &f));
                }
                None => self.others += u64::from(f.times),
            }
        }
    }

    /// Ends the file; whether it holds all faults, and what there is to say of it.
    pub fn end(mut self, segment: &Segment) -> (bool, Vec<String>) {
        let total = self.total;
        let done = self.to.write_all(schedule::end(total).as_bytes()).and_then(|()| self.to.flush());
        let path = self.path.display();
        if let Some(e) = self.error.or(done.err()) {
            return (false, vec![format!("the schedule in {path} is not complete: {e}")]);
        }
        let mut said = vec![format!("{total} faults recorded in {path}")];
        let region = Region::of(segment);
        let fired = |i: usize| region.counts(i).map_or(0, |c| c.fired.load(Ordering::Relaxed));
        // A rule that was taken away has no counts any more.
        let there =
            region.loaded().map_or(&[][..], FaultBlock::rules).iter().enumerate().filter(|(_, r)| !r.is_vacant());
        let lost = |(i, r): (usize, &Rule)| fired(i).saturating_sub(self.written.get(&r.group).copied().unwrap_or(0));
        let lost = there.map(lost).sum::<u64>().saturating_sub(self.others);
        if lost > 0 {
            said.push(format!("the schedule lacks {lost} faults that the log does not tell of"));
        }
        if self.others > 0 {
            said.push(format!(
                "the schedule lacks {} faults of rules that came while the program ran: there was no room for more rules",
                self.others
            ));
        }
        (said.len() == 1, said)
    }
}

/// A log, and perhaps a schedule beside it.
pub struct Both<'a> {
    pub log: &'a mut dyn Sink,
    pub recorder: Option<&'a mut Recorder>,
    pub region: &'a Region,
}

impl Sink for Both<'_> {
    fn item(&mut self, item: &Item, view: &View) -> io::Result<()> {
        if let (Item::Call { phase, event, .. }, Some(r)) = (item, &mut self.recorder)
            && *phase != Phase::Enter
            && event.head.flags & flag::INJECTED != 0
        {
            r.event(event, self.region);
        }
        self.log.item(item, view)
    }

    fn idle(&mut self) -> io::Result<()> {
        self.log.idle()
    }
}
