//! Written by `cargo run -p xtask -- xlat` from crates/decode/xlat.in; edit that.

use super::{Rows, Xlat};

/// Flags of a netlink header, for requests that take something away.
pub const NLM_F_DEL: Xlat = Xlat(180);
const NLM_F_DEL_ROWS: Rows = &[
    (0x1, "NLM_F_REQUEST"),
    (0x2, "NLM_F_MULTI"),
    (0x4, "NLM_F_ACK"),
    (0x8, "NLM_F_ECHO"),
    (0x10, "NLM_F_DUMP_INTR"),
    (0x20, "NLM_F_DUMP_FILTERED"),
    (0x100, "NLM_F_NONREC"),
    (0x200, "NLM_F_BULK"),
];

/// Flags of a netlink header, for NLMSG_ERROR.
pub const NLM_F_ERROR: Xlat = Xlat(181);
const NLM_F_ERROR_ROWS: Rows = &[
    (0x1, "NLM_F_REQUEST"),
    (0x2, "NLM_F_MULTI"),
    (0x4, "NLM_F_ACK"),
    (0x8, "NLM_F_ECHO"),
    (0x10, "NLM_F_DUMP_INTR"),
    (0x20, "NLM_F_DUMP_FILTERED"),
    (0x100, "NLM_F_CAPPED"),
    (0x200, "NLM_F_ACK_TLVS"),
];

/// Attributes of NLMSG_ERROR.
pub const NLMSGERR_ATTR: Xlat = Xlat(182);
const NLMSGERR_ATTR_ROWS: Rows = &[
    (0, "NLMSGERR_ATTR_UNUSED"),
    (1, "NLMSGERR_ATTR_MSG"),
    (2, "NLMSGERR_ATTR_OFFS"),
    (3, "NLMSGERR_ATTR_COOKIE"),
    (4, "NLMSGERR_ATTR_POLICY"),
    (5, "NLMSGERR_ATTR_MISS_TYPE"),
    (6, "NLMSGERR_ATTR_MISS_NEST"),
];

/// Flags in the type of an attribute.
pub const NLA_F: Xlat = Xlat(183);
const NLA_F_ROWS: Rows = &[(0x8000, "NLA_F_NESTED"), (0x4000, "NLA_F_NET_BYTEORDER")];

/// Attributes of a link.
pub const IFLA: Xlat = Xlat(184);
const IFLA_ROWS: Rows = &[
    (0, "IFLA_UNSPEC"),
    (1, "IFLA_ADDRESS"),
    (2, "IFLA_BROADCAST"),
    (3, "IFLA_IFNAME"),
    (4, "IFLA_MTU"),
    (5, "IFLA_LINK"),
    (6, "IFLA_QDISC"),
    (7, "IFLA_STATS"),
    (8, "IFLA_COST"),
    (9, "IFLA_PRIORITY"),
    (10, "IFLA_MASTER"),
    (11, "IFLA_WIRELESS"),
    (12, "IFLA_PROTINFO"),
    (13, "IFLA_TXQLEN"),
    (14, "IFLA_MAP"),
    (15, "IFLA_WEIGHT"),
    (16, "IFLA_OPERSTATE"),
    (17, "IFLA_LINKMODE"),
    (18, "IFLA_LINKINFO"),
    (19, "IFLA_NET_NS_PID"),
    (20, "IFLA_IFALIAS"),
    (21, "IFLA_NUM_VF"),
    (22, "IFLA_VFINFO_LIST"),
    (23, "IFLA_STATS64"),
    (24, "IFLA_VF_PORTS"),
    (25, "IFLA_PORT_SELF"),
    (26, "IFLA_AF_SPEC"),
    (27, "IFLA_GROUP"),
    (28, "IFLA_NET_NS_FD"),
    (29, "IFLA_EXT_MASK"),
    (30, "IFLA_PROMISCUITY"),
    (31, "IFLA_NUM_TX_QUEUES"),
    (32, "IFLA_NUM_RX_QUEUES"),
    (33, "IFLA_CARRIER"),
    (34, "IFLA_PHYS_PORT_ID"),
    (35, "IFLA_CARRIER_CHANGES"),
    (36, "IFLA_PHYS_SWITCH_ID"),
    (37, "IFLA_LINK_NETNSID"),
    (38, "IFLA_PHYS_PORT_NAME"),
    (39, "IFLA_PROTO_DOWN"),
    (40, "IFLA_GSO_MAX_SEGS"),
    (41, "IFLA_GSO_MAX_SIZE"),
    (42, "IFLA_PAD"),
    (43, "IFLA_XDP"),
    (44, "IFLA_EVENT"),
    (45, "IFLA_NEW_NETNSID"),
    (46, "IFLA_IF_NETNSID"),
    (47, "IFLA_CARRIER_UP_COUNT"),
    (48, "IFLA_CARRIER_DOWN_COUNT"),
    (49, "IFLA_NEW_IFINDEX"),
    (50, "IFLA_MIN_MTU"),
    (51, "IFLA_MAX_MTU"),
    (52, "IFLA_PROP_LIST"),
    (53, "IFLA_ALT_IFNAME"),
    (54, "IFLA_PERM_ADDRESS"),
    (55, "IFLA_PROTO_DOWN_REASON"),
    (56, "IFLA_PARENT_DEV_NAME"),
    (57, "IFLA_PARENT_DEV_BUS_NAME"),
    (58, "IFLA_GRO_MAX_SIZE"),
    (59, "IFLA_TSO_MAX_SIZE"),
    (60, "IFLA_TSO_MAX_SEGS"),
    (61, "IFLA_ALLMULTI"),
];

/// Attributes of IFLA_LINKINFO.
pub const IFLA_INFO: Xlat = Xlat(185);
const IFLA_INFO_ROWS: Rows = &[
    (0, "IFLA_INFO_UNSPEC"),
    (1, "IFLA_INFO_KIND"),
    (2, "IFLA_INFO_DATA"),
    (3, "IFLA_INFO_XSTATS"),
    (4, "IFLA_INFO_SLAVE_KIND"),
    (5, "IFLA_INFO_SLAVE_DATA"),
];

/// Attributes of a link, of AF_INET.
pub const IFLA_INET: Xlat = Xlat(186);
const IFLA_INET_ROWS: Rows = &[(0, "IFLA_INET_UNSPEC"), (1, "IFLA_INET_CONF")];

/// Attributes of a link, of AF_INET6.
pub const IFLA_INET6: Xlat = Xlat(187);
const IFLA_INET6_ROWS: Rows = &[
    (0, "IFLA_INET6_UNSPEC"),
    (1, "IFLA_INET6_FLAGS"),
    (2, "IFLA_INET6_CONF"),
    (3, "IFLA_INET6_STATS"),
    (4, "IFLA_INET6_MCAST"),
    (5, "IFLA_INET6_CACHEINFO"),
    (6, "IFLA_INET6_ICMP6STATS"),
    (7, "IFLA_INET6_TOKEN"),
    (8, "IFLA_INET6_ADDR_GEN_MODE"),
    (9, "IFLA_INET6_RA_MTU"),
];

/// How a link makes addresses of AF_INET6.
pub const IN6_ADDR_GEN_MODE: Xlat = Xlat(188);
const IN6_ADDR_GEN_MODE_ROWS: Rows = &[
    (0, "IN6_ADDR_GEN_MODE_EUI64"),
    (1, "IN6_ADDR_GEN_MODE_NONE"),
    (2, "IN6_ADDR_GEN_MODE_STABLE_PRIVACY"),
    (3, "IN6_ADDR_GEN_MODE_RANDOM"),
];

/// What RTM_GETLINK asks for beyond the usual.
pub const RTEXT_FILTER: Xlat = Xlat(189);
const RTEXT_FILTER_ROWS: Rows = &[
    (0x1, "RTEXT_FILTER_VF"),
    (0x2, "RTEXT_FILTER_BRVLAN"),
    (0x4, "RTEXT_FILTER_BRVLAN_COMPRESSED"),
    (0x8, "RTEXT_FILTER_SKIP_STATS"),
    (0x10, "RTEXT_FILTER_MRP"),
    (0x20, "RTEXT_FILTER_CFM_CONFIG"),
    (0x40, "RTEXT_FILTER_CFM_STATUS"),
    (0x80, "RTEXT_FILTER_MST"),
];

/// Scopes of addresses and routes.
pub const RT_SCOPE: Xlat = Xlat(190);
const RT_SCOPE_ROWS: Rows = &[
    (0, "RT_SCOPE_UNIVERSE"),
    (200, "RT_SCOPE_SITE"),
    (253, "RT_SCOPE_LINK"),
    (254, "RT_SCOPE_HOST"),
    (255, "RT_SCOPE_NOWHERE"),
];

/// Routing tables.
pub const RT_TABLE: Xlat = Xlat(191);
const RT_TABLE_ROWS: Rows = &[
    (0, "RT_TABLE_UNSPEC"),
    (252, "RT_TABLE_COMPAT"),
    (253, "RT_TABLE_DEFAULT"),
    (254, "RT_TABLE_MAIN"),
    (255, "RT_TABLE_LOCAL"),
];

/// Who made a route.
pub const RTPROT: Xlat = Xlat(192);
const RTPROT_ROWS: Rows = &[
    (0, "RTPROT_UNSPEC"),
    (1, "RTPROT_REDIRECT"),
    (2, "RTPROT_KERNEL"),
    (3, "RTPROT_BOOT"),
    (4, "RTPROT_STATIC"),
    (8, "RTPROT_GATED"),
    (9, "RTPROT_RA"),
    (10, "RTPROT_MRT"),
    (11, "RTPROT_ZEBRA"),
    (12, "RTPROT_BIRD"),
    (13, "RTPROT_DNROUTED"),
    (14, "RTPROT_XORP"),
    (15, "RTPROT_NTK"),
    (16, "RTPROT_DHCP"),
    (17, "RTPROT_MROUTED"),
    (18, "RTPROT_KEEPALIVED"),
    (42, "RTPROT_BABEL"),
    (99, "RTPROT_OPENR"),
    (186, "RTPROT_BGP"),
    (187, "RTPROT_ISIS"),
    (188, "RTPROT_OSPF"),
    (189, "RTPROT_RIP"),
    (192, "RTPROT_EIGRP"),
];

/// Kinds of routes.
pub const RTN: Xlat = Xlat(193);
const RTN_ROWS: Rows = &[
    (0, "RTN_UNSPEC"),
    (1, "RTN_UNICAST"),
    (2, "RTN_LOCAL"),
    (3, "RTN_BROADCAST"),
    (4, "RTN_ANYCAST"),
    (5, "RTN_MULTICAST"),
    (6, "RTN_BLACKHOLE"),
    (7, "RTN_UNREACHABLE"),
    (8, "RTN_PROHIBIT"),
    (9, "RTN_THROW"),
    (10, "RTN_NAT"),
    (11, "RTN_XRESOLVE"),
];

/// Flags of a route.
pub const RTM_F: Xlat = Xlat(194);
const RTM_F_ROWS: Rows = &[
    (0x100, "RTM_F_NOTIFY"),
    (0x200, "RTM_F_CLONED"),
    (0x400, "RTM_F_EQUALIZE"),
    (0x800, "RTM_F_PREFIX"),
    (0x1000, "RTM_F_LOOKUP_TABLE"),
    (0x2000, "RTM_F_FIB_MATCH"),
    (0x4000, "RTM_F_OFFLOAD"),
    (0x8000, "RTM_F_TRAP"),
    (0x20000000, "RTM_F_OFFLOAD_FAILED"),
];

/// Flags of a next hop.
pub const RTNH_F: Xlat = Xlat(195);
const RTNH_F_ROWS: Rows = &[
    (0x1, "RTNH_F_DEAD"),
    (0x2, "RTNH_F_PERVASIVE"),
    (0x4, "RTNH_F_ONLINK"),
    (0x8, "RTNH_F_OFFLOAD"),
    (0x10, "RTNH_F_LINKDOWN"),
    (0x20, "RTNH_F_UNRESOLVED"),
    (0x40, "RTNH_F_TRAP"),
];

/// Attributes of a route.
pub const RTA: Xlat = Xlat(196);
const RTA_ROWS: Rows = &[
    (0, "RTA_UNSPEC"),
    (1, "RTA_DST"),
    (2, "RTA_SRC"),
    (3, "RTA_IIF"),
    (4, "RTA_OIF"),
    (5, "RTA_GATEWAY"),
    (6, "RTA_PRIORITY"),
    (7, "RTA_PREFSRC"),
    (8, "RTA_METRICS"),
    (9, "RTA_MULTIPATH"),
    (10, "RTA_PROTOINFO"),
    (11, "RTA_FLOW"),
    (12, "RTA_CACHEINFO"),
    (13, "RTA_SESSION"),
    (14, "RTA_MP_ALGO"),
    (15, "RTA_TABLE"),
    (16, "RTA_MARK"),
    (17, "RTA_MFC_STATS"),
    (18, "RTA_VIA"),
    (19, "RTA_NEWDST"),
    (20, "RTA_PREF"),
    (21, "RTA_ENCAP_TYPE"),
    (22, "RTA_ENCAP"),
    (23, "RTA_EXPIRES"),
    (24, "RTA_PAD"),
    (25, "RTA_UID"),
    (26, "RTA_TTL_PROPAGATE"),
    (27, "RTA_IP_PROTO"),
    (28, "RTA_SPORT"),
    (29, "RTA_DPORT"),
    (30, "RTA_NH_ID"),
];

/// Attributes of RTA_METRICS.
pub const RTAX: Xlat = Xlat(197);
const RTAX_ROWS: Rows = &[
    (0, "RTAX_UNSPEC"),
    (1, "RTAX_LOCK"),
    (2, "RTAX_MTU"),
    (3, "RTAX_WINDOW"),
    (4, "RTAX_RTT"),
    (5, "RTAX_RTTVAR"),
    (6, "RTAX_SSTHRESH"),
    (7, "RTAX_CWND"),
    (8, "RTAX_ADVMSS"),
    (9, "RTAX_REORDERING"),
    (10, "RTAX_HOPLIMIT"),
    (11, "RTAX_INITCWND"),
    (12, "RTAX_FEATURES"),
    (13, "RTAX_RTO_MIN"),
    (14, "RTAX_INITRWND"),
    (15, "RTAX_QUICKACK"),
    (16, "RTAX_CC_ALGO"),
    (17, "RTAX_FASTOPEN_NO_COOKIE"),
];

/// Attributes of traffic control.
pub const TCA: Xlat = Xlat(198);
const TCA_ROWS: Rows = &[
    (0, "TCA_UNSPEC"),
    (1, "TCA_KIND"),
    (2, "TCA_OPTIONS"),
    (3, "TCA_STATS"),
    (4, "TCA_XSTATS"),
    (5, "TCA_RATE"),
    (6, "TCA_FCNT"),
    (7, "TCA_STATS2"),
    (8, "TCA_STAB"),
    (9, "TCA_PAD"),
    (11, "TCA_CHAIN"),
    (12, "TCA_HW_OFFLOAD"),
    (13, "TCA_INGRESS_BLOCK"),
    (14, "TCA_EGRESS_BLOCK"),
    (16, "TCA_EXT_WARN_MSG"),
];

/// Attributes of TCA_STATS2.
pub const TCA_STATS: Xlat = Xlat(199);
const TCA_STATS_ROWS: Rows = &[
    (0, "TCA_STATS_UNSPEC"),
    (1, "TCA_STATS_BASIC"),
    (2, "TCA_STATS_RATE_EST"),
    (3, "TCA_STATS_QUEUE"),
    (4, "TCA_STATS_APP"),
    (5, "TCA_STATS_RATE_EST64"),
    (6, "TCA_STATS_PAD"),
    (7, "TCA_STATS_BASIC_HW"),
    (8, "TCA_STATS_PKT64"),
];

/// Attributes of an address.
pub const IFA: Xlat = Xlat(200);
const IFA_ROWS: Rows = &[
    (0, "IFA_UNSPEC"),
    (1, "IFA_ADDRESS"),
    (2, "IFA_LOCAL"),
    (3, "IFA_LABEL"),
    (4, "IFA_BROADCAST"),
    (5, "IFA_ANYCAST"),
    (6, "IFA_CACHEINFO"),
    (7, "IFA_MULTICAST"),
    (8, "IFA_FLAGS"),
    (9, "IFA_RT_PRIORITY"),
    (10, "IFA_TARGET_NETNSID"),
    (11, "IFA_PROTO"),
];

/// Flags of an address.
pub const IFA_F: Xlat = Xlat(201);
const IFA_F_ROWS: Rows = &[
    (0x1, "IFA_F_SECONDARY"),
    (0x2, "IFA_F_NODAD"),
    (0x4, "IFA_F_OPTIMISTIC"),
    (0x8, "IFA_F_DADFAILED"),
    (0x10, "IFA_F_HOMEADDRESS"),
    (0x20, "IFA_F_DEPRECATED"),
    (0x40, "IFA_F_TENTATIVE"),
    (0x80, "IFA_F_PERMANENT"),
    (0x100, "IFA_F_MANAGETEMPADDR"),
    (0x200, "IFA_F_NOPREFIXROUTE"),
    (0x400, "IFA_F_MCAUTOJOIN"),
    (0x800, "IFA_F_STABLE_PRIVACY"),
];

/// Attributes of a neighbour.
pub const NDA: Xlat = Xlat(202);
const NDA_ROWS: Rows = &[
    (0, "NDA_UNSPEC"),
    (1, "NDA_DST"),
    (2, "NDA_LLADDR"),
    (3, "NDA_CACHEINFO"),
    (4, "NDA_PROBES"),
    (5, "NDA_VLAN"),
    (6, "NDA_PORT"),
    (7, "NDA_VNI"),
    (8, "NDA_IFINDEX"),
    (9, "NDA_MASTER"),
    (10, "NDA_LINK_NETNSID"),
    (11, "NDA_SRC_VNI"),
    (12, "NDA_PROTOCOL"),
    (13, "NDA_NH_ID"),
    (14, "NDA_FDB_EXT_ATTRS"),
    (15, "NDA_FLAGS_EXT"),
    (16, "NDA_NDM_STATE_MASK"),
    (17, "NDA_NDM_FLAGS_MASK"),
];

/// States of a neighbour.
pub const NUD: Xlat = Xlat(203);
const NUD_ROWS: Rows = &[
    (0x0, "NUD_NONE"),
    (0x1, "NUD_INCOMPLETE"),
    (0x2, "NUD_REACHABLE"),
    (0x4, "NUD_STALE"),
    (0x8, "NUD_DELAY"),
    (0x10, "NUD_PROBE"),
    (0x20, "NUD_FAILED"),
    (0x40, "NUD_NOARP"),
    (0x80, "NUD_PERMANENT"),
];

/// Flags of a neighbour.
pub const NTF: Xlat = Xlat(204);
const NTF_ROWS: Rows = &[
    (0x1, "NTF_USE"),
    (0x2, "NTF_SELF"),
    (0x4, "NTF_MASTER"),
    (0x8, "NTF_PROXY"),
    (0x10, "NTF_EXT_LEARNED"),
    (0x20, "NTF_OFFLOADED"),
    (0x40, "NTF_STICKY"),
    (0x80, "NTF_ROUTER"),
];

/// Further flags of a neighbour.
pub const NTF_EXT: Xlat = Xlat(205);
const NTF_EXT_ROWS: Rows = &[(0x1, "NTF_EXT_MANAGED")];

/// Attributes of a rule.
pub const FRA: Xlat = Xlat(206);
const FRA_ROWS: Rows = &[
    (0, "FRA_UNSPEC"),
    (1, "FRA_DST"),
    (2, "FRA_SRC"),
    (3, "FRA_IIFNAME"),
    (4, "FRA_GOTO"),
    (5, "FRA_UNUSED2"),
    (6, "FRA_PRIORITY"),
    (7, "FRA_UNUSED3"),
    (8, "FRA_UNUSED4"),
    (9, "FRA_UNUSED5"),
    (10, "FRA_FWMARK"),
    (11, "FRA_FLOW"),
    (12, "FRA_TUN_ID"),
    (13, "FRA_SUPPRESS_IFGROUP"),
    (14, "FRA_SUPPRESS_PREFIXLEN"),
    (15, "FRA_TABLE"),
    (16, "FRA_FWMASK"),
    (17, "FRA_OIFNAME"),
    (18, "FRA_PAD"),
    (19, "FRA_L3MDEV"),
    (20, "FRA_UID_RANGE"),
    (21, "FRA_PROTOCOL"),
    (22, "FRA_IP_PROTO"),
    (23, "FRA_SPORT_RANGE"),
    (24, "FRA_DPORT_RANGE"),
];

/// What a rule does.
pub const FR_ACT: Xlat = Xlat(207);
const FR_ACT_ROWS: Rows = &[
    (0, "FR_ACT_UNSPEC"),
    (1, "FR_ACT_TO_TBL"),
    (2, "FR_ACT_GOTO"),
    (3, "FR_ACT_NOP"),
    (4, "FR_ACT_RES3"),
    (5, "FR_ACT_RES4"),
    (6, "FR_ACT_BLACKHOLE"),
    (7, "FR_ACT_UNREACHABLE"),
    (8, "FR_ACT_PROHIBIT"),
];

/// Flags of a rule.
pub const FIB_RULE: Xlat = Xlat(208);
const FIB_RULE_ROWS: Rows = &[
    (0x1, "FIB_RULE_PERMANENT"),
    (0x2, "FIB_RULE_INVERT"),
    (0x4, "FIB_RULE_UNRESOLVED"),
    (0x8, "FIB_RULE_IIF_DETACHED"),
    (0x10, "FIB_RULE_OIF_DETACHED"),
    (0x10000, "FIB_RULE_FIND_SADDR"),
];

/// The older reading of a type of service, bit by bit.
pub const IPTOS_BITS: Xlat = Xlat(209);
const IPTOS_BITS_ROWS: Rows =
    &[(0x10, "IPTOS_LOWDELAY"), (0x8, "IPTOS_THROUGHPUT"), (0x4, "IPTOS_RELIABILITY"), (0x2, "IPTOS_MINCOST")];

/// Kinds of light tunnels.
pub const LWTUNNEL: Xlat = Xlat(210);
const LWTUNNEL_ROWS: Rows = &[
    (0, "LWTUNNEL_ENCAP_NONE"),
    (1, "LWTUNNEL_ENCAP_MPLS"),
    (2, "LWTUNNEL_ENCAP_IP"),
    (3, "LWTUNNEL_ENCAP_ILA"),
    (4, "LWTUNNEL_ENCAP_IP6"),
    (5, "LWTUNNEL_ENCAP_SEG6"),
    (6, "LWTUNNEL_ENCAP_BPF"),
    (7, "LWTUNNEL_ENCAP_SEG6_LOCAL"),
    (8, "LWTUNNEL_ENCAP_RPL"),
    (9, "LWTUNNEL_ENCAP_IOAM6"),
    (10, "LWTUNNEL_ENCAP_XFRM"),
];

/// Message types of NETLINK_SOCK_DIAG.
pub const SOCK_DIAG: Xlat = Xlat(211);
const SOCK_DIAG_ROWS: Rows =
    &[(18, "TCPDIAG_GETSOCK"), (19, "DCCPDIAG_GETSOCK"), (20, "SOCK_DIAG_BY_FAMILY"), (21, "SOCK_DESTROY")];

/// Attributes of an Internet socket.
pub const INET_DIAG: Xlat = Xlat(212);
const INET_DIAG_ROWS: Rows = &[
    (0, "INET_DIAG_NONE"),
    (1, "INET_DIAG_MEMINFO"),
    (2, "INET_DIAG_INFO"),
    (3, "INET_DIAG_VEGASINFO"),
    (4, "INET_DIAG_CONG"),
    (5, "INET_DIAG_TOS"),
    (6, "INET_DIAG_TCLASS"),
    (7, "INET_DIAG_SKMEMINFO"),
    (8, "INET_DIAG_SHUTDOWN"),
    (9, "INET_DIAG_DCTCPINFO"),
    (10, "INET_DIAG_PROTOCOL"),
    (11, "INET_DIAG_SKV6ONLY"),
    (12, "INET_DIAG_LOCALS"),
    (13, "INET_DIAG_PEERS"),
    (14, "INET_DIAG_PAD"),
    (15, "INET_DIAG_MARK"),
    (16, "INET_DIAG_BBRINFO"),
    (17, "INET_DIAG_CLASS_ID"),
    (18, "INET_DIAG_MD5SIG"),
    (19, "INET_DIAG_ULP_INFO"),
    (20, "INET_DIAG_SK_BPF_STORAGES"),
    (21, "INET_DIAG_CGROUP_ID"),
    (22, "INET_DIAG_SOCKOPT"),
];

/// Attributes of a unix socket.
pub const UNIX_DIAG: Xlat = Xlat(213);
const UNIX_DIAG_ROWS: Rows = &[
    (0, "UNIX_DIAG_NAME"),
    (1, "UNIX_DIAG_VFS"),
    (2, "UNIX_DIAG_PEER"),
    (3, "UNIX_DIAG_ICONS"),
    (4, "UNIX_DIAG_RQLEN"),
    (5, "UNIX_DIAG_MEMINFO"),
    (6, "UNIX_DIAG_SHUTDOWN"),
    (7, "UNIX_DIAG_UID"),
];

/// What is asked of a unix socket.
pub const UDIAG_SHOW: Xlat = Xlat(214);
const UDIAG_SHOW_ROWS: Rows = &[
    (0x1, "UDIAG_SHOW_NAME"),
    (0x2, "UDIAG_SHOW_VFS"),
    (0x4, "UDIAG_SHOW_PEER"),
    (0x8, "UDIAG_SHOW_ICONS"),
    (0x10, "UDIAG_SHOW_RQLEN"),
    (0x20, "UDIAG_SHOW_MEMINFO"),
    (0x40, "UDIAG_SHOW_UID"),
];

/// Parts of NETLINK_NETFILTER.
pub const NFNL_SUBSYS: Xlat = Xlat(215);
const NFNL_SUBSYS_ROWS: Rows = &[
    (0, "NFNL_SUBSYS_NONE"),
    (1, "NFNL_SUBSYS_CTNETLINK"),
    (2, "NFNL_SUBSYS_CTNETLINK_EXP"),
    (3, "NFNL_SUBSYS_QUEUE"),
    (4, "NFNL_SUBSYS_ULOG"),
    (5, "NFNL_SUBSYS_OSF"),
    (6, "NFNL_SUBSYS_IPSET"),
    (7, "NFNL_SUBSYS_ACCT"),
    (8, "NFNL_SUBSYS_CTNETLINK_TIMEOUT"),
    (9, "NFNL_SUBSYS_CTHELPER"),
    (10, "NFNL_SUBSYS_NFTABLES"),
    (11, "NFNL_SUBSYS_NFT_COMPAT"),
    (12, "NFNL_SUBSYS_HOOK"),
];

/// Message types of NETLINK_NETFILTER that belong to no part.
pub const NFNL_MSG: Xlat = Xlat(216);
const NFNL_MSG_ROWS: Rows = &[(16, "NFNL_MSG_BATCH_BEGIN"), (17, "NFNL_MSG_BATCH_END")];

/// Message types of NETLINK_SELINUX.
pub const SELNL_MSG: Xlat = Xlat(217);
const SELNL_MSG_ROWS: Rows = &[(16, "SELNL_MSG_SETENFORCE"), (17, "SELNL_MSG_POLICYLOAD")];

/// Message types of NETLINK_CRYPTO.
pub const CRYPTO_MSG: Xlat = Xlat(218);
const CRYPTO_MSG_ROWS: Rows = &[
    (16, "CRYPTO_MSG_NEWALG"),
    (17, "CRYPTO_MSG_DELALG"),
    (18, "CRYPTO_MSG_UPDATEALG"),
    (19, "CRYPTO_MSG_GETALG"),
    (20, "CRYPTO_MSG_DELRNG"),
    (21, "CRYPTO_MSG_GETSTAT"),
];

/// Message types of NETLINK_XFRM.
pub const XFRM_MSG: Xlat = Xlat(219);
const XFRM_MSG_ROWS: Rows = &[
    (16, "XFRM_MSG_NEWSA"),
    (17, "XFRM_MSG_DELSA"),
    (18, "XFRM_MSG_GETSA"),
    (19, "XFRM_MSG_NEWPOLICY"),
    (20, "XFRM_MSG_DELPOLICY"),
    (21, "XFRM_MSG_GETPOLICY"),
    (22, "XFRM_MSG_ALLOCSPI"),
    (23, "XFRM_MSG_ACQUIRE"),
    (24, "XFRM_MSG_EXPIRE"),
    (25, "XFRM_MSG_UPDPOLICY"),
    (26, "XFRM_MSG_UPDSA"),
    (27, "XFRM_MSG_POLEXPIRE"),
    (28, "XFRM_MSG_FLUSHSA"),
    (29, "XFRM_MSG_FLUSHPOLICY"),
    (30, "XFRM_MSG_NEWAE"),
    (31, "XFRM_MSG_GETAE"),
    (32, "XFRM_MSG_REPORT"),
    (33, "XFRM_MSG_MIGRATE"),
    (34, "XFRM_MSG_NEWSADINFO"),
    (35, "XFRM_MSG_GETSADINFO"),
    (36, "XFRM_MSG_NEWSPDINFO"),
    (37, "XFRM_MSG_GETSPDINFO"),
    (38, "XFRM_MSG_MAPPING"),
    (39, "XFRM_MSG_SETDEFAULT"),
    (40, "XFRM_MSG_GETDEFAULT"),
];

/// Message types of NETLINK_AUDIT.
pub const AUDIT: Xlat = Xlat(220);
const AUDIT_ROWS: Rows = &[
    (1000, "AUDIT_GET"),
    (1001, "AUDIT_SET"),
    (1002, "AUDIT_LIST"),
    (1003, "AUDIT_ADD"),
    (1004, "AUDIT_DEL"),
    (1005, "AUDIT_USER"),
    (1006, "AUDIT_LOGIN"),
    (1007, "AUDIT_WATCH_INS"),
    (1008, "AUDIT_WATCH_REM"),
    (1009, "AUDIT_WATCH_LIST"),
    (1010, "AUDIT_SIGNAL_INFO"),
    (1011, "AUDIT_ADD_RULE"),
    (1012, "AUDIT_DEL_RULE"),
    (1013, "AUDIT_LIST_RULES"),
    (1014, "AUDIT_TRIM"),
    (1015, "AUDIT_MAKE_EQUIV"),
    (1016, "AUDIT_TTY_GET"),
    (1017, "AUDIT_TTY_SET"),
    (1018, "AUDIT_SET_FEATURE"),
    (1019, "AUDIT_GET_FEATURE"),
    (1100, "AUDIT_FIRST_USER_MSG"),
    (1107, "AUDIT_USER_AVC"),
    (1124, "AUDIT_USER_TTY"),
    (1200, "AUDIT_DAEMON_START"),
    (1201, "AUDIT_DAEMON_END"),
    (1202, "AUDIT_DAEMON_ABORT"),
    (1203, "AUDIT_DAEMON_CONFIG"),
    (1300, "AUDIT_SYSCALL"),
    (1302, "AUDIT_PATH"),
    (1303, "AUDIT_IPC"),
    (1304, "AUDIT_SOCKETCALL"),
    (1305, "AUDIT_CONFIG_CHANGE"),
    (1306, "AUDIT_SOCKADDR"),
    (1307, "AUDIT_CWD"),
    (1309, "AUDIT_EXECVE"),
    (1311, "AUDIT_IPC_SET_PERM"),
    (1312, "AUDIT_MQ_OPEN"),
    (1313, "AUDIT_MQ_SENDRECV"),
    (1314, "AUDIT_MQ_NOTIFY"),
    (1315, "AUDIT_MQ_GETSETATTR"),
    (1316, "AUDIT_KERNEL_OTHER"),
    (1317, "AUDIT_FD_PAIR"),
    (1318, "AUDIT_OBJ_PID"),
    (1319, "AUDIT_TTY"),
    (1320, "AUDIT_EOE"),
    (1321, "AUDIT_BPRM_FCAPS"),
    (1322, "AUDIT_CAPSET"),
    (1323, "AUDIT_MMAP"),
    (1324, "AUDIT_NETFILTER_PKT"),
    (1325, "AUDIT_NETFILTER_CFG"),
    (1326, "AUDIT_SECCOMP"),
    (1327, "AUDIT_PROCTITLE"),
    (1328, "AUDIT_FEATURE_CHANGE"),
    (1329, "AUDIT_REPLACE"),
    (1330, "AUDIT_KERN_MODULE"),
    (1331, "AUDIT_FANOTIFY"),
    (1332, "AUDIT_TIME_INJOFFSET"),
    (1333, "AUDIT_TIME_ADJNTPVAL"),
    (1334, "AUDIT_BPF"),
    (1335, "AUDIT_EVENT_LISTENER"),
    (1336, "AUDIT_URINGOP"),
    (1337, "AUDIT_OPENAT2"),
    (1338, "AUDIT_DM_CTRL"),
    (1339, "AUDIT_DM_EVENT"),
    (1400, "AUDIT_AVC"),
    (1401, "AUDIT_SELINUX_ERR"),
    (1402, "AUDIT_AVC_PATH"),
    (1403, "AUDIT_MAC_POLICY_LOAD"),
    (1404, "AUDIT_MAC_STATUS"),
    (1405, "AUDIT_MAC_CONFIG_CHANGE"),
    (1406, "AUDIT_MAC_UNLBL_ALLOW"),
    (1407, "AUDIT_MAC_CIPSOV4_ADD"),
    (1408, "AUDIT_MAC_CIPSOV4_DEL"),
    (1409, "AUDIT_MAC_MAP_ADD"),
    (1410, "AUDIT_MAC_MAP_DEL"),
    (1411, "AUDIT_MAC_IPSEC_ADDSA"),
    (1412, "AUDIT_MAC_IPSEC_DELSA"),
    (1413, "AUDIT_MAC_IPSEC_ADDSPD"),
    (1414, "AUDIT_MAC_IPSEC_DELSPD"),
    (1415, "AUDIT_MAC_IPSEC_EVENT"),
    (1416, "AUDIT_MAC_UNLBL_STCADD"),
    (1417, "AUDIT_MAC_UNLBL_STCDEL"),
    (1418, "AUDIT_MAC_CALIPSO_ADD"),
    (1419, "AUDIT_MAC_CALIPSO_DEL"),
    (1700, "AUDIT_FIRST_KERN_ANOM_MSG"),
    (1701, "AUDIT_ANOM_ABEND"),
    (1702, "AUDIT_ANOM_LINK"),
    (1703, "AUDIT_ANOM_CREAT"),
    (1800, "AUDIT_INTEGRITY_DATA"),
    (1801, "AUDIT_INTEGRITY_METADATA"),
    (1802, "AUDIT_INTEGRITY_STATUS"),
    (1803, "AUDIT_INTEGRITY_HASH"),
    (1804, "AUDIT_INTEGRITY_PCR"),
    (1805, "AUDIT_INTEGRITY_RULE"),
    (1806, "AUDIT_INTEGRITY_EVM_XATTR"),
    (1807, "AUDIT_INTEGRITY_POLICY_RULE"),
    (2000, "AUDIT_KERNEL"),
    (2100, "AUDIT_FIRST_USER_MSG2"),
];

/// Message types of NETLINK_GENERIC that are the same everywhere.
pub const GENL: Xlat = Xlat(221);
const GENL_ROWS: Rows = &[(16, "nlctrl"), (17, "VFS_DQUOT"), (18, "pmcraid")];

/// Settings of IPv4 of a link, by their places.
pub const DEVCONF4: Xlat = Xlat(222);
const DEVCONF4_ROWS: Rows = &[
    (0, "IPV4_DEVCONF_FORWARDING-1"),
    (1, "IPV4_DEVCONF_MC_FORWARDING-1"),
    (2, "IPV4_DEVCONF_PROXY_ARP-1"),
    (3, "IPV4_DEVCONF_ACCEPT_REDIRECTS-1"),
    (4, "IPV4_DEVCONF_SECURE_REDIRECTS-1"),
    (5, "IPV4_DEVCONF_SEND_REDIRECTS-1"),
    (6, "IPV4_DEVCONF_SHARED_MEDIA-1"),
    (7, "IPV4_DEVCONF_RP_FILTER-1"),
    (8, "IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE-1"),
    (9, "IPV4_DEVCONF_BOOTP_RELAY-1"),
    (10, "IPV4_DEVCONF_LOG_MARTIANS-1"),
    (11, "IPV4_DEVCONF_TAG-1"),
    (12, "IPV4_DEVCONF_ARPFILTER-1"),
    (13, "IPV4_DEVCONF_MEDIUM_ID-1"),
    (14, "IPV4_DEVCONF_NOXFRM-1"),
    (15, "IPV4_DEVCONF_NOPOLICY-1"),
    (16, "IPV4_DEVCONF_FORCE_IGMP_VERSION-1"),
    (17, "IPV4_DEVCONF_ARP_ANNOUNCE-1"),
    (18, "IPV4_DEVCONF_ARP_IGNORE-1"),
    (19, "IPV4_DEVCONF_PROMOTE_SECONDARIES-1"),
    (20, "IPV4_DEVCONF_ARP_ACCEPT-1"),
    (21, "IPV4_DEVCONF_ARP_NOTIFY-1"),
    (22, "IPV4_DEVCONF_ACCEPT_LOCAL-1"),
    (23, "IPV4_DEVCONF_SRC_VMARK-1"),
    (24, "IPV4_DEVCONF_PROXY_ARP_PVLAN-1"),
    (25, "IPV4_DEVCONF_ROUTE_LOCALNET-1"),
    (26, "IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL-1"),
    (27, "IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL-1"),
    (28, "IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN-1"),
    (29, "IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST-1"),
    (30, "IPV4_DEVCONF_DROP_GRATUITOUS_ARP-1"),
    (31, "IPV4_DEVCONF_BC_FORWARDING-1"),
    (32, "IPV4_DEVCONF_ARP_EVICT_NOCARRIER-1"),
];

/// Settings of IPv6 of a link, by their places.
pub const DEVCONF6: Xlat = Xlat(223);
const DEVCONF6_ROWS: Rows = &[
    (0, "DEVCONF_FORWARDING"),
    (1, "DEVCONF_HOPLIMIT"),
    (2, "DEVCONF_MTU6"),
    (3, "DEVCONF_ACCEPT_RA"),
    (4, "DEVCONF_ACCEPT_REDIRECTS"),
    (5, "DEVCONF_AUTOCONF"),
    (6, "DEVCONF_DAD_TRANSMITS"),
    (7, "DEVCONF_RTR_SOLICITS"),
    (8, "DEVCONF_RTR_SOLICIT_INTERVAL"),
    (9, "DEVCONF_RTR_SOLICIT_DELAY"),
    (10, "DEVCONF_USE_TEMPADDR"),
    (11, "DEVCONF_TEMP_VALID_LFT"),
    (12, "DEVCONF_TEMP_PREFERED_LFT"),
    (13, "DEVCONF_REGEN_MAX_RETRY"),
    (14, "DEVCONF_MAX_DESYNC_FACTOR"),
    (15, "DEVCONF_MAX_ADDRESSES"),
    (16, "DEVCONF_FORCE_MLD_VERSION"),
    (17, "DEVCONF_ACCEPT_RA_DEFRTR"),
    (18, "DEVCONF_ACCEPT_RA_PINFO"),
    (19, "DEVCONF_ACCEPT_RA_RTR_PREF"),
    (20, "DEVCONF_RTR_PROBE_INTERVAL"),
    (21, "DEVCONF_ACCEPT_RA_RT_INFO_MAX_PLEN"),
    (22, "DEVCONF_PROXY_NDP"),
    (23, "DEVCONF_OPTIMISTIC_DAD"),
    (24, "DEVCONF_ACCEPT_SOURCE_ROUTE"),
    (25, "DEVCONF_MC_FORWARDING"),
    (26, "DEVCONF_DISABLE_IPV6"),
    (27, "DEVCONF_ACCEPT_DAD"),
    (28, "DEVCONF_FORCE_TLLAO"),
    (29, "DEVCONF_NDISC_NOTIFY"),
    (30, "DEVCONF_MLDV1_UNSOLICITED_REPORT_INTERVAL"),
    (31, "DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL"),
    (32, "DEVCONF_SUPPRESS_FRAG_NDISC"),
    (33, "DEVCONF_ACCEPT_RA_FROM_LOCAL"),
    (34, "DEVCONF_USE_OPTIMISTIC"),
    (35, "DEVCONF_ACCEPT_RA_MTU"),
    (36, "DEVCONF_STABLE_SECRET"),
    (37, "DEVCONF_USE_OIF_ADDRS_ONLY"),
    (38, "DEVCONF_ACCEPT_RA_MIN_HOP_LIMIT"),
    (39, "DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN"),
    (40, "DEVCONF_DROP_UNICAST_IN_L2_MULTICAST"),
    (41, "DEVCONF_DROP_UNSOLICITED_NA"),
    (42, "DEVCONF_KEEP_ADDR_ON_DOWN"),
    (43, "DEVCONF_RTR_SOLICIT_MAX_INTERVAL"),
    (44, "DEVCONF_SEG6_ENABLED"),
    (45, "DEVCONF_SEG6_REQUIRE_HMAC"),
    (46, "DEVCONF_ENHANCED_DAD"),
    (47, "DEVCONF_ADDR_GEN_MODE"),
    (48, "DEVCONF_DISABLE_POLICY"),
    (49, "DEVCONF_ACCEPT_RA_RT_INFO_MIN_PLEN"),
    (50, "DEVCONF_NDISC_TCLASS"),
    (51, "DEVCONF_RPL_SEG_ENABLED"),
    (52, "DEVCONF_RA_DEFRTR_METRIC"),
    (53, "DEVCONF_IOAM6_ENABLED"),
    (54, "DEVCONF_IOAM6_ID"),
    (55, "DEVCONF_IOAM6_ID_WIDE"),
    (56, "DEVCONF_NDISC_EVICT_NOCARRIER"),
    (57, "DEVCONF_ACCEPT_UNTRACKED_NA"),
];

/// State of IPv6 of a link, which no header that programs can include has.
pub const INET6_FLAG: Xlat = Xlat(224);
const INET6_FLAG_ROWS: Rows = &[
    (0x80, "IF_RA_OTHERCONF"),
    (0x40, "IF_RA_MANAGED"),
    (0x20, "IF_RA_RCVD"),
    (0x10, "IF_RS_SENT"),
    (0x80000000, "IF_READY"),
];

/// Attributes of a table of neighbours.
pub const NDTA: Xlat = Xlat(225);
const NDTA_ROWS: Rows = &[
    (0, "NDTA_UNSPEC"),
    (1, "NDTA_NAME"),
    (2, "NDTA_THRESH1"),
    (3, "NDTA_THRESH2"),
    (4, "NDTA_THRESH3"),
    (5, "NDTA_CONFIG"),
    (6, "NDTA_PARMS"),
    (7, "NDTA_STATS"),
    (8, "NDTA_GC_INTERVAL"),
    (9, "NDTA_PAD"),
];

/// Attributes of an address label.
pub const IFAL: Xlat = Xlat(226);
const IFAL_ROWS: Rows = &[(1, "IFAL_ADDRESS"), (2, "IFAL_LABEL")];

/// Attributes of the settings of a link.
pub const NETCONFA: Xlat = Xlat(227);
const NETCONFA_ROWS: Rows = &[
    (0, "NETCONFA_UNSPEC"),
    (1, "NETCONFA_IFINDEX"),
    (2, "NETCONFA_FORWARDING"),
    (3, "NETCONFA_RP_FILTER"),
    (4, "NETCONFA_MC_FORWARDING"),
    (5, "NETCONFA_PROXY_NEIGH"),
    (6, "NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN"),
    (7, "NETCONFA_INPUT"),
    (8, "NETCONFA_BC_FORWARDING"),
];

/// Attributes of a network namespace.
pub const NETNSA: Xlat = Xlat(228);
const NETNSA_ROWS: Rows = &[
    (0, "NETNSA_NONE"),
    (1, "NETNSA_NSID"),
    (2, "NETNSA_PID"),
    (3, "NETNSA_FD"),
    (4, "NETNSA_TARGET_NSID"),
    (5, "NETNSA_CURRENT_NSID"),
];

/// Attributes of multicast groups of a bridge.
pub const MDBA: Xlat = Xlat(229);
const MDBA_ROWS: Rows = &[(0, "MDBA_UNSPEC"), (1, "MDBA_MDB"), (2, "MDBA_ROUTER")];

/// Attributes of a next hop.
pub const NHA: Xlat = Xlat(230);
const NHA_ROWS: Rows = &[
    (0, "NHA_UNSPEC"),
    (1, "NHA_ID"),
    (2, "NHA_GROUP"),
    (3, "NHA_GROUP_TYPE"),
    (4, "NHA_BLACKHOLE"),
    (5, "NHA_OIF"),
    (6, "NHA_GATEWAY"),
    (7, "NHA_ENCAP_TYPE"),
    (8, "NHA_ENCAP"),
    (9, "NHA_GROUPS"),
    (10, "NHA_MASTER"),
    (11, "NHA_FDB"),
    (12, "NHA_RES_GROUP"),
    (13, "NHA_RES_BUCKET"),
];

/// Types of a group of next hops.
pub const NEXTHOP_GRP_TYPE: Xlat = Xlat(231);
const NEXTHOP_GRP_TYPE_ROWS: Rows = &[(0, "NEXTHOP_GRP_TYPE_MPATH"), (1, "NEXTHOP_GRP_TYPE_RES")];

/// Attributes of a question about Internet sockets.
pub const INET_DIAG_REQ: Xlat = Xlat(232);
const INET_DIAG_REQ_ROWS: Rows = &[
    (0, "INET_DIAG_REQ_NONE"),
    (1, "INET_DIAG_REQ_BYTECODE"),
    (2, "INET_DIAG_REQ_SK_BPF_STORAGES"),
    (3, "INET_DIAG_REQ_PROTOCOL"),
];

/// Attributes of a bridge.
pub const IFLA_BR: Xlat = Xlat(233);
const IFLA_BR_ROWS: Rows = &[
    (0, "IFLA_BR_UNSPEC"),
    (1, "IFLA_BR_FORWARD_DELAY"),
    (2, "IFLA_BR_HELLO_TIME"),
    (3, "IFLA_BR_MAX_AGE"),
    (4, "IFLA_BR_AGEING_TIME"),
    (5, "IFLA_BR_STP_STATE"),
    (6, "IFLA_BR_PRIORITY"),
    (7, "IFLA_BR_VLAN_FILTERING"),
    (8, "IFLA_BR_VLAN_PROTOCOL"),
    (9, "IFLA_BR_GROUP_FWD_MASK"),
    (10, "IFLA_BR_ROOT_ID"),
    (11, "IFLA_BR_BRIDGE_ID"),
    (12, "IFLA_BR_ROOT_PORT"),
    (13, "IFLA_BR_ROOT_PATH_COST"),
    (14, "IFLA_BR_TOPOLOGY_CHANGE"),
    (15, "IFLA_BR_TOPOLOGY_CHANGE_DETECTED"),
    (16, "IFLA_BR_HELLO_TIMER"),
    (17, "IFLA_BR_TCN_TIMER"),
    (18, "IFLA_BR_TOPOLOGY_CHANGE_TIMER"),
    (19, "IFLA_BR_GC_TIMER"),
    (20, "IFLA_BR_GROUP_ADDR"),
    (21, "IFLA_BR_FDB_FLUSH"),
    (22, "IFLA_BR_MCAST_ROUTER"),
    (23, "IFLA_BR_MCAST_SNOOPING"),
    (24, "IFLA_BR_MCAST_QUERY_USE_IFADDR"),
    (25, "IFLA_BR_MCAST_QUERIER"),
    (26, "IFLA_BR_MCAST_HASH_ELASTICITY"),
    (27, "IFLA_BR_MCAST_HASH_MAX"),
    (28, "IFLA_BR_MCAST_LAST_MEMBER_CNT"),
    (29, "IFLA_BR_MCAST_STARTUP_QUERY_CNT"),
    (30, "IFLA_BR_MCAST_LAST_MEMBER_INTVL"),
    (31, "IFLA_BR_MCAST_MEMBERSHIP_INTVL"),
    (32, "IFLA_BR_MCAST_QUERIER_INTVL"),
    (33, "IFLA_BR_MCAST_QUERY_INTVL"),
    (34, "IFLA_BR_MCAST_QUERY_RESPONSE_INTVL"),
    (35, "IFLA_BR_MCAST_STARTUP_QUERY_INTVL"),
    (36, "IFLA_BR_NF_CALL_IPTABLES"),
    (37, "IFLA_BR_NF_CALL_IP6TABLES"),
    (38, "IFLA_BR_NF_CALL_ARPTABLES"),
    (39, "IFLA_BR_VLAN_DEFAULT_PVID"),
    (40, "IFLA_BR_PAD"),
    (41, "IFLA_BR_VLAN_STATS_ENABLED"),
    (42, "IFLA_BR_MCAST_STATS_ENABLED"),
    (43, "IFLA_BR_MCAST_IGMP_VERSION"),
    (44, "IFLA_BR_MCAST_MLD_VERSION"),
    (45, "IFLA_BR_VLAN_STATS_PER_PORT"),
    (46, "IFLA_BR_MULTI_BOOLOPT"),
    (47, "IFLA_BR_MCAST_QUERIER_STATE"),
];

/// Attributes of a port of a bridge.
pub const IFLA_BRPORT: Xlat = Xlat(234);
const IFLA_BRPORT_ROWS: Rows = &[
    (0, "IFLA_BRPORT_UNSPEC"),
    (1, "IFLA_BRPORT_STATE"),
    (2, "IFLA_BRPORT_PRIORITY"),
    (3, "IFLA_BRPORT_COST"),
    (4, "IFLA_BRPORT_MODE"),
    (5, "IFLA_BRPORT_GUARD"),
    (6, "IFLA_BRPORT_PROTECT"),
    (7, "IFLA_BRPORT_FAST_LEAVE"),
    (8, "IFLA_BRPORT_LEARNING"),
    (9, "IFLA_BRPORT_UNICAST_FLOOD"),
    (10, "IFLA_BRPORT_PROXYARP"),
    (11, "IFLA_BRPORT_LEARNING_SYNC"),
    (12, "IFLA_BRPORT_PROXYARP_WIFI"),
    (13, "IFLA_BRPORT_ROOT_ID"),
    (14, "IFLA_BRPORT_BRIDGE_ID"),
    (15, "IFLA_BRPORT_DESIGNATED_PORT"),
    (16, "IFLA_BRPORT_DESIGNATED_COST"),
    (17, "IFLA_BRPORT_ID"),
    (18, "IFLA_BRPORT_NO"),
    (19, "IFLA_BRPORT_TOPOLOGY_CHANGE_ACK"),
    (20, "IFLA_BRPORT_CONFIG_PENDING"),
    (21, "IFLA_BRPORT_MESSAGE_AGE_TIMER"),
    (22, "IFLA_BRPORT_FORWARD_DELAY_TIMER"),
    (23, "IFLA_BRPORT_HOLD_TIMER"),
    (24, "IFLA_BRPORT_FLUSH"),
    (25, "IFLA_BRPORT_MULTICAST_ROUTER"),
    (26, "IFLA_BRPORT_PAD"),
    (27, "IFLA_BRPORT_MCAST_FLOOD"),
    (28, "IFLA_BRPORT_MCAST_TO_UCAST"),
    (29, "IFLA_BRPORT_VLAN_TUNNEL"),
    (30, "IFLA_BRPORT_BCAST_FLOOD"),
    (31, "IFLA_BRPORT_GROUP_FWD_MASK"),
    (32, "IFLA_BRPORT_NEIGH_SUPPRESS"),
    (33, "IFLA_BRPORT_ISOLATED"),
    (34, "IFLA_BRPORT_BACKUP_PORT"),
    (35, "IFLA_BRPORT_MRP_RING_OPEN"),
    (36, "IFLA_BRPORT_MRP_IN_OPEN"),
    (37, "IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT"),
    (38, "IFLA_BRPORT_MCAST_EHT_HOSTS_CNT"),
    (39, "IFLA_BRPORT_LOCKED"),
];

/// Attributes of a list of virtual functions.
pub const IFLA_VF_INFO: Xlat = Xlat(235);
const IFLA_VF_INFO_ROWS: Rows = &[(0, "IFLA_VF_INFO_UNSPEC"), (1, "IFLA_VF_INFO")];

/// Attributes of a virtual function.
pub const IFLA_VF: Xlat = Xlat(236);
const IFLA_VF_ROWS: Rows = &[
    (0, "IFLA_VF_UNSPEC"),
    (1, "IFLA_VF_MAC"),
    (2, "IFLA_VF_VLAN"),
    (3, "IFLA_VF_TX_RATE"),
    (4, "IFLA_VF_SPOOFCHK"),
    (5, "IFLA_VF_LINK_STATE"),
    (6, "IFLA_VF_RATE"),
    (7, "IFLA_VF_RSS_QUERY_EN"),
    (8, "IFLA_VF_STATS"),
    (9, "IFLA_VF_TRUST"),
    (10, "IFLA_VF_IB_NODE_GUID"),
    (11, "IFLA_VF_IB_PORT_GUID"),
    (12, "IFLA_VF_VLAN_LIST"),
    (13, "IFLA_VF_BROADCAST"),
];

/// States of the link of a virtual function.
pub const IFLA_VF_LINK_STATE: Xlat = Xlat(237);
const IFLA_VF_LINK_STATE_ROWS: Rows =
    &[(0, "IFLA_VF_LINK_STATE_AUTO"), (1, "IFLA_VF_LINK_STATE_ENABLE"), (2, "IFLA_VF_LINK_STATE_DISABLE")];

/// Counters of a virtual function.
pub const IFLA_VF_STATS: Xlat = Xlat(238);
const IFLA_VF_STATS_ROWS: Rows = &[
    (0, "IFLA_VF_STATS_RX_PACKETS"),
    (1, "IFLA_VF_STATS_TX_PACKETS"),
    (2, "IFLA_VF_STATS_RX_BYTES"),
    (3, "IFLA_VF_STATS_TX_BYTES"),
    (4, "IFLA_VF_STATS_BROADCAST"),
    (5, "IFLA_VF_STATS_MULTICAST"),
    (6, "IFLA_VF_STATS_PAD"),
    (7, "IFLA_VF_STATS_RX_DROPPED"),
    (8, "IFLA_VF_STATS_TX_DROPPED"),
];

/// Attributes of the VLANs of a virtual function.
pub const IFLA_VF_VLAN_INFO: Xlat = Xlat(239);
const IFLA_VF_VLAN_INFO_ROWS: Rows = &[(0, "IFLA_VF_VLAN_INFO_UNSPEC"), (1, "IFLA_VF_VLAN_INFO")];

/// Attributes of a list of ports of virtual functions.
pub const IFLA_VF_PORTS: Xlat = Xlat(240);
const IFLA_VF_PORTS_ROWS: Rows = &[(0, "IFLA_VF_PORT_UNSPEC"), (1, "IFLA_VF_PORT")];

/// Attributes of a port of a virtual function.
pub const IFLA_PORT: Xlat = Xlat(241);
const IFLA_PORT_ROWS: Rows = &[
    (0, "IFLA_PORT_UNSPEC"),
    (1, "IFLA_PORT_VF"),
    (2, "IFLA_PORT_PROFILE"),
    (3, "IFLA_PORT_VSI_TYPE"),
    (4, "IFLA_PORT_INSTANCE_UUID"),
    (5, "IFLA_PORT_HOST_UUID"),
    (6, "IFLA_PORT_REQUEST"),
    (7, "IFLA_PORT_RESPONSE"),
];

/// Attributes of the XDP program of a link.
pub const IFLA_XDP: Xlat = Xlat(242);
const IFLA_XDP_ROWS: Rows = &[
    (0, "IFLA_XDP_UNSPEC"),
    (1, "IFLA_XDP_FD"),
    (2, "IFLA_XDP_ATTACHED"),
    (3, "IFLA_XDP_FLAGS"),
    (4, "IFLA_XDP_PROG_ID"),
    (5, "IFLA_XDP_DRV_PROG_ID"),
    (6, "IFLA_XDP_SKB_PROG_ID"),
    (7, "IFLA_XDP_HW_PROG_ID"),
    (8, "IFLA_XDP_EXPECTED_FD"),
];

/// Where an XDP program runs.
pub const XDP_ATTACHED: Xlat = Xlat(243);
const XDP_ATTACHED_ROWS: Rows = &[
    (0, "XDP_ATTACHED_NONE"),
    (1, "XDP_ATTACHED_DRV"),
    (2, "XDP_ATTACHED_SKB"),
    (3, "XDP_ATTACHED_HW"),
    (4, "XDP_ATTACHED_MULTI"),
];

/// How an XDP program is attached.
pub const XDP_FLAGS: Xlat = Xlat(244);
const XDP_FLAGS_ROWS: Rows = &[
    (0x1, "XDP_FLAGS_UPDATE_IF_NOEXIST"),
    (0x2, "XDP_FLAGS_SKB_MODE"),
    (0x4, "XDP_FLAGS_DRV_MODE"),
    (0x8, "XDP_FLAGS_HW_MODE"),
    (0x10, "XDP_FLAGS_REPLACE"),
];

/// Why a protocol holds a link down.
pub const IFLA_PROTO_DOWN_REASON: Xlat = Xlat(245);
const IFLA_PROTO_DOWN_REASON_ROWS: Rows =
    &[(0, "IFLA_PROTO_DOWN_REASON_UNSPEC"), (1, "IFLA_PROTO_DOWN_REASON_MASK"), (2, "IFLA_PROTO_DOWN_REASON_VALUE")];

/// What happened to a link.
pub const IFLA_EVENT: Xlat = Xlat(246);
const IFLA_EVENT_ROWS: Rows = &[
    (0, "IFLA_EVENT_NONE"),
    (1, "IFLA_EVENT_REBOOT"),
    (2, "IFLA_EVENT_FEATURES"),
    (3, "IFLA_EVENT_BONDING_FAILOVER"),
    (4, "IFLA_EVENT_NOTIFY_PEERS"),
    (5, "IFLA_EVENT_IGMP_RESEND"),
    (6, "IFLA_EVENT_BONDING_OPTIONS"),
];

/// Attributes of a tun or tap link.
pub const IFLA_TUN: Xlat = Xlat(247);
const IFLA_TUN_ROWS: Rows = &[
    (0, "IFLA_TUN_UNSPEC"),
    (1, "IFLA_TUN_OWNER"),
    (2, "IFLA_TUN_GROUP"),
    (3, "IFLA_TUN_TYPE"),
    (4, "IFLA_TUN_PI"),
    (5, "IFLA_TUN_VNET_HDR"),
    (6, "IFLA_TUN_PERSIST"),
    (7, "IFLA_TUN_MULTI_QUEUE"),
    (8, "IFLA_TUN_NUM_QUEUES"),
    (9, "IFLA_TUN_NUM_DISABLED_QUEUES"),
];

/// Attributes of a link, of AF_MCTP.
pub const IFLA_MCTP: Xlat = Xlat(248);
const IFLA_MCTP_ROWS: Rows = &[(0, "IFLA_MCTP_UNSPEC"), (1, "IFLA_MCTP_NET")];

/// Attributes of RTM_NEWSTATS.
pub const IFLA_STATS: Xlat = Xlat(249);
const IFLA_STATS_ROWS: Rows = &[
    (0, "IFLA_STATS_UNSPEC"),
    (1, "IFLA_STATS_LINK_64"),
    (2, "IFLA_STATS_LINK_XSTATS"),
    (3, "IFLA_STATS_LINK_XSTATS_SLAVE"),
    (4, "IFLA_STATS_LINK_OFFLOAD_XSTATS"),
    (5, "IFLA_STATS_AF_SPEC"),
];

/// Kinds of links with more statistics.
pub const LINK_XSTATS_TYPE: Xlat = Xlat(250);
const LINK_XSTATS_TYPE_ROWS: Rows =
    &[(0, "LINK_XSTATS_TYPE_UNSPEC"), (1, "LINK_XSTATS_TYPE_BRIDGE"), (2, "LINK_XSTATS_TYPE_BOND")];

/// Statistics of what hardware does.
pub const IFLA_OFFLOAD_XSTATS: Xlat = Xlat(251);
const IFLA_OFFLOAD_XSTATS_ROWS: Rows = &[
    (0, "IFLA_OFFLOAD_XSTATS_UNSPEC"),
    (1, "IFLA_OFFLOAD_XSTATS_CPU_HIT"),
    (2, "IFLA_OFFLOAD_XSTATS_HW_S_INFO"),
    (3, "IFLA_OFFLOAD_XSTATS_L3_STATS"),
];

/// Which statistics hardware keeps.
pub const IFLA_OFFLOAD_XSTATS_HW: Xlat = Xlat(252);
const IFLA_OFFLOAD_XSTATS_HW_ROWS: Rows = &[
    (0, "IFLA_OFFLOAD_XSTATS_HW_S_INFO_UNSPEC"),
    (1, "IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST"),
    (2, "IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED"),
];

/// More statistics of a bridge.
pub const BRIDGE_XSTATS: Xlat = Xlat(253);
const BRIDGE_XSTATS_ROWS: Rows = &[
    (0, "BRIDGE_XSTATS_UNSPEC"),
    (1, "BRIDGE_XSTATS_VLAN"),
    (2, "BRIDGE_XSTATS_MCAST"),
    (3, "BRIDGE_XSTATS_PAD"),
    (4, "BRIDGE_XSTATS_STP"),
];

/// Attributes within MDBA_MDB.
pub const MDBA_MDB: Xlat = Xlat(254);
const MDBA_MDB_ROWS: Rows = &[(0, "MDBA_MDB_UNSPEC"), (1, "MDBA_MDB_ENTRY")];

/// Attributes within MDBA_MDB_ENTRY.
pub const MDBA_MDB_ENTRY: Xlat = Xlat(255);
const MDBA_MDB_ENTRY_ROWS: Rows = &[(0, "MDBA_MDB_ENTRY_UNSPEC"), (1, "MDBA_MDB_ENTRY_INFO")];

/// Attributes of a multicast group of a bridge.
pub const MDBA_MDB_EATTR: Xlat = Xlat(256);
const MDBA_MDB_EATTR_ROWS: Rows = &[
    (0, "MDBA_MDB_EATTR_UNSPEC"),
    (1, "MDBA_MDB_EATTR_TIMER"),
    (2, "MDBA_MDB_EATTR_SRC_LIST"),
    (3, "MDBA_MDB_EATTR_GROUP_MODE"),
    (4, "MDBA_MDB_EATTR_SOURCE"),
    (5, "MDBA_MDB_EATTR_RTPROT"),
];

/// Attributes within MDBA_ROUTER.
pub const MDBA_ROUTER: Xlat = Xlat(257);
const MDBA_ROUTER_ROWS: Rows = &[(0, "MDBA_ROUTER_UNSPEC"), (1, "MDBA_ROUTER_PORT")];

/// Attributes of a port behind which there are routers.
pub const MDBA_ROUTER_PATTR: Xlat = Xlat(258);
const MDBA_ROUTER_PATTR_ROWS: Rows = &[
    (0, "MDBA_ROUTER_PATTR_UNSPEC"),
    (1, "MDBA_ROUTER_PATTR_TIMER"),
    (2, "MDBA_ROUTER_PATTR_TYPE"),
    (3, "MDBA_ROUTER_PATTR_INET_TIMER"),
    (4, "MDBA_ROUTER_PATTR_INET6_TIMER"),
    (5, "MDBA_ROUTER_PATTR_VID"),
];

/// How a bridge knows of routers behind a port.
pub const MDB_RTR_TYPE: Xlat = Xlat(259);
const MDB_RTR_TYPE_ROWS: Rows =
    &[(0, "MDB_RTR_TYPE_DISABLED"), (1, "MDB_RTR_TYPE_TEMP_QUERY"), (2, "MDB_RTR_TYPE_PERM"), (3, "MDB_RTR_TYPE_TEMP")];

/// How long a multicast group of a bridge lasts.
pub const MDB_STATE: Xlat = Xlat(260);
const MDB_STATE_ROWS: Rows = &[(0, "MDB_TEMPORARY"), (1, "MDB_PERMANENT")];

/// Flags of a multicast group of a bridge.
pub const MDB_FLAGS: Xlat = Xlat(261);
const MDB_FLAGS_ROWS: Rows = &[
    (0x1, "MDB_FLAGS_OFFLOAD"),
    (0x2, "MDB_FLAGS_FAST_LEAVE"),
    (0x4, "MDB_FLAGS_STAR_EXCL"),
    (0x8, "MDB_FLAGS_BLOCKED"),
];

/// More statistics of a bond.
pub const BOND_XSTATS: Xlat = Xlat(262);
const BOND_XSTATS_ROWS: Rows = &[(0, "BOND_XSTATS_UNSPEC"), (1, "BOND_XSTATS_3AD")];

/// Statistics of a bond's LACP.
pub const BOND_3AD_STAT: Xlat = Xlat(263);
const BOND_3AD_STAT_ROWS: Rows = &[
    (0, "BOND_3AD_STAT_LACPDU_RX"),
    (1, "BOND_3AD_STAT_LACPDU_TX"),
    (2, "BOND_3AD_STAT_LACPDU_UNKNOWN_RX"),
    (3, "BOND_3AD_STAT_LACPDU_ILLEGAL_RX"),
    (4, "BOND_3AD_STAT_MARKER_RX"),
    (5, "BOND_3AD_STAT_MARKER_TX"),
    (6, "BOND_3AD_STAT_MARKER_RESP_RX"),
    (7, "BOND_3AD_STAT_MARKER_RESP_TX"),
    (8, "BOND_3AD_STAT_MARKER_UNKNOWN_RX"),
    (9, "BOND_3AD_STAT_PAD"),
];

/// Statistics of MPLS on a link.
pub const MPLS_STATS: Xlat = Xlat(264);
const MPLS_STATS_ROWS: Rows = &[(0, "MPLS_STATS_UNSPEC"), (1, "MPLS_STATS_LINK")];

/// Classes of a packet filter's instructions.
pub const BPF_CLASS: Xlat = Xlat(265);
const BPF_CLASS_ROWS: Rows = &[
    (0, "BPF_LD"),
    (1, "BPF_LDX"),
    (2, "BPF_ST"),
    (3, "BPF_STX"),
    (4, "BPF_ALU"),
    (5, "BPF_JMP"),
    (6, "BPF_RET"),
    (7, "BPF_MISC"),
];

/// Sizes of what is loaded.
pub const BPF_SIZE: Xlat = Xlat(266);
const BPF_SIZE_ROWS: Rows = &[(0, "BPF_W"), (8, "BPF_H"), (16, "BPF_B"), (24, "BPF_DW")];

/// Where it is loaded from.
pub const BPF_MODE: Xlat = Xlat(267);
const BPF_MODE_ROWS: Rows = &[
    (0, "BPF_IMM"),
    (32, "BPF_ABS"),
    (64, "BPF_IND"),
    (96, "BPF_MEM"),
    (128, "BPF_LEN"),
    (160, "BPF_MSH"),
    (192, "BPF_XADD"),
];

/// What is computed with.
pub const BPF_SRC: Xlat = Xlat(268);
const BPF_SRC_ROWS: Rows = &[(0, "BPF_K"), (8, "BPF_X")];

/// What is computed.
pub const BPF_OP_ALU: Xlat = Xlat(269);
const BPF_OP_ALU_ROWS: Rows = &[
    (0, "BPF_ADD"),
    (16, "BPF_SUB"),
    (32, "BPF_MUL"),
    (48, "BPF_DIV"),
    (64, "BPF_OR"),
    (80, "BPF_AND"),
    (96, "BPF_LSH"),
    (112, "BPF_RSH"),
    (128, "BPF_NEG"),
    (144, "BPF_MOD"),
    (160, "BPF_XOR"),
    (176, "BPF_MOV"),
    (192, "BPF_ARSH"),
    (208, "BPF_END"),
];

/// When is jumped.
pub const BPF_OP_JMP: Xlat = Xlat(270);
const BPF_OP_JMP_ROWS: Rows = &[
    (0, "BPF_JA"),
    (16, "BPF_JEQ"),
    (32, "BPF_JGT"),
    (48, "BPF_JGE"),
    (64, "BPF_JSET"),
    (80, "BPF_JNE"),
    (96, "BPF_JSGT"),
    (112, "BPF_JSGE"),
    (128, "BPF_CALL"),
    (144, "BPF_EXIT"),
    (160, "BPF_JLT"),
    (176, "BPF_JLE"),
    (192, "BPF_JSLT"),
    (208, "BPF_JSLE"),
];

/// What is returned.
pub const BPF_RVAL: Xlat = Xlat(271);
const BPF_RVAL_ROWS: Rows = &[(0, "BPF_K"), (8, "BPF_X"), (16, "BPF_A")];

/// Moves between registers.
pub const BPF_MISCOP: Xlat = Xlat(272);
const BPF_MISCOP_ROWS: Rows = &[(0, "BPF_TAX"), (128, "BPF_TXA")];

/// What the kernel knows of a packet beside its data.
pub const SKF_AD: Xlat = Xlat(273);
const SKF_AD_ROWS: Rows = &[
    (0, "SKF_AD_PROTOCOL"),
    (4, "SKF_AD_PKTTYPE"),
    (8, "SKF_AD_IFINDEX"),
    (12, "SKF_AD_NLATTR"),
    (16, "SKF_AD_NLATTR_NEST"),
    (20, "SKF_AD_MARK"),
    (24, "SKF_AD_QUEUE"),
    (28, "SKF_AD_HATYPE"),
    (32, "SKF_AD_RXHASH"),
    (36, "SKF_AD_CPU"),
    (40, "SKF_AD_ALU_XOR_X"),
    (44, "SKF_AD_VLAN_TAG"),
    (48, "SKF_AD_VLAN_TAG_PRESENT"),
    (52, "SKF_AD_PAY_OFFSET"),
    (56, "SKF_AD_RANDOM"),
    (60, "SKF_AD_VLAN_TPID"),
];

/// Attributes of an action of traffic control.
pub const TCA_ACT: Xlat = Xlat(274);
const TCA_ACT_ROWS: Rows = &[
    (0, "TCA_ACT_UNSPEC"),
    (1, "TCA_ACT_KIND"),
    (2, "TCA_ACT_OPTIONS"),
    (3, "TCA_ACT_INDEX"),
    (4, "TCA_ACT_STATS"),
    (5, "TCA_ACT_PAD"),
    (6, "TCA_ACT_COOKIE"),
    (7, "TCA_ACT_FLAGS"),
    (8, "TCA_ACT_HW_STATS"),
    (9, "TCA_ACT_USED_HW_STATS"),
    (10, "TCA_ACT_IN_HW_COUNT"),
];

/// Flags of an action of traffic control.
pub const TCA_ACT_FLAGS: Xlat = Xlat(275);
const TCA_ACT_FLAGS_ROWS: Rows =
    &[(0x1, "TCA_ACT_FLAGS_NO_PERCPU_STATS"), (0x2, "TCA_ACT_FLAGS_SKIP_HW"), (0x4, "TCA_ACT_FLAGS_SKIP_SW")];

/// Whether hardware counts for an action of traffic control.
pub const TCA_ACT_HW_STATS: Xlat = Xlat(276);
const TCA_ACT_HW_STATS_ROWS: Rows = &[(0x1, "TCA_ACT_HW_STATS_IMMEDIATE"), (0x2, "TCA_ACT_HW_STATS_DELAYED")];

/// Attributes of what holds actions of traffic control.
pub const TCA_ROOT: Xlat = Xlat(277);
const TCA_ROOT_ROWS: Rows = &[
    (0, "TCA_ROOT_UNSPEC"),
    (1, "TCA_ROOT_TAB"),
    (2, "TCA_ROOT_FLAGS"),
    (3, "TCA_ROOT_COUNT"),
    (4, "TCA_ROOT_TIME_DELTA"),
    (5, "TCA_ROOT_EXT_WARN_MSG"),
];

/// Attributes of an SMC socket.
pub const SMC_DIAG: Xlat = Xlat(278);
const SMC_DIAG_ROWS: Rows = &[
    (0, "SMC_DIAG_NONE"),
    (1, "SMC_DIAG_CONNINFO"),
    (2, "SMC_DIAG_LGRINFO"),
    (3, "SMC_DIAG_SHUTDOWN"),
    (4, "SMC_DIAG_DMBINFO"),
    (5, "SMC_DIAG_FALLBACK"),
];

/// What an SMC socket runs over.
pub const SMC_DIAG_MODE: Xlat = Xlat(279);
const SMC_DIAG_MODE_ROWS: Rows =
    &[(0, "SMC_DIAG_MODE_SMCR"), (1, "SMC_DIAG_MODE_FALLBACK_TCP"), (2, "SMC_DIAG_MODE_SMCD")];

/// States of an SMC socket.
pub const SMC_STATE: Xlat = Xlat(280);
const SMC_STATE_ROWS: Rows = &[
    (1, "SMC_ACTIVE"),
    (2, "SMC_INIT"),
    (7, "SMC_CLOSED"),
    (10, "SMC_LISTEN"),
    (20, "SMC_PEERCLOSEWAIT1"),
    (21, "SMC_PEERCLOSEWAIT2"),
    (22, "SMC_APPCLOSEWAIT1"),
    (23, "SMC_APPCLOSEWAIT2"),
    (24, "SMC_APPFINCLOSEWAIT"),
    (25, "SMC_PEERFINCLOSEWAIT"),
    (26, "SMC_PEERABORTWAIT"),
    (27, "SMC_PROCESSABORT"),
];

/// Roles of an SMC socket.
pub const SMC_ROLE: Xlat = Xlat(281);
const SMC_ROLE_ROWS: Rows = &[(0, "SMC_CLNT"), (1, "SMC_SERV")];

/// How an SMC socket is shut down.
pub const SMC_SHUTDOWN: Xlat = Xlat(282);
const SMC_SHUTDOWN_ROWS: Rows = &[(0x1, "RCV_SHUTDOWN"), (0x2, "SEND_SHUTDOWN")];

/// Why an SMC socket went back to TCP.
pub const SMC_DECL: Xlat = Xlat(283);
const SMC_DECL_ROWS: Rows = &[
    (0x1010000, "SMC_CLC_DECL_MEM"),
    (0x2010000, "SMC_CLC_DECL_TIMEOUT_CL"),
    (0x2020000, "SMC_CLC_DECL_TIMEOUT_AL"),
    (0x3000000, "SMC_CLC_DECL_CNFERR"),
    (0x3010000, "SMC_CLC_DECL_PEERNOSMC"),
    (0x3020000, "SMC_CLC_DECL_IPSEC"),
    (0x3030000, "SMC_CLC_DECL_NOSMCDEV"),
    (0x3040000, "SMC_CLC_DECL_MODEUNSUPP"),
    (0x3050000, "SMC_CLC_DECL_RMBE_EC"),
    (0x3060000, "SMC_CLC_DECL_OPTUNSUPP"),
    (0x4000000, "SMC_CLC_DECL_SYNCERR"),
    (0x5000000, "SMC_CLC_DECL_PEERDECL"),
];

/// Types of a tun link.
pub const TUN_TYPE: Xlat = Xlat(284);
const TUN_TYPE_ROWS: Rows = &[(1, "IFF_TUN"), (2, "IFF_TAP")];

/// Numbers of settings of a bridge.
pub const BR_BOOLOPT: Xlat = Xlat(285);
const BR_BOOLOPT_ROWS: Rows =
    &[(0, "BR_BOOLOPT_NO_LL_LEARN"), (1, "BR_BOOLOPT_MCAST_VLAN_SNOOPING"), (2, "BR_BOOLOPT_MST_ENABLE")];

/// Attributes of a multicast querier.
pub const BRIDGE_QUERIER: Xlat = Xlat(286);
const BRIDGE_QUERIER_ROWS: Rows = &[
    (0, "BRIDGE_QUERIER_UNSPEC"),
    (1, "BRIDGE_QUERIER_IP_ADDRESS"),
    (2, "BRIDGE_QUERIER_IP_PORT"),
    (3, "BRIDGE_QUERIER_IP_OTHER_TIMER"),
    (4, "BRIDGE_QUERIER_PAD"),
    (5, "BRIDGE_QUERIER_IPV6_ADDRESS"),
    (6, "BRIDGE_QUERIER_IPV6_PORT"),
    (7, "BRIDGE_QUERIER_IPV6_OTHER_TIMER"),
];

/// Attributes of a link, of AF_BRIDGE.
pub const IFLA_BRIDGE: Xlat = Xlat(287);
const IFLA_BRIDGE_ROWS: Rows = &[
    (0, "IFLA_BRIDGE_FLAGS"),
    (1, "IFLA_BRIDGE_MODE"),
    (2, "IFLA_BRIDGE_VLAN_INFO"),
    (3, "IFLA_BRIDGE_VLAN_TUNNEL_INFO"),
    (4, "IFLA_BRIDGE_MRP"),
    (5, "IFLA_BRIDGE_CFM"),
    (6, "IFLA_BRIDGE_MST"),
];

/// Whom a change of a bridge is for.
pub const BRIDGE_FLAGS: Xlat = Xlat(288);
const BRIDGE_FLAGS_ROWS: Rows = &[(0x1, "BRIDGE_FLAGS_MASTER"), (0x2, "BRIDGE_FLAGS_SELF")];

/// Modes of a bridge.
pub const BRIDGE_MODE: Xlat = Xlat(289);
const BRIDGE_MODE_ROWS: Rows = &[(0, "BRIDGE_MODE_VEB"), (1, "BRIDGE_MODE_VEPA")];

/// Flags of a VLAN of a bridge.
pub const BRIDGE_VLAN_INFO: Xlat = Xlat(290);
const BRIDGE_VLAN_INFO_ROWS: Rows = &[
    (0x1, "BRIDGE_VLAN_INFO_MASTER"),
    (0x2, "BRIDGE_VLAN_INFO_PVID"),
    (0x4, "BRIDGE_VLAN_INFO_UNTAGGED"),
    (0x8, "BRIDGE_VLAN_INFO_RANGE_BEGIN"),
    (0x10, "BRIDGE_VLAN_INFO_RANGE_END"),
    (0x20, "BRIDGE_VLAN_INFO_BRENTRY"),
];

/// Attributes of a tunnel of a VLAN.
pub const IFLA_BRIDGE_VLAN_TUNNEL: Xlat = Xlat(291);
const IFLA_BRIDGE_VLAN_TUNNEL_ROWS: Rows = &[
    (0, "IFLA_BRIDGE_VLAN_TUNNEL_UNSPEC"),
    (1, "IFLA_BRIDGE_VLAN_TUNNEL_ID"),
    (2, "IFLA_BRIDGE_VLAN_TUNNEL_VID"),
    (3, "IFLA_BRIDGE_VLAN_TUNNEL_FLAGS"),
];

/// Counters of IP.
pub const IPSTATS_MIB: Xlat = Xlat(292);
const IPSTATS_MIB_ROWS: Rows = &[
    (0, "IPSTATS_MIB_NUM"),
    (1, "IPSTATS_MIB_INPKTS"),
    (2, "IPSTATS_MIB_INOCTETS"),
    (3, "IPSTATS_MIB_INDELIVERS"),
    (4, "IPSTATS_MIB_OUTFORWDATAGRAMS"),
    (5, "IPSTATS_MIB_OUTPKTS"),
    (6, "IPSTATS_MIB_OUTOCTETS"),
    (7, "IPSTATS_MIB_INHDRERRORS"),
    (8, "IPSTATS_MIB_INTOOBIGERRORS"),
    (9, "IPSTATS_MIB_INNOROUTES"),
    (10, "IPSTATS_MIB_INADDRERRORS"),
    (11, "IPSTATS_MIB_INUNKNOWNPROTOS"),
    (12, "IPSTATS_MIB_INTRUNCATEDPKTS"),
    (13, "IPSTATS_MIB_INDISCARDS"),
    (14, "IPSTATS_MIB_OUTDISCARDS"),
    (15, "IPSTATS_MIB_OUTNOROUTES"),
    (16, "IPSTATS_MIB_REASMTIMEOUT"),
    (17, "IPSTATS_MIB_REASMREQDS"),
    (18, "IPSTATS_MIB_REASMOKS"),
    (19, "IPSTATS_MIB_REASMFAILS"),
    (20, "IPSTATS_MIB_FRAGOKS"),
    (21, "IPSTATS_MIB_FRAGFAILS"),
    (22, "IPSTATS_MIB_FRAGCREATES"),
    (23, "IPSTATS_MIB_INMCASTPKTS"),
    (24, "IPSTATS_MIB_OUTMCASTPKTS"),
    (25, "IPSTATS_MIB_INBCASTPKTS"),
    (26, "IPSTATS_MIB_OUTBCASTPKTS"),
    (27, "IPSTATS_MIB_INMCASTOCTETS"),
    (28, "IPSTATS_MIB_OUTMCASTOCTETS"),
    (29, "IPSTATS_MIB_INBCASTOCTETS"),
    (30, "IPSTATS_MIB_OUTBCASTOCTETS"),
    (31, "IPSTATS_MIB_CSUMERRORS"),
    (32, "IPSTATS_MIB_NOECTPKTS"),
    (33, "IPSTATS_MIB_ECT1PKTS"),
    (34, "IPSTATS_MIB_ECT0PKTS"),
    (35, "IPSTATS_MIB_CEPKTS"),
    (36, "IPSTATS_MIB_REASM_OVERLAPS"),
];

/// Counters of ICMPv6.
pub const ICMP6_MIB: Xlat = Xlat(293);
const ICMP6_MIB_ROWS: Rows = &[
    (0, "ICMP6_MIB_NUM"),
    (1, "ICMP6_MIB_INMSGS"),
    (2, "ICMP6_MIB_INERRORS"),
    (3, "ICMP6_MIB_OUTMSGS"),
    (4, "ICMP6_MIB_OUTERRORS"),
    (5, "ICMP6_MIB_CSUMERRORS"),
];

/// Attributes of the settings of a table of neighbours.
pub const NDTPA: Xlat = Xlat(294);
const NDTPA_ROWS: Rows = &[
    (0, "NDTPA_UNSPEC"),
    (1, "NDTPA_IFINDEX"),
    (2, "NDTPA_REFCNT"),
    (3, "NDTPA_REACHABLE_TIME"),
    (4, "NDTPA_BASE_REACHABLE_TIME"),
    (5, "NDTPA_RETRANS_TIME"),
    (6, "NDTPA_GC_STALETIME"),
    (7, "NDTPA_DELAY_PROBE_TIME"),
    (8, "NDTPA_QUEUE_LEN"),
    (9, "NDTPA_APP_PROBES"),
    (10, "NDTPA_UCAST_PROBES"),
    (11, "NDTPA_MCAST_PROBES"),
    (12, "NDTPA_ANYCAST_DELAY"),
    (13, "NDTPA_PROXY_DELAY"),
    (14, "NDTPA_PROXY_QLEN"),
    (15, "NDTPA_LOCKTIME"),
    (16, "NDTPA_QUEUE_LENBYTES"),
    (17, "NDTPA_MCAST_REPROBES"),
    (18, "NDTPA_PAD"),
    (19, "NDTPA_INTERVAL_PROBE_TIME_MS"),
];

/// Attributes of an entry of a forwarding table.
pub const NFEA: Xlat = Xlat(295);
const NFEA_ROWS: Rows = &[(0, "NFEA_UNSPEC"), (1, "NFEA_ACTIVITY_NOTIFY"), (2, "NFEA_DONT_REFRESH")];

/// What of an entry of a forwarding table is told.
pub const FDB_NOTIFY: Xlat = Xlat(296);
const FDB_NOTIFY_ROWS: Rows = &[(0x1, "FDB_NOTIFY_BIT"), (0x2, "FDB_NOTIFY_INACTIVE_BIT")];

/// Attributes of a resilient group of next hops.
pub const NHA_RES_GROUP: Xlat = Xlat(297);
const NHA_RES_GROUP_ROWS: Rows = &[
    (0, "NHA_RES_GROUP_PAD"),
    (1, "NHA_RES_GROUP_BUCKETS"),
    (2, "NHA_RES_GROUP_IDLE_TIMER"),
    (3, "NHA_RES_GROUP_UNBALANCED_TIMER"),
    (4, "NHA_RES_GROUP_UNBALANCED_TIME"),
];

/// Attributes of a bucket of a resilient group.
pub const NHA_RES_BUCKET: Xlat = Xlat(298);
const NHA_RES_BUCKET_ROWS: Rows = &[
    (0, "NHA_RES_BUCKET_PAD"),
    (1, "NHA_RES_BUCKET_INDEX"),
    (2, "NHA_RES_BUCKET_IDLE_TIME"),
    (3, "NHA_RES_BUCKET_NH_ID"),
];

/// Commands of RTM_GETDCB.
pub const DCB_CMD: Xlat = Xlat(299);
const DCB_CMD_ROWS: Rows = &[
    (0, "DCB_CMD_UNDEFINED"),
    (1, "DCB_CMD_GSTATE"),
    (2, "DCB_CMD_SSTATE"),
    (3, "DCB_CMD_PGTX_GCFG"),
    (4, "DCB_CMD_PGTX_SCFG"),
    (5, "DCB_CMD_PGRX_GCFG"),
    (6, "DCB_CMD_PGRX_SCFG"),
    (7, "DCB_CMD_PFC_GCFG"),
    (8, "DCB_CMD_PFC_SCFG"),
    (9, "DCB_CMD_SET_ALL"),
    (10, "DCB_CMD_GPERM_HWADDR"),
    (11, "DCB_CMD_GCAP"),
    (12, "DCB_CMD_GNUMTCS"),
    (13, "DCB_CMD_SNUMTCS"),
    (14, "DCB_CMD_PFC_GSTATE"),
    (15, "DCB_CMD_PFC_SSTATE"),
    (16, "DCB_CMD_BCN_GCFG"),
    (17, "DCB_CMD_BCN_SCFG"),
    (18, "DCB_CMD_GAPP"),
    (19, "DCB_CMD_SAPP"),
    (20, "DCB_CMD_IEEE_SET"),
    (21, "DCB_CMD_IEEE_GET"),
    (22, "DCB_CMD_GDCBX"),
    (23, "DCB_CMD_SDCBX"),
    (24, "DCB_CMD_GFEATCFG"),
    (25, "DCB_CMD_SFEATCFG"),
    (26, "DCB_CMD_CEE_GET"),
    (27, "DCB_CMD_IEEE_DEL"),
];

/// Attributes of RTM_GETDCB.
pub const DCB_ATTR: Xlat = Xlat(300);
const DCB_ATTR_ROWS: Rows = &[
    (0, "DCB_ATTR_UNDEFINED"),
    (1, "DCB_ATTR_IFNAME"),
    (2, "DCB_ATTR_STATE"),
    (3, "DCB_ATTR_PFC_STATE"),
    (4, "DCB_ATTR_PFC_CFG"),
    (5, "DCB_ATTR_NUM_TC"),
    (6, "DCB_ATTR_PG_CFG"),
    (7, "DCB_ATTR_SET_ALL"),
    (8, "DCB_ATTR_PERM_HWADDR"),
    (9, "DCB_ATTR_CAP"),
    (10, "DCB_ATTR_NUMTCS"),
    (11, "DCB_ATTR_BCN"),
    (12, "DCB_ATTR_APP"),
    (13, "DCB_ATTR_IEEE"),
    (14, "DCB_ATTR_DCBX"),
    (15, "DCB_ATTR_FEATCFG"),
    (16, "DCB_ATTR_CEE"),
];

/// Attributes of a netlink socket.
pub const NETLINK_DIAG: Xlat = Xlat(301);
const NETLINK_DIAG_ROWS: Rows = &[
    (0, "NETLINK_DIAG_MEMINFO"),
    (1, "NETLINK_DIAG_GROUPS"),
    (2, "NETLINK_DIAG_RX_RING"),
    (3, "NETLINK_DIAG_TX_RING"),
    (4, "NETLINK_DIAG_FLAGS"),
];

/// What is asked of a netlink socket.
pub const NDIAG_SHOW: Xlat = Xlat(302);
const NDIAG_SHOW_ROWS: Rows =
    &[(0x1, "NDIAG_SHOW_MEMINFO"), (0x2, "NDIAG_SHOW_GROUPS"), (0x4, "NDIAG_SHOW_RING_CFG"), (0x8, "NDIAG_SHOW_FLAGS")];

/// State of a netlink socket.
pub const NDIAG_FLAG: Xlat = Xlat(303);
const NDIAG_FLAG_ROWS: Rows = &[
    (0x1, "NDIAG_FLAG_CB_RUNNING"),
    (0x2, "NDIAG_FLAG_PKTINFO"),
    (0x4, "NDIAG_FLAG_BROADCAST_ERROR"),
    (0x8, "NDIAG_FLAG_NO_ENOBUFS"),
    (0x10, "NDIAG_FLAG_LISTEN_ALL_NSID"),
    (0x20, "NDIAG_FLAG_CAP_ACK"),
];

/// Whether a netlink socket is connected.
pub const NETLINK_STATE: Xlat = Xlat(304);
const NETLINK_STATE_ROWS: Rows = &[(0, "NETLINK_UNCONNECTED"), (1, "NETLINK_CONNECTED")];

/// Attributes of a packet socket.
pub const PACKET_DIAG: Xlat = Xlat(305);
const PACKET_DIAG_ROWS: Rows = &[
    (0, "PACKET_DIAG_INFO"),
    (1, "PACKET_DIAG_MCLIST"),
    (2, "PACKET_DIAG_RX_RING"),
    (3, "PACKET_DIAG_TX_RING"),
    (4, "PACKET_DIAG_FANOUT"),
    (5, "PACKET_DIAG_UID"),
    (6, "PACKET_DIAG_MEMINFO"),
    (7, "PACKET_DIAG_FILTER"),
];

/// What is asked of a packet socket.
pub const PACKET_SHOW: Xlat = Xlat(306);
const PACKET_SHOW_ROWS: Rows = &[
    (0x1, "PACKET_SHOW_INFO"),
    (0x2, "PACKET_SHOW_MCLIST"),
    (0x4, "PACKET_SHOW_RING_CFG"),
    (0x8, "PACKET_SHOW_FANOUT"),
    (0x10, "PACKET_SHOW_MEMINFO"),
    (0x20, "PACKET_SHOW_FILTER"),
];

/// State of a packet socket.
pub const PDI: Xlat = Xlat(307);
const PDI_ROWS: Rows =
    &[(0x1, "PDI_RUNNING"), (0x2, "PDI_AUXDATA"), (0x4, "PDI_ORIGDEV"), (0x8, "PDI_VNETHDR"), (0x10, "PDI_LOSS")];

/// Memory of a socket.
pub const SK_MEMINFO: Xlat = Xlat(308);
const SK_MEMINFO_ROWS: Rows = &[
    (0, "SK_MEMINFO_RMEM_ALLOC"),
    (1, "SK_MEMINFO_RCVBUF"),
    (2, "SK_MEMINFO_WMEM_ALLOC"),
    (3, "SK_MEMINFO_SNDBUF"),
    (4, "SK_MEMINFO_FWD_ALLOC"),
    (5, "SK_MEMINFO_WMEM_QUEUED"),
    (6, "SK_MEMINFO_OPTMEM"),
    (7, "SK_MEMINFO_BACKLOG"),
    (8, "SK_MEMINFO_DROPS"),
];

/// Attributes of what BPF programs keep for a socket.
pub const SK_BPF_STORAGES: Xlat = Xlat(309);
const SK_BPF_STORAGES_ROWS: Rows = &[(0, "SK_DIAG_BPF_STORAGE_REP_NONE"), (1, "SK_DIAG_BPF_STORAGE")];

/// Attributes of one of those.
pub const SK_BPF_STORAGE: Xlat = Xlat(310);
const SK_BPF_STORAGE_ROWS: Rows = &[
    (0, "SK_DIAG_BPF_STORAGE_NONE"),
    (1, "SK_DIAG_BPF_STORAGE_PAD"),
    (2, "SK_DIAG_BPF_STORAGE_MAP_ID"),
    (3, "SK_DIAG_BPF_STORAGE_MAP_VALUE"),
];

/// Attributes of what lies over TCP.
pub const INET_ULP_INFO: Xlat = Xlat(311);
const INET_ULP_INFO_ROWS: Rows =
    &[(0, "INET_ULP_INFO_UNSPEC"), (1, "INET_ULP_INFO_NAME"), (2, "INET_ULP_INFO_TLS"), (3, "INET_ULP_INFO_MPTCP")];

/// Attributes of TLS in the kernel.
pub const TLS_INFO: Xlat = Xlat(312);
const TLS_INFO_ROWS: Rows = &[
    (0, "TLS_INFO_UNSPEC"),
    (1, "TLS_INFO_VERSION"),
    (2, "TLS_INFO_CIPHER"),
    (3, "TLS_INFO_TXCONF"),
    (4, "TLS_INFO_RXCONF"),
    (5, "TLS_INFO_ZC_RO_TX"),
    (6, "TLS_INFO_RX_NO_PAD"),
];

/// Who does TLS.
pub const TLS_CONF: Xlat = Xlat(313);
const TLS_CONF_ROWS: Rows = &[(1, "TLS_CONF_BASE"), (2, "TLS_CONF_SW"), (3, "TLS_CONF_HW"), (4, "TLS_CONF_HW_RECORD")];

/// Attributes of a subflow of MPTCP.
pub const MPTCP_SUBFLOW_ATTR: Xlat = Xlat(314);
const MPTCP_SUBFLOW_ATTR_ROWS: Rows = &[
    (0, "MPTCP_SUBFLOW_ATTR_UNSPEC"),
    (1, "MPTCP_SUBFLOW_ATTR_TOKEN_REM"),
    (2, "MPTCP_SUBFLOW_ATTR_TOKEN_LOC"),
    (3, "MPTCP_SUBFLOW_ATTR_RELWRITE_SEQ"),
    (4, "MPTCP_SUBFLOW_ATTR_MAP_SEQ"),
    (5, "MPTCP_SUBFLOW_ATTR_MAP_SFSEQ"),
    (6, "MPTCP_SUBFLOW_ATTR_SSN_OFFSET"),
    (7, "MPTCP_SUBFLOW_ATTR_MAP_DATALEN"),
    (8, "MPTCP_SUBFLOW_ATTR_FLAGS"),
    (9, "MPTCP_SUBFLOW_ATTR_ID_REM"),
    (10, "MPTCP_SUBFLOW_ATTR_ID_LOC"),
    (11, "MPTCP_SUBFLOW_ATTR_PAD"),
];

/// State of a subflow of MPTCP.
pub const MPTCP_SUBFLOW_FLAG: Xlat = Xlat(315);
const MPTCP_SUBFLOW_FLAG_ROWS: Rows = &[
    (0x1, "MPTCP_SUBFLOW_FLAG_MCAP_REM"),
    (0x2, "MPTCP_SUBFLOW_FLAG_MCAP_LOC"),
    (0x4, "MPTCP_SUBFLOW_FLAG_JOIN_REM"),
    (0x8, "MPTCP_SUBFLOW_FLAG_JOIN_LOC"),
    (0x10, "MPTCP_SUBFLOW_FLAG_BKUP_REM"),
    (0x20, "MPTCP_SUBFLOW_FLAG_BKUP_LOC"),
    (0x40, "MPTCP_SUBFLOW_FLAG_FULLY_ESTABLISHED"),
    (0x80, "MPTCP_SUBFLOW_FLAG_CONNECTED"),
    (0x100, "MPTCP_SUBFLOW_FLAG_MAPVALID"),
];

/// Message types of the parts of NETLINK_NETFILTER, the part above the lower 8 bits.
pub const NFNL_TYPE: Xlat = Xlat(316);
const NFNL_TYPE_ROWS: Rows = &[
    (256, "IPCTNL_MSG_CT_NEW"),
    (257, "IPCTNL_MSG_CT_GET"),
    (258, "IPCTNL_MSG_CT_DELETE"),
    (259, "IPCTNL_MSG_CT_GET_CTRZERO"),
    (260, "IPCTNL_MSG_CT_GET_STATS_CPU"),
    (261, "IPCTNL_MSG_CT_GET_STATS"),
    (262, "IPCTNL_MSG_CT_GET_DYING"),
    (263, "IPCTNL_MSG_CT_GET_UNCONFIRMED"),
    (512, "IPCTNL_MSG_EXP_NEW"),
    (513, "IPCTNL_MSG_EXP_GET"),
    (514, "IPCTNL_MSG_EXP_DELETE"),
    (515, "IPCTNL_MSG_EXP_GET_STATS_CPU"),
    (768, "NFQNL_MSG_PACKET"),
    (769, "NFQNL_MSG_VERDICT"),
    (770, "NFQNL_MSG_CONFIG"),
    (771, "NFQNL_MSG_VERDICT_BATCH"),
    (1024, "NFULNL_MSG_PACKET"),
    (1025, "NFULNL_MSG_CONFIG"),
    (1280, "OSF_MSG_ADD"),
    (1281, "OSF_MSG_REMOVE"),
    (1536, "IPSET_CMD_NONE"),
    (1537, "IPSET_CMD_PROTOCOL"),
    (1538, "IPSET_CMD_CREATE"),
    (1539, "IPSET_CMD_DESTROY"),
    (1540, "IPSET_CMD_FLUSH"),
    (1541, "IPSET_CMD_RENAME"),
    (1542, "IPSET_CMD_SWAP"),
    (1543, "IPSET_CMD_LIST"),
    (1544, "IPSET_CMD_SAVE"),
    (1545, "IPSET_CMD_ADD"),
    (1546, "IPSET_CMD_DEL"),
    (1547, "IPSET_CMD_TEST"),
    (1548, "IPSET_CMD_HEADER"),
    (1549, "IPSET_CMD_TYPE"),
    (1552, "IPSET_CMD_RESTORE"),
    (1553, "IPSET_CMD_HELP"),
    (1554, "IPSET_CMD_VERSION"),
    (1555, "IPSET_CMD_QUIT"),
    (1556, "IPSET_CMD_COMMIT"),
    (1792, "NFNL_MSG_ACCT_NEW"),
    (1793, "NFNL_MSG_ACCT_GET"),
    (1794, "NFNL_MSG_ACCT_GET_CTRZERO"),
    (1795, "NFNL_MSG_ACCT_DEL"),
    (1796, "NFNL_MSG_ACCT_OVERQUOTA"),
    (2048, "IPCTNL_MSG_TIMEOUT_NEW"),
    (2049, "IPCTNL_MSG_TIMEOUT_GET"),
    (2050, "IPCTNL_MSG_TIMEOUT_DELETE"),
    (2051, "IPCTNL_MSG_TIMEOUT_DEFAULT_SET"),
    (2052, "IPCTNL_MSG_TIMEOUT_DEFAULT_GET"),
    (2304, "NFNL_MSG_CTHELPER_NEW"),
    (2305, "NFNL_MSG_CTHELPER_GET"),
    (2306, "NFNL_MSG_CTHELPER_DEL"),
    (2560, "NFT_MSG_NEWTABLE"),
    (2561, "NFT_MSG_GETTABLE"),
    (2562, "NFT_MSG_DELTABLE"),
    (2563, "NFT_MSG_NEWCHAIN"),
    (2564, "NFT_MSG_GETCHAIN"),
    (2565, "NFT_MSG_DELCHAIN"),
    (2566, "NFT_MSG_NEWRULE"),
    (2567, "NFT_MSG_GETRULE"),
    (2568, "NFT_MSG_DELRULE"),
    (2569, "NFT_MSG_NEWSET"),
    (2570, "NFT_MSG_GETSET"),
    (2571, "NFT_MSG_DELSET"),
    (2572, "NFT_MSG_NEWSETELEM"),
    (2573, "NFT_MSG_GETSETELEM"),
    (2574, "NFT_MSG_DELSETELEM"),
    (2575, "NFT_MSG_NEWGEN"),
    (2576, "NFT_MSG_GETGEN"),
    (2577, "NFT_MSG_TRACE"),
    (2578, "NFT_MSG_NEWOBJ"),
    (2579, "NFT_MSG_GETOBJ"),
    (2580, "NFT_MSG_DELOBJ"),
    (2581, "NFT_MSG_GETOBJ_RESET"),
    (2582, "NFT_MSG_NEWFLOWTABLE"),
    (2583, "NFT_MSG_GETFLOWTABLE"),
    (2584, "NFT_MSG_DELFLOWTABLE"),
    (2816, "NFNL_MSG_COMPAT_GET"),
    (3072, "NFNL_MSG_HOOK_GET"),
];

/// The tables of this file, in the order of their numbers.
pub(super) const ALL: &[Rows] = &[
    NLM_F_DEL_ROWS,
    NLM_F_ERROR_ROWS,
    NLMSGERR_ATTR_ROWS,
    NLA_F_ROWS,
    IFLA_ROWS,
    IFLA_INFO_ROWS,
    IFLA_INET_ROWS,
    IFLA_INET6_ROWS,
    IN6_ADDR_GEN_MODE_ROWS,
    RTEXT_FILTER_ROWS,
    RT_SCOPE_ROWS,
    RT_TABLE_ROWS,
    RTPROT_ROWS,
    RTN_ROWS,
    RTM_F_ROWS,
    RTNH_F_ROWS,
    RTA_ROWS,
    RTAX_ROWS,
    TCA_ROWS,
    TCA_STATS_ROWS,
    IFA_ROWS,
    IFA_F_ROWS,
    NDA_ROWS,
    NUD_ROWS,
    NTF_ROWS,
    NTF_EXT_ROWS,
    FRA_ROWS,
    FR_ACT_ROWS,
    FIB_RULE_ROWS,
    IPTOS_BITS_ROWS,
    LWTUNNEL_ROWS,
    SOCK_DIAG_ROWS,
    INET_DIAG_ROWS,
    UNIX_DIAG_ROWS,
    UDIAG_SHOW_ROWS,
    NFNL_SUBSYS_ROWS,
    NFNL_MSG_ROWS,
    SELNL_MSG_ROWS,
    CRYPTO_MSG_ROWS,
    XFRM_MSG_ROWS,
    AUDIT_ROWS,
    GENL_ROWS,
    DEVCONF4_ROWS,
    DEVCONF6_ROWS,
    INET6_FLAG_ROWS,
    NDTA_ROWS,
    IFAL_ROWS,
    NETCONFA_ROWS,
    NETNSA_ROWS,
    MDBA_ROWS,
    NHA_ROWS,
    NEXTHOP_GRP_TYPE_ROWS,
    INET_DIAG_REQ_ROWS,
    IFLA_BR_ROWS,
    IFLA_BRPORT_ROWS,
    IFLA_VF_INFO_ROWS,
    IFLA_VF_ROWS,
    IFLA_VF_LINK_STATE_ROWS,
    IFLA_VF_STATS_ROWS,
    IFLA_VF_VLAN_INFO_ROWS,
    IFLA_VF_PORTS_ROWS,
    IFLA_PORT_ROWS,
    IFLA_XDP_ROWS,
    XDP_ATTACHED_ROWS,
    XDP_FLAGS_ROWS,
    IFLA_PROTO_DOWN_REASON_ROWS,
    IFLA_EVENT_ROWS,
    IFLA_TUN_ROWS,
    IFLA_MCTP_ROWS,
    IFLA_STATS_ROWS,
    LINK_XSTATS_TYPE_ROWS,
    IFLA_OFFLOAD_XSTATS_ROWS,
    IFLA_OFFLOAD_XSTATS_HW_ROWS,
    BRIDGE_XSTATS_ROWS,
    MDBA_MDB_ROWS,
    MDBA_MDB_ENTRY_ROWS,
    MDBA_MDB_EATTR_ROWS,
    MDBA_ROUTER_ROWS,
    MDBA_ROUTER_PATTR_ROWS,
    MDB_RTR_TYPE_ROWS,
    MDB_STATE_ROWS,
    MDB_FLAGS_ROWS,
    BOND_XSTATS_ROWS,
    BOND_3AD_STAT_ROWS,
    MPLS_STATS_ROWS,
    BPF_CLASS_ROWS,
    BPF_SIZE_ROWS,
    BPF_MODE_ROWS,
    BPF_SRC_ROWS,
    BPF_OP_ALU_ROWS,
    BPF_OP_JMP_ROWS,
    BPF_RVAL_ROWS,
    BPF_MISCOP_ROWS,
    SKF_AD_ROWS,
    TCA_ACT_ROWS,
    TCA_ACT_FLAGS_ROWS,
    TCA_ACT_HW_STATS_ROWS,
    TCA_ROOT_ROWS,
    SMC_DIAG_ROWS,
    SMC_DIAG_MODE_ROWS,
    SMC_STATE_ROWS,
    SMC_ROLE_ROWS,
    SMC_SHUTDOWN_ROWS,
    SMC_DECL_ROWS,
    TUN_TYPE_ROWS,
    BR_BOOLOPT_ROWS,
    BRIDGE_QUERIER_ROWS,
    IFLA_BRIDGE_ROWS,
    BRIDGE_FLAGS_ROWS,
    BRIDGE_MODE_ROWS,
    BRIDGE_VLAN_INFO_ROWS,
    IFLA_BRIDGE_VLAN_TUNNEL_ROWS,
    IPSTATS_MIB_ROWS,
    ICMP6_MIB_ROWS,
    NDTPA_ROWS,
    NFEA_ROWS,
    FDB_NOTIFY_ROWS,
    NHA_RES_GROUP_ROWS,
    NHA_RES_BUCKET_ROWS,
    DCB_CMD_ROWS,
    DCB_ATTR_ROWS,
    NETLINK_DIAG_ROWS,
    NDIAG_SHOW_ROWS,
    NDIAG_FLAG_ROWS,
    NETLINK_STATE_ROWS,
    PACKET_DIAG_ROWS,
    PACKET_SHOW_ROWS,
    PDI_ROWS,
    SK_MEMINFO_ROWS,
    SK_BPF_STORAGES_ROWS,
    SK_BPF_STORAGE_ROWS,
    INET_ULP_INFO_ROWS,
    TLS_INFO_ROWS,
    TLS_CONF_ROWS,
    MPTCP_SUBFLOW_ATTR_ROWS,
    MPTCP_SUBFLOW_FLAG_ROWS,
    NFNL_TYPE_ROWS,
];
