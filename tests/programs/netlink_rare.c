/*
 * Netlink messages that only switches and their tools send: statistics of links beyond the usual ones, multicast groups of a bridge, the
 * filters of packet sockets and what there is to know of SMC sockets. Each attribute comes with values of several lengths.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/if_bonding.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/packet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/smc_diag.h>
#include <linux/sock_diag.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include "netlink.h"

static unsigned char values[400];

/* A message with the attributes `path` within each other, which ends in one of the type and with a value of each of the lengths. */
static void leaf(unsigned message_type, unsigned flags, const void *body, size_t size, const unsigned short *path, unsigned type,
                const size_t *lengths)
{
    for (; *lengths != 0xffff; lengths++) {
        size_t at = message(message_type, flags, body, size), opened[8], n = 0;

        for (; path[n] != 0xffff; n++)
            opened[n] = begin(path[n]);
        attr(type, values, *lengths);
        align();
        while (n > 0)
            end(opened[--n]);
        close_message(at);
        go();
    }
}

#define PATH(...) (const unsigned short[]){__VA_ARGS__ __VA_OPT__(,) 0xffff}
#define LENGTHS(...) (const size_t[]){__VA_ARGS__, 0xffff}

static void links(void)
{
    struct if_stats_msg stats = {.family = AF_BRIDGE, .ifindex = 1, .filter_mask = 3};

    for (unsigned slave = 0; slave < 2; slave++) {
        unsigned kind = slave ? IFLA_STATS_LINK_XSTATS_SLAVE : IFLA_STATS_LINK_XSTATS;

        for (unsigned type = 0; type < 5; type++)
            leaf(RTM_NEWSTATS, 0, &stats, sizeof stats, PATH(kind), type, LENGTHS(0, 2, 4, 9));
        for (unsigned type = 0; type < 7; type++)
            leaf(RTM_NEWSTATS, 0, &stats, sizeof stats, PATH(kind, LINK_XSTATS_TYPE_BRIDGE), type,
                LENGTHS(0, 3, 8, 32, 39, 40, 44, 48, 52, 239, 240, 248));
    }
    for (unsigned type = 0; type < 3; type++)
        leaf(RTM_NEWSTATS, 0, &stats, sizeof stats, PATH(IFLA_STATS_LINK_XSTATS, LINK_XSTATS_TYPE_BOND), type, LENGTHS(0, 2, 4, 9));
    for (unsigned type = 0; type < 12; type++)
        leaf(RTM_NEWSTATS, 0, &stats, sizeof stats, PATH(IFLA_STATS_LINK_XSTATS, LINK_XSTATS_TYPE_BOND, BOND_XSTATS_3AD), type,
             LENGTHS(0, 4, 8, 12));
    for (unsigned type = 0; type < 2; type++)
        leaf(RTM_NEWSTATS, 0, &stats, sizeof stats, PATH(IFLA_STATS_LINK_OFFLOAD_XSTATS), type,
            LENGTHS(0, 4, 8, 71, 72, 80, 184, 192, 200, 208));
    for (unsigned family = 0; family < 50; family++)
        leaf(RTM_NEWSTATS, 0, &stats, sizeof stats, PATH(IFLA_STATS_AF_SPEC), family, LENGTHS(4));
    for (unsigned type = 0; type < 4; type++)
        leaf(RTM_NEWSTATS, 0, &stats, sizeof stats, PATH(IFLA_STATS_AF_SPEC, AF_MPLS), type, LENGTHS(0, 4, 8, 63, 64, 72));
    leaf(94, 1, &stats, sizeof stats, PATH(1), 1, LENGTHS(4));
}

/* Each type there is, and some that there are not, with bodies of several lengths. */
static void types(void)
{
    static const struct tcamsg action = {.tca_family = AF_INET};
    static const struct nlattr last = {4, 2};

    for (unsigned type = 16; type < 126; type++)
        for (size_t n = 0; n <= 28; n += n < 4 ? 1 : 4) {
            unsigned char body[64] = {AF_INET};
            size_t at;

            for (size_t i = 1; i < n; i++)
                body[i] = (unsigned char)(i % 4 == 1);
            at = message(type, 0, body, n);
            align();
            bytes(&last, sizeof last);
            close_message(at);
            go();
        }
    for (unsigned type = 0; type < 12; type++)
        leaf(RTM_NEWACTION, 0, &action, sizeof action, PATH(), type, LENGTHS(0, 1, 4, 8, 12));
    for (unsigned type = 0; type < 6; type++) {
        leaf(RTM_NEWACTION, 0, &action, sizeof action, PATH(1), type, LENGTHS(0, 1, 4, 8, 12));
        leaf(RTM_NEWACTION, 0, &action, sizeof action, PATH(1, 1), type, LENGTHS(0, 1, 4, 8, 12));
    }
}

static void groups(void)
{
    struct br_port_msg port = {.family = AF_BRIDGE, .ifindex = 1};
    struct {
        struct br_mdb_entry entry;
        struct nlattr a;
        unsigned v;
    } e = {{.ifindex = 1, .state = MDB_PERMANENT, .flags = 3, .vid = 5}, {8, 1}, 1234};

    for (unsigned i = 0; i < 3; i++) {
        unsigned type = i == 0 ? RTM_NEWMDB : i == 1 ? RTM_DELMDB : RTM_GETMDB;

        for (unsigned t = 0; t < 5; t++)
            leaf(type, 0, &port, sizeof port, PATH(), t, LENGTHS(0, 2, 4, 8, 28));
    }
    leaf(RTM_NEWMDB, 0, &port, 4, PATH(), 1, LENGTHS(0));
    for (unsigned t = 0; t < 4; t++) {
        leaf(RTM_NEWMDB, 0, &port, sizeof port, PATH(MDBA_MDB), t, LENGTHS(0, 2, 4, 8, 28));
        leaf(RTM_NEWMDB, 0, &port, sizeof port, PATH(MDBA_ROUTER), t, LENGTHS(0, 2, 4, 6, 8, 12));
        leaf(RTM_NEWMDB, 0, &port, sizeof port, PATH(MDBA_MDB, MDBA_MDB_ENTRY), t, LENGTHS(0, 2, 4, 8, 27, 28, 29, 32, 40));
    }
    for (unsigned how = 0; how < 6; how++) {
        e.entry.addr.proto = htons(how == 0 ? 0x800 : how == 1 ? 0x86dd : how == 2 ? 0 : how == 3 ? 0x806 : 0x1234);
        e.entry.state = (unsigned char)how;
        e.entry.flags = (unsigned char)(how * 5);
        for (unsigned i = 0; i < 6; i++)
            e.entry.addr.u.mac_addr[i] = (unsigned char)(0x20 + i + how);
        e.entry.addr.u.ip6.s6_addr[15] = 1;
        for (unsigned type = 0; type < 8; type++) {
            size_t at, a, b, c;

            e.a.nla_type = (unsigned short)type;
            at = message(RTM_NEWMDB, 0, &port, sizeof port), a = begin(MDBA_MDB), b = begin(MDBA_MDB_ENTRY);
            attr(MDBA_MDB_ENTRY_INFO, &e, sizeof e);
            end(b), end(a);
            close_message(at);
            go();
            at = message(RTM_NEWMDB, 0, &port, sizeof port), a = begin(MDBA_ROUTER), b = begin(MDBA_ROUTER_PORT);
            number(0x1, 77);
            end(b), end(a);
            close_message(at);
            go();
            at = message(RTM_NEWMDB, 0, &port, sizeof port), a = begin(MDBA_ROUTER), b = begin(MDBA_ROUTER_PORT);
            bytes("\1\0\0\0", 4);
            c = begin(type == 5 ? 8 : type);
            bytes(values + how, 1 + 3 * (how % 3));
            end(c);
            align();
            end(b), end(a);
            close_message(at);
            go();
            at = message(RTM_NEWMDB, 0, &port, sizeof port), a = begin(MDBA_MDB), b = begin(MDBA_MDB_ENTRY), c = begin(MDBA_MDB_ENTRY_INFO);
            bytes(&e.entry, sizeof e.entry);
            attr(type, values, 1u << how);
            align();
            end(c), end(b), end(a);
            close_message(at);
            go();
        }
        leaf(RTM_NEWMDB, 1, &port, sizeof port, PATH(), 1, LENGTHS(sizeof e.entry));
    }
}

static void sockets(void)
{
    static const unsigned char packet[16] = {AF_PACKET, SOCK_RAW, 3};
    static const struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x800, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0xffff),
        BPF_STMT(BPF_RET | BPF_A, 0),           BPF_STMT(0x1234, 5),
    };
    struct smc_diag_req req = {.diag_family = AF_SMC, .diag_ext = 3, .id = {.idiag_sport = 0x1234, .idiag_src = {0x100007f}}};
    struct smc_diag_msg msg = {.diag_family = AF_SMC, .diag_state = 1, .diag_shutdown = 3, .diag_uid = 9, .diag_inode = 8};

    for (size_t n = 0; n <= sizeof program; n += n == 0 ? 1 : n == 1 ? 7 : 8) {
        size_t at = message(SOCK_DIAG_BY_FAMILY, 0, packet, sizeof packet);

        attr(PACKET_DIAG_FILTER, program, n);
        close_message(at);
        go();
    }
    for (unsigned code = 0; code < 0x400; code += 4) {
        struct sock_filter four[4];
        size_t at = message(SOCK_DIAG_BY_FAMILY, 0, packet, sizeof packet);

        for (unsigned i = 0; i < 4; i++)
            four[i] = (struct sock_filter){(unsigned short)(code & 0x100 ? (code + i) & 0xff : (code + i) | 0x1200 * (code > 0x200)),
                                           code & 0x100 ? 1 : 0, code & 0x100 ? (unsigned char)i : 0, i == 1 ? 0 : 0xfffff000 + code};
        attr(PACKET_DIAG_FILTER, four, sizeof four);
        close_message(at);
        go();
    }
    leaf(SOCK_DIAG_BY_FAMILY, 0, packet, sizeof packet, PATH(), PACKET_DIAG_FILTER, LENGTHS(9, 15, 17, 64));
    leaf(SOCK_DIAG_BY_FAMILY, 1, &req, sizeof req, PATH(), 1, LENGTHS(4));
    for (unsigned ext = 0; ext < 256; ext += ext < 40 ? 1 : 43) {
        req.diag_ext = (unsigned char)ext;
        one(SOCK_DIAG_BY_FAMILY, 1, &req, sizeof req);
    }
    for (size_t n = 1; n < sizeof req; n += 9) {
        one(SOCK_DIAG_BY_FAMILY, 1, &req, n);
        one(SOCK_DIAG_BY_FAMILY, 0, &msg, n);
    }
    for (unsigned i = 0; i < 30; i++) {
        msg.diag_state = (unsigned char)i;
        msg.diag_mode = (unsigned char)(i % 5);
        msg.diag_shutdown = (unsigned char)(i % 6);
        one(SOCK_DIAG_BY_FAMILY, 0, &msg, sizeof msg);
    }
    for (unsigned i = 0; i < 23 * 16; i++) {
        static const unsigned short high[] = {0x101, 0x201, 0x202, 0x300, 0x301, 0x302, 0x303, 0x304, 0x305, 0x306, 0x307, 0x308,
                                              0x309, 0x30a, 0x30b, 0x30c, 0x30d, 0x30e, 0x30f, 0x400, 0x500, 0x600, 0x999};
        unsigned reason[2] = {0, 5};
        size_t at;

        reason[0] = (unsigned)high[i / 16] << 16 | i % 16;
        at = message(SOCK_DIAG_BY_FAMILY, 0, &msg, sizeof msg);
        attr(SMC_DIAG_FALLBACK, reason, sizeof reason);
        close_message(at);
        go();
    }
    for (unsigned type = 0; type < 8; type++)
        leaf(SOCK_DIAG_BY_FAMILY, 0, &msg, sizeof msg, PATH(), type,
            LENGTHS(0, 1, 3, 4, 7, 8, 12, 39, 40, 44, 75, 76, 80, 146, 147, 148, 160));
}

int main(void)
{
    for (unsigned i = 0; i < sizeof values; i++)
        values[i] = (unsigned char)(i % 4 == 0 ? 1 + i / 4 : i % 16 == 1 ? 7 : 0);
    open_family(NETLINK_ROUTE);
    links();
    types();
    groups();
    open_family(NETLINK_SOCK_DIAG);
    sockets();
    return 0;
}
