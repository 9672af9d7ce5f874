/* socklens: logs, counts and, on request, fails every socket call of a program.
 *
 * Link with -lsocklens (pkg-config socklens), or preload the library; the same functions work either way.
 * This file is generated from src/cold/api.rs by cbindgen. */

#ifndef SOCKLENS_H
#define SOCKLENS_H

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


/**
 * Longest text of a mark, in bytes; more is cut.
 */
#define SOCKLENS_MARK_MAX 1024

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
 * Whether this process is being recorded: 1 under `socklens run` or with SOCKLENS_LOG set, else 0.
 *
 * Thread-safe; async-signal-safe. Never fails. Not active: returns 0.
 */
int socklens_active(void);

/**
 * Puts a line of text into the log, between the calls before and after it.
 *
 * `text` is NUL-terminated, at most [`SOCKLENS_MARK_MAX`] bytes of it are kept, and control characters are escaped when
 * the log is shown. Returns 0, or -1 with errno EINVAL when `text` is NULL, ENOTCONN when this process is not being
 * recorded. Thread-safe; async-signal-safe. Not active: returns -1 with errno ENOTCONN.
 */
int socklens_mark(const char *text);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SOCKLENS_H */
