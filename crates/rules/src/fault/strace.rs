//! strace's fault expressions: `inject=SET[:error=E|:retval=N][:signal=S][:delay_enter=D][:delay_exit=D][:when=EXPR]` and
//! `fault=SET[:error=E][:when=EXPR]`; `!` before the set means all other calls.
//!
//! They are taken at their word: realism is lifted for them, and matches are counted by thread.

use super::action::{errno, fixed};
use super::block::{Action, Rule, action_flag};
use super::kind::{Kind, Scope};
use super::moment::when;
use super::parse::{Parser, ordinals};
use super::plausible;
use super::value::split;
use crate::calls::CallSet;
use crate::error::{About, SyntaxError, What};
use crate::keys;
use crate::lex::{Lexer, Span};
use crate::near::Nearest;
use crate::parse::number;

const FIELDS: [&str; 6] = ["error", "retval", "signal", "delay_enter", "delay_exit", "when"];

impl Parser<'_, '_> {
    /// Reads what stands behind `inject=`, or behind `fault=`.
    pub(crate) fn strace(&mut self, lex: &mut Lexer<'_>, fault: bool, rule: &mut Rule) -> Result<(), SyntaxError> {
        let start = lex.here();
        let mut types = 0;
        let negated = lex.eat(b"!");
        let named = self.calls(lex, &mut types)?;
        let set = if negated { CallSet::all().without(named) } else { named };
        rule.calls = set.bits();
        self.places = plausible::places_of(set, 0);
        rule.when.set = when::SCOPE;
        rule.when.scope = Scope::Syscall as u8;
        let (mut item, mut result, mut signalled) = (0u8, false, false);
        while lex.eat(b":") {
            let span = lex.run(lex.pos(), |b| !b.is_ascii_whitespace() && b != b':' && b != b';');
            lex.skip(span.len);
            let ((name, name_span), (value, value_span)) =
                split(lex.text(span), span, b"=").ok_or(span.error(What::NotOfStrace))?;
            let mut a = Action { item, ..Action::NONE };
            match name {
                b"error" if !result => {
                    a.kind = Kind::Error as u8;
                    let from = self.block.heap_len;
                    self.block.push(&errno(value, value_span)?.to_le_bytes(), value_span)?;
                    self.block.push(&1u16.to_le_bytes(), value_span)?;
                    a.list = self.block.part_from(from, value_span)?;
                    result = true;
                }
                b"retval" if !result && !fault => {
                    a.kind = Kind::Return as u8;
                    a.n = [number(value, keys::Kind::Number(0, i64::MAX), value_span)? as u64, 0];
                    result = true;
                }
                b"retval" | b"signal" | b"delay_enter" | b"delay_exit" if fault => {
                    return Err(name_span.error(What::NotOfStrace).about(About::Words("inject=, not fault=")));
                }
                b"error" | b"retval" => {
                    return Err(name_span.error(What::Twice).about(About::Words("one error= or one retval=")));
                }
                b"signal" if signalled => return Err(name_span.error(What::Twice)),
                b"signal" => {
                    signalled = true;
                    a.kind = Kind::Signal as u8;
                    a.signal = self.signal(value, value_span)?;
                }
                b"delay_enter" | b"delay_exit" => {
                    a.kind = Kind::Delay as u8;
                    a.flags = if name == b"delay_exit" { action_flag::EXIT } else { 0 };
                    // A number without a unit is microseconds.
                    let bare = value.iter().all(u8::is_ascii_digit);
                    let ns = if bare {
                        (number(value, keys::Kind::Number(0, i64::MAX / 1000), value_span)? as u64).saturating_mul(1000)
                    } else {
                        self.time(value, value_span)?
                    };
                    a.dist = fixed(ns);
                }
                b"when" => {
                    rule.when.set |= when::N;
                    (rule.when.n_first, rule.when.n_last, rule.when.n_step) = ordinals(value, value_span)?;
                    continue;
                }
                _ => {
                    let mut near = Nearest::new(name);
                    FIELDS.iter().for_each(|f| near.offer(f));
                    return Err(name_span.error(What::NotOfStrace).near(near.found()));
                }
            }
            self.add_lifted(a, name_span)?;
            item = item.saturating_add(1);
        }
        if fault && !result {
            let span = Span { at: start.at, len: lex.pos().saturating_sub(start.at) };
            let from = self.block.heap_len;
            self.block.push(&(libc::ENOSYS as u16).to_le_bytes(), span)?;
            self.block.push(&1u16.to_le_bytes(), span)?;
            let list = self.block.part_from(from, span)?;
            self.add_lifted(Action { kind: Kind::Error as u8, item, list, ..Action::NONE }, span)?;
            item = item.saturating_add(1);
        }
        if item == 0 { Err(lex.here().error(What::ExpectedAction)) } else { Ok(()) }
    }
}
