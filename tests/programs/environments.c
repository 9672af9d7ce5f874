/* environments child: makes one socket pair.
 * environments shells: runs that by system and popen after it has cleared its environment, which stays cleared.
 * environments threaded: the same by system while another thread may look at the environment.
 * environments given VARIABLE...: becomes that with no other variables than these. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

static int child(void)
{
    int pair[2];

    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0;
}

static void *wait_for_ever(void *unused)
{
    (void)unused;
    for (;;)
        pause();
    return NULL;
}

static int is_empty(void)
{
    return environ == NULL || environ[0] == NULL;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "child";
    char command[4096];
    int bad = 0;

    snprintf(command, sizeof command, "%s child", argv[0]);
    if (strcmp(how, "child") == 0)
        return child();
    if (strcmp(how, "given") == 0) {
        char *args[] = { argv[0], "child", NULL };
        execve(argv[0], args, argv + 2);
        return 1;
    }
    clearenv();
    if (strcmp(how, "threaded") == 0) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
            return 1;
        return system(command) != 0 || !is_empty();
    }
    for (int i = 0; i < 2; i++) {
        bad |= system(command) != 0 || !is_empty();
        FILE *f = popen(command, "r");
        bad |= f == NULL || !is_empty() || pclose(f) != 0;
    }
    if (setenv("OWN", "1", 1) != 0 || system(command) != 0)
        bad = 1;
    return bad || strcmp(getenv("OWN"), "1") != 0 || environ[0] == NULL || environ[1] != NULL;
}
