//! `socklens rules check`: what rules mean, and what they can do on this machine.

use super::machine::Machine;
use super::ways::{Made, Way, error, ways};
use socklens_rules::CallSet;
use socklens_rules::fault::plausible::{self, Place, Places, places_of};
use socklens_rules::fault::{Action, FaultBlock, Kind, Level, Recipe, Rule, action_flag};
use std::io::{self, Write};
use std::process::ExitCode;

/// The name of an error.
pub fn errno_name(errno: u16) -> &'static str {
    plausible::errno_name(errno).unwrap_or("?")
}

/// A way of an action, and where it is taken.
struct Taken {
    way: Way,
    what: String,
    places: Vec<&'static str>,
}

/// Prints the rules of a block.
pub fn print(block: &FaultBlock) -> io::Result<ExitCode> {
    let machine = Machine::probe();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (i, rule) in block.rules().iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", String::from_utf8_lossy(block.bytes(rule.text)))?;
        if goes_by_names(block, rule) {
            writeln!(out, "  {NAMES}")?;
        }
        let places = places_of(CallSet::from_bits(rule.calls), rule.types);
        for a in block.actions(rule) {
            action(block, rule, a, places, &machine, &mut out)?;
        }
    }
    let n = block.rules().len();
    let (major, minor) = machine.kernel;
    writeln!(
        out,
        "\n{n} rule{}, realism {}, seed {}; tried on Linux {major}.{minor}: {} a filter on TCP",
        if n == 1 { "" } else { "s" },
        block.realism().word(),
        block.seed,
        if machine.tcp_filter { "may attach" } else { "may not attach" }
    )?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn action(
    block: &FaultBlock,
    rule: &Rule,
    a: &Action,
    places: Places,
    machine: &Machine,
    out: &mut impl Write,
) -> io::Result<()> {
    let Some(kind) = a.kind() else { return Ok(()) };
    if kind == Kind::Ok {
        return Ok(());
    }
    let mut text = Vec::new();
    block.write_action(a, &mut |b| text.extend_from_slice(b));
    writeln!(out, "  {}", String::from_utf8_lossy(&text))?;
    let mut all: Vec<Taken> = Vec::new();
    let mut add = |way: Way, what: &str, place: Place| match all.iter_mut().find(|t| t.way == way && t.what == what) {
        Some(t) => t.places.push(place.word()),
        None => all.push(Taken { way, what: what.to_owned(), places: vec![place.word()] }),
    };
    let mut count = 0;
    for place in Place::ALL.iter().copied().filter(|p| places.has(*p)) {
        count += 1;
        if kind == Kind::Error {
            for (errno, _) in block.errors(a) {
                error(place, errno, a).into_iter().for_each(|w| add(w, errno_name(errno), place));
            }
        } else {
            ways(rule, a, kind, place).into_iter().for_each(|w| add(w, "", place));
        }
    }
    let realism = block.realism();
    // What is done comes first.
    all.sort_by_key(|t| matches!(t.way.made, Made::Not(_)));
    for t in all {
        let Way { made, when, level } = t.way;
        let what = if t.what.is_empty() { String::new() } else { format!("{}: ", t.what) };
        let places = if t.places.len() == count && count > 6 { "everywhere".to_owned() } else { listed(&t.places) };
        let recipe = match made {
            Made::Not(why) => {
                writeln!(out, "    {what}skipped ({}): {places}", why.word())?;
                continue;
            }
            Made::How(recipe) => recipe,
        };
        let word = if recipe == Recipe::None { "noted alone" } else { recipe.word() };
        let real = if level == Level::Kernel { String::new() } else { format!(" [{}]", level_text(level)) };
        writeln!(out, "    {what}{word}{}{real}: {places}", when.words())?;
        if !a.has(action_flag::LIFT) && !plausible::allows(realism, level) {
            writeln!(out, "      skipped (realism): not at realism {}", realism.word())?;
        }
        if let Some(why) = machine.lacks(recipe) {
            writeln!(out, "      {why}")?;
        }
    }
    Ok(())
}

/// Places with commas between them: what differs in the brackets alone shares them.
fn listed(places: &[&str]) -> String {
    let (mut out, mut open) = (String::new(), None);
    for place in places {
        let parts = place.strip_suffix(')').and_then(|p| p.split_once(" ("));
        let (head, one) = parts.unzip();
        if open.is_some() && open != head {
            out.push(')');
        }
        out.push_str(if out.is_empty() { "" } else { ", " });
        match one {
            Some(one) if open == head => out.push_str(one),
            _ => out.push_str(place.strip_suffix(')').unwrap_or(place)),
        }
        open = head;
    }
    if open.is_some() {
        out.push(')');
    }
    out
}

/// What a rule with `stack=` or `site=` knows of functions.
pub const NAMES: &str =
    "stack= and site= know functions that are exported (-rdynamic); others by MODULE+OFFSET, as `objdump -d` has it";

/// Whether a rule goes by functions, so that one that is not exported would never match.
pub fn goes_by_names(block: &FaultBlock, rule: &Rule) -> bool {
    block.selector(rule).is_some_and(|s| s.asks_for_stack() || s.asks_for_site())
}

fn level_text(level: Level) -> &'static str {
    match level {
        Level::Kernel => "kernel",
        Level::Posix => "not on Linux, but elsewhere",
        Level::Never => "nowhere real",
    }
}
