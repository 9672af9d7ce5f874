/* born_with NUMBER... - executes itself with the ends of socket pairs as these descriptors and as no others, two numbers a pair,
   and writes from each end to the other. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Beyond all numbers that are asked for. */
#define ASIDE 600

static int fail(const char *what)
{
    perror(what);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "again") == 0) {
        for (int i = 2; i + 1 < argc; i += 2) {
            int ends[2] = { atoi(argv[i]), atoi(argv[i + 1]) };
            for (int k = 0; k < 2; k++) {
                char c = 0;
                if (write(ends[k], "x", 1) != 1 || read(ends[!k], &c, 1) != 1)
                    return fail("inherited sockets");
                printf("%d to %d: %c\n", ends[k], ends[!k], c);
            }
        }
        return 0;
    }
    char *next[64] = { argv[0], "again" };
    if (argc > 60)
        return 2;
    for (int i = 1; i + 1 < argc; i += 2) {
        int sv[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) != 0)
            return fail("socketpair");
        for (int k = 0; k < 2; k++) {
            int aside = fcntl(sv[k], F_DUPFD_CLOEXEC, ASIDE);
            close(sv[k]);
            if (aside < 0)
                return fail("fcntl");
            next[1 + i + k] = argv[i + k];
        }
    }
    /* Only now, so that none is in the way of another. */
    for (int i = 1; i + 1 < argc; i += 2)
        for (int k = 0; k < 2; k++)
            if (dup2(ASIDE + i - 1 + k, atoi(argv[i + k])) < 0)
                return fail("dup2");
    execv("/proc/self/exe", next);
    return fail("execv");
}
