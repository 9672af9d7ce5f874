//! What a call returns instead, and what becomes of its connection.

use super::apply::{Job, sleep};
use super::decide::{self, Chosen};
use super::kernel::{self, Handlers, tcp};
use super::{Cx, connect, data, dgram, errors, fdlimit, lanes, left, lent};
use core::sync::atomic::Ordering;
use libc::c_int;
use socklens_calls::Call;
use socklens_inside::errno::set_errno;
use socklens_inside::sys;
use socklens_rules::fault::{Kind, Recipe, Skip, action_flag, draw};
use socklens_wire::fault::{FaultConn, lane, state};

/// A result in place of the kernel's.
pub fn result(job: &mut Job, c: &Chosen, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    match c.action.kind()? {
        Kind::Return => {
            if !job.allowed(c, 2) {
                return None;
            }
            let v = c.action.n[0];
            job.fire(c, Recipe::Fake, 2, v);
            job.fired.invented = true;
            Some(v as i64)
        }
        Kind::Again => error(job, c, libc::EAGAIN, real),
        Kind::Eintr => error(job, c, libc::EINTR, real),
        Kind::Abort => error(job, c, libc::ECONNABORTED, real),
        Kind::Error => {
            let e = job.block.choose_error(c.action, draw::scatter(c.u, 1))?;
            error(job, c, c_int::from(e), real)
        }
        Kind::Fdlimit => fdlimit::limited(job, c),
        _ => None,
    }
}

/// An error, brought about the way that fits the call.
fn error(job: &mut Job, c: &Chosen, e: c_int, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    let cx = job.cx;
    let row = errors::find(cx, e);
    let (level, how) = row.map_or((2, Recipe::Fake), |r| (r.level as u8, r.recipe));
    let lifted = c.action.has(action_flag::LIFT);
    if row.is_some_and(|r| !errors::holds(cx, r.pre)) && !(lifted && how == Recipe::Fake) {
        job.skip(c, Skip::Precondition);
        return None;
    }
    // Made up without what goes with it, an error is none of this kernel's.
    let made_up = c.action.has(action_flag::FAKE);
    let same = how == Recipe::Fake && e != libc::EINTR;
    let level = if made_up && !same { level.max(1) } else { level };
    if !job.allowed(c, level) {
        return None;
    }
    let value = e as u64;
    if made_up {
        job.fire(c, Recipe::Fake, level, value);
        return Some(job.fail(e));
    }
    if c.action.has(action_flag::NATIVE) && how == Recipe::Fake {
        job.skip(c, Skip::Precondition);
        return None;
    }
    match how {
        Recipe::Fake if e == libc::EINTR => interrupt(job, c, level),
        Recipe::FakeRearm => again(job, c, level),
        Recipe::Reset if cx.call == Call::shutdown => {
            kill(job, c)?;
            job.fire(c, Recipe::Reset, level, value);
            Some(real())
        }
        Recipe::Reset => reset(job, c, level, 0, real),
        Recipe::ResetTranslate => reset(job, c, level, e, real),
        // A send finds a unix stream broken (EPIPE): it is the receive behind it that is told of the reset.
        Recipe::ResetUnix if cx.stream() && cx.lane == lane::OUT => {
            if !lifted {
                job.skip(c, Skip::Precondition);
                return None;
            }
            kernel::shutdown(cx.fd, libc::SHUT_RDWR);
            job.fire(c, Recipe::ResetUnix, 2, value);
            Some(job.fail(e))
        }
        Recipe::ResetUnix => reset(job, c, level, 0, real),
        Recipe::Pipe => {
            kernel::shutdown(cx.fd, libc::SHUT_WR);
            job.fire(c, Recipe::Pipe, level, value);
            Some(real())
        }
        Recipe::RefuseSink => connect::refuse(job, c, if e == libc::ECONNREFUSED { 0 } else { e }),
        Recipe::MinTtlTimeout => connect::time_out(job, c, real),
        Recipe::SendTimeout => connect::interrupt(job, c, real),
        // The kernel has lost messages when it says so.
        Recipe::Swallow => {
            if !dgram::swallow(cx.fd) {
                job.skip(c, Skip::Precondition);
                return None;
            }
            job.fire(c, Recipe::Swallow, level, value);
            Some(job.fail(e))
        }
        Recipe::AcceptClose => connect::take(job, c, e, level),
        Recipe::After => {
            let r = real();
            if r == 0 {
                job.fire(c, Recipe::After, level, value);
                set_errno(e);
                return Some(-1);
            }
            Some(r)
        }
        Recipe::Fake => {
            job.fire(c, Recipe::Fake, level, value);
            Some(job.fail(e))
        }
        _ => {
            job.skip(c, Skip::Unsupported);
            None
        }
    }
}

/// EAGAIN where the kernel could say so.
fn again(job: &mut Job, c: &Chosen, level: u8) -> Option<i64> {
    let cx = job.cx;
    let blocks = kernel::blocks(cx.fd, data::flags(cx));
    let limit = if blocks { kernel::timeout(cx.fd, job.timeout_name()) } else { 0 };
    if blocks && limit == 0 {
        job.skip(c, Skip::Blocking);
        return None;
    }
    if cx.lane == lane::IN && promised(job, c) {
        return None;
    }
    if !job.progress(c) {
        return None;
    }
    if blocks {
        sleep(limit);
    } else if !job.rearm() {
        job.skip(c, Skip::Refused);
        return None;
    }
    job.fire(c, Recipe::FakeRearm, level, libc::EAGAIN as u64);
    Some(job.fail(libc::EAGAIN))
}

/// EINTR where a handler could have run.
fn interrupt(job: &mut Job, c: &Chosen, level: u8) -> Option<i64> {
    let cx = job.cx;
    let waits = errors::waits(cx.call);
    if !waits && !kernel::blocks(cx.fd, data::flags(cx)) {
        job.skip(c, Skip::Nonblocking);
        return None;
    }
    let any = waits || kernel::timeout(cx.fd, job.timeout_name()) != 0;
    let fine = match kernel::handlers() {
        Handlers::Interrupting => true,
        Handlers::Restarting => any,
        Handlers::None => false,
    };
    if !fine && !c.action.has(action_flag::LIFT) {
        job.skip(c, Skip::NoHandler);
        return None;
    }
    // The kernel gives a process's signals to its first thread.
    let level = if sys::gettid() == sys::getpid() { level } else { level.max(1) };
    if !job.allowed(c, level) || !job.progress(c) {
        return None;
    }
    job.fire(c, Recipe::Fake, level, libc::EINTR as u64);
    Some(job.fail(libc::EINTR))
}

/// Whether the program was promised bytes that it has not read; counts it.
fn promised(job: &Job, c: &Chosen) -> bool {
    let p = job.plan.conn.is_some_and(|c| c.promised.load(Ordering::Relaxed) != 0);
    if p && job.cx.lane == lane::IN {
        job.skip(c, Skip::Promised);
        return true;
    }
    false
}

/// Resets the connection; None when it is in no state for it.
fn kill(job: &Job, c: &Chosen) -> Option<bool> {
    if !is_alive(job, c) || promised(job, c) {
        return None;
    }
    decide::mark(job.plan.conn, state::DEAD, true);
    Some(kernel::reset_tcp(job.cx.fd))
}

/// Whether it is a TCP connection of which the peer's end was not seen; counts it when not.
fn is_alive(job: &Job, c: &Chosen) -> bool {
    let cx = job.cx;
    if !cx.tcp() {
        job.skip(c, Skip::WrongType);
        return false;
    }
    match kernel::tcp_state(cx.fd) {
        // A kernel that refused to dissolve it leaves a state that looks alive.
        _ if decide::is(job.plan.conn, state::DEAD) => {
            job.skip(c, Skip::NotConnected);
            false
        }
        Some(tcp::ESTABLISHED | tcp::FIN_WAIT1 | tcp::FIN_WAIT2) => true,
        Some(tcp::CLOSE_WAIT) => {
            job.skip(c, Skip::AfterEof);
            false
        }
        _ => {
            job.skip(c, Skip::NotConnected);
            false
        }
    }
}

/// A reset that is met behind what has been received: by the receive that takes the last of it. `other` as for [`reset`].
fn reset_behind(job: &mut Job, c: &Chosen, level: u8, other: c_int) {
    let cx = job.cx;
    let unix = cx.unix() && cx.stream();
    if decide::is(job.plan.conn, state::DRAINING) || !unix && !is_alive(job, c) {
        return;
    }
    if let Some(conn) = job.plan.conn.filter(|_| other != 0 && !unix) {
        conn.errno.store(other as u32, Ordering::Relaxed);
    }
    decide::mark(job.plan.conn, state::DRAINING, true);
    let how = if unix { Recipe::ResetUnix } else { Recipe::Reset };
    job.fire(c, how, level, other as u64);
}

/// A receive has taken something of a connection that is reset behind it.
pub fn drained(cx: &Cx, conn: Option<&FaultConn>) {
    if kernel::readable(cx.fd) != 0 || lanes::confined(lent::segment(), cx) {
        return;
    }
    decide::mark(conn, state::DRAINING, false);
    if cx.unix() {
        left::leave(lent::segment(), conn);
        kernel::shutdown(cx.fd, libc::SHUT_RDWR);
        return;
    }
    // The peer has ended it meanwhile: nothing but that end is to be told any more.
    if !matches!(kernel::tcp_state(cx.fd), Some(tcp::ESTABLISHED | tcp::FIN_WAIT1 | tcp::FIN_WAIT2)) {
        return;
    }
    decide::mark(conn, state::DEAD, true);
    if !kernel::reset_tcp(cx.fd) {
        decide::park(conn, decide::take_errno(conn).unwrap_or(libc::ECONNRESET));
    }
}

/// A reset; with `other` the program is told that errno instead.
fn reset(job: &mut Job, c: &Chosen, level: u8, other: c_int, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    let cx = job.cx;
    if c.action.has(action_flag::DRAIN) && cx.lane != lane::IN {
        job.skip(c, Skip::Precondition);
        return None;
    }
    if c.action.has(action_flag::DRAIN) && kernel::readable(cx.fd) != 0 {
        reset_behind(job, c, level, other);
        return None;
    }
    if cx.unix() && cx.stream() {
        if promised(job, c) {
            return None;
        }
        if cx.lane != lane::IN {
            left::leave(job.seg, job.plan.conn);
        }
        kernel::shutdown(cx.fd, libc::SHUT_RDWR);
        job.fire(c, Recipe::ResetUnix, level, 0);
        if cx.lane == lane::IN {
            decide::mark(job.plan.conn, state::EOF, true);
            return Some(job.fail(libc::ECONNRESET));
        }
        return Some(real());
    }
    let dissolved = kill(job, c)?;
    let how = if !dissolved {
        Recipe::ResetUnix
    } else if other != 0 {
        Recipe::ResetTranslate
    } else {
        Recipe::Reset
    };
    if other != 0
        && let Some(conn) = job.plan.conn
    {
        conn.errno.store(other as u32, Ordering::Relaxed);
    }
    job.fire(c, how, level, other as u64);
    if !dissolved && cx.lane != lane::OTHER {
        let e = decide::take_errno(job.plan.conn).unwrap_or(libc::ECONNRESET);
        return Some(job.fail(e));
    }
    Some(real())
}

/// A connection changes its state.
pub fn connection(job: &mut Job, c: &Chosen, real: &mut dyn FnMut() -> i64) -> Option<i64> {
    let cx = job.cx;
    let connecting = cx.call == Call::connect;
    let kind = c.action.kind()?;
    let unfit = match kind {
        Kind::Refuse => !connecting,
        Kind::Reset | Kind::Eof => connecting || !cx.stream(),
        _ => false,
    };
    if unfit || cx.entry.conn().is_none() {
        job.skip(c, Skip::WrongType);
        return None;
    }
    match kind {
        Kind::Refuse if cx.tcp() => connect::refuse(job, c, 0),
        Kind::Refuse if cx.unix() => {
            job.fire(c, Recipe::Fake, 0, libc::ECONNREFUSED as u64);
            Some(job.fail(libc::ECONNREFUSED))
        }
        Kind::Unreach if connecting || (cx.dgram() && cx.lane == lane::OUT) => {
            if !cx.inet() {
                job.skip(c, Skip::WrongFamily);
                return None;
            }
            job.fire(c, Recipe::Fake, 0, libc::ENETUNREACH as u64);
            Some(job.fail(libc::ENETUNREACH))
        }
        Kind::Unreach if cx.tcp() => reset(job, c, 0, libc::EHOSTUNREACH, real),
        Kind::Unreach => {
            job.skip(c, if cx.inet() { Skip::WrongType } else { Skip::WrongFamily });
            None
        }
        Kind::Timeout if connecting && cx.tcp() => connect::time_out(job, c, real),
        Kind::Timeout => {
            if cx.lane != lane::OUT || !cx.tcp() {
                job.skip(c, Skip::Precondition);
                return None;
            }
            connect::silence(job, c, true);
            None
        }
        Kind::Reset => reset(job, c, 0, 0, real),
        Kind::Eof => eof(job, c),
        Kind::Blackhole | Kind::Halfopen => {
            connect::silence(job, c, false);
            None
        }
        _ => {
            job.skip(c, Skip::WrongType);
            None
        }
    }
}

/// The peer's end of stream.
fn eof(job: &mut Job, c: &Chosen) -> Option<i64> {
    let cx = job.cx;
    if cx.lane != lane::IN {
        job.skip(c, Skip::Precondition);
        return None;
    }
    if cx.tcp() && kernel::tcp_state(cx.fd) != Some(tcp::ESTABLISHED) {
        job.skip(c, Skip::NotConnected);
        return None;
    }
    if promised(job, c) {
        return None;
    }
    kernel::shutdown(cx.fd, libc::SHUT_RD);
    decide::mark(job.plan.conn, state::EOF, true);
    job.fire(c, Recipe::Eof, 0, 0);
    Some(data::call_shortened(cx, 0).unwrap_or(0))
}
