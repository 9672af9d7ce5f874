//! docs/man and dist/completions, from the command line's definition, the texts in docs/man/parts and the C header.

use crate::header::{self, Function};
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use std::fmt::Write as _;
use std::path::Path;

const MANUAL: &str = "socklens manual";

/// What the pages say they are of: the day of the last change that mattered to a reader.
const DATE: &str = "2026-11-21";

/// Paths in the repository with their texts.
pub type Files = Vec<(String, String)>;

/// Every manual page. A new subcommand and a new function of the header get theirs by themselves.
pub fn pages(root: &Path) -> Result<Files, String> {
    let mut files = Vec::new();
    let mut add = |name: &str, text: String| files.push((format!("docs/man/{name}"), text));
    let mut command = socklens_cli::command();
    command.build();
    let shown: Vec<&Command> = command.get_subcommands().filter(|c| !c.is_hide_set()).collect();
    let names: Vec<String> = shown.iter().map(|c| format!("socklens-{}", c.get_name())).collect();
    for (sub, name) in shown.iter().zip(&names) {
        add(&format!("{name}.1"), command_page(sub, name, root, &["socklens"])?);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    add("socklens.1", command_page(&command, "socklens", root, &names)?);
    add("socklens.7", title("socklens", "7") + &part(root, "socklens.7")?);
    add("socklens-filters.7", filters());
    add("socklens-rules.7", rules());
    let functions = header::functions(&header::text(root)?)?;
    add("socklens.h.3", api(root, &functions)?);
    for f in &functions {
        add(&format!("{}.3", f.name), ".so man3/socklens.h.3\n".to_owned());
    }
    Ok(files)
}

/// The completions of the shells that have a place for them.
pub fn completions(_root: &Path) -> Result<Files, String> {
    let made = [(Shell::Bash, "socklens.bash"), (Shell::Zsh, "_socklens"), (Shell::Fish, "socklens.fish")];
    let mut files = Vec::new();
    for (shell, name) in made {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut socklens_cli::command(), "socklens", &mut text);
        let text = String::from_utf8(text).map_err(|e| format!("{name}: {e}"))?;
        let text: String = text.lines().map(|l| format!("{}\n", l.trim_end())).collect();
        files.push((format!("dist/completions/{name}"), text));
    }
    Ok(files)
}

/// One command's page: what clap knows of it, then the hand-written part if there is one, then its examples.
fn command_page(command: &Command, name: &str, root: &Path, related: &[&str]) -> Result<String, String> {
    let man = Man::new(command.clone()).title(name).section("1");
    // The title is our own, with the version and the manual's name where every page has them.
    let mut out = title(name, "1").into_bytes();
    let mut rendered = man.render_name_section(&mut out);
    rendered = rendered.and_then(|()| man.render_synopsis_section(&mut out));
    rendered = rendered.and_then(|()| man.render_description_section(&mut out));
    let optional = part(root, &format!("{name}.1")).ok();
    let (description, rest) = optional.as_deref().map_or(("", ""), |t| t.split_at(t.find(".SH").unwrap_or(t.len())));
    rendered.map_err(|e| format!("{name}: {e}"))?;
    out.extend_from_slice(description.as_bytes());
    if command.get_arguments().any(|a| !a.is_hide_set()) {
        man.render_options_section(&mut out).map_err(|e| format!("{name}: {e}"))?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut out).map_err(|e| format!("{name}: {e}"))?;
    }
    let text = String::from_utf8(out).map_err(|e| format!("{name}: {e}"))?;
    let mut text: String = text.lines().map(|l| format!("{}\n", l.trim_end())).collect();
    // One empty line, not three breaks.
    text = text.replace("\n.br\n\n.br\n", "\n.sp\n");
    text.push_str(rest);
    if let Some(after) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        text.push_str(&examples(&after.to_string()));
    }
    text.push_str(".SH \"SEE ALSO\"\n");
    let pages = related.iter().map(|n| format!(".BR {n} (1),\n")).collect::<String>();
    let _ = write!(text, "{pages}.BR socklens-filters (7),\n.BR socklens-rules (7),\n.BR socklens (7)\n");
    Ok(text)
}

/// The text after a command's help: what is indented is an example, each other paragraph prose.
fn examples(after: &str) -> String {
    let mut out = String::from(".SH EXAMPLES\n.EX\n");
    for line in after.lines().filter_map(|l| l.strip_prefix("  ")) {
        let _ = writeln!(out, "{}", escaped(line));
    }
    out.push_str(".EE\n");
    for prose in after.split("\n\n").filter(|p| !p.starts_with("Examples:") && !p.starts_with("  ")) {
        let heading = if prose.starts_with("The exit status") { "EXIT STATUS" } else { "NOTES" };
        let _ = write!(out, ".SH \"{heading}\"\n{}\n", escaped(prose));
    }
    out
}

/// The reference of `socklens help filters`, as a page.
fn filters() -> String {
    let text: String = socklens_rules::REFERENCE.trim_end().lines().map(|l| format!("{}\n", escaped(l))).collect();
    title("socklens-filters", "7")
        + ".SH NAME\nsocklens-filters \\- which calls are recorded: \\-e and \\-\\-where\n.SH DESCRIPTION\n.EX\n"
        + &text
        + ".EE\n.SH \"SEE ALSO\"\n.BR socklens-run (1),\n.BR socklens (7)\n"
}

/// What `socklens rules list` prints, as a page.
fn rules() -> String {
    let text: String = socklens_cli::rules_reference().lines().map(|l| format!("{}\n", escaped(l))).collect();
    title("socklens-rules", "7")
        + ".SH NAME\nsocklens-rules \\- which calls fail, when, and how: \\-\\-fault\n.SH DESCRIPTION\n.EX\n"
        + &text
        + ".EE\n.SH \"SEE ALSO\"\n.BR socklens-run (1),\n.BR socklens-rules (1),\n.BR socklens-fault (1),\n.BR socklens.h (3)\n"
}

/// The C API's page: a hand-written beginning, and every function of the header with its comment.
fn api(root: &Path, functions: &[Function]) -> Result<String, String> {
    let names: Vec<String> =
        std::iter::once("socklens.h".to_owned()).chain(functions.iter().map(|f| f.name.clone())).collect();
    let part = part(root, "socklens.h.3")?;
    let (before, after) =
        part.split_once(".\\\" FUNCTIONS\n").ok_or("docs/man/parts/socklens.h.3 has no line FUNCTIONS")?;
    let mut out = title("socklens.h", "3");
    let _ = write!(out, ".SH NAME\n{} \\- the C interface of socklens\n{before}", names.join(", "));
    out.push_str(".SH FUNCTIONS\n");
    for f in functions {
        let _ = write!(out, ".SS {}\n.EX\n{}\n.EE\n", f.name, escaped(&f.prototype));
        for paragraph in f.comment.split("\n\n") {
            let _ = write!(out, ".PP\n{}\n", escaped(&paragraph.replace(['`', '[', ']'], "")));
        }
    }
    out.push_str(after);
    Ok(out)
}

/// The head of a page. No date, so that the pages change with the text alone; names such as SOCKLENS_LOG are not broken.
fn title(name: &str, section: &str) -> String {
    format!(".TH {name} {section} \"{DATE}\" \"socklens {}\" \"{MANUAL}\"\n.nh\n", env!("CARGO_PKG_VERSION"))
}

/// A hand-written part of a page.
fn part(root: &Path, name: &str) -> Result<String, String> {
    let path = root.join("docs/man/parts").join(name);
    std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Plain text for troff: no escape and no request is left in it.
fn escaped(text: &str) -> String {
    let line = |l: &str| {
        let l = l
            .replace('\\', "\\e")
            .replace('-', "\\-")
            .replace('^', "\\(ha")
            .replace('~', "\\(ti")
            .replace('`', "\\(ga");
        if l.starts_with(['.', '\'']) { format!("\\&{l}") } else { l }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_a_request() {
        assert_eq!(escaped(".so x\n'y\na-b\\c"), "\\&.so x\n\\&'y\na\\-b\\ec");
    }

    #[test]
    fn examples_are_kept_as_they_are_and_prose_is_filled() {
        let text = examples("Examples:\n  socklens run x\n\nThe end.");
        assert_eq!(text, ".SH EXAMPLES\n.EX\nsocklens run x\n.EE\n.SH \"NOTES\"\nThe end.\n");
    }
}
