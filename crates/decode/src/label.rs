//! What a connection is, in a few words.

use crate::sockaddr::{compact, le32, unix_name};
use crate::{Out, quote, xlat};
use socklens_wire::ConnInfo;
use socklens_wire::conn::role;

const IPPROTO_MPTCP: u16 = 262;

fn inet(family: u16) -> bool {
    matches!(i32::from(family), libc::AF_INET | libc::AF_INET6)
}

/// The protocol in one lower-case word: `tcp`, `udp`, `unix` ...
pub fn proto(c: &ConnInfo) -> &'static str {
    match i32::from(c.family) {
        libc::AF_INET | libc::AF_INET6 => match (i32::from(c.protocol), i32::from(c.ty)) {
            (_, libc::SOCK_RAW) => "raw",
            (libc::IPPROTO_SCTP, _) => "sctp",
            (libc::IPPROTO_UDPLITE, _) => "udplite",
            (libc::IPPROTO_DCCP, _) | (_, libc::SOCK_DCCP) => "dccp",
            (libc::IPPROTO_ICMP | libc::IPPROTO_ICMPV6, _) => "ping",
            _ if c.protocol == IPPROTO_MPTCP => "mptcp",
            (_, libc::SOCK_STREAM) => "tcp",
            (_, libc::SOCK_DGRAM) => "udp",
            (_, libc::SOCK_SEQPACKET) => "sctp",
            _ => "inet",
        },
        libc::AF_UNIX => "unix",
        libc::AF_NETLINK => "netlink",
        libc::AF_PACKET => "packet",
        libc::AF_VSOCK => "vsock",
        libc::AF_BLUETOOTH => "bluetooth",
        libc::AF_CAN => "can",
        libc::AF_ALG => "alg",
        libc::AF_XDP => "xdp",
        libc::AF_TIPC => "tipc",
        libc::AF_KEY => "key",
        _ => "socket",
    }
}

/// The word for what the connection does, in JSON's `role`; None when it is not known.
pub fn role_name(c: &ConnInfo) -> Option<&'static str> {
    match c.role {
        role::CLIENT => Some("client"),
        role::SERVER => Some("server"),
        role::LISTENER => Some("listener"),
        role::PAIR => Some("pair"),
        _ => None,
    }
}

/// An address as short as it gets: `127.0.0.1:80`, `*:80`, `/run/x.sock`, `@name`. False, and nothing written, when there is
/// nothing to say.
pub fn short_addr(out: &mut Out, b: &[u8]) -> bool {
    let Some(family) = crate::sockaddr::family(b) else { return false };
    match i32::from(family) {
        libc::AF_UNIX => {
            if b.len() <= 2 {
                return false;
            }
            unix_name(out, b);
            true
        }
        libc::AF_INET if b.get(4..8) == Some(&[0; 4]) => any(out, b),
        libc::AF_INET6 if b.get(8..24) == Some(&[0; 16]) => any(out, b),
        libc::AF_VSOCK if b.len() >= 12 => {
            for (i, at) in [8, 4].into_iter().enumerate() {
                if i > 0 {
                    out.byte(b':');
                }
                // VMADDR_CID_ANY and VMADDR_PORT_ANY.
                match le32(b, at) {
                    u32::MAX => out.byte(b'*'),
                    n => out.udec(u64::from(n)),
                }
            }
            true
        }
        libc::AF_NETLINK if b.len() >= 8 => {
            out.udec(u64::from(le32(b, 4)));
            true
        }
        _ => compact(out, b),
    }
}

fn any(out: &mut Out, b: &[u8]) -> bool {
    out.str("*:");
    out.udec(u64::from(crate::sockaddr::be16(b, 2)));
    true
}

/// `tcp#3 127.0.0.1:51234→127.0.0.1:8080`, `tcp#1 *:8080 listening`, `udp#4 127.0.0.1:53`, `unix#5 /run/x.sock`,
/// `netlink#2 ROUTE`.
pub fn conn_label(c: &ConnInfo, out: &mut Out) {
    out.str(proto(c));
    out.lit(b"#");
    out.udec(u64::from(c.serial));
    let start = out.len();
    out.lit(b" ");
    if i32::from(c.family) == libc::AF_NETLINK {
        netlink_name(c, out);
        return;
    }
    let local = short_addr(out, c.local());
    if c.role == role::LISTENER {
        if !local {
            out.truncate(start);
        }
        out.str(" listening");
        return;
    }
    let before = out.len();
    // A unix client has no name of its own, and its server's end has the listener's: one name says it all.
    if i32::from(c.family) != libc::AF_UNIX || !local {
        if i32::from(c.family) != libc::AF_UNIX {
            out.str("→");
        }
        let arrow = out.len();
        if !short_addr(out, c.peer()) || out.len() == arrow {
            out.truncate(before);
        }
    }
    if out.len() == start.saturating_add(1) {
        out.truncate(start);
        if c.role == role::PAIR {
            out.str(" pair");
        }
    }
}

/// `ROUTE`, or the protocol's number.
fn netlink_name(c: &ConnInfo, out: &mut Out) {
    match xlat::name(xlat::NETLINK_PROTO, u64::from(c.protocol)).and_then(|s| s.strip_prefix("NETLINK_")) {
        Some(name) => out.str(name),
        None => out.udec(u64::from(c.protocol)),
    }
}

/// strace's word for a connection's protocol.
fn strace_proto(c: &ConnInfo) -> Option<&'static str> {
    let v6 = i32::from(c.family) == libc::AF_INET6;
    let of = |v4: &'static str, six: &'static str| Some(if v6 { six } else { v4 });
    match proto(c) {
        "tcp" | "mptcp" => of("TCP", "TCPv6"),
        "udp" => of("UDP", "UDPv6"),
        "udplite" => of("UDPLITE", "UDPLITEv6"),
        "sctp" => of("SCTP", "SCTPv6"),
        "dccp" => of("DCCP", "DCCPv6"),
        "raw" => of("RAW", "RAWv6"),
        "ping" => of("PING", "PINGv6"),
        "unix" => Some(if i32::from(c.ty) == libc::SOCK_STREAM { "UNIX-STREAM" } else { "UNIX" }),
        "netlink" => Some("NETLINK"),
        "packet" => Some("PACKET"),
        _ => None,
    }
}

/// What strace writes between `<` and `>` after a descriptor: `-y` (1) or `-yy` (2), which has the inode `other` of a unix
/// socket's other end, unless it is 0. False when nothing can be said.
pub fn strace_fd(c: &ConnInfo, level: u8, other: u32, out: &mut Out) -> bool {
    let name = strace_proto(c);
    let (2.., Some(name)) = (level, name) else {
        out.str("socket:[");
        inode(c, out);
        out.byte(b']');
        return true;
    };
    out.str(name);
    out.str(":[");
    let (local, peer) = (c.local(), c.peer());
    let connected = inet(c.family) && peer.len() > 2;
    match i32::from(c.family) {
        libc::AF_INET | libc::AF_INET6 if bound(local) => {
            compact(out, local);
            if connected {
                out.str("->");
                compact(out, peer);
            }
        }
        libc::AF_NETLINK if local.len() >= 8 && le32(local, 4) != 0 => {
            netlink_name(c, out);
            out.byte(b':');
            out.udec(u64::from(le32(local, 4)));
        }
        libc::AF_UNIX => {
            inode(c, out);
            if other != 0 {
                out.str("->");
                out.udec(u64::from(other));
            }
            let path = local.get(2..).unwrap_or(&[]);
            match path.split_first() {
                None => {}
                Some((0, name)) => {
                    out.str(",@");
                    quote::c_str(out, name, 0);
                }
                Some(_) => {
                    out.byte(b',');
                    quote::c_str(out, crate::fields::until_nul(path), 0);
                }
            }
        }
        _ => inode(c, out),
    }
    out.byte(b']');
    true
}

/// Whether an inet address has a port: before bind or connect strace shows the inode.
fn bound(local: &[u8]) -> bool {
    local.len() >= 16 && crate::sockaddr::be16(local, 2) != 0
}

/// The inode, or the session's number for the socket where that is not known.
fn inode(c: &ConnInfo, out: &mut Out) {
    if c.ino != 0 {
        out.udec(c.ino);
    } else {
        out.byte(b'#');
        out.udec(u64::from(c.serial));
    }
}

/// The same for socklens's text: `tcp#3`, with level 2 the whole label.
pub fn text_fd(c: &ConnInfo, level: u8, out: &mut Out) {
    if level >= 2 {
        conn_label(c, out);
    } else {
        out.str(proto(c));
        out.byte(b'#');
        out.udec(u64::from(c.serial));
    }
}
