//! Descriptors that come and go behind our back, and what is made of them.

use super::{LOGGED, WAYS, has_flag, same, same_and};
use socklens_testkit::{How, Run, assert_same, compile};
use std::collections::BTreeSet;

#[test]
fn programs_that_close_every_descriptor_keep_their_files_and_their_log() {
    same_and(&Run::example("close_all"), |run, log| {
        assert_eq!(log.count(&["close_range"]), 2, "{}", run.label);
        assert_eq!(log.count(&["closefrom"]), 1, "{}", run.label);
        // What comes after everything was closed is still there.
        assert!(log.count(&["send"]) > 3000 && log.count(&["recv"]) > 3000, "{}", run.label);
    });
}

#[test]
fn the_program_has_no_descriptor_more_and_none_less() {
    let program = Run::new(compile("list_fds"));
    let raw = program.run(How::Raw);
    raw.assert_success();
    assert!(raw.out().contains("socket"), "{}", raw.out());
    for how in WAYS {
        assert_same(&raw, &program.run(how));
    }
}

#[test]
fn a_number_that_comes_back_after_an_unseen_close_is_another_connection() {
    same_and(&Run::new(compile("unseen_closes")), |run, log| {
        let sends: Vec<_> = log.calls(&["send"]).collect();
        let conns: BTreeSet<u64> = sends.iter().filter_map(|r| r["conn"].as_u64()).collect();
        assert_eq!(sends.len(), 3, "{}", run.label);
        assert_eq!(conns.len(), 3, "{}: three sockets had the same number one after the other: {sends:#?}", run.label);
        // A file opened by a call that we see is no socket, whatever had its number before.
        let writes: Vec<_> = log.calls(&["write"]).collect();
        assert!(writes.is_empty(), "{}: writes to a file are taken for a socket's: {writes:#?}", run.label);
    });
}

#[test]
fn epoll_data_may_be_a_pointer() {
    same_and(&Run::new(compile("epoll_pointers")), |run, log| {
        assert_eq!(log.count(&["epoll_ctl"]), 4, "{}", run.label);
        assert!(log.count(&["epoll_wait"]) >= 1, "{}", run.label);
    });
}

#[test]
fn a_send_to_an_epoll_instance_is_shown_with_its_error() {
    same_and(&Run::new(compile("send_to_epoll")), |run, log| {
        for call in [["send"], ["recv"]] {
            let made: Vec<_> = log.calls(&call).collect();
            assert_eq!(made.len(), 1, "{call:?} in {}", run.label);
            assert_eq!(made[0]["errno"]["s"], "ENOTSOCK", "{}", made[0]);
        }
    });
}

#[test]
fn calls_through_syscall_are_seen_and_marked() {
    same_and(&Run::example("syscall_direct"), |run, log| {
        for (call, times) in [("socket", 2), ("accept4", 2), ("sendmsg", 1), ("recvmmsg", 1), ("shutdown", 1)] {
            let names = [call];
            let made: Vec<_> = log.calls(&names).collect();
            assert_eq!(made.len(), times, "{call} in {}", run.label);
            assert!(made.iter().all(|r| has_flag(r, "via_syscall")), "{call} in {}: {made:?}", run.label);
        }
    });
    let log = Run::example("socketpair_pingpong").run(LOGGED[0]).json();
    assert!(log.records.iter().all(|r| !has_flag(r, "via_syscall")));
}

#[test]
fn descriptor_numbers_and_random_sequences_are_the_same() {
    same(&Run::example("fd_numbers"));
    same(&Run::example("random_sequence"));
}

#[test]
fn closing_on_one_thread_while_another_reads_is_survived() {
    for how in LOGGED {
        let run = Run::example("close_race").run(how);
        run.assert_success();
        run.json();
    }
}

#[test]
fn descriptors_beyond_the_table_are_served() {
    same_and(&Run::new(compile("high_fds")), |run, log| {
        assert!(log.count(&["send"]) >= 2, "{}", run.label);
    });
}

#[test]
fn sockets_that_an_image_is_born_with_are_known_whatever_their_numbers() {
    // The first numbers, with a gap, beyond those that are tried one by one, and high ones.
    for numbers in [&["3", "4"][..], &["4", "7", "11", "3"], &["15", "16", "17", "64"], &["3", "500", "63", "511"]] {
        same_and(&Run::new(compile("born_with")).args(numbers), |run, log| {
            let mut written: Vec<u64> = log.calls(&["write"]).filter_map(|r| r["fd"].as_u64()).collect();
            let mut want: Vec<u64> = numbers.iter().filter_map(|n| n.parse().ok()).collect();
            written.sort_unstable();
            want.sort_unstable();
            assert_eq!(written, want, "{}", run.label);
        });
    }
}
