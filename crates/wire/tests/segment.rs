//! The segment as writers and readers use it. Also run under miri.
#![cfg(not(loom))]

use socklens_wire::event::{CapHead, EventHead, HEAD, flag, word_of_size};
use socklens_wire::layout::{CHUNK_HEAD, FAULTS_SIZE, PAGE_SIZE, proc_state};
use socklens_wire::ring::{self, Next};
use socklens_wire::{ConnInfo, Event, Header, Layout, MAGIC, Part, Segment, VERSION, pool};
use std::alloc::{Layout as Memory, alloc_zeroed, dealloc};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};

struct Mapped(Segment, Memory);

impl Mapped {
    fn new(layout: Layout) -> Mapped {
        let memory = Memory::from_size_align(layout.total(), PAGE_SIZE).unwrap();
        // SAFETY: a non-zero size; the segment lives as long as the block, and nobody else uses it.
        unsafe {
            let seg = Segment::new(alloc_zeroed(memory), layout);
            seg.init();
            seg.publish();
            Mapped(seg, memory)
        }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: allocated in new with this layout.
        unsafe { dealloc(self.0.base(), self.1) }
    }
}

const SMALL: Layout = Layout { procs: 2, threads: 3, conns: 4, pages: 3, chunks: 2, dues: 0 };

#[test]
fn parts_do_not_overlap_and_stay_inside() {
    let m = Mapped::new(SMALL);
    let s = m.0;
    let mut spans = vec![(s.base() as usize, size_of::<Header>()), (s.faults() as usize, FAULTS_SIZE)];
    spans.extend((0..2).map(|i| (std::ptr::from_ref(s.proc_pid(i).unwrap()) as usize, 4)));
    spans.extend((0..2).map(|i| (s.proc_slot(i).unwrap() as usize, size_of::<socklens_wire::ProcSlot>())));
    spans.extend((0..3).map(|i| (s.thread_slot(i).unwrap() as usize, size_of::<socklens_wire::ThreadSlot>())));
    spans.extend((0..4).map(|i| (s.conn_slot(i).unwrap() as usize, size_of::<socklens_wire::ConnSlot>())));
    spans.extend((0..3).map(|i| (std::ptr::from_ref(s.page_owner(i).unwrap()) as usize, 16)));
    spans.extend((0..3).map(|i| (s.page(i).unwrap() as usize, PAGE_SIZE)));
    spans.extend((0..2).map(|i| (s.chunk(i).unwrap() as usize, 64 * 1024)));
    spans.sort_unstable();
    for w in spans.windows(2) {
        assert!(w[0].0 + w[0].1 <= w[1].0, "{w:x?}");
    }
    let (at, len) = *spans.last().unwrap();
    assert!(at + len <= s.base() as usize + SMALL.total());
    assert!(
        s.proc_slot(2).is_none() && s.proc_pid(2).is_none() && s.thread_slot(3).is_none() && s.conn_slot(4).is_none()
    );
    assert!(s.page(3).is_none() && s.chunk(2).is_none() && s.chunk_at(5).is_none());
    assert_eq!(s.header().magic.load(Ordering::Acquire), MAGIC);
    assert_eq!(s.header().version, VERSION);
}

#[test]
fn a_process_slot_is_given_back_with_its_pid() {
    let m = Mapped::new(SMALL);
    let s = m.0;
    let (pid, slot) = (s.proc_pid(1).unwrap(), s.proc_slot(1).unwrap());
    // SAFETY: the slot lies in this test's memory; its state word is an atomic.
    let state = unsafe { &(*slot).state };
    pid.store(7, Ordering::Relaxed);
    state.store(proc_state::LIVE, Ordering::Relaxed);
    s.free_proc(2);
    s.free_proc(u32::MAX);
    assert_eq!((pid.load(Ordering::Relaxed), state.load(Ordering::Relaxed)), (7, proc_state::LIVE));
    s.free_proc(1);
    assert_eq!((pid.load(Ordering::Relaxed), state.load(Ordering::Relaxed)), (0, proc_state::FREE));
}

#[test]
fn damaged_counts_are_refused() {
    assert!(Layout::SESSION.sane() && Layout::ALONE.sane());
    assert!(!Layout { procs: 0, ..SMALL }.sane());
    assert!(!Layout { conns: u32::MAX, ..SMALL }.sane());
    assert!(!Layout { dues: u32::MAX, ..SMALL }.sane());
}

#[test]
fn pools_give_each_index_once_and_take_them_back() {
    let m = Mapped::new(SMALL);
    let s = m.0;
    let h = s.header();
    let take = || pool::pop(&h.free_conns, &h.fresh_conns, 4, &s.conn_links());
    let all: HashSet<u32> = std::iter::from_fn(take).collect();
    assert_eq!(all, (0..4).collect());
    assert_eq!(take(), None);
    pool::push(&h.free_conns, &s.conn_links(), 2);
    assert_eq!((take(), take()), (Some(2), None));
}

#[test]
fn threads_share_a_pool_without_loss() {
    let m = Mapped::new(SMALL);
    let s = m.0;
    let rounds = if cfg!(miri) { 30 } else { 20_000 };
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(move || {
                let h = s.header();
                for _ in 0..rounds {
                    if let Some(i) = pool::pop(&h.free_pages, &h.fresh_pages, 3, &s.page_links()) {
                        let owner = s.page_owner(i).unwrap();
                        assert_eq!(owner.kind.swap(1, Ordering::AcqRel), 0, "page {i} has two owners");
                        owner.kind.store(0, Ordering::Release);
                        pool::push(&h.free_pages, &s.page_links(), i);
                    }
                }
            });
        }
    });
    let h = s.header();
    let left: HashSet<u32> =
        std::iter::from_fn(|| pool::pop(&h.free_pages, &h.fresh_pages, 3, &s.page_links())).collect();
    assert_eq!(left.len(), 3);
}

/// Writes an event of `args` and one capture the way the shim does.
unsafe fn write_event(s: &Segment, position: u32, ret: i64, data: &[u8]) -> bool {
    let chunk = s.chunk_at(position).unwrap();
    let padded = data.len().next_multiple_of(8);
    let size = HEAD + 8 + size_of::<CapHead>() + padded;
    // SAFETY: the reserved bytes lie in the chunk.
    unsafe {
        let Some(at) = ring::reserve(&(*chunk).head, &(*chunk).end, (*chunk).cap, size as u32) else { return false };
        let p = chunk.cast::<u8>().add(CHUNK_HEAD + at as usize);
        let head = EventHead {
            word: 0,
            call: 21,
            errno: 0,
            start: 1,
            end: 2,
            ret,
            conn: 9,
            flags: flag::CUT,
            nargs: 1,
            ncaps: 1,
        };
        p.cast::<EventHead>().write(head);
        p.add(HEAD).cast::<u64>().write(5);
        let cap = CapHead { arg: 1, part: Part::Data as u8, len: data.len() as u32, full: 100, ..CapHead::default() };
        p.add(HEAD + 8).cast::<CapHead>().write(cap);
        std::ptr::copy_nonoverlapping(data.as_ptr(), p.add(HEAD + 8 + size_of::<CapHead>()), data.len());
        ring::commit(&*p.cast::<AtomicU32>(), word_of_size(size));
    }
    true
}

#[test]
fn a_chunk_is_read_back_as_written_and_its_end_is_known() {
    let m = Mapped::new(SMALL);
    let s = m.0;
    let position = SMALL.chunks; // the first page
    let chunk = s.chunk_at(position).unwrap();
    // SAFETY: the chunk is ours alone.
    unsafe {
        (*chunk).cap = s.chunk_cap(position) as u32;
        (*chunk).end.store(u32::MAX, Ordering::Relaxed);
    }
    let mut written = 0;
    // SAFETY: see write_event.
    while unsafe { write_event(&s, position, written, b"hello") } {
        written += 1;
    }
    let mut at = 0u32;
    let mut read = 0;
    loop {
        // SAFETY: `at` stays within the chunk, whose events were committed above.
        let (next, bytes) = unsafe {
            let data = chunk.cast::<u8>().add(CHUNK_HEAD);
            let word = &*data.add(at as usize).cast::<AtomicU32>();
            let next = ring::next(word, &(*chunk).end, (*chunk).cap, at);
            (next, std::slice::from_raw_parts(data.add(at as usize), (*chunk).cap as usize - at as usize))
        };
        match next {
            Next::Event(n) => {
                let e = Event::parse(bytes).unwrap();
                assert_eq!((e.size(), e.head.ret, e.head.conn, e.int(0), e.arg(1)), (n, read, 9, 5, 0));
                let c = e.cap(1, Part::Data).unwrap();
                assert_eq!((c.data, c.full), (&b"hello"[..], 100));
                read += 1;
                at += n as u32;
            }
            Next::End => break,
            Next::Pending => panic!("nothing is being filled"),
        }
    }
    assert_eq!(read, written);
    assert!(read > 40);
}

#[test]
fn no_bytes_make_an_event_panic() {
    let mut x = 1u64;
    let mut random = move || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    };
    let rounds = if cfg!(miri) { 200 } else { 200_000 };
    for _ in 0..rounds {
        let mut b: Vec<u8> = (0..random() % 200).map(|_| random() as u8).collect();
        if b.len() >= 4 && random() % 4 != 0 {
            b[..4].copy_from_slice(&word_of_size((random() % 30) as usize * 8).to_le_bytes());
        }
        if let Some(e) = Event::parse(&b) {
            for c in e.captures() {
                assert!(c.data.len() <= b.len());
            }
            let _ = (e.arg(7), e.call(), e.cap_at(0, Part::IovData, 3, 1));
        }
        let _ = ConnInfo::from_bytes(&b);
    }
}
