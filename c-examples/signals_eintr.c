/*
 * signals_eintr - signals that arrive while a call is waiting.
 *
 * A handler installed without SA_RESTART makes recv fail with EINTR; with it,
 * recv goes on waiting, but poll fails all the same. A handler may use sockets
 * itself (send and write are async-signal-safe), and may leave by siglongjmp,
 * in which case the interrupted recv never returns.
 *
 * A repeating timer sends the signal, so it does not matter whether the first
 * one comes before the call or in it.
 *
 * Shows: SA_RESTART, EINTR, SO_RCVTIMEO, ppoll with a mask, sigsetjmp.
 * See: signal(7), sigaction(2), timer_create(2), siglongjmp(3)
 * Run: build/signals_eintr
 */
#include "example.h"

#include <setjmp.h>
#include <sys/epoll.h>
#include <sys/select.h>

static int pair[2];
static volatile sig_atomic_t signals;
static sigjmp_buf back;
static timer_t timer;

static void set_timer(long nanoseconds, bool repeat)
{
    struct itimerspec when = { .it_value = { 0, nanoseconds } };

    if (repeat)
        when.it_interval = when.it_value;
    MUST(timer_settime(timer, 0, &when, NULL));
}

static void handle(void (*handler)(int), int flags)
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

    MUST(sigaction(SIGUSR1, &action, NULL));
}

static void count(int signal UNUSED)
{
    signals++;
}

/* On the third signal, let the waiting recv have something. */
static void count_and_send(int signal UNUSED)
{
    int saved = errno;

    if (++signals == 3 && send(pair[1], "from the handler", 16, 0) != 16)
        abort();
    errno = saved;
}

/* A whole conversation inside a handler. */
static void converse(int signal UNUSED)
{
    int saved = errno, other[2];
    char byte = 'h';

    if (++signals <= 3) {
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, other) == -1 || send(other[0], &byte, 1, 0) != 1 ||
            recv(other[1], &byte, 1, 0) != 1 || close(other[0]) == -1 || close(other[1]) == -1)
            abort();
        if (signals == 3 && write(pair[1], &byte, 1) != 1)
            abort();
    }
    errno = saved;
}

static void jump(int signal UNUSED)
{
    siglongjmp(back, 1);
}

static void interrupted(const char *call, long result)
{
    printf("  %s: %s\n", call, result == -1 ? errno_name(errno) : "not interrupted");
}

static void without_restart(void)
{
    static const char *const calls[] = { "recv", "recvfrom", "recvmsg", "read", "poll", "ppoll", "select", "epoll_wait" };
    enum { CALLS = sizeof calls / sizeof *calls };
    int errors[CALLS] = { 0 };
    struct pollfd entry = { .fd = pair[0], .events = POLLIN, .revents = 0 };
    struct epoll_event event = { .events = EPOLLIN, .data = { .fd = 0 } };
    int epoll = MUST_INT(epoll_create1(0));
    char buffer[32];
    struct iovec part = { buffer, sizeof buffer };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    fd_set set;

    MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &event));
    FD_ZERO(&set);
    FD_SET(pair[0], &set);
    printf("without SA_RESTART:\n");
    handle(count, 0);
    set_timer(10000000, true);
    for (int i = 0; i < CALLS; i++) {
        long result;

        switch (i) {
        case 0: result = recv(pair[0], buffer, sizeof buffer, 0); break;
        case 1: result = recvfrom(pair[0], buffer, sizeof buffer, 0, NULL, NULL); break;
        case 2: result = recvmsg(pair[0], &message, 0); break;
        case 3: result = read(pair[0], buffer, sizeof buffer); break;
        case 4: result = poll(&entry, 1, -1); break;
        case 5: result = ppoll(&entry, 1, NULL, NULL); break;
        case 6: result = select(pair[0] + 1, &set, NULL, NULL, NULL); break;
        default: result = epoll_wait(epoll, &event, 1, -1); break;
        }
        errors[i] = result == -1 ? errno : 0;
    }
    set_timer(0, false);
    /* Printed only now: the signal would interrupt the writing too. */
    for (int i = 0; i < CALLS; i++)
        printf("  %s: %s\n", calls[i], errno_name(errors[i]));
    MUST(close(epoll));
}

static void with_restart(void)
{
    struct pollfd entry = { .fd = pair[0], .events = POLLIN, .revents = 0 };
    const struct timeval limit = { .tv_sec = 10, .tv_usec = 0 }, none = { 0, 0 };
    char buffer[32];
    ssize_t n;

    printf("with SA_RESTART:\n");
    signals = 0;
    handle(count_and_send, SA_RESTART);
    set_timer(5000000, true);
    n = MUST(recv(pair[0], buffer, sizeof buffer, 0));
    set_timer(0, false);
    printf("  recv goes on: \"%.*s\"\n", (int)n, buffer);
    signals = 10;
    set_timer(10000000, true);
    interrupted("poll", poll(&entry, 1, -1));
    MUST(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    interrupted("recv with SO_RCVTIMEO", recv(pair[0], buffer, sizeof buffer, 0));
    MUST(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none));
    set_timer(0, false);
}

static void socket_in_handler(void)
{
    char byte;

    printf("a handler that uses sockets of its own:\n");
    signals = 0;
    handle(converse, SA_RESTART);
    set_timer(3000000, true);
    CHECK(recv(pair[0], &byte, 1, 0) == 1);
    set_timer(0, false);
    printf("  recv: '%c' after its third call\n", byte);
}

static void jump_out(void)
{
    enum { TIMES = 300 };
    volatile int jumps = 0;
    char byte = 'j';

    printf("a handler that jumps out of recv:\n");
    handle(jump, 0);
    while (jumps < TIMES) {
        if (sigsetjmp(back, 1) == 0) {
            set_timer(300000, false);
            recv(pair[0], &byte, 1, 0); /* never returns */
            die("recv returned");
        }
        jumps++;
    }
    printf("  %d times\n", jumps);
    handle(count, 0);
    CHECK(send(pair[1], "k", 1, 0) == 1 && recv(pair[0], &byte, 1, 0) == 1);
    printf("  and the socket still works: '%c'\n", byte);
}

/* The mask is changed for the time of the wait only: no signal gets lost. */
static void wait_with_mask(void)
{
    struct pollfd entry = { .fd = pair[0], .events = POLLIN, .revents = 0 };
    sigset_t blocked, waiting;

    printf("a signal that is let in only by ppoll:\n");
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    MUST(sigprocmask(SIG_BLOCK, &blocked, &waiting));
    signals = 0;
    handle(count, 0);
    MUST(raise(SIGUSR1));
    printf("  before: handled %d times\n", (int)signals);
    interrupted("ppoll", ppoll(&entry, 1, NULL, &waiting));
    printf("  after: handled %d times\n", (int)signals);
    MUST(sigprocmask(SIG_SETMASK, &waiting, NULL));
}

int main(void)
{
    struct sigevent event;

    example_start();
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    handle(count, 0);
    MUST(timer_create(CLOCK_MONOTONIC, &event, &timer));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    without_restart();
    with_restart();
    socket_in_handler();
    jump_out();
    wait_with_mask();
    MUST(close(pair[0]));
    MUST(close(pair[1]));
    return 0;
}
