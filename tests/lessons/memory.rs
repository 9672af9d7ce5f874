//! Errno, hostile pointers, and data that is looked at and not taken.

use super::{WAYS, same_and};
use socklens_testkit::{Form, How, Run, assert_same};

#[test]
fn a_call_that_succeeds_leaves_errno_alone() {
    same_and(&Run::example("errno_untouched"), |run, log| assert!(log.count(&["select"]) == 1, "{}", run.label));
}

#[test]
fn pointers_to_nowhere_fail_as_they_do_alone() {
    same_and(&Run::example("hostile_args"), |run, log| {
        let faults = log.records.iter().filter(|r| r["errno"]["s"] == "EFAULT").count();
        assert!(faults > 20, "{}: only {faults} calls failed with EFAULT", run.label);
    });
}

#[test]
fn memory_of_results_is_read_only_as_far_as_they_go() {
    let program = Run::new(socklens_testkit::compile("page_edge"));
    let raw = program.run(How::Raw);
    raw.assert_success();
    for how in WAYS {
        for size in ["0", "1", "32", "100000"] {
            let run = match how {
                How::Command(_) => program.clone().options(["-s", size]),
                _ => program.clone().env("SOCKLENS_STRSIZE", size),
            };
            assert_same(&raw, &run.run(how));
        }
    }
}

#[test]
fn environments_that_end_with_their_page_are_put_right() {
    let run = Run::new(socklens_testkit::compile("page_edge")).run(How::Command(Form::Json));
    run.assert_success();
    let seen = run.json().pids().len();
    assert_eq!(seen, 1 + 36, "of the programs that were given one: {}", run.log_text());
}

#[test]
fn peeks_truncations_and_empty_messages_pass_verbatim() {
    same_and(&Run::example("msg_peek_trunc"), |run, log| {
        let peeks = log.calls(&["recv"]).filter(|r| r["args"]["flags"].to_string().contains("MSG_PEEK")).count();
        assert!(peeks > 0, "{}: no peek in the log", run.label);
    });
}
