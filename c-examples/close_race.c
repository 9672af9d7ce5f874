/*
 * close_race - one thread closes what others are using.
 *
 * A mistake in a program, but a common one, and nothing worse may come of it
 * than the kernel's own answers: EBADF, or that the call hits whatever has got
 * the number since. For 0.3 s one thread makes and closes pairs as fast as it
 * can, so that numbers are reused at once, while three others call whatever
 * there is on them. Which call meets what is chance; only "ok" is printed.
 *
 * See: close(2), "Multithreaded processes and close()"
 * Run: build/close_race
 */
#include "example.h"

#include <stdatomic.h>
#include <sys/ioctl.h>

static _Atomic int current[2] = { -1, -1 };
static atomic_bool stop;
static atomic_ulong calls;

/* Only what the kernel says about sockets, closed ones and full queues. */
static void allow(ssize_t result)
{
    if (result == -1 && errno != EBADF && errno != EAGAIN && errno != EPIPE && errno != ENOTCONN &&
        errno != ECONNRESET && errno != ECONNREFUSED)
        die("an unexpected error: %s", strerror(errno));
}

static void *use(void *argument)
{
    int side = *(int *)argument % 2;
    char buffer[16];

    while (!stop) {
        int fd = current[side];
        struct pollfd entry = { .fd = fd, .events = POLLIN, .revents = 0 };
        int value;
        socklen_t length = sizeof value;

        if (fd < 0)
            continue;
        allow(send(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL));
        allow(recv(fd, buffer, sizeof buffer, MSG_DONTWAIT));
        allow(poll(&entry, 1, 0));
        allow(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length));
        allow(ioctl(fd, FIONREAD, &value));
        atomic_fetch_add(&calls, 5);
    }
    return NULL;
}

static void *make_and_close(void *argument UNUSED)
{
    unsigned turn = 0;

    while (!stop) {
        int pair[2], copy;

        MUST(socketpair(AF_UNIX, turn++ % 2 == 0 ? SOCK_STREAM : SOCK_DGRAM, 0, pair));
        current[0] = pair[0];
        current[1] = pair[1];
        if (turn % 3 == 0) {
            copy = MUST_INT(dup(pair[0]));
            MUST(dup2(copy, pair[1])); /* replaces one in use */
            MUST(close(copy));
        }
        MUST(close(pair[0]));
        MUST(close(pair[1]));
    }
    return NULL;
}

int main(void)
{
    static int sides[3] = { 0, 1, 2 };
    pthread_t maker, users[3];

    example_start();
    MUST_0(pthread_create(&maker, NULL, make_and_close, NULL));
    for (int i = 0; i < 3; i++)
        MUST_0(pthread_create(&users[i], NULL, use, &sides[i]));
    sleep_ms(300);
    /* Among much else that runs, the first may have come to nothing by now. */
    for (int i = 0; i < 1500 && calls == 0; i++)
        sleep_ms(10);
    stop = true;
    MUST_0(pthread_join(maker, NULL));
    for (int i = 0; i < 3; i++)
        MUST_0(pthread_join(users[i], NULL));
    CHECK(calls > 0);
    pair_exchange();
    printf("ok\n");
    return 0;
}
