/* Calls whose instructions callgrind counts, each in a function of its own; once to warm up, then ROUNDS times. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUNDS 300
#define COUNTED __attribute__((noinline, noclone))

static int pair[2], zero;
static char buffer[64];

COUNTED long counted_send(void) { return send(pair[0], buffer, sizeof buffer, 0); }
COUNTED long counted_recv(void) { return recv(pair[1], buffer, sizeof buffer, 0); }
COUNTED long counted_write(void) { return write(pair[0], buffer, sizeof buffer); }
COUNTED long counted_read(void) { return read(pair[1], buffer, sizeof buffer); }
COUNTED long counted_file(void) { return read(zero, buffer, sizeof buffer); }

int main(void)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || (zero = open("/dev/zero", O_RDONLY)) < 0)
        return 2;
    /* The first events go into a page, and each thing is looked up once. */
    for (int i = 0; i < 50; i++)
        if (send(pair[0], buffer, 64, 0) != 64 || recv(pair[1], buffer, 64, 0) != 64 ||
            write(pair[0], buffer, 64) != 64 || read(pair[1], buffer, 64) != 64 || read(zero, buffer, 64) != 64)
            return 1;
    for (int i = 0; i < ROUNDS; i++)
        if (counted_send() != 64 || counted_recv() != 64 || counted_write() != 64 || counted_read() != 64 ||
            counted_file() != 64)
            return 1;
    return 0;
}
