//! `socklens rules check`: what rules mean, and what they can do on this machine.

use super::machine::Machine;
use socklens_rules::CallSet;
use socklens_rules::fault::plausible::{self, Place, Places, find, places_of};
use socklens_rules::fault::{Action, FaultBlock, Kind, Level, Recipe, Rule, action_flag};
use std::io::{self, Write};
use std::process::ExitCode;

/// The name of an error.
pub fn errno_name(errno: u16) -> &'static str {
    plausible::errno_name(errno).unwrap_or("?")
}

/// One way in which an action is done.
struct Way {
    recipe: Recipe,
    level: Level,
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
    let mut ways: Vec<Way> = Vec::new();
    let mut add = |recipe, level, what: String, place: Place| match ways
        .iter_mut()
        .find(|w| w.recipe == recipe && w.level == level && w.what == what)
    {
        Some(w) => w.places.push(place.word()),
        None => ways.push(Way { recipe, level, what, places: vec![place.word()] }),
    };
    let lifted = a.has(action_flag::LIFT);
    for place in Place::ALL.iter().copied().filter(|p| places.has(*p)) {
        if kind == Kind::Error {
            for (errno, _) in block.errors(a) {
                let name = errno_name(errno).to_owned();
                match find(place, errno) {
                    Some(row) if row.recipe != Recipe::None => add(row.recipe, row.level, name, place),
                    Some(_) | None if lifted => add(Recipe::Fake, Level::Never, name, place),
                    _ => {}
                }
            }
        } else if kind.places().has(place) {
            let only = Places::of(&[place]);
            add(kind.recipe(place), kind.level(only), String::new(), place);
        }
    }
    let realism = block.realism();
    for w in ways {
        let what = if w.what.is_empty() { String::new() } else { format!("{}: ", w.what) };
        let all = rule.types == 0 && w.places.len() > 6;
        let places = if all { "everywhere".to_owned() } else { w.places.join(", ") };
        let recipe = match w.recipe {
            Recipe::None if matches!(kind, Kind::Log | Kind::Stack) => "noted alone",
            Recipe::None => "not possible, and skipped",
            made => made.word(),
        };
        let real = if w.level == Level::Kernel { String::new() } else { format!(" [{}]", level_text(w.level)) };
        writeln!(out, "    {what}{recipe}{real}: {places}")?;
        if !lifted && !plausible::allows(realism, w.level) {
            writeln!(out, "      skipped at realism {}", realism.word())?;
        }
        if let Some(why) = machine.lacks(w.recipe) {
            writeln!(out, "      {why}")?;
        }
    }
    Ok(())
}

fn level_text(level: Level) -> &'static str {
    match level {
        Level::Kernel => "kernel",
        Level::Posix => "not on Linux, but elsewhere",
        Level::Never => "nowhere real",
    }
}
