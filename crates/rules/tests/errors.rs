//! Every kind of fault, as a person sees it.

use socklens_rules::{CallSet, Filter, SyntaxError, What};

fn show(e: SyntaxError, source: &str) -> String {
    let mut out = Vec::new();
    e.render(source, &mut |b| out.extend_from_slice(b));
    String::from_utf8(out).unwrap()
}

#[test]
fn faults_of_a_filter() {
    for (source, want) in [
        ("", "error: nothing is written\n  \n  ^\n"),
        (
            "peeer=10.0.0.0/8 and errno!=0",
            "error: unknown key `peeer`\n  peeer=10.0.0.0/8 and errno!=0\n  ^^^^^ did you mean `peer`?\n",
        ),
        ("fialed", "error: unknown key `fialed`\n  fialed\n  ^^^^^^ did you mean `failed`?\n"),
        ("xyzzyxyz=1", "error: unknown key `xyzzyxyz`\n  xyzzyxyz=1\n  ^^^^^^^^\n"),
        ("call=conect", "error: unknown call `conect`\n  call=conect\n       ^^^^^^ did you mean `connect`?\n"),
        (
            "call=open",
            "error: never recorded `open`\n  call=open\n       ^^^^ this call only keeps the descriptor table right\n",
        ),
        ("fd 3", "error: expected an operator after the key, not `3`\n  fd 3\n     ^ one of = != ~ !~ < <= > >=\n"),
        ("fd", "error: expected an operator after the key\n  fd\n    ^ one of = != ~ !~ < <= > >=\n"),
        ("fd=", "error: expected a value\n  fd=\n     ^\n"),
        ("fd= and ok", "error: not a number `and`\n  fd= and ok\n      ^^^\n"),
        ("fd=(3)", "error: expected a value, not `(`\n  fd=(3)\n     ^\n"),
        ("comm=\"\"", "error: expected a value, not `\"\"`\n  comm=\"\"\n       ^^\n"),
        ("fd=3 and", "error: expected a comparison\n  fd=3 and\n          ^ such as peer=10.0.0.0/8 or errno!=0\n"),
        ("or fd=3", "error: expected a comparison, not `or`\n  or fd=3\n  ^^ such as peer=10.0.0.0/8 or errno!=0\n"),
        ("peer<10.0.0.1", "error: this key has no operator `<`\n  peer<10.0.0.1\n      ^\n"),
        ("errno~E", "error: this key has no operator `~`\n  errno~E\n       ^\n"),
        (
            "fd<3..5",
            "error: a single value is needed, not `3..5`\n  fd<3..5\n     ^^^^ alternatives and ranges go with = and !=\n",
        ),
        (
            "fd<3|5",
            "error: a single value is needed, not `|`\n  fd<3|5\n      ^ alternatives and ranges go with = and !=\n",
        ),
        ("fd=x", "error: not a number `x`\n  fd=x\n     ^\n"),
        ("port=70000", "error: number out of range `70000`\n  port=70000\n       ^^^^^\n"),
        (
            "ret=99999999999999999999",
            "error: number out of range `99999999999999999999`\n  ret=99999999999999999999\n      ^^^^^^^^^^^^^^^^^^^^\n",
        ),
        ("port=8099..8000", "error: range ends before it starts `8099..8000`\n  port=8099..8000\n       ^^^^^^^^^^\n"),
        ("dur>5", "error: a unit is needed `5`\n  dur>5\n      ^ one of ns us ms s, such as 5ms\n"),
        ("dur=1ms..2", "error: a unit is needed `2`\n  dur=1ms..2\n           ^ one of ns us ms s, such as 5ms\n"),
        ("dur>5h", "error: unknown unit `5h`\n  dur>5h\n      ^^ ns us ms s min for times, K M G for sizes\n"),
        ("bytes>5Q", "error: unknown unit `5Q`\n  bytes>5Q\n        ^^ ns us ms s min for times, K M G for sizes\n"),
        ("role=sever", "error: unknown value `sever`\n  role=sever\n       ^^^^^ did you mean `server`?\n"),
        (
            "errno=ECONRESET",
            "error: unknown value `ECONRESET`\n  errno=ECONRESET\n        ^^^^^^^^^ did you mean `ECONNRESET`?\n",
        ),
        (
            "peer=example.org",
            "error: not an address `example.org`\n  peer=example.org\n       ^^^^^^^^^^^ such as 10.0.0.0/8:5432, [::1]:80, :443 or unix:/run/x.sock; names go with host=\n",
        ),
        ("peer=1.2.3.4/33", "error: not a prefix length `33`\n  peer=1.2.3.4/33\n               ^^\n"),
        (
            "peer=[::1]:http",
            "error: not a port `http`\n  peer=[::1]:http\n             ^^^^ 0 to 65535, a range such as 8000..8099, or *\n",
        ),
        ("(fd=3", "error: bracket without its partner `(`\n  (fd=3\n  ^\n"),
        ("fd=3)", "error: bracket without its partner `)`\n  fd=3)\n      ^\n"),
        ("comm='x", "error: quotation mark without its partner\n  comm='x\n       ^^\n"),
        ("fd=3 fd=4", "error: expected `and`, `or` or the end, not `fd`\n  fd=3 fd=4\n       ^^\n"),
        ("(fd=3 ok)", "error: expected `and`, `or` or the end, not `ok`\n  (fd=3 ok)\n        ^^\n"),
    ] {
        match Filter::parse(source) {
            Ok(_) => panic!("{source} is in the language"),
            Err(e) => assert_eq!(show(e, source), want, "{source}"),
        }
    }
}

#[test]
fn faults_of_a_set() {
    for (source, want) in [
        ("", "error: nothing is written\n  \n  ^\n"),
        ("socket,sednto", "error: unknown call `sednto`\n  socket,sednto\n         ^^^^^^ did you mean `sendto`?\n"),
        (
            "/a(b|c)",
            "error: pattern not understood `/a(b|c)`\n  /a(b|c)\n  ^^^^^^^ a pattern may use ^ $ . .* and names\n",
        ),
        ("socket,,bind", "error: expected a value\n  socket,,bind\n         ^\n"),
    ] {
        assert_eq!(show(CallSet::parse(source).unwrap_err(), source), want, "{source}");
    }
}

#[test]
fn limits_are_faults() {
    let many = vec!["fd=1"; 65].join(" or ");
    let e = Filter::parse(&many).unwrap_err();
    assert_eq!((e.what, usize::from(e.at)), (What::TooManyTerms, many.len() - 1));
    assert!(Filter::parse(&vec!["fd=1"; 64].join(" or ")).is_ok());
    assert_eq!(Filter::parse(&format!("{}ok", "!".repeat(17))).unwrap_err().what, What::TooDeep);
    assert!(Filter::parse(&format!("{}ok{}", "(".repeat(16), ")".repeat(16))).is_ok());
    assert_eq!(Filter::parse(&format!("{}ok{}", "(".repeat(17), ")".repeat(17))).unwrap_err().what, What::TooDeep);
    assert_eq!(Filter::parse(&format!("comm={}", "a".repeat(256))).unwrap_err().what, What::TooLong);
    assert_eq!(Filter::parse(&vec!["call=%net"; 50].join(" or ")).unwrap_err().what, What::TooLong);
    assert_eq!(Filter::parse(&" ".repeat(40_000)).unwrap_err().what, What::TooLong);
}

#[test]
fn carets_stand_below_the_characters() {
    for (source, want) in [
        // Two bytes, one column; then two columns each; then a letter with a combining accent.
        ("comm=é and x=1", "error: unknown key `x`\n  comm=é and x=1\n             ^\n"),
        ("comm=日本 and x=1", "error: unknown key `x`\n  comm=日本 and x=1\n                ^\n"),
        ("comm=e\u{301} and x=1", "error: unknown key `x`\n  comm=e\u{301} and x=1\n             ^\n"),
        ("ключ=1", "error: unknown key `ключ`\n  ключ=1\n  ^^^^\n"),
    ] {
        assert_eq!(show(Filter::parse(source).unwrap_err(), source), want, "{source}");
    }
}

#[test]
fn a_terminal_is_safe_from_the_source() {
    let source = "comm=\x1b[31m\u{202e}\u{9b}x\r\ty";
    let text = show(Filter::parse(source).unwrap_err(), source);
    assert_eq!(text, "error: expected `and`, `or` or the end, not `y`\n  comm=?[31m??x? y\n                 ^\n");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn a_long_line_is_shown_in_part() {
    let source = format!("{} and x=1 and {}", vec!["fd=1"; 30].join(" or "), vec!["fd=2"; 30].join(" or "));
    let text = show(Filter::parse(&source).unwrap_err(), &source);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "error: unknown key `x`");
    assert!(lines.iter().all(|l| l.chars().count() < 130), "{text}");
    let column = lines[2].chars().position(|c| c == '^').unwrap();
    assert_eq!(lines[1].chars().nth(column), Some('x'));
    assert!(lines[1].starts_with("  …") && lines[1].ends_with('…'));
}

#[test]
fn an_error_renders_with_any_source() {
    for source in ["", "é", "x", "日本語"] {
        for at in 0..12 {
            for len in [0, 1, 2, 70, u16::MAX] {
                let e = SyntaxError {
                    at,
                    len,
                    what: What::UnknownKey,
                    nearest: None,
                    about: socklens_rules::About::Nothing,
                };
                assert_eq!(show(e, source).lines().count(), 3);
            }
        }
    }
}
