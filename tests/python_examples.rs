//! The Python examples do the same with the library and without it, and end well.

use socklens_testkit::{Form, How, Run, assert_same, paths, require};

const EXAMPLES: &[&[&str]] = &[
    &["tcp_echo.py"],
    &["tcp_servers.py", "threads"],
    &["tcp_servers.py", "processes"],
    &["udp_echo.py"],
    &["unix_sockets.py"],
    &["dns_query.py", "example.org", "127.0.0.1", "9"],
];

#[test]
fn they_print_the_same_under_every_tracer() {
    let Some(python) = require("python3") else { return };
    for example in EXAMPLES {
        let dir = paths().root.join("python-examples");
        let run = Run::new(&python).args(*example).env("PYTHONDONTWRITEBYTECODE", "1").dir(dir);
        let alone = run.run(How::Raw);
        alone.assert_success();
        assert!(!alone.stdout.is_empty(), "{example:?} prints nothing");
        for how in [How::Silent, How::Command(Form::Text), How::Command(Form::Json)] {
            assert_same(&alone, &run.run(how));
        }
    }
}

#[test]
fn http_client_is_tested_with_faults() {
    let Some(python) = require("python3") else { return };
    let dir = paths().root.join("python-examples");
    let run = Run::new(&python).arg("http_faults.py").env("PYTHONDONTWRITEBYTECODE", "1").dir(dir);
    let alone = run.run(How::Raw);
    alone.assert_success();
    assert!(alone.err().contains("OK (skipped=7)"), "{}", alone.err());
    for how in [How::Silent, How::Command(Form::Json)] {
        let with = run.run(how);
        assert!(with.err().contains("Ran 7 tests") && with.err().contains("\nOK\n"), "{}", with.err());
        with.assert_success();
    }
}

#[test]
fn every_example_is_tested() {
    let dir = std::fs::read_dir(paths().root.join("python-examples")).expect("the examples");
    for name in dir.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).filter(|n| n.ends_with(".py")) {
        let apart = ["http_faults.py", "socklens_faults.py"].contains(&&*name);
        assert!(apart || EXAMPLES.iter().any(|e| e[0] == name), "{name} is not tested");
        let readme = std::fs::read_to_string(paths().root.join("python-examples/README.md")).expect("the list");
        assert!(readme.contains(&name), "{name} is not in the README");
    }
}
