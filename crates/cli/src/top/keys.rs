//! What keys do. The state they change is apart from what is shown, so that it can be tested without a terminal.

use super::model::{Model, Sort};
use crate::args::rendered;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use socklens_rules::Filter;
use std::time::Duration;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tab {
    #[default]
    Connections,
    Calls,
    Processes,
    Blocked,
}

impl Tab {
    pub const ALL: [Tab; 4] = [Tab::Connections, Tab::Calls, Tab::Processes, Tab::Blocked];
    pub const NAMES: [&str; 4] = ["connections", "calls", "processes", "blocked"];

    pub fn parse(word: &str) -> Option<Tab> {
        Tab::NAMES.iter().position(|n| *n == word).map(|i| Tab::ALL[i])
    }

    fn step(self, by: usize) -> Tab {
        Tab::ALL[(self as usize + by) % Tab::ALL.len()]
    }
}

/// What lies over the list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Over {
    #[default]
    Nothing,
    Help,
    /// The connection that [`Model::followed`] names.
    Connection,
    Call(&'static str),
}

/// What the person chose.
#[derive(Clone, Debug)]
pub struct Ui {
    pub tab: Tab,
    pub sort: Sort,
    pub over: Over,
    /// The row that is marked, and the first that is shown.
    pub row: usize,
    pub first: usize,
    /// Rows the list has room for: set when it is drawn.
    pub room: usize,
    pub paused: bool,
    pub interval: Duration,
    /// The condition, as it was written and compiled.
    pub filter: Option<(String, Box<Filter>)>,
    /// A condition being written, and what was wrong with it when it was entered.
    pub prompt: Option<(String, String)>,
    /// Told once, at the bottom.
    pub message: String,
}

impl Default for Ui {
    fn default() -> Ui {
        Ui {
            tab: Tab::Connections,
            sort: Sort::Rate,
            over: Over::Nothing,
            row: 0,
            first: 0,
            room: 1,
            paused: false,
            interval: Duration::from_secs(1),
            filter: None,
            prompt: None,
            message: String::new(),
        }
    }
}

/// What the loop has to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Then {
    Draw,
    /// Look at the session at once.
    Sample,
    NextSession,
    /// Make a session without statistics count.
    Count,
    Quit,
}

/// Limits of the interval.
pub const FASTEST: Duration = Duration::from_millis(100);
pub const SLOWEST: Duration = Duration::from_secs(60);

impl Ui {
    /// Rows of the list that is shown.
    pub fn rows(&self, m: &Model) -> usize {
        match self.tab {
            Tab::Connections => m.ordered(self.sort, self.filter(), 0, 0).0,
            Tab::Calls => m.calls.len(),
            Tab::Processes => m.procs.len(),
            Tab::Blocked => m.now.inside.len(),
        }
    }

    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref().map(|(_, f)| &**f)
    }

    /// Keeps the marked row inside the list and the window around it.
    pub fn settle(&mut self, rows: usize, room: usize) {
        self.room = room.max(1);
        self.row = self.row.min(rows.saturating_sub(1));
        self.first = self.first.min(self.row).max((self.row + 1).saturating_sub(self.room));
        self.first = self.first.min(rows.saturating_sub(self.room));
    }

    fn go(&mut self, tab: Tab) {
        self.tab = tab;
        self.over = Over::Nothing;
        (self.row, self.first) = (0, 0);
    }

    /// Sets the condition; an empty one shows all.
    pub fn set_filter(&mut self, source: &str) -> Result<(), String> {
        self.filter = match source.trim() {
            "" => None,
            s => Some((s.to_owned(), Box::new(Filter::parse(s).map_err(|e| rendered(&e, s))?))),
        };
        Ok(())
    }

    fn typed(&mut self, key: KeyEvent) {
        let Some((text, wrong)) = &mut self.prompt else { return };
        match key.code {
            KeyCode::Esc => self.prompt = None,
            KeyCode::Backspace => {
                wrong.clear();
                text.pop();
            }
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => text.clear(),
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                wrong.clear();
                text.push(c);
            }
            KeyCode::Enter => {
                let text = text.clone();
                match self.set_filter(&text) {
                    Ok(()) => {
                        self.prompt = None;
                        (self.row, self.first) = (0, 0);
                    }
                    Err(e) => self.prompt = Some((text, e)),
                }
            }
            _ => {}
        }
    }

    /// One key.
    pub fn key(&mut self, key: KeyEvent, m: &mut Model) -> Then {
        self.message.clear();
        if key.modifiers.contains(KeyModifiers::CONTROL) && matches!(key.code, KeyCode::Char('c' | 'C')) {
            return Then::Quit;
        }
        if self.prompt.is_some() {
            self.typed(key);
            return Then::Draw;
        }
        match key.code {
            KeyCode::Char('q' | 'Q') | KeyCode::Esc | KeyCode::Backspace if self.over != Over::Nothing => {
                self.over = Over::Nothing;
            }
            KeyCode::Char('q' | 'Q') | KeyCode::F(10) => return Then::Quit,
            KeyCode::Esc | KeyCode::Backspace if self.filter.take().is_some() => {
                (self.row, self.first) = (0, 0);
                self.message = "all connections".to_owned();
            }
            KeyCode::Char('?' | 'h') | KeyCode::F(1) => self.over = Over::Help,
            KeyCode::Tab | KeyCode::Right => self.go(self.tab.step(1)),
            KeyCode::BackTab | KeyCode::Left => self.go(self.tab.step(3)),
            KeyCode::Char(c @ '1'..='4') => self.go(Tab::ALL[c as usize - '1' as usize]),
            KeyCode::Up | KeyCode::Char('k') => self.row = self.row.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.row += 1,
            KeyCode::PageUp => self.row = self.row.saturating_sub(self.room),
            KeyCode::PageDown => self.row += self.room,
            KeyCode::Home | KeyCode::Char('g') => self.row = 0,
            KeyCode::End | KeyCode::Char('G') => self.row = usize::MAX / 2,
            KeyCode::Char('s' | '>') | KeyCode::F(6) => {
                self.sort = self.sort.next();
                self.message = format!("sorted by {}", self.sort.name());
            }
            // As in top: by the letter.
            KeyCode::Char('R') => self.sort = Sort::Rate,
            KeyCode::Char('L') => self.sort = Sort::Latency,
            KeyCode::Char('U') => self.sort = Sort::Queue,
            KeyCode::Char('E') => self.sort = Sort::Errors,
            KeyCode::Char('B') => self.sort = Sort::Bytes,
            KeyCode::Char('N') => self.sort = Sort::Number,
            KeyCode::Char('/' | '\\') | KeyCode::F(4) => {
                let text = self.filter.as_ref().map(|(t, _)| t.clone()).unwrap_or_default();
                self.prompt = Some((text, String::new()));
                self.go(Tab::Connections);
            }
            KeyCode::Char('p' | ' ') => self.paused = !self.paused,
            KeyCode::Char('+') => self.interval = (self.interval * 2).min(SLOWEST),
            KeyCode::Char('-') => self.interval = (self.interval / 2).max(FASTEST),
            KeyCode::Char('r') | KeyCode::F(5) => return Then::Sample,
            KeyCode::Char('n') => return Then::NextSession,
            KeyCode::Char('C') => return Then::Count,
            KeyCode::Enter => self.open(m),
            _ => {}
        }
        Then::Draw
    }

    /// Shows the marked row's detail.
    fn open(&mut self, m: &mut Model) {
        let rows = self.rows(m);
        self.settle(rows, self.room);
        let conn = match self.tab {
            Tab::Connections => {
                let (_, list) = m.ordered(self.sort, self.filter(), self.row, 1);
                list.first().map_or(0, |r| m.now.conns[r.index].info.serial)
            }
            Tab::Blocked => m.now.inside.get(self.row).map_or(0, |i| i.conn),
            Tab::Calls => {
                if let Some(i) = m.ordered_calls(self.sort).get(self.row) {
                    self.over = Over::Call(m.now.stats.calls[*i].call);
                }
                return;
            }
            Tab::Processes => {
                if let Some(i) = m.ordered_procs(self.sort).get(self.row) {
                    let source = format!("pid={}", m.now.stats.processes[*i].pid);
                    // A pid is always a condition.
                    let _ = self.set_filter(&source);
                    self.go(Tab::Connections);
                }
                return;
            }
        };
        if conn == 0 {
            self.message = "it has no connection".to_owned();
        } else {
            m.follow(conn);
            self.over = Over::Connection;
        }
    }
}
