//! The reader against a segment that the test fills itself.

mod player;

use player::{Ev, Log, Player, call, drain, now, reader, segment, thread_slot};
use socklens_trace::Split;
use socklens_wire::event::{flag, note, word_of_size};
use socklens_wire::layout::{proc_state, refs, thread_state};
use std::sync::atomic::{AtomicU32, Ordering};

/// A pid that nobody has: above the kernel's largest.
const DEAD: u32 = 0x7fff_0000;

fn show(r: &mut socklens_trace::Reader) -> Vec<String> {
    let mut log = Log::default();
    r.pass();
    r.show(u64::MAX, &mut log).unwrap();
    log.lines
}

#[test]
fn a_chunk_being_filled_is_followed() {
    let map = segment();
    let mut p = Player::here(map.segment(), 0);
    let mut r = reader(&map, Split::Overlap);
    let me = p.tid;
    for i in 0..3 {
        p.send(i, now(), now());
        assert_eq!(show(&mut r), [format!("{me}:send({i})")]);
        assert!(show(&mut r).is_empty());
    }
}

#[test]
fn chunks_come_back_and_every_event_comes_once_in_order() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::here(s, 0);
    let mut r = reader(&map, Split::Never);
    let mut log = Log::default();
    // The pool holds 8 chunks of about 1100 events: this goes through it many times.
    for i in 0..60_000u64 {
        p.send(i, now(), now());
        if i % 2500 == 0 {
            r.pass();
            r.show(u64::MAX, &mut log).unwrap();
        }
    }
    drain(&mut r, &mut log);
    assert_eq!(log.lines.len(), 60_000);
    for (i, line) in log.lines.iter().enumerate() {
        assert!(line.ends_with(&format!(":send({i})")), "{line} at {i}");
    }
    assert_eq!(r.summary().recorded, 60_000);
    assert_eq!(r.summary().holes, 0);
}

#[test]
fn threads_are_merged_by_time_and_overlaps_are_split() {
    let map = segment();
    let s = map.segment();
    let me = std::process::id();
    let mut a = Player::new(s, 0, 0, me, me);
    let mut b = Player::new(s, 1, 0, me, me + 1);
    let t = now();
    // b's call lies within a's first; a's second stands alone.
    b.send(2, t + 20, t + 30);
    a.send(1, t + 10, t + 40);
    a.send(3, t + 50, t + 60);
    let mut r = reader(&map, Split::Overlap);
    let want = [
        format!("{me}:send(1) enter"),
        format!("{}:send(2)", me + 1),
        format!("{me}:send(1) exit"),
        format!("{me}:send(3)"),
    ];
    assert_eq!(show(&mut r), want);

    // One record a call: in the order of their ends.
    let map = segment();
    let s = map.segment();
    let mut a = Player::new(s, 0, 0, me, me);
    let mut b = Player::new(s, 1, 0, me, me + 1);
    b.send(2, t + 20, t + 30);
    a.send(1, t + 10, t + 40);
    let mut r = reader(&map, Split::Never);
    assert_eq!(show(&mut r), [format!("{}:send(2)", me + 1), format!("{me}:send(1)")]);
}

#[test]
fn what_is_younger_than_the_horizon_waits() {
    let map = segment();
    let mut p = Player::here(map.segment(), 0);
    let t = now();
    p.send(1, t, t + 1);
    p.send(2, t + 2, t + 5_000);
    let mut r = reader(&map, Split::Overlap);
    let mut log = Log::default();
    std::thread::sleep(std::time::Duration::from_millis(1));
    r.pass();
    r.show(t + 1000, &mut log).unwrap();
    assert_eq!(log.lines, [format!("{}:send(1)", p.tid)]);
    r.show(u64::MAX, &mut log).unwrap();
    assert_eq!(log.lines.len(), 2);
}

#[test]
fn a_blocked_call_is_shown_when_something_else_happens_and_resumed() {
    let map = segment();
    let s = map.segment();
    let me = std::process::id();
    let mut a = Player::new(s, 0, 0, me, me);
    let mut b = Player::new(s, 1, 0, me, me + 1);
    let serial = a.conn(0, 5);
    a.change();
    let t = now();
    let slot = thread_slot(s, 0);
    slot.in_start.store(t, Ordering::Relaxed);
    slot.in_conn.store(1, Ordering::Relaxed);
    slot.in_args[0].store(5, Ordering::Relaxed);
    slot.in_call.store(u32::from(call("recv")) + 1, Ordering::Release);
    let mut r = reader(&map, Split::Overlap);
    assert_eq!(show(&mut r), [format!("{me}:note ff00")]);
    assert!(show(&mut r).is_empty());
    b.send(9, t + 10, t + 20);
    assert_eq!(show(&mut r), [format!("{me}:recv(5) enter"), format!("{}:send(9)", me + 1)]);
    slot.in_call.store(0, Ordering::Release);
    a.event(&Ev { call: call("recv"), arg: 5, start: t, end: now(), conn: serial, ..Ev::default() });
    assert_eq!(show(&mut r), [format!("{me}:recv(5) exit")]);
    assert_eq!(r.summary().recorded, 2);
}

#[test]
fn a_call_that_blocks_long_is_shown_while_it_blocks() {
    let map = segment();
    let s = map.segment();
    let mut a = Player::here(s, 0);
    a.conn(0, 5);
    let t = now();
    let slot = thread_slot(s, 0);
    slot.in_start.store(t, Ordering::Relaxed);
    slot.in_conn.store(1, Ordering::Relaxed);
    slot.in_call.store(u32::from(call("recv")) + 1, Ordering::Release);
    let mut r = reader(&map, Split::Blocking(std::time::Duration::from_millis(30)));
    show(&mut r);
    std::thread::sleep(std::time::Duration::from_millis(40));
    assert_eq!(show(&mut r), [format!("{}:recv(0) enter", a.tid)]);
    assert!(show(&mut r).is_empty());
}

#[test]
fn a_dead_process_is_read_to_its_end_and_everything_is_freed() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::new(s, 0, 0, DEAD, DEAD);
    let serial = p.conn(3, 7);
    p.fd_page(7, 3);
    let t = now();
    p.send(7, t, t + 1);
    let slot = thread_slot(s, 0);
    slot.dropped.store(4, Ordering::Relaxed);
    slot.filtered.store(5, Ordering::Relaxed);
    slot.in_start.store(t + 2, Ordering::Relaxed);
    slot.in_conn.store(4, Ordering::Relaxed);
    slot.in_args[0].store(7, Ordering::Relaxed);
    slot.in_call.store(u32::from(call("recv")) + 1, Ordering::Release);
    let mut r = reader(&map, Split::Overlap);
    let mut log = Log { name_fd: Some(7), ..Log::default() };
    drain(&mut r, &mut log);
    let want = [
        format!("{DEAD}:note ff00"),
        format!("{DEAD}:send(7) <{serial}>"),
        format!("{DEAD}:recv(7) died <{serial}>"),
        format!("left {serial}"),
        format!("{DEAD} ended"),
    ];
    assert_eq!(log.lines, want);
    assert_eq!(slot.state.load(Ordering::Relaxed), thread_state::FREE);
    assert_eq!(player::proc_slot(s, 0).state.load(Ordering::Relaxed), proc_state::FREE);
    // SAFETY: a slot in the mapping.
    assert_eq!(unsafe { (*s.conn_slot(3).unwrap()).serial.load(Ordering::Relaxed) }, 0);
    let h = s.header();
    assert_ne!(h.free_conns.load(Ordering::Relaxed) as u32, 0);
    // Both of its pages, one chunk and one descriptor table, are back.
    let mut pages = 0;
    while h.free_pages.load(Ordering::Relaxed) as u32 != 0 {
        socklens_wire::pool::pop(&h.free_pages, &h.fresh_pages, 0, &s.page_links()).unwrap();
        pages += 1;
    }
    assert_eq!(pages, 2);
    let sum = r.summary();
    assert_eq!((sum.recorded, sum.dropped, sum.filtered, sum.processes), (1, 4, 5, 1));
    assert!(!r.lively());
}

#[test]
fn an_image_replaced_by_exec_ends_and_its_exec_succeeds() {
    let map = segment();
    let s = map.segment();
    let me = std::process::id();
    let p = Player::new(s, 0, 0, me, me);
    let slot = thread_slot(s, 0);
    slot.in_start.store(now(), Ordering::Relaxed);
    slot.in_call.store(u32::from(call("execve")) + 1, Ordering::Release);
    let mut r = reader(&map, Split::Overlap);
    r.pass();
    Player::new(s, 1, 1, me, me);
    player::proc_slot(s, 0).state.store(proc_state::GONE, Ordering::Release);
    let mut log = Log::default();
    drain(&mut r, &mut log);
    assert_eq!(log.lines, [format!("{}:execve(0)", p.tid), format!("{me} replaced")]);
    assert!(r.lively());
    assert_eq!(thread_slot(s, 1).state.load(Ordering::Relaxed), thread_state::LIVE);
}

fn shared_serial(s: socklens_wire::Segment, index: u32) -> u32 {
    // SAFETY: a slot in the mapping; the field is an atomic.
    unsafe { (*s.conn_slot(index).unwrap()).serial.load(Ordering::Relaxed) }
}

#[test]
fn the_end_of_a_connection_frees_its_slot() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::here(s, 0);
    let first = p.conn(0, 5);
    // SAFETY: a slot in the mapping.
    let slot = unsafe { &*s.conn_slot(0).unwrap() };
    let info = slot.info;
    // Refs are still held: the note alone frees nothing.
    p.note(note::CONN_END, 0, first, info.as_bytes());
    let mut r = reader(&map, Split::Never);
    show(&mut r);
    assert_eq!(slot.serial.load(Ordering::Relaxed), first);
    slot.refs.store(0, Ordering::Relaxed);
    p.note(note::CONN_END, 0, first, info.as_bytes());
    show(&mut r);
    assert_eq!(slot.serial.load(Ordering::Relaxed), 0);
    assert_eq!(s.header().free_conns.load(Ordering::Relaxed) as u32, 1);
    // A connection whose note was lost is found by two sweeps.
    let second = p.conn(1, 6);
    // SAFETY: as above.
    let slot = unsafe { &*s.conn_slot(1).unwrap() };
    slot.refs.store(0, Ordering::Relaxed);
    r.sweep_conns(false);
    assert_eq!(slot.serial.load(Ordering::Relaxed), second);
    r.sweep_conns(false);
    assert_eq!(slot.serial.load(Ordering::Relaxed), 0);
    assert_eq!(r.summary().conns, 1);
    assert!(show(&mut r).contains(&format!("left {second}")));
    assert_eq!(r.summary().conns, 2);
    // One whose references nobody holds is ended after some more; one that a table names is not.
    let third = p.conn(2, 7);
    let fourth = p.conn(3, 8);
    p.fd_page(8, 3);
    let serial = |i| shared_serial(s, i);
    for _ in 0..30 {
        r.sweep_conns(false);
    }
    assert_eq!((serial(2), serial(3)), (0, fourth));
    assert!(show(&mut r).contains(&format!("left {third}")));
}

/// The note of an end, with its totals.
fn end_note(p: &mut Player, index: u32, serial: u32) {
    // SAFETY: a slot in the mapping; both are plain words.
    let (info, totals) = unsafe {
        let slot = &*p.s.conn_slot(index).unwrap();
        let totals = std::slice::from_raw_parts((&raw const slot.totals).cast::<u8>(), size_of_val(&slot.totals));
        (slot.info, totals.to_vec())
    };
    let at = now();
    let (capture, more) = (info.as_bytes().to_vec(), totals);
    let call = note::CONN_END;
    p.event(&Ev { call, ret: index.into(), conn: serial, start: at, end: at, capture, more, ..Ev::default() });
}

#[test]
fn a_connection_whose_end_is_noted_late_is_one_row() {
    let map = segment();
    let s = map.segment();
    s.header().stats.store(socklens_wire::stats::mode::COUNT, Ordering::Relaxed);
    let mut p = Player::here(s, 0);
    let mut dying = Player::new(s, 1, 1, DEAD, DEAD);
    let mut r = reader(&map, Split::Never);
    show(&mut r);
    let slot = |i| {
        // SAFETY: a slot in the mapping, of which only atomics are used.
        unsafe { &*s.conn_slot(i).unwrap() }
    };
    let ending = |proc| refs::ending(proc, player::proc_slot(s, proc).uses.load(Ordering::Relaxed));
    let serial = p.conn(0, 5);
    // Its thread was put aside between the close and the note.
    slot(0).refs.store(ending(0), Ordering::Relaxed);
    for _ in 0..50 {
        r.pass();
        r.sweep_conns(false);
    }
    assert_eq!(r.snapshot(9).conns.len(), 1, "it is shown as open");
    end_note(&mut p, 0, serial);
    show(&mut r);
    r.sweep_conns(true);
    assert_eq!((r.snapshot(9).conns.len(), shared_serial(s, 0)), (1, 0));
    // Whose process died before it could note the end is told of when that is buried, and one that had no room at once.
    let (_, second) = (dying.conn(1, 6), p.conn(2, 7));
    slot(1).refs.store(ending(1), Ordering::Relaxed);
    slot(2).refs.store(0, Ordering::Relaxed);
    let mut log = Log::default();
    drain(&mut r, &mut log);
    for _ in 0..2 {
        r.sweep_conns(false);
    }
    let mut rows: Vec<_> = r.snapshot(9).conns.iter().map(|c| c.conn).collect();
    rows.sort_unstable();
    assert_eq!(rows, [serial, serial + 1, second]);
    assert_eq!([1, 2].map(|i| shared_serial(s, i)), [0, 0]);
}

#[test]
fn names_follow_descriptors_through_dup_and_close() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::here(s, 0);
    let mut r = reader(&map, Split::Never);
    let mut log = Log { name_fd: Some(9), ..Log::default() };
    let mut step = |r: &mut socklens_trace::Reader| {
        log.lines.clear();
        r.pass();
        r.show(u64::MAX, &mut log).unwrap();
        log.lines.last().unwrap().rsplit_once(' ').map_or(String::new(), |l| l.1.to_owned())
    };
    let one = p.conn(0, 5);
    p.note(note::FD_ALIAS, 9, one, &[]);
    p.send(9, now(), now());
    assert_eq!(step(&mut r), format!("<{one}>"));
    // Another connection took the number before the old one's closing was noted.
    let two = p.conn(1, 9);
    p.note(note::FD_CLOSED, 9, one, &[]);
    p.send(9, now(), now());
    assert_eq!(step(&mut r), format!("<{two}>"));
    p.note(note::FD_CLOSED, 9, two, &[]);
    p.send(9, now(), now());
    assert_eq!(step(&mut r), "");
    // accept's result is the new connection, its argument the listener.
    let t = now();
    p.event(&Ev { call: call("accept"), arg: 4, ret: 9, conn: one, start: t, end: t, ..Ev::default() });
    assert_eq!(step(&mut r), format!("<{one}>"));
}

#[test]
fn the_events_of_a_vfork_child_are_booked_to_it() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::here(s, 0);
    let me = p.tid;
    let mut r = reader(&map, Split::Overlap);
    let t = now();
    let child = Ev { call: call("close"), flags: flag::VFORK_CHILD, arg: 3, start: t + 2, end: t + 3, ..Ev::default() };
    p.event(&child);
    assert!(show(&mut r).is_empty());
    p.event(&Ev { call: call("vfork"), ret: 4242, start: t + 1, end: t + 9, ..Ev::default() });
    let want = [format!("{me}:vfork(0) enter"), "4242:close(3)".to_owned(), format!("{me}:vfork(0) exit")];
    assert_eq!(show(&mut r), want);
}

#[test]
fn an_unfinished_event_of_a_dead_thread_is_passed_over() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::new(s, 0, 0, DEAD, DEAD);
    let t = now();
    p.send(1, t, t + 1);
    // Reserved, filled with bytes that look like an event of another time, and never committed.
    let hole = p.reserve(256);
    // SAFETY: inside the reservation.
    unsafe { hole.add(64).cast::<u32>().write(word_of_size(64)) };
    // SAFETY: as above: a start after its end is no event.
    unsafe { hole.add(72).cast::<u64>().write(u64::MAX) };
    p.send(2, t + 2, t + 3);
    let mut r = reader(&map, Split::Overlap);
    let mut log = Log::default();
    r.pass();
    r.show(u64::MAX, &mut log).unwrap();
    assert_eq!(log.lines, [format!("{DEAD}:send(1)")]);
    drain(&mut r, &mut log);
    assert_eq!(log.lines, [format!("{DEAD}:send(1)"), format!("{DEAD}:send(2)"), format!("{DEAD} ended")]);
    assert_eq!(r.summary().holes, 1);
}

#[test]
fn an_event_that_is_committed_late_loses_nothing() {
    let map = segment();
    let mut p = Player::here(map.segment(), 0);
    let me = p.tid;
    let mut r = reader(&map, Split::Never);
    // A signal handler's event lies behind that of the call it interrupted.
    let t = now();
    let outer = p.reserve(56);
    p.send(2, t + 2, t + 3);
    assert!(show(&mut r).is_empty());
    // SAFETY: the reservation of 56 bytes; the word is stored last.
    unsafe {
        outer.add(4).cast::<u16>().write(call("send"));
        outer.add(8).cast::<u64>().write(t);
        outer.add(16).cast::<u64>().write(t + 4);
        outer.add(38).write(2);
        socklens_wire::ring::commit(&*outer.cast::<AtomicU32>(), word_of_size(56));
    }
    assert_eq!(show(&mut r), [format!("{me}:send(0)"), format!("{me}:send(2)")]);
}

#[test]
fn chunks_are_read_in_their_threads_order() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::here(s, 0);
    let me = p.tid;
    let t = now();
    p.send(1, t, t + 1);
    p.change();
    let second = p.position();
    p.send(2, t + 2, t + 3);
    // The second chunk was taken; its thread is stopped before it hands the first one over: take it off the list.
    let h = s.header();
    let first = socklens_wire::pool::take_all(&h.full_chunks) - 1;
    assert_ne!(first, second);
    let mut r = reader(&map, Split::Never);
    assert!(show(&mut r).is_empty());
    p.hand_over(first);
    assert_eq!(show(&mut r), [format!("{me}:send(1)"), format!("{me}:send(2)")]);
}

#[test]
fn a_thread_killed_between_two_chunks_loses_neither() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::new(s, 0, 0, DEAD, DEAD);
    let t = now();
    p.send(1, t, t + 1);
    p.change();
    p.send(2, t + 2, t + 3);
    socklens_wire::pool::take_all(&s.header().full_chunks);
    let mut r = reader(&map, Split::Never);
    let mut log = Log::default();
    drain(&mut r, &mut log);
    assert_eq!(log.lines, [format!("{DEAD}:send(1)"), format!("{DEAD}:send(2)"), format!("{DEAD} ended")]);
}

#[test]
fn a_call_that_its_thread_died_in_stands_where_it_began() {
    let map = segment();
    let s = map.segment();
    let mut a = Player::new(s, 0, 0, DEAD, DEAD);
    let b = Player::new(s, 1, 0, DEAD, DEAD + 1);
    a.conn(0, 5);
    let t = now();
    let slot = thread_slot(s, 1);
    slot.in_start.store(t, Ordering::Relaxed);
    slot.in_conn.store(1, Ordering::Relaxed);
    slot.in_args[0].store(5, Ordering::Relaxed);
    slot.in_call.store(u32::from(call("recv")) + 1, Ordering::Release);
    a.send(9, t + 10, t + 20);
    let want = [
        format!("{DEAD}:note ff00"),
        format!("{}:recv(5) enter", b.tid),
        format!("{DEAD}:send(9)"),
        format!("{}:recv(5) died shown", b.tid),
        "left 1".to_owned(),
        format!("{DEAD} ended"),
    ];
    let mut r = reader(&map, Split::Overlap);
    let mut log = Log::default();
    a.fd_page(5, 0);
    drain(&mut r, &mut log);
    assert_eq!(log.lines, want);
}

#[test]
fn a_handlers_chunk_may_come_before_its_threads() {
    // The handler took chunk 2 while its thread was about to publish chunk 1.
    let map = segment();
    let s = map.segment();
    let mut p = Player::here(s, 0);
    let me = p.tid;
    let t = now();
    let mut r = reader(&map, Split::Never);
    p.send(0, t, t + 1);
    assert_eq!(show(&mut r).len(), 1);
    p.change();
    let one = p.position();
    p.change();
    p.send(2, t + 2, t + 3);
    // Back in the thread: chunk 1 becomes current again, 2 is handed over.
    let two = p.position();
    socklens_wire::pool::take_all(&s.header().full_chunks);
    player::chunk_head(s, one).state.store(socklens_wire::layout::chunk_state::OWNED, Ordering::Relaxed);
    p.hand_over(s.layout().chunks);
    p.take_back(one);
    p.hand_over(two);
    assert_eq!(show(&mut r), [format!("{me}:send(2)")]);
    p.send(1, t + 4, t + 5);
    assert_eq!(show(&mut r), [format!("{me}:send(1)")]);
    p.change();
    p.send(3, t + 6, t + 7);
    assert_eq!(show(&mut r), [format!("{me}:send(3)")]);
}

#[test]
fn what_is_noted_of_a_call_belongs_to_its_end() {
    let map = segment();
    let s = map.segment();
    let me = std::process::id();
    let mut a = Player::new(s, 0, 0, me, me);
    let mut b = Player::new(s, 1, 0, me, me + 1);
    let t = now();
    // The note is written after the call's end and before its event; another thread's call lies between.
    std::thread::sleep(std::time::Duration::from_millis(1));
    let conn = a.conn(0, 5);
    b.send(1, t + 30, t + 40);
    a.event(&Ev { call: call("socket"), ret: 5, conn, start: t + 10, end: t + 20, ..Ev::default() });
    let mut r = reader(&map, Split::Overlap);
    let want = [format!("{me}:note ff00"), format!("{me}:socket(0)"), format!("{}:send(1)", me + 1)];
    assert_eq!(show(&mut r), want);
}

#[test]
fn a_chunk_on_its_way_to_the_list_is_read_in_the_same_pass() {
    let map = segment();
    let s = map.segment();
    let mut p = Player::here(s, 0);
    let me = p.tid;
    let mut r = reader(&map, Split::Never);
    p.send(1, now(), now());
    assert_eq!(show(&mut r), [format!("{me}:send(1)")]);
    // Its thread has taken it from its slot, marked it full, and is stopped before it pushes it.
    p.send(2, now(), now());
    let position = p.position();
    thread_slot(s, 0).chunk.store(0, Ordering::Release);
    player::chunk_head(s, position).state.store(socklens_wire::layout::chunk_state::FULL, Ordering::Release);
    assert_eq!(show(&mut r), [format!("{me}:send(2)")]);
    p.hand_over(position);
    assert!(show(&mut r).is_empty());
    p.change();
    p.send(3, now(), now());
    assert_eq!(show(&mut r), [format!("{me}:send(3)")]);
    assert_eq!(r.summary().holes, 0);
}
