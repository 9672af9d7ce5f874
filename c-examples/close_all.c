/*
 * close_all - closing every descriptor one does not know.
 *
 * Daemons do it, and so does every careful program before it executes another.
 * There are three ways: close_range, closefrom, and a loop of close. After each
 * one (in a child of its own) the program opens files and sockets, which get
 * the numbers that were just closed, and checks that in the files there is what
 * it wrote and nothing else.
 *
 * See: close_range(2), closefrom(3), daemon(3)
 * Run: build/close_all
 */
#include "example.h"

#include <dirent.h>
#include <sys/stat.h>

#ifndef CLOSE_RANGE_UNSHARE
#include <linux/close_range.h>
#endif

enum { FILES = 6 };

static void by_close_range(void)
{
    MUST(close_range(3, ~0U, 0));
}

static void by_close_range_unshare(void)
{
    MUST(close_range(3, ~0U, CLOSE_RANGE_UNSHARE));
}

static void by_closefrom(void)
{
    closefrom(3);
}

static void by_loop(void)
{
    int closed = 0;

    for (int fd = 3; fd < 1024; fd++) {
        if (close(fd) == 0)
            closed++;
        else
            CHECK(errno == EBADF);
    }
    printf("  closed %d\n", closed);
}

static void by_directory(void)
{
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;
    int closed = 0;

    CHECK(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        int fd = atoi(entry->d_name);

        if (fd >= 3 && fd != dirfd(directory)) {
            MUST(close(fd));
            closed++;
        }
    }
    closedir(directory);
    printf("  closed %d\n", closed);
}

static void by_dup2(void)
{
    for (int fd = 3; fd < 40; fd++) {
        MUST(dup2(0, fd));
        MUST(close(fd));
    }
}

/* Life goes on: files, sockets, and what is in them. */
static void live_on(const char *directory)
{
    int files[FILES], pair[2];
    char path[128], buffer[4096];

    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%d", directory, i);
        files[i] = MUST_INT(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
    }
    printf("  files %d to %d\n", files[0], files[FILES - 1]);
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    printf("  pair %d and %d\n", pair[0], pair[1]);
    for (int round = 0; round < 500; round++) {
        char byte = (char)('a' + round % 26);

        CHECK(send(pair[0], &byte, 1, 0) == 1);
        CHECK(recv(pair[1], &byte, 1, 0) == 1);
        CHECK(write(files[round % FILES], &byte, 1) == 1);
    }
    MUST(close(pair[0]));
    MUST(close(pair[1]));
    pair_exchange();
    for (int i = 0; i < FILES; i++) {
        struct stat info;
        ssize_t n;

        MUST(fstat(files[i], &info));
        CHECK(S_ISREG(info.st_mode));
        n = MUST(pread(files[i], buffer, sizeof buffer, 0));
        CHECK(n == info.st_size && n == (500 - i + FILES - 1) / FILES);
        for (ssize_t k = 0; k < n; k++)
            CHECK(buffer[k] == 'a' + (i + (int)k * FILES) % 26);
        MUST(close(files[i]));
    }
    printf("  the files hold what was written\n");
}

int main(void)
{
    static const struct {
        const char *name;
        void (*close_all)(void);
    } ways[] = {
        { "close_range(3, ~0U, 0)", by_close_range },
        { "close_range(3, ~0U, CLOSE_RANGE_UNSHARE)", by_close_range_unshare },
        { "closefrom(3)", by_closefrom },
        { "close, 3 to 1023", by_loop },
        { "close, those in /proc/self/fd", by_directory },
        { "dup2 over 3 to 39", by_dup2 },
    };
    char directory[64], path[128];
    int pair[2];

    example_start();
    make_directory(directory);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        pid_t child;

        printf("%s:\n", ways[i].name);
        child = MUST_INT(fork());
        if (child == 0) {
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
            MUST(socket(AF_INET, SOCK_STREAM, 0));
            CHECK(send(pair[0], "x", 1, 0) == 1);
            ways[i].close_all();
            CHECK(send(pair[0], "x", 1, MSG_NOSIGNAL) == -1);
            printf("  a socket from before: %s\n", errno_name(errno));
            live_on(directory);
            exit(0);
        }
        wait_success(child);
    }
    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%d", directory, i);
        MUST(unlink(path));
    }
    MUST(rmdir(directory));
    return 0;
}
