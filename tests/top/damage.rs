//! Session files that are cut, of another version, not finished, or scribbled on: a message, and no crash.

use crate::{Talk, err, out, socklens};
use socklens_testkit::{Scratch, sessions};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;

/// The memory of a session that runs.
fn segment() -> Vec<u8> {
    let mut talk = Talk::start(&["stat", "--memory", "file"]);
    talk.talk();
    let o = socklens(&["top", "--once", "-d", "100ms", &talk.pid()]);
    let title = out(&o);
    let name = title.split("(session ").nth(1).and_then(|t| t.split(')').next()).unwrap().to_owned();
    let dir = sessions().into_iter().find(|d| d.to_string_lossy().contains(&name)).unwrap();
    let bytes = fs::read(dir.join("segment")).unwrap();
    talk.end();
    bytes
}

#[test]
fn damaged_sessions_are_refused_or_shown_as_far_as_they_go() {
    let bytes = segment();
    let scratch = Scratch::new();
    let file = scratch.join("segment");
    let dir = scratch.path().to_str().unwrap().to_owned() + "/";
    let show = |bytes: &[u8], command: &[&str]| {
        fs::write(&file, bytes).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let mut args = command.to_vec();
        args.push(&dir);
        let o = socklens(&args);
        assert_eq!(o.status.signal(), None, "{command:?}: {}", err(&o));
        (o.status.code(), out(&o), err(&o))
    };
    let top = ["top", "--once", "-d", "100ms"];
    let (code, shown, _) = show(&bytes, &top);
    assert_eq!(code, Some(0));
    assert!(shown.contains("open 7 of 7"), "{shown}");

    let mut version = bytes.clone();
    version[8] ^= 0x40;
    let mut unfinished = bytes.clone();
    unfinished[..8].fill(0);
    for command in [&top[..], &["serve", "--once"]] {
        for (bytes, why) in [
            (&bytes[..bytes.len() - 1], "shorter than it should be"),
            (&bytes[..100], "shorter than it should be"),
            (&[], "shorter than it should be"),
            (&version, "use the socklens that made it"),
            (&unfinished, "never finished"),
        ] {
            let (code, _, said) = show(bytes, command);
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains(why) && said.starts_with("socklens: cannot read the session in "), "{said}");
        }
    }
    // A generator of its own: what fails can be run again.
    let mut x = 0x2545_f491_4f6c_dd1du64;
    let mut random = move || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    };
    let (mut shown, mut refused) = (0, 0);
    for round in 0..24 {
        let mut b = bytes.clone();
        for _ in 0..[3, 300, 30_000][round % 3] {
            // The layout stays, so that what lies behind it is looked at.
            let at = 64 + random() as usize % (b.len() - 72) / 8 * 8;
            b[at..at + 8].copy_from_slice(&(random() >> (random() % 64)).to_ne_bytes());
        }
        let tab = ["connections", "calls", "processes", "blocked"][round % 4];
        let (code, text, said) = show(&b, &["top", "--once", "-d", "100ms", "--tab", tab]);
        match code {
            Some(0) => shown += usize::from(text.starts_with("socklens top")),
            Some(1) => refused += usize::from(said.starts_with("socklens: ")),
            other => panic!("{other:?}: {said}"),
        }
        show(&b, &["serve", "--once"]);
    }
    assert_eq!(shown + refused, 24);
    assert!(shown > 0, "something was looked at");
}
