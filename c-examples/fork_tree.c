/*
 * fork_tree - sockets shared by a family of processes.
 *
 * Parent and child have the same socket, not two: what one reads the other does
 * not get, and the end of file comes when the last of them has closed. Here a
 * tree of processes grows three levels deep; each of them talks to its parent
 * over inherited sockets, uses sockets of its own, and leaves by _exit.
 *
 * Shows: fork, _Fork (which runs no pthread_atfork handlers), forks from
 * threads, inherited and shared descriptors.
 * See: fork(2), pthread_atfork(3), socketpair(2)
 * Run: build/fork_tree
 */
#include "example.h"

#include <dlfcn.h>

enum { DEPTH = 3, WIDTH = 2 };

static int atfork_calls;

static void count_atfork(void)
{
    atfork_calls++;
}

/* How many processes there are below and including this one. */
static int grow(int depth)
{
    int total = 1;

    pair_exchange();
    for (int i = 0; depth > 0 && i < WIDTH; i++) {
        int pair[2], below;
        pid_t child;

        MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
        child = MUST_INT(fork());
        if (child == 0) {
            MUST(close(pair[0]));
            below = grow(depth - 1);
            CHECK(send(pair[1], &below, sizeof below, 0) == sizeof below);
            _exit(0);
        }
        MUST(close(pair[1]));
        CHECK(recv_all(pair[0], &below, sizeof below));
        total += below;
        MUST(close(pair[0]));
        wait_success(child);
    }
    return total;
}

/* One socket in two processes: each datagram reaches one of them. */
static void shared(void)
{
    int pair[2], got = 0, theirs;
    char byte;
    pid_t child;

    MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    for (int i = 0; i < 10; i++)
        CHECK(send(pair[0], "x", 1, 0) == 1);
    child = MUST_INT(fork());
    if (child == 0) {
        while (recv(pair[1], &byte, 1, MSG_DONTWAIT) == 1)
            got++;
        _exit(got);
    }
    while (recv(pair[1], &byte, 1, MSG_DONTWAIT) == 1)
        got++;
    theirs = WEXITSTATUS(wait_status(child));
    printf("of 10 datagrams parent and child got %d together\n", got + theirs);
    MUST(close(pair[0]));
    MUST(close(pair[1]));

    /* The end of file waits for the last holder. */
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    child = MUST_INT(fork());
    if (child == 0) {
        MUST(close(pair[0]));
        CHECK(send(pair[1], "c", 1, 0) == 1);
        CHECK(recv(pair[1], &byte, 1, 0) == 1); /* the parent has closed its copy */
        _exit(0);
    }
    MUST(close(pair[1]));
    CHECK(recv(pair[0], &byte, 1, 0) == 1);
    CHECK(recv(pair[0], &byte, 1, MSG_DONTWAIT) == -1);
    printf("the child holds it open: %s\n", errno_name(errno));
    CHECK(send(pair[0], "p", 1, 0) == 1);
    CHECK(recv(pair[0], &byte, 1, 0) == 0);
    printf("the child has left: end of file\n");
    MUST(close(pair[0]));
    wait_success(child);
}

/* _Fork is new (glibc 2.34); where there is none, fork must do. */
static void by__fork(void)
{
    void *symbol = dlsym(RTLD_DEFAULT, "_Fork");
    pid_t (*make)(void) = fork;
    int pair[2];
    char byte;
    pid_t child;

    if (symbol != NULL)
        memcpy(&make, &symbol, sizeof make);
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    child = MUST_INT(make());
    if (child == 0) {
        /* Only async-signal-safe calls in here. */
        if (recv(pair[1], &byte, 1, 0) != 1 || send(pair[1], &byte, 1, 0) != 1 || close(pair[1]) != 0)
            _exit(1);
        _exit(0);
    }
    CHECK(send(pair[0], "_", 1, 0) == 1);
    CHECK(recv(pair[0], &byte, 1, 0) == 1 && byte == '_');
    wait_success(child);
    printf("_Fork: the child answers\n");
    MUST(close(pair[0]));
    MUST(close(pair[1]));
}

/* A thread forks while others are busy; only it exists in the child. */
static void *busy(void *argument)
{
    for (int i = 0; i < 500; i++)
        pair_exchange();
    return argument;
}

static void *forking(void *argument)
{
    for (int i = 0; i < 20; i++) {
        pid_t child = MUST_INT(fork());

        if (child == 0) {
            for (int k = 0; k < 5; k++)
                pair_exchange();
            _exit(0);
        }
        wait_success(child);
    }
    return argument;
}

static void from_threads(void)
{
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        MUST_0(pthread_create(&threads[i], NULL, i < 2 ? busy : forking, NULL));
    for (int i = 0; i < 4; i++)
        MUST_0(pthread_join(threads[i], NULL));
    printf("40 forks from two threads, while two others are busy\n");
}

int main(void)
{
    pid_t child;

    example_start();
    printf("a tree of %d processes\n", grow(DEPTH));
    shared();
    MUST_0(pthread_atfork(count_atfork, count_atfork, count_atfork));
    by__fork();
    printf("atfork handlers run by _Fork: %s\n", atfork_calls == 0 ? "none" : "some");
    child = MUST_INT(fork()); /* runs two here, before and after, and two there */
    if (child == 0)
        _exit(atfork_calls == 2 ? 0 : 1);
    wait_success(child);
    printf("atfork handlers run by fork: %d\n", atfork_calls);
    from_threads();
    return 0;
}
