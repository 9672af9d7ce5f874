//! The normal form: one spelling, which reads back as the same filter and means the same.

use socklens_calls::Call;
use socklens_rules::{Filter, Subject};

fn normal(f: &Filter) -> String {
    let mut out = Vec::new();
    f.write_normal(&mut |b| out.extend_from_slice(b));
    String::from_utf8(out).unwrap()
}

#[test]
fn the_normal_form() {
    for (source, want) in [
        ("fd=3", "fd=3"),
        ("FD == 0x3", "fd=3"),
        ("thread=1", "tid=1"),
        ("!failed", "not failed"),
        ("ok,nonblocking", "ok and nb=1"),
        ("(fd=1 and fd=2) and fd=3", "fd=1 and fd=2 and fd=3"),
        ("fd=1 and (pid=2 and fd=3)", "fd=1 and pid=2 and fd=3"),
        ("fd=1 or fd=2 or pid=3", "fd=1|2 or pid=3"),
        ("pid=1 and (fd=1 or fd=2)", "pid=1 and fd=1|2"),
        ("not (fd=1 or fd=2)", "not fd=1|2"),
        ("not (fd=1 or pid=2)", "not (fd=1 or pid=2)"),
        ("not (fd=1 and pid=2)", "not (fd=1 and pid=2)"),
        ("fd!=1|2", "fd!=1|2"),
        ("fd!=1 and fd!=2", "fd!=1|2"),
        ("(fd=1 or pid=1) and (fd=2 or pid=2) or tid=1", "(fd=1 or pid=1) and (fd=2 or pid=2) or tid=1"),
        ("(fd=1 and pid=1) or tid=1", "fd=1 and pid=1 or tid=1"),
        ("not not fd=1", "not not fd=1"),
        ("call=send,recv,fd=3", "call=send,recv and fd=3"),
        ("call=send, recv and ok", "call=send,recv and ok"),
        ("call=send,ok", "call=send and ok"),
        ("call=send,not ok", "call=send and not ok"),
        ("call=close,(ok)", "call=close and ok"),
        ("call=\"send, recv\"", "call=send,recv"),
        ("call=!close|close", "call=!close|close"),
        ("comm='my prog'", "comm=\"my prog\""),
        ("comm=my\\ prog", "comm=\"my prog\""),
        ("comm=\"a\\\"b\"", "comm=\"a\\\"b\""),
        ("comm=a\\*b", "comm=a\\*b"),
        ("comm=\\a\\b", "comm=ab"),
        ("comm='(x)'|y", "comm=\"(x)\"|y"),
        ("comm~a*", "comm=a*"),
        ("bytes>=65536", "bytes>=64K"),
        ("bytes=1000", "bytes=1000"),
        ("dur>1500us", "dur>1500us"),
        ("dur>0.5s", "dur>500ms"),
        ("dur>0ns", "dur>0ns"),
        ("ret<-0", "ret<0"),
        ("ret=-9223372036854775808", "ret=-9223372036854775808"),
        ("port=80..80", "port=80"),
        ("port=8000..8099", "port=8000..8099"),
        ("peer=10.1.2.3/8:5432", "peer=10.0.0.0/8:5432"),
        ("peer=1.2.3.4/32:*", "peer=1.2.3.4"),
        ("peer=0.0.0.0/0", "peer=0.0.0.0/0"),
        ("peer=:6379", "peer=:6379"),
        ("peer=:*", "peer=*:*"),
        ("peer=*", "peer=*"),
        ("peer=[0:0:0:0:0:0:0:1]:80..90", "peer=[::1]:80..90"),
        ("peer=::", "peer=[::]"),
        ("peer=1:0:0:2:0:0:0:3", "peer=[1:0:0:2::3]"),
        ("peer=2001:DB8::/32", "peer=[2001:db8::]/32"),
        ("peer=1::", "peer=[1::]"),
        ("peer=1:2:3:4:5:6:7:0", "peer=[1:2:3:4:5:6:7:0]"),
        ("peer=::ffff:1.2.3.4", "peer=[::ffff:102:304]"),
        ("peer=unix:/run/*.sock", "peer=unix:/run/*.sock"),
        ("peer='unix:/a b'", "peer=\"unix:/a b\""),
        ("errno=11", "errno=EAGAIN"),
        ("errno=EWOULDBLOCK", "errno=EAGAIN"),
        ("errno=0", "errno=0"),
        ("errno=4000", "errno=4000"),
        ("family=PF_LOCAL", "family=unix"),
        ("type=SOCK_RAW", "type=raw"),
        ("proto=ICMP6", "proto=icmpv6"),
        ("role=PAIR", "role=pair"),
        ("nb=0", "nb=0"),
    ] {
        let f = Filter::parse(source).unwrap_or_else(|e| panic!("{source}: {e:?}"));
        assert_eq!(normal(&f), want, "{source}");
        assert_eq!(Filter::parse(want).unwrap(), f, "{source}");
    }
}

#[test]
fn all_formulas_of_four_terms_agree_with_their_meaning() {
    // Random trees over four call sets that partition the calls by bit; evaluated directly and through the compiler.
    enum Tree {
        Term(usize),
        Not(Box<Tree>),
        Join(bool, Vec<Tree>),
    }
    fn grow(seed: &mut u64, depth: u32) -> Tree {
        *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let r = *seed >> 33;
        if depth == 0 || r.is_multiple_of(4) {
            return Tree::Term((r >> 8) as usize % 4);
        }
        match r % 4 {
            1 => Tree::Not(Box::new(grow(seed, depth - 1))),
            k => Tree::Join(k == 2, (0..2 + (r >> 8) % 2).map(|_| grow(seed, depth - 1)).collect()),
        }
    }
    fn truth(t: &Tree, bits: usize) -> bool {
        match t {
            Tree::Term(i) => bits >> i & 1 != 0,
            Tree::Not(x) => !truth(x, bits),
            Tree::Join(true, xs) => xs.iter().all(|x| truth(x, bits)),
            Tree::Join(false, xs) => xs.iter().any(|x| truth(x, bits)),
        }
    }
    fn text(t: &Tree) -> String {
        match t {
            Tree::Term(i) => ["fd=1", "pid=1", "tid=1", "ret=1"][*i].into(),
            Tree::Not(x) => format!("not ({})", text(x)),
            Tree::Join(and, xs) => {
                let parts: Vec<_> = xs.iter().map(|x| format!("({})", text(x))).collect();
                parts.join(if *and { " and " } else { " or " })
            }
        }
    }
    let mut seed = 7;
    for _ in 0..3000 {
        let tree = grow(&mut seed, 4);
        let Ok(f) = Filter::parse(&text(&tree)) else {
            continue;
        };
        let again = Filter::parse(&normal(&f)).unwrap();
        assert_eq!(f, again, "{}\n{}", text(&tree), normal(&f));
        for bits in 0..16usize {
            let bit = |i: usize| (bits >> i & 1) as u32;
            let cx = Subject {
                fd: bit(0) as i32,
                pid: bit(1),
                tid: bit(2),
                ret: i64::from(bit(3)),
                ..Subject::new(Call::recv)
            };
            assert_eq!(f.eval(&cx), truth(&tree, bits), "{}", text(&tree));
        }
    }
}
