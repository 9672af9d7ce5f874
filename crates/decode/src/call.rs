//! One call: its name, its arguments in the order the reader expects them, its result.
//!
//! `head` writes what is known at entry, `tail` the rest: the two together are the whole call, apart they are the two lines
//! of a call that others interrupted.

use crate::printer::{Format, Printer};
use crate::{ret, value, wait};
use socklens_calls::{Call, Kind};
use socklens_wire::Event;
use socklens_wire::event::flag;

/// strace pads short calls so that `=` stands here.
const EQUALS: usize = 40;

/// One argument as it is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Slot {
    /// Argument of the row.
    Arg(u8),
    /// What the libc wrapper adds for the kernel.
    Add(&'static str),
    /// pselect6's sixth argument, from the row's signal set.
    Mask(u8),
    /// The environment of an exec whose row has no argument for it.
    Env(u8),
}

use Slot::{Add, Arg, Env, Mask};

/// The arguments strace would show, where they are not those of the row.
fn strace_slots(call: Call) -> Option<&'static [Slot]> {
    Some(match call {
        Call::send => &[Arg(0), Arg(1), Arg(2), Arg(3), Add("NULL"), Add("0")],
        Call::recv => &[Arg(0), Arg(1), Arg(2), Arg(3), Add("NULL"), Add("NULL")],
        Call::__recv_chk => &[Arg(0), Arg(1), Arg(2), Arg(4), Add("NULL"), Add("NULL")],
        Call::select => &[Arg(0), Arg(1), Arg(2), Arg(3), Arg(4), Add("NULL")],
        Call::pselect => &[Arg(0), Arg(1), Arg(2), Arg(3), Arg(4), Mask(5)],
        Call::ppoll | Call::__ppoll_chk => &[Arg(0), Arg(1), Arg(2), Arg(3), Add("8")],
        Call::epoll_pwait | Call::epoll_pwait2 => &[Arg(0), Arg(1), Arg(2), Arg(3), Arg(4), Add("8")],
        Call::closefrom => &[Arg(0), Add("4294967295"), Add("0")],
        Call::execv | Call::execvp => &[Arg(0), Arg(1), Env(2)],
        Call::fexecve => &[Arg(0), Add("\"\""), Arg(1), Arg(2), Add("AT_EMPTY_PATH")],
        _ => return None,
    })
}

/// The arguments without the buffer sizes that _FORTIFY_SOURCE adds.
fn plain_slots(call: Call) -> Option<&'static [Slot]> {
    Some(match call {
        Call::__recv_chk => &[Arg(0), Arg(1), Arg(2), Arg(4)],
        Call::__recvfrom_chk => &[Arg(0), Arg(1), Arg(2), Arg(4), Arg(5), Arg(6)],
        Call::__read_chk => &[Arg(0), Arg(1), Arg(2)],
        Call::__pread_chk => &[Arg(0), Arg(1), Arg(2), Arg(3)],
        Call::__poll_chk => &[Arg(0), Arg(1), Arg(2)],
        Call::__ppoll_chk => &[Arg(0), Arg(1), Arg(2), Arg(3)],
        Call::__syslog_chk => &[Arg(0), Arg(2)],
        Call::__vsyslog_chk => &[Arg(0), Arg(2), Arg(3)],
        _ => return None,
    })
}

static IN_ORDER: [Slot; 8] = [Arg(0), Arg(1), Arg(2), Arg(3), Arg(4), Arg(5), Arg(6), Arg(7)];

fn slots(ev: &Event, call: Call, format: Format) -> &'static [Slot] {
    let own = if format == Format::Strace { strace_slots(call) } else { None };
    if let Some(s) = own.or_else(|| plain_slots(call)) {
        return s;
    }
    let mut n = call.args().len();
    if call == Call::fcntl && !crate::fcntl::takes_arg(ev.int(1)) {
        n = 2;
    }
    if call == Call::ioctl && !crate::ioctl::takes_arg(ev.arg(1)) {
        n = 2;
    }
    IN_ORDER.get(..n).unwrap_or(&IN_ORDER)
}

/// The name of a call as `format` has it: strace's name of the system call, or libc's without `__` and `_chk`.
pub fn name(call: Call, format: Format) -> &'static str {
    match (format, call) {
        (Format::Strace, Call::closefrom) => "close_range",
        (Format::Strace, _) => call.sysname(),
        (_, Call::_Fork) => "_Fork",
        _ => {
            let name = call.name();
            let n = name.strip_prefix("__").unwrap_or(name);
            n.strip_suffix("_chk").unwrap_or(n)
        }
    }
}

/// Whether strace prints the argument only when the call has returned.
fn is_out(ev: &Event, kind: Kind) -> bool {
    match kind {
        Kind::AddrOut(_)
        | Kind::LenPtr
        | Kind::BufOut(_)
        | Kind::IovOut(_)
        | Kind::MsgOut
        | Kind::MmsgOut(_)
        | Kind::OptOut(_)
        | Kind::FdPair
        | Kind::EventsOut
        | Kind::StrOut(_)
        | Kind::AddrInfoOut
        | Kind::Hostent
        | Kind::HErrnoPtr
        | Kind::IfAddrsOut
        | Kind::PidOut
        | Kind::DnsOut(_) => true,
        Kind::FcntlArg => matches!(ev.int(1), libc::F_GETLK | libc::F_OFD_GETLK | 16),
        Kind::IoctlArg => true,
        _ => false,
    }
}

/// How many of the slots are known at entry.
fn at_entry(ev: &Event, call: Call, slots: &[Slot]) -> usize {
    let first = slots.iter().position(|s| match s {
        Arg(i) => call.args().get(usize::from(*i)).is_some_and(|a| is_out(ev, a.kind)),
        Add(_) | Mask(_) | Env(_) => false,
    });
    first.unwrap_or(slots.len())
}

/// How many of the slots the event has values for.
fn present(ev: &Event, slots: &[Slot]) -> usize {
    let missing = slots.iter().position(|s| match s {
        Arg(i) | Mask(i) | Env(i) => *i >= ev.head.nargs,
        Add(_) => false,
    });
    missing.unwrap_or(slots.len())
}

fn slot(ev: &Event, call: Call, p: &mut Printer, slot: Slot) {
    match slot {
        Arg(i) => value::arg(ev, call, p, i),
        Add(s) => p.word(s),
        Mask(i) => wait::pselect_mask(ev, p, i),
        Env(i) => value::env(ev, p, i, ev.arg(usize::from(i))),
    }
}

/// Writes `connect(3, 127.0.0.1:80, 16`: what is known at entry, without closing.
pub fn head(ev: &Event, p: &mut Printer) {
    let Some(call) = ev.call() else {
        unknown(ev, p);
        return;
    };
    let format = p.format();
    p.out().str(name(call, format));
    p.out().byte(b'(');
    let all = slots(ev, call, p.format());
    let entry = at_entry(ev, call, all);
    let have = present(ev, all);
    for (i, s) in all.iter().enumerate().take(entry.min(have)) {
        if i > 0 {
            p.out().str(", ");
        }
        slot(ev, call, p, *s);
    }
    if have >= entry && entry < all.len() && entry > 0 {
        p.out().str(", ");
    }
}

fn unknown(ev: &Event, p: &mut Printer) {
    p.out().str("call_");
    p.out().udec(u64::from(ev.head.call));
    p.out().byte(b'(');
    for i in 0..usize::from(ev.head.nargs.min(8)) {
        if i > 0 {
            p.out().str(", ");
        }
        p.hex(ev.arg(i));
    }
}

/// Writes the arguments known only at the end and the closing parenthesis.
pub(crate) fn tail_args(ev: &Event, p: &mut Printer) {
    if let Some(call) = ev.call() {
        let all = slots(ev, call, p.format());
        let entry = at_entry(ev, call, all);
        let have = present(ev, all);
        for (i, s) in all.iter().enumerate().take(have).skip(entry) {
            if i > entry {
                p.out().str(", ");
            }
            slot(ev, call, p, *s);
        }
    }
    p.out().byte(b')');
}

/// Writes the rest of the call after [`head`]: `) = -1 ECONNREFUSED (Connection refused)`. A short call is padded so that `=`
/// stands in strace's column of the line.
pub fn tail(ev: &Event, p: &mut Printer) {
    let start = p.out().bytes().iter().rposition(|&c| c == b'\n').map_or(0, |i| i.saturating_add(1));
    tail_from(ev, p, start);
}

/// The same for a line whose call began at `start`.
pub(crate) fn tail_from(ev: &Event, p: &mut Printer, start: usize) {
    tail_args(ev, p);
    returned(ev, p, start);
}

/// As [`head`] and [`tail_from`] after it.
pub(crate) fn whole(ev: &Event, p: &mut Printer, start: usize) {
    let all = ev.call().map(|call| (call, slots(ev, call, p.format())));
    let Some((call, all)) = all.filter(|(_, all)| present(ev, all) == all.len()) else {
        head(ev, p);
        return tail_from(ev, p, start);
    };
    let format = p.format();
    p.out().str(name(call, format));
    p.out().lit(b"(");
    for (i, s) in all.iter().enumerate() {
        if i > 0 {
            p.out().lit(b", ");
        }
        slot(ev, call, p, *s);
    }
    p.out().lit(b")");
    returned(ev, p, start);
}

fn returned(ev: &Event, p: &mut Printer, start: usize) {
    if ev.call().is_some_and(|c| !ret::shown(c, p.format())) && ev.head.flags & flag::UNFINISHED == 0 {
        return;
    }
    pad(p, start);
    p.out().lit(b"= ");
    ret::result(ev, p);
}

/// Blanks up to the column of `=`, at least one.
fn pad(p: &mut Printer, start: usize) {
    let column = p.out().len().saturating_sub(start);
    p.out().blanks(EQUALS.saturating_sub(column).max(1));
}

/// Writes the tree of arguments, `{"fd":3,...}`, with the names of THE TABLE. Only in JSON.
pub fn json_args(ev: &Event, p: &mut Printer) {
    p.begin_struct();
    if let Some(call) = ev.call() {
        let mut more = false;
        for s in slots(ev, call, Format::Json) {
            let Arg(i) = *s else { continue };
            if i >= ev.head.nargs {
                continue;
            }
            if let Some(a) = call.args().get(usize::from(i)) {
                p.out().key(more, a.name.get());
                more = true;
                value::arg(ev, call, p, i);
            }
        }
    }
    p.end_struct();
}

/// Index of the argument that is the call's descriptor.
pub fn fd_arg(call: Call) -> Option<usize> {
    call.args().iter().position(|a| a.kind == Kind::Fd)
}
