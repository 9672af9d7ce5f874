//! The calling stack, where a fault rule has it shown.

use crate::line::finish;
use crate::out::Out;
use crate::printer::{Names, Printer};
use crate::quote;
use socklens_wire::event::flag;
use socklens_wire::stack::Frames;
use socklens_wire::{Event, Part};

/// The frames of the call's stack; None when there is none to show.
fn frames<'a>(ev: &Event<'a>) -> Option<Frames<'a>> {
    if ev.head.flags & flag::INJECTED == 0 {
        return None;
    }
    ev.captures().find(|c| c.part == Part::Stack).map(|c| Frames::of(c.data))
}

/// Lines below the call's, as strace's `-k` has them: ` > /usr/lib/libc.so.6(send+0x14) [0x10e2a4]`.
pub fn text(ev: &Event, out: &mut Out, names: &dyn Names, color: bool) {
    for f in frames(ev).into_iter().flatten() {
        if out.cut() {
            return;
        }
        let start = out.len();
        out.str(" > ");
        quote::safe(out, if f.module.is_empty() { b"?" } else { f.module });
        out.byte(b'(');
        names.function(&f, &mut |symbol, readable, inside| {
            if !symbol.is_empty() {
                quote::safe(out, if readable.is_empty() { symbol } else { readable });
                out.byte(b'+');
                out.hex(inside);
            }
        });
        out.str(") [");
        out.hex(f.offset);
        out.byte(b']');
        finish(out, start, color);
    }
}

/// The field `stack`: a list of objects, the innermost frame first.
pub fn json(ev: &Event, p: &mut Printer) {
    let Some(frames) = frames(ev) else { return };
    p.field("stack");
    p.begin_array();
    for f in frames {
        p.elem();
        p.begin_struct();
        p.field("module");
        p.text(f.module);
        p.names().function(&f, &mut |symbol, readable, inside| {
            p.field("symbol");
            p.text(symbol);
            if !readable.is_empty() {
                p.field("function");
                p.text(readable);
            }
            if !symbol.is_empty() {
                p.field("inside");
                p.unum(inside);
            }
        });
        p.field("offset");
        p.unum(f.offset);
        p.end_struct();
    }
    p.end_array();
}
