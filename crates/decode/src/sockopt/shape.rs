//! What each option's value is.

use super::special;
use crate::fields::{Fields, line};
use crate::printer::Printer;
use crate::xlat;

/// What an option's value is. Letters stand for tables of names, see [`crate::fields::symbols`].
#[derive(Clone, Copy)]
pub(super) enum Shape {
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
    GroupReq "gr_interface:n4 -4 gr_group:a0";
    GroupSourceReq "gsr_interface:u4 -4 gsr_group:a128 gsr_source:a0";
    GroupFilter "gf_interface:u4 -4 gf_group:a128 gf_fmode:s4M gf_numsrc:u4";
    PortRange "low:u2 high:u2";
    Mreq6 "ipv6mr_multiaddr:6 ipv6mr_interface:n4";
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
pub(super) fn structure(p: &mut Printer, b: &[u8], layout: Layout) {
    p.begin_struct();
    fields(p, &mut Fields::new(b), layout);
    p.end_struct();
}

pub(super) fn fields(p: &mut Printer, f: &mut Fields, layout: Layout) {
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
pub(super) fn of(level: i32, name: i32, is_get: bool) -> Shape {
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
