/*
 * tcp_iterative - the simplest server: one client after the other.
 *
 * Eight clients connect at the same time; the kernel keeps those whose turn has
 * not come in the listening socket's queue, complete with the data they have
 * sent already. Nothing else is needed as long as no client is slow.
 *
 * Shows: listen and its backlog, accept, getpeername, recv until end of file.
 * See: listen(2), accept(2), tcp(7)
 * Run: build/tcp_iterative
 */
#include "tcp_clients.h"

static void serve(int fd, struct tally *tally)
{
    struct conn_state conn = { -1 };
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    char buffer[1500];
    ssize_t n;

    no_delay(fd);
    MUST(getpeername(fd, as_sockaddr(&peer), &length));
    CHECK(peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    while ((n = MUST(recv(fd, buffer, sizeof buffer, 0))) > 0) {
        count_bytes(tally, &conn, buffer, (size_t)n);
        send_all(fd, buffer, (size_t)n);
    }
}

int main(void)
{
    struct sockaddr_in address;
    struct tally tally = { { 0 } };
    pid_t pids[CLIENTS];
    int listener;

    example_start();
    listener = listen_loopback(CLIENTS, &address);
    start_clients(&address, listener, pids);
    for (int served = 0; served < CLIENTS; served++) {
        int fd = MUST_INT(accept(listener, NULL, NULL));

        serve(fd, &tally);
        MUST(close(fd));
    }
    MUST(close(listener));
    wait_clients(pids);
    print_tally("iterative", &tally);
    return 0;
}
