/* socklens: logs, counts and, on request, fails every socket call of a program.
 *
 * Link with -lsocklens (pkg-config socklens), or preload the library; the same functions work either way.
 * This file is generated from crates/inside/src/capi.rs and src/cold/api.rs by cbindgen. */

#ifndef SOCKLENS_H
#define SOCKLENS_H

#include <stddef.h>
#include <stdint.h>
/** Version of this header. */
#define SOCKLENS_VERSION "0.1.0"
/** The version's parts. */
#define SOCKLENS_VERSION_MAJOR 0
#define SOCKLENS_VERSION_MINOR 1
#define SOCKLENS_VERSION_PATCH 0
/** The version as a number that grows with it: #if SOCKLENS_VERSION_NUMBER >= SOCKLENS_VERSION_OF(0, 1, 0). */
#define SOCKLENS_VERSION_OF(major, minor, patch) ((major) * 1000000 + (minor) * 1000 + (patch))
#define SOCKLENS_VERSION_NUMBER \
    SOCKLENS_VERSION_OF(SOCKLENS_VERSION_MAJOR, SOCKLENS_VERSION_MINOR, SOCKLENS_VERSION_PATCH)
/** What socklens_log_options begins as: text of the default calls to stderr, 32 bytes of each payload. */
#define SOCKLENS_LOG_OPTIONS_INIT \
    { sizeof(socklens_log_options), SOCKLENS_SINK_FD, SOCKLENS_FORMAT_TEXT, 32, 2, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0 }


/**
 * Longest name of a connection, in bytes; more is cut.
 */
#define SOCKLENS_NAME_MAX 63

/**
 * Longest text of a mark, in bytes; more is cut.
 */
#define SOCKLENS_MARK_MAX 1024

/**
 * What functions return: 0, or one of these.
 */
typedef enum socklens_error {
  SOCKLENS_OK = 0,
  /**
   * A pointer is NULL that must not be, a structure's size is none that was ever declared, a number is out of range.
   */
  SOCKLENS_EINVAL = -1,
  /**
   * Nothing is recorded or counted in this process now.
   */
  SOCKLENS_EOFF = -2,
  /**
   * The process belongs to a session of the command, which decides what is recorded and counted.
   */
  SOCKLENS_ESESSION = -3,
  /**
   * It runs already, or another thread is just starting or stopping it, or a callback is still running.
   */
  SOCKLENS_EBUSY = -4,
  /**
   * A trace set, a filter or a fault rule is wrong; `error` says where and what.
   */
  SOCKLENS_ESYNTAX = -5,
  /**
   * The log's descriptor is not open, or its file cannot be opened for writing.
   */
  SOCKLENS_ESINK = -6,
  /**
   * libsocklens-alone.so (or, for fault rules, libsocklens-faults.so) is missing beside the library or of another version,
   * or this is the library without function.
   */
  SOCKLENS_ENOLIB = -7,
  /**
   * The library was opened with dlopen after libc: the program's calls do not pass through it. Link or preload it.
   */
  SOCKLENS_EBYPASS = -8,
  /**
   * Another copy of the library came first in this process; only that one acts.
   */
  SOCKLENS_ECOPY = -9,
  /**
   * The process runs with rights that its user does not have (set-user-ID and the like).
   */
  SOCKLENS_ESECURE = -10,
  /**
   * The log or the counting was started before this process was forked off: its parent starts and stops it.
   */
  SOCKLENS_EFORKED = -11,
  /**
   * The descriptor is no socket that is known.
   */
  SOCKLENS_ENOSOCKET = -12,
  /**
   * There is no memory for it.
   */
  SOCKLENS_ENOMEM = -13,
  /**
   * The event's callback has returned.
   */
  SOCKLENS_ESTALE = -14,
  /**
   * There is no call of this name.
   */
  SOCKLENS_ENOCALL = -15,
  /**
   * There are no such fault rules, or not any more.
   */
  SOCKLENS_ENORULE = -16,
  /**
   * Another fault rule refers to it, by `@after` or `@until`.
   */
  SOCKLENS_EINUSE = -17,
} socklens_error;

/**
 * Where a log goes: `socklens_log_options.sink`.
 */
typedef enum socklens_sink {
  /**
   * To the descriptor `fd`, for as long as that is the file it was at the start.
   */
  SOCKLENS_SINK_FD = 1,
  /**
   * Appended to the file `path`, in which %p is the process id.
   */
  SOCKLENS_SINK_PATH = 2,
  /**
   * To the function `on_event`.
   */
  SOCKLENS_SINK_CALLBACK = 3,
} socklens_sink;

/**
 * How a log is written: `socklens_log_options.format`.
 */
typedef enum socklens_format {
  SOCKLENS_FORMAT_TEXT = 0,
  /**
   * One JSON object a line: see docs/JSON.md.
   */
  SOCKLENS_FORMAT_JSON = 1,
  /**
   * strace's syntax.
   */
  SOCKLENS_FORMAT_STRACE = 2,
} socklens_format;

/**
 * What an event is: `socklens_event.kind`.
 */
typedef enum socklens_event_kind {
  /**
   * A call that has returned.
   */
  SOCKLENS_EVENT_CALL = 1,
  /**
   * A text put into the log by socklens_mark().
   */
  SOCKLENS_EVENT_MARK = 2,
  /**
   * A connection was given a name by socklens_conn_name().
   */
  SOCKLENS_EVENT_NAME = 3,
} socklens_event_kind;

/**
 * What a socket is used as: `socklens_conn.role`.
 */
typedef enum socklens_role {
  SOCKLENS_ROLE_UNKNOWN = 0,
  /**
   * connect() was called on it.
   */
  SOCKLENS_ROLE_CLIENT = 1,
  /**
   * accept() made it.
   */
  SOCKLENS_ROLE_SERVER = 2,
  SOCKLENS_ROLE_LISTENER = 3,
  /**
   * One end of a socketpair.
   */
  SOCKLENS_ROLE_PAIR = 4,
} socklens_role;

/**
 * One event, as callbacks get it. What it points to lives as long as the callback runs, `call` as long as the process.
 */
typedef struct socklens_event {
  /**
   * sizeof(socklens_event) of the library that made it: later ones only add fields at the end.
   */
  uint32_t size;
  /**
   * One of socklens_event_kind.
   */
  uint32_t kind;
  /**
   * The libc name of the call; "mark" or "name" for what is no call.
   */
  const char *call;
  /**
   * The descriptor the call was made on; -1 for none.
   */
  int fd;
  /**
   * The number of its connection; 0 for none.
   */
  uint32_t conn;
  /**
   * What it returned.
   */
  int64_t result;
  /**
   * errno of a call that failed, else 0.
   */
  int err;
  /**
   * The kernel's id of the thread that made it.
   */
  uint32_t tid;
  /**
   * When it began, in nanoseconds of CLOCK_REALTIME.
   */
  uint64_t start_ns;
  /**
   * How long it took, in nanoseconds.
   */
  uint64_t duration_ns;
  /**
   * Bytes it moved.
   */
  uint64_t bytes;
  /**
   * For socklens_event_format().
   */
  uint64_t handle;
} socklens_event;

/**
 * Called after each event on the thread that made it. `user` is what the options said.
 *
 * Must return (no longjmp, no exception, no pthread_exit). Calls that it makes are not reported; they are counted. It
 * may run in several threads at once, and in a signal handler when a call was made in one. errno is restored after it.
 */
typedef void (*socklens_event_fn)(const struct socklens_event *event, void *user);

/**
 * What socklens_log_start() is told. Begin with SOCKLENS_LOG_OPTIONS_INIT.
 */
typedef struct socklens_log_options {
  /**
   * sizeof(socklens_log_options).
   */
  uint32_t size;
  /**
   * One of socklens_sink.
   */
  uint32_t sink;
  /**
   * One of socklens_format.
   */
  uint32_t format;
  /**
   * Bytes of each payload to keep.
   */
  uint32_t strsize;
  /**
   * SOCKLENS_SINK_FD.
   */
  int fd;
  /**
   * Must be 0.
   */
  uint32_t reserved;
  /**
   * SOCKLENS_SINK_PATH: at most 1023 bytes.
   */
  const char *path;
  /**
   * SOCKLENS_SINK_CALLBACK.
   */
  socklens_event_fn on_event;
  /**
   * Handed to `on_event`.
   */
  void *user;
  /**
   * Which calls, as `-e trace=` of the command; NULL for the default.
   */
  const char *trace;
  /**
   * Which events, as `--where` of the command; NULL for all.
   */
  const char *filter;
  /**
   * Gets a text of what is wrong, NUL-terminated, on SOCKLENS_ESYNTAX; may be NULL.
   */
  char *error;
  /**
   * Bytes at `error`.
   */
  size_t error_size;
} socklens_log_options;

/**
 * Counters of one call, or of all. Set `size` to sizeof(socklens_call_stats) before.
 */
typedef struct socklens_call_stats {
  /**
   * How much of the structure is written: what is beyond it stays as it was.
   */
  uint32_t size;
  uint32_t reserved;
  /**
   * The libc name; "total" for all. Lives as long as the process.
   */
  const char *call;
  /**
   * Calls that returned, and of these the ones that failed.
   */
  uint64_t count;
  uint64_t errors;
  /**
   * Bytes received (without those only peeked at) and sent.
   */
  uint64_t bytes_in;
  uint64_t bytes_out;
  /**
   * Bytes looked at with MSG_PEEK.
   */
  uint64_t bytes_peeked;
  /**
   * Calls that moved some bytes but fewer than asked for.
   */
  uint64_t short_count;
  /**
   * Failures with EAGAIN and with EINTR.
   */
  uint64_t eagain;
  uint64_t eintr;
  /**
   * Time in all calls, and of that the time in calls that waited, in nanoseconds.
   */
  uint64_t time_ns;
  uint64_t blocked_ns;
  /**
   * Shortest and longest call; 0 when there was none.
   */
  uint64_t min_ns;
  uint64_t max_ns;
  /**
   * Durations that half, 90 %, 99 % and 99.9 % of the calls did not exceed, within 0.8 %.
   */
  uint64_t p50_ns;
  uint64_t p90_ns;
  uint64_t p99_ns;
  uint64_t p999_ns;
} socklens_call_stats;

/**
 * Gets one row after another; what it returns other than 0 ends the iteration and is its result.
 */
typedef int (*socklens_call_fn)(const struct socklens_call_stats *stats, void *user);

/**
 * One connection. Set `size` to sizeof(socklens_conn) before. Counts and times are 0 where nothing is counted.
 */
typedef struct socklens_conn {
  /**
   * How much of the structure is written.
   */
  uint32_t size;
  /**
   * Its number: the same in the log, never used twice.
   */
  uint32_t conn;
  /**
   * A descriptor of it.
   */
  int fd;
  /**
   * One of socklens_role.
   */
  uint32_t role;
  /**
   * As given to socket().
   */
  int family;
  int type_;
  int protocol;
  /**
   * 1 when it came by inheritance or from another process: its beginning was not seen.
   */
  int inherited;
  /**
   * tcp, udp, unix and so on. Lives as long as the process.
   */
  const char *proto;
  /**
   * Addresses as the log shows them, such as 127.0.0.1:80; empty when unknown.
   */
  char local[128];
  char peer[128];
  /**
   * Given by socklens_conn_name(); else empty.
   */
  char name[64];
  /**
   * Calls that received, that sent, and others.
   */
  uint64_t calls_in;
  uint64_t calls_out;
  uint64_t calls_other;
  uint64_t bytes_in;
  uint64_t bytes_out;
  uint64_t errors;
  /**
   * Time since it was first seen, and since the latest call on it, in nanoseconds.
   */
  uint64_t age_ns;
  uint64_t idle_ns;
  /**
   * From connect() to connected; 0 when it never was, or was not timed.
   */
  uint64_t connect_ns;
} socklens_conn;

/**
 * Gets one connection after another; what it returns other than 0 ends the iteration and is its result.
 */
typedef int (*socklens_conn_fn)(const struct socklens_conn *conn, void *user);

/**
 * One fault rule. Set `size` to sizeof(socklens_fault) before.
 */
typedef struct socklens_fault {
  /**
   * How much of the structure is written.
   */
  uint32_t size;
  /**
   * Its number in `socklens fault list`, from 1.
   */
  uint32_t number;
  /**
   * What socklens_fault_add() or socklens_fault_scope() returned for it and the rules it came with.
   */
  int64_t handle;
  /**
   * 1 while it is paused, or all are.
   */
  int paused;
  /**
   * 1 when it is for one thread only.
   */
  int scoped;
  /**
   * Calls that matched it, its conditions apart.
   */
  uint64_t matched;
  /**
   * Faults it caused.
   */
  uint64_t fired;
  /**
   * Faults it would have caused if they had been possible.
   */
  uint64_t skipped;
  /**
   * Why most of them were not, in a word of docs/FAULTS.md; empty when none was skipped.
   */
  char why[32];
  /**
   * Empty when it has none.
   */
  char name[72];
  /**
   * The rule in its normal form, cut to fit.
   */
  char rule[1024];
} socklens_fault;

/**
 * Gets one rule after another; what it returns other than 0 ends the iteration and is its result.
 */
typedef int (*socklens_fault_fn)(const struct socklens_fault *fault, void *user);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library that is loaded, a static string such as "0.1.0".
 *
 * Thread-safe; async-signal-safe. Never fails. Not active: returns SOCKLENS_VERSION.
 */
const char *socklens_version(void);

/**
 * Whether this process is being recorded: 1 under `socklens run`, with SOCKLENS_LOG set, or after
 * socklens_log_start(), else 0.
 *
 * Thread-safe; async-signal-safe. Never fails. Not active: returns 0.
 */
int socklens_active(void);

/**
 * A short English text for an error code: static, never NULL, also for numbers that are no error of ours.
 *
 * Thread-safe; async-signal-safe. Never fails. Not active: returns "".
 */
const char *socklens_strerror(int code);

/**
 * Puts a line of text into the log, between the calls before and after it.
 *
 * `text` is NUL-terminated, at most [`SOCKLENS_MARK_MAX`] bytes of it are kept, and control characters are escaped when
 * the log is shown. Returns 0, SOCKLENS_EINVAL when `text` is NULL, SOCKLENS_EOFF when this process is not being
 * recorded. errno is left alone. Thread-safe; async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_mark(const char *text);

/**
 * Starts a log of this process's calls, in this process: to a descriptor, a file, or a callback.
 *
 * Processes forked afterwards log to the same place, their calls come to their own copy of a callback. A program that
 * is executed is not logged. Returns 0, or SOCKLENS_EINVAL, SOCKLENS_ESYNTAX, SOCKLENS_ESINK for what the options say;
 * SOCKLENS_EBUSY while a log runs already or in a callback; SOCKLENS_ESESSION, SOCKLENS_ENOLIB, SOCKLENS_EBYPASS,
 * SOCKLENS_ECOPY, SOCKLENS_ESECURE, SOCKLENS_EFORKED, SOCKLENS_ENOMEM. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
 */
int socklens_log_start(const struct socklens_log_options *options);

/**
 * Ends the log that socklens_log_start() or SOCKLENS_LOG began, in processes forked since as well.
 *
 * When it has returned 0, no callback runs any more (but one that it was called from). Returns 0, SOCKLENS_EOFF when there
 * is none, SOCKLENS_EBUSY when another thread's callback still runs after a second (the log has ended all the same) or
 * another thread is at it, SOCKLENS_ESESSION, SOCKLENS_EFORKED. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_log_stop(void);

/**
 * Writes the line of an event, in the format that the log was started with, to `size` bytes at `to`.
 *
 * Only within the callback that got the event. The text is NUL-terminated, without an end of line, and cut to fit.
 * Returns its length, or SOCKLENS_EINVAL (a pointer is NULL, `size` is 0), SOCKLENS_ESTALE (the callback has returned),
 * SOCKLENS_EOFF. errno is left alone. Thread-safe; async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_event_format(const struct socklens_event *event,
                          char *to,
                          size_t size);

/**
 * Starts counting this process's calls. Starting again after a stop goes on from the numbers there are.
 *
 * Returns 0, SOCKLENS_EBUSY when it counts already or another thread is at it, SOCKLENS_ESESSION (`socklens stat` counts
 * there), SOCKLENS_ENOLIB, SOCKLENS_EBYPASS, SOCKLENS_ECOPY, SOCKLENS_ESECURE, SOCKLENS_EFORKED, SOCKLENS_ENOMEM. errno is
 * left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
 */
int socklens_stats_start(void);

/**
 * Stops counting; the numbers can still be read.
 *
 * Returns 0, SOCKLENS_EOFF when nothing is counted, SOCKLENS_EBUSY when another thread is at it, SOCKLENS_ESESSION,
 * SOCKLENS_EFORKED. errno is left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_stats_stop(void);

/**
 * The counters of all calls of this process together. A forked child has its own, from 0.
 *
 * Returns 0, SOCKLENS_EINVAL (`to` is NULL, or its size was not set), SOCKLENS_EOFF when counting was never started,
 * SOCKLENS_ESESSION. errno is left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_stats_total(struct socklens_call_stats *to);

/**
 * The counters of one call by its libc name (or the name of the system call behind it), all 0 when it was never made.
 *
 * Returns as socklens_stats_total(), and SOCKLENS_ENOCALL when there is no such call. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_stats_call(const char *call,
                        struct socklens_call_stats *to);

/**
 * Calls `each` with the counters of every call that was made, in the order of `socklens calls`.
 *
 * Returns 0, what `each` returned if not 0, SOCKLENS_EINVAL when `each` is NULL, SOCKLENS_EOFF, SOCKLENS_ESESSION. errno is
 * left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_stats_each(socklens_call_fn each,
                        void *user);

/**
 * Calls `each` with every connection that this process has a descriptor of, by ascending descriptor.
 *
 * Works under `socklens run` too. Returns 0, what `each` returned if not 0, SOCKLENS_EINVAL when `each` is NULL,
 * SOCKLENS_EOFF when nothing was ever recorded or counted in this process, SOCKLENS_ENOLIB. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_conns(socklens_conn_fn each,
                   void *user);

/**
 * Describes the connection behind a descriptor.
 *
 * Works under `socklens run` too. Returns 0, SOCKLENS_EINVAL (`to` is NULL, or its size was not set), SOCKLENS_EOFF,
 * SOCKLENS_ENOSOCKET, SOCKLENS_ENOLIB. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_conn_info(int fd,
                       struct socklens_conn *to);

/**
 * The number of the connection behind a descriptor, as in the log.
 *
 * Returns the number (above 0), or SOCKLENS_EOFF, SOCKLENS_ENOSOCKET. errno is left alone.
 * Thread-safe; async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int64_t socklens_conn_of_fd(int fd);

/**
 * Gives the connection behind a descriptor a name, which the log tells and socklens_conn_info() shows.
 *
 * At most [`SOCKLENS_NAME_MAX`] bytes are kept; an empty name takes it away. Works under `socklens run` too. Returns 0,
 * SOCKLENS_EINVAL when `name` is NULL, SOCKLENS_EOFF, SOCKLENS_ENOSOCKET, SOCKLENS_ENOLIB. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_conn_name(int fd,
                       const char *name);

/**
 * Adds fault rules: from now on calls fail as they say.
 *
 * `rules` is text of the rule language (docs/RULES.md), as `--fault` of the command takes it; several rules stand apart by
 * `;` or line ends. They are for all threads and for processes forked off, and stay until they are removed. Under
 * `socklens run` they join the session's. Returns a handle (above 0) for all of them together, or SOCKLENS_EINVAL when
 * `rules` is NULL; SOCKLENS_ESYNTAX, and then none was added and `error` (which may be NULL) has got a text of `error_size`
 * bytes at most that says where and what, with a caret; SOCKLENS_ENOMEM when there is no room for more rules;
 * SOCKLENS_EBUSY when the command or another thread did not come to an end with a change; SOCKLENS_ENOLIB, SOCKLENS_EBYPASS,
 * SOCKLENS_ECOPY, SOCKLENS_ESECURE, SOCKLENS_EFORKED. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
 */
int64_t socklens_fault_add(const char *rules,
                           char *error,
                           size_t error_size);

/**
 * Adds fault rules for the calling thread only: a scope, which ends with socklens_fault_remove().
 *
 * Other threads do not notice, neither do threads made later or processes forked off, nor, once this thread has ended,
 * anybody. Conditions such as `@n` count from the beginning of the scope. Returns as socklens_fault_add(). errno is left
 * alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
 */
int64_t socklens_fault_scope(const char *rules,
                             char *error,
                             size_t error_size);

/**
 * Takes away the rules that a handle stands for. Faults that are under way (a wait, a connection cut off) take their course.
 *
 * Returns 0, SOCKLENS_EINVAL when `handle` is not above 0, SOCKLENS_ENORULE when they are gone, SOCKLENS_EINUSE when another
 * rule refers to one of them, SOCKLENS_EOFF, SOCKLENS_EBUSY, SOCKLENS_ENOLIB. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_fault_remove(int64_t handle);

/**
 * Takes all rules away, under `socklens run` those of the session too. Scopes of other threads are ended by it.
 *
 * Returns 0, SOCKLENS_EOFF when there never were any, SOCKLENS_EBUSY, SOCKLENS_ENOLIB. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_fault_clear(void);

/**
 * Switches rules off until socklens_fault_resume(): those of a handle, or all with 0. What they count stays.
 *
 * Returns 0, SOCKLENS_EINVAL, SOCKLENS_ENORULE, SOCKLENS_EOFF, SOCKLENS_EBUSY, SOCKLENS_ENOLIB. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_fault_pause(int64_t handle);

/**
 * Switches rules on again: those of a handle, or with 0 what was switched off with 0.
 *
 * Returns as socklens_fault_pause(). errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_fault_resume(int64_t handle);

/**
 * Did they fire? How many faults the rules of a handle have caused so far, or all rules with 0.
 *
 * Returns the number, or SOCKLENS_EINVAL, SOCKLENS_ENORULE when they are gone, SOCKLENS_EOFF when there never were any,
 * SOCKLENS_ENOLIB. errno is left alone. Thread-safe; async-signal-safe once this process has added rules.
 * Not active: returns SOCKLENS_EOFF.
 */
int64_t socklens_fault_fired(int64_t handle);

/**
 * Sets what chance depends on: with the same seed the same program meets the same faults. 0 if it was never set.
 *
 * To be called before rules are added. Under `socklens run` it is the session's seed, which `--seed` sets. Returns as
 * socklens_fault_add(), 0 for success. errno is left alone.
 * Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_ENOLIB.
 */
int socklens_fault_seed(uint64_t seed);

/**
 * Calls `each` with every rule and its counts, in the order in which they were added. It may add and remove rules.
 *
 * Returns 0, what `each` returned if not 0, SOCKLENS_EINVAL when `each` is NULL, SOCKLENS_EOFF, SOCKLENS_ENOLIB. errno is
 * left alone. Thread-safe; not async-signal-safe. Not active: returns SOCKLENS_EOFF.
 */
int socklens_faults(socklens_fault_fn each,
                    void *user);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SOCKLENS_H */
