//! The name that a TLS client asks for: read from what goes over a connection while there are rules with `sni-host=`.
//!
//! What a send is about to send is looked at before it, so that this very call can match; what was really moved is read on
//! after the call, as that many bytes are proved then. This process remembers it, and its forked children do.

use super::{Cx, data, lent};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use libc::c_int;
use socklens_rules::hello::{Hello, MAX_NAME, Seen};
use socklens_wire::fault::lane;

/// Room for a name.
pub const NAME: usize = MAX_NAME.next_multiple_of(8);

/// How far the reading of a connection has come.
struct Reading {
    hello: Hello,
    /// Where the message is on its way.
    lane: u8,
    /// Calls that brought none.
    others: u8,
}

/// A connection's name.
struct Known {
    /// The process of which a thread reads on; another one's number means that none does.
    reader: AtomicU32,
    /// The connection; 0 for none.
    serial: AtomicU32,
    /// Bytes of the name; 0 while it is not known.
    len: AtomicU32,
    name: [AtomicU64; NAME / 8],
    reading: UnsafeCell<Reading>,
}

// SAFETY: only who has put its process into `reader` touches `reading`; all else is atomic.
unsafe impl Sync for Known {}

/// A message may begin after a few words about it (PostgreSQL, SMTP, a proxy): in so many calls it is looked for.
const MOST_OTHERS: u8 = 64;
/// Connections that are remembered at once.
const ENTRIES: usize = 4096;
static KNOWN: [Known; ENTRIES] = [const {
    Known {
        reader: AtomicU32::new(0),
        serial: AtomicU32::new(0),
        len: AtomicU32::new(0),
        name: [const { AtomicU64::new(0) }; NAME / 8],
        reading: UnsafeCell::new(Reading { hello: Hello::new(), lane: 0, others: 0 }),
    }
}; ENTRIES];

impl Known {
    fn of(cx: &Cx) -> Option<&'static Known> {
        KNOWN.get(cx.entry.conn().filter(|_| cx.stream())? as usize % ENTRIES)
    }

    /// Copies the name, if it is this connection's; how long it is.
    fn copy(&self, serial: u32, to: &mut [u8; NAME]) -> usize {
        let is_its = || self.serial.load(Ordering::Acquire) == serial;
        let len = if is_its() { self.len.load(Ordering::Acquire) as usize } else { 0 };
        for (to, word) in to.as_chunks_mut::<8>().0.iter_mut().zip(&self.name).take(len.div_ceil(8)) {
            *to = word.load(Ordering::Relaxed).to_ne_bytes();
        }
        fence(Ordering::Acquire);
        if is_its() && len <= NAME { len } else { 0 }
    }

    fn publish(&self, name: &[u8]) {
        for (to, part) in self.name.iter().zip(name.chunks(8)) {
            let mut word = [0u8; 8];
            word.iter_mut().zip(part).for_each(|(to, b)| *to = *b);
            to.store(u64::from_ne_bytes(word), Ordering::Relaxed);
        }
        self.len.store(name.len() as u32, Ordering::Release);
    }

    /// Becomes the only one that reads on; false when another thread is at it, or the one that a signal handler came in upon.
    fn begin(&self) -> bool {
        const TRIES: u32 = 1000;
        let me = lent::pid();
        (0..TRIES).any(|_| {
            let was = self.reader.load(Ordering::Relaxed);
            let free = was != me;
            core::hint::spin_loop();
            free && self.reader.compare_exchange(was, me, Ordering::Acquire, Ordering::Relaxed).is_ok()
        })
    }

    /// Reads `most` bytes of a call's buffers; without `moved` they are only looked at.
    #[inline(never)]
    fn read(&self, cx: &Cx, most: u64, proved: bool, moved: bool) {
        let serial = cx.entry.serial();
        if !self.begin() {
            return;
        }
        // SAFETY: nobody else is here.
        let r = unsafe { &mut *self.reading.get() };
        if self.serial.load(Ordering::Relaxed) != serial {
            self.serial.store(0, Ordering::Relaxed);
            fence(Ordering::Release);
            *r = Reading { hello: Hello::new(), lane: cx.lane, others: 0 };
            self.len.store(0, Ordering::Relaxed);
            self.serial.store(serial, Ordering::Release);
        }
        let mine = r.hello.is_fresh() || r.lane == cx.lane;
        if mine && self.len.load(Ordering::Relaxed) == 0 && r.others < MOST_OTHERS {
            let mut h = r.hello;
            let all = data::each_piece(cx, most, proved, &mut |piece| h.feed(piece) == Seen::More);
            match h.seen() {
                Seen::Name => self.publish(h.name()),
                Seen::More if moved && all => (r.hello, r.lane) = (h, cx.lane),
                _ if moved => {
                    r.hello = Hello::new();
                    r.others += 1;
                }
                _ => {}
            }
        }
        self.reader.store(0, Ordering::Release);
    }
}

/// Calls that move other bytes than the stream's, or move them nowhere.
const ASIDE: c_int = libc::MSG_OOB | libc::MSG_ERRQUEUE;

/// The name of a call's connection, as far as it is known or the call is about to send it; how long it is.
#[inline(never)]
pub fn name(cx: &Cx, to: &mut [u8; NAME]) -> usize {
    let Some(k) = Known::of(cx) else { return 0 };
    let known = k.copy(cx.entry.serial(), to);
    if known != 0 || cx.lane != lane::OUT || data::flags(cx) & ASIDE != 0 {
        return known;
    }
    k.read(cx, data::asked(cx), false, false);
    k.copy(cx.entry.serial(), to)
}

/// A call has moved bytes, or with `peeked` shown them. They are there if the result is the kernel's.
pub fn moved(cx: &Cx, ret: i64, peeked: bool, proved: bool) {
    let moves = matches!(cx.call.ret(), socklens_calls::Ret::Bytes) && cx.lane != lane::OTHER;
    let Some(k) = Known::of(cx).filter(|_| ret > 0 && moves) else { return };
    let flags = data::flags(cx);
    if flags & ASIDE != 0 || k.copy(cx.entry.serial(), &mut [0; NAME]) != 0 {
        return;
    }
    // Bytes that a receive was to throw away are not there.
    let most = if cx.lane == lane::IN && flags & libc::MSG_TRUNC != 0 { 0 } else { ret as u64 };
    k.read(cx, most, proved, !peeked);
}
