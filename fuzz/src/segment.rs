//! Bytes as a list of writes over the memory of a session that is being read.
//!
//! The first two bytes choose what is played beforehand and how it is read. Then come steps of [`STEP`] bytes: what, where
//! (u16, in words of eight bytes), and a value (u64).

use crate::player::{Log, Player, now, reader, segment};
use socklens_trace::Split;
use socklens_wire::Segment;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a step.
pub const STEP: usize = 11;
/// Most steps that write, and most that read.
const WRITES: usize = 2000;
const READS: usize = 6;

/// What a step does, in its three lowest bits.
pub mod what {
    /// Reads what there is.
    pub const READ: u8 = 7;
    pub const HEADER: u8 = 0;
    pub const PROCS: u8 = 1;
    pub const THREADS: u8 = 2;
    pub const CONNS: u8 = 3;
    /// Owners of pages, links, and what else lies in front of the pages.
    pub const OWNERS: u8 = 4;
    pub const PAGES: u8 = 5;
    pub const CHUNKS: u8 = 6;
    /// Only the lower or the upper half of the word is written.
    pub const LOW: u8 = 8;
    pub const HIGH: u8 = 16;
    /// The value is added to this process's number, or to the moment, rather than taken as it is.
    pub const PID: u8 = 32;
    pub const NOW: u8 = 64;
}

/// Where an area begins and ends, in bytes from the segment's base.
fn area(s: Segment, what: u8) -> (usize, usize) {
    let l = s.layout();
    let at = |p: Option<*mut u8>| p.map_or(l.total(), |p| p as usize - s.base() as usize);
    let starts = [
        0,
        at(s.proc_slot(0).map(|p| p.cast())),
        at(s.thread_slot(0).map(|p| p.cast())),
        at(s.conn_slot(0).map(|p| p.cast())),
        at(s.page_owner(0).map(|p| std::ptr::from_ref(p).cast_mut().cast())),
        at(s.page(0)),
        at(s.chunk(0).map(|p| p.cast())),
        l.total(),
    ];
    let i = usize::from(what % 7);
    (starts[i], starts[i + 1])
}

/// Writes a value where a step says.
pub(crate) fn write(s: Segment, what: u8, at: usize, value: u64) {
    let (from, to) = area(s, what & 7);
    let place = from + at * 8 % (to - from);
    // SAFETY: inside the mapping and aligned; the reader uses atomics or volatile reads there.
    let word = unsafe { AtomicU64::from_ptr(s.base().add(place).cast()) };
    let value = match what {
        w if w & what::PID != 0 => value.wrapping_add(u64::from(std::process::id())),
        w if w & what::NOW != 0 => value.wrapping_add(now()),
        _ => value,
    };
    let mask = match what & (what::LOW | what::HIGH) {
        what::LOW => 0xffff_ffff,
        what::HIGH => 0xffff_ffff << 32,
        _ => u64::MAX,
    };
    let shifted = if mask == u64::MAX << 32 { value << 32 } else { value };
    word.store(word.load(Ordering::Relaxed) & !mask | (shifted & mask), Ordering::Relaxed);
}

/// Two threads each of a living and a dead process, with as many events as the byte says.
pub(crate) fn play(s: Segment, n: u8) {
    let (me, dead) = (std::process::id(), 0x7fff_0000);
    let mut players = [
        Player::new(s, 0, 0, me, me),
        Player::new(s, 1, 0, me, me + 1),
        Player::new(s, 2, 1, dead, dead),
        Player::new(s, 3, 1, dead, dead + 1),
    ];
    for (i, p) in players.iter_mut().enumerate() {
        for e in 0..u64::from(n) % 64 {
            let t = now();
            p.send(e, t, t + 1);
        }
        if n >> 6 > i as u8 {
            p.conn(i as u32, i as i32);
            p.change();
        }
    }
}

/// Writes and reads as the bytes say; at the end everything is read and shown.
pub fn run(data: &[u8]) {
    let Some((&[first, second], steps)) = data.split_first_chunk() else { return };
    let map = segment();
    let s = map.segment();
    play(s, first);
    let mut reader = reader(&map, if second & 1 != 0 { Split::Overlap } else { Split::Never });
    let mut log = Log { name_fd: (second & 2 != 0).then_some(1), ..Log::default() };
    let (mut writes, mut reads) = (0, 0);
    for step in steps.chunks_exact(STEP) {
        let (at, value) = (crate::number(&step[1..3]) as usize, crate::number(&step[3..]));
        if step[0] & 7 == what::READ {
            if value & 1 != 0 {
                s.header().stats.store(2, Ordering::Relaxed);
                reader.snapshot(4);
            }
            reads += 1;
            if reads > READS {
                break;
            }
            reader.pass();
            reader.reap(None);
            reader.sweep_conns(step[0] & 8 != 0);
            reader.show(now().saturating_sub(value % 1_000_000), &mut log).expect("the log takes everything");
        } else if writes < WRITES {
            writes += 1;
            write(s, step[0], at, value);
        }
    }
    for _ in 0..4 {
        let read = reader.pass();
        if !reader.reap(None) && !read {
            break;
        }
    }
    reader.show(u64::MAX, &mut log).expect("the log takes everything");
    reader.summary();
    reader.snapshot(usize::MAX);
}
