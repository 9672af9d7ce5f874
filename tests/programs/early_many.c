/* A library whose constructor makes more calls than wait for the log, and forks. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((constructor)) static void early(void)
{
    const char *text = getenv("EARLY_CALLS");
    int pair[2], n = text ? atoi(text) : 0;
    char buffer[8];
    pid_t child;

    if (n == 0)
        return;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        _exit(77);
    for (int i = 0; i < n; i++)
        if (send(pair[0], "early", 5, 0) != 5 || recv(pair[1], buffer, 8, 0) != 5)
            _exit(78);
    /* The child's constructors go on as its parent's do. */
    child = fork();
    if (child < 0)
        _exit(79);
    if (child == 0) {
        if (send(pair[0], "child", 5, 0) != 5)
            _exit(80);
        unsetenv("EARLY_CALLS");
        return;
    }
    waitpid(child, NULL, 0);
    close(pair[0]);
    close(pair[1]);
}
