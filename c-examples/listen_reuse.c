/*
 * listen_reuse - who may bind to a port that is or was in use.
 *
 * A listening socket's port is taken, even for a socket with SO_REUSEADDR. A
 * closed connection's port stays in TIME_WAIT for a minute: SO_REUSEADDR is how
 * a restarted server gets it nevertheless. SO_REUSEPORT lets several sockets
 * listen on one port, if all of them set it.
 *
 * Shows: EADDRINUSE, SO_REUSEADDR, SO_REUSEPORT, TIME_WAIT, bind errors.
 * See: socket(7), ip(7), bind(2), listen(2)
 * Run: build/listen_reuse
 */
#include "example.h"

/* Bind a new socket to that address; -1 and a line of output if that fails. */
static int try_bind(const char *what, const struct sockaddr_in *address, int option)
{
    const int on = 1;
    int fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));

    if (option != 0)
        MUST(setsockopt(fd, SOL_SOCKET, option, &on, sizeof on));
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) == -1) {
        printf("%s: bind: %s\n", what, errno_name(errno));
    } else if (listen(fd, 5) == -1) {
        printf("%s: listen: %s\n", what, errno_name(errno));
    } else {
        printf("%s: done\n", what);
        return fd;
    }
    MUST(close(fd));
    return -1;
}

int main(void)
{
    struct sockaddr_in address, elsewhere = loopback(0);
    const int on = 1;
    int listener, second, fd, peer;
    char byte;

    example_start();
    /* Both, the old and the new socket, need SO_REUSEADDR; servers always set it. */
    listener = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));
    MUST(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    address = loopback(0);
    MUST(bind(listener, as_sockaddr(&address), sizeof address));
    MUST(getsockname(listener, as_sockaddr(&address), &(socklen_t){ sizeof address }));
    MUST(listen(listener, 5));
    try_bind("while one listens", &address, 0);
    try_bind("while one listens, SO_REUSEADDR", &address, SO_REUSEADDR);
    try_bind("while one listens, SO_REUSEPORT", &address, SO_REUSEPORT);

    /* We close first, so it is our port that stays in TIME_WAIT. */
    fd = connect_loopback(&address);
    peer = MUST_INT(accept(listener, NULL, NULL));
    MUST(close(listener));
    MUST(close(peer));
    CHECK(recv(fd, &byte, 1, 0) == 0);
    MUST(close(fd));
    try_bind("in TIME_WAIT", &address, 0);
    fd = try_bind("in TIME_WAIT, SO_REUSEADDR", &address, SO_REUSEADDR);
    if (fd != -1)
        MUST(close(fd));

    fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));
    MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on));
    elsewhere = loopback(0);
    MUST(bind(fd, as_sockaddr(&elsewhere), sizeof elsewhere));
    MUST(getsockname(fd, as_sockaddr(&elsewhere), &(socklen_t){ sizeof elsewhere }));
    MUST(listen(fd, 5));
    second = try_bind("a second with SO_REUSEPORT", &elsewhere, SO_REUSEPORT);
    try_bind("a third without", &elsewhere, 0);
    if (second != -1) {
        /* A connection goes to one of the two, the kernel chooses which. */
        struct pollfd both[2] = { { fd, POLLIN, 0 }, { second, POLLIN, 0 } };
        int client = connect_loopback(&elsewhere);

        printf("one of both gets the connection: %d\n", poll(both, 2, 10000));
        MUST(close(client));
        MUST(close(second));
    }

    CHECK(bind(fd, as_sockaddr(&elsewhere), sizeof elsewhere) == -1);
    printf("bind to it once more: %s\n", errno_name(errno));
    printf("listen once more: %s\n", listen(fd, 9) == 0 ? "done" : errno_name(errno));
    CHECK(connect(fd, as_sockaddr(&elsewhere), sizeof elsewhere) == -1);
    printf("connect on a listening socket: %s\n", errno_name(errno));
    MUST(close(fd));

    elsewhere = loopback(0);
    elsewhere.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1, nobody's address */
    try_bind("to an address which is not ours", &elsewhere, 0);
    fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));
    CHECK(bind(fd, as_sockaddr(&address), 4) == -1);
    printf("with a length of 4: %s\n", errno_name(errno));
    address.sin_family = AF_UNIX;
    CHECK(bind(fd, as_sockaddr(&address), sizeof address) == -1);
    printf("of another family: %s\n", errno_name(errno));
    MUST(close(fd));
    fd = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));
    CHECK(listen(fd, 5) == -1);
    printf("listen on UDP: %s\n", errno_name(errno));
    MUST(close(fd));
    return 0;
}
