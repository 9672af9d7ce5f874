//! Parts of strace's syntax that need programs of their own: netlink, interfaces, the ends of unix sockets, exec.

use socklens_testkit::{Form, How, Run, Scratch, compile, compile_with, diff, strace};

/// strace's lines of a program and ours, with the same options; None where strace may not trace.
fn both(program: &std::path::Path, set: &str, options: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
    let theirs = strace(&[&["-q", "-e", set], options].concat(), program)?;
    let ours = Run::new(program).options(["-e", set]).options(options).run(How::Command(Form::Strace));
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|l| !l.is_empty() && !l.starts_with("+++") && !l.contains("ELF")).map(netlink_ids).collect()
    };
    Some((lines(&theirs.log), lines(&ours.log_text())))
}

/// A line with its long pointers as a word: they lie elsewhere in every run.
fn pointers(line: String) -> String {
    let mut out = String::new();
    let mut rest = line.as_str();
    while let Some(at) = rest.find("0x") {
        let (before, from) = rest.split_at(at);
        let end = from[2..].find(|c: char| !c.is_ascii_hexdigit()).map_or(from.len(), |n| n + 2);
        out.push_str(before);
        out.push_str(if end > 10 { "PTR" } else { &from[..end] });
        rest = &from[end..];
    }
    out + rest
}

/// A line with the addresses of netlink sockets, which are process ids or chosen by the kernel, as letters; the kernel's own is 0.
fn netlink_ids(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("_pid=").map(|at| at + 5) {
        let (before, number) = rest.split_at(at);
        out.push_str(before);
        let end = number.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(number.len());
        out.push_str(if &number[..end] == "0" { "0" } else { "ID" });
        rest = &number[end..];
    }
    out + rest
}

#[test]
fn netlink_messages_are_taken_apart_as_strace_does() {
    same_lines("netlink", "trace=%net,read,write,readv,writev", 800);
}

#[test]
fn rarer_netlink_messages_are_taken_apart_as_strace_does() {
    same_lines("netlink_more", "trace=sendto,recvmsg", 3000);
}

#[test]
fn netlink_messages_of_switches_and_sockets_seldom_seen_are_taken_apart_as_strace_does() {
    // Without -v strace shows where a filter lies, which is to be the same place twice.
    let program = compile_with("netlink_rare", "netlink_rare_fixed", &["-no-pie", "-fno-pie"]);
    for options in [&["-v", "-s", "5"][..], &["-v", "-s", "4000"], &["-s", "40"]] {
        let Some((theirs, ours)) = both(&program, "trace=sendto,recvmsg", options) else { return };
        assert!(theirs.len() > 4000, "{theirs:#?}");
        let places = |lines: &[String]| lines.iter().filter(|l| l.contains("PACKET_DIAG_FILTER}, 0x")).count();
        assert_eq!(places(&theirs) > 100, !options.contains(&"-v"), "{theirs:#?}");
        let differ = || diff(theirs.join("\n").as_bytes(), ours.join("\n").as_bytes());
        assert!(theirs == ours, "{options:?}: strace (-), ours (+)\n{}", differ());
    }
}

/// Compares the lines of a program, which are more than `least`, with several options.
fn same_lines(program: &str, set: &str, least: usize) {
    let program = compile(program);
    for options in [&[][..], &["-s", "5"], &["-v", "-s", "4000"]] {
        let Some((theirs, ours)) = both(&program, set, options) else { return };
        assert!(theirs.len() > least, "{theirs:#?}");
        let differ = || diff(theirs.join("\n").as_bytes(), ours.join("\n").as_bytes());
        assert!(theirs == ours, "{options:?}: strace (-), ours (+)\n{}", differ());
    }
}

#[test]
fn what_failing_calls_were_given_is_shown() {
    let program = compile("given");
    for options in [&[][..], &["-v", "-s", "4"], &["-xx"]] {
        let Some((theirs, ours)) = both(&program, "trace=%net,ioctl,fcntl", options) else { return };
        let [theirs, ours] = [theirs, ours].map(|l| l.into_iter().map(pointers).collect::<Vec<_>>().join("\n"));
        assert!(theirs.lines().count() > 50 && theirs.contains("PTR"), "{theirs}");
        assert!(theirs == ours, "{options:?}: strace (-), ours (+)\n{}", diff(theirs.as_bytes(), ours.as_bytes()));
    }
}

#[test]
fn interfaces_have_their_names() {
    let program = compile("interfaces");
    let Some((theirs, ours)) = both(&program, "trace=%net", &[]) else { return };
    assert!(theirs.iter().filter(|l| l.contains("if_nametoindex(\"lo\")")).count() >= 8, "{theirs:#?}");
    assert_eq!(theirs, ours);
    // Without the command nothing is asked, and socklens's own formats have the number.
    let alone = Run::new(&program).env("SOCKLENS_TRACE", "%net").run(How::Alone(Form::Strace)).log_text();
    assert!(alone.contains("sll_ifindex=1,"), "{alone}");
    let text = Run::new(&program).options(["-e", "trace=%net"]).run(How::Command(Form::Text)).log_text();
    assert!(text.contains("ifindex=1") && !text.contains("if_nametoindex"), "{text}");
}

/// Whom a unix socket is connected to, the kernel says while it is there.
#[test]
fn both_ends_of_a_unix_connection_are_noted() {
    let scratch = Scratch::new();
    let until = scratch.join("until");
    let mut socklens = Run::new(compile("pairs"))
        .arg(&until)
        .options(["-yy", "-e", "trace=%net"])
        .start(How::Command(Form::Strace), &scratch);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let log = loop {
        let log = std::fs::read_to_string(scratch.join("log")).unwrap_or_default();
        if log.lines().any(|l| l.starts_with("recvfrom(") && l.ends_with('1')) {
            break log;
        }
        assert!(std::time::Instant::now() < deadline, "{log}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    std::fs::write(&until, "").unwrap();
    assert!(socklens.wait().unwrap().success());
    let note = |call: &str| -> Vec<String> {
        let line = log.lines().find(|l| l.starts_with(call)).unwrap_or_else(|| panic!("{call}: {log}"));
        let inside = line.split_once("UNIX-STREAM:[").and_then(|(_, r)| r.split_once([']', ','])).expect("a note").0;
        inside.split("->").map(str::to_owned).collect()
    };
    let (client, server) = (note("sendto("), note("recvfrom("));
    assert_eq!((client.len(), server.len()), (2, 2), "{log}");
    assert_eq!((&client[0], &client[1]), (&server[1], &server[0]), "{log}");
    assert_eq!(note("connect(").len(), 1, "not connected yet: {log}");
    assert_eq!(note("accept(").len(), 1, "the listener has no other end: {log}");
}

/// The forms of exec that take no environment are given this program's: strace's third argument. Ours has our variables, too.
#[test]
fn every_exec_has_an_environment() {
    let program = compile("execs");
    let Some((theirs, ours)) = both(&program, "trace=execve", &["-f"]) else { return };
    let calls = |lines: &[String]| -> Vec<(String, Option<u32>)> {
        let calls = lines.iter().filter_map(|l| l.split_once("execve(").map(|(_, call)| call));
        // What the loader of the log begins with is no call of the program.
        let calls = calls.filter(|c| c.contains("[\"true\""));
        let calls = calls.map(|c| {
            let (before, rest) = c.rsplit_once("], ").unwrap_or_else(|| panic!("no third argument: {c}"));
            let vars = rest.split_once("/* ").and_then(|(_, n)| n.split(' ').next()?.parse().ok());
            assert!(vars.is_some() == rest.starts_with("0x"), "{c}");
            (before.to_owned(), vars)
        });
        calls.collect()
    };
    let (theirs, ours) = (calls(&theirs), calls(&ours));
    assert_eq!(theirs.len(), 9, "{theirs:#?}");
    let less = ours[0].1.unwrap() - theirs[0].1.unwrap();
    let ours: Vec<_> = ours.into_iter().map(|(call, vars)| (call, vars.map(|n| n - less))).collect();
    assert_eq!(ours, theirs);
}
