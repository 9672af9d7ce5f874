/* Lists the open descriptors and what they are: at the start, with sockets in use, and after closing them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void list(const char *when)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *e;
    int seen[1024] = { 0 };

    printf("%s:\n", when);
    while ((e = readdir(dir)) != NULL)
        if (e->d_name[0] != '.' && atoi(e->d_name) < 1024)
            seen[atoi(e->d_name)] = 1;
    seen[dirfd(dir)] = 0;
    closedir(dir);
    for (int fd = 0; fd < 1024; fd++) {
        char path[64], target[256] = "";

        if (!seen[fd])
            continue;
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (readlink(path, target, sizeof target - 1) < 0)
            strcpy(target, "?");
        target[strcspn(target, ":[")] = 0;
        printf("  %d %s\n", fd, fd < 3 ? "standard" : target);
    }
}

int main(void)
{
    int a[2], b[2];
    char c;

    list("start");
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, a) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, b) != 0)
        return 1;
    if (send(a[0], "x", 1, 0) != 1 || recv(a[1], &c, 1, 0) != 1)
        return 1;
    list("with sockets");
    close(a[0]);
    close(b[1]);
    list("two closed");
    printf("next: %d\n", dup(0));
    return 0;
}
