//! The loop: read, put in order, show, sleep; until nobody writes any more.

use crate::futex;
use crate::map::Map;
use crate::model::{ExitStatus, Sink, Summary};
use crate::reader::Reader;
use crate::timeline::Split;
use crate::unseen::Explain;
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How a session is followed.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub split: Split,
    /// How old an event must be to be shown: by then every thread has had time to hand in what is older.
    pub horizon: Duration,
    /// Whether to go on until the last process of the session has ended, not only the direct child.
    pub wait_all: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { split: Split::Overlap, horizon: Duration::from_millis(20), wait_all: true }
    }
}

/// What others tell the loop: the child's end, and that it should stop. Also the bell that wakes it.
#[derive(Debug)]
pub struct Wake {
    child: Mutex<Option<(u32, ExitStatus)>>,
    ended: AtomicBool,
    stop: AtomicBool,
    map: Arc<Map>,
}

impl Wake {
    pub fn new(map: Arc<Map>) -> Wake {
        Wake { child: Mutex::new(None), ended: AtomicBool::new(false), stop: AtomicBool::new(false), map }
    }

    /// The direct child has ended.
    pub fn child_ended(&self, pid: u32, status: ExitStatus) {
        *self.child.lock() = Some((pid, status));
        self.ended.store(true, Ordering::Release);
        self.ring();
    }

    /// Asks the loop to end although processes may still live. Async-signal-safe.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.ring();
    }

    /// Makes the loop go round once. Async-signal-safe.
    pub fn look(&self) {
        self.ring();
    }

    /// Whether the direct child has ended. Async-signal-safe.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    fn ring(&self) {
        let bell: &AtomicU32 = &self.map.segment().header().doorbell;
        bell.fetch_add(1, Ordering::AcqRel);
        futex::wake(bell);
    }
}

/// What following came to.
#[derive(Debug)]
pub struct Outcome {
    pub summary: Summary,
    /// How the direct child ended; None when the loop was told to stop before.
    pub child: Option<ExitStatus>,
    /// The first error of the sink: from there on nothing was written.
    pub error: Option<io::Error>,
    /// Processes that still run and are no longer followed.
    pub left: bool,
}

/// Between two looks whether processes and threads still live.
const REAP_EVERY: Duration = Duration::from_millis(50);
/// Between two looks for overdue processes and abandoned connections.
const TEND_EVERY: Duration = Duration::from_millis(500);
/// Sleeps while events come, and at most.
const NAP: Duration = Duration::from_millis(10);
const SHORT_NAP: Duration = Duration::from_millis(1);
const LONGEST_NAP: Duration = Duration::from_millis(100);

/// Follows one session to its end.
#[derive(Debug)]
pub struct Follower {
    reader: Reader,
    settings: Settings,
    error: Option<io::Error>,
}

impl Follower {
    pub fn new(map: Arc<Map>, settings: Settings, explain: Option<Explain>) -> Follower {
        Follower { reader: Reader::new(map, settings.split, explain), settings, error: None }
    }

    pub fn reader(&mut self) -> &mut Reader {
        &mut self.reader
    }

    /// Runs until the session is over.
    pub fn run(self, sink: &mut dyn Sink, wake: &Wake) -> Outcome {
        self.run_watched(sink, wake, &mut |_, _| {})
    }

    /// The same; `watch` sees the reader every 100 ms or more often, and with true once when all is read.
    pub fn run_watched(mut self, sink: &mut dyn Sink, wake: &Wake, watch: &mut dyn FnMut(&Reader, bool)) -> Outcome {
        let started = Instant::now();
        let (mut reaped, mut tended) = (started, started);
        let mut nap = NAP;
        let map = self.reader.map.clone();
        let h = map.segment().header();
        let left = loop {
            let bell = h.doorbell.load(Ordering::Acquire);
            let child = *wake.child.lock();
            let active = self.reader.pass();
            if child.is_some() || self.reader.stirred || reaped.elapsed() >= REAP_EVERY {
                self.reader.reap(child);
                reaped = Instant::now();
            }
            self.show(Some(self.settings.horizon), sink);
            watch(&self.reader, false);
            if tended.elapsed() >= TEND_EVERY {
                self.reader.watch.settle(false);
                self.reader.sweep_conns(false);
                tended = Instant::now();
            }
            if wake.stop.load(Ordering::Acquire) {
                break self.reader.lively();
            }
            if child.is_some() {
                let lively = self.reader.lively();
                if !lively || !self.settings.wait_all {
                    break lively;
                }
            }
            if active {
                nap = NAP;
            } else {
                if self.error.is_none()
                    && let Err(e) = sink.idle()
                {
                    self.error = Some(e);
                }
                nap = if self.reader.timeline.is_empty() { (nap * 5 / 4).min(LONGEST_NAP) } else { NAP };
            }
            if self.reader.stirred {
                continue;
            }
            // Once the child is gone, only deaths are waited for: nothing rings for them.
            let limit = if child.is_some() { NAP } else { nap };
            // While events stream in, a look every now and then: a writer that had to wake this thread for every chunk
            // would pay a system call for each.
            if active && child.is_none() {
                std::thread::sleep(SHORT_NAP);
                continue;
            }
            h.reader_asleep.store(1, Ordering::SeqCst);
            futex::wait(&h.doorbell, bell, limit);
            h.reader_asleep.store(0, Ordering::Release);
        };
        self.finish(sink, wake, left, watch)
    }

    /// Reads what the dead have left, and shows everything.
    fn finish(mut self, sink: &mut dyn Sink, wake: &Wake, left: bool, watch: &mut dyn FnMut(&Reader, bool)) -> Outcome {
        let child = *wake.child.lock();
        // Each burial needs a pass before it: threads, then their process, then what both left behind.
        for _ in 0..16 {
            let read = self.reader.pass();
            let buried = self.reader.reap(child);
            if !read && !buried {
                break;
            }
        }
        if !left {
            self.reader.sweep_conns(true);
        }
        self.reader.watch.settle(!left || child.is_some());
        self.show(None, sink);
        if self.error.is_none()
            && let Err(e) = sink.idle()
        {
            self.error = Some(e);
        }
        watch(&self.reader, true);
        Outcome { summary: self.reader.summary(), child: child.map(|c| c.1), error: self.error, left }
    }

    fn show(&mut self, horizon: Option<Duration>, sink: &mut dyn Sink) {
        let Reader { timeline, clock, .. } = &mut self.reader;
        let until = match horizon {
            Some(h) => clock.now().raw.saturating_sub(clock.ticks(h.as_nanos() as u64)),
            None => u64::MAX,
        };
        let mut muted = Muted;
        let sink: &mut dyn Sink = if self.error.is_some() { &mut muted } else { sink };
        if let Err(e) = timeline.release(until, clock, sink) {
            self.error.get_or_insert(e);
        }
    }
}

/// Takes over when the sink has failed: the program must go on undisturbed.
struct Muted;

impl Sink for Muted {
    fn item(&mut self, _: &crate::Item, _: &crate::View) -> io::Result<()> {
        Ok(())
    }
}
