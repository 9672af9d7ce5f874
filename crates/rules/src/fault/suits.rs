//! Where each action can act, and how real it is there.

use super::kind::{Kind, Level, Recipe};
use super::plausible::{CONNECT, Place, Places, RECV, SEND};

const DATA: Places = RECV.or(SEND);
const STREAM: Places = Places::of(&[Place::RecvTcp, Place::SendTcp, Place::RecvUnix, Place::SendUnix]);
const DGRAM: Places =
    Places::of(&[Place::RecvUdp, Place::SendUdp, Place::RecvUnix, Place::SendUnix, Place::RecvNetlink]);
/// Calls of a connection that is under way.
const LINK: Places = DATA.or(CONNECT).or(Places::of(&[Place::Accept, Place::Shutdown, Place::Close]));
const MAKES: Places = Places::of(&[Place::Socket, Place::Socketpair, Place::MakeFd, Place::Accept]);
const EVERYWHERE: Places = Places::all();

impl Kind {
    /// Where the action can act.
    pub fn places(self) -> Places {
        match self {
            Kind::Again => DATA.or(Places::of(&[Place::Accept, Place::ConnectUnix])),
            Kind::Eintr => DATA.or(CONNECT).or(Places::of(&[Place::Accept, Place::Wait])),
            Kind::Slice => STREAM,
            Kind::Short => DATA,
            Kind::Refuse => Places::of(&[Place::ConnectTcp, Place::ConnectUnix]),
            Kind::Unreach => CONNECT.or(Places::of(&[Place::SendUdp])),
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
            Kind::Corrupt if places.has(Place::RecvUdp) || places.has(Place::SendUdp) => Level::Posix,
            Kind::Corrupt => Level::Never,
            Kind::Abort => Level::Posix,
            _ => Level::Kernel,
        }
    }

    /// How the action is made at a place; errors have their own table.
    pub fn recipe(self, place: Place) -> Recipe {
        use Place::{ConnectTcp, ConnectUdp, RecvNetlink, RecvTcp, RecvUdp, RecvUnix, SendTcp, SendUdp, SendUnix};
        let unix = matches!(place, RecvUnix | SendUnix | Place::ConnectUnix);
        let udp = matches!(place, RecvUdp | SendUdp | ConnectUdp | RecvNetlink);
        match self {
            Kind::Ok | Kind::Log | Kind::Stack | Kind::Error => Recipe::None,
            Kind::Return => Recipe::Fake,
            Kind::Again => Recipe::FakeRearm,
            Kind::Eintr if place == ConnectTcp => Recipe::SendTimeout,
            Kind::Eintr => Recipe::Fake,
            Kind::Delay | Kind::Slowclose => Recipe::Sleep,
            Kind::Latency if matches!(place, RecvTcp | SendTcp) => Recipe::Gate,
            Kind::Latency if place == SendUdp => Recipe::Hold,
            Kind::Latency => Recipe::Sleep,
            Kind::Rate if place == SendTcp => Recipe::Pacing,
            Kind::Rate if place == RecvTcp => Recipe::Budget,
            Kind::Rate => Recipe::None,
            Kind::Short if udp => Recipe::None,
            Kind::Slice | Kind::Short | Kind::Truncate => Recipe::Length,
            Kind::Reset if unix => Recipe::ResetUnix,
            Kind::Reset => Recipe::Reset,
            Kind::Eof => Recipe::Eof,
            Kind::Refuse if place == ConnectTcp => Recipe::RefuseSink,
            Kind::Refuse => Recipe::Fake,
            Kind::Unreach => Recipe::Fake,
            Kind::Timeout | Kind::Blackhole | Kind::Halfopen if unix => Recipe::None,
            Kind::Timeout | Kind::Halfopen if udp => Recipe::None,
            Kind::Timeout => Recipe::MinTtlTimeout,
            Kind::Blackhole if place == RecvUdp => Recipe::Filter,
            Kind::Blackhole if matches!(place, SendUdp | SendTcp) => Recipe::Ttl,
            Kind::Blackhole | Kind::Halfopen => Recipe::MinTtl,
            Kind::Drop if matches!(place, SendUdp | SendUnix) => Recipe::Unsent,
            Kind::Drop => Recipe::Swallow,
            Kind::Dup if matches!(place, SendUdp | SendUnix) => Recipe::After,
            Kind::Dup => Recipe::Peek,
            Kind::Reorder => Recipe::Hold,
            Kind::Corrupt => Recipe::Rewrite,
            Kind::Fdlimit => Recipe::Fake,
            Kind::Abort => Recipe::AcceptClose,
            Kind::Dns => Recipe::AddrList,
            Kind::Clamp => Recipe::Count,
            Kind::Shuffle | Kind::Spurious => Recipe::Events,
            Kind::Signal | Kind::Kill | Kind::Pause | Kind::Break => Recipe::Signal,
        }
    }

    /// Where it can act, in words.
    pub(crate) fn wants(self) -> &'static str {
        match self {
            Kind::Refuse => "connect",
            Kind::Unreach => "connect and sends of datagrams",
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
