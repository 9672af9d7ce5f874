/* stress SECONDS-LIMIT THREADS ROUNDS FORKS: threads x descriptors x signals x forks at full speed, with exact
 * accounting. Prints how many calls of each name this process and its children made:
 *     socketpair N, send N, recv N, dup N, close N
 * A signal handler sends and receives on a pair of its own thread, in the middle of whatever the thread was doing. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

struct counts {
    atomic_ulong socketpair, send, recv, dup, close, bad;
};

static struct counts *all;
static _Thread_local int own[2];
static _Thread_local volatile int in_handler, have_own;
static int threads, rounds;
static atomic_int done;

static void one(int *pair, char c)
{
    char got = 0;
    ssize_t n = send(pair[0], &c, 1, 0);
    atomic_fetch_add(&all->send, 1);
    if (n != 1)
        atomic_fetch_add(&all->bad, 1);
    n = recv(pair[1], &got, 1, 0);
    atomic_fetch_add(&all->recv, 1);
    if (n != 1 || got != c)
        atomic_fetch_add(&all->bad, 1);
}

static void on_signal(int s)
{
    int e = errno;
    if (have_own && !in_handler) {
        in_handler = 1;
        one(own, 'h');
        in_handler = 0;
    }
    errno = e;
    (void)s;
}

static void make_pair(int *pair)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        atomic_fetch_add(&all->bad, 1);
    atomic_fetch_add(&all->socketpair, 1);
}

static void end_pair(int *pair)
{
    close(pair[0]);
    close(pair[1]);
    atomic_fetch_add(&all->close, 2);
}

static void *work(void *x)
{
    make_pair(own);
    have_own = 1;
    for (int i = 0; i < rounds; i++) {
        int pair[2], other;
        make_pair(pair);
        for (int k = 0; k < 8; k++)
            one(pair, (char)('a' + k));
        other = dup(pair[0]);
        atomic_fetch_add(&all->dup, 1);
        close(other);
        atomic_fetch_add(&all->close, 1);
        end_pair(pair);
    }
    have_own = 0;
    end_pair(own);
    atomic_fetch_sub(&done, 1);
    return x;
}

static void *hail(void *list)
{
    pthread_t *t = list;
    while (atomic_load(&done) > 0) {
        for (int i = 0; i < threads; i++)
            pthread_kill(t[i], SIGUSR1);
        usleep(100);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int forks;
    pthread_t t[64], h;
    struct sigaction sa;

    if (argc < 5 || (threads = atoi(argv[2])) > 64)
        return 2;
    rounds = atoi(argv[3]);
    forks = atoi(argv[4]);
    alarm((unsigned)atoi(argv[1]));
    all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = on_signal;
    sa.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &sa, NULL);
    atomic_store(&done, threads);
    for (int i = 0; i < threads; i++)
        if (pthread_create(&t[i], NULL, work, NULL) != 0)
            return 2;
    pthread_create(&h, NULL, hail, t);
    for (int i = 0; i < forks; i++) {
        pid_t p = fork();
        if (p == 0) {
            int pair[2];
            make_pair(pair);
            for (int k = 0; k < 50; k++)
                one(pair, 'f');
            end_pair(pair);
            _exit(0);
        }
        if (p < 0 || waitpid(p, NULL, 0) != p)
            atomic_fetch_add(&all->bad, 1);
    }
    pthread_join(h, NULL);
    for (int i = 0; i < threads; i++)
        pthread_join(t[i], NULL);
    printf("socketpair %lu\nsend %lu\nrecv %lu\ndup %lu\nclose %lu\nbad %lu\n", all->socketpair, all->send, all->recv,
           all->dup, all->close, all->bad);
    return 0;
}
