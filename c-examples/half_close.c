/*
 * half_close - the ways a TCP connection ends.
 *
 * shutdown closes one direction and leaves the other; close sends a reset
 * instead of an end of file when SO_LINGER is zero or when data was left
 * unread; after that, sending fails with EPIPE, and with SIGPIPE unless it is
 * ignored or MSG_NOSIGNAL is given.
 *
 * Shows: SHUT_WR, SHUT_RD, SHUT_RDWR, SO_LINGER, ECONNRESET, EPIPE, SIGPIPE,
 * MSG_NOSIGNAL, ENOTCONN, POLLRDHUP.
 * See: shutdown(2), close(2), tcp(7), send(2), signal(7)
 * Run: build/half_close
 */
#include "example.h"

static volatile sig_atomic_t pipes;

static void on_pipe(int signal UNUSED)
{
    pipes++;
}

static void outcome(const char *call, ssize_t n)
{
    if (n == -1)
        printf("  %s: %s%s\n", call, errno_name(errno), pipes ? ", SIGPIPE" : "");
    else
        printf("  %s: %zd\n", call, n);
    pipes = 0;
}

/*
 * Wait until the reset or end of file that is on its way has come. The kernel
 * sets the flags one after the other; a poll at the same time may see the first
 * of them only.
 */
static void wait_hangup(int fd, short wanted)
{
    struct pollfd entry = { .fd = fd, .events = POLLRDHUP, .revents = 0 };

    CHECK(poll(&entry, 1, 10000) == 1);
    while ((entry.revents & wanted) != wanted) {
        sleep_ms(1);
        CHECK(poll(&entry, 1, 10000) == 1);
    }
    printf("  poll:%s%s%s\n", entry.revents & POLLRDHUP ? " POLLRDHUP" : "", entry.revents & POLLHUP ? " POLLHUP" : "",
           entry.revents & POLLERR ? " POLLERR" : "");
}

static void half_closed(void)
{
    char buffer[32];
    int pair[2];

    printf("SHUT_WR, the other direction goes on:\n");
    tcp_pair(pair);
    CHECK(send(pair[0], "question", 8, 0) == 8);
    MUST(shutdown(pair[0], SHUT_WR));
    CHECK(recv_all(pair[1], buffer, 8));
    printf("  received \"%.8s\"\n", buffer);
    outcome("then", recv(pair[1], buffer, sizeof buffer, 0));
    wait_hangup(pair[1], POLLRDHUP);
    CHECK(send(pair[1], "answer", 6, 0) == 6);
    CHECK(recv_all(pair[0], buffer, 6));
    printf("  received \"%.6s\" on the closed half's socket\n", buffer);
    outcome("send on it", send(pair[0], "x", 1, 0));
    outcome("send on it with MSG_NOSIGNAL", send(pair[0], "x", 1, MSG_NOSIGNAL));
    MUST(close(pair[0]));
    MUST(close(pair[1]));

    printf("SHUT_RD:\n");
    tcp_pair(pair);
    MUST(shutdown(pair[0], SHUT_RD));
    outcome("recv", recv(pair[0], buffer, sizeof buffer, 0));
    CHECK(send(pair[0], "still", 5, 0) == 5);
    CHECK(recv_all(pair[1], buffer, 5));
    printf("  the other gets \"%.5s\"\n", buffer);
    MUST(close(pair[0]));
    MUST(close(pair[1]));

    printf("SHUT_RDWR:\n");
    tcp_pair(pair);
    MUST(shutdown(pair[0], SHUT_RDWR));
    outcome("recv", recv(pair[0], buffer, sizeof buffer, 0));
    outcome("send", send(pair[0], "x", 1, 0));
    outcome("recv by the other", recv(pair[1], buffer, sizeof buffer, 0));
    MUST(close(pair[0]));
    MUST(close(pair[1]));
}

static void reset(void)
{
    const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    char buffer[32];
    int pair[2];

    printf("a reset by SO_LINGER 0:\n");
    tcp_pair(pair);
    MUST(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
    MUST(close(pair[0]));
    wait_hangup(pair[1], POLLRDHUP | POLLHUP | POLLERR);
    outcome("recv", recv(pair[1], buffer, sizeof buffer, 0));
    outcome("recv again", recv(pair[1], buffer, sizeof buffer, 0));
    outcome("send", send(pair[1], "x", 1, 0));
    outcome("write", write(pair[1], "x", 1));
    outcome("send with MSG_NOSIGNAL", send(pair[1], "x", 1, MSG_NOSIGNAL));
    MUST(close(pair[1]));

    printf("a reset, found out by send:\n");
    tcp_pair(pair);
    MUST(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
    MUST(close(pair[0]));
    wait_hangup(pair[1], POLLRDHUP | POLLHUP | POLLERR);
    outcome("send", send(pair[1], "x", 1, 0));
    outcome("send again", send(pair[1], "x", 1, 0));
    outcome("recv", recv(pair[1], buffer, sizeof buffer, 0));
    MUST(close(pair[1]));

    printf("a reset because data was left unread:\n");
    tcp_pair(pair);
    CHECK(send(pair[1], "unread", 6, 0) == 6);
    wait_readable(pair[0]);
    MUST(close(pair[0]));
    wait_hangup(pair[1], POLLRDHUP | POLLHUP | POLLERR);
    outcome("recv", recv(pair[1], buffer, sizeof buffer, 0));
    MUST(close(pair[1]));

    printf("data before a reset is still delivered:\n");
    tcp_pair(pair);
    CHECK(send(pair[0], "last words", 10, 0) == 10);
    wait_readable(pair[1]);
    MUST(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
    MUST(close(pair[0]));
    wait_hangup(pair[1], POLLRDHUP | POLLHUP | POLLERR);
    outcome("recv", recv(pair[1], buffer, sizeof buffer, 0));
    outcome("recv again", recv(pair[1], buffer, sizeof buffer, 0));
    outcome("and again", recv(pair[1], buffer, sizeof buffer, 0));
    MUST(close(pair[1]));
}

static void sigpipe(void)
{
    int pair[2], status;
    pid_t child;

    printf("SIGPIPE ignored, and not:\n");
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    MUST(close(pair[1]));
    signal(SIGPIPE, SIG_IGN);
    outcome("send", send(pair[0], "x", 1, 0));
    child = MUST_INT(fork());
    if (child == 0) {
        signal(SIGPIPE, SIG_DFL);
        send(pair[0], "x", 1, 0);
        _exit(0); /* not reached */
    }
    status = wait_status(child);
    printf("  a child with the default: %s\n",
           WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE ? "killed by SIGPIPE" : "lives");
    MUST(close(pair[0]));
}

static void not_connected(void)
{
    char byte;
    int fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));

    printf("never connected:\n");
    signal(SIGPIPE, SIG_IGN);
    outcome("recv", recv(fd, &byte, 1, 0));
    outcome("send", send(fd, "x", 1, 0));
    outcome("shutdown", shutdown(fd, SHUT_RDWR));
    MUST(close(fd));
    outcome("close twice", close(fd));
}

int main(void)
{
    struct sigaction action = { .sa_handler = on_pipe, .sa_flags = 0 };

    example_start();
    MUST(sigaction(SIGPIPE, &action, NULL));
    half_closed();
    reset();
    sigpipe();
    not_connected();
    return 0;
}
