/*
 * oob_data - TCP's urgent byte.
 *
 * The last byte sent with MSG_OOB is urgent: the receiver's owner (F_SETOWN)
 * gets SIGURG, poll says POLLPRI, recv with MSG_OOB takes it. In the stream its
 * place is the "mark": a recv never reads across it, and sockatmark (or the
 * ioctl SIOCATMARK) tells when everything before it has been read. With
 * SO_OOBINLINE the byte stays in the stream.
 *
 * Shows: MSG_OOB, SIGURG, F_SETOWN, POLLPRI, sockatmark, SIOCATMARK, SO_OOBINLINE.
 * See: tcp(7), sockatmark(3), fcntl(2)
 * Run: build/oob_data
 */
#include "example.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

static volatile sig_atomic_t urgent;

static void on_urgent(int signal UNUSED)
{
    urgent = 1;
}

static void wait_urgent(int fd, const sigset_t *waiting)
{
    struct pollfd entry = { .fd = fd, .events = POLLPRI, .revents = 0 };

    while (!urgent)
        sigsuspend(waiting); /* SIGURG is blocked except in here */
    urgent = 0;
    CHECK(poll(&entry, 1, 10000) == 1);
    printf("  SIGURG came, poll says%s\n", entry.revents & POLLPRI ? " POLLPRI" : " something else");
}

static void print_mark(int fd)
{
    int by_ioctl = -1;

    MUST(ioctl(fd, SIOCATMARK, &by_ioctl));
    printf("  at the mark: %d (ioctl: %d)\n", MUST_INT(sockatmark(fd)), by_ioctl);
}

static void print_recv(int fd, int flags)
{
    char buffer[32];
    ssize_t n = recv(fd, buffer, sizeof buffer, flags);

    if (n == -1)
        printf("  recv%s: %s\n", flags & MSG_OOB ? " MSG_OOB" : "", errno_name(errno));
    else
        printf("  recv%s: \"%.*s\"\n", flags & MSG_OOB ? " MSG_OOB" : "", (int)n, buffer);
}

int main(void)
{
    struct sigaction action = { .sa_handler = on_urgent, .sa_flags = SA_RESTART };
    const int on = 1;
    sigset_t blocked, waiting;
    int pair[2];

    example_start();
    MUST(sigaction(SIGURG, &action, NULL));
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGURG);
    MUST(sigprocmask(SIG_BLOCK, &blocked, &waiting));

    tcp_pair(pair);
    MUST(fcntl(pair[1], F_SETOWN, getpid()));
    printf("the owner is this process: %s\n", fcntl(pair[1], F_GETOWN) == getpid() ? "yes" : "no");

    printf("out of band:\n");
    CHECK(send(pair[0], "abcX", 4, MSG_OOB) == 4); /* only the X is urgent */
    wait_urgent(pair[1], &waiting);
    CHECK(send(pair[0], "def", 3, 0) == 3);
    print_mark(pair[1]);
    print_recv(pair[1], MSG_OOB | MSG_PEEK);
    print_recv(pair[1], MSG_OOB);
    print_recv(pair[1], MSG_OOB);
    print_recv(pair[1], 0); /* stops at the mark, though more is there */
    print_mark(pair[1]);
    wait_readable(pair[1]);
    print_recv(pair[1], 0);
    print_mark(pair[1]);

    printf("in line:\n");
    MUST(setsockopt(pair[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));
    CHECK(send(pair[0], "ghi", 3, 0) == 3);
    CHECK(send(pair[0], "Y", 1, MSG_OOB) == 1);
    wait_urgent(pair[1], &waiting);
    print_recv(pair[1], MSG_OOB);
    print_recv(pair[1], 0);
    print_mark(pair[1]);
    print_recv(pair[1], 0);

    MUST(close(pair[0]));
    MUST(close(pair[1]));
    return 0;
}
