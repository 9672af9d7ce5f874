/*
 * mistakes - four well-known mistakes with sockets, and how each is put right.
 *
 *     mistakes [addrlen|short_write|reuseaddr|sigpipe [fixed]]
 *
 * addrlen      recvfrom is given an address, but its length was never set: the
 *              kernel fills in as many bytes as it was allowed to, here none
 * short_write  the result of send is not looked at: what did not fit is lost
 * reuseaddr    a server that is started again cannot bind its port, because
 *              connections of its former life are in TIME_WAIT
 * sigpipe      sending to a peer that has gone ends the process
 *
 * Without arguments all of them, first with the mistake and then without it.
 *
 * Shows: recvfrom, MSG_DONTWAIT, SO_REUSEADDR, MSG_NOSIGNAL.
 * See: recv(2), send(2), socket(7), tcp(7), signal(7)
 * Run: build/mistakes sigpipe
 */
#include "example.h"

/* A datagram server that answers to the address it believes the question came from. */
static void addrlen(bool fixed)
{
    struct sockaddr_in server, from;
    socklen_t length = 0; /* The mistake: what an uninitialised variable may hold. */
    char question[16];
    int fd = bind_loopback(SOCK_DGRAM, &server), client = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));

    CHECK(sendto(client, "who?", 4, 0, as_sockaddr(&server), sizeof server) == 4);
    memset(&from, 0, sizeof from);
    if (fixed)
        length = sizeof from;
    CHECK(recvfrom(fd, question, sizeof question, 0, as_sockaddr(&from), &length) == 4);
    if (sendto(fd, "me", 2, 0, as_sockaddr(&from), sizeof from) == 2)
        printf("the answer was sent\n");
    else
        printf("the answer was not sent: %s\n", errno_name(errno));
    MUST(close(client));
    MUST(close(fd));
}

/* A megabyte for a reader that is slower than the writer. */
static void short_write(bool fixed)
{
    static char data[1 << 20];
    int pair[2];
    size_t got = 0;
    pid_t child;
    ssize_t n;

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    if (!fixed) {
        n = send(pair[0], data, sizeof data, MSG_DONTWAIT); /* The mistake: n is not looked at. */
        (void)n;
        MUST(shutdown(pair[0], SHUT_WR));
        child = 0;
    } else {
        child = MUST_INT(fork());
        if (child == 0) {
            MUST(close(pair[1]));
            send_all(pair[0], data, sizeof data);
            exit(0);
        }
    }
    MUST(close(pair[0]));
    while ((n = MUST(recv(pair[1], data, sizeof data, 0))) > 0)
        got += (size_t)n;
    printf("%s\n", got == sizeof data ? "all of it arrived" : "a part of it never arrived");
    if (child != 0)
        wait_success(child);
    MUST(close(pair[1]));
}

/* A listening socket, with SO_REUSEADDR or without; -1 when its port cannot be had. */
static int listen_again(struct sockaddr_in *address, bool reuse)
{
    const int on = 1;
    int fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));

    if (reuse)
        MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    if (bind(fd, as_sockaddr(address), sizeof *address) == -1) {
        printf("the port could not be bound: %s\n", errno_name(errno));
        MUST(close(fd));
        return -1;
    }
    MUST(listen(fd, 1));
    MUST(getsockname(fd, as_sockaddr(address), &(socklen_t){ sizeof *address }));
    return fd;
}

/* A server with one client, which it lets go first; then the same server again. */
static void reuseaddr(bool fixed)
{
    struct sockaddr_in address = loopback(0);
    int listener = listen_again(&address, fixed), client = connect_loopback(&address);
    int fd = MUST_INT(accept(listener, NULL, NULL));
    char byte;

    MUST(close(fd)); /* The side that closes first has the TIME_WAIT. */
    CHECK(recv(client, &byte, 1, 0) == 0);
    MUST(close(client));
    MUST(close(listener));

    listener = listen_again(&address, fixed);
    if (listener != -1) {
        printf("the port could be bound again\n");
        MUST(close(listener));
    }
}

/* A message to somebody who has closed. */
static void sigpipe(bool fixed)
{
    int pair[2];

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    MUST(close(pair[1]));
    if (send(pair[0], "hello?", 6, fixed ? MSG_NOSIGNAL : 0) == -1)
        printf("send failed: %s\n", errno_name(errno));
    MUST(close(pair[0]));
}

static const struct {
    const char *name;
    void (*run)(bool fixed);
} mistakes[] = {
    { "addrlen", addrlen }, { "short_write", short_write }, { "reuseaddr", reuseaddr }, { "sigpipe", sigpipe },
};

/* Run one in a child of its own, and say how that ended. */
static void apart(size_t i, bool fixed)
{
    int status;
    pid_t child;

    printf("%s%s: ", mistakes[i].name, fixed ? ", fixed" : "");
    fflush(stdout);
    child = MUST_INT(fork());
    if (child == 0) {
        mistakes[i].run(fixed);
        exit(0);
    }
    MUST(waitpid(child, &status, 0));
    if (WIFSIGNALED(status))
        printf("ended by SIG%s\n", sigabbrev_np(WTERMSIG(status)));
    else
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv)
{
    enum { COUNT = sizeof mistakes / sizeof *mistakes };

    example_start();
    if (argc == 1) {
        for (size_t i = 0; i < COUNT; i++) {
            apart(i, false);
            apart(i, true);
        }
        return 0;
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(argv[1], mistakes[i].name) == 0) {
            mistakes[i].run(argc > 2 && strcmp(argv[2], "fixed") == 0);
            return 0;
        }
    }
    fprintf(stderr, "usage: %s [addrlen|short_write|reuseaddr|sigpipe [fixed]]\n", argv[0]);
    return 2;
}
