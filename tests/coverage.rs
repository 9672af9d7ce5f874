//! The coverage document against THE TABLE, and both against the C library that is running.

use socklens_calls::CALLS;
use socklens_calls::left_out::{CANDIDATES, LEFT_OUT, NOT_MEANT, any, matches};
use socklens_testkit::{Object, paths};
use std::collections::BTreeSet;
use std::path::PathBuf;
use xtask::generate;

/// The C library that this test itself runs with.
fn libc() -> Object {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("own mappings");
    let path = maps
        .lines()
        .filter_map(|l| l.split_whitespace().nth(5))
        .find(|p| p.rsplit('/').next().is_some_and(|n| n.starts_with("libc.so") || n.starts_with("libc-2")))
        .expect("libc.so.6 among our mappings");
    Object::read(&PathBuf::from(path))
}

fn exported() -> BTreeSet<&'static str> {
    CALLS.iter().flat_map(|s| s.aliases.iter().copied().chain([s.name])).collect()
}

fn candidate(name: &str) -> bool {
    CANDIDATES.iter().any(|c| any(c, name))
}

fn left_out(name: &str) -> bool {
    LEFT_OUT.iter().any(|l| any(l.names, name))
}

#[test]
fn the_coverage_document_is_current() {
    generate::check(&paths().root).unwrap();
}

#[test]
fn every_libc_symbol_that_touches_sockets_is_exported_or_left_out_for_a_reason() {
    let exported = exported();
    let unexplained: Vec<String> = libc()
        .defined
        .into_iter()
        .filter(|s| matches!(s.kind, 2 | 10) && candidate(&s.name))
        .map(|s| s.name)
        .filter(|n| !exported.contains(n.as_str()) && !any(NOT_MEANT, n) && !left_out(n))
        .collect();
    assert!(unexplained.is_empty(), "give each a row of THE TABLE, or a reason in left_out.rs: {unexplained:#?}");
}

#[test]
fn nothing_that_is_exported_is_called_left_out() {
    for name in exported() {
        let groups: Vec<&str> = LEFT_OUT.iter().filter(|l| any(l.names, name)).map(|l| l.group).collect();
        assert!(groups.is_empty(), "{name} is exported, but {groups:?} say why not");
        assert!(candidate(name), "{name} is in THE TABLE, but no candidate pattern finds it");
        assert!(!any(NOT_MEANT, name), "{name} is in THE TABLE, and in NOT_MEANT");
    }
}

#[test]
fn every_name_in_the_table_is_one_that_libc_has() {
    let libc = libc().defined_names();
    // Newer than the oldest C library we load on; there the entry fails with ENOSYS, as an old program would expect.
    let newer =
        ["closefrom", "close_range", "execveat", "epoll_pwait2", "_Fork", "pidfd_open", "pidfd_getfd", "memfd_create"];
    for name in exported() {
        assert!(libc.contains(name) || newer.contains(&name), "libc has no {name}");
    }
}

#[test]
fn every_internal_name_is_really_internal() {
    // Old binaries can reach these by name; nothing but libc itself ever did.
    let reachable =
        "__getdelim __nss_* __res_nopt __libc_fcntl64 __libc_fork __libc_pread __libc_pwrite __libc_clntudp_bufcreate";
    for s in libc().defined {
        if any(LEFT_OUT[0].names, &s.name) && s.version != "GLIBC_PRIVATE" {
            assert!(any(reachable, &s.name), "{}@{} can be linked against: it needs a reason", s.name, s.version);
        }
    }
}

#[test]
fn patterns_match_as_a_shell_does() {
    for (pattern, name, want) in [
        ("close", "close", true),
        ("close", "closed", false),
        ("close*", "closefrom", true),
        ("*poll*", "__poll_chk", true),
        ("*stat64", "fstat64", true),
        ("*stat64", "fstat", false),
        ("a*b*c", "abc", true),
        ("a*b*c", "acb", false),
        ("*", "", true),
    ] {
        assert_eq!(matches(pattern, name), want, "{pattern} {name}");
    }
}
