//! The live screen in a pseudo terminal.

use crate::Talk;
use socklens_testkit::paths;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

const W: usize = 80;
const H: usize = 24;

/// A terminal of 80 columns and 24 lines, as far as what `top` writes needs one.
struct Terminal {
    cells: Vec<Vec<char>>,
    at: (usize, usize),
    /// Bytes of a sequence or character that is not whole yet.
    rest: Vec<u8>,
    /// Whether the alternate screen is on.
    alternate: bool,
}

impl Terminal {
    fn new() -> Terminal {
        Terminal { cells: vec![vec![' '; W]; H], at: (0, 0), rest: Vec::new(), alternate: false }
    }

    fn text(&self) -> String {
        self.cells.iter().map(|l| l.iter().collect::<String>().trim_end().to_owned() + "\n").collect()
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.rest.extend(bytes);
        let all = std::mem::take(&mut self.rest);
        let mut text = match std::str::from_utf8(&all) {
            Ok(t) => t,
            Err(e) => {
                self.rest = all[e.valid_up_to()..].to_vec();
                std::str::from_utf8(&all[..e.valid_up_to()]).unwrap()
            }
        };
        while let Some(c) = text.chars().next() {
            if c == '\x1b' {
                let Some(end) = text.char_indices().skip(2).find(|(_, c)| c.is_ascii_alphabetic()) else {
                    let mut rest = text.as_bytes().to_vec();
                    rest.append(&mut self.rest);
                    self.rest = rest;
                    return;
                };
                self.sequence(&text[2..end.0], end.1);
                text = &text[end.0 + 1..];
                continue;
            }
            if !c.is_control() {
                let (y, x) = self.at;
                if y < H && x < W {
                    self.cells[y][x] = c;
                }
                self.at.1 += 1;
            }
            text = &text[c.len_utf8()..];
        }
    }

    fn sequence(&mut self, args: &str, what: char) {
        let mut n = args.split(';').map(|a| a.parse::<usize>().unwrap_or(1));
        match what {
            'H' => {
                let (y, x) = (n.next().unwrap_or(1), n.next().unwrap_or(1));
                self.at = (y.saturating_sub(1), x.saturating_sub(1));
            }
            'J' => self.cells = vec![vec![' '; W]; H],
            'h' | 'l' if args == "?1049" => self.alternate = what == 'h',
            _ => {}
        }
    }
}

/// `socklens top` in a terminal.
struct Screen {
    child: Child,
    master: File,
    slave: OwnedFd,
    before: libc::termios,
    terminal: Terminal,
}

fn modes(fd: i32) -> libc::termios {
    let mut t = std::mem::MaybeUninit::zeroed();
    // SAFETY: the kernel writes a termios of ours; zeroed, it is valid in any case.
    unsafe {
        assert_eq!(libc::tcgetattr(fd, t.as_mut_ptr()), 0);
        t.assume_init()
    }
}

impl Screen {
    fn start(args: &[&str]) -> Screen {
        let (mut master, mut slave) = (-1, -1);
        let size = libc::winsize { ws_row: H as u16, ws_col: W as u16, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: two integers and a winsize of ours.
        let r = unsafe {
            libc::openpty(&raw mut master, &raw mut slave, std::ptr::null_mut(), std::ptr::null_mut(), &raw const size)
        };
        assert_eq!(r, 0);
        // SAFETY: two descriptors that were just made.
        let (master, slave) = unsafe { (File::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
        // SAFETY: descriptors of ours: reading must not wait, and the child must not inherit the master.
        unsafe {
            libc::fcntl(master.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK);
            libc::fcntl(master.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC);
        }
        let before = modes(slave.as_raw_fd());
        let end = || slave.try_clone().unwrap();
        let mut c = Command::new(&paths().command);
        c.arg("top").args(args).stdin(end()).stdout(end()).stderr(end());
        c.env("TERM", "xterm").env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR");
        // SAFETY: setsid and ioctl are safe between fork and exec.
        unsafe {
            c.pre_exec(|| {
                libc::setsid();
                libc::ioctl(0, libc::TIOCSCTTY, 0);
                Ok(())
            });
        }
        let child = c.spawn().unwrap();
        Screen { child, master, slave, before, terminal: Terminal::new() }
    }

    fn read(&mut self) {
        let mut buf = [0u8; 4096];
        while let Ok(n @ 1..) = self.master.read(&mut buf) {
            self.terminal.feed(&buf[..n]);
        }
    }

    /// Reads until the screen is so.
    #[track_caller]
    fn until(&mut self, what: &str, holds: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            self.read();
            if holds(&self.terminal.text()) {
                return;
            }
            assert!(Instant::now() < deadline, "{what} is not shown:\n{}", self.terminal.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    fn shows(&mut self, what: &str) {
        self.until(what, |t| t.contains(what));
    }

    fn press(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end; the terminal must be as it was.
    #[track_caller]
    fn ends(mut self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let status = loop {
            self.read();
            if let Some(s) = self.child.try_wait().unwrap() {
                break s;
            }
            assert!(Instant::now() < deadline, "top does not end");
            std::thread::sleep(Duration::from_millis(20));
        };
        self.read();
        assert!(status.success(), "{status} {:?}", status.signal());
        assert!(!self.terminal.alternate, "the alternate screen was left on");
        let now = modes(self.slave.as_raw_fd());
        assert_eq!(
            (now.c_lflag, now.c_iflag, now.c_oflag),
            (self.before.c_lflag, self.before.c_iflag, self.before.c_oflag)
        );
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[test]
fn keys_work_and_the_last_frame_stays_when_the_program_ends() {
    let mut talk = Talk::start(&["stat"]);
    talk.talk();
    let mut s = Screen::start(&["-d", "200ms", &talk.pid()]);
    s.shows("open 7 of 7");
    assert!(s.terminal.alternate);
    s.press("?");
    s.shows("its memory is only read");
    s.press("q");
    s.until("the list", |t| !t.contains("its memory") && t.contains(" lsn  127.0.0.1:"));
    s.press("4");
    s.shows(" recv ");
    s.press("\r");
    s.shows("peer 127.0.0.1:");
    s.press("\x1b");
    s.until("the list", |t| t.contains("[4 blocked"));
    s.press("/pear=:80\r");
    s.shows("did you mean `peer`?");
    s.press("\x1b");
    s.until("the foot", |t| !t.contains("show only"));
    s.press("2");
    s.shows(" P99 ");
    talk.talk();
    s.until("all sends", |t| t.lines().any(|l| l.starts_with("send ") && l.split_whitespace().nth(2) == Some("101")));
    talk.end();
    s.until("the end", |t| t.lines().next().is_some_and(|l| l.ends_with("  ended")));
    assert!(s.terminal.text().contains("send "), "the last frame stays:\n{}", s.terminal.text());
    s.press("q");
    s.ends();
}

#[test]
fn it_ends_with_its_terminal() {
    let talk = Talk::start(&["stat"]);
    let mut s = Screen::start(&["-d", "200ms", &talk.pid()]);
    s.shows("open ");
    // The other end of the terminal, which is all that is left of it.
    s.master = File::open("/dev/null").unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while s.child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "top goes on without a terminal");
        std::thread::sleep(Duration::from_millis(20));
    }
    talk.end();
}

#[test]
fn a_session_without_statistics_begins_to_count() {
    begins_to_count(&["run"]);
    begins_to_count(&["run", "--fault", "send,recv peer=192.0.2.1 : error EPIPE"]);
}

fn begins_to_count(how: &[&str]) {
    let mut talk = Talk::start(how);
    talk.talk();
    let mut s = Screen::start(&["-d", "200ms", "--tab", "calls", &talk.pid()]);
    s.shows("`C` begins to count");
    s.press("C");
    s.shows("counted from now on");
    talk.talk();
    s.until("the sends", |t| t.lines().any(|l| l.starts_with("send ") && l.split_whitespace().nth(2) == Some("50")));
    s.press("q");
    s.ends();
    talk.end();
}

#[test]
fn a_signal_that_ends_it_leaves_the_terminal_in_order() {
    let talk = Talk::start(&["run"]);
    let mut s = Screen::start(&[&talk.pid()]);
    s.shows("open 7 of 7");
    // SAFETY: our own child, not waited for yet.
    unsafe { libc::kill(s.child.id() as i32, libc::SIGTERM) };
    s.ends();
    talk.end();
}

#[test]
fn it_waits_for_a_session_when_asked_to() {
    let mut s = Screen::start(&["--wait", "-d", "200ms", "4294967295"]);
    std::thread::sleep(Duration::from_millis(300));
    assert!(s.child.try_wait().unwrap().is_none(), "there is no such session yet");
    // SAFETY: our own child, not waited for yet.
    unsafe { libc::kill(s.child.id() as i32, libc::SIGTERM) };
    let status = s.child.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    s.shows("no session appeared");
}
