/* Data functions that do nothing: what is left when they are called is the cost of getting there. The driver is linked
   with this library, so that a preloaded one finds these as the next definitions. */
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
    (void)fd; (void)buf; (void)flags;
    return (ssize_t)len;
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
    (void)fd; (void)buf; (void)flags;
    return (ssize_t)len;
}

ssize_t read(int fd, void *buf, size_t len)
{
    (void)fd; (void)buf;
    return (ssize_t)len;
}

ssize_t write(int fd, const void *buf, size_t len)
{
    (void)fd; (void)buf;
    return (ssize_t)len;
}

int close(int fd)
{
    (void)fd;
    return 0;
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen)
{
    (void)fd; (void)buf; (void)flags; (void)to; (void)tolen;
    return (ssize_t)len;
}

ssize_t recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *fromlen)
{
    (void)fd; (void)buf; (void)flags; (void)from; (void)fromlen;
    return (ssize_t)len;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
    (void)fd; (void)flags;
    return (ssize_t)msg->msg_iov[0].iov_len;
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
    (void)fd; (void)count;
    return (ssize_t)iov[0].iov_len;
}

int poll(struct pollfd *fds, nfds_t count, int ms)
{
    (void)fds; (void)count; (void)ms;
    return 1;
}

int epoll_wait(int fd, struct epoll_event *events, int most, int ms)
{
    (void)fd; (void)events; (void)most; (void)ms;
    return 1;
}
