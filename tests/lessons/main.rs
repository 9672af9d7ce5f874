//! What tools of this kind have run into before, a test each: jemalloc, programs that close everything, vfork ...

mod allocators;
mod descriptors;
mod halves;
mod loading;
mod memory;
mod processes;

use socklens_testkit::{Form, How, Log, Outcome, Run, assert_same};

/// The three ways to run a program with the library, of which two leave a log.
const WAYS: [How; 3] = [How::Silent, How::Alone(Form::Json), How::Command(Form::Json)];
const LOGGED: [How; 2] = [How::Alone(Form::Json), How::Command(Form::Json)];

/// Runs the program raw and each way, demands the same outcome, and hands on each log.
#[track_caller]
fn same_and(run: &Run, check: impl Fn(&Outcome, &Log)) {
    let raw = run.run(How::Raw);
    raw.assert_success();
    for how in WAYS {
        let shimmed = run.run(how);
        assert_same(&raw, &shimmed);
        if how.is_json() {
            check(&shimmed, &shimmed.json());
        }
    }
}

#[track_caller]
fn same(run: &Run) {
    same_and(run, |_, _| {});
}

fn has_flag(record: &serde_json::Value, flag: &str) -> bool {
    record["flags"].as_array().is_some_and(|f| f.iter().any(|f| f == flag))
}
