/* A library whose constructor uses sockets. */
#include <sys/socket.h>
#include <unistd.h>

__attribute__((constructor)) static void early(void)
{
    char buffer[8];
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || send(pair[0], "early", 5, 0) != 5 || recv(pair[1], buffer, 8, 0) != 5)
        _exit(77);
    close(pair[0]);
    close(pair[1]);
}
