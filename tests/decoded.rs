//! What a log says of the memory behind arguments: sets, lookups, and calls that never return.

use socklens_testkit::{Form, How, Log, Run, compile};
use std::time::Duration;

const FORMS: [Form; 3] = [Form::Json, Form::Text, Form::Strace];

#[test]
fn sets_of_many_descriptors_are_shown_as_they_were_given() {
    for how in [How::Command(Form::Text), How::Alone(Form::Text)] {
        let run = Run::new(compile("decoded"))
            .arg("calls")
            .options(["-e", "select"])
            .env("SOCKLENS_TRACE", "select")
            .run(how);
        let log = run.log_text();
        for n in [8, 64] {
            assert!(log.contains(&format!("select({n}, [4], [5], [4], 0s)")), "{log}");
        }
        for n in [128, 1024] {
            assert!(log.contains(&format!("select({n}, [4], [5 100], [4], 0s)")), "{log}");
        }
    }
    let log = Run::new(compile("decoded")).arg("calls").options(["-e", "select"]).run(How::Command(Form::Json)).json();
    let last = log.records.iter().rfind(|r| r["call"] == "select").expect("a select");
    assert_eq!(last["args"]["writefds"]["in"], serde_json::json!([5, 100]), "{last}");
}

#[test]
fn what_a_lookup_found_is_shown() {
    let program = compile("decoded");
    let text = Run::new(&program).arg("lookups").run(How::Command(Form::Text)).log_text();
    let line = |start: &str| text.lines().find(|l| l.contains(start)).unwrap_or_else(|| panic!("{start}: {text}"));
    for call in ["gethostbyname(\"localhost\")", "gethostbyaddr(127.0.0.1, 4, AF_INET)"] {
        assert!(
            line(call).contains("= {h_name=\"localhost\"") && line(call).contains("h_addr_list=[127.0.0.1]"),
            "{text}"
        );
    }
    assert!(line("gethostbyname(\"nosuch.invalid\")").contains("= NULL "), "{text}");
    assert!(line("gethostbyname_r(\"localhost\", {h_name=\"localhost\"").contains(" = 0"), "{text}");
    assert!(line("if_nameindex()").contains("{if_index=1, if_name=\"lo\"}"), "{text}");
    assert!(line("tv_usec=-3").contains("{tv_sec=0, tv_usec=-3}"), "{text}");
    assert!(line("tv_sec=-1").contains("{tv_sec=-1, tv_usec=1}"), "{text}");
    let log = Run::new(&program).arg("lookups").run(How::Command(Form::Json)).json();
    let found: Vec<_> = log.records.iter().filter(|r| r["call"] == "gethostbyname").collect();
    assert_eq!(found[0]["host"]["h_addr_list"][0], "127.0.0.1", "{:?}", found[0]);
    assert!(found[1]["h_errno"]["n"].as_i64().is_some_and(|n| n > 0), "{:?}", found[1]);
    assert!(found[1]["h_errno"]["s"].is_string(), "{:?}", found[1]);
    let alone = Run::new(&program).arg("lookups").run(How::Alone(Form::Text)).log_text();
    assert!(alone.contains("h_addr_list=[127.0.0.1]"), "{alone}");
}

/// The reader looks at a blocked call within a tenth of a second, when it gets to run.
const LOOKED_AT: Duration = Duration::from_millis(1500);

#[test]
fn a_call_that_never_returned_shows_what_it_was_given() {
    let q = "\"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\"...";
    let cases: [(&str, [String; 2]); 10] = [
        ("connect", ["connect(7, 127.0.0.1:".into(), "connect(7, {sa_family=AF_INET, sin_port=htons(".into()]),
        ("send", [format!("send(4, {q}, 4194304, 0"), format!("sendto(4, {q}, 4194304, 0, NULL, 0")]),
        ("write", [format!("write(4, {q}, 4194304"), format!("write(4, {q}, 4194304")]),
        ("writev", [format!("writev(4, [{{base={q}"), format!("writev(4, [{{iov_base={q}")]),
        ("sendmsg", [format!("sendmsg(4, {{iov=[{{base={q}"), format!("msg_iov=[{{iov_base={q}")]),
        ("sendmmsg", [format!("sendmmsg(4, [{{hdr={{iov=[{{base={q}"), format!("msg_iov=[{{iov_base={q}")]),
        ("poll", ["poll([{fd=4, events=POLLIN}], 1, -1".into(), "poll([{fd=4, events=POLLIN}], 1, -1".into()]),
        (
            "ppoll",
            [
                "ppoll([{fd=4, events=POLLIN}], 1, 100.5s, NULL".into(),
                "ppoll([{fd=4, events=POLLIN}], 1, {tv_sec=100,".into(),
            ],
        ),
        ("select", ["select(5, [4], NULL, NULL, 100.5s".into(), "pselect6(5, [4], NULL, NULL, {tv_sec=100,".into()]),
        (
            "wide",
            ["select(1024, [4], NULL, NULL, 100.5s".into(), "pselect6(1024, [4], NULL, NULL, {tv_sec=100,".into()],
        ),
    ];
    std::thread::scope(|all| {
        for (call, [text, strace]) in &cases {
            for form in FORMS {
                all.spawn(move || {
                    let bytes = Run::new(compile("decoded")).arg(call).killed_while_blocked(form, LOOKED_AT);
                    let log = String::from_utf8_lossy(&bytes);
                    let says = |what: &str| log.lines().any(|l| l.contains(what) && l.contains("<unfinished ...>"));
                    match form {
                        Form::Text => assert!(says(text), "{call}: {log}"),
                        Form::Strace => assert!(says(strace), "{call}: {log}"),
                        Form::Json => in_json(call, &Log::parse(&bytes).unwrap()),
                    }
                });
            }
        }
    });
}

fn in_json(call: &str, log: &Log) {
    let unfinished = |r: &&serde_json::Value| r["flags"].to_string().contains("unfinished");
    let Some(r) = log.records.iter().rfind(unfinished) else {
        panic!("{call}: no unfinished call: {:#?}", log.records)
    };
    let args = &r["args"];
    let shown = match call {
        "connect" => args["addr"]["addr"] == "127.0.0.1",
        "send" | "write" | "writev" | "sendmsg" => r["payload"]["text"].as_str().is_some_and(|t| t.starts_with("qqqq")),
        "sendmmsg" => {
            args["msgvec"][0]["hdr"]["iov"][0]["base"]["text"].as_str().is_some_and(|t| t.starts_with("qqqq"))
        }
        "poll" | "ppoll" => args["fds"][0]["fd"] == 4 && args["fds"][0]["revents"].is_null(),
        _ => args["readfds"]["in"] == serde_json::json!([4]) && args["timeout"]["tv_sec"] == 100,
    };
    assert!(shown, "{call}: {r}");
}
