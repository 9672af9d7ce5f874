/* Calls whose arguments a log must show: strange ones ("calls"), name lookups ("lookups"), and calls that block for good. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static struct sockaddr *any(void *p)
{
    return p;
}

/* Descriptors 3 to 9 and one above 64 are open here. */
static void calls(void)
{
    int u = socket(AF_INET, SOCK_DGRAM, 0), sv[2], one = 1, tos;
    struct timeval tv;
    fd_set r, w, x;
    char buf[64];
    struct iovec iov[2] = {{buf, 3}, {buf + 8, 5}};

    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sv);
    /* Sets of more than 64 descriptors. */
    int high = fcntl(sv[1], F_DUPFD, 100);
    for (int n = 8; n <= 1024; n *= 2) {
        FD_ZERO(&r);
        FD_ZERO(&w);
        FD_ZERO(&x);
        FD_SET(sv[0], &r);
        FD_SET(sv[1], &w);
        FD_SET(sv[0], &x);
        if (n > high)
            FD_SET(high, &w);
        tv.tv_sec = 0, tv.tv_usec = 0;
        select(n, &r, &w, &x, &tv);
    }
    /* Lengths and values that are none. */
    socklen_t len = 40;
    getsockopt(u, SOL_SOCKET, SO_BINDTODEVICE, NULL, &len);
    setsockopt(u, SOL_IP, IP_TOS, buf, 0);
    for (tos = 2; tos <= 16; tos *= 2)
        setsockopt(u, SOL_IP, IP_TOS, &tos, sizeof tos);
    len = 4;
    getsockopt(u, SOL_IP, 0, &one, &len);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    bind(u, any(&in), -1);
    connect(u, any(&in), -1);
    sendto(u, "x", 1, 0, any(&in), -1);
    struct sockaddr_nl nl = {.nl_family = AF_NETLINK, .nl_pad = 0x1234, .nl_pid = 5, .nl_groups = 6};
    int k = socket(AF_NETLINK, SOCK_RAW, 0);
    bind(k, any(&nl), sizeof nl);
    socket(AF_AX25, SOCK_RAW, 1);
    socket(AF_AX25, SOCK_RAW, 0);
    for (int protocol = -1; protocol < 9; protocol++)
        socket(AF_IRDA, SOCK_SEQPACKET, protocol);
    for (len = 1; len <= 4; len++)
        setsockopt(u, SOL_RAW, 1, "\1\2\3", len);
    socket(AF_UNIX, 0, 0);
    socket(AF_UNIX, 7 | SOCK_CLOEXEC, 0);
    socket(AF_UNIX, 64, 0);
    socket(AF_INET, -1, 0);
    socket(AF_UNIX, SOCK_STREAM, -1);
    fcntl(u, F_DUPFD, 0x7fff12345678ul);
    /* Addresses of families nobody has. */
    char other[40] = {0};
    other[0] = AF_AX25;
    bind(u, any(other), 16);
    bind(u, any(other), 20);
    memcpy(other + 2, "\x82\x84\x86\x62\x64\x40\x06", 7);
    bind(u, any(other), 16);
    bind(u, any(other), 23);
    memset(other, 0, sizeof other);
    other[0] = AF_IPX;
    bind(u, any(other), 16);
    other[0] = AF_RXRPC;
    bind(u, any(other), 36);
    other[8] = AF_INET;
    bind(u, any(other), 36);
    other[6] = 16, other[2] = 1;
    bind(u, any(other), 36);
    /* Nothing there. */
    readv(sv[0], iov, 2);
    struct mmsghdr mm = {.msg_hdr = {.msg_iov = iov, .msg_iovlen = 2}};
    struct timespec ts = {1, 0};
    recvmmsg(sv[0], &mm, 1, MSG_DONTWAIT, &ts);
    /* Control messages. */
    char control[CMSG_SPACE(40)] = {0};
    struct cmsghdr *c = (void *)control;
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof control};
    memset(buf, 'a', sizeof buf);
    c->cmsg_level = SOL_IP, c->cmsg_type = IP_TTL, c->cmsg_len = CMSG_LEN(40);
    sendmsg(u, &m, 0);
    c->cmsg_type = IP_TOS, c->cmsg_len = CMSG_LEN(4);
    sendmsg(u, &m, 0);
    c->cmsg_type = 0, c->cmsg_len = CMSG_LEN(0);
    sendmsg(u, &m, 0);
    c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = 0;
    sendmsg(u, &m, 0);
    send(sv[0], buf, 40, 0);
    send(sv[0], buf, 0, 0);
    send(sv[0], buf, 2, 0);
    recv(sv[1], buf, 40, 0);
    recv(sv[1], buf, 40, 0);
    recv(sv[1], buf, 40, 0);
}

static void lookups(void)
{
    char buf[2000];
    struct hostent h, *result;
    struct in_addr a = {htonl(INADDR_LOOPBACK)};
    struct timeval tv = {0, -3};
    int e, sv[2];
    fd_set r;

    gethostbyname("localhost");
    gethostbyname("nosuch.invalid");
    gethostbyaddr(&a, sizeof a, AF_INET);
    gethostbyname_r("localhost", &h, buf, sizeof buf, &result, &e);
    gethostbyname_r("localhost", &h, buf, 2, &result, &e);
    if_freenameindex(if_nameindex());
    socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
    FD_ZERO(&r);
    FD_SET(sv[0], &r);
    select(5, &r, NULL, NULL, &tv);
    tv.tv_sec = -1, tv.tv_usec = 1;
    select(5, &r, NULL, NULL, &tv);
}

static char big[1 << 22];

static int block(const char *how)
{
    int sv[2], l = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof in;
    struct timeval tv = {100, 500000};
    struct timespec ts = {100, 500000000};
    fd_set r;

    socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
    memset(big, 'q', sizeof big);
    struct iovec iov = {big, sizeof big};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    struct mmsghdr mm = {.msg_hdr = m};
    struct pollfd p = {sv[0], POLLIN, 0};
    FD_ZERO(&r);
    FD_SET(sv[0], &r);
    if (strcmp(how, "connect") == 0) {
        bind(l, any(&in), sizeof in);
        listen(l, 0);
        getsockname(l, any(&in), &len);
        /* One more than the queue holds. */
        connect(socket(AF_INET, SOCK_STREAM, 0), any(&in), sizeof in);
    }
    printf("%d\n", (int)getpid());
    fflush(stdout);
    if (strcmp(how, "connect") == 0)
        return connect(socket(AF_INET, SOCK_STREAM, 0), any(&in), sizeof in);
    if (strcmp(how, "send") == 0)
        return (int)send(sv[0], big, sizeof big, 0);
    if (strcmp(how, "write") == 0)
        return (int)write(sv[0], big, sizeof big);
    if (strcmp(how, "writev") == 0)
        return (int)writev(sv[0], &iov, 1);
    if (strcmp(how, "sendmsg") == 0)
        return (int)sendmsg(sv[0], &m, 0);
    if (strcmp(how, "sendmmsg") == 0)
        return sendmmsg(sv[0], &mm, 1, 0);
    if (strcmp(how, "poll") == 0)
        return poll(&p, 1, -1);
    if (strcmp(how, "ppoll") == 0)
        return ppoll(&p, 1, &ts, NULL);
    if (strcmp(how, "select") == 0)
        return select(sv[0] + 1, &r, NULL, NULL, &tv);
    return select(FD_SETSIZE, &r, NULL, NULL, &tv);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "calls";

    if (strcmp(what, "calls") == 0)
        calls();
    else if (strcmp(what, "lookups") == 0)
        lookups();
    else
        return block(what) < 0;
    return 0;
}
