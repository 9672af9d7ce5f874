//! Fault rules about a call that match another connection.

use crate::measure::{How, Samples};
use crate::table::Target;
use crate::{Bench, NULL, rounds};
use std::io;

pub fn group(b: &mut Bench) -> io::Result<()> {
    const GROUP: &str = "Added to one recorded call by fault rules about it, on other connections";
    let rule = |i: usize| format!("send,recv peer=192.0.2.{i}:9 : delay 1ms");
    let (one, eight) = (rule(1), (1..=8).map(rule).collect::<Vec<_>>().join("; "));
    let call = |name: &str, rules: Option<&str>| {
        let mut options = vec!["-o", NULL, "-s", "0"];
        options.extend(rules.iter().flat_map(|r| ["--fault", r]));
        b.first(How::Run(&options), "driver-stub", &["call", name, "64", "10000", "49"], 8)
    };
    let v = rounds(
        b.rounds,
        [
            &mut || call("send", None),
            &mut || call("send", Some(&one)),
            &mut || call("send", Some(&eight)),
            &mut || call("recv", None),
            &mut || call("recv", Some(&one)),
            &mut || call("recv", Some(&eight)),
        ],
    )?;
    let [send, send1, send8, recv, recv1, recv8]: &[Samples; 6] = &v;
    b.add(GROUP, "send, one rule", "ns", Target::AtMost(4.0), send1.minus(send));
    b.add(GROUP, "send, eight rules", "ns", Target::AtMost(15.0), send8.minus(send));
    b.add(GROUP, "recv, one rule", "ns", Target::AtMost(4.0), recv1.minus(recv));
    b.add(GROUP, "recv, eight rules", "ns", Target::AtMost(15.0), recv8.minus(recv));
    Ok(())
}
