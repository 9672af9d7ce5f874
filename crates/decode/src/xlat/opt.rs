//! Written by `cargo run -p xtask -- xlat` from crates/decode/xlat.in; edit that.

use super::{Rows, Xlat};

/// Option levels.
pub const SOL: Xlat = Xlat(68);
const SOL_ROWS: Rows = &[
    (0, "SOL_IP"),
    (1, "SOL_SOCKET"),
    (6, "SOL_TCP"),
    (17, "SOL_UDP"),
    (18, "SOL_RFCOMM"),
    (40, "AF_VSOCK"),
    (41, "SOL_IPV6"),
    (58, "SOL_ICMPV6"),
    (100, "SOL_CAN_BASE"),
    (101, "SOL_CAN_RAW"),
    (102, "SOL_CAN_BCM"),
    (106, "SOL_CAN_ISOTP"),
    (107, "SOL_CAN_J1939"),
    (132, "SOL_SCTP"),
    (136, "SOL_UDPLITE"),
    (255, "SOL_RAW"),
    (256, "SOL_IPX"),
    (257, "SOL_AX25"),
    (258, "SOL_ATALK"),
    (259, "SOL_NETROM"),
    (260, "SOL_ROSE"),
    (261, "SOL_DECNET"),
    (262, "SOL_X25"),
    (263, "SOL_PACKET"),
    (264, "SOL_ATM"),
    (265, "SOL_AAL"),
    (266, "SOL_IRDA"),
    (267, "SOL_NETBEUI"),
    (268, "SOL_LLC"),
    (269, "SOL_DCCP"),
    (270, "SOL_NETLINK"),
    (271, "SOL_TIPC"),
    (272, "SOL_RXRPC"),
    (273, "SOL_PPPOL2TP"),
    (274, "SOL_BLUETOOTH"),
    (275, "SOL_PNPIPE"),
    (276, "SOL_RDS"),
    (277, "SOL_IUCV"),
    (278, "SOL_CAIF"),
    (279, "SOL_ALG"),
    (280, "SOL_NFC"),
    (281, "SOL_KCM"),
    (282, "SOL_TLS"),
    (283, "SOL_XDP"),
    (284, "SOL_MPTCP"),
    (285, "SOL_MCTP"),
    (286, "SOL_SMC"),
    (287, "SOL_VSOCK"),
];

/// Options of SOL_SOCKET.
pub const SO: Xlat = Xlat(69);
const SO_ROWS: Rows = &[
    (1, "SO_DEBUG"),
    (2, "SO_REUSEADDR"),
    (3, "SO_TYPE"),
    (4, "SO_ERROR"),
    (5, "SO_DONTROUTE"),
    (6, "SO_BROADCAST"),
    (7, "SO_SNDBUF"),
    (8, "SO_RCVBUF"),
    (9, "SO_KEEPALIVE"),
    (10, "SO_OOBINLINE"),
    (11, "SO_NO_CHECK"),
    (12, "SO_PRIORITY"),
    (13, "SO_LINGER"),
    (14, "SO_BSDCOMPAT"),
    (15, "SO_REUSEPORT"),
    (16, "SO_PASSCRED"),
    (17, "SO_PEERCRED"),
    (18, "SO_RCVLOWAT"),
    (19, "SO_SNDLOWAT"),
    (20, "SO_RCVTIMEO_OLD"),
    (21, "SO_SNDTIMEO_OLD"),
    (22, "SO_SECURITY_AUTHENTICATION"),
    (23, "SO_SECURITY_ENCRYPTION_TRANSPORT"),
    (24, "SO_SECURITY_ENCRYPTION_NETWORK"),
    (25, "SO_BINDTODEVICE"),
    (26, "SO_ATTACH_FILTER"),
    (27, "SO_DETACH_FILTER"),
    (28, "SO_PEERNAME"),
    (29, "SO_TIMESTAMP_OLD"),
    (30, "SO_ACCEPTCONN"),
    (31, "SO_PEERSEC"),
    (32, "SO_SNDBUFFORCE"),
    (33, "SO_RCVBUFFORCE"),
    (34, "SO_PASSSEC"),
    (35, "SO_TIMESTAMPNS_OLD"),
    (36, "SO_MARK"),
    (37, "SO_TIMESTAMPING_OLD"),
    (38, "SO_PROTOCOL"),
    (39, "SO_DOMAIN"),
    (40, "SO_RXQ_OVFL"),
    (41, "SO_WIFI_STATUS"),
    (42, "SO_PEEK_OFF"),
    (43, "SO_NOFCS"),
    (44, "SO_LOCK_FILTER"),
    (45, "SO_SELECT_ERR_QUEUE"),
    (46, "SO_BUSY_POLL"),
    (47, "SO_MAX_PACING_RATE"),
    (48, "SO_BPF_EXTENSIONS"),
    (49, "SO_INCOMING_CPU"),
    (50, "SO_ATTACH_BPF"),
    (51, "SO_ATTACH_REUSEPORT_CBPF"),
    (52, "SO_ATTACH_REUSEPORT_EBPF"),
    (53, "SO_CNX_ADVICE"),
    (55, "SO_MEMINFO"),
    (56, "SO_INCOMING_NAPI_ID"),
    (57, "SO_COOKIE"),
    (59, "SO_PEERGROUPS"),
    (60, "SO_ZEROCOPY"),
    (61, "SO_TXTIME"),
    (62, "SO_BINDTOIFINDEX"),
    (63, "SO_TIMESTAMP_NEW"),
    (64, "SO_TIMESTAMPNS_NEW"),
    (65, "SO_TIMESTAMPING_NEW"),
    (66, "SO_RCVTIMEO_NEW"),
    (67, "SO_SNDTIMEO_NEW"),
    (68, "SO_DETACH_REUSEPORT_BPF"),
    (69, "SO_PREFER_BUSY_POLL"),
    (70, "SO_BUSY_POLL_BUDGET"),
    (71, "SO_NETNS_COOKIE"),
    (72, "SO_BUF_LOCK"),
    (73, "SO_RESERVE_MEM"),
    (74, "SO_TXREHASH"),
    (75, "SO_RCVMARK"),
    (76, "SO_PASSPIDFD"),
    (77, "SO_PEERPIDFD"),
    (78, "SO_DEVMEM_LINEAR"),
    (79, "SO_DEVMEM_DMABUF"),
    (80, "SO_DEVMEM_DONTNEED"),
    (82, "SO_RCVPRIORITY"),
    (83, "SO_PASSRIGHTS"),
    (84, "SO_INQ"),
];

/// Options of SOL_IP.
pub const IP: Xlat = Xlat(70);
const IP_ROWS: Rows = &[
    (1, "IP_TOS"),
    (2, "IP_TTL"),
    (3, "IP_HDRINCL"),
    (4, "IP_OPTIONS"),
    (5, "IP_ROUTER_ALERT"),
    (6, "IP_RECVOPTS"),
    (7, "IP_RETOPTS"),
    (8, "IP_PKTINFO"),
    (9, "IP_PKTOPTIONS"),
    (10, "IP_MTU_DISCOVER"),
    (11, "IP_RECVERR"),
    (12, "IP_RECVTTL"),
    (13, "IP_RECVTOS"),
    (14, "IP_MTU"),
    (15, "IP_FREEBIND"),
    (16, "IP_IPSEC_POLICY"),
    (17, "IP_XFRM_POLICY"),
    (18, "IP_PASSSEC"),
    (19, "IP_TRANSPARENT"),
    (20, "IP_ORIGDSTADDR"),
    (21, "IP_MINTTL"),
    (22, "IP_NODEFRAG"),
    (23, "IP_CHECKSUM"),
    (24, "IP_BIND_ADDRESS_NO_PORT"),
    (25, "IP_RECVFRAGSIZE"),
    (26, "IP_RECVERR_RFC4884"),
    (32, "IP_MULTICAST_IF"),
    (33, "IP_MULTICAST_TTL"),
    (34, "IP_MULTICAST_LOOP"),
    (35, "IP_ADD_MEMBERSHIP"),
    (36, "IP_DROP_MEMBERSHIP"),
    (37, "IP_UNBLOCK_SOURCE"),
    (38, "IP_BLOCK_SOURCE"),
    (39, "IP_ADD_SOURCE_MEMBERSHIP"),
    (40, "IP_DROP_SOURCE_MEMBERSHIP"),
    (41, "IP_MSFILTER"),
    (42, "MCAST_JOIN_GROUP"),
    (43, "MCAST_BLOCK_SOURCE"),
    (44, "MCAST_UNBLOCK_SOURCE"),
    (45, "MCAST_LEAVE_GROUP"),
    (46, "MCAST_JOIN_SOURCE_GROUP"),
    (47, "MCAST_LEAVE_SOURCE_GROUP"),
    (48, "MCAST_MSFILTER"),
    (49, "IP_MULTICAST_ALL"),
    (50, "IP_UNICAST_IF"),
    (51, "IP_LOCAL_PORT_RANGE"),
    (52, "IP_PROTOCOL"),
    (64, "IPT_SO_SET_REPLACE"),
    (65, "IPT_SO_SET_ADD_COUNTERS"),
    (96, "ARPT_SO_SET_REPLACE"),
    (97, "ARPT_SO_SET_ADD_COUNTERS"),
    (128, "EBT_SO_SET_ENTRIES"),
    (129, "EBT_SO_SET_COUNTERS"),
    (200, "MRT_INIT"),
    (201, "MRT_DONE"),
    (202, "MRT_ADD_VIF"),
    (203, "MRT_DEL_VIF"),
    (204, "MRT_ADD_MFC"),
    (205, "MRT_DEL_MFC"),
    (206, "MRT_VERSION"),
    (207, "MRT_ASSERT"),
    (208, "MRT_PIM"),
    (209, "MRT_TABLE"),
    (210, "MRT_ADD_MFC_PROXY"),
    (211, "MRT_DEL_MFC_PROXY"),
    (212, "MRT_FLUSH"),
];

/// Options of SOL_IP that mean something else in getsockopt.
pub const IP_GET: Xlat = Xlat(71);
const IP_GET_ROWS: Rows = &[
    (64, "IPT_SO_GET_INFO"),
    (65, "IPT_SO_GET_ENTRIES"),
    (66, "IPT_SO_GET_REVISION_MATCH"),
    (67, "IPT_SO_GET_REVISION_TARGET"),
    (80, "SO_ORIGINAL_DST"),
    (96, "ARPT_SO_GET_INFO"),
    (97, "ARPT_SO_GET_ENTRIES"),
    (99, "ARPT_SO_GET_REVISION_TARGET"),
    (128, "EBT_SO_GET_INFO"),
    (129, "EBT_SO_GET_ENTRIES"),
    (130, "EBT_SO_GET_INIT_INFO"),
    (131, "EBT_SO_GET_INIT_ENTRIES"),
];

/// Options of SOL_IPV6.
pub const IPV6: Xlat = Xlat(72);
const IPV6_ROWS: Rows = &[
    (1, "IPV6_ADDRFORM"),
    (2, "IPV6_2292PKTINFO"),
    (3, "IPV6_2292HOPOPTS"),
    (4, "IPV6_2292DSTOPTS"),
    (5, "IPV6_2292RTHDR"),
    (6, "IPV6_2292PKTOPTIONS"),
    (7, "IPV6_CHECKSUM"),
    (8, "IPV6_2292HOPLIMIT"),
    (9, "IPV6_NEXTHOP"),
    (10, "IPV6_AUTHHDR"),
    (11, "IPV6_FLOWINFO"),
    (16, "IPV6_UNICAST_HOPS"),
    (17, "IPV6_MULTICAST_IF"),
    (18, "IPV6_MULTICAST_HOPS"),
    (19, "IPV6_MULTICAST_LOOP"),
    (20, "IPV6_ADD_MEMBERSHIP"),
    (21, "IPV6_DROP_MEMBERSHIP"),
    (22, "IPV6_ROUTER_ALERT"),
    (23, "IPV6_MTU_DISCOVER"),
    (24, "IPV6_MTU"),
    (25, "IPV6_RECVERR"),
    (26, "IPV6_V6ONLY"),
    (27, "IPV6_JOIN_ANYCAST"),
    (28, "IPV6_LEAVE_ANYCAST"),
    (29, "IPV6_MULTICAST_ALL"),
    (30, "IPV6_ROUTER_ALERT_ISOLATE"),
    (31, "IPV6_RECVERR_RFC4884"),
    (32, "IPV6_FLOWLABEL_MGR"),
    (33, "IPV6_FLOWINFO_SEND"),
    (34, "IPV6_IPSEC_POLICY"),
    (35, "IPV6_XFRM_POLICY"),
    (36, "IPV6_HDRINCL"),
    (42, "MCAST_JOIN_GROUP"),
    (43, "MCAST_BLOCK_SOURCE"),
    (44, "MCAST_UNBLOCK_SOURCE"),
    (45, "MCAST_LEAVE_GROUP"),
    (46, "MCAST_JOIN_SOURCE_GROUP"),
    (47, "MCAST_LEAVE_SOURCE_GROUP"),
    (48, "MCAST_MSFILTER"),
    (49, "IPV6_RECVPKTINFO"),
    (50, "IPV6_PKTINFO"),
    (51, "IPV6_RECVHOPLIMIT"),
    (52, "IPV6_HOPLIMIT"),
    (53, "IPV6_RECVHOPOPTS"),
    (54, "IPV6_HOPOPTS"),
    (55, "IPV6_RTHDRDSTOPTS"),
    (56, "IPV6_RECVRTHDR"),
    (57, "IPV6_RTHDR"),
    (58, "IPV6_RECVDSTOPTS"),
    (59, "IPV6_DSTOPTS"),
    (60, "IPV6_RECVPATHMTU"),
    (61, "IPV6_PATHMTU"),
    (62, "IPV6_DONTFRAG"),
    (63, "IPV6_USE_MIN_MTU"),
    (64, "IP6T_SO_SET_REPLACE"),
    (65, "IP6T_SO_SET_ADD_COUNTERS"),
    (66, "IPV6_RECVTCLASS"),
    (67, "IPV6_TCLASS"),
    (70, "IPV6_AUTOFLOWLABEL"),
    (72, "IPV6_ADDR_PREFERENCES"),
    (73, "IPV6_MINHOPCOUNT"),
    (74, "IPV6_ORIGDSTADDR"),
    (75, "IPV6_TRANSPARENT"),
    (76, "IPV6_UNICAST_IF"),
    (77, "IPV6_RECVFRAGSIZE"),
    (78, "IPV6_FREEBIND"),
    (200, "MRT6_INIT"),
    (201, "MRT6_DONE"),
    (202, "MRT6_ADD_MIF"),
    (203, "MRT6_DEL_MIF"),
    (204, "MRT6_ADD_MFC"),
    (205, "MRT6_DEL_MFC"),
    (206, "MRT6_VERSION"),
    (207, "MRT6_ASSERT"),
    (208, "MRT6_PIM"),
    (209, "MRT6_TABLE"),
    (210, "MRT6_ADD_MFC_PROXY"),
    (211, "MRT6_DEL_MFC_PROXY"),
    (212, "MRT6_FLUSH"),
];

/// Options of SOL_IPV6 that mean something else in getsockopt.
pub const IPV6_GET: Xlat = Xlat(73);
const IPV6_GET_ROWS: Rows = &[
    (64, "IP6T_SO_GET_INFO"),
    (65, "IP6T_SO_GET_ENTRIES"),
    (68, "IP6T_SO_GET_REVISION_MATCH"),
    (69, "IP6T_SO_GET_REVISION_TARGET"),
    (80, "IP6T_SO_ORIGINAL_DST"),
];

/// Options of SOL_RAW.
pub const RAW: Xlat = Xlat(74);
const RAW_ROWS: Rows = &[(1, "ICMP_FILTER")];

/// Options of SOL_ICMPV6.
pub const ICMPV6: Xlat = Xlat(75);
const ICMPV6_ROWS: Rows = &[(1, "ICMPV6_FILTER")];

/// Options of SOL_TCP.
pub const TCP: Xlat = Xlat(76);
const TCP_ROWS: Rows = &[
    (1, "TCP_NODELAY"),
    (2, "TCP_MAXSEG"),
    (3, "TCP_CORK"),
    (4, "TCP_KEEPIDLE"),
    (5, "TCP_KEEPINTVL"),
    (6, "TCP_KEEPCNT"),
    (7, "TCP_SYNCNT"),
    (8, "TCP_LINGER2"),
    (9, "TCP_DEFER_ACCEPT"),
    (10, "TCP_WINDOW_CLAMP"),
    (11, "TCP_INFO"),
    (12, "TCP_QUICKACK"),
    (13, "TCP_CONGESTION"),
    (14, "TCP_MD5SIG"),
    (15, "TCP_COOKIE_TRANSACTIONS"),
    (16, "TCP_THIN_LINEAR_TIMEOUTS"),
    (17, "TCP_THIN_DUPACK"),
    (18, "TCP_USER_TIMEOUT"),
    (19, "TCP_REPAIR"),
    (20, "TCP_REPAIR_QUEUE"),
    (21, "TCP_QUEUE_SEQ"),
    (22, "TCP_REPAIR_OPTIONS"),
    (23, "TCP_FASTOPEN"),
    (24, "TCP_TIMESTAMP"),
    (25, "TCP_NOTSENT_LOWAT"),
    (26, "TCP_CC_INFO"),
    (27, "TCP_SAVE_SYN"),
    (28, "TCP_SAVED_SYN"),
    (29, "TCP_REPAIR_WINDOW"),
    (30, "TCP_FASTOPEN_CONNECT"),
    (31, "TCP_ULP"),
    (32, "TCP_MD5SIG_EXT"),
    (33, "TCP_FASTOPEN_KEY"),
    (34, "TCP_FASTOPEN_NO_COOKIE"),
    (35, "TCP_ZEROCOPY_RECEIVE"),
    (36, "TCP_INQ"),
    (37, "TCP_TX_DELAY"),
    (38, "TCP_AO_ADD_KEY"),
    (39, "TCP_AO_DEL_KEY"),
    (40, "TCP_AO_INFO"),
    (41, "TCP_AO_GET_KEYS"),
    (42, "TCP_AO_REPAIR"),
    (43, "TCP_IS_MPTCP"),
    (44, "TCP_RTO_MAX_MS"),
    (45, "TCP_RTO_MIN_US"),
    (46, "TCP_DELACK_MAX_US"),
];

/// Options of SOL_UDP.
pub const UDP: Xlat = Xlat(77);
const UDP_ROWS: Rows = &[
    (1, "UDP_CORK"),
    (100, "UDP_ENCAP"),
    (101, "UDP_NO_CHECK6_TX"),
    (102, "UDP_NO_CHECK6_RX"),
    (103, "UDP_SEGMENT"),
    (104, "UDP_GRO"),
];

/// Options of SOL_UDPLITE.
pub const UDPLITE: Xlat = Xlat(78);
const UDPLITE_ROWS: Rows = &[
    (1, "UDP_CORK"),
    (10, "UDPLITE_SEND_CSCOV"),
    (11, "UDPLITE_RECV_CSCOV"),
    (100, "UDP_ENCAP"),
    (101, "UDP_NO_CHECK6_TX"),
    (102, "UDP_NO_CHECK6_RX"),
];

/// Values of UDP_ENCAP.
pub const UDP_ENCAP_TYPE: Xlat = Xlat(79);
const UDP_ENCAP_TYPE_ROWS: Rows = &[
    (1, "UDP_ENCAP_ESPINUDP_NON_IKE"),
    (2, "UDP_ENCAP_ESPINUDP"),
    (3, "UDP_ENCAP_L2TPINUDP"),
    (4, "UDP_ENCAP_GTP0"),
    (5, "UDP_ENCAP_GTP1U"),
    (6, "UDP_ENCAP_RXRPC"),
    (7, "TCP_ENCAP_ESPINTCP"),
];

/// Options of SOL_SCTP.
pub const SCTP: Xlat = Xlat(80);
const SCTP_ROWS: Rows = &[
    (0, "SCTP_RTOINFO"),
    (1, "SCTP_ASSOCINFO"),
    (2, "SCTP_INITMSG"),
    (3, "SCTP_NODELAY"),
    (4, "SCTP_AUTOCLOSE"),
    (5, "SCTP_SET_PEER_PRIMARY_ADDR"),
    (6, "SCTP_PRIMARY_ADDR"),
    (7, "SCTP_ADAPTATION_LAYER"),
    (8, "SCTP_DISABLE_FRAGMENTS"),
    (9, "SCTP_PEER_ADDR_PARAMS"),
    (10, "SCTP_DEFAULT_SEND_PARAM"),
    (11, "SCTP_EVENTS"),
    (12, "SCTP_I_WANT_MAPPED_V4_ADDR"),
    (13, "SCTP_MAXSEG"),
    (14, "SCTP_STATUS"),
    (15, "SCTP_GET_PEER_ADDR_INFO"),
    (16, "SCTP_DELAYED_SACK"),
    (17, "SCTP_CONTEXT"),
    (18, "SCTP_FRAGMENT_INTERLEAVE"),
    (19, "SCTP_PARTIAL_DELIVERY_POINT"),
    (20, "SCTP_MAX_BURST"),
    (21, "SCTP_AUTH_CHUNK"),
    (22, "SCTP_HMAC_IDENT"),
    (23, "SCTP_AUTH_KEY"),
    (24, "SCTP_AUTH_ACTIVE_KEY"),
    (25, "SCTP_AUTH_DELETE_KEY"),
    (26, "SCTP_PEER_AUTH_CHUNKS"),
    (27, "SCTP_LOCAL_AUTH_CHUNKS"),
    (28, "SCTP_GET_ASSOC_NUMBER"),
    (29, "SCTP_GET_ASSOC_ID_LIST"),
    (30, "SCTP_AUTO_ASCONF"),
    (31, "SCTP_PEER_ADDR_THLDS"),
    (32, "SCTP_RECVRCVINFO"),
    (33, "SCTP_RECVNXTINFO"),
    (34, "SCTP_DEFAULT_SNDINFO"),
    (35, "SCTP_AUTH_DEACTIVATE_KEY"),
    (36, "SCTP_REUSE_PORT"),
    (37, "SCTP_PEER_ADDR_THLDS_V2"),
    (100, "SCTP_SOCKOPT_BINDX_ADD"),
    (101, "SCTP_SOCKOPT_BINDX_REM"),
    (102, "SCTP_SOCKOPT_PEELOFF"),
    (103, "SCTP_GET_PEER_ADDRS_NUM_OLD"),
    (104, "SCTP_GET_PEER_ADDRS_OLD"),
    (105, "SCTP_GET_LOCAL_ADDRS_NUM_OLD"),
    (106, "SCTP_GET_LOCAL_ADDRS_OLD"),
    (107, "SCTP_SOCKOPT_CONNECTX_OLD"),
    (108, "SCTP_GET_PEER_ADDRS"),
    (109, "SCTP_GET_LOCAL_ADDRS"),
    (110, "SCTP_SOCKOPT_CONNECTX"),
    (111, "SCTP_SOCKOPT_CONNECTX3"),
    (112, "SCTP_GET_ASSOC_STATS"),
    (113, "SCTP_PR_SUPPORTED"),
    (114, "SCTP_DEFAULT_PRINFO"),
    (115, "SCTP_PR_ASSOC_STATUS"),
    (116, "SCTP_PR_STREAM_STATUS"),
    (117, "SCTP_RECONFIG_SUPPORTED"),
    (118, "SCTP_ENABLE_STREAM_RESET"),
    (119, "SCTP_RESET_STREAMS"),
    (120, "SCTP_RESET_ASSOC"),
    (121, "SCTP_ADD_STREAMS"),
    (122, "SCTP_SOCKOPT_PEELOFF_FLAGS"),
    (123, "SCTP_STREAM_SCHEDULER"),
    (124, "SCTP_STREAM_SCHEDULER_VALUE"),
    (125, "SCTP_INTERLEAVING_SUPPORTED"),
    (126, "SCTP_SENDMSG_CONNECT"),
    (127, "SCTP_EVENT"),
    (128, "SCTP_ASCONF_SUPPORTED"),
    (129, "SCTP_AUTH_SUPPORTED"),
    (130, "SCTP_ECN_SUPPORTED"),
    (131, "SCTP_EXPOSE_POTENTIALLY_FAILED_STATE"),
    (132, "SCTP_REMOTE_UDP_ENCAPS_PORT"),
    (133, "SCTP_PLPMTUD_PROBE_INTERVAL"),
];

/// Ancillary data of SOL_SCTP.
pub const SCTP_CMSG: Xlat = Xlat(81);
const SCTP_CMSG_ROWS: Rows = &[
    (0, "SCTP_INIT"),
    (1, "SCTP_SNDRCV"),
    (2, "SCTP_SNDINFO"),
    (3, "SCTP_RCVINFO"),
    (4, "SCTP_NXTINFO"),
    (5, "SCTP_PRINFO"),
    (6, "SCTP_AUTHINFO"),
    (7, "SCTP_DSTADDRV4"),
    (8, "SCTP_DSTADDRV6"),
];

/// Flags of SCTP send and receive information.
pub const SCTP_SINFO: Xlat = Xlat(82);
const SCTP_SINFO_ROWS: Rows = &[
    (0x1, "SCTP_UNORDERED"),
    (0x2, "SCTP_ADDR_OVER"),
    (0x4, "SCTP_ABORT"),
    (0x8, "SCTP_SACK_IMMEDIATELY"),
    (0x40, "SCTP_SENDALL"),
    (0x80, "SCTP_PR_SCTP_ALL"),
    (0x200, "SCTP_EOF"),
    (0x8000, "SCTP_NOTIFICATION"),
];

/// States of an SCTP association.
pub const SCTP_STATE: Xlat = Xlat(83);
const SCTP_STATE_ROWS: Rows = &[
    (0, "SCTP_EMPTY"),
    (1, "SCTP_CLOSED"),
    (2, "SCTP_COOKIE_WAIT"),
    (3, "SCTP_COOKIE_ECHOED"),
    (4, "SCTP_ESTABLISHED"),
    (5, "SCTP_SHUTDOWN_PENDING"),
    (6, "SCTP_SHUTDOWN_SENT"),
    (7, "SCTP_SHUTDOWN_RECEIVED"),
    (8, "SCTP_SHUTDOWN_ACK_SENT"),
];

/// Flags of SCTP_PEER_ADDR_PARAMS.
pub const SCTP_SPP: Xlat = Xlat(84);
const SCTP_SPP_ROWS: Rows = &[
    (0x1, "SPP_HB_ENABLE"),
    (0x2, "SPP_HB_DISABLE"),
    (0x4, "SPP_HB_DEMAND"),
    (0x8, "SPP_PMTUD_ENABLE"),
    (0x10, "SPP_PMTUD_DISABLE"),
    (0x20, "SPP_SACKDELAY_ENABLE"),
    (0x40, "SPP_SACKDELAY_DISABLE"),
    (0x80, "SPP_HB_TIME_IS_ZERO"),
    (0x100, "SPP_IPV6_FLOWLABEL"),
    (0x200, "SPP_DSCP"),
];

/// Options of SOL_PACKET.
pub const PACKET: Xlat = Xlat(85);
const PACKET_ROWS: Rows = &[
    (1, "PACKET_ADD_MEMBERSHIP"),
    (2, "PACKET_DROP_MEMBERSHIP"),
    (3, "PACKET_RECV_OUTPUT"),
    (5, "PACKET_RX_RING"),
    (6, "PACKET_STATISTICS"),
    (7, "PACKET_COPY_THRESH"),
    (8, "PACKET_AUXDATA"),
    (9, "PACKET_ORIGDEV"),
    (10, "PACKET_VERSION"),
    (11, "PACKET_HDRLEN"),
    (12, "PACKET_RESERVE"),
    (13, "PACKET_TX_RING"),
    (14, "PACKET_LOSS"),
    (15, "PACKET_VNET_HDR"),
    (16, "PACKET_TX_TIMESTAMP"),
    (17, "PACKET_TIMESTAMP"),
    (18, "PACKET_FANOUT"),
    (19, "PACKET_TX_HAS_OFF"),
    (20, "PACKET_QDISC_BYPASS"),
    (21, "PACKET_ROLLOVER_STATS"),
    (22, "PACKET_FANOUT_DATA"),
    (23, "PACKET_IGNORE_OUTGOING"),
    (24, "PACKET_VNET_HDR_SZ"),
];

/// Kinds of packet membership.
pub const PACKET_MR: Xlat = Xlat(86);
const PACKET_MR_ROWS: Rows =
    &[(0, "PACKET_MR_MULTICAST"), (1, "PACKET_MR_PROMISC"), (2, "PACKET_MR_ALLMULTI"), (3, "PACKET_MR_UNICAST")];

/// Fanout modes.
pub const PACKET_FANOUT_MODE: Xlat = Xlat(87);
const PACKET_FANOUT_MODE_ROWS: Rows = &[
    (0, "PACKET_FANOUT_HASH"),
    (1, "PACKET_FANOUT_LB"),
    (2, "PACKET_FANOUT_CPU"),
    (3, "PACKET_FANOUT_ROLLOVER"),
    (4, "PACKET_FANOUT_RND"),
    (5, "PACKET_FANOUT_QM"),
    (6, "PACKET_FANOUT_CBPF"),
    (7, "PACKET_FANOUT_EBPF"),
];

/// Fanout flags (of the upper 16 bits).
pub const PACKET_FANOUT_FLAG: Xlat = Xlat(88);
const PACKET_FANOUT_FLAG_ROWS: Rows = &[
    (0x1000, "PACKET_FANOUT_FLAG_ROLLOVER"),
    (0x2000, "PACKET_FANOUT_FLAG_UNIQUEID"),
    (0x4000, "PACKET_FANOUT_FLAG_IGNORE_OUTGOING"),
    (0x8000, "PACKET_FANOUT_FLAG_DEFRAG"),
];

/// Status of a packet in a ring and in its auxiliary data.
pub const TP_STATUS: Xlat = Xlat(89);
const TP_STATUS_ROWS: Rows = &[
    (0x1, "TP_STATUS_USER"),
    (0x2, "TP_STATUS_COPY"),
    (0x4, "TP_STATUS_LOSING"),
    (0x8, "TP_STATUS_CSUMNOTREADY"),
    (0x10, "TP_STATUS_VLAN_VALID"),
    (0x20, "TP_STATUS_BLK_TMO"),
    (0x40, "TP_STATUS_VLAN_TPID_VALID"),
    (0x80, "TP_STATUS_CSUM_VALID"),
    (0x100, "TP_STATUS_GSO_TCP"),
    (0x20000000, "TP_STATUS_TS_SOFTWARE"),
    (0x40000000, "TP_STATUS_TS_SYS_HARDWARE"),
    (0x80000000, "TP_STATUS_TS_RAW_HARDWARE"),
];

/// Versions of the packet ring.
pub const TPACKET: Xlat = Xlat(90);
const TPACKET_ROWS: Rows = &[(0, "TPACKET_V1"), (1, "TPACKET_V2"), (2, "TPACKET_V3")];

/// Options of SOL_NETLINK.
pub const NETLINK: Xlat = Xlat(91);
const NETLINK_ROWS: Rows = &[
    (1, "NETLINK_ADD_MEMBERSHIP"),
    (2, "NETLINK_DROP_MEMBERSHIP"),
    (3, "NETLINK_PKTINFO"),
    (4, "NETLINK_BROADCAST_ERROR"),
    (5, "NETLINK_NO_ENOBUFS"),
    (6, "NETLINK_RX_RING"),
    (7, "NETLINK_TX_RING"),
    (8, "NETLINK_LISTEN_ALL_NSID"),
    (9, "NETLINK_LIST_MEMBERSHIPS"),
    (10, "NETLINK_CAP_ACK"),
    (11, "NETLINK_EXT_ACK"),
    (12, "NETLINK_GET_STRICT_CHK"),
];

/// Options of SOL_TLS.
pub const TLS: Xlat = Xlat(92);
const TLS_ROWS: Rows = &[
    (1, "TLS_TX"),
    (2, "TLS_RX"),
    (3, "TLS_TX_ZEROCOPY_RO"),
    (4, "TLS_RX_EXPECT_NO_PAD"),
    (5, "TLS_TX_MAX_PAYLOAD_LEN"),
];

/// Ancillary data of SOL_TLS.
pub const TLS_CMSG: Xlat = Xlat(93);
const TLS_CMSG_ROWS: Rows = &[(1, "TLS_SET_RECORD_TYPE"), (2, "TLS_GET_RECORD_TYPE")];

/// TLS versions.
pub const TLS_VERSION: Xlat = Xlat(94);
const TLS_VERSION_ROWS: Rows = &[(771, "TLS_1_2_VERSION"), (772, "TLS_1_3_VERSION")];

/// TLS ciphers the kernel knows.
pub const TLS_CIPHER: Xlat = Xlat(95);
const TLS_CIPHER_ROWS: Rows = &[
    (51, "TLS_CIPHER_AES_GCM_128"),
    (52, "TLS_CIPHER_AES_GCM_256"),
    (53, "TLS_CIPHER_AES_CCM_128"),
    (54, "TLS_CIPHER_CHACHA20_POLY1305"),
    (55, "TLS_CIPHER_SM4_GCM"),
    (56, "TLS_CIPHER_SM4_CCM"),
    (57, "TLS_CIPHER_ARIA_GCM_128"),
    (58, "TLS_CIPHER_ARIA_GCM_256"),
];

/// TLS record types.
pub const TLS_RECORD: Xlat = Xlat(96);
const TLS_RECORD_ROWS: Rows =
    &[(20, "change_cipher_spec"), (21, "alert"), (22, "handshake"), (23, "application_data"), (24, "heartbeat")];

/// Options of AF_VSOCK.
pub const VSOCK: Xlat = Xlat(97);
const VSOCK_ROWS: Rows = &[
    (0, "SO_VM_SOCKETS_BUFFER_SIZE"),
    (1, "SO_VM_SOCKETS_BUFFER_MIN_SIZE"),
    (2, "SO_VM_SOCKETS_BUFFER_MAX_SIZE"),
    (3, "SO_VM_SOCKETS_PEER_HOST_VM_ID"),
    (5, "SO_VM_SOCKETS_TRUSTED"),
    (6, "SO_VM_SOCKETS_CONNECT_TIMEOUT_OLD"),
    (7, "SO_VM_SOCKETS_NONBLOCK_TXRX"),
    (8, "SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW"),
];

/// Ancillary data of SOL_VSOCK.
pub const VSOCK_CMSG: Xlat = Xlat(98);
const VSOCK_CMSG_ROWS: Rows = &[(1, "VSOCK_RECVERR")];

/// Context identifiers with a name.
pub const VMADDR_CID: Xlat = Xlat(99);
const VMADDR_CID_ROWS: Rows =
    &[(0, "VMADDR_CID_HYPERVISOR"), (1, "VMADDR_CID_LOCAL"), (2, "VMADDR_CID_HOST"), (0xffffffff, "VMADDR_CID_ANY")];

/// Options and ancillary data of SOL_ALG.
pub const ALG: Xlat = Xlat(100);
const ALG_ROWS: Rows = &[
    (1, "ALG_SET_KEY"),
    (2, "ALG_SET_IV"),
    (3, "ALG_SET_OP"),
    (4, "ALG_SET_AEAD_ASSOCLEN"),
    (5, "ALG_SET_AEAD_AUTHSIZE"),
    (6, "ALG_SET_DRBG_ENTROPY"),
    (7, "ALG_SET_KEY_BY_KEY_SERIAL"),
];

/// Operations of SOL_ALG.
pub const ALG_OP: Xlat = Xlat(101);
const ALG_OP_ROWS: Rows = &[(0, "ALG_OP_DECRYPT"), (1, "ALG_OP_ENCRYPT")];

/// Options of SOL_CAN_RAW.
pub const CAN_RAW_OPT: Xlat = Xlat(102);
const CAN_RAW_OPT_ROWS: Rows = &[
    (1, "CAN_RAW_FILTER"),
    (2, "CAN_RAW_ERR_FILTER"),
    (3, "CAN_RAW_LOOPBACK"),
    (4, "CAN_RAW_RECV_OWN_MSGS"),
    (5, "CAN_RAW_FD_FRAMES"),
    (6, "CAN_RAW_JOIN_FILTERS"),
    (7, "CAN_RAW_XL_FRAMES"),
    (8, "CAN_RAW_XL_VCID_OPTS"),
];

/// Options of SOL_CAN_ISOTP.
pub const CAN_ISOTP_OPT: Xlat = Xlat(103);
const CAN_ISOTP_OPT_ROWS: Rows = &[
    (1, "CAN_ISOTP_OPTS"),
    (2, "CAN_ISOTP_RECV_FC"),
    (3, "CAN_ISOTP_TX_STMIN"),
    (4, "CAN_ISOTP_RX_STMIN"),
    (5, "CAN_ISOTP_LL_OPTS"),
];

/// Options of SOL_CAN_J1939.
pub const J1939_OPT: Xlat = Xlat(104);
const J1939_OPT_ROWS: Rows =
    &[(1, "SO_J1939_FILTER"), (2, "SO_J1939_PROMISC"), (3, "SO_J1939_SEND_PRIO"), (4, "SO_J1939_ERRQUEUE")];

/// Ancillary data of SOL_CAN_J1939.
pub const J1939_CMSG: Xlat = Xlat(105);
const J1939_CMSG_ROWS: Rows =
    &[(1, "SCM_J1939_DEST_ADDR"), (2, "SCM_J1939_DEST_NAME"), (3, "SCM_J1939_PRIO"), (4, "SCM_J1939_ERRQUEUE")];

/// Options of SOL_TIPC.
pub const TIPC: Xlat = Xlat(106);
const TIPC_ROWS: Rows = &[
    (127, "TIPC_IMPORTANCE"),
    (128, "TIPC_SRC_DROPPABLE"),
    (129, "TIPC_DEST_DROPPABLE"),
    (130, "TIPC_CONN_TIMEOUT"),
    (131, "TIPC_NODE_RECVQ_DEPTH"),
    (132, "TIPC_SOCK_RECVQ_DEPTH"),
    (133, "TIPC_MCAST_BROADCAST"),
    (134, "TIPC_MCAST_REPLICAST"),
    (135, "TIPC_GROUP_JOIN"),
    (136, "TIPC_GROUP_LEAVE"),
    (137, "TIPC_SOCK_RECVQ_USED"),
    (138, "TIPC_NODELAY"),
];

/// Ancillary data of SOL_TIPC.
pub const TIPC_CMSG: Xlat = Xlat(107);
const TIPC_CMSG_ROWS: Rows = &[(1, "TIPC_ERRINFO"), (2, "TIPC_RETDATA"), (3, "TIPC_DESTNAME")];

/// Values of TIPC_IMPORTANCE.
pub const TIPC_IMPORTANCE_LEVEL: Xlat = Xlat(108);
const TIPC_IMPORTANCE_LEVEL_ROWS: Rows = &[
    (0, "TIPC_LOW_IMPORTANCE"),
    (1, "TIPC_MEDIUM_IMPORTANCE"),
    (2, "TIPC_HIGH_IMPORTANCE"),
    (3, "TIPC_CRITICAL_IMPORTANCE"),
];

/// Options of SOL_XDP.
pub const XDP: Xlat = Xlat(109);
const XDP_ROWS: Rows = &[
    (1, "XDP_MMAP_OFFSETS"),
    (2, "XDP_RX_RING"),
    (3, "XDP_TX_RING"),
    (4, "XDP_UMEM_REG"),
    (5, "XDP_UMEM_FILL_RING"),
    (6, "XDP_UMEM_COMPLETION_RING"),
    (7, "XDP_STATISTICS"),
    (8, "XDP_OPTIONS"),
    (9, "XDP_MAX_TX_SKB_BUDGET"),
];

/// Options of SOL_RDS.
pub const RDS: Xlat = Xlat(110);
const RDS_ROWS: Rows = &[
    (1, "RDS_CANCEL_SENT_TO"),
    (2, "RDS_GET_MR"),
    (3, "RDS_FREE_MR"),
    (4, "RDS_BARRIER"),
    (5, "RDS_RECVERR"),
    (6, "RDS_CONG_MONITOR"),
    (7, "RDS_GET_MR_FOR_DEST"),
    (8, "SO_RDS_TRANSPORT"),
    (10, "SO_RDS_MSG_RXPATH_LATENCY"),
    (29, "SO_TIMESTAMP_OLD"),
];

/// Ancillary data of SOL_RDS.
pub const RDS_CMSG: Xlat = Xlat(111);
const RDS_CMSG_ROWS: Rows = &[
    (1, "RDS_CMSG_RDMA_ARGS"),
    (2, "RDS_CMSG_RDMA_DEST"),
    (3, "RDS_CMSG_RDMA_MAP"),
    (4, "RDS_CMSG_RDMA_STATUS"),
    (5, "RDS_CMSG_CONG_UPDATE"),
    (6, "RDS_CMSG_ATOMIC_FADD"),
    (7, "RDS_CMSG_ATOMIC_CSWP"),
    (8, "RDS_CMSG_MASKED_ATOMIC_FADD"),
    (9, "RDS_CMSG_MASKED_ATOMIC_CSWP"),
    (11, "RDS_CMSG_RXPATH_LATENCY"),
    (12, "RDS_CMSG_ZCOPY_COOKIE"),
    (13, "RDS_CMSG_ZCOPY_COMPLETION"),
];

/// Values of SO_RDS_TRANSPORT.
pub const RDS_TRANS: Xlat = Xlat(112);
const RDS_TRANS_ROWS: Rows = &[(0, "RDS_TRANS_IB"), (1, "RDS_TRANS_GAP"), (2, "RDS_TRANS_TCP")];

/// Options of SOL_DCCP (the headers are gone from newer kernels).
pub const DCCP: Xlat = Xlat(113);
const DCCP_ROWS: Rows = &[
    (1, "DCCP_SOCKOPT_PACKET_SIZE"),
    (2, "DCCP_SOCKOPT_SERVICE"),
    (3, "DCCP_SOCKOPT_CHANGE_L"),
    (4, "DCCP_SOCKOPT_CHANGE_R"),
    (5, "DCCP_SOCKOPT_GET_CUR_MPS"),
    (6, "DCCP_SOCKOPT_SERVER_TIMEWAIT"),
    (10, "DCCP_SOCKOPT_SEND_CSCOV"),
    (11, "DCCP_SOCKOPT_RECV_CSCOV"),
    (12, "DCCP_SOCKOPT_AVAILABLE_CCIDS"),
    (13, "DCCP_SOCKOPT_CCID"),
    (14, "DCCP_SOCKOPT_TX_CCID"),
    (15, "DCCP_SOCKOPT_RX_CCID"),
    (16, "DCCP_SOCKOPT_QPOLICY_ID"),
    (17, "DCCP_SOCKOPT_QPOLICY_TXQLEN"),
    (128, "DCCP_SOCKOPT_CCID_RX_INFO"),
    (192, "DCCP_SOCKOPT_CCID_TX_INFO"),
];

/// Options of SOL_LLC.
pub const LLC: Xlat = Xlat(114);
const LLC_ROWS: Rows = &[
    (0, "LLC_OPT_UNKNOWN"),
    (1, "LLC_OPT_RETRY"),
    (2, "LLC_OPT_SIZE"),
    (3, "LLC_OPT_ACK_TMR_EXP"),
    (4, "LLC_OPT_P_TMR_EXP"),
    (5, "LLC_OPT_REJ_TMR_EXP"),
    (6, "LLC_OPT_BUSY_TMR_EXP"),
    (7, "LLC_OPT_TX_WIN"),
    (8, "LLC_OPT_RX_WIN"),
    (9, "LLC_OPT_PKTINFO"),
];

/// Options of SOL_X25.
pub const X25: Xlat = Xlat(115);
const X25_ROWS: Rows = &[(1, "X25_QBITINCL")];

/// Options of SOL_IUCV.
pub const IUCV: Xlat = Xlat(116);
const IUCV_ROWS: Rows = &[(128, "SO_IPRMDATA_MSG"), (2048, "SO_MSGSIZE"), (4096, "SO_MSGLIMIT")];

/// Options of SOL_KCM.
pub const KCM: Xlat = Xlat(117);
const KCM_ROWS: Rows = &[(1, "KCM_RECV_DISABLE")];

/// Options of SOL_NFC.
pub const NFC_LLCP: Xlat = Xlat(118);
const NFC_LLCP_ROWS: Rows = &[
    (0, "NFC_LLCP_RW"),
    (1, "NFC_LLCP_MIUX"),
    (2, "NFC_LLCP_REMOTE_MIU"),
    (3, "NFC_LLCP_REMOTE_LTO"),
    (4, "NFC_LLCP_REMOTE_RW"),
];

/// Options of SOL_RXRPC.
pub const RXRPC: Xlat = Xlat(119);
const RXRPC_ROWS: Rows = &[
    (1, "RXRPC_SECURITY_KEY"),
    (2, "RXRPC_SECURITY_KEYRING"),
    (3, "RXRPC_EXCLUSIVE_CONNECTION"),
    (4, "RXRPC_MIN_SECURITY_LEVEL"),
    (5, "RXRPC_UPGRADEABLE_SERVICE"),
    (6, "RXRPC_SUPPORTED_CMSG"),
    (7, "RXRPC_MANAGE_RESPONSE"),
];

/// Ancillary data of SOL_RXRPC.
pub const RXRPC_CMSG: Xlat = Xlat(120);
const RXRPC_CMSG_ROWS: Rows = &[
    (1, "RXRPC_USER_CALL_ID"),
    (2, "RXRPC_ABORT"),
    (3, "RXRPC_ACK"),
    (5, "RXRPC_NET_ERROR"),
    (6, "RXRPC_BUSY"),
    (7, "RXRPC_LOCAL_ERROR"),
    (8, "RXRPC_NEW_CALL"),
    (10, "RXRPC_EXCLUSIVE_CALL"),
    (11, "RXRPC_UPGRADE_SERVICE"),
    (12, "RXRPC_TX_LENGTH"),
    (13, "RXRPC_SET_CALL_TIMEOUT"),
    (14, "RXRPC_CHARGE_ACCEPT"),
];

/// Options of SOL_AX25.
pub const AX25: Xlat = Xlat(121);
const AX25_ROWS: Rows = &[
    (1, "AX25_WINDOW"),
    (2, "AX25_T1"),
    (3, "AX25_N2"),
    (4, "AX25_T3"),
    (5, "AX25_T2"),
    (6, "AX25_BACKOFF"),
    (7, "AX25_EXTSEQ"),
    (8, "AX25_PIDINCL"),
    (9, "AX25_IDLE"),
    (10, "AX25_PACLEN"),
    (12, "AX25_IAMDIGI"),
    (25, "SO_BINDTODEVICE"),
];

/// Options of SOL_ROSE.
pub const ROSE: Xlat = Xlat(122);
const ROSE_ROWS: Rows = &[
    (1, "ROSE_DEFER"),
    (2, "ROSE_T1"),
    (3, "ROSE_T2"),
    (4, "ROSE_T3"),
    (5, "ROSE_IDLE"),
    (6, "ROSE_QBITINCL"),
    (7, "ROSE_HOLDBACK"),
];

/// Options of SOL_NETROM.
pub const NETROM: Xlat = Xlat(123);
const NETROM_ROWS: Rows = &[(1, "NETROM_T1"), (2, "NETROM_T2"), (3, "NETROM_N2"), (6, "NETROM_T4"), (7, "NETROM_IDLE")];

/// Options of SOL_PNPIPE.
pub const PNPIPE: Xlat = Xlat(124);
const PNPIPE_ROWS: Rows = &[(1, "PNPIPE_ENCAP"), (2, "PNPIPE_IFINDEX"), (3, "PNPIPE_HANDLE"), (4, "PNPIPE_INITSTATE")];

/// Options of SOL_CAIF.
pub const CAIF: Xlat = Xlat(125);
const CAIF_ROWS: Rows = &[(127, "CAIFSO_LINK_SELECT"), (128, "CAIFSO_REQ_PARAM"), (129, "CAIFSO_RSP_PARAM")];

/// Options of SOL_PPPOL2TP.
pub const PPPOL2TP: Xlat = Xlat(126);
const PPPOL2TP_ROWS: Rows = &[
    (1, "PPPOL2TP_SO_DEBUG"),
    (2, "PPPOL2TP_SO_RECVSEQ"),
    (3, "PPPOL2TP_SO_SENDSEQ"),
    (4, "PPPOL2TP_SO_LNSMODE"),
    (5, "PPPOL2TP_SO_REORDERTO"),
];

/// Options of SOL_IPX.
pub const IPX: Xlat = Xlat(127);
const IPX_ROWS: Rows = &[(1, "IPX_TYPE")];

/// Options of SOL_IRDA.
pub const IRDA: Xlat = Xlat(128);
const IRDA_ROWS: Rows = &[
    (1, "IRLMP_ENUMDEVICES"),
    (2, "IRLMP_IAS_SET"),
    (3, "IRLMP_IAS_QUERY"),
    (4, "IRLMP_HINTS_SET"),
    (5, "IRLMP_QOS_SET"),
    (6, "IRLMP_QOS_GET"),
    (7, "IRLMP_MAX_SDU_SIZE"),
    (8, "IRLMP_IAS_GET"),
    (9, "IRLMP_IAS_DEL"),
    (10, "IRLMP_HINT_MASK_SET"),
    (11, "IRLMP_WAITDEVICE"),
];

/// Options of SOL_BLUETOOTH (no kernel header carries them).
pub const BLUETOOTH: Xlat = Xlat(129);
const BLUETOOTH_ROWS: Rows = &[
    (4, "BT_SECURITY"),
    (7, "BT_DEFER_SETUP"),
    (8, "BT_FLUSHABLE"),
    (9, "BT_POWER"),
    (10, "BT_CHANNEL_POLICY"),
    (11, "BT_VOICE"),
    (12, "BT_SNDMTU"),
    (13, "BT_RCVMTU"),
    (14, "BT_PHY"),
    (15, "BT_MODE"),
    (16, "BT_PKT_STATUS"),
    (17, "BT_ISO_QOS"),
    (19, "BT_CODEC"),
    (20, "BT_ISO_BASE"),
];

/// Options of SOL_HCI, which is level 0.
pub const HCI: Xlat = Xlat(130);
const HCI_ROWS: Rows = &[(1, "HCI_DATA_DIR"), (2, "HCI_FILTER"), (3, "HCI_TIME_STAMP")];

/// Options of SOL_L2CAP, level 6 on a Bluetooth socket.
pub const L2CAP: Xlat = Xlat(131);
const L2CAP_ROWS: Rows = &[(1, "L2CAP_OPTIONS"), (2, "L2CAP_CONNINFO"), (3, "L2CAP_LM")];

/// Options of SOL_RFCOMM, level 18.
pub const RFCOMM: Xlat = Xlat(132);
const RFCOMM_ROWS: Rows = &[(2, "RFCOMM_CONNINFO"), (3, "RFCOMM_LM")];

/// Options of SOL_SCO, level 17 on a Bluetooth socket.
pub const SCO: Xlat = Xlat(133);
const SCO_ROWS: Rows = &[(1, "SCO_OPTIONS"), (2, "SCO_CONNINFO")];

/// Options of SOL_MPTCP.
pub const MPTCP: Xlat = Xlat(134);
const MPTCP_ROWS: Rows = &[(1, "MPTCP_INFO"), (2, "MPTCP_TCPINFO"), (3, "MPTCP_SUBFLOW_ADDRS"), (4, "MPTCP_FULL_INFO")];

/// Options of SOL_MCTP.
pub const MCTP: Xlat = Xlat(135);
const MCTP_ROWS: Rows = &[(1, "MCTP_OPT_ADDR_EXT")];

/// Options of SOL_SMC.
pub const SMC: Xlat = Xlat(136);
const SMC_ROWS: Rows = &[(1, "SMC_LIMIT_HS")];

/// Options of SOL_ATM and SOL_AAL.
pub const ATM: Xlat = Xlat(137);
const ATM_ROWS: Rows = &[
    (0x42000004, "SO_SETCLP"),
    (0x42010002, "SO_CIRANGE"),
    (0x42020054, "SO_ATMQOS"),
    (0x42030028, "SO_ATMSAP"),
    (0x4204000c, "SO_ATMPVC"),
    (0x42050004, "SO_MULTIPOINT"),
];

/// Ancillary data of SOL_SOCKET.
pub const SCM: Xlat = Xlat(138);
const SCM_ROWS: Rows = &[
    (1, "SCM_RIGHTS"),
    (2, "SCM_CREDENTIALS"),
    (3, "SCM_SECURITY"),
    (4, "SCM_PIDFD"),
    (12, "SO_PRIORITY"),
    (29, "SO_TIMESTAMP_OLD"),
    (35, "SO_TIMESTAMPNS_OLD"),
    (36, "SO_MARK"),
    (37, "SO_TIMESTAMPING_OLD"),
    (40, "SO_RXQ_OVFL"),
    (41, "SO_WIFI_STATUS"),
    (43, "SO_NOFCS"),
    (54, "SCM_TIMESTAMPING_OPT_STATS"),
    (58, "SCM_TIMESTAMPING_PKTINFO"),
    (61, "SO_TXTIME"),
    (63, "SO_TIMESTAMP_NEW"),
    (64, "SO_TIMESTAMPNS_NEW"),
    (65, "SO_TIMESTAMPING_NEW"),
    (78, "SCM_DEVMEM_LINEAR"),
    (79, "SCM_DEVMEM_DMABUF"),
    (81, "SCM_TS_OPT_ID"),
    (84, "SCM_INQ"),
];

/// Flags of SO_BUF_LOCK.
pub const SO_BUF_LOCK: Xlat = Xlat(139);
const SO_BUF_LOCK_ROWS: Rows = &[(0x1, "SOCK_SNDBUF_LOCK"), (0x2, "SOCK_RCVBUF_LOCK")];

/// Values of SO_TXREHASH.
pub const SO_TXREHASH: Xlat = Xlat(140);
const SO_TXREHASH_ROWS: Rows =
    &[(0, "SOCK_TXREHASH_DISABLED"), (1, "SOCK_TXREHASH_ENABLED"), (255, "SOCK_TXREHASH_DEFAULT")];

/// The tables of this file, in the order of their numbers.
pub(super) const ALL: &[Rows] = &[
    SOL_ROWS,
    SO_ROWS,
    IP_ROWS,
    IP_GET_ROWS,
    IPV6_ROWS,
    IPV6_GET_ROWS,
    RAW_ROWS,
    ICMPV6_ROWS,
    TCP_ROWS,
    UDP_ROWS,
    UDPLITE_ROWS,
    UDP_ENCAP_TYPE_ROWS,
    SCTP_ROWS,
    SCTP_CMSG_ROWS,
    SCTP_SINFO_ROWS,
    SCTP_STATE_ROWS,
    SCTP_SPP_ROWS,
    PACKET_ROWS,
    PACKET_MR_ROWS,
    PACKET_FANOUT_MODE_ROWS,
    PACKET_FANOUT_FLAG_ROWS,
    TP_STATUS_ROWS,
    TPACKET_ROWS,
    NETLINK_ROWS,
    TLS_ROWS,
    TLS_CMSG_ROWS,
    TLS_VERSION_ROWS,
    TLS_CIPHER_ROWS,
    TLS_RECORD_ROWS,
    VSOCK_ROWS,
    VSOCK_CMSG_ROWS,
    VMADDR_CID_ROWS,
    ALG_ROWS,
    ALG_OP_ROWS,
    CAN_RAW_OPT_ROWS,
    CAN_ISOTP_OPT_ROWS,
    J1939_OPT_ROWS,
    J1939_CMSG_ROWS,
    TIPC_ROWS,
    TIPC_CMSG_ROWS,
    TIPC_IMPORTANCE_LEVEL_ROWS,
    XDP_ROWS,
    RDS_ROWS,
    RDS_CMSG_ROWS,
    RDS_TRANS_ROWS,
    DCCP_ROWS,
    LLC_ROWS,
    X25_ROWS,
    IUCV_ROWS,
    KCM_ROWS,
    NFC_LLCP_ROWS,
    RXRPC_ROWS,
    RXRPC_CMSG_ROWS,
    AX25_ROWS,
    ROSE_ROWS,
    NETROM_ROWS,
    PNPIPE_ROWS,
    CAIF_ROWS,
    PPPOL2TP_ROWS,
    IPX_ROWS,
    IRDA_ROWS,
    BLUETOOTH_ROWS,
    HCI_ROWS,
    L2CAP_ROWS,
    RFCOMM_ROWS,
    SCO_ROWS,
    MPTCP_ROWS,
    MCTP_ROWS,
    SMC_ROWS,
    ATM_ROWS,
    SCM_ROWS,
    SO_BUF_LOCK_ROWS,
    SO_TXREHASH_ROWS,
];
