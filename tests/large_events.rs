//! Events whose size is guessed first (src/hot/record.rs): none is lost or mixed up when the guess is too small, or when a
//! handler's events come in between.

use socklens_testkit::{Form, How, Run, compile};

#[test]
fn large_events_are_whole_whatever_comes_in_between() {
    let out = Run::new(compile("large_events")).arg("1000").options(["-s", "2000"]).run(How::Command(Form::Json));
    out.assert_success();
    let made: Vec<usize> = out.out().split_whitespace().map(|n| n.parse().unwrap()).collect();
    let log = out.json();
    assert_eq!(["sendmsg", "writev", "poll"].map(|c| log.count(&[c])).as_slice(), made);

    // Every piece of every vector is there, in one letter, as long as it is said to be.
    let mut letters = [0; 2];
    for r in log.calls(&["sendmsg", "writev"]) {
        let vector = match r["call"].as_str() {
            Some("sendmsg") => &r["args"]["msg"]["iov"],
            _ => &r["args"]["iov"],
        };
        let pieces = vector.as_array().unwrap_or_else(|| panic!("no vector: {r}"));
        let texts: Vec<&str> =
            pieces.iter().map(|p| p["base"]["text"].as_str().unwrap_or_else(|| panic!("{r}"))).collect();
        let all = texts.concat();
        assert_eq!(Some(all.len() as u64), r["ret"].as_u64(), "{r}");
        let first = all.chars().next().unwrap();
        assert!(all.chars().all(|c| c == first), "{r}");
        letters[usize::from(first == 'h')] += 1;
    }
    assert!(letters[1] > 0, "no handler came in: {letters:?}");
    let polled: usize = log.calls(&["poll"]).map(|r| r["args"]["fds"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(polled, made[2] / 2 * 202);
}
