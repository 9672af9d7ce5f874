/* Sockets with very high numbers. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct rlimit limit;
    int pair[2];
    char byte;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 1;
    for (unsigned long at = 1000; at < limit.rlim_max && at < 3000000; at = at * 3 + 7) {
        int high = fcntl(pair[0], F_DUPFD, (int)at);

        if (high == -1 && (errno == EINVAL || errno == EMFILE))
            break;
        if (high != (int)at || send(high, "h", 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1 || byte != 'h')
            return 2;
        if (dup2(pair[1], high) != high || close(high) != 0)
            return 3;
    }
    errno = 0;
    if (send(2147483647, "h", 1, 0) != -1 || errno != EBADF || close(-5) != -1 || errno != EBADF)
        return 4;
    puts("done");
    return 0;
}
