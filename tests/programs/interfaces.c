/* Network interfaces in addresses, options and control messages, all by their numbers. Nothing here needs to succeed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static int u, six;

static void address(const char *text, unsigned scope)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_scope_id = scope};

    inet_pton(AF_INET6, text, &a.sin6_addr);
    bind(u, (void *)&a, sizeof a);
}

static void control(int fd, int level, int type, const void *data, size_t n)
{
    _Alignas(struct cmsghdr) char room[64] = "";
    struct iovec part = {room, 0};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = CMSG_SPACE(n)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(n);
    memcpy(CMSG_DATA(c), data, n);
    sendmsg(fd, &m, 0);
}

int main(void)
{
    static const int numbers[] = {1, 0, 999999, -1};
    const int one = 1;

    u = socket(AF_INET, SOCK_DGRAM, 0);
    six = socket(AF_INET6, SOCK_DGRAM, 0);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const int n = numbers[i];
        struct sockaddr_ll ll = {.sll_family = AF_PACKET, .sll_ifindex = n};
        struct sockaddr_xdp xdp = {.sxdp_family = AF_XDP, .sxdp_ifindex = (unsigned)n};
        struct ipv6_mreq m6 = {.ipv6mr_interface = (unsigned)n};
        struct group_req group = {.gr_interface = (unsigned)n};
        struct packet_mreq packet = {.mr_ifindex = n};
        struct in_pktinfo info = {.ipi_ifindex = n};

        bind(u, (void *)&ll, sizeof ll);
        bind(u, (void *)&xdp, sizeof xdp);
        address("::1", (unsigned)n);
        address("fe80::1", (unsigned)n);
        address("febf::1", (unsigned)n);
        address("fec0::1", (unsigned)n);
        address("ff01::1", (unsigned)n);
        address("ff02::1", (unsigned)n);
        address("ff12::1", (unsigned)n);
        setsockopt(six, SOL_IPV6, IPV6_ADD_MEMBERSHIP, &m6, sizeof m6);
        memset(&group.gr_group, 0, sizeof group.gr_group);
        group.gr_group.ss_family = AF_INET;
        setsockopt(u, SOL_IP, MCAST_JOIN_GROUP, &group, sizeof group);
        setsockopt(u, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &packet, sizeof packet);
        control(u, SOL_IP, IP_PKTINFO, &info, sizeof info);
    }
    setsockopt(u, SOL_SOCKET, SO_BINDTOIFINDEX, &one, sizeof one);
    setsockopt(six, SOL_IPV6, IPV6_MULTICAST_IF, &one, sizeof one);
    return 0;
}
