/*
 * msg_peek_trunc - what the flags of recv do, for streams and for datagrams.
 *
 * Shows: MSG_PEEK (look, do not take), SO_PEEK_OFF, MSG_TRUNC (tell the real
 * size of a datagram; throw away bytes of a TCP stream), MSG_DONTWAIT,
 * MSG_WAITALL, messages and buffers of length zero, MSG_MORE.
 * See: recv(2), send(2), udp(7), tcp(7)
 * Run: build/msg_peek_trunc
 */
#include "example.h"

#include <sys/ioctl.h>
#include <sys/uio.h>

static char buffer[64];

static void print_recv(const char *what, int fd, size_t size, int flags)
{
    ssize_t n;

    memset(buffer, '.', sizeof buffer);
    n = recv(fd, buffer, size, flags);
    if (n == -1)
        printf("  %s: %s\n", what, errno_name(errno));
    else
        printf("  %s: %zd, \"%.10s\"\n", what, n, buffer);
}

/* Wait until this many bytes lie ready. */
static void wait_bytes(int fd, int bytes)
{
    int ready = 0;

    for (int i = 0; i < 5000; i++) {
        MUST(ioctl(fd, FIONREAD, &ready));
        if (ready >= bytes)
            return;
        sleep_ms(1);
    }
    die("only %d of %d bytes came", ready, bytes);
}

static void stream(void)
{
    int pair[2];

    printf("TCP:\n");
    tcp_pair(pair);
    print_recv("nothing there, MSG_DONTWAIT", pair[1], 10, MSG_DONTWAIT);
    print_recv("nothing there, no room", pair[1], 0, MSG_DONTWAIT);
    CHECK(send(pair[0], "abcdefghij", 10, 0) == 10);
    wait_bytes(pair[1], 10);
    print_recv("MSG_PEEK of 4", pair[1], 4, MSG_PEEK);
    print_recv("MSG_PEEK of 6", pair[1], 6, MSG_PEEK);
    print_recv("recv of 0", pair[1], 0, 0);
    print_recv("recv of 4", pair[1], 4, 0);
    print_recv("MSG_TRUNC of 3 discards", pair[1], 3, MSG_TRUNC);
    print_recv("the rest", pair[1], 10, 0);
    CHECK(send(pair[0], "", 0, 0) == 0);
    print_recv("after a send of 0 bytes", pair[1], 10, MSG_DONTWAIT);
    MUST(close(pair[0]));
    wait_readable(pair[1]);
    print_recv("end of file, MSG_PEEK", pair[1], 10, MSG_PEEK);
    print_recv("end of file", pair[1], 10, 0);
    MUST(close(pair[1]));
}

static void *send_late(void *argument)
{
    int fd = *(int *)argument;

    for (int i = 0; i < 10; i++) {
        sleep_ms(2);
        CHECK(send(fd, &"0123456789"[i], 1, 0) == 1);
    }
    return NULL;
}

static void wait_all(void)
{
    int pair[2];
    pthread_t sender;

    printf("MSG_WAITALL, bytes coming one by one:\n");
    tcp_pair(pair);
    MUST_0(pthread_create(&sender, NULL, send_late, &pair[0]));
    print_recv("recv of 10", pair[1], 10, MSG_WAITALL);
    MUST_0(pthread_join(sender, NULL));
    CHECK(send(pair[0], "end", 3, 0) == 3);
    MUST(shutdown(pair[0], SHUT_WR));
    print_recv("the end of file comes first", pair[1], 10, MSG_WAITALL);
    MUST(close(pair[0]));
    MUST(close(pair[1]));
}

static void datagrams(const char *name, int sender, int receiver)
{
    char first[4], second[4];
    struct iovec parts[2] = { { first, sizeof first }, { second, sizeof second } };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
    ssize_t n;

    printf("%s:\n", name);
    print_recv("nothing there, MSG_DONTWAIT", receiver, 10, MSG_DONTWAIT);
    CHECK(send(sender, "0123456789", 10, 0) == 10);
    wait_readable(receiver);
    print_recv("MSG_PEEK of 4", receiver, 4, MSG_PEEK);
    print_recv("MSG_PEEK | MSG_TRUNC of 4", receiver, 4, MSG_PEEK | MSG_TRUNC);
    print_recv("MSG_PEEK | MSG_TRUNC of 0", receiver, 0, MSG_PEEK | MSG_TRUNC);
    print_recv("recv of 4 loses the rest", receiver, 4, 0);
    print_recv("nothing left", receiver, 10, MSG_DONTWAIT);

    CHECK(send(sender, "abcdefghij", 10, 0) == 10);
    wait_readable(receiver);
    n = MUST(recvmsg(receiver, &message, 0));
    printf("  recvmsg: %zd, \"%.4s\" \"%.4s\"%s\n", n, first, second, message.msg_flags & MSG_TRUNC ? ", MSG_TRUNC" : "");

    CHECK(send(sender, "", 0, 0) == 0);
    CHECK(send(sender, "after", 5, 0) == 5);
    wait_readable(receiver);
    print_recv("an empty datagram", receiver, 10, 0);
    wait_readable(receiver);
    print_recv("the next one, no room", receiver, 0, 0);
    print_recv("nothing left", receiver, 10, MSG_DONTWAIT);
    MUST(close(sender));
    MUST(close(receiver));
}

static void peek_offset(void)
{
    const int zero = 0;
    int pair[2];

    printf("SO_PEEK_OFF:\n");
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    MUST(setsockopt(pair[1], SOL_SOCKET, SO_PEEK_OFF, &zero, sizeof zero));
    CHECK(send(pair[0], "abcdefghij", 10, 0) == 10);
    print_recv("MSG_PEEK of 3", pair[1], 3, MSG_PEEK);
    print_recv("MSG_PEEK of 3", pair[1], 3, MSG_PEEK);
    print_recv("recv of 3", pair[1], 3, 0);
    print_recv("MSG_PEEK of 3", pair[1], 3, MSG_PEEK);
    MUST(close(pair[0]));
    MUST(close(pair[1]));
}

int main(void)
{
    struct sockaddr_in address;
    int receiver, sender, pair[2];

    example_start();
    stream();
    wait_all();

    receiver = bind_loopback(SOCK_DGRAM, &address);
    sender = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));
    MUST(connect(sender, as_sockaddr(&address), sizeof address));
    datagrams("UDP", sender, receiver);
    MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    datagrams("unix datagrams", pair[0], pair[1]);
    peek_offset();

    printf("UDP, one datagram of two sends (MSG_MORE):\n");
    receiver = bind_loopback(SOCK_DGRAM, &address);
    sender = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));
    MUST(connect(sender, as_sockaddr(&address), sizeof address));
    CHECK(send(sender, "one", 3, MSG_MORE) == 3);
    CHECK(send(sender, "two", 3, 0) == 3);
    wait_readable(receiver);
    print_recv("recv of 10", receiver, 10, 0);
    MUST(close(sender));
    MUST(close(receiver));
    return 0;
}
