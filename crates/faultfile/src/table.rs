//! Tables of times, as tc's netem has them: numbers between white space, 8192 to the standard deviation, `#` begins a comment.

use std::fs;
use std::path::Path;

/// Where tc keeps its own.
const PLACES: [&str; 3] = ["/usr/lib/tc", "/usr/share/tc", "/usr/lib64/tc"];
/// A table of 4096 numbers has about 30 KiB.
const MAX_BYTES: u64 = 1 << 20;

/// Reads a table: a path from `dir`, or a name of tc's, with or without `.dist`. False when there is none.
pub fn read(dir: &Path, name: &str, put: &mut dyn FnMut(i16)) -> bool {
    let mut paths = vec![dir.join(name)];
    if !name.contains('/') {
        for place in PLACES {
            paths.push(Path::new(place).join(name));
            paths.push(Path::new(place).join(format!("{name}.dist")));
        }
    }
    let Some(text) = paths.iter().find_map(|p| {
        let usable = fs::metadata(p).is_ok_and(|m| m.is_file() && m.len() <= MAX_BYTES);
        if usable { fs::read_to_string(p).ok() } else { None }
    }) else {
        return false;
    };
    let mut sound = true;
    for word in text.lines().flat_map(|l| l.split('#').next().unwrap_or("").split_ascii_whitespace()) {
        match word.parse::<i16>() {
            Ok(n) => put(n),
            Err(_) => sound = false,
        }
    }
    sound
}
