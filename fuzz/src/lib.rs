//! What the fuzz targets do with their bytes. The targets themselves are one line each, in `fuzz_targets`; the test in
//! `tests/corpus.rs` runs the same functions over the corpus without libFuzzer.

pub mod calls;
pub mod dns;
pub mod event;
pub mod filter;
pub mod hello;
#[path = "../../crates/decode/tests/make/mod.rs"]
pub mod make;
pub mod observer;
#[path = "../../crates/trace/tests/player/mod.rs"]
pub mod player;
pub mod rule;
pub mod segment;

/// The number in the first bytes; missing ones are 0.
fn number(bytes: &[u8]) -> u64 {
    let mut b = [0; 8];
    for (to, from) in b.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_le_bytes(b)
}

/// Renders a fault as a person sees it, and checks what is promised of it.
fn render(source: &str, e: &socklens_rules::SyntaxError) {
    let (at, len) = (usize::from(e.at), usize::from(e.len));
    assert!(at + len <= source.len(), "{e:?} is outside of {source:?}");
    let mut out = Vec::new();
    e.render(source, &mut |b| out.extend_from_slice(b));
    assert!(out.len() < 2000, "{} bytes for {e:?}", out.len());
    let text = String::from_utf8(out).expect("what is rendered is UTF-8");
    assert_eq!(text.matches('\n').count(), 3, "{text:?}");
    assert!(text.ends_with('\n') && !text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}
