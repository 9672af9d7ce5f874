/*
 * sockopts_tour - socket options, got and set, at each level.
 *
 * For each option: its value on a fresh socket, whether it could be set, and
 * its value then. The kernel is free to round or double (SO_SNDBUF); some need
 * privilege (SO_DEBUG, SO_MARK), some cannot be set at all (SO_TYPE).
 *
 * Shows: the classic options of SOL_SOCKET, then IPPROTO_IP, IPPROTO_IPV6 and
 * IPPROTO_TCP; options that are structures, strings or byte-sized; socket filters.
 * See: socket(7), ip(7), ipv6(7), tcp(7), getsockopt(2)
 * Run: build/sockopts_tour
 */
#include "example.h"

#include <linux/filter.h>

enum kind { TCP4, UDP4, TCP6, UDP6, UNIX, KINDS };

struct option {
    const char *text;
    enum kind on;
    int level, name, set_to;
};

#define OPTION(on, level, name, value) { #name, on, level, name, value }

static const struct option options[] = {
    OPTION(TCP4, SOL_SOCKET, SO_TYPE, 1),
    OPTION(TCP4, SOL_SOCKET, SO_DOMAIN, 1),
    OPTION(TCP4, SOL_SOCKET, SO_PROTOCOL, 1),
    OPTION(TCP4, SOL_SOCKET, SO_ACCEPTCONN, 1),
    OPTION(TCP4, SOL_SOCKET, SO_ERROR, 1),
    OPTION(TCP4, SOL_SOCKET, SO_DEBUG, 1),
    OPTION(TCP4, SOL_SOCKET, SO_REUSEADDR, 1),
    OPTION(TCP4, SOL_SOCKET, SO_REUSEPORT, 1),
    OPTION(TCP4, SOL_SOCKET, SO_KEEPALIVE, 1),
    OPTION(TCP4, SOL_SOCKET, SO_DONTROUTE, 1),
    OPTION(UDP4, SOL_SOCKET, SO_BROADCAST, 1),
    OPTION(TCP4, SOL_SOCKET, SO_OOBINLINE, 1),
    OPTION(TCP4, SOL_SOCKET, SO_SNDBUF, 32768),
    OPTION(TCP4, SOL_SOCKET, SO_RCVBUF, 32768),
    OPTION(UDP4, SOL_SOCKET, SO_SNDBUF, 1),
    OPTION(UDP4, SOL_SOCKET, SO_RCVBUF, 1),
    OPTION(TCP4, SOL_SOCKET, SO_RCVLOWAT, 100),
    OPTION(TCP4, SOL_SOCKET, SO_SNDLOWAT, 100),
    OPTION(UDP4, SOL_SOCKET, SO_PRIORITY, 5),
    OPTION(UDP4, SOL_SOCKET, SO_MARK, 7),
    OPTION(UDP4, SOL_SOCKET, SO_TIMESTAMP, 1),
    OPTION(UDP4, SOL_SOCKET, SO_TIMESTAMPNS, 1),
    OPTION(UDP4, SOL_SOCKET, SO_RXQ_OVFL, 1),
    OPTION(UNIX, SOL_SOCKET, SO_PASSCRED, 1),
    OPTION(UNIX, SOL_SOCKET, SO_PASSSEC, 1),
    OPTION(UNIX, SOL_SOCKET, SO_PEEK_OFF, 3),
    OPTION(TCP4, IPPROTO_IP, IP_TOS, 0x10),
    OPTION(TCP4, IPPROTO_IP, IP_TTL, 7),
    OPTION(TCP4, IPPROTO_IP, IP_TTL, 0),
    OPTION(TCP4, IPPROTO_IP, IP_TTL, -1),
    OPTION(TCP4, IPPROTO_IP, IP_MINTTL, 3),
    OPTION(UDP4, IPPROTO_IP, IP_PKTINFO, 1),
    OPTION(UDP4, IPPROTO_IP, IP_RECVTTL, 1),
    OPTION(UDP4, IPPROTO_IP, IP_RECVTOS, 1),
    OPTION(UDP4, IPPROTO_IP, IP_RECVERR, 1),
    OPTION(UDP4, IPPROTO_IP, IP_FREEBIND, 1),
    OPTION(UDP4, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO),
    OPTION(UDP4, IPPROTO_IP, IP_MTU, 1500),
    OPTION(UDP4, IPPROTO_IP, IP_MULTICAST_TTL, 3),
    OPTION(UDP4, IPPROTO_IP, IP_MULTICAST_LOOP, 0),
    OPTION(UDP4, IPPROTO_IP, IP_TRANSPARENT, 1),
    OPTION(TCP6, IPPROTO_IPV6, IPV6_V6ONLY, 1),
    OPTION(TCP6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9),
    OPTION(TCP6, IPPROTO_IPV6, IPV6_TCLASS, 0x20),
    OPTION(TCP6, IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET),
    OPTION(UDP6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 4),
    OPTION(UDP6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0),
    OPTION(UDP6, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1),
    OPTION(UDP6, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1),
    OPTION(UDP6, IPPROTO_IPV6, IPV6_DONTFRAG, 1),
    OPTION(TCP4, IPPROTO_TCP, TCP_NODELAY, 1),
    OPTION(TCP4, IPPROTO_TCP, TCP_MAXSEG, 500),
    OPTION(TCP4, IPPROTO_TCP, TCP_MAXSEG, 5),
    OPTION(TCP4, IPPROTO_TCP, TCP_CORK, 1),
    OPTION(TCP4, IPPROTO_TCP, TCP_KEEPIDLE, 30),
    OPTION(TCP4, IPPROTO_TCP, TCP_KEEPINTVL, 5),
    OPTION(TCP4, IPPROTO_TCP, TCP_KEEPCNT, 3),
    OPTION(TCP4, IPPROTO_TCP, TCP_SYNCNT, 2),
    OPTION(TCP4, IPPROTO_TCP, TCP_LINGER2, 10),
    OPTION(TCP4, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1),
    OPTION(TCP4, IPPROTO_TCP, TCP_WINDOW_CLAMP, 20000),
    OPTION(TCP4, IPPROTO_TCP, TCP_QUICKACK, 0),
    OPTION(TCP4, IPPROTO_TCP, TCP_USER_TIMEOUT, 1500),
    OPTION(TCP4, IPPROTO_TCP, TCP_FASTOPEN, 5),
    OPTION(TCP4, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 4096),
    OPTION(TCP4, SOL_SOCKET, 9999, 1),
    OPTION(TCP4, 9999, SO_TYPE, 1),
    OPTION(UDP4, IPPROTO_TCP, TCP_NODELAY, 1),
};

static int make(enum kind kind)
{
    static const int how[KINDS][2] = {
        { AF_INET, SOCK_STREAM }, { AF_INET, SOCK_DGRAM },  { AF_INET6, SOCK_STREAM },
        { AF_INET6, SOCK_DGRAM }, { AF_UNIX, SOCK_STREAM },
    };

    return socket(how[kind][0], how[kind][1], 0);
}

static void print_value(int fd, const struct option *option)
{
    int value = 0;
    socklen_t length = sizeof value;

    if (getsockopt(fd, option->level, option->name, &value, &length) == -1)
        printf(" %s", errno_name(errno));
    else
        printf(" %d", value);
}

static void tour(void)
{
    static const char *const kinds[KINDS] = { "tcp", "udp", "tcp6", "udp6", "unix" };

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const struct option *option = &options[i];
        int fd = make(option->on);

        printf("%-4s %-20s", kinds[option->on], option->text);
        if (fd == -1) { /* a machine without IPv6 */
            printf(" %s\n", errno_name(errno));
            continue;
        }
        print_value(fd, option);
        if (setsockopt(fd, option->level, option->name, &option->set_to, sizeof option->set_to) == -1)
            printf(", set to %d: %s", option->set_to, errno_name(errno));
        else
            printf(", set to %d:", option->set_to);
        print_value(fd, option);
        printf("\n");
        MUST(close(fd));
    }
}

/* Options whose value is not an int. */
static void structures(void)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 7 };
    struct timeval limit = { .tv_sec = 1, .tv_usec = 500000 };
    char text[32] = { 0 };
    unsigned char byte = 77;
    struct ucred who;
    struct tcp_info info;
    struct sock_filter keep_all[] = { BPF_STMT(BPF_RET | BPF_K, 0xffff) };
    struct sock_fprog program = { .len = 1, .filter = keep_all };
    socklen_t length;
    int pair[2], fd = make(TCP4), udp = make(UDP4);

    MUST(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    memset(&linger, 0, sizeof linger);
    length = sizeof linger;
    MUST(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length));
    printf("SO_LINGER: on %d, %d s, %u bytes\n", linger.l_onoff, linger.l_linger, length);

    MUST(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    MUST(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    memset(&limit, 0, sizeof limit);
    length = sizeof limit;
    MUST(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &length));
    printf("SO_RCVTIMEO: %ld.%06ld s, %u bytes\n", (long)limit.tv_sec, (long)limit.tv_usec, length);
    limit.tv_usec = 1000000;
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1);
    printf("SO_RCVTIMEO with too many microseconds: %s\n", errno_name(errno));

    length = sizeof text;
    MUST(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, text, &length));
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, text, (socklen_t)strlen(text)) == 0);
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "no such thing", 13) == -1);
    printf("TCP_CONGESTION: %.*s; an unknown one: %s\n", (int)length, text, errno_name(errno));

    if (setsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == -1) {
        printf("SO_BINDTODEVICE: %s\n", errno_name(errno));
    } else {
        memset(text, 0, sizeof text);
        length = sizeof text;
        MUST(getsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, text, &length));
        printf("SO_BINDTODEVICE: \"%s\", %u bytes\n", text, length);
    }

    /* Some IP options may be given and asked as one byte. */
    MUST(setsockopt(udp, IPPROTO_IP, IP_TTL, &byte, sizeof byte));
    byte = 0;
    length = sizeof byte;
    MUST(getsockopt(udp, IPPROTO_IP, IP_TTL, &byte, &length));
    printf("IP_TTL as one byte: %u, %u bytes\n", byte, length);
    length = 2;
    memset(text, 'z', sizeof text);
    MUST(getsockopt(udp, SOL_SOCKET, SO_TYPE, text, &length));
    printf("SO_TYPE asked with two bytes: %u bytes, the third is '%c'\n", length, text[2]);

    MUST(setsockopt(udp, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
    MUST(setsockopt(udp, SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 }, sizeof(int)));
    CHECK(setsockopt(udp, SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 }, sizeof(int)) == -1);
    printf("SO_DETACH_FILTER without one: %s\n", errno_name(errno));
    MUST(close(udp));
    MUST(close(fd));

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    length = sizeof who;
    MUST(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &who, &length));
    printf("SO_PEERCRED: pid is ours: %s, %u bytes\n", who.pid == getpid() ? "yes" : "no", length);
    MUST(close(pair[0]));
    MUST(close(pair[1]));

    tcp_pair(pair);
    length = sizeof info;
    memset(&info, 0, sizeof info);
    MUST(getsockopt(pair[0], IPPROTO_TCP, TCP_INFO, &info, &length));
    printf("TCP_INFO: state %d (TCP_ESTABLISHED is %d)\n", info.tcpi_state, TCP_ESTABLISHED);
    length = 1;
    MUST(getsockopt(pair[0], IPPROTO_TCP, TCP_INFO, &info, &length));
    printf("TCP_INFO asked with one byte: %u bytes\n", length);
    MUST(close(pair[0]));
    MUST(close(pair[1]));
}

int main(void)
{
    example_start();
    tour();
    structures();
    return 0;
}
