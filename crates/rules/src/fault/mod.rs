//! Fault rules: which calls fail, when, and how.

mod action;
mod block;
mod change;
pub mod draw;
mod kind;
mod moment;
mod parse;
pub mod plausible;
mod profiles;
mod quantiles;
mod reference;
mod region;
mod strace;
mod suits;
mod text;
mod value;

pub use block::{
    Action, Dist, FaultBlock, HEAP, Loss, MAGIC, MAX_ACTIONS, MAX_RULES, Rule, Span, VERSION, action_flag, rule_flag,
};
pub use change::free_lanes;
pub use kind::{Dir, DistKind, DnsMode, Effect, Kind, Level, LossKind, Realism, Recipe, Scope, SizeKind, Skip};
pub use moment::{When, when};
pub use parse::{Extras, Mark, SWITCHES};
pub use profiles::{Link, link, links};
pub use reference::REFERENCE;
pub use region::{Region, RuleCounts};
