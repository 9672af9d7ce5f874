/* Makes calls whose numbers are known, and prints them at the end: "CALL COUNT ERRORS IN OUT" a line, then
   "ERRNO CALL NAME COUNT". Threads, fork, vfork with exec, dup, SCM_RIGHTS, numbers used again at once, short transfers,
   errors, and a signal handler that makes calls of its own in the middle of all that.
   With the argument "child": a few calls more, in an image of its own. "killed": some of it, then SIGKILL. "short N": N
   sockets made and closed. "tcp": an exchange over TCP, and what TCP_INFO says of it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 500, SHARED = 500, REUSED = 1000, UNDER_SIGNALS = 20000 };

struct row {
    const char *call;
    long count, errors, in, out;
};

static struct row rows[] = {
    { "socket", 0, 0, 0, 0 },  { "socketpair", 0, 0, 0, 0 }, { "send", 0, 0, 0, 0 },    { "recv", 0, 0, 0, 0 },
    { "read", 0, 0, 0, 0 },    { "write", 0, 0, 0, 0 },      { "sendmsg", 0, 0, 0, 0 }, { "recvmsg", 0, 0, 0, 0 },
    { "close", 0, 0, 0, 0 },   { "dup", 0, 0, 0, 0 },        { "bind", 0, 0, 0, 0 },    { "connect", 0, 0, 0, 0 },
    { "getsockname", 0, 0, 0, 0 }, { "shutdown", 0, 0, 0, 0 },
};

static void expect(const char *call, long count, long errors, long in, long out)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].call, call) == 0) {
            rows[i].count += count;
            rows[i].errors += errors;
            rows[i].in += in;
            rows[i].out += out;
            return;
        }
    abort();
}

static void must(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "known_calls: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static void pair(int sv[2])
{
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0, "socketpair");
}

static void *to_and_fro(void *unused)
{
    int sv[2];
    char b[64] = { 0 };
    pair(sv);
    for (int i = 0; i < ROUNDS; i++) {
        must(send(sv[0], b, 64, 0) == 64, "send");
        must(recv(sv[1], b, 64, 0) == 64, "recv");
    }
    close(sv[0]);
    close(sv[1]);
    return unused;
}

static int common[2];

static void *shares(void *unused)
{
    for (int i = 0; i < SHARED; i++)
        must(send(common[0], "x", 1, 0) == 1, "send");
    return unused;
}

static void *reuses(void *unused)
{
    for (int i = 0; i < REUSED; i++) {
        int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
        must(fd >= 0, "socket");
        close(fd);
    }
    return unused;
}

static void threads(void)
{
    pthread_t t[2 * THREADS + 2];
    char b;
    for (int i = 0; i < THREADS; i++)
        must(pthread_create(&t[i], NULL, to_and_fro, NULL) == 0, "pthread_create");
    pair(common);
    for (int i = 0; i < THREADS; i++)
        must(pthread_create(&t[THREADS + i], NULL, shares, NULL) == 0, "pthread_create");
    for (int i = 0; i < 2; i++)
        must(pthread_create(&t[2 * THREADS + i], NULL, reuses, NULL) == 0, "pthread_create");
    for (int i = 0; i < THREADS * SHARED; i++)
        must(recv(common[1], &b, 1, 0) == 1, "recv");
    for (int i = 0; i < 2 * THREADS + 2; i++)
        pthread_join(t[i], NULL);
    close(common[0]);
    close(common[1]);
    expect("socketpair", THREADS + 1, 0, 0, 0);
    expect("send", THREADS * ROUNDS, 0, 0, 64L * THREADS * ROUNDS);
    expect("recv", THREADS * ROUNDS, 0, 64L * THREADS * ROUNDS, 0);
    expect("send", THREADS * SHARED, 0, 0, THREADS * SHARED);
    expect("recv", THREADS * SHARED, 0, THREADS * SHARED, 0);
    expect("socket", 2 * REUSED, 0, 0, 0);
    expect("close", 2 * THREADS + 2 + 2 * REUSED, 0, 0, 0);
}

static void forks(void)
{
    int sv[2], status;
    char b[10];
    pair(sv);
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) {
        for (int i = 0; i < 100; i++)
            must(write(sv[0], "0123456789", 10) == 10, "write");
        close(sv[0]);
        _exit(0);
    }
    close(sv[0]);
    for (int i = 0; i < 100; i++)
        must(recv(sv[1], b, 10, MSG_WAITALL) == 10, "recv");
    must(read(sv[1], b, 10) == 0, "end");
    must(waitpid(pid, &status, 0) == pid && status == 0, "child");
    close(sv[1]);
    expect("socketpair", 1, 0, 0, 0);
    expect("write", 100, 0, 0, 1000);
    expect("recv", 100, 0, 1000, 0);
    expect("read", 1, 0, 0, 0);
    expect("close", 3, 0, 0, 0);
}

/* In the image of its own. */
static int child(void)
{
    int sv[2];
    char b[7];
    pair(sv);
    for (int i = 0; i < 10; i++) {
        must(write(sv[0], "1234567", 7) == 7, "write");
        must(read(sv[1], b, 7) == 7, "read");
    }
    close(sv[0]);
    close(sv[1]);
    return 0;
}

static void vforks(char *self)
{
    int status, s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(s >= 0, "socket");
    pid_t pid = vfork();
    must(pid >= 0, "vfork");
    if (pid == 0) {
        close(s);
        execl(self, self, "child", (char *)NULL);
        _exit(1);
    }
    must(waitpid(pid, &status, 0) == pid && status == 0, "the program after vfork");
    close(s);
    expect("socket", 1, 0, 0, 0);
    expect("socketpair", 1, 0, 0, 0);
    expect("write", 10, 0, 0, 70);
    expect("read", 10, 0, 70, 0);
    expect("close", 4, 0, 0, 0);
}

static void copies(void)
{
    int sv[2], two;
    char b[64];
    pair(sv);
    must((two = dup(sv[0])) >= 0, "dup");
    for (int i = 0; i < 5; i++) {
        must(send(two, "ab", 2, 0) == 2 && send(sv[0], "cd", 2, 0) == 2, "send");
        must(recv(sv[1], b, 4, MSG_WAITALL) == 4, "recv");
    }
    close(two);

    /* One end is handed to ourselves. */
    int carried[2], got;
    char space[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec v[2] = { { "hel", 3 }, { "lo", 2 } };
    struct msghdr m = { .msg_iov = v, .msg_iovlen = 2, .msg_control = space, .msg_controllen = sizeof space };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    pair(carried);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &sv[0], sizeof(int));
    must(sendmsg(carried[0], &m, 0) == 5, "sendmsg");
    memset(space, 0, sizeof space);
    struct iovec w = { b, sizeof b };
    m.msg_iov = &w;
    m.msg_iovlen = 1;
    must(recvmsg(carried[1], &m, 0) == 5, "recvmsg");
    c = CMSG_FIRSTHDR(&m);
    must(c != NULL, "the descriptor");
    memcpy(&got, CMSG_DATA(c), sizeof got);
    must(write(got, "passed", 6) == 6 && read(sv[1], b, 6) == 6, "through what was passed");
    close(got);
    close(carried[0]);
    close(carried[1]);
    close(sv[0]);
    close(sv[1]);
    expect("socketpair", 2, 0, 0, 0);
    expect("dup", 1, 0, 0, 0);
    expect("send", 10, 0, 0, 20);
    expect("recv", 5, 0, 20, 0);
    expect("sendmsg", 1, 0, 0, 5);
    expect("recvmsg", 1, 0, 5, 0);
    expect("write", 1, 0, 0, 6);
    expect("read", 1, 0, 6, 0);
    expect("close", 6, 0, 0, 0);
}

static void errors(void)
{
    int sv[2];
    char b[64];
    pair(sv);
    for (int i = 0; i < 7; i++)
        must(recv(sv[0], b, 64, MSG_DONTWAIT) == -1 && errno == EAGAIN, "recv of nothing");
    must(send(sv[0], "0123456789", 10, 0) == 10, "send");
    must(recv(sv[1], b, 64, MSG_PEEK) == 10, "peek");
    must(recv(sv[1], b, 64, 0) == 10, "short");
    must(shutdown(sv[1], SHUT_WR) == 0, "shutdown");
    close(sv[1]);
    for (int i = 0; i < 3; i++)
        must(send(sv[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE, "send to nobody");
    close(sv[0]);
    must(send(-1, "x", 1, 0) == -1 && errno == EBADF, "send to a wrong descriptor");

    /* A port that is bound and does not listen refuses. */
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int bound = socket(AF_INET, SOCK_STREAM, 0), s = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(bound, (struct sockaddr *)&a, n) == 0, "bind");
    must(getsockname(bound, (struct sockaddr *)&a, &n) == 0, "getsockname");
    must(connect(s, (struct sockaddr *)&a, sizeof a) == -1 && errno == ECONNREFUSED, "connect");
    close(s);
    close(bound);
    expect("socketpair", 1, 0, 0, 0);
    expect("recv", 9, 7, 10, 0);
    expect("send", 5, 4, 0, 10);
    expect("shutdown", 1, 0, 0, 0);
    expect("socket", 2, 0, 0, 0);
    expect("bind", 1, 0, 0, 0);
    expect("getsockname", 1, 0, 0, 0);
    expect("connect", 1, 1, 0, 0);
    expect("close", 4, 0, 0, 0);
}

static int handlers[2];
static volatile sig_atomic_t handled;

static void on_alarm(int s)
{
    char b[3];
    int saved = errno;
    (void)s;
    if (send(handlers[0], "abc", 3, 0) != 3 || recv(handlers[1], b, 3, 0) != 3)
        abort();
    handled++;
    errno = saved;
}

static void signals(void)
{
    int sv[2];
    char b[5];
    struct sigaction a = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
    struct itimerval every = { { 0, 50 }, { 0, 50 } }, never = { { 0, 0 }, { 0, 0 } };
    pair(handlers);
    pair(sv);
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
    for (int i = 0; i < UNDER_SIGNALS; i++) {
        must(send(sv[0], "12345", 5, 0) == 5, "send");
        must(recv(sv[1], b, 5, 0) == 5, "recv");
    }
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_IGN);
    close(sv[0]);
    close(sv[1]);
    close(handlers[0]);
    close(handlers[1]);
    expect("socketpair", 2, 0, 0, 0);
    expect("send", UNDER_SIGNALS + handled, 0, 0, 5L * UNDER_SIGNALS + 3L * handled);
    expect("recv", UNDER_SIGNALS + handled, 0, 5L * UNDER_SIGNALS + 3L * handled, 0);
    expect("close", 4, 0, 0, 0);
}

static void tell(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].count)
            printf("%s %ld %ld %ld %ld\n", rows[i].call, rows[i].count, rows[i].errors, rows[i].in, rows[i].out);
    fflush(stdout);
}

static int exchange(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct tcp_info info = { 0 };
    socklen_t n = sizeof a, m = sizeof info;
    char b[1000] = { 0 };
    int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(l, (struct sockaddr *)&a, n) == 0 && listen(l, 5) == 0, "listen");
    must(getsockname(l, (struct sockaddr *)&a, &n) == 0, "getsockname");
    must(connect(c, (struct sockaddr *)&a, n) == 0, "connect");
    int s = accept(l, NULL, NULL);
    must(s >= 0, "accept");
    must(send(c, b, 1000, 0) == 1000 && recv(s, b, 1000, MSG_WAITALL) == 1000, "there");
    must(send(s, b, 500, 0) == 500 && recv(c, b, 500, MSG_WAITALL) == 500, "back");
    must(getsockopt(c, IPPROTO_TCP, TCP_INFO, &info, &m) == 0, "TCP_INFO");
    close(c);
    must(recv(s, b, 1000, 0) == 0, "the end");
    close(s);
    close(l);
    printf("%llu %llu %u %u\n", (unsigned long long)info.tcpi_bytes_acked, (unsigned long long)info.tcpi_bytes_received,
           info.tcpi_total_retrans, info.tcpi_min_rtt);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "child") == 0)
        return child();
    if (strcmp(what, "tcp") == 0)
        return exchange();
    if (strcmp(what, "short") == 0) {
        for (long i = argc > 2 ? atol(argv[2]) : 0; i > 0; i--)
            close(socket(AF_UNIX, SOCK_DGRAM, 0));
        return 0;
    }
    threads();
    forks();
    if (strcmp(what, "killed") == 0) {
        copies();
        tell();
        kill(getpid(), SIGKILL);
    }
    vforks(argv[0]);
    copies();
    errors();
    signals();
    tell();
    printf("ERRNO recv EAGAIN 7\nERRNO send EPIPE 3\nERRNO send EBADF 1\nERRNO connect ECONNREFUSED 1\n");
    return 0;
}
