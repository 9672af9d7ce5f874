/*
 * socketpair_pingpong - a number passed to and fro between two processes.
 *
 * Once for each kind of pair: stream, datagram, packets; a thousand turns each.
 * The child adds one, the parent adds one.
 *
 * Shows: socketpair, fork, read and write on sockets, readv and writev.
 * See: socketpair(2), unix(7), readv(2)
 * Run: build/socketpair_pingpong
 */
#include "example.h"

#include <sys/uio.h>

enum { TURNS = 1000 };

static void child_loop(int fd)
{
    uint32_t number;
    ssize_t n;

    while ((n = MUST(read(fd, &number, sizeof number))) > 0) {
        CHECK(n == sizeof number);
        number++;
        CHECK(write(fd, &number, sizeof number) == sizeof number);
    }
}

static void parent_loop(int fd, const char *type)
{
    uint32_t number = 0;

    for (int turn = 0; turn < TURNS; turn++) {
        /* In two halves: what is one message stays one with writev. */
        uint16_t halves[2];
        struct iovec parts[2] = { { &halves[0], sizeof halves[0] }, { &halves[1], sizeof halves[1] } };

        memcpy(halves, &number, sizeof number);
        CHECK(writev(fd, parts, 2) == sizeof number);
        CHECK(readv(fd, parts, 2) == sizeof number);
        memcpy(&number, halves, sizeof number);
        number++;
    }
    printf("%s: %d turns, the number is %u\n", type, TURNS, number);
}

int main(void)
{
    static const struct {
        const char *name;
        int type;
    } kinds[] = { { "stream", SOCK_STREAM }, { "datagram", SOCK_DGRAM }, { "seqpacket", SOCK_SEQPACKET } };

    example_start();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int pair[2];
        pid_t child;

        MUST(socketpair(AF_UNIX, kinds[i].type | SOCK_CLOEXEC, 0, pair));
        child = MUST_INT(fork());
        if (child == 0) {
            MUST(close(pair[0]));
            child_loop(pair[1]);
            exit(0);
        }
        MUST(close(pair[1]));
        parent_loop(pair[0], kinds[i].name);
        if (kinds[i].type == SOCK_DGRAM) /* no end of file: send an empty one */
            CHECK(send(pair[0], "", 0, 0) == 0);
        MUST(close(pair[0]));
        wait_success(child);
    }
    return 0;
}
