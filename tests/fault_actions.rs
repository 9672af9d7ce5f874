//! Actions measured from outside: what is lost, how late, how fast, and that the same seed does it again.

use serde_json::Value;
use socklens_testkit::{Form, How, Outcome, Run, compile};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::sync::OnceLock;

fn scenes() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| compile("measured")).clone()
}

/// A scene of `tests/programs/measured.c` with rules.
fn with(scene: &str, rules: &[&str], options: &[&str]) -> Outcome {
    let mut run = Run::new(scenes()).arg(scene).options(["-e", "bind"]).options(options).with_summary();
    for r in rules {
        run = run.options(["--fault", r]);
    }
    run.run(How::Command(Form::Json))
}

fn seeded(scene: &str, rule: &str, seed: u64) -> Outcome {
    let run = with(scene, &[rule], &["--seed", &seed.to_string()]);
    run.assert_success();
    run
}

/// All faults of a run.
fn injected(run: &Outcome) -> Vec<Value> {
    let lists = run.json().records.into_iter().filter_map(|r| r["injected"].as_array().cloned());
    lists.flatten().collect()
}

fn numbers(run: &Outcome) -> Vec<f64> {
    run.out().lines().map(|l| l.parse().unwrap_or_else(|_| panic!("{}", run.out()))).collect()
}

/// Whether each of four thousand datagrams was lost.
fn losses(rule: &str, seed: u64) -> Vec<bool> {
    let run = seeded("arrivals", rule, seed);
    let lost: Vec<bool> = run.out().trim().bytes().map(|b| b == b'0').collect();
    assert_eq!(lost.len(), 4000);
    let told = injected(&run).len();
    assert_eq!(lost.iter().filter(|l| **l).count(), told, "lost, and told to be lost");
    lost
}

/// The share of losses, the share of losses right after a loss, and the mean length of a burst.
fn shape(lost: &[bool]) -> [f64; 3] {
    let count = |f: &dyn Fn(&[bool]) -> bool| lost.windows(2).filter(|w| f(w)).count() as f64;
    let all = lost.iter().filter(|l| **l).count() as f64;
    let bursts = count(&|w| !w[0] && w[1]) + f64::from(u8::from(lost[0]));
    [all / lost.len() as f64, count(&|w| w[0] && w[1]) / all, all / bursts]
}

/// The draws follow from the seed, so what is measured here is the same in every run: the bounds are those of chance, four
/// standard deviations and more.
#[track_caller]
fn near(what: &str, measured: f64, expected: f64, within: f64) {
    assert!((measured - expected).abs() <= within, "{what}: {measured}, expected {expected} +- {within}");
}

#[test]
fn as_many_datagrams_are_lost_as_the_rule_says() {
    for seed in [1, 2, 3] {
        let [rate, after, _] = shape(&losses("sendto : drop 10%", seed));
        near("loss", rate, 0.10, 0.02);
        near("loss after a loss", after, 0.10, 0.06);
    }
    let [rate, after, _] = shape(&losses("sendto : drop 10% corr 50%", 4));
    near("correlated loss", rate, 0.10, 0.035);
    near("loss after a loss", after, 0.55, 0.12);
    let every: Vec<usize> = losses("sendto : drop gap 5", 1).iter().enumerate().filter(|l| *l.1).map(|l| l.0).collect();
    assert!(every.iter().enumerate().all(|(i, at)| *at == 5 * i + 4) && every.len() == 800);
}

#[test]
fn losses_come_in_bursts_as_gilbert_and_elliott_have_them() {
    // Bad in p/(p+r) of all, for 1/r in a row.
    let [rate, _, burst] = shape(&losses("sendto : drop ge(5%,20%)", 5));
    near("loss", rate, 0.20, 0.05);
    near("length of a burst", burst, 5.0, 1.2);
    // In the bad state half are lost (1-h), in the good state one of a hundred (1-k).
    let [rate, ..] = shape(&losses("sendto : drop ge(5%,20%,50%,1%)", 6));
    near("loss", rate, 0.2 * 0.5 + 0.8 * 0.01, 0.035);
}

#[test]
fn losses_follow_the_model_of_four_states() {
    let (p13, p31, p32, p23, p14) = (0.03, 0.20, 0.30, 0.25, 0.01);
    let [rate, ..] = shape(&losses("sendto : drop state(3%,20%,30%,25%,1%)", 7));
    // States: received in a gap, received in a burst, lost in a burst, lost alone. A burst's loss is left for a reception in
    // it first, and only else for the gap.
    let step = |s: [f64; 4]| {
        let [gap, inside, lost, alone] = s;
        let ends = (1.0 - p32) * p31;
        [
            gap * (1.0 - p14) * (1.0 - p13) + lost * ends + alone,
            inside * (1.0 - p23) + lost * p32,
            gap * (1.0 - p14) * p13 + inside * p23 + lost * (1.0 - p32 - ends),
            gap * p14,
        ]
    };
    let [.., lost, alone] = (0..500).fold([1.0, 0.0, 0.0, 0.0], |s, _| step(s));
    near("loss", rate, lost + alone, 0.05);
}

#[test]
fn answers_are_as_late_as_the_rule_says() {
    // Times of sleeping have a lower bound on any machine; the upper one is held by what was drawn.
    let run = seeded("answers", "stream : latency 20ms~10ms uniform", 42);
    let took = numbers(&run);
    assert_eq!(took.len(), 40);
    assert!(took.iter().all(|t| *t >= 9_000.0), "{took:?}");
    assert!(took.iter().sum::<f64>() / 40.0 >= 15_500.0, "{took:?}");
    let slept: Vec<f64> = injected(&run).iter().map(|f| f["value"].as_f64().unwrap()).collect();
    assert!(slept.len() >= 38 && slept.iter().all(|t| *t <= 30e6), "{slept:?}");
    assert!(slept.iter().sum::<f64>() / slept.len() as f64 <= 24e6, "{slept:?}");
}

#[test]
fn a_link_is_as_slow_as_its_name_says() {
    // 15 ms one way, give or take 2.
    let run = seeded("answers", "stream : link dsl", 42);
    let took = numbers(&run);
    assert!(took.iter().all(|t| *t >= 6_000.0) && took.iter().sum::<f64>() / 40.0 >= 13_000.0, "{took:?}");
    let all = injected(&run);
    let of = |a: &str| all.iter().filter(|f| f["action"] == a).count();
    assert!(of("rate") == 1 && of("latency") >= 38, "{all:?}");
}

#[test]
fn bytes_leave_at_the_rate() {
    // 750 ms, less what the kernel lets through: the ten segments before it keeps the pace, and up to half of a segment's time
    // where its own timer was late (tcp_update_skb_after_send).
    let took = numbers(&seeded("transfer", "send : rate 1600KB/s", 42))[0];
    assert!(took >= 500_000.0, "{took} us for 1 200 000 bytes at 1 600 000 bytes per second");
    let free = numbers(&seeded("transfer", "send : log", 42))[0];
    assert!(free < took / 4.0, "{free} us unpaced, {took} us paced");
}

#[test]
fn calls_take_longer() {
    for rule in ["recv : delay 300ms", "recv : delay 300ms exit"] {
        assert_eq!(seeded("receives", rule, 1).out(), "recv 10\n0123456789\nlate\n", "{rule}");
    }
    assert_eq!(seeded("name", "dns : dns 300ms", 1).out(), "getaddrinfo 0\nlate\n");
}

#[test]
fn a_number_is_returned_and_nothing_done() {
    let run = seeded("receives", "recv : return 3!", 1);
    assert!(run.out().starts_with("recv 3\n..........\n"), "{}", run.out());
    assert_eq!(injected(&run)[0]["level"], "any");
    let refused = with("receives", &["recv : return 3"], &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", refused.err());
    assert!(refused.out().is_empty(), "nothing was run");
}

#[test]
fn bits_change() {
    let one = with("bits", &["recv : corrupt bits=1 100%"], &["--realism", "any", "--seed", "1"]);
    assert_eq!(one.out(), format!("{}\n", "1".repeat(100)));
    let some = seeded("bits", "recv : corrupt bits=1 50%!", 3).out();
    let changed = some.matches('1').count();
    assert!((30..=70).contains(&changed) && changed + some.matches('0').count() == 100, "{some}");
}

#[test]
fn signals_reach_the_thread_or_end_the_process() {
    let run = seeded("sends", "send @n=2 : signal SIGUSR1", 1);
    assert_eq!(run.out(), "send 5\nsignals 0\nsend 5\nsignals 1\nsend 5\nsignals 1\n");
    let killed = with("sends", &["send @n=2 : kill SIGTERM"], &[]);
    assert_eq!(killed.out(), "send 5\nsignals 0\n");
    assert_eq!((killed.status.signal(), killed.status.code()), (Some(libc::SIGTERM), None), "{}", killed.ended());
    assert!(killed.err().contains("1 fired"), "{}", killed.err());
}

/// A call that may never return is told of before the signal, in every form, and once.
#[test]
fn a_signal_is_in_the_log_before_it_is_sent() {
    let log = |form: Form, rule: &str| {
        let run = Run::new(scenes()).arg("sends").options(["-e", "send", "--seed", "1", "--fault", rule]);
        run.run(How::Command(form)).log_text()
    };
    for signal in ["SIGKILL", "SIGTERM"] {
        let rule = format!("mine = send @n=2 : kill {signal}");
        let text = log(Form::Text, &rule);
        assert!(text.contains(r#""hello", 5, 0 <unfinished ...> (INJECTED kill @5 seed 1 rule mine)"#), "{text}");
        assert_eq!(text.matches("send(").count(), 2, "{text}");
        let strace = log(Form::Strace, &rule);
        assert!(strace.contains(r#""hello", 5, 0, NULL, 0)       = ? (INJECTED)"#), "{strace}");
        assert_eq!(strace.matches("sendto(").count(), 2, "{strace}");
        let json = log(Form::Json, &rule);
        assert!(json.contains(r#""injected":[{"action":"kill","rule":"mine""#), "{json}");
        let line = json.lines().find(|l| l.contains(r#""injected":["#)).unwrap();
        assert!(line.contains(r#""unfinished""#) && !line.contains(r#""ret""#), "{line}");
    }
    // One that the program survives has an end as well, which is not told to be injected again.
    let strace = log(Form::Strace, "send @n=2 : signal SIGUSR1");
    let sends: Vec<&str> = strace.lines().filter(|l| l.contains("sendto(")).collect();
    let [_, sent, ended, _] = sends[..] else { panic!("{strace}") };
    assert!(sent.ends_with(" = ? (INJECTED)") && ended.ends_with(" = 5"), "{strace}");
    // Without the command nobody else could tell.
    let alone = Run::new(scenes()).arg("sends").env("SOCKLENS_FAULT", "send @n=2 : kill SIGKILL");
    let alone = alone.run(How::Alone(Form::Text)).log_text();
    assert!(alone.contains("<unfinished ...> (INJECTED kill @5 seed 0 rule #1)"), "{alone}");
}

#[test]
fn the_process_stops() {
    for action in ["pause", "break"] {
        assert_eq!(seeded("stops", &format!("send : {action}"), 1).out(), "send 5\nstopped 1\n", "{action}");
    }
}

/// `make stress-faults` asks for more.
fn loops() -> usize {
    std::env::var("SOCKLENS_LOOPS").ok().and_then(|v| v.parse().ok()).unwrap_or(1)
}

/// All that was decided, without what differs between runs of any program.
fn schedule(rules: &[&str], seed: u64) -> Vec<String> {
    let run = with("chatter", rules, &["--seed", &seed.to_string()]);
    run.assert_success();
    assert_eq!(run.out(), "done\n");
    let one = |f: &Value| {
        let field = |n: &str| f[n].to_string();
        ["action", "index", "lane", "count", "offset", "value"].map(field).join(" ")
    };
    let mut all: Vec<String> = injected(&run).iter().map(one).collect();
    all.sort_unstable();
    all
}

#[test]
fn fifty_runs_of_threads_have_one_schedule() {
    const RULES: [&str; 4] = [
        "in : slice 1..7",
        "send @p=20% : delay 50us~20us exp",
        "send @p=10% @burst=2 : log",
        "in @scope=byte @p=1% : log",
    ];
    let first = schedule(&RULES, 42);
    assert!(first.len() > 300, "{} faults", first.len());
    for action in ["slice", "delay", "log"] {
        assert!(first.iter().any(|f| f.contains(action)), "no {action}");
    }
    let compare = |from: usize| {
        for n in from..from + 25 * loops() {
            let again = schedule(&RULES, 42);
            let differs = first.iter().zip(&again).find(|(a, b)| a != b);
            assert!(first == again, "run {n}: {} faults, {}: {differs:?}", again.len(), first.len());
        }
    };
    std::thread::scope(|s| {
        s.spawn(|| compare(0));
        compare(25 * loops());
    });
    for seed in [1, 43, u64::MAX] {
        assert_ne!(schedule(&RULES, seed), first, "seed {seed}");
    }
}
