//! Private copies of events: blocks that are filled in turn and used again once all their events were released.

use std::sync::atomic::{AtomicU64, Ordering};

const BLOCK_WORDS: usize = 32 * 1024;

#[derive(Debug)]
struct Block {
    words: Vec<u64>,
    /// Events in it that are still pending.
    live: u32,
}

/// Where a copied event lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    block: u32,
    word: u32,
}

/// All blocks.
#[derive(Debug, Default)]
pub struct Blocks {
    all: Vec<Block>,
    free: Vec<u32>,
    current: Option<u32>,
}

/// A run of words as bytes.
fn bytes(words: &[u64]) -> &[u8] {
    // SAFETY: u64 has no padding and every byte of it is initialised; the length is the same memory in bytes.
    unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), words.len() * 8) }
}

impl Blocks {
    fn room(&mut self, words: usize) -> u32 {
        if let Some(c) = self.current {
            let b = &self.all[c as usize];
            if b.words.len() + words <= BLOCK_WORDS {
                return c;
            }
            if b.live == 0 {
                self.all[c as usize].words.clear();
                return c;
            }
        }
        let c = self.free.pop().unwrap_or_else(|| {
            self.all.push(Block { words: Vec::with_capacity(BLOCK_WORDS), live: 0 });
            (self.all.len() - 1) as u32
        });
        self.all[c as usize].words.clear();
        self.current = Some(c);
        c
    }

    /// Copies `words` words from `at`, a relaxed load each: writers may scribble there meanwhile.
    ///
    /// # Safety
    /// `at` is aligned to 8 and `words` words from it are mapped.
    pub unsafe fn copy(&mut self, at: *const u64, words: usize) -> Place {
        let c = self.room(words);
        let to = &mut self.all[c as usize].words;
        let place = Place { block: c, word: to.len() as u32 };
        to.extend((0..words).map(|i| {
            // SAFETY: the caller answers for the range; an atomic load is sound whatever other processes do.
            unsafe { AtomicU64::from_ptr(at.add(i).cast_mut()).load(Ordering::Relaxed) }
        }));
        place
    }

    /// The bytes from `place` on, `len` of them at most.
    pub fn get(&self, place: Place, len: usize) -> &[u8] {
        let words = self.all.get(place.block as usize).and_then(|b| b.words.get(place.word as usize..)).unwrap_or(&[]);
        let all = bytes(words);
        all.get(..len).unwrap_or(all)
    }

    /// The place `words` further on in the same copy.
    pub fn further(place: Place, words: usize) -> Place {
        Place { word: place.word + words as u32, ..place }
    }

    /// Says that an event in the block is pending.
    pub fn hold(&mut self, place: Place) {
        self.all[place.block as usize].live += 1;
    }

    /// Says that it was released.
    pub fn release(&mut self, place: Place) {
        let b = &mut self.all[place.block as usize];
        b.live = b.live.saturating_sub(1);
        if b.live == 0 && self.current != Some(place.block) {
            self.free.push(place.block);
        }
    }

    /// Blocks ever made.
    #[cfg(test)]
    pub fn made(&self) -> usize {
        self.all.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_used_again() {
        let mut b = Blocks::default();
        let data = [7u64; 1024];
        let mut places = std::collections::VecDeque::new();
        for _ in 0..1000 {
            // SAFETY: the array holds that many words.
            let p = unsafe { b.copy(data.as_ptr(), data.len()) };
            b.hold(p);
            places.push_back(p);
            if places.len() > 40 {
                b.release(places.pop_front().unwrap());
            }
            assert_eq!(b.get(p, 9), [7, 0, 0, 0, 0, 0, 0, 0, 7]);
        }
        assert!(b.made() <= 4, "{} blocks", b.made());
    }
}
