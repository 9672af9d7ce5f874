//! THE TABLE's prototypes against those of the system's headers, by a C++ compiler: for what the libc crate has no declaration of, for
//! variadic functions, and for every further name of a row.

use socklens_testkit::{Scratch, require};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// A row as the table's text has it: name, further names, argument types, result type.
type Row = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

macro_rules! rows {
    ([] $($op:literal $name:ident [$($alias:ident)*] ($($arg:ident : $ty:ty = $kind:expr),*) -> $ret:ty = $rk:ident, $class:expr, $body:ident, $chk:ident, $sys:literal;)*) => {
        const ROWS: &[Row] = &[$((stringify!($name), &[$(stringify!($alias)),*], &[$(stringify!($ty)),*], stringify!($ret))),*];
    };
}
socklens_calls::for_each_call!(rows []);

/// Names that no header declares: further ones, which old programs and other libraries have from libc's symbol table, and those that
/// only newer C libraries have.
const UNDECLARED: &str = "__connect __send __read __write __pread64 __pwrite64 __close _IO_fclose _IO_fdopen __dup2 __fcntl __poll __select \
    __res_query __res_search __res_send __res_nquery __res_nsearch __res_nsend __res_querydomain __res_nquerydomain __fork __vfork __clone \
    _IO_popen __open __open64 __pipe _Fork close_range closefrom epoll_pwait2 execveat pidfd_open pidfd_getfd";

const HEADERS: &str = "sys/socket.h netinet/in.h arpa/inet.h poll.h sys/select.h sys/epoll.h netdb.h resolv.h ifaddrs.h net/if.h syslog.h unistd.h \
    fcntl.h sys/ioctl.h sys/uio.h sys/sendfile.h stdio.h stdlib.h signal.h sched.h spawn.h sys/prctl.h sys/eventfd.h sys/timerfd.h \
    sys/signalfd.h sys/inotify.h sys/fanotify.h sys/mman.h sys/pidfd.h sys/wait.h pthread.h mqueue.h pty.h";

/// What `const` says behind a pointer is nothing a caller passes, and the table has `void` for what it never looks into.
const SAME: &str = r"
template <class T> struct plain { typedef T is; };
template <class T> struct plain<const T> { typedef typename plain<T>::is is; };
template <class T> struct plain<T *> { typedef typename plain<T>::is *is; };
template <class T> struct plain<T *const> { typedef typename plain<T>::is *is; };
template <class A, class B> struct one { static constexpr bool is = false; };
template <class A> struct one<A, A> { static constexpr bool is = true; };
template <class B> struct one<void *, B *> { static constexpr bool is = true; };
template <class B> struct one<void **, B **> { static constexpr bool is = true; };
template <> struct one<void *, void *> { static constexpr bool is = true; };
template <> struct one<void **, void **> { static constexpr bool is = true; };
template <class A, class B> struct type : one<typename plain<A>::is, typename plain<B>::is> {};
template <class Ours, class Theirs> struct same { static constexpr bool is = false; };
template <class R, class S> struct same<R(), S()> : type<R, S> {};
template <class R, class S, class... A> struct same<R(A...), S(...)> : type<R, S> {};
template <class R, class S, class A, class B, class... C, class... D> struct same<R(A, C...), S(B, D...)> {
    static constexpr bool is = type<A, B>::is && same<R(C...), S(D...)>::is;
};
template <class R, class S, class A, class B, class... C, class... D> struct same<R(A, C...), S(B, D..., ...)> {
    static constexpr bool is = type<A, B>::is && same<R(C...), S(D..., ...)>::is;
};
";

/// The C++ name of a Rust type.
fn cpp(rust: &str) -> String {
    let words: Vec<&str> = rust.split_whitespace().collect();
    let rust = words.join(" ").replace("* ", "*");
    if let Some(to) = rust.strip_prefix("*mut ") {
        return format!("{} *", cpp(to));
    }
    if let Some(to) = rust.strip_prefix("*const ") {
        return format!("{} const *", cpp(to));
    }
    match rust.as_str() {
        "()" | "c_void" => "void",
        "c_char" => "char",
        "c_int" => "int",
        "c_uint" => "unsigned int",
        "c_long" => "long",
        "c_ulong" => "unsigned long",
        "u8" => "uint8_t",
        "u32" => "uint32_t",
        "i64" => "int64_t",
        "usize" => "size_t",
        "FILE"
        | "fd_set"
        | "mode_t"
        | "nfds_t"
        | "off_t"
        | "pid_t"
        | "sa_family_t"
        | "sigset_t"
        | "size_t"
        | "socklen_t"
        | "ssize_t"
        | "posix_spawn_file_actions_t"
        | "posix_spawnattr_t" => return rust,
        _ => return format!("struct {rust}"),
    }
    .to_owned()
}

fn source(rows: &[Row]) -> String {
    let mut text = String::new();
    for header in HEADERS.split_whitespace() {
        let _ = write!(text, "#if __has_include(<{header}>)\n#include <{header}>\n#endif\n");
    }
    text.push_str(SAME);
    for (name, aliases, args, ret) in rows {
        let args: Vec<String> = args.iter().map(|a| cpp(a)).collect();
        for name in aliases.iter().chain([name]) {
            let ours = format!("{}({})", cpp(ret), args.join(", "));
            let _ = writeln!(text, "static_assert(same<{ours}, decltype(::{name})>::is, \"{name}\");");
        }
    }
    text
}

/// Names that no header declares, and what else the compiler says.
fn compile(cxx: &Path, rows: &[Row]) -> (BTreeSet<String>, String) {
    let scratch = Scratch::new();
    let file = scratch.join("prototypes.cc");
    std::fs::write(&file, source(rows)).expect("the source");
    let mut c = Command::new(cxx);
    // As programs are built that reach the checking functions (__read_chk): only then are they declared.
    c.args(["-std=gnu++14", "-O2", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2", "-D_GNU_SOURCE", "-fsyntax-only", "-w"]);
    c.args(["-fmax-errors=0", "-fno-diagnostics-show-caret"]).arg(&file).env("LC_ALL", "C").env_remove("LD_PRELOAD");
    let out = c.output().expect("the compiler");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let (mut undeclared, mut wrong) = (BTreeSet::new(), String::new());
    for line in said.lines().filter(|l| l.contains("error:")) {
        match line.split('\'').nth(1) {
            Some(name) if line.contains("has not been declared") || line.contains("not declared in this scope") => {
                undeclared.insert(name.trim_start_matches("::").to_owned());
            }
            // What follows from a name that is not there.
            _ if line.contains("template argument") => {}
            _ => wrong.push_str(&format!("{line}\n")),
        }
    }
    assert!(out.status.success() || !undeclared.is_empty() || !wrong.is_empty(), "{said}");
    (undeclared, wrong)
}

#[test]
fn they_are_those_of_the_systems_headers() {
    let Some(cxx) = require("g++") else { return };
    assert!(ROWS.len() > 100, "{} rows", ROWS.len());
    let (undeclared, wrong) = compile(&cxx, ROWS);
    assert!(wrong.is_empty(), "{wrong}");
    let known: BTreeSet<&str> = UNDECLARED.split_whitespace().collect();
    let strange: Vec<&String> = undeclared.iter().filter(|n| !known.contains(n.as_str())).collect();
    assert!(strange.is_empty(), "no header declares {strange:?}");
}

#[test]
fn another_prototype_is_noticed() {
    let Some(cxx) = require("g++") else { return };
    let wrong: &[Row] = &[
        ("listen", &[], &["c_int", "c_long"], "c_int"),
        ("send", &[], &["c_int", "*const c_void", "size_t", "c_int"], "c_int"),
        ("recvfrom", &[], &["c_int", "*mut c_void", "size_t", "c_int", "*mut sockaddr", "*mut size_t"], "ssize_t"),
        ("shutdown", &[], &["c_int", "c_int", "c_int"], "c_int"),
        ("fcntl", &[], &["c_int"], "c_int"),
        ("poll", &[], &["*mut epoll_event", "nfds_t", "c_int"], "c_int"),
    ];
    let (_, said) = compile(&cxx, wrong);
    for row in wrong {
        assert!(said.lines().any(|l| l.ends_with(row.0)), "{}: {said}", row.0);
    }
    let right: &[Row] = &[("fcntl", &[], &["c_int", "c_int", "c_long"], "c_int")];
    assert_eq!(compile(&cxx, right), (BTreeSet::new(), String::new()));
}
