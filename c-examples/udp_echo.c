/*
 * udp_echo - datagrams back and forth with sendto and recvfrom.
 *
 * A forked server answers every datagram to the address it came from, until an
 * empty one tells it to stop. Message boundaries are kept: each recvfrom gets
 * one datagram, an empty one included.
 *
 * Shows: sendto, recvfrom, the sender's address, empty datagrams.
 * See: udp(7), send(2), recv(2)
 * Run: build/udp_echo
 */
#include "example.h"

#include <ctype.h>

__attribute__((noreturn))
static void serve(int fd)
{
    for (;;) {
        char message[512];
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        ssize_t n = MUST(recvfrom(fd, message, sizeof message, 0, as_sockaddr(&from), &length));

        CHECK(length == sizeof from && from.sin_family == AF_INET);
        for (ssize_t i = 0; i < n; i++)
            message[i] = (char)toupper((unsigned char)message[i]);
        CHECK(sendto(fd, message, (size_t)n, 0, as_sockaddr(&from), length) == n);
        if (n == 0)
            exit(0);
    }
}

int main(void)
{
    static const char *const messages[] = { "one", "two words", "and a longer one, still one datagram", "" };
    struct sockaddr_in server, from;
    int fd, server_fd;
    pid_t child;

    example_start();
    server_fd = bind_loopback(SOCK_DGRAM, &server);
    child = MUST_INT(fork());
    if (child == 0)
        serve(server_fd);
    MUST(close(server_fd));

    fd = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        char answer[512];
        socklen_t length = sizeof from;
        size_t size = strlen(messages[i]);
        ssize_t n;

        CHECK(sendto(fd, messages[i], size, 0, as_sockaddr(&server), sizeof server) == (ssize_t)size);
        n = MUST(recvfrom(fd, answer, sizeof answer, 0, as_sockaddr(&from), &length));
        CHECK(from.sin_port == server.sin_port);
        printf("sent \"%s\", got %zd bytes \"%.*s\" from %s\n", messages[i], n, (int)n, answer,
               inet_ntoa(from.sin_addr));
    }
    MUST(close(fd));
    wait_success(child);
    return 0;
}
