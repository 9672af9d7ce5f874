//! Datagrams, connections, readiness and large transfers, and threads from one to eight.

use crate::measure::{How, Samples};
use crate::session::Session;
use crate::table::Target;
use crate::{Bench, NULL, rounds};
use std::io;

pub fn group(b: &mut Bench) -> io::Result<()> {
    const GROUP: &str = "More calls, all in one thread";
    for (kind, n, what) in [
        ("udp", "500", "UDP: send or recv, 64 bytes"),
        ("accept", "50", "TCP: socket, connect, accept, close, close"),
        ("epoll", "300", "epoll_wait among 1000 sockets, send, recv"),
        ("bulk", "200", "64 KiB through a socketpair"),
    ] {
        let one = |how| b.first(how, "micro", &[kind, n, "49"], 3);
        let v = rounds(
            b.rounds,
            [&mut || one(How::Alone), &mut || one(How::Silent), &mut || one(How::Run(&["-o", NULL]))],
        )?;
        let [alone, silent, run] = &v;
        b.add(GROUP, format!("{what}, alone"), "ns", Target::None, alone.clone());
        b.add(GROUP, format!("{what}: library silent"), "ratio", Target::None, silent.over(alone));
        b.add(GROUP, format!("{what}: socklens run"), "ratio", Target::None, run.over(alone));
    }
    scale(b)
}

/// What recording costs does not depend on how many threads do it.
fn scale(b: &mut Bench) -> io::Result<()> {
    const GROUP: &str = "1 to 8 threads, each to and fro on a socketpair of its own, recorded / alone";
    let s = Session::new(32, b.tools.cpus.1)?;
    let path = s.path();
    let mut rows: Vec<(&str, Samples)> = Vec::new();
    for threads in ["1", "2", "4", "8"] {
        let one = |how| {
            let (v, _) = b.tools.run(how, "driver", &["threads", threads, "500", "31"], false, 8)?;
            s.reap();
            v.first().copied().ok_or_else(|| io::Error::other("the driver said nothing"))
        };
        let [alone, session] = rounds(b.rounds, [&mut || one(How::Alone), &mut || one(How::Session(&path))])?;
        rows.push((threads, session.over(&alone)));
    }
    for (threads, ratio) in rows {
        b.add(GROUP, format!("{threads} threads"), "ratio", Target::None, ratio);
    }
    Ok(())
}
