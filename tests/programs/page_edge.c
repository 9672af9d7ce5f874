/* Buffers, vectors, addresses and strings that end exactly where the mapped memory ends. */
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static char *end;

/* `size` bytes up to the edge, holding a copy of `from`. */
static void *at_edge(const void *from, size_t size)
{
    return size == 0 ? end : memcpy(end - size, from, size);
}

#define EDGE(x) at_edge(&(x), sizeof(x))

static int failed;
#define EXPECT(what) do { if (!(what)) { printf("line %d: %s\n", __LINE__, #what); failed = 1; } } while (0)

int main(void)
{
    long page = sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), buffer[256];
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof any;
    int pair[2], udp, one = 1;

    mprotect(map + 2 * page, page, PROT_NONE);
    end = map + 2 * page;
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, at_edge("12345678", 8)) == 0);
    memcpy(pair, end - 8, 8);
    EXPECT(send(pair[0], at_edge("hello", 5), 5, 0) == 5);
    EXPECT(recv(pair[1], at_edge("?????", 5), 5, 0) == 5 && memcmp(end - 5, "hello", 5) == 0);
    /* A length beyond the edge: the kernel takes what there is room for, or fails. */
    EXPECT(send(pair[0], at_edge("abc", 3), 3, 0) == 3);
    EXPECT(recv(pair[1], at_edge("???", 3), 4000, 0) == 3);
    EXPECT(send(pair[0], end, 0, 0) == 0);

    udp = socket(AF_INET, SOCK_DGRAM, 0);
    EXPECT(bind(udp, EDGE(any), sizeof any) == 0);
    EXPECT(getsockname(udp, EDGE(any), &len) == 0);
    memcpy(&any, end - sizeof any, sizeof any);
    EXPECT(sendto(udp, "u", 1, 0, EDGE(any), sizeof any) == 1);
    {
        struct sockaddr_in from;

        memset(&from, 0, sizeof from);
        len = sizeof from;
        EXPECT(recvfrom(udp, buffer, sizeof buffer, 0, EDGE(from), &len) == 1);
    }
    EXPECT(setsockopt(udp, SOL_SOCKET, SO_REUSEADDR, EDGE(one), sizeof one) == 0);
    len = sizeof one;
    EXPECT(getsockopt(udp, SOL_SOCKET, SO_TYPE, EDGE(one), &len) == 0);
    {
        struct iovec iov[2] = { { buffer, 1 }, { buffer, 2 } };
        struct msghdr m = { .msg_iov = at_edge(iov, sizeof iov), .msg_iovlen = 2 };

        EXPECT(writev(pair[0], at_edge(iov, sizeof iov), 2) == 3);
        EXPECT(sendmsg(pair[0], &m, 0) == 3);
        EXPECT(recv(pair[1], buffer, sizeof buffer, 0) == 6);
    }
    {
        struct pollfd p[2] = { { pair[0], POLLOUT, 0 }, { -1, POLLIN, 0 } };
        struct epoll_event e = { .events = EPOLLOUT };
        int epoll = epoll_create1(0);

        EXPECT(poll(at_edge(p, sizeof p), 2, 0) == 1);
        EXPECT(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], EDGE(e)) == 0);
        EXPECT(epoll_wait(epoll, EDGE(e), 1, 0) == 1);
        /* Room for a thousand is claimed, and there is room for one. */
        EXPECT(epoll_wait(epoll, EDGE(e), 1000, 0) == 1);
    }
    {
        /* A set of 64 descriptors and not a whole fd_set. */
        unsigned long set = 1UL << pair[0];
        struct timeval zero = { 0, 0 };

        EXPECT(pair[0] < 64);
        EXPECT(select(pair[0] + 1, NULL, EDGE(set), NULL, &zero) == 1);
    }
    {
        struct addrinfo hints = { .ai_flags = AI_NUMERICHOST }, *found;

        EXPECT(getaddrinfo("127.0.0.1", NULL, EDGE(hints), &found) == 0);
        freeaddrinfo(found);
        EXPECT(getaddrinfo(at_edge("127.0.0.1", 10), NULL, NULL, &found) == 0);
        freeaddrinfo(found);
    }
    puts(failed ? "failed" : "all as it should be");
    return failed;
}
