//! Whole calls in strace's syntax. What is expected was printed by strace 6.1 for programs that made these calls.

mod make;

use make::{BARE, META, Make, One, inet, tcp, written};
use socklens_calls::Call;
use socklens_decode::{Format, NoNames, Opts, Stamp, line};
use socklens_wire::{Event, Part};

fn u32s(v: &[u32]) -> Vec<u8> {
    v.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn u64s(v: &[u64]) -> Vec<u8> {
    v.iter().flat_map(|n| n.to_le_bytes()).collect()
}

const NEG: u64 = u64::MAX;

#[test]
fn sockets_are_made() {
    let is = |args: &[u64], ret: i64, e: i32, want: &str| {
        assert_eq!(Make::new(Call::socket, args, ret).errno(e).strace(), want)
    };
    is(&[2, 0x801, 6], 5, 0, "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 5");
    is(&[10, 2, 0], 6, 0, "socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = 6");
    is(&[16, 3, 0], 7, 0, "socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 7");
    is(
        &[16, 3, 99],
        -1,
        93,
        "socket(AF_NETLINK, SOCK_RAW, 0x63 /* NETLINK_??? */) = -1 EPROTONOSUPPORT (Protocol not supported)",
    );
    is(&[17, 3, 0x300], 8, 0, "socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) = 8");
    is(&[17, 3, 0x9999], 9, 0, "socket(AF_PACKET, SOCK_RAW, htons(0x9999 /* ETH_P_??? */)) = 9");
    is(&[31, 3, 1], 10, 0, "socket(AF_BLUETOOTH, SOCK_RAW, BTPROTO_HCI) = 10");
    is(
        &[2, 77, 999],
        -1,
        22,
        "socket(AF_INET, 0x4d /* SOCK_??? */, 0x3e7 /* IPPROTO_??? */) = -1 EINVAL (Invalid argument)",
    );
    is(
        &[99, 3, 4],
        -1,
        97,
        "socket(0x63 /* AF_??? */, SOCK_RAW, 4)  = -1 EAFNOSUPPORT (Address family not supported by protocol)",
    );
    is(
        &[2, 0x10001, 0],
        -1,
        22,
        "socket(AF_INET, SOCK_STREAM|0x10000 /* SOCK_??? */, IPPROTO_IP) = -1 EINVAL (Invalid argument)",
    );
    is(&[29, 3, 1], 3, 0, "socket(AF_CAN, SOCK_RAW, CAN_RAW)       = 3");
    let pair = Make::new(Call::socketpair, &[1, 0x80001, 0, 0x7ff0], 0).data(3, &u32s(&[3, 4]));
    assert_eq!(pair.strace(), "socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, [3, 4]) = 0");
    let bad = Make::new(Call::socketpair, &[1, 1, 0, 1], -1).errno(14);
    assert_eq!(bad.strace(), "socketpair(AF_UNIX, SOCK_STREAM, 0, 0x1) = -1 EFAULT (Bad address)");
}

#[test]
fn addresses_and_lengths() {
    let a = inet(52061, [127, 0, 0, 1]);
    let bind = Make::new(Call::bind, &[11, 0x7ff0, 16], 0).data(1, &inet(0, [127, 0, 0, 1]));
    assert_eq!(
        bind.strace(),
        "bind(11, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 0"
    );
    let name = |before: u32, after: u32, data: &[u8]| {
        Make::new(Call::getsockname, &[11, 0x7ff0, 0x7ff8], 0)
            .data(1, data)
            .before(2, &u32s(&[before]))
            .data(2, &u32s(&[after]))
            .strace()
    };
    let addr = "{sa_family=AF_INET, sin_port=htons(52061), sin_addr=inet_addr(\"127.0.0.1\")}";
    assert_eq!(name(16, 16, &a), format!("getsockname(11, {addr}, [16]) = 0"));
    assert_eq!(name(128, 16, &a), format!("getsockname(11, {addr}, [128 => 16]) = 0"));
    assert_eq!(name(4, 16, &a[..4]), "getsockname(11, {sa_family=AF_INET, sa_data=\"\\313]\"}, [4 => 16]) = 0");
    let null = Make::new(Call::getsockname, &[11, 0, 0], -1).errno(14);
    assert_eq!(null.strace(), "getsockname(11, NULL, NULL)             = -1 EFAULT (Bad address)");
    let again = Make::new(Call::accept4, &[11, 0x7ffe9aeeec20, 0x7ff8, 0x80800], -1).errno(11).before(2, &u32s(&[16]));
    assert_eq!(
        again.strace(),
        "accept4(11, 0x7ffe9aeeec20, [16], SOCK_CLOEXEC|SOCK_NONBLOCK) = -1 EAGAIN (Resource temporarily unavailable)"
    );
    let bad = Make::new(Call::connect, &[NEG, 0x5000, 1], -1).errno(9);
    assert_eq!(bad.strace(), "connect(-1, 0x5000, 1)                  = -1 EBADF (Bad file descriptor)");
    assert_eq!(Make::new(Call::listen, &[11, 5], 0).strace(), "listen(11, 5)                           = 0");
    let down = Make::new(Call::shutdown, &[NEG, 7], -1).errno(9);
    assert_eq!(down.strace(), "shutdown(-1, 0x7 /* SHUT_??? */)        = -1 EBADF (Bad file descriptor)");
}

#[test]
fn data_goes_out() {
    let send = Make::new(Call::send, &[12, 0x5000, 6, 0], 6).data(1, b"hello\n");
    assert_eq!(send.strace(), "sendto(12, \"hello\\n\", 6, 0, NULL, 0)    = 6");
    let long = Make::new(Call::send, &[12, 0x5000, 40, 0x4040], 40).full(
        1,
        Part::Data,
        0,
        0,
        b"01234567890123456789012345678901",
        40,
    );
    assert_eq!(
        long.strace(),
        "sendto(12, \"01234567890123456789012345678901\"..., 40, MSG_DONTWAIT|MSG_NOSIGNAL, NULL, 0) = 40"
    );
    assert_eq!(Make::new(Call::send, &[12, 0, 0, 0], 0).strace(), "sendto(12, NULL, 0, 0, NULL, 0)         = 0");
    let bad = Make::new(Call::send, &[12, 1, 4, 0], -1).errno(14);
    assert_eq!(bad.strace(), "sendto(12, 0x1, 4, 0, NULL, 0)          = -1 EFAULT (Bad address)");
    let to = Make::new(Call::sendto, &[15, 0x5000, 5, 0, 0x6000, 16], 5)
        .data(1, b"dgram")
        .data(4, &inet(46304, [127, 0, 0, 1]));
    assert_eq!(
        to.strace(),
        "sendto(15, \"dgram\", 5, 0, {sa_family=AF_INET, sin_port=htons(46304), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 5"
    );
    let eor = Make::new(Call::sendto, &[NEG, 0x5000, 1, 0x10000080, 0, 0], -1).errno(9).data(1, b"a");
    assert_eq!(eor.strace(), "sendto(-1, \"a\", 1, MSG_EOR|0x10000000, NULL, 0) = -1 EBADF (Bad file descriptor)");
    let odd = b"\x018\x019\x01a\"\\\x07\x08\t\n\x0b\x0c\r\x7f\x80\xff\0a";
    let write = Make::new(Call::write, &[NEG, 0x5000, 20], -1).errno(9).data(1, odd);
    assert_eq!(
        write.strace(),
        "write(-1, \"\\18\\19\\1a\\\"\\\\\\7\\10\\t\\n\\v\\f\\r\\177\\200\\377\\0a\", 20) = -1 EBADF (Bad file descriptor)"
    );
    assert_eq!(
        write.print(Format::Strace, &Opts { hex: 1, ..Opts::DEFAULT }),
        "write(-1, \"\\x01\\x38\\x01\\x39\\x01\\x61\\x22\\x5c\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x7f\\x80\\xff\\x00\\x61\", 20) = -1 EBADF (Bad file descriptor)"
    );
    let white = Make::new(Call::write, &[1, 0x5000, 8], 8).data(1, b"tab\t\r\n\x0b\x0c");
    assert!(
        white
            .print(Format::Strace, &Opts { hex: 1, ..Opts::DEFAULT })
            .starts_with("write(1, \"tab\\t\\r\\n\\v\\f\", 8) ")
    );
    assert_eq!(Make::new(Call::write, &[1, 0x5000, 0], 0).strace(), "write(1, \"\", 0)                         = 0");
}

#[test]
fn data_comes_in() {
    let recv = Make::new(Call::recv, &[13, 0x5000, 6, 0], 6).data(1, b"hello\n");
    assert_eq!(recv.strace(), "recvfrom(13, \"hello\\n\", 6, 0, NULL, NULL) = 6");
    let checked = Make::new(Call::__recv_chk, &[13, 0x5000, 6, 100, 2], 6).data(1, b"hello\n");
    assert_eq!(checked.strace(), "recvfrom(13, \"hello\\n\", 6, MSG_PEEK, NULL, NULL) = 6");
    assert_eq!(Make::new(Call::recv, &[13, 0x5000, 0, 0], 0).strace(), "recvfrom(13, \"\", 0, 0, NULL, NULL)      = 0");
    let again = Make::new(Call::recv, &[13, 0x7ffe9aeeebb0, 10, 0x40], -1).errno(11);
    assert_eq!(
        again.strace(),
        "recvfrom(13, 0x7ffe9aeeebb0, 10, MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)"
    );
    let none = Make::new(Call::recvfrom, &[13, 0x5000, 41, 0, 0x7ffe9aeeec20, 0x6000], 3)
        .data(1, b"abc")
        .before(5, &u32s(&[128]))
        .data(5, &u32s(&[0]));
    assert_eq!(none.strace(), "recvfrom(13, \"abc\", 41, 0, 0x7ffe9aeeec20, [128 => 0]) = 3");
    let cut = Make::new(Call::recvfrom, &[14, 0x5000, 3, 0x20, 0x7000, 0x6000], 5)
        .data(1, b"dgr")
        .full(4, Part::Data, 0, 0, &[2, 0, 0x98, 0x48, 0x7f, 0, 0, 1], 16)
        .before(5, &u32s(&[8]))
        .data(5, &u32s(&[16]));
    assert_eq!(
        cut.strace(),
        "recvfrom(14, \"dgr\", 3, MSG_TRUNC, {sa_family=AF_INET, sa_data=\"\\230H\\177\\0\\0\\1\"}, [8 => 16]) = 5"
    );
    assert_eq!(
        Make::new(Call::read, &[NEG, 0x7ffd, 10], -1).errno(9).strace(),
        "read(-1, 0x7ffd, 10)                    = -1 EBADF (Bad file descriptor)"
    );
    assert_eq!(
        Make::new(Call::pread, &[NEG, 0x7ffd, 4, 77], -1).errno(9).strace(),
        "pread64(-1, 0x7ffd, 4, 77)              = -1 EBADF (Bad file descriptor)"
    );
}

fn hdr(name: u64, namelen: u32, iov: u64, iovlen: u64, control: u64, controllen: u64, flags: u32) -> Vec<u8> {
    u64s(&[name, u64::from(namelen), iov, iovlen, control, controllen, u64::from(flags)])
}

#[test]
fn messages() {
    let send = Make::new(Call::sendmsg, &[15, 0x5000, 0], 7)
        .at(1, Part::Hdr, 0, 0, &hdr(0x6000, 16, 0x7000, 2, 0, 0, 0))
        .at(1, Part::Name, 0, 0, &inet(46304, [127, 0, 0, 1]))
        .at(1, Part::Iov, 0, 0, &u64s(&[0x8000, 3, 0x9000, 4]))
        .at(1, Part::IovData, 0, 0, b"abc")
        .at(1, Part::IovData, 0, 1, b"defg");
    assert_eq!(
        send.strace(),
        "sendmsg(15, {msg_name={sa_family=AF_INET, sin_port=htons(46304), sin_addr=inet_addr(\"127.0.0.1\")}, msg_namelen=16, \
         msg_iov=[{iov_base=\"abc\", iov_len=3}, {iov_base=\"defg\", iov_len=4}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 7"
    );
    assert_eq!(
        send.text(),
        "sendmsg(15, {name=127.0.0.1:46304, iov=[{base=\"abc\", len=3}, {base=\"defg\", len=4}]}, 0) = 7"
    );
    let recv = Make::new(Call::recvmsg, &[14, 0x5000, 0x20], 7)
        .at(1, Part::HdrBefore, 0, 0, &hdr(0x6000, 128, 0x7000, 2, 0xa000, 100, 0))
        .at(1, Part::Hdr, 0, 0, &hdr(0x6000, 0, 0x7000, 2, 0xa000, 0, 0x20))
        .at(1, Part::Iov, 0, 0, &u64s(&[0x8000, 5, 0x9000, 40]))
        .at(1, Part::IovData, 0, 0, b"abcde")
        .at(1, Part::IovData, 0, 1, b"fg");
    assert_eq!(
        recv.strace(),
        "recvmsg(14, {msg_name=0x6000, msg_namelen=128 => 0, msg_iov=[{iov_base=\"abcde\", iov_len=5}, \
         {iov_base=\"fg\", iov_len=40}], msg_iovlen=2, msg_controllen=0, msg_flags=MSG_TRUNC}, MSG_TRUNC) = 7"
    );
    // No name came, so there is none to speak of.
    assert_eq!(
        recv.text(),
        "recvmsg(14, {iov=[{base=\"abcde\", len=5}, {base=\"fg\", len=40}], flags=MSG_TRUNC}, MSG_TRUNC) = 7"
    );
    let empty = Make::new(Call::recvmsg, &[14, 0x5000, 0x40], -1).errno(11).at(
        1,
        Part::HdrBefore,
        0,
        0,
        &hdr(0x6000, 128, 0x7000, 2, 0, 0, 0),
    );
    assert_eq!(
        empty.strace(),
        "recvmsg(14, {msg_namelen=128}, MSG_DONTWAIT) = -1 EAGAIN (Resource temporarily unavailable)"
    );
    assert_eq!(
        Make::new(Call::recvmsg, &[14, 3, 0], -1).errno(14).strace(),
        "recvmsg(14, 0x3, 0)                     = -1 EFAULT (Bad address)"
    );
    let null =
        Make::new(Call::sendmsg, &[NEG, 0x5000, 0], -1).errno(9).at(1, Part::Hdr, 0, 0, &hdr(0, 0, 1, 2, 0, 0, 0));
    assert_eq!(
        null.strace(),
        "sendmsg(-1, {msg_name=NULL, msg_namelen=0, msg_iov=0x1, msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = -1 EBADF (Bad file descriptor)"
    );
    let mut rights = u64s(&[20]);
    rights.extend(u32s(&[1, 1, 4, 0]));
    let control = Make::new(Call::sendmsg, &[3, 0x5000, 0], 1)
        .at(1, Part::Hdr, 0, 0, &hdr(0, 0, 0x7000, 1, 0x8000, 24, 0))
        .at(1, Part::Iov, 0, 0, &u64s(&[0x8000, 1]))
        .at(1, Part::IovData, 0, 0, b"x")
        .at(1, Part::Control, 0, 0, &rights);
    assert_eq!(
        control.strace(),
        "sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"x\", iov_len=1}], msg_iovlen=1, \
         msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[4]}], msg_controllen=24, msg_flags=0}, 0) = 1"
    );
}

#[test]
fn message_vectors() {
    let two = |m: Make| {
        m.at(1, Part::Hdr, 0, 0, &hdr(0, 0, 0x7000, 1, 0, 0, 0))
            .at(1, Part::Iov, 0, 0, &u64s(&[0x8000, 5]))
            .at(1, Part::IovData, 0, 0, b"abcde")
            .at(1, Part::Hdr, 1, 0, &hdr(0, 0, 0x7000, 1, 0, 0, 0))
            .at(1, Part::Iov, 1, 0, &u64s(&[0x9000, 40]))
            .at(1, Part::IovData, 1, 0, b"abcdefg")
    };
    let recv = two(Make::new(Call::recvmmsg, &[14, 0x5000, 2, 0, 0x6000], 2))
        .at(1, Part::MsgLen, 0, 0, &u32s(&[5]))
        .at(1, Part::MsgLen, 1, 0, &u32s(&[7]))
        .before(4, &u64s(&[1, 5]))
        .data(4, &u64s(&[0, 999999047]));
    assert_eq!(
        recv.strace(),
        "recvmmsg(14, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abcde\", iov_len=5}], msg_iovlen=1, msg_controllen=0, \
         msg_flags=0}, msg_len=5}, {msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abcdefg\", iov_len=40}], msg_iovlen=1, \
         msg_controllen=0, msg_flags=0}, msg_len=7}], 2, 0, {tv_sec=1, tv_nsec=5}) = 2 (left {tv_sec=0, tv_nsec=999999047})"
    );
    let fail = two(Make::new(Call::sendmmsg, &[NEG, 0x5000, 1, 0], -1)).errno(9);
    assert_eq!(
        fail.strace(),
        "sendmmsg(-1, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abcde\", iov_len=5}], msg_iovlen=1, msg_controllen=0, \
         msg_flags=0}}], 1, 0) = -1 EBADF (Bad file descriptor)"
    );
    assert_eq!(
        Make::new(Call::sendmmsg, &[15, 0x5000, 0, 0], 0).strace(),
        "sendmmsg(15, [], 0, 0)                  = 0"
    );
    assert_eq!(
        Make::new(Call::recvmmsg, &[14, 0x7ffe, 3, 0x40, 0], -1).errno(11).strace(),
        "recvmmsg(14, 0x7ffe, 3, MSG_DONTWAIT, NULL) = -1 EAGAIN (Resource temporarily unavailable)"
    );
    assert_eq!(recv.json()["bytes"], 12);
}

#[test]
fn vectors() {
    let v = |call, ret| {
        Make::new(call, &[12, 0x5000, 2], ret)
            .at(1, Part::Iov, 0, 0, &u64s(&[0x8000, 5, 0x9000, 40]))
            .at(1, Part::IovData, 0, 0, b"abcde")
            .at(1, Part::IovData, 0, 1, b"fg")
    };
    assert_eq!(
        v(Call::readv, 7).strace(),
        "readv(12, [{iov_base=\"abcde\", iov_len=5}, {iov_base=\"fg\", iov_len=40}], 2) = 7"
    );
    assert_eq!(
        v(Call::readv, 5).strace(),
        "readv(12, [{iov_base=\"abcde\", iov_len=5}, {iov_base=\"\", iov_len=40}], 2) = 5"
    );
    assert_eq!(
        v(Call::readv, -1).errno(9).strace(),
        "readv(12, [{iov_base=0x8000, iov_len=5}, {iov_base=0x9000, iov_len=40}], 2) = -1 EBADF (Bad file descriptor)"
    );
    assert_eq!(Make::new(Call::writev, &[12, 0, 0], 0).strace(), "writev(12, NULL, 0)                     = 0");
    let json = v(Call::readv, 7).json();
    assert_eq!(json["payload"]["text"], "abcdefg");
    assert_eq!(json["payload"]["cut"], false);
    let rw = Make::new(Call::pwritev2, &[NEG, 0, 2, 5, 0x1008], -1).errno(9);
    assert_eq!(rw.strace(), "pwritev2(-1, NULL, 2, 5, RWF_NOWAIT|0x1000) = -1 EBADF (Bad file descriptor)");
}

fn pollfd(fd: i32, events: u16, revents: u16) -> Vec<u8> {
    let mut b = fd.to_le_bytes().to_vec();
    b.extend(events.to_le_bytes());
    b.extend(revents.to_le_bytes());
    b
}

#[test]
fn waiting_by_poll() {
    let fds = [pollfd(14, 1, 0), pollfd(15, 0x1005, 4), pollfd(-1, 0, 0)].concat();
    let poll = Make::new(Call::poll, &[0x5000, 3, 100], 1).data(0, &fds);
    assert_eq!(
        poll.strace(),
        "poll([{fd=14, events=POLLIN}, {fd=15, events=POLLIN|POLLOUT|POLLREMOVE}, {fd=-1}], 3, 100) = 1 ([{fd=15, revents=POLLOUT}])"
    );
    let zero = Make::new(Call::poll, &[0x5000, 1, 0], 0).data(0, &pollfd(14, 1, 0));
    assert_eq!(zero.strace(), "poll([{fd=14, events=POLLIN}], 1, 0)    = 0 (Timeout)");
    assert_eq!(Make::new(Call::poll, &[0, 0, 1], 0).strace(), "poll(NULL, 0, 1)                        = 0 (Timeout)");
    assert_eq!(
        Make::new(Call::poll, &[0x5000, 0, 0], 0).strace(),
        "poll([], 0, 0)                          = 0 (Timeout)"
    );
    assert_eq!(
        Make::new(Call::poll, &[1, 1, 0], -1).errno(14).strace(),
        "poll(0x1, 1, 0)                         = -1 EFAULT (Bad address)"
    );
    let mask: u64 = 1 << 1 | 1 << 9 | 1 << 34;
    let ppoll = Make::new(Call::ppoll, &[0x5000, 1, 0, 0x6000], 1).data(0, &pollfd(15, 4, 4)).data(3, &u64s(&[mask]));
    assert_eq!(
        ppoll.strace(),
        "ppoll([{fd=15, events=POLLOUT}], 1, NULL, [INT USR1 RT_3], 8) = 1 ([{fd=15, revents=POLLOUT}])"
    );
    let full = !(3u64 << 31);
    let all = Make::new(Call::ppoll, &[0x5000, 1, 0x7000, 0x6000], 0)
        .data(0, &pollfd(14, 1, 0))
        .data(2, &u64s(&[0, 1000]))
        .data(3, &u64s(&[full]));
    assert_eq!(
        all.strace(),
        "ppoll([{fd=14, events=POLLIN}], 1, {tv_sec=0, tv_nsec=1000}, ~[RTMIN RT_1], 8) = 0 (Timeout)"
    );
    assert_eq!(all.text(), "ppoll([{fd=14, events=POLLIN}], 1, 0.000001s, ~[RTMIN RT_1]) = 0 (Timeout)");
}

#[test]
fn waiting_by_select() {
    let set = |fds: &[usize]| {
        let mut b = vec![0u8; 128];
        fds.iter().for_each(|f| b[f / 8] |= 1 << (f % 8));
        b
    };
    let select = Make::new(Call::select, &[16, 0x5000, 0x6000, 0x7000, 0x8000], 1)
        .before(1, &set(&[14, 15]))
        .data(1, &set(&[]))
        .before(2, &set(&[15]))
        .data(2, &set(&[15]))
        .before(3, &set(&[14]))
        .data(3, &set(&[]))
        .before(4, &u64s(&[1, 500]))
        .data(4, &u64s(&[1, 498]));
    assert_eq!(
        select.strace(),
        "pselect6(16, [14 15], [15], [14], {tv_sec=1, tv_nsec=500000}, NULL) = 1 (out [15], left {tv_sec=1, tv_nsec=498000})"
    );
    assert_eq!(select.text(), "select(16, [14 15], [15], [14], 1.0005s) = 1 (out [15], left 1.000498s)");
    let nothing = Make::new(Call::select, &[0, 0, 0, 0, 0x8000], 0).before(4, &u64s(&[0, 0])).data(4, &u64s(&[0, 0]));
    assert_eq!(nothing.strace(), "pselect6(0, NULL, NULL, NULL, {tv_sec=0, tv_nsec=0}, NULL) = 0 (Timeout)");
    let bad = Make::new(Call::select, &[NEG, 0x7ffc, 0, 0, 0], -1).errno(22);
    assert_eq!(bad.strace(), "pselect6(-1, 0x7ffc, NULL, NULL, NULL, NULL) = -1 EINVAL (Invalid argument)");
    let p = Make::new(Call::pselect, &[15, 0x5000, 0, 0, 0x6000, 0], 0)
        .before(1, &set(&[14]))
        .data(1, &set(&[]))
        .data(4, &u64s(&[0, 1000]));
    assert_eq!(
        p.strace(),
        "pselect6(15, [14], NULL, NULL, {tv_sec=0, tv_nsec=1000}, {sigmask=NULL, sigsetsize=8}) = 0 (Timeout)"
    );
}

#[test]
fn select_shows_whole_sets_and_odd_times() {
    let set = |fds: &[usize]| {
        let mut b = vec![0u8; 128];
        fds.iter().for_each(|f| b[f / 8] |= 1 << (f % 8));
        b
    };
    let wide =
        Make::new(Call::select, &[1024, 0x5000, 0, 0, 0], 1).before(1, &set(&[4, 64, 1023])).data(1, &set(&[1023]));
    assert_eq!(wide.strace(), "pselect6(1024, [4 64 1023], NULL, NULL, NULL, NULL) = 1 (in [1023])");
    let odd = |s: i64, us: i64| {
        Make::new(Call::select, &[5, 0, 0, 0, 0x8000], -1).errno(22).before(4, &u64s(&[s as u64, us as u64]))
    };
    let end = "= -1 EINVAL (Invalid argument)";
    assert_eq!(odd(0, -3).text(), format!("select(5, NULL, NULL, NULL, {{tv_sec=0, tv_usec=-3}}) {end}"));
    assert_eq!(odd(-1, 1).text(), format!("select(5, NULL, NULL, NULL, {{tv_sec=-1, tv_usec=1}}) {end}"));
    assert_eq!(odd(0, -3).strace(), format!("pselect6(5, NULL, NULL, NULL, {{tv_sec=0, tv_nsec=-3000}}, NULL) {end}"));
    assert_eq!(odd(0, -3).json()["args"]["timeout"]["tv_usec"], -3);
}

/// Every line here is one of strace's.
#[test]
fn strange_values_read_as_in_strace() {
    let call = |c, args: &[u64], e: i32| Make::new(c, args, -1).errno(e).strace();
    let blanks = |s: String| s.split(" = ").next().unwrap_or("").trim_end().to_owned();
    let sock = |args: &[u64]| blanks(call(Call::socket, args, 22));
    assert_eq!(sock(&[1, 0, 0]), "socket(AF_UNIX, 0, 0)");
    assert_eq!(sock(&[1, 7 | 0o2000000, 0]), "socket(AF_UNIX, SOCK_CLOEXEC|0x7, 0)");
    assert_eq!(sock(&[1, 64, 0]), "socket(AF_UNIX, 0x40 /* SOCK_??? */, 0)");
    assert_eq!(sock(&[2, NEG, 0]), "socket(AF_INET, SOCK_CLOEXEC|SOCK_NONBLOCK|0xfff7f7ff, IPPROTO_IP)");
    assert_eq!(sock(&[1, 1, NEG]), "socket(AF_UNIX, SOCK_STREAM, 4294967295)");
    assert_eq!(sock(&[3, 3, 1]), "socket(AF_AX25, SOCK_RAW, 0x1 /* AX25_P_ROSE */)");
    assert_eq!(sock(&[3, 3, 0]), "socket(AF_AX25, SOCK_RAW, 0 /* AX25_P_??? */)");
    // Its names for these are those of AF_CAN.
    assert_eq!(sock(&[23, 5, 1]), "socket(AF_IRDA, SOCK_SEQPACKET, CAN_RAW)");
    assert_eq!(sock(&[23, 5, 0]), "socket(AF_IRDA, SOCK_SEQPACKET, 0 /* IRDAPROTO_??? */)");
    assert_eq!(sock(&[23, 5, NEG]), "socket(AF_IRDA, SOCK_SEQPACKET, 0xffffffff /* IRDAPROTO_??? */)");
    let len = u64::from(u32::MAX);
    assert_eq!(blanks(call(Call::bind, &[3, 0x7000, len], 22)), "bind(3, 0x7000, -1)");
    assert_eq!(blanks(call(Call::sendto, &[3, 0, 0, 0, 0x7000, len], 22)), "sendto(3, NULL, 0, 0, 0x7000, -1)");
    let empty = Make::new(Call::setsockopt, &[3, 0, 1, 0x7000, 0], 0);
    assert_eq!(blanks(empty.strace()), "setsockopt(3, SOL_IP, IP_TOS, \"\", 0)");
    let unknown = Make::new(Call::getsockopt, &[3, 0, 0, 0x7000, 0x8000], -1).errno(92).before(4, &u32s(&[4]));
    assert_eq!(blanks(unknown.strace()), "getsockopt(3, SOL_IP, 0 /* IP_??? */, 0x7000, [4])");
    let dup = Make::new(Call::fcntl, &[3, 0, 0x7fff_1234_5678], -1).errno(22);
    assert_eq!(blanks(dup.strace()), "fcntl(3, F_DUPFD, 140733498807928)");
    let iov = Make::new(Call::readv, &[4, 0x7000, 1], -1).errno(11).at(1, Part::Iov, 0, 0, &u64s(&[0x7100, 3]));
    assert_eq!(blanks(iov.strace()), "readv(4, [{iov_base=0x7100, iov_len=3}], 1)");
    let address = |b: &[u8]| blanks(Make::new(Call::bind, &[3, 0x7000, b.len() as u64], 0).data(1, b).strace());
    assert_eq!(
        address(&[16, 0, 0x34, 0x12, 5, 0, 0, 0, 6, 0, 0, 0]),
        "bind(3, {sa_family=AF_NETLINK, nl_pad=0x1234, nl_pid=5, nl_groups=0x000006}, 12)"
    );
    let zeros = |family: u8, n: usize| [&[family][..], &vec![0; n - 1]].concat();
    let call = "sax25_call={ax25_call=\"\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"}, sax25_ndigis=0";
    assert_eq!(address(&zeros(3, 16)), format!("bind(3, {{sa_family=AF_AX25, {call}}}, 16)"));
    assert_eq!(address(&zeros(3, 20)), format!("bind(3, {{sa_family=AF_AX25, fsa_ax25={{{call}}}, ...}}, 20)"));
    assert!(address(&zeros(4, 16)).ends_with("sipx_node=[00, 00, 00, 00, 00, 00], sipx_type=00}, 16)"));
    assert!(address(&zeros(33, 36)).ends_with("transport_len=0, transport={family=AF_UNSPEC}}, 36)"));
}

#[test]
fn nothing_of_a_buffer_may_be_kept() {
    let opts = Opts { strlen: 0, stamp: Stamp::None, ..Opts::DEFAULT };
    let show = |m: &Make, format| m.print(format, &opts);
    let write = Make::new(Call::write, &[3, 0x7000, 1], 1);
    assert_eq!(show(&write, Format::Strace).split(" = ").next().unwrap().trim_end(), "write(3, \"\"..., 1)");
    assert!(show(&write, Format::Text).starts_with("write(3, \"\"..., 1)"));
    let bytes = write.bytes();
    let json = written(|out| line::json(&Event::parse(&bytes).unwrap(), &META, &opts, &NoNames, out));
    assert!(json.contains(r#""payload":{"text":"","len":1,"cut":true}"#), "{json}");
    let fault = Make::new(Call::write, &[3, 0x7000, 1], -1).errno(14);
    assert!(show(&fault, Format::Text).starts_with("write(3, 0x7000, 1)"));
}

fn epoll(events: u32, data: u64) -> Vec<u8> {
    let mut b = events.to_le_bytes().to_vec();
    b.extend(data.to_le_bytes());
    b
}

#[test]
fn waiting_by_epoll() {
    assert_eq!(Make::new(Call::epoll_create1, &[0x80000], 16).strace(), "epoll_create1(EPOLL_CLOEXEC)            = 16");
    assert_eq!(
        Make::new(Call::epoll_create1, &[3], -1).errno(22).strace(),
        "epoll_create1(0x3 /* EPOLL_??? */)      = -1 EINVAL (Invalid argument)"
    );
    let add = Make::new(Call::epoll_ctl, &[16, 1, 14, 0x5000], 0).data(3, &epoll(0x80000001, 7));
    assert_eq!(add.strace(), "epoll_ctl(16, EPOLL_CTL_ADD, 14, {events=EPOLLIN|EPOLLET, data={u32=7, u64=7}}) = 0");
    let del = Make::new(Call::epoll_ctl, &[16, 2, 999, 0x7ff], -1).errno(9);
    assert_eq!(del.strace(), "epoll_ctl(16, EPOLL_CTL_DEL, 999, 0x7ff) = -1 EBADF (Bad file descriptor)");
    let odd =
        Make::new(Call::epoll_ctl, &[16, 9, 999, 0x5000], -1).errno(9).data(3, &epoll(0x40800005, 0x123456789abcdef0));
    assert_eq!(
        odd.strace(),
        "epoll_ctl(16, 0x9 /* EPOLL_CTL_??? */, 999, {events=EPOLLIN|EPOLLOUT|EPOLLONESHOT|0x800000, data={u32=2596069104, \
         u64=1311768467463790320}}) = -1 EBADF (Bad file descriptor)"
    );
    let wait = Make::new(Call::epoll_wait, &[16, 0x5000, 40, 100], 1).data(1, &epoll(4, 9));
    assert_eq!(wait.strace(), "epoll_wait(16, [{events=EPOLLOUT, data={u32=9, u64=9}}], 40, 100) = 1");
    assert_eq!(
        Make::new(Call::epoll_wait, &[16, 0x5000, 40, 0], 0).strace(),
        "epoll_wait(16, [], 40, 0)               = 0"
    );
    let two = Make::new(Call::epoll_pwait2, &[16, 0x5000, 40, 0x6000, 0x7000], 0)
        .data(3, &u64s(&[1, 2]))
        .data(4, &u64s(&[2]));
    assert_eq!(two.strace(), "epoll_pwait2(16, [], 40, {tv_sec=1, tv_nsec=2}, [INT], 8) = 0");
    assert_eq!(
        Make::new(Call::epoll_wait, &[NEG, 0x7ffd, 40, 0], -1).errno(9).strace(),
        "epoll_wait(-1, 0x7ffd, 40, 0)           = -1 EBADF (Bad file descriptor)"
    );
}

#[test]
fn files_and_descriptors() {
    let send = Make::new(Call::sendfile, &[12, 19, 0x5000, 12], 12).before(2, &u64s(&[0])).data(2, &u64s(&[12]));
    assert_eq!(send.strace(), "sendfile(12, 19, [0] => [12], 12)       = 12");
    let fail = Make::new(Call::sendfile, &[12, NEG, 0x5000, 3], -1).errno(9).before(2, &u64s(&[5]));
    assert_eq!(fail.strace(), "sendfile(12, -1, [5], 3)                = -1 EBADF (Bad file descriptor)");
    let splice = Make::new(Call::splice, &[19, 0x5000, 21, 0, 10, 5], 10).before(1, &u64s(&[4])).data(1, &u64s(&[14]));
    assert_eq!(splice.strace(), "splice(19, [4], 21, NULL, 10, SPLICE_F_MOVE|SPLICE_F_MORE) = 10");
    let tee = Make::new(Call::tee, &[20, 21, 5, 2], -1).errno(22);
    assert_eq!(tee.strace(), "tee(20, 21, 5, SPLICE_F_NONBLOCK)       = -1 EINVAL (Invalid argument)");
    let copy = Make::new(Call::copy_file_range, &[19, 0x5000, NEG, 0, 10, 0], -1).errno(9).before(1, &u64s(&[14]));
    assert_eq!(copy.strace(), "copy_file_range(19, [14], -1, NULL, 10, 0) = -1 EBADF (Bad file descriptor)");
    assert_eq!(
        Make::new(Call::close_range, &[500, 0xffff_ffff, 6], 0).strace(),
        "close_range(500, 4294967295, CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC) = 0"
    );
    assert_eq!(
        Make::new(Call::close_range, &[500, 600, 64], -1).errno(22).strace(),
        "close_range(500, 600, 0x40 /* CLOSE_RANGE_??? */) = -1 EINVAL (Invalid argument)"
    );
    assert_eq!(Make::new(Call::closefrom, &[700], 0).strace(), "close_range(700, 4294967295, 0)         = 0");
    assert_eq!(Make::new(Call::dup, &[12], 22).strace(), "dup(12)                                 = 22");
    assert_eq!(Make::new(Call::dup3, &[12, 51, 0x80000], 51).strace(), "dup3(12, 51, O_CLOEXEC)                 = 51");
    assert_eq!(
        Make::new(Call::dup3, &[12, 52, 3], -1).errno(22).strace(),
        "dup3(12, 52, 0x3 /* O_??? */)           = -1 EINVAL (Invalid argument)"
    );
    assert_eq!(
        Make::new(Call::close, &[NEG], -1).errno(9).strace(),
        "close(-1)                               = -1 EBADF (Bad file descriptor)"
    );
    assert_eq!(
        Make::new(Call::fcntl, &[12, 3, 0x1234], 2).strace(),
        "fcntl(12, F_GETFL)                      = 0x2 (flags O_RDWR)"
    );
    assert_eq!(Make::new(Call::fcntl, &[12, 1, 0x1234], 0).strace(), "fcntl(12, F_GETFD)                      = 0");
    assert_eq!(Make::new(Call::fcntl, &[12, 0, 60], 60).strace(), "fcntl(12, F_DUPFD, 60)                  = 60");
    assert_eq!(Make::new(Call::fcntl, &[12, 4, 0x802], 0).strace(), "fcntl(12, F_SETFL, O_RDWR|O_NONBLOCK)   = 0");
}

#[test]
fn options() {
    let get = |data: &[u8], before: u32, after: u32| {
        Make::new(Call::getsockopt, &[12, 1, 4, 0x5000, 0x6000], 0)
            .data(3, data)
            .before(4, &u32s(&[before]))
            .data(4, &u32s(&[after]))
            .strace()
    };
    assert_eq!(get(&u32s(&[0]), 4, 4), "getsockopt(12, SOL_SOCKET, SO_ERROR, [0], [4]) = 0");
    assert_eq!(get(&u32s(&[111]), 8, 4), "getsockopt(12, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [8 => 4]) = 0");
    let set = Make::new(Call::setsockopt, &[12, 1, 9, 0x5000, 4], 0).data(3, &u32s(&[1]));
    assert_eq!(set.strace(), "setsockopt(12, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0");
    let null = Make::new(Call::setsockopt, &[12, 1, 9, 0, 0], -1).errno(22);
    assert_eq!(null.strace(), "setsockopt(12, SOL_SOCKET, SO_KEEPALIVE, NULL, 0) = -1 EINVAL (Invalid argument)");
    let bad = Make::new(Call::getsockopt, &[NEG, 1, 4, 0x7ffd, 0x6000], -1).errno(9).before(4, &u32s(&[2]));
    assert_eq!(bad.strace(), "getsockopt(-1, SOL_SOCKET, SO_ERROR, 0x7ffd, [2]) = -1 EBADF (Bad file descriptor)");
}

#[test]
fn programs() {
    let exec = Make::new(Call::execve, &[0x5000, 0x6000, 0x7ffdc0bffba0], -1)
        .errno(2)
        .data(0, b"/nonexist\0")
        .at(1, Part::StrItem, 0, 0, b"a\0")
        .at(1, Part::StrItem, 1, 0, b"b c\0")
        .at(1, Part::StrItem, 2, 0, b"01234567890123456789012345678901234567890\0")
        .data(2, &u32s(&[1]));
    assert_eq!(
        exec.strace(),
        "execve(\"/nonexist\", [\"a\", \"b c\", \"01234567890123456789012345678901\"...], 0x7ffdc0bffba0 /* 1 var */) \
         = -1 ENOENT (No such file or directory)"
    );
    assert_eq!(exec.json()["args"]["argv"][1], "b c");
    assert_eq!(exec.json()["args"]["envp"]["vars"], 1);
}

#[test]
fn lines_have_prefixes_and_durations() {
    let m = Make::new(Call::close, &[3], 0);
    let bytes = m.bytes();
    let ev = Event::parse(&bytes).unwrap();
    let at = |opts: Opts| written(|o| line::strace(&ev, &META, &opts, &NoNames, o));
    assert_eq!(at(BARE), "close(3)                                = 0\n");
    assert_eq!(at(Opts { stamp: Stamp::Relative, ..BARE }), "     0.000070 close(3)                  = 0\n");
    assert_eq!(at(Opts { stamp: Stamp::Time, ..BARE }), "22:13:20 close(3)                       = 0\n");
    assert_eq!(
        at(Opts { stamp: Stamp::TimeMicros, utc_offset: 3600, ..BARE }),
        "23:13:20.123456 close(3)                = 0\n"
    );
    assert_eq!(at(Opts { stamp: Stamp::EpochMicros, ..BARE }), "1700000000.123456 close(3)              = 0\n");
    assert_eq!(at(Opts { took: true, ..BARE }), "close(3)                                = 0 <0.000012>\n");
    assert_eq!(at(Opts { pids: true, ..BARE }), "[pid  4243] close(3)                    = 0\n");
    assert_eq!(at(Opts { pids: true, bare_pid: true, ..BARE }), "4243  close(3)                          = 0\n");
}

#[test]
fn interrupted_calls_take_two_lines() {
    let both = |m: Make| {
        let bytes = m.bytes();
        let ev = Event::parse(&bytes).unwrap();
        let opts = Opts { pids: true, ..BARE };
        let meta = line::Meta { tid: 14785, ..META };
        let a = written(|o| line::strace_unfinished(&ev, &meta, &opts, &NoNames, o));
        let b = written(|o| line::strace_resumed(&ev, &meta, &opts, &NoNames, o));
        (a.trim_end().to_owned(), b.trim_end().to_owned())
    };
    let (a, b) = both(Make::new(Call::read, &[3, 0x5000, 10], 3).data(1, b"abc"));
    assert_eq!(a, "[pid 14785] read(3,  <unfinished ...>");
    assert_eq!(b, "[pid 14785] <... read resumed>\"abc\", 10) = 3");
    let (a, b) = both(Make::new(Call::poll, &[0x5000, 1, NEG], 1).data(0, &pollfd(3, 1, 1)));
    assert_eq!(a, "[pid 14785] poll([{fd=3, events=POLLIN}], 1, -1 <unfinished ...>");
    assert_eq!(b, "[pid 14785] <... poll resumed>)         = 1 ([{fd=3, revents=POLLIN}])");
    let (a, b) = both(Make::new(Call::write, &[4, 0x5000, 3], 3).data(1, b"abc"));
    assert_eq!(a, "[pid 14785] write(4, \"abc\", 3 <unfinished ...>");
    assert_eq!(b, "[pid 14785] <... write resumed>)        = 3");
    let (a, b) = both(Make::new(Call::recv, &[3, 0x5000, 10, 0], 3).data(1, b"abc"));
    assert_eq!(a, "[pid 14785] recvfrom(3,  <unfinished ...>");
    assert_eq!(b, "[pid 14785] <... recvfrom resumed>\"abc\", 10, 0, NULL, NULL) = 3");
}

#[test]
fn descriptors_say_what_they_are() {
    let read = Make::new(Call::read, &[5, 0x5000, 10], 3).data(1, b"abc");
    let bytes = read.bytes();
    let ev = Event::parse(&bytes).unwrap();
    let (a, b) = (inet(51023, [127, 0, 0, 1]), inet(37392, [127, 0, 0, 1]));
    let line = |c, fds| written(|o| line::strace(&ev, &META, &Opts { fds, ..BARE }, &One(c), o));
    assert_eq!(line(tcp(2, &a, &b), 1), "read(5<socket:[1002]>, \"abc\", 10)       = 3\n");
    assert_eq!(line(tcp(2, &a, &b), 2), "read(5<TCP:[127.0.0.1:51023->127.0.0.1:37392]>, \"abc\", 10) = 3\n");
    assert_eq!(line(tcp(2, &a, &[]), 2), "read(5<TCP:[127.0.0.1:51023]>, \"abc\", 10) = 3\n");
    assert_eq!(line(tcp(2, &[], &[]), 2), "read(5<TCP:[1002]>, \"abc\", 10)          = 3\n");
    let mut unix = tcp(2, b"\x01\0\0abc", &[]);
    (unix.family, unix.ty, unix.protocol) = (1, 2, 0);
    assert_eq!(line(unix, 2), "read(5<UNIX:[1002,@\"abc\"]>, \"abc\", 10)  = 3\n");
}
