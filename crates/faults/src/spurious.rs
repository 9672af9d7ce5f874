//! A descriptor is told ready that is not, as select(2) warns: a datagram came whose checksum turned out wrong. Linux does so
//! for UDP sockets that do not block (udp_poll looks at the checksum for all others), and so it is done for those alone: the
//! receive that follows says EAGAIN.

use super::apply::Job;
use super::decide::Chosen;
use super::lent::{self, fetch};
use super::rearm::{self, Watched};
use super::{Cx, kernel};
use libc::{c_int, epoll_event, pollfd};
use socklens_calls::Call;
use socklens_inside::sys;
use socklens_rules::fault::{Recipe, Skip, draw};

/// What may be told of a descriptor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    Yes,
    /// It blocks: a receive would wait for ever.
    Blocks,
    /// No UDP socket.
    No,
}

fn may(fd: c_int) -> May {
    let Some(c) = lent::fd(fd).conn().and_then(lent::info) else { return May::No };
    let inet = matches!(c_int::from(c.family), libc::AF_INET | libc::AF_INET6);
    let udp = c_int::from(c.ty) == libc::SOCK_DGRAM && matches!(c_int::from(c.protocol), 0 | libc::IPPROTO_UDP);
    match inet && udp {
        false => May::No,
        true if kernel::blocks(fd, 0) => May::Blocks,
        true => May::Yes,
    }
}

/// One of several, each as likely: the `k`-th of those that fit.
struct Choice {
    fit: u64,
    blocking: bool,
}

impl Choice {
    fn of(fds: impl Iterator<Item = c_int>) -> Choice {
        let mut c = Choice { fit: 0, blocking: false };
        for fd in fds {
            match may(fd) {
                May::Yes => c.fit += 1,
                May::Blocks => c.blocking = true,
                May::No => {}
            }
        }
        c
    }
}

/// Most descriptors of a poll that are looked at.
const MOST: u64 = 256;

/// The call's result, if it is told; nothing is when something is really ready.
pub fn call(job: &mut Job, c: &Chosen) -> Option<i64> {
    let cx = job.cx;
    let ready = match cx.call {
        Call::poll | Call::ppoll | Call::__poll_chk | Call::__ppoll_chk => is_polled_ready(cx),
        Call::select | Call::pselect => is_selected_ready(cx),
        _ => kernel::readable_now(cx.arg(0) as c_int) != 0,
    };
    if ready {
        job.skip(c, Skip::Precondition);
        return None;
    }
    let told = match cx.call {
        Call::poll | Call::ppoll | Call::__poll_chk | Call::__ppoll_chk => polled(job, c),
        Call::select | Call::pselect => selected(job, c),
        _ => watched(job, c),
    };
    match told {
        Ok(fd) => {
            job.fire(c, Recipe::Events, 0, u64::from(fd as u32));
            Some(1)
        }
        Err(why) => {
            if let Some(why) = why {
                job.skip(c, why);
            }
            None
        }
    }
}

/// Which of those that fit it is to be; else why none is.
fn choose(job: &Job, c: &Chosen, among: &Choice) -> Result<u64, Option<Skip>> {
    match among.fit {
        0 if among.blocking => Err(Some(Skip::Blocking)),
        0 => Err(Some(Skip::WrongType)),
        // Counts the skip itself.
        _ if !job.progress(c) => Err(None),
        n => Ok(draw::below(draw::scatter(c.u, 5), n)),
    }
}

fn polled_fd(cx: &Cx, i: u64) -> Option<pollfd> {
    fetch::<pollfd>(cx.arg(0).wrapping_add(i.wrapping_mul(size_of::<pollfd>() as u64)), false)
}

fn is_polled_ready(cx: &Cx) -> bool {
    (0..cx.arg(1).min(MOST)).any(|i| polled_fd(cx, i).is_none_or(|p| kernel::wait(p.fd, p.events, 0) != 0))
        || cx.arg(1) > MOST
}

fn polled(job: &Job, c: &Chosen) -> Result<c_int, Option<Skip>> {
    let cx = job.cx;
    let all = || {
        let fds = (0..cx.arg(1)).filter_map(|i| polled_fd(cx, i).map(|p| (i, p)));
        fds.filter(|(_, p)| p.events & libc::POLLIN != 0)
    };
    let mut left = choose(job, c, &Choice::of(all().map(|(_, p)| p.fd)))?;
    let mut found = Err(None);
    for (i, p) in all() {
        if may(p.fd) == May::Yes {
            if left == 0 {
                found = Ok((i, p.fd));
                break;
            }
            left -= 1;
        }
    }
    let (at, fd) = found?;
    for i in 0..cx.arg(1) {
        let p = (cx.arg(0) as *mut pollfd).wrapping_add(i as usize);
        // SAFETY: the caller's array, in which poll writes each of these.
        unsafe { (*p).revents = if i == at { libc::POLLIN } else { 0 } };
    }
    Ok(fd)
}

/// Words of the sets of select that are looked at.
pub const WORDS: usize = 16;
pub type Set = [u64; WORDS];
/// What to read, to write, and of exceptions.
pub type Sets = [Option<Set>; 3];

/// What select is asked for; None when the sets are too large, or cannot be read.
pub fn sets(args: &[u64]) -> Option<Sets> {
    let (&n, at) = args.split_first()?;
    let words = (n as usize).div_ceil(64);
    let mut all = [None; 3];
    for (&at, to) in at.iter().zip(&mut all).filter(|(at, _)| **at != 0) {
        let mut set = [0u64; WORDS];
        let room = set.get_mut(..words)?;
        // SAFETY: there is room for so many words.
        if !unsafe { lent::fetch_bytes(at, room.as_mut_ptr().cast(), 8 * words) } {
            return None;
        }
        *to = Some(set);
    }
    Some(all)
}

fn is_selected_ready(cx: &Cx) -> bool {
    let Some(mut all) = sets(cx.args) else { return true };
    let now = [0u64; 2];
    let [r, w, e] = all.each_mut().map(|s| s.as_mut().map_or(0, |s| s.as_mut_ptr() as usize));
    // SAFETY: copies of the sets, and a time, of our own.
    unsafe { sys::call6(libc::SYS_pselect6, cx.arg(0) as usize, r, w, e, now.as_ptr() as usize, 0) != 0 }
}

fn selected(job: &Job, c: &Chosen) -> Result<c_int, Option<Skip>> {
    let cx = job.cx;
    let Some([Some(reads), ..]) = sets(cx.args) else { return Err(Some(Skip::WrongType)) };
    let has = |fd: &c_int| reads.get(*fd as usize / 64).is_some_and(|w| w >> (*fd % 64) & 1 != 0);
    let all = || (0..cx.arg(0) as c_int).filter(has);
    let k = choose(job, c, &Choice::of(all()))?;
    let fd = all().filter(|fd| may(*fd) == May::Yes).nth(k as usize).ok_or(None)?;
    for at in [1, 2, 3] {
        for i in 0..(cx.arg(0) as usize).div_ceil(64) {
            let told = if at == 1 && i == fd as usize / 64 { 1u64 << (fd % 64) } else { 0 };
            if cx.arg(at) != 0 {
                // SAFETY: the caller's set, in which select writes each of these words.
                unsafe { (cx.arg(at) as *mut u64).wrapping_add(i).write_unaligned(told) };
            }
        }
    }
    Ok(fd)
}

fn watched(job: &Job, c: &Chosen) -> Result<c_int, Option<Skip>> {
    let cx = job.cx;
    let epfd = cx.arg(0) as c_int;
    // One that fires once only would be disabled by it.
    let fits = |w: &Watched| w.events & libc::EPOLLIN as u32 != 0 && w.events & libc::EPOLLONESHOT as u32 == 0;
    let mut among = Choice { fit: 0, blocking: false };
    rearm::watched_by(epfd, &mut |w| {
        if fits(&w) {
            let one = Choice::of(core::iter::once(w.fd));
            (among.fit, among.blocking) = (among.fit + one.fit, among.blocking || one.blocking);
        }
    });
    let mut left = choose(job, c, &among)?;
    let mut found = None;
    rearm::watched_by(epfd, &mut |w| {
        if fits(&w) && found.is_none() && may(w.fd) == May::Yes {
            if left == 0 {
                found = Some(w);
            } else {
                left -= 1;
            }
        }
    });
    let w = found.ok_or(None)?;
    if cx.arg(2) as c_int <= 0 {
        return Err(None);
    }
    let to = cx.arg(1) as *mut epoll_event;
    // SAFETY: the caller's array, in which epoll_wait writes at least one event.
    unsafe { to.write_unaligned(epoll_event { events: libc::EPOLLIN as u32, u64: w.data }) };
    Ok(w.fd)
}
