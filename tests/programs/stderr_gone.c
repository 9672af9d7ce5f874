/* Puts something else in the place of stderr, and checks that it holds what the program wrote and nothing else.
 *
 * The first argument is the file, the second how it gets there: dup2, dup3, close (and the number comes back), fcntl,
 * close_range, closefrom. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int use_sockets(void)
{
    int pair[2];
    char c;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || send(pair[0], "x", 1, 0) != 1 || recv(pair[1], &c, 1, 0) != 1)
        return 1;
    close(pair[0]);
    close(pair[1]);
    return 0;
}

int main(int argc, char **argv)
{
    char found[4096];
    ssize_t n;
    int fd = -1;

    if (argc < 3 || use_sockets() != 0)
        return 2;
    if (strcmp(argv[2], "close") == 0) {
        close(2);
        if (use_sockets() != 0)
            return 3;
        fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
    } else if (strcmp(argv[2], "closefrom") == 0) {
        closefrom(2);
        if (use_sockets() != 0)
            return 3;
        fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
    } else if (strcmp(argv[2], "close_range") == 0) {
        if (close_range(2, ~0U, 0) != 0 || use_sockets() != 0)
            return 3;
        fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
    } else {
        int file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);

        if (strcmp(argv[2], "dup2") == 0) {
            fd = dup2(file, 2);
        } else if (strcmp(argv[2], "dup3") == 0) {
            fd = dup3(file, 2, O_CLOEXEC);
        } else {
            close(2);
            fd = fcntl(file, F_DUPFD, 2);
        }
        close(file);
    }
    if (fd != 2)
        return 4;
    if (use_sockets() != 0 || write(2, "mine\n", 5) != 5 || use_sockets() != 0)
        return 5;
    n = pread(2, found, sizeof found, 0);
    printf("%zd bytes\n", n);
    return n == 5 && memcmp(found, "mine\n", 5) == 0 ? 0 : 1;
}
