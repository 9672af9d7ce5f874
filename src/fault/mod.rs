//! Faults: which rule fires for a call, and the call as the rule wants it.
//!
//! A session without rules pays one load and a branch a call. With rules, a bitmap of all their calls and then this
//! process's table of which rules each call has, and a memory of which rules a connection can match, say "none" before
//! anything is evaluated.

mod apply;
mod connect;
mod data;
mod decide;
mod dgram;
mod dns;
mod errors;
mod fdlimit;
mod kernel;
mod keys;
mod lanes;
mod rearm;
mod results;
mod stream;
mod ticker;
mod wait;

pub use decide::refresh;
pub use fdlimit::exhausted;
pub use keys::{
    accepted_key, after_fork, before_fork, birth_key, image_lineage, own_lineage, thread_born, thread_failed,
    thread_note,
};
pub use lanes::confining;

use crate::cold::conns;
use crate::hot::fds::Entry;
use crate::hot::state;
use core::sync::atomic::Ordering;
use socklens_calls::Call;
use socklens_rules::fault::Region;
use socklens_wire::fault::Injected;
use socklens_wire::{ConnInfo, Segment};

/// The rules' part of the session's memory.
#[inline(always)]
fn region(seg: &Segment) -> &'static Region {
    Region::of(seg)
}

/// Whether a call must be shown to [`run`]: some rule may be about it, or an earlier fault of its socket may.
#[inline(always)]
pub fn armed(call: Call, entry: Entry) -> bool {
    let Some(seg) = state::segment() else { return false };
    region(&seg).block().is_some_and(|b| b.may_touch(call) || seg.fault_shared().attend.load(Ordering::Relaxed) != 0)
        && decide::concerns(&seg, call, entry)
}

/// Whether the session has rules.
#[inline(always)]
pub fn present() -> bool {
    state::segment().is_some_and(|seg| region(&seg).block().is_some())
}

/// Most faults told of one call.
const MAX_FIRED: usize = 4;

/// What became of a call that was shown to the rules.
#[derive(Debug)]
pub struct Fired {
    /// The faults applied, for the event.
    pub list: [Injected; MAX_FIRED],
    pub count: usize,
    /// The result is not the kernel's: nothing it would have written may be read.
    pub invented: bool,
    /// An earlier fault shows in the result.
    pub touched: bool,
}

impl Fired {
    pub const fn new() -> Fired {
        const NONE: Injected = Injected {
            seed: 0,
            counter: 0,
            offset: 0,
            value: 0,
            rule: 0,
            level: 0,
            lane: 0,
            name_len: 0,
            action_len: 0,
            recipe_len: 0,
            pad: 0,
            name: [0; 32],
            action: [0; 16],
            recipe: [0; 32],
        };
        Fired { list: [NONE; MAX_FIRED], count: 0, invented: false, touched: false }
    }

    pub fn all(&self) -> &[Injected] {
        self.list.get(..self.count).unwrap_or(&[])
    }

    fn add(&mut self, f: Injected) {
        if let Some(to) = self.list.get_mut(self.count) {
            *to = f;
            self.count += 1;
        }
    }
}

/// A call and what is known of its socket.
#[derive(Clone, Copy)]
struct Cx<'a> {
    call: Call,
    args: &'a [u64],
    fd: i32,
    entry: Entry,
    conn: Option<&'a ConnInfo>,
    lane: u8,
}

impl Cx<'_> {
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

/// Makes a call, with whatever the rules want of it. `real` makes it with the caller's own arguments; errno is left as the
/// outcome has it.
#[cold]
#[inline(never)]
pub fn run(call: Call, entry: Entry, args: &[u64], real: &mut dyn FnMut() -> i64, fired: &mut Fired) -> i64 {
    let Some(seg) = state::segment() else { return real() };
    let region = region(&seg);
    let Some(block) = region.block() else { return real() };
    let mut cx = data::context(call, entry, args);
    // What the call names counts as the peer: of a connection it will be one.
    let mut named;
    if let Some(c) = cx.conn {
        let a = connect::address(&cx);
        if a.len > 0 && call != Call::bind {
            named = ConnInfo::zero();
            // SAFETY: both are whole and apart; a plain copy would be libc's memmove.
            unsafe { core::ptr::copy_nonoverlapping(core::ptr::from_ref(c), &raw mut named, 1) };
            conns::set_peer(&mut named, &a.bytes, a.len as u8);
            cx.conn = Some(&named);
        }
    }
    let mut plan = decide::Plan::new();
    decide::decide(&seg, region, block, &cx, &mut plan);
    apply::call(&seg, region, block, &cx, &mut plan, real, fired)
}
