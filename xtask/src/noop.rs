//! dist/noop/socklens_noop.c: the header's functions, doing nothing, for programs that ship with their calls in place.

use crate::header::{self, Idle};
use std::fmt::Write as _;
use std::path::Path;

/// The C source: one function for each of the header's, returning what its comment says of a process not recorded.
pub fn text(root: &Path) -> Result<String, String> {
    let functions = header::functions(&header::text(root)?)?;
    let mut out = String::from(
        "/* libsocklens_noop: the functions of socklens.h without the library. Each does what its comment says of a process\n\
         \x20* that is not recorded. Written by `cargo run -p xtask -- gen` from include/socklens.h; edit nothing here. */\n\n\
         #include <errno.h>\n#include <stddef.h>\n#include \"socklens.h\"\n\n\
         #pragma GCC diagnostic ignored \"-Wunused-parameter\"\n",
    );
    for f in &functions {
        let body = match &f.idle {
            Idle::Nothing => String::new(),
            Idle::Returns(value) => format!("    return {value};\n"),
            Idle::Fails(value, errno) => format!("    errno = {errno};\n    return {value};\n"),
        };
        let _ = write!(out, "\n{}\n{{\n{body}}}\n", f.prototype.trim_end_matches(';'));
    }
    Ok(out)
}
