//! Fault rules: which calls fail, when, and how.

mod block;
pub mod draw;
mod kind;
mod quantiles;

pub use block::{
    Action, Dist, FaultBlock, HEAP, Loss, MAGIC, MAX_ACTIONS, MAX_RULES, Region, Rule, RuleCounts, Span, VERSION, When,
    action_flag, rule_flag, when,
};
pub use kind::{Dir, DistKind, DnsMode, Effect, Kind, Level, LossKind, Realism, Recipe, Scope, SizeKind, Skip};
