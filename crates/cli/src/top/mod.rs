//! `socklens top`: a live screen of a running session.

mod detail;
mod keys;
mod model;
#[cfg(test)]
mod tests;
mod view;

use crate::{USAGE, args, complain, pick, pictures};
use anyhow::{Result, anyhow, bail};
use keys::{FASTEST, SLOWEST, Tab, Then, Ui};
use model::{Model, Sort};
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use ratatui::crossterm::terminal;
use ratatui::{DefaultTerminal, Terminal};
use socklens_rules::{About, CallSet, SyntaxError, What};
use socklens_trace::observe::Observer;
use socklens_trace::observe::diag::Sockets;
use socklens_trace::sessions;
use socklens_trace::stats::Mode;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use view::Frame;

const AFTER: &str = "\
Examples:
  socklens top                       the youngest session
  socklens top 4711                  the session of process 4711
  socklens top --tab blocked         who waits, in which call, for whom
  socklens top --once --sort queue   one frame as text

`?` explains the keys. The program is neither stopped nor slowed: its session's
memory is only read. Rates and durations need a session that counts
(`socklens stat`); without, connections, processes and blocked calls are shown.";

/// What to look at, and how.
#[derive(clap::Args, Debug)]
#[command(after_help = AFTER)]
pub struct Args {
    /// A pid, the beginning of the session's name as `socklens ps` shows it, or the path of its directory; the youngest if none is named
    #[arg(value_name = "PID|SESSION")]
    session: Option<String>,
    /// Wait until there is a session
    #[arg(short, long)]
    wait: bool,
    /// Print one frame as text and end
    #[arg(short = '1', long)]
    once: bool,
    /// Time between two looks
    #[arg(short = 'd', long, value_name = "DURATION", value_parser = args::interval, default_value = "1s")]
    interval: Duration,
    /// Show first: connections, calls, processes or blocked
    #[arg(short, long, value_name = "TAB", default_value = "connections")]
    tab: String,
    /// Order by: rate, latency, queue, errors, bytes or number
    #[arg(short, long, value_name = "KEY", default_value = "rate")]
    sort: String,
    /// Show only connections for which this holds, like 'peer=:443' (see `socklens help filters`)
    #[arg(long = "where", value_name = "EXPR")]
    condition: Option<String>,
    /// Only characters of ASCII
    #[arg(long)]
    ascii: bool,
}

/// What is wrong with a word that is none of `known`.
fn unknown(word: &str, known: &[&'static str]) -> String {
    let len = word.len().min(usize::from(u16::MAX)) as u16;
    let e = SyntaxError {
        at: 0,
        len,
        what: What::UnknownKey,
        nearest: socklens_rules::nearest(word, known),
        about: About::Nothing,
    };
    let text = args::rendered(&e, word);
    if e.nearest.is_some() { text } else { format!("{text} it is one of: {}", known.join(", ")) }
}

impl Args {
    fn ui(&self) -> Result<Ui, String> {
        let mut ui = Ui {
            tab: Tab::parse(&self.tab).ok_or_else(|| unknown(&self.tab, &Tab::NAMES))?,
            sort: Sort::parse(&self.sort).ok_or_else(|| unknown(&self.sort, &Sort::NAMES))?,
            interval: self.interval.clamp(FASTEST, SLOWEST),
            ..Ui::default()
        };
        ui.set_filter(self.condition.as_deref().unwrap_or(""))?;
        Ok(ui)
    }
}

/// Shows a session until the person leaves.
pub fn run(args: &Args) -> ExitCode {
    let ui = match args.ui() {
        Ok(ui) => ui,
        Err(e) => {
            let _ = writeln!(io::stderr(), "{e}");
            return ExitCode::from(USAGE);
        }
    };
    match show(args, ui) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(e) => {
            complain(&format!("{e:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The session that is shown.
struct Screen {
    dir: PathBuf,
    observer: Observer,
    model: Model,
    frame: Frame,
}

impl Screen {
    fn open(dir: &Path, ascii: bool, color: bool) -> Result<Screen> {
        let observer = pick::observe(dir)?;
        let frame = Frame { title: title(dir), ascii, color, ended: None };
        Ok(Screen { dir: dir.to_owned(), observer, model: Model::default(), frame })
    }

    /// Looks at the session. After its end, or when it cannot be read any more, the last frame stays.
    fn sample(&mut self) {
        if self.frame.ended.is_some() {
            return;
        }
        match self.observer.sample() {
            Ok(s) => {
                let sockets = if s.own_net { Sockets::ask() } else { Sockets::default() };
                if s.stats.finished {
                    self.frame.ended = Some("ended".to_owned());
                }
                // When it ended between two looks, what was open then is what there is to see.
                let keep = s.stats.finished && s.conns.is_empty() && !self.model.now.conns.is_empty();
                if !keep {
                    self.model.take(s, sockets);
                }
            }
            Err(e) => self.frame.ended = Some(format!("cannot be read any more: {e}")),
        }
    }
}

/// `nginx (session 0123abcd)`.
fn title(dir: &Path) -> String {
    let found = sessions::list().into_iter().find(|f| f.dir == dir);
    let file = |f: &'_ sessions::Found| f.program.rsplit('/').next().unwrap_or("").to_owned();
    let program = found.as_ref().map_or_else(String::new, |f| f.alias().map_or_else(|| file(f), str::to_owned));
    let name = found.as_ref().map_or_else(|| dir.display().to_string(), |f| f.name().chars().take(8).collect());
    if program.is_empty() { format!("(session {name})") } else { format!("{program} (session {name})") }
}

/// The session's directory, when one appears or is there already.
fn find(args: &Args) -> Result<PathBuf> {
    loop {
        match pick::dir(args.session.as_deref()) {
            Err(_) if args.wait && !ended() => std::thread::sleep(Duration::from_millis(200)),
            Err(_) if ended() => bail!("no session appeared"),
            other => return other,
        }
    }
}

fn show(args: &Args, mut ui: Ui) -> Result<()> {
    catch_signals();
    let terminal = io::stdout().is_terminal();
    if !(args.once || terminal && io::stdin().is_terminal()) {
        bail!("the screen needs a terminal: `socklens top --once` prints one frame as text");
    }
    let style = pictures::Style::of(&io::stdout(), args.ascii);
    let mut screen = Screen::open(&find(args)?, style.ascii, style.color)?;
    screen.sample();
    if args.once {
        std::thread::sleep(ui.interval);
        screen.sample();
        let text = text(&screen.model, &mut ui, &screen.frame, size(terminal))?;
        io::stdout().write_all(text.as_bytes())?;
        return Ok(());
    }
    end_with_terminal()?;
    let mut t = ratatui::try_init()?;
    let done = interact(&mut t, &mut screen, &mut ui);
    let restored = ratatui::try_restore();
    done?;
    Ok(restored?)
}

/// Columns and lines of a frame that is printed: COLUMNS and LINES, the terminal's, or 80 and 24.
fn size(terminal: bool) -> (u16, u16) {
    let var = |name: &str| std::env::var(name).ok()?.parse::<u16>().ok().filter(|n| (10..=1000).contains(n));
    let (w, h) = if terminal { terminal::size().unwrap_or((80, 24)) } else { (80, 24) };
    (var("COLUMNS").unwrap_or(w), var("LINES").unwrap_or(h))
}

/// One frame as text, without spaces at the ends of lines.
fn text(m: &Model, ui: &mut Ui, f: &Frame, (w, h): (u16, u16)) -> Result<String> {
    let mut t = Terminal::new(TestBackend::new(w, h))?;
    t.draw(|frame| {
        view::draw(m, ui, f, frame.buffer_mut());
    })?;
    let b = t.backend().buffer();
    let line = |y: u16| {
        let cells: String = (0..w).map(|x| b[(x, y)].symbol()).collect();
        cells.trim_end().to_owned() + "\n"
    };
    let all: String = (0..h).map(line).collect();
    Ok(all.trim_end().to_owned() + "\n")
}

/// Draws, waits for keys, looks at the session when it is time.
fn interact(t: &mut DefaultTerminal, screen: &mut Screen, ui: &mut Ui) -> Result<()> {
    let mut looked = Instant::now();
    loop {
        t.draw(|f| {
            view::draw(&screen.model, ui, &screen.frame, f.buffer_mut());
        })?;
        let due = if ui.paused { SLOWEST } else { ui.interval.saturating_sub(looked.elapsed()) };
        if event::poll(due.min(Duration::from_millis(250)))?
            && let Event::Key(key) = event::read()?
            && key.kind != KeyEventKind::Release
        {
            match ui.key(key, &mut screen.model) {
                Then::Draw => {}
                Then::Sample => {
                    screen.sample();
                    looked = Instant::now();
                }
                Then::NextSession => match next(screen) {
                    Ok(()) => looked = Instant::now(),
                    Err(e) => ui.message = format!("{e:#}"),
                },
                Then::Count => ui.message = count(screen),
                Then::Quit => return Ok(()),
            }
        }
        if ended() {
            return Ok(());
        }
        if !ui.paused && looked.elapsed() >= ui.interval {
            screen.sample();
            looked = Instant::now();
        }
    }
}

/// Makes the session count from now on. This is the only time that anything is written to it. What is to be told.
fn count(screen: &Screen) -> String {
    if screen.model.now.stats.mode != Mode::Off || screen.frame.ended.is_some() {
        return "it counts already, or has ended".to_owned();
    }
    match sessions::start_counting(&screen.dir.join("segment"), CallSet::default_set().bits()) {
        Ok(()) => "calls are counted from now on".to_owned(),
        Err(e) => format!("cannot make it count: {e}"),
    }
}

/// Goes on to the session after this one.
fn next(screen: &mut Screen) -> Result<()> {
    let all = sessions::list();
    let here = all.iter().position(|f| f.dir == screen.dir);
    let at = here.map_or(0, |i| (i + 1) % all.len());
    let found = all.get(at).filter(|f| f.dir != screen.dir).ok_or_else(|| anyhow!("there is no other session"))?;
    *screen = Screen::open(&found.dir, screen.frame.ascii, screen.frame.color)?;
    screen.sample();
    Ok(())
}

/// Set by a signal that asks us to end: the terminal must be put back first.
static ENDED: AtomicBool = AtomicBool::new(false);

fn ended() -> bool {
    ENDED.load(Ordering::Relaxed)
}

extern "C" fn on_signal(_: libc::c_int) {
    ENDED.store(true, Ordering::Relaxed);
}

/// Ends this process when its terminal is gone: there is nothing to put back then, and whoever reads keys from it would read
/// the end of file again and again.
fn end_with_terminal() -> io::Result<()> {
    std::thread::Builder::new().name("socklens-hangup".to_owned()).spawn(|| {
        let mut p = libc::pollfd { fd: libc::STDIN_FILENO, events: 0, revents: 0 };
        // SAFETY: the entry is ours. Without events only a hang-up or an error ends the wait.
        while unsafe { libc::poll(&raw mut p, 1, -1) } <= 0 {}
        // SAFETY: ends this process, which holds nothing that others wait for.
        unsafe { libc::_exit(128 + libc::SIGHUP) };
    })?;
    Ok(())
}

fn catch_signals() {
    for s in [libc::SIGTERM, libc::SIGHUP, libc::SIGINT] {
        // SAFETY: the handler only stores to an atomic.
        unsafe { libc::signal(s, on_signal as *const () as libc::sighandler_t) };
    }
}
