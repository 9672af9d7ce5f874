/*
 * tcp_echo_client - a real client for an echo server, to be used by hand.
 *
 *     tcp_echo_client HOST PORT [MESSAGE...]
 *
 * Looks HOST up, tries its addresses one after the other, sends each MESSAGE
 * (without any: the lines of stdin) and prints what comes back. Each one is
 * waited for before the next is sent; then it closes its sending side and reads
 * up to the server's end of file.
 *
 * Shows: getaddrinfo and the loop over its answers, connect, getpeername,
 * getnameinfo, TCP_NODELAY, SO_RCVTIMEO, short sends and reads, shutdown.
 * See: getaddrinfo(3), getnameinfo(3), connect(2), shutdown(2), socket(7)
 * Run: build/tcp_echo_client localhost 7777 hello world
 */
#include "example.h"

static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct addrinfo *list;
    int fd = -1, error = getaddrinfo(host, port, &hints, &list);

    if (error != 0)
        die("%s port %s: %s", host, port, gai_strerror(error));
    for (struct addrinfo *one = list; one != NULL && fd == -1; one = one->ai_next) {
        char name[NI_MAXHOST];

        error = getnameinfo(one->ai_addr, one->ai_addrlen, name, sizeof name, NULL, 0, NI_NUMERICHOST);
        if (error != 0)
            die("getnameinfo: %s", gai_strerror(error));
        fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (fd == -1)
            continue;
        if (connect(fd, one->ai_addr, one->ai_addrlen) == -1) {
            printf("%s [%s]: %s\n", host, name, strerror(errno));
            MUST(close(fd));
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

/* Send one message and read it back. */
static void echo(int fd, const char *message, size_t length)
{
    char buffer[512];
    size_t got = 0;

    send_all(fd, message, length);
    printf("sent     \"%.*s\"\n", (int)length, message);
    printf("received \"");
    while (got < length) {
        size_t want = length - got < sizeof buffer ? length - got : sizeof buffer;
        ssize_t n = recv(fd, buffer, want, 0);

        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            die("\nrecv: %s", strerror(errno));
        if (n == 0)
            die("\nthe server closed the connection early");
        if (memcmp(buffer, message + got, (size_t)n) != 0)
            die("\nthe server sent something else");
        fwrite(buffer, 1, (size_t)n, stdout);
        got += (size_t)n;
    }
    printf("\"\n");
}

int main(int argc, char **argv)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    const struct timeval patience = { .tv_sec = 10, .tv_usec = 0 };
    const int on = 1;
    char host[NI_MAXHOST], port[NI_MAXSERV], byte;
    ssize_t n;
    int fd, error;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 3) {
        fprintf(stderr, "usage: %s HOST PORT [MESSAGE...]\n", argv[0]);
        return 2;
    }
    fd = connect_to(argv[1], argv[2]);
    if (fd == -1)
        die("%s port %s: cannot connect", argv[1], argv[2]);
    MUST(getpeername(fd, as_sockaddr(&peer), &length));
    error = getnameinfo(as_sockaddr(&peer), length, host, sizeof host, port, sizeof port,
                        NI_NUMERICHOST | NI_NUMERICSERV);
    if (error != 0)
        die("getnameinfo: %s", gai_strerror(error));
    printf("connected to %s [%s]:%s\n", argv[1], host, port);
    MUST(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    MUST(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));

    if (argc > 3) {
        for (int i = 3; i < argc; i++)
            echo(fd, argv[i], strlen(argv[i]));
    } else {
        char *line = NULL;
        size_t room = 0;

        while ((n = getline(&line, &room, stdin)) > 0) {
            if (line[n - 1] == '\n')
                n--;
            echo(fd, line, (size_t)n);
        }
        free(line);
    }
    MUST(shutdown(fd, SHUT_WR));
    do
        n = recv(fd, &byte, 1, 0);
    while (n == -1 && errno == EINTR);
    if (n == -1)
        die("recv: %s", strerror(errno));
    if (n > 0)
        die("the server sent more than it got");
    MUST(close(fd));
    printf("closed\n");
    return 0;
}
