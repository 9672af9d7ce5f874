/*
 * netlink_dump - asking the kernel for its network devices and addresses.
 *
 * Netlink is a protocol of messages with a header and attributes, over a
 * datagram socket. A dump is answered by many messages, up to NLMSG_DONE.
 *
 * Shows: AF_NETLINK, sockaddr_nl, sendmsg, recvmsg, MSG_TRUNC to learn a size,
 * NETLINK_EXT_ACK, and an error answered by NLMSG_ERROR.
 * See: netlink(7), rtnetlink(7)
 * Run: build/netlink_dump
 */
#include "example.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

static void request(int fd, uint16_t type, uint16_t flags, unsigned char family, uint32_t sequence)
{
    struct {
        struct nlmsghdr header;
        struct rtgenmsg body;
    } message;
    struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

    memset(&message, 0, sizeof message);
    message.header.nlmsg_len = NLMSG_LENGTH(sizeof message.body);
    message.header.nlmsg_type = type;
    message.header.nlmsg_flags = NLM_F_REQUEST | flags;
    message.header.nlmsg_seq = sequence;
    message.body.rtgen_family = family;
    CHECK(sendto(fd, &message, message.header.nlmsg_len, 0, as_sockaddr(&kernel), sizeof kernel) ==
          (ssize_t)message.header.nlmsg_len);
}

/* Receive one packet of messages into new memory, however long it is. */
static char *receive(int fd, size_t *length)
{
    struct sockaddr_nl from;
    struct iovec part = { NULL, 0 };
    struct msghdr message = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1 };
    ssize_t size = MUST(recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC));

    part.iov_len = (size_t)size;
    part.iov_base = malloc(part.iov_len);
    CHECK(part.iov_base != NULL);
    *length = (size_t)MUST(recvmsg(fd, &message, 0));
    CHECK(from.nl_pid == 0); /* from the kernel, nobody else */
    return part.iov_base;
}

/* Does this message's attribute hold that string? */
static bool names_lo(struct rtattr *attribute, int left, unsigned short type)
{
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
        if (attribute->rta_type == type && strcmp(RTA_DATA(attribute), "lo") == 0)
            return true;
    return false;
}

static void dump(int fd, uint16_t type, const char *what, uint32_t sequence)
{
    int found = 0;
    bool done = false;

    request(fd, type, NLM_F_DUMP, type == RTM_GETADDR ? AF_INET : AF_UNSPEC, sequence);
    while (!done) {
        size_t length;
        char *packet = receive(fd, &length);
        unsigned left = (unsigned)length;

        for (struct nlmsghdr *header = (struct nlmsghdr *)(void *)packet; NLMSG_OK(header, left);
             header = NLMSG_NEXT(header, left)) {
            CHECK(header->nlmsg_seq == sequence);
            CHECK(header->nlmsg_type != NLMSG_ERROR);
            if (header->nlmsg_type == NLMSG_DONE) {
                done = true;
            } else if (header->nlmsg_type == RTM_NEWLINK) {
                struct ifinfomsg *link = NLMSG_DATA(header);

                if (names_lo(IFLA_RTA(link), (int)IFLA_PAYLOAD(header), IFLA_IFNAME))
                    found += (link->ifi_flags & IFF_LOOPBACK) != 0;
            } else if (header->nlmsg_type == RTM_NEWADDR) {
                struct ifaddrmsg *address = NLMSG_DATA(header);

                found += names_lo(IFA_RTA(address), (int)IFA_PAYLOAD(header), IFA_LABEL) && address->ifa_prefixlen == 8;
            }
        }
        free(packet);
    }
    printf("%s: lo is found: %s\n", what, found > 0 ? "yes" : "no");
}

int main(void)
{
    struct sockaddr_nl own = { .nl_family = AF_NETLINK };
    socklen_t length = sizeof own;
    const int on = 1;
    size_t size;
    char *packet;
    struct nlmsghdr *header;
    struct nlmsgerr *error;
    int fd;

    example_start();
    fd = MUST_INT(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    MUST(bind(fd, as_sockaddr(&own), sizeof own));
    MUST(getsockname(fd, as_sockaddr(&own), &length));
    printf("bound, the kernel has chosen an address: %s, of %u bytes\n", own.nl_pid != 0 ? "yes" : "no", length);
    MUST(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on));

    dump(fd, RTM_GETLINK, "links", 1);
    dump(fd, RTM_GETADDR, "IPv4 addresses", 2);

    /* No such message type: the answer is an error, not a failed send. */
    request(fd, 999, NLM_F_ACK, AF_UNSPEC, 3);
    packet = receive(fd, &size);
    header = (struct nlmsghdr *)(void *)packet;
    CHECK(size >= NLMSG_LENGTH(sizeof *error) && header->nlmsg_type == NLMSG_ERROR);
    error = NLMSG_DATA(header);
    printf("an unknown request: %s\n", errno_name(-error->error));
    free(packet);
    MUST(close(fd));
    return 0;
}
