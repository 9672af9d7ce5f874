//! The pictures of `socklens stat`: histogram and heat map of calls, and the throughput over time.

use crate::pictures::{self, Heatmap, ROWS, Series, Style, fold, short};
use crate::{args, serve};
use anyhow::Result;
use socklens_rules::CallSet;
use socklens_trace::Reader;
use socklens_trace::stats::{CallRow, Counts, Snapshot};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What `socklens stat` shows besides its tables.
#[derive(clap::Args, Debug)]
pub struct Show {
    /// Draw the distribution of the durations of all calls, or of these (see `socklens help filters`)
    #[arg(long, value_name = "SET", num_args = 0..=1, require_equals = true, default_missing_value = "all",
        conflicts_with_all = ["json", "csv", "no_times"], help_heading = "Pictures")]
    histogram: Option<String>,
    /// Draw durations over time: of all calls, or of these; of one connection with --where conn=3
    #[arg(long, value_name = "SET", num_args = 0..=1, require_equals = true, default_missing_value = "all",
        conflicts_with_all = ["json", "csv", "no_times"], help_heading = "Pictures")]
    heatmap: Option<String>,
    /// Draw with characters of ASCII only
    #[arg(long, help_heading = "Pictures")]
    ascii: bool,
    /// Show the statistics to Prometheus at this address, under /metrics, while the program runs
    #[arg(long, value_name = "ADDR", value_parser = serve::address, help_heading = "Output")]
    openmetrics: Option<SocketAddr>,
}

impl Show {
    /// Which calls the pictures are of. The error is for people, with its caret.
    pub fn sets(&self) -> Result<[Option<CallSet>; 2], String> {
        let of = |source: &Option<String>| match source {
            None => Ok(None),
            Some(s) => args::call_set(std::slice::from_ref(s)).map(Some),
        };
        Ok([of(&self.histogram)?, of(&self.heatmap)?])
    }

    /// Begins. `to_terminal`: pictures go to stderr.
    pub fn start(&self, to_terminal: bool) -> Result<Live> {
        let [histogram, heat] = self.sets().map_err(anyhow::Error::msg)?;
        let mut style = Style::of(&io::stderr(), self.ascii);
        if !to_terminal {
            style = Style { color: false, width: 80, ..style };
        }
        Ok(Live {
            pictures: Pictures::new(histogram, heat, style),
            served: self.openmetrics.map(serve::Background::start).transpose()?,
        })
    }
}

/// What follows the program while it runs.
pub struct Live {
    pictures: Option<Pictures>,
    served: Option<serve::Background>,
}

/// Connections that ended since the last look, at most, that groups of peers learn of.
const RECENT: usize = 10_000;

impl Live {
    /// Looks when it is time. `over`: the program has ended, and pictures are drawn to `to`.
    pub fn look(&mut self, reader: &Reader, over: bool, to: &mut dyn Write) -> io::Result<()> {
        if let Some(s) = self.served.as_mut().filter(|s| over || s.due()) {
            s.look(&reader.snapshot(RECENT));
        }
        match &mut self.pictures {
            Some(p) if over => p.write(&reader.counters(), to).and_then(|()| to.flush()),
            Some(p) if p.due() => {
                p.look(&reader.counters());
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What a column covers at first.
const STEP: Duration = Duration::from_millis(250);

/// Collects what pictures need while a program runs.
pub struct Pictures {
    histogram: Option<CallSet>,
    heat: Option<(CallSet, Heatmap)>,
    /// Bytes in, bytes out, calls.
    through: Series<3>,
    had: ([u64; ROWS], [u64; 3]),
    last: Instant,
    /// The session's age at that look.
    until: u64,
    style: Style,
}

impl Pictures {
    /// Pictures of these calls, when any were asked for.
    pub fn new(histogram: Option<CallSet>, heat: Option<CallSet>, style: Style) -> Option<Pictures> {
        let step = STEP.as_nanos() as u64;
        (histogram.is_some() || heat.is_some()).then(|| Pictures {
            histogram,
            heat: heat.map(|set| (set, Heatmap::new(step))),
            through: Series::new(step),
            had: ([0; ROWS], [0; 3]),
            last: Instant::now(),
            until: 0,
            style,
        })
    }

    /// Whether it is time to look.
    pub fn due(&self) -> bool {
        self.last.elapsed() >= STEP
    }

    /// Takes what was counted since the last look.
    pub fn look(&mut self, s: &Snapshot) {
        self.last = Instant::now();
        if let Some((set, map)) = &mut self.heat {
            let rows = fold(&of(set, &s.calls).hist);
            map.put(self.until, s.elapsed_ns, &less(rows, self.had.0));
            self.had.0 = rows;
        }
        let t = s.total();
        let now = [t.bytes_in, t.bytes_out, t.count];
        self.through.put(self.until, s.elapsed_ns, &less(now, self.had.1));
        self.had.1 = now;
        self.until = s.elapsed_ns;
    }

    /// Draws them.
    pub fn write(&mut self, s: &Snapshot, to: &mut dyn Write) -> io::Result<()> {
        self.look(s);
        if let Some(set) = &self.histogram {
            titled("durations", &pictures::histogram(&of(set, &s.calls).hist, self.style), to)?;
        }
        if let Some((_, map)) = &self.heat {
            titled("durations over time", &map.lines(self.style), to)?;
        }
        let row = |(i, name): (usize, &str)| {
            let rates = self.through.rates(i);
            let max = short(rates.iter().copied().fold(0.0, f64::max));
            format!("{name:>7} {}  max {max}/s", pictures::sparkline(&rates, self.style.ascii))
        };
        let lines: Vec<String> = ["in B", "out B", "calls"].into_iter().enumerate().map(row).collect();
        titled("each second", &lines, to)
    }
}

/// All calls of a set added up.
fn of(set: &CallSet, calls: &[CallRow]) -> Counts {
    let mut sum = Counts::default();
    let met = |c: &&CallRow| socklens_calls::Call::from_opcode(c.opcode).is_some_and(|call| set.contains(call));
    calls.iter().filter(met).for_each(|c| sum.add(&c.n));
    sum
}

fn less<const N: usize>(now: [u64; N], had: [u64; N]) -> [u64; N] {
    std::array::from_fn(|i| now[i].saturating_sub(had[i]))
}

fn titled(title: &str, lines: &[String], to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "\n{title}")?;
    if lines.is_empty() {
        writeln!(to, "  nothing was timed")?;
    }
    lines.iter().try_for_each(|l| writeln!(to, "{l}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use socklens_calls::Call;
    use socklens_trace::stats::Hist;

    fn snapshot(elapsed_ns: u64, n: u64) -> Snapshot {
        let row = |call: Call, ns: u64| {
            let mut hist = Hist::new(1.0);
            let (octave, bucket) = socklens_wire::stats::bucket(ns);
            hist.put(octave, bucket, n);
            let n = Counts { count: n, bytes_in: n * 1000, hist, ..Counts::default() };
            CallRow { opcode: call as u16, call: call.name(), n }
        };
        Snapshot { elapsed_ns, calls: vec![row(Call::recv, 1_500), row(Call::send, 70_000)], ..Snapshot::default() }
    }

    #[test]
    fn only_the_calls_asked_for_are_drawn() {
        let style = Style { ascii: true, color: false, width: 60 };
        let recv = CallSet::parse("recv").unwrap();
        assert!(Pictures::new(None, None, style).is_none());
        let mut p = Pictures::new(Some(recv), Some(recv), style).unwrap();
        p.look(&snapshot(100_000_000, 10));
        p.look(&snapshot(600_000_000, 12));
        let mut out = Vec::new();
        p.write(&snapshot(900_000_000, 40), &mut out).unwrap();
        let want = "
durations
    1us - 2us           40  #################################

durations over time
    1us |+.#+
         0ns 1.00s

each second
   in B =.+#  max 187k/s
  out B       max 0/s
  calls =.+#  max 187/s
";
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }
}
