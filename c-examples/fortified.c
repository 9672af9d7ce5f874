/*
 * fortified - socket calls as they look with _FORTIFY_SOURCE.
 *
 * Compiled with -O2 -D_FORTIFY_SOURCE=2 (as distributions do), a call with a
 * buffer whose size the compiler knows and a length it does not becomes a call
 * of a checked function: recv is then __recv_chk, poll is __poll_chk. To the
 * program nothing changes, unless the length is too large: then it is ended
 * before the call is made. See which are used: nm -D build/fortified
 *
 * See: feature_test_macros(7), "_FORTIFY_SOURCE"
 * Run: build/fortified
 */
#include "example.h"

#include <sys/resource.h>
#include <sys/select.h>

/* Lengths the compiler cannot know. */
static volatile size_t four = 4, two = 2, too_many = 100;
static volatile nfds_t two_entries = 2;

static void data(void)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    char buffer[8];
    int pair[2], udp;

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    CHECK(send(pair[0], "onetwothrfou", 12, 0) == 12);
    CHECK(recv(pair[1], buffer, four - 1, 0) == 3);
    printf("recv: %.3s\n", buffer);
    CHECK(read(pair[1], buffer, four - 1) == 3);
    printf("read: %.3s\n", buffer);
    CHECK(recvfrom(pair[1], buffer, four - 1, 0, NULL, NULL) == 3);
    printf("recvfrom: %.3s\n", buffer);
    CHECK(pread(pair[1], buffer, four, 0) == -1);
    printf("pread: %s\n", errno_name(errno));
    CHECK(recv(pair[1], buffer, four, MSG_PEEK | MSG_DONTWAIT) == 3);
    MUST(close(pair[0]));
    MUST(close(pair[1]));

    udp = bind_loopback(SOCK_DGRAM, &address);
    CHECK(sendto(udp, "udp", 3, 0, as_sockaddr(&address), sizeof address) == 3);
    CHECK(recvfrom(udp, buffer, four, 0, as_sockaddr(&address), &length) == 3);
    printf("recvfrom UDP: %.3s\n", buffer);
    CHECK(recv(udp, buffer, four, MSG_DONTWAIT) == -1);
    printf("recv, nothing there: %s\n", errno_name(errno));
    MUST(close(udp));
    CHECK(recv(udp, buffer, four, 0) == -1);
    printf("recv, closed: %s\n", errno_name(errno));
}

static void waiting(void)
{
    struct pollfd entries[4];
    struct timeval at_once = { 0, 0 };
    const struct timespec none = { 0, 0 };
    fd_set set;
    int pair[2];

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    for (int i = 0; i < 4; i++)
        entries[i] = (struct pollfd){ .fd = pair[i % 2], .events = POLLOUT, .revents = 0 };
    printf("poll: %d\n", poll(entries, two_entries, 0));
    printf("ppoll: %d\n", ppoll(entries, two_entries, &none, NULL));
    FD_ZERO(&set);
    FD_SET(pair[(size_t)(two - 1)], &set); /* checked too: by __fdelt_chk */
    printf("select: %d\n", select(pair[1] + 1, NULL, &set, NULL, &at_once));
    MUST(close(pair[0]));
    MUST(close(pair[1]));
}

/* A length beyond the buffer: "buffer overflow detected", and SIGABRT. */
static void overflow(void)
{
    const struct rlimit no_core = { 0, 0 };
    int status;
    pid_t child = MUST_INT(fork());

    if (child == 0) {
        char buffer[8];
        int pair[2], quiet = MUST_INT(open("/dev/null", O_WRONLY));

        MUST(dup2(quiet, STDERR_FILENO));
        MUST(setrlimit(RLIMIT_CORE, &no_core));
        MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
        CHECK(send(pair[0], "x", 1, 0) == 1);
        CHECK(recv(pair[1], buffer, too_many, 0) == 1);
        _exit(0);
    }
    status = wait_status(child);
    printf("recv of 100 into 8: %s\n",
           WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? "SIGABRT" : "the C library does not check");
}

int main(void)
{
    char name[256];

    example_start();
    data();
    waiting();
    CHECK(gethostname(name, four * 64) == 0);
    overflow();
    return 0;
}
