//! The strace format against strace itself: the same programs, once under each, line by line.
//!
//! Two runs never agree in ports, process ids and addresses, so these are numbered in the order of their appearance.
//! What may differ beyond that is listed in [`ACCEPTED`], with the reason.

use socklens_testkit::{Form, How, Run, compile, diff, not_tested, paths, require, strace};
use std::collections::BTreeMap;
use std::process::Command;

/// Deterministic examples whose calls do not come from inside libc.
const EXAMPLES: &[&str] = &[
    "errno_untouched",
    "udp_echo",
    "udp_connected",
    "udp_mmsg",
    "unix_stream",
    "unix_dgram",
    "unix_abstract",
    "fd_passing",
    "sockopts_tour",
    "multicast_opts",
    "oob_data",
    "listen_reuse",
    "half_close",
    "syscall_direct",
];

/// An accepted difference: in this example (empty: in all), a line that begins like this in strace's log may be missing
/// or different in ours, and one that begins like the second in ours.
struct Accepted {
    example: &'static str,
    strace: &'static str,
    ours: &'static str,
    #[expect(dead_code, reason = "for the reader")]
    why: &'static str,
}

const ACCEPTED: &[Accepted] = &[
    Accepted {
        example: "",
        strace: "sendmmsg(",
        ours: "sendmmsg(",
        why: "of a batch that fails no memory is read: the kernel has not proved that all of it can be",
    },
    Accepted {
        example: "oob_data",
        strace: "ioctl(5, SIOCATMARK",
        ours: "sockatmark(",
        why: "a libc function that is no system call keeps its name",
    },
    Accepted {
        example: "oob_data",
        strace: "fcntl(5, F_GETOWN_EX",
        ours: "fcntl(5, F_GETOWN)",
        why: "libc turns one into the other",
    },
    Accepted {
        example: "multicast_opts",
        strace: "socket(AF_UNIX",
        ours: "if_nametoindex(",
        why: "libc asks through a socket of its own",
    },
    Accepted { example: "multicast_opts", strace: "ioctl(", ours: "", why: "the same" },
    Accepted { example: "multicast_opts", strace: "close(", ours: "", why: "the same" },
    Accepted {
        example: "multicast_opts",
        strace: "setsockopt(3, SOL_IP, IP_MSFILTER",
        ours: "setipv4sourcefilter(",
        why: "a libc function",
    },
    Accepted {
        example: "multicast_opts",
        strace: "getsockopt(3, SOL_IP, IP_MSFILTER",
        ours: "getipv4sourcefilter(",
        why: "a libc function",
    },
    Accepted {
        example: "multicast_opts",
        strace: "setsockopt(3, SOL_IP, MCAST_MSFILTER",
        ours: "setsourcefilter(",
        why: "a libc function",
    },
    Accepted {
        example: "multicast_opts",
        strace: "getsockopt(3, SOL_IP, MCAST_MSFILTER",
        ours: "getsourcefilter(",
        why: "a libc function",
    },
    Accepted {
        example: "half_close",
        strace: "sendto(3, \"x\", 1, 0, NULL, 0) = -1 EPIPE",
        ours: "sendto(3, PTR, 1, 0, NULL, 0 <unfinished",
        why: "SIGPIPE kills the process before the call returns to it",
    },
    Accepted {
        example: "listen_reuse",
        strace: "bind(3, {sa_family=AF_INET, sa_data=",
        ours: "bind(3, {sa_family=AF_INET, sa_data=",
        why: "an address cut short in the middle of its port, which differs from run to run",
    },
    Accepted {
        example: "listen_reuse",
        strace: "bind(3, {sa_family=AF_UNIX, sun_path=",
        ours: "bind(3, {sa_family=AF_UNIX, sun_path=",
        why: "the same port, as a path",
    },
    Accepted {
        example: "listen_reuse",
        strace: "poll(",
        ours: "poll(",
        why: "the kernel chooses one of two listeners",
    },
    Accepted {
        example: "unix_abstract",
        strace: "accept(3",
        ours: "accept(3",
        why: "the kernel chooses the client's name",
    },
];

/// One process's lines, in order, each a whole call.
type Streams = Vec<Vec<String>>;

fn pid_of(line: &str) -> Option<(u32, &str)> {
    let line = line.strip_prefix("[pid ").unwrap_or(line).trim_start();
    let end = line.find(|c: char| !c.is_ascii_digit())?;
    let pid = line.get(..end)?.parse().ok()?;
    Some((pid, line.get(end..)?.trim_start_matches(']').trim_start()))
}

/// Joins `<unfinished ...>` with its `resumed`, per process; a call stands where it began.
fn streams(log: &str) -> Vec<(u32, Vec<String>)> {
    let mut by_pid: Vec<(u32, Vec<String>)> = Vec::new();
    for line in log.lines() {
        let Some((pid, rest)) = pid_of(line) else { continue };
        if rest.starts_with("+++") || rest.starts_with("---") {
            continue;
        }
        if !by_pid.iter().any(|(p, _)| *p == pid) {
            by_pid.push((pid, Vec::new()));
        }
        let Some((_, lines)) = by_pid.iter_mut().find(|(p, _)| *p == pid) else { continue };
        if rest.starts_with("<... ") {
            let tail = rest.split_once(" resumed>").map_or("", |(_, t)| t);
            if let Some(open) = lines.iter_mut().rev().find(|l| l.ends_with("<unfinished ...>")) {
                let head = open.trim_end_matches("<unfinished ...>").trim_end().to_owned();
                let blank = if head.ends_with(',') { " " } else { "" };
                *open = format!("{head}{blank}{}", tail.trim_start());
            }
        } else {
            lines.push(rest.to_owned());
        }
    }
    by_pid
}

/// Takes strace -yy's notes of what a descriptor is out of a line; whether one was a socket or an epoll instance.
fn without_notes(line: &str) -> (String, bool) {
    let (mut out, mut socket, mut rest) = (String::new(), false, line);
    while let Some(at) = rest.find('<') {
        let (before, note) = rest.split_at(at);
        out.push_str(before);
        let kinds = ["TCP", "UDP", "UNIX", "NETLINK", "RAW", "socket:", "anon_inode:[eventpoll]"];
        let others = ["/", "pipe:", "anon_inode:", "char ", "dev/"];
        let inside = note.get(1..).unwrap_or("");
        let known = kinds.iter().chain(&others).any(|k| inside.starts_with(k));
        if !known || !before.ends_with(|c: char| c.is_ascii_digit()) {
            out.push('<');
            rest = inside;
            continue;
        }
        // Closing and copying an epoll instance is none of our business, waiting on it is.
        let polled = inside.starts_with("anon_inode:[eventpoll]");
        socket |= !polled && kinds.iter().any(|k| inside.starts_with(k));
        // The end is a > that is not part of an arrow, outside brackets of its own (device numbers).
        let (mut depth, mut previous, mut end) = (0, ' ', inside.len());
        for (i, c) in inside.char_indices() {
            match c {
                '<' => depth += 1,
                '>' if previous == '-' => {}
                '>' if depth == 0 => {
                    end = i + 1;
                    break;
                }
                '>' => depth -= 1,
                _ => {}
            }
            previous = c;
        }
        rest = inside.get(end..).unwrap_or("");
        rest = rest.strip_prefix("(deleted)").unwrap_or(rest);
    }
    out.push_str(rest);
    (out, socket)
}

/// Numbers what differs from run to run.
fn normalise(lines: &[String], pids: &[u32]) -> Vec<String> {
    let mut ports: BTreeMap<u64, usize> = BTreeMap::new();
    let numbers: Vec<String> = pids.iter().map(u32::to_string).collect();
    lines
        .iter()
        .map(|line| {
            let mut out = String::new();
            let mut rest = line.as_str();
            while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
                let (before, from) = rest.split_at(at);
                out.push_str(before);
                let hex = from.starts_with("0x");
                let digits = |s: &str| {
                    s.find(|c: char| !c.is_ascii_hexdigit() || !hex && !c.is_ascii_digit()).unwrap_or(s.len())
                };
                let len = if hex { 2 + digits(from.get(2..).unwrap_or("")) } else { digits(from) };
                let (word, behind) = from.split_at(len);
                if hex && word.len() >= 12 {
                    out.push_str("PTR");
                } else if out.ends_with("htons(") && word.parse::<u64>().is_ok_and(|n| n > 1024) {
                    let next = ports.len() + 1;
                    let n = *ports.entry(word.parse().unwrap_or(0)).or_insert(next);
                    out.push_str(&format!("PORT{n}"));
                } else if word.len() > 2 && numbers.iter().any(|n| n == word) {
                    out.push_str("PID");
                } else {
                    out.push_str(word);
                }
                rest = behind;
            }
            out.push_str(rest);
            let out = usual(out);
            // The column of the result is a matter of taste.
            match out.rsplit_once(" = ") {
                Some((call, result)) => format!("{} = {result}", call.trim_end()),
                None => out,
            }
        })
        .collect()
}

/// What differs in every line of its kind: libc hands the kernel a copy of a timeout (so what is left of it does not come back),
/// and a directory has another name every time.
fn usual(mut line: String) -> String {
    if (line.starts_with("ppoll(") || line.starts_with("pselect6("))
        && let Some(at) = line.find(", left {")
    {
        line = format!("{})", &line[..at]);
    }
    while let Some(at) = line.find("/tmp/example-").filter(|at| !line[*at..].starts_with("/tmp/example-_")) {
        line.replace_range(at + 13..(at + 19).min(line.len()), "_");
    }
    line
}

fn is_network(line: &str) -> bool {
    // strace's notes say nothing of a descriptor that is not open, and closing one concerns no socket.
    if line.contains(" = -1 EBADF") && !line.starts_with("close(") {
        return true;
    }
    const NAMES: [&str; 5] = ["socket(", "socketpair(", "epoll_create", "epoll_", "close_range("];
    NAMES.iter().any(|n| line.starts_with(n))
}

fn of_strace(log: &str) -> Streams {
    let streams = streams(log);
    let pids: Vec<u32> = streams.iter().map(|(p, _)| *p).collect();
    let wanted = |lines: Vec<String>| -> Vec<String> {
        let noted = lines.into_iter().map(|l| without_notes(&l));
        noted.filter(|(l, socket)| *socket || is_network(l)).map(|(l, _)| l).collect()
    };
    let lines = streams.into_iter().map(|(_, l)| normalise(&wanted(l), &pids));
    lines.filter(|l| !l.is_empty()).collect()
}

fn of_ours(log: &str) -> Streams {
    let streams = streams(log);
    let pids: Vec<u32> = streams.iter().map(|(p, _)| *p).collect();
    streams.into_iter().map(|(_, l)| normalise(&l, &pids)).filter(|l| !l.is_empty()).collect()
}

fn accepted(example: &str, line: &str) -> bool {
    let here = ACCEPTED.iter().filter(|a| a.example.is_empty() || a.example == example);
    here.into_iter().any(|a| {
        let (sign, text) = line.split_at(2.min(line.len()));
        let pattern = if sign == "- " { a.strace } else { a.ours };
        !pattern.is_empty() && text.starts_with(pattern)
    })
}

#[test]
fn the_log_is_what_strace_writes() {
    let Some(program) = require("strace") else { return };
    let version = Command::new(&program).arg("-V").output().unwrap();
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.contains("version 6.") {
        return not_tested(&format!("strace's format: {}", version.lines().next().unwrap_or("no version")));
    }
    let mut failures = String::new();
    for example in EXAMPLES {
        let set = "trace=%net,%desc,sendfile,splice,close_range";
        let options = ["-f", "-q", "-yy", "-e", set, "-e", "signal=none"];
        let Some(theirs) = strace(&options, &paths().examples.join(example)) else { return };
        let shimmed = Run::example(example).options(["-f"]).run(How::Command(Form::Strace));
        assert_eq!(shimmed.out(), theirs.run.out(), "{example}");
        let theirs = of_strace(&theirs.log);
        let ours = of_ours(&shimmed.log_text());
        if theirs.len() != ours.len() {
            failures += &format!("{example}: {} processes in strace's log, {} in ours\n", theirs.len(), ours.len());
            continue;
        }
        for (a, b) in theirs.iter().zip(&ours) {
            if a == b {
                continue;
            }
            let d = diff(a.join("\n").as_bytes(), b.join("\n").as_bytes());
            let rest: Vec<&str> = d.lines().filter(|l| !accepted(example, l)).collect();
            if !rest.is_empty() {
                failures += &format!("{example}: strace (-), ours (+)\n{}\n", rest.join("\n"));
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// Each line's call and strace -yy's notes in it, with numbers in the order of their appearance; unix sockets with their other end
/// only where `peers` says so: that of a connection is not to be had any more when the program has ended.
fn notes(lines: &[String], peers: bool) -> Vec<String> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for line in lines {
        let mut notes = Vec::new();
        let mut rest = line.as_str();
        while let Some(at) = rest.find('<') {
            rest = &rest[at + 1..];
            let kinds = ["TCP:[", "UDP:[", "UNIX:[", "UNIX-STREAM:[", "NETLINK:["];
            let Some(kind) = kinds.iter().find(|k| rest.starts_with(**k)) else { continue };
            let Some(end) = rest.find("]>") else { continue };
            let inside = &rest[kind.len()..end];
            let own = inside.split("->").next().unwrap_or("");
            let path = inside.find(",").map_or("", |i| &inside[i..]);
            let shown = if peers || !kind.starts_with("UNIX") {
                inside.to_owned()
            } else if own.contains(',') {
                own.to_owned()
            } else {
                format!("{own}{path}")
            };
            let parts = shown.split_inclusive(|c: char| !c.is_ascii_digit()).map(|p| {
                let digits = p.trim_end_matches(|c: char| !c.is_ascii_digit());
                if digits.len() < 4 {
                    return p.to_owned();
                }
                let next = numbers.len() + 1;
                format!("N{}{}", numbers.entry(digits.to_owned()).or_insert(next), &p[digits.len()..])
            });
            notes.push(format!("{kind}{}", parts.collect::<String>()));
        }
        let call = line.split('(').next().unwrap_or("");
        if !notes.is_empty() {
            all.push(usual(format!("{call}: {}", notes.join(" "))));
        }
    }
    all
}

/// What a socket is called beside its number: also in the lines of bind and connect, where it has no address yet. Not a
/// UDP socket that is connected: strace goes on without its peer.
#[test]
fn sockets_are_noted_as_strace_notes_them() {
    let pairs = compile("pairs");
    let examples = ["udp_echo", "half_close", "oob_data", "sockopts_tour", "unix_dgram"];
    let programs = examples.iter().map(|e| paths().examples.join(e)).chain([pairs.clone()]);
    for program in programs {
        let example = program.display();
        let of = |log: &str| -> Vec<String> {
            let all = streams(log).into_iter().flat_map(|(_, lines)| notes(&lines, program == pairs));
            // What is an ioctl to the kernel is in no set of strace's for networks.
            all.filter(|n| !n.starts_with("sockatmark:")).collect()
        };
        let both = || {
            let theirs = strace(&["-f", "-q", "-yy", "-e", "trace=%net", "-e", "signal=none"], &program)?;
            let ours = Run::new(&program).options(["-f", "-yy", "-e", "trace=%net"]).run(How::Command(Form::Strace));
            Some((of(&theirs.log), of(&ours.log_text())))
        };
        // Numbers are compared by where they come again: in one run a port may happen to be given twice, or to be an inode's.
        for last in [false, false, true] {
            let Some((theirs, ours)) = both() else { return };
            assert!(theirs.len() > 3, "{example}: {theirs:#?}");
            if theirs == ours {
                break;
            }
            let differ = || diff(theirs.join("\n").as_bytes(), ours.join("\n").as_bytes());
            assert!(!last, "{example}: strace (-), ours (+)\n{}", differ());
        }
    }
}

/// What a program gave as an address of nothing is a pointer.
#[test]
fn strange_arguments_are_printed_as_strace_prints_them() {
    let program = compile("decoded");
    for options in [&[][..], &["-s", "3"]] {
        let all = [&["-q", "-e", "trace=%net,pselect6,fcntl,readv"], options].concat();
        let Some(theirs) = strace(&all, &program) else { return };
        let ours = Run::new(&program).options(["-e", "trace=%net,select,fcntl,readv"]).options(options);
        let ours = ours.run(How::Command(Form::Strace));
        let lines = |text: &str| -> Vec<String> {
            let lines = text
                .lines()
                .filter(|l| !l.is_empty() && !l.starts_with("+++") && !l.contains("ELF"))
                .map(str::to_owned);
            normalise(&lines.collect::<Vec<_>>(), &[])
        };
        let theirs = lines(&theirs.log);
        assert!(theirs.len() > 40, "{theirs:#?}");
        let ours = lines(&ours.log_text());
        let differ = || diff(theirs.join("\n").as_bytes(), ours.join("\n").as_bytes());
        assert!(theirs == ours, "{options:?}: strace (-), ours (+)\n{}", differ());
    }
}

#[test]
fn notes_are_taken_out_and_lines_joined() {
    let (line, socket) = without_notes(r#"recvfrom(3<TCP:[127.0.0.1:1->127.0.0.1:2]>, "a<b>", 5) = 4"#);
    assert_eq!((line.as_str(), socket), (r#"recvfrom(3, "a<b>", 5) = 4"#, true));
    let (line, socket) = without_notes("write(1</dev/null<char 1:3>>, \"x\", 1) = 1");
    assert_eq!((line.as_str(), socket), ("write(1, \"x\", 1) = 1", false));
    let log = "12 recv(3,  <unfinished ...>\n13 close(4) = 0\n12 <... recv resumed>\"x\", 1) = 1\n";
    assert_eq!(streams(log), [(12, vec!["recv(3, \"x\", 1) = 1".to_owned()]), (13, vec!["close(4) = 0".to_owned()])]);
}

/// What a line begins with before the call, its process's number as one letter: `P ` or `[pid P] `.
fn shape(line: &str) -> String {
    let start = line.find(|c: char| c.is_ascii_alphabetic() && !line.starts_with("[pid")).unwrap_or(0);
    let prefix =
        if line.starts_with("[pid") { line.split_inclusive("] ").next().unwrap_or("") } else { &line[..start] };
    let digits: String = prefix.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return prefix.to_owned();
    }
    // A number of fewer digits has more blanks beside it.
    let blanks = 5usize.saturating_sub(digits.len());
    prefix.replace(&digits, "P").replacen(&" ".repeat(blanks), "", 1)
}

/// In a file each line begins with the number alone; on a terminal with `[pid N]`, and only once there are several.
#[test]
fn processes_are_named_as_strace_names_them() {
    let program = paths().examples.join("fork_tree");
    let lines = |text: &str| -> std::collections::BTreeSet<String> {
        let calls = text.lines().filter(|l| l.contains("close(") || l.contains("socketpair("));
        calls.filter(|l| !l.contains("<...")).map(shape).collect()
    };
    let options = ["-f", "-q", "-e", "trace=socketpair,close", "-e", "signal=none"];
    let Some(theirs) = strace(&options, &program) else { return };
    let ours =
        Run::example("fork_tree").options(["-f", "-e", "trace=socketpair,close"]).run(How::Command(Form::Strace));
    let theirs = lines(&theirs.log);
    assert_eq!(theirs.iter().collect::<Vec<_>>(), ["P "]);
    assert_eq!(lines(&ours.log_text()), theirs);
    let alone = Run::example("fork_tree").env("SOCKLENS_TRACE", "socketpair,close").run(How::Alone(Form::Strace));
    assert_eq!(lines(&alone.log_text()), theirs);

    let Some(tracer) = require("strace") else { return };
    let theirs = Run::new(tracer).args(options).arg(&program).run(How::Raw);
    let ours = Run::new(&paths().command)
        .args(["run", "--quiet", "--format", "strace", "-f", "-e", "trace=socketpair,close", "--"])
        .arg(&program)
        .run(How::Raw);
    let theirs = lines(&theirs.err());
    assert_eq!(theirs.iter().collect::<Vec<_>>(), ["", "[pid P] "]);
    // When the first line is shown, there may be several already.
    let ours = lines(&ours.err());
    assert!(ours.contains("[pid P] ") && ours.is_subset(&theirs), "{ours:?}");
}
