//! The faces of libsocklens.so and of the two that it opens where they are needed: what they export, what they need, how large they are.

use socklens_calls::CALLS;
use socklens_testkit::{Form, How, Object, Run, Scratch, compile, paths};
use std::collections::BTreeSet;
use std::process::Command;

/// The most that the library in every program may weigh, without debug information.
const MAX_SIZE: u64 = 200_000;

/// The same for the one that is loaded where a process logs without the command. A tenth of it takes netlink apart.
const MAX_SIZE_ALONE: u64 = 480 * 1024;

/// The same for the one that is loaded where there are fault rules.
const MAX_SIZE_FAULTS: u64 = 128 * 1024;

fn library() -> Object {
    Object::read(&paths().library)
}

fn alone() -> Object {
    Object::read(&paths().alone)
}

fn faults() -> Object {
    Object::read(&paths().faults)
}

fn table() -> BTreeSet<String> {
    CALLS.iter().flat_map(|s| s.aliases.iter().copied().chain([s.name])).map(str::to_owned).collect()
}

#[test]
fn every_row_and_alias_is_exported_as_a_function() {
    const STT_FUNC: u8 = 2;
    let library = library();
    for name in table() {
        let symbol = library.defined.iter().find(|s| s.name == name);
        assert!(symbol.is_some(), "{name} is a row of THE TABLE, but not exported");
        assert!(symbol.is_some_and(|s| s.kind == STT_FUNC), "{name} is exported, but not as a function");
    }
}

#[test]
fn nothing_else_is_exported() {
    let table = table();
    let strange: Vec<String> =
        library().defined_names().into_iter().filter(|n| !table.contains(n) && !n.starts_with("socklens_")).collect();
    assert!(strange.is_empty(), "exported by mistake: {strange:?}");
}

#[test]
fn exports_carry_no_version() {
    let versioned: Vec<String> =
        library().defined.into_iter().filter(|s| !s.version.is_empty()).map(|s| s.name).collect();
    assert!(versioned.is_empty(), "{versioned:?}");
}

#[test]
fn undefined_symbols_are_the_checked_in_list() {
    let list = paths().root.join("tests/data/undefined-symbols.txt");
    let text = std::fs::read_to_string(&list).expect("the list");
    let want: BTreeSet<String> =
        text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).map(str::to_owned).collect();
    let have = library().undefined;
    assert_eq!(have, want, "change {} only if the new symbol may be used in a hook", list.display());
}

#[test]
fn the_library_does_not_call_itself() {
    let library = library();
    let defined = library.defined_names();
    let both: Vec<&String> = library.undefined.intersection(&defined).collect();
    assert!(both.is_empty(), "exported and needed: {both:?}");
    // Inside the library a call by name would be bound to our own hook without showing in the tables, so what the sources
    // may call at all is short.
    for name in ["malloc", "free", "calloc", "realloc", "dlsym", "pthread_mutex_lock", "__tls_get_addr", "getenv"] {
        assert!(!library.all.contains(name), "{name} is in the symbol tables");
    }
}

#[test]
fn no_panic_is_linked_in() {
    for library in [library(), alone(), faults()] {
        let panics: Vec<String> = library.all.into_iter().filter(|n| n.contains("panic")).collect();
        assert!(panics.is_empty(), "{panics:#?}");
    }
}

#[test]
fn only_libc_is_needed_and_the_soname_is_ours() {
    let library = library();
    assert_eq!(library.needed, ["libc.so.6"]);
    assert_eq!(library.soname, "libsocklens.so.0");
}

#[test]
fn nothing_newer_than_glibc_2_17_is_needed() {
    for v in library().versions {
        let Some(number) = v.strip_prefix("GLIBC_") else { panic!("a version of something else: {v}") };
        let parts: Vec<u32> = number.split('.').map(|p| p.parse().expect("a number")).collect();
        assert!(parts <= vec![2, 17], "{v} is needed");
    }
}

#[test]
fn it_binds_at_load_time_and_is_never_unloaded() {
    const DF_1_NOW: u64 = 1;
    const DF_1_NODELETE: u64 = 8;
    let flags = library().flags.1;
    assert!(flags & DF_1_NOW != 0, "no -z now: {flags:#x}");
    assert!(flags & DF_1_NODELETE != 0, "no -z nodelete: {flags:#x}");
    for bind in ["LD_BIND_NOW", "LD_BIND_NOT"] {
        Run::new("/bin/true").env(bind, "1").run(How::Silent).assert_success();
        Run::new("/bin/true").env(bind, "1").run(How::Alone(Form::Text)).assert_success();
    }
}

#[test]
fn thread_local_storage_is_static_and_small() {
    const DF_STATIC_TLS: u64 = 16;
    let library = library();
    assert!(library.tls > 0 && library.tls <= 96, "{} bytes of thread-local storage", library.tls);
    assert!(library.flags.0 & DF_STATIC_TLS != 0, "not marked as static TLS");
    assert!(!library.undefined.contains("__tls_get_addr"));
}

#[test]
fn it_can_be_loaded_by_dlopen_too() {
    let program = compile("dlopen_library");
    let run = Run::new(program).arg(&paths().library).run(How::Raw);
    run.assert_success();
    assert_eq!(run.out(), "loaded\nsocket works\nclosed\nsocket works\n");
}

#[test]
fn the_other_libraries_have_one_symbol_each_and_need_no_memcpy() {
    let library_names = self::library().defined_names();
    // A sanitizer's or an allocator's would see our memory as the program's.
    for (library, symbol, needs) in [
        (alone(), "socklens_alone", &[][..]),
        (faults(), "socklens_engine", &["__errno_location", "__h_errno_location"]),
    ] {
        let exported: Vec<String> = library.defined_names().into_iter().collect();
        assert_eq!(exported, [symbol]);
        // It is found by this name alone, also where a program has another copy of the library, or the one without function.
        assert!(!library_names.contains(symbol), "{symbol} is a name of libsocklens.so too");
        assert_eq!(library.undefined.iter().collect::<Vec<_>>(), needs, "{symbol}");
        assert!(library.needed.iter().all(|n| n == "libc.so.6"), "{:?}", library.needed);
        assert_eq!(library.tls, 0, "thread-local storage of {symbol}");
        const DF_1_NODELETE: u64 = 8;
        assert!(library.flags.1 & DF_1_NODELETE != 0, "no -z nodelete: {symbol}");
    }
}

#[test]
fn the_stripped_libraries_are_small() {
    let scratch = Scratch::new();
    let p = paths();
    for (library, most) in [(&p.library, MAX_SIZE), (&p.alone, MAX_SIZE_ALONE), (&p.faults, MAX_SIZE_FAULTS)] {
        let copy = scratch.join("library.so");
        let done = Command::new("strip").arg("-o").arg(&copy).arg(library).status().expect("strip");
        assert!(done.success());
        let size = std::fs::metadata(&copy).expect("the stripped copy").len();
        assert!(size <= most, "{}: {size} bytes, of {most} allowed", library.display());
    }
}

/// What is first costs the kernel one mapping more, what lies in the middle two (docs/adr/0010-what-a-start-costs.md). The compiler
/// puts statics in the order of their symbols.
#[test]
fn the_page_that_a_fork_wipes_is_the_first_that_the_loader_gives_zeroed() {
    let run = Run::new("cat").args(["/proc/self/smaps"]).run(How::Command(Form::Json));
    run.assert_success();
    let out = run.out();
    let maps: Vec<&str> =
        out.lines().filter(|l| l.contains('-') && !l.contains("kB") && !l.contains("VmFlags")).collect();
    let library = maps.iter().rposition(|l| l.ends_with("libsocklens.so")).expect("the library");
    let wiped = out.split("VmFlags:").position(|part| part.lines().next().unwrap_or("").split(' ').any(|f| f == "wf"));
    // Each part but the first ends with what comes before the flags of the next mapping.
    assert_eq!(wiped.map(|i| i - 1), Some(library + 1), "{maps:#?}");
}
