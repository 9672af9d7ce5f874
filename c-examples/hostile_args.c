/*
 * hostile_args - every socket call with arguments it has to refuse.
 *
 * NULL, addresses where nothing is mapped, -1, negative lengths, unknown
 * numbers, buffers that end exactly where the mapped memory ends, garbage as
 * control data. A program may do this (servers are fuzzed that way), and what it
 * gets is the kernel's answer and nothing else: the return value and errno of
 * each call are printed. Whatever looks at a call's arguments on the way must
 * read no more of them than the kernel has accepted.
 *
 * See: the ERRORS section of socket(2), bind(2), accept(2), send(2), recv(2) ...
 * Run: build/hostile_args
 */
#include "example.h"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* volatile: the compiler must not know, or it would warn, or be clever. */
static void *volatile nothing = NULL;
static void *volatile unmapped; /* a page without access */
static void *volatile minus_one;
static volatile size_t minus_one_size = (size_t)-1;
static volatile socklen_t minus_one_length = (socklen_t)-1;
static volatile int minus_one_count = -1;
static volatile int closed = 777; /* no descriptor has this number */
static char *page_end;            /* the first byte that is not mapped */

static int listener, tcp[2], udp, udp_peer, stream[2], dgram[2], file, ends[2], path_fd;
static struct sockaddr_in listening, udp_address;

/* Print what a call gave. The results are small numbers or -1, never addresses. */
#define TRY(what, call)                                                      \
    do {                                                                     \
        long result_;                                                        \
                                                                             \
        errno = 0;                                                           \
        result_ = (long)(call);                                              \
        report(what, result_, errno);                                        \
    } while (0)

static void report(const char *what, long result, int error)
{
    if (result == -1 && error != 0)
        printf("  %-52s %s\n", what, errno_name(error));
    else
        printf("  %-52s = %ld\n", what, result);
}

/* The last n bytes before the unmapped page. */
static void *last(size_t n)
{
    memset(page_end - n, 0, n);
    return page_end - n;
}

/* n bytes before the unmapped page, as they are. */
static void *inside(size_t n)
{
    return page_end - n;
}

/* The last n bytes, holding a copy of something. */
static void *last_copy(const void *data, size_t n)
{
    return memcpy(last(n), data, n);
}

static void set_up(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    /* Far from the top of the address space: a length of 2 GiB stays below it. */
    char *memory = mmap((void *)0x200000000000, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(memory != MAP_FAILED);
    page_end = memory + 2 * page;
    MUST(mprotect(page_end, page, PROT_NONE));
    unmapped = page_end;
    minus_one = (void *)(intptr_t)-1;

    listener = listen_loopback(16, &listening);
    MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
    tcp_pair(tcp);
    udp = bind_loopback(SOCK_DGRAM, &udp_address);
    udp_peer = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));
    MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, stream));
    MUST(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, dgram));
    file = MUST_INT(memfd_create("file", 0));
    path_fd = MUST_INT(open("/", O_PATH));
    MUST(pipe2(ends, O_NONBLOCK));
    for (int i = 0; i < 2; i++)
        MUST(fcntl(tcp[i], F_SETFL, O_NONBLOCK));
    MUST(fcntl(udp, F_SETFL, O_NONBLOCK));
}

static void creating(void)
{
    int *pair;

    printf("socket, socketpair and others that make descriptors:\n");
    TRY("socket of family -1", socket(-1, SOCK_STREAM, 0));
    TRY("socket of family 9999", socket(9999, SOCK_STREAM, 0));
    TRY("socket of type 0", socket(AF_INET, 0, 0));
    TRY("socket of type -1", socket(AF_INET, -1, 0));
    TRY("socket of type 99", socket(AF_INET, 99, 0));
    TRY("socket of protocol 9999", socket(AF_INET, SOCK_STREAM, 9999));
    TRY("socket of protocol -1", socket(AF_UNIX, SOCK_STREAM, -1));
    TRY("socketpair into NULL", socketpair(AF_UNIX, SOCK_STREAM, 0, nothing));
    TRY("socketpair into unmapped memory", socketpair(AF_UNIX, SOCK_STREAM, 0, unmapped));
    TRY("socketpair, room for one only", socketpair(AF_UNIX, SOCK_STREAM, 0, last(4)));
    TRY("socketpair of AF_INET", socketpair(AF_INET, SOCK_STREAM, 0, last(8)));
    pair = last(8);
    TRY("socketpair at the end of the page", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    TRY("close", close(pair[0]));
    TRY("close", close(pair[1]));
    TRY("pipe2 into NULL", pipe2(nothing, 0));
    TRY("pipe2 with unknown flags", pipe2(last(8), 0x7fffffff));
    TRY("eventfd with unknown flags", eventfd(0, 0x7fffffff));
    TRY("epoll_create of 0", epoll_create(0));
    TRY("epoll_create1 with unknown flags", epoll_create1(0x7fffffff));
    TRY("dup of -1", dup(-1));
    TRY("dup of a closed one", dup(closed));
    TRY("dup2 to -1", dup2(udp, -1));
    TRY("dup2 to a huge number", dup2(udp, 0x7fffffff));
    TRY("dup2 of a closed one over an open one", dup2(closed, udp));
    TRY("dup2 of a closed one over itself", dup2(closed, closed));
    TRY("dup3 over itself", dup3(udp, udp, 0));
    TRY("dup3 with unknown flags", dup3(udp, 600, 0x7fffffff));
}

/* A new connection is waiting to be accepted. */
static int knock(void)
{
    int fd = connect_loopback(&listening);

    wait_readable(listener);
    return fd;
}

static void accepting(void)
{
    socklen_t *length;
    int fd, client;

    printf("accept:\n");
    TRY("accept, nobody there", accept(listener, NULL, NULL));
    TRY("accept on -1", accept(-1, NULL, NULL));
    TRY("accept on a closed one", accept(closed, NULL, NULL));
    TRY("accept on a file", accept(file, NULL, NULL));
    TRY("accept on an O_PATH descriptor", accept(path_fd, NULL, NULL));
    TRY("accept on UDP", accept(udp, NULL, NULL));
    TRY("accept on a connected socket", accept(tcp[0], NULL, NULL));
    TRY("accept4 with unknown flags", accept4(listener, NULL, NULL, 0x7fffffff));
    client = knock();
    TRY("accept, address but no length", accept(listener, last(16), nothing));
    MUST(close(client));
    client = knock();
    length = last(4);
    *length = minus_one_length;
    TRY("accept, length -1", accept(listener, inside(32), length));
    MUST(close(client));
    client = knock();
    *length = 128;
    TRY("accept, unmapped address", accept(listener, unmapped, length));
    MUST(close(client));
    client = knock();
    fd = accept(listener, nothing, unmapped); /* no address wanted: the length is not looked at */
    TRY("accept, NULL address and unmapped length", fd);
    MUST(close(fd));
    MUST(close(client));
    client = knock();
    *length = 0;
    fd = accept(listener, inside(32), length);
    TRY("accept, length 0", fd);
    TRY("  the real length", *length);
    MUST(close(fd));
    MUST(close(client));
}

static void naming(void)
{
    struct sockaddr_in any = loopback(0);
    socklen_t *length;
    int fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));

    printf("bind, connect, listen, shutdown:\n");
    TRY("bind on -1", bind(-1, as_sockaddr(&any), sizeof any));
    TRY("bind on a file", bind(file, as_sockaddr(&any), sizeof any));
    TRY("bind to NULL", bind(fd, nothing, sizeof any));
    TRY("bind to unmapped memory", bind(fd, unmapped, sizeof any));
    TRY("bind, length 0", bind(fd, as_sockaddr(&any), 0));
    TRY("bind to NULL, length 0", bind(fd, nothing, 0));
    TRY("bind, length 1", bind(fd, as_sockaddr(&any), 1));
    TRY("bind, length -1", bind(fd, as_sockaddr(&any), minus_one_length));
    TRY("bind, length 129", bind(fd, as_sockaddr(&any), 129));
    TRY("bind, 128 bytes of which 16 are mapped", bind(fd, last_copy(&any, sizeof any), 128));
    TRY("bind at the end of the page", bind(fd, last_copy(&any, sizeof any), sizeof any));
    TRY("connect on -1", connect(-1, as_sockaddr(&any), sizeof any));
    TRY("connect to NULL", connect(udp_peer, nothing, sizeof any));
    TRY("connect to unmapped memory", connect(udp_peer, unmapped, sizeof any));
    TRY("connect to address -1", connect(udp_peer, minus_one, sizeof any));
    TRY("connect, length 1", connect(udp_peer, as_sockaddr(&udp_address), 1));
    TRY("connect, length -1", connect(udp_peer, as_sockaddr(&udp_address), minus_one_length));
    any.sin_family = 9999;
    TRY("connect to family 9999", connect(udp_peer, as_sockaddr(&any), sizeof any));
    TRY("connect at the end of the page", connect(udp_peer, last_copy(&udp_address, sizeof any), sizeof any));
    TRY("connect of a unix socket, 2 bytes",
        connect(dgram[0], as_sockaddr(&(struct sockaddr_un){ .sun_family = AF_UNIX }), 2));
    TRY("listen on -1", listen(-1, 5));
    TRY("listen on UDP", listen(udp, 5));
    TRY("listen with backlog -1", listen(listener, -1));
    TRY("shutdown of -1", shutdown(-1, SHUT_RD));
    TRY("shutdown of a file", shutdown(file, SHUT_RD));
    TRY("shutdown, how 99", shutdown(tcp[0], 99));
    TRY("shutdown, how -1", shutdown(tcp[0], -1));
    TRY("shutdown, not connected", shutdown(fd, SHUT_RDWR));

    printf("getsockname, getpeername:\n");
    length = last(4);
    *length = 128;
    TRY("getsockname of -1", getsockname(-1, inside(64), length));
    TRY("getsockname into NULL", getsockname(udp, nothing, length));
    TRY("getsockname into unmapped memory", getsockname(udp, unmapped, length));
    TRY("getsockname, no length", getsockname(udp, inside(64), nothing));
    TRY("getsockname, unmapped length", getsockname(udp, inside(64), unmapped));
    *length = minus_one_length;
    TRY("getsockname, length -1", getsockname(udp, inside(64), length));
    *length = 3;
    TRY("getsockname, length 3", getsockname(udp, inside(64), length));
    TRY("  the real length", *length);
    {
        socklen_t real = 128;

        TRY("getsockname, room for 16 of 128", getsockname(udp, last(16), &real));
        TRY("  the real length", real);
        TRY("getsockname, room for 8 of 128", getsockname(udp, last(8), &real));
    }
    TRY("getpeername, not connected", getpeername(fd, inside(64), length));
    TRY("getpeername of a pipe", getpeername(ends[0], inside(64), length));
    MUST(close(fd));
}

static void options(void)
{
    socklen_t *length;
    int *value;

    printf("setsockopt, getsockopt:\n");
    value = last(4);
    TRY("setsockopt on -1", setsockopt(-1, SOL_SOCKET, SO_KEEPALIVE, value, 4));
    TRY("setsockopt on a file", setsockopt(file, SOL_SOCKET, SO_KEEPALIVE, value, 4));
    TRY("setsockopt, NULL", setsockopt(tcp[0], SOL_SOCKET, SO_KEEPALIVE, nothing, 4));
    TRY("setsockopt, unmapped", setsockopt(tcp[0], SOL_SOCKET, SO_KEEPALIVE, unmapped, 4));
    TRY("setsockopt, length 0", setsockopt(tcp[0], SOL_SOCKET, SO_KEEPALIVE, value, 0));
    TRY("setsockopt, length 3", setsockopt(tcp[0], SOL_SOCKET, SO_KEEPALIVE, value, 3));
    TRY("setsockopt, length -1", setsockopt(tcp[0], SOL_SOCKET, SO_KEEPALIVE, value, minus_one_length));
    TRY("setsockopt, at the end of the page", setsockopt(tcp[0], SOL_SOCKET, SO_KEEPALIVE, value, 4));
    TRY("setsockopt, length 100 of which 4 are mapped", setsockopt(tcp[0], SOL_SOCKET, SO_KEEPALIVE, value, 100));
    TRY("setsockopt of level 9999", setsockopt(tcp[0], 9999, SO_KEEPALIVE, value, 4));
    TRY("setsockopt of option 9999", setsockopt(tcp[0], SOL_SOCKET, 9999, value, 4));
    TRY("setsockopt SO_LINGER, length 4", setsockopt(tcp[0], SOL_SOCKET, SO_LINGER, value, 4));
    TRY("setsockopt SO_LINGER, 8 of which 4 are mapped", setsockopt(tcp[0], SOL_SOCKET, SO_LINGER, value, 8));
    TRY("setsockopt SO_ATTACH_FILTER, garbage", setsockopt(udp, SOL_SOCKET, SO_ATTACH_FILTER, last(16), 16));
    TRY("setsockopt TCP_CONGESTION, empty", setsockopt(tcp[0], IPPROTO_TCP, TCP_CONGESTION, value, 0));
    length = last(4);
    *length = 4;
    TRY("getsockopt of -1", getsockopt(-1, SOL_SOCKET, SO_TYPE, inside(64), length));
    TRY("getsockopt into NULL", getsockopt(tcp[0], SOL_SOCKET, SO_TYPE, nothing, length));
    TRY("getsockopt into unmapped memory", getsockopt(tcp[0], SOL_SOCKET, SO_TYPE, unmapped, length));
    TRY("getsockopt, no length", getsockopt(tcp[0], SOL_SOCKET, SO_TYPE, inside(64), nothing));
    TRY("getsockopt, unmapped length", getsockopt(tcp[0], SOL_SOCKET, SO_TYPE, inside(64), unmapped));
    *length = minus_one_length;
    TRY("getsockopt, length -1", getsockopt(tcp[0], SOL_SOCKET, SO_TYPE, inside(64), length));
    *length = 0;
    TRY("getsockopt into NULL, length 0", getsockopt(tcp[0], SOL_SOCKET, SO_TYPE, nothing, length));
    *length = 1000000;
    TRY("getsockopt TCP_INFO, length a million", getsockopt(tcp[0], IPPROTO_TCP, TCP_INFO, inside(1024), length));
    TRY("  the real length is less", *length < 1000000);
    {
        socklen_t four = 4;

        TRY("getsockopt, at the end of the page", getsockopt(tcp[0], SOL_SOCKET, SO_TYPE, last(4), &four));
        four = 100;
        TRY("getsockopt, room for 4 of 100", getsockopt(tcp[0], SOL_SOCKET, SO_TYPE, last(4), &four));
        TRY("  the real length", four);
    }
}

/* Put some bytes into the queue, to be taken by what is tried next. */
static void feed(int fd, size_t n)
{
    static const char bytes[64] = "0123456789abcdefghijklmnopqrstuvwxyz";

    CHECK(send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n);
}

static void drain(int fd)
{
    char buffer[4096];

    while (recv(fd, buffer, sizeof buffer, MSG_DONTWAIT) != -1)
        continue; /* not used on closed connections, so this ends with EAGAIN */
}

static void sending(void)
{
    printf("send, sendto, write:\n");
    TRY("send on -1", send(-1, "x", 1, 0));
    TRY("send on a closed one", send(closed, "x", 1, 0));
    TRY("send on a file", send(file, "x", 1, 0));
    TRY("send on a pipe", send(ends[1], "x", 1, 0));
    TRY("send on an O_PATH descriptor", send(path_fd, "x", 1, 0));
    TRY("send on a listening socket", send(listener, "x", 1, MSG_NOSIGNAL));
    TRY("send NULL", send(stream[0], nothing, 1, 0));
    TRY("send NULL, length 0", send(stream[0], nothing, 0, 0));
    TRY("send unmapped memory", send(stream[0], unmapped, 1, 0));
    TRY("send unmapped memory, TCP", send(tcp[0], unmapped, 1, 0));
    TRY("send unmapped memory, UDP", sendto(udp, unmapped, 1, 0, as_sockaddr(&udp_address), sizeof udp_address));
    TRY("send unmapped memory, length 0", send(stream[0], unmapped, 0, 0));
    TRY("send from address -1", send(stream[0], minus_one, 1, 0));
    TRY("send, length -1, datagram", send(dgram[0], last(16), minus_one_size, 0));
    TRY("send, length -1, UDP", send(udp_peer, last(16), minus_one_size, 0));
    TRY("send, 100 bytes of which 16 are mapped", send(stream[0], last(16), 100, 0));
    TRY("send, the same, TCP", send(tcp[0], last(16), 100, 0));
    TRY("send, 16 at the end of the page", send(stream[0], last(16), 16, 0));
    TRY("send with MSG_OOB on a datagram socket", send(dgram[0], "x", 1, MSG_OOB));
    TRY("send, too long for UDP", send(udp_peer, inside(8192), 70000, 0));
    TRY("sendto without an address", sendto(udp, "x", 1, 0, NULL, 0));
    TRY("sendto NULL, length 16", sendto(udp, "x", 1, 0, nothing, 16));
    TRY("sendto, unmapped address", sendto(udp, "x", 1, 0, unmapped, 16));
    TRY("sendto, length -1", sendto(udp, "x", 1, 0, as_sockaddr(&udp_address), minus_one_length));
    TRY("sendto, length 3", sendto(udp, "x", 1, 0, as_sockaddr(&udp_address), 3));
    TRY("sendto, at the end of the page", sendto(udp, "x", 1, 0, last_copy(&udp_address, 16), 16));
    wait_readable(udp);
    TRY("write on -1", write(-1, "x", 1));
    TRY("write NULL", write(stream[0], nothing, 1));
    TRY("write NULL, length 0", write(stream[0], nothing, 0));
    TRY("write unmapped memory", write(tcp[0], unmapped, 1));
    TRY("write on the reading end of a pipe", write(ends[0], "x", 1));
    TRY("pwrite on a socket", pwrite(stream[0], "x", 1, 0));
    TRY("writev, NULL", writev(stream[0], nothing, 1));
    TRY("writev, NULL, count 0", writev(stream[0], nothing, 0));
    TRY("writev, count -1", writev(stream[0], last(16), minus_one_count));
    TRY("writev, count 1025", writev(stream[0], last(16), 1025));
    TRY("writev, 2 of which 1 is mapped", writev(stream[0], last(16), 2));
    drain(stream[1]);
    drain(udp);
}

static void receiving(void)
{
    socklen_t *length;

    printf("recv, recvfrom, read:\n");
    TRY("recv on -1", recv(-1, last(1), 1, 0));
    TRY("recv on a file", recv(file, last(1), 1, 0));
    TRY("recv on a listening socket", recv(listener, last(1), 1, 0));
    TRY("recv, nothing there", recv(stream[1], unmapped, 1, 0));
    TRY("recv MSG_OOB, nothing there", recv(tcp[1], unmapped, 1, MSG_OOB));
    TRY("recv MSG_ERRQUEUE, nothing there", recv(udp, unmapped, 1, MSG_ERRQUEUE));
    feed(stream[0], 10);
    TRY("recv into NULL", recv(stream[1], nothing, 10, 0));
    TRY("recv into unmapped memory", recv(stream[1], unmapped, 10, 0));
    TRY("recv into address -1", recv(stream[1], minus_one, 10, 0));
    TRY("recv into unmapped memory, length 0", recv(stream[1], unmapped, 0, 0));
    TRY("recv of 10, room for 4", recv(stream[1], last(4), 10, 0));
    TRY("recv, length -1, room for 16", recv(stream[1], last(16), minus_one_size, 0));
    feed(tcp[0], 10);
    wait_readable(tcp[1]);
    TRY("recv into unmapped memory, TCP", recv(tcp[1], unmapped, 10, 0));
    TRY("recv MSG_TRUNC into unmapped memory, TCP", recv(tcp[1], unmapped, 4, MSG_TRUNC));
    TRY("recv of 10, room for 4, TCP", recv(tcp[1], last(4), 10, 0));
    TRY("recv, at the end of the page, TCP", recv(tcp[1], last(6), 6, 0));
    feed(dgram[0], 10);
    TRY("recv of a datagram into unmapped memory", recv(dgram[1], unmapped, 10, 0));
    TRY("  it is lost", recv(dgram[1], last(16), 16, 0));

    length = last(4);
    *length = 128;
    feed(udp_peer, 10);
    wait_readable(udp);
    TRY("recvfrom, unmapped address", recvfrom(udp, inside(64), 16, 0, unmapped, length));
    feed(udp_peer, 10);
    wait_readable(udp);
    TRY("recvfrom, address but no length", recvfrom(udp, inside(64), 16, 0, inside(32), nothing));
    feed(udp_peer, 10);
    wait_readable(udp);
    *length = minus_one_length;
    TRY("recvfrom, length -1", recvfrom(udp, inside(64), 16, 0, inside(32), length));
    feed(udp_peer, 10);
    wait_readable(udp);
    *length = 2;
    TRY("recvfrom, length 2", recvfrom(udp, inside(64), 16, 0, inside(32), length));
    TRY("  the real length", *length);
    feed(udp_peer, 10);
    wait_readable(udp);
    TRY("recvfrom, NULL address and unmapped length", recvfrom(udp, inside(64), 16, 0, nothing, unmapped));
    feed(stream[0], 10);
    *length = 77;
    TRY("recvfrom on a stream pair", recvfrom(stream[1], inside(64), 16, 0, inside(32), length));
    TRY("  the length", *length);

    feed(stream[0], 10);
    TRY("read on -1", read(-1, last(1), 1));
    TRY("read into NULL", read(stream[1], nothing, 10));
    TRY("read into unmapped memory", read(stream[1], unmapped, 10));
    TRY("read of 0 into unmapped memory", read(stream[1], unmapped, 0));
    TRY("pread on a socket", pread(stream[1], last(1), 1, 0));
    TRY("readv, NULL", readv(stream[1], nothing, 1));
    TRY("readv, count -1", readv(stream[1], last(16), minus_one_count));
    TRY("readv, 2 of which 1 is mapped", readv(stream[1], last(16), 2));
    TRY("read, at the end of the page", read(stream[1], last(10), 10));
}

static void messages(void)
{
    struct iovec part, many[3];
    struct msghdr message, *at_end;
    struct mmsghdr batch[2];
    _Alignas(struct cmsghdr) char control[2048];
    struct cmsghdr *cmsg = (struct cmsghdr *)(void *)control;
    char byte = 'm';
    static const struct msghdr empty;

    part = (struct iovec){ &byte, 1 };
    message = empty;
    message.msg_iov = &part;
    message.msg_iovlen = 1;

    printf("sendmsg, sendmmsg:\n");
    TRY("sendmsg NULL", sendmsg(stream[0], nothing, 0));
    TRY("sendmsg, unmapped", sendmsg(stream[0], unmapped, 0));
    TRY("sendmsg on -1", sendmsg(-1, &message, 0));
    TRY("sendmsg on a file", sendmsg(file, &message, 0));
    TRY("sendmsg, half of it mapped", sendmsg(stream[0], last(sizeof message / 2), 0));
    TRY("sendmsg, at the end of the page", sendmsg(stream[0], last_copy(&message, sizeof message), 0));
    message.msg_iov = nothing;
    TRY("sendmsg, no parts but a count of 1", sendmsg(stream[0], &message, 0));
    message.msg_iovlen = 0;
    TRY("sendmsg, no parts", sendmsg(stream[0], &message, 0));
    message.msg_iov = unmapped;
    message.msg_iovlen = 1;
    TRY("sendmsg, unmapped parts", sendmsg(stream[0], &message, 0));
    message.msg_iovlen = minus_one_size;
    TRY("sendmsg, -1 parts", sendmsg(stream[0], &message, 0));
    message.msg_iovlen = 1025;
    TRY("sendmsg, 1025 parts", sendmsg(stream[0], &message, 0));
    message.msg_iov = last_copy(&part, sizeof part);
    message.msg_iovlen = 2;
    TRY("sendmsg, 2 parts of which 1 is mapped", sendmsg(stream[0], &message, 0));
    message.msg_iovlen = 1;
    TRY("sendmsg, 1 part at the end of the page", sendmsg(stream[0], &message, 0));
    many[0] = part;
    many[1] = (struct iovec){ unmapped, 5 };
    many[2] = (struct iovec){ nothing, 0 };
    message.msg_iov = many;
    message.msg_iovlen = 2;
    TRY("sendmsg, the second part is not mapped", sendmsg(dgram[0], &message, 0));
    many[1].iov_len = minus_one_size;
    TRY("sendmsg, the second part's length is -1", sendmsg(dgram[0], &message, 0));
    message.msg_iov = &many[2];
    message.msg_iovlen = 1;
    TRY("sendmsg, NULL of length 0", sendmsg(dgram[0], &message, 0));
    message.msg_iov = &part;
    message.msg_name = unmapped;
    message.msg_namelen = 16;
    TRY("sendmsg, unmapped address", sendmsg(udp, &message, 0));
    message.msg_namelen = minus_one_length;
    TRY("sendmsg, address of length -1", sendmsg(udp, &message, 0));
    message.msg_name = NULL;
    message.msg_namelen = 0;

    printf("control data:\n");
    memset(control, 0xa5, sizeof control);
    message.msg_control = control;
    message.msg_controllen = 64;
    TRY("garbage", sendmsg(stream[0], &message, 0));
    message.msg_controllen = 5;
    TRY("garbage of 5 bytes", sendmsg(stream[0], &message, 0));
    message.msg_control = nothing;
    message.msg_controllen = 64;
    TRY("NULL of 64 bytes", sendmsg(stream[0], &message, 0));
    message.msg_control = unmapped;
    TRY("unmapped", sendmsg(stream[0], &message, 0));
    message.msg_controllen = minus_one_size;
    TRY("length -1", sendmsg(stream[0], &message, 0));
    memset(control, 0, sizeof control);
    message.msg_control = control;
    message.msg_controllen = 64;
    TRY("a header of length 0", sendmsg(stream[0], &message, 0));
    cmsg->cmsg_level = SOL_SOCKET;
    cmsg->cmsg_type = SCM_RIGHTS;
    /* Rounded up it is 0: who walks the headers by adding lengths never gets on. */
    cmsg->cmsg_len = minus_one_size;
    TRY("a header of length -1", sendmsg(stream[0], &message, 0));
    cmsg->cmsg_len = 1000;
    TRY("a header longer than the buffer", sendmsg(stream[0], &message, 0));
    cmsg->cmsg_len = CMSG_LEN(sizeof(int));
    message.msg_controllen = cmsg->cmsg_len;
    memcpy(CMSG_DATA(cmsg), &(int){ -1 }, sizeof(int));
    TRY("descriptor -1", sendmsg(stream[0], &message, 0));
    memcpy(CMSG_DATA(cmsg), &(int){ 777 }, sizeof(int));
    TRY("a closed descriptor", sendmsg(stream[0], &message, 0));
    cmsg->cmsg_len = CMSG_LEN(254 * sizeof(int));
    message.msg_controllen = cmsg->cmsg_len;
    for (int i = 0; i < 254; i++)
        memcpy(CMSG_DATA(cmsg) + (size_t)i * sizeof(int), &(int){ 0 }, sizeof(int));
    TRY("254 descriptors", sendmsg(stream[0], &message, 0));
    cmsg->cmsg_len = CMSG_LEN(sizeof(int));
    cmsg->cmsg_type = 9999;
    message.msg_controllen = cmsg->cmsg_len;
    TRY("unknown type", sendmsg(stream[0], &message, 0));
    cmsg->cmsg_level = IPPROTO_IP;
    TRY("unknown type, UDP", sendmsg(udp_peer, &message, 0));
    cmsg->cmsg_level = SOL_SOCKET;
    cmsg->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(cmsg), &stream[0], sizeof(int));
    message.msg_control = last_copy(control, CMSG_LEN(sizeof(int)));
    TRY("a descriptor, ending at the end of the page", sendmsg(stream[0], &message, 0));
    drain(stream[1]);

    batch[0].msg_hdr = empty;
    batch[0].msg_hdr.msg_iov = &part;
    batch[0].msg_hdr.msg_iovlen = 1;
    batch[1] = batch[0];
    TRY("sendmmsg of 0", sendmmsg(stream[0], batch, 0, 0));
    TRY("sendmmsg NULL of 0", sendmmsg(stream[0], nothing, 0, 0));
    TRY("sendmmsg NULL of 1", sendmmsg(stream[0], nothing, 1, 0));
    TRY("sendmmsg, unmapped", sendmmsg(stream[0], unmapped, 1, 0));
    TRY("sendmmsg, 2 of which 1 is mapped", sendmmsg(stream[0], last_copy(batch, sizeof *batch), 2, 0));
    TRY("sendmmsg, a million of which 1 is mapped",
        sendmmsg(stream[0], last_copy(batch, sizeof *batch), 1000000, 0));
    batch[1].msg_hdr.msg_iov = unmapped;
    TRY("sendmmsg, the second has unmapped parts", sendmmsg(stream[0], batch, 2, 0));
    drain(stream[1]);

    printf("recvmsg, recvmmsg:\n");
    feed(stream[0], 20);
    TRY("recvmsg NULL", recvmsg(stream[1], nothing, 0));
    TRY("recvmsg, unmapped", recvmsg(stream[1], unmapped, 0));
    TRY("recvmsg on -1", recvmsg(-1, &message, 0));
    message = empty;
    message.msg_iov = nothing;
    message.msg_iovlen = 1;
    TRY("recvmsg, no parts but a count of 1", recvmsg(stream[1], &message, 0));
    message.msg_iovlen = minus_one_size;
    TRY("recvmsg, -1 parts", recvmsg(stream[1], &message, 0));
    message.msg_iovlen = 0;
    TRY("recvmsg, no parts", recvmsg(stream[1], &message, 0));
    message.msg_iov = many;
    message.msg_iovlen = 2;
    many[0] = part;
    many[1] = (struct iovec){ unmapped, 5 };
    TRY("recvmsg, the second part is not mapped", recvmsg(stream[1], &message, 0));
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_name = unmapped;
    message.msg_namelen = 16;
    TRY("recvmsg, unmapped address, none to give", recvmsg(stream[1], &message, 0));
    message.msg_namelen = minus_one_length;
    TRY("recvmsg, address of length -1", recvmsg(stream[1], &message, 0));
    message.msg_name = NULL;
    message.msg_namelen = 0;
    message.msg_control = unmapped;
    message.msg_controllen = 64;
    TRY("recvmsg, unmapped control buffer, none to give", recvmsg(stream[1], &message, 0));
    drain(stream[1]);
    {
        _Alignas(struct cmsghdr) char rights[CMSG_SPACE(sizeof(int))] = { 0 };
        struct msghdr sent = empty;

        cmsg = (struct cmsghdr *)(void *)rights;
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(cmsg), &file, sizeof(int));
        sent.msg_iov = &part;
        sent.msg_iovlen = 1;
        sent.msg_control = rights;
        sent.msg_controllen = sizeof rights;
        drain(dgram[1]);
        CHECK(sendmsg(dgram[0], &sent, 0) == 1);
        message.msg_control = unmapped;
        message.msg_controllen = 64;
        TRY("recvmsg, unmapped control buffer, a descriptor", recvmsg(dgram[1], &message, 0));
        TRY("  MSG_CTRUNC", (message.msg_flags & MSG_CTRUNC) != 0);
        CHECK(sendmsg(dgram[0], &sent, 0) == 1);
        message.msg_control = nothing;
        message.msg_controllen = 64;
        TRY("recvmsg, NULL control buffer, a descriptor", recvmsg(dgram[1], &message, 0));
        CHECK(sendmsg(dgram[0], &sent, 0) == 1);
        message.msg_control = last(sizeof(struct cmsghdr));
        message.msg_controllen = sizeof(struct cmsghdr);
        TRY("recvmsg, room for the control header only", recvmsg(dgram[1], &message, 0));
        TRY("  MSG_CTRUNC", (message.msg_flags & MSG_CTRUNC) != 0);
    }
    message.msg_control = NULL;
    message.msg_controllen = 0;
    feed(stream[0], 3);
    at_end = last_copy(&message, sizeof message);
    TRY("recvmsg, at the end of the page", recvmsg(stream[1], at_end, 0));

    batch[1] = batch[0];
    TRY("recvmmsg of 0", recvmmsg(stream[1], batch, 0, 0, NULL));
    TRY("recvmmsg NULL of 1", recvmmsg(stream[1], nothing, 1, 0, NULL));
    TRY("recvmmsg, unmapped", recvmmsg(stream[1], unmapped, 1, 0, NULL));
    TRY("recvmmsg, 2 of which 1 is mapped", recvmmsg(stream[1], last_copy(batch, sizeof *batch), 2, 0, NULL));
    drain(stream[1]);
    TRY("recvmmsg, nothing there", recvmmsg(stream[1], batch, 2, 0, NULL));
}

static void waiting(void)
{
    struct pollfd *entry;
    struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = minus_one } };
    struct timeval now = { 0, 0 };
    fd_set set;
    int epoll = MUST_INT(epoll_create1(0));

    printf("poll, select, epoll:\n");
    TRY("poll NULL of 0", poll(nothing, 0, 0));
    TRY("poll NULL of 1", poll(nothing, 1, 0));
    TRY("poll, unmapped", poll(unmapped, 1, 0));
    TRY("poll, unmapped, 0 of them", poll(unmapped, 0, 0));
    TRY("poll of -1", poll(nothing, (nfds_t)minus_one_size, 0));
    entry = last(sizeof *entry);
    entry->fd = closed;
    entry->events = POLLIN;
    TRY("poll of a closed one", poll(entry, 1, 0));
    TRY("  POLLNVAL", entry->revents == POLLNVAL);
    TRY("poll, 2 of which 1 is mapped", poll(entry, 2, 0));
    entry->fd = -5;
    TRY("poll of fd -5", poll(entry, 1, 0));
    entry->fd = stream[0];
    entry->events = (short)0xffff;
    TRY("poll for all events", poll(entry, 1, 0));
    TRY("ppoll NULL of 1", ppoll(nothing, 1, &(struct timespec){ 0, 0 }, NULL));
    TRY("ppoll, seconds -1", ppoll(entry, 1, &(struct timespec){ -1, 0 }, NULL));
    TRY("select of -1", select(-1, NULL, NULL, NULL, &now));
    TRY("select of none", select(0, NULL, NULL, NULL, &now));
    TRY("select, unmapped set", select(8, unmapped, NULL, NULL, &now));
    FD_ZERO(&set);
    FD_SET(40, &set);
    TRY("select of a closed one", select(41, &set, NULL, NULL, &now));
    TRY("epoll_ctl on -1", epoll_ctl(-1, EPOLL_CTL_ADD, stream[0], &event));
    TRY("epoll_ctl on a socket", epoll_ctl(stream[0], EPOLL_CTL_ADD, stream[1], &event));
    TRY("epoll_ctl of a closed one", epoll_ctl(epoll, EPOLL_CTL_ADD, closed, &event));
    TRY("epoll_ctl of a file", epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event));
    TRY("epoll_ctl of itself", epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event));
    TRY("epoll_ctl, NULL event", epoll_ctl(epoll, EPOLL_CTL_ADD, stream[0], nothing));
    TRY("epoll_ctl, unmapped event", epoll_ctl(epoll, EPOLL_CTL_ADD, stream[0], unmapped));
    TRY("epoll_ctl, unknown operation", epoll_ctl(epoll, 99, stream[0], &event));
    TRY("epoll_ctl MOD, not there", epoll_ctl(epoll, EPOLL_CTL_MOD, stream[1], &event));
    TRY("epoll_ctl DEL, not there", epoll_ctl(epoll, EPOLL_CTL_DEL, stream[1], nothing));
    TRY("epoll_ctl, at the end of the page",
        epoll_ctl(epoll, EPOLL_CTL_ADD, stream[1], last_copy(&event, sizeof event)));
    TRY("epoll_ctl ADD again", epoll_ctl(epoll, EPOLL_CTL_ADD, stream[1], &event));
    TRY("epoll_wait on -1", epoll_wait(-1, &event, 1, 0));
    TRY("epoll_wait on a socket", epoll_wait(stream[0], &event, 1, 0));
    TRY("epoll_wait of 0 events", epoll_wait(epoll, &event, 0, 0));
    TRY("epoll_wait of -1 events", epoll_wait(epoll, &event, minus_one_count, 0));
    TRY("epoll_wait, unmapped, nothing there", epoll_wait(epoll, unmapped, 1, 0));
    feed(stream[0], 1);
    TRY("epoll_wait, unmapped, something there", epoll_wait(epoll, unmapped, 1, 0));
    TRY("epoll_wait, 2 of which 1 is mapped", epoll_wait(epoll, last(sizeof event), 2, 0));
    TRY("  its data is kept", memcmp(page_end - sizeof event, &event, sizeof event) == 0);
    TRY("epoll_ctl DEL, NULL event", epoll_ctl(epoll, EPOLL_CTL_DEL, stream[1], nothing));
    drain(stream[1]);
    MUST(close(epoll));
}

static void others(void)
{
    printf("ioctl, fcntl, sendfile, splice:\n");
    TRY("ioctl on -1", ioctl(-1, FIONREAD, last(4)));
    TRY("ioctl FIONREAD, NULL", ioctl(stream[0], FIONREAD, nothing));
    TRY("ioctl FIONREAD, unmapped", ioctl(stream[0], FIONREAD, unmapped));
    TRY("ioctl FIONBIO, unmapped", ioctl(stream[0], FIONBIO, unmapped));
    TRY("ioctl, unknown request", ioctl(stream[0], 0xdeadUL, unmapped));
    TRY("ioctl SIOCGIFCONF, unmapped", ioctl(udp, SIOCGIFCONF, unmapped));
    TRY("ioctl FIONREAD, at the end of the page", ioctl(stream[0], FIONREAD, last(4)));
    TRY("fcntl on -1", fcntl(-1, F_GETFL));
    TRY("fcntl, unknown command", fcntl(stream[0], 9999, 1));
    TRY("fcntl F_DUPFD, -1", fcntl(stream[0], F_DUPFD, -1));
    TRY("fcntl F_DUPFD, huge", fcntl(stream[0], F_DUPFD, 0x7fffffff));
    TRY("fcntl F_GETLK, unmapped", fcntl(file, F_GETLK, unmapped));
    TRY("fcntl F_SETOWN, nobody", fcntl(stream[0], F_SETOWN, 0x7ffffff0));
    TRY("sendfile to -1", sendfile(-1, file, NULL, 10));
    TRY("sendfile from a socket", sendfile(stream[0], stream[1], NULL, 10));
    TRY("sendfile, unmapped offset", sendfile(stream[0], file, unmapped, 10));
    TRY("sendfile, offset -1", sendfile(stream[0], file, &(off_t){ -1 }, 10));
    TRY("splice, no pipe", splice(stream[0], NULL, stream[1], NULL, 10, 0));
    TRY("splice, unmapped offset", splice(file, unmapped, ends[1], NULL, 10, 0));
    TRY("splice, unknown flags", splice(ends[0], NULL, stream[1], NULL, 10, 0xffffffffu));
    TRY("splice of 0", splice(ends[0], NULL, stream[1], NULL, 0, 0));
    TRY("tee of a pipe into itself", tee(ends[0], ends[1], 10, 0));
    TRY("vmsplice, unmapped parts", vmsplice(ends[1], unmapped, 1, 0));

    printf("close and other calls:\n");
    TRY("close of -1", close(-1));
    TRY("close of a closed one", close(closed));
    TRY("close of a huge number", close(0x7fffffff));
    TRY("close_range backwards", close_range(20, 10, 0));
    TRY("close_range with unknown flags", close_range(700, 701, 0x7fffffff));
    TRY("close_range of nothing", close_range(700, 800, 0));
    TRY("sockatmark of a file", sockatmark(file));
    TRY("sockatmark of -1", sockatmark(-1));
    TRY("isfdtype of -1", isfdtype(-1, S_IFSOCK));
    TRY("execve NULL", execve(nothing, nothing, nothing));
    TRY("execve, unmapped path", execve(unmapped, nothing, nothing));
    TRY("execve, no such file, unmapped arguments", execve("/no/such/file", unmapped, unmapped));
    TRY("execve, unmapped arguments", execve("/proc/self/exe", unmapped, unmapped));
    TRY("execve, unmapped environment", execve("/proc/self/exe", (char *[]){ "x", NULL }, unmapped));
    TRY("execve, environment at address -1", execve("/proc/self/exe", (char *[]){ "x", NULL }, minus_one));
    {
        /* The array is fine, what it points to is not; and one without an end. */
        char **environment = last(2 * sizeof(char *));

        environment[0] = unmapped;
        TRY("execve, unmapped variable", execve("/proc/self/exe", (char *[]){ "x", NULL }, environment));
        environment[0] = environment[1] = "A=1";
        TRY("execve, environment runs off the page", execve("/proc/self/exe", (char *[]){ "x", NULL }, environment));
    }
    TRY("syscall -1", syscall(-1L));
    TRY("syscall 100000", syscall(100000L));
    TRY("syscall sendto, unmapped", syscall(SYS_sendto, stream[0], unmapped, 1UL, 0, NULL, 0));
    TRY("syscall recvmsg NULL", syscall(SYS_recvmsg, stream[1], nothing, 0));
    TRY("syscall connect, unmapped", syscall(SYS_connect, udp_peer, unmapped, 16));
}

int main(int argc UNUSED, char **argv)
{
    example_start();
    if (strcmp(argv[0], "x") == 0)
        die("an execve that must fail has not");
    signal(SIGPIPE, SIG_IGN);
    set_up();
    creating();
    accepting();
    naming();
    options();
    sending();
    receiving();
    messages();
    waiting();
    others();
    printf("and it still works: ");
    pair_exchange();
    printf("yes\n");
    return 0;
}
