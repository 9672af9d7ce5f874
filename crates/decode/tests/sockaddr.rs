//! Socket addresses in strace's syntax: golden/sockaddr.tsv holds addresses in hexadecimal and what strace 6.1 printed for them.

use socklens_decode::{Format, NoNames, Opts, Out, Printer};

fn print(format: Format, bytes: &[u8]) -> String {
    let mut buf = [0u8; 4096];
    let mut out = Out::new(&mut buf);
    socklens_decode::sockaddr(&mut Printer::new(&mut out, format, &Opts::DEFAULT, &NoNames), bytes);
    String::from_utf8(out.bytes().to_vec()).unwrap()
}

fn unhex(s: &str) -> Vec<u8> {
    (0..s.len() / 2).map(|i| u8::from_str_radix(&s[2 * i..2 * i + 2], 16).unwrap()).collect()
}

#[test]
fn addresses_print_as_strace_prints_them() {
    let mut wrong = 0;
    for line in include_str!("golden/sockaddr.tsv").lines() {
        let (hex, expected) = line.split_once('\t').unwrap();
        let got = print(Format::Strace, &unhex(hex));
        if got != expected {
            wrong += 1;
            eprintln!("{hex}\n  strace  {expected}\n  decoder {got}");
        }
    }
    assert_eq!(wrong, 0);
}

#[test]
fn every_address_is_valid_json() {
    for line in include_str!("golden/sockaddr.tsv").lines() {
        let bytes = unhex(line.split_once('\t').unwrap().0);
        let json = print(Format::Json, &bytes);
        serde_json::from_str::<serde_json::Value>(&json).unwrap_or_else(|e| panic!("{e}: {json}"));
    }
}

#[test]
fn text_is_compact() {
    let inet = [2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(print(Format::Text, &inet), "127.0.0.1:80");
    let mut six = [0u8; 28];
    six[0] = 10;
    six[3] = 80;
    six[23] = 1;
    assert_eq!(print(Format::Text, &six), "[::1]:80");
    six[8..10].copy_from_slice(&[0xfe, 0x80]);
    six[24] = 2;
    assert_eq!(print(Format::Text, &six), "[fe80::1%2]:80");
    assert_eq!(print(Format::Text, b"\x01\0/run/x.sock\0\0\0"), "unix:/run/x.sock");
    assert_eq!(print(Format::Text, b"\x01\0\0name"), "unix:@name");
    assert_eq!(print(Format::Text, b"\x01\0/a\x1b[2J"), "unix:/a\\x1b[2J");
}
