/* Children that libc makes inside: system, popen, posix_spawn, posix_spawnp, daemon. Each one runs this program again,
 * or goes on in it, and uses a socket pair. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char use_sockets(char c)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || send(pair[0], &c, 1, 0) != 1 || recv(pair[1], &c, 1, 0) != 1)
        exit(1);
    close(pair[0]);
    close(pair[1]);
    return c;
}

int main(int argc, char **argv __attribute__((unused)))
{
    char self[512], command[600], line[64];
    char *args[] = { self, "child", NULL };
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    int status, gone[2];
    FILE *f;
    pid_t child;

    if (argc > 1) {
        printf("child %c\n", use_sockets('c'));
        return 0;
    }
    self[n > 0 ? n : 0] = 0;
    printf("parent %c\n", use_sockets('p'));
    fflush(stdout);
    snprintf(command, sizeof command, "'%s' child", self);
    printf("system %d\n", system(command));
    f = popen(command, "r");
    printf("popen %s", fgets(line, sizeof line, f));
    printf("pclose %d\n", pclose(f));
    fflush(stdout);
    if (posix_spawn(&child, self, NULL, NULL, args, environ) != 0 || waitpid(child, &status, 0) != child || status != 0)
        return 1;
    if (posix_spawnp(&child, self, NULL, NULL, args, environ) != 0 || waitpid(child, &status, 0) != child || status != 0)
        return 1;
    if (pipe(gone) != 0)
        return 1;
    child = fork();
    if (child == 0) {
        close(gone[0]);
        if (daemon(1, 1) != 0)
            _exit(1);
        use_sockets('d');
        _exit(write(gone[1], "daemon\n", 7) != 7);
    }
    close(gone[1]);
    waitpid(child, &status, 0);
    n = read(gone[0], line, sizeof line);
    /* The daemon's end of the pipe closes when it is gone. */
    while (read(gone[0], command, 1) > 0)
        ;
    printf("%.*s", (int)n, line);
    return 0;
}
