//! The shared-memory structures under loom: every interleaving of a few operations. `make loom`.
#![cfg(loom)]

use loom::thread;
use socklens_wire::pool::{self, Links};
use socklens_wire::ring::{self, Next};
use socklens_wire::sync::{AtomicU32, AtomicU64, Ordering};
use std::sync::Arc;

struct Shared {
    stack: AtomicU64,
    fresh: AtomicU32,
    links: Vec<AtomicU32>,
}

struct Of<'a>(&'a Shared);

impl Links for Of<'_> {
    fn link(&self, index: u32) -> Option<&AtomicU32> {
        self.0.links.get(index as usize)
    }
}

fn shared(n: u32) -> Arc<Shared> {
    Arc::new(Shared {
        stack: AtomicU64::new(0),
        fresh: AtomicU32::new(0),
        links: (0..n).map(|_| AtomicU32::new(0)).collect(),
    })
}

#[test]
fn two_threads_never_hold_the_same_index() {
    loom::model(|| {
        let s = shared(2);
        let take = |s: Arc<Shared>| {
            thread::spawn(move || {
                let a = pool::pop(&s.stack, &s.fresh, 2, &Of(&s));
                if let Some(a) = a {
                    pool::push(&s.stack, &Of(&s), a);
                }
                pool::pop(&s.stack, &s.fresh, 2, &Of(&s))
            })
        };
        let (x, y) = (take(s.clone()), take(s.clone()));
        let (x, y) = (x.join().unwrap(), y.join().unwrap());
        assert!(x.is_some() && y.is_some());
        assert_ne!(x, y);
    });
}

#[test]
fn a_stale_top_is_not_taken_after_reuse() {
    // ABA: one thread is between reading the top and exchanging it while another takes both and puts the first back.
    loom::model(|| {
        let s = shared(2);
        for i in [1, 0] {
            pool::push(&s.stack, &Of(&s), i);
        }
        s.fresh.store(2, Ordering::Relaxed);
        let other = {
            let s = s.clone();
            thread::spawn(move || pool::pop(&s.stack, &s.fresh, 2, &Of(&s)))
        };
        let a = pool::pop(&s.stack, &s.fresh, 2, &Of(&s));
        let b = pool::pop(&s.stack, &s.fresh, 2, &Of(&s));
        if let Some(a) = a {
            pool::push(&s.stack, &Of(&s), a);
        }
        let c = other.join().unwrap();
        // Held now: b and c. They are distinct, and a is held by nobody but perhaps c.
        if let (Some(b), Some(c)) = (b, c) {
            assert_ne!(b, c);
        }
        assert!(b.is_some() || c.is_some());
    });
}

#[test]
fn every_chunk_handed_over_is_taken_once() {
    loom::model(|| {
        let s = shared(3);
        let writer = {
            let s = s.clone();
            thread::spawn(move || {
                pool::push(&s.stack, &Of(&s), 0);
                pool::push(&s.stack, &Of(&s), 1);
            })
        };
        let walk = |s: &Shared| {
            let mut seen = Vec::new();
            let mut top = pool::take_all(&s.stack);
            while top != 0 {
                seen.push(top - 1);
                top = s.links[(top - 1) as usize].load(Ordering::Acquire);
            }
            seen
        };
        let mut seen = walk(&s);
        writer.join().unwrap();
        seen.extend(walk(&s));
        seen.sort_unstable();
        assert_eq!(seen, [0, 1]);
    });
}

#[test]
fn a_reader_sees_a_committed_event_whole() {
    const SIZE: u32 = 48;
    loom::model(|| {
        struct Chunk {
            head: AtomicU32,
            end: AtomicU32,
            word: AtomicU32,
            body: AtomicU64,
        }
        let c = Arc::new(Chunk {
            head: AtomicU32::new(0),
            end: AtomicU32::new(u32::MAX),
            word: AtomicU32::new(0),
            body: AtomicU64::new(0),
        });
        let writer = {
            let c = c.clone();
            thread::spawn(move || {
                assert_eq!(ring::reserve(&c.head, &c.end, 64, SIZE), Some(0));
                c.body.store(7, Ordering::Relaxed);
                ring::commit(&c.word, socklens_wire::event::word_of_size(SIZE as usize));
                assert_eq!(ring::reserve(&c.head, &c.end, 64, SIZE), None);
            })
        };
        if let Next::Event(n) = ring::next(&c.word, &c.end, 64, 0) {
            assert_eq!((n, c.body.load(Ordering::Relaxed)), (48, 7));
        }
        writer.join().unwrap();
        assert_eq!(ring::next(&c.word, &c.end, 64, 0), Next::Event(48));
        // The failed reservation marked where the events end.
        assert_eq!(ring::next(&AtomicU32::new(0), &c.end, 64, SIZE), Next::End);
    });
}

#[test]
fn what_was_given_back_is_the_next_event_and_never_half_of_one() {
    const ROOM: u32 = 64;
    const SIZE: u32 = 48;
    loom::model(|| {
        struct Chunk {
            head: AtomicU32,
            end: AtomicU32,
            words: [AtomicU32; 2],
            bodies: [AtomicU64; 2],
        }
        let c = Arc::new(Chunk {
            head: AtomicU32::new(0),
            end: AtomicU32::new(u32::MAX),
            words: [AtomicU32::new(0), AtomicU32::new(0)],
            bodies: [AtomicU64::new(0), AtomicU64::new(0)],
        });
        let writer = {
            let c = c.clone();
            thread::spawn(move || {
                for (i, at) in [0, SIZE].into_iter().enumerate() {
                    assert_eq!(ring::reserve(&c.head, &c.end, 128, ROOM), Some(at));
                    c.bodies[i].store(7 + i as u64, Ordering::Relaxed);
                    assert!(ring::give_back(&c.head, at + ROOM, at + SIZE));
                    ring::commit(&c.words[i], socklens_wire::event::word_of_size(SIZE as usize));
                }
                // A handler's reservation behind one keeps it as long as it is.
                let at = ring::reserve(&c.head, &c.end, 128, 16).unwrap();
                assert_eq!(ring::reserve(&c.head, &c.end, 128, 16), Some(at + 16));
                assert!(!ring::give_back(&c.head, at + 16, at + 8));
            })
        };
        for (i, at) in [0, SIZE].into_iter().enumerate() {
            match ring::next(&c.words[i], &c.end, 128, at) {
                Next::Event(n) => assert_eq!((n, c.bodies[i].load(Ordering::Relaxed)), (48, 7 + i as u64)),
                other => assert_eq!(other, Next::Pending),
            }
        }
        writer.join().unwrap();
        assert_eq!(c.head.load(Ordering::Relaxed), 2 * SIZE + 32);
    });
}
