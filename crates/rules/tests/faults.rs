//! Fault rules: what is accepted, what it means, and its normal form.

use socklens_calls::Call;
use socklens_rules::fault::{Extras, MAX_ACTIONS, MAX_RULES};
use socklens_rules::fault::{FaultBlock, Kind, LossKind, Realism, Scope, action_flag, links, when};
use socklens_rules::{Subject, SyntaxError};
use socklens_wire::ConnInfo;

fn add(realism: Realism, source: &str) -> Result<Box<FaultBlock>, SyntaxError> {
    let mut block = Box::new(FaultBlock::new());
    block.realism = realism as u8;
    block.add(source, &Extras::default())?;
    Ok(block)
}

fn ok(source: &str) -> Box<FaultBlock> {
    add(Realism::Kernel, source).unwrap_or_else(|e| panic!("{}", shown(source, e)))
}

fn shown(source: &str, e: SyntaxError) -> String {
    let mut out = vec![];
    e.render(source, &mut |b| out.extend_from_slice(b));
    String::from_utf8(out).unwrap()
}

/// The normal form of a source, which must read back as the same rules.
fn normal(source: &str) -> String {
    let block = ok(source);
    let text: Vec<&str> = block.texts().collect();
    let text = text.join("; ");
    let again = ok(&text);
    assert_eq!(again.texts().collect::<Vec<_>>().join("; "), text);
    for (a, b) in block.rules().iter().zip(again.rules()) {
        assert_eq!((a.id, a.calls, a.types, a.when, a.flags), (b.id, b.calls, b.types, b.when, b.flags), "{text}");
        assert_eq!(block.bytes(a.selector), again.bytes(b.selector), "{text}");
        let plain = |block: &FaultBlock, rule| -> Vec<_> {
            let lists =
                |a: &socklens_rules::fault::Action| (block.bytes(a.list).to_vec(), block.bytes(a.loss.list).to_vec());
            block
                .actions(rule)
                .iter()
                .map(|a| {
                    let mut b = *a;
                    (b.list, b.loss.list) = Default::default();
                    (b, lists(a))
                })
                .collect()
        };
        assert_eq!(plain(&block, a), plain(&again, b), "{text}");
    }
    text
}

#[test]
fn the_examples_read_back() {
    for (source, text) in [
        ("recv : short 1", "recv : short 1"),
        ("recv nb=1 @p=20% : again 1..3", "recv nb=1 @p=20% : again 1..3"),
        ("in,out @n=3 : eintr", "%in,%out @n=3 : eintr"),
        ("out peer=:6379 @n=3 : error ECONNRESET", "%out peer=:6379 @n=3 : error ECONNRESET"),
        ("connect host=db.* @n=1..2 : refuse", "connect host=db.* @n=1..2 : refuse"),
        (
            "stream peer=10.0.0.0/8 : latency 80ms~20ms normal corr 25%, rate 1MB/s",
            "stream peer=10.0.0.0/8 : latency 80ms~20ms normal corr 25%, rate 1MB/s",
        ),
        ("stream role=server @bytes=64K : reset", "stream role=server @bytes=64K : reset"),
        ("stream peer=:443 @t=10s..25s : blackhole both", "stream peer=:443 @t=10s..25s : blackhole"),
        (
            "dgram : drop ge(1%,10%), dup 0.5%, reorder 2% gap 3",
            "dgram : drop ge(1%,10%,100%,0%), dup 0.5%, reorder 2% gap 3",
        ),
        ("accept @every=30s/2s : fdlimit", "accept @every=30s/2s : fdlimit"),
        ("accept @n=2+5 : error ECONNABORTED!", "accept @n=2+5 : error ECONNABORTED!"),
        (
            "dns host=api.example.org @p=10% : dns again -> dns to 192.0.2.1 -> ok",
            "%dns host=api.example.org @p=10% : dns again -> dns to 192.0.2.1 -> ok",
        ),
        (
            "stream comm=nginx site~*ngx_http_upstream* @scope=conn @p=5% : eof",
            "stream comm=nginx and site=\"*ngx_http_upstream*\" @p=5% @scope=conn : eof",
        ),
        (
            "out @bytes=1M+ : slice 1..1400 gap 2ms, slowclose 3s",
            "%out @bytes=1M+ : slice 1..1400 gap 2ms, slowclose 3s",
        ),
        (
            "wait : shuffle, clamp 1 ; in at=P9f3c.c2.recv@40960 : error ETIMEDOUT",
            "wait : shuffle, clamp 1; recv lineage=P9f3c and conn=#2 @bytes=40K : error ETIMEDOUT",
        ),
    ] {
        assert_eq!(normal(source), text);
    }
}

#[test]
fn everything_else_reads_back() {
    for (source, text) in [
        ("x=in:short 50%", "x = %in : short 50%"),
        ("in: short 1..64 recipe native", "%in : short 1..64 recipe native"),
        (
            "a = in : eof\n# all\nb = out @after=a @until=a @once : reset drain # end\n",
            "a = %in : eof; b = %out @once @after=a @until=a : reset drain",
        ),
        ("libc:send,read @t=..2s : delay 5ms..15ms exit", "send,read @t=0ns..2s : delay 10ms~5ms exit"),
        ("in : again 3 -> error ECONNRESET -> ok", "%in : again 3 -> error ECONNRESET -> ok"),
        ("out : 3*error EPIPE/w=3|ECONNRESET", "%out : 3*error EPIPE/w=3|ECONNRESET -> ok"),
        ("out : return 0!, signal USR1, log", "%out : return 0!, signal SIGUSR1, log"),
        ("any (role=client or fd=3) not nb=1 : kill SIGTERM", "any (role=client or fd=3) and not nb=1 : kill SIGTERM"),
        (
            "stream : rate 250kbit burst 16K out, blackhole in heal 5s",
            "stream : rate 31250B/s burst 16K out, blackhole in heal 5s",
        ),
        ("stream : latency 10ms exp, timeout 400ms, halfopen", "stream : latency 10ms exp, timeout 400ms, halfopen"),
        ("dgram : drop 10% corr 25%", "dgram : drop 10% corr 25%"),
        ("dgram : drop state(1%,20%,5%,30%,0.1%)", "dgram : drop state(1%,20%,5%,30%,0.1%)"),
        ("dgram : drop gap 10, truncate 8, corrupt bits=1 1%!", "dgram : drop gap 10, truncate 8, corrupt bits=1 1%!"),
        ("dgram : drop list(3, 7,9)", "dgram : drop list(3,7,9)"),
        ("stream,dgram : latency 1ms", "stream,dgram : latency 1ms"),
        ("dns : dns only4 -> dns 2s -> dns to 2001:db8::1", "%dns : dns only4 -> dns 2s -> dns to 2001:db8::1"),
        ("open,accept : error EMFILE -> ok", "open : error EMFILE -> ok"),
        ("accept : abort(accept)!", "accept : abort!"),
        (
            "in site=libssl*!SSL_read+0x12 conn=first state=new : break(gdb)",
            "%in site=\"libssl*!SSL_read+0x12\" and conn=#1 and state=new : break",
        ),
        (
            "in conn=last @cond=on(SIGUSR2) @burst=4 @max=10 @off : pause",
            "%in conn=last @burst=4 @max=10 @cond=on(SIGUSR2) @off : pause",
        ),
        ("in @p=0.015625 : log", "%in @p=1.5625% : log"),
        ("in @n=3..9+2 @bytes=1K..2K : spurious! ; wait : spurious", ""),
        ("connect : timeout, delay 1ms -> ok", "connect : timeout, delay 1ms -> ok"),
        ("connect : unreach", "connect : unreach"),
        ("wait : error EINTR", "wait : error EINTR"),
        ("close : slowclose 3s~1s uniform", "close : slowclose 3s~1s"),
    ] {
        if text.is_empty() {
            assert!(add(Realism::Kernel, source).is_err());
        } else {
            assert_eq!(normal(source), text);
        }
    }
}

#[test]
fn strace_expressions_are_taken_as_they_are() {
    for (source, text) in [
        ("inject=sendto:error=ECONNRESET:when=3", "send,sendto @n=3 @scope=syscall : error ECONNRESET!"),
        ("inject=%net:error=EIO:when=2+3", "%net @n=2+3 @scope=syscall : error EIO!"),
        ("fault=recvfrom", "recv,recvfrom @scope=syscall : error ENOSYS!"),
        ("fault=connect:error=5:when=3+", "connect @n=3+ @scope=syscall : error EIO!"),
        (
            "inject=read,write:retval=1:delay_enter=500:when=1..9+2",
            "read,write @n=1..9+2 @scope=syscall : return 1!, delay 500us!",
        ),
        ("fault=?nosuch", "none @scope=syscall : error ENOSYS!"),
        ("inject=close:signal=SIGTERM:delay_exit=2ms", "close @scope=syscall : signal SIGTERM!, delay 2ms exit!"),
        (
            "inject=!%net,%data,%log,%process,%fd,%dns,wait:error=EIO",
            "%netif,epoll_create,epoll_create1,epoll_ctl @scope=syscall : error EIO!",
        ),
    ] {
        let block = ok(source);
        assert_eq!(block.texts().collect::<Vec<_>>(), [text]);
        normal(text);
    }
}

#[test]
fn links_expand() {
    for link in links() {
        normal(&format!("stream,dgram : link {}", link.name));
        let stream = ok(&format!("stream : link {}", link.name));
        let lossy = stream.actions(&stream.rules()[0]).iter().any(|a| a.kind() == Some(Kind::Drop));
        assert!(!lossy, "{}: streams do not lose bytes", link.name);
    }
    assert_eq!(normal("stream : link dsl, reset"), "stream : latency 15ms~2ms normal, rate 1MB/s, reset");
    let mut block = Box::new(FaultBlock::new());
    let own = Extras { links: &[("mine", "latency 1ms, drop 3%")], table: None };
    block.add("dgram : link mine", &own).unwrap();
    assert_eq!(block.texts().collect::<Vec<_>>(), ["dgram : latency 1ms, drop 3%"]);
}

#[test]
fn tables_are_reduced_to_quantiles() {
    let mut block = Box::new(FaultBlock::new());
    let table = |name: &str, put: &mut dyn FnMut(i16)| {
        (0..4096i32).for_each(|i| put((i - 2048) as i16));
        name == "wifi.dist"
    };
    let extras = Extras { links: &[], table: Some(&table) };
    block.add("stream : latency 80ms~20ms table(wifi.dist) corr 5%", &extras).unwrap();
    let kept = block.bytes(block.actions(&block.rules()[0])[0].dist.table);
    assert_eq!(
        (kept.len(), &kept[..2], &kept[510..]),
        (512, &(-2040i16).to_le_bytes()[..], &2040i16.to_le_bytes()[..])
    );
    let text = block.texts().next().unwrap();
    assert_eq!(text, "stream : latency 80ms~20ms table(wifi.dist) corr 5%");
    assert!(block.add("stream : latency 80ms~20ms table(other)", &extras).is_err());
}

#[test]
fn rules_mean_what_they_say() {
    let block = ok(
        "a = out peer=10.0.0.0/8:5432 @n=2+3 @bytes=100..200 @t=1s.. @every=10s/2s @scope=conn : error EPIPE -> 2*short 5 -> ok",
    );
    let rule = &block.rules()[0];
    assert!(block.may_touch(Call::send) && !block.may_touch(Call::recv));
    let mut conn = ConnInfo::zero();
    (conn.family, conn.ty) = (libc::AF_INET as u16, libc::SOCK_STREAM as u16);
    let peer = [2, 0, 0x15, 0x38, 10, 1, 2, 3];
    conn.peer[..8].copy_from_slice(&peer);
    (conn.peer_len, conn.flags) = (16, socklens_wire::conn::flag::PEER);
    let cx = Subject { conn: Some(&conn), ..Subject::new(Call::send) };
    assert!(block.matches(rule, &cx));
    assert!(!block.matches(rule, &Subject { call: Call::recv, ..cx }));
    assert!(!block.matches(rule, &Subject { conn: None, ..cx }));
    let w = rule.when;
    assert_eq!((w.scope(), w.has(when::N), w.has(when::P)), (Scope::Conn, true, false));
    assert_eq!((1..10).filter(|n| w.counts(*n)).collect::<Vec<_>>(), [2, 5, 8]);
    let s = 1_000_000_000;
    assert_eq!(
        [0, s, 2 * s, 3 * s, 11 * s, 12 * s, 13 * s].map(|t| w.open_at(t)),
        [false, true, true, false, true, true, false]
    );
    assert_eq!(
        (w.touches(0, 100), w.touches(0, 101), w.touches(199, 1), w.touches(200, 9)),
        (false, true, true, false)
    );
    assert_eq!((w.bytes_before(40), w.bytes_before(150)), (60, 0));
    let kinds: Vec<_> = (0..5).map(|n| block.step(rule, 0, n, 7).and_then(|a| a.kind()).unwrap()).collect();
    assert_eq!(kinds, [Kind::Error, Kind::Short, Kind::Short, Kind::Ok, Kind::Ok]);
    assert_eq!(block.choose_error(&block.actions(rule)[0], u64::MAX), Some(libc::EPIPE as u16));

    let block = ok("in : error ECONNRESET/w=3|ETIMEDOUT!");
    let a = block.actions(&block.rules()[0])[0];
    assert!(a.has(action_flag::LIFT));
    let picked = |u: u64| i32::from(block.choose_error(&a, u).unwrap());
    assert_eq!(
        (picked(0), picked(3 << 62), picked((3 << 62) - 1)),
        (libc::ECONNRESET, libc::ETIMEDOUT, libc::ECONNRESET)
    );
    let block = ok("dgram : drop 5%");
    let a = block.actions(&block.rules()[0])[0];
    assert_eq!((a.loss.kind, a.loss.p[0]), (LossKind::Bernoulli as u8, 214_748_365));
    // Types: a rule of streams does not touch datagrams.
    conn.ty = libc::SOCK_STREAM as u16;
    let cx = Subject { conn: Some(&conn), ..Subject::new(Call::send) };
    assert!(
        !block.matches(&block.rules()[0], &cx) && ok("stream : reset").matches(&ok("stream : reset").rules()[0], &cx)
    );
}

#[test]
fn ids_stay_when_other_rules_come() {
    let one = ok("in : short 1");
    let two = ok("out : short 1; in : short 1");
    assert_eq!(one.rules()[0].id, two.rules()[1].id);
    assert_ne!(two.rules()[0].id, two.rules()[1].id);
    assert_ne!(one.rules()[0].id, ok("x = in : short 1").rules()[0].id);
}

#[test]
fn what_fails_adds_nothing() {
    let mut block = ok("in : short 1");
    let before = (block.rule_count, block.action_count, block.heap_len, block.any);
    assert!(block.add("out : eof; out : nonsense", &Extras::default()).is_err());
    assert_eq!((block.rule_count, block.action_count, block.heap_len, block.any), before);
    for _ in 1..MAX_RULES {
        block.add("in : short 1", &Extras::default()).unwrap();
    }
    assert!(block.add("in : short 1", &Extras::default()).is_err());
    let many = format!("in : {}ok", "eintr, ".repeat(MAX_ACTIONS));
    assert!(shown(&many, add(Realism::Kernel, &many).unwrap_err()).contains("160 actions"));
}

/// Each error: the rule, what the message says, what the caret stands under, what is advised.
#[test]
fn errors_point_at_the_place() {
    for (source, message, under, advice) in [
        ("", "nothing is written", "", ""),
        ("recvv : eof", "unknown call `recvv`", "recvv", "`recv`"),
        ("strem : eof", "unknown call", "strem", "`stream`"),
        ("peer=:443 : reset", "a rule begins with calls", "peer", "any peer=:443"),
        ("in peeer=:443 : reset", "unknown key `peeer`", "peeer", "`peer`"),
        ("in peer=10.0.0.300 : reset", "not an address", "10.0.0.300", ""),
        ("in errno=EPIPE : reset", "only known once the call has returned: `errno`", "errno", "before the call"),
        ("in failed : reset", "only known once", "failed", ""),
        ("in short 1", "expected a colon", "short", "CALLS"),
        ("in @n=3 peer=:1 : eof", "expected a colon", "peer", "selectors stand before"),
        ("in @nn=3 : eof", "unknown condition `nn`", "nn", "every"),
        ("in @scop=conn : eof", "unknown condition", "scop", "`scope`"),
        ("in @scope=con : eof", "unknown value `con`", "con", "`conn`"),
        ("in @n=0 : eof", "out of range", "0", ""),
        ("in @n=3 @n=4 : eof", "written twice", "n", ""),
        ("in @n=9..3 : eof", "range ends before", "9..3", ""),
        ("in @p=120% : eof", "not a chance", "120%", "1%"),
        ("in @p : eof", "expected an operator", ":", "@n=3"),
        ("in @t=5s : eof", "range", "5s", ""),
        ("in @t=5..6 : eof", "unit is needed", "5", "ms"),
        ("in @every=2s/3s : eof", "out of range", "3s", ""),
        ("in @after=x : eof", "no rule before this one is called `x`", "x", "before"),
        ("x = in : eof; x = out : eof", "two rules are called", "x", ""),
        ("in : shrt 1", "unknown action `shrt`", "shrt", "`short`"),
        ("in :", "expected an action", "", "rules list"),
        ("in : short", "expected a value", "", ""),
        ("in : short 0", "out of range", "0", ""),
        ("in : error ECONRESET", "unknown value `ECONRESET`", "ECONRESET", "`ECONNRESET`"),
        ("in : error EPIPE", "these calls do not return `EPIPE`", "EPIPE", "ECONNRESET, ETIMEDOUT"),
        ("in : error EPIPE", "", "EPIPE", "--realism any"),
        ("in : error ECONNRESET|EXDEV", "`EXDEV`", "EXDEV", ""),
        ("accept : error ECONNABORTED", "do not return", "ECONNABORTED", "--realism posix"),
        ("accept : abort", "the kernel never does this: `abort`", "abort", "--realism posix"),
        ("in : return 5", "the kernel never does this", "return", "--realism any"),
        ("stream : corrupt bits=1 1%", "the kernel never does this", "corrupt", "!"),
        ("stream : drop 1%", "does nothing for these calls: `drop`", "drop", "dgram"),
        ("recv : refuse", "does nothing for these calls", "refuse", "connect"),
        ("in : dns again", "does nothing for these calls", "dns", "getaddrinfo"),
        ("dns : dns agan", "unknown value", "agan", "`again`"),
        ("dgram : slice 3", "does nothing", "slice", "in and out"),
        ("in : delay 5", "unit is needed", "5", "ms"),
        ("in : delay fast", "not a time", "fast", "80ms"),
        ("stream : latency 80ms normal", "a spread is needed", "normal", "80ms~20ms"),
        ("stream : latency 80ms~5ms table(x)", "no usable table", "table(x)", ""),
        ("stream : rate 10", "not a rate", "10", "kbit"),
        ("stream : link edg", "unknown link `edg`", "edg", "`edge`"),
        ("stream : link edge -> ok", "a link is several actions", "link", ""),
        ("dgram : drop ge(1%", "not a model of loss", "ge(1%", "ge(1%,10%)"),
        ("dgram : drop list(3,3)", "range ends", "3", ""),
        ("in : signal USR9", "unknown value `USR9`", "USR9", "`USR1`"),
        ("in : eof reset", "expected a comma, an arrow or the end of the rule, not `reset`", "reset", ""),
        ("in : eof recipe nativ", "unknown value", "nativ", "`native`"),
        ("in at=P1.c2.send@4 : eof", "not a place", "send", ""),
        ("in at=12 : eof", "not a place in a run", "12", "P9f3c"),
        ("inject=read:eror=EIO", "no meaning here: `eror`", "eror", "`error`"),
        ("in stack<libfoo : eof", "", "<", ""),
        ("in @cond=on(SIGHUP) : eof", "this cannot be done: `SIGHUP`", "SIGHUP", "SIGUSR1 and SIGUSR2"),
        ("in : stak", "unknown action", "stak", "`stack`"),
        ("in : stack 3", "", "3", ""),
        ("in sni-host<db.* : eof", "", "<", ""),
        ("in sn-host=db.* : eof", "unknown", "sn-host", "`sni-host`"),
        ("inject=read", "expected an action", "", ""),
        ("inject=read:poke_enter=@arg1=00", "no meaning here: `poke_enter`", "poke_enter", "retval="),
        ("inject=read:syscall=getpid", "no meaning here: `syscall`", "syscall", "error="),
        ("fault=read:retval=3", "no meaning here: `retval`", "retval", "inject="),
        ("fault=read:signal=USR1", "no meaning here: `signal`", "signal", "inject="),
        ("inject=read:error=EIO:retval=3", "written twice", "retval", "one error= or one retval="),
        ("inject=read:signal=USR1:signal=USR2", "written twice", "signal", ""),
    ] {
        let e = match add(Realism::Kernel, source) {
            Err(e) => e,
            Ok(_) => panic!("accepted: {source}"),
        };
        let text = shown(source, e);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].contains(message), "{text}");
        let carets = lines[2].chars().filter(|c| *c == '^').count();
        let at = lines[2].find('^').unwrap();
        assert_eq!(lines[1].chars().skip(at).take(carets).collect::<String>(), under, "{text}");
        assert!(lines[2].contains(advice), "{text}");
    }
}

#[test]
fn realism_decides() {
    for (source, least) in [
        ("accept : error ECONNABORTED", Realism::Posix),
        ("in : error ENOMEM", Realism::Posix),
        ("in : error EXDEV", Realism::Any),
        ("in : return 3", Realism::Any),
        ("stream : corrupt bytes=2 1%", Realism::Any),
        ("dgram : corrupt bytes=2 1%", Realism::Posix),
        ("in : error ECONNRESET", Realism::Kernel),
    ] {
        for r in Realism::ALL {
            assert_eq!(add(*r, source).is_ok(), *r >= least, "{source} {r:?}");
        }
        assert!(add(Realism::Kernel, &format!("{source}!")).is_ok(), "{source}!");
    }
}
