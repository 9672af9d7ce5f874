/*
 * udp_connected - what connect() means for a datagram socket.
 *
 * It fixes the peer: send needs no address, datagrams from others are not
 * received, and errors (here ECONNREFUSED, from ICMP) are reported. It may be
 * called again for another peer, and with AF_UNSPEC to undo it.
 *
 * Shows: connect on UDP, re-connect, AF_UNSPEC, getpeername, ECONNREFUSED,
 * EDESTADDRREQ, sendto with an address overriding the peer.
 * See: connect(2), udp(7)
 * Run: build/udp_connected
 */
#include "example.h"

/* Whom is fd connected to? Ports are compared, not printed. */
static void print_peer(int fd, const struct sockaddr_in *one, const struct sockaddr_in *two)
{
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;

    if (getpeername(fd, as_sockaddr(&peer), &length) == -1)
        printf("  getpeername: %s\n", errno_name(errno));
    else
        printf("  connected to %s\n", peer.sin_port == one->sin_port   ? "the first peer"
                                      : peer.sin_port == two->sin_port ? "the second peer"
                                                                       : "somebody else");
}

static void receive(const char *who, int fd)
{
    char buffer[64];
    ssize_t n;

    wait_readable(fd);
    n = MUST(recv(fd, buffer, sizeof buffer, 0));
    printf("  %s received \"%.*s\"\n", who, (int)n, buffer);
}

int main(void)
{
    struct sockaddr_in one, two, own, closed;
    struct sockaddr nobody = { .sa_family = AF_UNSPEC };
    socklen_t length = sizeof own;
    char byte = 'x';
    int first, second, fd, deaf;

    example_start();
    first = bind_loopback(SOCK_DGRAM, &one);
    second = bind_loopback(SOCK_DGRAM, &two);
    fd = bind_loopback(SOCK_DGRAM, &own);

    printf("not connected:\n");
    print_peer(fd, &one, &two);
    CHECK(send(fd, "x", 1, 0) == -1);
    printf("  send: %s\n", errno_name(errno));

    printf("connect to the first:\n");
    MUST(connect(fd, as_sockaddr(&one), sizeof one));
    print_peer(fd, &one, &two);
    CHECK(send(fd, "to my peer", 10, 0) == 10);
    receive("the first", first);
    CHECK(sendto(fd, "to another", 10, 0, as_sockaddr(&two), sizeof two) == 10);
    receive("the second", second);

    /* The second sends something, then the first: only the latter arrives. */
    CHECK(sendto(second, "from a stranger", 15, 0, as_sockaddr(&own), sizeof own) == 15);
    CHECK(sendto(first, "from my peer", 12, 0, as_sockaddr(&own), sizeof own) == 12);
    receive("the connected one", fd);
    CHECK(recv(fd, &byte, 1, MSG_DONTWAIT) == -1);
    printf("  and then nothing: %s\n", errno_name(errno));

    printf("connect to the second:\n");
    MUST(connect(fd, as_sockaddr(&two), sizeof two));
    print_peer(fd, &one, &two);
    CHECK(write(fd, "hello, second", 13) == 13);
    receive("the second", second);

    printf("connect to AF_UNSPEC:\n");
    MUST(connect(fd, &nobody, sizeof nobody));
    print_peer(fd, &one, &two);
    length = sizeof own;
    MUST(getsockname(fd, as_sockaddr(&own), &length));
    printf("  the port, which the kernel had chosen, is kept: %s\n", own.sin_port != 0 ? "yes" : "no");

    /*
     * A port that nobody answers at: the refusal comes back to the next call.
     * To be sure that nobody else gets this port, it is held by a socket which
     * is connected elsewhere and so does not receive from us.
     */
    deaf = bind_loopback(SOCK_DGRAM, &closed);
    MUST(connect(deaf, as_sockaddr(&one), sizeof one));
    printf("connect to a port where nobody listens:\n");
    MUST(connect(fd, as_sockaddr(&closed), sizeof closed));
    CHECK(send(fd, "anybody?", 8, 0) == 8);
    wait_readable(fd);
    CHECK(recv(fd, &byte, 1, 0) == -1);
    printf("  recv: %s\n", errno_name(errno));
    CHECK(recv(fd, &byte, 1, MSG_DONTWAIT) == -1);
    printf("  recv again: %s\n", errno_name(errno));

    MUST(close(fd));
    MUST(close(first));
    MUST(close(second));
    MUST(close(deaf));
    return 0;
}
