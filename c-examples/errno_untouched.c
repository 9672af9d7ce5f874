/*
 * errno_untouched - a successful call leaves errno as it was.
 *
 * POSIX does not promise it, but the system calls' wrappers behave that way and
 * programs have come to rely on it: they look at errno after a loop, or set it
 * before a call. Here errno is set to a number no call would choose, a call
 * that succeeds is made, and errno is looked at.
 *
 * See: errno(3)
 * Run: build/errno_untouched
 */
#include "example.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { SENTINEL = 12345 };

static int changed;

/* Make the call, which must succeed; the result is its value. */
#define KEEPS(call) (errno = SENTINEL, keeps(#call, (long)(call)))

static long keeps(const char *call, long result)
{
    int error = errno;

    if (result < 0)
        die("%s: %s", call, strerror(error));
    if (error != SENTINEL) {
        printf("%s: errno is %s now\n", call, errno_name(error));
        changed++;
    } else {
        printf("%s: unchanged\n", call);
    }
    return result;
}

int main(void)
{
    struct sockaddr_in address, own;
    socklen_t length;
    char buffer[64];
    struct iovec part = { buffer, 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    struct mmsghdr batch = { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } };
    struct epoll_event event = { .events = EPOLLIN, .data = { .fd = 0 } };
    struct timespec none = { 0, 0 };
    struct timeval at_once = { 0, 0 };
    struct pollfd entry;
    fd_set set;
    const int on = 1;
    int listener, client, server, udp, pair[2], ends[2], epoll, file, value, copy;
    pid_t child;

    example_start();
    listener = (int)KEEPS(socket(AF_INET, SOCK_STREAM, 0));
    address = loopback(0);
    KEEPS(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    KEEPS(bind(listener, as_sockaddr(&address), sizeof address));
    KEEPS(listen(listener, 5));
    length = sizeof address;
    KEEPS(getsockname(listener, as_sockaddr(&address), &length));
    client = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));
    KEEPS(connect(client, as_sockaddr(&address), sizeof address));
    length = sizeof own;
    server = (int)KEEPS(accept(listener, as_sockaddr(&own), &length));
    length = sizeof own;
    KEEPS(getpeername(client, as_sockaddr(&own), &length));
    length = sizeof value;
    KEEPS(getsockopt(client, SOL_SOCKET, SO_ERROR, &value, &length));

    KEEPS(send(client, "a", 1, 0));
    KEEPS(recv(server, buffer, 1, 0));
    KEEPS(write(client, "b", 1));
    KEEPS(read(server, buffer, 1));
    KEEPS(writev(client, &part, 1));
    KEEPS(readv(server, &part, 1));
    KEEPS(sendmsg(client, &message, 0));
    KEEPS(recvmsg(server, &message, 0));
    KEEPS(sendmmsg(client, &batch, 1, 0));
    KEEPS(recvmmsg(server, &batch, 1, 0, NULL));
    udp = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));
    own = loopback(0);
    MUST(bind(udp, as_sockaddr(&own), sizeof own));
    length = sizeof own;
    MUST(getsockname(udp, as_sockaddr(&own), &length));
    KEEPS(sendto(udp, "c", 1, 0, as_sockaddr(&own), sizeof own));
    KEEPS(recvfrom(udp, buffer, 1, 0, as_sockaddr(&own), &length));

    KEEPS(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    KEEPS(pipe(ends));
    file = (int)KEEPS(memfd_create("file", 0));
    CHECK(write(file, "0123456789", 10) == 10);
    CHECK(lseek(file, 0, SEEK_SET) == 0);
    KEEPS(sendfile(pair[0], file, NULL, 5));
    KEEPS(splice(pair[1], NULL, ends[1], NULL, 5, 0));
    KEEPS(read(ends[0], buffer, 5));
    KEEPS(pread(file, buffer, 5, 0));
    KEEPS(pwrite(file, buffer, 5, 0));

    entry = (struct pollfd){ pair[0], POLLOUT, 0 };
    KEEPS(poll(&entry, 1, 0));
    KEEPS(ppoll(&entry, 1, &none, NULL));
    FD_ZERO(&set);
    FD_SET(pair[0], &set);
    KEEPS(select(pair[0] + 1, NULL, &set, NULL, &at_once));
    KEEPS(pselect(pair[0] + 1, NULL, &set, NULL, &none, NULL));
    epoll = (int)KEEPS(epoll_create1(0));
    KEEPS(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &event));
    KEEPS(epoll_wait(epoll, &event, 1, 0));
    KEEPS(epoll_pwait(epoll, &event, 1, 0, NULL));

    KEEPS(fcntl(client, F_GETFL));
    KEEPS(fcntl(client, F_SETFL, O_NONBLOCK));
    KEEPS(ioctl(client, FIONREAD, &value));
    copy = (int)KEEPS(dup(client));
    KEEPS(dup2(client, copy));
    KEEPS(dup3(client, copy, O_CLOEXEC));
    KEEPS(close(copy));
    KEEPS(shutdown(client, SHUT_WR));
    KEEPS(close(client));
    KEEPS(close_range(500, 600, 0));
    errno = SENTINEL;
    closefrom(500);
    CHECK(errno == SENTINEL);
    KEEPS(syscall(SYS_dup, pair[0]));
    child = (pid_t)KEEPS(fork());
    if (child == 0)
        _exit(errno == SENTINEL ? 0 : 1);
    KEEPS(waitpid(child, &value, 0));
    CHECK(WIFEXITED(value));
    printf("in the child: %s\n", WEXITSTATUS(value) == 0 ? "unchanged" : "changed");

    printf("changed by %d calls\n", changed);
    return 0;
}
