//! A text as a set of calls.

use socklens_rules::CallSet;

/// Parses the text; a set's normal form reads back as the same set, a fault can be shown.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match CallSet::parse(&text) {
        Ok(set) => {
            assert_eq!(CallSet::from_bits(set.bits()), set);
            let mut out = Vec::new();
            set.write_normal(&mut |b| out.extend_from_slice(b));
            let normal = String::from_utf8(out).expect("the normal form is UTF-8");
            assert_eq!(CallSet::parse(&normal).as_ref(), Ok(&set), "{text:?} became {normal:?}");
        }
        Err(e) => crate::render(&text, &e),
    }
}
