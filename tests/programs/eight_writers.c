/* Eight forked processes send and receive at the same time, 200 rounds each, with payloads that need escaping. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 8, ROUNDS = 200 };

static int rounds(void)
{
    static const char text[] = "\"quoted\", back\\slash,\nnew line, \x01 and \xff, and enough of it to make the line long";
    char buffer[sizeof text];
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        if (send(pair[0], text, sizeof text, 0) != sizeof text || recv(pair[1], buffer, sizeof buffer, 0) != sizeof text)
            return 1;
        if (memcmp(text, buffer, sizeof text) != 0)
            return 1;
    }
    close(pair[0]);
    close(pair[1]);
    return 0;
}

int main(void)
{
    int failed = 0, status;

    for (int i = 0; i < PROCESSES; i++)
        if (fork() == 0)
            _exit(rounds());
    while (wait(&status) > 0)
        failed += status != 0;
    printf("%d of %d failed\n", failed, PROCESSES);
    return failed != 0;
}
