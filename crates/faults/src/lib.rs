//! libsocklens-faults.so: which rule fires for a call, and the call as the rule wants it. libsocklens.so opens it where there
//! are rules; all other processes do without.
//!
//! It runs inside hooks, so the same holds as for `hot/` of the shim: no lock, no allocation, no std, no libc call but
//! the real function, nothing with `Drop` across it.
#![no_std]
#![deny(missing_debug_implementations)]

mod apply;
mod budget;
mod connect;
mod data;
mod decide;
mod delayed;
mod dgram;
mod dns;
mod early;
mod errors;
mod fdlimit;
mod frames;
mod held;
mod hosts;
mod kept;
mod kernel;
mod lanes;
mod left;
mod lent;
mod marks;
mod modules;
mod rearm;
mod replay;
mod results;
mod site;
mod spurious;
mod stream;
mod tables;
mod ticker;
mod tls;
mod unwind;
mod wait;

use socklens_calls::Call;
use socklens_inside::engine::{Engine, Fired, Real, STAMP, Thread};
use socklens_inside::entry::Entry;
use socklens_inside::sys;
use socklens_rules::fault::Region;
use socklens_wire::ConnInfo;

/// Required by no_std. Nothing in the release library reaches it: the symbol test holds that against `nm`.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    sys::abort()
}

/// What libsocklens.so looks for: [`socklens_inside::engine::SYMBOL`].
#[unsafe(no_mangle)]
pub static socklens_engine: Engine = Engine { stamp: STAMP, start: lent::start, refresh: tables::refresh, run };

/// A call and what is known of its socket.
#[derive(Clone, Copy)]
struct Cx<'a> {
    call: Call,
    args: &'a [u64],
    fd: i32,
    entry: Entry,
    conn: Option<&'a ConnInfo>,
    lane: u8,
    /// Its peer is the one that the call names.
    named: bool,
    /// Who makes it.
    thread: Thread,
}

impl<'a> Cx<'a> {
    /// What the call names counts as the peer: of a connection it will be one. `room` holds what is then known.
    fn name_peer(&mut self, room: &'a mut ConnInfo) {
        let Some(c) = self.conn else { return };
        let a = connect::address(self);
        if a.len > 0 && self.call != Call::bind {
            // SAFETY: both are whole and apart; a plain copy would be libc's memmove.
            unsafe { core::ptr::copy_nonoverlapping(core::ptr::from_ref(c), core::ptr::from_mut(room), 1) };
            room.set_peer(&a.bytes, a.len as u8);
            self.conn = Some(room);
            self.named = true;
        }
    }

    fn arg(&self, i: usize) -> u64 {
        self.args.get(i).copied().unwrap_or(0)
    }

    fn is(&self, family: i32) -> bool {
        self.conn.is_some_and(|c| i32::from(c.family) == family)
    }

    fn inet(&self) -> bool {
        self.is(libc::AF_INET) || self.is(libc::AF_INET6)
    }

    fn v6(&self) -> bool {
        self.is(libc::AF_INET6)
    }

    fn stream(&self) -> bool {
        self.conn.is_some_and(|c| i32::from(c.ty) == libc::SOCK_STREAM)
    }

    fn dgram(&self) -> bool {
        self.conn.is_some_and(|c| matches!(i32::from(c.ty), libc::SOCK_DGRAM | libc::SOCK_SEQPACKET | libc::SOCK_RAW))
    }

    fn tcp(&self) -> bool {
        self.inet()
            && self.stream()
            && self.conn.is_some_and(|c| matches!(i32::from(c.protocol), 0 | libc::IPPROTO_TCP))
    }

    fn unix(&self) -> bool {
        self.is(libc::AF_UNIX)
    }
}

/// Makes a call, with whatever the rules want of it. errno is left as the outcome has it.
///
/// # Safety
/// `args` are the call's arguments, `count` of them.
unsafe extern "C" fn run(
    call: Call,
    entry: Entry,
    args: *const u64,
    count: usize,
    real: &Real,
    fired: &mut Fired,
) -> i64 {
    let at = &real.at;
    // SAFETY: what the caller of the real function has handed us together.
    let real = &mut || unsafe { (real.make)(real.with) };
    let seg = lent::segment();
    let region = Region::of(seg);
    let Some(block) = region.block() else { return real() };
    // SAFETY: the caller's.
    let args = unsafe { core::slice::from_raw_parts(args, count) };
    let mut cx = data::context(call, entry, args);
    let mut named = ConnInfo::zero();
    cx.name_peer(&mut named);
    let mut plan = decide::Plan::new();
    decide::decide(seg, region, block, &cx, &mut plan, at);
    apply::call(seg, region, block, &cx, &mut plan, real, (fired, at))
}
