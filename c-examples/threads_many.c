/*
 * threads_many - two hundred short-lived threads, sixteen at a time.
 *
 * Each makes a pair of sockets, sends its number to and fro a few times, closes
 * them and ends. Some are detached, some have a small stack. The sum of what
 * was received is known beforehand.
 *
 * See: pthread_create(3), pthread_attr_setstacksize(3), sem_wait(3)
 * Run: build/threads_many
 */
#include "example.h"

#include <limits.h>
#include <semaphore.h>
#include <stdatomic.h>

enum { THREADS = 200, AT_A_TIME = 16, TURNS = 10 };

static sem_t places;
static atomic_long sum, ended;

static void *converse(void *argument)
{
    int number = (int)(intptr_t)argument, received, pair[2];

    MUST(socketpair(AF_UNIX, number % 2 == 0 ? SOCK_STREAM : SOCK_DGRAM, 0, pair));
    for (int turn = 0; turn < TURNS; turn++) {
        int from = turn % 2;

        CHECK(send(pair[from], &number, sizeof number, 0) == sizeof number);
        CHECK(recv(pair[!from], &received, sizeof received, 0) == sizeof received);
        atomic_fetch_add(&sum, received);
    }
    MUST(close(pair[0]));
    MUST(close(pair[1]));
    atomic_fetch_add(&ended, 1);
    sem_post(&places);
    return NULL;
}

int main(void)
{
    pthread_attr_t detached, small;
    pthread_t threads[THREADS];

    example_start();
    MUST(sem_init(&places, 0, AT_A_TIME));
    MUST_0(pthread_attr_init(&detached));
    MUST_0(pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED));
    MUST_0(pthread_attr_init(&small));
    MUST_0(pthread_attr_setstacksize(&small, (size_t)PTHREAD_STACK_MIN + 16384));
    for (int i = 0; i < THREADS; i++) {
        const pthread_attr_t *kind = i % 4 == 3 ? &detached : i % 4 == 2 ? &small : NULL;

        while (sem_wait(&places) == -1)
            CHECK(errno == EINTR);
        MUST_0(pthread_create(&threads[i], kind, converse, (void *)(intptr_t)i));
    }
    for (int i = 0; i < THREADS; i++)
        if (i % 4 != 3)
            MUST_0(pthread_join(threads[i], NULL));
    while (ended < THREADS) /* the detached ones */
        sleep_ms(1);
    printf("%d threads, sum %ld\n", THREADS, (long)sum);
    CHECK(sum == (long)TURNS * THREADS * (THREADS - 1) / 2);
    return 0;
}
