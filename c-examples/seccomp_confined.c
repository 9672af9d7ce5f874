/*
 * seccomp_confined - a process that has given up all but a few system calls.
 *
 * As a server's network-facing child does: everything is prepared first, then a
 * filter is installed that kills the process at any call but those it needs:
 * read, write, close, the send and recv family, poll, futex, exit. It then
 * talks over the sockets it has. Whoever makes another system call in this
 * process, in whatever good cause, ends it: the parent then says so.
 *
 * See: seccomp(2), prctl(2), bpf(4)
 * Run: build/seccomp_confined
 */
#include "example.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void confine(void)
{
    static struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_read),
        ALLOW(SYS_write),
        ALLOW(SYS_close),
        ALLOW(SYS_recvfrom),
        ALLOW(SYS_sendto),
        ALLOW(SYS_recvmsg),
        ALLOW(SYS_sendmsg),
#ifdef SYS_poll
        ALLOW(SYS_poll),
#endif
        ALLOW(SYS_ppoll),
        ALLOW(SYS_futex),
        ALLOW(SYS_exit),
        ALLOW(SYS_exit_group),
        ALLOW(SYS_rt_sigreturn),
        ALLOW(SYS_restart_syscall),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog program = { .len = sizeof filter / sizeof *filter, .filter = filter };

    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1) {
        if (errno != EINVAL && errno != ENOSYS)
            die("PR_SET_SECCOMP: %s", strerror(errno));
        printf("skipped: this kernel has no seccomp filters\n");
        exit(0);
    }
}

/* No stdio, no memory allocation from here on. */
static void require(bool condition)
{
    if (!condition)
        _exit(1);
}

static void say(const char *text)
{
    size_t length = strlen(text);

    require(write(STDOUT_FILENO, text, length) == (ssize_t)length);
}

/* The parent, unconfined, echoes. */
static void echo(int fd)
{
    char buffer[4096];
    ssize_t n;

    while ((n = MUST(recv(fd, buffer, sizeof buffer, 0))) > 0)
        send_all(fd, buffer, (size_t)n);
}

__attribute__((noreturn))
static void confined(int fd, const int pair[2], int spare)
{
    static char buffer[4096], answer[4096];
    struct iovec part = { buffer, 100 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    struct pollfd entry = { .fd = fd, .events = POLLIN, .revents = 0 };

    confine();
    say("confined\n");
    for (int round = 0; round < 1000; round++) {
        size_t size = 1 + (size_t)round * 7 % sizeof buffer, got = 0;

        memset(buffer, 'a' + round % 26, size);
        require(send(fd, buffer, size, MSG_NOSIGNAL) == (ssize_t)size);
        while (got < size) {
            ssize_t n;

            require(poll(&entry, 1, -1) == 1);
            n = round % 2 == 0 ? recv(fd, answer + got, size - got, 0) : read(fd, answer + got, size - got);
            require(n > 0);
            got += (size_t)n;
        }
        require(memcmp(buffer, answer, size) == 0);
    }
    say("a thousand rounds with the parent\n");

    require(sendmsg(pair[0], &message, 0) == 100);
    require(recvmsg(pair[1], &message, 0) == 100);
    require(write(pair[1], "x", 1) == 1);
    require(recvfrom(pair[0], buffer, 1, MSG_DONTWAIT, NULL, NULL) == 1);
    require(recv(pair[0], buffer, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    require(close(pair[0]) == 0);
    require(read(pair[1], buffer, 1) == 0);
    require(close(pair[1]) == 0);
    require(close(spare) == 0);
    require(send(spare, "x", 1, 0) == -1 && errno == EBADF);
    say("a pair, and errors\n");
    _exit(0);
}

int main(void)
{
    int with_parent[2], pair[2], spare, status;
    pid_t child;

    example_start();
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, with_parent));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    spare = MUST_INT(socket(AF_INET, SOCK_DGRAM, 0));
    child = MUST_INT(fork());
    if (child == 0) {
        MUST(close(with_parent[0]));
        confined(with_parent[1], pair, spare);
    }
    MUST(close(with_parent[1]));
    MUST(close(pair[0]));
    MUST(close(pair[1]));
    echo(with_parent[0]);
    status = wait_status(child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        die("killed: a system call was made that it had not asked for");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die("it failed, wait status %d", status);
    printf("ok\n");
    return 0;
}

#else

int main(void)
{
    printf("skipped: the filter is not written for this architecture\n");
    return 0;
}

#endif
