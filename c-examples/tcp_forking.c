/*
 * tcp_forking - a process for each client.
 *
 * The parent accepts and forks; the child closes the listening socket, serves
 * its client and leaves, the parent closes its copy of the connection at once:
 * while it keeps one, the client never sees the end of file. The ended children
 * are collected when SIGCHLD says so, and accept is simply called again when
 * that signal interrupts it.
 *
 * Shows: fork and inherited sockets, SIGCHLD and waitpid(WNOHANG), EINTR from
 * accept; the counts come back through a datagram socket pair, because they
 * would otherwise die with the child.
 * See: fork(2), accept(2), sigaction(2), waitpid(2)
 * Run: build/tcp_forking
 */
#include "tcp_clients.h"

struct report {
    int client;
    size_t bytes;
};

static void on_child(int signal UNUSED)
{
    /* Nothing to do: the point is to interrupt accept. */
}

__attribute__((noreturn))
static void serve(int fd, int reports)
{
    struct tally tally = { { 0 } };
    struct conn_state conn = { -1 };
    struct report report;
    char buffer[1500];
    ssize_t n;

    no_delay(fd);
    while ((n = MUST(read(fd, buffer, sizeof buffer))) > 0) {
        count_bytes(&tally, &conn, buffer, (size_t)n);
        send_all(fd, buffer, (size_t)n);
    }
    report.client = conn.client;
    report.bytes = tally.bytes[conn.client];
    CHECK(send(reports, &report, sizeof report, 0) == sizeof report);
    MUST(close(fd));
    exit(0);
}

int main(void)
{
    struct sigaction action = { .sa_handler = on_child, .sa_flags = 0 };
    struct sockaddr_in address;
    struct tally tally = { { 0 } };
    pid_t clients[CLIENTS], children[CLIENTS];
    int listener, reports[2];

    example_start();
    MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, reports));
    listener = listen_loopback(CLIENTS, &address);
    start_clients(&address, listener, clients);
    /* After the clients were forked: they inherit no handler of ours. */
    MUST(sigaction(SIGCHLD, &action, NULL));

    for (int served = 0; served < CLIENTS; served++) {
        int fd;

        do
            fd = accept(listener, NULL, NULL);
        while (fd == -1 && errno == EINTR);
        MUST(fd);
        do
            children[served] = fork();
        while (children[served] == -1 && errno == EINTR);
        MUST(children[served]);
        if (children[served] == 0) {
            MUST(close(listener));
            serve(fd, reports[1]);
        }
        MUST(close(fd));
    }
    MUST(close(listener));

    for (int served = 0; served < CLIENTS; served++) {
        struct report report;

        wait_success(children[served]);
        CHECK(recv(reports[0], &report, sizeof report, MSG_DONTWAIT) == sizeof report);
        tally.bytes[report.client] += report.bytes;
    }
    wait_clients(clients);
    print_tally("forking", &tally);
    return 0;
}
