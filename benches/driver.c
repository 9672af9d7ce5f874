/* Makes socket calls in tight loops and says what one took. Linked twice: with libc alone, and with stub.c before it.

   driver call NAME LEN N BLOCKS    ns of one call: median of the blocks that nobody disturbed (measure.h), how many those were,
                                    and of how many; bounce, pingpong and syscalls likewise
                                    NAME: send recv read write sendto recvfrom recvmsg writev poll on a socket, epoll_wait,
                                    or null-read null-write null-close
   driver bounce unix|tcp N BLOCKS  ns of one call of send, recv, send, recv with 64 bytes, both ends in this thread
   driver pingpong unix|tcp N BLOCKS  ns of 64 bytes there and back, the other end in another thread
   driver threads COUNT N BLOCKS    ns of one call per thread, each with its own pair
   driver flood N                   N times send and recv; ns of one call
   driver pace RATE N               N times send, in bursts of 100, RATE a second; how many a second it came to, and by how many
                                    µs the worst burst began late
   driver syscalls N BLOCKS         ns of one call of socket, bind, getsockname, close
   driver spawn N PROGRAM LIBRARY SEGMENT
                                    µs of a start and end of PROGRAM alone, and what the library adds to it, silent and in
                                    the session; then as for call
   driver core SECONDS              the least that the gauge of measure.h shows in that time

   BENCH_CPU=n in the environment keeps the driver on that processor; BENCH_PAUSE=ms makes it sleep before each block,
   so that whoever reads the log has caught up; BENCH_GAUGE=ns is what the gauge may show at most before and after a block. */
#define _GNU_SOURCE
#include "measure.h"

#include <fcntl.h>
#include <pthread.h>
#include <poll.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <sys/wait.h>

static void pair(int sv[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) != 0)
        die("socketpair");
}

static void tcp(int sv[2])
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int one = 1, l = socket(AF_INET, SOCK_STREAM, 0);
    if (l < 0 || bind(l, (struct sockaddr *)&a, sizeof a) != 0 || listen(l, 1) != 0 ||
        getsockname(l, (struct sockaddr *)&a, &n) != 0)
        die("listener");
    sv[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (sv[0] < 0 || connect(sv[0], (struct sockaddr *)&a, sizeof a) != 0)
        die("connect");
    sv[1] = accept(l, NULL, NULL);
    if (sv[1] < 0)
        die("accept");
    close(l);
    for (int i = 0; i < 2; i++)
        setsockopt(sv[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* One loop per function, so that the call in it is a plain one through the PLT. */
#define LOOP(name, call)                                     \
    static double name(int fd, size_t len, long n)           \
    {                                                        \
        (void)len;                                           \
        double t = now();                                    \
        for (long i = 0; i < n; i++)                         \
            call;                                            \
        return (now() - t) / n;                              \
    }

LOOP(loop_send, send(fd, buffer, len, 0))
LOOP(loop_recv, recv(fd, buffer, len, 0))
LOOP(loop_read, (void)!read(fd, buffer, len))
LOOP(loop_write, (void)!write(fd, buffer, len))
LOOP(loop_close, close(fd))

static struct sockaddr_in address;
static struct iovec vector = { buffer, 64 };
static struct epoll_event happened[8];

LOOP(loop_sendto, sendto(fd, buffer, len, 0, (struct sockaddr *)&address, sizeof address))
LOOP(loop_recvfrom, recvfrom(fd, buffer, len, 0, (struct sockaddr *)&address,
                              &(socklen_t){ sizeof address }))
LOOP(loop_recvmsg, recvmsg(fd, &(struct msghdr){ .msg_iov = &vector, .msg_iovlen = 1 }, 0))
LOOP(loop_writev, (void)!writev(fd, &vector, 1))
LOOP(loop_poll, poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 0))
LOOP(loop_epoll, epoll_wait(fd, happened, 8, 0))

/* An epoll instance that watches a socket. */
static int watching(int socket)
{
    struct epoll_event e = { .events = EPOLLIN, .data.fd = socket };
    int fd = epoll_create1(0);
    if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, socket, &e) != 0)
        die("epoll");
    return fd;
}

static int call(char **arg)
{
    static const struct {
        const char *name;
        double (*loop)(int, size_t, long);
        int socket;
    } all[] = {
        { "send", loop_send, 1 }, { "recv", loop_recv, 1 }, { "read", loop_read, 1 }, { "write", loop_write, 1 },
        { "null-read", loop_read, 0 }, { "null-write", loop_write, 0 }, { "null-close", loop_close, 0 },
        { "sendto", loop_sendto, 1 }, { "recvfrom", loop_recvfrom, 1 }, { "recvmsg", loop_recvmsg, 1 },
        { "writev", loop_writev, 1 }, { "poll", loop_poll, 1 }, { "epoll_wait", loop_epoll, 2 },
    };
    size_t len = strtoul(arg[1], NULL, 10);
    long n = atol(arg[2]);
    int blocks = atoi(arg[3]), sv[2];
    static struct blocks v;
    if (blocks > MAX_BLOCKS || len > sizeof buffer)
        return 2;
    pair(sv);
    int null = open("/dev/null", O_RDWR);
    address.sin_family = AF_INET;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].name, arg[0]) != 0)
            continue;
        int fd = all[i].socket == 2 ? watching(sv[0]) : all[i].socket ? sv[0] : null;
        all[i].loop(fd, len, n);
        pause_before_block();
        while (more_blocks(&v, blocks)) {
            add_block(&v, all[i].loop(fd, len, n));
            pause_before_block();
        }
        result(&v);
        return 0;
    }
    return 2;
}

static double rounds(int sv[2], long n)
{
    char b[64];
    double t = now();
    for (long i = 0; i < n; i++) {
        if (send(sv[0], buffer, 64, 0) != 64 || recv(sv[1], b, 64, 0) != 64 ||
            send(sv[1], buffer, 64, 0) != 64 || recv(sv[0], b, 64, 0) != 64)
            die("ping-pong");
    }
    return (now() - t) / (4 * n);
}

static void *echo(void *fd)
{
    char b[64];
    while (recv(*(int *)fd, b, 64, 0) == 64)
        if (send(*(int *)fd, b, 64, 0) != 64)
            die("echo");
    return NULL;
}

static double there_and_back(int sv[2], long n)
{
    char b[64];
    double t = now();
    for (long i = 0; i < n; i++)
        if (send(sv[0], buffer, 64, 0) != 64 || recv(sv[0], b, 64, 0) != 64)
            die("ping-pong");
    return (now() - t) / n;
}

static int bounce(char **arg)
{
    int sv[2];
    (strcmp(arg[0], "tcp") == 0 ? tcp : pair)(sv);
    return blocks_of(rounds, sv, arg);
}

static int pingpong(char **arg)
{
    int sv[2];
    pthread_t other;
    (strcmp(arg[0], "tcp") == 0 ? tcp : pair)(sv);
    pthread_create(&other, NULL, echo, &sv[1]);
    int r = blocks_of(there_and_back, sv, arg);
    shutdown(sv[0], SHUT_RDWR);
    pthread_join(other, NULL);
    return r;
}

static pthread_barrier_t barrier;
static long per_thread;
static int thread_blocks;
static double began[256], ended[256];

/* Each thread on a processor of its own as far as they go round: blocks are too short for the scheduler to spread them. */
static void spread(long me)
{
    cpu_set_t may, set;
    int n = 0;
    if (sched_getaffinity(0, sizeof may, &may) != 0 || CPU_COUNT(&may) == 0)
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &may) && n++ == me % CPU_COUNT(&may)) {
            CPU_ZERO(&set);
            CPU_SET(cpu, &set);
            sched_setaffinity(0, sizeof set, &set);
            return;
        }
}

static void *worker(void *number)
{
    long me = (long)number;
    int sv[2];
    spread(me);
    pair(sv);
    rounds(sv, 100);
    for (int b = 0; b < thread_blocks; b++) {
        pthread_barrier_wait(&barrier);
        began[me] = now();
        rounds(sv, per_thread);
        ended[me] = now();
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

/* The time of a block is from the first thread's beginning to the last one's end, by their own clocks: the main thread
   may run again only when they have finished. */
static int threads(char **arg)
{
    int count = atoi(arg[0]);
    double v[MAX_BLOCKS];
    pthread_t id[256];
    per_thread = atol(arg[1]);
    thread_blocks = atoi(arg[2]);
    if (count > 256 || thread_blocks > MAX_BLOCKS)
        return 2;
    pthread_barrier_init(&barrier, NULL, count + 1);
    for (int i = 0; i < count; i++)
        pthread_create(&id[i], NULL, worker, (void *)(long)i);
    for (int b = 0; b < thread_blocks; b++) {
        pause_before_block();
        pthread_barrier_wait(&barrier);
        pthread_barrier_wait(&barrier);
        double first = began[0], last = ended[0];
        for (int i = 1; i < count; i++) {
            first = began[i] < first ? began[i] : first;
            last = ended[i] > last ? ended[i] : last;
        }
        v[b] = (last - first) / (4.0 * per_thread * count);
    }
    for (int i = 0; i < count; i++)
        pthread_join(id[i], NULL);
    printf("%.3f\n", median(v, thread_blocks));
    return 0;
}

static int flood(char **arg)
{
    int sv[2];
    long n = atol(arg[0]);
    pair(sv);
    double t = now();
    for (long i = 0; i < n; i++) {
        if (send(sv[0], buffer, 64, 0) != 64 || recv(sv[1], buffer, 64, 0) != 64)
            die("flood");
    }
    t = (now() - t) / (2 * n);
    printf("%.3f %.3f\n", t, t);
    return 0;
}

static int pace(char **arg)
{
    int sv[2];
    double between = 100 * 1e9 / atof(arg[0]), worst = 0, t = 0;
    long bursts = atol(arg[1]) / 100;
    pair(sv);
    /* The first calls attach. */
    loop_send(sv[0], 64, 1000);
    double begin = now();
    for (long b = 0; b < bursts; b++) {
        double due = begin + b * between;
        while ((t = now()) < due)
            ;
        worst = t - due > worst ? t - due : worst;
        loop_send(sv[0], 64, 100);
    }
    /* The last burst has its time, too. */
    while ((t = now()) < begin + bursts * between)
        ;
    printf("%.6f %.3f\n", bursts * 100 * 1e9 / (t - begin), worst / 1000);
    return 0;
}

static double quartet(long n)
{
    double t = now();
    for (long i = 0; i < n; i++) {
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t len = sizeof a;
        int fd = socket(AF_INET, SOCK_DGRAM, 0);
        if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
            die("socket");
        close(fd);
    }
    return (now() - t) / (4 * n);
}

static int syscalls(char **arg)
{
    int blocks = atoi(arg[1]);
    long n = atol(arg[0]);
    static struct blocks v;
    if (blocks > MAX_BLOCKS)
        return 2;
    quartet(n);
    pause_before_block();
    while (more_blocks(&v, blocks)) {
        add_block(&v, quartet(n));
        pause_before_block();
    }
    result(&v);
    return 0;
}

static double one_start(char *program, char **env)
{
    char *argv[] = { program, NULL };
    pid_t pid;
    int status;
    double t = now();
    if (posix_spawn(&pid, program, NULL, NULL, argv, env) != 0)
        die("posix_spawn");
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return (now() - t) / 1000;
}

static int spawn(char **arg)
{
    static char preload[4096], segment[4096];
    /* The three as they are, then what the library adds to the first. */
    static struct blocks v[5];
    int n = atoi(arg[0]);
    if (n > MAX_BLOCKS)
        return 2;
    snprintf(preload, sizeof preload, "LD_PRELOAD=%s", arg[2]);
    snprintf(segment, sizeof segment, "SOCKLENS_SESSION=%s", arg[3]);
    char *alone[] = { NULL }, *loaded[] = { preload, NULL }, *joined[] = { preload, segment, NULL };
    char **env[3] = { alone, loaded, joined };
    for (int k = 0; k < 60; k++)
        one_start(arg[1], env[k % 3]);
    for (int k = 0; k < 5; k++)
        v[k].most = n;
    while (more_blocks(v, n)) {
        double t[5];
        for (int k = 0; k < 3; k++)
            t[k] = one_start(arg[1], env[k]);
        t[3] = t[1] - t[0];
        t[4] = t[2] - t[0];
        int quiet = v->quiet && is_quiet();
        for (int k = 0; k < 5; k++)
            keep_block(&v[k], t[k], quiet);
    }
    printf("%.3f %.3f %.3f %d %d\n", middle(&v[0]), middle(&v[3]), middle(&v[4]), v->count, v->tried);
    return 0;
}

/* The least that the gauge shows in some seconds. */
static int core(char **arg)
{
    double least = gauge(), end = now() + atof(arg[0]) * 1e9;
    while (now() < end) {
        double g = gauge();
        least = g < least ? g : least;
    }
    printf("%.4f\n", least);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct one all[] = {
        { "call", 4, call }, { "bounce", 3, bounce }, { "pingpong", 3, pingpong }, { "threads", 3, threads },
        { "flood", 1, flood }, { "pace", 2, pace }, { "syscalls", 2, syscalls }, { "spawn", 4, spawn },
        { "core", 1, core },
    };
    memset(buffer, 'x', sizeof buffer);
    return run_one(all, sizeof all / sizeof *all, argc, argv, "driver.c");
}
