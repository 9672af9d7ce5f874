/*
 * tcp_poll - one thread, all clients, by poll().
 *
 * The array of struct pollfd is kept between the calls; a place whose fd is -1
 * is passed over by the kernel. Odd turns use ppoll().
 *
 * Shows: poll, ppoll, POLLIN, negative fds.
 * See: poll(2)
 * Run: build/tcp_poll
 */
#include "tcp_clients.h"

int main(void)
{
    struct sockaddr_in address;
    struct tally tally = { { 0 } };
    struct conn_state conns[1 + CLIENTS];
    struct pollfd polled[1 + CLIENTS];
    pid_t pids[CLIENTS];
    int listener, accepted = 0, ended = 0;
    unsigned turn = 0;

    example_start();
    listener = listen_loopback(CLIENTS, &address);
    start_clients(&address, listener, pids);
    for (int i = 0; i <= CLIENTS; i++) {
        polled[i] = (struct pollfd){ .fd = -1, .events = POLLIN, .revents = 0 };
        conns[i].client = -1;
    }
    polled[0].fd = listener;

    while (ended < CLIENTS) {
        const struct timespec patience = { .tv_sec = 10, .tv_nsec = 0 };
        int n;

        if (turn++ % 2 == 0)
            n = MUST_INT(poll(polled, 1 + CLIENTS, 10000));
        else
            n = MUST_INT(ppoll(polled, 1 + CLIENTS, &patience, NULL));
        CHECK(n > 0);

        if (polled[0].revents & POLLIN) {
            polled[++accepted].fd = MUST_INT(accept(listener, NULL, NULL));
            polled[accepted].revents = 0;
            no_delay(polled[accepted].fd);
            if (accepted == CLIENTS)
                polled[0].fd = -1; /* nobody else will come */
        }
        for (int i = 1; i <= accepted; i++) {
            char buffer[1500];
            ssize_t got;

            CHECK(polled[i].fd != -1 || polled[i].revents == 0);
            if (!(polled[i].revents & POLLIN))
                continue;
            got = MUST(recv(polled[i].fd, buffer, sizeof buffer, 0));
            if (got == 0) {
                MUST(close(polled[i].fd));
                polled[i].fd = -1;
                ended++;
                continue;
            }
            count_bytes(&tally, &conns[i], buffer, (size_t)got);
            send_all(polled[i].fd, buffer, (size_t)got);
        }
    }
    MUST(close(listener));
    wait_clients(pids);
    print_tally("poll", &tally);
    return 0;
}
