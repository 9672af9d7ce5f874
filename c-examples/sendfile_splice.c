/*
 * sendfile_splice - moving data without copying it through the program.
 *
 *   file --sendfile--> TCP --splice--> pipe --splice--> TCP      (part one)
 *   memory --vmsplice--> pipe --tee--> second pipe, both spliced
 *   into unix sockets                                            (part two)
 *
 * Each call may move less than asked, so each is in a loop; the receiver checks
 * every byte.
 *
 * Shows: sendfile with and without an offset, splice, tee, vmsplice, SO_RCVLOWAT.
 * See: sendfile(2), splice(2), tee(2), vmsplice(2), memfd_create(2)
 * Run: build/sendfile_splice
 */
#include "example.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

enum { SIZE = 300000 };

static char pattern[SIZE];

static void fill_pattern(void)
{
    uint32_t state = 1;

    for (size_t i = 0; i < SIZE; i++) {
        state = state * 1103515245u + 12345u;
        pattern[i] = (char)(state >> 16);
    }
}

/* A thread: read SIZE bytes from a socket and compare. */
static void *check_all(void *argument)
{
    int fd = *(int *)argument;
    char *buffer = malloc(SIZE), byte;

    CHECK(buffer != NULL);
    CHECK(recv_all(fd, buffer, SIZE));
    CHECK(memcmp(buffer, pattern, SIZE) == 0);
    CHECK(!recv_all(fd, &byte, 1));
    free(buffer);
    return NULL;
}

/* Take everything from one TCP connection to the other, through a pipe. */
static void *forward(void *argument)
{
    const int *fds = argument;
    int ends[2];
    ssize_t n;

    MUST(pipe2(ends, O_CLOEXEC));
    while ((n = MUST(splice(fds[0], NULL, ends[1], NULL, 1 << 16, SPLICE_F_MOVE | SPLICE_F_MORE))) > 0) {
        while (n > 0) {
            ssize_t moved = MUST(splice(ends[0], NULL, fds[1], NULL, (size_t)n, SPLICE_F_MOVE));

            CHECK(moved > 0);
            n -= moved;
        }
    }
    MUST(shutdown(fds[1], SHUT_WR));
    MUST(close(ends[0]));
    MUST(close(ends[1]));
    return NULL;
}

static void part_one(void)
{
    int in[2], out[2], file, between[2];
    off_t offset = 1000;
    size_t sent = 0;
    pthread_t forwarder, checker;

    tcp_pair(in);
    tcp_pair(out);
    between[0] = in[1];
    between[1] = out[0];
    MUST_0(pthread_create(&forwarder, NULL, forward, between));
    MUST_0(pthread_create(&checker, NULL, check_all, &out[1]));

    file = MUST_INT(memfd_create("pattern", MFD_CLOEXEC));
    CHECK(write(file, pattern, SIZE) == SIZE);
    CHECK(lseek(file, 0, SEEK_SET) == 0);
    while (sent < 1000) /* the first 1000 from the file's own position */
        sent += (size_t)MUST(sendfile(in[0], file, NULL, 1000 - sent));
    printf("sendfile moved the position to %ld\n", (long)lseek(file, 0, SEEK_CUR));
    while (offset < SIZE) /* the rest from an offset of ours */
        CHECK(MUST(sendfile(in[0], file, &offset, (size_t)(SIZE - offset))) > 0);
    printf("sendfile moved our offset to %ld, the position is still %ld\n", (long)offset,
           (long)lseek(file, 0, SEEK_CUR));
    CHECK(sendfile(in[0], file, &offset, 100) == 0);
    printf("at the end of the file it gives 0\n");
    MUST(shutdown(in[0], SHUT_WR));

    MUST_0(pthread_join(forwarder, NULL));
    MUST_0(pthread_join(checker, NULL));
    printf("%d bytes arrived by way of splice\n", SIZE);
    MUST(close(file));
    for (int i = 0; i < 2; i++) {
        MUST(close(in[i]));
        MUST(close(out[i]));
    }
}

static void part_two(void)
{
    int first[2], second[2], ends[2], copy[2];
    size_t sent = 0;
    pthread_t checkers[2];

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, first));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, second));
    MUST(pipe(ends));
    MUST(pipe(copy));
    MUST_0(pthread_create(&checkers[0], NULL, check_all, &first[1]));
    MUST_0(pthread_create(&checkers[1], NULL, check_all, &second[1]));
    while (sent < SIZE) {
        struct iovec part = { .iov_base = pattern + sent, .iov_len = SIZE - sent < 30000 ? SIZE - sent : 30000 };
        ssize_t n = MUST(vmsplice(ends[1], &part, 1, 0));

        CHECK(n > 0);
        sent += (size_t)n;
        while (n > 0) {
            ssize_t teed = MUST(tee(ends[0], copy[1], (size_t)n, 0)); /* does not consume */

            CHECK(teed > 0);
            for (ssize_t left = teed; left > 0;)
                left -= MUST(splice(ends[0], NULL, first[0], NULL, (size_t)left, 0));
            for (ssize_t left = teed; left > 0;)
                left -= MUST(splice(copy[0], NULL, second[0], NULL, (size_t)left, 0));
            n -= teed;
        }
    }
    MUST(close(first[0]));
    MUST(close(second[0]));
    for (int i = 0; i < 2; i++)
        MUST_0(pthread_join(checkers[i], NULL));
    printf("%zu bytes arrived twice by way of vmsplice and tee\n", sent);
    MUST(close(first[1]));
    MUST(close(second[1]));
    for (int i = 0; i < 2; i++) {
        MUST(close(ends[i]));
        MUST(close(copy[i]));
    }
}

static void refusals(void)
{
    int pair[2], ends[2];
    off_t offset = 0;

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    MUST(pipe(ends));
    CHECK(splice(pair[0], NULL, pair[1], NULL, 10, 0) == -1);
    printf("splice without a pipe: %s\n", errno_name(errno));
    CHECK(splice(ends[0], &offset, pair[1], NULL, 10, 0) == -1);
    printf("splice with an offset for the pipe: %s\n", errno_name(errno));
    CHECK(splice(ends[0], NULL, pair[1], NULL, 10, SPLICE_F_NONBLOCK) == -1);
    printf("splice from an empty pipe, not waiting: %s\n", errno_name(errno));
    CHECK(sendfile(pair[0], pair[1], NULL, 10) == -1);
    printf("sendfile from a socket: %s\n", errno_name(errno));
    CHECK(tee(pair[0], ends[1], 10, 0) == -1);
    printf("tee from a socket: %s\n", errno_name(errno));
    MUST(close(pair[0]));
    MUST(close(pair[1]));
    MUST(close(ends[0]));
    MUST(close(ends[1]));
}

int main(void)
{
    example_start();
    fill_pattern();
    part_one();
    part_two();
    refusals();
    return 0;
}
