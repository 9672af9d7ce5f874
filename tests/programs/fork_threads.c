/* Four threads send and receive without a pause while the main thread forks a hundred children that do so too. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int stop;

static int pair_exchange(int times)
{
    int pair[2];
    char c;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 1;
    for (int i = 0; i < times || (times == 0 && !stop); i++)
        if (send(pair[0], "x", 1, 0) != 1 || recv(pair[1], &c, 1, 0) != 1 || c != 'x')
            return 2;
    close(pair[0]);
    close(pair[1]);
    return 0;
}

static void *busy(void *unused)
{
    return pair_exchange(0) != 0 ? "failed" : unused;
}

int main(void)
{
    pthread_t threads[4];
    int good = 0, status;

    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, busy, NULL);
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();

        if (child == 0)
            _exit(pair_exchange(3));
        if (waitpid(child, &status, 0) == child && status == 0)
            good++;
    }
    stop = 1;
    for (int i = 0; i < 4; i++) {
        void *result;

        pthread_join(threads[i], &result);
        if (result != NULL)
            good = -1;
    }
    printf("%d children\n", good);
    return good != 100;
}
