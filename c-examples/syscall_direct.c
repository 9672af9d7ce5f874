/*
 * syscall_direct - socket calls without their wrappers, by syscall(2).
 *
 * Some libraries do that for calls which their C library may not know. The
 * numbers and arguments are the kernel's; the result is the kernel's too, with
 * -1 and errno for errors.
 *
 * Shows: SYS_socket, SYS_sendto and the like, and that all six arguments get
 * through (SYS_mmap, SYS_pselect6).
 * See: syscall(2), syscalls(2)
 * Run: build/syscall_direct
 */
#include "example.h"

#include <linux/futex.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static void refused(const char *call, long result)
{
    CHECK(result == -1);
    printf("%s: %s\n", call, errno_name(errno));
}

int main(void)
{
    struct sockaddr_in address = loopback(0), peer;
    socklen_t length = sizeof address;
    char buffer[64];
    struct iovec part = { "message", 7 }, into = { buffer, sizeof buffer };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 }, received = { .msg_iov = &into, .msg_iovlen = 1 };
    struct mmsghdr batch[2], batch_in[2];
    struct pollfd entry;
    struct epoll_event event = { .events = EPOLLIN, .data = { .u64 = 0x123456789abcdefULL } };
    struct timespec none = { 0, 0 };
    const int on = 1;
    fd_set set;
    int listener, client, server, pair[2], epoll, value = 0, copy;
    uint32_t word = 1;
    char *memory;

    example_start();
    listener = MUST_INT(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
    MUST(syscall(SYS_setsockopt, listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    MUST(syscall(SYS_bind, listener, &address, sizeof address));
    MUST(syscall(SYS_listen, listener, 5));
    MUST(syscall(SYS_getsockname, listener, &address, &length));
    CHECK(length == sizeof address && address.sin_port != 0);
    client = MUST_INT(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
    MUST(syscall(SYS_connect, client, &address, sizeof address));
    length = sizeof peer;
    server = MUST_INT(syscall(SYS_accept4, listener, &peer, &length, SOCK_CLOEXEC));
    CHECK(fcntl(server, F_GETFD) == FD_CLOEXEC);
    MUST(syscall(SYS_getpeername, client, &peer, &length));
    CHECK(peer.sin_port == address.sin_port);
    length = sizeof value;
    MUST(syscall(SYS_getsockopt, client, SOL_SOCKET, SO_TYPE, &value, &length));
    printf("sockets %d %d %d, SO_TYPE %d\n", listener, client, server, value);

    CHECK(syscall(SYS_sendto, client, "sendto", 6UL, MSG_NOSIGNAL, NULL, 0) == 6);
    CHECK(syscall(SYS_recvfrom, server, buffer, 6UL, MSG_WAITALL, NULL, NULL) == 6);
    printf("recvfrom: %.6s\n", buffer);
    CHECK(syscall(SYS_write, server, "write", 5UL) == 5);
    wait_readable(client);
    CHECK(syscall(SYS_read, client, buffer, sizeof buffer) == 5);
    printf("read: %.5s\n", buffer);
    CHECK(syscall(SYS_sendmsg, client, &message, 0) == 7);
    wait_readable(server);
    CHECK(syscall(SYS_recvmsg, server, &received, 0) == 7);
    printf("recvmsg: %.7s\n", buffer);
    CHECK(syscall(SYS_writev, client, &part, 1UL) == 7);
    wait_readable(server);
    CHECK(syscall(SYS_readv, server, &into, 1UL) == 7);
    printf("readv: %.7s\n", buffer);

    MUST(syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
    memset(batch, 0, sizeof batch);
    memset(batch_in, 0, sizeof batch_in);
    batch[0].msg_hdr = batch[1].msg_hdr = message;
    batch_in[0].msg_hdr = batch_in[1].msg_hdr = received;
    CHECK(syscall(SYS_sendmmsg, pair[0], batch, 2U, 0) == 2);
    CHECK(syscall(SYS_recvmmsg, pair[1], batch_in, 2U, 0, NULL) == 2);
    printf("recvmmsg: %u and %u bytes\n", batch_in[0].msg_len, batch_in[1].msg_len);

    entry = (struct pollfd){ pair[0], POLLIN | POLLOUT, 0 };
    CHECK(syscall(SYS_ppoll, &entry, 1UL, &none, NULL, 8UL) == 1);
    printf("ppoll: %s\n", entry.revents == POLLOUT ? "POLLOUT" : "something else");
    FD_ZERO(&set);
    FD_SET(pair[0], &set);
    {
        struct {
            const sigset_t *mask;
            size_t size;
        } sixth = { NULL, 8 };

        CHECK(syscall(SYS_pselect6, pair[0] + 1, NULL, &set, NULL, &none, &sixth) == 1);
    }
    epoll = MUST_INT(syscall(SYS_epoll_create1, 0));
    MUST(syscall(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, pair[1], &event));
    CHECK(syscall(SYS_sendto, pair[0], "e", 1UL, 0, NULL, 0) == 1);
    memset(&event, 0, sizeof event);
    CHECK(syscall(SYS_epoll_pwait, epoll, &event, 1, 1000, NULL, 8UL) == 1);
    printf("epoll_pwait: data kept: %s\n", event.data.u64 == 0x123456789abcdefULL ? "yes" : "no");

    copy = MUST_INT(syscall(SYS_dup, pair[1]));
    MUST(syscall(SYS_dup3, pair[1], 70, O_CLOEXEC));
    MUST(syscall(SYS_fcntl, copy, F_SETFD, FD_CLOEXEC));
    MUST(syscall(SYS_ioctl, copy, 0x541bUL /* FIONREAD */, &value));
    printf("dup %d, dup3 %d, FIONREAD %d\n", copy, 70, value);
    MUST(syscall(SYS_shutdown, client, SHUT_WR));
    CHECK(syscall(SYS_recvfrom, server, buffer, sizeof buffer, 0, NULL, NULL) == 0);
    MUST(syscall(SYS_close, copy));
    MUST(syscall(SYS_close_range, 70U, 80U, 0U));
    refused("close of what close_range closed", syscall(SYS_close, 70));

    refused("sendto of unmapped memory", syscall(SYS_sendto, pair[0], (void *)1, 1UL, 0, NULL, 0));
    refused("recvfrom with nothing there", syscall(SYS_recvfrom, client, buffer, 1UL, MSG_DONTWAIT, NULL, NULL));
    refused("connect of a closed descriptor", syscall(SYS_connect, 70, &address, sizeof address));
    refused("accept4 with bad flags", syscall(SYS_accept4, listener, NULL, NULL, -1));
    refused("futex", syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0));
    refused("no such call", syscall(9999));

    memory = (char *)syscall(SYS_mmap, NULL, 4096UL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    CHECK(memory != MAP_FAILED && memory[4095] == 0);
    memory[0] = 1;
    MUST(syscall(SYS_munmap, memory, 4096UL));
    CHECK(syscall(SYS_getpid) == getpid());
    printf("getpid: the same\n");

    MUST(syscall(SYS_close, epoll));
    MUST(syscall(SYS_close, pair[0]));
    MUST(syscall(SYS_close, pair[1]));
    MUST(syscall(SYS_close, client));
    MUST(syscall(SYS_close, server));
    MUST(syscall(SYS_close, listener));
    return 0;
}
