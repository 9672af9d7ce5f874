/*
 * Netlink messages of many kinds, sent to the sender itself, so that the kernel does nothing with them, and received again; then
 * the addresses of this machine, and an error. What is sent is what the kernel would send, and what it never would.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "netlink.h"

static size_t outer;

static void headers(void)
{
    static const unsigned types[] = {0, NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE, NLMSG_OVERRUN, 15, RTM_NEWLINK, RTM_DELROUTE, RTM_GETNEIGH,
                                     RTM_SETLINK, RTM_NEWNSID, 200, 0x8000};
    struct nlmsgerr e = {-22, {16, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 9, 0}};
    unsigned zero = 0;

    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        one(types[i], 0, "", 0);
        one(types[i], 0x1f3f, "abcdefgh", 8);
    }
    one(NLMSG_DONE, NLM_F_MULTI, &zero, sizeof zero);
    one(NLMSG_ERROR, 0, &e, sizeof e);
    one(NLMSG_ERROR, 0, &e, 10);
    e.error = 0;
    size_t at = message(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, &e, sizeof e);
    text(NLMSGERR_ATTR_MSG, "what is wrong");
    number(NLMSGERR_ATTR_OFFS, 12);
    close_message(at);
    go();
    /* Several, and what is none. */
    for (int i = 0; i < 40; i++)
        close_message(message(RTM_GETLINK, NLM_F_REQUEST, "", 0));
    bytes("abc", 3);
    go();
    bytes("abc", 3);
    go();
    for (unsigned len = 0; len < 100; len += 9) {
        at = message(RTM_GETLINK, NLM_F_REQUEST, "abcdefgh", 8);
        ((struct nlmsghdr *)(void *)(buffer + at))->nlmsg_len = len;
        go();
    }
}

static void links(void)
{
    struct ifinfomsg link = {.ifi_type = ARPHRD_LOOPBACK, .ifi_index = 1, .ifi_flags = 0x10049, .ifi_change = ~0u};
    struct rtnl_link_stats64 stats;
    unsigned conf[40];
    size_t at;

    for (unsigned i = 0; i < sizeof stats; i++)
        ((unsigned char *)&stats)[i] = (unsigned char)i;
    for (unsigned i = 0; i < 40; i++)
        conf[i] = i;
    for (unsigned n = 1; n <= sizeof link; n += 5)
        one(RTM_NEWLINK, NLM_F_MULTI, &link, n);
    at = message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
    text(IFLA_IFNAME, "lo");
    attr(IFLA_IFNAME, "no end", 6);
    attr(IFLA_ADDRESS, "\1\2\3\4\5\377", 6);
    attr(IFLA_ADDRESS, conf, sizeof conf);
    number(IFLA_MTU, 65536);
    attr(IFLA_MTU, "ab", 2);
    attr(IFLA_MTU, "", 0);
    number(IFLA_OPERSTATE, 6);
    number(IFLA_EXT_MASK, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS | 0x100);
    attr(IFLA_STATS64, &stats, 192);
    attr(IFLA_STATS64, &stats, 100);
    attr(IFLA_STATS, &stats, 96);
    attr(IFLA_MAP, &stats, sizeof(struct rtnl_link_ifmap));
    number(0x3000, 5);
    number(IFLA_GROUP | NLA_F_NET_BYTEORDER, 5);
    close_message(at);
    go();
    at = message(RTM_NEWLINK, 0, &link, sizeof link);
    outer = begin(IFLA_LINKINFO | NLA_F_NESTED);
    text(IFLA_INFO_KIND, "dummy");
    attr(IFLA_INFO_DATA, "abcd", 4);
    end(outer);
    outer = begin(IFLA_AF_SPEC);
    size_t inner = begin(AF_INET);
    attr(IFLA_INET_CONF, conf, 128);
    end(inner);
    inner = begin(AF_INET6);
    number(IFLA_INET6_FLAGS, 0x80000000);
    attr(IFLA_INET6_CONF, conf, sizeof conf);
    attr(IFLA_INET6_CACHEINFO, conf, 16);
    attr(IFLA_INET6_TOKEN, conf, 16);
    attr(IFLA_INET6_ADDR_GEN_MODE, "", 1);
    end(inner);
    end(outer);
    outer = begin(IFLA_PROP_LIST);
    text(IFLA_ALT_IFNAME, "other");
    end(outer);
    close_message(at);
    go();
    /* More than are shown, and lengths that lie. */
    at = message(RTM_NEWLINK, 0, &link, sizeof link);
    for (unsigned i = 0; i < 40; i++)
        number(IFLA_MTU, i);
    close_message(at);
    go();
    for (unsigned len = 0; len < 60; len += 7) {
        at = message(RTM_NEWLINK, 0, &link, sizeof link);
        text(IFLA_IFNAME, "lo");
        text(IFLA_QDISC, "noqueue");
        ((struct nlattr *)(void *)(buffer + attribute))->nla_len = (unsigned short)len;
        bytes("abcdef", 6);
        close_message(at);
        go();
    }
}

static void routes(void)
{
    static const unsigned char address[16] = {127, 0, 0, 1, [15] = 1};
    struct ifaddrmsg a = {AF_INET, 8, 0x80, 254, 1};
    struct rtmsg r = {AF_INET, 24, 0, 0x10, 254, 2, 253, 1, 0x200};
    struct ndmsg n = {.ndm_family = AF_INET6, .ndm_ifindex = 1, .ndm_state = 0x82, .ndm_flags = 0x88, .ndm_type = 2};
    struct rtgenmsg g = {AF_INET};
    struct tcmsg t = {.tcm_ifindex = 1, .tcm_parent = ~0u};
    unsigned values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    size_t at;

    for (int v6 = 0; v6 < 2; v6++) {
        a.ifa_family = r.rtm_family = v6 ? AF_INET6 : AF_INET;
        for (unsigned char k = 1; k < 13; k++) {
            at = message(RTM_NEWADDR, 0, &a, sizeof a);
            attr(k, address, 16);
            attr(k, address, 4);
            close_message(at);
            go();
        }
        for (unsigned char k = 1; k < 31; k++) {
            if (k == RTA_METRICS || k == RTA_MULTIPATH)
                continue;
            at = message(RTM_NEWROUTE, 0, &r, sizeof r);
            attr(k, values, 4);
            attr(k, address, 16);
            close_message(at);
            go();
        }
    }
    at = message(RTM_NEWROUTE, 0, &r, sizeof r);
    outer = begin(RTA_METRICS);
    number(RTAX_MTU, 1500);
    text(RTAX_CC_ALGO, "cubic");
    end(outer);
    attr(RTA_CACHEINFO, values, sizeof values);
    attr(RTA_VIA, "\2\0\177\0\0\1", 6);
    close_message(at);
    go();
    for (unsigned char k = 1; k < 17; k++) {
        if (k == NDA_PROTOCOL)
            continue;
        at = message(RTM_NEWNEIGH, NLM_F_REPLACE, &n, sizeof n);
        attr(k, address, 16);
        attr(k, values, 4);
        close_message(at);
        go();
    }
    at = message(RTM_NEWQDISC, 0, &t, sizeof t);
    text(TCA_KIND, "pfifo_fast");
    attr(TCA_OPTIONS, values, 20);
    outer = begin(TCA_STATS2);
    attr(1, values, 16);
    attr(3, values, 20);
    end(outer);
    attr(TCA_STATS, values, 32);
    close_message(at);
    go();
    static const unsigned types[] = {RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH, RTM_GETRULE, RTM_GETQDISC, RTM_GETNSID,
                                     RTM_GETNETCONF, RTM_GETADDRLABEL, RTM_GETNEIGHTBL, RTM_GETMDB};
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        unsigned char zeros[32] = {AF_INET6};

        one(types[i], NLM_F_REQUEST | NLM_F_DUMP, &g, sizeof g);
        one(types[i], NLM_F_REQUEST | NLM_F_ATOMIC, zeros, sizeof zeros);
    }
}

static void diag(void)
{
    struct inet_diag_req_v2 in = {.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP, .idiag_ext = 3, .idiag_states = 0x480};
    struct inet_diag_msg msg = {.idiag_family = AF_INET, .idiag_state = 10, .idiag_inode = 4711};
    struct unix_diag_req un = {.sdiag_family = AF_UNIX, .udiag_states = 0x402, .udiag_show = 0x15, .udiag_ino = 12};
    struct unix_diag_msg local = {AF_UNIX, SOCK_STREAM, 1, 0, 4712, {1, 0}};
    unsigned values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    size_t at;

    for (int v6 = 0; v6 < 2; v6++) {
        in.sdiag_family = msg.idiag_family = v6 ? AF_INET6 : AF_INET;
        in.id.idiag_dport = msg.id.idiag_sport = htons(80);
        in.id.idiag_src[0] = msg.id.idiag_dst[0] = htonl(0x7f000001);
        one(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, &in, sizeof in);
        at = message(SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, &msg, sizeof msg);
        attr(INET_DIAG_SHUTDOWN, "", 1);
        attr(INET_DIAG_MEMINFO, values, 16);
        text(INET_DIAG_CONG, "cubic");
        number(INET_DIAG_MARK, 5);
        close_message(at);
        go();
    }
    one(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, &un, sizeof un);
    at = message(SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, &local, sizeof local);
    number(UNIX_DIAG_PEER, 4713);
    attr(UNIX_DIAG_RQLEN, values, 8);
    close_message(at);
    go();
    one(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, "\x11zzzz", 5);
}

/* The kernel's own answers. */
static void asked(void)
{
    static unsigned char in[16384];
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct ifaddrmsg a = {.ifa_family = AF_INET};

    close_message(message(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, &a, sizeof a));
    sendto(fd, buffer, used, 0, (void *)&kernel, sizeof kernel);
    used = 0;
    recvfrom(fd, in, sizeof in, 0, NULL, NULL);
    recvfrom(fd, in, sizeof in, 0, NULL, NULL);
    close_message(message(999, NLM_F_REQUEST | NLM_F_ACK, &a, sizeof a));
    sendto(fd, buffer, used, 0, (void *)&kernel, sizeof kernel);
    recvfrom(fd, in, sizeof in, 0, NULL, NULL);
    used = 0;
}

/* What is read and written strace shows as bytes. */
static void streams(void)
{
    unsigned char in[64];
    struct iovec part = {buffer, 0};

    connect(fd, (void *)&own, sizeof own);
    close_message(message(RTM_GETADDR, NLM_F_REQUEST, "\2\0\0\0", 4));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    part.iov_len = used;
    for (int i = 0; i < 2; i++) {
        if (writev(fd, &part, 1) < 0 || write(fd, buffer, used) < 0)
            break;
        part = (struct iovec){in, sizeof in};
        if (readv(fd, &part, 1) < 0 || read(fd, in, sizeof in) < 0)
            break;
        part = (struct iovec){buffer, used};
    }
    used = 0;
}

int main(void)
{
    static const int plain[] = {NETLINK_XFRM, NETLINK_SELINUX, NETLINK_AUDIT, NETLINK_KOBJECT_UEVENT};

    open_family(NETLINK_ROUTE);
    headers();
    links();
    routes();
    asked();
    open_family(NETLINK_SOCK_DIAG);
    diag();
    for (unsigned i = 0; i < sizeof plain / sizeof *plain; i++) {
        open_family(plain[i]);
        if (fd < 0)
            continue;
        for (unsigned type = 14; type < 24; type++)
            one(type, 0x701, "abcdefgh", 8);
        one(1000, 1, "", 0);
    }
    open_family(NETLINK_ROUTE);
    streams();
    close(fd);
    return 0;
}
