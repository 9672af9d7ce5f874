//! The numbers of the compiled rules and their names.

/// The words of a text in which a NUL ends each. By bytes: splitting a str brings a panic along.
pub(crate) fn words_of(text: &'static str) -> impl Iterator<Item = &'static [u8]> {
    text.strip_suffix('\0').unwrap_or(text).as_bytes().split(|b| *b == 0)
}

/// One of them.
pub(crate) fn word_of(text: &'static str, at: usize) -> &'static str {
    words_of(text).nth(at).and_then(|w| core::str::from_utf8(w).ok()).unwrap_or("")
}

macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant),* }

        impl $name {
            /// All of them, by number.
            pub const ALL: &[$name] = &[$($name::$variant),*];
            // One text: a pointer for each word would cost a relocation in every program the shim is loaded into.
            const WORDS: &str = concat!($($word, "\0"),*);

            /// The one with this number.
            #[inline]
            pub fn from_u8(n: u8) -> Option<$name> {
                $name::ALL.get(usize::from(n)).copied()
            }

            /// The word of the language.
            pub fn word(self) -> &'static str {
                word_of($name::WORDS, usize::from(self as u8))
            }

            /// The one of this word.
            pub fn by_word(word: &[u8]) -> Option<$name> {
                let at = words_of($name::WORDS).position(|w| w.eq_ignore_ascii_case(word))?;
                $name::ALL.get(at).copied()
            }
        }
    };
}

named! {
    /// What an action does.
    Kind {
        /// Nothing: the end of a sequence.
        Ok "ok",
        /// Fails with an errno.
        Error "error",
        /// Returns a number without the call being made.
        Return "return",
        /// Sleeps in the call.
        Delay "delay",
        /// Bytes arrive later; the program does not sleep for it.
        Latency "latency",
        /// Bytes per second.
        Rate "rate",
        /// The stream moves in pieces.
        Slice "slice",
        /// One call moves fewer bytes than it could.
        Short "short",
        /// EAGAIN, some times in a row.
        Again "again",
        /// EINTR, where a signal handler makes it possible.
        Eintr "eintr",
        /// A signal to the calling thread, on entry.
        Signal "signal",
        /// The connection is reset.
        Reset "reset",
        /// The peer's end of stream.
        Eof "eof",
        /// connect() is refused.
        Refuse "refuse",
        /// connect() or the connection times out.
        Timeout "timeout",
        /// The network is unreachable.
        Unreach "unreach",
        /// Packets vanish.
        Blackhole "blackhole",
        /// The peer is gone and nobody says so.
        Halfopen "halfopen",
        /// close() is delayed.
        Slowclose "slowclose",
        /// Datagrams are lost.
        Drop "drop",
        /// Datagrams come twice.
        Dup "dup",
        /// Datagrams overtake each other.
        Reorder "reorder",
        /// Bits change.
        Corrupt "corrupt",
        /// Datagrams are cut.
        Truncate "truncate",
        /// No descriptor is free.
        Fdlimit "fdlimit",
        /// accept() takes the connection and fails.
        Abort "abort",
        /// Name lookups answer otherwise.
        Dns "dns",
        /// Ready descriptors are told in another order.
        Shuffle "shuffle",
        /// Fewer ready descriptors are told at once.
        Clamp "clamp",
        /// A descriptor is told ready that is not.
        Spurious "spurious",
        /// A signal to the process.
        Kill "kill",
        /// The process stops.
        Pause "pause",
        /// The debugger is called.
        Break "break",
        /// Only noted in the log.
        Log "log",
        /// Noted in the log, with the calling stack.
        Stack "stack",
    }
}

named! {
    /// What actions act on. Of two actions with the same effect on one call the later wins; others act together.
    Effect {
        /// What the call returns.
        Result "result",
        /// How much it moves.
        Size "size",
        /// How long it takes.
        Time "time",
        /// When bytes arrive.
        Latency "latency",
        /// How many bytes per second pass.
        Rate "rate",
        /// The state of the connection.
        Conn "connection",
        /// How it closes.
        Close "close",
        /// Which datagrams arrive.
        Loss "loss",
        /// Which come twice.
        Dup "dup",
        /// In which order they come.
        Order "order",
        /// What is in them.
        Content "content",
        /// Names.
        Names "names",
        /// The order of ready descriptors.
        EventOrder "event order",
        /// How many are told at once.
        EventCount "event count",
        /// Which are told.
        Events "events",
        /// Signals.
        Signal "signal",
        /// Only what the log says.
        Note "note",
        /// Whether it shows the stack.
        Stack "stack",
    }
}

named! {
    /// How far a fault may leave what this kernel does.
    Realism {
        /// Only what this kernel can do in this state.
        Kernel "kernel",
        /// Also what POSIX or other systems allow.
        Posix "posix",
        /// Anything.
        Any "any",
    }
}

named! {
    /// What matches are counted by, and chances drawn for.
    Scope {
        /// Each call.
        Call "call",
        /// Each connection: drawn once.
        Conn "conn",
        /// Each datagram.
        Dgram "dgram",
        /// Each thread.
        Thread "thread",
        /// Each process.
        Process "process",
        /// Each byte of the stream.
        Byte "byte",
        /// Each system call by itself, in each thread, as strace counts.
        Syscall "syscall",
    }
}

named! {
    /// Directions, seen from the program.
    Dir {
        /// Both.
        Both "both",
        /// Received.
        In "in",
        /// Sent.
        Out "out",
    }
}

named! {
    /// How an action's numbers are to be read.
    SizeKind {
        /// Bytes, or plain numbers.
        Bytes "bytes",
        /// Millionths of what the call asks for.
        Part "part",
        /// Bits of each unit.
        Bits "bits",
    }
}

named! {
    /// How names are answered.
    DnsMode {
        /// EAI_AGAIN
        Again "again",
        /// EAI_NONAME
        NoName "noname",
        /// EAI_FAIL
        Fail "fail",
        /// EAI_NODATA
        Empty "empty",
        /// IPv4 addresses alone.
        Only4 "only4",
        /// IPv6 addresses alone.
        Only6 "only6",
        /// Another address.
        To "to",
        /// Later.
        Delay "delay",
    }
}

named! {
    /// The shape of a time that is drawn.
    DistKind {
        /// Always the mean.
        Fixed "fixed",
        /// mean - jitter .. mean + jitter, all alike.
        Uniform "uniform",
        /// The normal one.
        Normal "normal",
        /// A long tail: exponent 3.
        Pareto "pareto",
        /// A quarter normal, three quarters pareto.
        ParetoNormal "paretonormal",
        /// The exponential one.
        Exp "exp",
        /// From a file.
        Table "table",
    }
}

named! {
    /// How losses follow each other.
    LossKind {
        /// Each by chance, perhaps like the one before.
        Bernoulli "bernoulli",
        /// Gilbert-Elliott: a good and a bad state.
        Ge "ge",
        /// Four states: gaps and bursts, each with receptions and losses.
        State "state",
        /// Every k-th.
        Gap "gap",
        /// These.
        List "list",
    }
}

named! {
    /// Why a fault that was due was not caused.
    Skip {
        /// Its realism is not allowed.
        Realism "realism",
        /// The socket blocks, and the error needs one that does not.
        Blocking "blocking socket",
        /// The socket does not block, and the error needs one that does.
        Nonblocking "nonblocking socket",
        /// No signal handler could have interrupted the call.
        NoHandler "no signal handler",
        /// The program was promised these bytes (MSG_PEEK, FIONREAD).
        Promised "bytes promised",
        /// Not connected, or already dead.
        NotConnected "not connected",
        /// The end of stream was seen before.
        AfterEof "after end of stream",
        /// Not a socket of the type it needs.
        WrongType "wrong socket type",
        /// Not a family it can be done for.
        WrongFamily "wrong family",
        /// The precondition of the error does not hold.
        Precondition "precondition",
        /// The kernel refused the recipe.
        Refused "refused by the kernel",
        /// The program confined itself and may not make the system calls.
        Confined "confined",
        /// The length is too small to shorten.
        TooShort "nothing to shorten",
        /// As often as `@max` says already.
        Max "max reached",
        /// A real call had to come between.
        Progress "progress",
        /// A later rule has the same effect.
        Overruled "overruled",
        /// No room to remember the connection.
        NoRoom "no room",
        /// A kind this build cannot do.
        Unsupported "not supported",
        /// The process has not opened libsocklens-faults.so, or not yet.
        NotLoaded "engine not loaded",
    }
}

named! {
    /// How real a fault is.
    Level {
        /// This kernel can do it in this state.
        Kernel "kernel",
        /// POSIX or another system can.
        Posix "posix",
        /// Nothing does it.
        Never "never",
    }
}

named! {
    /// How a fault is made.
    Recipe {
        /// Nothing is done to the socket or the call.
        None "none",
        /// The call is not made; its result is made up.
        Fake "fake",
        /// Made up, and the ready edge that it hides is given again.
        FakeRearm "fake and re-arm",
        /// The call is made, and another result told.
        After "after the call",
        /// connect(AF_UNSPEC) and shutdown: a real reset on both ends.
        Reset "native reset",
        /// The same, and the one error that the program gets is changed.
        ResetTranslate "native reset, errno translated",
        /// An error once, and shutdown of both directions: unix sockets.
        ResetUnix "shutdown and one error",
        /// shutdown(SHUT_RD), and 0 for ever.
        Eof "shutdown for reading",
        /// shutdown(SHUT_WR), then the real send.
        Pipe "shutdown for writing",
        /// connect() goes to a bound socket that does not listen.
        RefuseSink "refusing socket",
        /// IP_TTL=1: packets die at the first router.
        Ttl "TTL 1",
        /// IP_MINTTL=255, IPV6_MINHOPCOUNT=255: what arrives is not seen.
        MinTtl "minimum TTL",
        /// The same with TCP_USER_TIMEOUT.
        MinTtlTimeout "minimum TTL and user timeout",
        /// A socket filter.
        Filter "socket filter",
        /// A smaller length, and the ready edge again.
        Length "smaller length",
        /// A smaller count of messages or events.
        Count "smaller count",
        /// SO_SNDTIMEO for the one call: connect() goes on in the background.
        SendTimeout "send timeout",
        /// A sleep in the call.
        Sleep "sleep",
        /// SO_RCVLOWAT keeps the socket from being ready.
        Gate "readiness gate",
        /// SO_MAX_PACING_RATE.
        Pacing "pacing",
        /// Bytes are counted, and the rest waits.
        Budget "byte budget",
        /// RLIMIT_NOFILE.
        Rlimit "descriptor limit",
        /// accept(), then a closing reset.
        AcceptClose "accept and reset",
        /// MSG_PEEK: the kernel keeps the datagram.
        Peek "peek",
        /// Read and thrown away.
        Swallow "swallow",
        /// Not sent, but told sent.
        Unsent "not sent",
        /// Sent later.
        Hold "held back",
        /// The bytes are changed on their way.
        Rewrite "bytes changed",
        /// tgkill() of the calling thread, or kill() of the process.
        Signal "signal",
        /// The list of addresses is changed.
        AddrList "address list",
        /// The array of events is changed.
        Events "event array",
    }
}

impl Kind {
    /// What it acts on.
    pub fn effect(self) -> Effect {
        match self {
            Kind::Ok | Kind::Error | Kind::Return | Kind::Again | Kind::Eintr | Kind::Abort | Kind::Fdlimit => {
                Effect::Result
            }
            Kind::Refuse
            | Kind::Timeout
            | Kind::Unreach
            | Kind::Reset
            | Kind::Eof
            | Kind::Blackhole
            | Kind::Halfopen => Effect::Conn,
            Kind::Delay => Effect::Time,
            Kind::Latency => Effect::Latency,
            Kind::Rate => Effect::Rate,
            Kind::Slice | Kind::Short | Kind::Truncate => Effect::Size,
            Kind::Slowclose => Effect::Close,
            Kind::Drop => Effect::Loss,
            Kind::Dup => Effect::Dup,
            Kind::Reorder => Effect::Order,
            Kind::Corrupt => Effect::Content,
            Kind::Dns => Effect::Names,
            Kind::Shuffle => Effect::EventOrder,
            Kind::Clamp => Effect::EventCount,
            Kind::Spurious => Effect::Events,
            Kind::Signal | Kind::Kill | Kind::Pause | Kind::Break => Effect::Signal,
            Kind::Log => Effect::Note,
            Kind::Stack => Effect::Stack,
        }
    }
}
