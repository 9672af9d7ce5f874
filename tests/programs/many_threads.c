/* argv[1] threads, each with a pair of its own and argv[2] bytes to send and receive over it, one at a time. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static long times;

static void *busy(void *unused)
{
    int pair[2];
    char c;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return "socketpair";
    for (long i = 0; i < times; i++)
        if (send(pair[0], "x", 1, 0) != 1 || recv(pair[1], &c, 1, 0) != 1 || c != 'x')
            return "exchange";
    close(pair[0]);
    close(pair[1]);
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t threads[256];
    int count = argc > 2 ? atoi(argv[1]) : 0, bad = 0;

    if (count < 1 || count > 256)
        return 2;
    times = atol(argv[2]);
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, busy, NULL) != 0)
            return 3;
    for (int i = 0; i < count; i++) {
        void *result;

        pthread_join(threads[i], &result);
        bad += result != NULL;
    }
    printf("%d threads, %d bad\n", count, bad);
    return bad != 0;
}
