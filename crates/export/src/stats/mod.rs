//! A session's statistics as tables, JSON and CSV.

mod csv;
mod json;
mod table;
pub mod unit;

pub use csv::csv;
pub use json::json;
pub use table::{Sort, tables};

use socklens_trace::stats::ConnRow;
use std::io;

/// The JSON Schema of the statistics.
pub const SCHEMA: &str = include_str!("../stats.schema.json");

/// Hands every ended connection to its argument, one after the other.
pub type Ended<'a> = dyn FnMut(&mut dyn FnMut(&ConnRow) -> io::Result<()>) -> io::Result<()> + 'a;
