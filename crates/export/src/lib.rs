//! The formats of a log, one file each: socklens's own text, strace's syntax, JSON lines.
//!
//! Lines are formatted by [`socklens_decode`] straight into one buffer that is used again and again; nothing is
//! allocated per event.

mod buffer;
mod functions;
mod interface;
mod json;
mod meta;
mod names;
pub mod openmetrics;
pub mod signal;
pub mod stats;
mod strace;
mod subject;
mod text;

use socklens_decode::{Format, Opts};
use socklens_trace::{Clock, ExitStatus, Sink, Summary};
use socklens_wire::Event;
use socklens_wire::event::{ARG_RESULT, CAP_HEAD, HEAD, note, word_of_size};
use std::ffi::OsString;
use std::io::{self, Write};

/// The JSON Schema of one record of the json format.
pub const SCHEMA: &str = include_str!("schema.json");

/// Changes whenever a record of the json format changes its meaning.
pub const SCHEMA_VERSION: u64 = 1;

/// What a log begins with.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// The program and its arguments.
    pub command: &'a [OsString],
    pub clock: &'a Clock,
}

/// One format.
pub trait Exporter: Sink {
    /// Writes the head of the log.
    fn start(&mut self, start: &Start) -> io::Result<()>;

    /// Writes its end, and everything that is still buffered.
    fn end(&mut self, summary: &Summary, child: Option<ExitStatus>) -> io::Result<()>;
}

/// The exporter of a format. `always_pids`: strace's lines all begin with the number of their process, as `strace -f -o FILE`
/// writes them; else with `[pid 4242]` once there are several.
pub fn new(format: Format, opts: Opts, always_pids: bool, writer: Box<dyn Write>) -> Box<dyn Exporter> {
    match format {
        Format::Text => Box::new(text::Text::new(opts, writer)),
        Format::Strace => Box::new(strace::Strace::new(opts, always_pids, writer)),
        Format::Json => Box::new(json::Json::new(opts, writer)),
    }
}

/// Whether a note has a line in the text formats.
fn is_told(event: &Event) -> bool {
    matches!(event.head.call, note::MARK | note::CONN_NAME | note::UNSEEN)
}

/// A text mark, made in `bytes`: the formats show it with the stamp of its moment.
fn mark<'a>(bytes: &'a mut Vec<u8>, at: u64, text: &str) -> Option<Event<'a>> {
    let text = &text.as_bytes()[..text.len().min(4096)];
    let size = HEAD + CAP_HEAD + text.len().next_multiple_of(8);
    bytes.clear();
    bytes.resize(size, 0);
    bytes[..4].copy_from_slice(&word_of_size(size).to_le_bytes());
    bytes[4..6].copy_from_slice(&note::MARK.to_le_bytes());
    bytes[8..16].copy_from_slice(&at.to_le_bytes());
    bytes[16..24].copy_from_slice(&at.to_le_bytes());
    bytes[39] = 1;
    bytes[HEAD] = ARG_RESULT;
    for field in [HEAD + 8, HEAD + 12] {
        bytes[field..field + 4].copy_from_slice(&(text.len() as u32).to_le_bytes());
    }
    bytes[HEAD + CAP_HEAD..HEAD + CAP_HEAD + text.len()].copy_from_slice(text);
    Event::parse(bytes)
}
