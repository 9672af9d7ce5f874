/*
 * Netlink messages put together piece by piece, sent to the sender itself, so that the kernel does nothing with them, and received
 * again.
 */
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static unsigned char buffer[4096];
static size_t used, attribute;
static int fd;
static struct sockaddr_nl own;

static void bytes(const void *b, size_t n)
{
    memcpy(buffer + used, b, n);
    used += n;
}

static void align(void)
{
    while (used % 4 != 0)
        buffer[used++] = 0;
}

static size_t begin(size_t type)
{
    struct nlattr a = {0, (unsigned short)type};

    align();
    bytes(&a, sizeof a);
    return used - sizeof a;
}

static void end(size_t at)
{
    ((struct nlattr *)(void *)(buffer + at))->nla_len = (unsigned short)(used - at);
}

static void attr(size_t type, const void *b, size_t n)
{
    attribute = begin(type);
    bytes(b, n);
    end(attribute);
}

static void number(size_t type, unsigned v)
{
    attr(type, &v, sizeof v);
}

static void text(size_t type, const char *s)
{
    attr(type, s, strlen(s) + 1);
}

static size_t message(unsigned type, unsigned flags, const void *body, size_t n)
{
    struct nlmsghdr h = {0, (unsigned short)type, (unsigned short)flags, 7, 0};

    align();
    bytes(&h, sizeof h);
    bytes(body, n);
    return used - n - sizeof h;
}

static void close_message(size_t at)
{
    ((struct nlmsghdr *)(void *)(buffer + at))->nlmsg_len = (unsigned)(used - at);
}

/* Sends what was put together, and takes it back if it came. */
static void go(void)
{
    static unsigned char in[4096];
    struct iovec part[2] = {{in, 24}, {in + 24, sizeof in - 24}};
    struct sockaddr_nl from;
    struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = part, .msg_iovlen = 2};
    socklen_t len = sizeof own;

    sendto(fd, buffer, used, 0, (void *)&own, len);
    recvfrom(fd, in, sizeof in, MSG_DONTWAIT, (void *)&own, &len);
    part[0].iov_base = buffer;
    part[0].iov_len = used;
    m.msg_name = &own;
    m.msg_iovlen = 1;
    sendmsg(fd, &m, 0);
    part[0].iov_base = in;
    part[0].iov_len = 24;
    m.msg_name = &from;
    m.msg_iovlen = 2;
    recvmsg(fd, &m, MSG_DONTWAIT);
    connect(fd, (void *)&own, len);
    send(fd, buffer, used, 0);
    recv(fd, in, sizeof in, MSG_DONTWAIT);
    from = (struct sockaddr_nl){.nl_family = AF_UNSPEC};
    connect(fd, (void *)&from, sizeof from);
    used = 0;
}

static void one(unsigned type, unsigned flags, const void *body, size_t n)
{
    close_message(message(type, flags, body, n));
    go();
}

static void open_family(int family)
{
    socklen_t len = sizeof own;

    if (fd > 0)
        close(fd);
    fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
    own = (struct sockaddr_nl){.nl_family = AF_NETLINK};
    bind(fd, (void *)&own, sizeof own);
    getsockname(fd, (void *)&own, &len);
}
