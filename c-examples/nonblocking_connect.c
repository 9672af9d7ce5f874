/*
 * nonblocking_connect - starting a connection without waiting for it.
 *
 * connect on a nonblocking socket gives EINPROGRESS even on loopback. When poll
 * says POLLOUT the attempt is over, and SO_ERROR tells how it ended; reading it
 * clears it. Also: what further connects say (EISCONN), a refused port, and a
 * unix socket, which is connected at once or not at all.
 *
 * Shows: SOCK_NONBLOCK, EINPROGRESS, POLLOUT, SO_ERROR, ECONNREFUSED, EAGAIN.
 * See: connect(2), poll(2), socket(7)
 * Run: build/nonblocking_connect
 */
#include "example.h"

static void print_events(short events)
{
    printf("  poll:%s%s%s%s\n", events & POLLIN ? " POLLIN" : "", events & POLLOUT ? " POLLOUT" : "",
           events & POLLERR ? " POLLERR" : "", events & POLLHUP ? " POLLHUP" : "");
}

/* Wait for these events, all of them: they may become true one after the other. */
static void wait_events(int fd, short wanted)
{
    struct pollfd entry = { .fd = fd, .events = POLLIN | POLLOUT, .revents = 0 };

    CHECK(poll(&entry, 1, 10000) == 1);
    while ((entry.revents & wanted) != wanted) {
        sleep_ms(1);
        CHECK(poll(&entry, 1, 10000) == 1);
    }
    print_events(entry.revents);
}

static void print_error(int fd)
{
    int error = -1;
    socklen_t length = sizeof error;

    MUST(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length));
    printf("  SO_ERROR: %s\n", error == 0 ? "none" : errno_name(error));
}

static void print_connect(int fd, struct sockaddr *address, socklen_t length)
{
    int result = connect(fd, address, length);

    printf("  connect: %s\n", result == 0 ? "done" : errno_name(errno));
}

int main(void)
{
    char directory[64], byte;
    struct sockaddr_in listening, refusing;
    struct sockaddr_un full;
    int listener, bound, fd, peer, other;

    example_start();
    listener = listen_loopback(1, &listening);
    bound = bind_loopback(SOCK_STREAM, &refusing); /* bound, not listening: refuses */

    printf("to a listening port:\n");
    fd = MUST_INT(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    print_connect(fd, as_sockaddr(&listening), sizeof listening);
    wait_events(fd, POLLOUT);
    print_error(fd);
    print_connect(fd, as_sockaddr(&listening), sizeof listening); /* tells of the success once */
    print_connect(fd, as_sockaddr(&listening), sizeof listening);
    CHECK(recv(fd, &byte, 1, 0) == -1);
    printf("  recv: %s\n", errno_name(errno));
    peer = MUST_INT(accept(listener, NULL, NULL));
    CHECK(send(peer, "!", 1, 0) == 1);
    wait_events(fd, POLLIN | POLLOUT);
    CHECK(recv(fd, &byte, 1, 0) == 1);
    printf("  received '%c'\n", byte);
    MUST(close(peer));
    MUST(close(fd));

    printf("to a port that refuses, asking SO_ERROR:\n");
    fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));
    MUST(fcntl(fd, F_SETFL, MUST_INT(fcntl(fd, F_GETFL)) | O_NONBLOCK));
    print_connect(fd, as_sockaddr(&refusing), sizeof refusing);
    wait_events(fd, POLLIN | POLLOUT | POLLERR | POLLHUP);
    print_error(fd);
    print_error(fd);
    MUST(close(fd));

    printf("to a port that refuses, asking recv:\n");
    fd = MUST_INT(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    print_connect(fd, as_sockaddr(&refusing), sizeof refusing);
    wait_events(fd, POLLIN | POLLOUT | POLLERR | POLLHUP);
    CHECK(recv(fd, &byte, 1, 0) == -1);
    printf("  recv: %s\n", errno_name(errno));
    print_error(fd);
    MUST(close(fd));

    printf("to a port that refuses, blocking:\n");
    fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));
    print_connect(fd, as_sockaddr(&refusing), sizeof refusing);
    MUST(close(fd));
    MUST(close(bound));
    MUST(close(listener));

    printf("accept with nobody there:\n");
    listener = listen_loopback(1, &listening);
    MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
    CHECK(accept(listener, NULL, NULL) == -1);
    printf("  accept: %s\n", errno_name(errno));
    MUST(close(listener));

    printf("to a unix socket with a backlog of none:\n");
    make_directory(directory);
    full = unix_address(directory, "full");
    listener = MUST_INT(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(bind(listener, as_sockaddr(&full), sizeof full));
    MUST(listen(listener, 0));
    fd = MUST_INT(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    other = MUST_INT(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    print_connect(fd, as_sockaddr(&full), sizeof full);
    print_connect(other, as_sockaddr(&full), sizeof full);
    peer = MUST_INT(accept(listener, NULL, NULL));
    print_connect(other, as_sockaddr(&full), sizeof full);
    MUST(close(peer));
    MUST(close(other));
    MUST(close(fd));
    MUST(close(listener));
    MUST(unlink(full.sun_path));
    MUST(rmdir(directory));
    return 0;
}
