/*
 * unix_dgram - datagrams between unix sockets with paths.
 *
 * Unlike UDP nothing is lost: a sender waits (or gets EAGAIN) while the
 * receiver's queue is full. To be answered, a client must bind a name itself.
 *
 * Shows: bound clients, sendto and recvfrom with paths, EAGAIN on a full queue,
 * ECONNREFUSED and ENOENT, an unnamed sender, MSG_TRUNC.
 * See: unix(7), send(2), recv(2)
 * Run: build/unix_dgram
 */
#include "example.h"

static const char *base_name(const struct sockaddr_un *address, socklen_t length)
{
    const char *slash;

    if (length <= offsetof(struct sockaddr_un, sun_path))
        return "nobody";
    slash = strrchr(address->sun_path, '/');
    return slash != NULL ? slash + 1 : address->sun_path;
}

int main(void)
{
    char directory[64], buffer[64];
    struct sockaddr_un server_name, client_name, from;
    socklen_t length;
    int server, client, unnamed, queued = 0, drained = 0;
    ssize_t n;

    example_start();
    make_directory(directory);
    server_name = unix_address(directory, "server");
    client_name = unix_address(directory, "client");
    server = MUST_INT(socket(AF_UNIX, SOCK_DGRAM, 0));
    client = MUST_INT(socket(AF_UNIX, SOCK_DGRAM, 0));
    unnamed = MUST_INT(socket(AF_UNIX, SOCK_DGRAM, 0));
    MUST(bind(server, as_sockaddr(&server_name), sizeof server_name));
    MUST(bind(client, as_sockaddr(&client_name), sizeof client_name));

    CHECK(sendto(client, "ping", 4, 0, as_sockaddr(&server_name), sizeof server_name) == 4);
    length = sizeof from;
    memset(&from, 0, sizeof from);
    n = MUST(recvfrom(server, buffer, sizeof buffer, 0, as_sockaddr(&from), &length));
    printf("server got \"%.*s\" from %s\n", (int)n, buffer, base_name(&from, length));
    CHECK(sendto(server, "pong", 4, 0, as_sockaddr(&from), length) == 4);
    length = sizeof from;
    n = MUST(recvfrom(client, buffer, sizeof buffer, 0, as_sockaddr(&from), &length));
    printf("client got \"%.*s\" from %s\n", (int)n, buffer, base_name(&from, length));

    MUST(connect(unnamed, as_sockaddr(&server_name), sizeof server_name));
    CHECK(send(unnamed, "no name, too long", 17, 0) == 17);
    length = sizeof from;
    n = MUST(recvfrom(server, buffer, 7, MSG_TRUNC, as_sockaddr(&from), &length));
    printf("server got 7 of %zd bytes \"%.7s\" from %s\n", n, buffer, base_name(&from, length));

    while (send(unnamed, "x", 1, MSG_DONTWAIT) == 1)
        queued++;
    printf("the queue is full: %s\n", errno_name(errno));
    while (recv(server, buffer, sizeof buffer, MSG_DONTWAIT) == 1)
        drained++;
    printf("all %s are read again, then %s\n", queued == drained && queued > 0 ? "queued ones" : "but some",
           errno_name(errno));

    MUST(close(server));
    CHECK(send(unnamed, "x", 1, 0) == -1);
    printf("the server has closed: %s\n", errno_name(errno));
    MUST(unlink(server_name.sun_path));
    CHECK(sendto(client, "x", 1, 0, as_sockaddr(&server_name), sizeof server_name) == -1);
    printf("and its path is gone: %s\n", errno_name(errno));
    MUST(close(client));
    MUST(close(unnamed));
    MUST(unlink(client_name.sun_path));
    MUST(rmdir(directory));
    return 0;
}
