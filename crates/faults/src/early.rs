//! Readiness that comes too early: what the kernel cannot hold back behind a gate (ticker.rs). SO_RCVLOWAT keeps bytes from making a
//! socket ready, but neither the end of the stream nor a buffer that is full. A call that waits is not told of these before the
//! gate opens, since a receive would say EAGAIN until then.
//!
//! poll and select wait once more, without what they may not be told. An epoll instance is made to watch the socket for less, and
//! then again for what the program wants; to one that is edge-triggered the event is told again. An error is never hidden: it
//! opens the gate.

use super::data::{Changed, call_real};
use super::lent::{self, fetch};
use super::rearm::{self, Watched, control};
use super::spurious::{Set, Sets, WORDS, sets};
use super::{Cx, delayed, kernel, ticker};
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use libc::{c_int, epoll_event, pollfd};
use socklens_calls::{Call, MAX_ARGS};
use socklens_inside::entry::Entry;

type Args = [u64; MAX_ARGS];

/// In nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// What tells that something may be received, as poll calls it, and with HUP: both ends have shut their sides.
const READ: i16 = libc::POLLIN | libc::POLLRDNORM | libc::POLLRDBAND | libc::POLLRDHUP;
const READ_OR_HUP: i16 = READ | libc::POLLHUP;
/// The same of epoll, whose bits are the same.
const EPOLL_READ: u32 = READ as u16 as u32;
const EPOLL_ALWAYS: u32 = (libc::EPOLLERR | libc::EPOLLHUP) as u32;

/// Whether anything of this session is behind a gate, and may be asked for.
fn any() -> bool {
    lent::segment().fault_shared().gated_until.load(Ordering::Relaxed) > lent::mono() && !lent::has_confined_itself()
}

/// Until when what a descriptor's socket has received is held back.
fn gate_of(fd: c_int) -> Option<u64> {
    let e = lent::fd(fd);
    let c = lent::segment().fault_conn(e.conn()?)?;
    let until = ticker::closed_until(c)?;
    if c.serial.load(Ordering::Relaxed) == e.serial() { Some(until) } else { None }
}

/// A call that waits, with these arguments.
pub fn wait(call: Call, args: &Args) -> i64 {
    match call {
        Call::poll | Call::ppoll | Call::__poll_chk | Call::__ppoll_chk => polled(call, args),
        Call::select | Call::pselect => selected(call, args),
        _ => epolled(call, args),
    }
}

/// How long a call is to wait, and where it says so.
struct Patience {
    at: usize,
    form: Form,
    /// CLOCK_MONOTONIC nanoseconds; u64::MAX for ever.
    end: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Milliseconds,
    /// A pointer to seconds, and parts of them of so many nanoseconds.
    Pair(u64),
}

impl Patience {
    fn of(call: Call, args: &Args) -> Patience {
        let (at, form) = match call {
            Call::poll | Call::__poll_chk => (2, Form::Milliseconds),
            Call::epoll_wait | Call::epoll_pwait => (3, Form::Milliseconds),
            Call::ppoll | Call::__ppoll_chk => (2, Form::Pair(1)),
            Call::epoll_pwait2 => (3, Form::Pair(1)),
            Call::pselect => (4, Form::Pair(1)),
            _ => (4, Form::Pair(1000)),
        };
        let v = args.get(at).copied().unwrap_or(0);
        let ns = match form {
            Form::Milliseconds => u64::try_from(v as i32).map_or(u64::MAX, |ms| ms * 1_000_000),
            Form::Pair(_) if v == 0 => u64::MAX,
            Form::Pair(part) => fetch::<[u64; 2]>(v, false)
                .map_or(0, |[s, parts]| s.saturating_mul(SECOND).saturating_add(parts.saturating_mul(part))),
        };
        Patience { at, form, end: if ns == u64::MAX { ns } else { lent::mono().saturating_add(ns) } }
    }

    fn left(&self) -> u64 {
        if self.end == u64::MAX { self.end } else { self.end.saturating_sub(lent::mono()) }
    }

    /// Has a call wait `ns`; `room` is there as long as the call.
    fn put(&self, to: &mut Changed, room: &mut [u64; 2], ns: u64) {
        let v = match self.form {
            Form::Milliseconds if ns == u64::MAX => ns,
            Form::Milliseconds => ns.div_ceil(1_000_000).min(i32::MAX as u64),
            Form::Pair(_) if ns == u64::MAX => 0,
            Form::Pair(part) => {
                *room = [ns / SECOND, ns % SECOND / part.max(1)];
                room.as_mut_ptr() as u64
            }
        };
        to.set(self.at, v);
    }
}

/// Makes a call again, for at most `ns`.
fn again(call: Call, mut to: Changed, patience: &Patience, ns: u64) -> i64 {
    let mut room = [0; 2];
    patience.put(&mut to, &mut room, ns);
    call_real(call, &to.args)
}

/// Most descriptors of a poll that is waited for exactly; with more of them what else happens is told up to [`SLICE`] later.
const MOST: usize = 64;
const SLICE: u64 = 1_000_000;

/// What is hidden of a poll's answer, a bit for each of the first entries.
#[derive(Clone, Copy, Default)]
struct Hidden {
    any: u64,
    /// HUP as well, which is told without being asked for.
    hup: u64,
}

/// Takes what is told too early out of a poll's answer; how much is left, and when the first that was hidden may be told.
fn hide_polled(all: *mut pollfd, n: usize, mut ready: i64, hidden: &mut Hidden) -> (i64, u64) {
    let mut until = u64::MAX;
    for i in 0..n {
        // SAFETY: the kernel has just written all of this array.
        let p = unsafe { &mut *all.wrapping_add(i) };
        if p.revents & READ_OR_HUP != 0
            && p.revents & (libc::POLLERR | libc::POLLNVAL) == 0
            && let Some(gate) = gate_of(p.fd)
        {
            if i < MOST {
                hidden.any |= 1 << i;
                hidden.hup |= u64::from(p.revents & libc::POLLHUP != 0) << i;
            }
            p.revents &= !READ_OR_HUP;
            ready -= i64::from(p.revents == 0);
            until = until.min(gate);
        }
    }
    (ready, until)
}

#[inline(never)]
fn polled(call: Call, args: &Args) -> i64 {
    let [at, n, ..] = *args;
    let (all, n) = (at as *mut pollfd, n as usize);
    let patience = Patience::of(call, args);
    let mut ret = call_real(call, args);
    let mut hidden = Hidden::default();
    while ret > 0 && any() {
        let (ready, until) = hide_polled(all, n, ret, &mut hidden);
        let left = patience.left();
        if ready > 0 || until == u64::MAX || left == 0 {
            return ready;
        }
        let mut limit = left.min(until.saturating_sub(lent::mono()).max(1));
        let mut copy = [pollfd { fd: -1, events: 0, revents: 0 }; MOST];
        let copied = if n <= MOST { n } else { 0 };
        if copied == 0 {
            limit = limit.min(SLICE);
        }
        for (i, to) in copy.iter_mut().enumerate().take(copied) {
            // SAFETY: as in hide_polled.
            *to = unsafe { *all.wrapping_add(i) };
            if hidden.any >> i & 1 != 0 {
                to.events &= !READ;
            }
            if hidden.hup >> i & 1 != 0 {
                to.fd = -1;
            }
        }
        let mut to = Changed { args: *args };
        to.set(0, copy.as_mut_ptr() as u64);
        to.set(1, copied as u64);
        ret = again(call, to, &patience, limit);
        for (i, from) in copy.iter().enumerate().take(copied).filter(|_| ret >= 0) {
            // SAFETY: as in hide_polled.
            unsafe { (*all.wrapping_add(i)).revents = from.revents };
        }
        if ret == 0 && patience.left() > 0 {
            hidden = Hidden::default();
            ret = again(call, Changed { args: *args }, &patience, patience.left());
        }
    }
    ret
}

#[inline(never)]
fn selected(call: Call, args: &Args) -> i64 {
    let words = (args[0].min(1 << 20) as usize).div_ceil(64);
    let patience = Patience::of(call, args);
    let asked = if any() { sets(args).unwrap_or([None; 3]) } else { [None; 3] };
    let mut ret = call_real(call, args);
    let mut waited = false;
    while ret > 0 && asked[0].is_some() && any() {
        let told = args[1] as *mut u64;
        let (mut hidden, mut until) = ([0u64; WORDS], u64::MAX);
        for (i, h) in hidden.iter_mut().enumerate().take(words) {
            // SAFETY: the kernel has just written this set, of so many words.
            let word = unsafe { &mut *told.wrapping_add(i) };
            let mut bits = *word;
            while bits != 0 {
                let bit = bits & bits.wrapping_neg();
                bits ^= bit;
                let fd = (64 * i) as c_int + bit.trailing_zeros() as c_int;
                if let Some(gate) = gate_of(fd)
                    && !kernel::has_error(fd)
                {
                    (*word, *h) = (*word & !bit, *h | bit);
                    ret -= 1;
                    until = until.min(gate);
                }
            }
        }
        let left = patience.left();
        if ret > 0 || until == u64::MAX || left == 0 {
            break;
        }
        waited = true;
        put_sets(args, &asked, &hidden, words);
        let limit = left.min(until.saturating_sub(lent::mono()).max(1));
        ret = again(call, Changed { args: *args }, &patience, limit);
        if ret == 0 && patience.left() > 0 {
            put_sets(args, &asked, &[0; WORDS], words);
            ret = again(call, Changed { args: *args }, &patience, patience.left());
        }
        if ret < 0 {
            put_sets(args, &asked, &[0; WORDS], words);
        }
    }
    if waited && call == Call::select && patience.end != u64::MAX {
        let left = patience.left();
        // SAFETY: where the kernel has written what was left of the time.
        unsafe { (args[4] as *mut [u64; 2]).write_unaligned([left / SECOND, left % SECOND / 1000]) };
    }
    ret
}

/// Asks for the same sets again, without some that would be read.
fn put_sets(args: &Args, asked: &Sets, without: &Set, words: usize) {
    for (k, (&at, set)) in args.iter().skip(1).zip(asked).enumerate() {
        let Some(set) = set else { continue };
        for (i, (&w, &not)) in set.iter().zip(without).enumerate().take(words) {
            let v = if k == 0 { w & !not } else { w };
            // SAFETY: the caller's set, in which select writes each of these words.
            unsafe { (at as *mut u64).wrapping_add(i).write_unaligned(v) };
        }
    }
}

/// A socket behind a gate that an epoll instance watches, and is told of too early.
struct Place {
    /// [`FREE`], [`BUSY`] or [`FULL`].
    state: AtomicU32,
    epfd: AtomicU32,
    fd: AtomicU32,
    serial: AtomicU32,
    /// What the program wants.
    wanted: AtomicU32,
    data: AtomicU64,
    /// The EPOLL_CTL_* that makes it so again; 0 when its events cannot be told from another's, and are left alone.
    back: AtomicU32,
}

const FREE: u32 = 0;
const BUSY: u32 = 1;
const FULL: u32 = 2;
const PLACES: usize = 128;

static PLACE: [Place; PLACES] = [const {
    Place {
        state: AtomicU32::new(FREE),
        epfd: AtomicU32::new(0),
        fd: AtomicU32::new(0),
        serial: AtomicU32::new(0),
        wanted: AtomicU32::new(0),
        data: AtomicU64::new(0),
        back: AtomicU32::new(0),
    }
}; PLACES];

/// Places in use.
static USED: AtomicU32 = AtomicU32::new(0);

impl Place {
    /// Whether it is of this connection, by this descriptor or any.
    fn is_of(&self, epfd: c_int, fd: Option<c_int>, serial: u32) -> bool {
        self.state.load(Ordering::Acquire) == FULL
            && fd.is_none_or(|fd| self.fd.load(Ordering::Relaxed) == fd as u32)
            && self.epfd.load(Ordering::Relaxed) == epfd as u32
            && self.serial.load(Ordering::Relaxed) == serial
    }

    /// The program's own wish holds again.
    fn put_back(&self) {
        if self.state.compare_exchange(FULL, BUSY, Ordering::Acquire, Ordering::Relaxed).is_err() {
            return;
        }
        let (fd, events) = (self.fd.load(Ordering::Relaxed) as c_int, self.wanted.load(Ordering::Relaxed));
        let (epfd, back) = (self.epfd.load(Ordering::Relaxed) as c_int, self.back.load(Ordering::Relaxed));
        if lent::fd(fd).serial() == self.serial.load(Ordering::Relaxed) && back != 0 {
            control(epfd, back as c_int, Watched { fd, events, data: self.data.load(Ordering::Relaxed) });
        }
        USED.fetch_sub(1, Ordering::Relaxed);
        self.state.store(FREE, Ordering::Release);
    }
}

/// A gate has opened, or its socket is gone.
pub fn opened(serial: u32) {
    if USED.load(Ordering::Relaxed) != 0 {
        PLACE.iter().filter(|p| p.serial.load(Ordering::Relaxed) == serial).for_each(Place::put_back);
    }
}

/// Before a call that may look at what an epoll instance watches: an epoll_ctl finds what the program has left there, and so does
/// the program that takes this one's place.
pub fn before(cx: &Cx) {
    let all = delayed::is_exec(cx.call);
    if (all || cx.call == Call::epoll_ctl) && USED.load(Ordering::Relaxed) != 0 {
        let (epfd, serial) = (cx.arg(0) as c_int, cx.entry.serial());
        PLACE.iter().filter(|p| all || p.is_of(epfd, Some(cx.fd), serial)).for_each(Place::put_back);
    }
}

/// After an epoll_ctl that succeeded: what it asks for may come too early just now.
pub fn changed(cx: &Cx) {
    let (epfd, op, fd) = (cx.arg(0) as c_int, cx.arg(1) as c_int, cx.arg(2) as c_int);
    if op == libc::EPOLL_CTL_DEL || !any() || gate_of(fd).is_none() {
        return;
    }
    let told = kernel::told(fd, READ);
    if is_early(told)
        && let Some(ev) = fetch::<epoll_event>(cx.arg(3), true)
    {
        let (events, data) = (ev.events | EPOLL_ALWAYS, ev.u64);
        watch_less(epfd, Watched { fd, events, data }, told & libc::POLLHUP != 0);
    }
}

/// Whether a socket behind a gate is ready all the same.
fn is_early(revents: i16) -> bool {
    revents & READ_OR_HUP != 0 && revents & (libc::POLLERR | libc::POLLNVAL) == 0
}

/// Has an epoll instance watch a socket for less than the program wants, until the gate opens.
fn watch_less(epfd: c_int, w: Watched, hup: bool) {
    let free = |p: &&Place| p.state.compare_exchange(FREE, BUSY, Ordering::Acquire, Ordering::Relaxed).is_ok();
    let Some(p) = PLACE.iter().find(free) else { return };
    let mut like_it = 0;
    rearm::watched_by(epfd, &mut |other| like_it += u32::from(other.data == w.data));
    let back = if w.is_disabled() || like_it != 1 {
        0
    } else if w.is_edge() {
        libc::EPOLL_CTL_MOD
    } else if hup || w.is_exclusive() {
        if control(epfd, libc::EPOLL_CTL_DEL, w) { libc::EPOLL_CTL_ADD } else { 0 }
    } else {
        let less = Watched { events: w.events & !EPOLL_READ, ..w };
        if control(epfd, libc::EPOLL_CTL_MOD, less) { libc::EPOLL_CTL_MOD } else { 0 }
    };
    p.epfd.store(epfd as u32, Ordering::Relaxed);
    p.fd.store(w.fd as u32, Ordering::Relaxed);
    p.serial.store(lent::fd(w.fd).serial(), Ordering::Relaxed);
    p.wanted.store(w.events, Ordering::Relaxed);
    p.data.store(w.data, Ordering::Relaxed);
    p.back.store(back as u32, Ordering::Relaxed);
    USED.fetch_add(1, Ordering::Relaxed);
    p.state.store(FULL, Ordering::Release);
    if gate_of(w.fd).is_none() {
        // It opened meanwhile, and did not see this.
        p.put_back();
    }
}

/// Sockets behind gates of this process that are ready all the same.
struct Early {
    list: [(u32, bool); ticker::TASKS],
    len: usize,
}

impl Early {
    #[inline(never)]
    fn now() -> Early {
        let mut e = Early { list: [(0, false); ticker::TASKS], len: 0 };
        let mut asked = [pollfd { fd: -1, events: READ, revents: 0 }; ticker::TASKS];
        ticker::each_gate(|fd, serial| {
            if let (Some(p), Some(to)) = (asked.get_mut(e.len), e.list.get_mut(e.len)) {
                (p.fd, to.0) = (fd, serial);
                e.len += 1;
            }
        });
        kernel::look(asked.get_mut(..e.len).unwrap_or(&mut []));
        for (to, p) in e.list.iter_mut().zip(&asked) {
            *to = if is_early(p.revents) { (to.0, p.revents & libc::POLLHUP != 0) } else { (0, false) };
        }
        e
    }

    fn all(&self) -> impl Iterator<Item = (u32, bool)> {
        self.list.iter().take(self.len).copied().filter(|(serial, _)| *serial != 0)
    }

    fn of(&self, e: Entry) -> Option<bool> {
        e.conn()?;
        self.all().find(|(serial, _)| *serial == e.serial()).map(|(_, hup)| hup)
    }
}

/// Takes what is told too early out of an epoll instance's answer; how many events are left.
#[inline(never)]
fn sift(epfd: c_int, list: *mut epoll_event, n: usize) -> usize {
    let early = Early::now();
    if early.all().any(|(serial, _)| !PLACE.iter().any(|p| p.is_of(epfd, None, serial))) {
        rearm::watched_by(epfd, &mut |w| {
            let e = lent::fd(w.fd);
            if let Some(hup) = early.of(e)
                && !PLACE.iter().any(|p| p.is_of(epfd, Some(w.fd), e.serial()))
            {
                watch_less(epfd, w, hup);
            }
        });
    }
    let mut left = 0;
    for i in 0..n {
        // SAFETY: the kernel has just written n events there.
        let mut ev = unsafe { list.wrapping_add(i).read_unaligned() };
        let (events, data) = (ev.events, ev.u64);
        let hide = events & libc::EPOLLERR as u32 == 0
            && early.all().any(|(serial, _)| {
                PLACE.iter().any(|p| {
                    p.is_of(epfd, None, serial)
                        && p.data.load(Ordering::Relaxed) == data
                        && p.back.load(Ordering::Relaxed) != 0
                })
            });
        if hide {
            ev.events = events & !(EPOLL_READ | libc::EPOLLHUP as u32);
        }
        if ev.events != 0 {
            // SAFETY: as above; left <= i.
            unsafe { list.wrapping_add(left).write_unaligned(ev) };
            left += 1;
        }
    }
    left
}

#[inline(never)]
fn epolled(call: Call, args: &Args) -> i64 {
    let [epfd, list, ..] = *args;
    let patience = Patience::of(call, args);
    let mut ret = call_real(call, args);
    while ret > 0 && any() {
        let left = sift(epfd as c_int, list as *mut epoll_event, ret as usize) as i64;
        if left > 0 || patience.left() == 0 {
            return left;
        }
        ret = again(call, Changed { args: *args }, &patience, patience.left());
    }
    ret
}
