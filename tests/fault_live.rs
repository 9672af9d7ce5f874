//! `socklens fault`: the rules of a program that runs, changed while it runs.

use socklens_testkit::{Log, Running, Scratch, paths};
use std::process::Command;

/// A program that runs, and its rules.
trait Ruled {
    fn has_opened(&self) -> bool;
    fn sends_a_hundred(&mut self);
    fn rules(&self) -> Vec<[String; 4]>;
}

fn start(scratch: &Scratch, program: &str) -> Running {
    Running::start(scratch, program, &["-e", "bind"])
}

impl Ruled for Running {
    /// Whether a process maps the library that has the rules.
    fn has_opened(&self) -> bool {
        let children = format!("/proc/{0}/task/{0}/children", self.run.id());
        let child = std::fs::read_to_string(children).unwrap();
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", child.split_whitespace().next().unwrap())).unwrap();
        maps.contains("libsocklens.so") && maps.contains("libsocklens-faults.so")
    }

    fn sends_a_hundred(&mut self) {
        assert_eq!(self.asked("x"), "sent\n");
    }

    /// Numbers and states of the listed rules: number, state, matched, fired.
    fn rules(&self) -> Vec<[String; 4]> {
        let out = self.fault(&["list"]);
        assert!(out.status.success(), "{out:?}");
        let text = String::from_utf8(out.stdout).unwrap();
        let rows = text.lines().skip(1).take_while(|l| !l.starts_with("seed"));
        let fields = |l: &str| -> Vec<String> { l.split_whitespace().map(str::to_owned).collect() };
        rows.map(|l| fields(l)[..4].to_vec().try_into().unwrap()).collect()
    }
}

#[test]
fn a_session_may_be_named_before_the_rule() {
    let scratch = Scratch::new();
    let it = start(&scratch, "then_wait");
    let pid = it.run.id().to_string();
    let fault = |words: &[&str]| {
        let out = Command::new(&paths().command).arg("fault").args(words).output().unwrap();
        assert!(out.status.success(), "{words:?}: {out:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    fault(&["add", &pid, "mine = send : log", "recv : log"]);
    fault(&["pause", &pid, "mine"]);
    let listed = fault(&["list", &pid]);
    assert!(listed.contains("1  paused") && listed.contains("2  on"), "{listed}");
    fault(&["resume", &pid, "mine"]);
    fault(&["rm", &pid, "2"]);
    let listed = fault(&["list", &pid]);
    assert!(listed.contains("1  on") && !listed.contains("recv"), "{listed}");
    fault(&["clear", &pid]);
    assert!(!fault(&["list", &pid]).contains("send"));
    it.ends();
}

#[test]
fn rules_come_and_go_while_the_program_runs() {
    let scratch = Scratch::new();
    let mut it = start(&scratch, "then_wait");
    it.sends_a_hundred();
    assert!(it.rules().is_empty());

    let done = it.fault(&["add", "mine= send : log", "shutdown : log"]);
    assert!(done.status.success(), "{done:?}");
    it.sends_a_hundred();
    assert_eq!(it.rules(), [["1", "on", "100", "100"], ["2", "on", "0", "0"]]);

    // Paused, all of them and then one by its name, they do nothing.
    for rule in [&["pause"][..], &["pause", "mine"]] {
        assert!(it.fault(rule).status.success());
        it.sends_a_hundred();
        assert_eq!(it.rules()[0], ["1", "paused", "100", "100"]);
        let again: Vec<&str> = rule.iter().map(|w| if *w == "pause" { "resume" } else { w }).collect();
        assert!(it.fault(&again).status.success());
    }
    it.sends_a_hundred();
    assert_eq!(it.rules()[0], ["1", "on", "200", "200"]);

    // A rule that goes leaves the counts of the others alone.
    assert!(it.fault(&["rm", "2"]).status.success());
    it.sends_a_hundred();
    assert_eq!(it.rules(), [["1", "on", "300", "300"]]);

    for (wrong, words) in [
        (&["add", "send : lgo"][..], &["^", "`log`"][..]),
        (&["rm", "7"], &["there is no rule 7"]),
        (&["pause", "yours"], &["there is no rule `yours`"]),
    ] {
        let out = it.fault(wrong);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(words.iter().all(|w| said.contains(w)), "{said}");
    }
    assert_eq!(it.rules(), [["1", "on", "300", "300"]], "nothing wrong was taken");

    let said = it.ends();
    assert!(said.contains("rule mine: 301 matched, 301 fired, skipped 0"), "{said}");
    // What fired is in the log although the call is not asked for.
    let log = Log::parse(&std::fs::read(scratch.join("log")).unwrap()).unwrap();
    assert_eq!(log.calls(&["send"]).filter(|r| r["injected"].is_array()).count(), 301);
}

/// The program `interrupted` once a rule has come that its sends would fail by.
fn interrupted(scratch: &Scratch) -> Running {
    let it = start(scratch, "interrupted");
    assert!(!it.has_opened(), "there were no rules");
    let done = it.fault(&["add", "send : error ENOBUFS!"]);
    assert!(done.status.success(), "{done:?}");
    it
}

#[test]
fn rules_reach_a_program_that_began_without_any() {
    for from in ["x", "t", "f"] {
        let scratch = Scratch::new();
        let mut it = interrupted(&scratch);
        assert_eq!(it.asked(from), "hit\n", "{from}");
        // A child that was forked before opens its own.
        assert_eq!(it.has_opened(), from != "f", "{from}");
        it.ends();
    }
}

#[test]
fn nothing_is_opened_in_a_handler_nor_on_a_stack_that_is_not_the_threads() {
    for from in ["h", "a", "c", "s"] {
        let scratch = Scratch::new();
        let mut it = interrupted(&scratch);
        assert_eq!(it.asked(from), "missed\n", "{from}");
        assert!(!it.has_opened(), "{from}");
        let [number, state, matched, fired] = it.rules().remove(0);
        assert_eq!([number, state, matched, fired], ["1", "on", "0", "0"], "{from}");
        // What was missed is counted. Back on its own stack the program is reached, although it has handlers now.
        assert_eq!(it.asked("x"), "hit\n", "{from}");
        assert!(it.has_opened(), "{from}");
        let said = it.ends();
        let skipped = said.split_once("engine not loaded ").map(|(_, n)| n).unwrap_or_default();
        let skipped: u32 = skipped.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
        assert!(skipped >= 300, "{from}: {said}");
    }
}

#[test]
fn rules_reach_children_and_threads_that_handlers_interrupt_all_the_time() {
    let scratch = Scratch::new();
    let mut it = start(&scratch, "interrupted");
    assert_eq!(it.asked("b"), "busy\n");
    assert!(it.fault(&["add", "send : error ENOBUFS!"]).status.success());
    it.says("hit\n");
    it.ends();
}

#[test]
fn a_session_that_is_not_there_is_told() {
    let out = Command::new(&paths().command).args(["fault", "--session", "/nonexistent/x", "list"]).output().unwrap();
    assert_eq!(out.status.code(), Some(2), "{out:?}");
    assert!(String::from_utf8_lossy(&out.stderr).contains("cannot open the session"), "{out:?}");
}

#[test]
fn what_is_missing_or_cannot_be_seen_is_said_as_a_rule_is_added() {
    let scratch = Scratch::new();
    let it = start(&scratch, "then_wait");
    let pid = it.run.id().to_string();
    let add = |words: &[&str]| {
        let out = Command::new(&paths().command).args(["fault", "add"]).args(words).output().unwrap();
        (out.status.code(), String::from_utf8(out.stderr).unwrap())
    };
    let (status, said) = add(&[&pid]);
    assert!(status == Some(2) && said.contains(&format!("no rule is given for session {pid}")), "{said}");
    let (status, said) = add(&[&pid, "send stack=not_exported : log"]);
    assert!(status == Some(0) && said.contains("exported"), "{said}");
    let (status, said) = add(&[&pid, "send : log"]);
    assert_eq!((status, said.as_str()), (Some(0), ""));
}
