//! SOCKLENS_STATS: what a process counted, written when it ends: see docs/STATISTICS.md.
//!
//! A process tells of itself, and of those of its family that ended without: by a signal, or by _exit.

mod json;
mod text;

use crate::config::{self, Settings};
use crate::{ended, log, stats};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use socklens_decode::Out;
use socklens_inside::capi::socklens_call_stats;
use socklens_inside::half::{Counted, Lent};
use socklens_inside::sys;
use socklens_wire::layout::{FDS_PER_PAGE, page, proc_state};
use socklens_wire::stats::{End, ends, mode};
use socklens_wire::{ConnSlot, Header, Layout, ProcSlot};

struct Target(UnsafeCell<Settings>);

// SAFETY: written once, in `begin`, before ON says so.
unsafe impl Sync for Target {}

/// Where reports go; of the settings only that.
static TARGET: Target = Target(UnsafeCell::new(Settings::NONE));
static ON: AtomicU32 = AtomicU32::new(0);
/// Device and inode of a descriptor that is written to.
static DEV: AtomicU64 = AtomicU64::new(0);
static INO: AtomicU64 = AtomicU64::new(0);

/// As in the command: a call on a socket of this long may have waited.
const BLOCKED_NS: u64 = 50_000;

/// Whether reports are wanted.
pub fn is_on() -> bool {
    ON.load(Ordering::Acquire) != 0
}

/// Starts counting the calls of `set`. None when the target cannot be written, which has been said.
pub fn begin(lent: &'static Lent, value: &'static [u8], set: &[u64; 4], h: &Header) -> Option<()> {
    // SAFETY: see Target.
    let s = unsafe { &mut *TARGET.0.get() };
    config::sink("SOCKLENS_STATS", value, s)?;
    if s.fd < 0 && !log::can_open(s) {
        return config::wrong("SOCKLENS_STATS", value, "cannot be opened for writing");
    }
    if let Some((dev, ino, _)) = sys::fstat(s.fd) {
        DEV.store(dev, Ordering::Relaxed);
        INO.store(ino, Ordering::Relaxed);
    }
    // A tick is shorter than 2^20 ns and longer than 2^-20 ns on any clock there is.
    let ticks = (BLOCKED_NS << 20).checked_div((lent.ns)(1 << 20)).unwrap_or(BLOCKED_NS);
    h.blocked_from.store(ticks, Ordering::Relaxed);
    for (to, &bits) in h.counted.iter().zip(set) {
        to.store(bits, Ordering::Relaxed);
    }
    h.stats.store(mode::FULL, Ordering::Relaxed);
    ON.store(1, Ordering::Release);
    Some(())
}

/// One process's report.
struct Report<'a> {
    of: &'a Counted,
    process: &'a ProcSlot,
    now: u64,
    /// The process has ended; else it is about to become another program.
    over: bool,
    /// The report is this process's own, not one of its family's.
    own: bool,
    /// No other process of the family lives: what is still open is told of here, and what nobody else could count.
    last: bool,
    total: socklens_call_stats,
}

/// [`socklens_inside::half::Half::finish`].
pub extern "C" fn finish(of: &Counted, now: u64, over: bool) {
    if !is_on() {
        return;
    }
    // Claimed before an exec, too: if that fails, the process goes on, and tells of itself at its end.
    claim(of, of.proc_index);
    let last = over && !(0..processes(of)).any(|i| i != of.proc_index && lives(of, i));
    tell(of, now, over, last);
    for i in (0..processes(of)).filter(|&i| over && i != of.proc_index) {
        if !lives(of, i) && claim(of, i) {
            tell(&Counted { proc_index: i, ..*of }, now, true, false);
        }
    }
}

fn processes(of: &Counted) -> u32 {
    of.segment.header().procs_high.load(Ordering::Acquire).min(of.segment.layout().procs)
}

fn process(of: &Counted, index: u32) -> Option<&'static ProcSlot> {
    // SAFETY: a slot in the mapping; its plain fields are written before its state says LIVE.
    of.segment.proc_slot(index).and_then(|p| unsafe { p.as_ref() })
}

/// Only one tells of a process.
fn claim(of: &Counted, index: u32) -> bool {
    process(of, index).is_some_and(|p| {
        p.state.compare_exchange(proc_state::LIVE, proc_state::GONE, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    })
}

/// Whether a process of the family runs and has not told of itself.
fn lives(of: &Counted, index: u32) -> bool {
    let Some(p) = process(of, index) else { return false };
    if p.state.load(Ordering::Acquire) != proc_state::LIVE || sys::is_gone(p.pid, 0) {
        return false;
    }
    // One that nobody has waited for yet is there, and has ended.
    let mut name = [0u8; 32];
    let mut out = Out::new(&mut name);
    out.str("/proc/");
    out.udec(u64::from(p.pid));
    out.str("/stat\0");
    let fd = sys::open(out.bytes(), libc::O_RDONLY | libc::O_CLOEXEC, 0) as i32;
    let mut text = [0u8; 128];
    let n = sys::read(fd, &mut text);
    sys::close(fd);
    let known = text.get(..usize::try_from(n).unwrap_or(0)).unwrap_or(&[]);
    let state = known.iter().rposition(|&b| b == b')').and_then(|at| known.get(at.checked_add(2)?));
    !matches!(state, Some(b'Z' | b'X'))
}

/// Bytes of a report but for its connections, and of one connection's row, at most.
const ROOM: usize = 512 * 1024;
const ROW: usize = 1536;

fn tell(of: &Counted, now: u64, over: bool, last: bool) {
    let Some(process) = process(of, of.proc_index) else { return };
    let mut r = Report { of, process, now, over, own: true, last, total: stats::none() };
    r.own = process.pid == sys::getpid();
    stats::fill(of, -1, last, &mut r.total);
    if r.total.count == 0 {
        return;
    }
    let mut rows = 0usize;
    r.conns(&mut |_| rows = rows.saturating_add(1));
    let size = ROOM.saturating_add(rows.saturating_mul(ROW));
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let Some(memory) = sys::mmap(size, libc::PROT_READ | libc::PROT_WRITE, flags, -1) else {
        sys::write(2, b"socklens: no memory to write the statistics with\n");
        return;
    };
    // SAFETY: see Target; and a fresh mapping of this size that nobody else knows.
    let (s, room) = unsafe { (&*TARGET.0.get(), core::slice::from_raw_parts_mut(memory, size)) };
    let (scratch, room) = room.split_at_mut(ROOM / 2);
    let mut out = Out::new(room);
    if s.path().ends_with(b".json") {
        json::write(&r, &mut out);
    } else {
        text::write(&r, scratch, &mut out);
    }
    put(s, process.pid, out.bytes());
    // SAFETY: nothing refers to it any more.
    unsafe { sys::munmap(memory, size) };
}

/// Writes a report where it belongs. A program that has closed stderr, or made another file of it, gets none there.
fn put(s: &Settings, pid: u32, text: &[u8]) {
    if s.fd >= 0 {
        let same = sys::fstat(s.fd)
            .is_some_and(|(dev, ino, _)| dev == DEV.load(Ordering::Relaxed) && ino == INO.load(Ordering::Relaxed));
        if same {
            log::write_all(s.fd, text);
        }
        return;
    }
    let fd = log::open_path(s.path(), pid);
    if fd >= 0 {
        log::write_all(fd, text);
        sys::close(fd);
    }
}

/// Words of a bit for each connection.
const HELD: usize = Layout::ALONE.conns as usize / 64;

/// A connection to tell of.
#[derive(Clone, Copy)]
struct Conn {
    slot: &'static ConnSlot,
    /// Raw time of its end; None while it is open.
    end: Option<u64>,
    how: End,
}

impl Report<'_> {
    /// Connections: those that ended in this process, then, when it is the last, those that are left.
    fn conns(&self, f: &mut dyn FnMut(Conn)) {
        if !self.own {
            return;
        }
        let bits = |s: &ConnSlot| s.totals.ends.load(Ordering::Relaxed);
        ended::each(&mut |slot, at| f(Conn { slot, end: Some(at), how: ends::how(bits(slot), Some(false)) }));
        let (seg, last) = (self.of.segment, self.last);
        let high = seg.header().fresh_conns.load(Ordering::Acquire).min(seg.layout().conns);
        let held = if last { self.held() } else { [0; HELD] };
        for i in (0..high).filter(|_| last) {
            // SAFETY: a slot in the mapping; see conns.rs of libsocklens.so for who writes it.
            let Some(slot) = seg.conn_slot(i).and_then(|p| unsafe { p.as_ref() }) else { return };
            if slot.serial.load(Ordering::Acquire) != 0 {
                // What this process opened and has closed was left open by a child that ended.
                let left = slot.info.pid != self.process.pid
                    || held.get(i as usize / 64).is_none_or(|w| w >> (i % 64) & 1 != 0);
                f(Conn { slot, end: Some(self.now), how: ends::how(bits(slot), Some(left)) });
            }
        }
    }

    /// Which connections this process has descriptors of, a bit each.
    fn held(&self) -> [u64; HELD] {
        let mut held = [0u64; HELD];
        let seg = self.of.segment;
        for i in 0..seg.layout().pages {
            let Some(owner) = seg.page_owner(i) else { break };
            if owner.kind.load(Ordering::Acquire) != page::FDS
                || owner.proc_index.load(Ordering::Relaxed) != self.of.proc_index
            {
                continue;
            }
            // SAFETY: a page of the mapping that is a table of so many words.
            let table = seg
                .page(i)
                .map_or(&[][..], |p| unsafe { core::slice::from_raw_parts(p.cast::<AtomicU64>(), FDS_PER_PAGE) });
            for entry in table {
                let conn = (entry.load(Ordering::Relaxed) as u32 & 0xff_ffff).wrapping_sub(1);
                if let Some(word) = held.get_mut(conn as usize / 64) {
                    *word |= 1 << (conn % 64);
                }
            }
        }
        held
    }

    /// Connections that [`Report::conns`] leaves out because there were too many.
    fn forgotten(&self) -> u64 {
        if self.own { u64::from(ended::count()).saturating_sub(ended::KEPT as u64) } else { 0 }
    }

    fn ns(&self, from: u64, to: u64) -> u64 {
        if to > from { (self.of.lent.ns)(to.wrapping_sub(from)) } else { 0 }
    }

    fn comm(&self) -> &[u8] {
        self.process.comm.split(|&b| b == 0).next().unwrap_or(&[])
    }
}

/// A connection's numbers, added up.
struct Sums {
    calls: [u64; 3],
    bytes: [u64; 2],
    errors: u64,
}

impl Conn {
    fn sums(&self) -> Sums {
        let t = &self.slot.totals;
        let sum = |a: &AtomicU64, b: &AtomicU64| a.load(Ordering::Relaxed).wrapping_add(b.load(Ordering::Relaxed));
        let (a, b) = (&t.own, &t.others);
        Sums {
            calls: [
                sum(&a.calls_in, &b.calls_in),
                sum(&a.calls_out, &b.calls_out),
                sum(&a.calls_other, &b.calls_other),
            ],
            bytes: [sum(&a.bytes_in, &b.bytes_in), sum(&a.bytes_out, &b.bytes_out)],
            errors: sum(&a.errors, &b.errors),
        }
    }

    fn has(&self, bit: u32) -> bool {
        self.slot.totals.ends.load(Ordering::Relaxed) & bit != 0
    }

    /// Ticks from connect to connected.
    fn connect(&self) -> Option<(u64, u64)> {
        let t = &self.slot.totals;
        let (from, to) = (t.connect_start.load(Ordering::Relaxed), t.connect_end.load(Ordering::Relaxed));
        (self.has(ends::CONNECTED) && from != 0 && to != 0).then_some((from, to))
    }

    /// Ticks from its establishment to the first byte received.
    fn first_byte(&self) -> Option<(u64, u64)> {
        let t = &self.slot.totals;
        let first = t.first_in.load(Ordering::Relaxed);
        let began = match t.connect_end.load(Ordering::Relaxed) {
            0 => t.opened.load(Ordering::Relaxed),
            at => at,
        };
        (first != 0 && began != 0).then_some((began, first))
    }

    /// The error that connect ended with.
    fn refused(&self) -> Option<u32> {
        let errno = self.slot.totals.connect_errno.load(Ordering::Relaxed);
        self.has(ends::REFUSED).then_some(errno)
    }
}
