//! Names of network interfaces, as the command's own network namespace has them.

use socklens_decode::Out;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long an answer is believed: interfaces are renamed, made and taken away.
const FRESH: Duration = Duration::from_secs(1);
/// Answers kept: a log full of made-up numbers must not fill the memory.
const MOST: usize = 1024;

thread_local! {
    /// What the kernel said last, and when; the name is empty where there is none.
    static KNOWN: RefCell<HashMap<u32, (Instant, Vec<u8>)>> = RefCell::default();
}

/// Writes the name of interface `index`; false if there is none.
pub fn name(index: u32, out: &mut Out) -> bool {
    KNOWN.with_borrow_mut(|known| {
        let now = Instant::now();
        if known.len() > MOST {
            known.clear();
        }
        let entry = known.entry(index).or_insert_with(|| (now, ask(index)));
        if now.duration_since(entry.0) > FRESH {
            *entry = (now, ask(index));
        }
        for &b in &entry.1 {
            out.byte(b);
        }
        !entry.1.is_empty()
    })
}

/// Asks the kernel.
fn ask(index: u32) -> Vec<u8> {
    let mut name = [0u8; libc::IF_NAMESIZE];
    // SAFETY: there is room for IF_NAMESIZE bytes, which it ends with a NUL.
    if unsafe { libc::if_indextoname(index, name.as_mut_ptr().cast()) }.is_null() {
        return Vec::new();
    }
    name.split(|&b| b == 0).next().unwrap_or(&[]).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_has_a_name_and_no_interface_has_the_last_number() {
        let mut bytes = [0; 32];
        let mut out = Out::new(&mut bytes);
        assert!(name(1, &mut out));
        assert!(!name(u32::MAX, &mut out));
        assert_eq!(out.bytes(), ask(1));
    }
}
