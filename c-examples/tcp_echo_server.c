/*
 * tcp_echo_server - a real echo server, to be used by hand.
 *
 *     tcp_echo_server [-p PORT] [-n CONNECTIONS]
 *
 * Listens on 127.0.0.1 (port 0, the default: a free one), prints
 * "listening on 127.0.0.1:PORT", sends every client's bytes back, and leaves
 * after CONNECTIONS clients (default 1; 0: never). A client is served until it
 * has sent its end of file.
 *
 * Shows: getaddrinfo with AI_PASSIVE, SO_REUSEADDR, bind, listen, getsockname
 * to learn the port, accept4, TCP_NODELAY, short sends, shutdown, close.
 * See: socket(7), tcp(7), getaddrinfo(3), accept(2), send(2)
 * Run: build/tcp_echo_server -p 7777 -n 2, then build/tcp_echo_client localhost 7777 hello
 */
#include "example.h"

static int listen_on(const char *port)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *list;
    const int on = 1;
    int fd, error = getaddrinfo("127.0.0.1", port, &hints, &list);

    if (error != 0)
        die("port %s: %s", port, gai_strerror(error));
    fd = MUST_INT(socket(list->ai_family, list->ai_socktype | SOCK_CLOEXEC, list->ai_protocol));
    /* Restarting a server must not wait for old connections to time out. */
    MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    if (bind(fd, list->ai_addr, list->ai_addrlen) == -1)
        die("bind to port %s: %s", port, strerror(errno));
    MUST(listen(fd, SOMAXCONN));
    freeaddrinfo(list);
    return fd;
}

/* Send back what comes, until the end of file; how many bytes that were. */
static size_t serve(int fd)
{
    const int on = 1;
    char buffer[4096];
    size_t total = 0;

    MUST(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    for (;;) {
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);

        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            fprintf(stderr, "recv: %s\n", strerror(errno));
            break;
        }
        if (n == 0)
            break;
        send_all(fd, buffer, (size_t)n);
        total += (size_t)n;
    }
    shutdown(fd, SHUT_WR);
    MUST(close(fd));
    return total;
}

int main(int argc, char **argv)
{
    const char *port = "0";
    long connections = 1;
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int option, listener;

    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((option = getopt(argc, argv, "p:n:")) != -1) {
        if (option == 'p') {
            port = optarg;
        } else if (option == 'n') {
            connections = strtol(optarg, NULL, 10);
        } else {
            fprintf(stderr, "usage: %s [-p PORT] [-n CONNECTIONS]\n", argv[0]);
            return 2;
        }
    }
    listener = listen_on(port);
    MUST(getsockname(listener, as_sockaddr(&address), &length));
    printf("listening on 127.0.0.1:%u\n", ntohs(address.sin_port));

    for (long served = 1; connections == 0 || served <= connections; served++) {
        char host[INET_ADDRSTRLEN];
        size_t bytes;
        int fd;

        length = sizeof address;
        do
            fd = accept4(listener, as_sockaddr(&address), &length, SOCK_CLOEXEC);
        while (fd == -1 && (errno == EINTR || errno == ECONNABORTED));
        if (fd == -1)
            die("accept: %s", strerror(errno));
        inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
        printf("connection %ld from %s\n", served, host);
        bytes = serve(fd);
        printf("connection %ld ended, %zu bytes echoed\n", served, bytes);
    }
    MUST(close(listener));
    return 0;
}
