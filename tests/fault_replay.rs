//! A session's faults are written down and caused again.

use socklens_testkit::{Form, How, Outcome, Run, Running, Scratch, compile};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn program(name: &'static str) -> PathBuf {
    static MEASURED: OnceLock<PathBuf> = OnceLock::new();
    static FAULTS: OnceLock<PathBuf> = OnceLock::new();
    static CONFORM: OnceLock<PathBuf> = OnceLock::new();
    static REPLAYED: OnceLock<PathBuf> = OnceLock::new();
    static OWN_RULES: OnceLock<PathBuf> = OnceLock::new();
    let cell = match name {
        "measured" => &MEASURED,
        "faults" => &FAULTS,
        "replayed" => &REPLAYED,
        "capi_faults" => &OWN_RULES,
        _ => &CONFORM,
    };
    cell.get_or_init(|| compile(name)).clone()
}

/// A program and its arguments, with options; the summary is in its stderr.
fn run(program: &Path, args: &str, options: &[&str]) -> Outcome {
    let run = Run::new(program).args(args.split_whitespace()).options(["-e", "bind"]).options(options).with_summary();
    run.run(How::Command(Form::Json))
}

/// The faults of a schedule, in an order that does not depend on which thread was quicker.
fn faults(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut all: Vec<String> = text.lines().filter(|l| l.starts_with("fault ")).map(str::to_owned).collect();
    all.sort_unstable();
    assert!(text.ends_with(&format!("end {}\n", all.len())), "{text}");
    all
}

struct Recording {
    scratch: Scratch,
    faults: Vec<String>,
    out: String,
}

/// Records a run.
#[track_caller]
fn recorded(name: &'static str, args: &str, rules: &[&str], more: &[&str]) -> Recording {
    let scratch = Scratch::new();
    let file = scratch.join("first");
    let mut options = vec!["--record-faults", file.to_str().unwrap()];
    options.extend(rules.iter().flat_map(|r| ["--fault", r]));
    options.extend(more);
    let first = run(&program(name), args, &options);
    let faults = faults(&file);
    assert!(first.err().contains(&format!("{} faults recorded in ", faults.len())), "{}", first.err());
    assert!(!first.err().contains("lacks"), "{}", first.err());
    Recording { scratch, faults, out: first.out() }
}

impl Recording {
    /// Causes its faults again, whatever seed is asked for, and records them once more.
    fn again(&self, name: &'static str, args: &str) -> Outcome {
        let (first, second) = (self.scratch.join("first"), self.scratch.join("second"));
        let files = ["--replay", first.to_str().unwrap(), "--record-faults", second.to_str().unwrap()];
        run(&program(name), args, &[&files[..], &["--seed", "777"]].concat())
    }

    #[track_caller]
    fn is_caused_again(&self, name: &'static str, args: &str, least: usize) {
        assert!(self.faults.len() >= least, "{} faults: {:?}", self.faults.len(), self.faults);
        let second = self.again(name, args);
        let all = format!("replay: all {} faults of ", self.faults.len());
        assert!(second.err().contains(&all), "{}", second.err());
        assert!(second.err().contains("--seed and --realism have no effect"), "{}", second.err());
        assert_eq!(faults(&self.scratch.join("second")), self.faults);
        assert_eq!(second.out(), self.out);
    }
}

#[test]
fn threads_meet_the_faults_of_a_recorded_run() {
    let rules = [
        "in : slice 1..7",
        "pause = send @p=20% : delay 50us~20us exp corr 30%",
        "send @p=10% @burst=2 : log",
        "in @scope=byte @p=1% : log",
        "send @scope=conn @p=40% : log",
    ];
    recorded("measured", "chatter", &rules, &["--seed", "42"]).is_caused_again("measured", "chatter", 300);
}

#[test]
fn what_the_clock_decided_is_caused_without_it() {
    let rules = ["send : delay 300us", "recv @every=3ms/1ms : log", "send @t=1ms..4ms : log"];
    recorded("measured", "chatter", &rules, &[]).is_caused_again("measured", "chatter", 20);
}

#[test]
fn a_fault_at_a_byte_is_caused_at_that_byte() {
    let first = recorded("faults", "budget", &["send @bytes=64K : reset"], &[]);
    assert!(first.faults[0].contains(" byte=65536 ") && first.out.starts_with("65536 then "), "{:?}", first.faults);
    first.is_caused_again("faults", "budget", 1);
    // The program asks for other lengths now; the byte is the same.
    let slices = recorded("conform", "read-all stay 4n", &["in : slice 2..9, log"], &[]);
    slices.is_caused_again("conform", "read-all stay 4n", 3);
}

#[test]
fn several_faults_at_one_byte_are_caused_one_after_the_other() {
    let first = recorded("conform", "read-all stay 4n", &["in @bytes=5 : again 3, delay 20us"], &[]);
    let at_five = first.faults.iter().filter(|f| f.contains(" byte=5 ") && f.contains(": again ")).count();
    assert_eq!(at_five, 3, "{:?}", first.faults);
    first.is_caused_again("conform", "read-all stay 4n", 6);
}

#[test]
fn times_are_those_of_the_file() {
    let first = recorded("replayed", "some", &["send : delay 1ms~500us normal corr 60%"], &["--seed", "5"]);
    let file = first.scratch.join("first");
    let text = std::fs::read_to_string(&file).unwrap();
    let (place, rest) = first.faults[1].split_once(" value=").unwrap();
    let (_, action) = rest.split_once(' ').unwrap();
    std::fs::write(&file, text.replace(&first.faults[1], &format!("{place} value=7654321 {action}"))).unwrap();
    let second = first.again("replayed", "some");
    assert!(second.err().contains("replay: all 3 faults of "), "{}", second.err());
    let now = faults(&first.scratch.join("second"));
    assert!(now[1].contains("value=7654321 ") && now[0] == first.faults[0], "{now:?}");
}

#[test]
fn storms_and_sequences_are_caused_again() {
    let storm = ["in @p=60% : again 1..3 -> short 1..4 -> ok", "in : delay 20us~10us normal"];
    let first = recorded("conform", "read-all stay 4ne", &storm, &["--seed", "3"]);
    first.is_caused_again("conform", "read-all stay 4ne", 4);
}

#[test]
fn lost_and_doubled_datagrams_are_lost_and_doubled_again() {
    for rule in ["recv : drop ge(20%,40%)", "recv : drop 30% corr 50%", "sendto : drop 25%", "recv : dup 30%"] {
        let first = recorded("replayed", "datagrams", &[rule], &["--seed", "9"]);
        first.is_caused_again("replayed", "datagrams", 10);
    }
    for rule in ["sendmmsg : drop 30%", "recvmmsg : drop 30%", "recvmmsg : dup 20%", "sendmmsg : reorder 20%, dup 10%"]
    {
        let first = recorded("replayed", "batches", &[rule], &["--seed", "4"]);
        first.is_caused_again("replayed", "batches", 8);
    }
}

#[test]
fn the_first_difference_is_named() {
    let first = recorded("replayed", "some", &["one = send @n=1 : log", "later = send @n=2..3 : log"], &[]);
    assert_eq!(first.faults.len(), 3, "{:?}", first.faults);
    let other = first.again("replayed", "some 1");
    other.assert_success();
    let said = other.err();
    assert!(said.contains("replay: 1 of 3 faults of "), "{said}");
    let (_, difference) = said.split_once("first difference: ").expect(&said);
    assert!(difference.contains("first:8: fault 2 key="), "{said}");
    assert!(
        difference.contains("\nsocklens:   its rule matched 1 calls of that lane, the last of them at byte 0\n"),
        "{said}"
    );
    assert!(difference.contains("not caused: ") && difference.contains("first:9: fault 2 key="), "{said}");
    // Differences are told even to who wants no summary.
    let file = first.scratch.join("first");
    let quiet = Run::new(program("replayed")).args(["some", "2"]).options(["--replay", file.to_str().unwrap()]);
    let quiet = quiet.run(How::Command(Form::Json));
    quiet.assert_success();
    assert!(quiet.err().contains("first difference: "), "{}", quiet.err());
}

#[test]
fn a_fault_that_is_not_possible_any_more_is_told() {
    // A socket that does not block is recorded; one that does cannot say EAGAIN.
    let first = recorded("faults", "receive n", &["recv @n=1 : again"], &[]);
    let other = first.again("faults", "receive");
    assert_eq!(other.out(), "recv 5\n");
    let said = other.err();
    assert!(said.contains("the call came, but the fault was skipped: blocking socket"), "{said}");
}

/// Lines of a schedule that tell of rules that came later.
fn late(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|l| l.starts_with("late ")).map(str::to_owned).collect()
}

/// A run whose rules come, rest and go while it runs, recorded in `first`: the words of `socklens fault`, or "x" for a
/// hundred sends. What it says at the end.
#[track_caller]
fn changed(scratch: &Scratch, options: &[&str], steps: &[&[&str]]) -> String {
    let first = scratch.join("first");
    let mut it =
        Running::start(scratch, "then_wait", &[&["--record-faults", first.to_str().unwrap()], options].concat());
    for step in steps {
        if *step == ["x"] {
            assert_eq!(it.asked("x"), "sent\n");
        } else {
            let done = it.fault(step);
            assert!(done.status.success(), "{done:?}");
        }
    }
    it.ends()
}

/// Its faults caused again without any change, in `hundreds` times a hundred sends.
#[track_caller]
fn unchanged(scratch: &Scratch, hundreds: usize) -> String {
    let (first, second) = (scratch.join("first"), scratch.join("second"));
    let files = ["--replay", first.to_str().unwrap(), "--record-faults", second.to_str().unwrap()];
    let mut it = Running::start(scratch, "then_wait", &files);
    for _ in 0..hundreds {
        assert_eq!(it.asked("x"), "sent\n");
    }
    it.ends()
}

#[test]
fn rules_that_came_while_the_program_ran_come_in_at_the_same_call() {
    const X: &[&str] = &["x"];
    let steps: [&[&str]; 17] = [
        X,
        &["add", "mine = send @p=30% : log", "send @scope=thread @n=5+7 : log", "recv : delay 1ms"],
        X,
        &["pause", "mine"],
        X,
        &["resume", "mine"],
        X,
        &["rm", "mine"],
        X,
        &["pause"],
        X,
        &["resume"],
        X,
        &["add", "mine = send @p=30% : log"],
        X,
        &["clear"],
        X,
    ];
    let hundreds = steps.iter().filter(|s| **s == X).count();
    let scratch = Scratch::new();
    let said = changed(&scratch, &["--seed", "3"], &steps);
    let (first, second) = (scratch.join("first"), scratch.join("second"));
    let was = faults(&first);
    assert!(said.contains(&format!("{} faults recorded in ", was.len())) && !said.contains("lacks"), "{said}");
    // One that went and came again has one line; its faults are told apart by the call they count from.
    let (rules, text) = (late(&first), std::fs::read_to_string(&first).unwrap());
    assert_eq!(rules.len(), 3, "{rules:?}");
    assert!(
        rules[0].ends_with("mine = send @p=30% : log") || rules[1].ends_with("mine = send @p=30% : log"),
        "{rules:?}"
    );
    for since in [" from=100/0 ", " from=300/100 ", " from=700/0 "] {
        assert!(was.iter().any(|f| f.contains(since) && f.contains("lane=out")), "{since}: {text}");
    }
    assert!(was.iter().any(|f| f.contains("lane=thread from=")), "{text}");
    assert!((60..=240).contains(&was.len()), "{text}");
    let said = unchanged(&scratch, hundreds);
    assert!(said.contains(&format!("replay: all {} faults of ", was.len())), "{said}\n{text}");
    let order = |f: &[String]| f.iter().map(|l| l.split_once(' ').unwrap().1.to_owned()).collect::<Vec<_>>();
    assert_eq!(order(&faults(&second)), order(&was));
    // A program that stops before says which were not come to.
    let said = unchanged(&scratch, 5);
    let (done, _) = said.split_once(&format!(" of {} faults of ", was.len())).expect(&said);
    assert!(!done.ends_with("replay: 0") && said.contains("first difference: "), "{said}");
    let said = unchanged(&scratch, 0);
    assert!(said.contains(&format!("replay: 0 of {} faults of ", was.len())), "{said}");
    assert!(said.contains("first difference: ") && said.contains("its rule matched no call of that lane"), "{said}");
}

#[test]
fn rules_of_the_beginning_may_rest_and_others_come_beside_them() {
    const X: &[&str] = &["x"];
    let steps: [&[&str]; 8] = [
        X,
        &["add", "later = send @bytes=150..260 : log", "send @p=10% : log"],
        X,
        &["pause", "1"],
        X,
        &["resume", "1"],
        &["rm", "later"],
        X,
    ];
    let scratch = Scratch::new();
    changed(&scratch, &["--seed", "8", "--fault", "start = send @p=20% : delay 10us"], &steps);
    let was = faults(&scratch.join("first"));
    assert!(was.iter().any(|f| f.starts_with("fault 1 ") && f.contains(" from=0/0 ")), "{was:?}");
    assert!(was.iter().any(|f| f.starts_with("fault 1 ") && f.contains(" from=300/200 ")), "{was:?}");
    let at = was.iter().filter(|f| !f.starts_with("fault 1 ") && f.contains(" byte=")).count();
    assert!(at > 100, "{was:?}");
    let said = unchanged(&scratch, 4);
    assert!(said.contains(&format!("replay: all {} faults of ", was.len())), "{said}");
    assert_eq!(faults(&scratch.join("second")), was);
}

#[test]
fn a_program_that_adds_its_rules_itself_is_recorded_too() {
    for scene in ["rules", "scopes"] {
        let scratch = Scratch::new();
        let file = scratch.join("first");
        let args = format!("default {scene}");
        let first = run(&program("capi_faults"), &args, &["--seed", "6", "--record-faults", file.to_str().unwrap()]);
        let was = faults(&file);
        assert!(first.out().ends_with("ok\n") && was.len() >= 300, "{}: {}", was.len(), first.out());
        assert!(!late(&file).is_empty() && !first.err().contains("lacks"), "{}", first.err());
        let again = run(&program("capi_faults"), &args, &["--replay", file.to_str().unwrap()]);
        assert!(again.out().ends_with("ok\n"), "{scene}: {}", again.out());
        assert!(again.err().contains(&format!("replay: all {} faults of ", was.len())), "{scene}: {}", again.err());
    }
}

#[test]
fn nothing_runs_when_a_schedule_is_wrong() {
    let scratch = Scratch::new();
    let (file, trace) = (scratch.join("bad"), scratch.join("ran"));
    let head = "socklens faults 2\nseed 1\nrealism kernel\nrule 1 recv : log\n";
    for (lines, says) in [
        ("end 1\n", ":5: 1 faults are said to stand here, but there are 0"),
        (
            "fault 1 key=1 lane=in from=0/0 match=1 byte=0 step=1.1 value=0 : reset\nend 1\n",
            ":5: `reset` is not what the rule",
        ),
        ("rule 2 recv : lgo\nend 0\n", "did you mean `log`"),
        ("", ":4: the last line"),
    ] {
        std::fs::write(&file, format!("{head}{lines}")).unwrap();
        let out = std::process::Command::new(&socklens_testkit::paths().command)
            .args(["run", "--replay", file.to_str().unwrap(), "--", "touch", trace.to_str().unwrap()])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains(says) && said.contains("bad:"), "{said}");
        assert!(!trace.exists());
    }
    let clash = ["run", "--replay", "x", "--fault", "recv : log", "true"];
    let out = std::process::Command::new(&socklens_testkit::paths().command).args(clash).output().unwrap();
    assert_eq!(out.status.code(), Some(2), "{out:?}");
}
