/* libsocklens_noop: the functions of socklens.h without the library. Each does what its comment says of a process
 * that is not recorded. Written by `cargo run -p xtask -- gen` from include/socklens.h; edit nothing here. */

#include <errno.h>
#include <stddef.h>
#include "socklens.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

const char *socklens_version(void)
{
    return SOCKLENS_VERSION;
}

int socklens_active(void)
{
    return 0;
}

const char *socklens_strerror(int code)
{
    return "";
}

int socklens_mark(const char *text)
{
    return SOCKLENS_EOFF;
}

int socklens_log_start(const struct socklens_log_options *options)
{
    return SOCKLENS_ENOLIB;
}

int socklens_log_stop(void)
{
    return SOCKLENS_EOFF;
}

int socklens_event_format(const struct socklens_event *event,
                          char *to,
                          size_t size)
{
    return SOCKLENS_EOFF;
}

int socklens_stats_start(void)
{
    return SOCKLENS_ENOLIB;
}

int socklens_stats_stop(void)
{
    return SOCKLENS_EOFF;
}

int socklens_stats_total(struct socklens_call_stats *to)
{
    return SOCKLENS_EOFF;
}

int socklens_stats_call(const char *call,
                        struct socklens_call_stats *to)
{
    return SOCKLENS_EOFF;
}

int socklens_stats_each(socklens_call_fn each,
                        void *user)
{
    return SOCKLENS_EOFF;
}

int socklens_conns(socklens_conn_fn each,
                   void *user)
{
    return SOCKLENS_EOFF;
}

int socklens_conn_info(int fd,
                       struct socklens_conn *to)
{
    return SOCKLENS_EOFF;
}

int64_t socklens_conn_of_fd(int fd)
{
    return SOCKLENS_EOFF;
}

int socklens_conn_name(int fd,
                       const char *name)
{
    return SOCKLENS_EOFF;
}

int64_t socklens_fault_add(const char *rules,
                           char *error,
                           size_t error_size)
{
    return SOCKLENS_ENOLIB;
}

int64_t socklens_fault_scope(const char *rules,
                             char *error,
                             size_t error_size)
{
    return SOCKLENS_ENOLIB;
}

int socklens_fault_remove(int64_t handle)
{
    return SOCKLENS_EOFF;
}

int socklens_fault_clear(void)
{
    return SOCKLENS_EOFF;
}

int socklens_fault_pause(int64_t handle)
{
    return SOCKLENS_EOFF;
}

int socklens_fault_resume(int64_t handle)
{
    return SOCKLENS_EOFF;
}

int64_t socklens_fault_fired(int64_t handle)
{
    return SOCKLENS_EOFF;
}

int socklens_fault_seed(uint64_t seed)
{
    return SOCKLENS_ENOLIB;
}

int socklens_faults(socklens_fault_fn each,
                    void *user)
{
    return SOCKLENS_EOFF;
}
