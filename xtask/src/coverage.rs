//! docs/coverage.md: every symbol of THE TABLE, and what is left out and why.

use socklens_calls::left_out::LEFT_OUT;
use socklens_calls::{Body, CALLS, Spec, class};
use std::fmt::Write;

/// Sections in the order of the document: the class that selects them, and their titles.
const SECTIONS: [(u16, &str); 9] = [
    (class::NET, "The socket interface"),
    (class::DATA, "Data on any descriptor"),
    (class::FD, "Closing, copying and changing descriptors"),
    (class::WAIT, "Waiting"),
    (class::DNS, "Names"),
    (class::NETIF, "Interfaces"),
    (class::LOG, "Log"),
    (class::PROCESS, "Processes"),
    (class::FDTABLE, "Seen for the descriptor table alone"),
];

/// What selects a call in `-e trace=`.
fn classes(s: &Spec) -> String {
    const NAMES: [(u16, &str); 10] = [
        (class::NET, "net"),
        (class::DATA, "data"),
        (class::FD, "fd"),
        (class::WAIT, "wait"),
        (class::DNS, "dns"),
        (class::NETIF, "netif"),
        (class::LOG, "log"),
        (class::PROCESS, "process"),
        (class::IN, "in"),
        (class::OUT, "out"),
    ];
    let names: Vec<&str> = NAMES.iter().filter(|(bit, _)| s.class & bit != 0).map(|(_, n)| *n).collect();
    names.join(", ")
}

/// When a call of this row is recorded.
fn recorded(s: &Spec) -> &'static str {
    match s.body {
        _ if s.class & class::FDTABLE != 0 => "never",
        Body::Net => "always",
        Body::Data => "on a socket",
        Body::Free => "if it is traced",
        Body::NewFd => "never",
        Body::Special if s.class & class::NET != 0 => "always",
        Body::Special if s.class & (class::DATA | class::FD | class::WAIT) != 0 => "on a socket",
        Body::Special => "if it is traced",
    }
}

/// Whether the row's hook is the one that all rows share.
fn hook(s: &Spec) -> &'static str {
    match s.body {
        Body::Special => "its own",
        Body::NewFd => "table",
        _ => "common",
    }
}

fn code(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    quoted.join(" ")
}

/// The whole document.
pub fn render() -> String {
    let mut o = String::new();
    let aliases: usize = CALLS.iter().map(|s| s.aliases.len()).sum();
    let _ = write!(
        o,
        "<!-- Written by cargo xtask gen from crates/calls. Do not edit. -->\n\n\
         # What is interposed\n\n\
         {} calls under {} names, each with its C prototype, and what is left out, with the reason. A test compares both lists with\n\
         the symbols of the C library it runs on.\n\n\
         *Recorded* is when a call becomes an event, provided that it is traced at all (`-e`). *Hook*: the common one; its own,\n\
         where tables must be kept or arguments vary; or the descriptor table's, which only notes that a number is no socket.\n",
        CALLS.len(),
        CALLS.len() + aliases
    );
    let mut rest: Vec<&Spec> = CALLS.iter().collect();
    for (bit, title) in SECTIONS {
        let (here, later): (Vec<&Spec>, Vec<&Spec>) = rest.into_iter().partition(|s| s.class & bit != 0);
        rest = later;
        let _ = write!(
            o,
            "\n## {title}\n\n| symbol | further names | arguments | classes | recorded | hook |\n|---|---|---|---|---|---|\n"
        );
        for s in here {
            let args: Vec<&str> = s.args.iter().map(|a| a.name.get()).collect();
            let _ = writeln!(
                o,
                "| `{}` | {} | {} | {} | {} | {} |",
                s.name,
                code(s.aliases),
                args.join(", "),
                classes(s),
                recorded(s),
                hook(s)
            );
        }
    }
    assert!(rest.is_empty(), "calls without a section: {rest:?}");
    o.push_str("\n## What is left out\n\n`*` stands for any characters.\n");
    for l in LEFT_OUT {
        let names: Vec<&str> = l.names.split_whitespace().collect();
        let _ = write!(o, "\n### {}\n\n{}\n\n{}\n", l.group, l.why, wrap(&code(&names)));
    }
    o
}

/// Breaks text at blanks.
fn wrap(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        if column > 0 && column + word.len() > 118 {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
        }
        out.push_str(word);
        column += word.len() + 1;
    }
    out
}
