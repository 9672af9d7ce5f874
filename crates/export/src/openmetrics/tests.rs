use super::*;
use socklens_trace::stats::CallRow;

fn snapshot() -> Snapshot {
    let mut hist = Hist::new(1.0);
    for (ns, n) in [(900, 3), (1_500, 4), (70_000_000_000, 1)] {
        let (octave, bucket) = socklens_wire::stats::bucket(ns);
        hist.put(octave, bucket, n);
    }
    let mut n =
        Counts { count: 9, errors: 2, bytes_in: 77, time_ns: 70_000_008_700, hist, untold: 1, ..Counts::default() };
    n.errno.insert("EAGAIN".into(), 2);
    Snapshot {
        mode: Mode::Full,
        elapsed_ns: 2_500_000_000,
        calls: vec![CallRow { opcode: 1, call: "recv", n }],
        conns: vec![client(1, "10.0.0.1", 443)],
        conns_total: 1,
        ..Snapshot::default()
    }
}

fn client(conn: u32, peer: &str, port: u16) -> ConnRow {
    ConnRow {
        conn,
        proto: "tcp".into(),
        role: Role::Client,
        peer_host: peer.into(),
        peer_port: Some(port),
        start_ns: 1_000_000_000,
        connect_ns: Some(3_000_000),
        bytes_in: 100,
        calls_in: 4,
        ..ConnRow::default()
    }
}

fn page(p: &Page, s: &Snapshot) -> String {
    let mut out = String::new();
    p.write(s, &mut out);
    check(&out);
    out
}

/// Holds a page against the specification: families whole and once, suffixes and units, labels, cumulative buckets with
/// their count, no sample twice, and the end.
#[track_caller]
fn check(text: &str) {
    assert!(text.ends_with("\n# EOF\n"), "the end is missing");
    let (mut family, mut kind, mut met) = (String::new(), String::new(), Vec::<String>::new());
    let mut samples = std::collections::HashSet::new();
    let mut last: Option<(String, u64)> = None;
    for l in text.lines().take_while(|l| *l != "# EOF") {
        if let Some(rest) = l.strip_prefix("# ") {
            let (what, rest) = rest.split_once(' ').unwrap();
            let (name, value) = rest.split_once(' ').unwrap();
            if what == "TYPE" {
                assert!(!met.contains(&name.to_owned()), "{name} comes twice");
                met.push(name.to_owned());
                (family, kind) = (name.to_owned(), value.to_owned());
                assert!(["gauge", "counter", "histogram"].contains(&value), "{l}");
                assert!(!name.ends_with("_total"));
            } else {
                assert_eq!(name, family, "{l}");
                assert!(what != "UNIT" || name.ends_with(&format!("_{value}")), "{l}");
            }
            continue;
        }
        let (sample, value) = l.rsplit_once(' ').unwrap();
        assert!(samples.insert(sample.to_owned()), "{sample} comes twice");
        let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
        let labels = labels.strip_suffix('}').unwrap();
        let suffix = name.strip_prefix(&family).unwrap_or_else(|| panic!("{name} is not in {family}"));
        match kind.as_str() {
            "gauge" => assert_eq!(suffix, ""),
            "counter" => assert_eq!(suffix, "_total"),
            _ => assert!(["_bucket", "_count", "_sum"].contains(&suffix)),
        }
        let number: f64 = value.parse().unwrap();
        assert!(number >= 0.0);
        if suffix == "_bucket" {
            let (group, le) = labels.rsplit_once("le=\"").unwrap();
            let n = number as u64;
            let le = le.trim_end_matches('"');
            if let Some((g, before)) = &last {
                assert!(g != group || *before <= n, "buckets add up: {l}");
            }
            last = Some((if le == "+Inf" { String::from("full") } else { group.to_owned() }, n));
        }
        if suffix == "_count" {
            assert_eq!(last, Some(("full".into(), number as u64)), "{l}");
        }
    }
}

#[test]
fn a_page_is_written() {
    let s = snapshot();
    let mut p = Page::new(10);
    p.take(&s);
    let out = page(&p, &s);
    for want in [
        "# TYPE socklens_received_bytes counter\n# UNIT socklens_received_bytes bytes\n# HELP socklens_received_bytes ",
        "\nsocklens_session_seconds 2.500000000\n",
        "\nsocklens_calls_total{call=\"recv\"} 9\n",
        "\nsocklens_call_errors_total{call=\"recv\",errno=\"EAGAIN\"} 2\n",
        "\nsocklens_call_duration_seconds_bucket{call=\"recv\",le=\"1e-06\"} 3\n",
        "\nsocklens_call_duration_seconds_bucket{call=\"recv\",le=\"2e-06\"} 7\n",
        "\nsocklens_call_duration_seconds_bucket{call=\"recv\",le=\"60.0\"} 7\n",
        "\nsocklens_call_duration_seconds_bucket{call=\"recv\",le=\"+Inf\"} 9\n",
        "\nsocklens_call_duration_seconds_sum{call=\"recv\"} 70.000008700\n",
        "\nsocklens_peer_connections{role=\"client\",proto=\"tcp\",peer=\"10.0.0.1\",port=\"443\"} 1\n",
        "peer=\"10.0.0.1\",port=\"443\",le=\"0.005\"} 1\n",
    ] {
        assert!(out.contains(want), "{want:?} is missing from\n{out}");
    }
    let counted = Snapshot { mode: Mode::Count, ..snapshot() };
    assert!(!page(&p, &counted).contains("call_duration"), "nothing was timed");
    page(&Page::new(1), &Snapshot::default());
}

#[test]
fn groups_grow_and_their_number_is_bounded() {
    let mut s = snapshot();
    let mut p = Page::new(3);
    p.take(&s);
    p.take(&s);
    let get = |p: &Page, s: &Snapshot, name: &str| {
        let out = page(p, s);
        let line = out.lines().find(|l| l.starts_with(&format!("{name}{{role=\"client\"")) && l.contains("10.0.0.1"));
        line.unwrap().rsplit_once(' ').unwrap().1.to_owned()
    };
    assert_eq!(get(&p, &s, "socklens_peer_received_bytes_total"), "100", "the same snapshot counts once");
    s.conns[0].bytes_in = 150;
    p.take(&s);
    // It ends: the observer has no row for it any more.
    s.conns = vec![client(2, "10.0.0.1", 443)];
    p.take(&s);
    assert_eq!(get(&p, &s, "socklens_peer_received_bytes_total"), "250");
    assert_eq!(get(&p, &s, "socklens_peer_connections"), "1");
    assert_eq!(get(&p, &s, "socklens_peer_connections_opened_total"), "2");
    assert_eq!(get(&p, &s, "socklens_peer_connection_seconds_count"), "1");
    // The session's command shows ended ones with their end: they end once.
    s.conns[0].end_ns = Some(2_000_000_000);
    p.take(&s);
    s.conns.clear();
    p.take(&s);
    assert_eq!(get(&p, &s, "socklens_peer_connection_seconds_count"), "2");
    assert_eq!(get(&p, &s, "socklens_peer_connections"), "0");
    s.conns = (10..200).map(|i| client(i, &format!("10.1.0.{i}"), 80)).collect();
    p.take(&s);
    let out = page(&p, &s);
    let groups = out.lines().filter(|l| l.starts_with("socklens_peer_connections{")).count();
    assert_eq!(groups, 4, "three, and one for the rest");
    assert!(out.contains("socklens_peer_connections{role=\"other\",proto=\"\",peer=\"\",port=\"\"} 188\n"), "{out}");
}

#[test]
fn a_socket_that_connects_moves_to_its_peers_group() {
    let mut s = snapshot();
    s.conns = vec![ConnRow { conn: 5, proto: "tcp".into(), ..ConnRow::default() }];
    let mut p = Page::new(10);
    p.take(&s);
    assert!(page(&p, &s).contains("socklens_peer_connections{role=\"unknown\",proto=\"tcp\",peer=\"\",port=\"\"} 1\n"));
    s.conns = vec![client(5, "10.0.0.9", 80)];
    p.take(&s);
    let out = page(&p, &s);
    assert!(out.contains("socklens_peer_connections{role=\"unknown\",proto=\"tcp\",peer=\"\",port=\"\"} 0\n"), "{out}");
    assert!(out.contains("socklens_peer_connections{role=\"client\",proto=\"tcp\",peer=\"10.0.0.9\",port=\"80\"} 1\n"));
}

#[test]
fn what_is_in_a_label_is_escaped() {
    let mut s = snapshot();
    s.conns[0].peer_host = "/tmp/a\"b\\c\nd".into();
    let mut p = Page::new(10);
    p.take(&s);
    assert!(page(&p, &s).contains("peer=\"/tmp/a\\\"b\\\\c\\nd\""));
}

#[test]
fn every_family_is_documented() {
    let doc = include_str!("../../../../docs/METRICS.md");
    for f in FAMILIES {
        assert!(doc.contains(&format!("`{}`", f.name)), "{} is not in docs/METRICS.md", f.name);
    }
}
