/* Loads the library named by the argument at run time, closes it again, and uses sockets in between and afterwards. */
#include <dlfcn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int use_sockets(void)
{
    int pair[2];
    char c = 0;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || send(pair[0], "x", 1, 0) != 1 || recv(pair[1], &c, 1, 0) != 1)
        return 1;
    close(pair[0]);
    close(pair[1]);
    puts(c == 'x' ? "socket works" : "socket fails");
    return 0;
}

int main(int argc, char **argv)
{
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;

    if (library == NULL) {
        puts(dlerror());
        return 1;
    }
    puts("loaded");
    if (use_sockets() != 0)
        return 1;

    /* Its own symbols find libc's, which comes before it. */
    int (*theirs)(int, int, int) = NULL;
    *(void **)&theirs = dlsym(library, "socket");
    int fd = theirs != NULL ? theirs(AF_UNIX, SOCK_STREAM, 0) : -1;
    if (fd < 0)
        puts("the library's own socket() fails");
    close(fd);
    dlclose(library);
    puts("closed");
    return use_sockets();
}
