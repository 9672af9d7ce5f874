//! `--replay`: what became of the faults of a schedule.

use super::schedule::Recorded;
use socklens_rules::fault::Skip;
use socklens_trace::schedule::{Became, Schedule};
use socklens_wire::Segment;
use std::path::{Path, PathBuf};

/// A schedule that is being caused again.
pub struct Replay {
    path: PathBuf,
    schedule: Schedule,
    lines: Vec<(usize, String)>,
}

/// Most differences that are told of besides the first.
const TOLD: usize = 9;

impl Replay {
    pub fn new(path: &Path, recorded: Recorded) -> Replay {
        Replay { path: path.to_owned(), schedule: recorded.schedule, lines: recorded.lines }
    }

    /// What is to be said when the program has ended; whether all is as it was.
    pub fn outcome(&self, segment: &Segment) -> (bool, Vec<String>) {
        let became = self.schedule.outcome(segment);
        let missing: Vec<usize> = (0..became.len()).filter(|i| became[*i] != Became::Done).collect();
        let (all, path) = (became.len(), self.path.display());
        let Some((first, rest)) = missing.split_first() else {
            return (true, vec![format!("replay: all {all} faults of {path} were caused again")]);
        };
        let mut said = vec![format!("replay: {} of {all} faults of {path} were caused again", all - missing.len())];
        let line = |i: usize| format!("{path}:{}: {}", self.lines[i].0, self.lines[i].1);
        said.extend([format!("first difference: {}", line(*first)), format!("  {}", why(became[*first]))]);
        for i in rest.iter().take(TOLD) {
            said.extend([format!("not caused: {}", line(*i)), format!("  {}", why(became[*i]))]);
        }
        if rest.len() > TOLD {
            said.push(format!("not caused: {} more", rest.len() - TOLD));
        }
        (false, said)
    }
}

fn why(b: Became) -> String {
    match b {
        Became::Done => "caused".into(),
        Became::Ahead { matched: 0, .. } => "its rule matched no call of that lane".into(),
        Became::Ahead { matched, moved } => {
            format!("its rule matched {matched} calls of that lane, the last of them at byte {moved}")
        }
        Became::Met => "the call came, but what the fault needs was not there".into(),
        Became::Skipped(n) => {
            let reason = Skip::from_u8(n as u8).map_or("unknown", Skip::word);
            format!("the call came, but the fault was skipped: {reason}")
        }
    }
}
