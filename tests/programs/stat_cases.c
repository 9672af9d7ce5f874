/* Situations whose statistics are known. The first argument says which; what there is to compare is printed.
   kids         four children write and read 10, 20, 30 and 40 times and end by exit, _exit, SIGKILL and abort
   leave        as one of those, without children: _exit
   late MS      a nonblocking connect that is polled for MS milliseconds later: nanoseconds up to the poll's return
   late-epoll MS  the same by epoll; the first call on the socket comes at once after it
   drops        datagrams that found no room: how many were sent, and how many of those could be received
   shared       a socket used through a copy and by a child: 10 + 20 + 30 messages
   talk PORT OUT IN  a connection to 127.0.0.1 that sends OUT bytes and receives IN, then waits for a line on stdin
   lookup PORT  the same to localhost by name, 1 byte each way
   names        lookups that need no network: for each what it was of, its result and the first address it gave; at the end the
                nanoseconds that all of them took
   open N       N sockets, in several processes, held until a line comes on stdin */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void must(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "stat_cases: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void wait_for_line(void)
{
    char line[16];
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        exit(1);
}

static void some(int rounds)
{
    int sv[2];
    char b[8];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0, "socketpair");
    for (int i = 0; i < rounds; i++)
        must(write(sv[0], "12345678", 8) == 8 && read(sv[1], b, 8) == 8, "to and fro");
}

static int kids(void)
{
    for (int i = 1; i <= 4; i++) {
        pid_t pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
            some(10 * i);
            if (i == 1)
                exit(0);
            if (i == 2)
                _exit(0);
            signal(SIGABRT, SIG_DFL);
            raise(i == 3 ? SIGKILL : SIGABRT);
        }
        waitpid(pid, NULL, 0);
    }
    return 0;
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
    };
}

static int listener(struct sockaddr_in *a)
{
    socklen_t n = sizeof *a;
    int l = socket(AF_INET, SOCK_STREAM, 0);
    *a = loopback(0);
    must(bind(l, (struct sockaddr *)a, n) == 0 && listen(l, 5) == 0, "listen");
    must(getsockname(l, (struct sockaddr *)a, &n) == 0, "getsockname");
    return l;
}

static int late(int ms, int by_epoll)
{
    struct sockaddr_in a;
    int l = listener(&a), s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    long long before = now();
    must(connect(s, (struct sockaddr *)&a, sizeof a) == -1 && errno == EINPROGRESS, "connect");
    usleep(ms * 1000);
    if (by_epoll) {
        struct epoll_event e = { .events = EPOLLOUT };
        int ep = epoll_create1(0);
        must(epoll_ctl(ep, EPOLL_CTL_ADD, s, &e) == 0 && epoll_wait(ep, &e, 1, 10000) == 1, "epoll");
        must(send(s, "x", 1, 0) == 1, "send");
    } else {
        struct pollfd p = { s, POLLOUT, 0 };
        must(poll(&p, 1, 10000) == 1 && p.revents == POLLOUT, "poll");
    }
    printf("%lld\n", now() - before);
    close(s);
    close(l);
    return 0;
}

static int drops(void)
{
    struct sockaddr_in a = loopback(0);
    socklen_t n = sizeof a;
    int small = 4096, sent = 0, got = 0;
    int r = socket(AF_INET, SOCK_DGRAM, 0), s = socket(AF_INET, SOCK_DGRAM, 0);
    char b[1000] = { 0 };
    must(setsockopt(r, SOL_SOCKET, SO_RCVBUF, &small, sizeof small) == 0, "SO_RCVBUF");
    must(bind(r, (struct sockaddr *)&a, n) == 0 && getsockname(r, (struct sockaddr *)&a, &n) == 0, "bind");
    for (; sent < 100; sent++)
        must(sendto(s, b, sizeof b, 0, (struct sockaddr *)&a, n) == sizeof b, "sendto");
    while (recv(r, b, sizeof b, MSG_DONTWAIT) == sizeof b)
        got++;
    printf("%d %d\n", sent, got);
    close(r);
    close(s);
    return 0;
}

static int shared(void)
{
    int sv[2], status, copy;
    char b;
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0 && (copy = dup(sv[0])) >= 0, "socketpair");
    pid_t pid = fork();
    must(pid >= 0, "fork");
    for (int i = 0; pid == 0 && i < 30; i++)
        must(send(sv[0], "c", 1, 0) == 1, "send");
    if (pid == 0)
        exit(0);
    for (int i = 0; i < 10; i++)
        must(send(sv[0], "a", 1, 0) == 1, "send");
    for (int i = 0; i < 20; i++)
        must(send(copy, "b", 1, 0) == 1, "send");
    must(waitpid(pid, &status, 0) == pid && status == 0, "child");
    for (int i = 0; i < 60; i++)
        must(recv(sv[1], &b, 1, 0) == 1, "recv");
    close(sv[0]);
    close(sv[1]);
    close(copy);
    return 0;
}

static void exchange(int s, long out, long in)
{
    static char b[65536];
    while (out > 0) {
        ssize_t n = send(s, b, out < (long)sizeof b ? (size_t)out : sizeof b, 0);
        must(n > 0, "send");
        out -= n;
    }
    shutdown(s, SHUT_WR);
    while (in > 0) {
        ssize_t n = recv(s, b, in < (long)sizeof b ? (size_t)in : sizeof b, 0);
        must(n > 0, "recv");
        in -= n;
    }
}

static int talk(int port, long out, long in)
{
    struct sockaddr_in a = loopback(port);
    socklen_t n = sizeof a;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(s, (struct sockaddr *)&a, n) == 0 && getsockname(s, (struct sockaddr *)&a, &n) == 0, "connect");
    exchange(s, out, in);
    printf("%d\n", ntohs(a.sin_port));
    wait_for_line();
    close(s);
    return 0;
}

static int lookup(const char *port)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *list;
    must(getaddrinfo("localhost", port, &hints, &list) == 0, "getaddrinfo");
    int s = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(s, list->ai_addr, list->ai_addrlen) == 0, "connect");
    exchange(s, 1, 1);
    close(s);
    freeaddrinfo(list);
    return 0;
}

static void find(const char *name, const char *service, int flags)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = flags }, *list = NULL;
    char text[INET_ADDRSTRLEN] = "-";
    int r = getaddrinfo(name, service, &hints, &list);
    if (r == 0) {
        inet_ntop(AF_INET, &((struct sockaddr_in *)list->ai_addr)->sin_addr, text, sizeof text);
        freeaddrinfo(list);
    }
    const char *error = r == 0 ? "-" : r == EAI_NONAME ? "EAI_NONAME" : r == EAI_SERVICE ? "EAI_SERVICE" : "another";
    printf("%s %s %s\n", name, error, text);
}

static int names(void)
{
    struct sockaddr_in a = loopback(80);
    char host[64];
    long long before = now();
    for (int i = 0; i < 5; i++)
        find("localhost", "80", 0);
    for (int i = 0; i < 2; i++)
        find("192.0.2.7", NULL, AI_NUMERICHOST);
    /* The name of no host, and the flag keeps the resolver from asking for it. */
    for (int i = 0; i < 3; i++)
        find("name.invalid", NULL, AI_NUMERICHOST);
    /* An answer, then an error. */
    find("127.0.0.1", "80", 0);
    find("127.0.0.1", "no-such-service", AI_NUMERICSERV);
    must(getnameinfo((struct sockaddr *)&a, sizeof a, host, sizeof host, NULL, 0, NI_NUMERICHOST) == 0, "getnameinfo");
    printf("%lld\n", now() - before);
    return 0;
}

/* As many processes as their limit of descriptors makes necessary. */
static int hold(long count)
{
    int ready[2], go[2];
    char b = 0;
    struct rlimit l;
    must(getrlimit(RLIMIT_NOFILE, &l) == 0, "RLIMIT_NOFILE");
    l.rlim_cur = l.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &l) == 0 && pipe(ready) == 0 && pipe(go) == 0, "RLIMIT_NOFILE and pipes");
    long each = l.rlim_max < 10100 ? (long)l.rlim_max - 100 : 10000, kids = 0;
    for (long left = count; left > 0; left -= each, kids++) {
        pid_t pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
            close(go[1]);
            for (long i = 0; i < each && i < left; i++)
                must(socket(AF_UNIX, SOCK_DGRAM, 0) >= 0, "socket");
            must(write(ready[1], &b, 1) == 1 && read(go[0], &b, 1) == 0, "to wait");
            _exit(0);
        }
    }
    for (long i = 0; i < kids; i++)
        must(read(ready[0], &b, 1) == 1, "a child");
    printf("open\n");
    wait_for_line();
    close(go[1]);
    while (wait(NULL) > 0)
        ;
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const char *value = argc > 2 ? argv[2] : "";
    if (strcmp(what, "kids") == 0)
        return kids();
    if (strcmp(what, "leave") == 0) {
        some(5);
        _exit(0);
    }
    if (strcmp(what, "late") == 0 || strcmp(what, "late-epoll") == 0)
        return late(atoi(value), what[4] != 0);
    if (strcmp(what, "drops") == 0)
        return drops();
    if (strcmp(what, "shared") == 0)
        return shared();
    if (strcmp(what, "talk") == 0 && argc > 4)
        return talk(atoi(value), atol(argv[3]), atol(argv[4]));
    if (strcmp(what, "lookup") == 0)
        return lookup(value);
    if (strcmp(what, "names") == 0)
        return names();
    if (strcmp(what, "open") == 0)
        return hold(atol(value));
    fprintf(stderr, "stat_cases: what?\n");
    return 2;
}
