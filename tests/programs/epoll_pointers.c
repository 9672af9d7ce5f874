/* Gives epoll pointers, and numbers that look like pointers to nowhere, in place of descriptors. */
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    int fd;
    const char *name;
};

int main(void)
{
    struct epoll_event events[8], e;
    struct connection first = { -1, "first" };
    int a[2], b[2], c[2], epoll = epoll_create1(0), n;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, a) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, b) != 0
        || socketpair(AF_UNIX, SOCK_STREAM, 0, c) != 0)
        return 1;
    first.fd = a[0];
    e = (struct epoll_event){ .events = EPOLLIN, .data.ptr = &first };
    epoll_ctl(epoll, EPOLL_CTL_ADD, a[0], &e);
    e = (struct epoll_event){ .events = EPOLLIN, .data.u64 = UINT64_MAX - 1 };
    epoll_ctl(epoll, EPOLL_CTL_ADD, b[0], &e);
    e = (struct epoll_event){ .events = EPOLLIN, .data.u64 = (uint64_t)c[1] };
    epoll_ctl(epoll, EPOLL_CTL_ADD, c[0], &e);
    if (send(a[1], "x", 1, 0) != 1 || send(b[1], "y", 1, 0) != 1 || send(c[1], "z", 1, 0) != 1)
        return 1;
    n = epoll_wait(epoll, events, 8, 1000);
    printf("%d ready\n", n);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr == &first)
            printf("%s is descriptor %d\n", ((struct connection *)events[i].data.ptr)->name, first.fd);
        else
            printf("%llx\n", (unsigned long long)events[i].data.u64);
    }
    epoll_ctl(epoll, EPOLL_CTL_DEL, a[0], NULL);
    return 0;
}
