/*
 * tcp_clients.h - the clients of the TCP server examples.
 *
 * The servers differ in how they look after several connections at once; what
 * their clients do is the same in all of them and is kept here. A client is a
 * forked process: it connects, says who it is and how many bytes it will send,
 * sends them in pieces, checks that the same bytes come back, and leaves.
 *
 * The servers echo what they get and count it per client in a struct tally,
 * which is printed in order of the client's number once all have gone: the
 * order in which they came is the scheduler's business.
 */
#ifndef TCP_CLIENTS_H
#define TCP_CLIENTS_H

#include "example.h"

enum { CLIENTS = 8, ROUNDS = 20 };

/* The size of one client's message: different for each, and not a round number. */
static inline size_t message_size(int client)
{
    return 100 + 371 * (size_t)client;
}

/* Everything one client sends: ROUNDS messages and one leading byte, its number. */
static inline size_t client_total(int client)
{
    return 1 + ROUNDS * message_size(client);
}

/*
 * Both sides send without waiting for the acknowledgement of what they sent
 * before. Otherwise a message sent in two pieces costs 40 ms: the second piece
 * waits for the acknowledgement of the first, and the receiver delays that.
 */
static inline void no_delay(int fd)
{
    const int on = 1;

    MUST(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

__attribute__((noreturn))
static inline void run_client(const struct sockaddr_in *server, int client)
{
    char message[4096], echo[4096], number = (char)('A' + client);
    size_t size = message_size(client);
    int fd = connect_loopback(server);

    no_delay(fd);
    send_all(fd, &number, 1);
    CHECK(recv_all(fd, echo, 1) && echo[0] == number);
    for (int round = 0; round < ROUNDS; round++) {
        memset(message, 'a' + (client + round) % 26, size);
        send_all(fd, message, size);
        CHECK(recv_all(fd, echo, size));
        CHECK(memcmp(message, echo, size) == 0);
    }
    MUST(shutdown(fd, SHUT_WR));
    CHECK(!recv_all(fd, echo, 1)); /* end of file: the server has closed too */
    MUST(close(fd));
    exit(0);
}

static inline void start_clients(const struct sockaddr_in *server, int listener, pid_t pids[CLIENTS])
{
    for (int client = 0; client < CLIENTS; client++) {
        pids[client] = MUST_INT(fork());
        if (pids[client] == 0) {
            MUST(close(listener));
            run_client(server, client);
        }
    }
}

static inline void wait_clients(const pid_t pids[CLIENTS])
{
    for (int client = 0; client < CLIENTS; client++)
        wait_success(pids[client]);
}

/* What a server counted. A connection's first byte tells which client it is. */
struct tally {
    size_t bytes[CLIENTS];
};

struct conn_state {
    int client; /* -1 until the first byte has come */
};

static inline void count_bytes(struct tally *tally, struct conn_state *conn, const char *data, size_t n)
{
    if (conn->client == -1) {
        conn->client = data[0] - 'A';
        CHECK(conn->client >= 0 && conn->client < CLIENTS);
    }
    tally->bytes[conn->client] += n;
}

static inline void print_tally(const char *server, const struct tally *tally)
{
    for (int client = 0; client < CLIENTS; client++) {
        printf("%s: client %c: %zu bytes echoed\n", server, 'A' + client, tally->bytes[client]);
        CHECK(tally->bytes[client] == client_total(client));
    }
}

#endif
