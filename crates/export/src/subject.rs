//! Members of JSON lines that one line after the other has in common, kept as text.

use socklens_decode::line::{self, Meta};
use socklens_decode::{Opts, Out};
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
}

/// The texts of [`line::subject`], the latest of each place.
pub struct Subjects(Vec<Option<Kept>>);

impl Default for Subjects {
    fn default() -> Subjects {
        Subjects((0..PLACES).map(|_| None).collect())
    }
}

impl Subjects {
    /// Writes what [`line::subject`] would write.
    pub fn write(&mut self, event: &Event, meta: &Meta, opts: &Opts, out: &mut Out) {
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
            return out.raw(&kept.text);
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
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use socklens_wire::event::{HEAD, word_of_size};

    /// A send on descriptor `fd` and connection `conn`.
    fn event(fd: u64, conn: u32) -> Vec<u8> {
        let mut b = vec![0u8; HEAD + 8];
        b[..4].copy_from_slice(&word_of_size(HEAD + 8).to_le_bytes());
        b[4..6].copy_from_slice(&(socklens_calls::Call::send as u16).to_le_bytes());
        b[32..36].copy_from_slice(&conn.to_le_bytes());
        b[38] = 1;
        b[HEAD..].copy_from_slice(&fd.to_le_bytes());
        b
    }

    #[test]
    fn what_was_kept_is_used_for_the_same_alone() {
        let mut one = ConnInfo { serial: 1, family: 2, ty: 1, ..ConnInfo::zero() };
        let mut address = one.peer;
        address[..8].copy_from_slice(&[2, 0, 0, 80, 127, 0, 0, 1]);
        one.set_peer(&address, 16);
        let mut other = one;
        other.peer[3] = 81;
        let mut meta = Meta {
            realtime_ns: 0,
            mono_ns: 0,
            since_start_ns: 0,
            delta_ns: 0,
            dur_ns: 0,
            pid: 5,
            tid: 6,
            comm: b"one",
            conn: Some(&one),
            name: b"",
        };
        let mut subjects = Subjects::default();
        let mut seen = std::collections::BTreeSet::new();
        let mut same = |fd: u64, conn: u32, meta: &Meta| {
            let bytes = event(fd, conn);
            let event = Event::parse(&bytes).unwrap();
            let text = |write: &mut dyn FnMut(&mut Out)| {
                let mut room = [0; 1024];
                let mut out = Out::new(&mut room);
                write(&mut out);
                String::from_utf8(out.bytes().to_vec()).unwrap()
            };
            let fresh = text(&mut |o| line::subject(&event, meta, &Opts::DEFAULT, o));
            for _ in 0..2 {
                assert_eq!(text(&mut |o| subjects.write(&event, meta, &Opts::DEFAULT, o)), fresh);
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
}
