/*
 * example.h - what the examples share: error checks and a few loopback helpers.
 *
 * Every example is deterministic: its output holds no port number, no pid, no
 * time and no pointer, so that two runs can be compared byte by byte. Include
 * this header first; it asks for the GNU API before any system header is read.
 *
 * Three habits to know when reading the programs:
 *   - CHECK(condition) states what must hold and ends the program with a
 *     message and status 1 when it does not;
 *   - MUST(call) is for calls that return -1 on failure, and gives back the
 *     result;
 *   - data sent over TCP or UDP loopback is waited for (wait_readable) before
 *     it is looked at without blocking: the kernel may deliver it later.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef UNUSED
#define UNUSED __attribute__((unused))
#endif

/* Print a message and end the process with status 1. */
__attribute__((noreturn, format(printf, 1, 2)))
static inline void die(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

#define CHECK(condition)                                                     \
    do {                                                                     \
        if (!(condition))                                                    \
            die("%s:%d: not true: %s (errno: %s)", __FILE__, __LINE__,       \
                #condition, strerror(errno));                                \
    } while (0)

static inline long must_(long result, const char *call, const char *file, int line)
{
    if (result == -1)
        die("%s:%d: %s: %s", file, line, call, strerror(errno));
    return result;
}

/* MUST(socket(...)): the result, or the end of the program when it is -1. */
#define MUST(call) must_((long)(call), #call, __FILE__, __LINE__)
#define MUST_INT(call) ((int)MUST(call))

/* pthread functions return the error instead of setting errno. */
#define MUST_0(call)                                                         \
    do {                                                                     \
        int error_ = (call);                                                 \
        if (error_ != 0)                                                     \
            die("%s:%d: %s: %s", __FILE__, __LINE__, #call,                  \
                strerror(error_));                                           \
    } while (0)

/*
 * First line of every main: an example never hangs for longer than 20 s, and
 * its lines reach stdout whole and in order, also when it forks and also when
 * stdout is a pipe.
 */
static inline void example_start(void)
{
    alarm(20);
    setvbuf(stdout, NULL, _IOLBF, 0);
}

/* "ECONNREFUSED" rather than "Connection refused": easier to look up. */
static inline const char *errno_name(int error)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 32)
    const char *name = strerrorname_np(error);

    return name != NULL ? name : "E???";
#else
    return strerror(error);
#endif
}

/* sockaddr_in, _un ... are all passed as struct sockaddr pointers. */
static inline struct sockaddr *as_sockaddr(void *address)
{
    return (struct sockaddr *)address;
}

/* 127.0.0.1 with the given port (host byte order); port 0: the kernel chooses. */
static inline struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* A socket bound to a free port of 127.0.0.1; *address tells which. */
static inline int bind_loopback(int type, struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    int fd = MUST_INT(socket(AF_INET, type, 0));

    *address = loopback(0);
    MUST(bind(fd, as_sockaddr(address), sizeof *address));
    MUST(getsockname(fd, as_sockaddr(address), &length));
    return fd;
}

/* A listening TCP socket on a free port of 127.0.0.1. */
static inline int listen_loopback(int backlog, struct sockaddr_in *address)
{
    int fd = bind_loopback(SOCK_STREAM, address);

    MUST(listen(fd, backlog));
    return fd;
}

static inline int connect_loopback(const struct sockaddr_in *address)
{
    int fd = MUST_INT(socket(AF_INET, SOCK_STREAM, 0));

    MUST(connect(fd, (const struct sockaddr *)address, sizeof *address));
    return fd;
}

/* A connected pair of TCP sockets: pair[0] connected, pair[1] accepted. */
static inline void tcp_pair(int pair[2])
{
    struct sockaddr_in address;
    int listener = listen_loopback(1, &address);

    pair[0] = connect_loopback(&address);
    pair[1] = MUST_INT(accept(listener, NULL, NULL));
    MUST(close(listener));
}

/* Send everything: send() may take less than it was offered. */
static inline void send_all(int fd, const void *data, size_t length)
{
    const char *next = data;

    while (length > 0) {
        ssize_t n = send(fd, next, length, MSG_NOSIGNAL);

        if (n == -1 && errno == EINTR)
            continue;
        CHECK(n > 0);
        next += n;
        length -= (size_t)n;
    }
}

/* Receive exactly length bytes; false when the peer closed before the first. */
static inline bool recv_all(int fd, void *data, size_t length)
{
    char *next = data;
    size_t left = length;

    while (left > 0) {
        ssize_t n = recv(fd, next, left, 0);

        if (n == -1 && errno == EINTR)
            continue;
        CHECK(n >= 0);
        if (n == 0) {
            CHECK(left == length);
            return false;
        }
        next += n;
        left -= (size_t)n;
    }
    return true;
}

/* Wait until fd is readable (data, end of file, or a connection to accept). */
static inline void wait_readable(int fd)
{
    struct pollfd entry = { .fd = fd, .events = POLLIN, .revents = 0 };
    int n;

    do
        n = poll(&entry, 1, 10000);
    while (n == -1 && errno == EINTR);
    CHECK(n == 1);
}

static inline void sleep_ms(long milliseconds)
{
    struct timespec left = { milliseconds / 1000, (milliseconds % 1000) * 1000000 };

    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        continue;
}

/* Wait for a child; its wait status (see wait(2)) is the result. */
static inline int wait_status(pid_t child)
{
    int status = 0;
    pid_t ended;

    do
        ended = waitpid(child, &status, 0);
    while (ended == -1 && errno == EINTR);
    CHECK(ended == child);
    return status;
}

/* Wait for a child which must end with status 0. */
static inline void wait_success(pid_t child)
{
    int status = wait_status(child);

    if (WIFSIGNALED(status))
        die("a child was killed by signal %d", WTERMSIG(status));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die("a child ended with status %d", WEXITSTATUS(status));
}

/*
 * The smallest conversation there is: make a socket pair, send a byte each way,
 * close it. Used where the question is only whether sockets work at all.
 */
static inline void pair_exchange(void)
{
    int pair[2];
    char byte = 'a';

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    CHECK(send(pair[0], &byte, 1, 0) == 1);
    byte = 0;
    CHECK(recv(pair[1], &byte, 1, 0) == 1 && byte == 'a');
    byte = 'b';
    CHECK(write(pair[1], &byte, 1) == 1);
    byte = 0;
    CHECK(read(pair[0], &byte, 1) == 1 && byte == 'b');
    MUST(close(pair[0]));
    MUST(close(pair[1]));
}

/* A private directory for unix sockets; the caller removes it. */
static inline void make_directory(char path[64])
{
    strcpy(path, "/tmp/example-XXXXXX");
    if (mkdtemp(path) == NULL)
        die("mkdtemp: %s", strerror(errno));
}

/* A unix socket address for a name in that directory. */
static inline struct sockaddr_un unix_address(const char *directory, const char *name)
{
    struct sockaddr_un address;
    int n;

    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    n = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", directory, name);
    CHECK(n > 0 && (size_t)n < sizeof address.sun_path);
    return address;
}

/* The path of this very program, for those which execute themselves. */
static inline const char *own_path(void)
{
    static char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

    CHECK(n > 0);
    path[n] = '\0';
    return path;
}

#endif
