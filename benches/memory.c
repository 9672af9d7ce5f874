/* How much memory sockets and threads take: the process's own, and what it has touched of memory that it shares with others.

   memory brief N    N sockets made and closed; kilobytes that its own memory grew by after the first tenth, kilobytes of
                     shared memory touched
   memory open N     N TCP connections over the loopback interface, both ends here: a message has gone each way. For one more
                     of them, when there are some: bytes of its own memory, of shared memory, of its parent's own memory
   memory many N     N sockets in children of ten thousand each: says "open", and ends when its input does
   memory threads N  N threads that have worked and now wait: the same for one thread

   Page tables and the kernel's memory of sockets and threads are not in these numbers: socklens adds nothing to them. */
#define _GNU_SOURCE
#include "measure.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define WARM 500
#define MOST 100000

/* Bytes that a process has in memory: its own, and those of mappings that it shares. By its page tables: the sums in
   /proc/PID/status may be some hundred kilobytes off. */
struct taken { double own, shared; };

static struct taken taken(pid_t pid)
{
    char line[512], kind = 0;
    struct taken t = { 0, 0 };
    long kb;
    snprintf(line, sizeof line, "/proc/%d/smaps", (int)pid);
    FILE *f = fopen(line, "r");
    if (f == NULL)
        die(line);
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "%*x-%*x %*3c%c", &kind) == 1)
            continue;
        if (kind == 's' && sscanf(line, "Rss: %ld", &kb) == 1)
            t.shared += kb * 1024.0;
        if (kind != 's' && sscanf(line, "Anonymous: %ld", &kb) == 1)
            t.own += kb * 1024.0;
    }
    fclose(f);
    return t;
}

struct all { struct taken self, parent; };

static struct all look(void)
{
    /* Whoever reads what is recorded has caught up. */
    usleep(300 * 1000);
    return (struct all){ taken(getpid()), taken(getppid()) };
}

static void tell(struct all a, struct all b, long n)
{
    printf("%.1f %.1f %.1f\n", (b.self.own - a.self.own) / n, (b.self.shared - a.self.shared) / n,
           (b.parent.own - a.parent.own) / n);
}

static int brief(char **arg)
{
    long n = atol(arg[0]);
    struct taken early = { 0, 0 };
    for (long i = 0; i < n; i++) {
        int s = socket(AF_UNIX, SOCK_DGRAM, 0);
        if (s < 0)
            die("socket");
        close(s);
        if (i == n / 10)
            early = taken(getpid());
    }
    struct taken late = taken(getpid());
    printf("%.0f %.0f\n", (late.own - early.own) / 1024, late.shared / 1024);
    return 0;
}

static int many(char **arg)
{
    struct rlimit l;
    int ready[2], go[2], kids = 0;
    char b = 0;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0)
        die("RLIMIT_NOFILE");
    l.rlim_cur = l.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_max < 10100 || pipe(ready) != 0 || pipe(go) != 0)
        die("descriptors");
    for (long left = atol(arg[0]); left > 0; left -= 10000, kids++) {
        pid_t pid = fork();
        if (pid < 0)
            die("fork");
        if (pid == 0) {
            close(go[1]);
            for (long i = 0; i < 10000 && i < left; i++)
                if (socket(AF_UNIX, SOCK_DGRAM, 0) < 0)
                    die("socket");
            if (write(ready[1], &b, 1) != 1 || read(go[0], &b, 1) != 0)
                die("to wait");
            _exit(0);
        }
    }
    /* When a child dies there is nobody to write any more. */
    close(ready[1]);
    for (int i = 0; i < kids; i++)
        if (read(ready[0], &b, 1) != 1)
            die("a child");
    puts("open");
    fflush(stdout);
    while (read(0, &b, 1) > 0)
        ;
    return 0;
}

static void to_and_fro(int a, int b)
{
    char m[64];
    if (send(a, buffer, 64, 0) != 64 || recv(b, m, 64, 0) != 64 || write(b, buffer, 64) != 64 || read(a, m, 64) != 64)
        die("to and fro");
}

static int fds[MOST];

static void connect_some(int listener, struct sockaddr_in at, long from, long to)
{
    for (long i = from; i + 1 < to; i += 2) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        if (fds[i] < 0 || connect(fds[i], (struct sockaddr *)&at, sizeof at) != 0)
            die("connect");
        if ((fds[i + 1] = accept(listener, NULL, NULL)) < 0)
            die("accept");
        to_and_fro(fds[i], fds[i + 1]);
        /* Slow enough for the reader: otherwise it is its queue that grows. */
        if (i % 50 == 0)
            usleep(2000);
    }
}

static int open_ones(char **arg)
{
    long n = atol(arg[0]);
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0)
        die("RLIMIT_NOFILE");
    l.rlim_cur = l.rlim_max;
    if (n + WARM > MOST || setrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_max < (rlim_t)(n + WARM + 100))
        die("descriptors");
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, len) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &len) != 0)
        die("listener");
    connect_some(listener, at, 0, WARM);
    struct all before = look();
    connect_some(listener, at, WARM, WARM + n);
    tell(before, look(), n);
    /* Without a port kept busy for a minute each. */
    struct linger reset = { 1, 0 };
    for (long i = 0; i < WARM + n; i++) {
        setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fds[i]);
    }
    return 0;
}

static pthread_barrier_t barrier;

/* Calls of ten kinds, from quick ones to some that wait. */
static void work(int sv[2])
{
    for (int i = 0; i < 300; i++) {
        struct pollfd p = { sv[0], POLLIN, 0 };
        char m[64];
        int v = 0;
        socklen_t len = sizeof v;
        to_and_fro(sv[0], sv[1]);
        if (poll(&p, 1, i % 50 == 0) != 0 || getsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &v, &len) != 0 ||
            setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &v, len) != 0 || fcntl(sv[0], F_GETFL) < 0)
            die("work");
        if (recv(sv[0], m, sizeof m, MSG_DONTWAIT) != -1 || errno != EAGAIN)
            die("recv of nothing");
        struct iovec part = { buffer, 64 };
        struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1 };
        if (sendmsg(sv[0], &h, 0) != 64 || recvfrom(sv[1], m, sizeof m, 0, NULL, NULL) != 64)
            die("a message");
    }
}

static void *worker(void *pair)
{
    work(pair);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return NULL;
}

static int threads(char **arg)
{
    static int pairs[257][2];
    pthread_t id[256];
    int n = atoi(arg[0]);
    if (n > 256)
        return 2;
    pthread_barrier_init(&barrier, NULL, n + 1);
    /* The connections are not the threads'. */
    for (int i = 0; i <= n; i++) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]) != 0)
            die("socketpair");
        to_and_fro(pairs[i][0], pairs[i][1]);
    }
    work(pairs[n]);
    struct all before = look();
    for (int i = 0; i < n; i++)
        pthread_create(&id[i], NULL, worker, pairs[i]);
    pthread_barrier_wait(&barrier);
    tell(before, look(), n);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < n; i++)
        pthread_join(id[i], NULL);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct one all[] = { { "brief", 1, brief }, { "open", 1, open_ones }, { "many", 1, many },
                                       { "threads", 1, threads } };
    /* A page is a page, also of a stack. */
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    return run_one(all, sizeof all / sizeof *all, argc, argv, "memory.c");
}
