//! Members of JSON lines that one line after the other has in common, kept as text.

use socklens_decode::line::{self, Meta};
use socklens_decode::{Names, Opts, Out};
use socklens_wire::{ConnInfo, Event};

/// How many are kept: a call of a thread on a descriptor has one place, which it shares with whatever falls on the same.
const PLACES: usize = 256;

/// What the text was made of.
#[derive(PartialEq, Eq)]
struct Key {
    pid: u32,
    tid: u32,
    call: u16,
    fd: Option<i32>,
    conn: u32,
}

struct Kept {
    key: Key,
    info: Option<ConnInfo>,
    comm: Vec<u8>,
    name: Vec<u8>,
    text: Vec<u8>,
    /// Whether its arguments are kept at all, those of the latest call, and their text; none yet.
    by_value: bool,
    args: ([u64; MOST_ARGS], u8),
    args_text: Vec<u8>,
}

/// Arguments of a call whose text is kept, at most.
const MOST_ARGS: usize = 6;

/// The arguments of an event that are compared; None when it has more.
fn values(event: &Event) -> Option<([u64; MOST_ARGS], u8)> {
    let n = event.head.nargs;
    (usize::from(n) <= MOST_ARGS).then(|| (std::array::from_fn(|i| event.arg(i)), n))
}

/// The texts of [`line::subject`] and [`line::args`], the latest of each place.
pub struct Subjects(Vec<Option<Kept>>);

impl Default for Subjects {
    fn default() -> Subjects {
        Subjects((0..PLACES).map(|_| None).collect())
    }
}

impl Subjects {
    /// Writes what [`line::subject`] and then [`line::args`] would write.
    pub fn write(&mut self, event: &Event, meta: &Meta, opts: &Opts, names: &dyn Names, out: &mut Out) {
        let call = event.head.call;
        let key = Key { pid: meta.pid, tid: meta.tid, call, fd: line::fd(event), conn: event.head.conn };
        let mix = key.tid.wrapping_mul(31) ^ key.conn.wrapping_mul(7) ^ u32::from(call);
        let place = &mut self.0[mix as usize % PLACES];
        if let Some(kept) = place
            && kept.key == key
            && kept.comm == meta.comm
            && kept.name == meta.name
            && kept.info.as_ref().map(ConnInfo::as_bytes) == meta.conn.map(ConnInfo::as_bytes)
        {
            out.raw(&kept.text);
            return kept.args(event, opts, names, out);
        }
        let start = out.len();
        line::subject(event, meta, opts, out);
        if !out.cut() {
            *place = Some(Kept {
                key,
                info: meta.conn.copied(),
                comm: meta.comm.to_vec(),
                name: meta.name.to_vec(),
                text: out.bytes()[start..].to_vec(),
                by_value: event.call().is_some_and(line::args_are_values),
                args: ([0; MOST_ARGS], 0),
                args_text: Vec::new(),
            });
        }
        line::args(event, opts, names, out);
    }
}

impl Kept {
    fn args(&mut self, event: &Event, opts: &Opts, names: &dyn Names, out: &mut Out) {
        let Some(values) = values(event).filter(|_| self.by_value) else {
            return line::args(event, opts, names, out);
        };
        if values == self.args && !self.args_text.is_empty() {
            return out.raw(&self.args_text);
        }
        let start = out.len();
        line::args(event, opts, names, out);
        self.args_text.clear();
        if !out.cut() {
            self.args = values;
            self.args_text.extend_from_slice(&out.bytes()[start..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use socklens_calls::Call;
    use socklens_decode::NoNames;
    use socklens_wire::event::{HEAD, word_of_size};

    /// A call with these arguments on connection `conn`.
    fn event(call: Call, args: &[u64], conn: u32) -> Vec<u8> {
        let size = HEAD + 8 * args.len();
        let mut b = vec![0u8; size];
        b[..4].copy_from_slice(&word_of_size(size).to_le_bytes());
        b[4..6].copy_from_slice(&(call as u16).to_le_bytes());
        b[32..36].copy_from_slice(&conn.to_le_bytes());
        b[38] = args.len() as u8;
        for (to, v) in b[HEAD..].chunks_mut(8).zip(args) {
            to.copy_from_slice(&v.to_le_bytes());
        }
        b
    }

    fn text(write: &mut dyn FnMut(&mut Out)) -> String {
        let mut room = [0; 1024];
        let mut out = Out::new(&mut room);
        write(&mut out);
        String::from_utf8(out.bytes().to_vec()).unwrap()
    }

    const MINE: Meta = Meta {
        realtime_ns: 0,
        mono_ns: 0,
        since_start_ns: 0,
        delta_ns: 0,
        dur_ns: 0,
        pid: 5,
        tid: 5,
        comm: b"one",
        conn: None,
        name: b"",
    };

    /// What is written without anything kept.
    fn fresh(event: &Event, meta: &Meta) -> String {
        text(&mut |o| {
            line::subject(event, meta, &Opts::DEFAULT, o);
            line::args(event, &Opts::DEFAULT, &NoNames, o);
        })
    }

    #[test]
    fn what_was_kept_is_used_for_the_same_alone() {
        let mut one = ConnInfo { serial: 1, family: 2, ty: 1, ..ConnInfo::zero() };
        let mut address = one.peer;
        address[..8].copy_from_slice(&[2, 0, 0, 80, 127, 0, 0, 1]);
        one.set_peer(&address, 16);
        let mut other = one;
        other.peer[3] = 81;
        let mut meta = Meta { tid: 6, conn: Some(&one), ..MINE };
        let mut subjects = Subjects::default();
        let mut seen = std::collections::BTreeSet::new();
        let mut same = |fd: u64, conn: u32, meta: &Meta| {
            let bytes = event(Call::send, &[fd], conn);
            let event = Event::parse(&bytes).unwrap();
            let fresh = fresh(&event, meta);
            for _ in 0..3 {
                assert_eq!(text(&mut |o| subjects.write(&event, meta, &Opts::DEFAULT, &NoNames, o)), fresh);
            }
            seen.insert(fresh);
        };
        same(3, 1, &meta);
        same(4, 1, &meta);
        same(4, 2, &meta);
        meta.conn = Some(&other);
        same(4, 2, &meta);
        meta.conn = None;
        same(4, 2, &meta);
        meta.comm = b"two";
        same(4, 2, &meta);
        meta.name = b"db";
        same(4, 2, &meta);
        meta.pid = 7;
        same(4, 2, &meta);
        meta.tid = 8;
        same(4, 2, &meta);
        assert_eq!(seen.len(), 9, "{seen:#?}");
        assert!(seen.iter().any(|s| s.contains("127.0.0.1:81")), "{seen:#?}");
    }

    #[test]
    fn arguments_that_were_kept_are_used_for_the_same_values_alone() {
        let meta = MINE;
        let mut subjects = Subjects::default();
        let (first, changed, fewer) = ([3, 0x1000, 64, 0], [3, 0x1000, 64, 0x40], [3, 0x1000]);
        for args in [&first[..], &first, &changed, &changed, &first, &fewer, &fewer, &first, &[3, 0x1000, 0, 0]] {
            let bytes = event(Call::recv, args, 1);
            let event = Event::parse(&bytes).unwrap();
            let written = text(&mut |o| subjects.write(&event, &meta, &Opts::DEFAULT, &NoNames, o));
            assert_eq!(written, fresh(&event, &meta));
            assert_eq!(written.contains("MSG_DONTWAIT"), args == changed, "{written}");
        }
        // What an argument points to is in its event.
        let values = |c: Call| line::args_are_values(c);
        assert!(values(Call::send) && values(Call::recv) && values(Call::read) && values(Call::write));
        assert!(!values(Call::sendto) && !values(Call::sendmsg) && !values(Call::getsockopt) && !values(Call::poll));
    }
}
