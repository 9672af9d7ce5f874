/* Sends to itself from where its input says, and tells whether a send failed: `hit` or `missed`.
 *
 *   x  here            t  in a new thread       s  in a thread with a small stack    f  in a forked child
 *   h  in a handler    a  in a handler on a stack of its own                         c  on a stack made by makecontext
 *   b  everywhere at once, with a timer that interrupts it all: two forked children and six threads, of which each goes on
 *      until it is hit; says `busy` when all have begun
 *
 * Where it may be hit it tries for ten seconds; handlers and small stacks try for a third of a second. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static int hit_once(int tries)
{
    int pair[2], hit = 0;
    char c;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        _exit(9);
    while (tries-- > 0 && !hit) {
        struct timespec pause = {0, 1000000};
        ssize_t n = send(pair[0], "x", 1, MSG_NOSIGNAL);
        hit = n == -1 && errno == ENOBUFS;
        if (n == 1 && recv(pair[1], &c, 1, 0) != 1)
            _exit(8);
        nanosleep(&pause, NULL);
    }
    close(pair[0]);
    close(pair[1]);
    return hit;
}

enum { LONG = 10000, SHORT = 300 };

static volatile sig_atomic_t in_handler;

static void handler(int signal)
{
    (void)signal;
    in_handler = hit_once(SHORT);
}

static int in_signal(int signal, int flags)
{
    static char stack[1 << 18];
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    if (flags & SA_ONSTACK)
        sigaltstack(&other, NULL);
    sigaction(signal, &action, NULL);
    raise(signal);
    return in_handler;
}

static void *in_thread(void *tries)
{
    return (void *)(long)hit_once((int)(long)tries);
}

static int thread(size_t stack, long tries)
{
    pthread_attr_t attr;
    pthread_t t;
    void *hit;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, stack);
    if (pthread_create(&t, &attr, in_thread, (void *)tries) != 0)
        exit(7);
    pthread_join(t, &hit);
    return hit != NULL;
}

static int ended_well(pid_t child)
{
    int status;

    return waitpid(child, &status, 0) == child && status == 0;
}

static int child(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(!hit_once(LONG));
    return ended_well(pid);
}

static ucontext_t here, there;
static int on_context;

static void context(void)
{
    on_context = hit_once(SHORT);
}

static int other_stack(void)
{
    static char stack[1 << 18];

    getcontext(&there);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof stack;
    there.uc_link = &here;
    makecontext(&there, context, 0);
    swapcontext(&here, &there);
    return on_context;
}

static int timer_pair[2];

static void on_timer(int signal)
{
    int e = errno;
    char c;

    (void)signal;
    for (int i = 0; i < 200; i++)
        if (send(timer_pair[0], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
            recv(timer_pair[1], &c, 1, MSG_DONTWAIT);
    errno = e;
}

static atomic_int begun;

static void *until_hit(void *unused)
{
    int *hit = unused;

    begun++;
    *hit = hit_once(LONG);
    return NULL;
}

static int busy_here(int tell)
{
    struct itimerval often = {.it_interval = {0, 2000}, .it_value = {0, 2000}}, off = {0};
    struct sigaction action = {.sa_handler = on_timer, .sa_flags = SA_RESTART};
    pthread_t threads[2];
    int hits[3] = {0}, all = 1;

    socketpair(AF_UNIX, SOCK_STREAM, 0, timer_pair);
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, until_hit, &hits[i]);
    setitimer(ITIMER_REAL, &often, NULL);
    while (begun < 2)
        usleep(1000);
    if (write(tell, "b", 1) != 1)
        exit(6);
    until_hit(&hits[2]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    setitimer(ITIMER_REAL, &off, NULL);
    for (int i = 0; i < 3; i++)
        all &= hits[i];
    return all;
}

static int busy(void)
{
    int told[2], all = 1, result;
    pid_t children[2];
    char c;
    FILE *out = stdout;

    if (pipe(told) != 0)
        exit(5);
    for (int i = 0; i < 2; i++)
        if ((children[i] = fork()) == 0)
            _exit(!busy_here(told[1]));
    for (int i = 0; i < 2; i++)
        while (read(told[0], &c, 1) != 1)
            ;
    fputs("busy\n", out);
    fflush(out);
    result = busy_here(told[1]);
    for (int i = 0; i < 2; i++)
        all &= ended_well(children[i]);
    return result && all;
}

int main(void)
{
    char c;
    int hit;

    puts("ready");
    fflush(stdout);
    while (read(STDIN_FILENO, &c, 1) > 0) {
        switch (c) {
        case 'x': hit = hit_once(LONG); break;
        case 't': hit = thread(1 << 20, LONG); break;
        case 's': hit = thread(48 << 10, SHORT); break;
        case 'f': hit = child(); break;
        case 'h': hit = in_signal(SIGUSR1, 0); break;
        case 'a': hit = in_signal(SIGUSR2, SA_ONSTACK); break;
        case 'c': hit = other_stack(); break;
        case 'b': hit = busy(); break;
        default: return 4;
        }
        puts(hit ? "hit" : "missed");
        fflush(stdout);
    }
    return 0;
}
