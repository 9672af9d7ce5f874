//! The cost of one call over functions that return at once.

use crate::measure::{How, Samples};
use crate::session::Session;
use crate::table::Target;
use crate::{Bench, NULL, rounds};
use std::io;

const GROUP: &str = "Added to one call, over a function that returns at once";

pub fn group(b: &mut Bench) -> io::Result<()> {
    let (cpu, n) = (b.tools.cpus.1, b.rounds);
    let zero = Session::new(0, cpu)?;
    let full = Session::new(64, cpu)?;
    let (zero_path, full_path) = (zero.path(), full.path());
    let by_hand = ["record", "count", "time"].map(|kind| b.tools.dir.join(format!("libfloor-{kind}.so")));
    let stub = |how, name: &str| b.first(how, "driver-stub", &["call", name, "64", "20000", "99"], 0);
    let reaped = |how, name: &str, s: &Session| {
        let v = stub(how, name)?;
        match s.reap() {
            (_, 0) => Ok(v),
            (_, lost) => Err(io::Error::other(format!("{lost} events were dropped while {name} was measured"))),
        }
    };
    let read = |size: &str| {
        b.first(How::Run(&["-o", NULL, "-s", size]), "driver-stub", &["call", "send", "64", "10000", "49"], 8)
    };
    let (z, f) = (How::Session(&zero_path), How::Session(&full_path));
    let [record, count, time] = by_hand.each_ref().map(|file| How::Preloaded(file));
    let (counted, timed) = (How::Stat(&["--no-times"]), How::Stat(&[]));
    let v = rounds(
        n,
        [
            &mut || stub(How::Alone, "send"),
            &mut || stub(How::Silent, "send"),
            &mut || stub(How::Alone, "null-read"),
            &mut || reaped(z, "null-read", &zero),
            &mut || stub(How::Alone, "null-write"),
            &mut || reaped(z, "null-write", &zero),
            &mut || stub(How::Alone, "null-close"),
            &mut || reaped(z, "null-close", &zero),
            &mut || stub(record, "send"),
            &mut || reaped(z, "send", &zero),
            &mut || stub(record, "recv"),
            &mut || reaped(z, "recv", &zero),
            &mut || reaped(f, "send", &full),
            &mut || reaped(f, "recv", &full),
            &mut || read("0"),
            &mut || read("64"),
            &mut || stub(count, "send"),
            &mut || stub(counted, "send"),
            &mut || stub(count, "recv"),
            &mut || stub(counted, "recv"),
            &mut || stub(time, "send"),
            &mut || stub(timed, "send"),
            &mut || stub(time, "recv"),
            &mut || stub(timed, "recv"),
        ],
    )?;
    // Calls whose memory is more than one buffer.
    let longer = [
        ("sendto", "sendto, with the address"),
        ("recvfrom", "recvfrom, with the address"),
        ("recvmsg", "recvmsg, with header and vector"),
        ("writev", "writev, with its vector"),
        ("poll", "poll, of one descriptor"),
        ("epoll_wait", "epoll_wait, one event"),
    ];
    let others = longer.map(|(call, _)| rounds(n, [&mut || stub(How::Alone, call), &mut || reaped(f, call, &full)]));
    let [raw, silent, raw_read, read0, raw_write, write0, raw_close, close0, floors @ ..] = &v;
    let [least_s0, s0, least_r0, r0, s64, r64, run0, run64, least_sc, sc, least_rc, rc, least_sf, sf, least_rf, rf] =
        floors;
    let mut add = |what: &str, target, ours: &Samples, without: &Samples| {
        b.add(GROUP, what, "ns", target, ours.minus(without));
    };
    let none = Samples(vec![0.0; n]);
    add("the call itself, alone", Target::None, raw, &none);
    add("send, library loaded and silent", Target::AtMost(1.0), silent, raw);
    add("read, no socket", Target::AtMost(3.0), read0, raw_read);
    add("write, no socket", Target::AtMost(3.0), write0, raw_write);
    add("close, no socket", Target::AtMost(3.0), close0, raw_close);
    // What nobody can do without takes so long on this machine, in these minutes.
    let mut beside = |what: &str, limit, ratio, ours: &Samples, least: &Samples| {
        let (ours, least) = (ours.minus(raw), least.minus(raw));
        b.add(GROUP, what, "ns", Target::AtMost(limit), ours.clone());
        b.add(GROUP, format!("{what}: the least, by hand"), "ns", Target::None, least.clone());
        b.add(GROUP, format!("{what}: of the least"), "ratio", ratio, ours.over(&least));
    };
    beside("send, recorded, -s 0", 32.0, Target::AtMost(1.28), s0, least_s0);
    beside("recv, recorded, -s 0", 32.0, Target::AtMost(1.28), r0, least_r0);
    beside("send, counted (stat --no-times)", 5.0, Target::Share, sc, least_sc);
    beside("recv, counted (stat --no-times)", 5.0, Target::Share, rc, least_rc);
    beside("send, counted and timed (stat)", 30.0, Target::Share, sf, least_sf);
    beside("recv, counted and timed (stat)", 30.0, Target::Share, rf, least_rf);
    let mut add = |what: &str, target, ours: &Samples| b.add(GROUP, what, "ns", target, ours.minus(raw));
    add("send, recorded with 64 bytes, -s 64", Target::AtMost(38.0), s64);
    add("recv, recorded with 64 bytes, -s 64", Target::AtMost(38.0), r64);
    add("send, socklens run -s 0, in bursts", Target::None, run0);
    add("send, socklens run -s 64, in bursts", Target::None, run64);
    for ((_, what), v) in longer.into_iter().zip(others) {
        let [alone, recorded] = &v?;
        b.add(GROUP, format!("{what}, recorded, -s 64"), "ns", Target::None, recorded.minus(alone));
    }
    Ok(())
}
