//! Where each action can act, and how real it is there.

use super::kind::{Kind, Level};
use super::plausible::{CONNECT, Place, Places, RECV, SEND};

const DATA: Places = RECV.or(SEND);
const STREAM: Places = Places::of(&[Place::RecvTcp, Place::SendTcp, Place::RecvUnix, Place::SendUnix]);
const DGRAM: Places =
    Places::of(&[Place::RecvUdp, Place::SendUdp, Place::RecvUnixDgram, Place::SendUnixDgram, Place::RecvNetlink]);
/// Datagrams that go over a network, which may lose, double and change them.
const NETWORK: Places = Places::of(&[Place::RecvUdp, Place::SendUdp]);
const TCP: Places = Places::of(&[Place::RecvTcp, Place::SendTcp]);
/// Calls of a connection that is under way.
const LINK: Places = DATA.or(CONNECT).or(Places::of(&[Place::Accept, Place::Shutdown, Place::Close]));
const MAKES: Places = Places::of(&[Place::Socket, Place::Socketpair, Place::MakeFd, Place::Accept]);
const EVERYWHERE: Places = Places::all();

impl Kind {
    /// Where the action can act.
    pub fn places(self) -> Places {
        match self {
            Kind::Again => DATA.or(Places::of(&[Place::Accept, Place::ConnectUnix])),
            Kind::Eintr => DATA.or(Places::of(&[Place::ConnectTcp, Place::ConnectUnix, Place::Accept, Place::Wait])),
            Kind::Slice => STREAM,
            Kind::Short => DATA,
            Kind::Refuse => Places::of(&[Place::ConnectTcp, Place::ConnectUnix]),
            Kind::Unreach => Places::of(&[Place::ConnectTcp, Place::ConnectUdp, Place::SendUdp]).or(TCP),
            Kind::Timeout => Places::of(&[Place::ConnectTcp, Place::SendTcp]),
            Kind::Latency | Kind::Rate => DATA,
            Kind::Blackhole | Kind::Halfopen => LINK,
            Kind::Reset => STREAM.or(Places::of(&[Place::Shutdown, Place::Close])),
            Kind::Eof => Places::of(&[Place::RecvTcp, Place::RecvUnix]),
            Kind::Slowclose => DATA.or(Places::of(&[Place::Close])),
            Kind::Drop | Kind::Dup | Kind::Truncate => DGRAM,
            // What was received is given on as it came: nobody could see what we kept.
            Kind::Reorder => Places::of(&[Place::SendUdp]),
            Kind::Corrupt => DATA,
            Kind::Fdlimit => MAKES,
            Kind::Abort => Places::of(&[Place::Accept]),
            Kind::Dns => Places::of(&[Place::Names]),
            Kind::Shuffle | Kind::Clamp | Kind::Spurious => Places::of(&[Place::Wait]),
            Kind::Ok | Kind::Error | Kind::Return | Kind::Delay | Kind::Signal | Kind::Kill => EVERYWHERE,
            Kind::Pause | Kind::Break | Kind::Log | Kind::Stack => EVERYWHERE,
        }
    }

    /// How real the action is at the best of these places; errors have their own table.
    pub fn level(self, places: Places) -> Level {
        match self {
            Kind::Return => Level::Never,
            // A checksum catches nearly all of it.
            Kind::Corrupt if places.meets(NETWORK) => Level::Posix,
            Kind::Corrupt => Level::Never,
            Kind::Drop | Kind::Dup if !places.meets(NETWORK) => Level::Never,
            Kind::Abort => Level::Posix,
            _ => Level::Kernel,
        }
    }

    /// Where it can act, in words.
    pub(crate) fn wants(self) -> &'static str {
        match self {
            Kind::Refuse => "connect",
            Kind::Unreach => "connect, sends, and receives of streams",
            Kind::Abort => "accept",
            Kind::Dns => "dns, such as getaddrinfo",
            Kind::Shuffle | Kind::Clamp | Kind::Spurious => "wait: poll, select, epoll_wait",
            Kind::Drop | Kind::Dup | Kind::Truncate => "datagrams: dgram",
            Kind::Reorder => "sends of datagrams",
            Kind::Fdlimit => "calls that make descriptors: open, accept, socket",
            Kind::Slice | Kind::Short | Kind::Corrupt | Kind::Latency | Kind::Rate => "in and out",
            Kind::Eof => "receives of streams: in, stream",
            Kind::Timeout => "connect and sends: connect, out, stream",
            Kind::Slowclose => "close, in and out",
            Kind::Reset => "calls of a connection: in, out, stream, shutdown, close",
            Kind::Again | Kind::Eintr => "calls that block: in, out, accept, connect, wait",
            _ => "calls of a connection: in, out, stream, connect, accept",
        }
    }
}
