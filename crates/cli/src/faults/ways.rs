//! How an action is done at a place, or why it is not: what `rules check` says of the engine, libsocklens-faults.so.
//! `tests/fault_check.rs` holds each against what happens.

use socklens_calls::class;
use socklens_rules::fault::plausible::{self, Place, Pre};
use socklens_rules::fault::{Action, Dir, DnsMode, Effect, Kind, Level, Recipe, Rule, Skip, action_flag};

/// What becomes of an action at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Made {
    /// It is done so.
    How(Recipe),
    /// It is not, and counted with this reason.
    Not(Skip),
}

/// Of which calls that is so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum If {
    Always,
    Blocks,
    /// The call does not block.
    Not,
    /// It does not block, or its socket's timeout has passed.
    NotOrTimeout,
    /// It blocks, and a signal handler could have run.
    Handler,
    /// Any handler is installed.
    AnyHandler,
    Other(&'static str),
}

impl If {
    /// As it stands behind a recipe.
    pub fn words(self) -> &'static str {
        match self {
            If::Always => "",
            If::Blocks => " if it blocks",
            If::Not => " if it does not block",
            If::NotOrTimeout => " if it does not block, or has a timeout, which passes",
            If::Handler => " if it blocks and a signal handler could have run",
            If::AnyHandler => " if there is a signal handler",
            If::Other(words) => words,
        }
    }
}

/// One way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    pub made: Made,
    pub when: If,
    pub level: Level,
}

fn how(recipe: Recipe) -> Way {
    Way { made: Made::How(recipe), when: If::Always, level: Level::Kernel }
}

fn not(why: Skip) -> Way {
    Way { made: Made::Not(why), when: If::Always, level: Level::Kernel }
}

impl Way {
    fn when(self, when: If) -> Way {
        Way { when, ..self }
    }

    fn level(self, level: Level) -> Way {
        Way { level, ..self }
    }
}

/// What an error needs, in words.
fn needs(pre: Pre) -> If {
    match pre {
        Pre::Always | Pre::OnlyTrue => If::Always,
        Pre::Nonblocking => If::NotOrTimeout,
        Pre::Interruptible => If::Handler,
        Pre::Handler => If::AnyHandler,
        Pre::Connected => If::Other(" of a live connection"),
        Pre::Asked => If::Other(" of a datagram socket that is connected and has sent"),
        Pre::OtherFamily => If::Other(" of other families than IPv4 and unix"),
        Pre::Protocol => If::Other(" if a protocol is named"),
        Pre::Privileged => If::Other(" of a port below 1024 or a path"),
        Pre::SpecificAddress => If::Other(" of an address that is not the wildcard"),
        Pre::Broadcast => If::Other(" of a broadcast address"),
        Pre::RecvErr => If::Other(" with IP_RECVERR"),
        Pre::Large => If::Other(" of more than 1280 bytes with IP_PMTUDISC_DO"),
        Pre::Adding => If::Other(" of EPOLL_CTL_ADD"),
        Pre::Pending => If::Other(" if something waits"),
    }
}

const RECEIVES: [Place; 5] =
    [Place::RecvTcp, Place::RecvUdp, Place::RecvUnix, Place::RecvUnixDgram, Place::RecvNetlink];
const SENDS: [Place; 4] = [Place::SendTcp, Place::SendUdp, Place::SendUnix, Place::SendUnixDgram];
const CONNECTS: [Place; 3] = [Place::ConnectTcp, Place::ConnectUnix, Place::ConnectUdp];

fn is_tcp(p: Place) -> bool {
    matches!(p, Place::RecvTcp | Place::SendTcp | Place::ConnectTcp)
}

fn is_udp(p: Place) -> bool {
    matches!(p, Place::RecvUdp | Place::SendUdp | Place::ConnectUdp)
}

fn is_unix_stream(p: Place) -> bool {
    matches!(p, Place::RecvUnix | Place::SendUnix)
}

/// What an error becomes at a place.
pub fn error(place: Place, errno: u16, a: &Action) -> Vec<Way> {
    let lifted = a.has(action_flag::LIFT);
    let Some(row) = plausible::find(place, errno) else {
        let never = how(Recipe::Fake).level(Level::Never);
        return vec![if a.has(action_flag::NATIVE) && lifted { not(Skip::Precondition) } else { never }];
    };
    if row.pre == Pre::OnlyTrue {
        return vec![not(Skip::Precondition)];
    }
    if a.has(action_flag::NATIVE) && row.recipe == Recipe::Fake {
        return vec![not(Skip::Precondition)];
    }
    if a.has(action_flag::FAKE) {
        let same = row.recipe == Recipe::Fake && row.pre != Pre::Interruptible;
        let level = if same { row.level } else { row.level.max(Level::Posix) };
        let made = how(Recipe::Fake).level(level);
        return match row.pre {
            Pre::Nonblocking | Pre::Interruptible | Pre::Handler | Pre::Connected | Pre::Always => vec![made],
            _ => vec![made.when(needs(row.pre)), not(Skip::Precondition)],
        };
    }
    // The receive behind it is told: see docs/FAULTS.md.
    if place == Place::SendUnix && row.recipe == Recipe::ResetUnix {
        return vec![if lifted { how(Recipe::ResetUnix).level(Level::Never) } else { not(Skip::Precondition) }];
    }
    let made = how(row.recipe).level(row.level).when(needs(row.pre));
    match row.pre {
        Pre::Nonblocking => vec![made, not(Skip::Blocking)],
        Pre::Interruptible => vec![made, not(Skip::Nonblocking), not(Skip::NoHandler)],
        Pre::Handler => vec![made, not(Skip::NoHandler)],
        Pre::Connected | Pre::Always => vec![made],
        _ if lifted => vec![made],
        _ => vec![made, not(Skip::Precondition)],
    }
}

/// What an action other than an error becomes at a place; nothing when it leaves that to the rule's other calls.
pub fn ways(rule: &Rule, a: &Action, kind: Kind, place: Place) -> Vec<Way> {
    let (receives, sends) = (RECEIVES.contains(&place), SENDS.contains(&place));
    let data = receives || sends;
    let packets = data && !is_tcp(place) && !is_unix_stream(place);
    let errno = |e: libc::c_int| error(place, e as u16, a);
    match kind {
        Kind::Ok | Kind::Error => vec![],
        Kind::Log | Kind::Stack => vec![how(Recipe::None)],
        Kind::Delay => vec![how(Recipe::Sleep)],
        Kind::Signal | Kind::Kill | Kind::Pause | Kind::Break => vec![how(Recipe::Signal)],
        Kind::Return => vec![how(Recipe::Fake).level(Level::Never)],
        Kind::Again => errno(libc::EAGAIN),
        Kind::Eintr => errno(libc::EINTR),
        Kind::Abort => errno(libc::ECONNABORTED),
        Kind::Fdlimit if kind.places().has(place) => vec![how(Recipe::Fake)],
        Kind::Dns if place == Place::Names => vec![how(names(a))],
        Kind::Fdlimit => vec![not(Skip::WrongType)],
        Kind::Dns => vec![not(Skip::Unsupported)],
        Kind::Shuffle | Kind::Clamp | Kind::Spurious => events(kind, place),
        Kind::Slowclose if data || place == Place::Close => vec![how(Recipe::Sleep)],
        Kind::Slowclose => vec![not(Skip::Precondition)],
        // Of several calls those that move bytes are meant.
        _ if !data && kind.effect() != Effect::Conn && rule.moves_bytes() => vec![],
        _ if !data && kind.effect() != Effect::Conn => vec![not(Skip::WrongType)],
        Kind::Latency => latency(rule, a.dir(), place),
        Kind::Rate => match (place, a.dir()) {
            (Place::SendTcp, Dir::Out | Dir::Both) => vec![how(Recipe::Pacing)],
            (Place::RecvTcp, Dir::In | Dir::Both) => vec![how(Recipe::Budget)],
            (Place::SendTcp, _) if !rule.is_about_some(class::IN) => vec![not(Skip::Precondition)],
            (Place::RecvTcp, _) if !rule.is_about_some(class::OUT) => vec![not(Skip::Precondition)],
            // The rule's other calls do it.
            (Place::SendTcp | Place::RecvTcp, _) => vec![],
            _ => vec![not(Skip::WrongType)],
        },
        Kind::Slice | Kind::Short if packets => vec![not(Skip::WrongType)],
        Kind::Short if sends => vec![
            how(Recipe::Length).when(If::Not),
            how(Recipe::Length).when(If::Other(" if it blocks and there is a signal handler or a timeout")),
            how(Recipe::Length).level(Level::Posix).when(If::Other(" if it blocks and there is none")),
        ],
        Kind::Slice | Kind::Short => vec![how(Recipe::Length)],
        Kind::Truncate if packets && receives => vec![how(Recipe::Length)],
        Kind::Truncate => vec![not(Skip::WrongType)],
        Kind::Drop | Kind::Dup if !packets => vec![not(Skip::WrongType)],
        Kind::Drop | Kind::Dup => {
            let made = match (kind, receives) {
                (Kind::Drop, true) => Recipe::Swallow,
                (Kind::Drop, false) => Recipe::Unsent,
                (_, true) => Recipe::Peek,
                _ => Recipe::After,
            };
            vec![how(made).level(if is_udp(place) { Level::Kernel } else { Level::Never })]
        }
        Kind::Reorder => match place {
            Place::SendUdp => vec![how(Recipe::Hold)],
            Place::SendUnixDgram => vec![not(Skip::WrongFamily)],
            // The sends do it.
            _ if packets => vec![],
            _ => vec![not(Skip::WrongType)],
        },
        Kind::Corrupt => vec![how(Recipe::Rewrite).level(if is_udp(place) { Level::Posix } else { Level::Never })],
        Kind::Reset | Kind::Eof | Kind::Refuse | Kind::Timeout | Kind::Unreach | Kind::Blackhole | Kind::Halfopen => {
            connection(a, kind, place)
        }
    }
}

fn names(a: &Action) -> Recipe {
    match a.dns_mode() {
        Some(DnsMode::Delay) => Recipe::Sleep,
        Some(DnsMode::Only4 | DnsMode::Only6 | DnsMode::To) => Recipe::AddrList,
        _ => Recipe::Fake,
    }
}

fn events(kind: Kind, place: Place) -> Vec<Way> {
    if place != Place::Wait {
        return vec![not(Skip::WrongType)];
    }
    match kind {
        Kind::Spurious => {
            let fit = If::Other(" of a UDP socket that does not block, when nothing is ready");
            vec![how(Recipe::Events).when(fit), not(Skip::WrongType), not(Skip::Precondition)]
        }
        _ => {
            let made = if kind == Kind::Clamp { Recipe::Count } else { Recipe::Events };
            let several = If::Other(" of epoll_wait, if several are ready");
            vec![how(made).when(several), not(Skip::WrongType), not(Skip::Precondition)]
        }
    }
}

fn latency(rule: &Rule, dir: Dir, place: Place) -> Vec<Way> {
    let (sends, receives) = (rule.is_about_some(class::OUT), rule.is_about_some(class::IN));
    let sleep = how(Recipe::Sleep).when(If::Blocks);
    let mut all = Vec::new();
    match place {
        p if is_unix_stream(p) => all.push(not(Skip::WrongType)),
        Place::RecvTcp | Place::RecvUdp | Place::RecvUnixDgram | Place::RecvNetlink => match dir {
            Dir::Out if !sends => all.push(not(Skip::Precondition)),
            Dir::Out => {}
            _ => {
                all.push(sleep);
                let both = dir == Dir::Both && place != Place::RecvUnixDgram;
                let others = sends && (both || place == Place::RecvTcp);
                all.extend((!others).then(|| how(Recipe::Gate).when(If::Not)));
            }
        },
        Place::SendUdp if dir == Dir::Out || dir == Dir::Both && !receives => all.push(how(Recipe::Hold)),
        Place::SendUdp if dir == Dir::Both => all.push(how(Recipe::Hold).when(If::Not)),
        _ => {
            // What blocks: in the receives, or here.
            match dir {
                Dir::In | Dir::Both if receives => {}
                Dir::In => all.push(not(Skip::Blocking)),
                _ => all.push(sleep),
            }
            match dir {
                Dir::In | Dir::Both if place == Place::SendTcp => all.push(how(Recipe::Gate).when(If::Not)),
                Dir::In if receives => {}
                Dir::Both if receives && place == Place::SendUnixDgram => {}
                _ => all.push(not(Skip::Nonblocking)),
            }
        }
    }
    all
}

/// What becomes of faults that change a connection's state.
fn connection(a: &Action, kind: Kind, place: Place) -> Vec<Way> {
    use Place::{ConnectTcp, ConnectUdp, ConnectUnix, RecvNetlink, RecvTcp, RecvUnix, RecvUnixDgram};
    use Place::{SendTcp, SendUdp, SendUnix, SendUnixDgram};
    let connects = CONNECTS.contains(&place);
    let receives = RECEIVES.contains(&place);
    let inet = is_tcp(place) || is_udp(place);
    let ended = matches!(place, Place::Shutdown | Place::Close | Place::Accept);
    let known = connects || receives || SENDS.contains(&place) || ended;
    let stream = matches!(place, RecvTcp | SendTcp | RecvUnix | SendUnix);
    let one = match kind {
        _ if !known => not(Skip::WrongType),
        Kind::Refuse if place == ConnectTcp => how(Recipe::RefuseSink),
        Kind::Refuse if place == ConnectUnix => how(Recipe::Fake),
        Kind::Refuse => not(Skip::WrongType),
        Kind::Reset | Kind::Eof if !stream && !ended => not(Skip::WrongType),
        Kind::Reset if a.has(action_flag::DRAIN) && !receives => not(Skip::Precondition),
        Kind::Reset if is_unix_stream(place) => how(Recipe::ResetUnix),
        Kind::Reset => how(Recipe::Reset).when(if ended { If::Other(" of a live connection") } else { If::Always }),
        Kind::Eof if receives => how(Recipe::Eof),
        Kind::Eof => not(Skip::Precondition),
        Kind::Timeout if matches!(place, ConnectTcp | SendTcp) => how(Recipe::MinTtlTimeout),
        Kind::Timeout => not(Skip::Precondition),
        Kind::Unreach => match place {
            ConnectTcp | ConnectUdp | SendUdp => how(Recipe::Fake),
            RecvTcp | SendTcp => how(Recipe::ResetTranslate),
            ConnectUnix | RecvUnix | SendUnix | RecvUnixDgram | SendUnixDgram | RecvNetlink => not(Skip::WrongFamily),
            _ => not(Skip::WrongType),
        },
        _ if !inet && !ended => not(Skip::WrongFamily),
        _ => {
            let heard = kind == Kind::Halfopen || a.dir() != Dir::Out;
            match heard {
                true if is_udp(place) => how(Recipe::Filter),
                true => how(Recipe::MinTtl),
                false => {
                    let far = If::Other(" of a peer that is not on loopback");
                    return vec![how(Recipe::Ttl).when(far), not(Skip::Precondition)];
                }
            }
        }
    };
    vec![one]
}
