/* A thousand messages, and then a recv that nobody answers. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    int pair[2], empty[2];
    char byte;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, empty) != 0)
        return 1;
    for (int i = 0; i < 1000; i++)
        if (send(pair[0], "x", 1, 0) != 1 || read(pair[1], &byte, 1) != 1)
            return 1;
    printf("%d\n", (int)getpid());
    fflush(stdout);
    recv(empty[0], &byte, 1, 0);
    return 0;
}
