//! Other tools that show a program's calls, beside socklens.

use crate::measure::{How, Samples, Tools};
use crate::table::Target;
use crate::{Bench, NULL};
use std::io;

/// A tool: its name here, the words before the program, and which sockets the driver uses.
struct Peer {
    name: &'static str,
    words: &'static [&'static str],
    kind: &'static str,
}

/// Preloaded by a shell, so that the program alone has it.
const WRAPPER: &str = "d=$(mktemp -d) && SOCKET_WRAPPER_DIR=$d SOCKET_WRAPPER_DEFAULT_IFACE=10 \
    SOCKET_WRAPPER_PCAP_FILE=$d/pcap LD_PRELOAD=libsocket_wrapper.so \"$@\"; s=$?; rm -r $d; exit $s";

const PEERS: [Peer; 9] = [
    Peer { name: "strace", words: &["strace", "-f", "-e", "trace=%net", "-o", NULL], kind: "unix" },
    Peer {
        name: "strace --seccomp-bpf",
        words: &["strace", "-f", "--seccomp-bpf", "-e", "trace=%net", "-o", NULL],
        kind: "unix",
    },
    Peer { name: "strace -c", words: &["strace", "-f", "-c", "-e", "trace=%net", "-o", NULL], kind: "unix" },
    Peer { name: "ltrace", words: &["ltrace", "-f", "-e", "send+recv", "-o", NULL], kind: "unix" },
    Peer { name: "perf trace", words: &["perf", "trace", "-o", NULL, "-e", "sendto,recvfrom"], kind: "unix" },
    Peer { name: "perf trace -s", words: &["perf", "trace", "-s", "-o", NULL, "-e", "sendto,recvfrom"], kind: "unix" },
    Peer { name: "bpftrace, counting", words: &["sh", "-c", BPF, "sh"], kind: "unix" },
    Peer { name: "socket_wrapper, to a pcap file", words: &["sh", "-c", WRAPPER, "sh"], kind: "tcp" },
    Peer {
        name: "trickle, no limit reached",
        words: &["trickle", "-s", "-d", "10000000", "-u", "10000000"],
        kind: "tcp",
    },
];

/// bpftrace takes a program and its arguments as one word.
const BPF: &str = "o=$(mktemp) && bpftrace -q -o $o -e 'tracepoint:syscalls:sys_enter_sendto,\
    tracepoint:syscalls:sys_enter_recvfrom { @[probe, pid] = count(); }' -c \"$*\"; s=$?; rm $o; exit $s";

/// Rounds of all that can be had.
pub fn group(b: &mut Bench) -> io::Result<()> {
    const GROUP: &str = "Beside other tools: added to one send or recv of 64 bytes, both ends in one thread";
    // A tracer and its program on one processor: that is where tracers are fastest.
    let together = Tools { cpus: (b.tools.cpus.0, b.tools.cpus.0), ..b.tools.clone() };
    let theirs = |p: &Peer| {
        let (v, _) = together.run(How::Behind(p.words), "driver", &["bounce", p.kind, "500", "9"], true, 0)?;
        v.first().copied().ok_or_else(|| io::Error::other("the driver said nothing"))
    };
    let mut peers = Vec::new();
    for p in &PEERS {
        match theirs(p) {
            Ok(_) => peers.push(p),
            Err(e) => eprintln!("\rbench: {} is left out: {}", p.name, e.to_string().replace('\n', " ")),
        }
    }
    let ours = |how, kind| b.first(how, "driver", &["bounce", kind, "500", "99"], 3);
    let mut alone = [const { Samples(Vec::new()) }; 2];
    let mut mine = [const { Samples(Vec::new()) }; 3];
    let mut others = vec![Samples::default(); peers.len()];
    for _ in 0..b.rounds {
        for (to, kind) in alone.iter_mut().zip(["unix", "tcp"]) {
            to.0.push(ours(How::Alone, kind)?);
        }
        let ways = [How::Run(&["-o", NULL]), How::Stat(&[]), How::Stat(&["--no-times"])];
        for (to, how) in mine.iter_mut().zip(ways) {
            to.0.push(ours(how, "unix")?);
        }
        for (to, p) in others.iter_mut().zip(&peers) {
            to.0.push(theirs(p)?);
        }
    }
    let [run, stat, counts] = mine.map(|s| s.minus(&alone[0]));
    b.add(GROUP, "the call itself, alone", "ns", Target::None, alone[0].clone());
    for (name, s) in [("socklens run", &run), ("socklens stat", &stat), ("socklens stat --no-times", &counts)] {
        b.add(GROUP, name, "ns", Target::None, s.clone());
    }
    for (s, p) in others.iter().zip(&peers) {
        let base = &alone[usize::from(p.kind == "tcp")];
        let on = if p.kind == "tcp" { " (TCP)" } else { "" };
        b.add(GROUP, format!("{}{on}", p.name), "ns", Target::None, s.minus(base));
    }
    Ok(())
}
