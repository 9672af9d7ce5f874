/* Calls whose events need more room than most, or as much as most, while a handler of a fast timer makes such calls of its own.

   argv[1]: how often. Prints how many sendmsg, writev and poll were made in all. The main part sends a's, the handler h's. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#define LARGE 1500
#define SMALL 100

static char as[LARGE], hs[LARGE], sink[LARGE];
static int mine[2], its[2];
static volatile long sends, vectors;

static void all(int fd, ssize_t n)
{
    if (n <= 0)
        _exit(3);
    while (n > 0) {
        /* recv and not read: what is sent alone is looked at. */
        ssize_t got = recv(fd, sink, (size_t)n, 0);
        if (got <= 0)
            _exit(4);
        n -= got;
    }
}

static void one(const int sv[2], char *from, size_t n)
{
    struct iovec halves[2] = { { from, n / 2 }, { from + n / 2, n - n / 2 } };
    struct msghdr m = { .msg_iov = halves, .msg_iovlen = 2 };
    all(sv[1], sendmsg(sv[0], &m, 0));
    sends++;
    all(sv[1], writev(sv[0], halves, 2));
    vectors++;
}

static void handler(int sig)
{
    (void)sig;
    one(its, hs, sends % 2 ? LARGE : SMALL);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 1;
    struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART };
    struct itimerval often = { .it_interval.tv_usec = 700, .it_value.tv_usec = 700 };
    struct pollfd many[200];
    memset(as, 'a', sizeof as);
    memset(hs, 'h', sizeof hs);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, mine) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, its) != 0)
        return 2;
    for (int i = 0; i < 200; i++)
        many[i] = (struct pollfd){ .fd = mine[0], .events = POLLOUT };
    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < n; i++) {
        one(mine, as, i % 2 ? LARGE : SMALL);
        if (poll(many, i % 2 ? 200 : 2, 0) <= 0)
            return 5;
    }
    often = (struct itimerval){ 0 };
    setitimer(ITIMER_REAL, &often, NULL);
    printf("%ld %ld %d\n", sends, vectors, n);
    return 0;
}
