/*
 * random_sequence - the C library's random numbers, with sockets in between.
 *
 * After srandom(1) the sequence is fixed, unless somebody else in the process
 * draws from it or seeds it. The same for rand, drand48 and a generator with a
 * state of its own.
 *
 * See: random(3), rand(3), drand48(3), random_r(3)
 * Run: build/random_sequence
 */
#include "example.h"

static void *draw_in_thread(void *argument UNUSED)
{
    pair_exchange();
    printf("in a thread: %ld\n", random());
    return NULL;
}

int main(void)
{
    static char state[64];
    struct random_data data;
    int32_t number;
    pthread_t thread;
    pid_t child;

    example_start();
    srandom(1);
    for (int i = 0; i < 5; i++) {
        int pair[2];

        printf("random: %ld", random());
        tcp_pair(pair);
        printf(" %ld", random());
        send_all(pair[0], "x", 1);
        printf(" %ld", random());
        wait_readable(pair[1]);
        printf(" %ld", random());
        MUST(close(pair[0]));
        MUST(close(pair[1]));
        printf(" %ld\n", random());
    }
    srand(7);
    srand48(7);
    memset(&data, 0, sizeof data);
    CHECK(initstate_r(7, state, sizeof state, &data) == 0);
    for (int i = 0; i < 3; i++) {
        pair_exchange();
        CHECK(random_r(&data, &number) == 0);
        printf("rand: %d,", rand());
        printf(" drand48: %.9f,", drand48());
        printf(" lrand48: %ld,", lrand48());
        printf(" random_r: %d\n", number);
    }
    MUST_0(pthread_create(&thread, NULL, draw_in_thread, NULL));
    MUST_0(pthread_join(thread, NULL));
    child = MUST_INT(fork());
    if (child == 0) {
        pair_exchange();
        printf("in a child: %ld\n", random());
        exit(0);
    }
    wait_success(child);
    printf("in the parent: %ld\n", random());
    return 0;
}
