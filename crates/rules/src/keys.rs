//! The keys of the selector language: their names, and what their values look like.

use crate::names::{self, Names};
use crate::near::Nearest;

/// What can be compared. The numbers are part of the compiled form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Key {
    Call,
    Fd,
    Conn,
    Pid,
    Tid,
    Comm,
    Exe,
    Errno,
    Ret,
    Bytes,
    Dur,
    Peer,
    Local,
    Addr,
    Port,
    LPort,
    PPort,
    Host,
    Role,
    Family,
    Type,
    Proto,
    Path,
    Nb,
    Failed,
    Site,
    Lineage,
    Ordinal,
    State,
    SniHost,
    Stack,
}

/// What a key's values look like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Calls,
    /// A whole number between two limits.
    Number(i64, i64),
    /// A number that may end in K, M or G.
    Size(i64),
    /// A duration with its unit, kept in nanoseconds.
    Time,
    /// A name of the table, with any of these prefixes or none, or a number up to the limit.
    Name(Names, &'static [&'static str], i64),
    Address,
    Glob,
    /// A place in the program.
    Site,
    /// The first digits of a lineage.
    Lineage,
    /// A connection's place among those of its process.
    Ordinal,
    /// A word of its own: no operator, no value.
    Flag,
}

pub(crate) struct Row {
    pub key: Key,
    pub kind: Kind,
}

const U32: i64 = u32::MAX as i64;
const PORT: Kind = Kind::Number(0, 65535);

macro_rules! keys {
    ($($key:ident $names:literal, $kind:expr;)*) => {
        /// Indexed by [`Key`].
        pub(crate) static KEYS: &[Row] = &[$(Row { key: Key::$key, kind: $kind }),*];
        /// The same: its name, then other spellings. One text, as a pointer each would cost a relocation.
        const NAMES: &str = concat!($($names, " , "),*);
        /// The same without what only parsing needs: a filter is evaluated in every process.
        const ALL: &[Key] = &[$(Key::$key),*];
    };
}

keys! {
    Call "call calls", Kind::Calls;
    Fd "fd", Kind::Number(i32::MIN as i64 + 1, i32::MAX as i64);
    Conn "conn", Kind::Number(0, U32);
    Pid "pid", Kind::Number(0, U32);
    Tid "tid thread", Kind::Number(0, U32);
    Comm "comm", Kind::Glob;
    Exe "exe", Kind::Glob;
    Errno "errno error", Kind::Name(names::ERRNO, &[], 4095);
    Ret "ret", Kind::Size(i64::MIN);
    Bytes "bytes", Kind::Size(0);
    Dur "dur duration", Kind::Time;
    Peer "peer", Kind::Address;
    Local "local", Kind::Address;
    Addr "addr", Kind::Address;
    Port "port", PORT;
    LPort "lport", PORT;
    PPort "pport", PORT;
    Host "host", Kind::Glob;
    Role "role", Kind::Name(names::ROLE, &[], 255);
    Family "family", Kind::Name(names::FAMILY, &["AF_", "PF_"], 65535);
    Type "type", Kind::Name(names::TYPE, &["SOCK_"], 65535);
    Proto "proto protocol", Kind::Name(names::PROTO, &["IPPROTO_"], 65535);
    Path "path", Kind::Glob;
    Nb "nb", Kind::Number(0, 1);
    Failed "failed", Kind::Flag;
    Site "site", Kind::Site;
    Lineage "lineage", Kind::Lineage;
    Ordinal "conn", Kind::Ordinal;
    State "state", Kind::Name(names::STATE, &[], 3);
    SniHost "sni-host sni", Kind::Glob;
    Stack "stack", Kind::Site;
}

/// Words that are terms by themselves: the key, its value, and whether it is negated.
pub(crate) static FLAGS: &[(&str, Key, i64, bool)] = &[
    ("failed", Key::Failed, 0, false),
    ("ok", Key::Failed, 0, true),
    ("nonblocking", Key::Nb, 1, false),
    ("blocking", Key::Nb, 0, false),
];

impl Key {
    pub(crate) fn from_u8(n: u8) -> Option<Key> {
        ALL.get(usize::from(n)).copied()
    }

    /// How it is written.
    pub(crate) fn name(self) -> &'static str {
        spellings().find(|(key, _)| *key == usize::from(self as u8)).map_or("", |(_, name)| name)
    }

    pub(crate) fn row(self) -> Option<&'static Row> {
        KEYS.get(usize::from(self as u8))
    }

    /// Whether only fault rules know the value.
    pub(crate) fn is_for_rules(self) -> bool {
        matches!(self, Key::Site | Key::Lineage | Key::Ordinal | Key::State | Key::SniHost | Key::Stack)
    }

    /// Whether the value belongs to the connection or the process, not to one call.
    pub(crate) fn is_lasting(self) -> bool {
        matches!(
            self,
            Key::Comm
                | Key::Exe
                | Key::Peer
                | Key::Local
                | Key::Addr
                | Key::Port
                | Key::LPort
                | Key::PPort
                | Key::Path
                | Key::Pid
                | Key::Conn
                | Key::Role
                | Key::Family
                | Key::Type
                | Key::Proto
        )
    }

    /// Whether the value is only known once the call has returned.
    pub(crate) fn is_result(self) -> bool {
        matches!(self, Key::Errno | Key::Ret | Key::Bytes | Key::Dur | Key::Failed)
    }
}

/// Every name, with its key's number.
fn spellings() -> impl Iterator<Item = (usize, &'static str)> {
    let mut key = 0usize;
    NAMES.split_ascii_whitespace().filter_map(move |word| {
        key = key.saturating_add(usize::from(word == ","));
        (word != ",").then_some((key, word))
    })
}

/// The key of this name.
pub(crate) fn by_name(word: &[u8]) -> Option<&'static Row> {
    let same = |s: &str| s.as_bytes().eq_ignore_ascii_case(word);
    let row = |key: usize| KEYS.get(key).filter(|r| r.kind != Kind::Flag);
    spellings().filter(|(_, name)| same(name)).find_map(|(key, _)| row(key))
}

/// The flag of this name.
pub(crate) fn flag(word: &[u8]) -> Option<&'static (&'static str, Key, i64, bool)> {
    FLAGS.iter().find(|f| f.0.as_bytes().eq_ignore_ascii_case(word))
}

/// The key or flag that resembles a word.
pub(crate) fn nearest(word: &[u8]) -> Option<&'static str> {
    let mut near = Nearest::new(word);
    spellings().for_each(|(_, name)| near.offer(name));
    for f in FLAGS {
        near.offer(f.0);
    }
    near.found()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_indexed_by_key() {
        for (i, r) in KEYS.iter().enumerate() {
            assert_eq!(r.key as usize, i);
            assert_eq!(Key::from_u8(i as u8), Some(r.key));
            assert!(!r.key.name().is_empty());
        }
    }
}
