/* A signal handler that writes to a socket and then jumps out of a blocked recv, 200 times. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static sigjmp_buf back;
static int pair[2];

static void on_alarm(int signal)
{
    (void)signal;
    if (write(pair[0], "w", 1) != 1)
        _exit(9);
    siglongjmp(back, 1);
}

int main(void)
{
    volatile int jumps = 0;
    int empty[2];
    char byte;
    struct itimerval soon = { { 0, 0 }, { 0, 1000 } };

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, empty) != 0)
        return 1;
    signal(SIGALRM, on_alarm);
    send(pair[0], "a", 1, 0);
    while (jumps < 200) {
        if (sigsetjmp(back, 1) == 0) {
            setitimer(ITIMER_REAL, &soon, NULL);
            recv(empty[0], &byte, 1, 0);
            return 2;
        }
        jumps++;
        if (send(pair[0], "s", 1, 0) != 1)
            return 3;
        /* What the handler and we have sent. */
        if (recv(pair[1], &byte, 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1)
            return 4;
    }
    send(pair[0], "z", 1, 0);
    if (recv(pair[1], &byte, 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1)
        return 4;
    printf("%d jumps, the last byte is %c\n", jumps, byte);
    return 0;
}
