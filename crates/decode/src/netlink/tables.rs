//! The attributes of every kind of thing: their names, and what their values are.

use crate::fields::{cut, decimal};
use crate::xlat::{self, Xlat};

/// The attributes of one kind of thing.
#[derive(Clone, Copy)]
pub(super) struct Table {
    pub(super) names: Xlat,
    pub(super) unknown: &'static str,
    /// `number:kind` with blanks between them; what is missing is bytes.
    ///
    /// Kinds: `s` text, `k` kind of link; `h` hardware address; `a` address of the message's family; `A` IPv6 address; `u` unsigned with its number of bytes;
    /// `i` interface; `p` port; `e` symbol and `f` flags with the number of bytes and the letter of [`fields::symbols`]; `x` flags that have nothing behind
    /// them; `n` attributes
    /// and `S` structure, with the letter of [`nested`] and [`structure`]; `t` statistics of so many bytes each; `c` settings of IPv4 or
    /// IPv6, or the counters of [`super::attrs`]; `v` struct rtvia; `o` bits of INET_DIAG_SOCKOPT; `I` signed and `z` hexadecimal with their number of
    /// bytes; `w` symbol and `W` flags of so many bytes in at most 8, of 0 in as many as there are; `q` hundredths of a second;
    /// `l` array of numbers of so many bytes, `L` in hexadecimal; `Z` number in hexadecimal, of any size; `y` Ethernet protocol; `T` structure with bytes behind it; `m` next
    /// hops of a route; `B` structure with the bytes behind it, `g` multicast group, `r` port behind which there are routers, `K` counters of
    /// multicast, `F` packet filter, `N`, `Y` and `X` connection, group and end of SMC; `d` and `D` what the kind of link decides; `P` and `E` what is another thing for a bridge; `U` keys of TCP, `C`
    /// socket addresses, `M` multicast addresses, `V` file of a unix socket, `G` group of next hops, `b` settings of a bridge, `H` how a
    /// socket is shut down.
    kinds: &'static str,
}

impl Table {
    pub(super) const ERROR: Table =
        Table { names: xlat::NLMSGERR_ATTR, unknown: "NLMSGERR_ATTR_???", kinds: "1:s 2:u4 5:u4 6:u4" };
    pub(super) const NONE: Table = Table { names: Xlat::NONE, unknown: "", kinds: "" };
    pub(super) const LINK: Table = Table {
        names: xlat::IFLA,
        unknown: "IFLA_???",
        kinds: "1:h 2:h 3:s 4:u4 5:u4 6:s 7:t4 10:u4 12:P 13:u4 14:Sm 15:u4 16:u1 17:u1 18:ni 19:u4 20:s 21:u4 22:nV 23:t8 24:nP 25:np 26:E 27:u4 28:u4 29:f4L \
                30:u4 31:u4 32:u4 33:u1 35:u4 37:u4 38:s 39:u1 40:u4 41:u4 43:nX 44:e4$ 45:u4 46:u4 47:u4 48:u4 49:u4 50:u4 51:u4 52:nl 53:s \
                54:h 55:nR 56:s 57:s 58:u4 59:u4 60:u4 61:u4",
    };
    pub(super) const LINK_INFO: Table =
        Table { names: xlat::IFLA_INFO, unknown: "IFLA_INFO_???", kinds: "1:k 2:d 3:d 4:s 5:D" };
    pub(super) const BY_FAMILY: Table = Table { names: xlat::AF, unknown: "AF_???", kinds: "2:n4 10:n6 45:nm" };
    pub(super) const INET: Table = Table { names: xlat::IFLA_INET, unknown: "IFLA_INET_???", kinds: "1:c4" };
    pub(super) const INET6: Table =
        Table { names: xlat::IFLA_INET6, unknown: "IFLA_INET6_???", kinds: "1:W4Z 2:c6 3:cs 5:S6 6:ci 7:A 8:w1W 9:u4" };
    pub(super) const ADDRESS: Table =
        Table { names: xlat::IFA, unknown: "IFA_???", kinds: "1:a 2:a 3:s 4:a 5:a 6:Sa 7:a 8:f4g 9:u4 10:u4" };
    pub(super) const ROUTE: Table = Table {
        names: xlat::RTA,
        unknown: "RTA_???",
        kinds: "1:a 2:a 3:i 4:i 5:a 6:u4 7:a 8:nx 9:m 10:u4 11:u4 12:Sr 14:u4 15:e4j 16:u4 17:Sf 18:v 19:a 20:u1 21:e2A 23:u8 25:u4 26:u1 27:u1 \
                28:u2 29:u2",
    };
    pub(super) const METRICS: Table = Table {
        names: xlat::RTAX,
        unknown: "RTAX_???",
        kinds: "1:u4 2:u4 3:u4 4:u4 5:u4 6:u4 7:u4 8:u4 9:u4 10:u4 11:u4 12:u4 13:u4 14:u4 15:u4 16:s",
    };
    pub(super) const NEIGHBOUR: Table = Table {
        names: xlat::NDA,
        unknown: "NDA_???",
        kinds: "1:a 2:h 3:Sn 4:u4 5:u2 6:p 7:u4 8:i 9:i 10:u4 11:u4 12:w0R 13:u4 14:nf 15:x4e 16:x4n",
    };
    pub(super) const RULE: Table = Table {
        names: xlat::FRA,
        unknown: "FRA_???",
        kinds: "1:a 2:a 3:s 4:u4 6:u4 10:u4 11:u4 12:u8 13:u4 14:u4 15:e4j 16:u4 17:s 19:u1 20:Su 21:e1k 22:u1 23:Sp 24:Sp",
    };
    pub(super) const TRAFFIC: Table =
        Table { names: xlat::TCA, unknown: "TCA_???", kinds: "1:s 3:St 5:Se 7:nt 11:u4 12:u1 13:u4 14:u4" };
    pub(super) const TRAFFIC_STATS: Table =
        Table { names: xlat::TCA_STATS, unknown: "TCA_STATS_???", kinds: "1:Sb 2:Se 3:Sq 5:SE 7:Sb 8:u8" };
    pub(super) const ACTIONS: Table =
        Table { names: xlat::TCA_ROOT, unknown: "TCA_ROOT_???", kinds: "1:n1 3:u4 4:u4 5:s" };
    /// By their order.
    const LISTED: Table = Table {
        names: Xlat::NONE,
        unknown: "",
        kinds: "1:n0 2:n0 3:n0 4:n0 5:n0 6:n0 7:n0 8:n0 9:n0 10:n0 11:n0 12:n0",
    };
    pub(super) const ACTION: Table =
        Table { names: xlat::TCA_ACT, unknown: "TCA_ACT_???", kinds: "1:s 3:u4 4:nt 7:W4- 8:W4' 9:W4' 10:u4" };
    pub(super) const INET_DIAG: Table = Table {
        names: xlat::INET_DIAG,
        unknown: "INET_DIAG_???",
        kinds: "1:Sd 3:Sg 4:s 5:u1 6:u1 7:cm 8:H 9:Si 10:w0R 11:u1 12:C 13:C 15:u4 16:Sj 17:u4 18:U 19:nU 20:nk 21:u8 22:o",
    };
    pub(super) const UNIX_DIAG: Table =
        Table { names: xlat::UNIX_DIAG, unknown: "UNIX_DIAG_???", kinds: "0:s 1:V 2:u4 3:l4 4:SR 5:cm 6:u1 7:u4" };
    pub(super) const NEIGHBOUR_TABLE: Table =
        Table { names: xlat::NDTA, unknown: "NDTA_???", kinds: "1:s 2:u4 3:u4 4:u4 5:Sc 6:nn 8:u8" };
    pub(super) const LABEL: Table = Table { names: xlat::IFAL, unknown: "IFAL_???", kinds: "1:a 2:u4" };
    pub(super) const SETTINGS: Table =
        Table { names: xlat::NETCONFA, unknown: "NETCONFA_???", kinds: "1:i 2:u4 3:u4 4:u4 5:u4 6:u4 7:u4 8:u4" };
    pub(super) const NAMESPACE: Table = Table { names: xlat::NETNSA, unknown: "NETNSA_???", kinds: "1:u4 2:u4 3:u4" };
    pub(super) const MULTICAST: Table = Table { names: xlat::MDBA, unknown: "MDBA_???", kinds: "1:nq 2:nr" };
    const GROUPS: Table = Table { names: xlat::MDBA_MDB, unknown: "MDBA_MDB_???", kinds: "1:ne" };
    const GROUP_ENTRY: Table = Table { names: xlat::MDBA_MDB_ENTRY, unknown: "MDBA_MDB_ENTRY_???", kinds: "1:g" };
    pub(super) const GROUP: Table = Table { names: xlat::MDBA_MDB_EATTR, unknown: "MDBA_MDB_EATTR_???", kinds: "1:q" };
    const ROUTERS: Table = Table { names: xlat::MDBA_ROUTER, unknown: "MDBA_ROUTER_???", kinds: "1:r" };
    pub(super) const ROUTER_PORT: Table =
        Table { names: xlat::MDBA_ROUTER_PATTR, unknown: "MDBA_ROUTER_PATTR_???", kinds: "1:q 2:e1_ 3:q 4:q 5:u2" };
    pub(super) const NEXT_HOP: Table = Table {
        names: xlat::NHA,
        unknown: "NHA_???",
        kinds: "1:u4 2:G 3:w2] 4:u4 5:i 6:a 7:e2A 9:u4 10:i 11:u4 12:ng 13:nG",
    };
    pub(super) const INET_REQUEST: Table =
        Table { names: xlat::INET_DIAG_REQ, unknown: "INET_DIAG_REQ_???", kinds: "" };

    const VF_LIST: Table = Table { names: xlat::IFLA_VF_INFO, unknown: "IFLA_VF_INFO_???", kinds: "1:nv" };
    const VF: Table = Table {
        names: xlat::IFLA_VF,
        unknown: "IFLA_VF_???",
        kinds: "1:Sh 2:Sv 3:SA 4:Ss 5:Sl 6:SB 7:Ss 8:nS 9:Ss 10:SG 11:SG 12:nL 13:SH",
    };
    const VF_STATS: Table = Table {
        names: xlat::IFLA_VF_STATS,
        unknown: "IFLA_VF_STATS_???",
        kinds: "0:u8 1:u8 2:u8 3:u8 4:u8 5:u8 7:u8 8:u8",
    };
    const VF_VLANS: Table = Table { names: xlat::IFLA_VF_VLAN_INFO, unknown: "IFLA_VF_VLAN_INFO_???", kinds: "1:SV" };
    const PORTS: Table = Table { names: xlat::IFLA_VF_PORTS, unknown: "IFLA_VF_PORT_???", kinds: "1:np" };
    const PORT: Table = Table { names: xlat::IFLA_PORT, unknown: "IFLA_VF_PORT_???", kinds: "1:u4 2:s 3:SP 6:u1 7:u2" };
    const XDP: Table =
        Table { names: xlat::IFLA_XDP, unknown: "IFLA_XDP_???", kinds: "1:I4 2:w1! 3:f4# 4:u4 5:u4 6:u4 7:u4 8:I4" };
    const REASON: Table =
        Table { names: xlat::IFLA_PROTO_DOWN_REASON, unknown: "IFLA_PROTO_DOWN_REASON_???", kinds: "1:z4 2:z4" };
    const MCTP: Table = Table { names: xlat::IFLA_MCTP, unknown: "IFLA_MCTP_???", kinds: "1:u4" };
    pub(super) const BRIDGE: Table = Table {
        names: xlat::IFLA_BR,
        unknown: "IFLA_BR_???",
        kinds: "1:q 2:q 3:q 4:q 5:u4 6:u2 7:u1 8:y 9:z2 10:SI 11:SI 12:u2 13:u4 14:u1 15:u1 16:q 17:q 18:q 19:q 20:h 22:u1 23:u1 \
                24:u1 25:u1 26:u4 27:u4 28:u4 29:u4 30:q 31:q 32:q 33:q 34:q 35:q 36:u1 37:u1 38:u1 39:u2 41:u1 42:u1 43:u1 44:u1 45:u1 \
                46:b 47:nQ",
    };
    pub(super) const BRIDGE_PORT: Table = Table {
        names: xlat::IFLA_BRPORT,
        unknown: "IFLA_BRPORT_???",
        kinds: "1:u1 2:u2 3:u4 4:u1 5:u1 6:u1 7:u1 8:u1 9:u1 10:u1 11:u1 12:u1 13:SI 14:SI 15:u2 16:u2 17:u2 18:u2 19:u1 20:u1 21:q \
                22:q 23:q 25:u1 27:u1 28:u1 29:u1 30:u1 31:z2 32:u1 33:u1 34:i 35:u1 36:u1 37:u4 38:u4 39:u1",
    };
    const QUERIER: Table =
        Table { names: xlat::BRIDGE_QUERIER, unknown: "BRIDGE_QUERIER_???", kinds: "1:4 2:u4 3:q 5:A 6:u4 7:q" };
    pub(super) const BRIDGE_LINK: Table =
        Table { names: xlat::IFLA_BRIDGE, unknown: "IFLA_BRIDGE_???", kinds: "0:W2( 1:w2) 2:T 3:nu" };
    const TUNNEL: Table = Table {
        names: xlat::IFLA_BRIDGE_VLAN_TUNNEL,
        unknown: "IFLA_BRIDGE_VLAN_TUNNEL_???",
        kinds: "1:u4 2:u2 3:W2*",
    };
    pub(super) const TUN: Table = Table {
        names: xlat::IFLA_TUN,
        unknown: "IFLA_TUN_???",
        kinds: "1:u4 2:u4 3:w1& 4:u1 5:u1 6:u1 7:u1 8:u4 9:u4",
    };
    const FDB: Table = Table { names: xlat::NFEA, unknown: "NFEA_???", kinds: "1:W1+" };
    const RESILIENT: Table =
        Table { names: xlat::NHA_RES_GROUP, unknown: "NHA_RES_GROUP_???", kinds: "1:u2 2:q 3:q 4:q" };
    const BUCKET: Table = Table { names: xlat::NHA_RES_BUCKET, unknown: "NHA_RES_BUCKET_???", kinds: "1:u2 2:q 3:u4" };
    const NEIGHBOUR_SETTINGS: Table = Table {
        names: xlat::NDTPA,
        unknown: "NDTPA_???",
        kinds: "1:i 2:u4 3:u8 4:u8 5:u8 6:u8 7:u8 8:u4 9:u4 10:u4 11:u4 12:u8 13:u8 14:u4 15:u8 16:u4 17:u4 19:u8",
    };
    pub(super) const DCB: Table = Table { names: xlat::DCB_ATTR, unknown: "DCB_ATTR_???", kinds: "" };
    pub(super) const STATS: Table =
        Table { names: xlat::IFLA_STATS, unknown: "IFLA_STATS_???", kinds: "1:t8 2:nj 3:nj 4:no 5:nF" };
    const MORE_STATS: Table =
        Table { names: xlat::LINK_XSTATS_TYPE, unknown: "LINK_XSTATS_TYPE_???", kinds: "1:nJ 2:nO" };
    const BRIDGE_STATS: Table =
        Table { names: xlat::BRIDGE_XSTATS, unknown: "BRIDGE_XSTATS_???", kinds: "1:BW 2:K 4:BT" };
    const BOND_STATS: Table = Table { names: xlat::BOND_XSTATS, unknown: "BOND_XSTATS_???", kinds: "1:n3" };
    const BOND_3AD: Table = Table {
        names: xlat::BOND_3AD_STAT,
        unknown: "BOND_XSTATS_???",
        kinds: "0:u8 1:u8 2:u8 3:u8 4:u8 5:u8 6:u8 7:u8 8:u8",
    };
    const OFFLOADED: Table =
        Table { names: xlat::IFLA_OFFLOAD_XSTATS, unknown: "IFLA_OFFLOAD_XSTATS_???", kinds: "1:t8 2:nh 3:BL" };
    const OFFLOADING: Table =
        Table { names: xlat::IFLA_OFFLOAD_XSTATS_HW, unknown: "IFLA_OFFLOAD_XSTATS_HW_S_INFO_???", kinds: "1:u1 2:u1" };
    const FAMILY_STATS: Table = Table { names: xlat::AF, unknown: "AF_???", kinds: "28:n8" };
    const MPLS_STATS: Table = Table { names: xlat::MPLS_STATS, unknown: "MPLS_STATS_???", kinds: "1:BM" };
    pub(super) const SMC_SOCKET: Table =
        Table { names: xlat::SMC_DIAG, unknown: "SMC_DIAG_???", kinds: "1:N 2:Y 3:W1\" 4:SD 5:X" };
    pub(super) const NETLINK_SOCKET: Table =
        Table { names: xlat::NETLINK_DIAG, unknown: "NETLINK_DIAG_???", kinds: "0:cm 1:L8 2:SN 3:SN 4:f4=" };
    pub(super) const PACKET_SOCKET: Table =
        Table { names: xlat::PACKET_DIAG, unknown: "PACKET_DIAG_???", kinds: "0:SK 1:M 2:SO 3:SO 4:u4 5:u4 6:cm 7:F" };
    const OVER_TCP: Table = Table { names: xlat::INET_ULP_INFO, unknown: "INET_ULP_INFO_???", kinds: "1:s 2:nc 3:nM" };
    const TLS: Table = Table { names: xlat::TLS_INFO, unknown: "TLS_INFO_???", kinds: "1:w2V 2:w2Y 3:w2, 4:w2," };
    const SUBFLOW: Table = Table {
        names: xlat::MPTCP_SUBFLOW_ATTR,
        unknown: "MPTCP_SUBFLOW_ATTR_???",
        kinds: "1:z4 2:z4 3:u4 4:u8 5:u4 6:u4 7:u2 8:W4^ 9:u1 10:u1",
    };
    const STORAGES: Table = Table { names: xlat::SK_BPF_STORAGES, unknown: "SK_DIAG_BPF_STORAGE_???", kinds: "1:nK" };
    const STORAGE: Table = Table { names: xlat::SK_BPF_STORAGE, unknown: "SK_DIAG_BPF_STORAGE_???", kinds: "2:u4 3:Z" };

    /// The kind of attribute `ty`; empty for bytes.
    pub(super) fn kind(&self, ty: u16) -> &'static str {
        let mut left = self.kinds;
        while !left.is_empty() {
            let (one, rest) = cut(left, b' ');
            left = rest;
            let (number, kind) = cut(one, b':');
            if !number.is_empty() && decimal(number.as_bytes()) == usize::from(ty) {
                return kind;
            }
        }
        ""
    }
}

/// The attributes that a letter stands for.
pub(super) fn nested(letter: u8) -> Table {
    match letter {
        b'i' => Table::LINK_INFO,
        b'l' => Table::LINK,
        b'a' => Table::BY_FAMILY,
        b'4' => Table::INET,
        b'6' => Table::INET6,
        b'x' => Table::METRICS,
        b't' => Table::TRAFFIC_STATS,
        b'V' => Table::VF_LIST,
        b'v' => Table::VF,
        b'S' => Table::VF_STATS,
        b'L' => Table::VF_VLANS,
        b'P' => Table::PORTS,
        b'p' => Table::PORT,
        b'X' => Table::XDP,
        b'R' => Table::REASON,
        b'm' => Table::MCTP,
        b'B' => Table::BRIDGE,
        b'b' => Table::BRIDGE_PORT,
        b'Q' => Table::QUERIER,
        b's' => Table::BRIDGE_LINK,
        b'u' => Table::TUNNEL,
        b'T' => Table::TUN,
        b'f' => Table::FDB,
        b'g' => Table::RESILIENT,
        b'G' => Table::BUCKET,
        b'n' => Table::NEIGHBOUR_SETTINGS,
        b'U' => Table::OVER_TCP,
        b'c' => Table::TLS,
        b'M' => Table::SUBFLOW,
        b'k' => Table::STORAGES,
        b'K' => Table::STORAGE,
        b'q' => Table::GROUPS,
        b'e' => Table::GROUP_ENTRY,
        b'r' => Table::ROUTERS,
        b'j' => Table::MORE_STATS,
        b'J' => Table::BRIDGE_STATS,
        b'O' => Table::BOND_STATS,
        b'3' => Table::BOND_3AD,
        b'o' => Table::OFFLOADED,
        b'h' => Table::OFFLOADING,
        b'F' => Table::FAMILY_STATS,
        b'8' => Table::MPLS_STATS,
        b'1' => Table::LISTED,
        b'0' => Table::ACTION,
        _ => Table::NONE,
    }
}

/// The structure that a letter stands for, and its number of bytes.
pub(super) fn structure(letter: u8) -> (usize, &'static str) {
    match letter {
        b'm' => (28, "mem_start:x8 mem_end:x8 base_addr:x8 irq:u2 dma:u1 port:u1"),
        b'a' => (16, "ifa_prefered:u4 ifa_valid:u4 cstamp:u4 tstamp:u4"),
        b'r' => (
            32,
            "rta_clntref:u4 rta_lastuse:u4 rta_expires:i4 rta_error:u4 rta_used:u4 rta_id:x4 rta_ts:u4 rta_tsage:u4",
        ),
        b'f' => (24, "mfcs_packets:u8 mfcs_bytes:u8 mfcs_wrong_if:u8"),
        b'n' => (16, "ndm_confirmed:u4 ndm_used:u4 ndm_updated:u4 ndm_refcnt:u4"),
        b't' => (36, "bytes:u8 packets:u4 drops:u4 overlimits:u4 bps:u4 pps:u4 qlen:u4 backlog:u4"),
        b'b' => (12, "bytes:u8 packets:u4"),
        b'e' => (8, "bps:u4 pps:u4"),
        b'E' => (16, "bps:u8 pps:u8"),
        b'q' => (20, "qlen:u4 backlog:u4 drops:u4 requeues:u4 overlimits:u4"),
        b'6' => (16, "max_reasm_len:u4 tstamp:u4 reachable_time:u4 retrans_time:u4"),
        b'u' => (8, "start:u4 end:u4"),
        b'p' => (4, "start:u2 end:u2"),
        b'd' => (16, "idiag_rmem:u4 idiag_wmem:u4 idiag_fmem:u4 idiag_tmem:u4"),
        b'R' => (8, "udiag_rqueue:u4 udiag_wqueue:u4"),
        b'h' => (36, "vf:u4 mac:h32"),
        b'H' => (32, "broadcast:h32"),
        b'v' => (12, "vf:u4 vlan:u4 qos:u4"),
        b'V' => (16, "vf:u4 vlan:u4 qos:u4 vlan_proto:y"),
        b'A' => (8, "vf:u4 rate:u4"),
        b's' => (8, "vf:u4 setting:u4"),
        b'l' => (8, "vf:u4 link_state:s4%"),
        b'B' => (12, "vf:u4 min_tx_rate:u4 max_tx_rate:u4"),
        // There are four bytes between the two.
        b'G' => (16, "vf:u4 -4 guid:x8"),
        b'F' => (12, "vf:u4 guid:x8"),
        b'P' => (8, "vsi_mgr_id:u1 vsi_type_id:c3 vsi_type_version:u1 pad:c3"),
        b'I' => (8, "prio:l2 addr:h6"),
        b'X' => (24, "bus_error:u4 error_warning:u4 error_passive:u4 bus_off:u4 arbitration_lost:u4 restarts:u4"),
        b'c' => (
            32,
            "ndtc_key_len:u2 ndtc_entry_size:u2 ndtc_entries:u4 ndtc_last_flush:u4 ndtc_last_rand:u4 ndtc_hash_rnd:u4 \
             ndtc_hash_mask:x4 ndtc_hash_chain_gc:u4 ndtc_proxy_qlen:u4",
        ),
        b'g' => (16, "tcpv_enabled:u4 tcpv_rttcnt:u4 tcpv_rtt:u4 tcpv_minrtt:u4"),
        b'i' => (16, "dctcp_enabled:u2 dctcp_ce_state:u2 dctcp_alpha:u4 dctcp_ab_ecn:u4 dctcp_ab_tot:u4"),
        b'j' => (20, "bbr_bw_lo:x4 bbr_bw_hi:x4 bbr_min_rtt:u4 bbr_pacing_gain:u4 bbr_cwnd_gain:u4"),
        b'N' => (16, "ndr_block_size:u4 ndr_block_nr:u4 ndr_frame_size:u4 ndr_frame_nr:u4"),
        b'K' => (24, "pdi_index:n4 pdi_version:s4v pdi_reserve:u4 pdi_copy_thresh:u4 pdi_tstamp:u4 pdi_flags:f4?"),
        b'O' => (
            28,
            "pdr_block_size:u4 pdr_block_nr:u4 pdr_frame_size:u4 pdr_frame_nr:u4 pdr_retire_tmo:u4 pdr_sizeof_priv:u4 \
             pdr_features:u4",
        ),
        b'W' => (40, "rx_bytes:u8 rx_packets:u8 tx_bytes:u8 tx_packets:u8 vid:u2 flags:f2* pad2:o4"),
        b'T' => (48, "transition_blk:u8 transition_fwd:u8 rx_bpdu:u8 tx_bpdu:u8 rx_tcn:u8 tx_tcn:u8"),
        b'L' => (
            72,
            "rx_packets:u8 tx_packets:u8 rx_bytes:u8 tx_bytes:u8 rx_errors:u8 tx_errors:u8 rx_dropped:u8 tx_dropped:u8 multicast:u8",
        ),
        b'M' => (
            72,
            "rx_packets:u8 tx_packets:u8 rx_bytes:u8 tx_bytes:u8 rx_errors:u8 tx_errors:u8 rx_dropped:u8 tx_dropped:u8 rx_noroute:u8",
        ),
        b'D' => (40, "linkid:u4 -4 peer_gid:x8 my_gid:x8 token:x8 peer_token:x8"),
        _ => (usize::MAX, ""),
    }
}
