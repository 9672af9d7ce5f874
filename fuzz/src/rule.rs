//! Bytes as fault rules, and as a file of them.

use socklens_calls::Call;
use socklens_faultfile::Document;
use socklens_rules::Subject;
use socklens_rules::fault::draw::{lost, time};
use socklens_rules::fault::{Extras, FaultBlock, Realism};
use std::path::Path;

fn block() -> Box<FaultBlock> {
    let mut b = Box::new(FaultBlock::new());
    b.realism = Realism::Any as u8;
    b
}

/// Looks at everything a hook would look at.
fn eval(b: &FaultBlock) {
    let cx = Subject { fd: 3, comm: b"x", ..Subject::new(Call::send) };
    for rule in b.rules() {
        b.matches(rule, &cx);
        for a in b.actions(rule) {
            b.choose_error(a, 7);
            time(b, &a.dist, 7, &mut 7);
            lost(b, &a.loss, 7, 7, &mut 7);
        }
        b.step(rule, 0, 7, 7);
    }
}

fn texts(b: &FaultBlock) -> String {
    b.texts().collect::<Vec<_>>().join("\n")
}

/// The bytes as rules of one line each: what is accepted reads back from its normal form.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut b = block();
    if let Err(e) = b.add(&text, &Extras::default()) {
        return crate::render(&text, &e);
    }
    eval(&b);
    let normal = texts(&b);
    let mut again = block();
    again.add(&normal, &Extras::default()).expect("the normal form is in the language");
    assert_eq!(texts(&again), normal, "{text:?}");
}

/// The bytes as a TOML file.
pub fn toml(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // No file of tables is in a directory that cannot exist.
    match Document::parse(&text, Path::new("/dev/null")) {
        Ok(doc) => {
            let mut b = block();
            if let Err(e) = doc.add_to(&mut b) {
                assert!(e.line >= 1 && !e.what.is_empty());
            }
            eval(&b);
        }
        Err(e) => assert!(e.line >= 1 && !e.what.is_empty()),
    }
}
