//! `--record-faults`: the faults of a session, as its log tells of them.

use super::schedule;
use anyhow::{Context, Result};
use socklens_rules::fault::{FaultBlock, Region};
use socklens_trace::{Item, Phase, Sink, View};
use socklens_wire::event::{Part, flag};
use socklens_wire::fault::Injected;
use socklens_wire::{Event, Segment};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Writes a schedule.
pub struct Recorder {
    path: PathBuf,
    to: BufWriter<File>,
    /// Faults by rule, of the rules that the session began with.
    written: Vec<u64>,
    /// Those of rules that came later.
    others: u64,
    error: Option<io::Error>,
}

impl Recorder {
    /// Begins a file.
    pub fn create(path: &Path, block: &FaultBlock, command: &[OsString]) -> Result<Recorder> {
        let what = || format!("cannot write the faults to {}", path.display());
        let mut to = BufWriter::new(File::create(path).with_context(what)?);
        to.write_all(schedule::head(block, command).as_bytes()).with_context(what)?;
        let written = vec![0; block.rules().len()];
        Ok(Recorder { path: path.to_owned(), to, written, others: 0, error: None })
    }

    fn event(&mut self, event: &Event) {
        let captures = event.captures().filter(|c| c.part == Part::Injected);
        for f in captures.filter_map(|c| Injected::from_bytes(c.data)).filter(|f| f.times > 0) {
            let rule = (f.group as usize).checked_sub(1).and_then(|i| self.written.get_mut(i));
            match rule {
                Some(n) => {
                    *n += u64::from(f.times);
                    let done = self.to.write_all(schedule::lines(&f).as_bytes());
                    self.error = self.error.take().or(done.err());
                }
                None => self.others += u64::from(f.times),
            }
        }
    }

    /// Ends the file; whether it holds all faults, and what there is to say of it.
    pub fn end(mut self, segment: &Segment) -> (bool, Vec<String>) {
        let total: u64 = self.written.iter().sum();
        let done = self.to.write_all(schedule::end(total).as_bytes()).and_then(|()| self.to.flush());
        let path = self.path.display();
        if let Some(e) = self.error.or(done.err()) {
            return (false, vec![format!("the schedule in {path} is not complete: {e}")]);
        }
        let mut said = vec![format!("{total} faults recorded in {path}")];
        let region = Region::of(segment);
        // A rule that was taken away has no counts any more.
        let there = |i: usize| {
            let rule = region.loaded().and_then(|b| b.rules().get(i));
            rule.is_some_and(|r| !r.is_vacant() && r.group as usize == i + 1)
        };
        let fired = |i: usize| region.counts(i).map_or(0, |c| c.fired.load(Ordering::Relaxed));
        let lost: u64 =
            (0..self.written.len()).filter(|i| there(*i)).map(|i| fired(i).saturating_sub(self.written[i])).sum();
        if lost > 0 {
            said.push(format!("the schedule lacks {lost} faults that the log does not tell of"));
        }
        if self.others > 0 {
            said.push(format!(
                "the schedule has no faults of rules that came while the program ran: {} of them",
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
}

impl Sink for Both<'_> {
    fn item(&mut self, item: &Item, view: &View) -> io::Result<()> {
        if let (Item::Call { phase, event, .. }, Some(r)) = (item, &mut self.recorder)
            && *phase != Phase::Enter
            && event.head.flags & flag::INJECTED != 0
        {
            r.event(event);
        }
        self.log.item(item, view)
    }

    fn idle(&mut self) -> io::Result<()> {
        self.log.idle()
    }
}
