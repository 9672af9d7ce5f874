//! Whatever the text and whatever the bytes: no panic, an end within bounds.

mod random;

use random::Random;
use socklens_calls::{CALLS, Call};
use socklens_rules::{CallSet, Filter, MAX_SOURCE, Subject};
use socklens_wire::ConnInfo;
use std::time::Duration;

fn fill(r: &mut Random, bytes: &mut [u8]) {
    for b in bytes {
        *b = (r.next() >> 24) as u8;
    }
}

const TOKENS: &[&str] = &[
    "and",
    "or",
    "not",
    "(",
    ")",
    "!",
    "&&",
    "||",
    ",",
    "|",
    "=",
    "!=",
    "~",
    "!~",
    "<",
    "<=",
    ">",
    ">=",
    " ",
    "  ",
    "\t",
    "call",
    "fd",
    "conn",
    "pid",
    "tid",
    "comm",
    "exe",
    "errno",
    "ret",
    "bytes",
    "dur",
    "peer",
    "local",
    "addr",
    "port",
    "lport",
    "host",
    "role",
    "family",
    "type",
    "proto",
    "path",
    "nb",
    "failed",
    "ok",
    "blocking",
    "3",
    "-1",
    "0x10",
    "64K",
    "1.5ms",
    "5us",
    "9..12",
    "10.0.0.0/8",
    ":80",
    "[::1]:*",
    "2001:db8::/32",
    "unix:@x",
    "unix:/a*",
    "ECONNRESET",
    "EPIPE",
    "client",
    "inet",
    "stream",
    "tcp",
    "%net",
    "send",
    "recv*",
    "/^a",
    "?x",
    "libc:sendto",
    "\"",
    "'",
    "\\",
    "a b",
    "é",
    "日",
    "\u{0}",
    "*",
    "..",
    ":",
    "/",
    "[",
    "]",
    "µs",
    "fd=1",
    "comm=x",
    "errno!=0",
    "peer=*",
    "call=send,recv",
    "fd=1|2",
    " and ",
    " or ",
    " and not ",
    " or (",
];

fn render(source: &str, e: socklens_rules::SyntaxError) {
    let mut len = 0;
    e.render(source, &mut |b| len += b.len());
    assert!(len < 2000, "{len}");
    assert!(
        usize::from(e.at) <= source.len() && usize::from(e.at) + usize::from(e.len) <= source.len(),
        "{e:?} {source}"
    );
}

fn try_text(source: &str, cx: &Subject<'_>) -> bool {
    match CallSet::parse(source) {
        Ok(set) => {
            let mut out = Vec::new();
            set.write_normal(&mut |b| out.extend_from_slice(b));
            assert_eq!(CallSet::parse(std::str::from_utf8(&out).unwrap()), Ok(set));
        }
        Err(e) => render(source, e),
    }
    match Filter::parse(source) {
        Ok(f) => {
            f.eval(cx);
            let mut out = Vec::new();
            f.write_normal(&mut |b| out.extend_from_slice(b));
            let text = String::from_utf8(out).unwrap();
            assert_eq!(Filter::parse(&text).as_ref(), Ok(&f), "{source}\n{text}");
            // The calls it accepts are among those it says it can.
            assert!(f.may_accept(cx.call) || !f.eval(cx), "{source}");
            true
        }
        Err(e) => {
            render(source, e);
            false
        }
    }
}

#[test]
fn random_token_soup() {
    let mut r = Random(0x5eed);
    let mut c = ConnInfo::zero();
    let mut good = 0;
    for round in 0..4_000 {
        let mut text = String::new();
        for _ in 0..r.below(14) {
            text.push_str(TOKENS[r.below(TOKENS.len())]);
            if round % 2 == 0 {
                text.push(' ');
            }
        }
        let bytes = c.as_bytes().to_owned();
        let mut bytes = bytes;
        fill(&mut r, &mut bytes);
        c = ConnInfo::from_bytes(&bytes).unwrap();
        let cx = Subject { conn: Some(&c), comm: b"x", ..Subject::new(Call::send) };
        good += usize::from(try_text(&text, &cx));
    }
    assert!(good > 20, "only {good} were in the language");
}

#[test]
fn random_sentences_read_back() {
    let mut r = Random(99);
    let terms = [
        "fd=1",
        "fd=1|2",
        "fd!=1|2|3",
        "pid=1",
        "errno=EPIPE|EAGAIN",
        "ok",
        "failed",
        "call=send,recv",
        "call!=%net",
        "peer=:80|:81",
        "fd<3",
        "comm='a b'|c",
        "path=\"x\\\"y\"",
        "peer=unix:@x|*",
        "nonblocking",
        "comm=\\=x",
        "comm=\"~a\"",
        "dur>1ms",
        "port=1..2|7",
    ];
    let cx = Subject::new(Call::send);
    for _ in 0..2_000 {
        let (mut text, mut open, mut nots) = (String::new(), 0, 0);
        let n = 1 + r.below(9);
        for i in 0..n {
            if i > 0 {
                text.push_str([" and ", " or ", ", ", " || ", "&&"][r.below(5)]);
            }
            while r.below(3) == 0 && open + nots < 16 {
                if r.below(2) == 0 {
                    text.push_str("not ");
                    nots += 1;
                } else {
                    text.push('(');
                    open += 1;
                }
            }
            text.push_str(terms[r.below(terms.len())]);
            while open > 0 && r.below(3) == 0 {
                text.push(')');
                open -= 1;
            }
        }
        text.push_str(&")".repeat(open));
        assert!(try_text(&text, &cx), "{text}: {:?}", Filter::parse(&text));
    }
}

#[test]
fn random_bytes_as_text() {
    let mut r = Random(3);
    let cx = Subject::new(Call::recv);
    let mut bytes = [0u8; 64];
    for _ in 0..4_000 {
        let n = r.below(64);
        fill(&mut r, &mut bytes[..n]);
        if r.below(2) == 0 {
            bytes.iter_mut().for_each(|b| *b &= 0x7f);
        }
        try_text(&String::from_utf8_lossy(&bytes[..n]), &cx);
    }
}

#[test]
fn mutated_sentences() {
    let mut r = Random(11);
    let cx = Subject::new(Call::recv);
    let seeds = [
        "peer=10.0.0.0/8:5432 and errno!=0|EPIPE or not (call=%net,send and dur>1.5ms)",
        "host=*.example.org, comm=\"a b\" and peer=[2001:db8::]/32:80..90 or path=@x and bytes>=64K",
    ];
    for _ in 0..4_000 {
        let mut text = seeds[r.below(2)].as_bytes().to_vec();
        for _ in 0..=r.below(3) {
            let at = r.below(text.len());
            match r.below(3) {
                0 => {
                    text.remove(at);
                }
                1 => text[at] = b"()=!<>,|&\"'\\ *.:/[]0aE%"[r.below(23)],
                _ => text.insert(at, b"()=!<>,|&\"'\\ *.:/[]0aE%"[r.below(23)]),
            }
        }
        try_text(std::str::from_utf8(&text).unwrap(), &cx);
    }
}

#[test]
fn parsing_takes_time_in_proportion() {
    let full = |s: &str| s.repeat(MAX_SOURCE / s.len());
    for text in [
        full("("),
        full("!"),
        full("not "),
        full("fd=1|"),
        full("call=a,"),
        full("*,"),
        full("/a,"),
        full("x"),
        full("\""),
        full("\\"),
        format!("call={}", full("*a,")),
        format!("comm={}", full("*a")),
        full("peer=::1,"),
        full("zzzzzz,"),
        full("?zzzzzz,"),
        format!("call={}", full("?zzzzz,")),
        format!("peer={}", full(":")),
        format!("dur={}", full("9")),
        full("日"),
    ] {
        let took = |text: &str| {
            let start = cpu_time();
            let _ = (CallSet::parse(text), Filter::parse(text)).0.map_err(|e| render(text, e));
            cpu_time() - start
        };
        let quarter: String = text.chars().take(text.chars().count() / 4).collect();
        let (short, long) = (took(&quarter), took(&text));
        // Four times the text: four times the work, sixteen if it were quadratic.
        let most = short * 9 + Duration::from_millis(50);
        assert!(long <= most, "{} {short:?} and {long:?}", text.chars().take(9).collect::<String>());
    }
}

/// What this thread has run: being made to wait does not count.
fn cpu_time() -> Duration {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes the timespec, which is ours.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut t) };
    Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
}

#[test]
fn damaged_filters_end() {
    let mut r = Random(17);
    let sound = Filter::parse(
        "peer=10.0.0.0/8:5432 and errno!=0|EPIPE or not (call=%net and exe=/a*b*c or path=@x*) and comm=a*",
    )
    .unwrap();
    let mut c = ConnInfo::zero();
    for round in 0..15_000 {
        let mut bytes = *sound.as_bytes();
        match round % 3 {
            0 => fill(&mut r, &mut bytes),
            1 => {
                // Plausible opcodes and lengths, so that more than the first step runs.
                fill(&mut r, &mut bytes);
                bytes[0] = 160;
                bytes[1] = 0;
                for i in 0..160 {
                    bytes[8 + 2 * i] = 1 + bytes[8 + 2 * i] % 4;
                    bytes[9 + 2 * i] %= 161;
                }
                for i in 0..64 {
                    let term = 328 + 6 * i;
                    bytes[term + 1] %= 6;
                    bytes[term + 2] %= 26;
                }
            }
            _ => {
                for _ in 0..1 + r.below(8) {
                    bytes[r.below(700)] = r.next() as u8;
                }
            }
        }
        let f = Filter::from_bytes(&bytes).unwrap();
        let mut info = *c.as_bytes();
        fill(&mut r, &mut info);
        info[4..6].copy_from_slice(&[[1, 0], [2, 0], [10, 0]][r.below(3)]);
        info[38..40].copy_from_slice(&[[1, 0], [2, 0], [10, 0]][r.below(3)]);
        c = ConnInfo::from_bytes(&info).unwrap();
        let call = Call::from_opcode(r.below(CALLS.len()) as u16).unwrap();
        let cx = Subject {
            conn: Some(&c),
            exe: &info,
            comm: &info[..15],
            host: b"a.b",
            fd: 3,
            nonblock: Some(false),
            ..Subject::new(call)
        };
        f.eval(&cx);
        f.needs_exit();
        f.may_accept(call);
        if round % 7 == 0 {
            f.calls();
            let mut len = 0;
            f.write_normal(&mut |b| len += b.len());
            assert!(len < 1 << 20);
        }
    }
}
