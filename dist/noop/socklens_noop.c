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

int socklens_mark(const char *text)
{
    errno = ENOTCONN;
    return -1;
}
