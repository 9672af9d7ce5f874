//! Faults: whether rules may be about a call, and handing it to libsocklens-faults.so if so.
//!
//! A session without rules pays one load and a branch a call. With rules, a bitmap of all their calls and then this
//! process's table of which rules each call has, and a memory of which rules a connection can match, say "none" before
//! anything is evaluated. What the rules then want is done in the other library, which is opened where there are rules.

mod keys;
mod open;
mod quiet;

pub use keys::{
    accepted_key, after_fork, before_fork, birth_key, image_lineage, own_lineage, thread_born, thread_failed,
    thread_note,
};
pub use open::{forked, load, on_request};
pub use socklens_inside::engine::Fired;

use crate::cold::{attach, conns};
use crate::hot::fds::Entry;
use crate::hot::state;
use core::ffi::c_void;
use core::sync::atomic::Ordering;
use socklens_calls::Call;
use socklens_inside::concern::{Concerns, makes_descriptor};
use socklens_inside::engine::{Real, Registers};
use socklens_rules::fault::{FaultBlock, Region, Skip};
use socklens_wire::Segment;

/// What is asked at every call; the other library fills it.
// Apart from what every start writes: adr/0010.
#[unsafe(link_section = ".bss.large")]
static CONCERNS: Concerns = Concerns::new();

/// The rules' part of the session's memory.
#[inline(always)]
fn region(seg: &Segment) -> &'static Region {
    Region::of(seg)
}

/// Whether a call must be shown to [`run`]: some rule may be about it, or an earlier fault of its socket may.
#[inline(always)]
pub fn armed(call: Call, entry: Entry) -> bool {
    state::has_rules() && !ruled_out(call, entry) && may_concern(call, entry)
}

/// Once there are rules: whether it is known already that none has anything to do with the call. Needs no frame.
#[inline(always)]
pub fn ruled_out(call: Call, entry: Entry) -> bool {
    // SAFETY: an entry's own slot, of which only an atomic is touched.
    let version = |index: u32| unsafe { state::conn_slot(index) }.lock.load(Ordering::Relaxed);
    CONCERNS.rule_out(state::generation_of_rules(), version, call, entry)
}

/// As [`armed`], when it is not ruled out.
#[inline(never)]
pub fn may_concern(call: Call, entry: Entry) -> bool {
    let Some(seg) = state::segment() else { return false };
    let Some(block) = region(&seg).block() else { return false };
    if !CONCERNS.is_current(region(&seg)) && !renew() {
        return block.may_touch(call) || open::is_due(entry);
    }
    (block.may_touch(call) || seg.fault_shared().attend.load(Ordering::Relaxed) != 0)
        && CONCERNS.concerns(&seg, call, entry)
}

/// Has the tables made of the rules in force; false when the other library is not there.
#[cold]
#[inline(never)]
fn renew() -> bool {
    let Some(engine) = open::engine() else { return false };
    (engine.refresh)();
    true
}

/// Whether the session has rules.
#[inline(always)]
pub fn present() -> bool {
    state::segment().is_some_and(|seg| region(&seg).block().is_some())
}

/// Makes a call, with whatever the rules want of it. `real` makes it with the caller's own arguments, which lie in the
/// hook's frame; errno is left as the outcome has it.
#[cold]
#[inline(never)]
pub fn run(call: Call, entry: Entry, args: &[u64], real: &mut dyn FnMut() -> i64, fired: &mut Fired) -> i64 {
    unsafe extern "C" fn make(with: *mut c_void) -> i64 {
        // SAFETY: `with` is the closure below, which lives as long as the call.
        unsafe { (*with.cast::<&mut dyn FnMut() -> i64>())() }
    }
    let Some(engine) = open::engine().or_else(|| open::in_hook(entry, args)) else {
        passed_over(call, entry);
        return real();
    };
    let mut real = real;
    let real = Real { make, with: (&raw mut real).cast(), at: registers() };
    // SAFETY: the arguments are as many as that, and the function and what it is handed belong together.
    unsafe { (engine.run)(call, entry, args.as_ptr(), args.len(), &real, fired) }
}

/// Where this is.
#[inline(always)]
fn registers() -> Registers {
    let (pc, sp, bp): (u64, u64, u64);
    // SAFETY: only reads registers.
    unsafe {
        core::arch::asm!(
            "lea {pc}, [rip]",
            "mov {sp}, rsp",
            "mov {bp}, rbp",
            pc = out(reg) pc,
            sp = out(reg) sp,
            bp = out(reg) bp,
            options(nomem, nostack, preserves_flags)
        );
    }
    Registers { pc, sp, bp }
}

/// Rules about a call that cannot have their way with it: what they want is not known, nor whether their selectors match.
fn passed_over(call: Call, entry: Entry) {
    let Some(seg) = state::segment() else { return };
    let region = region(&seg);
    let ty = entry.conn().and_then(conns::info).map_or(0, |c| u32::from(c.ty));
    for (i, rule) in region.block().map_or(&[][..], FaultBlock::rules).iter().enumerate() {
        let other = rule.types != 0 && rule.types.checked_shr(ty).unwrap_or(0) & 1 == 0;
        if rule.is_about(call)
            && !other
            && (rule.thread == 0 || rule.thread == own_lineage())
            && region.is_on(i)
            && let Some(c) = region.counts(i)
        {
            c.skip(Skip::NotLoaded);
        }
    }
}

/// Whether no descriptor is free at present, since a rule says so.
#[inline]
pub fn exhausted(call: Call) -> bool {
    let until = CONCERNS.exhausted_until.load(Ordering::Relaxed);
    until != 0 && makes_descriptor(call) && attach::mono() < until
}

/// This process is about to confine itself: what it makes later may be confined as well.
pub fn confining() {
    if let Some(seg) = state::segment() {
        seg.fault_shared().confined.store(1, Ordering::Relaxed);
    }
}
