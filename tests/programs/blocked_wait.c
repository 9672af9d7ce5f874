/* blocked_wait: prints its process id and waits in epoll_wait for a message that never comes. */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct epoll_event event = { .events = EPOLLIN };
    int pair[2], epoll = epoll_create1(0);

    if (epoll < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &event) != 0)
        return 1;
    printf("%d\n", (int)getpid());
    fflush(stdout);
    return epoll_wait(epoll, &event, 1, -1) != 1;
}
