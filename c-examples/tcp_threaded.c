/*
 * tcp_threaded - a thread for each client.
 *
 * Like the forking server, but the connections share one address space: the
 * threads add to one tally, each to its own client's place in it.
 *
 * Shows: accept in one thread, send and recv in others, accept4.
 * See: accept(2), pthread_create(3), pthreads(7)
 * Run: build/tcp_threaded
 */
#include "tcp_clients.h"

static struct tally tally;

static void *serve(void *argument)
{
    int fd = *(int *)argument;
    struct conn_state conn = { -1 };
    char buffer[1500];
    ssize_t n;

    no_delay(fd);
    while ((n = MUST(recv(fd, buffer, sizeof buffer, 0))) > 0) {
        count_bytes(&tally, &conn, buffer, (size_t)n);
        send_all(fd, buffer, (size_t)n);
    }
    MUST(close(fd));
    return NULL;
}

int main(void)
{
    struct sockaddr_in address;
    pid_t pids[CLIENTS];
    pthread_t threads[CLIENTS];
    int fds[CLIENTS];
    int listener;

    example_start();
    listener = listen_loopback(CLIENTS, &address);
    start_clients(&address, listener, pids);
    for (int served = 0; served < CLIENTS; served++) {
        fds[served] = MUST_INT(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
        MUST_0(pthread_create(&threads[served], NULL, serve, &fds[served]));
    }
    MUST(close(listener));
    for (int served = 0; served < CLIENTS; served++)
        MUST_0(pthread_join(threads[served], NULL));
    wait_clients(pids);
    print_tally("threaded", &tally);
    return 0;
}
