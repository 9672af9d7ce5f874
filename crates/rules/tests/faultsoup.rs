//! Whatever the text of a rule: no panic, an end; what is accepted reads back from its normal form as the same rule.

mod random;

use random::Random;
use socklens_rules::fault::{Extras, FaultBlock, Realism};

/// Blocks to parse into: they are large, so they are made once.
struct Pair(Box<FaultBlock>, Box<FaultBlock>);

impl Pair {
    fn new() -> Pair {
        let mut p = Pair(Box::new(FaultBlock::new()), Box::new(FaultBlock::new()));
        (p.0.realism, p.1.realism) = (Realism::Any as u8, Realism::Any as u8);
        p
    }

    fn try_text(&mut self, source: &str) -> bool {
        let (a, b) = (&mut self.0, &mut self.1);
        (a.rule_count, a.action_count, a.heap_len) = (0, 0, 0);
        (b.rule_count, b.action_count, b.heap_len) = (0, 0, 0);
        if let Err(e) = a.add(source, &Extras::default()) {
            let mut len = 0;
            e.render(source, &mut |b| len += b.len());
            assert!(len < 2000, "{len}");
            assert!(usize::from(e.at) + usize::from(e.len) <= source.len(), "{e:?} {source}");
            return false;
        }
        let text = a.texts().collect::<Vec<_>>().join("\n");
        if let Err(e) = b.add(&text, &Extras::default()) {
            panic!("{source}\n{text}\n{e:?}");
        }
        assert_eq!(b.texts().collect::<Vec<_>>().join("\n"), text, "{source}");
        for (x, y) in a.rules().iter().zip(b.rules()) {
            assert_eq!((x.id, x.calls, x.types, x.when), (y.id, y.calls, y.types, y.when), "{source}\n{text}");
            assert_eq!(a.bytes(x.selector), b.bytes(y.selector), "{source}\n{text}");
            assert_eq!(a.actions(x).len(), b.actions(y).len(), "{source}\n{text}");
        }
        true
    }
}

const HEADS: &[&str] = &[
    "in",
    "out",
    "stream",
    "dgram",
    "connect",
    "accept",
    "dns",
    "open",
    "wait",
    "any",
    "recv",
    "%net",
    "in,out",
    "stream,dgram",
    "any,accept",
    "libc:send",
    "send*",
    "%fd,open",
    "x = in",
    "in peer=:80",
    "in fd=3 nb=1",
    "out (fd=1 or pid=2) and not comm=a*",
    "in conn=#2",
    "in conn=last state=idle",
    "in site=a!b+0x10",
    "in site~*x",
    "in lineage=P9f",
    "in at=P1.c2.recv@4K",
    "in host='a b'",
];
const WHENS: &[&str] = &[
    "@n=3",
    "@n=3+",
    "@n=2..9",
    "@n=2+3",
    "@n=2..9+3",
    "@p=1%",
    "@p=0.000001%",
    "@p=100%",
    "@bytes=64K",
    "@bytes=1+",
    "@bytes=3..9K",
    "@t=1s..2s",
    "@t=..5ms",
    "@t=3s..",
    "@every=30s/2s",
    "@burst=4",
    "@max=2",
    "@once",
    "@off",
    "@scope=conn",
    "@scope=byte",
    "@cond=on(USR1)",
];
const ACTIONS: &[&str] = &[
    "ok",
    "error EPIPE",
    "error ECONNRESET/w=3|EIO/w=2",
    "error 95",
    "return -1",
    "return 70000",
    "delay 5ms",
    "delay 1s~1ms pareto corr 5% exit",
    "latency 10ms..20ms in",
    "latency 3ms exp out",
    "rate 1mbit",
    "rate 3KiB/s burst 64K in",
    "slice 1..9",
    "slice 5 gap 1ms~1us normal out",
    "short 3",
    "short 1%..50%",
    "short 2..4K",
    "again",
    "again 3",
    "again 1..3",
    "eintr",
    "signal 10",
    "signal SIGHUP",
    "kill KILL",
    "reset",
    "reset drain",
    "eof",
    "refuse",
    "timeout",
    "timeout 5s",
    "unreach",
    "blackhole",
    "blackhole in heal 5s",
    "halfopen",
    "slowclose 3s",
    "drop 1%",
    "drop 1% corr 3%",
    "drop gap 3",
    "drop ge(1%,2%,3%)",
    "drop state(1%,2%,3%,4%,5%)",
    "drop list(1,2)",
    "dup 1%",
    "reorder 5% gap 3",
    "corrupt bits=3 1%",
    "corrupt bytes=1 100%",
    "truncate 9",
    "fdlimit",
    "fdlimit 1s",
    "abort",
    "dns again",
    "dns to ::1",
    "dns 5s",
    "shuffle",
    "clamp 1",
    "spurious",
    "pause",
    "break",
    "log",
    "link edge",
    "link dsl",
];

#[test]
fn random_rules_read_back() {
    let mut r = Random(0x5eed);
    let mut p = Pair::new();
    let mut good = 0;
    for _ in 0..1_500 {
        let mut text = String::new();
        for i in 0..1 + r.below(3) {
            text.push_str(["", "; ", "\n"][i.min(1 + r.below(2))]);
            text.push_str(HEADS[r.below(HEADS.len())]);
            for _ in 0..r.below(3) {
                text.push(' ');
                text.push_str(WHENS[r.below(WHENS.len())]);
            }
            text.push_str(" : ");
            for j in 0..1 + r.below(3) {
                text.push_str(["", ", ", " -> "][j.min(1 + r.below(2))]);
                if r.below(5) == 0 {
                    text.push_str("3*");
                }
                text.push_str(ACTIONS[r.below(ACTIONS.len())]);
                text.push_str(["", "!", " recipe fake", " recipe native!"][r.below(8).min(3) & r.below(4)]);
            }
        }
        good += usize::from(p.try_text(&text));
    }
    assert!(good > 120, "only {good} were in the language");
}

#[test]
fn each_action_is_accepted_somewhere() {
    let mut p = Pair::new();
    for a in ACTIONS {
        let fits = ["any", "dgram", "stream"].iter().any(|h| p.try_text(&format!("{h} : {a}")));
        assert!(fits, "{a}");
    }
    for h in HEADS {
        assert!(p.try_text(&format!("{h} : log")), "{h}");
    }
    for w in WHENS {
        assert!(p.try_text(&format!("in {w} : log")), "{w}");
    }
}

#[test]
fn mutated_rules() {
    let mut r = Random(11);
    let mut p = Pair::new();
    let seeds = [
        "a = stream peer=10.0.0.0/8:5432 @p=5% @t=1s..2s : latency 80ms~20ms normal corr 25%, rate 1MB/s -> ok # x",
        "dgram @every=30s/2s : drop ge(1%,10%), dup 0.5%, reorder 2% gap 3; in @n=2+5 : error EIO/w=2|95! -> 3*short 1..64",
        "inject=sendto,read:error=EIO:signal=USR1:delay_enter=5:when=3..9+2\ndns host=a.* : dns to 192.0.2.1 -> ok",
    ];
    for _ in 0..2_500 {
        let mut text = seeds[r.below(3)].as_bytes().to_vec();
        for _ in 0..=r.below(3) {
            let at = r.below(text.len());
            let byte = b":;,@=!%*.~|/()<>-#'\"\\ \n0aZ9\xc3"[r.below(28)];
            match r.below(3) {
                0 => {
                    text.remove(at);
                }
                1 => text[at] = byte,
                _ => text.insert(at, byte),
            }
        }
        p.try_text(&String::from_utf8_lossy(&text));
    }
}
