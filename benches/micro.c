/* More socket calls in loops, and a client for a server that speaks memcached's protocol. As driver.c.

   micro udp N BLOCKS      ns of one send or recv of 64 bytes between two connected UDP sockets
   micro accept N BLOCKS   ns of a connection over TCP: socket, connect, accept, close, close
   micro epoll N BLOCKS    ns of a wakeup with 1000 sockets in an epoll set: send, epoll_wait, recv
   micro bulk N BLOCKS     ns of 64 KiB through a socketpair: send and as many recvs as it takes
   micro ask PORT N BLOCKS ns of a `get` and its answer

   Every loop runs in one thread: what is measured is calls, not the scheduler. */
#define _GNU_SOURCE
#include "measure.h"

#include <sys/epoll.h>
#include <sys/resource.h>

#define WATCHED 1000

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port) };
    return a;
}

static int bound(int type, struct sockaddr_in *at)
{
    socklen_t n = sizeof *at;
    int fd = socket(AF_INET, type, 0);
    *at = loopback(0);
    if (fd < 0 || bind(fd, (struct sockaddr *)at, n) != 0 || getsockname(fd, (struct sockaddr *)at, &n) != 0)
        die("bind");
    return fd;
}

static double datagrams(int *fd, long n)
{
    double t = now();
    for (long i = 0; i < n; i++)
        if (send(fd[0], buffer, 64, 0) != 64 || recv(fd[1], buffer, 64, 0) != 64)
            die("udp");
    return (now() - t) / (2 * n);
}

static int udp(char **arg)
{
    struct sockaddr_in at[2];
    int fd[2] = { bound(SOCK_DGRAM, &at[0]), bound(SOCK_DGRAM, &at[1]) };
    for (int i = 0; i < 2; i++)
        if (connect(fd[i], (struct sockaddr *)&at[!i], sizeof at[0]) != 0)
            die("connect");
    return blocks_of(datagrams, fd, arg - 1);
}

static struct sockaddr_in listening;

static double connections(int *listener, long n)
{
    double t = now();
    for (long i = 0; i < n; i++) {
        int c = socket(AF_INET, SOCK_STREAM, 0), s;
        if (c < 0 || connect(c, (struct sockaddr *)&listening, sizeof listening) != 0 ||
            (s = accept(*listener, NULL, NULL)) < 0)
            die("accept");
        /* No TIME_WAIT: a minute of these would use up the ports. */
        struct linger now = { 1, 0 };
        setsockopt(c, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(c);
        close(s);
    }
    return (now() - t) / n;
}

static int accepts(char **arg)
{
    int fd = bound(SOCK_STREAM, &listening);
    if (listen(fd, 16) != 0)
        die("listen");
    return blocks_of(connections, &fd, arg - 1);
}

static int peer[WATCHED];

static double wakeups(int *set, long n)
{
    double t = now();
    for (long i = 0; i < n; i++) {
        struct epoll_event e;
        if (send(peer[i * 7 % WATCHED], buffer, 64, 0) != 64 || epoll_wait(*set, &e, 1, -1) != 1 ||
            recv(e.data.fd, buffer, 64, 0) != 64)
            die("epoll");
    }
    return (now() - t) / n;
}

static int epolls(char **arg)
{
    struct rlimit files;
    int set = epoll_create1(0), sv[2];
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (int i = 0; i < WATCHED; i++) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) != 0)
            die("socketpair");
        struct epoll_event e = { .events = EPOLLIN, .data.fd = sv[1] };
        if (epoll_ctl(set, EPOLL_CTL_ADD, sv[1], &e) != 0)
            die("epoll_ctl");
        peer[i] = sv[0];
    }
    return blocks_of(wakeups, &set, arg - 1);
}

static double bulks(int *sv, long n)
{
    double t = now();
    for (long i = 0; i < n; i++) {
        if (send(sv[0], buffer, sizeof buffer, 0) != sizeof buffer)
            die("bulk");
        for (size_t got = 0; got < sizeof buffer;) {
            ssize_t r = recv(sv[1], buffer, sizeof buffer, 0);
            if (r <= 0)
                die("bulk");
            got += r;
        }
    }
    return (now() - t) / n;
}

static int bulk(char **arg)
{
    int sv[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) != 0)
        die("socketpair");
    return blocks_of(bulks, sv, arg - 1);
}

static double gets(int *fd, long n)
{
    double t = now();
    for (long i = 0; i < n; i++) {
        char answer[256];
        size_t got = 0;
        if (send(*fd, "get k\r\n", 7, 0) != 7)
            die("get");
        while (got < 5 || memcmp(answer + got - 5, "END\r\n", 5) != 0) {
            ssize_t r = recv(*fd, answer + got, sizeof answer - got, 0);
            if (r <= 0)
                die("answer");
            got += r;
        }
    }
    return (now() - t) / n;
}

static int ask(char **arg)
{
    struct sockaddr_in at = loopback(atoi(arg[0]));
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer[8];
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (send(fd, "set k 0 0 5\r\nhello\r\n", 20, 0) != 20 || recv(fd, answer, 8, MSG_WAITALL) != 8)
        die("set");
    return blocks_of(gets, &fd, arg);
}

int main(int argc, char **argv)
{
    static const struct one all[] = {
        { "udp", 2, udp }, { "accept", 2, accepts }, { "epoll", 2, epolls }, { "bulk", 2, bulk }, { "ask", 3, ask },
    };
    return run_one(all, sizeof all / sizeof *all, argc, argv, "micro.c");
}
