//! Written by `cargo run -p xtask -- xlat` from crates/decode/xlat.in; edit that.

use super::{Rows, Xlat};

/// Address families.
pub const AF: Xlat = Xlat(0);
const AF_ROWS: Rows = &[
    (0, "AF_UNSPEC"),
    (1, "AF_UNIX"),
    (2, "AF_INET"),
    (3, "AF_AX25"),
    (4, "AF_IPX"),
    (5, "AF_APPLETALK"),
    (6, "AF_NETROM"),
    (7, "AF_BRIDGE"),
    (8, "AF_ATMPVC"),
    (9, "AF_X25"),
    (10, "AF_INET6"),
    (11, "AF_ROSE"),
    (12, "AF_DECnet"),
    (13, "AF_NETBEUI"),
    (14, "AF_SECURITY"),
    (15, "AF_KEY"),
    (16, "AF_NETLINK"),
    (17, "AF_PACKET"),
    (18, "AF_ASH"),
    (19, "AF_ECONET"),
    (20, "AF_ATMSVC"),
    (21, "AF_RDS"),
    (22, "AF_SNA"),
    (23, "AF_IRDA"),
    (24, "AF_PPPOX"),
    (25, "AF_WANPIPE"),
    (26, "AF_LLC"),
    (27, "AF_IB"),
    (28, "AF_MPLS"),
    (29, "AF_CAN"),
    (30, "AF_TIPC"),
    (31, "AF_BLUETOOTH"),
    (32, "AF_IUCV"),
    (33, "AF_RXRPC"),
    (34, "AF_ISDN"),
    (35, "AF_PHONET"),
    (36, "AF_IEEE802154"),
    (37, "AF_CAIF"),
    (38, "AF_ALG"),
    (39, "AF_NFC"),
    (40, "AF_VSOCK"),
    (41, "AF_KCM"),
    (42, "AF_QIPCRTR"),
    (43, "AF_SMC"),
    (44, "AF_XDP"),
    (45, "AF_MCTP"),
];

/// Socket types, without the flags.
pub const SOCK_TYPE: Xlat = Xlat(1);
const SOCK_TYPE_ROWS: Rows = &[
    (1, "SOCK_STREAM"),
    (2, "SOCK_DGRAM"),
    (3, "SOCK_RAW"),
    (4, "SOCK_RDM"),
    (5, "SOCK_SEQPACKET"),
    (6, "SOCK_DCCP"),
    (10, "SOCK_PACKET"),
];

/// Flags in socket's type and accept4's flags.
pub const SOCK_FLAGS: Xlat = Xlat(2);
const SOCK_FLAGS_ROWS: Rows = &[(0x80000, "SOCK_CLOEXEC"), (0x800, "SOCK_NONBLOCK")];

/// How to shut down.
pub const SHUT: Xlat = Xlat(3);
const SHUT_ROWS: Rows = &[(0, "SHUT_RD"), (1, "SHUT_WR"), (2, "SHUT_RDWR")];

/// Flags of sending and receiving.
pub const MSG: Xlat = Xlat(4);
const MSG_ROWS: Rows = &[
    (0x1, "MSG_OOB"),
    (0x2, "MSG_PEEK"),
    (0x4, "MSG_DONTROUTE"),
    (0x8, "MSG_CTRUNC"),
    (0x10, "MSG_PROBE"),
    (0x20, "MSG_TRUNC"),
    (0x40, "MSG_DONTWAIT"),
    (0x80, "MSG_EOR"),
    (0x100, "MSG_WAITALL"),
    (0x200, "MSG_FIN"),
    (0x400, "MSG_SYN"),
    (0x800, "MSG_CONFIRM"),
    (0x1000, "MSG_RST"),
    (0x2000, "MSG_ERRQUEUE"),
    (0x4000, "MSG_NOSIGNAL"),
    (0x8000, "MSG_MORE"),
    (0x10000, "MSG_WAITFORONE"),
    (0x20000, "MSG_SENDPAGE_NOTLAST"),
    (0x40000, "MSG_BATCH"),
    (0x80000, "MSG_NO_SHARED_FRAGS"),
    (0x100000, "MSG_SENDPAGE_DECRYPTED"),
    (0x2000000, "MSG_SOCK_DEVMEM"),
    (0x4000000, "MSG_ZEROCOPY"),
    (0x8000000, "MSG_SPLICE_PAGES"),
    (0x20000000, "MSG_FASTOPEN"),
    (0x40000000, "MSG_CMSG_CLOEXEC"),
    (0x80000000, "MSG_CMSG_COMPAT"),
];

/// Protocols of the Internet families.
pub const IPPROTO: Xlat = Xlat(5);
const IPPROTO_ROWS: Rows = &[
    (0, "IPPROTO_IP"),
    (1, "IPPROTO_ICMP"),
    (2, "IPPROTO_IGMP"),
    (4, "IPPROTO_IPIP"),
    (6, "IPPROTO_TCP"),
    (8, "IPPROTO_EGP"),
    (12, "IPPROTO_PUP"),
    (17, "IPPROTO_UDP"),
    (22, "IPPROTO_IDP"),
    (29, "IPPROTO_TP"),
    (33, "IPPROTO_DCCP"),
    (41, "IPPROTO_IPV6"),
    (43, "IPPROTO_ROUTING"),
    (44, "IPPROTO_FRAGMENT"),
    (46, "IPPROTO_RSVP"),
    (47, "IPPROTO_GRE"),
    (50, "IPPROTO_ESP"),
    (51, "IPPROTO_AH"),
    (58, "IPPROTO_ICMPV6"),
    (59, "IPPROTO_NONE"),
    (60, "IPPROTO_DSTOPTS"),
    (92, "IPPROTO_MTP"),
    (94, "IPPROTO_BEETPH"),
    (98, "IPPROTO_ENCAP"),
    (103, "IPPROTO_PIM"),
    (108, "IPPROTO_COMP"),
    (115, "IPPROTO_L2TP"),
    (132, "IPPROTO_SCTP"),
    (135, "IPPROTO_MH"),
    (136, "IPPROTO_UDPLITE"),
    (137, "IPPROTO_MPLS"),
    (143, "IPPROTO_ETHERNET"),
    (144, "IPPROTO_AGGFRAG"),
    (255, "IPPROTO_RAW"),
    (256, "IPPROTO_SMC"),
    (262, "IPPROTO_MPTCP"),
];

/// Netlink families.
pub const NETLINK_PROTO: Xlat = Xlat(6);
const NETLINK_PROTO_ROWS: Rows = &[
    (0, "NETLINK_ROUTE"),
    (1, "NETLINK_UNUSED"),
    (2, "NETLINK_USERSOCK"),
    (3, "NETLINK_FIREWALL"),
    (4, "NETLINK_SOCK_DIAG"),
    (5, "NETLINK_NFLOG"),
    (6, "NETLINK_XFRM"),
    (7, "NETLINK_SELINUX"),
    (8, "NETLINK_ISCSI"),
    (9, "NETLINK_AUDIT"),
    (10, "NETLINK_FIB_LOOKUP"),
    (11, "NETLINK_CONNECTOR"),
    (12, "NETLINK_NETFILTER"),
    (13, "NETLINK_IP6_FW"),
    (14, "NETLINK_DNRTMSG"),
    (15, "NETLINK_KOBJECT_UEVENT"),
    (16, "NETLINK_GENERIC"),
    (18, "NETLINK_SCSITRANSPORT"),
    (19, "NETLINK_ECRYPTFS"),
    (20, "NETLINK_RDMA"),
    (21, "NETLINK_CRYPTO"),
    (22, "NETLINK_SMC"),
];

/// Control message types of netlink.
pub const NLMSG: Xlat = Xlat(7);
const NLMSG_ROWS: Rows = &[(1, "NLMSG_NOOP"), (2, "NLMSG_ERROR"), (3, "NLMSG_DONE"), (4, "NLMSG_OVERRUN")];

/// Flags of a netlink header.
pub const NLM_F: Xlat = Xlat(8);
const NLM_F_ROWS: Rows = &[
    (0x1, "NLM_F_REQUEST"),
    (0x2, "NLM_F_MULTI"),
    (0x4, "NLM_F_ACK"),
    (0x8, "NLM_F_ECHO"),
    (0x10, "NLM_F_DUMP_INTR"),
    (0x20, "NLM_F_DUMP_FILTERED"),
];

/// Flags of a netlink header, for requests that read.
pub const NLM_F_GET: Xlat = Xlat(9);
const NLM_F_GET_ROWS: Rows = &[
    (0x1, "NLM_F_REQUEST"),
    (0x2, "NLM_F_MULTI"),
    (0x4, "NLM_F_ACK"),
    (0x8, "NLM_F_ECHO"),
    (0x10, "NLM_F_DUMP_INTR"),
    (0x20, "NLM_F_DUMP_FILTERED"),
    (0x300, "NLM_F_DUMP"),
    (0x100, "NLM_F_ROOT"),
    (0x200, "NLM_F_MATCH"),
    (0x400, "NLM_F_ATOMIC"),
];

/// Flags of a netlink header, for requests that make something.
pub const NLM_F_NEW: Xlat = Xlat(10);
const NLM_F_NEW_ROWS: Rows = &[
    (0x1, "NLM_F_REQUEST"),
    (0x2, "NLM_F_MULTI"),
    (0x4, "NLM_F_ACK"),
    (0x8, "NLM_F_ECHO"),
    (0x10, "NLM_F_DUMP_INTR"),
    (0x20, "NLM_F_DUMP_FILTERED"),
    (0x100, "NLM_F_REPLACE"),
    (0x200, "NLM_F_EXCL"),
    (0x400, "NLM_F_CREATE"),
    (0x800, "NLM_F_APPEND"),
];

/// Message types of NETLINK_ROUTE.
pub const RTM: Xlat = Xlat(11);
const RTM_ROWS: Rows = &[
    (16, "RTM_NEWLINK"),
    (17, "RTM_DELLINK"),
    (18, "RTM_GETLINK"),
    (19, "RTM_SETLINK"),
    (20, "RTM_NEWADDR"),
    (21, "RTM_DELADDR"),
    (22, "RTM_GETADDR"),
    (24, "RTM_NEWROUTE"),
    (25, "RTM_DELROUTE"),
    (26, "RTM_GETROUTE"),
    (28, "RTM_NEWNEIGH"),
    (29, "RTM_DELNEIGH"),
    (30, "RTM_GETNEIGH"),
    (32, "RTM_NEWRULE"),
    (33, "RTM_DELRULE"),
    (34, "RTM_GETRULE"),
    (36, "RTM_NEWQDISC"),
    (37, "RTM_DELQDISC"),
    (38, "RTM_GETQDISC"),
    (40, "RTM_NEWTCLASS"),
    (41, "RTM_DELTCLASS"),
    (42, "RTM_GETTCLASS"),
    (44, "RTM_NEWTFILTER"),
    (45, "RTM_DELTFILTER"),
    (46, "RTM_GETTFILTER"),
    (48, "RTM_NEWACTION"),
    (49, "RTM_DELACTION"),
    (50, "RTM_GETACTION"),
    (52, "RTM_NEWPREFIX"),
    (58, "RTM_GETMULTICAST"),
    (62, "RTM_GETANYCAST"),
    (64, "RTM_NEWNEIGHTBL"),
    (66, "RTM_GETNEIGHTBL"),
    (67, "RTM_SETNEIGHTBL"),
    (68, "RTM_NEWNDUSEROPT"),
    (72, "RTM_NEWADDRLABEL"),
    (73, "RTM_DELADDRLABEL"),
    (74, "RTM_GETADDRLABEL"),
    (78, "RTM_GETDCB"),
    (79, "RTM_SETDCB"),
    (80, "RTM_NEWNETCONF"),
    (81, "RTM_DELNETCONF"),
    (82, "RTM_GETNETCONF"),
    (84, "RTM_NEWMDB"),
    (85, "RTM_DELMDB"),
    (86, "RTM_GETMDB"),
    (88, "RTM_NEWNSID"),
    (89, "RTM_DELNSID"),
    (90, "RTM_GETNSID"),
    (92, "RTM_NEWSTATS"),
    (94, "RTM_GETSTATS"),
    (96, "RTM_NEWCACHEREPORT"),
    (100, "RTM_NEWCHAIN"),
    (101, "RTM_DELCHAIN"),
    (102, "RTM_GETCHAIN"),
    (104, "RTM_NEWNEXTHOP"),
    (105, "RTM_DELNEXTHOP"),
    (106, "RTM_GETNEXTHOP"),
    (108, "RTM_NEWLINKPROP"),
    (109, "RTM_DELLINKPROP"),
    (110, "RTM_GETLINKPROP"),
    (112, "RTM_NEWVLAN"),
    (113, "RTM_DELVLAN"),
    (114, "RTM_GETVLAN"),
    (116, "RTM_NEWNEXTHOPBUCKET"),
    (117, "RTM_DELNEXTHOPBUCKET"),
    (118, "RTM_GETNEXTHOPBUCKET"),
];

/// Ethernet protocol numbers (host byte order).
pub const ETH_P: Xlat = Xlat(12);
const ETH_P_ROWS: Rows = &[
    (1, "ETH_P_802_3"),
    (2, "ETH_P_AX25"),
    (3, "ETH_P_ALL"),
    (4, "ETH_P_802_2"),
    (5, "ETH_P_SNAP"),
    (6, "ETH_P_DDCMP"),
    (7, "ETH_P_WAN_PPP"),
    (8, "ETH_P_PPP_MP"),
    (9, "ETH_P_LOCALTALK"),
    (12, "ETH_P_CAN"),
    (13, "ETH_P_CANFD"),
    (14, "ETH_P_CANXL"),
    (16, "ETH_P_PPPTALK"),
    (17, "ETH_P_TR_802_2"),
    (21, "ETH_P_MOBITEX"),
    (22, "ETH_P_CONTROL"),
    (23, "ETH_P_IRDA"),
    (24, "ETH_P_ECONET"),
    (25, "ETH_P_HDLC"),
    (26, "ETH_P_ARCNET"),
    (27, "ETH_P_DSA"),
    (28, "ETH_P_TRAILER"),
    (96, "ETH_P_LOOP"),
    (245, "ETH_P_PHONET"),
    (246, "ETH_P_IEEE802154"),
    (247, "ETH_P_CAIF"),
    (248, "ETH_P_XDSA"),
    (249, "ETH_P_MAP"),
    (250, "ETH_P_MCTP"),
    (512, "ETH_P_PUP"),
    (513, "ETH_P_PUPAT"),
    (1536, "ETH_P_802_3_MIN"),
    (2048, "ETH_P_IP"),
    (2053, "ETH_P_X25"),
    (2054, "ETH_P_ARP"),
    (2303, "ETH_P_BPQ"),
    (2560, "ETH_P_IEEEPUP"),
    (2561, "ETH_P_IEEEPUPAT"),
    (8939, "ETH_P_ERSPAN2"),
    (8944, "ETH_P_TSN"),
    (17157, "ETH_P_BATMAN"),
    (24576, "ETH_P_DEC"),
    (24577, "ETH_P_DNA_DL"),
    (24578, "ETH_P_DNA_RC"),
    (24579, "ETH_P_DNA_RT"),
    (24580, "ETH_P_LAT"),
    (24581, "ETH_P_DIAG"),
    (24582, "ETH_P_CUST"),
    (24583, "ETH_P_SCA"),
    (25944, "ETH_P_TEB"),
    (32821, "ETH_P_RARP"),
    (32923, "ETH_P_ATALK"),
    (33011, "ETH_P_AARP"),
    (33024, "ETH_P_8021Q"),
    (33079, "ETH_P_IPX"),
    (34525, "ETH_P_IPV6"),
    (34824, "ETH_P_PAUSE"),
    (34825, "ETH_P_SLOW"),
    (34878, "ETH_P_WCCP"),
    (34887, "ETH_P_MPLS_UC"),
    (34888, "ETH_P_MPLS_MC"),
    (34892, "ETH_P_ATMMPOA"),
    (34915, "ETH_P_PPP_DISC"),
    (34916, "ETH_P_PPP_SES"),
    (34924, "ETH_P_LINK_CTL"),
    (34948, "ETH_P_ATMFATE"),
    (34958, "ETH_P_PAE"),
    (34962, "ETH_P_PROFINET"),
    (34969, "ETH_P_REALTEK"),
    (34978, "ETH_P_AOE"),
    (34980, "ETH_P_ETHERCAT"),
    (34984, "ETH_P_8021AD"),
    (34997, "ETH_P_802_EX1"),
    (35006, "ETH_P_ERSPAN"),
    (35015, "ETH_P_PREAUTH"),
    (35018, "ETH_P_TIPC"),
    (35020, "ETH_P_LLDP"),
    (35043, "ETH_P_MRP"),
    (35045, "ETH_P_MACSEC"),
    (35047, "ETH_P_8021AH"),
    (35061, "ETH_P_MVRP"),
    (35063, "ETH_P_1588"),
    (35064, "ETH_P_NCSI"),
    (35067, "ETH_P_PRP"),
    (35074, "ETH_P_CFM"),
    (35078, "ETH_P_FCOE"),
    (35085, "ETH_P_TDLS"),
    (35092, "ETH_P_FIP"),
    (35093, "ETH_P_IBOE"),
    (35095, "ETH_P_80221"),
    (35119, "ETH_P_HSR"),
    (35151, "ETH_P_NSH"),
    (36864, "ETH_P_LOOPBACK"),
    (37120, "ETH_P_QINQ1"),
    (37376, "ETH_P_QINQ2"),
    (37632, "ETH_P_QINQ3"),
    (56026, "ETH_P_EDSA"),
    (56027, "ETH_P_DSA_8021Q"),
    (57345, "ETH_P_DSA_A5PSW"),
    (60734, "ETH_P_IFE"),
    (64507, "ETH_P_AF_IUCV"),
];

/// Hardware types.
pub const ARPHRD: Xlat = Xlat(13);
const ARPHRD_ROWS: Rows = &[
    (0, "ARPHRD_NETROM"),
    (1, "ARPHRD_ETHER"),
    (2, "ARPHRD_EETHER"),
    (3, "ARPHRD_AX25"),
    (4, "ARPHRD_PRONET"),
    (5, "ARPHRD_CHAOS"),
    (6, "ARPHRD_IEEE802"),
    (7, "ARPHRD_ARCNET"),
    (8, "ARPHRD_APPLETLK"),
    (15, "ARPHRD_DLCI"),
    (19, "ARPHRD_ATM"),
    (23, "ARPHRD_METRICOM"),
    (24, "ARPHRD_IEEE1394"),
    (27, "ARPHRD_EUI64"),
    (32, "ARPHRD_INFINIBAND"),
    (256, "ARPHRD_SLIP"),
    (257, "ARPHRD_CSLIP"),
    (258, "ARPHRD_SLIP6"),
    (259, "ARPHRD_CSLIP6"),
    (260, "ARPHRD_RSRVD"),
    (264, "ARPHRD_ADAPT"),
    (270, "ARPHRD_ROSE"),
    (271, "ARPHRD_X25"),
    (272, "ARPHRD_HWX25"),
    (280, "ARPHRD_CAN"),
    (290, "ARPHRD_MCTP"),
    (512, "ARPHRD_PPP"),
    (513, "ARPHRD_CISCO"),
    (516, "ARPHRD_LAPB"),
    (517, "ARPHRD_DDCMP"),
    (518, "ARPHRD_RAWHDLC"),
    (519, "ARPHRD_RAWIP"),
    (768, "ARPHRD_TUNNEL"),
    (769, "ARPHRD_TUNNEL6"),
    (770, "ARPHRD_FRAD"),
    (771, "ARPHRD_SKIP"),
    (772, "ARPHRD_LOOPBACK"),
    (773, "ARPHRD_LOCALTLK"),
    (774, "ARPHRD_FDDI"),
    (775, "ARPHRD_BIF"),
    (776, "ARPHRD_SIT"),
    (777, "ARPHRD_IPDDP"),
    (778, "ARPHRD_IPGRE"),
    (779, "ARPHRD_PIMREG"),
    (780, "ARPHRD_HIPPI"),
    (781, "ARPHRD_ASH"),
    (782, "ARPHRD_ECONET"),
    (783, "ARPHRD_IRDA"),
    (784, "ARPHRD_FCPP"),
    (785, "ARPHRD_FCAL"),
    (786, "ARPHRD_FCPL"),
    (787, "ARPHRD_FCFABRIC"),
    (800, "ARPHRD_IEEE802_TR"),
    (801, "ARPHRD_IEEE80211"),
    (802, "ARPHRD_IEEE80211_PRISM"),
    (803, "ARPHRD_IEEE80211_RADIOTAP"),
    (804, "ARPHRD_IEEE802154"),
    (805, "ARPHRD_IEEE802154_MONITOR"),
    (820, "ARPHRD_PHONET"),
    (821, "ARPHRD_PHONET_PIPE"),
    (822, "ARPHRD_CAIF"),
    (823, "ARPHRD_IP6GRE"),
    (824, "ARPHRD_NETLINK"),
    (825, "ARPHRD_6LOWPAN"),
    (826, "ARPHRD_VSOCKMON"),
    (65534, "ARPHRD_NONE"),
    (65535, "ARPHRD_VOID"),
];

/// Interface flags.
pub const IFF: Xlat = Xlat(14);
const IFF_ROWS: Rows = &[
    (0x1, "IFF_UP"),
    (0x2, "IFF_BROADCAST"),
    (0x4, "IFF_DEBUG"),
    (0x8, "IFF_LOOPBACK"),
    (0x10, "IFF_POINTOPOINT"),
    (0x20, "IFF_NOTRAILERS"),
    (0x40, "IFF_RUNNING"),
    (0x80, "IFF_NOARP"),
    (0x100, "IFF_PROMISC"),
    (0x200, "IFF_ALLMULTI"),
    (0x400, "IFF_MASTER"),
    (0x800, "IFF_SLAVE"),
    (0x1000, "IFF_MULTICAST"),
    (0x2000, "IFF_PORTSEL"),
    (0x4000, "IFF_AUTOMEDIA"),
    (0x8000, "IFF_DYNAMIC"),
    (0x10000, "IFF_LOWER_UP"),
    (0x20000, "IFF_DORMANT"),
    (0x40000, "IFF_ECHO"),
];

/// Protocols of AF_CAN.
pub const CAN_PROTO: Xlat = Xlat(15);
const CAN_PROTO_ROWS: Rows = &[
    (1, "CAN_RAW"),
    (2, "CAN_BCM"),
    (3, "CAN_TP16"),
    (4, "CAN_TP20"),
    (5, "CAN_MCNET"),
    (6, "CAN_ISOTP"),
    (7, "CAN_J1939"),
];

/// Protocols of AF_BLUETOOTH (no kernel header carries them).
pub const BTPROTO: Xlat = Xlat(16);
const BTPROTO_ROWS: Rows = &[
    (0, "BTPROTO_L2CAP"),
    (1, "BTPROTO_HCI"),
    (2, "BTPROTO_SCO"),
    (3, "BTPROTO_RFCOMM"),
    (4, "BTPROTO_BNEP"),
    (5, "BTPROTO_CMTP"),
    (6, "BTPROTO_HIDP"),
    (7, "BTPROTO_AVDTP"),
    (8, "BTPROTO_ISO"),
];

/// Protocols of AF_PPPOX.
pub const PX_PROTO: Xlat = Xlat(17);
const PX_PROTO_ROWS: Rows = &[(0, "PX_PROTO_OE"), (1, "PX_PROTO_OL2TP"), (2, "PX_PROTO_PPTP")];

/// Protocols of AF_NFC.
pub const NFC_SOCKPROTO: Xlat = Xlat(18);
const NFC_SOCKPROTO_ROWS: Rows = &[(0, "NFC_SOCKPROTO_RAW"), (1, "NFC_SOCKPROTO_LLCP")];

/// Protocols of AF_PHONET.
pub const PN_PROTO: Xlat = Xlat(19);
const PN_PROTO_ROWS: Rows = &[(0, "PN_PROTO_TRANSPORT"), (1, "PN_PROTO_PHONET"), (2, "PN_PROTO_PIPE")];

/// Protocols of AF_KCM.
pub const KCMPROTO: Xlat = Xlat(20);
const KCMPROTO_ROWS: Rows = &[(0, "KCMPROTO_CONNECTED")];

/// Protocols of AF_CAIF.
pub const CAIFPROTO: Xlat = Xlat(21);
const CAIFPROTO_ROWS: Rows = &[
    (0, "CAIFPROTO_AT"),
    (1, "CAIFPROTO_DATAGRAM"),
    (2, "CAIFPROTO_DATAGRAM_LOOP"),
    (3, "CAIFPROTO_UTIL"),
    (4, "CAIFPROTO_RFM"),
    (5, "CAIFPROTO_DEBUG"),
];

/// Protocols of AF_SMC.
pub const SMCPROTO: Xlat = Xlat(22);
const SMCPROTO_ROWS: Rows = &[(0, "SMCPROTO_SMC"), (1, "SMCPROTO_SMC6")];

/// Protocols of AF_ISDN.
pub const ISDNPROTO: Xlat = Xlat(23);
const ISDNPROTO_ROWS: Rows = &[(0, "ISDN_P_BASE")];

/// Packet types in sockaddr_ll.
pub const PACKET_TYPE: Xlat = Xlat(24);
const PACKET_TYPE_ROWS: Rows = &[
    (0, "PACKET_HOST"),
    (1, "PACKET_BROADCAST"),
    (2, "PACKET_MULTICAST"),
    (3, "PACKET_OTHERHOST"),
    (4, "PACKET_OUTGOING"),
    (5, "PACKET_LOOPBACK"),
    (6, "PACKET_USER"),
    (7, "PACKET_KERNEL"),
];

/// States of a TCP connection, as tcp_info carries them.
pub const TCP_STATE: Xlat = Xlat(25);
const TCP_STATE_ROWS: Rows = &[
    (1, "ESTABLISHED"),
    (2, "SYN_SENT"),
    (3, "SYN_RECV"),
    (4, "FIN_WAIT1"),
    (5, "FIN_WAIT2"),
    (6, "TIME_WAIT"),
    (7, "CLOSE"),
    (8, "CLOSE_WAIT"),
    (9, "LAST_ACK"),
    (10, "LISTEN"),
    (11, "CLOSING"),
    (12, "NEW_SYN_RECV"),
];

/// States of a TCP connection under their full names.
pub const TCP_STATE_FULL: Xlat = Xlat(26);
const TCP_STATE_FULL_ROWS: Rows = &[
    (1, "TCP_ESTABLISHED"),
    (2, "TCP_SYN_SENT"),
    (3, "TCP_SYN_RECV"),
    (4, "TCP_FIN_WAIT1"),
    (5, "TCP_FIN_WAIT2"),
    (6, "TCP_TIME_WAIT"),
    (7, "TCP_CLOSE"),
    (8, "TCP_CLOSE_WAIT"),
    (9, "TCP_LAST_ACK"),
    (10, "TCP_LISTEN"),
    (11, "TCP_CLOSING"),
    (12, "TCP_NEW_SYN_RECV"),
];

/// States of TCP's congestion control.
pub const TCP_CA: Xlat = Xlat(27);
const TCP_CA_ROWS: Rows =
    &[(0, "TCP_CA_Open"), (1, "TCP_CA_Disorder"), (2, "TCP_CA_CWR"), (3, "TCP_CA_Recovery"), (4, "TCP_CA_Loss")];

/// Options agreed on, as tcp_info carries them.
pub const TCPI_OPT: Xlat = Xlat(28);
const TCPI_OPT_ROWS: Rows = &[
    (0x1, "TCPI_OPT_TIMESTAMPS"),
    (0x2, "TCPI_OPT_SACK"),
    (0x4, "TCPI_OPT_WSCALE"),
    (0x8, "TCPI_OPT_ECN"),
    (0x10, "TCPI_OPT_ECN_SEEN"),
    (0x20, "TCPI_OPT_SYN_DATA"),
    (0x40, "TCPI_OPT_USEC_TS"),
    (0x80, "TCPI_OPT_TFO_CHILD"),
];

/// Why fast open was not used, as tcp_info carries it.
pub const TCP_FASTOPEN_FAIL: Xlat = Xlat(29);
const TCP_FASTOPEN_FAIL_ROWS: Rows =
    &[(0, "TFO_STATUS_UNSPEC"), (1, "TFO_COOKIE_UNAVAILABLE"), (2, "TFO_DATA_NOT_ACKED"), (3, "TFO_SYN_RETRANSMITTED")];

/// TCP option kinds.
pub const TCPOPT: Xlat = Xlat(30);
const TCPOPT_ROWS: Rows = &[
    (0, "TCPOPT_EOL"),
    (1, "TCPOPT_NOP"),
    (2, "TCPOPT_MAXSEG"),
    (3, "TCPOPT_WINDOW"),
    (4, "TCPOPT_SACK_PERMITTED"),
    (5, "TCPOPT_SACK"),
    (8, "TCPOPT_TIMESTAMP"),
];

/// Queues of a connection under repair.
pub const TCP_QUEUE: Xlat = Xlat(31);
const TCP_QUEUE_ROWS: Rows = &[(0, "TCP_NO_QUEUE"), (1, "TCP_RECV_QUEUE"), (2, "TCP_SEND_QUEUE")];

/// Values of TCP_REPAIR.
pub const TCP_REPAIR_MODE: Xlat = Xlat(32);
const TCP_REPAIR_MODE_ROWS: Rows =
    &[(0, "TCP_REPAIR_OFF"), (1, "TCP_REPAIR_ON"), (0xffffffffffffffff, "TCP_REPAIR_OFF_NO_WP")];

/// Flags of a TCP MD5 key.
pub const TCP_MD5SIG_FLAG: Xlat = Xlat(33);
const TCP_MD5SIG_FLAG_ROWS: Rows = &[(0x1, "TCP_MD5SIG_FLAG_PREFIX"), (0x2, "TCP_MD5SIG_FLAG_IFINDEX")];

/// Code points in the upper six bits of IP_TOS and IPV6_TCLASS.
pub const IPTOS_DSCP: Xlat = Xlat(34);
const IPTOS_DSCP_ROWS: Rows = &[
    (0, "IPTOS_CLASS_CS0"),
    (4, "IPTOS_DSCP_LE"),
    (32, "IPTOS_CLASS_CS1"),
    (40, "IPTOS_DSCP_AF11"),
    (48, "IPTOS_DSCP_AF12"),
    (56, "IPTOS_DSCP_AF13"),
    (64, "IPTOS_CLASS_CS2"),
    (72, "IPTOS_DSCP_AF21"),
    (80, "IPTOS_DSCP_AF22"),
    (88, "IPTOS_DSCP_AF23"),
    (96, "IPTOS_CLASS_CS3"),
    (104, "IPTOS_DSCP_AF31"),
    (112, "IPTOS_DSCP_AF32"),
    (120, "IPTOS_DSCP_AF33"),
    (128, "IPTOS_CLASS_CS4"),
    (136, "IPTOS_DSCP_AF41"),
    (144, "IPTOS_DSCP_AF42"),
    (152, "IPTOS_DSCP_AF43"),
    (160, "IPTOS_CLASS_CS5"),
    (176, "IPTOS_DSCP_VA"),
    (184, "IPTOS_DSCP_EF"),
    (192, "IPTOS_CLASS_CS6"),
    (224, "IPTOS_CLASS_CS7"),
];

/// Congestion bits of IP_TOS and IPV6_TCLASS.
pub const IPTOS_ECN: Xlat = Xlat(35);
const IPTOS_ECN_ROWS: Rows =
    &[(0, "IPTOS_ECN_NOT_ECT"), (1, "IPTOS_ECN_ECT1"), (2, "IPTOS_ECN_ECT0"), (3, "IPTOS_ECN_CE")];

/// The older reading of IP_TOS.
pub const IPTOS: Xlat = Xlat(36);
const IPTOS_ROWS: Rows =
    &[(2, "IPTOS_MINCOST"), (4, "IPTOS_RELIABILITY"), (8, "IPTOS_THROUGHPUT"), (16, "IPTOS_LOWDELAY")];

/// Modes of IP_MTU_DISCOVER.
pub const IP_PMTUDISC: Xlat = Xlat(37);
const IP_PMTUDISC_ROWS: Rows = &[
    (0, "IP_PMTUDISC_DONT"),
    (1, "IP_PMTUDISC_WANT"),
    (2, "IP_PMTUDISC_DO"),
    (3, "IP_PMTUDISC_PROBE"),
    (4, "IP_PMTUDISC_INTERFACE"),
    (5, "IP_PMTUDISC_OMIT"),
];

/// Modes of IPV6_MTU_DISCOVER.
pub const IPV6_PMTUDISC: Xlat = Xlat(38);
const IPV6_PMTUDISC_ROWS: Rows = &[
    (0, "IPV6_PMTUDISC_DONT"),
    (1, "IPV6_PMTUDISC_WANT"),
    (2, "IPV6_PMTUDISC_DO"),
    (3, "IPV6_PMTUDISC_PROBE"),
    (4, "IPV6_PMTUDISC_INTERFACE"),
    (5, "IPV6_PMTUDISC_OMIT"),
];

/// Source filter modes.
pub const MCAST_FMODE: Xlat = Xlat(39);
const MCAST_FMODE_ROWS: Rows = &[(0, "MCAST_EXCLUDE"), (1, "MCAST_INCLUDE")];

/// Flags of IPV6_ADDR_PREFERENCES.
pub const IPV6_PREFER: Xlat = Xlat(40);
const IPV6_PREFER_ROWS: Rows = &[
    (0x1, "IPV6_PREFER_SRC_TMP"),
    (0x2, "IPV6_PREFER_SRC_PUBLIC"),
    (0x100, "IPV6_PREFER_SRC_PUBTMP_DEFAULT"),
    (0x4, "IPV6_PREFER_SRC_COA"),
    (0x400, "IPV6_PREFER_SRC_HOME"),
    (0x8, "IPV6_PREFER_SRC_CGA"),
    (0x800, "IPV6_PREFER_SRC_NONCGA"),
];

/// ICMP message types.
pub const ICMP_TYPE: Xlat = Xlat(41);
const ICMP_TYPE_ROWS: Rows = &[
    (0, "ICMP_ECHOREPLY"),
    (3, "ICMP_DEST_UNREACH"),
    (4, "ICMP_SOURCE_QUENCH"),
    (5, "ICMP_REDIRECT"),
    (8, "ICMP_ECHO"),
    (11, "ICMP_TIME_EXCEEDED"),
    (12, "ICMP_PARAMETERPROB"),
    (13, "ICMP_TIMESTAMP"),
    (14, "ICMP_TIMESTAMPREPLY"),
    (15, "ICMP_INFO_REQUEST"),
    (16, "ICMP_INFO_REPLY"),
    (17, "ICMP_ADDRESS"),
    (18, "ICMP_ADDRESSREPLY"),
];

/// Codes of ICMP_DEST_UNREACH.
pub const ICMP_UNREACH: Xlat = Xlat(42);
const ICMP_UNREACH_ROWS: Rows = &[
    (0, "ICMP_NET_UNREACH"),
    (1, "ICMP_HOST_UNREACH"),
    (2, "ICMP_PROT_UNREACH"),
    (3, "ICMP_PORT_UNREACH"),
    (4, "ICMP_FRAG_NEEDED"),
    (5, "ICMP_SR_FAILED"),
    (6, "ICMP_NET_UNKNOWN"),
    (7, "ICMP_HOST_UNKNOWN"),
    (8, "ICMP_HOST_ISOLATED"),
    (9, "ICMP_NET_ANO"),
    (10, "ICMP_HOST_ANO"),
    (11, "ICMP_NET_UNR_TOS"),
    (12, "ICMP_HOST_UNR_TOS"),
    (13, "ICMP_PKT_FILTERED"),
    (14, "ICMP_PREC_VIOLATION"),
    (15, "ICMP_PREC_CUTOFF"),
];

/// Codes of ICMP_REDIRECT.
pub const ICMP_REDIR: Xlat = Xlat(43);
const ICMP_REDIR_ROWS: Rows =
    &[(0, "ICMP_REDIR_NET"), (1, "ICMP_REDIR_HOST"), (2, "ICMP_REDIR_NETTOS"), (3, "ICMP_REDIR_HOSTTOS")];

/// Codes of ICMP_TIME_EXCEEDED.
pub const ICMP_EXC: Xlat = Xlat(44);
const ICMP_EXC_ROWS: Rows = &[(0, "ICMP_EXC_TTL"), (1, "ICMP_EXC_FRAGTIME")];

/// ICMPv6 message types.
pub const ICMPV6_TYPE: Xlat = Xlat(45);
const ICMPV6_TYPE_ROWS: Rows = &[
    (1, "ICMPV6_DEST_UNREACH"),
    (2, "ICMPV6_PKT_TOOBIG"),
    (3, "ICMPV6_TIME_EXCEED"),
    (4, "ICMPV6_PARAMPROB"),
    (128, "ICMPV6_ECHO_REQUEST"),
    (129, "ICMPV6_ECHO_REPLY"),
    (130, "ICMPV6_MGM_QUERY"),
    (131, "ICMPV6_MGM_REPORT"),
    (132, "ICMPV6_MGM_REDUCTION"),
    (133, "ND_ROUTER_SOLICIT"),
    (134, "ND_ROUTER_ADVERT"),
    (135, "ND_NEIGHBOR_SOLICIT"),
    (136, "ND_NEIGHBOR_ADVERT"),
    (137, "ND_REDIRECT"),
    (139, "ICMPV6_NI_QUERY"),
    (140, "ICMPV6_NI_REPLY"),
    (143, "ICMPV6_MLD2_REPORT"),
    (144, "ICMPV6_DHAAD_REQUEST"),
    (145, "ICMPV6_DHAAD_REPLY"),
    (146, "ICMPV6_MOBILE_PREFIX_SOL"),
    (147, "ICMPV6_MOBILE_PREFIX_ADV"),
    (151, "ICMPV6_MRDISC_ADV"),
    (160, "ICMPV6_EXT_ECHO_REQUEST"),
    (161, "ICMPV6_EXT_ECHO_REPLY"),
];

/// Codes of ICMPV6_DEST_UNREACH.
pub const ICMPV6_UNREACH: Xlat = Xlat(46);
const ICMPV6_UNREACH_ROWS: Rows = &[
    (0, "ICMPV6_NOROUTE"),
    (1, "ICMPV6_ADM_PROHIBITED"),
    (2, "ICMPV6_NOT_NEIGHBOUR"),
    (3, "ICMPV6_ADDR_UNREACH"),
    (4, "ICMPV6_PORT_UNREACH"),
    (5, "ICMPV6_POLICY_FAIL"),
    (6, "ICMPV6_REJECT_ROUTE"),
];

/// Codes of ICMPV6_TIME_EXCEED.
pub const ICMPV6_EXC: Xlat = Xlat(47);
const ICMPV6_EXC_ROWS: Rows = &[(0, "ICMPV6_EXC_HOPLIMIT"), (1, "ICMPV6_EXC_FRAGTIME")];

/// Where an extended error comes from.
pub const SO_EE_ORIGIN: Xlat = Xlat(48);
const SO_EE_ORIGIN_ROWS: Rows = &[
    (0, "SO_EE_ORIGIN_NONE"),
    (1, "SO_EE_ORIGIN_LOCAL"),
    (2, "SO_EE_ORIGIN_ICMP"),
    (3, "SO_EE_ORIGIN_ICMP6"),
    (4, "SO_EE_ORIGIN_TXSTATUS"),
    (5, "SO_EE_ORIGIN_ZEROCOPY"),
    (6, "SO_EE_ORIGIN_TXTIME"),
];

/// What a transmit time stamp stands for.
pub const SCM_TSTAMP: Xlat = Xlat(49);
const SCM_TSTAMP_ROWS: Rows =
    &[(0, "SCM_TSTAMP_SND"), (1, "SCM_TSTAMP_SCHED"), (2, "SCM_TSTAMP_ACK"), (3, "SCM_TSTAMP_COMPLETION")];

/// Flags of SO_TIMESTAMPING.
pub const SOF_TIMESTAMPING: Xlat = Xlat(50);
const SOF_TIMESTAMPING_ROWS: Rows = &[
    (0x1, "SOF_TIMESTAMPING_TX_HARDWARE"),
    (0x2, "SOF_TIMESTAMPING_TX_SOFTWARE"),
    (0x4, "SOF_TIMESTAMPING_RX_HARDWARE"),
    (0x8, "SOF_TIMESTAMPING_RX_SOFTWARE"),
    (0x10, "SOF_TIMESTAMPING_SOFTWARE"),
    (0x20, "SOF_TIMESTAMPING_SYS_HARDWARE"),
    (0x40, "SOF_TIMESTAMPING_RAW_HARDWARE"),
    (0x80, "SOF_TIMESTAMPING_OPT_ID"),
    (0x100, "SOF_TIMESTAMPING_TX_SCHED"),
    (0x200, "SOF_TIMESTAMPING_TX_ACK"),
    (0x400, "SOF_TIMESTAMPING_OPT_CMSG"),
    (0x800, "SOF_TIMESTAMPING_OPT_TSONLY"),
    (0x1000, "SOF_TIMESTAMPING_OPT_STATS"),
    (0x2000, "SOF_TIMESTAMPING_OPT_PKTINFO"),
    (0x4000, "SOF_TIMESTAMPING_OPT_TX_SWHW"),
    (0x8000, "SOF_TIMESTAMPING_BIND_PHC"),
    (0x10000, "SOF_TIMESTAMPING_OPT_ID_TCP"),
    (0x20000, "SOF_TIMESTAMPING_OPT_RX_FILTER"),
    (0x40000, "SOF_TIMESTAMPING_TX_COMPLETION"),
];

/// Flags of a hardware time stamp configuration.
pub const HWTSTAMP_FLAG: Xlat = Xlat(51);
const HWTSTAMP_FLAG_ROWS: Rows = &[(0x1, "HWTSTAMP_FLAG_BONDED_PHC_INDEX")];

/// Hardware time stamps for what is sent.
pub const HWTSTAMP_TX: Xlat = Xlat(52);
const HWTSTAMP_TX_ROWS: Rows =
    &[(0, "HWTSTAMP_TX_OFF"), (1, "HWTSTAMP_TX_ON"), (2, "HWTSTAMP_TX_ONESTEP_SYNC"), (3, "HWTSTAMP_TX_ONESTEP_P2P")];

/// Hardware time stamps for what is received.
pub const HWTSTAMP_FILTER: Xlat = Xlat(53);
const HWTSTAMP_FILTER_ROWS: Rows = &[
    (0, "HWTSTAMP_FILTER_NONE"),
    (1, "HWTSTAMP_FILTER_ALL"),
    (2, "HWTSTAMP_FILTER_SOME"),
    (3, "HWTSTAMP_FILTER_PTP_V1_L4_EVENT"),
    (4, "HWTSTAMP_FILTER_PTP_V1_L4_SYNC"),
    (5, "HWTSTAMP_FILTER_PTP_V1_L4_DELAY_REQ"),
    (6, "HWTSTAMP_FILTER_PTP_V2_L4_EVENT"),
    (7, "HWTSTAMP_FILTER_PTP_V2_L4_SYNC"),
    (8, "HWTSTAMP_FILTER_PTP_V2_L4_DELAY_REQ"),
    (9, "HWTSTAMP_FILTER_PTP_V2_L2_EVENT"),
    (10, "HWTSTAMP_FILTER_PTP_V2_L2_SYNC"),
    (11, "HWTSTAMP_FILTER_PTP_V2_L2_DELAY_REQ"),
    (12, "HWTSTAMP_FILTER_PTP_V2_EVENT"),
    (13, "HWTSTAMP_FILTER_PTP_V2_SYNC"),
    (14, "HWTSTAMP_FILTER_PTP_V2_DELAY_REQ"),
    (15, "HWTSTAMP_FILTER_NTP_ALL"),
];

/// Flags of SO_TXTIME.
pub const TXTIME_FLAGS: Xlat = Xlat(54);
const TXTIME_FLAGS_ROWS: Rows = &[(0x1, "SOF_TXTIME_DEADLINE_MODE"), (0x2, "SOF_TXTIME_REPORT_ERRORS")];

/// Clocks.
pub const CLOCK: Xlat = Xlat(55);
const CLOCK_ROWS: Rows = &[
    (0, "CLOCK_REALTIME"),
    (1, "CLOCK_MONOTONIC"),
    (2, "CLOCK_PROCESS_CPUTIME_ID"),
    (3, "CLOCK_THREAD_CPUTIME_ID"),
    (4, "CLOCK_MONOTONIC_RAW"),
    (5, "CLOCK_REALTIME_COARSE"),
    (6, "CLOCK_MONOTONIC_COARSE"),
    (7, "CLOCK_BOOTTIME"),
    (8, "CLOCK_REALTIME_ALARM"),
    (9, "CLOCK_BOOTTIME_ALARM"),
    (11, "CLOCK_TAI"),
];

/// Flags of sockaddr_vm.
pub const VMADDR_FLAG: Xlat = Xlat(56);
const VMADDR_FLAG_ROWS: Rows = &[(0x1, "VMADDR_FLAG_TO_HOST")];

/// Flags of sockaddr_xdp.
pub const XDP_FLAG: Xlat = Xlat(57);
const XDP_FLAG_ROWS: Rows =
    &[(0x1, "XDP_SHARED_UMEM"), (0x2, "XDP_COPY"), (0x4, "XDP_ZEROCOPY"), (0x8, "XDP_USE_NEED_WAKEUP")];

/// Flags of sockaddr_alg.
pub const CRYPTO_FLAG: Xlat = Xlat(58);
const CRYPTO_FLAG_ROWS: Rows = &[(0x1000, "CRYPTO_ALG_KERN_DRIVER_ONLY")];

/// Channels of Bluetooth's HCI.
pub const HCI_CHANNEL: Xlat = Xlat(59);
const HCI_CHANNEL_ROWS: Rows = &[
    (0, "HCI_CHANNEL_RAW"),
    (1, "HCI_CHANNEL_USER"),
    (2, "HCI_CHANNEL_MONITOR"),
    (3, "HCI_CHANNEL_CONTROL"),
    (4, "HCI_CHANNEL_LOGGING"),
];

/// Types of Bluetooth addresses.
pub const BDADDR: Xlat = Xlat(60);
const BDADDR_ROWS: Rows = &[(0, "BDADDR_BREDR"), (1, "BDADDR_LE_PUBLIC"), (2, "BDADDR_LE_RANDOM")];

/// Services of Bluetooth's L2CAP.
pub const L2CAP_PSM: Xlat = Xlat(61);
const L2CAP_PSM_ROWS: Rows =
    &[(1, "L2CAP_PSM_SDP"), (3, "L2CAP_PSM_RFCOMM"), (31, "L2CAP_PSM_3DSP"), (128, "L2CAP_PSM_LE_DYN_START")];

/// Channels of Bluetooth's L2CAP.
pub const L2CAP_CID: Xlat = Xlat(62);
const L2CAP_CID_ROWS: Rows = &[
    (1, "L2CAP_CID_SIGNALING"),
    (2, "L2CAP_CID_CONN_LESS"),
    (3, "L2CAP_CID_A2MP"),
    (4, "L2CAP_CID_ATT"),
    (5, "L2CAP_CID_LE_SIGNALING"),
    (6, "L2CAP_CID_SMP"),
    (7, "L2CAP_CID_SMP_BREDR"),
];

/// Protocols of NFC targets.
pub const NFC_PROTO: Xlat = Xlat(63);
const NFC_PROTO_ROWS: Rows = &[
    (1, "NFC_PROTO_JEWEL"),
    (2, "NFC_PROTO_MIFARE"),
    (3, "NFC_PROTO_FELICA"),
    (4, "NFC_PROTO_ISO14443"),
    (5, "NFC_PROTO_NFC_DEP"),
    (6, "NFC_PROTO_ISO14443_B"),
    (7, "NFC_PROTO_ISO15693"),
];

/// Service access points of NFC's LLCP.
pub const LLCP_SAP: Xlat = Xlat(64);
const LLCP_SAP_ROWS: Rows =
    &[(0, "LLCP_SAP_LLC"), (1, "LLCP_SAP_SDP"), (2, "LLCP_SAP_IP"), (3, "LLCP_SAP_OBEX"), (4, "LLCP_SAP_SNEP")];

/// Types of IEEE 802.15.4 addresses.
pub const IEEE802154: Xlat = Xlat(65);
const IEEE802154_ROWS: Rows = &[(0, "IEEE802154_ADDR_NONE"), (2, "IEEE802154_ADDR_SHORT"), (3, "IEEE802154_ADDR_LONG")];

/// Types of TIPC addresses.
pub const TIPC_ADDRTYPE: Xlat = Xlat(66);
const TIPC_ADDRTYPE_ROWS: Rows = &[(1, "TIPC_SERVICE_RANGE"), (2, "TIPC_SERVICE_ADDR"), (3, "TIPC_SOCKET_ADDR")];

/// Scopes of TIPC addresses.
pub const TIPC_SCOPE: Xlat = Xlat(67);
const TIPC_SCOPE_ROWS: Rows = &[(1, "TIPC_ZONE_SCOPE"), (2, "TIPC_CLUSTER_SCOPE"), (3, "TIPC_NODE_SCOPE")];

/// The tables of this file, in the order of their numbers.
pub(super) const ALL: &[Rows] = &[
    AF_ROWS,
    SOCK_TYPE_ROWS,
    SOCK_FLAGS_ROWS,
    SHUT_ROWS,
    MSG_ROWS,
    IPPROTO_ROWS,
    NETLINK_PROTO_ROWS,
    NLMSG_ROWS,
    NLM_F_ROWS,
    NLM_F_GET_ROWS,
    NLM_F_NEW_ROWS,
    RTM_ROWS,
    ETH_P_ROWS,
    ARPHRD_ROWS,
    IFF_ROWS,
    CAN_PROTO_ROWS,
    BTPROTO_ROWS,
    PX_PROTO_ROWS,
    NFC_SOCKPROTO_ROWS,
    PN_PROTO_ROWS,
    KCMPROTO_ROWS,
    CAIFPROTO_ROWS,
    SMCPROTO_ROWS,
    ISDNPROTO_ROWS,
    PACKET_TYPE_ROWS,
    TCP_STATE_ROWS,
    TCP_STATE_FULL_ROWS,
    TCP_CA_ROWS,
    TCPI_OPT_ROWS,
    TCP_FASTOPEN_FAIL_ROWS,
    TCPOPT_ROWS,
    TCP_QUEUE_ROWS,
    TCP_REPAIR_MODE_ROWS,
    TCP_MD5SIG_FLAG_ROWS,
    IPTOS_DSCP_ROWS,
    IPTOS_ECN_ROWS,
    IPTOS_ROWS,
    IP_PMTUDISC_ROWS,
    IPV6_PMTUDISC_ROWS,
    MCAST_FMODE_ROWS,
    IPV6_PREFER_ROWS,
    ICMP_TYPE_ROWS,
    ICMP_UNREACH_ROWS,
    ICMP_REDIR_ROWS,
    ICMP_EXC_ROWS,
    ICMPV6_TYPE_ROWS,
    ICMPV6_UNREACH_ROWS,
    ICMPV6_EXC_ROWS,
    SO_EE_ORIGIN_ROWS,
    SCM_TSTAMP_ROWS,
    SOF_TIMESTAMPING_ROWS,
    HWTSTAMP_FLAG_ROWS,
    HWTSTAMP_TX_ROWS,
    HWTSTAMP_FILTER_ROWS,
    TXTIME_FLAGS_ROWS,
    CLOCK_ROWS,
    VMADDR_FLAG_ROWS,
    XDP_FLAG_ROWS,
    CRYPTO_FLAG_ROWS,
    HCI_CHANNEL_ROWS,
    BDADDR_ROWS,
    L2CAP_PSM_ROWS,
    L2CAP_CID_ROWS,
    NFC_PROTO_ROWS,
    LLCP_SAP_ROWS,
    IEEE802154_ROWS,
    TIPC_ADDRTYPE_ROWS,
    TIPC_SCOPE_ROWS,
];
