/* Sends to and receives from an epoll instance that watches a socket: it is a descriptor that is known, and no socket. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

int main(void)
{
    struct epoll_event event = { .events = EPOLLIN };
    int pair[2], all = epoll_create1(0);
    char c;

    if (all < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || epoll_ctl(all, EPOLL_CTL_ADD, pair[0], &event) != 0)
        return 1;
    if (send(all, "x", 1, 0) != -1 || errno != ENOTSOCK)
        return 2;
    return recv(all, &c, 1, 0) != -1 || errno != ENOTSOCK ? 3 : 0;
}
