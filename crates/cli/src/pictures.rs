//! Pictures made of characters: histogram, sparkline, heat map; and numbers as people read them.

use socklens_trace::stats::Hist;
use std::io::IsTerminal;

/// What the place that shows a picture can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Only characters of ASCII.
    pub ascii: bool,
    pub color: bool,
    /// Columns.
    pub width: usize,
}

impl Style {
    /// For a stream of ours. `ascii` forces ASCII, which is also taken where the locale is not UTF-8. Colours only on a
    /// terminal, and not with NO_COLOR.
    pub fn of(stream: &impl IsTerminal, ascii: bool) -> Style {
        let terminal = stream.is_terminal();
        let width = if terminal { columns() } else { 80 };
        Style { ascii: ascii || !utf8(|name| std::env::var(name).ok()), color: terminal && !plain(), width }
    }
}

/// Whether the environment asks for no colours.
pub fn plain() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) || std::env::var_os("TERM").is_some_and(|v| v == "dumb")
}

/// Whether the locale's characters are UTF-8: the first of LC_ALL, LC_CTYPE, LANG that is set decides.
pub fn utf8(var: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|n| var(n).filter(|v| !v.is_empty()));
    locale.is_some_and(|l| {
        let l = l.to_ascii_lowercase();
        l.contains("utf-8") || l.contains("utf8")
    })
}

fn columns() -> usize {
    ratatui::crossterm::terminal::size().map_or(80, |(w, _)| usize::from(w).clamp(40, 400))
}

/// Rows of a picture of durations: up to 100 ns, then steps of 1, 2, 5 up to 500 s, and all above.
pub const ROWS: usize = 31;

/// Where a row begins, in nanoseconds.
pub const fn floor(row: usize) -> u64 {
    match row {
        0 => 0,
        _ => [1, 2, 5][(row - 1) % 3] * 100 * 10u64.pow(((row - 1) / 3) as u32),
    }
}

/// The row that a duration belongs to.
pub fn row_of(ns: u64) -> usize {
    (1..ROWS).rfind(|&r| ns >= floor(r)).unwrap_or(0)
}

/// How often durations of each row were seen.
pub fn fold(h: &Hist) -> [u64; ROWS] {
    let mut rows = [0; ROWS];
    for (from, to, n) in h.buckets() {
        rows[row_of(((from + to) / 2.0) as u64)] += n;
    }
    rows
}

/// 850ns, 1.25us, 12.5ms, 3.00s, 12m05s, 3h20m. Never more than 7 columns.
pub fn span(ns: u64, ascii: bool) -> String {
    let micro = if ascii { "us" } else { "µs" };
    let three = |v: f64, unit: &str| match v {
        v if v < 9.995 => format!("{v:.2}{unit}"),
        v if v < 99.95 => format!("{v:.1}{unit}"),
        v => format!("{v:.0}{unit}"),
    };
    let f = ns as f64;
    match ns {
        0..1_000 => format!("{ns}ns"),
        1_000..999_500 => three(f / 1e3, micro),
        999_500..999_500_000 => three(f / 1e6, "ms"),
        999_500_000..60_000_000_000 => three(f / 1e9, "s"),
        _ => {
            let s = ns / 1_000_000_000;
            match s {
                0..3600 => format!("{}m{:02}s", s / 60, s % 60),
                3600..360_000 => format!("{}h{:02}m", s / 3600, s % 3600 / 60),
                _ => format!("{}d{:02}h", s / 86400, s % 86400 / 3600),
            }
        }
    }
}

/// A row's floor: 100ns, 2us, 500ms, 10s.
fn edge(ns: u64, ascii: bool) -> String {
    match ns {
        0..1_000 => format!("{ns}ns"),
        1_000..1_000_000 => format!("{}{}", ns / 1_000, if ascii { "us" } else { "µs" }),
        1_000_000..1_000_000_000 => format!("{}ms", ns / 1_000_000),
        _ => format!("{}s", ns / 1_000_000_000),
    }
}

/// 999, 1.2k, 34k, 5.6M: by thousands, at most 5 columns.
pub fn short(n: f64) -> String {
    let mut v = n;
    let mut unit = "";
    for next in ["k", "M", "G", "T", "P", "E"] {
        if v < 999.5 {
            break;
        }
        v /= 1000.0;
        unit = next;
    }
    match v {
        v if unit.is_empty() && v > 0.0 && v < 9.95 && v.fract() != 0.0 => format!("{v:.1}"),
        v if !unit.is_empty() && v < 9.95 => format!("{v:.1}{unit}"),
        v => format!("{v:.0}{unit}"),
    }
}

/// A bar of `part` of the width, in eighths of a column.
fn bar(part: f64, width: usize, ascii: bool) -> String {
    let eighths = (part.clamp(0.0, 1.0) * width as f64 * 8.0).round() as usize;
    if ascii {
        return "#".repeat((eighths / 8).max(usize::from(part > 0.0)));
    }
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    let mut s = "█".repeat(eighths / 8) + rest;
    if s.is_empty() && part > 0.0 {
        s.push('▏');
    }
    s
}

/// One character a value, as high as its share of the greatest; nothing for 0.
pub fn sparkline(values: &[f64], ascii: bool) -> String {
    let steps: &[char] = if ascii {
        &['.', ':', '-', '=', '+', '*', '#']
    } else {
        &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
    };
    let max = values.iter().copied().fold(0.0, f64::max);
    let step = |v: f64| {
        if v <= 0.0 || max <= 0.0 {
            return ' ';
        }
        steps[(((v / max) * steps.len() as f64).ceil() as usize).clamp(1, steps.len()) - 1]
    };
    values.iter().map(|v| step(*v)).collect()
}

/// The rows between the first and the last that hold anything.
fn used(rows: &[u64; ROWS]) -> std::ops::Range<usize> {
    let first = rows.iter().position(|n| *n > 0).unwrap_or(0);
    let last = rows.iter().rposition(|n| *n > 0).map_or(0, |l| l + 1);
    first..last
}

/// A histogram of durations, one line a row; none when it is empty.
pub fn histogram(h: &Hist, style: Style) -> Vec<String> {
    let rows = fold(h);
    let max = rows.iter().copied().max().unwrap_or(0);
    let room = style.width.saturating_sub(7 + 9 + 8 + 2 + 1).clamp(10, 60);
    let to = if style.ascii { "-" } else { "–" };
    used(&rows)
        .map(|r| {
            let upper = if r + 1 < ROWS { edge(floor(r + 1), style.ascii) } else { String::new() };
            let from = edge(floor(r), style.ascii);
            let b = bar(rows[r] as f64 / max as f64, room, style.ascii);
            let line = format!("{from:>7} {to} {upper:<7} {:>8}  {b}", rows[r]);
            line.trim_end().to_owned()
        })
        .collect()
}

/// Numbers over time, `N` a column. However long it goes on, at most [`COLUMNS`] columns are kept: when they are full, two
/// become one.
#[derive(Clone, Debug)]
pub struct Series<const N: usize> {
    columns: Vec<[u64; N]>,
    /// Nanoseconds a column covers.
    step: u64,
    /// The last moment: the last column may not be over.
    end: u64,
}

/// Most columns of a [`Series`].
pub const COLUMNS: usize = 64;

impl<const N: usize> Series<N> {
    /// An empty one whose columns cover `step` nanoseconds at first.
    pub fn new(step: u64) -> Series<N> {
        Series { columns: Vec::new(), step: step.max(1), end: 0 }
    }

    /// Adds what came between two moments, in nanoseconds after the beginning: evenly, since looks are not taken where
    /// columns end.
    pub fn put(&mut self, since: u64, at: u64, numbers: &[u64; N]) {
        let (since, at) = (since.min(at.saturating_sub(1)), at.max(1));
        let add = |to: &mut u64, n: u64| *to = to.saturating_add(n);
        while (at - 1) / self.step >= COLUMNS as u64 {
            let merged = self.columns.chunks(2).map(|pair| {
                let mut sum = pair[0];
                pair[1..].iter().for_each(|c| sum.iter_mut().zip(c).for_each(|(a, b)| add(a, *b)));
                sum
            });
            self.columns = merged.collect();
            self.step = self.step.saturating_mul(2);
        }
        let (first, last) = ((since / self.step) as usize, ((at - 1) / self.step) as usize);
        if self.columns.len() <= last {
            self.columns.resize(last + 1, [0; N]);
        }
        for (row, &n) in numbers.iter().enumerate() {
            let mut given = 0;
            for i in first..=last {
                let until = (i as u64 + 1).saturating_mul(self.step).min(at);
                let sum = (u128::from(n) * u128::from(until - since) / u128::from(at - since)) as u64;
                add(&mut self.columns[i][row], sum - given);
                given = sum;
            }
        }
        self.end = self.end.max(at);
    }

    /// One row of it, each second.
    pub fn rates(&self, row: usize) -> Vec<f64> {
        let covered = |i: usize| self.end.saturating_sub(i as u64 * self.step).clamp(1, self.step);
        self.columns.iter().enumerate().map(|(i, c)| c[row] as f64 * 1e9 / covered(i) as f64).collect()
    }
}

/// Durations over time: how many of each row.
pub type Heatmap = Series<ROWS>;

impl Heatmap {
    /// The cells of a row, and the first and last moment of the columns that `room` has.
    fn cells(&self, room: usize) -> (&[[u64; ROWS]], u64, u64) {
        let skipped = self.columns.len().saturating_sub(room);
        (&self.columns[skipped..], skipped as u64 * self.step, self.columns.len() as u64 * self.step)
    }

    /// The picture: longest durations on top, time from left to right; none when it is empty.
    pub fn lines(&self, style: Style) -> Vec<String> {
        let mut all = [0; ROWS];
        for c in &self.columns {
            all.iter_mut().zip(c).for_each(|(a, n)| *a += n);
        }
        picture(used(&all), self, style, 8, &|r| format!("{:>7} ", edge(floor(r), style.ascii)))
    }
}

/// Histogram and heat map side by side: what was how long, how often, and when.
pub fn portrait(h: &Hist, map: &Heatmap, style: Style) -> Vec<String> {
    let rows = fold(h);
    let max = rows.iter().copied().max().unwrap_or(0);
    let width = 14;
    picture(used(&rows), map, style, 8 + 9 + width + 2, &|r| {
        let b = bar(rows[r] as f64 / max as f64, width, style.ascii);
        format!("{:>7} {:>8}  {b:<width$} ", edge(floor(r), style.ascii), rows[r])
    })
}

/// A heat map's rows, each behind a `margin` of that many columns, and the axis of time.
fn picture(
    rows: std::ops::Range<usize>,
    map: &Heatmap,
    style: Style,
    margin: usize,
    label: &dyn Fn(usize) -> String,
) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let (columns, from, to) = map.cells(style.width.saturating_sub(margin + 2).max(8));
    let max = columns.iter().flatten().copied().max().unwrap_or(0);
    let border = if style.ascii { '|' } else { '│' };
    let mut lines: Vec<String> = rows
        .rev()
        .map(|r| {
            let cells: String = columns.iter().map(|c| cell(c[r], max, style)).collect();
            let line = format!("{}{border}{cells}", label(r));
            if style.color { line } else { line.trim_end().to_owned() }
        })
        .collect();
    let (from, to) = (span(from, style.ascii), span(to, style.ascii));
    let width = columns.len().max(from.len() + to.len() + 1);
    lines.push(format!("{:1$}{from}{to:>2$}", "", margin + 1, width - from.chars().count()));
    lines
}

/// One cell: the darker the more, by the logarithm, so that one slow call among a million is still seen.
fn cell(n: u64, max: u64, style: Style) -> String {
    let shades: [&str; 5] = if style.ascii { [" ", ".", ":", "+", "#"] } else { [" ", "░", "▒", "▓", "█"] };
    let level = |steps: usize| {
        if n == 0 { 0 } else { (1.0 + (n as f64).ln() / (max as f64).ln().max(1e-9) * (steps - 1) as f64) as usize }
    };
    if !style.color {
        return shades[level(4).min(4)].to_owned();
    }
    // From blue over green and yellow to red, in the terminal's 256 colours.
    const RAMP: [u8; 8] = [17, 19, 25, 29, 70, 178, 208, 196];
    match level(RAMP.len()) {
        0 => " ".to_owned(),
        l => format!("\x1b[48;5;{}m{}\x1b[0m", RAMP[l.min(RAMP.len()) - 1], shades[level(4).min(4)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { ascii: false, color: false, width: 60 };
    const ASCII: Style = Style { ascii: true, ..PLAIN };

    /// Durations as the shim's histograms hold them: ticks are nanoseconds here.
    fn hist(of: &[(u64, u64)]) -> Hist {
        let mut h = Hist::new(1.0);
        for &(ns, n) in of {
            let (octave, bucket) = socklens_wire::stats::bucket(ns);
            h.put(octave, bucket, n);
        }
        h
    }

    #[test]
    fn rows_are_one_two_five() {
        assert_eq!((0..8).map(floor).collect::<Vec<_>>(), [0, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]);
        assert_eq!(floor(ROWS - 1), 500_000_000_000);
        for (ns, row) in [(0, 0), (99, 0), (100, 1), (199, 1), (200, 2), (1_000, 4), (u64::MAX, ROWS - 1)] {
            assert_eq!(row_of(ns), row, "{ns}");
        }
    }

    #[test]
    fn numbers_are_short() {
        let s = |n| span(n, true);
        assert_eq!([s(0), s(850), s(1_250), s(12_500_000), s(999_999)], ["0ns", "850ns", "1.25us", "12.5ms", "1.00ms"]);
        assert_eq!([s(3_000_000_000), s(725_000_000_000), s(12_000_000_000_000)], ["3.00s", "12m05s", "3h20m"]);
        assert_eq!(span(1_000, false), "1.00µs");
        let n: Vec<_> = [0.0, 0.5, 7.0, 999.0, 1234.0, 34_000.0, 999_999.0, 5.6e6].map(short).into();
        assert_eq!(n, ["0", "0.5", "7", "999", "1.2k", "34k", "1.0M", "5.6M"]);
    }

    #[test]
    fn a_histogram_is_drawn() {
        let h = hist(&[(150, 4), (1_500, 100), (1_700, 100), (7_000, 50)]);
        let want = [
            "  100ns – 200ns          4  ▋",
            "  200ns – 500ns          0",
            "  500ns – 1µs            0",
            "    1µs – 2µs          200  █████████████████████████████████",
            "    2µs – 5µs            0",
            "    5µs – 10µs          50  ████████▎",
        ];
        assert_eq!(histogram(&h, PLAIN), want);
        let ascii = histogram(&h, ASCII);
        assert_eq!(ascii[5], "    5us - 10us          50  ########");
        assert!(ascii.iter().all(|l| l.is_ascii()));
        assert!(histogram(&Hist::new(1.0), PLAIN).is_empty());
    }

    #[test]
    fn a_sparkline_is_drawn() {
        assert_eq!(sparkline(&[0.0, 1.0, 4.0, 8.0], false), " ▁▄█");
        assert_eq!(sparkline(&[0.0, 1.0, 7.0], true), " .#");
        assert_eq!(sparkline(&[0.0, 0.0], false), "  ");
        assert_eq!(sparkline(&[], false), "");
    }

    #[test]
    fn a_heat_map_is_drawn_and_keeps_its_size() {
        let mut m = Heatmap::new(1_000_000_000);
        assert!(m.lines(PLAIN).is_empty());
        let mut put = |at: u64, ns: u64, n: u64| {
            let mut rows = [0; ROWS];
            rows[row_of(ns)] = n;
            m.put(at - 1_000_000_000, at, &rows);
        };
        for second in 0..8u64 {
            put((second + 1) * 1_000_000_000, 1_500, second * second + 1);
        }
        put(7_000_000_000, 30_000, 1);
        let want = "   20µs │      ░\n   10µs │\n    5µs │\n    2µs │\n    1µs │░░▒▒▓▓▓█\n         0ns 8.00s";
        assert_eq!(m.lines(PLAIN).join("\n"), want);
        let ascii = m.lines(ASCII).join("\n");
        assert!(ascii.is_ascii() && ascii.contains("1us |..::+++#"), "{ascii}");
        let colour = m.lines(Style { color: true, ..PLAIN }).join("\n");
        assert!(colour.contains("\x1b[48;5;196m█\x1b[0m"), "{colour}");
        let total = |m: &Heatmap| m.columns.iter().flatten().sum::<u64>();
        let before = total(&m);
        m.put(9_999_000_000_000, 10_000_000_000_000, &[1; ROWS]);
        assert!(m.columns.len() <= COLUMNS);
        assert_eq!(total(&m), before + ROWS as u64);
    }

    /// A look comes when the reader wakes up, some time after a column has ended.
    #[test]
    fn what_goes_on_evenly_is_drawn_evenly() {
        let mut s = Series::<2>::new(250_000_000);
        let (mut since, mut n) = (0, 0);
        for late in 0..200u64 {
            let at = since + 250_000_000 + late * 37 % 101 * 1_000_000;
            s.put(since, at, &[(at - since) / 1000, u64::from(late % 50 == 0)]);
            (since, n) = (at, n + (at - since) / 1000);
        }
        let rates = s.rates(0);
        assert!(rates.len() > COLUMNS / 2 && rates.iter().all(|r| (r - 1e6).abs() < 100.0), "{rates:?}");
        assert_eq!(s.columns.iter().fold([0, 0], |sum, c| [sum[0] + c[0], sum[1] + c[1]]), [n, 4], "nothing is lost");
        s.put(since, since, &[5, 0]);
        s.put(since + 9, since, &[5, 0]);
        assert_eq!(s.columns.iter().map(|c| c[0]).sum::<u64>(), n + 10);
    }

    #[test]
    fn histogram_and_heat_map_side_by_side() {
        let mut m = Heatmap::new(1_000_000_000);
        m.put(0, 1_000_000_000, &fold(&hist(&[(1_500, 60)])));
        m.put(2_000_000_000, 3_000_000_000, &fold(&hist(&[(1_500, 4), (9_000, 8)])));
        let want = [
            "    5µs        8  █▊             │  ▒",
            "    2µs        0                 │",
            "    1µs       64  ██████████████ │█ ▒",
            "                                  0ns 3.00s",
        ];
        assert_eq!(portrait(&hist(&[(1_500, 64), (9_000, 8)]), &m, PLAIN), want);
        assert_eq!(m.rates(row_of(1_500)), [60.0, 0.0, 4.0]);
    }

    #[test]
    fn the_locale_decides() {
        let of = |set: &[(&str, &str)]| {
            let set: Vec<(String, String)> = set.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            utf8(|n| set.iter().find(|(name, _)| name == n).map(|(_, v)| v.clone()))
        };
        assert!(of(&[("LANG", "en_US.UTF-8")]));
        assert!(of(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]));
        assert!(!of(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
        assert!(!of(&[]));
    }
}
