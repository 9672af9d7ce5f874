/* The functions of socklens.h, however the library came into the process: linked (-DLINKED), preloaded, or opened. */
#ifndef CAPI_H
#define CAPI_H

#define _GNU_SOURCE
#include "../../include/socklens.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(what)                                                         \
    do {                                                                    \
        if (!(what)) {                                                      \
            printf("line %d: %s (errno %d)\n", __LINE__, #what, errno);     \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

#define FUNCTIONS(F)                                                                              \
    F(const char *, version, (void))                                                              \
    F(int, active, (void))                                                                        \
    F(const char *, strerror, (int))                                                              \
    F(int, mark, (const char *))                                                                  \
    F(int, log_start, (const socklens_log_options *))                                             \
    F(int, log_stop, (void))                                                                      \
    F(int, event_format, (const socklens_event *, char *, size_t))                                \
    F(int, stats_start, (void))                                                                   \
    F(int, stats_stop, (void))                                                                    \
    F(int, stats_total, (socklens_call_stats *))                                                  \
    F(int, stats_call, (const char *, socklens_call_stats *))                                     \
    F(int, stats_each, (socklens_call_fn, void *))                                                \
    F(int, conns, (socklens_conn_fn, void *))                                                     \
    F(int, conn_info, (int, socklens_conn *))                                                     \
    F(int64_t, conn_of_fd, (int))                                                                 \
    F(int, conn_name, (int, const char *))                                                        \
    F(int64_t, fault_add, (const char *, char *, size_t))                                         \
    F(int64_t, fault_scope, (const char *, char *, size_t))                                       \
    F(int, fault_remove, (int64_t))                                                               \
    F(int, fault_clear, (void))                                                                   \
    F(int, fault_pause, (int64_t))                                                                \
    F(int, fault_resume, (int64_t))                                                               \
    F(int64_t, fault_fired, (int64_t))                                                            \
    F(int, fault_seed, (uint64_t))                                                                \
    F(int, faults, (socklens_fault_fn, void *))

#define MEMBER(ret, name, args) ret(*name) args;
static struct {
    FUNCTIONS(MEMBER)
} api;

static void load(void *library)
{
#ifdef LINKED
    (void)library;
#define TAKE(ret, name, args) api.name = socklens_##name;
#else
#define TAKE(ret, name, args) CHECK((*(void **)&api.name = dlsym(library, "socklens_" #name)) != NULL);
#endif
    FUNCTIONS(TAKE)
}

/* socketpair, `rounds` times send and recv of 5 bytes, one recv that fails with EAGAIN, two closes. */
__attribute__((unused)) static void talk(int rounds)
{
    int pair[2];
    char text[5];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    for (int i = 0; i < rounds; i++) {
        CHECK(send(pair[0], "hello", 5, 0) == 5);
        CHECK(recv(pair[1], text, sizeof text, 0) == 5);
    }
    CHECK(recv(pair[1], text, sizeof text, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    CHECK(close(pair[0]) == 0 && close(pair[1]) == 0);
}

#endif
