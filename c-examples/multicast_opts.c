/*
 * multicast_opts - joining groups, and receiving what is sent to one, on lo.
 *
 * Membership belongs to a device; here the loopback device, so nothing leaves
 * the machine. With IP_MULTICAST_LOOP a sender's own host gets the datagram too.
 *
 * Shows: IP_ADD_MEMBERSHIP by ip_mreq and ip_mreqn, MCAST_JOIN_GROUP, source
 * filters and the functions for them, IP_MULTICAST_IF, _TTL, _LOOP; the IPv6
 * counterparts where there is IPv6.
 * See: ip(7), ipv6(7), setsourcefilter(3)
 * Run: build/multicast_opts
 */
#include "example.h"

#include <net/if.h>
#include <sys/ioctl.h>

static void result(const char *what, int value)
{
    printf("%s: %s\n", what, value == -1 ? errno_name(errno) : "done");
}

static void ipv4(void)
{
    struct ip_mreqn on_lo = { .imr_address = { htonl(INADDR_LOOPBACK) } };
    struct ip_mreq by_address;
    struct ip_mreq_source source;
    struct group_req group;
    struct sockaddr_in address, group_address = loopback(0), from_address = loopback(0);
    struct in_addr device;
    socklen_t length = sizeof device;
    const unsigned char ttl = 3;
    const int off = 0, on = 1;
    char buffer[64];
    ssize_t n;
    int fd = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0)), sender = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));

    address = loopback(0);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    MUST(bind(fd, as_sockaddr(&address), sizeof address));
    length = sizeof address;
    MUST(getsockname(fd, as_sockaddr(&address), &length));

    on_lo.imr_ifindex = (int)if_nametoindex("lo");
    MUST(inet_pton(AF_INET, "239.1.2.3", &on_lo.imr_multiaddr));
    result("IP_ADD_MEMBERSHIP 239.1.2.3", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &on_lo, sizeof on_lo));
    result("IP_ADD_MEMBERSHIP again", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &on_lo, sizeof on_lo));
    by_address.imr_interface = on_lo.imr_address;
    by_address.imr_multiaddr.s_addr = htonl(0x0a000001); /* 10.0.0.1 is no group */
    result("IP_ADD_MEMBERSHIP 10.0.0.1", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &by_address, sizeof by_address));
    result("IP_ADD_MEMBERSHIP, cut short", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &by_address, 4));

    MUST(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, &on_lo, sizeof on_lo));
    length = sizeof device;
    MUST(getsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, &device, &length));
    printf("IP_MULTICAST_IF: %s\n", inet_ntoa(device));
    MUST(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl));
    MUST(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof on));
    MUST(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off)); /* only groups this socket joined */

    address.sin_addr = on_lo.imr_multiaddr;
    CHECK(sendto(sender, "to the group", 12, 0, as_sockaddr(&address), sizeof address) == 12);
    wait_readable(fd);
    n = MUST(recv(fd, buffer, sizeof buffer, 0));
    printf("received \"%.*s\"\n", (int)n, buffer);

    result("IP_DROP_MEMBERSHIP", setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &on_lo, sizeof on_lo));
    result("IP_DROP_MEMBERSHIP again", setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &on_lo, sizeof on_lo));

    source.imr_multiaddr = on_lo.imr_multiaddr;
    source.imr_interface = on_lo.imr_address;
    source.imr_sourceaddr = on_lo.imr_address;
    result("IP_ADD_SOURCE_MEMBERSHIP", setsockopt(fd, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &source, sizeof source));
    result("IP_DROP_SOURCE_MEMBERSHIP", setsockopt(fd, IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, &source, sizeof source));

    memset(&group, 0, sizeof group);
    group.gr_interface = (uint32_t)on_lo.imr_ifindex;
    group_address.sin_addr = on_lo.imr_multiaddr;
    memcpy(&group.gr_group, &group_address, sizeof group_address);
    result("MCAST_JOIN_GROUP", setsockopt(fd, IPPROTO_IP, MCAST_JOIN_GROUP, &group, sizeof group));
    {
        struct in_addr sources[4], block = { htonl(0x7f000002) };
        struct sockaddr_storage blocked[4];
        uint32_t mode = 99, count = 1;

        result("setipv4sourcefilter",
               setipv4sourcefilter(fd, on_lo.imr_address, on_lo.imr_multiaddr, MCAST_EXCLUDE, 1, &block));
        memset(sources, 0, sizeof sources);
        count = 4;
        result("getipv4sourcefilter",
               getipv4sourcefilter(fd, on_lo.imr_address, on_lo.imr_multiaddr, &mode, &count, sources));
        printf("  mode %s, %u source, %s\n", mode == MCAST_EXCLUDE ? "exclude" : "include", count, inet_ntoa(sources[0]));
        memset(blocked, 0, sizeof blocked);
        from_address.sin_addr.s_addr = htonl(0x7f000003);
        memcpy(&blocked[0], &from_address, sizeof from_address);
        result("setsourcefilter", setsourcefilter(fd, group.gr_interface, as_sockaddr(&group_address),
                                                  sizeof group_address, MCAST_EXCLUDE, 1, blocked));
        count = 4;
        result("getsourcefilter", getsourcefilter(fd, group.gr_interface, as_sockaddr(&group_address),
                                                  sizeof group_address, &mode, &count, blocked));
        printf("  mode %s, %u source\n", mode == MCAST_EXCLUDE ? "exclude" : "include", count);
    }
    result("MCAST_LEAVE_GROUP", setsockopt(fd, IPPROTO_IP, MCAST_LEAVE_GROUP, &group, sizeof group));
    MUST(close(fd));
    MUST(close(sender));
}

static void ipv6(void)
{
    struct ipv6_mreq group;
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET6, SOCK_DGRAM, 0), index = (int)if_nametoindex("lo"), value = 0;
    char buffer[64];
    ssize_t n;

    if (fd == -1 || bind(fd, as_sockaddr(&address), sizeof address) == -1) {
        printf("no IPv6 here\n");
        return;
    }
    MUST(getsockname(fd, as_sockaddr(&address), &length));
    memset(&group, 0, sizeof group);
    MUST(inet_pton(AF_INET6, "ff01::1234", &group.ipv6mr_multiaddr)); /* interface-local */
    group.ipv6mr_interface = (unsigned)index;
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group, sizeof group) == -1) {
        printf("no IPv6 on lo\n");
        MUST(close(fd));
        return;
    }
    printf("IPV6_ADD_MEMBERSHIP ff01::1234: done\n");
    MUST(setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index));
    length = sizeof value;
    MUST(getsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &value, &length));
    printf("IPV6_MULTICAST_IF is lo: %s\n", value == index ? "yes" : "no");
    address.sin6_addr = group.ipv6mr_multiaddr;
    address.sin6_scope_id = (uint32_t)index;
    if (sendto(fd, "to the six", 10, 0, as_sockaddr(&address), sizeof address) == -1) {
        printf("sendto ff01::1234: %s\n", errno_name(errno));
    } else {
        wait_readable(fd);
        n = MUST(recv(fd, buffer, sizeof buffer, 0));
        printf("received \"%.*s\"\n", (int)n, buffer);
    }
    result("IPV6_DROP_MEMBERSHIP", setsockopt(fd, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &group, sizeof group));
    MUST(close(fd));
}

int main(void)
{
    example_start();
    ipv4();
    ipv6();
    return 0;
}
