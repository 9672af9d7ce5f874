//! Socket options: the names of levels and options, and their values as what they are.
//!
//! Text and JSON decode everything known. strace's syntax decodes what strace 6.1 decodes and prints the rest as it does: four bytes
//! as an int, other lengths as a string. Keys are shown in no syntax.

use crate::fields::{Fields, address, boxed, hidden, line, list, number, piece, signed, symbols, until_nul};
use crate::printer::{Format, Printer};
use crate::xlat::{self, Xlat};

/// The option table of a level, what stands for names it lacks, and whether strace has a table for that level.
fn table(level: i32) -> Option<(Xlat, &'static str, bool)> {
    Some(match level {
        0 => (xlat::IP, "IP_???", true),
        1 => (xlat::SO, "SO_???", true),
        6 => (xlat::TCP, "TCP_???", true),
        17 => (xlat::UDP, "UDP_???", true),
        18 => (xlat::RFCOMM, "RFCOMM_???", false),
        40 => (xlat::VSOCK, "SO_VM_???", true),
        41 => (xlat::IPV6, "IPV6_???", true),
        58 => (xlat::ICMPV6, "ICMPV6_???", false),
        101 => (xlat::CAN_RAW_OPT, "CAN_RAW_???", true),
        106 => (xlat::CAN_ISOTP_OPT, "CAN_ISOTP_???", false),
        107 => (xlat::J1939_OPT, "SO_J1939_???", false),
        132 => (xlat::SCTP, "SCTP_???", true),
        136 => (xlat::UDPLITE, "UDPLITE_???", false),
        255 => (xlat::RAW, "RAW_???", true),
        256 => (xlat::IPX, "IPX_???", true),
        257 => (xlat::AX25, "AX25_???", true),
        259 => (xlat::NETROM, "NETROM_???", false),
        260 => (xlat::ROSE, "ROSE_???", false),
        262 => (xlat::X25, "X25_???", false),
        263 => (xlat::PACKET, "PACKET_???", true),
        264 | 265 => (xlat::ATM, "SO_???", false),
        266 => (xlat::IRDA, "IRLMP_???", true),
        268 => (xlat::LLC, "LLC_OPT_???", true),
        269 => (xlat::DCCP, "DCCP_SOCKOPT_???", true),
        270 => (xlat::NETLINK, "NETLINK_???", true),
        271 => (xlat::TIPC, "TIPC_???", true),
        272 => (xlat::RXRPC, "RXRPC_???", true),
        273 => (xlat::PPPOL2TP, "PPPOL2TP_SO_???", true),
        274 => (xlat::BLUETOOTH, "BT_???", true),
        275 => (xlat::PNPIPE, "PNPIPE_???", true),
        276 => (xlat::RDS, "RDS_???", true),
        277 => (xlat::IUCV, "SO_???", true),
        278 => (xlat::CAIF, "CAIFSO_???", true),
        279 => (xlat::ALG, "ALG_???", true),
        280 => (xlat::NFC_LLCP, "NFC_LLCP_???", true),
        281 => (xlat::KCM, "KCM_???", true),
        282 => (xlat::TLS, "TLS_???", true),
        283 => (xlat::XDP, "XDP_???", true),
        284 => (xlat::MPTCP, "MPTCP_???", false),
        285 => (xlat::MCTP, "MCTP_OPT_???", false),
        286 => (xlat::SMC, "SMC_???", false),
        _ => return None,
    })
}

/// The name of a level.
pub fn level_name(level: i32) -> Option<&'static str> {
    xlat::signed(xlat::SOL, i64::from(level))
}

/// The name of an option; some numbers mean different things in getsockopt.
pub fn option_name(level: i32, name: i32, is_get: bool) -> Option<&'static str> {
    let other = if is_get { special(level, name) } else { None };
    other.or_else(|| table(level).and_then(|t| xlat::signed(t.0, i64::from(name))))
}

/// The name of a number that means something else in getsockopt.
fn special(level: i32, name: i32) -> Option<&'static str> {
    match level {
        0 => xlat::signed(xlat::IP_GET, i64::from(name)),
        1 if name == libc::SO_ATTACH_FILTER => Some("SO_GET_FILTER"),
        41 => xlat::signed(xlat::IPV6_GET, i64::from(name)),
        _ => None,
    }
}

/// Prints a level.
pub fn level(p: &mut Printer, level: i32) {
    // strace itself has two question marks here and three in control messages.
    let unknown = if p.format() == Format::Strace { "SOL_??" } else { "SOL_???" };
    p.sym(i64::from(level), level_name(level), unknown);
}

/// Prints an option of setsockopt.
pub fn name(p: &mut Printer, level: i32, name: i32) {
    print_name(p, level, name, false);
}

/// Prints an option of getsockopt.
pub fn get_name(p: &mut Printer, level: i32, name: i32) {
    print_name(p, level, name, true);
}

fn print_name(p: &mut Printer, level: i32, name: i32, is_get: bool) {
    match table(level) {
        Some((_, unknown, strace)) if strace || p.format() != Format::Strace => {
            p.sym(i64::from(name), option_name(level, name, is_get), unknown);
        }
        _ if p.json() => p.sym(i64::from(name), None, ""),
        _ => p.num(i64::from(name)),
    }
}

/// Prints an option's value: `bytes` of the `full` ones. False, and nothing is printed, when there is no value to show: then the
/// pointer stands for it.
pub fn value(p: &mut Printer, level: i32, name: i32, bytes: &[u8], full: u32, is_get: bool) -> bool {
    let bytes = bytes.get(..full as usize).unwrap_or(bytes);
    let shape = shape(level, name, is_get);
    if matches!(shape, Shape::Hidden) && full > 0 {
        hidden(p);
        return true;
    }
    if p.format() == Format::Strace {
        return as_strace(p, level, name, bytes, full, is_get);
    }
    if full == 0 {
        return false;
    }
    print(p, shape, bytes, full);
    true
}

/// SOL_SOCKET options strace prints as an int.
static STRACE_INTS: [u16; 43] = [
    xlat::number(xlat::SO, "SO_DEBUG"),
    xlat::number(xlat::SO, "SO_REUSEADDR"),
    xlat::number(xlat::SO, "SO_DONTROUTE"),
    xlat::number(xlat::SO, "SO_BROADCAST"),
    xlat::number(xlat::SO, "SO_SNDBUF"),
    xlat::number(xlat::SO, "SO_RCVBUF"),
    xlat::number(xlat::SO, "SO_KEEPALIVE"),
    xlat::number(xlat::SO, "SO_OOBINLINE"),
    xlat::number(xlat::SO, "SO_NO_CHECK"),
    xlat::number(xlat::SO, "SO_PRIORITY"),
    xlat::number(xlat::SO, "SO_BSDCOMPAT"),
    xlat::number(xlat::SO, "SO_REUSEPORT"),
    xlat::number(xlat::SO, "SO_PASSCRED"),
    xlat::number(xlat::SO, "SO_RCVLOWAT"),
    xlat::number(xlat::SO, "SO_SNDLOWAT"),
    xlat::number(xlat::SO, "SO_DETACH_FILTER"),
    xlat::number(xlat::SO, "SO_TIMESTAMP_OLD"),
    xlat::number(xlat::SO, "SO_ACCEPTCONN"),
    xlat::number(xlat::SO, "SO_SNDBUFFORCE"),
    xlat::number(xlat::SO, "SO_RCVBUFFORCE"),
    xlat::number(xlat::SO, "SO_PASSSEC"),
    xlat::number(xlat::SO, "SO_TIMESTAMPNS_OLD"),
    xlat::number(xlat::SO, "SO_MARK"),
    xlat::number(xlat::SO, "SO_TIMESTAMPING_OLD"),
    xlat::number(xlat::SO, "SO_RXQ_OVFL"),
    xlat::number(xlat::SO, "SO_WIFI_STATUS"),
    xlat::number(xlat::SO, "SO_PEEK_OFF"),
    xlat::number(xlat::SO, "SO_NOFCS"),
    xlat::number(xlat::SO, "SO_LOCK_FILTER"),
    xlat::number(xlat::SO, "SO_SELECT_ERR_QUEUE"),
    xlat::number(xlat::SO, "SO_BUSY_POLL"),
    xlat::number(xlat::SO, "SO_INCOMING_CPU"),
    xlat::number(xlat::SO, "SO_CNX_ADVICE"),
    xlat::number(xlat::SO, "SO_INCOMING_NAPI_ID"),
    xlat::number(xlat::SO, "SO_ZEROCOPY"),
    xlat::number(xlat::SO, "SO_TIMESTAMP_NEW"),
    xlat::number(xlat::SO, "SO_TIMESTAMPNS_NEW"),
    xlat::number(xlat::SO, "SO_TIMESTAMPING_NEW"),
    xlat::number(xlat::SO, "SO_DETACH_REUSEPORT_BPF"),
    xlat::number(xlat::SO, "SO_PREFER_BUSY_POLL"),
    xlat::number(xlat::SO, "SO_BUSY_POLL_BUDGET"),
    xlat::number(xlat::SO, "SO_RESERVE_MEM"),
    xlat::number(xlat::SO, "SO_RCVMARK"),
];

fn int(p: &mut Printer, b: &[u8]) {
    match b.get(..4) {
        Some(b) => boxed(p, |p| p.num(signed(b))),
        None => piece(p, b),
    }
}

fn as_strace(p: &mut Printer, level: i32, name: i32, b: &[u8], full: u32, is_get: bool) -> bool {
    const SO_LINGER: i32 = libc::SO_LINGER;
    const ATTACH_CBPF: i32 = xlat::number(xlat::SO, "SO_ATTACH_REUSEPORT_CBPF") as i32;
    const TXREHASH: i32 = xlat::number(xlat::SO, "SO_TXREHASH") as i32;
    const JOIN: i32 = xlat::number(xlat::IP, "MCAST_JOIN_GROUP") as i32;
    const LEAVE: i32 = xlat::number(xlat::IP, "MCAST_LEAVE_GROUP") as i32;
    const JOIN_ANY: i32 = xlat::number(xlat::IPV6, "IPV6_JOIN_ANYCAST") as i32;
    const LEAVE_ANY: i32 = xlat::number(xlat::IPV6, "IPV6_LEAVE_ANYCAST") as i32;
    const ICMP_FILTER: i32 = xlat::number(xlat::RAW, "ICMP_FILTER") as i32;
    const MEMBERSHIPS: i32 = xlat::number(xlat::NETLINK, "NETLINK_LIST_MEMBERSHIPS") as i32;
    // Whether enough was passed to setsockopt; getsockopt prints what there is of a value.
    let enough = |n: u32| full >= n && b.len() as u64 >= u64::from(full.min(n));
    let some = is_get && full > 0;
    let exactly = |n: u32| full == n && b.len() as u64 == u64::from(n);
    // The option's shape is wanted when this much is there; otherwise, of setsockopt, the pointer.
    let fine = match (level, name) {
        (1, SO_LINGER) => enough(8) || some,
        (1, libc::SO_PEERCRED | libc::SO_ERROR) if is_get => some,
        (1, TXREHASH) => enough(4) || some,
        // Its number is another option's in getsockopt.
        (1, libc::SO_ATTACH_FILTER) if !is_get => exactly(16),
        (1, ATTACH_CBPF) => exactly(16),
        (1, n) if u16::try_from(n).is_ok_and(|n| STRACE_INTS.contains(&n)) => {
            if enough(4) || some {
                int(p, b);
                return true;
            }
            false
        }
        (0, libc::IP_ADD_MEMBERSHIP | libc::IP_DROP_MEMBERSHIP) if !is_get => {
            if enough(8) {
                structure(p, b.get(..8).unwrap_or(b), Layout::Mreq);
                return true;
            }
            false
        }
        (0 | 41, JOIN | LEAVE) if !is_get => enough(136),
        (41, libc::IPV6_ADD_MEMBERSHIP | libc::IPV6_DROP_MEMBERSHIP | JOIN_ANY | LEAVE_ANY) if !is_get => enough(20),
        (255, ICMP_FILTER) => full > 0 && !b.is_empty(),
        (
            263,
            libc::PACKET_ADD_MEMBERSHIP | libc::PACKET_DROP_MEMBERSHIP | libc::PACKET_RX_RING | libc::PACKET_TX_RING,
        ) if !is_get => exactly(16),
        (263, libc::PACKET_STATISTICS) if some => {
            structure(p, b.get(..8).unwrap_or(b), Layout::PacketStats);
            return true;
        }
        (270, MEMBERSHIPS) if is_get => true,
        (270, _) => {
            if enough(4) || some {
                int(p, b);
                return true;
            }
            return false;
        }
        _ => return as_bytes(p, b, full, is_get),
    };
    if fine {
        print(p, shape(level, name, is_get), b, full);
    } else if level == 255 || !is_get {
        return false;
    } else {
        return as_bytes(p, b, full, is_get);
    }
    true
}

/// What strace knows nothing of: four bytes are an int, the rest is a string.
fn as_bytes(p: &mut Printer, b: &[u8], full: u32, is_get: bool) -> bool {
    if is_get && full == 0 {
        return false;
    }
    if full == 4 && b.len() == 4 {
        int(p, b);
    } else {
        p.payload(b, u64::from(full));
    }
    true
}

/// What an option's value is. Letters stand for tables of names, see [`crate::fields::symbols`].
#[derive(Clone, Copy)]
enum Shape {
    /// A signed number of one, two or four bytes; anything else is raw.
    Int,
    /// An unsigned number of up to eight bytes.
    Unsigned,
    Hex,
    /// A number in network order.
    Big,
    Sym(u8),
    Flags(u8),
    Errno,
    Proto,
    Fd,
    Text,
    Hidden,
    Tos,
    Timeval,
    U32s,
    /// A list of getsockopt's, a number of setsockopt's.
    Memberships,
    Addr,
    Addrs,
    Filter,
    Timestamping,
    Mreq,
    McastIf,
    MsFilter,
    GroupFilter,
    PktInfo6,
    TcpInfo,
    RepairOpts,
    CcInfo,
    IcmpFilter,
    Icmp6Filter,
    PacketMreq,
    PacketRing,
    PacketFanout,
    Struct(Layout),
    CanFilters,
    /// Nothing is known of it.
    Raw,
}

macro_rules! layouts {
    ($($name:ident $fields:literal;)*) => {
        /// A fixed structure, by the number of its line in LAYOUTS.
        #[derive(Clone, Copy)]
        pub(crate) enum Layout { $($name),* }

        /// The fields of the structures, a line each, as [`Fields::walk`] reads them.
        const LAYOUTS: &str = concat!($($fields, "\n"),*);
    };
}

layouts! {
    TcpInfo "tcpi_rto:u4 tcpi_ato:u4 tcpi_snd_mss:u4 tcpi_rcv_mss:u4 tcpi_unacked:u4 tcpi_sacked:u4 tcpi_lost:u4 tcpi_retrans:u4 tcpi_fackets:u4 tcpi_last_data_sent:u4 tcpi_last_ack_sent:u4 tcpi_last_data_recv:u4 tcpi_last_ack_recv:u4 tcpi_pmtu:u4 tcpi_rcv_ssthresh:u4 tcpi_rtt:u4 tcpi_rttvar:u4 tcpi_snd_ssthresh:u4 tcpi_snd_cwnd:u4 tcpi_advmss:u4 tcpi_reordering:u4 tcpi_rcv_rtt:u4 tcpi_rcv_space:u4 tcpi_total_retrans:u4 tcpi_pacing_rate:u8 tcpi_max_pacing_rate:u8 tcpi_bytes_acked:u8 tcpi_bytes_received:u8 tcpi_segs_out:u4 tcpi_segs_in:u4 tcpi_notsent_bytes:u4 tcpi_min_rtt:u4 tcpi_data_segs_in:u4 tcpi_data_segs_out:u4 tcpi_delivery_rate:u8 tcpi_busy_time:u8 tcpi_rwnd_limited:u8 tcpi_sndbuf_limited:u8 tcpi_delivered:u4 tcpi_delivered_ce:u4 tcpi_bytes_sent:u8 tcpi_bytes_retrans:u8 tcpi_dsack_dups:u4 tcpi_reord_seen:u4 tcpi_rcv_ooopack:u4 tcpi_snd_wnd:u4 tcpi_rcv_wnd:u4 tcpi_rehash:u4 tcpi_total_rto:u2 tcpi_total_rto_recoveries:u2 tcpi_total_rto_time:u4 tcpi_received_ce:u4 tcpi_delivered_e1_bytes:u4 tcpi_delivered_e0_bytes:u4 tcpi_delivered_ce_bytes:u4 tcpi_received_e1_bytes:u4 tcpi_received_e0_bytes:u4 tcpi_received_ce_bytes:u4 tcpi_accecn_fail_mode:u2 tcpi_accecn_opt_seen:u2";
    Linger "l_onoff:i4 l_linger:i4";
    Cred "pid:i4 uid:d gid:d";
    MemInfo "rmem_alloc:u4 rcvbuf:u4 wmem_alloc:u4 sndbuf:u4 fwd_alloc:u4 wmem_queued:u4 optmem:u4 backlog:u4 drops:u4";
    TimestampingPhc "flags:f4T bind_phc:i4";
    Txtime "clockid:s4C flags:f4X";
    Mreq "imr_multiaddr:4 imr_interface:4";
    Mreqn "imr_multiaddr:4 imr_address:4 imr_ifindex:i4";
    MreqSource "imr_multiaddr:4 imr_interface:4 imr_sourceaddr:4";
    MsFilter "imsf_multiaddr:4 imsf_interface:4 imsf_fmode:s4M imsf_numsrc:u4";
    GroupReq "gr_interface:u4 -4 gr_group:a0";
    GroupSourceReq "gsr_interface:u4 -4 gsr_group:a128 gsr_source:a0";
    GroupFilter "gf_interface:u4 -4 gf_group:a128 gf_fmode:s4M gf_numsrc:u4";
    PortRange "low:u2 high:u2";
    Mreq6 "ipv6mr_multiaddr:6 ipv6mr_interface:u4";
    PktInfo6 "ipi6_addr:6 ipi6_ifindex:u4";
    MtuInfo6 "ip6m_addr:a28 ip6m_mtu:u4";
    FlowLabel "flr_dst:6 flr_label:b4 flr_action:u1 flr_share:u1 flr_flags:x2 flr_expires:u2 flr_linger:u2";
    Md5Sig "tcpm_addr:a128 tcpm_flags:f1D tcpm_prefixlen:u1 tcpm_keylen:u2 tcpm_ifindex:i4 tcpm_key:k";
    RepairOpt "opt_code:s4O opt_val:u4";
    RepairWindow "snd_wl1:u4 snd_wnd:u4 max_window:u4 rcv_wnd:u4 rcv_wup:u4";
    Bbr "bbr_bw_lo:u4 bbr_bw_hi:u4 bbr_min_rtt:u4 bbr_pacing_gain:u4 bbr_cwnd_gain:u4";
    ZcReceive "address:p length:u4 recv_skip_hint:u4 inq:u4 err:i4 copybuf_address:p copybuf_len:i4 flags:x4 msg_control:p msg_controllen:u8 msg_flags:f4G reserved:u4";
    Filter "len:u2 -6 filter:p";
    PacketRing "tp_block_size:u4 tp_block_nr:u4 tp_frame_size:u4 tp_frame_nr:u4";
    PacketRing3 "tp_block_size:u4 tp_block_nr:u4 tp_frame_size:u4 tp_frame_nr:u4 tp_retire_blk_tov:u4 tp_sizeof_priv:u4 tp_feature_req_word:x4";
    PacketStats "tp_packets:u4 tp_drops:u4 tp_freeze_q_cnt:u4";
    RolloverStats "tp_all:u8 tp_huge:u8 tp_failed:u8";
    TlsInfo "version:s2V cipher_type:s2Y key:k";
    CanFilter "can_id:x4 can_mask:x4";
    SctpEvents "sctp_data_io_event:u1 sctp_association_event:u1 sctp_address_event:u1 sctp_send_failure_event:u1 sctp_peer_error_event:u1 sctp_shutdown_event:u1 sctp_partial_delivery_event:u1 sctp_adaptation_layer_event:u1 sctp_authentication_event:u1 sctp_sender_dry_event:u1 sctp_stream_reset_event:u1 sctp_assoc_reset_event:u1 sctp_stream_change_event:u1 sctp_send_failure_event_event:u1";
    NetlinkRing "nm_block_size:u4 nm_block_nr:u4 nm_frame_size:u4 nm_frame_nr:u4";
    TipcGroup "type:u4 instance:u4 scope:u4 flags:x4";
    BtSecurity "level:u1 key_size:u1";
    XdpUmem "addr:p len:u8 chunk_size:u4 headroom:u4 flags:x4 tx_metadata_len:u4";
    XdpStatistics "rx_dropped:u8 rx_invalid_descs:u8 tx_invalid_descs:u8 rx_ring_full:u8 rx_fill_ring_empty_descs:u8 tx_ring_empty_descs:u8";
    Paddrinfo "spinfo_assoc_id:i4 spinfo_address:a128 spinfo_state:i4 spinfo_cwnd:u4 spinfo_srtt:u4 spinfo_rto:u4 spinfo_mtu:u4";
    PeerAddrParams "spp_assoc_id:i4 spp_address:a128 spp_hbinterval:u4 spp_pathmaxrxt:u2 spp_pathmtu:u4 spp_sackdelay:u4 spp_flags:f4P spp_ipv6_flowlabel:u4 spp_dscp:u1";
    Status "sstat_assoc_id:i4 sstat_state:s4S sstat_rwnd:u4 sstat_unackdata:u2 sstat_penddata:u2 sstat_instrms:u2 sstat_outstrms:u2 sstat_fragmentation_point:u4 spinfo_assoc_id:i4 spinfo_address:a128 spinfo_state:i4 spinfo_cwnd:u4 spinfo_srtt:u4 spinfo_rto:u4 spinfo_mtu:u4";
    AssocValue "assoc_id:i4 assoc_value:u4";
    SndRcvInfo "sinfo_stream:u2 sinfo_ssn:u2 sinfo_flags:f2I -2 sinfo_ppid:b4 sinfo_context:u4 sinfo_timetolive:u4 sinfo_tsn:u4 sinfo_cumtsn:u4 sinfo_assoc_id:i4";
    SndInfo "snd_sid:u2 snd_flags:f2I snd_ppid:b4 snd_context:u4 snd_assoc_id:i4";
    RcvInfo "rcv_sid:u2 rcv_ssn:u2 rcv_flags:f2I -2 rcv_ppid:b4 rcv_tsn:u4 rcv_cumtsn:u4 rcv_context:u4 rcv_assoc_id:i4";
    SctpRtoinfo "srto_assoc_id:i4 srto_initial:u4 srto_max:u4 srto_min:u4";
    SctpAssocinfo "sasoc_assoc_id:i4 sasoc_asocmaxrxt:u2 sasoc_number_peer_destinations:u2 sasoc_peer_rwnd:u4 sasoc_local_rwnd:u4 sasoc_cookie_life:u4";
    SctpInitmsg "sinit_num_ostreams:u2 sinit_max_instreams:u2 sinit_max_attempts:u2 sinit_max_init_timeo:u2";
    SctpPrimaryAddr "ssp_assoc_id:i4 ssp_addr:a128";
    SctpSetPeerPrimaryAddr "sspp_assoc_id:i4 sspp_addr:a128";
    SctpDefaultPrinfo "pr_assoc_id:i4 pr_value:u4 pr_policy:x2";
    SctpDelayedSack "sack_assoc_id:i4 sack_delay:u4 sack_freq:u4";
    SctpEvent "se_assoc_id:i4 se_type:x2 se_on:u1";
    SctpSockoptPeeloff "associd:i4 sd:i4";
    SctpAuthKeyId "scact_assoc_id:i4 scact_keynumber:u2";
    SctpPeerAddrThlds "spt_assoc_id:i4 spt_address:a128 spt_pathmaxrxt:u2 spt_pathpfthld:u2";
    SctpRemoteUdpEncapsPort "sue_assoc_id:i4 sue_address:a128 sue_port:u2";
}

/// Prints a structure.
#[inline(never)]
pub(crate) fn structure(p: &mut Printer, b: &[u8], layout: Layout) {
    p.begin_struct();
    fields(p, &mut Fields::new(b), layout);
    p.end_struct();
}

fn fields(p: &mut Printer, f: &mut Fields, layout: Layout) {
    f.walk(p, line(LAYOUTS, layout as usize));
}

/// Marks the level of a number that means something else in getsockopt.
const GET: u16 = 0x8000;

/// The options whose value is more than an int.
static SHAPES: &[(u16, u16, Shape)] = &[
    (1, xlat::number(xlat::SO, "SO_TYPE"), Shape::Sym(b'K')),
    (1, xlat::number(xlat::SO, "SO_DOMAIN"), Shape::Sym(b'F')),
    (1, xlat::number(xlat::SO, "SO_PROTOCOL"), Shape::Proto),
    (1, xlat::number(xlat::SO, "SO_ERROR"), Shape::Errno),
    (1, xlat::number(xlat::SO, "SO_LINGER"), Shape::Struct(Layout::Linger)),
    (1, xlat::number(xlat::SO, "SO_RCVTIMEO_OLD"), Shape::Timeval),
    (1, xlat::number(xlat::SO, "SO_SNDTIMEO_OLD"), Shape::Timeval),
    (1, xlat::number(xlat::SO, "SO_RCVTIMEO_NEW"), Shape::Timeval),
    (1, xlat::number(xlat::SO, "SO_SNDTIMEO_NEW"), Shape::Timeval),
    (1, xlat::number(xlat::SO, "SO_PEERCRED"), Shape::Struct(Layout::Cred)),
    (1, xlat::number(xlat::SO, "SO_PEERGROUPS"), Shape::U32s),
    (1, xlat::number(xlat::SO, "SO_PEERNAME"), Shape::Addr),
    (1, xlat::number(xlat::SO, "SO_PEERSEC"), Shape::Text),
    (1, xlat::number(xlat::SO, "SO_BINDTODEVICE"), Shape::Text),
    (1, xlat::number(xlat::SO, "SO_ATTACH_FILTER"), Shape::Filter),
    (1, xlat::number(xlat::SO, "SO_ATTACH_REUSEPORT_CBPF"), Shape::Filter),
    (1, xlat::number(xlat::SO, "SO_ATTACH_BPF"), Shape::Fd),
    (1, xlat::number(xlat::SO, "SO_ATTACH_REUSEPORT_EBPF"), Shape::Fd),
    (1, xlat::number(xlat::SO, "SO_PEERPIDFD"), Shape::Fd),
    (1, xlat::number(xlat::SO, "SO_TIMESTAMPING_OLD"), Shape::Timestamping),
    (1, xlat::number(xlat::SO, "SO_TIMESTAMPING_NEW"), Shape::Timestamping),
    (1, xlat::number(xlat::SO, "SO_MARK"), Shape::Hex),
    (1, xlat::number(xlat::SO, "SO_MAX_PACING_RATE"), Shape::Unsigned),
    (1, xlat::number(xlat::SO, "SO_COOKIE"), Shape::Unsigned),
    (1, xlat::number(xlat::SO, "SO_NETNS_COOKIE"), Shape::Unsigned),
    (1, xlat::number(xlat::SO, "SO_INCOMING_NAPI_ID"), Shape::Unsigned),
    (1, xlat::number(xlat::SO, "SO_MEMINFO"), Shape::Struct(Layout::MemInfo)),
    (1, xlat::number(xlat::SO, "SO_TXTIME"), Shape::Struct(Layout::Txtime)),
    (1, xlat::number(xlat::SO, "SO_BUF_LOCK"), Shape::Flags(b'B')),
    (1, xlat::number(xlat::SO, "SO_TXREHASH"), Shape::Sym(b'H')),
    (0, xlat::number(xlat::IP, "IP_TOS"), Shape::Tos),
    (0, xlat::number(xlat::IP, "IP_MTU_DISCOVER"), Shape::Sym(b'U')),
    (0, xlat::number(xlat::IP, "IP_MULTICAST_IF"), Shape::McastIf),
    (0, xlat::number(xlat::IP, "IP_ADD_MEMBERSHIP"), Shape::Mreq),
    (0, xlat::number(xlat::IP, "IP_DROP_MEMBERSHIP"), Shape::Mreq),
    (0, xlat::number(xlat::IP, "IP_BLOCK_SOURCE"), Shape::Struct(Layout::MreqSource)),
    (0, xlat::number(xlat::IP, "IP_UNBLOCK_SOURCE"), Shape::Struct(Layout::MreqSource)),
    (0, xlat::number(xlat::IP, "IP_ADD_SOURCE_MEMBERSHIP"), Shape::Struct(Layout::MreqSource)),
    (0, xlat::number(xlat::IP, "IP_DROP_SOURCE_MEMBERSHIP"), Shape::Struct(Layout::MreqSource)),
    (0, xlat::number(xlat::IP, "IP_MSFILTER"), Shape::MsFilter),
    (0, xlat::number(xlat::IP, "IP_UNICAST_IF"), Shape::Big),
    (0, xlat::number(xlat::IP, "IP_LOCAL_PORT_RANGE"), Shape::Struct(Layout::PortRange)),
    (0, xlat::number(xlat::IP, "IP_PROTOCOL"), Shape::Sym(b'R')),
    (GET, xlat::number(xlat::IP_GET, "SO_ORIGINAL_DST"), Shape::Addr),
    (0, xlat::number(xlat::IP, "MCAST_JOIN_GROUP"), Shape::Struct(Layout::GroupReq)),
    (0, xlat::number(xlat::IP, "MCAST_LEAVE_GROUP"), Shape::Struct(Layout::GroupReq)),
    (0, xlat::number(xlat::IP, "MCAST_BLOCK_SOURCE"), Shape::Struct(Layout::GroupSourceReq)),
    (0, xlat::number(xlat::IP, "MCAST_UNBLOCK_SOURCE"), Shape::Struct(Layout::GroupSourceReq)),
    (0, xlat::number(xlat::IP, "MCAST_JOIN_SOURCE_GROUP"), Shape::Struct(Layout::GroupSourceReq)),
    (0, xlat::number(xlat::IP, "MCAST_LEAVE_SOURCE_GROUP"), Shape::Struct(Layout::GroupSourceReq)),
    (0, xlat::number(xlat::IP, "MCAST_MSFILTER"), Shape::GroupFilter),
    (41, xlat::number(xlat::IPV6, "MCAST_JOIN_GROUP"), Shape::Struct(Layout::GroupReq)),
    (41, xlat::number(xlat::IPV6, "MCAST_LEAVE_GROUP"), Shape::Struct(Layout::GroupReq)),
    (41, xlat::number(xlat::IPV6, "MCAST_BLOCK_SOURCE"), Shape::Struct(Layout::GroupSourceReq)),
    (41, xlat::number(xlat::IPV6, "MCAST_UNBLOCK_SOURCE"), Shape::Struct(Layout::GroupSourceReq)),
    (41, xlat::number(xlat::IPV6, "MCAST_JOIN_SOURCE_GROUP"), Shape::Struct(Layout::GroupSourceReq)),
    (41, xlat::number(xlat::IPV6, "MCAST_LEAVE_SOURCE_GROUP"), Shape::Struct(Layout::GroupSourceReq)),
    (41, xlat::number(xlat::IPV6, "MCAST_MSFILTER"), Shape::GroupFilter),
    (41, xlat::number(xlat::IPV6, "IPV6_ADD_MEMBERSHIP"), Shape::Struct(Layout::Mreq6)),
    (41, xlat::number(xlat::IPV6, "IPV6_DROP_MEMBERSHIP"), Shape::Struct(Layout::Mreq6)),
    (41, xlat::number(xlat::IPV6, "IPV6_JOIN_ANYCAST"), Shape::Struct(Layout::Mreq6)),
    (41, xlat::number(xlat::IPV6, "IPV6_LEAVE_ANYCAST"), Shape::Struct(Layout::Mreq6)),
    (41, xlat::number(xlat::IPV6, "IPV6_MTU_DISCOVER"), Shape::Sym(b'u')),
    (41, xlat::number(xlat::IPV6, "IPV6_TCLASS"), Shape::Tos),
    (41, xlat::number(xlat::IPV6, "IPV6_PKTINFO"), Shape::PktInfo6),
    (41, xlat::number(xlat::IPV6, "IPV6_2292PKTINFO"), Shape::PktInfo6),
    (41, xlat::number(xlat::IPV6, "IPV6_ADDR_PREFERENCES"), Shape::Flags(b'p')),
    (41, xlat::number(xlat::IPV6, "IPV6_PATHMTU"), Shape::Struct(Layout::MtuInfo6)),
    (41, xlat::number(xlat::IPV6, "IPV6_ADDRFORM"), Shape::Sym(b'F')),
    (41, xlat::number(xlat::IPV6, "IPV6_UNICAST_IF"), Shape::Big),
    (41, xlat::number(xlat::IPV6, "IPV6_FLOWLABEL_MGR"), Shape::Struct(Layout::FlowLabel)),
    (41, xlat::number(xlat::IPV6, "IPV6_NEXTHOP"), Shape::Addr),
    (GET | 41, xlat::number(xlat::IPV6_GET, "IP6T_SO_ORIGINAL_DST"), Shape::Addr),
    (6, xlat::number(xlat::TCP, "TCP_INFO"), Shape::TcpInfo),
    (6, xlat::number(xlat::TCP, "TCP_CONGESTION"), Shape::Text),
    (6, xlat::number(xlat::TCP, "TCP_ULP"), Shape::Text),
    (6, xlat::number(xlat::TCP, "TCP_MD5SIG"), Shape::Struct(Layout::Md5Sig)),
    (6, xlat::number(xlat::TCP, "TCP_MD5SIG_EXT"), Shape::Struct(Layout::Md5Sig)),
    (6, xlat::number(xlat::TCP, "TCP_FASTOPEN_KEY"), Shape::Hidden),
    (6, xlat::number(xlat::TCP, "TCP_AO_ADD_KEY"), Shape::Hidden),
    (6, xlat::number(xlat::TCP, "TCP_REPAIR"), Shape::Sym(b'r')),
    (6, xlat::number(xlat::TCP, "TCP_REPAIR_QUEUE"), Shape::Sym(b'q')),
    (6, xlat::number(xlat::TCP, "TCP_QUEUE_SEQ"), Shape::Unsigned),
    (6, xlat::number(xlat::TCP, "TCP_TIMESTAMP"), Shape::Unsigned),
    (6, xlat::number(xlat::TCP, "TCP_USER_TIMEOUT"), Shape::Unsigned),
    (6, xlat::number(xlat::TCP, "TCP_NOTSENT_LOWAT"), Shape::Unsigned),
    (6, xlat::number(xlat::TCP, "TCP_REPAIR_OPTIONS"), Shape::RepairOpts),
    (6, xlat::number(xlat::TCP, "TCP_REPAIR_WINDOW"), Shape::Struct(Layout::RepairWindow)),
    (6, xlat::number(xlat::TCP, "TCP_CC_INFO"), Shape::CcInfo),
    (6, xlat::number(xlat::TCP, "TCP_ZEROCOPY_RECEIVE"), Shape::Struct(Layout::ZcReceive)),
    (17, xlat::number(xlat::UDP, "UDP_ENCAP"), Shape::Sym(b'E')),
    (136, xlat::number(xlat::UDPLITE, "UDP_ENCAP"), Shape::Sym(b'E')),
    (255, xlat::number(xlat::RAW, "ICMP_FILTER"), Shape::IcmpFilter),
    (58, xlat::number(xlat::ICMPV6, "ICMPV6_FILTER"), Shape::Icmp6Filter),
    (263, xlat::number(xlat::PACKET, "PACKET_ADD_MEMBERSHIP"), Shape::PacketMreq),
    (263, xlat::number(xlat::PACKET, "PACKET_DROP_MEMBERSHIP"), Shape::PacketMreq),
    (263, xlat::number(xlat::PACKET, "PACKET_RX_RING"), Shape::PacketRing),
    (263, xlat::number(xlat::PACKET, "PACKET_TX_RING"), Shape::PacketRing),
    (263, xlat::number(xlat::PACKET, "PACKET_STATISTICS"), Shape::Struct(Layout::PacketStats)),
    (263, xlat::number(xlat::PACKET, "PACKET_ROLLOVER_STATS"), Shape::Struct(Layout::RolloverStats)),
    (263, xlat::number(xlat::PACKET, "PACKET_VERSION"), Shape::Sym(b'v')),
    (263, xlat::number(xlat::PACKET, "PACKET_FANOUT"), Shape::PacketFanout),
    (263, xlat::number(xlat::PACKET, "PACKET_TIMESTAMP"), Shape::Flags(b'T')),
    (263, xlat::number(xlat::PACKET, "PACKET_FANOUT_DATA"), Shape::Filter),
    (270, xlat::number(xlat::NETLINK, "NETLINK_LIST_MEMBERSHIPS"), Shape::Memberships),
    (270, xlat::number(xlat::NETLINK, "NETLINK_RX_RING"), Shape::Struct(Layout::NetlinkRing)),
    (270, xlat::number(xlat::NETLINK, "NETLINK_TX_RING"), Shape::Struct(Layout::NetlinkRing)),
    (282, xlat::number(xlat::TLS, "TLS_TX"), Shape::Struct(Layout::TlsInfo)),
    (282, xlat::number(xlat::TLS, "TLS_RX"), Shape::Struct(Layout::TlsInfo)),
    (40, xlat::number(xlat::VSOCK, "SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD"), Shape::Timeval),
    (40, xlat::number(xlat::VSOCK, "SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW"), Shape::Timeval),
    (40, xlat::number(xlat::VSOCK, "SO_VM_SOCKETS_PEER_HOST_VM_ID"), Shape::Sym(b'c')),
    (40, xlat::number(xlat::VSOCK, "SO_VM_SOCKETS_BUFFER_SIZE"), Shape::Unsigned),
    (40, xlat::number(xlat::VSOCK, "SO_VM_SOCKETS_BUFFER_MIN_SIZE"), Shape::Unsigned),
    (40, xlat::number(xlat::VSOCK, "SO_VM_SOCKETS_BUFFER_MAX_SIZE"), Shape::Unsigned),
    (279, xlat::number(xlat::ALG, "ALG_SET_KEY"), Shape::Hidden),
    (279, xlat::number(xlat::ALG, "ALG_SET_DRBG_ENTROPY"), Shape::Hidden),
    (272, xlat::number(xlat::RXRPC, "RXRPC_SECURITY_KEY"), Shape::Text),
    (272, xlat::number(xlat::RXRPC, "RXRPC_SECURITY_KEYRING"), Shape::Text),
    (271, xlat::number(xlat::TIPC, "TIPC_IMPORTANCE"), Shape::Sym(b't')),
    (271, xlat::number(xlat::TIPC, "TIPC_GROUP_JOIN"), Shape::Struct(Layout::TipcGroup)),
    (274, xlat::number(xlat::BLUETOOTH, "BT_SECURITY"), Shape::Struct(Layout::BtSecurity)),
    (276, xlat::number(xlat::RDS, "SO_RDS_TRANSPORT"), Shape::Sym(b'd')),
    (283, xlat::number(xlat::XDP, "XDP_UMEM_REG"), Shape::Struct(Layout::XdpUmem)),
    (283, xlat::number(xlat::XDP, "XDP_STATISTICS"), Shape::Struct(Layout::XdpStatistics)),
    (101, xlat::number(xlat::CAN_RAW_OPT, "CAN_RAW_FILTER"), Shape::CanFilters),
    (101, xlat::number(xlat::CAN_RAW_OPT, "CAN_RAW_ERR_FILTER"), Shape::Hex),
    (132, xlat::number(xlat::SCTP, "SCTP_RTOINFO"), Shape::Struct(Layout::SctpRtoinfo)),
    (132, xlat::number(xlat::SCTP, "SCTP_ASSOCINFO"), Shape::Struct(Layout::SctpAssocinfo)),
    (132, xlat::number(xlat::SCTP, "SCTP_INITMSG"), Shape::Struct(Layout::SctpInitmsg)),
    (132, xlat::number(xlat::SCTP, "SCTP_PRIMARY_ADDR"), Shape::Struct(Layout::SctpPrimaryAddr)),
    (132, xlat::number(xlat::SCTP, "SCTP_SET_PEER_PRIMARY_ADDR"), Shape::Struct(Layout::SctpSetPeerPrimaryAddr)),
    (132, xlat::number(xlat::SCTP, "SCTP_PEER_ADDR_PARAMS"), Shape::Struct(Layout::PeerAddrParams)),
    (132, xlat::number(xlat::SCTP, "SCTP_DEFAULT_SEND_PARAM"), Shape::Struct(Layout::SndRcvInfo)),
    (132, xlat::number(xlat::SCTP, "SCTP_DEFAULT_SNDINFO"), Shape::Struct(Layout::SndInfo)),
    (132, xlat::number(xlat::SCTP, "SCTP_DEFAULT_PRINFO"), Shape::Struct(Layout::SctpDefaultPrinfo)),
    (132, xlat::number(xlat::SCTP, "SCTP_STATUS"), Shape::Struct(Layout::Status)),
    (132, xlat::number(xlat::SCTP, "SCTP_GET_PEER_ADDR_INFO"), Shape::Struct(Layout::Paddrinfo)),
    (132, xlat::number(xlat::SCTP, "SCTP_DELAYED_SACK"), Shape::Struct(Layout::SctpDelayedSack)),
    (132, xlat::number(xlat::SCTP, "SCTP_MAX_BURST"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_CONTEXT"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_MAXSEG"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_PR_SUPPORTED"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_RECONFIG_SUPPORTED"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_ENABLE_STREAM_RESET"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_STREAM_SCHEDULER"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_INTERLEAVING_SUPPORTED"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_ASCONF_SUPPORTED"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_AUTH_SUPPORTED"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_ECN_SUPPORTED"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_EXPOSE_POTENTIALLY_FAILED_STATE"), Shape::Struct(Layout::AssocValue)),
    (132, xlat::number(xlat::SCTP, "SCTP_EVENT"), Shape::Struct(Layout::SctpEvent)),
    (132, xlat::number(xlat::SCTP, "SCTP_SOCKOPT_PEELOFF"), Shape::Struct(Layout::SctpSockoptPeeloff)),
    (132, xlat::number(xlat::SCTP, "SCTP_AUTH_ACTIVE_KEY"), Shape::Struct(Layout::SctpAuthKeyId)),
    (132, xlat::number(xlat::SCTP, "SCTP_AUTH_DELETE_KEY"), Shape::Struct(Layout::SctpAuthKeyId)),
    (132, xlat::number(xlat::SCTP, "SCTP_AUTH_DEACTIVATE_KEY"), Shape::Struct(Layout::SctpAuthKeyId)),
    (132, xlat::number(xlat::SCTP, "SCTP_PEER_ADDR_THLDS"), Shape::Struct(Layout::SctpPeerAddrThlds)),
    (132, xlat::number(xlat::SCTP, "SCTP_REMOTE_UDP_ENCAPS_PORT"), Shape::Struct(Layout::SctpRemoteUdpEncapsPort)),
    (132, xlat::number(xlat::SCTP, "SCTP_AUTH_KEY"), Shape::Hidden),
    (132, xlat::number(xlat::SCTP, "SCTP_EVENTS"), Shape::Struct(Layout::SctpEvents)),
    (132, xlat::number(xlat::SCTP, "SCTP_SOCKOPT_BINDX_ADD"), Shape::Addrs),
    (132, xlat::number(xlat::SCTP, "SCTP_SOCKOPT_BINDX_REM"), Shape::Addrs),
    (132, xlat::number(xlat::SCTP, "SCTP_SOCKOPT_CONNECTX"), Shape::Addrs),
    (132, xlat::number(xlat::SCTP, "SCTP_SOCKOPT_CONNECTX_OLD"), Shape::Addrs),
    (132, xlat::number(xlat::SCTP, "SCTP_GET_PEER_ADDRS"), Shape::Raw),
    (132, xlat::number(xlat::SCTP, "SCTP_GET_LOCAL_ADDRS"), Shape::Raw),
];

/// The shape of an option's value.
fn shape(level: i32, name: i32, is_get: bool) -> Shape {
    let (Ok(level), Ok(name)) = (u16::try_from(level), u16::try_from(name)) else { return Shape::Int };
    if is_get && special(i32::from(level), i32::from(name)).is_some() {
        let found = SHAPES.iter().find(|s| s.0 == GET | level && s.1 == name);
        let raw = if level == 1 { Shape::Raw } else { Shape::Int };
        return found.map_or(raw, |s| s.2);
    }
    let found = SHAPES.iter().find(|s| s.0 == level && s.1 == name);
    match found.map_or(Shape::Int, |s| s.2) {
        Shape::Memberships if is_get => Shape::U32s,
        Shape::Memberships => Shape::Int,
        shape => shape,
    }
}

/// Prints SCTP's ancillary data of this type; false when it is not known.
pub(crate) fn sctp_cmsg(p: &mut Printer, kind: i32, b: &[u8]) -> bool {
    let layout = match xlat::signed(xlat::SCTP_CMSG, i64::from(kind)) {
        Some("SCTP_INIT") => Layout::SctpInitmsg,
        Some("SCTP_SNDRCV") => Layout::SndRcvInfo,
        Some("SCTP_SNDINFO") => Layout::SndInfo,
        Some("SCTP_RCVINFO") => Layout::RcvInfo,
        _ => return false,
    };
    structure(p, b, layout);
    true
}

/// IP_TOS and IPV6_TCLASS: the code point and the congestion bits.
pub(crate) fn tos(p: &mut Printer, v: u64) {
    let name = xlat::name(xlat::IPTOS_DSCP, v & 0xfc);
    if p.json() {
        p.sym(v as i64, name, "");
        return;
    }
    p.hex(v);
    if let Some(name) = name.filter(|_| v != 0) {
        p.note(" /* ");
        p.note(name);
        if let Some(ecn) = xlat::name(xlat::IPTOS_ECN, v & 3).filter(|_| v & 3 != 0) {
            p.note("|");
            p.note(ecn);
        }
        p.note(" */");
    }
}

/// An error number as a symbol; 0 is 0.
pub(crate) fn errno(p: &mut Printer, v: i64) {
    match v {
        0 if !p.json() => p.num(0),
        _ => p.sym(v, xlat::signed(xlat::ERRNO, v), ""),
    }
}

/// Names of protocols that stand for one thing in every family that has SO_PROTOCOL.
fn protocol(v: u64) -> Option<&'static str> {
    match v {
        6 | 17 | 58 | 132 | 136 | 255 | 262 => xlat::name(xlat::IPPROTO, v),
        _ => None,
    }
}

fn print(p: &mut Printer, shape: Shape, b: &[u8], full: u32) {
    let mut f = Fields::new(b);
    let size = full as usize;
    match shape {
        // Scalars: of a getsockopt that was given less room than the value needs, the piece is shown.
        Shape::Errno | Shape::Sym(..) | Shape::Flags(..) | Shape::Proto | Shape::Fd | Shape::Hex
            if b.len() < 4 && size < 4 =>
        {
            match (shape, b) {
                (Shape::Hex | Shape::Sym(..), [_] | [_, _]) if p.format() != Format::Strace => {
                    scalar(p, shape, number(b))
                }
                _ => piece(p, b),
            }
        }
        Shape::Errno | Shape::Sym(..) | Shape::Flags(..) | Shape::Proto | Shape::Fd | Shape::Hex => match b.get(..4) {
            Some(b) => scalar(p, shape, number(b)),
            None => p.payload(b, u64::from(full)),
        },
        Shape::Int => match (size, b) {
            (1 | 2 | 4, _) if b.len() == size => {
                boxed(p, |p| p.num(if size == 4 { signed(b) } else { number(b) as i64 }))
            }
            _ => p.payload(b, u64::from(full)),
        },
        Shape::Unsigned if size <= 8 && b.len() == size => boxed(p, |p| p.unum(number(b))),
        Shape::Big if size <= 8 && b.len() == size => {
            boxed(p, |p| p.unum(b.iter().fold(0, |v, &c| (v << 8) | u64::from(c))));
        }
        Shape::Tos if b.len() == size && matches!(size, 1 | 4) => boxed(p, |p| tos(p, number(b))),
        Shape::Unsigned | Shape::Big | Shape::Tos | Shape::Raw => p.payload(b, u64::from(full)),
        Shape::Hidden => hidden(p),
        Shape::Text => p.text(until_nul(b)),
        Shape::Timeval => f.time(p, "tv_usec"),
        Shape::U32s => list(p, b, 4, most(p), |p, e| p.unum(number(e))),
        Shape::Addr => address(p, b),
        Shape::Addrs => {
            p.begin_array();
            while f.rest().len() >= 2 {
                let n = match number(f.rest().get(..2).unwrap_or(&[])) as i32 {
                    libc::AF_INET => 16,
                    libc::AF_INET6 => 28,
                    _ => f.rest().len(),
                };
                p.elem();
                address(p, f.rest().get(..n).unwrap_or(f.rest()));
                f.skip(n);
            }
            p.end_array();
        }
        Shape::Filter if size == 16 => structure(p, b, Layout::Filter),
        Shape::Filter if size == 4 => print(p, Shape::Fd, b, full),
        Shape::Filter => p.payload(b, u64::from(full)),
        Shape::Timestamping if size >= 8 => structure(p, b, Layout::TimestampingPhc),
        Shape::Timestamping => print(p, Shape::Flags(b'T'), b, full),
        Shape::Mreq => structure(p, b, if size >= 12 { Layout::Mreqn } else { Layout::Mreq }),
        Shape::McastIf => match *b {
            [x, y, z, t] => boxed(p, |p| p.ip4([x, y, z, t])),
            _ if size >= 8 => print(p, Shape::Mreq, b, full),
            _ => p.payload(b, u64::from(full)),
        },
        Shape::MsFilter => {
            p.begin_struct();
            fields(p, &mut f, Layout::MsFilter);
            if !f.rest().is_empty() {
                p.field("imsf_slist");
                list(p, f.rest(), 4, most(p), |p, e| {
                    if let [a, b, c, d] = *e {
                        p.ip4([a, b, c, d]);
                    }
                });
            }
            p.end_struct();
        }
        Shape::GroupFilter => {
            p.begin_struct();
            fields(p, &mut f, Layout::GroupFilter);
            if !f.rest().is_empty() {
                p.field("gf_slist");
                list(p, f.rest(), 128, most(p), address);
            }
            p.end_struct();
        }
        Shape::PktInfo6 if size >= 20 => structure(p, b, Layout::PktInfo6),
        Shape::PktInfo6 => print(p, Shape::Int, b, full),
        Shape::TcpInfo => tcp_info(p, b),
        Shape::RepairOpts => list(p, b, 8, most(p), |p, e| structure(p, e, Layout::RepairOpt)),
        Shape::CcInfo if size == 20 => structure(p, b, Layout::Bbr),
        Shape::CcInfo => p.payload(b, u64::from(full)),
        Shape::IcmpFilter => {
            let v = number(b.get(..4).unwrap_or(b));
            bits(p, 32, |n| v >> n & 1 != 0, xlat::ICMP_TYPE, "ICMP_???");
        }
        Shape::Icmp6Filter => {
            bits(
                p,
                256,
                |n| b.get((n / 8) as usize).is_some_and(|c| c >> (n % 8) & 1 != 0),
                xlat::ICMPV6_TYPE,
                "ICMPV6_???",
            );
        }
        Shape::PacketMreq => {
            p.begin_struct();
            f.num(p, "mr_ifindex", 4);
            f.sym(p, "mr_type", 2, xlat::PACKET_MR, "PACKET_MR_???");
            let alen = f.rest().get(..2).map_or(0, number);
            f.unum(p, "mr_alen", 2);
            if !f.rest().is_empty() {
                p.field("mr_address");
                let a = f.rest();
                mac(p, a.get(..alen as usize).unwrap_or(a));
            }
            p.end_struct();
        }
        Shape::PacketRing => structure(p, b, if size > 16 { Layout::PacketRing3 } else { Layout::PacketRing }),
        Shape::PacketFanout => {
            p.begin_struct();
            f.unum(p, "id", 2);
            if let Some(&[mode, flags]) = f.field(p, "type", 2) {
                p.sym(i64::from(mode), xlat::name(xlat::PACKET_FANOUT_MODE, u64::from(mode)), "PACKET_FANOUT_???");
                if flags != 0 {
                    p.field("flags");
                    p.flags(u64::from(flags) << 8, xlat::PACKET_FANOUT_FLAG, "PACKET_FANOUT_FLAG_???");
                }
            }
            f.unum(p, "max_num_members", 4);
            p.end_struct();
        }
        Shape::Struct(layout) => structure(p, b, layout),
        Shape::CanFilters => list(p, b, 8, most(p), |p, e| structure(p, e, Layout::CanFilter)),
        Shape::Memberships => {}
    }
}

fn most(p: &Printer) -> usize {
    if p.opts().verbose { usize::MAX } else { 32 }
}

fn scalar(p: &mut Printer, shape: Shape, v: u64) {
    let v32 = v as u32;
    let signed = i64::from(v32 as i32);
    boxed(p, |p| match shape {
        Shape::Errno => errno(p, signed),
        Shape::Sym(letter) => {
            let (table, unknown) = symbols(letter);
            p.sym(signed, xlat::name(table, u64::from(v32)).or_else(|| xlat::signed(table, signed)), unknown);
        }
        Shape::Flags(letter) => {
            let (table, unknown) = symbols(letter);
            p.flags(u64::from(v32), table, unknown);
        }
        Shape::Proto => match protocol(u64::from(v32)) {
            Some(name) => p.sym(signed, Some(name), ""),
            None if p.json() => p.sym(signed, None, ""),
            None => p.num(signed),
        },
        Shape::Fd => p.fd(v32 as i32),
        _ => p.hex(u64::from(v32)),
    });
}

fn mac(p: &mut Printer, b: &[u8]) {
    let json = p.json();
    let out = p.out();
    if json {
        out.byte(b'"');
    }
    crate::ip::mac(out, b);
    if json {
        out.byte(b'"');
    }
}

/// A set of numbered bits by name: `[A B]`, or `~[C]` when most are set; an array in JSON.
fn bits(p: &mut Printer, count: u32, set: impl Fn(u32) -> bool, table: Xlat, unknown: &str) {
    let on = (0..count).filter(|&n| set(n)).count();
    let invert = !p.json() && on > count as usize / 2;
    if p.json() {
        p.begin_array();
    } else {
        p.note(if invert { "~[" } else { "[" });
    }
    let mut first = true;
    for n in (0..count).filter(|&n| set(n) != invert) {
        if p.json() {
            p.elem();
        } else if !first {
            p.note(" ");
        }
        first = false;
        p.sym(i64::from(n), xlat::name(table, u64::from(n)), unknown);
    }
    if p.json() {
        p.end_array();
    } else {
        p.note("]");
    }
}

fn tcp_info(p: &mut Printer, b: &[u8]) {
    let mut f = Fields::new(b);
    p.begin_struct();
    f.sym(p, "tcpi_state", 1, xlat::TCP_STATE_FULL, "TCP_???");
    f.sym(p, "tcpi_ca_state", 1, xlat::TCP_CA, "TCP_CA_???");
    f.unum(p, "tcpi_retransmits", 1);
    f.unum(p, "tcpi_probes", 1);
    f.unum(p, "tcpi_backoff", 1);
    f.flags(p, "tcpi_options", 1, xlat::TCPI_OPT, "TCPI_OPT_???");
    if let Some(&[w]) = f.take(1) {
        p.field("tcpi_snd_wscale");
        p.unum(u64::from(w & 15));
        p.field("tcpi_rcv_wscale");
        p.unum(u64::from(w >> 4));
    }
    if let Some(&[w]) = f.take(1) {
        p.field("tcpi_delivery_rate_app_limited");
        p.unum(u64::from(w & 1));
        p.field("tcpi_fastopen_client_fail");
        p.unum(u64::from(w >> 1 & 3));
    }
    fields(p, &mut f, Layout::TcpInfo);
    p.end_struct();
}
