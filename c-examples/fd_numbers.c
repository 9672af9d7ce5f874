/*
 * fd_numbers - descriptors are numbered from the lowest free one up.
 *
 * POSIX says so, and programs build on it (close(0) then open() to replace
 * stdin). So whoever opens a descriptor in a program's process behind its back
 * is found out here: the numbers are printed.
 *
 * See: open(2), dup(2), socket(2), POSIX 2.14 "File Descriptor Allocation"
 * Run: build/fd_numbers
 */
#include "example.h"

#include <dirent.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static int opened[64], count;

static int show(const char *what, int fd)
{
    MUST(fd);
    printf("%-20s %d\n", what, fd);
    opened[count++] = fd;
    return fd;
}

/* How many descriptors are open, and which is the highest? */
static void show_open(const char *when)
{
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;
    int open = 0, highest = -1;

    CHECK(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] == '.' || fd == dirfd(directory))
            continue;
        open++;
        if (fd > highest)
            highest = fd;
    }
    closedir(directory);
    printf("%s: %d open, the highest is %d\n", when, open, highest);
}

int main(void)
{
    struct sockaddr_in address;
    sigset_t none;
    int pair[2], ends[2], listener;
    FILE *file, *command;
    DIR *directory;
    char line[16];

    example_start();
    show_open("at first");
    listener = show("socket and listen", listen_loopback(5, &address));
    show("connect", connect_loopback(&address));
    show("accept", accept(listener, NULL, NULL));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    show("socketpair", pair[0]);
    show("socketpair", pair[1]);
    MUST(pipe(ends));
    show("pipe", ends[0]);
    show("pipe", ends[1]);
    show("open", open("/dev/null", O_RDWR));
    show("dup", dup(pair[0]));
    show("epoll_create1", epoll_create1(0));
    show("eventfd", eventfd(0, 0));
    show("timerfd_create", timerfd_create(CLOCK_MONOTONIC, 0));
    sigemptyset(&none);
    show("signalfd", signalfd(-1, &none, 0));
    show("inotify_init1", inotify_init1(0));
    show("memfd_create", memfd_create("memory", 0));
    show("F_DUPFD from 3", fcntl(pair[0], F_DUPFD, 3));
    show("F_DUPFD from 100", fcntl(pair[0], F_DUPFD, 100));
    show("F_DUPFD from 100", fcntl(pair[0], F_DUPFD_CLOEXEC, 100));
    show("dup2 to 200", dup2(pair[0], 200));
    show("dup3 to 201", dup3(pair[0], 201, O_CLOEXEC));
    file = fopen("/dev/null", "r");
    CHECK(file != NULL);
    printf("%-20s %d\n", "fopen", fileno(file));
    fclose(file);
    directory = opendir("/");
    CHECK(directory != NULL);
    printf("%-20s %d\n", "opendir", dirfd(directory));
    closedir(directory);
    command = popen("echo hello", "r");
    CHECK(command != NULL);
    printf("%-20s %d\n", "popen", fileno(command));
    CHECK(fgets(line, sizeof line, command) != NULL && strcmp(line, "hello\n") == 0);
    CHECK(pclose(command) == 0);
    show_open("all of them");

    /* Holes are filled from below. */
    MUST(close(pair[1]));
    MUST(close(ends[0]));
    MUST(close(listener));
    show("the first hole", socket(AF_INET, SOCK_STREAM, 0));
    show("the second", socket(AF_UNIX, SOCK_DGRAM, 0));
    show("the third", dup(0));

    /* Name lookups open and close descriptors; none may stay. */
    {
        struct addrinfo *list;

        CHECK(getaddrinfo("localhost", "80", &(struct addrinfo){ .ai_family = AF_INET }, &list) == 0);
        freeaddrinfo(list);
    }
    show("after getaddrinfo", dup(0));

    for (int i = 0; i < count; i++)
        close(opened[i]); /* some twice: EBADF, no matter */
    show_open("at last");

    /* stdin replaced by closing it: the next descriptor is 0. */
    MUST(close(0));
    printf("%-20s %d\n", "after close(0)", socket(AF_UNIX, SOCK_STREAM, 0));
    return 0;
}
