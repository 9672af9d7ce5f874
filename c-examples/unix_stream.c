/*
 * unix_stream - a server on a unix socket with a path, and a forked client.
 *
 * The path is a file system entry: it can be looked at with stat, it remains
 * after close, and bind fails on one that exists. The client's own socket has
 * no name, so accept gives an address of two bytes: only the family. SO_PEERCRED
 * tells the server who is at the other end.
 *
 * Shows: sockaddr_un, the length of names, SO_PEERCRED, SOCK_SEQPACKET.
 * See: unix(7), socketpair(2)
 * Run: build/unix_stream
 */
#include "example.h"

#include <sys/stat.h>

__attribute__((noreturn))
static void client(const struct sockaddr_un *server)
{
    char answer[64];
    int fd = MUST_INT(socket(AF_UNIX, SOCK_STREAM, 0));

    MUST(connect(fd, (const struct sockaddr *)server, sizeof *server));
    send_all(fd, "question", 8);
    MUST(shutdown(fd, SHUT_WR));
    CHECK(recv_all(fd, answer, 6) && memcmp(answer, "answer", 6) == 0);
    CHECK(!recv_all(fd, answer, 1));
    exit(0);
}

/* The same with packets: each recv gets what one send sent. */
static void packets(const struct sockaddr_un *name)
{
    char buffer[64];
    int listener = MUST_INT(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    int fd = MUST_INT(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    int peer;

    MUST(bind(listener, (const struct sockaddr *)name, sizeof *name));
    MUST(listen(listener, 1));
    MUST(connect(fd, (const struct sockaddr *)name, sizeof *name));
    peer = MUST_INT(accept(listener, NULL, NULL));
    CHECK(send(fd, "first", 5, 0) == 5);
    CHECK(send(fd, "second", 6, MSG_EOR) == 6);
    printf("seqpacket: recv gives %zd bytes,", recv(peer, buffer, sizeof buffer, 0));
    printf(" then %zd\n", recv(peer, buffer, sizeof buffer, 0));
    MUST(close(fd));
    printf("seqpacket: after close %zd\n", recv(peer, buffer, sizeof buffer, 0));
    MUST(close(peer));
    MUST(close(listener));
}

int main(void)
{
    char directory[64], buffer[64];
    struct sockaddr_un server, second, name;
    socklen_t length;
    struct ucred who;
    struct stat info;
    int listener, other, fd;
    pid_t child;

    example_start();
    make_directory(directory);
    server = unix_address(directory, "stream");
    second = unix_address(directory, "seqpacket");

    listener = MUST_INT(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(bind(listener, as_sockaddr(&server), sizeof server));
    MUST(listen(listener, 5));
    MUST(stat(server.sun_path, &info));
    printf("the path is %s\n", S_ISSOCK(info.st_mode) ? "a socket" : "something else");

    other = MUST_INT(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(bind(other, as_sockaddr(&server), sizeof server) == -1);
    printf("bind to it once more: %s\n", errno_name(errno));
    MUST(close(other));

    length = sizeof name;
    MUST(getsockname(listener, as_sockaddr(&name), &length));
    printf("its name is what was bound: %s, with the terminating zero: %s\n",
           strcmp(name.sun_path, server.sun_path) == 0 ? "yes" : "no",
           length == offsetof(struct sockaddr_un, sun_path) + strlen(server.sun_path) + 1 ? "yes" : "no");

    child = MUST_INT(fork());
    if (child == 0)
        client(&server);
    length = sizeof name;
    fd = MUST_INT(accept(listener, as_sockaddr(&name), &length));
    printf("the client's name: %u bytes\n", length);
    length = sizeof who;
    MUST(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length));
    printf("the client's pid is the child's: %s, its user ours: %s\n", who.pid == child ? "yes" : "no",
           who.uid == getuid() ? "yes" : "no");
    CHECK(recv_all(fd, buffer, 8));
    printf("received \"%.8s\"\n", buffer);
    CHECK(!recv_all(fd, buffer, 1));
    send_all(fd, "answer", 6);
    MUST(close(fd));
    wait_success(child);
    MUST(close(listener));

    /* The path outlives the socket; connecting to it is refused. */
    fd = MUST_INT(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(connect(fd, as_sockaddr(&server), sizeof server) == -1);
    printf("connect after close: %s\n", errno_name(errno));
    MUST(unlink(server.sun_path));
    CHECK(connect(fd, as_sockaddr(&server), sizeof server) == -1);
    printf("connect after unlink: %s\n", errno_name(errno));
    MUST(close(fd));

    packets(&second);
    MUST(unlink(second.sun_path));
    MUST(rmdir(directory));
    return 0;
}
