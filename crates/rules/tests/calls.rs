//! Sets of calls: what each item selects.

use socklens_calls::{CALLS, Call, class};
use socklens_rules::{CallSet, What};

fn names(set: &CallSet) -> Vec<&'static str> {
    (0..CALLS.len())
        .filter_map(|i| Call::from_opcode(i as u16))
        .filter(|c| set.contains(*c))
        .map(|c| c.spec().name)
        .collect()
}

fn select(source: &str) -> String {
    match CallSet::parse(source) {
        Ok(set) => names(&set).join(" "),
        Err(e) => format!("{:?} {}+{} {}", e.what, e.at, e.len, e.nearest.unwrap_or("-")),
    }
}

fn normal(set: &CallSet) -> String {
    let mut out = Vec::new();
    set.write_normal(&mut |b| out.extend_from_slice(b));
    String::from_utf8(out).unwrap()
}

#[test]
fn items_select_what_strace_and_libc_mean() {
    for (source, want) in [
        ("connect", "connect"),
        ("__connect", "connect"),
        ("send", "send"),
        ("sendto", "send sendto"),
        ("libc:sendto", "sendto"),
        ("recv", "recv __recv_chk"),
        ("recvfrom", "recv recvfrom __recv_chk __recvfrom_chk"),
        ("pselect6", "select pselect"),
        ("select", "select"),
        ("epoll_wait", "epoll_wait"),
        ("accept", "accept accept4"),
        ("libc:accept", "accept"),
        ("accept4", "accept4"),
        ("poll", "poll __poll_chk"),
        ("pread64", "pread __pread_chk"),
        ("trace=socket,bind", "socket bind"),
        ("t=socket", "socket"),
        (" socket , bind ", "socket bind"),
        ("epoll_*", "epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2"),
        ("/^epoll_create.$", "epoll_create1"),
        ("/peername$", "getpeername"),
        ("/^res_n.*y$", "res_nquery"),
        ("%netif", "getifaddrs if_nametoindex if_indextoname if_nameindex"),
        ("netif", "getifaddrs if_nametoindex if_indextoname if_nameindex"),
        ("?clone7,listen", "listen"),
        ("?open,listen", "listen"),
        ("?nosuch", ""),
        ("none", ""),
        ("!all", ""),
        // Faults.
        ("", "Empty 0+0 -"),
        ("trace=", "Empty 6+0 -"),
        ("conect", "UnknownCall 0+6 connect"),
        ("socket,sednto", "UnknownCall 7+6 sendto"),
        ("%nett", "UnknownCall 0+5 %net"),
        ("%file", "UnknownCall 0+5 -"),
        ("zzzzzzzzzz*", "UnknownCall 0+11 -"),
        ("open", "NotRecorded 0+4 -"),
        ("libc:pipe2", "NotRecorded 0+10 -"),
        ("libc:sento", "UnknownCall 0+10 -"),
        ("a,,b", "UnknownCall 0+1 -"),
        ("socket,,bind", "ExpectedValue 7+0 -"),
        ("!", "ExpectedValue 1+0 -"),
        ("/a(b|c)", "BadPattern 0+7 -"),
        ("/", "BadPattern 0+1 -"),
    ] {
        assert_eq!(select(source), want, "{source}");
    }
    assert_eq!(select(&"*".repeat(65)).split(' ').next(), Some("TooLong"));
    assert_eq!(CallSet::parse(&"a".repeat(40_000)).unwrap_err().what, What::TooLong);
}

#[test]
fn groups_follow_the_classes_of_the_table() {
    for (word, classes) in [
        ("%net", class::NET),
        ("%network", class::NET),
        ("%desc", class::DATA | class::WAIT | class::FD),
        ("%in", class::IN),
        ("out", class::OUT),
        ("stream", class::NET | class::DATA),
        ("dgram", class::NET | class::DATA),
        ("dns", class::DNS),
        ("wait", class::WAIT),
        ("%process", class::PROCESS),
    ] {
        assert_eq!(CallSet::parse(word).unwrap(), CallSet::of_class(classes), "{word}");
    }
    for word in ["any", "all", "%all", "!none"] {
        assert_eq!(CallSet::parse(word).unwrap(), CallSet::all());
    }
}

#[test]
fn descriptor_upkeep_is_never_selected() {
    for set in [CallSet::all(), CallSet::default_set(), CallSet::parse("*").unwrap(), CallSet::parse("!close").unwrap()]
    {
        for name in names(&set) {
            assert_eq!(Call::by_name(name).unwrap().spec().class & class::FDTABLE, 0, "{name}");
        }
    }
    let default = CallSet::default_set();
    assert!(default.contains(Call::recv) && default.contains(Call::getaddrinfo) && default.contains(Call::syslog));
    assert!(!default.contains(Call::fork) && CallSet::all().contains(Call::fork));
}

#[test]
fn the_normal_form_reads_back() {
    for (source, want) in [
        ("sendto", "send,sendto"),
        ("libc:sendto", "libc:sendto"),
        ("send", "send"),
        ("accept4,accept", "accept"),
        ("desc", "%data,%wait,%fd"),
        ("in", "%in"),
        ("!close", "!close"),
        ("all", "all"),
        ("none", "none"),
    ] {
        let set = CallSet::parse(source).unwrap();
        assert_eq!(normal(&set), want, "{source}");
    }
    // Every single call, and many sets.
    let mut seed = 1u64;
    for i in 0..600u64 {
        let mut set = CallSet::none();
        for c in (0..CALLS.len()).filter_map(|n| Call::from_opcode(n as u16)) {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let take = if i < CALLS.len() as u64 { c as u64 == i } else { (seed >> 33) % 16 < i % 17 };
            if take && CallSet::all().contains(c) {
                set.insert(c);
            }
        }
        assert_eq!(CallSet::parse(&normal(&set)).unwrap(), set, "{}", normal(&set));
    }
}

#[test]
fn bits_survive_shared_memory() {
    let set = CallSet::parse("%net").unwrap();
    assert_eq!(CallSet::from_bits(set.bits()), set);
    assert!(!CallSet::none().contains(Call::connect) && CallSet::none().is_empty());
}
