/* hostile WAY [DIRECTORY]: a hundred messages, then something is taken from the process, and a hundred more by it and
 * by a child each. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    exit(77);
}

static int talk(int *pair)
{
    for (int i = 0; i < 100; i++) {
        char c = 0, sent = 'a' + i % 26;
        if (send(pair[0], &sent, 1, 0) != 1 || recv(pair[1], &c, 1, 0) != 1 || c != sent)
            return i;
    }
    return 100;
}

static void no_descriptors(void)
{
    struct rlimit few = {64, 64};
    if (setrlimit(RLIMIT_NOFILE, &few) != 0)
        fail("setrlimit");
    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    printf("no more descriptors: %s\n", strerror(errno));
}

static void no_memory(void)
{
    struct rlimit none = {1 << 20, 1 << 20};
    if (setrlimit(RLIMIT_AS, &none) != 0)
        fail("setrlimit");
}

static void no_files(void)
{
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_FSIZE, &none) != 0)
        fail("setrlimit");
}

static void locked(void)
{
    struct landlock_ruleset_attr all = {.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE
                                            | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_READ_DIR};
    int set = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (set < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, set, 0) != 0)
        fail("landlock");
    close(set);
    printf("open: %s\n", open("/etc/passwd", O_RDONLY) < 0 ? strerror(errno) : "works");
}

static void other_user(void)
{
    if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)
        fail("setresuid");
}

static void apart(int flags)
{
    if (unshare(flags) != 0)
        fail("unshare");
}

int main(int argc, char **argv)
{
    const char *way = argc > 1 ? argv[1] : "";
    int pair[2], status;
    pid_t child;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        fail("socketpair");
    printf("before: %d\n", talk(pair));
    if (strcmp(way, "nofile") == 0)
        no_descriptors();
    else if (strcmp(way, "as") == 0)
        no_memory();
    else if (strcmp(way, "fsize") == 0)
        no_files();
    else if (strcmp(way, "landlock") == 0)
        locked();
    else if (strcmp(way, "user") == 0)
        other_user();
    else if (strcmp(way, "chroot") == 0) {
        if (chroot(argv[2]) != 0 || chdir("/") != 0)
            fail("chroot");
    } else if (strcmp(way, "network") == 0)
        apart(CLONE_NEWNET);
    else if (strcmp(way, "mounts") == 0)
        apart(CLONE_NEWNS);
    else if (strcmp(way, "processes") == 0)
        apart(CLONE_NEWPID);
    else if (strcmp(way, "everything") == 0)
        apart(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS);
    else
        return 2;
    printf("after: %d\n", talk(pair));
    fflush(stdout);
    if ((child = fork()) == 0)
        _exit(talk(pair));
    if (child < 0)
        fail("fork");
    if (waitpid(child, &status, 0) != child)
        fail("waitpid");
    printf("child: %s %d\n", WIFEXITED(status) ? "status" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return 0;
}
