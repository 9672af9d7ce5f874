//! Which errors belong to which calls on which sockets.

use socklens_calls::Call;
use socklens_rules::fault::plausible::{Place, Pre, TABLE, find, level, place, places};
use socklens_rules::fault::{Level, Recipe};

#[test]
fn every_row_is_there_once_and_made_somehow() {
    for (i, r) in TABLE.iter().enumerate() {
        assert_eq!(find(r.place, r.errno), Some(r), "row {i} is there twice");
        assert_eq!(r.recipe == Recipe::None, r.pre == Pre::OnlyTrue, "{r:?}");
    }
}

#[test]
fn calls_have_their_places() {
    let (inet, unix) = (libc::AF_INET as u16, libc::AF_UNIX as u16);
    let (stream, dgram) = (libc::SOCK_STREAM as u16, libc::SOCK_DGRAM as u16);
    assert_eq!(place(Call::connect, inet, stream, false), Place::ConnectTcp);
    assert_eq!(place(Call::connect, unix, stream, false), Place::ConnectUnix);
    assert_eq!(place(Call::read, inet, dgram, false), Place::RecvUdp);
    assert_eq!(place(Call::read, unix, dgram, false), Place::RecvUnixDgram);
    assert_eq!(place(Call::read, unix, stream, false), Place::RecvUnix);
    assert_eq!(place(Call::splice, inet, stream, true), Place::SendTcp);
    assert_eq!(place(Call::splice, inet, stream, false), Place::RecvTcp);
    assert_eq!(place(Call::epoll_wait, 0, 0, false), Place::Wait);
    assert_eq!(place(Call::getaddrinfo, 0, 0, false), Place::Names);
    assert_eq!(place(Call::dup, inet, stream, false), Place::MakeFd);
    let e = |e: i32| e as u16;
    assert_eq!(level(places(Call::accept), e(libc::ECONNABORTED)), Level::Posix);
    assert_eq!(level(places(Call::recv), e(libc::EPIPE)), Level::Never);
    assert_eq!(level(places(Call::recv), e(libc::ECONNRESET)), Level::Kernel);
}
