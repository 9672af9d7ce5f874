/*
 * Netlink messages of rarer kinds than those of netlink.c: bridges, virtual functions, ways of a route, questions about sockets, the
 * parts of netfilter, and what udev says of devices. Each attribute comes with a value of each of several lengths.
 */
#define _GNU_SOURCE
#include <linux/dcbnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <arpa/inet.h>
#include <net/if_arp.h>
#include <netinet/in.h>

#include "netlink.h"

static unsigned char values[400];
static const size_t lengths[] = {0, 1, 2, 3, 4, 7, 8, 16, 44};

/* A message with the attributes `path` within each other, which ends in each of the types below `types`. */
static void sweep(unsigned message_type, const void *body, size_t size, const unsigned short *path, unsigned types)
{
    for (unsigned type = 0; type < types; type++) {
        size_t at = message(message_type, 0, body, size), opened[8], n = 0;

        for (; path[n] != 0xffff; n++)
            opened[n] = begin(path[n]);
        for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++)
            if (lengths[i] == 0 || lengths[i] == 3 || lengths[i] == 7 ? type % 3 == 0 : 1)
                attr(type, values, lengths[i]);
        align();
        while (n > 0)
            end(opened[--n]);
        close_message(at);
        go();
    }
}

#define SWEEP(message_type, body, types, ...) \
    sweep(message_type, &(body), sizeof(body), (const unsigned short[]){__VA_ARGS__ __VA_OPT__(,) 0xffff}, types)

static void kind(const void *link, size_t size, const char *name, size_t name_type, size_t data_type, unsigned types)
{
    for (unsigned type = 0; type < types; type++) {
        size_t at = message(RTM_NEWLINK, 0, link, size), info = begin(IFLA_LINKINFO), data;

        text(name_type, name);
        data = begin(data_type);
        for (unsigned i = 1; i < 5; i++)
            attr(type, values + (i == 3 ? 12 : 0), 1u << (i - 1));
        align();
        end(data);
        end(info);
        close_message(at);
        go();
    }
}

static void links(void)
{
    struct ifinfomsg link = {.ifi_type = ARPHRD_ETHER, .ifi_index = 1}, bridge = {.ifi_family = AF_BRIDGE, .ifi_index = 1};
    struct ifinfomsg v6 = {.ifi_family = AF_INET6, .ifi_index = 1};
    static const char *const kinds[] = {"bridge", "tun", "vlan", "can", "tunx"};
    size_t at, info;

    SWEEP(RTM_NEWLINK, link, 9, IFLA_XDP);
    SWEEP(RTM_NEWLINK, link, 4, IFLA_PROTO_DOWN_REASON);
    SWEEP(RTM_NEWLINK, link, 3, IFLA_VFINFO_LIST);
    SWEEP(RTM_NEWLINK, link, 15, IFLA_VFINFO_LIST, IFLA_VF_INFO);
    SWEEP(RTM_NEWLINK, link, 10, IFLA_VFINFO_LIST, IFLA_VF_INFO, IFLA_VF_STATS);
    SWEEP(RTM_NEWLINK, link, 3, IFLA_VFINFO_LIST, IFLA_VF_INFO, IFLA_VF_VLAN_LIST);
    SWEEP(RTM_NEWLINK, link, 10, IFLA_VF_PORTS, IFLA_VF_PORT);
    SWEEP(RTM_NEWLINK, link, 10, IFLA_PORT_SELF);
    SWEEP(RTM_NEWLINK, link, 11, IFLA_AF_SPEC, AF_INET6);
    SWEEP(RTM_NEWLINK, link, 3, IFLA_AF_SPEC, 45);
    SWEEP(RTM_NEWLINK, bridge, 8, IFLA_AF_SPEC);
    SWEEP(RTM_NEWLINK, bridge, 5, IFLA_AF_SPEC, IFLA_BRIDGE_VLAN_TUNNEL_INFO);
    SWEEP(RTM_NEWLINK, bridge, 41, IFLA_PROTINFO);
    SWEEP(RTM_NEWLINK, v6, 11, IFLA_PROTINFO);
    for (unsigned i = 0; i < 9; i++) {
        at = message(RTM_NEWLINK, 0, &link, sizeof link);
        number(IFLA_EVENT, i);
        close_message(at);
        go();
    }
    at = message(RTM_NEWLINK, 0, &link, sizeof link);
    info = begin(IFLA_AF_SPEC);
    size_t six = begin(AF_INET6);
    attr(IFLA_INET6_STATS, values, 8 * 40);
    attr(IFLA_INET6_ICMP6STATS, values, 8 * 7);
    attr(IFLA_INET6_CONF, values, 4 * 62);
    end(six);
    end(info);
    close_message(at);
    go();
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        kind(&link, sizeof link, kinds[i], IFLA_INFO_KIND, IFLA_INFO_DATA, i == 0 ? 50 : 12);
        kind(&link, sizeof link, kinds[i], IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA, i == 0 ? 42 : 2);
        kind(&link, sizeof link, kinds[i], IFLA_INFO_SLAVE_KIND, IFLA_INFO_DATA, 2);
        at = message(RTM_NEWLINK, 0, &link, sizeof link);
        info = begin(IFLA_LINKINFO);
        text(IFLA_INFO_KIND, kinds[i]);
        attr(IFLA_INFO_XSTATS, values, 24);
        attr(IFLA_INFO_XSTATS, values, 23);
        attr(IFLA_INFO_DATA, values, 3);
        attr(IFLA_INFO_KIND, "tun", 3);
        attr(IFLA_INFO_DATA, "\6\0\3\0\2", 5);
        end(info);
        close_message(at);
        go();
    }
    at = message(RTM_NEWLINK, 0, &link, sizeof link);
    info = begin(IFLA_LINKINFO);
    text(IFLA_INFO_KIND, "bridge");
    size_t data = begin(IFLA_INFO_DATA), state;
    number(IFLA_BR_FORWARD_DELAY, 0);
    number(IFLA_BR_FORWARD_DELAY, 1500);
    number(IFLA_BR_FORWARD_DELAY, 2099);
    attr(IFLA_BR_VLAN_PROTOCOL, "\x81\0", 2);
    attr(IFLA_BR_MULTI_BOOLOPT, "\1\0\0\0\7\0\0\0", 8);
    attr(IFLA_BR_MULTI_BOOLOPT, "\0\0\0\0\0\1\0\0", 8);
    for (unsigned type = 0; type < 9; type++) {
        state = begin(IFLA_BR_MCAST_QUERIER_STATE);
        attr(type, values, 16);
        attr(type, values, 4);
        end(state);
    }
    end(data);
    end(info);
    close_message(at);
    go();
}

static size_t hop(unsigned len, const void *attributes, size_t n)
{
    struct rtnexthop h = {(unsigned short)len, 5, 2, 1};

    align();
    bytes(&h, sizeof h);
    bytes(attributes, n);
    return used;
}

static void routes(void)
{
    static const unsigned char gateway[] = {8, 0, RTA_GATEWAY, 0, 127, 0, 0, 1};
    struct rtmsg r = {AF_INET, 24, 0, 0, 254, 2, 253, 1, 0};
    struct ndmsg n = {.ndm_family = AF_INET6, .ndm_ifindex = 1};
    struct nhmsg h = {.nh_family = AF_INET, .nh_protocol = 3, .nh_flags = 1}, resvd = h;
    struct ndtmsg t = {.ndtm_family = AF_INET};
    struct if_stats_msg stats = {.ifindex = 1, .filter_mask = 0x1f};
    struct dcbmsg dcb = {.dcb_family = AF_INET, .cmd = 1};
    static const struct {
        unsigned hops, len, attributes;
    } ways[] = {{1, 8, 0}, {1, 16, 8}, {2, 8, 0}, {2, 16, 8}, {40, 16, 8}, {1, 30, 8}, {1, 13, 8}};

    for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
        size_t at = message(RTM_NEWROUTE, 0, &r, sizeof r), list = begin(RTA_MULTIPATH);

        for (unsigned k = 0; k < ways[i].hops; k++)
            hop(ways[i].len, gateway, ways[i].attributes);
        end(list);
        if (i % 2)
            number(RTA_PRIORITY, 1);
        close_message(at);
        go();
    }
    for (unsigned len = 0; len < 8; len++) {
        size_t at = message(RTM_NEWROUTE, 0, &r, sizeof r);

        attr(RTA_MULTIPATH, values, len);
        close_message(at);
        go();
    }
    SWEEP(RTM_NEWNEIGH, n, 4, NDA_FDB_EXT_ATTRS);
    for (unsigned len = 1; len <= 8; len *= 2) {
        size_t at = message(RTM_NEWNEIGH, 0, &n, sizeof n);

        attr(NDA_PROTOCOL, "\1\0\0\0\0\0\0\0", len);
        attr(NDA_PROTOCOL, values, len);
        attr(NDA_FDB_EXT_ATTRS, values, len);
        close_message(at);
        go();
    }
    SWEEP(RTM_NEWNEIGHTBL, t, 9);
    SWEEP(RTM_NEWNEIGHTBL, t, 21, NDTA_PARMS);
    SWEEP(RTM_NEWNEXTHOP, h, 15);
    SWEEP(RTM_NEWNEXTHOP, h, 6, NHA_RES_GROUP);
    SWEEP(RTM_NEWNEXTHOP, h, 5, NHA_RES_BUCKET);
    resvd.resvd = 3;
    resvd.nh_scope = 1;
    for (unsigned len = 1; len <= sizeof resvd; len++)
        one(RTM_GETNEXTHOP, NLM_F_REQUEST | NLM_F_DUMP, &resvd, len);
    SWEEP(RTM_GETDCB, dcb, 19);
    for (dcb.cmd = 0; dcb.cmd < 30; dcb.cmd++)
        one(RTM_SETDCB, NLM_F_REQUEST, &dcb, sizeof dcb);
    one(RTM_SETDCB, NLM_F_REQUEST, &dcb, 2);
    for (unsigned len = 1; len <= sizeof stats; len++)
        one(RTM_GETSTATS, NLM_F_REQUEST | NLM_F_DUMP, &stats, len);
    stats.pad1 = 1;
    stats.pad2 = 2;
    stats.filter_mask = 0x100;
    one(RTM_GETSTATS, NLM_F_REQUEST | NLM_F_DUMP, &stats, sizeof stats);
    size_t at = message(RTM_NEWSTATS, 0, &stats, sizeof stats);
    attr(IFLA_STATS_LINK_64, values, 200);
    attr(IFLA_STATS_LINK_64, values, 100);
    close_message(at);
    go();
}

static void sockets(void)
{
    static const unsigned char families[] = {AF_NETLINK, AF_PACKET, AF_VSOCK};
    struct inet_diag_msg in = {.idiag_family = AF_INET, .idiag_state = 10};
    struct unix_diag_msg un = {AF_UNIX, SOCK_STREAM, 1, 0, 4712, {1, 0}};
    unsigned char body[28] = {AF_NETLINK, SOCK_RAW, 4, 1, 5, [20] = 1}, address[256] = {AF_INET, 0, 0, 80, 127, 0, 0, 1};
    unsigned char packet[16] = {AF_PACKET, SOCK_RAW, 3, 0, 5}, zeros[60];
    size_t at;

    for (unsigned i = 0; i < sizeof families; i++)
        for (unsigned len = 1; len < 90; len += len < 30 ? 1 : 13) {
            values[0] = families[i];
            one(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, values, len);
            one(SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, values, len);
        }
    memset(zeros, 0, sizeof zeros);
    for (unsigned i = 0; i < 256; i += 15) {
        zeros[0] = AF_NETLINK;
        zeros[1] = (unsigned char)i;
        zeros[8] = 0x3f;
        one(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, zeros, 20);
        zeros[0] = AF_PACKET;
        one(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, zeros, 20);
    }
    values[0] = 1;
    SWEEP(SOCK_DIAG_BY_FAMILY, body, 7);
    SWEEP(SOCK_DIAG_BY_FAMILY, packet, 7);
    SWEEP(SOCK_DIAG_BY_FAMILY, un, 9);
    at = message(SOCK_DIAG_BY_FAMILY, 0, packet, sizeof packet);
    attr(0, "\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0\37\0\0", 24);
    attr(1, "\1\0\0\0\2\0\0\0\1\0\6\0abcdefgh", 20);
    memcpy(zeros, "\1\0\0\0\2\0\0\0\1\0\6\0abcdef", 18);
    attr(1, zeros, 44);
    attr(1, zeros, 59);
    close_message(at);
    go();
    SWEEP(SOCK_DIAG_BY_FAMILY, in, 24);
    SWEEP(SOCK_DIAG_BY_FAMILY, in, 5, INET_DIAG_ULP_INFO);
    SWEEP(SOCK_DIAG_BY_FAMILY, in, 8, INET_DIAG_ULP_INFO, INET_ULP_INFO_TLS);
    SWEEP(SOCK_DIAG_BY_FAMILY, in, 13, INET_DIAG_ULP_INFO, INET_ULP_INFO_MPTCP);
    SWEEP(SOCK_DIAG_BY_FAMILY, in, 3, INET_DIAG_SK_BPF_STORAGES);
    SWEEP(SOCK_DIAG_BY_FAMILY, in, 5, INET_DIAG_SK_BPF_STORAGES, 1);
    at = message(SOCK_DIAG_BY_FAMILY, 0, &in, sizeof in);
    attr(INET_DIAG_LOCALS, address, 128);
    attr(INET_DIAG_PEERS, address, 256);
    attr(INET_DIAG_PEERS, address, 120);
    attr(INET_DIAG_SKMEMINFO, values, 36);
    attr(INET_DIAG_SOCKOPT, "\5\2", 2);
    attr(INET_DIAG_SOCKOPT, "\0\200", 2);
    attr(INET_DIAG_SHUTDOWN, "\2", 1);
    attr(INET_DIAG_SHUTDOWN, "\3", 1);
    attr(INET_DIAG_SHUTDOWN, "\4", 1);
    attr(INET_DIAG_PROTOCOL, "\6", 1);
    close_message(at);
    go();
}

static void parts_of_netfilter(void)
{
    for (unsigned part = 0; part < 15; part++)
        for (unsigned type = 0; type < 30; type++)
            one(part << 8 | type, 0xf01, "\2\0\0\1", 4);
}

/* What udev tells those who listen, and what is almost that. */
static void devices(void)
{
    static const char header[] = "libudev\0\xfe\xed\xca\xfe(\0\0\0(\0\0\0\24\0\0\0\1\2\3\4\2\0\0\0\0\0\0\0\4\0\0";

    for (unsigned len = 38; len < 110; len += len < 42 ? 1 : 33) {
        bytes(header, sizeof header);
        bytes("ACTION=add\0DEVPATH=/devices/virtual/net/lo\0SUBSYSTEM=net\0SEQNUM=4711", 69);
        used = len;
        go();
    }
    bytes("add@/devices/x\0ACTION=add", 26);
    go();
}

int main(void)
{
    for (unsigned i = 0; i < sizeof values; i++)
        values[i] = (unsigned char)(i + 1);
    open_family(NETLINK_ROUTE);
    links();
    routes();
    open_family(NETLINK_SOCK_DIAG);
    sockets();
    open_family(NETLINK_NETFILTER);
    if (fd >= 0)
        parts_of_netfilter();
    open_family(NETLINK_KOBJECT_UEVENT);
    if (fd >= 0)
        devices();
    close(fd);
    return 0;
}
