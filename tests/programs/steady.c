/* steady ROUNDS [THREADS [FILE]]: once FILE exists, each thread sends and receives so many messages, and checks each. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static long rounds;

static void *talk(void *result)
{
    int pair[2];
    unsigned long got;

    *(int *)result = 1;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return NULL;
    for (unsigned long i = 0; i < (unsigned long)rounds; i++)
        if (send(pair[0], &i, sizeof i, 0) != sizeof i || recv(pair[1], &got, sizeof got, 0) != sizeof got || got != i)
            return NULL;
    close(pair[0]);
    close(pair[1]);
    *(int *)result = 0;
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[64];
    int bad[64], n = argc > 2 ? atoi(argv[2]) : 1;

    rounds = argc > 1 ? atol(argv[1]) : 1000;
    printf("started\n");
    fflush(stdout);
    while (argc > 3 && access(argv[3], F_OK) != 0)
        usleep(1000);
    for (int i = 0; i < n; i++)
        if (pthread_create(&threads[i], NULL, talk, &bad[i]) != 0)
            return 2;
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < n; i++)
        if (bad[i])
            return 1;
    printf("%ld rounds in %d threads\n", rounds, n);
    return 0;
}
