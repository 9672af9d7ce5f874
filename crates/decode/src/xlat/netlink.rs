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
    (58, "DEVCONF_ACCEPT_RA_MIN_LFT"),
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
    (4, "NHA_BLACKHOLE"),
    (5, "NHA_OIF"),
    (6, "NHA_GATEWAY"),
    (7, "NHA_ENCAP_TYPE"),
    (8, "NHA_ENCAP"),
    (9, "NHA_GROUPS"),
    (10, "NHA_MASTER"),
    (11, "NHA_FDB"),
];

/// Attributes of a question about Internet sockets.
pub const INET_DIAG_REQ: Xlat = Xlat(231);
const INET_DIAG_REQ_ROWS: Rows = &[
    (0, "INET_DIAG_REQ_NONE"),
    (1, "INET_DIAG_REQ_BYTECODE"),
    (2, "INET_DIAG_REQ_SK_BPF_STORAGES"),
    (3, "INET_DIAG_REQ_PROTOCOL"),
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
    INET_DIAG_REQ_ROWS,
];
