/* The calls that have short ways (send, recv, read, write), where nothing is as usual: descriptors of high numbers and of
   files, a handler within a blocking call, and, without libc, a fork whose child's first call is one of them.

   argv[2]: killed: the recv with the handler goes on, and the process is killed in it
            forks: the handler forks, and both go on from the recv that it interrupted
            atfork: so does libc's fork, with a handler of pthread_atfork that makes calls in the child
   argv[1]: how often. Each round: 2 send, 2 recv, 2 write, 2 read on sockets, of 8 bytes, in this process and in its child. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int low[2], high[2], within[2], handled, forks;
static long child;
static char bytes[8];

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static void is(long got, long want, const char *what)
{
    if (got != want)
        die(what);
}

static void handler(int sig)
{
    (void)sig;
    is(send(within[0], bytes, 8, 0), 8, "send in a handler");
    is(recv(within[1], bytes, 8, 0), 8, "recv in a handler");
    if (forks)
        child = fork();
    else if (handled++ > 0)
        kill(getpid(), SIGKILL);
}

static void in_child(void)
{
    is(send(within[0], bytes, 8, 0), 8, "send in the child");
    is(recv(within[1], bytes, 8, 0), 8, "recv in the child");
}

static void rounds(int n)
{
    int null = open("/dev/zero", O_RDWR);
    for (int i = 0; i < n; i++) {
        is(send(low[0], bytes, 8, 0), 8, "send");
        is(send(high[0], bytes, 8, 0), 8, "send high");
        is(recv(low[1], bytes, 8, 0), 8, "recv");
        is(recv(high[1], bytes, 8, 0), 8, "recv high");
        is(write(low[0], bytes, 8), 8, "write");
        is(write(high[0], bytes, 8), 8, "write high");
        is(read(low[1], bytes, 8), 8, "read");
        is(read(high[1], bytes, 8), 8, "read high");
        is(write(null, bytes, 8), 8, "write to a file");
        is(read(null, bytes, 8), 8, "read from a file");
    }
    close(null);
}

/* fork, past everything that could know of it. */
static long bare_fork(void)
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "0"(SYS_fork) : "rcx", "r11", "memory");
    return r;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 1, status;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, low) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, within) != 0)
        die("socketpair");
    for (int i = 0; i < 2; i++)
        is(high[i] = dup2(low[i], 700 + i), 700 + i, "dup2");
    rounds(n);
    is(recv(low[1], bytes, (size_t)-1, MSG_DONTWAIT), -1, "recv of nothing, into more room than there can be");

    /* A handler comes in while recv waits, makes calls of its own, and recv goes on to be interrupted. */
    struct sigaction act = { .sa_handler = handler };
    struct itimerval soon = { .it_value.tv_usec = 20000 };
    forks = argc > 2 && strcmp(argv[2], "forks") == 0;
    if (argc > 2 && strcmp(argv[2], "killed") == 0) {
        act.sa_flags = SA_RESTART;
        soon.it_interval.tv_usec = 20000;
    }
    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    is(recv(low[1], bytes, 8, 0), -1, "recv that is interrupted");
    is(handled, !forks, "handler");

    if (argc > 2 && strcmp(argv[2], "atfork") == 0) {
        pthread_atfork(NULL, NULL, in_child);
        child = fork();
    } else if (!forks) {
        child = bare_fork();
    }
    if (child == 0) {
        rounds(n);
        _exit(0);
    }
    if (child < 0 || waitpid((pid_t)child, &status, 0) != child || status != 0)
        die("child");
    rounds(n);
    printf("%ld\n", child);
    return 0;
}
