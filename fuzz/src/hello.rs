//! Bytes as what a TLS client sends: the first one says in what pieces they come.

use socklens_rules::hello::{Hello, MAX_NAME, Seen};

/// Reads the bytes whole and in pieces, and checks that both say the same and that a name is one.
pub fn run(data: &[u8]) {
    let Some((size, bytes)) = data.split_first() else { return };
    let mut whole = Hello::new();
    let seen = whole.feed(bytes);
    let mut pieces = Hello::new();
    for piece in bytes.chunks(usize::from(*size).max(1)) {
        pieces.feed(piece);
    }
    assert_eq!((pieces.seen(), pieces.name()), (seen, whole.name()));
    let name = whole.name();
    assert_eq!(name.is_empty(), seen != Seen::Name);
    assert!(name.len() <= MAX_NAME && name.iter().all(u8::is_ascii_graphic), "{name:?}");
    // What is known stays, whatever follows.
    if seen != Seen::More {
        assert_eq!((whole.feed(bytes), whole.name()), (seen, pieces.name()));
    }
}
