/* Buffers, vectors, addresses and strings that end exactly where the mapped memory ends. */
#define _GNU_SOURCE
#include <errno.h>
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
#include <sys/wait.h>
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

/* How many variables of its own this program was given. It makes a socket, to be seen. */
static int variables(void)
{
    int n = 0;

    close(socket(AF_INET, SOCK_DGRAM, 0));
    for (char **e = environ; *e != NULL; e++)
        n += strncmp(*e, "E", 1) == 0;
    return n;
}

/* An environment of `n` variables up to the edge, of which those from `bad` on are not there. `shift` bytes behind it are left. */
static char **environment(size_t n, size_t bad, size_t shift)
{
    /* The shorter ones are shorter than what tells our names apart. */
    static char *const variable[] = { "E=1", "E", "E_THAT_IS_LONGER_THAN_OTHERS=AND HAS MORE TO SAY" };
    char **list, *text = end - 4096;

    list = (char **)(void *)(end - shift) - (n + 1);
    for (size_t i = 0; i < 3; i++)
        strcpy(text - 100 * (i + 1), variable[i]);
    for (size_t i = 0; i < n; i++)
        list[i] = i >= bad ? end : text - 100 * (i % 3 + 1);
    /* This one ends where its page does, and what follows is not a variable's. */
    if (n / 2 < bad)
        list[n / 2] = memcpy(text - 4, "E=4", 4);
    list[n] = NULL;
    return list;
}

static void become_others(void)
{
    static const size_t some[] = { 0, 1, 2, 14, 15, 16, 17, 31, 32, 33, 100, 200 };
    char *argv[] = { "page_edge", "count", NULL };

    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        for (size_t shift = 0; shift < 300; shift += 129) {
            pid_t child = fork();
            int status = -1;

            if (child == 0) {
                execve("/proc/self/exe", argv, environment(some[i], some[i], shift));
                _exit(255);
            }
            waitpid(child, &status, 0);
            EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == (int)some[i]);
            if (some[i] > 0) {
                EXPECT(execve("/proc/self/exe", argv, environment(some[i], some[i] - 1, shift)) == -1 && errno == EFAULT);
                EXPECT(execve("/proc/self/exe", argv, environment(some[i], some[i] / 3, shift)) == -1 && errno == EFAULT);
            }
        }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return strcmp(argv[1], "count") == 0 ? variables() : 255;
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
    become_others();
    puts(failed ? "failed" : "all as it should be");
    return failed;
}
