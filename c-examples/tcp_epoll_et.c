/*
 * tcp_epoll_et - one thread, all clients, by epoll, edge triggered.
 *
 * Edge triggered means: an event tells of a change, once. So every socket is
 * nonblocking, and after an event it is read until EAGAIN; what cannot be sent
 * at once is kept and sent when EPOLLOUT comes. The data of an event is a
 * pointer to the connection, not its fd.
 *
 * Shows: epoll_create1, epoll_ctl, epoll_wait, epoll_pwait, EPOLLET, accept4
 * with SOCK_NONBLOCK, EAGAIN, back-pressure.
 * See: epoll(7), epoll_ctl(2), epoll_wait(2)
 * Run: build/tcp_epoll_et
 */
#include "tcp_clients.h"

#include <sys/epoll.h>

struct conn {
    int fd;
    bool finished; /* the client's end of file has been read */
    struct conn_state state;
    size_t held;         /* bytes read but not yet sent back */
    char buffer[1 << 16];
};

static struct conn conns[CLIENTS];
static struct tally tally;

/* Send what is held; false when the connection is done. */
static bool flush_held(struct conn *conn)
{
    size_t sent = 0;

    while (sent < conn->held) {
        ssize_t n = send(conn->fd, conn->buffer + sent, conn->held - sent, MSG_NOSIGNAL);

        if (n == -1 && errno == EAGAIN)
            break;
        MUST(n);
        sent += (size_t)n;
    }
    memmove(conn->buffer, conn->buffer + sent, conn->held - sent);
    conn->held -= sent;
    return !(conn->finished && conn->held == 0);
}

/* Read and send until neither gets on; false when the connection is done. */
static bool handle(struct conn *conn)
{
    for (;;) {
        size_t room = sizeof conn->buffer - conn->held;
        ssize_t n;

        if (room == 0) {
            flush_held(conn);
            if (conn->held == sizeof conn->buffer)
                return true; /* EPOLLOUT will call again */
            continue;
        }
        n = recv(conn->fd, conn->buffer + conn->held, room, 0);
        if (n == -1 && errno == EAGAIN)
            break;
        MUST(n);
        if (n == 0) {
            conn->finished = true;
            break;
        }
        count_bytes(&tally, &conn->state, conn->buffer + conn->held, (size_t)n);
        conn->held += (size_t)n;
    }
    return flush_held(conn);
}

int main(void)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data = { .ptr = NULL } };
    struct epoll_event events[4];
    struct sockaddr_in address;
    pid_t pids[CLIENTS];
    int listener, epoll, accepted = 0, ended = 0;
    unsigned turn = 0;

    example_start();
    listener = listen_loopback(CLIENTS, &address);
    MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
    start_clients(&address, listener, pids);
    epoll = MUST_INT(epoll_create1(EPOLL_CLOEXEC));
    MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)); /* data.ptr NULL: the listener */

    while (ended < CLIENTS) {
        int n = turn++ % 2 == 0 ? epoll_wait(epoll, events, 4, 10000)
                                : epoll_pwait(epoll, events, 4, 10000, NULL);

        if (n == -1 && errno == EINTR)
            continue; /* a traced process sees this when a client (its child) ends */
        CHECK(n > 0);
        for (int i = 0; i < n; i++) {
            struct conn *conn = events[i].data.ptr;
            int fd;

            if (conn == NULL) {
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1) {
                    CHECK(accepted < CLIENTS);
                    conn = &conns[accepted++];
                    conn->fd = fd;
                    no_delay(fd);
                    conn->state.client = -1;
                    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
                    event.data.ptr = conn;
                    MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
                }
                CHECK(errno == EAGAIN);
            } else if (!handle(conn)) {
                MUST(epoll_ctl(epoll, EPOLL_CTL_DEL, conn->fd, NULL));
                MUST(close(conn->fd));
                ended++;
            }
        }
    }
    MUST(close(epoll));
    MUST(close(listener));
    wait_clients(pids);
    print_tally("epoll", &tally);
    return 0;
}
