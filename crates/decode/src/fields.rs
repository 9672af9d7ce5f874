//! Walks the fields of a C structure that may be cut short anywhere, printing what is there.

use crate::printer::{Format, Printer};
use crate::xlat::{self, Xlat};
use crate::{ip, quote};

/// The fields of a structure, one after the other. Every read is total: past the end there is nothing.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

/// The little-endian number in the first eight bytes of `b` (this library's machines are little-endian).
pub fn number(b: &[u8]) -> u64 {
    b.iter().take(8).rev().fold(0, |n, &c| (n << 8) | u64::from(c))
}

/// The same, with the sign of its size.
pub fn signed(b: &[u8]) -> i64 {
    let n = number(b);
    match b.len() {
        1 => i64::from(n as u8 as i8),
        2 => i64::from(n as u16 as i16),
        4 => i64::from(n as u32 as i32),
        _ => n as i64,
    }
}

/// `[value]`; the bare value in JSON.
pub fn boxed(p: &mut Printer, value: impl FnOnce(&mut Printer)) {
    if p.json() {
        value(p);
    } else {
        p.begin_array();
        p.elem();
        value(p);
        p.end_array();
    }
}

/// Bytes that are a piece of something: `"\x01\x00"`.
pub fn piece(p: &mut Printer, b: &[u8]) {
    if p.json() {
        p.text(b);
    } else {
        quote::c_str(p.out(), b, 2);
    }
}

/// What must not be shown, such as a key.
pub fn hidden(p: &mut Printer) {
    p.word("...");
}

/// An array of numbers of `size` bytes each; `most` elements at the most.
pub fn list(p: &mut Printer, b: &[u8], size: usize, most: usize, mut value: impl FnMut(&mut Printer, &[u8])) {
    p.begin_array();
    for (i, e) in b.chunks_exact(size.max(1)).enumerate() {
        if i >= most {
            p.more();
            break;
        }
        p.elem();
        value(p, e);
    }
    p.end_array();
}

/// A socket address inside a structure: as much as the family says, of the bytes there are.
pub fn address(p: &mut Printer, b: &[u8]) {
    let len = match number(b.get(..2).unwrap_or(&[])) as i32 {
        libc::AF_INET => 16,
        libc::AF_INET6 => 28,
        libc::AF_NETLINK => 12,
        libc::AF_PACKET => 20,
        libc::AF_UNIX => 110,
        _ => b.len(),
    };
    crate::sockaddr(p, b.get(..len).unwrap_or(b));
}

macro_rules! symbols {
    ($($letter:literal $table:ident $unknown:literal;)*) => {
        const LETTERS: &[u8] = &[$($letter),*];
        static TABLES: &[Xlat] = &[$(xlat::$table),*];
        const UNKNOWN: &str = concat!($($unknown, "\n"),*);
    };
}

symbols! {
    b'B' SO_BUF_LOCK "SOCK_???";
    b'C' CLOCK "CLOCK_???";
    b'D' TCP_MD5SIG_FLAG "TCP_MD5SIG_FLAG_???";
    b'E' UDP_ENCAP_TYPE "UDP_ENCAP_???";
    b'F' AF "AF_???";
    b'G' MSG "MSG_???";
    b'H' SO_TXREHASH "SOCK_TXREHASH_???";
    b'I' SCTP_SINFO "SCTP_???";
    b'K' SOCK_TYPE "SOCK_???";
    b'M' MCAST_FMODE "MCAST_???";
    b'O' TCPOPT "TCPOPT_???";
    b'P' SCTP_SPP "SPP_???";
    b'R' IPPROTO "IPPROTO_???";
    b'S' SCTP_STATE "SCTP_???";
    b'T' SOF_TIMESTAMPING "SOF_TIMESTAMPING_???";
    b'U' IP_PMTUDISC "IP_PMTUDISC_???";
    b'V' TLS_VERSION "TLS_???_VERSION";
    b'X' TXTIME_FLAGS "SOF_TXTIME_???";
    b'Y' TLS_CIPHER "TLS_CIPHER_???";
    b'c' VMADDR_CID "VMADDR_CID_???";
    b'd' RDS_TRANS "RDS_TRANS_???";
    b'p' IPV6_PREFER "IPV6_PREFER_???";
    b'q' TCP_QUEUE "TCP_???_QUEUE";
    b'r' TCP_REPAIR_MODE "TCP_REPAIR_???";
    b't' TIPC_IMPORTANCE_LEVEL "TIPC_???";
    b'u' IPV6_PMTUDISC "IPV6_PMTUDISC_???";
    b'v' TPACKET "TPACKET_???";
    b'A' LWTUNNEL "LWTUNNEL_ENCAP_???";
    b'J' RT_TABLE "RT_TABLE_???";
    b'L' RTEXT_FILTER "RTEXT_FILTER_???";
    b'N' RTNH_F "RTNH_F_???";
    b'Q' UDIAG_SHOW "UDIAG_SHOW_???";
    b'W' IN6_ADDR_GEN_MODE "IN6_ADDR_GEN_MODE_???";
    b'Z' INET6_FLAG "IF_???";
    b'a' ARPHRD "ARPHRD_???";
    b'e' NTF_EXT "NTF_EXT_???";
    b'f' IFF "IFF_???";
    b'g' IFA_F "IFA_F_???";
    b'h' RT_SCOPE "";
    b'j' RT_TABLE "";
    b'k' RTPROT "RTPROT_???";
    b'l' RTN "RTN_???";
    b'm' RTM_F "RTM_F_???";
    b'n' NUD "NUD_???";
    b'o' NTF "NTF_???";
    b'w' FR_ACT "FR_ACT_???";
    b'x' FIB_RULE "FIB_RULE_???";
    b'y' IPTOS_BITS "IPTOS_TOS_???";
    b'z' TCP_STATE_FULL "TCP_???";
    b'!' XDP_ATTACHED "XDP_ATTACHED_???";
    b'#' XDP_FLAGS "XDP_FLAGS_???";
    b'$' IFLA_EVENT "IFLA_EVENT_???";
    b'%' IFLA_VF_LINK_STATE "IFLA_VF_LINK_STATE_???";
    b'&' TUN_TYPE "IFF_???";
    b'(' BRIDGE_FLAGS "BRIDGE_FLAGS_???";
    b')' BRIDGE_MODE "BRIDGE_MODE_???";
    b'*' BRIDGE_VLAN_INFO "BRIDGE_VLAN_INFO_???";
    b'+' FDB_NOTIFY "FDB_NOTIFY_???";
    b',' TLS_CONF "TLS_CONF_???";
    b'/' NETLINK_PROTO "NETLINK_???";
    b';' NETLINK_STATE "NETLINK_???";
    b'<' NDIAG_SHOW "NDIAG_SHOW_???";
    b'=' NDIAG_FLAG "NDIAG_FLAG_???";
    b'>' PACKET_SHOW "PACKET_SHOW_???";
    b'?' PDI "PDI_???";
    b'@' ETH_P "ETH_P_???";
    b'[' DCB_CMD "DCB_CMD_???";
    b']' NEXTHOP_GRP_TYPE "NEXTHOP_GRP_TYPE_???";
    b'^' MPTCP_SUBFLOW_FLAG "MPTCP_SUBFLOW_FLAG_???";
    b'{' MDB_STATE "MDB_???";
    b'}' MDB_FLAGS "MDB_FLAGS_???";
    b'_' MDB_RTR_TYPE "MDB_RTR_TYPE_???";
    b'|' SMC_STATE "SMC_???";
    b'`' SMC_DIAG_MODE "SMC_DIAG_MODE_???";
    b'~' SMC_ROLE "SMC_???";
    b'-' TCA_ACT_FLAGS "TCA_ACT_FLAGS_???";
    b'\'' TCA_ACT_HW_STATS "TCA_ACT_HW_STATS_???";
    b'"' SMC_SHUTDOWN "???_SHUTDOWN";
}

/// The table a letter of a structure's description stands for, and what stands for names it lacks.
#[inline(never)]
pub(crate) fn symbols(letter: u8) -> (Xlat, &'static str) {
    let at = LETTERS.iter().position(|&l| l == letter).unwrap_or(usize::MAX);
    let table = TABLES.get(at).copied().unwrap_or(Xlat::NONE);
    (table, line(UNKNOWN, at))
}

impl<'a> Fields<'a> {
    /// Prints the fields of a description: `name:kind` with blanks between them.
    ///
    /// Kinds: `u` unsigned, `i` signed, `x` hexadecimal, `b` network order, each with its number of bytes; `s` symbol and `f` flags with
    /// the number of bytes and the letter of [`symbols`]; `n` interface, of 4 bytes; `p` pointer; `d` user or group; `k` key, not shown; `4` and `6` Internet
    /// addresses; `h` hardware address, `c` bytes, `l` array of bytes as numbers, each with its number of bytes; `o` hexadecimal that is
    /// left out when 0; `y` Ethernet protocol in network order; `a` socket address in so many bytes, `a0` in the rest. `-` and a number without a name leaves bytes out.
    #[inline(never)]
    pub fn walk(&mut self, p: &mut Printer, fields: &str) {
        let mut left = fields;
        while !left.is_empty() {
            let (field, rest) = cut(left, b' ');
            left = rest;
            let (name, kind) = cut(field, b':');
            if kind.is_empty() {
                self.skip(decimal(field.as_bytes()));
                continue;
            }
            let kind = kind.as_bytes();
            let n = decimal(kind);
            let (table, unknown) = symbols(kind.last().copied().unwrap_or(0));
            match kind.first() {
                Some(b'u') => self.unum(p, name, n),
                Some(b'i') => self.num(p, name, n),
                Some(b'x') => self.hex(p, name, n),
                Some(b'b') => self.big(p, name, n),
                Some(b'n') => self.interface(p, name),
                Some(b's') => self.sym(p, name, n, table, unknown),
                Some(b'f') => self.flags(p, name, n, table, unknown),
                Some(b'p') => self.ptr(p, name),
                Some(b'd') => self.id(p, name),
                Some(b'k') => self.hidden(p, name),
                Some(b'4') => self.ip4(p, name),
                Some(b'6') => self.ip6(p, name),
                Some(b'h') => self.with(p, name, n, crate::netlink::hardware),
                Some(b'c') => self.with(p, name, n, piece),
                Some(b'l') => self.with(p, name, n, |p, b| list(p, b, 1, n, |p, b| p.unum(number(b)))),
                Some(b'y') => self.with(p, name, 2, |p, b| crate::netlink::ethernet(p, b, "ETH_P_???")),
                Some(b'o') if self.rest.get(..n).is_some_and(|b| number(b) == 0) => self.skip(n),
                Some(b'o') => self.hex(p, name, n),
                _ => self.addr(p, name, if n == 0 { self.rest.len().clamp(1, 128) } else { n }),
            }
        }
    }

    /// The fields in `bytes`.
    pub fn new(bytes: &'a [u8]) -> Fields<'a> {
        Fields { rest: bytes }
    }

    /// What has not been taken yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `n` bytes if they are all there; nothing is left otherwise.
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let got = self.rest.get(..n);
        self.rest = self.rest.get(n..).unwrap_or(&[]);
        got
    }

    /// Leaves out `n` bytes.
    pub fn skip(&mut self, n: usize) {
        self.rest = self.rest.get(n..).unwrap_or(&[]);
    }

    /// Begins a field of `n` bytes. None when there are no bytes left, or too few: then those are printed.
    pub fn field(&mut self, p: &mut Printer, name: &str, n: usize) -> Option<&'a [u8]> {
        if self.rest.is_empty() && n > 0 {
            return None;
        }
        p.field(name);
        let cut = self.rest;
        let got = self.take(n);
        if got.is_none() {
            piece(p, cut);
        }
        got
    }

    /// A field of `n` bytes that `value` prints.
    fn with(&mut self, p: &mut Printer, name: &str, n: usize, value: impl FnOnce(&mut Printer, &[u8])) {
        if let Some(b) = self.field(p, name, n) {
            value(p, b);
        }
    }

    /// An unsigned field.
    pub fn unum(&mut self, p: &mut Printer, name: &str, n: usize) {
        if let Some(b) = self.field(p, name, n) {
            p.unum(number(b));
        }
    }

    /// A signed field.
    pub fn num(&mut self, p: &mut Printer, name: &str, n: usize) {
        if let Some(b) = self.field(p, name, n) {
            p.num(signed(b));
        }
    }

    /// An interface's number.
    pub fn interface(&mut self, p: &mut Printer, name: &str) {
        if let Some(b) = self.field(p, name, 4) {
            p.ifindex(number(b) as u32);
        }
    }

    /// A field in hexadecimal.
    pub fn hex(&mut self, p: &mut Printer, name: &str, n: usize) {
        if let Some(b) = self.field(p, name, n) {
            p.hex(number(b));
        }
    }

    /// A pointer.
    pub fn ptr(&mut self, p: &mut Printer, name: &str) {
        if let Some(b) = self.field(p, name, 8) {
            p.ptr(number(b));
        }
    }

    /// An unsigned field in network order.
    pub fn big(&mut self, p: &mut Printer, name: &str, n: usize) {
        if let Some(b) = self.field(p, name, n) {
            p.unum(b.iter().take(8).fold(0, |v, &c| (v << 8) | u64::from(c)));
        }
    }

    /// A user or group number: -1 is that, everything else unsigned.
    pub fn id(&mut self, p: &mut Printer, name: &str) {
        if let Some(b) = self.field(p, name, 4) {
            match number(b) {
                0xffff_ffff => p.num(-1),
                n => p.unum(n),
            }
        }
    }

    /// A symbolic field.
    pub fn sym(&mut self, p: &mut Printer, name: &str, n: usize, table: Xlat, unknown: &str) {
        if let Some(b) = self.field(p, name, n) {
            let v = number(b);
            p.sym(v as i64, xlat::name(table, v), unknown);
        }
    }

    /// A field of flags.
    pub fn flags(&mut self, p: &mut Printer, name: &str, n: usize, table: Xlat, unknown: &str) {
        if let Some(b) = self.field(p, name, n) {
            p.flags(number(b), table, unknown);
        }
    }

    /// An IPv4 address.
    pub fn ip4(&mut self, p: &mut Printer, name: &str) {
        if let Some(&[a, b, c, d]) = self.field(p, name, 4) {
            p.ip4([a, b, c, d]);
        }
    }

    /// An IPv6 address; strace writes `inet_pton(AF_INET6, "::1", &name)` for it.
    pub fn ip6(&mut self, p: &mut Printer, name: &str) {
        if p.format() != Format::Strace || self.rest.len() < 16 {
            if let Some(b) = self.field(p, name, 16).and_then(|b| <&[u8; 16]>::try_from(b).ok()) {
                p.ip6(b);
            }
        } else if let Some(b) = self.take(16).and_then(|b| <&[u8; 16]>::try_from(b).ok()) {
            p.elem();
            let out = p.out();
            out.str("inet_pton(AF_INET6, \"");
            ip::v6(out, b);
            out.str("\", &");
            out.str(name);
            out.str(")");
        }
    }

    /// A socket address in `n` bytes.
    pub fn addr(&mut self, p: &mut Printer, name: &str, n: usize) {
        if let Some(b) = self.field(p, name, n) {
            address(p, b);
        }
    }

    /// Text in `n` bytes, up to a NUL if there is one.
    pub fn text(&mut self, p: &mut Printer, name: &str, n: usize) {
        if let Some(b) = self.field(p, name, n) {
            p.text(until_nul(b));
        }
    }

    /// A field that must not be shown.
    pub fn hidden(&mut self, p: &mut Printer, name: &str) {
        if !self.rest.is_empty() {
            p.field(name);
            hidden(p);
            self.rest = &[];
        }
    }

    /// `{tv_sec=1, tv_usec=0}` with the name of the second field.
    pub fn time(&mut self, p: &mut Printer, fraction: &str) {
        p.begin_struct();
        self.num(p, "tv_sec", 8);
        self.num(p, fraction, 8);
        p.end_struct();
    }
}

/// What stands before the first `by` and what after it. The standard library's own way of splitting brings a panic along.
#[inline(never)]
pub(crate) fn cut(s: &str, by: u8) -> (&str, &str) {
    match s.bytes().position(|b| b == by) {
        Some(at) => (s.get(..at).unwrap_or(""), s.get(at.wrapping_add(1)..).unwrap_or("")),
        None => (s, ""),
    }
}

/// Line `n` of a text, from 0.
pub(crate) fn line(text: &str, n: usize) -> &str {
    let (mut found, mut left) = cut(text, b'\n');
    let mut at = 0usize;
    while at < n && !left.is_empty() {
        (found, left) = cut(left, b'\n');
        at = at.wrapping_add(1);
    }
    if at == n { found } else { "" }
}

/// The number in the digits among `b`.
pub(crate) fn decimal(b: &[u8]) -> usize {
    b.iter().filter(|c| c.is_ascii_digit()).fold(0, |n: usize, c| n.wrapping_mul(10).wrapping_add(usize::from(c & 15)))
}

/// The bytes up to the first NUL.
pub fn until_nul(b: &[u8]) -> &[u8] {
    let n = b.iter().position(|&c| c == 0).unwrap_or(b.len());
    b.get(..n).unwrap_or(b)
}
