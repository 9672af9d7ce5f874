//! Named links: what `link NAME` stands for.

/// One link: its name, what it is, and its actions.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The word after `link`.
    pub name: &'static str,
    /// The actions, in the language of rules.
    pub actions: &'static str,
    /// Where the numbers come from.
    pub about: &'static str,
}

macro_rules! links {
    ($($name:literal $actions:literal $about:literal;)*) => {
        // One text: a pointer for each part would cost a relocation in every program the shim is loaded into.
        const LINKS: &str = concat!($($name, "\0", $actions, "\0", $about, "\0"),*);
    };
}

// Latency is one way: half of the round trip that is given.
links! {
    "lan" "latency 150us~50us normal, rate 1gbit"
        "switched gigabit Ethernet, round trip 0.3 ms";
    "wifi" "latency 2ms~1ms pareto, rate 40mbit, drop 0.1%"
        "802.11n at home, round trip 4 ms, retransmissions hidden by the link";
    "lossy-wifi" "latency 10ms~15ms pareto corr 25%, rate 10mbit, drop ge(1%,20%)"
        "a crowded 2.4 GHz channel: bursts of loss of five packets on average";
    "lte" "latency 25ms~8ms normal corr 20%, rate 12mbit, drop 0.1%"
        "4G, round trip 50 ms (3GPP user plane plus backhaul)";
    "3g" "latency 50ms~15ms normal corr 25%, rate 1600kbit, drop 0.5%"
        "HSPA, round trip 100 ms, 1.6 Mbit/s: the browsers' `regular 3G` is near it";
    "edge" "latency 300ms~50ms normal corr 25%, rate 240kbit, drop ge(1%,10%)"
        "2.75G, round trip 600 ms and more, 240 kbit/s";
    "gprs" "latency 350ms~100ms normal corr 25%, rate 50kbit, drop ge(1%,10%)"
        "2.5G, four time slots";
    "dsl" "latency 15ms~2ms normal, rate 8mbit"
        "ADSL with interleaving, round trip 30 ms to the first hops";
    "cable" "latency 8ms~4ms normal, rate 50mbit"
        "DOCSIS 3.0, round trip 16 ms";
    "fiber" "latency 2ms~500us normal, rate 200mbit"
        "GPON, round trip 4 ms";
    "satellite" "latency 300ms~20ms normal, rate 10mbit, drop 0.5%"
        "geostationary: 36 000 km up and down twice is 480 ms, with scheduling 600 ms";
    "starlink" "latency 20ms~6ms pareto, rate 80mbit, drop ge(0.3%,20%)"
        "low orbit: round trip 40 ms, short bursts of loss at handovers";
    "dialup" "latency 75ms~10ms normal, rate 50kbit"
        "a V.90 modem";
}

/// The links that are built in.
pub fn links() -> impl Iterator<Item = Link> {
    let mut parts = LINKS.split_terminator('\0');
    core::iter::from_fn(move || Some(Link { name: parts.next()?, actions: parts.next()?, about: parts.next()? }))
}

/// The link of this name.
pub fn link(name: &[u8]) -> Option<Link> {
    links().find(|l| l.name.as_bytes().eq_ignore_ascii_case(name))
}
