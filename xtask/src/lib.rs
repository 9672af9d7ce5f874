//! What the chores make, for the tests that check it.

pub mod coverage;
pub mod generate;
pub mod header;
pub mod quantiles;
