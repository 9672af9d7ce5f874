//! Writes the seeds of the corpus: cargo run --no-default-features --example seeds.

use socklens_calls::{CALLS, Call, Kind};
use socklens_fuzz::event::FRONT;
use socklens_fuzz::make::{Make, inet};
use socklens_fuzz::segment::what;
use socklens_rules::Filter;
use socklens_wire::event::note;
use socklens_wire::layout::CHUNK_HEAD;
use socklens_wire::{ConnInfo, Part};
use std::fs;
use std::path::Path;

fn write(target: &str, name: &str, bytes: &[u8]) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(format!("seed-{name}")), bytes).unwrap();
}

fn main() {
    events();
    messages();
    hellos();
    filters();
    calls();
    rules();
    segments();
}

fn words(list: &[u64]) -> Vec<u8> {
    list.iter().flat_map(|w| w.to_le_bytes()).collect()
}

/// A call with what its arguments may point to.
fn call(call: Call, ret: i64, errno: i32) -> Make {
    let kinds: Vec<Kind> = call.spec().args.iter().map(|a| a.kind).collect();
    let args: Vec<u64> =
        kinds.iter().enumerate().map(|(i, k)| if matches!(k, Kind::Fd) { 5 } else { i as u64 }).collect();
    let mut m = Make::new(call, &args, ret).errno(errno).conn(5);
    for (i, kind) in kinds.iter().enumerate() {
        let i = i as u8;
        m = match kind {
            Kind::IovIn(_) | Kind::IovOut(_) => {
                m.at(i, Part::Iov, 0, 0, &words(&[0x1000, 5])).at(i, Part::IovData, 0, 0, b"hello")
            }
            Kind::MsgIn | Kind::MsgOut | Kind::MmsgIn(_) | Kind::MmsgOut(_) => m
                .at(i, Part::Hdr, 0, 0, &words(&[0x1000, 16, 0x2000, 1, 0x3000, 24, 0]))
                .at(i, Part::Name, 0, 0, &inet(80, [127, 0, 0, 1]))
                .at(i, Part::Iov, 0, 0, &words(&[0x4000, 5]))
                .at(i, Part::IovData, 0, 0, b"hello")
                // SCM_RIGHTS with descriptor 5.
                .at(i, Part::Control, 0, 0, &words(&[20, 0x1_0000_0001, 5]))
                .at(i, Part::MsgLen, 0, 0, &5u32.to_le_bytes()),
            Kind::AddrInfoOut => {
                m.at(i, Part::Canon, 0, 0, b"example.org\0").at(i, Part::Addr, 0, 2, &inet(80, [10, 0, 0, 1]))
            }
            Kind::Hostent => {
                m.at(i, Part::HostHead, 0, 0, &words(&[0x4_0000_0002])).at(i, Part::Canon, 0, 0, b"host\0")
            }
            Kind::IfAddrsOut => m.at(i, Part::IfName, 0, 0, b"lo\0").at(i, Part::Addr, 0, 0, &inet(0, [127, 0, 0, 1])),
            Kind::StrVec => m.at(i, Part::StrItem, 0, 0, b"-v\0"),
            Kind::AddrIn(_) => m.data(i, &inet(80, [127, 0, 0, 1])),
            _ => m.data(i, b"www.example.org\0\x01\x02\0\0\0\0\0\0"),
        };
    }
    m
}

fn events() {
    let front = |b: &[u8]| {
        let mut f = [0u8; FRONT];
        f[8..12].copy_from_slice(b"curl");
        f[16..20].copy_from_slice(&1_234_567_890u32.to_le_bytes());
        f[..b.len()].copy_from_slice(b);
        f
    };
    let fronts = [front(&[]), front(&[1, 0x14, 0x0f, 1, 1, 0xb2, 30, 90]), front(&[2, 0x29, 0x11, 210])];
    let mut seen = Vec::new();
    // One call for every kind of argument there is.
    for op in 0..CALLS.len() as u16 {
        let c = Call::from_opcode(op).unwrap();
        let kinds = c.spec().args.iter().map(|a| std::mem::discriminant(&a.kind));
        let fresh: Vec<_> = kinds.filter(|k| !seen.contains(k)).collect();
        if fresh.is_empty() {
            continue;
        }
        seen.extend(fresh);
        let (ret, errno) = if op % 5 == 4 { (-1, 11) } else { (5, 0) };
        write("event", c.spec().name, &[&fronts[usize::from(op % 3)][..], &call(c, ret, errno).bytes()].concat());
    }
    // What a socket of NETLINK_ROUTE sends.
    let netlink = front(&[1, 0x14, 0x0f, 1, 3]);
    let attr = |ty: u16, data: &[u8]| {
        let mut a = [&(data.len() as u16 + 4).to_le_bytes(), &ty.to_le_bytes(), data].concat();
        a.resize(a.len().next_multiple_of(4), 0);
        a
    };
    let way = [&[16, 0, 4, 1, 2, 0, 0, 0][..], &attr(5, &[127, 0, 0, 1])].concat();
    let bridge = attr(18, &[attr(1, b"bridge\0"), attr(2, &attr(1, &1500u32.to_le_bytes()))].concat());
    for (name, ty, body) in [
        ("netlink-route", 24u16, [&[2; 12][..], &attr(9, &[&way[..], &way].concat())].concat()),
        ("netlink-bridge", 16, [&[0; 16][..], &bridge].concat()),
    ] {
        let head = [&(body.len() as u32 + 16).to_le_bytes()[..], &ty.to_le_bytes(), &[0; 10]].concat();
        let data = [head, body].concat();
        let m = Make::new(Call::send, &[5, 0x1000, data.len() as u64, 0], data.len() as i64).conn(5).data(1, &data);
        write("event", name, &[&netlink[..], &m.bytes()].concat());
    }
    let mut info = ConnInfo::zero();
    (info.serial, info.family, info.ty) = (5, 2, 1);
    for (name, m) in [
        ("note-conn", Make::note(note::CONN_NEW, 5).at(0xff, Part::Data, 0, 0, info.as_bytes())),
        ("note-exec", Make::note(note::EXEC, 0).at(0xff, Part::Data, 0, 0, b"/bin/true")),
        ("note-unseen", Make::note(note::UNSEEN, 1)),
        ("note-mark", Make::note(note::MARK, 0).at(0xff, Part::Data, 0, 0, b"here\x1b[2J\n\xff")),
    ] {
        write("event", name, &[&fronts[1][..], &m.bytes()].concat());
    }
}

/// DNS messages: a question, and answers of every kind that is printed.
fn messages() {
    let name = b"\x03www\x07example\x03org\0";
    let head = |bits: u16, questions: u16, answers: u16| -> Vec<u8> {
        [0x1a2b, bits, questions, answers, 0, 0].iter().flat_map(|n: &u16| n.to_be_bytes()).collect()
    };
    let question = |kind: u16| [&name[..], &kind.to_be_bytes(), &[0, 1]].concat();
    // The name is the question's.
    let answer = |kind: u16, data: &[u8]| {
        let len = data.len() as u16;
        [&[0xc0, 12][..], &kind.to_be_bytes(), &[0, 1, 0, 0, 1, 44], &len.to_be_bytes(), data].concat()
    };
    let answers = [
        answer(5, &[0xc0, 16]),
        answer(1, &[192, 0, 2, 1]),
        answer(28, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        answer(15, &[0, 10, 0xc0, 12]),
        answer(16, b"\x06v=\x1b[2Jmore"),
        answer(33, &[0, 1, 0, 2, 0, 80, 0xc0, 12]),
    ];
    for (seed, how, bytes) in [
        ("query", [0, 0x14, 0], [head(0x0100, 1, 0), question(1)].concat()),
        ("answers", [3, 0x14, 1], [head(0x8180, 1, 6), question(1), answers.concat()].concat()),
        ("no-name", [0, 0x28, 2], [head(0x8183, 1, 0), question(28)].concat()),
        ("loop", [0, 0, 1], [head(0x8180, 1, 2), vec![0xc0, 12, 0, 1, 0, 1]].concat()),
        ("cut", [0, 0, 1], [head(0x8380, 1, 9), question(1), answers[2][..15].to_vec()].concat()),
        ("many", [0, 0, 1], [head(0x8180, 4, 200), question(1), question(2), question(5), question(6)].concat()),
    ] {
        write("dns", seed, &[&how[..], &bytes].concat());
    }
}

/// What clients sent, whole and over two records.
fn hellos() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/rules/tests/hello");
    for who in ["openssl", "curl", "python", "no-name"] {
        let bytes = fs::read(dir.join(format!("{who}.bin"))).unwrap();
        write("hello", who, &[&[255][..], &bytes].concat());
        let (head, message) = bytes.split_at(5);
        let (first, second) = message.split_at(message.len() / 2);
        let record = |part: &[u8]| [&head[..3], &(part.len() as u16).to_be_bytes(), part].concat();
        write("hello", &format!("{who}-two"), &[&[40][..], &record(first), &record(second)].concat());
    }
    write("hello", "plain", b"\x08GET / HTTP/1.1\r\n\r\n");
}

fn filters() {
    for (name, text) in [
        ("address", "peer=10.0.0.0/8:5432 and errno!=0|EPIPE or not (call=%net,send and dur>1.5ms)"),
        ("v6", "host=*.example.org, comm=\"a b\" and peer=[2001:db8::]/32:80..90 or path=@x and bytes>=64K"),
        ("unix", "peer='unix:/a b'|unix:@x*"),
        ("quotes", "comm=\"a\\\"b\"|my\\ prog and exe=/usr/*"),
        ("numbers", "ret=-9223372036854775808 or fd!=1|2|0x3 and port=8000..8099"),
        ("names", "family=PF_LOCAL and type=SOCK_RAW and proto=ICMP6 and role=pair"),
        ("flags", "not not failed or ok && nonblocking || !blocking"),
        ("set", "call=!close|epoll_*,?nosuch,/^a.*t$"),
        ("fault-key", "peeer=10.0.0.0/8 and errno!=0"),
        ("fault-paren", "((fd=1 or pid=2) and é"),
        ("fault-unit", "dur>15 and bytes<1X"),
    ] {
        write("filter", name, text.as_bytes());
    }
    // Compiled ones, without the zeros at their end.
    for (name, text) in [
        (
            "raw-address",
            "peer=10.0.0.0/8:5432 and errno!=0|EPIPE or not (call=%net and exe=/a*b*c or path=@x*) and comm=a*",
        ),
        ("raw-numbers", "not (fd=1 or pid=2..9) and tid!=1|2 and dur>1ms"),
    ] {
        let f = Filter::parse(text).unwrap();
        let bytes = f.as_bytes();
        let end = bytes.iter().rposition(|b| *b != 0).unwrap() + 1;
        write("filter", name, &bytes[..end]);
    }
}

fn calls() {
    for (name, text) in [
        ("names", "trace=socket,bind,libc:sendto"),
        ("classes", "%net,desc,?clone7"),
        ("without", "!close,%dns"),
        ("glob", "epoll_*,send?,recv*"),
        ("pattern", "/^res_n.*y$,/peername$"),
        ("none", "!all"),
        ("alias", " __connect , pselect6 "),
        ("fault-near", "socket,sednto"),
        ("fault-pattern", "/a(b|c)"),
        ("fault-empty", "socket,,bind"),
        ("fault-utf8", "é日,%nett"),
    ] {
        write("calls", name, text.as_bytes());
    }
}

fn rules() {
    for (name, text) in [
        ("stream", "stream peer=10.0.0.0/8 : latency 80ms~20ms normal corr 25%, rate 1MB/s"),
        ("dgram", "dgram : drop ge(1%,10%), dup 0.5%, reorder 2% gap 3 # udp"),
        ("steps", "a = dns host=x @p=10% : dns again -> dns to 192.0.2.1 -> ok; in @after=a : 3*error EIO/w=2|EPIPE!"),
        ("whens", "accept @n=2+5 @t=1s.. @every=30s/2s @bytes=1K..2K @max=3 @cond=on(USR1) @scope=conn : fdlimit"),
        (
            "selectors",
            "in at=P9f3c.c2.recv@40960 : error ETIMEDOUT\nout site=\"a*!b+0x10\" (fd=1 or conn=#2) : short 1..64",
        ),
        ("sni", "out sni-host=*.example.org sni!=a|b : reset"),
        ("stack", "send stack=\"a*!b+0x10\" stack!=main|libc* site=c : log"),
        ("links", "stream,dgram : link edge, corrupt bits=1 1%!"),
        ("strace", "inject=sendto,read:error=EIO:signal=USR1:delay_enter=5:when=3..9+2; fault=connect"),
        ("fault-action", "recv : shrt 1"),
        ("fault-errno", "in : error EPIPE, error ENOSUCH"),
    ] {
        write("rule", name, text.as_bytes());
    }
    for (name, text) in [
        (
            "whole",
            "seed = 42\nrealism = \"posix\"\n[profile.slow]\nlatency = \"3ms~1ms\"\n[[rule]]\nname = \"a\"\ncalls = [\"in\", \"out\"]\npeer = [\":80\", \":81\"]\nwhen = { p = \"2%\", once = true }\ndo = [{ slice = \"1..64\", gap = \"1ms\" }, [\"eintr\", \"ok\"], \"link slow\"]\n",
        ),
        ("lines", "rules = [\"recv : short 1\"]\n[defaults]\nrole = \"server\"\n"),
        ("fault", "[[rule]]\nped = 3\ndo = { shrt = 1 }\n"),
    ] {
        write("toml", name, text.as_bytes());
    }
}

fn segments() {
    let step = |what: u8, at: u16, value: u64| {
        let mut b = vec![what];
        b.extend(at.to_le_bytes());
        b.extend(value.to_le_bytes());
        b
    };
    let read = || step(what::READ, 0, 1000);
    let seed = |name: &str, first: u8, second: u8, steps: &[Vec<u8>]| {
        write("segment", name, &[&[first, second][..], &steps.concat()].concat());
        // The same damage, looked at from outside: to a file that is whole.
        write("observer", name, &[&[first, second & !3][..], &steps.concat()].concat());
    };
    let look = |name: &str, first: u8, second: u8, steps: &[Vec<u8>]| {
        write("observer", name, &[&[first, second][..], &steps.concat()].concat());
    };
    look("unfinished", 2, 1, &[read()]);
    look("cut", 0xc2, 2 | 0x80, &[read()]);
    look("cut-short", 0xc2, 2, &[read()]);
    look("version", 2, 0, &[step(what::HEADER, 1, 0xffff), read(), read()]);
    look("counted", 0xc2, 0, &[step(what::THREADS | what::HIGH, 21, 1), step(what::OWNERS, 0, 3), read(), read()]);
    use socklens_wire::layout::{ChunkHead, ConnSlot, Header, PageOwner, ProcSlot, ThreadSlot};
    use std::mem::offset_of;
    let word = |bytes: usize| (bytes / 8) as u16;
    // Which half of its word a u32 is.
    let half = |bytes: usize| if bytes.is_multiple_of(8) { what::LOW } else { what::HIGH };
    let at32 = |area: u8, bytes: usize, value: u64| step(area | half(bytes), word(bytes), value);
    seed("sound", 5, 1, &[read()]);
    seed("sound-conns", 0xc3, 3, &[read(), step(what::READ | 8, 0, 0)]);
    seed("full-list", 0x85, 1, &[read(), step(what::HEADER, word(offset_of!(Header, full_chunks)), 3), read()]);
    seed("circle", 0x85, 0, &[at32(what::CHUNKS, offset_of!(ChunkHead, link), 1), read()]);
    seed(
        "high",
        3,
        0,
        &[
            at32(what::HEADER, offset_of!(Header, procs_high), u64::MAX),
            at32(what::HEADER, offset_of!(Header, threads_high), u64::MAX),
            read(),
        ],
    );
    seed(
        "chunk-head",
        9,
        1,
        &[
            at32(what::PAGES, offset_of!(ChunkHead, head), 70_000),
            at32(what::PAGES, offset_of!(ChunkHead, cap), u64::MAX),
            read(),
            at32(what::PAGES, offset_of!(ChunkHead, read), 12),
            at32(what::PAGES, offset_of!(ChunkHead, end), 40),
            read(),
        ],
    );
    seed("event-word", 9, 0, &[at32(what::PAGES, CHUNK_HEAD, 0x5e1f_ffff), read()]);
    seed("event-note", 9, 1, &[step(what::PAGES, word(CHUNK_HEAD), 0xff03_5e1f_0007), read()]);
    seed(
        "event-note-times",
        9,
        1,
        &[
            step(what::PAGES, word(CHUNK_HEAD), 0xff04_5e1f_0007),
            step(what::PAGES, word(CHUNK_HEAD + 8), u64::MAX),
            step(what::PAGES, word(CHUNK_HEAD + 16), 1),
            read(),
        ],
    );
    seed("process-gone", 4, 1, &[read(), at32(what::PROCS, offset_of!(ProcSlot, state), 3), read()]);
    seed("process-again", 4, 1, &[read(), at32(what::PROCS, offset_of!(ProcSlot, uses), 9), read()]);
    seed(
        "process-pid",
        4,
        0,
        &[
            step(what::PROCS | half(offset_of!(ProcSlot, pid)) | what::PID, word(offset_of!(ProcSlot, pid)), 1),
            step(what::PROCS, word(offset_of!(ProcSlot, pid_ns)), 1),
            read(),
        ],
    );
    seed("thread-chunk", 4, 1, &[at32(what::THREADS, offset_of!(ThreadSlot, chunk), 23), read()]);
    seed(
        "thread-in-call",
        4,
        1,
        &[
            step(what::HEADER, word(offset_of!(Header, wanted)), u64::MAX),
            at32(what::THREADS, offset_of!(ThreadSlot, in_call), 22),
            step(what::THREADS | what::NOW, word(offset_of!(ThreadSlot, in_start)), 0),
            read(),
            at32(what::THREADS, offset_of!(ThreadSlot, in_call), 7),
            read(),
        ],
    );
    seed("thread-process", 4, 1, &[at32(what::THREADS, offset_of!(ThreadSlot, proc_index), 1), read()]);
    seed(
        "conn",
        0xc3,
        3,
        &[
            read(),
            at32(what::CONNS, offset_of!(ConnSlot, refs), 0),
            at32(what::CONNS, offset_of!(ConnSlot, lock), 1),
            step(what::READ | 8, 0, 0),
            step(what::READ | 8, 0, 0),
        ],
    );
    seed(
        "owner",
        6,
        1,
        &[
            at32(what::OWNERS, offset_of!(PageOwner, kind), 2),
            at32(what::OWNERS, offset_of!(PageOwner, proc_index), 7),
            at32(what::OWNERS, offset_of!(PageOwner, base), u64::MAX),
            step(what::PAGES, 0, 17),
            read(),
        ],
    );
}
