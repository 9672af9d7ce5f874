//! Every file of the corpus through its target, without libFuzzer: cargo test --no-default-features.

use std::fs;
use std::path::Path;

fn each(target: &str, run: fn(&[u8])) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no corpus in {}", dir.display());
    for file in files {
        println!("{}", file.display());
        let bytes = fs::read(&file).unwrap();
        run(&bytes);
        // Cut short, and with single bits wrong: a little of what libFuzzer would do.
        for i in 0..bytes.len().min(200) {
            run(&bytes[..i]);
            let mut other = bytes.clone();
            other[i] ^= 1 << (i % 8);
            run(&other);
        }
    }
}

#[test]
fn event() {
    each("event", socklens_fuzz::event::run);
}

#[test]
fn dns() {
    each("dns", socklens_fuzz::dns::run);
}

#[test]
fn hello() {
    each("hello", socklens_fuzz::hello::run);
}

#[test]
fn filter() {
    each("filter", socklens_fuzz::filter::run);
}

#[test]
fn calls() {
    each("calls", socklens_fuzz::calls::run);
}

#[test]
fn segment() {
    each("segment", socklens_fuzz::segment::run);
}

#[test]
fn observer() {
    each("observer", socklens_fuzz::observer::run);
}

#[test]
fn rule() {
    each("rule", socklens_fuzz::rule::run);
}

#[test]
fn toml() {
    each("toml", socklens_fuzz::rule::toml);
}
