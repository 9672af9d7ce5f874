//! What is asked at every call while there are rules, made of the rules in force.

use super::{delayed, errors, left, lent};
use core::sync::atomic::{Ordering, fence};
use socklens_calls::{Call, class};
use socklens_inside::concern::{Concerns, is_watched};
use socklens_rules::fault::{Effect, FaultBlock, Kind, MAX_RULES, Region, when};

/// Makes this process's tables of the rules in force, unless another thread is at it, or the one that a signal handler came
/// in upon: until then all rules are asked.
pub extern "C" fn refresh() {
    let (concerns, me) = (lent::concerns(), lent::pid());
    let was = concerns.maker.load(Ordering::Relaxed);
    if was != me && concerns.maker.compare_exchange(was, me, Ordering::Acquire, Ordering::Relaxed).is_ok() {
        make(concerns);
        concerns.maker.store(0, Ordering::Release);
    }
}

fn make(concerns: &Concerns) {
    let seg = lent::segment();
    let region = Region::of(seg);
    concerns.known.store(0, Ordering::Relaxed);
    fence(Ordering::Release);
    let generation = region.generation.load(Ordering::Acquire);
    let rules = region.block().map_or(&[][..], FaultBlock::rules);
    let recorded = region.block().is_some_and(|b| b.recorded != 0);
    let (mut watching, mut sites, mut hosts, mut snis, mut stacks) = (0, 0u64, 0u64, 0u64, 0u64);
    let (mut late, mut resets, mut gates) = (0u64, 0u64, 0u64);
    if let Some(block) = region.block() {
        for (i, r) in rules.iter().enumerate().take(MAX_RULES) {
            let asks = block.selector(r).unwrap_or_default();
            sites |= u64::from(asks.asks_for_site()) << i;
            hosts |= u64::from(asks.asks_for_host()) << i;
            resets |= u64::from(block.actions(r).iter().any(|a| a.kind() == Some(Kind::Reset))) << i;
            let is_late = |e| matches!(e, Effect::Latency | Effect::Close);
            late |= u64::from(block.actions(r).iter().any(|a| a.effect().is_some_and(is_late))) << i;
            let has_gates = |e| matches!(e, Effect::Latency | Effect::Rate);
            gates |= u64::from(block.actions(r).iter().any(|a| a.effect().is_some_and(has_gates))) << i;
            snis |= u64::from(asks.asks_for_sni()) << i;
            stacks |= u64::from(asks.asks_for_stack()) << i;
        }
    }
    concerns.sites.store(sites, Ordering::Relaxed);
    concerns.hosts.store(hosts, Ordering::Relaxed);
    concerns.snis.store(snis, Ordering::Relaxed);
    concerns.stacks.store(stacks, Ordering::Relaxed);
    for call in Call::all() {
        let op = call as usize;
        // Their answers tell which addresses the other rules are about.
        let mut mask = if call.class() & class::DNS != 0 { hosts } else { 0 };
        if left::shows(call) {
            mask |= resets;
        }
        if delayed::is_watched(call) {
            // What is still on its way leaves then, or it takes its time.
            mask |= late;
        }
        if errors::waits(call) || call == Call::epoll_ctl || delayed::is_exec(call) {
            // What they are told must not come before it may be received.
            mask |= gates;
        }
        for (i, r) in rules.iter().enumerate().take(MAX_RULES) {
            if r.is_about(call) {
                mask |= 1 << i;
            }
        }
        if let Some(to) = concerns.of_call.get(op) {
            // Of a session that is recorded all calls are counted.
            let mask = if recorded { u64::MAX } else { mask };
            to.store(mask, Ordering::Relaxed);
        }
    }
    if let Some(block) = region.block() {
        for r in rules {
            let streams = Call::all().any(|c| {
                let op = c as usize;
                is_watched(c) && r.calls.get(op / 64).is_some_and(|w| w >> (op % 64) & 1 != 0)
            });
            let stateful = block.actions(r).iter().any(|a| {
                matches!(
                    a.effect(),
                    Some(Effect::Conn | Effect::Close | Effect::Latency | Effect::Rate | Effect::Loss | Effect::Dup)
                ) || matches!(a.kind(), Some(Kind::Slice | Kind::Short))
                    || (matches!(a.kind(), Some(Kind::Error | Kind::Again | Kind::Eintr)) && streams)
            });
            if stateful || r.when.has(when::BYTES) {
                watching = 1;
            }
        }
    }
    // A ClientHello may go by in any call that moves bytes.
    if snis != 0 {
        watching = 1;
    }
    concerns.watching.store(watching, Ordering::Relaxed);
    for (call, (to, of)) in Call::all().zip(concerns.shown.iter().zip(&concerns.of_call)) {
        let all = if watching != 0 && is_watched(call) { u64::MAX } else { of.load(Ordering::Relaxed) };
        to.store(all, Ordering::Relaxed);
    }
    if watching != 0 || hosts != 0 {
        seg.fault_shared().attend.store(1, Ordering::Relaxed);
    }
    concerns.known.store(generation.wrapping_add(1), Ordering::Release);
}
