//! Datagrams on a longer way: accepted at once, kept, and sent when they are due, as the queueing discipline netem does it. By
//! the thread of ticker.rs, on the same socket, to the peer that they were for when the program sent them.
//!
//! Those of one socket are sent in the order in which they are due, so that a spread of times puts them in another order. When
//! the socket is closed, or the program exits, what is left is sent at once. A child of a fork does not send its parent's.

use super::kept::{BUSY, FREE, FULL, Kept};
use super::{Cx, data, decide, kernel, lanes, lent};
use core::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use libc::c_int;
use socklens_calls::Call;
use socklens_inside::sys;
use socklens_wire::conn::ADDR_MAX;

struct Place {
    /// In a mapping of its own if it is long, else in the common one.
    kept: Kept,
    /// CLOCK_MONOTONIC nanoseconds, and which of all it is.
    due: AtomicU64,
    turn: AtomicU64,
    fd: AtomicI32,
    /// How often it may still wait for the program to take an error that the socket holds.
    patience: AtomicU32,
}

/// Most datagrams; further ones are lost, as at a queueing discipline that is full.
const PLACES: usize = 2048;
/// Most bytes of long ones.
const MOST_BYTES: usize = 16 << 20;
/// Later than all that is due.
const AT_ONCE: u64 = u64::MAX - 1;
/// How long a datagram waits for the program to take an error, in nanoseconds, and how often.
const A_MOMENT: u64 = 1_000_000;
const PATIENCE: u32 = 20;
/// What a place has in the common mapping.
const BLOCK: usize = 2048;

static PLACE: [Place; PLACES] = [const {
    Place {
        kept: Kept::NONE,
        due: AtomicU64::new(0),
        turn: AtomicU64::new(0),
        fd: AtomicI32::new(0),
        patience: AtomicU32::new(0),
    }
}; PLACES];

/// The common mapping; 0 while there is none.
static GROUND: AtomicUsize = AtomicUsize::new(0);
/// Places in use, by this process and, in a forked child, by its parent: none is looked at when there is none.
static USED: AtomicU32 = AtomicU32::new(0);
/// Bytes of long ones.
static BYTES: AtomicUsize = AtomicUsize::new(0);
static TURNS: AtomicU64 = AtomicU64::new(0);

/// Whether any is kept.
pub fn any() -> bool {
    USED.load(Ordering::Relaxed) != 0
}

/// Whether another program is to take this one's place.
pub fn is_exec(call: Call) -> bool {
    use Call as C;
    matches!(
        call,
        C::execve | C::execv | C::execvp | C::execvpe | C::fexecve | C::execveat | C::execl | C::execlp | C::execle
    )
}

/// Calls before which it may have to leave.
pub fn is_watched(call: Call) -> bool {
    matches!(call, Call::close | Call::fclose | Call::shutdown) || is_exec(call)
}

fn ours() -> impl Iterator<Item = &'static Place> {
    let pid = lent::pid();
    PLACE.iter().filter(move |p| p.kept.is_ours(pid))
}

fn ground() -> Option<usize> {
    let at = GROUND.load(Ordering::Acquire);
    if at != 0 {
        return Some(at);
    }
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let new = sys::mmap(PLACES * BLOCK, libc::PROT_READ | libc::PROT_WRITE, flags, -1)?;
    match GROUND.compare_exchange(0, new as usize, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Some(new as usize),
        Err(other) => {
            // SAFETY: another thread was quicker; nobody has seen this one.
            unsafe { sys::munmap(new, PLACES * BLOCK) };
            Some(other)
        }
    }
}

/// Gives a place that is ours back.
fn free(p: &Place) {
    let size = ADDR_MAX + p.kept.len.load(Ordering::Relaxed);
    if size > BLOCK {
        // SAFETY: the mapping is this place's own.
        unsafe { sys::munmap(p.kept.at.load(Ordering::Relaxed) as *mut u8, size) };
        BYTES.fetch_sub(size, Ordering::Relaxed);
    }
    USED.fetch_sub(1, Ordering::Relaxed);
    p.kept.state.store(FREE, Ordering::Release);
}

/// Keeps a call's datagram of `len` bytes until `due`; `change` is shown the copy. False when there is no room, or it cannot be read.
pub fn keep(cx: &Cx, len: usize, due: u64, flags: c_int, change: &mut dyn FnMut(*mut u8)) -> bool {
    let Some(ground) = ground() else { return false };
    let pid = lent::pid();
    let claimed = PLACE.iter().enumerate().find(|(_, p)| {
        p.kept.take(FREE) || {
            // A forked child has no use for its parent's.
            let stale = p.kept.pid.load(Ordering::Relaxed) != pid && p.kept.take(FULL);
            if stale {
                free(p);
            }
            stale && p.kept.take(FREE)
        }
    });
    let Some((i, p)) = claimed else { return false };
    let size = ADDR_MAX + len;
    let at = match size <= BLOCK {
        true => Some((ground + i * BLOCK) as *mut u8),
        false if BYTES.fetch_add(size, Ordering::Relaxed) + size <= MOST_BYTES => {
            sys::mmap(size, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1)
        }
        false => None,
    };
    let Some(at) = at else {
        BYTES.fetch_sub(size, Ordering::Relaxed);
        p.kept.state.store(FREE, Ordering::Release);
        return false;
    };
    USED.fetch_add(1, Ordering::Relaxed);
    p.kept.at.store(at as usize, Ordering::Relaxed);
    p.kept.len.store(len, Ordering::Relaxed);
    let named = super::connect::address(cx);
    // Where it goes is settled now: the socket may be connected to another peer by then.
    let peer = cx.conn.map_or(&[][..], |c| c.peer());
    let name = if named.len > 0 { named.bytes.get(..named.len).unwrap_or(&[]) } else { peer };
    // SAFETY: there is room for both.
    let copied = unsafe {
        core::ptr::copy_nonoverlapping(name.as_ptr(), at, name.len().min(ADDR_MAX));
        data::copy_sent(cx, at.add(ADDR_MAX), len)
    };
    if copied != Some(len) {
        free(p);
        return false;
    }
    change(at.wrapping_add(ADDR_MAX));
    p.kept.note(cx, name.len().min(ADDR_MAX), flags);
    p.due.store(due, Ordering::Relaxed);
    p.turn.store(TURNS.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    p.fd.store(cx.fd, Ordering::Relaxed);
    p.patience.store(PATIENCE, Ordering::Relaxed);
    p.kept.state.store(FULL, Ordering::Release);
    true
}

/// Sends what is due; when the next one is, u64::MAX for none.
pub fn send_due(now: u64) -> u64 {
    if !any() {
        return u64::MAX;
    }
    send_in_order(now, None, None)
}

/// Sends what is due at `now`, of one conn or of all, in the order in which it is due.
fn send_in_order(now: u64, owner: Option<u64>, on: Option<c_int>) -> u64 {
    loop {
        let order = |p: &&Place| (p.due.load(Ordering::Relaxed), p.turn.load(Ordering::Relaxed));
        let wanted = ours().filter(|p| owner.is_none_or(|o| p.kept.owner.load(Ordering::Relaxed) == o));
        let Some(first) = wanted.min_by_key(order) else { return u64::MAX };
        let (due, _) = order(&first);
        if due > now {
            return due;
        }
        if first.kept.take(FULL) {
            if send(first, on, now != AT_ONCE) {
                free(first);
            } else {
                first.kept.state.store(FULL, Ordering::Release);
            }
        }
    }
}

/// A descriptor of a conn: one that is being closed is in the table no more.
fn descriptor(owner: u64, first: c_int) -> Option<c_int> {
    let serial = (owner >> 32) as u32;
    if lent::fd(first).serial() == serial {
        return Some(first);
    }
    let mut found = None;
    lent::each_fd(|fd, e| {
        if e.conn().is_some() && e.serial() == serial {
            found = Some(fd);
        }
    });
    found
}

/// Sends one, on a descriptor that is known or is looked for. False when it has to wait: the socket is just being closed by
/// another thread, which sends it, or holds an error that a send would be told instead of the program.
fn send(p: &Place, on: Option<c_int>, wait: bool) -> bool {
    // Under a filter nothing is asked for that the program does not.
    if lent::has_confined_itself() {
        return true;
    }
    let fd = on.or_else(|| descriptor(p.kept.owner.load(Ordering::Relaxed), p.fd.load(Ordering::Relaxed)));
    let patience = p.patience.load(Ordering::Relaxed);
    if wait && patience > 0 && fd.is_none_or(kernel::has_error) {
        p.patience.store(patience - 1, Ordering::Relaxed);
        p.due.fetch_add(A_MOMENT, Ordering::Relaxed);
        return false;
    }
    let Some(fd) = fd else { return true };
    let e = p.kept.send(fd);
    if matches!(e, libc::ECONNREFUSED | libc::EHOSTUNREACH | libc::ENETUNREACH | libc::EPROTO | libc::EMSGSIZE) {
        // The program's next receive is told of it.
        let conn = lent::segment().fault_conn((p.kept.owner.load(Ordering::Relaxed) as u32).wrapping_sub(1));
        decide::park(conn, e);
        p.kept.send(fd);
    }
    true
}

/// Waits until no other thread is sending what was taken for it; not for ever, since that thread may be gone.
fn settle() {
    for _ in 0..1000 {
        let pid = lent::pid();
        let busy = |p: &Place| p.kept.state.load(Ordering::SeqCst) == BUSY && p.kept.pid.load(Ordering::Relaxed) == pid;
        if !PLACE.iter().any(busy) {
            return;
        }
        kernel::sleep(20_000);
    }
}

/// Before a call that closes a descriptor or shuts a socket: what is kept for it leaves now, unless there is another descriptor.
/// All leaves before another program takes this one's place.
pub fn closing(cx: &Cx) {
    if lent::has_confined_itself() || cx.thread.borrows {
        // The child of a vfork has descriptors of its own, and these tables are its parent's.
        return;
    }
    if is_exec(cx.call) {
        return leave();
    }
    let closes = matches!(cx.call, Call::close | Call::fclose);
    let Some(conn) = cx.entry.conn().filter(|_| closes || cx.call == Call::shutdown) else { return };
    if lent::info(conn).is_none() {
        return;
    }
    let (owner, serial) = (lanes::owner(cx), cx.entry.serial());
    let of = || ours().filter(|p| p.kept.owner.load(Ordering::Relaxed) == owner);
    let mut others = false;
    lent::each_fd(|fd, e| others |= e.conn().is_some() && e.serial() == serial && fd != cx.fd);
    if !closes || !others {
        let fd = if cx.fd >= 0 { Some(cx.fd) } else { of().next().map(|p| p.fd.load(Ordering::Relaxed)) };
        send_in_order(AT_ONCE, Some(owner), fd);
    }
    settle();
}

/// The program exits.
extern "C" fn leave() {
    if any() {
        send_in_order(AT_ONCE, None, None);
        settle();
    }
}

#[used]
#[unsafe(link_section = ".fini_array")]
static LEAVE: extern "C" fn() = leave;
