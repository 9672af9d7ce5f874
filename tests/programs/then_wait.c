/* For each byte of its input sends a hundred times to itself, takes it in and says so; at the end sends once more. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    int pair[2];
    char c, all[100];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 1;
    puts("ready");
    fflush(stdout);
    while (read(STDIN_FILENO, &c, 1) > 0) {
        for (int i = 0; i < 100; i++)
            if (send(pair[0], "x", 1, 0) != 1)
                return 2;
        /* So that the next hundred finds room. */
        if (recv(pair[1], all, sizeof all, MSG_WAITALL) != sizeof all)
            return 3;
        puts("sent");
        fflush(stdout);
    }
    return send(pair[0], "last", 4, 0) != 4;
}
