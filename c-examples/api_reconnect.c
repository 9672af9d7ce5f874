/*
 * A client that reconnects, and its unit tests: connect is refused twice, a write is short, the connection is reset after
 * 64 KB. The server is a thread of the same program and notices nothing of it: the rules are for the testing thread only.
 *
 *   cc -pthread api_reconnect.c -lsocklens && ./a.out
 *
 * Linked with -lsocklens_noop, as a program is shipped, it says that there was nothing to test.
 */
#include "example.h"

#undef NDEBUG
#include <assert.h>
#include <socklens.h>

enum { SIZE = 200 * 1024, TRIES = 5 };

/* ---- what is tested ------------------------------------------------------------------------------------------------- */

struct client {
    struct sockaddr_in server;
    int fd;
    int connects, resets;
};

/* Connects; a server that is just restarting is tried again. */
static int dial(struct client *c)
{
    for (int i = 0; i < TRIES; i++) {
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        c->connects++;
        if (connect(c->fd, as_sockaddr(&c->server), sizeof c->server) == 0)
            return 0;
        int error = errno;
        close(c->fd);
        c->fd = -1;
        errno = error;
        if (error != ECONNREFUSED && error != ETIMEDOUT)
            return -1;
    }
    return -1;
}

/* Sends everything, in however many pieces. */
static int put(int fd, const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Fetches the file; after a reset it goes on where it was. */
static int fetch(struct client *c, unsigned char *to, size_t size)
{
    size_t have = 0;

    while (have < size) {
        char request[32];
        snprintf(request, sizeof request, "GET %020zu\n", have);
        if (dial(c) != 0)
            return -1;
        ssize_t n = put(c->fd, request, strlen(request)) == 0 ? 1 : -1;
        while (n > 0 && have < size)
            if ((n = recv(c->fd, to + have, size - have, 0)) > 0)
                have += (size_t)n;
        int error = errno;
        close(c->fd);
        if (n == 0 || (n == -1 && error != ECONNRESET && error != EPIPE))
            return -1;
        if (n == -1 && ++c->resets > TRIES)
            return -1;
    }
    return 0;
}

/* ---- the server ----------------------------------------------------------------------------------------------------- */

static unsigned char file[SIZE], got[SIZE];

static void *serve(void *listener)
{
    int fd;

    while ((fd = accept(*(int *)listener, NULL, NULL)) != -1) {
        char request[26];
        size_t have = 0;
        ssize_t n;
        while (have < 25 && (n = recv(fd, request + have, 25 - have, 0)) > 0)
            have += (size_t)n;
        request[have] = '\0';
        if (have == 25 && strncmp(request, "GET ", 4) == 0) {
            size_t from = strtoul(request + 4, NULL, 10);
            if (from < SIZE)
                put(fd, file + from, SIZE - from);
        }
        /* A connection whose peer has closed it cannot be reset any more: the client closes first. */
        while (recv(fd, request, sizeof request, 0) > 0)
            continue;
        close(fd);
    }
    return NULL;
}

/* ---- the tests ------------------------------------------------------------------------------------------------------ */

static int64_t scope(const char *rules)
{
    char error[512];
    int64_t handle = socklens_fault_scope(rules, error, sizeof error);

    if (handle == SOCKLENS_ENOLIB) {
        puts("no faults to test with: socklens is not here");
        exit(0);
    }
    if (handle < 0)
        die("%s", handle == SOCKLENS_ESYNTAX ? error : socklens_strerror((int)handle));
    return handle;
}

/* Fetches under these rules and ends them; how often they fired. */
static int64_t under(const char *rules, struct client *c)
{
    int64_t handle = scope(rules);

    memset(got, 0, sizeof got);
    assert(fetch(c, got, sizeof got) == 0);
    assert(memcmp(got, file, sizeof got) == 0);
    int64_t fired = socklens_fault_fired(handle);
    assert(socklens_fault_remove(handle) == 0);
    return fired;
}

static void connects_in_spite_of_two_refusals(struct sockaddr_in server)
{
    struct client c = { .server = server };

    assert(under("connect @n=1..2 : refuse", &c) == 2);
    assert(c.connects == 3 && c.resets == 0);
    puts("connect refused twice: connected at the third try");
}

static void gives_up_when_nobody_is_there(struct sockaddr_in server)
{
    struct client c = { .server = server };
    int64_t handle = scope("connect : refuse");

    assert(dial(&c) == -1 && errno == ECONNREFUSED && c.connects == TRIES);
    assert(socklens_fault_fired(handle) == TRIES && socklens_fault_remove(handle) == 0);
    puts("connect always refused: gave up after five tries");
}

static void sends_the_rest_after_a_short_write(struct sockaddr_in server)
{
    struct client c = { .server = server };

    assert(under("send : short 1..3!", &c) >= 25 / 3);
    assert(c.connects == 1);
    puts("short writes: the request arrived whole");
}

static void goes_on_after_a_reset(struct sockaddr_in server)
{
    struct client c = { .server = server };

    assert(under("recv @bytes=64K : reset", &c) == 3);
    assert(c.connects == 4 && c.resets == 3);
    puts("reset after 64 KB, three times: the file is whole");
}

int main(void)
{
    struct sockaddr_in server;
    pthread_t thread;
    int listener;

    example_start();

    for (size_t i = 0; i < SIZE; i++)
        file[i] = (unsigned char)(i * 7 + i / 251);
    listener = listen_loopback(8, &server);
    MUST_0(pthread_create(&thread, NULL, serve, &listener));

    connects_in_spite_of_two_refusals(server);
    gives_up_when_nobody_is_there(server);
    sends_the_rest_after_a_short_write(server);
    goes_on_after_a_reset(server);

    shutdown(listener, SHUT_RDWR);
    MUST_0(pthread_join(thread, NULL));
    return 0;
}
