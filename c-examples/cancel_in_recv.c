/*
 * cancel_in_recv - a thread cancelled while it waits in a socket call.
 *
 * Waiting calls are cancellation points: pthread_cancel unwinds the thread from
 * inside the call, running its cleanup handlers; the call never returns. The
 * socket stays usable. Also: a thread with cancellation disabled finishes its
 * call first, and a pending cancellation acts at the next call.
 *
 * See: pthread_cancel(3), pthread_cleanup_push(3), pthreads(7)
 * Run: build/cancel_in_recv
 */
#include "example.h"

#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/uio.h>

static int pair[2], listener, epoll;
static struct sockaddr_in address;

static void in_recv(void)
{
    char byte;
    recv(pair[1], &byte, 1, 0);
}

static void in_recvfrom(void)
{
    char byte;
    recvfrom(pair[1], &byte, 1, 0, NULL, NULL);
}

static void in_recvmsg(void)
{
    char byte;
    struct iovec part = { &byte, 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    recvmsg(pair[1], &message, 0);
}

static void in_recvmmsg(void)
{
    char byte;
    struct iovec part = { &byte, 1 };
    struct mmsghdr message = { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } };

    recvmmsg(pair[1], &message, 1, 0, NULL);
}

static void in_read(void)
{
    char byte;
    CHECK(read(pair[1], &byte, 1) != 1);
}

static void in_readv(void)
{
    char byte;
    struct iovec part = { &byte, 1 };

    CHECK(readv(pair[1], &part, 1) != 1);
}

static void in_accept(void)
{
    accept(listener, NULL, NULL);
}

static void in_accept4(void)
{
    accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

static void in_poll(void)
{
    struct pollfd entry = { .fd = pair[1], .events = POLLIN, .revents = 0 };
    poll(&entry, 1, -1);
}

static void in_ppoll(void)
{
    struct pollfd entry = { .fd = pair[1], .events = POLLIN, .revents = 0 };
    ppoll(&entry, 1, NULL, NULL);
}

static void in_select(void)
{
    fd_set set;

    FD_ZERO(&set);
    FD_SET(pair[1], &set);
    select(pair[1] + 1, &set, NULL, NULL, NULL);
}

static void in_epoll_wait(void)
{
    struct epoll_event event;

    while (epoll_wait(epoll, &event, 1, -1) == -1 && errno == EINTR)
        continue;
}

/* Fill the queue; the call that finds it full waits. */
static void in_send(void)
{
    char block[4096] = { 0 };

    while (send(pair[1], block, sizeof block, MSG_NOSIGNAL) > 0)
        continue;
}

static const struct {
    const char *name;
    void (*wait)(void);
} calls[] = {
    { "recv", in_recv }, { "recvfrom", in_recvfrom }, { "recvmsg", in_recvmsg }, { "recvmmsg", in_recvmmsg },
    { "read", in_read }, { "readv", in_readv }, { "accept", in_accept }, { "accept4", in_accept4 },
    { "poll", in_poll }, { "ppoll", in_ppoll }, { "select", in_select }, { "epoll_wait", in_epoll_wait },
    { "send", in_send },
};

static void cleanup(void *name)
{
    printf("%s: cleanup handler\n", (const char *)name);
    pair_exchange();
}

static void *wait_in(void *argument)
{
    size_t which = *(size_t *)argument;

    pthread_cleanup_push(cleanup, (void *)(uintptr_t)calls[which].name);
    calls[which].wait();
    pthread_cleanup_pop(0);
    return NULL;
}

static void *with_cancellation_disabled(void *argument UNUSED)
{
    char byte = 0;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    CHECK(send(pair[1], "r", 1, 0) == 1); /* ready */
    CHECK(recv(pair[1], &byte, 1, 0) == 1);
    printf("disabled: received '%c' although cancelled\n", byte);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    recv(pair[1], &byte, 1, MSG_DONTWAIT); /* the pending cancellation acts here */
    return NULL;
}

static void join_cancelled(const char *name, pthread_t thread)
{
    void *result;

    MUST_0(pthread_join(thread, &result));
    printf("%s: %s\n", name, result == PTHREAD_CANCELED ? "cancelled" : "returned");
}

int main(void)
{
    struct epoll_event event = { .events = EPOLLIN, .data = { .fd = 0 } };
    pthread_t thread;
    char byte;

    example_start();
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        int fd, peer;

        MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
        listener = listen_loopback(1, &address);
        epoll = MUST_INT(epoll_create1(0));
        MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[1], &event));
        MUST_0(pthread_create(&thread, NULL, wait_in, &i));
        sleep_ms(10); /* let it get into the call */
        MUST_0(pthread_cancel(thread));
        join_cancelled(calls[i].name, thread);

        /* What it waited on works as before. */
        CHECK(send(pair[0], "w", 1, 0) == 1);
        CHECK(recv(pair[1], &byte, 1, 0) == 1 && byte == 'w');
        fd = connect_loopback(&address);
        peer = MUST_INT(accept(listener, NULL, NULL));
        MUST(close(fd));
        MUST(close(peer));
        MUST(close(pair[0]));
        MUST(close(pair[1]));
        MUST(close(listener));
        MUST(close(epoll));
    }

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    MUST_0(pthread_create(&thread, NULL, with_cancellation_disabled, NULL));
    CHECK(recv(pair[0], &byte, 1, 0) == 1);
    MUST_0(pthread_cancel(thread));
    CHECK(send(pair[0], "d", 1, 0) == 1);
    join_cancelled("disabled", thread);
    MUST(close(pair[0]));
    MUST(close(pair[1]));
    return 0;
}
