//! Bytes as damage to a session's file that is looked at from outside, while it is being written.
//!
//! The first two bytes choose how much the file holds and where it is cut off. Then come the steps of [`crate::segment`]:
//! those that read look at the session, all others write over it.

use crate::segment::{STEP, play, what, write};
use socklens_trace::Map;
use socklens_trace::observe::Observer;
use socklens_wire::{Header, layout};
use std::fs::{DirBuilder, OpenOptions, remove_dir_all};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most steps of each kind.
const WRITES: usize = 2000;
const LOOKS: usize = 6;

/// A directory of this run's own, gone afterwards.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("socklens-fuzz-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&dir).expect("a directory of our own");
        Place(dir)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = remove_dir_all(&self.0);
    }
}

/// Damages a session's file and looks at it, as the bytes say.
pub fn run(data: &[u8]) {
    let Some((&[first, second], steps)) = data.split_first_chunk() else { return };
    let place = Place::new();
    let path = place.0.join("segment");
    let size = crate::player::SMALL;
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path).expect("a file");
    file.set_len(size.total() as u64).expect("room");
    let map = Map::of_file(&file, size, true).expect("a mapping");
    let s = map.segment();
    // SAFETY: nobody else knows the file yet.
    unsafe { s.init() };
    // SAFETY: as above; the reference ends before the file is shown to anybody.
    let h = unsafe { &mut *s.base().cast::<Header>() };
    (h.mode, h.clock) = (layout::mode::SESSION, layout::clock::MONOTONIC);
    h.start = socklens_trace::clock::anchor(h.clock);
    s.header().stats.store(u32::from(first & 3), Ordering::Relaxed);
    if second & 1 == 0 {
        s.publish();
    }
    play(s, first);
    let mut observer = Observer::open(&path);
    let mut looks = 0;
    for (i, step) in steps.chunks_exact(STEP).take(WRITES).enumerate() {
        let (at, value) = (crate::number(&step[1..3]) as usize, crate::number(&step[3..]));
        if step[0] & 7 != what::READ {
            write(s, step[0], at, value);
            continue;
        }
        looks += 1;
        if looks > LOOKS {
            break;
        }
        // Damage may have been done before it was opened, too.
        if i % 2 == 0 {
            observer = Observer::open(&path);
        }
        if let Ok(o) = &mut observer {
            let _ = o.snapshot().map(|s| s.total());
            let _ = o.sample();
        }
    }
    // What is cut off is not touched: the mapping of this function ends before that.
    drop(map);
    if second & 2 != 0 {
        let _ = file.set_len(u64::from(second) * size.total() as u64 / 256);
    }
    if let Ok(o) = &mut observer {
        let _ = o.sample();
    }
    if let Ok(mut o) = Observer::open(&path) {
        let _ = o.snapshot().map(|s| s.total());
    }
}
