/*
 * tcp_select - one thread, all clients, by select().
 *
 * The set is copied before each call, because select() overwrites what it is
 * given. Odd turns use pselect(), which takes a timespec and a signal mask and
 * differs in nothing else here.
 *
 * Shows: select, pselect, FD_SET and the limit it sets (fds below FD_SETSIZE).
 * See: select(2), select_tut(2)
 * Run: build/tcp_select
 */
#include "tcp_clients.h"

#include <sys/select.h>

int main(void)
{
    struct sockaddr_in address;
    struct tally tally = { { 0 } };
    struct conn_state conns[FD_SETSIZE];
    pid_t pids[CLIENTS];
    fd_set watched;
    int listener, highest, ended = 0;
    unsigned turn = 0;

    example_start();
    listener = listen_loopback(CLIENTS, &address);
    start_clients(&address, listener, pids);
    FD_ZERO(&watched);
    FD_SET(listener, &watched);
    highest = listener;

    while (ended < CLIENTS) {
        fd_set ready = watched;
        int n;

        if (turn++ % 2 == 0) {
            struct timeval patience = { .tv_sec = 10, .tv_usec = 0 };

            n = MUST_INT(select(highest + 1, &ready, NULL, NULL, &patience));
        } else {
            const struct timespec patience = { .tv_sec = 10, .tv_nsec = 0 };

            n = MUST_INT(pselect(highest + 1, &ready, NULL, NULL, &patience, NULL));
        }
        CHECK(n > 0);

        for (int fd = 0; fd <= highest && n > 0; fd++) {
            char buffer[1500];
            ssize_t got;

            if (!FD_ISSET(fd, &ready))
                continue;
            n--;
            if (fd == listener) {
                int conn = MUST_INT(accept(listener, NULL, NULL));

                CHECK(conn < FD_SETSIZE);
                no_delay(conn);
                FD_SET(conn, &watched);
                conns[conn].client = -1;
                if (conn > highest)
                    highest = conn;
                continue;
            }
            got = MUST(recv(fd, buffer, sizeof buffer, 0));
            if (got == 0) {
                FD_CLR(fd, &watched);
                MUST(close(fd));
                ended++;
                continue;
            }
            count_bytes(&tally, &conns[fd], buffer, (size_t)got);
            send_all(fd, buffer, (size_t)got);
        }
    }
    MUST(close(listener));
    wait_clients(pids);
    print_tally("select", &tally);
    return 0;
}
