/*
 * aliases - the second names that some calls have in glibc, and how to get a
 * function by its name.
 *
 * __read is read, fcntl64 is fcntl, and so on: old binaries and large-file
 * builds refer to those. Nothing declares them, so they are looked up by name:
 * once in the whole program (RTLD_DEFAULT) and once in the C library alone. A
 * libc without one of them prints "none" for it.
 *
 * See: dlsym(3), feature_test_macros(7)
 * Run: build/aliases
 */
#include "example.h"

#include <dlfcn.h>
#include <sys/select.h>

static void *where;

/* dlsym gives a data pointer; copying it is the way POSIX knows to call it. */
static bool find(const char *name, void *function)
{
    void *symbol = dlsym(where, name);

    memcpy(function, &symbol, sizeof symbol);
    printf("  %s%s\n", name, symbol == NULL ? ": none" : "");
    return symbol != NULL;
}

static void data_calls(void)
{
    ssize_t (*send_)(int, const void *, size_t, int);
    ssize_t (*read_)(int, void *, size_t);
    ssize_t (*write_)(int, const void *, size_t);
    ssize_t (*recv_chk)(int, void *, size_t, size_t, int);
    ssize_t (*recvfrom_chk)(int, void *, size_t, size_t, int, struct sockaddr *, socklen_t *);
    ssize_t (*read_chk)(int, void *, size_t, size_t);
    ssize_t (*pread_)(int, void *, size_t, off_t);
    ssize_t (*pwrite_)(int, const void *, size_t, off_t);
    ssize_t (*recv_)(int, void *, size_t, int);
    char buffer[8];
    int pair[2];

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    if (find("__send", &send_))
        CHECK(send_(pair[0], "ab", 2, MSG_NOSIGNAL) == 2);
    else
        CHECK(send(pair[0], "ab", 2, 0) == 2);
    if (find("__recv_chk", &recv_chk))
        CHECK(recv_chk(pair[1], buffer, 1, sizeof buffer, 0) == 1 && *buffer == 'a');
    else
        CHECK(recv(pair[1], buffer, 1, 0) == 1);
    if (find("__recvfrom_chk", &recvfrom_chk))
        CHECK(recvfrom_chk(pair[1], buffer, 1, sizeof buffer, 0, NULL, NULL) == 1 && *buffer == 'b');
    else
        CHECK(recv(pair[1], buffer, 1, 0) == 1);
    if (find("__write", &write_))
        CHECK(write_(pair[0], "cd", 2) == 2);
    else
        CHECK(write(pair[0], "cd", 2) == 2);
    if (find("__read", &read_))
        CHECK(read_(pair[1], buffer, 1) == 1 && *buffer == 'c');
    else
        CHECK(read(pair[1], buffer, 1) == 1);
    if (find("__read_chk", &read_chk))
        CHECK(read_chk(pair[1], buffer, 1, sizeof buffer) == 1 && *buffer == 'd');
    else
        CHECK(read(pair[1], buffer, 1) == 1);
    if (find("pread64", &pread_))
        CHECK(pread_(pair[1], buffer, 1, 0) == -1 && errno == ESPIPE);
    if (find("__pread64", &pread_))
        CHECK(pread_(pair[1], buffer, 1, 0) == -1 && errno == ESPIPE);
    if (find("pwrite64", &pwrite_))
        CHECK(pwrite_(pair[1], buffer, 1, 0) == -1 && errno == ESPIPE);
    if (find("recv", &recv_))
        CHECK(recv_(pair[1], buffer, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    MUST(close(pair[0]));
    MUST(close(pair[1]));
}

static void other_calls(void)
{
    int (*connect_)(int, const struct sockaddr *, socklen_t);
    int (*accept_)(int, struct sockaddr *, socklen_t *);
    int (*poll_)(struct pollfd *, nfds_t, int);
    int (*poll_chk)(struct pollfd *, nfds_t, int, size_t);
    int (*ppoll_chk)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);
    int (*select_)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
    int (*dup2_)(int, int);
    int (*fcntl_)(int, int, ...);
    int (*close_)(int);
    int (*open_)(const char *, int, ...);
    int (*pipe_)(int *);
    pid_t (*fork_)(void);
    struct sockaddr_in address;
    struct pollfd entry;
    struct timeval at_once = { 0, 0 };
    const struct timespec none = { 0, 0 };
    fd_set set;
    int listener = listen_loopback(1, &address), fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0)), copy, ends[2];

    if (find("__connect", &connect_))
        MUST(connect_(fd, as_sockaddr(&address), sizeof address));
    else
        MUST(connect(fd, as_sockaddr(&address), sizeof address));
    if (find("accept", &accept_))
        MUST(close(MUST_INT(accept_(listener, NULL, NULL))));
    entry = (struct pollfd){ fd, POLLOUT, 0 };
    if (find("__poll", &poll_))
        CHECK(poll_(&entry, 1, 0) == 1);
    if (find("__poll_chk", &poll_chk))
        CHECK(poll_chk(&entry, 1, 0, sizeof entry) == 1);
    if (find("__ppoll_chk", &ppoll_chk))
        CHECK(ppoll_chk(&entry, 1, &none, NULL, sizeof entry) == 1);
    FD_ZERO(&set);
    FD_SET(fd, &set);
    if (find("__select", &select_))
        CHECK(select_(fd + 1, NULL, &set, NULL, &at_once) == 1);
    copy = 60;
    if (find("__dup2", &dup2_))
        CHECK(dup2_(fd, copy) == copy);
    else
        MUST(dup2(fd, copy));
    if (find("__fcntl", &fcntl_))
        CHECK(fcntl_(copy, F_SETFL, O_NONBLOCK) == 0);
    if (find("fcntl64", &fcntl_))
        CHECK((fcntl_(copy, F_GETFL) & O_ACCMODE) == O_RDWR);
    if (find("__close", &close_))
        CHECK(close_(copy) == 0);
    else
        MUST(close(copy));
    CHECK(close(copy) == -1 && errno == EBADF);
    if (find("__open64", &open_))
        MUST(close(MUST_INT(open_("/dev/null", O_RDONLY))));
    if (find("__pipe", &pipe_)) {
        MUST(pipe_(ends));
        MUST(close(ends[0]));
        MUST(close(ends[1]));
    }
    if (find("__fork", &fork_)) {
        pid_t child = MUST_INT(fork_());

        if (child == 0) {
            pair_exchange();
            _exit(0);
        }
        wait_success(child);
    }
    MUST(close(fd));
    MUST(close(listener));
}

int main(void)
{
    void *libc;

    example_start();
    where = RTLD_DEFAULT;
    printf("in the whole program:\n");
    data_calls();
    other_calls();
    libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (libc != NULL) {
        where = libc;
        printf("in the C library:\n");
        data_calls();
        other_calls();
        dlclose(libc);
    }
    CHECK(dlsym(RTLD_DEFAULT, "no_such_function_anywhere") == NULL);
    printf("no_such_function_anywhere: %s\n", dlerror() != NULL ? "an error text" : "no error text");
    return 0;
}
